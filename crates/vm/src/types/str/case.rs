//! Case: `upper`, `lower`, `title`, `capitalize`, `swapcase`, `casefold`.

use super::{CodePoints, Str, push_char};
use crate::error::PyResult;
use crate::native::Args;
use crate::unicode::{self, Case, flag};
use crate::value::Value;
use crate::vm::Vm;

/// Maps an ASCII text byte by byte.
fn map_ascii(vm: &Vm, s: &Str, f: impl Fn(u8) -> u8) -> Value {
    let mapped: smallvec::SmallVec<[u8; 256]> = s.as_bytes().iter().map(|b| f(*b)).collect();
    vm.str_ascii(&mapped)
}

fn push_case(out: &mut Vec<u8>, case: Case) {
    for c in case.as_slice() {
        push_char(out, *c);
    }
}

/// The lowercase of a character where it stands: a capital sigma at the end of a word has a form of its own.
fn push_lower(out: &mut Vec<u8>, c: u32, before: &[u8], after: &[u8]) {
    if c == 0x3a3 {
        let cased = |mut chars: &mut dyn Iterator<Item = u32>| {
            (&mut chars).find(|c| !unicode::has(*c, flag::CASE_IGNORABLE)).is_some_and(|c| unicode::has(c, flag::CASED))
        };
        let is_final = cased(&mut CodePoints::new(before).rev()) && !cased(&mut CodePoints::new(after));
        return push_char(out, if is_final { 0x3c2 } else { 0x3c3 });
    }
    push_case(out, unicode::lower(c));
}

/// Walks a text: `f` gets the output, the character, and the bytes before and after it.
fn map(vm: &Vm, s: &Str, mut f: impl FnMut(&mut Vec<u8>, u32, &[u8], &[u8])) -> PyResult {
    let bytes = s.as_bytes();
    let mut out = Vec::with_capacity(bytes.len() + 8);
    let mut chars = s.chars();
    loop {
        let at = bytes.len() - chars.rest().len();
        let Some(c) = chars.next() else { break };
        f(&mut out, c, &bytes[..at], chars.rest());
    }
    vm.str_from_vec(out)
}

pub(super) fn lower(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    if s.is_ascii() {
        return Ok(map_ascii(vm, s, |b| b.to_ascii_lowercase()));
    }
    map(vm, s, push_lower)
}

pub(super) fn upper(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    if s.is_ascii() {
        return Ok(map_ascii(vm, s, |b| b.to_ascii_uppercase()));
    }
    map(vm, s, |out, c, _, _| push_case(out, unicode::upper(c)))
}

pub(super) fn casefold(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    if s.is_ascii() {
        return Ok(map_ascii(vm, s, |b| b.to_ascii_lowercase()));
    }
    map(vm, s, |out, c, _, _| push_case(out, unicode::fold(c)))
}

pub(super) fn capitalize(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    if s.is_empty() {
        return Ok(vm.image().empty_str());
    }
    map(vm, s, |out, c, before, after| match before {
        [] => push_case(out, unicode::title(c)),
        _ => push_lower(out, c, before, after),
    })
}

pub(super) fn swapcase(vm: &Vm, a: Args<'_>) -> PyResult {
    map(vm, a.this::<Str>(), |out, c, before, after| {
        if unicode::has(c, flag::UPPER) {
            push_lower(out, c, before, after);
        } else if unicode::has(c, flag::LOWER) {
            push_case(out, unicode::upper(c));
        } else {
            push_char(out, c);
        }
    })
}

pub(super) fn title(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut previous_cased = false;
    map(vm, a.this::<Str>(), |out, c, before, after| {
        if previous_cased {
            push_lower(out, c, before, after);
        } else {
            push_case(out, unicode::title(c));
        }
        previous_cased = unicode::has(c, flag::CASED);
    })
}
