//! Items of arrays: indexing, slices, searching, comparison, operators.

use super::{ARRAY, Array, make, plain, this};
use serpens_vm::types::slice::{Slice, SliceIndices};
use serpens_vm::types::slots::CmpOp;
use serpens_vm::{PyResult, Raised, Value, Vm};

/// The place an index selects, if it is in the array.
fn position(vm: &Vm, array: &Array, key: &Value) -> PyResult<Option<usize>> {
    let i = match key.as_small_int() {
        Some(i) => i as isize,
        None => vm.index_isize(key, vm.types().IndexError)?,
    };
    let len = array.len();
    let at = if i < 0 { i.wrapping_add(len as isize) } else { i };
    Ok(usize::try_from(at).ok().filter(|at| *at < len))
}

/// What kind of key was given.
enum Key {
    Place(Option<usize>),
    Slice(SliceIndices),
}

fn key_of(vm: &Vm, array: &Array, key: &Value) -> PyResult<Key> {
    if vm.has_index(key) {
        return Ok(Key::Place(position(vm, array, key)?));
    }
    match key.downcast::<Slice>() {
        Some(slice) => {
            let unpacked = slice.unpack(vm)?;
            Ok(Key::Slice(unpacked.adjust(array.len())))
        }
        None => Err(vm.type_error("array indices must be integers")),
    }
}

pub(super) fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let array = this(v);
    match key_of(vm, array, key)? {
        Key::Place(at) => match at.and_then(|i| array.get(vm, i)) {
            Some(item) => item,
            None => Err(vm.index_error("array index out of range")),
        },
        Key::Slice(s) => {
            let bytes = selected(array, s);
            plain(vm, array.code, &bytes)
        }
    }
}

/// The bytes of the items that a slice selects.
fn selected(array: &Array, s: SliceIndices) -> Vec<u8> {
    let size = array.code.size();
    let data = array.data.borrow();
    if s.step == 1 {
        let start = s.start.max(0) as usize * size;
        return data.get(start..start + s.len * size).unwrap_or_default().to_vec();
    }
    let mut out = Vec::with_capacity(s.len * size);
    for i in 0..s.len {
        let at = (s.start + i as isize * s.step) as usize * size;
        out.extend_from_slice(data.get(at..at + size).unwrap_or_default());
    }
    out
}

pub(super) fn setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let array = this(v);
    match (key_of(vm, array, key)?, value) {
        (Key::Place(None), _) => Err(out_of_range(vm)),
        (Key::Place(Some(i)), Some(value)) => {
            let word = array.code.word(vm, value)?;
            let size = array.code.size();
            // The conversion may have run Python code that shrank the array.
            match array.data.borrow_mut().get_mut(i * size..(i + 1) * size) {
                Some(item) => item.copy_from_slice(&word.to_ne_bytes()[..size]),
                None => return Err(out_of_range(vm)),
            }
            Ok(())
        }
        (Key::Place(Some(i)), None) => splice(vm, array, i, 1, &[]),
        (Key::Slice(s), None) if s.step == 1 => splice(vm, array, s.start as usize, s.len, &[]),
        (Key::Slice(s), None) => remove_spaced(vm, array, s),
        (Key::Slice(s), Some(value)) => assign_slice(vm, array, s, value),
    }
}

#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("array assignment index out of range")
}

/// Replaces `n` items at `at` by others.
pub(super) fn splice(vm: &Vm, array: &Array, at: usize, n: usize, new: &[u8]) -> PyResult<()> {
    let size = array.code.size();
    let mut data = array.data.borrow_mut();
    let (start, end) = (at * size, (at + n) * size);
    if end - start == new.len() {
        data[start..end].copy_from_slice(new);
        return Ok(());
    }
    array.check_resize(vm)?;
    vm.check_alloc(data.len() + new.len())?;
    let tail = data.split_off(end);
    data.truncate(start);
    data.extend_from_slice(new);
    data.extend_from_slice(&tail);
    Ok(())
}

fn remove_spaced(vm: &Vm, array: &Array, s: SliceIndices) -> PyResult<()> {
    if s.len == 0 {
        return Ok(());
    }
    array.check_resize(vm)?;
    let size = array.code.size();
    let (first, step) = match s.step < 0 {
        true => (s.start + (s.len as isize - 1) * s.step, -s.step),
        false => (s.start, s.step),
    };
    let (first, step) = (first as usize, step as usize);
    let mut data = array.data.borrow_mut();
    let mut to = first * size;
    for i in first..data.len() / size {
        let dropped = (i - first) % step == 0 && (i - first) / step < s.len;
        if !dropped {
            data.copy_within(i * size..(i + 1) * size, to);
            to += size;
        }
    }
    data.truncate(to);
    Ok(())
}

