//! What happens at an instruction whose events are asked for.

use super::ops::At;
use crate::error::PyResult;
use crate::vm::Vm;
use serpens_bytecode::Op;

/// Reports the events of an instruction; the operation that is to run now in its place (`None`: go on with the running
/// frame at its `pc`).
#[cold]
#[inline(never)]
pub(crate) fn hit(_: &Vm, at: At<'_>) -> PyResult<Option<Op>> {
    Ok(Some(at.frame.op()))
}
