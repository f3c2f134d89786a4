//! `slice`: three values, and what they mean for a sequence of a given length.
#![expect(unsafe_code, reason = "the payload of slices")]

use crate::error::{PyResult, Raised};
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::int::IntRef;
use crate::types::slots::{BinOp, CmpOp, Slots};
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;

/// A slice.
pub struct Slice {
    /// First index, or `None`.
    pub start: Value,
    /// Index behind the last, or `None`.
    pub stop: Value,
    /// Distance, or `None`.
    pub step: Value,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Slice {
    const KIND: Kind = Kind::Slice;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        for v in [&self.start, &self.stop, &self.step] {
            visit(v);
        }
    }
}

/// What a slice selects of a sequence: `len` items at `start`, `start + step`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceIndices {
    /// First index, inside of the sequence if `len` is not zero.
    pub start: isize,
    /// Where it ends; never reached.
    pub stop: isize,
    /// Distance; not zero.
    pub step: isize,
    /// Number of items.
    pub len: usize,
}

/// A slice whose members have been made integers, before the length of the sequence is known.
#[derive(Clone, Copy, Debug)]
pub struct Unpacked {
    start: isize,
    stop: isize,
    step: isize,
}

impl Unpacked {
    /// Clips to a sequence of `len` items.
    pub fn adjust(self, len: usize) -> SliceIndices {
        let n = len as isize;
        let (low, high) = if self.step < 0 { (-1, n - 1) } else { (0, n) };
        let clip = |i: isize| if i < 0 { i.saturating_add(n).max(low) } else { i.min(high) };
        let (start, stop) = (clip(self.start), clip(self.stop));
        let len = if self.step < 0 && stop < start {
            (start - stop - 1) as usize / self.step.unsigned_abs() + 1
        } else if self.step > 0 && start < stop {
            (stop - start - 1) as usize / self.step as usize + 1
        } else {
            0
        };
        SliceIndices { start, stop, step: self.step, len }
    }
}

impl Slice {
    /// The members as integers. This may run Python code: ask for the length of the sequence afterwards.
    pub fn unpack(&self, vm: &Vm) -> PyResult<Unpacked> {
        let step = match self.step.is_none() {
            true => 1,
            false => member(vm, &self.step)?.max(-isize::MAX),
        };
        if step == 0 {
            return Err(zero_step(vm));
        }
        let (first, last) = if step < 0 { (isize::MAX, isize::MIN) } else { (0, isize::MAX) };
        let start = if self.start.is_none() { first } else { member(vm, &self.start)? };
        let stop = if self.stop.is_none() { last } else { member(vm, &self.stop)? };
        Ok(Unpacked { start, stop, step })
    }

    /// What the slice selects of a sequence of `len` items. `__index__` methods may run.
    pub fn indices(&self, vm: &Vm, len: usize) -> PyResult<SliceIndices> {
        Ok(self.unpack(vm)?.adjust(len))
    }
}

fn member(vm: &Vm, value: &Value) -> PyResult<isize> {
    if let Some(i) = value.as_small_int() {
        return Ok(i as isize);
    }
    if !vm.is_int_like(value) && vm.type_of(value).slots().index.is_none() {
        return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
    }
    vm.index_clamped(value)
}

#[cold]
fn zero_step(vm: &Vm) -> Raised {
    vm.value_error("slice step cannot be zero")
}

impl Vm {
    /// `slice(start, stop, step)`
    #[inline]
    pub fn slice(&self, start: Value, stop: Value, step: Value) -> Value {
        self.alloc(self.types().slice, Slice { start, stop, step })
    }
}

fn this(value: &Value) -> &Slice {
    value.downcast::<Slice>().expect("the slot belongs to slice")
}

/// The type `slice`.
pub static TYPE: TypeDef = TypeDef::new::<Slice>("slice")
    .gc()
    .doc(
        "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.\n\nThis is used for extended slicing (e.g. \
         a[0:10:2]).",
    )
    .slots(Slots { new: Some(new), repr: Some(repr), hash: Some(hash), richcmp: Some(richcmp), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("indices", "($self, object, /)", indices).doc(
            "S.indices(len) -> (start, stop, stride)\n\nAssuming a sequence of length len, calculate the start and \
             stop\nindices, and the stride length of the extended slice described by\nS. Out of bounds indices are \
             clipped in a manner consistent with the\nhandling of normal slices.",
        ),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let s = this(a.get(0));
            let members = vm.tuple_of(&[s.start.clone(), s.stop.clone(), s.step.clone()]);
            Ok(vm.tuple(vec![vm.types().slice.value(), members]))
        })
        .doc("Return state information for pickling."),
        MethodDef::new("__copy__", "($self, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::new("__deepcopy__", "($self, memo, /)", deepcopy),
    ])
    .getset(&[
        GetSetDef::field("start", |_, v| Ok(this(v).start.clone())),
        GetSetDef::field("stop", |_, v| Ok(this(v).stop.clone())),
        GetSetDef::field("step", |_, v| Ok(this(v).step.clone())),
    ]);

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error("slice() takes no keyword arguments"));
    }
    Ok(match args.pos() {
        [] => return Err(vm.type_error("slice expected at least 1 argument, got 0")),
        [stop] => vm.slice(Value::NONE, stop.clone(), Value::NONE),
        [start, stop] => vm.slice(start.clone(), stop.clone(), Value::NONE),
        [start, stop, step] => vm.slice(start.clone(), stop.clone(), step.clone()),
        many => return Err(vm.type_error(&format!("slice expected at most 3 arguments, got {}", many.len()))),
    })
}

