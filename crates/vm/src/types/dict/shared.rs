//! Dicts over a dict of the frozen image: they use its entries and index until they are first written.
//!
//! A fresh interpreter's `builtins` is such a dict: it costs no storage, and the caches' versions are those of the image's
//! dict, since the entries are.
//!
//! Invariant: what lies in the image is read only. Its values are immortal, so that copying their words counts nothing.
#![expect(unsafe_code, reason = "storage that belongs to another dict")]

use super::{Dict, Entry, HVec, Inner};
use crate::heap::HeapAlloc;
use crate::object::Header;
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

/// Gives a dict storage of its own, before its first write.
#[cold]
#[inline(never)]
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
    inner.shared = false;
    // The caches' tag was that of the image's dict.
    dict.version.set(0);
}

impl Dict {
    /// Last step for a dict of the image: its version, and the mark that stops writes.
    pub(crate) fn seal(&self, vm: &Vm) {
        self.version(vm);
        // SAFETY: the builder owns the dict; no borrow is alive.
        unsafe { (*self.inner.get()).shared = true };
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
        if inner.shared {
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
                shared: true,
                lazy: false,
            }),
            version: Cell::new(of.known_version()),
            changes: Cell::new(0),
        };
        self.alloc(self.types().dict, payload)
    }
}
