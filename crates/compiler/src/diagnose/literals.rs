//! String literals whose escapes cannot be decoded, or that cannot stand side by side.

use super::engine::{Engine, Failure, NodeIdx};
use crate::error::SyntaxErrorKind;
use crate::tokenizer::Kind;
use ruff_text_size::{TextRange, TextSize};

/// A literal's prefix (lower case) and what stands between its quotes.
fn split(text: &str) -> (String, &str) {
    let quote = text.find(['\'', '"']).unwrap_or(0);
    let size = if text[quote..].starts_with("'''") || text[quote..].starts_with("\"\"\"") { 3 } else { 1 };
    let body = text.get(quote + size..text.len().saturating_sub(size)).unwrap_or("");
    (text[..quote].to_ascii_lowercase(), body)
}

/// Refuses a plain literal that cannot be decoded.
pub(super) fn escapes(engine: &mut Engine, node: NodeIdx) -> Result<(), Failure> {
    let (prefix, body) = split(engine.node_text(node));
    if prefix.contains('b') {
        if !body.is_ascii() {
            let message = "bytes can only contain ASCII literal characters".to_string();
            return Err(engine.at_nodes(node, node, message));
        }
        if !prefix.contains('r') {
            refuse(engine, bad_bytes_escape(body))?;
        }
    } else if !prefix.contains('r') {
        refuse(engine, bad_unicode_escape(body))?;
    }
    if !engine.wrong {
        let token = engine.tokens[engine.nodes[node as usize].start].token;
        let range = TextRange::new(TextSize::new(token.start as u32), TextSize::new(token.end as u32));
        let text = engine.node_text(node);
        engine.warnings.extend(crate::warnings::of_literal(engine.source, text, range));
    }
    Ok(())
}

fn refuse(engine: &Engine, message: Option<String>) -> Result<(), Failure> {
    match message {
        Some(message) => Err(engine.at_last(SyntaxErrorKind::Syntax, engine.tokens.len() - 1, message)),
        None => Ok(()),
    }
}

/// Refuses literals side by side that are of different kinds, and pieces of f-strings that cannot be decoded.
pub(super) fn concatenation(engine: &mut Engine, node: NodeIdx) -> Result<(), Failure> {
    let n = &engine.nodes[node as usize];
    let (start, end) = (n.start, n.end);
    let (mut bytes, mut text, mut template) = (false, false, false);
    let mut raw = Vec::new();
    for i in start..end {
        let token = engine.tokens[i].token;
        let source = &engine.tokenizer.text()[token.start..token.end];
        match token.kind {
            Kind::String if raw.is_empty() => {
                let is_bytes = split(source).0.contains('b');
                bytes |= is_bytes;
                text |= !is_bytes;
            }
            Kind::FStringStart | Kind::TStringStart => {
                if raw.is_empty() {
                    text |= token.kind == Kind::FStringStart;
                    template |= token.kind == Kind::TStringStart;
                }
                raw.push(split(source).0.contains('r'));
            }
            Kind::FStringEnd | Kind::TStringEnd => drop(raw.pop()),
            Kind::FStringMiddle | Kind::TStringMiddle if raw.last() == Some(&false) => {
                if let Some(message) = bad_unicode_escape(source) {
                    return Err(engine.at_tokens(i, i + 1, message));
                }
            }
            _ => {}
        }
    }
    if template && (text || bytes) {
        let message = "cannot mix t-string literals with string or bytes literals".to_string();
        return Err(engine.at_nodes(node, node, message));
    }
    if bytes && text {
        let message = "cannot mix bytes and nonbytes literals".to_string();
        return Err(engine.at_last(SyntaxErrorKind::Syntax, engine.tokens.len() - 1, message));
    }
    Ok(())
}

fn bad_bytes_escape(body: &str) -> Option<String> {
    let bytes = body.as_bytes();
    let mut i = 0;
    while i + 1 < bytes.len() {
        if bytes[i] == b'\\' {
            let hex = bytes[i + 1..].iter().skip(1).take(2).take_while(|b| b.is_ascii_hexdigit()).count();
            if bytes[i + 1] == b'x' && hex < 2 {
                return Some(format!("(value error) invalid \\x escape at position {i}"));
            }
            i += 1;
        }
        i += 1;
    }
    None
}

/// What is wrong with the escapes of a text. CPython counts a character that is not ASCII as an escape of ten bytes.
fn bad_unicode_escape(body: &str) -> Option<String> {
    let mut body = std::borrow::Cow::Borrowed(body);
    if !body.is_ascii() {
        let spelt = body.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\U{:08x}", c as u32) });
        body = std::borrow::Cow::Owned(spelt.collect());
    }
    let bytes = body.as_bytes();
    let mut i = 0;
    let fail = |from: usize, to: usize, why: &str| {
        Some(format!("(unicode error) 'unicodeescape' codec can't decode bytes in position {from}-{to}: {why}"))
    };
    while i < bytes.len() {
        if bytes[i] != b'\\' {
            i += 1;
            continue;
        }
        let (want, name) = match bytes.get(i + 1) {
            None => {
                return Some(format!(
                    "(unicode error) 'unicodeescape' codec can't decode byte 0x5c in position {i}: \\ at end of string"
                ));
            }
            Some(b'x') => (2, "truncated \\xXX escape"),
            Some(b'u') => (4, "truncated \\uXXXX escape"),
            Some(b'U') => (8, "truncated \\UXXXXXXXX escape"),
            Some(b'N') => {
                let closed = body[i..].find('}');
                match (bytes.get(i + 2), closed) {
                    (Some(b'{'), Some(end)) if end > 3 => {
                        if !known_name(&body[i + 3..i + end]) {
                            return fail(i, i + end, "unknown Unicode character name");
                        }
                        i += end + 1;
                        continue;
                    }
                    (Some(b'{'), Some(end)) => return fail(i, i + end, "malformed \\N character escape"),
                    (Some(b'{'), None) => return fail(i, bytes.len() - 1, "malformed \\N character escape"),
                    _ => return fail(i, i + 1, "malformed \\N character escape"),
                }
            }
            Some(_) => {
                i += 2;
                continue;
            }
        };
        let digits = bytes[i + 2..].iter().take(want).take_while(|b| b.is_ascii_hexdigit()).count();
        if digits < want {
            return fail(i, i + 1 + digits, name);
        }
        let code = u32::from_str_radix(&body[i + 2..i + 2 + want], 16).unwrap_or(u32::MAX);
        if code > 0x10FFFF {
            return fail(i, i + 1 + want, "illegal Unicode character");
        }
        i += 2 + want;
    }
    None
}

/// Whether the parser knows a character of this name.
fn known_name(name: &str) -> bool {
    !name.contains(['\'', '\\', '\n']) && ruff_python_parser::parse_expression(&format!("'\\N{{{name}}}'")).is_ok()
}
