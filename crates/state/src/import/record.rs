//! Which modules the body of each module imports, recorded while the library is prepared (`crate::preparing`).
//!
//! The recorder lies in the interpreter-local storage of the one interpreter that prepares, and nowhere else.

use super::{text, with_modules};
use crate::interpreter::home;
use serpens_vm::origin::{Prepared, PreparedModule};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Value, Vm};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};

/// One module that was found and loaded.
struct Record {
    name: String,
    imports: BTreeSet<String>,
    /// Names that its body entered into `sys.modules` by itself.
    aliases: Vec<String>,
}

/// What has been loaded so far.
#[derive(Default)]
pub(crate) struct Recorder {
    records: RefCell<Vec<Record>>,
    /// Those whose bodies run, the innermost last.
    under_way: RefCell<Vec<usize>>,
    /// Names of `sys.modules` that belong to somebody.
    known: RefCell<HashSet<String>>,
    /// How many entries `sys.modules` had when it was looked at.
    seen: Cell<usize>,
}

serpens_vm::local!(Recorder: fresh);

fn recorder(vm: &Vm) -> Option<std::rc::Rc<Recorder>> {
    if !home(vm)?.prepares() {
        return None;
    }
    vm.local_opt::<Recorder>()
}

/// The module whose body runs imports another one.
#[inline]
pub(super) fn imports(vm: &Vm, name: &Value) {
    if home(vm).is_some_and(|i| i.prepares()) {
        note_import(vm, &text(name));
    }
}

#[cold]
fn note_import(vm: &Vm, name: &str) {
    let Some(recorder) = recorder(vm) else { return };
    if let Some(innermost) = recorder.under_way.borrow().last() {
        recorder.records.borrow_mut()[*innermost].imports.insert(name.to_string());
    }
}

/// The module whose body runs takes a module that is an attribute of its package already.
pub(super) fn takes_attribute(vm: &Vm, name: &str) {
    if home(vm).is_some_and(|i| i.prepares())
        && with_modules(vm, |m| m.get_str(vm, &vm.intern(name))).is_ok_and(|m| m.is_some())
    {
        note_import(vm, name);
    }
}

/// A module was found; its body is to run.
pub(super) fn begin(vm: &Vm, name: &str) {
    let Some(recorder) = recorder(vm) else { return };
    claim(vm, &recorder);
    let mut records = recorder.records.borrow_mut();
    recorder.under_way.borrow_mut().push(records.len());
    recorder.known.borrow_mut().insert(name.to_string());
    // A module is nothing without its package.
    let imports = name.rsplit_once('.').map(|(package, _)| package.to_string()).into_iter().collect();
    records.push(Record { name: name.to_string(), imports, aliases: Vec::new() });
}

/// The body of the module that was found last has run.
pub(super) fn end(vm: &Vm) {
    let Some(recorder) = recorder(vm) else { return };
    claim(vm, &recorder);
    recorder.under_way.borrow_mut().pop();
}

/// Names in `sys.modules` that nobody has loaded are the doing of the body that runs.
fn claim(vm: &Vm, recorder: &Recorder) {
    let Some(innermost) = recorder.under_way.borrow().last().copied() else { return };
    let n = with_modules(vm, Dict::n_entries).unwrap_or(0);
    let seen = recorder.seen.replace(n);
    for name in names_of_modules(vm, if seen <= n { seen } else { 0 }) {
        if recorder.known.borrow_mut().insert(name.clone()) {
            recorder.records.borrow_mut()[innermost].aliases.push(name);
        }
    }
}

/// The names in `sys.modules`, from an entry on.
fn names_of_modules(vm: &Vm, from: usize) -> Vec<String> {
    let names = |m: &Dict| (from..m.n_entries()).filter_map(|i| Some(text(&m.entry(i)?.0))).collect();
    with_modules(vm, names).unwrap_or_default()
}

