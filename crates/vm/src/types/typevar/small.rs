//! `ParamSpecArgs`, `ParamSpecKwargs`, `NoDefault`, `Generic`, and evaluators of values that are known.

use super::{bind, cannot_subclass, docs, typing};
use crate::error::PyResult;
use crate::native::{CallArgs, GetSetDef, MethodDef};
use crate::origin::{Copier, Local};
use crate::types::generic_alias::text::type_repr;
use crate::types::object::Plain;
use crate::types::slots::{CmpOp, Slots};
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// `P.args` or `P.kwargs`.
pub struct ParamSpecPart {
    /// `P`.
    pub origin: Value,
}

crate::native_payload!(ParamSpecPart { origin });

const ORIGIN: GetSetDef = GetSetDef::new("__origin__", |_, v| Ok(part(v).origin.clone()));

fn part(v: &Value) -> &ParamSpecPart {
    v.downcast::<ParamSpecPart>().expect("the descriptor has checked the receiver")
}

/// The type `typing.ParamSpecArgs`.
pub static PARAM_SPEC_ARGS: TypeDef = TypeDef::new::<ParamSpecPart>("ParamSpecArgs")
    .copied()
    .freezable()
    .module("typing")
    .doc(docs::PARAM_SPEC_ARGS)
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, ty, args| new_part(vm, ty, args, "paramspecargs")),
        repr: Some(|vm, v| part_repr(vm, v, "args")),
        richcmp: Some(part_compare),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__mro_entries__", "($self, bases, /)", |vm, _| cannot_subclass(vm, "ParamSpecArgs"))])
    .getset(&[ORIGIN]);

/// The type `typing.ParamSpecKwargs`.
pub static PARAM_SPEC_KWARGS: TypeDef = TypeDef::new::<ParamSpecPart>("ParamSpecKwargs")
    .copied()
    .freezable()
    .module("typing")
    .doc(docs::PARAM_SPEC_KWARGS)
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, ty, args| new_part(vm, ty, args, "paramspeckwargs")),
        repr: Some(|vm, v| part_repr(vm, v, "kwargs")),
        richcmp: Some(part_compare),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__mro_entries__", "($self, bases, /)", |vm, _| cannot_subclass(vm, "ParamSpecKwargs"))])
    .getset(&[ORIGIN]);

fn new_part(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>, function: &str) -> PyResult {
    let [origin] = bind(vm, args, function, ["origin"], 1)?;
    match origin {
        Some(origin) => Ok(vm.alloc(ty, ParamSpecPart { origin: origin.clone() })),
        None => Err(vm.type_error(&format!("{function}() missing required argument 'origin' (pos 1)"))),
    }
}

fn part_repr(vm: &Vm, v: &Value, suffix: &str) -> PyResult {
    let origin = &part(v).origin;
    let name = match super::params::name_of(origin) {
        Some(name) => name,
        None => vm.repr_string(origin)?,
    };
    Ok(vm.str(&format!("{name}.{suffix}")))
}

fn part_compare(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    if !vm.type_of(a).is(vm.type_of(b)) || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = vm.eq(&part(a).origin, &part(b).origin)?;
    Ok(Value::bool(same == (op == CmpOp::Eq)))
}

/// `P.args` or `P.kwargs` of the parameter `origin`.
pub(super) fn param_spec_part(vm: &Vm, ty: &TypeObj, origin: &Value) -> Value {
    vm.alloc(ty, ParamSpecPart { origin: origin.clone() })
}

/// The payload of `NoDefault`.
pub struct NoDefault;

crate::native_payload!(NoDefault {});

/// The type of `typing.NoDefault`.
pub static NO_DEFAULT: TypeDef = TypeDef::new::<NoDefault>("NoDefaultType")
    .immutable()
    .freezable()
    .doc("The type of the NoDefault singleton.")
    .slots(Slots {
        new: Some(|vm, _, args| match args.all().is_empty() {
            true => Ok(vm.no_default()),
            false => Err(vm.type_error("NoDefaultType takes no arguments")),
        }),
        repr: Some(|vm, _| Ok(vm.str("typing.NoDefault"))),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, _| Ok(vm.str("NoDefault")))]);

/// The one `NoDefault` of an interpreter.
struct TheNoDefault(Value);

impl Local for TheNoDefault {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(TheNoDefault(copier.take(&self.0)))
    }
}

/// The type `typing.Generic`.
pub static GENERIC: TypeDef = TypeDef::new::<Plain>("Generic")
    .module("typing")
    .doc(docs::GENERIC)
    .basetype()
    .gc()
    .methods(&[
        MethodDef::raw("__class_getitem__", "($type, *args, **kwargs)", |vm, args| {
            vm.call(&typing(vm, "_generic_class_getitem")?, args)
        })
        .class()
        .doc(
            "Parameterizes a generic class.\n\nAt least, parameterizing a generic class is the *main* thing this\nmethod does. \
             For example, for some generic class `Foo`, this is called\nwhen we do `Foo[int]` - there, with `cls=Foo` and \
             `args=int`.\n\nHowever, note that this method is also called when defining generic\nclasses in the first place with \
             `class Foo[T]: ...`.\n",
        ),
        MethodDef::raw("__init_subclass__", "($type, *args, **kwargs)", |vm, args| {
            vm.call(&typing(vm, "_generic_init_subclass")?, args)
        })
        .class()
        .doc("Function to initialize subclasses."),
    ]);

/// Gives a value that is known when it is called as an evaluator.
pub struct ConstEvaluator {
    /// The value.
    pub value: Value,
}

crate::native_payload!(ConstEvaluator { value });

/// The type `_typing._ConstEvaluator`.
pub static CONST_EVALUATOR: TypeDef =
    TypeDef::new::<ConstEvaluator>("_ConstEvaluator").copied().module("_typing").gc().flags(tflag::NO_NEW).slots(
        Slots {
            call: Some(const_call),
            repr: Some(|vm, v| Ok(vm.str(&format!("<constevaluator {}>", vm.repr_string(&constant(v).value)?)))),
            ..Slots::EMPTY
        },
    );

fn constant(v: &Value) -> &ConstEvaluator {
    v.downcast::<ConstEvaluator>().expect("the descriptor has checked the receiver")
}

/// Format of annotations: as text.
const FORMAT_STRING: i64 = 4;

fn const_call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let [Some(format)] = bind(vm, args, "constevaluator.__call__", ["format"], 1)? else {
        return Err(vm.type_error("constevaluator.__call__() missing required argument 'format' (pos 1)"));
    };
    let value = &constant(v).value;
    if vm.index_i64(format)? != FORMAT_STRING {
        return Ok(value.clone());
    }
    let text = match value.downcast::<Tuple>() {
        None => type_repr(vm, value)?,
        Some(items) => {
            let parts = items.as_slice().iter().map(|t| type_repr(vm, t)).collect::<PyResult<Vec<_>>>()?;
            match parts.as_slice() {
                [one] => format!("({one},)"),
                _ => format!("({})", parts.join(", ")),
            }
        }
    };
    Ok(vm.str(&text))
}

/// An evaluator that gives `value`.
pub(super) fn const_evaluator(vm: &Vm, value: Value) -> Value {
    vm.alloc_native(&CONST_EVALUATOR, ConstEvaluator { value })
}

impl Vm {
    /// `typing.NoDefault`.
    pub fn no_default(&self) -> Value {
        self.local(|vm| TheNoDefault(vm.alloc(vm.types().NoDefaultType, NoDefault))).0.clone()
    }
}
