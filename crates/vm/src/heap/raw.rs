//! Storage of containers: an allocator handle for `hashbrown` and `allocator_api2` collections.
#![expect(unsafe_code, reason = "the allocator")]

use super::{Area, Heap, LARGE_HEAD, LargeHead, MAX_SMALL, class_of, class_size};
use allocator_api2::alloc::{AllocError, Allocator};
use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// A vector whose storage lies in an interpreter's heap.
pub type HVec<T> = allocator_api2::vec::Vec<T, HeapAlloc>;

/// A handle to an interpreter's heap.
#[derive(Clone, Copy)]
pub struct HeapAlloc {
    heap: *const Heap,
}

impl HeapAlloc {
    pub(super) fn new(heap: &Heap) -> HeapAlloc {
        HeapAlloc { heap }
    }

    #[inline(always)]
    fn heap(&self) -> &Heap {
        // SAFETY: storage never outlives the heap: its owners lie in that heap, and a dying heap drops them first.
        unsafe { &*self.heap }
    }
}

/// Storage above [`MAX_SMALL`] is linked through this list head.
fn list(heap: &Heap) -> &Cell<*mut LargeHead> {
    &heap.raw_large
}

pub(super) fn free_all_large(heap: &Heap) {
    let mut large = list(heap).get();
    while !large.is_null() {
        // SAFETY: the heap is going; nothing uses the storage.
        unsafe {
            let LargeHead { next, size, .. } = *large;
            heap.free_or_keep(large, size);
            large = next;
        }
    }
}

impl Heap {
    #[inline(always)]
    fn raw_area(&self) -> &Area {
        &self.raw
    }
}

fn slice(at: NonNull<u8>, size: usize) -> NonNull<[u8]> {
    NonNull::slice_from_raw_parts(at, size)
}

// SAFETY: blocks stay valid until they are deallocated; copies of the handle name the same heap.
unsafe impl Allocator for HeapAlloc {
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let heap = self.heap();
        let size = layout.size().max(16);
        debug_assert!(layout.align() <= 16);
        if size <= MAX_SMALL {
            let class = class_of(size);
            heap.bytes.set(heap.bytes.get() + class_size(class));
            let block = match heap.raw_area().take(class) {
                Some(block) => block,
                None => heap.refill(heap.raw_area(), class),
            };
            return Ok(slice(block, layout.size()));
        }
        let total = size.checked_add(LARGE_HEAD).ok_or(AllocError)?;
        let block_layout = Layout::from_size_align(total, 16).map_err(|_| AllocError)?;
        // SAFETY: the size is not zero.
        let head = unsafe { std::alloc::alloc(block_layout) }.cast::<LargeHead>();
        let head = NonNull::new(head).ok_or(AllocError)?.as_ptr();
        let first = list(heap);
        // SAFETY: the block holds a head and `size` bytes.
        unsafe {
            head.write(LargeHead { prev: ptr::null_mut(), next: first.get(), size: total, heap });
            if !first.get().is_null() {
                (*first.get()).prev = head;
            }
            first.set(head);
            heap.bytes.set(heap.bytes.get() + total);
            Ok(slice(NonNull::new_unchecked(head.add(1).cast()), layout.size()))
        }
    }

    #[inline]
    unsafe fn deallocate(&self, at: NonNull<u8>, layout: Layout) {
        let heap = self.heap();
        let size = layout.size().max(16);
        if size <= MAX_SMALL {
            let class = class_of(size);
            heap.bytes.set(heap.bytes.get() - class_size(class));
            heap.raw_area().give(at.as_ptr().cast(), class);
            return;
        }
        heap.note_peak();
        // SAFETY: the block came from `allocate` with this size.
        unsafe {
            let head = at.as_ptr().cast::<LargeHead>().sub(1);
            let LargeHead { prev, next, size, .. } = *head;
            if prev.is_null() {
                list(heap).set(next)
            } else {
                (*prev).next = next
            }
            if !next.is_null() {
                (*next).prev = prev;
            }
            heap.bytes.set(heap.bytes.get() - size);
            std::alloc::dealloc(head.cast(), Layout::from_size_align_unchecked(size, 16));
        }
    }

    #[inline]
    unsafe fn grow(&self, at: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let (old_size, new_size) = (old.size().max(16), new.size().max(16));
        if new_size <= MAX_SMALL && class_of(old_size) == class_of(new_size) {
            return Ok(slice(at, new.size()));
        }
        if old_size > MAX_SMALL {
            return self.regrow(at, new.size());
        }
        let fresh = self.allocate(new)?;
        // SAFETY: both blocks hold at least `old.size()` bytes and do not overlap.
        unsafe {
            ptr::copy_nonoverlapping(at.as_ptr(), fresh.cast::<u8>().as_ptr(), old.size());
            self.deallocate(at, old);
        }
        Ok(fresh)
    }
}

impl HeapAlloc {
    /// Grows a block of its own where the system can do so in place or by remapping.
    #[cold]
    fn regrow(&self, at: NonNull<u8>, new_size: usize) -> Result<NonNull<[u8]>, AllocError> {
        let heap = self.heap();
        let first = list(heap);
        // SAFETY: the block has a head; its neighbours are relinked to where it lies afterwards.
        unsafe {
            let head = at.as_ptr().cast::<LargeHead>().sub(1);
            let old_total = (*head).size;
            let total = new_size.checked_add(LARGE_HEAD).ok_or(AllocError)?;
            if total > isize::MAX as usize {
                return Err(AllocError);
            }
            let moved = std::alloc::realloc(head.cast(), Layout::from_size_align_unchecked(old_total, 16), total);
            let moved = NonNull::new(moved.cast::<LargeHead>()).ok_or(AllocError)?.as_ptr();
            (*moved).size = total;
            if (*moved).prev.is_null() {
                first.set(moved)
            } else {
                (*(*moved).prev).next = moved
            }
            if !(*moved).next.is_null() {
                (*(*moved).next).prev = moved;
            }
            heap.bytes.set(heap.bytes.get() + total - old_total);
            Ok(slice(NonNull::new_unchecked(moved.add(1).cast()), new_size))
        }
    }
}
