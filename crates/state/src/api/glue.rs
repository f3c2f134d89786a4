//! What the attribute macros expand to. Not for use by hand: it changes with the macros.

use super::bound::Bound;
use super::class::{IntoInitializer, PyClass};
use super::convert::{FromPyObject, IntoPyObject};
use super::err::{PyErr, PyResult};
use super::kinds::PyAny;
use super::python::Python;
use serpens_vm::native::call_native;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;

pub use super::class::{Confined, PyCell, PyClass as Class, PyTraverseError, PyVisit, copy_by_clone, with_copies};
pub use super::module::Function;
pub use super::python::enter;
pub use crate::NativeModule;
pub use crate::import::dynamic::ModuleEntry;
pub use serpens_vm::types::slots::{BinOp, CmpOp, Slots};
pub use serpens_vm::types::typeobj::tflag;
pub use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult as VmResult, TypeDef, TypeObj, Value, Vm};

/// What a function may return: a value, or a result of one.
pub trait IntoReturn<'py> {
    /// The machine's value.
    ///
    /// # Errors
    /// The function's, and those of the conversion.
    fn into_return(self, py: Python<'py>) -> PyResult<Value>;
}

impl<'py, T: IntoPyObject<'py>> IntoReturn<'py> for T {
    #[inline]
    fn into_return(self, py: Python<'py>) -> PyResult<Value> {
        self.into_pyobject(py).map(Bound::into_value)
    }
}

impl<'py, T: IntoPyObject<'py>, E: Into<PyErr>> IntoReturn<'py> for Result<T, E> {
    #[inline]
    fn into_return(self, py: Python<'py>) -> PyResult<Value> {
        match self {
            Ok(value) => value.into_pyobject(py).map(Bound::into_value),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a slot with a result of its own (`bool`, a length) may return: the value, or a result of it.
pub trait IntoPlain<T> {
    /// The value.
    ///
    /// # Errors
    /// The function's.
    fn into_plain(self) -> PyResult<T>;
}

impl<T: Plain> IntoPlain<T> for T {
    fn into_plain(self) -> PyResult<T> {
        Ok(self)
    }
}

impl<T: Plain, E: Into<PyErr>> IntoPlain<T> for Result<T, E> {
    fn into_plain(self) -> PyResult<T> {
        self.map_err(Into::into)
    }
}

/// Results of slots that are no objects.
pub trait Plain {}
impl Plain for bool {}
impl Plain for usize {}
impl Plain for i64 {}
impl Plain for u64 {}
impl Plain for isize {}
impl Plain for () {}
impl<T> Plain for Option<T> {}

/// Runs the body of a native function in the interpreter of `vm`.
#[inline]
pub fn run<R>(vm: &Vm, body: impl for<'py> FnOnce(Python<'py>) -> PyResult<R>) -> VmResult<R> {
    enter(vm, |py| body(py).map_err(|e| e.restore(py)))
}

/// An argument as a value of this interface.
#[inline]
pub fn bind<'py>(py: Python<'py>, value: &Value) -> Bound<'py, PyAny> {
    Bound::new(py, value.clone())
}

/// The receiver, which the binding guarantees.
#[inline]
pub fn bind_receiver<'py>(py: Python<'py>, value: Option<&Value>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Some(value) => Ok(bind(py, value)),
        None => Err(super::exceptions::PyTypeError::new_err("unbound method needs an argument")),
    }
}

/// Reads an argument; errors name it, unless the name is empty.
#[inline]
pub fn argument<'a, 'py, T: FromPyObject<'a, 'py>>(value: &'a Bound<'py, PyAny>, name: &str) -> PyResult<T> {
    T::extract(value).map_err(|e| named(value.py(), e, name))
}

/// Puts the argument's name before the message of a `TypeError`.
#[cold]
fn named(py: Python<'_>, e: PyErr, name: &str) -> PyErr {
    if name.is_empty() {
        return e.for_argument();
    }
    if !e.is_instance_of::<super::exceptions::PyTypeError>(py) {
        return e;
    }
    let text = e.value(py).map(|v| v.to_string()).unwrap_or_default();
    super::exceptions::PyTypeError::new_err(format!("argument '{name}': {text}")).for_argument()
}

