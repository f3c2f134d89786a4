//! The prepared library: modules whose bodies have run once, for interpreters that import them later.
//!
//! What interpreters import of the library is noted. When more than a few modules were, and another interpreter is to be
//! created, one that nobody sees imports them before and becomes an origin (`serpens_vm::origin`), from which interpreters
//! start from then on. They have none of its modules until they import them: then a module is a copy, with what its body
//! imported, and no body runs (`crate::import::prepared`). The origin is made anew when what was noted since is worth it, so
//! that preparing costs about what the interpreters themselves have spent on importing, at the most.
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
use std::sync::atomic::{AtomicBool, Ordering};

/// The id of the interpreter that prepares.
pub(crate) const ID: i64 = -1;

/// So many modules are worth an origin.
const MIN_NOTED: usize = 8;

/// Native modules that bodies get at in other ways than by importing them.
const FIRST: &[&str] = &["_warnings"];

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
    noted: Mutex<Noted>,
    /// Whether it is time to prepare.
    due: AtomicBool,
    /// Held while a thread prepares.
    at_work: Mutex<()>,
}

/// Keeps the library from being prepared while it lives.
pub struct Pause<'a>(#[expect(dead_code, reason = "held")] MutexGuard<'a, ()>);

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

    /// Whether it is time to prepare, which takes as long as importing does.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.due.load(Ordering::Relaxed)
    }

    /// Prepares if it is time, on this thread. Who comes while another thread does so goes on without.
    #[cold]
    pub(crate) fn prepare_if_due(&self, runtime: &Arc<Runtime>) {
        let Some(_at_work) = self.at_work.try_lock() else { return };
        if self.due.swap(false, Ordering::Relaxed) {
            self.prepare_noted(runtime);
        }
    }

    /// Prepares what was noted and these modules, on this thread.
    pub(crate) fn prepare(&self, runtime: &Arc<Runtime>, names: &[&str]) {
        names.iter().for_each(|name| self.note(runtime.library(), name));
        let _at_work = self.at_work.lock();
        self.prepare_noted(runtime);
    }

    fn prepare_noted(&self, runtime: &Arc<Runtime>) {
        let names = {
            let mut noted = self.noted.lock();
            noted.since = 0;
            self.due.store(false, Ordering::Relaxed);
            noted.order.clone()
        };
        if let Some(origin) = prepare(runtime, &names) {
            self.origin.store(Some(origin));
        }
    }

    /// Waits until nothing is being prepared, and keeps it so: for a `fork`.
    pub(crate) fn pause(&self) -> Pause<'_> {
        Pause(self.at_work.lock())
    }
}

/// An origin with these modules; `None` if something is against it, when interpreters go on without.
fn prepare(runtime: &Arc<Runtime>, names: &[&str]) -> Option<Arc<Origin>> {
    let interpreter = Interpreter::new(runtime.clone(), ID, Config::ISOLATED, Whence::Runtime);
    let attached = interpreter.attach()?;
    for base in ["sys", "builtins"] {
        attached.caught(import_module(&attached, base)).ok()?;
    }
    let environment = environment();
    record::start(&attached);
    for name in FIRST.iter().chain(names) {
        // What cannot be imported is left to those who ask for it.
        let _ = attached.caught(import_module(&attached, name));
    }
    let threading = template::globals_of(&attached, &attached.names().threading);
    let library = runtime.library();
    let may = |name: &str| library.get(name).is_none() || library.preparable(name).is_some();
    let prepared = attached.caught(record::finish(&attached, environment, may)).ok()?;
    template::make_ready(&attached).ok()?;
    attached.seal_as_origin();
    drop(attached);
    // SAFETY: nobody but this thread knows the interpreter.
    let vm = unsafe { interpreter.take_machine() }?;
    Some(Origin::new(vm, threading, prepared))
}
