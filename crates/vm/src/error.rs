//! Errors: a Python exception under way is a word-sized token; the exception itself waits in the thread state.

use crate::value::Value;
use crate::vm::Vm;

/// Proof that an exception is pending in the thread state. It carries nothing, so that results are one word.
#[derive(Debug)]
#[must_use = "an exception is pending: pass it on or take it"]
pub struct Raised(());

const _: () = assert!(size_of::<PyResult<Value>>() == 8);

/// What fallible operations return.
pub type PyResult<T = Value> = Result<T, Raised>;

impl Raised {
    /// For code that has just stored an exception in the thread state.
    pub(crate) fn token() -> Raised {
        Raised(())
    }
}

macro_rules! raisers {
    ($($(#[$doc:meta])* $method:ident => $class:ident),* $(,)?) => {
        impl Vm {
            $( $(#[$doc])* #[cold] #[inline(never)] pub fn $method(&self, message: &str) -> Raised {
                self.raise_text(self.types().$class, message)
            } )*
        }
    };
}

raisers! {
    /// Raises `TypeError(message)`.
    type_error => TypeError,
    /// Raises `ValueError(message)`.
    value_error => ValueError,
    /// Raises `IndexError(message)`.
    index_error => IndexError,
    /// Raises `AttributeError(message)` without the attributes `name` and `obj`.
    attribute_error => AttributeError,
    /// Raises `NameError(message)`.
    name_error => NameError,
    /// Raises `RuntimeError(message)`.
    runtime_error => RuntimeError,
    /// Raises `OverflowError(message)`.
    overflow_error => OverflowError,
    /// Raises `ZeroDivisionError(message)`.
    zero_division => ZeroDivisionError,
    /// Raises `RecursionError(message)`.
    recursion_error => RecursionError,
    /// Raises `SystemError(message)`.
    system_error => SystemError,
    /// Raises `ImportError(message)`.
    import_error => ImportError,
    /// Raises `NotImplementedError(message)`.
    not_implemented_error => NotImplementedError,
    /// Raises `BufferError(message)`.
    buffer_error => BufferError,
    /// Raises `AssertionError(message)`.
    assertion_error => AssertionError,
    /// Raises `LookupError(message)`.
    lookup_error => LookupError,
}
