//! The primitives that the parking of idle workers is built on. `model/sync.rs` offers the same names over loom.

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicUsize, Ordering};

/// A mutex that is never poisoned.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> impl std::ops::DerefMut<Target = T> + '_ {
        self.0.lock()
    }
}

/// One thread's place to sleep: a wake that comes first is not lost.
#[derive(Debug)]
pub(crate) struct Parker {
    woken: parking_lot::Mutex<bool>,
    wake: parking_lot::Condvar,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Self { woken: parking_lot::Mutex::new(false), wake: parking_lot::Condvar::new() }
    }

    /// Sleeps until it is woken.
    pub(crate) fn park(&self) {
        let mut woken = self.woken.lock();
        while !std::mem::take(&mut *woken) {
            self.wake.wait(&mut woken);
        }
    }

    pub(crate) fn unpark(&self) {
        *self.woken.lock() = true;
        self.wake.notify_one();
    }
}
