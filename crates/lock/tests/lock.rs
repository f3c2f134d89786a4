//! The lock, the breaker and pending calls on real threads.

use serpens_lock::{Breaker, Lock, PendingCalls};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn lock() -> Lock {
    Lock::new(Arc::new(Breaker::new()))
}

#[test]
fn acquire_and_release() {
    let lock = lock();
    assert!(!lock.is_held());
    lock.acquire();
    assert!(lock.is_held());
    assert!(!lock.try_acquire());
    lock.release();
    assert!(lock.try_acquire());
    lock.release();
    assert_eq!(lock.stats().n_waits, 0);
    assert_eq!(lock.switch_interval(), Lock::DEFAULT_INTERVAL);
}

#[test]
fn timeout_passes() {
    let lock = lock();
    let start = Instant::now();
    lock.acquire();
    thread::scope(|scope| {
        scope.spawn(|| assert!(!lock.acquire_timeout(Duration::from_millis(12))));
    });
    assert!(start.elapsed() >= Duration::from_millis(12));
    assert_eq!(lock.breaker().pending(), 0, "a waiter that leaves takes its request along");
    lock.release();
    assert!(lock.acquire_timeout(Duration::ZERO));
    lock.release();
}

#[test]
fn a_visitor_does_not_wait_for_the_interval() {
    let lock = lock();
    lock.set_switch_interval(Duration::from_secs(1_000));
    lock.acquire();
    thread::scope(|scope| {
        let visitor = scope.spawn(|| {
            assert!(lock.acquire_soon(Duration::from_secs(100)));
            lock.release();
        });
        while !visitor.is_finished() {
            if lock.breaker().pending() & Breaker::GIVE_UP != 0 {
                lock.yield_now();
            }
            std::hint::spin_loop();
        }
    });
    assert_eq!(lock.breaker().pending(), 0);
    thread::scope(|scope| {
        scope.spawn(|| assert!(!lock.acquire_soon(Duration::from_millis(5)), "the holder passes no safepoint"));
    });
    assert_eq!(lock.breaker().pending(), 0, "it takes its request along");
    lock.release();
}

#[test]
fn a_waiter_asks_after_the_interval() {
    let lock = lock();
    lock.acquire();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            lock.acquire();
            lock.release();
        });
        let start = Instant::now();
        while lock.breaker().pending() & Breaker::GIVE_UP == 0 {
            assert!(start.elapsed() < Duration::from_secs(20), "nobody asked");
            std::hint::spin_loop();
        }
        assert!(start.elapsed() >= Duration::from_millis(4));
        lock.yield_now();
        waiter.join().unwrap();
        assert_eq!(lock.stats().n_hand_offs, 1);
        assert_eq!(lock.breaker().pending(), 0);
    });
    lock.release();
}

