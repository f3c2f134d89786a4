//! Source bytes to text: byte order mark, coding cookie (PEP 263), UTF-8.

use crate::error::{SyntaxError, SyntaxErrorKind};

/// Decodes a source file. Other encodings than UTF-8, Latin-1 and ASCII are not known here.
///
/// # Errors
/// A `SyntaxError` with CPython's message.
pub fn decode_source(bytes: &[u8], filename: &str) -> Result<String, SyntaxError> {
    let (bytes, bom) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let cookie = cookie(bytes);
    let error = |message: String| SyntaxError::bare(SyntaxErrorKind::Syntax, filename, message);
    let name = cookie.unwrap_or_else(|| "utf-8".into());
    let normal = name.to_ascii_lowercase().replace('_', "-");
    if bytes.contains(&0) {
        return Err(error("source code cannot contain null bytes".into()));
    }
    match normal.as_str() {
        "utf-8" | "utf8" | "u8" | "utf-8-sig" => {}
        _ if normal.starts_with("utf-8-") => {}
        _ if bom => return Err(error(format!("encoding problem: {name} with BOM"))),
        "latin-1" | "iso-8859-1" | "iso-latin-1" | "latin1" | "l1" | "iso8859-1" | "8859" | "cp819" => {
            return Ok(bytes.iter().map(|b| char::from(*b)).collect());
        }
        "ascii" | "us-ascii" | "646" => {
            if let Some(i) = bytes.iter().position(|b| *b >= 0x80) {
                return Err(error(format!(
                    "(unicode error) 'ascii' codec can't decode byte 0x{:02x} in position {i}: ordinal not in range(128)",
                    bytes[i]
                )));
            }
        }
        _ => return Err(error(format!("unknown encoding: {name}"))),
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_string()),
        Err(e) => {
            let at = e.valid_up_to();
            let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
            let message = if name == "utf-8" && !bom {
                format!(
                    "Non-UTF-8 code starting with '\\x{:02x}' on line {line}, but no encoding declared; see \
                     https://peps.python.org/pep-0263/ for details",
                    bytes[at]
                )
            } else {
                format!("(unicode error) 'utf-8' codec can't decode byte 0x{:02x} in position {at}: invalid start byte", bytes[at])
            };
            Err(error(message))
        }
    }
}

/// The encoding that a comment in the first two lines names.
fn cookie(bytes: &[u8]) -> Option<String> {
    for (i, line) in bytes.split(|b| *b == b'\n').take(2).enumerate() {
        let text = String::from_utf8_lossy(line);
        let stripped = text.trim_start_matches([' ', '\t', '\x0c']);
        if stripped.starts_with('#') {
            if let Some(at) = stripped.find("coding") {
                let rest = &stripped[at + 6..];
                if let Some(value) = rest.strip_prefix([':', '=']) {
                    let name: String = value
                        .trim_start_matches([' ', '\t'])
                        .chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                        .collect();
                    if !name.is_empty() {
                        return Some(name);
                    }
                }
            }
        } else if i == 0 && !stripped.trim().is_empty() {
            return None;
        }
    }
    None
}
