//! A Python 3.14 runtime of many isolated interpreters in one process: what most embedders depend on.

use serpens_state::runtime::RuntimeBuilder;
pub use serpens_state::{Attached, Config, Interpreter, Runtime};
pub use serpens_stdlib as stdlib;
pub use serpens_vm as vm;
pub use serpens_vm::{PyResult, Value, Vm};

/// A runtime with all native modules and the embedded library.
pub fn builder() -> RuntimeBuilder {
    Runtime::builder().modules(&serpens_stdlib::modules()).library(serpens_stdlib::library())
}

/// Prepares a fresh interpreter: `builtins`, `sys`, `__main__` and the standard streams.
pub fn initialize(vm: &Vm) -> PyResult<()> {
    serpens_state::run::initialize(vm)
}
