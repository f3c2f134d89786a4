//! Floats in decimal: the shortest text that reads back as the same double (`repr`), exact digits for formats, and
//! `float("...")`. Digits come from the standard library (Grisu with an exact fallback), whose rounding is correct.

use crate::error::{PyResult, Raised};
use crate::types::int::text::{Decimal, is_space, to_ascii};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;
use std::fmt::Write;

/// Text on the stack, for digits of bounded length.
struct Short {
    buf: [u8; 40],
    len: usize,
}

impl Write for Short {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        let end = self.len + s.len();
        self.buf.get_mut(self.len..end).ok_or(std::fmt::Error)?.copy_from_slice(s.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Decimal digits of a finite double without sign, and the position of the point: `0.DIGITS * 10**point`.
pub struct Digits {
    /// ASCII digits, no leading zero unless the number is zero.
    pub digits: Vec<u8>,
    /// Where the decimal point is.
    pub point: i32,
}

/// Longest precision at which digits can differ from zero.
const LONGEST: usize = 1100;

fn split_exponent(text: &[u8]) -> (Vec<u8>, i32) {
    let e = text.iter().position(|c| *c == b'e').unwrap_or(text.len());
    let exponent = std::str::from_utf8(&text[(e + 1).min(text.len())..]).ok().and_then(|t| t.parse().ok()).unwrap_or(0);
    (text[..e].iter().copied().filter(u8::is_ascii_digit).collect(), exponent)
}

impl Digits {
    /// The shortest digits that read back as `d`.
    pub fn shortest(d: f64) -> Digits {
        let mut text = Short { buf: [0; 40], len: 0 };
        // The longest is 17 digits with point and exponent.
        let _ = write!(text, "{:e}", d.abs());
        let (mut digits, exponent) = split_exponent(&text.buf[..text.len]);
        let mut even = [0; 24];
        if digits.len() >= 15
            && let Some((_, rest)) = even_tie(d.abs(), digits[0], &digits[1..], exponent, &mut even)
        {
            digits[1..].copy_from_slice(rest);
        }
        Digits { digits, point: exponent + 1 }
    }

    /// `n` significant digits (at least one), rounded half to even on the exact value.
    pub fn significant(d: f64, n: usize) -> Digits {
        let n = n.max(1);
        let text = format!("{:.*e}", (n - 1).min(LONGEST), d.abs());
        let (mut digits, exponent) = split_exponent(text.as_bytes());
        digits.resize(n, b'0');
        Digits { digits, point: exponent + 1 }
    }

    /// `n` digits behind the point, rounded half to even on the exact value. The digits before the point come first.
    pub fn fixed(d: f64, n: usize) -> Digits {
        let text = format!("{:.*}", n.min(LONGEST), d.abs());
        let whole = text.find('.').unwrap_or(text.len());
        let mut digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
        digits.resize(whole + n, b'0');
        Digits { digits, point: whole as i32 }
    }
}

/// Appends an exponent as Python writes it: a sign and at least two digits.
pub fn push_exponent(out: &mut Vec<u8>, mark: u8, e: i32) {
    out.push(mark);
    out.push(if e < 0 { b'-' } else { b'+' });
    if e.abs() < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(Decimal::new(e.abs() as i64).as_bytes());
}

/// Appends `repr(d)`, with `.0` for whole numbers if `dot_zero`.
pub fn push_repr(out: &mut Vec<u8>, d: f64, dot_zero: bool) {
    if !d.is_finite() {
        let text: &[u8] = if d.is_nan() {
            b"nan"
        } else if d > 0.0 {
            b"inf"
        } else {
            b"-inf"
        };
        out.extend_from_slice(text);
        return;
    }
    if d.is_sign_negative() {
        out.push(b'-');
    }
    let magnitude = d.abs();
    if magnitude < 1e15 && magnitude == magnitude.trunc() {
        out.extend_from_slice(Decimal::new(magnitude as i64).as_bytes());
        if dot_zero {
            out.extend_from_slice(b".0");
        }
        return;
    }
    let mut text = Short { buf: [0; 40], len: 0 };
    let _ = write!(text, "{magnitude:e}");
    let text = &text.buf[..text.len];
    let e = text.iter().position(|c| *c == b'e').unwrap_or(text.len());
    let mut exponent = 0i32;
    for c in &text[(e + 1).min(text.len())..] {
        if *c != b'-' {
            exponent = exponent * 10 + (*c - b'0') as i32;
        }
    }
    if text.get(e + 1) == Some(&b'-') {
        exponent = -exponent;
    }
    // `d.ddd`: the digits are the first byte and those behind the point.
    let mut even = [0; 24];
    let (mut first, mut rest) = (text[0], text.get(2..e).unwrap_or(&[]));
    if rest.len() >= 14
        && let Some((f, r)) = even_tie(magnitude, first, rest, exponent, &mut even)
    {
        (first, rest) = (f, r);
    }
    match exponent {
        -4..0 => {
            out.extend_from_slice(b"0.");
            out.extend(std::iter::repeat_n(b'0', (-exponent - 1) as usize));
            out.push(first);
            out.extend_from_slice(rest);
        }
        0..16 => {
            let whole = exponent as usize;
            out.push(first);
            if rest.len() <= whole {
                out.extend_from_slice(rest);
                out.extend(std::iter::repeat_n(b'0', whole - rest.len()));
                if dot_zero {
                    out.extend_from_slice(b".0");
                }
            } else {
                out.extend_from_slice(&rest[..whole]);
                out.push(b'.');
                out.extend_from_slice(&rest[whole..]);
            }
        }
        _ => {
            out.push(first);
            if !rest.is_empty() {
                out.push(b'.');
                out.extend_from_slice(rest);
            }
            push_exponent(out, b'e', exponent);
        }
    }
}

/// The digits to use instead where the shortest digits `first.rest` end in an odd digit and `d` lies exactly between them
/// and their even neighbours: the standard library rounds such ties up, Python to even.
fn even_tie<'a>(d: f64, first: u8, rest: &[u8], exponent: i32, out: &'a mut [u8; 24]) -> Option<(u8, &'a [u8])> {
    let last = *rest.last()?;
    if last & 1 == 0 || last == b'9' || rest.len() > 17 {
        return None;
    }
    let (_, mantissa, e) = super::decompose(d);
    let e = e + mantissa.trailing_zeros() as i32;
    // Digits behind the point, negative where zeros are missing before it.
    let n_frac = rest.len() as i32 - exponent;
    let exact_digit_more = match e < 0 {
        // The exact expansion has -e digits behind the point, the last one a 5.
        true => -e == n_frac + 1,
        false => {
            let unit = 10u128.checked_pow(u32::try_from(-n_frac).ok().filter(|k| *k > 0)?)?;
            d < 1e38 && d as u128 % unit == unit / 2
        }
    };
    if !exact_digit_more {
        return None;
    }
    // The even neighbour on the other side of `d`.
    for change in [-1i8, 1] {
        out[0] = first;
        out[1..=rest.len()].copy_from_slice(rest);
        out[rest.len()] = last.wrapping_add_signed(change);
        let text = [&out[..1], b".", &out[1..=rest.len()]].concat();
        let text = format!("{}e{exponent}", String::from_utf8(text).ok()?);
        if text.parse() == Ok(d) {
            return Some((out[0], &out[1..=rest.len()]));
        }
    }
    None
}

/// `repr(d)`
pub fn repr_f64(d: f64) -> String {
    let mut out = Vec::with_capacity(24);
    push_repr(&mut out, d, true);
    String::from_utf8(out).unwrap_or_default()
}

/// `repr` of a float.
pub fn repr(vm: &Vm, value: &Value) -> PyResult {
    let mut out = Vec::with_capacity(32);
    push_repr(&mut out, super::this(value), true);
    Ok(vm.str_wtf8(&out))
}

/// Reads a float from ASCII text: surrounding space, underscores between digits, `inf`, `infinity`, `nan`.
pub fn parse(text: &[u8]) -> Option<f64> {
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
    if !s.contains(&b'_') {
        return std::str::from_utf8(s).ok()?.parse().ok();
    }
    let digit = |i: Option<usize>| i.and_then(|i| s.get(i)).is_some_and(u8::is_ascii_digit);
    let mut plain = String::with_capacity(s.len());
    for (i, c) in s.iter().enumerate() {
        match c {
            b'_' if digit(i.checked_sub(1)) && digit(Some(i + 1)) => {}
            b'_' | 0x80.. => return None,
            c => plain.push(*c as char),
        }
    }
    plain.parse().ok()
}

/// `float(text)`. `shown` is the value that messages show.
pub fn float_from_text(vm: &Vm, text: &[u8], shown: &Value) -> PyResult<f64> {
    match parse(text) {
        Some(d) => Ok(d),
        None => Err(invalid(vm, shown)),
    }
}

/// `float(s)` of a `str`.
pub fn float_from_str(vm: &Vm, s: &Str, shown: &Value) -> PyResult<f64> {
    float_from_text(vm, &to_ascii(s), shown)
}

#[cold]
fn invalid(vm: &Vm, shown: &Value) -> Raised {
    match vm.repr(shown) {
        Ok(repr) => {
            let repr = repr.downcast::<Str>().map_or(&[][..], |s| s.as_bytes());
            let message = [b"could not convert string to float: ", repr].concat();
            vm.raise_with(vm.types().ValueError, vec![vm.str_wtf8(&message)])
        }
        Err(e) => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_back(bits in any::<u64>()) {
            let d = f64::from_bits(bits);
            prop_assume!(d.is_finite());
            prop_assert_eq!(parse(repr_f64(d).as_bytes()).unwrap().to_bits(), d.to_bits());
        }

        #[test]
        fn parse_never_panics(text in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = parse(&text);
        }
    }

    #[test]
    fn as_cpython() {
        for (d, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (5e-324, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (1.5, "1.5"),
            (-123.456, "-123.456"),
            (9007199254740993.0, "9007199254740992.0"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "nan"),
            (2.5e-7, "2.5e-07"),
            (1234567890123456.7, "1234567890123456.8"),
            (-1_125_899_906_719_167.3, "-1125899906719167.2"),
            (9007199254740993e3, "9.007199254740993e+18"),
        ] {
            assert_eq!(repr_f64(d), text);
        }
        assert_eq!(parse(b" 1_0.5e-1_0\n"), Some(10.5e-10));
        for bad in
            ["", "_1", "1_", "1__0", "1_.5", "1._5", "1_e5", "e5", ".", "1 2", "0x1", "infinit", "1e", "--1", "inf_"]
        {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
        assert!(parse(b"-InFinity").is_some_and(|d| d == f64::NEG_INFINITY) && parse(b"nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn half_to_even() {
        let fixed = |d, n| String::from_utf8(Digits::fixed(d, n).digits).unwrap();
        assert_eq!(
            [fixed(0.5, 0), fixed(1.5, 0), fixed(2.5, 0), fixed(0.125, 2), fixed(0.375, 2), fixed(1e22, 0)],
            ["0", "2", "2", "012", "038", "10000000000000000000000"]
        );
        assert_eq!(Digits::significant(2.5, 1).digits, b"2");
        assert_eq!(Digits::significant(9.96, 2).point, 2);
        assert_eq!(Digits::significant(1.0, 2000).digits.len(), 2000);
    }
}
