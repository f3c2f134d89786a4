//! `_abc`: abstract base classes: registration, and the caches of `isinstance` and `issubclass`.
//!
//! Each abstract class holds an [`AbcData`] in `_abc_impl`. Registry and caches refer weakly to classes; a dead entry is
//! dropped when it is met.

use serpens_state::NativeModule;
use serpens_vm::object::{Header, Kind, Payload};
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::tuple::Tuple;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::types::weakref::WeakRef;
use serpens_vm::{Args, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The module.
pub static MODULE: NativeModule =
    NativeModule::new("_abc").doc("Module contains faster C implementation of abc.ABCMeta").functions(FUNCTIONS);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("get_cache_token", "()", |vm, _| Ok(vm.int(counter(vm).get() as i64))).doc(
        "Returns the current ABC cache token.\n\nThe token is an opaque object (supporting equality testing) identifying \
         the\ncurrent version of the ABC cache for virtual subclasses. The token changes\nwith every call to register() on \
         any ABC.",
    ),
    MethodDef::new("_abc_init", "(self, /)", init_class).doc("Internal ABC helper for class set-up. Should be never used outside abc module."),
    MethodDef::new("_abc_register", "(self, subclass, /)", register)
        .doc("Internal ABC helper for subclasss registration. Should be never used outside abc module."),
    MethodDef::new("_abc_instancecheck", "(self, instance, /)", instance_check)
        .doc("Internal ABC helper for instance checks. Should be never used outside abc module."),
    MethodDef::new("_abc_subclasscheck", "(self, subclass, /)", |vm, a| {
        subclass_check(vm, a.get(0), a.get(1)).map(Value::bool)
    })
    .doc("Internal ABC helper for subclasss checks. Should be never used outside abc module."),
    MethodDef::new("_get_dump", "(self, /)", dump).doc("Internal ABC helper for cache and registry debugging."),
    MethodDef::new("_reset_registry", "(self, /)", |vm, a| {
        with_data(vm, a.get(0), |d| drop(d.registry.take()))?;
        Ok(Value::NONE)
    })
    .doc("Internal ABC helper to reset registry of a given class."),
    MethodDef::new("_reset_caches", "(self, /)", |vm, a| {
        with_data(vm, a.get(0), |d| {
            drop(d.cache.take());
            drop(d.negative.take());
        })?;
        Ok(Value::NONE)
    })
    .doc("Internal ABC helper to reset both caches of a given class."),
];

/// Changes whenever a class is registered anywhere: negative answers of before do not hold any more.
#[derive(Default)]
struct Counter(Cell<u64>);

impl Local for Counter {
    fn carried(&self, _: &Copier<'_>) -> Option<Self> {
        Some(Counter(self.0.clone()))
    }
}

impl Counter {
    fn get(&self) -> u64 {
        self.0.get()
    }
}

fn counter(vm: &Vm) -> std::rc::Rc<Counter> {
    vm.local(|_| Counter::default())
}

/// Weak references to classes, by the word of the class.
#[derive(Default)]
struct WeakClasses(HashMap<u64, Value>);

impl WeakClasses {
    fn contains(&self, class: &Value) -> bool {
        let found = self.0.get(&class.bits()).and_then(|r| r.downcast::<WeakRef>()?.upgrade());
        found.is_some_and(|c| c.is(class))
    }

    fn alive(&self) -> Vec<Value> {
        self.0.values().filter_map(|r| r.downcast::<WeakRef>()?.upgrade()).collect()
    }

    fn references(&self) -> Vec<Value> {
        self.0.values().cloned().collect()
    }
}

/// What an abstract class remembers.
#[derive(Default)]
pub struct AbcData {
    registry: RefCell<WeakClasses>,
    cache: RefCell<WeakClasses>,
    negative: RefCell<WeakClasses>,
    negative_version: Cell<u64>,
    /// Of a frozen class: which of the registered classes are frozen too.
    frozen: OnceLock<Box<[Value]>>,
}

