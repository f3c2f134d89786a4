//! The common core: a state under a mutex, and those who wait for it to become what they want.
//!
//! `version` counts the changes that may let a waiter go on, so that a thread that polls before it parks reads one
//! word and leaves the mutex alone.

use super::super::sync::{AtomicU32, Mutex, Ordering, spin};
use super::super::wait::{Outcome, Wait, WaitError, WaitList, Waiter, Wakeups};

#[derive(Debug)]
pub(super) struct Gate<S> {
    version: AtomicU32,
    inner: Mutex<Inner<S>>,
}

#[derive(Debug)]
struct Inner<S> {
    state: S,
    waiting: WaitList,
}

/// How many waiters a change may let go on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notify {
    None,
    Some(usize),
    All,
}

impl<S> Gate<S> {
    pub(super) fn new(state: S) -> Self {
        let inner = Inner { state, waiting: WaitList::default() };
        Self { version: AtomicU32::new(0), inner: Mutex::new(inner) }
    }

    /// Looks at the state or changes it, in a way that lets nobody go on.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut S) -> R) -> R {
        f(&mut self.inner.lock().state)
    }

    /// Changes the state, and wakes who may go on.
    pub(super) fn change<R>(&self, f: impl FnOnce(&mut S) -> (R, Notify)) -> R {
        let mut inner = self.inner.lock();
        let (result, notify) = f(&mut inner.state);
        let wakeups = match notify {
            Notify::None => Wakeups::default(),
            Notify::Some(n) => inner.waiting.notify_some(n),
            Notify::All => inner.waiting.notify_all(),
        };
        if !matches!(notify, Notify::None) {
            self.version.fetch_add(1, Ordering::Release);
        }
        drop(inner);
        wakeups.fire();
        result
    }

    /// Waits until `attempt` returns something. It is called with the mutex locked, and may change the state.
    pub(super) fn wait_until<R>(
        &self,
        wait: &Wait<'_>,
        mut attempt: impl FnMut(&mut S) -> Option<R>,
    ) -> Result<R, WaitError> {
        let mut seen = self.version.load(Ordering::Acquire);
        if let Some(result) = self.with(&mut attempt) {
            return Ok(result);
        }
        let polled = spin(|| {
            let version = self.version.load(Ordering::Acquire);
            if version == seen {
                return None;
            }
            seen = version;
            self.with(&mut attempt)
        });
        if let Some(result) = polled {
            return Ok(result);
        }
        self.sleep_until(wait, attempt)
    }

    /// As [`Gate::wait_until`], for those who have polled already.
    pub(super) fn sleep_until<R>(
        &self,
        wait: &Wait<'_>,
        mut attempt: impl FnMut(&mut S) -> Option<R>,
    ) -> Result<R, WaitError> {
        loop {
            let waiter = {
                let mut inner = self.inner.lock();
                if let Some(result) = attempt(&mut inner.state) {
                    return Ok(result);
                }
                let waiter = Waiter::new();
                inner.waiting.add(waiter.clone());
                waiter
            };
            let error = match wait.sleep(&waiter) {
                Outcome::Notified | Outcome::Dropped => continue,
                Outcome::TimedOut => WaitError::TimedOut,
                Outcome::Interrupted => WaitError::Interrupted,
            };
            self.inner.lock().waiting.remove(&waiter);
            return Err(error);
        }
    }
}