fn repr(vm: &Vm, value: &Value) -> PyResult {
    let s = this(value);
    let (start, stop, step) = (vm.repr(&s.start)?, vm.repr(&s.stop)?, vm.repr(&s.step)?);
    let text = |v: &Value| v.downcast::<crate::types::str::Str>().map_or(Vec::new(), |s| s.as_bytes().to_vec());
    vm.join_bytes(&[b"slice(", &text(&start), b", ", &text(&stop), b", ", &text(&step), b")"])
}

fn hash(vm: &Vm, value: &Value) -> PyResult<i64> {
    // xxHash's mixing over the members' hashes, as tuples do, without the length.
    const PRIMES: [u64; 3] = [11_400_714_785_074_694_791, 14_029_467_366_897_019_727, 2_870_177_450_012_600_261];
    let s = this(value);
    let mut acc = PRIMES[2];
    for member in [&s.start, &s.stop, &s.step] {
        let lane = vm.hash(member)? as u64;
        acc = acc.wrapping_add(lane.wrapping_mul(PRIMES[1])).rotate_left(31).wrapping_mul(PRIMES[0]);
    }
    Ok(if acc == u64::MAX { 1_546_275_796 } else { acc as i64 })
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Slice>(), b.downcast::<Slice>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a.is(b) {
        return Ok(Value::bool(matches!(op, CmpOp::Eq | CmpOp::Le | CmpOp::Ge)));
    }
    for (m, n) in [(&x.start, &y.start), (&x.stop, &y.stop), (&x.step, &y.step)] {
        if !m.is(n) && !vm.eq(m, n)? {
            return match op {
                CmpOp::Eq => Ok(Value::FALSE),
                CmpOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(m, n, op),
            };
        }
    }
    Ok(Value::bool(matches!(op, CmpOp::Eq | CmpOp::Le | CmpOp::Ge)))
}

fn deepcopy(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = this(a.get(0));
    let copy = vm.types().slice.value();
    let module = vm.hooks().import_name(vm, &vm.intern("copy"), &Value::NONE, &Value::NONE, 0)?;
    let deep = vm.getattr_str(&module, "deepcopy")?;
    let mut members = Vec::with_capacity(3);
    for m in [&s.start, &s.stop, &s.step] {
        members.push(vm.call_pos(&deep, &[m.clone(), a.get(1).clone()])?);
    }
    vm.call_pos(&copy, &members)
}

/// `slice.indices(len)`, in integers of any size.
fn indices(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = this(a.get(0));
    let len = vm.to_index(a.get(1))?;
    if crate::types::int::is_negative(&len) {
        return Err(vm.value_error("length should not be negative"));
    }
    let zero = Value::int_unchecked(0);
    let one = Value::int_unchecked(1);
    let step = if s.step.is_none() { one.clone() } else { exact_member(vm, &s.step)? };
    if IntRef::of(&step).is_some_and(IntRef::is_zero) {
        return Err(zero_step(vm));
    }
    let down = crate::types::int::is_negative(&step);
    let (low, high) = match down {
        true => (Value::int_unchecked(-1), vm.binary_op(BinOp::Sub, &len, &one)?),
        false => (zero, len.clone()),
    };
    let clip = |v: &Value, missing: &Value| -> PyResult {
        if v.is_none() {
            return Ok(missing.clone());
        }
        let i = exact_member(vm, v)?;
        let (i, bound) = match crate::types::int::is_negative(&i) {
            true => (vm.binary_op(BinOp::Add, &i, &len)?, &low),
            false => (i, &high),
        };
        let beyond = match (IntRef::of(&i), IntRef::of(bound)) {
            (Some(x), Some(y)) => {
                if std::ptr::eq(bound, &low) {
                    x < y
                } else {
                    x > y
                }
            }
            _ => false,
        };
        Ok(if beyond { bound.clone() } else { i })
    };
    let start = clip(&s.start, if down { &high } else { &low })?;
    let stop = clip(&s.stop, if down { &low } else { &high })?;
    Ok(vm.tuple(vec![start, stop, step]))
}

fn exact_member(vm: &Vm, value: &Value) -> PyResult {
    if !vm.is_int_like(value) && vm.type_of(value).slots().index.is_none() {
        return Err(vm.type_error("slice indices must be integers or None or have an __index__ method"));
    }
    vm.to_index(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping() {
        let of = |start, stop, step, len| {
            let s = Unpacked { start, stop, step }.adjust(len);
            (s.start, s.stop, s.len)
        };
        assert_eq!(of(0, isize::MAX, 1, 5), (0, 5, 5));
        assert_eq!(of(-2, isize::MAX, 1, 5), (3, 5, 2));
        assert_eq!(of(isize::MAX, isize::MIN, -1, 5), (4, -1, 5));
        assert_eq!(of(isize::MIN, isize::MAX, isize::MAX, 5), (0, 5, 1));
        assert_eq!(of(3, 1, 1, 5), (3, 1, 0));
        assert_eq!(of(0, 5, 2, 5), (0, 5, 3));
        assert_eq!(of(isize::MAX, isize::MIN, -isize::MAX, 0), (-1, -1, 0));
    }
}
