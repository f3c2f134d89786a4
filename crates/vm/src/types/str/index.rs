//! Subscripts, slices and comparison.
//!
//! ASCII texts are indexed directly. For others an index of the byte offsets of every 64th character is kept for the
//! texts that were indexed last, so that loops over positions are not quadratic.

use super::{CodePoints, Str, char_offset, count_chars, push_char};
use crate::error::PyResult;
use crate::types::slice::Slice;
use crate::types::slots::CmpOp;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, RefCell};

/// Characters between entries of an index.
const STEP: usize = 64;
/// Shorter texts are counted through.
const MIN_INDEXED: usize = 128;
const N_INDEXED: usize = 4;

/// Offsets of the texts that were indexed last. It holds references, so that a text cannot die and another take its place.
#[derive(Default)]
pub struct TextIndex {
    entries: RefCell<Vec<(Value, Vec<u32>)>>,
    next: Cell<usize>,
}

impl TextIndex {
    /// Byte offset of character `i` of a text that is not ASCII.
    #[cold]
    fn offset(&self, text: &Value, s: &Str, i: usize) -> usize {
        let mut entries = self.entries.borrow_mut();
        let at = match entries.iter().position(|(v, _)| v.is(text)) {
            Some(at) => at,
            None => {
                let offsets = offsets_of(s.as_bytes());
                let entry = (text.clone(), offsets);
                if entries.len() < N_INDEXED {
                    entries.push(entry);
                    entries.len() - 1
                } else {
                    let at = self.next.get();
                    self.next.set((at + 1) % N_INDEXED);
                    entries[at] = entry;
                    at
                }
            }
        };
        let offsets = &entries[at].1;
        let Some(base) = offsets.get(i / STEP) else { return s.as_bytes().len() };
        let base = *base as usize;
        base + char_offset(&s.as_bytes()[base..], i % STEP)
    }
}

fn offsets_of(bytes: &[u8]) -> Vec<u32> {
    let mut offsets = vec![0];
    let mut at = 0;
    while at < bytes.len() {
        at += char_offset(&bytes[at..], STEP);
        offsets.push(at as u32);
    }
    offsets
}

/// Byte offset of character `i`, by index if the text is long.
#[inline]
fn offset(vm: &Vm, text: &Value, s: &Str, i: usize) -> usize {
    if s.is_ascii() {
        return i.min(s.len());
    }
    if s.len() < MIN_INDEXED {
        return char_offset(s.as_bytes(), i);
    }
    vm.text_index().offset(text, s, i)
}

/// `text[key]`.
pub(super) fn getitem(vm: &Vm, text: &Value, key: &Value) -> PyResult {
    let Some(s) = text.downcast::<Str>() else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(i) = key.as_small_int() {
        return char_at(vm, text, s, i as isize);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        return get_slice(vm, text, s, slice);
    }
    if vm.type_of(key).slots().index.is_none() {
        return Err(vm.type_error(&format!("string indices must be integers, not '{}'", vm.type_of(key).name())));
    }
    let i = vm.index_isize(key, vm.types().IndexError)?;
    char_at(vm, text, s, i)
}

#[inline]
fn char_at(vm: &Vm, text: &Value, s: &Str, i: isize) -> PyResult {
    let n = s.len();
    let at = if i < 0 { i + n as isize } else { i };
    if at < 0 || at as usize >= n {
        return Err(vm.index_error("string index out of range"));
    }
    if s.is_ascii() {
        return Ok(vm.image().latin1_char(s.as_bytes()[at as usize]));
    }
    let from = offset(vm, text, s, at as usize);
    let c = CodePoints::new(&s.as_bytes()[from..]).next();
    Ok(vm.char(c.unwrap_or(0)))
}

fn get_slice(vm: &Vm, text: &Value, s: &Str, slice: &Slice) -> PyResult {
    let r = slice.indices(vm, s.len())?;
    if r.len == 0 {
        return Ok(vm.image().empty_str());
    }
    if r.step == 1 {
        if r.len == s.len() {
            return Ok(vm.exact_str(text));
        }
        let start = r.start as usize;
        if s.is_ascii() {
            return Ok(vm.str_ascii(&s.as_bytes()[start..start + r.len]));
        }
        let from = offset(vm, text, s, start);
        let to = offset(vm, text, s, start + r.len);
        return Ok(vm.str_wtf8(&s.as_bytes()[from..to]));
    }
    let step = r.step;
    if s.is_ascii() {
        let bytes = s.as_bytes();
        let picked: Vec<u8> = (0..r.len as isize).map(|i| bytes[(r.start + i * step) as usize]).collect();
        return Ok(vm.str_ascii(&picked));
    }
    let chars: Vec<u32> = s.chars().collect();
    let mut out = Vec::with_capacity(r.len * 2);
    for i in 0..r.len as isize {
        push_char(&mut out, chars[(r.start + i * step) as usize]);
    }
    vm.str_from_vec(out)
}

/// Order of two texts by code points. WTF-8 sorts as its code points do.
#[inline]
pub(super) fn richcmp(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::bool(match op {
        CmpOp::Eq => a.is(b) || x.as_bytes() == y.as_bytes(),
        CmpOp::Ne => !a.is(b) && x.as_bytes() != y.as_bytes(),
        _ => op.of(x.as_bytes().cmp(y.as_bytes())),
    }))
}

impl Vm {
    /// Part of a text between two characters, as `text[start:end]` with bounds that fit.
    pub fn str_slice(&self, text: &Value, start: usize, end: usize) -> Value {
        let Some(s) = text.downcast::<Str>() else { return Value::NONE };
        let from = offset(self, text, s, start);
        let to = offset(self, text, s, end.max(start));
        self.str_part(s, &s.as_bytes()[from..to])
    }

    /// Number of characters before byte `at` of a text.
    pub fn char_index(&self, s: &Str, at: usize) -> usize {
        if s.is_ascii() { at } else { count_chars(&s.as_bytes()[..at]) }
    }
}
