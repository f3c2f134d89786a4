//! `sys.settrace`, `sys.setprofile` and their forms for all threads.

use serpens_vm::cell::VCell;
use serpens_vm::monitor::Tracing;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

// `raw`: the caller's frame looks for changed instructions after such calls.
pub(super) static FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("settrace", "(function, /)", |vm, args| {
        let f = only(vm, "settrace", args.pos())?;
        set(vm, &vm.ts().tracing.func, f);
        Ok(Value::NONE)
    })
    .doc("Set the global debug tracing function.\n\nIt will be called on each function call."),
    MethodDef::new("gettrace", "()", |vm, _| Ok(vm.ts().tracing.func.get_or_none()))
        .doc("Return the global debug tracing function set with sys.settrace."),
    MethodDef::raw("setprofile", "(function, /)", |vm, args| {
        let f = only(vm, "setprofile", args.pos())?;
        set(vm, &vm.ts().tracing.profile, f);
        Ok(Value::NONE)
    })
    .doc("Set the profiling function.\n\nIt will be called on each function call and return."),
    MethodDef::new("getprofile", "()", |vm, _| Ok(vm.ts().tracing.profile.get_or_none()))
        .doc("Return the profiling function set with sys.setprofile."),
    MethodDef::raw("_settraceallthreads", "(function, /)", |vm, args| {
        set_everywhere(vm, only(vm, "_settraceallthreads", args.pos())?, |t| &t.func)
    }),
    MethodDef::raw("_setprofileallthreads", "(function, /)", |vm, args| {
        set_everywhere(vm, only(vm, "_setprofileallthreads", args.pos())?, |t| &t.profile)
    }),
    MethodDef::new("call_tracing", "(func, args, /)", call_tracing).doc("Call func(*args), while tracing is enabled."),
];

fn only<'a>(vm: &Vm, name: &str, args: &'a [Value]) -> PyResult<&'a Value> {
    match args {
        [one] => Ok(one),
        _ => Err(vm.type_error(&format!("sys.{name}() takes exactly one argument ({} given)", args.len()))),
    }
}

fn set(vm: &Vm, cell: &VCell, f: &Value) {
    let before = cell.replace(Some(f.clone()).filter(|f| !f.is_none()));
    vm.update_monitoring();
    drop(before);
}

fn set_everywhere(vm: &Vm, f: &Value, cell: fn(&Tracing) -> &VCell) -> PyResult {
    let mut before = Vec::new();
    vm.each_thread(|ts| before.push(cell(&ts.tracing).replace(Some(f.clone()).filter(|f| !f.is_none()))));
    vm.update_monitoring();
    drop(before);
    Ok(Value::NONE)
}

fn call_tracing(vm: &Vm, a: Args<'_>) -> PyResult {
    if !vm.is_exact(a.get(1), vm.types().tuple) {
        let message = format!("call_tracing() argument 2 must be tuple, not {}", vm.type_of(a.get(1)).name());
        return Err(vm.type_error(&message));
    }
    let args = vm.collect(a.get(1))?;
    vm.ts().tracing.with_events(|| vm.call_pos(a.get(0), &args))
}
