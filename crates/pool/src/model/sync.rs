//! The names of `crate::sync` over loom.

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};

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

#[derive(Debug)]
pub(crate) struct Parker(loom::sync::Mutex<bool>, loom::sync::Condvar);

impl Parker {
    pub(crate) fn new() -> Self {
        Self(loom::sync::Mutex::new(false), loom::sync::Condvar::new())
    }

    pub(crate) fn park(&self) {
        let mut woken = self.0.lock().unwrap();
        while !std::mem::take(&mut *woken) {
            woken = self.1.wait(woken).unwrap();
        }
    }

    pub(crate) fn unpark(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_one();
    }
}
