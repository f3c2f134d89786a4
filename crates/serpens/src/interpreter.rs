//! [`Interpreter`]: one isolated interpreter, owned by the embedder.
//!
//! Invariant: it is open as long as its owner has it. Programs of other interpreters see it as running, and can neither
//! run code in it nor close it.

use crate::runtime::Runtime;
use crate::template::Template;
use serpens_share::Portable;
use serpens_state::api::convert::FromPyObjectOwned;
use serpens_state::api::exceptions::PyRuntimeError;
use serpens_state::api::handle::Kept;
use serpens_state::api::{Bound, PyResult, Python, Source};
use serpens_state::runtime::Whence;
use serpens_state::{Config, Refused, Stack, Stats, shutdown};
use std::sync::Arc;
use std::time::Duration;

/// One interpreter. It may go from thread to thread and be used by several, one at a time; it is closed when dropped.
pub struct Interpreter {
    inner: Arc<serpens_state::Interpreter>,
    runtime: Runtime,
}

impl Interpreter {
    /// A new interpreter of a runtime, without limits.
    ///
    /// # Errors
    /// What the start of the interpreter raised.
    pub fn create(runtime: &Runtime) -> PyResult<Interpreter> {
        runtime.create()
    }

    pub(crate) fn start(runtime: &Runtime, memory_limit: usize, template: Option<&Template>) -> Interpreter {
        let inner = match template {
            Some(template) => template.inner().create(Whence::Capi),
            None => runtime.inner().create(Config::ISOLATED, Whence::Capi),
        };
        inner.claim_main();
        let interpreter = Interpreter { inner, runtime: runtime.clone() };
        interpreter.with(|py| py.vm().heap().set_limit(memory_limit));
        interpreter
    }

    /// Enters it and runs `f`, waiting for other threads that are inside. A thread that is inside stays inside.
    ///
    /// What `f` returns holds no value of the interpreter but by [`Py`](crate::Py). To enter a second interpreter from
    /// inside, [`Python::detach`] first, or two threads that do so in opposite order wait for each other for ever.
    pub fn with<R>(&self, f: impl for<'py> FnOnce(Python<'py>) -> R) -> R {
        match self.inner.try_with(f) {
            Ok(result) => result,
            Err(_) => unreachable!("an interpreter is open while it has its owner"),
        }
    }

    /// Runs statements in its `__main__`, where names stay, and flushes its output.
    ///
    /// # Errors
    /// What they raise, or `SyntaxError`.
    pub fn run(&self, code: &(impl Source + ?Sized)) -> PyResult<()> {
        self.with(|py| {
            let result = py.run(code, None, None);
            shutdown::flush_streams(py.vm());
            result
        })
    }

    /// Evaluates an expression in its `__main__`.
    ///
    /// # Errors
    /// What it raises, `SyntaxError`, or those of the conversion.
    pub fn eval<T: for<'py> FromPyObjectOwned<'py>>(&self, code: &(impl Source + ?Sized)) -> PyResult<T> {
        self.with(|py| {
            let value = py.eval(code, None, None)?;
            T::extract(&value)
        })
    }

    /// Calls a function of its `__main__`, or `module:function`, with values that came from anywhere.
    ///
    /// # Errors
    /// What it raises, or `NotShareableError` if the result does not cross.
    pub fn call(&self, function: &str, args: &[Portable]) -> PyResult<Portable> {
        self.with(|py| {
            let f = match function.split_once(':') {
                Some((module, name)) => py.import(module)?.getattr(name)?,
                None => py.main()?.getattr(function)?,
            };
            let result = f.call1(crate::PyTuple::new(py, args)?)?.extract();
            shutdown::flush_streams(py.vm());
            result
        })
    }

    /// Binds a name in its `__main__`.
    ///
    /// # Errors
    /// When the value cannot be made there.
    pub fn set(&self, name: &str, value: impl Into<Portable>) -> PyResult<()> {
        let value = value.into();
        self.with(|py| py.main()?.setattr(name, value))
    }

    /// Keeps a value for later entries, from any thread.
    pub fn keep<T>(&self, value: Bound<'_, T>) -> Kept<T> {
        Kept::new(value)
    }

    /// What stops its program from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper { inner: self.inner.clone() }
    }

    /// What it has counted: memory, collections, running time, waits for its lock, messages. Any thread may ask, while
    /// the interpreter runs.
    pub fn stats(&self) -> Stats {
        self.inner.stats()
    }

    /// The Python stacks of its threads, from any thread, while they go on; none if it is idle.
    ///
    /// # Errors
    /// [`Refused::TimedOut`] if a thread of it runs native code for longer than `timeout`.
    pub fn stacks(&self, timeout: Duration) -> Result<Vec<Stack>, Refused> {
        self.inner.stacks(timeout)
    }

    /// Bytes that its objects take.
    pub fn memory(&self) -> usize {
        self.with(|py| py.memory())
    }

    /// Changes the most bytes its objects may take.
    pub fn set_memory_limit(&self, bytes: usize) {
        self.with(|py| py.vm().heap().set_limit(bytes));
    }

    /// Its id in the process, as `concurrent.interpreters` shows it.
    pub fn id(&self) -> i64 {
        self.inner.id()
    }

    /// Its runtime.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Makes a template of it, from which interpreters start in its state. It is closed by that, without its `atexit`
    /// functions and finalisers: those made from the template have them.
    ///
    /// # Errors
    /// `RuntimeError` if it has something that cannot be cloned (a running thread, an open file or socket): the message
    /// says what.
    pub fn into_template(self) -> PyResult<Template> {
        match serpens_state::Template::of_claimed(&self.inner) {
            Ok(inner) => Ok(Template::new(inner, self.runtime.clone())),
            Err(e) => Err(PyRuntimeError::new_err(e.to_string())),
        }
    }

    /// Shuts it down now: `atexit` functions and finalisers run, its memory goes back. Dropping it does the same.
    pub fn close(self) {}
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        self.inner.close();
    }
}

/// Stops the program of an interpreter, from any thread. Clones are the same.
#[derive(Clone)]
pub struct Stopper {
    inner: Arc<serpens_state::Interpreter>,
}

impl Stopper {
    /// The program gets an exception at its next loop or call, and again at every one after that: it cannot go on, even
    /// if it catches it. Native code that runs or waits ends first.
    pub fn stop(&self) {
        self.inner.stop();
    }

    /// Lets the interpreter run again.
    pub fn resume(&self) {
        self.inner.resume();
    }
}
