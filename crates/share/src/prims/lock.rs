//! Locks that know their holder: [`Lock`] is held once, [`RLock`] any number of times by the same one.

use super::super::wait::{Wait, WaitError};
use super::gate::{Gate, Notify};
use std::fmt;

/// The caller does not hold the lock that it would release.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotHeld;

impl fmt::Display for NotHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot release un-acquired lock")
    }
}

impl std::error::Error for NotHeld {}

/// A lock that is held once. Anyone may release it, as with Python's.
#[derive(Debug)]
pub struct Lock(Gate<Option<u64>>);

impl Lock {
    /// A free lock.
    #[must_use]
    pub fn new() -> Self {
        Self(Gate::new(None))
    }

    /// Takes it if it is free.
    pub fn try_acquire(&self, who: u64) -> bool {
        self.0.with(|holder| take(holder, who).is_some())
    }

    /// Takes it when it is free.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn acquire(&self, who: u64, wait: &Wait<'_>) -> Result<(), WaitError> {
        self.0.wait_until(wait, |holder| take(holder, who))
    }

    /// Frees it, whoever holds it.
    ///
    /// # Errors
    /// [`NotHeld`] if it is free.
    pub fn release(&self) -> Result<(), NotHeld> {
        self.0.change(|holder| match holder.take() {
            Some(_) => (Ok(()), Notify::Some(1)),
            None => (Err(NotHeld), Notify::None),
        })
    }

    /// Who holds it.
    pub fn holder(&self) -> Option<u64> {
        self.0.with(|holder| *holder)
    }

    /// Frees it if `who`, which is no more, holds it. Returns whether that was so.
    pub fn abandon(&self, who: u64) -> bool {
        self.0.change(|holder| {
            if *holder != Some(who) {
                return (false, Notify::None);
            }
            *holder = None;
            (true, Notify::Some(1))
        })
    }
}

impl Default for Lock {
    fn default() -> Self {
        Self::new()
    }
}

fn take(holder: &mut Option<u64>, who: u64) -> Option<()> {
    match holder {
        Some(_) => None,
        None => {
            *holder = Some(who);
            Some(())
        }
    }
}

/// A lock that its holder may take again.
#[derive(Debug)]
pub struct RLock(Gate<Held>);

#[derive(Debug)]
struct Held {
    /// Means something if `n` is not 0.
    by: u64,
    n: usize,
}

impl RLock {
    /// A free lock.
    #[must_use]
    pub fn new() -> Self {
        Self(Gate::new(Held { by: 0, n: 0 }))
    }

    /// Takes it if it is free or held by `who`.
    pub fn try_acquire(&self, who: u64) -> bool {
        self.0.with(|held| held.take(who, 1).is_some())
    }

    /// Takes it when it is free, or at once if it is held by `who`.
    ///
    /// # Errors
    /// [`WaitError`].
    pub fn acquire(&self, who: u64, wait: &Wait<'_>) -> Result<(), WaitError> {
        self.acquire_times(who, 1, wait)
    }

    pub(super) fn acquire_times(&self, who: u64, n: usize, wait: &Wait<'_>) -> Result<(), WaitError> {
        self.0.wait_until(wait, |held| held.take(who, n))
    }

    /// Undoes one acquire.
    ///
    /// # Errors
    /// [`NotHeld`] if `who` does not hold it.
    pub fn release(&self, who: u64) -> Result<(), NotHeld> {
        self.0.change(|held| {
            if held.n == 0 || held.by != who {
                return (Err(NotHeld), Notify::None);
            }
            held.n -= 1;
            (Ok(()), if held.n == 0 { Notify::Some(1) } else { Notify::None })
        })
    }

    /// How often `who` holds it.
    pub fn n_held(&self, who: u64) -> usize {
        self.0.with(|held| if held.by == who { held.n } else { 0 })
    }

    /// Who holds it.
    pub fn holder(&self) -> Option<u64> {
        self.0.with(|held| (held.n > 0).then_some(held.by))
    }

    /// Frees it if `who` holds it, however often that is.
    pub fn abandon(&self, who: u64) -> bool {
        self.release_all(who) > 0
    }

    /// Returns how often it was held.
    pub(super) fn release_all(&self, who: u64) -> usize {
        self.0.change(|held| {
            if held.n == 0 || held.by != who {
                return (0, Notify::None);
            }
            (std::mem::take(&mut held.n), Notify::Some(1))
        })
    }
}

impl Default for RLock {
    fn default() -> Self {
        Self::new()
    }
}

impl Held {
    fn take(&mut self, who: u64, n: usize) -> Option<()> {
        if self.n > 0 && self.by != who {
            return None;
        }
        self.by = who;
        self.n += n;
        Some(())
    }
}
