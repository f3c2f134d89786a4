//! `UnicodeEncodeError`, `UnicodeDecodeError`, `UnicodeTranslateError`: what could not be coded, where and why.

use super::fields::field;
use super::{init as base_init, payload};
use crate::error::{PyResult, Raised};
use crate::native::{CallArgs, GetSetDef};
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

const ENCODING: usize = 0;
const OBJECT: usize = 1;
const START: usize = 2;
const END: usize = 3;
const REASON: usize = 4;

pub(super) const GETSET: &[GetSetDef] = &[
    field!("encoding", 0, "exception encoding"),
    field!("object", 1, "exception object"),
    GetSetDef::rw("start", |vm, v| Ok(position(vm, v, START)), |vm, v, value| set_position(vm, v, START, value))
        .doc("exception start"),
    GetSetDef::rw("end", |vm, v| Ok(position(vm, v, END)), |vm, v, value| set_position(vm, v, END, value))
        .doc("exception end"),
    field!("reason", 4, "exception reason"),
];

fn position(vm: &Vm, v: &Value, i: usize) -> Value {
    payload(v).field(i).unwrap_or_else(|| vm.int(0))
}

fn set_position(vm: &Vm, v: &Value, i: usize, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(vm.type_error("can't delete numeric/char attribute"));
    };
    let n = vm.index_isize(value, vm.types().OverflowError)?;
    payload(v).set_field(vm, i, Some(vm.int(n as i64)));
    Ok(())
}

fn wrong_type(vm: &Vm, i: usize, expected: &str, given: &Value) -> Raised {
    vm.type_error(&format!("argument {} must be {expected}, not {}", i + 1, vm.type_of(given).name()))
}

/// Sets the fields of an encode or decode error from five arguments, of a translate error from four.
fn fill(vm: &Vm, v: &Value, args: &[Value], decode: bool, translate: bool) -> PyResult<()> {
    let n = if translate { 4 } else { 5 };
    if args.len() != n {
        return Err(vm.type_error(&format!("function takes exactly {n} arguments ({} given)", args.len())));
    }
    let first = if translate { ENCODING + 1 } else { ENCODING };
    let mut fields = Vec::with_capacity(n);
    for (i, value) in args.iter().enumerate() {
        fields.push(match first + i {
            START | END => {
                let n = vm.index_isize(value, vm.types().OverflowError)?;
                vm.int(n as i64)
            }
            OBJECT if decode => value.clone(),
            _ if value.is_a::<Str>() => value.clone(),
            _ => return Err(wrong_type(vm, i, "str", value)),
        });
    }
    if decode && !fields[1].is_a::<Bytes>() {
        let copy = vm.bytes(&vm.bytes_arg(&fields[1])?);
        fields[1] = copy;
    }
    for (i, value) in fields.into_iter().enumerate() {
        payload(v).set_field(vm, first + i, Some(value));
    }
    Ok(())
}

pub(super) fn init_encode(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    base_init(vm, v, args)?;
    fill(vm, v, args.pos(), false, false)
}

pub(super) fn init_decode(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    base_init(vm, v, args)?;
    fill(vm, v, args.pos(), true, false)
}

pub(super) fn init_translate(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    base_init(vm, v, args)?;
    fill(vm, v, args.pos(), false, true)
}

/// `start` and `end`, as they are.
fn range(vm: &Vm, v: &Value) -> (i64, i64) {
    let at = |i| position(vm, v, i).as_small_int().unwrap_or(i64::MAX);
    (at(START), at(END))
}

/// The only position of a range, if that lies within an object of `len` items.
fn single((start, end): (i64, i64), len: usize) -> Option<usize> {
    ((0..len as i64).contains(&start) && end == start + 1).then_some(start as usize)
}

/// The object, after texts were asked for that may have changed it.
fn object(vm: &Vm, v: &Value, noun: &str, good: fn(&Value) -> bool) -> PyResult {
    match payload(v).field(OBJECT) {
        None => Err(vm.type_error("UnicodeError 'object' attribute is not set")),
        Some(object) if good(&object) => Ok(object),
        Some(_) => Err(vm.type_error(&format!("UnicodeError 'object' attribute must be a {noun}"))),
    }
}

/// A character as messages show it.
fn escaped(c: u32) -> String {
    match c {
        0..=0xff => format!("\\x{c:02x}"),
        0x100..=0xffff => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

fn field_text(vm: &Vm, v: &Value, i: usize) -> PyResult<String> {
    match payload(v).field(i) {
        Some(f) => vm.str_string(&f),
        None => Ok(String::new()),
    }
}

fn str_chars(vm: &Vm, v: &Value, prefix: impl FnOnce() -> PyResult<String>) -> PyResult {
    if payload(v).field(OBJECT).is_none() {
        return Ok(vm.str(""));
    }
    let reason = field_text(vm, v, REASON)?;
    let prefix = prefix()?;
    let object = object(vm, v, "string", |o| o.is_a::<Str>())?;
    let Some(text) = object.downcast::<Str>() else { return Ok(vm.str("")) };
    let (start, end) = range(vm, v);
    let message = match single((start, end), text.len()).and_then(|at| text.char_at(at)) {
        Some(c) => format!("{prefix} character '{}' in position {start}: {reason}", escaped(c)),
        None => format!("{prefix} characters in position {start}-{}: {reason}", end.saturating_sub(1)),
    };
    Ok(vm.str(&message))
}

pub(super) fn str_encode(vm: &Vm, v: &Value) -> PyResult {
    str_chars(vm, v, || Ok(format!("'{}' codec can't encode", field_text(vm, v, ENCODING)?)))
}

pub(super) fn str_translate(vm: &Vm, v: &Value) -> PyResult {
    str_chars(vm, v, || Ok("can't translate".to_string()))
}

pub(super) fn str_decode(vm: &Vm, v: &Value) -> PyResult {
    if payload(v).field(OBJECT).is_none() {
        return Ok(vm.str(""));
    }
    let (reason, encoding) = (field_text(vm, v, REASON)?, field_text(vm, v, ENCODING)?);
    let object = object(vm, v, "bytes", |o| o.is_a::<Bytes>())?;
    let Some(bytes) = object.downcast::<Bytes>() else { return Ok(vm.str("")) };
    let bytes = bytes.as_bytes();
    let (start, end) = range(vm, v);
    let message = match single((start, end), bytes.len()) {
        Some(at) => {
            format!("'{encoding}' codec can't decode byte 0x{:02x} in position {start}: {reason}", bytes[at])
        }
        None => {
            format!("'{encoding}' codec can't decode bytes in position {start}-{}: {reason}", end.saturating_sub(1))
        }
    };
    Ok(vm.str(&message))
}

impl Vm {
    /// A `UnicodeEncodeError`, `UnicodeDecodeError` (with the encoding) or `UnicodeTranslateError` (without).
    pub fn unicode_error(
        &self,
        ty: &TypeObj,
        encoding: Option<&str>,
        object: &Value,
        range: std::ops::Range<usize>,
        reason: &str,
    ) -> Value {
        let mut args: Vec<Value> = encoding.map(|e| self.str(e)).into_iter().collect();
        args.push(object.clone());
        args.push(Value::from_usize(range.start));
        args.push(Value::from_usize(range.end));
        args.push(self.str(reason));
        self.new_exception(ty, args)
    }
}
