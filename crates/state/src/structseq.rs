//! Named tuples of native modules (`sys.version_info`, `os.stat_result`): tuples whose items have names.
//!
//! The first `n_sequence` fields are the tuple; further ones are attributes only.

use serpens_vm::image::part::key_of;
use serpens_vm::object::{Header, Kind};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, CallArgs, MethodDef, Payload, PyResult, TypeDef, TypeObj, Value, Vm};

/// The declaration of a named tuple.
pub struct StructSeq {
    /// Its name without the module.
    pub name: &'static str,
    /// Its module.
    pub module: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Names and documentation of the fields.
    pub fields: &'static [(&'static str, &'static str)],
    /// How many fields are items of the tuple.
    pub n_sequence: usize,
}

/// Reads one field.
struct Field {
    index: usize,
    name: Value,
    in_tuple: bool,
}

#[expect(unsafe_code, reason = "object layout")]
// SAFETY: made by the heap only; told apart by its type id.
unsafe impl Payload for Field {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.is_native::<Self>()
    }
}

static FIELD: TypeDef = TypeDef::new::<Field>("member_descriptor").slots(Slots {
    descr_get: Some(get_field),
    descr_set: Some(|vm, _, _, _| Err(vm.attribute_error("readonly attribute"))),
    ..Slots::EMPTY
});

fn get_field(vm: &Vm, d: &Value, obj: Option<&Value>, _: Option<&Value>) -> PyResult {
    let (Some(field), Some(obj)) = (d.downcast::<Field>(), obj) else { return Ok(d.clone()) };
    if field.in_tuple {
        return match obj.downcast::<Tuple>().and_then(|t| t.as_slice().get(field.index)) {
            Some(v) => Ok(v.clone()),
            None => Err(vm.no_attribute(obj, &field.name)),
        };
    }
    let own = vm.instance_dict(obj).and_then(|d| d.downcast::<Dict>()?.get_str(vm, &field.name));
    Ok(own.unwrap_or(Value::NONE))
}

impl StructSeq {
    /// The class, which is part of the frozen image and made on first use in the process.
    pub fn class(&'static self, vm: &Vm) -> PyResult {
        vm.frozen(key_of(self), &|builder| self.make_class(builder))
    }

    fn make_class(&self, vm: &Vm) -> PyResult {
        let ns = vm.new_dict();
        let d = ns.downcast::<Dict>().expect("just made");
        for (index, (name, _)) in self.fields.iter().enumerate() {
            let name = vm.intern(name);
            let field = Field { index, name: name.clone(), in_tuple: index < self.n_sequence };
            d.set_str(vm, &name, vm.alloc_native(&FIELD, field));
        }
        let n = vm.names();
        d.set_str(vm, &n.__module__, vm.intern(self.module));
        d.set_str(vm, &n.__doc__, vm.str(self.doc));
        d.set_name(vm, "n_fields", Value::from_usize(self.fields.len()));
        d.set_name(vm, "n_sequence_fields", Value::from_usize(self.n_sequence));
        d.set_name(vm, "n_unnamed_fields", Value::int_unchecked(0));
        let match_args = self.fields[..self.n_sequence].iter().map(|(f, _)| vm.intern(f)).collect();
        d.set_str(vm, &n.__match_args__, vm.tuple(match_args));
        for def in METHODS {
            d.set_name(vm, def.name, vm.method_of(def, vm.types().tuple));
        }
        d.set_str(vm, &n.__new__, vm.staticmethod(vm.builtin(&NEW, None)));
        if self.n_sequence == self.fields.len() {
            d.set_str(vm, &n.__slots__, vm.tuple(Vec::new()));
        }
        let bases = vm.tuple(vec![vm.types().tuple.value()]);
        let class = vm.call_pos(&vm.types().type_.value(), &[vm.intern(self.name), bases, ns])?;
        if let Some(ty) = TypeObj::from_value(&class) {
            // It has done its work, and CPython's have none.
            drop(ty.dict().remove_str(vm, &n.__slots__));
        }
        Ok(class)
    }

    /// An instance from the values of all fields, in order (missing ones at the end are `None`).
    pub fn make(&'static self, vm: &Vm, values: Vec<Value>) -> PyResult {
        let class = self.class(vm)?;
        instance(vm, &class, values, self.n_sequence)
    }
}

