//! The types `TypeVar`, `ParamSpec` and `TypeVarTuple`.

use super::{
    TypeParam, bind, call_typing, cannot_subclass, docs, evaluator, lazy, name_argument, set_caller_module, type_check,
    typing,
};
use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::slots::{BinOp, Slots};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

const FLAGS: u32 = tflag::HAS_DICT | tflag::HAS_WEAKREF;

fn this(v: &Value) -> &TypeParam {
    v.downcast::<TypeParam>().expect("the descriptor has checked the receiver")
}

const NAME: GetSetDef = GetSetDef::new("__name__", |_, v| Ok(this(v).name.clone()));
const BOUND: GetSetDef =
    GetSetDef::new("__bound__", |vm, v| Ok(lazy(vm, &this(v).bound, &this(v).evaluate_bound)?.unwrap_or(Value::NONE)));
const COVARIANT: GetSetDef = GetSetDef::new("__covariant__", |_, v| Ok(Value::bool(this(v).covariant)));
const CONTRAVARIANT: GetSetDef = GetSetDef::new("__contravariant__", |_, v| Ok(Value::bool(this(v).contravariant)));
const INFER_VARIANCE: GetSetDef = GetSetDef::new("__infer_variance__", |_, v| Ok(Value::bool(this(v).infer_variance)));
const DEFAULT: GetSetDef = GetSetDef::new("__default__", default).doc("The default value for this type parameter.");
const EVALUATE_DEFAULT: GetSetDef =
    GetSetDef::new("evaluate_default", |vm, v| Ok(evaluator(vm, &this(v).default, &this(v).evaluate_default)));
const HAS_DEFAULT: MethodDef = MethodDef::new("has_default", "($self, /)", has_default);
const REDUCE: MethodDef = MethodDef::new("__reduce__", "($self, /)", |_, a| Ok(a.this::<TypeParam>().name.clone()));

fn default(vm: &Vm, v: &Value) -> PyResult {
    Ok(lazy(vm, &this(v).default, &this(v).evaluate_default)?.unwrap_or_else(|| vm.no_default()))
}

fn has_default(vm: &Vm, a: Args<'_>) -> PyResult {
    let param = a.this::<TypeParam>();
    let known = param.default.get().is_some_and(|d| !d.is(&vm.no_default()));
    Ok(Value::bool(known || param.evaluate_default.is_set()))
}

/// The name with a sign that shows its variance.
fn repr(vm: &Vm, v: &Value) -> PyResult {
    let param = this(v);
    let sign = match (param.infer_variance, param.covariant, param.contravariant) {
        (true, ..) => "",
        (_, true, _) => "+",
        (_, _, true) => "-",
        _ => "~",
    };
    Ok(vm.str(&format!("{sign}{}", vm.str_string(&param.name)?)))
}

fn union(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    vm.union_of_args(vm.tuple(vec![a.clone(), b.clone()]))
}

/// The type `typing.TypeVar`.
pub static TYPE_VAR: TypeDef = TypeDef::new::<TypeParam>("TypeVar")
    .copied()
    .freezable()
    .module("typing")
    .doc(docs::TYPE_VAR)
    .gc()
    .flags(FLAGS)
    .slots(Slots { new: Some(type_var_new), repr: Some(repr), ..Slots::EMPTY }.with(BinOp::Or, union))
    .methods(&[
        MethodDef::new("__typing_subst__", "($self, arg, /)", |vm, a| {
            call_typing(vm, "_typevar_subst", &[a.get(0).clone(), a.get(1).clone()])
        }),
        MethodDef::new("__typing_prepare_subst__", "($self, alias, args, /)", type_var_prepare),
        REDUCE,
        HAS_DEFAULT,
        MethodDef::new("__mro_entries__", "($self, bases, /)", |vm, _| cannot_subclass(vm, "TypeVar")),
    ])
    .getset(&[
        NAME,
        COVARIANT,
        CONTRAVARIANT,
        INFER_VARIANCE,
        BOUND,
        GetSetDef::new("__constraints__", |vm, v| {
            let found = lazy(vm, &this(v).constraints, &this(v).evaluate_constraints)?;
            Ok(found.unwrap_or_else(|| vm.image().empty_tuple()))
        }),
        DEFAULT,
        GetSetDef::new("evaluate_bound", |vm, v| Ok(evaluator(vm, &this(v).bound, &this(v).evaluate_bound))),
        GetSetDef::new("evaluate_constraints", |vm, v| {
            Ok(evaluator(vm, &this(v).constraints, &this(v).evaluate_constraints))
        }),
        EVALUATE_DEFAULT,
    ]);

