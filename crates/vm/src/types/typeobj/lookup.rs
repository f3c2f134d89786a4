//! Attributes of types through the MRO, the version tags, and the per-interpreter method cache.

use super::{TypeObj, tflag};
use crate::object::Header;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, OnceCell};

const ENTRIES: usize = 512;

/// One remembered lookup: in the type of that version, the name has that value (0: no such attribute).
struct Entry {
    version: Cell<u32>,
    name: Cell<u64>,
    /// A borrowed word: while the type keeps its version the attribute stays where it was found.
    value: Cell<u64>,
}

/// Remembers lookups through the MRO. Made on first use, so that an interpreter that never looks anything up pays nothing.
#[derive(Default)]
pub struct MethodCache {
    entries: OnceCell<Box<[Entry]>>,
}

impl MethodCache {
    #[inline(always)]
    fn entry(&self, version: u32, name: u64) -> &Entry {
        let entries = self.entries.get_or_init(|| {
            (0..ENTRIES).map(|_| Entry { version: Cell::new(0), name: Cell::new(0), value: Cell::new(0) }).collect()
        });
        &entries[(version as usize ^ (name >> 4) as usize) % ENTRIES]
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
            if entry.version.get() == version && entry.name.get() == name.bits() {
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
            let entry = vm.method_cache().entry(version, name.bits());
            entry.version.set(version);
            entry.name.set(name.bits());
            entry.value.set(found.as_ref().map_or(0, Value::bits));
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
        if self.has(tflag::UNCACHED) {
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
