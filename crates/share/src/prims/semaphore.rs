//! A number of permits.

use super::super::wait::{Wait, WaitError};
use super::gate::{Gate, Notify};

/// Permits that are taken one at a time and given back, never more than a bound if it has one.
#[derive(Debug)]
pub struct Semaphore {
    permits: Gate<usize>,
    bound: usize,
}

impl Semaphore {
    /// `n` permits, without bound.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self { permits: Gate::new(n), bound: usize::MAX }
    }

    /// `n` permits, and never more.
    #[must_use]
    pub fn bounded(n: usize) -> Self {
        Self { permits: Gate::new(n), bound: n }
    }

    /// Takes a permit if there is one.
    pub fn try_acquire(&self) -> bool {
        self.permits.with(take).is_some()
    }

    /// Takes a permit when there is one.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn acquire(&self, wait: &Wait<'_>) -> Result<(), WaitError> {
        self.permits.wait_until(wait, take)
    }

    /// Gives `n` permits back. False, and nothing is given, if that would be more than the bound.
    pub fn release(&self, n: usize) -> bool {
        self.permits.change(|permits| match permits.checked_add(n) {
            Some(more) if more <= self.bound => {
                *permits = more;
                (true, Notify::Some(n))
            }
            _ => (false, Notify::None),
        })
    }

    /// How many permits there are now.
    pub fn n_permits(&self) -> usize {
        self.permits.with(|permits| *permits)
    }
}

fn take(permits: &mut usize) -> Option<()> {
    *permits = permits.checked_sub(1)?;
    Some(())
}
