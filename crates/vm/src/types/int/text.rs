//! Integers in digits: `repr`, `int("...")`, and the limit on their length.
//!
//! Invariant: conversions between decimal text and integers of more digits than the interpreter's limit raise
//! `ValueError`, because their cost grows faster than their length. Bases that are powers of two have no limit.

use super::IntRef;
use super::arith::int;
use crate::error::{PyResult, Raised};
use crate::origin::{Copier, Local};
use crate::types::str::{CodePoints, Str};
use crate::unicode;
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::{IBig, UBig};
use std::cell::Cell;

/// Default of `sys.get_int_max_str_digits()`.
pub const DEFAULT_MAX_DIGITS: usize = 4300;
/// Smallest limit that may be set (`sys.int_info.str_digits_check_threshold`).
pub const DIGITS_THRESHOLD: usize = 640;

struct MaxDigits(Cell<usize>);

impl Local for MaxDigits {
    fn carried(&self, _: &Copier<'_>) -> Option<Self> {
        Some(MaxDigits(self.0.clone()))
    }
}

impl Vm {
    /// `sys.get_int_max_str_digits()`; 0: no limit.
    pub fn int_max_str_digits(&self) -> usize {
        self.local_opt::<MaxDigits>().map_or(DEFAULT_MAX_DIGITS, |m| m.0.get())
    }

    /// `sys.set_int_max_str_digits(n)`; the caller has checked that it is 0 or at least [`DIGITS_THRESHOLD`].
    pub fn set_int_max_str_digits(&self, n: usize) {
        self.local(|_| MaxDigits(Cell::new(n))).0.set(n);
    }
}

/// Decimal digits of a 64-bit integer, written from the end of a buffer.
pub struct Decimal {
    buf: [u8; 20],
    start: usize,
}

impl Decimal {
    /// The digits of `i`.
    #[inline]
    pub fn new(i: i64) -> Decimal {
        const PAIRS: &[u8; 200] =
            b"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
            5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
        let mut d = Decimal { buf: [0; 20], start: 20 };
        let mut n = i.unsigned_abs();
        while n >= 100 {
            let pair = (n % 100) as usize * 2;
            n /= 100;
            d.start -= 2;
            d.buf[d.start..d.start + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
        }
        if n >= 10 {
            d.start -= 2;
            d.buf[d.start..d.start + 2].copy_from_slice(&PAIRS[n as usize * 2..n as usize * 2 + 2]);
        } else {
            d.start -= 1;
            d.buf[d.start] = b'0' + n as u8;
        }
        if i < 0 {
            d.start -= 1;
            d.buf[d.start] = b'-';
        }
        d
    }

    /// The digits, with the sign.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.buf[self.start..]
    }

    /// The digits, with the sign.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or("0")
    }
}

/// The integer of at most 18 decimal digits with blanks around them; `None` for all other texts, good or bad.
pub(crate) fn short_decimal(text: &[u8]) -> Option<i64> {
    let is_blank = |b: &u8| matches!(b, b' ' | b'\t'..=b'\r');
    let begin = text.iter().position(|b| !is_blank(b))?;
    let end = text.iter().rposition(|b| !is_blank(b))? + 1;
    let (negative, digits) = match &text[begin..end] {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut n = 0;
    for b in digits {
        let digit = b.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        n = n * 10 + i64::from(digit);
    }
    Some(if negative { -n } else { n })
}

/// `repr(i)` and `str(i)`.
pub fn repr(vm: &Vm, value: &Value) -> PyResult {
    match int(value) {
        IntRef::Small(i) => Ok(vm.str_wtf8(Decimal::new(i).as_bytes())),
        IntRef::Big(b) => Ok(vm.str(&big_decimal(vm, b)?)),
    }
}

/// The decimal text of an integer.
pub fn decimal_string(vm: &Vm, value: IntRef<'_>) -> PyResult<String> {
    match value {
        IntRef::Small(i) => Ok(Decimal::new(i).as_str().to_string()),
        IntRef::Big(b) => big_decimal(vm, b),
    }
}

fn big_decimal(vm: &Vm, big: &IBig) -> PyResult<String> {
    let limit = vm.int_max_str_digits();
    let bits = super::magnitude_bits(big);
    // log10(2) = 0.30103: far above the limit needs no conversion to know.
    if limit != 0 && bits as f64 * std::f64::consts::LOG10_2 > limit as f64 + 1.0 {
        return Err(too_long(vm, limit));
    }
    let text = big.to_string();
    if limit != 0 && text.len() - (text.as_bytes()[0] == b'-') as usize > limit {
        return Err(too_long(vm, limit));
    }
    Ok(text)
}

#[cold]
fn too_long(vm: &Vm, limit: usize) -> Raised {
    vm.value_error(&format!(
        "Exceeds the limit ({limit} digits) for integer string conversion; use sys.set_int_max_str_digits() to \
         increase the limit"
    ))
}

/// Why text is not an integer.
#[derive(Debug, PartialEq, Eq)]
pub enum ParseError {
    /// It is not a literal in the base.
    Invalid,
    /// It has that many digits, more than the limit.
    TooLong(usize),
}

/// An integer read from text.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// It fits in 64 bits.
    Small(i64),
    /// It does not.
    Big(IBig),
}

