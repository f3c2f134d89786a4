//! `method`: a callable bound to its receiver.

use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::slots::{CmpOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;

/// A bound method.
pub struct Method {
    /// What it calls, with the receiver first.
    pub func: Value,
    /// The receiver.
    pub receiver: Value,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Method {
    const KIND: Kind = Kind::Method;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.func);
        visit(&self.receiver);
    }
}

/// The type `method`.
pub static TYPE: TypeDef = TypeDef::new::<Method>("method")
    .doc("Create a bound instance method object.")
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new),
        call: Some(call),
        repr: Some(repr),
        hash: Some(hash),
        richcmp: Some(richcmp),
        getattr: Some(getattr),
        descr_get: Some(|_, this, _, _| Ok(this.clone())),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", reduce)])
    .getset(&[
        GetSetDef::field("__func__", |_, v| Ok(this(v).func.clone()))
            .doc("the function (or other callable) implementing a method"),
        GetSetDef::field("__self__", |_, v| Ok(this(v).receiver.clone()))
            .doc("the instance to which a method is bound"),
        GetSetDef::new("__doc__", |vm, v| vm.getattr(&this(v).func, &vm.names().__doc__)),
    ]);

fn this(v: &Value) -> &Method {
    v.downcast::<Method>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error("method() takes no keyword arguments"));
    }
    let [func, receiver] = args.pos() else {
        return Err(vm.type_error(&format!("method expected 2 arguments, got {}", args.pos().len())));
    };
    if vm.type_of(func).slots().call.is_none() {
        return Err(vm.type_error("first argument must be callable"));
    }
    if receiver.is_none() {
        return Err(vm.type_error("instance must not be None"));
    }
    Ok(vm.bound_method(func.clone(), receiver.clone()))
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let m = this(v);
    let mut all: SmallVec<[Value; 8]> = SmallVec::with_capacity(args.all().len() + 1);
    all.push(m.receiver.clone());
    all.extend(args.all().iter().cloned());
    vm.call(&m.func, &CallArgs::new(&all, args.names()))
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let m = this(v);
    let mut name = vm.getattr_opt(&m.func, &vm.names().__qualname__)?;
    if name.is_none() {
        name = vm.getattr_opt(&m.func, &vm.names().__name__)?;
    }
    let name = match name.as_ref().and_then(|n| n.downcast::<Str>()) {
        Some(s) => s.to_string(),
        None => "?".to_string(),
    };
    Ok(vm.str(&format!("<bound method {name} of {}>", vm.repr_string(&m.receiver)?)))
}

fn hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let m = this(v);
    Ok((vm.identity(&m.receiver) >> 4).rotate_left(7) as i64 ^ vm.hash(&m.func)?)
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Method>(), b.downcast::<Method>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same = || Ok(vm.eq(&x.func, &y.func)? && x.receiver.is(&y.receiver));
    match op {
        CmpOp::Eq => same().map(Value::bool),
        CmpOp::Ne => same().map(|s| Value::bool(!s)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Attributes of the method itself, then those of the function.
fn getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    let ty = vm.type_of(v);
    if let Some(found) = ty.lookup(vm, name) {
        return match vm.type_of(&found).slots().descr_get {
            Some(get) => get(vm, &found, Some(v), Some(&ty.value())),
            None => Ok(found),
        };
    }
    vm.getattr(&this(v).func, name)
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let m = a.this::<Method>();
    let name = vm.getattr(&m.func, &vm.names().__name__)?;
    let getattr = vm.builtin_function("getattr")?;
    Ok(vm.tuple(vec![getattr, vm.tuple(vec![m.receiver.clone(), name])]))
}

impl Vm {
    /// A callable bound to its receiver.
    #[inline]
    pub fn bound_method(&self, func: Value, receiver: Value) -> Value {
        self.alloc(self.types().method, Method { func, receiver })
    }
}
