//! Copies in and out of memory that other threads may write meanwhile: relaxed atomic words, bytes at the edges.
#![expect(unsafe_code, reason = "the memory is reached by raw pointers")]

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

const WORD: usize = size_of::<u64>();

/// How many single bytes precede the first aligned word.
fn n_edge(at: *const u8, len: usize) -> usize {
    at.align_offset(WORD).min(len)
}

/// Copies `out.len()` bytes from `from`.
///
/// # Safety
/// `from` must be valid for reads and writes of that many bytes, or at least for reads if nobody writes; whoever writes
/// concurrently must do so atomically, or accept torn values.
pub(super) unsafe fn load(from: *mut u8, out: &mut [u8]) {
    let (edge, rest) = out.split_at_mut(n_edge(from, out.len()));
    // SAFETY: within the range the caller vouches for.
    unsafe { load_bytes(from, edge) };
    // SAFETY: as above; `edge` is at most the length.
    let from = unsafe { from.add(edge.len()) };
    let mut words = rest.chunks_exact_mut(WORD);
    let mut at = from;
    for word in &mut words {
        // SAFETY: within the range, and aligned: the edge ended at a word's boundary.
        let value = unsafe { AtomicU64::from_ptr(at.cast()) }.load(Ordering::Relaxed);
        word.copy_from_slice(&value.to_ne_bytes());
        // SAFETY: at most the end of the range.
        at = unsafe { at.add(WORD) };
    }
    // SAFETY: what remains of the range.
    unsafe { load_bytes(at, words.into_remainder()) };
}

/// Copies `bytes` to `to`.
///
/// # Safety
/// `to` must be valid for reads and writes of that many bytes; others may access them only as `load` says.
pub(super) unsafe fn store(to: *mut u8, bytes: &[u8]) {
    let (edge, rest) = bytes.split_at(n_edge(to, bytes.len()));
    // SAFETY: within the range the caller vouches for.
    unsafe { store_bytes(to, edge) };
    // SAFETY: as above; `edge` is at most the length.
    let to = unsafe { to.add(edge.len()) };
    let (words, tail) = rest.as_chunks::<WORD>();
    let mut at = to;
    for word in words {
        // SAFETY: within the range, and aligned: the edge ended at a word's boundary.
        unsafe { AtomicU64::from_ptr(at.cast()) }.store(u64::from_ne_bytes(*word), Ordering::Relaxed);
        // SAFETY: at most the end of the range.
        at = unsafe { at.add(WORD) };
    }
    // SAFETY: what remains of the range.
    unsafe { store_bytes(at, tail) };
}

/// # Safety
/// As `load`.
unsafe fn load_bytes(from: *mut u8, out: &mut [u8]) {
    for (idx, byte) in out.iter_mut().enumerate() {
        // SAFETY: within the range the caller vouches for.
        *byte = unsafe { AtomicU8::from_ptr(from.add(idx)) }.load(Ordering::Relaxed);
    }
}

/// # Safety
/// As `store`.
unsafe fn store_bytes(to: *mut u8, bytes: &[u8]) {
    for (idx, byte) in bytes.iter().enumerate() {
        // SAFETY: within the range the caller vouches for.
        unsafe { AtomicU8::from_ptr(to.add(idx)) }.store(*byte, Ordering::Relaxed);
    }
}
