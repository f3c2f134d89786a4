//! What happens where something cannot be coded: the built-in error handlers, and those that Python code registered.

use super::utf16::Order;
use crate::error::{PyResult, Raised};
use crate::types::bytes::Bytes;
use crate::types::str::repr::write_escape;
use crate::types::str::{CodePoints, Str, push_char};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// An error handler.
#[derive(Clone)]
pub(crate) enum Handler {
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
    NameReplace,
    SurrogateEscape,
    SurrogatePass,
    Custom(Value),
}

fn handler(vm: &Vm, errors: Option<&str>) -> PyResult<Handler> {
    Ok(match errors.unwrap_or("strict") {
        "strict" => Handler::Strict,
        "ignore" => Handler::Ignore,
        "replace" => Handler::Replace,
        "backslashreplace" => Handler::BackslashReplace,
        "xmlcharrefreplace" => Handler::XmlCharRefReplace,
        "namereplace" => Handler::NameReplace,
        "surrogateescape" => Handler::SurrogateEscape,
        "surrogatepass" => Handler::SurrogatePass,
        name => match vm.registered_error_handler(name) {
            Some(f) => Handler::Custom(f),
            None => return Err(vm.unknown_error_handler(name)),
        },
    })
}

/// The unit of a multi-byte encoding, for `surrogatepass`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    Utf8,
    Utf16(Order),
    Utf32(Order),
    Other,
}

impl Form {
    fn of(encoding: &str) -> Form {
        let name = super::normalized(encoding).replace('_', "");
        let native = Order::NATIVE;
        match name.as_str() {
            "utf8" | "cputf8" => Form::Utf8,
            "utf16" => Form::Utf16(native),
            "utf16le" => Form::Utf16(Order::Little),
            "utf16be" => Form::Utf16(Order::Big),
            "utf32" => Form::Utf32(native),
            "utf32le" => Form::Utf32(Order::Little),
            "utf32be" => Form::Utf32(Order::Big),
            _ => Form::Other,
        }
    }
}

/// A decoder at work: its input, its output so far, and how it treats errors.
pub struct Decoding<'a> {
    vm: &'a Vm,
    encoding: &'a str,
    object: Option<Value>,
    input: &'a [u8],
    /// The input, after a handler replaced it.
    replaced: Option<Value>,
    errors: Option<&'a str>,
    handler: Option<Handler>,
    /// WTF-8 so far.
    pub out: Vec<u8>,
}

