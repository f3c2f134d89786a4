//! Weak references: `weakref.ref`, the two proxies, and the interpreter's table of them.
//!
//! The table is keyed by the object's address; an object that is in it carries the flag `WEAK`, so that its release looks
//! there. Types of the frozen image never die and carry no flag.
//!
//! Invariant: a reference in the table is alive; a dying reference takes itself out. An object whose count is zero is
//! never handed out, even while its release is put off.
#![expect(unsafe_code, reason = "references that do not count")]

pub mod proxy;

pub use proxy::{CALLABLE_PROXY, PROXY};

use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{CallArgs, GetSetDef, MethodDef};
use crate::object::{Header, Kind, Payload, Visitor, flag};
use crate::types::slots::{CmpOp, Slots};
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};

/// A weak reference or proxy.
pub struct WeakRef {
    /// Address of the object's header; zero once it died.
    target: Cell<usize>,
    /// Called when the object dies.
    pub(crate) callback: VCell,
    hash: Cell<Option<i64>>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for WeakRef {
    const KIND: Kind = Kind::WeakRef;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.callback.traverse(visit);
        if let Some(h) = self.target_header().filter(|h| h.is_common()) {
            // SAFETY: the object is alive; the borrowed value is not dropped.
            visit(&std::mem::ManuallyDrop::new(unsafe { Value::from_bits(std::ptr::from_ref(h).addr() as u64) }));
        }
    }

    fn clear(&self) {
        drop(self.callback.take());
    }
}

impl WeakRef {
    /// The object, if it is alive.
    #[inline]
    pub fn upgrade(&self) -> Option<Value> {
        let at = self.target.get();
        if at == 0 {
            return None;
        }
        // SAFETY: the target is cleared before the object's block is freed.
        unsafe {
            let header = &*(at as *const Header);
            if header.ref_count() == Some(0) { None } else { Some(Value::from_header(header)) }
        }
    }

    /// The header of the object, if it is alive.
    pub(crate) fn target_header(&self) -> Option<&Header> {
        // SAFETY: as in `upgrade`.
        unsafe { (self.target.get() as *const Header).as_ref() }
    }

    /// Completes the copy of an original: it refers to `target` from now on.
    pub(crate) fn aim_at(&self, vm: &Vm, target: &Header) {
        self.target.set(target as *const Header as usize);
        let first = !self.callback.is_set() && Header::of(self).ty().is(vm.types().weakref);
        vm.weak_table().add(target, self, first);
    }

    /// Whether the object died.
    pub fn is_dead(&self) -> bool {
        self.target.get() == 0
    }
}

impl Drop for WeakRef {
    fn drop(&mut self) {
        let at = self.target.get();
        if at == 0 {
            return;
        }
        let header = Header::of(self);
        // SAFETY: the reference is a mortal object of a live heap.
        let Some(vm) = (unsafe { crate::heap::heap_of(header) }).vm() else { return };
        vm.weak_table().forget(at, self);
        let_go_of_common(at);
    }
}

/// What interpreters have in common dies in none of them, so a reference to it counts.
fn let_go_of_common(at: usize) {
    // SAFETY: the target is alive; a reference to a common one was counted when it was made.
    unsafe {
        if (*(at as *const Header)).is_common() {
            drop(Value::from_bits(at as u64));
        }
    }
}

/// The weak references of an interpreter, by the address of the object.
#[derive(Default)]
pub struct WeakTable {
    refs: RefCell<HashMap<usize, SmallVec<[*const WeakRef; 2]>>>,
}

impl WeakTable {
    fn forget(&self, at: usize, dying: &WeakRef) {
        let mut table = self.refs.borrow_mut();
        let Some(list) = table.get_mut(&at) else { return };
        list.retain(|r| !std::ptr::eq(*r, dying));
        if list.is_empty() {
            table.remove(&at);
            // SAFETY: the object is alive: its target was not cleared.
            let header = unsafe { &*(at as *const Header) };
            if !header.is_immortal() {
                header.unset(flag::WEAK);
            }
        }
    }

