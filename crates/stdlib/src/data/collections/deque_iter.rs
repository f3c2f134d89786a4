//! The iterators over deques.

use super::deque::Deque;
use serpens_vm::types::iter::iterator_slots;
use serpens_vm::types::slots::Slots;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;

/// Iterates over a deque, forwards or backwards.
pub struct DequeIter {
    deque: Value,
    /// Items passed.
    passed: Cell<usize>,
    /// The count of changes that the deque must still have.
    changes: Cell<usize>,
    reverse: bool,
}

serpens_vm::native_payload!(DequeIter { deque });

const METHODS: &[MethodDef] = &[
    MethodDef::new("__length_hint__", "($self, /)", |_, a| {
        let it = a.this::<DequeIter>();
        Ok(Value::from_usize(deque(it).len().saturating_sub(it.passed.get())))
    })
    .doc("Private method returning an estimate of len(list(it))."),
    MethodDef::new("__reduce__", "($self, /)", reduce).doc("Return state information for pickling."),
];

/// The type `_deque_iterator`.
pub static ITERATOR: TypeDef = TypeDef::new::<DequeIter>("_deque_iterator")
    .module("collections")
    .gc()
    .slots(Slots { new: Some(|vm, _, args| new(vm, args, false)), ..iterator_slots(next) })
    .methods(METHODS);

/// The type `_deque_reverse_iterator`.
pub static REVERSE_ITERATOR: TypeDef = TypeDef::new::<DequeIter>("_deque_reverse_iterator")
    .module("collections")
    .gc()
    .slots(Slots { new: Some(|vm, _, args| new(vm, args, true)), ..iterator_slots(next) })
    .methods(METHODS);

fn deque(it: &DequeIter) -> &Deque {
    it.deque.downcast::<Deque>().expect("made for deques only")
}

/// An iterator over a deque.
pub(super) fn make(vm: &Vm, v: &Value, reverse: bool) -> Value {
    let changes = v.downcast::<Deque>().map_or(0, Deque::changes);
    let payload = DequeIter { deque: v.clone(), passed: Cell::new(0), changes: Cell::new(changes), reverse };
    vm.alloc_native(if reverse { &REVERSE_ITERATOR } else { &ITERATOR }, payload)
}

fn new(vm: &Vm, args: &CallArgs<'_>, reverse: bool) -> PyResult {
    let (v, skip) = match args.pos() {
        [v] => (v, 0),
        [v, skip] => (v, vm.arg_isize(skip)?.max(0) as usize),
        _ => return Err(vm.type_error("deque iterators take a deque and an index")),
    };
    if !v.is_a::<Deque>() {
        return Err(vm.type_error(&format!("argument 1 must be collections.deque, not {}", vm.type_of(v).name())));
    }
    let made = make(vm, v, reverse);
    if let Some(it) = made.downcast::<DequeIter>() {
        it.passed.set(skip.min(deque(it).len()));
    }
    Ok(made)
}

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = v.downcast::<DequeIter>().expect("the descriptor has checked the receiver");
    let d = deque(it);
    let passed = it.passed.get();
    if passed == usize::MAX {
        return Ok(None);
    }
    if d.changes() != it.changes.get() {
        it.passed.set(usize::MAX);
        return Err(vm.runtime_error("deque mutated during iteration"));
    }
    let item = match it.reverse {
        false => d.get(passed),
        true => d.len().checked_sub(passed + 1).and_then(|i| d.get(i)),
    };
    it.passed.set(if item.is_some() { passed + 1 } else { usize::MAX });
    Ok(item)
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = a.this::<DequeIter>();
    let ty: &TypeObj = vm.type_of(a.get(0));
    let passed = it.passed.get().min(deque(it).len());
    Ok(vm.tuple(vec![ty.value(), vm.tuple(vec![it.deque.clone(), Value::from_usize(passed)])]))
}
