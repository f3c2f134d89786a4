//! Changing a bytearray: assignment, growth, removal, construction.

use super::ByteArray;
use crate::error::PyResult;
use crate::native::{Args, CallArgs};
use crate::object::Header;
use crate::types::bytes::{Bytes, make, ops};
use crate::types::slice::Slice;
use crate::types::slots::Buffer;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// The payload of the receiver of a slot.
fn this(v: &Value) -> &ByteArray {
    v.downcast::<ByteArray>().expect("slots are called with instances of their type")
}

pub(super) fn new(vm: &Vm, ty: &TypeObj, _: &CallArgs<'_>) -> PyResult {
    Ok(vm.bytearray_of_type(ty, b""))
}

pub(super) fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let content = make::content(vm, "bytearray", args)?;
    let array = this(v);
    vm.check_mutable(v)?;
    if array.len() != content.len() {
        array.check_resize(vm)?;
    }
    array.with_mut(|data| {
        data.clear();
        data.extend_from_slice(&content);
    });
    Ok(())
}

pub(super) fn repr(vm: &Vm, v: &Value) -> PyResult {
    let mut out = vm.type_of(v).name().as_bytes().to_vec();
    out.push(b'(');
    crate::types::bytes::repr::write_repr(&mut out, this(v).peek());
    out.push(b')');
    vm.str_from_vec(out)
}

pub(super) fn buffer(vm: &Vm, v: &Value, writable: bool) -> PyResult<Buffer> {
    let array = this(v);
    if writable {
        vm.check_mutable(v)?;
    }
    if Header::of(array).is_frozen() {
        return Ok(Buffer::simple(v, array.peek().as_ptr().cast_mut(), array.len(), true, None));
    }
    array.exports.set(array.exports.get() + 1);
    let (at, len) = array.with_mut(|data| (data.as_mut_ptr(), data.len()));
    Ok(Buffer::simple(
        v,
        at,
        len,
        false,
        Some(|_, owner| {
            if let Some(array) = owner.downcast::<ByteArray>() {
                array.exports.set(array.exports.get().saturating_sub(1));
            }
        }),
    ))
}

/// The position that an index selects, if there is one.
fn position(vm: &Vm, array: &ByteArray, i: isize) -> PyResult<usize> {
    let n = array.len();
    let at = if i < 0 { i + n as isize } else { i };
    match usize::try_from(at) {
        Ok(at) if at < n => Ok(at),
        _ => Err(vm.index_error("bytearray index out of range")),
    }
}

/// `array[key] = value` and `del array[key]`.
pub(super) fn setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let array = this(v);
    if let Some(slice) = key.downcast::<Slice>() {
        return set_slice(vm, v, slice, value);
    }
    if vm.type_of(key).slots().index.is_none() {
        return Err(
            vm.type_error(&format!("bytearray indices must be integers or slices, not {}", vm.type_of(key).name()))
        );
    }
    let i = vm.index_isize(key, vm.types().IndexError)?;
    let Some(value) = value else {
        let at = position(vm, array, i)?;
        return splice(vm, array, at, at + 1, b"");
    };
    let byte = make::byte_of(vm, value, "byte")?;
    let at = position(vm, array, i)?;
    vm.check_mutable(v)?;
    array.with_mut(|data| data[at] = byte);
    Ok(())
}

/// Replaces the bytes from `start` to `end`.
fn splice(vm: &Vm, array: &ByteArray, start: usize, end: usize, new: &[u8]) -> PyResult<()> {
    vm.check_payload_mutable(array)?;
    if end - start != new.len() {
        array.check_resize(vm)?;
        vm.check_alloc(array.len() + new.len())?;
    }
    array.with_mut(|data| {
        let (old_len, n, m) = (data.len(), end - start, new.len());
        if m > n {
            data.resize(old_len + m - n, 0);
        }
        data.copy_within(end..old_len, start + m);
        if m < n {
            data.truncate(old_len + m - n);
        }
        data[start..start + m].copy_from_slice(new);
    });
    Ok(())
}

