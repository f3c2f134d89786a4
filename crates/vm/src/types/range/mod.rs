//! `range` and its iterators.
//!
//! Rooms: this file has the payloads, construction and what the machine needs; [`methods`] what Python sees; [`iter`] the
//! iterators.
//!
//! Invariant: a range whose members and length fit in 64 bits is `Small`; only others work on big integers.
#![expect(unsafe_code, reason = "the payload of ranges")]

pub mod iter;
pub mod methods;

pub use iter::{ITERATOR, LONG_ITERATOR, LongRangeIter, RangeIter};
pub use methods::TYPE;

use crate::error::PyResult;
use crate::object::{Kind, Payload};
use crate::types::int::as_big;
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::IBig;

/// A range.
pub enum Range {
    /// Everything fits in 64 bits, `start + len * step` included.
    Small(SmallRange),
    /// It does not.
    Big(Box<BigRange>),
}

/// A range of 64-bit integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallRange {
    /// First value.
    pub start: i64,
    /// The bound, as given.
    pub stop: i64,
    /// Distance; not zero.
    pub step: i64,
    /// Number of values.
    pub len: u64,
}

/// A range of big integers.
#[derive(Clone, Debug)]
pub struct BigRange {
    /// First value.
    pub start: IBig,
    /// The bound, as given.
    pub stop: IBig,
    /// Distance; not zero.
    pub step: IBig,
    /// Number of values.
    pub len: IBig,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Range {
    const KIND: Kind = Kind::Range;
}

impl SmallRange {
    /// The range, if what iteration computes fits in 64 bits.
    #[inline]
    pub fn new(start: i64, stop: i64, step: i64) -> Option<SmallRange> {
        let distance = if step > 0 { stop as i128 - start as i128 } else { start as i128 - stop as i128 };
        if distance <= 0 {
            return Some(SmallRange { start, stop, step, len: 0 });
        }
        let len = (distance as u128 - 1) / step.unsigned_abs() as u128 + 1;
        let len = i64::try_from(len).ok()?;
        (len as i128 * step as i128 + start as i128).try_into().ok().map(|_: i64| ())?;
        Some(SmallRange { start, stop, step, len: len as u64 })
    }

    /// Value `i`, which is below the length.
    #[inline]
    pub fn at(&self, i: u64) -> i64 {
        self.start.wrapping_add((i as i64).wrapping_mul(self.step))
    }

    /// The position of a value in the range.
    pub fn position(&self, value: i64) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let (low, high) =
            if self.step > 0 { (self.start, self.at(self.len - 1)) } else { (self.at(self.len - 1), self.start) };
        if value < low || value > high {
            return None;
        }
        let distance = value as i128 - self.start as i128;
        (distance % self.step as i128 == 0).then(|| (distance / self.step as i128) as u64)
    }
}

impl BigRange {
    fn new(start: IBig, stop: IBig, step: IBig) -> BigRange {
        let up = step > IBig::ZERO;
        let (distance, stride) = if up { (&stop - &start, step.clone()) } else { (&start - &stop, -&step) };
        let len = if distance <= IBig::ZERO { IBig::ZERO } else { (distance - 1) / stride + 1 };
        BigRange { start, stop, step, len }
    }

    /// Value `i`.
    pub fn at(&self, i: &IBig) -> IBig {
        &self.start + i * &self.step
    }

    /// The position of a value in the range.
    pub fn position(&self, value: &IBig) -> Option<IBig> {
        let (q, r) = crate::types::int::divide::floor_big(&(value - &self.start), &self.step);
        (r.is_zero() && q >= IBig::ZERO && q < self.len).then_some(q)
    }
}

impl Range {
    /// The members as big integers.
    pub fn to_big(&self) -> BigRange {
        match self {
            Range::Small(r) => {
                BigRange { start: r.start.into(), stop: r.stop.into(), step: r.step.into(), len: r.len.into() }
            }
            Range::Big(b) => (**b).clone(),
        }
    }
}

impl Vm {
    /// A range of 64-bit integers; `step` is not zero.
    #[inline]
    pub fn range(&self, start: i64, stop: i64, step: i64) -> Value {
        let payload = match SmallRange::new(start, stop, step) {
            Some(r) => Range::Small(r),
            None => Range::Big(Box::new(BigRange::new(start.into(), stop.into(), step.into()))),
        };
        self.alloc(self.types().range, payload)
    }

    /// A range of integers of any size; `step` is not zero.
    pub fn range_big(&self, start: IBig, stop: IBig, step: IBig) -> Value {
        use crate::types::int::big_to_i64;
        match (big_to_i64(&start), big_to_i64(&stop), big_to_i64(&step)) {
            (Some(a), Some(b), Some(c)) => self.range(a, b, c),
            _ => self.alloc(self.types().range, Range::Big(Box::new(BigRange::new(start, stop, step)))),
        }
    }

    /// `range(start, stop, step)` of Python values.
    pub fn range_of(&self, start: &Value, stop: &Value, step: &Value) -> PyResult {
        let (start, stop, step) = (self.to_index(start)?, self.to_index(stop)?, self.to_index(step)?);
        let zero = |v: &Value| v.as_small_int() == Some(0);
        if zero(&step) {
            return Err(self.value_error("range() arg 3 must not be zero"));
        }
        if let (Some(a), Some(b), Some(c)) = (start.as_small_int(), stop.as_small_int(), step.as_small_int()) {
            return Ok(self.range(a, b, c));
        }
        let big = |v: &Value| as_big(v).map(|b| b.into_owned()).unwrap_or_default();
        Ok(self.range_big(big(&start), big(&stop), big(&step)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn small_and_big_agree(start in -50i64..50, stop in -50i64..50, step in (-7i64..8).prop_filter("zero", |s| *s != 0)) {
            let small = SmallRange::new(start, stop, step).unwrap();
            let big = BigRange::new(start.into(), stop.into(), step.into());
            prop_assert_eq!(IBig::from(small.len), big.len.clone());
            for value in -60..60 {
                prop_assert_eq!(small.position(value).map(IBig::from), big.position(&value.into()));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(SmallRange::new(0, i64::MAX, 1).is_some());
        assert!(SmallRange::new(0, i64::MAX, 2).is_none());
        assert!(SmallRange::new(i64::MIN, i64::MAX, 1).is_none());
        assert_eq!(SmallRange::new(5, 0, 1).unwrap().len, 0);
    }
}
