//! Reading and writing several buffers at once, copying between descriptors, advice and room for files.
#![expect(unsafe_code, reason = "system calls")]

use super::call::{self, check};
use super::identity::done;
use serpens_vm::types::memoryview::BufferGuard;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("readv", "(fd, buffers, /)", |vm, a| {
        run(vm, a, true, |fd, parts, n| {
            // SAFETY: the parts are memory that stays in place.
            check(unsafe { libc::readv(fd, parts, n) } as i64)
        })
    }),
    MethodDef::new("writev", "(fd, buffers, /)", |vm, a| {
        run(vm, a, false, |fd, parts, n| {
            // SAFETY: as above.
            check(unsafe { libc::writev(fd, parts, n) } as i64)
        })
    }),
    MethodDef::new("preadv", "(fd, buffers, offset, flags=0, /)", |vm, a| {
        let (offset, flags) = (vm.arg_i64(a.get(2))?, a.opt(3).map_or(Ok(0), |v| vm.arg_i32(v))?);
        run(vm, a, true, |fd, parts, n| {
            // SAFETY: as above.
            check(unsafe { libc::preadv2(fd, parts, n, offset, flags) } as i64)
        })
    }),
    MethodDef::new("pwritev", "(fd, buffers, offset, flags=0, /)", |vm, a| {
        let (offset, flags) = (vm.arg_i64(a.get(2))?, a.opt(3).map_or(Ok(0), |v| vm.arg_i32(v))?);
        run(vm, a, false, |fd, parts, n| {
            // SAFETY: as above.
            check(unsafe { libc::pwritev2(fd, parts, n, offset, flags) } as i64)
        })
    }),
    MethodDef::new("lockf", "(fd, command, length, /)", |vm, a| {
        let (fd, command, len) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?, vm.arg_i64(a.get(2))?);
        // SAFETY: takes no pointers.
        call::off(vm, || check(unsafe { libc::lockf(fd, command, len) }))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("posix_fadvise", "(fd, offset, length, advice, /)", |vm, a| {
        let (fd, offset, len) = (vm.arg_i32(a.get(0))?, vm.arg_i64(a.get(1))?, vm.arg_i64(a.get(2))?);
        let advice = vm.arg_i32(a.get(3))?;
        // SAFETY: takes no pointers.
        errno(vm, serpens_state::blocking(vm, || unsafe { libc::posix_fadvise(fd, offset, len, advice) }))
    }),
    MethodDef::new("posix_fallocate", "(fd, offset, length, /)", |vm, a| {
        let (fd, offset, len) = (vm.arg_i32(a.get(0))?, vm.arg_i64(a.get(1))?, vm.arg_i64(a.get(2))?);
        // SAFETY: takes no pointers.
        errno(vm, serpens_state::blocking(vm, || unsafe { libc::posix_fallocate(fd, offset, len) }))
    }),
    MethodDef::new("copy_file_range", "(src, dst, count, offset_src=None, offset_dst=None)", |vm, a| {
        copy(vm, a, |from, at_from, to, at_to, n| {
            // SAFETY: the offsets are locals or null.
            check(unsafe { libc::copy_file_range(from, at_from, to, at_to, n, 0) } as i64)
        })
    }),
    MethodDef::new("splice", "(src, dst, count, offset_src=None, offset_dst=None, flags=0)", |vm, a| {
        let flags = a.opt(5).map_or(Ok(0), |v| vm.arg_i32(v))? as libc::c_uint;
        copy(vm, a, |from, at_from, to, at_to, n| {
            // SAFETY: as above.
            check(unsafe { libc::splice(from, at_from, to, at_to, n, flags) } as i64)
        })
    }),
    MethodDef::new("eventfd", "(initval, flags=EFD_CLOEXEC)", |vm, a| {
        let n = vm.arg_u64(a.get(0))? as libc::c_uint;
        let flags = a.opt(1).map_or(Ok(libc::EFD_CLOEXEC), |v| vm.arg_i32(v))?;
        // SAFETY: takes no pointers.
        Ok(vm.int(call::off(vm, || check(unsafe { libc::eventfd(n, flags) }))?))
    }),
    MethodDef::new("eventfd_read", "(fd)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        let mut n = 0;
        // SAFETY: the target is a local.
        call::off(vm, || check(unsafe { libc::eventfd_read(fd, &mut n) }))?;
        Ok(vm.int_u64(n))
    }),
    MethodDef::new("eventfd_write", "(fd, value)", |vm, a| {
        let (fd, n) = (vm.arg_i32(a.get(0))?, vm.arg_u64(a.get(1))?);
        // SAFETY: takes no pointers.
        done(vm, Ok(call::off(vm, || check(unsafe { libc::eventfd_write(fd, n) }))?))
    }),
    MethodDef::new("memfd_create", "(name, flags=MFD_CLOEXEC)", |vm, a| {
        let name = std::ffi::CString::new(super::path::fs_encode(vm, a.get(0))?);
        let name = name.map_err(|_| vm.value_error("embedded null byte"))?;
        let flags = a.opt(1).map_or(Ok(libc::MFD_CLOEXEC), |v| vm.arg_u64(v).map(|n| n as libc::c_uint))?;
        // SAFETY: the name ends with a zero.
        Ok(vm.int(call::off(vm, || check(unsafe { libc::memfd_create(name.as_ptr(), flags) }))?))
    }),
    MethodDef::new("pidfd_open", "(pid, flags=0)", |vm, a| {
        let (pid, flags) = (vm.arg_i32(a.get(0))?, a.opt(1).map_or(Ok(0), |v| vm.arg_i32(v))?);
        // SAFETY: takes no pointers.
        let made = check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) });
        Ok(vm.int(made.map_err(|e| vm.io_error(&e, None))?))
    }),
];

