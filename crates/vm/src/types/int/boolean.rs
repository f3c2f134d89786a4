//! `bool`: its two instances are immediates.

use super::methods::TYPE as INT;
use super::{arith, bits};
use crate::error::PyResult;
use crate::native::CallArgs;
use crate::types::slots::{BinOp, Slots};
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;

/// The type `bool`.
pub static BOOL: TypeDef = TypeDef::new::<super::Int>("bool")
    .base(&INT)
    .doc(
        "Returns True when the argument is true, False otherwise.\nThe builtins True and False are the only two \
         instances of the class bool.\nThe class bool is a subclass of the class int, and cannot be subclassed.",
    )
    .slots(
        Slots {
            new: Some(new),
            repr: Some(|vm, v| Ok(if v.is_true() { vm.intern("True") } else { vm.intern("False") })),
            bool: Some(arith::truth),
            invert: Some(invert),
            ..Slots::EMPTY
        }
        .with(BinOp::And, and)
        .with(BinOp::Or, or)
        .with(BinOp::Xor, xor),
    );

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error("bool() takes no keyword arguments"));
    }
    match args.pos() {
        [] => Ok(Value::FALSE),
        [x] => Ok(Value::bool(vm.truthy(x)?)),
        many => Err(vm.type_error(&format!("bool expected at most 1 argument, got {}", many.len()))),
    }
}

fn and(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    match (a.as_bool(), b.as_bool()) {
        (Some(a), Some(b)) => Ok(Value::bool(a & b)),
        _ => bits::and(vm, a, b),
    }
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    match (a.as_bool(), b.as_bool()) {
        (Some(a), Some(b)) => Ok(Value::bool(a | b)),
        _ => bits::or(vm, a, b),
    }
}

fn xor(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    match (a.as_bool(), b.as_bool()) {
        (Some(a), Some(b)) => Ok(Value::bool(a ^ b)),
        _ => bits::xor(vm, a, b),
    }
}

#[cold]
fn invert(vm: &Vm, value: &Value) -> PyResult {
    let message = "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the \
                   bitwise inversion of the underlying int object and is usually not what you expect from the \
                   negation of a bool object. Use the 'not' operator for boolean negation or ~int(x) for the bitwise \
                   inversion of the underlying int.";
    vm.hooks().warn(vm, vm.types().DeprecationWarning, message, 1)?;
    bits::invert(vm, value)
}
