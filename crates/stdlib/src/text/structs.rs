//! `_struct`: values packed into bytes by a format.

use super::exception_class;
use serpens_state::NativeModule;
use serpens_vm::cell::VCell;
use serpens_vm::native::GetSetDef;
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::bytearray::ByteArray;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::int::{as_big, to_i64};
use serpens_vm::types::memoryview::items::{f64_to_half, half_to_f64};
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, MethodDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_struct")
    .doc("Functions to convert between Python values and C structs.\nPython bytes objects are used to hold the data representing the C struct\nand also as format strings (explained below) to describe the layout of data\nin the C struct.")
    .functions(&[
        MethodDef::new("calcsize", "(format, /)", |vm, a| Ok(Value::from_usize(layout(vm, a.get(0))?.size)))
            .doc("Return size in bytes of the struct described by the format string."),
        MethodDef::raw("pack", "(format, /, *values)", |vm, args| {
            let (format, values) = first(vm, args, "pack")?;
            let made = pack_values(vm, &*layout(vm, format)?, values, "pack")?;
            Ok(vm.bytes(&made))
        })
        .doc("pack(format, v1, v2, ...) -> bytes\n\nReturn a bytes object containing the values v1, v2, ... packed according\nto the format string.  See help(struct) for more on format strings."),
        MethodDef::raw("pack_into", "(format, buffer, offset, /, *values)", |vm, args| {
            let (format, rest) = first(vm, args, "pack_into")?;
            pack_into(vm, &*layout(vm, format)?, rest)
        })
        .doc("pack_into(format, buffer, offset, v1, v2, ...)\n\nPack the values v1, v2, ... according to the format string and write\nthe packed bytes into the writable buffer buf starting at offset.  Note\nthat the offset is a required argument.  See help(struct) for more\non format strings."),
        MethodDef::new("unpack", "(format, buffer, /)", |vm, a| unpack(vm, &*layout(vm, a.get(0))?, a.get(1)))
            .doc("Return a tuple containing values unpacked according to the format string.\n\nThe buffer's size in bytes must be calcsize(format).\n\nSee help(struct) for more on format strings."),
        MethodDef::new("unpack_from", "(format, /, buffer, offset=0)", |vm, a| {
            unpack_from(vm, &*layout(vm, a.get(0))?, a.get(1), a.opt(2))
        })
        .doc("Return a tuple containing values unpacked according to the format string.\n\nThe buffer's size, minus offset, must be at least calcsize(format).\n\nSee help(struct) for more on format strings."),
        MethodDef::new("iter_unpack", "(format, buffer, /)", |vm, a| {
            iter_unpack(vm, layout(vm, a.get(0))?, a.get(1))
        })
        .doc("Return an iterator yielding tuples unpacked from the given bytes.\n\nThe bytes are unpacked according to the format string, like\na repeated invocation of unpack_from().\n\nRequires that the bytes length be a multiple of the struct size."),
        MethodDef::new("_clearcache", "()", |vm, _| {
            vm.local(State::new).cache.borrow_mut().clear();
            Ok(Value::NONE)
        })
        .doc("Clear the internal cache."),
    ])
    .types(&[&STRUCT])
    .init(|vm, d: &Dict| {
        d.set_name(vm, "error", vm.local(State::new).error.get_or_none());
        Ok(())
    });

/// The module's state in an interpreter.
struct State {
    error: VCell,
    cache: RefCell<std::collections::HashMap<Vec<u8>, Rc<Layout>>>,
}

impl Local for State {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(State { error: copier.cell(&self.error), cache: RefCell::default() })
    }
}

impl State {
    fn new(vm: &Vm) -> State {
        State {
            error: VCell::from(exception_class(vm, "struct", "error", vm.types().Exception).ok()),
            cache: RefCell::default(),
        }
    }
}

#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    let class = vm.local(State::new).error.get_or_none();
    match TypeObj::from_value(&class) {
        Some(ty) => vm.raise_text(ty, message),
        None => vm.value_error(message),
    }
}

/// One item of a layout.
#[derive(Clone, Copy)]
struct Item {
    code: u8,
    offset: usize,
    /// Bytes: of one value, or of the whole string for `s` and `p`.
    size: usize,
    /// Values in a row; 1 for strings.
    count: usize,
}

/// A format taken apart.
#[derive(Clone)]
struct Layout {
    items: Vec<Item>,
    size: usize,
    n_values: usize,
    big: bool,
    format: Vec<u8>,
}

