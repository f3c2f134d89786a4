//! Conversions between Rust's types and Python's values.
//!
//! Reading is strict as PyO3's is: a `str` is no `Vec`, a `float` is no integer, `None` is only an `Option`. What has
//! `__index__` or `__float__` counts as a number.

use super::bound::Bound;
use super::err::{PyErr, PyResult};
use super::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use super::handle::Py;
use super::kinds::{PyAny, PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PySet, PyString, PyTuple};
use super::python::Python;
use crate::crossing::{self, Fallback};
use serpens_share::Portable;
use serpens_vm::types::bytearray::ByteArray;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::int;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// Types that can be read from a Python value, which they may borrow from.
pub trait FromPyObject<'a, 'py>: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// `TypeError` if it is of another kind, `OverflowError` or `ValueError` if it does not fit.
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self>;
}

/// Types that can be read without borrowing from the value.
pub trait FromPyObjectOwned<'py>: for<'a> FromPyObject<'a, 'py> {}

impl<'py, T: for<'a> FromPyObject<'a, 'py>> FromPyObjectOwned<'py> for T {}

/// Types of which a Python value can be made.
pub trait IntoPyObject<'py>: Sized {
    /// The kind of the value.
    type Target;

    /// Makes the value.
    ///
    /// # Errors
    /// When an item cannot be converted, hashed or compared.
    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, Self::Target>>;
}

#[cold]
fn expected(ob: &Bound<'_, PyAny>, kind: &str) -> PyErr {
    ob.wrong_kind(kind)
}

macro_rules! integers {
    ($($ty:ty: $name:literal),*) => {$(
        impl<'a, 'py> FromPyObject<'a, 'py> for $ty {
            fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<$ty> {
                let wide = wide_int(ob)?;
                wide.and_then(|wide| <$ty>::try_from(wide).ok())
                    .ok_or_else(|| PyOverflowError::new_err(concat!("Python int too large to convert to ", $name)))
            }
        }

        impl<'py> IntoPyObject<'py> for $ty {
            type Target = PyInt;

            fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyInt>> {
                match i64::try_from(self) {
                    Ok(small) => Ok(Bound::new(py, py.vm().int(small))),
                    Err(_) => {
                        #[allow(unused_comparisons, clippy::absurd_extreme_comparisons, reason = "for all integers")]
                        let negative = self < 0;
                        let mut magnitude = self.to_le_bytes().to_vec();
                        if negative {
                            magnitude = (!self).wrapping_add(1).to_le_bytes().to_vec();
                        }
                        Ok(Bound::new(py, py.vm().int_from_magnitude(negative, &magnitude)))
                    }
                }
            }
        }

        impl<'py> IntoPyObject<'py> for &$ty {
            type Target = PyInt;

            fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyInt>> {
                (*self).into_pyobject(py)
            }
        }
    )*};
}

integers! {
    i8: "i8", i16: "C short", i32: "C int", i64: "C long", i128: "i128", isize: "C ssize_t", u8: "u8", u16: "u16", u32: "u32",
    u64: "u64", usize: "size_t"
}

/// An integer of at most 128 bits; `None` if it is larger.
fn wide_int(ob: &Bound<'_, PyAny>) -> PyResult<Option<i128>> {
    let py = ob.py();
    let vm = py.vm();
    let index = py.ok(vm.to_index(ob.as_value()))?;
    if let Some(small) = int::to_i64(&index) {
        return Ok(Some(small.into()));
    }
    Ok(int::as_big(&index).and_then(|big| i128::try_from(big.as_ref()).ok()))
}

macro_rules! floats {
    ($($ty:ty),*) => {$(
        impl<'a, 'py> FromPyObject<'a, 'py> for $ty {
            fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<$ty> {
                ob.py().ok(ob.py().vm().to_f64(ob.as_value())).map(|d| d as $ty)
            }
        }

        impl<'py> IntoPyObject<'py> for $ty {
            type Target = PyFloat;

            fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyFloat>> {
                Ok(Bound::new(py, serpens_vm::Value::float(self.into())))
            }
        }

        impl<'py> IntoPyObject<'py> for &$ty {
            type Target = PyFloat;

            fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyFloat>> {
                (*self).into_pyobject(py)
            }
        }
    )*};
}

floats!(f32, f64);

impl<'a, 'py> FromPyObject<'a, 'py> for bool {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<bool> {
        ob.as_value().as_bool().ok_or_else(|| expected(ob, "bool"))
    }
}

impl<'py> IntoPyObject<'py> for bool {
    type Target = PyBool;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyBool>> {
        Ok(Bound::new(py, serpens_vm::Value::bool(self)))
    }
}

