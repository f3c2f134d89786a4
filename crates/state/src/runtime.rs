//! [`Runtime`]: the process-wide parts that interpreters share. It holds no Python object of any interpreter.

use crate::clock::Clock;
use crate::code_cache::CodeCache;
use crate::import::Library;
use crate::interpreter::{Config, Interpreter};
use crate::module::NativeModule;
use crate::preparing::{Pause, PreparedLibrary};
use crate::registry::Registry;
use crate::sys::signals::Signals;
use parking_lot::Mutex;
use serpens_vm::Image;
use serpens_vm::heap::ChunkPool;
use serpens_vm::origin::Origin;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

/// Where an interpreter came from (`Interpreter.whence`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Whence {
    /// Unknown.
    Unknown,
    /// The main interpreter.
    Runtime,
    /// `Py_NewInterpreter` (not offered here; the number is CPython's).
    LegacyCapi,
    /// The embedding API.
    Capi,
    /// The embedding API across interpreters.
    CrossCapi,
    /// The module `_interpreters`.
    Stdlib,
}

/// Whether compiled files that name their source by a hash are checked against it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HashChecks {
    /// Those that ask for it.
    #[default]
    Default,
    /// All.
    Always,
    /// None.
    Never,
}

impl HashChecks {
    /// As `_imp.check_hash_based_pycs` says it.
    pub const fn name(self) -> &'static str {
        match self {
            HashChecks::Default => "default",
            HashChecks::Always => "always",
            HashChecks::Never => "never",
        }
    }
}

/// Command-line and environment settings that every interpreter starts with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// `sys.orig_argv`.
    pub orig_argv: Vec<String>,
    /// `sys.executable`.
    pub executable: String,
    /// What `sys.path` starts with.
    pub path: Vec<String>,
    /// `-W` options.
    pub warn_options: Vec<String>,
    /// `-X` options.
    pub x_options: Vec<(String, Option<String>)>,
    /// `-O` count.
    pub optimize: u8,
    /// `-i`.
    pub inspect: bool,
    /// `-i` or a terminal.
    pub interactive: bool,
    /// `-B`.
    pub dont_write_bytecode: bool,
    /// `-E`.
    pub ignore_environment: bool,
    /// `-I`.
    pub isolated: bool,
    /// `-s`.
    pub no_user_site: bool,
    /// `-S`.
    pub no_site: bool,
    /// `-v` count.
    pub verbose: u8,
    /// `-q`.
    pub quiet: bool,
    /// `-b` count.
    pub bytes_warning: u8,
    /// `-d` count.
    pub debug: u8,
    /// `-P`.
    pub safe_path: bool,
    /// `-u`.
    pub unbuffered: bool,
    /// `-X dev`.
    pub dev_mode: bool,
    /// `-X pycache_prefix`.
    pub pycache_prefix: Option<String>,
    /// `--check-hash-based-pycs`.
    pub hash_checks: HashChecks,
    /// `PYTHONHASHSEED` was given (`sys.flags.hash_randomization` is 0 when it is "0").
    pub hash_seed: Option<u32>,
}

/// What a runtime is built from.
#[derive(Default)]
pub struct RuntimeBuilder {
    modules: Vec<&'static NativeModule>,
    library: Option<Library>,
    settings: Settings,
}

impl RuntimeBuilder {
    /// A runtime without native modules but `builtins` and `sys`, and without a library.
    pub fn new() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// Adds native modules.
    pub fn modules(mut self, modules: &[&'static NativeModule]) -> RuntimeBuilder {
        self.modules.extend_from_slice(modules);
        self
    }

    /// Sets the embedded library.
    pub fn library(mut self, library: Library) -> RuntimeBuilder {
        self.library = Some(library);
        self
    }

    /// Sets what interpreters start with.
    pub fn settings(mut self, settings: Settings) -> RuntimeBuilder {
        self.settings = settings;
        self
    }

    /// Builds the frozen image and the runtime.
    pub fn build(self) -> Arc<Runtime> {
        let seed = match self.settings.hash_seed {
            Some(seed) => seed as u64,
            None => random_seed(),
        };
        let optimize = self.settings.optimize;
        Arc::new(Runtime {
            image: Image::build_with(seed, &|vm, d| crate::builtins::fill(vm, d, optimize)),
            pool: Arc::new(ChunkPool::new()),
            modules: self.modules.iter().map(|m| (m.name, *m)).collect(),
            module_names: self.modules.iter().map(|m| m.name).collect(),
            library: self.library.unwrap_or_default(),
            prepared: PreparedLibrary::default(),
            settings: self.settings,
            interpreters: Registry::default(),
            next_id: AtomicI64::new(0),
            clock: Clock::new(),
            signals: OnceLock::new(),
            extensions: Mutex::default(),
            code_cache: CodeCache::default(),
        })
    }
}

fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

/// The process-wide parts of a set of interpreters.
pub struct Runtime {
    image: &'static Image,
    pool: Arc<ChunkPool>,
    modules: HashMap<&'static str, &'static NativeModule>,
    module_names: Vec<&'static str>,
    library: Library,
    prepared: PreparedLibrary,
    settings: Settings,
    interpreters: Registry,
    next_id: AtomicI64,
    clock: Clock,
    signals: OnceLock<Signals>,
    extensions: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    code_cache: CodeCache,
}

impl Runtime {
    /// Starts the description of a runtime.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::new()
    }

