//! The interpreter's lock: one compare-and-swap to take, one to give back, and a fair hand-off on request.
//!
//! # The state machine
//!
//! One thread at most *holds* the lock. Of those that wait, one at most is the *heir*, the first in line; the others
//! stand in the [`Line`] behind it and do not touch the lock's word. Four bits make five states:
//!
//! | state | meaning |
//! | --- | --- |
//! | `0` | free |
//! | `HELD` | held; nobody waits, or only threads that have not parked yet |
//! | `HELD HEIR` | held; the heir sleeps and wants to be woken |
//! | `HELD HEIR RESERVED` | held; the heir has waited a whole switch interval, the next release is its turn |
//! | `HELD HEIR GRANTED` | the heir owns the lock and has not noticed yet |
//!
//! | from | to | by | when |
//! | --- | --- | --- | --- |
//! | `0` | `HELD` | anyone, the heir too | acquire |
//! | `HELD` | `0` | the holder | release |
//! | `HELD` | `HELD HEIR` | the heir | before it parks |
//! | `HELD`, `HELD HEIR` | `HELD HEIR RESERVED` | the heir | its interval is over; it then sets `GIVE_UP` on the breaker |
//! | `HELD HEIR` | `0` | the holder | release; it then wakes the heir, and any thread may be faster than that one |
//! | `HELD HEIR RESERVED` | `HELD HEIR GRANTED` | the holder | release |
//! | `HELD HEIR`, `HELD HEIR RESERVED` | `HELD HEIR GRANTED` | the holder | `yield_now` |
//! | `HELD HEIR GRANTED` | `HELD` | the heir | it notices |
//! | `HELD HEIR`, `HELD HEIR RESERVED` | `HELD` | the heir | it gives up at its time-out |
//!
//! Two things follow. A thread that lets go around a short system call usually gets the lock back without a switch,
//! as the woken heir takes microseconds to arrive: throughput. But the heir keeps its place when it loses that race,
//! and after one interval its turn is certain: with `n` threads before it a thread waits at most `n` intervals plus the
//! time to the next safepoint of each holder: fairness. The interval runs from the moment a thread becomes
//! the heir, which is when the previous heir took the lock, so each holder has a whole interval to itself.
//!
//! `GIVE_UP` is set by the heir only, and cleared by the heir before it leaves that rank, or by the holder in
//! [`Lock::yield_now`], which clears *before* it looks at the state: no request is lost.

use super::breaker::Breaker;
use super::line::Line;
use super::sync::{Arc, AtomicU32, AtomicU64, Ordering, ParkSpot, Woken, n_spins, spin_hint};
use std::time::{Duration, Instant};

const HELD: u32 = 1;
const HEIR: u32 = 2;
const RESERVED: u32 = 4;
const GRANTED: u32 = 8;

/// The lock of one interpreter. See the [module](self) for how it behaves.
///
/// It protects no data by type: whoever builds a machine on it decides what only the holder may touch, and keeps
/// [`Lock::release`] out of the reach of threads that do not hold it.
#[derive(Debug)]
pub struct Lock {
    state: AtomicU32,
    heir: ParkSpot,
    line: Line,
    breaker: Arc<Breaker>,
    /// In nanoseconds; `u64::MAX` is never.
    interval: AtomicU64,
    n_waits: AtomicU64,
    n_hand_offs: AtomicU64,
}

/// What a lock has counted since it was made. Acquisitions that did not have to wait are not counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LockStats {
    /// How often a thread had to wait.
    pub n_waits: u64,
    /// How often a holder handed the lock to the first waiter on request.
    pub n_hand_offs: u64,
}

impl Lock {
    /// CPython's switch interval: 5 ms.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_millis(5);

    /// A free lock whose waiters set `GIVE_UP` on `breaker`.
    #[must_use]
    pub fn new(breaker: Arc<Breaker>) -> Self {
        Self {
            state: AtomicU32::new(0),
            heir: ParkSpot::new(),
            line: Line::new(),
            breaker,
            interval: AtomicU64::new(nanos(Self::DEFAULT_INTERVAL)),
            n_waits: AtomicU64::new(0),
            n_hand_offs: AtomicU64::new(0),
        }
    }

    /// The word on which this lock's waiters ask.
    pub fn breaker(&self) -> &Arc<Breaker> {
        &self.breaker
    }

    /// How long a thread waits before it asks the holder to give up.
    pub fn switch_interval(&self) -> Duration {
        Duration::from_nanos(self.interval.load(Ordering::Relaxed))
    }

    /// Changes the interval, for waits that begin from now on. `Duration::MAX` is never.
    pub fn set_switch_interval(&self, interval: Duration) {
        self.interval.store(nanos(interval), Ordering::Relaxed);
    }

    /// Whether any thread holds the lock. The answer may be old when it arrives.
    pub fn is_held(&self) -> bool {
        self.state.load(Ordering::Relaxed) != 0
    }

    /// Whether a thread sleeps until it can have the lock. For the holder, who would rather let go of it than idle.
    #[inline]
    pub fn is_wanted(&self) -> bool {
        self.state.load(Ordering::Relaxed) & HEIR != 0
    }

    /// What the lock has counted.
    pub fn stats(&self) -> LockStats {
        LockStats {
            n_waits: self.n_waits.load(Ordering::Relaxed),
            n_hand_offs: self.n_hand_offs.load(Ordering::Relaxed),
        }
    }

