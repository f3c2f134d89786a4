//! Shifts and bitwise operators, on two's complement of unlimited width.

use super::IntRef;
use super::arith::{both, int};
use crate::error::PyResult;
use crate::value::Value;
use crate::vm::Vm;

/// `~a`
pub fn invert(vm: &Vm, a: &Value) -> PyResult {
    Ok(match int(a) {
        IntRef::Small(i) => vm.int(!i),
        IntRef::Big(b) => vm.int_big(!b),
    })
}

macro_rules! bitwise {
    ($(#[$doc:meta])* $name:ident, $op:tt) => {
        $(#[$doc])*
        pub fn $name(vm: &Vm, a: &Value, b: &Value) -> PyResult {
            let (x, y) = both!(a, b);
            Ok(match (x, y) {
                (IntRef::Small(a), IntRef::Small(b)) => vm.int(a $op b),
                _ => vm.int_big(&*x.big() $op &*y.big()),
            })
        }
    };
}

bitwise!(
    /// `a & b`
    and, &
);
bitwise!(
    /// `a | b`
    or, |
);
bitwise!(
    /// `a ^ b`
    xor, ^
);

/// `a << b`
pub fn shl(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    if y.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    if x.is_zero() {
        return Ok(Value::int_unchecked(0));
    }
    let IntRef::Small(count) = y else {
        return Err(vm.overflow_error("too many digits in integer"));
    };
    if let IntRef::Small(i) = x
        && count < 64
    {
        return Ok(vm.int_i128((i as i128) << count));
    }
    vm.check_int((count as usize).saturating_add(x.bit_length()))?;
    Ok(vm.int_big(&*x.big() << count as usize))
}

/// `a >> b`
pub fn shr(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (x, y) = both!(a, b);
    if y.is_negative() {
        return Err(vm.value_error("negative shift count"));
    }
    let gone = || Ok(Value::int_unchecked(if x.is_negative() { -1 } else { 0 }));
    let IntRef::Small(count) = y else { return gone() };
    match x {
        IntRef::Small(i) => Ok(vm.int(i >> count.min(63))),
        IntRef::Big(_) if count as usize > x.bit_length() => gone(),
        IntRef::Big(b) => Ok(vm.int_big(b >> count as usize)),
    }
}
