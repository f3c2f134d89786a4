//! `repr` of texts: quotes and escapes as CPython writes them.

use super::{CodePoints, Str, push_char};
use crate::error::PyResult;
use crate::unicode::{self, flag};
use crate::value::Value;
use crate::vm::Vm;

/// Appends the `repr` of WTF-8 text.
pub fn write_repr(out: &mut Vec<u8>, text: &[u8]) {
    let quote =
        if memchr::memchr(b'\'', text).is_some() && memchr::memchr(b'"', text).is_none() { b'"' } else { b'\'' };
    out.reserve(text.len() + 2);
    out.push(quote);
    let mut rest = text;
    loop {
        // Runs of characters that stand for themselves.
        let plain =
            rest.iter().position(|b| !(0x20..0x7f).contains(b) || *b == quote || *b == b'\\').unwrap_or(rest.len());
        out.extend_from_slice(&rest[..plain]);
        rest = &rest[plain..];
        let mut chars = CodePoints::new(rest);
        let Some(c) = chars.next() else { break };
        rest = chars.rest();
        match c {
            0x5c => out.extend_from_slice(b"\\\\"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0d => out.extend_from_slice(b"\\r"),
            0x09 => out.extend_from_slice(b"\\t"),
            _ if c == quote as u32 => out.extend_from_slice(&[b'\\', quote]),
            0x80.. if unicode::has(c, flag::PRINTABLE) => push_char(out, c),
            _ => write_escape(out, c),
        }
    }
    out.push(quote);
}

/// Appends `\xhh`, `\uhhhh` or `\Uhhhhhhhh`.
pub fn write_escape(out: &mut Vec<u8>, c: u32) {
    let (letter, digits) = match c {
        0..0x100 => (b'x', 2),
        0x100..0x1_0000 => (b'u', 4),
        _ => (b'U', 8),
    };
    out.extend_from_slice(&[b'\\', letter]);
    for i in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(c >> (i * 4)) as usize & 15]);
    }
}

/// `repr(text)`.
pub(super) fn repr(vm: &Vm, text: &Value) -> PyResult {
    let mut out = Vec::new();
    write_repr(&mut out, text.downcast::<Str>().map_or(b"", Str::as_bytes));
    vm.str_from_vec(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut out = Vec::new();
        write_repr(&mut out, text.as_bytes());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(shown("a'b"), "\"a'b\"");
        assert_eq!(shown("a'b\""), "'a\\'b\"'");
        assert_eq!(shown("\n\t\\\x00\x7f\u{e9}\u{200b}\u{1f600}"), "'\\n\\t\\\\\\x00\\x7fé\\u200b😀'");
    }
}
