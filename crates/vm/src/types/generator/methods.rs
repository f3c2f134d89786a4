//! `send`, `throw`, `close` and the attributes of generators and coroutines; the wrapper that `__await__` returns.

use super::{Generator, State, just_started};
use crate::error::{PyResult, Raised};
use crate::eval::ops::special::stop_value;
use crate::eval::resume::{self, Outcome};
use crate::native::{Args, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::exception::Exception;
use crate::types::slots::Slots;
use crate::types::traceback::Traceback;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::CodeFlags;

const FLAGS: u32 = tflag::HAS_WEAKREF | tflag::NO_NEW | tflag::FINALIZER;

/// The type `generator`.
pub static GENERATOR: TypeDef = TypeDef::new::<Generator>("generator")
    .gc()
    .flags(FLAGS)
    .slots(Slots {
        del: Some(finalize),
        repr: Some(repr),
        iter: Some(|_, v| Ok(v.clone())),
        iternext: Some(iternext),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("send", "($self, value, /)", send)
            .doc("send(value) -> send 'value' into generator,\nreturn next yielded value or raise StopIteration."),
        MethodDef::new("throw", "($self, type, value=None, traceback=None, /)", throw),
        MethodDef::new("close", "($self, /)", close).doc("close() -> raise GeneratorExit inside generator."),
        MethodDef::new("__class_getitem__", "($type, object, /)", class_getitem).class(),
    ])
    .getset(&[
        GetSetDef::rw("__name__", |vm, v| Ok(name(vm, this(v))), set_name),
        GetSetDef::rw("__qualname__", |vm, v| Ok(qualname(vm, this(v))), set_qualname),
        GetSetDef::new("gi_frame", |vm, v| Ok(this(v).frame(vm).unwrap_or(Value::NONE))),
        GetSetDef::new("gi_code", |_, v| Ok(Value::of(this(v).code_obj()))),
        GetSetDef::new("gi_running", |_, v| Ok(Value::bool(this(v).state.get() == State::Running))),
        GetSetDef::new("gi_suspended", |_, v| Ok(Value::bool(this(v).state.get() == State::Suspended))),
        GetSetDef::new("gi_yieldfrom", |_, v| Ok(this(v).delegate().unwrap_or(Value::NONE))),
    ]);

/// The type `coroutine`.
pub static COROUTINE: TypeDef = TypeDef::new::<Generator>("coroutine")
    .gc()
    .flags(FLAGS)
    .slots(Slots { del: Some(finalize), repr: Some(repr), await_: Some(coroutine_await), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("send", "($self, value, /)", send),
        MethodDef::new("throw", "($self, type, value=None, traceback=None, /)", throw),
        MethodDef::new("close", "($self, /)", close).doc("close() -> raise GeneratorExit inside coroutine."),
        MethodDef::new("__class_getitem__", "($type, object, /)", class_getitem).class(),
    ])
    .getset(&[
        GetSetDef::rw("__name__", |vm, v| Ok(name(vm, this(v))), set_name),
        GetSetDef::rw("__qualname__", |vm, v| Ok(qualname(vm, this(v))), set_qualname),
        GetSetDef::new("cr_frame", |vm, v| Ok(this(v).frame(vm).unwrap_or(Value::NONE))),
        GetSetDef::new("cr_code", |_, v| Ok(Value::of(this(v).code_obj()))),
        GetSetDef::new("cr_running", |_, v| Ok(Value::bool(this(v).state.get() == State::Running))),
        GetSetDef::new("cr_suspended", |_, v| Ok(Value::bool(this(v).state.get() == State::Suspended))),
        GetSetDef::new("cr_await", |_, v| Ok(this(v).delegate().unwrap_or(Value::NONE))),
        GetSetDef::new("cr_origin", |_, v| Ok(this(v).origin.get_or_none())),
    ]);

/// What `coroutine.__await__()` returns.
pub struct CoroutineWrapper {
    coroutine: Value,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for CoroutineWrapper {
    const KIND: Kind = Kind::Native;

    fn matches(header: &crate::object::Header) -> bool {
        header.kind() == Kind::Native && header.ty().native_id == Some(std::any::TypeId::of::<CoroutineWrapper>())
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.coroutine);
    }
}

/// The type `coroutine_wrapper`.
pub static COROUTINE_WRAPPER: TypeDef = TypeDef::new::<CoroutineWrapper>("coroutine_wrapper")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots { iter: Some(|_, v| Ok(v.clone())), iternext: Some(|vm, v| iternext(vm, &inner(v))), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("send", "($self, value, /)", |vm, a| send_value(vm, &inner(a.get(0)), a.get(1).clone())),
        MethodDef::new("throw", "($self, type, value=None, traceback=None, /)", |vm, a| {
            let e = thrown(vm, a.get(1), a.some(2), a.some(3))?;
            throw_value(vm, &inner(a.get(0)), e)
        }),
        MethodDef::new("close", "($self, /)", |vm, a| close_value(vm, &inner(a.get(0)))),
    ]);

