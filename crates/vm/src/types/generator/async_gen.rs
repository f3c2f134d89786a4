//! Asynchronous generators and their awaitables: `asend`, `athrow`, `aclose`, and `anext` with a default.

use super::methods::{
    close_value, finalize, name, qualname, repr, resume_with, set_name, set_qualname, this, throw_into, thrown,
};
use super::{Generator, State};
use crate::error::{PyResult, Raised};
use crate::eval::resume::Outcome;
use crate::native::{Args, GetSetDef, MethodDef};
use crate::object::{Header, Kind, Payload, Visitor};
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, tflag};
use crate::value::Value;
use crate::vm::Vm;
use std::any::TypeId;
use std::cell::Cell;

/// The type `async_generator`.
pub static ASYNC_GENERATOR: TypeDef = TypeDef::new::<Generator>("async_generator")
    .gc()
    .flags(tflag::HAS_WEAKREF | tflag::NO_NEW | tflag::FINALIZER)
    .slots(Slots {
        del: Some(finalize),
        repr: Some(repr),
        aiter: Some(|_, v| Ok(v.clone())),
        anext: Some(|vm, v| asend(vm, v, Value::NONE)),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("asend", "($self, value, /)", |vm, a| asend(vm, a.get(0), a.get(1).clone())),
        MethodDef::new("athrow", "($self, type, value=None, traceback=None, /)", |vm, a| {
            athrow(vm, a.get(0), Some([a.get(1).clone(), rest(a, 2), rest(a, 3)]))
        }),
        MethodDef::new("aclose", "($self, /)", |vm, a| athrow(vm, a.get(0), None)),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1))).class(),
    ])
    .getset(&[
        GetSetDef::rw("__name__", |vm, v| Ok(name(vm, this(v))), set_name),
        GetSetDef::rw("__qualname__", |vm, v| Ok(qualname(vm, this(v))), set_qualname),
        GetSetDef::new("ag_frame", |vm, v| Ok(this(v).frame(vm).unwrap_or(Value::NONE))),
        GetSetDef::new("ag_code", |_, v| Ok(Value::of(this(v).code_obj()))),
        GetSetDef::new("ag_running", |_, v| Ok(Value::bool(this(v).async_running.get()))),
        GetSetDef::new("ag_suspended", |_, v| Ok(Value::bool(this(v).state.get() == State::Suspended))),
        GetSetDef::new("ag_await", |_, v| Ok(this(v).delegate().unwrap_or(Value::NONE))),
    ]);

fn rest(a: Args<'_>, i: usize) -> Value {
    a.opt(i).cloned().unwrap_or(Value::NONE)
}

/// A value that an asynchronous generator yielded (in contrast to what passes through an `await`).
pub struct Wrapped {
    value: Value,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for Wrapped {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().native_id == Some(TypeId::of::<Wrapped>())
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.value);
    }
}

/// The type `async_generator_wrapped_value`.
pub static WRAPPED_VALUE: TypeDef = TypeDef::new::<Wrapped>("async_generator_wrapped_value").gc().flags(tflag::NO_NEW);

impl Vm {
    /// Marks a value as yielded by an asynchronous generator.
    pub(crate) fn wrap_async_yield(&self, value: Value) -> Value {
        self.alloc(self.types().async_generator_wrapped_value, Wrapped { value })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Init,
    Iterating,
    Closed,
}

/// What `asend`, `athrow` and `aclose` return.
pub struct Step {
    generator: Value,
    /// The value to send.
    sent: Value,
    /// The arguments of `athrow`; `None` in an `athrow` type: `aclose`.
    args: Option<[Value; 3]>,
    throws: bool,
    stage: Cell<Stage>,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for Step {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().native_id == Some(TypeId::of::<Step>())
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.generator);
        visit(&self.sent);
        self.args.iter().flatten().for_each(visit);
    }
}

const STEP_SLOTS: Slots = Slots {
    await_: Some(|_, v| Ok(v.clone())),
    iter: Some(|_, v| Ok(v.clone())),
    iternext: Some(|vm, v| step_send(vm, step(v), Value::NONE).map(Some)),
    ..Slots::EMPTY
};

