//! Rust structs as Python classes: what `#[pyclass]` builds on.
//!
//! The struct lies in the object, behind a counter of borrows: [`PyRef`] looks at it, [`PyRefMut`] changes it, and both
//! know at run time when they would meet.
//!
//! Invariant: what lies in an object is confined to its interpreter, which may go from thread to thread: its fields are
//! `Send`, or hold Python values by [`Py`] ([`Confined`], checked field by field by the macro).
#![expect(unsafe_code, reason = "object layout, and borrows that are counted at run time")]

use super::bound::{Bound, PyTypeInfo};
use super::convert::{FromPyObject, IntoPyObject};
use super::err::{PyErr, PyResult};
use super::exceptions::PyRuntimeError;
use super::handle::Py;
use super::kinds::PyAny;
use super::python::Python;
use serpens_vm::object::{Header, Kind, Visitor};
use serpens_vm::origin::Copier;
use serpens_vm::{Payload, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, UnsafeCell};
use std::ops::{Deref, DerefMut};

/// What may lie in an object or in a module's state: it may go from thread to thread with its interpreter.
///
/// # Safety
/// Every part is `Send`, or is a handle ([`Py`]) of the interpreter that it lies in. `#[pyclass]` and
/// `#[derive(PyState)]` check this.
pub unsafe trait Confined: Sized {
    /// How an interpreter that starts from a template gets its own: set by the option `template` of the macros. `None`: an
    /// interpreter that has one cannot become a template.
    #[doc(hidden)]
    const COPY: Option<fn(&Self) -> Self> = None;
}

/// What the option `template` asks for. Interpreters on several threads clone the template's at once, so it is `Sync`; it is
/// `Send`, so it holds no Python values.
#[doc(hidden)]
pub const fn copy_by_clone<T: Clone + Send + Sync>() -> Option<fn(&T) -> T> {
    Some(T::clone)
}

/// Adds to a class's definition how its objects come into interpreters that start from a template.
#[doc(hidden)]
pub const fn with_copies<T: PyClass>(def: TypeDef) -> TypeDef {
    match T::COPY {
        Some(_) => def.copied_then(copy_cell::<T>),
        None => def,
    }
}

fn copy_cell<T: PyClass>(copier: &Copier<'_>, copy: &Header) {
    let Some(clone) = T::COPY else { return };
    copier.renew(copy, |cell: &PyCell<T>| &cell.borrows, |_| Cell::new(0));
    // SAFETY: nobody has borrowed it: no thread was inside when the template was made.
    let own = |value: &UnsafeCell<T>| UnsafeCell::new(clone(unsafe { &*value.get() }));
    copier.renew(copy, |cell: &PyCell<T>| &cell.value, own);
}

/// A Rust struct that is a Python class. `#[pyclass]` implements it.
///
/// # Safety
/// `type_def` is a definition made for `PyCell<Self>`.
pub unsafe trait PyClass: Confined + Sized + 'static {
    /// The name of the class.
    const NAME: &'static str;

    /// The class's definition.
    fn type_def() -> &'static TypeDef;

    /// Shows the Python values it holds to the collector.
    ///
    /// # Errors
    /// Passed on from `visit`.
    fn traverse(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let _ = visit;
        Ok(())
    }

    /// Drops the Python values it holds.
    fn clear(&mut self) {}
}

/// The collector's visitor, in `__traverse__`.
pub struct PyVisit<'a> {
    visit: std::cell::RefCell<&'a mut Visitor<'a>>,
}

/// Reserved: a visit does not fail.
#[derive(Debug)]
pub struct PyTraverseError(());

impl PyVisit<'_> {
    /// Shows a handle, if there is one.
    ///
    /// # Errors
    /// None so far.
    pub fn call<'a, T: 'a>(&self, handle: impl Into<Option<&'a Py<T>>>) -> Result<(), PyTraverseError> {
        if let Some(handle) = handle.into() {
            handle.visit(&mut **self.visit.borrow_mut());
        }
        Ok(())
    }
}

/// The payload of an object of a Rust class.
pub struct PyCell<T> {
    /// Number of shared borrows; -1: one exclusive borrow.
    borrows: Cell<isize>,
    value: UnsafeCell<T>,
}

// SAFETY: made by the heap only; the type says which payload it is. The fields that the collector sees are those that
// the class's `traverse` shows it, while nobody has an exclusive borrow.
unsafe impl<T: PyClass> Payload for PyCell<T> {
    const KIND: Kind = Kind::Native;

    #[inline(always)]
    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<PyCell<T>>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        if self.borrows.get() >= 0 {
            let mut visit = |v: &Value| visit(v);
            let visit: &mut Visitor<'_> = &mut visit;
            // SAFETY: the value is not borrowed exclusively, and the collector runs no Python code meanwhile. The
            // visitor's two lifetimes are made one, which it outlives.
            let (value, visit) =
                unsafe { (&*self.value.get(), std::mem::transmute::<&mut Visitor<'_>, &mut Visitor<'_>>(visit)) };
            let _ = value.traverse(PyVisit { visit: std::cell::RefCell::new(visit) });
        }
    }

    fn clear(&self) {
        if self.borrows.get() == 0 {
            self.borrows.set(-1);
            // SAFETY: nobody else has a borrow, and none can be had meanwhile.
            unsafe { (*self.value.get()).clear() };
            self.borrows.set(0);
        }
    }
}

