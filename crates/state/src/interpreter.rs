//! [`Interpreter`]: machine, lock, threads, configuration, shutdown.
//!
//! The machine is touched only by the thread that holds the lock: [`Interpreter::attach`] is the one way in.
#![expect(unsafe_code, reason = "the machine is shared between threads under the interpreter's lock")]

use crate::api::Python;
use crate::attach::{Attached, ThreadSlot};
use crate::hooks::StateHooks;
use crate::lending::Lending;
use crate::runtime::{Runtime, Whence};
use crate::stats::Counters;
use parking_lot::Mutex;
use serpens_lock::{Breaker, Lock, PendingCalls};
use serpens_share::Interrupt;
use serpens_vm::Vm;
use serpens_vm::origin::Origin;
use serpens_vm::thread::NativeStack;
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Which lock an interpreter uses. `Shared` and `Default` exist in CPython's configurations; here every interpreter has
/// a lock of its own, whatever is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Gil {
    /// The default of a configuration.
    Default,
    /// CPython's shared lock.
    Shared,
    /// A lock of its own.
    #[default]
    Own,
}

/// What an interpreter may do (`PyInterpreterConfig`).
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "named as in CPython")]
pub struct Config {
    pub use_main_obmalloc: bool,
    pub allow_fork: bool,
    pub allow_exec: bool,
    pub allow_threads: bool,
    pub allow_daemon_threads: bool,
    pub check_multi_interp_extensions: bool,
    pub gil: Gil,
}

impl Config {
    /// The configuration of isolated interpreters.
    pub const ISOLATED: Config = Config {
        use_main_obmalloc: false,
        allow_fork: false,
        allow_exec: false,
        allow_threads: true,
        allow_daemon_threads: false,
        check_multi_interp_extensions: true,
        gil: Gil::Own,
    };

    /// The configuration of the main interpreter.
    pub const MAIN: Config = Config {
        use_main_obmalloc: true,
        allow_fork: true,
        allow_exec: true,
        allow_threads: true,
        allow_daemon_threads: true,
        check_multi_interp_extensions: false,
        gil: Gil::Own,
    };
}

/// The interpreter was closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the interpreter was closed")
    }
}

impl std::error::Error for Closed {}

/// Gives the lock back, also when the holder panics.
struct Release<'a>(&'a Lock);

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// Why a thread was not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// The interpreter was closed.
    Closed,
    /// The time was over.
    TimedOut,
}

/// A number of the calling thread, never 0.
pub(crate) fn this_thread() -> u64 {
    // SAFETY: it has no preconditions.
    unsafe { libc::pthread_self() as u64 }
}

/// Work for the thread that holds an interpreter.
pub type PendingQueue = PendingCalls<Vm>;

/// One interpreter of a [`Runtime`].
pub struct Interpreter {
    runtime: Arc<Runtime>,
    id: i64,
    config: Config,
    whence: Whence,
    lock: Lock,
    breaker: Arc<Breaker>,
    pending: PendingQueue,
    interrupt: Interrupt,
    vm: UnsafeCell<Option<Box<Vm>>>,
    /// Thread states by OS thread that may come back (their stacks are kept warm).
    idle: Mutex<Vec<ThreadSlot>>,
    /// Whether a thread runs this interpreter's `__main__`.
    running_main: AtomicBool,
    /// References by `Interpreter` objects (`_interpreters.incref`).
    refs: AtomicI64,
    /// Whether it is to end with the last of them.
    linked: AtomicBool,
    /// Threads inside or waiting to come back.
    n_threads: AtomicUsize,
    /// Those of them that sleep until another thread wakes them.
    n_parked: AtomicUsize,
    closed: AtomicBool,
    /// Memory of its objects that other interpreters look at.
    lending: Lending,
    /// The thread that is inside (0: none), so that it can enter again.
    inside: AtomicU64,
    /// Threads that an exception is thrown into, with its message.
    thrown: Mutex<Vec<(u64, &'static str)>>,
    /// The thread that claimed `__main__` (0: none).
    main_thread: AtomicU64,
    counters: Counters,
    this: Weak<Interpreter>,
}

// SAFETY: the machine (the only part that is not Send or Sync by itself) is reached through `attach`, whose guard holds
// the lock; idle thread states hold no running frames and move between threads under a mutex.
unsafe impl Send for Interpreter {}
// SAFETY: as above.
unsafe impl Sync for Interpreter {}

/// The interpreter that a machine belongs to. `None` for the machine that builds the image.
#[inline]
pub fn home(vm: &Vm) -> Option<&Interpreter> {
    // SAFETY: set by `Interpreter::new` to the interpreter that owns the machine: it goes after the machine, and whoever
    // has a machine at hand is inside of an `Attached`, which borrows the interpreter.
    vm.host().map(|host| unsafe { host.cast::<Interpreter>().as_ref() })
}

/// A counted handle of the interpreter that a machine belongs to.
pub fn interpreter_of(vm: &Vm) -> Option<Arc<Interpreter>> {
    home(vm)?.handle()
}

/// The runtime that a machine belongs to.
pub fn runtime_of(vm: &Vm) -> Option<Arc<Runtime>> {
    Some(home(vm)?.runtime.clone())
}

impl Interpreter {
    pub(crate) fn new(runtime: Arc<Runtime>, id: i64, config: Config, whence: Whence) -> Arc<Interpreter> {
        let breaker = Arc::new(Breaker::new());
        let vm = Vm::new(runtime.image(), runtime.chunk_pool().clone(), breaker.clone());
        Interpreter::of_machine(vm, breaker, runtime, id, config, whence)
    }

