//! How types are shown inside generic aliases and unions.

use super::GenericAlias;
use crate::error::PyResult;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// `int`, `module.Class`, `...`, or the repr of what is no class.
pub fn type_repr(vm: &Vm, v: &Value) -> PyResult<String> {
    if v.is_ellipsis() {
        return Ok("...".to_string());
    }
    if v.is_a::<GenericAlias>() {
        return vm.repr_string(v);
    }
    let n = vm.names();
    if TypeObj::from_value(v).is_none()
        && vm.getattr_opt(v, &n.__origin__)?.is_some()
        && vm.getattr_opt(v, &n.__args__)?.is_some()
    {
        return vm.repr_string(v);
    }
    let (Some(qualname), Some(module)) = (vm.getattr_opt(v, &n.__qualname__)?, vm.getattr_opt(v, &n.__module__)?)
    else {
        return vm.repr_string(v);
    };
    if module.is_none() {
        return vm.repr_string(v);
    }
    let qualname = vm.str_string(&qualname)?;
    match module.downcast::<Str>() {
        Some(m) if m == "builtins" => Ok(qualname),
        _ => Ok(format!("{}.{qualname}", vm.str_string(&module)?)),
    }
}

/// As [`type_repr`], but the type of `None` is shown as `None`.
pub fn union_item_repr(vm: &Vm, v: &Value) -> PyResult<String> {
    if TypeObj::from_value(v).is_some_and(|t| t.is(vm.types().NoneType)) {
        return Ok("None".to_string());
    }
    type_repr(vm, v)
}
