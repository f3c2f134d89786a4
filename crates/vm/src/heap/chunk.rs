//! 64 KiB chunks, aligned to their size, and the process-wide pool that heaps take them from.
//!
//! Chunks are cut from larger anonymous mappings. A returned chunk stays warm while few are waiting; beyond that its
//! pages go back to the system.
#![expect(unsafe_code, reason = "memory mapping")]

use super::Heap;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// Bytes of a chunk, and its alignment.
pub(super) const CHUNK: usize = 64 * 1024;
/// Bytes in front of the first block.
pub(super) const CHUNK_HEAD: usize = 64;
/// Chunks mapped at once.
const BATCH: usize = 64;
/// Returned chunks that keep their pages.
const MAX_WARM: usize = 64;

/// The head of a chunk.
#[repr(C)]
pub(super) struct Chunk {
    pub(super) heap: *const Heap,
}

/// Chunks for the heaps of all interpreters of a runtime.
#[derive(Default)]
pub struct ChunkPool {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Returned with their pages.
    warm: Vec<usize>,
    /// Without pages.
    cold: Vec<usize>,
    n_mapped: usize,
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

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self, heap: &Heap) -> NonNull<Chunk> {
        let mut state = self.lock();
        let address = match state.warm.pop().or_else(|| state.cold.pop()) {
            Some(address) => address,
            None => {
                let base = map(BATCH);
                state.n_mapped += BATCH;
                state.cold.extend((1..BATCH).rev().map(|i| base + i * CHUNK));
                base
            }
        };
        drop(state);
        let chunk = address as *mut Chunk;
        // SAFETY: the chunk is mapped, writable and in nobody's hands.
        unsafe {
            chunk.write(Chunk { heap });
            NonNull::new_unchecked(chunk)
        }
    }

    /// Takes a chunk back of which the first `used` bytes were touched.
    pub(super) fn give(&self, chunk: NonNull<Chunk>, used: usize) {
        let address = chunk.as_ptr() as usize;
        let mut state = self.lock();
        if state.warm.len() < MAX_WARM {
            state.warm.push(address);
            return;
        }
        drop(state);
        // SAFETY: the chunk is unused; its pages read as zero afterwards.
        unsafe { libc::madvise(address as *mut libc::c_void, used.next_multiple_of(4096), libc::MADV_DONTNEED) };
        self.lock().cold.push(address);
    }
}

/// Maps `n` chunks; mappings are never returned, their pages are.
fn map(n: usize) -> usize {
    let size = (n + 1) * CHUNK;
    // SAFETY: a fresh anonymous mapping.
    let at = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if at == libc::MAP_FAILED {
        std::alloc::handle_alloc_error(std::alloc::Layout::new::<[u8; CHUNK]>());
    }
    (at as usize).next_multiple_of(CHUNK)
}
