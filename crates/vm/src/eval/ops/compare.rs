//! Comparisons, truth and the jumps on them.

use super::At;
use crate::error::PyResult;
use crate::eval::regs::Regs;
use crate::eval::word::Word;
use crate::types::slots::CmpOp;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

#[inline(always)]
fn ordered<T: PartialOrd>(op: CmpOp, x: T, y: T) -> bool {
    match op {
        CmpOp::Lt => x < y,
        CmpOp::Le => x <= y,
        CmpOp::Eq => x == y,
        CmpOp::Ne => x != y,
        CmpOp::Gt => x > y,
        CmpOp::Ge => x >= y,
    }
}

/// The comparison of two small integers or two floats.
#[inline(always)]
pub(crate) fn numbers(b: &Value, c: &Value, op: CmpOp) -> Option<bool> {
    if Value::both_small(b, c) {
        // The sign-extending shift keeps the order.
        return Some(ordered(op, b.small_int_unchecked(), c.small_int_unchecked()));
    }
    if b.is_float() && c.is_float() {
        return Some(ordered(op, b.float_unchecked(), c.float_unchecked()));
    }
    None
}

/// `r[a] = r[b] OP r[c]` for numbers; whether it was done.
#[inline(always)]
pub(crate) fn compare(regs: Regs, i: Word, op: CmpOp) -> bool {
    match numbers(regs.val(i.b()), regs.val(i.c()), op) {
        Some(r) => {
            regs.put(i.a(), Value::bool(r));
            true
        }
        None => false,
    }
}

/// Any comparison that gives a value.
#[inline(never)]
pub(crate) fn compare_slow(vm: &Vm, at: At<'_>, op: CmpOp) -> PyResult<()> {
    let (b, c) = (at.src(at.i.b()), at.src(at.i.c()));
    let r = match quick(vm, &b, &c, op) {
        Some(r) => Value::bool(r),
        None => vm.compare(&b, &c, op)?,
    };
    at.regs.put(at.i.a(), r);
    Ok(())
}

/// Equality of texts, and mixed numbers.
#[inline(always)]
fn quick(vm: &Vm, b: &Value, c: &Value, op: CmpOp) -> Option<bool> {
    if matches!(op, CmpOp::Eq | CmpOp::Ne) && vm.is_exact_str(b) && vm.is_exact_str(c) {
        let same = b.is(c) || b.downcast::<Str>()?.as_bytes() == c.downcast::<Str>()?.as_bytes();
        return Some(same == matches!(op, CmpOp::Eq));
    }
    if b.is_float() && c.is_small_int() {
        return Some(ordered(op, b.float_unchecked(), c.small_int_unchecked() as f64));
    }
    if b.is_small_int() && c.is_float() {
        return Some(ordered(op, b.small_int_unchecked() as f64, c.float_unchecked()));
    }
    None
}

/// Any comparison as a condition; operands a and b are taken.
#[inline(never)]
pub(crate) fn condition(vm: &Vm, at: At<'_>, op: CmpOp) -> PyResult<bool> {
    let (b, c) = (at.src(at.i.a()), at.src(at.i.b()));
    condition_of(vm, &b, &c, op)
}

/// Any comparison with an immediate as a condition; operand a is taken.
#[inline(never)]
pub(crate) fn condition_imm(vm: &Vm, at: At<'_>, op: CmpOp) -> PyResult<bool> {
    let b = at.src(at.i.a());
    condition_of(vm, &b, &Value::int_unchecked(at.i.imm_b() as i64), op)
}

#[inline(always)]
fn condition_of(vm: &Vm, b: &Value, c: &Value, op: CmpOp) -> PyResult<bool> {
    if let Some(r) = quick(vm, b, c, op) {
        return Ok(r);
    }
    let r = vm.compare(b, c, op)?;
    match r.as_bool() {
        Some(r) => Ok(r),
        None => vm.truthy(&r),
    }
}

/// The truth of an immediate.
#[inline(always)]
pub(crate) fn truth(v: &Value) -> Option<bool> {
    if v.is_true() {
        Some(true)
    } else if v.is_false() || v.is_none() {
        Some(false)
    } else if v.is_small_int() {
        Some(v.small_int_unchecked() != 0)
    } else {
        None
    }
}

/// The truth of register `r`, which is taken if it is a temporary.
#[inline(never)]
pub(crate) fn truth_slow(vm: &Vm, at: At<'_>, r: u16) -> PyResult<bool> {
    let v = at.src(r);
    vm.truthy(&v)
}

/// The truth of register `r`, which stays.
#[inline(never)]
pub(crate) fn truth_keep(vm: &Vm, at: At<'_>, r: u16) -> PyResult<bool> {
    let v = at.regs.val(r).clone();
    vm.truthy(&v)
}

/// `r[x] in r[y]`; both are taken.
#[inline(never)]
pub(crate) fn contains(vm: &Vm, at: At<'_>, item: u16, container: u16) -> PyResult<bool> {
    let (item, container) = (at.src(item), at.src(container));
    vm.contains(&container, &item)
}