fn sizes(code: u8, native: bool) -> Option<(usize, usize)> {
    let (size, align) = match code {
        b'x' | b'c' | b'b' | b'B' | b'?' | b's' | b'p' => (1, 1),
        b'h' | b'H' | b'e' => (2, 2),
        b'i' | b'I' | b'f' => (4, 4),
        b'l' | b'L' => {
            if native {
                (8, 8)
            } else {
                (4, 4)
            }
        }
        b'q' | b'Q' | b'd' => (8, 8),
        b'n' | b'N' | b'P' if native => (8, 8),
        b'F' => (8, 4),
        b'D' => (16, 8),
        _ => return None,
    };
    Some((size, if native { align } else { 1 }))
}

fn parse(vm: &Vm, format: &[u8]) -> PyResult<Layout> {
    if format.contains(&0) {
        return Err(error(vm, "embedded null character"));
    }
    let (native, big, rest) = match format.first() {
        Some(b'@') => (true, cfg!(target_endian = "big"), &format[1..]),
        Some(b'=') => (false, cfg!(target_endian = "big"), &format[1..]),
        Some(b'<') => (false, false, &format[1..]),
        Some(b'>' | b'!') => (false, true, &format[1..]),
        _ => (true, cfg!(target_endian = "big"), format),
    };
    let too_long = || error(vm, "total struct size too long");
    let mut layout = Layout { items: Vec::new(), size: 0, n_values: 0, big, format: format.to_vec() };
    let mut at = 0;
    while at < rest.len() {
        let c = rest[at];
        at += 1;
        if c.is_ascii_whitespace() || c == 11 {
            continue;
        }
        let mut count = 1usize;
        let mut code = c;
        if c.is_ascii_digit() {
            count = (c - b'0') as usize;
            loop {
                match rest.get(at) {
                    Some(d @ b'0'..=b'9') => {
                        count = count
                            .checked_mul(10)
                            .and_then(|n| n.checked_add((d - b'0') as usize))
                            .filter(|n| *n <= isize::MAX as usize)
                            .ok_or_else(|| error(vm, "overflow in item count"))?;
                        at += 1;
                    }
                    Some(d) => {
                        code = *d;
                        at += 1;
                        break;
                    }
                    None => return Err(error(vm, "repeat count given without format specifier")),
                }
            }
        }
        let Some((size, align)) = sizes(code, native) else {
            return Err(error(vm, "bad char in struct format"));
        };
        layout.size = layout.size.checked_next_multiple_of(align).ok_or_else(too_long)?;
        let bytes = size.checked_mul(count).filter(|n| *n <= isize::MAX as usize).ok_or_else(too_long)?;
        match code {
            b'x' => {}
            b's' | b'p' => {
                layout.items.push(Item { code, offset: layout.size, size: count, count: 1 });
                layout.n_values += 1;
            }
            _ => {
                if count > 0 {
                    layout.items.push(Item { code, offset: layout.size, size, count });
                    layout.n_values += count;
                }
            }
        }
        layout.size = layout.size.checked_add(bytes).filter(|n| *n <= isize::MAX as usize).ok_or_else(too_long)?;
    }
    Ok(layout)
}

fn format_bytes(vm: &Vm, v: &Value) -> PyResult<Vec<u8>> {
    if let Some(s) = v.downcast::<Str>() {
        if !s.is_ascii() {
            return Err(vm
                .encode(v, Some("ascii"), None)
                .err()
                .unwrap_or_else(|| error(vm, "bad char in struct format")));
        }
        return Ok(s.as_bytes().to_vec());
    }
    match v.downcast::<Bytes>() {
        Some(b) => Ok(b.as_bytes().to_vec()),
        None => Err(
            vm.type_error(&format!("Struct() argument 1 must be a str or bytes object, not {}", vm.type_of(v).name()))
        ),
    }
}

fn layout(vm: &Vm, format: &Value) -> PyResult<Rc<Layout>> {
    if let Some(s) = format.downcast::<Struct>() {
        return s.layout(vm);
    }
    let bytes = format_bytes(vm, format)?;
    let state = vm.local(State::new);
    if let Some(found) = state.cache.borrow().get(&bytes) {
        return Ok(found.clone());
    }
    let made = Rc::new(parse(vm, &bytes)?);
    let mut cache = state.cache.borrow_mut();
    if cache.len() >= 100 {
        cache.clear();
    }
    cache.insert(bytes, made.clone());
    Ok(made)
}