fn assign_slice(vm: &Vm, array: &Array, s: SliceIndices, value: &Value) -> PyResult<()> {
    let Some(other) = value.downcast::<Array>() else {
        let name = vm.type_of(value).name();
        return Err(vm.type_error(&format!("can only assign array (not \"{name}\") to array slice")));
    };
    if other.code != array.code {
        return Err(vm.type_error("bad argument type for built-in operation"));
    }
    let size = array.code.size();
    let new = other.data.borrow().to_vec();
    if s.step == 1 {
        return splice(vm, array, s.start as usize, s.len, &new);
    }
    if new.len() / size != s.len {
        let n = new.len() / size;
        return Err(vm.value_error(&format!("attempt to assign array of size {n} to extended slice of size {}", s.len)));
    }
    let mut data = array.data.borrow_mut();
    for (i, item) in new.chunks_exact(size).enumerate() {
        let at = (s.start + i as isize * s.step) as usize * size;
        data[at..at + size].copy_from_slice(item);
    }
    Ok(())
}

/// The first item in `start..stop` that equals a value.
pub(super) fn find(vm: &Vm, array: &Array, value: &Value, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let mut i = start;
    while i < stop {
        let Some(item) = array.get(vm, i) else { break };
        if vm.eq(&item?, value)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

pub(super) fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Array>(), b.downcast::<Array>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
    if equality && x.len() != y.len() {
        return Ok(Value::bool(op == CmpOp::Ne));
    }
    if x.code == y.code && !matches!(x.code.char(), 'f' | 'd') && equality {
        let same = *x.data.borrow() == *y.data.borrow();
        return Ok(Value::bool(same == (op == CmpOp::Eq)));
    }
    let mut i = 0;
    loop {
        let (Some(p), Some(q)) = (x.get(vm, i), y.get(vm, i)) else {
            return Ok(Value::bool(op.of(x.len().cmp(&y.len()))));
        };
        let (p, q) = (p?, q?);
        if !vm.eq(&p, &q)? {
            return match op {
                CmpOp::Eq => Ok(Value::FALSE),
                CmpOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(&p, &q, op),
            };
        }
        i += 1;
    }
}

pub(super) fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(x) = a.downcast::<Array>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(y) = b.downcast::<Array>() else {
        let name = vm.type_of(b).name();
        return Err(vm.type_error(&format!("can only append array (not \"{name}\") to array")));
    };
    if x.code != y.code {
        return Err(vm.type_error("bad argument type for built-in operation"));
    }
    vm.check_alloc(x.data.borrow().len() + y.data.borrow().len())?;
    let bytes = [&x.data.borrow()[..], &y.data.borrow()[..]].concat();
    plain(vm, x.code, &bytes)
}

fn repeated(vm: &Vm, array: &Array, n: isize) -> PyResult<Vec<u8>> {
    let data = array.data.borrow();
    let n = if data.is_empty() { 0 } else { n.max(0) as usize };
    let total = data.len().checked_mul(n).filter(|t| *t <= isize::MAX as usize).ok_or_else(|| vm.memory_error())?;
    vm.check_alloc(total)?;
    Ok(data.repeat(n))
}

pub(super) fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (array, count) = if a.is_a::<Array>() { (a, b) } else { (b, a) };
    if !vm.has_index(count) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let n = vm.index_isize(count, vm.types().OverflowError)?;
    let bytes = repeated(vm, this(array), n)?;
    plain(vm, this(array).code, &bytes)
}

pub(super) fn imul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if !vm.has_index(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let n = vm.index_isize(b, vm.types().OverflowError)?;
    let array = this(a);
    let bytes = repeated(vm, array, n)?;
    let len = array.len();
    splice(vm, array, 0, len, &bytes)?;
    Ok(a.clone())
}

pub(super) fn iadd(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if !b.is_a::<Array>() {
        let name = vm.type_of(b).name();
        return Err(vm.type_error(&format!("can only extend array with array (not \"{name}\")")));
    }
    extend(vm, this(a), b)?;
    Ok(a.clone())
}

/// Appends the items of an array or of another iterable.
pub(super) fn extend(vm: &Vm, array: &Array, source: &Value) -> PyResult<()> {
    match source.downcast::<Array>() {
        Some(other) if other.code != array.code => Err(vm.type_error("can only extend with array of same kind")),
        Some(other) => {
            let bytes = other.data.borrow().to_vec();
            if bytes.is_empty() {
                return Ok(());
            }
            array.check_resize(vm)?;
            array.append_bytes(vm, &bytes)
        }
        None => vm.for_each(source, |item| array.push(vm, &item)),
    }
}

/// A copy: always a plain array.
pub(super) fn copy(vm: &Vm, v: &Value) -> PyResult {
    let bytes = this(v).data.borrow().to_vec();
    make(vm, vm.type_of_def(&ARRAY), this(v).code, &bytes)
}
