//! The interpreters of a runtime by their ids.
//!
//! The table is split by id, so that threads that create, find and close interpreters seldom meet: ids are given out in
//! turn, and neighbours lie in different parts. Finding one costs the same at any number of them.
//!
//! Invariant: it holds handles, no Python objects. No lock is held while a handle is dropped.

use crate::interpreter::Interpreter;
use crossbeam_utils::CachePadded;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const N_PARTS: usize = 64;
/// A part that has shrunk to a quarter of its room gives the rest back, if it is at least that many.
const MIN_SHRINK: usize = 64;
/// Interpreters in part 0 below which it is not worth giving memory back.
const MIN_TRIM: usize = 3;

/// Ids are their own hash: they are counted up. The top bits, which the table looks at too, are mixed in.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are i64");
    }

    fn write_i64(&mut self, id: i64) {
        self.0 = (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}

type Part = HashMap<i64, Arc<Interpreter>, BuildHasherDefault<IdHasher>>;

/// The interpreters of a runtime.
pub(crate) struct Registry {
    parts: Box<[CachePadded<RwLock<Part>>]>,
    /// The most interpreters that part 0 has had since memory was last given back.
    peak: AtomicUsize,
}

/// The process's allocator keeps what is freed; it is asked to give it back whenever the number of interpreters has
/// halved. It costs what a hundredth of closing them did.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "a function of the C library")]
fn trim_process() {
    // SAFETY: it has no preconditions.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(target_env = "gnu"))]
fn trim_process() {}

impl Default for Registry {
    fn default() -> Registry {
        Registry { parts: (0..N_PARTS).map(|_| CachePadded::default()).collect(), peak: AtomicUsize::new(0) }
    }
}

impl Registry {
    fn part(&self, id: i64) -> &RwLock<Part> {
        &self.parts[id as usize % N_PARTS]
    }

    pub(crate) fn add(&self, id: i64, interpreter: Arc<Interpreter>) {
        let mut part = self.part(id).write();
        part.insert(id, interpreter);
        if (id as usize).is_multiple_of(N_PARTS) {
            self.peak.fetch_max(part.len(), Ordering::Relaxed);
        }
    }

    pub(crate) fn get(&self, id: i64) -> Option<Arc<Interpreter>> {
        self.part(id).read().get(&id).cloned()
    }

    pub(crate) fn remove(&self, id: i64) {
        let mut part = self.part(id).write();
        let removed = part.remove(&id);
        let trim = (id as usize).is_multiple_of(N_PARTS) && self.has_halved(part.len());
        if part.capacity() > MIN_SHRINK && part.len() < part.capacity() / 4 {
            let room = part.capacity() / 2;
            part.shrink_to(room);
        }
        drop(part);
        drop(removed);
        if trim {
            trim_process();
        }
    }

    /// Whether there are half as many interpreters as at the most, judged by part 0, of which `n` are left. Counts anew
    /// from then on.
    fn has_halved(&self, n: usize) -> bool {
        let peak = self.peak.load(Ordering::Relaxed);
        let halved = peak >= MIN_TRIM && n <= peak / 2;
        if halved {
            self.peak.store(n, Ordering::Relaxed);
        }
        halved
    }

    /// In the child of a `fork`: forgets all others, whose threads are not there any more, with the memory they have.
    pub(crate) fn keep_only(&self, id: i64) {
        for part in &self.parts {
            let mut part = part.write();
            for (other, interpreter) in std::mem::take(&mut *part) {
                if other == id {
                    part.insert(other, interpreter);
                } else {
                    std::mem::forget(interpreter);
                }
            }
        }
    }

    /// All of them, in order of creation.
    pub(crate) fn list(&self) -> Vec<Arc<Interpreter>> {
        let mut all: Vec<_> = self.parts.iter().flat_map(|p| p.read().values().cloned().collect::<Vec<_>>()).collect();
        all.sort_unstable_by_key(|i| i.id());
        all
    }
}