fn inner(v: &Value) -> Value {
    v.downcast::<CoroutineWrapper>().map_or(Value::NONE, |w| w.coroutine.clone())
}

fn coroutine_await(vm: &Vm, v: &Value) -> PyResult {
    Ok(vm.alloc(vm.types().coroutine_wrapper, CoroutineWrapper { coroutine: v.clone() }))
}

pub(super) fn this(v: &Value) -> &Generator {
    v.downcast::<Generator>().expect("the descriptor has checked the receiver")
}

pub(super) fn name(vm: &Vm, g: &Generator) -> Value {
    g.name.get().unwrap_or_else(|| g.function().name_value(vm))
}

pub(super) fn qualname(vm: &Vm, g: &Generator) -> Value {
    g.qualname.get().unwrap_or_else(|| g.function().qualname_value(vm))
}

pub(super) fn set_name(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value.filter(|n| n.is_a::<crate::types::str::Str>()) {
        Some(n) => {
            this(v).name.set(n.clone());
            Ok(())
        }
        None => Err(vm.type_error("__name__ must be set to a string object")),
    }
}

pub(super) fn set_qualname(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value.filter(|n| n.is_a::<crate::types::str::Str>()) {
        Some(n) => {
            this(v).qualname.set(n.clone());
            Ok(())
        }
        None => Err(vm.type_error("__qualname__ must be set to a string object")),
    }
}

pub(super) fn repr(vm: &Vm, v: &Value) -> PyResult {
    let g = this(v);
    let noun = if g.is_async() { "async_generator" } else { g.noun() };
    let name = vm.str_string(&qualname(vm, g))?;
    Ok(vm.str(&format!("<{noun} object {name} at {:#x}>", v.bits())))
}

fn class_getitem(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.generic_alias(a.get(0), a.get(1))
}

/// Sends a value in; the outcome is what it yielded or returned.
pub(crate) fn resume_with(vm: &Vm, v: &Value, sent: Value) -> PyResult<Outcome> {
    let g = this(v);
    match g.state.get() {
        State::Running => Err(resume::already_executing(vm, g)),
        State::Closed if g.is_coroutine() => Err(vm.runtime_error("cannot reuse already awaited coroutine")),
        State::Closed => Ok(Outcome::Returned(Value::NONE)),
        State::Created if !sent.is_none() => Err(just_started(vm, g)),
        _ => resume::send(vm, g, sent),
    }
}

/// The slot: the value returned is kept for [`Vm::exhausted`].
pub(crate) fn iternext(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    match resume_with(vm, v, Value::NONE)? {
        Outcome::Yielded(v) => Ok(Some(v)),
        Outcome::Returned(result) => {
            this(v).result.put(Some(result).filter(|r| !r.is_none()));
            Ok(None)
        }
    }
}

impl Vm {
    /// The StopIteration of an iterator whose slot has just said that it is exhausted, with what a generator returned.
    #[cold]
    pub fn exhausted(&self, it: &Value) -> Raised {
        let result = match it.downcast::<CoroutineWrapper>() {
            Some(w) => this(&w.coroutine).result.take(),
            None => it.downcast::<Generator>().and_then(|g| g.result.take()),
        };
        self.stop_iteration(result.unwrap_or(Value::NONE))
    }

    /// `it.__next__()`: the StopIteration at the end is an exception, with its value.
    pub fn next_or_raise(&self, it: &Value) -> PyResult {
        let ty = self.type_of(it);
        if ty.is_heap()
            && let Some(method) = self.lookup_special(it, &self.names().__next__)?
        {
            return method.call(self, it, &[]);
        }
        match ty.slots().iternext {
            Some(f) => match f(self, it)? {
                Some(v) => Ok(v),
                None => Err(self.exhausted(it)),
            },
            None => Err(self.type_error(&format!("'{}' object is not an iterator", ty.name()))),
        }
    }
}

