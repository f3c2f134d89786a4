//! One byte a character: ASCII, Latin-1, and character maps.

use super::errors::{Decoding, Encoding, Replacement};
use crate::error::PyResult;
use crate::types::bytes::Bytes;
use crate::types::str::{CodePoints, Str, push_char};
use crate::value::Value;
use crate::vm::Vm;

/// Decodes ASCII; the text as WTF-8 and the bytes consumed.
pub fn decode_ascii(mut d: Decoding<'_>) -> PyResult<(Vec<u8>, usize)> {
    let mut at = 0;
    while at < d.input().len() {
        let input = d.input();
        let n = input[at..].iter().position(|b| *b >= 128).unwrap_or(input.len() - at);
        let good = input[at..at + n].to_vec();
        d.out.extend_from_slice(&good);
        at += n;
        if at < d.input().len() {
            at = d.error(at, at + 1, "ordinal not in range(128)")?;
        }
    }
    Ok((d.out, at))
}

/// Decodes Latin-1, which never fails.
pub fn decode_latin1(vm: &Vm, input: &[u8]) -> PyResult {
    if input.is_ascii() {
        vm.check_alloc(input.len())?;
        return vm.str_from_vec(input.to_vec());
    }
    vm.check_alloc(input.len() * 2)?;
    let mut out = Vec::with_capacity(input.len() * 2);
    for b in input {
        match b {
            0..0x80 => out.push(*b),
            _ => out.extend_from_slice(&[0xc0 | b >> 6, 0x80 | b & 0x3f]),
        }
    }
    vm.str_from_vec(out)
}

/// Encodes characters below `limit` (128 or 256).
pub fn encode_up_to(vm: &Vm, text: &Value, errors: Option<&str>, name: &str, limit: u32) -> PyResult<Vec<u8>> {
    let s = text.downcast::<Str>().expect("encoders are called with texts");
    if s.is_ascii() {
        return Ok(s.as_bytes().to_vec());
    }
    let reason = if limit == 128 { "ordinal not in range(128)" } else { "ordinal not in range(256)" };
    let mut e = Encoding::new(vm, name, text, errors);
    let mut out = Vec::with_capacity(s.len());
    let mut chars = s.chars();
    let mut at = 0;
    loop {
        let here = chars.clone();
        let Some(c) = chars.next() else { return Ok(out) };
        if c < limit {
            out.push(c as u8);
            at += 1;
            continue;
        }
        let run = here.take_while(|c| *c >= limit).count();
        let (replacement, next) = e.error(at, at + run, reason)?;
        match replacement {
            Replacement::Bytes(b) => out.extend_from_slice(&b),
            Replacement::Text(t) => {
                for c in CodePoints::new(&t) {
                    if c >= limit {
                        return Err(e.raise(at, at + run, reason));
                    }
                    out.push(c as u8);
                }
            }
        }
        at = next;
        chars = CodePoints::new(&s.as_bytes()[s.offset(at)..]);
    }
}

/// Decodes by a map: a `str` of up to 256 characters, or a mapping of integers to `str`, integer or `None`.
pub fn decode_map(mut d: Decoding<'_>, map: &Value) -> PyResult<(Vec<u8>, usize)> {
    const UNDEFINED: &str = "character maps to <undefined>";
    let vm = d.vm();
    let table: Option<Vec<u32>> = map.downcast::<Str>().map(|s| s.chars().collect());
    let mut at = 0;
    while let Some(&b) = d.input().get(at) {
        let mapped = match &table {
            Some(table) => table.get(b as usize).copied().filter(|c| *c != 0xfffe),
            None => match map_lookup(vm, map, b as u32)? {
                Some(v) if v.is_none() => None,
                Some(v) => {
                    if let Some(s) = v.downcast::<Str>() {
                        if s.len() == 1 && s.char_at(0) == Some(0xfffe) {
                            None
                        } else {
                            d.out.extend_from_slice(s.as_bytes());
                            at += 1;
                            continue;
                        }
                    } else if vm.is_int_like(&v) {
                        match crate::types::int::to_i64(&v) {
                            Some(0xfffe) => None,
                            Some(c @ 0..=0x10ffff) => Some(c as u32),
                            _ => return Err(vm.type_error("character mapping must be in range(0x110000)")),
                        }
                    } else {
                        return Err(vm.type_error("character mapping must return integer, None or str"));
                    }
                }
                None => None,
            },
        };
        match mapped {
            Some(c) => {
                push_char(&mut d.out, c);
                at += 1;
            }
            None => at = d.error(at, at + 1, UNDEFINED)?,
        }
    }
    Ok((d.out, at))
}

/// What a mapping has for a number; `None` if it has nothing (`LookupError`).
fn map_lookup(vm: &Vm, map: &Value, key: u32) -> PyResult<Option<Value>> {
    match vm.get_item(map, &Value::int_unchecked(key as i64)) {
        Ok(v) => Ok(Some(v)),
        Err(e) if vm.pending_is(vm.types().LookupError) => {
            drop(e);
            drop(vm.take_raised());
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// Appends the bytes that a map has for a character; whether it has any.
fn map_char(vm: &Vm, map: &Value, c: u32, out: &mut Vec<u8>) -> PyResult<bool> {
    let Some(v) = map_lookup(vm, map, c)? else { return Ok(false) };
    if v.is_none() {
        return Ok(false);
    }
    if vm.is_int_like(&v) {
        return match crate::types::int::to_i64(&v) {
            Some(b @ 0..=255) => {
                out.push(b as u8);
                Ok(true)
            }
            _ => Err(vm.type_error("character mapping must be in range(256)")),
        };
    }
    match v.downcast::<Bytes>() {
        Some(b) => {
            out.extend_from_slice(b.as_bytes());
            Ok(true)
        }
        None => Err(vm.type_error(&format!(
            "character mapping must return integer, bytes or None, not {}",
            vm.type_of(&v).name()
        ))),
    }
}

/// Encodes by a mapping of integers to integer, bytes or `None`.
pub fn encode_map(vm: &Vm, text: &Value, errors: Option<&str>, map: &Value) -> PyResult<Vec<u8>> {
    const UNDEFINED: &str = "character maps to <undefined>";
    let s = text.downcast::<Str>().expect("encoders are called with texts");
    let mut e = Encoding::new(vm, "charmap", text, errors);
    let mut out = Vec::with_capacity(s.len());
    let mut chars = s.chars();
    let mut at = 0;
    loop {
        let rest = chars.clone();
        let Some(c) = chars.next() else { return Ok(out) };
        if map_char(vm, map, c, &mut out)? {
            at += 1;
            continue;
        }
        let mut run = 1;
        for c in rest.skip(1) {
            if map_char(vm, map, c, &mut Vec::new())? {
                break;
            }
            run += 1;
        }
        let (replacement, next) = e.error(at, at + run, UNDEFINED)?;
        match replacement {
            Replacement::Bytes(b) => out.extend_from_slice(&b),
            Replacement::Text(t) => {
                for c in CodePoints::new(&t) {
                    if !map_char(vm, map, c, &mut out)? {
                        return Err(e.raise(at, at + run, UNDEFINED));
                    }
                }
            }
        }
        at = next;
        chars = CodePoints::new(&s.as_bytes()[s.offset(at)..]);
    }
}