/// The receiver.
#[inline]
pub fn receiver<'a, 'py, T: FromPyObject<'a, 'py>>(value: &'a Bound<'py, PyAny>) -> PyResult<T> {
    T::extract(value)
}

/// Calls a constructor: its definition binds the class and the arguments.
pub fn construct(vm: &Vm, class: &TypeObj, def: &MethodDef, args: &CallArgs<'_>) -> VmResult {
    let mut all = Vec::with_capacity(args.all().len() + 1);
    all.push(class.value());
    all.extend_from_slice(args.all());
    call_native(vm, def, "", &CallArgs::new(&all, args.names()))
}

/// Makes the object that a constructor returned.
///
/// # Errors
/// The constructor's.
pub fn allocate<T: PyClass>(
    py: Python<'_>,
    class: &Bound<'_, PyAny>,
    made: impl IntoInitializer<T>,
) -> PyResult<Value> {
    let made = made.into_initializer()?;
    match TypeObj::from_value(class.as_value()) {
        Some(class) => Ok(made.allocate(py.vm(), class)),
        None => Err(super::exceptions::PyTypeError::new_err("not a class")),
    }
}

/// The result of a comparison by an `Ordering`-like method.
pub fn compare_op(op: CmpOp) -> CompareOp {
    match op {
        CmpOp::Lt => CompareOp::Lt,
        CmpOp::Le => CompareOp::Le,
        CmpOp::Eq => CompareOp::Eq,
        CmpOp::Ne => CompareOp::Ne,
        CmpOp::Gt => CompareOp::Gt,
        CmpOp::Ge => CompareOp::Ge,
    }
}

/// The operator of `__richcmp__`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the comparisons")]
pub enum CompareOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CompareOp {
    /// What the comparison says of an ordering.
    pub fn matches(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Lt => ordering.is_lt(),
            CompareOp::Le => ordering.is_le(),
            CompareOp::Eq => ordering.is_eq(),
            CompareOp::Ne => ordering.is_ne(),
            CompareOp::Gt => ordering.is_gt(),
            CompareOp::Ge => ordering.is_ge(),
        }
    }
}

/// `hash` never is -1.
pub fn hash(value: i64) -> i64 {
    if value == -1 { -2 } else { value }
}

/// `NotImplemented`.
pub fn not_implemented() -> Value {
    Value::NOT_IMPLEMENTED
}

/// Parameters of a function that takes `*args` or `**kwargs`.
pub struct Params {
    /// The function's name.
    pub name: &'static str,
    /// Parameters before `*`: the receiver is not among them.
    pub positional: &'static [&'static str],
    /// How many of them cannot be named.
    pub n_positional_only: usize,
    /// Parameters after `*`.
    pub keyword_only: &'static [&'static str],
    /// `*args` exists.
    pub varargs: bool,
    /// `**kwargs` exists.
    pub varkeywords: bool,
    /// The receiver comes first.
    pub receiver: bool,
}

/// Bound arguments: the receiver (if any), positional parameters, keyword-only parameters.
pub struct BoundArgs {
    /// One slot a parameter.
    pub slots: Vec<Option<Value>>,
    /// The rest of the positional arguments, a tuple.
    pub args: Value,
    /// The rest of the named arguments, a dict, if there are any.
    pub kwargs: Option<Value>,
}

