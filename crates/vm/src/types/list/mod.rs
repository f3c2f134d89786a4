//! `list`: a growable sequence.
//!
//! Rooms: this file has the payload and what the machine needs; `methods` what Python sees; `slicing` slices and their
//! assignment; `sort` the merge sort.
//!
//! Invariant: no borrow of the items lives while Python code may run; code that calls out works on clones and indices.
#![expect(unsafe_code, reason = "interior mutability without run-time borrows")]

use crate::freeze::guard::{forgotten, scratch};
use crate::heap::HVec;
use crate::object::{Header, Kind, Payload, Visitor};
use crate::origin::Copier;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::UnsafeCell;

pub mod methods;
pub mod slicing;
pub mod sort;

/// A list.
pub struct List {
    items: UnsafeCell<HVec<Value>>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for List {
    const KIND: Kind = Kind::List;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.with(|items| items.iter().for_each(visit));
    }

    fn clear(&self) {
        drop(self.take());
    }
}

impl List {
    /// A list payload.
    pub(crate) fn new(items: HVec<Value>) -> List {
        List { items: UnsafeCell::new(items) }
    }

    /// Number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        // SAFETY: no mutable borrow lives outside of `with_mut`, which runs no Python code.
        unsafe { (*self.items.get()).len() }
    }

    /// Whether it has no items.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Item `i`, if there is one.
    #[inline(always)]
    pub fn get(&self, i: usize) -> Option<Value> {
        // SAFETY: as in `len`.
        unsafe { (&(*self.items.get())).get(i).cloned() }
    }

    /// Whether it must not be changed.
    #[inline(always)]
    pub fn is_frozen(&self) -> bool {
        Header::of(self).is_frozen()
    }

    /// Replaces item `i`; whether it existed.
    #[inline(always)]
    pub fn set(&self, i: usize, value: Value) -> bool {
        if self.is_frozen() {
            return forgotten(i < self.len());
        }
        // SAFETY: as in `len`; the old item is dropped after the borrow ends.
        let old = unsafe { (&mut (*self.items.get())).get_mut(i).map(|slot| std::mem::replace(slot, value)) };
        old.is_some()
    }

    /// Appends an item.
    #[inline(always)]
    pub fn push(&self, value: Value) {
        if self.is_full() {
            return self.push_slow(value);
        }
        // SAFETY: as in `len`; there is room.
        unsafe {
            let items = &mut *self.items.get();
            let n = items.len();
            items.as_mut_ptr().add(n).write(value);
            items.set_len(n + 1);
        }
    }

    /// Frozen lists have no room left, so that only growth asks for them.
    #[inline(never)]
    fn push_slow(&self, value: Value) {
        if self.is_frozen() {
            drop(value);
            return forgotten(());
        }
        // SAFETY: as in `len`.
        unsafe { (*self.items.get()).push(value) }
    }

    /// Removes and returns the last item.
    #[inline(always)]
    pub fn pop(&self) -> Option<Value> {
        if self.is_frozen() {
            return forgotten(None);
        }
        // SAFETY: as in `len`.
        unsafe { (*self.items.get()).pop() }
    }

    /// Whether the next append has to grow the storage.
    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        // SAFETY: as in `len`.
        unsafe { (*self.items.get()).len() == (*self.items.get()).capacity() }
    }

    /// Looks at the items. `f` must not run Python code nor drop values.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(&[Value]) -> R) -> R {
        // SAFETY: the contract of this function.
        f(unsafe { &*self.items.get() })
    }

    /// Changes the items. `f` must not run Python code; values it removes it must return, so that they are dropped
    /// after the borrow.
    #[inline(always)]
    pub fn with_mut<R>(&self, f: impl FnOnce(&mut HVec<Value>) -> R) -> R {
        if self.is_frozen() {
            return f(self.with(scratch));
        }
        // SAFETY: the contract of this function.
        f(unsafe { &mut *self.items.get() })
    }

    /// Items for which there is room.
    pub fn capacity(&self) -> usize {
        // SAFETY: as in `len`.
        unsafe { (*self.items.get()).capacity() }
    }

    /// Gives up the room for more items, so that every append has to ask for some. The storage stays as large as it is:
    /// frozen lists never give theirs back by themselves.
    pub(crate) fn seal(&self) {
        // SAFETY: nobody holds a borrow; the parts are those of the vector itself.
        unsafe {
            let items = &mut *self.items.get();
            let alloc = *items.allocator();
            let mut old = std::mem::ManuallyDrop::new(std::mem::replace(items, HVec::new_in(alloc)));
            let n = old.len();
            if n > 0 {
                std::mem::forget(std::mem::replace(items, HVec::from_raw_parts_in(old.as_mut_ptr(), n, n, alloc)));
            }
        }
    }

    /// Copies of all items.
    pub fn to_vec(&self) -> Vec<Value> {
        self.with(|items| items.to_vec())
    }

    /// Takes all items out.
    pub fn take(&self) -> HVec<Value> {
        self.with_mut(|items| {
            let alloc = *items.allocator();
            std::mem::replace(items, HVec::new_in(alloc))
        })
    }
}

/// Completes the copy of an original: storage of its own, with copies of the items.
pub(crate) fn become_copy(copier: &Copier<'_>, h: &Header) {
    // SAFETY: the payload of a list, which nobody else knows yet; its storage is the original's and is not dropped.
    unsafe {
        let items = h.payload_unchecked::<List>().items.get();
        let mut own = HVec::with_capacity_in((*items).len(), copier.vm().heap().alloc());
        own.extend((*items).iter().map(|v| copier.take(v)));
        std::ptr::write(items, own);
    }
}

impl Vm {
    /// A list of the items.
    pub fn list(&self, items: Vec<Value>) -> Value {
        let mut storage = HVec::with_capacity_in(items.len(), self.heap().alloc());
        storage.extend(items);
        self.alloc(self.types().list, List::new(storage))
    }

    /// A list that takes over storage of this interpreter's heap.
    #[inline]
    pub fn list_from(&self, items: HVec<Value>) -> Value {
        self.alloc(self.types().list, List::new(items))
    }

    /// An empty vector in this interpreter's heap.
    #[inline]
    pub fn hvec<T>(&self) -> HVec<T> {
        HVec::new_in(self.heap().alloc())
    }
}
