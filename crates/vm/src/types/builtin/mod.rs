//! `builtin_function_or_method`: a native function, perhaps with the object it is bound to.
//!
//! It must not know what modules or types declare: it holds a [`MethodDef`] and passes arguments on.

use crate::cell::VCell;
use crate::error::PyResult;
use crate::freeze::Fixed;
use crate::native::{CallArgs, GetSetDef, MethodDef, call_native};
use crate::object::{Header, Kind, Payload, Visitor};
use crate::origin::{Copier, Local};
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::slots::{CmpOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::cell::RefCell;

/// A native function, or a native method bound to its receiver.
pub struct Builtin {
    /// What it calls.
    pub def: &'static MethodDef,
    /// The receiver of a method; the module of a module's function.
    pub self_value: Fixed<Option<Value>>,
    /// `__module__`.
    pub module: VCell,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Builtin {
    const KIND: Kind = Kind::Builtin;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.self_value.iter().for_each(&mut *visit);
        self.module.traverse(visit);
    }
}

/// The type `builtin_function_or_method`.
pub static TYPE: TypeDef = TypeDef::new::<Builtin>("builtin_function_or_method")
    .gc()
    .flags(crate::types::typeobj::tflag::HAS_WEAKREF | crate::types::typeobj::tflag::NO_NEW)
    .slots(Slots { call: Some(call), repr: Some(repr), hash: Some(hash), richcmp: Some(richcmp), ..Slots::EMPTY })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", reduce)])
    .getset(&[
        GetSetDef::new("__name__", |vm, v| Ok(vm.str(this(v).def.name))),
        GetSetDef::new("__qualname__", qualname),
        GetSetDef::new("__doc__", |vm, v| Ok(doc_value(vm, this(v).def.doc))),
        GetSetDef::new("__self__", get_self),
        GetSetDef::new("__text_signature__", |vm, v| Ok(text_signature(vm, this(v)))),
        GetSetDef::rw("__module__", |vm, v| Ok(module(vm, v)), set_module),
    ]);

/// The receiver, or the module whose function this is (looked up by name: functions of the image belong to no module
/// object).
fn get_self(vm: &Vm, v: &Value) -> PyResult {
    if let Some(receiver) = &*this(v).self_value {
        return Ok(receiver.clone());
    }
    let modules = vm.modules.get();
    let found = match (this(v).module.get(), modules.as_ref().and_then(|m| m.downcast::<Dict>())) {
        (Some(name), Some(modules)) if name.is_a::<Str>() => modules.get(vm, &name)?,
        _ => None,
    };
    Ok(found.unwrap_or(Value::NONE))
}

/// What programs assigned to `__module__` of functions of the image.
#[derive(Default)]
struct Renamed(RefCell<HashMap<u64, Option<Value>>>);

impl Local for Renamed {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let own = copier.look(&self.0).iter().map(|(at, name)| (*at, name.as_ref().map(|n| copier.take(n))));
        Some(Renamed(RefCell::new(own.collect())))
    }
}

fn module(vm: &Vm, v: &Value) -> Value {
    if let Some(renamed) = vm.local_opt::<Renamed>()
        && let Some(own) = renamed.0.borrow().get(&v.bits())
    {
        return own.clone().unwrap_or(Value::NONE);
    }
    this(v).module.get_or_none()
}

fn set_module(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    if v.header().is_some_and(Header::is_immortal) {
        let renamed = vm.local(|_| Renamed::default());
        let old = renamed.0.borrow_mut().insert(v.bits(), value.cloned());
        drop(old);
    } else {
        this(v).module.put(value.cloned());
    }
    Ok(())
}

fn this(v: &Value) -> &Builtin {
    v.downcast::<Builtin>().expect("the descriptor has checked the receiver")
}

/// Documentation as Python sees it: `None` where there is none.
pub(crate) fn doc_value(vm: &Vm, doc: &str) -> Value {
    if doc.is_empty() { Value::NONE } else { vm.str(doc) }
}

/// The name that messages put in front of the function's: of its type or module.
fn owner(vm: &Vm, b: &Builtin) -> String {
    match &*b.self_value {
        Some(v) if v.is_a::<Module>() => {
            match b.module.get().and_then(|m| m.downcast::<Str>().map(|s| s.to_string())) {
                Some(name) if name != "builtins" => name,
                _ => String::new(),
            }
        }
        Some(v) => match TypeObj::from_value(v) {
            Some(ty) => ty.name().to_string(),
            None => vm.type_of(v).name().to_string(),
        },
        None => match b.module.get().and_then(|m| m.downcast::<Str>().map(|s| s.to_string())) {
            Some(name) if name != "builtins" => name,
            _ => String::new(),
        },
    }
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let b = this(v);
    match &*b.self_value {
        Some(receiver) if b.def.arity.receiver => {
            let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.all().len() + 1);
            all.push(receiver.clone());
            all.extend(args.all().iter().cloned());
            call_checked(vm, b, &CallArgs::new(&all, args.names()))
        }
        _ => call_checked(vm, b, args),
    }
}

