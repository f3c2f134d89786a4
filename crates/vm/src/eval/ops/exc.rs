//! Raising, handling, `with`.

use super::At;
use crate::error::{PyResult, Raised};
use crate::protocol::call::Method;
use crate::types::exception::Exception;
use crate::value::Value;
use crate::vm::Vm;

/// PushExc.
#[inline(never)]
pub(crate) fn push_exc(vm: &Vm, at: At<'_>) {
    let item = vm.ts().item();
    let exc = at.regs.val(at.i.a()).clone();
    let before = item.value.replace(Some(exc));
    at.regs.put(at.i.a() + 1, before.unwrap_or(Value::NONE));
}

/// PopExc.
#[inline(never)]
pub(crate) fn pop_exc(vm: &Vm, at: At<'_>) {
    let before = at.regs.take_bound(at.i.a() + 1);
    let handled = vm.ts().item().value.replace(Some(before).filter(|v| !v.is_none()));
    at.regs.clear(at.i.a());
    drop(handled);
}

/// Raise.
#[cold]
#[inline(never)]
pub(crate) fn raise(vm: &Vm, at: At<'_>) -> Raised {
    match at.i.x() {
        0 => match vm.ts().handled() {
            Some(e) => vm.reraise(e),
            None => vm.runtime_error("No active exception to reraise"),
        },
        1 => {
            let what = at.src(at.i.a());
            vm.raise_value(&what)
        }
        _ => {
            let (what, cause) = (at.src(at.i.a()), at.src(at.i.b()));
            vm.raise_from(&what, &cause)
        }
    }
}

/// CheckExcMatch.
#[inline(never)]
pub(crate) fn check_exc_match(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let types = at.src(at.i.c());
    let exc = at.regs.val(at.i.b()).clone();
    let r = vm.exc_matches(&exc, &types)?;
    at.regs.put(at.i.a(), Value::bool(r));
    Ok(())
}

/// CheckEgMatch.
#[cold]
pub(crate) fn check_eg_match(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let types = at.src(at.i.c());
    let exc = at.regs.val(at.i.b()).clone();
    let (matched, rest) = vm.split_except_star(&exc, &types)?;
    if !matched.is_none() {
        vm.ts().item().value.set(matched.clone());
    }
    at.regs.put(at.i.a(), matched);
    at.regs.put(at.i.b(), rest);
    Ok(())
}

/// PrepReraiseStar.
#[cold]
pub(crate) fn prep_reraise_star(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (original, list) = (at.regs.take_bound(at.i.b()), at.regs.take_bound(at.i.b() + 1));
    let r = vm.merge_except_star(&original, &list)?;
    at.regs.put(at.i.a(), r);
    Ok(())
}

/// ExcInfo.
#[inline(never)]
pub(crate) fn exc_info(vm: &Vm, at: At<'_>) {
    let exc = at.regs.val(at.i.b()).clone();
    let ty = vm.type_of(&exc).value();
    let tb = exc.downcast::<Exception>().map_or(Value::NONE, |e| e.traceback.get_or_none());
    at.regs.put(at.i.a(), ty);
    at.regs.put(at.i.a() + 1, exc);
    at.regs.put(at.i.a() + 2, tb);
}

/// LoadSpecial.
#[inline(never)]
pub(crate) fn load_special(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let obj = at.regs.val(at.i.b()).clone();
    let n = vm.names();
    let name = [&n.__enter__, &n.__exit__, &n.__aenter__, &n.__aexit__][at.i.x() as usize & 3];
    match vm.lookup_special(&obj, name)? {
        Some(Method::Unbound(f)) => {
            at.regs.put(at.i.a(), f);
            at.regs.put(at.i.a() + 1, obj);
            Ok(())
        }
        Some(Method::Bound(f)) => {
            at.regs.put(at.i.a(), f);
            at.regs.clear(at.i.a() + 1);
            Ok(())
        }
        None => Err(no_context_manager(vm, &obj, at.i.x())),
    }
}

#[cold]
fn no_context_manager(vm: &Vm, obj: &Value, which: u8) -> Raised {
    let n = vm.names();
    let ty = vm.type_of(obj);
    let has = |name: &Value| ty.lookup(vm, name).is_some();
    let (asynchronous, missing) = match which {
        0 => (false, "__enter__"),
        1 => (false, "__exit__"),
        2 => (true, "__aenter__"),
        _ => (true, "__aexit__"),
    };
    let protocol = if asynchronous { "asynchronous context manager protocol" } else { "context manager protocol" };
    let other = match asynchronous {
        false => has(&n.__aenter__) && has(&n.__aexit__),
        true => has(&n.__enter__) && has(&n.__exit__),
    };
    let mut message = format!("'{}' object does not support the {protocol} (missed {missing} method)", ty.name());
    if other {
        message.push_str(if asynchronous {
            " but it supports the context manager protocol. Did you mean to use 'with'?"
        } else {
            " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?"
        });
    }
    vm.type_error(&message)
}
