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

/// The embedded library of a runtime.
#[derive(Default)]
pub struct Library {
    accelerators: &'static [Accelerator],
    blob: &'static [u8],
    index: HashMap<&'static str, Entry>,
    decoded: Mutex<HashMap<String, Arc<Code>>>,
}

impl Library {
    /// A library from its blob and index: (name, package, start, end) of each module's serialised code.
    pub fn new(blob: &'static [u8], index: &[(&'static str, bool, usize, usize)]) -> Library {
        Library {
            accelerators: &[],
            blob,
            index: index
                .iter()
                .map(|(n, package, start, end)| (*n, Entry { package: *package, start: *start, end: *end }))
                .collect(),
            decoded: Mutex::default(),
        }
    }

    /// Sets the native stand-ins for functions of its modules.
    pub fn accelerated(mut self, accelerators: &'static [Accelerator]) -> Library {
        self.accelerators = accelerators;
        self
    }

    /// Puts native stand-ins into a module of the library, once its body has run.
    pub(super) fn accelerate(&self, vm: &Vm, name: &str, module: &Value) -> PyResult<()> {
        self.accelerators.iter().filter(|a| a.module == name).try_for_each(|a| (a.apply)(vm, module))
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
