//! Methods that `bytes` and `bytearray` have in common. The result has the class of the receiver.
//!
//! Invariant: the receiver's bytes are looked at only after all arguments were evaluated, since those of a `bytearray` may
//! change while Python code runs.

use super::ops::{self, ByteSet, Ends};
use super::{Bytes, make};
use crate::error::{PyResult, Raised};
use crate::heap::HVec;
use crate::native::Args;
use crate::types::bytearray::ByteArray;
use crate::types::memoryview::BytesArg;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// The receiver's bytes, as they are now.
#[inline]
pub(crate) fn own(v: &Value) -> &[u8] {
    if let Some(b) = v.downcast::<Bytes>() {
        return b.as_bytes();
    }
    v.downcast::<ByteArray>().map_or(b"", ByteArray::peek)
}

/// New bytes of the receiver's class (`bytes` or `bytearray`).
#[inline]
fn like(vm: &Vm, receiver: &Value, bytes: &[u8]) -> Value {
    if receiver.is_a::<ByteArray>() { vm.bytearray(bytes) } else { vm.bytes(bytes) }
}

/// The receiver itself where `bytes` returns it unchanged; a copy otherwise.
fn same(vm: &Vm, receiver: &Value) -> Value {
    if vm.is_exact(receiver, vm.types().bytes) { receiver.clone() } else { like(vm, receiver, own(receiver)) }
}

/// What is searched for: bytes-like or one byte.
enum Needle<'a> {
    Bytes(BytesArg<'a>),
    Byte([u8; 1]),
}

impl std::ops::Deref for Needle<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Needle::Bytes(b) => b,
            Needle::Byte(b) => b,
        }
    }
}

fn needle<'a>(vm: &'a Vm, v: &'a Value) -> PyResult<Needle<'a>> {
    if vm.has_buffer(v) {
        return Ok(Needle::Bytes(vm.bytes_arg(v)?));
    }
    if vm.type_of(v).slots().index.is_some() {
        return Ok(Needle::Byte([make::byte_of(vm, v, "byte")?]));
    }
    Err(vm.type_error(&format!("argument should be integer or bytes-like object, not '{}'", vm.type_of(v).name())))
}

/// The part of the receiver that `start` and `end` (arguments 2 and 3) select, and where it begins.
fn window<'a>(vm: &Vm, a: &Args<'a>) -> PyResult<Option<(&'a [u8], usize)>> {
    let (start, end) = crate::types::str::bounds(vm, a.opt(2), a.opt(3), own(a.get(0)).len())?;
    let bytes = own(a.get(0));
    let end = end.min(bytes.len());
    Ok(if start > end { None } else { Some((&bytes[start..end], start)) })
}

fn search(vm: &Vm, a: &Args<'_>, from_end: bool) -> PyResult<Option<usize>> {
    let Some((_, _)) = window(vm, a)? else {
        needle(vm, a.get(1))?;
        return Ok(None);
    };
    let n = needle(vm, a.get(1))?;
    let Some((bytes, start)) = window(vm, a)? else { return Ok(None) };
    let found = if from_end { ops::rfind(bytes, &n) } else { ops::find(bytes, &n) };
    Ok(found.map(|i| i + start))
}

fn position(found: Option<usize>) -> Value {
    found.map_or(Value::int_unchecked(-1), Value::from_usize)
}

pub(crate) fn find(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(position(search(vm, &a, false)?))
}

pub(crate) fn rfind(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(position(search(vm, &a, true)?))
}

pub(crate) fn index(vm: &Vm, a: Args<'_>) -> PyResult {
    found_or_error(vm, search(vm, &a, false)?)
}

pub(crate) fn rindex(vm: &Vm, a: Args<'_>) -> PyResult {
    found_or_error(vm, search(vm, &a, true)?)
}

fn found_or_error(vm: &Vm, found: Option<usize>) -> PyResult {
    match found {
        Some(i) => Ok(Value::from_usize(i)),
        None => Err(vm.value_error("subsection not found")),
    }
}

