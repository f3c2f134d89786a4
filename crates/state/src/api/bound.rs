//! [`Bound`]: a value together with the proof that its interpreter is entered.
#![expect(unsafe_code, reason = "a value of one kind is seen as a value of any kind")]

use super::err::{PyErr, PyResult};
use super::handle::Py;
use super::kinds::PyAny;
use super::python::Python;
use serpens_vm::{Value, Vm};
use std::fmt;
use std::marker::PhantomData;

/// What a marker of a kind (`PyDict`), of an exception or of a Rust class says of its Python class.
pub trait PyTypeInfo: Sized + 'static {
    /// Its name in messages.
    const NAME: &'static str;

    /// The class in the interpreter of `vm`.
    fn type_object(vm: &Vm) -> Value;

    /// Whether `value` is an instance of the class or of a subclass.
    fn is_type_of(vm: &Vm, value: &Value) -> bool {
        let class = Self::type_object(vm);
        serpens_vm::TypeObj::from_value(&class).is_some_and(|class| vm.type_of(value).is_subtype(class))
    }
}

/// A value of kind `T` in the interpreter that the thread is in. It counts a reference.
#[repr(C)]
pub struct Bound<'py, T = PyAny> {
    value: Value,
    py: Python<'py>,
    kind: PhantomData<T>,
}

impl<'py, T> Bound<'py, T> {
    #[inline]
    pub(crate) fn new(py: Python<'py>, value: Value) -> Bound<'py, T> {
        Bound { value, py, kind: PhantomData }
    }

    /// A value of the machine.
    ///
    /// # Safety
    /// It belongs to the interpreter of `py`, and is of kind `T`.
    pub unsafe fn from_value(py: Python<'py>, value: Value) -> Bound<'py, T> {
        Bound::new(py, value)
    }

    /// The proof.
    #[inline]
    pub fn py(&self) -> Python<'py> {
        self.py
    }

    /// The value as the machine knows it.
    #[inline]
    pub fn as_value(&self) -> &Value {
        &self.value
    }

    /// The value as the machine knows it.
    pub fn into_value(self) -> Value {
        self.value
    }

    /// Forgets the kind.
    pub fn into_any(self) -> Bound<'py, PyAny> {
        Bound::new(self.py, self.value)
    }

    /// Forgets the kind.
    #[inline]
    pub fn as_any(&self) -> &Bound<'py, PyAny> {
        // SAFETY: the layout does not depend on the kind, and every value is an `object`.
        unsafe { &*(&raw const *self).cast::<Bound<'py, PyAny>>() }
    }

    /// The same value as a handle that outlives this entry.
    pub fn unbind(self) -> Py<T> {
        Py::new_handle(self.py, self.value)
    }

    /// Whether both are the same object.
    pub fn is<U>(&self, other: &Bound<'py, U>) -> bool {
        self.value.is(&other.value)
    }
}

impl<'py> Bound<'py, PyAny> {
    /// This value as one of kind `T`.
    ///
    /// # Errors
    /// `TypeError` if it is of another kind.
    pub fn cast<T: PyTypeInfo>(&self) -> PyResult<&Bound<'py, T>> {
        if !T::is_type_of(self.py.vm(), &self.value) {
            return Err(self.wrong_kind(T::NAME));
        }
        // SAFETY: the layout does not depend on the kind, which was checked.
        Ok(unsafe { &*(&raw const *self).cast::<Bound<'py, T>>() })
    }

    /// This value as one of kind `T`.
    ///
    /// # Errors
    /// `TypeError` if it is of another kind.
    pub fn cast_into<T: PyTypeInfo>(self) -> PyResult<Bound<'py, T>> {
        if !T::is_type_of(self.py.vm(), &self.value) {
            return Err(self.wrong_kind(T::NAME));
        }
        Ok(Bound::new(self.py, self.value))
    }

    /// [`Bound::cast`] under its older name.
    ///
    /// # Errors
    /// `TypeError` if it is of another kind.
    pub fn downcast<T: PyTypeInfo>(&self) -> PyResult<&Bound<'py, T>> {
        self.cast()
    }

    #[cold]
    pub(crate) fn wrong_kind(&self, kind: &str) -> PyErr {
        let name = self.py.vm().type_of(&self.value).name();
        super::exceptions::PyTypeError::new_err(format!("'{name}' object is not an instance of '{kind}'"))
    }
}

impl<T> Clone for Bound<'_, T> {
    fn clone(&self) -> Self {
        Bound::new(self.py, self.value.clone())
    }
}

macro_rules! deref_to_any {
    ($($kind:ty),*) => {$(
        impl<'py> Deref for Bound<'py, $kind> {
            type Target = Bound<'py, PyAny>;

            fn deref(&self) -> &Bound<'py, PyAny> {
                self.as_any()
            }
        }
    )*};
}
pub(crate) use deref_to_any;

impl<T> fmt::Debug for Bound<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vm = self.py.vm();
        match vm.repr_string(&self.value) {
            Ok(text) => f.write_str(&text),
            Err(_) => {
                drop(vm.take_raised());
                f.write_str("<unprintable object>")
            }
        }
    }
}

impl<T> fmt::Display for Bound<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vm = self.py.vm();
        match vm.str_string(&self.value) {
            Ok(text) => f.write_str(&text),
            Err(_) => {
                drop(vm.take_raised());
                f.write_str("<unprintable object>")
            }
        }
    }
}
