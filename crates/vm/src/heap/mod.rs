//! The heap of one interpreter: objects and container storage in size classes, bytes counted.
//!
//! Objects lie in 64 KiB chunks that are bump-allocated and then recycled through free lists, one a size class; every
//! block begins with a header, so that a chunk can be walked. Storage of containers ("raw") lies in chunks of its own.
//! Blocks above [`MAX_SMALL`] are allocated singly and linked. Only touched pages of a chunk cost memory.
//!
//! Invariant: a heap is used by the thread that holds its interpreter. Dropping it gives all chunks back to the pool.
#![expect(unsafe_code, reason = "the allocator")]

mod chunk;
mod end;
pub(crate) mod external;
mod keep;
pub mod raw;
mod release;

pub use chunk::ChunkPool;
pub(crate) use external::External;
pub use external::owner as external_owner;
pub(crate) use external::release as external_release;
pub use keep::{Keeper, Range};
pub use raw::{HVec, HeapAlloc};
pub(crate) use release::release;

use crate::common::Graph;
use crate::object::{Header, Kind, flag};
use crate::types::typeobj::TypeObj;
use crate::vm::Vm;
pub(crate) use chunk::CHUNK;
use chunk::{CHUNK_HEAD, Chunk};
use std::alloc::Layout;
use std::cell::{Cell, RefCell};
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// Largest block of a size class, in bytes.
pub const MAX_SMALL: usize = 8192;
/// Largest single allocation that a program may ask for, in bytes.
pub const MAX_ALLOC: usize = 1 << 36;
const N_CLASSES: usize = 48;
/// Size-class code of a block of its own.
const LARGE_CLASS: u8 = u8::MAX;

/// The size class of a request, and the class's block size.
#[inline(always)]
const fn class_of(size: usize) -> usize {
    if size <= 512 {
        size.div_ceil(16) - (size != 0) as usize
    } else {
        // Four classes a doubling: 640, 768, 896, 1024, 1280, ...
        let above = size - 1;
        let log = (usize::BITS - 1 - above.leading_zeros()) as usize;
        32 + (log - 9) * 4 + ((above >> (log - 2)) & 3)
    }
}

/// The block size of a class, in bytes.
#[inline(always)]
const fn class_size(class: usize) -> usize {
    if class < 32 {
        (class + 1) * 16
    } else {
        let log = (class - 32) / 4 + 9;
        (1 << log) + ((class - 32) % 4 + 1) * (1 << (log - 2))
    }
}

/// In front of a block of its own: its place in the list of them, its size and its heap.
#[repr(C)]
struct LargeHead {
    prev: *mut LargeHead,
    next: *mut LargeHead,
    size: usize,
    heap: *const Heap,
}

const LARGE_HEAD: usize = size_of::<LargeHead>();

/// Free lists and the current chunk of one area.
struct Area {
    free: [Cell<*mut FreeBlock>; N_CLASSES],
    bump: Cell<*mut u8>,
    end: Cell<*mut u8>,
    chunks: RefCell<Vec<NonNull<Chunk>>>,
}

/// A free block: a header marked free in the object area; only the link in the raw area.
#[repr(C)]
struct FreeBlock {
    head: u64,
    next: *mut FreeBlock,
}

impl Area {
    fn new() -> Area {
        Area {
            free: [const { Cell::new(ptr::null_mut()) }; N_CLASSES],
            bump: Cell::new(ptr::null_mut()),
            end: Cell::new(ptr::null_mut()),
            chunks: RefCell::new(Vec::new()),
        }
    }

    #[inline(always)]
    fn take(&self, class: usize) -> Option<NonNull<u8>> {
        let block = self.free[class].get();
        if !block.is_null() {
            // SAFETY: blocks in a free list are unused blocks of this class.
            self.free[class].set(unsafe { (*block).next });
            return NonNull::new(block.cast());
        }
        let size = class_size(class);
        let at = self.bump.get();
        if (self.end.get() as usize) - (at as usize) >= size {
            // SAFETY: the block lies inside the chunk.
            self.bump.set(unsafe { at.add(size) });
            return NonNull::new(at);
        }
        None
    }

