//! What Python sees of `set` and `frozenset`.

use super::Set;
use super::algebra::{self, of};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, MethodDef};
use crate::types::list::methods::push_repr;
use crate::types::slots::{BinOp, BinaryFn, CmpOp, Slots};
use crate::types::typeobj::dunder::unhashable;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

const SLOTS: Slots = Slots {
    repr: Some(repr),
    richcmp: Some(richcmp),
    iter: Some(|vm, v| Ok(vm.set_iter(v))),
    len: Some(|_, v| Ok(of(v).len())),
    contains: Some(contains),
    ..Slots::EMPTY
}
.with(BinOp::Or, |vm, a, b| binary(vm, a, b, algebra::union))
.with(BinOp::And, |vm, a, b| binary(vm, a, b, algebra::intersection))
.with(BinOp::Sub, |vm, a, b| binary(vm, a, b, algebra::difference))
.with(BinOp::Xor, |vm, a, b| binary(vm, a, b, algebra::symmetric_difference));

macro_rules! shared_methods {
    ($name:literal, $($more:expr),* $(,)?) => {
        &[
            MethodDef::new("copy", "($self, /)", copy).doc("Return a shallow copy of a set."),
            MethodDef::raw("difference", "($self, /, *others)", |vm, args| {
                fold(vm, args, concat!($name, ".difference"), algebra::difference)
            })
            .doc("Return a new set with elements in the set that are not in the others."),
            MethodDef::raw("intersection", "($self, /, *others)", |vm, args| {
                fold(vm, args, concat!($name, ".intersection"), algebra::intersection)
            })
            .doc("Return a new set with elements common to the set and all others."),
            MethodDef::new("isdisjoint", "($self, other, /)", |vm, a| {
                algebra::is_disjoint(vm, a.get(0), a.get(1)).map(Value::bool)
            })
            .doc("Return True if two sets have a null intersection."),
            MethodDef::new("issubset", "($self, other, /)", issubset)
                .doc("Report whether another set contains this set."),
            MethodDef::new("issuperset", "($self, other, /)", issuperset)
                .doc("Report whether this set contains another set."),
            MethodDef::new("__reduce__", "($self, /)", reduce).doc("Return state information for pickling."),
            MethodDef::new("__sizeof__", "($self, /)", sizeof).doc("S.__sizeof__() -> size of S in memory, in bytes."),
            MethodDef::new("symmetric_difference", "($self, other, /)", |vm, a| {
                algebra::symmetric_difference(vm, a.get(0), a.get(1))
            })
            .doc("Return a new set with elements in either the set or other but not both."),
            MethodDef::raw("union", "($self, /, *others)", |vm, args| {
                fold(vm, args, concat!($name, ".union"), algebra::union)
            })
            .doc("Return a new set with elements from the set and all others."),
            MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
                .class()
                .doc("See PEP 585"),
            MethodDef::new("__contains__", "($self, object, /)", |vm, a| contains(vm, a.get(0), a.get(1)).map(Value::bool))
                .doc("x.__contains__(y) <==> y in x."),
            $($more),*
        ]
    };
}

/// The type `set`.
pub static TYPE: TypeDef = TypeDef::new::<Set>("set")
    .doc("Build an unordered collection of unique elements.")
    .basetype()
    .gc()
    .flags(tflag::HAS_WEAKREF | tflag::MATCH_SELF)
    .slots(
        Slots { new: Some(set_new), init: Some(set_init), hash: Some(unhashable), ..SLOTS }
            .with_inplace(BinOp::Or, |vm, a, b| inplace(vm, a, b, |vm, a, b| algebra::update(vm, of(a), b)))
            .with_inplace(BinOp::And, |vm, a, b| inplace(vm, a, b, intersection_update))
            .with_inplace(BinOp::Sub, |vm, a, b| inplace(vm, a, b, algebra::difference_update))
            .with_inplace(BinOp::Xor, |vm, a, b| inplace(vm, a, b, algebra::symmetric_update)),
    )
    .methods(shared_methods!(
        "set",
        MethodDef::new("add", "($self, object, /)", add)
            .doc("Add an element to a set.\n\nThis has no effect if the element is already present."),
        MethodDef::new("clear", "($self, /)", |vm, a| {
            vm.check_mutable(a.get(0))?;
            a.this::<Set>().clear();
            Ok(Value::NONE)
        })
        .doc("Remove all elements from this set."),
        MethodDef::new("discard", "($self, object, /)", |vm, a| {
            discard(vm, a.this::<Set>(), a.get(1))?;
            Ok(Value::NONE)
        })
        .doc(
            "Remove an element from a set if it is a member.\n\nUnlike set.remove(), the discard() method does not raise\nan \
             exception when an element is missing from the set.",
        ),
        MethodDef::raw("difference_update", "($self, /, *others)", |vm, args| {
            each(vm, args, "set.difference_update", algebra::difference_update)
        })
        .doc("Update the set, removing elements found in others."),
        MethodDef::raw("intersection_update", "($self, /, *others)", |vm, args| {
            no_keywords(vm, args, "set.intersection_update")?;
            let result = fold(vm, args, "set.intersection", algebra::intersection)?;
            vm.check_mutable(&args.pos()[0])?;
            of(&args.pos()[0]).swap(of(&result));
            Ok(Value::NONE)
        })
        .doc("Update the set, keeping only elements found in it and all others."),
        MethodDef::new("pop", "($self, /)", pop)
            .doc("Remove and return an arbitrary set element.\n\nRaises KeyError if the set is empty."),
        MethodDef::new("remove", "($self, object, /)", remove).doc(
            "Remove an element from a set; it must be a member.\n\nIf the element is not a member, raise a KeyError.",
        ),
        MethodDef::new("symmetric_difference_update", "($self, other, /)", |vm, a| {
            vm.check_mutable(a.get(0))?;
            algebra::symmetric_update(vm, a.get(0), a.get(1))?;
            Ok(Value::NONE)
        })
        .doc("Update the set, keeping only elements found in either set, but not in both."),
        MethodDef::raw("update", "($self, /, *others)", |vm, args| {
            each(vm, args, "set.update", |vm, a, b| algebra::update(vm, of(a), b))
        })
        .doc("Update the set, adding elements from all others."),
    ));

