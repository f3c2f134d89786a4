//! `faulthandler`: tracebacks of all threads, on demand or after a time.
//!
//! Fatal signals are not caught: no Python program can cause them. `enable()` is remembered and has no other effect.
#![expect(unsafe_code, reason = "writes to a file descriptor; leaves the process")]

use serpens_state::NativeModule;
use serpens_state::interpreter::interpreter_of;
use serpens_vm::types::dict::Dict;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("faulthandler").doc("faulthandler module.").functions(FUNCTIONS);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("dump_traceback", "(file=None, all_threads=True)", |vm, a| {
        let fd = descriptor(vm, a.some(0))?;
        let all = a.opt(1).map_or(Ok(true), |v| vm.truthy(v))?;
        write_all(fd, &tracebacks(vm, all));
        Ok(Value::NONE)
    })
    .doc("Dump the traceback of the current thread, or of all threads if all_threads is True, into file."),
    MethodDef::new("enable", "(file=None, all_threads=True, c_stack=True)", |vm, a| {
        descriptor(vm, a.some(0))?;
        state(vm).enabled.set(true);
        Ok(Value::NONE)
    })
    .doc("Enable the fault handler."),
    MethodDef::new("disable", "()", |vm, _| Ok(Value::bool(state(vm).enabled.replace(false))))
        .doc("Disable the fault handler."),
    MethodDef::new("is_enabled", "()", |vm, _| Ok(Value::bool(state(vm).enabled.get())))
        .doc("Check if the handler is enabled."),
    MethodDef::new("dump_traceback_later", "(timeout, repeat=False, file=None, exit=False)", later)
        .doc("Dump the traceback of all threads in timeout seconds, or each timeout seconds if repeat is True."),
    MethodDef::new("cancel_dump_traceback_later", "()", |vm, _| {
        drop(state(vm).watch.take());
        Ok(Value::NONE)
    })
    .doc("Cancel the previous call to dump_traceback_later()."),
];

#[derive(Default)]
struct State {
    enabled: Cell<bool>,
    /// Dropping it ends the watching thread.
    watch: RefCell<Option<Sender<()>>>,
}

serpens_vm::local!(State: fresh);

fn state(vm: &Vm) -> std::rc::Rc<State> {
    vm.local(|_| State::default())
}

/// The descriptor to write to: of a number, of a file, or of `sys.stderr`.
fn descriptor(vm: &Vm, file: Option<&Value>) -> PyResult<i32> {
    let standard = || vm.sys_dict().and_then(|d| d.downcast::<Dict>()?.get_str(vm, &vm.names().stderr));
    let file = match file {
        Some(file) => file.clone(),
        None => standard().filter(|f| !f.is_none()).ok_or_else(|| vm.runtime_error("unable to get sys.stderr"))?,
    };
    let fd = match file.as_small_int() {
        Some(fd) => fd,
        None => {
            let fd = vm.call_none(&vm.getattr_str(&file, "fileno")?)?;
            vm.call_none(&vm.getattr(&file, &vm.names().flush)?)?;
            fd.as_small_int().ok_or_else(|| vm.runtime_error("file.fileno() is not a valid file descriptor"))?
        }
    };
    match i32::try_from(fd) {
        Ok(fd) if fd >= 0 => Ok(fd),
        _ => Err(vm.value_error("file is not a valid file descriptor")),
    }
}

/// What threads are doing, as CPython writes it.
fn tracebacks(vm: &Vm, all: bool) -> String {
    let mut out = String::new();
    for stack in vm.thread_stacks().iter().filter(|s| all || s.current) {
        if !out.is_empty() {
            out.push('\n');
        }
        match (all, stack.current) {
            (false, _) => out.push_str("Stack (most recent call first):\n"),
            (_, current) => {
                let word = if current { "Current thread" } else { "Thread" };
                let _ = writeln!(out, "{word} {:#018x} (most recent call first):", stack.ident);
            }
        }
        for (n, (file, line, name)) in stack.entries.iter().enumerate() {
            if n == 100 {
                out.push_str("  ...\n");
                break;
            }
            let _ = writeln!(out, "  File \"{file}\", line {line} in {name}");
        }
    }
    out
}

fn write_all(fd: i32, text: &str) {
    let mut left = text.as_bytes();
    while !left.is_empty() {
        // SAFETY: the buffer is valid for its length.
        let n = unsafe { libc::write(fd, left.as_ptr().cast(), left.len()) };
        if n <= 0 {
            return;
        }
        left = &left[n as usize..];
    }
}

fn later(vm: &Vm, a: Args<'_>) -> PyResult {
    let seconds = vm.to_f64(a.get(0))?;
    if seconds.is_nan() || seconds <= 0.0 {
        return Err(vm.value_error("timeout must be greater than 0"));
    }
    let repeat = a.opt(1).map_or(Ok(false), |v| vm.truthy(v))?;
    let fd = descriptor(vm, a.some(2))?;
    let exit = a.opt(3).map_or(Ok(false), |v| vm.truthy(v))?;
    let Some(interpreter) = interpreter_of(vm) else { return Err(vm.runtime_error("no interpreter")) };
    let (stop, stopped) = channel();
    let timeout = Duration::from_secs_f64(seconds.min(1e9));
    let watched = std::sync::Arc::downgrade(&interpreter);
    let watch = move || {
        while expired(&stopped, timeout) {
            let Some(interpreter) = watched.upgrade() else { return };
            // The lock comes at the next safepoint of whoever holds it.
            let Some(vm) = interpreter.attach() else { return };
            write_all(fd, &format!("Timeout ({})!\n{}", clock(timeout), tracebacks(&vm, true)));
            if exit {
                // SAFETY: leaves the process at once, as it was asked for.
                unsafe { libc::_exit(1) };
            }
            drop(vm);
            if !repeat {
                return;
            }
        }
    };
    std::thread::Builder::new().spawn(watch).map_err(|_| vm.runtime_error("unable to start watchdog thread"))?;
    *state(vm).watch.borrow_mut() = Some(stop);
    Ok(Value::NONE)
}

/// Waits; false if it was cancelled.
fn expired(stopped: &Receiver<()>, timeout: Duration) -> bool {
    matches!(stopped.recv_timeout(timeout), Err(RecvTimeoutError::Timeout))
}

/// A time as `0:01:02` or `0:01:02.500000`.
fn clock(time: Duration) -> String {
    let s = time.as_secs();
    let whole = format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
    match time.subsec_micros() {
        0 => whole,
        us => format!("{whole}.{us:06}"),
    }
}
