//! The loop of a worker: find a task, run it, and run what is there while inside the interpreter.

use crate::handle::TaskError;
use crate::home::{Home, Tenant};
use crate::metrics::count;
use crate::pool::{Isolation, Shared};
use crate::sync::Parker;
use crate::ticket::Ticket;
use crossbeam_deque::{Steal, Worker as Deque};
use crossbeam_utils::Backoff;
use parking_lot::Mutex;
use serpens_state::api::Python;
use serpens_state::events;
use serpens_state::shutdown::flush_streams;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Tasks of one tenant that a worker runs before it lets others have a turn.
const TENANT_TURN: usize = 64;

/// A task as the workers see it.
pub(crate) trait Runnable: Send + Sync {
    fn ticket(&self) -> &Ticket;

    /// Runs it, stores its result, and calls `end` and `finish` of the ticket. Whether it ended with a result.
    fn run(&self, py: Python<'_>) -> bool;

    /// Ends it without running it (or after a panic), and calls `finish`.
    fn fail(&self, error: TaskError);
}

/// A task in a queue.
pub(crate) type Job = Arc<dyn Runnable>;

/// What queues hold.
pub(crate) enum Item {
    Job(Job),
    Tenant(Arc<Tenant>),
}

/// One worker thread.
pub(crate) struct Worker {
    pub(crate) index: usize,
    pub(crate) shared: Arc<Shared>,
    pub(crate) deque: Deque<Item>,
    pub(crate) parker: Arc<Parker>,
    /// The task that runs, to be ended if it panics.
    current: Mutex<Option<Job>>,
}

impl Worker {
    pub(crate) fn new(index: usize, shared: Arc<Shared>, deque: Deque<Item>) -> Worker {
        Worker { index, shared, deque, parker: Arc::new(Parker::new()), current: Mutex::new(None) }
    }

    /// The thread's main function.
    pub(crate) fn main(self) {
        let mut home = None;
        while let Some(item) = self.next() {
            match item {
                Item::Tenant(tenant) => self.run_tenant(&tenant),
                Item::Job(job) if self.shared.isolation == Isolation::Task => self.run_alone(&job),
                Item::Job(job) => self.run_warm(&mut home, job),
            }
        }
        self.close(home);
        self.shared.leave();
    }

    fn counters(&self) -> &crate::metrics::Counters {
        &self.shared.counters[self.index]
    }

    /// The next item; sleeps if there is none. `None` when the pool is closed and the queues are empty.
    fn next(&self) -> Option<Item> {
        if let Some(item) = self.find() {
            return Some(item);
        }
        let idle = &self.shared.idle;
        idle.begin_search();
        loop {
            let backoff = Backoff::new();
            loop {
                if let Some(item) = self.find() {
                    idle.end_search(|| self.shared.has_work());
                    return Some(item);
                }
                if backoff.is_completed() {
                    break;
                }
                backoff.snooze();
            }
            if self.shared.is_closed() {
                if self.shared.has_work() {
                    continue;
                }
                idle.end_search(|| false);
                return None;
            }
            count(&self.counters().parked);
            idle.sleep(&self.parker, || self.shared.has_work() || self.shared.is_closed());
        }
    }

    /// An item from this worker's queue, the common one, or another worker's.
    fn find(&self) -> Option<Item> {
        if let Some(item) = self.deque.pop() {
            return Some(item);
        }
        loop {
            match self.shared.injector.steal_batch_and_pop(&self.deque) {
                Steal::Success(item) => return Some(item),
                Steal::Empty => break,
                Steal::Retry => {}
            }
        }
        let n = self.shared.stealers.len();
        for i in 1..n {
            loop {
                match self.shared.stealers[(self.index + i) % n].steal_batch_and_pop(&self.deque) {
                    Steal::Success(item) => {
                        count(&self.counters().stolen);
                        return Some(item);
                    }
                    Steal::Empty => break,
                    Steal::Retry => {}
                }
            }
        }
        None
    }

    fn make_home(&self) -> Result<Home, TaskError> {
        count(&self.counters().interpreters);
        match catch_unwind(AssertUnwindSafe(|| Home::new(&self.shared))) {
            Ok(made) => made,
            Err(panic) => Err(TaskError::Broken(panic_text(&*panic))),
        }
    }

