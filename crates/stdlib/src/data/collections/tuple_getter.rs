//! `_tuplegetter`: the fields of named tuples.

use serpens_vm::cell::VCell;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};

/// A descriptor that gives one item of a tuple.
pub struct TupleGetter {
    index: isize,
    doc: VCell,
}

serpens_vm::native_payload!(TupleGetter {} cells { doc });

/// The type `_tuplegetter`.
pub static TUPLE_GETTER: TypeDef = TypeDef::new::<TupleGetter>("_tuplegetter")
    .copied()
    .freezable()
    .module("_collections")
    .gc()
    .slots(Slots {
        new: Some(new),
        repr: Some(|vm, v| {
            let doc = vm.repr_string(&this(v).doc.get_or_none())?;
            Ok(vm.str(&format!("{}({}, {doc})", vm.type_of(v).full_name(vm), this(v).index)))
        }),
        descr_get: Some(get),
        descr_set: Some(|vm, _, _, value| {
            Err(vm.attribute_error(if value.is_some() { "can't set attribute" } else { "can't delete attribute" }))
        }),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a| {
        let getter = a.this::<TupleGetter>();
        let args = vm.tuple(vec![vm.int(getter.index as i64), getter.doc.get_or_none()]);
        Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), args]))
    })])
    .getset(&[GetSetDef::rw(
        "__doc__",
        |_, v| Ok(this(v).doc.get_or_none()),
        |_, v, value| {
            this(v).doc.put(value.cloned());
            Ok(())
        },
    )]);

fn this(v: &Value) -> &TupleGetter {
    v.downcast::<TupleGetter>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let ([index, doc], 0) = (args.pos(), args.n_named()) else {
        return Err(vm.type_error(&format!("_tuplegetter expected 2 arguments, got {}", args.all().len())));
    };
    let index = vm.arg_isize(index)?;
    Ok(vm.alloc(ty, TupleGetter { index, doc: VCell::new(doc.clone()) }))
}

fn get(vm: &Vm, d: &Value, obj: Option<&Value>, _: Option<&Value>) -> PyResult {
    let Some(obj) = obj.filter(|o| !o.is_none()) else { return Ok(d.clone()) };
    let index = this(d).index;
    let Some(tuple) = obj.downcast::<Tuple>() else {
        return Err(vm.type_error(&format!(
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{}' object",
            vm.type_of(obj).name()
        )));
    };
    match usize::try_from(index).ok().and_then(|i| tuple.as_slice().get(i)) {
        Some(item) => Ok(item.clone()),
        None => Err(vm.index_error("tuple index out of range")),
    }
}