// SAFETY: made by the heap only; told apart by its type id.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for AbcData {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<AbcData>()
    }
}

static DATA: TypeDef = TypeDef::new::<AbcData>("_abc_data")
    .copied_then(|copier, h| {
        copier.renew(h, |d: &AbcData| &d.registry, |r| RefCell::new(WeakClasses(copy_classes(copier, &r.borrow()))));
        // What was found out is found out again.
        copier.renew(h, |d: &AbcData| &d.cache, |_| RefCell::default());
        copier.renew(h, |d: &AbcData| &d.negative, |_| RefCell::default());
    })
    .module("_abc")
    .doc("Internal state held by ABC machinery.")
    .freezable_after(freeze);

/// The registered classes, by the words that they have in the interpreter of the copy.
fn copy_classes(copier: &Copier<'_>, classes: &WeakClasses) -> HashMap<u64, Value> {
    let own = |reference: &Value| {
        let class = reference.downcast::<WeakRef>()?.upgrade()?;
        Some((copier.word(&class), copier.take(reference)))
    };
    classes.0.values().filter_map(own).collect()
}

/// What this interpreter remembers of frozen abstract classes, by the word of what they hold.
#[derive(Default)]
struct OfFrozen(RefCell<HashMap<u64, Value>>);

impl Local for OfFrozen {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let own = copier.look(&self.0).iter().map(|(at, data)| (*at, copier.take(data)));
        Some(OfFrozen(RefCell::new(own.collect())))
    }
}

/// The class is being frozen: its interpreter goes on with data of its own; others begin with the registered classes that
/// are frozen too.
fn freeze(vm: &Vm, v: &Value) {
    let Some(data) = v.downcast::<AbcData>() else { return };
    let registry = data.registry.take();
    let shared = registry.alive().into_iter().filter(|c| vm.is_being_frozen(c)).collect();
    let own = AbcData {
        registry: RefCell::new(registry),
        cache: RefCell::new(data.cache.take()),
        negative: RefCell::new(data.negative.take()),
        negative_version: data.negative_version.clone(),
        frozen: OnceLock::new(),
    };
    let own = vm.alloc_native(&DATA, own);
    let old = vm.local(|_| OfFrozen::default()).0.borrow_mut().insert(v.bits(), own);
    drop(old);
    drop(data.frozen.set(shared));
}

/// This interpreter's data of a frozen class.
fn of_frozen(vm: &Vm, v: &Value, data: &AbcData) -> PyResult {
    let table = vm.local(|_| OfFrozen::default());
    if let Some(known) = table.0.borrow().get(&v.bits()) {
        return Ok(known.clone());
    }
    let own = AbcData::default();
    for class in data.frozen.get().into_iter().flatten() {
        add(vm, &own.registry, class)?;
    }
    let own = vm.alloc_native(&DATA, own);
    table.0.borrow_mut().insert(v.bits(), own.clone());
    Ok(own)
}

fn data(vm: &Vm, class: &Value) -> PyResult {
    let found = vm.getattr_str(class, "_abc_impl")?;
    if let Some(data) = found.downcast::<AbcData>() {
        return if data.frozen.get().is_some() { of_frozen(vm, &found, data) } else { Ok(found) };
    }
    Err(vm.type_error("_abc_impl is set to a wrong type"))
}

fn with_data<R>(vm: &Vm, class: &Value, f: impl FnOnce(&AbcData) -> R) -> PyResult<R> {
    let value = data(vm, class)?;
    let data = value.downcast::<AbcData>().expect("checked by `data`");
    Ok(f(data))
}

fn add(vm: &Vm, set: &RefCell<WeakClasses>, class: &Value) -> PyResult<()> {
    let reference = vm.weakref(class)?;
    let old = set.borrow_mut().0.insert(class.bits(), reference);
    drop(old);
    Ok(())
}

