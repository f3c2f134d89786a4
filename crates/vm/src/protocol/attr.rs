//! Attributes: reading, writing, deleting, and binding of descriptors.

use crate::error::{PyResult, Raised};
use crate::instance::{clone_word, has_dict};
use crate::object::Kind;
use crate::protocol::call::Method;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::str::Str;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// `obj.name`; `name` is an interned `str`.
    #[inline]
    pub fn getattr(&self, obj: &Value, name: &Value) -> PyResult {
        if let Some(f) = self.type_of(obj).slots().getattr {
            return f(self, obj, name);
        }
        match self.generic_getattr_opt(obj, name)? {
            Some(v) => Ok(v),
            None => Err(self.no_attribute(obj, name)),
        }
    }

    /// `obj.name` for a name known in Rust.
    pub fn getattr_str(&self, obj: &Value, name: &str) -> PyResult {
        self.getattr(obj, &self.intern(name))
    }

    /// `obj.name`, or `None` if that raises AttributeError.
    pub fn getattr_opt(&self, obj: &Value, name: &Value) -> PyResult<Option<Value>> {
        let found = match self.type_of(obj).slots().getattr {
            None => self.generic_getattr_opt(obj, name),
            Some(f) => f(self, obj, name).map(Some),
        };
        match found {
            // A descriptor may raise it too.
            Err(_) if self.pending_is(self.types().AttributeError) => {
                drop(self.take_raised());
                Ok(None)
            }
            found => found,
        }
    }

    /// `object.__getattribute__`: data descriptors of the class, the instance, the class.
    pub fn generic_getattr_opt(&self, obj: &Value, name: &Value) -> PyResult<Option<Value>> {
        let ty = self.type_of(obj);
        let found = ty.lookup(self, name);
        let getter = match &found {
            Some(d) => {
                let slots = self.type_of(d).slots();
                if let (Some(get), true) = (slots.descr_get, slots.descr_set.is_some()) {
                    return get(self, d, Some(obj), Some(&ty.value())).map(Some);
                }
                slots.descr_get
            }
            None => None,
        };
        if let Some(h) = obj.header()
            && let Some(attrs) = h.attrs()
        {
            if let Some(own) = self.get_own_attr(attrs, name) {
                return Ok(Some(own));
            }
            if h.kind() == Kind::Module
                && let Some(own) = obj.downcast::<Module>().and_then(|m| m.get(self, name))
            {
                return Ok(Some(own));
            }
        }
        match (found, getter) {
            (Some(d), Some(get)) => get(self, &d, Some(obj), Some(&ty.value())).map(Some),
            (found, _) => Ok(found),
        }
    }

    /// `obj.name = value`, or `del obj.name` when `value` is `None`.
    #[inline]
    pub fn setattr(&self, obj: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
        if let Some(f) = self.type_of(obj).slots().setattr {
            return f(self, obj, name, value);
        }
        self.generic_setattr(obj, name, value)
    }

    /// `object.__setattr__` and `object.__delattr__`.
    pub fn generic_setattr(&self, obj: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
        let ty = self.type_of(obj);
        let found = ty.lookup(self, name);
        if let Some(d) = &found
            && let Some(set) = self.type_of(d).slots().descr_set
        {
            return set(self, d, obj, value);
        }
        if let Some(text) = name.downcast::<Str>() {
            self.check_attribute(obj, text.as_str_lossy())?;
        }
        if let Some(h) = obj.header()
            && let Some(attrs) = h.attrs()
            && has_dict(ty)
            && !h.is_immortal()
        {
            match value {
                Some(value) => {
                    self.set_own_attr(h, attrs, name, value.clone());
                    return Ok(());
                }
                None if self.del_own_attr(h, attrs, name) => return Ok(()),
                None => {}
            }
            return Err(self.no_attribute(obj, name));
        }
        let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        let message = if found.is_some() {
            format!("'{}' object attribute '{text}' is read-only", ty.name())
        } else if obj.header().is_none_or(|h| h.attrs().is_none()) {
            format!("'{}' object has no attribute '{text}' and no __dict__ for setting new attributes", ty.name())
        } else {
            format!("'{}' object has no attribute '{text}'", ty.name())
        };
        Err(self.attribute_error_for(&message, obj, name))
    }

    /// The AttributeError of a missing attribute, with `name` and `obj` for the suggestions.
    #[cold]
    pub fn no_attribute(&self, obj: &Value, name: &Value) -> Raised {
        let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        let message = match TypeObj::from_value(obj) {
            Some(ty) => format!("type object '{}' has no attribute '{text}'", ty.name()),
            None => format!("'{}' object has no attribute '{text}'", self.type_of(obj).name()),
        };
        self.attribute_error_for(&message, obj, name)
    }

    /// The receiver-taking form of attribute `name` of `obj`, for a call.
    pub fn get_method(&self, obj: &Value, name: &Value) -> PyResult<Method> {
        let ty = self.type_of(obj);
        if ty.slots().getattr.is_some() {
            return self.getattr(obj, name).map(Method::Bound);
        }
        let Some(found) = ty.lookup(self, name) else {
            return match self.generic_getattr_opt(obj, name)? {
                Some(v) => Ok(Method::Bound(v)),
                None => Err(self.no_attribute(obj, name)),
            };
        };
        if self.type_of(&found).has(tflag::METHOD_DESCRIPTOR) {
            if let Some(attrs) = obj.header().and_then(|h| h.attrs())
                && let Some(own) = self.get_own_attr(attrs, name)
            {
                return Ok(Method::Bound(own));
            }
            return Ok(Method::Unbound(found));
        }
        match self.generic_getattr_opt(obj, name)? {
            Some(v) => Ok(Method::Bound(v)),
            None => Err(self.no_attribute(obj, name)),
        }
    }

    /// Binds what was found on the class of `obj`.
    #[inline]
    pub(crate) fn bind_method(&self, found: Value, obj: &Value) -> PyResult<Method> {
        let ty = self.type_of(&found);
        if ty.has(tflag::METHOD_DESCRIPTOR) {
            return Ok(Method::Unbound(found));
        }
        match ty.slots().descr_get {
            Some(get) => get(self, &found, Some(obj), Some(&self.type_of(obj).value())).map(Method::Bound),
            None => Ok(Method::Bound(found)),
        }
    }

    /// What a descriptor gives for an object (or none) and a class; other values as they are.
    pub fn bind_descriptor(&self, d: &Value, obj: Option<&Value>, class: &Value) -> PyResult {
        match self.type_of(d).slots().descr_get {
            Some(get) => get(self, d, obj, Some(class)),
            None => Ok(d.clone()),
        }
    }

    /// The object's `__dict__`, if it has one.
    pub fn instance_dict(&self, obj: &Value) -> Option<Value> {
        let h = obj.header()?;
        if h.kind() == Kind::Module {
            return obj.downcast::<crate::types::module::Module>().map(|m| m.dict());
        }
        let attrs = h.attrs()?;
        Some(self.own_dict(h, attrs))
    }

    /// Names and values of an instance's own attributes, without making its `__dict__`.
    pub fn own_attributes(&self, obj: &Value) -> Vec<(Value, Value)> {
        let Some(attrs) = obj.header().and_then(|h| h.attrs()) else { return Vec::new() };
        if attrs.shape().is_dict_mode() {
            return attrs.dict().and_then(|d| d.downcast::<Dict>().map(Dict::items)).unwrap_or_default();
        }
        let names = attrs.shape().names();
        names.iter().enumerate().filter_map(|(i, n)| Some((n.clone(), clone_word(attrs.slot(i))?))).collect()
    }

    /// A name given by a program (`getattr(o, name)`), interned. TypeError if it is no `str`.
    pub fn attribute_name(&self, name: &Value) -> PyResult {
        match name.downcast::<Str>() {
            Some(_) => Ok(self.intern_value(name)),
            None => {
                Err(self.type_error(&format!("attribute name must be string, not '{}'", self.type_of(name).name())))
            }
        }
    }
}
