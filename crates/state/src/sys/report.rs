//! Exceptions that nobody receives: in `__del__`, in callbacks, at shutdown, and those that end the program.

use crate::hooks::write_raw_stderr;
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, Value, Vm};

/// Writes text to `sys.stderr`, or to the process's error stream if that fails.
pub fn write_stderr(vm: &Vm, text: &str) {
    let stream = vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_name(vm, "stderr"));
    if let Some(stream) = stream.filter(|s| !s.is_none()) {
        let pending = vm.ts().save_pending();
        let done = vm.call_method(&stream, &vm.names().write, &[vm.str(text)]);
        let ok = done.is_ok();
        if !ok || vm.call_method(&stream, &vm.names().flush, &[]).is_err() {
            drop(vm.take_raised());
        }
        vm.ts().restore_pending(pending);
        if ok {
            return;
        }
    }
    write_raw_stderr(text);
}

/// Reports an exception that cannot be raised: through `sys.unraisablehook` if the program replaced it.
pub fn unraisable(vm: &Vm, exception: Value, message: &str, object: &Value) {
    vm.add_current_traceback(&exception);
    let sys = vm.sys_dict_if_made();
    let hook = |name: &str| sys.as_ref().and_then(|d| d.downcast::<Dict>()?.get_name(vm, name));
    if let (Some(f), Some(own)) = (hook("unraisablehook"), hook("__unraisablehook__"))
        && !f.is(&own)
    {
        let args = super::hooks::unraisable_args(vm, &exception, message, object);
        if let Ok(args) = args
            && vm.call_one(&f, &args).is_ok()
        {
            return;
        }
        drop(vm.take_raised());
    }
    write_unraisable(vm, &exception, message, object);
}

/// Writes the report as CPython words it.
pub(super) fn write_unraisable(vm: &Vm, exception: &Value, message: &str, object: &Value) {
    let mut text = message.to_string();
    if !object.is_none() {
        match vm.repr_string(object) {
            Ok(repr) => {
                text.push(' ');
                text.push_str(&repr);
            }
            Err(_) => {
                drop(vm.take_raised());
                text.push_str(" <object repr() failed>");
            }
        }
    }
    text.push_str(":\n");
    text.push_str(&vm.format_unraisable(exception));
    write_stderr(vm, &text);
}

/// Prints an exception that ends the program, through `sys.excepthook` if the program replaced it.
pub fn print_uncaught(vm: &Vm, exception: &Value) {
    let n = vm.names();
    let traceback = vm.getattr_opt(exception, &n.__traceback__).ok().flatten().unwrap_or(Value::NONE);
    let sys = vm.sys_dict();
    if let Some(d) = sys.as_ref().and_then(|d| d.downcast::<Dict>()) {
        d.set_name(vm, "last_exc", exception.clone());
        d.set_name(vm, "last_type", vm.type_of(exception).value());
        d.set_name(vm, "last_value", exception.clone());
        d.set_name(vm, "last_traceback", traceback.clone());
        if let Some(hook) = d.get_name(vm, "excepthook") {
            let args = [vm.type_of(exception).value(), exception.clone(), traceback];
            if vm.call_pos(&hook, &args).is_ok() {
                return;
            }
            let second = vm.take_raised();
            write_stderr(vm, "Error in sys.excepthook:\n");
            write_stderr(vm, &vm.format_exception(&second));
            write_stderr(vm, "\nOriginal exception was:\n");
        } else {
            write_stderr(vm, "sys.excepthook is missing\n");
        }
    }
    write_stderr(vm, &vm.format_exception(exception));
}

/// Runs `f`; an exception in it is reported as unraisable.
pub(crate) fn ignore(vm: &Vm, f: impl FnOnce(&Vm) -> PyResult) {
    if f(vm).is_err() {
        let e = vm.take_raised();
        unraisable(vm, e, "Exception ignored", &Value::NONE);
    }
}
