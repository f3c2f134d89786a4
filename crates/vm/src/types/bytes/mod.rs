//! `bytes`: immutable bytes, inline behind the payload.
//!
//! Rooms: this file has the payload and what the machine needs; `methods` the type as Python sees it; `ops` the
//! operations on byte slices that `bytes`, `bytearray` and others share; `make` the constructor's argument.
//!
//! Invariant: the bytes never change after the object was made.
#![expect(unsafe_code, reason = "inline bytes behind the payload")]

use crate::error::PyResult;
use crate::heap::{External, Heap, external};
use crate::object::{Header, Kind, Payload, flag};
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;
use std::ptr::{self, NonNull};

pub mod make;
pub mod methods;
pub mod ops;
pub mod repr;
pub(crate) mod shared;

pub use methods::TYPE;

/// Bytes; they follow the payload.
#[repr(C)]
pub struct Bytes {
    /// Zero: not computed yet.
    hash: Cell<u64>,
    len: usize,
}

// SAFETY: made by `Vm::alloc_bytes` only.
unsafe impl Payload for Bytes {
    const KIND: Kind = Kind::Bytes;
}

impl Bytes {
    /// The bytes.
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `len` bytes follow the payload, or lie where what follows it says.
        unsafe {
            let mut at = (self as *const Bytes).add(1).cast::<u8>();
            if Header::of(self).has(flag::EXTERNAL) {
                at = external::content(at);
            }
            std::slice::from_raw_parts(at, self.len)
        }
    }

    /// Number of bytes.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The hash: that of the `str` of the same bytes, as in CPython for ASCII.
    #[inline(always)]
    pub fn hash(&self, vm: &Vm) -> u64 {
        let h = self.hash.get();
        if h != 0 { h } else { self.compute_hash(vm) }
    }

    #[cold]
    fn compute_hash(&self, vm: &Vm) -> u64 {
        let h = vm.hash_bytes(self.as_bytes());
        if !Header::of(self).is_immortal() {
            self.hash.set(h);
        }
        h
    }

    /// `bytes` with the same content in another heap, the content elsewhere if so said. They are hashed unless that takes long.
    pub(crate) fn copy_to(&self, vm: &Vm, heap: &Heap, elsewhere: Option<External>) -> NonNull<Header> {
        let inline = if elsewhere.is_some() { external::SIZE } else { self.len };
        let header = heap.new_object(size_of::<Header>() + size_of::<Bytes>() + inline, Kind::Bytes, vm.types().bytes);
        let hash = if elsewhere.is_some() { self.hash.get() } else { self.hash(vm) };
        // SAFETY: the block has room for header, payload and what follows.
        unsafe {
            let payload = header.add(1).cast::<Bytes>().as_ptr();
            payload.write(Bytes { hash: Cell::new(hash), len: self.len });
            external::place(heap, header, payload.add(1).cast(), self.as_bytes(), elsewhere);
        }
        header
    }
}

impl Vm {
    /// Bytes of class `ty` whose `len` bytes are written by `fill`.
    fn alloc_bytes(&self, ty: &TypeObj, len: usize, fill: impl FnOnce(*mut u8)) -> Value {
        if ty.is_heap() {
            let header = self.new_var_object(ty, len);
            // SAFETY: the block has room for header, payload and bytes.
            unsafe {
                let payload = header.add(1).cast::<Bytes>().as_ptr();
                payload.write(Bytes { hash: Cell::new(0), len });
                fill(payload.add(1).cast());
                return self.finish_var_object(header);
            }
        }
        let size = size_of::<Header>() + size_of::<Bytes>() + len;
        let header = self.heap().new_object(size, Kind::Bytes, ty);
        // SAFETY: the block has room for header, payload and bytes; the new object's only reference is the result.
        unsafe {
            let payload = header.add(1).cast::<Bytes>().as_ptr();
            payload.write(Bytes { hash: Cell::new(0), len });
            fill(payload.add(1).cast());
            Value::from_bits(header.as_ptr() as u64)
        }
    }

    /// `bytes` of `len` bytes whose content lies elsewhere; `fill` writes the `n` bytes behind the payload.
    pub(crate) fn alloc_external_bytes(&self, len: usize, n: usize, fill: impl FnOnce(*mut u8)) -> Value {
        let size = size_of::<Header>() + size_of::<Bytes>() + n;
        let header = self.heap().new_object(size, Kind::Bytes, self.types().bytes);
        // SAFETY: the block has room for header, payload and what follows; the new object's only reference is the result.
        unsafe {
            let payload = header.add(1).cast::<Bytes>().as_ptr();
            payload.write(Bytes { hash: Cell::new(0), len });
            fill(payload.add(1).cast());
            header.as_ref().set(flag::EXTERNAL);
            self.heap().note_resource(header);
            Value::from_bits(header.as_ptr() as u64)
        }
    }

    /// `bytes` with that content.
    pub fn bytes(&self, bytes: &[u8]) -> Value {
        if bytes.is_empty() {
            return self.image().empty_bytes();
        }
        self.fresh_bytes(bytes)
    }

    /// `bytes` that are never the shared empty ones.
    pub(crate) fn fresh_bytes(&self, bytes: &[u8]) -> Value {
        self.bytes_of_type(self.types().bytes, bytes)
    }

    /// An instance of `bytes` or of a subclass.
    pub(crate) fn bytes_of_type(&self, ty: &TypeObj, bytes: &[u8]) -> Value {
        // SAFETY: the target has room for all bytes.
        self.alloc_bytes(ty, bytes.len(), |at| unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len()) })
    }

    /// Pieces put together; `MemoryError` when they are too long.
    pub fn bytes_concat(&self, parts: &[&[u8]]) -> PyResult {
        let n = parts.iter().map(|p| p.len()).sum();
        if n == 0 {
            return Ok(self.image().empty_bytes());
        }
        self.check_alloc(n)?;
        // SAFETY: the target has room for all parts.
        Ok(self.alloc_bytes(self.types().bytes, n, |mut at| unsafe {
            for part in parts {
                ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
                at = at.add(part.len());
            }
        }))
    }

    /// `len` bytes, each `byte`.
    pub fn bytes_filled(&self, len: usize, byte: u8) -> PyResult {
        if len == 0 {
            return Ok(self.image().empty_bytes());
        }
        self.check_alloc(len)?;
        // SAFETY: the target has room for all bytes.
        Ok(self.alloc_bytes(self.types().bytes, len, |at| unsafe { ptr::write_bytes(at, byte, len) }))
    }
}
