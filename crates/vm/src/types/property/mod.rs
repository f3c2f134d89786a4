//! `property`, `classmethod` and `staticmethod`.
//!
//! Rooms: this file has `property`; [`wrappers`] the other two.

pub mod wrappers;

pub use wrappers::{CLASSMETHOD, ClassMethod, STATICMETHOD, StaticMethod};

use crate::cell::VCell;
use crate::error::{PyResult, Raised};
use crate::native::{CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::slots::Slots;
use crate::types::str::Str;
use crate::types::typeobj::TypeDef;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// A property.
#[derive(Default)]
pub struct Property {
    /// The getter.
    pub fget: VCell,
    /// The setter.
    pub fset: VCell,
    /// The deleter.
    pub fdel: VCell,
    doc: VCell,
    name: VCell,
    /// The documentation is the getter's.
    getter_doc: Cell<bool>,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Property {
    const KIND: Kind = Kind::Property;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        for cell in [&self.fget, &self.fset, &self.fdel, &self.doc, &self.name] {
            cell.traverse(visit);
        }
    }

    fn clear(&self) {
        for cell in [&self.fget, &self.fset, &self.fdel, &self.doc, &self.name] {
            drop(cell.take());
        }
    }
}

/// The type `property`.
pub static TYPE: TypeDef = TypeDef::new::<Property>("property")
    .doc(
        "Property attribute.\n\n  fget\n    function to be used for getting an attribute value\n  fset\n    function to be \
         used for setting an attribute value\n  fdel\n    function to be used for del'ing an attribute\n  doc\n    \
         docstring\n\nTypical use is to define a managed attribute x:\n\nclass C(object):\n    def getx(self): return \
         self._x\n    def setx(self, value): self._x = value\n    def delx(self): del self._x\n    x = property(getx, \
         setx, delx, \"I'm the 'x' property.\")\n\nDecorators make defining new properties or modifying existing ones \
         easy:\n\nclass C(object):\n    @property\n    def x(self):\n        \"I am the 'x' property.\"\n        return \
         self._x\n    @x.setter\n    def x(self, value):\n        self._x = value\n    @x.deleter\n    def x(self):\n        \
         del self._x",
    )
    .gc()
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, Property::default()))),
        init: Some(init),
        descr_get: Some(get),
        descr_set: Some(set),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("getter", "($self, object, /)", |vm, a| copy(vm, a.get(0), 0, a.get(1)))
            .doc("Descriptor to obtain a copy of the property with a different getter."),
        MethodDef::new("setter", "($self, object, /)", |vm, a| copy(vm, a.get(0), 1, a.get(1)))
            .doc("Descriptor to obtain a copy of the property with a different setter."),
        MethodDef::new("deleter", "($self, object, /)", |vm, a| copy(vm, a.get(0), 2, a.get(1)))
            .doc("Descriptor to obtain a copy of the property with a different deleter."),
        MethodDef::raw("__set_name__", "($self, owner, name, /)", set_name)
            .doc("__set_name__(owner, name)\n--\n\nMethod to set name of a property."),
    ])
    .getset(&[
        GetSetDef::field("fget", |_, v| Ok(this(v).fget.get_or_none())),
        GetSetDef::field("fset", |_, v| Ok(this(v).fset.get_or_none())),
        GetSetDef::field("fdel", |_, v| Ok(this(v).fdel.get_or_none())),
        GetSetDef::rw("__doc__", |_, v| Ok(this(v).doc.get_or_none()), |_, v, value| {
            this(v).doc.put(value.cloned());
            Ok(())
        }),
        GetSetDef::rw("__name__", name, |_, v, value| {
            this(v).name.put(value.cloned());
            Ok(())
        }),
        GetSetDef::new("__isabstractmethod__", |vm, v| {
            let p = this(v);
            for f in [&p.fget, &p.fset, &p.fdel] {
                if is_abstract(vm, &f.get_or_none())? {
                    return Ok(Value::TRUE);
                }
            }
            Ok(Value::FALSE)
        }),
    ]);

fn this(v: &Value) -> &Property {
    v.downcast::<Property>().expect("the descriptor has checked the receiver")
}

