//! The reading half.

use super::{DecodeError, MAGIC, MAX_DEPTH, SUM, VERSION, sum, tag};
use crate::code::{CellVar, Code, CodeFlags};
use crate::constant::{Bits, Const};
use crate::instr::Instr;
use crate::location::{ExcEntry, Location, LocationTable};
use crate::ops::Op;
use crate::verify::verify;
use std::sync::Arc;

type Result<T> = std::result::Result<T, DecodeError>;

struct Reader<'a> {
    rest: &'a [u8],
    texts: Vec<Arc<str>>,
}

/// Reads a code object and verifies it.
///
/// # Errors
///
/// If the bytes are no well-formed code object of this version.
pub fn from_bytes(bytes: &[u8]) -> Result<Arc<Code>> {
    if let Some(rest) = bytes.get(SUM.end..)
        && bytes[SUM] != sum(rest).to_le_bytes()
        && bytes.starts_with(&MAGIC)
    {
        return Err(if bytes[4..6] == VERSION.to_le_bytes() { DecodeError::Damaged } else { DecodeError::BadMagic });
    }
    let code = from_trusted_bytes(bytes)?;
    verify(&code).map_err(DecodeError::Refused)?;
    Ok(code)
}

/// Reads a code object that this build wrote itself (the embedded library): the instructions are not verified.
///
/// # Errors
///
/// If the bytes do not have the form of a code object of this version.
pub fn from_trusted_bytes(bytes: &[u8]) -> Result<Arc<Code>> {
    let mut r = Reader { rest: bytes, texts: Vec::new() };
    if r.take(4)? != MAGIC || r.take(2)? != VERSION.to_le_bytes() {
        return Err(DecodeError::BadMagic);
    }
    r.take(SUM.len())?;
    let n = r.count(1)?;
    for _ in 0..n {
        let len = r.count(1)?;
        let text = std::str::from_utf8(r.take(len)?).map_err(|_| DecodeError::Malformed("a name is no UTF-8"))?;
        r.texts.push(text.into());
    }
    let code = r.code(0)?;
    if !r.rest.is_empty() {
        return Err(DecodeError::Malformed("bytes behind the end"));
    }
    Ok(Arc::new(code))
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(n).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn number(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::Malformed("a number is too long"))
    }

    fn small<T: TryFrom<u64>>(&mut self) -> Result<T> {
        T::try_from(self.number()?).map_err(|_| DecodeError::Malformed("a number is too large"))
    }

    /// A count of things of at least `size` bytes each, all of which the input must still hold.
    fn count(&mut self, size: usize) -> Result<usize> {
        let n: usize = self.small()?;
        match n.checked_mul(size) {
            Some(bytes) if bytes <= self.rest.len() => Ok(n),
            _ => Err(DecodeError::Truncated),
        }
    }

    fn signed(&mut self) -> Result<i64> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn text(&mut self) -> Result<Arc<str>> {
        let i: usize = self.small()?;
        self.texts.get(i).cloned().ok_or(DecodeError::Malformed("a text is missing"))
    }

    fn list<T>(&mut self, size: usize, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Box<[T]>> {
        let n = self.count(size)?;
        (0..n).map(|_| item(self)).collect()
    }

    fn code(&mut self, depth: u32) -> Result<Code> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::Malformed("nested too deeply"));
        }
        let (name, qualname, filename) = (self.text()?, self.text()?, self.text()?);
        let first_line = self.small()?;
        let flags = CodeFlags::from_bits(self.small()?).ok_or(DecodeError::Malformed("unknown flags"))?;
        let (n_args, n_posonly, n_kwonly, n_regs) = (self.small()?, self.small()?, self.small()?, self.small()?);
        let local_names = self.list(1, Self::text)?;
        let n_locals = u16::try_from(local_names.len()).map_err(|_| DecodeError::Malformed("too many locals"))?;
        Ok(Code {
            name,
            qualname,
            filename,
            first_line,
            flags,
            n_args,
            n_posonly,
            n_kwonly,
            n_locals,
            n_regs,
            local_names,
            cellvars: self.list(2, |r| Ok(CellVar { name: r.text()?, reg: r.small()? }))?,
            freevars: self.list(1, Self::text)?,
            names: self.list(1, Self::text)?,
            consts: self.list(1, |r| r.constant(depth + 1))?,
            instrs: self.list(8, Self::instr)?,
            sites: self.list(1, Self::small)?,
            handlers: self.list(4, |r| {
                Ok(ExcEntry { start: r.small()?, end: r.small()?, handler: r.small()?, depth: r.small()? })
            })?,
            locations: self.locations()?,
        })
    }

    fn instr(&mut self) -> Result<Instr> {
        let [op, x, a0, a1, b0, b1, c0, c1] = self.array()?;
        let op = Op::from_u8(op).ok_or(DecodeError::Malformed("unknown operation"))?;
        let field = |lo, hi| u16::from_le_bytes([lo, hi]);
        Ok(Instr::new(op, x, field(a0, a1), field(b0, b1), field(c0, c1)))
    }

    fn locations(&mut self) -> Result<LocationTable> {
        let bad = || DecodeError::Malformed("a position is out of range");
        let (mut pc, mut line) = (0u32, 0i64);
        let runs = self.list(5, |r| {
            pc = pc.checked_add(r.small()?).ok_or_else(bad)?;
            line = line.checked_add(r.signed()?).ok_or_else(bad)?;
            let end = line.checked_add(r.signed()?).ok_or_else(bad)?;
            let loc = Location {
                line: u32::try_from(line).map_err(|_| bad())?,
                end_line: u32::try_from(end).map_err(|_| bad())?,
                col: r.small()?,
                end_col: r.small()?,
            };
            Ok((pc, loc))
        })?;
        Ok(LocationTable::from_runs(runs.into_vec()))
    }

    fn blob(&mut self) -> Result<Arc<[u8]>> {
        let n = self.count(1)?;
        Ok(self.take(n)?.into())
    }

    fn float(&mut self) -> Result<Bits> {
        Ok(Bits::new(f64::from_bits(u64::from_le_bytes(self.array()?))))
    }

    fn constant(&mut self, depth: u32) -> Result<Const> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::Malformed("nested too deeply"));
        }
        Ok(match self.byte()? {
            tag::NONE => Const::None,
            tag::FALSE => Const::Bool(false),
            tag::TRUE => Const::Bool(true),
            tag::ELLIPSIS => Const::Ellipsis,
            tag::INT => Const::Int(self.signed()?),
            tag::BIG => Const::BigInt { negative: false, magnitude: self.blob()? },
            tag::BIG_NEGATIVE => Const::BigInt { negative: true, magnitude: self.blob()? },
            tag::FLOAT => Const::Float(self.float()?),
            tag::COMPLEX => Const::Complex(self.float()?, self.float()?),
            tag::STR => {
                let text = self.blob()?;
                if !is_wtf8(&text) {
                    return Err(DecodeError::Malformed("a string is no WTF-8"));
                }
                Const::Str(text)
            }
            tag::BYTES => Const::Bytes(self.blob()?),
            tag::TUPLE => Const::Tuple(self.list(1, |r| r.constant(depth + 1))?.into()),
            tag::FROZENSET => Const::FrozenSet(self.list(1, |r| r.constant(depth + 1))?.into()),
            tag::SLICE => {
                let mut part = || self.constant(depth + 1);
                Const::Slice(Arc::new([part()?, part()?, part()?]))
            }
            tag::CODE => Const::Code(Arc::new(self.code(depth + 1)?)),
            _ => return Err(DecodeError::Malformed("unknown constant")),
        })
    }
}

/// Whether bytes are UTF-8 but for surrogates in their three-byte form.
fn is_wtf8(mut bytes: &[u8]) -> bool {
    loop {
        match std::str::from_utf8(bytes) {
            Ok(_) => return true,
            Err(e) => match bytes[e.valid_up_to()..] {
                [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => bytes = &bytes[e.valid_up_to() + 3..],
                _ => return false,
            },
        }
    }
}
