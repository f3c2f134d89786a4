//! Locals, cells, globals and the namespace.
#![expect(unsafe_code, reason = "entries of dicts by the addresses that caches keep")]

use super::At;
use crate::error::{PyResult, Raised};
use crate::eval::inline_cache::kind;
use crate::types::cell::CellObj;
use crate::types::code::CodeObj;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::CodeFlags;

/// The error of reading unbound local `reg`.
#[cold]
#[inline(never)]
pub(crate) fn unbound_local(vm: &Vm, code: &CodeObj, reg: u16) -> Raised {
    let code = code.code();
    let name = code.local_names.get(reg as usize).map_or("?", |n| n);
    unbound(vm, name.trim_start_matches('.'), code.flags.contains(CodeFlags::NAMESPACE))
}

#[cold]
fn unbound(vm: &Vm, name: &str, namespace: bool) -> Raised {
    if namespace {
        return name_error(vm, name, &format!("name '{name}' is not defined"));
    }
    let message = format!("cannot access local variable '{name}' where it is not associated with a value");
    named(vm, vm.types().UnboundLocalError, name, &message)
}

#[cold]
fn unbound_free(vm: &Vm, name: &str) -> Raised {
    let message =
        format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope");
    named(vm, vm.types().NameError, name, &message)
}

#[cold]
fn name_error(vm: &Vm, name: &str, message: &str) -> Raised {
    named(vm, vm.types().NameError, name, message)
}

/// Raises with the attribute `name`, which suggestions need.
#[cold]
fn named(vm: &Vm, class: &crate::types::typeobj::TypeObj, name: &str, message: &str) -> Raised {
    let raised = vm.raise_text(class, message);
    if let Some(e) = vm.ts().pending() {
        let value = vm.intern(name);
        let pending = vm.ts().save_pending();
        drop(vm.setattr(&e, &vm.names().name, Some(&value)));
        vm.ts().restore_pending(pending);
    }
    raised
}

/// The cell in a local.
pub(crate) fn cell<'a>(vm: &Vm, at: At<'a>, reg: u16) -> PyResult<&'a CellObj> {
    match at.regs.opt(reg).and_then(|v| v.downcast::<CellObj>()) {
        Some(cell) => Ok(cell),
        None => Err(vm.system_error("a cell variable without its cell")),
    }
}

fn cell_name(at: At<'_>, reg: u16) -> String {
    let code = at.code().code();
    match code.cellvars.iter().find(|c| c.reg == reg) {
        Some(c) => c.name.trim_start_matches('.').to_string(),
        None => code.local_names.get(reg as usize).map_or(String::new(), |n| n.to_string()),
    }
}

/// LoadCell of a full cell; whether it was done.
#[inline(always)]
pub(crate) fn load_full_cell(at: At<'_>) -> bool {
    let Some(v) = at.regs.opt(at.i.b()).and_then(|v| v.downcast::<CellObj>()).and_then(|c| c.contents.get()) else {
        return false;
    };
    at.regs.put(at.i.a(), v);
    true
}

/// LoadCell.
#[inline(never)]
pub(crate) fn load_cell(vm: &Vm, at: At<'_>) -> PyResult<()> {
    match cell(vm, at, at.i.b())?.contents.get() {
        Some(v) => {
            at.regs.put(at.i.a(), v);
            Ok(())
        }
        None => Err(unbound(vm, &cell_name(at, at.i.b()), at.code().code().flags.contains(CodeFlags::NAMESPACE))),
    }
}

/// StoreCell.
#[inline(never)]
pub(crate) fn store_cell(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let cell = cell(vm, at, at.i.a())?;
    vm.check_payload_mutable(cell)?;
    cell.contents.set(v);
    Ok(())
}

/// DelCell.
#[cold]
pub(crate) fn del_cell(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let found = cell(vm, at, at.i.a())?;
    vm.check_payload_mutable(found)?;
    match found.contents.take() {
        Some(_) => Ok(()),
        None => Err(unbound(vm, &cell_name(at, at.i.a()), at.code().code().flags.contains(CodeFlags::NAMESPACE))),
    }
}

/// The cell of a free variable.
#[inline(always)]
pub(crate) fn free<'a>(vm: &Vm, at: At<'a>, i: u16) -> PyResult<&'a CellObj> {
    match at.frame.func().free(i as usize) {
        Some(cell) => Ok(cell),
        None => Err(vm.system_error("a free variable without its cell")),
    }
}

