//! [`Pool`]: the front for Rust, and what all workers share.

use crate::handle::{JoinHandle, Packet, TaskError};
use crate::home::Tenants;
use crate::idle::Idle;
use crate::metrics::{Metrics, PaddedCounters, gather};
use crate::task::Task;
use crate::ticket::Signal;
use crate::watchdog::Watchdog;
use crate::worker::{Item, Job, Worker};
use crossbeam_deque::{Injector, Stealer, Worker as Deque};
use parking_lot::Mutex;
use serpens_share::{Portable, Wait, WaitError};
use serpens_state::api::{PyResult, Python};
use serpens_state::{Runtime, Template};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Which interpreter a task without a tenant runs in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Isolation {
    /// The worker's: warm, and with what earlier tasks left in it.
    #[default]
    Worker,
    /// A fresh one, which is closed afterwards.
    Task,
}

type Initializer = Box<dyn Fn(Python<'_>) -> PyResult<()> + Send + Sync>;

/// What all workers share.
pub(crate) struct Shared {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) injector: Injector<Item>,
    pub(crate) stealers: Vec<Stealer<Item>>,
    pub(crate) idle: Idle,
    pub(crate) counters: Vec<PaddedCounters>,
    pub(crate) watchdog: Arc<Watchdog>,
    pub(crate) closed: AtomicBool,
    pub(crate) isolation: Isolation,
    pub(crate) time_limit: Option<Duration>,
    pub(crate) memory_limit: usize,
    pub(crate) initializer: Option<Initializer>,
    pub(crate) template: Option<Template>,
    pub(crate) n_alive: AtomicUsize,
    /// Workers that go fire it.
    pub(crate) left: Signal,
    tenants: Tenants,
    tenants_kept: usize,
    n_submitted: AtomicU64,
}

/// A pool in the making.
pub struct Builder {
    runtime: Arc<Runtime>,
    workers: usize,
    isolation: Isolation,
    time_limit: Option<Duration>,
    memory_limit: usize,
    initializer: Option<Initializer>,
    template: Option<Template>,
    tenants_kept: usize,
    thread_name: String,
}

impl Builder {
    /// How many workers; as many as there are cores, by default.
    #[must_use]
    pub fn workers(mut self, n: usize) -> Builder {
        self.workers = n.max(1);
        self
    }

    /// Which interpreter a task runs in.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Builder {
        self.isolation = isolation;
        self
    }

    /// How long a task may run unless it says otherwise.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Builder {
        self.time_limit = Some(limit);
        self
    }

    /// The most bytes that the objects of each interpreter may take.
    #[must_use]
    pub fn memory_limit(mut self, bytes: usize) -> Builder {
        self.memory_limit = bytes;
        self
    }

    /// Runs in each interpreter before its first task.
    #[must_use]
    pub fn initializer(mut self, f: impl Fn(Python<'_>) -> PyResult<()> + Send + Sync + 'static) -> Builder {
        self.initializer = Some(Box::new(f));
        self
    }

    /// What the interpreters start from; it must be of the pool's runtime.
    #[must_use]
    pub fn template(mut self, template: &Template) -> Builder {
        assert!(Arc::ptr_eq(template.runtime(), &self.runtime), "a template of another runtime");
        self.template = Some(template.clone());
        self
    }

    /// How many tenants keep their interpreters (1 000). Beyond, the one that was idle longest loses its.
    #[must_use]
    pub fn tenants_kept(mut self, n: usize) -> Builder {
        self.tenants_kept = n.max(1);
        self
    }

    /// What the threads' names begin with.
    #[must_use]
    pub fn thread_name(mut self, name: &str) -> Builder {
        self.thread_name = name.to_string();
        self
    }

    /// Starts the workers. They make their interpreters with their first task.
    ///
    /// # Errors
    /// When the system makes no more threads.
    pub fn build(self) -> std::io::Result<Pool> {
        let deques: Vec<Deque<Item>> = (0..self.workers).map(|_| Deque::new_fifo()).collect();
        let shared = Arc::new(Shared {
            runtime: self.runtime,
            injector: Injector::new(),
            stealers: deques.iter().map(Deque::stealer).collect(),
            idle: Idle::new(),
            counters: (0..self.workers).map(|_| PaddedCounters::default()).collect(),
            watchdog: Arc::default(),
            closed: AtomicBool::new(false),
            isolation: self.isolation,
            time_limit: self.time_limit,
            memory_limit: self.memory_limit,
            initializer: self.initializer,
            template: self.template,
            n_alive: AtomicUsize::new(0),
            left: Signal::new(),
            tenants: Tenants::default(),
            tenants_kept: self.tenants_kept,
            n_submitted: AtomicU64::new(0),
        });
        let pool = Pool { shared: shared.clone(), threads: Mutex::default() };
        for (index, deque) in deques.into_iter().enumerate() {
            let worker = Worker::new(index, shared.clone(), deque);
            let name = format!("{}-{index}", self.thread_name);
            shared.n_alive.fetch_add(1, Ordering::AcqRel);
            let started = thread::Builder::new().name(name).spawn(move || worker.main());
            let thread = started.inspect_err(|_| _ = shared.n_alive.fetch_sub(1, Ordering::AcqRel))?;
            pool.threads.lock().push(thread);
        }
        Ok(pool)
    }
}

