//! The hash of numbers: equal numbers of all numeric types hash alike. It is the value modulo the prime 2**61 - 1
//! (`sys.hash_info.modulus`), as CPython has it; -1 becomes -2.

use super::IntRef;
use super::arith::int;
use crate::error::PyResult;
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::{IBig, Sign};

/// `sys.hash_info.modulus`
pub const MODULUS: u64 = (1 << 61) - 1;
/// `sys.hash_info.inf`
pub const INF: i64 = 314_159;
/// `sys.hash_info.imag`
pub const IMAG: i64 = 1_000_003;

/// -1 is left to errors.
#[inline(always)]
pub fn finish(h: i64) -> i64 {
    if h == -1 { -2 } else { h }
}

/// The hash of an integer of 64 bits.
#[inline]
pub fn hash_i64(i: i64) -> i64 {
    let h = (i.unsigned_abs() % MODULUS) as i64;
    finish(if i < 0 { -h } else { h })
}

/// The hash of a big integer.
pub fn hash_big(big: &IBig) -> i64 {
    let (sign, words) = big.as_sign_words();
    // 2**64 is 8 modulo 2**61 - 1.
    let h = words.iter().rev().fold(0u64, |h, w| ((h as u128 * 8 + *w as u128) % MODULUS as u128) as u64) as i64;
    finish(if sign == Sign::Negative { -h } else { h })
}

/// The hash of a float that is not a NaN.
pub fn hash_f64(d: f64) -> i64 {
    if d.is_infinite() {
        return if d > 0.0 { INF } else { -INF };
    }
    let (mut m, mut e) = crate::types::float::frexp(d.abs());
    let mut x: u64 = 0;
    // 28 bits at a time, rotating modulo 2**61 - 1.
    while m != 0.0 {
        x = ((x << 28) & MODULUS) | x >> (61 - 28);
        m *= 268_435_456.0;
        e -= 28;
        let y = m as u64;
        m -= y as f64;
        x += y;
        if x >= MODULUS {
            x -= MODULUS;
        }
    }
    let e = e.rem_euclid(61) as u32;
    x = ((x << e) & MODULUS) | x >> (61 - e);
    finish(if d < 0.0 { -(x as i64) } else { x as i64 })
}

/// The hash of an instance of `int`.
pub fn hash(_: &Vm, value: &Value) -> PyResult<i64> {
    Ok(match int(value) {
        IntRef::Small(i) => hash_i64(i),
        IntRef::Big(b) => hash_big(b),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_for_all_types(i in any::<i64>()) {
            prop_assert_eq!(hash_i64(i), hash_big(&IBig::from(i)));
            let d = i as f64;
            prop_assert_eq!(hash_f64(d), hash_big(&IBig::try_from(d).unwrap()));
        }
    }

    #[test]
    fn as_cpython() {
        assert_eq!(hash_i64(-1), -2);
        assert_eq!(hash_i64(1 << 61), 1);
        assert_eq!(hash_f64(0.5), 1 << 60);
        assert_eq!(hash_f64(1e300), 1_224_995_262_755_759_164);
        assert_eq!(hash_big(&IBig::from(10).pow(30)), 465_258_685_558_744_706);
    }
}
