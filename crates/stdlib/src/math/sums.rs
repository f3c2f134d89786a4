//! Sums, products and norms that round as little as possible.

use serpens_vm::types::float::{as_f64, frexp, ldexp};
use serpens_vm::types::int::{IntRef, convert};
use serpens_vm::types::slots::BinOp;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("fsum", "(seq, /)", fsum).doc(
        "Return an accurate floating-point sum of values in the iterable seq.\n\nAssumes IEEE-754 floating-point \
         arithmetic.",
    ),
    MethodDef::new("prod", "(iterable, /, *, start=1)", prod).doc(
        "Calculate the product of all the elements in the input iterable.\n\nThe default start value for the product is \
         1.\n\nWhen the iterable is empty, return the start value.  This function is\nintended specifically for use with \
         numeric values and may reject\nnon-numeric types.",
    ),
    MethodDef::new("sumprod", "(p, q, /)", sumprod).doc(
        "Return the sum of products of values from two iterables p and q.\n\nRoughly equivalent to:\n\n    \
         sum(map(operator.mul, p, q, strict=True))\n\nFor float and mixed int/float inputs, the intermediate \
         products\nand sums are computed with extended precision.",
    ),
    MethodDef::raw("hypot", "(*coordinates)", hypot).doc(
        "Multidimensional Euclidean distance from the origin to a point.\n\nRoughly equivalent to:\n    sqrt(sum(x**2 for \
         x in coordinates))\n\nFor a two dimensional point (x, y), gives the hypotenuse\nusing the Pythagorean theorem:  \
         sqrt(x*x + y*y).\n\nFor example, the hypotenuse of a 3/4/5 right triangle is:\n\n    >>> hypot(3.0, 4.0)\n    \
         5.0",
    ),
    MethodDef::new("dist", "(p, q, /)", dist).doc(
        "Return the Euclidean distance between two points p and q.\n\nThe points should be specified as sequences (or \
         iterables) of\ncoordinates.  Both inputs must have the same dimension.\n\nRoughly equivalent to:\n    \
         sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))",
    ),
];

/// A sum and its rounding error, exactly (Knuth).
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

/// A product and its rounding error, exactly.
#[inline]
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let p = a * b;
    (p, a.mul_add(b, -p))
}

/// The exact sum as partial sums that do not overlap, in order of size (Shewchuk); `false` after an overflow.
fn add_partial(partials: &mut Vec<f64>, mut x: f64) -> bool {
    let mut kept = 0;
    for i in 0..partials.len() {
        let (s, e) = two_sum(x, partials[i]);
        if !s.is_finite() {
            return false;
        }
        if e != 0.0 {
            partials[kept] = e;
            kept += 1;
        }
        x = s;
    }
    partials.truncate(kept);
    partials.push(x);
    true
}

/// The partial sums rounded once, half to even.
fn round_partials(partials: &[f64]) -> f64 {
    let Some((&last, rest)) = partials.split_last() else { return 0.0 };
    let (mut hi, mut lo, mut n) = (last, 0.0, rest.len());
    while n > 0 {
        n -= 1;
        let x = hi;
        let y = rest[n];
        hi = x + y;
        lo = y - (hi - x);
        if lo != 0.0 {
            break;
        }
    }
    // What is left below may turn a tie.
    if n > 0 && ((lo < 0.0 && rest[n - 1] < 0.0) || (lo > 0.0 && rest[n - 1] > 0.0)) {
        let y = lo * 2.0;
        let x = hi + y;
        if y == x - hi {
            hi = x;
        }
    }
    hi
}

fn fsum(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut partials: Vec<f64> = Vec::new();
    let (mut special, mut infinities) = (0.0, 0.0);
    vm.for_each(a.get(0), |item| {
        let x = vm.to_f64(&item)?;
        if x.is_finite() {
            if !add_partial(&mut partials, x) {
                return Err(vm.overflow_error("intermediate overflow in fsum"));
            }
            return Ok(());
        }
        if x.is_infinite() {
            infinities += x;
        }
        special += x;
        Ok(())
    })?;
    if special != 0.0 {
        if infinities.is_nan() {
            return Err(vm.value_error("-inf + inf in fsum"));
        }
        return Ok(Value::float(special));
    }
    Ok(Value::float(round_partials(&partials)))
}

fn prod(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut product = a.opt(1).cloned().unwrap_or(Value::int_unchecked(1));
    vm.for_each(a.get(0), |item| {
        if let (Some(x), Some(y)) = (product.as_float(), item.as_float()) {
            product = Value::float(x * y);
            return Ok(());
        }
        if let Some(p) = Value::both_small(&product, &item).then(|| Value::mul_small(&product, &item)).flatten() {
            product = p;
            return Ok(());
        }
        product = vm.binary_op(BinOp::Mul, &product, &item)?;
        Ok(())
    })?;
    Ok(product)
}

/// A sum of three doubles of falling size: about 150 bits.
#[derive(Clone, Copy, Default)]
struct Triple {
    hi: f64,
    lo: f64,
    tiny: f64,
}

impl Triple {
    fn add_product(&mut self, x: f64, y: f64) {
        let (p, p_err) = two_product(x, y);
        let (hi, e1) = two_sum(self.hi, p);
        let (lo, e2) = two_sum(self.lo, p_err);
        let (lo, e3) = two_sum(lo, e1);
        *self = Triple { hi, lo, tiny: self.tiny + e2 + e3 };
    }

