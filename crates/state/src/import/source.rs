//! Source files: finding them on a path, compiling them, running modules, waiting for other threads' imports.

use super::spec::{Found, Origin};
use crate::attach::blocking;
use crate::interpreter::runtime_of;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::{PyResult, Value, Vm};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// The file of that name with one of the suffixes of modules, in the order in which they are sought.
fn with_suffix(stem: &Path) -> Option<String> {
    [super::dynamic::SUFFIX, ".py", ".pyc"].iter().find_map(|suffix| {
        let mut file = stem.as_os_str().to_os_string();
        file.push(suffix);
        Path::new(&file).is_file().then(|| file.to_string_lossy().into_owned())
    })
}

/// Looks for package, module or namespace `tail` in `dirs`.
pub(super) fn find(vm: &Vm, dirs: &[String], tail: &str) -> Option<Found> {
    blocking(vm, || {
        let mut portions = Vec::new();
        for dir in dirs {
            if dir.starts_with(super::library::PREFIX) {
                continue;
            }
            let base = if dir.is_empty() { std::env::current_dir().ok()? } else { Path::new(dir).to_path_buf() };
            let package = base.join(tail);
            let is_dir = package.is_dir();
            if is_dir && let Some(file) = with_suffix(&package.join("__init__")) {
                let search = vec![package.to_string_lossy().into_owned()];
                return Some(Found { origin: Origin::of_file(file), package: true, search: Some(search) });
            }
            if let Some(file) = with_suffix(&package) {
                return Some(Found { origin: Origin::of_file(file), package: false, search: None });
            }
            if is_dir {
                portions.push(package.to_string_lossy().into_owned());
            }
        }
        if portions.is_empty() {
            None
        } else {
            Some(Found { origin: Origin::Namespace, package: true, search: Some(portions) })
        }
    })
}

/// The code object of a module that was found (`None` for a namespace package).
pub(crate) fn code_of(vm: &Vm, full: &str, found: &Found) -> PyResult<Option<Value>> {
    match &found.origin {
        Origin::Embedded(name) => {
            let code = runtime_of(vm).and_then(|r| r.library().code(name));
            match code {
                Some(code) => {
                    // The library keeps the code, so that its address stays its own.
                    let template =
                        vm.frozen(Arc::as_ptr(&code) as usize, &|builder| Ok(builder.new_code(code.clone())))?;
                    Ok(Some(vm.own_code(&template)))
                }
                None => Err(vm.import_error(&format!("the embedded code of '{full}' cannot be read"))),
            }
        }
        Origin::File(path) => super::cached::code_of_file(vm, path).map(Some),
        Origin::Compiled(path) => super::cached::code_without_source(vm, full, path).map(Some),
        Origin::Dynamic(_) | Origin::Namespace | Origin::Native(_) => Ok(None),
    }
}

/// Runs a module's code in its dict.
pub(crate) fn run_module(vm: &Vm, module: &Value, code: Option<Value>, origin: &Origin) -> PyResult<()> {
    let Some(code) = code else { return Ok(()) };
    run_body(vm, module, &code)?;
    match (origin, runtime_of(vm)) {
        (Origin::Embedded(name), Some(runtime)) => runtime.library().accelerate(vm, name, module),
        _ => Ok(()),
    }
}

fn run_body(vm: &Vm, module: &Value, code: &Value) -> PyResult<()> {
    let Some(m) = module.downcast::<Module>() else { return Err(vm.type_error("not a module")) };
    let dict = m.dict();
    if let Some(d) = dict.downcast::<Dict>()
        && d.get_str(vm, &vm.names().__builtins__).is_none()
    {
        d.set_str(vm, &vm.names().__builtins__, vm.builtins.get_or_none());
    }
    vm.run_code(code, &dict, None, None).map(drop)
}

/// Modules of the library that this interpreter has loaded.
#[derive(Default)]
struct Loaded(RefCell<HashSet<String>>);

impl Local for Loaded {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(Loaded(RefCell::new(copier.look(&self.0).clone())))
    }
}

/// The contents of a module of the library are there to stay: the collector need not look at them to know, except if it was
/// loaded before, when those from then may be garbage.
pub(super) fn presume_live(vm: &Vm, name: &str) {
    if vm.local(|_| Loaded::default()).0.borrow_mut().insert(name.to_string()) {
        vm.presume_live();
    }
}

/// Modules whose code runs at the moment: name, and the thread that runs it.
#[derive(Default)]
struct Loading(RefCell<HashMap<u64, (usize, usize)>>);

serpens_vm::local!(Loading: fresh);

fn this_thread(vm: &Vm) -> usize {
    vm.ts() as *const _ as usize
}

pub(super) fn begin_loading(vm: &Vm, name: &Value) {
    let loading = vm.local(|_| Loading::default());
    let mut table = loading.0.borrow_mut();
    let entry = table.entry(name.bits()).or_insert((this_thread(vm), 0));
    entry.1 += 1;
}

pub(super) fn end_loading(vm: &Vm, name: &Value) {
    let loading = vm.local(|_| Loading::default());
    let mut table = loading.0.borrow_mut();
    if let Some(entry) = table.get_mut(&name.bits()) {
        entry.1 -= 1;
        if entry.1 == 0 {
            table.remove(&name.bits());
        }
    }
}

/// Waits while another thread runs the module's code, unless that could wait for this thread in turn.
pub(super) fn wait_until_loaded(vm: &Vm, name: &Value) -> PyResult<()> {
    let Some(loading) = vm.local_opt::<Loading>() else { return Ok(()) };
    let me = this_thread(vm);
    loop {
        let table = loading.0.borrow();
        let other = table.get(&name.bits()).is_some_and(|(thread, _)| *thread != me);
        let mine = table.values().any(|(thread, _)| *thread == me);
        drop(table);
        if !other || mine {
            return Ok(());
        }
        blocking(vm, || std::thread::sleep(std::time::Duration::from_micros(200)));
    }
}
