//! `make_scanner`: a callable that reads one value out of a text.
//!
//! Invariant: the text is a `str`, which cannot change while hooks of the program run.

use super::decode_error;
use super::strings;
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, GetSetDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};

/// A scanner: the settings of a decoder.
pub(super) struct Scanner {
    strict: bool,
    object_hook: Value,
    object_pairs_hook: Value,
    parse_float: Value,
    parse_int: Value,
    parse_constant: Value,
}

// SAFETY: made by the heap only; the type says which payload it is.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Scanner {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<Scanner>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        for v in [&self.object_hook, &self.object_pairs_hook, &self.parse_float, &self.parse_int, &self.parse_constant]
        {
            visit(v);
        }
    }
}

/// The type `_json.make_scanner`.
pub(super) static SCANNER: TypeDef = TypeDef::new::<Scanner>("make_scanner")
    .module("_json")
    .doc("JSON scanner object")
    .basetype()
    .gc()
    .slots(Slots { new: Some(new), call: Some(call), ..Slots::EMPTY })
    .getset(&[
        GetSetDef::new("strict", |_, v| Ok(Value::bool(this(v).strict))),
        GetSetDef::new("object_hook", |_, v| Ok(this(v).object_hook.clone())),
        GetSetDef::new("object_pairs_hook", |_, v| Ok(this(v).object_pairs_hook.clone())),
        GetSetDef::new("parse_float", |_, v| Ok(this(v).parse_float.clone())),
        GetSetDef::new("parse_int", |_, v| Ok(this(v).parse_int.clone())),
        GetSetDef::new("parse_constant", |_, v| Ok(this(v).parse_constant.clone())),
    ]);

fn this(v: &Value) -> &Scanner {
    v.downcast::<Scanner>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let context = match (args.pos(), args.n_named()) {
        ([context], 0) => context,
        ([], 1) if args.kw("context").is_some() => &args.all()[0],
        ([], 0) => return Err(vm.type_error("make_scanner() missing required argument 'context' (pos 1)")),
        _ => {
            let n = args.all().len();
            return Err(vm.type_error(&format!("make_scanner() takes at most 1 argument ({n} given)")));
        }
    };
    let get = |name: &str| vm.getattr_str(context, name);
    let strict = vm.truthy(&get("strict")?)?;
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
    let at = |i: usize, name: &str| args.pos().get(i).or_else(|| args.kw(name));
    let (Some(text), Some(index)) = (at(0, "string"), at(1, "idx")) else {
        let missing = if at(0, "string").is_none() { "'string' (pos 1)" } else { "'idx' (pos 2)" };
        return Err(vm.type_error(&format!("scan_once() missing required argument {missing}")));
    };
    let Some(s) = text.downcast::<Str>() else {
        return Err(vm.type_error(&format!("first argument must be a string, not {}", vm.type_of(text).name())));
    };
    let index = vm.arg_isize(index)?;
    if index < 0 {
        return Err(vm.value_error("idx cannot be negative"));
    }
    if index as usize > s.len() {
        return Err(vm.stop_iteration(vm.int(index as i64)));
    }
    let mut scan =
        Scan { vm, scanner: this(v), text, s, bytes: s.as_bytes(), at: s.offset(index as usize), keys: vm.new_dict() };
    let value = scan.value()?;
    Ok(vm.tuple(vec![value, vm.int_usize(vm.char_index(s, scan.at))]))
}

/// A text while it is read; `at` is a byte.
struct Scan<'a> {
    vm: &'a Vm,
    scanner: &'a Scanner,
    text: &'a Value,
    s: &'a Str,
    bytes: &'a [u8],
    at: usize,
    /// Keys of objects, so that equal ones are one text.
    keys: Value,
}

