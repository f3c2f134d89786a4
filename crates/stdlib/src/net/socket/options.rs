//! Options of sockets, and their time-outs.
#![expect(unsafe_code, reason = "system calls")]

use super::wait::Timeout;
use super::{int_option, os_text, this};
use crate::posix::call::check;
use serpens_vm::{Args, CallArgs, PyResult, Value, Vm};
use std::io;

/// Makes the system's calls on a descriptor wait, or not.
pub fn set_nonblocking(fd: i32, on: bool) -> io::Result<()> {
    let mut on = i32::from(on);
    // SAFETY: the flag is a local.
    check(unsafe { libc::ioctl(fd, libc::FIONBIO, &mut on) }).map(drop)
}

fn set(vm: &Vm, v: &Value, timeout: Timeout) -> PyResult {
    let s = this(v);
    s.timeout.set(timeout);
    set_nonblocking(s.fd.get(), timeout != Timeout::Never).map_err(|e| vm.io_error(&e, None))?;
    Ok(Value::NONE)
}

/// `settimeout(timeout, /)`
pub fn settimeout(vm: &Vm, a: Args<'_>) -> PyResult {
    set(vm, a.get(0), Timeout::new(vm, a.get(1))?)
}

/// `setblocking(flag, /)`
pub fn setblocking(vm: &Vm, a: Args<'_>) -> PyResult {
    let blocks = vm.truthy(a.get(1))?;
    set(vm, a.get(0), if blocks { Timeout::Never } else { Timeout::Now })
}

/// `getsockopt(level, option[, buffersize])`
pub fn getsockopt(vm: &Vm, a: Args<'_>) -> PyResult {
    let (level, name) = (vm.arg_i32(a.get(1))?, vm.arg_i32(a.get(2))?);
    let n = a.opt(3).map_or(Ok(0), |v| vm.arg_i32(v))?;
    let fd = this(a.get(0)).fd.get();
    if n == 0 {
        let n = int_option(fd, level, name).map_err(|e| vm.io_error(&e, None))?;
        return Ok(vm.int(i64::from(n)));
    }
    if n <= 0 || n > 1024 {
        return Err(os_text(vm, "getsockopt buflen out of range"));
    }
    let mut buffer = [0u8; 1024];
    let mut len = n as libc::socklen_t;
    // SAFETY: the buffer is longer than its length says.
    let result = check(unsafe { libc::getsockopt(fd, level, name, buffer.as_mut_ptr().cast(), &mut len) });
    result.map_err(|e| vm.io_error(&e, None))?;
    Ok(vm.bytes(&buffer[..(len as usize).min(buffer.len())]))
}

/// `setsockopt(level, option, value)`, `setsockopt(level, option, None, length)`
pub fn setsockopt(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let (v, rest) = match args.pos().split_first() {
        Some(split) if args.n_named() == 0 => split,
        _ => return Err(vm.type_error("socket.setsockopt() takes no keyword arguments")),
    };
    let (level, name, value, length) = match rest {
        [level, name, value] => (level, name, value, None),
        [level, name, value, length] if value.is_none() => (level, name, value, Some(length)),
        _ => {
            let n = rest.len();
            return Err(vm.type_error(&format!("setsockopt() takes exactly 3 arguments ({n} given)")));
        }
    };
    let (level, name, fd) = (vm.arg_i32(level)?, vm.arg_i32(name)?, this(v).fd.get());
    let set = |at: *const u8, len: usize| {
        // SAFETY: the callers give memory of that length, or none.
        check(unsafe { libc::setsockopt(fd, level, name, at.cast(), len as libc::socklen_t) })
    };
    let result = if let Some(length) = length {
        set(std::ptr::null(), vm.arg_u64(length)? as usize)
    } else if let Some(n) = value.as_small_int().or(value.as_bool().map(i64::from)).and_then(|n| i32::try_from(n).ok())
    {
        set(n.to_ne_bytes().as_ptr(), size_of::<i32>())
    } else if vm.is_int_like(value)
        && let Some(n) = vm.unless(vm.arg_i32(value), vm.types().OverflowError)?
    {
        set(n.to_ne_bytes().as_ptr(), size_of::<i32>())
    } else {
        let buffer = vm.get_contiguous(value, false)?;
        set(buffer.ptr, buffer.len)
    };
    result.map_err(|e| vm.io_error(&e, None))?;
    Ok(Value::NONE)
}