impl<T: PyClass> PyTypeInfo for T {
    const NAME: &'static str = <T as PyClass>::NAME;

    fn type_object(vm: &Vm) -> Value {
        vm.native_type(T::type_def())
    }

    fn is_type_of(_: &Vm, value: &Value) -> bool {
        value.is_a::<PyCell<T>>()
    }
}

impl<'py, T: PyClass> Bound<'py, T> {
    /// A new object.
    ///
    /// # Errors
    /// `MemoryError`.
    pub fn from_rust(py: Python<'py>, value: impl Into<PyClassInitializer<T>>) -> PyResult<Bound<'py, T>> {
        let class = T::type_object(py.vm());
        let class = TypeObj::from_value(&class).expect("a class");
        Ok(Bound::new(py, value.into().allocate(py.vm(), class)))
    }

    fn cell(&self) -> &PyCell<T> {
        self.as_value().downcast::<PyCell<T>>().expect("the kind was checked when the value was cast")
    }

    /// Looks at the Rust value.
    ///
    /// # Errors
    /// `RuntimeError` while someone changes it.
    pub fn try_borrow(&self) -> PyResult<PyRef<'py, T>> {
        let borrows = &self.cell().borrows;
        if borrows.get() < 0 {
            return Err(PyRuntimeError::new_err("Already mutably borrowed"));
        }
        borrows.set(borrows.get() + 1);
        Ok(PyRef { object: self.clone() })
    }

    /// Changes the Rust value.
    ///
    /// # Errors
    /// `RuntimeError` while someone looks at it or changes it.
    pub fn try_borrow_mut(&self) -> PyResult<PyRefMut<'py, T>> {
        let borrows = &self.cell().borrows;
        if borrows.get() != 0 {
            let how = if borrows.get() < 0 { "Already mutably borrowed" } else { "Already borrowed" };
            return Err(PyRuntimeError::new_err(how));
        }
        borrows.set(-1);
        Ok(PyRefMut { object: self.clone() })
    }
}

impl<'py, T: PyClass> Py<T> {
    /// A new object.
    ///
    /// # Errors
    /// `MemoryError`.
    pub fn new(py: Python<'py>, value: impl Into<PyClassInitializer<T>>) -> PyResult<Py<T>> {
        Bound::from_rust(py, value).map(Bound::unbind)
    }
}

/// What an object is made from.
pub struct PyClassInitializer<T>(T);

impl<T: PyClass> From<T> for PyClassInitializer<T> {
    fn from(value: T) -> Self {
        PyClassInitializer(value)
    }
}

impl<T: PyClass> PyClassInitializer<T> {
    pub(crate) fn allocate(self, vm: &Vm, class: &TypeObj) -> Value {
        vm.alloc(class, PyCell { borrows: Cell::new(0), value: UnsafeCell::new(self.0) })
    }
}

/// A shared borrow of an object's Rust value.
pub struct PyRef<'py, T: PyClass> {
    object: Bound<'py, T>,
}

/// An exclusive borrow of an object's Rust value.
pub struct PyRefMut<'py, T: PyClass> {
    object: Bound<'py, T>,
}

macro_rules! borrows {
    ($($guard:ident),*) => {$(
        impl<'py, T: PyClass> $guard<'py, T> {
            /// The proof.
            pub fn py(&self) -> Python<'py> {
                self.object.py()
            }

            /// The object.
            pub fn as_object(&self) -> &Bound<'py, T> {
                &self.object
            }
        }

        impl<T: PyClass> Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                // SAFETY: the counter says that this borrow is allowed, and the guard keeps the object alive.
                unsafe { &*self.object.cell().value.get() }
            }
        }

        impl<'py, T: PyClass> IntoPyObject<'py> for $guard<'py, T> {
            type Target = T;

            fn into_pyobject(self, _: Python<'py>) -> PyResult<Bound<'py, T>> {
                Ok(self.object.clone())
            }
        }
    )*};
}

borrows!(PyRef, PyRefMut);

impl<T: PyClass> DerefMut for PyRefMut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the counter says that this is the only borrow.
        unsafe { &mut *self.object.cell().value.get() }
    }
}

impl<T: PyClass> Drop for PyRef<'_, T> {
    fn drop(&mut self) {
        let borrows = &self.object.cell().borrows;
        borrows.set(borrows.get() - 1);
    }
}

impl<T: PyClass> Drop for PyRefMut<'_, T> {
    fn drop(&mut self) {
        self.object.cell().borrows.set(0);
    }
}

impl<'a, 'py, T: PyClass> FromPyObject<'a, 'py> for PyRef<'py, T> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<T>()?.try_borrow()
    }
}

impl<'a, 'py, T: PyClass> FromPyObject<'a, 'py> for PyRefMut<'py, T> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<T>()?.try_borrow_mut()
    }
}

/// A `#[new]` may return a value, or a result.
pub trait IntoInitializer<T: PyClass> {
    /// The initializer.
    ///
    /// # Errors
    /// The constructor's.
    fn into_initializer(self) -> PyResult<PyClassInitializer<T>>;
}

impl<T: PyClass> IntoInitializer<T> for T {
    fn into_initializer(self) -> PyResult<PyClassInitializer<T>> {
        Ok(self.into())
    }
}

impl<T: PyClass, E: Into<PyErr>> IntoInitializer<T> for Result<T, E> {
    fn into_initializer(self) -> PyResult<PyClassInitializer<T>> {
        self.map(Into::into).map_err(Into::into)
    }
}
