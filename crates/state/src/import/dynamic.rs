//! Native modules in dynamic libraries: `import name` finds `name.serpens.so` on a path.
//!
//! Such a library is a Rust `dylib` with a static `serpens_module_NAME` of type [`ModuleEntry`], which `#[pymodule(export)]`
//! puts there. Rust has no stable binary interface, and a module shares the runtime's types, so the library must have been
//! built by the same compiler and must be linked against the very runtime that runs: one shared library that holds it
//! (`serpens-dylib`). The entry proves this before anything of it is used:
//!
//! 1. `magic` and `abi`, of fixed layout for ever, say that the rest has the layout below;
//! 2. the names of compiler and runtime say whether the library fits, for the message;
//! 3. `anchor`, the address of a static of this file, differs if the library brought another copy of the runtime.
//!
//! A module has its state in each interpreter, as every native module. Libraries are never unloaded: their functions, types
//! and texts are used for as long as the process runs.
#![expect(unsafe_code, reason = "dynamic libraries are looked into by address")]

use crate::attach::blocking;
use crate::module::NativeModule;
use serpens_vm::{PyResult, Raised, Vm};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

/// What the names of such libraries end in.
pub const SUFFIX: &str = ".serpens.so";
/// The prefix of the name of a library's entry.
pub const ENTRY_PREFIX: &str = "serpens_module_";

const MAGIC: u64 = u64::from_le_bytes(*b"SerpensM");
/// The version of [`ModuleEntry`].
const ABI: u32 = 1;
/// The release of the runtime and the compiler that built it.
const RUNTIME: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(text) => text,
    Err(_) => panic!("a version has no NUL"),
};
const COMPILER: &CStr = match CStr::from_bytes_with_nul(concat!(env!("SERPENS_RUSTC"), "\0").as_bytes()) {
    Ok(text) => text,
    Err(_) => panic!("a version has no NUL"),
};

/// Something that each copy of the runtime has at an address of its own.
#[doc(hidden)]
pub static ANCHOR: [u8; 8] = *b"anchored";

/// What a library says of its module.
#[repr(C)]
pub struct ModuleEntry {
    magic: u64,
    abi: u32,
    compiler: *const c_char,
    runtime: *const c_char,
    anchor: *const c_void,
    module: *const NativeModule,
}

// SAFETY: all it refers to is static and never written.
unsafe impl Sync for ModuleEntry {}

impl ModuleEntry {
    /// The entry of a module.
    pub const fn new(module: &'static NativeModule) -> ModuleEntry {
        ModuleEntry {
            magic: MAGIC,
            abi: ABI,
            compiler: COMPILER.as_ptr(),
            runtime: RUNTIME.as_ptr(),
            anchor: ptr::from_ref(&ANCHOR).cast(),
            module,
        }
    }

    /// The module, or why it cannot be used.
    ///
    /// # Safety
    /// The address is that of a static named as an entry is, in a library that is never unloaded.
    unsafe fn module(at: *const ModuleEntry) -> Result<&'static NativeModule, String> {
        // SAFETY: whoever exports a symbol of this name has at least the first two fields, at the same places for ever.
        let (magic, abi) =
            unsafe { (ptr::read_unaligned(&raw const (*at).magic), (&raw const (*at).abi).read_unaligned()) };
        if magic != MAGIC {
            return Err("its entry is not that of a Serpens module".into());
        }
        if abi != ABI {
            return Err(format!("it was built for version {abi} of the module interface, this is version {ABI}"));
        }
        // SAFETY: of this version of the interface, so that the fields are there and the texts end in NUL.
        let (entry, compiler, runtime) =
            unsafe { (&*at, CStr::from_ptr((*at).compiler), CStr::from_ptr((*at).runtime)) };
        for (what, its, own) in [("rustc", compiler, COMPILER), ("Serpens", runtime, RUNTIME)] {
            if its != own {
                let (its, own) = (its.to_string_lossy(), own.to_string_lossy());
                return Err(format!("it was built with {what} {its}, this runtime with {what} {own}"));
            }
        }
        if entry.anchor != ptr::from_ref(&ANCHOR).cast() {
            return Err(
                "it is linked against another copy of the runtime than the one that runs (program and module must \
                        both be linked against serpens-dylib)"
                    .into(),
            );
        }
        // SAFETY: compiler, runtime and their copy are the same, so that the type is; the static is never unloaded.
        Ok(unsafe { &*entry.module })
    }
}

