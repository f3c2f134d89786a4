//! `float`: a double. Exact floats are immediates; only instances of subclasses are objects.
//!
//! Rooms: this file has the payload and the taking apart of doubles; [`arith`] the operators, [`compare`] comparisons
//! (exact, with integers too), [`text`] digits in and out, [`hex`] hexadecimal, [`round`] rounding to a digit,
//! [`methods`] what Python sees.
#![expect(unsafe_code, reason = "the payload of instances of subclasses")]

pub mod arith;
pub mod compare;
pub mod hex;
pub mod methods;
pub mod round;
pub mod text;

pub use methods::TYPE;

use crate::object::{Kind, Payload};
use crate::value::Value;
use dashu_int::IBig;

/// A float of a subclass.
pub struct Float {
    /// Its value.
    pub value: f64,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Float {
    const KIND: Kind = Kind::Float;
}

/// The double, if the value is a `float` or an instance of a subclass.
#[inline(always)]
pub fn as_f64(value: &Value) -> Option<f64> {
    match value.as_float() {
        Some(d) => Some(d),
        None => value.downcast::<Float>().map(|f| f.value),
    }
}

/// The receiver of a slot, which the slot's type guarantees to be a float.
#[inline]
#[track_caller]
pub(crate) fn this(value: &Value) -> f64 {
    as_f64(value).expect("the slot belongs to float")
}

/// Mantissa in `[0.5, 1)` (of either sign) and exponent, as C's `frexp`.
pub fn frexp(d: f64) -> (f64, i32) {
    if d == 0.0 || !d.is_finite() {
        return (d, 0);
    }
    let bits = d.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    if exponent == 0 {
        let (m, e) = frexp(d * (1u64 << 54) as f64);
        return (m, e - 54);
    }
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent - 1022)
}

/// `2.0 ** e` for exponents of normal doubles.
fn power_of_two(e: i32) -> f64 {
    f64::from_bits(((e + 1023) as u64) << 52)
}

/// `d * 2**e`, rounded once (to even) where the result is subnormal; infinite where it is too large.
pub fn ldexp(d: f64, e: i64) -> f64 {
    if d == 0.0 || !d.is_finite() {
        return d;
    }
    let (m, own) = frexp(d);
    let e = e.clamp(-5000, 5000) as i32 + own;
    // m * 2**e with m in [0.5, 1).
    if e > 1024 {
        return f64::INFINITY.copysign(d);
    }
    if e == 1024 {
        // 2**1024 has no representation.
        return m * 2.0 * power_of_two(1023);
    }
    if e >= -1021 {
        return m * power_of_two(e);
    }
    if e < -1075 {
        return 0f64.copysign(d);
    }
    // A product with 2**-1022 rounds once.
    m * power_of_two(e + 1022) * power_of_two(-1022)
}

/// [`ldexp`] by another name where the result is known to need no rounding.
pub fn ldexp_exact(d: f64, e: i32) -> f64 {
    ldexp(d, e as i64)
}

/// Sign, mantissa and exponent of a finite double: `mantissa * 2**exponent`.
pub fn decompose(d: f64) -> (bool, u64, i32) {
    let bits = d.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let negative = bits >> 63 != 0;
    if exponent == 0 { (negative, fraction, -1074) } else { (negative, fraction | 1 << 52, exponent - 1075) }
}

/// The integer part of a finite double.
pub fn trunc_to_big(d: f64) -> IBig {
    let (negative, mantissa, exponent) = decompose(d);
    let magnitude = match exponent {
        0.. => IBig::from(mantissa) << exponent as usize,
        -63..0 => IBig::from(mantissa >> -exponent),
        _ => IBig::ZERO,
    };
    if negative { -magnitude } else { magnitude }
}

impl crate::vm::Vm {
    /// The integer part of a finite double as an `int`.
    pub fn int_from_f64(&self, d: f64) -> Value {
        if d.abs() < 9.2e18 { self.int(d as i64) } else { self.int_big(trunc_to_big(d)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frexp_and_back(bits in any::<u64>()) {
            let d = f64::from_bits(bits);
            prop_assume!(d.is_finite());
            let (m, e) = frexp(d);
            prop_assert!(d == 0.0 || (0.5..1.0).contains(&m.abs()));
            prop_assert_eq!(ldexp(m, e as i64).to_bits(), d.to_bits());
        }

        #[test]
        fn truncation(d in -1e18f64..1e18) {
            prop_assert_eq!(trunc_to_big(d), IBig::from(d as i64));
        }
    }

    #[test]
    fn ldexp_rounds_once() {
        assert_eq!(ldexp(1.0, -1074), 5e-324);
        assert_eq!(ldexp(1.0, -1075), 0.0);
        assert_eq!(ldexp(1.5, -1075), 5e-324);
        assert_eq!(ldexp(1.0, 1023), 2f64.powi(1023));
        assert_eq!(ldexp(1.0, 1024), f64::INFINITY);
        assert_eq!(ldexp(0.75, 1024), 0.75 * 2.0 * 2f64.powi(1023));
        assert_eq!(ldexp(5e-324, 2000), 2f64.powi(926));
        let least = f64::from_bits(0x0010_0000_0000_0001);
        assert_eq!(ldexp(least * 4.0, -2), least);
    }
}
