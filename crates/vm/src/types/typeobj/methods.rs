//! What `type` offers to Python.

use super::{TypeDef, TypeObj, tflag};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::Header;
use crate::types::dict::Dict;
use crate::types::slots::{BinOp, Slots};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// `type`.
pub static TYPE: TypeDef = TypeDef::new::<TypeObj>("type")
    .basetype()
    .gc()
    .flags(tflag::TYPE | tflag::HAS_WEAKREF)
    .doc("type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type")
    .slots(
        Slots {
            new: Some(new),
            init: Some(init),
            call: Some(call),
            repr: Some(repr),
            getattr: Some(getattr),
            setattr: Some(setattr),
            ..Slots::EMPTY
        }
        .with(BinOp::Or, or),
    )
    .methods(&[
        MethodDef::new("mro", "($self, /)", mro).doc("Return a type's method resolution order."),
        MethodDef::new("__subclasses__", "($self, /)", subclasses).doc("Return a list of immediate subclasses."),
        MethodDef::raw("__prepare__", "($type, *args, **kwargs)", prepare)
            .class()
            .doc("Create the namespace for the class statement"),
        MethodDef::new("__instancecheck__", "($self, instance, /)", instancecheck)
            .doc("Check if an object is an instance."),
        MethodDef::new("__subclasscheck__", "($self, subclass, /)", subclasscheck)
            .doc("Check if a class is a subclass."),
        MethodDef::new("__dir__", "($self, /)", dir).doc("Specialized __dir__ implementation for types."),
        MethodDef::new("__sizeof__", "($self, /)", sizeof).doc("Return memory consumption of the type object."),
    ])
    .getset(&[
        GetSetDef::rw("__name__", |vm, v| Ok(this(v).name_value(vm)), set_name),
        GetSetDef::rw(
            "__qualname__",
            |vm, v| Ok(this(v).qualname.get().unwrap_or_else(|| this(v).name_value(vm))),
            set_qualname,
        ),
        GetSetDef::rw("__module__", get_module, set_module),
        GetSetDef::rw("__bases__", |_, v| Ok(this(v).bases.get_or_none()), set_bases),
        GetSetDef::new("__mro__", |_, v| Ok(this(v).mro.get_or_none())),
        GetSetDef::field("__base__", |_, v| Ok(this(v).base().map_or(Value::NONE, TypeObj::value))),
        GetSetDef::new("__dict__", |vm, v| vm.mapping_proxy(&this(v).dict.get_or_none())),
        GetSetDef::rw("__doc__", get_doc, set_doc),
        GetSetDef::rw("__abstractmethods__", get_abstract, set_abstract),
        GetSetDef::rw("__annotations__", get_annotations, set_annotations),
        GetSetDef::rw("__annotate__", get_annotate, set_annotate),
        GetSetDef::rw("__type_params__", get_type_params, set_type_params),
        GetSetDef::new("__text_signature__", text_signature),
        GetSetDef::field("__basicsize__", |_, v| Ok(Value::from_usize(this(v).basicsize as usize))),
        GetSetDef::field("__itemsize__", |vm, v| Ok(Value::from_usize(itemsize(vm, this(v))))),
        GetSetDef::field("__flags__", |_, v| Ok(Value::from_usize(flags(this(v))))),
        GetSetDef::field("__dictoffset__", |_, v| Ok(Value::from_usize(this(v).attrs_offset as usize))),
        GetSetDef::field("__weakrefoffset__", |_, v| {
            Ok(Value::from_usize(this(v).has(tflag::HAS_WEAKREF) as usize * 8))
        }),
    ]);

/// `__dict__` of instances of classes that give them one.
pub static INSTANCE_DICT: GetSetDef =
    GetSetDef::rw("__dict__", instance_dict, set_instance_dict).doc("dictionary for instance variables");

/// `__weakref__` of instances of classes that allow weak references.
pub static INSTANCE_WEAKREF: GetSetDef =
    GetSetDef::new("__weakref__", |vm, v| Ok(vm.first_weakref(v))).doc("list of weak references to the object");

fn this(v: &Value) -> &TypeObj {
    TypeObj::from_value(v).expect("the descriptor has checked the receiver")
}

impl TypeObj {
    /// `__name__` as a `str`.
    pub fn name_value(&self, vm: &Vm) -> Value {
        self.name.get().unwrap_or_else(|| vm.str("?"))
    }
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    vm.call_type(this(v), args)
}

