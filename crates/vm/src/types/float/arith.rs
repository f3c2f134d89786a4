//! The operators of floats. The eval loop has its own paths for two floats; these serve mixed operands and the rest.

use super::{as_f64, this};
use crate::error::{PyResult, Raised};
use crate::types::int::{IntRef, convert};
use crate::value::Value;
use crate::vm::Vm;

/// The operand as a double: floats and integers.
#[inline]
fn operand(vm: &Vm, value: &Value) -> PyResult<Option<f64>> {
    if let Some(d) = as_f64(value) {
        return Ok(Some(d));
    }
    match IntRef::of(value) {
        Some(i) => convert::to_f64(vm, i).map(Some),
        None => Ok(None),
    }
}

/// Both operands as doubles, or `NotImplemented` from the function around it.
macro_rules! both {
    ($vm:expr, $a:expr, $b:expr) => {{
        let Some(a) = operand($vm, $a)? else { return Ok(Value::NOT_IMPLEMENTED) };
        let Some(b) = operand($vm, $b)? else { return Ok(Value::NOT_IMPLEMENTED) };
        (a, b)
    }};
}

/// `a + b`
pub fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    Ok(Value::float(a + b))
}

/// `a - b`
pub fn sub(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    Ok(Value::float(a - b))
}

/// `a * b`
pub fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    Ok(Value::float(a * b))
}

#[cold]
fn by_zero(vm: &Vm) -> Raised {
    vm.zero_division("division by zero")
}

/// `a / b`
pub fn truediv(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    if b == 0.0 {
        return Err(by_zero(vm));
    }
    Ok(Value::float(a / b))
}

/// Floor quotient and remainder with the sign of the divisor, which is not zero.
#[inline]
pub fn floor_divmod(a: f64, b: f64) -> (f64, f64) {
    let mut r = a % b;
    let mut q = (a - r) / b;
    if r != 0.0 {
        if (b < 0.0) != (r < 0.0) {
            r += b;
            q -= 1.0;
        }
    } else {
        r = 0f64.copysign(b);
    }
    if q == 0.0 {
        return (0f64.copysign(a / b), r);
    }
    let floor = q.floor();
    (if q - floor > 0.5 { floor + 1.0 } else { floor }, r)
}

/// `a // b`
pub fn floordiv(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    if b == 0.0 {
        return Err(by_zero(vm));
    }
    Ok(Value::float(floor_divmod(a, b).0))
}

/// `a % b`
pub fn modulo(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    if b == 0.0 {
        return Err(by_zero(vm));
    }
    let r = a % b;
    Ok(Value::float(match r != 0.0 {
        true if (b < 0.0) != (r < 0.0) => r + b,
        true => r,
        false => 0f64.copysign(b),
    }))
}

/// `divmod(a, b)`
pub fn divmod(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    if b == 0.0 {
        return Err(by_zero(vm));
    }
    let (q, r) = floor_divmod(a, b);
    Ok(vm.tuple(vec![Value::float(q), Value::float(r)]))
}

/// `a ** b`
pub fn pow(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    pow_floats(vm, a, b)
}

/// `pow(a, b, m)`: floats have none.
pub fn pow_mod(vm: &Vm, a: &Value, b: &Value, _: &Value) -> PyResult {
    let _ = both!(vm, a, b);
    Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"))
}

/// `a ** b` of doubles.
pub fn pow_floats(vm: &Vm, a: f64, b: f64) -> PyResult {
    if a == 0.0 && b < 0.0 && b.is_finite() {
        return Err(vm.zero_division("zero to a negative power"));
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && b != b.floor() {
        return crate::types::complex::arith::pow_complex(vm, (a, 0.0), (b, 0.0));
    }
    let r = a.powf(b);
    if r.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(out_of_range(vm));
    }
    Ok(Value::float(r))
}

/// `OverflowError(34, 'Numerical result out of range')`, as the C library's `ERANGE` gives.
#[cold]
pub fn out_of_range(vm: &Vm) -> Raised {
    let args = vec![Value::int_unchecked(34), vm.str("Numerical result out of range")];
    vm.raise_with(vm.types().OverflowError, args)
}

/// `-a`
pub fn neg(_: &Vm, a: &Value) -> PyResult {
    Ok(Value::float(-this(a)))
}

/// `+a`: the same value as an exact `float`.
pub fn pos(_: &Vm, a: &Value) -> PyResult {
    Ok(Value::float(this(a)))
}

/// `abs(a)`
pub fn abs(_: &Vm, a: &Value) -> PyResult {
    Ok(Value::float(this(a).abs()))
}

/// `bool(a)`
pub fn truth(_: &Vm, a: &Value) -> PyResult<bool> {
    Ok(this(a) != 0.0)
}

/// `int(a)`
pub fn trunc(vm: &Vm, a: &Value) -> PyResult {
    let d = this(a);
    if !d.is_finite() {
        return Err(convert::not_finite(vm, d));
    }
    Ok(vm.int_from_f64(d))
}
