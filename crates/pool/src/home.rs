//! The interpreters in which tasks run: one for a worker, one for a task, or one for a tenant.

use crate::handle::TaskError;
use crate::pool::Shared;
use crate::worker::Job;
use parking_lot::Mutex;
use serpens_state::api::Python;
use serpens_state::runtime::Whence;
use serpens_state::{Config, Interpreter};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An interpreter of the pool; closed when dropped. Programs see it as running all the time, and leave it alone.
pub(crate) struct Home {
    interpreter: Arc<Interpreter>,
}

impl Home {
    /// A fresh interpreter, prepared by the pool's initializer.
    pub(crate) fn new(shared: &Shared) -> Result<Home, TaskError> {
        let interpreter = match &shared.template {
            Some(template) => template.create(Whence::Capi),
            None => shared.runtime.create(Config::ISOLATED, Whence::Capi),
        };
        interpreter.claim_main();
        let home = Home { interpreter };
        let prepared = home.interpreter.try_with(|py| prepare(shared, py));
        match prepared {
            Ok(Ok(())) => Ok(home),
            Ok(Err(text)) => Err(TaskError::Broken(text)),
            Err(closed) => Err(TaskError::Broken(closed.to_string())),
        }
    }

    pub(crate) fn interpreter(&self) -> &Arc<Interpreter> {
        &self.interpreter
    }
}

fn prepare(shared: &Shared, py: Python<'_>) -> Result<(), String> {
    let vm = py.vm();
    vm.heap().set_limit(shared.memory_limit);
    match &shared.initializer {
        Some(initializer) => initializer(py).map_err(|e| e.traceback(py)),
        None => Ok(()),
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.interpreter.close();
    }
}

/// Someone whose tasks run one after the other in an interpreter of their own.
pub(crate) struct Tenant {
    key: Arc<str>,
    queue: Mutex<TenantQueue>,
    /// Made with the first task. Locked by the worker that runs the tenant's tasks.
    pub(crate) home: Mutex<Option<Home>>,
    last_used: AtomicU64,
}

#[derive(Default)]
struct TenantQueue {
    jobs: VecDeque<Job>,
    /// Whether the tenant is in a queue of the pool, or a worker has it.
    scheduled: bool,
}

impl Tenant {
    /// Adds a task. True if the tenant must be scheduled now.
    fn push(&self, job: Job) -> bool {
        let mut queue = self.queue.lock();
        queue.jobs.push_back(job);
        !std::mem::replace(&mut queue.scheduled, true)
    }

    /// The next task; with none left the tenant is no longer scheduled.
    pub(crate) fn pop(&self) -> Option<Job> {
        let mut queue = self.queue.lock();
        let job = queue.jobs.pop_front();
        queue.scheduled = job.is_some();
        job
    }

    fn is_idle(&self) -> bool {
        !self.queue.lock().scheduled
    }
}

/// All tenants of a pool.
#[derive(Default)]
pub(crate) struct Tenants {
    table: Mutex<HashMap<Arc<str>, Arc<Tenant>>>,
    clock: AtomicU64,
}

impl Tenants {
    /// Adds a task to a tenant's queue; the tenant, if it must be scheduled.
    pub(crate) fn push(&self, key: &Arc<str>, job: Job, kept: usize) -> Option<Arc<Tenant>> {
        let mut table = self.table.lock();
        let tenant = table.entry(key.clone()).or_insert_with(|| {
            Arc::new(Tenant {
                key: key.clone(),
                queue: Mutex::default(),
                home: Mutex::new(None),
                last_used: AtomicU64::new(0),
            })
        });
        let tenant = tenant.clone();
        tenant.last_used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let schedule = tenant.push(job);
        let evicted = if table.len() > kept { evict(&mut table) } else { None };
        drop(table);
        drop(evicted);
        schedule.then_some(tenant)
    }

    /// Forgets all tenants, and closes the interpreters of those that nobody runs.
    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.table.lock());
        drop(all);
    }
}

/// Takes out the tenant that was idle longest. Its next task gets a fresh interpreter.
fn evict(table: &mut HashMap<Arc<str>, Arc<Tenant>>) -> Option<Arc<Tenant>> {
    let oldest = table.values().filter(|t| t.is_idle()).min_by_key(|t| t.last_used.load(Ordering::Relaxed))?;
    let key = oldest.key.clone();
    table.remove(&key)
}
