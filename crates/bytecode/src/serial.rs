//! Code objects as bytes: for the embedded library, `marshal` and cached files.
//!
//! The form: magic, version, a sum over the rest, a table of texts, then the code object with everything nested in it. Numbers
//! are LEB128, instructions are eight bytes each.
//!
//! Invariant: [`from_bytes`] answers damaged bytes with an error, by the sum, and hostile ones, whose sum is right, too. It never panics, allocates no more than a small multiple
//! of the input, and gives only code that the verifier accepts.

mod read;
mod write;

pub use read::{from_bytes, from_trusted_bytes};
pub use write::to_bytes;

use crate::ops::OPS;
use std::fmt;

/// The first bytes of a serialised code object.
pub const MAGIC: [u8; 4] = *b"Srp\n";

/// The version of the form and of the instruction set; bytes of another version are refused.
pub const VERSION: u16 = 2;

/// The magic number of compiled files: what stands for this version of the form and this instruction set, so that files of
/// another are not looked into, then CR LF as in CPython's. No version of CPython has a number above 0x8000.
pub const PYC_MAGIC: u32 = 0x0A0D_8000 | fingerprint() & 0x7FFF;

/// A number made of the version, the release and the table of instructions.
const fn fingerprint() -> u32 {
    const fn add(hash: u32, byte: u8) -> u32 {
        (hash ^ byte as u32).wrapping_mul(0x0100_0193)
    }
    const fn add_all(mut hash: u32, bytes: &[u8]) -> u32 {
        let mut i = 0;
        while i < bytes.len() {
            hash = add(hash, bytes[i]);
            i += 1;
        }
        add(hash, 0)
    }
    let mut hash = add_all(0x811C_9DC5, env!("CARGO_PKG_VERSION").as_bytes());
    hash = add_all(hash, &VERSION.to_le_bytes());
    let mut i = 0;
    while i < OPS.len() {
        hash = add_all(hash, OPS[i].name.as_bytes());
        let mut k = 0;
        while k < OPS[i].operands.len() {
            hash = add(hash, OPS[i].operands[k] as u8);
            k += 1;
        }
        i += 1;
    }
    hash ^ hash >> 15
}

/// Code objects and constants nested more deeply are refused.
const MAX_DEPTH: u32 = 128;

/// Where the sum lies, and where begins what it is of.
const SUM: std::ops::Range<usize> = 6..14;

/// Sixty-four bits that a change of the bytes changes.
fn sum(bytes: &[u8]) -> u64 {
    let mut sum = 0x9E37_79B9_7F4A_7C15 ^ bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        sum = (sum ^ u64::from_le_bytes(word)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        sum ^= sum >> 32;
    }
    sum
}

/// Sets the sum of bytes that were changed on purpose: for tests of what else protects from them.
pub fn reseal(bytes: &mut [u8]) {
    if let Some(rest) = bytes.get(SUM.end..) {
        let sum = sum(rest);
        bytes[SUM].copy_from_slice(&sum.to_le_bytes());
    }
}

/// Why bytes are no code object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// They end too early.
    Truncated,
    /// They do not begin with the magic, or are of another version.
    BadMagic,
    /// They were changed since they were written.
    Damaged,
    /// They say something impossible.
    Malformed(&'static str),
    /// The verifier refuses the code.
    Refused(crate::verify::VerifyError),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Truncated => f.write_str("the bytes end too early"),
            DecodeError::BadMagic => f.write_str("no code object of this version"),
            DecodeError::Damaged => f.write_str("the bytes are damaged"),
            DecodeError::Malformed(what) => write!(f, "malformed code object: {what}"),
            DecodeError::Refused(e) => write!(f, "malformed code object: {e}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Tags of constants.
mod tag {
    pub const NONE: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const ELLIPSIS: u8 = 3;
    pub const INT: u8 = 4;
    pub const BIG: u8 = 5;
    pub const BIG_NEGATIVE: u8 = 6;
    pub const FLOAT: u8 = 7;
    pub const COMPLEX: u8 = 8;
    pub const STR: u8 = 9;
    pub const BYTES: u8 = 10;
    pub const TUPLE: u8 = 11;
    pub const FROZENSET: u8 = 12;
    pub const SLICE: u8 = 13;
    pub const CODE: u8 = 14;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constant::{Bits, Const};
    use crate::{Code, CodeFlags, Instr, LocationTable, Op};

    fn sample() -> Code {
        let consts = vec![
            Const::None,
            Const::Bool(true),
            Const::Int(-5),
            Const::BigInt { negative: true, magnitude: vec![1, 2, 3, 4, 5, 6, 7, 8, 9].into() },
            Const::Float(Bits::new(-0.0)),
            Const::Complex(Bits::new(1.5), Bits::new(f64::INFINITY)),
            Const::Str(vec![0xED, 0xA0, 0x80].into()),
            Const::Tuple(vec![Const::Ellipsis, Const::str("x")].into()),
            Const::Slice([Const::None, Const::Int(1), Const::Int(i64::MIN)].into()),
        ];
        Code {
            name: "f".into(),
            qualname: "C.f".into(),
            filename: "x.py".into(),
            first_line: 3,
            flags: CodeFlags::OPTIMIZED,
            n_args: 1,
            n_posonly: 0,
            n_kwonly: 0,
            n_locals: 1,
            n_regs: 2,
            local_names: vec!["a".into()].into(),
            cellvars: Box::new([]),
            freevars: Box::new([]),
            names: vec!["n".into()].into(),
            consts: consts.into(),
            instrs: vec![Instr::new(Op::Return, 0, 0, 1, 0)].into(),
            sites: Box::new([]),
            handlers: Box::new([]),
            locations: LocationTable::default(),
        }
    }

    #[test]
    fn round_trip() {
        let code = sample();
        assert_eq!(from_bytes(&to_bytes(&code)).as_deref(), Ok(&code));
    }

    #[test]
    fn every_prefix_is_refused() {
        let bytes = to_bytes(&sample());
        for n in 0..bytes.len() {
            assert!(from_bytes(&bytes[..n]).is_err(), "{n}");
        }
    }

    #[test]
    fn every_flipped_byte_is_survived() {
        let bytes = to_bytes(&sample());
        for i in 0..bytes.len() {
            for value in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut changed = bytes.clone();
                changed[i] = value;
                assert!(changed == bytes || from_bytes(&changed).is_err(), "{i}");
                reseal(&mut changed);
                let _ = from_bytes(&changed);
            }
        }
    }
}
