//! Complex numbers in text.

use super::{Pair, this};
use crate::error::PyResult;
use crate::types::float::text::{parse as parse_float, push_repr};
use crate::types::int::text::is_space;
use crate::value::Value;
use crate::vm::Vm;

/// Text of a complex number: `(1+2j)`, or `2j` when the real part is zero and not negative.
pub fn repr_pair((re, im): Pair) -> Vec<u8> {
    let mut out = Vec::with_capacity(48);
    if re == 0.0 && re.is_sign_positive() {
        push_repr(&mut out, im, false);
        out.push(b'j');
        return out;
    }
    out.push(b'(');
    push_repr(&mut out, re, false);
    if im.is_sign_positive() || im.is_nan() {
        out.push(b'+');
    }
    push_repr(&mut out, im, false);
    out.extend_from_slice(b"j)");
    out
}

/// `repr` of a complex number.
pub fn repr(vm: &Vm, value: &Value) -> PyResult {
    Ok(vm.str_wtf8(&repr_pair(this(value))))
}

/// Length of the float at the start of `s`, zero if there is none. Underscores between digits belong to it.
fn float_len(s: &[u8]) -> usize {
    let mut i = matches!(s.first(), Some(b'+' | b'-')) as usize;
    let rest = s[i..].to_ascii_lowercase();
    for word in [&b"infinity"[..], b"inf", b"nan"] {
        if rest.starts_with(word) {
            return i + word.len();
        }
    }
    let digits = |mut i: usize| {
        while s.get(i).is_some_and(|c| c.is_ascii_digit() || *c == b'_') {
            i += 1;
        }
        i
    };
    let start = i;
    i = digits(i);
    let mut n = i - start;
    if s.get(i) == Some(&b'.') {
        let after = digits(i + 1);
        n += after - (i + 1);
        i = after;
    }
    if n == 0 {
        return 0;
    }
    if matches!(s.get(i), Some(b'e' | b'E')) {
        let at = i + 1 + matches!(s.get(i + 1), Some(b'+' | b'-')) as usize;
        let end = digits(at);
        if end > at {
            i = end;
        }
    }
    i
}

/// Reads a complex number from ASCII text.
pub fn parse(text: &[u8]) -> Option<Pair> {
    let trim = |mut s: &[u8]| -> Vec<u8> {
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
        s.to_vec()
    };
    let mut s = trim(text);
    if let [b'(', inner @ .., b')'] = s.as_slice() {
        s = trim(inner);
    }
    let unit = |sign: &[u8]| match sign {
        b"" | b"+" => Some(1.0),
        b"-" => Some(-1.0),
        _ => None,
    };
    // One number, `j` behind it or not; a bare sign stands for one before `j`.
    let n = float_len(&s);
    let (first, rest) = s.split_at(n);
    if n > 0 && rest.is_empty() {
        return Some((parse_float(first)?, 0.0));
    }
    if let [b'j' | b'J'] = rest
        && n > 0
    {
        return Some((0.0, parse_float(first)?));
    }
    if n == 0 {
        let [sign @ .., b'j' | b'J'] = rest else { return None };
        return Some((0.0, unit(sign)?));
    }
    // A second one, with a sign and `j`.
    if !matches!(rest.first(), Some(b'+' | b'-')) {
        return None;
    }
    let re = parse_float(first)?;
    let [second @ .., b'j' | b'J'] = rest else { return None };
    let im = match second.len() {
        1 => unit(second)?,
        n if float_len(second) == n => parse_float(second)?,
        _ => return None,
    };
    Some((re, im))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_back(re in any::<f64>(), im in any::<f64>()) {
            let back = parse(&repr_pair((re, im))).unwrap();
            let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
            prop_assert!(same(back.0, re) && same(back.1, im));
        }

        #[test]
        fn parse_never_panics(text in proptest::collection::vec(any::<u8>(), 0..16)) {
            let _ = parse(&text);
        }
    }

    #[test]
    fn literals() {
        for (text, c) in [
            ("1", (1.0, 0.0)),
            (" ( 1+2j ) ", (1.0, 2.0)),
            ("j", (0.0, 1.0)),
            ("-j", (0.0, -1.0)),
            ("1-j", (1.0, -1.0)),
            ("1e5+3.5e-2J", (1e5, 0.035)),
            (".5j", (0.0, 0.5)),
            ("1_0+1_0j", (10.0, 10.0)),
            ("-1e3", (-1e3, 0.0)),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(c), "{text}");
        }
        for bad in ["", "1+", "1+2", "1 + 2j", "(1", "()", "1j+2", "1j2", "jj", "--j", "1++2j", "1e+j", "_1j"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
