//! The module `sys`, which an interpreter has from the moment something asks for it.
//!
//! Rooms: [`info`] the named tuples and constants; [`hooks`] exception and display hooks; [`frames`] frames, tracing,
//! recursion; [`tracing`] and [`monitoring`] events; [`audit`] audit hooks; [`report`] exceptions that nobody receives; [`signals`] where the signal module leaves its work.

pub mod audit;
mod frames;
mod hooks;
mod info;
mod monitoring;
pub mod report;
pub mod signals;
mod tracing;

pub use info::VERSION;

use crate::interpreter::{interpreter_of, runtime_of};
use crate::runtime::Runtime;
use serpens_vm::image::part::key_of;
use serpens_vm::native::call_native;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeObj, Value, Vm};
use std::time::Duration;

static FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("exit", "(status=None, /)", exit).doc("Exit the interpreter by raising SystemExit(status)."),
    MethodDef::new("intern", "(string, /)", |vm, a| {
        if !vm.is_exact_str(a.get(0)) {
            return Err(vm.type_error(&format!("can't intern {}", vm.type_of(a.get(0)).name())));
        }
        Ok(vm.intern_value(a.get(0)))
    })
    .doc("``Intern'' the given string."),
    MethodDef::new("_is_interned", "(string, /)", |_, a| {
        Ok(Value::bool(a.get(0).downcast::<Str>().is_some_and(Str::is_interned)))
    }),
    MethodDef::new("getdefaultencoding", "()", |vm, _| Ok(vm.str("utf-8"))),
    MethodDef::new("getfilesystemencoding", "()", |vm, _| Ok(vm.str("utf-8"))),
    MethodDef::new("getfilesystemencodeerrors", "()", |vm, _| Ok(vm.str("surrogateescape"))),
    MethodDef::new("getrefcount", "(object, /)", |_, a| {
        Ok(Value::from_usize(a.get(0).ref_count().unwrap_or(u32::MAX) as usize))
    }),
    MethodDef::new("getsizeof", "(object, default=<unrepresentable>)", getsizeof),
    // -1: no count of processors was given on the command line.
    MethodDef::new("_get_cpu_count_config", "()", |vm, _| Ok(vm.int(-1))),
    MethodDef::new("getswitchinterval", "()", |vm, _| {
        Ok(Value::float(interpreter_of(vm).map_or(0.005, |i| i.lock().switch_interval().as_secs_f64())))
    }),
    MethodDef::new("setswitchinterval", "(interval, /)", |vm, a| {
        let seconds = vm.to_f64(a.get(0))?;
        if seconds.is_nan() || seconds <= 0.0 {
            return Err(vm.value_error("switch interval must be strictly positive"));
        }
        if let Some(i) = interpreter_of(vm) {
            i.lock().set_switch_interval(Duration::from_secs_f64(seconds.min(1e9)));
        }
        Ok(Value::NONE)
    }),
    MethodDef::new("is_finalizing", "()", |vm, _| Ok(Value::bool(vm.is_finalizing()))),
    MethodDef::new("_is_gil_enabled", "()", |_, _| Ok(Value::TRUE)),
    MethodDef::new("_clear_type_cache", "()", |_, _| Ok(Value::NONE)),
    MethodDef::new("_clear_internal_caches", "()", |_, _| Ok(Value::NONE)),
    MethodDef::new("_clear_type_descriptors", "(type, /)", |vm, a| {
        let Some(class) = TypeObj::from_value(a.get(0)) else {
            let given = vm.arg_type_name(a.get(0));
            return Err(vm.type_error(&format!("_clear_type_descriptors() argument must be type, not {given}")));
        };
        class.clear_descriptors(vm).map(|()| Value::NONE)
    })
    .doc("Private function for clearing certain descriptors from a type's dictionary.\n\nSee gh-135228 for context."),
    MethodDef::new("getallocatedblocks", "()", |vm, _| Ok(Value::from_usize(vm.heap().n_objects()))),
    MethodDef::new("getunicodeinternedsize", "(*, _only_immortal=False)", |_, _| Ok(Value::int_unchecked(0))),
    MethodDef::new("get_int_max_str_digits", "()", |vm, _| Ok(Value::from_usize(vm.int_max_str_digits()))),
    MethodDef::new("set_int_max_str_digits", "(maxdigits)", |vm, a| {
        let n = vm.index_i64(a.get(0))?;
        if n != 0 && n < 640 {
            return Err(vm.value_error("maxdigits must be 0 or larger than 640"));
        }
        vm.set_int_max_str_digits(n as usize);
        Ok(Value::NONE)
    }),
    MethodDef::new("_debugmallocstats", "()", |_, _| Ok(Value::NONE)),
    MethodDef::new("is_remote_debug_enabled", "()", |_, _| Ok(Value::FALSE)),
    MethodDef::new("activate_stack_trampoline", "(backend, /)", |vm, _| {
        Err(vm.value_error("perf trampoline not available"))
    }),
    MethodDef::new("is_stack_trampoline_active", "()", |_, _| Ok(Value::FALSE)),
    MethodDef::new("deactivate_stack_trampoline", "()", |_, _| Ok(Value::NONE)),
];

