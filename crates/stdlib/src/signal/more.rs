//! Signals that are waited for or sent to threads.
#![expect(unsafe_code, reason = "system calls")]

use super::N;
use crate::posix::call::{self, check};
use serpens_state::blocking;
use serpens_state::structseq::StructSeq;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::time::{Duration, Instant};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("pthread_kill", "(thread_id, signalnum, /)", |vm, a| {
        let (thread, n) = (vm.arg_u64(a.get(0))?, vm.arg_i32(a.get(1))?);
        // SAFETY: the caller says that the thread lives, as in C.
        match unsafe { libc::pthread_kill(thread as libc::pthread_t, n) } {
            0 => {
                vm.on_break()?;
                Ok(Value::NONE)
            }
            e => Err(vm.os_error(e, None)),
        }
    })
    .doc("Send a signal to a thread."),
    MethodDef::new("sigpending", "()", |vm, _| {
        // SAFETY: zeroes are a valid set; the target is a local.
        let set = unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            check(libc::sigpending(&mut set)).map_err(|e| vm.io_error(&e, None))?;
            set
        };
        // SAFETY: the set is a local.
        let held = (1..N as i32).filter(|n| unsafe { libc::sigismember(&set, *n) } == 1);
        vm.call_one(&vm.types().set.value(), &vm.list(held.map(|n| vm.int(i64::from(n))).collect()))
    })
    .doc("Examine pending signals."),
    MethodDef::new("sigwait", "(sigset, /)", |vm, a| {
        let set = set_arg(vm, a.get(0))?;
        let mut n = 0;
        // SAFETY: the set and the target are locals.
        match blocking(vm, || unsafe { libc::sigwait(&set, &mut n) }) {
            0 => Ok(vm.int(i64::from(n))),
            e => Err(vm.os_error(e, None)),
        }
    })
    .doc("Wait for a signal."),
    MethodDef::new("sigwaitinfo", "(sigset, /)", |vm, a| {
        let set = set_arg(vm, a.get(0))?;
        // SAFETY: zeroes are valid; the set and the target are locals.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        call::off(vm, || check(unsafe { libc::sigwaitinfo(&set, &mut info) }))?;
        made(vm, &info)
    })
    .doc("Wait synchronously until one of the signals in *sigset* is delivered."),
    MethodDef::new("sigtimedwait", "(sigset, timeout, /)", timed_wait).doc("Like sigwaitinfo(), but with a timeout."),
    MethodDef::new("pidfd_send_signal", "(pidfd, signalnum, siginfo=None, flags=0, /)", |vm, a| {
        let (fd, n) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
        let flags = a.opt(3).map_or(Ok(0), |v| vm.arg_i32(v))?;
        if a.some(2).is_some() {
            return Err(vm.type_error("siginfo must be None"));
        }
        let null = std::ptr::null::<libc::siginfo_t>();
        // SAFETY: the only pointer is null.
        check(unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, n, null, flags) })
            .map_err(|e| vm.io_error(&e, None))?;
        vm.on_break()?;
        Ok(Value::NONE)
    })
    .doc("Send a signal to a process referred to by a pid file descriptor."),
];

/// `signal.struct_siginfo`.
pub static SIGINFO: StructSeq = StructSeq {
    name: "struct_siginfo",
    module: "signal",
    doc: "struct_siginfo: Result from sigwaitinfo or sigtimedwait.",
    fields: &[
        ("si_signo", "signal number"),
        ("si_code", "signal code"),
        ("si_errno", "errno associated with this signal"),
        ("si_pid", "sending process ID"),
        ("si_uid", "real user ID of sending process"),
        ("si_status", "exit value or signal"),
        ("si_band", "band event for SIGPOLL"),
    ],
    n_sequence: 7,
};

fn made(vm: &Vm, info: &libc::siginfo_t) -> PyResult {
    // SAFETY: reads of a structure that is zero where the system has set nothing.
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    let numbers = [info.si_signo, info.si_code, info.si_errno, pid, uid as i32, status, 0];
    SIGINFO.make(vm, numbers.iter().map(|n| vm.int(i64::from(*n))).collect())
}

/// A set of signals, from an iterable of their numbers.
pub(super) fn set_arg(vm: &Vm, v: &Value) -> PyResult<libc::sigset_t> {
    // SAFETY: zeroes are a valid set.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    for v in vm.collect(v)? {
        let n = vm.index_isize_or(&v, vm.types().ValueError)?;
        if !(1..N as isize).contains(&n) {
            return Err(vm.value_error(&format!("signal number {n} out of range [1; {}]", N - 1)));
        }
        // SAFETY: the set is a local.
        unsafe { libc::sigaddset(&mut set, n as i32) };
    }
    Ok(set)
}

fn timed_wait(vm: &Vm, a: Args<'_>) -> PyResult {
    let set = set_arg(vm, a.get(0))?;
    let seconds = vm.to_f64(a.get(1))?;
    if seconds.is_nan() || seconds < 0.0 {
        return Err(vm.value_error("timeout must be non-negative"));
    }
    let end = Instant::now() + Duration::try_from_secs_f64(seconds.min(1e9)).unwrap_or_default();
    // SAFETY: zeroes are valid.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let time = libc::timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        // SAFETY: all three are locals.
        match blocking(vm, || check(unsafe { libc::sigtimedwait(&set, &mut info, &time) })) {
            Ok(_) => return made(vm, &info),
            Err(e) if e.raw_os_error() == Some(libc::EAGAIN) => return Ok(Value::NONE),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => vm.on_break()?,
            Err(e) => return Err(vm.io_error(&e, None)),
        }
    }
}
