//! System calls as safe functions, off the interpreter's lock and retried when a signal interrupts them.
//!
//! Invariant: what runs in [`off`] and [`retry`] touches no Python object; buffers are Rust's.
#![expect(unsafe_code, reason = "system calls")]

use serpens_state::blocking;
use serpens_vm::{PyResult, Vm};
use std::ffi::CStr;
use std::io;

/// A C result: −1 is the error in `errno`.
pub fn check(n: impl Into<i64>) -> io::Result<i64> {
    match n.into() {
        -1 => Err(io::Error::last_os_error()),
        n => Ok(n),
    }
}

/// Runs a blocking call off the lock; when a signal interrupts it, runs the handlers and tries again (PEP 475).
pub fn retry<T>(vm: &Vm, mut f: impl FnMut() -> io::Result<T>) -> PyResult<io::Result<T>> {
    loop {
        match blocking(vm, &mut f) {
            Err(e) if e.raw_os_error() == Some(libc::EINTR) => vm.on_break()?,
            r => return Ok(r),
        }
    }
}

/// As [`retry`]; an error becomes an `OSError` without a file name.
pub fn off<T>(vm: &Vm, f: impl FnMut() -> io::Result<T>) -> PyResult<T> {
    match retry(vm, f)? {
        Ok(v) => Ok(v),
        Err(e) => Err(vm.io_error(&e, None)),
    }
}

/// `read(2)`.
pub fn read(fd: i32, buf: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the buffer is writable for its length.
    check(unsafe { libc::read(fd, buf.as_mut_ptr().cast(), buf.len().min(isize::MAX as usize)) } as i64)
        .map(|n| n as usize)
}

/// `write(2)`.
pub fn write(fd: i32, buf: &[u8]) -> io::Result<usize> {
    // SAFETY: the buffer is readable for its length.
    check(unsafe { libc::write(fd, buf.as_ptr().cast(), buf.len().min(isize::MAX as usize)) } as i64)
        .map(|n| n as usize)
}

/// `pread(2)`.
pub fn pread(fd: i32, buf: &mut [u8], offset: i64) -> io::Result<usize> {
    // SAFETY: the buffer is writable for its length.
    check(unsafe { libc::pread(fd, buf.as_mut_ptr().cast(), buf.len(), offset) } as i64).map(|n| n as usize)
}

/// `pwrite(2)`.
pub fn pwrite(fd: i32, buf: &[u8], offset: i64) -> io::Result<usize> {
    // SAFETY: the buffer is readable for its length.
    check(unsafe { libc::pwrite(fd, buf.as_ptr().cast(), buf.len(), offset) } as i64).map(|n| n as usize)
}

/// `openat(2)`.
pub fn open_at(dir: i32, path: &CStr, flags: i32, mode: u32) -> io::Result<i32> {
    // SAFETY: the path ends with a zero.
    check(unsafe { libc::openat(dir, path.as_ptr(), flags, mode as libc::c_uint) }).map(|n| n as i32)
}

/// `close(2)`.
pub fn close(fd: i32) -> io::Result<()> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::close(fd) }).map(drop)
}

/// `lseek(2)`.
pub fn lseek(fd: i32, offset: i64, whence: i32) -> io::Result<i64> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::lseek(fd, offset, whence) })
}

/// `isatty(3)`.
pub fn isatty(fd: i32) -> bool {
    // SAFETY: takes no pointers.
    unsafe { libc::isatty(fd) == 1 }
}

/// `ftruncate(2)`.
pub fn ftruncate(fd: i32, size: i64) -> io::Result<()> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::ftruncate(fd, size) }).map(drop)
}

/// `fstat(2)`.
pub fn fstat(fd: i32) -> io::Result<libc::stat> {
    let mut st = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the target is a stat buffer; zeroes are a valid one.
    unsafe {
        check(libc::fstat(fd, st.as_mut_ptr()))?;
        Ok(st.assume_init())
    }
}

/// `fstatat(2)`.
pub fn stat_at(dir: i32, path: &CStr, flags: i32) -> io::Result<libc::stat> {
    let mut st = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the path ends with a zero; the target is a stat buffer; zeroes are a valid one.
    unsafe {
        check(libc::fstatat(dir, path.as_ptr(), st.as_mut_ptr(), flags))?;
        Ok(st.assume_init())
    }
}

/// Sets or clears the close-on-exec flag.
pub fn set_cloexec(fd: i32, on: bool) -> io::Result<()> {
    // SAFETY: takes no pointers.
    unsafe {
        let flags = check(libc::fcntl(fd, libc::F_GETFD))? as i32;
        let flags = if on { flags | libc::FD_CLOEXEC } else { flags & !libc::FD_CLOEXEC };
        check(libc::fcntl(fd, libc::F_SETFD, flags)).map(drop)
    }
}

/// Whether the close-on-exec flag is set.
pub fn cloexec(fd: i32) -> io::Result<bool> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::fcntl(fd, libc::F_GETFD) }).map(|f| f as i32 & libc::FD_CLOEXEC != 0)
}

/// Whether the descriptor waits.
pub fn get_blocking(fd: i32) -> io::Result<bool> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::fcntl(fd, libc::F_GETFL) }).map(|f| f as i32 & libc::O_NONBLOCK == 0)
}

/// Sets whether the descriptor waits.
pub fn set_blocking(fd: i32, on: bool) -> io::Result<()> {
    // SAFETY: takes no pointers.
    unsafe {
        let flags = check(libc::fcntl(fd, libc::F_GETFL))? as i32;
        let flags = if on { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
        check(libc::fcntl(fd, libc::F_SETFL, flags)).map(drop)
    }
}
