//! Iterators over anything with `__getitem__`, forwards and reversed, and over the results of a callable.

use super::{iterator_slots, reduce_indexed, state_index};
use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{Args, CallArgs, MethodDef};
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// Iterates over a sequence by `sequence[0]`, `sequence[1]`, ... until IndexError or StopIteration.
pub struct SeqIter {
    /// The sequence; empty when exhausted.
    pub source: VCell,
    /// The next index.
    pub index: Cell<i64>,
}

iterator_payload!(SeqIter {} cells { source });

/// The type `iterator`.
pub static SEQ_ITERATOR: TypeDef =
    TypeDef::new::<SeqIter>("iterator").gc().flags(tflag::NO_NEW).slots(iterator_slots(seq_next)).methods(&[
        MethodDef::new("__length_hint__", "($self, /)", seq_hint)
            .doc("Private method returning an estimate of len(list(it))."),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let it = SeqIter::this(a.get(0));
            match it.source.get() {
                Some(source) => reduce_indexed(vm, "iter", source, Some(it.index.get())),
                None => reduce_indexed(vm, "iter", vm.image().empty_tuple(), None),
            }
        })
        .doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
            let it = SeqIter::this(a.get(0));
            let i = state_index(vm, a.get(1))?;
            if it.source.is_set() {
                it.index.set(i.max(0) as i64);
            }
            Ok(Value::NONE)
        })
        .doc("Set state information for unpickling."),
    ]);

/// Turns a pending IndexError or StopIteration into the end of an iteration.
fn end_of_sequence(vm: &Vm, e: crate::error::Raised) -> PyResult<Option<Value>> {
    if vm.pending_is(vm.types().IndexError) || vm.pending_is(vm.types().StopIteration) {
        drop(vm.take_raised());
        return Ok(None);
    }
    Err(e)
}

fn seq_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = SeqIter::this(v);
    let Some(source) = it.source.get() else { return Ok(None) };
    let i = it.index.get();
    if i == i64::MAX {
        return Err(vm.overflow_error("iter index too large"));
    }
    match vm.get_item(&source, &vm.int(i)) {
        Ok(item) => {
            it.index.set(it.index.get() + 1);
            Ok(Some(item))
        }
        Err(e) => {
            let end = end_of_sequence(vm, e)?;
            it.source.put(None);
            Ok(end)
        }
    }
}

fn seq_hint(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = SeqIter::this(a.get(0));
    let Some(source) = it.source.get() else { return Ok(Value::int_unchecked(0)) };
    if vm.type_of(&source).slots().len.is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    Ok(vm.int((vm.len(&source)? as i64 - it.index.get()).max(0)))
}

/// Iterates over the results of a callable until one equals the sentinel.
pub struct CallableIter {
    /// The callable; empty when exhausted.
    pub callable: VCell,
    /// What ends the iteration.
    pub sentinel: VCell,
}

iterator_payload!(CallableIter {} cells { callable, sentinel });

/// The type `callable_iterator`.
pub static CALLABLE_ITERATOR: TypeDef = TypeDef::new::<CallableIter>("callable_iterator")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(iterator_slots(callable_next))
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a| {
        let it = CallableIter::this(a.get(0));
        let iter = vm.builtin_function("iter")?;
        let args = match (it.callable.get(), it.sentinel.get()) {
            (Some(f), Some(s)) => vec![f, s],
            _ => vec![vm.image().empty_tuple()],
        };
        Ok(vm.tuple(vec![iter, vm.tuple(args)]))
    })
    .doc("Return state information for pickling.")]);

fn callable_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = CallableIter::this(v);
    let Some(f) = it.callable.get() else { return Ok(None) };
    let end = || {
        drop(it.callable.take());
        drop(it.sentinel.take());
    };
    let result = match vm.call_none(&f) {
        Ok(result) => result,
        Err(e) => {
            if vm.pending_is(vm.types().StopIteration) {
                end();
            }
            return vm.stop_iteration_to_none(e);
        }
    };
    // The call may have exhausted this iterator.
    let Some(sentinel) = it.sentinel.get() else { return Ok(None) };
    if vm.eq(&sentinel, &result)? {
        end();
        return Ok(None);
    }
    Ok(Some(result))
}

