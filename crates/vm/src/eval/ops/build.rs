//! Displays, unpacking, f-strings, functions.
#![expect(unsafe_code, reason = "windows move into tuples without being copied twice")]

use super::At;
use crate::error::{PyResult, Raised};
use crate::types::code::CodeObj;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::list::List;
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// BuildTuple.
#[inline(never)]
pub(crate) fn build_tuple(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (b, n) = (at.i.b() as usize, at.i.c() as usize);
    // SAFETY: the window's references move into the tuple; its registers are unbound right after.
    let t = unsafe {
        let t = vm.tuple_from_raw(at.regs.at(b).cast::<Value>(), n);
        std::ptr::write_bytes(at.regs.at(b), 0, n);
        t
    };
    at.regs.put(at.i.a(), t);
    Ok(())
}

/// BuildList.
#[inline(never)]
pub(crate) fn build_list(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (b, n) = (at.i.b() as usize, at.i.c() as usize);
    let mut items = vm.hvec();
    items.reserve_exact(n);
    for r in b..b + n {
        items.push(at.regs.take_bound(r as u16));
    }
    at.regs.put(at.i.a(), vm.list_from(items));
    Ok(())
}

/// BuildSet.
#[inline(never)]
pub(crate) fn build_set(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let set = vm.new_set();
    let items = at.regs.take_range(at.i.b() as usize, at.i.c() as usize);
    if let Some(s) = set.downcast::<Set>() {
        for item in items {
            s.add(vm, item)?;
        }
    }
    at.regs.put(at.i.a(), set);
    Ok(())
}

/// BuildMap.
#[inline(never)]
pub(crate) fn build_map(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let dict = vm.new_dict();
    if at.i.c() > 0
        && let Some(d) = dict.downcast::<Dict>()
    {
        d.reserve(at.i.c() as usize);
        for pair in 0..at.i.c() {
            let (k, v) = (at.i.b() + 2 * pair, at.i.b() + 2 * pair + 1);
            let (key, value) = (at.regs.take_bound(k), at.regs.take_bound(v));
            d.set(vm, key, value)?;
        }
    }
    at.regs.put(at.i.a(), dict);
    Ok(())
}

/// BuildString.
#[inline(never)]
pub(crate) fn build_string(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let parts = at.regs.take_range(at.i.b() as usize, at.i.c() as usize);
    let s = vm.build_string(&parts)?;
    at.regs.put(at.i.a(), s);
    Ok(())
}

/// FormatValue.
#[inline(never)]
pub(crate) fn format_value(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let spec = if at.i.x() & 4 != 0 { Some(at.src(at.i.c())) } else { None };
    let mut v = at.src(at.i.b());
    v = match at.i.x() & 3 {
        1 => vm.str_of(&v)?,
        2 => vm.repr(&v)?,
        3 => vm.ascii(&v)?,
        _ => v,
    };
    let v = match spec {
        None if vm.is_exact_str(&v) => v,
        None if v.is_small_int() => vm.str_of(&v)?,
        None => vm.format(&v, &vm.str(""))?,
        Some(spec) => vm.format(&v, &spec)?,
    };
    at.regs.put(at.i.a(), v);
    Ok(())
}

/// BuildInterpolation.
#[inline(never)]
pub(crate) fn build_interpolation(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let mut parts = at.regs.take_range(at.i.b() as usize, 4).into_iter();
    let mut next = || parts.next().unwrap_or(Value::NONE);
    let v = vm.interpolation(next(), next(), next(), next());
    at.regs.put(at.i.a(), v);
    Ok(())
}

/// BuildTemplate.
#[inline(never)]
pub(crate) fn build_template(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let parts = at.regs.take_range(at.i.b() as usize, at.i.c() as usize);
    at.regs.put(at.i.a(), vm.template(parts.into_vec())?);
    Ok(())
}

fn list<'a>(at: At<'a>, r: u16) -> Option<&'a List> {
    at.regs.val(r).downcast::<List>()
}

/// ListAppend.
#[inline(always)]
pub(crate) fn list_append(at: At<'_>) {
    let v = at.src(at.i.b());
    if let Some(list) = list(at, at.i.a()) {
        list.push(v);
    }
}

