//! `float.hex` and `float.fromhex`.

use super::{decompose, ldexp};
use crate::types::int::text::is_space;

/// `d.hex()`
pub fn to_hex(d: f64) -> String {
    if !d.is_finite() {
        return super::text::repr_f64(d);
    }
    let sign = if d.is_sign_negative() { "-" } else { "" };
    if d == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (_, mantissa, exponent) = decompose(d);
    let (lead, fraction) = (mantissa >> 52, mantissa & ((1 << 52) - 1));
    format!("{sign}0x{lead}.{fraction:013x}p{:+}", exponent + 52)
}

/// Why text is not a hexadecimal float.
#[derive(Debug, PartialEq, Eq)]
pub enum HexError {
    /// It is malformed.
    Invalid,
    /// It is too large.
    Overflow,
}

/// Reads what [`to_hex`] writes and everything `float.fromhex` takes.
pub fn from_hex(text: &[u8]) -> Result<f64, HexError> {
    let mut s = text;
    while let [c, rest @ ..] = s
        && is_space(*c)
    {
        s = rest;
    }
    while let [rest @ .., c] = s
        && is_space(*c)
    {
        s = rest;
    }
    let mut negative = false;
    if let [sign @ (b'+' | b'-'), rest @ ..] = s {
        negative = *sign == b'-';
        s = rest;
    }
    let signed = |d: f64| Ok(if negative { -d } else { d });
    let lower = s.to_ascii_lowercase();
    match lower.as_slice() {
        b"inf" | b"infinity" => return signed(f64::INFINITY),
        b"nan" => return signed(f64::NAN),
        _ => {}
    }
    let mut s = lower.strip_prefix(b"0x").unwrap_or(&lower);
    let (mut mantissa, mut exponent, mut n, mut after_point, mut sticky) = (0u128, 0i64, 0, false, false);
    while let [c, rest @ ..] = s {
        match c {
            b'.' if !after_point => after_point = true,
            b'0'..=b'9' | b'a'..=b'f' => {
                let d = if c.is_ascii_digit() { c - b'0' } else { c - b'a' + 10 };
                n += 1;
                if mantissa >> 100 == 0 {
                    mantissa = mantissa << 4 | d as u128;
                    exponent -= 4 * after_point as i64;
                } else {
                    sticky |= d != 0;
                    exponent += 4 * !after_point as i64;
                }
            }
            _ => break,
        }
        s = rest;
    }
    if n == 0 {
        return Err(HexError::Invalid);
    }
    if let [b'p', rest @ ..] = s {
        let (minus, digits) = match rest {
            [b'-', d @ ..] => (true, d),
            [b'+', d @ ..] => (false, d),
            d => (false, d),
        };
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(HexError::Invalid);
        }
        let e = digits.iter().fold(0i64, |e, c| e.saturating_mul(10).saturating_add((c - b'0') as i64));
        exponent = exponent.saturating_add(if minus { -e } else { e });
    } else if !s.is_empty() {
        return Err(HexError::Invalid);
    }
    if mantissa == 0 {
        return signed(0.0);
    }
    match round_scaled(mantissa, sticky, exponent) {
        Some(d) => signed(d),
        None => Err(HexError::Overflow),
    }
}

/// The double nearest to `mantissa * 2**exponent` (a little more if `sticky`), ties to even; `None` when too large.
fn round_scaled(mantissa: u128, sticky: bool, exponent: i64) -> Option<f64> {
    let bits = 128 - mantissa.leading_zeros() as i64;
    let top = exponent.saturating_add(bits);
    if top > 1024 {
        return None;
    }
    if top < -1075 {
        return Some(0.0);
    }
    // The lowest bit of the result stands for 2**low.
    let low = (top - 53).max(-1074);
    let drop = low - exponent;
    let (m, e) = if drop <= 0 {
        (mantissa, exponent)
    } else if drop > 127 {
        (0, low)
    } else {
        let (kept, rest, half) = (mantissa >> drop, mantissa & ((1 << drop) - 1), 1u128 << (drop - 1));
        let up = rest > half || (rest == half && (sticky || kept & 1 != 0));
        (kept + up as u128, low)
    };
    let d = ldexp(m as f64, e);
    d.is_finite().then_some(d)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trips(bits in any::<u64>()) {
            let d = f64::from_bits(bits);
            prop_assume!(!d.is_nan());
            prop_assert_eq!(from_hex(to_hex(d).as_bytes()).map(f64::to_bits), Ok(d.to_bits()));
        }
    }

    #[test]
    fn as_cpython() {
        assert_eq!(to_hex(-0.1), "-0x1.999999999999ap-4");
        assert_eq!(to_hex(5e-324), "0x0.0000000000001p-1022");
        assert_eq!(from_hex(b" 0x1.ffffp10 "), Ok(2047.984375));
        assert_eq!(from_hex(b"-0x1p-1074"), Ok(-5e-324));
        assert_eq!(from_hex(b"0x.8p-1074"), Ok(0.0));
        assert_eq!(from_hex(b"0x.8000000000000000000000000000000000000001p-1074"), Ok(5e-324));
        assert_eq!(from_hex(b"0x1p1024"), Err(HexError::Overflow));
        assert_eq!(from_hex(b"0x1.fffffffffffff8p1023"), Err(HexError::Overflow));
        assert_eq!(from_hex(b"0x0p99999999999999999999"), Ok(0.0));
        for bad in ["", "0x", "0x.", "p5", "0x1p", "0x1p+", "1 2", "0x1g", "--1", "0x1.2.3"] {
            assert_eq!(from_hex(bad.as_bytes()), Err(HexError::Invalid), "{bad}");
        }
    }
}
