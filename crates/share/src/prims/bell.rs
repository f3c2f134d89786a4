//! Wakes those who wait for something that is kept elsewhere.

use super::super::wait::{Wait, WaitError};
use super::gate::{Gate, Notify};

/// Lets threads sleep until a condition of the caller's holds. Whoever makes it true rings afterwards.
#[derive(Debug)]
pub struct Bell(Gate<()>);

impl Bell {
    /// One that nobody waits for.
    #[must_use]
    pub fn new() -> Self {
        Self(Gate::new(()))
    }

    /// What they wait for may have become true: all who wait look.
    pub fn ring(&self) {
        self.0.change(|()| ((), Notify::All));
    }

    /// Sleeps until `ready`. It is asked with a mutex locked, so it must neither block nor ring.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn wait(&self, wait: &Wait<'_>, ready: impl Fn() -> bool) -> Result<(), WaitError> {
        self.0.sleep_until(wait, |()| ready().then_some(()))
    }
}

impl Default for Bell {
    fn default() -> Self {
        Self::new()
    }
}
