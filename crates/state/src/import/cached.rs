//! Compiled source files: in memory for the interpreters of the process, and on disk as CPython caches `.pyc`.
//!
//! A file on disk is CPython's form: a magic number of this version, flags, the source's time and size (or a hash of it), then
//! the code as `marshal` writes it. It lies where `importlib.util.cache_from_source` says, and `sys.dont_write_bytecode`,
//! `sys.pycache_prefix` and `sys.implementation.cache_tag` are obeyed.
//!
//! Invariant: what is read from disk passes the verifier before it runs. A file that is stale, damaged or of another version
//! is as good as none; one that cannot be written does not disturb the import.

use crate::attach::blocking;
use crate::code_cache::FileKey;
use crate::interpreter::runtime_of;
use crate::runtime::HashChecks;
use serpens_bytecode::Code;
use serpens_bytecode::serial::{self, PYC_MAGIC};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Raised, Value, Vm};
use siphasher::sip::SipHasher13;
use std::fs::{self, Metadata, OpenOptions};
use std::hash::Hasher;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// `sys.implementation.cache_tag`, unless a program changes it.
pub const CACHE_TAG: &str = "serpens-314";
/// Bytes before the code: magic, flags, and either time and size or a hash.
const HEADER: usize = 16;
/// `marshal`'s type code of a code object, which may say that others refer to it.
const CODE: u8 = b'c';
const FLAG_REF: u8 = 0x80;
/// Flags of a file: it names the source by a hash; the hash is to be checked.
const BY_HASH: u32 = 1;
const CHECK_HASH: u32 = 2;
/// A source that was written so lately may be written again without a change of its time.
const TOO_NEW: Duration = Duration::from_millis(100);

/// The hash of a source for the files that name it so, as `_imp.source_hash` gives it.
pub fn source_hash(key: u64, source: &[u8]) -> [u8; 8] {
    let mut hasher = SipHasher13::new_with_keys(key, 0);
    hasher.write(source);
    hasher.finish().to_le_bytes()
}

/// What an interpreter does about compiled files.
struct Policy {
    tag: Option<String>,
    prefix: Option<String>,
    write: bool,
    optimize: u8,
    checks: HashChecks,
}

impl Policy {
    fn of(vm: &Vm) -> PyResult<Policy> {
        let Some(runtime) = runtime_of(vm) else {
            return Ok(Policy { tag: None, prefix: None, write: false, optimize: 0, checks: HashChecks::Default });
        };
        let s = runtime.settings();
        let mut policy = Policy {
            tag: Some(CACHE_TAG.to_string()),
            prefix: s.pycache_prefix.clone(),
            write: !s.dont_write_bytecode,
            optimize: s.optimize,
            checks: s.hash_checks,
        };
        let sys = vm.sys_dict_if_made();
        let Some(sys) = sys.as_ref().and_then(|s| s.downcast::<Dict>()) else { return Ok(policy) };
        if let Some(no) = sys.get_name(vm, "dont_write_bytecode") {
            policy.write = !vm.truthy(&no)?;
        }
        let text = |v: &Value| v.downcast::<Str>().map(|s| s.to_string());
        policy.prefix = sys.get_name(vm, "pycache_prefix").as_ref().and_then(text).filter(|p| !p.is_empty());
        if let Some(implementation) = sys.get_name(vm, "implementation").filter(|v| !v.is_none()) {
            let tag = vm.getattr_opt(&implementation, &vm.intern("cache_tag"))?;
            policy.tag = tag.as_ref().and_then(text);
        }
        Ok(policy)
    }

    /// Where the compiled form of a source lies.
    fn place(&self, source: &str) -> Option<String> {
        let tag = self.tag.as_deref()?;
        let (dir, file) =
            source.rsplit_once('/').map_or(("", source), |(d, f)| (if d.is_empty() { "/" } else { d }, f));
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let level = if self.optimize == 0 { String::new() } else { format!(".opt-{}", self.optimize) };
        let name = format!("{stem}.{tag}{level}.pyc");
        let join = |a: &str, b: &str| {
            if a.is_empty() || a.ends_with('/') { format!("{a}{b}") } else { format!("{a}/{b}") }
        };
        let Some(prefix) = &self.prefix else { return Some(join(&join(dir, "__pycache__"), &name)) };
        let absolute = std::path::absolute(if dir.is_empty() { "." } else { dir }).ok()?;
        let below = absolute.to_string_lossy().trim_start_matches('/').to_string();
        Some(join(&join(prefix, &below), &name))
    }
}

/// `__cached__` of a module from a source file.
pub(super) fn cached_path(vm: &Vm, source: &str) -> Option<String> {
    Policy::of(vm).ok()?.place(source)
}

/// What a compiled file says of its source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    /// Seconds and bytes, as far as 32 bits go.
    Stamp(u32, u32),
    Hash {
        hash: [u8; 8],
        check: bool,
    },
}

