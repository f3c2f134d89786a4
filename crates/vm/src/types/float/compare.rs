//! Comparison of floats, with integers by exact value: no integer is rounded to be compared.

use super::{as_f64, trunc_to_big};
use crate::error::PyResult;
use crate::types::int::{IntRef, hash};
use crate::types::slots::CmpOp;
use crate::value::Value;
use crate::vm::Vm;
use std::cmp::Ordering;

/// Compares a float with an integer; `None` when the float is a NaN.
pub fn cmp_int(d: f64, i: IntRef<'_>) -> Option<Ordering> {
    if d.is_nan() {
        return None;
    }
    match i {
        IntRef::Small(i) if i.unsigned_abs() <= 1 << 53 => d.partial_cmp(&(i as f64)),
        _ if d.is_infinite() => Some(if d > 0.0 { Ordering::Greater } else { Ordering::Less }),
        IntRef::Small(i) => {
            let whole = d.trunc();
            // Outside of 64 bits the sign decides; `as` saturates, so compare in 128 bits.
            Some((whole as i128).cmp(&(i as i128)).then(d.partial_cmp(&whole)?))
        }
        IntRef::Big(b) => Some(trunc_to_big(d).cmp(b).then(d.partial_cmp(&d.trunc())?)),
    }
}

/// Comparisons.
pub fn richcmp(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let Some(x) = as_f64(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    let order = match as_f64(b) {
        Some(y) => x.partial_cmp(&y),
        None => match IntRef::of(b) {
            Some(i) => cmp_int(x, i),
            None => return Ok(Value::NOT_IMPLEMENTED),
        },
    };
    Ok(Value::bool(match order {
        Some(order) => op.of(order),
        None => op == CmpOp::Ne,
    }))
}

/// The hash; that of a NaN is its identity's.
pub fn hash(vm: &Vm, value: &Value) -> PyResult<i64> {
    let d = super::this(value);
    if d.is_nan() {
        return Ok(vm.identity_hash(value));
    }
    if d.abs() < 9e15 && d == d.trunc() {
        return Ok(hash::hash_i64(d as i64));
    }
    Ok(hash::hash_f64(d))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_int::IBig;

    #[test]
    fn exact() {
        let big = |n: u32| (IBig::ONE << n as usize) + 1;
        assert_eq!(cmp_int(2f64.powi(53), IntRef::Small((1 << 53) + 1)), Some(Ordering::Less));
        assert_eq!(cmp_int(2f64.powi(70), IntRef::Big(&big(70))), Some(Ordering::Less));
        assert_eq!(cmp_int(2f64.powi(71), IntRef::Big(&big(70))), Some(Ordering::Greater));
        assert_eq!(cmp_int(9.3e18, IntRef::Small(i64::MAX)), Some(Ordering::Greater));
        assert_eq!(cmp_int(-9.3e18, IntRef::Small(i64::MIN)), Some(Ordering::Less));
        assert_eq!(cmp_int(0.5, IntRef::Small(0)), Some(Ordering::Greater));
        assert_eq!(cmp_int(-0.5, IntRef::Small(0)), Some(Ordering::Less));
        assert_eq!(cmp_int(f64::NAN, IntRef::Small(0)), None);
        assert_eq!(cmp_int(f64::NEG_INFINITY, IntRef::Big(&-big(2000))), Some(Ordering::Less));
    }
}
