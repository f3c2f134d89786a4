//! Attributes of `StopIteration`, `SystemExit`, `KeyError`, `ImportError`, `AttributeError` and `NameError`.

use super::{init as base_init, own_attributes, payload, reduce_with, str_of as base_str};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

/// A getter and setter of attribute `$i` of the family; deleting it makes it `None`.
macro_rules! field {
    ($name:literal, $i:literal, $doc:literal) => {
        crate::native::GetSetDef::rw(
            $name,
            |_, v| Ok(crate::types::exception::payload(v).field_or_none($i)),
            |vm, v, value| {
                crate::types::exception::payload(v).set_field(vm, $i, value.cloned());
                Ok(())
            },
        )
        .doc($doc)
    };
}
pub(super) use field;

pub(super) const STOP_ITERATION: &[GetSetDef] = &[field!("value", 0, "generator return value")];
pub(super) const SYSTEM_EXIT: &[GetSetDef] = &[field!("code", 0, "exception code")];
pub(super) const IMPORT_ERROR: &[GetSetDef] = &[
    field!("msg", 0, "exception message"),
    field!("name", 1, "module name"),
    field!("path", 2, "module path"),
    field!("name_from", 3, "name imported from module"),
];
pub(super) const ATTRIBUTE_ERROR: &[GetSetDef] = &[field!("name", 0, "attribute name"), field!("obj", 1, "object")];
pub(super) const NAME_ERROR: &[GetSetDef] = &[field!("name", 0, "name")];

pub(super) const IMPORT_METHODS: &[MethodDef] = &[MethodDef::new("__reduce__", "($self, /)", import_reduce)];
pub(super) const ATTRIBUTE_METHODS: &[MethodDef] = &[
    MethodDef::new("__getstate__", "($self, /)", |vm, a| attribute_state(vm, a.get(0))),
    MethodDef::new("__reduce__", "($self, /)", attribute_reduce),
];

pub(super) fn init_stop_iteration(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    base_init(vm, v, args)?;
    payload(v).set_field(vm, 0, Some(args.pos().first().cloned().unwrap_or(Value::NONE)));
    Ok(())
}

pub(super) fn init_system_exit(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    base_init(vm, v, args)?;
    let code = match args.pos() {
        [] => return Ok(()),
        [one] => one.clone(),
        _ => payload(v).args.get_or_none(),
    };
    payload(v).set_field(vm, 0, Some(code));
    Ok(())
}

pub(super) fn str_key_error(vm: &Vm, v: &Value) -> PyResult {
    match payload(v).args_vec().as_slice() {
        [key] => vm.repr(key),
        _ => base_str(vm, v),
    }
}

/// Stores the named arguments in their fields; the positional ones go to `args`.
fn init_named(vm: &Vm, v: &Value, args: &CallArgs<'_>, class: &str, names: &[(&str, usize)]) -> PyResult<()> {
    for (name, value) in args.named() {
        let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        match names.iter().find(|(n, _)| *n == text) {
            Some((_, i)) => payload(v).set_field(vm, *i, Some(value.clone())),
            None => {
                return Err(vm.type_error(&format!("{class}() got an unexpected keyword argument '{text}'")));
            }
        }
    }
    base_init(vm, v, &CallArgs::positional(args.pos()))
}

pub(super) fn init_import_error(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    for i in 1..4 {
        payload(v).set_field(vm, i, None);
    }
    init_named(vm, v, args, "ImportError", &[("name", 1), ("path", 2), ("name_from", 3)])?;
    let message = if let [one] = args.pos() { Some(one.clone()) } else { None };
    payload(v).set_field(vm, 0, message);
    Ok(())
}

pub(super) fn str_import_error(vm: &Vm, v: &Value) -> PyResult {
    match payload(v).field(0) {
        Some(message) if vm.is_exact_str(&message) => Ok(message),
        _ => base_str(vm, v),
    }
}

pub(super) fn init_attribute_error(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    if args.names().is_none() && payload(v).field(0).is_none() {
        return base_init(vm, v, args);
    }
    payload(v).set_field(vm, 0, None);
    payload(v).set_field(vm, 1, None);
    init_named(vm, v, args, "AttributeError", &[("name", 0), ("obj", 1)])
}

pub(super) fn init_name_error(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    payload(v).set_field(vm, 0, None);
    init_named(vm, v, args, "NameError", &[("name", 0)])
}

/// The attributes set on the exception, copied, with those fields that are set.
fn state_with(vm: &Vm, v: &Value, fields: &[(&str, Option<Value>)]) -> Option<Value> {
    let own = own_attributes(vm, v);
    if fields.iter().all(|(_, f)| f.is_none()) {
        return own;
    }
    let state = match own.as_ref().and_then(|d| d.downcast::<Dict>()) {
        Some(d) => d.copy(vm),
        None => vm.new_dict(),
    };
    let dict = state.downcast::<Dict>().expect("just made");
    for (name, value) in fields {
        if let Some(value) = value {
            dict.set_str(vm, &vm.intern(name), value.clone());
        }
    }
    Some(state)
}

fn import_reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let e = payload(v);
    let state = state_with(vm, v, &[("name", e.field(1)), ("path", e.field(2)), ("name_from", e.field(3))]);
    reduce_with(vm, v, e.args.get_or_none(), state)
}

fn attribute_state(vm: &Vm, v: &Value) -> PyResult {
    let e = payload(v);
    let args = e.args.get().filter(|_| e.field(0).is_some() || !e.args_vec().is_empty());
    Ok(state_with(vm, v, &[("name", e.field(0)), ("args", args)]).unwrap_or(Value::NONE))
}

fn attribute_reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let state = attribute_state(vm, v)?;
    reduce_with(vm, v, payload(v).args.get_or_none(), Some(state))
}
