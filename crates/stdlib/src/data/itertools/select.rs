//! What passes some items of an iterator on, or passes them on otherwise: `islice`, `takewhile`, `accumulate`, ...

use crate::data::{bind, constructor_no_keywords, required};
use serpens_vm::cell::VCell;
use serpens_vm::types::iter::iterator_slots;
use serpens_vm::types::slots::{BinOp, Slots};
use serpens_vm::{CallArgs, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;

/// An iterator with a function (or a second iterator).
pub struct Pair {
    first: Value,
    it: Value,
    /// `takewhile` has ended, `dropwhile` has begun.
    flag: Cell<bool>,
}

serpens_vm::native_payload!(Pair { first, it });

fn pair(v: &Value) -> &Pair {
    v.downcast::<Pair>().expect("the descriptor has checked the receiver")
}

fn function_and_iterator(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>, name: &str) -> PyResult {
    constructor_no_keywords(vm, ty, args, name)?;
    let [function, source] = args.pos() else {
        return Err(vm.type_error(&format!("{name} expected 2 arguments, got {}", args.pos().len())));
    };
    let it = vm.iter(source)?;
    Ok(vm.alloc(ty, Pair { first: function.clone(), it, flag: Cell::new(false) }))
}

/// The type `takewhile`.
pub static TAKEWHILE: TypeDef = TypeDef::new::<Pair>("takewhile")
    .copied()
    .module("itertools")
    .doc("Return successive entries from an iterable as long as the predicate evaluates to true for each entry.")
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| function_and_iterator(vm, ty, args, "takewhile")),
        ..iterator_slots(|vm, v| {
            let p = pair(v);
            if p.flag.get() {
                return Ok(None);
            }
            let Some(item) = vm.next(&p.it)? else { return Ok(None) };
            if vm.truthy(&vm.call_one(&p.first, &item)?)? {
                return Ok(Some(item));
            }
            p.flag.set(true);
            Ok(None)
        })
    });

/// The type `dropwhile`.
pub static DROPWHILE: TypeDef = TypeDef::new::<Pair>("dropwhile")
    .copied()
    .module("itertools")
    .doc(
        "Drop items from the iterable while predicate(item) is true.\n\nAfterwards, return every element until the iterable is \
         exhausted.",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| function_and_iterator(vm, ty, args, "dropwhile")),
        ..iterator_slots(|vm, v| {
            let p = pair(v);
            while let Some(item) = vm.next(&p.it)? {
                if p.flag.get() {
                    return Ok(Some(item));
                }
                if !vm.truthy(&vm.call_one(&p.first, &item)?)? {
                    p.flag.set(true);
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    });

/// The type `filterfalse`.
pub static FILTERFALSE: TypeDef = TypeDef::new::<Pair>("filterfalse")
    .copied()
    .module("itertools")
    .doc(
        "Return those items of iterable for which function(item) is false.\n\nIf function is None, return the items that are \
         false.",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| function_and_iterator(vm, ty, args, "filterfalse")),
        ..iterator_slots(|vm, v| {
            let p = pair(v);
            let itself = p.first.is_none() || TypeObj::from_value(&p.first).is_some_and(|t| t.is(vm.types().bool));
            while let Some(item) = vm.next(&p.it)? {
                let hit = if itself { vm.truthy(&item)? } else { vm.truthy(&vm.call_one(&p.first, &item)?)? };
                if !hit {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    });

/// The type `starmap`.
pub static STARMAP: TypeDef = TypeDef::new::<Pair>("starmap")
    .copied()
    .module("itertools")
    .doc(
        "Return an iterator whose values are returned from the function evaluated with an argument tuple taken from the given \
         sequence.",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| function_and_iterator(vm, ty, args, "starmap")),
        ..iterator_slots(|vm, v| {
            let p = pair(v);
            let Some(row) = vm.next(&p.it)? else { return Ok(None) };
            let args = vm.collect(&row)?;
            vm.call_pos(&p.first, &args).map(Some)
        })
    });

/// The type `compress`.
pub static COMPRESS: TypeDef = TypeDef::new::<Pair>("compress")
    .copied()
    .module("itertools")
    .doc(
        "Return data elements corresponding to true selector elements.\n\nForms a shorter iterator from selected data elements \
         using the selectors to\nchoose the data elements.",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [data, selectors] = bind(vm, args, "compress", ["data", "selectors"], 2)?;
            let (first, it) = (vm.iter(required(data))?, vm.iter(required(selectors))?);
            Ok(vm.alloc(ty, Pair { first, it, flag: Cell::new(false) }))
        }),
        ..iterator_slots(|vm, v| {
            let p = pair(v);
            loop {
                let Some(item) = vm.next(&p.first)? else { return Ok(None) };
                let Some(selector) = vm.next(&p.it)? else { return Ok(None) };
                if vm.truthy(&selector)? {
                    return Ok(Some(item));
                }
            }
        })
    });

