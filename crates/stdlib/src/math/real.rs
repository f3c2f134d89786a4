//! Functions of floats.

use super::{domain_error, expected, range_error, special};
use serpens_vm::types::float::{frexp as split, ldexp as scale};
use serpens_vm::types::int::{is_negative, to_i64};
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// A function of one float. A NaN that did not come in, or an infinity where `can_overflow` is not set, is a domain
/// error, described by `wanted` (a plain domain error if that is empty).
#[inline]
fn unary(vm: &Vm, a: Args<'_>, f: fn(f64) -> f64, can_overflow: bool, wanted: &str) -> PyResult {
    let x = vm.to_f64(a.get(0))?;
    let r = f(x);
    if r.is_finite() || (r.is_nan() && x.is_nan()) || (r.is_infinite() && !x.is_finite()) {
        return Ok(Value::float(r));
    }
    Err(match (r.is_infinite() && can_overflow, wanted) {
        (true, _) => range_error(vm),
        (false, "") => domain_error(vm),
        (false, wanted) => expected(vm, wanted, x),
    })
}

macro_rules! unary {
    ($name:literal, $f:expr, $over:literal, $wanted:literal, $doc:literal) => {
        MethodDef::new($name, "(x, /)", |vm, a| unary(vm, a, $f, $over, $wanted)).doc($doc)
    };
}

