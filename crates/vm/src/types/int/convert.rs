//! Conversions between Python numbers and Rust's: indices, C-like integers, floats, and what `int(x)` and `float(x)` do
//! with objects.

use super::{Int, IntRef};
use crate::error::{PyResult, Raised};
use crate::types::float::Float;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// The integer, if it is one and fits in 64 bits.
#[inline]
pub fn to_i64(value: &Value) -> Option<i64> {
    match IntRef::of(value) {
        Some(IntRef::Small(i)) => Some(i),
        _ => None,
    }
}

/// Whether the value is an integer below zero.
pub fn is_negative(value: &Value) -> bool {
    IntRef::of(value).is_some_and(IntRef::is_negative)
}

/// An integer as a float, correctly rounded; `OverflowError` when it is too large.
pub fn to_f64(vm: &Vm, value: IntRef<'_>) -> PyResult<f64> {
    match value {
        IntRef::Small(i) => Ok(i as f64),
        IntRef::Big(b) => match b.to_f64().value() {
            d if d.is_finite() => Ok(d),
            _ => Err(vm.overflow_error("int too large to convert to float")),
        },
    }
}

impl Vm {
    /// `operator.index(value)`: an exact `int`, or `TypeError`.
    #[inline]
    pub fn to_index(&self, value: &Value) -> PyResult {
        if value.is_small_int() { Ok(value.clone()) } else { self.to_index_slow(value) }
    }

    fn to_index_slow(&self, value: &Value) -> PyResult {
        if self.is_int_like(value) {
            return super::arith::pos(self, value);
        }
        let Some(f) = self.type_of(value).slots().index else {
            let message = format!("'{}' object cannot be interpreted as an integer", self.type_of(value).name());
            return Err(self.type_error(&message));
        };
        let made = f(self, value)?;
        self.checked_int(made, "__index__")
    }

    /// What `__index__` or `__int__` returned, as an exact `int`.
    fn checked_int(&self, made: Value, method: &str) -> PyResult {
        if made.is_small_int() || self.is_exact(&made, self.types().int) {
            return Ok(made);
        }
        let name = self.type_of(&made).name();
        if !self.is_int_like(&made) {
            return Err(self.type_error(&format!("{method} returned non-int (type {name})")));
        }
        let message = format!(
            "{method} returned non-int (type {name}).  The ability to return an instance of a strict subclass of int \
             is deprecated, and may not be supported in a future version of Python."
        );
        self.hooks().warn(self, self.types().DeprecationWarning, &message, 1)?;
        super::arith::pos(self, &made)
    }

    /// An index as 64 bits, saturated.
    pub fn index_clamped(&self, value: &Value) -> PyResult<isize> {
        if let Some(i) = value.as_small_int() {
            return Ok(i as isize);
        }
        let index = self.to_index(value)?;
        Ok(match IntRef::of(&index) {
            Some(IntRef::Small(i)) => i as isize,
            Some(big) if big.is_negative() => isize::MIN,
            _ => isize::MAX,
        })
    }

    /// An index into a sequence: `IndexError` when it does not fit.
    #[inline]
    pub fn index_i64(&self, value: &Value) -> PyResult<i64> {
        match value.as_small_int() {
            Some(i) => Ok(i),
            None => self.index_isize(value, self.types().IndexError).map(|i| i as i64),
        }
    }

    /// An index; `exc` when it does not fit in 64 bits.
    pub fn index_isize(&self, value: &Value, exc: &TypeObj) -> PyResult<isize> {
        let index = self.to_index(value)?;
        match to_i64(&index) {
            Some(i) => Ok(i as isize),
            None => {
                let name = self.type_of(value).name();
                Err(self.raise_text(exc, &format!("cannot fit '{name}' into an index-sized integer")))
            }
        }
    }

    /// A size given as an argument (the argument clinic's `Py_ssize_t`): an index, `exc` when it does not fit.
    pub fn index_isize_or(&self, value: &Value, exc: &TypeObj) -> PyResult<isize> {
        let index = self.to_index(value)?;
        match to_i64(&index) {
            Some(i) => Ok(i as isize),
            None => Err(self.raise_text(exc, "Python int too large to convert to C ssize_t")),
        }
    }

    /// An argument that is a C `ssize_t`.
    pub fn arg_isize(&self, value: &Value) -> PyResult<isize> {
        self.index_isize_or(value, self.types().OverflowError)
    }

    /// An argument that is a C `long` (or `long long`): 64 bits.
    pub fn arg_i64(&self, value: &Value) -> PyResult<i64> {
        match value.as_small_int() {
            Some(i) => Ok(i),
            None => match to_i64(&self.to_index(value)?) {
                Some(i) => Ok(i),
                None => Err(self.overflow_error("Python int too large to convert to C long")),
            },
        }
    }