fn first<'a>(vm: &Vm, args: &CallArgs<'a>, name: &str) -> PyResult<(&'a Value, &'a [Value])> {
    match args.pos().split_first() {
        Some(split) if args.n_named() == 0 => Ok(split),
        Some(_) => Err(vm.type_error(&format!("{name}() takes no keyword arguments"))),
        None => Err(vm.type_error("missing format argument")),
    }
}

fn store(word: u64, big: bool, out: &mut [u8]) {
    let n = out.len();
    if big {
        out.copy_from_slice(&word.to_be_bytes()[8 - n..]);
    } else {
        out.copy_from_slice(&word.to_le_bytes()[..n]);
    }
}

fn load(bytes: &[u8], big: bool) -> u64 {
    let mut eight = [0; 8];
    let n = bytes.len().min(8);
    if big {
        eight[8 - n..].copy_from_slice(&bytes[..n]);
        u64::from_be_bytes(eight)
    } else {
        eight[..n].copy_from_slice(&bytes[..n]);
        u64::from_le_bytes(eight)
    }
}

/// The bounds of an integer code, as messages show them.
fn out_of_range(vm: &Vm, code: u8, size: usize) -> Raised {
    let bits = size as u32 * 8;
    let signed = code.is_ascii_lowercase();
    if matches!(code, b'q' | b'Q' | b'n' | b'N' | b'P') || (size == 8 && matches!(code, b'l' | b'L')) {
        if matches!(code, b'q' | b'Q') || matches!(code, b'l' | b'L') {
            let (low, high) = if signed { (i64::MIN as i128, i64::MAX as i128) } else { (0, u64::MAX as i128) };
            return error(vm, &format!("'{}' format requires {low} <= number <= {high}", code as char));
        }
        return error(vm, "int too large to convert");
    }
    let (low, high) =
        if signed { (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1) } else { (0, (1i128 << bits) - 1) };
    error(vm, &format!("'{}' format requires {low} <= number <= {high}", code as char))
}

fn integer(vm: &Vm, v: &Value, code: u8, size: usize) -> PyResult<u64> {
    if vm.type_of(v).slots().index.is_none() {
        return Err(error(vm, "required argument is not an integer"));
    }
    let index = vm.to_index(v)?;
    let signed = code.is_ascii_lowercase();
    let bits = size * 8;
    let word = match to_i64(&index) {
        Some(i) if signed => (bits == 64 || (i >> (bits - 1) == 0 || i >> (bits - 1) == -1)).then_some(i as u64),
        Some(i) if i >= 0 => (bits == 64 || i >> bits == 0).then_some(i as u64),
        Some(_) => None,
        None if signed => None,
        None => as_big(&index).and_then(|b| u64::try_from(b.as_ref().clone()).ok()),
    };
    word.ok_or_else(|| out_of_range(vm, code, size))
}

fn real(vm: &Vm, v: &Value) -> PyResult<f64> {
    let slots = vm.type_of(v).slots();
    if slots.float.is_none() && slots.index.is_none() {
        return Err(error(vm, "required argument is not a float"));
    }
    vm.to_f64(v)
}

fn pack_one(vm: &Vm, item: &Item, big: bool, v: &Value, out: &mut [u8]) -> PyResult<()> {
    let word = match item.code {
        b'?' => vm.truthy(v)? as u64,
        b'c' => match v.downcast::<Bytes>().map(Bytes::as_bytes) {
            Some([b]) => *b as u64,
            _ => return Err(error(vm, "char format requires a bytes object of length 1")),
        },
        b's' | b'p' => {
            let bytes = match (v.downcast::<Bytes>(), v.downcast::<ByteArray>()) {
                (Some(b), _) => b.as_bytes().to_vec(),
                (_, Some(b)) => b.to_vec(),
                _ => {
                    return Err(error(vm, &format!("argument for '{}' must be a bytes object", item.code as char)));
                }
            };
            if item.code == b's' {
                let n = bytes.len().min(out.len());
                out[..n].copy_from_slice(&bytes[..n]);
            } else if !out.is_empty() {
                let n = bytes.len().min(out.len() - 1);
                out[0] = n.min(255) as u8;
                out[1..=n].copy_from_slice(&bytes[..n]);
            }
            return Ok(());
        }
        b'd' => real(vm, v)?.to_bits(),
        b'f' => {
            let d = real(vm, v)?;
            let f = d as f32;
            if f.is_infinite() && d.is_finite() {
                return Err(vm.overflow_error("float too large to pack with f format"));
            }
            f.to_bits() as u64
        }
        b'e' => match f64_to_half(real(vm, v)?) {
            Some(h) => h as u64,
            None => return Err(vm.overflow_error("float too large to pack with e format")),
        },
        b'F' | b'D' => {
            let (re, im) = match serpens_vm::types::complex::as_pair(v) {
                Some(pair) => pair,
                None if vm.type_of(v).slots().float.is_some() || vm.type_of(v).slots().index.is_some() => {
                    (vm.to_f64(v)?, 0.0)
                }
                None => return Err(error(vm, "required argument is not a complex")),
            };
            let half = out.len() / 2;
            let (first, second) = out.split_at_mut(half);
            for (part, at) in [(re, first), (im, second)] {
                let word = if half == 4 { (part as f32).to_bits() as u64 } else { part.to_bits() };
                store(word, big, at);
            }
            return Ok(());
        }
        code => integer(vm, v, code, item.size)?,
    };
    store(word, big, out);
    Ok(())
}