    /// The frozen image.
    pub fn image(&self) -> &'static Image {
        self.image
    }

    /// The pool of memory chunks.
    pub fn chunk_pool(&self) -> &Arc<ChunkPool> {
        &self.pool
    }

    /// The native module of that name.
    pub fn native_module(&self, name: &str) -> Option<&'static NativeModule> {
        self.modules.get(name).copied()
    }

    /// Names of all native modules.
    pub fn native_module_names(&self) -> &[&'static str] {
        &self.module_names
    }

    /// The embedded library.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Modules of the library for interpreters to come.
    pub(crate) fn prepared_library(&self) -> &PreparedLibrary {
        &self.prepared
    }

    /// Runs the bodies of these modules of the library now, once for all interpreters that will be created and import them.
    /// The runtime does so by itself for what its interpreters have imported, when it creates another one. Names of
    /// modules whose bodies have effects outside of their modules are passed over. The full names of all modules that need
    /// not be run any more, with those that these import.
    pub fn prepare_library(self: &Arc<Runtime>, names: &[&str]) -> Vec<String> {
        self.prepared.prepare(self, names);
        self.prepared.origin().map_or(Vec::new(), |origin| origin.prepared().names())
    }

    /// Has the system end the process if anything writes to the prepared library, for tests of that nobody does.
    pub fn set_prepared_read_only(&self, on: bool) {
        if let Some(origin) = self.prepared.origin() {
            origin.set_read_only(on);
        }
    }

    /// Whether the next interpreter is created after bodies of the library have run for it and those after it: this once the
    /// creation takes as long as importing does.
    pub fn is_preparation_due(&self) -> bool {
        self.prepared.is_due()
    }

    /// Waits until no thread prepares the library, and keeps it so while the result lives: for a `fork`.
    pub fn pause(&self) -> Pause<'_> {
        self.prepared.pause()
    }

    /// Code that was compiled lately.
    pub(crate) fn code_cache(&self) -> &CodeCache {
        &self.code_cache
    }

    /// What interpreters start with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A new interpreter. The first one is the main interpreter, with id 0.
    pub fn create(self: &Arc<Runtime>, config: Config, whence: Whence) -> Arc<Interpreter> {
        if self.prepared.is_due() {
            self.prepared.prepare_if_due(self);
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let interpreter = match self.prepared.origin().filter(|_| id != 0) {
            Some(origin) => Interpreter::from_origin(origin, self.clone(), id, config, whence),
            None => Interpreter::new(self.clone(), id, config, whence),
        };
        self.interpreters.add(id, interpreter.clone());
        crate::events::created(&interpreter);
        interpreter
    }

    /// A new interpreter that starts in the state of `origin`.
    pub(crate) fn create_from(
        self: &Arc<Runtime>,
        origin: &Arc<Origin>,
        config: Config,
        whence: Whence,
    ) -> Arc<Interpreter> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let interpreter = Interpreter::from_origin(origin.clone(), self.clone(), id, config, whence);
        self.interpreters.add(id, interpreter.clone());
        interpreter
    }

    /// The interpreter with that id, if it exists.
    pub fn get(&self, id: i64) -> Option<Arc<Interpreter>> {
        self.interpreters.get(id)
    }

    /// All interpreters, in order of creation.
    pub fn list(&self) -> Vec<Arc<Interpreter>> {
        self.interpreters.list()
    }

    /// Takes an interpreter out of the registry.
    pub(crate) fn forget(&self, id: i64) {
        self.interpreters.remove(id);
    }

    /// In the child of a `fork`: only `keep`, whose thread forked, goes on. The threads of the other interpreters are not
    /// there any more, so nobody can ever enter or close those: their memory is left as it is.
    pub fn after_fork(&self, keep: &Interpreter) {
        keep.lock().after_fork();
        self.interpreters.keep_only(keep.id());
    }

    /// What the signal module does for the runtime, once it answers for signals.
    pub fn signals(&self) -> Option<&Signals> {
        self.signals.get()
    }

    /// The signal module answers for signals from now on.
    pub fn set_signals(&self, signals: Signals) {
        let _ = self.signals.set(signals);
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Leaves the id of the main interpreter free: all interpreters are as isolated as those made by Python programs.
    pub fn without_main(&self) {
        self.next_id.fetch_max(1, Ordering::Relaxed);
    }

    /// The id the next interpreter will get.
    pub fn next_id(&self) -> i64 {
        self.next_id.load(Ordering::Relaxed)
    }

    /// Process-wide state of a layer above (the registries of queues and channels): made on first use.
    pub fn extension<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let mut all = self.extensions.lock();
        let entry = all.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(make()));
        match entry.clone().downcast::<T>() {
            Ok(found) => found,
            Err(_) => unreachable!("entries are keyed by their type"),
        }
    }
}
