//! The module `cmath`.
//!
//! The functions are the C library's, which follow C99's Annex G at infinities and NaNs as CPython does. A NaN that did
//! not come in is a domain error; an infinity from finite parts is a range error.
#![expect(unsafe_code, reason = "functions of the C library that the standard library does not offer")]

use serpens_state::NativeModule;
use serpens_vm::types::complex::methods::number;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// C's `double complex`: passed and returned as a structure of two doubles on the platforms Serpens runs on.
#[repr(C)]
#[derive(Clone, Copy)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    fn is_nan(self) -> bool {
        self.re.is_nan() || self.im.is_nan()
    }

    fn is_infinite(self) -> bool {
        self.re.is_infinite() || self.im.is_infinite()
    }
}

// SAFETY: pure functions, declared as <complex.h> has them.
unsafe extern "C" {
    safe fn cacos(z: Complex) -> Complex;
    safe fn cacosh(z: Complex) -> Complex;
    safe fn casin(z: Complex) -> Complex;
    safe fn casinh(z: Complex) -> Complex;
    safe fn catan(z: Complex) -> Complex;
    safe fn catanh(z: Complex) -> Complex;
    safe fn ccos(z: Complex) -> Complex;
    safe fn ccosh(z: Complex) -> Complex;
    safe fn cexp(z: Complex) -> Complex;
    safe fn clog(z: Complex) -> Complex;
    safe fn csin(z: Complex) -> Complex;
    safe fn csinh(z: Complex) -> Complex;
    safe fn csqrt(z: Complex) -> Complex;
    safe fn ctan(z: Complex) -> Complex;
    safe fn ctanh(z: Complex) -> Complex;
}

fn arg(vm: &Vm, value: &Value) -> PyResult<Complex> {
    match number(vm, value)? {
        Some((re, im)) => Ok(Complex { re, im }),
        None => Err(vm.type_error(&format!("must be real number, not {}", vm.type_of(value).name()))),
    }
}

/// A result, or the error it stands for.
fn checked(vm: &Vm, z: Complex, r: Complex) -> PyResult<Complex> {
    if r.is_nan() && !z.is_nan() {
        return Err(vm.value_error("math domain error"));
    }
    if r.is_infinite() && z.is_finite() {
        return Err(vm.overflow_error("math range error"));
    }
    Ok(r)
}

fn apply(vm: &Vm, a: Args<'_>, f: fn(Complex) -> Complex) -> PyResult {
    let z = arg(vm, a.get(0))?;
    let r = checked(vm, z, f(z))?;
    Ok(vm.complex(r.re, r.im))
}

/// As [`apply`] for functions with poles: where the result is infinite, it is a domain error.
fn apply_with_poles(vm: &Vm, a: Args<'_>, f: fn(Complex) -> Complex) -> PyResult {
    let z = arg(vm, a.get(0))?;
    let r = f(z);
    if r.is_infinite() && z.is_finite() {
        return Err(vm.value_error("math domain error"));
    }
    let r = checked(vm, z, r)?;
    Ok(vm.complex(r.re, r.im))
}

macro_rules! functions {
    ($($name:literal $apply:ident $f:ident $doc:literal)*) => {
        [$( MethodDef::new($name, "(z, /)", |vm, a| $apply(vm, a, |z| $f(z))).doc($doc) ),*]
    };
}

static ELEMENTARY: [MethodDef; 14] = functions! {
    "acos" apply cacos "Return the arc cosine of z."
    "acosh" apply cacosh "Return the inverse hyperbolic cosine of z."
    "asin" apply casin "Return the arc sine of z."
    "asinh" apply casinh "Return the inverse hyperbolic sine of z."
    "atan" apply_with_poles catan "Return the arc tangent of z."
    "atanh" apply_with_poles catanh "Return the inverse hyperbolic tangent of z."
    "cos" apply ccos "Return the cosine of z."
    "cosh" apply ccosh "Return the hyperbolic cosine of z."
    "exp" apply cexp "Return the exponential value e**z."
    "sin" apply csin "Return the sine of z."
    "sinh" apply csinh "Return the hyperbolic sine of z."
    "sqrt" apply csqrt "Return the square root of z."
    "tan" apply ctan "Return the tangent of z."
    "tanh" apply ctanh "Return the hyperbolic tangent of z."
};