impl Source {
    fn stamp(meta: &Metadata) -> Source {
        Source::Stamp(meta.mtime() as u32, meta.size() as u32)
    }

    fn header(self) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        let (flags, first, second) = match self {
            Source::Stamp(time, size) => (0, time.to_le_bytes(), size.to_le_bytes()),
            Source::Hash { hash: [a, b, c, d, e, f, g, h], check } => {
                (BY_HASH | if check { CHECK_HASH } else { 0 }, [a, b, c, d], [e, f, g, h])
            }
        };
        for (at, part) in [PYC_MAGIC.to_le_bytes(), u32::to_le_bytes(flags), first, second].iter().enumerate() {
            out[at * 4..at * 4 + 4].copy_from_slice(part);
        }
        out
    }

    fn read(bytes: &[u8]) -> Option<Source> {
        let word = |at: usize| bytes.get(at * 4..at * 4 + 4).and_then(|w| w.try_into().ok()).map(u32::from_le_bytes);
        if word(0)? != PYC_MAGIC {
            return None;
        }
        let hash = bytes.get(8..HEADER)?.try_into().ok()?;
        match word(1)? {
            0 => Some(Source::Stamp(word(2)?, word(3)?)),
            BY_HASH => Some(Source::Hash { hash, check: false }),
            flags if flags == BY_HASH | CHECK_HASH => Some(Source::Hash { hash, check: true }),
            _ => None,
        }
    }
}

/// The code in the bytes of a compiled file, behind its header.
fn decode(bytes: &[u8]) -> Option<Arc<Code>> {
    let (tag, rest) = bytes.get(HEADER..)?.split_first()?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let code = rest.get(..u32::from_le_bytes(*len) as usize)?;
    if tag & !FLAG_REF != CODE { None } else { serial::from_bytes(code).ok() }
}

/// The bytes of a compiled file.
fn encode(code: &Code, source: Source) -> Vec<u8> {
    let code = serial::to_bytes(code);
    let mut out = source.header().to_vec();
    out.push(CODE);
    out.extend_from_slice(&(code.len() as u32).to_le_bytes());
    out.extend_from_slice(&code);
    out
}

/// Code of a compiled file if it is that of the source, and what it says of the source if that is out of date.
enum Found {
    Good { code: Arc<Code>, shared: bool },
    Stale(Option<Source>),
}

/// Reads the compiled file of a source.
fn read(place: &str, source: &str, meta: &Metadata, checks: HashChecks) -> Found {
    let Ok(bytes) = fs::read(place) else { return Found::Stale(None) };
    let said = Source::read(&bytes);
    let holds = match said {
        None => false,
        Some(Source::Stamp(..)) => said == Some(Source::stamp(meta)),
        Some(Source::Hash { hash, check }) => match (checks, check) {
            (HashChecks::Never, _) | (HashChecks::Default, false) => true,
            _ => fs::read(source).is_ok_and(|text| source_hash(PYC_MAGIC.into(), &text) == hash),
        },
    };
    match decode(&bytes).filter(|_| holds) {
        Some(code) if *code.filename == *source => {
            Found::Good { code, shared: matches!(said, Some(Source::Stamp(..))) }
        }
        // The folder was moved: its files keep what they say of their source, under a new name.
        Some(code) => Found::Good { code: Arc::new(code.with_filename(source)), shared: false },
        None => Found::Stale(said),
    }
}

/// Writes a compiled file in one step.
fn write(place: &str, bytes: &[u8], source_mode: u32, unique: usize) -> io::Result<()> {
    if let Some(dir) = Path::new(place).parent() {
        fs::create_dir_all(dir)?;
    }
    let beside = format!("{place}.{}-{unique:x}", std::process::id());
    let mode = (source_mode | 0o200) & 0o666;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
    let done = file.write_all(bytes).and_then(|()| fs::rename(&beside, place));
    if done.is_err() {
        drop(fs::remove_file(&beside));
    }
    done
}

/// The code object of a source file.
pub(super) fn code_of_file(vm: &Vm, path: &str) -> PyResult {
    load(vm, path).map(|code| vm.new_code(code))
}

