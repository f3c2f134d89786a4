//! What an interpreter counts, and where its threads are: for whoever looks from outside, on any thread.
//!
//! Counting costs the hot paths nothing. The machine counts bytes and objects for its own purposes; they are copied here
//! when a thread leaves the interpreter, and when somebody asks. What is counted here is counted where a thread enters,
//! leaves, collects or sends a message.
//!
//! Invariant: counters are written by the thread that holds the lock, by plain stores; anyone may read them.

use crate::clock;
use crate::interpreter::{Interpreter, Refused};
use serpens_vm::Vm;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// How long [`Interpreter::stats`] waits for the running thread to pause before it takes what was counted last.
const PATIENCE: Duration = Duration::from_millis(20);

/// What an interpreter has counted. Sums are since it was made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Its id.
    pub id: i64,
    /// Bytes that live objects and their storage take.
    pub bytes: usize,
    /// The most bytes that they have taken, as seen whenever memory was taken from the process or a large block given
    /// back, before collections, and when somebody asked.
    pub peak_bytes: usize,
    /// Live objects.
    pub objects: usize,
    /// Collections of cyclic garbage.
    pub collections: u64,
    /// Objects that these have found to be garbage.
    pub collected: u64,
    /// How long threads have been inside: running Python or native code, not waiting.
    pub run_time: Duration,
    /// How often a thread has entered, coming back from a wait included.
    pub entries: u64,
    /// Threads that are inside or will come back.
    pub threads: usize,
    /// How often a thread has waited for the interpreter's lock.
    pub lock_waits: u64,
    /// How often a running thread has handed the lock to one that waited.
    pub hand_offs: u64,
    /// Objects put into channels and queues.
    pub sent: u64,
    /// Objects taken out of them.
    pub received: u64,
}

/// A frame of a [`Stack`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StackFrame {
    /// The file of its code.
    pub file: String,
    /// The line that runs; 0 if it has none.
    pub line: u32,
    /// The name of its code.
    pub function: String,
}

/// What one thread of an interpreter is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stack {
    /// The thread, as `threading.get_ident()` numbers it.
    pub thread: u64,
    /// Whether it is the thread that runs `__main__`, or the one that was first in the interpreter if none is known to.
    pub is_main: bool,
    /// Its frames, the innermost last.
    pub frames: Vec<StackFrame>,
}

/// The counters of one interpreter.
#[derive(Default, Debug)]
pub struct Counters {
    bytes: AtomicUsize,
    peak_bytes: AtomicUsize,
    objects: AtomicUsize,
    collections: AtomicU64,
    collected: AtomicU64,
    /// When the running thread entered, by [`clock::ticks`]; 0 while nobody is inside.
    since: AtomicU64,
    run_ticks: AtomicU64,
    entries: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

/// Adds to a counter that only the caller writes.
#[inline(always)]
fn add(counter: &AtomicU64, n: u64) {
    counter.store(counter.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
}

impl Counters {
    /// A thread is inside from now on.
    #[inline]
    pub(crate) fn enter(&self) {
        self.since.store(clock::ticks(), Ordering::Relaxed);
        add(&self.entries, 1);
    }

    /// The thread that is inside is about to leave.
    #[inline]
    pub(crate) fn leave(&self, vm: Option<&Vm>) {
        let since = self.since.load(Ordering::Relaxed);
        self.since.store(0, Ordering::Relaxed);
        add(&self.run_ticks, clock::ticks().saturating_sub(since));
        if let Some(vm) = vm {
            let heap = vm.heap();
            self.bytes.store(heap.bytes(), Ordering::Relaxed);
            self.peak_bytes.store(heap.peak_bytes(), Ordering::Relaxed);
            self.objects.store(heap.n_objects(), Ordering::Relaxed);
        }
    }

    /// Copies what the machine counts. For who holds the lock.
    fn publish(&self, vm: &Vm) {
        self.bytes.store(vm.heap().bytes(), Ordering::Relaxed);
        self.peak_bytes.store(vm.heap().peak_bytes(), Ordering::Relaxed);
        self.objects.store(vm.heap().n_objects(), Ordering::Relaxed);
        let (mut collections, mut collected) = (0, 0);
        for generation in vm.gc.stats.borrow().iter() {
            collections += generation.collections as u64;
            collected += generation.collected as u64;
        }
        self.collections.store(collections, Ordering::Relaxed);
        self.collected.store(collected, Ordering::Relaxed);
    }

    /// A collection has ended.
    pub(crate) fn collected(&self, vm: &Vm) {
        self.publish(vm);
    }

    /// An object was put into a channel or queue. For who is inside.
    #[inline]
    pub fn sent(&self) {
        add(&self.sent, 1);
    }

    /// An object was taken out of one. For who is inside.
    #[inline]
    pub fn received(&self) {
        add(&self.received, 1);
    }

    /// How often a thread has entered.
    pub(crate) fn n_entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    fn run_ticks(&self) -> u64 {
        let since = self.since.load(Ordering::Relaxed);
        let running = if since == 0 { 0 } else { clock::ticks().saturating_sub(since) };
        self.run_ticks.load(Ordering::Relaxed).wrapping_add(running)
    }
}

impl Interpreter {
    /// What it has counted. The numbers are of now if a thread that runs it reaches a safepoint within 20 ms; while native
    /// code runs longer than that, bytes, objects and collections are of when a thread last left it or collected.
    pub fn stats(&self) -> Stats {
        let run_ticks = self.counters().run_ticks();
        // Closed or busy: what was published last.
        let _ = self.look(PATIENCE, |vm| self.counters().publish(vm));
        let counters = self.counters();
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let lock = self.lock().stats();
        Stats {
            id: self.id(),
            bytes: counters.bytes.load(Ordering::Relaxed),
            peak_bytes: counters.peak_bytes.load(Ordering::Relaxed),
            objects: counters.objects.load(Ordering::Relaxed),
            collections: get(&counters.collections),
            collected: get(&counters.collected),
            run_time: self.runtime().clock().duration(run_ticks),
            entries: get(&counters.entries),
            threads: self.n_threads(),
            lock_waits: lock.n_waits,
            hand_offs: lock.n_hand_offs,
            sent: get(&counters.sent),
            received: get(&counters.received),
        }
    }

    /// The Python stacks of all its threads that have one, while they go on: none of an idle interpreter.
    ///
    /// A thread that runs Python is asked to pause at its next safepoint. One that waits has left the interpreter and need
    /// not be asked.
    ///
    /// # Errors
    /// [`Refused::TimedOut`] if a thread runs native code for longer than `timeout`.
    pub fn stacks(&self, timeout: Duration) -> Result<Vec<Stack>, Refused> {
        let all = self.look(timeout, Vm::thread_stacks)?;
        let main = self.main_thread().filter(|ident| all.iter().any(|stack| stack.ident == *ident));
        let main = main.or_else(|| all.first().map(|stack| stack.ident));
        Ok(all
            .into_iter()
            .map(|stack| Stack {
                thread: stack.ident,
                is_main: Some(stack.ident) == main,
                frames: stack
                    .entries
                    .into_iter()
                    .rev()
                    .map(|(file, line, function)| StackFrame { file, line, function })
                    .collect(),
            })
            .collect())
    }
}
