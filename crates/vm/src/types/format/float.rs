//! Text of a double by code, precision and flags, as `PyOS_double_to_string` makes it.

use crate::types::float::text::{Digits, push_exponent};

/// Variations of the text.
#[derive(Clone, Copy, Default, Debug)]
pub struct Flags {
    /// `#`: always a point, no trailing zeros removed.
    pub alt: bool,
    /// `z`: no sign on a number that is zero after rounding.
    pub no_neg_0: bool,
    /// `.0` on whole numbers.
    pub dot_0: bool,
}

/// The double as text. `code` is one of `eEfFgGr`; `r` ignores the precision.
pub fn double_text(d: f64, code: u8, precision: usize, flags: Flags) -> Vec<u8> {
    let lower = code.to_ascii_lowercase();
    let upper = code.is_ascii_uppercase();
    if !d.is_finite() {
        let text: &[u8] = match (d.is_nan(), d > 0.0, upper) {
            (true, _, false) => b"nan",
            (true, _, true) => b"NAN",
            (_, true, false) => b"inf",
            (_, true, true) => b"INF",
            (_, false, false) => b"-inf",
            (_, false, true) => b"-INF",
        };
        return text.to_vec();
    }
    let Digits { mut digits, point } = match lower {
        b'e' => Digits::significant(d, precision + 1),
        b'f' => Digits::fixed(d, precision),
        b'g' => Digits::significant(d, precision),
        _ => Digits::shortest(d),
    };
    if lower == b'g' && !flags.alt {
        let used = digits.iter().rposition(|c| *c != b'0').map_or(1, |i| i + 1);
        digits.truncate(used);
    }
    let zero = digits.iter().all(|c| *c == b'0');
    let use_exponent = match lower {
        b'e' => true,
        b'f' => false,
        b'g' => point <= -4 || point > precision.max(1) as i32 - flags.dot_0 as i32,
        _ => point <= -4 || point > 16,
    };
    let mut out = Vec::with_capacity(digits.len() + 10);
    if d.is_sign_negative() && !(flags.no_neg_0 && zero) {
        out.push(b'-');
    }
    // Where the point lies among the digits that are written.
    let at = if use_exponent { 1 } else { point };
    if at <= 0 {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', -at as usize));
        out.extend_from_slice(&digits);
    } else {
        let at = at as usize;
        let whole = at.min(digits.len());
        out.extend_from_slice(&digits[..whole]);
        out.extend(std::iter::repeat_n(b'0', at - whole));
        if whole < digits.len() {
            out.push(b'.');
            out.extend_from_slice(&digits[whole..]);
        } else if flags.dot_0 && !use_exponent {
            out.extend_from_slice(b".0");
        } else if flags.alt {
            out.push(b'.');
        }
    }
    if use_exponent {
        push_exponent(&mut out, if upper { b'E' } else { b'e' }, point - 1);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_cpython() {
        let text = |d, code, p| String::from_utf8(double_text(d, code, p, Flags::default())).unwrap();
        for (d, code, p, expected) in [
            (1.5, b'e', 6, "1.500000e+00"),
            (1.5, b'E', 0, "2E+00"),
            (123.0, b'g', 6, "123"),
            (1e6, b'g', 6, "1e+06"),
            (1e-5, b'g', 6, "1e-05"),
            (0.0001, b'g', 6, "0.0001"),
            (0.0, b'g', 6, "0"),
            (0.0, b'f', 2, "0.00"),
            (-0.0, b'e', 1, "-0.0e+00"),
            (1e22, b'r', 0, "1e+22"),
            (0.1, b'r', 0, "0.1"),
            (0.05, b'f', 1, "0.1"),
            (0.25, b'f', 1, "0.2"),
            (999999.5, b'g', 6, "1e+06"),
            (f64::INFINITY, b'F', 0, "INF"),
            (100.0, b'g', 0, "1e+02"),
        ] {
            assert_eq!(text(d, code, p), expected, "{d} {}", code as char);
        }
        let alt = Flags { alt: true, ..Flags::default() };
        assert_eq!(double_text(123.0, b'g', 6, alt), b"123.000");
        assert_eq!(double_text(1.0, b'f', 0, alt), b"1.");
        let dot = Flags { dot_0: true, ..Flags::default() };
        assert_eq!(double_text(100.0, b'g', 3, dot), b"1e+02");
        assert_eq!(double_text(10.0, b'g', 3, dot), b"10.0");
        let z = Flags { no_neg_0: true, ..Flags::default() };
        assert_eq!(double_text(-0.001, b'f', 1, z), b"0.0");
    }
}