const UNIT: &str = "a number in range from -1 up to 1";

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("acos", "(x, /)", |vm, a| unary(vm, a, f64::acos, false, UNIT))
        .doc("Return the arc cosine (measured in radians) of x.\n\nThe result is between 0 and pi."),
    unary!("acosh", |x| special::acosh(x), false, "argument value not less than 1", "Return the inverse hyperbolic cosine of x."),
    MethodDef::new("asin", "(x, /)", |vm, a| unary(vm, a, f64::asin, false, UNIT))
        .doc("Return the arc sine (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2."),
    unary!("asinh", |x| special::asinh(x), false, "", "Return the inverse hyperbolic sine of x."),
    unary!(
        "atan",
        f64::atan,
        false,
        "",
        "Return the arc tangent (measured in radians) of x.\n\nThe result is between -pi/2 and pi/2."
    ),
    unary!("atanh", |x| special::atanh(x), false, "a number between -1 and 1", "Return the inverse hyperbolic tangent of x."),
    unary!("cbrt", f64::cbrt, false, "", "Return the cube root of x."),
    unary!("cos", f64::cos, false, "a finite input", "Return the cosine of x (measured in radians)."),
    unary!("cosh", f64::cosh, true, "", "Return the hyperbolic cosine of x."),
    unary!("exp", f64::exp, true, "", "Return e raised to the power of x."),
    unary!("exp2", f64::exp2, true, "", "Return 2 raised to the power of x."),
    unary!(
        "expm1",
        f64::exp_m1,
        true,
        "",
        "Return exp(x)-1.\n\nThis function avoids the loss of precision involved in the direct evaluation of exp(x)-1 for \
         small x."
    ),
    unary!("fabs", f64::abs, false, "", "Return the absolute value of the float x."),
    unary!("sin", f64::sin, false, "a finite input", "Return the sine of x (measured in radians)."),
    unary!("sinh", f64::sinh, true, "", "Return the hyperbolic sine of x."),
    unary!("sqrt", f64::sqrt, false, "a nonnegative input", "Return the square root of x."),
    unary!("tan", f64::tan, false, "a finite input", "Return the tangent of x (measured in radians)."),
    unary!("tanh", f64::tanh, false, "", "Return the hyperbolic tangent of x."),
    MethodDef::new("degrees", "(x, /)", |vm, a| {
        Ok(Value::float(vm.to_f64(a.get(0))? * (180.0 / std::f64::consts::PI)))
    })
    .doc("Convert angle x from radians to degrees."),
    MethodDef::new("radians", "(x, /)", |vm, a| {
        Ok(Value::float(vm.to_f64(a.get(0))? * (std::f64::consts::PI / 180.0)))
    })
    .doc("Convert angle x from degrees to radians."),
    MethodDef::new("atan2", "(y, x, /)", |vm, a| {
        let y = vm.to_f64(a.get(0))?;
        Ok(Value::float(y.atan2(vm.to_f64(a.get(1))?)))
    })
    .doc(
        "Return the arc tangent (measured in radians) of y/x.\n\nUnlike atan(y/x), the signs of both x and y are \
         considered.",
    ),
    MethodDef::new("copysign", "(x, y, /)", |vm, a| {
        let x = vm.to_f64(a.get(0))?;
        Ok(Value::float(x.copysign(vm.to_f64(a.get(1))?)))
    })
    .doc(
        "Return a float with the magnitude (absolute value) of x but the sign of y.\n\nOn platforms that support signed \
         zeros, copysign(1.0, -0.0)\nreturns -1.0.\n",
    ),
    MethodDef::new("fmod", "(x, y, /)", fmod)
        .doc("Return fmod(x, y), according to platform C.\n\nx % y may differ."),
    MethodDef::new("remainder", "(x, y, /)", remainder).doc(
        "Difference between x and the closest integer multiple of y.\n\nReturn x - n*y where n*y is the closest integer \
         multiple of y.\nIn the case where x is exactly halfway between two multiples of\ny, the nearest even value of n \
         is used. The result is always exact.",
    ),
    MethodDef::new("pow", "(x, y, /)", pow).doc("Return x**y (x to the power of y)."),
    MethodDef::new("fma", "(x, y, z, /)", fma)
        .doc("Fused multiply-add operation.\n\nCompute (x * y) + z with a single round."),
    MethodDef::new("frexp", "(x, /)", |vm, a| {
        let (m, e) = split(vm.to_f64(a.get(0))?);
        Ok(vm.tuple(vec![Value::float(m), Value::int_unchecked(e as i64)]))
    })
    .doc(
        "Return the mantissa and exponent of x, as pair (m, e).\n\nIf x is a finite nonzero number, then m is a float \
         with\n0.5 <= abs(m) < 1.0 and an integer e is such that\nx == m * 2**e exactly.  Else, return (x, 0).",
    ),
    MethodDef::new("ldexp", "(x, i, /)", ldexp)
        .doc("Return x * (2**i).\n\nThis is essentially the inverse of frexp()."),
    MethodDef::new("modf", "(x, /)", |vm, a| {
        let x = vm.to_f64(a.get(0))?;
        let fraction = if x.is_infinite() { 0.0 } else { x.fract() };
        Ok(vm.tuple(vec![Value::float(fraction.copysign(x)), Value::float(x.trunc())]))
    })
    .doc("Return the fractional and integer parts of x.\n\nBoth results carry the sign of x and are floats."),
    MethodDef::new("isnan", "(x, /)", |vm, a| Ok(Value::bool(vm.to_f64(a.get(0))?.is_nan())))
        .doc("Return True if x is a NaN (not a number), and False otherwise."),
    MethodDef::new("isinf", "(x, /)", |vm, a| Ok(Value::bool(vm.to_f64(a.get(0))?.is_infinite())))
        .doc("Return True if x is a positive or negative infinity, and False otherwise."),
    MethodDef::new("isfinite", "(x, /)", |vm, a| Ok(Value::bool(vm.to_f64(a.get(0))?.is_finite())))
        .doc("Return True if x is neither an infinity nor a NaN, and False otherwise."),
    MethodDef::new("isclose", "(a, b, *, rel_tol=1e-09, abs_tol=0.0)", isclose).doc(
        "Determine whether two floating-point numbers are close in value.\n\n  rel_tol\n    maximum difference for being \
         considered \"close\", relative to the\n    magnitude of the input values\n  abs_tol\n    maximum difference for \
         being considered \"close\", regardless of the\n    magnitude of the input values\n\nReturn True if a is close \
         in value to b, and False otherwise.\n\nFor the values to be considered close, the difference between \
         them\nmust be smaller than at least one of the tolerances.\n\n-inf, inf and NaN behave similarly to the IEEE \
         754 Standard.  That\nis, NaN is not close to anything, even itself.  inf and -inf are\nonly close to \
         themselves.",
    ),
    MethodDef::new("nextafter", "(x, y, /, *, steps=None)", next_after).doc(
        "Return the floating-point value the given number of steps after x towards y.\n\nIf steps is not specified or is \
         None, it defaults to 1.\n\nRaises a TypeError, if x or y is not a double, or if steps is not\nan integer.  \
         Raises ValueError if steps is negative.",
    ),
    MethodDef::new("ulp", "(x, /)", |vm, a| {
        let x = vm.to_f64(a.get(0))?.abs();
        Ok(Value::float(match x.next_up() {
            _ if !x.is_finite() => x,
            up if up.is_infinite() => x - x.next_down(),
            up => up - x,
        }))
    })
    .doc("Return the value of the least significant bit of the float x."),
    MethodDef::new("ceil", "(x, /)", |vm, a| whole(vm, a, &vm.names().__ceil__, f64::ceil))
        .doc("Return the ceiling of x as an Integral.\n\nThis is the smallest integer >= x."),
    MethodDef::new("floor", "(x, /)", |vm, a| whole(vm, a, &vm.names().__floor__, f64::floor))
        .doc("Return the floor of x as an Integral.\n\nThis is the largest integer <= x."),
    MethodDef::new("trunc", "(x, /)", |vm, a| {
        if let Some(d) = a.get(0).as_float() {
            return to_int(vm, d.trunc());
        }
        match vm.call_special(a.get(0), &vm.names().__trunc__, &[])? {
            Some(r) => Ok(r),
            None => {
                let name = vm.type_of(a.get(0)).name();
                Err(vm.type_error(&format!("type {name} doesn't define __trunc__ method")))
            }
        }
    })
    .doc("Truncates the Real x to the nearest Integral toward 0.\n\nUses the __trunc__ magic method."),
];

