//! What crosses with a call: the callable, which is sent once; and its outcome.
//!
//! A function or class that is submitted again is neither converted nor sent again: both sides keep it by a number. Other
//! callables may have state of their own, and are sent each time.

use crate::handle::TaskError;
use serpens_share::Portable;
use serpens_state::api::Python;
use serpens_state::crossing::{self, Fallback};
use serpens_state::import::import_module;
use serpens_stdlib::interpreters::task::{self, ExcInfo};
use serpens_vm::types::builtin::Builtin;
use serpens_vm::types::function::Function;
use serpens_vm::types::module::Module;
use serpens_vm::{CallArgs, PyResult, Raised, TypeObj, Value, Vm};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// Callables that one side keeps at most; then it starts over.
const KEPT: usize = 256;

/// A callable that was sent. Its address is its number.
pub(super) struct Callable {
    portable: Portable,
}

impl Callable {
    pub(super) fn new(portable: Portable) -> Arc<Callable> {
        Arc::new(Callable { portable })
    }

    /// The callable in the interpreter of `vm`, which keeps it.
    pub(super) fn value(self: &Arc<Callable>, vm: &Vm) -> PyResult {
        let received = vm.local(|_| Received::default());
        let key = Arc::as_ptr(self) as usize;
        if let Some((alive, value)) = received.0.borrow().get(&key)
            && std::ptr::eq(alive.as_ptr(), Arc::as_ptr(self))
        {
            return Ok(value.clone());
        }
        let value = crossing::from_portable(vm, &self.portable)?;
        let mut table = received.0.borrow_mut();
        let old = if table.len() >= KEPT { std::mem::take(&mut *table) } else { HashMap::new() };
        table.insert(key, (Arc::downgrade(self), value.clone()));
        drop(table);
        drop(old);
        Ok(value)
    }
}

/// What an interpreter has received. The weak reference keeps the address from being used again.
#[derive(Default)]
struct Received(RefCell<HashMap<usize, (Weak<Callable>, Value)>>);

serpens_vm::local!(Received: fresh);

/// What a pool object has sent: by the callable's word, the callable (so that the word stays its own), what its code was,
/// and what was sent.
#[derive(Default)]
pub(super) struct Callables(RefCell<HashMap<u64, Sent>>);

struct Sent {
    /// Keeps the callable, and so its word.
    _value: Value,
    code: u64,
    callable: Arc<Callable>,
}

impl Callables {
    /// What stands for `function` in other interpreters.
    pub(super) fn get(&self, vm: &Vm, function: &Value) -> PyResult<Arc<Callable>> {
        let Some(code) = constant_code(function) else {
            return Ok(Callable::new(sendable(vm, function)?));
        };
        if let Some(sent) = self.0.borrow().get(&function.bits())
            && sent.code == code
        {
            return Ok(sent.callable.clone());
        }
        let callable = Callable::new(sendable(vm, function)?);
        let sent = Sent { _value: function.clone(), code, callable: callable.clone() };
        let mut table = self.0.borrow_mut();
        let old = if table.len() >= KEPT { std::mem::take(&mut *table) } else { HashMap::new() };
        let replaced = table.insert(function.bits(), sent);
        drop(table);
        drop((old, replaced));
        Ok(callable)
    }
}

fn sendable(vm: &Vm, function: &Value) -> PyResult<Portable> {
    if !vm.is_callable(function) {
        return Err(vm.type_error(&format!("expected a callable, got {}", vm.repr_string(function)?)));
    }
    crossing::to_portable(vm, function, Fallback::Full)
}

/// For functions and classes, which cross by name or as code: what tells a changed one. `None` for anything else.
fn constant_code(function: &Value) -> Option<u64> {
    if let Some(f) = function.downcast::<Function>() {
        return Some(f.code.bits());
    }
    if let Some(b) = function.downcast::<Builtin>() {
        return b.self_value.as_ref().is_none_or(|v| v.is_a::<Module>()).then_some(0);
    }
    TypeObj::from_value(function).map(|_| 0)
}

/// How a call ended.
pub(super) enum Outcome {
    Value(Portable),
    Raised(Box<RaisedThere>),
    Failed(TaskError),
}

/// An exception: pickled if that was possible, and in plain text.
pub(super) struct RaisedThere {
    exception: Option<Portable>,
    info: ExcInfo,
}

