//! `_signal`: signals of the process, delivered to the main interpreter.
//!
//! The C handler sets a flag and a bit of the main interpreter's breaker, and writes to the wake-up descriptor; Python
//! handlers run at the next safepoint of the main thread. Rooms: [`relay`] what happens while that thread runs another
//! interpreter; [`more`] waiting for signals; [`fault`] fatal ones.
//!
//! Invariant: the C handler does nothing but that: it is async-signal-safe.
#![expect(unsafe_code, reason = "signal handlers and system calls")]

pub mod fault;
pub mod more;
pub mod relay;

use crate::posix::call::check;
use serpens_lock::Breaker;
use serpens_state::NativeModule;
use serpens_state::interpreter::{home, interpreter_of, runtime_of};
use serpens_state::sys::signals::Signals;
use serpens_vm::cell::VCell;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::dict::Dict;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, OnceLock};

const N: usize = 65;

/// Signals that have arrived: a process has one table.
static ARRIVED: [AtomicBool; N] = [const { AtomicBool::new(false) }; N];
/// The breaker of the main interpreter, which answers for signals.
static MAIN: OnceLock<Arc<Breaker>> = OnceLock::new();
/// The main thread, which may wait for something when a signal arrives.
static MAIN_THREAD: OnceLock<std::thread::Thread> = OnceLock::new();
/// Where a byte is written for each signal.
static WAKEUP: AtomicI32 = AtomicI32::new(-1);

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_signal")
    .doc("This module provides mechanisms to use signal handlers in Python.")
    .functions(FUNCTIONS)
    .init(init);

/// The Python handlers of an interpreter.
struct Handlers {
    table: [VCell; N],
    /// The thread that runs them.
    thread: Cell<u64>,
}

impl Local for Handlers {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let table = std::array::from_fn(|i| copier.cell(&self.table[i]));
        Some(Handlers { table, thread: Cell::new(crate::thread::ident()) })
    }
}

fn handlers(vm: &Vm) -> std::rc::Rc<Handlers> {
    vm.local(|_| Handlers { table: [const { VCell::empty() }; N], thread: Cell::new(crate::thread::ident()) })
}

extern "C" fn on_signal(n: libc::c_int) {
    // SAFETY: errno belongs to the interrupted code; it is put back.
    let errno = unsafe { *libc::__errno_location() };
    mark(n);
    let fd = WAKEUP.load(Ordering::Relaxed);
    if fd >= 0 {
        let byte = n as u8;
        // SAFETY: writes one byte of a local; write is async-signal-safe.
        unsafe { libc::write(fd, (&raw const byte).cast(), 1) };
    }
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
}

fn mark(n: i32) {
    if let Some(flag) = ARRIVED.get(n as usize) {
        flag.store(true, Ordering::Release);
    }
    if let Some(b) = MAIN.get() {
        b.request(Breaker::SIGNAL);
    }
    relay::ask();
    // A store and a system call: safe in a handler.
    if let Some(thread) = MAIN_THREAD.get() {
        thread.unpark();
    }
}

/// Makes an interpreter and this thread those that answer for signals.
fn answer(vm: &Vm) {
    let _ = MAIN.set(vm.breaker.clone());
    let _ = MAIN_THREAD.set(std::thread::current());
    relay::answer_here();
    if let Some(runtime) = runtime_of(vm) {
        let focus = |i: &serpens_state::Interpreter| relay::focus(i).map(|f| Box::new(f) as Box<dyn std::any::Any>);
        runtime.set_signals(Signals { deliver, focus });
    }
}

/// Whether a signal has arrived whose handler has not run.
fn is_pending() -> bool {
    MAIN.get().is_some_and(|b| b.pending() & Breaker::SIGNAL != 0)
}

/// As if a signal had arrived (`_thread.interrupt_main`).
pub fn trip(vm: &Vm, n: i32) {
    let h = handlers(vm);
    let ignored =
        h.table.get(n as usize).and_then(VCell::get).is_none_or(|f| f.as_small_int().is_some() || f.is_none());
    if !ignored {
        mark(n);
    }
}

/// Runs the Python handlers of signals that have arrived, for a program of whatever interpreter.
fn deliver(vm: &Vm) -> PyResult<()> {
    if home(vm).is_some_and(|i| i.is_main()) { run_handlers(vm) } else { relay::deliver(vm) }
}

