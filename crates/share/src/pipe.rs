//! The queue under every channel of this crate: a deque under a mutex, with real waiting at both ends.
//!
//! Many threads push and many pop. Items come out in the order they went in. A pipe is *closed* once: pushes then
//! fail, pops drain what is left and fail afterwards. It knows nothing of interpreters or of what the items mean.
//!
//! `n_items` and `closed` are also kept outside of the mutex, as hints, so that a thread that polls before it parks
//! reads one word and does not disturb the mutex. The truth is under the mutex.

use super::sync::{AtomicBool, AtomicUsize, Mutex, Ordering, spin};
use super::wait::{Outcome, Wait, WaitError, WaitList, Waiter, Watcher};
use std::collections::VecDeque;
use std::fmt;

/// Why nothing was received.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecvError {
    /// There is nothing now. Only from operations that do not wait.
    Empty,
    /// There is nothing and there will be nothing.
    Closed,
    /// The time was over.
    TimedOut,
    /// The wait was interrupted.
    Interrupted,
}

/// Why something was not sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SendFailure {
    /// There is no room now. Only from operations that do not wait.
    Full,
    /// Nobody will receive it.
    Closed,
    /// The time was over.
    TimedOut,
    /// The wait was interrupted.
    Interrupted,
}

/// What was not sent, and why.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T> {
    /// The value, given back.
    pub value: T,
    /// The reason.
    pub failure: SendFailure,
}

impl From<WaitError> for RecvError {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::TimedOut => RecvError::TimedOut,
            WaitError::Interrupted => RecvError::Interrupted,
        }
    }
}

impl From<WaitError> for SendFailure {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::TimedOut => SendFailure::TimedOut,
            WaitError::Interrupted => SendFailure::Interrupted,
        }
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecvError::Empty => "empty",
            RecvError::Closed => "closed",
            RecvError::TimedOut => "timed out",
            RecvError::Interrupted => "interrupted",
        })
    }
}

impl fmt::Display for SendFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendFailure::Full => "full",
            SendFailure::Closed => "closed",
            SendFailure::TimedOut => "timed out",
            SendFailure::Interrupted => "interrupted",
        })
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").field("failure", &self.failure).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl std::error::Error for RecvError {}
impl std::error::Error for SendFailure {}
impl<T> std::error::Error for SendError<T> {}

/// One end of a pipe, for who watches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Push,
    Pop,
}

pub(crate) struct Pipe<T> {
    n_items: AtomicUsize,
    closed: AtomicBool,
    capacity: usize,
    state: Mutex<State<T>>,
}

struct State<T> {
    items: VecDeque<T>,
    closed: bool,
    pushers: WaitList,
    poppers: WaitList,
}

impl<T> State<T> {
    fn end(&mut self, end: End) -> &mut WaitList {
        match end {
            End::Push => &mut self.pushers,
            End::Pop => &mut self.poppers,
        }
    }
}

