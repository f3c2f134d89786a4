//! The queue under every channel of this crate: a lane, a deque under a mutex behind it, and real waiting at both ends.
//!
//! Many threads push and many pop. Items come out in the order they went in. A pipe is *closed* once: pushes then
//! fail, pops drain what is left and fail afterwards. It knows nothing of interpreters or of what the items mean.
//!
//! Items pass by the [`Lane`] as long as it has room. What comes while it has none goes behind it, and so does all that
//! follows until nothing is there any more: every item in the lane is older than every item behind it. Who pops from behind
//! the lane fills it up again. The mutex comes before the lane's words in the order of locks.
//!
//! A thread that is to sleep says so in the hints, with the mutex locked, and then looks once more whether it has to. Who
//! passes an item looks into the hints after that: one of the two sees the other.

use super::lane::Lane;
use super::sync::{AtomicBool, AtomicUsize, LANE, Mutex, Ordering, spin};
use super::wait::{Outcome, Wait, WaitError, WaitList, Waiter, Wakeups, Watcher};
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
    lane: Lane<T>,
    hints: Hints,
    state: Mutex<State<T>>,
}

/// What the ends look at without the mutex. It is written with the mutex locked, and seldom, so that each core keeps a
/// copy of its cache line.
#[repr(align(64))]
struct Hints {
    /// Items behind the lane. It changes from 0 only while the lane's `tail` is held, so that who pushes by the lane sees
    /// whether something is behind it.
    n_behind: AtomicUsize,
    closed: AtomicBool,
    /// Whether somebody waits at the end.
    pushers_wait: AtomicBool,
    poppers_wait: AtomicBool,
    capacity: usize,
}

struct State<T> {
    /// What found no room in the lane.
    behind: VecDeque<T>,
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

impl Hints {
    fn waits(&self, end: End) -> &AtomicBool {
        match end {
            End::Push => &self.pushers_wait,
            End::Pop => &self.poppers_wait,
        }
    }

    /// Whether somebody waits at `end`, for who has just passed the lane by the other one.
    #[inline(always)]
    fn is_awaited(&self, end: End) -> bool {
        self.waits(end).load(Ordering::SeqCst)
    }
}

impl<T> Pipe<T> {
    /// An empty pipe for `capacity` items at once, at least one; `usize::MAX` is without bound.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            lane: Lane::new(),
            hints: Hints {
                n_behind: AtomicUsize::new(0),
                closed: AtomicBool::new(false),
                pushers_wait: AtomicBool::new(false),
                poppers_wait: AtomicBool::new(false),
                capacity: capacity.max(1),
            },
            state: Mutex::new(State {
                behind: VecDeque::new(),
                closed: false,
                pushers: WaitList::default(),
                poppers: WaitList::default(),
            }),
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.hints.capacity
    }

    /// How many items lie in it. The answer may be old when it arrives.
    pub(crate) fn len(&self) -> usize {
        self.lane.len() + self.hints.n_behind.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.hints.closed.load(Ordering::Acquire)
    }

    /// Whether an operation at `end` would return at once.
    #[inline]
    pub(crate) fn is_ready(&self, end: End) -> bool {
        match end {
            End::Push => self.capacity() == usize::MAX || self.len() < self.capacity() || self.is_closed(),
            End::Pop => self.lane.is_ready() || self.is_behind_ready(),
        }
    }

    /// Whether a pop must look behind the lane.
    #[inline]
    fn is_behind_ready(&self) -> bool {
        self.hints.n_behind.load(Ordering::Acquire) != 0 || self.is_closed()
    }

    #[inline]
    pub(crate) fn try_push(&self, item: T) -> Result<(), SendError<T>> {
        if self.hints.n_behind.load(Ordering::Relaxed) == 0
            && let Some(mut pusher) = self.lane.pusher()
            && self.hints.n_behind.load(Ordering::Relaxed) == 0
            && pusher.has_room(self.capacity())
        {
            pusher.push(item);
            drop(pusher);
            if self.hints.is_awaited(End::Pop) {
                self.wake_one(End::Pop);
            }
            return Ok(());
        }
        self.push_behind(item)
    }

