//! `fcntl`: `fcntl`, `ioctl`, and locks on files.
#![expect(unsafe_code, reason = "system calls")]

use super::call::{self, check};
use super::fd::fileno;
use serpens_state::NativeModule;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("fcntl")
    .doc("This module performs file control and I/O control on file descriptors.")
    .functions(&[
        MethodDef::new("fcntl", "(fd, cmd, arg=0, /)", fcntl).doc("Perform the operation `cmd` on file descriptor fd."),
        MethodDef::new("ioctl", "(fd, request, arg=0, mutate_flag=True, /)", ioctl)
            .doc("Perform the operation request on file descriptor fd."),
        MethodDef::new("flock", "(fd, operation, /)", |vm, a| {
            let (fd, op) = (fileno(vm, a.get(0))?, vm.arg_i32(a.get(1))?);
            // SAFETY: takes no pointers.
            call::off(vm, || check(unsafe { libc::flock(fd, op) }))?;
            Ok(Value::NONE)
        })
        .doc("Perform the lock operation on file descriptor fd."),
        MethodDef::new("lockf", "(fd, cmd, len=0, start=0, whence=0, /)", lockf)
            .doc("A wrapper around the fcntl() locking calls."),
    ])
    .init(|vm, d| {
        for (name, n) in CONSTANTS {
            d.set_name(vm, name, vm.int(*n));
        }
        Ok(())
    });

macro_rules! constants {
    ($($name:ident)*; $($other:ident = $n:expr),*) => {
        &[$( (stringify!($name), libc::$name as i64) ,)* $( (stringify!($other), $n) ),*]
    };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    LOCK_SH LOCK_EX LOCK_NB LOCK_UN F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW
    F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_GETOWN F_SETOWN F_RDLCK F_WRLCK F_UNLCK F_SETLEASE F_GETLEASE F_NOTIFY
    F_SETPIPE_SZ F_GETPIPE_SZ FD_CLOEXEC F_ADD_SEALS F_GET_SEALS F_SEAL_SEAL F_SEAL_SHRINK F_SEAL_GROW F_SEAL_WRITE
    F_SEAL_FUTURE_WRITE;
    LOCK_MAND = 32, LOCK_READ = 64, LOCK_WRITE = 128, LOCK_RW = 192, F_GETSIG = 11, F_SETSIG = 10,
    F_GETLK64 = 5, F_SETLK64 = 6, F_SETLKW64 = 7, FASYNC = 8192, F_DUPFD_QUERY = 1027, F_EXLCK = 4, F_SHLCK = 8,
    FICLONE = 1_074_041_865, FICLONERANGE = 1_075_876_877, F_GETOWN_EX = 16, F_SETOWN_EX = 15, F_OWNER_TID = 0,
    F_OWNER_PID = 1, F_OWNER_PGRP = 2, F_GET_RW_HINT = 1035, F_SET_RW_HINT = 1036, F_GET_FILE_RW_HINT = 1037,
    F_SET_FILE_RW_HINT = 1038, RWH_WRITE_LIFE_NOT_SET = 0, RWH_WRITE_LIFE_NONE = 1, RWH_WRITE_LIFE_SHORT = 2,
    RWH_WRITE_LIFE_MEDIUM = 3, RWH_WRITE_LIFE_LONG = 4, RWH_WRITE_LIFE_EXTREME = 5, DN_ACCESS = 1, DN_MODIFY = 2,
    DN_CREATE = 4, DN_DELETE = 8, DN_RENAME = 16, DN_ATTRIB = 32, DN_MULTISHOT = 0x8000_0000
};

/// Bytes of an argument of `fcntl` or `ioctl` that is copied.
const MAX: usize = 1024;

/// The bytes of an argument that is text or bytes-like; `None` if it is neither.
fn bytes_of(vm: &Vm, v: &Value) -> PyResult<Option<Vec<u8>>> {
    if let Some(s) = v.downcast::<Str>() {
        return Ok(Some(s.as_bytes().to_vec()));
    }
    match vm.has_buffer(v) {
        true => Ok(Some(vm.get_contiguous(v, false)?.as_bytes().to_vec())),
        false => Ok(None),
    }
}

