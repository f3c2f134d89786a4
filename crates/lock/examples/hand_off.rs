//! What the lock costs: alone, under a fair hand-off, and how long a visitor waits for a busy interpreter.
//!
//! `cargo run --release -p serpens-lock --example hand_off`

use serpens_lock::{Breaker, Lock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    alone();
    hand_off();
    visitor();
}

fn alone() {
    const N: u32 = 20_000_000;
    let lock = Lock::new(Arc::new(Breaker::new()));
    let start = Instant::now();
    for _ in 0..N {
        lock.acquire();
        lock.release();
    }
    println!("acquire + release, uncontended: {:.1} ns", start.elapsed().as_nanos() as f64 / f64::from(N));
}

/// Two busy threads that want to switch as often as they can.
fn hand_off() {
    let lock = Lock::new(Arc::new(Breaker::new()));
    lock.set_switch_interval(Duration::from_micros(1));
    let done = AtomicBool::new(false);
    let compute = || {
        let mut attached = lock.attach();
        while !done.load(Ordering::Relaxed) {
            attached.safepoint();
        }
    };
    thread::scope(|scope| {
        scope.spawn(compute);
        scope.spawn(compute);
        thread::sleep(Duration::from_secs(1));
        done.store(true, Ordering::Relaxed);
    });
    println!("hand-offs between two busy threads: {} a second", lock.stats().n_hand_offs);
}

/// A thread that comes back from a blocking call while another computes without end.
fn visitor() {
    let lock = Lock::new(Arc::new(Breaker::new()));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut attached = lock.attach();
            while !done.load(Ordering::Relaxed) {
                attached.safepoint();
            }
        });
        let mut waits: Vec<Duration> = (0..40)
            .map(|_| {
                thread::sleep(Duration::from_millis(3));
                let start = Instant::now();
                drop(lock.attach());
                start.elapsed()
            })
            .collect();
        waits.sort();
        println!(
            "a visitor's wait, interval {:?}: median {:?}, worst {:?}",
            lock.switch_interval(),
            waits[20],
            waits[39]
        );
        done.store(true, Ordering::Relaxed);
    });
}
