//! Pending calls: work that any thread leaves for the thread that runs an interpreter.
//!
//! A push sets `PENDING_CALLS` on the breaker after the call is queued; the holder takes the bit before it looks into
//! the queue. So a call is never forgotten, and runs once, in the order of the pushes. The queue's mutex is never held
//! while a call runs: a call may push.

use super::breaker::Breaker;
use super::sync::{Arc, Mutex};
use std::collections::VecDeque;
use std::fmt;
use std::sync::PoisonError;

/// A call to be made by the holder with its context `C` (the interpreter, for a runtime).
pub type Call<C> = Box<dyn FnOnce(&C) + Send>;

/// The queue of one interpreter.
pub struct PendingCalls<C: ?Sized> {
    breaker: Arc<Breaker>,
    queue: Mutex<Queue<C>>,
}

struct Queue<C: ?Sized> {
    calls: VecDeque<Call<C>>,
    closed: bool,
}

impl<C: ?Sized> PendingCalls<C> {
    /// An empty queue whose pushes set `PENDING_CALLS` on `breaker`.
    #[must_use]
    pub fn new(breaker: Arc<Breaker>) -> Self {
        Self { breaker, queue: Mutex::new(Queue { calls: VecDeque::new(), closed: false }) }
    }

    /// Queues `call`.
    ///
    /// # Errors
    /// Gives the call back when the queue is closed.
    pub fn push(&self, call: Call<C>) -> Result<(), Call<C>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.closed {
            return Err(call);
        }
        queue.calls.push_back(call);
        drop(queue);
        self.breaker.request(Breaker::PENDING_CALLS);
        Ok(())
    }

    /// Runs what is queued now, and returns how many calls that were. What these push stays for the next time, with
    /// the bit set; so does what is left when a call panics.
    #[cold]
    pub fn run(&self, context: &C) -> usize {
        self.breaker.take(Breaker::PENDING_CALLS);
        let _again = AskAgain(self);
        let n_queued = self.len();
        for n_run in 0..n_queued {
            let call = self.queue.lock().unwrap_or_else(PoisonError::into_inner).calls.pop_front();
            match call {
                Some(call) => call(context),
                None => return n_run,
            }
        }
        n_queued
    }

    /// How many calls wait.
    pub fn len(&self) -> usize {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).calls.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Refuses pushes from now on, and drops what is queued.
    pub fn close(&self) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.closed = true;
        let calls = std::mem::take(&mut queue.calls);
        drop(queue);
        self.breaker.clear(Breaker::PENDING_CALLS);
        drop(calls);
    }
}

/// Sets the bit again at the end of a run if calls are left.
struct AskAgain<'a, C: ?Sized>(&'a PendingCalls<C>);

impl<C: ?Sized> Drop for AskAgain<'_, C> {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            self.0.breaker.request(Breaker::PENDING_CALLS);
        }
    }
}

impl<C: ?Sized> fmt::Debug for PendingCalls<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingCalls").field("len", &self.len()).finish_non_exhaustive()
    }
}
