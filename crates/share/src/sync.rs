//! The primitives this crate's waiting is built on: std's atomics and thread parking, parking_lot's mutex.
//!
//! `model/sync.rs` offers the same names over loom. What waits imports from `super::sync` (or deeper) only, so that
//! the test build compiles the same text over loom as well.
#![expect(unsafe_code, reason = "a cell that is guarded from outside")]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Instant;

/// A mutex that is never poisoned.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    #[inline]
    pub(crate) fn lock(&self) -> impl std::ops::DerefMut<Target = T> + '_ {
        self.0.lock()
    }
}

/// Puts the thread that made it to sleep.
#[derive(Debug)]
pub(crate) struct Parker(std::thread::Thread);

impl Parker {
    pub(crate) fn new() -> Self {
        Self(std::thread::current())
    }

    /// Parks until unparked, until `until`, or for no reason. False if `until` has passed.
    pub(crate) fn park(&self, until: Option<Instant>) -> bool {
        match until {
            None => std::thread::park(),
            Some(until) => match until.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => std::thread::park_timeout(left),
                _ => return false,
            },
        }
        true
    }

    pub(crate) fn unpark(&self) {
        self.0.unpark();
    }
}

/// Looks this often with a short pause in between, together about what it costs to be woken.
const N_PAUSES: u32 = 127;

/// And then so often after letting other threads run.
const N_YIELDS: u32 = 4;

/// Tries `attempt` for some microseconds. It should disturb nobody: what it looks at is looked at often.
pub(crate) fn spin<R>(mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
    for turn in 0..N_PAUSES + N_YIELDS {
        if let Some(result) = attempt() {
            return Some(result);
        }
        if turn < N_PAUSES { std::hint::spin_loop() } else { std::thread::yield_now() }
    }
    attempt()
}

/// Slots of a [`Lane`](super::lane::Lane): a power of two.
pub(crate) const LANE: usize = 4;

/// A place for one item. Who uses it keeps track of whether one lies there.
pub(crate) struct SlotCell<T>(UnsafeCell<MaybeUninit<T>>);

impl<T> SlotCell<T> {
    pub(crate) fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// Lays `item` there.
    ///
    /// # Safety
    /// Nobody else reads or writes the cell meanwhile, and nothing lies there (it would be forgotten).
    #[inline(always)]
    pub(crate) unsafe fn put(&self, item: T) {
        // SAFETY: as the caller vouches.
        unsafe { (*self.0.get()).write(item) };
    }

    /// Takes what lies there.
    ///
    /// # Safety
    /// Nobody else reads or writes the cell meanwhile, and an item lies there.
    #[inline(always)]
    pub(crate) unsafe fn take(&self) -> T {
        // SAFETY: as the caller vouches.
        unsafe { (*self.0.get()).assume_init_read() }
    }
}

/// Waits a moment for a thread that will be done in nanoseconds; longer if it seems not to run.
#[inline]
pub(crate) fn relax(turns: &mut u32) {
    *turns += 1;
    if *turns < 64 { std::hint::spin_loop() } else { std::thread::yield_now() }
}

/// Waits for a thread that will be done in nanoseconds, unless the system has interrupted it.
pub(crate) struct Patience;

impl Patience {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn wait(&self) {
        std::thread::yield_now();
    }
}

/// Orders what the thread has written before what it reads then. Nothing here, where these accesses are sequentially
/// consistent; loom orders such accesses less than it should, and fences as it should.
#[inline(always)]
pub(crate) fn full_fence() {}
