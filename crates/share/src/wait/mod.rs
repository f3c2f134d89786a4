//! Waiting: how long at most, who may interrupt it, and how a thread sleeps until it is notified.
//!
//! Every blocking operation of this crate takes a [`Wait`]. A waiting thread polls for a few microseconds, then parks;
//! it never sleeps and looks again. What it waits for knows nothing of time or of interrupts: that is all here.

mod interrupt;
mod list;
mod waiter;

pub use interrupt::Interrupt;
pub(crate) use list::{WaitList, Wakeups, Watcher};
pub(crate) use waiter::{Outcome, Waiter};

use super::sync::Arc;
use std::time::{Duration, Instant};

/// The limits of one wait.
#[derive(Clone, Copy, Default)]
pub struct Wait<'a> {
    until: Option<Instant>,
    interrupt: Option<&'a Interrupt>,
    alarm: Option<Alarm<'a>>,
}

/// Says whether a wait must end. It is asked before the thread parks and whenever it is unparked.
type Alarm<'a> = &'a (dyn Fn() -> bool + Sync);

impl std::fmt::Debug for Wait<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wait")
            .field("until", &self.until)
            .field("interrupt", &self.interrupt)
            .field("alarm", &self.alarm.is_some())
            .finish()
    }
}

/// Why a wait ended without success.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitError {
    /// The time was over.
    TimedOut,
    /// The wait's [`Interrupt`] was raised, or was up already.
    Interrupted,
}

impl std::fmt::Display for WaitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            WaitError::TimedOut => "timed out",
            WaitError::Interrupted => "interrupted",
        })
    }
}

impl std::error::Error for WaitError {}

impl<'a> Wait<'a> {
    /// A wait without limits.
    pub const FOREVER: Wait<'static> = Wait { until: None, interrupt: None, alarm: None };

    /// A wait of at most `timeout` from now. One too long for the clock is for ever.
    #[must_use]
    pub fn timeout(timeout: Duration) -> Self {
        Self { until: Instant::now().checked_add(timeout), ..Self::default() }
    }

    /// A wait until `until` at most.
    #[must_use]
    pub fn until(until: Instant) -> Self {
        Self { until: Some(until), ..Self::default() }
    }

    /// The same wait, which ends also when `interrupt` is raised.
    #[must_use]
    pub fn interruptible(self, interrupt: &'a Interrupt) -> Self {
        Self { interrupt: Some(interrupt), ..self }
    }

    /// The same wait, which ends as interrupted also when `alarm` says so. Whoever makes it say so then unparks the
    /// thread ([`std::thread::Thread::unpark`]), which a signal handler may do, too.
    #[must_use]
    pub fn alarmed(self, alarm: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { alarm: Some(alarm), ..self }
    }

    /// When the wait ends at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.until
    }

    /// Sleeps until `waiter` has its outcome.
    pub(crate) fn sleep(&self, waiter: &Arc<Waiter>) -> Outcome {
        loop {
            if let Some(outcome) = self.rest(waiter) {
                return outcome;
            }
            if waiter.claim(Outcome::Interrupted) {
                return Outcome::Interrupted;
            }
        }
    }

    /// Sleeps until `waiter` has its outcome, or until somebody interrupts, which decides nothing: `None`.
    pub(crate) fn rest(&self, waiter: &Arc<Waiter>) -> Option<Outcome> {
        if let Some(interrupt) = self.interrupt {
            interrupt.enlist(waiter);
        }
        let is_over = || self.interrupt.is_some_and(Interrupt::is_raised) || self.alarm.is_some_and(|alarm| alarm());
        let outcome = waiter.sleep(self.until, is_over);
        if let Some(interrupt) = self.interrupt {
            interrupt.strike(waiter);
        }
        outcome
    }
}
