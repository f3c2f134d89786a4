//! `int.from_bytes` and `int.to_bytes`.

use super::{IntRef, arith};
use crate::error::{PyResult, Raised};
use crate::native::Args;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::{IBig, Sign, UBig};

/// Whether `byteorder` is little.
fn is_little(vm: &Vm, function: &str, order: Option<&Value>) -> PyResult<bool> {
    let Some(order) = order else { return Ok(false) };
    let Some(text) = order.downcast::<Str>() else {
        return Err(
            vm.type_error(&format!("{function}() argument 'byteorder' must be str, not {}", vm.arg_type_name(order)))
        );
    };
    match text.as_bytes() {
        b"little" => Ok(true),
        b"big" => Ok(false),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

/// The integer that bytes hold.
pub fn decode(bytes: &[u8], little: bool, signed: bool) -> IBig {
    match (little, signed) {
        (true, false) => UBig::from_le_bytes(bytes).into(),
        (false, false) => UBig::from_be_bytes(bytes).into(),
        (true, true) => IBig::from_le_bytes(bytes),
        (false, true) => IBig::from_be_bytes(bytes),
    }
}

/// `int.from_bytes(bytes, byteorder='big', *, signed=False)`
pub(super) fn from_bytes(vm: &Vm, a: Args<'_>) -> PyResult {
    let little = is_little(vm, "from_bytes", a.opt(2))?;
    let signed = match a.opt(3) {
        Some(flag) => vm.truthy(flag)?,
        None => false,
    };
    let source = a.get(1);
    let made;
    let bytes = match source.downcast::<Bytes>() {
        Some(b) => b.as_bytes(),
        None => {
            if vm.is_int_like(source) || source.is_a::<Str>() {
                let message = format!("cannot convert '{}' object to bytes", vm.type_of(source).name());
                return Err(vm.type_error(&message));
            }
            made = vm.call_one(&vm.types().bytes.value(), source)?;
            made.downcast::<Bytes>().map_or(&[][..], |b| b.as_bytes())
        }
    };
    let value = vm.int_big(decode(bytes, little, signed));
    let class = a.get(0);
    if class.is(&vm.types().int.value()) { Ok(value) } else { vm.call_one(class, &value) }
}

/// Fills `out` (little-endian) with two's complement of the integer; whether it fits.
pub fn encode(value: IntRef<'_>, signed: bool, out: &mut [u8]) -> bool {
    let negative = value.is_negative();
    let bits = match (value, signed) {
        (_, false) => value.bit_length(),
        (IntRef::Small(i), true) => 65 - (if i < 0 { !i } else { i }).leading_zeros() as usize,
        (IntRef::Big(b), true) => {
            let (_, words) = b.as_sign_words();
            let exact_power = b.sign() == Sign::Negative
                && words.last().is_some_and(|w| w.is_power_of_two())
                && words[..words.len() - 1].iter().all(|w| *w == 0);
            value.bit_length() + !exact_power as usize
        }
    };
    let bits = if value.is_zero() { 0 } else { bits };
    if bits > out.len() * 8 {
        return false;
    }
    match value {
        IntRef::Small(i) => {
            let bytes = i.to_le_bytes();
            let n = out.len().min(8);
            out[..n].copy_from_slice(&bytes[..n]);
            out[n..].fill(if negative { 0xff } else { 0 });
        }
        IntRef::Big(b) => {
            let (_, words) = b.as_sign_words();
            let bytes = words.iter().flat_map(|w| w.to_le_bytes()).chain(std::iter::repeat(0));
            let mut carry = true;
            for (to, from) in out.iter_mut().zip(bytes) {
                if negative {
                    let (v, c) = (!from).overflowing_add(carry as u8);
                    (*to, carry) = (v, c);
                } else {
                    *to = from;
                }
            }
        }
    }
    true
}

/// `int.to_bytes(length=1, byteorder='big', *, signed=False)`
pub(super) fn to_bytes(vm: &Vm, a: Args<'_>) -> PyResult {
    let length = match a.opt(1) {
        Some(n) => vm.index_isize_or(n, vm.types().OverflowError)?,
        None => 1,
    };
    let little = is_little(vm, "to_bytes", a.opt(2))?;
    let signed = match a.opt(3) {
        Some(flag) => vm.truthy(flag)?,
        None => false,
    };
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.value_error("length argument must be non-negative"));
    };
    vm.check_int(length.saturating_mul(8))?;
    let value = arith::int(a.get(0));
    if value.is_negative() && !signed {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    let mut out = vec![0; length];
    if !encode(value, signed, &mut out) {
        return Err(too_big(vm));
    }
    if !little {
        out.reverse();
    }
    Ok(vm.bytes(&out))
}

#[cold]
fn too_big(vm: &Vm) -> Raised {
    vm.overflow_error("int too big to convert")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trips(words in proptest::collection::vec(any::<u64>(), 0..4), negative in any::<bool>(), little in any::<bool>()) {
            let sign = if negative { Sign::Negative } else { Sign::Positive };
            let big = IBig::from_sign_words(sign, &words);
            let mut out = vec![0; 33];
            prop_assert!(encode(IntRef::of_big(&big), true, &mut out));
            if !little {
                out.reverse();
            }
            prop_assert_eq!(decode(&out, little, true), big);
        }
    }

    #[test]
    fn edges() {
        let fits = |i: i64, signed, n| encode(IntRef::Small(i), signed, &mut vec![0; n]);
        assert!(fits(-128, true, 1) && !fits(-129, true, 1) && fits(127, true, 1) && !fits(128, true, 1));
        assert!(
            fits(255, false, 1) && !fits(256, false, 1) && fits(0, false, 0) && fits(0, true, 0) && !fits(-1, true, 0)
        );
        let edge = -(IBig::ONE << 127);
        assert!(encode(IntRef::of_big(&edge), true, &mut [0; 16]));
        assert!(!encode(IntRef::of_big(&(edge - 1)), true, &mut [0; 16]));
    }
}