impl<T> Pipe<T> {
    /// An empty pipe for `capacity` items at once, at least one; `usize::MAX` is without bound.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            n_items: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            capacity: capacity.max(1),
            state: Mutex::new(State {
                items: VecDeque::new(),
                closed: false,
                pushers: WaitList::default(),
                poppers: WaitList::default(),
            }),
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many items lie in it. The answer may be old when it arrives.
    pub(crate) fn len(&self) -> usize {
        self.n_items.load(Ordering::Acquire)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Whether an operation at `end` would return at once.
    pub(crate) fn is_ready(&self, end: End) -> bool {
        self.is_closed()
            || match end {
                End::Push => self.len() < self.capacity,
                End::Pop => self.len() > 0,
            }
    }

    #[inline]
    pub(crate) fn try_push(&self, item: T) -> Result<(), SendError<T>> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(SendError { value: item, failure: SendFailure::Closed });
        }
        if state.items.len() >= self.capacity {
            return Err(SendError { value: item, failure: SendFailure::Full });
        }
        state.items.push_back(item);
        self.n_items.store(state.items.len(), Ordering::Release);
        if state.poppers.is_empty() {
            return Ok(());
        }
        let wakeups = state.poppers.notify_one();
        drop(state);
        wakeups.fire();
        Ok(())
    }

    /// Waits for room.
    pub(crate) fn push(&self, item: T, wait: &Wait<'_>) -> Result<(), SendError<T>> {
        let mut item = match self.try_push(item) {
            Err(SendError { value, failure: SendFailure::Full }) => value,
            done => return done,
        };
        spin(|| self.is_ready(End::Push).then_some(()));
        loop {
            item = match self.try_push(item) {
                Err(SendError { value, failure: SendFailure::Full }) => value,
                done => return done,
            };
            if let Err(error) = self.sleep(End::Push, wait) {
                return Err(SendError { value: item, failure: error.into() });
            }
        }
    }

    #[inline]
    pub(crate) fn try_pop(&self) -> Result<T, RecvError> {
        if !self.is_ready(End::Pop) {
            return Err(RecvError::Empty);
        }
        let mut state = self.state.lock();
        let Some(item) = state.items.pop_front() else {
            return Err(if state.closed { RecvError::Closed } else { RecvError::Empty });
        };
        self.n_items.store(state.items.len(), Ordering::Release);
        if state.pushers.is_empty() {
            return Ok(item);
        }
        let wakeups = state.pushers.notify_one();
        drop(state);
        wakeups.fire();
        Ok(item)
    }

    /// Waits for an item.
    pub(crate) fn pop(&self, wait: &Wait<'_>) -> Result<T, RecvError> {
        let attempt = || match self.try_pop() {
            Err(RecvError::Empty) => None,
            done => Some(done),
        };
        if let Some(done) = spin(attempt) {
            return done;
        }
        loop {
            self.sleep(End::Pop, wait)?;
            match self.try_pop() {
                Err(RecvError::Empty) => (),
                done => return done,
            }
        }
    }

    /// Sleeps until `end` is worth another try.
    #[cold]
    fn sleep(&self, end: End, wait: &Wait<'_>) -> Result<(), WaitError> {
        let waiter = {
            let mut state = self.state.lock();
            let ready = state.closed
                || match end {
                    End::Push => state.items.len() < self.capacity,
                    End::Pop => !state.items.is_empty(),
                };
            if ready {
                return Ok(());
            }
            let waiter = Waiter::new();
            state.end(end).add(waiter.clone());
            waiter
        };
        let error = match wait.sleep(&waiter) {
            Outcome::Notified | Outcome::Dropped => return Ok(()),
            Outcome::TimedOut => WaitError::TimedOut,
            Outcome::Interrupted => WaitError::Interrupted,
        };
        self.state.lock().end(end).remove(&waiter);
        Err(error)
    }

    /// Adds a watcher of `end`. False, and nothing is added, if that end is ready already.
    pub(crate) fn watch(&self, end: End, watcher: Watcher) -> bool {
        let mut state = self.state.lock();
        if self.is_ready(end) {
            return false;
        }
        state.end(end).watch(watcher);
        true
    }

    /// Calls `f` with the list of those who wait at `end`.
    pub(crate) fn with_waiting<R>(&self, end: End, f: impl FnOnce(&mut WaitList) -> R) -> R {
        f(self.state.lock().end(end))
    }

    /// Fails pushes from now on. False if it was closed before.
    pub(crate) fn close(&self) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            return false;
        }
        state.closed = true;
        self.closed.store(true, Ordering::Release);
        let pushers = state.pushers.notify_all();
        let poppers = state.poppers.notify_all();
        drop(state);
        pushers.fire();
        poppers.fire();
        true
    }

    /// Changes what lies in the pipe: `edit` may drop and replace items, not add any. What it takes out is dropped
    /// by whoever called, outside of the mutex.
    pub(crate) fn edit<R>(&self, edit: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        let mut state = self.state.lock();
        let result = edit(&mut state.items);
        self.n_items.store(state.items.len(), Ordering::Release);
        let wakeups = if state.items.len() < self.capacity {
            state.pushers.notify_all()
        } else {
            super::wait::Wakeups::default()
        };
        drop(state);
        wakeups.fire();
        result
    }
}

impl<T> fmt::Debug for Pipe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipe")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