/// Raises StopIteration with that value, even if it is a tuple or an exception.
#[cold]
fn stop(vm: &Vm, v: Value) -> Raised {
    vm.stop_iteration(v)
}

fn finish(vm: &Vm, outcome: Outcome) -> PyResult {
    match outcome {
        Outcome::Yielded(v) => Ok(v),
        Outcome::Returned(v) => Err(stop(vm, v)),
    }
}

fn send(vm: &Vm, a: Args<'_>) -> PyResult {
    send_value(vm, a.get(0), a.get(1).clone())
}

fn send_value(vm: &Vm, v: &Value, sent: Value) -> PyResult {
    let outcome = resume_with(vm, v, sent)?;
    finish(vm, outcome)
}

/// The exception that the arguments of `throw` stand for.
pub(crate) fn thrown(vm: &Vm, ty: &Value, value: Option<&Value>, tb: Option<&Value>) -> PyResult {
    if let Some(tb) = tb
        && !tb.is_a::<Traceback>()
    {
        return Err(vm.type_error("throw() third argument must be a traceback object"));
    }
    let exc = if ty.is_a::<Exception>() {
        if value.is_some() {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        ty.clone()
    } else if TypeObj::from_value(ty).is_some_and(|t| t.has(tflag::EXCEPTION)) {
        match value {
            Some(v) if v.is_a::<Exception>() && vm.is_instance(v, ty)? => v.clone(),
            Some(v) if v.is_a::<crate::types::tuple::Tuple>() => {
                vm.call_pos(ty, v.downcast::<crate::types::tuple::Tuple>().map_or(&[], |t| t.as_slice()))?
            }
            Some(v) => vm.call_pos(ty, std::slice::from_ref(v))?,
            None => vm.instantiate_exception(ty)?,
        }
    } else {
        let message = format!(
            "exceptions must be classes or instances deriving from BaseException, not {}",
            vm.type_of(ty).name()
        );
        return Err(vm.type_error(&message));
    };
    if let (Some(tb), Some(e)) = (tb, exc.downcast::<Exception>()) {
        e.traceback.set(tb.clone());
    }
    Ok(exc)
}

fn throw(vm: &Vm, a: Args<'_>) -> PyResult {
    warn_of_signature(vm, "throw", a.opt(2).is_some())?;
    let made_here = TypeObj::from_value(a.get(1)).is_some_and(|t| t.has(tflag::EXCEPTION));
    let e = match thrown(vm, a.get(1), a.some(2), a.some(3)) {
        Ok(e) => e,
        // What comes out of making the exception is raised inside, too.
        Err(_) if made_here && a.some(3).is_none_or(Value::is_a::<Traceback>) => vm.take_raised(),
        Err(e) => return Err(e),
    };
    throw_value(vm, a.get(0), e)
}

/// Warns of the form of `throw` with three arguments.
pub(super) fn warn_of_signature(vm: &Vm, name: &str, old: bool) -> PyResult<()> {
    if !old {
        return Ok(());
    }
    let message =
        format!("the (type, exc, tb) signature of {name}() is deprecated, use the single-arg signature instead.");
    vm.hooks().warn(vm, vm.types().DeprecationWarning, &message, 1)
}

fn throw_value(vm: &Vm, v: &Value, exc: Value) -> PyResult {
    let outcome = throw_into(vm, v, exc, true)?;
    finish(vm, outcome)
}

/// Raises an exception inside; a delegate gets it first. `close_delegate`: GeneratorExit closes the delegate.
pub(crate) fn throw_into(vm: &Vm, v: &Value, exc: Value, close_delegate: bool) -> PyResult<Outcome> {
    let g = this(v);
    match g.state.get() {
        State::Running => return Err(resume::already_executing(vm, g)),
        State::Closed if g.is_coroutine() => return Err(vm.runtime_error("cannot reuse already awaited coroutine")),
        State::Closed => return Err(vm.reraise(exc)),
        _ => {}
    }
    if let Some(delegate) = g.delegate() {
        if close_delegate && vm.type_of(&exc).is_subtype(vm.types().GeneratorExit) {
            let closed = resume::as_running(vm, g, || close_iterator(vm, &delegate))?;
            return match closed {
                Ok(()) => {
                    vm.ts().set_pending(exc);
                    resume::raise_inside(vm, g)
                }
                Err(_) => resume::raise_inside(vm, g),
            };
        }
        // The frame is on the stack meanwhile, for tracebacks and `f_back`.
        let result = resume::as_running(vm, g, || throw_to_delegate(vm, &delegate, &exc))?;
        return match result {
            Ok(Some(outcome)) => match outcome {
                Outcome::Yielded(v) => Ok(Outcome::Yielded(v)),
                Outcome::Returned(v) => resume::finish_delegation(vm, g, v),
            },
            // The delegate has no `throw`: the exception is raised here.
            Ok(None) => {
                vm.ts().set_pending(exc);
                resume::raise_inside(vm, g)
            }
            Err(_) => resume::raise_inside(vm, g),
        };
    }
    vm.ts().set_pending(exc);
    resume::raise_inside(vm, g)
}

fn throw_to_delegate(vm: &Vm, delegate: &Value, exc: &Value) -> PyResult<Option<Outcome>> {
    if let Some(d) = delegate.downcast::<Generator>()
        && !d.is_async()
    {
        return match throw_into(vm, delegate, exc.clone(), true) {
            Ok(outcome) => Ok(Some(outcome)),
            Err(e) => returned(vm, e).map(Some),
        };
    }
    let Some(throw) = vm.getattr_opt(delegate, &vm.names().throw)? else { return Ok(None) };
    match vm.call_pos(&throw, std::slice::from_ref(exc)) {
        Ok(v) => Ok(Some(Outcome::Yielded(v))),
        Err(e) => returned(vm, e).map(Some),
    }
}

/// StopIteration of a delegate is its return value.
fn returned(vm: &Vm, e: Raised) -> PyResult<Outcome> {
    if vm.pending_is(vm.types().StopIteration) {
        let exc = vm.take_raised();
        return Ok(Outcome::Returned(stop_value(&exc)));
    }
    Err(e)
}

fn close_iterator(vm: &Vm, it: &Value) -> PyResult<()> {
    if it.downcast::<Generator>().is_some_and(|d| !d.is_async()) {
        return close_value(vm, it).map(drop);
    }
    match vm.getattr_opt(it, &vm.names().close) {
        Ok(Some(f)) => vm.call_pos(&f, &[]).map(drop),
        Ok(None) => Ok(()),
        Err(_) => {
            let e = vm.take_raised();
            vm.hooks().unraisable(vm, e, "Exception ignored in", it);
            Ok(())
        }
    }
}

fn close(vm: &Vm, a: Args<'_>) -> PyResult {
    close_value(vm, a.get(0))
}

/// `close()`: raises GeneratorExit inside; returns the value it returned.
pub(crate) fn close_value(vm: &Vm, v: &Value) -> PyResult {
    let g = this(v);
    match g.state.get() {
        State::Running => return Err(resume::already_executing(vm, g)),
        State::Closed => return Ok(Value::NONE),
        State::Created => {
            g.let_go();
            g.mark_finished();
            return Ok(Value::NONE);
        }
        State::Suspended => {}
    }
    let exit = vm.new_exception(vm.types().GeneratorExit, Vec::new());
    match throw_into(vm, v, exit, true) {
        Ok(Outcome::Yielded(_)) => Err(vm.runtime_error(&format!("{} ignored GeneratorExit", g.noun()))),
        Ok(Outcome::Returned(v)) => Ok(v),
        Err(e) => {
            let t = vm.types();
            if vm.pending_is(t.GeneratorExit) || vm.pending_is(t.StopIteration) {
                drop(vm.take_raised());
                return Ok(Value::NONE);
            }
            Err(e)
        }
    }
}

/// Closes a generator that nobody can resume any more; warns about a coroutine that was never awaited.
pub(super) fn finalize(vm: &Vm, v: &Value) -> PyResult<()> {
    let g = this(v);
    match g.state.get() {
        State::Closed | State::Running => return Ok(()),
        State::Created => {
            if g.is_coroutine() {
                let name = vm.str_string(&qualname(vm, g))?;
                let message = format!("coroutine '{name}' was never awaited");
                return vm.hooks().warn(vm, vm.types().RuntimeWarning, &message, 1);
            }
            return Ok(());
        }
        State::Suspended => {}
    }
    if g.is_async()
        && let Some(f) = g.finalizer.get().filter(|f| !f.is_none())
        && !g.async_closed.get()
    {
        return vm.call_pos(&f, std::slice::from_ref(v)).map(drop);
    }
    if g.code_flags().contains(CodeFlags::ASYNC_GENERATOR) {
        g.async_closed.set(true);
    }
    close_value(vm, v).map(drop)
}
