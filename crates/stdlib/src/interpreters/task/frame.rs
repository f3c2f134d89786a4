//! Calls of `eval`, `exec`, `globals`, `locals`, `vars` and `dir`, which look at the frame of their caller: here one of
//! `__main__`.

use serpens_compiler::Mode;
use serpens_state::run as source;
use serpens_vm::cell::VCell;
use serpens_vm::types::builtin::Builtin;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{CallArgs, MethodDef, PyResult, Value, Vm};

const BUILTINS: [&str; 6] = ["eval", "exec", "globals", "locals", "vars", "dir"];

/// The name by which the frame finds what it is to call; gone before the call.
const NAME: &str = "__called__";

/// The frame's code, compiled once.
#[derive(Default)]
struct Caller(VCell);

serpens_vm::local!(Caller: fresh);

/// Calls what it is bound to.
static THUNK: MethodDef = MethodDef::new("__called__", "($self, /)", |vm, a| {
    let Some([f, args, names]) = a.get(0).downcast::<Tuple>().map(Tuple::as_slice) else {
        return Err(vm.type_error("not a call"));
    };
    let globals = source::main_dict(vm)?;
    vm.del_item(&globals, &vm.intern(NAME))?;
    let args = args.downcast::<Tuple>().map(Tuple::as_slice).unwrap_or_default();
    vm.call(f, &CallArgs::new(args, Some(names).filter(|n| !n.is_none())))
});

/// Whether a callable is one of those builtins.
fn needs_frame(vm: &Vm, f: &Value) -> bool {
    let Some(name) = f.downcast::<Builtin>().map(|builtin| builtin.def.name).filter(|name| BUILTINS.contains(name))
    else {
        return false;
    };
    let builtins = vm.builtins.get_or_none();
    builtins.downcast::<Dict>().and_then(|d| d.get_name(vm, name)).is_some_and(|own| own.is(f))
}

/// Calls a callable that came from another interpreter; one that looks at its caller's frame finds one of `__main__`.
pub fn call(vm: &Vm, f: &Value, args: &CallArgs<'_>) -> PyResult {
    if needs_frame(vm, f) { call_framed(vm, f, args) } else { vm.call(f, args) }
}

fn call_framed(vm: &Vm, f: &Value, args: &CallArgs<'_>) -> PyResult {
    let caller = vm.local(|_| Caller::default());
    let code = match caller.0.get() {
        Some(code) => code,
        None => {
            let code = source::compile(vm, "__called__()", "<call>", Mode::Eval, source::default_options(vm))?;
            caller.0.set(code.clone());
            code
        }
    };
    let globals = source::main_dict(vm)?;
    let names = args.names().cloned().unwrap_or(Value::NONE);
    let job = vm.tuple(vec![f.clone(), vm.tuple(args.all().to_vec()), names]);
    vm.set_item(&globals, &vm.intern(NAME), &vm.bound_builtin(&THUNK, job))?;
    vm.run_code(&code, &globals, None, None)
}
