//! Memory of a heap that outlives it, because others still look at it.
//!
//! A dying heap gives chunks and blocks that hold a range on its list to a [`Keeper`] instead of back; the keeper frees each
//! when no range in it is needed any more.
//!
//! Invariant: nobody but those others touches a kept piece.
#![expect(unsafe_code, reason = "frees memory by address")]

use super::ChunkPool;
use super::chunk::{CHUNK, Chunk};
use hashbrown::HashSet;
use std::alloc::Layout;
use std::fmt;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

/// A range of addresses: the first byte, and how many.
pub type Range = (usize, usize);

/// Keeps pieces of a heap that is gone.
pub struct Keeper {
    pool: Arc<ChunkPool>,
    pieces: Mutex<Vec<Piece>>,
}

/// What a dying heap has handed over.
enum Piece {
    /// A chunk, and how much of it was touched.
    Chunk { at: usize, used: usize },
    /// A block of its own.
    Block { at: usize, size: usize },
    /// A piece that another keeper keeps.
    Held { at: usize, size: usize, _by: Arc<Keeper> },
}

impl Piece {
    fn holds(&self, range: &Range) -> bool {
        let (at, size) = match *self {
            Piece::Chunk { at, .. } => (at, CHUNK),
            Piece::Block { at, size } | Piece::Held { at, size, .. } => (at, size),
        };
        (at..at + size).contains(&range.0)
    }

    fn free(self, pool: &ChunkPool) {
        match self {
            Piece::Chunk { at, used } => {
                if let Some(chunk) = NonNull::new(at as *mut Chunk) {
                    pool.give(chunk, used);
                }
            }
            // SAFETY: allocated with this size and alignment by the heap, and in nobody's hands.
            Piece::Block { at, size } => unsafe {
                std::alloc::dealloc(at as *mut u8, Layout::from_size_align_unchecked(size, 16));
            },
            Piece::Held { .. } => {}
        }
    }
}

impl Keeper {
    pub(super) fn new(pool: Arc<ChunkPool>) -> Arc<Keeper> {
        Arc::new(Keeper { pool, pieces: Mutex::default() })
    }

    pub(super) fn keep_chunk(&self, chunk: NonNull<Chunk>, used: usize) {
        self.push(Piece::Chunk { at: chunk.as_ptr() as usize, used });
    }

    pub(super) fn keep_block(&self, at: *mut u8, size: usize) {
        self.push(Piece::Block { at: at as usize, size });
    }

    /// Has a piece that `by` keeps stay for as long as this keeper needs it.
    pub(super) fn hold(&self, at: usize, size: usize, by: Arc<Keeper>) {
        self.push(Piece::Held { at, size, _by: by });
    }

    fn push(&self, piece: Piece) {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
    }

    /// Frees what holds none of `ranges`.
    pub fn retain(&self, ranges: &[Range]) {
        let mut pieces = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        let (keep, free): (Vec<Piece>, Vec<Piece>) =
            pieces.drain(..).partition(|piece| ranges.iter().any(|range| piece.holds(range)));
        *pieces = keep;
        drop(pieces);
        free.into_iter().for_each(|piece| piece.free(&self.pool));
    }

    /// Makes the chunks that it keeps read only, or writable again.
    pub(crate) fn protect(&self, on: bool) {
        let access = if on { libc::PROT_READ } else { libc::PROT_READ | libc::PROT_WRITE };
        for piece in self.pieces.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if let Piece::Chunk { at, .. } = piece {
                // SAFETY: the chunk is mapped, and kept.
                unsafe { libc::mprotect(*at as *mut libc::c_void, CHUNK, access) };
            }
        }
    }

    /// How many pieces it keeps.
    pub fn n_pieces(&self) -> usize {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.retain(&[]);
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("n_pieces", &self.n_pieces()).finish_non_exhaustive()
    }
}

/// Memory of frozen objects, which a dying heap must not free: the blocks of their own among it, and who keeps it. Chunks
/// have a mark.
pub(super) struct Frozen {
    pub(super) blocks: HashSet<usize>,
    pub(super) keeper: Arc<Keeper>,
}

impl Frozen {
    pub(super) fn new(pool: Arc<ChunkPool>) -> Frozen {
        Frozen { blocks: HashSet::new(), keeper: Keeper::new(pool) }
    }
}

/// What a dying heap must not free.
pub(super) struct Lent {
    pub(super) ranges: Vec<Range>,
    pub(super) keeper: Arc<Keeper>,
}

impl Lent {
    /// Whether the block holds a range.
    pub(super) fn holds(&self, at: usize, size: usize) -> bool {
        self.ranges.iter().any(|range| (at..at + size).contains(&range.0))
    }
}
