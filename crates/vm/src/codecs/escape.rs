//! Escapes: `unicode_escape`, `raw_unicode_escape`, and the escapes of byte strings.

use super::errors::Decoding;
use crate::error::PyResult;
use crate::types::str::{Str, push_char, repr::write_escape};
use crate::vm::Vm;

/// Encodes as a Python literal would be written.
pub fn encode_unicode(s: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.as_bytes().len());
    for c in s.chars() {
        match c {
            0x5c => out.extend_from_slice(b"\\\\"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0d => out.extend_from_slice(b"\\r"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x20..0x7f => out.push(c as u8),
            _ => write_escape(&mut out, c),
        }
    }
    out
}

/// Encodes as Latin-1 with `\u` escapes for the rest.
pub fn encode_raw(s: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.as_bytes().len());
    for c in s.chars() {
        if c < 256 {
            out.push(c as u8);
        } else {
            write_escape(&mut out, c);
        }
    }
    out
}

/// What a decoder of escapes gives.
pub struct Unescaped<T> {
    /// The text (WTF-8) or bytes.
    pub out: T,
    /// Bytes consumed.
    pub consumed: usize,
    /// The first escape that is not one: its bytes without the backslash.
    pub invalid: Option<Vec<u8>>,
}

/// Reads `n` hexadecimal digits; the value, or how many there were.
fn hex(input: &[u8], n: usize) -> Result<u32, usize> {
    let mut value = 0u32;
    for i in 0..n {
        match input.get(i).and_then(|b| (*b as char).to_digit(16)) {
            Some(d) => value = value << 4 | d,
            None => return Err(i),
        }
    }
    Ok(value)
}

/// Up to three octal digits: the value and their number.
fn octal(input: &[u8]) -> (u32, usize) {
    let n = input.iter().take(3).take_while(|b| (b'0'..=b'7').contains(*b)).count();
    (input[..n].iter().fold(0, |v, b| v << 3 | (b - b'0') as u32), n)
}

