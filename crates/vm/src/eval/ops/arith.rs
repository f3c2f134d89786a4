//! Arithmetic: small integers and floats inline, everything else through the protocol.

use super::At;
use crate::error::PyResult;
use crate::eval::regs::Regs;
use crate::eval::word::Word;
use crate::types::slots::BinOp;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

/// `a + b` for two small integers or two floats; whether it was done.
#[inline(always)]
pub(crate) fn add(regs: Regs, i: Word) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if Value::both_small(b, c) {
        if let Some(v) = Value::add_small(b, c) {
            regs.put(i.a(), v);
            return true;
        }
        return false;
    }
    if b.is_float() && c.is_float() {
        regs.put(i.a(), Value::float(b.float_unchecked() + c.float_unchecked()));
        return true;
    }
    false
}

/// `a - b`, as [`add`].
#[inline(always)]
pub(crate) fn sub(regs: Regs, i: Word) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if Value::both_small(b, c) {
        if let Some(v) = Value::sub_small(b, c) {
            regs.put(i.a(), v);
            return true;
        }
        return false;
    }
    if b.is_float() && c.is_float() {
        regs.put(i.a(), Value::float(b.float_unchecked() - c.float_unchecked()));
        return true;
    }
    false
}

/// `a * b`, as [`add`].
#[inline(always)]
pub(crate) fn mul(regs: Regs, i: Word) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if Value::both_small(b, c) {
        if let Some(v) = Value::mul_small(b, c) {
            regs.put(i.a(), v);
            return true;
        }
        return false;
    }
    if b.is_float() && c.is_float() {
        regs.put(i.a(), Value::float(b.float_unchecked() * c.float_unchecked()));
        return true;
    }
    false
}

/// `a / b` for two floats or two small integers.
#[inline(always)]
pub(crate) fn true_div(regs: Regs, i: Word) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    let (x, y) = if b.is_float() && c.is_float() {
        (b.float_unchecked(), c.float_unchecked())
    } else if Value::both_small(b, c) {
        // 51 bits are exact as floats.
        (b.small_int_unchecked() as f64, c.small_int_unchecked() as f64)
    } else {
        return false;
    };
    if y == 0.0 {
        return false;
    }
    regs.put(i.a(), Value::float(x / y));
    true
}

#[inline(always)]
fn floor_div_int(x: i64, y: i64) -> i64 {
    let q = x / y;
    if (x % y != 0) && ((x < 0) != (y < 0)) { q - 1 } else { q }
}

#[inline(always)]
fn mod_int(x: i64, y: i64) -> i64 {
    let r = x % y;
    if r != 0 && (r ^ y) < 0 { r + y } else { r }
}

/// Integer floor division and remainder; whether it was done.
#[inline(always)]
pub(crate) fn floor_div(regs: Regs, i: Word) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if Value::both_small(b, c) {
        let y = c.small_int_unchecked();
        if y != 0
            && let Some(v) = Value::small_int(floor_div_int(b.small_int_unchecked(), y))
        {
            regs.put(i.a(), v);
            return true;
        }
    }
    false
}

/// `a % b`.
#[inline(always)]
pub(crate) fn modulo(regs: Regs, i: Word) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if Value::both_small(b, c) {
        let y = c.small_int_unchecked();
        if y != 0 {
            regs.put(i.a(), Value::int_unchecked(mod_int(b.small_int_unchecked(), y)));
            return true;
        }
    }
    false
}

/// `&`, `|`, `^` of two small integers.
#[inline(always)]
pub(crate) fn bits(regs: Regs, i: Word, op: BinOp) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if !Value::both_small(b, c) {
        return false;
    }
    let (x, y) = (b.small_int_unchecked(), c.small_int_unchecked());
    let r = match op {
        BinOp::And => x & y,
        BinOp::Or => x | y,
        _ => x ^ y,
    };
    regs.put(i.a(), Value::int_unchecked(r));
    true
}

#[inline(always)]
fn shift_left(x: i64, n: i64) -> Option<Value> {
    if !(0..50).contains(&n) {
        return None;
    }
    let r = (x as i128) << n;
    i64::try_from(r).ok().and_then(Value::small_int)
}

/// `<<`.
#[inline(always)]
pub(crate) fn shl(regs: Regs, i: Word) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if Value::both_small(b, c)
        && let Some(v) = shift_left(b.small_int_unchecked(), c.small_int_unchecked())
    {
        regs.put(i.a(), v);
        return true;
    }
    false
}

/// `>>`.
#[inline(always)]
pub(crate) fn shr(regs: Regs, i: Word) -> bool {
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if Value::both_small(b, c) {
        let n = c.small_int_unchecked();
        if n >= 0 {
            regs.put(i.a(), Value::int_unchecked(b.small_int_unchecked() >> n.min(63)));
            return true;
        }
    }
    false
}

