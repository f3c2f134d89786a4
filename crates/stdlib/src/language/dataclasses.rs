//! The marks by which `dataclasses` tells kinds of fields apart.
//!
//! The library compares them by identity. They are objects of the frozen image, the same in all interpreters, so that a
//! frozen dataclass has its fields in every one.

use serpens_state::import::Accelerator;
use serpens_vm::image::part::key_of;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};

/// Puts the marks into `dataclasses`.
pub const ACCELERATOR: Accelerator = Accelerator { module: "dataclasses", apply: install };

static NAMES: [&str; 3] = ["_FIELD", "_FIELD_CLASSVAR", "_FIELD_INITVAR"];

/// A mark.
pub struct Mark {
    name: &'static str,
}

serpens_vm::native_payload!(Mark {});

/// The class that the library has for them.
static MARK: TypeDef = TypeDef::new::<Mark>("_FIELD_BASE")
    .immutable()
    .freezable()
    .module("dataclasses")
    .flags(tflag::NO_NEW)
    .slots(Slots { repr: Some(|vm, v| Ok(name(vm, v))), ..Slots::EMPTY })
    // Copied and pickled by name.
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a| Ok(name(vm, a.get(0))))])
    .getset(&[GetSetDef::new("name", |vm, v| Ok(name(vm, v)))]);

fn name(vm: &Vm, v: &Value) -> Value {
    vm.intern(v.downcast::<Mark>().map_or("?", |m| m.name))
}

fn install(vm: &Vm, module: &Value) -> PyResult<()> {
    let Some(dict) = module.downcast::<Module>().map(Module::dict) else { return Ok(()) };
    let Some(dict) = dict.downcast::<Dict>() else { return Ok(()) };
    for name in &NAMES {
        let mark = vm.frozen(key_of(name), &|builder| Ok(builder.alloc_native(&MARK, Mark { name })))?;
        dict.set_name(vm, name, mark);
    }
    Ok(())
}
