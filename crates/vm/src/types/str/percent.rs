//! The `%` operator of `str`, `bytes` and `bytearray`.
//!
//! One engine serves all: text is WTF-8 bytes; only `%c`, `%s` and the messages differ.

use super::{CodePoints, MAX_STR, Str, push_char};
use crate::error::{PyResult, Raised};
use crate::types::bytes::Bytes;
use crate::types::dict::Dict;
use crate::types::int::as_big;
use crate::types::int::text::Decimal;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use rustpython_literal::{float, format::Case};
use std::fmt::Write;

/// `text % args`.
pub(super) fn modulo(vm: &Vm, text: &Value, args: &Value) -> PyResult {
    let Some(s) = text.downcast::<Str>() else { return Ok(Value::NOT_IMPLEMENTED) };
    vm.str_from_vec(format(vm, s.as_bytes(), args, false)?)
}

/// The directive between `%` and the conversion character.
#[derive(Default)]
struct Directive {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

struct Percent<'a> {
    vm: &'a Vm,
    args: &'a Value,
    /// The next positional argument.
    next: usize,
    /// The value that a key selected.
    current: Option<Value>,
    is_mapping: bool,
    keyed: bool,
    bytes: bool,
    text: &'a [u8],
    at: usize,
    out: Vec<u8>,
}

/// The result of `%` over the bytes of a format; `bytes` for formats that are `bytes`.
pub(crate) fn format(vm: &Vm, text: &[u8], args: &Value, bytes: bool) -> PyResult<Vec<u8>> {
    let is_text =
        args.is_a::<Tuple>() || if bytes { args.is_a::<Bytes>() || args.is_a::<Str>() } else { args.is_a::<Str>() };
    let is_mapping = !is_text
        && vm.type_of(args).slots().getitem.is_some()
        && !(bytes && args.is_a::<crate::types::bytearray::ByteArray>());
    let out = Vec::with_capacity(text.len() + 32);
    let mut p = Percent { vm, args, next: 0, current: None, is_mapping, keyed: false, bytes, text, at: 0, out };
    p.run()?;
    Ok(p.out)
}