/// Runs the Python handlers of signals that have arrived, in the main interpreter.
fn run_handlers(vm: &Vm) -> PyResult<()> {
    let h = handlers(vm);
    if crate::thread::ident() != h.thread.get() {
        // The main thread answers when it runs.
        return Ok(());
    }
    vm.breaker.take(Breaker::SIGNAL);
    for (n, flag) in ARRIVED.iter().enumerate() {
        if !flag.swap(false, Ordering::AcqRel) {
            continue;
        }
        let Some(f) = h.table[n].get() else { continue };
        if !vm.is_callable(&f) {
            continue;
        }
        let frame = vm.frame_object_at(0).unwrap_or(Value::NONE);
        if let Err(e) = vm.call_pos(&f, &[Value::from_usize(n), frame]) {
            if ARRIVED.iter().any(|f| f.load(Ordering::Acquire)) {
                vm.breaker.request(Breaker::SIGNAL);
            }
            return Err(e);
        }
    }
    Ok(())
}

/// In the child of a `fork`: this thread answers for signals, and those of the parent are forgotten.
pub fn after_fork(vm: &Vm) {
    handlers(vm).thread.set(crate::thread::ident());
    relay::after_fork();
    vm.breaker.take(Breaker::SIGNAL);
    ARRIVED.iter().for_each(|flag| flag.store(false, Ordering::Relaxed));
}

fn install(n: i32, action: libc::sighandler_t) -> std::io::Result<()> {
    // SAFETY: the action is a local; handlers of this file are async-signal-safe. No SA_RESTART: calls end with EINTR.
    unsafe {
        let mut act: libc::sigaction = std::mem::zeroed();
        act.sa_sigaction = action;
        libc::sigemptyset(&mut act.sa_mask);
        check(libc::sigaction(n, &act, std::ptr::null_mut())).map(drop)
    }
}

fn our_handler() -> libc::sighandler_t {
    on_signal as extern "C" fn(libc::c_int) as usize
}

/// Makes an interpreter the one that answers for signals: SIGINT raises `KeyboardInterrupt`, SIGPIPE and SIGXFSZ are
/// ignored. Called once, at the start of the main program.
pub fn take_over(vm: &Vm) -> PyResult<()> {
    answer(vm);
    let h = handlers(vm);
    let fail = |e: std::io::Error| vm.io_error(&e, None);
    for n in [libc::SIGPIPE, libc::SIGXFSZ] {
        install(n, libc::SIG_IGN).map_err(fail)?;
        h.table[n as usize].set(Value::int_unchecked(1));
    }
    if disposition(libc::SIGINT) == libc::SIG_DFL {
        install(libc::SIGINT, our_handler()).map_err(fail)?;
        h.table[libc::SIGINT as usize].set(vm.builtin(&DEFAULT_INT, Some(vm.intern("_signal"))));
    }
    Ok(())
}

fn disposition(n: i32) -> libc::sighandler_t {
    // SAFETY: the target is a local.
    unsafe {
        let mut act: libc::sigaction = std::mem::zeroed();
        libc::sigaction(n, std::ptr::null(), &mut act);
        act.sa_sigaction
    }
}

static DEFAULT_INT: MethodDef = MethodDef::new("default_int_handler", "(signalnum, frame, /)", default_int)
    .doc("The default handler for SIGINT installed by Python.\n\nIt raises KeyboardInterrupt.");

fn default_int(vm: &Vm, _: Args<'_>) -> PyResult {
    Err(vm.raise_with(vm.types().KeyboardInterrupt, Vec::new()))
}

