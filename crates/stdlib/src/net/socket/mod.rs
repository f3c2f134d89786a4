//! `_socket`: sockets and names of the network.
//!
//! Rooms: this file the object, its making and its end; [`wait`] calls that wait, with time-outs; [`address`] addresses
//! from and to Python; [`methods`] what a socket does; [`transfer`] sending and receiving; [`message`] messages with
//! ancillary data; [`options`] options and time-outs; [`names`] look-ups and conversions; [`constants`].
//!
//! Invariant: every call that may wait runs off the interpreter's lock; memory that it uses is exported or immutable
//! meanwhile. The descriptor is closed once, by `close()` or with the object.
#![expect(unsafe_code, reason = "system calls")]

pub mod address;
pub mod constants;
pub mod message;
pub mod methods;
pub mod names;
pub mod options;
pub mod transfer;
pub mod wait;

use crate::posix::call::{self, check};
use crate::text::exception_class;
use serpens_state::{NativeModule, blocking};
use serpens_vm::cell::VCell;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::slots::Slots;
use serpens_vm::{CallArgs, GetSetDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;
use std::io;
use wait::Timeout;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_socket")
    .doc("Implementation module for socket operations.\n\nSee the socket module for documentation.")
    .functions(names::FUNCTIONS)
    .types(&[&SOCKET])
    .init(|vm, d| {
        for (name, n) in constants::CONSTANTS {
            d.set_name(vm, name, vm.int(*n));
        }
        let state = vm.local(State::new);
        d.set_name(vm, "has_ipv6", Value::TRUE);
        d.set_name(vm, "SocketType", vm.type_of_def(&SOCKET).value());
        d.set_name(vm, "error", vm.types().OSError.value());
        d.set_name(vm, "timeout", vm.types().TimeoutError.value());
        d.set_name(vm, "gaierror", state.gaierror.get_or_none());
        d.set_name(vm, "herror", state.herror.get_or_none());
        Ok(())
    });

/// The module's state in an interpreter.
struct State {
    gaierror: VCell,
    herror: VCell,
    /// The time-out of new sockets.
    timeout: Cell<Timeout>,
}

impl Local for State {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let timeout = self.timeout.clone();
        Some(State { gaierror: copier.cell(&self.gaierror), herror: copier.cell(&self.herror), timeout })
    }
}

impl State {
    fn new(vm: &Vm) -> State {
        let class = |name| VCell::from(exception_class(vm, "socket", name, vm.types().OSError).ok());
        State { gaierror: class("gaierror"), herror: class("herror"), timeout: Cell::new(Timeout::Never) }
    }
}

/// Raises one of the module's exceptions with a number and a text.
#[cold]
fn raise_numbered(vm: &Vm, class: &VCell, number: i32, text: &str) -> Raised {
    match TypeObj::from_value(&class.get_or_none()) {
        Some(ty) => vm.raise_with(ty, vec![vm.int(i64::from(number)), vm.str(text)]),
        None => vm.raise_text(vm.types().OSError, text),
    }
}

/// `OSError(text)`.
#[cold]
fn os_text(vm: &Vm, text: &str) -> Raised {
    vm.raise_text(vm.types().OSError, text)
}

/// `_socket.socket`.
pub struct Socket {
    fd: Cell<i32>,
    family: Cell<i32>,
    kind: Cell<i32>,
    proto: Cell<i32>,
    timeout: Cell<Timeout>,
}

serpens_vm::native_payload!(Socket {});

impl Drop for Socket {
    fn drop(&mut self) {
        let fd = self.fd.get();
        if fd >= 0 {
            let _ = call::close(fd);
        }
    }
}

/// The type `socket`.
pub static SOCKET: TypeDef = TypeDef::new::<Socket>("socket")
    .module("_socket")
    .doc("socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\nsocket(family=-1, type=-1, proto=-1, fileno=None) -> socket object")
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, Socket::closed()))),
        init: Some(init),
        repr: Some(|vm, v| {
            let s = this(v);
            let (fd, family, kind, proto) = (s.fd.get(), s.family.get(), s.kind.get(), s.proto.get());
            Ok(vm.str(&format!("<socket object, fd={fd}, family={family}, type={kind}, proto={proto}>")))
        }),
        del: Some(finalize),
        ..Slots::EMPTY
    })
    .methods(methods::METHODS)
    .getset(&[
        GetSetDef::new("family", |vm, v| Ok(vm.int(i64::from(this(v).family.get())))).doc("the socket family"),
        GetSetDef::new("type", |vm, v| Ok(vm.int(i64::from(this(v).kind.get())))).doc("the socket type"),
        GetSetDef::new("proto", |vm, v| Ok(vm.int(i64::from(this(v).proto.get())))).doc("the socket protocol"),
        GetSetDef::new("timeout", |_, v| Ok(this(v).timeout.get().value())).doc("the socket timeout"),
    ]);