fn free_name(at: At<'_>, i: u16) -> String {
    at.code().code().freevars.get(i as usize).map_or(String::new(), |n| n.to_string())
}

/// LoadFree of a full cell; whether it was done.
#[inline(always)]
pub(crate) fn load_full_free(at: At<'_>) -> bool {
    let Some(v) = at.frame.func().free(at.i.b() as usize).and_then(|c| c.contents.get()) else { return false };
    at.regs.put(at.i.a(), v);
    true
}

/// LoadFree.
#[inline(never)]
pub(crate) fn load_free(vm: &Vm, at: At<'_>) -> PyResult<()> {
    match free(vm, at, at.i.b())?.contents.get() {
        Some(v) => {
            at.regs.put(at.i.a(), v);
            Ok(())
        }
        None => Err(unbound_free(vm, &free_name(at, at.i.b()))),
    }
}

/// StoreFree.
#[inline(never)]
pub(crate) fn store_free(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.a());
    let cell = free(vm, at, at.i.b())?;
    vm.check_payload_mutable(cell)?;
    cell.contents.set(v);
    Ok(())
}

/// DelFree.
#[cold]
pub(crate) fn del_free(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let found = free(vm, at, at.i.b())?;
    vm.check_payload_mutable(found)?;
    match found.contents.take() {
        Some(_) => Ok(()),
        None => Err(unbound_free(vm, &free_name(at, at.i.b()))),
    }
}

/// LoadFreeCell.
#[inline(never)]
pub(crate) fn load_free_cell(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let cell = free(vm, at, at.i.b())?;
    at.regs.put(at.i.a(), Value::of(cell));
    Ok(())
}

/// `mapping[name]` or nothing, for any mapping.
pub(crate) fn in_mapping(vm: &Vm, mapping: &Value, name: &Value) -> PyResult<Option<Value>> {
    if vm.is_exact(mapping, vm.types().dict)
        && let Some(d) = mapping.downcast::<Dict>()
    {
        return Ok(d.get_str(vm, name));
    }
    match vm.get_item(mapping, name) {
        Ok(v) => Ok(Some(v)),
        Err(e) => {
            if vm.pending_is(vm.types().KeyError) {
                drop(vm.take_raised());
                Ok(None)
            } else {
                Err(e)
            }
        }
    }
}

/// LoadFromDictOrFree, LoadFromDictOrCell.
#[inline(never)]
pub(crate) fn load_from_dict_or_cell(vm: &Vm, at: At<'_>, own: bool) -> PyResult<()> {
    let mapping = at.src(at.i.b());
    let name = if own { cell_name(at, at.i.c()) } else { free_name(at, at.i.c()) };
    let found = in_mapping(vm, &mapping, &vm.intern(&name))?;
    let found = match found {
        Some(v) => Some(v),
        None if own => cell(vm, at, at.i.c())?.contents.get(),
        None => free(vm, at, at.i.c())?.contents.get(),
    };
    match found {
        Some(v) => {
            at.regs.put(at.i.a(), v);
            Ok(())
        }
        None if own => Err(unbound(vm, &name, false)),
        None => Err(unbound_free(vm, &name)),
    }
}

/// A builtin that the layer above makes when it is first asked for.
#[cold]
fn late_builtin(vm: &Vm, builtins: &Value, name: &Value) -> PyResult<Option<Value>> {
    if vm.builtins.get().is_some_and(|own| own.is(builtins)) { vm.hooks().late_builtin(vm, name) } else { Ok(None) }
}

/// A global or builtin by name.
pub(crate) fn global(vm: &Vm, at: At<'_>, name: &Value) -> PyResult {
    let func = at.frame.func();
    // Globals of a subclass of dict may have `__missing__`.
    if let Some(v) = in_mapping(vm, &func.globals, name)? {
        return Ok(v);
    }
    if let Some(v) = in_mapping(vm, &func.builtins, name)? {
        return Ok(v);
    }
    if let Some(v) = late_builtin(vm, &func.builtins, name)? {
        return Ok(v);
    }
    let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
    Err(name_error(vm, &text, &format!("name '{text}' is not defined")))
}

