//! Sending and receiving bytes.
#![expect(unsafe_code, reason = "system calls")]

use super::address::{self, Raw};
use super::this;
use super::wait::For;
use crate::posix::call::check;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::memoryview::BufferGuard;
use serpens_vm::{Args, CallArgs, PyResult, Value, Vm};
use std::io;
use std::mem::MaybeUninit;

/// Received bytes up to this many need no allocation but that of the result.
const SMALL: usize = 4096;

/// Memory of an object while a call uses it: immutable, or exported so that it stays where it is.
pub(super) enum Data<'a> {
    Bytes(&'a [u8]),
    Exported(BufferGuard<'a>),
}

impl<'a> Data<'a> {
    pub(super) fn new(vm: &'a Vm, v: &'a Value) -> PyResult<Data<'a>> {
        match v.downcast::<Bytes>() {
            Some(b) => Ok(Data::Bytes(b.as_bytes())),
            None => Ok(Data::Exported(vm.get_contiguous(v, false)?)),
        }
    }

    pub(super) fn span(&self) -> Span {
        match self {
            Data::Bytes(b) => Span { at: b.as_ptr().cast_mut(), len: b.len() },
            Data::Exported(g) => Span { at: g.ptr, len: g.len },
        }
    }
}

/// Memory that the system may read (and write, if it is a target).
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) at: *mut u8,
    pub(super) len: usize,
}

impl Span {
    fn skip(self, n: usize) -> Span {
        let n = n.min(self.len);
        Span { at: self.at.wrapping_add(n), len: self.len - n }
    }

    fn recv(self, fd: i32, flags: i32) -> io::Result<usize> {
        // SAFETY: a span is memory of that length that stays in place.
        check(unsafe { libc::recv(fd, self.at.cast(), self.len, flags) } as i64).map(|n| n as usize)
    }

    fn recv_from(self, fd: i32, flags: i32) -> io::Result<(usize, Raw)> {
        Raw::get(|at, len| {
            // SAFETY: as above; the address has room for what its length says.
            check(unsafe { libc::recvfrom(fd, self.at.cast(), self.len, flags, at, len) } as i64).map(|n| n as usize)
        })
    }

    fn send(self, fd: i32, flags: i32) -> io::Result<usize> {
        // SAFETY: as above.
        check(unsafe { libc::send(fd, self.at.cast(), self.len, flags) } as i64).map(|n| n as usize)
    }
}

fn flags(vm: &Vm, v: Option<&Value>) -> PyResult<i32> {
    v.map_or(Ok(0), |v| vm.arg_i32(v))
}

fn size(vm: &Vm, v: &Value, caller: &str) -> PyResult<usize> {
    let n = match v.as_small_int() {
        Some(n) => n as isize,
        None => vm.arg_isize(v)?,
    };
    usize::try_from(n).map_err(|_| vm.value_error(&format!("negative buffersize in {caller}")))
}

/// Runs `receive` over memory for `n` bytes; the bytes it has filled in.
fn received<T>(vm: &Vm, n: usize, receive: impl FnOnce(Span) -> PyResult<(usize, T)>) -> PyResult<(Value, T)> {
    if n <= SMALL {
        let mut small = [const { MaybeUninit::<u8>::uninit() }; SMALL];
        let at: *mut u8 = small.as_mut_ptr().cast();
        let (got, rest) = receive(Span { at, len: n })?;
        // SAFETY: the system has filled in that many bytes.
        let bytes = unsafe { std::slice::from_raw_parts(at, got.min(n)) };
        return Ok((vm.bytes(bytes), rest));
    }
    vm.check_alloc(n)?;
    let mut large: Vec<u8> = Vec::new();
    large.try_reserve_exact(n).map_err(|_| vm.memory_error())?;
    let (got, rest) = receive(Span { at: large.as_mut_ptr(), len: n })?;
    // SAFETY: the system has filled in that many bytes.
    unsafe { large.set_len(got.min(n)) };
    Ok((vm.bytes(&large), rest))
}

/// `recv(bufsize, flags=0, /)`
pub fn recv(vm: &Vm, a: Args<'_>) -> PyResult {
    let (n, flags) = (size(vm, a.get(1), "recv")?, flags(vm, a.opt(2))?);
    let s = this(a.get(0));
    let (bytes, ()) = received(vm, n, |span| {
        if span.len == 0 {
            return Ok((0, ()));
        }
        Ok((s.call(vm, For::Reading, |fd| span.recv(fd, flags))?, ()))
    })?;
    Ok(bytes)
}

