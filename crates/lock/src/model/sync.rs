//! The names of `crate::sync` over loom. Parking is a queue under a loom mutex, with a condition variable per sleeper.

pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
pub(crate) use loom::sync::{Arc, Mutex};
use loom::sync::{Condvar, atomic::AtomicBool};
use std::collections::VecDeque;
use std::time::Instant;

/// No spinning: it would only multiply the interleavings.
pub(crate) fn n_spins() -> u32 {
    0
}

pub(crate) fn spin_hint() {
    loom::thread::yield_now();
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Woken {
    Unparked,
    Invalid,
    TimedOut,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Unparked {
    pub(crate) any: bool,
    pub(crate) more: bool,
}

#[derive(Debug)]
struct Sleeper {
    chosen: AtomicBool,
    wake: Condvar,
}

#[derive(Debug)]
pub(crate) struct ParkSpot(Mutex<VecDeque<Arc<Sleeper>>>);

impl ParkSpot {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// A park with a limit ends at once: loom has no time, and whoever came before has already changed the state.
    pub(crate) fn park(
        &self,
        validate: impl FnOnce() -> bool,
        on_timeout: impl FnOnce(bool),
        until: Option<Instant>,
    ) -> Woken {
        let mut queue = self.0.lock().unwrap();
        if !validate() {
            return Woken::Invalid;
        }
        if until.is_some() {
            on_timeout(queue.is_empty());
            return Woken::TimedOut;
        }
        let sleeper = Arc::new(Sleeper { chosen: AtomicBool::new(false), wake: Condvar::new() });
        queue.push_back(sleeper.clone());
        while !sleeper.chosen.load(Ordering::Relaxed) {
            queue = sleeper.wake.wait(queue).unwrap();
        }
        Woken::Unparked
    }

    pub(crate) fn unpark_one(&self, then: impl FnOnce(Unparked)) {
        let mut queue = self.0.lock().unwrap();
        let sleeper = queue.pop_front();
        then(Unparked { any: sleeper.is_some(), more: !queue.is_empty() });
        if let Some(sleeper) = sleeper {
            sleeper.chosen.store(true, Ordering::Relaxed);
            sleeper.wake.notify_one();
        }
    }
}
