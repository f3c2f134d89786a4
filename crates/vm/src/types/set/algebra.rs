//! Union, intersection, difference and comparison of sets.

use super::Set;
use crate::error::PyResult;
use crate::types::dict::Dict;
use crate::value::Value;
use crate::vm::Vm;

#[inline(always)]
pub(crate) fn of(v: &Value) -> &Set {
    v.downcast::<Set>().expect("the caller has checked")
}

/// The class of results: `set` or `frozenset`, whichever the operand derives from.
fn base_type<'a>(vm: &'a Vm, v: &Value) -> &'a crate::types::typeobj::TypeObj {
    if vm.type_of(v).is_subtype(vm.types().frozenset) { vm.types().frozenset } else { vm.types().set }
}

/// An empty set of the operand's base class.
pub(super) fn empty_like(vm: &Vm, v: &Value) -> Value {
    vm.new_set_of(base_type(vm, v))
}

/// A copy of a set, of the base class.
pub(crate) fn copy(vm: &Vm, v: &Value) -> PyResult {
    let result = empty_like(vm, v);
    of(&result).merge(vm, of(v))?;
    Ok(result)
}

/// Adds all items of an iterable.
pub(crate) fn update(vm: &Vm, set: &Set, source: &Value) -> PyResult<()> {
    if let Some(other) = source.downcast::<Set>() {
        return set.merge(vm, other);
    }
    if vm.is_exact(source, vm.types().dict)
        && let Some(dict) = source.downcast::<Dict>()
    {
        set.reserve(vm, dict.len())?;
        let mut i = 0;
        while i < dict.n_entries() {
            if let Some((key, _)) = dict.entry(i) {
                set.add_hashed(vm, key, dict.hash_at(i))?;
            }
            i += 1;
        }
        return Ok(());
    }
    vm.for_each(source, |item| {
        let hash = vm.hash_element(&item)?;
        set.add_hashed(vm, item, hash).map(drop)
    })
}

/// `a | b` and `a.union(b)`: `b` is any iterable.
pub(super) fn union(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let result = copy(vm, a)?;
    if !a.is(b) {
        update(vm, of(&result), b)?;
    }
    Ok(result)
}

/// `a & b`: `b` is any iterable.
pub(crate) fn intersection(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if a.is(b) {
        return copy(vm, a);
    }
    let result = empty_like(vm, a);
    let target = of(&result);
    if b.is_a::<Set>() {
        let (small, large) = if of(b).len() > of(a).len() { (a, b) } else { (b, a) };
        let (small, large) = (of(small), of(large));
        let mut i = 0;
        while i < small.n_slots() {
            if let Some((key, hash)) = small.entry_hashed(i)
                && large.contains_hashed(vm, &key, hash)?
            {
                target.add_hashed(vm, key, hash)?;
            }
            i += 1;
        }
        return Ok(result);
    }
    let source = of(a);
    vm.for_each(b, |item| {
        let hash = vm.hash_element(&item)?;
        if source.contains_hashed(vm, &item, hash)? {
            target.add_hashed(vm, item, hash)?;
        }
        Ok(())
    })?;
    Ok(result)
}

/// Removes all items of an iterable.
pub(crate) fn difference_update(vm: &Vm, target: &Value, source: &Value) -> PyResult<()> {
    let set = of(target);
    if target.is(source) {
        set.clear();
        return Ok(());
    }
    if let Some(other) = source.downcast::<Set>() {
        let mut i = 0;
        while i < other.n_slots() {
            if let Some((key, hash)) = other.entry_hashed(i) {
                set.remove_hashed(vm, &key, hash)?;
            }
            i += 1;
        }
        return Ok(());
    }
    vm.for_each(source, |item| {
        let hash = vm.hash_element(&item)?;
        set.remove_hashed(vm, &item, hash).map(drop)
    })
}

/// `a - b`: `b` is any iterable.
pub(crate) fn difference(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let source = of(a);
    let n = match (b.downcast::<Set>(), b.downcast::<Dict>()) {
        (Some(s), _) => s.len(),
        (_, Some(d)) if vm.is_exact(b, vm.types().dict) => d.len(),
        _ => {
            let result = copy(vm, a)?;
            difference_update(vm, &result, b)?;
            return Ok(result);
        }
    };
    if source.len() >> 2 > n {
        let result = copy(vm, a)?;
        difference_update(vm, &result, b)?;
        return Ok(result);
    }
    let result = empty_like(vm, a);
    let target = of(&result);
    let mut i = 0;
    while i < source.n_slots() {
        if let Some((key, hash)) = source.entry_hashed(i) {
            let there = match (b.downcast::<Set>(), b.downcast::<Dict>()) {
                (Some(s), _) => s.contains_hashed(vm, &key, hash)?,
                (_, Some(d)) => d.find(vm, &key, hash)?.is_some(),
                _ => false,
            };
            if !there {
                target.add_hashed(vm, key, hash)?;
            }
        }
        i += 1;
    }
    Ok(result)
}

/// Adds the items of an iterable that are missing and removes those that are not.
pub(crate) fn symmetric_update(vm: &Vm, target: &Value, source: &Value) -> PyResult<()> {
    let set = of(target);
    if target.is(source) {
        set.clear();
        return Ok(());
    }
    let own;
    let other = match source.downcast::<Set>() {
        Some(other) => other,
        None => {
            own = vm.new_set();
            update(vm, of(&own), source)?;
            of(&own)
        }
    };
    let mut i = 0;
    while i < other.n_slots() {
        if let Some((key, hash)) = other.entry_hashed(i)
            && !set.remove_hashed(vm, &key, hash)?
        {
            set.add_hashed(vm, key, hash)?;
        }
        i += 1;
    }
    Ok(())
}

/// `a ^ b`: `b` is any iterable.
pub(crate) fn symmetric_difference(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let result = empty_like(vm, a);
    update(vm, of(&result), b)?;
    symmetric_update(vm, &result, a)?;
    Ok(result)
}

/// `a <= b` of two sets.
pub(super) fn is_subset(vm: &Vm, a: &Set, b: &Set) -> PyResult<bool> {
    if a.len() > b.len() {
        return Ok(false);
    }
    let mut i = 0;
    while i < a.n_slots() {
        if let Some((key, hash)) = a.entry_hashed(i)
            && !b.contains_hashed(vm, &key, hash)?
        {
            return Ok(false);
        }
        i += 1;
    }
    Ok(true)
}

/// `a == b` of two sets.
pub(super) fn equal(vm: &Vm, a: &Set, b: &Set) -> PyResult<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    if let (Some(x), Some(y)) = (a.known_hash(), b.known_hash())
        && x != y
    {
        return Ok(false);
    }
    is_subset(vm, a, b)
}

/// Whether a set has no item of an iterable.
pub(super) fn is_disjoint(vm: &Vm, a: &Value, b: &Value) -> PyResult<bool> {
    let set = of(a);
    if a.is(b) {
        return Ok(set.is_empty());
    }
    if let Some(other) = b.downcast::<Set>() {
        let (small, large) = if other.len() > set.len() { (set, other) } else { (other, set) };
        let mut i = 0;
        while i < small.n_slots() {
            if let Some((key, hash)) = small.entry_hashed(i)
                && large.contains_hashed(vm, &key, hash)?
            {
                return Ok(false);
            }
            i += 1;
        }
        return Ok(true);
    }
    let it = vm.iter(b)?;
    while let Some(item) = vm.next(&it)? {
        let hash = vm.hash_element(&item)?;
        if set.contains_hashed(vm, &item, hash)? {
            return Ok(false);
        }
    }
    Ok(true)
}
