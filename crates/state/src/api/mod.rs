//! The typed interface to an interpreter, after PyO3's idioms: what embedders and native modules written in Rust use.
//!
//! - [`python`]: [`Python`], the proof that a thread is in an interpreter; [`bound`]: [`Bound`], a value of it;
//!   [`handle`]: [`Py`], a value without the proof;
//! - [`any`], [`kinds`]: what can be done with values, by kind; [`convert`]: to and from Rust's types;
//! - [`err`], [`exceptions`]: Python's exceptions as Rust errors;
//! - [`frozen`]: [`Frozen`], a value that all interpreters share;
//! - [`class`]: Rust structs as Python classes; [`module`]: what a native module's `init` gets;
//! - [`glue`]: what the attribute macros of `serpens-macros` expand to.
//!
//! Everything here is safe code's way to the machine of `serpens-vm`, which it wraps and does not extend.
//!
//! Invariant: a [`Bound`] is used with the [`Python`] of its own interpreter, or it does not compile: both carry the
//! invariant lifetime `'py`, which no two entries into an interpreter have in common. [`Py`] has no such lifetime and
//! is checked when it is used. Neither leaves its thread, so neither fits in a `static`.

pub mod any;
pub mod bound;
pub mod class;
pub mod convert;
pub mod err;
pub mod exceptions;
pub mod frozen;
pub mod glue;
pub mod handle;
pub mod kinds;
pub mod module;
pub mod python;

pub use any::{IntoArgs, Items};
pub use bound::{Bound, PyTypeInfo};
pub use class::{Confined, PyClass, PyClassInitializer, PyRef, PyRefMut, PyTraverseError, PyVisit};
pub use convert::{FromPyObject, IntoPyObject};
pub use err::{PyErr, PyResult};
pub use frozen::Frozen;
pub use handle::Py;
pub use kinds::{
    PyAny, PyBool, PyBytes, PyCallable, PyComplex, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyModule, PySet,
    PyString, PyTuple, PyType,
};
pub use python::{Python, Source};
