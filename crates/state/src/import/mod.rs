//! The import system: `sys.modules`, native modules, the embedded library, source files on `sys.path`.
//!
//! Rooms: this file finds and loads; [`spec`] module specs, finders and loaders as Python sees them; [`library`] the
//! embedded library, [`prepared`] its modules whose bodies have run elsewhere, and [`record`] what is known of them; [`source`] source files, and [`cached`] their compiled form; [`dynamic`] native modules in dynamic
//! libraries.
//!
//! `sys.meta_path` starts with the three native finders of [`spec`]. While nothing else is in it, imports never leave
//! Rust; other finders are asked in their place in the list, by the protocol of `importlib`.

mod cached;
pub mod dynamic;
pub mod library;
mod prepared;
pub(crate) mod record;
pub mod source;
pub mod spec;

pub use cached::{CACHE_TAG, source_hash};
pub use library::{Accelerator, Library, Preparable, Sources};

use crate::interpreter::runtime_of;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Raised, Value, Vm};
use spec::{Found, Origin};

/// `sys.modules` as a dict.
fn with_modules<R>(vm: &Vm, f: impl FnOnce(&Dict) -> R) -> PyResult<R> {
    let modules = vm.modules.get_or_none();
    match modules.downcast::<Dict>() {
        Some(d) => Ok(f(d)),
        None => Err(vm.runtime_error("unable to get sys.modules")),
    }
}

fn text(v: &Value) -> String {
    v.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default()
}

/// Imports a module by its full name and returns it (not its top-level package).
pub fn import_module(vm: &Vm, name: &str) -> PyResult {
    import_absolute(vm, &vm.intern(name))
}

/// `import name` / `from name import ...` as the statement does it.
pub fn import_statement(vm: &Vm, name: &Value, globals: &Value, fromlist: &Value, level: i64) -> PyResult {
    if level < 0 {
        return Err(vm.value_error("level must be >= 0"));
    }
    let full = if level > 0 { resolve(vm, name, globals, level)? } else { name.clone() };
    let full_text = text(&full);
    if full_text.is_empty() {
        return Err(vm.value_error("Empty module name"));
    }
    let full = vm.intern(&full_text);
    let module = import_absolute(vm, &full)?;
    let wants_leaf = !fromlist.is_none() && vm.truthy(fromlist)?;
    if wants_leaf {
        import_submodules(vm, &module, &full_text, fromlist)?;
        return Ok(module);
    }
    let name_text = text(name);
    if level == 0 {
        return match name_text.split_once('.') {
            Some((top, _)) => import_absolute(vm, &vm.intern(top)),
            None => Ok(module),
        };
    }
    if name_text.is_empty() {
        return Ok(module);
    }
    let keep = match name_text.split_once('.') {
        Some((first, _)) => full_text.len() - (name_text.len() - first.len()),
        None => full_text.len(),
    };
    import_absolute(vm, &vm.intern(&full_text[..keep]))
}

/// `from package import a, b` imports submodules that are not attributes yet.
fn import_submodules(vm: &Vm, module: &Value, full: &str, fromlist: &Value) -> PyResult<()> {
    let n = vm.names();
    if vm.getattr_opt(module, &n.__path__)?.is_none() {
        return Ok(());
    }
    for item in vm.collect(fromlist)? {
        let Some(name) = item.downcast::<Str>() else {
            return Err(vm.type_error(&format!("Item in ``from list'' must be str, not {}", vm.type_of(&item).name())));
        };
        let name = name.to_string();
        if name == "*" {
            if let Some(all) = vm.getattr_opt(module, &n.__all__)? {
                let names = vm.collect(&all)?;
                if !names.iter().any(|v| v.downcast::<Str>().is_some_and(|s| s == "*")) {
                    import_submodules(vm, module, full, &vm.tuple(names))?;
                }
            }
            continue;
        }
        let sub = format!("{full}.{name}");
        if vm.getattr_opt(module, &vm.intern(&name))?.is_some() {
            record::takes_attribute(vm, &sub);
            continue;
        }
        if let Err(e) = import_module(vm, &sub) {
            if !missing_exactly(vm, &sub) {
                return Err(e);
            }
            drop(vm.take_raised());
        }
    }
    Ok(())
}

/// Whether the pending exception says that exactly this module was not found.
fn missing_exactly(vm: &Vm, name: &str) -> bool {
    if !vm.pending_is(vm.types().ModuleNotFoundError) {
        return false;
    }
    let Some(e) = vm.ts().pending() else { return false };
    match vm.getattr_opt(&e, &vm.names().name) {
        Ok(Some(v)) => text(&v) == name,
        _ => false,
    }
}

