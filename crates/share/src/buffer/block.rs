//! The memory itself: who owns it, who may write it, how many hold a lease.
//!
//! Invariants: pointer and length never change; the owner is dropped only when the last handle is; memory that is
//! `Frozen` is written by nobody, so slices of it may be lent.
#![expect(unsafe_code, reason = "owns raw memory and lends it")]

use super::copy;
use memmap2::{Mmap, MmapMut};
use std::alloc::Layout;
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// A block of memory with a stable address, shared by counting. A clone is the same memory.
#[derive(Clone)]
pub struct SharedBuffer(Arc<Block>);

struct Block {
    ptr: NonNull<u8>,
    len: usize,
    access: Access,
    n_leases: AtomicUsize,
    owner: Owner,
}

/// Who may write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Access {
    /// Nobody, as long as the block lives.
    Frozen,
    /// Nobody through this type; a file's pages or a foreign owner's bytes may still change.
    ReadOnly,
    /// Everybody.
    Writable,
}

enum Owner {
    Heap(Layout),
    Vec { _keep: Vec<u8> },
    Slice { _keep: Arc<[u8]> },
    Map { _keep: Mmap },
    MapMut(MmapMut),
    Foreign { _keep: Box<dyn BufferOwner> },
}

/// Memory that somebody else owns, adopted by [`SharedBuffer::from_owner`].
///
/// # Safety
/// `memory` must return the same range every time: valid for reads, and for writes if `is_writable`, from any thread,
/// until the owner is dropped. Its length is at most `isize::MAX`.
pub unsafe trait BufferOwner: Send + Sync {
    /// Address and length of the memory. The address is not null even if the length is 0.
    fn memory(&self) -> (NonNull<u8>, usize);

    /// Whether the memory may be written.
    fn is_writable(&self) -> bool;
}

/// There is not enough memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AllocError;

/// The buffer may not be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadOnly;

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not enough memory")
    }
}

impl fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the buffer is read-only")
    }
}

impl std::error::Error for AllocError {}
impl std::error::Error for ReadOnly {}

// SAFETY: the memory belongs to the block alone, or to an owner that may be used and dropped by any thread.
unsafe impl Send for Block {}
// SAFETY: shared access goes through atomics, through slices of memory that nobody writes, or through raw pointers
// whose users answer for themselves.
unsafe impl Sync for Block {}

/// Heap blocks start at a cache line's boundary.
const ALIGN: usize = 64;

impl SharedBuffer {
    fn new(ptr: NonNull<u8>, len: usize, access: Access, owner: Owner) -> Self {
        Self(Arc::new(Block { ptr, len, access, n_leases: AtomicUsize::new(0), owner }))
    }

    /// `len` writable bytes of value 0, aligned to 64.
    ///
    /// # Errors
    /// [`AllocError`] when the memory cannot be had.
    pub fn zeroed(len: usize) -> Result<Self, AllocError> {
        let layout = Layout::from_size_align(len.max(1), ALIGN).map_err(|_| AllocError)?;
        // SAFETY: the layout's size is at least 1.
        let ptr = unsafe { std::alloc::alloc_zeroed(layout) };
        let ptr = NonNull::new(ptr).ok_or(AllocError)?;
        Ok(Self::new(ptr, len, Access::Writable, Owner::Heap(layout)))
    }

    /// Adopts the bytes of `bytes`, writable, without a copy.
    #[must_use]
    pub fn from_vec(mut bytes: Vec<u8>) -> Self {
        let ptr = NonNull::from(bytes.as_mut_slice()).cast();
        Self::new(ptr, bytes.len(), Access::Writable, Owner::Vec { _keep: bytes })
    }

    /// Adopts `bytes`, frozen, without a copy.
    #[must_use]
    pub fn from_arc(bytes: Arc<[u8]>) -> Self {
        let ptr = NonNull::from(&*bytes).cast();
        Self::new(ptr, bytes.len(), Access::Frozen, Owner::Slice { _keep: bytes })
    }

