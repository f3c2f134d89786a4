//! The embedded library: modules compiled at build time, decoded once a process.

use parking_lot::Mutex;
use serpens_bytecode::Code;
use serpens_vm::{PyResult, Value, Vm};
use std::collections::HashMap;
use std::sync::Arc;

/// What stands for the library's folder in `__file__` and `__path__`.
pub const PREFIX: &str = "<serpens>";

/// One module of the library.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Whether it is a package.
    pub package: bool,
    /// Where its serialised code lies in the blob.
    start: usize,
    end: usize,
}

/// Native stand-ins for functions of a module of the library, which do the same faster.
pub struct Accelerator {
    /// The module's full name.
    pub module: &'static str,
    /// Puts them into the module, whose body has run.
    pub apply: fn(&Vm, &Value) -> PyResult<()>,
}

/// Modules of the library whose bodies do nothing but make the objects of the module, from what they import and the process's
/// environment.
#[derive(Clone, Copy, Default)]
pub struct Preparable {
    /// Top-level modules, and packages with all that is in them, in alphabetical order.
    pub packages: &'static [&'static str],
    /// Modules in these packages that are none, in alphabetical order.
    pub except: &'static [&'static str],
    /// What of a module depends on when its body runs, or must be another in every interpreter.
    pub renewals: &'static [Accelerator],
}

/// The sources of the library's modules, packed. They are for people: nothing is compiled from them.
#[derive(Clone, Copy)]
pub struct Sources {
    /// All of them, one after the other.
    pub blob: &'static [u8],
    /// (name, start, end, length when unpacked).
    pub index: &'static [(&'static str, usize, usize, usize)],
    /// Unpacks one.
    pub unpack: fn(&[u8], usize) -> Option<String>,
}

/// The embedded library of a runtime.
#[derive(Default)]
pub struct Library {
    accelerators: &'static [Accelerator],
    sources: Option<Sources>,
    preparable: Preparable,
    blob: &'static [u8],
    index: HashMap<&'static str, Entry>,
    decoded: Mutex<HashMap<String, Arc<Code>>>,
}

impl Library {
    /// A library from its blob and index: (name, package, start, end) of each module's serialised code.
    pub fn new(blob: &'static [u8], index: &[(&'static str, bool, usize, usize)]) -> Library {
        Library {
            accelerators: &[],
            preparable: Preparable::default(),
            blob,
            index: index
                .iter()
                .map(|(n, package, start, end)| (*n, Entry { package: *package, start: *start, end: *end }))
                .collect(),
            sources: None,
            decoded: Mutex::default(),
        }
    }

    /// Sets the native stand-ins for functions of its modules.
    pub fn accelerated(mut self, accelerators: &'static [Accelerator]) -> Library {
        self.accelerators = accelerators;
        self
    }

    /// Sets the modules whose bodies need not run in every interpreter.
    pub fn with_preparable(mut self, preparable: Preparable) -> Library {
        debug_assert!(preparable.packages.is_sorted() && preparable.except.is_sorted(), "not in alphabetical order");
        self.preparable = preparable;
        self
    }

    /// The name of a module whose body need not run in every interpreter; `None` for others.
    pub(crate) fn preparable(&self, name: &str) -> Option<&'static str> {
        let top = name.split_once('.').map_or(name, |(top, _)| top);
        if self.preparable.packages.binary_search(&top).is_err() || self.preparable.except.binary_search(&name).is_ok()
        {
            return None;
        }
        self.index.get_key_value(name).map(|(name, _)| *name)
    }

    /// Gives a module that was not run here what its body would have found out.
    pub(super) fn renew(&self, vm: &Vm, name: &str, module: &Value) {
        for renewal in self.preparable.renewals.iter().filter(|r| r.module == name) {
            crate::sys::report::ignore(vm, |vm| (renewal.apply)(vm, module).map(|()| Value::NONE));
        }
    }

    /// Puts native stand-ins into a module of the library, once its body has run.
    pub(super) fn accelerate(&self, vm: &Vm, name: &str, module: &Value) -> PyResult<()> {
        self.accelerators.iter().filter(|a| a.module == name).try_for_each(|a| (a.apply)(vm, module))
    }

    /// The library with the sources of its modules.
    #[must_use]
    pub fn with_sources(mut self, sources: Sources) -> Library {
        self.sources = Some(sources);
        self
    }

    /// The source of the module of that full name, if the library has it.
    pub fn source(&self, name: &str) -> Option<String> {
        let sources = self.sources?;
        let (_, start, end, len) = sources.index.iter().find(|(module, ..)| *module == name)?;
        (sources.unpack)(sources.blob.get(*start..*end)?, *len)
    }

    /// The source that `__file__` or `co_filename` of a module of the library names.
    pub fn source_of_file(&self, filename: &str) -> Option<String> {
        let path = filename.strip_prefix(PREFIX)?.strip_prefix('/')?.strip_suffix(".py")?;
        self.source(&path.strip_suffix("/__init__").unwrap_or(path).replace('/', "."))
    }

    /// The module of that full name.
    pub fn get(&self, name: &str) -> Option<Entry> {
        self.index.get(name).copied()
    }

    /// Full names of all modules.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.index.keys().copied()
    }

    /// The code of a module, decoded on first use in the process.
    pub fn code(&self, name: &str) -> Option<Arc<Code>> {
        if let Some(code) = self.decoded.lock().get(name) {
            return Some(code.clone());
        }
        let entry = self.get(name)?;
        let code = serpens_bytecode::serial::from_trusted_bytes(self.blob.get(entry.start..entry.end)?).ok()?;
        self.decoded.lock().insert(name.to_string(), code.clone());
        Some(code)
    }
}