/// ListExtend.
#[inline(never)]
pub(crate) fn list_extend(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let Some(list) = list(at, at.i.a()) else { return Ok(()) };
    if vm.type_of(&v).slots().iter.is_none() && vm.type_of(&v).slots().getitem.is_none() {
        let message = format!("Value after * must be an iterable, not {}", vm.type_of(&v).name());
        return Err(vm.type_error(&message));
    }
    vm.for_each(&v, |item| {
        list.push(item);
        Ok(())
    })
}

/// ListToTuple.
#[inline(never)]
pub(crate) fn list_to_tuple(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let t = v.downcast::<List>().map(|l| l.with(|items| vm.tuple_of(items))).unwrap_or(Value::NONE);
    at.regs.put(at.i.a(), t);
    Ok(())
}

/// SetAdd.
#[inline(never)]
pub(crate) fn set_add(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let set = at.regs.val(at.i.a()).clone();
    match set.downcast::<Set>() {
        Some(s) => s.add(vm, v).map(drop),
        None => Ok(()),
    }
}

/// SetUpdate.
#[inline(never)]
pub(crate) fn set_update(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let set = at.regs.val(at.i.a()).clone();
    let Some(s) = set.downcast::<Set>() else { return Ok(()) };
    vm.for_each(&v, |item| s.add(vm, item).map(drop))
}

/// MapInsert.
#[inline(never)]
pub(crate) fn map_insert(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (key, v) = (at.src(at.i.b()), at.src(at.i.c()));
    let dict = at.regs.val(at.i.a()).clone();
    match dict.downcast::<Dict>() {
        Some(d) => d.set(vm, key, v),
        None => Ok(()),
    }
}

/// The items of any mapping; `None` if it has no `keys`.
pub(crate) fn mapping_items(vm: &Vm, mapping: &Value) -> PyResult<Option<Vec<(Value, Value)>>> {
    if vm.is_exact(mapping, vm.types().dict)
        && let Some(d) = mapping.downcast::<Dict>()
    {
        return Ok(Some(d.items()));
    }
    let Some(keys) = vm.getattr_opt(mapping, &vm.names().keys)? else { return Ok(None) };
    let keys = vm.collect(&vm.call_pos(&keys, &[])?)?;
    let mut items = Vec::with_capacity(keys.len());
    for k in keys {
        let v = vm.get_item(mapping, &k)?;
        items.push((k, v));
    }
    Ok(Some(items))
}

/// DictUpdate.
#[inline(never)]
pub(crate) fn dict_update(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let dict = at.regs.val(at.i.a()).clone();
    let Some(d) = dict.downcast::<Dict>() else { return Ok(()) };
    match mapping_items(vm, &v)? {
        Some(items) => items.into_iter().try_for_each(|(k, v)| d.set(vm, k, v)),
        None => Err(vm.type_error(&format!("'{}' object is not a mapping", vm.type_of(&v).name()))),
    }
}

/// The name of a callable as messages show it.
pub(crate) fn callable_name(vm: &Vm, callable: &Value) -> String {
    if let Some(f) = callable.downcast::<Function>() {
        let module = f.module_value(vm).downcast::<Str>().map(|s| s.to_string());
        return match module {
            Some(m) if m != "builtins" => format!("{m}.{}()", f.qualname_text()),
            _ => format!("{}()", f.qualname_text()),
        };
    }
    let text = |name: &Value| {
        let v = vm.getattr_opt(callable, name).ok().flatten()?;
        v.downcast::<Str>().map(|s| s.to_string())
    };
    let Some(qualname) = text(&vm.names().__qualname__) else {
        return vm.str_string(callable).unwrap_or_else(|_| {
            drop(vm.take_raised());
            "?".to_string()
        });
    };
    match text(&vm.names().__module__) {
        Some(m) if m != "builtins" => format!("{m}.{qualname}()"),
        _ => format!("{qualname}()"),
    }
}

#[cold]
fn merge_error(vm: &Vm, callable: &Value, rest: &str) -> Raised {
    let name = callable_name(vm, callable);
    vm.type_error(&format!("{name} {rest}"))
}

/// DictMerge.
#[inline(never)]
pub(crate) fn dict_merge(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let dict = at.regs.val(at.i.a()).clone();
    let callable = at.regs.val(at.i.c()).clone();
    let Some(d) = dict.downcast::<Dict>() else { return Ok(()) };
    let Some(items) = mapping_items(vm, &v)? else {
        let rest = format!("argument after ** must be a mapping, not {}", vm.type_of(&v).name());
        return Err(merge_error(vm, &callable, &rest));
    };
    for (k, v) in items {
        if !k.is_a::<Str>() {
            return Err(vm.type_error("keywords must be strings"));
        }
        if d.contains(vm, &k)? {
            let rest = format!("got multiple values for keyword argument '{}'", vm.str_string(&k)?);
            return Err(merge_error(vm, &callable, &rest));
        }
        d.set(vm, k, v)?;
    }
    Ok(())
}

