//! What the runtime tells subscribers of the crate `tracing`. The eval loop tells nothing.
//!
//! | target | level | event | fields |
//! | --- | --- | --- | --- |
//! | `serpens::interpreter` | DEBUG | `created` | `interpreter` |
//! | `serpens::interpreter` | DEBUG | `closed` | `interpreter`, `bytes` and `peak_bytes` at its end |
//! | `serpens::lock` | TRACE | `handed over` | `interpreter` whose running thread let another one run |
//! | `serpens::gc` | DEBUG | `collected` | `interpreter`, `garbage` objects found, `bytes` left |
//! | `serpens::import` | DEBUG | `imported` | `interpreter`, `module`, `micros` it took with all that it imported |
//! | `serpens::message` | TRACE | `sent`, `received` | `interpreter`, `through` channel or queue, its `id` |
//! | `serpens::task` | DEBUG | `began`, `ended` | `interpreter`; `micros` and `ok` at its end |
//!
//! While nobody subscribes, an event costs one load and one comparison.

use crate::interpreter::Interpreter;
use serpens_vm::Vm;
use std::time::Instant;
use tracing::{Level, debug, enabled, trace};

pub(crate) fn created(interpreter: &Interpreter) {
    debug!(target: "serpens::interpreter", interpreter = interpreter.id(), "created");
}

/// The interpreter has run its finalisers; its memory goes next.
pub(crate) fn closing(interpreter: &Interpreter, vm: &Vm) {
    let (bytes, peak_bytes) = (vm.heap().bytes(), vm.heap().peak_bytes());
    debug!(target: "serpens::interpreter", interpreter = interpreter.id(), bytes, peak_bytes, "closed");
}

pub(crate) fn handed_over(interpreter: &Interpreter) {
    trace!(target: "serpens::lock", interpreter = interpreter.id(), "handed over");
}

pub(crate) fn collected(interpreter: &Interpreter, garbage: usize, bytes: usize) {
    debug!(target: "serpens::gc", interpreter = interpreter.id(), garbage, bytes, "collected");
}

/// The begin of something whose time is told, if somebody wants to know.
pub struct Begin(Option<Instant>);

impl Begin {
    fn micros(&self) -> u64 {
        self.0.map_or(0, |began| began.elapsed().as_micros() as u64)
    }
}

pub(crate) fn import_begins() -> Begin {
    Begin(enabled!(target: "serpens::import", Level::DEBUG).then(Instant::now))
}

pub(crate) fn imported(vm: &Vm, module: &str, begin: &Begin) {
    if begin.0.is_some()
        && let Some(interpreter) = crate::interpreter::home(vm)
    {
        let micros = begin.micros();
        debug!(target: "serpens::import", interpreter = interpreter.id(), module, micros, "imported");
    }
}

/// An object was put into a channel or queue.
#[inline]
pub fn sent(interpreter: &Interpreter, through: &'static str, id: u64) {
    trace!(target: "serpens::message", interpreter = interpreter.id(), through, id, "sent");
}

/// An object was taken out of a channel or queue.
#[inline]
pub fn received(interpreter: &Interpreter, through: &'static str, id: u64) {
    trace!(target: "serpens::message", interpreter = interpreter.id(), through, id, "received");
}

/// A task of a pool begins.
#[inline]
pub fn task_began(interpreter: &Interpreter) -> Begin {
    if !enabled!(target: "serpens::task", Level::DEBUG) {
        return Begin(None);
    }
    debug!(target: "serpens::task", interpreter = interpreter.id(), "began");
    Begin(Some(Instant::now()))
}

/// A task has ended, well or not.
#[inline]
pub fn task_ended(interpreter: &Interpreter, begin: &Begin, ok: bool) {
    if begin.0.is_some() {
        debug!(target: "serpens::task", interpreter = interpreter.id(), micros = begin.micros(), ok, "ended");
    }
}
