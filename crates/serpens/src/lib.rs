//! A Python 3.14 runtime of many isolated interpreters in one process: what most embedders depend on.
//!
//! An [`Interpreter`] has its own heap, modules and lock. A thread enters it by [`Interpreter::with`] and gets a
//! [`Python`] token; values are [`Bound`] to that entry, and what crosses to another interpreter is [`Portable`]. The
//! idioms are PyO3's, so that its users know their way around.
//!
//! ```
//! use serpens::{PyResult, Runtime, exceptions::PyZeroDivisionError};
//!
//! # fn main() -> PyResult<()> {
//! let runtime = Runtime::new();
//! let rules = runtime.create()?;
//! rules.run("def discount(total, loyal):\n    return total * (0.9 if loyal else 1)\n")?;
//! let price: f64 = rules.with(|py| py.main()?.call_method1("discount", (200.0, true))?.extract())?;
//! assert_eq!(price, 180.0);
//!
//! // An exception is a Rust error, and harms nobody.
//! let error = rules.run("1 / 0").unwrap_err();
//! assert_eq!(error.to_string(), "ZeroDivisionError: division by zero");
//! assert!(rules.with(|py| error.is_instance_of::<PyZeroDivisionError>(py)));
//! # Ok(())
//! # }
//! ```
//!
//! Interpreters run on all cores, since each has a lock of its own:
//!
//! ```
//! # use serpens::{PyResult, Runtime};
//! # fn main() -> PyResult<()> {
//! let runtime = Runtime::new();
//! let sums = std::thread::scope(|scope| {
//!     let threads: Vec<_> = (1..=4)
//!         .map(|n| scope.spawn({ let runtime = &runtime; move || runtime.create()?.eval::<i64>(&format!("sum(range({n} * 1000))")) }))
//!         .collect();
//!     threads.into_iter().map(|t| t.join().unwrap()).collect::<PyResult<Vec<i64>>>()
//! })?;
//! assert_eq!(sums, [499_500, 1_999_000, 4_498_500, 7_998_000]);
//! # Ok(())
//! # }
//! ```
//!
//! - [`runtime`]: [`Runtime`], what interpreters of one process share; [`interpreter`]: [`Interpreter`] and its limits;
//! - [`template`]: interpreters that start in the state of another, in microseconds;
//! - [`api`]: everything that is done inside an interpreter;
//! - [`macro@pymodule`], [`macro@pyfunction`], [`macro@pyclass`], [`macro@pymethods`]: native modules in Rust;
//! - [`pool`]: a work-stealing pool of interpreters;
//! - [`isolation`]: the programs that do not compile, and why.
//!
//! Invariant: no panic of this crate crosses to the embedder but those of the embedder's own closures.

pub mod interpreter;
pub mod isolation;
pub mod runtime;
pub mod template;

pub use interpreter::{Interpreter, Stopper};
pub use runtime::{InterpreterBuilder, Runtime, RuntimeBuilder};
pub use serpens_macros::{PyState, pyclass, pyfunction, pymethods, pymodule, wrap_pyfunction};
pub use serpens_pool as pool;
pub use serpens_share::Portable;
pub use serpens_state::api;
pub use serpens_state::api::*;
pub use serpens_state::runtime::Settings;
pub use serpens_state::{NativeModule, Refused, Stack, StackFrame, Stats};
pub use template::Template;

pub use serpens_share as share;
pub use serpens_stdlib as stdlib;
pub use serpens_vm as vm;

/// What programs of this crate usually need.
pub mod prelude {
    pub use crate::{
        Bound, FromPyObject, Interpreter, IntoPyObject, Portable, Py, PyAny, PyDict, PyErr, PyList, PyModule, PyRef,
        PyRefMut, PyResult, PyTuple, Python, Runtime, pyclass, pyfunction, pymethods, pymodule, wrap_pyfunction,
    };
}

/// A runtime in the making with all native modules, the pool's, and the embedded library: for programs that work with
/// the layers below, as the `serpens` command does.
pub fn builder() -> serpens_state::RuntimeBuilder {
    serpens_state::Runtime::builder()
        .modules(&serpens_stdlib::modules())
        .modules(serpens_pool::python::MODULES)
        .library(serpens_stdlib::library())
}

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
