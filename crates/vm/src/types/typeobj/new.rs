//! `__new__` of native types, and functions in the dicts of types.

use super::TypeObj;
use super::dunder::Dunder;
use crate::error::PyResult;
use crate::native::{CallArgs, MethodDef};
use crate::types::descr::SlotWrapper;
use crate::types::slots::Slots;
use crate::value::Value;
use crate::vm::Vm;

/// `T.__new__`: bound to the type it constructs for.
static NEW: MethodDef = MethodDef::raw("__new__", "($type, *args, **kwargs)", call_new)
    .doc("Create and return a new object.  See help(type) for accurate signature.");

fn call_new(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let pos = args.pos();
    let Some(ty) = pos.first().and_then(TypeObj::from_value) else {
        return Err(vm.type_error("__new__ is not bound to a type"));
    };
    let name = || ty.full_name(vm);
    let Some(class) = pos.get(1) else {
        return Err(vm.type_error(&format!("{}.__new__(): not enough arguments", name())));
    };
    let Some(sub) = TypeObj::from_value(class) else {
        let given = vm.type_of(class).name();
        return Err(vm.type_error(&format!("{}.__new__(X): X is not a type object ({given})", name())));
    };
    if !sub.is_subtype(ty) {
        let (name, sub) = (name(), sub.full_name(vm));
        return Err(vm.type_error(&format!("{name}.__new__({sub}): {sub} is not a subtype of {name}")));
    }
    let mut native = sub;
    while native.is_heap()
        && let Some(base) = native.base()
    {
        native = base;
    }
    let (wanted, given) = (native.slots().new, ty.slots().new);
    if let (Some(w), Some(g)) = (wanted, given)
        && !std::ptr::fn_addr_eq(w, g)
        && !native.is(ty)
    {
        let (name, sub, native) = (name(), sub.full_name(vm), native.full_name(vm));
        return Err(vm.type_error(&format!("{name}.__new__({sub}) is not safe, use {native}.__new__()")));
    }
    match given {
        Some(f) => f(vm, sub, &args.skip(2)),
        None => Err(vm.type_error(&format!("cannot create '{}' instances", name()))),
    }
}

impl Vm {
    /// `__new__` of a native type.
    pub(crate) fn native_new(&self, ty: &TypeObj) -> Value {
        self.bound_builtin(&NEW, ty.value())
    }

    /// A static method of a native type.
    pub(crate) fn static_builtin(&self, def: &'static MethodDef, ty: &TypeObj) -> Value {
        self.staticmethod(self.bound_builtin(def, ty.value()))
    }

    /// A native function as a method for the dict of a class derived from `ty`.
    pub fn method_of(&self, def: &'static MethodDef, ty: &TypeObj) -> Value {
        self.method_descr(def, ty)
    }

    /// Whether `ty`, which is `base` or derives from it, may not be called with keywords: it has no `__init__` of its own
    /// that could take them.
    pub fn takes_no_keywords(&self, ty: &TypeObj, base: &TypeObj) -> bool {
        match (ty.slots().init, base.slots().init) {
            _ if ty.is(base) => true,
            (Some(f), Some(g)) => std::ptr::fn_addr_eq(f, g),
            (own, theirs) => own.is_none() && theirs.is_none(),
        }
    }

    /// Whether a value is the slot wrapper of that special method.
    pub(crate) fn wraps_slot(&self, value: &Value, d: Dunder) -> bool {
        value.downcast::<SlotWrapper>().is_some_and(|w| super::dunder::WRAPPERS[w.id as usize].1 == d)
    }

    /// As [`Vm::wraps_slot`], for a slot that may be copied into `ty`: its instances have the layout that the slot needs.
    pub(crate) fn wraps_slot_of(&self, value: &Value, d: Dunder, ty: &TypeObj) -> bool {
        self.wraps_slot(value, d) && value.downcast::<SlotWrapper>().is_some_and(|w| ty.is_subtype(w.ty()))
    }

    /// The slots of the native type that a slot wrapper belongs to.
    pub(crate) fn wrapped_slots<'a>(&self, value: &'a Value) -> Option<&'a Slots> {
        value.downcast::<SlotWrapper>().map(|w| w.ty().slots())
    }
}
