//! Taking modules of the library from the origin of an interpreter instead of running their bodies (`crate::preparing`).
//!
//! A module comes with all that its body imported. It is taken only if running the bodies would come out the same: none of
//! the modules is there in another form, those that are there are as the library made them, nobody looks for modules or
//! traces, and the environment is the one in which the bodies ran. Otherwise the bodies run.

use super::{spec, text, with_modules};
use crate::interpreter::{home, runtime_of};
use serpens_vm::origin::{Prepared, PreparedModule};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::{Value, Vm};

/// What bodies read of `sys`.
const OF_SYS: &[&str] = &["platform", "version_info", "implementation", "flags", "byteorder", "maxsize", "hexversion"];

/// Takes the module of that full name, with what it imports. `None`, and nothing has changed, if it has to be loaded.
#[cold]
#[inline(never)]
pub(super) fn take(vm: &Vm, full: &str) -> Option<Value> {
    let prepared = vm.prepared()?;
    let wanted = prepared.find(full)?;
    let new = closure(vm, prepared, wanted)?;
    if !is_plain(vm, prepared) {
        return None;
    }
    for place in &new {
        enter(vm, prepared, *place)?;
    }
    // Now that all are there, code may run.
    new.iter().filter_map(|place| prepared.get(*place)).for_each(|entry| renew(vm, entry));
    with_modules(vm, |m| m.get_str(vm, &prepared.get(wanted)?.name)).ok()?
}

/// The places of a module and of all that its body imported and the interpreter has not, in the order in which their bodies
/// began; `None` if one is there in another form.
fn closure(vm: &Vm, prepared: &Prepared, wanted: usize) -> Option<Vec<usize>> {
    let mut seen = vec![false; prepared.len()];
    let mut left = vec![wanted];
    let mut new = Vec::new();
    seen[wanted] = true;
    while let Some(place) = left.pop() {
        let entry = prepared.get(place)?;
        if vm.has_taken(place) {
            continue;
        }
        let there = |name: &Value| with_modules(vm, |m| m.get_str(vm, name).is_some()).unwrap_or(true);
        if there(&entry.name) || entry.aliases.iter().any(|(name, _)| there(name)) {
            return None;
        }
        new.push(place);
        for next in &entry.imports {
            if !std::mem::replace(&mut seen[*next], true) {
                left.push(*next);
            }
        }
    }
    new.sort_unstable();
    Some(new)
}

/// Whether bodies would find what they found in the origin.
fn is_plain(vm: &Vm, prepared: &Prepared) -> bool {
    let tracing = &vm.ts().tracing;
    if tracing.func.get().is_some() || tracing.profile.get().is_some() || vm.monitor.is_on() {
        return false;
    }
    if prepared.environment() != crate::preparing::environment() {
        return false;
    }
    let builtins = vm.builtins.get_or_none();
    let plain = builtins.downcast::<Dict>().is_some_and(|d| vm.is_as_in_origin(d, |name| name != "_", |_, _| false));
    plain
        && sys_is_plain(vm)
        && (0..prepared.len()).all(|place| !vm.has_taken(place) || is_as_taken(vm, prepared, place))
}

/// Whether modules are looked for as at the start, and `sys` says of the interpreter what it said.
fn sys_is_plain(vm: &Vm) -> bool {
    let sys = vm.sys_dict_if_made();
    let Some(sys) = sys.as_ref().and_then(|d| d.downcast::<Dict>()) else { return false };
    let finders = sys.get_str(vm, &vm.names().meta_path);
    let finders = finders.as_ref().and_then(|l| l.downcast::<List>());
    let native =
        finders.is_some_and(|l| l.len() == 3 && l.to_vec().iter().all(|f| spec::native_finder(vm, f).is_some()));
    native && vm.is_as_in_origin(sys, |name| OF_SYS.contains(&name), |_, _| true)
}

/// Whether a module that was taken is in `sys.modules`, with what the library gave it. Names that begin with `_` are its own
/// state.
fn is_as_taken(vm: &Vm, prepared: &Prepared, place: usize) -> bool {
    let Some(entry) = prepared.get(place) else { return false };
    let Ok(Some(module)) = with_modules(vm, |m| m.get_str(vm, &entry.name)) else { return false };
    if !vm.is_copy_of(&module, &entry.module) {
        return false;
    }
    let Some(globals) = vm.instance_dict(&module) else { return false };
    let Some(globals) = globals.downcast::<Dict>() else { return false };
    let is_submodule = |name: &Value, value: &Value| {
        let full = vm.intern(&format!("{}.{}", text(&entry.name), text(name)));
        with_modules(vm, |m| m.get_str(vm, &full)).is_ok_and(|m| m.is_some_and(|m| m.bits() == value.bits()))
    };
    vm.is_as_in_origin(globals, |name| !name.starts_with('_'), is_submodule)
}

/// Enters a module into `sys.modules` and into its package.
fn enter(vm: &Vm, prepared: &Prepared, place: usize) -> Option<()> {
    let entry = prepared.get(place)?;
    let (module, aliases) = vm.take_prepared(place)?;
    with_modules(vm, |modules| {
        modules.set_str(vm, &entry.name, module.clone());
        for (name, other) in aliases {
            modules.set_str(vm, &name, other);
        }
        let package = entry.attribute.as_ref().and_then(|(package, child)| {
            let package = prepared.get(*package)?;
            Some((vm.instance_dict(&modules.get_str(vm, &package.name)?)?, child))
        });
        if let Some((globals, child)) = &package
            && let Some(globals) = globals.downcast::<Dict>()
        {
            globals.set_str(vm, child, module);
        }
    })
    .ok()
}

/// Gives a module that was entered what depends on when and where it was imported.
fn renew(vm: &Vm, entry: &PreparedModule) {
    let Ok(Some(module)) = with_modules(vm, |m| m.get_str(vm, &entry.name)) else { return };
    if let Some(runtime) = runtime_of(vm) {
        runtime.library().renew(vm, &text(&entry.name), &module);
    }
    if entry.name.bits() == vm.names().threading.bits() {
        // The thread that imports it is the main one: it is told when the globals are reached.
        drop(vm.instance_dict(&module));
    }
}

/// Remembers that the program needs a module of the library, so that it is prepared for interpreters to come.
pub(super) fn note(vm: &Vm, full: &str) {
    if let Some(interpreter) = home(vm)
        && !interpreter.is_main()
        && !interpreter.prepares()
    {
        interpreter.runtime().prepared_library().note(interpreter.runtime().library(), full);
    }
}
