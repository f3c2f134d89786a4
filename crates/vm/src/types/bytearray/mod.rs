//! `bytearray`: bytes that can be changed and grow.
//!
//! Rooms: this file has the payload; `methods` the type as Python sees it; `items` indexing and slices.
//!
//! Invariant: while exports (memoryviews) exist the storage is neither moved nor resized; no borrow of the bytes lives
//! while Python code may run.
#![expect(unsafe_code, reason = "interior mutability without run-time borrows")]

use crate::error::PyResult;
use crate::freeze::guard::scratch;
use crate::heap::HVec;
use crate::object::{Header, Kind, Payload};
use crate::origin::Copier;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};

pub mod items;
pub mod methods;

pub use methods::TYPE;

/// A bytearray.
pub struct ByteArray {
    data: UnsafeCell<HVec<u8>>,
    /// Buffers handed out and not yet released.
    pub exports: Cell<usize>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for ByteArray {
    const KIND: Kind = Kind::ByteArray;
}

/// Completes the copy of an original: bytes of its own.
pub(crate) fn become_copy(copier: &Copier<'_>, h: &Header) {
    // SAFETY: the payload of a bytearray, which nobody else knows yet; its storage is the original's and is not dropped.
    unsafe {
        let data = h.payload_unchecked::<ByteArray>().data.get();
        let mut own = HVec::with_capacity_in((*data).len(), copier.vm().heap().alloc());
        own.extend_from_slice(&*data);
        std::ptr::write(data, own);
    }
}

impl ByteArray {
    /// The payload of a bytearray.
    pub(crate) fn new(data: HVec<u8>) -> ByteArray {
        ByteArray { data: UnsafeCell::new(data), exports: Cell::new(0) }
    }

    /// Number of bytes.
    #[inline(always)]
    pub fn len(&self) -> usize {
        // SAFETY: no mutable borrow lives outside of `with_mut`, which runs no Python code.
        unsafe { (*self.data.get()).len() }
    }

    /// Whether there are none.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks at the bytes. `f` must not run Python code.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: the contract of this function.
        f(unsafe { &*self.data.get() })
    }

    /// Changes the bytes. `f` must not run Python code, and changes the length only after [`ByteArray::check_resize`].
    #[inline(always)]
    pub fn with_mut<R>(&self, f: impl FnOnce(&mut HVec<u8>) -> R) -> R {
        if Header::of(self).is_frozen() {
            return f(self.with(scratch));
        }
        // SAFETY: the contract of this function.
        f(unsafe { &mut *self.data.get() })
    }

    /// The bytes as they are now. The borrow must end before Python code runs.
    #[inline(always)]
    pub(crate) fn peek(&self) -> &[u8] {
        // SAFETY: the callers end the borrow before anything can change the bytes.
        unsafe { &*self.data.get() }
    }

    /// Bytes for which there is room.
    pub(crate) fn capacity(&self) -> usize {
        // SAFETY: as in `len`.
        unsafe { (*self.data.get()).capacity() }
    }

    /// A copy of the bytes.
    pub fn to_vec(&self) -> Vec<u8> {
        self.with(|b| b.to_vec())
    }

    /// `BufferError` while exports exist; `TypeError` for a frozen one.
    #[inline]
    pub fn check_resize(&self, vm: &Vm) -> PyResult<()> {
        vm.check_payload_mutable(self)?;
        if self.exports.get() != 0 {
            return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }
}

impl Vm {
    /// A bytearray with that content.
    pub fn bytearray(&self, bytes: &[u8]) -> Value {
        self.bytearray_of_type(self.types().bytearray, bytes)
    }

    /// An instance of `bytearray` or of a subclass.
    pub(crate) fn bytearray_of_type(&self, ty: &TypeObj, bytes: &[u8]) -> Value {
        let mut data = HVec::with_capacity_in(bytes.len(), self.heap().alloc());
        data.extend_from_slice(bytes);
        self.alloc(ty, ByteArray::new(data))
    }
}
