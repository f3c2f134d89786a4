//! The methods of sockets.
#![expect(unsafe_code, reason = "system calls")]

use super::address::{self, Raw};
use super::wait::{For, Timeout};
use super::{Socket, message, options, this, transfer};
use crate::posix::call::check;
use serpens_state::blocking;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The methods.
pub const METHODS: &[MethodDef] = &[
    MethodDef::new("_accept", "($self, /)", accept)
        .doc("_accept() -> (integer, address info)\n\nWait for an incoming connection."),
    MethodDef::new("bind", "($self, object, /)", |vm, a| {
        let s = this(a.get(0));
        let to = address::parse(vm, s, a.get(1), "bind")?;
        let fd = s.fd.get();
        // SAFETY: the address is a local.
        let result = blocking(vm, || check(unsafe { libc::bind(fd, to.as_ptr(), to.size()) }));
        result.map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::NONE)
    })
    .doc("bind(address)\n\nBind the socket to a local address."),
    MethodDef::new("close", "($self, /)", |vm, a| {
        this(a.get(0)).close(vm)?;
        Ok(Value::NONE)
    })
    .doc("close()\n\nClose the socket.  It cannot be used after this call."),
    MethodDef::new("connect", "($self, object, /)", |vm, a| {
        let to = address::parse(vm, this(a.get(0)), a.get(1), "connect")?;
        match connect(vm, this(a.get(0)), &to, true)? {
            Ok(()) => Ok(Value::NONE),
            Err(e) => Err(vm.io_error(&e, None)),
        }
    })
    .doc("connect(address)\n\nConnect the socket to a remote address."),
    MethodDef::new("connect_ex", "($self, object, /)", |vm, a| {
        let to = address::parse(vm, this(a.get(0)), a.get(1), "connect_ex")?;
        let e = connect(vm, this(a.get(0)), &to, false)?.err();
        Ok(vm.int(e.and_then(|e| e.raw_os_error()).map_or(0, i64::from)))
    })
    .doc("connect_ex(address) -> errno\n\nThis is like connect(address), but returns an error code instead of raising an exception."),
    MethodDef::new("detach", "($self, /)", |vm, a| Ok(vm.int(i64::from(this(a.get(0)).fd.replace(-1)))))
        .doc("detach()\n\nClose the socket object without closing the underlying file descriptor."),
    MethodDef::new("fileno", "($self, /)", |vm, a| Ok(vm.int(i64::from(this(a.get(0)).fd.get()))))
        .doc("fileno() -> integer\n\nReturn the integer file descriptor of the socket."),
    MethodDef::new("getpeername", "($self, /)", |vm, a| {
        let fd = this(a.get(0)).fd.get();
        // SAFETY: the address has room for what its length says.
        let found = blocking(vm, || Raw::get(|at, len| check(unsafe { libc::getpeername(fd, at, len) })));
        found.map_err(|e| vm.io_error(&e, None))?.1.value(vm)
    })
    .doc("getpeername() -> address info\n\nReturn the address of the remote endpoint."),
    MethodDef::new("getsockname", "($self, /)", |vm, a| {
        let fd = this(a.get(0)).fd.get();
        // SAFETY: as above.
        let found = blocking(vm, || Raw::get(|at, len| check(unsafe { libc::getsockname(fd, at, len) })));
        found.map_err(|e| vm.io_error(&e, None))?.1.value(vm)
    })
    .doc("getsockname() -> address info\n\nReturn the address of the local endpoint."),
    MethodDef::new("getsockopt", "($self, level, option, buffersize=0, /)", options::getsockopt)
        .doc("getsockopt(level, option[, buffersize]) -> value\n\nGet a socket option."),
    MethodDef::new("listen", "($self, backlog=128, /)", |vm, a| {
        let n = a.opt(1).map_or(Ok(128), |v| vm.arg_i32(v))?.max(0);
        let fd = this(a.get(0)).fd.get();
        // SAFETY: takes no pointers.
        blocking(vm, || check(unsafe { libc::listen(fd, n) })).map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::NONE)
    })
    .doc("listen([backlog])\n\nEnable a server to accept connections."),
    MethodDef::new("recv", "($self, bufsize, flags=0, /)", transfer::recv)
        .doc("recv(buffersize[, flags]) -> data\n\nReceive up to buffersize bytes from the socket."),
    MethodDef::new("recv_into", "($self, buffer, nbytes=0, flags=0)", transfer::recv_into)
        .doc("recv_into(buffer, [nbytes[, flags]]) -> nbytes_read\n\nStore what is received in a buffer."),
    MethodDef::new("recvfrom", "($self, bufsize, flags=0, /)", transfer::recvfrom)
        .doc("recvfrom(buffersize[, flags]) -> (data, address info)\n\nLike recv(), but also return the sender's address info."),
    MethodDef::new("recvfrom_into", "($self, buffer, nbytes=0, flags=0)", transfer::recvfrom_into)
        .doc("recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)\n\nLike recv_into(), but also return the sender's address info."),
    MethodDef::new("send", "($self, data, flags=0, /)", transfer::send)
        .doc("send(data[, flags]) -> count\n\nSend a data string to the socket; return the number of bytes sent."),
    MethodDef::new("sendall", "($self, data, flags=0, /)", transfer::sendall)
        .doc("sendall(data[, flags])\n\nSend a data string to the socket until all data is sent."),
    MethodDef::raw("sendto", "($self, data, flags, address, /)", transfer::sendto)
        .doc("sendto(data[, flags], address) -> count\n\nLike send() but allows specifying the destination address."),
    MethodDef::new("setblocking", "($self, flag, /)", options::setblocking)
        .doc("setblocking(flag)\n\nSet the socket to blocking (flag is true) or non-blocking (false)."),
    MethodDef::new("getblocking", "($self, /)", |_, a| Ok(Value::bool(this(a.get(0)).timeout.get() != Timeout::Now)))
        .doc("getblocking()\n\nReturns True if socket is in blocking mode, or False if it is in non-blocking mode."),
    MethodDef::new("settimeout", "($self, timeout, /)", options::settimeout)
        .doc("settimeout(timeout)\n\nSet a timeout on socket operations, in seconds; None: they block."),
    MethodDef::new("gettimeout", "($self, /)", |_, a| Ok(this(a.get(0)).timeout.get().value()))
        .doc("gettimeout() -> timeout\n\nReturns the timeout in seconds (float) associated with socket operations."),
    MethodDef::raw("setsockopt", "($self, level, option, value, /)", options::setsockopt)
        .doc("setsockopt(level, option, value)\n\nSet a socket option."),
    MethodDef::new("shutdown", "($self, how, /)", |vm, a| {
        let (fd, how) = (this(a.get(0)).fd.get(), vm.arg_i32(a.get(1))?);
        // SAFETY: takes no pointers.
        blocking(vm, || check(unsafe { libc::shutdown(fd, how) })).map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::NONE)
    })
    .doc("shutdown(flag)\n\nShut down the reading side (SHUT_RD), the writing side (SHUT_WR), or both ends (SHUT_RDWR)."),
    MethodDef::new("recvmsg", "($self, bufsize, ancbufsize=0, flags=0, /)", message::recvmsg)
        .doc("recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)"),
    MethodDef::new("recvmsg_into", "($self, buffers, ancbufsize=0, flags=0, /)", message::recvmsg_into)
        .doc("recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)"),
    MethodDef::new("sendmsg", "($self, buffers, ancdata=(), flags=0, address=None, /)", message::sendmsg)
        .doc("sendmsg(buffers[, ancdata[, flags[, address]]]) -> count"),
];

fn accept(vm: &Vm, a: Args<'_>) -> PyResult {
    let (fd, from) = this(a.get(0)).call(vm, For::Reading, |fd| {
        // SAFETY: the address has room for what its length says.
        Raw::get(|at, len| check(unsafe { libc::accept4(fd, at, len, libc::SOCK_CLOEXEC) }))
    })?;
    let from = match from.value(vm) {
        Ok(from) => from,
        Err(e) => {
            let _ = crate::posix::call::close(fd as i32);
            return Err(e);
        }
    };
    Ok(vm.pair(vm.int(fd), from))
}

fn connect(vm: &Vm, s: &Socket, to: &Raw, raise_timeout: bool) -> PyResult<std::io::Result<()>> {
    s.connect(vm, raise_timeout, |fd| {
        // SAFETY: the address lives until the call is over.
        check(unsafe { libc::connect(fd, to.as_ptr(), to.size()) }).map(drop)
    })
}
