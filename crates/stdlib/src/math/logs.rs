//! Logarithms, also of integers too large for a float.

use super::expected;
use serpens_vm::types::int::IntRef;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Raised, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("log", "", log).doc(
        "log(x, [base=math.e])\nReturn the logarithm of x to the given base.\n\nIf the base is not specified, returns the \
         natural logarithm (base e) of x.",
    ),
    MethodDef::new("log2", "(x, /)", |vm, a| Ok(Value::float(of(vm, a.get(0), f64::log2)?)))
        .doc("Return the base 2 logarithm of x."),
    MethodDef::new("log10", "(x, /)", |vm, a| Ok(Value::float(of(vm, a.get(0), f64::log10)?)))
        .doc("Return the base 10 logarithm of x."),
    MethodDef::new("log1p", "(x, /)", log1p).doc(
        "Return the natural logarithm of 1+x (base e).\n\nThe result is computed in a way which is accurate for x near \
         zero.",
    ),
];

/// The logarithm `f` of a number.
fn of(vm: &Vm, x: &Value, f: fn(f64) -> f64) -> PyResult<f64> {
    if let Some(i) = IntRef::of(x) {
        return match i {
            IntRef::Small(i) if i > 0 => Ok(f(i as f64)),
            IntRef::Big(b) if !i.is_negative() => match b.to_f64().value() {
                d if d.is_finite() => Ok(f(d)),
                _ => {
                    // x = m * 2**e with m in [0.5, 1).
                    let e = i.bit_length();
                    let m = (b >> (e - 64)).to_f64().value() / 2f64.powi(64);
                    Ok(f(m) + f(2.0) * e as f64)
                }
            },
            _ => Err(vm.value_error("expected a positive input")),
        };
    }
    let d = vm.to_f64(x)?;
    if d > 0.0 || d.is_nan() { Ok(f(d)) } else { Err(expected(vm, "a positive input", d)) }
}

fn log(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error("math.log() takes no keyword arguments"));
    }
    match args.pos() {
        [x] => Ok(Value::float(of(vm, x, f64::ln)?)),
        [x, base] => {
            let (x, base) = (of(vm, x, f64::ln)?, of(vm, base, f64::ln)?);
            if base == 0.0 {
                return Err(vm.zero_division("division by zero"));
            }
            Ok(Value::float(x / base))
        }
        other => Err(wrong_count(vm, other.len())),
    }
}

#[cold]
fn wrong_count(vm: &Vm, n: usize) -> Raised {
    match n {
        0 => vm.type_error("log expected at least 1 argument, got 0"),
        n => vm.type_error(&format!("log expected at most 2 arguments, got {n}")),
    }
}

fn log1p(vm: &Vm, a: Args<'_>) -> PyResult {
    let x = vm.to_f64(a.get(0))?;
    if x <= -1.0 {
        return Err(expected(vm, "argument value > -1", x));
    }
    Ok(Value::float(x.ln_1p()))
}
