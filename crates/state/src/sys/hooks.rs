//! `sys.excepthook`, `displayhook`, `unraisablehook`, `breakpointhook`, `exc_info`, asynchronous generator hooks.

use super::report;
use crate::structseq::StructSeq;
use serpens_vm::types::dict::Dict;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// A `SyntaxError` whose cause may be a misspelt keyword, as the library's `traceback` shows it.
fn with_keyword(vm: &Vm, exception: &Value) -> Option<String> {
    if !vm.type_of(exception).is_subtype(vm.types().SyntaxError) {
        return None;
    }
    let format = |vm: &Vm| -> PyResult<Option<String>> {
        if vm.getattr_str(exception, "_metadata")?.is_none() {
            return Ok(None);
        }
        let traceback = crate::import::import_module(vm, "traceback")?;
        let f = vm.getattr_str(&traceback, "format_exception")?;
        let lines = vm.call_one(&f, exception)?;
        let text = vm.call_method_str(&vm.str(""), "join", &[lines])?;
        vm.str_string(&text).map(Some)
    };
    format(vm).unwrap_or_else(|_| {
        drop(vm.take_raised());
        None
    })
}

pub(super) static FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("excepthook", "(exctype, value, traceback, /)", |vm, a| {
        let shown = match with_keyword(vm, a.get(1)) {
            Some(shown) => shown,
            None => vm.format_exception(a.get(1)),
        };
        report::write_stderr(vm, &shown);
        Ok(Value::NONE)
    })
    .doc("Handle an exception by displaying it with a traceback on sys.stderr."),
    MethodDef::new("displayhook", "(object, /)", displayhook)
        .doc("Print an object to sys.stdout and also save it in builtins._"),
    MethodDef::new("unraisablehook", "(unraisable, /)", unraisablehook).doc("Handle an unraisable exception."),
    MethodDef::raw("breakpointhook", "(*args, **kwargs)", |vm, args| {
        let pdb = crate::import::import_module(vm, "pdb")?;
        let f = vm.getattr_str(&pdb, "set_trace")?;
        vm.call(&f, args)
    }),
    MethodDef::new("exc_info", "()", |vm, _| {
        Ok(match vm.ts().handled() {
            Some(e) => {
                let tb = vm.getattr(&e, &vm.names().__traceback__)?;
                vm.tuple(vec![vm.type_of(&e).value(), e, tb])
            }
            None => vm.tuple(vec![Value::NONE, Value::NONE, Value::NONE]),
        })
    }),
    MethodDef::new("exception", "()", |vm, _| Ok(vm.ts().handled().unwrap_or(Value::NONE)))
        .doc("Return the current exception."),
    MethodDef::new("set_asyncgen_hooks", "(firstiter=<unrepresentable>, finalizer=<unrepresentable>)", |vm, a| {
        let ts = vm.ts();
        for (v, name) in [(a.opt(0), "firstiter"), (a.opt(1), "finalizer")] {
            if let Some(v) = v.filter(|v| !v.is_none() && !vm.is_callable(v)) {
                return Err(vm.type_error(&format!("callable {name} expected, got {}", vm.type_of(v).name())));
            }
        }
        if let Some(v) = a.opt(0) {
            ts.asyncgen_firstiter.put(Some(v.clone()).filter(|v| !v.is_none()));
        }
        if let Some(v) = a.opt(1) {
            ts.asyncgen_finalizer.put(Some(v.clone()).filter(|v| !v.is_none()));
        }
        Ok(Value::NONE)
    }),
    MethodDef::new("get_asyncgen_hooks", "()", |vm, _| {
        let ts = vm.ts();
        ASYNCGEN_HOOKS.make(vm, vec![ts.asyncgen_firstiter.get_or_none(), ts.asyncgen_finalizer.get_or_none()])
    }),
    MethodDef::new("set_coroutine_origin_tracking_depth", "(depth)", |vm, a| {
        let depth = vm.index_i64(a.get(0))?;
        if depth < 0 {
            return Err(vm.value_error("depth must be >= 0"));
        }
        vm.ts().origin_depth.set(depth as u32);
        Ok(Value::NONE)
    }),
    MethodDef::new("get_coroutine_origin_tracking_depth", "()", |vm, _| {
        Ok(Value::from_usize(vm.ts().origin_depth.get() as usize))
    }),
];

static ASYNCGEN_HOOKS: StructSeq = StructSeq {
    name: "asyncgen_hooks",
    module: "builtins",
    doc: "",
    fields: &[("firstiter", ""), ("finalizer", "")],
    n_sequence: 2,
};

static UNRAISABLE_ARGS: StructSeq = StructSeq {
    name: "UnraisableHookArgs",
    module: "sys",
    doc: "Type used to pass arguments to sys.unraisablehook.",
    fields: &[("exc_type", ""), ("exc_value", ""), ("exc_traceback", ""), ("err_msg", ""), ("object", "")],
    n_sequence: 5,
};

pub(super) fn unraisable_args(vm: &Vm, exception: &Value, message: &str, object: &Value) -> PyResult {
    let tb = vm.getattr(exception, &vm.names().__traceback__)?;
    UNRAISABLE_ARGS
        .make(vm, vec![vm.type_of(exception).value(), exception.clone(), tb, vm.str(message), object.clone()])
}

fn unraisablehook(vm: &Vm, a: Args<'_>) -> PyResult {
    let args = a.get(0);
    let value = vm.getattr_str(args, "exc_value")?;
    let message = vm.getattr_str(args, "err_msg")?;
    let object = vm.getattr_str(args, "object")?;
    let message = if message.is_none() { "Exception ignored in:".to_string() } else { vm.str_string(&message)? };
    report::write_unraisable(vm, &value, &message, &object);
    Ok(Value::NONE)
}

fn displayhook(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    if v.is_none() {
        return Ok(Value::NONE);
    }
    let underscore = vm.intern("_");
    if let Some(d) = vm.builtins.get().as_ref().and_then(|b| b.downcast::<Dict>()) {
        d.set_str(vm, &underscore, Value::NONE);
    }
    let out = vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_name(vm, "stdout"));
    let Some(out) = out else { return Err(vm.runtime_error("lost sys.stdout")) };
    let text = vm.repr(v)?;
    vm.call_method(&out, &vm.names().write, &[text])?;
    vm.call_method(&out, &vm.names().write, &[vm.str("\n")])?;
    if let Some(d) = vm.builtins.get().as_ref().and_then(|b| b.downcast::<Dict>()) {
        d.set_str(vm, &underscore, v.clone());
    }
    Ok(Value::NONE)
}
