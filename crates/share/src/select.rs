//! Waiting for the first of several things.
//!
//! A selecting thread watches all its sources; it takes nothing, so nobody else's notification is spent on it. After
//! [`select`] says which is ready, the caller tries that one without waiting, and may find that another was faster.

use super::pipe::{End, Pipe};
use super::sync::{Arc, spin};
use super::wait::{Outcome, Wait, WaitError, Waiter, Watcher};
use std::task::Waker;

/// Something that can be waited for among others.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    of: &'a dyn Watched,
    end: End,
}

/// What can be watched at its ends.
pub(crate) trait Watched: Sync {
    fn is_ready(&self, end: End) -> bool;
    /// False, and nothing is added, if that end is ready already.
    fn watch(&self, end: End, watcher: Watcher) -> bool;
    fn unwatch(&self, end: End, waiter: &Arc<Waiter>);
    fn unwatch_callback(&self, end: End, waker: &Waker);
}

impl<T: Send> Watched for Pipe<T> {
    fn is_ready(&self, end: End) -> bool {
        Pipe::is_ready(self, end)
    }

    fn watch(&self, end: End, watcher: Watcher) -> bool {
        Pipe::watch(self, end, watcher)
    }

    fn unwatch(&self, end: End, waiter: &Arc<Waiter>) {
        self.with_waiting(end, |waiting| waiting.unwatch(waiter));
    }

    fn unwatch_callback(&self, end: End, waker: &Waker) {
        self.with_waiting(end, |waiting| waiting.unwatch_callback(waker));
    }
}

impl<'a> Source<'a> {
    pub(crate) fn new(of: &'a dyn Watched, end: End) -> Self {
        Self { of, end }
    }

    /// Whether an operation would not have to wait now. A closed source is ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.of.is_ready(self.end)
    }

    /// Wakes `waker` once, when the source becomes ready. False, and it will not be woken, if it is ready now.
    #[must_use]
    pub fn wake_when_ready(&self, waker: &Waker) -> bool {
        self.of.watch(self.end, Watcher::Callback(waker.clone()))
    }

    /// Takes back [`Source::wake_when_ready`].
    pub fn forget(&self, waker: &Waker) {
        self.of.unwatch_callback(self.end, waker);
    }
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("end", &self.end).field("ready", &self.is_ready()).finish()
    }
}

/// Waits until one of `sources` is ready, and returns its index: the first one, if several are. A caller who wants to
/// be fair changes their order from time to time.
///
/// # Errors
/// [`WaitError`].
pub fn select(sources: &[Source<'_>], wait: &Wait<'_>) -> Result<usize, WaitError> {
    let ready = || sources.iter().position(Source::is_ready);
    if let Some(found) = spin(ready) {
        return Ok(found);
    }
    loop {
        let waiter = Waiter::new();
        let n_watched = sources
            .iter()
            .position(|source| !source.of.watch(source.end, Watcher::Thread(waiter.clone())))
            .unwrap_or(sources.len());
        let outcome = if n_watched == sources.len() { wait.sleep(&waiter) } else { Outcome::Notified };
        for source in &sources[..n_watched] {
            source.of.unwatch(source.end, &waiter);
        }
        if let Some(found) = ready() {
            return Ok(found);
        }
        match outcome {
            Outcome::TimedOut => return Err(WaitError::TimedOut),
            Outcome::Interrupted => return Err(WaitError::Interrupted),
            Outcome::Notified | Outcome::Dropped => (),
        }
    }
}