pub(crate) fn count(vm: &Vm, a: Args<'_>) -> PyResult {
    let n = needle(vm, a.get(1))?;
    let Some((bytes, _)) = window(vm, &a)? else { return Ok(Value::int_unchecked(0)) };
    Ok(Value::from_usize(if n.is_empty() { bytes.len() + 1 } else { ops::count(bytes, &n) }))
}

/// `item in bytes`.
pub(crate) fn contains(vm: &Vm, bytes: &Value, item: &Value) -> PyResult<bool> {
    if vm.type_of(item).slots().index.is_some() {
        let b = make::byte_of(vm, item, "byte")?;
        return Ok(memchr::memchr(b, own(bytes)).is_some());
    }
    let n = vm.bytes_arg(item)?;
    Ok(ops::find(own(bytes), &n).is_some())
}

fn matches_end(vm: &Vm, a: &Args<'_>, name: &str, test: fn(&[u8], &[u8]) -> bool) -> PyResult {
    let pattern = a.get(1);
    if let Some(patterns) = pattern.downcast::<Tuple>() {
        for p in patterns.as_slice() {
            let p = vm.bytes_arg(p)?;
            if window(vm, a)?.is_some_and(|(bytes, _)| test(bytes, &p)) {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    if !vm.has_buffer(pattern) {
        return Err(vm.type_error(&format!(
            "{name} first arg must be bytes or a tuple of bytes, not {}",
            vm.type_of(pattern).name()
        )));
    }
    let p = vm.bytes_arg(pattern)?;
    Ok(Value::bool(window(vm, a)?.is_some_and(|(bytes, _)| test(bytes, &p))))
}

pub(crate) fn startswith(vm: &Vm, a: Args<'_>) -> PyResult {
    matches_end(vm, &a, "startswith", |s, p| s.starts_with(p))
}

pub(crate) fn endswith(vm: &Vm, a: Args<'_>) -> PyResult {
    matches_end(vm, &a, "endswith", |s, p| s.ends_with(p))
}

pub(crate) fn removeprefix(vm: &Vm, a: Args<'_>) -> PyResult {
    let p = vm.bytes_arg(a.get(1))?;
    match own(a.get(0)).strip_prefix(&*p) {
        Some(rest) if !p.is_empty() => Ok(like(vm, a.get(0), rest)),
        _ => Ok(same(vm, a.get(0))),
    }
}

pub(crate) fn removesuffix(vm: &Vm, a: Args<'_>) -> PyResult {
    let p = vm.bytes_arg(a.get(1))?;
    match own(a.get(0)).strip_suffix(&*p) {
        Some(rest) if !p.is_empty() => Ok(like(vm, a.get(0), rest)),
        _ => Ok(same(vm, a.get(0))),
    }
}

pub(crate) fn replace(vm: &Vm, a: Args<'_>) -> PyResult {
    let (from, to) = (vm.bytes_arg(a.get(1))?.to_vec(), vm.bytes_arg(a.get(2))?.to_vec());
    let max = crate::types::str::max_split(vm, a.opt(3))?;
    let bytes = own(a.get(0));
    if from.is_empty() {
        let n = max.min(bytes.len() + 1);
        if n == 0 {
            return Ok(same(vm, a.get(0)));
        }
        let Some(size) = n.checked_mul(to.len()).and_then(|x| x.checked_add(bytes.len())) else {
            return Err(vm.overflow_error("replace bytes is too long"));
        };
        vm.check_alloc(size)?;
        let mut out = Vec::with_capacity(size);
        for i in 0..n {
            out.extend_from_slice(&to);
            out.extend(bytes.get(i));
        }
        out.extend_from_slice(bytes.get(n..).unwrap_or(b""));
        return Ok(like(vm, a.get(0), &out));
    }
    match ops::replaced_len(bytes, &from, &to, max) {
        Some(n) => vm.check_alloc(n)?,
        None => return Err(vm.overflow_error("replace bytes is too long")),
    }
    Ok(match ops::replace(bytes, &from, &to, max) {
        Some(out) => like(vm, a.get(0), &out),
        None => same(vm, a.get(0)),
    })
}

fn parts(vm: &Vm, a: &Args<'_>, run: impl FnOnce(&[u8], &mut dyn FnMut(&[u8]))) -> HVec<Value> {
    let mut list = vm.hvec();
    run(own(a.get(0)), &mut |part| list.push(like(vm, a.get(0), part)));
    list
}

fn separator<'a>(vm: &'a Vm, a: &Args<'a>) -> PyResult<Option<BytesArg<'a>>> {
    let Some(v) = a.some(1) else { return Ok(None) };
    let sep = vm.bytes_arg(v)?;
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    Ok(Some(sep))
}

pub(crate) fn split(vm: &Vm, a: Args<'_>) -> PyResult {
    let max = crate::types::str::max_split(vm, a.opt(2))?;
    let sep = separator(vm, &a)?;
    let list = parts(vm, &a, |bytes, f| match &sep {
        Some(sep) => ops::split(bytes, sep, max, f),
        None => ops::split_words(bytes, max, ops::is_space, f),
    });
    Ok(vm.list_from(list))
}

pub(crate) fn rsplit(vm: &Vm, a: Args<'_>) -> PyResult {
    let max = crate::types::str::max_split(vm, a.opt(2))?;
    let sep = separator(vm, &a)?;
    let mut list = parts(vm, &a, |bytes, f| match &sep {
        Some(sep) => ops::rsplit(bytes, sep, max, f),
        None => ops::rsplit_words(bytes, max, ops::is_space, f),
    });
    list.reverse();
    Ok(vm.list_from(list))
}

pub(crate) fn splitlines(vm: &Vm, a: Args<'_>) -> PyResult {
    let keep_ends = match a.opt(1) {
        Some(v) => vm.truthy(v)?,
        None => false,
    };
    let list = parts(vm, &a, |bytes, f| ops::split_lines(bytes, keep_ends, f));
    Ok(vm.list_from(list))
}

fn part(vm: &Vm, a: &Args<'_>, from_end: bool) -> PyResult {
    let receiver = a.get(0);
    let sep = vm.bytes_arg(a.get(1))?;
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let bytes = own(receiver);
    let found = if from_end { ops::rfind(bytes, &sep) } else { ops::find(bytes, &sep) };
    let middle = if receiver.is_a::<ByteArray>() { vm.bytearray(&sep) } else { a.get(1).clone() };
    let empty = || like(vm, receiver, b"");
    Ok(match found {
        Some(i) => vm.tuple_of(&[like(vm, receiver, &bytes[..i]), middle, like(vm, receiver, &bytes[i + sep.len()..])]),
        None if from_end => vm.tuple_of(&[empty(), empty(), same(vm, receiver)]),
        None => vm.tuple_of(&[same(vm, receiver), empty(), empty()]),
    })
}

pub(crate) fn partition(vm: &Vm, a: Args<'_>) -> PyResult {
    part(vm, &a, false)
}

pub(crate) fn rpartition(vm: &Vm, a: Args<'_>) -> PyResult {
    part(vm, &a, true)
}

fn strip_ends(vm: &Vm, a: &Args<'_>, ends: Ends) -> PyResult {
    let kept = match a.some(1) {
        None => ops::strip(own(a.get(0)), ends, ops::is_space),
        Some(v) => {
            let set = ByteSet::new(&vm.bytes_arg(v)?);
            ops::strip(own(a.get(0)), ends, |b| set.has(b))
        }
    };
    if kept.len() == own(a.get(0)).len() {
        return Ok(same(vm, a.get(0)));
    }
    Ok(like(vm, a.get(0), kept))
}

pub(crate) fn strip(vm: &Vm, a: Args<'_>) -> PyResult {
    strip_ends(vm, &a, Ends::Both)
}

pub(crate) fn lstrip(vm: &Vm, a: Args<'_>) -> PyResult {
    strip_ends(vm, &a, Ends::Left)
}

pub(crate) fn rstrip(vm: &Vm, a: Args<'_>) -> PyResult {
    strip_ends(vm, &a, Ends::Right)
}

pub(crate) fn join(vm: &Vm, a: Args<'_>) -> PyResult {
    let iterable = a.get(1);
    let slots = vm.type_of(iterable).slots();
    if slots.iter.is_none() && slots.getitem.is_none() {
        return Err(vm.type_error("can only join an iterable"));
    }
    let items = vm.collect(iterable)?;
    if let [only] = &items[..]
        && vm.is_exact(only, vm.types().bytes)
        && !a.get(0).is_a::<ByteArray>()
    {
        return Ok(only.clone());
    }
    let mut pieces = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        if !vm.has_buffer(item) {
            return Err(vm.type_error(&format!(
                "sequence item {i}: expected a bytes-like object, {} found",
                vm.type_of(item).name()
            )));
        }
        pieces.push(vm.bytes_arg(item)?);
    }
    let sep = own(a.get(0));
    let n_seps = pieces.len().saturating_sub(1);
    let Some(total) =
        n_seps.checked_mul(sep.len()).and_then(|n| pieces.iter().try_fold(n, |n, p| n.checked_add(p.len())))
    else {
        return Err(vm.overflow_error("join() result is too long"));
    };
    vm.check_alloc(total)?;
    let mut all: Vec<&[u8]> = Vec::with_capacity(pieces.len() * 2);
    for (i, p) in pieces.iter().enumerate() {
        if i > 0 && !sep.is_empty() {
            all.push(sep);
        }
        all.push(p);
    }
    if a.get(0).is_a::<ByteArray>() { Ok(vm.bytearray(&all.concat())) } else { vm.bytes_concat(&all) }
}

fn padded(vm: &Vm, a: &Args<'_>, left: usize, right: usize, fill: u8) -> PyResult {
    if left + right == 0 {
        return Ok(same(vm, a.get(0)));
    }
    let bytes = own(a.get(0));
    vm.check_alloc(left.saturating_add(right).saturating_add(bytes.len()))?;
    let mut out = vec![fill; left];
    out.extend_from_slice(bytes);
    out.resize(out.len() + right, fill);
    Ok(like(vm, a.get(0), &out))
}

fn width_and_fill(vm: &Vm, a: &Args<'_>, name: &str) -> PyResult<(usize, u8)> {
    let width = vm.arg_isize(a.get(1))?.max(0) as usize;
    let Some(v) = a.opt(2) else { return Ok((width, b' ')) };
    if !v.is_a::<Bytes>() && !v.is_a::<ByteArray>() {
        return Err(vm.type_error(&format!(
            "{name}() argument 2 must be a byte string of length 1, not {}",
            vm.type_of(v).name()
        )));
    }
    match own(v) {
        [fill] => Ok((width, *fill)),
        other => Err(vm.type_error(&format!(
            "{name}(): argument 2 must be a byte string of length 1, not a {} object of length {}",
            vm.type_of(v).name(),
            other.len()
        ))),
    }
}

pub(crate) fn ljust(vm: &Vm, a: Args<'_>) -> PyResult {
    let (width, fill) = width_and_fill(vm, &a, "ljust")?;
    padded(vm, &a, 0, width.saturating_sub(own(a.get(0)).len()), fill)
}

pub(crate) fn rjust(vm: &Vm, a: Args<'_>) -> PyResult {
    let (width, fill) = width_and_fill(vm, &a, "rjust")?;
    padded(vm, &a, width.saturating_sub(own(a.get(0)).len()), 0, fill)
}

pub(crate) fn center(vm: &Vm, a: Args<'_>) -> PyResult {
    let (width, fill) = width_and_fill(vm, &a, "center")?;
    let margin = width.saturating_sub(own(a.get(0)).len());
    let left = margin / 2 + (margin & width & 1);
    padded(vm, &a, left, margin - left, fill)
}

pub(crate) fn zfill(vm: &Vm, a: Args<'_>) -> PyResult {
    let width = vm.arg_isize(a.get(1))?.max(0) as usize;
    let bytes = own(a.get(0));
    let fill = width.saturating_sub(bytes.len());
    if fill == 0 {
        return Ok(same(vm, a.get(0)));
    }
    vm.check_alloc(width)?;
    let mut out = Vec::with_capacity(width);
    let signed = matches!(bytes.first(), Some(b'+' | b'-'));
    out.extend_from_slice(&bytes[..signed as usize]);
    out.resize(fill + signed as usize, b'0');
    out.extend_from_slice(&bytes[signed as usize..]);
    Ok(like(vm, a.get(0), &out))
}

pub(crate) fn expandtabs(vm: &Vm, a: Args<'_>) -> PyResult {
    let tab = match a.opt(1) {
        Some(n) => vm.arg_i32(n)?.max(0) as usize,
        None => 8,
    };
    let mut out = Vec::new();
    let mut column = 0;
    for b in own(a.get(0)) {
        if *b == b'\t' {
            if tab > 0 {
                let n = tab - column % tab;
                if out.len() + n > 1 << 36 {
                    return Err(vm.overflow_error("result too long"));
                }
                out.resize(out.len() + n, b' ');
                column += n;
            }
            continue;
        }
        out.push(*b);
        column = if matches!(b, b'\n' | b'\r') { 0 } else { column + 1 };
    }
    Ok(like(vm, a.get(0), &out))
}

pub(crate) fn translate(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut table: [u8; 256] = std::array::from_fn(|i| i as u8);
    if let Some(v) = a.some(1) {
        let t = vm.bytes_arg(v)?;
        if t.len() != 256 {
            return Err(vm.value_error("translation table must be 256 characters long"));
        }
        table.copy_from_slice(&t);
    }
    let gone = match a.opt(2) {
        Some(v) => ByteSet::new(&vm.bytes_arg(v)?),
        None => ByteSet::new(b""),
    };
    let out: Vec<u8> = own(a.get(0)).iter().filter(|b| !gone.has(**b)).map(|b| table[*b as usize]).collect();
    Ok(like(vm, a.get(0), &out))
}

pub(crate) fn maketrans(vm: &Vm, a: Args<'_>) -> PyResult {
    let (from, to) = (vm.bytes_arg(a.get(0))?, vm.bytes_arg(a.get(1))?);
    if from.len() != to.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    let mut table: [u8; 256] = std::array::from_fn(|i| i as u8);
    for (f, t) in from.iter().zip(to.iter()) {
        table[*f as usize] = *t;
    }
    Ok(vm.bytes(&table))
}

fn mapped(vm: &Vm, a: &Args<'_>, mut f: impl FnMut(u8) -> u8) -> PyResult {
    let out: Vec<u8> = own(a.get(0)).iter().map(|b| f(*b)).collect();
    Ok(like(vm, a.get(0), &out))
}

pub(crate) fn lower(vm: &Vm, a: Args<'_>) -> PyResult {
    mapped(vm, &a, |b| b.to_ascii_lowercase())
}

pub(crate) fn upper(vm: &Vm, a: Args<'_>) -> PyResult {
    mapped(vm, &a, |b| b.to_ascii_uppercase())
}

pub(crate) fn swapcase(vm: &Vm, a: Args<'_>) -> PyResult {
    mapped(vm, &a, |b| if b.is_ascii_alphabetic() { b ^ 0x20 } else { b })
}

pub(crate) fn capitalize(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut first = true;
    mapped(vm, &a, |b| if std::mem::take(&mut first) { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() })
}

pub(crate) fn title(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut in_word = false;
    mapped(vm, &a, |b| {
        let mapped = if in_word { b.to_ascii_lowercase() } else { b.to_ascii_uppercase() };
        in_word = b.is_ascii_alphabetic();
        mapped
    })
}

fn all(a: &Args<'_>, test: impl Fn(u8) -> bool) -> PyResult {
    let bytes = own(a.get(0));
    Ok(Value::bool(!bytes.is_empty() && bytes.iter().all(|b| test(*b))))
}

pub(crate) fn isalnum(_: &Vm, a: Args<'_>) -> PyResult {
    all(&a, |b| b.is_ascii_alphanumeric())
}

pub(crate) fn isalpha(_: &Vm, a: Args<'_>) -> PyResult {
    all(&a, |b| b.is_ascii_alphabetic())
}

pub(crate) fn isdigit(_: &Vm, a: Args<'_>) -> PyResult {
    all(&a, |b| b.is_ascii_digit())
}

pub(crate) fn isspace(_: &Vm, a: Args<'_>) -> PyResult {
    all(&a, ops::is_space)
}

pub(crate) fn isascii(_: &Vm, a: Args<'_>) -> PyResult {
    Ok(Value::bool(own(a.get(0)).is_ascii()))
}

fn only_case(a: &Args<'_>, wanted: fn(&u8) -> bool, barred: fn(&u8) -> bool) -> PyResult {
    let bytes = own(a.get(0));
    Ok(Value::bool(!bytes.iter().any(barred) && bytes.iter().any(wanted)))
}

pub(crate) fn islower(_: &Vm, a: Args<'_>) -> PyResult {
    only_case(&a, u8::is_ascii_lowercase, u8::is_ascii_uppercase)
}

pub(crate) fn isupper(_: &Vm, a: Args<'_>) -> PyResult {
    only_case(&a, u8::is_ascii_uppercase, u8::is_ascii_lowercase)
}

pub(crate) fn istitle(_: &Vm, a: Args<'_>) -> PyResult {
    let (mut cased, mut in_word) = (false, false);
    for b in own(a.get(0)) {
        match (b.is_ascii_uppercase(), b.is_ascii_lowercase(), in_word) {
            (true, _, true) | (_, true, false) => return Ok(Value::FALSE),
            (upper, lower, _) => {
                in_word = upper || lower;
                cased |= in_word;
            }
        }
    }
    Ok(Value::bool(cased))
}

pub(crate) fn decode(vm: &Vm, a: Args<'_>) -> PyResult {
    let encoding = crate::types::str::make::text_arg(vm, a.opt(1), "decode", "encoding")?;
    let errors = crate::types::str::make::text_arg(vm, a.opt(2), "decode", "errors")?;
    vm.decode(a.get(0), encoding.as_deref(), errors.as_deref())
}

/// The text of `hex(sep, bytes_per_sep)`: arguments 1 and 2.
pub(crate) fn hex_text(vm: &Vm, bytes: &[u8], sep: Option<&Value>, group: Option<&Value>) -> PyResult {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let group = match group {
        Some(n) => vm.arg_i32(n)?,
        None => 1,
    };
    let sep = match sep {
        None => None,
        Some(v) => {
            if vm.len(v)? != 1 {
                return Err(vm.value_error("sep must be length 1."));
            }
            match (v.downcast::<Str>(), v.downcast::<Bytes>()) {
                (Some(s), _) if s.is_ascii() => Some(s.as_bytes()[0]),
                (Some(_), _) => return Err(vm.value_error("sep must be ASCII.")),
                (_, Some(b)) if b.as_bytes().is_ascii() => Some(b.as_bytes()[0]),
                (_, Some(_)) => return Err(vm.value_error("sep must be ASCII.")),
                _ => return Err(vm.type_error("sep must be str or bytes.")),
            }
        }
    };
    vm.check_alloc(bytes.len().saturating_mul(3))?;
    let mut out = Vec::with_capacity(bytes.len() * 2);
    let size = group.unsigned_abs() as usize;
    for (i, b) in bytes.iter().enumerate() {
        if let Some(sep) = sep
            && size != 0
            && i != 0
        {
            let at = if group > 0 { bytes.len() - i } else { i };
            if at % size == 0 {
                out.push(sep);
            }
        }
        out.push(DIGITS[(b >> 4) as usize]);
        out.push(DIGITS[(b & 15) as usize]);
    }
    Ok(vm.str_ascii(&out))
}

pub(crate) fn hex(vm: &Vm, a: Args<'_>) -> PyResult {
    hex_text(vm, own(a.get(0)), a.opt(1), a.opt(2))
}

fn not_hex(vm: &Vm, at: usize) -> Raised {
    vm.value_error(&format!("non-hexadecimal number found in fromhex() arg at position {at}"))
}

/// The bytes that hexadecimal text stands for.
fn parse_hex(vm: &Vm, source: &Value) -> PyResult<Vec<u8>> {
    let copied;
    let text: &[u8] = match source.downcast::<Str>() {
        Some(s) => {
            if !s.is_ascii() {
                // The first character that is no digit is the one to name.
                let at = s.chars().position(|c| c > 127).unwrap_or(0);
                let head = &s.as_bytes()[..at];
                let bad = head.iter().position(|b| !b.is_ascii_hexdigit() && !ops::is_space(*b));
                return Err(not_hex(vm, bad.unwrap_or(at)));
            }
            s.as_bytes()
        }
        None if vm.has_buffer(source) => {
            copied = vm.get_buffer(source, false)?.to_vec();
            &copied
        }
        None => {
            return Err(vm.type_error(&format!(
                "fromhex() argument must be str or bytes-like, not {}",
                vm.type_of(source).name()
            )));
        }
    };
    let digit = |at: usize| text.get(at).and_then(|b| (*b as char).to_digit(16));
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while at < text.len() {
        if ops::is_space(text[at]) {
            at += 1;
            continue;
        }
        let Some(high) = digit(at) else { return Err(not_hex(vm, at)) };
        if at + 1 == text.len() {
            return Err(vm.value_error("fromhex() arg must contain an even number of hexadecimal digits"));
        }
        let Some(low) = digit(at + 1) else { return Err(not_hex(vm, at + 1)) };
        out.push((high << 4 | low) as u8);
        at += 2;
    }
    Ok(out)
}

pub(crate) fn fromhex(vm: &Vm, a: Args<'_>) -> PyResult {
    let bytes = parse_hex(vm, a.get(1))?;
    let t = vm.types();
    match TypeObj::from_value(a.get(0)) {
        Some(ty) if ty.is(t.bytes) => Ok(vm.bytes(&bytes)),
        Some(ty) if ty.is(t.bytearray) => Ok(vm.bytearray(&bytes)),
        Some(ty) if ty.is_subtype(t.bytearray) => vm.call_one(a.get(0), &vm.bytearray(&bytes)),
        _ => vm.call_one(a.get(0), &vm.bytes(&bytes)),
    }
}

/// `bytes % args`.
pub(crate) fn modulo(vm: &Vm, format: &Value, args: &Value) -> PyResult {
    if !format.is_a::<Bytes>() && !format.is_a::<ByteArray>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    // What is formatted may run code that drops or changes the format.
    let kept = format.clone();
    let out = match kept.downcast::<Bytes>() {
        Some(text) => crate::types::str::percent::format(vm, text.as_bytes(), args, true)?,
        None => {
            let text = own(format).to_vec();
            crate::types::str::percent::format(vm, &text, args, true)?
        }
    };
    Ok(like(vm, &kept, &out))
}

/// `a + b` for bytes-like operands of which `a` is `bytes` or `bytearray`.
pub(crate) fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if !(a.is_a::<Bytes>() || a.is_a::<ByteArray>()) || !vm.has_buffer(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let other = vm.bytes_arg(b)?;
    let t = vm.types();
    if other.is_empty() && vm.is_exact(a, t.bytes) {
        return Ok(a.clone());
    }
    if own(a).is_empty() && vm.is_exact(a, t.bytes) && vm.is_exact(b, t.bytes) {
        return Ok(b.clone());
    }
    if a.is_a::<ByteArray>() {
        vm.check_alloc(own(a).len() + other.len())?;
        return Ok(vm.bytearray(&[own(a), &other].concat()));
    }
    vm.bytes_concat(&[own(a), &other])
}

/// `bytes * n` and `n * bytes`.
pub(crate) fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let is_bytes = |v: &Value| v.is_a::<Bytes>() || v.is_a::<ByteArray>();
    let (bytes, n) = if is_bytes(a) { (a, b) } else { (b, a) };
    if !is_bytes(bytes) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some(n) = crate::types::str::join::repeat_count(vm, n)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let unit = own(bytes);
    if n == 1 {
        return Ok(same(vm, bytes));
    }
    let Some(size) = unit.len().checked_mul(n) else { return Err(vm.memory_error()) };
    vm.check_alloc(size)?;
    let mut out = vec![0; size];
    if size > 0 {
        ops::fill_repeated(&mut out, unit);
    }
    Ok(like(vm, bytes, &out))
}

/// Comparison of bytes-like operands.
pub(crate) fn richcmp(vm: &Vm, a: &Value, b: &Value, op: crate::types::slots::CmpOp) -> PyResult {
    if let (Some(x), Some(y)) = (a.downcast::<Bytes>(), b.downcast::<Bytes>()) {
        let (x, y) = (x.as_bytes(), y.as_bytes());
        return Ok(Value::bool(match op {
            crate::types::slots::CmpOp::Eq => x == y,
            crate::types::slots::CmpOp::Ne => x != y,
            _ => op.of(x.cmp(y)),
        }));
    }
    if a.is_a::<Bytes>() && !b.is_a::<ByteArray>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if !vm.has_buffer(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Ok(other) = vm.get_buffer(b, false) else {
        drop(vm.take_raised());
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !other.is_contiguous() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    Ok(Value::bool(op.of(own(a).cmp(other.as_bytes()))))
}

/// `bytes[key]`.
pub(crate) fn getitem(vm: &Vm, bytes: &Value, key: &Value) -> PyResult {
    let is_array = bytes.is_a::<ByteArray>();
    let i = if let Some(i) = key.as_small_int() {
        i as isize
    } else if let Some(slice) = key.downcast::<crate::types::slice::Slice>() {
        let unpacked = slice.unpack(vm)?;
        let all = own(bytes);
        let r = unpacked.adjust(all.len());
        if r.step == 1 {
            if r.len == all.len() {
                return Ok(same(vm, bytes));
            }
            let start = r.start.max(0) as usize;
            return Ok(like(vm, bytes, if r.len == 0 { b"" } else { &all[start..start + r.len] }));
        }
        let picked: Vec<u8> = (0..r.len as isize).map(|i| all[(r.start + i * r.step) as usize]).collect();
        return Ok(like(vm, bytes, &picked));
    } else if vm.type_of(key).slots().index.is_some() {
        vm.index_isize(key, vm.types().IndexError)?
    } else {
        let what = if is_array { "bytearray" } else { "byte" };
        return Err(
            vm.type_error(&format!("{what} indices must be integers or slices, not {}", vm.type_of(key).name()))
        );
    };
    let all = own(bytes);
    let at = if i < 0 { i + all.len() as isize } else { i };
    match usize::try_from(at).ok().and_then(|i| all.get(i)) {
        Some(b) => Ok(Value::int_unchecked(*b as i64)),
        None if is_array => Err(vm.index_error("bytearray index out of range")),
        None => Err(vm.index_error("index out of range")),
    }
}
