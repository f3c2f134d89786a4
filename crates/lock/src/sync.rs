//! The primitives this crate is built on: std's atomics and mutex, parking_lot_core's parking.
//!
//! `model/sync.rs` offers the same names over loom. The state machines import from `super::sync` only, never from
//! std or parking_lot_core, so that both builds compile the same text.
#![expect(unsafe_code, reason = "parking_lot_core's park and unpark are unsafe functions")]

use parking_lot_core as plc;
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
pub(crate) use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Turns of the spin loop before a thread parks: a few microseconds, less than a wake-up costs.
#[inline]
pub(crate) const fn n_spins() -> u32 {
    60
}

/// Tells the processor that this is a spin loop.
#[inline]
pub(crate) fn spin_hint() {
    std::hint::spin_loop();
}

/// How a park ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Woken {
    /// An unparking thread chose this one.
    Unparked,
    /// The condition to sleep did not hold.
    Invalid,
    /// The time was over.
    TimedOut,
}

/// What an unparking thread found in the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unparked {
    /// A thread was taken from the queue and will be woken.
    pub(crate) any: bool,
    /// Others remain in the queue.
    pub(crate) more: bool,
}

/// A place where threads sleep in order of arrival. Its address is its identity.
#[derive(Debug)]
pub(crate) struct ParkSpot(u8);

impl ParkSpot {
    pub(crate) const fn new() -> Self {
        Self(0)
    }

    fn key(&self) -> usize {
        std::ptr::from_ref(&self.0).addr()
    }

    /// Sleeps until unparked or `until`, if `validate` holds once the queue is locked. `on_timeout` runs with the
    /// queue locked and is told whether the queue is now empty. Neither closure may panic or park.
    pub(crate) fn park(
        &self,
        validate: impl FnOnce() -> bool,
        on_timeout: impl FnOnce(bool),
        until: Option<Instant>,
    ) -> Woken {
        // SAFETY: the key is the address of a byte that this borrow keeps alive and that no other primitive uses; the
        // closures of this crate only touch atomics.
        let result = unsafe {
            plc::park(self.key(), validate, || {}, |_, was_last| on_timeout(was_last), plc::DEFAULT_PARK_TOKEN, until)
        };
        match result {
            plc::ParkResult::Unparked(_) => Woken::Unparked,
            plc::ParkResult::Invalid => Woken::Invalid,
            plc::ParkResult::TimedOut => Woken::TimedOut,
        }
    }

    /// Wakes the thread that has slept longest. `then` runs with the queue locked, before the thread wakes. It may
    /// not panic or park.
    pub(crate) fn unpark_one(&self, then: impl FnOnce(Unparked)) {
        // SAFETY: as in `park`.
        unsafe {
            plc::unpark_one(self.key(), |result| {
                then(Unparked { any: result.unparked_threads > 0, more: result.have_more_threads });
                plc::DEFAULT_UNPARK_TOKEN
            });
        }
    }
}
