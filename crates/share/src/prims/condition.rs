//! Waiting for a notification while a lock is let go.
//!
//! A waiter takes a ticket before it lets the lock go; whoever notifies afterwards, with the lock held, lets the oldest
//! tickets go on. So no notification falls between the release and the wait.

use super::super::wait::{Wait, WaitError};
use super::gate::{Gate, Notify};
use super::{Lock, NotHeld, RLock};
use std::collections::VecDeque;

/// A lock that can be let go altogether and taken back as it was held.
pub trait Releasable {
    /// Lets the lock go, and returns how often `who` held it.
    ///
    /// # Errors
    /// [`NotHeld`] if `who` does not hold it.
    fn let_go(&self, who: u64) -> Result<usize, NotHeld>;

    /// Takes the lock back as it was held.
    fn take_back(&self, who: u64, n_held: usize);
}

impl Releasable for Lock {
    fn let_go(&self, who: u64) -> Result<usize, NotHeld> {
        if self.holder() != Some(who) {
            return Err(NotHeld);
        }
        self.release().map(|()| 1)
    }

    fn take_back(&self, who: u64, _n_held: usize) {
        // Without limits the wait cannot fail.
        let _ = self.acquire(who, &Wait::FOREVER);
    }
}

impl Releasable for RLock {
    fn let_go(&self, who: u64) -> Result<usize, NotHeld> {
        match self.release_all(who) {
            0 => Err(NotHeld),
            n_held => Ok(n_held),
        }
    }

    fn take_back(&self, who: u64, n_held: usize) {
        let _ = self.acquire_times(who, n_held, &Wait::FOREVER);
    }
}

/// Lets threads that hold a lock wait until another says that something has changed.
#[derive(Debug)]
pub struct Condition(Gate<Tickets>);

#[derive(Debug, Default)]
struct Tickets {
    next: u64,
    waiting: VecDeque<u64>,
}

impl Condition {
    /// One that nobody waits for.
    #[must_use]
    pub fn new() -> Self {
        Self(Gate::new(Tickets::default()))
    }

    /// Lets `lock` go, waits for a notification, and takes the lock back: also when the wait fails. Taking it back
    /// has no limits.
    ///
    /// # Errors
    /// [`NotHeld`] if `who` does not hold the lock. The inner [`WaitError`] if no notification came.
    pub fn wait(&self, lock: &impl Releasable, who: u64, wait: &Wait<'_>) -> Result<Result<(), WaitError>, NotHeld> {
        let ticket = self.0.with(|tickets| {
            tickets.next += 1;
            tickets.waiting.push_back(tickets.next);
            tickets.next
        });
        let n_held = match lock.let_go(who) {
            Ok(n_held) => n_held,
            Err(error) => {
                self.0.with(|tickets| tickets.withdraw(ticket));
                return Err(error);
            }
        };
        let called = |tickets: &mut Tickets| (!tickets.waiting.contains(&ticket)).then_some(());
        let mut result = self.0.wait_until(wait, called);
        if result.is_err() && !self.0.with(|tickets| tickets.withdraw(ticket)) {
            // The notification came at the last moment.
            result = Ok(());
        }
        lock.take_back(who, n_held);
        Ok(result)
    }

    /// Lets the `n` that have waited longest go on. Returns how many there were.
    pub fn notify(&self, n: usize) -> usize {
        self.0.change(|tickets| {
            let n = n.min(tickets.waiting.len());
            tickets.waiting.drain(..n);
            // Threads sleep in another order than they took tickets in: all look whether it is their turn.
            (n, if n > 0 { Notify::All } else { Notify::None })
        })
    }

    /// Lets all go on. Returns how many there were.
    pub fn notify_all(&self) -> usize {
        self.notify(usize::MAX)
    }
}

impl Default for Condition {
    fn default() -> Self {
        Self::new()
    }
}

impl Tickets {
    /// False if the ticket was called already.
    fn withdraw(&mut self, ticket: u64) -> bool {
        let at = self.waiting.iter().position(|&other| other == ticket);
        at.and_then(|at| self.waiting.remove(at)).is_some()
    }
}