    /// `first`: before the others, where the reference that everybody shares stands.
    fn add(&self, header: &Header, reference: &WeakRef, first: bool) {
        let at = header as *const Header as usize;
        let mut refs = self.refs.borrow_mut();
        let list = refs.entry(at).or_default();
        let end = list.len();
        list.insert(if first { 0 } else { end }, reference);
        drop(refs);
        if !header.is_immortal() {
            header.set(flag::WEAK);
        }
    }

    /// The references that have a callback, by the address of the object.
    pub(crate) fn with_callbacks(&self) -> HashMap<usize, Vec<*const Header>> {
        let mut all: HashMap<usize, Vec<*const Header>> = HashMap::new();
        for (at, list) in self.refs.borrow().iter() {
            // SAFETY: references in the table are not freed.
            let waiting = list.iter().map(|r| unsafe { &**r }).filter(|r| r.callback.is_set());
            let waiting: Vec<*const Header> = waiting.map(|r| Header::of(r) as *const Header).collect();
            if !waiting.is_empty() {
                all.insert(*at, waiting);
            }
        }
        all
    }

    /// References to an object, oldest first.
    pub(crate) fn of(&self, header: &Header) -> Vec<Value> {
        let table = self.refs.borrow();
        let Some(list) = table.get(&(header as *const Header as usize)) else { return Vec::new() };
        let alive = list.iter().filter(|r| {
            // SAFETY: references in the table are not freed.
            let h = Header::of(unsafe { &***r });
            h.ref_count() != Some(0)
        });
        // SAFETY: as above; the count is not zero.
        alive.map(|r| unsafe { Value::of(&**r) }).collect()
    }

    /// Whether `f` holds for the callback of a reference.
    pub(crate) fn any_callback(&self, f: &mut dyn FnMut(&Value) -> bool) -> bool {
        let table = self.refs.borrow();
        table.values().flatten().any(|r| {
            // SAFETY: references in the table are not freed.
            unsafe { &**r }.callback.get().is_some_and(|callback| f(&callback))
        })
    }

    /// Clears the references to an object that is dying, then calls their callbacks, the newest first.
    pub fn object_died(&self, vm: &Vm, header: &Header) {
        let callbacks = self.clear_refs(header);
        if vm.has_thread() {
            run_callbacks(vm, callbacks);
        }
    }

    /// Clears the references to an object; those that have a callback, the newest first.
    pub(crate) fn clear_refs(&self, header: &Header) -> Vec<(Value, Value)> {
        let list = self.refs.borrow_mut().remove(&(header as *const Header as usize));
        header.unset(flag::WEAK);
        let mut callbacks = Vec::new();
        for r in list.into_iter().flatten().rev() {
            // SAFETY: references in the table are not freed.
            let reference = unsafe { &*r };
            reference.target.set(0);
            let callback = reference.callback.take();
            if let Some(callback) = callback
                && Header::of(reference).ref_count() != Some(0)
            {
                callbacks.push((Value::of(reference), callback));
            }
        }
        callbacks
    }
}

/// Calls the callbacks of references whose object died; an exception in one is reported.
pub(crate) fn run_callbacks(vm: &Vm, callbacks: Vec<(Value, Value)>) {
    for (reference, callback) in callbacks {
        let pending = vm.ts().save_pending();
        if vm.call_pos(&callback, &[reference]).is_err() {
            let e = vm.take_raised();
            vm.hooks().unraisable(vm, e, "Exception ignored while calling weakref callback", &callback);
        }
        vm.ts().restore_pending(pending);
    }
}

/// The type `weakref.ReferenceType`.
pub static TYPE: TypeDef = TypeDef::new::<WeakRef>("ReferenceType")
    .module("weakref")
    .gc()
    .basetype()
    .slots(Slots {
        new: Some(new),
        init: Some(init),
        call: Some(call),
        repr: Some(repr),
        hash: Some(hash),
        richcmp: Some(richcmp),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
        .class()
        .doc("See PEP 585")])
    .getset(&[GetSetDef::field("__callback__", |_, v| Ok(this(v).callback.get_or_none()))]);

pub(crate) fn this(v: &Value) -> &WeakRef {
    v.downcast::<WeakRef>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let (target, callback) = match args.pos() {
        [target] => (target, None),
        [target, callback] => (target, Some(callback)),
        [] => return Err(vm.type_error("__new__ expected at least 1 argument, got 0")),
        more => {
            return Err(vm.type_error(&format!("__new__ expected at most 2 arguments, got {}", more.len())));
        }
    };
    vm.weakref_of(ty, target, callback.filter(|c| !c.is_none()))
}

