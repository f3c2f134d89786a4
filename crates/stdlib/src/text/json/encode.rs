//! `make_encoder`: from values to text.
//!
//! Invariant: nothing borrowed from a list or dict lives while Python code may run.

use super::strings::quote;
use crate::data::{bind, required};
use hashbrown::HashSet;
use serpens_vm::types::builtin::Builtin;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::float::text::push_repr;
use serpens_vm::types::int::IntRef;
use serpens_vm::types::int::text::{Decimal, decimal_string};
use serpens_vm::types::list::List;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{CallArgs, GetSetDef, PyResult, TypeDef, TypeObj, Value, Vm};

/// An encoder.
pub struct Encoder {
    markers: Value,
    default: Value,
    encoder: Value,
    indent: Value,
    key_separator: Value,
    item_separator: Value,
    sort_keys: Value,
    skipkeys: Value,
    allow_nan: bool,
    /// Whether `encoder` is one of this module's, and escapes what is not ASCII.
    own: Option<bool>,
}

serpens_vm::native_payload!(Encoder {
    markers,
    default,
    encoder,
    indent,
    key_separator,
    item_separator,
    sort_keys,
    skipkeys
});

macro_rules! members {
    ($($name:ident)*) => { &[$( GetSetDef::new(stringify!($name), |_, v| Ok(this(v).$name.clone())) ),*] };
}

/// The type `Encoder`.
pub static ENCODER: TypeDef = TypeDef::new::<Encoder>("Encoder")
    .copied()
    .module("_json")
    .doc("Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)")
    .basetype()
    .gc()
    .slots(Slots { new: Some(new), call: Some(call), ..Slots::EMPTY })
    .getset(members!(markers default encoder indent key_separator item_separator sort_keys skipkeys));

fn this(v: &Value) -> &Encoder {
    v.downcast::<Encoder>().expect("the descriptor has checked the receiver")
}

const PARAMETERS: [&str; 9] = [
    "markers",
    "default",
    "encoder",
    "indent",
    "key_separator",
    "item_separator",
    "sort_keys",
    "skipkeys",
    "allow_nan",
];

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let bound = bind(vm, args, "make_encoder", PARAMETERS, 9)?;
    let [markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan] =
        bound.map(|v| required(v).clone());
    if !markers.is_none() && !markers.is_a::<Dict>() {
        let name = vm.type_of(&markers).name();
        return Err(vm.type_error(&format!("make_encoder() argument 1 must be dict or None, not {name}")));
    }
    for (i, separator) in [(5, &key_separator), (6, &item_separator)] {
        if !separator.is_a::<Str>() {
            let name = vm.arg_type_name(separator);
            return Err(vm.type_error(&format!("make_encoder() argument {i} must be str, not {name}")));
        }
    }
    let own = encoder.downcast::<Builtin>().and_then(|b| match b.def.name {
        "encode_basestring_ascii" => Some(true),
        "encode_basestring" => Some(false),
        _ => None,
    });
    let allow_nan = vm.truthy(&allow_nan)?;
    let encoder = Encoder {
        markers,
        default,
        encoder,
        indent,
        key_separator,
        item_separator,
        sort_keys,
        skipkeys,
        allow_nan,
        own,
    };
    Ok(vm.alloc(ty, encoder))
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let [obj, level] = bind(vm, args, "_iterencode", ["obj", "_current_indent_level"], 2)?;
    let level = vm.arg_isize(required(level))?.max(0) as usize;
    let by = this(v);
    let indent = by.indent.downcast::<Str>().map(|s| s.as_bytes().to_vec());
    let mut run = Run {
        vm,
        by,
        out: Vec::new(),
        open: HashSet::new(),
        indent,
        sort: vm.truthy(&by.sort_keys)?,
        skip: vm.truthy(&by.skipkeys)?,
        key_separator: text_bytes(&by.key_separator),
        item_separator: text_bytes(&by.item_separator),
    };
    run.value(required(obj), level)?;
    Ok(vm.tuple(vec![vm.str_wtf8(&run.out)]))
}

fn text_bytes(v: &Value) -> &[u8] {
    v.downcast::<Str>().map_or(&[], Str::as_bytes)
}

