//! `object`: the base of all classes.

mod reduce;

use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload};
use crate::types::descr::Member;
use crate::types::dict::Dict;
use crate::types::slots::{CmpOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use std::ptr;

/// Instances of `object` and of plain classes have no payload.
pub struct Plain;

// SAFETY: a type without size lies anywhere.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Plain {
    const KIND: Kind = Kind::Instance;
}

/// `object`.
pub static TYPE: TypeDef = TypeDef::new::<Plain>("object")
    .basetype()
    .doc(
        "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\n\
         instance that has no instance attributes and cannot be given any.\n",
    )
    .slots(Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(|vm, v| Ok(vm.default_repr(v))),
        str: Some(|vm, v| vm.repr(v)),
        hash: Some(|vm, v| Ok(vm.identity_hash(v))),
        richcmp: Some(richcmp),
        ..Slots::EMPTY
    })
    .methods(&[
        // Not slots: an empty attribute slot is what tells the machine that access is the generic one.
        MethodDef::new("__getattribute__", "($self, name, /)", |vm, a| {
            let name = vm.attribute_name(a.get(1))?;
            match vm.generic_getattr_opt(a.get(0), &name)? {
                Some(found) => Ok(found),
                None => Err(vm.no_attribute(a.get(0), &name)),
            }
        })
        .doc("Return getattr(self, name)."),
        MethodDef::new("__setattr__", "($self, name, value, /)", |vm, a| set_attribute(vm, a, "__setattr__"))
            .doc("Implement setattr(self, name, value)."),
        MethodDef::new("__delattr__", "($self, name, /)", |vm, a| set_attribute(vm, a, "__delattr__"))
            .doc("Implement delattr(self, name)."),
        MethodDef::new("__format__", "($self, format_spec, /)", format).doc("Default object formatter."),
        MethodDef::new("__reduce__", "($self, /)", reduce::reduce).doc("Helper for pickle."),
        MethodDef::new("__reduce_ex__", "($self, protocol, /)", reduce::reduce_ex).doc("Helper for pickle."),
        MethodDef::new("__getstate__", "($self, /)", |vm, a| reduce::getstate(vm, a.get(0))).doc("Helper for pickle."),
        MethodDef::new("__dir__", "($self, /)", dir).doc("Default dir() implementation."),
        MethodDef::new("__sizeof__", "($self, /)", sizeof).doc("Size of object in memory, in bytes."),
        MethodDef::raw("__init_subclass__", "($type, *args, **kwargs)", init_subclass)
            .class()
            .doc("This method is called when a class is subclassed."),
        MethodDef::raw("__subclasshook__", "($type, *args, **kwargs)", |_, _| Ok(Value::NOT_IMPLEMENTED))
            .class()
            .doc("Abstract classes can override this to customize issubclass()."),
    ])
    .getset(&[GetSetDef::rw("__class__", |vm, v| Ok(vm.type_of(v).value()), set_class).doc("the object's class")]);

/// `object.__setattr__` and, without a value, `object.__delattr__`.
fn set_attribute(vm: &Vm, a: Args<'_>, method: &str) -> PyResult {
    if TypeObj::from_value(a.get(0)).is_some() {
        let name = vm.type_of(a.get(0)).name();
        return Err(vm.type_error(&format!("can't apply this {method} to {name} object")));
    }
    let name = vm.attribute_name(a.get(1))?;
    vm.generic_setattr(a.get(0), &name, a.opt(2))?;
    Ok(Value::NONE)
}

