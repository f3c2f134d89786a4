//! Putting texts together: `join`, `+`, `*`, f-strings, and growth in place.
#![expect(unsafe_code, reason = "writes into fresh or unshared texts")]

use super::{MAX_STR, Str};
use crate::error::{PyResult, Raised};
use crate::native::Args;
use crate::object::{Header, flag};
use crate::types::bytes::ops;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use std::ptr;

pub(super) fn join(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.str_join(a.this::<Str>(), a.get(1))
}

impl Vm {
    /// `sep.join(iterable)`.
    pub fn str_join(&self, sep: &Str, iterable: &Value) -> PyResult {
        if self.is_exact(iterable, self.types().list)
            && let Some(list) = iterable.downcast::<List>()
        {
            return list.with(|items| self.join_values(sep, items));
        }
        if self.is_exact(iterable, self.types().tuple)
            && let Some(tuple) = iterable.downcast::<Tuple>()
        {
            return self.join_values(sep, tuple.as_slice());
        }
        if self.type_of(iterable).slots().iter.is_none() && self.type_of(iterable).slots().getitem.is_none() {
            return Err(self.type_error("can only join an iterable"));
        }
        let items = self.collect(iterable)?;
        self.join_values(sep, &items)
    }

    /// The texts `items` with `sep` between them.
    pub(crate) fn join_values(&self, sep: &Str, items: &[Value]) -> PyResult {
        if let [only] = items
            && self.is_exact_str(only)
        {
            return Ok(only.clone());
        }
        let n_seps = items.len().saturating_sub(1);
        let mut n_bytes = sep.as_bytes().len() * n_seps;
        let mut n_chars = sep.len() * n_seps;
        let mut ascii = sep.is_ascii() || n_seps == 0;
        for (i, item) in items.iter().enumerate() {
            let Some(s) = item.downcast::<Str>() else { return Err(self.not_joinable(i, item)) };
            n_bytes += s.as_bytes().len();
            n_chars += s.len();
            ascii &= s.is_ascii();
        }
        self.put_together(n_bytes, n_chars, ascii, items, sep.as_bytes())
    }

    /// The texts `parts` put together (f-strings). All of them are `str`.
    pub fn build_string(&self, parts: &[Value]) -> PyResult {
        let (mut n_bytes, mut n_chars, mut ascii) = (0, 0, true);
        for (i, part) in parts.iter().enumerate() {
            let Some(s) = part.downcast::<Str>() else { return Err(self.not_joinable(i, part)) };
            n_bytes += s.as_bytes().len();
            n_chars += s.len();
            ascii &= s.is_ascii();
        }
        self.put_together(n_bytes, n_chars, ascii, parts, b"")
    }

    #[inline(always)]
    fn put_together(&self, n_bytes: usize, n_chars: usize, ascii: bool, items: &[Value], sep: &[u8]) -> PyResult {
        if n_bytes > MAX_STR {
            return Err(self.memory_error());
        }
        self.check_alloc(n_bytes)?;
        if n_chars < 2 {
            let text =
                items.iter().filter_map(|v| v.downcast::<Str>()).map(Str::as_bytes).collect::<Vec<_>>().join(sep);
            return Ok(self.str_wtf8(&text));
        }
        // SAFETY: the parts were counted above and nothing ran since; all are texts.
        Ok(self.alloc_str(n_bytes, n_chars, ascii, |mut at| unsafe {
            for (i, item) in items.iter().enumerate() {
                if i != 0 && !sep.is_empty() {
                    copy(sep, &mut at);
                }
                copy(item.downcast_unchecked::<Str>().as_bytes(), &mut at);
            }
        }))
    }

    #[cold]
    fn not_joinable(&self, i: usize, item: &Value) -> Raised {
        self.type_error(&format!("sequence item {i}: expected str instance, {} found", self.type_of(item).name()))
    }

    /// Checks that a text of `n` bytes may be made: `MemoryError` otherwise.
    #[inline]
    pub fn check_text(&self, n: usize) -> PyResult<()> {
        if n > MAX_STR { Err(self.memory_error()) } else { self.check_alloc(n) }
    }