/// Whether `__isabstractmethod__` of a function is true.
pub(super) fn is_abstract(vm: &Vm, f: &Value) -> PyResult<bool> {
    if f.is_none() {
        return Ok(false);
    }
    match vm.getattr_opt(f, &vm.names().__isabstractmethod__)? {
        Some(flag) => vm.truthy(&flag),
        None => Ok(false),
    }
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    vm.check_mutable(v)?;
    const NAMES: [&str; 4] = ["fget", "fset", "fdel", "doc"];
    let mut given: [Option<Value>; 4] = Default::default();
    let n = args.pos().len() + args.n_named();
    if n > 4 {
        return Err(vm.type_error(&format!("property() takes at most 4 arguments ({n} given)")));
    }
    for (slot, value) in given.iter_mut().zip(args.pos()) {
        *slot = Some(value.clone());
    }
    for (key, value) in args.named() {
        let text = key.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        let Some(i) = NAMES.iter().position(|n| *n == text) else {
            return Err(vm.type_error(&format!("property() got an unexpected keyword argument '{text}'")));
        };
        if given[i].replace(value.clone()).is_some() {
            let message = format!("argument for property() given by name ('{text}') and position ({})", i + 1);
            return Err(vm.type_error(&message));
        }
    }
    let [fget, fset, fdel, doc] = given.map(|v| v.filter(|v| !v.is_none()));
    let p = this(v);
    p.fget.put(fget.clone());
    p.fset.put(fset);
    p.fdel.put(fdel);
    p.doc.put(None);
    p.name.put(None);
    p.getter_doc.set(false);
    let mut shown = doc;
    if shown.is_none()
        && let Some(fget) = &fget
    {
        let of_getter = vm.getattr_opt(fget, &vm.names().__doc__)?;
        if let Some(d) = of_getter.filter(|d| !d.is_none()) {
            p.getter_doc.set(true);
            shown = Some(d);
        }
    }
    if vm.is_exact(v, vm.types().property) {
        p.doc.put(shown);
        return Ok(());
    }
    // A subclass keeps the documentation where its instances keep attributes.
    let shown = shown.unwrap_or(Value::NONE);
    let stored = vm.setattr(v, &vm.names().__doc__, Some(&shown));
    if vm.unless(stored, vm.types().AttributeError)?.is_none() && !p.getter_doc.get() && !shown.is_none() {
        return Err(vm.no_attribute(v, &vm.names().__doc__));
    }
    Ok(())
}

/// A copy with another getter (0), setter (1) or deleter (2).
fn copy(vm: &Vm, v: &Value, which: usize, f: &Value) -> PyResult {
    let p = this(v);
    let mut parts = [p.fget.get_or_none(), p.fset.get_or_none(), p.fdel.get_or_none()];
    parts[which] = f.clone();
    let [fget, fset, fdel] = parts;
    let doc = if p.getter_doc.get() && !fget.is_none() { Value::NONE } else { p.doc.get_or_none() };
    let made = vm.call_pos(&vm.type_of(v).value(), &[fget, fset, fdel, doc])?;
    if let (Some(new), Some(name)) = (made.downcast::<Property>(), p.name.get()) {
        new.name.set(name);
    }
    Ok(made)
}

fn set_name(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let given = args.pos().len().saturating_sub(1);
    let [v, _, name] = args.pos() else {
        return Err(vm.type_error(&format!("__set_name__() takes 2 positional arguments but {given} were given")));
    };
    this(v).name.set(name.clone());
    Ok(Value::NONE)
}

/// The name it was given, or its getter's.
fn name_opt(vm: &Vm, p: &Property) -> PyResult<Option<Value>> {
    if let Some(name) = p.name.get() {
        return Ok(Some(name));
    }
    match p.fget.get() {
        Some(f) => vm.getattr_opt(&f, &vm.names().__name__),
        None => Ok(None),
    }
}

fn name(vm: &Vm, v: &Value) -> PyResult {
    match name_opt(vm, this(v))? {
        Some(name) => Ok(name),
        None => Err(vm.attribute_error_for("'property' object has no attribute '__name__'", v, &vm.names().__name__)),
    }
}

#[cold]
fn lacks(vm: &Vm, v: &Value, obj: &Value, what: &str) -> Raised {
    let name = match name_opt(vm, this(v)) {
        Ok(name) => name,
        Err(e) => return e,
    };
    let ty = vm.type_of(obj).value();
    let qualname = match vm.getattr(&ty, &vm.names().__qualname__).and_then(|q| vm.str_string(&q)) {
        Ok(q) => q,
        Err(e) => return e,
    };
    match name.map(|n| vm.repr_string(&n)).transpose() {
        Ok(Some(name)) => vm.attribute_error(&format!("property {name} of '{qualname}' object has no {what}")),
        Ok(None) => vm.attribute_error(&format!("property of '{qualname}' object has no {what}")),
        Err(e) => e,
    }
}

fn get(vm: &Vm, v: &Value, obj: Option<&Value>, _: Option<&Value>) -> PyResult {
    let Some(obj) = obj.filter(|o| !o.is_none()) else { return Ok(v.clone()) };
    match this(v).fget.get() {
        Some(f) => vm.call_one(&f, obj),
        None => Err(lacks(vm, v, obj, "getter")),
    }
}

fn set(vm: &Vm, v: &Value, obj: &Value, value: Option<&Value>) -> PyResult<()> {
    let p = this(v);
    match (value, p.fset.get(), p.fdel.get()) {
        (Some(value), Some(f), _) => drop(vm.call_pos(&f, &[obj.clone(), value.clone()])?),
        (None, _, Some(f)) => drop(vm.call_one(&f, obj)?),
        (Some(_), None, _) => return Err(lacks(vm, v, obj, "setter")),
        (None, _, None) => return Err(lacks(vm, v, obj, "deleter")),
    }
    Ok(())
}
