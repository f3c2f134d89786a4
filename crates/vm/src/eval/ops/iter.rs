//! Iteration: the iterators of the core inline, generators in the same loop, the rest through the protocol.
#![expect(unsafe_code, reason = "payloads by exact type")]

use super::At;
use crate::error::PyResult;
use crate::eval::call::Next;
use crate::eval::instrument;
use crate::eval::resume;
use crate::types::generator::Generator;
use crate::types::iter::{ListIter, TupleIter};
use crate::types::range::RangeIter;
use crate::value::Value;
use crate::vm::Vm;
use std::ptr;

/// What the inlined part found.
pub(crate) enum Step {
    /// The next item.
    Item(Value),
    /// The end.
    Done,
    /// The other cases.
    Slow,
}

/// What advancing an iterator gave.
pub(crate) enum Slow {
    /// The next item.
    Item(Value),
    /// The end.
    Done,
    /// A generator was resumed: its frame runs.
    Entered,
}

/// GetIter.
#[inline(never)]
pub(crate) fn get_iter(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let it = vm.iter(&v)?;
    at.regs.put(at.i.a(), it);
    Ok(())
}

/// Advances an iterator whose next item needs no Python code.
#[inline(always)]
pub(crate) fn advance(vm: &Vm, at: At<'_>) -> Step {
    let it = at.regs.val(at.i.b());
    let Some(h) = it.header() else { return Step::Slow };
    let (ty, t) = (h.ty_ptr(), vm.types());
    if ptr::eq(ty, t.range_iterator) {
        // SAFETY: the type says what the payload is.
        let it = unsafe { h.payload_unchecked::<RangeIter>() };
        return match it.advance() {
            Some(i) => match Value::small_int(i) {
                Some(v) => Step::Item(v),
                None => Step::Item(vm.int(i)),
            },
            None => Step::Done,
        };
    }
    if ptr::eq(ty, t.list_iterator) {
        // SAFETY: as above.
        return step(unsafe { h.payload_unchecked::<ListIter>() }.step());
    }
    if ptr::eq(ty, t.tuple_iterator) {
        // SAFETY: as above.
        return step(unsafe { h.payload_unchecked::<TupleIter>() }.step());
    }
    Step::Slow
}

#[inline(always)]
fn step(item: Option<Value>) -> Step {
    item.map_or(Step::Done, Step::Item)
}

/// Advances any iterator.
#[inline(never)]
pub(crate) fn advance_slow(vm: &Vm, at: At<'_>) -> PyResult<Slow> {
    let it = at.regs.val(at.i.b());
    let Some(h) = it.header() else {
        return Err(vm.type_error(&format!("'{}' object is not an iterator", vm.type_of(it).name())));
    };
    if ptr::eq(h.ty_ptr(), vm.types().generator)
        && let Some(g) = it.downcast::<Generator>()
    {
        return Ok(match resume::resume_for(vm, g)? {
            Some(Next::Entered) => Slow::Entered,
            _ => Slow::Done,
        });
    }
    if let Some(f) = h.ty().slots().iternext {
        return match f(vm, it) {
            Ok(Some(v)) => Ok(Slow::Item(v)),
            Ok(None) => {
                if vm.monitor.is_on() && h.ty().is_heap() {
                    instrument::iteration_ended(vm)?;
                }
                Ok(Slow::Done)
            }
            Err(e) => match vm.stop_iteration_to_none(e)? {
                Some(v) => Ok(Slow::Item(v)),
                None => Ok(Slow::Done),
            },
        };
    }
    match vm.next(it)? {
        Some(v) => Ok(Slow::Item(v)),
        None => Ok(Slow::Done),
    }
}
