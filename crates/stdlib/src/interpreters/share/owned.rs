//! Locks that know whose code holds them, so that none stays held when its holder's interpreter is closed.
//!
//! Invariants: `home` is the interpreter whose code took the lock last and has not given it back; whoever gives it back says so first,
//! whoever takes it says so afterwards. In between it belongs to nobody, and nobody takes it away.

use serpens_share::prims;
use serpens_state::crossing;
use serpens_state::interpreter::home;
use serpens_vm::Vm;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// No interpreter.
const NOBODY: i64 = -1;

/// A lock with the interpreter whose code holds it.
pub(super) struct Owned<L> {
    lock: L,
    home: AtomicI64,
    /// Whether it is on the list of those that are looked at when an interpreter is closed.
    listed: AtomicBool,
}

impl<L: Default> Default for Owned<L> {
    fn default() -> Self {
        Owned { lock: L::default(), home: AtomicI64::new(NOBODY), listed: AtomicBool::new(false) }
    }
}

impl<L> Deref for Owned<L> {
    type Target = L;

    fn deref(&self) -> &L {
        &self.lock
    }
}

/// What can be taken from an interpreter that is gone.
trait Held: Send + Sync {
    fn abandon(&self, gone: i64);
}

impl<L: Abandon + Send + Sync> Held for Owned<L> {
    fn abandon(&self, gone: i64) {
        if self.home.compare_exchange(gone, NOBODY, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            self.lock.abandon();
        }
    }
}

/// Frees a lock, whoever holds it.
pub(super) trait Abandon {
    fn abandon(&self);
}

impl Abandon for prims::Lock {
    fn abandon(&self) {
        // Free already: all the better.
        let _ = self.release();
    }
}

impl Abandon for prims::RLock {
    fn abandon(&self) {
        if let Some(who) = self.holder() {
            prims::RLock::abandon(self, who);
        }
    }
}

/// The locks of a runtime that have been taken.
#[derive(Default)]
struct Taken(Mutex<Vec<Weak<dyn Held>>>);

impl<L: Abandon + Send + Sync + 'static> Owned<L> {
    /// The calling thread has taken it.
    #[inline]
    pub(super) fn taken(self: &Arc<Self>, vm: &Vm) {
        self.home.store(home(vm).map_or(NOBODY, |i| i.id()), Ordering::Release);
        if !self.listed.load(Ordering::Relaxed) {
            self.list(vm);
        }
    }

    /// It is about to be given back.
    #[inline]
    pub(super) fn leaving(&self) {
        self.home.store(NOBODY, Ordering::Release);
    }

    #[cold]
    fn list(self: &Arc<Self>, vm: &Vm) {
        if self.listed.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Ok(taken) = crossing::registry::<Taken>(vm) {
            let mut all = taken.0.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() == all.capacity() {
                all.retain(|lock| lock.strong_count() > 0);
            }
            let this: Weak<Self> = Arc::downgrade(self);
            all.push(this);
        }
    }
}

/// Frees the locks that the code of an interpreter held which is closed now.
pub(in super::super) fn abandon(vm: &Vm, gone: i64) {
    let Ok(taken) = crossing::registry::<Taken>(vm) else { return };
    let all: Vec<_> = {
        let all = taken.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter_map(Weak::upgrade).collect()
    };
    all.iter().for_each(|lock| lock.abandon(gone));
}
