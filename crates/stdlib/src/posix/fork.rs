//! `fork`, `forkpty`, and what is called around them.
//!
//! Invariant: in the child the thread that forked is the only one, the main one, and holds the interpreter's lock; the
//! other interpreters are out of reach.
#![expect(unsafe_code, reason = "system calls")]

use super::call::check;
use serpens_state::interpreter::{interpreter_of, runtime_of};
use serpens_state::sys::report;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::list::List;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::cell::RefCell;

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("fork", "()", |vm, _| {
        // SAFETY: the child goes on with this thread only; `around` mends what the lost threads held.
        let pid = around(vm, "fork", || check(unsafe { libc::fork() }))?;
        Ok(vm.int(pid))
    })
    .doc("Fork a child process.\n\nReturn 0 to child process and PID of child to parent process."),
    MethodDef::new("forkpty", "()", |vm, _| {
        if interpreter_of(vm).is_some_and(|i| !i.is_main()) {
            return Err(vm.runtime_error("fork not supported for subinterpreters"));
        }
        let mut fd = -1;
        let pid = around(vm, "forkpty", || {
            // SAFETY: as above; the descriptor is a local.
            check(unsafe { libc::forkpty(&mut fd, std::ptr::null_mut(), std::ptr::null(), std::ptr::null()) })
        })?;
        Ok(vm.tuple(vec![vm.int(pid), vm.int(i64::from(fd))]))
    })
    .doc("Fork a new process with a new pseudo-terminal as controlling tty."),
    MethodDef::new("register_at_fork", "(*, before=None, after_in_child=None, after_in_parent=None)", register)
        .doc("Register callables to be called when forking a new process."),
];

/// What is called around forks.
#[derive(Default)]
struct Hooks {
    before: RefCell<Vec<Value>>,
    child: RefCell<Vec<Value>>,
    parent: RefCell<Vec<Value>>,
}

impl Local for Hooks {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let list = |of: &RefCell<Vec<Value>>| RefCell::new(copier.look(of).iter().map(|f| copier.take(f)).collect());
        Some(Hooks { before: list(&self.before), child: list(&self.child), parent: list(&self.parent) })
    }
}

fn register(vm: &Vm, a: Args<'_>) -> PyResult {
    if (0..3).all(|i| a.opt(i).is_none()) {
        return Err(vm.type_error("At least one argument is required."));
    }
    let hooks = vm.local(|_| Hooks::default());
    let lists = [(&hooks.before, "before"), (&hooks.child, "after_in_child"), (&hooks.parent, "after_in_parent")];
    for (i, (_, name)) in lists.iter().enumerate() {
        if let Some(f) = a.opt(i)
            && !vm.is_callable(f)
        {
            let given = vm.type_of(f).name();
            return Err(vm.type_error(&format!("'{name}' must be callable, not {given}")));
        }
    }
    for (i, (list, _)) in lists.iter().enumerate() {
        list.borrow_mut().extend(a.opt(i).cloned());
    }
    Ok(Value::NONE)
}

fn run(vm: &Vm, functions: impl Iterator<Item = Value>) {
    for f in functions {
        if vm.call_none(&f).is_err() {
            let e = vm.take_raised();
            report::unraisable(vm, e, "Exception ignored while calling fork hook", &f);
        }
    }
}

/// Runs what Python wants run before a fork.
pub fn before(vm: &Vm) {
    let hooks = vm.local(|_| Hooks::default());
    let list = hooks.before.borrow().clone();
    run(vm, list.into_iter().rev());
}

/// Runs what Python wants run in the parent.
pub fn in_parent(vm: &Vm) {
    let hooks = vm.local(|_| Hooks::default());
    let list = hooks.parent.borrow().clone();
    run(vm, list.into_iter());
}

/// Mends what the lost threads held, and runs what Python wants run in the child.
pub fn in_child(vm: &Vm) {
    if let (Some(runtime), Some(interpreter)) = (runtime_of(vm), interpreter_of(vm)) {
        runtime.after_fork(&interpreter);
    }
    crate::thread::after_fork(vm);
    crate::signal::after_fork(vm);
    let hooks = vm.local(|_| Hooks::default());
    let list = hooks.child.borrow().clone();
    run(vm, list.into_iter());
}

/// `RuntimeError` where the interpreter may not fork.
pub fn check_allowed(vm: &Vm) -> PyResult<()> {
    if interpreter_of(vm).is_some_and(|i| !i.config().allow_fork) {
        return Err(vm.runtime_error("fork not supported for isolated subinterpreters"));
    }
    Ok(())
}

fn around(vm: &Vm, name: &str, fork: impl FnOnce() -> std::io::Result<i64>) -> PyResult<i64> {
    check_allowed(vm)?;
    if vm.is_finalizing() {
        return Err(vm.raise_text(vm.types().PythonFinalizationError, "can't fork at interpreter shutdown"));
    }
    before(vm);
    let runtime = runtime_of(vm);
    let _pause = runtime.as_ref().map(|r| r.pause());
    let pid = match fork() {
        Ok(0) => {
            in_child(vm);
            return Ok(0);
        }
        result => {
            in_parent(vm);
            result.map_err(|e| vm.io_error(&e, None))?
        }
    };
    warn_of_threads(vm, name)?;
    Ok(pid)
}

/// Warns if this process has more threads than one.
fn warn_of_threads(vm: &Vm, name: &str) -> PyResult<()> {
    if n_threads() <= 1 {
        return Ok(());
    }
    let text = format!(
        "This process (pid={}) is multi-threaded, use of {name}() may lead to deadlocks in the child.",
        std::process::id()
    );
    vm.hooks().warn(vm, vm.types().DeprecationWarning, &text, 1)
}

/// Threads of this process: field 20 of its `stat` file, 0 if it cannot be read.
fn n_threads() -> usize {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = text.rsplit(')').next().unwrap_or_default();
    rest.split_whitespace().nth(17).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// The items of a sequence argument, taken before Python code can change it.
pub fn sequence(vm: &Vm, v: &Value) -> PyResult<Vec<Value>> {
    match v.downcast::<List>() {
        Some(list) => Ok(list.to_vec()),
        None => vm.collect(v),
    }
}
