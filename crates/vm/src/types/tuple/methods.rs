//! What Python sees of `tuple`.

use super::Tuple;
use crate::error::PyResult;
use crate::native::{Args, CallArgs, MethodDef};
use crate::object::{Header, Kind};
use crate::types::list::methods::{Scan, position, push_repr, repeat_count, scan, search_bounds, sequence_index};
use crate::types::slice::Slice;
use crate::types::slots::{BinOp, CmpOp, Slots};
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// The type `tuple`.
pub static TYPE: TypeDef = TypeDef::new::<Tuple>("tuple")
    .doc(
        "Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\nIf iterable is \
         specified the tuple is initialized from iterable's items.\n\nIf the argument is a tuple, the return value is the \
         same object.",
    )
    .basetype()
    .gc()
    .flags(tflag::SEQUENCE | tflag::TUPLE | tflag::MATCH_SELF)
    .slots(
        Slots {
            new: Some(new),
            repr: Some(repr),
            hash: Some(hash),
            richcmp: Some(richcmp),
            iter: Some(|vm, v| Ok(vm.tuple_iter(v))),
            len: Some(|_, v| Ok(this(v).len())),
            getitem: Some(getitem),
            contains: Some(contains),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, add)
        .with(BinOp::Mul, mul),
    )
    .methods(&[
        MethodDef::new("index", "($self, value, start=0, stop=sys.maxsize, /)", index)
            .doc("Return first index of value.\n\nRaises ValueError if the value is not present."),
        MethodDef::new("count", "($self, value, /)", count).doc("Return number of occurrences of value."),
        MethodDef::new("__getnewargs__", "($self, /)", |vm, a| {
            let items = vm.tuple_of(a.this::<Tuple>().as_slice());
            Ok(vm.tuple(vec![items]))
        }),
        MethodDef::new("__sizeof__", "($self, /)", |vm, a| {
            let base = vm.type_of(a.get(0)).basicsize as usize;
            Ok(Value::from_usize(base + a.this::<Tuple>().len() * 8))
        })
        .doc("Size of object in memory, in bytes."),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ]);

#[inline(always)]
fn this(v: &Value) -> &Tuple {
    v.downcast::<Tuple>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let exact = ty.is(vm.types().tuple);
    if args.n_named() > 0 && vm.takes_no_keywords(ty, vm.types().tuple) {
        return Err(vm.type_error("tuple() takes no keyword arguments"));
    }
    let items = match args.pos() {
        [] => vm.image().empty_tuple(),
        [source] => vm.to_tuple(source)?,
        more => return Err(vm.type_error(&format!("tuple expected at most 1 argument, got {}", more.len()))),
    };
    if exact {
        return Ok(items);
    }
    Ok(vm.tuple_subclass(ty, this(&items).as_slice()))
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let items = this(v).as_slice();
    if items.is_empty() {
        return Ok(vm.str("()"));
    }
    let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str("(...)")) };
    let mut out = Vec::with_capacity(items.len() * 4 + 2);
    out.push(b'(');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        push_repr(vm, &mut out, item)?;
    }
    out.extend_from_slice(if items.len() == 1 { b",)" } else { b")" });
    vm.finish_text(out)
}

const PRIME_1: u64 = 11_400_714_785_074_694_791;
const PRIME_2: u64 = 14_029_467_366_897_019_727;
const PRIME_5: u64 = 2_870_177_450_012_600_261;

/// The hash of a sequence of hashes: the lanes of xxHash, as CPython combines them.
pub fn combine_hashes(n: usize, hashes: impl Iterator<Item = PyResult<i64>>) -> PyResult<i64> {
    let mut acc = PRIME_5;
    for lane in hashes {
        acc = add_lane(acc, lane?);
    }
    Ok(finish_hash(acc, n))
}

#[inline(always)]
fn add_lane(acc: u64, lane: i64) -> u64 {
    acc.wrapping_add((lane as u64).wrapping_mul(PRIME_2)).rotate_left(31).wrapping_mul(PRIME_1)
}

#[inline(always)]
fn finish_hash(acc: u64, n: usize) -> i64 {
    let acc = acc.wrapping_add(n as u64 ^ (PRIME_5 ^ 3_527_539));
    if acc == u64::MAX { 1_546_275_796 } else { acc as i64 }
}

fn hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let items = this(v).as_slice();
    if items.iter().all(|i| i.is_small_int() || vm.is_exact_str(i)) {
        return combine_hashes(items.len(), items.iter().map(|i| vm.hash(i)));
    }
    let _guard = vm.check_recursion(" while hashing a tuple")?;
    hash_nested(vm, items)
}

/// Tuples nested more deeply have no hash: about what CPython's stack permits.
const MAX_HASH_DEPTH: usize = 250_000;

