//! Values that cross as a pickle, or by a name that both sides import.
//!
//! What the other side cannot import from `__main__` it finds in the sender's script, which it runs once under the name `<fake __main__>`.

use super::frozen;
use super::refusal::{not_shareable_from, unsupported};
use super::{Carry, carried};
use serpens_share::Portable;
use serpens_share::portable::Opaque;
use serpens_vm::freeze::Parcel;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Value, Vm};
use std::cell::RefCell;

/// A function or class that both sides import: what a pickle of it says, without one.
pub(super) struct Named {
    module: String,
    qualname: String,
    main_file: Option<String>,
}

/// How a function or class is imported, if it can be.
pub(super) fn named(vm: &Vm, v: &Value) -> PyResult<Option<Named>> {
    let (t, ty) = (vm.types(), vm.type_of(v));
    if !ty.is(t.function) && !ty.is(t.builtin_function) && !ty.is(t.type_) {
        return Ok(None);
    }
    let text = |name: &Value| match vm.getattr_opt(v, name)? {
        Some(found) => Ok(found.downcast::<Str>().and_then(Str::to_str).map(str::to_string)),
        None => Ok(None),
    };
    let (Some(module), Some(qualname)) = (text(&vm.names().__module__)?, text(&vm.names().__qualname__)?) else {
        return Ok(None);
    };
    let found = vm.modules.get().and_then(|m| m.downcast::<Dict>()?.get_name(vm, &module));
    let Some(found) = found else { return Ok(None) };
    match walk(vm, found, &qualname)? {
        Some(same) if same.is(v) => {
            let main_file = if module == "__main__" { main_file(vm) } else { None };
            Ok(Some(Named { module, qualname, main_file }))
        }
        _ => Ok(None),
    }
}