    /// `len` writable bytes of value 0 in pages of their own. Pages take memory when they are first written.
    ///
    /// # Errors
    /// What the system says.
    pub fn map_anonymous(len: usize) -> io::Result<Self> {
        let mut map = MmapMut::map_anon(len.max(1))?;
        let ptr = NonNull::from(&mut map[..]).cast();
        Ok(Self::new(ptr, len, Access::Writable, Owner::MapMut(map)))
    }

    /// The bytes of `file`, read-only. They change when the file does.
    ///
    /// # Safety
    /// While any handle lives, the file must not be made shorter.
    ///
    /// # Errors
    /// What the system says; an empty file cannot be mapped.
    pub unsafe fn map_file(file: &File) -> io::Result<Self> {
        // SAFETY: no slice of it is ever lent, and the caller sees to the file's length.
        let map = unsafe { Mmap::map(file)? };
        let ptr = NonNull::from(&map[..]).cast();
        Ok(Self::new(ptr, map.len(), Access::ReadOnly, Owner::Map { _keep: map }))
    }

    /// The bytes of `file`, writable: writes reach the file.
    ///
    /// # Safety
    /// As [`SharedBuffer::map_file`].
    ///
    /// # Errors
    /// What the system says; the file must be open for reading and writing.
    pub unsafe fn map_file_mut(file: &File) -> io::Result<Self> {
        // SAFETY: as in `map_file`.
        let mut map = unsafe { MmapMut::map_mut(file)? };
        let ptr = NonNull::from(&mut map[..]).cast();
        Ok(Self::new(ptr, map.len(), Access::Writable, Owner::MapMut(map)))
    }

    /// Writes what has changed to the file that the memory is of. Other memory has no file, and nothing is done.
    ///
    /// # Errors
    /// What the system says.
    pub fn flush(&self) -> io::Result<()> {
        match &self.0.owner {
            Owner::MapMut(map) => map.flush(),
            _ => Ok(()),
        }
    }

    /// Adopts memory that `owner` keeps, until the last handle is gone.
    #[must_use]
    pub fn from_owner(owner: Box<dyn BufferOwner>) -> Self {
        let (ptr, len) = owner.memory();
        let access = if owner.is_writable() { Access::Writable } else { Access::ReadOnly };
        Self::new(ptr, len, access, Owner::Foreign { _keep: owner })
    }

    /// Freezes the memory for good, so that it can be read as a slice.
    ///
    /// # Errors
    /// Gives the buffer back if there is another handle, if it is not this process's own memory, or if it is mapped.
    pub fn freeze(mut self) -> Result<Self, Self> {
        let own = matches!(self.0.owner, Owner::Heap(_) | Owner::Vec { .. } | Owner::Slice { .. });
        match Arc::get_mut(&mut self.0) {
            Some(block) if own => block.access = Access::Frozen,
            _ => return Err(self),
        }
        Ok(self)
    }

