//! The state machines again, compiled over loom, with models that try every interleaving of two or three threads.
//!
//! Loom has no clock: a park with a time limit ends at once unless it is already decided, so models set the interval
//! to never where they want a real sleep.
#![allow(dead_code, reason = "the models do not use every method")]
#![expect(clippy::duplicate_mod, reason = "the point of the second build")]

#[path = "../breaker.rs"]
mod breaker;
#[path = "../line.rs"]
mod line;
#[path = "../lock.rs"]
mod lock;
#[path = "../pending.rs"]
mod pending;
mod sync;

use breaker::Breaker;
use lock::Lock;
use loom::cell::UnsafeCell;
use loom::thread;
use pending::PendingCalls;
use std::time::Duration;
use sync::Arc;

/// What the lock protects in a model. Loom reports any two accesses that are not ordered.
struct Shared {
    lock: Lock,
    value: UnsafeCell<usize>,
}

fn shared(interval: Duration) -> Arc<Shared> {
    let lock = Lock::new(Arc::new(Breaker::new()));
    lock.set_switch_interval(interval);
    Arc::new(Shared { lock, value: UnsafeCell::new(0) })
}

impl Shared {
    /// For the holder only: that is what is being checked.
    #[expect(unsafe_code, reason = "loom checks the access")]
    fn add_one(&self) {
        // SAFETY: the caller holds the lock; loom fails the model if that does not exclude other accesses.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }

    fn count_once(&self) {
        self.lock.acquire();
        self.add_one();
        self.lock.release();
    }

    #[expect(unsafe_code, reason = "loom checks the access")]
    fn value(&self) -> usize {
        // SAFETY: as in `add_one`.
        self.value.with(|value| unsafe { *value })
    }
}

fn check(bound: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.check(model);
}

/// Two threads, twice each: a woken heir may lose the race and must keep its place.
fn two_threads(interval: Duration) {
    let shared = shared(interval);
    let other = thread::spawn({
        let shared = shared.clone();
        move || {
            shared.count_once();
            shared.count_once();
        }
    });
    shared.count_once();
    shared.count_once();
    other.join().unwrap();
    shared.lock.acquire();
    assert_eq!(shared.value(), 4);
    assert_eq!(shared.lock.breaker().pending(), 0);
}

#[test]
fn two_threads_that_sleep() {
    check(3, || two_threads(Duration::MAX));
}

#[test]
fn two_threads_that_ask_at_once() {
    check(3, || two_threads(Duration::from_secs(1)));
}

fn three_threads(interval: Duration) {
    let shared = shared(interval);
    let others = [0, 1].map(|_| {
        let shared = shared.clone();
        thread::spawn(move || shared.count_once())
    });
    shared.count_once();
    for other in others {
        other.join().unwrap();
    }
    shared.lock.acquire();
    assert_eq!(shared.value(), 3);
}

#[test]
fn three_threads_that_sleep() {
    check(2, || three_threads(Duration::MAX));
}

#[test]
fn three_threads_that_ask_at_once() {
    check(2, || three_threads(Duration::from_secs(1)));
}

#[test]
fn a_holder_yields() {
    check(3, || {
        let shared = shared(Duration::from_secs(1));
        let other = thread::spawn({
            let shared = shared.clone();
            move || shared.count_once()
        });
        shared.lock.acquire();
        for _ in 0..2 {
            shared.add_one();
            if shared.lock.breaker().pending() & Breaker::GIVE_UP != 0 {
                shared.lock.yield_now();
            }
        }
        shared.lock.release();
        other.join().unwrap();
        shared.lock.acquire();
        assert_eq!(shared.value(), 3);
    });
}

#[test]
fn a_waiter_gives_up() {
    check(3, || {
        let shared = shared(Duration::from_secs(1_000));
        let other = thread::spawn({
            let shared = shared.clone();
            move || {
                let got_it = shared.lock.acquire_timeout(Duration::from_secs(1));
                if got_it {
                    shared.add_one();
                    shared.lock.release();
                }
                usize::from(got_it)
            }
        });
        shared.lock.acquire();
        shared.add_one();
        shared.lock.yield_now();
        shared.add_one();
        shared.lock.release();
        let got_it = other.join().unwrap();
        assert!(shared.lock.try_acquire(), "the lock is free once all have left");
        assert_eq!(shared.value(), 2 + got_it);
    });
}

#[test]
fn a_visitor_asks_at_once() {
    check(3, || {
        let shared = shared(Duration::MAX);
        let other = thread::spawn({
            let shared = shared.clone();
            move || {
                let got_it = shared.lock.acquire_soon(Duration::from_secs(1));
                if got_it {
                    shared.add_one();
                    shared.lock.release();
                }
                usize::from(got_it)
            }
        });
        shared.lock.acquire();
        for _ in 0..2 {
            shared.add_one();
            if shared.lock.breaker().pending() & Breaker::GIVE_UP != 0 {
                shared.lock.yield_now();
            }
        }
        shared.lock.release();
        let got_it = other.join().unwrap();
        shared.lock.acquire();
        assert_eq!(shared.value(), 2 + got_it);
        assert_eq!(shared.lock.breaker().pending(), 0);
    });
}

#[test]
fn pending_calls_run_once() {
    check(3, || {
        let breaker = Arc::new(Breaker::new());
        let calls = Arc::new(PendingCalls::<std::cell::Cell<usize>>::new(breaker.clone()));
        let other = thread::spawn({
            let calls = calls.clone();
            move || {
                for _ in 0..2 {
                    assert!(calls.push(Box::new(|n| n.set(n.get() + 1))).is_ok());
                }
            }
        });
        let n = std::cell::Cell::new(0);
        if breaker.pending() != 0 {
            calls.run(&n);
        }
        other.join().unwrap();
        while breaker.pending() != 0 {
            calls.run(&n);
        }
        assert_eq!(n.get(), 2);
    });
}
