//! `typing.TypeAliasType`: what the statement `type X = ...` makes.

use super::{TypeParam, bind, docs, evaluator, lazy, name_argument};
use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{CallArgs, GetSetDef, MethodDef};
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::slots::{BinOp, Slots};
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// A type alias.
pub struct TypeAlias {
    /// Its name.
    pub name: Value,
    /// A tuple of its type parameters, if it has any.
    pub type_params: VCell,
    /// What it stands for; empty while `evaluate` has not been called.
    pub value: VCell,
    /// Computes the value.
    pub evaluate: VCell,
    /// The module in which it was made.
    pub module: VCell,
}

crate::native_payload!(TypeAlias { name } cells { type_params, value, evaluate, module });

/// The type `typing.TypeAliasType`.
pub static TYPE_ALIAS: TypeDef = TypeDef::new::<TypeAlias>("TypeAliasType")
    .copied()
    .module("typing")
    .doc(docs::TYPE_ALIAS)
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(
        Slots {
            new: Some(new),
            repr: Some(|vm, v| vm.str_of(&this(v).name)),
            getattr: Some(getattr),
            getitem: Some(getitem),
            iter: Some(|vm, v| {
                let one = vm.tuple(vec![super::params::unpacked(vm, v)?]);
                vm.iter(&one)
            }),
            ..Slots::EMPTY
        }
        .with(BinOp::Or, |vm, a, b| vm.union_of_args(vm.tuple(vec![a.clone(), b.clone()]))),
    )
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |_, a| Ok(a.this::<TypeAlias>().name.clone()))])
    .getset(&[
        GetSetDef::new("__name__", |_, v| Ok(this(v).name.clone())),
        GetSetDef::new("__value__", |vm, v| Ok(lazy(vm, &this(v).value, &this(v).evaluate)?.unwrap_or(Value::NONE))),
        GetSetDef::new("__type_params__", |vm, v| Ok(params(vm, v))),
        GetSetDef::new("__parameters__", |vm, v| unpack_type_var_tuples(vm, &params(vm, v))),
        GetSetDef::new("evaluate_value", |vm, v| Ok(evaluator(vm, &this(v).value, &this(v).evaluate))),
    ]);

fn this(v: &Value) -> &TypeAlias {
    v.downcast::<TypeAlias>().expect("the descriptor has checked the receiver")
}

fn params(vm: &Vm, v: &Value) -> Value {
    this(v).type_params.get().unwrap_or_else(|| vm.image().empty_tuple())
}

/// Type parameters with `*Ts` in place of `Ts`.
pub(super) fn unpack_type_var_tuples(vm: &Vm, params: &Value) -> PyResult {
    let items = params.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice);
    if !items.iter().any(|p| vm.type_of(p).is(vm.types().TypeVarTuple)) {
        return Ok(params.clone());
    }
    let mut all = Vec::with_capacity(items.len());
    for p in items {
        all.push(if vm.type_of(p).is(vm.types().TypeVarTuple) { super::params::unpacked(vm, p)? } else { p.clone() });
    }
    Ok(vm.tuple(all))
}

fn module(vm: &Vm, v: &Value) -> PyResult {
    if let Some(module) = this(v).module.get() {
        return Ok(module);
    }
    match this(v).evaluate.get() {
        Some(f) if f.is_a::<Function>() => vm.getattr(&f, &vm.names().__module__),
        _ => Ok(Value::NONE),
    }
}

/// The class has a `__module__` of its own, which is not that of its instances.
fn getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    if name.is(&vm.names().__module__) {
        return module(vm, v);
    }
    match vm.generic_getattr_opt(v, name)? {
        Some(found) => Ok(found),
        None => Err(vm.no_attribute(v, name)),
    }
}

fn getitem(vm: &Vm, v: &Value, item: &Value) -> PyResult {
    if !this(v).type_params.is_set() {
        return Err(vm.type_error("Only generic type aliases are subscriptable"));
    }
    vm.generic_alias(v, item)
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [name, value, params] = bind(vm, args, "typealias", ["name", "value", "type_params"], 2)?;
    let name = name_argument(vm, name, "typealias")?;
    let Some(value) = value else {
        return Err(vm.type_error("typealias() missing required argument 'value' (pos 2)"));
    };
    let params = match params {
        None => None,
        Some(p) => Some(check_params(vm, p)?),
    };
    let module = vm.frame_globals().and_then(|g| g.downcast::<Dict>()?.get_str(vm, &vm.names().__name__));
    let payload = TypeAlias {
        name,
        type_params: VCell::from(params),
        value: VCell::new(value.clone()),
        evaluate: VCell::empty(),
        module: VCell::from(module),
    };
    Ok(vm.alloc(ty, payload))
}

/// A tuple of type parameters: those without a default come first.
fn check_params(vm: &Vm, params: &Value) -> PyResult {
    let Some(items) = params.downcast::<Tuple>().map(Tuple::as_slice) else {
        return Err(vm.type_error("type_params must be a tuple"));
    };
    let mut seen_default = false;
    for p in items {
        let Some(param) = p.downcast::<TypeParam>() else {
            return Err(vm.type_error(&format!("Expected a type param, got {}", vm.repr_string(p)?)));
        };
        let has_default =
            param.evaluate_default.is_set() || param.default.get().is_some_and(|d| !d.is(&vm.no_default()));
        if seen_default && !has_default {
            return Err(vm.type_error(&format!(
                "non-default type parameter '{}' follows default type parameter",
                super::params::name_of(p).unwrap_or_default()
            )));
        }
        seen_default |= has_default;
    }
    Ok(params.clone())
}

impl Vm {
    /// The alias that `type name[params] = ...` makes; `params` is a tuple or `None`.
    pub fn new_type_alias(&self, name: &Value, params: &Value, evaluate: &Value) -> Value {
        let params = Some(params.clone()).filter(|p| p.downcast::<Tuple>().is_some_and(|t| !t.is_empty()));
        let payload = TypeAlias {
            name: name.clone(),
            type_params: VCell::from(params),
            value: VCell::empty(),
            evaluate: VCell::new(evaluate.clone()),
            module: VCell::empty(),
        };
        self.alloc(self.types().TypeAliasType, payload)
    }
}
