//! [`Runtime`]: what the interpreters of a process share: the frozen image of built-in types, native modules, compiled
//! library. It holds no Python object that anything can change.

use crate::interpreter::Interpreter;
use crate::template::Template;
use serpens_state::NativeModule;
use serpens_state::api::PyResult;
use serpens_state::import::library::PREFIX;
use serpens_state::runtime::Settings;
use std::sync::Arc;

/// The shared parts of a set of interpreters. Clones are the same runtime.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<serpens_state::Runtime>,
}

/// A runtime in the making.
pub struct RuntimeBuilder {
    inner: serpens_state::RuntimeBuilder,
    settings: Settings,
}

impl Default for Runtime {
    fn default() -> Runtime {
        Runtime::new()
    }
}

impl Runtime {
    /// A runtime with all native modules and the embedded library. It takes some milliseconds: make one a process.
    pub fn new() -> Runtime {
        Runtime::builder().build()
    }

    /// A runtime with modules or settings of the embedder's own.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder { inner: crate::builder(), settings: Settings::default() }
    }

    /// A new interpreter without limits.
    ///
    /// # Errors
    /// What the start of the interpreter raised.
    pub fn create(&self) -> PyResult<Interpreter> {
        self.interpreter().create()
    }

    /// An interpreter in the making.
    pub fn interpreter(&self) -> InterpreterBuilder {
        InterpreterBuilder { runtime: self.clone(), memory_limit: usize::MAX, template: None }
    }

    /// A pool of interpreters in the making.
    pub fn pool(&self) -> serpens_pool::Builder {
        serpens_pool::Pool::builder(&self.inner)
    }

    /// The runtime as the layers below know it.
    pub fn inner(&self) -> &Arc<serpens_state::Runtime> {
        &self.inner
    }
}

impl RuntimeBuilder {
    /// Adds a native module, which programs can then import.
    #[must_use]
    pub fn module(self, module: &'static NativeModule) -> RuntimeBuilder {
        RuntimeBuilder { inner: self.inner.modules(&[module]), ..self }
    }

    /// What interpreters start with: `sys.argv`, `sys.path`, flags.
    #[must_use]
    pub fn settings(self, settings: Settings) -> RuntimeBuilder {
        RuntimeBuilder { settings, ..self }
    }

    /// Builds it.
    pub fn build(self) -> Runtime {
        let mut settings = self.settings;
        if !settings.path.iter().any(|p| p == PREFIX) {
            settings.path.push(PREFIX.to_string());
        }
        let inner = self.inner.settings(settings).build();
        inner.without_main();
        Runtime { inner }
    }
}

/// An interpreter in the making.
pub struct InterpreterBuilder {
    runtime: Runtime,
    memory_limit: usize,
    template: Option<Template>,
}

impl InterpreterBuilder {
    /// The most bytes its objects may take. Beyond, the program gets `MemoryError`.
    #[must_use]
    pub fn memory_limit(self, bytes: usize) -> InterpreterBuilder {
        InterpreterBuilder { memory_limit: bytes, ..self }
    }

    /// What it starts from.
    #[must_use]
    pub fn template(self, template: &Template) -> InterpreterBuilder {
        InterpreterBuilder { template: Some(template.clone()), ..self }
    }

    /// Makes it.
    ///
    /// # Errors
    /// What the start of the interpreter raised.
    pub fn create(self) -> PyResult<Interpreter> {
        Ok(Interpreter::start(&self.runtime, self.memory_limit, self.template.as_ref()))
    }
}