/// Arithmetic with an immediate; whether it was done.
#[inline(always)]
pub(crate) fn immediate(regs: Regs, i: Word, op: BinOp) -> bool {
    let b = regs.val(i.b());
    let k = i.imm_c() as i64;
    if !b.is_small_int() {
        if b.is_float() {
            let x = b.float_unchecked();
            let r = match op {
                BinOp::Add => x + k as f64,
                BinOp::Sub => x - k as f64,
                BinOp::Mul => x * k as f64,
                _ => return false,
            };
            regs.put(i.a(), Value::float(r));
            return true;
        }
        return false;
    }
    let x = b.small_int_unchecked();
    let r = match op {
        BinOp::Add => Value::small_int(x + k),
        BinOp::Sub => Value::small_int(x - k),
        BinOp::Mul => Value::mul_small(b, &Value::int_unchecked(k)),
        BinOp::FloorDiv if k != 0 => Value::small_int(floor_div_int(x, k)),
        BinOp::Mod if k != 0 => Some(Value::int_unchecked(mod_int(x, k))),
        BinOp::And => Some(Value::int_unchecked(x & k)),
        BinOp::Shl => shift_left(x, k),
        BinOp::Shr if k >= 0 => Some(Value::int_unchecked(x >> k.min(63))),
        _ => None,
    };
    match r {
        Some(v) => {
            regs.put(i.a(), v);
            true
        }
        None => false,
    }
}

/// An operand as a float, if it is a number without a heap object.
#[inline(always)]
fn number(v: &Value) -> Option<f64> {
    if v.is_float() {
        Some(v.float_unchecked())
    } else if v.is_small_int() {
        Some(v.small_int_unchecked() as f64)
    } else {
        None
    }
}

/// Any binary operation.
#[inline(never)]
pub(crate) fn binary(vm: &Vm, at: At<'_>, op: BinOp) -> PyResult<()> {
    let (regs, i) = (at.regs, at.i);
    let (b, c) = (regs.val(i.b()), regs.val(i.c()));
    if (b.is_float() || c.is_float())
        && let (Some(x), Some(y)) = (number(b), number(c))
    {
        let r = match op {
            BinOp::Add => Some(x + y),
            BinOp::Sub => Some(x - y),
            BinOp::Mul => Some(x * y),
            BinOp::TrueDiv if y != 0.0 => Some(x / y),
            _ => None,
        };
        if let Some(r) = r {
            regs.put(i.a(), Value::float(r));
            return Ok(());
        }
    }
    if op as u8 == BinOp::Add as u8 && vm.is_exact_str(b) && vm.is_exact_str(c) {
        return concat(vm, at);
    }
    let (b, c) = (at.src(i.b()), at.src(i.c()));
    let r = if i.x() & 1 != 0 { vm.inplace_op(op, &b, &c)? } else { vm.binary_op(op, &b, &c)? };
    regs.put(i.a(), r);
    Ok(())
}

/// `a + b` of two texts. A text that only this operand holds, or that the result replaces, grows in place.
fn concat(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (regs, i) = (at.regs, at.i);
    let c = at.src(i.c());
    let n = [regs.val(i.b()), &c].into_iter().filter_map(|v| v.downcast::<Str>()).map(|s| s.as_bytes().len()).sum();
    vm.check_text(n)?;
    let b = if i.a() == i.b() && i.a() != i.c() { regs.take_bound(i.b()) } else { at.src(i.b()) };
    let r = vm.concat_owned(b, &c)?;
    regs.put(i.a(), r);
    Ok(())
}

/// Any binary operation with an immediate.
#[inline(never)]
pub(crate) fn binary_imm(vm: &Vm, at: At<'_>, op: BinOp) -> PyResult<()> {
    let b = at.src(at.i.b());
    let c = Value::int_unchecked(at.i.imm_c() as i64);
    let r = if at.i.x() & 1 != 0 { vm.inplace_op(op, &b, &c)? } else { vm.binary_op(op, &b, &c)? };
    at.regs.put(at.i.a(), r);
    Ok(())
}

/// `-a`.
#[inline(always)]
pub(crate) fn neg(regs: Regs, i: Word) -> bool {
    let b = regs.val(i.b());
    if b.is_small_int()
        && let Some(v) = Value::small_int(-b.small_int_unchecked())
    {
        regs.put(i.a(), v);
        return true;
    }
    if b.is_float() {
        regs.put(i.a(), Value::float(-b.float_unchecked()));
        return true;
    }
    false
}

/// Any unary operation: 0 neg, 1 pos, 2 invert.
#[inline(never)]
pub(crate) fn unary(vm: &Vm, at: At<'_>, which: u8) -> PyResult<()> {
    let b = at.src(at.i.b());
    let r = match which {
        0 => vm.neg(&b)?,
        1 => vm.pos(&b)?,
        _ => vm.invert(&b)?,
    };
    at.regs.put(at.i.a(), r);
    Ok(())
}
