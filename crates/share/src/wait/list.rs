//! Who waits for one condition: threads, one of which gets each notification, and watchers, which get all.
//!
//! A list lies under the mutex of the structure it belongs to. Outcomes are decided under that mutex; threads are woken
//! after it is let go, by [`Wakeups::fire`].

use super::super::sync::Arc;
use super::{Outcome, Waiter};
use std::collections::VecDeque;
use std::task::Waker;

/// Wants to know of the next change, and takes nothing.
#[derive(Debug)]
pub(crate) enum Watcher {
    /// A thread that selects over several things.
    Thread(Arc<Waiter>),
    /// A callback.
    Callback(Waker),
}

#[derive(Debug, Default)]
pub(crate) struct WaitList {
    threads: VecDeque<Arc<Waiter>>,
    watchers: Vec<Watcher>,
}

/// Who is to be woken once the mutex is free.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Wakeups {
    thread: Option<Arc<Waiter>>,
    threads: VecDeque<Arc<Waiter>>,
    watchers: Vec<Watcher>,
}

impl WaitList {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.threads.is_empty() && self.watchers.is_empty()
    }

    pub(crate) fn add(&mut self, waiter: Arc<Waiter>) {
        self.threads.push_back(waiter);
    }

    pub(crate) fn remove(&mut self, waiter: &Arc<Waiter>) {
        if let Some(at) = self.threads.iter().position(|other| Arc::ptr_eq(other, waiter)) {
            self.threads.remove(at);
        }
    }

    /// Adds a watcher for the next change. A callback that is there already is not added twice.
    pub(crate) fn watch(&mut self, watcher: Watcher) {
        if let Watcher::Callback(new) = &watcher
            && self.watchers.iter().any(|old| matches!(old, Watcher::Callback(old) if old.will_wake(new)))
        {
            return;
        }
        self.watchers.push(watcher);
    }

    pub(crate) fn unwatch(&mut self, waiter: &Arc<Waiter>) {
        self.watchers.retain(|other| !matches!(other, Watcher::Thread(other) if Arc::ptr_eq(other, waiter)));
    }

    pub(crate) fn unwatch_callback(&mut self, waker: &Waker) {
        self.watchers.retain(|other| !matches!(other, Watcher::Callback(other) if other.will_wake(waker)));
    }

    /// Notifies the thread that has waited longest, and all watchers.
    #[inline]
    pub(crate) fn notify_one(&mut self) -> Wakeups {
        if self.is_empty() {
            return Wakeups::default();
        }
        let mut wakeups = Wakeups { watchers: std::mem::take(&mut self.watchers), ..Wakeups::default() };
        while let Some(waiter) = self.threads.pop_front() {
            if waiter.claim(Outcome::Notified) {
                wakeups.thread = Some(waiter);
                break;
            }
        }
        wakeups
    }

    /// Notifies the `n` threads that have waited longest, and all watchers.
    pub(crate) fn notify_some(&mut self, n: usize) -> Wakeups {
        let mut wakeups = Wakeups { watchers: std::mem::take(&mut self.watchers), ..Wakeups::default() };
        while wakeups.threads.len() < n
            && let Some(waiter) = self.threads.pop_front()
        {
            if waiter.claim(Outcome::Notified) {
                wakeups.threads.push_back(waiter);
            }
        }
        wakeups
    }

    /// Notifies all.
    pub(crate) fn notify_all(&mut self) -> Wakeups {
        let mut threads = std::mem::take(&mut self.threads);
        threads.retain(|waiter| waiter.claim(Outcome::Notified));
        Wakeups { thread: None, threads, watchers: std::mem::take(&mut self.watchers) }
    }
}

impl Wakeups {
    /// Wakes them. Not to be called with a mutex held: a callback runs here.
    #[inline]
    pub(crate) fn fire(self) {
        if let Some(waiter) = self.thread {
            waiter.wake();
        }
        for waiter in self.threads {
            waiter.wake();
        }
        for watcher in self.watchers {
            match watcher {
                Watcher::Thread(waiter) => {
                    if waiter.claim(Outcome::Notified) {
                        waiter.wake();
                    }
                }
                Watcher::Callback(waker) => waker.wake(),
            }
        }
    }
}
