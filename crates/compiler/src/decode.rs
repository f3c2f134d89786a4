//! Source bytes to text: byte order mark, coding cookie (PEP 263), NUL bytes, invalid UTF-8.
//!
//! UTF-8, ASCII and Latin-1 are decoded here; other encodings are left to the runtime's codecs.

use crate::error::{SyntaxError, SyntaxErrorKind};
use std::borrow::Cow;

/// Where source bytes come from; CPython words some errors differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A file.
    File,
    /// A bytes object given to `compile`, `eval` or `exec`.
    Bytes,
}

/// Decoded source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decoded<'a> {
    /// The text.
    Text(Cow<'a, str>),
    /// Bytes in an encoding that the runtime must decode, by its name in the cookie.
    Other {
        /// The encoding as written.
        encoding: String,
        /// The bytes, without byte order mark.
        bytes: &'a [u8],
    },
}

/// Decodes source bytes.
///
/// # Errors
///
/// As CPython reports undecodable source.
pub fn decode_source<'a>(bytes: &'a [u8], filename: &str, origin: Origin) -> Result<Decoded<'a>, SyntaxError> {
    let error = |message: String| Err(SyntaxError::bare(SyntaxErrorKind::Syntax, filename, message));
    let (bytes, bom) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    if bytes.contains(&0) {
        let what = if origin == Origin::File { "source code" } else { "source code string" };
        return error(format!("{what} cannot contain null bytes"));
    }
    let cookie = cookie(bytes);
    let encoding = cookie.map_or_else(|| "utf-8".to_string(), normalize);
    if bom && encoding != "utf-8" {
        return error(format!("encoding problem: {} with BOM", cookie.unwrap_or_default()));
    }
    match encoding.as_str() {
        "iso-8859-1" => Ok(Decoded::Text(Cow::Owned(bytes.iter().map(|b| *b as char).collect()))),
        "utf-8" => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Decoded::Text(Cow::Borrowed(text))),
            Err(e) => Err(invalid_utf8(bytes, e, filename, origin, cookie.is_some())),
        },
        "ascii" => match bytes.iter().position(|b| *b >= 0x80) {
            None => Ok(Decoded::Text(String::from_utf8_lossy(bytes))),
            Some(at) => error(format!(
                "(unicode error) 'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
                bytes[at]
            )),
        },
        _ => Ok(Decoded::Other { encoding: cookie.unwrap_or_default().to_string(), bytes }),
    }
}

#[cold]
fn invalid_utf8(bytes: &[u8], e: std::str::Utf8Error, filename: &str, origin: Origin, declared: bool) -> SyntaxError {
    let at = e.valid_up_to();
    let line = bytes[..at].iter().filter(|b| **b == b'\n').count() as u32 + 1;
    let message = if origin == Origin::File && !declared {
        format!(
            "Non-UTF-8 code starting with '\\x{:02x}' in file {filename} on line {line}, but no encoding declared; \
             see https://peps.python.org/pep-0263/ for details",
            bytes[at]
        )
    } else {
        let why = match (e.error_len(), bytes[at]) {
            (None, _) => "unexpected end of data",
            (Some(_), 0xC2..=0xF4) => "invalid continuation byte",
            _ => "invalid start byte",
        };
        match e.error_len() {
            None if bytes.len() - at > 1 => {
                format!("(unicode error) 'utf-8' codec can't decode bytes in position {at}-{}: {why}", bytes.len() - 1)
            }
            Some(n) if n > 1 => {
                format!("(unicode error) 'utf-8' codec can't decode bytes in position {at}-{}: {why}", at + n - 1)
            }
            _ => format!("(unicode error) 'utf-8' codec can't decode byte 0x{:02x} in position {at}: {why}", bytes[at]),
        }
    };
    let mut error = SyntaxError::bare(SyntaxErrorKind::Syntax, filename, message);
    if origin == Origin::File {
        error.line = line;
    }
    error
}

/// The encoding that a comment in the first two lines names.
fn cookie(bytes: &[u8]) -> Option<&str> {
    for (i, line) in bytes.split(|b| *b == b'\n').take(2).enumerate() {
        let text = line.trim_ascii_start();
        let text = text.strip_prefix(b"\x0C").unwrap_or(text);
        if let Some(comment) = text.strip_prefix(b"#") {
            if let Some(name) = in_comment(comment) {
                return Some(name);
            }
        } else if i == 0 && !text.is_empty() {
            return None;
        }
    }
    None
}

fn in_comment(comment: &[u8]) -> Option<&str> {
    let mut from = 0;
    while let Some(at) = comment[from..].windows(6).position(|w| w == b"coding") {
        let rest = &comment[from + at + 6..];
        if let Some((b':' | b'=', rest)) = rest.split_first() {
            let rest = &rest[rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()..];
            let name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            let n = rest.iter().take_while(name).count();
            if n > 0 {
                return std::str::from_utf8(&rest[..n]).ok();
            }
        }
        from += at + 6;
    }
    None
}

/// The usual name of an encoding.
fn normalize(name: &str) -> String {
    let lower: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    if lower == "utf-8" || lower.starts_with("utf-8-") || lower == "utf8" {
        return "utf-8".to_string();
    }
    let latin = ["latin-1", "iso-8859-1", "iso-latin-1"];
    if latin.iter().any(|l| lower == *l || lower.starts_with(&format!("{l}-"))) || lower == "latin1" {
        return "iso-8859-1".to_string();
    }
    if lower == "ascii" || lower == "us-ascii" {
        return "ascii".to_string();
    }
    name.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_in_two_lines() {
        assert_eq!(cookie(b"# -*- coding: latin-1 -*-\n"), Some("latin-1"));
        assert_eq!(cookie(b"#!/bin/sh\n# vim: set fileencoding=utf8 :\n"), Some("utf8"));
        assert_eq!(cookie(b"x = 1\n# coding: latin-1\n"), None);
    }

    #[test]
    fn latin_1_is_decoded() {
        let text = decode_source(b"# coding: latin-1\n'\xE9'", "f", Origin::File);
        assert_eq!(text, Ok(Decoded::Text(Cow::Borrowed("# coding: latin-1\n'\u{E9}'"))));
    }

    #[test]
    fn invalid_utf_8_is_reported() {
        let e = decode_source(b"x\n'\xE9'", "f.py", Origin::File).unwrap_err();
        assert!(e.message.starts_with("Non-UTF-8 code starting with '\\xe9' in file f.py on line 2"));
    }
}