    /// An argument that is a C `unsigned long`: 64 bits, not negative.
    pub fn arg_u64(&self, value: &Value) -> PyResult<u64> {
        let index = self.to_index(value)?;
        match IntRef::of(&index) {
            Some(IntRef::Small(i)) => match u64::try_from(i) {
                Ok(u) => Ok(u),
                Err(_) => Err(self.overflow_error("can't convert negative value to unsigned int")),
            },
            Some(IntRef::Big(b)) if !index_is_negative(&index) => match u64::try_from(b) {
                Ok(u) => Ok(u),
                Err(_) => Err(self.overflow_error("Python int too large to convert to C unsigned long")),
            },
            _ => Err(self.overflow_error("can't convert negative value to unsigned int")),
        }
    }

    /// An argument that is a C `int`.
    pub fn arg_i32(&self, value: &Value) -> PyResult<i32> {
        let index = self.to_index(value)?;
        match to_i64(&index) {
            Some(i) => match i32::try_from(i) {
                Ok(i) => Ok(i),
                Err(_) if i > 0 => Err(self.overflow_error("signed integer is greater than maximum")),
                Err(_) => Err(self.overflow_error("signed integer is less than minimum")),
            },
            None => Err(self.overflow_error("Python int too large to convert to C int")),
        }
    }

    /// An argument that is a size: `ValueError` when it is negative.
    pub fn arg_usize(&self, value: &Value) -> PyResult<usize> {
        match usize::try_from(self.arg_isize(value)?) {
            Ok(n) => Ok(n),
            Err(_) => Err(self.value_error("value must be positive")),
        }
    }

    /// An argument that is a float: a `float`, `__float__` or `__index__`; `TypeError` otherwise.
    #[inline]
    pub fn to_f64(&self, value: &Value) -> PyResult<f64> {
        match value.as_float() {
            Some(d) => Ok(d),
            None => match value.as_small_int() {
                Some(i) => Ok(i as f64),
                None => self.to_f64_slow(value),
            },
        }
    }

    #[cold]
    fn to_f64_slow(&self, value: &Value) -> PyResult<f64> {
        match self.real_number(value)? {
            Some(d) => Ok(d),
            None => Err(self.type_error(&format!("must be real number, not {}", self.type_of(value).name()))),
        }
    }

    /// A float from a real number or an object that has `__float__` or `__index__`; `None` if it is neither.
    pub fn real_number(&self, value: &Value) -> PyResult<Option<f64>> {
        if let Some(d) = value.as_float() {
            return Ok(Some(d));
        }
        if let Some(f) = value.downcast::<Float>() {
            return Ok(Some(f.value));
        }
        if let Some(i) = IntRef::of(value)
            && (!value.is_object() || self.is_exact(value, self.types().int))
        {
            return to_f64(self, i).map(Some);
        }
        self.convert_to_float(value)
    }

    /// A float by `__float__` or `__index__`, also of instances of subclasses of `float`; `None` if there is neither.
    pub(crate) fn convert_to_float(&self, value: &Value) -> PyResult<Option<f64>> {
        let ty = self.type_of(value);
        if let Some(f) = ty.slots().float {
            let made = f(self, value)?;
            if let Some(d) = made.as_float() {
                return Ok(Some(d));
            }
            let (owner, name) = (self.type_of(value).name(), self.type_of(&made).name());
            let Some(float) = made.downcast::<Float>() else {
                return Err(self.type_error(&format!("{owner}.__float__ returned non-float (type {name})")));
            };
            let message = format!(
                "{owner}.__float__ returned non-float (type {name}).  The ability to return an instance of a strict \
                 subclass of float is deprecated, and may not be supported in a future version of Python."
            );
            self.hooks().warn(self, self.types().DeprecationWarning, &message, 1)?;
            return Ok(Some(float.value));
        }
        if ty.slots().index.is_some() {
            let index = self.to_index(value)?;
            return match IntRef::of(&index) {
                Some(i) => to_f64(self, i).map(Some),
                None => Ok(None),
            };
        }
        Ok(None)
    }

    /// `int(value)` of an object that is not text; `None` if it is no number.
    pub fn number_to_int(&self, value: &Value) -> PyResult<Option<Value>> {
        if value.is_small_int() || self.is_exact(value, self.types().int) {
            return Ok(Some(value.clone()));
        }
        let slots = self.type_of(value).slots();
        if let Some(f) = slots.int {
            let made = f(self, value)?;
            return self.checked_int(made, "__int__").map(Some);
        }
        if slots.index.is_some() {
            return self.to_index(value).map(Some);
        }
        Ok(None)
    }

    /// The class of an argument as messages show it: `None` for `None`.
    pub fn arg_type_name<'a>(&self, value: &'a Value) -> &'a str {
        if value.is_none() { "None" } else { self.type_of(value).name() }
    }
}

fn index_is_negative(value: &Value) -> bool {
    value.downcast::<Int>().is_some_and(|i| i.value.sign() == dashu_int::Sign::Negative)
}

/// Raises what a float that is not finite gives when it is made an integer.
#[cold]
pub fn not_finite(vm: &Vm, d: f64) -> Raised {
    if d.is_nan() {
        vm.value_error("cannot convert float NaN to integer")
    } else {
        vm.overflow_error("cannot convert float infinity to integer")
    }
}
