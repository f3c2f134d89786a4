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
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait<'a> {
    until: Option<Instant>,
    interrupt: Option<&'a Interrupt>,
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
    pub const FOREVER: Wait<'static> = Wait { until: None, interrupt: None };

    /// A wait of at most `timeout` from now. One too long for the clock is for ever.
    #[must_use]
    pub fn timeout(timeout: Duration) -> Self {
        Self { until: Instant::now().checked_add(timeout), interrupt: None }
    }

    /// A wait until `until` at most.
    #[must_use]
    pub fn until(until: Instant) -> Self {
        Self { until: Some(until), interrupt: None }
    }

    /// The same wait, which ends also when `interrupt` is raised.
    #[must_use]
    pub fn interruptible(self, interrupt: &'a Interrupt) -> Self {
        Self { interrupt: Some(interrupt), ..self }
    }

    /// When the wait ends at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.until
    }

    /// Sleeps until `waiter` has its outcome.
    pub(crate) fn sleep(&self, waiter: &Arc<Waiter>) -> Outcome {
        let Some(interrupt) = self.interrupt else {
            return waiter.sleep(self.until);
        };
        interrupt.enlist(waiter);
        let outcome = waiter.sleep(self.until);
        interrupt.strike(waiter);
        outcome
    }
}
