//! `_interpreters`, `_interpqueues`, `_interpchannels`: the native side of `concurrent.interpreters`.
//!
//! Rooms: this file has the functions of `_interpreters`; [`config`] configurations; [`task`] what runs in another
//! interpreter and what comes back; [`control`] counters, stacks and what stops a call; [`queues`] and [`channels`] the other two
//! modules; [`share`] what interpreters share beyond CPython; [`internals`] what tests ask for.

pub mod channels;
mod config;
mod control;
mod internals;
pub mod queues;
pub mod share;
pub mod task;

use crate::signal::relay;
use serpens_state::crossing::{self, Fallback};
use serpens_state::interpreter::{home, interpreter_of, runtime_of};
use serpens_state::runtime::Whence;
use serpens_state::{Interpreter, NativeModule, blocking, errors, events};
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::function::Function;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Raised, Value, Vm};
use std::sync::Arc;

/// The modules about interpreters.
pub const MODULES: &[&NativeModule] =
    &[&MODULE, &channels::MODULE, &control::MODULE, &queues::MODULE, &share::MODULE, &internals::MODULE];

/// `_interpreters`.
pub static MODULE: NativeModule = NativeModule::new("_interpreters")
    .doc("This module provides primitive operations to manage Python interpreters.\nThe 'interpreters' module provides a more convenient interface.")
    .types(&[&serpens_state::shared_view::TYPE])
    .functions(&[
        MethodDef::raw("new_config", "(name='isolated', /, **overrides)", config::new_config),
        MethodDef::new("create", "(config=None, *, reqrefs=False)", create),
        MethodDef::new("destroy", "(id, *, restrict=False)", destroy),
        MethodDef::new("list_all", "(*, require_ready=False)", list_all),
        MethodDef::new("get_current", "()", |vm, _| {
            let i = current(vm)?;
            Ok(id_whence(vm, &i))
        }),
        MethodDef::new("get_main", "()", |vm, _| {
            Ok(vm.tuple(vec![Value::int_unchecked(0), Value::int_unchecked(Whence::Runtime as i64)]))
        }),
        MethodDef::new("is_running", "(id, *, restrict=False)", |vm, a| {
            let i = find(vm, a.get(0), "check if", restrict(vm, a, 1)?)?;
            Ok(Value::bool(i.is_running()))
        }),
        MethodDef::new("get_config", "(id, *, restrict=False)", |vm, a| {
            let i = find(vm, a.get(0), "get the config of", restrict(vm, a, 1)?)?;
            config::describe(vm, i.config())
        }),
        MethodDef::new("whence", "(id)", |vm, a| {
            let i = find(vm, a.get(0), "", false)?;
            Ok(Value::int_unchecked(i.whence() as i64))
        }),
        MethodDef::new("exec", "(id, code, shared={}, *, restrict=False)", |vm, a| exec_as(vm, a, "exec")),
        MethodDef::new("run_string", "(id, script, shared={}, *, restrict=False)", |vm, a| {
            if !a.get(1).is_a::<Str>() {
                let kind = vm.type_of(a.get(1)).name();
                return Err(vm.type_error(&format!("_interpreters.run_string() argument 2 must be str, not {kind}")));
            }
            exec_as(vm, a, "run_string")
        }),
        MethodDef::new("run_func", "(id, func, shared={}, *, restrict=False)", |vm, a| {
            if !a.get(1).is_a::<Function>() && !a.get(1).is_a::<CodeObj>() {
                let kind = vm.type_of(a.get(1)).name();
                let message = format!("_interpreters.run_func() argument 2 must be a function, not {kind}");
                return Err(vm.type_error(&message));
            }
            exec_as(vm, a, "run_func")
        }),
        MethodDef::new("call", "(id, callable, args=(), kwargs={}, *, preserve_exc=False, restrict=False)", call),
        MethodDef::new("set___main___attrs", "(id, updates, *, restrict=False)", set_main_attrs),
        MethodDef::new("is_shareable", "(obj)", |vm, a| crossing::is_shareable(vm, a.get(0)).map(Value::bool)),
        MethodDef::new("incref", "(id, *, implieslink=False, restrict=False)", |vm, a| {
            let i = find(vm, a.get(0), "incref", restrict(vm, a, 2)?)?;
            if a.opt(1).map_or(Ok(false), |v| vm.truthy(v))? {
                i.set_linked(true);
            }
            i.incref();
            Ok(Value::NONE)
        }),
        MethodDef::new("decref", "(id, *, restrict=False)", decref),
        MethodDef::new("capture_exception", "(exc=None)", |vm, a| {
            let e = match a.some(0) {
                Some(e) if vm.type_of(e).is_subtype(vm.types().BaseException) => e.clone(),
                Some(other) => {
                    return Err(vm.type_error(&format!("expected exception, got {}", vm.repr_string(other)?)));
                }
                None => match vm.ts().handled() {
                    Some(e) => e,
                    None => return Ok(Value::NONE),
                },
            };
            task::ExcInfo::of(vm, &e).to_value(vm)
        }),
    ])
    .init(|vm, d| {
        for (i, name) in ["UNKNOWN", "RUNTIME", "LEGACY_CAPI", "CAPI", "XI", "STDLIB"].iter().enumerate() {
            d.set_name(vm, &format!("WHENCE_{name}"), Value::from_usize(i));
        }
        for name in ["InterpreterError", "InterpreterNotFoundError", "NotShareableError"] {
            d.set_name(vm, name, errors::class(vm, name)?);
        }
        Ok(())
    });

