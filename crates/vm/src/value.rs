//! [`Value`]: a Python value in one 64-bit word.
//!
//! | word | meaning |
//! | --- | --- |
//! | `0` | never a `Value`: an unbound register, `None` of `Option<Value>`, `Err` of `Result<Value, Raised>` |
//! | `0x10 ..= 0x0fff` | immediates: `None`, `False`, `True`, `NotImplemented`, `...` |
//! | `0x1000 ..= 0x0000_ffff_ffff_ffff` | reference to a heap object (no masking) |
//! | `0x0001_…  ..= 0xfff1_…` | a float: its bits plus 2^48 |
//! | `0xfff8_… ..= 0xffff_…` | an integer of 51 bits |
//!
//! Invariant: a `Value` is confined to its interpreter: it is neither `Send` nor `Sync`. Its reference count is not atomic.
//! Objects of the frozen image are immortal: their count is never written.
#![expect(unsafe_code, reason = "reference counts and the representation of values")]

use crate::object::{Header, Payload};
use crate::types::typeobj::TypeObj;
use std::marker::PhantomData;
use std::num::NonZeroU64;

const PTR_MIN: u64 = 0x1000;
const PTR_END: u64 = 1 << 48;
const FLOAT_OFFSET: u64 = 1 << 48;
const INT_TAG: u64 = 0xfff8 << 48;
const INT_SHIFT: u32 = 13;
const INT_MASK: u64 = u64::MAX >> INT_SHIFT;
const NONE: u64 = 0x10;
const FALSE: u64 = 0x20;
const TRUE: u64 = 0x21;
const NOT_IMPLEMENTED: u64 = 0x30;
const ELLIPSIS: u64 = 0x40;

/// A Python value, owned: cloning counts a reference, dropping releases it.
#[repr(transparent)]
pub struct Value(NonZeroU64, PhantomData<*mut ()>);

/// `None` takes no room beside a value, and an error none beside a result.
const _: () = assert!(size_of::<Option<Value>>() == 8);

impl Value {
    /// Largest integer that needs no heap object.
    pub const MAX_INT: i64 = (1 << 50) - 1;
    /// Smallest integer that needs no heap object.
    pub const MIN_INT: i64 = -(1 << 50);

    /// `None`.
    pub const NONE: Value = Value::immediate(NONE);
    /// `True`.
    pub const TRUE: Value = Value::immediate(TRUE);
    /// `False`.
    pub const FALSE: Value = Value::immediate(FALSE);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Value = Value::immediate(NOT_IMPLEMENTED);
    /// `...`.
    pub const ELLIPSIS: Value = Value::immediate(ELLIPSIS);

    #[inline(always)]
    const fn immediate(word: u64) -> Value {
        match NonZeroU64::new(word) {
            Some(word) => Value(word, PhantomData),
            None => panic!("zero is not a value"),
        }
    }

    /// The word itself.
    #[inline(always)]
    pub const fn bits(&self) -> u64 {
        self.0.get()
    }

    /// A value from a word, taking over the reference it stands for.
    ///
    /// # Safety
    /// `bits` came from [`Value::into_bits`] (or is an immediate), and the reference is not released elsewhere.
    #[inline(always)]
    pub unsafe fn from_bits(bits: u64) -> Value {
        // SAFETY: words of values are never zero.
        Value(unsafe { NonZeroU64::new_unchecked(bits) }, PhantomData)
    }

    /// The word, with the reference it stands for.
    #[inline(always)]
    pub fn into_bits(self) -> u64 {
        let bits = self.bits();
        std::mem::forget(self);
        bits
    }

    /// `True` or `False`.
    #[inline(always)]
    pub fn bool(b: bool) -> Value {
        Value::immediate(FALSE | b as u64)
    }

    /// A small integer, or `None` when it needs a heap object.
    #[inline(always)]
    pub fn small_int(i: i64) -> Option<Value> {
        if (i << INT_SHIFT) >> INT_SHIFT == i { Some(Value::int_unchecked(i)) } else { None }
    }

    /// An integer that is known to fit in 51 bits (lengths, code points, indices).
    #[inline(always)]
    pub fn int_unchecked(i: i64) -> Value {
        debug_assert!((Value::MIN_INT..=Value::MAX_INT).contains(&i));
        Value::immediate(INT_TAG | (i as u64 & INT_MASK))
    }

    /// A length or count as an integer.
    #[inline(always)]
    pub fn from_usize(n: usize) -> Value {
        Value::int_unchecked(n as i64)
    }

    /// A float.
    #[inline(always)]
    pub fn float(d: f64) -> Value {
        let bits = if d.is_nan() { 0x7ff8 << 48 } else { d.to_bits() };
        Value::immediate(bits.wrapping_add(FLOAT_OFFSET))
    }

