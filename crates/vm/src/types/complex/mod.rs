//! `complex`: a pair of doubles.
//!
//! Rooms: this file has the payload; [`arith`] the operators; [`text`] `repr` and `complex("...")`; [`methods`] what
//! Python sees.
#![expect(unsafe_code, reason = "the payload of complex numbers")]

pub mod arith;
pub mod methods;
pub mod text;

pub use methods::TYPE;

use crate::object::{Kind, Payload};
use crate::value::Value;
use crate::vm::Vm;

/// A complex number.
pub struct Complex {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Complex {
    const KIND: Kind = Kind::Complex;
}

/// Real and imaginary part.
pub type Pair = (f64, f64);

impl Vm {
    /// A complex number.
    pub fn complex(&self, re: f64, im: f64) -> Value {
        self.alloc(self.types().complex, Complex { re, im })
    }

    pub(crate) fn complex_pair(&self, c: Pair) -> Value {
        self.complex(c.0, c.1)
    }
}

/// The parts of a complex number.
pub fn as_pair(value: &Value) -> Option<Pair> {
    value.downcast::<Complex>().map(|c| (c.re, c.im))
}

/// The receiver of a slot, which the slot's type guarantees to be a complex number.
#[track_caller]
pub(crate) fn this(value: &Value) -> Pair {
    as_pair(value).expect("the slot belongs to complex")
}
