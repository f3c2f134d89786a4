//! `memoryview.cast`: another format or shape for the same memory.

use super::items::{c_strides, code_size, native_code};
use super::{Dims, MemoryView};
use crate::error::PyResult;
use crate::native::Args;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

fn shape_of(vm: &Vm, v: &Value) -> PyResult<Dims> {
    let items = match (v.downcast::<Tuple>(), v.downcast::<List>()) {
        (Some(t), _) => t.as_slice().to_vec(),
        (_, Some(l)) => l.to_vec(),
        _ => return Err(vm.type_error("shape must be a list or a tuple")),
    };
    let mut shape = Dims::new();
    for item in &items {
        if !vm.is_int_like(item) {
            return Err(vm.type_error("memoryview.cast(): elements of shape must be integers"));
        }
        let n = vm.index_isize(item, vm.types().OverflowError)?;
        if n <= 0 {
            return Err(vm.value_error("memoryview.cast(): elements of shape must be integers > 0"));
        }
        shape.push(n);
    }
    Ok(shape)
}

pub(super) fn cast(vm: &Vm, a: Args<'_>) -> PyResult {
    let view = a.this::<MemoryView>();
    view.check(vm)?;
    let Some(format) = a.get(1).downcast::<Str>() else {
        return Err(
            vm.type_error(&format!("cast() argument 'format' must be str, not {}", vm.type_of(a.get(1)).name()))
        );
    };
    let format = format.to_string();
    if !view.c_contiguous() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let shape = match a.opt(2) {
        Some(v) => Some(shape_of(vm, v)?),
        None => None,
    };
    if (shape.is_some() || view.ndim() != 1) && view.shape.contains(&0) {
        return Err(vm.type_error("memoryview: cannot cast view with zeros in shape or strides"));
    }
    if let Some(shape) = &shape
        && shape.len() > 64
    {
        return Err(vm.value_error("memoryview: number of dimensions must not exceed 64"));
    }
    if let Some(shape) = &shape
        && shape.len() != 1
        && view.ndim() != 1
    {
        return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    let Some(from) = native_code(&view.format) else {
        return Err(vm.value_error(
            "memoryview: source format must be a native single character format prefixed with an optional '@'",
        ));
    };
    let Some(to) = native_code(&format) else {
        return Err(vm.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        ));
    };
    let is_byte = |c: u8| matches!(c, b'b' | b'B' | b'c');
    if !is_byte(from) && !is_byte(to) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let itemsize = code_size(to).unwrap_or(1);
    if !view.nbytes.is_multiple_of(itemsize) {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let mut made = view.derive();
    made.format = std::borrow::Cow::Owned(format);
    made.itemsize = itemsize;
    made.shape = Dims::from_slice(&[(view.nbytes / itemsize) as isize]);
    if let Some(shape) = shape {
        let total = shape.iter().try_fold(itemsize as isize, |n, d| n.checked_mul(*d));
        if total != Some(view.nbytes as isize) {
            return Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"));
        }
        made.shape = shape;
    }
    made.strides = c_strides(&made.shape, itemsize);
    Ok(vm.alloc(vm.types().memoryview, made))
}
