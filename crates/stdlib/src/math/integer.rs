//! Number theory.

use dashu_int::ops::SquareRoot;
use dashu_int::{IBig, UBig};
use serpens_vm::types::int::divide;
use serpens_vm::types::int::{IntRef, as_big, is_negative, to_i64};
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("gcd", "(*integers)", gcd).doc("Greatest Common Divisor."),
    MethodDef::raw("lcm", "(*integers)", lcm).doc("Least Common Multiple."),
    MethodDef::new("factorial", "(n, /)", |vm, a| factorial_of(vm, a.get(0))).doc("Find n!."),
    MethodDef::new("isqrt", "(n, /)", isqrt).doc("Return the integer part of the square root of the input."),
    MethodDef::new("comb", "(n, k, /)", comb).doc(
        "Number of ways to choose k items from n items without repetition and without order.\n\nEvaluates to n! / (k! * \
         (n - k)!) when k <= n and evaluates\nto zero when k > n.\n\nAlso called the binomial coefficient because it is \
         equivalent\nto the coefficient of k-th term in polynomial expansion of the\nexpression (1 + x)**n.\n\nRaises \
         TypeError if either of the arguments are not integers.\nRaises ValueError if either of the arguments are \
         negative.",
    ),
    MethodDef::new("perm", "(n, k=None, /)", perm).doc(
        "Number of ways to choose k items from n items without repetition and with order.\n\nEvaluates to n! / (n - k)! \
         when k <= n and evaluates\nto zero when k > n.\n\nIf k is not specified or is None, then k defaults to n\nand \
         the function returns n!.\n\nRaises TypeError if either of the arguments are not integers.\nRaises ValueError if \
         either of the arguments are negative.",
    ),
];

/// Arguments as integers, or the `TypeError` for keywords.
fn integers(vm: &Vm, name: &str, args: &CallArgs<'_>) -> PyResult<Vec<Value>> {
    if args.n_named() > 0 {
        return Err(vm.type_error(&format!("math.{name}() takes no keyword arguments")));
    }
    args.pos().iter().map(|v| vm.to_index(v)).collect()
}