/// Decodes the escapes of a text literal.
pub fn decode_unicode(mut d: Decoding<'_>, whole: bool) -> PyResult<Unescaped<Vec<u8>>> {
    let mut at = 0;
    let mut invalid = None;
    while at < d.input().len() {
        let input = d.input();
        let b = input[at];
        if b != b'\\' {
            push_char(&mut d.out, b as u32);
            at += 1;
            continue;
        }
        let start = at;
        let Some(&c) = input.get(at + 1) else {
            if !whole {
                break;
            }
            at = d.error(start, start + 1, "\\ at end of string")?;
            continue;
        };
        at += 2;
        let simple = match c {
            b'\n' => continue,
            b'\\' | b'\'' | b'"' => c,
            b'b' => 8,
            b'f' => 12,
            b't' => b'\t',
            b'n' => b'\n',
            b'r' => b'\r',
            b'v' => 11,
            b'a' => 7,
            _ => 0,
        };
        if simple != 0 {
            d.out.push(simple);
            continue;
        }
        match c {
            b'0'..=b'7' => {
                let (value, n) = octal(&input[at - 1..]);
                if !whole && n < 3 && at - 1 + n == input.len() {
                    at = start;
                    break;
                }
                if value > 0xff && invalid.is_none() {
                    invalid = Some(input[at - 1..at - 1 + n].to_vec());
                }
                at += n - 1;
                push_char(&mut d.out, value);
            }
            b'x' | b'u' | b'U' => {
                let (n, reason) = match c {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                match hex(&input[at..], n) {
                    Ok(value) if value > 0x10ffff => at = d.error(start, at + n, "illegal Unicode character")?,
                    Ok(value) => {
                        at += n;
                        push_char(&mut d.out, value);
                    }
                    Err(got) if !whole && at + got == input.len() => {
                        at = start;
                        break;
                    }
                    Err(got) => at = d.error(start, at + got, reason)?,
                }
            }
            b'N' => {
                let name_end = match input.get(at) {
                    Some(b'{') => memchr::memchr(b'}', &input[at..]).map(|i| at + i),
                    _ => None,
                };
                match name_end {
                    Some(end) if end > at + 1 => {
                        let name = std::str::from_utf8(&input[at + 1..end]).ok();
                        match name.and_then(character) {
                            Some(c) => {
                                at = end + 1;
                                push_char(&mut d.out, c);
                            }
                            None => at = d.error(start, end + 1, "unknown Unicode character name")?,
                        }
                    }
                    Some(end) => at = d.error(start, end + 1, "malformed \\N character escape")?,
                    None if !whole && (at == input.len() || input[at] == b'{') => {
                        at = start;
                        break;
                    }
                    None => {
                        let end = if input.get(at) == Some(&b'{') { input.len() } else { at };
                        at = d.error(start, end, "malformed \\N character escape")?;
                    }
                }
            }
            _ => {
                if invalid.is_none() {
                    invalid = Some(vec![c]);
                }
                d.out.push(b'\\');
                push_char(&mut d.out, c as u32);
            }
        }
    }
    Ok(Unescaped { out: d.out, consumed: at, invalid })
}

/// The character of a Unicode name or alias.
pub fn character(name: &str) -> Option<u32> {
    unicode_names2::character(name).map(|c| c as u32)
}

/// Decodes Latin-1 with `\u` and `\U` escapes.
pub fn decode_raw(mut d: Decoding<'_>, whole: bool) -> PyResult<(Vec<u8>, usize)> {
    let mut at = 0;
    while at < d.input().len() {
        let input = d.input();
        let b = input[at];
        let escape = match (b, input.get(at + 1)) {
            (b'\\', Some(c @ (b'u' | b'U'))) => Some(*c),
            (b'\\', None) if !whole => break,
            _ => None,
        };
        let Some(c) = escape else {
            push_char(&mut d.out, b as u32);
            at += 1;
            if b == b'\\' && d.input().get(at) == Some(&b'\\') {
                d.out.push(b'\\');
                at += 1;
            }
            continue;
        };
        let (n, reason) = if c == b'u' { (4, "truncated \\uXXXX escape") } else { (8, "truncated \\UXXXXXXXX escape") };
        let start = at;
        match hex(&input[at + 2..], n) {
            Ok(value) if value > 0x10ffff => at = d.error(start, start + 2 + n, "\\Uxxxxxxxx out of range")?,
            Ok(value) => {
                at += 2 + n;
                push_char(&mut d.out, value);
            }
            Err(got) if !whole && at + 2 + got == input.len() => break,
            Err(got) => at = d.error(start, start + 2 + got, reason)?,
        }
    }
    Ok((d.out, at))
}

/// Decodes the escapes of a bytes literal. `errors` is `strict`, `ignore` or `replace`.
pub fn decode_bytes(vm: &Vm, input: &[u8], errors: Option<&str>) -> PyResult<Unescaped<Vec<u8>>> {
    let mut out = Vec::with_capacity(input.len());
    let mut at = 0;
    let mut invalid = None;
    while at < input.len() {
        if input[at] != b'\\' {
            out.push(input[at]);
            at += 1;
            continue;
        }
        let start = at;
        let Some(&c) = input.get(at + 1) else { return Err(vm.value_error("Trailing \\ in string")) };
        at += 2;
        match c {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(c),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b'v' => out.push(11),
            b'a' => out.push(7),
            b'0'..=b'7' => {
                let (value, n) = octal(&input[at - 1..]);
                if value > 0xff && invalid.is_none() {
                    invalid = Some(input[at - 1..at - 1 + n].to_vec());
                }
                at += n - 1;
                out.push(value as u8);
            }
            b'x' => match hex(&input[at..], 2) {
                Ok(value) => {
                    at += 2;
                    out.push(value as u8);
                }
                Err(got) => {
                    match errors.unwrap_or("strict") {
                        "strict" => {
                            return Err(vm.value_error(&format!("invalid \\x escape at position {start}")));
                        }
                        "replace" => out.push(b'?'),
                        "ignore" => {}
                        other => {
                            return Err(
                                vm.value_error(&format!("decoding error; unknown error handling code: {other}"))
                            );
                        }
                    }
                    at += got;
                }
            },
            _ => {
                if invalid.is_none() {
                    invalid = Some(vec![c]);
                }
                out.extend_from_slice(&[b'\\', c]);
            }
        }
    }
    Ok(Unescaped { out, consumed: input.len(), invalid })
}

/// Encodes bytes as the inside of a bytes literal.
pub fn encode_bytes(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    for b in input {
        match b {
            b'\\' | b'\'' => out.extend_from_slice(&[b'\\', *b]),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x20..0x7f => out.push(*b),
            _ => write_escape(&mut out, *b as u32),
        }
    }
    out
}

/// Warns of an escape that is not one, as the decoders of CPython do.
pub fn warn_invalid(vm: &Vm, escape: &[u8], byte: bool) -> PyResult<()> {
    let c = escape.iter().map(|b| *b as char).collect::<String>();
    let what = match (c.len() > 1, byte) {
        (true, true) => {
            format!("b\"\\{c}\" is an invalid octal escape sequence. Such sequences will not work in the future. ")
        }
        (true, false) => {
            format!("\"\\{c}\" is an invalid octal escape sequence. Such sequences will not work in the future. ")
        }
        (false, true) => {
            format!("b\"\\{c}\" is an invalid escape sequence. Such sequences will not work in the future. ")
        }
        (false, false) => {
            format!("\"\\{c}\" is an invalid escape sequence. Such sequences will not work in the future. ")
        }
    };
    vm.hooks().warn(vm, vm.types().DeprecationWarning, &what, 1)
}
