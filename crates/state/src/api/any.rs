//! What can be done with any value: attributes, calls, items, comparisons, conversions.

use super::bound::{Bound, PyTypeInfo};
use super::convert::{FromPyObject, IntoPyObject};
use super::err::PyResult;
use super::kinds::{PyAny, PyDict, PyString, PyTuple, PyType};
use super::python::Python;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::{BinOp, CmpOp};
use serpens_vm::{TypeObj, Value};

/// Positional arguments of a call: a tuple of Rust values, or a Python tuple.
pub trait IntoArgs<'py> {
    /// The arguments in order.
    ///
    /// # Errors
    /// Those of the conversions.
    fn into_args(self, py: Python<'py>) -> PyResult<Vec<Value>>;
}

impl<'py> IntoArgs<'py> for () {
    fn into_args(self, _: Python<'py>) -> PyResult<Vec<Value>> {
        Ok(Vec::new())
    }
}

impl<'py> IntoArgs<'py> for &Bound<'py, PyTuple> {
    fn into_args(self, _: Python<'py>) -> PyResult<Vec<Value>> {
        Ok(self.as_slice().to_vec())
    }
}

impl<'py> IntoArgs<'py> for Bound<'py, PyTuple> {
    fn into_args(self, py: Python<'py>) -> PyResult<Vec<Value>> {
        (&self).into_args(py)
    }
}

macro_rules! args_of_tuples {
    ($(($($name:ident $i:tt),+))*) => {$(
        impl<'py, $($name: IntoPyObject<'py>),+> IntoArgs<'py> for ($($name,)+) {
            fn into_args(self, py: Python<'py>) -> PyResult<Vec<Value>> {
                Ok(vec![$(self.$i.into_pyobject(py)?.into_value()),+])
            }
        }
    )*};
}

args_of_tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

/// The items of an iterable, one after the other.
pub struct Items<'py> {
    iterator: Bound<'py, PyAny>,
}

impl<'py> Iterator for Items<'py> {
    type Item = PyResult<Bound<'py, PyAny>>;

    fn next(&mut self) -> Option<Self::Item> {
        let py = self.iterator.py();
        match py.vm().next(self.iterator.as_value()) {
            Ok(found) => found.map(|v| Ok(Bound::new(py, v))),
            Err(raised) => Some(Err(super::PyErr::take(py, raised))),
        }
    }
}

/// # Errors
/// All of these return the Python exception that the operation raised.
impl<'py> Bound<'py, PyAny> {
    /// `self.name`.
    pub fn getattr(&self, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.py().bound(self.py().vm().getattr_str(self.as_value(), name))
    }

    /// Whether `self.name` exists.
    pub fn hasattr(&self, name: &str) -> PyResult<bool> {
        let vm = self.py().vm();
        self.py().ok(vm.getattr_opt(self.as_value(), &vm.intern(name))).map(|found| found.is_some())
    }

    /// `self.name = value`.
    pub fn setattr(&self, name: &str, value: impl IntoPyObject<'py>) -> PyResult<()> {
        let vm = self.py().vm();
        let value = value.into_pyobject(self.py())?;
        self.py().ok(vm.setattr(self.as_value(), &vm.intern(name), Some(value.as_value())))
    }

    /// `del self.name`.
    pub fn delattr(&self, name: &str) -> PyResult<()> {
        let vm = self.py().vm();
        self.py().ok(vm.setattr(self.as_value(), &vm.intern(name), None))
    }

    /// `self(*args, **kwargs)`.
    pub fn call(&self, args: impl IntoArgs<'py>, kwargs: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        let vm = self.py().vm();
        let args = args.into_args(self.py())?;
        let result = match kwargs.and_then(|k| k.as_value().downcast::<Dict>()) {
            Some(kwargs) => vm.call_dict(self.as_value(), &args, kwargs),
            None => vm.call_pos(self.as_value(), &args),
        };
        self.py().bound(result)
    }

