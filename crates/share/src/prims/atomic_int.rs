//! A shared integer of 64 bits. Results that do not fit are refused, not wrapped: Python's integers never wrap.

use std::sync::atomic::{AtomicI64, Ordering};

/// An integer that any number of threads read and change.
#[derive(Debug, Default)]
pub struct AtomicInt(AtomicI64);

impl AtomicInt {
    /// One with this value.
    #[must_use]
    pub const fn new(value: i64) -> Self {
        Self(AtomicI64::new(value))
    }

    /// Its value.
    pub fn load(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Sets it.
    pub fn store(&self, value: i64) {
        self.0.store(value, Ordering::SeqCst);
    }

    /// Sets it, and returns what it was.
    pub fn swap(&self, value: i64) -> i64 {
        self.0.swap(value, Ordering::SeqCst)
    }

    /// Sets it to `new` if it is `expected`.
    ///
    /// # Errors
    /// What it is.
    pub fn compare_and_set(&self, expected: i64, new: i64) -> Result<(), i64> {
        self.0.compare_exchange(expected, new, Ordering::SeqCst, Ordering::SeqCst).map(drop)
    }

    /// Adds, and returns what it was. `None`, and it stays as it is, if the sum does not fit.
    pub fn add(&self, value: i64) -> Option<i64> {
        self.update(|old| old.checked_add(value))
    }

    /// Replaces it by what `change` makes of it, and returns what it was. `change` may be called again.
    pub fn update(&self, change: impl FnMut(i64) -> Option<i64>) -> Option<i64> {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, change).ok()
    }
}
