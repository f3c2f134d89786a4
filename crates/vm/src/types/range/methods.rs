//! `range` as Python sees it.

use super::{Range, iter};
use crate::error::{PyResult, Raised};
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::int::{IntRef, as_big, is_negative};
use crate::types::slice::Slice;
use crate::types::slots::{CmpOp, Slots};
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::IBig;

/// The type `range`.
pub static TYPE: TypeDef = TypeDef::new::<Range>("range")
    .flags(tflag::SEQUENCE | tflag::RESOURCE)
    .doc(
        "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nReturn an object that produces a \
         sequence of integers from start (inclusive)\nto stop (exclusive) by step.  range(i, j) produces i, i+1, i+2, \
         ..., j-1.\nstart defaults to 0, and stop is omitted!  range(4) produces 0, 1, 2, 3.\nThese are exactly the \
         valid indices for a list of 4 elements.\nWhen step is given, it specifies the increment (or decrement).",
    )
    .slots(Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(hash),
        richcmp: Some(richcmp),
        iter: Some(iter::iter),
        bool: Some(|_, v| {
            Ok(match this(v) {
                Range::Small(r) => r.len != 0,
                Range::Big(b) => !b.len.is_zero(),
            })
        }),
        len: Some(len),
        getitem: Some(getitem),
        contains: Some(contains),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("__reversed__", "($self, /)", |vm, a| iter::reversed(vm, a.get(0))).doc("Return a reverse iterator."),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let members = vm.tuple(vec![start(vm, a.get(0))?, stop(vm, a.get(0))?, step(vm, a.get(0))?]);
            Ok(vm.tuple(vec![vm.types().range.value(), members]))
        }),
        MethodDef::new("count", "($self, object, /)", count)
            .doc("rangeobject.count(value) -> integer -- return number of occurrences of value"),
        MethodDef::new("index", "($self, object, /)", index).doc(
            "rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present.",
        ),
    ])
    .getset(&[GetSetDef::field("start", start), GetSetDef::field("stop", stop), GetSetDef::field("step", step)]);

fn this(value: &Value) -> &Range {
    value.downcast::<Range>().expect("the slot belongs to range")
}

fn start(vm: &Vm, value: &Value) -> PyResult {
    Ok(match this(value) {
        Range::Small(r) => vm.int(r.start),
        Range::Big(b) => vm.int_big(b.start.clone()),
    })
}

fn stop(vm: &Vm, value: &Value) -> PyResult {
    Ok(match this(value) {
        Range::Small(r) => vm.int(r.stop),
        Range::Big(b) => vm.int_big(b.stop.clone()),
    })
}

fn step(vm: &Vm, value: &Value) -> PyResult {
    Ok(match this(value) {
        Range::Small(r) => vm.int(r.step),
        Range::Big(b) => vm.int_big(b.step.clone()),
    })
}

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error("range() takes no keyword arguments"));
    }
    let one = Value::int_unchecked(1);
    match args.pos() {
        [] => Err(vm.type_error("range expected at least 1 argument, got 0")),
        [stop] => match stop.as_small_int() {
            Some(stop) => Ok(vm.range(0, stop, 1)),
            None => vm.range_of(&Value::int_unchecked(0), stop, &one),
        },
        [start, stop] => vm.range_of(start, stop, &one),
        [start, stop, step] => vm.range_of(start, stop, step),
        many => Err(vm.type_error(&format!("range expected at most 3 arguments, got {}", many.len()))),
    }
}

fn repr(vm: &Vm, value: &Value) -> PyResult {
    let (a, b) = (vm.str_string(&start(vm, value)?)?, vm.str_string(&stop(vm, value)?)?);
    let c = step(vm, value)?;
    Ok(match c.as_small_int() {
        Some(1) => vm.str(&format!("range({a}, {b})")),
        _ => vm.str(&format!("range({a}, {b}, {})", vm.str_string(&c)?)),
    })
}

fn len(vm: &Vm, value: &Value) -> PyResult<usize> {
    match this(value) {
        Range::Small(r) => Ok(r.len as usize),
        Range::Big(b) => match i64::try_from(&b.len) {
            Ok(n) => Ok(n as usize),
            Err(_) => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
        },
    }
}

/// What two ranges with equal values have in common: the length, the first value unless empty, the step if it matters.
fn key(vm: &Vm, value: &Value) -> [Value; 3] {
    let (n, first, step) = match this(value) {
        Range::Small(r) => (vm.int_u64(r.len), vm.int(r.start), vm.int(r.step)),
        Range::Big(b) => (vm.int_big(b.len.clone()), vm.int_big(b.start.clone()), vm.int_big(b.step.clone())),
    };
    match n.as_small_int() {
        Some(0) => [n, Value::NONE, Value::NONE],
        Some(1) => [n, first, Value::NONE],
        _ => [n, first, step],
    }
}

