//! Structural pattern matching.

use super::ops::At;
use crate::error::PyResult;
use crate::protocol::call::Method;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// MatchSequence.
pub(crate) fn match_sequence(vm: &Vm, at: At<'_>) {
    let is = vm.type_of(at.regs.val(at.i.b())).has(tflag::SEQUENCE);
    at.regs.put(at.i.a(), Value::bool(is));
}

/// MatchMapping.
pub(crate) fn match_mapping(vm: &Vm, at: At<'_>) {
    let is = vm.type_of(at.regs.val(at.i.b())).has(tflag::MAPPING);
    at.regs.put(at.i.a(), Value::bool(is));
}

/// MatchKeys.
#[inline(never)]
pub(crate) fn match_keys(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (subject, keys) = (at.regs.val(at.i.b()).clone(), at.regs.val(at.i.c()).clone());
    let r = values_of_keys(vm, &subject, &keys)?;
    at.regs.put(at.i.a(), r.unwrap_or(Value::NONE));
    Ok(())
}

fn values_of_keys(vm: &Vm, subject: &Value, keys: &Value) -> PyResult<Option<Value>> {
    let keys = keys.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice);
    let mut seen: Vec<&Value> = Vec::new();
    let mut values = Vec::with_capacity(keys.len());
    if keys.is_empty() {
        return Ok(Some(vm.tuple(values)));
    }
    let get = match vm.get_method(subject, &vm.names().get)? {
        Method::Bound(f) => f,
        Method::Unbound(f) => vm.bound_method(f, subject.clone()),
    };
    // A marker that no mapping holds.
    let missing = vm.alloc_instance(vm.types().object);
    for key in keys {
        for other in &seen {
            if vm.eq(other, key)? {
                let message = format!("mapping pattern checks duplicate key ({})", vm.repr_string(key)?);
                return Err(vm.value_error(&message));
            }
        }
        seen.push(key);
        let v = vm.call_pos(&get, &[key.clone(), missing.clone()])?;
        if v.is(&missing) {
            return Ok(None);
        }
        values.push(v);
    }
    Ok(Some(vm.tuple(values)))
}

/// MatchClass.
#[inline(never)]
pub(crate) fn match_class(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let parts = at.regs.take_range(at.i.b() as usize, 3);
    let r = attributes(vm, &parts[0], &parts[1], &parts[2], at.i.c() as usize)?;
    at.regs.put(at.i.a(), r.unwrap_or(Value::NONE));
    Ok(())
}

fn attributes(vm: &Vm, subject: &Value, class: &Value, names: &Value, n_pos: usize) -> PyResult<Option<Value>> {
    let Some(ty) = TypeObj::from_value(class) else {
        return Err(vm.type_error("called match pattern must be a class"));
    };
    if !vm.is_instance(subject, class)? {
        return Ok(None);
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut found = Vec::new();
    let mut attribute = |vm: &Vm, name: &Value, found: &mut Vec<Value>| -> PyResult<bool> {
        let name = &vm.intern_value(name);
        if seen.iter().any(|s| s.is(name)) {
            let message = format!("{}() got multiple sub-patterns for attribute {}", ty.name(), vm.repr_string(name)?);
            return Err(vm.type_error(&message));
        }
        seen.push(name.clone());
        match vm.getattr_opt(subject, name)? {
            Some(v) => {
                found.push(v);
                Ok(true)
            }
            None => Ok(false),
        }
    };
    if n_pos > 0 {
        let listed = vm.getattr_opt(class, &vm.names().__match_args__)?;
        let mut itself = false;
        let allowed = match &listed {
            Some(v) => match v.downcast::<Tuple>() {
                Some(t) => t.as_slice().to_vec(),
                None => {
                    let message =
                        format!("{}.__match_args__ must be a tuple (got {})", ty.name(), vm.type_of(v).name());
                    return Err(vm.type_error(&message));
                }
            },
            None => {
                itself = ty.has(tflag::MATCH_SELF);
                Vec::new()
            }
        };
        let limit = if itself { 1 } else { allowed.len() };
        if limit < n_pos {
            let plural = if limit == 1 { "" } else { "s" };
            let message = format!("{}() accepts {limit} positional sub-pattern{plural} ({n_pos} given)", ty.name());
            return Err(vm.type_error(&message));
        }
        if itself {
            found.push(subject.clone());
        } else {
            for name in allowed.iter().take(n_pos) {
                if !name.is_a::<Str>() {
                    let message = format!("__match_args__ elements must be strings (got {})", vm.type_of(name).name());
                    return Err(vm.type_error(&message));
                }
                if !attribute(vm, &vm.intern_value(name), &mut found)? {
                    return Ok(None);
                }
            }
        }
    }
    for name in names.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice) {
        if !attribute(vm, &vm.intern_value(name), &mut found)? {
            return Ok(None);
        }
    }
    Ok(Some(vm.tuple(found)))
}
