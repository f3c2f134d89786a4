//! Calls that may wait: off the lock, repeated after signals (PEP 475), ended by the socket's time-out.
//!
//! A socket with a time-out is non-blocking for the system. Its call is tried first, and only when it would block the
//! thread waits for the descriptor.
#![expect(unsafe_code, reason = "system calls")]

use super::Socket;
use crate::net::deadline::Deadline;
use crate::posix::call::check;
use serpens_state::blocking;
use serpens_vm::{PyResult, Raised, Value, Vm};
use std::io;
use std::time::Duration;

/// The time-out of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timeout {
    /// Waits as long as it takes.
    Never,
    /// Does not wait.
    Now,
    /// Waits so long.
    After(Duration),
}

impl Timeout {
    /// As Python gives it.
    pub fn new(vm: &Vm, v: &Value) -> PyResult<Timeout> {
        if v.is_none() {
            return Ok(Timeout::Never);
        }
        let Some(seconds) = vm.real_number(v)? else {
            let name = vm.type_of(v).name();
            return Err(vm.type_error(&format!("'{name}' object cannot be interpreted as an integer or float")));
        };
        if seconds.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        if seconds < 0.0 {
            return Err(vm.value_error("Timeout value out of range"));
        }
        if seconds == 0.0 {
            return Ok(Timeout::Now);
        }
        match Duration::try_from_secs_f64(seconds) {
            Ok(d) if d.as_millis() <= i32::MAX as u128 => Ok(Timeout::After(d.max(Duration::from_nanos(1)))),
            Ok(d) if d.as_secs() < 9_223_372_036 => Err(vm.overflow_error("timeout doesn't fit into C timeval")),
            _ => Err(vm.overflow_error("timestamp out of range for C PyTime_t")),
        }
    }

    /// As Python sees it.
    pub fn value(self) -> Value {
        match self {
            Timeout::Never => Value::NONE,
            Timeout::Now => Value::float(0.0),
            Timeout::After(d) => Value::float(d.as_secs_f64()),
        }
    }
}

/// What a thread waits for.
#[derive(Clone, Copy)]
pub enum For {
    /// Something to read.
    Reading,
    /// Room to write.
    Writing,
    /// The end of a connect.
    Connecting,
}

impl For {
    fn events(self) -> i16 {
        match self {
            For::Reading => libc::POLLIN,
            For::Writing => libc::POLLOUT,
            For::Connecting => libc::POLLOUT | libc::POLLERR,
        }
    }
}

#[cold]
fn timed_out(vm: &Vm) -> Raised {
    vm.raise_text(vm.types().TimeoutError, "timed out")
}

/// Whether a call would have blocked.
fn would_block(e: &io::Error) -> bool {
    matches!(e.raw_os_error(), Some(libc::EAGAIN))
}

impl Socket {
    /// When a call that begins now has to end.
    pub(super) fn deadline(&self) -> Deadline {
        match self.timeout.get() {
            Timeout::After(d) => Deadline::after(Some(d)),
            _ => Deadline::after(None),
        }
    }

    /// Runs a call that may wait. It gets the descriptor, and runs off the lock.
    pub(super) fn call<T>(&self, vm: &Vm, what: For, f: impl FnMut(i32) -> io::Result<T>) -> PyResult<T> {
        self.call_until(vm, what, self.deadline(), f)
    }

    /// As [`Socket::call`], with an end that was settled before.
    pub(super) fn call_until<T>(
        &self,
        vm: &Vm,
        what: For,
        deadline: Deadline,
        mut f: impl FnMut(i32) -> io::Result<T>,
    ) -> PyResult<T> {
        loop {
            let fd = self.fd.get();
            match blocking(vm, || f(fd)) {
                Ok(v) => return Ok(v),
                Err(e) if e.raw_os_error() == Some(libc::EINTR) => vm.on_break()?,
                Err(e) if would_block(&e) && matches!(self.timeout.get(), Timeout::After(_)) => {
                    if !wait_ready(vm, fd, what, deadline)? {
                        return Err(timed_out(vm));
                    }
                }
                Err(e) => return Err(vm.io_error(&e, None)),
            }
        }
    }

    /// Connects. The error of the system, if it fails; `TimeoutError` is raised only if `raise_timeout`.
    pub(super) fn connect(
        &self,
        vm: &Vm,
        raise_timeout: bool,
        mut f: impl FnMut(i32) -> io::Result<()>,
    ) -> PyResult<io::Result<()>> {
        let (fd, deadline) = (self.fd.get(), self.deadline());
        let e = match blocking(vm, || f(fd)) {
            Ok(()) => return Ok(Ok(())),
            Err(e) => e,
        };
        let waits = match (e.raw_os_error(), self.timeout.get()) {
            (Some(libc::EINTR), timeout) => {
                vm.on_break()?;
                timeout != Timeout::Now
            }
            (Some(libc::EINPROGRESS), Timeout::After(_)) => true,
            _ => false,
        };
        if !waits {
            return Ok(Err(e));
        }
        if !wait_ready(vm, fd, For::Connecting, deadline)? {
            return match raise_timeout {
                true => Err(timed_out(vm)),
                false => Ok(Err(io::Error::from_raw_os_error(libc::EWOULDBLOCK))),
            };
        }
        Ok(match super::int_option(fd, libc::SOL_SOCKET, libc::SO_ERROR) {
            Ok(0 | libc::EISCONN) => Ok(()),
            Ok(errno) => Err(io::Error::from_raw_os_error(errno)),
            Err(e) => Err(e),
        })
    }
}

/// Waits until a descriptor is ready; false if the time is over.
fn wait_ready(vm: &Vm, fd: i32, what: For, deadline: Deadline) -> PyResult<bool> {
    loop {
        let result = blocking(vm, || {
            let mut p = libc::pollfd { fd, events: what.events(), revents: 0 };
            // SAFETY: the descriptor is a local.
            check(unsafe { libc::poll(&mut p, 1, deadline.left_ms()) })
        });
        match result {
            Ok(0) if deadline.is_over() => return Ok(false),
            Ok(0) => {}
            Ok(_) => return Ok(true),
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => vm.on_break()?,
            Err(e) => return Err(vm.io_error(&e, None)),
        }
    }
}