/// The interpreter that runs.
pub(crate) fn current(vm: &Vm) -> PyResult<Arc<Interpreter>> {
    interpreter_of(vm).ok_or_else(|| vm.runtime_error("no current interpreter"))
}

/// Counts an object that this interpreter has put into a channel or queue.
#[inline]
fn count_sent(vm: &Vm, through: &'static str, id: u64) {
    if let Some(i) = home(vm) {
        i.counters().sent();
        events::sent(i, through, id);
    }
}

/// Counts an object that it has taken out of one.
#[inline]
fn count_received(vm: &Vm, through: &'static str, id: u64) {
    if let Some(i) = home(vm) {
        i.counters().received();
        events::received(i, through, id);
    }
}

fn id_whence(vm: &Vm, i: &Interpreter) -> Value {
    vm.tuple(vec![vm.int(i.id()), Value::int_unchecked(i.whence() as i64)])
}

fn restrict(vm: &Vm, a: Args<'_>, index: usize) -> PyResult<bool> {
    a.opt(index).map_or(Ok(false), |v| vm.truthy(v))
}

/// What may be done with objects that do not cross by themselves, by its number: 0 refuses them, 1 sends pickles and code; a negative number
/// is the default.
fn fallback_number(vm: &Vm, given: Option<&Value>, default: i32) -> PyResult<i32> {
    match given.map_or(Ok(-1), |n| vm.index_i64(n))? {
        n if n < 0 => Ok(default),
        0 => Ok(0),
        1 => Ok(1),
        n => Err(vm.value_error(&format!("unsupported fallback {n}"))),
    }
}

/// See [`fallback_number`].
fn fallback(vm: &Vm, given: Option<&Value>, default: i32) -> PyResult<Fallback> {
    Ok(if fallback_number(vm, given, default)? == 0 { Fallback::None } else { Fallback::Full })
}

/// The error of an index that does not fit, as C's conversion to `Py_ssize_t` words it. Others pass.
fn too_large(vm: &Vm, e: Raised) -> PyResult<i64> {
    if vm.pending_is(vm.types().IndexError) {
        drop(vm.take_raised());
        return Err(vm.overflow_error("Python int too large to convert to C ssize_t"));
    }
    Err(e)
}

/// An id that a program gave.
fn id_number(vm: &Vm, id: &Value) -> PyResult<i64> {
    match vm.index_i64(id) {
        Err(_) if vm.pending_is(vm.types().IndexError) => {
            drop(vm.take_raised());
            Err(vm.overflow_error("int too big to convert"))
        }
        n => n,
    }
}

/// The interpreter with the id that a program gave. `action` words the error of interpreters not made by this module.
fn find(vm: &Vm, id: &Value, action: &str, restrict: bool) -> PyResult<Arc<Interpreter>> {
    let number = if vm.is_int(id) || id.as_bool().is_some() {
        id_number(vm, id)?
    } else {
        return Err(vm.type_error(&format!("interpreter ID must be an int, got {}", vm.type_of(id).name())));
    };
    if number < 0 {
        return Err(vm.value_error(&format!("interpreter ID must be a non-negative int, got {}", vm.repr_string(id)?)));
    }
    let Some(found) = runtime_of(vm).and_then(|r| r.get(number)) else {
        return Err(errors::raise(vm, "InterpreterNotFoundError", &format!("unrecognized interpreter ID {number}")));
    };
    if restrict && found.whence() != Whence::Stdlib {
        return Err(errors::raise(
            vm,
            "InterpreterError",
            &format!("cannot {action} unrecognized interpreter {number}"),
        ));
    }
    Ok(found)
}

