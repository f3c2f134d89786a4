//! Where the signal module leaves its work: functions that any layer may need when signals arrive.

use crate::interpreter::{Interpreter, home};
use serpens_vm::{PyResult, Vm};
use std::any::Any;

/// What the signal module does for the runtime.
pub struct Signals {
    /// Runs the handlers of signals that have arrived, if the calling thread is to run them.
    pub deliver: fn(&Vm) -> PyResult<()>,
    /// Signals ask that interpreter while what it returns lives, if the calling thread runs handlers.
    pub focus: fn(&Interpreter) -> Option<Box<dyn Any>>,
}

/// Runs the handlers of arrived signals.
pub(crate) fn deliver(vm: &Vm) -> PyResult<()> {
    match home(vm).and_then(|i| i.runtime().signals()) {
        Some(signals) => (signals.deliver)(vm),
        None => Ok(()),
    }
}

/// The calling thread runs an interpreter next, as long as what is returned lives.
pub(crate) fn focus(interpreter: &Interpreter) -> Option<Box<dyn Any>> {
    interpreter.runtime().signals().and_then(|signals| (signals.focus)(interpreter))
}
