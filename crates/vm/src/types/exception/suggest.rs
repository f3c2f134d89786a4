//! "Did you mean": the closest name to one that was not found.
//!
//! Invariant: suggestions run Python code (`__dir__`, `f_locals`); whatever goes wrong there means no suggestion.

use super::payload;
use crate::error::PyResult;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

const MAX_CANDIDATES: usize = 750;
const MAX_STRING: usize = 40;
const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;

fn substitution_cost(a: char, b: char) -> usize {
    if a == b {
        0
    } else if a.to_lowercase().eq(b.to_lowercase()) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

/// The weighted edit distance of two names; more than `max_cost` if it exceeds that.
pub fn distance(a: &str, b: &str, max_cost: usize) -> usize {
    if a == b {
        return 0;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let prefix = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (mut a, mut b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE_COST;
    }
    if a.len() > MAX_STRING || b.len() > MAX_STRING {
        return max_cost + 1;
    }
    if b.len() < a.len() {
        std::mem::swap(&mut a, &mut b);
    }
    if (b.len() - a.len()) * MOVE_COST > max_cost {
        return max_cost + 1;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|i| i * MOVE_COST).collect();
    let mut result = 0;
    for (i, bc) in b.iter().enumerate() {
        let mut diagonal = i * MOVE_COST;
        result = diagonal;
        let mut minimum = usize::MAX;
        for (j, ac) in a.iter().enumerate() {
            let substitute = diagonal + substitution_cost(*bc, *ac);
            diagonal = row[j];
            result = substitute.min(result.min(diagonal) + MOVE_COST);
            row[j] = result;
            minimum = minimum.min(result);
        }
        if minimum > max_cost {
            return max_cost + 1;
        }
    }
    result
}

/// The candidate closest to `name`, if one is close enough.
pub fn closest<'a>(name: &str, candidates: impl ExactSizeIterator<Item = &'a str>) -> Option<&'a str> {
    let n = name.chars().count();
    if candidates.len() >= MAX_CANDIDATES || n > MAX_STRING {
        return None;
    }
    let mut best: Option<&str> = None;
    let mut best_distance = usize::MAX;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let allowed = (candidate.chars().count() + n + 3) * MOVE_COST / 6;
        let allowed = allowed.min(best_distance.saturating_sub(1));
        let found = distance(name, candidate, allowed);
        if found <= allowed && (best.is_none() || found < best_distance) {
            best = Some(candidate);
            best_distance = found;
        }
    }
    best
}

fn texts(values: Vec<Value>) -> Vec<String> {
    values.iter().filter_map(|v| Some(v.downcast::<Str>()?.to_str()?.to_string())).collect()
}

/// The names `dir(obj)` lists, sorted.
fn dir(vm: &Vm, obj: &Value) -> PyResult<Vec<String>> {
    let list = match vm.call_method(obj, &vm.names().__dir__, &[]) {
        Ok(list) => list,
        Err(e) => {
            if !vm.pending_is(vm.types().TypeError) {
                return Err(e);
            }
            drop(vm.take_raised());
            // A class: its own `__dir__` wants an instance.
            let f = vm.getattr(&vm.type_of(obj).value(), &vm.names().__dir__)?;
            vm.call_one(&f, obj)?
        }
    };
    let mut names = texts(vm.collect(&list)?);
    names.sort();
    Ok(names)
}

/// The frame of the innermost entry of a traceback.
fn last_frame(vm: &Vm, exc: &Value) -> PyResult<Option<Value>> {
    let mut tb = payload(exc).traceback.get_or_none();
    if tb.is_none() {
        return Ok(None);
    }
    loop {
        let next = vm.getattr(&tb, &vm.names().tb_next)?;
        if next.is_none() {
            return vm.getattr(&tb, &vm.names().tb_frame).map(Some);
        }
        tb = next;
    }
}

fn names_of(vm: &Vm, frame: &Value, attr: &str) -> PyResult<Vec<String>> {
    let mapping = vm.getattr_str(frame, attr)?;
    match mapping.downcast::<Dict>() {
        Some(d) => Ok(texts(d.keys())),
        None => Ok(texts(vm.collect(&mapping)?)),
    }
}

fn local(vm: &Vm, frame: &Value, name: &str) -> PyResult<Option<Value>> {
    let locals = vm.getattr_str(frame, "f_locals")?;
    let key = vm.intern(name);
    if !vm.contains(&locals, &key)? {
        return Ok(None);
    }
    vm.get_item(&locals, &key).map(Some)
}