impl<'py> IntoPyObject<'py> for &bool {
    type Target = PyBool;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyBool>> {
        (*self).into_pyobject(py)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for () {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<()> {
        if ob.is_none() { Ok(()) } else { Err(expected(ob, "NoneType")) }
    }
}

impl<'py> IntoPyObject<'py> for () {
    type Target = PyAny;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(py.None())
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for &'a str {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<&'a str> {
        ob.cast::<PyString>()?.to_str()
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for String {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<String> {
        ob.extract::<&str>().map(str::to_string)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Cow<'a, str> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Cow<'a, str>> {
        ob.extract::<&str>().map(Cow::Borrowed)
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for char {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<char> {
        let mut chars = ob.extract::<&str>()?.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(c),
            _ => Err(PyValueError::new_err("expected a string of length 1")),
        }
    }
}

macro_rules! texts {
    ($($ty:ty),*) => {$(
        impl<'py> IntoPyObject<'py> for $ty {
            type Target = PyString;

            fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
                Ok(PyString::new(py, self.as_ref()))
            }
        }
    )*};
}

texts!(&str, &&str, String, &String, Cow<'_, str>);

impl<'py> IntoPyObject<'py> for &char {
    type Target = PyString;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        (*self).into_pyobject(py)
    }
}

impl<'py> IntoPyObject<'py> for char {
    type Target = PyString;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        Ok(PyString::new(py, self.encode_utf8(&mut [0; 4])))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for &'a [u8] {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<&'a [u8]> {
        ob.as_value().downcast::<Bytes>().map(Bytes::as_bytes).ok_or_else(|| expected(ob, "bytes"))
    }
}

impl<'py> IntoPyObject<'py> for &[u8] {
    type Target = PyBytes;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, self))
    }
}

impl<'py, const N: usize> IntoPyObject<'py> for &[u8; N] {
    type Target = PyBytes;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, self))
    }
}

impl<'a, 'py, T: FromPyObject<'a, 'py>> FromPyObject<'a, 'py> for Option<T> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Option<T>> {
        if ob.is_none() { Ok(None) } else { T::extract(ob).map(Some) }
    }
}

impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for Option<T> {
    type Target = PyAny;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Some(value) => value.into_pyobject(py).map(Bound::into_any),
            None => Ok(py.None()),
        }
    }
}

impl<'a, 'py, T> IntoPyObject<'py> for &'a Option<T>
where
    &'a T: IntoPyObject<'py>,
{
    type Target = PyAny;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.as_ref().into_pyobject(py)
    }
}

impl<'a, 'py, T: FromPyObjectOwned<'py>> FromPyObject<'a, 'py> for Vec<T> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Vec<T>> {
        let value = ob.as_value();
        if value.is_a::<Str>() {
            return Err(PyTypeError::new_err("Can't extract `str` to `Vec`"));
        }
        if !is_sequence(ob) {
            return Err(expected(ob, "Sequence"));
        }
        ob.try_iter()?.map(|item| item?.extract::<T>()).collect()
    }
}

/// Whether a value counts as a sequence: it has `__len__` and `__getitem__`, and is no mapping or set.
fn is_sequence(ob: &Bound<'_, PyAny>) -> bool {
    let value = ob.as_value();
    if value.is_a::<Bytes>() || value.is_a::<ByteArray>() || value.is_a::<Tuple>() {
        return true;
    }
    let slots = ob.py().vm().type_of(value).slots();
    slots.len.is_some() && slots.getitem.is_some() && !value.is_a::<Dict>()
}

macro_rules! list_from {
    ($($ty:ty),*) => {$(
        impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for $ty {
            type Target = PyList;

            fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
                PyList::new(py, self)
            }
        }
    )*};
}

list_from!(Vec<T>, std::collections::VecDeque<T>);

impl<'a, 'py, T> IntoPyObject<'py> for &'a Vec<T>
where
    &'a T: IntoPyObject<'py>,
{
    type Target = PyList;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self)
    }
}

impl<'a, 'py, K, V, S> FromPyObject<'a, 'py> for HashMap<K, V, S>
where
    K: FromPyObjectOwned<'py> + Eq + Hash,
    V: FromPyObjectOwned<'py>,
    S: BuildHasher + Default,
{
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<PyDict>()?.iter().map(|(k, v)| Ok((k.extract()?, v.extract()?))).collect()
    }
}

impl<'a, 'py, K: FromPyObjectOwned<'py> + Ord, V: FromPyObjectOwned<'py>> FromPyObject<'a, 'py> for BTreeMap<K, V> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<PyDict>()?.iter().map(|(k, v)| Ok((k.extract()?, v.extract()?))).collect()
    }
}

fn dict_of<'py, K: IntoPyObject<'py>, V: IntoPyObject<'py>>(
    py: Python<'py>,
    entries: impl IntoIterator<Item = (K, V)>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, value) in entries {
        dict.set_item(key, value)?;
    }
    Ok(dict)
}

