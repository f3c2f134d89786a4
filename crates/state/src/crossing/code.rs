//! Code that crosses: functions without state, scripts.

use super::refusal::not_shareable_from;
use serpens_bytecode::{Code, CodeFlags, Const, Op};
use serpens_share::Portable;
use serpens_share::portable::Opaque;
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::function::Function;
use serpens_vm::{PyResult, Value, Vm};
use std::sync::Arc;

/// Shared code of a function without state.
pub(super) struct Shared {
    pub(super) code: Arc<Code>,
}

/// The portable form of a function that needs nothing but builtins. NotShareableError if it is not one.
pub fn to_shared_code(vm: &Vm, v: &Value) -> PyResult<Portable> {
    match v.downcast::<Function>().map_or(Err("a function is required"), |f| stateless(vm, f)) {
        Ok(code) => Ok(Portable::Code(Opaque::new(Shared { code }))),
        Err(why) => {
            let cause = vm.value_error(why);
            Err(not_shareable_from(vm, "only stateless functions are shareable", cause))
        }
    }
}

/// Whether code looks up no global name that is not a builtin.
pub fn needs_builtins_only(vm: &Vm, code: &Code) -> bool {
    let builtins = vm.builtins.get_or_none();
    let known = |name: &str| builtins.downcast::<Dict>().is_some_and(|d| d.get_name(vm, name).is_some());
    let mut globals = code.instrs.iter().filter(|i| i.op == Op::LoadGlobal);
    globals.all(|i| known(&code.names[code.sites[i.c as usize] as usize]))
}

/// The code of a function that needs nothing but builtins; else why not.
pub fn stateless(vm: &Vm, f: &Function) -> Result<Arc<Code>, &'static str> {
    if f.closure.is_some() {
        return Err("closures not supported");
    }
    if f.defaults.get().is_some_and(|d| !d.is_none()) {
        return Err("defaults not supported");
    }
    if f.kwdefaults.get().is_some_and(|d| !d.is_none()) {
        return Err("keyword defaults not supported");
    }
    let code_value = f.code.get_or_none();
    let Some(code) = code_value.downcast::<CodeObj>().map(|c| c.code().clone()) else {
        return Err("not a function");
    };
    let builtins = (*f.builtins).clone();
    let globals = (*f.globals).clone();
    let known = |name: &str, d: &Value| d.downcast::<Dict>().is_some_and(|d| d.get_name(vm, name).is_some());
    for i in &code.instrs {
        if i.op == Op::LoadGlobal {
            let name = &code.names[code.sites[i.c as usize] as usize];
            if known(name, &globals) || !known(name, &builtins) {
                return Err("globals not supported");
            }
        }
    }
    Ok(code)
}

/// Whether a code object may be run as a script: no parameters, nothing free, nothing returned.
pub fn check_script(code: &Code) -> Result<(), &'static str> {
    if !code.freevars.is_empty() {
        return Err("closures not supported");
    }
    if code.n_params() > 0 {
        return Err("code with args not supported");
    }
    if code.flags.intersects(CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR) {
        return Err("code that returns a value is not a script");
    }
    let returns_value = code.instrs.iter().enumerate().any(|(pc, i)| {
        i.op == Op::Return
            && !(pc > 0 && {
                let before = &code.instrs[pc - 1];
                before.a == i.a
                    && (before.op == Op::LoadNone
                        || before.op == Op::LoadConst
                            && matches!(code.consts.get(before.b as usize), Some(Const::None)))
            })
    });
    if returns_value { Err("code that returns a value is not a script") } else { Ok(()) }
}
