//! `method_descriptor` and `classmethod_descriptor`: methods of native types, unbound.

use super::{qualname, reduce, wrong_receiver};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef, call_native};
use crate::object::{Kind, Payload};
use crate::types::builtin::doc_value;
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// A method of a native type.
pub struct MethodDescr {
    /// What it calls.
    pub def: &'static MethodDef,
    /// The type that has it; native types outlive their descriptors.
    pub ty: *const TypeObj,
}

// SAFETY: made by the heap only.
unsafe impl Payload for MethodDescr {
    const KIND: Kind = Kind::MethodDescr;
}

impl MethodDescr {
    /// The type that has it.
    #[inline(always)]
    pub fn ty(&self) -> &TypeObj {
        // SAFETY: native types live as long as their interpreter.
        unsafe { &*self.ty }
    }
}

/// The type `method_descriptor`.
pub static METHOD_DESCRIPTOR: TypeDef = TypeDef::new::<MethodDescr>("method_descriptor")
    .flags(tflag::METHOD_DESCRIPTOR | tflag::NO_NEW)
    .slots(Slots { call: Some(call), repr: Some(repr), descr_get: Some(get), ..Slots::EMPTY })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", reduce_method)])
    .getset(GETSET);

/// The type `classmethod_descriptor`.
pub static CLASSMETHOD_DESCRIPTOR: TypeDef = TypeDef::new::<MethodDescr>("classmethod_descriptor")
    .flags(tflag::NO_NEW)
    .slots(Slots { call: Some(class_call), repr: Some(repr), descr_get: Some(class_get), ..Slots::EMPTY })
    .getset(GETSET);

const GETSET: &[GetSetDef] = &[
    GetSetDef::new("__name__", |vm, v| Ok(vm.str(this(v).def.name))),
    GetSetDef::new("__qualname__", |vm, v| qualname(vm, this(v).ty(), this(v).def.name)),
    GetSetDef::new("__objclass__", |_, v| Ok(this(v).ty().value())),
    GetSetDef::new("__doc__", |vm, v| Ok(doc_value(vm, this(v).def.doc))),
    GetSetDef::new("__text_signature__", |vm, v| Ok(doc_value(vm, this(v).def.signature))),
];

fn this(v: &Value) -> &MethodDescr {
    v.downcast::<MethodDescr>().expect("the descriptor has checked the receiver")
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let d = this(v);
    let Some(receiver) = args.pos().first() else {
        let message = format!("unbound method {}.{}() needs an argument", d.ty().name(), d.def.name);
        return Err(vm.type_error(&message));
    };
    if !vm.type_of(receiver).is_subtype(d.ty()) {
        return Err(wrong_receiver(vm, d.def.name, d.ty(), receiver));
    }
    call_native(vm, d.def, d.ty().name(), args)
}

fn get(vm: &Vm, v: &Value, obj: Option<&Value>, _: Option<&Value>) -> PyResult {
    let d = this(v);
    match obj {
        None => Ok(v.clone()),
        Some(obj) if vm.type_of(obj).is_subtype(d.ty()) => Ok(vm.bound_builtin(d.def, obj.clone())),
        Some(obj) => Err(wrong_receiver(vm, d.def.name, d.ty(), obj)),
    }
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let d = this(v);
    Ok(vm.str(&format!("<method '{}' of '{}' objects>", d.def.name, d.ty().name())))
}

fn class_get(vm: &Vm, v: &Value, obj: Option<&Value>, owner: Option<&Value>) -> PyResult {
    let d = this(v);
    let (name, of) = (d.def.name, d.ty().name());
    let owner = match (owner, obj) {
        (Some(owner), _) if !owner.is_none() => owner.clone(),
        (_, Some(obj)) => vm.type_of(obj).value(),
        _ => {
            let message = format!("descriptor '{name}' for type '{of}' needs either an object or a type");
            return Err(vm.type_error(&message));
        }
    };
    let Some(class) = TypeObj::from_value(&owner) else {
        let given = vm.type_of(&owner).name();
        let message = format!("descriptor '{name}' for type '{of}' needs a type, not a '{given}' as arg 2");
        return Err(vm.type_error(&message));
    };
    if !class.is_subtype(d.ty()) {
        let message = format!("descriptor '{name}' requires a subtype of '{of}' but received '{}'", class.name());
        return Err(vm.type_error(&message));
    }
    Ok(vm.bound_builtin(d.def, owner))
}

fn class_call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let d = this(v);
    let Some(owner) = args.pos().first() else {
        let message = format!("descriptor '{}' of '{}' object needs an argument", d.def.name, d.ty().name());
        return Err(vm.type_error(&message));
    };
    let bound = class_get(vm, v, None, Some(owner))?;
    vm.call(&bound, &args.skip(1))
}

fn reduce_method(vm: &Vm, a: Args<'_>) -> PyResult {
    let d = a.this::<MethodDescr>();
    reduce(vm, d.ty(), d.def.name)
}

impl Vm {
    /// The descriptor of a native method; class methods get the descriptor of class methods.
    pub(crate) fn method_descr(&self, def: &'static MethodDef, ty: &TypeObj) -> Value {
        let of = match def.kind {
            crate::native::MethodKind::Class => self.types().classmethod_descriptor,
            _ => self.types().method_descriptor,
        };
        self.alloc(of, MethodDescr { def, ty })
    }
}