impl<'py, K: IntoPyObject<'py>, V: IntoPyObject<'py>, S> IntoPyObject<'py> for HashMap<K, V, S> {
    type Target = PyDict;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict_of(py, self)
    }
}

impl<'a, 'py, K, V, S> IntoPyObject<'py> for &'a HashMap<K, V, S>
where
    &'a K: IntoPyObject<'py>,
    &'a V: IntoPyObject<'py>,
{
    type Target = PyDict;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict_of(py, self)
    }
}

impl<'a, 'py, K, V> IntoPyObject<'py> for &'a BTreeMap<K, V>
where
    &'a K: IntoPyObject<'py>,
    &'a V: IntoPyObject<'py>,
{
    type Target = PyDict;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict_of(py, self)
    }
}

impl<'py, K: IntoPyObject<'py>, V: IntoPyObject<'py>> IntoPyObject<'py> for BTreeMap<K, V> {
    type Target = PyDict;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict_of(py, self)
    }
}

impl<'a, 'py, T: FromPyObjectOwned<'py> + Eq + Hash, S: BuildHasher + Default> FromPyObject<'a, 'py> for HashSet<T, S> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<PySet>()?.try_iter()?.map(|item| item?.extract()).collect()
    }
}

impl<'a, 'py, T: FromPyObjectOwned<'py> + Ord> FromPyObject<'a, 'py> for BTreeSet<T> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<PySet>()?.try_iter()?.map(|item| item?.extract()).collect()
    }
}

impl<'py, T: IntoPyObject<'py>, S> IntoPyObject<'py> for HashSet<T, S> {
    type Target = PySet;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PySet>> {
        PySet::new(py, self)
    }
}

impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for BTreeSet<T> {
    type Target = PySet;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PySet>> {
        PySet::new(py, self)
    }
}

macro_rules! tuples {
    ($($n:literal ($($name:ident $i:tt),+))*) => {$(
        impl<'a, 'py, $($name: FromPyObjectOwned<'py>),+> FromPyObject<'a, 'py> for ($($name,)+) {
            fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
                let tuple = ob.cast::<PyTuple>()?;
                if tuple.len() != $n {
                    return Err(wrong_length(tuple.len(), $n));
                }
                Ok(($(tuple.get_item($i)?.extract::<$name>()?,)+))
            }
        }

        impl<'py, $($name: IntoPyObject<'py>),+> IntoPyObject<'py> for ($($name,)+) {
            type Target = PyTuple;

            fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
                let items = vec![$(self.$i.into_pyobject(py)?.into_value()),+];
                Ok(Bound::new(py, py.vm().tuple(items)))
            }
        }
    )*};
}

#[cold]
fn wrong_length(found: usize, wanted: usize) -> PyErr {
    PyValueError::new_err(format!("expected tuple of length {wanted}, but got tuple of length {found}"))
}

tuples! {
    1 (A 0)
    2 (A 0, B 1)
    3 (A 0, B 1, C 2)
    4 (A 0, B 1, C 2, D 3)
    5 (A 0, B 1, C 2, D 3, E 4)
    6 (A 0, B 1, C 2, D 3, E 4, F 5)
    7 (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    8 (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

impl<'py, T> IntoPyObject<'py> for Bound<'py, T> {
    type Target = T;

    fn into_pyobject(self, _: Python<'py>) -> PyResult<Bound<'py, T>> {
        Ok(self)
    }
}

impl<'py, T> IntoPyObject<'py> for &Bound<'py, T> {
    type Target = T;

    fn into_pyobject(self, _: Python<'py>) -> PyResult<Bound<'py, T>> {
        Ok(self.clone())
    }
}

impl<'a, 'py, T: super::PyTypeInfo> FromPyObject<'a, 'py> for Py<T> {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        ob.cast::<T>().map(|b| b.clone().unbind())
    }
}

impl<'py, T> IntoPyObject<'py> for Py<T> {
    type Target = T;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, T>> {
        self.bind(py)
    }
}

impl<'py, T> IntoPyObject<'py> for &Py<T> {
    type Target = T;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, T>> {
        self.bind(py)
    }
}

/// What crosses by itself; nothing is pickled.
impl<'a, 'py> FromPyObject<'a, 'py> for Portable {
    fn extract(ob: &'a Bound<'py, PyAny>) -> PyResult<Portable> {
        ob.py().ok(crossing::to_portable(ob.py().vm(), ob.as_value(), Fallback::None))
    }
}

impl<'py> IntoPyObject<'py> for Portable {
    type Target = PyAny;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        (&self).into_pyobject(py)
    }
}

impl<'py> IntoPyObject<'py> for &Portable {
    type Target = PyAny;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.bound(crossing::from_portable(py.vm(), self))
    }
}