    /// Pushes with the mutex.
    #[inline(never)]
    fn push_behind(&self, item: T) -> Result<(), SendError<T>> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(SendError { value: item, failure: SendFailure::Closed });
        }
        // While something is behind the lane and the mutex is locked, nobody else pushes.
        let mut pusher = if state.behind.is_empty() { self.lane.pusher() } else { None };
        if self.capacity() != usize::MAX && self.lane.len() + state.behind.len() >= self.capacity() {
            return Err(SendError { value: item, failure: SendFailure::Full });
        }
        match &mut pusher {
            Some(pusher) if pusher.has_room(self.capacity()) => pusher.push(item),
            _ => {
                state.behind.push_back(item);
                self.hints.n_behind.store(state.behind.len(), Ordering::Release);
            }
        }
        drop(pusher);
        if state.poppers.is_empty() {
            return Ok(());
        }
        let wakeups = self.notify(&mut state, End::Pop, WaitList::notify_one);
        drop(state);
        wakeups.fire();
        Ok(())
    }

    /// Notifies those who wait at `end`. The mutex is locked.
    fn notify(&self, state: &mut State<T>, end: End, how: impl FnOnce(&mut WaitList) -> Wakeups) -> Wakeups {
        let list = state.end(end);
        if list.is_empty() {
            return Wakeups::default();
        }
        let wakeups = how(list);
        self.tell(state, end);
        wakeups
    }

    /// Says in the hints whether somebody waits at `end`. The mutex is locked.
    fn tell(&self, state: &mut State<T>, end: End) {
        self.hints.waits(end).store(!state.end(end).is_empty(), Ordering::SeqCst);
    }

    #[cold]
    fn wake_one(&self, end: End) {
        let mut state = self.state.lock();
        let wakeups = self.notify(&mut state, end, WaitList::notify_one);
        drop(state);
        wakeups.fire();
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
        if let Some(item) = self.lane.pop() {
            if self.hints.is_awaited(End::Push) {
                self.wake_one(End::Push);
            }
            return Ok(item);
        }
        // What was behind may be in the lane now.
        if self.is_behind_ready() || self.lane.is_ready() { self.pop_behind() } else { Err(RecvError::Empty) }
    }

    /// Pops with the mutex.
    #[inline(never)]
    fn pop_behind(&self) -> Result<T, RecvError> {
        let mut state = self.state.lock();
        // What is in the lane is older than what is behind it.
        let item = match self.lane.pop() {
            Some(item) => item,
            None => match state.behind.pop_front() {
                Some(item) => {
                    self.refill_lane(&mut state);
                    item
                }
                None => return Err(if state.closed { RecvError::Closed } else { RecvError::Empty }),
            },
        };
        if state.pushers.is_empty() {
            return Ok(item);
        }
        let wakeups = self.notify(&mut state, End::Push, WaitList::notify_one);
        drop(state);
        wakeups.fire();
        Ok(item)
    }

    /// Moves what comes next into the lane, whence it is popped without the mutex, which is locked.
    fn refill_lane(&self, state: &mut State<T>) {
        if !state.behind.is_empty()
            && let Some(mut pusher) = self.lane.pusher()
        {
            while pusher.has_room(LANE)
                && let Some(item) = state.behind.pop_front()
            {
                pusher.push(item);
            }
        }
        self.hints.n_behind.store(state.behind.len(), Ordering::Release);
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

    /// Whether one that has announced itself at `end` has to wait there. The mutex is locked.
    fn must_wait(&self, state: &State<T>, end: End) -> bool {
        !state.closed
            && match end {
                End::Pop => state.behind.is_empty() && self.lane.is_idle(),
                End::Push => match self.capacity().checked_sub(state.behind.len()) {
                    Some(room) => self.lane.is_stuffed(room),
                    None => true,
                },
            }
    }

    /// Adds to those who wait at `end`, if one has to wait there. Who passes the lane by the other end from now on sees
    /// that somebody waits.
    fn enlist(&self, end: End, add: impl FnOnce(&mut WaitList)) -> bool {
        let mut state = self.state.lock();
        self.hints.waits(end).store(true, Ordering::SeqCst);
        let must_wait = self.must_wait(&state, end);
        if must_wait {
            add(state.end(end));
        } else {
            self.tell(&mut state, end);
            drop(state);
            self.lane.settle();
        }
        must_wait
    }

    /// Sleeps until `end` is worth another try.
    #[cold]
    fn sleep(&self, end: End, wait: &Wait<'_>) -> Result<(), WaitError> {
        let waiter = Waiter::new();
        if !self.enlist(end, |list| list.add(waiter.clone())) {
            return Ok(());
        }
        let error = match wait.sleep(&waiter) {
            Outcome::Notified | Outcome::Dropped => return Ok(()),
            Outcome::TimedOut => WaitError::TimedOut,
            Outcome::Interrupted => WaitError::Interrupted,
        };
        self.with_waiting(end, |list| list.remove(&waiter));
        Err(error)
    }

    /// Adds a watcher of `end`. False, and nothing is added, if that end is ready already.
    pub(crate) fn watch(&self, end: End, watcher: Watcher) -> bool {
        self.enlist(end, |list| list.watch(watcher))
    }

    /// Calls `f` with the list of those who wait at `end`.
    pub(crate) fn with_waiting<R>(&self, end: End, f: impl FnOnce(&mut WaitList) -> R) -> R {
        let mut state = self.state.lock();
        let result = f(state.end(end));
        self.tell(&mut state, end);
        result
    }

    /// Fails pushes from now on. False if it was closed before.
    pub(crate) fn close(&self) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            return false;
        }
        state.closed = true;
        self.lane.close();
        self.hints.closed.store(true, Ordering::Release);
        let pushers = self.notify(&mut state, End::Push, WaitList::notify_all);
        let poppers = self.notify(&mut state, End::Pop, WaitList::notify_all);
        drop(state);
        pushers.fire();
        poppers.fire();
        true
    }

    /// Moves what is in the lane behind it. The mutex is locked.
    fn clear_lane(&self, state: &mut State<T>) {
        // Nobody pushes meanwhile: the lane is held, or closed.
        let _pusher = self.lane.pusher();
        // A popper that finds the lane cleared must find out that there is something behind it.
        self.hints.n_behind.store(state.behind.len() + self.lane.len(), Ordering::Release);
        for (at, item) in self.lane.pop_all().into_iter().flatten().enumerate() {
            state.behind.insert(at, item);
        }
    }

    /// Changes what lies in the pipe: `edit` may drop and replace items, not add any. What it takes out is dropped
    /// by whoever called, outside of the mutex.
    pub(crate) fn edit<R>(&self, edit: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        let mut state = self.state.lock();
        self.clear_lane(&mut state);
        let result = edit(&mut state.behind);
        self.hints.n_behind.store(state.behind.len(), Ordering::Release);
        let wakeups = if state.behind.len() < self.capacity() {
            self.notify(&mut state, End::Push, WaitList::notify_all)
        } else {
            Wakeups::default()
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
            .field("capacity", &self.capacity())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