fn instance(vm: &Vm, class: &Value, mut values: Vec<Value>, n_sequence: usize) -> PyResult {
    let rest = if values.len() > n_sequence { values.split_off(n_sequence) } else { Vec::new() };
    let tuple = vm.tuple(values);
    let Some(ty) = TypeObj::from_value(class) else { return Err(vm.type_error("not a class")) };
    let Some(new) = vm.types().tuple.slots().new else { return Err(vm.type_error("no tuple.__new__")) };
    let obj = new(vm, ty, &CallArgs::positional(&[tuple]))?;
    if !rest.is_empty() {
        let names = hidden_names(vm, class)?;
        if let Some(dict) = vm.instance_dict(&obj)
            && let Some(d) = dict.downcast::<Dict>()
        {
            for (name, value) in names.into_iter().zip(rest) {
                d.set_str(vm, &name, value);
            }
        }
    }
    Ok(obj)
}

/// All fields of a class, in order: (index, name, in the tuple).
fn fields_of(class: &Value) -> Vec<(usize, Value, bool)> {
    let Some(ty) = TypeObj::from_value(class) else { return Vec::new() };
    let mut fields: Vec<(usize, Value, bool)> = ty
        .mro_slice()
        .iter()
        .filter_map(TypeObj::from_value)
        .flat_map(|t| t.dict().items())
        .filter_map(|(_, v)| v.downcast::<Field>().map(|f| (f.index, f.name.clone(), f.in_tuple)))
        .collect();
    fields.sort_by_key(|(i, ..)| *i);
    fields
}

fn hidden_names(_: &Vm, class: &Value) -> PyResult<Vec<Value>> {
    Ok(fields_of(class).into_iter().filter(|(_, _, t)| !t).map(|(_, n, _)| n).collect())
}

static NEW: MethodDef = MethodDef::new("__new__", "(cls, sequence, dict={})", |vm, a| {
    let values = vm.collect(a.get(1))?;
    let class = a.get(0);
    let fields = fields_of(class);
    let n = fields.iter().filter(|(_, _, t)| *t).count();
    let name = TypeObj::from_value(class).map_or(String::new(), |t| t.full_name(vm));
    if values.len() < n || values.len() > fields.len() {
        let what = if fields.len() == n {
            format!("a {n}-sequence")
        } else if values.len() < n {
            format!("an at least {n}-sequence")
        } else {
            format!("an at most {}-sequence", fields.len())
        };
        return Err(vm.type_error(&format!("{name}() takes {what} ({}-sequence given)", values.len())));
    }
    let obj = instance(vm, class, values, n)?;
    if let Some(extra) = a.some(2)
        && let Some(extra) = extra.downcast::<Dict>()
        && let Some(dict) = vm.instance_dict(&obj)
        && let Some(d) = dict.downcast::<Dict>()
    {
        d.update_from(vm, extra)?;
    }
    Ok(obj)
});

static METHODS: &[MethodDef] = &[
    MethodDef::new("__repr__", "($self, /)", repr),
    MethodDef::new("__reduce__", "($self, /)", reduce),
    MethodDef::raw("__replace__", "($self, /, **changes)", replace),
];

fn repr(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let ty = vm.type_of(v);
    let class = ty.value();
    let mut parts = Vec::new();
    for (i, name, in_tuple) in fields_of(&class) {
        if in_tuple && let Some(item) = v.downcast::<Tuple>().and_then(|t| t.as_slice().get(i)) {
            parts.push(format!("{}={}", vm.str_string(&name)?, vm.repr_string(item)?));
        }
    }
    Ok(vm.str(&format!("{}({})", ty.full_name(vm), parts.join(", "))))
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let items = v.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default();
    let dict = match vm.instance_dict(v) {
        Some(d) => d.downcast::<Dict>().map_or(Value::NONE, |d| d.copy(vm)),
        None => vm.new_dict(),
    };
    Ok(vm.tuple(vec![vm.type_of(v).value(), vm.tuple(vec![vm.tuple(items), dict])]))
}

fn replace(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let Some(v) = args.pos().first() else { return Err(vm.type_error("__replace__() needs an argument")) };
    let class = vm.type_of(v).value();
    let fields = fields_of(&class);
    let mut values = Vec::with_capacity(fields.len());
    for (_, name, _) in &fields {
        values.push(vm.getattr(v, name)?);
    }
    for (name, value) in args.named() {
        let text = name.downcast::<Str>().map(Str::as_bytes);
        match fields.iter().find(|(_, n, _)| n.downcast::<Str>().map(Str::as_bytes) == text) {
            Some((i, ..)) => values[*i] = value.clone(),
            None => {
                return Err(vm.type_error(&format!("Got unexpected field name(s): ['{}']", vm.str_string(name)?)));
            }
        }
    }
    let n = fields.iter().filter(|(_, _, t)| *t).count();
    instance(vm, &class, values, n)
}
