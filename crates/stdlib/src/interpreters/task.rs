//! What runs in another interpreter, and what comes back: portable values, or a snapshot of the exception.
//!
//! Rooms: [`frame`] calls of builtins that look at their caller's frame.
//!
//! Invariant: closures passed to [`run`] hold no Python objects; their results hold none either.

mod frame;

pub use frame::call as invoke;

use crate::signal::relay;
use serpens_bytecode::Code;
use serpens_compiler::Mode;
use serpens_share::Portable;
use serpens_state::crossing::{self, Fallback};
use serpens_state::interpreter::interpreter_of;
use serpens_state::shutdown::flush_streams;
use serpens_state::{Interpreter, blocking, errors, run as source};
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::function::Function;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, PyResult, Raised, Value, Vm};
use std::sync::Arc;

/// Something that went wrong around the call: the class and the message of what the caller raises.
pub(super) struct Failure {
    class: &'static str,
    message: String,
    /// The exception behind it, if it could be sent.
    cause: Option<Portable>,
}

impl Failure {
    pub(super) fn raise(self, vm: &Vm) -> Raised {
        match self.class {
            "NotShareableError" => match self.cause.map(|p| crossing::from_portable(vm, &p)) {
                Some(Ok(cause)) => {
                    let pending = vm.raise(cause);
                    crossing::not_shareable_from(vm, &self.message, pending)
                }
                Some(Err(_)) => {
                    drop(vm.take_raised());
                    crossing::not_shareable(vm, &self.message)
                }
                None => crossing::not_shareable(vm, &self.message),
            },
            class => errors::raise(vm, class, &self.message),
        }
    }
}

/// A snapshot of an exception, in plain text.
#[derive(Clone, Debug)]
pub struct ExcInfo {
    name: String,
    qualname: String,
    module: String,
    message: String,
    formatted: String,
    display: String,
    /// It is what the handler of a signal has raised.
    relayed: bool,
}

impl ExcInfo {
    /// The snapshot of `e`.
    pub fn of(vm: &Vm, e: &Value) -> ExcInfo {
        let ty = vm.type_of(e);
        let message = vm.str_string(e).unwrap_or_else(|_| {
            drop(vm.take_raised());
            "<exception str() failed>".into()
        });
        let full = ty.full_name(vm);
        let module = ty.module_name(vm).unwrap_or_else(|| "builtins".into());
        let qualname =
            vm.getattr(&ty.value(), &vm.names().__qualname__).and_then(|q| vm.str_string(&q)).unwrap_or_else(|_| {
                drop(vm.take_raised());
                ty.name().to_string()
            });
        let shown = if module == "__main__" { qualname.clone() } else { full };
        let display = display(vm, e).unwrap_or_else(|_| {
            drop(vm.take_raised());
            vm.format_exception(e)
        });
        ExcInfo {
            name: ty.name().to_string(),
            qualname,
            module,
            formatted: format!("{shown}: {message}"),
            message,
            display: display.strip_suffix('\n').unwrap_or(&display).to_string(),
            relayed: relay::is_relayed(vm, e),
        }
    }

    /// The traceback as text.
    pub(super) fn display(&self) -> &str {
        &self.display
    }

    /// Whether the handler of a signal has raised it, and it is to be raised in the caller as well.
    pub(super) fn is_relayed(&self) -> bool {
        self.relayed
    }

    /// The exception by which the library tells of it, if it is there.
    pub(super) fn as_failure(&self, vm: &Vm) -> Option<Value> {
        let told = self.to_value(vm).and_then(|told| {
            let library = serpens_state::import::import_module(vm, "concurrent.interpreters")?;
            vm.call_one(&vm.getattr_str(&library, "ExecutionFailed")?, &told)
        });
        told.map_err(|_| drop(vm.take_raised())).ok()
    }

    /// The namespace that `capture_exception` returns.
    pub fn to_value(&self, vm: &Vm) -> PyResult {
        let namespace = |fields: &[(&str, Value)]| {
            let d = vm.new_dict();
            let dict = d.downcast::<Dict>().expect("just made");
            for (name, value) in fields {
                dict.set_name(vm, name, value.clone());
            }
            vm.call_dict(&vm.types().SimpleNamespace.value(), &[], dict)
        };
        let ty = namespace(&[
            ("__name__", vm.str(&self.name)),
            ("__qualname__", vm.str(&self.qualname)),
            ("__module__", vm.str(&self.module)),
        ])?;
        namespace(&[
            ("type", ty),
            ("msg", vm.str(&self.message)),
            ("formatted", vm.str(&self.formatted)),
            ("errdisplay", vm.str(&self.display)),
        ])
    }
}