fn create(vm: &Vm, a: Args<'_>) -> PyResult {
    let config = config::parse(vm, a.some(0))?;
    let Some(runtime) = runtime_of(vm) else { return Err(vm.runtime_error("no runtime")) };
    let linked = a.opt(1).map_or(Ok(false), |v| vm.truthy(v))?;
    // It takes no longer than to leave the own interpreter and come back, but for this.
    let made = match runtime.is_preparation_due() {
        true => blocking(vm, || runtime.create(config, Whence::Stdlib)),
        false => runtime.create(config, Whence::Stdlib),
    };
    made.set_linked(linked);
    Ok(vm.int(made.id()))
}

/// Closes an interpreter from outside of it. What the handler of a signal has raised meanwhile is raised when it is closed.
fn close(vm: &Vm, i: &Arc<Interpreter>) -> PyResult {
    let stack = vm.ts().native_stack();
    {
        let _focus = relay::focus(i);
        blocking(vm, || i.close_on(stack));
    }
    forget(vm, i.id());
    relay::settle(vm, relay::is_owed(vm), || None)?;
    Ok(Value::NONE)
}

/// What an interpreter that is gone has left in queues and channels goes as their settings say.
fn forget(vm: &Vm, id: i64) {
    share::abandon(vm, id);
    let id = id as u64;
    if let Ok(queues) = crossing::registry::<serpens_share::cross::Registry<serpens_share::cross::Queue>>(vm) {
        queues.clear_interpreter(id);
    }
    if let Ok(channels) = crossing::registry::<serpens_share::cross::Registry<serpens_share::cross::Channel>>(vm) {
        channels.clear_interpreter(id);
    }
}

fn destroy(vm: &Vm, a: Args<'_>) -> PyResult {
    let i = find(vm, a.get(0), "destroy", restrict(vm, a, 1)?)?;
    if i.id() == current(vm)?.id() {
        return Err(errors::raise(vm, "InterpreterError", "cannot destroy the current interpreter"));
    }
    if i.is_main() {
        return Err(errors::raise(vm, "InterpreterError", "cannot destroy the main interpreter"));
    }
    if i.is_running() {
        return Err(errors::raise(vm, "InterpreterError", "interpreter running"));
    }
    close(vm, &i)
}

fn decref(vm: &Vm, a: Args<'_>) -> PyResult {
    let i = find(vm, a.get(0), "decref", restrict(vm, a, 1)?)?;
    if i.decref() <= 0 && i.is_linked() && !i.is_main() && i.id() != current(vm)?.id() && !i.is_running() {
        return close(vm, &i);
    }
    Ok(Value::NONE)
}

fn list_all(vm: &Vm, _: Args<'_>) -> PyResult {
    // An interpreter that only garbage refers to is not listed if a collection is due.
    vm.maybe_collect();
    let all = runtime_of(vm).map(|r| r.list()).unwrap_or_default();
    Ok(vm.list(all.iter().map(|i| id_whence(vm, i)).collect()))
}

/// Values for the other side's `__main__`: names and portable forms.
fn shared_values(vm: &Vm, shared: Option<&Value>, what: &str) -> PyResult<Vec<(String, serpens_share::Portable)>> {
    let Some(shared) = shared else { return Ok(Vec::new()) };
    let Some(d) = shared.downcast::<Dict>() else {
        let kind = if shared.is_none() { "None" } else { vm.type_of(shared).name() };
        return Err(vm.type_error(&format!("{what} must be dict, not {kind}")));
    };
    let mut out = Vec::with_capacity(d.len());
    for (k, v) in d.items() {
        let Some(name) = k.downcast::<Str>() else {
            return Err(vm.type_error("bad argument type for built-in operation"));
        };
        if name.as_bytes().contains(&0) {
            return Err(vm.value_error("embedded null character"));
        }
        if name.to_str().is_none() {
            vm.encode(&k, Some("utf-8"), None)?;
        }
        out.push((name.to_string(), crossing::to_portable(vm, &v, Fallback::None)?));
    }
    Ok(out)
}

fn busy(vm: &Vm) -> Raised {
    errors::raise(vm, "InterpreterError", "interpreter already running")
}

/// Raises what the handler of a signal has raised meanwhile, if that has ended what ran in the other interpreter.
fn go_on(vm: &Vm, told: Option<&task::ExcInfo>) -> PyResult<()> {
    relay::settle(vm, told.is_some_and(task::ExcInfo::is_relayed), || told?.as_failure(vm))
}

