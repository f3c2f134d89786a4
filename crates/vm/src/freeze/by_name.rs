//! What a frozen function reads and every interpreter has its own of: a module, or a thing of the library, by name; and
//! containers that functions of the library keep their state in, of which every interpreter begins with a copy.
//!
//! A path is followed through the dicts of modules and classes, without asking anybody: nothing runs while a graph is walked.

use crate::error::PyResult;
use crate::object::{Header, Kind, flag};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::module::Module;
use crate::types::property::{ClassMethod, Property, StaticMethod};
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;

/// Where the library's own source lies.
pub(super) const LIBRARY: &str = "<serpens>/";

/// A module, or what it knows under a dotted name.
pub(super) struct ByName {
    pub(super) module: Box<str>,
    pub(super) path: Option<Box<str>>,
}

crate::native_payload!(ByName {});

/// The type of references by name. Programs do not meet it.
pub(super) static BY_NAME: TypeDef = TypeDef::new::<ByName>("reference_by_name").module("interpreters").freezable();

/// A list, dict or set as it was when the graph was frozen.
pub(super) struct Fresh {
    pub(super) content: Value,
}

crate::native_payload!(Fresh { content });

/// The type of containers that every interpreter has its own of. Programs do not meet it.
pub(super) static FRESH: TypeDef = TypeDef::new::<Fresh>("container_of_library").module("interpreters").freezable();

impl ByName {
    /// What the name stands for in this interpreter, which imports the module if it has not yet.
    pub(super) fn resolve(&self, vm: &Vm) -> PyResult {
        let fromlist = vm.tuple(vec![vm.names().__name__.clone()]);
        let module = vm.hooks().import_name(vm, &vm.intern(&self.module), &vm.new_dict(), &fromlist, 0)?;
        let Some(path) = &self.path else { return Ok(module) };
        if let Some(found) = follow(vm, &module, path) {
            return Ok(found);
        }
        path.split('.').try_fold(module, |at, part| vm.getattr_str(&at, part))
    }
}

impl Fresh {
    /// A container of this interpreter's own.
    pub(super) fn copy(&self, vm: &Vm) -> Value {
        copy_container(vm, &self.content).unwrap_or_else(|| self.content.clone())
    }
}

/// A shallow copy of a list, dict or set.
pub(super) fn copy_container(vm: &Vm, v: &Value) -> Option<Value> {
    let t = vm.types();
    if vm.is_exact(v, t.list) {
        return Some(vm.list(v.downcast::<List>()?.to_vec()));
    }
    if vm.is_exact(v, t.dict) {
        return Some(v.downcast::<Dict>()?.copy(vm));
    }
    if vm.is_exact(v, t.set) {
        let copy = vm.new_set();
        // Hashes are known: nothing runs.
        copy.downcast::<Set>()?.merge(vm, v.downcast::<Set>()?).ok()?;
        return Some(copy);
    }
    None
}

/// The module of that name, if it has been imported.
fn module(vm: &Vm, name: &str) -> Option<Value> {
    vm.modules.get()?.downcast::<Dict>()?.get_name(vm, name)
}

/// Follows a dotted name.
fn follow(vm: &Vm, from: &Value, path: &str) -> Option<Value> {
    let mut at = from.clone();
    for part in path.split('.') {
        let name = vm.intern(part);
        at = match at.downcast::<Module>() {
            Some(m) => m.namespace().get_str(vm, &name)?,
            None => TypeObj::from_value(&at)?.dict().get_str(vm, &name)?,
        };
    }
    Some(unwrapped(at))
}

/// The function in a descriptor of a class.
fn unwrapped(v: Value) -> Value {
    let inner = match v.header().map(Header::kind) {
        Some(Kind::ClassMethod) => v.downcast::<ClassMethod>().and_then(|m| m.callable.get()),
        Some(Kind::StaticMethod) => v.downcast::<StaticMethod>().and_then(|m| m.callable.get()),
        Some(Kind::Property) => v.downcast::<Property>().and_then(|p| p.fget.get()),
        _ => None,
    };
    inner.unwrap_or(v)
}

/// The name by which every interpreter can find a thing of the library.
pub(super) fn library_name(vm: &Vm, module_name: &str, path: &str, v: &Value) -> Option<ByName> {
    let found = module(vm, module_name).filter(|m| is_library(vm, module_name, m))?;
    if !follow(vm, &found, path)?.is(v) {
        return None;
    }
    Some(ByName { module: module_name.into(), path: Some(path.into()) })
}

/// Whether a module belongs to the library: every interpreter can import it, and it is the same there.
fn is_library(vm: &Vm, name: &str, v: &Value) -> bool {
    let Some(m) = v.downcast::<Module>() else { return false };
    match m.namespace().get_str(vm, &vm.names().__file__) {
        Some(file) => file.downcast::<Str>().and_then(Str::to_str).is_some_and(|f| f.starts_with(LIBRARY)),
        None => name != "__main__",
    }
}

/// The name of a module object.
pub(super) fn module_name(vm: &Vm, v: &Value) -> Option<ByName> {
    let name = v.downcast::<Module>()?.namespace().get_str(vm, &vm.names().__name__)?;
    let name = name.downcast::<Str>()?.to_str()?;
    Some(ByName { module: name.into(), path: None })
}

/// Where a class says that it is from: module and qualified name.
pub(super) fn class_place(vm: &Vm, ty: &TypeObj) -> Option<(String, String)> {
    let text = |v: &Value| v.downcast::<Str>().and_then(Str::to_str).map(str::to_string);
    let module = ty.dict().get_str(vm, &vm.names().__module__).and_then(|m| text(&m))?;
    let path = ty.qualname.get().and_then(|q| text(&q)).unwrap_or_else(|| ty.name().to_string());
    Some((module, path))
}

impl Vm {
    /// Whether a class of the library passes for another of its name: one of them is frozen and came from another interpreter.
    /// `sub` or one of its bases is asked about.
    pub fn is_same_by_name(&self, sub: &TypeObj, class: &TypeObj) -> bool {
        if self.known_graphs().is_empty() || !class.is_heap() {
            return false;
        }
        let frozen = Header::of(class).is_frozen();
        let bases = sub.mro_slice().iter().filter_map(TypeObj::from_value);
        let mut bases = bases.filter(|t| t.is_heap() && (frozen || Header::of(*t).is_frozen())).peekable();
        if bases.peek().is_none() {
            return false;
        }
        let Some((module_name, path)) = class_place(self, class) else { return false };
        let library = || module(self, &module_name).is_some_and(|m| is_library(self, &module_name, &m));
        bases.any(|t| class_place(self, t).is_some_and(|place| place.0 == module_name && place.1 == path) && library())
    }

    /// This interpreter's own class of the library that is called as a frozen one, if it has been imported.
    pub fn library_class_of(&self, class: &Value) -> Option<Value> {
        let class = TypeObj::from_value(class).filter(|ty| Header::of(*ty).is_frozen())?;
        let (module_name, path) = class_place(self, class)?;
        let found = module(self, &module_name).filter(|m| is_library(self, &module_name, m))?;
        follow(self, &found, &path).filter(|own| TypeObj::from_value(own).is_some_and(|own| !own.is(class)))
    }

    /// Whether a value is part of the graph that is being frozen, or of the frozen image.
    pub fn is_being_frozen(&self, value: &Value) -> bool {
        value.header().is_none_or(|h| if h.is_immortal() { !h.is_frozen() } else { h.has(flag::GC_CANDIDATE) })
    }
}
