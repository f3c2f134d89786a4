//! `cmp_to_key`.

use serpens_vm::cell::VCell;
use serpens_vm::types::slots::{CmpOp, Slots};
use serpens_vm::{Args, GetSetDef, PyResult, TypeDef, Value, Vm};

/// A key that compares by a function: as made for an object, or (without one) the function that makes keys.
pub struct CmpKey {
    cmp: Value,
    object: VCell,
}

serpens_vm::native_payload!(CmpKey { cmp } cells { object });

/// The type `functools.KeyWrapper`.
pub static KEY_WRAPPER: TypeDef = TypeDef::new::<CmpKey>("KeyWrapper")
    .copied()
    .module("functools")
    .gc()
    .flags(serpens_vm::types::typeobj::tflag::NO_NEW)
    .slots(Slots {
        call: Some(|vm, v, args| {
            let [object] = crate::data::bind(vm, args, "K", ["obj"], 1)?;
            Ok(make(vm, this(v).cmp.clone(), object.cloned()))
        }),
        richcmp: Some(richcmp),
        ..Slots::EMPTY
    })
    .getset(&[GetSetDef::rw(
        "obj",
        |vm, v| this(v).object.get().ok_or_else(|| vm.attribute_error("object")),
        |_, v, value| {
            this(v).object.put(value.cloned());
            Ok(())
        },
    )
    .doc("Value wrapped by a key function.")]);

fn this(v: &Value) -> &CmpKey {
    v.downcast::<CmpKey>().expect("the descriptor has checked the receiver")
}

fn make(vm: &Vm, cmp: Value, object: Option<Value>) -> Value {
    vm.alloc_native(&KEY_WRAPPER, CmpKey { cmp, object: VCell::from(object) })
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let Some(other) = b.downcast::<CmpKey>() else {
        return Err(vm.type_error("other argument must be K instance"));
    };
    let (Some(x), Some(y)) = (this(a).object.get(), other.object.get()) else {
        return Err(vm.attribute_error("object"));
    };
    let order = vm.call_pos(&this(a).cmp, &[x, y])?;
    vm.compare(&order, &Value::int_unchecked(0), op)
}

/// `cmp_to_key(mycmp)`.
pub(super) fn cmp_to_key(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(make(vm, a.get(0).clone(), None))
}
