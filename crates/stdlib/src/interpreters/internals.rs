//! `_interpinternals`: what tests ask of the runtime and programs need not: interpreters of another origin, and a value's crossing
//! step by step. CPython has the same in its test module `_testinternalcapi`.
//!
//! Invariant: nothing here can do what `_interpreters` could not, but for the origin that an interpreter claims to have.

use super::{config, current, find, task};
use serpens_bytecode::Code;
use serpens_share::Portable;
use serpens_state::crossing::{self, Carry, Fallback};
use serpens_state::interpreter::runtime_of;
use serpens_state::runtime::Whence;
use serpens_state::{Config, Gil, NativeModule, errors};
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::function::Function;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, TypeDef, Value, Vm};
use std::sync::Arc;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_interpinternals")
    .doc("What tests of interpreters ask of the runtime.")
    .functions(&[
        MethodDef::new("next_interpreter_id", "()", |vm, _| match runtime_of(vm) {
            Some(runtime) => Ok(vm.int(runtime.next_id())),
            None => Err(vm.runtime_error("no runtime")),
        })
        .doc("The id that the next interpreter will get."),
        MethodDef::new("create_interpreter", "(config=None, *, whence=4)", create)
            .doc("Return the id of a new interpreter with the given origin."),
        MethodDef::new("exec_interpreter", "(id, code, *, main=False)", exec)
            .doc("Run a script; unless it runs as __main__, the interpreter does not count as running. 0, or -1 if it failed."),
        MethodDef::new("get_crossinterp_data", "(obj, mode=None)", get_data).doc("What crosses for an object."),
        MethodDef::new("restore_crossinterp_data", "(data, /)", |vm, a| match a.get(0).downcast::<Data>() {
            Some(data) => crossing::from_portable(vm, &data.0),
            None => Err(vm.type_error("expected what get_crossinterp_data() returned")),
        })
        .doc("The object that arrives."),
    ]);

fn create(vm: &Vm, a: Args<'_>) -> PyResult {
    let config = match a.some(0) {
        Some(given) => config::parse(vm, Some(given))?,
        None => Config { gil: Gil::Shared, ..Config::MAIN },
    };
    let whence = match a.opt(1).map_or(Ok(Whence::CrossCapi as i64), |n| vm.index_i64(n))? {
        0 => Whence::Unknown,
        2 => Whence::LegacyCapi,
        3 => Whence::Capi,
        4 => Whence::CrossCapi,
        5 => Whence::Stdlib,
        other => return Err(vm.value_error(&format!("unsupported whence {other}"))),
    };
    match runtime_of(vm) {
        Some(runtime) => Ok(vm.int(runtime.create(config, whence).id())),
        None => Err(vm.runtime_error("no runtime")),
    }
}

fn exec(vm: &Vm, a: Args<'_>) -> PyResult {
    let interpreter = find(vm, a.get(0), "exec code for", false)?;
    if interpreter.id() == current(vm)?.id() {
        return Err(errors::raise(vm, "InterpreterError", "cannot exec code in the current interpreter here"));
    }
    let code = task::script(vm, a.get(1))?;
    let main = a.opt(2).map_or(Ok(false), |v| vm.truthy(v))?;
    let f = move |other: &Vm| task::run_script(other, code, Vec::new());
    let ran = if main { task::run(vm, &interpreter, f) } else { Some(task::enter(vm, &interpreter, f)) };
    match ran {
        Some(Ok(None)) => Ok(Value::int_unchecked(0)),
        Some(Ok(Some(told))) => {
            let text = format!("{}\n", told.display());
            let sys = serpens_state::import::import_module(vm, "sys")?;
            let stderr = vm.getattr_str(&sys, "stderr")?;
            vm.call_method(&stderr, &vm.intern("write"), &[vm.str(&text)])?;
            Ok(Value::int_unchecked(-1))
        }
        Some(Err(failure)) => Err(failure.raise(vm)),
        None => Err(super::busy(vm)),
    }
}

/// What is on its way.
struct Data(Portable);

serpens_vm::native_payload!(Data {});

static DATA: TypeDef = TypeDef::new::<Data>("CrossInterpreterData")
    .module("_interpinternals")
    .doc("An object on its way to another interpreter.");

/// Code that arrives as code.
struct CodeItself(Arc<Code>);

impl Carry for CodeItself {
    fn arrive(&self, vm: &Vm) -> PyResult {
        Ok(vm.new_code(self.0.clone()))
    }
}

/// What `marshal` made of an object.
struct Marshalled(Box<[u8]>);

impl Carry for Marshalled {
    fn arrive(&self, vm: &Vm) -> PyResult {
        let marshal = serpens_state::import::import_module(vm, "marshal")?;
        vm.call_one(&vm.getattr_str(&marshal, "loads")?, &vm.bytes(&self.0))
    }
}

fn get_data(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let mode = match a.some(1) {
        None => "xidata".to_string(),
        Some(mode) if mode.is_a::<Str>() => vm.str_string(mode)?,
        Some(mode) => return Err(vm.type_error(&format!("expected mode str, got {}", vm.repr_string(mode)?))),
    };
    let portable = match mode.as_str() {
        "xidata" => crossing::to_portable(vm, v, Fallback::None)?,
        "fallback" => crossing::to_portable(vm, v, Fallback::Full)?,
        "pickle" => crossing::to_pickle(vm, v)?,
        "marshal" => marshalled(vm, v)?,
        "code" => match v.downcast::<CodeObj>() {
            Some(code) => crossing::carried(CodeItself(code.code().clone())),
            None => return Err(crossing::not_shareable(vm, &format!("expected code, got {}", vm.repr_string(v)?))),
        },
        "func" => crossing::to_shared_code(vm, v)?,
        "script" => script(vm, v, false)?,
        "script-pure" => script(vm, v, true)?,
        other => return Err(vm.value_error(&format!("unsupported mode {other}"))),
    };
    Ok(vm.alloc_native(&DATA, Data(portable)))
}

fn marshalled(vm: &Vm, v: &Value) -> PyResult<Portable> {
    let marshal = serpens_state::import::import_module(vm, "marshal")?;
    match vm.call_one(&vm.getattr_str(&marshal, "dumps")?, v) {
        Ok(bytes) => Ok(crossing::carried(Marshalled(vm.get_buffer(&bytes, false)?.to_vec().into()))),
        Err(e) => Err(crossing::not_shareable_from(vm, "object could not be marshalled", e)),
    }
}

/// A script as code; a pure one uses nothing that its interpreter does not have from the start.
fn script(vm: &Vm, v: &Value, pure: bool) -> PyResult<Portable> {
    let code = match task::script(vm, v) {
        Ok(code) => code,
        Err(e) => return Err(crossing::not_shareable_from(vm, "object not a valid script", e)),
    };
    let impure = match v.downcast::<Function>() {
        _ if !pure => None,
        Some(f) => crossing::stateless(vm, f).err(),
        None if v.is_a::<CodeObj>() && !crossing::needs_builtins_only(vm, &code) => Some("globals not supported"),
        None => None,
    };
    match impure {
        Some(why) => {
            let cause = vm.value_error(why);
            Err(crossing::not_shareable_from(vm, "object not a valid script", cause))
        }
        None => Ok(crossing::carried(CodeItself(code))),
    }
}
