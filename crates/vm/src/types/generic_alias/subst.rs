//! Type parameters of aliases and unions, and their substitution by arguments.
//!
//! The type parameters themselves say how they are replaced: `__typing_subst__`, `__typing_prepare_subst__`.

use crate::error::PyResult;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

fn items(v: &Value) -> &[Value] {
    v.downcast::<Tuple>().map_or(&[], Tuple::as_slice)
}

fn attr(vm: &Vm, v: &Value, name: &str) -> PyResult<Option<Value>> {
    vm.getattr_opt(v, &vm.intern(name))
}

fn push_unique(list: &mut Vec<Value>, v: &Value) {
    if !list.iter().any(|o| o.is(v)) {
        list.push(v.clone());
    }
}

/// The type parameters in a tuple of arguments, in order of appearance.
pub fn make_parameters(vm: &Vm, args: &Value) -> PyResult {
    let mut found = Vec::new();
    for arg in items(args) {
        if TypeObj::from_value(arg).is_some() {
            continue;
        }
        let nested = match arg.downcast::<List>() {
            Some(list) => Some(vm.tuple(list.to_vec())),
            None if arg.is_a::<Tuple>() => Some(arg.clone()),
            None => None,
        };
        if let Some(nested) = nested {
            let inner = make_parameters(vm, &nested)?;
            items(&inner).iter().for_each(|p| push_unique(&mut found, p));
        } else if attr(vm, arg, "__typing_subst__")?.is_some() {
            push_unique(&mut found, arg);
        } else if let Some(inner) = vm.getattr_opt(arg, &vm.names().__parameters__)? {
            items(&inner).iter().for_each(|p| push_unique(&mut found, p));
        }
    }
    Ok(vm.tuple(found))
}

/// The arguments in a subscript, unpacked tuples spread out.
fn unpack_args(vm: &Vm, item: &Value) -> PyResult<Vec<Value>> {
    let given = if item.is_a::<Tuple>() { items(item).to_vec() } else { vec![item.clone()] };
    let mut all = Vec::with_capacity(given.len());
    for arg in given {
        if TypeObj::from_value(&arg).is_none()
            && let Some(inner) = attr(vm, &arg, "__typing_unpacked_tuple_args__")?
            && inner.is_a::<Tuple>()
            && !items(&inner).last().is_some_and(Value::is_ellipsis)
        {
            all.extend_from_slice(items(&inner));
        } else {
            all.push(arg);
        }
    }
    Ok(all)
}

/// `owner[item]`: the arguments with the type parameters replaced, as a tuple.
pub fn substitute(vm: &Vm, owner: &Value, args: &Value, parameters: &Value, item: &Value) -> PyResult {
    let _guard = vm.check_recursion(" while substituting type parameters")?;
    let params = items(parameters);
    if params.is_empty() {
        return Err(vm.type_error(&format!("{} is not a generic class", vm.repr_string(owner)?)));
    }
    let mut given = vm.tuple(unpack_args(vm, item)?);
    for param in params {
        if let Some(prepare) = attr(vm, param, "__typing_prepare_subst__")?
            && !prepare.is_none()
        {
            given = vm.call_pos(&prepare, &[owner.clone(), given])?;
            if !given.is_a::<Tuple>() {
                given = vm.to_tuple(&given)?;
            }
        }
    }
    let n = items(&given).len();
    if n != params.len() {
        let how = if n > params.len() { "many" } else { "few" };
        return Err(vm.type_error(&format!(
            "Too {how} arguments for {}; actual {n}, expected {}",
            vm.repr_string(owner)?,
            params.len()
        )));
    }
    replace_all(vm, owner, args, parameters, items(&given))
}

/// The arguments with each parameter replaced by the value given for it.
#[expect(clippy::only_used_in_recursion, reason = "the owner belongs to the messages of nested substitutions")]
fn replace_all(vm: &Vm, owner: &Value, args: &Value, parameters: &Value, given: &[Value]) -> PyResult {
    let params = items(parameters);
    let mut out = Vec::with_capacity(items(args).len());
    for arg in items(args) {
        if TypeObj::from_value(arg).is_some() {
            out.push(arg.clone());
            continue;
        }
        if let Some(list) = arg.downcast::<List>() {
            let inner = replace_all(vm, owner, &vm.tuple(list.to_vec()), parameters, given)?;
            out.push(vm.list(items(&inner).to_vec()));
            continue;
        }
        if arg.is_a::<Tuple>() {
            out.push(replace_all(vm, owner, arg, parameters, given)?);
            continue;
        }
        let unpack = attr(vm, arg, "__typing_is_unpacked_typevartuple__")?.is_some_and(|v| v.is_true());
        let new = match attr(vm, arg, "__typing_subst__")? {
            Some(subst) => match params.iter().position(|p| p.is(arg)) {
                Some(i) => vm.call_one(&subst, &given[i])?,
                None => arg.clone(),
            },
            None => replace_nested(vm, arg, params, given)?,
        };
        if !unpack {
            out.push(new);
        } else if new.is_a::<Tuple>() {
            out.extend_from_slice(items(&new));
        } else {
            return Err(vm.type_error(&format!(
                "expected __typing_subst__ of {} objects to return a tuple, not {}",
                vm.type_of(arg).name(),
                vm.type_of(&new).name()
            )));
        }
    }
    Ok(vm.tuple(out))
}

/// An argument that has type parameters of its own, subscripted by their values.
fn replace_nested(vm: &Vm, arg: &Value, params: &[Value], given: &[Value]) -> PyResult {
    let Some(own) = vm.getattr_opt(arg, &vm.names().__parameters__)? else { return Ok(arg.clone()) };
    if items(&own).is_empty() {
        return Ok(arg.clone());
    }
    let mut values = Vec::with_capacity(items(&own).len());
    for p in items(&own) {
        match params.iter().position(|q| q.is(p)) {
            Some(i) if given[i].is_a::<Tuple>() && vm.type_of(p).slots().iter.is_some() => {
                values.extend_from_slice(items(&given[i]));
            }
            Some(i) => values.push(given[i].clone()),
            None => values.push(p.clone()),
        }
    }
    vm.get_item(arg, &vm.tuple(values))
}