/// A work-stealing pool of interpreters. Dropping it waits for all tasks.
pub struct Pool {
    pub(crate) shared: Arc<Shared>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl Pool {
    /// A pool in the making.
    pub fn builder(runtime: &Arc<Runtime>) -> Builder {
        Builder {
            runtime: runtime.clone(),
            workers: thread::available_parallelism().map_or(1, usize::from),
            isolation: Isolation::default(),
            time_limit: None,
            memory_limit: usize::MAX,
            initializer: None,
            template: None,
            tenants_kept: 1_000,
            thread_name: "serpens-pool".to_string(),
        }
    }

    /// Queues Python code.
    pub fn submit(&self, task: Task) -> JoinHandle<Portable> {
        let (limit, tenant) = (task.limit, task.tenant.clone());
        let packet = Packet::new(limit, move |py| task.execute(py));
        self.queue(packet.clone(), tenant.as_ref());
        JoinHandle { packet }
    }

    /// Queues a Rust closure, which gets the worker's interpreter.
    pub fn spawn<R: Send + 'static>(
        &self,
        f: impl for<'py> FnOnce(Python<'py>) -> R + Send + 'static,
    ) -> JoinHandle<R> {
        let packet = Packet::new(None, move |py: Python<'_>| Ok(f(py)));
        self.queue(packet.clone(), None);
        JoinHandle { packet }
    }

    /// Queues a Rust closure for the interpreter of a tenant.
    pub fn spawn_for<R: Send + 'static>(
        &self,
        tenant: &str,
        f: impl for<'py> FnOnce(Python<'py>) -> R + Send + 'static,
    ) -> JoinHandle<R> {
        let packet = Packet::new(None, move |py: Python<'_>| Ok(f(py)));
        self.queue(packet.clone(), Some(&tenant.into()));
        JoinHandle { packet }
    }

    /// Queues a job; a closed pool fails it.
    pub(crate) fn queue(&self, job: Job, tenant: Option<&Arc<str>>) {
        self.shared.n_submitted.fetch_add(1, Ordering::Relaxed);
        if self.shared.is_closed() {
            if job.ticket().withdraw() {
                job.fail(TaskError::Closed);
            }
            return;
        }
        match tenant {
            None => self.shared.push(Item::Job(job)),
            Some(key) => {
                if let Some(tenant) = self.shared.tenants.push(key, job, self.shared.tenants_kept) {
                    self.shared.push(Item::Tenant(tenant));
                }
            }
        }
    }

    /// What the pool has counted.
    pub fn metrics(&self) -> Metrics {
        let mut sum = Metrics {
            workers: self.shared.counters.len(),
            sleeping: self.shared.idle.n_sleeping(),
            submitted: self.shared.n_submitted.load(Ordering::Relaxed),
            ..Metrics::default()
        };
        for counters in &self.shared.counters {
            gather(&mut sum, counters);
        }
        sum
    }

    /// Whether it takes no more tasks.
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    /// Takes no more tasks. Those that are queued run; nobody waits for them here.
    pub fn close(&self) {
        self.shared.closed.store(true, Ordering::Release);
        self.shared.idle.wake_all();
    }

    /// Takes no more tasks, waits for those that are queued, and closes all interpreters.
    pub fn shutdown(&self) {
        self.close();
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            // A worker contains the panics of its tasks.
            let _ = thread.join();
        }
        // What came in while the last worker went.
        self.cancel_queued();
        self.shared.tenants.clear();
    }

    /// Waits until all workers of a closed pool are gone, at most `limit`.
    pub fn wait(&self, limit: Duration) -> bool {
        self.wait_within(&Wait::timeout(limit)).is_ok()
    }

    /// As [`Pool::wait`], within the limits of `wait`.
    pub(crate) fn wait_within(&self, wait: &Wait<'_>) -> Result<(), WaitError> {
        self.shared.left.wait(wait, || self.shared.n_alive.load(Ordering::Acquire) == 0)
    }

    /// Closes the pool and leaves its threads alone: they run what is queued, and go.
    pub fn abandon(&self) {
        self.close();
        self.threads.lock().clear();
    }

    /// Cancels what is queued and has not begun, and says how many tasks that were.
    pub fn cancel_queued(&self) -> usize {
        let mut n_cancelled = 0;
        loop {
            match self.shared.injector.steal() {
                crossbeam_deque::Steal::Success(item) => n_cancelled += cancel(item),
                crossbeam_deque::Steal::Empty => break,
                crossbeam_deque::Steal::Retry => {}
            }
        }
        for stealer in &self.shared.stealers {
            loop {
                match stealer.steal() {
                    crossbeam_deque::Steal::Success(item) => n_cancelled += cancel(item),
                    crossbeam_deque::Steal::Empty => break,
                    crossbeam_deque::Steal::Retry => {}
                }
            }
        }
        n_cancelled
    }
}

fn cancel(item: Item) -> usize {
    let fail = |job: Job| {
        let withdrawn = job.ticket().withdraw();
        if withdrawn {
            job.fail(TaskError::Cancelled);
        }
        usize::from(withdrawn)
    };
    match item {
        Item::Job(job) => fail(job),
        Item::Tenant(tenant) => {
            let mut n = 0;
            while let Some(job) = tenant.pop() {
                n += fail(job);
            }
            n
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shutdown();
    }
}
