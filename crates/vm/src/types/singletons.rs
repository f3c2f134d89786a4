//! The types of `None`, `NotImplemented` and `...`, whose only instances are immediates.

use crate::error::PyResult;
use crate::native::{CallArgs, MethodDef};
use crate::object::{Kind, Payload};
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;

/// No object has this layout: the instances are immediates.
enum Immediate {}

// SAFETY: the type has no values.
#[expect(unsafe_code, reason = "a layout without objects")]
unsafe impl Payload for Immediate {
    const KIND: Kind = Kind::Native;
}

/// The type of `None`.
pub static NONE: TypeDef = TypeDef::new::<Immediate>("NoneType").doc("The type of the None singleton.").slots(Slots {
    new: Some(|vm, ty, args| only(vm, ty, args, Value::NONE)),
    repr: Some(|vm, _| Ok(vm.intern("None"))),
    hash: Some(|_, _| Ok(0xfca8_6420)),
    bool: Some(|_, _| Ok(false)),
    ..Slots::EMPTY
});

/// The type of `NotImplemented`.
pub static NOT_IMPLEMENTED: TypeDef = TypeDef::new::<Immediate>("NotImplementedType")
    .doc("The type of the NotImplemented singleton.")
    .slots(Slots {
        new: Some(|vm, ty, args| only(vm, ty, args, Value::NOT_IMPLEMENTED)),
        repr: Some(|vm, _| Ok(vm.intern("NotImplemented"))),
        bool: Some(|vm, _| Err(vm.type_error("NotImplemented should not be used in a boolean context"))),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, _| Ok(vm.intern("NotImplemented")))]);

/// The type of `...`.
pub static ELLIPSIS: TypeDef = TypeDef::new::<Immediate>("ellipsis")
    .doc("The type of the Ellipsis singleton.")
    .slots(Slots {
        new: Some(|vm, ty, args| only(vm, ty, args, Value::ELLIPSIS)),
        repr: Some(|vm, _| Ok(vm.intern("Ellipsis"))),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, _| Ok(vm.intern("Ellipsis")))]);

fn only(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>, value: Value) -> PyResult {
    if !args.all().is_empty() {
        let name = if value.is_ellipsis() { "EllipsisType" } else { ty.name() };
        return Err(vm.type_error(&format!("{name} takes no arguments")));
    }
    Ok(value)
}
