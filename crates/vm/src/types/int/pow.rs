//! `a ** b` and `pow(a, b, m)` of integers.

use super::arith::both;
use super::divide::signed;
use super::{IntRef, convert};
use crate::error::PyResult;
use crate::types::float;
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::fast_div::ConstDivisor;
use dashu_int::{IBig, Sign, UBig};

/// `a ** b`
pub fn pow(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    if y.is_negative() {
        let (x, y) = (convert::to_f64(vm, x)?, convert::to_f64(vm, y)?);
        return float::arith::pow_floats(vm, x, y);
    }
    match (x, y) {
        (_, IntRef::Small(0)) => return Ok(Value::int_unchecked(1)),
        (IntRef::Small(base @ (0 | 1)), _) => return Ok(Value::int_unchecked(base)),
        (IntRef::Small(-1), _) => return Ok(Value::int_unchecked(if y.is_odd() { -1 } else { 1 })),
        (_, IntRef::Small(1)) => return super::arith::pos(vm, a),
        _ => {}
    }
    let IntRef::Small(exponent) = y else { return Err(vm.memory_error()) };
    if let IntRef::Small(base) = x
        && let Some(r) = u32::try_from(exponent).ok().and_then(|e| base.checked_pow(e))
    {
        return Ok(vm.int(r));
    }
    let bits = (x.bit_length() - 1).max(1).saturating_mul(exponent as usize);
    vm.check_int(bits)?;
    // The factors and the room that multiplying them takes.
    vm.check_alloc(bits / 8 * 3)?;
    if let IntRef::Small(base) = x
        && base.unsigned_abs().is_power_of_two()
    {
        let magnitude = UBig::ONE << (base.unsigned_abs().trailing_zeros() as usize * exponent as usize);
        return Ok(vm.int_big(signed(base < 0 && exponent & 1 != 0, magnitude)));
    }
    Ok(vm.int_big(x.big().pow(exponent as usize)))
}

/// `pow(a, b, m)`
pub fn pow_mod(vm: &Vm, a: &Value, b: &Value, m: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    let Some(m) = IntRef::of(m) else { return Ok(Value::NOT_IMPLEMENTED) };
    if m.is_zero() {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    if let (IntRef::Small(base), IntRef::Small(exponent @ 0..), IntRef::Small(m)) = (x, y, m)
        && m > 0
    {
        return Ok(vm.int(pow_mod_small(base, exponent as u64, m as u64) as i64));
    }
    let m = m.big();
    let modulus: UBig = m.clone().into_owned().into_parts().1;
    if modulus.is_one() {
        return Ok(Value::int_unchecked(0));
    }
    let ring = ConstDivisor::new(modulus);
    let mut base = ring.reduce(x.big().into_owned());
    if y.is_negative() {
        base = match base.inv() {
            Some(inverse) => inverse,
            None => return Err(vm.value_error("base is not invertible for the given modulus")),
        };
    }
    let exponent: UBig = y.big().into_owned().into_parts().1;
    let residue = IBig::from(base.pow(&exponent).residue());
    Ok(vm.int_big(if m.sign() == Sign::Negative && !residue.is_zero() { residue + &*m } else { residue }))
}

fn pow_mod_small(base: i64, mut exponent: u64, m: u64) -> u64 {
    let times = |a: u64, b: u64| (a as u128 * b as u128 % m as u128) as u64;
    let mut base = (base as i128).rem_euclid(m as i128) as u64;
    let mut result = 1 % m;
    while exponent > 0 {
        if exponent & 1 != 0 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}