struct Variance {
    covariant: bool,
    contravariant: bool,
    infer: bool,
}

fn variance(vm: &Vm, args: [Option<&Value>; 3]) -> PyResult<Variance> {
    let mut flags = [false; 3];
    for (flag, arg) in flags.iter_mut().zip(args) {
        *flag = arg.map_or(Ok(false), |v| vm.truthy(v))?;
    }
    let [covariant, contravariant, infer] = flags;
    if covariant && contravariant {
        return Err(vm.value_error("Bivariant types are not supported."));
    }
    if infer && (covariant || contravariant) {
        return Err(vm.value_error("Variance cannot be specified with infer_variance."));
    }
    Ok(Variance { covariant, contravariant, infer })
}

fn bound_argument(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Value>> {
    match v {
        Some(v) if !v.is_none() => type_check(vm, v, "Bound must be a type.").map(Some),
        _ => Ok(None),
    }
}

fn type_var_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let names = ["name", "bound", "default", "covariant", "contravariant", "infer_variance"];
    let (first, constraints) = args.pos().split_at(args.pos().len().min(1));
    // The constraints are what is positional beyond the name.
    let mut flat: Vec<Value> = first.to_vec();
    flat.extend_from_slice(&args.all()[args.pos().len()..]);
    let bound_args = CallArgs::new(&flat, args.names());
    let [name, bound, default, co, contra, infer] = bind(vm, &bound_args, "typevar", names, 1)?;
    let name = name_argument(vm, name, "typevar")?;
    let Variance { covariant, contravariant, infer } = variance(vm, [co, contra, infer])?;
    let bound = bound_argument(vm, bound)?;
    match constraints.len() {
        0 => {}
        1 => return Err(vm.type_error("A single constraint is not allowed")),
        _ if bound.is_some() => return Err(vm.type_error("Constraints cannot be combined with bound=...")),
        _ => {}
    }
    let constraints = if constraints.is_empty() { None } else { Some(vm.tuple_of(constraints)) };
    let param = TypeParam {
        bound: VCell::from(bound),
        constraints: VCell::from(constraints),
        default: VCell::new(default.cloned().unwrap_or_else(|| vm.no_default())),
        covariant,
        contravariant,
        ..TypeParam::named(&name, infer)
    };
    let made = vm.alloc(ty, param);
    set_caller_module(vm, &made)?;
    Ok(made)
}

fn type_var_prepare(vm: &Vm, a: Args<'_>) -> PyResult {
    let (this, alias, args) = (a.get(0), a.get(1), a.get(2));
    let params = vm.getattr(alias, &vm.names().__parameters__)?;
    let params = vm.to_tuple(&params)?;
    let params = params.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice);
    let Some(index) = params.iter().position(|p| p.is(this)) else {
        return Err(vm.value_error("tuple.index(x): x not in tuple"));
    };
    let given = vm.collect(args)?;
    if index < given.len() {
        return Ok(args.clone());
    }
    if index == given.len() {
        let fallback = default(vm, this)?;
        if !fallback.is(&vm.no_default()) {
            let mut all = given;
            all.push(fallback);
            return Ok(vm.tuple(all));
        }
    }
    Err(vm.type_error(&format!(
        "Too few arguments for {}; actual {}, expected at least {}",
        vm.str_string(alias)?,
        given.len(),
        index + 1
    )))
}

