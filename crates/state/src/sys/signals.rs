//! Where the signal module leaves its work: a function that runs the Python handlers of signals that have arrived.

use serpens_vm::{PyResult, Vm};
use std::cell::Cell;

/// Runs the handlers of arrived signals; set by the signal module of the main interpreter.
#[derive(Default)]
pub struct SignalHook(pub Cell<Option<fn(&Vm) -> PyResult<()>>>);

serpens_vm::local!(SignalHook: fresh);

/// Runs the handlers of arrived signals.
pub(crate) fn deliver(vm: &Vm) -> PyResult<()> {
    match vm.local_opt::<SignalHook>().and_then(|h| h.0.get()) {
        Some(f) => f(vm),
        None => Ok(()),
    }
}
