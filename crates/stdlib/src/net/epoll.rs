//! `epoll` objects.
//!
//! Invariant: the descriptor is closed once, by `close()` or with the object.
#![expect(unsafe_code, reason = "system calls")]

use super::deadline::Deadline;
use crate::posix::call::{self, check};
use crate::posix::fd::fileno;
use serpens_state::blocking;
use serpens_vm::types::slots::Slots;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use smallvec::SmallVec;
use std::cell::Cell;
use std::time::Duration;

/// `select.epoll`.
pub struct Epoll(Cell<i32>);

serpens_vm::native_payload!(Epoll {});

impl Drop for Epoll {
    fn drop(&mut self) {
        let fd = self.0.get();
        if fd >= 0 {
            let _ = call::close(fd);
        }
    }
}

impl Epoll {
    fn fd(&self, vm: &Vm) -> PyResult<i32> {
        match self.0.get() {
            fd if fd >= 0 => Ok(fd),
            _ => Err(vm.value_error("I/O operation on closed epoll object")),
        }
    }

    fn close(&self, vm: &Vm) -> PyResult {
        let fd = self.0.replace(-1);
        if fd >= 0 {
            blocking(vm, || call::close(fd)).map_err(|e| vm.io_error(&e, None))?;
        }
        Ok(Value::NONE)
    }

    fn control(&self, vm: &Vm, op: i32, fd: i32, events: u32) -> PyResult {
        let own = self.fd(vm)?;
        let mut event = libc::epoll_event { events, u64: fd as u64 };
        // SAFETY: the event is a local.
        check(unsafe { libc::epoll_ctl(own, op, fd, &mut event) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::NONE)
    }
}

/// The type `epoll`.
pub static EPOLL: TypeDef = TypeDef::new::<Epoll>("epoll")
    .module("select")
    .doc("select.epoll(sizehint=-1, flags=0)\n\nReturns an epolling object")
    .slots(Slots { new: Some(new), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("fromfd", "($type, fd, /)", |vm, a| {
            let fd = vm.arg_i32(a.get(1))?;
            let Some(ty) = TypeObj::from_value(a.get(0)) else { return Err(vm.type_error("not a type")) };
            Ok(vm.alloc(ty, Epoll(Cell::new(fd))))
        })
        .class()
        .doc("Create an epoll object from a given control fd."),
        MethodDef::new("close", "($self, /)", |vm, a| a.this::<Epoll>().close(vm))
            .doc("Close the epoll control file descriptor."),
        MethodDef::new("fileno", "($self, /)", |vm, a| Ok(vm.int(i64::from(a.this::<Epoll>().fd(vm)?))))
            .doc("Return the epoll control file descriptor."),
        MethodDef::new(
            "register",
            "($self, fd, eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)",
            |vm, a| {
                let fd = fileno(vm, a.get(1))?;
                let events = match a.opt(2) {
                    Some(v) => vm.arg_u64(v)? as u32,
                    None => (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32,
                };
                a.this::<Epoll>().control(vm, libc::EPOLL_CTL_ADD, fd, events)
            },
        )
        .doc("Registers a new fd or raises an OSError if the fd is already registered."),
        MethodDef::new("modify", "($self, fd, eventmask)", |vm, a| {
            let fd = fileno(vm, a.get(1))?;
            let events = vm.arg_u64(a.get(2))? as u32;
            a.this::<Epoll>().control(vm, libc::EPOLL_CTL_MOD, fd, events)
        })
        .doc("Modify event mask for a registered file descriptor."),
        MethodDef::new("unregister", "($self, fd)", |vm, a| {
            let fd = fileno(vm, a.get(1))?;
            a.this::<Epoll>().control(vm, libc::EPOLL_CTL_DEL, fd, 0)
        })
        .doc("Remove a registered file descriptor from the epoll object."),
        MethodDef::new("poll", "($self, timeout=None, maxevents=-1)", poll)
            .doc("Wait for events on the epoll file descriptor.\n\nReturns a list of (fd, events) 2-tuples."),
        MethodDef::new("__enter__", "($self, /)", |vm, a| {
            a.this::<Epoll>().fd(vm)?;
            Ok(a.get(0).clone())
        }),
        MethodDef::new("__exit__", "($self, exc_type=None, exc_value=None, exc_tb=None, /)", |vm, a| {
            a.this::<Epoll>().close(vm)
        }),
    ])
    .getset(&[GetSetDef::new("closed", |_, v| Ok(Value::bool(v.downcast::<Epoll>().is_none_or(|e| e.0.get() < 0))))
        .doc("True if the epoll handler is closed")]);

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [size, flags] = crate::data::bind(vm, args, "epoll", ["sizehint", "flags"], 0)?;
    let size = size.map_or(Ok(-1), |v| vm.arg_i32(v))?;
    if size != -1 && size <= 0 {
        return Err(vm.value_error("negative sizehint"));
    }
    let flags = flags.map_or(Ok(0), |v| vm.arg_i32(v))?;
    if flags & !libc::EPOLL_CLOEXEC != 0 {
        return Err(vm.raise_text(vm.types().OSError, "invalid flags"));
    }
    // SAFETY: takes no pointers.
    let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }).map_err(|e| vm.io_error(&e, None))?;
    Ok(vm.alloc(ty, Epoll(Cell::new(fd as i32))))
}

/// A time-out in seconds, rounded up to milliseconds; `None` and what is negative wait for ever.
fn timeout_arg(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Duration>> {
    let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(None) };
    let Some(seconds) = vm.real_number(v)? else { return Err(vm.type_error("timeout must be an integer or None")) };
    match (seconds * 1e3).ceil() {
        ms if ms.is_nan() => Err(vm.value_error("Invalid value NaN (not a number)")),
        _ if seconds < 0.0 => Ok(None),
        ms if ms > f64::from(i32::MAX) => Err(vm.overflow_error("timeout is too large")),
        ms => Ok(Some(Duration::from_millis(ms as u64))),
    }
}

fn poll(vm: &Vm, a: Args<'_>) -> PyResult {
    let fd = a.this::<Epoll>().fd(vm)?;
    let deadline = Deadline::after(timeout_arg(vm, a.opt(1))?);
    let max = match a.opt(2).map_or(Ok(-1), |v| vm.arg_i32(v))? {
        -1 => libc::FD_SETSIZE as i32 - 1,
        n if n < 1 => return Err(vm.value_error(&format!("maxevents must be greater than 0, got {n}"))),
        n => n,
    };
    let mut events: SmallVec<[libc::epoll_event; 32]> = SmallVec::new();
    events.resize(max as usize, libc::epoll_event { events: 0, u64: 0 });
    loop {
        let result = blocking(vm, || {
            // SAFETY: the list has room for that many events.
            check(unsafe { libc::epoll_wait(fd, events.as_mut_ptr(), max, deadline.left_ms()) })
        });
        match result {
            Ok(n) => {
                events.truncate(n as usize);
                let pair = |e: &libc::epoll_event| {
                    let (fd, events) = (e.u64, e.events);
                    vm.pair(vm.int(i64::from(fd as i32)), vm.int(i64::from(events)))
                };
                return Ok(vm.list(events.iter().map(pair).collect()));
            }
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => {
                vm.on_break()?;
                if deadline.is_over() {
                    return Ok(vm.list(Vec::new()));
                }
            }
            Err(e) => return Err(vm.io_error(&e, None)),
        }
    }
}