/// An iterator with what is left of a previous step.
pub struct Running {
    it: VCell,
    function: Value,
    last: VCell,
    initial: VCell,
}

serpens_vm::native_payload!(Running { function } cells { it, last, initial });

fn running(v: &Value) -> &Running {
    v.downcast::<Running>().expect("the descriptor has checked the receiver")
}

/// The type `accumulate`.
pub static ACCUMULATE: TypeDef = TypeDef::new::<Running>("accumulate")
    .module("itertools")
    .doc("Return series of accumulated sums (or other binary function results).")
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [source, function, initial] = bind(vm, args, "accumulate", ["iterable", "func", "initial"], 1)?;
            if args.pos().len() > 2 {
                let n = args.pos().len();
                return Err(vm.type_error(&format!("accumulate() takes at most 2 positional arguments ({n} given)")));
            }
            let it = vm.iter(required(source))?;
            let function = function.cloned().unwrap_or(Value::NONE);
            let initial = VCell::from(initial.filter(|v| !v.is_none()).cloned());
            Ok(vm.alloc(ty, Running { it: VCell::new(it), function, last: VCell::empty(), initial }))
        }),
        ..iterator_slots(accumulate_next)
    });

fn accumulate_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let acc = running(v);
    if let Some(initial) = acc.initial.take() {
        acc.last.set(initial.clone());
        return Ok(Some(initial));
    }
    let Some(it) = acc.it.get() else { return Ok(None) };
    let Some(item) = vm.next(&it)? else { return Ok(None) };
    let total = match acc.last.get() {
        None => item,
        Some(last) if acc.function.is_none() => vm.binary_op(BinOp::Add, &last, &item)?,
        Some(last) => vm.call_pos(&acc.function, &[last, item])?,
    };
    acc.last.set(total.clone());
    Ok(Some(total))
}

/// The type `pairwise`.
pub static PAIRWISE: TypeDef = TypeDef::new::<Running>("pairwise")
    .module("itertools")
    .doc(
        "Return an iterator of overlapping pairs taken from the input iterator.\n\n    s -> (s0,s1), (s1,s2), (s2, s3), ...",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            constructor_no_keywords(vm, ty, args, "pairwise")?;
            let [source] = args.pos() else {
                return Err(vm.type_error(&format!("pairwise expected 1 argument, got {}", args.pos().len())));
            };
            let it = VCell::new(vm.iter(source)?);
            Ok(vm.alloc(ty, Running { it, function: Value::NONE, last: VCell::empty(), initial: VCell::empty() }))
        }),
        ..iterator_slots(pairwise_next)
    });

fn pairwise_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let p = running(v);
    let Some(it) = p.it.get() else { return Ok(None) };
    let old = match p.last.get() {
        Some(old) => old,
        None => {
            let Some(first) = vm.next(&it)? else {
                p.it.put(None);
                return Ok(None);
            };
            p.last.set(first.clone());
            // The first step may have used this iterator.
            if !p.it.is_set() {
                p.last.put(None);
                return Ok(None);
            }
            first
        }
    };
    let Some(new) = vm.next(&it)? else {
        p.it.put(None);
        p.last.put(None);
        return Ok(None);
    };
    p.last.set(new.clone());
    Ok(Some(vm.pair(old, new)))
}

/// Some items of an iterator by position.
pub struct ISlice {
    it: VCell,
    next: Cell<usize>,
    /// `usize::MAX`: no end.
    stop: usize,
    step: usize,
    seen: Cell<usize>,
}

serpens_vm::native_payload!(ISlice {} cells { it });

/// The type `islice`.
pub static ISLICE: TypeDef = TypeDef::new::<ISlice>("islice")
    .module("itertools")
    .doc(
        "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\nReturn an iterator \
         whose next() method returns selected values from an\niterable.  If start is specified, will skip all preceding \
         elements;\notherwise, start defaults to zero.  Step defaults to one.  If\nspecified as another value, step determines how \
         many values are\nskipped between successive calls.  Works like a slice() on a list\nbut returns an iterator.",
    )
    .basetype()
    .gc()
    .slots(Slots { new: Some(islice_new), ..iterator_slots(islice_next) });

