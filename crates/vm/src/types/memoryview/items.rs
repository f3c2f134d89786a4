//! Items of a view: packing and unpacking in native formats, indexing, assignment, slices.
#![expect(unsafe_code, reason = "memory of other objects")]

use super::{Dims, MemoryView, buffer};
use crate::error::{PyResult, Raised};
use crate::types::bytes::Bytes;
use crate::types::slice::Slice;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// The item code of a native format: one character, maybe after `@`.
pub(crate) fn native_code(format: &str) -> Option<u8> {
    match format.strip_prefix('@').unwrap_or(format).as_bytes() {
        [c] if code_size(*c).is_some() => Some(*c),
        _ => None,
    }
}

/// Bytes of an item of a native format.
pub(crate) fn code_size(c: u8) -> Option<usize> {
    Some(match c {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
        _ => return None,
    })
}

/// An item from its bytes.
pub(crate) fn unpack(vm: &Vm, code: u8, bytes: &[u8]) -> Value {
    let mut eight = [0; 8];
    let n = bytes.len().min(8);
    eight[..n].copy_from_slice(&bytes[..n]);
    let word = u64::from_ne_bytes(eight);
    match code {
        b'B' => Value::int_unchecked(bytes[0] as i64),
        b'b' => Value::int_unchecked(bytes[0] as i8 as i64),
        b'c' => vm.bytes(&bytes[..1]),
        b'?' => Value::bool(bytes[0] != 0),
        b'h' => Value::int_unchecked(word as u16 as i16 as i64),
        b'H' => Value::int_unchecked(word as u16 as i64),
        b'i' => Value::int_unchecked(word as u32 as i32 as i64),
        b'I' => Value::int_unchecked(word as u32 as i64),
        b'l' | b'q' | b'n' => vm.int(word as i64),
        b'f' => Value::float(f32::from_bits(word as u32) as f64),
        b'd' => Value::float(f64::from_bits(word)),
        b'e' => Value::float(half_to_f64(word as u16)),
        _ => vm.int_u64(word),
    }
}

/// The value of an IEEE 754 half.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits >> 15 != 0 { -1.0 } else { 1.0 };
    let (e, f) = ((bits >> 10 & 31) as i32, (bits & 1023) as f64);
    sign * match e {
        0 => f * 2f64.powi(-24),
        31 if f == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + f / 1024.0) * 2f64.powi(e - 15),
    }
}

/// The IEEE 754 half nearest to a value; `None` if it is too large.
pub fn f64_to_half(d: f64) -> Option<u16> {
    let sign = ((d.to_bits() >> 48) & 0x8000) as u16;
    if d.is_nan() {
        return Some(sign | 0x7e00);
    }
    let a = d.abs();
    if a.is_infinite() {
        return Some(sign | 0x7c00);
    }
    if a == 0.0 {
        return Some(sign);
    }
    let e = (((a.to_bits() >> 52) as i32) - 1023).max(-14);
    let scaled = a * 2f64.powi(10 - e);
    let rounded = scaled.round_ties_even();
    let bits =
        if e == -14 && rounded < 1024.0 { rounded as u32 } else { (((e + 15) as u32) << 10) + (rounded as u32 - 1024) };
    if bits >= 0x7c00 { None } else { Some(sign | bits as u16) }
}

fn bad_type(vm: &Vm, format: &str) -> Raised {
    vm.type_error(&format!("memoryview: invalid type for format '{format}'"))
}

fn bad_value(vm: &Vm, format: &str) -> Raised {
    vm.value_error(&format!("memoryview: invalid value for format '{format}'"))
}

/// The bytes of an item.
fn pack(vm: &Vm, format: &str, code: u8, value: &Value, out: &mut [u8; 8]) -> PyResult<()> {
    let word = match code {
        b'c' => match value.downcast::<Bytes>().map(|b| b.as_bytes()) {
            Some([b]) => *b as u64,
            Some(_) => return Err(bad_value(vm, format)),
            None => return Err(bad_type(vm, format)),
        },
        b'?' => vm.truthy(value)? as u64,
        b'f' | b'd' | b'e' => {
            let slots = vm.type_of(value).slots();
            if slots.float.is_none() && slots.index.is_none() {
                return Err(bad_type(vm, format));
            }
            let d = vm.to_f64(value)?;
            match code {
                b'd' => d.to_bits(),
                b'f' => (d as f32).to_bits() as u64,
                _ => match f64_to_half(d) {
                    Some(h) => h as u64,
                    None => return Err(vm.overflow_error("float too large to pack with e format")),
                },
            }
        }
        _ => {
            if vm.type_of(value).slots().index.is_none() {
                return Err(bad_type(vm, format));
            }
            let index = vm.to_index(value)?;
            let signed = matches!(code, b'b' | b'h' | b'i' | b'l' | b'q' | b'n');
            let bits = code_size(code).unwrap_or(8) * 8;
            let word = match crate::types::int::to_i64(&index) {
                Some(i) if signed => {
                    (bits == 64 || (i >> (bits - 1) == 0 || i >> (bits - 1) == -1)).then_some(i as u64)
                }
                Some(i) if i >= 0 => (bits == 64 || i >> bits == 0).then_some(i as u64),
                Some(_) => None,
                None if signed => None,
                None => crate::types::int::as_big(&index).and_then(|b| u64::try_from(b.as_ref().clone()).ok()),
            };
            match word {
                Some(word) => word,
                None => return Err(bad_value(vm, format)),
            }
        }
    };
    *out = word.to_ne_bytes();
    Ok(())
}