const STEP_METHODS: &[MethodDef] = &[
    MethodDef::new("send", "($self, value, /)", |vm, a| step_send(vm, step(a.get(0)), a.get(1).clone())),
    MethodDef::new("throw", "($self, type, value=None, traceback=None, /)", |vm, a| {
        let e = thrown(vm, a.get(1), a.some(2), a.some(3))?;
        step_throw(vm, step(a.get(0)), e)
    }),
    MethodDef::new("close", "($self, /)", |vm, a| step_close(vm, step(a.get(0)))),
];

/// The type `async_generator_asend`.
pub static ASEND: TypeDef =
    TypeDef::new::<Step>("async_generator_asend").gc().flags(tflag::NO_NEW).slots(STEP_SLOTS).methods(STEP_METHODS);

/// The type `async_generator_athrow`.
pub static ATHROW: TypeDef =
    TypeDef::new::<Step>("async_generator_athrow").gc().flags(tflag::NO_NEW).slots(STEP_SLOTS).methods(STEP_METHODS);

fn step(v: &Value) -> &Step {
    v.downcast::<Step>().expect("the descriptor has checked the receiver")
}

/// Calls the hooks when an asynchronous generator is first iterated.
fn first_iteration(vm: &Vm, v: &Value) -> PyResult<()> {
    let g = this(v);
    if g.hooks_called.replace(true) {
        return Ok(());
    }
    let ts = vm.ts();
    g.finalizer.put(ts.asyncgen_finalizer.get());
    if let Some(f) = ts.asyncgen_firstiter.get().filter(|f| !f.is_none()) {
        vm.call_pos(&f, std::slice::from_ref(v))?;
    }
    Ok(())
}

fn asend(vm: &Vm, v: &Value, sent: Value) -> PyResult {
    first_iteration(vm, v)?;
    let step = Step { generator: v.clone(), sent, args: None, throws: false, stage: Cell::new(Stage::Init) };
    Ok(vm.alloc(vm.types().async_generator_asend, step))
}

fn athrow(vm: &Vm, v: &Value, args: Option<[Value; 3]>) -> PyResult {
    first_iteration(vm, v)?;
    let step = Step { generator: v.clone(), sent: Value::NONE, args, throws: true, stage: Cell::new(Stage::Init) };
    Ok(vm.alloc(vm.types().async_generator_athrow, step))
}

impl Step {
    fn verb(&self) -> &'static str {
        match (self.throws, &self.args) {
            (false, _) => "asend",
            (true, Some(_)) => "athrow",
            (true, None) => "aclose",
        }
    }

    fn end(&self) {
        this(&self.generator).async_running.set(false);
        self.stage.set(Stage::Closed);
    }
}

#[cold]
fn reused(vm: &Vm, s: &Step) -> Raised {
    let what = if s.throws { "aclose()/athrow()" } else { "__anext__()/asend()" };
    vm.runtime_error(&format!("cannot reuse already awaited {what}"))
}

#[cold]
fn running(vm: &Vm, s: &Step) -> Raised {
    let message = match s.verb() {
        "asend" => "anext(): asynchronous generator is already running",
        "athrow" => "athrow(): asynchronous generator is already running",
        _ => "aclose(): asynchronous generator is already running",
    };
    vm.runtime_error(message)
}

fn stop_async(vm: &Vm) -> Raised {
    vm.raise_with(vm.types().StopAsyncIteration, Vec::new())
}

/// What the generator gave: a wrapped value ends this step, another passes through, the end is StopAsyncIteration.
fn unwrap(vm: &Vm, s: &Step, result: PyResult<Outcome>) -> PyResult {
    let g = this(&s.generator);
    match result {
        Ok(Outcome::Yielded(v)) => match v.downcast::<Wrapped>() {
            Some(w) => {
                s.end();
                Err(vm.stop_iteration(w.value.clone()))
            }
            None => Ok(v),
        },
        Ok(Outcome::Returned(_)) => {
            g.async_closed.set(true);
            s.end();
            Err(stop_async(vm))
        }
        Err(e) => {
            let t = vm.types();
            if vm.pending_is(t.StopAsyncIteration) || vm.pending_is(t.GeneratorExit) {
                g.async_closed.set(true);
            }
            s.end();
            Err(e)
        }
    }
}

