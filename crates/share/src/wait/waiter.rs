//! One thread's one wait: a word that gets its outcome exactly once.
//!
//! | from | to | by |
//! | --- | --- | --- |
//! | `WAITING` | `NOTIFIED` | whoever makes true what the thread waits for |
//! | `WAITING` | `DROPPED` | whoever gives up what the thread waits for |
//! | `WAITING` | `INTERRUPTED` | the thread itself, when its [`Interrupt`](super::Interrupt) is raised or its alarm says so |
//! | `WAITING` | `TIMED_OUT` | the thread itself |
//!
//! The first to change the word decides; the others learn that they came too late. So a notification is never spent on
//! a thread that leaves for another reason: who fails to claim one waiter claims the next.

use super::super::sync::{Arc, AtomicU32, Ordering, Parker};
use std::time::Instant;

const WAITING: u32 = 0;

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum Outcome {
    Notified = 1,
    Dropped = 2,
    Interrupted = 3,
    TimedOut = 4,
}

#[derive(Debug)]
pub(crate) struct Waiter {
    word: AtomicU32,
    parker: Parker,
}

impl Waiter {
    /// A wait of the current thread.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { word: AtomicU32::new(WAITING), parker: Parker::new() })
    }

    /// Decides the outcome. False if it was decided before. The caller then wakes the thread.
    #[must_use]
    pub(crate) fn claim(&self, outcome: Outcome) -> bool {
        let outcome = outcome as u32;
        self.word.compare_exchange(WAITING, outcome, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    pub(crate) fn wake(&self) {
        self.parker.unpark();
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(match self.word.load(Ordering::Acquire) {
            WAITING => return None,
            1 => Outcome::Notified,
            2 => Outcome::Dropped,
            3 => Outcome::Interrupted,
            _ => Outcome::TimedOut,
        })
    }

    /// Whether the outcome is decided.
    #[inline]
    pub(crate) fn is_decided(&self) -> bool {
        self.word.load(Ordering::Acquire) != WAITING
    }

    /// Parks until the outcome is decided; at `until` decides it itself. `None`, and nothing is decided, when `is_over`
    /// says so: it is asked before each park.
    pub(crate) fn sleep(&self, until: Option<Instant>, is_over: impl Fn() -> bool) -> Option<Outcome> {
        loop {
            if let Some(outcome) = self.outcome() {
                return Some(outcome);
            }
            if is_over() {
                return None;
            }
            if !self.parker.park(until) && self.claim(Outcome::TimedOut) {
                return Some(Outcome::TimedOut);
            }
        }
    }
}