/// Calls in the interpreter of `py`.
pub(super) fn call(
    py: Python<'_>,
    callable: &Arc<Callable>,
    args: &[Portable],
    named: &[(Box<str>, Portable)],
) -> Outcome {
    let vm = py.vm();
    let result = invoke(vm, callable, args, named).and_then(|value| match crossing::native(vm, &value)? {
        Some(portable) => Ok(portable),
        None => crossing::to_portable(vm, &value, Fallback::Full),
    });
    match result {
        Ok(portable) => Outcome::Value(portable),
        Err(raised) => raised_there(vm, raised),
    }
}

fn invoke(vm: &Vm, callable: &Arc<Callable>, args: &[Portable], named: &[(Box<str>, Portable)]) -> PyResult {
    let f = callable.value(vm)?;
    if let ([one], []) = (args, named) {
        return task::invoke(vm, &f, &CallArgs::positional(&[crossing::from_portable(vm, one)?]));
    }
    let named_values = named.iter().map(|(_, p)| p);
    let all = args.iter().chain(named_values).map(|p| crossing::from_portable(vm, p)).collect::<PyResult<Vec<_>>>()?;
    let names = (!named.is_empty()).then(|| vm.tuple(named.iter().map(|(name, _)| vm.intern(name)).collect()));
    task::invoke(vm, &f, &CallArgs::new(&all, names.as_ref()))
}

#[cold]
fn raised_there(vm: &Vm, _: Raised) -> Outcome {
    let e = vm.take_raised();
    let info = ExcInfo::of(vm, &e);
    let exception = match crossing::to_portable(vm, &e, Fallback::Full) {
        Ok(portable) => Some(portable),
        Err(_) => {
            drop(vm.take_raised());
            None
        }
    };
    Outcome::Raised(Box::new(RaisedThere { exception, info }))
}

impl Outcome {
    /// The value, or the exception raised here.
    pub(super) fn value(&self, vm: &Vm) -> PyResult {
        match self {
            Outcome::Value(portable) => crossing::from_portable(vm, portable),
            Outcome::Raised(raised) => {
                let e = exception_here(vm, raised)?;
                Err(vm.reraise(e))
            }
            Outcome::Failed(error) => Err(raise_failure(vm, error)),
        }
    }

    /// The exception as a value, if there is one.
    pub(super) fn exception(&self, vm: &Vm) -> PyResult<Option<Value>> {
        match self {
            Outcome::Value(_) => Ok(None),
            Outcome::Raised(raised) => exception_here(vm, raised).map(Some),
            Outcome::Failed(error) => {
                let _raised = raise_failure(vm, error);
                Ok(Some(vm.take_raised()))
            }
        }
    }

    pub(super) fn is_cancelled(&self) -> bool {
        matches!(self, Outcome::Failed(TaskError::Cancelled))
    }
}

/// The exception in this interpreter, with an `ExecutionFailed` that has the other side's traceback as its cause; or that
/// `ExecutionFailed` itself if the exception did not cross.
fn exception_here(vm: &Vm, raised: &RaisedThere) -> PyResult {
    let interpreters = import_module(vm, "concurrent.interpreters")?;
    let class = vm.getattr_str(&interpreters, "ExecutionFailed")?;
    let failed = vm.call_one(&class, &raised.info.to_value(vm)?)?;
    let Some(portable) = &raised.exception else { return Ok(failed) };
    match crossing::from_portable(vm, portable) {
        Ok(e) => {
            vm.setattr(&e, &vm.names().__cause__, Some(&failed))?;
            Ok(e)
        }
        Err(_) => {
            drop(vm.take_raised());
            Ok(failed)
        }
    }
}

fn raise_failure(vm: &Vm, error: &TaskError) -> Raised {
    let text = error.to_string();
    let class = match error {
        TaskError::Cancelled => Some("CancelledError"),
        TaskError::Broken(_) => Some("BrokenExecutor"),
        TaskError::TimedOut => return vm.raise_text(vm.types().TimeoutError, &text),
        _ => None,
    };
    let Some(name) = class else { return vm.runtime_error(&text) };
    let made = import_module(vm, "concurrent.futures")
        .and_then(|m| vm.getattr_str(&m, name))
        .and_then(|class| vm.call_one(&class, &vm.str(&text)));
    match made {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}