/// An integer argument as a word, whatever its sign.
fn word(vm: &Vm, v: Option<&Value>) -> PyResult<libc::c_long> {
    let Some(v) = v else { return Ok(0) };
    let index = vm.to_index(v)?;
    match serpens_vm::types::int::to_i64(&index) {
        Some(n) => Ok(n),
        None => vm.arg_u64(&index).map(|n| n as i64),
    }
}

fn fcntl(vm: &Vm, a: Args<'_>) -> PyResult {
    let (fd, cmd) = (fileno(vm, a.get(0))?, vm.arg_i32(a.get(1))?);
    if let Some(v) = a.opt(2)
        && !vm.is_int_like(v)
    {
        let Some(bytes) = bytes_of(vm, v)? else {
            let name = vm.type_of(v).name();
            return Err(vm.type_error(&format!(
                "fcntl() argument 3 must be an integer, a bytes-like object, or a string, not {name}"
            )));
        };
        if bytes.len() > MAX {
            return Err(vm.value_error("fcntl argument 3 is too long"));
        }
        let mut block = [0u8; MAX + 8];
        block[..bytes.len()].copy_from_slice(&bytes);
        // SAFETY: the block is larger than what any command reads or writes.
        call::off(vm, || check(unsafe { libc::fcntl(fd, cmd, block.as_mut_ptr()) }))?;
        return Ok(vm.bytes(&block[..bytes.len()]));
    }
    let arg = word(vm, a.opt(2))? as i32;
    // SAFETY: an integer argument.
    Ok(vm.int(call::off(vm, || check(unsafe { libc::fcntl(fd, cmd, arg) }))?))
}

fn ioctl(vm: &Vm, a: Args<'_>) -> PyResult {
    let fd = fileno(vm, a.get(0))?;
    let request = word(vm, Some(a.get(1)))? as libc::c_ulong;
    let mutate = a.opt(3).map_or(Ok(true), |v| vm.truthy(v))?;
    let Some(v) = a.opt(2).filter(|v| !vm.is_int_like(v)) else {
        let arg = word(vm, a.opt(2))?;
        // SAFETY: an integer argument, as the caller says.
        return Ok(vm.int(call::off(vm, || check(unsafe { libc::ioctl(fd, request, arg) }))?));
    };
    let Some(bytes) = bytes_of(vm, v)? else {
        let name = vm.type_of(v).name();
        return Err(vm.type_error(&format!(
            "ioctl() argument 3 must be an integer, a bytes-like object, or a string, not {name}"
        )));
    };
    let writable =
        mutate && !v.is_a::<Str>() && vm.unless(vm.get_contiguous(v, true), vm.types().BufferError)?.is_some();
    if bytes.len() > MAX && !writable {
        return Err(vm.value_error("ioctl argument 3 is too long"));
    }
    let mut block = bytes.clone();
    block.resize(bytes.len().max(MAX) + 8, 0);
    // SAFETY: the block holds what the caller gave, and more room than any request of that size writes.
    let n = call::off(vm, || check(unsafe { libc::ioctl(fd, request, block.as_mut_ptr()) }))?;
    if !writable {
        return Ok(vm.bytes(&block[..bytes.len()]));
    }
    let target = vm.get_contiguous(v, true)?;
    let target = target.bytes_mut();
    let n_bytes = bytes.len().min(target.len());
    target[..n_bytes].copy_from_slice(&block[..n_bytes]);
    Ok(vm.int(n))
}

fn lockf(vm: &Vm, a: Args<'_>) -> PyResult {
    let (fd, code) = (fileno(vm, a.get(0))?, vm.arg_i32(a.get(1))?);
    let kind = if code == libc::LOCK_UN {
        libc::F_UNLCK
    } else if code & libc::LOCK_SH != 0 {
        libc::F_RDLCK
    } else if code & libc::LOCK_EX != 0 {
        libc::F_WRLCK
    } else {
        return Err(vm.value_error("unrecognized lockf argument"));
    };
    // SAFETY: zeroes are valid.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as i16;
    lock.l_len = a.opt(2).map_or(Ok(0), |v| vm.arg_i64(v))?;
    lock.l_start = a.opt(3).map_or(Ok(0), |v| vm.arg_i64(v))?;
    lock.l_whence = a.opt(4).map_or(Ok(0), |v| vm.arg_i32(v))? as i16;
    let cmd = if code & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
    // SAFETY: the lock is a local.
    call::off(vm, || check(unsafe { libc::fcntl(fd, cmd, &lock) }))?;
    Ok(Value::NONE)
}
