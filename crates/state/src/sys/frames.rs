//! Frames and recursion as `sys` shows them.

use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

pub(super) static FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("_getframe", "(depth=0, /)", getframe).doc("Return a frame object from the call stack."),
    MethodDef::new("_getframemodulename", "(depth=0)", |vm, a| {
        let depth = a.opt(0).map_or(Ok(0), |d| vm.index_i64(d))?;
        match vm.frame_object_at(depth.max(0) as usize) {
            Some(f) => {
                let globals = vm.getattr_str(&f, "f_globals")?;
                let d = globals.downcast::<serpens_vm::types::dict::Dict>();
                Ok(d.and_then(|d| d.get_str(vm, &vm.names().__name__)).unwrap_or(Value::NONE))
            }
            None => Ok(Value::NONE),
        }
    }),
    MethodDef::new("_current_frames", "()", |vm, _| {
        let d = vm.new_dict();
        for (ident, frame) in vm.thread_frames() {
            vm.set_item(&d, &vm.int_u64(ident), &frame)?;
        }
        Ok(d)
    }),
    MethodDef::new("_current_exceptions", "()", |vm, _| {
        let d = vm.new_dict();
        let mut all = Vec::new();
        vm.each_thread(|ts| all.push((ts.ident(), ts.handled().unwrap_or(Value::NONE))));
        for (ident, exception) in all {
            vm.set_item(&d, &vm.int_u64(ident), &exception)?;
        }
        Ok(d)
    }),
    MethodDef::new("getrecursionlimit", "()", |vm, _| Ok(Value::from_usize(vm.recursion_limit()))),
    MethodDef::new("setrecursionlimit", "(limit, /)", |vm, a| {
        let limit = vm.index_i64(a.get(0))?;
        if limit < 1 {
            return Err(vm.value_error("recursion limit must be greater or equal than 1"));
        }
        if limit > i32::MAX as i64 {
            return Err(vm.overflow_error("Python int too large to convert to C int"));
        }
        let depth = vm.ts().depth();
        if depth >= limit as usize {
            return Err(vm.recursion_error(&format!(
                "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
            )));
        }
        vm.set_recursion_limit(limit as usize);
        Ok(Value::NONE)
    }),
];

fn getframe(vm: &Vm, a: Args<'_>) -> PyResult {
    let depth = a.opt(0).map_or(Ok(0), |d| vm.index_i64(d))?;
    match vm.frame_object_at(depth.max(0) as usize) {
        Some(f) => Ok(f),
        None => Err(vm.value_error("call stack is not deep enough")),
    }
}
