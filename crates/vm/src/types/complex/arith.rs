//! The operators of complex numbers, mixed with real ones as C99's Annex G has it: a real operand has no imaginary part,
//! not one of zero.

use super::{Pair, as_pair, this};
use crate::error::{PyResult, Raised};
use crate::types::float::as_f64;
use crate::types::int::{IntRef, convert, hash};
use crate::types::slots::CmpOp;
use crate::value::Value;
use crate::vm::Vm;

#[derive(Clone, Copy)]
enum Operand {
    Real(f64),
    Complex(Pair),
}

impl Operand {
    fn of(vm: &Vm, value: &Value) -> PyResult<Option<Operand>> {
        if let Some(c) = as_pair(value) {
            return Ok(Some(Operand::Complex(c)));
        }
        if let Some(d) = as_f64(value) {
            return Ok(Some(Operand::Real(d)));
        }
        match IntRef::of(value) {
            Some(i) => Ok(Some(Operand::Real(convert::to_f64(vm, i)?))),
            None => Ok(None),
        }
    }

    fn pair(self) -> Pair {
        match self {
            Operand::Real(d) => (d, 0.0),
            Operand::Complex(c) => c,
        }
    }
}

macro_rules! both {
    ($vm:expr, $a:expr, $b:expr) => {{
        let Some(a) = Operand::of($vm, $a)? else { return Ok(Value::NOT_IMPLEMENTED) };
        let Some(b) = Operand::of($vm, $b)? else { return Ok(Value::NOT_IMPLEMENTED) };
        (a, b)
    }};
}

/// `a + b`
pub fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    use Operand::{Complex, Real};
    Ok(vm.complex_pair(match both!(vm, a, b) {
        (Complex(a), Real(b)) => (a.0 + b, a.1),
        (Real(a), Complex(b)) => (a + b.0, b.1),
        (a, b) => (a.pair().0 + b.pair().0, a.pair().1 + b.pair().1),
    }))
}

/// `a - b`
pub fn sub(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    use Operand::{Complex, Real};
    Ok(vm.complex_pair(match both!(vm, a, b) {
        (Complex(a), Real(b)) => (a.0 - b, a.1),
        (Real(a), Complex(b)) => (a - b.0, -b.1),
        (a, b) => (a.pair().0 - b.pair().0, a.pair().1 - b.pair().1),
    }))
}

/// `a * b`
pub fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    use Operand::{Complex, Real};
    Ok(vm.complex_pair(match both!(vm, a, b) {
        (Complex(c), Real(d)) | (Real(d), Complex(c)) => (c.0 * d, c.1 * d),
        (a, b) => product(a.pair(), b.pair()),
    }))
}

/// `a / b`
pub fn truediv(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    use Operand::{Complex, Real};
    let quotient = match both!(vm, a, b) {
        (Complex(c), Real(d)) => (d != 0.0).then(|| (c.0 / d, c.1 / d)),
        (Real(d), Complex(c)) => real_quotient(d, c),
        (a, b) => quotient(a.pair(), b.pair()),
    };
    match quotient {
        Some(c) => Ok(vm.complex_pair(c)),
        None => Err(vm.zero_division("division by zero")),
    }
}

/// The product, with infinities recovered from NaNs as C99's Annex G does.
pub fn product((mut a, mut b): Pair, (mut c, mut d): Pair) -> Pair {
    let (ac, bd, ad, bc) = (a * c, b * d, a * d, b * c);
    let r = (ac - bd, ad + bc);
    if !(r.0.is_nan() && r.1.is_nan()) {
        return r;
    }
    let unit = |x: f64| if x.is_infinite() { 1f64.copysign(x) } else { 0f64.copysign(x) };
    let plain = |x: f64| if x.is_nan() { 0f64.copysign(x) } else { x };
    let mut recover = false;
    if a.is_infinite() || b.is_infinite() {
        (a, b, c, d) = (unit(a), unit(b), plain(c), plain(d));
        recover = true;
    }
    if c.is_infinite() || d.is_infinite() {
        (c, d, a, b) = (unit(c), unit(d), plain(a), plain(b));
        recover = true;
    }
    if !recover && (ac.is_infinite() || bd.is_infinite() || ad.is_infinite() || bc.is_infinite()) {
        (a, b, c, d) = (plain(a), plain(b), plain(c), plain(d));
        recover = true;
    }
    if recover { (f64::INFINITY * (a * c - b * d), f64::INFINITY * (a * d + b * c)) } else { r }
}