/// `None`, or the error that a function returns as a number.
fn errno(vm: &Vm, n: i32) -> PyResult {
    if n == 0 { Ok(Value::NONE) } else { Err(vm.os_error(n, None)) }
}

fn run(
    vm: &Vm,
    a: Args<'_>,
    writable: bool,
    f: impl Fn(i32, *const libc::iovec, i32) -> std::io::Result<i64>,
) -> PyResult {
    let fd = vm.arg_i32(a.get(0))?;
    if !vm.is_sequence(a.get(1)) {
        let name = if writable { "readv() arg 2 must be a sequence" } else { "writev() arg 2 must be a sequence" };
        return Err(vm.type_error(name));
    }
    let buffers = vm.collect(a.get(1))?;
    let guards: Vec<BufferGuard<'_>> =
        buffers.iter().map(|b| vm.get_contiguous(b, writable)).collect::<PyResult<_>>()?;
    let parts: Vec<libc::iovec> =
        guards.iter().map(|g| libc::iovec { iov_base: g.ptr.cast(), iov_len: g.len }).collect();
    Ok(vm.int(call::off(vm, || f(fd, parts.as_ptr(), parts.len() as i32))?))
}

fn copy(vm: &Vm, a: Args<'_>, f: impl Fn(i32, *mut i64, i32, *mut i64, usize) -> std::io::Result<i64>) -> PyResult {
    let (from, to) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
    let n = vm.arg_isize(a.get(2))?;
    let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("negative value for 'count' not allowed")) };
    let mut at_from = a.some(3).map(|v| vm.arg_i64(v)).transpose()?;
    let mut at_to = a.some(4).map(|v| vm.arg_i64(v)).transpose()?;
    let address = |o: &mut Option<i64>| o.as_mut().map_or(std::ptr::null_mut(), |n| n as *mut i64);
    let (at_from, at_to) = (address(&mut at_from), address(&mut at_to));
    Ok(vm.int(call::off(vm, || f(from, at_from, to, at_to, n))?))
}
