//! [`Frozen`]: a value that nobody can change, which all interpreters of a runtime share by reference.
//!
//! Unlike [`Bound`] and `Py` it may go to any thread and be kept anywhere: what it refers to belongs to no interpreter. A
//! clone costs no more than that of an `Arc`.
#![expect(unsafe_code, reason = "words of immutable objects leave their interpreter")]

use super::bound::Bound;
use super::err::{PyErr, PyResult};
use super::kinds::PyAny;
use super::python::Python;
use serpens_vm::freeze::Parcel;
use serpens_vm::{Image, Value};

/// A deeply immutable value.
#[derive(Clone, Debug)]
pub struct Frozen(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Object(Parcel),
    /// An immediate, or an object of the image: the word, and the address of the image.
    Word(u64, usize),
}

impl<T> Bound<'_, T> {
    /// Makes the value and everything that it refers to deeply immutable, as `interpreters.freeze` does.
    ///
    /// # Errors
    /// `TypeError` if something among it cannot be frozen; nothing is changed then.
    pub fn freeze(&self) -> PyResult<Frozen> {
        let (py, value) = (self.py(), self.as_value());
        py.vm().freeze(value).map_err(|raised| PyErr::take(py, raised))?;
        Ok(Frozen(match py.vm().frozen_parcel(value) {
            Some(parcel) => Inner::Object(parcel),
            None => Inner::Word(value.bits(), std::ptr::from_ref(py.vm().image()).addr()),
        }))
    }

    /// Whether nobody can change the value, nor anything that it refers to.
    pub fn is_frozen(&self) -> bool {
        self.py().vm().is_frozen(self.as_value())
    }
}

impl Frozen {
    /// The value in an interpreter of its runtime: the very same object.
    ///
    /// # Errors
    /// `RuntimeError` in an interpreter of another runtime.
    pub fn bind<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = match &self.0 {
            Inner::Object(parcel) => py.vm().receive_frozen(parcel).map_err(|raised| PyErr::take(py, raised))?,
            Inner::Word(word, image) if *image == std::ptr::from_ref::<Image>(py.vm().image()).addr() => {
                // SAFETY: an immediate, or an object of the image that this interpreter has too; nobody counts references.
                unsafe { Value::from_bits(*word) }
            }
            Inner::Word(..) => {
                return Err(super::exceptions::PyRuntimeError::new_err("a frozen object of another runtime"));
            }
        };
        // SAFETY: every value is an `object`, and this interpreter has it.
        Ok(unsafe { Bound::from_value(py, value) })
    }

    /// See [`serpens_vm::freeze::Graph::set_read_only`].
    #[doc(hidden)]
    pub fn set_read_only(&self, on: bool) {
        if let Inner::Object(parcel) = &self.0 {
            parcel.graph().set_read_only(on);
        }
    }

    /// How many objects were frozen together with it.
    pub fn n_objects(&self) -> usize {
        match &self.0 {
            Inner::Object(parcel) => parcel.graph().n_objects(),
            Inner::Word(..) => 0,
        }
    }
}