fn step_send(vm: &Vm, s: &Step, arg: Value) -> PyResult {
    if s.throws { athrow_send(vm, s, arg) } else { asend_send(vm, s, arg) }
}

fn asend_send(vm: &Vm, s: &Step, arg: Value) -> PyResult {
    let g = this(&s.generator);
    let mut arg = arg;
    match s.stage.get() {
        Stage::Closed => return Err(reused(vm, s)),
        Stage::Init => {
            if g.async_running.get() {
                s.stage.set(Stage::Closed);
                return Err(running(vm, s));
            }
            if arg.is_none() {
                arg = s.sent.clone();
            }
            s.stage.set(Stage::Iterating);
        }
        Stage::Iterating => {}
    }
    g.async_running.set(true);
    let result = resume_with(vm, &s.generator, arg);
    unwrap(vm, s, result)
}

fn athrow_send(vm: &Vm, s: &Step, arg: Value) -> PyResult {
    let g = this(&s.generator);
    match s.stage.get() {
        Stage::Closed => return Err(reused(vm, s)),
        Stage::Init => {
            if g.async_running.get() {
                s.stage.set(Stage::Closed);
                return Err(running(vm, s));
            }
            if g.async_closed.get() {
                s.stage.set(Stage::Closed);
                return Err(if s.args.is_some() { stop_async(vm) } else { vm.stop_iteration(Value::NONE) });
            }
            if !arg.is_none() {
                return Err(vm.runtime_error("can't send non-None value to a just-started coroutine"));
            }
            s.stage.set(Stage::Iterating);
            g.async_running.set(true);
            return first_throw(vm, s);
        }
        Stage::Iterating => {}
    }
    let result = resume_with(vm, &s.generator, arg);
    after_throw(vm, s, result)
}

fn first_throw(vm: &Vm, s: &Step) -> PyResult {
    let g = this(&s.generator);
    match &s.args {
        None => {
            if matches!(g.state.get(), State::Created | State::Closed) {
                g.async_closed.set(true);
                s.end();
                close_value(vm, &s.generator)?;
                return Err(vm.stop_iteration(Value::NONE));
            }
            g.async_closed.set(true);
            let exit = vm.new_exception(vm.types().GeneratorExit, Vec::new());
            let result = throw_into(vm, &s.generator, exit, false);
            after_throw(vm, s, result)
        }
        Some([ty, value, tb]) => {
            let exc = match thrown(vm, ty, Some(value).filter(|v| !v.is_none()), Some(tb).filter(|v| !v.is_none())) {
                Ok(exc) => exc,
                Err(e) => {
                    s.end();
                    return Err(e);
                }
            };
            let result = throw_into(vm, &s.generator, exc, false);
            after_throw(vm, s, result)
        }
    }
}

fn after_throw(vm: &Vm, s: &Step, result: PyResult<Outcome>) -> PyResult {
    if s.args.is_some() {
        return unwrap(vm, s, result);
    }
    match result {
        Ok(Outcome::Yielded(v)) if v.is_a::<Wrapped>() => {
            s.end();
            Err(vm.runtime_error("async generator ignored GeneratorExit"))
        }
        Ok(Outcome::Yielded(v)) => Ok(v),
        Ok(Outcome::Returned(_)) => {
            s.end();
            Err(vm.stop_iteration(Value::NONE))
        }
        Err(e) => {
            s.end();
            let t = vm.types();
            if vm.pending_is(t.StopAsyncIteration) || vm.pending_is(t.GeneratorExit) {
                drop(vm.take_raised());
                return Err(vm.stop_iteration(Value::NONE));
            }
            Err(e)
        }
    }
}