    /// An interpreter that starts in the state of `origin`.
    pub(crate) fn from_origin(
        origin: Arc<Origin>,
        runtime: Arc<Runtime>,
        id: i64,
        config: Config,
        whence: Whence,
    ) -> Arc<Interpreter> {
        let breaker = Arc::new(Breaker::new());
        let vm = Vm::from_origin(origin, runtime.chunk_pool().clone(), breaker.clone());
        Interpreter::of_machine(vm, breaker, runtime, id, config, whence)
    }

    fn of_machine(
        vm: Box<Vm>,
        breaker: Arc<Breaker>,
        runtime: Arc<Runtime>,
        id: i64,
        config: Config,
        whence: Whence,
    ) -> Arc<Interpreter> {
        vm.set_hooks(Rc::new(StateHooks));
        Arc::new_cyclic(|this: &Weak<Interpreter>| {
            if let Some(host) = NonNull::new(this.as_ptr().cast_mut()) {
                vm.set_host(host.cast());
            }
            Interpreter {
                runtime,
                id,
                config,
                whence,
                lock: Lock::new(breaker.clone()),
                pending: PendingCalls::new(breaker.clone()),
                breaker,
                interrupt: Interrupt::new(),
                vm: UnsafeCell::new(Some(vm)),
                idle: Mutex::default(),
                running_main: AtomicBool::new(false),
                refs: AtomicI64::new(0),
                linked: AtomicBool::new(false),
                n_threads: AtomicUsize::new(0),
                n_parked: AtomicUsize::new(0),
                closed: AtomicBool::new(false),
                lending: Lending::default(),
                inside: AtomicU64::new(0),
                thrown: Mutex::default(),
                main_thread: AtomicU64::new(0),
                counters: Counters::default(),
                this: this.clone(),
            }
        })
    }

    /// Its id: 0 is the main interpreter; ids are never used again.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Whether it is the main interpreter.
    pub fn is_main(&self) -> bool {
        self.id == 0
    }

    /// Whether it is there to prepare the library for others (`crate::preparing`).
    #[inline]
    pub(crate) fn prepares(&self) -> bool {
        self.id == crate::preparing::ID
    }

    /// Where it came from.
    pub fn whence(&self) -> Whence {
        self.whence
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its runtime.
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    /// Its lock.
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// Its breaker.
    pub fn breaker(&self) -> &Arc<Breaker> {
        &self.breaker
    }

    /// Calls left for the thread that runs it.
    pub fn pending_calls(&self) -> &PendingQueue {
        &self.pending
    }

    /// Leaves a call for the thread that runs it, or for one of those that wait in it. False, and the call is dropped, if it
    /// is closed.
    pub fn push_call(&self, call: impl FnOnce(&Vm) + Send + 'static) -> bool {
        let queued = self.pending.push(Box::new(call)).is_ok();
        if queued {
            self.interrupt.raise();
        }
        queued
    }

    /// Wakes its threads that wait for something: raised by whoever sets a bit of the breaker that they are to see.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Enters the interpreter: waits for its lock, and makes this thread the running one.
    /// `None` if it was closed.
    pub fn attach(&self) -> Option<Attached<'_>> {
        Attached::new(self, None)
    }

    /// As [`Interpreter::attach`], for a thread that has left another interpreter for the moment and knows the bounds of
    /// its stack from there (`vm.ts().native_stack()`): the system need not be asked for them.
    pub fn attach_on(&self, stack: NativeStack) -> Option<Attached<'_>> {
        Attached::new(self, Some(stack))
    }

