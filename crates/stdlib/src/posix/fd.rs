//! File descriptors as arguments: an integer, or an object with `fileno()`.

use serpens_vm::{PyResult, Value, Vm};

/// The descriptor of an integer or of an object with `fileno()`.
pub fn fileno(vm: &Vm, v: &Value) -> PyResult<i32> {
    let fd = match v.as_small_int() {
        Some(fd) => i32::try_from(fd).map_err(|_| vm.overflow_error("Python int too large to convert to C int"))?,
        None => number(vm, v)?,
    };
    if fd < 0 {
        return Err(vm.value_error(&format!("file descriptor cannot be a negative integer ({fd})")));
    }
    Ok(fd)
}

fn number(vm: &Vm, v: &Value) -> PyResult<i32> {
    if v.as_bool().is_some() {
        vm.hooks().warn(vm, vm.types().RuntimeWarning, "bool is used as a file descriptor", 1)?;
    }
    if vm.is_int_like(v) {
        return vm.arg_i32(v);
    }
    let Some(method) = vm.getattr_opt(v, &vm.intern("fileno"))? else {
        return Err(vm.type_error("argument must be an int, or have a fileno() method."));
    };
    let made = vm.call_none(&method)?;
    match vm.is_int_like(&made) {
        true => vm.arg_i32(&made),
        false => Err(vm.type_error("fileno() returned a non-integer")),
    }
}