/// Binds arguments to parameters as Python's functions do.
///
/// # Errors
/// `TypeError`.
pub fn bind_arguments(vm: &Vm, params: &Params, given: &CallArgs<'_>) -> VmResult<BoundArgs> {
    let hidden = usize::from(params.receiver);
    let n_pos = params.positional.len() + hidden;
    let mut slots: Vec<Option<Value>> = vec![None; n_pos + params.keyword_only.len()];
    let pos = given.pos();
    for (slot, value) in slots[..n_pos].iter_mut().zip(pos) {
        *slot = Some(value.clone());
    }
    let rest = pos.get(n_pos..).unwrap_or(&[]);
    if !rest.is_empty() && !params.varargs {
        let (max, got) = (params.positional.len(), pos.len() - hidden);
        let s = if max == 1 { "" } else { "s" };
        return Err(
            vm.type_error(&format!("{}() takes {max} positional argument{s} but {got} were given", params.name))
        );
    }
    let mut kwargs = None;
    for (name, value) in given.named() {
        let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        let by_position = params.positional[params.n_positional_only..].iter().position(|p| *p == text);
        let found = match by_position {
            Some(i) => Some(hidden + params.n_positional_only + i),
            None => params.keyword_only.iter().position(|p| *p == text).map(|i| n_pos + i),
        };
        match found {
            Some(i) if slots[i].is_some() => {
                return Err(vm.type_error(&format!("{}() got multiple values for argument '{text}'", params.name)));
            }
            Some(i) => slots[i] = Some(value.clone()),
            None if params.varkeywords => {
                let dict = kwargs.get_or_insert_with(|| vm.new_dict());
                if let Some(d) = dict.downcast::<Dict>() {
                    d.set_str(vm, name, value.clone());
                }
            }
            None => {
                return Err(vm.type_error(&format!("{}() got an unexpected keyword argument '{text}'", params.name)));
            }
        }
    }
    Ok(BoundArgs { slots, args: vm.tuple(rest.to_vec()), kwargs })
}

/// A parameter without a default that was not given.
#[cold]
pub fn missing(function: &str, name: &str, keyword: bool) -> PyErr {
    let kind = if keyword { "keyword-only" } else { "positional" };
    super::exceptions::PyTypeError::new_err(format!("{function}() missing 1 required {kind} argument: '{name}'"))
}

/// Concatenates tables at compile time.
pub const fn concat<const N: usize>(a: &[GetSetDef], b: &[GetSetDef]) -> [GetSetDef; N] {
    let mut all = [GetSetDef::new("", |_, _| Ok(Value::NONE)); N];
    let mut i = 0;
    while i < a.len() + b.len() {
        all[i] = if i < a.len() { a[i] } else { b[i - a.len()] };
        i += 1;
    }
    all
}

/// Flags of a class by what it defines.
pub const fn class_flags(slots: &Slots, collected: bool) -> u32 {
    let no_new = if slots.new.is_none() { tflag::NO_NEW } else { 0 };
    no_new | if collected { tflag::GC } else { 0 }
}

/// The value of an assignment; `AttributeError` for a deletion.
///
/// # Errors
/// As said.
pub fn assigned<'py>(py: Python<'py>, value: Option<&Value>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Some(value) => Ok(bind(py, value)),
        None => Err(super::exceptions::PyAttributeError::new_err("can't delete attribute")),
    }
}

/// The module object.
///
/// # Errors
/// `TypeError` if it is none.
pub fn module<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, super::PyModule>> {
    bind(py, value).cast_into()
}

/// Calls an object whose class defines `__call__`.
pub fn invoke(vm: &Vm, object: &Value, def: &MethodDef, args: &CallArgs<'_>) -> VmResult {
    let mut all = Vec::with_capacity(args.all().len() + 1);
    all.push(object.clone());
    all.extend_from_slice(args.all());
    call_native(vm, def, "", &CallArgs::new(&all, args.names()))
}

/// `TypeError` for an assignment or deletion that the class does not define.
#[cold]
pub fn unsupported(receiver: &Bound<'_, PyAny>, what: &str) -> PyErr {
    let name = receiver.get_type().name();
    super::exceptions::PyTypeError::new_err(format!("'{name}' object does not support {what}"))
}

/// The result of an operator. `TypeError` for an operand that could not be read gives `NotImplemented`.
///
/// # Errors
/// The operator's.
pub fn operator(f: impl FnOnce() -> PyResult<Value>) -> PyResult<Value> {
    f().or_else(|e| if e.is_argument_error() { Ok(Value::NOT_IMPLEMENTED) } else { Err(e) })
}

/// `not` the result of `__eq__`, unless that is `NotImplemented`.
///
/// # Errors
/// Those of the result's truth.
pub fn negate(py: Python<'_>, result: PyResult<Value>) -> PyResult<Value> {
    let result = result?;
    if result.is_not_implemented() {
        return Ok(result);
    }
    py.ok(py.vm().truthy(&result)).map(|b| Value::bool(!b))
}

