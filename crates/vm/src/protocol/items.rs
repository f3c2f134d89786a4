//! Subscripts, length and membership.

use crate::error::PyResult;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `obj[key]`.
    #[inline]
    pub fn get_item(&self, obj: &Value, key: &Value) -> PyResult {
        match self.type_of(obj).slots().getitem {
            Some(f) => f(self, obj, key),
            None => self.get_item_of_class(obj, key),
        }
    }

    /// `Class[key]` by `__class_getitem__`, or the TypeError.
    #[cold]
    fn get_item_of_class(&self, obj: &Value, key: &Value) -> PyResult {
        if let Some(ty) = TypeObj::from_value(obj) {
            if ty.is(self.types().type_) {
                return self.generic_alias(obj, key);
            }
            if let Some(f) = self.getattr_opt(obj, &self.names().__class_getitem__)? {
                return self.call_one(&f, key);
            }
            return Err(self.type_error(&format!("type '{}' is not subscriptable", ty.display_name(self))));
        }
        Err(self.type_error(&format!("'{}' object is not subscriptable", self.type_of(obj).name())))
    }

    /// `obj[key] = value`.
    pub fn set_item(&self, obj: &Value, key: &Value, value: &Value) -> PyResult<()> {
        match self.type_of(obj).slots().setitem {
            Some(f) => f(self, obj, key, Some(value)),
            None => {
                Err(self.type_error(&format!("'{}' object does not support item assignment", self.type_of(obj).name())))
            }
        }
    }

    /// `del obj[key]`.
    pub fn del_item(&self, obj: &Value, key: &Value) -> PyResult<()> {
        match self.type_of(obj).slots().setitem {
            Some(f) => f(self, obj, key, None),
            None => {
                Err(self.type_error(&format!("'{}' object doesn't support item deletion", self.type_of(obj).name())))
            }
        }
    }

    /// `len(obj)`.
    pub fn len(&self, obj: &Value) -> PyResult<usize> {
        match self.type_of(obj).slots().len {
            Some(f) => f(self, obj),
            None => Err(self.type_error(&format!("object of type '{}' has no len()", self.type_of(obj).name()))),
        }
    }

    /// What `__len__` returned, as a length.
    pub(crate) fn length_result(&self, r: &Value) -> PyResult<usize> {
        let i = self.to_index(r)?;
        if let Some(i) = i.as_small_int() {
            return match usize::try_from(i) {
                Ok(n) => Ok(n),
                Err(_) => Err(self.value_error("__len__() should return >= 0")),
            };
        }
        match crate::types::int::to_i64(&i) {
            Some(i) if i < 0 => Err(self.value_error("__len__() should return >= 0")),
            Some(i) => Ok(i as usize),
            None if crate::types::int::is_negative(&i) => Err(self.value_error("__len__() should return >= 0")),
            None => Err(self.overflow_error("cannot fit 'int' into an index-sized integer")),
        }
    }

    /// `len(obj)` or `__length_hint__`, or `default`.
    pub fn length_hint(&self, obj: &Value, default: usize) -> PyResult<usize> {
        if let Some(f) = self.type_of(obj).slots().len {
            return match f(self, obj) {
                Ok(n) => Ok(n),
                Err(e) if self.pending_is(self.types().TypeError) => {
                    drop(e);
                    drop(self.take_raised());
                    Ok(default)
                }
                Err(e) => Err(e),
            };
        }
        match self.call_special(obj, &self.names().__length_hint__, &[]) {
            Ok(None) => Ok(default),
            Ok(Some(r)) if r.is_not_implemented() => Ok(default),
            Ok(Some(r)) => {
                if !self.is_int(&r) {
                    let t = self.type_of(&r).name().to_string();
                    return Err(self.type_error(&format!("__length_hint__ must be an integer, not {t}")));
                }
                match crate::types::int::to_i64(&r) {
                    Some(n) if n >= 0 => Ok(n as usize),
                    Some(_) => Err(self.value_error("__length_hint__() should return >= 0")),
                    None => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
                }
            }
            Err(e) if self.pending_is(self.types().TypeError) => {
                drop(e);
                drop(self.take_raised());
                Ok(default)
            }
            Err(e) => Err(e),
        }
    }

    /// `item in container`.
    pub fn contains(&self, container: &Value, item: &Value) -> PyResult<bool> {
        match self.type_of(container).slots().contains {
            Some(f) => f(self, container, item),
            None => self.contains_by_iteration(container, item),
        }
    }

    pub(crate) fn contains_by_iteration(&self, container: &Value, item: &Value) -> PyResult<bool> {
        let it = match self.iter_opt(container)? {
            Some(it) => it,
            None => {
                return Err(self.type_error(&format!(
                    "argument of type '{}' is not a container or iterable",
                    self.type_of(container).name()
                )));
            }
        };
        while let Some(x) = self.next(&it)? {
            if self.eq(&x, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
