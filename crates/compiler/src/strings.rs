//! String literals as WTF-8. The parser gives text without lone surrogates: where a literal has some, the escapes in the
//! source say where they go.

use crate::source::Source;
use ruff_python_ast::*;
use ruff_text_size::TextRange;
use serpens_bytecode::constant::Const;

/// The bytes (WTF-8) of a plain string literal, all its concatenated parts.
pub fn literal(x: &ExprStringLiteral, source: &Source) -> Vec<u8> {
    if let Some(Const::Str(bytes)) = source.given_constant(x.range.start()) {
        return bytes.to_vec();
    }
    let mut bytes = Vec::new();
    for part in &x.value {
        part_bytes(part, source, &mut bytes);
    }
    bytes
}

/// Appends one part of a string literal.
pub fn part_bytes(part: &StringLiteral, source: &Source, out: &mut Vec<u8>) {
    if let Some(Const::Str(bytes)) = source.given_constant(part.range.start()) {
        out.extend_from_slice(&bytes);
        return;
    }
    if !source.has_text() {
        out.extend_from_slice(part.value.as_bytes());
        return;
    }
    let raw = part.flags.prefix().is_raw();
    append(&part.value, part.content_range(), raw, false, source, out);
}

/// Appends a literal piece of an f-string or t-string.
pub fn piece_bytes(e: &InterpolatedStringLiteralElement, raw: bool, source: &Source, out: &mut Vec<u8>) {
    if let Some(Const::Str(bytes)) = source.given_constant(e.range.start()) {
        out.extend_from_slice(&bytes);
        return;
    }
    append(&e.value, e.range, raw, true, source, out);
}

fn append(value: &str, range: TextRange, raw: bool, braces: bool, source: &Source, out: &mut Vec<u8>) {
    if raw || !source.has_text() || !value.contains('\u{FFFD}') {
        out.extend_from_slice(value.as_bytes());
        return;
    }
    let mut decoded = value.chars();
    let text = source.slice(range);
    let bytes = text.as_bytes();
    let mut i = 0;
    let push = |n: usize, out: &mut Vec<u8>, decoded: &mut std::str::Chars| {
        for c in decoded.by_ref().take(n) {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    };
    while i < bytes.len() {
        if bytes[i] == b'\\' {
            let (len, produced, surrogate) = escape(&bytes[i..]);
            match surrogate {
                Some(code) => {
                    decoded.next();
                    push_surrogate(out, code);
                }
                None => push(produced, out, &mut decoded),
            }
            i += len;
        } else {
            let doubled = braces && matches!(bytes[i], b'{' | b'}') && bytes.get(i + 1) == Some(&bytes[i]);
            i += if doubled { 2 } else { text[i..].chars().next().map_or(1, char::len_utf8) };
            push(1, out, &mut decoded);
        }
    }
    out.extend_from_slice(decoded.as_str().as_bytes());
}

/// Appends a surrogate; a high and a low one in turn stay two (as Python's strings keep them).
fn push_surrogate(out: &mut Vec<u8>, code: u32) {
    out.extend_from_slice(&[0xE0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3F) as u8, 0x80 | (code & 0x3F) as u8]);
}

/// The escape at the start of `bytes`: its length, how many characters it makes, and the surrogate it names.
fn escape(bytes: &[u8]) -> (usize, usize, Option<u32>) {
    let hex = |n: usize| {
        let digits = bytes.get(2..2 + n).and_then(|d| std::str::from_utf8(d).ok());
        let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        (2 + n, 1, code.filter(|c| (0xD800..0xE000).contains(c)))
    };
    match bytes.get(1) {
        None => (1, 1, None),
        Some(b'\n') => (2, 0, None),
        Some(b'u') => hex(4),
        Some(b'U') => hex(8),
        Some(b'x') => (4, 1, None),
        Some(b'N') => {
            let len = bytes.iter().position(|b| *b == b'}').map_or(2, |p| p + 1);
            (len, 1, None)
        }
        Some(b'0'..=b'7') => {
            let n = bytes[1..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(*b)).count();
            (1 + n, 1, None)
        }
        Some(b'\\' | b'\'' | b'"' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v') => (2, 1, None),
        Some(_) => (1, 1, None),
    }
}

/// A docstring without the indentation of its lines.
pub fn clean_doc(bytes: &[u8]) -> Vec<u8> {
    let doc = expand_tabs(bytes);
    let lines: Vec<&[u8]> = doc.split_inclusive(|b| *b == b'\n').collect();
    let spaces = |line: &[u8]| line.iter().take_while(|b| **b == b' ').count();
    let is_blank = |line: &[u8]| line[spaces(line)..].first().is_none_or(|b| *b == b'\n');
    let margin = lines.iter().skip(1).filter(|l| !is_blank(l)).map(|l| spaces(l)).min().unwrap_or(0);
    let mut out = Vec::with_capacity(doc.len());
    for (i, line) in lines.iter().enumerate() {
        let strip = if i == 0 { spaces(line) } else { spaces(line).min(margin) };
        out.extend_from_slice(&line[strip..]);
    }
    out
}

fn expand_tabs(bytes: &[u8]) -> Vec<u8> {
    if !bytes.contains(&b'\t') {
        return bytes.to_vec();
    }
    let mut out = Vec::with_capacity(bytes.len() + 16);
    let mut column = 0usize;
    for b in bytes {
        match b {
            b'\t' => {
                let n = 8 - column % 8;
                out.resize(out.len() + n, b' ');
                column += n;
            }
            b'\n' | b'\r' => {
                out.push(*b);
                column = 0;
            }
            _ => {
                out.push(*b);
                // Continuation bytes belong to the character before.
                column += usize::from(b & 0xC0 != 0x80);
            }
        }
    }
    out
}