    /// Runs a task, and those that follow, in the worker's interpreter.
    fn run_warm(&self, home: &mut Option<Home>, first: Job) {
        if home.is_none() {
            match self.make_home() {
                Ok(made) => *home = Some(made),
                Err(error) => return self.refuse(&first, error),
            }
        }
        let mut tenant = None;
        let mut next = Some(first);
        self.inside(home, |worker, py, home| {
            while let Some(job) = next.take() {
                worker.run_one(py, home, job);
                worker.answer(py);
                match worker.find() {
                    Some(Item::Job(job)) => next = Some(job),
                    Some(Item::Tenant(found)) => tenant = Some(found),
                    None => {}
                }
                if tenant.is_some() {
                    break;
                }
            }
            flush_streams(py.vm());
        });
        // A panic leaves the rest to the next round.
        if let Some(job) = next {
            self.deque.push(Item::Job(job));
        }
        if let Some(tenant) = tenant {
            self.run_tenant(&tenant);
        }
    }

    /// Runs a task in a fresh interpreter.
    fn run_alone(&self, job: &Job) {
        if job.ticket().is_done() {
            return;
        }
        match self.make_home() {
            Ok(made) => {
                let mut home = Some(made);
                self.inside(&mut home, |worker, py, home| worker.run_one(py, home, job.clone()));
                self.close(home);
            }
            Err(error) => self.refuse(job, error),
        }
    }

    /// Runs tasks of a tenant in its interpreter, for a turn.
    fn run_tenant(&self, tenant: &Arc<Tenant>) {
        let mut home = tenant.home.lock();
        for _ in 0..TENANT_TURN {
            let Some(job) = tenant.pop() else { return };
            if home.is_none() {
                match self.make_home() {
                    Ok(made) => *home = Some(made),
                    Err(error) => {
                        self.refuse(&job, error);
                        continue;
                    }
                }
            }
            self.inside(&mut home, |worker, py, home| {
                worker.run_one(py, home, job);
                flush_streams(py.vm());
            });
        }
        drop(home);
        self.shared.push(Item::Tenant(tenant.clone()));
    }

    /// Enters an interpreter. After a panic it is thrown away, and the task that ran has failed.
    fn inside(&self, home: &mut Option<Home>, f: impl FnOnce(&Worker, Python<'_>, &Home)) {
        let Some(entered) = &*home else { return };
        let outcome = catch_unwind(AssertUnwindSafe(|| entered.interpreter().try_with(|py| f(self, py, entered))));
        let error = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(closed)) => TaskError::Broken(closed.to_string()),
            Err(panic) => TaskError::Panicked(panic_text(&*panic)),
        };
        if let Some(job) = self.current.lock().take() {
            let _ = job.ticket().end();
            self.refuse(&job, error);
        }
        count(&self.counters().broken);
        self.close(home.take());
    }

    /// Closes an interpreter; what panics then is dropped with it.
    fn close(&self, home: Option<Home>) {
        let _ = catch_unwind(AssertUnwindSafe(|| drop(home)));
    }

    fn run_one(&self, py: Python<'_>, home: &Home, job: Job) {
        let ticket = job.ticket();
        if !ticket.begin(home.interpreter()) {
            return;
        }
        if let Some(limit) = ticket.limit.or(self.shared.time_limit) {
            self.shared.watchdog.watch(&job, limit);
        }
        let slot = &self.current;
        *slot.lock() = Some(job.clone());
        let begin = events::task_began(home.interpreter());
        let good = job.run(py);
        events::task_ended(home.interpreter(), &begin, good);
        *slot.lock() = None;
        count(if good { &self.counters().completed } else { &self.counters().failed });
    }

    /// Answers what other threads ask of the interpreter between two tasks.
    fn answer(&self, py: Python<'_>) {
        if py.vm().breaker.pending() != 0
            && let Err(error) = py.check_signals()
        {
            // An exception that came between two tasks is nobody's.
            drop(error);
        }
    }

    fn refuse(&self, job: &Job, error: TaskError) {
        count(&self.counters().failed);
        if job.ticket().is_done() {
            return;
        }
        let _ = job.ticket().withdraw();
        job.fail(error);
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| text.to_string())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic".to_string())
}

impl Shared {
    /// Puts an item into the common queue.
    pub(crate) fn push(&self, item: Item) {
        self.injector.push(item);
        self.idle.notify();
    }

    /// Whether a queue holds something.
    pub(crate) fn has_work(&self) -> bool {
        !self.injector.is_empty() || self.stealers.iter().any(|s| !s.is_empty())
    }

    /// A worker is gone.
    fn leave(&self) {
        if self.n_alive.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.watchdog.close();
        }
        self.left.fire();
    }

    /// Whether the pool takes no more tasks.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}