fn new(vm: &Vm, meta: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let pos = args.pos();
    if meta.is(vm.types().type_) && pos.len() == 1 && args.n_named() == 0 {
        return Ok(vm.type_of(&pos[0]).value());
    }
    if pos.len() != 3 {
        let message = if meta.is(vm.types().type_) {
            "type() takes 1 or 3 arguments".to_string()
        } else {
            format!("type.__new__() takes exactly 3 arguments ({} given)", pos.len())
        };
        return Err(vm.type_error(&message));
    }
    let (name, bases, ns) = (&pos[0], &pos[1], &pos[2]);
    let Some(text) = name.downcast::<Str>() else {
        return Err(vm.type_error(&format!("type.__new__() argument 1 must be str, not {}", vm.type_of(name).name())));
    };
    let Some(list) = bases.downcast::<Tuple>() else {
        return Err(
            vm.type_error(&format!("type.__new__() argument 2 must be tuple, not {}", vm.type_of(bases).name()))
        );
    };
    let Some(dict) = ns.downcast::<Dict>() else {
        return Err(vm.type_error(&format!("type.__new__() argument 3 must be dict, not {}", vm.type_of(ns).name())));
    };
    if text.as_bytes().contains(&0) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    for b in list.as_slice() {
        if TypeObj::from_value(b).is_none() {
            if vm.getattr_opt(b, &vm.names().__mro_entries__)?.is_some() {
                return Err(vm.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
            }
            return Err(vm.type_error("bases must be types"));
        }
    }
    let winner = vm.metaclass_of(meta.value(), list.as_slice())?;
    if !winner.is(&meta.value())
        && let Some(w) = TypeObj::from_value(&winner)
        && let Some(f) = w.slots().new
        && !std::ptr::fn_addr_eq(f, new as fn(&Vm, &TypeObj, &CallArgs<'_>) -> PyResult)
    {
        return f(vm, w, args);
    }
    let meta = TypeObj::from_value(&winner).expect("a type");
    vm.new_class(meta, name, bases, dict, args)
}

fn init(vm: &Vm, _: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let n = args.pos().len();
    if n != 1 && n != 3 {
        return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(())
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    Ok(vm.str(&format!("<class '{}'>", this(v).full_name(vm))))
}

/// `type.__getattribute__`: data descriptors of the metaclass, the class's MRO, the metaclass.
fn getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    let ty = this(v);
    let meta = vm.type_of(v);
    let found = meta.lookup(vm, name);
    let meta_get = match &found {
        Some(d) => {
            let slots = vm.type_of(d).slots();
            if let (Some(get), true) = (slots.descr_get, slots.descr_set.is_some()) {
                return get(vm, d, Some(v), Some(&meta.value()));
            }
            slots.descr_get
        }
        None => None,
    };
    if let Some(own) = ty.lookup(vm, name) {
        return match vm.type_of(&own).slots().descr_get {
            Some(get) => get(vm, &own, None, Some(v)),
            None => Ok(own),
        };
    }
    match (found, meta_get) {
        (Some(d), Some(get)) => get(vm, &d, Some(v), Some(&meta.value())),
        (Some(d), None) => Ok(d),
        (None, _) => Err(vm.no_attribute(v, name)),
    }
}

fn setattr(vm: &Vm, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let ty = this(v);
    if !ty.is_heap() {
        let attr = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        return Err(vm.type_error(&format!("cannot set '{attr}' attribute of immutable type '{}'", ty.full_name(vm))));
    }
    if let Some(text) = name.downcast::<Str>() {
        vm.check_attribute(v, text.as_str_lossy())?;
    }
    let meta = vm.type_of(v);
    if let Some(d) = meta.lookup(vm, name)
        && let Some(set) = vm.type_of(&d).slots().descr_set
    {
        return set(vm, &d, v, value);
    }
    ty.set_attribute(vm, name, value)
}

impl TypeObj {
    /// Sets or deletes an attribute of a class made at run time, and tells caches and slots.
    pub(crate) fn set_attribute(&self, vm: &Vm, name: &Value, value: Option<&Value>) -> PyResult<()> {
        vm.check_payload_mutable(self)?;
        match value {
            Some(value) => self.dict().set_str(vm, name, value.clone()),
            None => {
                if self.dict().remove_str(vm, name).is_none() {
                    return Err(vm.no_attribute(&self.value(), name));
                }
            }
        }
        self.modified(vm);
        self.slot_attribute_changed(vm, name);
        Ok(())
    }

    /// Takes the descriptors `__dict__` and `__weakref__`, which only its own instances can use, out of the dict of a class
    /// made at run time. The instances have both still, where the class or a base says so.
    pub fn clear_descriptors(&self, vm: &Vm) -> PyResult<()> {
        if !self.is_heap() {
            return Err(vm.type_error("argument is immutable"));
        }
        vm.check_payload_mutable(self)?;
        for name in [&vm.names().__dict__, &vm.names().__weakref__] {
            drop(self.dict().remove_str(vm, name));
        }
        self.modified(vm);
        Ok(())
    }
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    vm.union_of(a, b)
}

fn mro(vm: &Vm, a: Args<'_>) -> PyResult {
    let ty = a.this::<TypeObj>();
    let bases = ty.bases.get_or_none();
    let list = bases.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default();
    let mut all = vec![ty.value()];
    all.extend(vm.merge_mro(&list)?);
    Ok(vm.list(all))
}

fn subclasses(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(vm.list(vm.known_subclasses(a.this::<TypeObj>())))
}

fn prepare(vm: &Vm, _: &CallArgs<'_>) -> PyResult {
    Ok(vm.new_dict())
}

fn instancecheck(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.recursive_is_instance(a.get(1), a.get(0)).map(Value::bool)
}

fn subclasscheck(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.recursive_is_subclass(a.get(1), a.get(0)).map(Value::bool)
}

fn dir(vm: &Vm, a: Args<'_>) -> PyResult {
    let names = vm.new_dict();
    let d = names.downcast::<Dict>().expect("just made");
    for class in a.this::<TypeObj>().mro_slice().iter().rev().filter_map(TypeObj::from_value) {
        d.update_from(vm, class.dict())?;
    }
    Ok(vm.list(d.keys()))
}

fn sizeof(_: &Vm, _: Args<'_>) -> PyResult {
    Ok(Value::from_usize(size_of::<Header>() + size_of::<TypeObj>()))
}

fn refuse(vm: &Vm, ty: &TypeObj, attr: &str, value: Option<&Value>) -> PyResult<()> {
    if !ty.is_heap() {
        return Err(vm.type_error(&format!("cannot set '{attr}' attribute of immutable type '{}'", ty.full_name(vm))));
    }
    if value.is_none() {
        return Err(vm.type_error(&format!("cannot delete '{attr}' attribute of type '{}'", ty.full_name(vm))));
    }
    Ok(())
}

fn set_name(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    refuse(vm, this(v), "__name__", value)?;
    let Some(value) = value.filter(|x| x.is_a::<Str>()) else {
        let given = value.map_or("", |x| vm.type_of(x).name());
        return Err(vm.type_error(&format!("can only assign string to {}.__name__, not '{given}'", this(v).name())));
    };
    if value.downcast::<Str>().is_some_and(|s| s.as_bytes().contains(&0)) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    this(v).name.set(vm.intern_value(value));
    Ok(())
}

fn set_qualname(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    refuse(vm, this(v), "__qualname__", value)?;
    let Some(value) = value.filter(|x| x.is_a::<Str>()) else {
        let given = value.map_or("", |x| vm.type_of(x).name());
        return Err(vm.type_error(&format!("can only assign string to {}.__qualname__, not '{given}'", this(v).name())));
    };
    this(v).qualname.set(value.clone());
    Ok(())
}

fn get_module(vm: &Vm, v: &Value) -> PyResult {
    // Not from the dict: in that of `type` the name stands for this attribute itself.
    if let Some(def) = this(v).def.get()
        && !this(v).is_heap()
    {
        return Ok(vm.intern(def.module));
    }
    if let Some(m) = this(v).dict().get_str(vm, &vm.names().__module__) {
        return Ok(m);
    }
    if this(v).is_heap() {
        return Err(vm.no_attribute(v, &vm.names().__module__));
    }
    Ok(vm.names().builtins.clone())
}

fn set_module(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    refuse(vm, this(v), "__module__", value)?;
    this(v).dict().remove_str(vm, &vm.names().__firstlineno__);
    this(v).set_attribute(vm, &vm.names().__module__, value)
}

fn set_bases(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    refuse(vm, this(v), "__bases__", value)?;
    let Some(value) = value else { return Ok(()) };
    let Some(list) = value.downcast::<Tuple>() else {
        return Err(vm.type_error(&format!(
            "can only assign tuple to {}.__bases__, not {}",
            this(v).name(),
            vm.type_of(value).name()
        )));
    };
    if list.is_empty() {
        return Err(vm.type_error(&format!("can only assign non-empty tuple to {}.__bases__, not ()", this(v).name())));
    }
    for b in list.as_slice() {
        match TypeObj::from_value(b) {
            None => {
                return Err(vm.type_error(&format!(
                    "{}.__bases__ must be tuple of classes, not '{}'",
                    this(v).name(),
                    vm.type_of(b).name()
                )));
            }
            Some(b) if b.is_subtype(this(v)) => {
                return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
            }
            Some(_) => {}
        }
    }
    vm.set_bases(this(v), value)
}

fn get_doc(vm: &Vm, v: &Value) -> PyResult {
    if let Some(def) = this(v).def.get()
        && !this(v).is_heap()
        && !def.doc.is_empty()
    {
        return Ok(vm.str(def.doc));
    }
    match this(v).lookup(vm, &vm.names().__doc__) {
        // Only the class's own documentation counts; `lookup` would find a base's.
        Some(_) => match this(v).dict().get_str(vm, &vm.names().__doc__) {
            Some(d) => vm.bind_descriptor(&d, None, v),
            None => Ok(Value::NONE),
        },
        None => Ok(Value::NONE),
    }
}

fn set_doc(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    refuse(vm, this(v), "__doc__", value)?;
    this(v).set_attribute(vm, &vm.names().__doc__, value)
}

fn get_abstract(vm: &Vm, v: &Value) -> PyResult {
    let name = &vm.names().__abstractmethods__;
    let own = if this(v).is(vm.types().type_) { None } else { this(v).dict().get_str(vm, name) };
    own.ok_or_else(|| vm.no_attribute(v, name))
}

fn set_abstract(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let ty = this(v);
    let abstract_now = match value {
        Some(value) => vm.truthy(value)?,
        None => false,
    };
    if !ty.is_heap() {
        return refuse(vm, ty, "__abstractmethods__", value);
    }
    ty.set_attribute(vm, &vm.names().__abstractmethods__, value)?;
    let flags = ty.flags.get();
    ty.flags.set(if abstract_now { flags | tflag::ABSTRACT } else { flags & !tflag::ABSTRACT });
    Ok(())
}

fn get_annotate(vm: &Vm, v: &Value) -> PyResult {
    let ty = this(v);
    let n = vm.names();
    if !ty.is_heap() {
        return Err(vm.attribute_error(&format!("type object '{}' has no attribute '__annotate__'", ty.name())));
    }
    for name in [&n.__annotate_func__, &n.__annotate__] {
        if let Some(f) = ty.dict().get_str(vm, name) {
            return vm.bind_descriptor(&f, None, v);
        }
    }
    if !Header::of(ty).is_frozen() {
        ty.dict().set_str(vm, &n.__annotate_func__, Value::NONE);
    }
    Ok(Value::NONE)
}

fn set_annotate(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let ty = this(v);
    let n = vm.names();
    let Some(value) = value else { return Err(vm.type_error("cannot delete __annotate__ attribute")) };
    refuse(vm, ty, "__annotate__", Some(value))?;
    if !value.is_none() && !vm.is_callable(value) {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    ty.dict().set_str(vm, &n.__annotate_func__, value.clone());
    if !value.is_none() {
        ty.dict().remove_str(vm, &n.__annotations_cache__);
    }
    ty.modified(vm);
    Ok(())
}

fn get_annotations(vm: &Vm, v: &Value) -> PyResult {
    let ty = this(v);
    let n = vm.names();
    if !ty.is_heap() {
        return Err(vm.attribute_error(&format!("type object '{}' has no attribute '__annotations__'", ty.name())));
    }
    for name in [&n.__annotations__, &n.__annotations_cache__] {
        if let Some(found) = ty.dict().get_str(vm, name) {
            return vm.bind_descriptor(&found, None, v);
        }
    }
    let annotate = get_annotate(vm, v)?;
    let result = if vm.is_callable(&annotate) {
        let r = vm.call_one(&annotate, &Value::int_unchecked(1))?;
        if !r.is_a::<Dict>() {
            return Err(vm.type_error(&format!("__annotate__ returned non-dict of type '{}'", vm.type_of(&r).name())));
        }
        r
    } else {
        vm.new_dict()
    };
    if !Header::of(ty).is_frozen() {
        ty.dict().set_str(vm, &n.__annotations_cache__, result.clone());
        ty.modified(vm);
    }
    Ok(result)
}

fn set_annotations(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let ty = this(v);
    let n = vm.names();
    if !ty.is_heap() {
        return refuse(vm, ty, "__annotations__", Some(&Value::NONE));
    }
    let key =
        if ty.dict().get_str(vm, &n.__annotations__).is_some() { &n.__annotations__ } else { &n.__annotations_cache__ };
    match value {
        Some(value) => ty.dict().set_str(vm, key, value.clone()),
        None => {
            if ty.dict().remove_str(vm, key).is_none() {
                return Err(vm.attribute_error("__annotations__"));
            }
        }
    }
    ty.dict().remove_str(vm, &n.__annotate_func__);
    ty.dict().remove_str(vm, &n.__annotate__);
    ty.modified(vm);
    Ok(())
}

fn get_type_params(vm: &Vm, v: &Value) -> PyResult {
    match this(v).dict().get_str(vm, &vm.names().__type_params__) {
        Some(p) if this(v).is_heap() => Ok(p),
        _ => Ok(vm.tuple(Vec::new())),
    }
}

fn set_type_params(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    refuse(vm, this(v), "__type_params__", value)?;
    this(v).set_attribute(vm, &vm.names().__type_params__, value)
}

fn text_signature(_: &Vm, _: &Value) -> PyResult {
    Ok(Value::NONE)
}

fn itemsize(vm: &Vm, ty: &TypeObj) -> usize {
    let t = vm.types();
    if ty.is_subtype(t.tuple) {
        8
    } else if ty.is_subtype(t.int) {
        4
    } else if ty.is_subtype(t.bytes) {
        1
    } else {
        0
    }
}

/// CPython's `__flags__` bits that programs look at.
fn flags(ty: &TypeObj) -> usize {
    let f = ty.flags.get();
    let mut out = 1 << 12;
    if ty.name() == "Generic" && !ty.is_heap() {
        // `typing.Generic` is made at run time there; `copyreg` looks at this.
        out |= 1 << 9;
    }
    for (own, theirs) in [
        (tflag::HEAP, 1 << 9),
        (tflag::BASETYPE, 1 << 10),
        (tflag::GC, 1 << 14),
        (tflag::METHOD_DESCRIPTOR, 1 << 17),
        (tflag::ABSTRACT, 1 << 20),
        (tflag::MATCH_SELF, 1 << 22),
        (tflag::INT, 1 << 24),
        (tflag::LIST, 1 << 25),
        (tflag::TUPLE, 1 << 26),
        (tflag::STR, 1 << 28),
        (tflag::DICT, 1 << 29),
        (tflag::EXCEPTION, 1 << 30),
        (tflag::TYPE, 1 << 31),
        (tflag::SEQUENCE, 1 << 5),
        (tflag::MAPPING, 1 << 6),
        (tflag::NO_NEW, 1 << 7),
    ] {
        if f & own != 0 {
            out |= theirs;
        }
    }
    // `typing.Generic` is made at run time by CPython, and `copyreg` looks for the first class that is not.
    if !ty.is_heap() && ty.def.get().is_some_and(|d| d.module == "typing") {
        out |= 1 << 9;
    } else if f & tflag::HEAP == 0 {
        out |= 1 << 8;
    }
    out
}

fn instance_dict(vm: &Vm, v: &Value) -> PyResult {
    vm.instance_dict(v).ok_or_else(|| vm.no_attribute(v, &vm.names().__dict__))
}

fn set_instance_dict(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    vm.check_attribute(v, "__dict__")?;
    let Some(h) = v.header() else { return Err(vm.no_attribute(v, &vm.names().__dict__)) };
    let Some(attrs) = h.attrs() else { return Err(vm.no_attribute(v, &vm.names().__dict__)) };
    match value {
        None if !vm.type_of(v).is_heap() => return Err(vm.type_error("cannot delete __dict__")),
        None => vm.replace_own_dict(h, attrs, vm.new_dict()),
        Some(d) if d.is_a::<Dict>() => vm.replace_own_dict(h, attrs, d.clone()),
        Some(d) => {
            return Err(
                vm.type_error(&format!("__dict__ must be set to a dictionary, not a '{}'", vm.type_of(d).name()))
            );
        }
    }
    Ok(())
}
