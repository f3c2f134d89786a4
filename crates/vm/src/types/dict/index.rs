//! The index of a dict: an open-addressing table from hashes to entry numbers, one, two or four bytes each.
//!
//! The probe sequence is CPython's: integers that follow each other lie beside each other, and all bits of the hash count
//! in the end.
//!
//! Invariant: at least a third of the slots is empty; entry numbers are below the number of slots that are not.
#![expect(unsafe_code, reason = "slots of several widths in one block")]

use crate::heap::{HVec, HeapAlloc};

const PERTURB_SHIFT: u32 = 5;
const EMPTY: usize = u32::MAX as usize;
const REMOVED: usize = u32::MAX as usize - 1;

/// Bytes of a slot, as a power of two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    One,
    Two,
    Four,
}

/// The index.
pub(super) struct Index {
    /// Slots, narrow ones packed; aligned to 16 by the heap.
    bytes: HVec<u8>,
    mask: usize,
    width: Width,
    /// Slots that are not empty.
    fill: usize,
}

/// The slots that a hash may be in, in order.
struct Probes {
    at: usize,
    perturb: u64,
    mask: usize,
}

impl Probes {
    #[inline(always)]
    fn next(&mut self) {
        self.perturb >>= PERTURB_SHIFT;
        self.at = self.at.wrapping_mul(5).wrapping_add(self.perturb as usize).wrapping_add(1) & self.mask;
    }
}

impl Index {
    /// An index with room for `n` entries.
    pub(super) fn with_room(n: usize, alloc: HeapAlloc) -> Index {
        let slots = (n + n / 2 + 1).next_power_of_two().max(16);
        let (width, size) = match slots {
            0..=256 => (Width::One, 1),
            257..=0x1_0000 => (Width::Two, 2),
            _ => (Width::Four, 4),
        };
        let mut bytes = HVec::with_capacity_in(slots * size, alloc);
        bytes.resize(slots * size, u8::MAX);
        Index { bytes, mask: slots - 1, width, fill: 0 }
    }

    /// The same index in storage of its own.
    pub(super) fn copy(&self, alloc: HeapAlloc) -> Index {
        let mut bytes = HVec::with_capacity_in(self.bytes.len(), alloc);
        bytes.extend_from_slice(&self.bytes);
        Index { bytes, mask: self.mask, width: self.width, fill: self.fill }
    }

    /// The same index in the same storage, which the copy must neither write nor drop.
    pub(super) fn borrowed(&self, alloc: HeapAlloc) -> Index {
        let (at, len) = (self.bytes.as_ptr().cast_mut(), self.bytes.len());
        // SAFETY: the storage is the image's, which is never freed; the caller's promise for the rest.
        let bytes = unsafe { HVec::from_raw_parts_in(at, len, self.bytes.capacity(), alloc) };
        Index { bytes, mask: self.mask, width: self.width, fill: self.fill }
    }

    /// Where its storage lies, and how many bytes of it there are.
    pub(super) fn storage(&self) -> (usize, usize) {
        (self.bytes.as_ptr().addr(), self.bytes.capacity())
    }

    /// Bytes of storage.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Whether another entry fits.
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        (self.fill + 1) * 3 <= (self.mask + 1) * 2
    }

    #[inline(always)]
    fn probes(&self, hash: u64) -> Probes {
        Probes { at: hash as usize & self.mask, perturb: hash, mask: self.mask }
    }

    /// What slot `i` holds; `i` is at most the mask.
    #[inline(always)]
    fn get(&self, i: usize) -> usize {
        debug_assert!(i <= self.mask);
        // SAFETY: the block holds `mask + 1` slots of this width, and is aligned to it.
        unsafe {
            match self.width {
                Width::One => match *self.bytes.as_ptr().add(i) {
                    u8::MAX => EMPTY,
                    254 => REMOVED,
                    n => n as usize,
                },
                Width::Two => match *self.bytes.as_ptr().cast::<u16>().add(i) {
                    u16::MAX => EMPTY,
                    0xfffe => REMOVED,
                    n => n as usize,
                },
                Width::Four => *self.bytes.as_ptr().cast::<u32>().add(i) as usize,
            }
        }
    }

    #[inline(always)]
    fn set(&mut self, i: usize, n: usize) {
        debug_assert!(i <= self.mask);
        // SAFETY: as in `get`. The marks are the largest numbers of each width, so that cutting them off keeps them.
        unsafe {
            match self.width {
                Width::One => *self.bytes.as_mut_ptr().add(i) = n as u8,
                Width::Two => *self.bytes.as_mut_ptr().cast::<u16>().add(i) = n as u16,
                Width::Four => *self.bytes.as_mut_ptr().cast::<u32>().add(i) = n as u32,
            }
        }
    }

    /// The first entry number under the hash for which `matches` holds.
    #[inline(always)]
    pub(super) fn find(&self, hash: u64, mut matches: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut probes = self.probes(hash);
        loop {
            match self.get(probes.at) {
                EMPTY => return None,
                REMOVED => {}
                n if matches(n) => return Some(n),
                _ => {}
            }
            probes.next();
        }
    }

    /// Counts `n` entries as present, holes included, so that no entry number exceeds the count.
    pub(super) fn count_entries(&mut self, n: usize) {
        self.fill = self.fill.max(n);
    }

    /// Adds an entry number; there is room.
    #[inline(always)]
    pub(super) fn insert(&mut self, hash: u64, n: usize) {
        let mut probes = self.probes(hash);
        loop {
            match self.get(probes.at) {
                EMPTY => {
                    self.fill += 1;
                    break;
                }
                REMOVED => break,
                _ => probes.next(),
            }
        }
        self.set(probes.at, n);
    }

    /// Removes an entry number.
    pub(super) fn remove(&mut self, hash: u64, n: usize) {
        let mut probes = self.probes(hash);
        loop {
            match self.get(probes.at) {
                EMPTY => return,
                found if found == n => break,
                _ => probes.next(),
            }
        }
        self.set(probes.at, REMOVED);
    }
}
