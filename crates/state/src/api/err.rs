//! [`PyErr`]: a Python exception as a Rust error.
//!
//! It may go to any thread; the exception itself is looked at in its interpreter, which `Display` enters for that.

use super::bound::{Bound, PyTypeInfo};
use super::exceptions::{self, PyBaseException};
use super::handle::Anchor;
use super::kinds::{PyAny, PyType};
use super::python::Python;
use crate::crossing;
use serpens_share::Portable;
use serpens_vm::{Raised, Value, Vm};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

/// What fallible operations of this interface return.
pub type PyResult<T> = Result<T, PyErr>;

/// A Python exception: one that was raised, or one to be made when it is needed.
pub struct PyErr(Box<State>, Origin);

/// Whether it says that an argument could not be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Any,
    Argument,
}

enum State {
    Lazy { class: fn(&Vm) -> Value, name: &'static str, args: Vec<Portable> },
    Raised(Arc<Live>),
}

/// A raised exception. Its text is taken when its interpreter closes, if it is still of interest then.
struct Live {
    anchor: Anchor,
    text: OnceLock<String>,
}

/// The raised exceptions of one interpreter that Rust code may still have.
#[derive(Default)]
struct Errors {
    all: RefCell<Vec<Weak<Live>>>,
    /// When to look which are gone.
    prune_at: Cell<usize>,
}

serpens_vm::local!(Errors: fresh);

impl Live {
    fn new(vm: &Vm, exception: Value) -> Arc<Live> {
        let live = Arc::new(Live { anchor: Anchor::new(vm, exception), text: OnceLock::new() });
        let errors = vm.local(|_| Errors::default());
        let mut all = errors.all.borrow_mut();
        if all.len() >= errors.prune_at.get() {
            all.retain(|other| other.strong_count() > 0);
            errors.prune_at.set(2 * all.len() + 16);
        }
        all.push(Arc::downgrade(&live));
        live
    }
}

/// The interpreter is about to close: exceptions that Rust code still has become text.
pub(crate) fn settle(vm: &Vm) {
    let Some(errors) = vm.local_opt::<Errors>() else { return };
    let all = errors.all.take();
    for live in all.iter().filter_map(Weak::upgrade) {
        if let Some(exception) = live.anchor.get(vm) {
            // Display may have set it already.
            let _ = live.text.set(vm.format_exception_only(&exception).trim_end().to_string());
        }
    }
}

/// Arguments of an exception's class.
pub trait PyErrArguments {
    /// Their portable forms.
    fn arguments(self) -> Vec<Portable>;
}

impl PyErrArguments for () {
    fn arguments(self) -> Vec<Portable> {
        Vec::new()
    }
}

macro_rules! one_argument {
    ($($ty:ty),*) => {$(
        impl PyErrArguments for $ty {
            fn arguments(self) -> Vec<Portable> {
                vec![Portable::from(self)]
            }
        }
    )*};
}
one_argument!(&str, i64, i32, bool, Portable);

impl PyErrArguments for String {
    fn arguments(self) -> Vec<Portable> {
        vec![Portable::from(self.as_str())]
    }
}

impl<A: Into<Portable>, B: Into<Portable>> PyErrArguments for (A, B) {
    fn arguments(self) -> Vec<Portable> {
        vec![self.0.into(), self.1.into()]
    }
}

impl PyErr {
    /// An exception of class `T`.
    #[cold]
    pub fn new<T: PyTypeInfo, A: PyErrArguments>(args: A) -> PyErr {
        PyErr(Box::new(State::Lazy { class: T::type_object, name: T::NAME, args: args.arguments() }), Origin::Any)
    }

    /// The exception `value`, or `TypeError` if it is none.
    pub fn from_value(value: Bound<'_, PyAny>) -> PyErr {
        let py = value.py();
        if PyBaseException::is_type_of(py.vm(), value.as_value()) {
            return PyErr(Box::new(State::Raised(Live::new(py.vm(), value.into_value()))), Origin::Any);
        }
        exceptions::PyTypeError::new_err("exceptions must derive from BaseException")
    }

    /// Takes the exception that the machine has just raised.
    #[cold]
    pub fn take(py: Python<'_>, _raised: Raised) -> PyErr {
        let vm = py.vm();
        PyErr(Box::new(State::Raised(Live::new(vm, vm.take_raised()))), Origin::Any)
    }

    /// Says that it is about an argument that could not be read.
    pub(crate) fn for_argument(self) -> PyErr {
        PyErr(self.0, Origin::Argument)
    }

    /// Whether it is about an argument that could not be read.
    pub(crate) fn is_argument_error(&self) -> bool {
        self.1 == Origin::Argument
    }

