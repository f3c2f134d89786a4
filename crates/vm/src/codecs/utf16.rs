//! UTF-16 and UTF-32, in either byte order, with or without a mark.

use super::errors::{Decoding, Encoding, Replacement};
use crate::error::PyResult;
use crate::types::str::{CodePoints, Str, push_char};
use crate::value::Value;
use crate::vm::Vm;

/// The order of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    /// The machine's own.
    pub const NATIVE: Order = if cfg!(target_endian = "little") { Order::Little } else { Order::Big };
}

/// The name of the codec in errors.
pub fn name16(order: Option<Order>) -> &'static str {
    match order {
        None => "utf-16",
        Some(Order::Little) => "utf-16-le",
        Some(Order::Big) => "utf-16-be",
    }
}

/// The name of the codec in errors.
pub fn name32(order: Option<Order>) -> &'static str {
    match order {
        None => "utf-32",
        Some(Order::Little) => "utf-32-le",
        Some(Order::Big) => "utf-32-be",
    }
}

/// What a decoder gives: the text as WTF-8, the bytes consumed, and the order found.
pub type Decoded = ((Vec<u8>, usize), Option<Order>);

/// Decodes UTF-16. Without an `order` a mark decides, or the machine's own order holds. If not `whole`, an unfinished
/// character at the end stays.
pub fn decode16(mut d: Decoding<'_>, order: Option<Order>, whole: bool) -> PyResult<Decoded> {
    let mut at = 0;
    let mut found = order;
    if order.is_none() {
        match d.input() {
            [0xff, 0xfe, ..] => found = Some(Order::Little),
            [0xfe, 0xff, ..] => found = Some(Order::Big),
            _ => {}
        }
        at = if found.is_some() { 2 } else { 0 };
    }
    let order = found.unwrap_or(Order::NATIVE);
    let unit = |b: &[u8], at: usize| -> Option<u32> {
        let pair = [*b.get(at)?, *b.get(at + 1)?];
        Some(if order == Order::Little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) } as u32)
    };
    loop {
        let n = d.input().len();
        if at >= n {
            break;
        }
        let Some(first) = unit(d.input(), at) else {
            if !whole {
                break;
            }
            at = d.error(at, n, "truncated data")?;
            continue;
        };
        match first {
            0xd800..0xdc00 => match unit(d.input(), at + 2) {
                Some(second @ 0xdc00..0xe000) => {
                    push_char(&mut d.out, 0x10000 + ((first - 0xd800) << 10 | (second - 0xdc00)));
                    at += 4;
                }
                Some(_) => at = d.error(at, at + 2, "illegal UTF-16 surrogate")?,
                None if !whole => break,
                None => at = d.error(at, n, "unexpected end of data")?,
            },
            0xdc00..0xe000 => at = d.error(at, at + 2, "illegal encoding")?,
            c => {
                push_char(&mut d.out, c);
                at += 2;
            }
        }
    }
    Ok(((d.out, at), found))
}

/// Decodes UTF-32; arguments as for [`decode16`].
pub fn decode32(mut d: Decoding<'_>, order: Option<Order>, whole: bool) -> PyResult<Decoded> {
    let mut at = 0;
    let mut found = order;
    if order.is_none() {
        match d.input() {
            [0xff, 0xfe, 0, 0, ..] => found = Some(Order::Little),
            [0, 0, 0xfe, 0xff, ..] => found = Some(Order::Big),
            _ => {}
        }
        at = if found.is_some() { 4 } else { 0 };
    }
    let order = found.unwrap_or(Order::NATIVE);
    loop {
        let n = d.input().len();
        if at >= n {
            break;
        }
        let Some(four) = d.input().get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok()) else {
            if !whole {
                break;
            }
            at = d.error(at, n, "truncated data")?;
            continue;
        };
        let c = if order == Order::Little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
        at = match c {
            0xd800..0xe000 => d.error(at, at + 4, "code point in surrogate code point range(0xd800, 0xe000)")?,
            0x110000.. => d.error(at, at + 4, "code point not in range(0x110000)")?,
            c => {
                push_char(&mut d.out, c);
                at + 4
            }
        };
    }
    Ok(((d.out, at), found))
}

fn put16(out: &mut Vec<u8>, c: u32, order: Order) {
    let mut unit = |u: u32| {
        let u = u as u16;
        out.extend_from_slice(&if order == Order::Little { u.to_le_bytes() } else { u.to_be_bytes() });
    };
    if c < 0x10000 {
        unit(c);
    } else {
        unit(0xd800 + ((c - 0x10000) >> 10));
        unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
}

fn put32(out: &mut Vec<u8>, c: u32, order: Order) {
    out.extend_from_slice(&if order == Order::Little { c.to_le_bytes() } else { c.to_be_bytes() });
}

/// Encodes UTF-16; without an `order` in the machine's own with a mark in front.
pub fn encode16(vm: &Vm, text: &Value, errors: Option<&str>, order: Option<Order>) -> PyResult<Vec<u8>> {
    encode(vm, text, errors, order, name16(order), 2, put16)
}

/// Encodes UTF-32; without an `order` in the machine's own with a mark in front.
pub fn encode32(vm: &Vm, text: &Value, errors: Option<&str>, order: Option<Order>) -> PyResult<Vec<u8>> {
    encode(vm, text, errors, order, name32(order), 4, put32)
}

fn encode(
    vm: &Vm,
    text: &Value,
    errors: Option<&str>,
    order: Option<Order>,
    name: &str,
    size: usize,
    put: fn(&mut Vec<u8>, u32, Order),
) -> PyResult<Vec<u8>> {
    const REASON: &str = "surrogates not allowed";
    let s = text.downcast::<Str>().expect("encoders are called with texts");
    vm.check_alloc(s.len() * size)?;
    let mut out = Vec::with_capacity((s.len() + 1) * size);
    if order.is_none() {
        put(&mut out, 0xfeff, Order::NATIVE);
    }
    let order = order.unwrap_or(Order::NATIVE);
    let mut e = Encoding::new(vm, name, text, errors);
    let mut chars = s.chars();
    let mut at = 0;
    loop {
        let here = chars.clone();
        let Some(c) = chars.next() else { return Ok(out) };
        let bad = |c: &u32| (0xd800..0xe000).contains(c);
        if !bad(&c) {
            put(&mut out, c, order);
            at += 1;
            continue;
        }
        let run = here.take_while(bad).count();
        let (replacement, next) = e.error(at, at + run, REASON)?;
        match replacement {
            Replacement::Bytes(b) if b.len() % size == 0 => out.extend_from_slice(&b),
            Replacement::Bytes(_) => return Err(e.raise(at, at + run, REASON)),
            Replacement::Text(t) => {
                for c in CodePoints::new(&t) {
                    if c >= 128 {
                        return Err(e.raise(at, at + run, REASON));
                    }
                    put(&mut out, c, order);
                }
            }
        }
        at = next;
        chars = CodePoints::new(&s.as_bytes()[s.offset(at)..]);
    }
}