fn digit_of(c: u8) -> u32 {
    match c {
        b'0'..=b'9' => (c - b'0') as u32,
        b'a'..=b'z' => (c - b'a') as u32 + 10,
        b'A'..=b'Z' => (c - b'A') as u32 + 10,
        _ => 99,
    }
}

/// ASCII whitespace as Python has it.
pub fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t'..=b'\r')
}

/// Reads `int(text, base)`: surrounding space, a sign, a base prefix, digits with single underscores. `limit` is the
/// longest decimal text (0: any).
pub fn parse(text: &[u8], base: u32, limit: usize) -> Result<Parsed, ParseError> {
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
    let mut radix = base;
    let mut zeros_only = false;
    if let [b'0', mark, rest @ ..] = s {
        let named = match mark | 0x20 {
            b'x' => 16,
            b'o' => 8,
            b'b' => 2,
            _ => 0,
        };
        if named != 0 && (base == 0 || base == named) {
            radix = named;
            s = rest.strip_prefix(b"_").unwrap_or(rest);
        } else if base == 0 {
            radix = 10;
            zeros_only = true;
        }
    }
    if radix == 0 {
        radix = 10;
    }
    let mut digits: Vec<u8> = Vec::new();
    let (mut small, mut fits, mut n, mut after_underscore) = (0i64, true, 0usize, true);
    for (i, c) in s.iter().enumerate() {
        if *c == b'_' {
            if after_underscore {
                return Err(ParseError::Invalid);
            }
            after_underscore = true;
            continue;
        }
        let d = digit_of(*c);
        if d >= radix || (zeros_only && d != 0) {
            return Err(ParseError::Invalid);
        }
        after_underscore = false;
        n += 1;
        if fits {
            match small.checked_mul(radix as i64).and_then(|v| v.checked_add(d as i64)) {
                Some(v) => small = v,
                None => {
                    fits = false;
                    digits.reserve(s.len());
                    digits.extend(s[..i].iter().filter(|c| **c != b'_'));
                }
            }
        }
        if !fits {
            digits.push(*c);
        }
    }
    if n == 0 || after_underscore {
        return Err(ParseError::Invalid);
    }
    if limit != 0 && n > limit && !radix.is_power_of_two() {
        return Err(ParseError::TooLong(n));
    }
    if fits {
        return Ok(Parsed::Small(if negative { -small } else { small }));
    }
    let text = std::str::from_utf8(&digits).map_err(|_| ParseError::Invalid)?;
    let magnitude = UBig::from_str_radix(text, radix).map_err(|_| ParseError::Invalid)?;
    Ok(Parsed::Big(super::divide::signed(negative, magnitude)))
}

