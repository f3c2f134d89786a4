//! `_thread._excepthook`: reports an exception that ended a thread, and the class of what it is told.

use super::ident;
use serpens_state::structseq::StructSeq;
use serpens_state::sys::report;
use serpens_vm::{Args, PyResult, Value, Vm};

/// The class `_thread._ExceptHookArgs`.
pub static ARGS: StructSeq = StructSeq {
    name: "_ExceptHookArgs",
    module: "_thread",
    doc: "ExceptHookArgs\n\nType used to pass arguments to threading.excepthook.",
    fields: &[
        ("exc_type", "Exception type"),
        ("exc_value", "Exception value"),
        ("exc_traceback", "Exception traceback"),
        ("thread", "Thread"),
    ],
    n_sequence: 4,
};

/// Writes the report as CPython words it; `SystemExit` is silent.
pub fn excepthook(vm: &Vm, a: Args<'_>) -> PyResult {
    let field = |name: &str| vm.getattr(a.get(0), &vm.intern(name));
    if field("exc_type")?.is(&vm.types().SystemExit.value()) {
        return Ok(Value::NONE);
    }
    let thread = field("thread")?;
    let name = if thread.is_none() {
        ident().to_string()
    } else {
        vm.str_string(&vm.getattr(&thread, &vm.intern("name"))?)?
    };
    let text = format!("Exception in thread {name}:\n{}", vm.format_exception(&field("exc_value")?));
    report::write_stderr(vm, &text);
    Ok(Value::NONE)
}