    /// How many bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Whether there is no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it may not be written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.access != Access::Writable
    }

    /// Whether both are the same memory.
    #[must_use]
    pub fn is(&self, other: &SharedBuffer) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The bytes, if they are frozen.
    #[must_use]
    pub fn as_slice(&self) -> Option<&[u8]> {
        if self.0.access != Access::Frozen {
            return None;
        }
        // SAFETY: the block lives as long as this borrow, and nobody writes frozen memory.
        Some(unsafe { std::slice::from_raw_parts(self.0.ptr.as_ptr(), self.0.len) })
    }

    /// The address of the first byte. Good as long as a handle lives. Writing through it is allowed only if the buffer
    /// is not read-only, and races with every other access that is not atomic.
    #[must_use]
    pub fn as_ptr(&self) -> *mut u8 {
        self.0.ptr.as_ptr()
    }

    /// Copies bytes out, from `offset` on. `None`, and nothing is copied, if they are not all there. What is written
    /// meanwhile may be seen in part.
    pub fn read_at(&self, offset: usize, out: &mut [u8]) -> Option<()> {
        let range = self.range(offset, out.len())?;
        if let Some(bytes) = self.as_slice() {
            out.copy_from_slice(&bytes[range]);
            return Some(());
        }
        // SAFETY: within the block. A read-only mapping is only read.
        unsafe { copy::load(self.as_ptr().add(range.start), out) };
        Some(())
    }

    /// Copies `bytes` in, from `offset` on. `None`, and nothing is copied, if there is no room for all.
    ///
    /// # Errors
    /// [`ReadOnly`].
    pub fn write_at(&self, offset: usize, bytes: &[u8]) -> Result<Option<()>, ReadOnly> {
        if self.is_read_only() {
            return Err(ReadOnly);
        }
        let Some(range) = self.range(offset, bytes.len()) else {
            return Ok(None);
        };
        // SAFETY: within the block, which is writable.
        unsafe { copy::store(self.as_ptr().add(range.start), bytes) };
        Ok(Some(()))
    }

    /// A copy of all bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len()];
        let _ = self.read_at(0, &mut bytes);
        bytes
    }

    fn range(&self, offset: usize, len: usize) -> Option<Range<usize>> {
        let end = offset.checked_add(len)?;
        (end <= self.len()).then_some(offset..end)
    }

    /// The address of a writable, aligned `T` at `offset`.
    fn atomic<T>(&self, offset: usize) -> Option<*mut T> {
        if self.is_read_only() {
            return None;
        }
        let range = self.range(offset, size_of::<T>())?;
        // SAFETY: within the block.
        let at = unsafe { self.as_ptr().add(range.start) }.cast::<T>();
        at.is_aligned().then_some(at)
    }

    /// Takes a lease.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.0.n_leases.fetch_add(1, Ordering::Relaxed);
        Lease(self.clone())
    }

    /// How many leases are out. An exporter that would unmap or resize what the memory stands for looks here.
    #[must_use]
    pub fn n_leases(&self) -> usize {
        self.0.n_leases.load(Ordering::Acquire)
    }
}

macro_rules! atomic_at {
    ($($name:ident: $atomic:ty),*) => {
        /// Single numbers in the buffer. `None` if the offset is not aligned or not inside, or the buffer is read-only.
        impl SharedBuffer {$(
            #[doc = concat!("The `", stringify!($atomic), "` at `offset`.")]
            #[must_use]
            pub fn $name(&self, offset: usize) -> Option<&$atomic> {
                let at = self.atomic(offset)?;
                // SAFETY: aligned, inside, writable, and alive as long as `self` is borrowed.
                Some(unsafe { <$atomic>::from_ptr(at) })
            }
        )*}
    };
}

atomic_at!(atomic_u8: AtomicU8, atomic_u16: AtomicU16, atomic_u32: AtomicU32, atomic_u64: AtomicU64);

impl fmt::Debug for SharedBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedBuffer")
            .field("ptr", &self.as_ptr())
            .field("len", &self.len())
            .field("access", &self.0.access)
            .field("n_leases", &self.n_leases())
            .finish()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Owner::Heap(layout) = self.owner {
            // SAFETY: the block was allocated with this layout, and no handle is left.
            unsafe { std::alloc::dealloc(self.ptr.as_ptr(), layout) };
        }
    }
}

/// A counted hold on a [`SharedBuffer`]: it keeps the memory alive, and tells the exporter that somebody looks at it.
#[derive(Debug)]
pub struct Lease(SharedBuffer);

impl Clone for Lease {
    fn clone(&self) -> Self {
        self.0.lease()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.0.n_leases.fetch_sub(1, Ordering::Release);
    }
}

impl Deref for Lease {
    type Target = SharedBuffer;

    fn deref(&self) -> &SharedBuffer {
        &self.0
    }
}
