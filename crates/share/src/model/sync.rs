//! The names of `crate::sync` over loom.

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Instant;

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> impl std::ops::DerefMut<Target = T> + '_ {
        self.0.lock().unwrap()
    }
}

/// A flag and a condition variable: loom's own `unpark` disturbs a thread that waits for a mutex.
#[derive(Debug)]
pub(crate) struct Parker(loom::sync::Mutex<bool>, loom::sync::Condvar);

impl Parker {
    pub(crate) fn new() -> Self {
        Self(loom::sync::Mutex::new(false), loom::sync::Condvar::new())
    }

    /// Loom has no clock: any limit has passed already.
    pub(crate) fn park(&self, until: Option<Instant>) -> bool {
        if until.is_some() {
            return false;
        }
        let mut unparked = self.0.lock().unwrap();
        while !std::mem::take(&mut *unparked) {
            unparked = self.1.wait(unparked).unwrap();
        }
        true
    }

    pub(crate) fn unpark(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_one();
    }
}

/// One attempt: more would only multiply the interleavings.
pub(crate) fn spin<R>(mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
    attempt()
}
