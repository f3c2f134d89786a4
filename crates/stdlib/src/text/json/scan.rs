//! `make_scanner`: from text to values.

use super::strings::{Text, unquote};
use super::{Source, text_arg};
use hashbrown::HashMap;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::int::text::int_from_text;
use serpens_vm::types::slots::Slots;
use serpens_vm::{CallArgs, GetSetDef, PyResult, TypeDef, TypeObj, Value, Vm};

/// A scanner: what a decoder wants done with what is found.
pub struct Scanner {
    strict: Value,
    object_hook: Value,
    object_pairs_hook: Value,
    parse_float: Value,
    parse_int: Value,
    parse_constant: Value,
}

serpens_vm::native_payload!(Scanner { strict, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant });

macro_rules! members {
    ($($name:ident)*) => { &[$( GetSetDef::new(stringify!($name), |_, v| Ok(this(v).$name.clone())) ),*] };
}

/// The type `Scanner`.
pub static SCANNER: TypeDef = TypeDef::new::<Scanner>("Scanner")
    .copied()
    .module("_json")
    .doc("JSON scanner object")
    .basetype()
    .gc()
    .slots(Slots { new: Some(new), call: Some(call), ..Slots::EMPTY })
    .getset(members!(strict object_hook object_pairs_hook parse_float parse_int parse_constant));

fn this(v: &Value) -> &Scanner {
    v.downcast::<Scanner>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [context] = crate::data::bind(vm, args, "make_scanner", ["context"], 1)?;
    let context = crate::data::required(context);
    let get = |name: &str| vm.getattr_str(context, name);
    let strict = Value::bool(vm.truthy(&get("strict")?)?);
    let scanner = Scanner {
        strict,
        object_hook: get("object_hook")?,
        object_pairs_hook: get("object_pairs_hook")?,
        parse_float: get("parse_float")?,
        parse_int: get("parse_int")?,
        parse_constant: get("parse_constant")?,
    };
    Ok(vm.alloc(ty, scanner))
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let [string, idx] = crate::data::bind(vm, args, "scan_once", ["string", "idx"], 2)?;
    let (string, idx) = (crate::data::required(string), vm.arg_isize(crate::data::required(idx))?);
    let text = text_arg(vm, string)?;
    if idx < 0 {
        return Err(vm.value_error("idx cannot be negative"));
    }
    let source = Source { vm, value: string, text, bytes: text.as_bytes() };
    if idx as usize > text.len() {
        return Err(vm.raise_with(vm.types().StopIteration, vec![Value::from_usize(idx as usize)]));
    }
    let start = text.offset(idx as usize);
    let int = this(v).parse_int.is(&vm.types().int.value());
    let float = this(v).parse_float.is(&vm.types().float.value());
    let strict = this(v).strict.as_bool() == Some(true);
    let mut scan = Scan { source, by: this(v), keys: HashMap::new(), strict, int, float };
    let (made, end) = scan.value(start)?;
    let end = scan.source.index(end);
    Ok(vm.pair(made, Value::from_usize(end)))
}

/// One run over a text.
struct Scan<'a> {
    source: Source<'a>,
    by: &'a Scanner,
    /// Keys of objects that occurred before.
    keys: HashMap<&'a [u8], Value>,
    strict: bool,
    /// Whether integers are made by `int` itself.
    int: bool,
    /// Whether floats are made by `float` itself.
    float: bool,
}

impl<'a> Scan<'a> {
    fn skip_space(&self, mut at: usize) -> usize {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.source.bytes.get(at) {
            at += 1;
        }
        at
    }

    /// The value at a byte, and where it ends.
    fn value(&mut self, at: usize) -> PyResult<(Value, usize)> {
        let bytes = self.source.bytes;
        let Some(first) = bytes.get(at) else { return Err(self.source.no_value(at)) };
        let rest = &bytes[at..];
        match first {
            b'"' => {
                let (text, end) = unquote(&self.source, at + 1, self.strict)?;
                Ok((text.value(self.source.vm), end))
            }
            b'{' => {
                let _guard = self.source.vm.check_recursion(" while decoding a JSON object from a unicode string")?;
                self.object(at + 1)
            }
            b'[' => {
                let _guard = self.source.vm.check_recursion(" while decoding a JSON array from a unicode string")?;
                self.array(at + 1)
            }
            b'n' if rest.starts_with(b"null") => Ok((Value::NONE, at + 4)),
            b't' if rest.starts_with(b"true") => Ok((Value::TRUE, at + 4)),
            b'f' if rest.starts_with(b"false") => Ok((Value::FALSE, at + 5)),
            b'N' if rest.starts_with(b"NaN") => self.constant("NaN", at),
            b'I' if rest.starts_with(b"Infinity") => self.constant("Infinity", at),
            b'-' if rest.starts_with(b"-Infinity") => self.constant("-Infinity", at),
            _ => self.number(at),
        }
    }

