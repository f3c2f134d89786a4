//! `int` and `bool`.
//!
//! Rooms: this file has the payload, the constructors and the view that all arithmetic uses; [`arith`] the operators,
//! [`pow`] powers, [`bits`] shifts and bitwise operators, [`divide`] the divisions, [`hash`] the numeric hash,
//! [`text`] digits in and out, [`bytes`] `from_bytes` and `to_bytes`, [`convert`] indices and conversions for the rest of
//! the machine, [`methods`] what Python sees, [`boolean`] the type `bool`.
//!
//! Invariant: an exact `int` of 51 bits is always an immediate; only larger ones and instances of subclasses are objects.
#![expect(unsafe_code, reason = "the payload of heap integers")]

pub mod arith;
pub mod bits;
pub mod boolean;
pub mod bytes;
pub mod convert;
pub mod divide;
pub mod hash;
pub mod methods;
pub mod pow;
pub mod text;

pub use boolean::BOOL;
pub use convert::{is_negative, to_i64};
pub use methods::TYPE;

use crate::error::PyResult;
use crate::object::{Kind, Payload};
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::{IBig, Sign};
use std::borrow::Cow;

/// An integer that is not an immediate.
pub struct Int {
    /// Its value.
    pub value: IBig,
}

impl Int {
    /// Whether it is below zero, and the bytes of its absolute value, least significant first.
    pub fn sign_and_magnitude(&self) -> (bool, Vec<u8>) {
        let (sign, magnitude) = self.value.clone().into_parts();
        (sign == dashu_int::Sign::Negative, magnitude.to_le_bytes().to_vec())
    }
}

// SAFETY: made by the heap only.
unsafe impl Payload for Int {
    const KIND: Kind = Kind::Int;
}

/// Longest integer, in bits: what a computation may ask of the system's allocator at once without endangering the process.
pub const MAX_BITS: usize = 1 << 33;

/// An integer as arithmetic sees it. `Small` whenever it fits in 64 bits.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    /// It fits.
    Small(i64),
    /// It does not.
    Big(&'a IBig),
}

impl<'a> IntRef<'a> {
    /// The view of an `int`, a `bool` or an instance of a subclass.
    #[inline(always)]
    pub fn of(value: &'a Value) -> Option<IntRef<'a>> {
        match value.as_small_int() {
            Some(i) => Some(IntRef::Small(i)),
            None => IntRef::of_rare(value),
        }
    }

    #[inline]
    fn of_rare(value: &'a Value) -> Option<IntRef<'a>> {
        if let Some(int) = value.downcast::<Int>() {
            return Some(IntRef::of_big(&int.value));
        }
        value.as_bool().map(|b| IntRef::Small(b as i64))
    }

    /// The view of a big integer.
    #[inline]
    pub fn of_big(big: &'a IBig) -> IntRef<'a> {
        match big_to_i64(big) {
            Some(i) => IntRef::Small(i),
            None => IntRef::Big(big),
        }
    }

    /// The integer in the form of the big-integer crate.
    #[inline]
    pub fn big(self) -> Cow<'a, IBig> {
        match self {
            IntRef::Small(i) => Cow::Owned(IBig::from(i)),
            IntRef::Big(b) => Cow::Borrowed(b),
        }
    }

    /// Whether it is below zero.
    #[inline]
    pub fn is_negative(self) -> bool {
        match self {
            IntRef::Small(i) => i < 0,
            IntRef::Big(b) => b.sign() == Sign::Negative,
        }
    }

    /// Whether it is zero.
    #[inline]
    pub fn is_zero(self) -> bool {
        matches!(self, IntRef::Small(0))
    }

    /// Whether it is odd.
    pub fn is_odd(self) -> bool {
        match self {
            IntRef::Small(i) => i & 1 != 0,
            IntRef::Big(b) => b.as_sign_words().1[0] & 1 != 0,
        }
    }

    /// Bits of the absolute value.
    pub fn bit_length(self) -> usize {
        match self {
            IntRef::Small(i) => 64 - i.unsigned_abs().leading_zeros() as usize,
            IntRef::Big(b) => magnitude_bits(b),
        }
    }
}

impl PartialEq for IntRef<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (IntRef::Small(a), IntRef::Small(b)) => a == b,
            (IntRef::Big(a), IntRef::Big(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for IntRef<'_> {}

impl PartialOrd for IntRef<'_> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for IntRef<'_> {
    #[inline]
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (IntRef::Small(a), IntRef::Small(b)) => a.cmp(b),
            (IntRef::Big(a), IntRef::Big(b)) => a.cmp(b),
            (IntRef::Small(_), IntRef::Big(b)) => match b.sign() {
                Sign::Positive => std::cmp::Ordering::Less,
                Sign::Negative => std::cmp::Ordering::Greater,
            },
            (IntRef::Big(_), IntRef::Small(_)) => other.cmp(self).reverse(),
        }
    }
}

/// The value as 64 bits, if it fits.
#[inline]
pub fn big_to_i64(big: &IBig) -> Option<i64> {
    let (sign, words) = big.as_sign_words();
    let magnitude = match words {
        [] => 0,
        [w] => *w,
        _ => return None,
    };
    match sign {
        Sign::Positive => i64::try_from(magnitude).ok(),
        Sign::Negative if magnitude <= 1 << 63 => Some((magnitude as i64).wrapping_neg()),
        Sign::Negative => None,
    }
}

/// Bits of the absolute value.
pub fn magnitude_bits(big: &IBig) -> usize {
    let (_, words) = big.as_sign_words();
    match words.split_last() {
        Some((top, rest)) => rest.len() * 64 + (64 - top.leading_zeros() as usize),
        None => 0,
    }
}

/// The integer as a big one, if the value is an `int`, a `bool` or an instance of a subclass.
pub fn as_big(value: &Value) -> Option<Cow<'_, IBig>> {
    IntRef::of(value).map(IntRef::big)
}

impl Vm {
    /// An integer.
    #[inline(always)]
    pub fn int(&self, i: i64) -> Value {
        match Value::small_int(i) {
            Some(v) => v,
            None => self.alloc_int(IBig::from(i)),
        }
    }

