//! `Future`: the result to come of `Pool.submit`.

use super::call::{Callable, Outcome, call};
use super::{seconds, wait};
use crate::handle::TaskError;
use crate::ticket::{Stop, Ticket};
use crate::worker::Runnable;
use serpens_share::Portable;
use serpens_state::api::Python;
use serpens_state::waiting;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, MethodDef, PyResult, TypeDef, Value, Vm};
use std::sync::{Arc, OnceLock};

/// One call of a function in some worker's interpreter.
pub(super) struct CallJob {
    ticket: Ticket,
    callable: Arc<Callable>,
    args: Vec<Portable>,
    named: Vec<(Box<str>, Portable)>,
    outcome: OnceLock<Outcome>,
}

impl CallJob {
    pub(super) fn new(callable: Arc<Callable>, args: Vec<Portable>, named: Vec<(Box<str>, Portable)>) -> CallJob {
        CallJob { ticket: Ticket::new(None), callable, args, named, outcome: OnceLock::new() }
    }

    fn is_done(&self) -> bool {
        self.outcome.get().is_some()
    }

    fn end(&self, outcome: Outcome) {
        // The first outcome counts.
        let _ = self.outcome.set(outcome);
        self.ticket.finish();
    }
}

impl Runnable for CallJob {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn run(&self, py: Python<'_>) -> bool {
        let outcome = call(py, &self.callable, &self.args, &self.named);
        let outcome = match self.ticket.end() {
            Some(stop) => Outcome::Failed(stop.into()),
            None => outcome,
        };
        let good = matches!(outcome, Outcome::Value(_));
        self.end(outcome);
        good
    }

    fn fail(&self, error: TaskError) {
        self.end(Outcome::Failed(error));
    }
}

/// The payload.
pub(super) struct Future {
    pub(super) job: Arc<CallJob>,
}

serpens_vm::native_payload!(Future {});

/// `Future`.
pub(super) static TYPE: TypeDef = TypeDef::new::<Future>("Future")
    .module("serpens_pool")
    .doc("The result to come of Pool.submit().")
    .flags(tflag::HAS_WEAKREF | tflag::NO_NEW)
    .slots(Slots { repr: Some(repr), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("result", "($self, /, timeout=None)", |vm, a| outcome(vm, a)?.value(vm))
            .doc("Wait for the result and return it, or raise what the call raised."),
        MethodDef::new("exception", "($self, /, timeout=None)", |vm, a| {
            let outcome = outcome(vm, a)?;
            if outcome.is_cancelled() {
                return outcome.value(vm);
            }
            Ok(outcome.exception(vm)?.unwrap_or(Value::NONE))
        })
        .doc("Wait for the end of the call and return what it raised, or None."),
        MethodDef::new("done", "($self, /)", |_, a| Ok(Value::bool(a.this::<Future>().job.is_done())))
            .doc("Whether the call has ended or was cancelled."),
        MethodDef::new("running", "($self, /)", |_, a| Ok(Value::bool(a.this::<Future>().job.ticket.is_running())))
            .doc("Whether a worker runs it now."),
        MethodDef::new("cancelled", "($self, /)", |_, a| {
            Ok(Value::bool(a.this::<Future>().job.outcome.get().is_some_and(Outcome::is_cancelled)))
        })
        .doc("Whether it was cancelled."),
        MethodDef::new("cancel", "($self, /)", |_, a| Ok(Value::bool(cancel(&a.this::<Future>().job))))
            .doc("Cancel the call: it does not begin, or it is stopped. False if it has ended."),
    ]);

fn cancel(job: &CallJob) -> bool {
    if job.ticket.withdraw() {
        job.fail(TaskError::Cancelled);
        return true;
    }
    job.ticket.stop(Stop::Cancelled)
}

/// Waits for the end of the call, at most `timeout` seconds.
fn outcome<'a>(vm: &Vm, a: Args<'a>) -> PyResult<&'a Outcome> {
    let job = &a.this::<Future>().job;
    if let Some(outcome) = job.outcome.get() {
        return Ok(outcome);
    }
    let until = waiting::deadline(seconds(vm, a.some(1))?);
    wait(vm, until, |limits| job.ticket.done.wait(limits, || job.is_done()))?;
    job.outcome.get().ok_or_else(|| vm.raise_with(vm.types().TimeoutError, Vec::new()))
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Future>() else { return Err(vm.type_error("not a Future")) };
    let state = match this.job.outcome.get() {
        Some(Outcome::Value(_)) => "finished",
        Some(outcome) if outcome.is_cancelled() => "cancelled",
        Some(_) => "failed",
        None if this.job.ticket.is_running() => "running",
        None => "pending",
    };
    Ok(vm.str(&format!("<serpens_pool.Future at {:#x} state={state}>", v.bits())))
}
