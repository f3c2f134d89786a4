//! `enumerate`, `zip`, `map`, `filter`.

use super::iterator_slots;
use crate::cell::VCell;
use crate::error::{PyResult, Raised};
use crate::native::{Args, CallArgs, MethodDef};
use crate::types::slots::{BinOp, Slots};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;
use std::cell::Cell;

/// Pairs items with their numbers.
pub struct Enumerate {
    /// The iterator.
    pub it: Value,
    /// The next number, while it is small.
    pub count: Cell<i64>,
    /// The next number, when it is not.
    pub big_count: VCell,
}

iterator_payload!(Enumerate { it } cells { big_count });

/// The type `enumerate`.
pub static ENUMERATE: TypeDef = TypeDef::new::<Enumerate>("enumerate")
    .doc(
        "Return an enumerate object.\n\n  iterable\n    an object supporting iteration\n\nThe enumerate object yields pairs \
         containing a count (from start, which\ndefaults to zero) and a value yielded by the iterable argument.\n\n\
         enumerate is useful for obtaining an indexed list:\n    (0, seq[0]), (1, seq[1]), (2, seq[2]), ...",
    )
    .basetype()
    .gc()
    .slots(Slots { new: Some(enumerate_new), ..iterator_slots(enumerate_next) })
    .methods(&[
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let it = Enumerate::this(a.get(0));
            let count = it.big_count.get().unwrap_or_else(|| vm.int(it.count.get()));
            Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), vm.tuple(vec![it.it.clone(), count])]))
        })
        .doc("Return state information for pickling."),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ]);

fn enumerate_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let (mut iterable, mut start) = (None, None);
    if args.pos().len() + args.n_named() > 2 {
        let n = args.pos().len() + args.n_named();
        return Err(vm.type_error(&format!("enumerate() takes at most 2 arguments ({n} given)")));
    }
    for (i, v) in args.pos().iter().enumerate() {
        if i == 0 { iterable = Some(v) } else { start = Some(v) }
    }
    for (name, v) in args.named() {
        let name = name.downcast::<Str>().map_or("", Str::as_str_lossy);
        match name {
            "iterable" if iterable.is_none() => iterable = Some(v),
            "start" if start.is_none() && args.pos().len() + args.n_named() == 2 => start = Some(v),
            _ => return Err(vm.type_error(&format!("'{name}' is an invalid keyword argument for enumerate()"))),
        }
    }
    let Some(iterable) = iterable else {
        return Err(vm.type_error("enumerate() missing required argument 'iterable'"));
    };
    let start = start.map(|s| vm.to_index(s)).transpose()?;
    let it = vm.iter(iterable)?;
    let (count, big) = match start {
        None => (0, None),
        Some(s) => match s.as_small_int() {
            Some(i) => (i, None),
            None => (0, Some(s)),
        },
    };
    Ok(vm.alloc(ty, Enumerate { it, count: Cell::new(count), big_count: VCell::from(big) }))
}

fn enumerate_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = Enumerate::this(v);
    let Some(item) = vm.next(&it.it)? else { return Ok(None) };
    let number = it.next_number(vm)?;
    Ok(Some(vm.pair(number, item)))
}

impl Enumerate {
    /// The number of the next item; counts on.
    #[inline(always)]
    pub fn next_number(&self, vm: &Vm) -> PyResult {
        if !self.big_count.is_set() {
            let n = self.count.get();
            if let Some(number) = Value::small_int(n) {
                self.count.set(n + 1);
                return Ok(number);
            }
        }
        self.next_big(vm)
    }

    #[cold]
    fn next_big(&self, vm: &Vm) -> PyResult {
        let n = self.big_count.get().unwrap_or_else(|| vm.int(self.count.get()));
        self.big_count.set(vm.binary_op(BinOp::Add, &n, &Value::int_unchecked(1))?);
        Ok(n)
    }
}

/// Several iterators in step.
pub struct Zip {
    /// A tuple of the iterators.
    pub its: Value,
    /// Whether all must end together.
    pub strict: Cell<bool>,
}

iterator_payload!(Zip { its });

