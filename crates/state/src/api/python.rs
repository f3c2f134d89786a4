//! [`Python`]: the proof that this thread is in an interpreter, and the way to everything in it.
//!
//! Invariant: `'py` is invariant, and each entry gets one of its own, from a closure that must work for every lifetime.

use super::bound::{Bound, PyTypeInfo};
use super::convert::IntoPyObject;
use super::err::{PyErr, PyResult};
use super::kinds::{PyAny, PyDict, PyModule, PyType};
use crate::{import, run};
use serpens_compiler::Mode;
use serpens_vm::{Value, Vm};
use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::CStr;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::rc::Rc;

/// The proof that this thread holds an interpreter's lock. It is copied freely and cannot leave the thread.
#[derive(Clone, Copy)]
pub struct Python<'py> {
    /// A borrow for `'py`. A pointer, so that the compiler names one reason why this is not `Send`, and not each field of the
    /// machine.
    vm: NonNull<Vm>,
    /// Invariant in `'py`.
    brand: PhantomData<Cell<&'py ()>>,
}

/// Source text, as `str` or as C string literals (which PyO3's programs use).
pub trait Source {
    /// The text.
    fn text(&self) -> Cow<'_, str>;
}

impl Source for str {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Source for String {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Source for CStr {
    fn text(&self) -> Cow<'_, str> {
        self.to_string_lossy()
    }
}

/// Runs `f` with the proof for the interpreter of `vm`, whose lock this thread holds (or it would have no `&Vm`).
#[inline]
pub fn enter<R>(vm: &Vm, f: impl for<'py> FnOnce(Python<'py>) -> R) -> R {
    f(Python { vm: NonNull::from(vm), brand: PhantomData })
}

impl<'py> Python<'py> {
    /// The machine, for what this interface does not offer.
    #[inline]
    #[expect(unsafe_code, reason = "a borrow kept as a pointer")]
    pub fn vm(self) -> &'py Vm {
        // SAFETY: made from a borrow that lives for `'py` in `enter`.
        unsafe { self.vm.as_ref() }
    }

    /// `None`.
    #[expect(non_snake_case, reason = "Python's name")]
    pub fn None(self) -> Bound<'py, PyAny> {
        Bound::new(self, Value::NONE)
    }

    /// Evaluates an expression, by default in `__main__`.
    ///
    /// # Errors
    /// Whatever the expression raises, or `SyntaxError`.
    pub fn eval(
        self,
        code: &(impl Source + ?Sized),
        globals: Option<&Bound<'py, PyDict>>,
        locals: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let text = code.text();
        self.execute(text.trim_start_matches([' ', '\t']), "<string>", Mode::Eval, globals, locals)
    }

    /// Runs statements, by default in `__main__`.
    ///
    /// # Errors
    /// Whatever the statements raise, or `SyntaxError`.
    pub fn run(
        self,
        code: &(impl Source + ?Sized),
        globals: Option<&Bound<'py, PyDict>>,
        locals: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<()> {
        self.execute(&code.text(), "<string>", Mode::Exec, globals, locals).map(drop)
    }

    fn execute(
        self,
        text: &str,
        filename: &str,
        mode: Mode,
        globals: Option<&Bound<'py, PyDict>>,
        locals: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let vm = self.vm();
        let code = self.ok(run::compile(vm, text, filename, mode, run::default_options(vm)))?;
        let globals = match globals {
            Some(globals) => globals.as_value().clone(),
            None => self.ok(run::main_dict(vm))?,
        };
        if let Some(d) = globals.downcast::<serpens_vm::types::dict::Dict>()
            && d.get_str(vm, &vm.names().__builtins__).is_none()
        {
            d.set_str(vm, &vm.names().__builtins__, vm.builtins.get_or_none());
        }
        let locals = locals.map(|l| l.as_value());
        self.bound(vm.run_code(&code, &globals, locals, None))
    }

    /// Imports a module.
    ///
    /// # Errors
    /// `ImportError`, or whatever the module raises.
    pub fn import(self, name: &str) -> PyResult<Bound<'py, PyModule>> {
        self.bound(import::import_module(self.vm(), name))?.cast_into::<PyModule>()
    }

    /// The module `__main__`.
    ///
    /// # Errors
    /// When a program has replaced `sys.modules`.
    pub fn main(self) -> PyResult<Bound<'py, PyModule>> {
        self.ok(run::main_dict(self.vm()))?;
        self.import("__main__")
    }

    /// The class of a Rust type or kind.
    pub fn get_type<T: PyTypeInfo>(self) -> Bound<'py, PyType> {
        Bound::new(self, T::type_object(self.vm()))
    }

    /// A value made from a Rust value.
    ///
    /// # Errors
    /// Those of the conversion.
    pub fn object(self, value: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
        value.into_pyobject(self).map(Bound::into_any)
    }

    /// Leaves the interpreter while `f` runs, which must not block with the lock held: other threads of the interpreter
    /// go on meanwhile. `f` can take no Python value along: none is `Send`.
    pub fn detach<R: Send>(self, f: impl FnOnce() -> R + Send) -> R {
        crate::blocking(self.vm(), f)
    }

    /// Answers what is asked of the running thread: signals, a stop, another thread's wish to run. Long native code
    /// calls it now and then.
    ///
    /// # Errors
    /// What a signal handler raised, or the exception that ends a stopped interpreter.
    pub fn check_signals(self) -> PyResult<()> {
        self.ok(self.vm().on_break())
    }

    /// State of a native module in this interpreter, made on first use: what C extensions keep in globals.
    pub fn state<T: super::Confined + 'static>(self, make: impl FnOnce(Python<'py>) -> T) -> Rc<T> {
        match self.vm().local_foreign_opt::<T>(T::COPY) {
            Some(found) => found,
            None => {
                let made = make(self);
                self.vm().local_foreign(T::COPY, || made)
            }
        }
    }

    /// The bytes in use by the interpreter's objects.
    pub fn memory(self) -> usize {
        self.vm().heap().bytes()
    }

    /// A result of the machine as one of this interface.
    #[inline]
    pub fn ok<T>(self, result: serpens_vm::PyResult<T>) -> PyResult<T> {
        result.map_err(|raised| PyErr::take(self, raised))
    }

    /// A value of the machine, or its exception, as one of this interface. The value is of this interpreter.
    #[inline]
    pub(crate) fn bound(self, result: serpens_vm::PyResult) -> PyResult<Bound<'py, PyAny>> {
        self.ok(result).map(|v| Bound::new(self, v))
    }
}