    #[inline(always)]
    fn give(&self, block: *mut FreeBlock, class: usize) {
        // SAFETY: the block is unused and of this class.
        unsafe { (*block).next = self.free[class].get() };
        self.free[class].set(block);
    }
}

/// The heap of one interpreter.
pub struct Heap {
    objects: Area,
    raw: Area,
    large: Cell<*mut LargeHead>,
    raw_large: Cell<*mut LargeHead>,
    bytes: Cell<usize>,
    /// The most bytes that were seen; see [`Heap::note_peak`].
    peak: Cell<usize>,
    limit: Cell<usize>,
    /// Objects that may form cycles: until the next collection.
    gc_countdown: Cell<isize>,
    n_objects: Cell<usize>,
    release_depth: Cell<u32>,
    deferred: RefCell<Vec<*mut Header>>,
    dying: Cell<bool>,
    pool: Arc<ChunkPool>,
    vm: Cell<*const Vm>,
    /// What is not freed with the heap.
    lent: RefCell<Option<keep::Lent>>,
    /// Who keeps the memory of frozen objects, once there are any.
    frozen: RefCell<Option<keep::Frozen>>,
    /// The graph of common objects that it holds, instead of an interpreter's objects.
    graph: Cell<*const Graph>,
}

impl Heap {
    /// An empty heap that takes its chunks from `pool`. The box keeps its address: objects find their heap by it.
    pub fn new(pool: Arc<ChunkPool>) -> Box<Heap> {
        Box::new(Heap {
            objects: Area::new(),
            raw: Area::new(),
            large: Cell::new(ptr::null_mut()),
            raw_large: Cell::new(ptr::null_mut()),
            bytes: Cell::new(0),
            peak: Cell::new(0),
            limit: Cell::new(usize::MAX),
            gc_countdown: Cell::new(FIRST_COLLECTION),
            n_objects: Cell::new(0),
            release_depth: Cell::new(0),
            deferred: RefCell::new(Vec::new()),
            dying: Cell::new(false),
            pool,
            vm: Cell::new(ptr::null()),
            lent: RefCell::new(None),
            frozen: RefCell::new(None),
            graph: Cell::new(ptr::null()),
        })
    }

    pub(crate) fn set_vm(&self, vm: *const Vm) {
        self.vm.set(vm);
    }

    /// The machine this heap belongs to.
    pub(crate) fn vm(&self) -> Option<&Vm> {
        // SAFETY: a machine owns its heap, and clears this pointer before it goes.
        unsafe { self.vm.get().as_ref() }
    }

    /// Where it takes its chunks from.
    pub(crate) fn pool(&self) -> Arc<ChunkPool> {
        self.pool.clone()
    }

    /// The graph whose objects lie in it; null: an interpreter's do.
    pub(crate) fn graph(&self) -> *const Graph {
        self.graph.get()
    }

    pub(crate) fn set_graph(&self, graph: *const Graph) {
        self.graph.set(graph);
    }

    /// Bytes in live blocks (objects and storage).
    pub fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// The most bytes that live blocks have taken, as seen whenever memory was taken from the process or a large block
    /// given back, before collections, and when asked.
    pub fn peak_bytes(&self) -> usize {
        self.note_peak();
        self.peak.get()
    }

    /// Looks whether there are more bytes than ever before. Not for allocations that find their block at once.
    #[inline]
    pub fn note_peak(&self) {
        if self.bytes.get() > self.peak.get() {
            self.peak.set(self.bytes.get());
        }
    }

    /// Live objects.
    pub fn n_objects(&self) -> usize {
        self.n_objects.get()
    }

    /// The limit on [`Heap::bytes`], beyond which large allocations fail with `MemoryError`, and so does the running
    /// program at its next safepoint.
    pub fn limit(&self) -> usize {
        self.limit.get()
    }

    /// Sets the limit.
    pub fn set_limit(&self, bytes: usize) {
        self.limit.set(bytes);
    }