/// The type `zip`.
pub static ZIP: TypeDef = TypeDef::new::<Zip>("zip")
    .doc(
        "The zip object yields n-length tuples, where n is the number of iterables\npassed as positional arguments to \
         zip().  The i-th element in every tuple\ncomes from the i-th iterable argument to zip().  This continues until \
         the\nshortest argument is exhausted.\n\nIf strict is true and one of the arguments is exhausted before the \
         others,\nraise a ValueError.\n\n   >>> list(zip('abcdefg', range(3), range(4)))\n   [('a', 0, 0), ('b', 1, 1), \
         ('c', 2, 2)]",
    )
    .basetype()
    .gc()
    .slots(Slots { new: Some(zip_new), ..iterator_slots(zip_next) })
    .methods(&[
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let it = Zip::this(a.get(0));
            let ty = vm.type_of(a.get(0)).value();
            Ok(match it.strict.get() {
                true => vm.tuple(vec![ty, it.its.clone(), Value::TRUE]),
                false => vm.tuple(vec![ty, it.its.clone()]),
            })
        })
        .doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
            Zip::this(a.get(0)).strict.set(vm.truthy(a.get(1))?);
            Ok(Value::NONE)
        })
        .doc("Set state information for unpickling."),
    ]);

/// The only keyword argument that `zip` and `map` know.
fn strict_argument(vm: &Vm, args: &CallArgs<'_>, function: &str) -> PyResult<bool> {
    let mut strict = false;
    for (name, value) in args.named() {
        let name = name.downcast::<Str>().map_or("", Str::as_str_lossy);
        if name != "strict" {
            return Err(vm.type_error(&format!("{function}() got an unexpected keyword argument '{name}'")));
        }
        strict = vm.truthy(value)?;
    }
    Ok(strict)
}

fn iterators(vm: &Vm, args: &[Value]) -> PyResult {
    let mut its = Vec::with_capacity(args.len());
    for arg in args {
        its.push(vm.iter(arg)?);
    }
    Ok(vm.tuple(its))
}

fn items_of(its: &Value) -> &[Value] {
    its.downcast::<Tuple>().map_or(&[], Tuple::as_slice)
}

fn zip_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let strict = strict_argument(vm, args, "zip")?;
    let its = iterators(vm, args.pos())?;
    Ok(vm.alloc(ty, Zip { its, strict: Cell::new(strict) }))
}

fn zip_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let zip = Zip::this(v);
    let its = items_of(&zip.its);
    if let [a, b] = its {
        let Some(x) = vm.next(a)? else { return ended(vm, its, 0, zip.strict.get(), "zip") };
        let Some(y) = vm.next(b)? else { return ended(vm, its, 1, zip.strict.get(), "zip") };
        return Ok(Some(vm.pair(x, y)));
    }
    match step_all(vm, its, zip.strict.get(), "zip")? {
        Some(row) => Ok(Some(vm.tuple(row.into_vec()))),
        None => Ok(None),
    }
}

type Row = SmallVec<[Value; 4]>;

/// An item of each iterator; `None` when one is exhausted or there are none.
fn step_all(vm: &Vm, its: &[Value], strict: bool, function: &str) -> PyResult<Option<Row>> {
    if its.is_empty() {
        return Ok(None);
    }
    let mut row = Row::with_capacity(its.len());
    for (i, it) in its.iter().enumerate() {
        match vm.next(it)? {
            Some(item) => row.push(item),
            None => {
                ended(vm, its, i, strict, function)?;
                return Ok(None);
            }
        }
    }
    Ok(Some(row))
}

/// Iterator `i` is exhausted: if all must end together, so must the others.
#[cold]
fn ended(vm: &Vm, its: &[Value], i: usize, strict: bool, function: &str) -> PyResult<Option<Value>> {
    if !strict {
        return Ok(None);
    }
    if i > 0 {
        return Err(lengths_differ(vm, function, i, "shorter"));
    }
    for (i, it) in its.iter().enumerate().skip(1) {
        if vm.next(it)?.is_some() {
            return Err(lengths_differ(vm, function, i, "longer"));
        }
    }
    Ok(None)
}

fn lengths_differ(vm: &Vm, function: &str, i: usize, how: &str) -> Raised {
    let others = if i == 1 { " 1".to_string() } else { format!("s 1-{i}") };
    vm.value_error(&format!("{function}() argument {} is {how} than argument{others}", i + 1))
}

