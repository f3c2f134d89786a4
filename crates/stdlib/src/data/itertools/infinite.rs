//! `count`, `cycle`, `repeat`.

use crate::data::{bind, constructor_no_keywords, required};
use serpens_vm::cell::VCell;
use serpens_vm::types::iter::iterator_slots;
use serpens_vm::types::list::List;
use serpens_vm::types::slots::{BinOp, Slots};
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;

/// Counts up by a step.
pub struct Count {
    /// The next number while all are small integers and the step is 1.
    small: Cell<Option<i64>>,
    /// The next number otherwise.
    next: VCell,
    step: Value,
}

serpens_vm::native_payload!(Count { step } cells { next });

/// The type `count`.
pub static COUNT: TypeDef = TypeDef::new::<Count>("count")
    .copied()
    .module("itertools")
    .doc(
        "Return a count object whose .__next__() method returns consecutive values.\n\nEquivalent to:\n    def \
         count(firstval=0, step=1):\n        x = firstval\n        while 1:\n            yield x\n            x += step",
    )
    .basetype()
    .gc()
    .slots(Slots { new: Some(count_new), repr: Some(count_repr), ..iterator_slots(count_next) });

fn count(v: &Value) -> &Count {
    v.downcast::<Count>().expect("the descriptor has checked the receiver")
}

fn is_number(vm: &Vm, v: &Value) -> bool {
    let s = vm.type_of(v).slots();
    s.index.is_some() || s.float.is_some() || s.int.is_some() || vm.is_exact(v, vm.types().complex)
}

fn count_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [start, step] = bind(vm, args, "count", ["start", "step"], 0)?;
    let start = start.cloned().unwrap_or(Value::int_unchecked(0));
    let step = step.cloned().unwrap_or(Value::int_unchecked(1));
    if !is_number(vm, &start) || !is_number(vm, &step) {
        return Err(vm.type_error("a number is required"));
    }
    let small = start.as_small_int().filter(|_| step.as_small_int() == Some(1));
    Ok(vm.alloc(ty, Count { small: Cell::new(small), next: VCell::new(start), step }))
}

fn count_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = count(v);
    if let Some(i) = it.small.get() {
        if let Some(n) = Value::small_int(i) {
            it.small.set(Some(i + 1));
            return Ok(Some(n));
        }
        it.small.set(None);
        it.next.set(vm.int(i));
    }
    let current = it.next.get_or_none();
    it.next.set(vm.binary_op(BinOp::Add, &current, &it.step)?);
    Ok(Some(current))
}

fn count_repr(vm: &Vm, v: &Value) -> PyResult {
    let it = count(v);
    let next = it.small.get().map(|i| vm.int(i)).unwrap_or_else(|| it.next.get_or_none());
    let next = vm.repr_string(&next)?;
    let name = vm.type_of(v).name().to_string();
    if it.step.as_small_int() == Some(1) {
        return Ok(vm.str(&format!("{name}({next})")));
    }
    Ok(vm.str(&format!("{name}({next}, {})", vm.repr_string(&it.step)?)))
}

/// Repeats the items of an iterable for ever.
pub struct Cycle {
    /// The iterator in its first round.
    it: VCell,
    saved: Value,
    index: Cell<usize>,
}

serpens_vm::native_payload!(Cycle { saved } cells { it });

/// The type `cycle`.
pub static CYCLE: TypeDef = TypeDef::new::<Cycle>("cycle")
    .copied()
    .module("itertools")
    .doc("Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.")
    .basetype()
    .gc()
    .slots(Slots { new: Some(cycle_new), ..iterator_slots(cycle_next) });

fn cycle_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    constructor_no_keywords(vm, ty, args, "cycle")?;
    let [source] = args.pos() else {
        return Err(vm.type_error(&format!("cycle expected 1 argument, got {}", args.pos().len())));
    };
    let it = vm.iter(source)?;
    Ok(vm.alloc(ty, Cycle { it: VCell::new(it), saved: vm.list(Vec::new()), index: Cell::new(0) }))
}

fn cycle_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let cycle = v.downcast::<Cycle>().expect("the descriptor has checked the receiver");
    let saved = cycle.saved.downcast::<List>().expect("made as a list");
    if let Some(it) = cycle.it.get() {
        if let Some(item) = vm.next(&it)? {
            saved.append_checked(vm, item.clone())?;
            return Ok(Some(item));
        }
        cycle.it.put(None);
    }
    let i = cycle.index.get();
    let Some(item) = saved.get(i) else { return Ok(None) };
    cycle.index.set(if i + 1 < saved.len() { i + 1 } else { 0 });
    Ok(Some(item))
}

/// The same object again and again.
pub struct Repeat {
    item: Value,
    /// Times left; negative: for ever.
    left: Cell<i64>,
}

serpens_vm::native_payload!(Repeat { item });

/// The type `repeat`.
pub static REPEAT: TypeDef = TypeDef::new::<Repeat>("repeat")
    .copied()
    .module("itertools")
    .doc(
        "repeat(object [,times]) -> create an iterator which returns the object\nfor the specified number of times.  If not \
         specified, returns the object\nendlessly.",
    )
    .basetype()
    .gc()
    .slots(Slots { new: Some(repeat_new), repr: Some(repeat_repr), ..iterator_slots(repeat_next) })
    .methods(&[MethodDef::new("__length_hint__", "($self, /)", repeat_hint)
        .doc("Private method returning an estimate of len(list(it)).")]);

fn repeat(v: &Value) -> &Repeat {
    v.downcast::<Repeat>().expect("the descriptor has checked the receiver")
}

fn repeat_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [item, times] = bind(vm, args, "repeat", ["object", "times"], 1)?;
    let left = match times {
        None => -1,
        Some(times) => vm.arg_isize(times)?.max(0) as i64,
    };
    Ok(vm.alloc(ty, Repeat { item: required(item).clone(), left: Cell::new(left) }))
}

fn repeat_next(_: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = repeat(v);
    match it.left.get() {
        0 => return Ok(None),
        n if n > 0 => it.left.set(n - 1),
        _ => {}
    }
    Ok(Some(it.item.clone()))
}

fn repeat_repr(vm: &Vm, v: &Value) -> PyResult {
    let it = repeat(v);
    let name = vm.type_of(v).name().to_string();
    let item = vm.repr_string(&it.item)?;
    Ok(vm.str(&match it.left.get() {
        n if n < 0 => format!("{name}({item})"),
        n => format!("{name}({item}, {n})"),
    }))
}

fn repeat_hint(vm: &Vm, a: Args<'_>) -> PyResult {
    match a.this::<Repeat>().left.get() {
        n if n < 0 => Err(vm.type_error("len() of unsized object")),
        n => Ok(vm.int(n)),
    }
}
