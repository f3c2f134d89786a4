//! What is said of a value that does not cross.

use serpens_vm::{PyResult, Raised, TypeObj, Value, Vm};

/// `VALUE does not support ...`.
pub(super) fn unsupported(vm: &Vm, v: &Value) -> PyResult<String> {
    let shown = match vm.repr_string(v) {
        Ok(shown) => shown,
        // Too deep to be shown.
        Err(_) if vm.pending_is(vm.types().RecursionError) => {
            drop(vm.take_raised());
            format!("'{}' object", vm.type_of(v).name())
        }
        Err(e) => return Err(e),
    };
    Ok(format!("{shown} does not support cross-interpreter data"))
}

/// The error of a container: that of what it holds, of which `e` is pending, is its cause. Other errors pass.
pub fn unsupported_because(vm: &Vm, container: &Value, e: Raised) -> Raised {
    if !crate::errors::class(vm, "NotShareableError").is_ok_and(|class| pending_is_class(vm, &class)) {
        return e;
    }
    let pending = vm.ts().save_pending();
    match unsupported(vm, container) {
        Ok(message) => {
            vm.ts().restore_pending(pending);
            not_shareable_from(vm, &message, e)
        }
        Err(other) => other,
    }
}

fn pending_is_class(vm: &Vm, class: &Value) -> bool {
    TypeObj::from_value(class).is_some_and(|class| vm.pending_is(class))
}

/// Raises `NotShareableError(message)`.
pub fn not_shareable(vm: &Vm, message: &str) -> Raised {
    match crate::errors::class(vm, "NotShareableError").and_then(|c| vm.call_one(&c, &vm.str(message))) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}

/// Raises `NotShareableError(message)` with the pending exception as its cause.
pub fn not_shareable_from(vm: &Vm, message: &str, _pending: Raised) -> Raised {
    let cause = vm.take_raised();
    match crate::errors::class(vm, "NotShareableError").and_then(|c| vm.call_one(&c, &vm.str(message))) {
        Ok(e) => {
            if let Err(raised) = vm.setattr(&e, &vm.names().__cause__, Some(&cause)) {
                return raised;
            }
            vm.raise(e)
        }
        Err(e) => e,
    }
}
