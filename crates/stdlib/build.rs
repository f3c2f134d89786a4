//! Compiles CPython's pure-Python library (from `rustpython-pylib`) into one blob of serialised code with an index, and packs its sources
//! into another, for tracebacks and `inspect`.

use serpens_compiler::{Decoded, Mode, Options, Origin};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Parts of the library that need what an embedded runtime does not have (a GUI, a package index, CPython's C API).
const LEFT_OUT: &[&str] = &[
    "idlelib",
    "tkinter",
    "turtledemo",
    "turtle",
    "ensurepip",
    "lib2to3",
    "test",
    "venv",
    "antigravity",
    "_aix_support",
    "_android_support",
    "_apple_support",
    "_ios_support",
    "_osx_support",
    "pydoc_data",
    "__phello__",
    "site-packages",
];

struct Found {
    name: String,
    package: bool,
    path: PathBuf,
}

fn collect(dir: &Path, prefix: &str, out: &mut Vec<Found>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut entries: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    entries.sort();
    for path in entries {
        let Some(stem) = path.file_stem().and_then(|s| s.to_str()) else { continue };
        if LEFT_OUT.contains(&stem) {
            continue;
        }
        let name = if prefix.is_empty() { stem.to_string() } else { format!("{prefix}.{stem}") };
        if path.is_dir() {
            if path.join("__init__.py").is_file() {
                collect(&path, &name, out);
            }
        } else if path.extension().is_some_and(|e| e == "py") {
            if stem == "__init__" {
                out.push(Found { name: prefix.to_string(), package: true, path });
            } else if stem != "__main__" || !prefix.is_empty() {
                out.push(Found { name, package: false, path });
            }
        }
    }
}

/// What becomes of one module.
struct Built {
    code: Vec<u8>,
    /// The source, compressed, and its length before.
    source: Vec<u8>,
    source_len: usize,
}

fn pack(text: &str) -> Result<Vec<u8>, String> {
    let mut packed = vec![0; zlib_rs::compress_bound(text.len())];
    let config = zlib_rs::DeflateConfig { level: 9, ..Default::default() };
    let (packed, code) = zlib_rs::compress_slice(&mut packed, text.as_bytes(), config);
    if code == zlib_rs::ReturnCode::Ok { Ok(packed.to_vec()) } else { Err(format!("zlib says {code:?}")) }
}

fn compile(found: &Found, root: &Path) -> Result<Built, String> {
    let bytes = std::fs::read(&found.path).map_err(|e| e.to_string())?;
    let relative = found.path.strip_prefix(root).unwrap_or(&found.path);
    let filename = format!("<serpens>/{}", relative.display());
    let text = match serpens_compiler::decode_source(&bytes, &filename, Origin::File) {
        Ok(Decoded::Text(text)) => text,
        Ok(Decoded::Other { encoding, .. }) => return Err(format!("encoding {encoding}")),
        Err(e) => return Err(e.to_string()),
    };
    let code =
        serpens_compiler::compile(&text, &filename, Mode::Exec, Options::default()).map_err(|e| e.to_string())?;
    Ok(Built { code: serpens_bytecode::serial::to_bytes(&code), source: pack(&text)?, source_len: text.len() })
}

/// Compiles all files on the cores there are. The compiler wants a deep stack for deeply nested sources.
fn compile_all(found: &[Found], root: &Path) -> Vec<Result<Built, String>> {
    let n = std::thread::available_parallelism().map_or(2, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut results: Vec<(usize, Result<Built, String>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..n)
            .filter_map(|_| {
                let work = || {
                    let mut out = Vec::new();
                    loop {
                        let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        let Some(f) = found.get(i) else { return out };
                        // A fault of the compiler costs one module, not the build.
                        let result = std::panic::catch_unwind(|| compile(f, root));
                        out.push((i, result.unwrap_or_else(|_| Err("the compiler failed".into()))));
                    }
                };
                std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work).ok()
            })
            .collect();
        workers.into_iter().flat_map(|w| w.join().unwrap_or_default()).collect()
    });
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, r)| r).collect()
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=python");
    let root = PathBuf::from(rustpython_pylib::LIB_PATH);
    let mut found = Vec::new();
    collect(&root, "", &mut found);
    // Modules that CPython does not have.
    collect(Path::new("python"), "", &mut found);
    let results = compile_all(&found, &root);
    let mut blob = Vec::new();
    let mut sources = Vec::new();
    let mut index = String::from("&[\n");
    let mut sources_index = String::from("&[\n");
    for (f, result) in found.iter().zip(results) {
        match result {
            Ok(Built { code, source, source_len }) => {
                let start = sources.len();
                sources.extend_from_slice(&source);
                let _ = writeln!(sources_index, "    ({:?}, {start}, {}, {source_len}),", f.name, sources.len());
                let start = blob.len();
                blob.extend_from_slice(&code);
                let _ = writeln!(index, "    ({:?}, {}, {start}, {}),", f.name, f.package, blob.len());
            }
            Err(e) => println!("cargo::warning={} is left out of the library: {e}", f.name),
        }
    }
    index.push_str("]\n");
    sources_index.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let files = [
        ("library.bin", blob.as_slice()),
        ("library_index.rs", index.as_bytes()),
        ("library_sources.bin", sources.as_slice()),
        ("library_sources_index.rs", sources_index.as_bytes()),
    ];
    for (name, bytes) in files {
        if let Err(e) = std::fs::write(out.join(name), bytes) {
            println!("cargo::error=cannot write {name}: {e}");
        }
    }
}
