//! The iterators of ranges.
#![expect(unsafe_code, reason = "the payloads of iterators")]

use super::{BigRange, Range, SmallRange};
use crate::error::PyResult;
use crate::native::{Args, MethodDef};
use crate::object::{Kind, Payload};
use crate::types::int::IntRef;
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, tflag};
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::IBig;
use std::cell::{Cell, RefCell};

/// `range_iterator`: all values fit in 64 bits.
pub struct RangeIter {
    /// The next value.
    pub next: Cell<i64>,
    /// Distance.
    pub step: i64,
    /// How many are left.
    pub left: Cell<u64>,
}

/// `longrange_iterator`: values of any size.
pub struct LongRangeIter {
    next: RefCell<IBig>,
    step: IBig,
    left: RefCell<IBig>,
}

// SAFETY: made by the heap only; both have kinds of their own through `native_id`.
unsafe impl Payload for RangeIter {
    const KIND: Kind = Kind::Native;

    fn matches(header: &crate::object::Header) -> bool {
        header.kind() == Kind::Native && header.ty().native_id == Some(std::any::TypeId::of::<RangeIter>())
    }
}

// SAFETY: as above.
unsafe impl Payload for LongRangeIter {
    const KIND: Kind = Kind::Native;

    fn matches(header: &crate::object::Header) -> bool {
        header.kind() == Kind::Native && header.ty().native_id == Some(std::any::TypeId::of::<LongRangeIter>())
    }
}

impl RangeIter {
    /// The next value.
    #[inline(always)]
    pub fn advance(&self) -> Option<i64> {
        let left = self.left.get();
        if left == 0 {
            return None;
        }
        self.left.set(left - 1);
        let value = self.next.get();
        self.next.set(value.wrapping_add(self.step));
        Some(value)
    }
}

impl Vm {
    /// An iterator over a range of 64-bit integers.
    #[inline]
    pub fn range_iter(&self, r: &SmallRange) -> Value {
        let payload = RangeIter { next: Cell::new(r.start), step: r.step, left: Cell::new(r.len) };
        self.alloc(self.types().range_iterator, payload)
    }

    fn long_range_iter(&self, r: BigRange) -> Value {
        let payload = LongRangeIter { next: RefCell::new(r.start), step: r.step, left: RefCell::new(r.len) };
        self.alloc(self.types().longrange_iterator, payload)
    }
}

/// `iter(range)`
pub(super) fn iter(vm: &Vm, value: &Value) -> PyResult {
    Ok(match value.downcast::<Range>().expect("the slot belongs to range") {
        Range::Small(r) => vm.range_iter(r),
        Range::Big(b) => vm.long_range_iter((**b).clone()),
    })
}

/// `reversed(range)`
pub(super) fn reversed(vm: &Vm, value: &Value) -> PyResult {
    let range = value.downcast::<Range>().expect("the method belongs to range");
    if let Range::Small(r) = range
        && let Some(step) = r.step.checked_neg()
    {
        let start = if r.len == 0 { r.start } else { r.at(r.len - 1) };
        return Ok(vm.range_iter(&SmallRange { start, stop: start, step, len: r.len }));
    }
    let r = range.to_big();
    let start = r.at(&(&r.len - 1));
    Ok(vm.long_range_iter(BigRange { start, stop: IBig::ZERO, step: -r.step, len: r.len }))
}

fn short(value: &Value) -> &RangeIter {
    value.downcast::<RangeIter>().expect("the slot belongs to range_iterator")
}

fn long(value: &Value) -> &LongRangeIter {
    value.downcast::<LongRangeIter>().expect("the slot belongs to longrange_iterator")
}

const HINT_DOC: &str = "Private method returning an estimate of len(list(it)).";
const REDUCE_DOC: &str = "Return state information for pickling.";
const SETSTATE_DOC: &str = "Set state information for unpickling.";

/// The type `range_iterator`.
pub static ITERATOR: TypeDef = TypeDef::new::<RangeIter>("range_iterator")
    .flags(tflag::NO_NEW)
    .slots(Slots {
        iter: Some(|_, v| Ok(v.clone())),
        iternext: Some(|vm, v| Ok(short(v).advance().map(|i| vm.int(i)))),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("__length_hint__", "($self, /)", |vm, a| Ok(vm.int_u64(short(a.get(0)).left.get())))
            .doc(HINT_DOC),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let it = short(a.get(0));
            let stop = it.next.get() as i128 + it.left.get() as i128 * it.step as i128;
            reduced(vm, vm.int(it.next.get()), vm.int_i128(stop), vm.int(it.step))
        })
        .doc(REDUCE_DOC),
        MethodDef::new("__setstate__", "($self, object, /)", set_state).doc(SETSTATE_DOC),
    ]);

/// The type `longrange_iterator`.
pub static LONG_ITERATOR: TypeDef = TypeDef::new::<LongRangeIter>("longrange_iterator")
    .flags(tflag::NO_NEW)
    .slots(Slots { iter: Some(|_, v| Ok(v.clone())), iternext: Some(long_next), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("__length_hint__", "($self, /)", |vm, a| Ok(vm.int_big(long(a.get(0)).left.borrow().clone())))
            .doc(HINT_DOC),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let it = long(a.get(0));
            let (next, left) = (it.next.borrow().clone(), it.left.borrow().clone());
            let stop = &next + left * &it.step;
            reduced(vm, vm.int_big(next), vm.int_big(stop), vm.int_big(it.step.clone()))
        })
        .doc(REDUCE_DOC),
        MethodDef::new("__setstate__", "($self, object, /)", set_long_state).doc(SETSTATE_DOC),
    ]);

fn long_next(vm: &Vm, value: &Value) -> PyResult<Option<Value>> {
    let it = long(value);
    let mut left = it.left.borrow_mut();
    if left.is_zero() {
        return Ok(None);
    }
    *left -= 1;
    let mut next = it.next.borrow_mut();
    let following = &*next + &it.step;
    Ok(Some(vm.int_big(std::mem::replace(&mut *next, following))))
}

/// `(iter, (range(next, stop, step),), None)`
fn reduced(vm: &Vm, next: Value, stop: Value, step: Value) -> PyResult {
    let range = vm.range_of(&next, &stop, &step)?;
    let iter = match vm.builtins.get() {
        Some(builtins) => vm.get_item(&builtins, &vm.intern("iter"))?,
        None => Value::NONE,
    };
    let args = vm.tuple(vec![range]);
    Ok(vm.tuple(vec![iter, args, Value::NONE]))
}

fn set_state(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = short(a.get(0));
    let state = vm.index_isize_or(a.get(1), vm.types().OverflowError)?;
    let skip = (state.max(0) as u64).min(it.left.get());
    it.next.set(it.next.get().wrapping_add((skip as i64).wrapping_mul(it.step)));
    it.left.set(it.left.get() - skip);
    Ok(Value::NONE)
}

fn set_long_state(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = long(a.get(0));
    let state = vm.to_index(a.get(1))?;
    let skip = IntRef::of(&state).map(|s| s.big().into_owned()).unwrap_or_default().max(IBig::ZERO);
    let skip = skip.min(it.left.borrow().clone());
    *it.next.borrow_mut() += &skip * &it.step;
    *it.left.borrow_mut() -= skip;
    Ok(Value::NONE)
}
