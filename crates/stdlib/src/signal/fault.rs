//! `faulthandler`: what the process says when it crashes, and where Python code is now.
//!
//! The C handler writes one line to a descriptor, gives the signal its default action back and raises it again. It cannot
//! show the stack of the thread that crashed: an interpreter's frames are not to be touched from a handler.
//!
//! Invariant: the C handler does nothing but that: it is async-signal-safe.
#![expect(unsafe_code, reason = "signal handlers")]

use crate::posix::call::check;
use crate::posix::fd::fileno;
use serpens_state::NativeModule;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("faulthandler").doc("faulthandler module.").functions(&[
    MethodDef::new("enable", "(file=sys.stderr, all_threads=True, c_stack=True)", |vm, a| {
        let fd = file_arg(vm, a.opt(0))?;
        for (n, _) in FATAL {
            install(*n, on_fault as extern "C" fn(libc::c_int) as usize).map_err(|e| vm.io_error(&e, None))?;
        }
        FAULT_FD.store(fd, Ordering::Release);
        Ok(Value::NONE)
    })
    .doc("Enable the fault handler."),
    MethodDef::new("disable", "()", |vm, _| {
        let was = FAULT_FD.swap(-1, Ordering::AcqRel) >= 0;
        if was {
            for (n, _) in FATAL {
                install(*n, libc::SIG_DFL).map_err(|e| vm.io_error(&e, None))?;
            }
        }
        Ok(Value::bool(was))
    })
    .doc("Disable the fault handler."),
    MethodDef::new("is_enabled", "()", |_, _| Ok(Value::bool(FAULT_FD.load(Ordering::Acquire) >= 0)))
        .doc("Check if the handler is enabled."),
    MethodDef::new("dump_traceback", "(file=sys.stderr, all_threads=True)", |vm, a| {
        let fd = file_arg(vm, a.opt(0))?;
        let all = a.opt(1).map_or(Ok(true), |v| vm.truthy(v))?;
        let text = stack_text(vm, all)?;
        write_all(fd, text.as_bytes());
        Ok(Value::NONE)
    })
    .doc("Dump the traceback of the current thread into file."),
    MethodDef::new("dump_traceback_later", "(timeout, repeat=False, file=sys.stderr, exit=False)", later)
        .doc("Report after a time-out that it is over, and end the process if exit is true."),
    MethodDef::new("cancel_dump_traceback_later", "()", |vm, _| {
        vm.local(|_| Watch::default()).0.take();
        Ok(Value::NONE)
    })
    .doc("Cancel the previous call to dump_traceback_later()."),
]);

/// Where a crash is reported: −1 while the handler is off.
static FAULT_FD: AtomicI32 = AtomicI32::new(-1);

const FATAL: &[(i32, &str)] = &[
    (libc::SIGBUS, "Fatal Python error: Bus error\n\n"),
    (libc::SIGILL, "Fatal Python error: Illegal instruction\n\n"),
    (libc::SIGFPE, "Fatal Python error: Floating-point exception\n\n"),
    (libc::SIGABRT, "Fatal Python error: Aborted\n\n"),
    (libc::SIGSEGV, "Fatal Python error: Segmentation fault\n\n"),
];

extern "C" fn on_fault(n: libc::c_int) {
    let fd = FAULT_FD.load(Ordering::Relaxed);
    if let Some((_, text)) = FATAL.iter().find(|(s, _)| *s == n) {
        write_all(fd, text.as_bytes());
    }
    let _ = install(n, libc::SIG_DFL);
    // SAFETY: takes no pointers; it is async-signal-safe.
    unsafe { libc::raise(n) };
}

fn write_all(fd: i32, bytes: &[u8]) {
    let mut at = 0;
    while at < bytes.len() {
        // SAFETY: the rest is readable for its length; write is async-signal-safe.
        match unsafe { libc::write(fd, bytes[at..].as_ptr().cast(), bytes.len() - at) } {
            n if n > 0 => at += n as usize,
            _ => return,
        }
    }
}

