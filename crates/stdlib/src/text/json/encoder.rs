//! `make_encoder`: a callable that writes a value as text.
//!
//! Invariant: no borrow of a container lives while Python code may run; containers are copied before they are walked.

use super::strings;
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::float::text::repr_f64;
use serpens_vm::types::list::List;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{CallArgs, GetSetDef, PyResult, TypeDef, TypeObj, Value, Vm};

/// How texts are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// By the module's own `encode_basestring_ascii`.
    Ascii,
    /// By the module's own `encode_basestring`.
    Unicode,
    /// By a function of the program.
    Custom,
}

/// An encoder: the settings of a `JSONEncoder`.
pub(super) struct Encoder {
    markers: Value,
    default: Value,
    encoder: Value,
    indent: Value,
    key_separator: Value,
    item_separator: Value,
    sort_keys: bool,
    skip_keys: bool,
    allow_nan: bool,
    quoting: Quoting,
}

// SAFETY: made by the heap only; the type says which payload it is.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Encoder {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<Encoder>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        let values =
            [&self.markers, &self.default, &self.encoder, &self.indent, &self.key_separator, &self.item_separator];
        values.into_iter().for_each(visit);
    }
}

/// The type `_json.make_encoder`.
pub(super) static ENCODER: TypeDef = TypeDef::new::<Encoder>("make_encoder")
    .module("_json")
    .doc("Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)")
    .basetype()
    .gc()
    .slots(Slots { new: Some(new), call: Some(call), ..Slots::EMPTY })
    .getset(&[
        GetSetDef::new("markers", |_, v| Ok(this(v).markers.clone())),
        GetSetDef::new("default", |_, v| Ok(this(v).default.clone())),
        GetSetDef::new("encoder", |_, v| Ok(this(v).encoder.clone())),
        GetSetDef::new("indent", |_, v| Ok(this(v).indent.clone())),
        GetSetDef::new("key_separator", |_, v| Ok(this(v).key_separator.clone())),
        GetSetDef::new("item_separator", |_, v| Ok(this(v).item_separator.clone())),
        GetSetDef::new("sort_keys", |_, v| Ok(Value::bool(this(v).sort_keys))),
        GetSetDef::new("skipkeys", |_, v| Ok(Value::bool(this(v).skip_keys))),
    ]);

fn this(v: &Value) -> &Encoder {
    v.downcast::<Encoder>().expect("the descriptor has checked the receiver")
}

const NAMES: [&str; 9] = [
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
    let given = args.all().len();
    if given > NAMES.len() {
        return Err(vm.type_error(&format!("make_encoder() takes at most 9 arguments ({given} given)")));
    }
    let mut slots: Vec<Value> = Vec::with_capacity(NAMES.len());
    for (i, name) in NAMES.iter().enumerate() {
        match args.pos().get(i).or_else(|| args.kw(name)) {
            Some(v) => slots.push(v.clone()),
            None => {
                let message = format!("make_encoder() missing required argument '{name}' (pos {})", i + 1);
                return Err(vm.type_error(&message));
            }
        }
    }
    let text = |i: usize| -> PyResult {
        match slots[i].is_a::<Str>() {
            true => Ok(slots[i].clone()),
            false => {
                let given = vm.type_of(&slots[i]).name();
                Err(vm.type_error(&format!("make_encoder() argument {} must be str, not {given}", i + 1)))
            }
        }
    };
    if !slots[0].is_none() && !slots[0].is_a::<Dict>() {
        let given = vm.type_of(&slots[0]).name();
        return Err(vm.type_error(&format!("make_encoder() argument 1 must be dict or None, not {given}")));
    }
    let own = |name: &str| -> PyResult<bool> {
        let module = serpens_state::import::import_module(vm, "_json")?;
        Ok(vm.getattr_opt(&module, &vm.intern(name))?.is_some_and(|f| f.is(&slots[2])))
    };
    let quoting = if own("encode_basestring_ascii")? {
        Quoting::Ascii
    } else if own("encode_basestring")? {
        Quoting::Unicode
    } else {
        Quoting::Custom
    };
    let encoder = Encoder {
        markers: slots[0].clone(),
        default: slots[1].clone(),
        encoder: slots[2].clone(),
        indent: slots[3].clone(),
        key_separator: text(4)?,
        item_separator: text(5)?,
        sort_keys: vm.truthy(&slots[6])?,
        skip_keys: vm.truthy(&slots[7])?,
        allow_nan: vm.truthy(&slots[8])?,
        quoting,
    };
    Ok(vm.alloc(ty, encoder))
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let at = |i: usize, name: &str| args.pos().get(i).or_else(|| args.kw(name));
    let (Some(obj), Some(level)) = (at(0, "obj"), at(1, "_current_indent_level")) else {
        return Err(vm.type_error("_iterencode() missing required argument"));
    };
    let level = vm.arg_isize(level)?.max(0) as usize;
    let mut writing = Writing { vm, e: this(v), out: Vec::new() };
    writing.value(obj, level)?;
    let text = vm.str_from_bytes(writing.out)?;
    Ok(vm.tuple(vec![text]))
}