fn unpack_one(vm: &Vm, item: &Item, big: bool, bytes: &[u8]) -> Value {
    let word = || load(bytes, big);
    match item.code {
        b'?' => Value::bool(bytes[0] != 0),
        b'c' => vm.bytes(&bytes[..1]),
        b's' => vm.bytes(bytes),
        b'p' => match bytes.split_first() {
            Some((n, rest)) => vm.bytes(&rest[..(*n as usize).min(rest.len())]),
            None => vm.bytes(b""),
        },
        b'd' => Value::float(f64::from_bits(word())),
        b'f' => Value::float(f32::from_bits(word() as u32) as f64),
        b'e' => Value::float(half_to_f64(word() as u16)),
        b'F' => {
            let part = |b| f32::from_bits(load(b, big) as u32) as f64;
            vm.complex(part(&bytes[..4]), part(&bytes[4..]))
        }
        b'D' => {
            let part = |b| f64::from_bits(load(b, big));
            vm.complex(part(&bytes[..8]), part(&bytes[8..]))
        }
        code if code.is_ascii_lowercase() => {
            let shift = 64 - item.size * 8;
            vm.int(((word() << shift) as i64) >> shift)
        }
        _ => vm.int_u64(word()),
    }
}

fn pack_values(vm: &Vm, layout: &Layout, values: &[Value], name: &str) -> PyResult<Vec<u8>> {
    if values.len() != layout.n_values {
        return Err(error(
            vm,
            &format!("{name} expected {} items for packing (got {})", layout.n_values, values.len()),
        ));
    }
    vm.check_alloc(layout.size)?;
    let mut out = vec![0; layout.size];
    let mut next = values.iter();
    for item in &layout.items {
        for i in 0..item.count {
            let at = item.offset + i * item.size;
            if let Some(v) = next.next() {
                pack_one(vm, item, layout.big, v, &mut out[at..at + item.size])?;
            }
        }
    }
    Ok(out)
}

fn unpacked(vm: &Vm, layout: &Layout, bytes: &[u8]) -> Value {
    let mut values = Vec::with_capacity(layout.n_values);
    for item in &layout.items {
        for i in 0..item.count {
            let at = item.offset + i * item.size;
            values.push(unpack_one(vm, item, layout.big, &bytes[at..at + item.size]));
        }
    }
    vm.tuple(values)
}

fn unpack(vm: &Vm, layout: &Layout, buffer: &Value) -> PyResult {
    let guard = vm.get_contiguous(buffer, false)?;
    if guard.len != layout.size {
        return Err(error(vm, &format!("unpack requires a buffer of {} bytes", layout.size)));
    }
    Ok(unpacked(vm, layout, guard.as_bytes()))
}

/// The offset of `*_from` and `*_into` within `len` bytes.
fn place(vm: &Vm, offset: isize, len: usize, size: usize, what: &str, from: &str) -> PyResult<usize> {
    let n = len as isize;
    if offset < 0 {
        if offset + n < 0 {
            return Err(error(vm, &format!("offset {offset} out of range for {len}-byte buffer")));
        }
        if (-offset as usize) < size {
            return Err(error(vm, &format!("not enough data to {what} {size} bytes at offset {offset}")));
        }
        return Ok((offset + n) as usize);
    }
    if (n - offset) < size as isize {
        return Err(error(
            vm,
            &format!(
                "{from} requires a buffer of at least {} bytes for {} {size} bytes at offset {offset} (actual buffer size is {len})",
                size as u128 + offset as u128,
                if what == "unpack" { "unpacking" } else { "packing" },
            ),
        ));
    }
    Ok(offset as usize)
}