impl Scan<'_> {
    fn fail(&self, message: &str, at: usize) -> Raised {
        decode_error(self.vm, message, self.text, self.vm.char_index(self.s, at))
    }

    /// There is no value at a byte.
    fn stop(&self, at: usize) -> Raised {
        self.vm.stop_iteration(self.vm.int_usize(self.vm.char_index(self.s, at)))
    }

    fn skip_space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.bytes[self.at..].starts_with(word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn value(&mut self) -> PyResult {
        let vm = self.vm;
        match self.bytes.get(self.at) {
            Some(b'"') => {
                let (value, next) = strings::scan(vm, self.text, self.s, self.at + 1, self.scanner.strict)?;
                self.at = next;
                Ok(value)
            }
            Some(b'{') => {
                let _guard = vm.check_recursion(" while decoding a JSON object from a unicode string")?;
                self.object()
            }
            Some(b'[') => {
                let _guard = vm.check_recursion(" while decoding a JSON array from a unicode string")?;
                self.array()
            }
            Some(b'n') if self.take("null") => Ok(Value::NONE),
            Some(b't') if self.take("true") => Ok(Value::TRUE),
            Some(b'f') if self.take("false") => Ok(Value::FALSE),
            Some(b'N') if self.take("NaN") => self.constant("NaN"),
            Some(b'I') if self.take("Infinity") => self.constant("Infinity"),
            Some(b'-') if self.take("-Infinity") => self.constant("-Infinity"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.stop(self.at)),
        }
    }

    fn constant(&self, name: &str) -> PyResult {
        self.vm.call_one(&self.scanner.parse_constant, &self.vm.str(name))
    }

    fn digits(&self, mut at: usize) -> usize {
        while matches!(self.bytes.get(at), Some(b'0'..=b'9')) {
            at += 1;
        }
        at
    }

    fn number(&mut self) -> PyResult {
        let (vm, start) = (self.vm, self.at);
        let first = start + usize::from(self.bytes[start] == b'-');
        let mut end = match self.bytes.get(first) {
            Some(b'0') => first + 1,
            Some(b'1'..=b'9') => self.digits(first),
            _ => return Err(self.stop(start)),
        };
        let mut float = false;
        if self.bytes.get(end) == Some(&b'.') && self.digits(end + 1) > end + 1 {
            float = true;
            end = self.digits(end + 1);
        }
        if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
            let digits = end + 1 + sign;
            if self.digits(digits) > digits {
                float = true;
                end = self.digits(digits);
            }
        }
        let digits = &self.bytes[start..end];
        self.at = end;
        let t = vm.types();
        let (parse, own) = match float {
            true => (&self.scanner.parse_float, t.float),
            false => (&self.scanner.parse_int, t.int),
        };
        if !float
            && parse.is(&own.value())
            && digits.len() < 15
            && let Some(n) = std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok())
        {
            return Ok(vm.int(n));
        }
        vm.call_one(parse, &vm.str_wtf8(digits))
    }

    fn object(&mut self) -> PyResult {
        let vm = self.vm;
        let pairs_wanted = !self.scanner.object_pairs_hook.is_none();
        let mut pairs = Vec::new();
        let dict = vm.new_dict();
        self.at += 1;
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b'}') {
            loop {
                if self.bytes.get(self.at) != Some(&b'"') {
                    return Err(self.fail("Expecting property name enclosed in double quotes", self.at));
                }
                let (key, next) = strings::scan(vm, self.text, self.s, self.at + 1, self.scanner.strict)?;
                let key = self.shared(key)?;
                self.at = next;
                self.skip_space();
                if self.bytes.get(self.at) != Some(&b':') {
                    return Err(self.fail("Expecting ':' delimiter", self.at));
                }
                self.at += 1;
                self.skip_space();
                let value = self.value()?;
                match dict.downcast::<Dict>() {
                    Some(d) if !pairs_wanted => d.set(vm, key, value)?,
                    _ => pairs.push(vm.tuple(vec![key, value])),
                }
                if !self.goes_on(b'}', "Illegal trailing comma before end of object")? {
                    break;
                }
            }
        }
        self.at += 1;
        if pairs_wanted {
            return vm.call_one(&self.scanner.object_pairs_hook, &vm.list(pairs));
        }
        match &self.scanner.object_hook {
            hook if hook.is_none() => Ok(dict),
            hook => vm.call_one(hook, &dict),
        }
    }

    /// The key, or the equal one that was met before.
    fn shared(&self, key: Value) -> PyResult {
        match self.keys.downcast::<Dict>() {
            Some(keys) => keys.get_or_insert(self.vm, &key, || key.clone()),
            None => Ok(key),
        }
    }

    fn array(&mut self) -> PyResult {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_space();
        if self.bytes.get(self.at) != Some(&b']') {
            loop {
                items.push(self.value()?);
                if !self.goes_on(b']', "Illegal trailing comma before end of array")? {
                    break;
                }
            }
        }
        self.at += 1;
        Ok(self.vm.list(items))
    }

    /// Behind an item: whether a comma and another item follow; otherwise the closing bracket is next.
    fn goes_on(&mut self, close: u8, trailing: &str) -> PyResult<bool> {
        self.skip_space();
        match self.bytes.get(self.at) {
            Some(b) if *b == close => Ok(false),
            Some(b',') => {
                let comma = self.at;
                self.at += 1;
                self.skip_space();
                if self.bytes.get(self.at) == Some(&close) {
                    return Err(self.fail(trailing, comma));
                }
                Ok(true)
            }
            _ => Err(self.fail("Expecting ',' delimiter", self.at)),
        }
    }
}
