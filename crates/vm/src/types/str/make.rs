//! `str(...)`, `encode`, and the odd methods.

use super::Str;
use crate::error::PyResult;
use crate::native::{Args, CallArgs};
use crate::object::Header;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// `str(object='')`, `str(object, encoding, errors)`.
pub(super) fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let text = match (args.pos(), args.names()) {
        ([], None) => vm.image().empty_str(),
        ([object], None) => vm.str_of(object)?,
        _ => new_slow(vm, args)?,
    };
    if ty.is(vm.types().str) {
        return Ok(text);
    }
    match text.downcast::<Str>() {
        Some(s) => Ok(vm.str_of_type(ty, s)),
        None => Ok(text),
    }
}

#[cold]
fn new_slow(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let given = args.all().len();
    if given > 3 && args.names().is_none() {
        return Err(vm.type_error(&format!("str expected at most 3 arguments, got {given}")));
    }
    if given > 3 {
        return Err(vm.type_error(&format!("str() takes at most 3 arguments ({given} given)")));
    }
    let mut slots: [Option<&Value>; 3] = [None; 3];
    for (slot, v) in slots.iter_mut().zip(args.pos()) {
        *slot = Some(v);
    }
    const NAMES: [&str; 3] = ["object", "encoding", "errors"];
    for (name, v) in args.named() {
        let name = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        match NAMES.iter().position(|n| *n == name) {
            Some(i) if slots[i].is_none() => slots[i] = Some(v),
            Some(i) => {
                return Err(
                    vm.type_error(&format!("argument for str() given by name ('{name}') and position ({})", i + 1))
                );
            }
            None => return Err(vm.type_error(&format!("str() got an unexpected keyword argument '{name}'"))),
        }
    }
    let encoding = text_arg(vm, slots[1], "str", "encoding")?;
    let errors = text_arg(vm, slots[2], "str", "errors")?;
    let Some(object) = slots[0] else { return Ok(vm.image().empty_str()) };
    if encoding.is_none() && errors.is_none() {
        return vm.str_of(object);
    }
    if object.is_a::<Str>() {
        return Err(vm.type_error("decoding str is not supported"));
    }
    if !vm.has_buffer(object) {
        return Err(
            vm.type_error(&format!("decoding to str: need a bytes-like object, {} found", vm.type_of(object).name()))
        );
    }
    vm.decode(object, encoding.as_deref(), errors.as_deref())
}

/// An optional `str` argument as Rust text.
pub(crate) fn text_arg(vm: &Vm, v: Option<&Value>, function: &str, name: &str) -> PyResult<Option<String>> {
    let Some(v) = v else { return Ok(None) };
    match v.downcast::<Str>() {
        Some(s) if s.as_bytes().contains(&0) => Err(vm.value_error("embedded null character")),
        Some(s) => Ok(Some(s.to_string())),
        None => {
            Err(vm.type_error(&format!("{function}() argument '{name}' must be str, not {}", vm.type_of(v).name())))
        }
    }
}

pub(super) fn encode(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    if a.opt(1).is_none() && a.opt(2).is_none() && s.is_ascii() {
        return Ok(vm.bytes(s.as_bytes()));
    }
    let encoding = text_arg(vm, a.opt(1), "encode", "encoding")?;
    let errors = text_arg(vm, a.opt(2), "encode", "errors")?;
    vm.encode(a.get(0), encoding.as_deref(), errors.as_deref())
}

pub(super) fn getnewargs(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    Ok(vm.tuple_of(&[vm.str_part(s, s.as_bytes())]))
}

pub(super) fn sizeof(_: &Vm, a: Args<'_>) -> PyResult {
    let n = size_of::<Header>() + size_of::<Str>() + a.this::<Str>().as_bytes().len();
    Ok(Value::from_usize(n.next_multiple_of(16)))
}

/// `str(text)` of a text: itself, or the exact `str` of an instance of a subclass.
pub(super) fn str_of_str(vm: &Vm, text: &Value) -> PyResult {
    Ok(vm.exact_str(text))
}