impl<'a> Decoding<'a> {
    /// A decoder of `input`, which is the content of `object` if that is `bytes`.
    pub fn new(
        vm: &'a Vm,
        encoding: &'a str,
        object: Option<&Value>,
        input: &'a [u8],
        errors: Option<&'a str>,
    ) -> Decoding<'a> {
        let object = object.filter(|o| vm.is_exact(o, vm.types().bytes)).cloned();
        Decoding { vm, encoding, object, input, replaced: None, errors, handler: None, out: Vec::new() }
    }

    /// The machine.
    pub fn vm(&self) -> &'a Vm {
        self.vm
    }

    /// The input as it is now.
    #[inline]
    pub fn input(&self) -> &[u8] {
        match &self.replaced {
            Some(v) => v.downcast::<Bytes>().map_or(b"", Bytes::as_bytes),
            None => self.input,
        }
    }

    /// The bytes from `start` to `end` cannot be decoded: applies the handler and returns where to go on.
    #[cold]
    pub fn error(&mut self, start: usize, end: usize, reason: &str) -> PyResult<usize> {
        let vm = self.vm;
        if self.handler.is_none() {
            self.handler = Some(handler(vm, self.errors)?);
        }
        let handler = self.handler.clone();
        match handler {
            Some(Handler::Ignore) => Ok(end),
            Some(Handler::Replace) => {
                push_char(&mut self.out, 0xfffd);
                Ok(end)
            }
            Some(Handler::BackslashReplace) => {
                let bytes = self.input()[start..end].to_vec();
                bytes.iter().for_each(|b| write_escape(&mut self.out, *b as u32));
                Ok(end)
            }
            Some(Handler::SurrogateEscape) => {
                let bytes: Vec<u8> =
                    self.input()[start..end].iter().copied().take(4).take_while(|b| *b >= 128).collect();
                if bytes.is_empty() {
                    return Err(self.raise(start, end, reason));
                }
                bytes.iter().for_each(|b| push_char(&mut self.out, 0xdc00 + *b as u32));
                Ok(start + bytes.len())
            }
            Some(Handler::SurrogatePass) => match surrogate_at(Form::of(self.encoding), &self.input()[start..]) {
                Some((c, n)) => {
                    push_char(&mut self.out, c);
                    Ok(start + n)
                }
                None => Err(self.raise(start, end, reason)),
            },
            Some(Handler::Custom(f)) => self.call(&f, start, end, reason),
            Some(Handler::Strict) | None => Err(self.raise(start, end, reason)),
            Some(Handler::XmlCharRefReplace | Handler::NameReplace) => {
                let e = self.exception(start, end, reason);
                Err(wrong_exception(vm, &e))
            }
        }
    }

    fn exception(&mut self, start: usize, end: usize, reason: &str) -> Value {
        let vm = self.vm;
        let object = match (&self.replaced, &self.object) {
            (Some(v), _) | (None, Some(v)) => v.clone(),
            _ => {
                let made = vm.bytes(self.input);
                self.object = Some(made.clone());
                made
            }
        };
        vm.unicode_error(vm.types().UnicodeDecodeError, Some(self.encoding), &object, start..end, reason)
    }

    fn raise(&mut self, start: usize, end: usize, reason: &str) -> Raised {
        let e = self.exception(start, end, reason);
        self.vm.raise(e)
    }

    fn call(&mut self, f: &Value, start: usize, end: usize, reason: &str) -> PyResult<usize> {
        let vm = self.vm;
        let exception = self.exception(start, end, reason);
        let result = vm.call_one(f, &exception)?;
        let wrong = || vm.type_error("decoding error handler must return (str, int) tuple");
        let Some([text, position]) = result.downcast::<Tuple>().map(|t| t.as_slice()) else { return Err(wrong()) };
        let Some(text) = text.downcast::<Str>() else { return Err(wrong()) };
        let position = vm.index_isize(position, vm.types().OverflowError)?;
        let object = vm.getattr(&exception, &vm.names().object)?;
        if !object.is_a::<Bytes>() {
            return Err(vm.type_error("exception attribute object must be bytes"));
        }
        self.replaced = Some(object);
        let n = self.input().len() as isize;
        let at = if position < 0 { position + n } else { position };
        if at < 0 || at > n {
            return Err(vm.index_error(&format!("position {position} from error handler out of bounds")));
        }
        self.out.extend_from_slice(text.as_bytes());
        Ok(at as usize)
    }
}

/// A surrogate that a form of UTF spells out, and the bytes it takes.
fn surrogate_at(form: Form, bytes: &[u8]) -> Option<(u32, usize)> {
    let (c, n) = match (form, bytes) {
        (Form::Utf8, [0xed, b @ 0xa0..=0xbf, c @ 0x80..=0xbf, ..]) => {
            (0xd000 | (*b as u32 & 0x3f) << 6 | (*c as u32 & 0x3f), 3)
        }
        (Form::Utf16(Order::Little), [a, b, ..]) => (*a as u32 | (*b as u32) << 8, 2),
        (Form::Utf16(Order::Big), [a, b, ..]) => (*b as u32 | (*a as u32) << 8, 2),
        (Form::Utf32(Order::Little), [a, b, c, d, ..]) => (u32::from_le_bytes([*a, *b, *c, *d]), 4),
        (Form::Utf32(Order::Big), [a, b, c, d, ..]) => (u32::from_be_bytes([*a, *b, *c, *d]), 4),
        _ => return None,
    };
    (0xd800..0xe000).contains(&c).then_some((c, n))
}

/// An encoder's view of its errors.
pub struct Encoding<'a> {
    vm: &'a Vm,
    encoding: &'a str,
    /// The text being encoded, a `str`.
    pub text: Value,
    errors: Option<&'a str>,
    handler: Option<Handler>,
}

