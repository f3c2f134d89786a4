//! Dicts over a dict of the frozen image: they use its entries and index until they are first written.
//!
//! A fresh interpreter's `builtins` is such a dict: it costs no storage, and the caches' versions are those of the image's
//! dict, since the entries are.
//!
//! Invariant: what lies in the image is read only. Its values are immortal, so that copying their words counts nothing.
#![expect(unsafe_code, reason = "storage that belongs to another dict")]

use super::{Dict, Entry, HVec, Inner, Mode};
use crate::freeze::guard::scratch_of;
use crate::heap::HeapAlloc;
use crate::object::{Header, flag};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};
use std::mem;

/// The image's entries as a vector that must be forgotten, never dropped or written.
fn borrowed_entries(of: &Dict, alloc: HeapAlloc) -> HVec<Entry> {
    let entries = &of.inner().entries;
    // SAFETY: the image is never freed; whoever holds the vector neither writes nor drops it.
    unsafe { HVec::from_raw_parts_in(entries.as_ptr().cast_mut(), entries.len(), entries.capacity(), alloc) }
}

/// What a dict that is not just its own does before a write. A frozen one is not written: who would have written it gets a
/// copy of the entries, which nobody looks at.
#[cold]
#[inline(never)]
pub(super) fn before_write(dict: &Dict) -> Option<&mut Inner> {
    let inner = dict.inner();
    if inner.mode != Mode::Frozen {
        unshare(dict);
        return None;
    }
    let entries = inner.entries.iter();
    let entries = scratch_of(entries.map(|e| Entry { hash: e.hash, key: e.key.clone(), value: e.value.clone() }));
    let alloc = *entries.allocator();
    let entries = mem::replace(entries, HVec::new_in(alloc));
    let copy = Inner { entries, index: None, used: inner.used, head: 0, only_str: false, mode: Mode::Own, lazy: false };
    Some(Box::leak(Box::new(copy)))
}

/// Gives a dict storage of its own, before its first write.
pub(super) fn unshare(dict: &Dict) {
    assert!(!Header::of(dict).is_immortal(), "dicts of the image are not written");
    // SAFETY: called at the beginning of the methods that write: no borrow of the entries is alive.
    let inner = unsafe { &mut *dict.inner.get() };
    let alloc = *inner.entries.allocator();
    let mut own = HVec::with_capacity_in(inner.entries.len() + inner.entries.len() / 8 + 4, alloc);
    own.extend(inner.entries.iter().map(|e| Entry { hash: e.hash, key: e.key.clone(), value: e.value.clone() }));
    mem::forget(mem::replace(&mut inner.entries, own));
    let index = inner.index.as_ref().map(|i| i.copy(alloc));
    mem::forget(mem::replace(&mut inner.index, index));
    inner.mode = Mode::Own;
    // The caches' tag was that of the image's dict.
    dict.version.set(0);
}

impl Dict {
    /// Last step for a dict of the image: its version, and the mark that stops writes.
    pub(crate) fn seal(&self, vm: &Vm) {
        self.version(vm);
        // SAFETY: the builder owns the dict; no borrow is alive.
        unsafe { (*self.inner.get()).mode = Mode::Shared };
    }

    /// Makes it one that nobody may write, with a version that no other dict of the process has.
    pub(crate) fn freeze(&self, version: u64) {
        // SAFETY: no borrow of the entries is alive; the interpreter that freezes it is its only user so far.
        unsafe {
            if (*self.inner.get()).mode == Mode::Shared {
                unshare(self);
            }
            (*self.inner.get()).mode = Mode::Frozen;
        }
        self.version.set(version);
    }
}

impl Dict {
    /// Lets a view of something frozen be written again, now that it is garbage.
    pub(crate) fn thaw(&self) {
        // SAFETY: no borrow of the entries is alive; a view belongs to one interpreter.
        unsafe { (*self.inner.get()).mode = Mode::Own };
        Header::of(self).unset(flag::FROZEN);
    }
}

impl Drop for Dict {
    #[inline]
    fn drop(&mut self) {
        if self.inner.get_mut().lazy {
            // The copies that it stands for lose a reference each.
            self.own_values();
        }
        let inner = self.inner.get_mut();
        if inner.mode == Mode::Shared {
            let none = HVec::new_in(*inner.entries.allocator());
            mem::forget(mem::replace(&mut inner.entries, none));
            mem::forget(inner.index.take());
        }
    }
}

impl Vm {
    /// A dict with the items of `frozen`, a dict of the image, which it shares until it is written.
    pub fn shared_dict(&self, frozen: &Value) -> Value {
        let of = frozen.downcast::<Dict>().expect("a dict of the image");
        debug_assert!(Header::of(of).is_immortal());
        let alloc = self.heap().alloc();
        let inner = of.inner();
        let payload = Dict {
            inner: UnsafeCell::new(Inner {
                entries: borrowed_entries(of, alloc),
                index: inner.index.as_ref().map(|i| i.borrowed(alloc)),
                used: inner.used,
                head: inner.head,
                only_str: inner.only_str,
                mode: Mode::Shared,
                lazy: false,
            }),
            version: Cell::new(of.known_version()),
            changes: Cell::new(0),
        };
        self.alloc(self.types().dict, payload)
    }
}
