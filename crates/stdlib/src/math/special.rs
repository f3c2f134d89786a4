//! Error and gamma functions, and inverse hyperbolic ones, from the C library: the standard library has none of the
//! first, and its inverse hyperbolic functions overflow.
#![expect(unsafe_code, reason = "functions of the C library that the standard library does not offer")]

use super::{expected, range_error};
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

// SAFETY: pure functions of the C library's mathematical part, declared as <math.h> has them. `lgamma_r` writes the sign
// through its pointer.
unsafe extern "C" {
    safe fn erf(x: f64) -> f64;
    safe fn erfc(x: f64) -> f64;
    safe fn tgamma(x: f64) -> f64;
    /// Inverse hyperbolic sine.
    pub(super) safe fn asinh(x: f64) -> f64;
    /// Inverse hyperbolic cosine.
    pub(super) safe fn acosh(x: f64) -> f64;
    /// Inverse hyperbolic tangent.
    pub(super) safe fn atanh(x: f64) -> f64;
    fn lgamma_r(x: f64, sign: *mut i32) -> f64;
}

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("erf", "(x, /)", |vm, a| Ok(Value::float(erf(vm.to_f64(a.get(0))?)))).doc("Error function at x."),
    MethodDef::new("erfc", "(x, /)", |vm, a| Ok(Value::float(erfc(vm.to_f64(a.get(0))?))))
        .doc("Complementary error function at x."),
    MethodDef::new("gamma", "(x, /)", gamma).doc("Gamma function at x."),
    MethodDef::new("lgamma", "(x, /)", lgamma).doc("Natural logarithm of absolute value of Gamma function at x."),
];

const WANTED: &str = "a noninteger or positive integer";

fn gamma(vm: &Vm, a: Args<'_>) -> PyResult {
    let x = vm.to_f64(a.get(0))?;
    if x.is_nan() || x == f64::INFINITY {
        return Ok(Value::float(x));
    }
    if x == f64::NEG_INFINITY || (x <= 0.0 && x == x.trunc()) {
        return Err(expected(vm, WANTED, x));
    }
    // Factorials that are exact in a double.
    if x == x.trunc() && x <= 23.0 {
        return Ok(Value::float((2..x as u64).fold(1.0, |product, i| product * i as f64)));
    }
    // Far below zero everything underflows, to the sign between the poles.
    if x < -200.0 {
        return Ok(Value::float(if (x / 2.0).floor() * 2.0 == x.floor() { 0.0 } else { -0.0 }));
    }
    let r = tgamma(x);
    if r.is_infinite() {
        return Err(range_error(vm));
    }
    Ok(Value::float(r))
}

fn lgamma(vm: &Vm, a: Args<'_>) -> PyResult {
    let x = vm.to_f64(a.get(0))?;
    if !x.is_finite() {
        return Ok(Value::float(x.abs()));
    }
    if x <= 0.0 && x == x.trunc() {
        return Err(expected(vm, WANTED, x));
    }
    let mut sign = 0;
    // SAFETY: the pointer is to a live integer.
    let r = unsafe { lgamma_r(x, &mut sign) };
    if r.is_infinite() {
        return Err(range_error(vm));
    }
    Ok(Value::float(r))
}