/// A cached global; whether it was found.
#[inline(always)]
pub(crate) fn load_global(at: At<'_>) -> bool {
    let Some(cache) = at.code().cache(at.i.c()) else { return false };
    let func = at.frame.func();
    if func.globals_dict().known_version() != cache.key {
        return false;
    }
    if cache.kind != kind::GLOBAL {
        match func.builtins.downcast::<Dict>() {
            Some(b) if b.known_version() == cache.value => {}
            _ => return false,
        }
    }
    // SAFETY: the version says that the dict has the entries that it had when the address was taken.
    let Some(v) = (unsafe { &*(cache.aux as *const Option<Value>) }).clone() else { return false };
    at.regs.put(at.i.a(), v);
    true
}

/// LoadGlobal without a valid cache.
#[cold]
#[inline(never)]
pub(crate) fn load_global_slow(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let name = at.code().site_name(at.i.c());
    let v = global(vm, at, name)?;
    at.regs.put(at.i.a(), v);
    learn_global(vm, at, name);
    Ok(())
}

/// Remembers where a global or builtin was found.
fn learn_global(vm: &Vm, at: At<'_>, name: &Value) {
    let func = at.frame.func();
    let (Some(globals), Some(builtins)) = (func.globals.downcast::<Dict>(), func.builtins.downcast::<Dict>()) else {
        return;
    };
    if !vm.is_exact(&func.globals, vm.types().dict) {
        return;
    }
    let Some(cache) = at.code().cache_to_fill(at.i.c()) else { return };
    if !cache.may_learn() {
        return;
    }
    if let Some(i) = globals.find_str(vm, name) {
        (cache.kind, cache.aux, cache.key) = (kind::GLOBAL, globals.entry_address(i), globals.version(vm));
    } else if let Some(i) = builtins.find_str(vm, name) {
        (cache.kind, cache.aux) = (kind::BUILTIN, builtins.entry_address(i));
        (cache.key, cache.value) = (globals.version(vm), builtins.version(vm));
    }
}

/// StoreGlobal.
#[inline(never)]
pub(crate) fn store_global(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.a());
    let name = at.name(at.i.b());
    vm.check_mutable(at.frame.globals())?;
    match at.frame.globals().downcast::<Dict>() {
        Some(g) => g.set_str(vm, name, v),
        None => return vm.set_item(at.frame.globals(), name, &v),
    }
    Ok(())
}

/// DelGlobal.
#[cold]
pub(crate) fn del_global(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let name = at.name(at.i.b());
    vm.check_mutable(at.frame.globals())?;
    match at.frame.globals().downcast::<Dict>().and_then(|g| g.remove_str(vm, name)) {
        Some(_) => Ok(()),
        None => Err(undefined(vm, name)),
    }
}

#[cold]
fn undefined(vm: &Vm, name: &Value) -> Raised {
    let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
    name_error(vm, &text, &format!("name '{text}' is not defined"))
}

/// The namespace of a module's or class's body, if it is a dict and nothing but that.
#[inline(always)]
fn plain_namespace<'a>(vm: &Vm, at: At<'a>) -> Option<&'a Dict> {
    let namespace = at.regs.val(0);
    if vm.is_exact(namespace, vm.types().dict) { namespace.downcast::<Dict>() } else { None }
}

/// LoadName.
#[inline(never)]
pub(crate) fn load_name(vm: &Vm, at: At<'_>) -> PyResult<()> {
    // No Python code runs here.
    if let Some(v) = plain_namespace(vm, at).and_then(|d| d.get_str(vm, at.name(at.i.b()))) {
        at.regs.put(at.i.a(), v);
        return Ok(());
    }
    load_name_slow(vm, at, at.name(at.i.b()))
}

#[inline(never)]
fn load_name_slow(vm: &Vm, at: At<'_>, name: &Value) -> PyResult<()> {
    let namespace = at.regs.val(0).clone();
    let v = match in_mapping(vm, &namespace, name)? {
        Some(v) => v,
        None => global(vm, at, name)?,
    };
    at.regs.put(at.i.a(), v);
    Ok(())
}

/// Whether the namespace is that of the globals: in the body of a module, but not in that of a class.
#[inline(always)]
fn is_global(at: At<'_>) -> bool {
    at.regs.word(0) == at.frame.func().globals.bits()
}

/// LoadNameAgain of a name that is where it was; whether that was done.
#[inline(always)]
pub(crate) fn load_known_name(at: At<'_>) -> bool {
    is_global(at) && load_global(at)
}