    pub(crate) fn set_countdown(&self, n: isize) {
        self.gc_countdown.set(n);
    }

    /// Whether so many objects were made since the last collection that it is time for another.
    #[inline(always)]
    pub(crate) fn wants_collection(&self) -> bool {
        self.gc_countdown.get() < 0
    }

    /// A handle for containers that keep their storage here.
    pub fn alloc(&self) -> HeapAlloc {
        HeapAlloc::new(self)
    }

    /// Memory for an object of `size` bytes, header included; the header is written, the rest is not.
    #[inline(always)]
    pub(crate) fn new_object(&self, size: usize, kind: Kind, ty: &TypeObj) -> NonNull<Header> {
        self.n_objects.set(self.n_objects.get() + 1);
        self.gc_countdown.set(self.gc_countdown.get() - ty.is_gc() as isize);
        if size <= MAX_SMALL {
            let class = class_of(size);
            self.bytes.set(self.bytes.get() + class_size(class));
            let block = match self.objects.take(class) {
                Some(block) => block,
                None => self.refill(&self.objects, class),
            };
            let header = block.cast::<Header>();
            // SAFETY: the block is unused and large enough.
            unsafe { header.write(Header::new(kind, class as u8, 0, ty)) };
            header
        } else {
            let block = self.new_large(size).cast::<Header>();
            // SAFETY: as above.
            unsafe { block.write(Header::new(kind, LARGE_CLASS, flag::LARGE, ty)) };
            block
        }
    }

    #[cold]
    #[inline(never)]
    fn refill(&self, area: &Area, class: usize) -> NonNull<u8> {
        // What is left of the old chunk goes to the free lists, so that the chunk stays walkable.
        let (mut at, end) = (area.bump.get() as usize, area.end.get() as usize);
        while end - at >= 16 {
            let rest = end - at;
            let mut class = class_of(rest.min(MAX_SMALL));
            while class_size(class) > rest {
                class -= 1;
            }
            let block = at as *mut Header;
            // SAFETY: the rest of the chunk is unused.
            unsafe {
                block.write(Header::new(Kind::Instance, class as u8, flag::FREE, ptr::null()));
                area.give(block.cast(), class);
            }
            at += class_size(class);
        }
        self.ask_if_over_limit();
        let chunk = self.pool.take(self);
        let base = chunk.as_ptr() as *mut u8;
        // SAFETY: a chunk is CHUNK bytes.
        unsafe {
            area.bump.set(base.add(CHUNK_HEAD));
            area.end.set(base.add(CHUNK));
        }
        area.chunks.borrow_mut().push(chunk);
        area.take(class).expect("a fresh chunk holds every size class")
    }

    /// Asks the running thread to answer for the memory limit at its next safepoint. Small allocations never fail.
    #[inline]
    fn ask_if_over_limit(&self) {
        self.note_peak();
        if self.bytes.get() > self.limit.get()
            && let Some(vm) = self.vm()
        {
            vm.breaker.request(serpens_lock::Breaker::MEMORY);
        }
    }

    fn new_large(&self, size: usize) -> NonNull<u8> {
        self.ask_if_over_limit();
        let total = size + LARGE_HEAD;
        let layout = Layout::from_size_align(total, 16).expect("object sizes are checked before");
        // SAFETY: the size is not zero.
        let head = unsafe { std::alloc::alloc(layout) }.cast::<LargeHead>();
        if head.is_null() {
            std::alloc::handle_alloc_error(layout);
        }
        // SAFETY: the block was just allocated for a head and `size` bytes.
        unsafe {
            head.write(LargeHead { prev: ptr::null_mut(), next: self.large.get(), size: total, heap: self });
            if !self.large.get().is_null() {
                (*self.large.get()).prev = head;
            }
            self.large.set(head);
            self.bytes.set(self.bytes.get() + total);
            NonNull::new_unchecked(head.add(1).cast())
        }
    }