/// Follows a dotted name.
fn walk(vm: &Vm, from: Value, qualname: &str) -> PyResult<Option<Value>> {
    let mut at = from;
    for part in qualname.split('.') {
        match vm.getattr_opt(&at, &vm.intern(part))? {
            Some(found) => at = found,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

pub(super) fn import_named(vm: &Vm, named: &Named) -> PyResult {
    let module = crate::import::import_module(vm, &named.module)?;
    if let Some(found) = walk(vm, module.clone(), &named.qualname)? {
        return Ok(found);
    }
    if let Some(file) = &named.main_file
        && let Some(found) = walk(vm, fake_main(vm, file)?, &named.qualname)?
    {
        return Ok(found);
    }
    let message = format!("module '{}' has no attribute '{}'", named.module, named.qualname);
    Err(vm.attribute_error(&message))
}

/// A pickle that holds functions and classes as themselves.
struct Whole {
    bytes: Box<[u8]>,
    frozen: Vec<Parcel>,
}

impl Carry for Whole {
    fn arrive(&self, vm: &Vm) -> PyResult {
        let module = crate::import::import_module(vm, "_crossing")?;
        let loads = vm.getattr_str(&module, "loads")?;
        frozen::with(vm, &self.frozen, || vm.call_one(&loads, &vm.bytes(&self.bytes)))
    }
}

/// A pickle, and the script its sender ran (for classes and functions of `__main__`).
pub(super) struct Pickle {
    pub(super) bytes: Box<[u8]>,
    pub(super) frozen: Vec<Parcel>,
    pub(super) main_file: Option<String>,
}

fn main_file(vm: &Vm) -> Option<String> {
    let modules = vm.modules.get()?;
    let main = modules.downcast::<Dict>()?.get_str(vm, &vm.names().__main__)?;
    let dict = vm.instance_dict(&main)?;
    let file = dict.downcast::<Dict>()?.get_str(vm, &vm.names().__file__)?;
    Some(file.downcast::<Str>()?.to_string())
}

/// The pickle of a value, whatever else it could cross as. NotShareableError if it has none.
pub fn to_pickle(vm: &Vm, v: &Value) -> PyResult<Portable> {
    pickled(vm, v, false)
}

/// A pickle of a value; `by_value`: with functions and classes as themselves.
pub(super) fn pickled(vm: &Vm, v: &Value, by_value: bool) -> PyResult<Portable> {
    let (module, function) = match by_value {
        true => ("_crossing", "dumps"),
        // Frozen objects among it cross as themselves.
        false if vm.knows_frozen() => ("_crossing", "dumps_by_name"),
        false => ("pickle", "dumps"),
    };
    let dumps = vm.getattr_str(&crate::import::import_module(vm, module)?, function)?;
    let (pickled, frozen) = frozen::collecting(vm, || vm.call_one(&dumps, v));
    match pickled {
        Ok(bytes) => match bytes.downcast::<Bytes>() {
            Some(b) if by_value => Ok(carried(Whole { bytes: b.as_bytes().into(), frozen })),
            Some(b) => {
                let bytes = b.as_bytes().into();
                Ok(Portable::Opaque(Opaque::new(Pickle { bytes, frozen, main_file: main_file(vm) })))
            }
            None => Err(vm.type_error("pickle.dumps() did not return bytes")),
        },
        Err(e) if vm.pending_is(vm.types().Exception) => {
            let pending = vm.ts().save_pending();
            let message = unsupported(vm, v)?;
            vm.ts().restore_pending(pending);
            Err(not_shareable_from(vm, &message, e))
        }
        Err(e) => Err(e),
    }
}

/// The namespace of the sender's script, run once under the name `<fake __main__>`.
#[derive(Default)]
struct FakeMain(RefCell<Vec<(String, Value)>>);

impl Local for FakeMain {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let own = copier.look(&self.0).iter().map(|(file, m)| (file.clone(), copier.take(m)));
        Some(FakeMain(RefCell::new(own.collect())))
    }
}

pub(super) fn unpickle(vm: &Vm, bytes: &[u8], frozen: &[Parcel], main_file: Option<&str>) -> PyResult {
    load_pickle(vm, bytes, frozen, main_file).map_err(|e| {
        if vm.pending_is(vm.types().Exception) { not_shareable_from(vm, "object could not be unpickled", e) } else { e }
    })
}

fn load_pickle(vm: &Vm, bytes: &[u8], frozen: &[Parcel], main_file: Option<&str>) -> PyResult {
    let module = crate::import::import_module(vm, if frozen.is_empty() { "pickle" } else { "_crossing" })?;
    let loads = vm.getattr_str(&module, "loads")?;
    let data = vm.bytes(bytes);
    let read = || frozen::with(vm, frozen, || vm.call_one(&loads, &data));
    let first = match read() {
        Ok(v) => return Ok(v),
        Err(e) => e,
    };
    let about_main = vm.pending_is(vm.types().AttributeError)
        && vm.ts().pending().is_some_and(|e| vm.format_exception(&e).contains("__main__"));
    let Some(file) = main_file.filter(|_| about_main) else { return Err(first) };
    drop(vm.take_raised());
    let main = fake_main(vm, file)?;
    let modules = vm.modules.get_or_none();
    let Some(modules) = modules.downcast::<Dict>() else { return Err(vm.runtime_error("unable to get sys.modules")) };
    let name = &vm.names().__main__;
    let own = modules.get_str(vm, name);
    modules.set_str(vm, name, main);
    let result = read();
    match own {
        Some(own) => modules.set_str(vm, name, own),
        None => drop(modules.remove_str(vm, name)),
    }
    result
}

fn fake_main(vm: &Vm, file: &str) -> PyResult {
    let cache = vm.local(|_| FakeMain::default());
    if let Some((_, m)) = cache.0.borrow().iter().find(|(f, _)| f == file) {
        return Ok(m.clone());
    }
    let runpy = crate::import::import_module(vm, "runpy")?;
    let run_path = vm.getattr_str(&runpy, "run_path")?;
    let ns = vm.call_kw(&run_path, &[vm.str(file)], &[("run_name", vm.str("<fake __main__>"))])?;
    let module = vm.new_module("<fake __main__>");
    if let (Some(dict), Some(ns)) = (vm.instance_dict(&module), ns.downcast::<Dict>())
        && let Some(d) = dict.downcast::<Dict>()
    {
        d.update_from(vm, ns)?;
    }
    cache.0.borrow_mut().push((file.to_string(), module.clone()));
    Ok(module)
}