/// Text for the readers of numbers: ASCII as it is, decimal digits of any script as ASCII digits, any other whitespace as a
/// space, other characters as `?`. So the separators U+001C to U+001F, whitespace for `str`, are none in numbers.
pub fn to_ascii(text: &Str) -> std::borrow::Cow<'_, [u8]> {
    if text.is_ascii() {
        return text.as_bytes().into();
    }
    let ascii = |c: u32| match unicode::record(c).decimal() {
        _ if c < 128 => c as u8,
        Some(d) => b'0' + d,
        None if unicode::has(c, unicode::flag::SPACE) => b' ',
        None => b'?',
    };
    CodePoints::new(text.as_bytes()).map(ascii).collect::<Vec<u8>>().into()
}

/// `int(text, base)` of ASCII text (see [`to_ascii`]). `shown` is the value that messages show.
pub fn int_from_text(vm: &Vm, text: &[u8], base: u32, shown: &Value) -> PyResult {
    let limit = vm.int_max_str_digits();
    match parse(text, base, limit) {
        Ok(Parsed::Small(i)) => Ok(vm.int(i)),
        Ok(Parsed::Big(b)) => Ok(vm.int_big(b)),
        Err(ParseError::Invalid) => Err(invalid(vm, base, shown)),
        Err(ParseError::TooLong(n)) => Err(vm.value_error(&format!(
            "Exceeds the limit ({limit} digits) for integer string conversion: value has {n} digits; use \
             sys.set_int_max_str_digits() to increase the limit"
        ))),
    }
}

#[cold]
fn invalid(vm: &Vm, base: u32, shown: &Value) -> Raised {
    match vm.repr(shown) {
        Ok(repr) => {
            let short: Vec<u8> = match repr.downcast::<Str>() {
                Some(s) => s.as_bytes()[..s.offset(200)].to_vec(),
                None => Vec::new(),
            };
            let message = [format!("invalid literal for int() with base {base}: ").as_bytes(), &short].concat();
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
        fn decimal_as_std(i in any::<i64>()) {
            let text = i.to_string();
            let d = Decimal::new(i);
            prop_assert_eq!(d.as_str(), text.as_str());
        }

        #[test]
        fn round_trips(words in proptest::collection::vec(any::<u64>(), 0..6), negative in any::<bool>(), radix in 2u8..=36) {
            let big = IBig::from_sign_words(if negative { dashu_int::Sign::Negative } else { dashu_int::Sign::Positive }, &words);
            let text = big.in_radix(radix).to_string();
            let back = match parse(text.as_bytes(), radix as u32, 0).unwrap() {
                Parsed::Small(i) => IBig::from(i),
                Parsed::Big(b) => b,
            };
            prop_assert_eq!(back, big);
        }

        #[test]
        fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..20), base in 0u32..=36) {
            let base = if base == 1 { 0 } else { base };
            let _ = parse(&text, base, 4300);
        }
    }

    #[test]
    fn literals() {
        let ok = |s: &str, base| match parse(s.as_bytes(), base, 0) {
            Ok(Parsed::Small(i)) => Some(i),
            _ => None,
        };
        assert_eq!(ok(" -1_000\n", 10), Some(-1000));
        assert_eq!(ok("0x_fF", 0), Some(255));
        assert_eq!(ok("0_0", 0), Some(0));
        assert_eq!(ok("0b1", 16), Some(0xb1));
        assert_eq!(ok("z", 36), Some(35));
        for bad in ["", "_1", "1_", "1__0", "+ 1", "010", "0x", "- 1", "0_1", "0_"] {
            assert_eq!(ok(bad, 0), None, "{bad}");
        }
        assert_eq!(parse(b"12345", 10, 4), Err(ParseError::TooLong(5)));
    }

    #[test]
    fn short_decimals() {
        let good: [(&[u8], i64); 6] = [
            (b"0", 0),
            (b"-0", 0),
            (b" 12\n", 12),
            (b"\t\x0b\x0c\r-7 ", -7),
            (b"007", 7),
            (b"999999999999999999", 999_999_999_999_999_999),
        ];
        for (text, n) in good {
            assert_eq!(super::short_decimal(text), Some(n), "{text:?}");
        }
        let others: [&[u8]; 10] =
            [b"", b" ", b"-", b"- 1", b"+1", b"1_0", b"1 2", b"0x1", b"1\x00", b"1000000000000000000"];
        for text in others {
            assert_eq!(super::short_decimal(text), None, "{text:?}");
        }
    }
}
