//! Markers of the built-in kinds, and what each offers beyond [`PyAny`].

use super::bound::{Bound, PyTypeInfo, deref_to_any};
use super::convert::{FromPyObject, IntoPyObject};
use super::err::PyResult;
use super::exceptions::PyIndexError;
use super::python::Python;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::types::set::Set;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{TypeObj, Value, Vm};
use std::borrow::Cow;
use std::ops::Deref;

/// Any value.
pub struct PyAny(());

impl PyTypeInfo for PyAny {
    const NAME: &'static str = "object";

    fn type_object(vm: &Vm) -> Value {
        vm.types().object.value()
    }

    fn is_type_of(_: &Vm, _: &Value) -> bool {
        true
    }
}

/// Any value that can be called.
pub struct PyCallable(());

impl PyTypeInfo for PyCallable {
    const NAME: &'static str = "callable";

    fn type_object(vm: &Vm) -> Value {
        vm.types().object.value()
    }

    fn is_type_of(vm: &Vm, value: &Value) -> bool {
        vm.is_callable(value)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $marker:ident = $field:ident $name:literal;)*) => {$(
        $(#[$doc])*
        pub struct $marker(());

        impl PyTypeInfo for $marker {
            const NAME: &'static str = $name;

            fn type_object(vm: &Vm) -> Value {
                vm.types().$field.value()
            }

            fn is_type_of(vm: &Vm, value: &Value) -> bool {
                vm.type_of(value).is_subtype(vm.types().$field)
            }
        }

        deref_to_any!($marker);
    )*};
}
deref_to_any!(PyCallable);

kinds! {
    /// `bool`.
    PyBool = bool "bool";
    /// `int`.
    PyInt = int "int";
    /// `float`.
    PyFloat = float "float";
    /// `complex`.
    PyComplex = complex "complex";
    /// `str`.
    PyString = str "str";
    /// `bytes`.
    PyBytes = bytes "bytes";
    /// `tuple`.
    PyTuple = tuple "tuple";
    /// `list`.
    PyList = list "list";
    /// `dict`.
    PyDict = dict "dict";
    /// `set`.
    PySet = set "set";
    /// `frozenset`.
    PyFrozenSet = frozenset "frozenset";
    /// A class.
    PyType = type_ "type";
    /// A module.
    PyModule = module "module";
}

macro_rules! payload {
    ($bound:expr, $ty:ty) => {
        $bound.as_value().downcast::<$ty>().expect("the kind was checked when the value was cast")
    };
}

impl<'py> Bound<'py, PyString> {
    /// The text, if no surrogate stands in it.
    ///
    /// # Errors
    /// `UnicodeEncodeError`.
    pub fn to_str(&self) -> PyResult<&str> {
        match payload!(self, Str).to_str() {
            Some(text) => Ok(text),
            None => {
                let vm = self.py().vm();
                self.py().ok(vm.encode(self.as_value(), Some("utf-8"), None))?;
                Err(super::exceptions::PyValueError::new_err("surrogates not allowed"))
            }
        }
    }

    /// The text; surrogates become replacement characters.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(payload!(self, Str).as_bytes())
    }
}

impl PyString {
    /// A text.
    pub fn new<'py>(py: Python<'py>, text: &str) -> Bound<'py, PyString> {
        Bound::new(py, py.vm().str(text))
    }

    /// A text, the same object for equal texts.
    pub fn intern<'py>(py: Python<'py>, text: &str) -> Bound<'py, PyString> {
        Bound::new(py, py.vm().intern(text))
    }
}

impl PyBytes {
    /// Bytes.
    pub fn new<'py>(py: Python<'py>, bytes: &[u8]) -> Bound<'py, PyBytes> {
        Bound::new(py, py.vm().bytes(bytes))
    }
}

impl Bound<'_, PyBytes> {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        payload!(self, Bytes).as_bytes()
    }
}

fn values<'py, T: IntoPyObject<'py>>(py: Python<'py>, items: impl IntoIterator<Item = T>) -> PyResult<Vec<Value>> {
    items.into_iter().map(|item| item.into_pyobject(py).map(Bound::into_value)).collect()
}

impl PyTuple {
    /// A tuple of items.
    ///
    /// # Errors
    /// Those of the conversions.
    pub fn new<'py, T: IntoPyObject<'py>>(
        py: Python<'py>,
        items: impl IntoIterator<Item = T>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        Ok(Bound::new(py, py.vm().tuple(values(py, items)?)))
    }

    /// `()`.
    pub fn empty(py: Python<'_>) -> Bound<'_, PyTuple> {
        Bound::new(py, py.vm().tuple(Vec::new()))
    }
}

impl<'py> Bound<'py, PyTuple> {
    pub(crate) fn as_slice(&self) -> &[Value] {
        payload!(self, Tuple).as_slice()
    }

    /// Number of items.
    #[expect(clippy::len_without_is_empty, reason = "is_empty is any value's")]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Item `i`.
    ///
    /// # Errors
    /// `IndexError`.
    pub fn get_item(&self, i: usize) -> PyResult<Bound<'py, PyAny>> {
        match self.as_slice().get(i) {
            Some(v) => Ok(Bound::new(self.py(), v.clone())),
            None => Err(PyIndexError::new_err("tuple index out of range")),
        }
    }

    /// The items.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Bound<'py, PyAny>> + use<'py> {
        let py = self.py();
        self.as_slice().to_vec().into_iter().map(move |v| Bound::new(py, v))
    }
}