    /// Raises it in the machine.
    #[cold]
    pub fn restore(self, py: Python<'_>) -> Raised {
        let vm = py.vm();
        match &*self.0 {
            State::Raised(_) => match self.exception(vm) {
                Ok(e) => vm.reraise(e),
                Err(raised) => raised,
            },
            State::Lazy { .. } => match self.exception(vm) {
                Ok(e) => vm.raise(e),
                Err(raised) => raised,
            },
        }
    }

    /// The exception object; made now if there was none yet.
    ///
    /// # Errors
    /// What its class raised instead.
    pub fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBaseException>> {
        py.ok(self.exception(py.vm())).map(|v| Bound::new(py, v))
    }

    /// Its class.
    ///
    /// # Errors
    /// As for [`PyErr::value`].
    pub fn get_type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyType>> {
        Ok(self.value(py)?.get_type())
    }

    /// Whether it is of class `T` or a subclass.
    pub fn is_instance_of<T: PyTypeInfo>(&self, py: Python<'_>) -> bool {
        let vm = py.vm();
        match self.exception(vm) {
            Ok(e) => T::is_type_of(vm, &e),
            Err(_) => {
                drop(vm.take_raised());
                false
            }
        }
    }

    /// The text that Python prints for it: traceback, notes, causes and contexts. It ends with a newline.
    pub fn traceback(&self, py: Python<'_>) -> String {
        let vm = py.vm();
        match self.exception(vm) {
            Ok(e) => vm.format_exception(&e),
            Err(_) => vm.format_exception(&vm.take_raised()),
        }
    }

    /// Prints it to `sys.stderr` as Python does.
    pub fn print(&self, py: Python<'_>) {
        crate::sys::report::write_stderr(py.vm(), &self.traceback(py));
    }

    fn exception(&self, vm: &Vm) -> serpens_vm::PyResult {
        match &*self.0 {
            State::Raised(live) => match live.anchor.get(vm) {
                Some(value) => Ok(value),
                None => Err(vm.runtime_error("the exception belongs to another interpreter")),
            },
            State::Lazy { class, args, .. } => {
                let args =
                    args.iter().map(|p| crossing::from_portable(vm, p)).collect::<serpens_vm::PyResult<Vec<_>>>()?;
                let made = vm.call_pos(&class(vm), &args)?;
                if PyBaseException::is_type_of(vm, &made) {
                    Ok(made)
                } else {
                    Err(vm.type_error("exceptions must derive from BaseException"))
                }
            }
        }
    }
}

impl fmt::Display for PyErr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            State::Lazy { name, args, .. } => {
                f.write_str(name)?;
                for (i, arg) in args.iter().enumerate() {
                    f.write_str(if i == 0 { ": " } else { ", " })?;
                    match arg {
                        Portable::Str(text) => f.write_str(&String::from_utf8_lossy(text.as_bytes()))?,
                        other => write!(f, "{other:?}")?,
                    }
                }
                Ok(())
            }
            State::Raised(live) => {
                let text = live.anchor.home().try_with(|py| {
                    let vm = py.vm();
                    live.anchor.get(vm).map(|e| vm.format_exception_only(&e))
                });
                match (text, live.text.get()) {
                    (Ok(Some(text)), _) => f.write_str(text.trim_end()),
                    (_, Some(text)) => f.write_str(text),
                    _ => f.write_str("an exception of an interpreter that was closed"),
                }
            }
        }
    }
}

impl fmt::Debug for PyErr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PyErr({self})")
    }
}

impl std::error::Error for PyErr {}

macro_rules! from_error {
    ($($error:ty => $class:ident),* $(,)?) => {$(
        impl From<$error> for PyErr {
            fn from(error: $error) -> PyErr {
                exceptions::$class::new_err(error.to_string())
            }
        }
    )*};
}

from_error! {
    std::num::ParseIntError => PyValueError,
    std::num::ParseFloatError => PyValueError,
    std::num::TryFromIntError => PyOverflowError,
    std::str::Utf8Error => PyValueError,
    std::string::FromUtf8Error => PyValueError,
    std::char::ParseCharError => PyValueError,
    fmt::Error => PyRuntimeError,
}

impl From<std::io::Error> for PyErr {
    fn from(error: std::io::Error) -> PyErr {
        match error.raw_os_error() {
            Some(errno) => {
                let text = error.to_string();
                let reason = text.find(" (os error").map_or(text.as_str(), |end| &text[..end]).to_string();
                exceptions::PyOSError::new_err((errno, reason.as_str()))
            }
            None => exceptions::PyOSError::new_err(error.to_string()),
        }
    }
}
