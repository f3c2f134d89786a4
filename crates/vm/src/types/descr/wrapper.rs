//! `wrapper_descriptor` and `method-wrapper`: the slots of native types as special methods.

use super::{qualname, reduce};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::builtin::doc_value;
use crate::types::slots::{CmpOp, Slots};
use crate::types::typeobj::dunder::{self, WrapperId};
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// A slot of a native type as an unbound method.
pub struct SlotWrapper {
    /// Which special method it is.
    pub id: WrapperId,
    /// The type that has it; native types outlive their descriptors.
    pub ty: *const TypeObj,
}

// SAFETY: made by the heap only.
unsafe impl Payload for SlotWrapper {
    const KIND: Kind = Kind::SlotWrapper;
}

impl SlotWrapper {
    /// The type that has it.
    #[inline(always)]
    pub fn ty(&self) -> &TypeObj {
        // SAFETY: native types live as long as their interpreter.
        unsafe { &*self.ty }
    }

    /// The special method's name.
    pub fn name(&self) -> &'static str {
        dunder::wrapper_name(self.id)
    }
}

/// A slot bound to its receiver.
pub struct MethodWrapper {
    /// The [`SlotWrapper`].
    pub descr: Value,
    /// The receiver.
    pub receiver: Value,
}

// SAFETY: made by the heap only; told apart by its type id.
unsafe impl Payload for MethodWrapper {
    const KIND: Kind = Kind::Native;

    fn matches(header: &crate::object::Header) -> bool {
        header.kind() == Kind::Native && header.ty().native_id == Some(std::any::TypeId::of::<MethodWrapper>())
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.descr);
        visit(&self.receiver);
    }
}

impl MethodWrapper {
    fn slot(&self) -> &SlotWrapper {
        self.descr.downcast::<SlotWrapper>().expect("a method-wrapper holds a slot wrapper")
    }
}

/// The type `wrapper_descriptor`.
pub static WRAPPER_DESCRIPTOR: TypeDef = TypeDef::new::<SlotWrapper>("wrapper_descriptor")
    .flags(tflag::METHOD_DESCRIPTOR | tflag::NO_NEW)
    .slots(Slots { call: Some(call), repr: Some(repr), descr_get: Some(get), ..Slots::EMPTY })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", reduce_wrapper)])
    .getset(&[
        GetSetDef::new("__name__", |vm, v| Ok(vm.str(this(v).name()))),
        GetSetDef::new("__qualname__", |vm, v| qualname(vm, this(v).ty(), this(v).name())),
        GetSetDef::new("__objclass__", |_, v| Ok(this(v).ty().value())),
        GetSetDef::new("__doc__", |vm, v| Ok(doc_value(vm, dunder::wrapper_doc(this(v).id)))),
        GetSetDef::new("__text_signature__", |vm, v| Ok(doc_value(vm, dunder::wrapper_signature(this(v).id)))),
    ]);

/// The type `method-wrapper`.
pub static METHOD_WRAPPER: TypeDef = TypeDef::new::<MethodWrapper>("method-wrapper")
    .copied()
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots {
        call: Some(call_bound),
        repr: Some(repr_bound),
        hash: Some(hash_bound),
        richcmp: Some(richcmp_bound),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", reduce_bound)])
    .getset(&[
        GetSetDef::new("__self__", |_, v| Ok(bound(v).receiver.clone())),
        GetSetDef::new("__name__", |vm, v| Ok(vm.str(bound(v).slot().name()))),
        GetSetDef::new("__qualname__", |vm, v| qualname(vm, bound(v).slot().ty(), bound(v).slot().name())),
        GetSetDef::new("__objclass__", |_, v| Ok(bound(v).slot().ty().value())),
        GetSetDef::new("__doc__", |vm, v| Ok(doc_value(vm, dunder::wrapper_doc(bound(v).slot().id)))),
        GetSetDef::new("__text_signature__", |vm, v| Ok(doc_value(vm, dunder::wrapper_signature(bound(v).slot().id)))),
    ]);

fn this(v: &Value) -> &SlotWrapper {
    v.downcast::<SlotWrapper>().expect("the descriptor has checked the receiver")
}

fn bound(v: &Value) -> &MethodWrapper {
    v.downcast::<MethodWrapper>().expect("the descriptor has checked the receiver")
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let d = this(v);
    let Some(receiver) = args.pos().first() else {
        let message = format!("descriptor '{}' of '{}' object needs an argument", d.name(), d.ty().name());
        return Err(vm.type_error(&message));
    };
    let given = vm.type_of(receiver);
    if !given.is_subtype(d.ty()) {
        let message = format!(
            "descriptor '{}' requires a '{}' object but received a '{}'",
            d.name(),
            d.ty().name(),
            given.name()
        );
        return Err(vm.type_error(&message));
    }
    dunder::call_wrapper(vm, d.id, d.ty(), receiver, &args.skip(1))
}

fn get(vm: &Vm, v: &Value, obj: Option<&Value>, _: Option<&Value>) -> PyResult {
    let d = this(v);
    match obj {
        None => Ok(v.clone()),
        Some(obj) if vm.type_of(obj).is_subtype(d.ty()) => {
            let payload = MethodWrapper { descr: v.clone(), receiver: obj.clone() };
            Ok(vm.alloc(vm.types().method_wrapper, payload))
        }
        Some(obj) => Err(super::wrong_receiver(vm, d.name(), d.ty(), obj)),
    }
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let d = this(v);
    Ok(vm.str(&format!("<slot wrapper '{}' of '{}' objects>", d.name(), d.ty().name())))
}

fn reduce_wrapper(vm: &Vm, a: Args<'_>) -> PyResult {
    let d = a.this::<SlotWrapper>();
    reduce(vm, d.ty(), d.name())
}

fn call_bound(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let w = bound(v);
    let slot = w.slot();
    dunder::call_wrapper(vm, slot.id, slot.ty(), &w.receiver, args)
}

fn repr_bound(vm: &Vm, v: &Value) -> PyResult {
    let w = bound(v);
    let of = vm.type_of(&w.receiver).name();
    Ok(vm.str(&format!("<method-wrapper '{}' of {of} object at {:#x}>", w.slot().name(), w.receiver.bits())))
}

fn hash_bound(_: &Vm, v: &Value) -> PyResult<i64> {
    let w = bound(v);
    Ok(((w.receiver.bits() >> 4) ^ (w.descr.bits() >> 4).rotate_left(20)) as i64)
}

fn richcmp_bound(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<MethodWrapper>(), b.downcast::<MethodWrapper>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same = x.descr.is(&y.descr) && x.receiver.is(&y.receiver);
    match op {
        CmpOp::Eq => Ok(Value::bool(same)),
        CmpOp::Ne => Ok(Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn reduce_bound(vm: &Vm, a: Args<'_>) -> PyResult {
    let w = a.this::<MethodWrapper>();
    let getattr = vm.builtin_function("getattr")?;
    Ok(vm.tuple(vec![getattr, vm.tuple(vec![w.receiver.clone(), vm.str(w.slot().name())])]))
}

impl Vm {
    /// A slot of a native type as a method.
    pub(crate) fn slot_wrapper(&self, id: WrapperId, ty: &TypeObj) -> Value {
        self.alloc(self.types().wrapper_descriptor, SlotWrapper { id, ty })
    }
}
