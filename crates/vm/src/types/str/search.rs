//! Searching: `find`, `index`, `count`, `startswith`, `replace`, `partition`, `in`.
//!
//! Invariant: positions Python sees count characters; everything here works on bytes and converts at the edges.

use super::{Str, char_offset, count_chars};
use crate::error::{PyResult, Raised};
use crate::native::Args;
use crate::types::bytes::ops;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// `start` and `end` arguments for a sequence of `len` items, clamped as CPython does; `start` may exceed `end`.
pub(crate) fn bounds(vm: &Vm, start: Option<&Value>, end: Option<&Value>, len: usize) -> PyResult<(usize, usize)> {
    let clamp = |v: Option<&Value>, default: usize, above: usize| -> PyResult<usize> {
        let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(default) };
        let i = match v.as_small_int() {
            Some(i) => i as isize,
            None if vm.type_of(v).slots().index.is_none() => {
                return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
            }
            None => vm.index_clamped(v)?,
        };
        Ok(if i < 0 { (len as isize).saturating_add(i).max(0) as usize } else { (i as usize).min(above) })
    };
    Ok((clamp(start, 0, usize::MAX)?, clamp(end, len, len)?))
}

/// The bytes between `start` and `end` (in characters), and the byte offset where they begin; `None` if `start > end`.
fn window<'a>(vm: &Vm, s: &'a Str, a: &Args<'_>) -> PyResult<Option<(&'a [u8], usize, usize)>> {
    let (start, end) = match (a.opt(2), a.opt(3)) {
        (None, None) => return Ok(Some((s.as_bytes(), 0, 0))),
        (start, end) => bounds(vm, start, end, s.len())?,
    };
    if start > end {
        return Ok(None);
    }
    if s.is_ascii() {
        return Ok(Some((&s.as_bytes()[start..end], start, start)));
    }
    let from = s.offset(start);
    let rest = &s.as_bytes()[from..];
    Ok(Some((&rest[..char_offset(rest, end - start)], from, start)))
}

#[inline]
fn text_arg<'a>(vm: &Vm, name: &str, v: &'a Value) -> PyResult<&'a Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => Err(not_str(vm, name, 1, v)),
    }
}

#[cold]
fn not_str(vm: &Vm, name: &str, position: usize, v: &Value) -> Raised {
    let ty = vm.type_of(v).name();
    if position == 0 {
        return vm.type_error(&format!("{name}() argument must be str, not {ty}"));
    }
    vm.type_error(&format!("{name}() argument {position} must be str, not {ty}"))
}

fn find_char(vm: &Vm, a: &Args<'_>, name: &str, from_end: bool) -> PyResult<Option<usize>> {
    let s = a.this::<Str>();
    let needle = text_arg(vm, name, a.get(1))?;
    let Some((bytes, _, first_char)) = window(vm, s, a)? else { return Ok(None) };
    let n = needle.as_bytes();
    if n.len() > bytes.len() || (s.is_ascii() && !needle.is_ascii()) {
        return Ok(None);
    }
    let found = if from_end { ops::rfind(bytes, n) } else { ops::find(bytes, n) };
    Ok(found.map(|i| first_char + if s.is_ascii() { i } else { count_chars(&bytes[..i]) }))
}

fn position(found: Option<usize>) -> Value {
    found.map_or(Value::int_unchecked(-1), Value::from_usize)
}

pub(super) fn find(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(position(find_char(vm, &a, "find", false)?))
}

pub(super) fn rfind(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(position(find_char(vm, &a, "rfind", true)?))
}

pub(super) fn index(vm: &Vm, a: Args<'_>) -> PyResult {
    match find_char(vm, &a, "index", false)? {
        Some(i) => Ok(Value::from_usize(i)),
        None => Err(vm.value_error("substring not found")),
    }
}

pub(super) fn rindex(vm: &Vm, a: Args<'_>) -> PyResult {
    match find_char(vm, &a, "rindex", true)? {
        Some(i) => Ok(Value::from_usize(i)),
        None => Err(vm.value_error("substring not found")),
    }
}

pub(super) fn count(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let needle = text_arg(vm, "count", a.get(1))?;
    let Some((bytes, ..)) = window(vm, s, &a)? else { return Ok(Value::int_unchecked(0)) };
    let n = match needle.as_bytes() {
        [] => count_chars(bytes) + 1,
        n => ops::count(bytes, n),
    };
    Ok(Value::from_usize(n))
}

