//! The embedded library: modules compiled at build time, decoded once a process.

use parking_lot::Mutex;
use serpens_bytecode::Code;
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

/// The embedded library of a runtime.
#[derive(Default)]
pub struct Library {
    blob: &'static [u8],
    index: HashMap<&'static str, Entry>,
    decoded: Mutex<HashMap<String, Arc<Code>>>,
}

impl Library {
    /// A library from its blob and index: (name, package, start, end) of each module's serialised code.
    pub fn new(blob: &'static [u8], index: &[(&'static str, bool, usize, usize)]) -> Library {
        Library {
            blob,
            index: index
                .iter()
                .map(|(n, package, start, end)| (*n, Entry { package: *package, start: *start, end: *end }))
                .collect(),
            decoded: Mutex::default(),
        }
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