/// What `traceback` makes of an exception. A program that has not imported it cannot have changed it: then nothing is imported, and the
/// text is the same.
fn display(vm: &Vm, e: &Value) -> PyResult<String> {
    let modules = vm.modules.get_or_none();
    let Some(traceback) = modules.downcast::<Dict>().and_then(|d| d.get_name(vm, "traceback")) else {
        return Ok(vm.format_exception(e));
    };
    let class = vm.getattr_str(&traceback, "TracebackException")?;
    let told = vm.call_one(&vm.getattr_str(&class, "from_exception")?, e)?;
    let lines = vm.call_none(&vm.getattr_str(&told, "format")?)?;
    vm.collect(&lines)?.iter().map(|line| vm.str_string(line)).collect()
}

/// Claims `__main__` of an interpreter until dropped.
struct Claim<'a>(&'a Interpreter);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.release_main();
    }
}

/// Runs `f` in interpreter `i` on this thread, which leaves its own meanwhile. `None` if `i` runs already.
pub(super) fn run<R>(
    vm: &Vm,
    i: &Arc<Interpreter>,
    f: impl FnOnce(&Vm) -> Result<R, Failure>,
) -> Option<Result<R, Failure>> {
    if interpreter_of(vm).is_some_and(|own| own.id() == i.id()) {
        // The main interpreter may run code in itself; another is running by definition.
        return i.is_main().then(|| f(vm));
    }
    if !i.claim_main() {
        return None;
    }
    let _claim = Claim(i);
    Some(enter(vm, i, f))
}

/// As [`run`], without a claim: the interpreter may run already.
pub(super) fn enter<R>(vm: &Vm, i: &Arc<Interpreter>, f: impl FnOnce(&Vm) -> Result<R, Failure>) -> Result<R, Failure> {
    let _focus = relay::focus(i);
    let stack = vm.ts().native_stack();
    blocking(vm, || match i.attach_on(stack) {
        Some(other) => f(&other),
        None => Err(Failure { class: "InterpreterError", message: "interpreter destroyed".into(), cause: None }),
    })
}

/// The code of a script: source, a code object, or a function without parameters. It is compiled in the caller.
pub(super) fn script(vm: &Vm, v: &Value) -> PyResult<Arc<Code>> {
    if let Some(f) = v.downcast::<Function>() {
        if f.closure.is_some() {
            return Err(vm.value_error("closures not supported"));
        }
        let code_value = f.code.get_or_none();
        return checked(vm, &code_value);
    }
    if v.is_a::<CodeObj>() {
        return checked(vm, v);
    }
    let text = if let Some(s) = v.downcast::<Str>() {
        match s.to_str() {
            Some(text) => text.to_string(),
            None => {
                vm.encode(v, Some("utf-8"), None)?;
                return Err(vm.value_error("surrogates in source"));
            }
        }
    } else if vm.type_of(v).slots().buffer.is_some() {
        let bytes = vm.get_buffer(v, false)?.to_vec();
        source::decode(vm, &bytes, "<script>", serpens_compiler::Origin::Bytes)?
    } else {
        return Err(vm.type_error(&format!("unsupported script {}", vm.repr_string(v)?)));
    };
    let code = source::compile(vm, &text, "<script>", Mode::Exec, source::default_options(vm))?;
    match code.downcast::<CodeObj>() {
        Some(c) => Ok(c.code().clone()),
        None => Err(vm.system_error("not a code object")),
    }
}

fn checked(vm: &Vm, v: &Value) -> PyResult<Arc<Code>> {
    let Some(c) = v.downcast::<CodeObj>() else { return Err(vm.type_error("not a code object")) };
    match crossing::check_script(c.code()) {
        Ok(()) => Ok(c.code().clone()),
        Err(why) => Err(vm.value_error(why)),
    }
}

