//! Equality of views: same shape and equal items, whatever the formats.

use super::items::{native_code, unpack};
use super::methods::this;
use crate::error::PyResult;
use crate::types::slots::CmpOp;
use crate::value::Value;
use crate::vm::Vm;

pub(super) fn richcmp(vm: &Vm, v: &Value, other: &Value, op: CmpOp) -> PyResult {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match equal(vm, v, other)? {
        None => Ok(Value::NOT_IMPLEMENTED),
        Some(equal) => Ok(Value::bool(equal == (op == CmpOp::Eq))),
    }
}

/// `None` if the other value has no buffer.
fn equal(vm: &Vm, v: &Value, other: &Value) -> PyResult<Option<bool>> {
    let view = this(v);
    if view.is_released() {
        return Ok(Some(v.is(other)));
    }
    if let Some(o) = other.downcast::<super::MemoryView>() {
        if o.is_released() {
            return Ok(Some(v.is(other)));
        }
    } else if !vm.has_buffer(other) {
        return Ok(None);
    }
    let theirs = match vm.get_buffer(other, false) {
        Ok(b) => b,
        Err(_) => {
            drop(vm.take_raised());
            return Ok(None);
        }
    };
    if theirs.shape[..] != view.shape[..] {
        return Ok(Some(false));
    }
    let (a, b) = (view.to_vec(), theirs.to_vec());
    let (Some(x), Some(y)) = (native_code(&view.format), native_code(&theirs.format)) else {
        let is_struct = view.format == theirs.format && view.itemsize == theirs.itemsize;
        // Of items that the machine cannot unpack itself the bytes decide.
        return Ok(Some(is_struct && a == b));
    };
    let is_float = |c: u8| matches!(c, b'f' | b'd' | b'e');
    if x == y && !is_float(x) {
        return Ok(Some(a == b));
    }
    for (p, q) in a.chunks_exact(view.itemsize).zip(b.chunks_exact(theirs.itemsize)) {
        if !vm.compare_bool(&unpack(vm, x, p), &unpack(vm, y, q), CmpOp::Eq)? {
            return Ok(Some(false));
        }
    }
    Ok(Some(true))
}
