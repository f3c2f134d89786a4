//! The serialised form of code objects: for the embedded library, `marshal` and caches on disk.
//!
//! Little-endian, lengths as LEB128. The bytes of an untrusted source give an error, never a panic: every length is
//! checked against what is left, and nesting is limited.

use crate::code::{CellVar, Code, CodeFlags};
use crate::constant::{Bits, Const};
use crate::instr::Instr;
use crate::location::{ExcEntry, Location, LocationTable};
use crate::ops::Op;
use std::collections::HashMap;
use std::sync::Arc;

/// Starts every serialised code object; the last byte is the version of the format and the instruction set.
pub const MAGIC: [u8; 4] = *b"SPC\x01";

/// Nesting of constants and code objects.
const MAX_DEPTH: u32 = 200;

/// Why bytes are no code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// The first bytes are others.
    Magic,
    /// The bytes end too early, or a length is larger than what is left.
    Truncated,
    /// A tag, flag, operation or text is none.
    Invalid,
    /// Constants are nested too deeply.
    TooDeep,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DecodeError::Magic => "bad magic number",
            DecodeError::Truncated => "truncated code",
            DecodeError::Invalid => "invalid code",
            DecodeError::TooDeep => "code nested too deeply",
        })
    }
}

impl std::error::Error for DecodeError {}

/// Serialises a code object.
pub fn to_bytes(code: &Code) -> Vec<u8> {
    let mut w = Writer { out: MAGIC.to_vec(), texts: HashMap::new() };
    w.code(code);
    w.out
}

/// Reads a code object. The result is not verified yet.
///
/// # Errors
/// Bytes that are no serialised code object.
pub fn from_bytes(bytes: &[u8]) -> Result<Code, DecodeError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(DecodeError::Magic)?;
    let mut r = Reader { rest, texts: Vec::new() };
    let code = r.code(0)?;
    if r.rest.is_empty() { Ok(code) } else { Err(DecodeError::Invalid) }
}

struct Writer {
    out: Vec<u8>,
    /// Texts written so far and their numbers, so that each is written once.
    texts: HashMap<Arc<str>, usize>,
}

