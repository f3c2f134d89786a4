//! Classification: `isalpha`, `isdigit`, `islower`, `isidentifier`, `isprintable`, ...

use super::{CodePoints, Str};
use crate::error::PyResult;
use crate::native::Args;
use crate::unicode::{self, flag};
use crate::value::Value;
use crate::vm::Vm;

/// Whether there are characters and all have one of the flags.
fn all(a: Args<'_>, flags: u32) -> PyResult {
    let s = a.this::<Str>();
    Ok(Value::bool(!s.is_empty() && s.chars().all(|c| unicode::has(c, flags))))
}

pub(super) fn isalpha(_: &Vm, a: Args<'_>) -> PyResult {
    all(a, flag::ALPHA)
}

pub(super) fn isalnum(_: &Vm, a: Args<'_>) -> PyResult {
    all(a, flag::ALNUM)
}

pub(super) fn isdecimal(_: &Vm, a: Args<'_>) -> PyResult {
    all(a, flag::DECIMAL)
}

pub(super) fn isdigit(_: &Vm, a: Args<'_>) -> PyResult {
    all(a, flag::DIGIT)
}

pub(super) fn isnumeric(_: &Vm, a: Args<'_>) -> PyResult {
    all(a, flag::NUMERIC)
}

pub(super) fn isspace(_: &Vm, a: Args<'_>) -> PyResult {
    all(a, flag::SPACE)
}

pub(super) fn isascii(_: &Vm, a: Args<'_>) -> PyResult {
    Ok(Value::bool(a.this::<Str>().is_ascii()))
}

pub(super) fn isprintable(_: &Vm, a: Args<'_>) -> PyResult {
    Ok(Value::bool(a.this::<Str>().chars().all(|c| unicode::has(c, flag::PRINTABLE))))
}

/// Whether some character has case `wanted` and none a case in `barred`.
fn only_case(a: Args<'_>, wanted: u32, barred: u32) -> PyResult {
    let mut cased = false;
    for c in a.this::<Str>().chars() {
        let flags = unicode::record(c).flags();
        if flags & barred != 0 {
            return Ok(Value::FALSE);
        }
        cased |= flags & wanted != 0;
    }
    Ok(Value::bool(cased))
}

pub(super) fn islower(_: &Vm, a: Args<'_>) -> PyResult {
    only_case(a, flag::LOWER, flag::UPPER | flag::TITLE)
}

pub(super) fn isupper(_: &Vm, a: Args<'_>) -> PyResult {
    only_case(a, flag::UPPER, flag::LOWER | flag::TITLE)
}

pub(super) fn istitle(_: &Vm, a: Args<'_>) -> PyResult {
    let (mut cased, mut previous_cased) = (false, false);
    for c in a.this::<Str>().chars() {
        let flags = unicode::record(c).flags();
        if flags & (flag::UPPER | flag::TITLE) != 0 {
            if previous_cased {
                return Ok(Value::FALSE);
            }
            previous_cased = true;
            cased = true;
        } else if flags & flag::LOWER != 0 {
            if !previous_cased {
                return Ok(Value::FALSE);
            }
            cased = true;
        } else {
            previous_cased = false;
        }
    }
    Ok(Value::bool(cased))
}

impl Str {
    /// Whether the text is an identifier (keywords included).
    pub fn is_identifier(&self) -> bool {
        is_identifier_bytes(self.as_bytes())
    }
}

fn is_identifier_bytes(text: &[u8]) -> bool {
    let mut chars = CodePoints::new(text);
    match chars.next() {
        Some(c) if unicode::has(c, flag::XID_START) => chars.all(|c| unicode::has(c, flag::XID_CONTINUE)),
        _ => false,
    }
}

/// Whether a text is an identifier (keywords included).
pub fn is_identifier(text: &str) -> bool {
    is_identifier_bytes(text.as_bytes())
}

pub(super) fn isidentifier(_: &Vm, a: Args<'_>) -> PyResult {
    Ok(Value::bool(a.this::<Str>().is_identifier()))
}