impl Percent<'_> {
    fn run(&mut self) -> PyResult<()> {
        let vm = self.vm;
        while let Some(i) = memchr::memchr(b'%', &self.text[self.at..]) {
            self.out.extend_from_slice(&self.text[self.at..self.at + i]);
            self.at += i + 1;
            match self.text.get(self.at) {
                Some(b'%') => {
                    self.out.push(b'%');
                    self.at += 1;
                }
                Some(b's') if !self.bytes => {
                    self.at += 1;
                    let v = self.argument()?;
                    let s = vm.str_of(&v)?;
                    self.out.extend_from_slice(s.downcast::<Str>().map_or(b"", Str::as_bytes));
                }
                Some(b'd') => {
                    self.at += 1;
                    let v = self.argument()?;
                    match v.as_small_int() {
                        Some(i) => self.out.extend_from_slice(Decimal::new(i).as_bytes()),
                        None => self.integer(&Directive::default(), b'd', &v)?,
                    }
                }
                _ => self.directive()?,
            }
            vm.check_alloc(self.out.len())?;
        }
        self.out.extend_from_slice(&self.text[self.at..]);
        let left = match self.args.downcast::<Tuple>() {
            Some(t) => self.next < t.len(),
            None => self.next == 0 && !self.is_mapping,
        };
        if left && !self.keyed {
            let what = if self.bytes { "bytes" } else { "string" };
            return Err(vm.type_error(&format!("not all arguments converted during {what} formatting")));
        }
        Ok(())
    }

    /// The argument of the directive.
    fn argument(&mut self) -> PyResult {
        if let Some(v) = self.current.take() {
            return Ok(v);
        }
        let i = self.next;
        self.next += 1;
        match self.args.downcast::<Tuple>() {
            Some(t) if i < t.len() && !self.keyed => Ok(t.as_slice()[i].clone()),
            None if i == 0 && !self.keyed => Ok(self.args.clone()),
            _ => Err(self.vm.type_error("not enough arguments for format string")),
        }
    }

    fn peek(&self) -> PyResult<u8> {
        match self.text.get(self.at) {
            Some(c) => Ok(*c),
            None => Err(self.vm.value_error("incomplete format")),
        }
    }

    fn key(&mut self) -> PyResult<()> {
        let vm = self.vm;
        if !self.is_mapping {
            return Err(vm.type_error("format requires a mapping"));
        }
        let start = self.at + 1;
        let mut depth = 1;
        while depth > 0 {
            self.at += 1;
            match self.text.get(self.at) {
                Some(b'(') => depth += 1,
                Some(b')') => depth -= 1,
                Some(_) => {}
                None => return Err(vm.value_error("incomplete format key")),
            }
        }
        let key = &self.text[start..self.at];
        self.at += 1;
        let key = if self.bytes { vm.bytes(key) } else { vm.str_wtf8(key) };
        self.keyed = true;
        let found = match self.args.downcast::<Dict>().filter(|_| vm.is_exact(self.args, vm.types().dict)) {
            Some(d) => match d.get(vm, &key)? {
                Some(v) => v,
                None => return Err(vm.key_error(&key)),
            },
            None => vm.get_item(self.args, &key)?,
        };
        self.current = Some(found);
        Ok(())
    }

    /// A number or `*`.
    fn count(&mut self, what: &str, max: usize) -> PyResult<Option<isize>> {
        let vm = self.vm;
        if self.peek()? == b'*' {
            self.at += 1;
            let keep = self.current.take();
            let v = self.argument()?;
            self.current = keep;
            if !vm.is_int_like(&v) {
                return Err(vm.type_error("* wants int"));
            }
            return match crate::types::int::to_i64(&v) {
                Some(i) if (i.unsigned_abs() as usize) <= max => Ok(Some(i as isize)),
                Some(_) if max == i32::MAX as usize => {
                    Err(vm.overflow_error("Python int too large to convert to C int"))
                }
                _ => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
            };
        }
        let mut n: Option<usize> = None;
        while let d @ b'0'..=b'9' = self.peek()? {
            let next = n.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add((d - b'0') as usize));
            match next.filter(|n| *n <= max) {
                Some(next) => n = Some(next),
                None => return Err(vm.value_error(&format!("{what} too big"))),
            }
            self.at += 1;
        }
        Ok(n.map(|n| n as isize))
    }

    #[inline(never)]
    fn directive(&mut self) -> PyResult<()> {
        let mut d = Directive::default();
        if self.text.get(self.at) == Some(&b'(') {
            self.key()?;
        }
        loop {
            match self.peek()? {
                b'-' => d.left = true,
                b'+' => d.plus = true,
                b' ' => d.space = true,
                b'#' => d.alternate = true,
                b'0' => d.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        if let Some(w) = self.count("width", isize::MAX as usize)? {
            d.left |= w < 0;
            d.width = w.unsigned_abs();
        }
        if self.peek()? == b'.' {
            self.at += 1;
            let p = self.count("precision", i32::MAX as usize)?;
            d.precision = Some(p.unwrap_or(0).max(0) as usize);
        }
        if matches!(self.peek()?, b'h' | b'l' | b'L') {
            self.at += 1;
        }
        let c = self.peek()?;
        if c == b'%' {
            // As any conversion, it takes an argument.
            self.at += 1;
            self.argument()?;
            self.out.push(b'%');
            return Ok(());
        }
        self.at += 1;
        let needs_argument = matches!(
            c,
            b's' | b'r'
                | b'a'
                | b'c'
                | b'd'
                | b'i'
                | b'u'
                | b'o'
                | b'x'
                | b'X'
                | b'e'
                | b'E'
                | b'f'
                | b'F'
                | b'g'
                | b'G'
        ) || (self.bytes && c == b'b');
        let value = self.argument()?;
        if !needs_argument {
            return Err(self.unsupported());
        }
        match c {
            b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => self.integer(&d, c, &value),
            b'c' => self.character(&d, &value),
            b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => self.float(&d, c, &value),
            _ => self.text(&d, c, &value),
        }
    }

    #[cold]
    fn unsupported(&self) -> Raised {
        let at = self.at - 1;
        let c = if self.bytes { self.text[at] as u32 } else { CodePoints::new(&self.text[at..]).next().unwrap_or(0) };
        let index = if self.bytes { at } else { super::count_chars(&self.text[..at]) };
        let shown = if (31..127).contains(&c) { c as u8 as char } else { '?' };
        self.vm.value_error(&format!("unsupported format character '{shown}' (0x{c:x}) at index {index}"))
    }

    /// Appends text of `n_chars` characters, padded with spaces.
    fn padded(&mut self, d: &Directive, text: &[u8], n_chars: usize) -> PyResult<()> {
        let fill = d.width.saturating_sub(n_chars);
        self.room(fill + text.len())?;
        let n = self.out.len();
        if !d.left {
            self.out.resize(n + fill, b' ');
        }
        self.out.extend_from_slice(text);
        if d.left {
            self.out.resize(self.out.len() + fill, b' ');
        }
        Ok(())
    }

    fn room(&self, n: usize) -> PyResult<()> {
        match self.out.len().checked_add(n) {
            Some(n) if self.bytes || n <= MAX_STR => self.vm.check_alloc(n),
            _ => Err(self.vm.memory_error()),
        }
    }

    /// Appends a number: sign, prefix, zeros and digits.
    fn number(&mut self, d: &Directive, negative: bool, prefix: &str, digits: &[u8], zeros: usize) -> PyResult<()> {
        let sign: &[u8] = match (negative, d.plus, d.space) {
            (true, ..) => b"-",
            (_, true, _) => b"+",
            (.., true) => b" ",
            _ => b"",
        };
        let len = sign.len() + prefix.len() + zeros + digits.len();
        let fill = d.width.saturating_sub(len);
        self.room(len + fill)?;
        let zero_fill = d.zero && !d.left;
        if !d.left && !zero_fill {
            self.out.resize(self.out.len() + fill, b' ');
        }
        self.out.extend_from_slice(sign);
        self.out.extend_from_slice(prefix.as_bytes());
        let zeros = zeros + if zero_fill { fill } else { 0 };
        self.out.resize(self.out.len() + zeros, b'0');
        self.out.extend_from_slice(digits);
        if d.left {
            self.out.resize(self.out.len() + fill, b' ');
        }
        Ok(())
    }

    fn integer(&mut self, d: &Directive, c: u8, value: &Value) -> PyResult<()> {
        let vm = self.vm;
        let value = if vm.is_int_like(value) {
            value.clone()
        } else {
            let decimal = matches!(c, b'd' | b'i' | b'u');
            let found = match vm.type_of(value).slots().index {
                _ if decimal => vm.number_to_int(value)?,
                Some(_) => Some(vm.to_index(value)?),
                None => None,
            };
            match found {
                Some(value) => value,
                None => {
                    let wanted = if decimal { "a real number" } else { "an integer" };
                    return Err(vm.type_error(&format!(
                        "%{} format: {wanted} is required, not {}",
                        c as char,
                        vm.type_of(value).name()
                    )));
                }
            }
        };
        let mut buffer = String::new();
        let mut negative = false;
        let mut prefix = "";
        let alternate = d.alternate;
        match (value.as_small_int(), c) {
            (Some(i), b'd' | b'i' | b'u') => {
                negative = i < 0;
                let _ = write!(buffer, "{}", i.unsigned_abs());
            }
            (Some(i), b'o') => {
                negative = i < 0;
                let _ = write!(buffer, "{:o}", i.unsigned_abs());
            }
            (Some(i), b'x') => {
                negative = i < 0;
                let _ = write!(buffer, "{:x}", i.unsigned_abs());
            }
            (Some(i), b'X') => {
                negative = i < 0;
                let _ = write!(buffer, "{:X}", i.unsigned_abs());
            }
            _ => {
                match (as_big(&value), c) {
                    (Some(big), b'o') => buffer = big.in_radix(8).to_string(),
                    (Some(big), b'x') => buffer = big.in_radix(16).to_string(),
                    (Some(big), b'X') => buffer = format!("{:#}", big.in_radix(16)),
                    _ => buffer = vm.str_string(&vm.to_index(&value)?)?,
                }
                if let Some(rest) = buffer.strip_prefix('-') {
                    buffer = rest.to_string();
                    negative = true;
                }
            }
        }
        if alternate {
            prefix = match c {
                b'o' => "0o",
                b'x' => "0x",
                b'X' => "0X",
                _ => "",
            };
        }
        let zeros = d.precision.map_or(0, |p| p.saturating_sub(buffer.len()));
        self.number(d, negative, prefix, buffer.as_bytes(), zeros)
    }

    fn float(&mut self, d: &Directive, c: u8, value: &Value) -> PyResult<()> {
        let vm = self.vm;
        let f = match value.as_float() {
            Some(f) => f,
            None if self.bytes
                && vm.type_of(value).slots().float.is_none()
                && vm.type_of(value).slots().index.is_none() =>
            {
                return Err(vm.type_error(&format!("float argument required, not {}", vm.type_of(value).name())));
            }
            None => vm.to_f64(value)?,
        };
        let precision = d.precision.unwrap_or(6);
        let case = if c.is_ascii_uppercase() { Case::Upper } else { Case::Lower };
        let magnitude = f.abs();
        self.room(precision)?;
        let text = match c.to_ascii_lowercase() {
            b'e' => float::format_exponent(precision, magnitude, case, d.alternate),
            b'f' => float::format_fixed(precision, magnitude, case, d.alternate),
            _ => float::format_general(precision.max(1), magnitude, case, d.alternate, false),
        };
        self.number(d, f.is_sign_negative() && !f.is_nan(), "", text.as_bytes(), 0)
    }

    fn character(&mut self, d: &Directive, value: &Value) -> PyResult<()> {
        let vm = self.vm;
        let mut text = Vec::with_capacity(4);
        if self.bytes {
            let bytes = vm.bytes_arg(value).ok().filter(|_| value.is_object() && !vm.is_int_like(value));
            if let Some(b) = bytes {
                if b.len() != 1 {
                    return Err(vm.type_error(&format!(
                        "%c requires an integer in range(256) or a single byte, not a {} object of length {}",
                        vm.type_of(value).name(),
                        b.len()
                    )));
                }
                text.push(b[0]);
            } else if vm.type_of(value).slots().index.is_some() {
                match crate::types::int::to_i64(&vm.to_index(value)?) {
                    Some(c @ 0..=255) => text.push(c as u8),
                    _ => return Err(vm.overflow_error("%c arg not in range(256)")),
                }
            } else {
                return Err(vm.type_error(&format!(
                    "%c requires an integer in range(256) or a single byte, not {}",
                    vm.type_of(value).name()
                )));
            }
        } else if let Some(s) = value.downcast::<Str>() {
            if s.len() != 1 {
                return Err(vm.type_error(&format!(
                    "%c requires an int or a unicode character, not a string of length {}",
                    s.len()
                )));
            }
            text.extend_from_slice(s.as_bytes());
        } else if vm.type_of(value).slots().index.is_some() {
            match crate::types::int::to_i64(&vm.to_index(value)?) {
                Some(c @ 0..=0x10ffff) => push_char(&mut text, c as u32),
                _ => return Err(vm.overflow_error("%c arg not in range(0x110000)")),
            }
        } else {
            return Err(
                vm.type_error(&format!("%c requires an int or a unicode character, not {}", vm.type_of(value).name()))
            );
        }
        self.padded(d, &text, 1)
    }

    fn text(&mut self, d: &Directive, c: u8, value: &Value) -> PyResult<()> {
        let vm = self.vm;
        if self.bytes && matches!(c, b's' | b'b') {
            let owned = bytes_of(vm, value)?;
            let n = d.precision.map_or(owned.len(), |p| p.min(owned.len()));
            return self.padded(d, &owned[..n], n);
        }
        let shown = match c {
            b's' => vm.str_of(value)?,
            b'r' if !self.bytes => vm.repr(value)?,
            _ => vm.ascii(value)?,
        };
        let Some(s) = shown.downcast::<Str>() else { return Ok(()) };
        let n = d.precision.map_or(s.len(), |p| p.min(s.len()));
        self.padded(d, &s.as_bytes()[..s.offset(n)], n)
    }
}

/// What `%b` puts for a value: `__bytes__` or its buffer.
fn bytes_of(vm: &Vm, value: &Value) -> PyResult<Vec<u8>> {
    if let Some(b) = value.downcast::<Bytes>().filter(|_| vm.is_exact(value, vm.types().bytes)) {
        return Ok(b.as_bytes().to_vec());
    }
    if let Some(r) = vm.call_special(value, &vm.names().__bytes__, &[])? {
        return match r.downcast::<Bytes>() {
            Some(b) => Ok(b.as_bytes().to_vec()),
            None => Err(vm.type_error(&format!("__bytes__ returned non-bytes (type {})", vm.type_of(&r).name()))),
        };
    }
    if vm.has_buffer(value) {
        return Ok(vm.get_buffer(value, false)?.to_vec());
    }
    Err(vm.type_error(&format!(
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{}'",
        vm.type_of(value).name()
    )))
}