fn is_abstract(vm: &Vm, v: &Value) -> PyResult<bool> {
    match vm.getattr_opt(v, &vm.names().__isabstractmethod__)? {
        Some(flag) => vm.truthy(&flag),
        None => Ok(false),
    }
}

/// Sets `__abstractmethods__` of a class.
fn compute_abstract_methods(vm: &Vm, class: &Value) -> PyResult<()> {
    let n = vm.names();
    let mut abstracts: Vec<Value> = Vec::new();
    let namespace = vm.getattr(class, &n.__dict__)?;
    let items = match TypeObj::from_value(class) {
        Some(ty) => ty.dict().items(),
        None => vm
            .collect(&vm.call_method_str(&namespace, "items", &[])?)?
            .iter()
            .filter_map(|pair| match pair.downcast::<Tuple>()?.as_slice() {
                [k, v] => Some((k.clone(), v.clone())),
                _ => None,
            })
            .collect(),
    };
    for (key, value) in items {
        if is_abstract(vm, &value)? {
            abstracts.push(key);
        }
    }
    let bases = vm.getattr(class, &n.__bases__)?;
    let Some(bases) = bases.downcast::<Tuple>() else {
        return Err(vm.type_error("__bases__ is not tuple"));
    };
    for base in bases.as_slice() {
        let Some(of_base) = vm.getattr_opt(base, &n.__abstractmethods__)? else { continue };
        for key in vm.collect(&of_base)? {
            let name = vm.attribute_name(&key)?;
            let Some(value) = vm.getattr_opt(class, &name)? else { continue };
            if is_abstract(vm, &value)? {
                abstracts.push(key);
            }
        }
    }
    let set = vm.frozenset(abstracts)?;
    vm.setattr(class, &n.__abstractmethods__, Some(&set))
}

const CPYTHON_SEQUENCE: i64 = 1 << 5;
const CPYTHON_MAPPING: i64 = 1 << 6;

fn init_class(vm: &Vm, a: Args<'_>) -> PyResult {
    let class = a.get(0);
    compute_abstract_methods(vm, class)?;
    let data = vm.alloc_native(&DATA, AbcData::default());
    vm.setattr(class, &vm.intern("_abc_impl"), Some(&data))?;
    if let Some(ty) = TypeObj::from_value(class) {
        let name = vm.intern("__abc_tpflags__");
        if let Some(flags) = ty.dict().get_str(vm, &name) {
            if let Some(flags) = flags.as_small_int() {
                if flags & CPYTHON_SEQUENCE != 0 && flags & CPYTHON_MAPPING != 0 {
                    return Err(
                        vm.type_error("__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING")
                    );
                }
                if flags & CPYTHON_SEQUENCE != 0 {
                    ty.set_flags(tflag::SEQUENCE);
                }
                if flags & CPYTHON_MAPPING != 0 {
                    ty.set_flags(tflag::MAPPING);
                }
            }
            vm.setattr(class, &name, None)?;
        }
    }
    Ok(Value::NONE)
}

/// Marks a registered class and its subclasses as sequences or mappings for pattern matching.
fn inherit_collection(vm: &Vm, ty: &TypeObj, flag: u32) {
    if !ty.is_heap() || ty.has(flag) {
        return;
    }
    ty.clear_flags(tflag::SEQUENCE | tflag::MAPPING);
    ty.set_flags(flag);
    for sub in vm.subclasses(ty) {
        if let Some(sub) = TypeObj::from_value(&sub) {
            inherit_collection(vm, sub, flag);
        }
    }
}

fn register(vm: &Vm, a: Args<'_>) -> PyResult {
    let (class, sub) = (a.get(0), a.get(1));
    let Some(sub_ty) = TypeObj::from_value(sub) else {
        return Err(vm.type_error("Can only register classes"));
    };
    if vm.is_subclass(sub, class)? {
        return Ok(sub.clone());
    }
    if vm.is_subclass(class, sub)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    let value = data(vm, class)?;
    add(vm, &value.downcast::<AbcData>().expect("checked by `data`").registry, sub)?;
    let counter = counter(vm);
    counter.0.set(counter.get() + 1);
    if let Some(ty) = TypeObj::from_value(class) {
        for flag in [tflag::SEQUENCE, tflag::MAPPING] {
            if ty.has(flag) {
                inherit_collection(vm, sub_ty, flag);
            }
        }
    }
    Ok(sub.clone())
}