fn exit(vm: &Vm, a: Args<'_>) -> PyResult {
    let args = match a.opt(0) {
        None => Vec::new(),
        Some(v) => vec![v.clone()],
    };
    let e = vm.call_pos(&vm.types().SystemExit.value(), &args)?;
    Err(vm.raise(e))
}

fn getsizeof(vm: &Vm, a: Args<'_>) -> PyResult {
    match vm.call_special(a.get(0), &vm.names().__sizeof__, &[]) {
        Ok(Some(n)) => {
            let n = vm.index_i64(&n)?;
            if n < 0 {
                return Err(vm.value_error("__sizeof__() should return >= 0"));
            }
            let gc = if vm.type_of(a.get(0)).is_gc() { 16 } else { 0 };
            Ok(vm.int(n + gc))
        }
        Ok(None) => a.opt(1).cloned().ok_or_else(|| vm.type_error("Type doesn't define __sizeof__")),
        Err(e) => match a.opt(1) {
            Some(default) if vm.pending_is(vm.types().TypeError) => {
                drop(vm.take_raised());
                Ok(default.clone())
            }
            _ => Err(e),
        },
    }
}

/// The contents of `sys._jit`: there is none.
fn jit(vm: &Vm) -> Value {
    static FUNCTIONS: &[MethodDef] = &[
        MethodDef::new("is_available", "()", |_, _| Ok(Value::FALSE))
            .doc("Return True if the current Python executable supports JIT compilation, and False otherwise."),
        MethodDef::new("is_enabled", "()", |_, _| Ok(Value::FALSE))
            .doc("Return True if JIT compilation is enabled for the current Python process, and False otherwise."),
        MethodDef::new("is_active", "()", |_, _| Ok(Value::FALSE))
            .doc("Return True if the topmost Python frame is currently executing JIT code, and False otherwise."),
    ];
    functions_of(vm, "sys._jit", FUNCTIONS)
}

/// The dict of a module that is part of `sys`.
fn functions_of(vm: &Vm, name: &str, functions: &'static [MethodDef]) -> Value {
    let contents = vm.new_dict();
    let (n, name) = (vm.names(), vm.intern(name));
    if let Some(d) = contents.downcast::<Dict>() {
        d.set_str(vm, &n.__name__, name.clone());
        for none in [&n.__doc__, &n.__package__, &n.__loader__, &n.__spec__] {
            d.set_str(vm, none, Value::NONE);
        }
        for def in functions {
            d.set_name(vm, def.name, vm.builtin(def, Some(name.clone())));
        }
    }
    contents
}

/// Names the part of the frozen image that the dict of every `sys` begins as.
static CONTENTS: u8 = 0;
/// The same of `sys._jit`.
static JIT: u8 = 1;

/// The module object, with the standard streams.
pub(crate) fn module(vm: &Vm) -> PyResult {
    let runtime = runtime_of(vm);
    let runtime = runtime.as_deref();
    let contents = vm.frozen(key_of(&CONTENTS), &|builder| contents(builder, runtime))?;
    let dict = vm.shared_dict(&contents);
    let Some(d) = dict.downcast::<Dict>() else { return Err(vm.type_error("not a module")) };
    vm.set_sys_dict(dict.clone());
    let n = vm.names();
    d.set_str(vm, &n.modules, vm.modules.get_or_none());
    d.set_str(vm, &n.meta_path, vm.list(crate::import::spec::finders(vm)));
    d.set_str(vm, &n.path_hooks, vm.list(Vec::new()));
    d.set_str(vm, &n.path_importer_cache, vm.new_dict());
    info::fill_own(vm, d, runtime)?;
    d.set_name(vm, "monitoring", monitoring::module(vm)?);
    let jit = vm.frozen(key_of(&JIT), &|builder| Ok(jit(builder)))?;
    d.set_name(vm, "_jit", vm.module_over(vm.shared_dict(&jit)));
    if let Some(runtime) = runtime {
        open_standard_streams(vm, d, runtime)?;
    }
    Ok(vm.module_over(dict))
}