fn for_attribute(vm: &Vm, exc: &Value, wrong: &str) -> PyResult<Option<String>> {
    let Some(obj) = payload(exc).field(1) else { return Ok(None) };
    let mut names = dir(vm, &obj)?;
    let mut hide = !wrong.starts_with('_');
    if hide
        && let Some(frame) = last_frame(vm, exc)?
        && let Some(this) = local(vm, &frame, "self")?
        && this.is(&obj)
    {
        hide = false;
    }
    if hide {
        names.retain(|n| !n.starts_with('_'));
    }
    Ok(closest(wrong, names.iter().map(String::as_str)).map(str::to_string))
}

fn for_import(vm: &Vm, exc: &Value, wrong: &str) -> PyResult<Option<String>> {
    // As CPython, which looks at what `__import__(name)` gives: the outermost package.
    let name = payload(exc).field_or_none(1);
    let name = match name.downcast::<Str>().and_then(|s| s.to_str()?.split('.').next().map(|top| vm.intern(top))) {
        Some(top) => top,
        None => return Ok(None),
    };
    let module = vm.modules.get().and_then(|m| m.downcast::<Dict>()?.get(vm, &name).ok().flatten());
    let Some(module) = module else { return Ok(None) };
    let mut names = dir(vm, &module)?;
    if !wrong.starts_with('_') {
        names.retain(|n| !n.starts_with('_'));
    }
    Ok(closest(wrong, names.iter().map(String::as_str)).map(str::to_string))
}

fn for_name(vm: &Vm, exc: &Value, wrong: &str) -> PyResult<Option<String>> {
    let Some(frame) = last_frame(vm, exc)? else { return Ok(None) };
    if let Some(this) = local(vm, &frame, "self")?
        && vm.with_pending_saved(|vm| vm.getattr_opt(&this, &vm.intern(wrong))).flatten().is_some()
    {
        return Ok(Some(format!("self.{wrong}")));
    }
    let mut names = names_of(vm, &frame, "f_locals")?;
    names.extend(names_of(vm, &frame, "f_globals")?);
    names.extend(names_of(vm, &frame, "f_builtins")?);
    Ok(closest(wrong, names.iter().map(String::as_str)).map(str::to_string))
}

fn is_library_module(vm: &Vm, name: &Value) -> bool {
    let names = vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_name(vm, "stdlib_module_names"));
    names.is_some_and(|names| vm.with_pending_saved(|vm| vm.contains(&names, name)).unwrap_or(false))
}

/// What is appended to the message of an exception: `. Did you mean: 'x'?` and the like, or nothing.
pub(super) fn hint(vm: &Vm, exc: &Value) -> String {
    let t = vm.types();
    let ty = vm.type_of(exc);
    let (is_name, is_attribute, is_import) =
        (ty.is_subtype(t.NameError), ty.is_subtype(t.AttributeError), ty.is_subtype(t.ImportError));
    let field = match (is_name || is_attribute, is_import) {
        (true, _) => 0,
        (_, true) => 3,
        _ => return String::new(),
    };
    let Some(name) = payload(exc).field(field) else { return String::new() };
    let Some(wrong) = name.downcast::<Str>().and_then(|s| s.to_str().map(str::to_string)) else {
        return String::new();
    };
    let found = vm.with_pending_saved(|vm| {
        if is_attribute {
            for_attribute(vm, exc, &wrong)
        } else if is_import {
            for_import(vm, exc, &wrong)
        } else {
            for_name(vm, exc, &wrong)
        }
    });
    let found = found.flatten();
    let mut text = found.as_ref().map_or(String::new(), |f| format!(". Did you mean: '{f}'?"));
    if is_name && is_library_module(vm, &name) {
        text.push_str(if found.is_some() { " Or did" } else { ". Did" });
        text.push_str(&format!(" you forget to import '{wrong}'?"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("", "", 10), 0);
        assert_eq!(distance("a", "A", 10), CASE_COST);
        assert_eq!(distance("abc", "abd", 10), MOVE_COST);
        assert_eq!(distance("ab", "abc", 10), MOVE_COST);
        assert_eq!(closest("bleck", ["blech", "other"].into_iter()), Some("blech"));
        assert_eq!(closest("bleck", ["blurp", "other"].into_iter()), None);
    }
}