fn exec_as(vm: &Vm, a: Args<'_>, function: &str) -> PyResult {
    let i = find(vm, a.get(0), "exec code for", restrict(vm, a, 3)?)?;
    let shared = shared_values(vm, a.opt(2), &format!("_interpreters.{function}() argument 3"))?;
    let code = task::script(vm, a.get(1))?;
    match task::run(vm, &i, move |other| task::run_script(other, code, shared)) {
        Some(Ok(told)) => {
            go_on(vm, told.as_ref())?;
            told.map_or(Ok(Value::NONE), |told| told.to_value(vm))
        }
        Some(Err(failure)) => Err(failure.raise(vm)),
        None => Err(busy(vm)),
    }
}

fn set_main_attrs(vm: &Vm, a: Args<'_>) -> PyResult {
    let i = find(vm, a.get(0), "update __main__ for", restrict(vm, a, 2)?)?;
    let shared = shared_values(vm, Some(a.get(1)), "_interpreters.set___main___attrs() argument 2")?;
    if shared.is_empty() {
        return Err(vm.value_error("arg 2 must be a non-empty dict"));
    }
    match task::run(vm, &i, move |other| task::bind(other, &shared)) {
        Some(Ok(())) => Ok(Value::NONE),
        Some(Err(failure)) => Err(failure.raise(vm)),
        None => Err(busy(vm)),
    }
}

fn call(vm: &Vm, a: Args<'_>) -> PyResult {
    let i = find(vm, a.get(0), "make a call in", restrict(vm, a, 5)?)?;
    if !vm.is_callable(a.get(1)) {
        return Err(vm.type_error(&format!("expected a callable, got {}", vm.repr_string(a.get(1))?)));
    }
    // The module `interpreters` asks for exceptions, and sends more than CPython does.
    let preserve = a.opt(4).map_or(Ok(false), |v| vm.truthy(v))?;
    let fallback = if preserve { Fallback::Value } else { Fallback::Full };
    let callable = crossing::to_portable(vm, a.get(1), fallback).map_err(|e| {
        if preserve || !a.get(1).is_a::<Function>() {
            return e;
        }
        drop(vm.take_raised());
        crossing::to_shared_code(vm, a.get(1)).err().unwrap_or(e)
    })?;
    if let Some(args) = a.some(2).filter(|args| !args.is_a::<Tuple>()) {
        let kind = vm.type_of(args).name();
        return Err(vm.type_error(&format!("_interpreters.call() argument 3 must be tuple, not {kind}")));
    }
    if let Some(kwargs) = a.some(3).filter(|kwargs| !kwargs.is_a::<Dict>()) {
        let kind = vm.type_of(kwargs).name();
        return Err(vm.type_error(&format!("_interpreters.call() argument 4 must be dict, not {kind}")));
    }
    let mut args = Vec::new();
    if let Some(given) = a.some(2) {
        for v in given.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice) {
            args.push(crossing::to_portable(vm, v, fallback).map_err(|e| crossing::unsupported_because(vm, given, e))?);
        }
    }
    let mut kwargs = Vec::new();
    if let Some(given) = a.some(3)
        && let Some(d) = given.downcast::<Dict>()
    {
        for (k, v) in d.items() {
            let sent =
                crossing::to_portable(vm, &v, fallback).map_err(|e| crossing::unsupported_because(vm, given, e))?;
            kwargs.push((vm.str_string(&k)?, sent));
        }
    }
    match task::run(vm, &i, move |other| task::call(other, &callable, &args, &kwargs, preserve)) {
        Some(Ok(task::Outcome::Value(p))) => {
            go_on(vm, None)?;
            Ok(vm.tuple(vec![crossing::from_portable(vm, &p)?, Value::NONE]))
        }
        Some(Ok(task::Outcome::Failed(excinfo, exception))) => {
            go_on(vm, Some(&excinfo))?;
            let told = excinfo.to_value(vm)?;
            if let Some(p) = exception {
                match crossing::from_portable(vm, &p) {
                    Ok(e) => vm.setattr(&told, &vm.intern("exception"), Some(&e))?,
                    Err(_) => drop(vm.take_raised()),
                }
            }
            Ok(vm.tuple(vec![Value::NONE, told]))
        }
        Some(Err(failure)) => Err(failure.raise(vm)),
        None => Err(busy(vm)),
    }
}