/// The dict with what is the same in all interpreters, and places for what is not.
fn contents(vm: &Vm, runtime: Option<&Runtime>) -> PyResult {
    let contents = vm.new_dict();
    let Some(d) = contents.downcast::<Dict>() else { return Err(vm.type_error("not a dict")) };
    let n = vm.names();
    let name = n.sys.clone();
    d.set_str(vm, &n.__name__, name.clone());
    for none in [&n.__doc__, &n.__package__, &n.__loader__, &n.__spec__] {
        d.set_str(vm, none, Value::NONE);
    }
    for def in FUNCTIONS
        .iter()
        .chain(hooks::FUNCTIONS)
        .chain(frames::FUNCTIONS)
        .chain(tracing::FUNCTIONS)
        .chain(audit::FUNCTIONS)
    {
        d.set_name(vm, def.name, vm.builtin(def, Some(name.clone())));
    }
    for own in [&n.modules, &n.meta_path, &n.path_hooks, &n.path_importer_cache] {
        d.set_str(vm, own, Value::NONE);
    }
    info::fill_frozen(vm, d, runtime)?;
    for own in ["monitoring", "_jit"] {
        d.set_name(vm, own, Value::NONE);
    }
    for (name, hidden) in [
        ("displayhook", "__displayhook__"),
        ("excepthook", "__excepthook__"),
        ("unraisablehook", "__unraisablehook__"),
        ("breakpointhook", "__breakpointhook__"),
    ] {
        if let Some(f) = d.get_name(vm, name) {
            d.set_name(vm, hidden, f);
        }
    }
    if runtime.is_some_and(|r| r.native_module("_io").is_some()) {
        for (name, hidden) in streams(vm) {
            d.set_str(vm, name, Value::NONE);
            d.set_str(vm, hidden, Value::NONE);
        }
    }
    Ok(contents)
}

/// The standard streams in order of their descriptors: their names, and those that keep them.
fn streams(vm: &Vm) -> [(&Value, &Value); 3] {
    let n = vm.names();
    [(&n.stdin, &n.__stdin__), (&n.stdout, &n.__stdout__), (&n.stderr, &n.__stderr__)]
}

/// Opens `sys.stdin`, `sys.stdout` and `sys.stderr` by a function of the module `_io`, which need not be imported.
fn open_standard_streams(vm: &Vm, d: &Dict, runtime: &Runtime) -> PyResult<()> {
    let Some(io) = runtime.native_module("_io") else { return Ok(()) };
    let Some(def) = io.functions.iter().find(|f| f.name == "_standard_stream") else { return Ok(()) };
    let unbuffered = runtime.settings().unbuffered;
    for (fd, (name, hidden)) in streams(vm).into_iter().enumerate() {
        let args = [Value::from_usize(fd), Value::bool(unbuffered)];
        let stream = call_native(vm, def, "", &CallArgs::positional(&args))?;
        d.set_str(vm, name, stream.clone());
        d.set_str(vm, hidden, stream);
    }
    Ok(())
}

/// The native streams that the interpreter began with, with the buffers and raw streams below them, as far as they are
/// still there.
pub(crate) fn standard_streams(vm: &Vm) -> Vec<Value> {
    let mut all = Vec::new();
    let Some(sys) = vm.sys_dict_if_made() else { return all };
    let Some(d) = sys.downcast::<Dict>() else { return all };
    for (_, hidden) in streams(vm) {
        let mut next = d.reached_str(vm, hidden);
        for below in ["buffer", "raw"] {
            let Some(stream) = next.filter(|s| !vm.type_of(s).is_heap() && !s.is_none()) else {
                next = None;
                break;
            };
            next = vm.getattr_opt(&stream, &vm.intern(below)).unwrap_or_else(|_| {
                drop(vm.take_raised());
                None
            });
            all.push(stream);
        }
        all.extend(next.filter(|s| !vm.type_of(s).is_heap() && !s.is_none()));
    }
    all
}