    fn total(self) -> f64 {
        let (lo, tiny) = two_sum(self.lo, self.tiny);
        let (hi, lo) = two_sum(self.hi, lo);
        hi + (lo + tiny)
    }
}

/// A number that may join a sum of floats: a float, or an integer that is one exactly enough (as CPython converts it).
fn float_term(vm: &Vm, value: &Value) -> Option<f64> {
    if let Some(d) = as_f64(value) {
        return value.is_float().then_some(d);
    }
    match IntRef::of(value) {
        Some(i) if !value.is_object() || vm.is_exact(value, vm.types().int) => {
            convert::to_f64(vm, i).map_err(|_| drop(vm.take_raised())).ok()
        }
        _ => None,
    }
}

fn sumprod(vm: &Vm, a: Args<'_>) -> PyResult {
    let (p, q) = (vm.iter(a.get(0))?, vm.iter(a.get(1))?);
    let mut total = Value::int_unchecked(0);
    let mut floats: Option<Triple> = None;
    loop {
        let (x, y) = match (vm.next(&p)?, vm.next(&q)?) {
            (Some(x), Some(y)) => (x, y),
            (None, None) => break,
            _ => return Err(vm.value_error("Inputs are not the same length")),
        };
        if (x.is_float() || y.is_float())
            && let (Some(m), Some(n)) = (float_term(vm, &x), float_term(vm, &y))
        {
            let mut sum = floats.unwrap_or_default();
            sum.add_product(m, n);
            if sum.hi.is_finite() {
                floats = Some(sum);
                continue;
            }
        }
        if let Some(sum) = floats.take() {
            total = vm.binary_op(BinOp::Add, &total, &Value::float(sum.total()))?;
        }
        let product = vm.binary_op(BinOp::Mul, &x, &y)?;
        total = vm.binary_op(BinOp::Add, &total, &product)?;
    }
    match floats {
        Some(sum) => vm.binary_op(BinOp::Add, &total, &Value::float(sum.total())),
        None => Ok(total),
    }
}

/// The Euclidean norm. Coordinates are scaled by a power of two, squares are summed with their errors, and the root is
/// corrected by what is left.
fn norm(coordinates: &[f64]) -> f64 {
    let mut max = 0f64;
    let mut nan = false;
    for x in coordinates {
        if x.is_infinite() {
            return f64::INFINITY;
        }
        nan |= x.is_nan();
        max = max.max(x.abs());
    }
    if nan {
        return f64::NAN;
    }
    if max == 0.0 || coordinates.len() <= 1 {
        return max;
    }
    let (_, e) = frexp(max);
    let (mut sum, mut errors, mut products) = (0.0, 0.0, 0.0);
    for x in coordinates {
        let x = ldexp(*x, -e as i64);
        let (p, p_err) = two_product(x, x);
        let (s, s_err) = two_sum(sum, p);
        sum = s;
        errors += s_err;
        products += p_err;
    }
    let root = (sum + (errors + products)).sqrt();
    let (p, p_err) = two_product(-root, root);
    let (rest, rest_err) = two_sum(sum, p);
    let left = rest + (rest_err + p_err + errors + products);
    ldexp(root + left / (2.0 * root), e as i64)
}

fn hypot(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error("math.hypot() takes no keyword arguments"));
    }
    let coordinates: Vec<f64> = args.pos().iter().map(|v| vm.to_f64(v)).collect::<PyResult<_>>()?;
    Ok(Value::float(norm(&coordinates)))
}

fn dist(vm: &Vm, a: Args<'_>) -> PyResult {
    let tuple = |v: &Value| if v.is_a::<Tuple>() { Ok(v.clone()) } else { Ok(vm.tuple(vm.collect(v)?)) };
    let (p, q): (Value, Value) = (tuple(a.get(0))?, tuple(a.get(1))?);
    let (Some(p), Some(q)) = (p.downcast::<Tuple>(), q.downcast::<Tuple>()) else {
        return Err(vm.type_error("both points must be sequences"));
    };
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut distances = Vec::with_capacity(p.len());
    for (x, y) in p.as_slice().iter().zip(q.as_slice()) {
        distances.push((vm.to_f64(x)? - vm.to_f64(y)?).abs());
    }
    Ok(Value::float(norm(&distances)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_sums() {
        let sum = |terms: &[f64]| {
            let mut partials = Vec::new();
            terms.iter().for_each(|t| assert!(add_partial(&mut partials, *t)));
            round_partials(&partials)
        };
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1e100, 1.0, -1e100, 1e-100]), 1.0);
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[1e16, 1.0, 1e-16]), 10000000000000002.0);
    }

    #[test]
    fn norms() {
        assert_eq!(norm(&[3.0, 4.0]), 5.0);
        assert_eq!(norm(&[1e300, 1e300]), 1.4142135623730952e300);
        assert_eq!(norm(&[f64::NAN, f64::INFINITY]), f64::INFINITY);
        assert_eq!(norm(&[5e-324, 5e-324]), 5e-324);
        assert_eq!(norm(&[]), 0.0);
    }
}