/// LoadNameAgain without a valid cache.
#[inline(never)]
pub(crate) fn load_name_again(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let name = at.code().site_name(at.i.c());
    load_name_slow(vm, at, name)?;
    if is_global(at) {
        learn_global(vm, at, name);
    }
    Ok(())
}

/// StoreNameAgain. The cache has the number of the entry, not its address: a store may have to move entries.
#[inline(never)]
pub(crate) fn store_name_again(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let name = at.code().site_name(at.i.c());
    let Some(d) = plain_namespace(vm, at) else { return store_in_namespace(vm, at, name) };
    vm.check_payload_mutable(d)?;
    if let Some(cache) = at.code().cache(at.i.c()) {
        // A namespace that no cache knows has version 0, which no cache has.
        if cache.key != d.known_version() {
            match d.find_str(vm, name) {
                Some(i) if cache.may_learn() && d.version(vm) != 0 => {
                    (cache.kind, cache.aux, cache.key) = (kind::GLOBAL, i as u64, d.version(vm));
                }
                _ => return store_in_namespace(vm, at, name),
            }
        }
        let i = cache.aux as usize;
        // The last that this does is to drop the old value, which may run Python code.
        d.set_value_at(i, at.src(at.i.a()));
        return Ok(());
    }
    at.code().cache_to_fill(at.i.c());
    store_in_namespace(vm, at, name)
}

/// StoreName.
#[inline(never)]
pub(crate) fn store_name(vm: &Vm, at: At<'_>) -> PyResult<()> {
    store_in_namespace(vm, at, at.name(at.i.b()))
}

fn store_in_namespace(vm: &Vm, at: At<'_>, name: &Value) -> PyResult<()> {
    let v = at.src(at.i.a());
    if let Some(d) = plain_namespace(vm, at) {
        vm.check_payload_mutable(d)?;
        // The last that this does is to drop the old value, which may run Python code.
        d.set_str(vm, name, v);
        return Ok(());
    }
    let namespace = at.regs.val(0).clone();
    vm.set_item(&namespace, name, &v)
}

/// DelName.
#[cold]
pub(crate) fn del_name(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let name = at.name(at.i.b());
    let namespace = at.regs.val(0).clone();
    if vm.is_exact(&namespace, vm.types().dict)
        && let Some(d) = namespace.downcast::<Dict>()
    {
        vm.check_mutable(&namespace)?;
        return d.remove_str(vm, name).map(drop).ok_or_else(|| undefined(vm, name));
    }
    match vm.del_item(&namespace, name) {
        Err(_) if vm.pending_is(vm.types().KeyError) => {
            drop(vm.take_raised());
            Err(undefined(vm, name))
        }
        other => other,
    }
}

/// LoadFromDictOrGlobal.
#[inline(never)]
pub(crate) fn load_from_dict_or_global(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let mapping = at.src(at.i.b());
    let name = at.name(at.i.c());
    let v = match in_mapping(vm, &mapping, name)? {
        Some(v) => v,
        None => global(vm, at, name)?,
    };
    at.regs.put(at.i.a(), v);
    Ok(())
}

/// LoadBuildClass.
#[cold]
pub(crate) fn load_build_class(vm: &Vm, at: At<'_>) -> PyResult<()> {
    match in_mapping(vm, &at.frame.func().builtins, &vm.names().__build_class__)? {
        Some(v) => {
            at.regs.put(at.i.a(), v);
            Ok(())
        }
        None => Err(vm.name_error("__build_class__ not found")),
    }
}

/// LoadCommon.
#[inline(never)]
pub(crate) fn load_common(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let t = vm.types();
    let v = match at.i.x() {
        0 => t.AssertionError.value(),
        1 => t.NotImplementedError.value(),
        2 => t.tuple.value(),
        3 => vm.builtin_function("all")?,
        4 => vm.builtin_function("any")?,
        5 => t.list.value(),
        6 => t.set.value(),
        7 => t.StopAsyncIteration.value(),
        _ => vm.new_dict(),
    };
    at.regs.put(at.i.a(), v);
    Ok(())
}

/// SetupAnnotations.
#[cold]
pub(crate) fn setup_annotations(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let namespace = at.regs.val(0).clone();
    let name = &vm.names().__annotations__;
    if in_mapping(vm, &namespace, name)?.is_none() {
        vm.set_item(&namespace, name, &vm.new_dict())?;
    }
    Ok(())
}