/// The type `typing.ParamSpec`.
pub static PARAM_SPEC: TypeDef = TypeDef::new::<TypeParam>("ParamSpec")
    .copied()
    .freezable()
    .module("typing")
    .doc(docs::PARAM_SPEC)
    .gc()
    .flags(FLAGS)
    .slots(Slots { new: Some(param_spec_new), repr: Some(repr), ..Slots::EMPTY }.with(BinOp::Or, union))
    .methods(&[
        MethodDef::new("__typing_subst__", "($self, arg, /)", |vm, a| {
            call_typing(vm, "_paramspec_subst", &[a.get(0).clone(), a.get(1).clone()])
        }),
        MethodDef::new("__typing_prepare_subst__", "($self, alias, args, /)", |vm, a| {
            call_typing(vm, "_paramspec_prepare_subst", &[a.get(0).clone(), a.get(1).clone(), a.get(2).clone()])
        }),
        REDUCE,
        HAS_DEFAULT,
        MethodDef::new("__mro_entries__", "($self, bases, /)", |vm, _| cannot_subclass(vm, "ParamSpec")),
    ])
    .getset(&[
        NAME,
        BOUND,
        COVARIANT,
        CONTRAVARIANT,
        INFER_VARIANCE,
        DEFAULT,
        EVALUATE_DEFAULT,
        GetSetDef::new("args", |vm, v| Ok(super::small::param_spec_part(vm, vm.types().ParamSpecArgs, v)))
            .doc("Represents positional arguments."),
        GetSetDef::new("kwargs", |vm, v| Ok(super::small::param_spec_part(vm, vm.types().ParamSpecKwargs, v)))
            .doc("Represents keyword arguments."),
    ]);

fn param_spec_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let names = ["name", "bound", "default", "covariant", "contravariant", "infer_variance"];
    let [name, bound, default, co, contra, infer] = bind(vm, args, "paramspec", names, 1)?;
    let name = name_argument(vm, name, "paramspec")?;
    let Variance { covariant, contravariant, infer } = variance(vm, [co, contra, infer])?;
    let param = TypeParam {
        bound: VCell::from(bound_argument(vm, bound)?),
        default: VCell::new(default.cloned().unwrap_or_else(|| vm.no_default())),
        covariant,
        contravariant,
        ..TypeParam::named(&name, infer)
    };
    let made = vm.alloc(ty, param);
    set_caller_module(vm, &made)?;
    Ok(made)
}

/// The type `typing.TypeVarTuple`.
pub static TYPE_VAR_TUPLE: TypeDef = TypeDef::new::<TypeParam>("TypeVarTuple")
    .copied()
    .freezable()
    .module("typing")
    .doc(docs::TYPE_VAR_TUPLE)
    .gc()
    .flags(FLAGS)
    .slots(Slots {
        new: Some(type_var_tuple_new),
        repr: Some(|vm, v| vm.str_of(&this(v).name)),
        iter: Some(|vm, v| {
            let one = vm.tuple(vec![unpacked(vm, v)?]);
            vm.iter(&one)
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("__typing_subst__", "($self, arg, /)", |vm, _| {
            Err(vm.type_error("Substitution of bare TypeVarTuple is not supported"))
        }),
        MethodDef::new("__typing_prepare_subst__", "($self, alias, args, /)", |vm, a| {
            call_typing(vm, "_typevartuple_prepare_subst", &[a.get(0).clone(), a.get(1).clone(), a.get(2).clone()])
        }),
        REDUCE,
        HAS_DEFAULT,
        MethodDef::new("__mro_entries__", "($self, bases, /)", |vm, _| cannot_subclass(vm, "TypeVarTuple")),
    ])
    .getset(&[NAME, DEFAULT, EVALUATE_DEFAULT]);

/// `typing.Unpack[v]`.
pub(super) fn unpacked(vm: &Vm, v: &Value) -> PyResult {
    let unpack = typing(vm, "Unpack")?;
    vm.get_item(&unpack, v)
}

fn type_var_tuple_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [name, default] = bind(vm, args, "typevartuple", ["name", "default"], 1)?;
    let name = name_argument(vm, name, "typevartuple")?;
    let param = TypeParam::named(&name, false);
    param.default.set(default.cloned().unwrap_or_else(|| vm.no_default()));
    let made = vm.alloc(ty, param);
    set_caller_module(vm, &made)?;
    Ok(made)
}

/// The name of a parameter as text.
pub(super) fn name_of(v: &Value) -> Option<String> {
    v.downcast::<TypeParam>()?.name.downcast::<Str>().map(|s| s.to_string())
}
