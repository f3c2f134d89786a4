//! `_weakref`: what `weakref` needs of the machine.

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::weakref::WeakRef;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule =
    NativeModule::new("_weakref").doc("Weak-reference support module.").functions(FUNCTIONS).init(init);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("getweakrefcount", "(object, /)", |vm, a| Ok(Value::from_usize(vm.weakrefs_to(a.get(0)).len())))
        .doc("Return the number of weak references to 'object'."),
    MethodDef::new("getweakrefs", "(object, /)", |vm, a| Ok(vm.list(vm.weakrefs_to(a.get(0)))))
        .doc("Return a list of all weak reference objects pointing to 'object'."),
    MethodDef::new("proxy", "(object, callback=None, /)", |vm, a| vm.weakproxy(a.get(0), a.some(1))).doc(
        "Create a proxy object that weakly references 'object'.\n\n'callback', if given, is called with a reference to \
         the\nproxy when 'object' is about to be finalized.",
    ),
    MethodDef::new("_remove_dead_weakref", "(dct, key, /)", remove_dead)
        .doc("Atomically remove key from dict if it points to a dead weakref."),
];

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    let t = vm.types();
    for (name, ty) in [
        ("ref", t.weakref),
        ("ReferenceType", t.weakref),
        ("ProxyType", t.weakproxy),
        ("CallableProxyType", t.weakcallableproxy),
    ] {
        dict.set_name(vm, name, ty.value());
    }
    Ok(())
}

fn remove_dead(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(dict) = a.get(0).downcast::<Dict>() else {
        let given = vm.type_of(a.get(0)).name();
        return Err(vm.type_error(&format!("_remove_dead_weakref() argument 1 must be dict, not {given}")));
    };
    let Some(found) = dict.get(vm, a.get(1))? else { return Ok(Value::NONE) };
    match found.downcast::<WeakRef>() {
        Some(reference) if reference.is_dead() => drop(dict.remove(vm, a.get(1))?),
        Some(_) => {}
        None => return Err(vm.type_error("not a weakref")),
    }
    Ok(Value::NONE)
}
