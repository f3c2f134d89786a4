//! A point that a fixed number of threads pass together.

use super::super::sync::{Arc, AtomicU32, Ordering};
use super::super::wait::{Wait, WaitError};
use super::gate::{Gate, Notify};
use std::fmt;

/// Lets threads wait until `n_parties` of them have come.
#[derive(Debug)]
pub struct Barrier {
    n_parties: usize,
    state: Gate<State>,
}

#[derive(Debug)]
struct State {
    round: Arc<Round>,
    n_waiting: usize,
}

/// How one round ends: each of its threads reads that here, however late it wakes.
#[derive(Debug)]
struct Round(AtomicU32);

const FILLING: u32 = 0;
const PASSED: u32 = 1;
const BROKEN: u32 = 2;

impl Round {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU32::new(FILLING)))
    }

    /// Read and written with the gate's mutex locked.
    fn outcome(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// A round ends once.
    fn end(&self, outcome: u32) {
        if self.outcome() == FILLING {
            self.0.store(outcome, Ordering::Relaxed);
        }
    }
}

/// Why a thread has not passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BarrierError {
    /// The barrier was aborted or reset, or another thread's wait failed.
    Broken,
    /// This thread's wait failed, which has broken the barrier.
    Wait(WaitError),
}

impl fmt::Display for BarrierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BarrierError::Broken => f.write_str("the barrier is broken"),
            BarrierError::Wait(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BarrierError {}

impl Barrier {
    /// A barrier for `n_parties` threads; for 0 as for 1.
    #[must_use]
    pub fn new(n_parties: usize) -> Self {
        let state = State { round: Round::new(), n_waiting: 0 };
        Self { n_parties: n_parties.max(1), state: Gate::new(state) }
    }

    /// Waits for the others. Returns a number that differs for each thread of the round: the last to come gets 0.
    ///
    /// # Errors
    /// [`BarrierError`].
    pub fn wait(&self, wait: &Wait<'_>) -> Result<usize, BarrierError> {
        let (round, place) = self.state.change(|state| {
            let round = state.round.clone();
            if round.outcome() == BROKEN {
                return (Err(BarrierError::Broken), Notify::None);
            }
            state.n_waiting += 1;
            let place = self.n_parties - state.n_waiting;
            if place > 0 {
                return (Ok((round, place)), Notify::None);
            }
            round.end(PASSED);
            *state = State { round: Round::new(), n_waiting: 0 };
            (Ok((round, 0)), Notify::All)
        })?;
        let ended = || match round.outcome() {
            FILLING => None,
            PASSED => Some(Ok(place)),
            _ => Some(Err(BarrierError::Broken)),
        };
        match self.state.wait_until(wait, |_| ended()) {
            Ok(result) => result,
            Err(error) => self.state.change(|state| match ended() {
                Some(result) => (result, Notify::None),
                None => {
                    round.end(BROKEN);
                    state.n_waiting = 0;
                    (Err(BarrierError::Wait(error)), Notify::All)
                }
            }),
        }
    }

    /// Breaks it: who waits fails, and who comes fails.
    pub fn abort(&self) {
        self.state.change(|state| {
            state.round.end(BROKEN);
            state.n_waiting = 0;
            ((), Notify::All)
        });
    }

    /// Makes it whole and empty again. Who waits fails.
    pub fn reset(&self) {
        self.state.change(|state| {
            state.round.end(BROKEN);
            *state = State { round: Round::new(), n_waiting: 0 };
            ((), Notify::All)
        });
    }

    /// How many threads a round takes.
    pub fn n_parties(&self) -> usize {
        self.n_parties
    }

    /// How many wait now.
    pub fn n_waiting(&self) -> usize {
        self.state.with(|state| state.n_waiting)
    }

    /// Whether it is broken.
    pub fn is_broken(&self) -> bool {
        self.state.with(|state| state.round.outcome() == BROKEN)
    }
}