/// What takes the place of characters that cannot be encoded.
pub enum Replacement {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// Text (WTF-8) to be encoded in turn.
    Text(Vec<u8>),
}

impl<'a> Encoding<'a> {
    /// An encoder of `text`.
    pub fn new(vm: &'a Vm, encoding: &'a str, text: &Value, errors: Option<&'a str>) -> Encoding<'a> {
        Encoding { vm, encoding, text: text.clone(), errors, handler: None }
    }

    /// The machine.
    pub fn vm(&self) -> &'a Vm {
        self.vm
    }

    /// The text.
    pub fn str(&self) -> &Str {
        self.text.downcast::<Str>().expect("encoders are made for texts")
    }

    /// The exception for the characters from `start` to `end`, raised.
    #[cold]
    pub fn raise(&self, start: usize, end: usize, reason: &str) -> Raised {
        self.vm.raise(self.exception(start, end, reason))
    }

    fn exception(&self, start: usize, end: usize, reason: &str) -> Value {
        let vm = self.vm;
        vm.unicode_error(vm.types().UnicodeEncodeError, Some(self.encoding), &self.text, start..end, reason)
    }

    /// The characters from `start` to `end` cannot be encoded: what takes their place, and the character to go on at.
    #[cold]
    pub fn error(&mut self, start: usize, end: usize, reason: &str) -> PyResult<(Replacement, usize)> {
        let vm = self.vm;
        if self.handler.is_none() {
            self.handler = Some(handler(vm, self.errors)?);
        }
        let chars = || {
            let s = self.str();
            let bytes = &s.as_bytes()[s.offset(start)..s.offset(end)];
            CodePoints::new(bytes)
        };
        let text = match &self.handler {
            Some(Handler::Ignore) => Vec::new(),
            Some(Handler::Replace) => vec![b'?'; end - start],
            Some(Handler::BackslashReplace) => {
                let mut out = Vec::new();
                chars().for_each(|c| write_escape(&mut out, c));
                out
            }
            Some(Handler::XmlCharRefReplace) => {
                let mut out = Vec::new();
                chars().for_each(|c| out.extend_from_slice(format!("&#{c};").as_bytes()));
                out
            }
            Some(Handler::NameReplace) => {
                let mut out = Vec::new();
                chars().for_each(|c| write_name(&mut out, c));
                out
            }
            Some(Handler::SurrogateEscape) => {
                let mut out = Vec::new();
                for c in chars() {
                    match c {
                        0xdc80..=0xdcff => out.push((c - 0xdc00) as u8),
                        _ => return Err(self.raise(start, end, reason)),
                    }
                }
                return Ok((Replacement::Bytes(out), end));
            }
            Some(Handler::SurrogatePass) => {
                let form = Form::of(self.encoding);
                let mut out = Vec::new();
                for c in chars() {
                    if !(0xd800..0xe000).contains(&c) || form == Form::Other {
                        return Err(self.raise(start, end, reason));
                    }
                    match form {
                        Form::Utf8 | Form::Other => push_char(&mut out, c),
                        Form::Utf16(Order::Little) => out.extend_from_slice(&(c as u16).to_le_bytes()),
                        Form::Utf16(Order::Big) => out.extend_from_slice(&(c as u16).to_be_bytes()),
                        Form::Utf32(Order::Little) => out.extend_from_slice(&c.to_le_bytes()),
                        Form::Utf32(Order::Big) => out.extend_from_slice(&c.to_be_bytes()),
                    }
                }
                return Ok((Replacement::Bytes(out), end));
            }
            Some(Handler::Custom(f)) => return self.call(&f.clone(), start, end, reason),
            Some(Handler::Strict) | None => return Err(self.raise(start, end, reason)),
        };
        Ok((Replacement::Text(text), end))
    }