/// The type `frozenset`.
pub static FROZENSET: TypeDef = TypeDef::new::<Set>("frozenset")
    .immutable()
    .doc("Build an immutable unordered collection of unique elements.")
    .basetype()
    .gc()
    .flags(tflag::HAS_WEAKREF | tflag::MATCH_SELF)
    .slots(Slots { new: Some(frozenset_new), hash: Some(hash), ..SLOTS })
    .methods(shared_methods!("frozenset",));

fn set_new(vm: &Vm, ty: &TypeObj, _: &CallArgs<'_>) -> PyResult {
    Ok(vm.new_set_of(ty))
}

/// The only argument of a constructor.
fn source_argument<'a>(vm: &Vm, args: &CallArgs<'a>, name: &str, keywords: bool) -> PyResult<Option<&'a Value>> {
    if !keywords && args.n_named() > 0 {
        return Err(vm.type_error(&format!("{name}() takes no keyword arguments")));
    }
    match args.pos() {
        [] => Ok(None),
        [source] => Ok(Some(source)),
        more => Err(vm.type_error(&format!("{name} expected at most 1 argument, got {}", more.len()))),
    }
}

fn set_init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let source = source_argument(vm, args, "set", false)?;
    let set = of(v);
    vm.check_mutable(v)?;
    if set.n_slots() > 0 {
        set.clear();
    }
    source.map_or(Ok(()), |s| algebra::update(vm, set, s))
}

fn frozenset_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let exact = ty.is(vm.types().frozenset);
    let own_init = !vm.takes_no_keywords(ty, vm.types().frozenset);
    let source = source_argument(vm, args, "frozenset", own_init)?;
    if let Some(source) = source
        && exact
        && vm.is_exact(source, ty)
    {
        return Ok(source.clone());
    }
    let result = vm.new_set_of(ty);
    if let Some(source) = source {
        algebra::update(vm, of(&result), source)?;
    }
    Ok(result)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let set = of(v);
    let ty = vm.type_of(v);
    let name = ty.name().to_string();
    if set.is_empty() {
        return Ok(vm.str(&format!("{name}()")));
    }
    let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str(&format!("{name}(...)"))) };
    let plain = ty.is(vm.types().set);
    let mut out = if plain { Vec::new() } else { format!("{name}(").into_bytes() };
    out.push(b'{');
    for (i, key) in set.keys().into_iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        push_repr(vm, &mut out, &key)?;
    }
    out.extend_from_slice(if plain { b"}" } else { b"})" });
    vm.finish_text(out)
}

fn hash(_: &Vm, v: &Value) -> PyResult<i64> {
    let set = of(v);
    let hash = set.frozen_hash();
    set.remember_hash(hash);
    Ok(hash)
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Set>(), b.downcast::<Set>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let _guard = vm.check_recursion(" in comparison")?;
    let result = match op {
        CmpOp::Eq => algebra::equal(vm, x, y)?,
        CmpOp::Ne => !algebra::equal(vm, x, y)?,
        CmpOp::Le => algebra::is_subset(vm, x, y)?,
        CmpOp::Ge => algebra::is_subset(vm, y, x)?,
        CmpOp::Lt => x.len() < y.len() && algebra::is_subset(vm, x, y)?,
        CmpOp::Gt => x.len() > y.len() && algebra::is_subset(vm, y, x)?,
    };
    Ok(Value::bool(result))
}

/// The hash of a key to look for; a `set` is looked for as the frozenset equal to it.
fn search_hash(vm: &Vm, key: &Value) -> PyResult<u64> {
    match vm.hash(key) {
        Ok(h) => Ok(h as u64),
        Err(e) => {
            if let Some(set) = key.downcast::<Set>()
                && vm.pending_is(vm.types().TypeError)
            {
                drop(e);
                drop(vm.take_raised());
                return Ok(set.frozen_hash() as u64);
            }
            drop(e);
            vm.hash_element(key)
        }
    }
}