    /// An integer.
    #[inline]
    pub fn int_from_magnitude(&self, negative: bool, magnitude: &[u8]) -> Value {
        let big = IBig::from(dashu_int::UBig::from_le_bytes(magnitude));
        self.int_big(if negative { -big } else { big })
    }

    /// An integer.
    #[inline]
    pub fn int_u64(&self, i: u64) -> Value {
        match i64::try_from(i) {
            Ok(i) => self.int(i),
            Err(_) => self.alloc_int(IBig::from(i)),
        }
    }

    /// An integer.
    #[inline]
    pub fn int_usize(&self, i: usize) -> Value {
        self.int_u64(i as u64)
    }

    /// An integer.
    #[inline]
    pub fn int_i128(&self, i: i128) -> Value {
        match i64::try_from(i) {
            Ok(i) => self.int(i),
            Err(_) => self.alloc_int(IBig::from(i)),
        }
    }

    /// An integer.
    #[inline]
    pub fn int_big(&self, big: IBig) -> Value {
        match big_to_i64(&big).and_then(Value::small_int) {
            Some(v) => v,
            None => self.alloc_int(big),
        }
    }

    /// Checks that an integer of that many bits may be made: `MemoryError` otherwise.
    #[inline]
    pub fn check_int(&self, bits: usize) -> PyResult<()> {
        if bits > MAX_BITS {
            return Err(self.memory_error());
        }
        self.check_alloc(bits / 8)
    }

    /// The integer of a view.
    pub fn int_ref(&self, int: IntRef<'_>) -> Value {
        match int {
            IntRef::Small(i) => self.int(i),
            IntRef::Big(b) => self.alloc_int(b.clone()),
        }
    }

    #[inline(never)]
    fn alloc_int(&self, value: IBig) -> Value {
        self.alloc(self.types().int, Int { value })
    }

    /// Whether a value is an `int`, a `bool` or an instance of a subclass.
    #[inline]
    pub fn is_int(&self, value: &Value) -> bool {
        self.is_int_like(value)
    }

    /// Whether a value can be made an index: an integer, or an object with `__index__`.
    #[inline]
    pub fn has_index(&self, value: &Value) -> bool {
        value.is_small_int() || self.type_of(value).slots().index.is_some()
    }

    /// Whether a value is an `int`, a `bool` or an instance of a subclass.
    #[inline]
    pub fn is_int_like(&self, value: &Value) -> bool {
        value.is_small_int() || value.as_bool().is_some() || value.is_a::<Int>()
    }
}