    /// Makes room for `size` bytes in the block of an object, in place or (a block of its own) by moving it with an
    /// eighth to spare. `None`: the object stays as it was.
    ///
    /// # Safety
    /// The object belongs to this heap; the caller holds the only reference to it, and forgets the old address.
    pub(crate) unsafe fn grow_object(&self, header: *mut Header, size: usize) -> Option<NonNull<Header>> {
        // SAFETY: the caller's promise; a moved block's neighbours are relinked.
        unsafe {
            let class = (*header).size_class();
            if class != LARGE_CLASS {
                return if size <= class_size(class as usize) { NonNull::new(header) } else { None };
            }
            let head = header.cast::<LargeHead>().sub(1);
            let old_total = (*head).size;
            if size + LARGE_HEAD <= old_total {
                return NonNull::new(header);
            }
            let total = size + size / 8 + LARGE_HEAD;
            let moved = std::alloc::realloc(head.cast(), Layout::from_size_align_unchecked(old_total, 16), total);
            let moved = NonNull::new(moved.cast::<LargeHead>())?.as_ptr();
            (*moved).size = total;
            if (*moved).prev.is_null() {
                self.large.set(moved)
            } else {
                (*(*moved).prev).next = moved
            }
            if !(*moved).next.is_null() {
                (*(*moved).next).prev = moved;
            }
            self.bytes.set(self.bytes.get() + total - old_total);
            NonNull::new(moved.add(1).cast())
        }
    }

    /// # Safety
    /// `block` came from [`Heap::new_large`] of this heap and is not used any more.
    unsafe fn free_large(&self, block: *mut u8) {
        self.note_peak();
        // SAFETY: a head lies in front of the block; the list is consistent.
        unsafe {
            let head = block.cast::<LargeHead>().sub(1);
            let LargeHead { prev, next, size, .. } = *head;
            if prev.is_null() {
                self.large.set(next)
            } else {
                (*prev).next = next
            }
            if !next.is_null() {
                (*next).prev = prev;
            }
            self.bytes.set(self.bytes.get() - size);
            std::alloc::dealloc(head.cast(), Layout::from_size_align_unchecked(size, 16));
        }
    }

    /// Bytes of an object's block, header included.
    pub(crate) fn block_size(header: &Header) -> usize {
        match header.size_class() {
            // SAFETY: a block of its own has its head in front.
            LARGE_CLASS => unsafe { (*std::ptr::from_ref(header).cast::<LargeHead>().sub(1)).size - LARGE_HEAD },
            class => class_size(class as usize),
        }
    }

    /// Frees the block of an object whose payload has been dropped.
    ///
    /// # Safety
    /// The object belongs to this heap and is dead.
    #[inline(always)]
    unsafe fn free_object(&self, header: *mut Header) {
        self.n_objects.set(self.n_objects.get() - 1);
        // SAFETY: the caller's promise.
        unsafe {
            let class = (*header).size_class();
            if class == LARGE_CLASS {
                self.free_large(header.cast());
            } else {
                self.bytes.set(self.bytes.get() - class_size(class as usize));
                (*header).set(flag::FREE);
                self.objects.give(header.cast(), class as usize);
            }
        }
    }

    /// Calls `f` on every live object.
    pub(crate) fn each_object(&self, f: &mut dyn FnMut(&Header)) {
        for chunk in self.objects.chunks.borrow().iter() {
            self.each_in_chunk(*chunk, 0, f);
        }
        self.each_large(ptr::null_mut(), f);
    }

    /// Where the heap ends now; objects made later lie behind, since the free lists are given up. For the image, whose
    /// objects never die.
    pub(crate) fn mark(&self) -> HeapMark {
        for list in &self.objects.free {
            list.set(ptr::null_mut());
        }
        HeapMark {
            n_chunks: self.objects.chunks.borrow().len(),
            bump: self.objects.bump.get() as usize,
            large: self.large.get(),
        }
    }

