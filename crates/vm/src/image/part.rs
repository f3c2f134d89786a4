//! Parts of the frozen image that are made on first use in the process.
//!
//! A part is named by the address of a `static` (a type's definition, a named tuple's). The machine that built the image
//! makes it, under a lock; it is sealed, then published. Interpreters remember the parts they have met, so that the lock of
//! the table is taken once a part and interpreter. An interpreter that has not met a part sees nothing of it: its types
//! are among the subclasses of their bases only where they were asked for.
//!
//! Invariant: a published part is never written. Texts that were interned for a part count as interned for the builder
//! alone.
#![expect(unsafe_code, reason = "the builder moves between threads under a lock")]

use super::seal_objects;
use crate::error::PyResult;
use crate::heap::ChunkPool;
use crate::object::flag;
use crate::thread::ThreadState;
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::{HashMap, HashTable};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The parts of an image.
#[derive(Default)]
pub struct Parts {
    published: RwLock<Published>,
    builder: Mutex<Option<Box<Vm>>>,
    /// Writes to the image end the process, but for those of the builder.
    read_only: AtomicBool,
}

#[derive(Default)]
struct Published {
    parts: HashMap<usize, Value>,
    /// Texts that the builder interned for parts.
    interned: HashTable<Value>,
    bytes: usize,
}

/// Names a part: the address of a `static`, or of something else that lives as long as the image.
pub type PartKey = usize;

/// The key of a part that a `static` stands for. Statics of no size have no address of their own.
pub fn key_of<T>(of: &'static T) -> PartKey {
    const { assert!(size_of::<T>() > 0) };
    ptr::from_ref(of) as PartKey
}

impl Parts {
    /// Takes over the machine that has built the image, with what it made for types outside of the core.
    pub(super) fn begin(&mut self, builder: Box<Vm>) {
        let table = self.published.get_mut().unwrap_or_else(PoisonError::into_inner);
        table.parts.extend(builder.take_own_parts());
        table.bytes = builder.heap().bytes();
        *self.builder.get_mut().unwrap_or_else(PoisonError::into_inner) = Some(builder);
    }

    pub(super) fn bytes(&self) -> usize {
        self.published.read().unwrap_or_else(PoisonError::into_inner).bytes
    }

    pub(super) fn set_read_only(&self, on: bool) {
        let builder = self.builder.lock().unwrap_or_else(PoisonError::into_inner);
        self.read_only.store(on, Ordering::Relaxed);
        if let Some(vm) = &*builder {
            vm.heap().protect(on);
        }
    }

    fn find(&self, key: PartKey) -> Option<Value> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).parts.get(&key).cloned()
    }

    fn find_interned(&self, hash: u64, bytes: &[u8]) -> Option<Value> {
        let table = self.published.read().unwrap_or_else(PoisonError::into_inner);
        let same = |v: &Value| v.downcast::<Str>().is_some_and(|s| s.as_bytes() == bytes);
        table.interned.find(hash, same).cloned()
    }

    /// The part of that name, made by `make` on first use; the text of the exception if that fails.
    fn get(&self, key: PartKey, make: &dyn Fn(&Vm) -> PyResult) -> Result<Value, String> {
        if let Some(found) = self.find(key) {
            return Ok(found);
        }
        let builder = self.builder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = self.find(key) {
            return Ok(found);
        }
        let Some(vm) = &*builder else { return Err("the image is being built".into()) };
        let read_only = self.read_only.load(Ordering::Relaxed);
        if read_only {
            vm.heap().protect(false);
        }
        let state = ThreadState::new(Arc::new(ChunkPool::new()));
        state.adopt_native_stack();
        // SAFETY: the lock is held, and the state lives until another is set below.
        unsafe { vm.set_thread(&*state) };
        let mark = vm.heap().mark();
        let made = vm.frozen(key, make);
        let made = made.map_err(|_| {
            let e = vm.take_raised();
            vm.format_exception(&e)
        });
        // What was made goes into the image even if something failed on the way.
        seal_objects(vm, Some(&mark));
        // SAFETY: as above.
        unsafe { vm.set_thread(ptr::null()) };
        let mut table = self.published.write().unwrap_or_else(PoisonError::into_inner);
        table.parts.extend(vm.take_own_parts());
        table.bytes = vm.heap().bytes();
        let hash = |v: &Value| v.downcast::<Str>().map_or(0, |s| s.hash(vm));
        let interned = vm.take_interned();
        for text in interned {
            // An interpreter may have a text of its own for the name already, and has one for each name only.
            if let Some(h) = text.header() {
                h.unset(flag::INTERNED);
            }
            table.interned.insert_unique(hash(&text), text, hash);
        }
        if read_only {
            vm.heap().protect(true);
        }
        made
    }
}

impl Vm {
    /// An object of the frozen image that is not made with it: `make` makes it on first use in the process, with a machine
    /// of the image's own that knows no interpreter and runs no Python code. It must be such as nobody needs to change.
    pub fn frozen(&self, key: PartKey, make: &dyn Fn(&Vm) -> PyResult) -> PyResult {
        if let Some(found) = self.own_part(key) {
            return Ok(found);
        }
        let value = if self.is_builder() {
            match self.image().parts().find(key) {
                Some(found) => return Ok(found),
                None => make(self)?,
            }
        } else {
            self.image().parts().get(key, make).map_err(|text| self.system_error(&text))?
        };
        self.add_own_part(key, value.clone());
        if let Some(ty) = TypeObj::from_value(&value)
            && !self.is_builder()
        {
            self.meet_type(ty);
        }
        Ok(value)
    }

    /// A type of the image that this interpreter meets for the first time.
    fn meet_type(&self, ty: &TypeObj) {
        for base in ty.base_types() {
            if let Some(def) = base.definition() {
                self.type_of_def(def);
            }
            self.add_subclass(base, ty);
        }
    }

    /// The type object of a native type that is not part of the image from the start.
    pub fn native_type(&self, def: &'static TypeDef) -> Value {
        let made = self.frozen(key_of(def), &|builder| Ok(builder.make_native_type(def)));
        made.expect("native types are made without Python code")
    }

    /// The type of a definition.
    pub fn type_of_def(&self, def: &'static TypeDef) -> &'static TypeObj {
        if let Some(ty) = self.image().core_type(def) {
            return ty;
        }
        let value = self.native_type(def);
        // SAFETY: native types are objects of the image, which never die.
        unsafe { TypeObj::from_value(&value).expect("a type").extend() }
    }

    /// A text that the image's machine interned after the image was sealed.
    pub(crate) fn find_in_parts(&self, hash: u64, bytes: &[u8]) -> Option<Value> {
        self.image().parts().find_interned(hash, bytes)
    }
}
