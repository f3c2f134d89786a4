//! The divisions of integers: floor division, remainder, and true division rounded correctly.

use super::arith::both;
use super::{IntRef, magnitude_bits};
use crate::error::{PyResult, Raised};
use crate::types::float::ldexp_exact;
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::ops::DivRem;
use dashu_int::{IBig, Sign, UBig};

/// Quotient and remainder with the sign of the divisor, which is not zero.
#[inline]
fn floor_small(a: i64, b: i64) -> (i128, i64) {
    if b == -1 {
        return (-(a as i128), 0);
    }
    let (q, r) = (a / b, a % b);
    if r != 0 && (r < 0) != (b < 0) { ((q - 1) as i128, r + b) } else { (q as i128, r) }
}

/// Quotient and remainder with the sign of the divisor, which is not zero.
pub fn floor_big(a: &IBig, b: &IBig) -> (IBig, IBig) {
    let (q, r) = a.div_rem(b);
    if !r.is_zero() && r.sign() != b.sign() { (q - 1, r + b) } else { (q, r) }
}

#[cold]
fn by_zero(vm: &Vm) -> Raised {
    vm.zero_division("division by zero")
}

/// `a // b`
pub fn floordiv(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    if y.is_zero() {
        return Err(by_zero(vm));
    }
    Ok(match (x, y) {
        (IntRef::Small(a), IntRef::Small(b)) => vm.int_i128(floor_small(a, b).0),
        _ => vm.int_big(floor_big(&x.big(), &y.big()).0),
    })
}

/// `a % b`
pub fn modulo(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    if y.is_zero() {
        return Err(vm.zero_division("division by zero"));
    }
    Ok(match (x, y) {
        (IntRef::Small(a), IntRef::Small(b)) => vm.int(floor_small(a, b).1),
        (x, y) => {
            let (a, b) = (x.big(), y.big());
            let r = &*a % &*b;
            vm.int_big(if !r.is_zero() && r.sign() != b.sign() { r + &*b } else { r })
        }
    })
}

/// `divmod(a, b)`
pub fn divmod(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    if y.is_zero() {
        return Err(by_zero(vm));
    }
    let (q, r) = match (x, y) {
        (IntRef::Small(a), IntRef::Small(b)) => {
            let (q, r) = floor_small(a, b);
            (vm.int_i128(q), vm.int(r))
        }
        _ => {
            let (q, r) = floor_big(&x.big(), &y.big());
            (vm.int_big(q), vm.int_big(r))
        }
    };
    Ok(vm.tuple(vec![q, r]))
}

/// `a / b`
pub fn truediv(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    if y.is_zero() {
        return Err(by_zero(vm));
    }
    const EXACT: u64 = 1 << 53;
    if let (IntRef::Small(a), IntRef::Small(b)) = (x, y)
        && a.unsigned_abs() <= EXACT
        && b.unsigned_abs() <= EXACT
    {
        return Ok(Value::float(a as f64 / b as f64));
    }
    match true_quotient(&x.big(), &y.big()) {
        Some(d) => Ok(Value::float(d)),
        None => Err(vm.overflow_error("integer division result too large for a float")),
    }
}

/// The float nearest to `a / b` (ties to even), or `None` if it is too large. `b` is not zero.
pub fn true_quotient(a: &IBig, b: &IBig) -> Option<f64> {
    let negative = a.sign() != b.sign();
    if a.is_zero() {
        return Some(if negative { -0.0 } else { 0.0 });
    }
    let diff = magnitude_bits(a) as i64 - magnitude_bits(b) as i64;
    if diff > 1024 {
        return None;
    }
    if diff < -1075 {
        return Some(if negative { -0.0 } else { 0.0 });
    }
    // The quotient gets 55 or 56 bits (fewer where the result is subnormal), the lowest one sticky.
    let shift = diff.max(-1021) - 55;
    let (a, b) = (a.clone().into_parts().1, b.clone().into_parts().1);
    let (q, r) = match shift <= 0 {
        true => (a << (-shift) as usize).div_rem(&b),
        false => a.div_rem(b << shift as usize),
    };
    let q = u64::try_from(&q).unwrap_or(u64::MAX) | !r.is_zero() as u64;
    let bits = 64 - q.leading_zeros() as i64;
    let extra = bits.max(-1021 - shift) - 53;
    let mask = 1u64 << (extra - 1);
    let mut rounded = q;
    if q & mask != 0 && q & (3 * mask - 1) != 0 {
        rounded += mask;
    }
    rounded &= !(2 * mask - 1);
    let d = ldexp_exact(rounded as f64, shift as i32);
    if d.is_infinite() {
        return None;
    }
    Some(if negative { -d } else { d })
}

/// The greatest common divisor, not negative.
pub fn gcd(a: &IBig, b: &IBig) -> UBig {
    use dashu_int::ops::Gcd;
    match (a.is_zero(), b.is_zero()) {
        (true, true) => UBig::ZERO,
        (true, false) => b.clone().into_parts().1,
        (false, true) => a.clone().into_parts().1,
        (false, false) => a.gcd(b),
    }
}

/// A magnitude as a signed integer.
pub fn signed(negative: bool, magnitude: UBig) -> IBig {
    IBig::from_parts(if negative { Sign::Negative } else { Sign::Positive }, magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn floor_agrees_with_i128(a in any::<i64>(), b in any::<i64>().prop_filter("zero", |b| *b != 0)) {
            let (q, r) = floor_small(a, b);
            prop_assert_eq!(q * b as i128 + r as i128, a as i128);
            prop_assert!(r == 0 || (r < 0) == (b < 0));
            let (bq, br) = floor_big(&IBig::from(a), &IBig::from(b));
            prop_assert_eq!((bq, br), (IBig::from(q), IBig::from(r)));
        }

        #[test]
        fn true_division_of_exact_operands(a in -(1i64 << 53)..(1 << 53), b in 1i64..(1 << 53)) {
            prop_assert_eq!(true_quotient(&IBig::from(a), &IBig::from(b)), Some(a as f64 / b as f64));
        }
    }

    #[test]
    fn true_division_at_the_edges() {
        let big = IBig::from(10).pow(400);
        assert_eq!(true_quotient(&big, &IBig::ONE), None);
        assert_eq!(true_quotient(&IBig::ONE, &big), Some(0.0));
        assert_eq!(true_quotient(&big, &(&big * 3)), Some(1.0 / 3.0));
        assert_eq!(true_quotient(&IBig::ONE, &(IBig::ONE << 1074)), Some(5e-324));
        assert_eq!(true_quotient(&IBig::ONE, &(IBig::ONE << 1075)), Some(0.0));
        assert_eq!(true_quotient(&IBig::from(3), &(IBig::ONE << 1075)), Some(1e-323));
    }
}