/// What `__hash__` may return.
pub trait IntoHash {
    /// The hash, never -1.
    ///
    /// # Errors
    /// The method's.
    fn into_hash(self) -> PyResult<i64>;
}

macro_rules! hashes {
    ($($ty:ty),*) => {$(
        impl IntoHash for $ty {
            fn into_hash(self) -> PyResult<i64> {
                Ok(hash(self as i64))
            }
        }
    )*};
}
hashes!(i64, u64, isize, usize, i32, u32);

impl<T: IntoHash, E: Into<PyErr>> IntoHash for Result<T, E> {
    fn into_hash(self) -> PyResult<i64> {
        self.map_err(Into::into)?.into_hash()
    }
}

/// What `__next__` may return.
pub trait IntoNext<'py> {
    /// The next value; `None` ends the iteration.
    ///
    /// # Errors
    /// The method's, and those of the conversion.
    fn into_next(self, py: Python<'py>) -> PyResult<Option<Value>>;
}

impl<'py, T: IntoPyObject<'py>> IntoNext<'py> for Option<T> {
    fn into_next(self, py: Python<'py>) -> PyResult<Option<Value>> {
        self.map(|value| value.into_pyobject(py).map(Bound::into_value)).transpose()
    }
}

impl<'py, T: IntoPyObject<'py>, E: Into<PyErr>> IntoNext<'py> for Result<Option<T>, E> {
    fn into_next(self, py: Python<'py>) -> PyResult<Option<Value>> {
        self.map_err(Into::into)?.into_next(py)
    }
}

/// Checks at compile time that a field may lie in an object: it is `Send`, or holds its Python values by `Py`.
pub mod confined {
    use super::super::handle::Py;
    use std::cell::{Cell, RefCell};
    use std::collections::{BTreeMap, HashMap, VecDeque};
    use std::marker::PhantomData;

    /// The type to check.
    pub struct Probe<T>(pub PhantomData<T>);

    /// Fields that are `Send`.
    pub trait IsSend {
        /// Passes.
        fn check(&self) {}
    }
    impl<T: Send> IsSend for Probe<T> {}

    /// Fields that hold Python values.
    pub trait HoldsPython {
        /// Passes.
        fn check(&self) {}
    }
    impl<T: OfPython> HoldsPython for &Probe<T> {}

    /// [`Py`], and containers of it.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot lie in an object of an interpreter",
        note = "fields are `Send`, or hold Python values by `Py<T>`, alone or in `Option`, `Vec`, `Box`, maps, cells or pairs"
    )]
    pub trait OfPython {}
    impl<T> OfPython for Py<T> {}
    impl<T: OfPython> OfPython for Option<T> {}
    impl<T: OfPython> OfPython for Vec<T> {}
    impl<T: OfPython> OfPython for VecDeque<T> {}
    impl<T: OfPython> OfPython for Box<T> {}
    impl<T: OfPython> OfPython for Cell<T> {}
    impl<T: OfPython> OfPython for RefCell<T> {}
    impl<K: Send, V: OfPython, S: Send> OfPython for HashMap<K, V, S> {}
    impl<K: Send, V: OfPython> OfPython for BTreeMap<K, V> {}
    impl<A: OfPython, B: OfPython> OfPython for (A, B) {}
}

/// Defaults for classes without `#[pymethods]`: an inherent constant of the same name comes before these.
pub trait NoMethods {
    /// Methods.
    const SERPENS_METHODS: &'static [MethodDef] = &[];
    /// Computed attributes.
    const SERPENS_GETSET: &'static [GetSetDef] = &[];
    /// Operations.
    const SERPENS_SLOTS: Slots = Slots::EMPTY;
    /// Whether `__traverse__` exists.
    const SERPENS_GC: bool = false;

    /// `__traverse__`.
    ///
    /// # Errors
    /// Passed on from `visit`.
    fn serpens_traverse(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let _ = visit;
        Ok(())
    }

    /// `__clear__`.
    fn serpens_clear(&mut self) {}
}
impl<T> NoMethods for T {}