fn unpack_from(vm: &Vm, layout: &Layout, buffer: &Value, offset: Option<&Value>) -> PyResult {
    let offset = match offset {
        Some(v) => vm.arg_isize(v)?,
        None => 0,
    };
    let guard = vm.get_contiguous(buffer, false)?;
    let at = place(vm, offset, guard.len, layout.size, "unpack", "unpack_from")?;
    Ok(unpacked(vm, layout, &guard.as_bytes()[at..at + layout.size]))
}

fn pack_into(vm: &Vm, layout: &Layout, rest: &[Value]) -> PyResult {
    let [buffer, offset, values @ ..] = rest else {
        return Err(vm.type_error(match rest.len() {
            0 => "pack_into expected buffer argument",
            _ => "pack_into expected offset argument",
        }));
    };
    let offset = vm.arg_isize(offset)?;
    let made = pack_values(vm, layout, values, "pack_into")?;
    let guard = match vm.get_contiguous(buffer, true) {
        Ok(g) => g,
        Err(_) => {
            drop(vm.take_raised());
            return Err(vm.type_error(&format!(
                "pack_into() argument 2 must be read-write bytes-like object, not {}",
                vm.type_of(buffer).name()
            )));
        }
    };
    if offset < 0 && offset + guard.len as isize >= 0 && (-offset as usize) < layout.size {
        return Err(error(vm, &format!("no space to pack {} bytes at offset {offset}", layout.size)));
    }
    let at = place(vm, offset, guard.len, layout.size, "pack", "pack_into")?;
    guard.bytes_mut()[at..at + layout.size].copy_from_slice(&made);
    Ok(Value::NONE)
}

/// A compiled format.
pub struct Struct {
    layout: RefCell<Option<Rc<Layout>>>,
}

/// The iterator of `iter_unpack`.
pub struct Unpacker {
    layout: Rc<Layout>,
    buffer: Value,
    at: Cell<usize>,
}

macro_rules! payload {
    ($ty:ident $(, $field:ident)?) => {
        // SAFETY: made by the heap only; told apart by its type.
        #[expect(unsafe_code, reason = "object layout")]
        unsafe impl Payload for $ty {
            const KIND: Kind = Kind::Native;

            fn matches(header: &Header) -> bool {
                header.kind() == Kind::Native && header.ty().has_payload::<$ty>()
            }

            fn traverse(&self, visit: &mut Visitor<'_>) {
                let _ = &visit;
                $( visit(&self.$field); )?
            }
        }
    };
}

payload!(Struct);
payload!(Unpacker, buffer);

impl Struct {
    fn layout(&self, vm: &Vm) -> PyResult<Rc<Layout>> {
        match &*self.layout.borrow() {
            Some(layout) => Ok(layout.clone()),
            None => Err(vm.runtime_error("Struct object is not initialized")),
        }
    }
}

fn of(vm: &Vm, v: &Value) -> PyResult<Rc<Layout>> {
    match v.downcast::<Struct>() {
        Some(s) => s.layout(vm),
        None => Err(vm.type_error("not a Struct")),
    }
}