fn this(v: &Value) -> &Socket {
    v.downcast::<Socket>().expect("the descriptor has checked the receiver")
}

impl Socket {
    fn closed() -> Socket {
        Socket {
            fd: Cell::new(-1),
            family: Cell::new(0),
            kind: Cell::new(0),
            proto: Cell::new(0),
            timeout: Cell::new(Timeout::Never),
        }
    }

    /// Closes the descriptor, if it is open.
    fn close(&self, vm: &Vm) -> PyResult<()> {
        let fd = self.fd.replace(-1);
        if fd < 0 {
            return Ok(());
        }
        match blocking(vm, || call::close(fd)) {
            // A connection that the peer has reset is closed all the same.
            Err(e) if e.raw_os_error() != Some(libc::ECONNRESET) => Err(vm.io_error(&e, None)),
            _ => Ok(()),
        }
    }
}

/// An integer option of a socket.
fn int_option(fd: i32, level: i32, name: i32) -> io::Result<i32> {
    let mut n = 0i32;
    let mut len = size_of::<i32>() as libc::socklen_t;
    // SAFETY: the target and its length are locals.
    check(unsafe { libc::getsockopt(fd, level, name, (&raw mut n).cast(), &mut len) })?;
    Ok(n)
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let [family, kind, proto, fileno] =
        crate::data::bind(vm, args, "socket", ["family", "type", "proto", "fileno"], 0)?;
    let number = |v: Option<&Value>| v.map_or(Ok(-1), |v| vm.arg_i32(v));
    let (mut family, mut kind, mut proto) = (number(family)?, number(kind)?, number(proto)?);
    let fd = match fileno.filter(|f| !f.is_none()) {
        Some(fileno) => {
            let fd = vm.arg_i32(fileno)?;
            adopt(vm, fd, &mut family, &mut kind, &mut proto)?;
            fd
        }
        None => {
            family = if family == -1 { libc::AF_INET } else { family };
            kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
            proto = proto.max(0);
            // SAFETY: takes no pointers.
            let made = blocking(vm, || check(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, proto) }));
            made.map_err(|e| vm.io_error(&e, None))? as i32
        }
    };
    fill(vm, v, fd, family, kind, proto)
}

/// Finds out what an open descriptor is, where the caller has not said it.
fn adopt(vm: &Vm, fd: i32, family: &mut i32, kind: &mut i32, proto: &mut i32) -> PyResult<()> {
    if fd < 0 {
        return Err(vm.value_error("negative file descriptor"));
    }
    let fail = |e: io::Error| vm.io_error(&e, None);
    let own = address::Raw::get(|at, len| {
        // SAFETY: the address has room for what its length says.
        check(unsafe { libc::getsockname(fd, at, len) })
    });
    match own {
        Ok((_, name)) if *family == -1 => *family = name.family(),
        Err(e) if *family == -1 || matches!(e.raw_os_error(), Some(libc::EBADF | libc::ENOTSOCK)) => {
            return Err(fail(e));
        }
        _ => {}
    }
    if *kind == -1 {
        *kind = int_option(fd, libc::SOL_SOCKET, libc::SO_TYPE).map_err(fail)?;
    }
    if *proto == -1 {
        *proto = int_option(fd, libc::SOL_SOCKET, libc::SO_PROTOCOL).map_err(fail)?;
    }
    Ok(())
}

/// Makes a socket object that of an open descriptor.
fn fill(vm: &Vm, v: &Value, fd: i32, family: i32, kind: i32, proto: i32) -> PyResult<()> {
    let s = this(v);
    drop(s.close(vm));
    s.fd.set(fd);
    s.family.set(family);
    s.kind.set(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC));
    s.proto.set(proto);
    if kind & libc::SOCK_NONBLOCK != 0 {
        s.timeout.set(Timeout::Now);
        return Ok(());
    }
    let timeout = vm.local(State::new).timeout.get();
    s.timeout.set(timeout);
    if timeout != Timeout::Never {
        options::set_nonblocking(fd, true).map_err(|e| vm.io_error(&e, None))?;
    }
    Ok(())
}

fn finalize(vm: &Vm, v: &Value) -> PyResult<()> {
    let s = this(v);
    if s.fd.get() < 0 {
        return Ok(());
    }
    let pending = vm.ts().save_pending();
    let shown = vm.repr_string(v).unwrap_or_else(|_| {
        drop(vm.take_raised());
        "socket".to_string()
    });
    if vm.hooks().warn(vm, vm.types().ResourceWarning, &format!("unclosed {shown}"), 1).is_err() {
        let e = vm.take_raised();
        vm.hooks().unraisable(vm, e, "Exception ignored while finalizing socket", v);
    }
    if s.close(vm).is_err() {
        drop(vm.take_raised());
    }
    vm.ts().restore_pending(pending);
    Ok(())
}