    fn constant(&self, name: &str, at: usize) -> PyResult<(Value, usize)> {
        let vm = self.source.vm;
        Ok((vm.call_one(&self.by.parse_constant, &vm.str(name))?, at + name.len()))
    }

    fn number(&self, start: usize) -> PyResult<(Value, usize)> {
        let (bytes, vm) = (self.source.bytes, self.source.vm);
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let first = start + (bytes.get(start) == Some(&b'-')) as usize;
        let mut end = match bytes.get(first) {
            Some(b'0') => first + 1,
            Some(b'1'..=b'9') => digits(first),
            _ => return Err(self.source.no_value(start)),
        };
        let mut is_float = false;
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1);
            is_float = true;
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let sign = matches!(bytes.get(end + 1), Some(b'+' | b'-')) as usize;
            if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                end = digits(end + 1 + sign);
                is_float = true;
            }
        }
        let text = std::str::from_utf8(&bytes[start..end]).unwrap_or_default();
        let made = match is_float {
            true if self.float => Value::float(text.parse().unwrap_or(f64::NAN)),
            true => vm.call_one(&self.by.parse_float, &vm.str(text))?,
            false if self.int => match text.parse::<i64>() {
                Ok(n) => vm.int(n),
                Err(_) => int_from_text(vm, text.as_bytes(), 10, &vm.str(text))?,
            },
            false => vm.call_one(&self.by.parse_int, &vm.str(text))?,
        };
        Ok((made, end))
    }

    fn array(&mut self, at: usize) -> PyResult<(Value, usize)> {
        let vm = self.source.vm;
        let mut items = Vec::new();
        let mut at = self.skip_space(at);
        if self.source.bytes.get(at) == Some(&b']') {
            return Ok((vm.list(items), at + 1));
        }
        loop {
            let (item, end) = self.value(at)?;
            items.push(item);
            at = self.skip_space(end);
            match self.source.bytes.get(at) {
                Some(b']') => return Ok((vm.list(items), at + 1)),
                Some(b',') => {}
                _ => return Err(self.source.error("Expecting ',' delimiter", at)),
            }
            let comma = at;
            at = self.skip_space(at + 1);
            if self.source.bytes.get(at) == Some(&b']') {
                return Err(self.source.error("Illegal trailing comma before end of array", comma));
            }
        }
    }

    fn key(&mut self, at: usize) -> PyResult<(Value, usize)> {
        let (text, end) = unquote(&self.source, at, self.strict)?;
        let vm = self.source.vm;
        let key = match text {
            Text::Plain(bytes) => self.keys.entry(bytes).or_insert_with(|| vm.str_wtf8(bytes)).clone(),
            made => made.value(vm),
        };
        Ok((key, end))
    }

    fn object(&mut self, at: usize) -> PyResult<(Value, usize)> {
        let vm = self.source.vm;
        let wants_pairs = !self.by.object_pairs_hook.is_none();
        let made = vm.new_dict();
        let mut pairs = Vec::new();
        let mut at = self.skip_space(at);
        let mut open = self.source.bytes.get(at) != Some(&b'}');
        while open {
            if self.source.bytes.get(at) != Some(&b'"') {
                return Err(self.source.error("Expecting property name enclosed in double quotes", at));
            }
            let (key, end) = self.key(at + 1)?;
            at = self.skip_space(end);
            if self.source.bytes.get(at) != Some(&b':') {
                return Err(self.source.error("Expecting ':' delimiter", at));
            }
            let (value, end) = self.value(self.skip_space(at + 1))?;
            if wants_pairs {
                pairs.push(vm.pair(key, value));
            } else if let Some(dict) = made.downcast::<Dict>() {
                dict.set_str(vm, &key, value);
            }
            at = self.skip_space(end);
            match self.source.bytes.get(at) {
                Some(b'}') => open = false,
                Some(b',') => {
                    let comma = at;
                    at = self.skip_space(at + 1);
                    if self.source.bytes.get(at) == Some(&b'}') {
                        return Err(self.source.error("Illegal trailing comma before end of object", comma));
                    }
                }
                _ => return Err(self.source.error("Expecting ',' delimiter", at)),
            }
        }
        let made = if wants_pairs {
            vm.call_one(&self.by.object_pairs_hook, &vm.list(pairs))?
        } else if !self.by.object_hook.is_none() {
            vm.call_one(&self.by.object_hook, &made)?
        } else {
            made
        };
        Ok((made, at + 1))
    }
}