fn signal_arg(vm: &Vm, v: &Value) -> PyResult<i32> {
    match vm.arg_i32(v)? {
        n if (1..N as i32).contains(&n) => Ok(n),
        _ => Err(vm.value_error("signal number out of range")),
    }
}

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("default_int_handler", "(signalnum, frame, /)", default_int),
    MethodDef::new("signal", "(signalnum, handler, /)", |vm, a| {
        let n = signal_arg(vm, a.get(0))?;
        let h = handlers(vm);
        if h.thread.get() != crate::thread::ident() || interpreter_of(vm).is_some_and(|i| !i.is_main()) {
            return Err(vm.value_error("signal only works in main thread of the main interpreter"));
        }
        answer(vm);
        let f = a.get(1);
        let number = if vm.has_index(f) { Some(vm.arg_i32(f)?) } else { None };
        let (action, kept) = match number {
            Some(0) => (libc::SIG_DFL, Value::int_unchecked(0)),
            Some(1) => (libc::SIG_IGN, Value::int_unchecked(1)),
            None if vm.is_callable(f) => (our_handler(), f.clone()),
            _ => {
                let text = "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object";
                return Err(vm.type_error(text));
            }
        };
        vm.on_break()?;
        let old = current(&h, n);
        install(n, action).map_err(|e| vm.io_error(&e, None))?;
        h.table[n as usize].set(kept);
        Ok(old)
    })
    .doc("Set the action for the given signal."),
    MethodDef::new("getsignal", "(signalnum, /)", |vm, a| Ok(current(&handlers(vm), signal_arg(vm, a.get(0))?)))
        .doc("Return the current action for the given signal."),
    MethodDef::new("raise_signal", "(signalnum, /)", |vm, a| {
        let n = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        check(unsafe { libc::raise(n) }).map_err(|e| vm.io_error(&e, None))?;
        vm.on_break()?;
        Ok(Value::NONE)
    }),
    MethodDef::new("alarm", "(seconds, /)", |vm, a| {
        let n = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        Ok(vm.int(unsafe { libc::alarm(n as u32) } as i64))
    }),
    MethodDef::new("pause", "()", |vm, _| {
        // SAFETY: takes no pointers.
        serpens_state::blocking(vm, || unsafe { libc::pause() });
        vm.on_break()?;
        Ok(Value::NONE)
    }),
    MethodDef::new("setitimer", "(which, seconds, interval=0.0, /)", |vm, a| {
        let which = vm.arg_i32(a.get(0))?;
        let time = |s: f64| libc::timeval { tv_sec: s.trunc() as i64, tv_usec: ((s - s.trunc()) * 1e6) as i64 };
        let new = libc::itimerval {
            it_interval: time(a.opt(2).map_or(Ok(0.0), |i| vm.to_f64(i))?),
            it_value: time(vm.to_f64(a.get(1))?),
        };
        // SAFETY: both are locals; zeroes are valid.
        let old = unsafe {
            let mut old: libc::itimerval = std::mem::zeroed();
            check(setitimer(which, &new, &mut old)).map_err(|e| vm.io_error(&e, None))?;
            old
        };
        Ok(timer(vm, &old))
    }),
    MethodDef::new("getitimer", "(which, /)", |vm, a| {
        let which = vm.arg_i32(a.get(0))?;
        // SAFETY: the target is a local; zeroes are valid.
        let t = unsafe {
            let mut t: libc::itimerval = std::mem::zeroed();
            check(getitimer(which, &mut t)).map_err(|e| vm.io_error(&e, None))?;
            t
        };
        Ok(timer(vm, &t))
    }),
    MethodDef::new("set_wakeup_fd", "(fd, /, *, warn_on_full_buffer=True)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        if interpreter_of(vm).is_some_and(|i| !i.is_main()) || handlers(vm).thread.get() != crate::thread::ident() {
            return Err(vm.value_error("set_wakeup_fd only works in main thread of the main interpreter"));
        }
        if fd != -1 {
            crate::posix::call::fstat(fd).map_err(|e| vm.io_error(&e, None))?;
            if crate::posix::call::get_blocking(fd).unwrap_or(false) {
                return Err(vm.value_error(&format!("the fd {fd} must be in non-blocking mode")));
            }
        }
        Ok(vm.int(WAKEUP.swap(fd, Ordering::AcqRel) as i64))
    }),
    MethodDef::new("siginterrupt", "(signalnum, flag, /)", |vm, a| {
        let n = signal_arg(vm, a.get(0))?;
        let on = vm.truthy(a.get(1))?;
        // SAFETY: changes one flag of the action that is installed.
        unsafe {
            let mut act: libc::sigaction = std::mem::zeroed();
            check(libc::sigaction(n, std::ptr::null(), &mut act)).map_err(|e| vm.io_error(&e, None))?;
            if on {
                act.sa_flags &= !libc::SA_RESTART
            } else {
                act.sa_flags |= libc::SA_RESTART
            }
            check(libc::sigaction(n, &act, std::ptr::null_mut())).map_err(|e| vm.io_error(&e, None))?;
        }
        Ok(Value::NONE)
    }),
    MethodDef::new("strsignal", "(signalnum, /)", |vm, a| {
        let n = signal_arg(vm, a.get(0))?;
        if NAMES.iter().all(|(_, s)| *s != n) && !(libc::SIGRTMIN()..=libc::SIGRTMAX()).contains(&n) {
            return Ok(Value::NONE);
        }
        // SAFETY: the C library's text is copied at once.
        let text = unsafe { std::ffi::CStr::from_ptr(libc::strsignal(n)) };
        Ok(vm.str(&text.to_string_lossy()))
    }),
    MethodDef::new("valid_signals", "()", |vm, _| {
        let all = (1..N as i32).filter(|n| *n < 32 || *n >= libc::SIGRTMIN()).map(|n| vm.int(n as i64));
        vm.call_one(&vm.types().set.value(), &vm.list(all.collect()))
    }),
    MethodDef::new("pthread_sigmask", "(how, mask, /)", |vm, a| {
        let how = vm.arg_i32(a.get(0))?;
        let set = more::set_arg(vm, a.get(1))?;
        // SAFETY: zeroes are a valid set.
        let mut old: libc::sigset_t = unsafe { std::mem::zeroed() };
        // SAFETY: the sets are locals.
        match unsafe { libc::pthread_sigmask(how, &set, &mut old) } {
            0 => {}
            e => return Err(vm.os_error(e, None)),
        }
        vm.on_break()?;
        // SAFETY: the set is a local.
        let held = (1..N as i32).filter(|n| unsafe { libc::sigismember(&old, *n) } == 1).map(|n| vm.int(n as i64));
        vm.call_one(&vm.types().set.value(), &vm.list(held.collect()))
    }),
];