/// Threads that compute and threads that let go all the time: none of them starves.
#[test]
fn all_get_their_share() {
    let lock = lock();
    lock.set_switch_interval(Duration::from_micros(500));
    let done = AtomicBool::new(false);
    let inside = AtomicBool::new(false);
    let turns: Vec<AtomicU64> = (0..5).map(|_| AtomicU64::new(0)).collect();
    thread::scope(|scope| {
        for (who, turns) in turns.iter().enumerate() {
            let (lock, done, inside) = (&lock, &done, &inside);
            scope.spawn(move || {
                lock.acquire();
                while !done.load(Ordering::Relaxed) {
                    assert!(!inside.swap(true, Ordering::Relaxed), "two threads hold the lock");
                    inside.store(false, Ordering::Relaxed);
                    if lock.breaker().pending() & Breaker::GIVE_UP != 0 {
                        lock.yield_now();
                        turns.fetch_add(1, Ordering::Relaxed);
                    } else if who >= 3 {
                        lock.release();
                        turns.fetch_add(1, Ordering::Relaxed);
                        lock.acquire();
                    }
                }
                lock.release();
            });
        }
        let start = Instant::now();
        while turns.iter().any(|turns| turns.load(Ordering::Relaxed) < 20) {
            assert!(start.elapsed() < Duration::from_secs(60), "a thread starves: {turns:?}");
            thread::sleep(Duration::from_millis(5));
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(!lock.is_held());
    assert_eq!(lock.breaker().pending(), 0);
}

/// Waiters with limits, holders that yield, and plain users in one crowd.
#[test]
fn stress() {
    let lock = lock();
    lock.set_switch_interval(Duration::from_micros(50));
    let inside = AtomicBool::new(false);
    let total = AtomicU64::new(0);
    let section = || {
        assert!(!inside.swap(true, Ordering::Relaxed), "two threads hold the lock");
        total.fetch_add(1, Ordering::Relaxed);
        assert!(inside.swap(false, Ordering::Relaxed));
    };
    let expected: u64 = thread::scope(|scope| {
        let threads: Vec<_> = (0..6_u64)
            .map(|who| {
                let (lock, section) = (&lock, &section);
                scope.spawn(move || {
                    let mut n = 0;
                    for turn in 0..4_000_u64 {
                        if who % 3 == 0 {
                            if !lock.acquire_timeout(Duration::from_micros(turn % 120)) {
                                continue;
                            }
                        } else {
                            lock.acquire();
                        }
                        section();
                        n += 1;
                        if turn % 7 == who {
                            lock.yield_now();
                            section();
                            n += 1;
                        }
                        lock.release();
                    }
                    n
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(total.into_inner(), expected);
    assert!(!lock.is_held());
}

#[test]
fn the_guard_detaches() {
    let lock = lock();
    let mut attached = lock.attach();
    attached.safepoint();
    let seen = attached.detach(|| thread::scope(|scope| scope.spawn(|| lock.attach().detach(|| 42)).join().unwrap()));
    assert_eq!(seen, 42);
    assert!(lock.is_held());
    drop(attached);
    assert!(!lock.is_held());
}

#[test]
fn breaker_bits() {
    let breaker = Breaker::new();
    breaker.request(Breaker::STOP | Breaker::SIGNAL);
    assert_eq!(breaker.take(Breaker::SIGNAL | Breaker::FUEL), Breaker::SIGNAL);
    assert_eq!(breaker.pending(), Breaker::STOP);
    breaker.clear(Breaker::STOP);
    assert_eq!(breaker.pending(), 0);
}

#[test]
fn pending_calls() {
    let breaker = Arc::new(Breaker::new());
    let calls = Arc::new(PendingCalls::<AtomicU64>::new(breaker.clone()));
    let again = calls.clone();
    let queued = calls.push(Box::new(move |n| {
        n.fetch_add(1, Ordering::Relaxed);
        assert!(again.push(Box::new(|n| n.store(100, Ordering::Relaxed))).is_ok());
    }));
    assert!(queued.is_ok());
    assert_eq!(breaker.pending(), Breaker::PENDING_CALLS);
    let n = AtomicU64::new(0);
    assert_eq!(calls.run(&n), 1);
    assert_eq!(n.load(Ordering::Relaxed), 1);
    assert_eq!(breaker.pending(), Breaker::PENDING_CALLS, "what a call pushes waits for the next run");
    assert_eq!(calls.run(&n), 1);
    assert_eq!(n.load(Ordering::Relaxed), 100);
    assert_eq!(breaker.pending(), 0);
    calls.close();
    assert!(calls.push(Box::new(|_| ())).is_err());
    assert!(calls.is_empty());
}

#[test]
fn a_panicking_call_leaves_the_rest() {
    let breaker = Arc::new(Breaker::new());
    let calls = PendingCalls::<AtomicU64>::new(breaker.clone());
    assert!(calls.push(Box::new(|_| panic!("on purpose"))).is_ok());
    assert!(calls.push(Box::new(|n| n.store(7, Ordering::Relaxed))).is_ok());
    let n = AtomicU64::new(0);
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| calls.run(&n)));
    assert!(run.is_err());
    assert_eq!(breaker.pending(), Breaker::PENDING_CALLS);
    assert_eq!(calls.run(&n), 1);
    assert_eq!(n.load(Ordering::Relaxed), 7);
}
