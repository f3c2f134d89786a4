//! Dicts that are copies of an origin's: their values are copied when they are first read.
//!
//! Such a dict begins with the entries and the index of the original, as one over a dict of the frozen image does. The first
//! value that must be copied gives it storage of its own, in which the values stay originals until they are read.
//!
//! Invariant: an original leaves the dict only as this interpreter's copy. An entry that is still an original stands for a
//! reference to the copy, counted in it from the start.
#![expect(unsafe_code, reason = "storage that belongs to another dict")]

use super::{Dict, Entry, HVec, Mode, shared};
use crate::heap::heap_of;
use crate::object::{Header, flag};
use crate::value::Value;
use crate::vm::Vm;
use std::ptr;

fn is_original(v: Option<&Value>) -> bool {
    v.and_then(Value::header).is_some_and(|h| h.has(flag::ORIGINAL))
}

impl Dict {
    /// Makes entry `i` hold this interpreter's copy of its value.
    #[cold]
    #[inline(never)]
    pub(super) fn own_value(&self, i: usize) {
        if !is_original(self.inner().entries.get(i).and_then(|e| e.value.as_ref())) {
            return;
        }
        // SAFETY: a lazy dict is a mortal object of a live heap.
        let Some(vm) = (unsafe { heap_of(Header::of(self)) }).vm() else { return };
        self.own_value_in(vm, i);
    }

    fn own_value_in(&self, vm: &Vm, i: usize) {
        if self.inner().mode == Mode::Shared {
            shared::unshare(self);
        }
        // SAFETY: no borrow of the entries is alive; copying runs no Python code and looks at no dict of this interpreter.
        let inner = unsafe { &mut *self.inner.get() };
        let Some(slot) = inner.entries.get_mut(i).map(|e| &mut e.value) else { return };
        if let Some(original) = slot.as_ref().and_then(Value::header).filter(|h| h.has(flag::ORIGINAL)) {
            let copy = vm.take_copy(original);
            *slot = Some(copy);
        }
    }

    /// Makes every entry hold this interpreter's own value. At the end of the interpreter no more copies are made: entries
    /// without one are emptied.
    pub(crate) fn own_values(&self) {
        if !self.inner().lazy {
            return;
        }
        // SAFETY: as in `own_value`.
        let Some(vm) = (unsafe { heap_of(Header::of(self)) }).vm() else { return };
        for i in 0..self.inner().entries.len() {
            if vm.is_finalizing() && !self.has_own(vm, i) {
                if self.inner().mode == Mode::Shared {
                    shared::unshare(self);
                }
                // SAFETY: as there; the original stood for a copy that does not exist.
                unsafe { (&mut (*self.inner.get()).entries)[i].value = Some(Value::NONE) };
            }
            self.own_value_in(vm, i);
        }
        // SAFETY: as there.
        unsafe { (*self.inner.get()).lazy = false };
    }

    /// Gives the dict entries of its own, all of them this interpreter's.
    pub(crate) fn make_own(&self) {
        self.own_values();
        if self.inner().mode == Mode::Shared && !Header::of(self).is_immortal() {
            shared::unshare(self);
        }
    }

    /// Whether it still is as the copy of an origin's dict begins: nothing was written, and no value copied.
    pub(crate) fn is_untouched(&self) -> bool {
        self.inner().mode == Mode::Shared
    }

    /// The item at entry `i` as it lies there, maybe an original, which must not leave the caller.
    pub(crate) fn peek_entry(&self, i: usize) -> Option<(&Value, &Value)> {
        let e = self.inner().entries.get(i)?;
        Some((e.key.as_ref()?, e.value.as_ref()?))
    }

    /// Whether the value of entry `i` is this interpreter's own, or would be without making a copy now.
    fn has_own(&self, vm: &Vm, i: usize) -> bool {
        let value = self.inner().entries.get(i).and_then(|e| e.value.as_ref());
        let original = value.and_then(Value::header).filter(|h| h.has(flag::ORIGINAL));
        original.is_none_or(|h| vm.has_copy_of(h))
    }

    /// The items whose values this interpreter has reached: all, unless it started from a template.
    pub fn reached_items(&self, vm: &Vm) -> Vec<(Value, Value)> {
        let all = 0..self.n_entries();
        match self.inner().lazy {
            true => all.filter(|i| self.has_own(vm, *i)).filter_map(|i| self.entry(i)).collect(),
            false => self.items(),
        }
    }

    /// The value of a text key, if this interpreter has reached it.
    pub fn reached_str(&self, vm: &Vm, name: &Value) -> Option<Value> {
        let i = self.find_str(vm, name)?;
        if self.inner().lazy && !self.has_own(vm, i) {
            return None;
        }
        self.value_at(i)
    }

    /// Completes the copy of an original, whose words this dict has.
    pub(crate) fn become_copy(&self, vm: &Vm) {
        let alloc = vm.heap().alloc();
        // SAFETY: nobody else knows the dict yet; its entries and index are the original's, which is never written and lives
        // longer, and are replaced without being dropped.
        let inner = unsafe { &mut *self.inner.get() };
        let (at, len, room) = (inner.entries.as_ptr().cast_mut(), inner.entries.len(), inner.entries.capacity());
        // SAFETY: as above.
        unsafe {
            ptr::write(&mut inner.entries, HVec::from_raw_parts_in(at, len, room, alloc));
            let index = inner.index.as_ref().map(|i| i.borrowed(alloc));
            ptr::write(&mut inner.index, index);
        }
        inner.mode = Mode::Shared;
        inner.lazy = inner.entries.iter().any(|e| is_original(e.value.as_ref()));
        self.version.set(0);
        if inner.entries.iter().any(|e| is_original(e.key.as_ref())) {
            let own = |v: &Value| match v.header().filter(|h| h.has(flag::ORIGINAL)) {
                Some(original) => vm.take_copy(original),
                None => v.clone(),
            };
            let mut entries = HVec::with_capacity_in(len, alloc);
            entries.extend(inner.entries.iter().map(|e| Entry {
                hash: e.hash,
                key: e.key.as_ref().map(own),
                value: e.value.as_ref().map(own),
            }));
            let index = inner.index.as_ref().map(|i| i.copy(alloc));
            // SAFETY: as above.
            unsafe {
                ptr::write(&mut inner.entries, entries);
                ptr::write(&mut inner.index, index);
            }
            (inner.mode, inner.lazy) = (Mode::Own, false);
        }
    }
}
