//! The programs that must not compile, and why. This module is documentation; `tests/ui` checks the messages.
//!
//! # A value of one interpreter does not reach another
//!
//! Every entry has a lifetime of its own, and a [`Bound`](crate::Bound) carries it. There is no lifetime that is both:
//!
//! ```compile_fail
//! # use serpens::{Runtime, PyResult};
//! let runtime = Runtime::new();
//! let (a, b) = (runtime.create().unwrap(), runtime.create().unwrap());
//! a.with(|py_a| {
//!     let list = py_a.eval("[1, 2]", None, None).unwrap();
//!     b.with(|py_b| py_b.main().unwrap().setattr("stolen", list)).unwrap();
//! });
//! ```
//!
//! What crosses is a [`Portable`](crate::Portable):
//!
//! ```
//! # use serpens::{Portable, PyResult, Runtime};
//! # fn main() -> PyResult<()> {
//! let runtime = Runtime::new();
//! let (a, b) = (runtime.create()?, runtime.create()?);
//! let pair: Portable = a.eval("(1, 'two')")?;
//! b.set("pair", pair)?;
//! assert_eq!(b.eval::<String>("pair[1]")?, "two");
//! # Ok(())
//! # }
//! ```
//!
//! # A value does not outlive its entry
//!
//! ```compile_fail
//! # use serpens::Runtime;
//! let interpreter = Runtime::new().create().unwrap();
//! let list = interpreter.with(|py| py.eval("[1, 2]", None, None).unwrap());
//! ```
//!
//! A [`Py`](crate::Py) does, and asks for the interpreter again when it is used.
//!
//! # Python state does not fit in a `static`
//!
//! The second interpreter that imports a module would find the values of the first. [`Py`](crate::Py) is neither `Send`
//! nor `Sync`, so that no `static` holds one, behind whatever lock:
//!
//! ```compile_fail
//! # use serpens::Py;
//! use std::sync::Mutex;
//! static CACHE: Mutex<Option<Py>> = Mutex::new(None);
//! ```
//!
//! The state of a module belongs to the interpreter that imported it: [`Python::state`](crate::Python::state).
//!
//! # A value does not go along when a thread leaves its interpreter
//!
//! ```compile_fail
//! # use serpens::Runtime;
//! Runtime::new().create().unwrap().with(|py| {
//!     let list = py.eval("[1, 2]", None, None).unwrap();
//!     py.detach(|| list.len());
//! });
//! ```