/// Begins to record. What is in `sys.modules` belongs to every interpreter.
pub(crate) fn start(vm: &Vm) {
    let known = names_of_modules(vm, 0).into_iter().collect();
    vm.local(|_| Recorder { known: RefCell::new(known), ..Recorder::default() });
}

/// Takes what was recorded out of `sys.modules`: the modules for which `may` holds and which import none for which it does not
/// become the table, the others go.
pub(crate) fn finish(vm: &Vm, environment: u64, may: impl Fn(&str) -> bool) -> PyResult<Prepared> {
    let Some(recorder) = recorder(vm) else { return Ok(Prepared::default()) };
    let (mut records, mut names) = (recorder.records.take(), recorder.known.take());
    let modules = with_modules(vm, Dict::items)?;
    let modules: HashMap<String, Value> = modules.into_iter().map(|(name, module)| (text(&name), module)).collect();

    names.retain(|name| records.iter().any(|r| r.name == *name || r.aliases.contains(name)));
    for name in &names {
        drop(with_modules(vm, |m| m.remove_str(vm, &vm.intern(name)))?);
    }
    // What could not be imported is not there, and will not be importable elsewhere.
    records.retain(|r| modules.contains_key(&r.name));
    let out = left_out(&records, |r| may(&r.name) && modules[&r.name].is_a::<Module>());
    records.retain(|r| !out.contains(&r.name));
    Ok(Prepared::new(table(vm, &records, &modules), environment))
}

/// The name under which a module was loaded that another name stands for, too.
fn owners(records: &[Record]) -> HashMap<&str, &str> {
    records.iter().flat_map(|r| r.aliases.iter().map(|a| (a.as_str(), r.name.as_str()))).collect()
}

/// The modules for which `may` does not hold, and all that import them.
fn left_out(records: &[Record], may: impl Fn(&Record) -> bool) -> HashSet<String> {
    let owners = owners(records);
    let mut out: HashSet<&str> = records.iter().filter(|r| !may(r)).map(|r| r.name.as_str()).collect();
    loop {
        let before = out.len();
        for r in records {
            if r.imports.iter().any(|i| out.contains(owners.get(i.as_str()).copied().unwrap_or(i))) {
                out.insert(&r.name);
            }
        }
        if out.len() == before {
            return out.into_iter().map(str::to_string).collect();
        }
    }
}

fn table(vm: &Vm, records: &[Record], modules: &HashMap<String, Value>) -> Vec<PreparedModule> {
    let owners = owners(records);
    let places: HashMap<&str, usize> = records.iter().enumerate().map(|(i, r)| (r.name.as_str(), i)).collect();
    let place = |name: &str| places.get(owners.get(name).copied().unwrap_or(name)).copied();
    let alias = |name: &String| Some((vm.intern(name), modules.get(name)?.clone()));
    let entry = |r: &Record| PreparedModule {
        name: vm.intern(&r.name),
        module: modules[&r.name].clone(),
        imports: r.imports.iter().filter_map(|i| place(i)).collect(),
        aliases: r.aliases.iter().filter_map(alias).collect(),
        attribute: detach(vm, &r.name, modules).and_then(|(package, child)| Some((place(package)?, child))),
    };
    records.iter().map(entry).collect()
}

/// Takes a module that is an attribute of its package because it was imported away from there; the package's name and that
/// of the attribute.
fn detach<'a>(vm: &Vm, name: &'a str, modules: &HashMap<String, Value>) -> Option<(&'a str, Value)> {
    let (package, child) = name.rsplit_once('.')?;
    let (module, child) = (modules.get(name)?, vm.intern(child));
    let globals = vm.instance_dict(modules.get(package)?)?;
    let globals = globals.downcast::<Dict>()?;
    let attribute = globals.get_str(vm, &child)?;
    if attribute.bits() != module.bits() {
        // The package has bound something else to the name since.
        return None;
    }
    drop(globals.remove_str(vm, &child));
    debug_assert!(child.is_a::<Str>(), "names are texts");
    Some((package, child))
}
