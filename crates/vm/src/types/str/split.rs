//! Splitting: `split`, `rsplit`, `splitlines`.

use super::{CodePoints, Str};
use crate::error::PyResult;
use crate::heap::HVec;
use crate::native::Args;
use crate::types::bytes::ops;
use crate::unicode::{self, flag};
use crate::value::Value;
use crate::vm::Vm;

/// Whether `str` counts an ASCII character as white space.
#[inline(always)]
pub(super) const fn is_ascii_space(b: u8) -> bool {
    matches!(b, b' ' | 9..=13 | 0x1c..=0x1f)
}

/// The `maxsplit` argument.
pub(crate) fn max_split(vm: &Vm, v: Option<&Value>) -> PyResult<usize> {
    let Some(v) = v else { return Ok(usize::MAX) };
    let n = vm.arg_isize(v)?;
    Ok(if n < 0 { usize::MAX } else { n as usize })
}

/// The separator: `None` splits at white space.
fn separator<'a>(vm: &Vm, a: &Args<'a>) -> PyResult<Option<&'a Str>> {
    let Some(v) = a.some(1) else { return Ok(None) };
    match v.downcast::<Str>() {
        Some(s) if s.is_empty() => Err(vm.value_error("empty separator")),
        Some(s) => Ok(Some(s)),
        None => Err(vm.type_error(&format!("must be str or None, not {}", vm.type_of(v).name()))),
    }
}

/// Collects parts of a text.
struct Parts<'a> {
    vm: &'a Vm,
    whole: &'a Value,
    text: &'a Str,
    list: HVec<Value>,
}

impl<'a> Parts<'a> {
    fn new(vm: &'a Vm, whole: &'a Value, text: &'a Str) -> Parts<'a> {
        Parts { vm, whole, text, list: vm.hvec() }
    }

    #[inline]
    fn add(&mut self, part: &[u8]) {
        let value = if part.len() == self.text.as_bytes().len() {
            self.vm.exact_str(self.whole)
        } else {
            self.vm.str_part(self.text, part)
        };
        self.list.push(value);
    }

    fn finish(self) -> PyResult {
        Ok(self.vm.list_from(self.list))
    }

    fn finish_reversed(mut self) -> PyResult {
        self.list.reverse();
        self.finish()
    }
}

pub(super) fn split(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let max = max_split(vm, a.opt(2))?;
    let sep = separator(vm, &a)?;
    let mut parts = Parts::new(vm, a.get(0), s);
    match sep {
        Some(sep) => ops::split(s.as_bytes(), sep.as_bytes(), max, |p| parts.add(p)),
        None if s.is_ascii() => ops::split_words(s.as_bytes(), max, is_ascii_space, |p| parts.add(p)),
        None => split_words(s.as_bytes(), max, |p| parts.add(p)),
    }
    parts.finish()
}

pub(super) fn rsplit(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let max = max_split(vm, a.opt(2))?;
    let sep = separator(vm, &a)?;
    let mut parts = Parts::new(vm, a.get(0), s);
    match sep {
        Some(sep) => ops::rsplit(s.as_bytes(), sep.as_bytes(), max, |p| parts.add(p)),
        None if s.is_ascii() => ops::rsplit_words(s.as_bytes(), max, is_ascii_space, |p| parts.add(p)),
        None => rsplit_words(s.as_bytes(), max, |p| parts.add(p)),
    }
    parts.finish_reversed()
}

fn is_space(c: u32) -> bool {
    if c < 128 { is_ascii_space(c as u8) } else { unicode::has(c, flag::SPACE) }
}

/// `text` without white space at the start.
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    let mut chars = CodePoints::new(text);
    loop {
        let rest = chars.rest();
        match chars.next() {
            Some(c) if is_space(c) => {}
            _ => return rest,
        }
    }
}

/// `text` without white space at the end.
pub(super) fn trim_end(text: &[u8]) -> &[u8] {
    let mut chars = CodePoints::new(text);
    loop {
        let rest = chars.rest();
        match chars.next_back() {
            Some(c) if is_space(c) => {}
            _ => return rest,
        }
    }
}

#[cold]
fn split_words(text: &[u8], max: usize, mut f: impl FnMut(&[u8])) {
    let (mut rest, mut left) = (text, max);
    loop {
        rest = trim_start(rest);
        if rest.is_empty() {
            return;
        }
        if left == 0 {
            return f(rest);
        }
        let mut chars = CodePoints::new(rest);
        let after = loop {
            let here = chars.rest();
            match chars.next() {
                Some(c) if !is_space(c) => {}
                _ => break here,
            }
        };
        f(&rest[..rest.len() - after.len()]);
        rest = after;
        left -= 1;
    }
}

#[cold]
fn rsplit_words(text: &[u8], max: usize, mut f: impl FnMut(&[u8])) {
    let (mut rest, mut left) = (text, max);
    loop {
        rest = trim_end(rest);
        if rest.is_empty() {
            return;
        }
        if left == 0 {
            return f(rest);
        }
        let mut chars = CodePoints::new(rest);
        let before = loop {
            let here = chars.rest();
            match chars.next_back() {
                Some(c) if !is_space(c) => {}
                _ => break here.len(),
            }
        };
        f(&rest[before..]);
        rest = &rest[..before];
        left -= 1;
    }
}

/// Whether a byte may begin a line break; others are quickly passed over.
#[inline(always)]
fn may_break(b: u8) -> bool {
    matches!(b, b'\n'..=b'\r' | 0x1c..=0x1e | 0xc2 | 0xe2)
}

pub(super) fn splitlines(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let keep_ends = match a.opt(1) {
        Some(v) => vm.truthy(v)?,
        None => false,
    };
    let mut parts = Parts::new(vm, a.get(0), s);
    let text = s.as_bytes();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        if !may_break(text[at]) {
            at += 1;
            continue;
        }
        let n = match (text[at], text.get(at + 1), text.get(at + 2)) {
            (b'\r', Some(b'\n'), _) => 2,
            (b'\n'..=b'\r' | 0x1c..=0x1e, ..) => 1,
            (0xc2, Some(0x85), _) => 2,
            (0xe2, Some(0x80), Some(0xa8 | 0xa9)) => 3,
            _ => {
                at += 1;
                continue;
            }
        };
        parts.add(&text[start..if keep_ends { at + n } else { at }]);
        at += n;
        start = at;
    }
    if start < text.len() {
        parts.add(&text[start..]);
    }
    parts.finish()
}
