//! One interpreter's machine: values, heap, object model, builtin types, eval loop.
//!
//! The machine is single-threaded by type: a [`Value`] is neither `Send` nor `Sync`, and whoever holds the interpreter's
//! lock runs it. It knows nothing of threads, files or how modules are found; it asks [`vm::Hooks`] for what it needs of
//! the layer above. Reading order:
//!
//! - [`value`]: the 64-bit value; [`object`]: headers and payloads; [`heap`]: where they live; [`gc`]: cycles; `owed`:
//!   what must run before a heap goes;
//! - [`types`]: the builtin types, with [`types::typeobj`] first; [`shape`] and [`instance`]: attributes of instances;
//! - [`native`]: native functions; [`error`]: exceptions in Rust; [`protocol`]: the abstract operations;
//! - [`thread`]: the state of a thread of execution; [`eval`]: the loop;
//! - [`image`]: what all interpreters share; [`vm`]: one machine.

pub mod cell;
pub mod codecs;
pub mod common;
pub mod error;
pub mod eval;
pub mod freeze;
pub mod gc;
pub mod heap;
mod hooks;
pub mod image;
pub mod instance;
pub mod monitor;
pub mod names;
pub mod native;
pub mod object;
pub mod origin;
mod owed;
pub mod protocol;
pub mod shape;
pub mod thread;
pub mod types;
pub mod unicode;
pub mod value;
pub mod vm;

pub use error::{PyResult, Raised};
pub use image::{Image, Types};
pub use native::{Args, CallArgs, GetSetDef, MethodDef};
pub use object::Payload;
pub use types::typeobj::{TypeDef, TypeObj};
pub use value::Value;
pub use vm::{Hooks, Vm};
