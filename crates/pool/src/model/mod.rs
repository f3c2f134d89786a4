//! The parking of workers again, compiled over loom, with models that try every interleaving of two or three threads.
#![allow(dead_code, reason = "the models do not use everything")]
#![expect(clippy::duplicate_mod, reason = "the point of the second build")]

#[path = "../idle.rs"]
mod idle;
mod sync;

use idle::Idle;
use loom::thread;
use sync::{Arc, AtomicUsize, Mutex, Ordering, Parker};

/// A queue of tasks, and the number of those that were run.
struct Shared {
    idle: Idle,
    queue: Mutex<usize>,
    n_left: AtomicUsize,
}

impl Shared {
    fn new(n_tasks: usize) -> Arc<Shared> {
        Arc::new(Shared { idle: Idle::new(), queue: Mutex::new(0), n_left: AtomicUsize::new(n_tasks) })
    }

    fn push(&self) {
        *self.queue.lock() += 1;
        self.idle.notify();
    }

    fn pop(&self) -> bool {
        let mut queue = self.queue.lock();
        let found = *queue > 0;
        *queue -= usize::from(found);
        found
    }

    fn has_work(&self) -> bool {
        *self.queue.lock() > 0 || self.n_left.load(Ordering::Acquire) == 0
    }

    /// A worker: until all tasks are run. Whoever runs the last wakes the others, as a shutdown does.
    fn work(&self) {
        let parker = Arc::new(Parker::new());
        self.idle.begin_search();
        loop {
            if self.pop() {
                self.idle.end_search(|| *self.queue.lock() > 0);
                if self.n_left.fetch_sub(1, Ordering::AcqRel) == 1 {
                    self.idle.wake_all();
                }
                self.idle.begin_search();
            } else if self.n_left.load(Ordering::Acquire) == 0 {
                return;
            } else {
                self.idle.sleep(&parker, || self.has_work());
            }
        }
    }
}

fn check(bound: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.check(model);
}

/// One worker, one pusher: no task is left while the worker sleeps (loom reports the deadlock).
#[test]
fn one_worker_misses_nothing() {
    check(3, || {
        let shared = Shared::new(2);
        let worker = thread::spawn({
            let shared = shared.clone();
            move || shared.work()
        });
        shared.push();
        shared.push();
        worker.join().unwrap();
        assert_eq!(*shared.queue.lock(), 0);
    });
}

/// Two workers: a push that woke nobody because somebody searched is found by somebody.
#[test]
fn two_workers_miss_nothing() {
    check(2, || {
        let shared = Shared::new(2);
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                thread::spawn(move || shared.work())
            })
            .collect();
        shared.push();
        shared.push();
        for worker in workers {
            worker.join().unwrap();
        }
        assert_eq!(*shared.queue.lock(), 0);
    });
}