fn set_slice(vm: &Vm, v: &Value, slice: &Slice, value: Option<&Value>) -> PyResult<()> {
    let array = this(v);
    let new = match value {
        None => Vec::new(),
        Some(value) if vm.has_buffer(value) => vm.get_buffer(value, false)?.to_vec(),
        Some(value) => {
            let slots = vm.type_of(value).slots();
            if value.is_a::<Str>() || slots.index.is_some() || (slots.iter.is_none() && slots.getitem.is_none()) {
                return Err(vm.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)"));
            }
            make::from_iterable(vm, value, "byte")?
        }
    };
    let unpacked = slice.unpack(vm)?;
    let r = unpacked.adjust(array.len());
    vm.check_mutable(v)?;
    if r.step == 1 {
        let start = r.start.max(0) as usize;
        return splice(vm, array, start, start + r.len, &new);
    }
    if value.is_none() {
        if r.len == 0 {
            return Ok(());
        }
        array.check_resize(vm)?;
        array.with_mut(|data| {
            let gone: Vec<usize> = {
                let mut all: Vec<usize> = (0..r.len as isize).map(|i| (r.start + i * r.step) as usize).collect();
                all.sort_unstable();
                all
            };
            let mut next = gone.iter().peekable();
            let mut i = 0;
            data.retain(|_| {
                let drop = next.next_if(|g| **g == i).is_some();
                i += 1;
                !drop
            });
        });
        return Ok(());
    }
    if new.len() != r.len {
        if new.is_empty() {
            return set_slice(vm, v, slice, None);
        }
        return Err(vm.value_error(&format!(
            "attempt to assign bytes of size {} to extended slice of size {}",
            new.len(),
            r.len
        )));
    }
    array.with_mut(|data| {
        for (i, b) in new.iter().enumerate() {
            data[(r.start + i as isize * r.step) as usize] = *b;
        }
    });
    Ok(())
}

pub(super) fn append(vm: &Vm, a: Args<'_>) -> PyResult {
    let byte = make::byte_of(vm, a.get(1), "byte")?;
    let array = a.this::<ByteArray>();
    array.check_resize(vm)?;
    array.with_mut(|data| data.push(byte));
    Ok(Value::NONE)
}

pub(super) fn extend(vm: &Vm, a: Args<'_>) -> PyResult {
    let (array, source) = (a.this::<ByteArray>(), a.get(1));
    let new = if vm.has_buffer(source) {
        vm.get_buffer(source, false)?.to_vec()
    } else if source.is_a::<Str>() {
        return Err(vm.type_error("expected iterable of integers; got: 'str'"));
    } else {
        let slots = vm.type_of(source).slots();
        if slots.iter.is_none() && slots.getitem.is_none() {
            return Err(vm.type_error(&format!("can't extend bytearray with {}", vm.type_of(source).name())));
        }
        make::from_iterable(vm, source, "byte")?
    };
    let n = array.len();
    splice(vm, array, n, n, &new)?;
    Ok(Value::NONE)
}

pub(super) fn insert(vm: &Vm, a: Args<'_>) -> PyResult {
    let array = a.this::<ByteArray>();
    let i = vm.arg_isize(a.get(1))?;
    let byte = make::byte_of(vm, a.get(2), "byte")?;
    let n = array.len() as isize;
    let at = if i < 0 { (i + n).max(0) } else { i.min(n) } as usize;
    splice(vm, array, at, at, &[byte])?;
    Ok(Value::NONE)
}

