//! `_typing`: the types behind `typing`.

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::{MethodDef, PyResult, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_typing")
    .doc("Primitives and accelerators for the typing module.\n")
    .functions(&[MethodDef::new("_idfunc", "(x, /)", |_, a| Ok(a.get(0).clone()))])
    .init(init);

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    let t = vm.types();
    let list = [
        ("Generic", t.Generic),
        ("ParamSpec", t.ParamSpec),
        ("ParamSpecArgs", t.ParamSpecArgs),
        ("ParamSpecKwargs", t.ParamSpecKwargs),
        ("TypeAliasType", t.TypeAliasType),
        ("TypeVar", t.TypeVar),
        ("TypeVarTuple", t.TypeVarTuple),
        ("Union", t.UnionType),
    ];
    for (name, ty) in list {
        dict.set_name(vm, name, ty.value());
    }
    let no_default = vm.call_none(&t.NoDefaultType.value())?;
    dict.set_name(vm, "NoDefault", no_default);
    Ok(())
}
