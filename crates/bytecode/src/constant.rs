//! The constants of a code object, free of any interpreter.

use crate::code::Code;
use std::sync::Arc;

/// A constant. Each interpreter realises it once a code object, as a value of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// `...`.
    Ellipsis,
    /// An integer that fits.
    Int(i64),
    /// A larger integer: sign and little-endian magnitude.
    BigInt {
        /// Whether it is below zero.
        negative: bool,
        /// Magnitude, least significant byte first.
        magnitude: Arc<[u8]>,
    },
    /// A float, compared by bits.
    Float(Bits),
    /// A complex number: real and imaginary part.
    Complex(Bits, Bits),
    /// Text as WTF-8: UTF-8 in which lone surrogates may stand as their three-byte form.
    Str(Arc<[u8]>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// A tuple.
    Tuple(Arc<[Const]>),
    /// A frozenset (the target of `in {...}`).
    FrozenSet(Arc<[Const]>),
    /// A slice of constants.
    Slice(Arc<[Const; 3]>),
    /// Another code object.
    Code(Arc<Code>),
}

/// A float that compares by its bits, so that `0.0` and `-0.0` are two constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bits(u64);

impl Bits {
    /// Wraps a float.
    pub fn new(value: f64) -> Bits {
        Bits(value.to_bits())
    }

    /// The float.
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl Const {
    /// Text that holds no surrogates.
    pub fn str(text: &str) -> Const {
        Const::Str(text.as_bytes().into())
    }
}
