//! `module`: a namespace with a name.
//!
//! Attributes lie in the module's dict, never in the object's own storage. It must not know how modules are found.
//!
//! Rooms: this file has the payload, reading and writing; [`messages`] what a missing attribute says.

pub mod messages;

use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::dict::Dict;
use crate::types::slots::Slots;
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// A module.
pub struct Module {
    dict: Value,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Module {
    const KIND: Kind = Kind::Module;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.dict);
    }

    // Nothing to clear: a namespace that is garbage too is cleared as a dict, one that functions still use lives on.
}

impl Module {
    /// `__dict__`.
    #[inline]
    pub fn dict(&self) -> Value {
        self.dict.clone()
    }

    /// The namespace.
    #[inline]
    pub fn namespace(&self) -> &Dict {
        self.dict.downcast::<Dict>().expect("a module's namespace is a dict")
    }

    /// An attribute; `name` is a `str`.
    #[inline]
    pub fn get(&self, vm: &Vm, name: &Value) -> Option<Value> {
        self.namespace().get_str(vm, name)
    }

    /// Sets an attribute.
    pub fn set(&self, vm: &Vm, name: &str, value: Value) {
        self.namespace().set_name(vm, name, value);
    }
}

/// The type `module`.
pub static TYPE: TypeDef = TypeDef::new::<Module>("module")
    .doc("Create a module object.\n\nThe name must be a string; the optional docstring can have any type.")
    .basetype()
    .gc()
    // Attribute storage of its own is never used, but makes the layout that of subclasses, so that `__class__` may be set.
    .flags(tflag::HAS_WEAKREF | tflag::HAS_DICT)
    .slots(Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        getattr: Some(getattr),
        setattr: Some(setattr),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__dir__", "($self, /)", dir).doc("__dir__() -> list\nspecialized dir() implementation")])
    .getset(&[
        GetSetDef::rw("__dict__", |_, v| Ok(this(v).dict()), |vm, _, _| Err(vm.attribute_error("readonly attribute"))),
        GetSetDef::rw("__annotations__", annotations, set_annotations),
        GetSetDef::rw("__annotate__", annotate, set_annotate),
    ]);

fn this(v: &Value) -> &Module {
    v.downcast::<Module>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, _: &CallArgs<'_>) -> PyResult {
    Ok(vm.alloc(ty, Module { dict: vm.new_dict() }))
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let (mut name, mut doc) = (args.pos().first(), args.pos().get(1));
    if args.pos().len() + args.n_named() > 2 {
        let n = args.pos().len() + args.n_named();
        return Err(vm.type_error(&format!("module() takes at most 2 arguments ({n} given)")));
    }
    for (key, value) in args.named() {
        let text = key.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        let (slot, at) = match text.as_str() {
            "name" => (&mut name, 1),
            "doc" => (&mut doc, 2),
            _ => return Err(vm.type_error(&format!("module() got an unexpected keyword argument '{text}'"))),
        };
        if slot.replace(value).is_some() {
            let message = format!("argument for module() given by name ('{text}') and position ({at})");
            return Err(vm.type_error(&message));
        }
    }
    let Some(name) = name else {
        return Err(vm.type_error("module() missing required argument 'name' (pos 1)"));
    };
    if !name.is_a::<Str>() {
        let given = vm.type_of(name).name();
        return Err(vm.type_error(&format!("module() argument 'name' must be str, not {given}")));
    }
    vm.init_module_dict(this(v), name.clone(), doc.cloned().unwrap_or(Value::NONE));
    Ok(())
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let n = vm.names();
    let text_of = |value: Option<Value>| match value {
        Some(v) if !v.is_none() => vm.repr_string(&v).map(Some),
        _ => Ok(None),
    };
    if let Some(spec) = vm.getattr_opt(v, &n.__spec__)?.filter(|s| !s.is_none()) {
        let name = vm.getattr(&spec, &n.name)?;
        let shown = if name.is_none() { "'?'".to_string() } else { vm.repr_string(&name)? };
        let origin = vm.getattr(&spec, &vm.intern("origin"))?;
        let loader = vm.getattr(&spec, &vm.intern("loader"))?;
        if origin.is_none() {
            if loader.is_none() {
                return Ok(vm.str(&format!("<module {shown}>")));
            }
            if vm.type_of(&loader).name() == "NamespaceLoader"
                && let Some(path) = vm.getattr_opt(&loader, &vm.intern("_path"))?
            {
                let path = vm.list(vm.collect(&path)?);
                return Ok(vm.str(&format!("<module {shown} (namespace) from {}>", vm.repr_string(&path)?)));
            }
            return Ok(vm.str(&format!("<module {shown} ({})>", vm.repr_string(&loader)?)));
        }
        let located = vm.getattr(&spec, &vm.intern("has_location"))?;
        if vm.truthy(&located)? {
            return Ok(vm.str(&format!("<module {shown} from {}>", vm.repr_string(&origin)?)));
        }
        return Ok(vm.str(&format!("<module {} ({})>", vm.repr_string(&name)?, vm.str_string(&origin)?)));
    }
    let name = match vm.getattr_opt(v, &n.__name__)? {
        Some(name) => vm.repr_string(&name)?,
        None => "'?'".to_string(),
    };
    if let Some(file) = vm.getattr_opt(v, &n.__file__)? {
        return Ok(vm.str(&format!("<module {name} from {}>", vm.repr_string(&file)?)));
    }
    match text_of(vm.getattr_opt(v, &n.__loader__)?)? {
        Some(loader) => Ok(vm.str(&format!("<module {name} ({loader})>"))),
        None => Ok(vm.str(&format!("<module {name}>"))),
    }
}

fn getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    let m = this(v);
    let ty = vm.type_of(v);
    let found = ty.lookup(vm, name);
    let mut getter = None;
    if let Some(d) = &found {
        let slots = vm.type_of(d).slots();
        getter = slots.descr_get;
        if let (Some(get), true) = (getter, slots.descr_set.is_some()) {
            return get(vm, d, Some(v), Some(&ty.value()));
        }
    }
    if let Some(own) = m.get(vm, name) {
        return Ok(own);
    }
    match (found, getter) {
        (Some(d), Some(get)) => return get(vm, &d, Some(v), Some(&ty.value())),
        (Some(d), None) => return Ok(d),
        (None, _) => {}
    }
    if let Some(f) = m.get(vm, &vm.names().__getattr__) {
        return vm.call_one(&f, name);
    }
    if vm.builtins.get().is_some_and(|own| own.is(&m.dict()))
        && let Some(made) = vm.hooks().late_builtin(vm, name)?
    {
        return Ok(made);
    }
    Err(messages::missing(vm, v, m, name))
}

