//! How the rest of the machine starts Python code.

use super::call::{ArgVec, enter_exact, enter_values};
use super::frame::fflag;
use super::run;
use crate::error::PyResult;
use crate::native::CallArgs;
use crate::protocol::call::prepend;
use crate::types::function::Function;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::CodeFlags;

impl Vm {
    /// Calls a Python function.
    pub fn call_function(&self, func: &Value, args: &CallArgs<'_>) -> PyResult {
        let Some(f) = func.downcast::<Function>() else { return Err(self.not_callable(func)) };
        let _guard = self.check_recursion(" while calling a Python object")?;
        // The caller's reference may go while the function runs.
        let kept = func.clone();
        if args.names().is_none() && enter_exact(self.ts(), f, None, args.all()) {
            let result = run::run(self, self.ts(), false);
            drop(kept);
            return result;
        }
        let all: ArgVec = args.all().iter().cloned().collect();
        enter_values(self, f, all, args.names(), fflag::ENTRY)?;
        let result = run::run(self, self.ts(), false);
        drop(kept);
        result
    }

    /// Calls a Python function with a receiver put before the positional arguments.
    pub(crate) fn call_function_on(&self, func: &Value, receiver: &Value, args: &[Value]) -> PyResult {
        let Some(f) = func.downcast::<Function>() else { return Err(self.not_callable(func)) };
        let _guard = self.check_recursion(" while calling a Python object")?;
        let kept = func.clone();
        if !enter_exact(self.ts(), f, Some(receiver), args) {
            enter_values(self, f, prepend(receiver, args).into_iter().collect(), None, fflag::ENTRY)?;
        }
        let result = run::run(self, self.ts(), false);
        drop(kept);
        result
    }

    /// Runs a code object in globals (a dict) and locals (any mapping; `None`: the globals), as `exec` and `eval` do.
    /// `closure` is a tuple of cells for its free variables.
    pub fn run_code(&self, code: &Value, globals: &Value, locals: Option<&Value>, closure: Option<Value>) -> PyResult {
        let func = self.new_closure(code, globals, closure);
        self.run_body(&func, locals.unwrap_or(globals))
    }

    /// Runs the body of a class; the result is what it returned (its `__class__` cell, or None).
    pub fn run_class_body(&self, func: &Value, namespace: &Value) -> PyResult {
        self.run_body(func, namespace)
    }

    /// Runs a function of code whose register 0 is its namespace.
    fn run_body(&self, func: &Value, namespace: &Value) -> PyResult {
        let Some(f) = func.downcast::<Function>() else { return Err(self.not_callable(func)) };
        let f = self.runnable(f)?;
        let _guard = self.check_recursion(" while calling a Python object")?;
        let kept = func.clone();
        let code = f.code_obj();
        let takes_namespace = code.code().flags.contains(CodeFlags::NAMESPACE);
        self.enter_unbound(f)?;
        if takes_namespace && let Some(frame) = self.ts().current() {
            frame.window().put(0, namespace.clone());
        }
        let result = run::run(self, self.ts(), false);
        drop(kept);
        result
    }

    /// Pushes an entry frame all of whose locals are unbound.
    fn enter_unbound(&self, f: &Function) -> PyResult<()> {
        let ts = self.ts();
        let code = f.code_obj();
        let (at, window, chunks) = ts.reserve(self, ts.top(), 0, code.n_regs as usize)?;
        super::frame::push_unbound(ts, at, window, f, fflag::ENTRY | chunks);
        Ok(())
    }
}
