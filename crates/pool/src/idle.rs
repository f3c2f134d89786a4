//! How idle workers park, and how a push wakes just as many as are needed.
//!
//! A worker *runs* a task, *searches* for one, or *sleeps*. One word counts the searching (low half) and the sleeping
//! (high half). Everybody changes it by read-modify-write operations, so that all see its changes in one order:
//!
//! | who | changes the word | and then |
//! | --- | --- | --- |
//! | a push | nothing (but reads by a write) | if nobody searches and somebody sleeps, wakes one |
//! | who wakes | one sleeping less, one searching more, for the woken | |
//! | a worker out of work | one searching more | looks into all queues |
//! | a searching worker that found a task | one searching less | if it was the last to search and more is queued, wakes one |
//! | a searching worker that found none | one searching less, one sleeping more | looks once more, then parks |
//!
//! No push is lost: a push that sees a searching worker comes, in the order of the word, before that worker stops
//! searching, and whoever stops searching looks at the queues afterwards: to sleep, or to wake the next. `src/model`
//! checks it.

use super::sync::{Arc, AtomicUsize, Mutex, Ordering, Parker};

const SEARCHING: usize = 1;
const SLEEPING: usize = 1 << (usize::BITS / 2);
const LOW: usize = SLEEPING - 1;

/// Who searches and who sleeps.
#[derive(Debug)]
pub(crate) struct Idle {
    word: AtomicUsize,
    sleepers: Mutex<Vec<Arc<Parker>>>,
}

impl Idle {
    pub(crate) fn new() -> Self {
        Self { word: AtomicUsize::new(0), sleepers: Mutex::new(Vec::new()) }
    }

    /// Something was pushed.
    #[inline]
    pub(crate) fn notify(&self) {
        let word = self.word.fetch_add(0, Ordering::AcqRel);
        if word & LOW == 0 && word >= SLEEPING {
            self.wake_one();
        }
    }

    /// How many sleep now.
    pub(crate) fn n_sleeping(&self) -> usize {
        self.word.load(Ordering::Relaxed) / SLEEPING
    }

    /// Wakes a sleeping worker, which then searches.
    #[cold]
    fn wake_one(&self) {
        let mut sleepers = self.sleepers.lock();
        let Some(parker) = sleepers.pop() else { return };
        self.word.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::AcqRel);
        drop(sleepers);
        parker.unpark();
    }

    /// Wakes all (the pool shuts down).
    pub(crate) fn wake_all(&self) {
        let mut sleepers = self.sleepers.lock();
        let all = std::mem::take(&mut *sleepers);
        for _ in &all {
            self.word.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::AcqRel);
        }
        drop(sleepers);
        for parker in all {
            parker.unpark();
        }
    }

    /// The worker has no task.
    pub(crate) fn begin_search(&self) {
        self.word.fetch_add(SEARCHING, Ordering::AcqRel);
    }

    /// The searching worker has found one; `more` says whether others are queued.
    pub(crate) fn end_search(&self, more: impl FnOnce() -> bool) {
        let before = self.word.fetch_sub(SEARCHING, Ordering::AcqRel);
        if before & LOW == SEARCHING && before >= SLEEPING && more() {
            self.wake_one();
        }
    }

    /// The searching worker has found none: it sleeps until it is woken, unless `has_work` sees some after all. It
    /// searches again when this returns.
    pub(crate) fn sleep(&self, parker: &Arc<Parker>, has_work: impl Fn() -> bool) {
        self.sleepers.lock().push(parker.clone());
        self.word.fetch_add(SLEEPING.wrapping_sub(SEARCHING), Ordering::AcqRel);
        if has_work() {
            let mut sleepers = self.sleepers.lock();
            if let Some(at) = sleepers.iter().position(|other| Arc::ptr_eq(other, parker)) {
                sleepers.swap_remove(at);
                self.word.fetch_add(SEARCHING.wrapping_sub(SLEEPING), Ordering::AcqRel);
                return;
            }
            // Somebody has chosen this worker: the wake is on its way.
        }
        parker.park();
    }
}
