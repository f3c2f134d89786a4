//! The writing half.

use super::{MAGIC, SUM, VERSION, reseal, tag};
use crate::code::Code;
use crate::constant::Const;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    texts: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u64>,
}

/// The serialised form of a code object.
pub fn to_bytes(code: &Code) -> Vec<u8> {
    let mut w = Writer::default();
    w.code(code);
    let mut head = Writer::default();
    head.out.extend_from_slice(&MAGIC);
    head.out.extend_from_slice(&VERSION.to_le_bytes());
    head.out.extend_from_slice(&[0; SUM.end - SUM.start]);
    head.number(w.texts.len() as u64);
    for text in &w.texts {
        head.bytes(text.as_bytes());
    }
    head.out.extend_from_slice(&w.out);
    reseal(&mut head.out);
    head.out
}

impl Writer {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &Arc<str>) {
        let next = self.texts.len() as u64;
        let i = *self.index.entry(text.clone()).or_insert(next);
        if i == next {
            self.texts.push(text.clone());
        }
        self.number(i);
    }

    fn texts(&mut self, texts: &[Arc<str>]) {
        self.number(texts.len() as u64);
        texts.iter().for_each(|t| self.text(t));
    }

    fn code(&mut self, code: &Code) {
        self.text(&code.name);
        self.text(&code.qualname);
        self.text(&code.filename);
        let numbers = [
            u64::from(code.first_line),
            u64::from(code.flags.bits()),
            u64::from(code.n_args),
            u64::from(code.n_posonly),
            u64::from(code.n_kwonly),
            u64::from(code.n_regs),
        ];
        numbers.into_iter().for_each(|n| self.number(n));
        self.texts(&code.local_names);
        self.number(code.cellvars.len() as u64);
        for cell in &code.cellvars {
            self.text(&cell.name);
            self.number(u64::from(cell.reg));
        }
        self.texts(&code.freevars);
        self.texts(&code.names);
        self.number(code.consts.len() as u64);
        code.consts.iter().for_each(|c| self.constant(c));
        self.number(code.instrs.len() as u64);
        for i in &code.instrs {
            self.out.extend_from_slice(&[i.op as u8, i.x]);
            for field in [i.a, i.b, i.c] {
                self.out.extend_from_slice(&field.to_le_bytes());
            }
        }
        self.number(code.sites.len() as u64);
        code.sites.iter().for_each(|s| self.number(u64::from(*s)));
        self.number(code.handlers.len() as u64);
        for e in &code.handlers {
            [e.start, e.end, e.handler, u32::from(e.depth)].into_iter().for_each(|n| self.number(u64::from(n)));
        }
        self.locations(code);
    }

    /// Positions as differences: most runs begin near where the one before them did.
    fn locations(&mut self, code: &Code) {
        let runs = code.locations.runs();
        self.number(runs.len() as u64);
        let (mut pc, mut line) = (0, 0);
        for (start, loc) in runs {
            self.number(u64::from(start - pc));
            let delta = i64::from(loc.line) - i64::from(line);
            self.number(zigzag(delta));
            self.number(zigzag(i64::from(loc.end_line) - i64::from(loc.line)));
            self.number(u64::from(loc.col));
            self.number(u64::from(loc.end_col));
            (pc, line) = (*start, loc.line);
        }
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.out.push(tag);
        self.bytes(bytes);
    }

    fn list(&mut self, tag: u8, items: &[Const]) {
        self.out.push(tag);
        self.number(items.len() as u64);
        items.iter().for_each(|c| self.constant(c));
    }

    fn constant(&mut self, value: &Const) {
        match value {
            Const::None => self.out.push(tag::NONE),
            Const::Bool(false) => self.out.push(tag::FALSE),
            Const::Bool(true) => self.out.push(tag::TRUE),
            Const::Ellipsis => self.out.push(tag::ELLIPSIS),
            Const::Int(i) => {
                self.out.push(tag::INT);
                self.number(zigzag(*i));
            }
            Const::BigInt { negative: false, magnitude } => self.tagged(tag::BIG, magnitude),
            Const::BigInt { negative: true, magnitude } => self.tagged(tag::BIG_NEGATIVE, magnitude),
            Const::Float(f) => {
                self.out.push(tag::FLOAT);
                self.out.extend_from_slice(&f.get().to_bits().to_le_bytes());
            }
            Const::Complex(re, im) => {
                self.out.push(tag::COMPLEX);
                self.out.extend_from_slice(&re.get().to_bits().to_le_bytes());
                self.out.extend_from_slice(&im.get().to_bits().to_le_bytes());
            }
            Const::Str(s) => self.tagged(tag::STR, s),
            Const::Bytes(s) => self.tagged(tag::BYTES, s),
            Const::Tuple(t) => self.list(tag::TUPLE, t),
            Const::FrozenSet(t) => self.list(tag::FROZENSET, t),
            Const::Slice(t) => {
                self.out.push(tag::SLICE);
                t.iter().for_each(|c| self.constant(c));
            }
            Const::Code(code) => {
                self.out.push(tag::CODE);
                self.code(code);
            }
        }
    }
}

/// Small magnitudes of either sign to small numbers.
fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}