/// Calls with the receiver in place; the owner's name is made only for messages.
#[inline]
fn call_checked(vm: &Vm, b: &Builtin, args: &CallArgs<'_>) -> PyResult {
    let n = args.all().len();
    let arity = &b.def.arity;
    let plain = args.names().is_none() && n >= arity.min as usize && n <= arity.max as usize && !arity.needs_kw;
    if plain || matches!(b.def.call, crate::native::NativeFn::Raw(_)) {
        return call_native(vm, b.def, "", args);
    }
    call_native(vm, b.def, &owner(vm, b), args)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let b = this(v);
    match &*b.self_value {
        Some(receiver) if !receiver.is_a::<Module>() => Ok(vm.str(&format!(
            "<built-in method {} of {} object at {:#x}>",
            b.def.name,
            vm.type_of(receiver).name(),
            receiver.bits()
        ))),
        _ => Ok(vm.str(&format!("<built-in function {}>", b.def.name))),
    }
}

fn hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let b = this(v);
    let receiver = b.self_value.as_ref().map_or(0, |s| vm.identity(s));
    let def = b.def as *const MethodDef as u64;
    Ok(((receiver >> 4) ^ (def >> 4).rotate_left(20)) as i64)
}

fn richcmp(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Builtin>(), b.downcast::<Builtin>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same_self = x.self_value.as_ref().map(Value::bits) == y.self_value.as_ref().map(Value::bits);
    let same = std::ptr::eq(x.def, y.def) && same_self;
    match op {
        CmpOp::Eq => Ok(Value::bool(same)),
        CmpOp::Ne => Ok(Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn qualname(vm: &Vm, v: &Value) -> PyResult {
    let b = this(v);
    let receiver = match &*b.self_value {
        Some(receiver) if !receiver.is_a::<Module>() => receiver,
        _ => return Ok(vm.str(b.def.name)),
    };
    let ty = TypeObj::from_value(receiver).map_or_else(|| vm.type_of(receiver).value(), TypeObj::value);
    let of_type = vm.getattr(&ty, &vm.names().__qualname__)?;
    Ok(vm.str(&format!("{}.{}", vm.str_string(&of_type)?, b.def.name)))
}

/// `__text_signature__`; functions of modules have `$module` in front.
fn text_signature(vm: &Vm, b: &Builtin) -> Value {
    let text = b.def.signature;
    if text.is_empty() {
        return Value::NONE;
    }
    if b.def.arity.receiver || b.self_value.as_ref().is_some_and(|s| !s.is_a::<Module>()) {
        return vm.str(text);
    }
    let inner = text.trim_start_matches('(');
    match inner {
        ")" => vm.str("($module, /)"),
        _ if inner.contains('/') => vm.str(&format!("($module, {inner}")),
        _ => vm.str(&format!("($module, /, {inner}")),
    }
}

fn reduce(vm: &Vm, a: crate::native::Args<'_>) -> PyResult {
    let b = a.this::<Builtin>();
    match &*b.self_value {
        Some(receiver) if !receiver.is_a::<Module>() => {
            let getattr = vm.builtin_function("getattr")?;
            let args = vm.tuple(vec![receiver.clone(), vm.str(b.def.name)]);
            Ok(vm.tuple(vec![getattr, args]))
        }
        _ => Ok(vm.str(b.def.name)),
    }
}

impl Vm {
    /// A function of a module. `module` is the module object or its name.
    pub fn builtin(&self, def: &'static MethodDef, module: Option<Value>) -> Value {
        let (self_value, name) = match module {
            Some(m) if m.is_a::<Module>() => {
                let name = m.downcast::<Module>().and_then(|m| m.get(self, &self.names().__name__));
                (Some(m), name)
            }
            name => (None, name),
        };
        self.alloc(
            self.types().builtin_function,
            Builtin { def, self_value: Fixed::new(self_value), module: VCell::from(name) },
        )
    }

    /// A native method bound to its receiver.
    #[inline]
    pub fn bound_builtin(&self, def: &'static MethodDef, receiver: Value) -> Value {
        let payload = Builtin { def, self_value: Fixed::new(Some(receiver)), module: VCell::empty() };
        self.alloc(self.types().builtin_function, payload)
    }

    /// A function of module `builtins`, by name.
    pub(crate) fn builtin_function(&self, name: &str) -> PyResult {
        let found = self.builtins.get().and_then(|b| b.downcast::<crate::types::dict::Dict>()?.get_name(self, name));
        found.ok_or_else(|| self.name_error(&format!("name '{name}' is not defined")))
    }
}
