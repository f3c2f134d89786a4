//! [`Portable`]: the form of a value that crosses from one interpreter to another.
//!
//! It is `Send + Sync`, its parts are immutable and counted, and a clone copies no text and no bytes. It knows nothing
//! of Python objects: whoever owns objects converts them, there and back.
//!
//! Invariants: 16 bytes; a [`BigInt`] is never one that fits `i64`; tuples nest at most [`Tuple::MAX_DEPTH`] deep, so
//! that dropping one cannot exhaust the stack.

mod bigint;
mod bytes;
mod key;
mod opaque;
mod text;
mod tuple;

pub use bigint::BigInt;
pub use bytes::Bytes;
pub use key::{Key, Lookup, NotHashable};
pub use opaque::Opaque;
pub use text::Text;
pub use tuple::{TooDeep, Tuple};

use crate::buffer::BufferView;
use std::sync::Arc;

/// A value that may go to any thread and any interpreter.
#[derive(Clone, Debug, Default)]
pub enum Portable {
    /// `None`.
    #[default]
    None,
    /// `bool`.
    Bool(bool),
    /// An `int` of 64 bits.
    Int(i64),
    /// Any other `int`.
    BigInt(BigInt),
    /// `float`.
    Float(f64),
    /// `complex`: real part, imaginary part.
    Complex(Arc<(f64, f64)>),
    /// `str`.
    Str(Text),
    /// `bytes`.
    Bytes(Bytes),
    /// `tuple`.
    Tuple(Tuple),
    /// A view of shared memory.
    Buffer(Arc<BufferView>),
    /// A queue, by its id in the runtime's registry.
    QueueEnd(u64),
    /// One end of a channel, or both, by the channel's id in the runtime's registry.
    ChannelEnd(ChannelSide, u64),
    /// Shared code.
    Code(Opaque),
    /// The bytes of a pickle.
    Pickled(Bytes),
    /// Anything else that may be shared.
    Opaque(Opaque),
}

const _: () = assert!(size_of::<Portable>() == 16);

/// Which end of a channel a [`Portable::ChannelEnd`] is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChannelSide {
    /// The end that receives.
    Recv,
    /// The end that sends.
    Send,
    /// The channel's id, good for both.
    Both,
}

/// The same thing, not what Python calls equal: floats by their bits, buffers and opaque things by identity, and
/// `Int(1)` differs from `Bool(true)`. [`Key`] has Python's equality.
impl PartialEq for Portable {
    fn eq(&self, other: &Self) -> bool {
        use Portable as P;
        match (self, other) {
            (P::None, P::None) => true,
            (P::Bool(a), P::Bool(b)) => a == b,
            (P::Int(a), P::Int(b)) => a == b,
            (P::BigInt(a), P::BigInt(b)) => a == b,
            (P::Float(a), P::Float(b)) => a.to_bits() == b.to_bits(),
            (P::Complex(a), P::Complex(b)) => (a.0.to_bits(), a.1.to_bits()) == (b.0.to_bits(), b.1.to_bits()),
            (P::Str(a), P::Str(b)) => a == b,
            (P::Bytes(a), P::Bytes(b)) | (P::Pickled(a), P::Pickled(b)) => a == b,
            (P::Tuple(a), P::Tuple(b)) => a[..] == b[..],
            (P::Buffer(a), P::Buffer(b)) => Arc::ptr_eq(a, b),
            (P::QueueEnd(a), P::QueueEnd(b)) => a == b,
            (P::ChannelEnd(a_side, a), P::ChannelEnd(b_side, b)) => (a_side, a) == (b_side, b),
            (P::Code(a), P::Code(b)) | (P::Opaque(a), P::Opaque(b)) => a.is(b),
            _ => false,
        }
    }
}

impl Eq for Portable {}

macro_rules! from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Portable {
            fn from(value: $from) -> Self {
                Portable::$variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Bool, i64 => Int, i32 => Int, f64 => Float, BigInt => BigInt, Text => Str, &str => Str, Bytes => Bytes,
    &[u8] => Bytes, Tuple => Tuple, Arc<BufferView> => Buffer,
}

impl From<()> for Portable {
    fn from((): ()) -> Self {
        Portable::None
    }
}
