//! `yield from`, `await`, asynchronous iteration.

use super::At;
use crate::error::{PyResult, Raised};
use crate::eval::call::Next;
use crate::eval::resume;
use crate::types::exception::Exception;
use crate::types::generator::{Generator, State};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::CodeFlags;

/// The `value` of a StopIteration.
pub(crate) fn stop_value(exc: &Value) -> Value {
    exc.downcast::<Exception>().map_or(Value::NONE, |e| {
        e.field(0).unwrap_or_else(|| match e.args.get() {
            Some(args) => args.downcast::<Tuple>().and_then(|t| t.as_slice().first().cloned()).unwrap_or(Value::NONE),
            None => Value::NONE,
        })
    })
}

/// Send.
#[inline(never)]
pub(crate) fn send(vm: &Vm, at: At<'_>) -> PyResult<Next> {
    let (a, b) = (at.i.a(), at.i.b());
    let it = at.regs.val(b);
    let sent = at.regs.take_bound(a);
    if let Some(g) = it.downcast::<Generator>()
        && !g.is_async()
    {
        match g.state.get() {
            State::Created | State::Suspended => {
                if g.state.get() == State::Created && !sent.is_none() {
                    return Err(crate::types::generator::just_started(vm, g));
                }
                resume::start(vm, g, sent, 0)?;
                return Ok(Next::Entered);
            }
            State::Running => return Err(resume::already_executing(vm, g)),
            State::Closed if g.is_coroutine() => {
                return Err(vm.runtime_error("cannot reuse already awaited coroutine"));
            }
            State::Closed => return Ok(done(vm, at, Value::NONE)),
        }
    }
    let it = it.clone();
    let result = if sent.is_none() { vm.next_or_raise(&it) } else { vm.call_method(&it, &vm.names().send, &[sent]) };
    match result {
        Ok(v) => {
            at.regs.put(a, v);
            Ok(Next::Step)
        }
        Err(_) if vm.pending_is(vm.types().StopIteration) => {
            let mut exc = vm.take_raised();
            if vm.monitor.is_on() && vm.type_of(&it).is_heap() {
                exc = crate::eval::instrument::raised(vm, vm.ts().frame.get(), exc, false);
                if !vm.type_of(&exc).is_subtype(vm.types().StopIteration) {
                    return Err(vm.reraise(exc));
                }
            }
            Ok(done(vm, at, stop_value(&exc)))
        }
        Err(e) => Err(e),
    }
}

/// The delegate is done: the frame goes on behind the loop.
fn done(vm: &Vm, at: At<'_>, result: Value) -> Next {
    at.regs.put(at.i.a(), result);
    at.regs.clear(at.i.b());
    vm.ts().skip(1 + at.i.c() as usize);
    Next::Entered
}

/// GetYieldFromIter.
#[inline(never)]
pub(crate) fn get_yield_from_iter(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let it = match v.downcast::<Generator>() {
        Some(g) if g.is_coroutine() => {
            let allowed = CodeFlags::COROUTINE | CodeFlags::ITERABLE_COROUTINE;
            if !at.code().code().flags.intersects(allowed) {
                return Err(vm.type_error("cannot 'yield from' a coroutine object in a non-coroutine generator"));
            }
            v
        }
        Some(g) if !g.is_async() => v,
        _ => vm.iter(&v)?,
    };
    at.regs.put(at.i.a(), it);
    Ok(())
}

/// The iterator of an awaitable; `None` if it is none.
pub(crate) fn awaitable_iter(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    if let Some(g) = v.downcast::<Generator>()
        && (g.is_coroutine() || g.code_flags().contains(CodeFlags::ITERABLE_COROUTINE))
    {
        return Ok(Some(v.clone()));
    }
    let Some(f) = vm.type_of(v).slots().await_ else { return Ok(None) };
    let it = f(vm, v)?;
    if it.downcast::<Generator>().is_some_and(|g| g.is_coroutine()) {
        return Err(vm.type_error("__await__() returned a coroutine"));
    }
    if vm.type_of(&it).slots().iternext.is_none() {
        let message = format!("__await__() returned non-iterator of type '{}'", vm.type_of(&it).name());
        return Err(vm.type_error(&message));
    }
    Ok(Some(it))
}

/// GetAwaitable.
#[inline(never)]
pub(crate) fn get_awaitable(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let Some(it) = awaitable_iter(vm, &v)? else { return Err(not_awaitable(vm, &v, at.i.x())) };
    if let Some(g) = it.downcast::<Generator>()
        && g.is_coroutine()
        && g.delegate().is_some()
    {
        return Err(vm.runtime_error("coroutine is being awaited already"));
    }
    at.regs.put(at.i.a(), it);
    Ok(())
}

#[cold]
fn not_awaitable(vm: &Vm, v: &Value, x: u8) -> Raised {
    let name = vm.type_of(v).name();
    let message = match x {
        1 => format!("'async with' received an object from __aenter__ that does not implement __await__: {name}"),
        2 => format!("'async with' received an object from __aexit__ that does not implement __await__: {name}"),
        _ => format!("'{name}' object can't be awaited"),
    };
    vm.type_error(&message)
}

/// GetAIter.
#[inline(never)]
pub(crate) fn get_aiter(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let it = match vm.type_of(&v).slots().aiter {
        Some(f) => f(vm, &v)?,
        None => {
            let message =
                format!("'async for' requires an object with __aiter__ method, got {}", vm.type_of(&v).name());
            return Err(vm.type_error(&message));
        }
    };
    if vm.type_of(&it).slots().anext.is_none() {
        let message = format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            vm.type_of(&it).name()
        );
        return Err(vm.type_error(&message));
    }
    at.regs.put(at.i.a(), it);
    Ok(())
}

/// GetANext.
#[inline(never)]
pub(crate) fn get_anext(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let it = at.regs.val(at.i.b()).clone();
    let Some(f) = vm.type_of(&it).slots().anext else {
        let message = format!("'async for' requires an iterator with __anext__ method, got {}", vm.type_of(&it).name());
        return Err(vm.type_error(&message));
    };
    let v = f(vm, &it)?;
    if vm.type_of(&it).is(vm.types().async_generator) {
        at.regs.put(at.i.a(), v);
        return Ok(());
    }
    match awaitable_iter(vm, &v) {
        Ok(Some(it)) => {
            at.regs.put(at.i.a(), it);
            Ok(())
        }
        Ok(None) => {
            let message = format!("'async for' received an invalid object from __anext__: {}", vm.type_of(&v).name());
            Err(vm.type_error(&message))
        }
        Err(_) => {
            let cause = vm.take_raised();
            let message = format!("'async for' received an invalid object from __anext__: {}", vm.type_of(&v).name());
            let error = vm.new_exception(vm.types().TypeError, vec![vm.str(&message)]);
            Err(vm.raise_from(&error, &cause))
        }
    }
}

/// EndAsyncFor.
#[inline(never)]
pub(crate) fn end_async_for(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let exc = at.src(at.i.a());
    if vm.type_of(&exc).is_subtype(vm.types().StopAsyncIteration) {
        drop(at.src(at.i.b()));
        return Ok(());
    }
    Err(vm.reraise(exc))
}
