//! The eval-breaker: one word per interpreter that carries every request to the thread that runs it.
//!
//! The running thread polls [`Breaker::pending`] at loop back-edges and calls: one relaxed load of a cache line that
//! nobody writes while nothing is asked. Whoever asks sets a bit; the running thread takes it and acts. The word says
//! *that* something is wanted, never what exactly: the details lie in the structure that each bit belongs to, and are
//! written before the bit is set.
//!
//! | bit | set by | taken by | details in |
//! | --- | --- | --- | --- |
//! | `GIVE_UP` | the first waiter of the [`Lock`](crate::Lock), after one switch interval | the holder, in `yield_now`; the waiter itself when it leaves | the lock's state word |
//! | `COLLECT` | the interpreter's own heap | the holder | the heap |
//! | `PENDING_CALLS` | anyone, by [`PendingCalls::push`](crate::PendingCalls::push) | the holder, in `run` | the queue |
//! | `RAISE` | anyone who throws an exception into a thread | the holder | that thread's state |
//! | `STOP` | who cancels or closes the interpreter | nobody: it stays | the interpreter's state |
//! | `FUEL` | the holder's own instruction counter, or a deadline's timer | the holder | the limits |
//! | `SIGNAL` | a signal handler | the holder, on the main thread | the table of signals |
//! | `MEMORY` | the heap, when its limit is reached | the holder | the limits |
//! | `KILL` | who stops a program that catches each `STOP` or `MEMORY` | whoever withdraws these | none: handlers are no longer run |
//! | `TASK` | spare: the pool's scheduler | the holder | the pool |

use super::sync::{AtomicU32, Ordering};

/// The word. It has a cache line of its own, since it is read at every back-edge.
#[derive(Debug)]
#[repr(align(64))]
pub struct Breaker {
    word: AtomicU32,
}

impl Breaker {
    /// A thread waits for the lock.
    pub const GIVE_UP: u32 = 1 << 0;
    /// The cycle collector is due.
    pub const COLLECT: u32 = 1 << 1;
    /// Calls are queued for the holder.
    pub const PENDING_CALLS: u32 = 1 << 2;
    /// An exception is to be raised in a running thread.
    pub const RAISE: u32 = 1 << 3;
    /// The interpreter is to stop for good.
    pub const STOP: u32 = 1 << 4;
    /// The fuel is used up, or the deadline has passed.
    pub const FUEL: u32 = 1 << 5;
    /// A signal has arrived.
    pub const SIGNAL: u32 = 1 << 6;
    /// The memory limit is reached.
    pub const MEMORY: u32 = 1 << 7;
    /// The program has caught what was to stop it: its handlers are not run any more.
    pub const KILL: u32 = 1 << 9;
    /// Spare, for the scheduler of whoever runs the interpreter.
    pub const TASK: u32 = 1 << 8;

    /// A word with nothing asked.
    #[must_use]
    pub fn new() -> Self {
        Self { word: AtomicU32::new(0) }
    }

    /// What is asked, 0 nearly always. A relaxed load: it may lag, and orders nothing; act on what `take` returns.
    #[inline(always)]
    pub fn pending(&self) -> u32 {
        self.word.load(Ordering::Relaxed)
    }

    /// Asks. What was written before is visible to the thread that takes the bits.
    pub fn request(&self, bits: u32) {
        self.word.fetch_or(bits, Ordering::Release);
    }

    /// Takes those of `bits` that are set, and returns them.
    pub fn take(&self, bits: u32) -> u32 {
        self.word.fetch_and(!bits, Ordering::AcqRel) & bits
    }

    /// Withdraws a request.
    pub fn clear(&self, bits: u32) {
        self.word.fetch_and(!bits, Ordering::AcqRel);
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Self::new()
    }
}
