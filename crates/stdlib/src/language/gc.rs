//! `gc`: the cycle collector from Python.

use serpens_state::NativeModule;
use serpens_vm::object::flag;
use serpens_vm::types::dict::Dict;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("gc")
    .doc("This module provides access to the garbage collector for reference cycles.")
    .functions(FUNCTIONS)
    .init(init);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("enable", "()", |vm, _| {
        vm.gc.set_enabled(true);
        Ok(Value::NONE)
    })
    .doc("Enable automatic garbage collection."),
    MethodDef::new("disable", "()", |vm, _| {
        vm.gc.set_enabled(false);
        Ok(Value::NONE)
    })
    .doc("Disable automatic garbage collection."),
    MethodDef::new("isenabled", "()", |vm, _| Ok(Value::bool(vm.gc.is_enabled())))
        .doc("Returns true if automatic garbage collection is enabled."),
    MethodDef::new("collect", "(generation=2)", collect).doc("Run the garbage collector."),
    MethodDef::new("get_count", "()", |vm, _| {
        let zero = Value::from_usize(0);
        Ok(vm.tuple(vec![Value::from_usize(vm.heap().n_objects() % 2000), zero.clone(), zero]))
    })
    .doc("Return a three-tuple of the current collection counts."),
    MethodDef::new("get_threshold", "()", |vm, _| {
        Ok(vm.tuple(vm.gc.thresholds.get().iter().map(|n| Value::from_usize(*n)).collect()))
    })
    .doc("Return the current collection thresholds."),
    MethodDef::raw("set_threshold", "(threshold0, threshold1=None, threshold2=None, /)", set_threshold)
        .doc("Set the collection thresholds (the collection frequency)."),
    MethodDef::new("set_debug", "(flags, /)", |vm, a| {
        let flags = vm.index_i64(a.get(0))?;
        vm.gc.debug.set(flags as u32);
        Ok(Value::NONE)
    })
    .doc("Set the garbage collection debugging flags."),
    MethodDef::new("get_debug", "()", |vm, _| Ok(vm.int(vm.gc.debug.get() as i64)))
        .doc("Get the garbage collection debugging flags."),
    MethodDef::new("get_stats", "()", get_stats)
        .doc("Return a list of dictionaries containing per-generation statistics."),
    MethodDef::new("get_objects", "(generation=None)", get_objects)
        .doc("Return a list of objects tracked by the collector (excluding the list returned)."),
    MethodDef::raw("get_referrers", "(*objs)", |vm, args| Ok(vm.list(vm.gc_referrers(args.pos()))))
        .doc("Return the list of objects that directly refer to any of 'objs'."),
    MethodDef::raw("get_referents", "(*objs)", |vm, args| {
        Ok(vm.list(args.pos().iter().flat_map(|v| vm.gc_referents(v)).collect()))
    })
    .doc("Return the list of objects that are directly referred to by 'objs'."),
    MethodDef::new("is_tracked", "(obj, /)", |vm, a| {
        Ok(Value::bool(a.get(0).is_object() && vm.type_of(a.get(0)).is_gc()))
    })
    .doc("Returns true if the object is tracked by the garbage collector."),
    MethodDef::new("is_finalized", "(obj, /)", |_, a| {
        Ok(Value::bool(a.get(0).header().is_some_and(|h| h.has(flag::FINALIZED))))
    })
    .doc("Returns true if the object has been already finalized by the GC."),
    MethodDef::new("freeze", "()", |vm, _| {
        vm.gc_freeze(true);
        Ok(Value::NONE)
    })
    .doc("Freeze all current tracked objects and ignore them for future collections."),
    MethodDef::new("unfreeze", "()", |vm, _| {
        vm.gc_freeze(false);
        Ok(Value::NONE)
    })
    .doc("Unfreeze all objects in the permanent generation."),
    MethodDef::new("get_freeze_count", "()", |vm, _| Ok(Value::from_usize(vm.gc_frozen())))
        .doc("Return the number of objects in the permanent generation."),
];

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    for (name, n) in [
        ("DEBUG_STATS", 1),
        ("DEBUG_COLLECTABLE", 2),
        ("DEBUG_UNCOLLECTABLE", 4),
        ("DEBUG_SAVEALL", 32),
        ("DEBUG_LEAK", 38),
    ] {
        dict.set_name(vm, name, vm.int(n));
    }
    for (name, cell) in [("callbacks", &vm.gc.callbacks), ("garbage", &vm.gc.garbage)] {
        if !cell.is_set() {
            cell.set(vm.list(Vec::new()));
        }
        dict.set_name(vm, name, cell.get_or_none());
    }
    Ok(())
}

fn collect(vm: &Vm, a: Args<'_>) -> PyResult {
    let generation = match a.opt(0) {
        Some(g) => vm.index_i64(g)?,
        None => 2,
    };
    if !(0..=2).contains(&generation) {
        return Err(vm.value_error("invalid generation"));
    }
    Ok(Value::from_usize(vm.collect_generation(generation as usize)))
}

fn set_threshold(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let n = args.pos().len();
    if n == 0 || n > 3 {
        let message = if n == 0 {
            "gc.set_threshold requires 1 to 3 arguments"
        } else {
            "set_threshold() takes at most 3 arguments"
        };
        return Err(vm.type_error(message));
    }
    let mut thresholds = vm.gc.thresholds.get();
    for (slot, value) in thresholds.iter_mut().zip(args.pos()) {
        *slot = vm.index_i64(value)?.max(0) as usize;
    }
    vm.set_gc_thresholds(thresholds);
    Ok(Value::NONE)
}

fn get_stats(vm: &Vm, _: Args<'_>) -> PyResult {
    let stats = *vm.gc.stats.borrow();
    let dicts = stats.iter().map(|s| {
        let dict = vm.new_dict();
        if let Some(d) = dict.downcast::<Dict>() {
            d.set_name(vm, "collections", Value::from_usize(s.collections));
            d.set_name(vm, "collected", Value::from_usize(s.collected));
            d.set_name(vm, "uncollectable", Value::from_usize(0));
        }
        dict
    });
    Ok(vm.list(dicts.collect()))
}

fn get_objects(vm: &Vm, a: Args<'_>) -> PyResult {
    if let Some(generation) = a.some(0) {
        let generation = vm.index_i64(generation)?;
        if generation < 0 {
            return Err(vm.value_error("generation parameter cannot be negative"));
        }
        if generation > 2 {
            return Err(
                vm.value_error("generation parameter must be less than the number of available generations (3)")
            );
        }
    }
    Ok(vm.list(vm.gc_objects()))
}