    /// Takes the lock, waiting for it as long as it takes. A thread that holds it already would wait for ever.
    #[inline]
    pub fn acquire(&self) {
        if !self.try_acquire() {
            self.acquire_slow(None, true, self.switch_interval());
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_acquire(&self) -> bool {
        self.state.compare_exchange(0, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Takes the lock, or gives up after `timeout` and returns false.
    pub fn acquire_timeout(&self, timeout: Duration) -> bool {
        self.try_acquire() || self.acquire_slow(Instant::now().checked_add(timeout), true, self.switch_interval())
    }

    /// As [`Lock::acquire_timeout`], for a short visit: once first in line, the thread asks the holder at once, without
    /// leaving it its interval.
    pub fn acquire_soon(&self, timeout: Duration) -> bool {
        self.try_acquire() || self.acquire_slow(Instant::now().checked_add(timeout), true, Duration::ZERO)
    }

    /// Gives the lock back. Only the holder may call this.
    #[inline]
    pub fn release(&self) {
        if self.state.compare_exchange(HELD, 0, Ordering::Release, Ordering::Relaxed).is_err() {
            self.release_slow();
        }
    }

    /// Lets the first waiter have the lock, if one sleeps, and takes it back when all who waited have had their turn.
    /// For the holder, at a safepoint where it has seen `GIVE_UP`.
    #[cold]
    pub fn yield_now(&self) {
        self.breaker.clear(Breaker::GIVE_UP);
        if self.grant() {
            self.acquire_slow(None, false, self.switch_interval());
        }
    }

    /// In the child of a `fork`, for the thread that held the lock when it forked and is the only one left: the lock is
    /// its own again, and whoever waited in the parent is forgotten.
    pub fn after_fork(&self) {
        let mut sleeps = true;
        while sleeps {
            self.heir.unpark_one(|found| sleeps = found.any);
        }
        self.line.after_fork();
        self.state.store(HELD, Ordering::Relaxed);
        self.breaker.clear(Breaker::GIVE_UP);
    }

    #[cold]
    fn release_slow(&self) {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            debug_assert!(state & (HELD | GRANTED) == HELD, "release of a lock that is not held");
            if state & (HELD | GRANTED) != HELD {
                return;
            }
            if state & RESERVED != 0 {
                if self.grant() {
                    return;
                }
                // The heir has given up meanwhile.
                state = self.state.load(Ordering::Relaxed);
                continue;
            }
            match self.state.compare_exchange(state, 0, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break,
                Err(now) => state = now,
            }
        }
        if state & HEIR != 0 {
            self.heir.unpark_one(|_| ());
        }
    }

    /// The holder makes the heir the owner. False, and nothing has changed, if there is none asleep.
    fn grant(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & HEIR == 0 {
                return false;
            }
            let next = HELD | HEIR | GRANTED;
            match self.state.compare_exchange(state, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break,
                Err(now) => state = now,
            }
        }
        self.n_hand_offs.fetch_add(1, Ordering::Relaxed);
        self.heir.unpark_one(|_| ());
        true
    }

    #[cold]
    fn acquire_slow(&self, until: Option<Instant>, spin: bool, interval: Duration) -> bool {
        if spin && self.spin() {
            return true;
        }
        self.n_waits.fetch_add(1, Ordering::Relaxed);
        if !self.line.enter(until) {
            return false;
        }
        let got_it = self.inherit(until, interval);
        self.line.leave();
        got_it
    }

    /// Tries for a few microseconds: about what it costs to be woken.
    fn spin(&self) -> bool {
        for _ in 0..n_spins() {
            if self.state.load(Ordering::Relaxed) == 0 && self.try_acquire() {
                return true;
            }
            spin_hint();
        }
        false
    }

    /// The wait of the heir, who asks for its turn after `interval`.
    fn inherit(&self, until: Option<Instant>, interval: Duration) -> bool {
        let asks_at = if interval == NEVER { None } else { Instant::now().checked_add(interval) };
        let mut asked = false;
        let got_it = loop {
            if self.spin_or_take() {
                break true;
            }
            if !self.register(if asked { HEIR | RESERVED } else { HEIR }) {
                continue;
            }
            let patience = if asked { None } else { asks_at };
            let woken = self.heir.park(
                || self.state.load(Ordering::Relaxed) & (HELD | HEIR | GRANTED) == HELD | HEIR,
                |_| (),
                earlier(patience, until),
            );
            if woken != Woken::TimedOut {
                continue;
            }
            if patience.is_some() && earlier(patience, until) == patience {
                asked = true;
                if self.register(HEIR | RESERVED) {
                    self.breaker.request(Breaker::GIVE_UP);
                }
            } else {
                break self.resign();
            }
        };
        if asked {
            self.breaker.clear(Breaker::GIVE_UP);
        }
        got_it
    }

    fn spin_or_take(&self) -> bool {
        self.take() || self.spin() || self.take()
    }

    /// The heir takes what is free or granted to it.
    fn take(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        while state == 0 || state & GRANTED != 0 {
            match self.state.compare_exchange(state, HELD, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    /// The heir puts up its `bits`. False if the lock is there to be taken.
    fn register(&self, bits: u32) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state == 0 || state & GRANTED != 0 {
                return false;
            }
            if state & bits == bits {
                return true;
            }
            match self.state.compare_exchange(state, state | bits, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
    }

    /// The heir's time is over: it takes down its bits, unless the lock has just become its own.
    fn resign(&self) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state == 0 || state & GRANTED != 0 {
                if self.take() {
                    return true;
                }
                state = self.state.load(Ordering::Relaxed);
                continue;
            }
            let next = state & !(HEIR | RESERVED);
            match self.state.compare_exchange(state, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return false,
                Err(now) => state = now,
            }
        }
    }
}

const NEVER: Duration = Duration::from_nanos(u64::MAX);

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