fn matches_end(vm: &Vm, a: &Args<'_>, name: &str, test: fn(&[u8], &[u8]) -> bool) -> PyResult {
    let s = a.this::<Str>();
    let pattern = a.get(1);
    if let Some(p) = pattern.downcast::<Str>() {
        if let (None, None) = (a.opt(2), a.opt(3)) {
            return Ok(Value::bool(test(s.as_bytes(), p.as_bytes())));
        }
        let w = window(vm, s, a)?;
        return Ok(Value::bool(w.is_some_and(|(bytes, ..)| test(bytes, p.as_bytes()))));
    }
    let Some(patterns) = pattern.downcast::<Tuple>() else {
        return Err(vm.type_error(&format!(
            "{name} first arg must be str or a tuple of str, not {}",
            vm.type_of(pattern).name()
        )));
    };
    let w = window(vm, s, a)?;
    for p in patterns.as_slice() {
        let Some(p) = p.downcast::<Str>() else {
            return Err(vm.type_error(&format!("tuple for {name} must only contain str, not {}", vm.type_of(p).name())));
        };
        if w.is_some_and(|(bytes, ..)| test(bytes, p.as_bytes())) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

pub(super) fn startswith(vm: &Vm, a: Args<'_>) -> PyResult {
    matches_end(vm, &a, "startswith", |s, p| s.starts_with(p))
}

pub(super) fn endswith(vm: &Vm, a: Args<'_>) -> PyResult {
    matches_end(vm, &a, "endswith", |s, p| s.ends_with(p))
}

pub(super) fn removeprefix(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let Some(p) = a.get(1).downcast::<Str>() else { return Err(not_str(vm, "removeprefix", 0, a.get(1))) };
    match s.as_bytes().strip_prefix(p.as_bytes()) {
        Some(rest) if !p.is_empty() => Ok(vm.str_part(s, rest)),
        _ => Ok(vm.exact_str(a.get(0))),
    }
}

pub(super) fn removesuffix(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let Some(p) = a.get(1).downcast::<Str>() else { return Err(not_str(vm, "removesuffix", 0, a.get(1))) };
    match s.as_bytes().strip_suffix(p.as_bytes()) {
        Some(rest) if !p.is_empty() => Ok(vm.str_part(s, rest)),
        _ => Ok(vm.exact_str(a.get(0))),
    }
}

pub(super) fn replace(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let Some(from) = a.get(1).downcast::<Str>() else { return Err(not_str(vm, "replace", 1, a.get(1))) };
    let Some(to) = a.get(2).downcast::<Str>() else { return Err(not_str(vm, "replace", 2, a.get(2))) };
    let max = match a.opt(3) {
        None => usize::MAX,
        Some(n) => {
            let n = vm.arg_isize(n)?;
            if n < 0 { usize::MAX } else { n as usize }
        }
    };
    let unchanged = || Ok(vm.exact_str(a.get(0)));
    let ascii = s.is_ascii() && to.is_ascii();
    if from.is_empty() {
        if max == 0 {
            return unchanged();
        }
        return insert_between(vm, s, to, max);
    }
    if from.as_bytes() == to.as_bytes() || (s.is_ascii() && !from.is_ascii()) {
        return unchanged();
    }
    match ops::replaced_len(s.as_bytes(), from.as_bytes(), to.as_bytes(), max) {
        Some(n) if n <= super::MAX_STR => vm.check_alloc(n)?,
        _ => return Err(vm.memory_error()),
    }
    match ops::replace(s.as_bytes(), from.as_bytes(), to.as_bytes(), max) {
        None => unchanged(),
        Some(bytes) if ascii => Ok(vm.str_ascii(&bytes)),
        Some(bytes) => vm.str_from_vec(bytes),
    }
}

/// `to` before each of the first characters and at the end.
fn insert_between(vm: &Vm, s: &Str, to: &Str, max: usize) -> PyResult {
    let n = max.min(s.len() + 1);
    let Some(size) = n.checked_mul(to.as_bytes().len()).and_then(|x| x.checked_add(s.as_bytes().len())) else {
        return Err(vm.memory_error());
    };
    vm.check_alloc(size)?;
    let mut out = Vec::with_capacity(size);
    let mut chars = s.chars();
    for i in 0..n {
        out.extend_from_slice(to.as_bytes());
        if i < s.len() {
            let before = chars.rest();
            chars.next();
            out.extend_from_slice(&before[..before.len() - chars.rest().len()]);
        }
    }
    out.extend_from_slice(chars.rest());
    vm.str_from_vec(out)
}

fn part(vm: &Vm, a: &Args<'_>, from_end: bool) -> PyResult {
    let s = a.this::<Str>();
    let sep_value = a.get(1);
    let Some(sep) = sep_value.downcast::<Str>() else {
        return Err(vm.type_error(&format!("must be str, not {}", vm.type_of(sep_value).name())));
    };
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let bytes = s.as_bytes();
    let found = if from_end { ops::rfind(bytes, sep.as_bytes()) } else { ops::find(bytes, sep.as_bytes()) };
    let empty = || vm.image().empty_str();
    Ok(match found {
        Some(i) => vm.tuple_of(&[
            vm.str_part(s, &bytes[..i]),
            vm.exact_str(sep_value),
            vm.str_part(s, &bytes[i + sep.as_bytes().len()..]),
        ]),
        None if from_end => vm.tuple_of(&[empty(), empty(), vm.exact_str(a.get(0))]),
        None => vm.tuple_of(&[vm.exact_str(a.get(0)), empty(), empty()]),
    })
}

pub(super) fn partition(vm: &Vm, a: Args<'_>) -> PyResult {
    part(vm, &a, false)
}

pub(super) fn rpartition(vm: &Vm, a: Args<'_>) -> PyResult {
    part(vm, &a, true)
}

/// `item in text`.
pub(super) fn contains(vm: &Vm, s: &Value, item: &Value) -> PyResult<bool> {
    let (Some(s), Some(n)) = (s.downcast::<Str>(), item.downcast::<Str>()) else {
        return Err(
            vm.type_error(&format!("'in <string>' requires string as left operand, not {}", vm.type_of(item).name()))
        );
    };
    Ok(ops::find(s.as_bytes(), n.as_bytes()).is_some())
}
