//! What the machine asks of this layer.

use crate::attach::yield_lock;
use crate::interpreter::{home, this_thread};
use serpens_lock::Breaker;
use serpens_vm::types::dict::Dict;
use serpens_vm::{Hooks, PyResult, TypeObj, Value, Vm};
use std::cell::Cell;
use std::io::Write;

/// The hooks of every interpreter of a runtime.
pub(crate) struct StateHooks;

impl Hooks for StateHooks {
    fn import_name(&self, vm: &Vm, name: &Value, globals: &Value, fromlist: &Value, level: i64) -> PyResult {
        crate::import::import_statement(vm, name, globals, fromlist, level)
    }

    fn on_break(&self, vm: &Vm, requests: u32) -> PyResult<()> {
        if requests & Breaker::GIVE_UP != 0 {
            yield_lock(vm);
        }
        if requests & Breaker::PENDING_CALLS != 0
            && let Some(interpreter) = home(vm)
        {
            interpreter.pending_calls().run(vm);
        }
        if requests & (Breaker::STOP | Breaker::MEMORY) == 0 {
            vm.breaker.clear(Breaker::KILL);
        }
        if requests & Breaker::STOP != 0 {
            lose_patience(vm);
            return Err(crate::errors::raise(vm, "Stopped", "the interpreter was asked to stop"));
        }
        if requests & Breaker::RAISE != 0
            && let Some(message) = home(vm).and_then(|i| i.take_back(this_thread()))
        {
            return Err(crate::errors::raise(vm, "Stopped", message));
        }
        if requests & Breaker::MEMORY != 0 {
            check_memory(vm)?;
        }
        if requests & Breaker::SIGNAL != 0 {
            crate::sys::signals::deliver(vm)?;
        }
        Ok(())
    }

    /// The globals of the module `threading`: it is told who is the main thread before a function of it runs.
    fn reached_watched(&self, vm: &Vm) {
        if let Some(interpreter) = home(vm) {
            interpreter.push_call(crate::template::adopt_main_thread);
        }
    }

    fn unraisable(&self, vm: &Vm, exception: Value, message: &str, object: &Value) {
        crate::sys::report::unraisable(vm, exception, message, object);
    }

    fn warn(&self, vm: &Vm, category: &TypeObj, message: &str, stack_level: usize) -> PyResult<()> {
        let warnings = crate::import::import_module(vm, "_warnings")?;
        let f = vm.getattr_str(&warnings, "warn")?;
        vm.call_pos(&f, &[vm.str(message), category.value(), Value::from_usize(stack_level)])?;
        Ok(())
    }

    fn code_line(&self, vm: &Vm, code: &serpens_bytecode::Code, line: usize) -> Option<String> {
        crate::sources::code_line(vm, code, line)
    }

    fn late_builtin(&self, vm: &Vm, name: &Value) -> PyResult<Option<Value>> {
        crate::builtins::site::late(vm, name)
    }

    fn source_line(&self, vm: &Vm, filename: &str, line: usize) -> Option<String> {
        crate::sources::source_line(vm, filename, line)
    }

    fn display(&self, vm: &Vm, value: &Value) -> PyResult<()> {
        let hook = vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_name(vm, "displayhook"));
        match hook {
            Some(f) => vm.call_one(&f, value).map(drop),
            None => Err(vm.runtime_error("lost sys.displayhook")),
        }
    }

    fn make_sys(&self, vm: &Vm) -> Option<Value> {
        let pending = vm.ts().save_pending();
        let made = crate::import::import_module(vm, "sys");
        if made.is_err() {
            drop(vm.take_raised());
        }
        vm.ts().restore_pending(pending);
        vm.sys_dict_if_made()
    }

    fn collected(&self, vm: &Vm, n: usize) {
        if let Some(interpreter) = home(vm) {
            interpreter.counters().collected(vm);
            crate::events::collected(interpreter, n, vm.heap().bytes());
        }
    }
}

/// How often a program may catch what is to stop it.
const PATIENCE: u32 = 16;

/// How often it has done so.
#[derive(Default)]
struct Caught(Cell<u32>);

serpens_vm::local!(Caught: fresh);

/// A program that catches the exception that stops it gets it again at the next safepoint; in the end its handlers are
/// not run any more.
fn lose_patience(vm: &Vm) {
    let caught = vm.local(|_| Caught::default());
    let n = caught.0.get() + 1;
    if n > PATIENCE {
        vm.breaker.request(Breaker::KILL);
    }
    caught.0.set(if n > PATIENCE { 0 } else { n });
}

/// `MemoryError` while the heap is above its limit: the request stays until it is below, so that a program that catches
/// the error gets it again at the next safepoint.
fn check_memory(vm: &Vm) -> PyResult<()> {
    if vm.heap().bytes() > vm.heap().limit() {
        vm.collect_garbage();
    }
    if vm.heap().bytes() > vm.heap().limit() {
        lose_patience(vm);
        return Err(vm.memory_error());
    }
    vm.breaker.clear(Breaker::MEMORY | Breaker::KILL);
    vm.local(|_| Caught::default()).0.set(0);
    Ok(())
}

/// Writes to the process's error stream when Python's is not there.
pub(crate) fn write_raw_stderr(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
