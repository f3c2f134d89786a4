//! `_sysconfig`: what the build says of itself.

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::{MethodDef, Value};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_sysconfig").doc("A helper for the sysconfig module.").functions(
    &[MethodDef::new("config_vars", "()", |vm, _| {
        let vars = vm.new_dict();
        if let Some(d) = vars.downcast::<Dict>() {
            d.set_name(vm, "Py_GIL_DISABLED", Value::int_unchecked(0));
        }
        Ok(vars)
    })
    .doc("Returns a dictionary containing build variables intended to be exposed by sysconfig.")],
);