    fn call(&mut self, f: &Value, start: usize, end: usize, reason: &str) -> PyResult<(Replacement, usize)> {
        let vm = self.vm;
        let exception = self.exception(start, end, reason);
        let result = vm.call_one(f, &exception)?;
        let wrong = || vm.type_error("encoding error handler must return (str/bytes, int) tuple");
        let Some([made, position]) = result.downcast::<Tuple>().map(|t| t.as_slice()) else { return Err(wrong()) };
        let replacement = match (made.downcast::<Str>(), made.downcast::<Bytes>()) {
            (Some(s), _) => Replacement::Text(s.as_bytes().to_vec()),
            (_, Some(b)) => Replacement::Bytes(b.as_bytes().to_vec()),
            _ => return Err(wrong()),
        };
        let position = vm.index_isize(position, vm.types().OverflowError)?;
        let n = self.str().len() as isize;
        let at = if position < 0 { position + n } else { position };
        if at < 0 || at > n {
            return Err(vm.index_error(&format!("position {position} from error handler out of bounds")));
        }
        Ok((replacement, at as usize))
    }
}

/// Appends `\N{NAME}`, or an escape for a character without a name.
pub fn write_name(out: &mut Vec<u8>, c: u32) {
    match char::from_u32(c).and_then(unicode_names2::name) {
        Some(name) => out.extend_from_slice(format!("\\N{{{name}}}").as_bytes()),
        None => write_escape(out, c),
    }
}

/// `TypeError`: a handler was called with an exception it knows nothing of.
#[cold]
pub fn wrong_exception(vm: &Vm, exception: &Value) -> Raised {
    vm.type_error(&format!("don't know how to handle {} in error callback", vm.type_of(exception).name()))
}

/// The built-in handler `name` as a function of an exception: the tuple of replacement and position.
pub fn call_builtin_handler(vm: &Vm, name: &str, exception: &Value) -> PyResult {
    let t = vm.types();
    if !exception.is_a::<crate::types::exception::Exception>() {
        return Err(vm.type_error("codec must pass exception instance"));
    }
    if name == "strict" {
        return Err(vm.raise(exception.clone()));
    }
    let class = vm.type_of(exception);
    let (encode, decode) = (class.is_subtype(t.UnicodeEncodeError), class.is_subtype(t.UnicodeDecodeError));
    let translate = class.is_subtype(t.UnicodeTranslateError);
    let fits = match name {
        "ignore" | "replace" | "backslashreplace" => encode || decode || translate,
        "xmlcharrefreplace" | "namereplace" => encode,
        _ => encode || decode,
    };
    if !fits {
        return Err(wrong_exception(vm, exception));
    }
    let n = vm.names();
    let number =
        |name: &Value| -> PyResult<usize> { Ok(vm.index_clamped(&vm.getattr(exception, name)?)?.max(0) as usize) };
    let object = vm.getattr(exception, &n.object)?;
    let len = vm.len(&object)?;
    let end = number(&n.end)?.clamp(len.min(1), len);
    let start = number(&n.start)?.min(len.saturating_sub(1)).min(end);
    let result = |v: Value, at: usize| Ok(vm.tuple_of(&[v, Value::from_usize(at)]));
    match name {
        "ignore" => return result(vm.str(""), end),
        "replace" if translate => return result(vm.str(&"\u{fffd}".repeat(end - start)), end),
        _ => {}
    }
    let encoding = match vm.getattr_opt(exception, &n.encoding)? {
        Some(e) => vm.str_string(&e)?,
        None => String::new(),
    };
    if decode {
        let Some(bytes) = object.downcast::<Bytes>() else { return Err(wrong_exception(vm, exception)) };
        let mut d = Decoding::new(vm, &encoding, Some(&object), bytes.as_bytes(), Some(name));
        return match d.error(start, end, "") {
            Ok(at) => {
                let out = std::mem::take(&mut d.out);
                result(vm.str_from_vec(out)?, at)
            }
            Err(_) => {
                drop(vm.take_raised());
                Err(vm.raise(exception.clone()))
            }
        };
    }
    let mut e = Encoding::new(vm, &encoding, &object, Some(name));
    match e.error(start, end, "") {
        Ok((Replacement::Bytes(b), at)) => result(vm.bytes(&b), at),
        Ok((Replacement::Text(text), at)) => result(vm.str_from_vec(text)?, at),
        Err(_) => {
            drop(vm.take_raised());
            Err(vm.raise(exception.clone()))
        }
    }
}
