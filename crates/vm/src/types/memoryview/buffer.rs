//! The buffer protocol as native code uses it: guards that release what they hold, and bytes-like arguments.
#![expect(unsafe_code, reason = "memory of other objects")]

use crate::error::{PyResult, Raised};
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::slots::Buffer;
use crate::value::Value;
use crate::vm::Vm;
use smallvec::smallvec;
use std::ops::Deref;

/// A view of an object's memory that is released when it goes.
pub struct BufferGuard<'a> {
    vm: &'a Vm,
    buffer: Buffer,
}

impl Deref for BufferGuard<'_> {
    type Target = Buffer;

    fn deref(&self) -> &Buffer {
        &self.buffer
    }
}

impl Drop for BufferGuard<'_> {
    fn drop(&mut self) {
        if let Some(release) = self.buffer.release {
            release(self.vm, &self.buffer.owner);
        }
    }
}

impl<'a> BufferGuard<'a> {
    /// The memory. Nobody may write it while the borrow lives: no Python code runs.
    pub fn as_bytes(&self) -> &[u8] {
        debug_assert!(self.buffer.is_contiguous());
        // SAFETY: the owner keeps the memory in place while the guard lives.
        unsafe { slice_of(self.buffer.ptr, self.buffer.len) }
    }

    /// The memory, to be written. No Python code runs while the borrow lives.
    #[expect(clippy::mut_from_ref, reason = "the memory belongs to the exporter")]
    pub fn bytes_mut(&self) -> &mut [u8] {
        debug_assert!(self.buffer.is_contiguous() && !self.buffer.readonly);
        if self.buffer.len == 0 {
            return &mut [];
        }
        // SAFETY: as above; the exporter allows writing.
        unsafe { std::slice::from_raw_parts_mut(self.buffer.ptr, self.buffer.len) }
    }

    /// Gives up the guard: the caller releases.
    pub fn into_buffer(self) -> Buffer {
        let this = std::mem::ManuallyDrop::new(self);
        // SAFETY: the buffer is read out once; the guard is forgotten.
        unsafe { std::ptr::read(&this.buffer) }
    }

    /// Takes over a buffer.
    pub fn new(vm: &'a Vm, buffer: Buffer) -> BufferGuard<'a> {
        BufferGuard { vm, buffer }
    }
}

/// # Safety
/// `len` bytes at `ptr` are readable while the result lives.
unsafe fn slice_of<'a>(ptr: *const u8, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(ptr, len) }
}

impl Buffer {
    /// A flat view of `len` bytes at `ptr`.
    pub fn simple(
        owner: &Value,
        ptr: *const u8,
        len: usize,
        readonly: bool,
        release: Option<fn(&Vm, &Value)>,
    ) -> Buffer {
        Buffer {
            owner: owner.clone(),
            ptr: ptr.cast_mut(),
            len,
            readonly,
            itemsize: 1,
            format: std::borrow::Cow::Borrowed("B"),
            shape: smallvec![len as isize],
            strides: smallvec![1],
            release,
        }
    }

    /// Whether the items lie densely in C order.
    pub fn is_contiguous(&self) -> bool {
        c_contiguous(&self.shape, &self.strides, self.itemsize)
    }

    /// A copy of the items in C order.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len);
        if self.is_contiguous() {
            // SAFETY: the owner keeps the memory in place while the view lives.
            out.extend_from_slice(unsafe { slice_of(self.ptr, self.len) });
        } else {
            // SAFETY: shape and strides stay inside the exporter's memory.
            unsafe { copy_out(self.ptr, &self.shape, &self.strides, self.itemsize, &mut out) };
        }
        out
    }
}

/// Whether items lie densely in C order.
pub(crate) fn c_contiguous(shape: &[isize], strides: &[isize], itemsize: usize) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut expected = itemsize as isize;
    for (n, stride) in shape.iter().zip(strides).rev() {
        if *n > 1 && *stride != expected {
            return false;
        }
        expected *= n;
    }
    true
}

/// Whether items lie densely in Fortran order.
pub(crate) fn f_contiguous(shape: &[isize], strides: &[isize], itemsize: usize) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut expected = itemsize as isize;
    for (n, stride) in shape.iter().zip(strides) {
        if *n > 1 && *stride != expected {
            return false;
        }
        expected *= n;
    }
    true
}

/// Appends the items in C order.
///
/// # Safety
/// Shape and strides describe readable memory at `at`.
pub(crate) unsafe fn copy_out(at: *const u8, shape: &[isize], strides: &[isize], itemsize: usize, out: &mut Vec<u8>) {
    match shape.split_first() {
        // SAFETY: the caller's promise.
        None => out.extend_from_slice(unsafe { slice_of(at, itemsize) }),
        Some((n, rest)) => {
            for i in 0..*n {
                // SAFETY: the caller's promise.
                unsafe { copy_out(at.offset(i * strides[0]), rest, &strides[1..], itemsize, out) };
            }
        }
    }
}

/// The bytes of a bytes-like argument.
pub enum BytesArg<'a> {
    /// Of `bytes` or `bytearray`, without an export. No Python code may run while they are used.
    Direct(&'a [u8]),
    /// Of another exporter.
    Guard(BufferGuard<'a>),
    /// Copied together from items that do not lie densely.
    Copied(Vec<u8>),
}

impl Deref for BytesArg<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            BytesArg::Direct(b) => b,
            BytesArg::Guard(g) => g.as_bytes(),
            BytesArg::Copied(v) => v,
        }
    }
}

impl Vm {
    /// Whether a value exports its memory.
    pub fn has_buffer(&self, value: &Value) -> bool {
        self.type_of(value).slots().buffer.is_some()
    }

    /// A view of a value's memory, dense or not. `TypeError` if it exports none.
    pub fn get_buffer(&self, value: &Value, writable: bool) -> PyResult<BufferGuard<'_>> {
        match self.type_of(value).slots().buffer {
            Some(f) => Ok(BufferGuard { vm: self, buffer: f(self, value, writable)? }),
            None => Err(self.not_bytes_like(value)),
        }
    }

    /// A dense view of a value's memory.
    pub fn get_contiguous(&self, value: &Value, writable: bool) -> PyResult<BufferGuard<'_>> {
        let guard = self.get_buffer(value, writable)?;
        if !guard.is_contiguous() {
            return Err(self.buffer_error("memoryview: underlying buffer is not C-contiguous"));
        }
        Ok(guard)
    }

    /// The bytes of a bytes-like argument; no Python code may run while they are used.
    #[inline]
    pub fn bytes_arg<'a>(&'a self, value: &'a Value) -> PyResult<BytesArg<'a>> {
        if let Some(b) = value.downcast::<Bytes>() {
            return Ok(BytesArg::Direct(b.as_bytes()));
        }
        if let Some(b) = value.downcast::<ByteArray>() {
            return Ok(BytesArg::Direct(b.peek()));
        }
        Ok(BytesArg::Guard(self.get_contiguous(value, false)?))
    }

    /// `TypeError`: not bytes-like.
    #[cold]
    pub fn not_bytes_like(&self, value: &Value) -> Raised {
        self.type_error(&format!("a bytes-like object is required, not '{}'", self.type_of(value).name()))
    }
}
