//! 64 KiB chunks, aligned to their size, and the process-wide pool that heaps and thread states take them from.
//!
//! Chunks are cut from larger anonymous mappings. A returned chunk keeps its pages ("warm") while what waits is little
//! beside what is in use; beyond that its pages go back to the system ("cold"), so that an emptied process is small again.
//!
//! Invariant: cold chunks read as zero. Warm chunks hold anything, but for those of value stacks, which have a list of
//! their own: their words hold no references, and a stack may begin on them as they are.
#![expect(unsafe_code, reason = "memory mapping")]

use super::Heap;
use std::cell::Cell;
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// Bytes of a chunk, and its alignment.
pub(crate) const CHUNK: usize = 64 * 1024;
/// Bytes in front of the first block.
pub(super) const CHUNK_HEAD: usize = 64;
/// Chunks mapped at once.
const BATCH: usize = 64;
/// Bytes of a page of the system.
const PAGE: usize = 4096;
/// Warm pages that may wait, however little is in use: 256 KiB.
const MIN_WARM: usize = 64;
/// Warm pages that may wait, however much is in use: 64 MiB.
const MAX_WARM: usize = 16 * 1024;

/// The head of a chunk.
#[repr(C)]
pub(super) struct Chunk {
    pub(super) heap: *const Heap,
    /// Objects in it may hold resources outside of the heap: the end of the heap has to look.
    pub(super) resources: Cell<bool>,
    /// Frozen objects or their storage lie in it: it outlives its heap.
    pub(super) frozen: Cell<bool>,
    /// Pages that were touched when a heap had it before.
    n_pages: u32,
}

/// Chunks for the heaps of all interpreters of a runtime.
#[derive(Default)]
pub struct ChunkPool {
    state: Mutex<State>,
}

/// A returned chunk, and how many of its pages were touched.
#[derive(Clone, Copy)]
struct Warm {
    address: usize,
    n_pages: usize,
}

#[derive(Default)]
struct State {
    /// Returned by heaps, with their pages.
    warm: VecDeque<Warm>,
    /// Returned by thread states, with their pages.
    stacks: VecDeque<Warm>,
    /// Without pages.
    cold: Vec<usize>,
    n_mapped: usize,
    n_used: usize,
    n_warm_pages: usize,
}

impl State {
    /// A chunk that reads as zero.
    fn fresh(&mut self) -> usize {
        self.cold.pop().unwrap_or_else(|| {
            let base = map(BATCH);
            self.n_mapped += BATCH;
            self.cold.extend((1..BATCH).rev().map(|i| base + i * CHUNK));
            base
        })
    }

    fn keep(&mut self, chunk: Warm, stack: bool) {
        self.n_used -= 1;
        self.n_warm_pages += chunk.n_pages;
        let list = if stack { &mut self.stacks } else { &mut self.warm };
        list.push_back(chunk);
        // A page for each chunk in use: what waits is small beside what lives.
        let allowed = self.n_used.clamp(MIN_WARM, MAX_WARM);
        while self.n_warm_pages > allowed {
            let list = if self.stacks.len() > self.warm.len() { &mut self.stacks } else { &mut self.warm };
            // The longest unused goes first.
            let Some(oldest) = list.pop_front() else { break };
            self.n_warm_pages -= oldest.n_pages;
            release(oldest);
            self.cold.push(oldest.address);
        }
        if self.n_used == 0 && self.cold.capacity() > 4 * BATCH {
            self.cold.shrink_to(self.cold.len());
        }
    }
}

impl ChunkPool {
    /// An empty pool.
    pub fn new() -> ChunkPool {
        ChunkPool::default()
    }

    /// Bytes of address space mapped so far.
    pub fn mapped(&self) -> usize {
        self.lock().n_mapped * CHUNK
    }

    /// Chunks in use.
    pub fn n_used(&self) -> usize {
        self.lock().n_used
    }

    /// Bytes of returned chunks that have not gone back to the system.
    pub fn warm_bytes(&self) -> usize {
        self.lock().n_warm_pages * PAGE
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self, heap: &Heap) -> NonNull<Chunk> {
        let mut state = self.lock();
        state.n_used += 1;
        let warm = match state.warm.pop_back() {
            Some(warm) => {
                state.n_warm_pages -= warm.n_pages;
                warm
            }
            None => Warm { address: state.fresh(), n_pages: 0 },
        };
        drop(state);
        let chunk = warm.address as *mut Chunk;
        // SAFETY: the chunk is mapped, writable and in nobody's hands.
        unsafe {
            chunk.write(Chunk {
                heap,
                resources: Cell::new(false),
                frozen: Cell::new(false),
                n_pages: warm.n_pages as u32,
            });
            NonNull::new_unchecked(chunk)
        }
    }

    /// Takes a chunk back of which the first `used` bytes were touched.
    pub(super) fn give(&self, chunk: NonNull<Chunk>, used: usize) {
        // SAFETY: the chunk has its head until it is given to another heap.
        let before = unsafe { chunk.as_ref() }.n_pages as usize;
        let warm = Warm { address: chunk.as_ptr() as usize, n_pages: used.div_ceil(PAGE).max(before) };
        self.lock().keep(warm, false);
    }

    /// A chunk for a value stack: no word in it is a reference.
    pub(crate) fn take_stack(&self) -> NonNull<u64> {
        let mut state = self.lock();
        state.n_used += 1;
        let address = match state.stacks.pop_back() {
            Some(warm) => {
                state.n_warm_pages -= warm.n_pages;
                warm.address
            }
            None => state.fresh(),
        };
        drop(state);
        // SAFETY: chunks are not at address zero.
        unsafe { NonNull::new_unchecked(address as *mut u64) }
    }

    /// Takes the chunk of a value stack back. `clean`: no word in it is a reference.
    pub(crate) fn give_stack(&self, chunk: NonNull<u64>, clean: bool) {
        // How deep it went nobody knows; usually one page of registers and one of frames.
        let warm = Warm { address: chunk.as_ptr() as usize, n_pages: 2 };
        self.lock().keep(warm, clean);
    }
}

/// Gives the pages of a chunk back to the system.
fn release(chunk: Warm) {
    // SAFETY: the chunk is unused; its pages read as zero afterwards.
    unsafe { libc::madvise(chunk.address as *mut libc::c_void, CHUNK, libc::MADV_DONTNEED) };
}

/// Maps `n` chunks; mappings are never returned, their pages are.
fn map(n: usize) -> usize {
    let size = (n + 1) * CHUNK;
    // SAFETY: a fresh anonymous mapping. Huge pages would make every small heap a large one.
    let at = unsafe {
        let at = libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        );
        if at != libc::MAP_FAILED {
            libc::madvise(at, size, libc::MADV_NOHUGEPAGE);
        }
        at
    };
    if at == libc::MAP_FAILED {
        std::alloc::handle_alloc_error(std::alloc::Layout::new::<[u8; CHUNK]>());
    }
    (at as usize).next_multiple_of(CHUNK)
}
