//! A number as text: sign, prefix, digits with separators, point, the rest, and padding.

use super::spec::Spec;
use crate::error::PyResult;
use crate::types::str::push_char;
use crate::value::Value;
use crate::vm::Vm;

/// The parts of a number.
#[derive(Default)]
pub struct Field<'a> {
    /// Whether it is below zero (or negative zero).
    pub negative: bool,
    /// `0x` and the like.
    pub prefix: &'a [u8],
    /// Digits before the point, to be grouped.
    pub whole: &'a [u8],
    /// Whether there is a point.
    pub point: bool,
    /// Digits behind the point, to be grouped.
    pub frac: &'a [u8],
    /// What follows: exponent, percent sign, `inf`, a character.
    pub rest: &'a [u8],
    /// Characters in `rest`.
    pub rest_chars: usize,
}

/// Appends digits with separators, counted from the right, with zeros in front up to `min_width` characters.
fn push_grouped(out: &mut Vec<u8>, digits: &[u8], group: Option<(u8, usize)>, min_width: usize) {
    let Some((sep, size)) = group else {
        out.extend(std::iter::repeat_n(b'0', min_width.saturating_sub(digits.len())));
        out.extend_from_slice(digits);
        return;
    };
    let start = out.len();
    let mut n = 0;
    let mut from = digits.iter().rev().copied();
    loop {
        let digit = match from.next() {
            Some(d) => d,
            // A separator never comes first: a digit must follow it.
            None if out.len() - start < min_width => b'0',
            None => break,
        };
        if n != 0 && n % size == 0 {
            out.push(sep);
        }
        out.push(digit);
        n += 1;
    }
    out[start..].reverse();
}

/// Appends digits behind the point, grouped from the left.
fn push_fraction(out: &mut Vec<u8>, digits: &[u8], group: Option<(u8, usize)>) {
    let Some((sep, size)) = group else {
        out.extend_from_slice(digits);
        return;
    };
    for (i, chunk) in digits.chunks(size).enumerate() {
        if i != 0 {
            out.push(sep);
        }
        out.extend_from_slice(chunk);
    }
}

impl<'a> Field<'a> {
    /// Takes the text of a double apart.
    pub fn of_double(text: &'a [u8]) -> Field<'a> {
        let (negative, text) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
        let (whole, mut rest) = text.split_at(digits(text));
        let point = rest.first() == Some(&b'.');
        let mut frac = &rest[..0];
        if point {
            rest = &rest[1..];
            (frac, rest) = rest.split_at(digits(rest));
        }
        Field { negative, prefix: b"", whole, point, frac, rest, rest_chars: rest.len() }
    }

    fn sign(&self, spec: &Spec) -> Option<u8> {
        match (self.negative, spec.sign) {
            (true, _) => Some(b'-'),
            (false, b'+') => Some(b'+'),
            (false, b' ') => Some(b' '),
            _ => None,
        }
    }

    /// The number as bytes of text, padded.
    pub fn bytes(&self, vm: &Vm, spec: &Spec) -> PyResult<Vec<u8>> {
        super::check_length(vm, spec.width)?;
        let sign = self.sign(spec);
        let frac_group = spec.frac_group.parts();
        let frac_chars = match frac_group {
            Some((_, size)) if !self.frac.is_empty() => self.frac.len() + (self.frac.len() - 1) / size,
            _ => self.frac.len(),
        };
        let fixed = sign.is_some() as usize + self.prefix.len() + self.point as usize + frac_chars + self.rest_chars;
        let min_width = if spec.zero_fill() { spec.width.saturating_sub(fixed) } else { 0 };
        let mut whole = Vec::with_capacity(self.whole.len() + self.whole.len() / 2 + min_width);
        // Without digits (`inf`, a character) there is nothing to group, only zeros to put in front.
        let group = if self.whole.is_empty() { None } else { spec.group.parts() };
        push_grouped(&mut whole, self.whole, group, min_width);
        let missing = spec.width.saturating_sub(fixed + whole.len());
        let (left, inner, right) = match spec.align {
            b'<' => (0, 0, missing),
            b'^' => (missing / 2, 0, missing - missing / 2),
            b'=' => (0, missing, 0),
            _ => (missing, 0, 0),
        };
        let mut out = Vec::with_capacity(fixed + whole.len() + missing + self.rest.len());
        let fill = |out: &mut Vec<u8>, n: usize| (0..n).for_each(|_| push_char(out, spec.fill));
        fill(&mut out, left);
        out.extend(sign);
        out.extend_from_slice(self.prefix);
        fill(&mut out, inner);
        out.extend_from_slice(&whole);
        if self.point {
            out.push(b'.');
        }
        push_fraction(&mut out, self.frac, frac_group);
        out.extend_from_slice(self.rest);
        fill(&mut out, right);
        Ok(out)
    }

    /// The number as a `str`, padded.
    pub fn render(&self, vm: &Vm, spec: &Spec) -> PyResult<Value> {
        let bytes = self.bytes(vm, spec)?;
        vm.join_bytes(&[&bytes])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        let text = |digits: &str, min| {
            let mut out = Vec::new();
            push_grouped(&mut out, digits.as_bytes(), Some((b',', 3)), min);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text("1234567", 0), "1,234,567");
        assert_eq!(text("1234567", 12), "0,001,234,567");
        assert_eq!(text("123", 0), "123");
        assert_eq!(text("1", 4), "0,001");
        assert_eq!(text("1", 5), "0,001");
        let mut out = Vec::new();
        push_fraction(&mut out, b"1234567", Some((b'_', 3)));
        assert_eq!(out, b"123_456_7");
    }
}
