//! Interpreter state and globals isolation: what turns the machine of `serpens-vm` into interpreters of one process.
//!
//! - [`runtime`]: the process-wide parts: frozen image, registry of interpreters, native modules, embedded library;
//! - [`interpreter`]: one interpreter: machine, lock, threads, configuration, shutdown;
//! - [`attach`]: how a thread enters an interpreter, leaves it around blocking calls, and comes back; [`waiting`]: how it
//!   waits for another thread;
//! - [`template`]: interpreters that start in the state of another;
//! - `preparing`: modules of the library whose bodies need not run again;
//! - `clock`: how long threads are inside;
//! - [`crossing`]: values between interpreters; [`lending`]: memory that others look at; [`shared_view`]: how they see it;
//! - [`stats`]: what an interpreter counts, and where its threads are; [`events`]: what it tells subscribers of `tracing`;
//! - `stuck`: threads that the end of the process would wait for in vain;
//! - [`module`]: how native modules are declared;
//! - [`import`]: the import system;
//! - [`builtins`] and [`sys`]: the two modules every interpreter has; [`structseq`]: named tuples of native modules;
//! - [`api`]: the typed interface for embedders and native modules written in Rust;
//! - [`run`]: compiling and running source, with `code_cache` for what was compiled before; [`sources`]: texts that lie in no
//!   file; [`shutdown`]: the end of an interpreter; [`hooks`]: what the machine asks
//!   back; [`recent`]: the bounded map behind caches.
//!
//! Invariant: nothing mutable is process-wide but the registry of a [`Runtime`], which holds handles, no Python objects.

pub mod api;
pub mod attach;
pub mod builtins;
mod clock;
mod code_cache;
pub mod crossing;
pub mod errors;
pub mod events;
pub mod hooks;
pub mod import;
pub mod interpreter;
pub mod lending;
pub mod module;
mod preparing;
pub mod recent;
mod registry;
pub mod run;
pub mod runtime;
pub mod shared_view;
pub mod shutdown;
pub mod sources;
pub mod stats;
pub mod structseq;
mod stuck;
pub mod sys;
pub mod template;
pub mod waiting;

pub use attach::{Attached, blocking};
pub use interpreter::{Config, Gil, Interpreter, Refused};
pub use module::NativeModule;
pub use runtime::{Runtime, RuntimeBuilder};
pub use stats::{Stack, StackFrame, Stats};
pub use template::Template;