unsafe extern "C" {
    fn setitimer(which: libc::c_int, new: *const libc::itimerval, old: *mut libc::itimerval) -> libc::c_int;
    fn getitimer(which: libc::c_int, value: *mut libc::itimerval) -> libc::c_int;
}

fn timer(vm: &Vm, t: &libc::itimerval) -> Value {
    let s = |t: &libc::timeval| Value::float(t.tv_sec as f64 + t.tv_usec as f64 / 1e6);
    vm.tuple(vec![s(&t.it_value), s(&t.it_interval)])
}

fn current(h: &Handlers, n: i32) -> Value {
    match h.table[n as usize].get() {
        Some(f) => f,
        None => match disposition(n) {
            libc::SIG_DFL => Value::int_unchecked(0),
            libc::SIG_IGN => Value::int_unchecked(1),
            _ => Value::NONE,
        },
    }
}

macro_rules! names {
    ($($name:ident)*) => { &[$( (stringify!($name), libc::$name) ),*] };
}

const NAMES: &[(&str, i32)] = names! {
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM
    SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPOLL
    SIGPWR SIGSYS
};

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    let module = vm.intern("_signal");
    for def in more::FUNCTIONS {
        dict.set_name(vm, def.name, vm.builtin(def, Some(module.clone())));
    }
    dict.set_name(vm, "struct_siginfo", more::SIGINFO.class(vm)?);
    for (name, n) in NAMES {
        dict.set_name(vm, name, vm.int(*n as i64));
    }
    for (name, n) in [
        ("SIG_DFL", 0),
        ("SIG_IGN", 1),
        ("NSIG", N as i64),
        ("SIGCLD", libc::SIGCHLD as i64),
        ("SIGIOT", libc::SIGABRT as i64),
        ("SIGRTMIN", libc::SIGRTMIN() as i64),
        ("SIGRTMAX", libc::SIGRTMAX() as i64),
        ("SIG_BLOCK", libc::SIG_BLOCK as i64),
        ("SIG_UNBLOCK", libc::SIG_UNBLOCK as i64),
        ("SIG_SETMASK", libc::SIG_SETMASK as i64),
        ("ITIMER_REAL", 0),
        ("ITIMER_VIRTUAL", 1),
        ("ITIMER_PROF", 2),
    ] {
        dict.set_name(vm, name, vm.int(n));
    }
    dict.set_name(vm, "ItimerError", vm.types().OSError.value());
    Ok(())
}
