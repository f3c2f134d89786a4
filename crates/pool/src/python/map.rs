//! `Pool.map`: many calls of one function, sent in chunks that idle workers split.
//!
//! Each result has a place of its own. The consumer polls for a moment, naps once, and then asks for the one result that
//! it waits for; only who makes that one wakes it. So a consumer of quick tasks costs the workers no wakes, and one of
//! slow tasks gets each result at once.

use super::call::{Callable, Outcome, call};
use super::{items, open, seconds, this, wait};
use crate::handle::TaskError;
use crate::pool::Shared;
use crate::ticket::{Signal, Stop, Ticket};
use crate::worker::{Item, Runnable};
use crossbeam_utils::Backoff;
use parking_lot::Mutex;
use serpens_share::{Portable, Wait, WaitError};
use serpens_state::api::Python;
use serpens_state::crossing::{self, Fallback};
use serpens_vm::types::slots::Slots;
use serpens_vm::{CallArgs, PyResult, TypeDef, Value, Vm};
use std::cell::Cell;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

/// Chunks that each worker gets at first, if nobody fixes their size.
const CHUNKS: usize = 4;
/// The consumer's nap before it parks.
const NAP: Duration = Duration::from_micros(50);

/// All calls of one `map`.
struct Calls {
    callable: Arc<Callable>,
    /// Arguments, `n_args` for each call.
    args: Vec<Portable>,
    n_args: usize,
    outcomes: Box<[OnceLock<Outcome>]>,
    /// The index of the result that the consumer sleeps for, or `usize::MAX`.
    wanted: AtomicUsize,
    ready: Signal,
    /// The consumer is gone.
    cancelled: AtomicBool,
    /// Chunks that are queued or run, to be stopped with the consumer.
    chunks: Mutex<Vec<Weak<Chunk>>>,
}

impl Calls {
    fn set(&self, i: usize, outcome: Outcome) {
        // The first outcome counts.
        let _ = self.outcomes[i].set(outcome);
        // Either the consumer sees the outcome, or this sees what the consumer wants.
        fence(Ordering::SeqCst);
        if self.wanted.load(Ordering::Relaxed) == i {
            self.ready.fire();
        }
    }

    /// Waits for result `i`, within the limits of `wait`.
    fn wait(&self, i: usize, wait: &Wait<'_>) -> Result<(), WaitError> {
        let is_ready = || self.outcomes[i].get().is_some();
        let backoff = Backoff::new();
        while !backoff.is_completed() {
            if is_ready() {
                return Ok(());
            }
            backoff.snooze();
        }
        let left = wait.deadline().map(|until| until.saturating_duration_since(Instant::now()));
        std::thread::sleep(left.map_or(NAP, |left| NAP.min(left)));
        if is_ready() {
            return Ok(());
        }
        self.wanted.store(i, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let found = self.ready.wait(wait, is_ready);
        self.wanted.store(usize::MAX, Ordering::Relaxed);
        found
    }

    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        for chunk in std::mem::take(&mut *self.chunks.lock()) {
            if let Some(chunk) = chunk.upgrade() {
                chunk.ticket.stop(Stop::Cancelled);
            }
        }
    }
}

/// Some calls in a row.
struct Chunk {
    ticket: Ticket,
    calls: Arc<Calls>,
    start: usize,
    /// The worker that runs the chunk lowers it when it gives the rest away.
    end: AtomicUsize,
    /// The next call to make.
    at: AtomicUsize,
    /// The pool to give the rest to, unless the size is fixed.
    pool: Option<Arc<Shared>>,
}

impl Chunk {
    fn new(calls: &Arc<Calls>, range: Range<usize>, pool: Option<Arc<Shared>>) -> Arc<Chunk> {
        let chunk = Arc::new(Chunk {
            ticket: Ticket::new(None),
            calls: calls.clone(),
            start: range.start,
            end: AtomicUsize::new(range.end),
            at: AtomicUsize::new(range.start),
            pool,
        });
        calls.chunks.lock().push(Arc::downgrade(&chunk));
        chunk
    }

    /// Gives half of what comes after `at` to a worker that sleeps.
    fn feed(&self, at: usize) {
        let Some(pool) = &self.pool else { return };
        let end = self.end.load(Ordering::Relaxed);
        let rest = end - at - 1;
        if rest == 0 || pool.idle.n_sleeping() == 0 {
            return;
        }
        let middle = end - rest.div_ceil(2);
        self.end.store(middle, Ordering::Relaxed);
        pool.push(Item::Job(Chunk::new(&self.calls, middle..end, Some(pool.clone()))));
    }
}

impl Runnable for Chunk {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn run(&self, py: Python<'_>) -> bool {
        let (calls, mut good) = (&self.calls, true);
        let breaker = &py.vm().breaker;
        let mut last = None;
        let mut i = self.start;
        while i < self.end.load(Ordering::Relaxed) && !calls.cancelled.load(Ordering::Relaxed) {
            self.feed(i);
            self.at.store(i, Ordering::Relaxed);
            let outcome = call(py, &calls.callable, &calls.args[i * calls.n_args..(i + 1) * calls.n_args], &[]);
            good &= matches!(outcome, Outcome::Value(_));
            i += 1;
            if breaker.pending() != 0 {
                // A stop, or the hand-over of the lock; the outcome may be the stop's doing.
                last = Some(outcome);
                if py.check_signals().is_err() {
                    break;
                }
                if let Some(outcome) = last.take() {
                    calls.set(i - 1, outcome);
                }
            } else {
                calls.set(i - 1, outcome);
            }
        }
        match self.ticket.end() {
            Some(stop) => self.give_up(|| Outcome::Failed(stop.into())),
            None => {
                if let Some(outcome) = last {
                    calls.set(i - 1, outcome);
                }
            }
        }
        self.ticket.finish();
        good
    }