/// Iterates over a sequence backwards.
pub struct Reversed {
    /// The sequence; empty when exhausted.
    pub source: VCell,
    /// The next index; -1 when exhausted.
    pub index: Cell<i64>,
}

iterator_payload!(Reversed {} cells { source });

/// The type `reversed`.
pub static REVERSED: TypeDef = TypeDef::new::<Reversed>("reversed")
    .doc("Return a reverse iterator over the values of the given sequence.")
    .basetype()
    .gc()
    .slots(Slots { new: Some(reversed_new), ..iterator_slots(reversed_next) })
    .methods(&[
        MethodDef::new("__length_hint__", "($self, /)", |vm, a| {
            let it = Reversed::this(a.get(0));
            let Some(source) = it.source.get() else { return Ok(Value::int_unchecked(0)) };
            let n = vm.len(&source)? as i64;
            let left = it.index.get() + 1;
            Ok(vm.int(if n < left { 0 } else { left }))
        })
        .doc("Private method returning an estimate of len(list(it))."),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let it = Reversed::this(a.get(0));
            let ty = vm.type_of(a.get(0)).value();
            Ok(match it.source.get() {
                Some(source) => vm.tuple(vec![ty, vm.tuple(vec![source]), vm.int(it.index.get())]),
                None => vm.tuple(vec![ty, vm.tuple(vec![vm.image().empty_tuple()])]),
            })
        })
        .doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
            let it = Reversed::this(a.get(0));
            let i = state_index(vm, a.get(1))? as i64;
            if let Some(source) = it.source.get() {
                let n = vm.len(&source)? as i64;
                it.index.set(i.clamp(-1, n - 1));
            }
            Ok(Value::NONE)
        })
        .doc("Set state information for unpickling."),
    ]);

fn reversed_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 && vm.takes_no_keywords(ty, vm.types().reversed) {
        return Err(vm.type_error("reversed() takes no keyword arguments"));
    }
    let [source] = args.pos() else {
        return Err(vm.type_error(&format!("reversed expected 1 argument, got {}", args.pos().len())));
    };
    if let Some(f) = vm.type_of(source).lookup(vm, &vm.names().__reversed__) {
        if f.is_none() {
            return Err(not_reversible(vm, source));
        }
        if let Some(it) = vm.call_special(source, &vm.names().__reversed__, &[])? {
            return Ok(it);
        }
    }
    if !vm.is_sequence(source) {
        return Err(not_reversible(vm, source));
    }
    let n = vm.len(source)? as i64;
    Ok(vm.alloc(ty, Reversed { source: VCell::new(source.clone()), index: Cell::new(n - 1) }))
}

#[cold]
fn not_reversible(vm: &Vm, source: &Value) -> crate::error::Raised {
    vm.type_error(&format!("'{}' object is not reversible", vm.type_of(source).name()))
}

fn reversed_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = Reversed::this(v);
    let Some(source) = it.source.get() else { return Ok(None) };
    let i = it.index.get();
    if i >= 0 {
        match vm.get_item(&source, &vm.int(i)) {
            Ok(item) => {
                it.index.set(i - 1);
                return Ok(Some(item));
            }
            Err(e) => {
                end_of_sequence(vm, e)?;
            }
        }
    }
    it.index.set(-1);
    it.source.put(None);
    Ok(None)
}

impl Vm {
    /// An iterator over an object's `__getitem__`.
    pub fn seq_iterator(&self, source: &Value) -> Value {
        self.alloc(self.types().iterator, SeqIter { source: VCell::new(source.clone()), index: Cell::new(0) })
    }

    /// `iter(callable, sentinel)`.
    pub fn callable_iterator(&self, callable: &Value, sentinel: &Value) -> Value {
        let payload = CallableIter { callable: VCell::new(callable.clone()), sentinel: VCell::new(sentinel.clone()) };
        self.alloc(self.types().callable_iterator, payload)
    }

    /// Whether an object is indexed by integers: it has `__getitem__` and is no dict.
    pub fn is_sequence(&self, value: &Value) -> bool {
        let ty = self.type_of(value);
        ty.slots().getitem.is_some() && ty.slots().len.is_some() && !ty.has(tflag::DICT) && !value.is_a::<TypeObj>()
    }
}