    /// Calls `f` on every live object that was made since `mark`.
    pub(crate) fn each_object_since(&self, mark: &HeapMark, f: &mut dyn FnMut(&Header)) {
        let chunks = self.objects.chunks.borrow();
        for (i, chunk) in chunks.iter().enumerate().skip(mark.n_chunks.saturating_sub(1)) {
            self.each_in_chunk(*chunk, if i + 1 == mark.n_chunks { mark.bump } else { 0 }, f);
        }
        self.each_large(mark.large, f);
    }

    /// Calls `f` on the live objects of a chunk from address `from` on (0: all).
    fn each_in_chunk(&self, chunk: NonNull<Chunk>, from: usize, f: &mut dyn FnMut(&Header)) {
        let base = chunk.as_ptr() as usize;
        let full = base + CHUNK;
        let bump = self.objects.bump.get() as usize;
        let end = if (base..=full).contains(&bump) && self.objects.end.get() as usize == full { bump } else { full };
        let mut at = from.max(base + CHUNK_HEAD);
        while end - at >= 16 {
            // SAFETY: blocks follow each other from the chunk's head to `end`, each with a header.
            let header = unsafe { &*(at as *const Header) };
            let size = class_size(header.size_class() as usize);
            if !header.has(flag::FREE) {
                f(header);
            }
            at += size;
        }
    }

    /// Calls `f` on the objects in blocks of their own, down to the block `until`.
    fn each_large(&self, until: *mut LargeHead, f: &mut dyn FnMut(&Header)) {
        let mut large = self.large.get();
        while !large.is_null() && large != until {
            // SAFETY: the list holds live blocks; objects among them carry the LARGE flag behind the head (raw blocks
            // are never in this list: they have a list of their own kind in `raw`).
            unsafe {
                let next = (*large).next;
                f(&*large.add(1).cast::<Header>());
                large = next;
            }
        }
    }

    /// Makes the chunks read only, or writable again.
    pub(crate) fn protect(&self, on: bool) {
        let access = if on { libc::PROT_READ } else { libc::PROT_READ | libc::PROT_WRITE };
        for area in [&self.objects, &self.raw] {
            for chunk in area.chunks.borrow().iter() {
                // SAFETY: the chunk is mapped and this heap's alone.
                unsafe { libc::mprotect(chunk.as_ptr().cast(), CHUNK, access) };
            }
        }
    }

    /// The heap that owns a mortal object.
    ///
    /// # Safety
    /// `header` is the header of a live mortal object.
    #[inline(always)]
    unsafe fn of_object<'a>(header: *const Header) -> &'a Heap {
        // SAFETY: large blocks have their heap in front; others lie in a chunk whose head has it.
        unsafe {
            if (*header).has(flag::LARGE) {
                &*(*header.cast::<LargeHead>().sub(1)).heap
            } else {
                &*(*((header as usize & !(CHUNK - 1)) as *const Chunk)).heap
            }
        }
    }

    /// Remembers that an object may hold something outside of the heap, for [`Heap::teardown`].
    #[inline(always)]
    pub(crate) fn note_resource(&self, header: NonNull<Header>) {
        // SAFETY: a block that is not large lies in a chunk, whose head is at its start.
        unsafe {
            if !header.as_ref().has(flag::LARGE) {
                (*((header.as_ptr() as usize & !(CHUNK - 1)) as *const Chunk)).resources.set(true);
            }
        }
    }
}

/// Where a heap ended at some moment.
pub(crate) struct HeapMark {
    n_chunks: usize,
    bump: usize,
    large: *mut LargeHead,
}

/// Objects that may form cycles before the first collection.
pub(crate) const FIRST_COLLECTION: isize = 20_000;

/// The heap of a mortal object.
///
/// # Safety
/// The object is alive and mortal.
pub(crate) unsafe fn heap_of(header: &Header) -> &Heap {
    // SAFETY: the caller's promise.
    unsafe { Heap::of_object(header) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_cover_sizes() {
        for size in 1..=MAX_SMALL {
            let class = class_of(size);
            assert!(class < N_CLASSES && class_size(class) >= size, "{size}");
            assert!(class == 0 || class_size(class - 1) < size, "{size}");
        }
    }
}
