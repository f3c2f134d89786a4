//! The helpers of Intrinsic1 and Intrinsic2: type parameters, type aliases, the display hook.

use super::ops::At;
use crate::error::PyResult;
use crate::types::function::Function;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// Intrinsic1.
#[cold]
#[inline(never)]
pub(crate) fn one(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let r = match at.i.x() {
        0 => {
            vm.hooks().display(vm, &v)?;
            Value::NONE
        }
        1 => vm.new_type_var(&v, None, None),
        2 => vm.new_param_spec(&v),
        3 => vm.new_type_var_tuple(&v),
        4 => vm.generic_base(&v)?,
        _ => {
            let parts = v.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice);
            match parts {
                [name, params, function] => vm.new_type_alias(name, params, function),
                _ => return Err(vm.system_error("a type alias needs name, parameters and value")),
            }
        }
    };
    at.regs.put(at.i.a(), r);
    Ok(())
}

/// Intrinsic2.
#[cold]
#[inline(never)]
pub(crate) fn two(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (a, b) = (at.regs.take_bound(at.i.b()), at.regs.take_bound(at.i.b() + 1));
    let r = match at.i.x() {
        0 => vm.new_type_var(&a, Some(&b), None),
        1 => vm.new_type_var(&a, None, Some(&b)),
        2 => {
            if let Some(f) = a.downcast::<Function>() {
                f.type_params.set(b);
            }
            a
        }
        _ => {
            vm.set_type_param_default(&a, &b)?;
            a
        }
    };
    at.regs.put(at.i.a(), r);
    Ok(())
}
