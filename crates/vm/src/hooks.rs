//! [`Hooks`]: what the machine asks of the layer above: modules, the lock, reports.
//!
//! It must never know how the layer above does it.

use crate::error::PyResult;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// What the machine asks of the layer above.
pub trait Hooks {
    /// `import name`: the module that the statement binds. `fromlist` is a tuple or `None`.
    fn import_name(&self, vm: &Vm, name: &Value, globals: &Value, fromlist: &Value, level: i64) -> PyResult;

    /// The breaker asked for attention: hand over the lock, run pending calls, signal handlers. Collections are the
    /// machine's own business.
    fn on_break(&self, vm: &Vm, requests: u32) -> PyResult<()>;

    /// An exception that nobody can receive (in `__del__`, a callback): report it.
    fn unraisable(&self, vm: &Vm, exception: Value, message: &str, object: &Value);

    /// A warning: `category` is a class. Err if it was turned into an exception.
    fn warn(&self, vm: &Vm, category: &TypeObj, message: &str, stack_level: usize) -> PyResult<()>;

    /// Line `line` (from 1) of a source file, for tracebacks.
    fn source_line(&self, vm: &Vm, filename: &str, line: usize) -> Option<String>;

    /// Line `line` of the source of a code object that comes from no file (`-c`).
    fn code_line(&self, _: &Vm, _: &serpens_bytecode::Code, _: usize) -> Option<String> {
        None
    }

    /// A builtin that is made when it is first asked for.
    fn late_builtin(&self, _: &Vm, _: &Value) -> PyResult<Option<Value>> {
        Ok(None)
    }

    /// Prints a value at the interactive prompt.
    fn display(&self, vm: &Vm, value: &Value) -> PyResult<()>;

    /// Makes the module `sys` and gives its dict.
    fn make_sys(&self, vm: &Vm) -> Option<Value>;

    /// The machine has reached what its origin was asked to watch ([`crate::origin::Origin::new`]). Copies are being made:
    /// nothing may run now.
    fn reached_watched(&self, _: &Vm) {}

    /// A collection has found `n` objects of garbage.
    fn collected(&self, _: &Vm, _: usize) {}
}

/// Hooks of a machine that stands alone: nothing can be imported, reports go to the standard error stream.
pub struct NoHooks;

impl Hooks for NoHooks {
    fn import_name(&self, vm: &Vm, name: &Value, _: &Value, _: &Value, _: i64) -> PyResult {
        let name = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        Err(vm.raise_text(vm.types().ModuleNotFoundError, &format!("No module named '{name}'")))
    }

    fn on_break(&self, _: &Vm, _: u32) -> PyResult<()> {
        Ok(())
    }

    fn unraisable(&self, vm: &Vm, exception: Value, message: &str, object: &Value) {
        eprintln!("{message} {object:?}: {}", vm.type_of(&exception).name());
    }

    fn warn(&self, _: &Vm, _: &TypeObj, _: &str, _: usize) -> PyResult<()> {
        Ok(())
    }

    fn source_line(&self, _: &Vm, _: &str, _: usize) -> Option<String> {
        None
    }

    fn display(&self, vm: &Vm, value: &Value) -> PyResult<()> {
        println!("{}", vm.repr_string(value)?);
        Ok(())
    }

    fn make_sys(&self, _: &Vm) -> Option<Value> {
        None
    }
}