fn step_throw(vm: &Vm, s: &Step, exc: Value) -> PyResult {
    let g = this(&s.generator);
    match s.stage.get() {
        Stage::Closed => return Err(reused(vm, s)),
        Stage::Init => {
            if g.async_running.get() {
                s.stage.set(Stage::Closed);
                return Err(running(vm, s));
            }
            s.stage.set(Stage::Iterating);
            g.async_running.set(true);
        }
        Stage::Iterating => {}
    }
    let result = throw_into(vm, &s.generator, exc, true);
    if s.throws { after_throw(vm, s, result) } else { unwrap(vm, s, result) }
}

fn step_close(vm: &Vm, s: &Step) -> PyResult {
    if s.stage.get() == Stage::Closed {
        return Ok(Value::NONE);
    }
    let exit = vm.new_exception(vm.types().GeneratorExit, Vec::new());
    match step_throw(vm, s, exit) {
        Ok(_) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
        Err(e) => {
            let t = vm.types();
            let expected = [t.StopIteration, t.StopAsyncIteration, t.GeneratorExit];
            if expected.iter().any(|ty| vm.pending_is(ty)) {
                drop(vm.take_raised());
                return Ok(Value::NONE);
            }
            Err(e)
        }
    }
}

/// What `anext(it, default)` returns.
pub struct AnextAwaitable {
    awaitable: Value,
    default: Value,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for AnextAwaitable {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().native_id == Some(TypeId::of::<AnextAwaitable>())
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.awaitable);
        visit(&self.default);
    }
}

/// The type `anext_awaitable`.
pub static ANEXT_AWAITABLE: TypeDef = TypeDef::new::<AnextAwaitable>("anext_awaitable")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots {
        await_: Some(|_, v| Ok(v.clone())),
        iter: Some(|_, v| Ok(v.clone())),
        iternext: Some(|vm, v| {
            let a = anext(v);
            let it = anext_iter(vm, a)?;
            let result = match vm.type_of(&it).slots().iternext {
                Some(f) => f(vm, &it),
                None => vm.next(&it),
            };
            match result {
                Ok(Some(v)) => Ok(Some(v)),
                Ok(None) => Err(vm.stop_iteration(Value::NONE)),
                Err(e) => or_default(vm, a, e).map(Some),
            }
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("send", "($self, value, /)", |vm, a| proxy(vm, a, "send", 1)),
        MethodDef::new("throw", "($self, type, value=None, traceback=None, /)", |vm, a| proxy(vm, a, "throw", 3)),
        MethodDef::new("close", "($self, /)", |vm, a| proxy(vm, a, "close", 0)),
    ]);

fn anext(v: &Value) -> &AnextAwaitable {
    v.downcast::<AnextAwaitable>().expect("the descriptor has checked the receiver")
}

fn anext_iter(vm: &Vm, a: &AnextAwaitable) -> PyResult {
    let it = vm.awaitable_iter(&a.awaitable)?;
    match vm.type_of(&it).slots().await_ {
        Some(f) if it.is_a::<Generator>() => f(vm, &it),
        _ => Ok(it),
    }
}

fn or_default(vm: &Vm, a: &AnextAwaitable, e: Raised) -> PyResult {
    if vm.pending_is(vm.types().StopAsyncIteration) {
        drop(vm.take_raised());
        return Err(vm.stop_iteration(a.default.clone()));
    }
    Err(e)
}

fn proxy(vm: &Vm, a: Args<'_>, method: &str, n: usize) -> PyResult {
    let this = a.this::<AnextAwaitable>();
    let it = anext_iter(vm, this)?;
    let args: Vec<Value> = (1..=n).filter_map(|i| a.opt(i).cloned()).collect();
    match vm.call_method_str(&it, method, &args) {
        Ok(v) => Ok(v),
        Err(e) => or_default(vm, this, e),
    }
}

impl Vm {
    /// `anext(it, default)` for the awaitable that `__anext__` returned.
    pub fn anext_with_default(&self, awaitable: Value, default: Value) -> Value {
        self.alloc(self.types().anext_awaitable, AnextAwaitable { awaitable, default })
    }
}