    fn fail(&self, error: TaskError) {
        self.give_up(|| Outcome::Failed(error.clone()));
        self.ticket.finish();
    }
}

impl Chunk {
    /// All calls without an outcome get this one.
    fn give_up(&self, outcome: impl Fn() -> Outcome) {
        for i in self.at.load(Ordering::Relaxed)..self.end.load(Ordering::Relaxed) {
            self.calls.set(i, outcome());
        }
    }
}

/// The payload of the iterator over the results.
pub(super) struct MapIter {
    calls: Arc<Calls>,
    next: Cell<usize>,
    until: Option<Instant>,
}

serpens_vm::native_payload!(MapIter {});

impl Drop for MapIter {
    fn drop(&mut self) {
        if self.next.get() < self.calls.outcomes.len() {
            self.calls.cancel();
        }
    }
}

/// `MapIterator`.
pub(super) static TYPE: TypeDef = TypeDef::new::<MapIter>("MapIterator")
    .module("serpens_pool")
    .doc("The results of Pool.map(), in the order of its items.")
    .flags(serpens_vm::types::typeobj::tflag::NO_NEW)
    .slots(Slots { iter: Some(|_, v| Ok(v.clone())), iternext: Some(next), ..Slots::EMPTY });

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let Some(this) = v.downcast::<MapIter>() else { return Err(vm.type_error("not a MapIterator")) };
    let i = this.next.get();
    let Some(place) = this.calls.outcomes.get(i) else { return Ok(None) };
    if place.get().is_none() {
        wait(vm, this.until, |limits| this.calls.wait(i, limits))?;
    }
    let Some(outcome) = place.get() else { return Err(vm.raise_with(vm.types().TimeoutError, Vec::new())) };
    match outcome.value(vm) {
        Ok(value) => {
            this.next.set(i + 1);
            Ok(Some(value))
        }
        Err(raised) => {
            // As with CPython's executors, the iterator ends with the first exception.
            this.calls.cancel();
            this.next.set(this.calls.outcomes.len());
            Err(raised)
        }
    }
}

/// `Pool.map(fn, /, *iterables, timeout=None, chunksize=None)`.
pub(super) fn map(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let this = this(vm, args)?;
    let [_, function, iterables @ ..] = args.pos() else {
        return Err(vm.type_error("Pool.map() missing 1 required positional argument: 'fn'"));
    };
    if iterables.is_empty() {
        return Err(vm.type_error("Pool.map() needs at least one iterable"));
    }
    for (name, _) in args.named() {
        let name = vm.str_string(name)?;
        if !["timeout", "chunksize"].contains(&name.as_str()) {
            return Err(vm.type_error(&format!("Pool.map() got an unexpected keyword argument '{name}'")));
        }
    }
    let named = |name: &str| args.kw(name).filter(|v| !v.is_none());
    let until = seconds(vm, named("timeout"))?.and_then(|limit| Instant::now().checked_add(limit));
    let chunk_size = match named("chunksize") {
        Some(n) => match vm.index_i64(n)? {
            n if n > 0 => Some(n as usize),
            _ => return Err(vm.value_error("chunksize must be >= 1.")),
        },
        None => None,
    };
    open(vm, this)?;
    let callable = this.callables.get(vm, function)?;
    let args = gather(vm, iterables)?;
    let n_args = iterables.len();
    let n_calls = args.len() / n_args;
    let calls = Arc::new(Calls {
        callable,
        args,
        n_args,
        outcomes: (0..n_calls).map(|_| OnceLock::new()).collect(),
        wanted: AtomicUsize::new(usize::MAX),
        ready: Signal::new(),
        cancelled: AtomicBool::new(false),
        chunks: Mutex::default(),
    });
    let shared = &this.pool.shared;
    let size = chunk_size.unwrap_or_else(|| n_calls.div_ceil(shared.counters.len() * CHUNKS).max(1));
    let splits = chunk_size.is_none().then(|| shared.clone());
    for start in (0..n_calls).step_by(size) {
        let chunk = Chunk::new(&calls, start..(start + size).min(n_calls), splits.clone());
        this.pool.queue(chunk, None);
    }
    Ok(vm.alloc_native(&TYPE, MapIter { calls, next: Cell::new(0), until }))
}

/// The portable forms of the items, call by call.
fn gather(vm: &Vm, iterables: &[Value]) -> PyResult<Vec<Portable>> {
    let mut args = Vec::new();
    let mut add = |item: &Value| {
        args.push(crossing::to_portable(vm, item, Fallback::Full)?);
        Ok(())
    };
    match iterables {
        [one] => vm.for_each(one, |item| add(&item))?,
        several => {
            let zip = vm.call_pos(&vm.types().zip.value(), several)?;
            vm.for_each(&zip, |row| items(&row).iter().try_for_each(&mut add))?;
        }
    }
    Ok(args)
}
