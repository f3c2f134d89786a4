//! Time limits: one thread that stops the tasks whose time is over. It sleeps until the next one is due.

use crate::ticket::Stop;
use crate::worker::Job;
use parking_lot::{Condvar, Mutex};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// One task's end.
struct Due {
    at: Instant,
    job: Weak<dyn crate::worker::Runnable>,
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        self.at == other.at
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    /// The earliest is the greatest.
    fn cmp(&self, other: &Due) -> Ordering {
        other.at.cmp(&self.at)
    }
}

#[derive(Default)]
struct State {
    heap: BinaryHeap<Due>,
    running: bool,
    closed: bool,
}

/// The thread's queue.
#[derive(Default)]
pub(crate) struct Watchdog {
    state: Mutex<State>,
    changed: Condvar,
}

impl Watchdog {
    /// Stops `job` unless it ends within `limit` from now. Starts the thread if there is none.
    pub(crate) fn watch(self: &Arc<Watchdog>, job: &Job, limit: Duration) {
        let Some(at) = Instant::now().checked_add(limit) else { return };
        let mut state = self.state.lock();
        let first = state.heap.peek().is_none_or(|due| at < due.at);
        state.heap.push(Due { at, job: Arc::downgrade(job) });
        if !state.running {
            let this = self.clone();
            state.running = thread::Builder::new().name("serpens-watchdog".into()).spawn(move || this.run()).is_ok();
        }
        drop(state);
        if first {
            self.changed.notify_one();
        }
    }

    /// Ends the thread.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_one();
    }

    fn run(&self) {
        let mut state = self.state.lock();
        while !state.closed {
            let now = Instant::now();
            match state.heap.peek() {
                None => self.changed.wait(&mut state),
                Some(due) if due.at > now => {
                    let at = due.at;
                    self.changed.wait_until(&mut state, at);
                }
                Some(_) => {
                    let due = state.heap.pop();
                    if let Some(job) = due.and_then(|due| due.job.upgrade()) {
                        job.ticket().stop(Stop::TimedOut);
                    }
                }
            }
        }
    }
}
