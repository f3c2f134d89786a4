//! Native modules about the language itself: classes, references, warnings, contexts, code.
//!
//! One file a module, named after it; each has a `pub static MODULE`, or what it puts into the library's module. State of a module lies in interpreter-local storage
//! (`Vm::local`), never in a static.

pub mod abc;
pub mod atexit;
pub mod contextvars;
pub mod dataclasses;
pub mod faulthandler;
pub mod gc;
pub mod marshal;
pub mod opcode;
pub mod suggestions;
pub mod tokens;
pub mod tracemalloc;
pub mod trees;
pub mod types;
pub mod typing;
pub mod warnings;
pub mod weakref;

use serpens_state::NativeModule;

/// The modules of this folder.
pub static MODULES: &[&NativeModule] = &[
    &abc::MODULE,
    &atexit::MODULE,
    &contextvars::MODULE,
    &faulthandler::MODULE,
    &gc::MODULE,
    &marshal::MODULE,
    &opcode::MODULE,
    &suggestions::MODULE,
    &tokens::MODULE,
    &tracemalloc::MODULE,
    &trees::MODULE,
    &types::MODULE,
    &typing::MODULE,
    &warnings::MODULE,
    &weakref::MODULE,
];
