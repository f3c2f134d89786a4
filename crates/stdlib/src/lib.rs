//! Native modules on top of `serpens-state`, and the embedded pure-Python library.
//!
//! A folder or file a module; each exports `MODULE`. [`modules`] lists them all; [`library`] is the embedded library, of which
//! `preparable` says what need not run in every interpreter.

mod cmath;
pub mod compress;
pub mod data;
pub mod hash;
mod imp;
pub mod interpreters;
pub mod io;
pub mod language;
mod math;
pub mod net;
pub mod posix;
mod preparable;
pub mod signal;
pub mod text;
pub mod thread;
pub mod time;

use serpens_state::NativeModule;
use serpens_state::import::{Accelerator, Library, Sources};

/// All native modules, by name.
pub fn modules() -> Vec<&'static NativeModule> {
    let single: &[&NativeModule] = &[
        &cmath::MODULE,
        &imp::MODULE,
        &io::MODULE,
        &math::MODULE,
        &signal::MODULE,
        &signal::fault::MODULE,
        &thread::MODULE,
        &thread::queue::MODULE,
        &time::MODULE,
    ];
    [
        single,
        posix::MODULES,
        interpreters::MODULES,
        data::MODULES,
        language::MODULES,
        text::MODULES,
        hash::MODULES,
        compress::MODULES,
        net::MODULES,
    ]
    .concat()
}

/// Native stand-ins for functions of the library.
static ACCELERATORS: &[Accelerator] = &[text::regex::compiled::ACCELERATOR, language::dataclasses::ACCELERATOR];

/// CPython's pure-Python library, compiled when this crate was built.
pub fn library() -> Library {
    Library::new(
        include_bytes!(concat!(env!("OUT_DIR"), "/library.bin")),
        include!(concat!(env!("OUT_DIR"), "/library_index.rs")),
    )
    .accelerated(ACCELERATORS)
    .with_preparable(preparable::PREPARABLE)
    .with_sources(Sources {
        blob: include_bytes!(concat!(env!("OUT_DIR"), "/library_sources.bin")),
        index: include!(concat!(env!("OUT_DIR"), "/library_sources_index.rs")),
        unpack,
    })
}

/// The text of `len` bytes that was packed when this crate was built.
fn unpack(packed: &[u8], len: usize) -> Option<String> {
    let mut text = vec![0; len];
    let (_, code) = zlib_rs::decompress_slice(&mut text, packed, zlib_rs::InflateConfig::default());
    if code == zlib_rs::ReturnCode::Ok { String::from_utf8(text).ok() } else { None }
}