/// A bound of `islice`: `None` is the default.
fn bound(vm: &Vm, v: &Value, default: usize, message: &str) -> PyResult<usize> {
    if v.is_none() {
        return Ok(default);
    }
    match vm.arg_isize(v) {
        Ok(n) if n >= 0 => Ok(n as usize),
        Ok(_) => Err(vm.value_error(message)),
        Err(e) => {
            let t = vm.types();
            if !vm.pending_is(t.TypeError) && !vm.pending_is(t.OverflowError) {
                return Err(e);
            }
            drop(vm.take_raised());
            Err(vm.value_error(message))
        }
    }
}

fn islice_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    constructor_no_keywords(vm, ty, args, "islice")?;
    const STOP: &str = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    const INDICES: &str = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let none = Value::NONE;
    let (source, start, stop, step) = match args.pos() {
        [source, stop] => (source, &none, stop, &none),
        [source, start, stop] => (source, start, stop, &none),
        [source, start, stop, step] => (source, start, stop, step),
        [] | [_] => {
            return Err(vm.type_error(&format!("islice expected at least 2 arguments, got {}", args.pos().len())));
        }
        more => return Err(vm.type_error(&format!("islice expected at most 4 arguments, got {}", more.len()))),
    };
    let start = bound(vm, start, 0, INDICES)?;
    let stop =
        bound(vm, stop, usize::MAX, if args.pos().len() == 2 || !vm.is_int_like(stop) { STOP } else { INDICES })?;
    let step = match bound(vm, step, 1, "Step for islice() must be a positive integer or None.")? {
        0 => return Err(vm.value_error("Step for islice() must be a positive integer or None.")),
        n => n,
    };
    let it = VCell::new(vm.iter(source)?);
    Ok(vm.alloc(ty, ISlice { it, next: Cell::new(start), stop, step, seen: Cell::new(0) }))
}

fn islice_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let s = v.downcast::<ISlice>().expect("the descriptor has checked the receiver");
    let Some(it) = s.it.get() else { return Ok(None) };
    // What lies before the next position, or before the end.
    while s.seen.get() < s.next.get().min(s.stop) {
        if vm.next(&it)?.is_none() {
            s.it.put(None);
            return Ok(None);
        }
        s.seen.set(s.seen.get() + 1);
    }
    if s.seen.get() >= s.stop {
        s.it.put(None);
        return Ok(None);
    }
    let Some(item) = vm.next(&it)? else {
        s.it.put(None);
        return Ok(None);
    };
    s.seen.set(s.seen.get() + 1);
    s.next.set(s.next.get().saturating_add(s.step).min(s.stop));
    Ok(Some(item))
}

/// Tuples of `n` items.
pub struct Batched {
    it: VCell,
    n: usize,
    strict: bool,
}

serpens_vm::native_payload!(Batched {} cells { it });

/// The type `batched`.
pub static BATCHED: TypeDef = TypeDef::new::<Batched>("batched")
    .module("itertools")
    .doc(
        "Batch data into tuples of length n. The last batch may be shorter than n.\n\nLoops over the input iterable and \
         accumulates data into tuples up to size n.\nThe input is consumed lazily, just enough to fill a batch. The result is \
         yielded\nas soon as a batch is full or when the input iterable is exhausted.",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [source, n, strict] = bind(vm, args, "batched", ["iterable", "n", "strict"], 2)?;
            let n = vm.arg_isize(required(n))?;
            if n < 1 {
                return Err(vm.value_error("n must be at least one"));
            }
            let strict = strict.map_or(Ok(false), |v| vm.truthy(v))?;
            let it = VCell::new(vm.iter(required(source))?);
            Ok(vm.alloc(ty, Batched { it, n: n as usize, strict }))
        }),
        ..iterator_slots(|vm, v| {
            let b = v.downcast::<Batched>().expect("the descriptor has checked the receiver");
            let Some(it) = b.it.get() else { return Ok(None) };
            let mut batch = Vec::with_capacity(b.n.min(1024));
            while batch.len() < b.n {
                match vm.next(&it)? {
                    Some(item) => batch.push(item),
                    None => {
                        b.it.put(None);
                        break;
                    }
                }
            }
            if batch.is_empty() {
                return Ok(None);
            }
            if b.strict && batch.len() < b.n {
                return Err(vm.value_error("batched(): incomplete batch"));
            }
            Ok(Some(vm.tuple(batch)))
        })
    });
