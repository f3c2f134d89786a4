//! Iterators over lists and tuples.

use super::{iterator_slots, reduce_indexed, state_index};
use crate::error::PyResult;
use crate::native::{Args, MethodDef};
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeDef;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// The index of an iterator that is exhausted.
pub const DONE: usize = usize::MAX;

/// Iterates over a list, also when it grows or shrinks meanwhile.
pub struct ListIter {
    /// The list.
    pub list: Value,
    /// Index of the next item; [`DONE`] when exhausted.
    pub index: Cell<usize>,
}

iterator_payload!(ListIter { list });

impl ListIter {
    /// The next item.
    #[inline(always)]
    pub fn step(&self) -> Option<Value> {
        let i = self.index.get();
        match list_of(&self.list).get(i) {
            Some(item) => {
                self.index.set(i + 1);
                Some(item)
            }
            None => {
                self.index.set(DONE);
                None
            }
        }
    }
}

#[inline(always)]
#[expect(unsafe_code, reason = "the layout of a list iterator's list")]
fn list_of(list: &Value) -> &List {
    // SAFETY: these iterators are made for lists only.
    unsafe { list.downcast_unchecked::<List>() }
}

/// The type `list_iterator`.
pub static LIST_ITERATOR: TypeDef = TypeDef::new::<ListIter>("list_iterator")
    .gc()
    .flags(crate::types::typeobj::tflag::NO_NEW)
    .slots(iterator_slots(|_, v| Ok(ListIter::this(v).step())))
    .methods(&[
        MethodDef::new("__length_hint__", "($self, /)", |_, a| {
            let it = ListIter::this(a.get(0));
            Ok(Value::from_usize(list_of(&it.list).len().saturating_sub(it.index.get())))
        })
        .doc("Private method returning an estimate of len(list(it))."),
        MethodDef::new("__reduce__", "($self, /)", list_reduce).doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", list_setstate).doc("Set state information for unpickling."),
    ]);

fn list_reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = ListIter::this(a.get(0));
    match it.index.get() {
        DONE => reduce_indexed(vm, "iter", vm.list(Vec::new()), None),
        i => reduce_indexed(vm, "iter", it.list.clone(), Some(i as i64)),
    }
}

fn list_setstate(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = ListIter::this(a.get(0));
    let i = state_index(vm, a.get(1))?;
    if it.index.get() != DONE {
        it.index.set((i.max(0) as usize).min(list_of(&it.list).len()));
    }
    Ok(Value::NONE)
}

/// Iterates over a list backwards.
pub struct ListReverseIter {
    /// The list.
    pub list: Value,
    /// Index of the next item; -1 when exhausted.
    pub index: Cell<isize>,
}

iterator_payload!(ListReverseIter { list });

/// The type `list_reverseiterator`.
pub static LIST_REVERSEITERATOR: TypeDef = TypeDef::new::<ListReverseIter>("list_reverseiterator")
    .gc()
    .flags(crate::types::typeobj::tflag::NO_NEW)
    .slots(iterator_slots(reverse_next))
    .methods(&[
        MethodDef::new("__length_hint__", "($self, /)", |_, a| {
            let it = ListReverseIter::this(a.get(0));
            let left = (it.index.get() + 1) as usize;
            Ok(Value::from_usize(if left > list_of(&it.list).len() { 0 } else { left }))
        })
        .doc("Private method returning an estimate of len(list(it))."),
        MethodDef::new("__reduce__", "($self, /)", reverse_reduce).doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
            let it = ListReverseIter::this(a.get(0));
            let i = state_index(vm, a.get(1))?;
            it.index.set(i.clamp(-1, list_of(&it.list).len() as isize - 1));
            Ok(Value::NONE)
        })
        .doc("Set state information for unpickling."),
    ]);

fn reverse_next(_: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = ListReverseIter::this(v);
    let i = it.index.get();
    let item = if i >= 0 { list_of(&it.list).get(i as usize) } else { None };
    it.index.set(if item.is_some() { i - 1 } else { -1 });
    Ok(item)
}

fn reverse_reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = ListReverseIter::this(a.get(0));
    if it.index.get() < 0 {
        return reduce_indexed(vm, "iter", vm.list(Vec::new()), None);
    }
    reduce_indexed(vm, "reversed", it.list.clone(), Some(it.index.get() as i64))
}

/// Iterates over a tuple.
pub struct TupleIter {
    /// The tuple.
    pub tuple: Value,
    /// Index of the next item; the length when exhausted.
    pub index: Cell<usize>,
}

iterator_payload!(TupleIter { tuple });

#[inline(always)]
#[expect(unsafe_code, reason = "the layout of a tuple iterator's tuple")]
fn tuple_of(tuple: &Value) -> &Tuple {
    // SAFETY: these iterators are made for tuples only.
    unsafe { tuple.downcast_unchecked::<Tuple>() }
}

impl TupleIter {
    /// The next item.
    #[inline(always)]
    pub fn step(&self) -> Option<Value> {
        let i = self.index.get();
        let item = tuple_of(&self.tuple).as_slice().get(i).cloned();
        self.index.set(i + item.is_some() as usize);
        item
    }
}

/// The type `tuple_iterator`.
pub static TUPLE_ITERATOR: TypeDef = TypeDef::new::<TupleIter>("tuple_iterator")
    .gc()
    .flags(crate::types::typeobj::tflag::NO_NEW)
    .slots(iterator_slots(|_, v| Ok(TupleIter::this(v).step())))
    .methods(&[
        MethodDef::new("__length_hint__", "($self, /)", |_, a| {
            let it = TupleIter::this(a.get(0));
            Ok(Value::from_usize(tuple_of(&it.tuple).len() - it.index.get()))
        })
        .doc("Private method returning an estimate of len(list(it))."),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let it = TupleIter::this(a.get(0));
            if it.index.get() == tuple_of(&it.tuple).len() {
                return reduce_indexed(vm, "iter", vm.image().empty_tuple(), None);
            }
            reduce_indexed(vm, "iter", it.tuple.clone(), Some(it.index.get() as i64))
        })
        .doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
            let it = TupleIter::this(a.get(0));
            let i = state_index(vm, a.get(1))?;
            let len = tuple_of(&it.tuple).len();
            if it.index.get() < len {
                it.index.set((i.max(0) as usize).min(len));
            }
            Ok(Value::NONE)
        })
        .doc("Set state information for unpickling."),
    ]);

impl Vm {
    /// An iterator over a list.
    #[inline]
    pub fn list_iter(&self, list: &Value) -> Value {
        self.alloc(self.types().list_iterator, ListIter { list: list.clone(), index: Cell::new(0) })
    }

    /// An iterator over a list from its end.
    pub fn list_reverse_iter(&self, list: &Value) -> Value {
        let last = list_of(list).len() as isize - 1;
        self.alloc(self.types().list_reverseiterator, ListReverseIter { list: list.clone(), index: Cell::new(last) })
    }

    /// An iterator over a tuple.
    #[inline]
    pub fn tuple_iter(&self, tuple: &Value) -> Value {
        self.alloc(self.types().tuple_iterator, TupleIter { tuple: tuple.clone(), index: Cell::new(0) })
    }
}
