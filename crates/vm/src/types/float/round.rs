//! Rounding to a decimal digit, half to even on the exact value of the double.

use super::trunc_to_big;
use crate::error::PyResult;
use crate::types::int::IntRef;
use crate::types::int::convert::not_finite;
use crate::types::int::divide::floor_big;
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::IBig;

/// `round(d)`: the nearest integer.
pub fn to_integer(vm: &Vm, d: f64) -> PyResult {
    if !d.is_finite() {
        return Err(not_finite(vm, d));
    }
    Ok(vm.int_from_f64(d.round_ties_even()))
}

/// `round(d, digits)`; `None` when the result is too large for a float.
pub fn to_digits(d: f64, digits: i64) -> Option<f64> {
    if !d.is_finite() || d == 0.0 || digits > 323 {
        return Some(d);
    }
    if digits < -308 {
        return Some(0.0 * d);
    }
    if digits >= 0 {
        return format!("{:.*}", digits as usize, d).parse().ok();
    }
    let unit = IBig::from(10).pow(-digits as usize);
    let whole = trunc_to_big(d.abs());
    let exact = d == d.trunc();
    let (q, r) = floor_big(&whole, &unit);
    let twice = &r * 2;
    let tie = twice == unit;
    let up = twice > unit || (tie && (!exact || IntRef::of_big(&q).is_odd()));
    let rounded = (if up { q + 1 } else { q }) * unit;
    let r = rounded.to_f64().value();
    r.is_finite().then_some(r.copysign(d))
}

/// `float.__round__`.
pub fn round(vm: &Vm, d: f64, digits: Option<&Value>) -> PyResult {
    let Some(digits) = digits else { return to_integer(vm, d) };
    let digits = vm.index_clamped(digits)?;
    match to_digits(d, digits as i64) {
        Some(r) => Ok(Value::float(r)),
        None => Err(vm.overflow_error("rounded value too large to represent")),
    }
}

#[cfg(test)]
mod tests {
    use super::to_digits;

    #[test]
    fn as_cpython() {
        for (d, n, r) in [
            (2.675, 2, 2.67),
            (0.5, 0, 0.0),
            (1.5, 0, 2.0),
            (2.5, 0, 2.0),
            (15.0, -1, 20.0),
            (25.0, -1, 20.0),
            (25.5, -1, 30.0),
            (-15.0, -1, -20.0),
            (1e300, -300, 1e300),
            (5e-324, 323, 0.0),
            (4.9, -1, 0.0),
            (1234.5678, 2, 1234.57),
            (1e22, 5, 1e22),
        ] {
            assert_eq!(to_digits(d, n), Some(r), "round({d}, {n})");
        }
        assert_eq!(to_digits(1.7e308, -308), None);
        assert!(to_digits(-4.0, -1).is_some_and(|r| r == 0.0 && r.is_sign_negative()));
    }
}
