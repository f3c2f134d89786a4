//! The handle by which another thread ends a wait.
//!
//! Once raised it stays up, and every wait that uses it ends at once, until it is lowered: an interrupt that arrives
//! just before a thread begins to wait is not lost. Where several threads wait with one interrupt and each lowers it, a
//! thread tells by the count whether it was raised since that thread looked.

use super::super::sync::{Arc, AtomicBool, AtomicU32, Mutex, Ordering};
use super::Waiter;

/// Ends waits from another thread: a signal's arrival, the close of an interpreter. Clones are the same interrupt.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    raised: AtomicBool,
    n_raised: AtomicU32,
    waiters: Mutex<Vec<Arc<Waiter>>>,
}

impl Interrupt {
    /// One that is not raised.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            raised: AtomicBool::new(false),
            n_raised: AtomicU32::new(0),
            waiters: Mutex::new(Vec::new()),
        }))
    }

    /// Ends all waits that use this interrupt, and those to come, until [`Interrupt::lower`].
    pub fn raise(&self) {
        let waiters = self.0.waiters.lock();
        self.0.n_raised.fetch_add(1, Ordering::Release);
        self.0.raised.store(true, Ordering::Release);
        let all = waiters.clone();
        drop(waiters);
        for waiter in all {
            waiter.wake();
        }
    }

    /// Lets waits wait again. Returns whether it was raised.
    pub fn lower(&self) -> bool {
        self.0.raised.swap(false, Ordering::AcqRel)
    }

    /// How often it was raised, modulo 2^32.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.n_raised.load(Ordering::Acquire)
    }

    /// Whether it is raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.raised.load(Ordering::Acquire)
    }

    /// From now on a raise unparks the thread of `waiter`, which asks `is_raised` before it parks.
    pub(super) fn enlist(&self, waiter: &Arc<Waiter>) {
        self.0.waiters.lock().push(waiter.clone());
    }

    pub(super) fn strike(&self, waiter: &Arc<Waiter>) {
        let mut waiters = self.0.waiters.lock();
        if let Some(at) = waiters.iter().position(|other| Arc::ptr_eq(other, waiter)) {
            waiters.swap_remove(at);
        }
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new()
    }
}