/// The hash of a tuple of anything. Tuples in tuples take room in a list instead of the native stack, so that a
/// great depth is not too deep; the outermost tuple keeps all of them alive.
fn hash_nested(vm: &Vm, items: &[Value]) -> PyResult<i64> {
    let mut open: Vec<(std::slice::Iter<'_, Value>, usize, u64)> = Vec::new();
    let (mut rest, mut n, mut acc) = (items.iter(), items.len(), PRIME_5);
    loop {
        let lane = match rest.next() {
            Some(item) if vm.is_exact(item, vm.types().tuple) => {
                if open.len() >= MAX_HASH_DEPTH {
                    return Err(vm.recursion_error("maximum recursion depth exceeded while hashing a tuple"));
                }
                open.push((rest, n, acc));
                let inner = this(item).as_slice();
                (rest, n, acc) = (inner.iter(), inner.len(), PRIME_5);
                continue;
            }
            Some(item) => vm.hash(item)?,
            None => {
                let hash = finish_hash(acc, n);
                match open.pop() {
                    Some(outer) => (rest, n, acc) = outer,
                    None => return Ok(hash),
                }
                hash
            }
        };
        acc = add_lane(acc, lane);
    }
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Tuple>(), b.downcast::<Tuple>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if x.len() != y.len() && matches!(op, CmpOp::Eq | CmpOp::Ne) {
        // CPython compares the items first; only their `__eq__` could tell the difference.
        for (p, q) in x.as_slice().iter().zip(y.as_slice()) {
            if !vm.eq(p, q)? {
                break;
            }
        }
        return Ok(Value::bool(op == CmpOp::Ne));
    }
    for (p, q) in x.as_slice().iter().zip(y.as_slice()) {
        if !vm.eq(p, q)? {
            return match op {
                CmpOp::Eq => Ok(Value::FALSE),
                CmpOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(p, q, op),
            };
        }
    }
    Ok(Value::bool(op.of(x.len().cmp(&y.len()))))
}

fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let items = this(v).as_slice();
    if let Some(i) = key.as_small_int()
        && let Some(at) = position(i, items.len())
    {
        return Ok(items[at].clone());
    }
    getitem_slow(vm, v, key)
}

fn getitem_slow(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let items = this(v).as_slice();
    if let Some(slice) = key.downcast::<Slice>() {
        let s = slice.indices(vm, items.len())?;
        if s.step == 1 {
            if s.len == items.len() && vm.is_exact(v, vm.types().tuple) {
                return Ok(v.clone());
            }
            return Ok(vm.tuple_of(&items[s.start as usize..s.start as usize + s.len]));
        }
        let at = |i: usize| (s.start + i as isize * s.step) as usize;
        return Ok(vm.tuple((0..s.len).map(|i| items[at(i)].clone()).collect()));
    }
    let i = sequence_index(vm, key, "tuple")?;
    match position(i as i64, items.len()) {
        Some(at) => Ok(items[at].clone()),
        None => Err(vm.index_error("tuple index out of range")),
    }
}

fn find(vm: &Vm, items: &[Value], value: &Value) -> PyResult<Option<usize>> {
    let mut i = 0;
    while i < items.len() {
        match scan(vm, &items[i..], value) {
            Scan::Found(n) => return Ok(Some(i + n)),
            Scan::End => return Ok(None),
            Scan::Ask(n) => i += n,
        }
        if vm.eq(&items[i], value)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn contains(vm: &Vm, v: &Value, item: &Value) -> PyResult<bool> {
    Ok(find(vm, this(v).as_slice(), item)?.is_some())
}

fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(x) = a.downcast::<Tuple>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(y) = b.downcast::<Tuple>() else {
        return Err(vm.type_error(&format!("can only concatenate tuple (not \"{}\") to tuple", vm.type_of(b).name())));
    };
    if y.is_empty() && vm.is_exact(a, vm.types().tuple) {
        return Ok(a.clone());
    }
    if x.is_empty() && vm.is_exact(b, vm.types().tuple) {
        return Ok(b.clone());
    }
    let n = x.len() + y.len();
    vm.check_alloc(n * 8)?;
    let mut items = Vec::with_capacity(n);
    items.extend_from_slice(x.as_slice());
    items.extend_from_slice(y.as_slice());
    Ok(vm.tuple(items))
}

fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (owner, tuple, count) = match (a.downcast::<Tuple>(), b.downcast::<Tuple>()) {
        (Some(tuple), _) => (a, tuple, b),
        (_, Some(tuple)) => (b, tuple, a),
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    let Some(n) = repeat_count(vm, count)? else { return Ok(Value::NOT_IMPLEMENTED) };
    if (n == 1 || tuple.is_empty()) && vm.is_exact(owner, vm.types().tuple) {
        return Ok(owner.clone());
    }
    let total =
        tuple.len().checked_mul(n).filter(|t| *t <= isize::MAX as usize / 8).ok_or_else(|| vm.memory_error())?;
    vm.check_alloc(total * 8)?;
    let mut items = Vec::with_capacity(total);
    (0..if tuple.is_empty() { 0 } else { n }).for_each(|_| items.extend_from_slice(tuple.as_slice()));
    Ok(vm.tuple(items))
}

fn index(vm: &Vm, a: Args<'_>) -> PyResult {
    let items = a.this::<Tuple>().as_slice();
    let (start, stop) = search_bounds(vm, a, items.len())?;
    let stop = stop.min(items.len());
    match find(vm, items.get(start..stop).unwrap_or(&[]), a.get(1))? {
        Some(i) => Ok(Value::from_usize(start + i)),
        None => Err(vm.value_error("tuple.index(x): x not in tuple")),
    }
}

fn count(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut n = 0;
    for item in a.this::<Tuple>().as_slice() {
        n += vm.eq(item, a.get(1))? as usize;
    }
    Ok(Value::from_usize(n))
}

impl Vm {
    /// The items of an iterable as a tuple; a tuple is returned as it is.
    pub fn to_tuple(&self, source: &Value) -> PyResult {
        if self.is_exact(source, self.types().tuple) {
            return Ok(source.clone());
        }
        Ok(self.tuple(self.collect(source)?))
    }

    /// An instance of a subclass of `tuple` with copies of the items.
    pub fn tuple_subclass(&self, ty: &TypeObj, items: &[Value]) -> Value {
        debug_assert_eq!(ty.kind, Kind::Tuple);
        Tuple::alloc(self, ty, items)
    }
}

const _: () = assert!(Tuple::ITEMS == size_of::<Header>() + size_of::<usize>());