fn to_int(vm: &Vm, d: f64) -> PyResult {
    if d.is_finite() {
        return Ok(vm.int_from_f64(d));
    }
    Err(serpens_vm::types::int::convert::not_finite(vm, d))
}

fn whole(vm: &Vm, a: Args<'_>, special: &Value, f: fn(f64) -> f64) -> PyResult {
    let x = a.get(0);
    if let Some(d) = x.as_float() {
        return to_int(vm, f(d));
    }
    if x.is_small_int() {
        return Ok(x.clone());
    }
    match vm.call_special(x, special, &[])? {
        Some(r) => Ok(r),
        None => to_int(vm, f(vm.to_f64(x)?)),
    }
}

fn fmod(vm: &Vm, a: Args<'_>) -> PyResult {
    let (x, y) = (vm.to_f64(a.get(0))?, vm.to_f64(a.get(1))?);
    let r = x % y;
    if r.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(domain_error(vm));
    }
    Ok(Value::float(r))
}

/// The IEEE 754 remainder: the quotient is rounded to the nearest integer, ties to even.
fn ieee_remainder(x: f64, y: f64) -> f64 {
    if y.is_infinite() {
        return x;
    }
    let (magnitude, y) = (x.abs(), y.abs());
    let m = magnitude % y;
    let c = y - m;
    let r = if m < c {
        m
    } else if m > c {
        -c
    } else {
        // A tie: to the even multiple.
        m - 2.0 * ((0.5 * (magnitude - m)) % y)
    };
    1f64.copysign(x) * r
}

fn remainder(vm: &Vm, a: Args<'_>) -> PyResult {
    let (x, y) = (vm.to_f64(a.get(0))?, vm.to_f64(a.get(1))?);
    if x.is_nan() || y.is_nan() {
        return Ok(Value::float(f64::NAN));
    }
    if x.is_infinite() || y == 0.0 {
        return Err(domain_error(vm));
    }
    Ok(Value::float(ieee_remainder(x, y)))
}

