//! Module specs, finders and loaders as Python sees them: `__spec__`, `__loader__`, `sys.meta_path`.

use super::library::PREFIX;
use super::{cached, dynamic};
use crate::interpreter::runtime_of;
use crate::module::NativeModule;
use serpens_vm::cell::VCell;
use serpens_vm::object::{Kind, Visitor};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::types::slots::{CmpOp, Slots};
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, GetSetDef, MethodDef, Payload, PyResult, TypeDef, TypeObj, Value, Vm};

/// Where a module comes from.
pub enum Origin {
    /// A native module (`None`: builtins or sys).
    Native(Option<&'static NativeModule>),
    /// The embedded library, under this full name.
    Embedded(String),
    /// A source file.
    File(String),
    /// A compiled file without its source.
    Compiled(String),
    /// A dynamic library.
    Dynamic(String),
    /// A namespace package.
    Namespace,
}

/// What a native finder found.
pub struct Found {
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it is a package.
    pub package: bool,
    /// A package's `__path__`.
    pub search: Option<Vec<String>>,
}

impl Origin {
    /// What a file holds, by its suffix.
    pub(super) fn of_file(path: String) -> Origin {
        if path.ends_with(dynamic::SUFFIX) {
            Origin::Dynamic(path)
        } else if path.ends_with(".pyc") {
            Origin::Compiled(path)
        } else {
            Origin::File(path)
        }
    }
}

impl Found {
    /// `__file__`, if it has one.
    fn file(&self) -> Option<String> {
        match &self.origin {
            Origin::File(path) | Origin::Compiled(path) | Origin::Dynamic(path) => Some(path.clone()),
            Origin::Embedded(name) => Some(embedded_file(name, self.package)),
            Origin::Native(_) | Origin::Namespace => None,
        }
    }
}

/// The file name that stands for a module of the embedded library.
pub fn embedded_file(name: &str, package: bool) -> String {
    let path = name.replace('.', "/");
    if package { format!("{PREFIX}/{path}/__init__.py") } else { format!("{PREFIX}/{path}.py") }
}

/// A module spec.
pub struct ModuleSpec {
    name: VCell,
    loader: VCell,
    origin: VCell,
    loader_state: VCell,
    search: VCell,
    cached: VCell,
    has_location: std::cell::Cell<bool>,
    initializing: VCell,
    uninitialized: VCell,
}

/// A loader of one of the native finders.
pub struct Loader {
    name: VCell,
    path: VCell,
    kind: Finder,
}

/// The native finders.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finder {
    /// Native modules.
    Native,
    /// The embedded library.
    Embedded,
    /// Source files on `sys.path`.
    Path,
}

#[expect(unsafe_code, reason = "object layout")]
mod layout {
    use super::*;

    // SAFETY: made by the heap only; told apart by its type id.
    unsafe impl Payload for ModuleSpec {
        const KIND: Kind = Kind::Native;

        fn matches(header: &serpens_vm::object::Header) -> bool {
            header.is_native::<Self>()
        }

        fn traverse(&self, visit: &mut Visitor<'_>) {
            for cell in [
                &self.name,
                &self.loader,
                &self.origin,
                &self.loader_state,
                &self.search,
                &self.cached,
                &self.initializing,
                &self.uninitialized,
            ] {
                cell.traverse(visit);
            }
        }
    }

    // SAFETY: as above.
    unsafe impl Payload for Loader {
        const KIND: Kind = Kind::Native;

        fn matches(header: &serpens_vm::object::Header) -> bool {
            header.is_native::<Self>()
        }

        fn traverse(&self, visit: &mut Visitor<'_>) {
            self.name.traverse(visit);
            self.path.traverse(visit);
        }
    }
}

macro_rules! fields {
    ($($name:literal $field:ident),*) => {
        &[$( GetSetDef::rw($name, |_, v| Ok(spec(v).$field.get_or_none()), |vm, v, x| {
            refuse_frozen(vm, v)?;
            spec(v).$field.put(x.cloned());
            Ok(())
        }) ),*,
        GetSetDef::new("parent", parent),
        GetSetDef::rw("has_location", |_, v| Ok(Value::bool(spec(v).has_location.get())), |vm, v, x| {
            let b = match x { Some(x) => vm.truthy(x)?, None => false };
            refuse_frozen(vm, v)?;
            spec(v).has_location.set(b);
            Ok(())
        }),
        ]
    };
}

