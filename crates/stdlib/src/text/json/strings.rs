//! Texts between quotes: `scanstring`, `encode_basestring`, `encode_basestring_ascii`.

use super::decode_error;
use serpens_vm::types::str::{Str, push_char};
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("scanstring", "(string, end, strict=True, /)", scanstring).doc(
        "scanstring(string, end, strict=True) -> (string, end)\n\nScan the string s for a JSON string. End is the index of \
         the\ncharacter in s after the quote that started the JSON string.",
    ),
    MethodDef::new("encode_basestring", "(string, /)", |vm, a| encode(vm, a, false))
        .doc("encode_basestring(string) -> string\n\nReturn a JSON representation of a Python string"),
    MethodDef::new("encode_basestring_ascii", "(string, /)", |vm, a| encode(vm, a, true))
        .doc("encode_basestring_ascii(string) -> string\n\nReturn an ASCII-only JSON representation of a Python string"),
];

fn scanstring(vm: &Vm, a: Args<'_>) -> PyResult {
    let text = a.get(0);
    let end = vm.arg_isize(a.get(1))?;
    let strict = a.opt(2).map_or(Ok(true), |s| vm.truthy(s))?;
    let Some(s) = text.downcast::<Str>() else {
        return Err(vm.type_error(&format!("first argument must be a string, not {}", vm.type_of(text).name())));
    };
    if end < 0 || end as usize > s.len() {
        return Err(vm.value_error("end is out of bounds"));
    }
    let (value, next) = scan(vm, text, s, s.offset(end as usize), strict)?;
    Ok(vm.tuple(vec![value, vm.int_usize(vm.char_index(s, next))]))
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |n, b| Some(n * 16 + char::from(*b).to_digit(16)?))
}

/// The text that begins at byte `at`, behind its quote, and the byte behind its closing quote.
pub(super) fn scan(vm: &Vm, text: &Value, s: &Str, at: usize, strict: bool) -> PyResult<(Value, usize)> {
    let bytes = s.as_bytes();
    let fail = |message: &str, byte: usize| decode_error(vm, message, text, vm.char_index(s, byte));
    let unterminated = || {
        let begin = vm.char_index(s, at).saturating_sub(1);
        decode_error(vm, "Unterminated string starting at", text, begin)
    };
    let mut out: Vec<u8> = Vec::new();
    let mut from = at;
    loop {
        let rest = &bytes[from..];
        let stop = rest.iter().position(|b| matches!(b, b'"' | b'\\') || (*b < 0x20 && strict));
        let Some(stop) = stop.map(|n| from + n) else { return Err(unterminated()) };
        match bytes[stop] {
            b'"' if out.is_empty() => return Ok((vm.str_wtf8(&bytes[from..stop]), stop + 1)),
            b'"' => {
                out.extend_from_slice(&bytes[from..stop]);
                return Ok((vm.str_from_bytes(out)?, stop + 1));
            }
            b'\\' => out.extend_from_slice(&bytes[from..stop]),
            _ => return Err(fail("Invalid control character at", stop)),
        }
        let plain = match bytes.get(stop + 1) {
            None => return Err(unterminated()),
            Some(b'u') => None,
            Some(b'"') => Some(b'"'),
            Some(b'\\') => Some(b'\\'),
            Some(b'/') => Some(b'/'),
            Some(b'b') => Some(8),
            Some(b'f') => Some(12),
            Some(b'n') => Some(b'\n'),
            Some(b'r') => Some(b'\r'),
            Some(b't') => Some(b'\t'),
            Some(_) => return Err(fail("Invalid \\escape", stop)),
        };
        if let Some(b) = plain {
            out.push(b);
            from = stop + 2;
            continue;
        }
        let invalid = || fail("Invalid \\uXXXX escape", stop + 1);
        from = stop + 6;
        if from > bytes.len() {
            return Err(invalid());
        }
        let mut c = hex4(bytes, stop + 2).ok_or_else(invalid)?;
        if (0xd800..0xdc00).contains(&c)
            && from + 6 < bytes.len()
            && bytes[from..].starts_with(b"\\u")
            && let Some(low @ 0xdc00..0xe000) = hex4(bytes, from + 2)
        {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            from += 6;
        }
        push_char(&mut out, c);
    }
}

fn encode(vm: &Vm, a: Args<'_>, ascii: bool) -> PyResult {
    let Some(s) = a.get(0).downcast::<Str>() else {
        return Err(vm.type_error(&format!("first argument must be a string, not {}", vm.type_of(a.get(0)).name())));
    };
    let mut out = Vec::with_capacity(s.as_bytes().len() + 2);
    push_quoted(&mut out, s, ascii);
    vm.str_from_bytes(out)
}

/// Appends a text in quotes.
pub(super) fn push_quoted(out: &mut Vec<u8>, s: &Str, ascii: bool) {
    out.push(b'"');
    let plain = |b: &u8| (0x20..0x7f).contains(b) && !matches!(b, b'"' | b'\\');
    if s.as_bytes().iter().all(plain) {
        out.extend_from_slice(s.as_bytes());
    } else {
        for c in s.chars() {
            push_escaped(out, c, ascii);
        }
    }
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, c: u32, ascii: bool) {
    let unit = |out: &mut Vec<u8>, u: u32| out.extend_from_slice(format!("\\u{u:04x}").as_bytes());
    match c {
        0x22 => out.extend_from_slice(b"\\\""),
        0x5c => out.extend_from_slice(b"\\\\"),
        8 => out.extend_from_slice(b"\\b"),
        9 => out.extend_from_slice(b"\\t"),
        10 => out.extend_from_slice(b"\\n"),
        12 => out.extend_from_slice(b"\\f"),
        13 => out.extend_from_slice(b"\\r"),
        0..0x20 => unit(out, c),
        0x7f.. if ascii && c >= 0x10000 => {
            let c = c - 0x10000;
            unit(out, 0xd800 + (c >> 10));
            unit(out, 0xdc00 + (c & 0x3ff));
        }
        0x7f.. if ascii => unit(out, c),
        _ => push_char(out, c),
    }
}