fn gcd_small(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn gcd_values(vm: &Vm, a: &Value, b: &Value) -> Value {
    match (IntRef::of(a), IntRef::of(b)) {
        (Some(IntRef::Small(a)), Some(IntRef::Small(b))) => vm.int_u64(gcd_small(a.unsigned_abs(), b.unsigned_abs())),
        (Some(a), Some(b)) => vm.int_big(divide::gcd(&a.big(), &b.big()).into()),
        _ => Value::int_unchecked(0),
    }
}

fn gcd(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let all = integers(vm, "gcd", args)?;
    Ok(all.iter().fold(Value::int_unchecked(0), |g, v| gcd_values(vm, &g, v)))
}

fn lcm(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let all = integers(vm, "lcm", args)?;
    let mut result = UBig::ONE;
    for v in &all {
        let big = as_big(v).map(|b| b.into_owned()).unwrap_or_default();
        let (_, magnitude) = big.into_parts();
        if magnitude.is_zero() || result.is_zero() {
            result = UBig::ZERO;
            continue;
        }
        let (x, y) = (IBig::from(result.clone()), IBig::from(magnitude.clone()));
        vm.check_int(IntRef::of_big(&x).bit_length() + IntRef::of_big(&y).bit_length())?;
        result = result / divide::gcd(&x, &y) * magnitude;
    }
    Ok(vm.int_big(result.into()))
}

/// The product of `low..=high`, by halves so that the factors grow alike.
fn product(low: u64, high: u64) -> UBig {
    if low > high {
        return UBig::ONE;
    }
    if high - low < 16 {
        let (mut result, mut part) = (UBig::ONE, 1u64);
        for i in low..=high {
            match part.checked_mul(i) {
                Some(p) => part = p,
                None => {
                    result *= part;
                    part = i;
                }
            }
        }
        return result * part;
    }
    let middle = low + (high - low) / 2;
    product(low, middle) * product(middle + 1, high)
}

fn factorial_of(vm: &Vm, n: &Value) -> PyResult {
    let n = vm.to_index(n)?;
    if is_negative(&n) {
        return Err(vm.value_error("factorial() not defined for negative values"));
    }
    let Some(n) = to_i64(&n) else {
        return Err(vm.overflow_error("factorial() argument should not exceed 9223372036854775807"));
    };
    // n! has fewer than n * log2(n) bits.
    vm.check_int((n as usize).saturating_mul(64 - n.leading_zeros() as usize))?;
    Ok(vm.int_big(product(2, n as u64).into()))
}

fn isqrt(vm: &Vm, a: Args<'_>) -> PyResult {
    let n = vm.to_index(a.get(0))?;
    match IntRef::of(&n) {
        Some(IntRef::Small(i @ 0..)) => Ok(vm.int(i.isqrt())),
        Some(IntRef::Big(b)) if !is_negative(&n) => Ok(vm.int_big(b.clone().into_parts().1.sqrt().into())),
        _ => Err(vm.value_error("isqrt() argument must be nonnegative")),
    }
}

/// `n * (n - 1) * ... * (n - k + 1)`
fn falling(n: &IBig, k: u64) -> IBig {
    match u64::try_from(n) {
        Ok(n) => product(n - k + 1, n).into(),
        Err(_) => falling_big(n, 0, k),
    }
}

/// The product of `n - i` for `i` in `from..to`.
fn falling_big(n: &IBig, from: u64, to: u64) -> IBig {
    match to - from {
        0 => IBig::ONE,
        1 => n - from,
        d => falling_big(n, from, from + d / 2) * falling_big(n, from + d / 2, to),
    }
}

fn check_size(vm: &Vm, n: &IBig, k: u64) -> PyResult<()> {
    vm.check_int((k as usize).saturating_mul(IntRef::of_big(n).bit_length()))
}

fn comb(vm: &Vm, a: Args<'_>) -> PyResult {
    let (n, k) = (vm.to_index(a.get(0))?, vm.to_index(a.get(1))?);
    if is_negative(&n) {
        return Err(vm.value_error("n must be a non-negative integer"));
    }
    if is_negative(&k) {
        return Err(vm.value_error("k must be a non-negative integer"));
    }
    let big = |v: &Value| as_big(v).map(|b| b.into_owned()).unwrap_or_default();
    let (n, k) = (big(&n), big(&k));
    let other = &n - &k;
    if other < IBig::ZERO {
        return Ok(Value::int_unchecked(0));
    }
    let k = k.min(other);
    let Ok(k) = i64::try_from(&k) else {
        return Err(vm.overflow_error("min(n - k, k) must not exceed 9223372036854775807"));
    };
    check_size(vm, &n, k as u64)?;
    Ok(vm.int_big(falling(&n, k as u64) / IBig::from(product(2, k as u64))))
}

fn perm(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(k) = a.some(1) else { return factorial_of(vm, a.get(0)) };
    let (n, k) = (vm.to_index(a.get(0))?, vm.to_index(k)?);
    if is_negative(&n) {
        return Err(vm.value_error("n must be a non-negative integer"));
    }
    if is_negative(&k) {
        return Err(vm.value_error("k must be a non-negative integer"));
    }
    if IntRef::of(&n) < IntRef::of(&k) {
        return Ok(Value::int_unchecked(0));
    }
    let Some(k) = to_i64(&k) else {
        return Err(vm.overflow_error("k must not exceed 9223372036854775807"));
    };
    let n = as_big(&n).map(|b| b.into_owned()).unwrap_or_default();
    check_size(vm, &n, k as u64)?;
    Ok(vm.int_big(falling(&n, k as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products() {
        assert_eq!(product(2, 20), UBig::from(2432902008176640000u64));
        assert_eq!(product(5, 4), UBig::ONE);
        assert_eq!(falling(&IBig::from(10), 3), IBig::from(720));
        assert_eq!(falling_big(&IBig::from(10), 0, 3), IBig::from(720));
        assert_eq!(product(1, 100), (1..=100u64).fold(UBig::ONE, |p, i| p * i));
    }
}
