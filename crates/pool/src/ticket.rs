//! The state of one task, and who may change it.
//!
//! | from | to | by |
//! | --- | --- | --- |
//! | `QUEUED` | `RUNNING` | the worker that begins it |
//! | `QUEUED` | `DONE` | who cancels it, or the pool that closes |
//! | `RUNNING` | `DONE` | the worker, when it ends |
//!
//! While a task runs, its ticket knows the interpreter, so that a stop reaches that one and no other. Both sides hold the
//! ticket's mutex: a stop is sent only while the task runs, and withdrawn when it ends.

use parking_lot::Mutex;
use serpens_share::prims::Bell;
use serpens_share::{Wait, WaitError};
use serpens_state::Interpreter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering, fence};
use std::task::Waker;
use std::time::Duration;

const QUEUED: u8 = 0;
const RUNNING: u8 = 1;
const DONE: u8 = 2;

/// Why a running task was stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    Cancelled,
    TimedOut,
}

#[derive(Default)]
struct Control {
    home: Option<Arc<Interpreter>>,
    stop: Option<Stop>,
}

/// What worker, submitter and watchdog know of a task in common.
pub(crate) struct Ticket {
    state: AtomicU8,
    control: Mutex<Control>,
    /// How long it may run.
    pub(crate) limit: Option<Duration>,
    pub(crate) done: Signal,
}

impl Ticket {
    pub(crate) fn new(limit: Option<Duration>) -> Ticket {
        Ticket { state: AtomicU8::new(QUEUED), control: Mutex::default(), limit, done: Signal::new() }
    }

    /// A worker takes it. False if it was cancelled.
    pub(crate) fn begin(&self, home: &Arc<Interpreter>) -> bool {
        if self.state.compare_exchange(QUEUED, RUNNING, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return false;
        }
        let mut control = self.control.lock();
        if control.stop.is_some() {
            home.stop();
        }
        control.home = Some(home.clone());
        true
    }

    /// The worker is done with it; why it was stopped, if it was. The result is stored next, then [`Ticket::finish`].
    pub(crate) fn end(&self) -> Option<Stop> {
        let mut control = self.control.lock();
        let home = control.home.take();
        if control.stop.is_some()
            && let Some(home) = home
        {
            home.resume();
        }
        control.stop
    }

    /// The result is there.
    pub(crate) fn finish(&self) {
        self.state.store(DONE, Ordering::Release);
        self.done.fire();
    }

    /// Takes it out of the queue. False if a worker has begun it, or it is done.
    pub(crate) fn withdraw(&self) -> bool {
        self.state.compare_exchange(QUEUED, DONE, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Stops it if it runs. False if it does not.
    pub(crate) fn stop(&self, why: Stop) -> bool {
        let mut control = self.control.lock();
        if self.state.load(Ordering::Acquire) != RUNNING || control.stop.is_some() {
            return false;
        }
        control.stop = Some(why);
        if let Some(home) = &control.home {
            home.stop();
        }
        true
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state.load(Ordering::Acquire) == RUNNING
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state.load(Ordering::Acquire) == DONE
    }
}

/// Wakes those who wait for something to become true: threads, and one task of an executor.
pub(crate) struct Signal {
    n_waiting: AtomicUsize,
    waker: Mutex<Option<Waker>>,
    bell: Bell,
}

impl Signal {
    pub(crate) fn new() -> Signal {
        Signal { n_waiting: AtomicUsize::new(0), waker: Mutex::new(None), bell: Bell::new() }
    }

    /// What they wait for may have become true.
    #[inline]
    pub(crate) fn fire(&self) {
        // Either the waiter sees what was made true, or this sees the waiter: both have a fence in between.
        fence(Ordering::SeqCst);
        if self.n_waiting.load(Ordering::Relaxed) > 0 {
            self.fire_slow();
        }
    }

    #[cold]
    fn fire_slow(&self) {
        let waker = self.waker.lock().take();
        self.bell.ring();
        if let Some(waker) = waker {
            self.n_waiting.fetch_sub(1, Ordering::AcqRel);
            waker.wake();
        }
    }

    /// Waits until `ready`, within the limits of `wait`. Polls for a moment first, about what it costs to be woken.
    pub(crate) fn wait(&self, wait: &Wait<'_>, ready: impl Fn() -> bool) -> Result<(), WaitError> {
        let backoff = crossbeam_utils::Backoff::new();
        while !backoff.is_completed() {
            if ready() {
                return Ok(());
            }
            backoff.snooze();
        }
        self.n_waiting.fetch_add(1, Ordering::AcqRel);
        fence(Ordering::SeqCst);
        let result = self.bell.wait(wait, ready);
        self.n_waiting.fetch_sub(1, Ordering::AcqRel);
        result
    }

    /// Has `waker` woken, unless `ready` already. One waker at a time.
    pub(crate) fn watch(&self, waker: &Waker, ready: impl Fn() -> bool) -> bool {
        let mut guard = self.waker.lock();
        if guard.replace(waker.clone()).is_none() {
            self.n_waiting.fetch_add(1, Ordering::AcqRel);
        }
        fence(Ordering::SeqCst);
        if ready() {
            if guard.take().is_some() {
                self.n_waiting.fetch_sub(1, Ordering::AcqRel);
            }
            return true;
        }
        false
    }
}
