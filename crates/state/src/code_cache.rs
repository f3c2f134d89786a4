//! Code that was compiled in this process lately: the same source, under the same name, is compiled once for all
//! interpreters.
//!
//! It knows the whole source of what it holds: a hash alone never decides. What gave warnings is not kept, since those are
//! told anew each time.

use crate::recent::Recent;
use parking_lot::Mutex;
use serpens_bytecode::Code;
use serpens_compiler::{Mode, Options};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Bytes of source and code that a generation holds.
const LIMIT: usize = 16 << 20;
/// What an entry weighs beside its source.
const OVERHEAD: usize = 1 << 10;

/// What a compilation is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) source: &'a str,
    pub(crate) filename: &'a str,
    pub(crate) mode: Mode,
    pub(crate) options: Options,
}

struct Entry {
    source: Box<str>,
    filename: Box<str>,
    mode: Mode,
    options: Options,
    code: Arc<Code>,
}

impl Entry {
    fn request(&self) -> Request<'_> {
        Request { source: &self.source, filename: &self.filename, mode: self.mode, options: self.options }
    }
}

/// The cache.
pub(crate) struct CodeCache {
    entries: Mutex<Recent<u64, Arc<Entry>>>,
    hasher: RandomState,
}

impl Default for CodeCache {
    fn default() -> CodeCache {
        CodeCache { entries: Mutex::new(Recent::new(LIMIT)), hasher: RandomState::new() }
    }
}

impl CodeCache {
    fn key(&self, r: Request<'_>) -> u64 {
        self.hasher.hash_one((r.source, r.filename))
    }

    /// The code of a request that was made before.
    pub(crate) fn get(&self, request: Request<'_>) -> Option<Arc<Code>> {
        let entry = self.entries.lock().get(&self.key(request))?;
        (entry.request() == request).then(|| entry.code.clone())
    }

    /// Remembers the code of a request.
    pub(crate) fn insert(&self, request: Request<'_>, code: &Arc<Code>) {
        let Request { source, filename, mode, options } = request;
        // Code takes several times the room of its source.
        let weight = source.len() * 4 + OVERHEAD;
        let entry = Entry { source: source.into(), filename: filename.into(), mode, options, code: code.clone() };
        self.entries.lock().insert(self.key(request), Arc::new(entry), weight);
    }
}
