//! Comparison, truth and hashing.

use crate::error::PyResult;
use crate::types::slots::CmpOp;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `a OP b`, as the objects define it.
    pub fn compare(&self, a: &Value, b: &Value, op: CmpOp) -> PyResult {
        if let (Some(x), Some(y)) = (a.as_small_int(), b.as_small_int()) {
            return Ok(Value::bool(op.of(x.cmp(&y))));
        }
        let (ta, tb) = (self.type_of(a), self.type_of(b));
        let (fa, fb) = (ta.slots().richcmp, tb.slots().richcmp);
        let _guard = self.check_recursion(" in comparison")?;
        let mut reflected_done = false;
        if !ta.is(tb)
            && tb.is_subtype(ta)
            && let Some(f) = fb
        {
            reflected_done = true;
            let r = f(self, b, a, op.swapped())?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        if let Some(f) = fa {
            let r = f(self, a, b, op)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        if !reflected_done && let Some(f) = fb {
            let r = f(self, b, a, op.swapped())?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        match op {
            CmpOp::Eq => Ok(Value::bool(a.is(b))),
            CmpOp::Ne => Ok(Value::bool(!a.is(b))),
            _ => Err(self.type_error(&format!(
                "'{}' not supported between instances of '{}' and '{}'",
                op.symbol(),
                self.type_of(a).name(),
                self.type_of(b).name()
            ))),
        }
    }

    /// `a OP b` as a truth value.
    #[inline]
    pub fn compare_bool(&self, a: &Value, b: &Value, op: CmpOp) -> PyResult<bool> {
        let r = self.compare(a, b, op)?;
        self.truthy(&r)
    }

    /// `a is b or a == b`, as containers compare their items.
    #[inline]
    pub fn eq(&self, a: &Value, b: &Value) -> PyResult<bool> {
        if a.is(b) {
            // The same object; the same bits of a float that is not a number count as identical too.
            return Ok(true);
        }
        if Value::both_small(a, b) {
            return Ok(false);
        }
        if self.is_exact_str(a) && self.is_exact_str(b) {
            return Ok(match (a.downcast::<Str>(), b.downcast::<Str>()) {
                (Some(x), Some(y)) => x.as_bytes() == y.as_bytes(),
                _ => false,
            });
        }
        self.compare_bool(a, b, CmpOp::Eq)
    }

    /// `bool(value)`.
    #[inline]
    pub fn truthy(&self, value: &Value) -> PyResult<bool> {
        if let Some(b) = value.as_bool() {
            return Ok(b);
        }
        if value.is_none() {
            return Ok(false);
        }
        if let Some(i) = value.as_small_int() {
            return Ok(i != 0);
        }
        self.truthy_slow(value)
    }

    fn truthy_slow(&self, value: &Value) -> PyResult<bool> {
        if let Some(d) = value.as_float() {
            return Ok(d != 0.0);
        }
        let slots = self.type_of(value).slots();
        if let Some(f) = slots.bool {
            return f(self, value);
        }
        if let Some(f) = slots.len {
            return Ok(f(self, value)? != 0);
        }
        Ok(true)
    }

    /// `hash(value)`.
    #[inline]
    pub fn hash(&self, value: &Value) -> PyResult<i64> {
        if let Some(i) = value.as_small_int() {
            // |i| < 2^50 is below the modulus 2^61 - 1; -1 is left to errors.
            return Ok(if i == -1 { -2 } else { i });
        }
        if self.is_exact_str(value)
            && let Some(s) = value.downcast::<Str>()
        {
            return Ok(s.hash(self) as i64);
        }
        self.hash_slow(value)
    }

    fn hash_slow(&self, value: &Value) -> PyResult<i64> {
        match self.type_of(value).slots().hash {
            Some(f) => f(self, value),
            None => Err(self.type_error(&format!("unhashable type: '{}'", self.type_of(value).name()))),
        }
    }

    /// The hash of an object by its identity.
    pub fn identity_hash(&self, value: &Value) -> i64 {
        let bits = self.identity(value);
        (bits.rotate_right(4) & (i64::MAX as u64)) as i64
    }

    /// What `__hash__` returned, as a hash.
    pub(crate) fn hash_result(&self, r: &Value) -> PyResult<i64> {
        if !self.is_int(r) {
            return Err(self.type_error("__hash__ method should return an integer"));
        }
        match r.as_small_int() {
            Some(-1) => Ok(-2),
            Some(i) => Ok(i),
            None => match crate::types::int::to_i64(r) {
                Some(-1) => Ok(-2),
                Some(i) => Ok(i),
                None => self.hash(r),
            },
        }
    }
}