impl Writer {
    fn n(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.out.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.out.push(n as u8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.n(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &Arc<str>) {
        if let Some(i) = self.texts.get(text) {
            let i = *i as u64;
            self.n(i + 1);
            return;
        }
        self.texts.insert(text.clone(), self.texts.len());
        self.n(0);
        self.bytes(text.as_bytes());
    }

    fn texts(&mut self, texts: &[Arc<str>]) {
        self.n(texts.len() as u64);
        texts.iter().for_each(|t| self.text(t));
    }

    fn code(&mut self, c: &Code) {
        for t in [&c.name, &c.qualname, &c.filename] {
            self.text(t);
        }
        self.n(c.first_line.into());
        self.n(c.flags.bits().into());
        for n in [c.n_args, c.n_posonly, c.n_kwonly, c.n_locals, c.n_regs] {
            self.n(n.into());
        }
        self.texts(&c.local_names);
        self.n(c.cellvars.len() as u64);
        for v in &c.cellvars {
            self.text(&v.name);
            self.n(v.reg.into());
        }
        self.texts(&c.freevars);
        self.texts(&c.names);
        self.n(c.consts.len() as u64);
        c.consts.iter().for_each(|k| self.constant(k));
        self.n(c.instrs.len() as u64);
        for i in &c.instrs {
            self.out.extend_from_slice(&[i.op as u8, i.x]);
            for half in [i.a, i.b, i.c] {
                self.out.extend_from_slice(&half.to_le_bytes());
            }
        }
        self.n(c.sites.len() as u64);
        c.sites.iter().for_each(|s| self.n(u64::from(*s)));
        self.n(c.handlers.len() as u64);
        for h in &c.handlers {
            for n in [h.start, h.end, h.handler, h.depth.into()] {
                self.n(n.into());
            }
        }
        self.n(c.locations.runs().len() as u64);
        let (mut pc, mut line) = (0, 0);
        for (start, l) in c.locations.runs() {
            self.n((start - pc).into());
            pc = *start;
            let delta = i64::from(l.line) - i64::from(line);
            line = l.line;
            self.n(((delta << 1) ^ (delta >> 63)) as u64);
            self.n(l.end_line.wrapping_sub(l.line).into());
            self.n(l.col.into());
            self.n(l.end_col.into());
        }
    }

    fn constant(&mut self, k: &Const) {
        let tag = match k {
            Const::None => 0,
            Const::Bool(false) => 1,
            Const::Bool(true) => 2,
            Const::Ellipsis => 3,
            Const::Int(_) => 4,
            Const::BigInt { negative: false, .. } => 5,
            Const::BigInt { negative: true, .. } => 6,
            Const::Float(_) => 7,
            Const::Complex(..) => 8,
            Const::Str(_) => 9,
            Const::Bytes(_) => 10,
            Const::Tuple(_) => 11,
            Const::FrozenSet(_) => 12,
            Const::Slice(_) => 13,
            Const::Code(_) => 14,
        };
        self.out.push(tag);
        match k {
            Const::None | Const::Bool(_) | Const::Ellipsis => {}
            Const::Int(i) => self.n(((i << 1) ^ (i >> 63)) as u64),
            Const::BigInt { magnitude, .. } => self.bytes(magnitude),
            Const::Float(d) => self.out.extend_from_slice(&d.get().to_bits().to_le_bytes()),
            Const::Complex(re, im) => {
                self.out.extend_from_slice(&re.get().to_bits().to_le_bytes());
                self.out.extend_from_slice(&im.get().to_bits().to_le_bytes());
            }
            Const::Str(b) | Const::Bytes(b) => self.bytes(b),
            Const::Tuple(items) | Const::FrozenSet(items) => {
                self.n(items.len() as u64);
                items.iter().for_each(|i| self.constant(i));
            }
            Const::Slice(parts) => parts.iter().for_each(|i| self.constant(i)),
            Const::Code(c) => self.code(c),
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    texts: Vec<Arc<str>>,
}

type Decoded<T> = Result<T, DecodeError>;

impl Reader<'_> {
    fn byte(&mut self) -> Decoded<u8> {
        let (first, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    fn n(&mut self) -> Decoded<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let b = self.byte()?;
            n |= u64::from(b & 0x7f) << shift;
            if b & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err(DecodeError::Invalid)
    }

    fn small<T: TryFrom<u64>>(&mut self) -> Decoded<T> {
        T::try_from(self.n()?).map_err(|_| DecodeError::Invalid)
    }

    /// A number of things of at least one byte each.
    fn count(&mut self) -> Decoded<usize> {
        let n: usize = self.small()?;
        if n > self.rest.len() { Err(DecodeError::Truncated) } else { Ok(n) }
    }

    fn take(&mut self, n: usize) -> Decoded<&[u8]> {
        if n > self.rest.len() {
            return Err(DecodeError::Truncated);
        }
        let (taken, rest) = self.rest.split_at(n);
        self.rest = rest;
        Ok(taken)
    }

    fn bytes(&mut self) -> Decoded<&[u8]> {
        let n = self.count()?;
        self.take(n)
    }

    fn array<const N: usize>(&mut self) -> Decoded<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn float(&mut self) -> Decoded<Bits> {
        Ok(Bits::new(f64::from_bits(u64::from_le_bytes(self.array()?))))
    }

    fn half(&mut self) -> Decoded<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Decoded<Arc<str>> {
        let i: usize = self.small()?;
        if i > 0 {
            return self.texts.get(i - 1).cloned().ok_or(DecodeError::Invalid);
        }
        let text: Arc<str> = std::str::from_utf8(self.bytes()?).map_err(|_| DecodeError::Invalid)?.into();
        self.texts.push(text.clone());
        Ok(text)
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Decoded<T>) -> Decoded<Box<[T]>> {
        let n = self.count()?;
        (0..n).map(|_| item(self)).collect()
    }

    fn code(&mut self, depth: u32) -> Decoded<Code> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::TooDeep);
        }
        let (name, qualname, filename) = (self.text()?, self.text()?, self.text()?);
        let first_line = self.small()?;
        let flags = CodeFlags::from_bits_retain(self.small()?);
        let (n_args, n_posonly, n_kwonly) = (self.small()?, self.small()?, self.small()?);
        let (n_locals, n_regs) = (self.small()?, self.small()?);
        let local_names = self.list(Self::text)?;
        let cellvars = self.list(|r| Ok(CellVar { name: r.text()?, reg: r.small()? }))?;
        let freevars = self.list(Self::text)?;
        let names = self.list(Self::text)?;
        let consts = self.list(|r| r.constant(depth + 1))?;
        let instrs = self.list(|r| {
            let op = Op::from_u8(r.byte()?).ok_or(DecodeError::Invalid)?;
            let x = r.byte()?;
            Ok(Instr::new(op, x, r.half()?, r.half()?, r.half()?))
        })?;
        let sites = self.list(Self::small)?;
        let handlers = self.list(|r| {
            Ok(ExcEntry { start: r.small()?, end: r.small()?, handler: r.small()?, depth: r.small()? })
        })?;
        let (mut pc, mut line) = (0u32, 0i64);
        let runs = self.list(|r| {
            pc = pc.checked_add(r.small()?).ok_or(DecodeError::Invalid)?;
            let z = r.n()?;
            line = line.wrapping_add((z >> 1) as i64 ^ -((z & 1) as i64));
            let line = u32::try_from(line).map_err(|_| DecodeError::Invalid)?;
            let end_line = line.wrapping_add(r.small()?);
            Ok((pc, Location { line, end_line, col: r.small()?, end_col: r.small()? }))
        })?;
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
            cellvars,
            freevars,
            names,
            consts,
            instrs,
            sites,
            handlers,
            locations: LocationTable::from_runs(runs.into_vec()),
        })
    }

    fn constant(&mut self, depth: u32) -> Decoded<Const> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::TooDeep);
        }
        Ok(match self.byte()? {
            0 => Const::None,
            1 => Const::Bool(false),
            2 => Const::Bool(true),
            3 => Const::Ellipsis,
            4 => {
                let z = self.n()?;
                Const::Int((z >> 1) as i64 ^ -((z & 1) as i64))
            }
            tag @ (5 | 6) => Const::BigInt { negative: tag == 6, magnitude: self.bytes()?.into() },
            7 => Const::Float(self.float()?),
            8 => Const::Complex(self.float()?, self.float()?),
            9 => Const::Str(self.bytes()?.into()),
            10 => Const::Bytes(self.bytes()?.into()),
            11 => Const::Tuple(self.list(|r| r.constant(depth + 1))?.into()),
            12 => Const::FrozenSet(self.list(|r| r.constant(depth + 1))?.into()),
            13 => {
                let parts = [self.constant(depth + 1)?, self.constant(depth + 1)?, self.constant(depth + 1)?];
                Const::Slice(Arc::new(parts))
            }
            14 => Const::Code(Arc::new(self.code(depth + 1)?)),
            _ => return Err(DecodeError::Invalid),
        })
    }
}