impl PyList {
    /// A list of items.
    ///
    /// # Errors
    /// Those of the conversions.
    pub fn new<'py, T: IntoPyObject<'py>>(
        py: Python<'py>,
        items: impl IntoIterator<Item = T>,
    ) -> PyResult<Bound<'py, PyList>> {
        Ok(Bound::new(py, py.vm().list(values(py, items)?)))
    }

    /// `[]`.
    pub fn empty(py: Python<'_>) -> Bound<'_, PyList> {
        Bound::new(py, py.vm().list(Vec::new()))
    }
}

impl<'py> Bound<'py, PyList> {
    fn list(&self) -> &List {
        payload!(self, List)
    }

    /// Number of items.
    #[expect(clippy::len_without_is_empty, reason = "is_empty is any value's")]
    pub fn len(&self) -> usize {
        self.list().len()
    }

    /// Item `i`.
    ///
    /// # Errors
    /// `IndexError`.
    pub fn get_item(&self, i: usize) -> PyResult<Bound<'py, PyAny>> {
        match self.list().get(i) {
            Some(v) => Ok(Bound::new(self.py(), v)),
            None => Err(PyIndexError::new_err("list index out of range")),
        }
    }

    /// Replaces item `i`.
    ///
    /// # Errors
    /// `IndexError`.
    pub fn set_item(&self, i: usize, value: impl IntoPyObject<'py>) -> PyResult<()> {
        let value = value.into_pyobject(self.py())?.into_value();
        if self.list().set(i, value) {
            Ok(())
        } else {
            Err(PyIndexError::new_err("list assignment index out of range"))
        }
    }

    /// Adds an item at the end.
    ///
    /// # Errors
    /// Those of the conversion.
    pub fn append(&self, item: impl IntoPyObject<'py>) -> PyResult<()> {
        let value = item.into_pyobject(self.py())?.into_value();
        self.list().push(value);
        Ok(())
    }

    /// The items as they are now.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Bound<'py, PyAny>> + use<'py> {
        let py = self.py();
        self.list().to_vec().into_iter().map(move |v| Bound::new(py, v))
    }
}

impl PyDict {
    /// `{}`.
    pub fn new(py: Python<'_>) -> Bound<'_, PyDict> {
        Bound::new(py, py.vm().new_dict())
    }
}

impl<'py> Bound<'py, PyDict> {
    fn dict(&self) -> &Dict {
        payload!(self, Dict)
    }

    /// Number of entries.
    #[expect(clippy::len_without_is_empty, reason = "is_empty is any value's")]
    pub fn len(&self) -> usize {
        self.dict().len()
    }

    /// The value of a key, if there is one.
    ///
    /// # Errors
    /// When the key cannot be hashed or compared.
    pub fn get_item(&self, key: impl IntoPyObject<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = self.py();
        let key = key.into_pyobject(py)?;
        Ok(py.ok(self.dict().get(py.vm(), key.as_value()))?.map(|v| Bound::new(py, v)))
    }

    /// Sets the value of a key.
    ///
    /// # Errors
    /// When the key cannot be hashed or compared.
    pub fn set_item(&self, key: impl IntoPyObject<'py>, value: impl IntoPyObject<'py>) -> PyResult<()> {
        let py = self.py();
        let (key, value) = (key.into_pyobject(py)?.into_value(), value.into_pyobject(py)?.into_value());
        py.ok(self.dict().set(py.vm(), key, value))
    }

    /// The entries as they are now.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)> + use<'py> {
        let py = self.py();
        self.dict().items().into_iter().map(move |(k, v)| (Bound::new(py, k), Bound::new(py, v)))
    }

    /// Removes all entries.
    pub fn clear(&self) {
        self.dict().clear();
    }
}

impl PySet {
    /// A set of items.
    ///
    /// # Errors
    /// Those of the conversions, and when an item cannot be hashed.
    pub fn new<'py, T: IntoPyObject<'py>>(
        py: Python<'py>,
        items: impl IntoIterator<Item = T>,
    ) -> PyResult<Bound<'py, PySet>> {
        let items = values(py, items)?;
        Ok(Bound::new(py, py.ok(py.vm().set(items))?))
    }
}

impl<'py> Bound<'py, PySet> {
    /// Adds an item.
    ///
    /// # Errors
    /// When the item cannot be hashed or compared.
    pub fn add(&self, item: impl IntoPyObject<'py>) -> PyResult<()> {
        let py = self.py();
        let item = item.into_pyobject(py)?.into_value();
        py.ok(payload!(self, Set).add(py.vm(), item)).map(drop)
    }
}

impl<'py> Bound<'py, PyType> {
    /// `__name__`.
    pub fn name(&self) -> String {
        payload!(self, TypeObj).name().to_string()
    }

    /// The module and the qualified name.
    pub fn full_name(&self) -> String {
        payload!(self, TypeObj).full_name(self.py().vm())
    }

    /// `issubclass(self, other)`.
    ///
    /// # Errors
    /// Whatever the classes' hooks raise.
    pub fn is_subclass(&self, other: &Bound<'py, PyAny>) -> PyResult<bool> {
        self.py().ok(self.py().vm().is_subclass(self.as_value(), other.as_value()))
    }
}

impl<'a, 'py, T: PyTypeInfo> FromPyObject<'a, 'py> for Bound<'py, T> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<T>().cloned()
    }
}

impl<'a, 'py, T: PyTypeInfo> FromPyObject<'a, 'py> for &'a Bound<'py, T> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<T>()
    }
}
