//! What a missing attribute of a module says: circular imports, files that shadow a library's module.

use super::Module;
use crate::error::Raised;
use crate::types::list::List;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

/// `__spec__._initializing`.
pub(super) fn is_initializing(vm: &Vm, m: &Module) -> bool {
    let Some(spec) = m.get(vm, &vm.names().__spec__).filter(|s| !s.is_none()) else { return false };
    let flag = vm.with_pending_saved(|vm| vm.getattr_opt(&spec, &vm.names()._initializing)).flatten();
    flag.is_some_and(|f| vm.with_pending_saved(|vm| vm.truthy(&f)).unwrap_or(false))
}

/// The file of a module, from its spec.
fn origin(vm: &Vm, m: &Module) -> Option<String> {
    let spec = m.get(vm, &vm.names().__spec__).filter(|s| !s.is_none())?;
    let has = vm.with_pending_saved(|vm| vm.getattr_opt(&spec, &vm.intern("has_location"))).flatten()?;
    if !vm.with_pending_saved(|vm| vm.truthy(&has))? {
        return None;
    }
    let origin = vm.with_pending_saved(|vm| vm.getattr_opt(&spec, &vm.intern("origin"))).flatten()?;
    Some(origin.downcast::<Str>()?.to_string())
}

fn sys(vm: &Vm, name: &str) -> Option<Value> {
    vm.sys_dict()?.downcast::<crate::types::dict::Dict>()?.get_name(vm, name)
}

/// Whether the file lies in `sys.path[0]`, the script's folder.
fn may_shadow(vm: &Vm, origin: &str) -> bool {
    let safe = sys(vm, "flags").and_then(|f| vm.with_pending_saved(|vm| vm.getattr_str(&f, "safe_path")));
    if safe.is_some_and(|s| s.is_true()) {
        return false;
    }
    let Some(first) = sys(vm, "path").and_then(|p| p.downcast::<List>().and_then(|l| l.get(0))) else { return false };
    let Some(first) = first.downcast::<Str>().map(|s| s.to_string()) else { return false };
    let mut root = std::path::Path::new(origin).parent();
    if origin.ends_with("/__init__.py") {
        root = root.and_then(|r| r.parent());
    }
    let first = if first.is_empty() { std::env::current_dir().ok() } else { Some(std::path::PathBuf::from(first)) };
    matches!((root, first), (Some(root), Some(first)) if root == first)
}

fn is_library_name(vm: &Vm, name: &Value) -> bool {
    sys(vm, "stdlib_module_names")
        .is_some_and(|names| vm.with_pending_saved(|vm| vm.contains(&names, name)).unwrap_or(false))
}

/// Raises the AttributeError of a missing attribute.
#[cold]
pub(super) fn missing(vm: &Vm, v: &Value, m: &Module, name: &Value) -> Raised {
    let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
    let module = m.get(vm, &vm.names().__name__);
    let Some(module_name) = module.as_ref().and_then(|n| n.downcast::<Str>().map(|s| s.to_string())) else {
        return vm.attribute_error_for(&format!("module has no attribute '{text}'"), v, name);
    };
    let origin = origin(vm, m);
    let shadowing = origin.as_deref().is_some_and(|o| may_shadow(vm, o));
    let shadows_library = shadowing && module.as_ref().is_some_and(|n| is_library_name(vm, n));
    let file = origin.clone().unwrap_or_default();
    let plain = format!("module '{module_name}' has no attribute '{text}'");
    let message = if shadows_library {
        format!(
            "{plain} (consider renaming '{file}' since it has the same name as the standard library module named \
             '{module_name}' and prevents importing that standard library module)"
        )
    } else if is_initializing(vm, m) {
        if shadowing {
            format!("{plain} (consider renaming '{file}' if it has the same name as a library you intended to import)")
        } else if origin.is_some() {
            format!(
                "partially initialized module '{module_name}' from '{file}' has no attribute '{text}' (most likely \
                 due to a circular import)"
            )
        } else {
            format!(
                "partially initialized module '{module_name}' has no attribute '{text}' (most likely due to a \
                 circular import)"
            )
        }
    } else if is_uninitialized_submodule(vm, m, name) {
        format!("cannot access submodule '{text}' of module '{module_name}' (most likely due to a circular import)")
    } else {
        plain
    };
    vm.attribute_error_for(&message, v, name)
}

fn is_uninitialized_submodule(vm: &Vm, m: &Module, name: &Value) -> bool {
    let Some(spec) = m.get(vm, &vm.names().__spec__).filter(|s| !s.is_none()) else { return false };
    let found = vm.with_pending_saved(|vm| vm.getattr_opt(&spec, &vm.names()._uninitialized_submodules)).flatten();
    found.is_some_and(|list| vm.with_pending_saved(|vm| vm.contains(&list, name)).unwrap_or(false))
}
