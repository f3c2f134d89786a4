//! The line behind the heir: a fair mutex whose owner is the lock's first waiter.
//!
//! Ownership is always handed to the thread that has waited longest; nobody can barge in while somebody waits. It is
//! off the lock's fast path: only threads that must wait anyway come here.
//!
//! | word | meaning |
//! | --- | --- |
//! | 0 | there is no heir |
//! | `TAKEN` | there is an heir, nobody behind it |
//! | `TAKEN + WAITING` | there is an heir, threads are parked behind it |
//!
//! `WAITING` is set by who is about to park, and recomputed with the park queue locked by who leaves it.

use super::sync::{AtomicU32, Ordering, ParkSpot, Woken};
use std::time::Instant;

const TAKEN: u32 = 1;
const WAITING: u32 = 2;

#[derive(Debug)]
pub(crate) struct Line {
    word: AtomicU32,
    spot: ParkSpot,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self { word: AtomicU32::new(0), spot: ParkSpot::new() }
    }

    /// Waits to become the heir. False if `until` came first.
    pub(crate) fn enter(&self, until: Option<Instant>) -> bool {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let next = if word == 0 { TAKEN } else { TAKEN | WAITING };
            if word != next
                && let Err(now) = self.word.compare_exchange(word, next, Ordering::Acquire, Ordering::Relaxed)
            {
                word = now;
                continue;
            }
            if word == 0 {
                return true;
            }
            let woken = self.spot.park(
                || self.word.load(Ordering::Relaxed) == TAKEN | WAITING,
                |was_last| {
                    if was_last {
                        self.word.fetch_and(!WAITING, Ordering::Relaxed);
                    }
                },
                until,
            );
            match woken {
                Woken::Unparked => {
                    // The owner handed over; this load pairs with its store.
                    self.word.load(Ordering::Acquire);
                    return true;
                }
                Woken::TimedOut => return false,
                Woken::Invalid => word = self.word.load(Ordering::Relaxed),
            }
        }
    }

    /// Forgets everybody, in the child of a `fork`.
    pub(crate) fn after_fork(&self) {
        let mut waits = true;
        while waits {
            self.spot.unpark_one(|found| waits = found.any);
        }
        self.word.store(0, Ordering::Relaxed);
    }

    /// Hands on to the next in line, if there is one. Only the heir may call this.
    pub(crate) fn leave(&self) {
        if self.word.compare_exchange(TAKEN, 0, Ordering::Release, Ordering::Relaxed).is_ok() {
            return;
        }
        self.spot.unpark_one(|found| {
            let next = match (found.any, found.more) {
                (false, _) => 0,
                (true, false) => TAKEN,
                (true, true) => TAKEN | WAITING,
            };
            self.word.store(next, Ordering::Release);
        });
    }
}
