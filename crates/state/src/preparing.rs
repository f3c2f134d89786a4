//! The prepared library: modules whose bodies have run once, for interpreters that import them later.
//!
//! What interpreters import of the library is noted. When more than a few modules were, an interpreter of its own imports
//! them on a thread of its own and becomes an origin (`serpens_vm::origin`), from which interpreters start from then on. They
//! have none of its modules until they import them: then a module is a copy, with what its body imported, and no body runs
//! (`crate::import::prepared`). The origin is made anew when what was noted since is worth it, so that preparing never costs
//! more than a fraction of what the interpreters themselves have imported.
//!
//! Only modules whose bodies do nothing but make objects are prepared: [`Library::preparable`](crate::import::Library).
//!
//! Invariant: the interpreter that prepares is in no list, has no id that was given out, and runs nothing but bodies of the
//! library.
#![expect(unsafe_code, reason = "takes the machine out of an interpreter")]

use crate::import::{Library, import_module, record};
use crate::interpreter::{Config, Interpreter};
use crate::runtime::{Runtime, Whence};
use crate::template;
use arc_swap::ArcSwapOption;
use parking_lot::{Mutex, MutexGuard};
use serpens_vm::origin::Origin;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

/// The id of the interpreter that prepares.
pub(crate) const ID: i64 = -1;

/// So many modules are worth an origin.
const MIN_NOTED: usize = 8;

/// Native modules that bodies get at in other ways than by importing them.
const FIRST: &[&str] = &["_warnings"];

/// Stack of the thread that prepares, bytes.
const STACK: usize = 16 << 20;

/// What was asked for.
#[derive(Default)]
struct Noted {
    /// Full names, in the order in which their bodies began.
    order: Vec<&'static str>,
    all: HashSet<&'static str>,
    /// How many were noted since the origin was made.
    since: usize,
}

/// The prepared library of a runtime.
#[derive(Default)]
pub(crate) struct PreparedLibrary {
    origin: ArcSwapOption<Origin>,
    /// The environment in which the bodies ran.
    environment: AtomicU64,
    noted: Mutex<Noted>,
    /// Whether it is time to prepare.
    due: AtomicBool,
    /// The thread that prepares.
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Keeps the library from being prepared while it lives.
pub struct Pause<'a>(#[expect(dead_code, reason = "held")] MutexGuard<'a, Option<JoinHandle<()>>>);

/// What tells one environment of the process from another.
pub(crate) fn environment() -> u64 {
    let mut hasher = DefaultHasher::new();
    std::env::vars_os().for_each(|v| v.hash(&mut hasher));
    hasher.finish()
}

impl PreparedLibrary {
    /// What interpreters start from, if something is prepared.
    pub(crate) fn origin(&self) -> Option<Arc<Origin>> {
        self.origin.load_full()
    }

    pub(crate) fn environment(&self) -> u64 {
        self.environment.load(Ordering::Relaxed)
    }

    /// An interpreter runs the body of a module of the library.
    pub(crate) fn note(&self, library: &Library, full: &str) {
        let Some(name) = library.preparable(full) else { return };
        let mut noted = self.noted.lock();
        if noted.all.insert(name) {
            noted.order.push(name);
            noted.since += 1;
            let had = noted.all.len() - noted.since;
            if noted.since >= MIN_NOTED.max(had / 4) {
                self.due.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Begins to prepare, if it is time. Interpreters that start meanwhile do without.
    #[inline]
    pub(crate) fn begin_if_due(&self, runtime: &Arc<Runtime>) {
        if self.due.load(Ordering::Relaxed) {
            self.begin(runtime);
        }
    }

    #[cold]
    fn begin(&self, runtime: &Arc<Runtime>) {
        let Some(mut thread) = self.thread.try_lock() else { return };
        if thread.as_ref().is_some_and(|t| !t.is_finished()) || !self.due.swap(false, Ordering::Relaxed) {
            return;
        }
        let runtime = runtime.clone();
        let work = move || runtime.prepared_library().prepare(&runtime);
        *thread = std::thread::Builder::new().name("serpens-library".into()).stack_size(STACK).spawn(work).ok();
    }

    /// Waits until nothing is being prepared, and keeps it so: for a `fork`.
    pub(crate) fn pause(&self) -> Pause<'_> {
        let mut thread = self.thread.lock();
        if let Some(thread) = thread.take() {
            // Its panics are its own: it leaves no origin then.
            drop(thread.join());
        }
        Pause(thread)
    }

    /// Prepares what was noted, on this thread.
    pub(crate) fn prepare(&self, runtime: &Arc<Runtime>) {
        let names = {
            let mut noted = self.noted.lock();
            noted.since = 0;
            noted.order.clone()
        };
        self.environment.store(environment(), Ordering::Relaxed);
        if let Some(origin) = prepare(runtime, &names) {
            self.origin.store(Some(origin));
        }
    }

    /// Notes modules as if interpreters had imported them.
    pub(crate) fn note_all(&self, library: &Library, names: &[&str]) {
        names.iter().for_each(|name| self.note(library, name));
    }
}

/// An origin with these modules; `None` if something is against it, when interpreters go on without.
fn prepare(runtime: &Arc<Runtime>, names: &[&str]) -> Option<Arc<Origin>> {
    let interpreter = Interpreter::new(runtime.clone(), ID, Config::ISOLATED, Whence::Runtime);
    let attached = interpreter.attach()?;
    for base in ["sys", "builtins"] {
        attached.caught(import_module(&attached, base)).ok()?;
    }
    record::start(&attached);
    for name in FIRST.iter().chain(names) {
        // What cannot be imported is left to those who ask for it.
        let _ = attached.caught(import_module(&attached, name));
    }
    let threading = template::globals_of(&attached, &attached.names().threading);
    let library = runtime.library();
    let may = |name: &str| library.get(name).is_none() || library.preparable(name).is_some();
    let prepared = attached.caught(record::finish(&attached, may)).ok()?;
    template::make_ready(&attached).ok()?;
    attached.seal_as_origin();
    drop(attached);
    // SAFETY: nobody but this thread knows the interpreter.
    let vm = unsafe { interpreter.take_machine() }?;
    Some(Origin::new(vm, threading, prepared))
}