/// A text under construction.
struct Writing<'a> {
    vm: &'a Vm,
    e: &'a Encoder,
    out: Vec<u8>,
}

impl Writing<'_> {
    fn push_str(&mut self, v: &Value) {
        if let Some(s) = v.downcast::<Str>() {
            self.out.extend_from_slice(s.as_bytes());
        }
    }

    fn text(&mut self, v: &Value, s: &Str) -> PyResult<()> {
        match self.e.quoting {
            Quoting::Ascii => strings::push_quoted(&mut self.out, s, true),
            Quoting::Unicode => strings::push_quoted(&mut self.out, s, false),
            Quoting::Custom => {
                let encoded = self.vm.call_one(&self.e.encoder, v)?;
                if !encoded.is_a::<Str>() {
                    let given = self.vm.type_of(&encoded).name();
                    return Err(self.vm.type_error(&format!("encoder() must return a string, not {given}")));
                }
                self.push_str(&encoded);
            }
        }
        Ok(())
    }

    fn float(&self, v: &Value) -> PyResult<String> {
        let vm = self.vm;
        let d = vm.to_f64(v)?;
        if d.is_finite() {
            return Ok(repr_f64(d));
        }
        let text = match (d.is_nan(), d > 0.0) {
            (true, _) => "NaN",
            (_, true) => "Infinity",
            (_, false) => "-Infinity",
        };
        if self.e.allow_nan {
            return Ok(text.into());
        }
        let shown = vm.repr_string(v)?;
        Err(vm.value_error(&format!("Out of range float values are not JSON compliant: {shown}")))
    }

    fn newline(&mut self, level: usize) {
        if let Some(indent) = self.e.indent.downcast::<Str>() {
            self.out.push(b'\n');
            for _ in 0..level {
                self.out.extend_from_slice(indent.as_bytes());
            }
        }
    }

    fn value(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        let t = vm.types();
        if v.is_none() {
            self.out.extend_from_slice(b"null");
        } else if let Some(b) = v.as_bool() {
            self.out.extend_from_slice(if b { b"true" } else { b"false" });
        } else if let Some(s) = v.downcast::<Str>() {
            self.text(v, s)?;
        } else if let Some(i) = v.as_small_int() {
            self.out.extend_from_slice(i.to_string().as_bytes());
        } else if vm.type_of(v).is_subtype(t.int) {
            let text = serpens_vm::types::int::text::repr(vm, v)?;
            self.push_str(&text);
        } else if vm.type_of(v).is_subtype(t.float) {
            let text = self.float(v)?;
            self.out.extend_from_slice(text.as_bytes());
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

    /// What `default` makes of a value.
    fn other(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        let marker = self.enter(v)?;
        let replacement = vm.call_one(&self.e.default, v)?;
        let _guard = vm.check_recursion(" while encoding a JSON object")?;
        if let Err(raised) = self.value(&replacement, level) {
            vm.add_note_to_pending(&format!("when serializing {} object", vm.type_of(v).full_name(vm)));
            return Err(raised);
        }
        self.leave(marker)
    }

    /// Notes that a container is being written; an error if it is already.
    fn enter(&self, v: &Value) -> PyResult<Option<Value>> {
        let Some(markers) = self.e.markers.downcast::<Dict>() else { return Ok(None) };
        let id = self.vm.int_u64(v.bits());
        if markers.contains(self.vm, &id)? {
            return Err(self.vm.value_error("Circular reference detected"));
        }
        markers.set(self.vm, id.clone(), v.clone())?;
        Ok(Some(id))
    }

    fn leave(&self, marker: Option<Value>) -> PyResult<()> {
        if let (Some(id), Some(markers)) = (marker, self.e.markers.downcast::<Dict>()) {
            drop(markers.remove(self.vm, &id)?);
        }
        Ok(())
    }

    fn list(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        // A list may change while it is written, so its items are asked for one by one.
        let item_at = |i: usize| match (v.downcast::<List>(), v.downcast::<Tuple>()) {
            (Some(list), _) => list.get(i),
            (_, Some(tuple)) => tuple.as_slice().get(i).cloned(),
            _ => None,
        };
        if item_at(0).is_none() {
            self.out.extend_from_slice(b"[]");
            return Ok(());
        }
        let marker = self.enter(v)?;
        self.out.push(b'[');
        self.newline(level + 1);
        let mut i = 0;
        while let Some(item) = item_at(i) {
            if i > 0 {
                self.push_str(&self.e.item_separator.clone());
                self.newline(level + 1);
            }
            if let Err(raised) = self.value(&item, level + 1) {
                vm.add_note_to_pending(&format!("when serializing {} item {i}", vm.type_of(v).full_name(vm)));
                return Err(raised);
            }
            i += 1;
        }
        self.newline(level);
        self.out.push(b']');
        self.leave(marker)
    }

    fn pairs(&self, v: &Value) -> PyResult<Vec<(Value, Value)>> {
        let vm = self.vm;
        if vm.is_exact(v, vm.types().dict)
            && !self.e.sort_keys
            && let Some(d) = v.downcast::<Dict>()
        {
            return Ok(d.items());
        }
        let items = vm.list(vm.collect(&vm.call_method_str(v, "items", &[])?)?);
        if self.e.sort_keys {
            vm.call_method_str(&items, "sort", &[])?;
        }
        let mut pairs = Vec::new();
        for item in vm.collect(&items)? {
            match item.downcast::<Tuple>().map(Tuple::as_slice) {
                Some([key, value]) => pairs.push((key.clone(), value.clone())),
                _ => return Err(vm.value_error("items must return 2-tuples")),
            }
        }
        Ok(pairs)
    }

    fn dict(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let vm = self.vm;
        if vm.len(v)? == 0 {
            self.out.extend_from_slice(b"{}");
            return Ok(());
        }
        let marker = self.enter(v)?;
        self.out.push(b'{');
        let mut first = true;
        for (key, value) in self.pairs(v)? {
            let Some(name) = self.key(&key)? else { continue };
            let Some(text) = name.downcast::<Str>() else { continue };
            if !first {
                self.push_str(&self.e.item_separator.clone());
            }
            first = false;
            self.newline(level + 1);
            self.text(&name, text)?;
            self.push_str(&self.e.key_separator.clone());
            if let Err(raised) = self.value(&value, level + 1) {
                let shown = vm.with_pending_saved(|vm| vm.repr_string(&key)).unwrap_or_default();
                vm.add_note_to_pending(&format!("when serializing {} item {shown}", vm.type_of(v).full_name(vm)));
                return Err(raised);
            }
        }
        if !first {
            self.newline(level);
        }
        self.out.push(b'}');
        self.leave(marker)
    }

    /// A key as text; `None` if it is to be skipped.
    fn key(&self, key: &Value) -> PyResult<Option<Value>> {
        let vm = self.vm;
        let t = vm.types();
        if key.is_a::<Str>() {
            return Ok(Some(key.clone()));
        }
        let text = if key.is_none() {
            "null".to_string()
        } else if let Some(b) = key.as_bool() {
            b.to_string()
        } else if vm.type_of(key).is_subtype(t.float) {
            self.float(key)?
        } else if vm.type_of(key).is_subtype(t.int) {
            return serpens_vm::types::int::text::repr(vm, key).map(Some);
        } else if self.e.skip_keys {
            return Ok(None);
        } else {
            let given = vm.type_of(key).full_name(vm);
            return Err(vm.type_error(&format!("keys must be str, int, float, bool or None, not {given}")));
        };
        Ok(Some(vm.str(&text)))
    }
}
