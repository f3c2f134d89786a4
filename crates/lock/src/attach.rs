//! A guard for Rust callers: attached to an interpreter while it lives.
//!
//! It adds nothing to the lock but the promise that every acquire has its release, also when a panic unwinds.

use super::breaker::Breaker;
use super::lock::Lock;
use std::marker::PhantomData;

/// Holds a [`Lock`] until it is dropped. It cannot leave the thread that attached.
#[derive(Debug)]
#[must_use = "the thread detaches as soon as this is dropped"]
pub struct Attached<'a> {
    lock: &'a Lock,
    not_send: PhantomData<*const ()>,
}

impl Lock {
    /// Takes the lock and returns a guard that gives it back.
    pub fn attach(&self) -> Attached<'_> {
        self.acquire();
        Attached { lock: self, not_send: PhantomData }
    }
}

impl Attached<'_> {
    /// Runs `wait`, which may block, without the lock.
    pub fn detach<R>(&mut self, wait: impl FnOnce() -> R) -> R {
        struct Reacquire<'a>(&'a Lock);
        impl Drop for Reacquire<'_> {
            fn drop(&mut self) {
                self.0.acquire();
            }
        }
        self.lock.release();
        let _reacquire = Reacquire(self.lock);
        wait()
    }

    /// Lets waiters have their turn if one has asked. Cheap when none has.
    #[inline]
    pub fn safepoint(&mut self) {
        if self.lock.breaker().pending() & Breaker::GIVE_UP != 0 {
            self.lock.yield_now();
        }
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        self.lock.release();
    }
}