/// One run over a value.
struct Run<'a> {
    vm: &'a Vm,
    by: &'a Encoder,
    out: Vec<u8>,
    /// The containers that are being written.
    open: HashSet<u64>,
    indent: Option<Vec<u8>>,
    sort: bool,
    skip: bool,
    key_separator: &'a [u8],
    item_separator: &'a [u8],
}

impl Run<'_> {
    fn value(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        if v.is_none() {
            self.out.extend_from_slice(b"null");
        } else if let Some(b) = v.as_bool() {
            self.out.extend_from_slice(if b { b"true" } else { b"false" });
        } else if v.is_a::<Str>() {
            self.text(v)?;
        } else if let Some(i) = v.as_small_int() {
            self.out.extend_from_slice(Decimal::new(i).as_bytes());
        } else if let Some(d) = v.as_float() {
            self.float(d)?;
        } else if let Some(int) = IntRef::of(v) {
            self.out.extend_from_slice(decimal_string(vm, int)?.as_bytes());
        } else if vm.type_of(v).is_subtype(vm.types().float) {
            self.float(vm.to_f64(v)?)?;
        } else if v.is_a::<List>() || v.is_a::<Tuple>() {
            let _guard = vm.check_recursion(" while encoding a JSON object")?;
            self.list(v, level)?;
        } else if v.is_a::<Dict>() {
            let _guard = vm.check_recursion(" while encoding a JSON object")?;
            self.dict(v, level)?;
        } else {
            self.other(v, level)?;
        }
        Ok(())
    }

    fn text(&mut self, v: &Value) -> PyResult<()> {
        if let (Some(ascii), Some(s)) = (self.by.own, v.downcast::<Str>()) {
            quote(s, ascii, &mut self.out);
            return Ok(());
        }
        let made = self.vm.call_one(&self.by.encoder, v)?;
        match made.downcast::<Str>() {
            Some(s) => self.out.extend_from_slice(s.as_bytes()),
            None => {
                let name = self.vm.type_of(&made).name();
                return Err(self.vm.type_error(&format!("encoder() must return a string, not {name}")));
            }
        }
        Ok(())
    }

    fn float(&mut self, d: f64) -> PyResult<()> {
        if d.is_finite() {
            push_repr(&mut self.out, d, true);
            return Ok(());
        }
        if !self.by.allow_nan {
            let shown = self.vm.repr_string(&Value::float(d))?;
            return Err(self.vm.value_error(&format!("Out of range float values are not JSON compliant: {shown}")));
        }
        let text = match (d.is_nan(), d > 0.0) {
            (true, _) => "NaN",
            (_, true) => "Infinity",
            _ => "-Infinity",
        };
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// Marks a container as being written.
    fn enter(&mut self, v: &Value) -> PyResult<()> {
        if !self.by.markers.is_none() && !self.open.insert(v.bits()) {
            return Err(self.vm.value_error("Circular reference detected"));
        }
        Ok(())
    }

    fn leave(&mut self, v: &Value) {
        if !self.by.markers.is_none() {
            self.open.remove(&v.bits());
        }
    }

    fn new_line(&mut self, level: usize) {
        if let Some(indent) = &self.indent {
            self.out.push(b'\n');
            for _ in 0..level {
                self.out.extend_from_slice(indent);
            }
        }
    }

    fn separate(&mut self, level: usize) -> PyResult<()> {
        self.out.extend_from_slice(self.item_separator);
        self.new_line(level);
        if self.out.len() >= 1 << 20 {
            self.vm.check_alloc(self.out.len())?;
        }
        Ok(())
    }

    fn list(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let item = |i: usize| match v.downcast::<List>() {
            Some(list) => list.get(i),
            None => v.downcast::<Tuple>().and_then(|t| t.as_slice().get(i).cloned()),
        };
        if item(0).is_none() {
            self.out.extend_from_slice(b"[]");
            return Ok(());
        }
        self.enter(v)?;
        self.out.push(b'[');
        self.new_line(level + 1);
        let mut i = 0;
        while let Some(x) = item(i) {
            if i > 0 {
                self.separate(level + 1)?;
            }
            let written = self.value(&x, level + 1);
            self.noted(written, |_| Ok(format!("when serializing {} item {i}", self_name(self.vm, v))))?;
            i += 1;
        }
        self.new_line(level);
        self.out.push(b']');
        self.leave(v);
        Ok(())
    }

    fn dict(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        let Some(dict) = v.downcast::<Dict>() else { return Ok(()) };
        if dict.is_empty() {
            self.out.extend_from_slice(b"{}");
            return Ok(());
        }
        self.enter(v)?;
        self.out.push(b'{');
        let mut first = true;
        if self.sort || !vm.is_exact(v, vm.types().dict) {
            let items = vm.call_method(v, &vm.names().items, &[])?;
            let items = vm.list(vm.collect(&items)?);
            if self.sort {
                vm.call_method_str(&items, "sort", &[])?;
            }
            for pair in vm.collect(&items)? {
                match pair.downcast::<Tuple>().map(Tuple::as_slice) {
                    Some([key, value]) => self.member(v, key, value, &mut first, level + 1)?,
                    _ => return Err(vm.value_error("items must return 2-tuples")),
                }
            }
        } else {
            let mut at = 0;
            while let Some(i) = dict.entry_from(at) {
                if let Some((key, value)) = dict.entry(i) {
                    self.member(v, &key, &value, &mut first, level + 1)?;
                }
                at = i + 1;
            }
        }
        if !first {
            self.new_line(level);
        }
        self.out.push(b'}');
        self.leave(v);
        Ok(())
    }

    fn member(&mut self, dict: &Value, key: &Value, value: &Value, first: &mut bool, level: usize) -> PyResult<()> {
        let vm = self.vm;
        let name;
        let name = if key.is_a::<Str>() {
            key
        } else {
            match self.key(key)? {
                Some(made) => name = made,
                None => return Ok(()),
            }
            &name
        };
        if *first {
            *first = false;
            self.new_line(level);
        } else {
            self.separate(level)?;
        }
        self.text(name)?;
        self.out.extend_from_slice(self.key_separator);
        let written = self.value(value, level);
        self.noted(written, |_| Ok(format!("when serializing {} item {}", self_name(vm, dict), vm.repr_string(key)?)))
    }

    /// The text of a key that is none; `None` if it is to be left out.
    fn key(&mut self, key: &Value) -> PyResult<Option<Value>> {
        let vm = self.vm;
        let is_number = IntRef::of(key).is_some() || vm.type_of(key).is_subtype(vm.types().float);
        if !is_number && !key.is_none() {
            if self.skip {
                return Ok(None);
            }
            let name = vm.type_of(key).name();
            let text = format!("keys must be str, int, float, bool or None, not {name}");
            return Err(vm.type_error(&text));
        }
        // Written like a value, then taken back.
        let at = self.out.len();
        self.value(key, 0)?;
        Ok(Some(vm.str_wtf8(&self.out.split_off(at))))
    }

    fn other(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        self.enter(v)?;
        let made = vm.call_one(&self.by.default, v)?;
        let written = match vm.check_recursion(" while encoding a JSON object") {
            Ok(_guard) => self.value(&made, level),
            Err(e) => Err(e),
        };
        self.noted(written, |_| Ok(format!("when serializing {} object", self_name(vm, v))))?;
        self.leave(v);
        Ok(())
    }

    /// Adds a note to the exception that ended the writing of a part.
    fn noted(&self, written: PyResult<()>, note: impl FnOnce(&Vm) -> PyResult<String>) -> PyResult<()> {
        if written.is_err() {
            let vm = self.vm;
            let pending = vm.ts().save_pending();
            let text = note(vm);
            if text.is_err() {
                drop(vm.take_raised());
            }
            vm.ts().restore_pending(pending);
            if let Ok(text) = text {
                vm.add_note_to_pending(&text);
            }
        }
        written
    }
}

/// The class of a value as notes show it.
fn self_name(vm: &Vm, v: &Value) -> String {
    match vm.type_of(v).full_name(vm) {
        name if name.starts_with("__main__.") => name["__main__.".len()..].to_string(),
        name => name,
    }
}