    /// `self()`.
    pub fn call0(&self) -> PyResult<Bound<'py, PyAny>> {
        self.call((), None)
    }

    /// `self(*args)`.
    pub fn call1(&self, args: impl IntoArgs<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.call(args, None)
    }

    /// `self.name(*args, **kwargs)`.
    pub fn call_method(
        &self,
        name: &str,
        args: impl IntoArgs<'py>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match kwargs {
            Some(_) => self.getattr(name)?.call(args, kwargs),
            None => {
                let args = args.into_args(self.py())?;
                self.py().bound(self.py().vm().call_method_str(self.as_value(), name, &args))
            }
        }
    }

    /// `self.name()`.
    pub fn call_method0(&self, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.call_method(name, (), None)
    }

    /// `self.name(*args)`.
    pub fn call_method1(&self, name: &str, args: impl IntoArgs<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.call_method(name, args, None)
    }

    /// `self[key]`.
    pub fn get_item(&self, key: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
        let key = key.into_pyobject(self.py())?;
        self.py().bound(self.py().vm().get_item(self.as_value(), key.as_value()))
    }

    /// `self[key] = value`.
    pub fn set_item(&self, key: impl IntoPyObject<'py>, value: impl IntoPyObject<'py>) -> PyResult<()> {
        let (key, value) = (key.into_pyobject(self.py())?, value.into_pyobject(self.py())?);
        self.py().ok(self.py().vm().set_item(self.as_value(), key.as_value(), value.as_value()))
    }

    /// `del self[key]`.
    pub fn del_item(&self, key: impl IntoPyObject<'py>) -> PyResult<()> {
        let key = key.into_pyobject(self.py())?;
        self.py().ok(self.py().vm().del_item(self.as_value(), key.as_value()))
    }

    /// `item in self`.
    pub fn contains(&self, item: impl IntoPyObject<'py>) -> PyResult<bool> {
        let item = item.into_pyobject(self.py())?;
        self.py().ok(self.py().vm().contains(self.as_value(), item.as_value()))
    }

    /// `len(self)`.
    pub fn len(&self) -> PyResult<usize> {
        self.py().ok(self.py().vm().len(self.as_value()))
    }

    /// `len(self) == 0`.
    pub fn is_empty(&self) -> PyResult<bool> {
        self.len().map(|n| n == 0)
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        self.as_value().is_none()
    }

    /// `bool(self)`.
    pub fn is_truthy(&self) -> PyResult<bool> {
        self.py().ok(self.py().vm().truthy(self.as_value()))
    }

    /// `callable(self)`.
    pub fn is_callable(&self) -> bool {
        self.py().vm().is_callable(self.as_value())
    }

    /// `str(self)`.
    pub fn str(&self) -> PyResult<Bound<'py, PyString>> {
        self.py().bound(self.py().vm().str_of(self.as_value()))?.cast_into()
    }

    /// `repr(self)`.
    pub fn repr(&self) -> PyResult<Bound<'py, PyString>> {
        self.py().bound(self.py().vm().repr(self.as_value()))?.cast_into()
    }

    /// `hash(self)`.
    pub fn hash(&self) -> PyResult<i64> {
        self.py().ok(self.py().vm().hash(self.as_value()))
    }

    /// `iter(self)`, as an iterator of Rust.
    pub fn try_iter(&self) -> PyResult<Items<'py>> {
        Ok(Items { iterator: self.py().bound(self.py().vm().iter(self.as_value()))? })
    }

    /// `type(self)`.
    pub fn get_type(&self) -> Bound<'py, PyType> {
        Bound::new(self.py(), self.py().vm().type_of(self.as_value()).value())
    }

    /// `isinstance(self, class)`.
    pub fn is_instance(&self, class: &Bound<'py, PyAny>) -> PyResult<bool> {
        self.py().ok(self.py().vm().is_instance(self.as_value(), class.as_value()))
    }

    /// Whether the value's class is `T`'s or derives from it.
    pub fn is_instance_of<T: PyTypeInfo>(&self) -> bool {
        T::is_type_of(self.py().vm(), self.as_value())
    }

    /// Whether the value's class is exactly `T`'s.
    pub fn is_exact_instance_of<T: PyTypeInfo>(&self) -> bool {
        let vm = self.py().vm();
        let class = T::type_object(vm);
        TypeObj::from_value(&class).is_some_and(|class| vm.is_exact(self.as_value(), class))
    }

    /// The value as a Rust value.
    pub fn extract<'a, T: FromPyObject<'a, 'py>>(&'a self) -> PyResult<T> {
        T::extract(self)
    }

    fn rich(&self, other: impl IntoPyObject<'py>, op: CmpOp) -> PyResult<bool> {
        let other = other.into_pyobject(self.py())?;
        self.py().ok(self.py().vm().compare_bool(self.as_value(), other.as_value(), op))
    }

    /// `self == other`.
    pub fn eq(&self, other: impl IntoPyObject<'py>) -> PyResult<bool> {
        self.rich(other, CmpOp::Eq)
    }

    /// `self != other`.
    pub fn ne(&self, other: impl IntoPyObject<'py>) -> PyResult<bool> {
        self.rich(other, CmpOp::Ne)
    }

    /// `self < other`.
    pub fn lt(&self, other: impl IntoPyObject<'py>) -> PyResult<bool> {
        self.rich(other, CmpOp::Lt)
    }

    /// `self <= other`.
    pub fn le(&self, other: impl IntoPyObject<'py>) -> PyResult<bool> {
        self.rich(other, CmpOp::Le)
    }

    /// `self > other`.
    pub fn gt(&self, other: impl IntoPyObject<'py>) -> PyResult<bool> {
        self.rich(other, CmpOp::Gt)
    }

    /// `self >= other`.
    pub fn ge(&self, other: impl IntoPyObject<'py>) -> PyResult<bool> {
        self.rich(other, CmpOp::Ge)
    }

    fn binary(&self, other: impl IntoPyObject<'py>, op: BinOp) -> PyResult<Bound<'py, PyAny>> {
        let other = other.into_pyobject(self.py())?;
        self.py().bound(self.py().vm().binary_op(op, self.as_value(), other.as_value()))
    }

    /// `self + other`.
    pub fn add(&self, other: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.binary(other, BinOp::Add)
    }

    /// `self - other`.
    pub fn sub(&self, other: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.binary(other, BinOp::Sub)
    }

    /// `self * other`.
    pub fn mul(&self, other: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.binary(other, BinOp::Mul)
    }

    /// `self / other`.
    pub fn div(&self, other: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.binary(other, BinOp::TrueDiv)
    }

    /// `self % other`.
    pub fn rem(&self, other: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.binary(other, BinOp::Mod)
    }
}