/// Binds names in `__main__`, all or none.
pub(super) fn bind(vm: &Vm, shared: &[(String, Portable)]) -> Result<(), Failure> {
    let outcome = (|| {
        let globals = source::main_dict(vm)?;
        let values =
            shared.iter().map(|(n, p)| Ok((n, crossing::from_portable(vm, p)?))).collect::<PyResult<Vec<_>>>()?;
        if let Some(d) = globals.downcast::<Dict>() {
            for (name, value) in values {
                d.set_name(vm, name, value);
            }
        }
        Ok(())
    })();
    outcome.map_err(|e: Raised| failure(vm, e))
}

/// The pending exception as a failure around a call.
fn failure(vm: &Vm, _: Raised) -> Failure {
    let e = vm.take_raised();
    let message = vm.str_string(&e).unwrap_or_default();
    let cause =
        vm.getattr(&e, &vm.names().__cause__).ok().filter(|c| !c.is_none()).and_then(|c| sent(vm, &c, Fallback::Full));
    Failure { class: "NotShareableError", message, cause }
}

/// An exception as it can be raised elsewhere, if it can be.
fn sent(vm: &Vm, e: &Value, fallback: Fallback) -> Option<Portable> {
    match crossing::to_portable(vm, e, fallback) {
        Ok(p) => Some(p),
        Err(_) => {
            drop(vm.take_raised());
            None
        }
    }
}

fn snapshot(vm: &Vm) -> ExcInfo {
    let e = vm.take_raised();
    ExcInfo::of(vm, &e)
}

/// Runs a script in `__main__`; what it raised, if it did.
pub(super) fn run_script(
    vm: &Vm,
    code: Arc<Code>,
    shared: Vec<(String, Portable)>,
) -> Result<Option<ExcInfo>, Failure> {
    bind(vm, &shared)?;
    let result = (|| {
        let globals = source::main_dict(vm)?;
        let code = vm.new_code(code);
        vm.run_code(&code, &globals, None, None)
    })();
    let outcome = match result {
        Ok(_) => None,
        Err(_) => Some(snapshot(vm)),
    };
    relay::call_ends(vm);
    flush_streams(vm);
    Ok(outcome)
}

/// What a call gave.
pub(super) enum Outcome {
    /// Its result.
    Value(Portable),
    /// What it raised: told, and the exception itself if it was asked for and can be sent.
    Failed(ExcInfo, Option<Portable>),
}

/// Calls a callable with arguments.
pub(super) fn call(
    vm: &Vm,
    callable: &Portable,
    args: &[Portable],
    kwargs: &[(String, Portable)],
    preserve: bool,
) -> Result<Outcome, Failure> {
    let unpack = |what: &str, _: Raised| {
        let e = vm.take_raised();
        Failure {
            class: "NotShareableError",
            message: format!("{what} not shareable"),
            cause: sent(vm, &e, Fallback::Full),
        }
    };
    // Pickles look for `__main__`, which an interpreter has when it is asked for.
    source::main_dict(vm).map_err(|e| failure(vm, e))?;
    let f = crossing::from_portable(vm, callable).map_err(|e| unpack("func", e))?;
    let mut all = args
        .iter()
        .map(|p| crossing::from_portable(vm, p))
        .collect::<PyResult<Vec<_>>>()
        .map_err(|e| unpack("args", e))?;
    let mut names = Vec::new();
    for (name, p) in kwargs {
        names.push(vm.intern(name));
        all.push(crossing::from_portable(vm, p).map_err(|e| unpack("kwargs", e))?);
    }
    let names = (!names.is_empty()).then(|| vm.tuple(names));
    let call = CallArgs::new(&all, names.as_ref());
    let result = invoke(vm, &f, &call);
    let outcome = match result {
        Ok(value) => {
            let fallback = if preserve { Fallback::Value } else { Fallback::Full };
            crossing::to_portable(vm, &value, fallback).map(Outcome::Value).map_err(|e| failure(vm, e))
        }
        Err(_) => {
            let e = vm.take_raised();
            let told = ExcInfo::of(vm, &e);
            Ok(Outcome::Failed(told, if preserve { sent(vm, &e, Fallback::Value) } else { None }))
        }
    };
    relay::call_ends(vm);
    flush_streams(vm);
    outcome
}