fn install(n: i32, action: libc::sighandler_t) -> std::io::Result<()> {
    // SAFETY: the action is a local; the handlers of this file are async-signal-safe.
    unsafe {
        let mut act: libc::sigaction = std::mem::zeroed();
        act.sa_sigaction = action;
        act.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
        libc::sigemptyset(&mut act.sa_mask);
        check(libc::sigaction(n, &act, std::ptr::null_mut())).map(drop)
    }
}

/// The descriptor of the argument `file`: `sys.stderr` unless another is given.
fn file_arg(vm: &Vm, v: Option<&Value>) -> PyResult<i32> {
    let file = match v.filter(|v| !v.is_none()) {
        Some(v) => v.clone(),
        None => {
            let sys = serpens_state::import::import_module(vm, "sys")?;
            vm.getattr_str(&sys, "stderr")?
        }
    };
    if file.is_none() {
        return Err(vm.runtime_error("unable to get sys.stderr"));
    }
    let fd = fileno(vm, &file)?;
    if !vm.is_int_like(&file) {
        vm.call_method_str(&file, "flush", &[])?;
    }
    Ok(fd)
}

/// The stack of this thread, innermost call first.
fn stack_text(vm: &Vm, all: bool) -> PyResult<String> {
    let mut text = match all {
        true => format!("Current thread 0x{:016x} (most recent call first):\n", crate::thread::ident()),
        false => "Stack (most recent call first):\n".to_string(),
    };
    let mut frame = vm.frame_object_at(0).unwrap_or(Value::NONE);
    let mut n = 0;
    while !frame.is_none() && n < 100 {
        let code = vm.getattr_str(&frame, "f_code")?;
        let file = vm.getattr_str(&code, "co_filename")?;
        let name = vm.getattr_str(&code, "co_name")?;
        let line = vm.getattr_str(&frame, "f_lineno")?;
        let (file, name, line) = (vm.str_string(&file)?, vm.str_string(&name)?, vm.str_string(&line)?);
        text.push_str(&format!("  File \"{file}\", line {line} in {name}\n"));
        frame = vm.getattr_str(&frame, "f_back")?;
        n += 1;
    }
    if !frame.is_none() {
        text.push_str("  ...\n");
    }
    Ok(text)
}

/// The thread that watches the time; it ends when this end of its channel goes.
#[derive(Default)]
struct Watch(std::cell::Cell<Option<Sender<()>>>);

serpens_vm::local!(Watch: fresh);

fn later(vm: &Vm, a: Args<'_>) -> PyResult {
    let seconds = vm.to_f64(a.get(0))?;
    if seconds.is_nan() || seconds <= 0.0 {
        return Err(vm.value_error("timeout must be greater than 0"));
    }
    let Ok(timeout) = Duration::try_from_secs_f64(seconds) else {
        return Err(vm.overflow_error("timeout value is too large"));
    };
    let repeat = a.opt(1).map_or(Ok(false), |v| vm.truthy(v))?;
    let fd = file_arg(vm, a.opt(2))?;
    let exit = a.opt(3).map_or(Ok(false), |v| vm.truthy(v))?;
    let whole = timeout.as_secs();
    let text = format!("Timeout ({}:{:02}:{:02})!\n", whole / 3600, whole / 60 % 60, whole % 60);
    let (ours, theirs) = channel::<()>();
    let started = std::thread::Builder::new().stack_size(64 << 10).spawn(move || {
        while let Err(RecvTimeoutError::Timeout) = theirs.recv_timeout(timeout) {
            write_all(fd, text.as_bytes());
            if exit {
                // SAFETY: ends the process at once, as asked.
                unsafe { libc::_exit(1) };
            }
            if !repeat {
                return;
            }
        }
    });
    if started.is_err() {
        return Err(vm.runtime_error("unable to start watchdog thread"));
    }
    vm.local(|_| Watch::default()).0.set(Some(ours));
    Ok(Value::NONE)
}