    /// Whether this is a reference to a heap object.
    #[inline(always)]
    pub fn is_object(&self) -> bool {
        bits_are_object(self.bits())
    }

    /// Whether this is a small integer (not a `bool`, not a heap integer).
    #[inline(always)]
    pub fn is_small_int(&self) -> bool {
        self.bits() >= INT_TAG
    }

    /// The small integer.
    #[inline(always)]
    pub fn as_small_int(&self) -> Option<i64> {
        if self.is_small_int() { Some(self.small_int_unchecked()) } else { None }
    }

    /// The small integer of a word that is one.
    #[inline(always)]
    pub fn small_int_unchecked(&self) -> i64 {
        ((self.bits() << INT_SHIFT) as i64) >> INT_SHIFT
    }

    /// Both small integers.
    #[inline(always)]
    pub fn both_small(a: &Value, b: &Value) -> bool {
        a.bits() & b.bits() >= INT_TAG
    }

    /// Sum of two small integers, if it is small.
    #[inline(always)]
    pub fn add_small(a: &Value, b: &Value) -> Option<Value> {
        let sum = ((a.bits() << INT_SHIFT) as i64).checked_add((b.bits() << INT_SHIFT) as i64)?;
        Some(Value::immediate(INT_TAG | (sum as u64) >> INT_SHIFT))
    }

    /// Difference of two small integers, if it is small.
    #[inline(always)]
    pub fn sub_small(a: &Value, b: &Value) -> Option<Value> {
        let diff = ((a.bits() << INT_SHIFT) as i64).checked_sub((b.bits() << INT_SHIFT) as i64)?;
        Some(Value::immediate(INT_TAG | (diff as u64) >> INT_SHIFT))
    }

    /// Product of two small integers, if it is small.
    #[inline(always)]
    pub fn mul_small(a: &Value, b: &Value) -> Option<Value> {
        let product = ((a.bits() << INT_SHIFT) as i64).checked_mul(b.small_int_unchecked())?;
        Some(Value::immediate(INT_TAG | (product as u64) >> INT_SHIFT))
    }

    /// Whether this is an unboxed float (every exact `float` is).
    #[inline(always)]
    pub fn is_float(&self) -> bool {
        self.bits().wrapping_sub(FLOAT_OFFSET) < INT_TAG - FLOAT_OFFSET
    }

    /// The float.
    #[inline(always)]
    pub fn as_float(&self) -> Option<f64> {
        if self.is_float() { Some(f64::from_bits(self.bits().wrapping_sub(FLOAT_OFFSET))) } else { None }
    }

    /// The float of a word that is one.
    #[inline(always)]
    pub fn float_unchecked(&self) -> f64 {
        f64::from_bits(self.bits().wrapping_sub(FLOAT_OFFSET))
    }

    /// Whether this is `None`.
    #[inline(always)]
    pub fn is_none(&self) -> bool {
        self.bits() == NONE
    }

    /// Whether this is `True`.
    #[inline(always)]
    pub fn is_true(&self) -> bool {
        self.bits() == TRUE
    }

    /// Whether this is `False`.
    #[inline(always)]
    pub fn is_false(&self) -> bool {
        self.bits() == FALSE
    }

    /// The `bool`, if it is one.
    #[inline(always)]
    pub fn as_bool(&self) -> Option<bool> {
        match self.bits() {
            FALSE => Some(false),
            TRUE => Some(true),
            _ => None,
        }
    }

    /// Whether this is `NotImplemented`.
    #[inline(always)]
    pub fn is_not_implemented(&self) -> bool {
        self.bits() == NOT_IMPLEMENTED
    }

    /// Whether this is `...`.
    #[inline(always)]
    pub fn is_ellipsis(&self) -> bool {
        self.bits() == ELLIPSIS
    }

    /// Identity: the same object, or immediates of the same kind and bits.
    #[inline(always)]
    pub fn is(&self, other: &Value) -> bool {
        self.bits() == other.bits()
    }

    /// The object's header.
    #[inline(always)]
    pub fn header(&self) -> Option<&Header> {
        // SAFETY: an object word is the address of a live header, kept alive by the reference this value owns.
        if self.is_object() { Some(unsafe { &*(self.bits() as *const Header) }) } else { None }
    }

    /// The payload, if this is an object of that layout (the type or a subclass of it).
    #[inline(always)]
    pub fn downcast<T: Payload>(&self) -> Option<&T> {
        let header = self.header()?;
        if T::matches(header) {
            // SAFETY: the header says that the payload behind it has layout T.
            Some(unsafe { header.payload_unchecked::<T>() })
        } else {
            None
        }
    }

    /// Whether this is an object of layout `T` (the type or a subclass of it).
    #[inline(always)]
    pub fn is_a<T: Payload>(&self) -> bool {
        self.header().is_some_and(T::matches)
    }