pub(super) fn pop(vm: &Vm, a: Args<'_>) -> PyResult {
    let array = a.this::<ByteArray>();
    let i = match a.opt(1) {
        Some(i) => vm.arg_isize(i)?,
        None => -1,
    };
    let n = array.len();
    if n == 0 {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    let at = if i < 0 { i + n as isize } else { i };
    let Some(at) = usize::try_from(at).ok().filter(|at| *at < n) else {
        return Err(vm.index_error("pop index out of range"));
    };
    array.check_resize(vm)?;
    Ok(Value::int_unchecked(array.with_mut(|data| data.remove(at)) as i64))
}

pub(super) fn remove(vm: &Vm, a: Args<'_>) -> PyResult {
    let array = a.this::<ByteArray>();
    let byte = make::byte_of(vm, a.get(1), "byte")?;
    match ops::find(array.peek(), &[byte]) {
        Some(at) => splice(vm, array, at, at + 1, b"")?,
        None => return Err(vm.value_error("value not found in bytearray")),
    }
    Ok(Value::NONE)
}

pub(super) fn clear(vm: &Vm, a: Args<'_>) -> PyResult {
    let array = a.this::<ByteArray>();
    array.check_resize(vm)?;
    array.with_mut(|data| {
        data.clear();
        data.shrink_to_fit();
    });
    Ok(Value::NONE)
}

pub(super) fn copy(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(vm.bytearray(a.this::<ByteArray>().peek()))
}

pub(super) fn reverse(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.check_mutable(a.get(0))?;
    a.this::<ByteArray>().with_mut(|data| data.reverse());
    Ok(Value::NONE)
}

pub(super) fn resize(vm: &Vm, a: Args<'_>) -> PyResult {
    let array = a.this::<ByteArray>();
    let n = vm.arg_isize(a.get(1))?;
    if n < 0 {
        return Err(vm.value_error(&format!("Can only resize to positive sizes, got {n}")));
    }
    if n as usize != array.len() {
        array.check_resize(vm)?;
    }
    vm.check_alloc(n as usize)?;
    vm.check_mutable(a.get(0))?;
    array.with_mut(|data| data.resize(n as usize, 0));
    Ok(Value::NONE)
}

pub(super) fn alloc(_: &Vm, a: Args<'_>) -> PyResult {
    let n = a.this::<ByteArray>().capacity();
    Ok(Value::from_usize(if n == 0 { 0 } else { n + 1 }))
}

pub(super) fn sizeof(_: &Vm, a: Args<'_>) -> PyResult {
    let n = a.this::<ByteArray>().capacity();
    Ok(Value::from_usize(size_of::<Header>() + size_of::<ByteArray>() + n))
}

fn reduced(vm: &Vm, v: &Value, as_bytes: bool) -> PyResult {
    let data = this(v).to_vec();
    let args = if data.is_empty() {
        vm.tuple_of(&[])
    } else if as_bytes {
        vm.tuple_of(&[vm.bytes(&data)])
    } else {
        let mut text = Vec::with_capacity(data.len());
        data.iter().for_each(|b| crate::types::str::push_char(&mut text, *b as u32));
        vm.tuple_of(&[vm.str_from_vec(text)?, vm.str("latin-1")])
    };
    let state = vm.instance_dict(v).unwrap_or(Value::NONE);
    Ok(vm.tuple_of(&[vm.type_of(v).value(), args, state]))
}

pub(super) fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    reduced(vm, a.get(0), false)
}

pub(super) fn reduce_ex(vm: &Vm, a: Args<'_>) -> PyResult {
    let protocol = match a.opt(1) {
        Some(p) => vm.arg_i32(p)?,
        None => 0,
    };
    reduced(vm, a.get(0), protocol >= 3)
}

/// `array += other`.
pub(super) fn iadd(vm: &Vm, v: &Value, other: &Value) -> PyResult {
    if !vm.has_buffer(other) {
        return Err(vm.type_error(&format!("can't concat {} to {}", vm.type_of(other).name(), vm.type_of(v).name())));
    }
    let array = this(v);
    if let Some(b) = other.downcast::<Bytes>() {
        array.check_resize(vm)?;
        vm.check_alloc(array.len() + b.len())?;
        array.with_mut(|data| data.extend_from_slice(b.as_bytes()));
        return Ok(v.clone());
    }
    let new = vm.get_buffer(other, false)?.to_vec();
    let n = array.len();
    splice(vm, array, n, n, &new)?;
    Ok(v.clone())
}

/// `array *= n`.
pub(super) fn imul(vm: &Vm, v: &Value, n: &Value) -> PyResult {
    let n = vm.index_isize(n, vm.types().OverflowError)?.max(0) as usize;
    let array = this(v);
    vm.check_mutable(v)?;
    let unit = array.to_vec();
    let Some(size) = unit.len().checked_mul(n) else { return Err(vm.memory_error()) };
    vm.check_alloc(size)?;
    if size != unit.len() {
        array.check_resize(vm)?;
    }
    array.with_mut(|data| {
        data.resize(size, 0);
        if size > 0 {
            ops::fill_repeated(data, &unit);
        }
    });
    Ok(v.clone())
}
