//! `poll` objects: descriptors to watch, in the order in which they were registered.
#![expect(unsafe_code, reason = "system calls")]

use super::deadline::Deadline;
use crate::posix::call::check;
use crate::posix::fd::fileno;
use serpens_state::blocking;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

/// `select.poll`'s object.
pub struct Poll {
    watched: RefCell<Watched>,
    /// Whether a thread waits with it.
    running: Cell<bool>,
}

serpens_vm::native_payload!(Poll {});

/// What is watched.
#[derive(Default)]
struct Watched {
    list: Vec<libc::pollfd>,
    place: HashMap<i32, usize>,
}

impl Watched {
    fn set(&mut self, fd: i32, events: u16) {
        match self.place.get(&fd) {
            Some(i) => self.list[*i].events = events as i16,
            None => {
                self.place.insert(fd, self.list.len());
                self.list.push(libc::pollfd { fd, events: events as i16, revents: 0 });
            }
        }
    }

    fn remove(&mut self, fd: i32) -> bool {
        let Some(at) = self.place.remove(&fd) else { return false };
        self.list.remove(at);
        for (i, p) in self.list.iter().enumerate().skip(at) {
            self.place.insert(p.fd, i);
        }
        true
    }
}

static POLL: TypeDef = TypeDef::new::<Poll>("poll").module("select").flags(tflag::NO_NEW).methods(&[
    MethodDef::new("register", "($self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)", |vm, a| {
        let fd = fileno(vm, a.get(1))?;
        let events = match a.opt(2) {
            Some(v) => mask(vm, v)?,
            None => (libc::POLLIN | libc::POLLPRI | libc::POLLOUT) as u16,
        };
        a.this::<Poll>().watched.borrow_mut().set(fd, events);
        Ok(Value::NONE)
    })
    .doc("Register a file descriptor with the polling object."),
    MethodDef::new("modify", "($self, fd, eventmask, /)", |vm, a| {
        let fd = fileno(vm, a.get(1))?;
        let events = mask(vm, a.get(2))?;
        let mut watched = a.this::<Poll>().watched.borrow_mut();
        if !watched.place.contains_key(&fd) {
            return Err(vm.os_error(libc::ENOENT, None));
        }
        watched.set(fd, events);
        Ok(Value::NONE)
    })
    .doc("Modify an already registered file descriptor."),
    MethodDef::new("unregister", "($self, fd, /)", |vm, a| {
        let fd = fileno(vm, a.get(1))?;
        match a.this::<Poll>().watched.borrow_mut().remove(fd) {
            true => Ok(Value::NONE),
            false => Err(vm.key_error(&vm.int(i64::from(fd)))),
        }
    })
    .doc("Remove a file descriptor being tracked by the polling object."),
    MethodDef::new("poll", "($self, timeout=None, /)", poll)
        .doc("Polls the set of registered file descriptors.\n\nReturns a list of (fd, event) 2-tuples."),
]);

/// A new polling object.
pub fn new(vm: &Vm) -> Value {
    vm.alloc_native(&POLL, Poll { watched: RefCell::default(), running: Cell::new(false) })
}

fn mask(vm: &Vm, v: &Value) -> PyResult<u16> {
    let n = vm.to_index(v)?;
    match n.as_small_int() {
        Some(n) if n < 0 => Err(vm.value_error("Cannot convert negative int")),
        Some(n) if n <= i64::from(u16::MAX) => Ok(n as u16),
        _ => Err(vm.overflow_error("Python int too large for C unsigned short")),
    }
}

/// A time-out in milliseconds, rounded up; `None` waits for ever.
fn timeout_arg(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Duration>> {
    let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(None) };
    let Some(ms) = vm.real_number(v)? else { return Err(vm.type_error("timeout must be an integer or None")) };
    match ms.ceil() {
        ms if ms.is_nan() => Err(vm.value_error("Invalid value NaN (not a number)")),
        _ if ms < 0.0 => Ok(None),
        ms if ms > f64::from(i32::MAX) => Err(vm.overflow_error("timeout is too large")),
        ms => Ok(Some(Duration::from_millis(ms as u64))),
    }
}

/// Marks a polling object as in use while it lives.
struct Running<'a>(&'a Cell<bool>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

fn poll(vm: &Vm, a: Args<'_>) -> PyResult {
    let deadline = Deadline::after(timeout_arg(vm, a.opt(1))?);
    let this = a.this::<Poll>();
    if this.running.replace(true) {
        return Err(vm.runtime_error("concurrent poll() invocation"));
    }
    let _running = Running(&this.running);
    let mut list = this.watched.borrow().list.clone();
    loop {
        let result = blocking(vm, || {
            // SAFETY: the list is a local of that length.
            check(unsafe { libc::poll(list.as_mut_ptr(), list.len() as libc::nfds_t, deadline.left_ms()) })
        });
        match result {
            Ok(_) => break,
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => {
                vm.on_break()?;
                if deadline.is_over() {
                    return Ok(vm.list(Vec::new()));
                }
            }
            Err(e) => return Err(vm.io_error(&e, None)),
        }
    }
    let ready = list.iter().filter(|p| p.revents != 0);
    let pair = |p: &libc::pollfd| vm.pair(vm.int(i64::from(p.fd)), vm.int(i64::from(p.revents as u16)));
    Ok(vm.list(ready.map(pair).collect()))
}