fn overrides_new(ty: &TypeObj) -> bool {
    ty.slots().new.is_none_or(|f| !ptr::fn_addr_eq(f, new as fn(&Vm, &TypeObj, &CallArgs<'_>) -> PyResult))
}

fn overrides_init(ty: &TypeObj) -> bool {
    ty.slots().init.is_none_or(|f| !ptr::fn_addr_eq(f, init as fn(&Vm, &Value, &CallArgs<'_>) -> PyResult<()>))
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if !args.all().is_empty() {
        if overrides_new(ty) {
            return Err(vm.type_error("object.__new__() takes exactly one argument (the type to instantiate)"));
        }
        if !overrides_init(ty) {
            return Err(vm.type_error(&format!("{}() takes no arguments", ty.name())));
        }
    }
    if ty.has(tflag::ABSTRACT) {
        return Err(abstract_error(vm, ty));
    }
    if ty.kind() != Kind::Instance {
        let mut base = ty;
        while base.is_heap()
            && let Some(b) = base.base()
        {
            base = b;
        }
        return Err(vm.type_error(&format!(
            "object.__new__({}) is not safe, use {}.__new__()",
            ty.name(),
            base.full_name(vm)
        )));
    }
    Ok(vm.alloc_instance(ty))
}

#[cold]
fn abstract_error(vm: &Vm, ty: &TypeObj) -> crate::error::Raised {
    let methods = match ty.dict().get_str(vm, &vm.names().__abstractmethods__) {
        Some(m) => m,
        None => return vm.type_error("Can't instantiate abstract class"),
    };
    let mut names: Vec<String> = match vm.collect(&methods) {
        Ok(list) => list.iter().filter_map(|n| n.downcast::<Str>().map(|s| s.to_string())).collect(),
        Err(e) => return e,
    };
    names.sort();
    let quoted: Vec<String> = names.iter().map(|n| format!("'{n}'")).collect();
    let s = if names.len() == 1 { "" } else { "s" };
    vm.type_error(&format!(
        "Can't instantiate abstract class {} without an implementation for abstract method{s} {}",
        ty.name(),
        quoted.join(", ")
    ))
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    if !args.all().is_empty() {
        let ty = vm.type_of(v);
        if overrides_init(ty) {
            return Err(vm.type_error("object.__init__() takes exactly one argument (the instance to initialize)"));
        }
        if !overrides_new(ty) {
            return Err(vm.type_error(&format!(
                "{}.__init__() takes exactly one argument (the instance to initialize)",
                ty.name()
            )));
        }
    }
    Ok(())
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    match op {
        CmpOp::Eq => Ok(if a.is(b) { Value::TRUE } else { Value::NOT_IMPLEMENTED }),
        CmpOp::Ne => {
            let Some(f) = vm.type_of(a).slots().richcmp else { return Ok(Value::NOT_IMPLEMENTED) };
            let r = f(vm, a, b, CmpOp::Eq)?;
            if r.is_not_implemented() { Ok(r) } else { Ok(Value::bool(!vm.truthy(&r)?)) }
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn format(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(spec) = a.get(1).downcast::<Str>() else {
        return Err(vm.type_error(&format!("__format__() argument must be str, not {}", vm.type_of(a.get(1)).name())));
    };
    if !spec.is_empty() {
        return Err(
            vm.type_error(&format!("unsupported format string passed to {}.__format__", vm.type_of(a.get(0)).name()))
        );
    }
    vm.str_of(a.get(0))
}

fn dir(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let names = vm.new_dict();
    let d = names.downcast::<Dict>().expect("just made");
    if let Some(own) = vm.getattr_opt(v, &vm.names().__dict__)?
        && let Some(own) = own.downcast::<Dict>()
    {
        d.update_from(vm, own)?;
    }
    if let Some(class) = vm.getattr_opt(v, &vm.names().__class__)?
        && let Some(ty) = TypeObj::from_value(&class)
    {
        for t in ty.mro_slice().iter().filter_map(TypeObj::from_value) {
            d.update_from(vm, t.dict())?;
        }
    }
    Ok(vm.list(d.keys()))
}

fn sizeof(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let inline = v.header().and_then(|h| h.attrs()).map_or(0, |at| at.shape().inline_cap());
    Ok(Value::from_usize(vm.type_of(v).instance_size(inline)))
}

fn init_subclass(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let class = args.pos().first().and_then(TypeObj::from_value).map_or("object", TypeObj::name);
    if args.n_named() > 0 {
        return Err(vm.type_error(&format!("{class}.__init_subclass__() takes no keyword arguments")));
    }
    if args.pos().len() > 1 {
        return Err(
            vm.type_error(&format!("{class}.__init_subclass__() takes no arguments ({} given)", args.pos().len() - 1))
        );
    }
    Ok(Value::NONE)
}

fn set_class(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(vm.type_error("can't delete __class__ attribute"));
    };
    let Some(new) = TypeObj::from_value(value) else {
        return Err(
            vm.type_error(&format!("__class__ must be set to a class, not '{}' object", vm.type_of(value).name()))
        );
    };
    vm.assign_class(v, new)
}

/// The members of `__slots__` that instances of a class have: offsets and names.
fn members(ty: &TypeObj) -> Vec<(u32, u64)> {
    let classes = ty.mro_slice().iter().filter_map(TypeObj::from_value);
    let mut all: Vec<(u32, u64)> = classes
        .flat_map(|class| class.dict().items())
        .filter_map(|(_, v)| v.downcast::<Member>().filter(|m| m.is_slot()).map(|m| (m.offset, m.name.bits())))
        .collect();
    all.sort_unstable();
    all
}

impl Vm {
    /// `obj.__class__ = new`.
    fn assign_class(&self, v: &Value, new: &TypeObj) -> PyResult<()> {
        self.check_attribute(v, "__class__")?;
        let old = self.type_of(v);
        let modules = old.is_subtype(self.types().module) && new.is_subtype(self.types().module);
        if !modules && (!old.is_heap() || !new.is_heap()) {
            return Err(
                self.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses")
            );
        }
        let same = old.kind == new.kind
            && old.basicsize == new.basicsize
            && old.n_members == new.n_members
            && old.has(tflag::HAS_WEAKREF) == new.has(tflag::HAS_WEAKREF)
            && (old.n_members == 0 || members(old) == members(new))
            && (old.attrs_offset == 0) == (new.attrs_offset == 0);
        let Some(h) = v.header().filter(|_| same) else {
            return Err(self.type_error(&format!(
                "__class__ assignment: '{}' object layout differs from '{}'",
                new.name(),
                old.name()
            )));
        };
        if let Some(attrs) = h.attrs() {
            // Shapes belong to a class, so the attributes move to a dict.
            self.own_dict(h, attrs);
            attrs.shape.set(new.shapes.dict_mode(new));
        }
        std::mem::forget(new.value());
        let old = old.value();
        h.set_ty_ptr(new);
        if !old.header().is_none_or(|o| o.is_immortal()) {
            // The instance's reference to its old class.
            drop(old.clone());
            old.header().map(|o| o.dec());
        }
        Ok(())
    }
}
