//! The argument of `bytes(...)` and `bytearray(...)`, and bytes from iterables of integers.

use super::Bytes;
use crate::error::{PyResult, Raised};
use crate::native::CallArgs;
use crate::types::bytearray::ByteArray;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// The three arguments of a constructor.
struct Three<'a> {
    source: Option<&'a Value>,
    encoding: Option<&'a Value>,
    errors: Option<&'a Value>,
}

fn three<'a>(vm: &Vm, class: &str, args: &CallArgs<'a>) -> PyResult<Three<'a>> {
    let given = args.all().len();
    if given > 3 {
        return Err(vm.type_error(&format!("{class}() takes at most 3 arguments ({given} given)")));
    }
    let mut slots: [Option<&Value>; 3] = [None; 3];
    for (slot, v) in slots.iter_mut().zip(args.pos()) {
        *slot = Some(v);
    }
    for (name, v) in args.named() {
        let name = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        match ["source", "encoding", "errors"].iter().position(|n| *n == name) {
            Some(i) if slots[i].is_none() => slots[i] = Some(v),
            Some(i) => {
                return Err(
                    vm.type_error(&format!("argument for {class}() given by name ('{name}') and position ({})", i + 1))
                );
            }
            None => {
                return Err(vm.type_error(&format!("{class}() got an unexpected keyword argument '{name}'")));
            }
        }
    }
    Ok(Three { source: slots[0], encoding: slots[1], errors: slots[2] })
}

/// The bytes that constructor arguments stand for. `class` is the constructor's name.
pub(crate) fn content(vm: &Vm, class: &str, args: &CallArgs<'_>) -> PyResult<Vec<u8>> {
    let Three { source, encoding, errors } = three(vm, class, args)?;
    if encoding.is_some() || errors.is_some() {
        let text = source.filter(|s| s.is_a::<Str>());
        let encoding_text = crate::types::str::make::text_arg(vm, encoding, class, "encoding")?;
        let errors_text = crate::types::str::make::text_arg(vm, errors, class, "errors")?;
        return match (text, encoding.is_some()) {
            (Some(_), false) => Err(vm.type_error("string argument without an encoding")),
            (Some(text), true) => {
                let encoded = vm.encode(text, encoding_text.as_deref(), errors_text.as_deref())?;
                Ok(encoded.downcast::<Bytes>().map_or(Vec::new(), |b| b.as_bytes().to_vec()))
            }
            (None, true) => Err(vm.type_error("encoding without a string argument")),
            (None, false) => Err(vm.type_error("errors without a string argument")),
        };
    }
    let Some(source) = source else { return Ok(Vec::new()) };
    if source.is_a::<Str>() {
        return Err(vm.type_error("string argument without an encoding"));
    }
    if class == "bytes"
        && let Some(r) = vm.call_special(source, &vm.names().__bytes__, &[])?
    {
        return match r.downcast::<Bytes>() {
            Some(b) => Ok(b.as_bytes().to_vec()),
            None => Err(vm.type_error(&format!("__bytes__ returned non-bytes (type {})", vm.type_of(&r).name()))),
        };
    }
    if vm.type_of(source).slots().index.is_some() {
        match vm.index_isize(source, vm.types().OverflowError) {
            Ok(n) if n < 0 => return Err(vm.value_error("negative count")),
            Ok(n) => {
                vm.check_alloc(n as usize)?;
                return Ok(vec![0; n as usize]);
            }
            Err(e) if vm.pending_is(vm.types().TypeError) => {
                drop(e);
                drop(vm.take_raised());
            }
            Err(e) => return Err(e),
        }
    }
    if vm.has_buffer(source) {
        return Ok(vm.get_buffer(source, false)?.to_vec());
    }
    let what = if class == "bytes" { "bytes" } else { "byte" };
    let slots = vm.type_of(source).slots();
    if slots.iter.is_none() && slots.getitem.is_none() {
        return Err(vm.type_error(&format!("cannot convert '{}' object to {class}", vm.type_of(source).name())));
    }
    from_iterable(vm, source, what)
}

/// The bytes of an iterable of integers; `what` begins the message about one out of range.
pub(crate) fn from_iterable(vm: &Vm, source: &Value, what: &str) -> PyResult<Vec<u8>> {
    let small = |items: &[Value]| -> Option<Vec<u8>> {
        items.iter().map(|v| v.as_small_int().and_then(|i| u8::try_from(i).ok())).collect()
    };
    let quick = if vm.is_exact(source, vm.types().list) {
        source.downcast::<List>().and_then(|l| l.with(small))
    } else if vm.is_exact(source, vm.types().tuple) {
        source.downcast::<Tuple>().and_then(|t| small(t.as_slice()))
    } else {
        None
    };
    if let Some(bytes) = quick {
        return Ok(bytes);
    }
    let mut out = Vec::new();
    vm.for_each(source, |item| {
        out.push(byte_of(vm, &item, what)?);
        vm.check_alloc(out.len())
    })?;
    Ok(out)
}

/// An item of bytes: `ValueError` when it is out of range.
#[inline]
pub(crate) fn byte_of(vm: &Vm, value: &Value, what: &str) -> PyResult<u8> {
    match value.as_small_int() {
        Some(i @ 0..=255) => Ok(i as u8),
        _ => byte_of_slow(vm, value, what),
    }
}

#[cold]
fn byte_of_slow(vm: &Vm, value: &Value, what: &str) -> PyResult<u8> {
    let index = vm.to_index(value)?;
    match index.as_small_int() {
        Some(i @ 0..=255) => Ok(i as u8),
        _ => Err(out_of_range(vm, what)),
    }
}

fn out_of_range(vm: &Vm, what: &str) -> Raised {
    vm.value_error(&format!("{what} must be in range(0, 256)"))
}

/// `bytes(...)`.
pub(super) fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let exact = ty.is(vm.types().bytes);
    if let ([only], None) = (args.pos(), args.names())
        && exact
    {
        if vm.is_exact(only, vm.types().bytes) {
            return Ok(only.clone());
        }
        if let Some(b) = only.downcast::<ByteArray>().filter(|_| vm.is_exact(only, vm.types().bytearray)) {
            return Ok(vm.bytes(b.peek()));
        }
        if !only.is_object() || only.is_a::<Str>() {
            // Numbers and texts have no `__bytes__`.
        } else if let Some(r) = vm.call_special(only, &vm.names().__bytes__, &[])? {
            return match r.is_a::<Bytes>() {
                true => Ok(r),
                false => Err(vm.type_error(&format!("__bytes__ returned non-bytes (type {})", vm.type_of(&r).name()))),
            };
        }
    }
    let content = content(vm, "bytes", args)?;
    if exact { Ok(vm.bytes(&content)) } else { Ok(vm.bytes_of_type(ty, &content)) }
}
