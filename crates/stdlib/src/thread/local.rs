//! `_thread._local`: attributes that differ from thread to thread.
//!
//! Each object keeps one dict a thread, by the thread's identity. A dict goes when its object goes; the dicts of threads
//! that have ended stay until then.
#![expect(unsafe_code, reason = "object layout")]

use super::ident;
use serpens_vm::native::CallArgs;
use serpens_vm::object::{Header, Kind, Visitor};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Payload, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::RefCell;

/// A thread-local object.
pub struct Local {
    /// Identity of a thread and its attributes.
    dicts: RefCell<Vec<(u64, Value)>>,
    /// Arguments for `__init__` in each thread.
    args: Vec<Value>,
    names: Option<Value>,
}

// SAFETY: made by the heap only; told apart by its type id.
unsafe impl Payload for Local {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.is_native::<Self>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.dicts.borrow().iter().for_each(|(_, d)| visit(d));
        self.args.iter().chain(&self.names).for_each(visit);
    }

    fn clear(&self) {
        drop(self.dicts.take());
    }
}

/// The type.
pub static LOCAL: TypeDef = TypeDef::new::<Local>("_local")
    .copied_then(|copier, h| {
        // Threads of another interpreter have nothing in it.
        copier.renew(h, |l: &Local| &l.dicts, |_| RefCell::default());
        copier.renew(h, |l: &Local| &l.args, |args| args.iter().map(|v| copier.take(v)).collect());
    })
    .module("_thread")
    .doc("Thread-local data")
    .basetype()
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots { new: Some(new), getattr: Some(getattr), setattr: Some(setattr), ..Slots::EMPTY });

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let object_init = vm.types().object.slots().init.map(|f| f as usize);
    if !args.all().is_empty() && ty.slots().init.map(|f| f as usize) == object_init {
        return Err(vm.type_error("Initialization arguments are not supported"));
    }
    let dict = vm.new_dict();
    let payload =
        Local { dicts: RefCell::new(vec![(ident(), dict)]), args: args.all().to_vec(), names: args.names().cloned() };
    Ok(vm.alloc(ty, payload))
}

/// The attributes of this thread; a thread that comes for the first time runs `__init__`.
fn own_dict(vm: &Vm, v: &Value) -> PyResult {
    let Some(local) = v.downcast::<Local>() else { return Err(vm.type_error("not a thread-local object")) };
    let me = ident();
    let found = local.dicts.borrow().iter().find(|(id, _)| *id == me).map(|(_, d)| d.clone());
    if let Some(found) = found {
        return Ok(found);
    }
    let dict = vm.new_dict();
    local.dicts.borrow_mut().push((me, dict.clone()));
    if let Some(init) = vm.type_of(v).slots().init
        && let Err(e) = init(vm, v, &CallArgs::new(&local.args, local.names.as_ref()))
    {
        let removed = {
            let mut dicts = local.dicts.borrow_mut();
            dicts.iter().position(|(id, _)| *id == me).map(|i| dicts.remove(i))
        };
        drop(removed);
        return Err(e);
    }
    Ok(dict)
}

fn is_dict_name(name: &Value) -> bool {
    name.downcast::<Str>().is_some_and(|s| s == "__dict__")
}

fn getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    let own = own_dict(vm, v)?;
    if is_dict_name(name) {
        return Ok(own);
    }
    let ty = vm.type_of(v);
    let found = ty.lookup(vm, name);
    if let Some(d) = &found
        && vm.type_of(d).slots().descr_set.is_some()
    {
        return vm.bind_descriptor(d, Some(v), &ty.value());
    }
    if let Some(value) = own.downcast::<Dict>().and_then(|d| d.get_str(vm, name)) {
        return Ok(value);
    }
    match found {
        Some(d) => vm.bind_descriptor(&d, Some(v), &ty.value()),
        None => Err(vm.no_attribute(v, name)),
    }
}

fn setattr(vm: &Vm, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let own = own_dict(vm, v)?;
    if is_dict_name(name) {
        let t = vm.type_of(v).name().to_string();
        return Err(vm.attribute_error(&format!("'{t}' object attribute '__dict__' is read-only")));
    }
    if let Some(d) = vm.type_of(v).lookup(vm, name)
        && let Some(set) = vm.type_of(&d).slots().descr_set
    {
        return set(vm, &d, v, value);
    }
    let Some(d) = own.downcast::<Dict>() else { return Err(vm.type_error("not a dict")) };
    match value {
        Some(value) => d.set_str(vm, name, value.clone()),
        None => {
            if d.remove_str(vm, name).is_none() {
                return Err(vm.no_attribute(v, name));
            }
        }
    }
    Ok(())
}