static STRUCT: TypeDef = TypeDef::new::<Struct>("Struct")
    .copied_then(|copier, h| {
        let own = |layout: &RefCell<Option<Rc<Layout>>>| layout.borrow().as_ref().map(|l| Rc::new(Layout::clone(l)));
        copier.renew(h, |s: &Struct| &s.layout, |layout| RefCell::new(own(layout)));
    })
    .module("_struct")
    .doc("Struct(fmt) --> compiled struct object")
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, Struct { layout: RefCell::new(None) }))),
        init: Some(|vm, v, args| {
            let format = match (args.pos(), args.kw("format")) {
                ([f], None) => f,
                ([], Some(f)) => f,
                ([], None) => return Err(vm.type_error("Struct() missing required argument 'format' (pos 1)")),
                _ => {
                    return Err(vm.type_error(&format!(
                        "Struct() takes at most 1 argument ({} given)",
                        args.all().len()
                    )));
                }
            };
            let made = layout(vm, format)?;
            if let Some(s) = v.downcast::<Struct>() {
                *s.layout.borrow_mut() = Some(made);
            }
            Ok(())
        }),
        repr: Some(|vm, v| {
            let l = of(vm, v)?;
            let shown = vm.repr_string(&vm.str(&String::from_utf8_lossy(&l.format)))?;
            Ok(vm.str(&format!("{}({shown})", vm.type_of(v).name())))
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::raw("pack", "($self, /, *values)", |vm, args| {
            let (receiver, values) = first(vm, args, "pack")?;
            let made = pack_values(vm, &*of(vm, receiver)?, values, "pack")?;
            Ok(vm.bytes(&made))
        })
        .doc("S.pack(v1, v2, ...) -> bytes\n\nReturn a bytes object containing values v1, v2, ... packed according\nto the format string S.format.  See help(struct) for more on format\nstrings."),
        MethodDef::raw("pack_into", "($self, buffer, offset, /, *values)", |vm, args| {
            let (receiver, rest) = first(vm, args, "pack_into")?;
            pack_into(vm, &*of(vm, receiver)?, rest)
        })
        .doc("S.pack_into(buffer, offset, v1, v2, ...)\n\nPack the values v1, v2, ... according to the format string S.format\nand write the packed bytes into the writable buffer buf starting at\noffset.  Note that the offset is a required argument.  See\nhelp(struct) for more on format strings."),
        MethodDef::new("unpack", "($self, buffer, /)", |vm, a| unpack(vm, &*of(vm, a.get(0))?, a.get(1)))
            .doc("Return a tuple containing unpacked values.\n\nUnpack according to the format string Struct.format. The buffer's size\nin bytes must be Struct.size.\n\nSee help(struct) for more on format strings."),
        MethodDef::new("unpack_from", "($self, /, buffer, offset=0)", |vm, a| {
            unpack_from(vm, &*of(vm, a.get(0))?, a.get(1), a.opt(2))
        })
        .doc("Return a tuple containing unpacked values.\n\nValues are unpacked according to the format string Struct.format.\n\nThe buffer's size in bytes, starting at position offset, must be\nat least Struct.size.\n\nSee help(struct) for more on format strings."),
        MethodDef::new("iter_unpack", "($self, buffer, /)", |vm, a| iter_unpack(vm, of(vm, a.get(0))?, a.get(1)))
            .doc("Return an iterator yielding tuples.\n\nTuples are unpacked from the given bytes source, like a repeated\ninvocation of unpack_from().\n\nRequires that the bytes length be a multiple of the struct size."),
    ])
    .getset(&[
        GetSetDef::new("format", |vm, v| Ok(vm.str(&String::from_utf8_lossy(&of(vm, v)?.format))))
            .doc("struct format string"),
        GetSetDef::new("size", |vm, v| Ok(Value::from_usize(of(vm, v)?.size))).doc("struct size in bytes"),
    ]);

static UNPACKER: TypeDef = TypeDef::new::<Unpacker>("unpack_iterator")
    .module("_struct")
    .gc()
    .flags(serpens_vm::types::typeobj::tflag::NO_NEW)
    .slots(Slots {
        iter: Some(|_, v| Ok(v.clone())),
        iternext: Some(|vm, v| {
            let Some(it) = v.downcast::<Unpacker>() else { return Ok(None) };
            let guard = vm.get_contiguous(&it.buffer, false)?;
            let at = it.at.get();
            let Some(bytes) = guard.as_bytes().get(at..at + it.layout.size) else { return Ok(None) };
            it.at.set(at + it.layout.size);
            Ok(Some(unpacked(vm, &it.layout, bytes)))
        }),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__length_hint__", "($self, /)", |vm, a| {
        let Some(it) = a.get(0).downcast::<Unpacker>() else { return Ok(Value::int_unchecked(0)) };
        let len = vm.get_buffer(&it.buffer, false)?.len;
        Ok(Value::from_usize(len.saturating_sub(it.at.get()) / it.layout.size.max(1)))
    })]);

fn iter_unpack(vm: &Vm, layout: Rc<Layout>, buffer: &Value) -> PyResult {
    if layout.size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    let view = vm.memoryview_of(buffer)?;
    let len = vm.get_contiguous(&view, false)?.len;
    if len % layout.size != 0 {
        return Err(error(
            vm,
            &format!("iterative unpacking requires a buffer of a multiple of {} bytes", layout.size),
        ));
    }
    Ok(vm.alloc_native(&UNPACKER, Unpacker { layout, buffer: view, at: Cell::new(0) }))
}