/// `ModuleSpec`.
pub static MODULE_SPEC: TypeDef = TypeDef::new::<ModuleSpec>("ModuleSpec")
    .copied()
    .module("_frozen_importlib")
    .basetype()
    .gc()
    .flags(tflag::HAS_DICT | tflag::HAS_WEAKREF)
    .doc("The specification for a module, used for loading.")
    .slots(Slots { new: Some(new_spec), repr: Some(repr_spec), richcmp: Some(cmp_spec), ..Slots::EMPTY })
    .getset(fields!(
        "name" name, "loader" loader, "origin" origin, "loader_state" loader_state,
        "submodule_search_locations" search, "cached" cached, "_initializing" initializing,
        "_uninitialized_submodules" uninitialized
    ))
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a| {
        let s = spec(a.get(0));
        let state = vm.new_dict();
        for (name, field) in [
            ("origin", &s.origin),
            ("loader_state", &s.loader_state),
            ("submodule_search_locations", &s.search),
            ("cached", &s.cached),
            ("_initializing", &s.initializing),
        ] {
            vm.set_item(&state, &vm.str(name), &field.get_or_none())?;
        }
        vm.set_item(&state, &vm.str("has_location"), &Value::bool(s.has_location.get()))?;
        let args = vm.tuple(vec![s.name.get_or_none(), s.loader.get_or_none()]);
        // As members of `__slots__`: attributes are set one by one.
        let state = vm.tuple(vec![Value::NONE, state]);
        Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), args, state]))
    })]);

/// The spec of `builtins` is part of the frozen image.
fn refuse_frozen(vm: &Vm, v: &Value) -> PyResult<()> {
    if v.ref_count().is_none() {
        return Err(vm.attribute_error("readonly attribute"));
    }
    Ok(())
}

fn spec(v: &Value) -> &ModuleSpec {
    v.downcast::<ModuleSpec>().expect("the descriptor has checked the receiver")
}

fn parent(vm: &Vm, v: &Value) -> PyResult {
    let s = spec(v);
    let name = s.name.get_or_none();
    if s.search.get().is_some_and(|x| !x.is_none()) {
        return Ok(name);
    }
    let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
    Ok(vm.str(text.rsplit_once('.').map_or("", |(p, _)| p)))
}

fn new_spec(vm: &Vm, ty: &TypeObj, args: &serpens_vm::CallArgs<'_>) -> PyResult {
    let pos = args.pos();
    if pos.len() < 2 {
        return Err(vm.type_error("ModuleSpec() missing required arguments: 'name' and 'loader'"));
    }
    let kw = |name: &str| args.kw(name).cloned();
    let package = kw("is_package").map(|p| vm.truthy(&p)).transpose()?.unwrap_or(false);
    Ok(vm.alloc(
        ty,
        ModuleSpec {
            name: VCell::new(pos[0].clone()),
            loader: VCell::new(pos[1].clone()),
            origin: VCell::from(kw("origin")),
            loader_state: VCell::from(kw("loader_state")),
            search: VCell::from(package.then(|| vm.list(Vec::new()))),
            cached: VCell::empty(),
            has_location: std::cell::Cell::new(false),
            initializing: VCell::new(Value::FALSE),
            uninitialized: VCell::new(vm.list(Vec::new())),
        },
    ))
}

fn repr_spec(vm: &Vm, v: &Value) -> PyResult {
    let s = spec(v);
    let mut parts = vec![
        format!("name={}", vm.repr_string(&s.name.get_or_none())?),
        format!("loader={}", vm.repr_string(&s.loader.get_or_none())?),
    ];
    if let Some(o) = s.origin.get().filter(|o| !o.is_none()) {
        parts.push(format!("origin={}", vm.repr_string(&o)?));
    }
    if let Some(l) = s.search.get().filter(|l| !l.is_none()) {
        parts.push(format!("submodule_search_locations={}", vm.repr_string(&l)?));
    }
    Ok(vm.str(&format!("ModuleSpec({})", parts.join(", "))))
}