fn pow(vm: &Vm, a: Args<'_>) -> PyResult {
    let (x, y) = (vm.to_f64(a.get(0))?, vm.to_f64(a.get(1))?);
    let r = x.powf(y);
    if r.is_finite() || !x.is_finite() || !y.is_finite() {
        return Ok(Value::float(r));
    }
    Err(if r.is_nan() || x == 0.0 { domain_error(vm) } else { range_error(vm) })
}

fn fma(vm: &Vm, a: Args<'_>) -> PyResult {
    let (x, y, z) = (vm.to_f64(a.get(0))?, vm.to_f64(a.get(1))?, vm.to_f64(a.get(2))?);
    let r = x.mul_add(y, z);
    if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(vm.value_error("invalid operation in fma"));
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(vm.overflow_error("overflow in fma"));
    }
    Ok(Value::float(r))
}

fn ldexp(vm: &Vm, a: Args<'_>) -> PyResult {
    let x = vm.to_f64(a.get(0))?;
    if !vm.is_int_like(a.get(1)) {
        return Err(vm.type_error("Expected an int as second argument to ldexp."));
    }
    let saturated = if is_negative(a.get(1)) { i64::MIN } else { i64::MAX };
    let r = scale(x, to_i64(a.get(1)).unwrap_or(saturated));
    if r.is_infinite() && x.is_finite() {
        return Err(range_error(vm));
    }
    Ok(Value::float(r))
}

fn isclose(vm: &Vm, args: Args<'_>) -> PyResult {
    let (a, b) = (vm.to_f64(args.get(0))?, vm.to_f64(args.get(1))?);
    let tolerance = |i: usize, default: f64| args.opt(i).map_or(Ok(default), |t| vm.to_f64(t));
    let (relative, absolute) = (tolerance(2, 1e-9)?, tolerance(3, 0.0)?);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(Value::TRUE);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(Value::FALSE);
    }
    let diff = (b - a).abs();
    Ok(Value::bool(diff <= (relative * b).abs() || diff <= (relative * a).abs() || diff <= absolute))
}

/// Doubles numbered in order: neighbours differ by one, both zeros are 0.
fn ordinal(d: f64) -> i128 {
    let magnitude = (d.to_bits() & i64::MAX as u64) as i128;
    if d.is_sign_negative() { -magnitude } else { magnitude }
}

fn next_after(vm: &Vm, a: Args<'_>) -> PyResult {
    let (x, y) = (vm.to_f64(a.get(0))?, vm.to_f64(a.get(1))?);
    let steps = match a.some(2) {
        None => 1,
        Some(n) => {
            let n = vm.to_index(n)?;
            if is_negative(&n) {
                return Err(vm.value_error("steps must be a non-negative integer"));
            }
            to_i64(&n).unwrap_or(i64::MAX)
        }
    };
    if steps == 0 || x.is_nan() {
        return Ok(Value::float(x));
    }
    if y.is_nan() || x == y {
        return Ok(Value::float(y));
    }
    let (from, to) = (ordinal(x), ordinal(y));
    let at = if from < to { (from + steps as i128).min(to) } else { (from - steps as i128).max(to) };
    let r = f64::from_bits(at.unsigned_abs() as u64);
    // Zero keeps the sign of the side it was reached from.
    Ok(Value::float(match at {
        0 => r.copysign(x),
        _ if at < 0 => -r,
        _ => r,
    }))
}

#[cfg(test)]
mod tests {
    use super::ieee_remainder;

    #[test]
    fn remainder_rounds_to_even() {
        assert_eq!(ieee_remainder(5.0, 3.0), -1.0);
        assert_eq!(ieee_remainder(2.5, 1.0), 0.5);
        assert_eq!(ieee_remainder(3.5, 1.0), -0.5);
        assert_eq!(ieee_remainder(-5.0, 3.0), 1.0);
        assert_eq!(ieee_remainder(1.0, f64::INFINITY), 1.0);
    }
}
