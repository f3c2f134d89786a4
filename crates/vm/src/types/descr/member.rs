//! `getset_descriptor` and `member_descriptor`: computed attributes of native types, their fields, members of `__slots__`.

use super::{qualname, reduce, wrong_receiver};
use crate::error::{PyResult, Raised};
use crate::instance::{clone_word, set_word};
use crate::native::{Args, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::builtin::doc_value;
use crate::types::slots::Slots;
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// A computed attribute of a type.
pub struct GetSet {
    /// How it is read and written.
    pub def: &'static GetSetDef,
    /// The type that has it.
    pub owner: Value,
}

// SAFETY: made by the heap only.
unsafe impl Payload for GetSet {
    const KIND: Kind = Kind::GetSet;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.owner);
    }
}

impl GetSet {
    /// The type that has it.
    #[inline(always)]
    pub fn ty(&self) -> &TypeObj {
        TypeObj::from_value(&self.owner).expect("the owner is a type")
    }
}

/// A member of `__slots__`, or a field of a native type.
pub struct Member {
    /// Its name.
    pub name: Value,
    /// The class that has it.
    pub owner: Value,
    /// Byte offset of its word in an instance; [`Member::NO_WORD`] for a field of a native type.
    pub offset: u32,
    /// How a field of a native type is read.
    field: Option<&'static GetSetDef>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Member {
    const KIND: Kind = Kind::Member;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.name);
        visit(&self.owner);
    }
}

impl Member {
    /// The offset of what is no word of an instance.
    pub const NO_WORD: u32 = u32::MAX;

    /// Whether it is a member of `__slots__`.
    pub fn is_slot(&self) -> bool {
        self.field.is_none()
    }

    /// The class that has it.
    #[inline(always)]
    pub fn ty(&self) -> &TypeObj {
        TypeObj::from_value(&self.owner).expect("the owner is a type")
    }

    fn name(&self) -> &str {
        self.name.downcast::<Str>().map_or("?", Str::as_str_lossy)
    }
}

/// The type `getset_descriptor`.
pub static GETSET_DESCRIPTOR: TypeDef = TypeDef::new::<GetSet>("getset_descriptor")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots {
        repr: Some(|vm, v| {
            let d = getset(v);
            Ok(vm.str(&format!("<attribute '{}' of '{}' objects>", d.def.name, d.ty().name())))
        }),
        descr_get: Some(get),
        descr_set: Some(set),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a: Args<'_>| {
        let d = a.this::<GetSet>();
        reduce(vm, d.ty(), d.def.name)
    })])
    .getset(&[
        GetSetDef::new("__name__", |vm, v| Ok(vm.str(getset(v).def.name))),
        GetSetDef::new("__qualname__", |vm, v| qualname(vm, getset(v).ty(), getset(v).def.name)),
        GetSetDef::new("__objclass__", |_, v| Ok(getset(v).owner.clone())),
        GetSetDef::new("__doc__", |vm, v| Ok(doc_value(vm, getset(v).def.doc))),
    ]);

/// The type `member_descriptor`.
pub static MEMBER_DESCRIPTOR: TypeDef = TypeDef::new::<Member>("member_descriptor")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots {
        repr: Some(|vm, v| {
            let d = member(v);
            Ok(vm.str(&format!("<member '{}' of '{}' objects>", d.name(), d.ty().name())))
        }),
        descr_get: Some(member_get),
        descr_set: Some(member_set),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a: Args<'_>| {
        let d = a.this::<Member>();
        reduce(vm, d.ty(), d.name())
    })])
    .getset(&[
        GetSetDef::new("__name__", |_, v| Ok(member(v).name.clone())),
        GetSetDef::new("__qualname__", |vm, v| qualname(vm, member(v).ty(), member(v).name())),
        GetSetDef::new("__objclass__", |_, v| Ok(member(v).owner.clone())),
        GetSetDef::new("__doc__", |vm, v| Ok(member(v).field.map_or(Value::NONE, |def| doc_value(vm, def.doc)))),
    ]);

