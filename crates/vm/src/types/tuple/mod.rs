//! `tuple`: an immutable sequence, items inline.
#![expect(unsafe_code, reason = "inline items behind the payload")]

use crate::object::{Header, Kind, Payload, Visitor};
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use std::ptr::{self, NonNull};

pub mod methods;

/// A tuple; the items follow the payload.
#[repr(C)]
pub struct Tuple {
    len: usize,
}

// SAFETY: made by `Vm::alloc_tuple` only.
unsafe impl Payload for Tuple {
    const KIND: Kind = Kind::Tuple;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.as_slice().iter().for_each(visit);
    }
}

impl Tuple {
    /// The items.
    #[inline(always)]
    pub fn as_slice(&self) -> &[Value] {
        // SAFETY: `len` items follow the payload; they never change.
        unsafe { std::slice::from_raw_parts((self as *const Tuple).add(1).cast::<Value>(), self.len) }
    }

    /// Number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no items.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// An instance of `ty`, a subclass, with copies of the items.
    fn alloc(vm: &Vm, ty: &TypeObj, items: &[Value]) -> Value {
        let header = vm.new_var_object(ty, items.len() * 8);
        // SAFETY: the block has room for header, payload and items; nothing is allocated before it is finished.
        unsafe {
            let payload = header.add(1).cast::<Tuple>().as_ptr();
            payload.write(Tuple { len: items.len() });
            let at = payload.add(1).cast::<Value>();
            for (i, item) in items.iter().enumerate() {
                at.add(i).write(item.clone());
            }
            vm.finish_var_object(header)
        }
    }

    /// Completes a new object: its length, and its items, which the block has room for.
    ///
    /// # Safety
    /// The block was made for a tuple of so many items, and nobody else knows it.
    pub(crate) unsafe fn fill(header: NonNull<Header>, items: impl ExactSizeIterator<Item = Value>) {
        // SAFETY: the caller's promise.
        unsafe {
            let payload = header.add(1).cast::<Tuple>().as_ptr();
            payload.write(Tuple { len: items.len() });
            let at = payload.add(1).cast::<Value>();
            items.enumerate().for_each(|(i, item)| at.add(i).write(item));
        }
    }

    /// Byte offset from the header to the first item.
    pub(crate) const ITEMS: usize = size_of::<Header>() + size_of::<Tuple>();
}

impl Drop for Tuple {
    fn drop(&mut self) {
        // SAFETY: the items belong to the tuple and are not used afterwards.
        unsafe {
            let items = (self as *mut Tuple).add(1).cast::<Value>();
            ptr::drop_in_place(ptr::slice_from_raw_parts_mut(items, self.len));
        }
    }
}

impl Vm {
    /// The empty tuple, for the image.
    pub(crate) fn alloc_empty_tuple(&self) -> Value {
        self.alloc(self.types().tuple, Tuple { len: 0 })
    }

    /// A tuple of the items, which are moved out of `items`.
    ///
    /// # Safety
    /// `items` points to `n` values that the caller gives up.
    #[inline]
    pub(crate) unsafe fn tuple_from_raw(&self, items: *const Value, n: usize) -> Value {
        if n == 0 {
            return self.image().empty_tuple();
        }
        let header = self.heap().new_object(Tuple::ITEMS + n * 8, Kind::Tuple, self.types().tuple);
        // SAFETY: the block has room for header, payload and items; the caller gives the items up.
        unsafe {
            let payload = header.add(1).cast::<Tuple>().as_ptr();
            payload.write(Tuple { len: n });
            ptr::copy_nonoverlapping(items, payload.add(1).cast::<Value>(), n);
            Value::from_bits(header.as_ptr() as u64)
        }
    }

    /// A tuple of the items.
    pub fn tuple(&self, items: Vec<Value>) -> Value {
        let mut items = std::mem::ManuallyDrop::new(items);
        let (at, n, cap) = (items.as_mut_ptr(), items.len(), items.capacity());
        // SAFETY: the items move into the tuple; the vector's storage is freed without them.
        unsafe {
            let tuple = self.tuple_from_raw(at, n);
            drop(Vec::from_raw_parts(at, 0, cap));
            tuple
        }
    }

    /// A tuple of copies of the items.
    pub fn tuple_of(&self, items: &[Value]) -> Value {
        let copies = std::mem::ManuallyDrop::new(items.iter().cloned().collect::<smallvec::SmallVec<[Value; 8]>>());
        // SAFETY: the copies move into the tuple; a spilled vector's storage is freed below.
        unsafe {
            let tuple = self.tuple_from_raw(copies.as_ptr(), copies.len());
            let mut copies = std::mem::ManuallyDrop::into_inner(copies);
            copies.set_len(0);
            tuple
        }
    }
}
