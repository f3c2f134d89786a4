//! The names of `crate::sync` over loom.
#![expect(unsafe_code, reason = "a cell that is guarded from outside")]

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::mem::MaybeUninit;
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

/// So few that the models reach the end of the lane.
pub(crate) const LANE: usize = 2;

pub(crate) struct SlotCell<T>(loom::cell::UnsafeCell<MaybeUninit<T>>);

impl<T> SlotCell<T> {
    pub(crate) fn new() -> Self {
        Self(loom::cell::UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// # Safety
    /// As of `crate::sync`'s; loom checks it.
    pub(crate) unsafe fn put(&self, item: T) {
        // SAFETY: as the caller vouches.
        self.0.with_mut(|place| unsafe { (*place).write(item) });
    }

    /// # Safety
    /// As of `crate::sync`'s; loom checks it.
    pub(crate) unsafe fn take(&self) -> T {
        // SAFETY: as the caller vouches.
        self.0.with_mut(|place| unsafe { (*place).assume_init_read() })
    }
}

pub(crate) fn relax(_: &mut u32) {
    loom::thread::yield_now();
}

/// Two who wait could go on to yield to each other: the third time nothing else is explored any more.
pub(crate) struct Patience(std::sync::atomic::AtomicUsize);

impl Patience {
    pub(crate) fn new() -> Self {
        Self(std::sync::atomic::AtomicUsize::new(0))
    }

    pub(crate) fn wait(&self) {
        if self.0.fetch_add(1, Ordering::Relaxed) == 2 {
            loom::skip_branch();
        }
        loom::thread::yield_now();
    }
}

pub(crate) fn full_fence() {
    loom::sync::atomic::fence(Ordering::SeqCst);
}
