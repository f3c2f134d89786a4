//! Text between quotes.

use super::Source;
use serpens_vm::types::str::{CodePoints, Str, push_char};
use serpens_vm::{PyResult, Value, Vm};

/// A text that was read: a part of the source as it stands there, or put together from escapes.
pub(super) enum Text<'a> {
    Plain(&'a [u8]),
    Made(Vec<u8>),
}

impl Text<'_> {
    pub(super) fn value(&self, vm: &Vm) -> Value {
        match self {
            Text::Plain(b) => vm.str_wtf8(b),
            Text::Made(b) => vm.str_wtf8(b),
        }
    }
}

/// Bytes from `at` on that stand for themselves.
fn plain_run(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).map_or(bytes.len(), |n| at + n)
}

/// Reads a text whose first byte after the quote is at `start`; also where it ends, behind the closing quote.
pub(super) fn unquote<'a>(source: &Source<'a>, start: usize, strict: bool) -> PyResult<(Text<'a>, usize)> {
    let bytes: &'a [u8] = source.bytes;
    let unterminated = || source.error("Unterminated string starting at", start.saturating_sub(1));
    let end = plain_run(bytes, start);
    if bytes.get(end) == Some(&b'"') {
        return Ok((Text::Plain(&bytes[start..end]), end + 1));
    }
    let mut out = bytes[start..end].to_vec();
    let mut at = end;
    loop {
        match bytes.get(at) {
            None => return Err(unterminated()),
            Some(b'"') => return Ok((Text::Made(out), at + 1)),
            Some(b'\\') => at = escape(source, at, start, &mut out)?,
            Some(_) if strict => return Err(source.error("Invalid control character at", at)),
            Some(c) => {
                out.push(*c);
                at += 1;
            }
        }
        let end = plain_run(bytes, at);
        out.extend_from_slice(&bytes[at..end]);
        at = end;
    }
}

/// Reads the escape at `at`; where it ends.
fn escape(source: &Source<'_>, at: usize, start: usize, out: &mut Vec<u8>) -> PyResult<usize> {
    let c = match source.bytes.get(at + 1) {
        None => return Err(source.error("Unterminated string starting at", start.saturating_sub(1))),
        Some(c @ (b'"' | b'\\' | b'/')) => *c,
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'u') => {
            let wrong = || source.error("Invalid \\uXXXX escape", at + 1);
            let high = hex4(source.bytes, at + 2).ok_or_else(wrong)?;
            if (0xd800..0xdc00).contains(&high)
                && source.bytes.get(at + 6..at + 8) == Some(b"\\u")
                && let Some(low) = hex4(source.bytes, at + 8)
                && (0xdc00..0xe000).contains(&low)
            {
                push_char(out, 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                return Ok(at + 12);
            }
            push_char(out, high);
            return Ok(at + 6);
        }
        Some(_) => return Err(source.error("Invalid \\escape", at)),
    };
    out.push(c);
    Ok(at + 2)
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let mut n = 0;
    for b in bytes.get(at..at + 4)? {
        n = n << 4 | (*b as char).to_digit(16)?;
    }
    Some(n)
}

/// Writes a text between quotes, with everything escaped that has to be; all that is not ASCII, if asked.
pub(super) fn quote(text: &Str, ascii: bool, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut at = 0;
    while at < bytes.len() {
        let special = |b: &u8| matches!(b, b'"' | b'\\' | 0..0x20) || (ascii && *b > 0x7e);
        let end = bytes[at..].iter().position(special).map_or(bytes.len(), |n| at + n);
        out.extend_from_slice(&bytes[at..end]);
        at = end;
        let Some(c) = bytes.get(at) else { break };
        if *c < 0x80 {
            escape_ascii(*c, out);
            at += 1;
            continue;
        }
        let mut rest = CodePoints::new(&bytes[at..]);
        if let Some(c) = rest.next() {
            escape_wide(c, out);
        }
        at = bytes.len() - rest.rest().len();
    }
    out.push(b'"');
}

fn escape_ascii(c: u8, out: &mut Vec<u8>) {
    let short = match c {
        b'"' | b'\\' => c,
        8 => b'b',
        12 => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        // DEL is no control character for JSON.
        0x7f => return out.push(c),
        _ => return unit(u32::from(c), out),
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn escape_wide(c: u32, out: &mut Vec<u8>) {
    if c >= 0x1_0000 {
        let c = c - 0x1_0000;
        unit(0xd800 + (c >> 10), out);
        unit(0xdc00 + (c & 0x3ff), out);
    } else {
        unit(c, out);
    }
}

fn unit(n: u32, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u32| DIGITS[(n >> shift & 15) as usize];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}