/// UnpackSeq.
#[inline(never)]
pub(crate) fn unpack_seq(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (a, n) = (at.i.a(), at.i.c() as usize);
    let v = at.src(at.i.b());
    if vm.is_exact(&v, vm.types().tuple)
        && let Some(t) = v.downcast::<Tuple>()
        && t.len() == n
    {
        for (k, item) in t.as_slice().iter().enumerate() {
            at.regs.put(a + k as u16, item.clone());
        }
        return Ok(());
    }
    if vm.is_exact(&v, vm.types().list)
        && let Some(l) = v.downcast::<List>()
        && l.len() == n
    {
        for k in 0..n {
            at.regs.put(a + k as u16, l.get(k).unwrap_or(Value::NONE));
        }
        return Ok(());
    }
    let items = unpack(vm, &v, n)?;
    for (k, item) in items.into_iter().enumerate() {
        at.regs.put(a + k as u16, item);
    }
    Ok(())
}

#[cold]
fn not_unpackable(vm: &Vm, v: &Value) -> Raised {
    vm.type_error(&format!("cannot unpack non-iterable {} object", vm.type_of(v).name()))
}

fn unpack_iter(vm: &Vm, v: &Value) -> PyResult {
    match vm.iter_opt(v)? {
        Some(it) => Ok(it),
        None => Err(not_unpackable(vm, v)),
    }
}

fn unpack(vm: &Vm, v: &Value, n: usize) -> PyResult<Vec<Value>> {
    let it = unpack_iter(vm, v)?;
    let mut items = Vec::with_capacity(n);
    while items.len() < n {
        match vm.next(&it)? {
            Some(item) => items.push(item),
            None => {
                let message = format!("not enough values to unpack (expected {n}, got {})", items.len());
                return Err(vm.value_error(&message));
            }
        }
    }
    if vm.next(&it)?.is_none() {
        return Ok(items);
    }
    let sized = [vm.types().list, vm.types().tuple, vm.types().dict].iter().any(|t| vm.is_exact(v, t));
    let message = match sized {
        true => format!("too many values to unpack (expected {n}, got {})", vm.len(v)?),
        false => format!("too many values to unpack (expected {n})"),
    };
    Err(vm.value_error(&message))
}

/// UnpackEx.
#[inline(never)]
pub(crate) fn unpack_ex(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (before, after) = ((at.i.c() & 0xff) as usize, (at.i.c() >> 8) as usize);
    let v = at.src(at.i.b());
    let it = unpack_iter(vm, &v)?;
    let mut items = Vec::new();
    while let Some(item) = vm.next(&it)? {
        items.push(item);
    }
    if items.len() < before + after {
        let message =
            format!("not enough values to unpack (expected at least {}, got {})", before + after, items.len());
        return Err(vm.value_error(&message));
    }
    let tail = items.split_off(items.len() - after);
    let middle = items.split_off(before);
    let all = items.into_iter().chain([vm.list(middle)]).chain(tail);
    for (k, item) in all.enumerate() {
        at.regs.put(at.i.a() + k as u16, item);
    }
    Ok(())
}

/// MakeFunction.
#[inline(never)]
pub(crate) fn make_function(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (x, mut next) = (at.i.x(), at.i.c());
    let mut part = |bit: u8| {
        if x & bit == 0 {
            return None;
        }
        next += 1;
        at.regs.take(next - 1)
    };
    let (defaults, kwdefaults, annotate, closure, params) = (part(1), part(2), part(4), part(8), part(16));
    let code = at.code().code_for_function(vm, at.i.b());
    debug_assert!(code.is_a::<CodeObj>());
    let func = vm.new_closure(code, at.frame.globals(), closure);
    if let Some(f) = func.downcast::<Function>() {
        f.defaults.put(defaults);
        f.kwdefaults.put(kwdefaults);
        f.annotate.put(annotate);
        f.type_params.put(params);
    }
    at.regs.put(at.i.a(), func);
    Ok(())
}