#[inline]
fn contains(vm: &Vm, v: &Value, key: &Value) -> PyResult<bool> {
    let hash = match key.is_object() && !vm.is_exact_str(key) {
        false => vm.hash(key)? as u64,
        true => search_hash(vm, key)?,
    };
    of(v).contains_hashed(vm, key, hash)
}

fn discard(vm: &Vm, set: &Set, key: &Value) -> PyResult<bool> {
    let hash = search_hash(vm, key)?;
    set.remove_hashed(vm, key, hash)
}

fn binary(vm: &Vm, a: &Value, b: &Value, f: BinaryFn) -> PyResult {
    if a.is_a::<Set>() && b.is_a::<Set>() { f(vm, a, b) } else { Ok(Value::NOT_IMPLEMENTED) }
}

fn inplace(vm: &Vm, a: &Value, b: &Value, f: fn(&Vm, &Value, &Value) -> PyResult<()>) -> PyResult {
    if !b.is_a::<Set>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    vm.check_mutable(a)?;
    f(vm, a, b)?;
    Ok(a.clone())
}

fn intersection_update(vm: &Vm, a: &Value, b: &Value) -> PyResult<()> {
    let result = algebra::intersection(vm, a, b)?;
    vm.check_mutable(a)?;
    of(a).swap(of(&result));
    Ok(())
}

pub(crate) fn no_keywords(vm: &Vm, args: &CallArgs<'_>, name: &str) -> PyResult<()> {
    match args.n_named() {
        0 => Ok(()),
        _ => Err(vm.type_error(&format!("{name}() takes no keyword arguments"))),
    }
}

/// A copy of the receiver, combined with each argument in turn.
fn fold(vm: &Vm, args: &CallArgs<'_>, name: &str, f: BinaryFn) -> PyResult {
    no_keywords(vm, args, name)?;
    let (receiver, others) = (&args.pos()[0], &args.pos()[1..]);
    let [first, rest @ ..] = others else { return algebra::copy(vm, receiver) };
    rest.iter().try_fold(f(vm, receiver, first)?, |acc, other| f(vm, &acc, other))
}

/// The receiver changed by each argument in turn.
fn each(vm: &Vm, args: &CallArgs<'_>, name: &str, f: fn(&Vm, &Value, &Value) -> PyResult<()>) -> PyResult {
    no_keywords(vm, args, name)?;
    vm.check_mutable(&args.pos()[0])?;
    args.pos()[1..].iter().try_for_each(|other| f(vm, &args.pos()[0], other))?;
    Ok(Value::NONE)
}

fn copy(vm: &Vm, a: Args<'_>) -> PyResult {
    if vm.is_exact(a.get(0), vm.types().frozenset) {
        return Ok(a.get(0).clone());
    }
    algebra::copy(vm, a.get(0))
}

/// A set of the items of an iterable, or the set itself.
fn as_set(vm: &Vm, v: &Value) -> PyResult {
    if v.is_a::<Set>() {
        return Ok(v.clone());
    }
    let made = vm.new_set();
    algebra::update(vm, of(&made), v)?;
    Ok(made)
}

fn issubset(vm: &Vm, a: Args<'_>) -> PyResult {
    let other = as_set(vm, a.get(1))?;
    algebra::is_subset(vm, a.this::<Set>(), of(&other)).map(Value::bool)
}

fn issuperset(vm: &Vm, a: Args<'_>) -> PyResult {
    let set = a.this::<Set>();
    if let Some(other) = a.get(1).downcast::<Set>() {
        return algebra::is_subset(vm, other, set).map(Value::bool);
    }
    let it = vm.iter(a.get(1))?;
    while let Some(item) = vm.next(&it)? {
        let hash = vm.hash_element(&item)?;
        if !set.contains_hashed(vm, &item, hash)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let keys = vm.list(a.this::<Set>().keys());
    let state = vm.call_method_str(a.get(0), "__getstate__", &[])?;
    Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), vm.tuple(vec![keys]), state]))
}

fn sizeof(vm: &Vm, a: Args<'_>) -> PyResult {
    let base = vm.type_of(a.get(0)).basicsize as usize;
    Ok(Value::from_usize(base + a.this::<Set>().n_slots() * 16))
}

fn add(vm: &Vm, a: Args<'_>) -> PyResult {
    let hash = vm.hash_element(a.get(1))?;
    a.this::<Set>().add_hashed(vm, a.get(1).clone(), hash)?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.check_mutable(a.get(0))?;
    a.this::<Set>().pop().ok_or_else(|| vm.key_error(&vm.str("pop from an empty set")))
}

fn remove(vm: &Vm, a: Args<'_>) -> PyResult {
    match discard(vm, a.this::<Set>(), a.get(1))? {
        true => Ok(Value::NONE),
        false => Err(vm.key_error(a.get(1))),
    }
}