/// The full name of a relative import.
fn resolve(vm: &Vm, name: &Value, globals: &Value, level: i64) -> PyResult {
    let n = vm.names();
    let Some(g) = globals.downcast::<Dict>() else {
        return Err(vm.type_error("globals must be a dict"));
    };
    let package = match g.get_str(vm, &n.__package__).filter(|p| !p.is_none()) {
        Some(p) => {
            if !p.is_a::<Str>() {
                return Err(vm.type_error("package must be a string"));
            }
            text(&p)
        }
        None => {
            let parent = match g.get_str(vm, &n.__spec__).filter(|s| !s.is_none()) {
                Some(s) => Some(text(&vm.getattr_str(&s, "parent")?)),
                None => None,
            };
            match parent {
                Some(p) => p,
                None => {
                    let Some(own) = g.get_str(vm, &n.__name__) else {
                        return Err(vm.raise_text(vm.types().KeyError, "'__name__' not in globals"));
                    };
                    let own = text(&own);
                    if g.get_str(vm, &n.__path__).is_some() {
                        own
                    } else {
                        own.rsplit_once('.').map_or(String::new(), |(p, _)| p.to_string())
                    }
                }
            }
        }
    };
    if package.is_empty() {
        return Err(vm.import_error("attempted relative import with no known parent package"));
    }
    let mut base = package.as_str();
    for _ in 1..level {
        base = match base.rsplit_once('.') {
            Some((front, _)) => front,
            None => return Err(vm.import_error("attempted relative import beyond top-level package")),
        };
    }
    let name = text(name);
    Ok(vm.intern(&if name.is_empty() { base.to_string() } else { format!("{base}.{name}") }))
}

/// The module of that full name, imported if need be. `name` is interned.
pub fn import_absolute(vm: &Vm, name: &Value) -> PyResult {
    record::imports(vm, name);
    let found = with_modules(vm, |m| m.get_str(vm, name))?;
    match found {
        Some(m) if m.is_none() => {
            Err(not_found(vm, &format!("import of {} halted; None in sys.modules", text(name)), name))
        }
        Some(m) => {
            source::wait_until_loaded(vm, name)?;
            Ok(m)
        }
        None => find_and_load(vm, name),
    }
}

#[cold]
pub(crate) fn not_found(vm: &Vm, message: &str, name: &Value) -> Raised {
    let t = vm.types().ModuleNotFoundError.value();
    match vm.call_kw(&t, &[vm.str(message)], &[("name", name.clone())]) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}

#[cold]
#[inline(never)]
fn find_and_load(vm: &Vm, name: &Value) -> PyResult {
    let begin = crate::events::import_begins();
    let full = text(name);
    let n = vm.names();
    let mut path = None;
    let mut parent_module = None;
    if let Some((parent, _)) = full.rsplit_once('.') {
        let parent_name = vm.intern(parent);
        let module = import_absolute(vm, &parent_name)?;
        // Importing the parent may have imported the child.
        if let Some(m) = with_modules(vm, |m| m.get_str(vm, name))? {
            return Ok(m);
        }
        match vm.getattr_opt(&module, &n.__path__)? {
            Some(p) => path = Some(p),
            None => {
                return Err(not_found(vm, &format!("No module named '{full}'; '{parent}' is not a package"), name));
            }
        }
        parent_module = Some(module);
    }
    if let Some(module) = prepared::take(vm, &full) {
        crate::events::imported(vm, &full, &begin);
        return Ok(module);
    }
    let module = load(vm, name, &full, path.as_ref())?;
    if let Some(parent) = parent_module {
        let child = full.rsplit_once('.').map_or(full.as_str(), |(_, c)| c);
        vm.setattr(&parent, &vm.intern(child), Some(&module))?;
    }
    crate::events::imported(vm, &full, &begin);
    Ok(module)
}

/// Asks the finders of `sys.meta_path` in turn and loads what the first one finds.
fn load(vm: &Vm, name: &Value, full: &str, path: Option<&Value>) -> PyResult {
    let meta_path = vm.sys_dict_if_made().and_then(|d| d.downcast::<Dict>()?.get_str(vm, &vm.names().meta_path));
    let finders = match meta_path {
        Some(list) if list.is_a::<List>() => vm.collect(&list)?,
        // While there is no `sys`, nobody can have changed the list.
        _ => Vec::new(),
    };
    if finders.is_empty() {
        if let Some(found) = find_native(vm, full)? {
            return load_found(vm, name, full, found);
        }
        if let Some(found) = find_embedded(vm, full, path)? {
            return load_found(vm, name, full, found);
        }
        if vm.sys_dict_if_made().is_none()
            && let Some(found) = find_on_path(vm, full, path)?
        {
            return load_found(vm, name, full, found);
        }
    }
    for finder in finders {
        let found = match spec::native_finder(vm, &finder) {
            Some(spec::Finder::Native) => find_native(vm, full)?,
            Some(spec::Finder::Embedded) => find_embedded(vm, full, path)?,
            Some(spec::Finder::Path) => find_on_path(vm, full, path)?,
            None => {
                let Some(f) = vm.getattr_opt(&finder, &vm.intern("find_spec"))? else { continue };
                let path = path.cloned().unwrap_or(Value::NONE);
                let spec = vm.call_pos(&f, &[name.clone(), path, Value::NONE])?;
                if spec.is_none() {
                    continue;
                }
                return spec::load_foreign(vm, name, &spec);
            }
        };
        if let Some(found) = found {
            return load_found(vm, name, full, found);
        }
    }
    Err(not_found(vm, &format!("No module named '{full}'"), name))
}

