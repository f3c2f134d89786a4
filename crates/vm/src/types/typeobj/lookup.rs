//! Attributes of types through the MRO, the version tags, and the per-interpreter method cache.

use super::{TypeObj, tflag};
use crate::object::Header;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// Entries of a fresh cache, and of one that has missed often.
const FEW: usize = 64;
const MANY: usize = 512;
/// Misses after which a small cache grows.
const MISSES: u32 = 256;

/// One remembered lookup: in the type of that version, the name has that value (0: no such attribute).
#[repr(C)]
struct Entry {
    /// Zero: nothing is remembered here.
    version: Cell<u64>,
    name: Cell<u64>,
    /// A borrowed word: while the type keeps its version the attribute stays where it was found.
    value: Cell<u64>,
}

/// What a cache without memory of its own consists of: an entry that nothing matches. It is never written.
static NOTHING: [u64; 3] = [0; 3];

/// Remembers lookups through the MRO. It has no memory before the first lookup, and little before there were many.
pub struct MethodCache {
    entries: Cell<*const Entry>,
    mask: Cell<usize>,
    misses: Cell<u32>,
    own: RefCell<Box<[Entry]>>,
}

impl Default for MethodCache {
    fn default() -> MethodCache {
        MethodCache {
            entries: Cell::new((&raw const NOTHING).cast()),
            mask: Cell::new(0),
            misses: Cell::new(0),
            own: RefCell::default(),
        }
    }
}

impl MethodCache {
    #[inline(always)]
    #[expect(unsafe_code, reason = "entries without a bounds check")]
    fn entry(&self, version: u32, name: u64) -> &Entry {
        let i = (version as usize ^ (name >> 4) as usize) & self.mask.get();
        // SAFETY: there are `mask + 1` entries; `remember` replaces them while nobody holds one.
        unsafe { &*self.entries.get().add(i) }
    }

    fn remember(&self, version: u32, name: &Value, found: Option<&Value>) {
        let misses = self.misses.get().saturating_add(1);
        self.misses.set(misses);
        let n = self.own.borrow().len();
        if n == 0 || n == FEW && misses > MISSES {
            let room = if n == 0 { FEW } else { MANY };
            let empty = || Entry { version: Cell::new(0), name: Cell::new(0), value: Cell::new(0) };
            let own: Box<[Entry]> = (0..room).map(|_| empty()).collect();
            self.entries.set(own.as_ptr());
            self.mask.set(room - 1);
            *self.own.borrow_mut() = own;
        }
        let entry = self.entry(version, name.bits());
        entry.version.set(version as u64);
        entry.name.set(name.bits());
        entry.value.set(found.map_or(0, Value::bits));
    }
}

/// A new reference from a borrowed word.
///
/// The word stands for a value that something else keeps alive at this moment.
#[expect(unsafe_code, reason = "words in the cache are borrowed")]
#[inline(always)]
fn clone_bits(bits: u64) -> Value {
    // SAFETY: the caller knows the value to be alive; the borrowed reference is not released.
    let value = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(bits) });
    Value::clone(&value)
}

impl TypeObj {
    /// The attribute `name` (an interned `str`) of this type or its bases.
    #[inline]
    pub fn lookup(&self, vm: &Vm, name: &Value) -> Option<Value> {
        let version = self.version.get();
        if version != 0 {
            let entry = vm.method_cache().entry(version, name.bits());
            if entry.version.get() == version as u64 && entry.name.get() == name.bits() {
                let bits = entry.value.get();
                return if bits == 0 { None } else { Some(clone_bits(bits)) };
            }
        }
        self.lookup_slow(vm, name)
    }

    #[cold]
    #[inline(never)]
    fn lookup_slow(&self, vm: &Vm, name: &Value) -> Option<Value> {
        if self.version.get() == 0 && !self.has(tflag::UNCACHED) {
            self.version.set(vm.next_type_version());
        }
        let found = self.lookup_uncached(vm, name);
        let version = self.version.get();
        if version != 0 {
            vm.method_cache().remember(version, name, found.as_ref());
        }
        found
    }

    /// As [`TypeObj::lookup`], without the cache.
    pub(crate) fn lookup_uncached(&self, vm: &Vm, name: &Value) -> Option<Value> {
        self.mro_slice().iter().find_map(|t| TypeObj::from_value(t)?.dict().get_str(vm, name))
    }

    /// The class of the MRO whose own dict has `name`, and the attribute.
    pub fn lookup_where(&self, vm: &Vm, name: &Value) -> Option<(Value, Value)> {
        self.mro_slice().iter().find_map(|t| Some((t.clone(), TypeObj::from_value(t)?.dict().get_str(vm, name)?)))
    }

    /// Tells the caches that attributes of this type changed: it and its subclasses get new versions.
    pub(crate) fn modified(&self, vm: &Vm) {
        if Header::of(self).is_frozen() {
            // It never changes.
        } else if self.has(tflag::UNCACHED) {
            self.version.set(0);
        } else if self.is_heap() || !Header::of(self).is_immortal() {
            self.version.set(vm.next_type_version());
        }
        for sub in vm.subclasses(self) {
            if let Some(sub) = TypeObj::from_value(&sub) {
                sub.modified(vm);
            }
        }
    }
}
