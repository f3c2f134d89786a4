//! `_tracemalloc`: how many bytes an interpreter's objects take.
//!
//! The heap counts its bytes anyway; where they were asked for is not recorded, so snapshots are empty.

use serpens_state::NativeModule;
use serpens_vm::{MethodDef, Value, Vm};
use std::cell::Cell;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_tracemalloc")
    .doc("Debug module to trace memory blocks allocated by Python.")
    .functions(FUNCTIONS);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("start", "(nframe=1, /)", |vm, a| {
        let n = a.opt(0).map_or(Ok(1), |n| vm.index_i64(n))?;
        if !(1..=65535).contains(&n) {
            return Err(vm.value_error("the number of frames must be in range [1; 65535]"));
        }
        let s = state(vm);
        if s.limit.get() == 0 {
            s.limit.set(n);
            s.restart(vm);
        }
        Ok(Value::NONE)
    })
    .doc("Start tracing Python memory allocations."),
    MethodDef::new("stop", "()", |vm, _| {
        state(vm).limit.set(0);
        Ok(Value::NONE)
    })
    .doc("Stop tracing Python memory allocations."),
    MethodDef::new("is_tracing", "()", |vm, _| Ok(Value::bool(state(vm).limit.get() != 0)))
        .doc("Return True if the tracemalloc module is tracing Python memory allocations."),
    MethodDef::new("get_traceback_limit", "()", |vm, _| Ok(vm.int(state(vm).limit.get().max(1))))
        .doc("Get the maximum number of frames stored in the traceback of a trace."),
    MethodDef::new("clear_traces", "()", |vm, _| {
        state(vm).restart(vm);
        Ok(Value::NONE)
    })
    .doc("Clear traces of memory blocks allocated by Python."),
    MethodDef::new("get_traced_memory", "()", |vm, _| {
        let s = state(vm);
        if s.limit.get() == 0 {
            return Ok(vm.tuple(vec![Value::from_usize(0), Value::from_usize(0)]));
        }
        let now = vm.heap().bytes().saturating_sub(s.base.get());
        s.peak.set(s.peak.get().max(now));
        Ok(vm.tuple(vec![Value::from_usize(now), Value::from_usize(s.peak.get())]))
    })
    .doc("Get the current size and peak size of memory blocks traced by tracemalloc."),
    MethodDef::new("reset_peak", "()", |vm, _| {
        let s = state(vm);
        s.peak.set(vm.heap().bytes().saturating_sub(s.base.get()));
        Ok(Value::NONE)
    })
    .doc("Set the peak size of memory blocks traced by tracemalloc to the current size."),
    MethodDef::new("get_tracemalloc_memory", "()", |_, _| Ok(Value::from_usize(0)))
        .doc("Get the memory usage in bytes of the tracemalloc module."),
    MethodDef::new("_get_traces", "()", |vm, _| Ok(vm.list(Vec::new()))),
    MethodDef::new("_get_object_traceback", "(obj, /)", |_, _| Ok(Value::NONE)),
];

#[derive(Default)]
struct State {
    /// 0: off.
    limit: Cell<i64>,
    base: Cell<usize>,
    /// The most that was seen when it was asked for.
    peak: Cell<usize>,
}

impl State {
    fn restart(&self, vm: &Vm) {
        self.base.set(vm.heap().bytes());
        self.peak.set(0);
    }
}

serpens_vm::local!(State: fresh);

fn state(vm: &Vm) -> std::rc::Rc<State> {
    vm.local(|_| State::default())
}