    /// Runs `f` with the machine, between two steps of whoever runs it: that thread is asked at once to pause, which takes
    /// microseconds unless it runs native code. `f` must not run Python.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) fn look<R>(&self, timeout: Duration, f: impl FnOnce(&Vm) -> R) -> Result<R, Refused> {
        if self.is_entered_here() {
            // SAFETY: this thread holds the lock.
            return unsafe { self.machine() }.map(f).ok_or(Refused::Closed);
        }
        if !self.lock.acquire_soon(timeout) {
            return Err(Refused::TimedOut);
        }
        let _release = Release(&self.lock);
        // SAFETY: the lock is held.
        unsafe { self.machine() }.map(f).ok_or(Refused::Closed)
    }

    /// Enters the interpreter and runs `f` with the proof of it. A thread that is inside already stays inside.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn try_with<R>(&self, f: impl for<'py> FnOnce(Python<'py>) -> R) -> Result<R, Closed> {
        if self.is_entered_here() {
            // SAFETY: this thread holds the lock.
            let Some(vm) = (unsafe { self.machine() }) else { return Err(Closed) };
            return Ok(crate::api::python::enter(vm, f));
        }
        let attached = self.attach().ok_or(Closed)?;
        Ok(crate::api::python::enter(&attached, f))
    }

    /// Asks the running program to stop, from any thread: it gets an exception at its next safepoint, and again at each
    /// one after that, until [`Interpreter::resume`].
    pub fn stop(&self) {
        self.breaker.request(Breaker::STOP);
        self.interrupt.raise();
    }

    /// Withdraws [`Interpreter::stop`].
    pub fn resume(&self) {
        self.breaker.clear(Breaker::STOP | Breaker::KILL);
    }

    /// Raises `Stopped` once in one thread, from any other: at its next safepoint in this interpreter, or when its wait ends,
    /// which this ends. The thread is numbered as the operating system does.
    pub fn throw(&self, thread: u64, message: &'static str) {
        self.thrown.lock().push((thread, message));
        self.breaker.request(Breaker::RAISE);
        self.interrupt.raise();
    }

    /// Whether something was thrown into a thread and has not arrived.
    pub(crate) fn has_thrown(&self) -> bool {
        !self.thrown.lock().is_empty()
    }

    /// Takes back what was thrown into a thread and has not arrived; its message.
    pub fn take_back(&self, thread: u64) -> Option<&'static str> {
        let mut thrown = self.thrown.lock();
        let mut found = None;
        thrown.retain(|(other, message)| {
            if *other == thread {
                found = Some(*message);
            }
            *other != thread
        });
        if thrown.is_empty() {
            self.breaker.clear(Breaker::RAISE);
        }
        found
    }

    /// Whether the calling thread is inside.
    pub fn is_entered_here(&self) -> bool {
        self.inside.load(Ordering::Relaxed) == this_thread()
    }

    /// The calling thread holds the lock and enters, or is about to leave.
    pub(crate) fn mark_inside(&self, inside: bool) {
        if inside {
            self.counters.enter();
            self.inside.store(this_thread(), Ordering::Relaxed);
        } else {
            self.inside.store(0, Ordering::Relaxed);
            // SAFETY: the calling thread holds the lock.
            self.counters.leave(unsafe { self.machine() });
        }
    }

    /// How many of its threads sleep until another thread wakes them.
    pub(crate) fn n_parked(&self) -> usize {
        self.n_parked.load(Ordering::Relaxed)
    }

    /// The calling thread sleeps while `f` runs.
    pub(crate) fn park<R>(&self, f: impl FnOnce() -> R) -> R {
        self.n_parked.fetch_add(1, Ordering::Relaxed);
        let result = f();
        self.n_parked.fetch_sub(1, Ordering::Relaxed);
        result
    }

    /// What it counts.
    #[inline]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) fn n_threads(&self) -> usize {
        self.n_threads.load(Ordering::Relaxed)
    }

    /// The machine.
    ///
    /// # Safety
    /// The caller holds the lock.
    pub(crate) unsafe fn machine(&self) -> Option<&Vm> {
        // SAFETY: the lock makes this the only access, but for `close`, which holds the lock too.
        unsafe { (*self.vm.get()).as_deref() }
    }

    pub(crate) fn take_slot(&self) -> ThreadSlot {
        self.n_threads.fetch_add(1, Ordering::Relaxed);
        self.idle.lock().pop().unwrap_or_default()
    }

    pub(crate) fn give_slot(&self, slot: ThreadSlot) {
        self.n_threads.fetch_sub(1, Ordering::Relaxed);
        let mut idle = self.idle.lock();
        if idle.len() < 2 {
            idle.push(slot);
        }
    }

    /// Claims the right to run this interpreter's `__main__`; false if another thread runs it.
    pub fn claim_main(&self) -> bool {
        let claimed = !self.running_main.swap(true, Ordering::AcqRel);
        if claimed {
            self.main_thread.store(this_thread(), Ordering::Relaxed);
        }
        claimed
    }

    /// The thread that has claimed `__main__`, as the operating system numbers it.
    pub(crate) fn main_thread(&self) -> Option<u64> {
        Some(self.main_thread.load(Ordering::Relaxed)).filter(|ident| *ident != 0)
    }

    /// Gives the right back.
    pub fn release_main(&self) {
        self.main_thread.store(0, Ordering::Relaxed);
        self.running_main.store(false, Ordering::Release);
    }

    /// Whether a thread runs this interpreter's `__main__`. The main interpreter always counts as running.
    pub fn is_running(&self) -> bool {
        self.is_main() || self.running_main.load(Ordering::Acquire)
    }

    /// Counts a reference by an `Interpreter` object.
    pub fn incref(&self) -> i64 {
        self.refs.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Releases a reference by an `Interpreter` object; how many are left.
    pub fn decref(&self) -> i64 {
        self.refs.fetch_sub(1, Ordering::AcqRel) - 1
    }

    /// Whether the interpreter is to end when the last `Interpreter` object lets go of it.
    pub fn set_linked(&self, linked: bool) {
        self.linked.store(linked, Ordering::Release);
    }

    /// See [`Interpreter::set_linked`].
    pub fn is_linked(&self) -> bool {
        self.linked.load(Ordering::Acquire)
    }

    /// Memory of its objects that others look at.
    pub(crate) fn lending(&self) -> &Lending {
        &self.lending
    }

    /// Runs `f` with the machine if nobody runs the interpreter now. False, and `f` has not run, otherwise. No thread is
    /// attached meanwhile: `f` must not run Python.
    pub(crate) fn with_idle_machine(&self, f: impl FnOnce(&Vm)) -> bool {
        if !self.lock.try_acquire() {
            return false;
        }
        // SAFETY: the lock is held.
        let there = unsafe { self.machine() };
        if let Some(vm) = there {
            f(vm);
        }
        self.lock.release();
        there.is_some()
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// A counted handle.
    pub fn handle(&self) -> Option<Arc<Interpreter>> {
        self.this.upgrade()
    }

    /// Whether no other thread is inside or waits to come back. The caller is inside.
    pub(crate) fn is_lone(&self) -> bool {
        self.n_threads.load(Ordering::Relaxed) == 1
    }

    /// Closes the interpreter without running anything of it, and takes its machine out; `None` if it was closed.
    ///
    /// # Safety
    /// No thread is inside or waits to come back.
    pub(crate) unsafe fn take_machine(&self) -> Option<Box<Vm>> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return None;
        }
        self.lock.acquire();
        self.pending.close();
        self.idle.lock().clear();
        // SAFETY: the lock is held, and no thread is attached: nobody uses the machine.
        let vm = unsafe { (*self.vm.get()).take() };
        self.lock.release();
        self.runtime.forget(self.id);
        vm
    }

    /// Shuts the interpreter down: runs what Python requires (thread shutdown, `atexit`, finalisers), then gives its
    /// memory back. Does nothing when it was closed before. The caller has made sure that it is not running.
    pub fn close(&self) {
        self.shut(None);
    }

    /// As [`Interpreter::close`], for a thread that knows the bounds of its stack.
    pub fn close_on(&self, stack: NativeStack) {
        self.shut(Some(stack));
    }

    fn shut(&self, stack: Option<NativeStack>) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(attached) = Attached::for_close(self, stack) {
            crate::api::err::settle(&attached);
            crate::shutdown::finalize(&attached);
            crate::events::closing(self, &attached);
        }
        self.lock.acquire();
        self.pending.close();
        // SAFETY: the lock is held, and no thread is attached: nobody uses the machine.
        let vm = unsafe { (*self.vm.get()).take() };
        self.idle.lock().clear();
        if let Some(vm) = &vm {
            self.lending.before_close(vm);
        }
        drop(vm);
        self.lending.after_close();
        self.lock.release();
        self.runtime.forget(self.id);
    }
}