/// `recvfrom(bufsize, flags=0, /)`
pub fn recvfrom(vm: &Vm, a: Args<'_>) -> PyResult {
    let (n, flags) = (size(vm, a.get(1), "recvfrom")?, flags(vm, a.opt(2))?);
    let s = this(a.get(0));
    let (bytes, from) = received(vm, n, |span| s.call(vm, For::Reading, |fd| span.recv_from(fd, flags)))?;
    Ok(vm.pair(bytes, from.value(vm)?))
}

/// A target that may be written.
pub(super) fn target<'a>(vm: &'a Vm, v: &Value, caller: &str) -> PyResult<BufferGuard<'a>> {
    let found = match vm.has_buffer(v) {
        true => vm.unless(vm.get_contiguous(v, true), vm.types().BufferError)?,
        false => None,
    };
    found.ok_or_else(|| {
        let name = vm.arg_type_name(v);
        vm.type_error(&format!("{caller}() argument 1 must be read-write bytes-like object, not {name}"))
    })
}

/// `recv_into(buffer, nbytes=0, flags=0)`
pub fn recv_into(vm: &Vm, a: Args<'_>) -> PyResult {
    let guard = target(vm, a.get(1), "recv_into")?;
    let n = a.opt(2).map_or(Ok(0), |v| size(vm, v, "recv_into"))?;
    let flags = flags(vm, a.opt(3))?;
    let n = if n == 0 { guard.len } else { n };
    if n > guard.len {
        return Err(vm.value_error("buffer too small for requested bytes"));
    }
    if n == 0 {
        return Ok(Value::int_unchecked(0));
    }
    let span = Span { at: guard.ptr, len: n };
    let got = this(a.get(0)).call(vm, For::Reading, |fd| span.recv(fd, flags))?;
    Ok(Value::from_usize(got))
}

/// `recvfrom_into(buffer, nbytes=0, flags=0)`
pub fn recvfrom_into(vm: &Vm, a: Args<'_>) -> PyResult {
    let guard = target(vm, a.get(1), "recvfrom_into")?;
    let n = a.opt(2).map_or(Ok(0), |v| size(vm, v, "recvfrom_into"))?;
    let flags = flags(vm, a.opt(3))?;
    let n = if n == 0 { guard.len } else { n };
    if n > guard.len {
        return Err(vm.value_error("nbytes is greater than the length of the buffer"));
    }
    let span = Span { at: guard.ptr, len: n };
    let (got, from) = this(a.get(0)).call(vm, For::Reading, |fd| span.recv_from(fd, flags))?;
    Ok(vm.pair(Value::from_usize(got), from.value(vm)?))
}

/// `send(data, flags=0, /)`
pub fn send(vm: &Vm, a: Args<'_>) -> PyResult {
    let data = Data::new(vm, a.get(1))?;
    let (span, flags) = (data.span(), flags(vm, a.opt(2))?);
    let sent = this(a.get(0)).call(vm, For::Writing, |fd| span.send(fd, flags))?;
    Ok(Value::from_usize(sent))
}

/// `sendall(data, flags=0, /)`
pub fn sendall(vm: &Vm, a: Args<'_>) -> PyResult {
    let data = Data::new(vm, a.get(1))?;
    let (mut span, flags) = (data.span(), flags(vm, a.opt(2))?);
    let s = this(a.get(0));
    let deadline = s.deadline();
    loop {
        let sent = s.call_until(vm, For::Writing, deadline, |fd| span.send(fd, flags))?;
        span = span.skip(sent);
        if span.len == 0 {
            return Ok(Value::NONE);
        }
        // A partial write may have ended because of a signal.
        if vm.breaker.pending() != 0 {
            vm.on_break()?;
        }
    }
}

/// `sendto(data, [flags,] address)`
pub fn sendto(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let (v, data, flag, to) = match args.pos() {
        _ if args.n_named() > 0 => return Err(vm.type_error("socket.sendto() takes no keyword arguments")),
        [v, data, to] => (v, data, None, to),
        [v, data, flag, to] => (v, data, Some(flag), to),
        other => {
            let n = other.len().saturating_sub(1);
            return Err(vm.type_error(&format!("sendto() takes 2 or 3 arguments ({n} given)")));
        }
    };
    let data = Data::new(vm, data)?;
    let (span, flags) = (data.span(), flags(vm, flag)?);
    let to = address::parse(vm, this(v), to, "sendto")?;
    let sent = this(v).call(vm, For::Writing, |fd| {
        // SAFETY: the span is memory of that length that stays in place; the address is a local.
        check(unsafe { libc::sendto(fd, span.at.cast(), span.len, flags, to.as_ptr(), to.size()) } as i64)
    })?;
    Ok(vm.int(sent))
}