    /// The payload of a value whose layout has been checked.
    ///
    /// # Safety
    /// The value is an object of layout `T`.
    #[inline(always)]
    pub unsafe fn downcast_unchecked<T: Payload>(&self) -> &T {
        debug_assert!(self.is_a::<T>());
        // SAFETY: the caller's promise.
        unsafe { (*(self.bits() as *const Header)).payload_unchecked::<T>() }
    }

    /// A new reference to a live object.
    ///
    /// # Safety
    /// `header` is the header of a live object of this interpreter or of the frozen image.
    #[inline(always)]
    pub unsafe fn from_header(header: &Header) -> Value {
        header.inc();
        // SAFETY: the address of an object is a value's word, and the reference was counted.
        unsafe { Value::from_bits(header as *const Header as u64) }
    }

    /// A new reference to the object whose payload this is.
    #[inline(always)]
    pub fn of<T: Payload>(payload: &T) -> Value {
        // SAFETY: payloads exist only behind their headers (`Payload` is unsafe to implement and objects are made by
        // the heap), and the borrow keeps the object alive.
        unsafe { Value::from_header(Header::of(payload)) }
    }

    /// The number of references to this object (`sys.getrefcount`'s view); immediates and immortals have none.
    pub fn ref_count(&self) -> Option<u32> {
        self.header().and_then(Header::ref_count)
    }
}

/// Whether a register's word is a reference to an object.
#[inline(always)]
pub(crate) fn bits_are_object(bits: u64) -> bool {
    bits.wrapping_sub(PTR_MIN) < PTR_END - PTR_MIN
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Value {
        if let Some(header) = self.header() {
            header.inc();
        }
        Value(self.0, PhantomData)
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(header) = self.header()
            && header.dec()
        {
            // SAFETY: the count reached zero: this was the last reference.
            unsafe { crate::heap::release(self.bits() as *mut Header) };
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.bits() {
            NONE => f.write_str("None"),
            FALSE => f.write_str("False"),
            TRUE => f.write_str("True"),
            NOT_IMPLEMENTED => f.write_str("NotImplemented"),
            ELLIPSIS => f.write_str("Ellipsis"),
            _ => match (self.as_small_int(), self.as_float(), self.header()) {
                (Some(i), ..) => write!(f, "{i}"),
                (_, Some(d), _) => write!(f, "{d}"),
                (_, _, Some(h)) => write!(f, "<{} object at {:#x}>", h.ty().name(), self.bits()),
                _ => write!(f, "<word {:#x}>", self.bits()),
            },
        }
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::bool(b)
    }
}

/// A borrowed reference to a type object: the class of a value, or a class as such.
pub type TypeRef<'a> = &'a TypeObj;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_round_trip(i in Value::MIN_INT..=Value::MAX_INT) {
            let v = Value::small_int(i).unwrap();
            prop_assert!(v.is_small_int() && !v.is_float() && !v.is_object());
            prop_assert_eq!(v.as_small_int(), Some(i));
        }

        #[test]
        fn floats_round_trip(bits in any::<u64>()) {
            let d = f64::from_bits(bits);
            let v = Value::float(d);
            prop_assert!(v.is_float() && !v.is_small_int() && !v.is_object());
            let back = v.as_float().unwrap();
            prop_assert!(back.to_bits() == d.to_bits() || (back.is_nan() && d.is_nan()));
        }

        #[test]
        fn arithmetic_agrees_with_i128(a in Value::MIN_INT..=Value::MAX_INT, b in Value::MIN_INT..=Value::MAX_INT) {
            let (va, vb) = (Value::small_int(a).unwrap(), Value::small_int(b).unwrap());
            let fits = |r: i128| i64::try_from(r).ok().and_then(Value::small_int).map(|v| v.bits());
            prop_assert_eq!(Value::add_small(&va, &vb).map(|v| v.bits()), fits(a as i128 + b as i128));
            prop_assert_eq!(Value::sub_small(&va, &vb).map(|v| v.bits()), fits(a as i128 - b as i128));
            prop_assert_eq!(Value::mul_small(&va, &vb).map(|v| v.bits()), fits(a as i128 * b as i128));
        }
    }

    #[test]
    fn immediates_are_neither() {
        for v in [Value::NONE, Value::TRUE, Value::FALSE, Value::NOT_IMPLEMENTED, Value::ELLIPSIS] {
            assert!(!v.is_object() && !v.is_float() && !v.is_small_int());
        }
        assert_eq!(Value::bool(true).as_bool(), Some(true));
        assert!(Value::small_int(Value::MAX_INT + 1).is_none() && Value::small_int(Value::MIN_INT - 1).is_none());
    }
}
