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
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        if origin != Origin::File {
            return error("source code string cannot contain null bytes".to_string());
        }
        let (line, start) = line_at(bytes, at);
        let text = String::from_utf8_lossy(&bytes[start..at]).into_owned();
        return Err(placed(filename, "source code cannot contain null bytes".to_string(), line, 0, text));
    }
    let cookie = cookie(bytes);
    let encoding = cookie.map_or_else(|| "utf-8".to_string(), normalize);
    if bom && encoding != "utf-8" {
        let line = bytes.split(|b| *b == b'\n').position(|l| in_comment(l).is_some()).unwrap_or(0);
        let text =
            bytes.split(|b| *b == b'\n').nth(line).map_or(String::new(), |l| String::from_utf8_lossy(l).into_owned());
        let mut e = placed(filename, format!("encoding problem: {encoding} with BOM"), line as u32 + 1, 0, text);
        e.end_col = e.text.as_ref().map_or(0, |t| t.len() as u32);
        return Err(e);
    }
    match encoding.as_str() {
        "iso-8859-1" => Ok(Decoded::Text(Cow::Owned(bytes.iter().map(|b| *b as char).collect()))),
        "utf-8" => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Decoded::Text(Cow::Borrowed(text))),
            Err(e) => Err(invalid_utf8(bytes, e, filename, origin, cookie.is_some())),
        },
        "ascii" => match bytes.iter().position(|b| *b >= 0x80) {
            None => Ok(Decoded::Text(String::from_utf8_lossy(bytes))),
            Some(at) => Err(declared_wrongly(
                filename,
                format!(
                    "'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
                    bytes[at]
                ),
            )),
        },
        _ => Ok(Decoded::Other { encoding: cookie.unwrap_or_default().to_string(), bytes }),
    }
}

/// The line (from 1) that an offset is on, and where it begins.
fn line_at(bytes: &[u8], at: usize) -> (u32, usize) {
    let line = bytes[..at].iter().filter(|b| **b == b'\n').count() as u32 + 1;
    (line, bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1))
}

fn placed(filename: &str, message: String, line: u32, col: u32, text: String) -> SyntaxError {
    let error = SyntaxError::bare(SyntaxErrorKind::Syntax, filename, message);
    SyntaxError { line, col, end_line: line, end_col: col, text: Some(text), ..error }
}

/// An error about a source that is not in the encoding that it declares: CPython gives line 0 and column -1.
#[cold]
pub fn declared_wrongly(filename: &str, message: String) -> SyntaxError {
    SyntaxError { col: u32::MAX, ..SyntaxError::bare(SyntaxErrorKind::Syntax, filename, message) }
}

#[cold]
fn invalid_utf8(bytes: &[u8], e: std::str::Utf8Error, filename: &str, origin: Origin, declared: bool) -> SyntaxError {
    let at = e.valid_up_to();
    if declared {
        return declared_wrongly(filename, codec_error(bytes, e));
    }
    let (line, start) = line_at(bytes, at);
    let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n);
    let text = String::from_utf8_lossy(&bytes[start..end]).into_owned();
    let col = String::from_utf8_lossy(&bytes[start..at]).chars().count() as u32 + 1;
    // CPython reads a file's first two lines for their coding and counts the second one late.
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii();
    let reads_late = origin == Origin::File && line == 2 && !first.is_empty() && !first.starts_with(b"#");
    let line = if reads_late { 1 } else { line };
    let place = if origin == Origin::File { format!(" in file {filename}") } else { String::new() };
    let message = format!(
        "Non-UTF-8 code starting with '\\x{:02x}'{place} on line {line}, but no encoding declared; \
         see https://peps.python.org/pep-0263/ for details",
        bytes[at]
    );
    placed(filename, message, line, col, text)
}

fn codec_error(bytes: &[u8], e: std::str::Utf8Error) -> String {
    let at = e.valid_up_to();
    let why = match (e.error_len(), bytes[at]) {
        (None, _) => "unexpected end of data",
        (Some(_), 0xC2..=0xF4) => "invalid continuation byte",
        _ => "invalid start byte",
    };
    let last = at + e.error_len().unwrap_or(bytes.len() - at) - 1;
    if last > at {
        format!("'utf-8' codec can't decode bytes in position {at}-{last}: {why}")
    } else {
        format!("'utf-8' codec can't decode byte 0x{:02x} in position {at}: {why}", bytes[at])
    }
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
        let e = decode_source(b"#\n'\xE9'", "f.py", Origin::File).unwrap_err();
        assert!(e.message.starts_with("Non-UTF-8 code starting with '\\xe9' in file f.py on line 2"));
    }
}
