//! `weakref.ProxyType` and `weakref.CallableProxyType`: stand-ins that pass every operation to the object.
//!
//! Invariant: an operation holds a reference to the object while it runs.

use super::{WeakRef, this};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, MethodDef};
use crate::types::slots::{BinOp, CmpOp, N_BINOPS, Slots};
use crate::types::typeobj::{TypeDef, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// The type `weakref.ProxyType`.
pub static PROXY: TypeDef =
    TypeDef::new::<WeakRef>("ProxyType").module("weakref").gc().flags(tflag::NO_NEW).slots(SLOTS).methods(METHODS);

/// The type `weakref.CallableProxyType`.
pub static CALLABLE_PROXY: TypeDef = TypeDef::new::<WeakRef>("CallableProxyType")
    .module("weakref")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots { call: Some(call), ..SLOTS })
    .methods(METHODS);

const METHODS: &[MethodDef] = &[
    MethodDef::new("__bytes__", "($self, /)", |vm, a: Args<'_>| {
        let target = target(vm, a.get(0))?;
        vm.call_method(&target, &vm.names().__bytes__, &[])
    }),
    MethodDef::new("__reversed__", "($self, /)", |vm, a: Args<'_>| {
        let target = target(vm, a.get(0))?;
        vm.call_method(&target, &vm.names().__reversed__, &[])
    }),
];

/// The object behind a proxy, or ReferenceError.
fn target(vm: &Vm, v: &Value) -> PyResult {
    match this(v).upgrade() {
        Some(target) => Ok(target),
        None => Err(vm.raise_text(vm.types().ReferenceError, "weakly-referenced object no longer exists")),
    }
}

/// An operand: the object, if it is a proxy.
fn operand(vm: &Vm, v: &Value) -> PyResult {
    let ty = vm.type_of(v);
    if ty.is(vm.types().weakproxy) || ty.is(vm.types().weakcallableproxy) { target(vm, v) } else { Ok(v.clone()) }
}

macro_rules! binary {
    ($($op:ident)*) => {{
        let mut table: [Option<crate::types::slots::BinaryFn>; N_BINOPS] = [None; N_BINOPS];
        $( table[BinOp::$op as usize] =
            Some(|vm, a, b| vm.binary_op(BinOp::$op, &operand(vm, a)?, &operand(vm, b)?)); )*
        table
    }};
}

macro_rules! inplace {
    ($($op:ident)*) => {{
        let mut table: [Option<crate::types::slots::BinaryFn>; N_BINOPS] = [None; N_BINOPS];
        $( table[BinOp::$op as usize] =
            Some(|vm, a, b| vm.inplace_op(BinOp::$op, &operand(vm, a)?, &operand(vm, b)?)); )*
        table
    }};
}

const SLOTS: Slots = Slots {
    repr: Some(repr),
    str: Some(|vm, v| vm.str_of(&target(vm, v)?)),
    hash: Some(|vm, _| Err(vm.type_error("unhashable type: 'weakref.ProxyType'"))),
    richcmp: Some(richcmp),
    getattr: Some(|vm, v, name| vm.getattr(&target(vm, v)?, name)),
    setattr: Some(|vm, v, name, value| vm.setattr(&target(vm, v)?, name, value)),
    iter: Some(|vm, v| vm.iter(&target(vm, v)?)),
    iternext: Some(iternext),
    bool: Some(|vm, v| vm.truthy(&target(vm, v)?)),
    len: Some(|vm, v| vm.len(&target(vm, v)?)),
    getitem: Some(|vm, v, key| vm.get_item(&target(vm, v)?, key)),
    setitem: Some(|vm, v, key, value| {
        let target = target(vm, v)?;
        match value {
            Some(value) => vm.set_item(&target, key, value),
            None => vm.del_item(&target, key),
        }
    }),
    contains: Some(|vm, v, item| vm.contains(&target(vm, v)?, item)),
    binary: binary!(Add Sub Mul TrueDiv FloorDiv Mod Pow MatMul Shl Shr And Or Xor DivMod),
    inplace: inplace!(Add Sub Mul TrueDiv FloorDiv Mod Pow MatMul Shl Shr And Or Xor),
    pow3: Some(|vm, a, b, m| vm.pow3(&operand(vm, a)?, &operand(vm, b)?, &operand(vm, m)?)),
    neg: Some(|vm, v| vm.neg(&target(vm, v)?)),
    pos: Some(|vm, v| vm.pos(&target(vm, v)?)),
    abs: Some(|vm, v| vm.abs(&target(vm, v)?)),
    invert: Some(|vm, v| vm.invert(&target(vm, v)?)),
    int: Some(|vm, v| vm.call_one(&vm.types().int.value(), &target(vm, v)?)),
    float: Some(|vm, v| vm.call_one(&vm.types().float.value(), &target(vm, v)?)),
    index: Some(|vm, v| vm.to_index(&target(vm, v)?)),
    ..Slots::EMPTY
};

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let kind = vm.type_of(v).name();
    let at = v.bits();
    let text = match this(v).upgrade() {
        Some(target) => {
            format!("<weakproxy at {at:#x}; to '{}' at {:#x}>", vm.type_of(&target).name(), target.bits())
        }
        None => format!("<weakproxy at {at:#x}; dead>"),
    };
    let _ = kind;
    Ok(vm.str(&text))
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    vm.compare(&operand(vm, a)?, &operand(vm, b)?, op)
}

fn iternext(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let target = target(vm, v)?;
    if vm.type_of(&target).slots().iternext.is_none() {
        let given = vm.type_of(&target).name();
        return Err(vm.type_error(&format!("Weakref proxy referenced a non-iterator '{given}' object")));
    }
    vm.next(&target)
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    vm.call(&target(vm, v)?, args)
}

impl Vm {
    /// `weakref.proxy(target, callback)`.
    pub fn weakproxy(&self, target: &Value, callback: Option<&Value>) -> PyResult {
        let t = self.types();
        let ty = if self.is_callable(target) { t.weakcallableproxy } else { t.weakproxy };
        self.weakref_of(ty, target, callback)
    }
}