impl MemoryView {
    fn code(&self, vm: &Vm) -> PyResult<u8> {
        match native_code(&self.format) {
            Some(c) => Ok(c),
            None => Err(vm.not_implemented_error(&format!("memoryview: format {} not supported", self.format))),
        }
    }

    /// The item at `offset` bytes.
    fn item(&self, vm: &Vm, offset: isize) -> PyResult {
        let code = self.code(vm)?;
        // SAFETY: the callers compute offsets of items of the view, whose memory stays while it is not released.
        let bytes = unsafe { std::slice::from_raw_parts(self.ptr.offset(offset), self.itemsize) };
        Ok(unpack(vm, code, bytes))
    }

    fn set_item_at(&self, vm: &Vm, offset: isize, value: &Value) -> PyResult<()> {
        let code = self.code(vm)?;
        let mut bytes = [0; 8];
        pack(vm, &self.format, code, value, &mut bytes)?;
        self.check(vm)?;
        // SAFETY: as above; the view is writable, which the callers check.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.ptr.offset(offset), self.itemsize) };
        Ok(())
    }

    /// The offset of index `i` in dimension `dim`.
    fn offset(&self, vm: &Vm, dim: usize, i: isize) -> PyResult<isize> {
        let n = self.shape[dim];
        let at = if i < 0 { i + n } else { i };
        if at < 0 || at >= n {
            return Err(vm.index_error(&format!("index out of bounds on dimension {}", dim + 1)));
        }
        Ok(at * self.strides[dim])
    }

    /// The offset that a tuple of indices selects.
    fn tuple_offset(&self, vm: &Vm, indices: &[Value]) -> PyResult<isize> {
        if indices.len() > self.ndim() {
            return Err(vm.type_error(&format!(
                "cannot index {}-dimension view with {}-element tuple",
                self.ndim(),
                indices.len()
            )));
        }
        let mut offset = 0;
        for (dim, index) in indices.iter().enumerate() {
            let i = vm.index_isize(index, vm.types().IndexError)?;
            offset += self.offset(vm, dim, i)?;
        }
        Ok(offset)
    }

    /// Items as nested lists.
    pub(super) fn to_list(&self, vm: &Vm) -> PyResult {
        self.code(vm)?;
        self.sublist(vm, 0, 0)
    }

    fn sublist(&self, vm: &Vm, dim: usize, offset: isize) -> PyResult {
        if dim == self.ndim() {
            return self.item(vm, offset);
        }
        let mut items = vm.hvec();
        for i in 0..self.shape[dim] {
            items.push(self.sublist(vm, dim + 1, offset + i * self.strides[dim])?);
        }
        Ok(vm.list_from(items))
    }

    /// The view that a slice of the first dimension selects.
    pub(super) fn sliced(&self, vm: &Vm, slice: &Slice) -> PyResult<MemoryView> {
        let unpacked = slice.unpack(vm)?;
        self.check(vm)?;
        let r = unpacked.adjust(self.shape[0] as usize);
        let mut view = self.derive();
        if r.len > 0 {
            // SAFETY: the start is an item of the view.
            view.ptr = unsafe { view.ptr.offset(r.start * self.strides[0]) };
        }
        view.shape[0] = r.len as isize;
        view.strides[0] = self.strides[0] * r.step;
        view.nbytes = view.shape.iter().product::<isize>() as usize * self.itemsize;
        Ok(view)
    }
}

fn is_index(vm: &Vm, key: &Value) -> bool {
    vm.type_of(key).slots().index.is_some()
}

fn all_indices(vm: &Vm, key: &Value) -> Option<Vec<Value>> {
    let t = key.downcast::<Tuple>()?;
    t.as_slice().iter().all(|k| is_index(vm, k)).then(|| t.as_slice().to_vec())
}

fn all_slices(key: &Value) -> bool {
    key.downcast::<Tuple>().is_some_and(|t| !t.is_empty() && t.as_slice().iter().all(|k| k.is_a::<Slice>()))
}

