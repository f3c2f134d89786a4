//! Subscripts and slices.

use super::At;
use crate::error::PyResult;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// An index into a sequence of `n` items, if it is in range.
#[inline(always)]
fn index(i: i64, n: usize) -> Option<usize> {
    let at = if i < 0 { i + n as i64 } else { i };
    usize::try_from(at).ok().filter(|at| *at < n)
}

/// `obj[i]` for a list or tuple and a small integer in range.
#[inline(always)]
pub(crate) fn by_index(vm: &Vm, obj: &Value, i: i64) -> Option<Value> {
    let h = obj.header()?;
    let ty = h.ty_ptr();
    if std::ptr::eq(ty, vm.types().list) {
        let list = obj.downcast::<List>()?;
        return list.get(index(i, list.len())?);
    }
    if std::ptr::eq(ty, vm.types().tuple) {
        let tuple = obj.downcast::<Tuple>()?.as_slice();
        return tuple.get(index(i, tuple.len())?).cloned();
    }
    None
}

/// GetItem for lists and tuples; whether it was done.
#[inline(always)]
pub(crate) fn get_item(vm: &Vm, at: At<'_>) -> bool {
    let key = at.regs.val(at.i.c());
    if !key.is_small_int() {
        return false;
    }
    match by_index(vm, at.regs.val(at.i.b()), key.small_int_unchecked()) {
        Some(v) => {
            if at.i.a() != at.i.b() {
                at.regs.drop_src(at.i.b(), at.n_locals());
            }
            at.regs.put(at.i.a(), v);
            true
        }
        None => false,
    }
}

/// GetItem in the other cases.
#[inline(never)]
pub(crate) fn get_item_slow(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (obj, key) = (at.src(at.i.b()), at.src(at.i.c()));
    if vm.is_exact(&obj, vm.types().dict)
        && let Some(d) = obj.downcast::<Dict>()
        && let Some(v) = d.get(vm, &key)?
    {
        at.regs.put(at.i.a(), v);
        return Ok(());
    }
    if key.is_small_int()
        && vm.is_exact_str(&obj)
        && let Some(s) = obj.downcast::<Str>()
        && s.is_ascii()
        && let Some(i) = index(key.small_int_unchecked(), s.len())
    {
        at.regs.put(at.i.a(), vm.char(s.as_bytes()[i] as u32));
        return Ok(());
    }
    let v = vm.get_item(&obj, &key)?;
    at.regs.put(at.i.a(), v);
    Ok(())
}

/// GetItemI.
#[inline(always)]
pub(crate) fn get_item_imm(vm: &Vm, at: At<'_>) -> bool {
    match by_index(vm, at.regs.val(at.i.b()), at.i.imm_c() as i64) {
        Some(v) => {
            if at.i.a() != at.i.b() {
                at.regs.drop_src(at.i.b(), at.n_locals());
            }
            at.regs.put(at.i.a(), v);
            true
        }
        None => false,
    }
}

/// GetItemI in the other cases.
#[inline(never)]
pub(crate) fn get_item_imm_slow(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let obj = at.src(at.i.b());
    let v = vm.get_item(&obj, &Value::int_unchecked(at.i.imm_c() as i64))?;
    at.regs.put(at.i.a(), v);
    Ok(())
}

/// SetItem for lists; whether it was done.
#[inline(always)]
pub(crate) fn set_item(vm: &Vm, at: At<'_>) -> bool {
    let (obj, key) = (at.regs.val(at.i.a()), at.regs.val(at.i.b()));
    if !key.is_small_int() || !obj.header().is_some_and(|h| std::ptr::eq(h.ty_ptr(), vm.types().list)) {
        return false;
    }
    let Some(list) = obj.downcast::<List>() else { return false };
    let Some(i) = index(key.small_int_unchecked(), list.len()) else { return false };
    if list.is_frozen() {
        return false;
    }
    let v = at.src(at.i.c());
    list.set(i, v);
    at.regs.drop_src(at.i.a(), at.n_locals());
    true
}

/// SetItem in the other cases.
#[inline(never)]
pub(crate) fn set_item_slow(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (v, key, obj) = (at.src(at.i.c()), at.src(at.i.b()), at.src(at.i.a()));
    if vm.is_exact(&obj, vm.types().dict)
        && let Some(d) = obj.downcast::<Dict>()
    {
        return d.set(vm, key, v);
    }
    vm.set_item(&obj, &key, &v)
}

/// DelItem.
#[inline(never)]
pub(crate) fn del_item(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (key, obj) = (at.src(at.i.b()), at.src(at.i.a()));
    vm.del_item(&obj, &key)
}

/// GetSlice.
#[inline(never)]
pub(crate) fn get_slice(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (start, stop) = (at.regs.take_bound(at.i.c()), at.regs.take_bound(at.i.c() + 1));
    let obj = at.src(at.i.b());
    let v = vm.get_item(&obj, &vm.slice(start, stop, Value::NONE))?;
    at.regs.put(at.i.a(), v);
    Ok(())
}

/// SetSlice.
#[inline(never)]
pub(crate) fn set_slice(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.c());
    let (start, stop) = (at.regs.take_bound(at.i.b()), at.regs.take_bound(at.i.b() + 1));
    let obj = at.src(at.i.a());
    vm.set_item(&obj, &vm.slice(start, stop, Value::NONE), &v)
}

/// BuildSlice.
#[inline(never)]
pub(crate) fn build_slice(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let b = at.i.b();
    let (start, stop) = (at.regs.take_bound(b), at.regs.take_bound(b + 1));
    let step = if at.i.c() == 3 { at.regs.take_bound(b + 2) } else { Value::NONE };
    at.regs.put(at.i.a(), vm.slice(start, stop, step));
    Ok(())
}
