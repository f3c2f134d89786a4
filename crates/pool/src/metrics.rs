//! What a pool has counted.

use crossbeam_utils::CachePadded;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the pool was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Metrics {
    /// Workers.
    pub workers: usize,
    /// Workers that sleep now.
    pub sleeping: usize,
    /// Tasks submitted.
    pub submitted: u64,
    /// Tasks that ended with a result.
    pub completed: u64,
    /// Tasks that ended without one: raised, cancelled, out of time, panicked.
    pub failed: u64,
    /// Times a worker took tasks from another.
    pub stolen: u64,
    /// Times a worker went to sleep.
    pub parked: u64,
    /// Interpreters made.
    pub interpreters: u64,
    /// Interpreters thrown away after a panic.
    pub broken: u64,
}

/// The counters of one worker, on a cache line of their own.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) completed: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) stolen: AtomicU64,
    pub(crate) parked: AtomicU64,
    pub(crate) interpreters: AtomicU64,
    pub(crate) broken: AtomicU64,
}

pub(crate) type PaddedCounters = CachePadded<Counters>;

/// Counts one more. Only the worker itself writes its counters.
#[inline]
pub(crate) fn count(counter: &AtomicU64) {
    add(counter, 1);
}

/// Counts `n` more.
#[inline]
pub(crate) fn add(counter: &AtomicU64, n: u64) {
    counter.store(counter.load(Ordering::Relaxed) + n, Ordering::Relaxed);
}

/// Adds a worker's counters to a sum.
pub(crate) fn gather(sum: &mut Metrics, counters: &Counters) {
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    sum.completed += read(&counters.completed);
    sum.failed += read(&counters.failed);
    sum.stolen += read(&counters.stolen);
    sum.parked += read(&counters.parked);
    sum.interpreters += read(&counters.interpreters);
    sum.broken += read(&counters.broken);
}
