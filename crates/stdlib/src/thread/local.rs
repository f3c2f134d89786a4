//! `_thread._local`: an object whose attributes are each thread's own.
//!
//! A subclass' `__init__` runs again, with the arguments of the first time, when another thread first uses the object.
//! The attributes of a thread that has ended are kept until the object goes.

use super::ident;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::types::typeobj::TypeObj;
use serpens_vm::{CallArgs, PyResult, TypeDef, Value, Vm};

/// The payload: a dict of dicts by thread, and what `__init__` was called with.
pub struct Local {
    threads: Value,
    args: Value,
    names: Value,
}

serpens_vm::native_payload!(Local { threads, args, names });

/// The type `_thread._local`.
pub static LOCAL: TypeDef = TypeDef::new::<Local>("_local")
    .module("_thread")
    .doc("Thread-local data")
    .basetype()
    .gc()
    .flags(serpens_vm::types::typeobj::tflag::HAS_WEAKREF)
    .slots(Slots { new: Some(new), getattr: Some(getattr), setattr: Some(setattr), ..Slots::EMPTY });

fn this(v: &Value) -> &Local {
    v.downcast::<Local>().expect("the slot belongs to the type")
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let names: Vec<Value> = args.named().map(|(name, _)| name.clone()).collect();
    let threads = vm.new_dict();
    threads.downcast::<Dict>().expect("just made").set(vm, vm.int_u64(ident()), vm.new_dict())?;
    Ok(vm.alloc(ty, Local { threads, args: vm.tuple(args.all().to_vec()), names: vm.tuple(names) }))
}

/// The attributes of this thread.
fn attributes(vm: &Vm, v: &Value) -> PyResult {
    let threads = this(v).threads.downcast::<Dict>().expect("made by new");
    let key = vm.int_u64(ident());
    if let Some(found) = threads.get(vm, &key)? {
        return Ok(found);
    }
    let fresh = vm.new_dict();
    threads.set(vm, key, fresh.clone())?;
    let ty = vm.type_of(v);
    if let Some(init) = ty.lookup(vm, &vm.str("__init__")) {
        let mut all = vec![v.clone()];
        all.extend(this(v).args.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default());
        let names = this(v).names.clone();
        let named = names.downcast::<Tuple>().is_some_and(|t| t.len() > 0);
        vm.call(&init, &CallArgs::new(&all, named.then_some(&names)))?;
    }
    Ok(fresh)
}

fn is_dict_name(name: &Value) -> bool {
    name.downcast::<Str>().is_some_and(|s| s.as_bytes() == b"__dict__")
}

fn getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    let own = attributes(vm, v)?;
    if is_dict_name(name) {
        return Ok(own);
    }
    if let Some(found) = own.downcast::<Dict>().expect("made here").get(vm, name)? {
        return Ok(found);
    }
    match vm.generic_getattr_opt(v, name)? {
        Some(found) => Ok(found),
        None => Err(no_attribute(vm, v, name)),
    }
}

fn setattr(vm: &Vm, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    if is_dict_name(name) {
        let ty = vm.type_of(v).full_name(vm);
        return Err(vm.attribute_error(&format!("'{ty}' object attribute '__dict__' is read-only")));
    }
    let own = attributes(vm, v)?;
    let own = own.downcast::<Dict>().expect("made here");
    match value {
        Some(value) => own.set(vm, name.clone(), value.clone()),
        None => own.remove(vm, name)?.map(drop).ok_or_else(|| no_attribute(vm, v, name)),
    }
}

fn no_attribute(vm: &Vm, v: &Value, name: &Value) -> serpens_vm::error::Raised {
    let name = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
    vm.attribute_error(&format!("'{}' object has no attribute '{name}'", vm.type_of(v).full_name(vm)))
}
