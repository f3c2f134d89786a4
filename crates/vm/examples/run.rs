//! Runs a Python file on a machine that stands alone, with a few builtins: to measure and look into the eval loop.
//!
//! `cargo run --release -p serpens-vm --example run -- file.py`
#![expect(unsafe_code, reason = "attaches the thread state")]

use serpens_compiler::{Mode, Options, compile};
use serpens_lock::Breaker;
use serpens_vm::heap::ChunkPool;
use serpens_vm::thread::ThreadState;
use serpens_vm::types::dict::Dict;
use serpens_vm::{Args, CallArgs, Image, MethodDef, PyResult, Value, Vm};
use std::sync::Arc;

fn print(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let parts: PyResult<Vec<String>> = args.pos().iter().map(|v| vm.str_string(v)).collect();
    println!("{}", parts?.join(" "));
    Ok(Value::NONE)
}

fn len(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(Value::from_usize(vm.len(a.get(0))?))
}

fn isinstance(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(Value::bool(vm.is_instance(a.get(0), a.get(1))?))
}

fn build_class(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    vm.build_class(args)
}

fn clock(_: &Vm, _: Args<'_>) -> PyResult {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Ok(Value::float(now.map_or(0.0, |d| d.as_secs_f64())))
}

static FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("print", "(*args)", print),
    MethodDef::new("len", "(obj, /)", len),
    MethodDef::new("isinstance", "(obj, class_or_tuple, /)", isinstance),
    MethodDef::raw("__build_class__", "(func, name, /, *bases)", build_class),
    MethodDef::new("clock", "()", clock),
];

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let text = std::fs::read_to_string(&path).expect("a readable file");
    let code = match compile(&text, &path, Mode::Exec, Options::default()) {
        Ok(code) => code,
        Err(e) => return println!("{e:?}"),
    };
    let image = Image::build(1);
    let vm = Vm::new(image, Arc::new(ChunkPool::new()), Arc::new(Breaker::new()));
    let ts = ThreadState::new(Arc::new(ChunkPool::new()));
    ts.adopt_native_stack();
    // SAFETY: the state outlives the machine's use of it below.
    unsafe { vm.set_thread(&*ts) };
    for def in FUNCTIONS {
        vm.set_builtin(def.name, vm.builtin(def, None));
    }
    for ty in vm.types().all() {
        vm.set_builtin(ty.name(), ty.value());
    }
    let globals = vm.new_dict();
    if let Some(g) = globals.downcast::<Dict>() {
        g.set_name(&vm, "__name__", vm.str("__main__"));
    }
    let code = vm.new_code(code);
    if vm.run_code(&code, &globals, None, None).is_err() {
        let e = vm.take_raised();
        println!("{}: {}", vm.type_of(&e).name(), vm.str_string(&e).unwrap_or_default());
        std::process::exit(1);
    }
}