    /// `a + b` where the caller gives `a` up: a text that nobody else holds grows in place, so that `s += x` in a loop
    /// is not quadratic. Both are exactly `str`.
    pub fn concat_owned(&self, a: Value, b: &Value) -> PyResult {
        let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) else {
            return self.binary_op(crate::types::slots::BinOp::Add, &a, b);
        };
        if y.is_empty() {
            return Ok(a);
        }
        if x.is_empty() {
            return Ok(b.clone());
        }
        let h = Header::of(x);
        if h.ref_count() != Some(1) || h.has(flag::INTERNED | flag::EXTERNAL) {
            return self.concat(x, y);
        }
        let n = x.n_bytes as usize + y.n_bytes as usize;
        self.check_text(n)?;
        let n_chars = x.n_chars + y.n_chars;
        let both_ascii = x.is_ascii() && y.is_ascii();
        let size = size_of::<Header>() + size_of::<Str>() + n;
        let at = a.bits() as *mut Header;
        // SAFETY: `a` is the only reference to the object; `y` is another one and does not move.
        unsafe {
            let Some(header) = self.heap().grow_object(at, size) else {
                let (x, y) = (a.downcast_unchecked::<Str>(), b.downcast_unchecked::<Str>());
                return self.concat(x, y);
            };
            std::mem::forget(a);
            let payload = header.add(1).cast::<Str>().as_ptr();
            let end = payload.add(1).cast::<u8>().add((*payload).n_bytes as usize);
            ptr::copy_nonoverlapping(y.as_bytes().as_ptr(), end, y.n_bytes as usize);
            (*payload).n_bytes = n as u32;
            (*payload).n_chars = n_chars;
            (*payload).hash.set(0);
            if !both_ascii {
                header.as_ref().unset(flag::ASCII);
            }
            Ok(Value::from_bits(header.as_ptr() as u64))
        }
    }
}

/// # Safety
/// There is room for `bytes` at `at`.
#[inline(always)]
unsafe fn copy(bytes: &[u8], at: &mut *mut u8) {
    // SAFETY: the caller's promise.
    unsafe {
        ptr::copy_nonoverlapping(bytes.as_ptr(), *at, bytes.len());
        *at = at.add(bytes.len());
    }
}

/// `a + b`.
pub(super) fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    if y.is_empty() {
        return Ok(vm.exact_str(a));
    }
    if x.is_empty() {
        return Ok(vm.exact_str(b));
    }
    vm.concat(x, y)
}

/// The count of `sequence * count`: `None` if it is not an integer.
pub(crate) fn repeat_count(vm: &Vm, n: &Value) -> PyResult<Option<usize>> {
    if let Some(n) = n.as_small_int() {
        return Ok(Some(n.max(0) as usize));
    }
    if vm.type_of(n).slots().index.is_none() {
        return Ok(None);
    }
    let n = vm.index_isize(n, vm.types().OverflowError)?;
    Ok(Some(n.max(0) as usize))
}

/// `text * n` and `n * text`.
pub(super) fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (text, n) = if a.is_a::<Str>() { (a, b) } else { (b, a) };
    let Some(s) = text.downcast::<Str>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(n) = repeat_count(vm, n)? else { return Ok(Value::NOT_IMPLEMENTED) };
    if n == 0 || s.is_empty() {
        return Ok(vm.image().empty_str());
    }
    if n == 1 {
        return Ok(vm.exact_str(text));
    }
    let unit = s.as_bytes();
    let Some(size) = unit.len().checked_mul(n).filter(|n| *n <= MAX_STR) else { return Err(vm.memory_error()) };
    vm.check_alloc(size)?;
    Ok(vm.alloc_str(size, s.len() * n, s.is_ascii(), |at| {
        // SAFETY: the target has room for `size` bytes; they are written before they are read.
        let out = unsafe {
            ptr::write_bytes(at, 0, size);
            std::slice::from_raw_parts_mut(at, size)
        };
        ops::fill_repeated(out, unit);
    }))
}
