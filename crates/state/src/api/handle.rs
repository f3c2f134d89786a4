//! [`Py`]: a value without the proof that its interpreter is entered; and what keeps it alive.
//!
//! A handle knows its interpreter. It is released in it: at once when the thread is there, by a pending call otherwise;
//! when the interpreter is closed, its memory is gone already.
//!
//! Invariant: a value leaves a handle only into its own interpreter, which is checked each time.
//! Invariant: [`Py`] is neither `Send` nor `Sync`, so that no `static` keeps the value of one interpreter for all.
#![expect(unsafe_code, reason = "counted references outside of their interpreter")]

use super::bound::Bound;
use super::err::PyResult;
use super::exceptions::PyRuntimeError;
use super::kinds::PyAny;
use super::python::Python;
use crate::interpreter::{Interpreter, home, interpreter_of};
use serpens_vm::object::Visitor;
use serpens_vm::{Value, Vm};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::Arc;

/// A counted reference that knows where it belongs.
pub(crate) struct Anchor {
    word: u64,
    home: Arc<Interpreter>,
}

// SAFETY: the word is turned into a value only by a thread that is in its interpreter.
unsafe impl Send for Anchor {}
// SAFETY: as above.
unsafe impl Sync for Anchor {}

impl Anchor {
    pub(crate) fn new(vm: &Vm, value: Value) -> Anchor {
        let home = interpreter_of(vm).expect("an entered interpreter is kept by who entered it");
        Anchor { word: value.into_bits(), home }
    }

    fn is_home(&self, vm: &Vm) -> bool {
        home(vm).is_some_and(|home| std::ptr::eq(home, Arc::as_ptr(&self.home)))
    }

    /// The value, if `vm` is the machine of its interpreter.
    pub(crate) fn get(&self, vm: &Vm) -> Option<Value> {
        // SAFETY: this thread is in the value's interpreter, and the anchor keeps its reference.
        self.is_home(vm).then(|| unsafe { (*ManuallyDrop::new(Value::from_bits(self.word))).clone() })
    }

    /// The interpreter.
    pub(crate) fn home(&self) -> &Arc<Interpreter> {
        &self.home
    }

    pub(crate) fn visit(&self, visit: &mut Visitor<'_>) {
        // SAFETY: the collector of the value's interpreter asks; the anchor keeps its reference.
        visit(&ManuallyDrop::new(unsafe { Value::from_bits(self.word) }));
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        let word = self.word;
        if self.home.is_closed() && !self.home.is_entered_here() {
            return;
        }
        if self.home.is_entered_here() {
            // SAFETY: this thread holds the lock of the value's interpreter; the reference is released once.
            drop(unsafe { Value::from_bits(word) });
            return;
        }
        // A closed interpreter drops nothing any more.
        let _ = self.home.pending_calls().push(Box::new(move |_| {
            // SAFETY: pending calls run in the interpreter; the reference is released once.
            drop(unsafe { Value::from_bits(word) });
        }));
    }
}

/// A value of kind `T` that outlives the entry in which it was made. It stays on its thread, and binds only to its own
/// interpreter.
pub struct Py<T = PyAny> {
    anchor: Anchor,
    /// Neither `Send` nor `Sync`.
    kind: PhantomData<(*mut (), T)>,
}

impl<T> Py<T> {
    pub(crate) fn new_handle(py: Python<'_>, value: Value) -> Py<T> {
        Py { anchor: Anchor::new(py.vm(), value), kind: PhantomData }
    }

    /// The value in its interpreter.
    ///
    /// # Errors
    /// `RuntimeError` if `py` is of another interpreter.
    pub fn bind<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, T>> {
        match self.anchor.get(py.vm()) {
            Some(value) => Ok(Bound::new(py, value)),
            None => Err(PyRuntimeError::new_err("the object belongs to another interpreter")),
        }
    }

    /// Another handle of the same value.
    ///
    /// # Errors
    /// `RuntimeError` if `py` is of another interpreter.
    pub fn clone_ref(&self, py: Python<'_>) -> PyResult<Py<T>> {
        self.bind(py).map(Bound::unbind)
    }

    /// Shows the value to the collector (for `__traverse__`).
    pub(crate) fn visit(&self, visit: &mut Visitor<'_>) {
        self.anchor.visit(visit);
    }
}

impl<T> std::fmt::Debug for Py<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Py({:#x})", self.anchor.word)
    }
}

impl<'py, T> From<Bound<'py, T>> for Py<T> {
    fn from(bound: Bound<'py, T>) -> Py<T> {
        bound.unbind()
    }
}

/// A handle for the embedder, who has the interpreter: it may go to any thread. Native modules get no such handle.
pub struct Kept<T = PyAny> {
    anchor: Anchor,
    kind: PhantomData<fn() -> T>,
}

impl<T> Kept<T> {
    /// Keeps a value. (Offered by the facade's interpreter.)
    #[doc(hidden)]
    pub fn new(bound: Bound<'_, T>) -> Kept<T> {
        let py = bound.py();
        Kept { anchor: Anchor::new(py.vm(), bound.into_value()), kind: PhantomData }
    }

    /// The value in its interpreter.
    ///
    /// # Errors
    /// `RuntimeError` if `py` is of another interpreter.
    pub fn bind<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, T>> {
        match self.anchor.get(py.vm()) {
            Some(value) => Ok(Bound::new(py, value)),
            None => Err(PyRuntimeError::new_err("the object belongs to another interpreter")),
        }
    }
}