fn setattr(vm: &Vm, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    if let Some(d) = vm.type_of(v).lookup(vm, name)
        && let Some(set) = vm.type_of(&d).slots().descr_set
    {
        return set(vm, &d, v, value);
    }
    let dict = this(v).namespace();
    match value {
        Some(value) => dict.set_str(vm, name, value.clone()),
        None => {
            if dict.remove_str(vm, name).is_none() {
                let text = vm.str_string(name)?;
                let message = format!("'{}' object has no attribute '{text}'", vm.type_of(v).name());
                return Err(vm.attribute_error_for(&message, v, name));
            }
        }
    }
    Ok(())
}

fn dir(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let dict = vm.getattr(v, &vm.names().__dict__)?;
    let Some(dict) = dict.downcast::<Dict>() else {
        let name = this(v).get(vm, &vm.names().__name__);
        let name = name.map(|n| vm.str_string(&n)).transpose()?.unwrap_or_default();
        return Err(vm.type_error(&format!("{name}.__dict__ is not a dictionary")));
    };
    match dict.get_str(vm, &vm.names().__dir__) {
        Some(f) => vm.call_none(&f),
        None => Ok(vm.list(dict.keys())),
    }
}

fn annotations(vm: &Vm, v: &Value) -> PyResult {
    let n = vm.names();
    let dict = this(v).namespace();
    if let Some(found) = dict.get_str(vm, &n.__annotations__) {
        return Ok(found);
    }
    let made = match dict.get_str(vm, &vm.intern("__annotate__")) {
        Some(f) if vm.is_callable(&f) => {
            let made = vm.call_one(&f, &vm.int(1))?;
            if !made.is_a::<Dict>() {
                let given = vm.type_of(&made).name();
                return Err(vm.type_error(&format!("__annotate__() must return a dict, not {given}")));
            }
            made
        }
        _ => vm.new_dict(),
    };
    if !messages::is_initializing(vm, this(v)) {
        dict.set_str(vm, &n.__annotations__, made.clone());
    }
    Ok(made)
}

fn set_annotations(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let dict = this(v).namespace();
    match value {
        Some(value) => dict.set_str(vm, &vm.names().__annotations__, value.clone()),
        None => {
            if dict.remove_str(vm, &vm.names().__annotations__).is_none() {
                return Err(vm.attribute_error("__annotations__"));
            }
        }
    }
    drop(dict.remove_str(vm, &vm.intern("__annotate__")));
    Ok(())
}

fn annotate(vm: &Vm, v: &Value) -> PyResult {
    let dict = this(v).namespace();
    let name = vm.intern("__annotate__");
    Ok(match dict.get_str(vm, &name) {
        Some(f) => f,
        None => {
            dict.set_str(vm, &name, Value::NONE);
            Value::NONE
        }
    })
}

fn set_annotate(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(vm.type_error("cannot delete __annotate__ attribute"));
    };
    if !value.is_none() && !vm.is_callable(value) {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    let dict = this(v).namespace();
    dict.set_str(vm, &vm.intern("__annotate__"), value.clone());
    if !value.is_none() {
        drop(dict.remove_str(vm, &vm.names().__annotations__));
    }
    Ok(())
}

impl Vm {
    fn init_module_dict(&self, m: &Module, name: Value, doc: Value) {
        let n = self.names();
        let dict = m.namespace();
        dict.set_str(self, &n.__name__, name);
        dict.set_str(self, &n.__doc__, doc);
        for none in [&n.__package__, &n.__loader__, &n.__spec__] {
            dict.set_str(self, none, Value::NONE);
        }
    }

    /// A module with `__name__`, `__doc__`, `__package__`, `__loader__` and `__spec__`.
    pub fn new_module(&self, name: &str) -> Value {
        let v = self.alloc(self.types().module, Module { dict: self.new_dict() });
        self.init_module_dict(this(&v), self.intern(name), Value::NONE);
        v
    }

    /// A module over an existing namespace, which is left as it is.
    pub fn module_over(&self, dict: Value) -> Value {
        self.alloc(self.types().module, Module { dict })
    }
}