/// A native module of that name.
pub(crate) fn find_native(vm: &Vm, full: &str) -> PyResult<Option<Found>> {
    if full == "builtins" || full == "sys" {
        return Ok(Some(Found { origin: Origin::Native(None), package: false, search: None }));
    }
    let module = runtime_of(vm).and_then(|r| r.native_module(full));
    Ok(module.map(|m| Found { origin: Origin::Native(Some(m)), package: false, search: None }))
}

/// A module of the embedded library, top-level or in an embedded package.
pub(crate) fn find_embedded(vm: &Vm, full: &str, path: Option<&Value>) -> PyResult<Option<Found>> {
    if let Some(path) = path {
        let items = vm.collect(path)?;
        if !items.iter().any(|p| text(p).starts_with(library::PREFIX)) {
            return Ok(None);
        }
    }
    let Some(runtime) = runtime_of(vm) else { return Ok(None) };
    let Some(entry) = runtime.library().get(full) else { return Ok(None) };
    let search = entry.package.then(|| vec![format!("{}/{}", library::PREFIX, full.replace('.', "/"))]);
    Ok(Some(Found { origin: Origin::Embedded(full.to_string()), package: entry.package, search }))
}

/// A source file or package on `sys.path` or a package's path.
pub(crate) fn find_on_path(vm: &Vm, full: &str, path: Option<&Value>) -> PyResult<Option<Found>> {
    let strings = |list: &Value| -> PyResult<Vec<String>> {
        Ok(vm.collect(list)?.iter().filter(|e| e.is_a::<Str>()).map(text).collect())
    };
    let dirs = match (path, vm.sys_dict_if_made()) {
        (Some(path), _) => strings(path)?,
        (None, Some(sys)) => match sys.downcast::<Dict>().and_then(|d| d.get_str(vm, &vm.names().path)) {
            Some(path) => strings(&path)?,
            None => Vec::new(),
        },
        (None, None) => runtime_of(vm).map(|r| r.settings().path.clone()).unwrap_or_default(),
    };
    let tail = full.rsplit_once('.').map_or(full, |(_, t)| t).to_string();
    Ok(source::find(vm, &dirs, &tail))
}

/// Makes, registers and runs a module that was found by a native finder.
fn load_found(vm: &Vm, name: &Value, full: &str, found: Found) -> PyResult {
    record::begin(vm, full);
    if let Origin::Embedded(_) = &found.origin {
        prepared::note(vm, full);
    }
    let loaded = make_and_run(vm, name, full, found);
    record::end(vm);
    loaded
}

fn make_and_run(vm: &Vm, name: &Value, full: &str, found: Found) -> PyResult {
    let native = match &found.origin {
        Origin::Native(native) => Some(*native),
        Origin::Dynamic(path) => Some(Some(dynamic::load(vm, full, path)?)),
        _ => None,
    };
    if let Some(native) = native {
        let module = match (full, native) {
            ("builtins", _) => crate::builtins::module(vm)?,
            ("sys", _) => crate::sys::module(vm)?,
            (_, Some(native)) => native.instantiate(vm)?,
            (_, None) => return Err(vm.import_error("no such native module")),
        };
        if full != "builtins" {
            spec::init_attributes(vm, &module, name, &found)?;
        }
        with_modules(vm, |m| m.set_str(vm, name, module.clone()))?;
        return Ok(module);
    }
    let code = source::code_of(vm, full, &found)?;
    let module = vm.new_module(full);
    spec::init_attributes(vm, &module, name, &found)?;
    with_modules(vm, |m| m.set_str(vm, name, module.clone()))?;
    source::begin_loading(vm, name);
    let result = source::run_module(vm, &module, code, &found.origin);
    source::end_loading(vm, name);
    if let Err(e) = result {
        let pending = vm.ts().save_pending();
        let removed = with_modules(vm, |m| m.remove_str(vm, name))?;
        drop(removed);
        vm.ts().restore_pending(pending);
        return Err(e);
    }
    spec::done_initializing(vm, &module)?;
    if let Origin::Embedded(name) = &found.origin {
        source::presume_live(vm, name);
    }
    // A module may have replaced itself.
    match with_modules(vm, |m| m.get_str(vm, name))? {
        Some(m) => Ok(m),
        None => Err(vm.raise_text(vm.types().ImportError, &format!("module '{full}' not in sys.modules"))),
    }
}
