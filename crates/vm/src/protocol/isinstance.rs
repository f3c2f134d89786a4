//! `isinstance` and `issubclass`.

use crate::error::PyResult;
use crate::types::generic_alias::Union;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// The classes of a tuple or a union.
fn class_list(class: &Value) -> Option<&Tuple> {
    match class.downcast::<Union>() {
        Some(union) => union.args.downcast::<Tuple>(),
        None => class.downcast::<Tuple>(),
    }
}

impl Vm {
    /// `isinstance(value, class)`; `class` may be a tuple or a union.
    pub fn is_instance(&self, value: &Value, class: &Value) -> PyResult<bool> {
        let ty = self.type_of(value);
        if let Some(c) = TypeObj::from_value(class) {
            if ty.is(c) {
                return Ok(true);
            }
            if self.type_of(class).is(self.types().type_) {
                return self.real_is_instance(value, c);
            }
        }
        if let Some(t) = class_list(class) {
            let _guard = self.check_recursion(" in __instancecheck__")?;
            for c in t.as_slice() {
                if self.is_instance(value, c)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        let _guard = self.check_recursion(" in __instancecheck__")?;
        if let Some(r) = self.call_special(class, &self.names().__instancecheck__, std::slice::from_ref(value))? {
            return self.truthy(&r);
        }
        self.recursive_is_instance(value, class)
    }

    /// Whether `value`'s class (or its `__class__`, if that says otherwise) derives from `class`.
    pub(crate) fn real_is_instance(&self, value: &Value, class: &TypeObj) -> PyResult<bool> {
        let ty = self.type_of(value);
        if ty.is_subtype(class) || self.is_same_by_name(ty, class) {
            return Ok(true);
        }
        if !ty.is_heap() && !value.is_a::<crate::types::weakref::WeakRef>() {
            return Ok(false);
        }
        let own = self.getattr_opt(value, &self.names().__class__)?;
        Ok(own.is_some_and(|c| TypeObj::from_value(&c).is_some_and(|c| !c.is(ty) && c.is_subtype(class))))
    }

    /// `type.__instancecheck__` for anything that may be a class.
    pub(crate) fn recursive_is_instance(&self, value: &Value, class: &Value) -> PyResult<bool> {
        if let Some(c) = TypeObj::from_value(class) {
            return self.real_is_instance(value, c);
        }
        if self.getattr_opt(class, &self.names().__bases__)?.is_none_or(|b| !b.is_a::<Tuple>()) {
            return Err(self.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union"));
        }
        match self.getattr_opt(value, &self.names().__class__)? {
            Some(c) => self.abstract_is_subclass(&c, class),
            None => Ok(false),
        }
    }

    /// `issubclass(sub, class)`; `class` may be a tuple or a union.
    pub fn is_subclass(&self, sub: &Value, class: &Value) -> PyResult<bool> {
        if TypeObj::from_value(class).is_some() && self.type_of(class).is(self.types().type_) {
            if sub.is(class) {
                return Ok(true);
            }
            return self.recursive_is_subclass(sub, class);
        }
        if let Some(t) = class_list(class) {
            let _guard = self.check_recursion(" in __subclasscheck__")?;
            for c in t.as_slice() {
                if self.is_subclass(sub, c)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        let _guard = self.check_recursion(" in __subclasscheck__")?;
        if let Some(r) = self.call_special(class, &self.names().__subclasscheck__, std::slice::from_ref(sub))? {
            return self.truthy(&r);
        }
        self.recursive_is_subclass(sub, class)
    }

    /// `type.__subclasscheck__` for anything that may be a class.
    pub(crate) fn recursive_is_subclass(&self, sub: &Value, class: &Value) -> PyResult<bool> {
        if let (Some(s), Some(c)) = (TypeObj::from_value(sub), TypeObj::from_value(class)) {
            return Ok(s.is_subtype(c) || self.is_same_by_name(s, c));
        }
        if self.getattr_opt(sub, &self.names().__bases__)?.is_none_or(|b| !b.is_a::<Tuple>()) {
            return Err(self.type_error("issubclass() arg 1 must be a class"));
        }
        if self.getattr_opt(class, &self.names().__bases__)?.is_none_or(|b| !b.is_a::<Tuple>()) {
            return Err(self.type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union"));
        }
        self.abstract_is_subclass(sub, class)
    }

    fn abstract_is_subclass(&self, sub: &Value, class: &Value) -> PyResult<bool> {
        if sub.is(class) {
            return Ok(true);
        }
        let _guard = self.check_recursion(" in __subclasscheck__")?;
        let Some(bases) = self.getattr_opt(sub, &self.names().__bases__)? else { return Ok(false) };
        let Some(bases) = bases.downcast::<Tuple>() else { return Ok(false) };
        for base in bases.as_slice() {
            if self.abstract_is_subclass(base, class)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