fn getset(v: &Value) -> &GetSet {
    v.downcast::<GetSet>().expect("the descriptor has checked the receiver")
}

fn member(v: &Value) -> &Member {
    v.downcast::<Member>().expect("the descriptor has checked the receiver")
}

fn get(vm: &Vm, v: &Value, obj: Option<&Value>, _: Option<&Value>) -> PyResult {
    let d = getset(v);
    match obj {
        None => Ok(v.clone()),
        Some(obj) if vm.type_of(obj).is_subtype(d.ty()) => (d.def.get)(vm, obj),
        Some(obj) => Err(wrong_receiver(vm, d.def.name, d.ty(), obj)),
    }
}

fn set(vm: &Vm, v: &Value, obj: &Value, value: Option<&Value>) -> PyResult<()> {
    let d = getset(v);
    if !vm.type_of(obj).is_subtype(d.ty()) {
        return Err(wrong_receiver(vm, d.def.name, d.ty(), obj));
    }
    vm.check_attribute(obj, d.def.name)?;
    match d.def.set {
        Some(f) => f(vm, obj, value),
        None => {
            let of = d.ty().name();
            Err(vm.attribute_error(&format!("attribute '{}' of '{of}' objects is not writable", d.def.name)))
        }
    }
}

#[cold]
fn unset(vm: &Vm, d: &Member, obj: &Value) -> Raised {
    let ty = crate::types::exception::render::class_name(vm, vm.type_of(obj));
    vm.attribute_error_for(&format!("'{ty}' object has no attribute '{}'", d.name()), obj, &d.name)
}

fn member_get(vm: &Vm, v: &Value, obj: Option<&Value>, _: Option<&Value>) -> PyResult {
    let d = member(v);
    let Some(obj) = obj else { return Ok(v.clone()) };
    if let Some(def) = d.field {
        if vm.type_of(obj).is_subtype(d.ty()) {
            return (def.get)(vm, obj);
        }
        return Err(wrong_receiver(vm, d.name(), d.ty(), obj));
    }
    match obj.header() {
        Some(h) if h.ty().is_subtype(d.ty()) => {
            // SAFETY: instances of the class have the member at this offset.
            let word = unsafe { h.word_at(d.offset as usize + h.var_size()) };
            clone_word(word).ok_or_else(|| unset(vm, d, obj))
        }
        _ => Err(wrong_receiver(vm, d.name(), d.ty(), obj)),
    }
}

fn member_set(vm: &Vm, v: &Value, obj: &Value, value: Option<&Value>) -> PyResult<()> {
    let d = member(v);
    if d.field.is_some() && vm.type_of(obj).is_subtype(d.ty()) {
        return Err(vm.attribute_error("readonly attribute"));
    }
    match obj.header() {
        Some(h) if h.ty().is_subtype(d.ty()) => {
            // SAFETY: instances of the class have the member at this offset.
            let word = unsafe { h.word_at(d.offset as usize + h.var_size()) };
            vm.check_attribute(obj, d.name())?;
            if value.is_none() && word.get() == 0 {
                return Err(vm.attribute_error(d.name()));
            }
            set_word(word, value.cloned());
            Ok(())
        }
        _ => Err(wrong_receiver(vm, d.name(), d.ty(), obj)),
    }
}

impl Vm {
    /// A computed attribute of `owner`, or a field.
    pub(crate) fn getset_descr(&self, def: &'static GetSetDef, owner: &TypeObj) -> Value {
        if def.field {
            let (name, owner) = (self.intern(def.name), owner.value());
            return self.alloc(
                self.types().member_descriptor,
                Member { name, owner, offset: Member::NO_WORD, field: Some(def) },
            );
        }
        self.alloc(self.types().getset_descriptor, GetSet { def, owner: owner.value() })
    }

    /// A member of `__slots__` of `owner`, at a byte offset of its instances.
    pub(crate) fn member_descr(&self, name: Value, owner: &TypeObj, offset: u32) -> Value {
        self.alloc(self.types().member_descriptor, Member { name, owner: owner.value(), offset, field: None })
    }
}