fn instance_check(vm: &Vm, a: Args<'_>) -> PyResult {
    let (class, instance) = (a.get(0), a.get(1));
    let value = data(vm, class)?;
    let data = value.downcast::<AbcData>().expect("checked by `data`");
    let claimed = vm.getattr(instance, &vm.names().__class__)?;
    if data.cache.borrow().contains(&claimed) {
        return Ok(Value::TRUE);
    }
    let real = vm.type_of(instance).value();
    let check = vm.names().__subclasscheck__.clone();
    if real.is(&claimed) {
        if data.negative_version.get() == counter(vm).get() && data.negative.borrow().contains(&claimed) {
            return Ok(Value::FALSE);
        }
        return vm.call_method(class, &check, &[claimed]);
    }
    let first = vm.call_method(class, &check, &[claimed])?;
    if vm.truthy(&first)? {
        return Ok(first);
    }
    vm.call_method(class, &check, &[real])
}

fn subclass_check(vm: &Vm, class: &Value, sub: &Value) -> PyResult<bool> {
    let Some(sub_ty) = TypeObj::from_value(sub) else {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    };
    let value = data(vm, class)?;
    let data = value.downcast::<AbcData>().expect("checked by `data`");
    if data.cache.borrow().contains(sub) {
        return Ok(true);
    }
    let now = counter(vm).get();
    if data.negative_version.get() < now {
        drop(data.negative.take());
        data.negative_version.set(now);
    } else if data.negative.borrow().contains(sub) {
        return Ok(false);
    }
    let positive = || add(vm, &data.cache, sub).map(|()| true);
    let hook = vm.call_method(class, &vm.names().__subclasshook__, std::slice::from_ref(sub))?;
    if hook.is_true() {
        return positive();
    }
    if hook.is_false() {
        add(vm, &data.negative, sub)?;
        return Ok(false);
    }
    if !hook.is_not_implemented() {
        return Err(vm.assertion_error("__subclasshook__ must return either False, True, or NotImplemented"));
    }
    if sub_ty.mro_slice().iter().any(|t| t.is(class))
        || TypeObj::from_value(class).is_some_and(|class| vm.is_same_by_name(sub_ty, class))
    {
        return positive();
    }
    let registered = data.registry.borrow().alive();
    for r in registered {
        if vm.is_subclass(sub, &r)? {
            return positive();
        }
    }
    let subclasses = vm.call_method(class, &vm.names().__subclasses__, &[])?;
    if !subclasses.is_a::<serpens_vm::types::list::List>() {
        return Err(vm.type_error("__subclasses__() must return a list"));
    }
    for s in vm.collect(&subclasses)? {
        if vm.is_subclass(sub, &s)? {
            return positive();
        }
    }
    // A frozen class of the library knows what this interpreter's own one knows.
    if let Some(own) = vm.library_class_of(class)
        && vm.is_subclass(sub, &own)?
    {
        return positive();
    }
    add(vm, &data.negative, sub)?;
    Ok(false)
}

fn dump(vm: &Vm, a: Args<'_>) -> PyResult {
    let (registry, cache, negative, version) = with_data(vm, a.get(0), |d| {
        let list = |s: &RefCell<WeakClasses>| s.borrow().references();
        (list(&d.registry), list(&d.cache), list(&d.negative), d.negative_version.get())
    })?;
    let set = |items: Vec<Value>| vm.call_one(&vm.types().set.value(), &vm.list(items));
    Ok(vm.tuple(vec![set(registry)?, set(cache)?, set(negative)?, vm.int(version as i64)]))
}
