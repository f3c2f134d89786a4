//! Code that was compiled in this process lately: the same source, under the same name, is compiled once for all
//! interpreters; so is the same file as long as it is not written.
//!
//! It knows the whole source of what it holds: a hash alone never decides. What gave warnings is not kept, since those are
//! told anew each time.

use crate::recent::Recent;
use parking_lot::Mutex;
use serpens_bytecode::Code;
use serpens_compiler::{Mode, Options};
use std::fs::Metadata;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::MetadataExt;
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

/// A source file as it was when it was compiled.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct FileKey {
    path: Box<str>,
    device: u64,
    inode: u64,
    modified: (i64, i64),
    size: u64,
    optimize: u8,
}

impl FileKey {
    pub(crate) fn new(path: &str, meta: &Metadata, optimize: u8) -> FileKey {
        FileKey {
            path: path.into(),
            device: meta.dev(),
            inode: meta.ino(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            size: meta.size(),
            optimize,
        }
    }
}

/// The cache.
pub(crate) struct CodeCache {
    entries: Mutex<Recent<u64, Arc<Entry>>>,
    files: Mutex<Recent<FileKey, Arc<Code>>>,
    hasher: RandomState,
}

impl Default for CodeCache {
    fn default() -> CodeCache {
        let (entries, files) = (Mutex::new(Recent::new(LIMIT)), Mutex::new(Recent::new(LIMIT)));
        CodeCache { entries, files, hasher: RandomState::new() }
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

    /// The code of a source file that was compiled or read before.
    pub(crate) fn get_file(&self, key: &FileKey) -> Option<Arc<Code>> {
        self.files.lock().get(key)
    }

    /// Remembers the code of a source file of `size` bytes.
    pub(crate) fn insert_file(&self, key: FileKey, size: u64, code: &Arc<Code>) {
        let weight = usize::try_from(size).unwrap_or(LIMIT).saturating_mul(4).saturating_add(OVERHEAD);
        self.files.lock().insert(key, code.clone(), weight);
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