fn cmp_spec(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<ModuleSpec>(), b.downcast::<ModuleSpec>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same = vm.eq(&x.name.get_or_none(), &y.name.get_or_none())?
        && vm.eq(&x.origin.get_or_none(), &y.origin.get_or_none())?
        && x.loader.bits() == y.loader.bits();
    match op {
        CmpOp::Eq => Ok(Value::bool(same)),
        CmpOp::Ne => Ok(Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// A method of a loader. Native modules are loaded by the finder itself, as in CPython; others by an instance each.
const fn loading(finder: Finder, method: MethodDef) -> MethodDef {
    match finder {
        Finder::Native => method.class(),
        Finder::Embedded | Finder::Path => method,
    }
}

macro_rules! finder {
    ($def:ident, $name:literal, $module:literal, $finder:expr) => {
        /// A native finder, which is its own type as in CPython; instances are its loaders.
        pub static $def: TypeDef = TypeDef::new::<Loader>($name)
            .copied()
            .module($module)
            .gc()
            .flags(tflag::HAS_DICT | tflag::HAS_WEAKREF)
            .slots(Slots { richcmp: Some(cmp_loader), hash: Some(hash_loader), ..Slots::EMPTY })
            .methods(&[
                MethodDef::new("find_spec", "($type, fullname, path=None, target=None)", |vm, a| {
                    find_spec(vm, a, $finder)
                })
                .class(),
                MethodDef::new("invalidate_caches", "($type)", |_, _| Ok(Value::NONE)).class(),
                loading(
                    $finder,
                    MethodDef::new("create_module", "($self, spec)", |vm, a| create_module(vm, a, $finder)),
                ),
                loading($finder, MethodDef::new("exec_module", "($self, module)", |vm, a| exec_module(vm, a, $finder))),
                loading($finder, MethodDef::new("get_code", "($self, fullname)", |vm, a| get_code(vm, a, $finder))),
                loading($finder, MethodDef::new("get_source", "($self, fullname)", |vm, a| get_source(vm, a, $finder))),
                loading($finder, MethodDef::new("is_package", "($self, fullname)", |vm, a| is_package(vm, a, $finder))),
                MethodDef::new("get_filename", "($self, fullname=None)", get_filename),
                MethodDef::new("get_data", "($self, path)", get_data),
            ])
            .getset(&[
                GetSetDef::new("name", |_, v| Ok(loader(v).name.get_or_none())),
                GetSetDef::new("path", |_, v| Ok(loader(v).path.get_or_none())),
            ]);
    };
}

finder!(NATIVE_FINDER, "BuiltinImporter", "_frozen_importlib", Finder::Native);
finder!(EMBEDDED_FINDER, "FrozenImporter", "_frozen_importlib", Finder::Embedded);
finder!(PATH_FINDER, "PathFinder", "_frozen_importlib_external", Finder::Path);

fn loader(v: &Value) -> &Loader {
    v.downcast::<Loader>().expect("the descriptor has checked the receiver")
}

fn cmp_loader(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Loader>(), b.downcast::<Loader>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same = x.kind == y.kind && x.name.bits() == y.name.bits();
    match op {
        CmpOp::Eq => Ok(Value::bool(same)),
        CmpOp::Ne => Ok(Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn hash_loader(_: &Vm, v: &Value) -> PyResult<i64> {
    Ok((loader(v).name.bits() >> 4) as i64)
}

/// The three finders, as `sys.meta_path` starts.
pub fn finders(vm: &Vm) -> Vec<Value> {
    [&NATIVE_FINDER, &EMBEDDED_FINDER, &PATH_FINDER].map(|d| vm.type_of_def(d).value()).to_vec()
}

/// `BuiltinImporter`, the loader of native modules and of what comes from nowhere.
pub(crate) fn native_loader(vm: &Vm) -> Value {
    vm.type_of_def(&NATIVE_FINDER).value()
}

/// The loader of a source file that is run as module `name`.
pub fn file_loader(vm: &Vm, name: &Value, path: &Value) -> Value {
    let (name, path) = (VCell::new(name.clone()), VCell::new(path.clone()));
    vm.alloc_native(&PATH_FINDER, Loader { name, path, kind: Finder::Path })
}

/// Which native finder an entry of `sys.meta_path` is.
pub(super) fn native_finder(vm: &Vm, finder: &Value) -> Option<Finder> {
    let ty = TypeObj::from_value(finder)?;
    let _ = vm;
    [(&NATIVE_FINDER, Finder::Native), (&EMBEDDED_FINDER, Finder::Embedded), (&PATH_FINDER, Finder::Path)]
        .into_iter()
        .find(|(def, _)| ty.is_made_from(def))
        .map(|(_, f)| f)
}

fn find(vm: &Vm, name: &str, path: Option<&Value>, finder: Finder) -> PyResult<Option<Found>> {
    match finder {
        Finder::Native => super::find_native(vm, name),
        Finder::Embedded => super::find_embedded(vm, name, path),
        Finder::Path => super::find_on_path(vm, name, path),
    }
}

fn name_arg(vm: &Vm, v: &Value) -> PyResult<String> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s.to_string()),
        None => Err(vm.type_error("module name must be str")),
    }
}

fn find_spec(vm: &Vm, a: Args<'_>, finder: Finder) -> PyResult {
    let name = name_arg(vm, a.get(1))?;
    match find(vm, &name, a.some(2), finder)? {
        Some(found) => Ok(make_spec(vm, &vm.intern(&name), &found)),
        None => Ok(Value::NONE),
    }
}

fn own_name(vm: &Vm, a: Args<'_>) -> PyResult<String> {
    match a.some(1) {
        Some(n) => name_arg(vm, n),
        None => name_arg(vm, &loader(a.get(0)).name.get_or_none()),
    }
}

/// What a loader loads: a file loader knows its path; the others look the name up again.
fn found_of(vm: &Vm, v: &Value, name: &str, finder: Finder) -> PyResult<Found> {
    let l = loader(v);
    if finder == Finder::Path {
        let path = l.path.get_or_none().downcast::<Str>().map(|s| s.to_string());
        return match path {
            Some(p) => {
                let file = p.rsplit_once('/').map_or(p.as_str(), |(_, file)| file);
                let package = file.split('.').next() == Some("__init__");
                Ok(Found { origin: Origin::of_file(p), package, search: None })
            }
            None => Ok(Found { origin: Origin::Namespace, package: true, search: None }),
        };
    }
    match find(vm, name, None, finder)? {
        Some(found) => Ok(found),
        None => Err(super::not_found(vm, &format!("No module named '{name}'"), &vm.intern(name))),
    }
}

fn create_module(vm: &Vm, a: Args<'_>, finder: Finder) -> PyResult {
    if finder == Finder::Path
        && let Some(path) = loader(a.get(0)).path.get_or_none().downcast::<Str>().map(|s| s.to_string())
        && path.ends_with(dynamic::SUFFIX)
    {
        let name = name_arg(vm, &vm.getattr(a.get(1), &vm.names().name)?)?;
        return dynamic::load(vm, &name, &path)?.instantiate(vm);
    }
    if finder != Finder::Native {
        return Ok(Value::NONE);
    }
    let name = name_arg(vm, &vm.getattr(a.get(1), &vm.names().name)?)?;
    match super::find_native(vm, &name)? {
        Some(Found { origin: Origin::Native(Some(native)), .. }) => native.instantiate(vm),
        Some(_) => super::import_module(vm, &name),
        None => Err(super::not_found(vm, &format!("No module named '{name}'"), &vm.intern(&name))),
    }
}

fn exec_module(vm: &Vm, a: Args<'_>, finder: Finder) -> PyResult {
    if finder == Finder::Native {
        return Ok(Value::NONE);
    }
    let module = a.get(1);
    let name = name_arg(vm, &vm.getattr(module, &vm.names().__name__)?)?;
    let found = found_of(vm, a.get(0), &name, finder)?;
    let code = super::source::code_of(vm, &name, &found)?;
    super::source::run_module(vm, module, code, &found.origin)?;
    Ok(Value::NONE)
}

fn get_code(vm: &Vm, a: Args<'_>, finder: Finder) -> PyResult {
    let name = own_name(vm, a)?;
    let code = super::source::code_of(vm, &name, &found_of(vm, a.get(0), &name, finder)?)?;
    Ok(code.unwrap_or(Value::NONE))
}

fn get_source(vm: &Vm, a: Args<'_>, finder: Finder) -> PyResult {
    let name = own_name(vm, a)?;
    match found_of(vm, a.get(0), &name, finder)?.origin {
        Origin::File(path) => match crate::attach::blocking(vm, || std::fs::read(&path)) {
            Ok(bytes) => Ok(vm.str(&String::from_utf8_lossy(&bytes))),
            Err(e) => Err(vm.os_error_from(&e, Some(&path))),
        },
        Origin::Embedded(name) => {
            let source = runtime_of(vm).and_then(|r| r.library().source(&name));
            Ok(source.map_or(Value::NONE, |text| vm.str(&text)))
        }
        _ => Ok(Value::NONE),
    }
}

fn is_package(vm: &Vm, a: Args<'_>, finder: Finder) -> PyResult {
    let name = own_name(vm, a)?;
    Ok(Value::bool(found_of(vm, a.get(0), &name, finder)?.package))
}

fn get_filename(_: &Vm, a: Args<'_>) -> PyResult {
    Ok(loader(a.get(0)).path.get_or_none())
}

fn get_data(vm: &Vm, a: Args<'_>) -> PyResult {
    let path = name_arg(vm, a.get(1))?;
    match crate::attach::blocking(vm, || std::fs::read(&path)) {
        Ok(bytes) => Ok(vm.bytes(&bytes)),
        Err(e) => Err(vm.os_error_from(&e, Some(&path))),
    }
}

fn make_spec(vm: &Vm, name: &Value, found: &Found) -> Value {
    let (def, finder) = match found.origin {
        Origin::Native(_) => (&NATIVE_FINDER, Finder::Native),
        Origin::Embedded(_) => (&EMBEDDED_FINDER, Finder::Embedded),
        Origin::File(_) | Origin::Compiled(_) | Origin::Dynamic(_) | Origin::Namespace => (&PATH_FINDER, Finder::Path),
    };
    let file = found.file().map(|f| vm.str(&f));
    let loader = match finder {
        Finder::Native => vm.native_type(def),
        _ => vm.alloc_native(
            def,
            Loader { name: VCell::new(name.clone()), path: VCell::from(file.clone()), kind: finder },
        ),
    };
    let origin = match &found.origin {
        Origin::Native(_) => Some(vm.str("built-in")),
        _ => file,
    };
    let cached = match &found.origin {
        Origin::File(path) => cached::cached_path(vm, path).map(|p| vm.str(&p)),
        Origin::Compiled(path) => Some(vm.str(path)),
        _ => None,
    };
    let search = found.search.as_ref().map(|list| vm.list(list.iter().map(|p| vm.str(p)).collect()));
    vm.alloc_native(
        &MODULE_SPEC,
        ModuleSpec {
            name: VCell::new(name.clone()),
            loader: VCell::new(loader),
            has_location: std::cell::Cell::new(!matches!(found.origin, Origin::Native(_) | Origin::Namespace)),
            origin: VCell::from(origin),
            loader_state: VCell::empty(),
            search: VCell::from(search),
            cached: VCell::from(cached),
            initializing: VCell::new(Value::FALSE),
            uninitialized: VCell::new(vm.list(Vec::new())),
        },
    )
}

/// The attributes of `builtins` as a module, for its dict in the frozen image.
pub(crate) fn builtins_attributes(vm: &Vm, d: &Dict) {
    let n = vm.names();
    let found = Found { origin: Origin::Native(None), package: false, search: None };
    let value = make_spec(vm, &n.builtins, &found);
    let s = spec(&value);
    // A list that can be changed has no place in the image.
    drop(s.uninitialized.take());
    d.set_str(vm, &n.__package__, vm.str(""));
    d.set_str(vm, &n.__loader__, s.loader.get_or_none());
    d.set_str(vm, &n.__spec__, value);
}

/// `__name__`, `__spec__`, `__loader__`, `__package__`, `__path__`, `__file__` of a fresh module.
pub(super) fn init_attributes(vm: &Vm, module: &Value, name: &Value, found: &Found) -> PyResult<()> {
    let Some(m) = module.downcast::<Module>() else { return Err(vm.type_error("not a module")) };
    let dict = m.dict();
    let Some(d) = dict.downcast::<Dict>() else { return Err(vm.type_error("not a module")) };
    let n = vm.names();
    let value = make_spec(vm, name, found);
    let s = spec(&value);
    if !matches!(found.origin, Origin::Native(_) | Origin::Dynamic(_)) {
        s.initializing.set(Value::TRUE);
    }
    d.set_str(vm, &n.__name__, name.clone());
    if d.get_str(vm, &n.__doc__).is_none() {
        d.set_str(vm, &n.__doc__, Value::NONE);
    }
    d.set_str(vm, &n.__package__, parent(vm, &value)?);
    d.set_str(vm, &n.__loader__, s.loader.get_or_none());
    if let Some(path) = s.search.get() {
        d.set_str(vm, &n.__path__, path);
    }
    if let Some(file) = found.file() {
        d.set_str(vm, &n.__file__, vm.str(&file));
    }
    if let Some(cached) = s.cached.get() {
        d.set_name(vm, "__cached__", cached);
    }
    d.set_str(vm, &n.__spec__, value);
    Ok(())
}

/// Marks a module's spec as done.
pub(super) fn done_initializing(vm: &Vm, module: &Value) -> PyResult<()> {
    if let Some(s) = vm.getattr_opt(module, &vm.names().__spec__)?
        && let Some(s) = s.downcast::<ModuleSpec>()
    {
        s.initializing.set(Value::FALSE);
    }
    Ok(())
}

/// Loads what a finder of the program found, by the protocol of `importlib`.
pub(super) fn load_foreign(vm: &Vm, name: &Value, found: &Value) -> PyResult {
    let bootstrap = super::import_module(vm, "importlib._bootstrap")?;
    let f = vm.getattr_str(&bootstrap, "_load_unlocked")?;
    let _ = name;
    vm.call_one(&f, found)
}
