//! The module `sys`.
//!
//! Rooms: [`info`] the named tuples and constants; [`hooks`] exception and display hooks; [`frames`] frames, tracing,
//! recursion; [`tracing`] and [`monitoring`] events; [`audit`] audit hooks; [`report`] exceptions that nobody receives; [`signals`] where the signal module leaves its work.

mod frames;
pub mod audit;
mod hooks;
mod info;
mod monitoring;
pub mod report;
pub mod signals;
mod tracing;

pub use info::VERSION;

use crate::interpreter::{interpreter_of, runtime_of};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
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
    MethodDef::new("_clear_type_descriptors", "(type, /)", |_, _| Ok(Value::NONE)),
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

/// `sys._jit`: there is none.
fn jit(vm: &Vm) -> Value {
    static FUNCTIONS: &[MethodDef] = &[
        MethodDef::new("is_available", "()", |_, _| Ok(Value::FALSE))
            .doc("Return True if the current Python executable supports JIT compilation, and False otherwise."),
        MethodDef::new("is_enabled", "()", |_, _| Ok(Value::FALSE))
            .doc("Return True if JIT compilation is enabled for the current Python process, and False otherwise."),
        MethodDef::new("is_active", "()", |_, _| Ok(Value::FALSE))
            .doc("Return True if the topmost Python frame is currently executing JIT code, and False otherwise."),
    ];
    let module = vm.new_module("sys._jit");
    if let Some(m) = module.downcast::<Module>() {
        for def in FUNCTIONS {
            m.set(vm, def.name, vm.builtin(def, Some(vm.intern("sys._jit"))));
        }
    }
    module
}

/// The module object.
pub(crate) fn module(vm: &Vm) -> PyResult {
    let module = vm.new_module("sys");
    let Some(m) = module.downcast::<Module>() else { return Err(vm.type_error("not a module")) };
    let dict = m.dict();
    let Some(d) = dict.downcast::<Dict>() else { return Err(vm.type_error("not a module")) };
    vm.sys_dict.set(dict.clone());
    let name = vm.names().sys.clone();
    for def in FUNCTIONS.iter().chain(hooks::FUNCTIONS).chain(frames::FUNCTIONS).chain(tracing::FUNCTIONS).chain(audit::FUNCTIONS) {
        d.set_name(vm, def.name, vm.builtin(def, Some(name.clone())));
    }
    d.set_name(vm, "modules", vm.modules.get_or_none());
    d.set_name(vm, "meta_path", vm.list(crate::import::spec::finders(vm)));
    d.set_name(vm, "path_hooks", vm.list(Vec::new()));
    d.set_name(vm, "path_importer_cache", vm.new_dict());
    info::fill(vm, d)?;
    d.set_name(vm, "monitoring", monitoring::module(vm)?);
    d.set_name(vm, "_jit", jit(vm));
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
    Ok(module)
}

/// Opens `sys.stdin`, `sys.stdout` and `sys.stderr` by the module `_io`.
pub fn open_standard_streams(vm: &Vm) -> PyResult<()> {
    let Some(dict) = vm.sys_dict.get() else { return Ok(()) };
    let Some(d) = dict.downcast::<Dict>() else { return Ok(()) };
    if runtime_of(vm).is_none_or(|r| r.native_module("_io").is_none()) {
        return Ok(());
    }
    let io = crate::import::import_module(vm, "_io")?;
    let f = vm.getattr_str(&io, "_standard_stream")?;
    let unbuffered = runtime_of(vm).is_some_and(|r| r.settings().unbuffered);
    for (fd, name) in [(0, "stdin"), (1, "stdout"), (2, "stderr")] {
        let stream = vm.call_pos(&f, &[Value::int_unchecked(fd), Value::bool(unbuffered)])?;
        d.set_name(vm, name, stream.clone());
        d.set_name(vm, &format!("__{name}__"), stream);
    }
    Ok(())
}