fn init(vm: &Vm, _: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    match args.pos().len() {
        _ if args.n_named() > 0 => Err(vm.type_error("ref() takes no keyword arguments")),
        1 | 2 => Ok(()),
        0 => Err(vm.type_error("__init__ expected at least 1 argument, got 0")),
        n => Err(vm.type_error(&format!("__init__ expected at most 2 arguments, got {n}"))),
    }
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    if !args.all().is_empty() {
        if args.n_named() > 0 {
            let name = args.names().and_then(|n| vm.get_item(n, &vm.int(0)).ok());
            let name = name.map(|n| vm.str_string(&n)).transpose()?.unwrap_or_default();
            return Err(vm.type_error(&format!("__call__() got an unexpected keyword argument '{name}'")));
        }
        return Err(vm.type_error(&format!("__call__() takes at most 0 arguments ({} given)", args.pos().len())));
    }
    Ok(this(v).upgrade().unwrap_or(Value::NONE))
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let Some(target) = this(v).upgrade() else {
        return Ok(vm.str(&format!("<weakref at {:#x}; dead>", v.bits())));
    };
    let of = vm.type_of(&target).name().to_string();
    let name = vm.with_pending_saved(|vm| vm.getattr_opt(&target, &vm.names().__name__)).flatten();
    let at = target.bits();
    match name.and_then(|n| n.downcast::<crate::types::str::Str>().map(|s| s.to_string())) {
        Some(name) => Ok(vm.str(&format!("<weakref at {:#x}; to '{of}' at {at:#x} ({name})>", v.bits()))),
        None => Ok(vm.str(&format!("<weakref at {:#x}; to '{of}' at {at:#x}>", v.bits()))),
    }
}

fn hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let w = this(v);
    if let Some(hash) = w.hash.get() {
        return Ok(hash);
    }
    let Some(target) = w.upgrade() else {
        return Err(vm.type_error("weak object has gone away"));
    };
    let hash = vm.hash(&target)?;
    w.hash.set(Some(hash));
    Ok(hash)
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<WeakRef>(), b.downcast::<WeakRef>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match (x.upgrade(), y.upgrade()) {
        (Some(x), Some(y)) => vm.compare(&x, &y, op),
        _ => Ok(Value::bool(a.is(b) == (op == CmpOp::Eq))),
    }
}

impl Vm {
    /// A weak reference of class `ty` (a `ref`, a proxy or a subclass). References without a callback are shared.
    pub fn weakref_of(&self, ty: &TypeObj, target: &Value, callback: Option<&Value>) -> PyResult {
        let referable = self.type_of(target).has(tflag::HAS_WEAKREF);
        let Some(header) = target.header().filter(|_| referable) else {
            let given = self.type_of(target).name();
            return Err(self.type_error(&format!("cannot create weak reference to '{given}' object")));
        };
        if callback.is_none() && !ty.is_heap() {
            let shared =
                self.weak_table().of(header).into_iter().find(|r| self.is_exact(r, ty) && !this(r).callback.is_set());
            if let Some(shared) = shared {
                return Ok(shared);
            }
        }
        let payload = WeakRef {
            target: Cell::new(header as *const Header as usize),
            callback: VCell::from(callback.cloned()),
            hash: Cell::new(None),
        };
        let reference = self.alloc(ty, payload);
        if header.is_common() {
            header.inc();
        }
        let first = callback.is_none() && ty.is(self.types().weakref);
        self.weak_table().add(header, this(&reference), first);
        Ok(reference)
    }

    /// `weakref.ref(target)`.
    pub fn weakref(&self, target: &Value) -> PyResult {
        self.weakref_of(self.types().weakref, target, None)
    }

    /// The oldest weak reference to an object, or `None`.
    pub(crate) fn first_weakref(&self, target: &Value) -> Value {
        self.weakrefs_to(target).into_iter().next().unwrap_or(Value::NONE)
    }

    /// The weak references to an object, oldest first.
    pub fn weakrefs_to(&self, target: &Value) -> Vec<Value> {
        target.header().map(|h| self.weak_table().of(h)).unwrap_or_default()
    }
}