/// A function applied to the items of iterators in step.
pub struct Map {
    /// The function.
    pub func: Value,
    /// A tuple of the iterators.
    pub its: Value,
    /// Whether all must end together.
    pub strict: Cell<bool>,
}

iterator_payload!(Map { func, its });

/// The type `map`.
pub static MAP: TypeDef = TypeDef::new::<Map>("map")
    .doc(
        "Make an iterator that computes the function using arguments from\neach of the iterables.  Stops when the shortest \
         iterable is exhausted.\n\nIf strict is true and one of the arguments is exhausted before the others,\nraise a \
         ValueError.",
    )
    .basetype()
    .gc()
    .slots(Slots { new: Some(map_new), ..iterator_slots(map_next) })
    .methods(&[
        MethodDef::new("__reduce__", "($self, /)", map_reduce).doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
            Map::this(a.get(0)).strict.set(vm.truthy(a.get(1))?);
            Ok(Value::NONE)
        })
        .doc("Set state information for unpickling."),
    ]);

fn map_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let strict = strict_argument(vm, args, "map")?;
    let [func, sources @ ..] = args.pos() else {
        return Err(vm.type_error("map() must have at least two arguments."));
    };
    if sources.is_empty() {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let its = iterators(vm, sources)?;
    Ok(vm.alloc(ty, Map { func: func.clone(), its, strict: Cell::new(strict) }))
}

fn map_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let map = Map::this(v);
    let its = items_of(&map.its);
    if let [it] = its {
        return match vm.next(it)? {
            Some(item) => vm.call_one(&map.func, &item).map(Some),
            None => Ok(None),
        };
    }
    match step_all(vm, its, map.strict.get(), "map")? {
        Some(row) => vm.call_pos(&map.func, &row).map(Some),
        None => Ok(None),
    }
}

fn map_reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let map = Map::this(a.get(0));
    let mut args = vec![map.func.clone()];
    args.extend_from_slice(items_of(&map.its));
    let (ty, args) = (vm.type_of(a.get(0)).value(), vm.tuple(args));
    Ok(match map.strict.get() {
        true => vm.tuple(vec![ty, args, Value::TRUE]),
        false => vm.tuple(vec![ty, args]),
    })
}

/// The items for which a function is true.
pub struct Filter {
    /// The function; `None` (or `bool`) means the truth of the item itself.
    pub func: Value,
    /// The iterator.
    pub it: Value,
}

iterator_payload!(Filter { func, it });

/// The type `filter`.
pub static FILTER: TypeDef = TypeDef::new::<Filter>("filter")
    .doc("Return an iterator yielding those items of iterable for which function(item)\nis true. If function is None, return the items that are true.")
    .basetype()
    .gc()
    .slots(Slots { new: Some(filter_new), ..iterator_slots(filter_next) })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a| {
        let f = Filter::this(a.get(0));
        Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), vm.tuple(vec![f.func.clone(), f.it.clone()])]))
    })
    .doc("Return state information for pickling.")]);

fn filter_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 && vm.takes_no_keywords(ty, vm.types().filter) {
        return Err(vm.type_error("filter() takes no keyword arguments"));
    }
    let [func, source] = args.pos() else {
        return Err(vm.type_error(&format!("filter expected 2 arguments, got {}", args.pos().len())));
    };
    let it = vm.iter(source)?;
    Ok(vm.alloc(ty, Filter { func: func.clone(), it }))
}

fn filter_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let f = Filter::this(v);
    let itself = f.func.is_none() || TypeObj::from_value(&f.func).is_some_and(|t| t.is(vm.types().bool));
    while let Some(item) = vm.next(&f.it)? {
        let keep = if itself { vm.truthy(&item)? } else { vm.truthy(&vm.call_one(&f.func, &item)?)? };
        if keep {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

impl Vm {
    /// A tuple of two.
    #[inline]
    #[expect(unsafe_code, reason = "moves two values into a tuple")]
    pub fn pair(&self, a: Value, b: Value) -> Value {
        let pair = std::mem::ManuallyDrop::new([a, b]);
        // SAFETY: the two values move into the tuple.
        unsafe { self.tuple_from_raw(pair.as_ptr(), 2) }
    }
}
