//! The primitives this crate's waiting is built on: std's atomics and thread parking, parking_lot's mutex.
//!
//! `model/sync.rs` offers the same names over loom. What waits imports from `super::sync` (or deeper) only, so that
//! the test build compiles the same text over loom as well.

use crossbeam_utils::Backoff;
pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Instant;

/// A mutex that is never poisoned.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> impl std::ops::DerefMut<Target = T> + '_ {
        self.0.lock()
    }
}

/// Puts the thread that made it to sleep.
#[derive(Debug)]
pub(crate) struct Parker(std::thread::Thread);

impl Parker {
    pub(crate) fn new() -> Self {
        Self(std::thread::current())
    }

    /// Parks until unparked, until `until`, or for no reason. False if `until` has passed.
    pub(crate) fn park(&self, until: Option<Instant>) -> bool {
        match until {
            None => std::thread::park(),
            Some(until) => match until.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => std::thread::park_timeout(left),
                _ => return false,
            },
        }
        true
    }

    pub(crate) fn unpark(&self) {
        self.0.unpark();
    }
}

/// Tries `attempt` for some microseconds, about what it costs to be woken, with growing pauses.
pub(crate) fn spin<R>(mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
    let backoff = Backoff::new();
    loop {
        if let Some(result) = attempt() {
            return Some(result);
        }
        if backoff.is_completed() {
            return None;
        }
        backoff.snooze();
    }
}