fn load(vm: &Vm, path: &str) -> PyResult<Arc<Code>> {
    let policy = Policy::of(vm)?;
    let place = policy.place(path);
    let runtime = runtime_of(vm);
    let files = runtime.as_ref().map(|r| r.code_cache());
    let meta = blocking(vm, || fs::metadata(path)).ok();
    let key = meta.as_ref().map(|m| FileKey::new(path, m, policy.optimize));
    if let (Some(files), Some(key)) = (files, &key)
        && let Some(code) = files.get_file(key)
        && (!policy.write || place.as_ref().is_none_or(|p| Path::new(p).exists()))
    {
        return Ok(code);
    }
    let mut stale = None;
    if let (Some(meta), Some(place)) = (&meta, &place) {
        match blocking(vm, || read(place, path, meta, policy.checks)) {
            Found::Good { code, shared } => {
                if let (Some(files), Some(key)) = (files, key)
                    && shared
                    && is_settled(meta)
                {
                    files.insert_file(key, meta.size(), &code);
                }
                return Ok(code);
            }
            Found::Stale(said) => stale = said,
        }
    }
    let bytes = blocking(vm, || fs::read(path)).map_err(|e| vm.os_error_from(&e, Some(path)))?;
    let code = crate::run::compile_file(vm, &bytes, path)?;
    // The source that was read must be the one whose time was looked at.
    let Some(meta) = meta.filter(|m| m.size() == bytes.len() as u64) else { return Ok(code) };
    if let (Some(files), Some(key)) = (files, key)
        && is_settled(&meta)
    {
        files.insert_file(key, meta.size(), &code);
    }
    if let Some(place) = place
        && policy.write
    {
        let source = match stale {
            Some(Source::Hash { check, .. }) => Source::Hash { hash: source_hash(PYC_MAGIC.into(), &bytes), check },
            _ => Source::stamp(&meta),
        };
        let unique = std::ptr::from_ref(vm) as usize;
        // A place that cannot be written is no reason to fail.
        drop(blocking(vm, || write(&place, &encode(&code, source), meta.mode(), unique)));
    }
    Ok(code)
}

fn is_settled(meta: &Metadata) -> bool {
    let modified = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    SystemTime::now().duration_since(modified).is_ok_and(|age| age > TOO_NEW)
}

/// The code object of a compiled file without a source.
pub(super) fn code_without_source(vm: &Vm, name: &str, path: &str) -> PyResult {
    let bytes = blocking(vm, || fs::read(path)).map_err(|e| vm.os_error_from(&e, Some(path)))?;
    if let Some(magic) = bytes.get(..4)
        && magic != PYC_MAGIC.to_le_bytes()
    {
        let magic = vm.repr_string(&vm.bytes(magic))?;
        return Err(refuse(vm, &format!("bad magic number in '{name}': {magic}"), name, path));
    }
    if bytes.len() < HEADER {
        let message = format!("reached EOF while reading pyc header of '{name}'");
        return Err(vm.raise_text(vm.types().EOFError, &message));
    }
    match Source::read(&bytes).and_then(|_| decode(&bytes)) {
        Some(code) => Ok(vm.new_code(code)),
        None => Err(refuse(vm, &format!("Non-code object in '{path}'"), name, path)),
    }
}

fn refuse(vm: &Vm, message: &str, name: &str, path: &str) -> Raised {
    vm.import_error_for(vm.types().ImportError, message, &vm.str(name), &vm.str(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serpens_compiler::{Mode, Options};

    fn sample() -> Arc<Code> {
        let source =
            "import os\nclass C:\n    def f(self, *a, k=1): return [x for x in a if x > k]\nprint(C().f(1, 2))\n";
        serpens_compiler::compile(source, "x.py", Mode::Exec, Options::default()).expect("it is well formed")
    }

    fn policy(prefix: Option<&str>, optimize: u8) -> Policy {
        let prefix = prefix.map(str::to_string);
        Policy { tag: Some("tag".into()), prefix, write: true, optimize, checks: HashChecks::Default }
    }

    #[test]
    fn places_are_those_of_importlib() {
        let place = |p: &Policy, source: &str| p.place(source).unwrap_or_default();
        assert_eq!(place(&policy(None, 0), "/a/b/c.py"), "/a/b/__pycache__/c.tag.pyc");
        assert_eq!(place(&policy(None, 2), "/c.x.py"), "/__pycache__/c.x.tag.opt-2.pyc");
        assert_eq!(place(&policy(None, 0), "c.py"), "__pycache__/c.tag.pyc");
        assert_eq!(place(&policy(Some("/p"), 0), "/a/b/c.py"), "/p/a/b/c.tag.pyc");
    }

    #[test]
    fn headers_are_read_back() {
        for source in [Source::Stamp(1, u32::MAX), Source::Hash { hash: *b"abcdefgh", check: true }] {
            let bytes = encode(&sample(), source);
            assert_eq!(Source::read(&bytes), Some(source));
            assert_eq!(decode(&bytes).as_deref(), Some(&*sample()));
        }
    }

    #[test]
    fn damaged_files_are_as_good_as_none() {
        let bytes = encode(&sample(), Source::Stamp(1, 2));
        for n in 0..bytes.len() {
            assert!(decode(&bytes[..n]).is_none(), "cut at {n}");
        }
        for i in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[i] ^= 1 << bit;
                // What still decodes has passed the verifier.
                let _ = (Source::read(&changed), decode(&changed));
            }
        }
    }

    #[test]
    fn source_hashes_are_cpythons() {
        assert_eq!(source_hash(42, b"hi"), *b"\xfb\xd9G\x05\xaf$\x9b~");
    }
}
