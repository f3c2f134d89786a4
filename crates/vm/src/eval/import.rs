//! `import`, `from ... import`, `from ... import *`.

use super::ops::At;
use crate::error::{PyResult, Raised};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

/// ImportName.
#[inline(never)]
pub(crate) fn import_name(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (fromlist, level) = (at.regs.take_bound(at.i.c()), at.regs.take_bound(at.i.c() + 1));
    let name = at.name(at.i.b());
    let func = at.frame.func();
    let hook = super::ops::names::in_mapping(vm, &func.builtins, &vm.names().__import__)?;
    let Some(hook) = hook else { return Err(vm.import_error("__import__ not found")) };
    let level_number = level.as_small_int().unwrap_or(0);
    let module = if is_default(&hook) {
        vm.hooks().import_name(vm, name, &func.globals, &fromlist, level_number)?
    } else {
        let locals = vm.locals_of(at.frame);
        vm.call_pos(&hook, &[name.clone(), (*func.globals).clone(), locals, fromlist, level])?
    };
    at.regs.put(at.i.a(), module);
    Ok(())
}

/// Whether `__import__` is the machine's own.
fn is_default(hook: &Value) -> bool {
    hook.downcast::<crate::types::builtin::Builtin>().is_some_and(|b| b.def.name == "__import__")
}

/// ImportFrom.
#[inline(never)]
pub(crate) fn import_from(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let module = at.regs.val(at.i.b()).clone();
    let name = at.name(at.i.c());
    if let Some(v) = vm.getattr_opt(&module, name)? {
        at.regs.put(at.i.a(), v);
        return Ok(());
    }
    // A submodule that is being imported (circularly) is in sys.modules already.
    let module_name = vm.getattr_opt(&module, &vm.names().__name__)?;
    let package = module_name.as_ref().and_then(|n| n.downcast::<Str>()).map(|s| s.to_string());
    if let Some(package) = &package {
        let full = vm.str(&format!("{package}.{}", text(name)));
        if let Some(modules) = vm.modules.get()
            && let Some(found) = modules.downcast::<Dict>().map(|m| m.get(vm, &full)).transpose()?.flatten()
        {
            at.regs.put(at.i.a(), found);
            return Ok(());
        }
    }
    Err(cannot_import(vm, &module, name, package.as_deref()))
}

fn text(v: &Value) -> String {
    v.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default()
}

#[cold]
fn cannot_import(vm: &Vm, module: &Value, name: &Value, package: Option<&str>) -> Raised {
    let shown = package.unwrap_or("<unknown module name>");
    let attr = |n: &Value| vm.getattr_opt(module, n).ok().flatten();
    let spec = attr(&vm.names().__spec__).filter(|s| !s.is_none());
    let initializing = spec
        .as_ref()
        .and_then(|s| vm.getattr_opt(s, &vm.names()._initializing).ok().flatten())
        .is_some_and(|v| vm.truthy(&v).unwrap_or(false));
    let file = attr(&vm.names().__file__).filter(|f| f.is_a::<Str>());
    let place = file.as_ref().map_or("unknown location".to_string(), text);
    let message = if initializing {
        format!(
            "cannot import name '{}' from partially initialized module '{shown}' (most likely due to a circular import) ({place})",
            text(name)
        )
    } else {
        format!("cannot import name '{}' from '{shown}' ({place})", text(name))
    };
    let module_name = package.map_or(Value::NONE, |p| vm.str(p));
    let raised = vm.import_error_for(vm.types().ImportError, &message, &module_name, &file.unwrap_or(Value::NONE));
    if let Some(e) = vm.ts().pending() {
        let pending = vm.ts().save_pending();
        drop(vm.setattr(&e, &vm.names().name_from, Some(name)));
        vm.ts().restore_pending(pending);
    }
    raised
}

/// ImportStar.
#[cold]
pub(crate) fn import_star(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let module = at.src(at.i.a());
    let namespace = at.regs.val(0).clone();
    let listed = vm.getattr_opt(&module, &vm.names().__all__)?;
    let names = match &listed {
        Some(all) => vm.collect(all)?,
        None => {
            let Some(dict) = vm.getattr_opt(&module, &vm.names().__dict__)? else {
                return Err(vm.import_error("from-import-* object has no __dict__ and no __all__"));
            };
            match super::ops::build::mapping_items(vm, &dict)? {
                Some(items) => items.into_iter().map(|(k, _)| k).collect(),
                None => Vec::new(),
            }
        }
    };
    for name in names {
        let Some(s) = name.downcast::<Str>() else {
            let owner = vm.getattr_opt(&module, &vm.names().__name__)?.map_or(String::new(), |n| text(&n));
            let place = if listed.is_some() { "Item in" } else { "Key in" };
            let what = if listed.is_some() { "__all__" } else { "__dict__" };
            let message = format!("{place} {owner}.{what} must be str, not {}", vm.type_of(&name).name());
            return Err(vm.type_error(&message));
        };
        if listed.is_none() && s.as_bytes().first() == Some(&b'_') {
            continue;
        }
        let name = vm.intern_value(&name);
        let v = vm.getattr(&module, &name)?;
        match namespace.downcast::<Dict>() {
            Some(d) if vm.is_exact(&namespace, vm.types().dict) && !d.is_frozen() => d.set_str(vm, &name, v),
            _ => vm.set_item(&namespace, &name, &v)?,
        }
    }
    Ok(())
}