const REST: &[MethodDef] = &[
    MethodDef::new("log", "(z, base=<unrepresentable>, /)", |vm, a| {
        let z = logarithm(vm, a.get(0))?;
        let Some(base) = a.opt(1) else { return Ok(vm.complex(z.re, z.im)) };
        let base = logarithm(vm, base)?;
        match serpens_vm::types::complex::arith::quotient((z.re, z.im), (base.re, base.im)) {
            Some((re, im)) => Ok(vm.complex(re, im)),
            None => Err(vm.value_error("math domain error")),
        }
    })
    .doc(
        "log(z[, base]) -> the logarithm of z to the given base.\n\nIf the base is not specified, returns the natural \
         logarithm (base e)\nof z.",
    ),
    MethodDef::new("log10", "(z, /)", |vm, a| {
        let z = logarithm(vm, a.get(0))?;
        Ok(vm.complex(z.re / std::f64::consts::LN_10, z.im / std::f64::consts::LN_10))
    })
    .doc("Return the base-10 logarithm of z."),
    MethodDef::new("phase", "(z, /)", |vm, a| {
        let z = arg(vm, a.get(0))?;
        Ok(Value::float(z.im.atan2(z.re)))
    })
    .doc("Return argument, also known as the phase angle, of a complex."),
    MethodDef::new("polar", "(z, /)", |vm, a| {
        let z = arg(vm, a.get(0))?;
        let r = z.re.hypot(z.im);
        if r.is_infinite() && z.is_finite() {
            return Err(vm.overflow_error("math range error"));
        }
        Ok(vm.tuple(vec![Value::float(r), Value::float(z.im.atan2(z.re))]))
    })
    .doc(
        "Convert a complex from rectangular coordinates to polar coordinates.\n\nr is the distance from 0 and phi the \
         phase angle.",
    ),
    MethodDef::new("rect", "(r, phi, /)", rect).doc("Convert from polar coordinates to rectangular coordinates."),
    MethodDef::new("isfinite", "(z, /)", |vm, a| Ok(Value::bool(arg(vm, a.get(0))?.is_finite())))
        .doc("Return True if both the real and imaginary parts of z are finite, else False."),
    MethodDef::new("isinf", "(z, /)", |vm, a| Ok(Value::bool(arg(vm, a.get(0))?.is_infinite())))
        .doc("Checks if the real or imaginary part of z is infinite."),
    MethodDef::new("isnan", "(z, /)", |vm, a| Ok(Value::bool(arg(vm, a.get(0))?.is_nan())))
        .doc("Checks if the real or imaginary part of z not a number (NaN)."),
    MethodDef::new("isclose", "(a, b, *, rel_tol=1e-09, abs_tol=0.0)", is_close)
        .doc("Determine whether two complex numbers are close in value."),
];

fn logarithm(vm: &Vm, value: &Value) -> PyResult<Complex> {
    let z = arg(vm, value)?;
    if z.re == 0.0 && z.im == 0.0 {
        return Err(vm.value_error("math domain error"));
    }
    checked(vm, z, clog(z))
}

fn rect(vm: &Vm, a: Args<'_>) -> PyResult {
    let (r, phi) = (vm.to_f64(a.get(0))?, vm.to_f64(a.get(1))?);
    if r != 0.0 && !r.is_nan() && phi.is_infinite() {
        return Err(vm.value_error("math domain error"));
    }
    if phi == 0.0 {
        // The sine is zero, also of an infinite radius.
        let im = if r.is_sign_negative() { -phi } else { phi };
        return Ok(vm.complex(r, im));
    }
    if r == 0.0 && !phi.is_finite() {
        return Ok(vm.complex(0.0, 0.0));
    }
    if r.is_infinite() && phi.is_nan() {
        return Ok(vm.complex(f64::INFINITY, f64::NAN));
    }
    Ok(vm.complex(r * phi.cos(), r * phi.sin()))
}

fn is_close(vm: &Vm, args: Args<'_>) -> PyResult {
    let (a, b) = (arg(vm, args.get(0))?, arg(vm, args.get(1))?);
    let tolerance = |i: usize, default: f64| args.opt(i).map_or(Ok(default), |t| vm.to_f64(t));
    let (relative, absolute) = (tolerance(2, 1e-9)?, tolerance(3, 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a.re == b.re && a.im == b.im {
        return Ok(Value::TRUE);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(Value::FALSE);
    }
    let size = |z: Complex| z.re.hypot(z.im);
    let diff = size(Complex { re: a.re - b.re, im: a.im - b.im });
    Ok(Value::bool(diff <= relative * size(b) || diff <= relative * size(a) || diff <= absolute))
}

/// The module.
pub static MODULE: NativeModule = NativeModule::new("cmath")
    .doc("This module provides access to mathematical functions for complex\nnumbers.")
    .functions(REST)
    .init(|vm, dict| {
        let name = vm.intern("cmath");
        for def in &ELEMENTARY {
            dict.set_name(vm, def.name, vm.builtin(def, Some(name.clone())));
        }
        for (name, value) in [
            ("pi", std::f64::consts::PI),
            ("e", std::f64::consts::E),
            ("tau", std::f64::consts::TAU),
            ("inf", f64::INFINITY),
            ("nan", f64::NAN),
        ] {
            dict.set_name(vm, name, Value::float(value));
        }
        dict.set_name(vm, "infj", vm.complex(0.0, f64::INFINITY));
        dict.set_name(vm, "nanj", vm.complex(0.0, f64::NAN));
        Ok(())
    });
