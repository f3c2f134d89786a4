//! A flag to wait for.

use super::super::wait::{Wait, WaitError};
use super::gate::{Gate, Notify};

/// A flag that threads wait for until it is set.
#[derive(Debug)]
pub struct Event(Gate<bool>);

impl Event {
    /// One that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self(Gate::new(false))
    }

    /// Sets it, and lets all who wait go on.
    pub fn set(&self) {
        self.0.change(|set| {
            *set = true;
            ((), Notify::All)
        });
    }

    /// Unsets it.
    pub fn clear(&self) {
        self.0.with(|set| *set = false);
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.0.with(|set| *set)
    }

    /// Waits until it is set.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn wait(&self, wait: &Wait<'_>) -> Result<(), WaitError> {
        self.0.wait_until(wait, |set| set.then_some(()))
    }
}

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}
