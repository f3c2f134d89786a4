//! `+ - *`, negation, comparison of integers. The eval loop has its own paths for two small integers; these are the rest.

use super::IntRef;
use crate::error::PyResult;
use crate::types::slots::CmpOp;
use crate::value::Value;
use crate::vm::Vm;

/// Both operands as integers, or `NotImplemented` from the function around it.
macro_rules! both {
    ($a:expr, $b:expr) => {
        match (IntRef::of($a), IntRef::of($b)) {
            (Some(a), Some(b)) => (a, b),
            _ => return Ok(Value::NOT_IMPLEMENTED),
        }
    };
}
pub(super) use both;

/// `a + b`
pub fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    Ok(match both!(a, b) {
        (IntRef::Small(a), IntRef::Small(b)) => vm.int_i128(a as i128 + b as i128),
        (IntRef::Big(a), IntRef::Small(b)) => vm.int_big(a + b),
        (IntRef::Small(a), IntRef::Big(b)) => vm.int_big(a + b),
        (IntRef::Big(a), IntRef::Big(b)) => vm.int_big(a + b),
    })
}

/// `a - b`
pub fn sub(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    Ok(match both!(a, b) {
        (IntRef::Small(a), IntRef::Small(b)) => vm.int_i128(a as i128 - b as i128),
        (IntRef::Big(a), IntRef::Small(b)) => vm.int_big(a - b),
        (IntRef::Small(a), IntRef::Big(b)) => vm.int_big(a - b),
        (IntRef::Big(a), IntRef::Big(b)) => vm.int_big(a - b),
    })
}

/// `a * b`
pub fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    Ok(match (x, y) {
        (IntRef::Small(a), IntRef::Small(b)) => vm.int_i128(a as i128 * b as i128),
        (IntRef::Big(a), IntRef::Small(b)) => vm.int_big(a * b),
        (IntRef::Small(a), IntRef::Big(b)) => vm.int_big(a * b),
        (IntRef::Big(a), IntRef::Big(b)) => {
            vm.check_int(x.bit_length() + y.bit_length())?;
            if std::ptr::eq(a, b) { vm.int_big(a.sqr().into()) } else { vm.int_big(a * b) }
        }
    })
}

/// `-a`
pub fn neg(vm: &Vm, a: &Value) -> PyResult {
    Ok(match int(a) {
        IntRef::Small(i) => vm.int_i128(-(i as i128)),
        IntRef::Big(b) => vm.int_big(-b),
    })
}

/// `+a`, and `int(a)` of an integer: the same value as an exact `int`.
pub fn pos(vm: &Vm, a: &Value) -> PyResult {
    if a.is_small_int() || vm.is_exact(a, vm.types().int) {
        return Ok(a.clone());
    }
    Ok(vm.int_ref(int(a)))
}

/// `abs(a)`
pub fn abs(vm: &Vm, a: &Value) -> PyResult {
    if int(a).is_negative() { neg(vm, a) } else { pos(vm, a) }
}

/// `bool(a)`
pub fn truth(_: &Vm, a: &Value) -> PyResult<bool> {
    Ok(!int(a).is_zero())
}

/// Comparisons.
pub fn richcmp(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (a, b) = both!(a, b);
    Ok(Value::bool(op.of(a.cmp(&b))))
}

/// The view of a receiver, which the slot's type guarantees to be an integer.
#[track_caller]
pub(super) fn int(value: &Value) -> IntRef<'_> {
    IntRef::of(value).expect("the slot belongs to int")
}