/// Smith's quotient; `None` when the divisor is zero.
pub fn quotient(a: Pair, b: Pair) -> Option<Pair> {
    let (re, im) = (b.0.abs(), b.1.abs());
    let mut r = if re >= im {
        if re == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        ((a.0 + a.1 * ratio) / denominator, (a.1 - a.0 * ratio) / denominator)
    } else if im >= re {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        ((a.0 * ratio + a.1) / denominator, (a.1 * ratio - a.0) / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    let unit = |x: f64| if x.is_infinite() { 1f64.copysign(x) } else { 0f64.copysign(x) };
    if r.0.is_nan() && r.1.is_nan() {
        let infinite = |c: Pair| c.0.is_infinite() || c.1.is_infinite();
        let finite = |c: Pair| c.0.is_finite() && c.1.is_finite();
        if infinite(a) && finite(b) {
            let (x, y) = (unit(a.0), unit(a.1));
            r = (f64::INFINITY * (x * b.0 + y * b.1), f64::INFINITY * (y * b.0 - x * b.1));
        } else if infinite(b) && finite(a) {
            let (x, y) = (unit(b.0), unit(b.1));
            r = (0.0 * (a.0 * x + a.1 * y), 0.0 * (a.1 * x - a.0 * y));
        }
    }
    Some(r)
}

/// The quotient of a real number by a complex one; `None` when the divisor is zero.
fn real_quotient(a: f64, b: Pair) -> Option<Pair> {
    let (re, im) = (b.0.abs(), b.1.abs());
    let mut r = if re >= im {
        if re == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        (a / denominator, (-a * ratio) / denominator)
    } else if im >= re {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        ((a * ratio) / denominator, -a / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if r.0.is_nan() && r.1.is_nan() && a.is_finite() && (b.0.is_infinite() || b.1.is_infinite()) {
        let unit = |x: f64| if x.is_infinite() { 1f64.copysign(x) } else { 0f64.copysign(x) };
        r = (0.0 * (a * unit(b.0)), 0.0 * (-a * unit(b.1)));
    }
    Some(r)
}

/// `a ** b`
pub fn pow(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = both!(vm, a, b);
    pow_complex(vm, a.pair(), b.pair())
}

/// `pow(a, b, m)`: there is none.
pub fn pow_mod(vm: &Vm, a: &Value, b: &Value, _: &Value) -> PyResult {
    let _ = both!(vm, a, b);
    Err(vm.value_error("complex modulo"))
}

/// Exponents up to this are powers by multiplication.
const INTEGER_EXPONENTS: f64 = 100.0;

/// `a ** b` of complex numbers.
pub fn pow_complex(vm: &Vm, a: Pair, b: Pair) -> PyResult {
    let r = if b.1 == 0.0 && b.0 == b.0.floor() && b.0.abs() <= INTEGER_EXPONENTS {
        let n = b.0 as i32;
        match n {
            0.. => integer_power(a, n as u32),
            _ => match quotient((1.0, 0.0), integer_power(a, n.unsigned_abs())) {
                Some(r) => r,
                None => return Err(zero_power(vm)),
            },
        }
    } else if a == (0.0, 0.0) {
        if b.1 != 0.0 || b.0 < 0.0 {
            return Err(zero_power(vm));
        }
        (0.0, 0.0)
    } else {
        let size = a.0.hypot(a.1);
        let angle = a.1.atan2(a.0);
        let (mut length, mut phase) = (size.powf(b.0), angle * b.0);
        if b.1 != 0.0 {
            length *= (-angle * b.1).exp();
            phase += b.1 * size.ln();
        }
        (length * phase.cos(), length * phase.sin())
    };
    if r.0.is_infinite() || r.1.is_infinite() {
        return Err(vm.overflow_error("complex exponentiation"));
    }
    Ok(vm.complex_pair(r))
}

#[cold]
fn zero_power(vm: &Vm) -> Raised {
    vm.zero_division("zero to a negative or complex power")
}

fn integer_power(a: Pair, n: u32) -> Pair {
    let (mut result, mut power, mut mask) = ((1.0, 0.0), a, 1);
    while n >= mask {
        if n & mask != 0 {
            result = product(result, power);
        }
        mask <<= 1;
        power = product(power, power);
    }
    result
}

/// `-a`
pub fn neg(vm: &Vm, a: &Value) -> PyResult {
    let (re, im) = this(a);
    Ok(vm.complex(-re, -im))
}

/// `+a`: the same value as an exact `complex`.
pub fn pos(vm: &Vm, a: &Value) -> PyResult {
    if vm.is_exact(a, vm.types().complex) {
        return Ok(a.clone());
    }
    Ok(vm.complex_pair(this(a)))
}

/// `abs(a)`
pub fn abs(vm: &Vm, a: &Value) -> PyResult {
    let (re, im) = this(a);
    let size = re.hypot(im);
    if size.is_infinite() && re.is_finite() && im.is_finite() {
        return Err(vm.overflow_error("absolute value too large"));
    }
    Ok(Value::float(size))
}

/// `bool(a)`
pub fn truth(_: &Vm, a: &Value) -> PyResult<bool> {
    Ok(this(a) != (0.0, 0.0))
}

/// `==` and `!=`; complex numbers have no order.
pub fn richcmp(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some((re, im)) = as_pair(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    let equal = if let Some(c) = as_pair(b) {
        (re, im) == c
    } else if let Some(d) = as_f64(b) {
        re == d && im == 0.0
    } else if let Some(i) = IntRef::of(b) {
        im == 0.0 && crate::types::float::compare::cmp_int(re, i) == Some(std::cmp::Ordering::Equal)
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(equal == (op == CmpOp::Eq)))
}

/// The hash: that of the real part if there is nothing else.
pub fn hash(vm: &Vm, a: &Value) -> PyResult<i64> {
    let (re, im) = this(a);
    let part = |d: f64| if d.is_nan() { vm.identity_hash(a) } else { hash::hash_f64(d) };
    Ok(hash::finish(part(re).wrapping_add(hash::IMAG.wrapping_mul(part(im)))))
}