/// `view[key]`.
pub(super) fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let view = super::methods::this(v);
    view.check(vm)?;
    if view.ndim() == 0 {
        if key.downcast::<Tuple>().is_some_and(Tuple::is_empty) {
            return view.item(vm, 0);
        }
        if key.is_ellipsis() {
            return Ok(v.clone());
        }
        return Err(vm.type_error("invalid indexing of 0-dim memory"));
    }
    if is_index(vm, key) {
        let i = vm.index_isize(key, vm.types().IndexError)?;
        view.check(vm)?;
        if view.ndim() > 1 {
            return Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented"));
        }
        let offset = view.offset(vm, 0, i)?;
        return view.item(vm, offset);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        let sliced = view.sliced(vm, slice)?;
        return Ok(vm.alloc(vm.types().memoryview, sliced));
    }
    if let Some(indices) = all_indices(vm, key) {
        if indices.len() < view.ndim() {
            return Err(vm.not_implemented_error("sub-views are not implemented"));
        }
        let offset = view.tuple_offset(vm, &indices)?;
        view.check(vm)?;
        return view.item(vm, offset);
    }
    if all_slices(key) {
        return Err(vm.not_implemented_error("multi-dimensional slicing is not implemented"));
    }
    Err(vm.type_error("memoryview: invalid slice key"))
}

/// `view[key] = value`.
pub(super) fn setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let view = super::methods::this(v);
    view.check(vm)?;
    if view.readonly {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    let Some(value) = value else { return Err(vm.type_error("cannot delete memory")) };
    if view.ndim() == 0 {
        if key.is_ellipsis() || key.downcast::<Tuple>().is_some_and(Tuple::is_empty) {
            return view.set_item_at(vm, 0, value);
        }
        return Err(vm.type_error("invalid indexing of 0-dim memory"));
    }
    if is_index(vm, key) {
        if view.ndim() > 1 {
            return Err(vm.not_implemented_error("sub-views are not implemented"));
        }
        let i = vm.index_isize(key, vm.types().IndexError)?;
        let offset = view.offset(vm, 0, i)?;
        return view.set_item_at(vm, offset, value);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        if view.ndim() > 1 {
            return Err(vm.not_implemented_error("memoryview slice assignments are currently restricted to ndim = 1"));
        }
        return assign_slice(vm, view, slice, value);
    }
    if let Some(indices) = all_indices(vm, key) {
        if indices.len() < view.ndim() {
            return Err(vm.not_implemented_error("sub-views are not implemented"));
        }
        let offset = view.tuple_offset(vm, &indices)?;
        return view.set_item_at(vm, offset, value);
    }
    if all_slices(key) {
        return Err(vm.not_implemented_error("memoryview slice assignments are currently restricted to ndim = 1"));
    }
    Err(vm.type_error("memoryview: invalid slice key"))
}

fn assign_slice(vm: &Vm, view: &MemoryView, slice: &Slice, value: &Value) -> PyResult<()> {
    let source = vm.get_buffer(value, false)?;
    let target = view.sliced(vm, slice)?;
    let plain = |f: &str| f.strip_prefix('@').unwrap_or(f).to_string();
    let same = source.shape.len() == 1
        && source.shape[0] == target.shape[0]
        && source.itemsize == target.itemsize
        && plain(&source.format) == plain(&target.format);
    if !same {
        return Err(vm.value_error("memoryview assignment: lvalue and rvalue have different structures"));
    }
    // A copy in between, since the two may overlap.
    let bytes = source.to_vec();
    for (i, item) in bytes.chunks_exact(target.itemsize).enumerate() {
        // SAFETY: the items of the target view, which is writable, lie in memory that its exporter keeps.
        unsafe {
            let at = target.ptr.offset(i as isize * target.strides[0]);
            std::ptr::copy_nonoverlapping(item.as_ptr(), at, item.len());
        }
    }
    Ok(())
}

/// Strides of dense items in C order.
pub(crate) fn c_strides(shape: &[isize], itemsize: usize) -> Dims {
    let mut strides: Dims = shape.into();
    let mut step = itemsize as isize;
    for (stride, n) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step *= n;
    }
    strides
}

impl MemoryView {
    /// The bytes in Fortran order.
    pub(super) fn to_vec_fortran(&self) -> Vec<u8> {
        let shape: Dims = self.shape.iter().rev().copied().collect();
        let strides: Dims = self.strides.iter().rev().copied().collect();
        let mut out = Vec::with_capacity(self.nbytes);
        // SAFETY: the same items in another order.
        unsafe { buffer::copy_out(self.ptr, &shape, &strides, self.itemsize, &mut out) };
        out
    }
}