fn hash(vm: &Vm, value: &Value) -> PyResult<i64> {
    vm.hash(&vm.tuple_of(&key(vm, value)))
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) || !a.is_a::<Range>() || !b.is_a::<Range>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = |x: &Value, y: &Value| x.is(y) || IntRef::of(x).is_some_and(|x| IntRef::of(y) == Some(x));
    let equal = a.is(b) || key(vm, a).iter().zip(&key(vm, b)).all(|(x, y)| same(x, y));
    Ok(Value::bool(equal == (op == CmpOp::Eq)))
}

#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("range object index out of range")
}

fn getitem(vm: &Vm, value: &Value, key: &Value) -> PyResult {
    if let (Range::Small(r), Some(i)) = (this(value), key.as_small_int()) {
        let i = if i < 0 { i + r.len as i64 } else { i };
        return if (0..r.len as i64).contains(&i) { Ok(vm.int(r.at(i as u64))) } else { Err(out_of_range(vm)) };
    }
    if let Some(slice) = key.downcast::<Slice>() {
        return sliced(vm, this(value), slice);
    }
    if !vm.is_int_like(key) && vm.type_of(key).slots().index.is_none() {
        let name = vm.type_of(key).name();
        return Err(vm.type_error(&format!("range indices must be integers or slices, not {name}")));
    }
    let key = vm.to_index(key)?;
    let r = this(value).to_big();
    let mut i = as_big(&key).map(|k| k.into_owned()).unwrap_or_default();
    if is_negative(&key) {
        i += &r.len;
    }
    if i < IBig::ZERO || i >= r.len {
        return Err(out_of_range(vm));
    }
    Ok(vm.int_big(r.at(&i)))
}

fn sliced(vm: &Vm, range: &Range, slice: &Slice) -> PyResult {
    let plain = |v: &Value| v.is_none() || v.is_small_int();
    if let Range::Small(r) = range
        && [&slice.start, &slice.stop, &slice.step].into_iter().all(plain)
    {
        let at = slice.indices(vm, r.len as usize)?;
        let value = |i: isize| i.checked_mul(r.step as isize)?.checked_add(r.start as isize);
        if let (Some(start), Some(stop), Some(step)) =
            (value(at.start), value(at.stop), at.step.checked_mul(r.step as isize))
        {
            return Ok(vm.range(start as i64, stop as i64, step as i64));
        }
    }
    let r = range.to_big();
    let len = vm.int_big(r.len.clone());
    let own = vm.slice(slice.start.clone(), slice.stop.clone(), slice.step.clone());
    let parts = vm.call_method_str(&own, "indices", &[len])?;
    let parts = parts.downcast::<crate::types::tuple::Tuple>().map_or(&[][..], |t| t.as_slice());
    let part = |i: usize| parts.get(i).and_then(as_big).map(|b| b.into_owned()).unwrap_or_default();
    Ok(vm.range_big(r.at(&part(0)), r.at(&part(1)), part(2) * r.step))
}

/// Whether the position of a value can be computed: it is exactly an `int` or a `bool`.
fn is_plain(vm: &Vm, value: &Value) -> bool {
    value.is_small_int() || value.as_bool().is_some() || vm.is_exact(value, vm.types().int)
}

/// The position of an integer.
fn position(range: &Range, value: IntRef<'_>) -> Option<IBig> {
    match (range, value) {
        (Range::Small(r), IntRef::Small(i)) => r.position(i).map(IBig::from),
        (Range::Small(_), IntRef::Big(_)) => None,
        (Range::Big(b), i) => b.position(&i.big()),
    }
}

fn contains(vm: &Vm, value: &Value, item: &Value) -> PyResult<bool> {
    match IntRef::of(item) {
        Some(i) if is_plain(vm, item) => Ok(match (this(value), i) {
            (Range::Small(r), IntRef::Small(i)) => r.position(i).is_some(),
            (range, i) => position(range, i).is_some(),
        }),
        _ => vm.contains_by_iteration(value, item),
    }
}

fn count(vm: &Vm, a: Args<'_>) -> PyResult {
    let (range, item) = (a.get(0), a.get(1));
    if is_plain(vm, item) {
        return Ok(Value::int_unchecked(contains(vm, range, item)? as i64));
    }
    let mut n = 0;
    vm.for_each(range, |v| {
        n += vm.eq(&v, item)? as i64;
        Ok(())
    })?;
    Ok(vm.int(n))
}

fn index(vm: &Vm, a: Args<'_>) -> PyResult {
    let (range, item) = (a.get(0), a.get(1));
    if is_plain(vm, item) {
        if let Some(at) = IntRef::of(item).and_then(|i| position(this(range), i)) {
            return Ok(vm.int_big(at));
        }
        return Err(vm.value_error("range.index(x): x not in range"));
    }
    let it = vm.iter(range)?;
    let mut at = 0;
    while let Some(v) = vm.next(&it)? {
        if vm.eq(&v, item)? {
            return Ok(vm.int(at));
        }
        at += 1;
    }
    Err(vm.value_error("range.index(x): x not in range"))
}