/// The last component of a module's name.
fn tail(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, tail)| tail)
}

/// Opens a library and finds the entry of module `name` in it.
fn open(path: &str, name: &str) -> Result<&'static NativeModule, String> {
    let file = CString::new(path).map_err(|_| "embedded null byte".to_string())?;
    let symbol = CString::new(format!("{ENTRY_PREFIX}{name}")).map_err(|_| "embedded null byte".to_string())?;
    // SAFETY: both texts end in NUL. Loading a library runs its initialisers: importing native code is trusting it.
    unsafe {
        let library = libc::dlopen(file.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if library.is_null() {
            let why = last_error();
            // A program that has the runtime in itself does not bring the shared one.
            let hint = if why.contains("libserpens_dylib") {
                " (it is for programs linked against serpens-dylib)"
            } else {
                ""
            };
            return Err(format!("{why}{hint}"));
        }
        let found = libc::dlsym(library, symbol.as_ptr());
        if found.is_null() {
            return Err(format!("dynamic module does not define its entry ({ENTRY_PREFIX}{name})"));
        }
        ModuleEntry::module(found.cast()).map_err(|why| format!("{path}: {why}"))
    }
}

/// What the dynamic linker says went wrong on this thread.
fn last_error() -> String {
    // SAFETY: the text is valid until the next call on this thread.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { "unknown error".into() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

/// The native module `name` of the library at `path`.
///
/// # Errors
/// `ImportError`, with what does not fit.
pub fn load(vm: &Vm, name: &str, path: &str) -> PyResult<&'static NativeModule> {
    // A path without a slash is sought elsewhere.
    let file = if path.contains('/') { path.to_string() } else { format!("./{path}") };
    blocking(vm, || open(&file, tail(name))).map_err(|why| refuse(vm, &why, name, path))
}

fn refuse(vm: &Vm, why: &str, name: &str, path: &str) -> Raised {
    vm.import_error_for(vm.types().ImportError, why, &vm.str(name), &vm.str(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    static MODULE: NativeModule = NativeModule::new("sample");

    fn refused(entry: &ModuleEntry) -> String {
        // SAFETY: a static's fields, and nothing is unloaded.
        match unsafe { ModuleEntry::module(entry) } {
            Ok(module) => module.name.to_string(),
            Err(why) => why,
        }
    }

    #[test]
    fn an_entry_of_this_runtime_is_accepted() {
        assert_eq!(refused(&ModuleEntry::new(&MODULE)), "sample");
    }

    #[test]
    fn what_does_not_match_is_refused() {
        let fresh = || ModuleEntry::new(&MODULE);
        let cases = [
            (ModuleEntry { magic: 1, ..fresh() }, "not that of a Serpens module"),
            (ModuleEntry { abi: 7, ..fresh() }, "version 7 of the module interface"),
            (ModuleEntry { compiler: c"rustc 1.0".as_ptr(), ..fresh() }, "built with rustc rustc 1.0"),
            (ModuleEntry { runtime: c"9.9".as_ptr(), ..fresh() }, "built with Serpens 9.9"),
            (ModuleEntry { anchor: ptr::null(), ..fresh() }, "another copy of the runtime"),
        ];
        for (entry, expected) in cases {
            let why = refused(&entry);
            assert!(why.contains(expected), "{why}");
        }
    }

    #[test]
    fn a_file_that_is_no_library_is_refused() {
        assert!(open("/dev/null", "x").is_err());
        assert!(open("/nowhere/x.so", "x").is_err_and(|why| why.contains("No such file")));
    }
}
