//! Calling a slot of a native type as the special method that stands for it.

use super::{Dunder, WRAPPERS, WrapperId};
use crate::error::{PyResult, Raised};
use crate::native::CallArgs;
use crate::types::slots::BinOp;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// Calls slot `id` of native type `ty` as the special method, with the receiver in front of `args`.
pub(crate) fn call_wrapper(vm: &Vm, id: WrapperId, ty: &TypeObj, this: &Value, args: &CallArgs<'_>) -> PyResult {
    use Dunder::*;
    let (name, d, ..) = WRAPPERS[id as usize];
    let slots = ty.slots();
    let rest = args.pos();
    if args.n_named() > 0 && !matches!(d, Init | Call) {
        return Err(vm.type_error(&format!("wrapper {name}() takes no keyword arguments")));
    }
    let count = |n: usize| -> PyResult<()> {
        if rest.len() == n {
            return Ok(());
        }
        let s = if n == 1 { "" } else { "s" };
        Err(vm.type_error(&format!("expected {n} argument{s}, got {}", rest.len())))
    };
    let gone = |_: ()| -> Raised { vm.type_error(&format!("'{name}' is not supported")) };
    macro_rules! f {
        ($field:ident) => {
            slots.$field.ok_or(()).map_err(gone)?
        };
    }
    macro_rules! unary {
        ($field:ident) => {{
            count(0)?;
            f!($field)(vm, this)
        }};
    }
    match d {
        Init => {
            f!(init)(vm, this, args)?;
            Ok(Value::NONE)
        }
        Call => f!(call)(vm, this, args),
        New => Err(vm.type_error("__new__ is not a slot wrapper")),
        Del => {
            count(0)?;
            f!(del)(vm, this)?;
            Ok(Value::NONE)
        }
        Repr => unary!(repr),
        Str => unary!(str),
        Hash => {
            count(0)?;
            let h = f!(hash)(vm, this)?;
            Ok(vm.int(h))
        }
        Cmp(op) => {
            count(1)?;
            f!(richcmp)(vm, this, &rest[0], op)
        }
        Getattribute | Getattr => {
            count(1)?;
            let key = vm.attribute_name(&rest[0])?;
            f!(getattr)(vm, this, &key)
        }
        Setattr => {
            count(2)?;
            let key = vm.attribute_name(&rest[0])?;
            f!(setattr)(vm, this, &key, Some(&rest[1]))?;
            Ok(Value::NONE)
        }
        Delattr => {
            count(1)?;
            let key = vm.attribute_name(&rest[0])?;
            f!(setattr)(vm, this, &key, None)?;
            Ok(Value::NONE)
        }
        Get => {
            if rest.is_empty() || rest.len() > 2 {
                return Err(vm.type_error(&format!("expected at least 1 argument, got {}", rest.len())));
            }
            let obj = Some(&rest[0]).filter(|v| !v.is_none());
            let ty = rest.get(1).filter(|v| !v.is_none());
            if obj.is_none() && ty.is_none() {
                return Err(vm.type_error("__get__(None, None) is invalid"));
            }
            f!(descr_get)(vm, this, obj, ty)
        }
        Set => {
            count(2)?;
            f!(descr_set)(vm, this, &rest[0], Some(&rest[1]))?;
            Ok(Value::NONE)
        }
        Delete => {
            count(1)?;
            f!(descr_set)(vm, this, &rest[0], None)?;
            Ok(Value::NONE)
        }
        Iter => unary!(iter),
        Next => {
            count(0)?;
            match f!(iternext)(vm, this)? {
                Some(v) => Ok(v),
                None => Err(vm.exhausted(this)),
            }
        }
        Bool => {
            count(0)?;
            Ok(Value::bool(f!(bool)(vm, this)?))
        }
        Len => {
            count(0)?;
            Ok(vm.int_usize(f!(len)(vm, this)?))
        }
        GetItem => {
            count(1)?;
            f!(getitem)(vm, this, &rest[0])
        }
        SetItem => {
            count(2)?;
            f!(setitem)(vm, this, &rest[0], Some(&rest[1]))?;
            Ok(Value::NONE)
        }
        DelItem => {
            count(1)?;
            f!(setitem)(vm, this, &rest[0], None)?;
            Ok(Value::NONE)
        }
        Contains => {
            count(1)?;
            Ok(Value::bool(f!(contains)(vm, this, &rest[0])?))
        }
        Bin(op) | RBin(op) => {
            match (op, rest.len()) {
                (BinOp::Pow, 1 | 2) => {}
                (BinOp::Pow, n) => return Err(vm.type_error(&format!("expected 1 or 2 arguments, got {n}"))),
                _ => count(1)?,
            }
            let (left, right) = if matches!(d, RBin(_)) { (&rest[0], this) } else { (this, &rest[0]) };
            if let Some(modulus) = rest.get(1).filter(|m| !m.is_none()) {
                return match slots.pow3 {
                    Some(f) => f(vm, left, right, modulus),
                    None => Ok(Value::NOT_IMPLEMENTED),
                };
            }
            let slot = slots.binary[op as usize];
            let r = slot.ok_or(()).map_err(gone)?(vm, left, right)?;
            vm.sequence_wrapper_result(op, slot, this, &rest[0], r)
        }
        IBin(op) => {
            count(1)?;
            let slot = slots.inplace[op as usize];
            let r = slot.ok_or(()).map_err(gone)?(vm, this, &rest[0])?;
            vm.sequence_wrapper_result(op, slot, this, &rest[0], r)
        }
        Neg => unary!(neg),
        Pos => unary!(pos),
        Abs => unary!(abs),
        Invert => unary!(invert),
        Int => unary!(int),
        Float => unary!(float),
        Index => unary!(index),
        Await => unary!(await_),
        Aiter => unary!(aiter),
        Anext => unary!(anext),
        Buffer => {
            count(1)?;
            vm.memoryview_of(this)
        }
    }
}
