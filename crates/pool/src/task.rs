//! [`Task`]: Python code and arguments as plain data, which any worker can run.

use crate::handle::{Failure, TaskError};
use serpens_share::Portable;
use serpens_state::api::{Bound, PyAny, PyDict, PyErr, PyResult, PyTuple, Python};
use std::sync::Arc;
use std::time::Duration;

/// Python code with its arguments. A clone shares the text.
#[derive(Clone, Debug)]
pub struct Task {
    code: Code,
    args: Vec<Portable>,
    names: Vec<(Arc<str>, Portable)>,
    pub(crate) limit: Option<Duration>,
    pub(crate) tenant: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
enum Code {
    Run(Arc<str>),
    Eval(Arc<str>),
    Call(Arc<str>),
}

impl Task {
    fn new(code: Code) -> Task {
        Task { code, args: Vec::new(), names: Vec::new(), limit: None, tenant: None }
    }

    /// Statements, run in a namespace of their own with the named arguments in it. The result is what they bind to the
    /// name `result`, or `None`.
    pub fn run(source: &str) -> Task {
        Task::new(Code::Run(source.into()))
    }

    /// An expression over the named arguments.
    pub fn eval(source: &str) -> Task {
        Task::new(Code::Eval(source.into()))
    }

    /// A call of `module:function`, or of a function in the interpreter's `__main__`, with positional and named arguments.
    pub fn call(function: &str) -> Task {
        Task::new(Code::Call(function.into()))
    }

    /// Adds a positional argument.
    #[must_use]
    pub fn arg(mut self, value: impl Into<Portable>) -> Task {
        self.args.push(value.into());
        self
    }

    /// Adds a named argument.
    #[must_use]
    pub fn name(mut self, name: &str, value: impl Into<Portable>) -> Task {
        self.names.push((name.into(), value.into()));
        self
    }

    /// How long it may run.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Task {
        self.limit = Some(limit);
        self
    }

    /// Whose it is: tasks of one tenant run one after the other in an interpreter of the tenant's own, which keeps its
    /// state.
    #[must_use]
    pub fn tenant(mut self, key: &str) -> Task {
        self.tenant = Some(key.into());
        self
    }

    /// Runs it in the interpreter of `py`.
    pub(crate) fn execute(&self, py: Python<'_>) -> Result<Portable, TaskError> {
        let raised = |error: PyErr| TaskError::Raised(Box::new(Failure::of(py, &error)));
        self.value(py).and_then(|value| value.extract()).map_err(raised)
    }

    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let names = PyDict::new(py);
        for (name, value) in &self.names {
            names.set_item(&**name, value)?;
        }
        match &self.code {
            Code::Eval(source) => py.eval(&**source, Some(&names), None),
            Code::Run(source) => {
                names.set_item("__name__", "__main__")?;
                py.run(&**source, Some(&names), None)?;
                Ok(names.get_item("result")?.unwrap_or_else(|| py.None()))
            }
            Code::Call(function) => {
                let callable = match function.split_once(':') {
                    Some((module, name)) => py.import(module)?.getattr(name)?,
                    None => py.main()?.getattr(function)?,
                };
                callable.call(PyTuple::new(py, &self.args)?, Some(&names))
            }
        }
    }
}
