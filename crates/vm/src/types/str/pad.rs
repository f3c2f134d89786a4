//! Ends of texts: `strip`, `ljust`, `center`, `zfill`, `expandtabs`.

use super::split::{is_ascii_space, trim_end, trim_start};
use super::{MAX_STR, Str, push_char};
use crate::error::PyResult;
use crate::native::Args;
use crate::types::bytes::ops::{self, ByteSet, Ends};
use crate::value::Value;
use crate::vm::Vm;

fn strip_ends(vm: &Vm, a: &Args<'_>, name: &str, ends: Ends) -> PyResult {
    let s = a.this::<Str>();
    let text = s.as_bytes();
    let kept = match a.some(1) {
        None if s.is_ascii() => ops::strip(text, ends, is_ascii_space),
        None => {
            let text = if ends == Ends::Right { text } else { trim_start(text) };
            if ends == Ends::Left { text } else { trim_end(text) }
        }
        Some(chars) => {
            let Some(chars) = chars.downcast::<Str>() else {
                return Err(vm.type_error(&format!("{name} arg must be None or str")));
            };
            strip_chars(s, chars, ends)
        }
    };
    if kept.len() == text.len() {
        return Ok(vm.exact_str(a.get(0)));
    }
    Ok(vm.str_part(s, kept))
}

fn strip_chars<'a>(s: &'a Str, chars: &Str, ends: Ends) -> &'a [u8] {
    if s.is_ascii() {
        let set = ByteSet::new(chars.as_bytes());
        return ops::strip(s.as_bytes(), ends, |b| set.has(b));
    }
    let drop: Vec<u32> = chars.chars().collect();
    let mut rest = s.chars();
    if ends != Ends::Right {
        rest = loop {
            let here = rest.clone();
            match rest.next() {
                Some(c) if drop.contains(&c) => {}
                _ => break here,
            }
        };
    }
    if ends != Ends::Left {
        rest = loop {
            let here = rest.clone();
            match rest.next_back() {
                Some(c) if drop.contains(&c) => {}
                _ => break here,
            }
        };
    }
    rest.rest()
}

pub(super) fn strip(vm: &Vm, a: Args<'_>) -> PyResult {
    strip_ends(vm, &a, "strip", Ends::Both)
}

pub(super) fn lstrip(vm: &Vm, a: Args<'_>) -> PyResult {
    strip_ends(vm, &a, "lstrip", Ends::Left)
}

pub(super) fn rstrip(vm: &Vm, a: Args<'_>) -> PyResult {
    strip_ends(vm, &a, "rstrip", Ends::Right)
}

/// The width and fill character of a padding method.
fn width_and_fill(vm: &Vm, a: &Args<'_>) -> PyResult<(usize, u32)> {
    let width = vm.arg_isize(a.get(1))?.max(0) as usize;
    let fill = match a.opt(2) {
        None => ' ' as u32,
        Some(v) => match v.downcast::<Str>() {
            Some(f) if f.len() == 1 => f.char_at(0).unwrap_or(' ' as u32),
            Some(_) => return Err(vm.type_error("The fill character must be exactly one character long")),
            None => {
                return Err(vm.type_error(&format!(
                    "The fill character must be a unicode character, not {}",
                    vm.type_of(v).name()
                )));
            }
        },
    };
    Ok((width, fill))
}

impl Vm {
    /// A text with `left` and `right` fill characters around it.
    pub fn str_padded(&self, text: &Value, left: usize, right: usize, fill: u32) -> PyResult {
        let Some(s) = text.downcast::<Str>() else { return Ok(text.clone()) };
        if left + right == 0 {
            return Ok(self.exact_str(text));
        }
        let mut unit = Vec::with_capacity(4);
        push_char(&mut unit, fill);
        let size = left
            .checked_add(right)
            .and_then(|n| n.checked_mul(unit.len()))
            .and_then(|n| n.checked_add(s.as_bytes().len()));
        let Some(size) = size.filter(|n| *n <= MAX_STR) else {
            return Err(self.memory_error());
        };
        self.check_alloc(size)?;
        let mut out = Vec::with_capacity(size);
        (0..left).for_each(|_| out.extend_from_slice(&unit));
        out.extend_from_slice(s.as_bytes());
        (0..right).for_each(|_| out.extend_from_slice(&unit));
        self.str_from_vec(out)
    }
}

pub(super) fn ljust(vm: &Vm, a: Args<'_>) -> PyResult {
    let (width, fill) = width_and_fill(vm, &a)?;
    vm.str_padded(a.get(0), 0, width.saturating_sub(a.this::<Str>().len()), fill)
}

pub(super) fn rjust(vm: &Vm, a: Args<'_>) -> PyResult {
    let (width, fill) = width_and_fill(vm, &a)?;
    vm.str_padded(a.get(0), width.saturating_sub(a.this::<Str>().len()), 0, fill)
}

pub(super) fn center(vm: &Vm, a: Args<'_>) -> PyResult {
    let (width, fill) = width_and_fill(vm, &a)?;
    let margin = width.saturating_sub(a.this::<Str>().len());
    let left = margin / 2 + (margin & width & 1);
    vm.str_padded(a.get(0), left, margin - left, fill)
}

pub(super) fn zfill(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let width = vm.arg_isize(a.get(1))?.max(0) as usize;
    let fill = width.saturating_sub(s.len());
    if fill == 0 {
        return Ok(vm.exact_str(a.get(0)));
    }
    match s.as_bytes().first() {
        Some(sign @ (b'+' | b'-')) => {
            if fill + s.as_bytes().len() > MAX_STR {
                return Err(vm.memory_error());
            }
            vm.check_alloc(fill)?;
            let mut out = Vec::with_capacity(fill + s.as_bytes().len());
            out.push(*sign);
            out.resize(fill + 1, b'0');
            out.extend_from_slice(&s.as_bytes()[1..]);
            vm.str_from_vec(out)
        }
        _ => vm.str_padded(a.get(0), fill, 0, '0' as u32),
    }
}

pub(super) fn expandtabs(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let tab = match a.opt(1) {
        Some(n) => vm.arg_i32(n)?.max(0) as usize,
        None => 8,
    };
    let mut out = Vec::with_capacity(s.as_bytes().len() + 8);
    if !ops::expand_tabs(s.as_bytes(), tab, &mut out, |n| n <= MAX_STR) {
        return Err(vm.overflow_error("new string is too long"));
    }
    vm.str_from_vec(out)
}
