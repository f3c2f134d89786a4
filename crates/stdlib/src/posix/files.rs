//! Files and directories: what `posix` offers on paths and descriptors.
#![expect(unsafe_code, reason = "system calls")]

use super::call::{self, check};
use super::path::{self, Accept, Path, dir_fd, fs_decode, fspath, path_or};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// Runs a system call on a path; its error carries the path.
fn on_path(vm: &Vm, p: &Path, f: impl FnMut() -> io::Result<i64>) -> PyResult<i64> {
    match call::retry(vm, f)? {
        Ok(n) => Ok(n),
        Err(e) => Err(vm.io_error(&e, Some(&p.given))),
    }
}

fn none_of<T>(r: PyResult<T>) -> PyResult {
    r.map(|_| Value::NONE)
}

/// A function of one path.
macro_rules! simple {
    ($name:literal, $sig:literal, |$p:ident| $call:expr) => {
        MethodDef::new($name, $sig, |vm, a| {
            let $p = path::path(vm, $name, a.get(0))?;
            // SAFETY: the path ends with a zero.
            none_of(on_path(vm, &$p, || check(unsafe { $call })))
        })
    };
}

/// A function of a descriptor.
macro_rules! on_fd {
    ($name:literal, $sig:literal, |$fd:ident| $call:expr) => {
        MethodDef::new($name, $sig, |vm, a| {
            let $fd = fd_arg(vm, a.get(0))?;
            // SAFETY: takes no pointers.
            none_of(call::off(vm, || check(unsafe { $call })))
        })
    };
}

/// A descriptor: a number, or an object with `fileno()`.
pub fn fd_arg(vm: &Vm, v: &Value) -> PyResult<i32> {
    if vm.has_index(v) {
        return vm.arg_i32(v);
    }
    match vm.getattr_opt(v, &vm.intern("fileno"))? {
        Some(f) => {
            let fd = vm.call_none(&f)?;
            if !vm.has_index(&fd) {
                return Err(vm.type_error("fileno() returned a non-integer"));
            }
            let fd = vm.arg_i32(&fd)?;
            if fd < 0 {
                return Err(vm.value_error(&format!("file descriptor cannot be a negative integer ({fd})")));
            }
            Ok(fd)
        }
        None => Err(vm.type_error("argument must be an int, or have a fileno() method.")),
    }
}

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("open", "(path, flags, mode=0o777, *, dir_fd=None)", |vm, a| {
        let p = path::path(vm, "open", a.get(0))?;
        let flags = vm.arg_i32(a.get(1))? | libc::O_CLOEXEC;
        let mode = a.opt(2).map_or(Ok(0o777), |m| vm.arg_i32(m))? as u32;
        let dir = dir_fd(vm, a.opt(3))?;
        let fd = on_path(vm, &p, || call::open_at(dir, &p.c, flags, mode).map(i64::from))?;
        Ok(vm.int(fd))
    }),
    MethodDef::new("close", "(fd)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        none_of(match serpens_state::blocking(vm, || call::close(fd)) {
            Err(e) if e.raw_os_error() != Some(libc::EINTR) => Err(vm.io_error(&e, None)),
            _ => Ok(()),
        })
    }),
    MethodDef::new("closerange", "(fd_low, fd_high, /)", |vm, a| {
        for fd in vm.arg_i32(a.get(0))?..vm.arg_i32(a.get(1))? {
            let _ = call::close(fd);
        }
        Ok(Value::NONE)
    }),
    MethodDef::new("read", "(fd, length, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        let Ok(n) = usize::try_from(vm.arg_isize(a.get(1))?) else { return Err(vm.os_error(libc::EINVAL, None)) };
        vm.check_alloc(n)?;
        let mut buf = vec![0; n];
        let got = call::off(vm, || call::read(fd, &mut buf))?;
        Ok(vm.bytes(&buf[..got]))
    }),
    MethodDef::new("readinto", "(fd, buffer, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        let target = vm.get_contiguous(a.get(1), true)?;
        let mut buf = vec![0; target.len];
        let got = call::off(vm, || call::read(fd, &mut buf))?;
        target.bytes_mut()[..got].copy_from_slice(&buf[..got]);
        Ok(Value::from_usize(got))
    }),
    MethodDef::new("write", "(fd, data, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        let data = vm.bytes_arg(a.get(1))?.to_vec();
        Ok(Value::from_usize(call::off(vm, || call::write(fd, &data))?))
    }),
    MethodDef::new("pread", "(fd, length, offset, /)", |vm, a| {
        let (fd, n, at) = (vm.arg_i32(a.get(0))?, vm.arg_usize(a.get(1))?, vm.arg_i64(a.get(2))?);
        vm.check_alloc(n)?;
        let mut buf = vec![0; n];
        let got = call::off(vm, || call::pread(fd, &mut buf, at))?;
        Ok(vm.bytes(&buf[..got]))
    }),
    MethodDef::new("pwrite", "(fd, buffer, offset, /)", |vm, a| {
        let (fd, at) = (vm.arg_i32(a.get(0))?, vm.arg_i64(a.get(2))?);
        let data = vm.bytes_arg(a.get(1))?.to_vec();
        Ok(Value::from_usize(call::off(vm, || call::pwrite(fd, &data, at))?))
    }),
    MethodDef::new("lseek", "(fd, position, whence, /)", |vm, a| {
        let (fd, at, whence) = (vm.arg_i32(a.get(0))?, vm.arg_i64(a.get(1))?, vm.arg_i32(a.get(2))?);
        Ok(vm.int(call::off(vm, || call::lseek(fd, at, whence))?))
    }),
    MethodDef::new("isatty", "(fd, /)", |vm, a| Ok(Value::bool(call::isatty(vm.arg_i32(a.get(0))?)))),
    MethodDef::new("dup", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        Ok(vm.int(call::off(vm, || check(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) }))?))
    }),
    MethodDef::new("dup2", "(fd, fd2, inheritable=True)", |vm, a| {
        let (fd, to) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
        let flags = if a.opt(2).map_or(Ok(true), |v| vm.truthy(v))? { 0 } else { libc::O_CLOEXEC };
        // SAFETY: takes no pointers.
        let made =
            call::off(vm, || check(unsafe { if fd == to { libc::dup2(fd, to) } else { libc::dup3(fd, to, flags) } }))?;
        Ok(vm.int(made))
    }),
    MethodDef::new("pipe", "()", |vm, _| pipe(vm, libc::O_CLOEXEC)),
    MethodDef::new("pipe2", "(flags, /)", |vm, a| pipe(vm, vm.arg_i32(a.get(0))?)),
    MethodDef::new("ftruncate", "(fd, length, /)", |vm, a| {
        let (fd, n) = (vm.arg_i32(a.get(0))?, vm.arg_i64(a.get(1))?);
        none_of(call::off(vm, || call::ftruncate(fd, n)))
    }),
    MethodDef::new("truncate", "(path, length)", |vm, a| {
        let p = path_or(vm, "truncate", "path", a.get(0), Accept { fd: true, none: false })?;
        let n = vm.arg_i64(a.get(1))?;
        none_of(on_path(vm, &p, || match p.fd {
            Some(fd) => call::ftruncate(fd, n).map(|()| 0),
            // SAFETY: the path ends with a zero.
            None => check(unsafe { libc::truncate(p.c.as_ptr(), n) }),
        }))
    }),
    on_fd!("fsync", "(fd)", |fd| libc::fsync(fd)),
    on_fd!("fdatasync", "(fd)", |fd| libc::fdatasync(fd)),
    on_fd!("fchdir", "(fd)", |fd| libc::fchdir(fd)),
    MethodDef::new("get_inheritable", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        Ok(Value::bool(!call::off(vm, || call::cloexec(fd))?))
    }),
    MethodDef::new("set_inheritable", "(fd, inheritable, /)", |vm, a| {
        let (fd, on) = (vm.arg_i32(a.get(0))?, vm.truthy(a.get(1))?);
        none_of(call::off(vm, || call::set_cloexec(fd, !on)))
    }),
    MethodDef::new("get_blocking", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        Ok(Value::bool(call::off(vm, || call::get_blocking(fd))?))
    }),
    MethodDef::new("set_blocking", "(fd, blocking, /)", |vm, a| {
        let (fd, on) = (vm.arg_i32(a.get(0))?, vm.truthy(a.get(1))?);
        none_of(call::off(vm, || call::set_blocking(fd, on)))
    }),
    MethodDef::new("mkdir", "(path, mode=0o777, *, dir_fd=None)", |vm, a| {
        let p = path::path(vm, "mkdir", a.get(0))?;
        let mode = a.opt(1).map_or(Ok(0o777), |m| vm.arg_i32(m))? as libc::mode_t;
        let dir = dir_fd(vm, a.opt(2))?;
        // SAFETY: the path ends with a zero.
        none_of(on_path(vm, &p, || check(unsafe { libc::mkdirat(dir, p.c.as_ptr(), mode) })))
    }),
    MethodDef::new("rmdir", "(path, *, dir_fd=None)", |vm, a| remove(vm, a, "rmdir", libc::AT_REMOVEDIR)),
    MethodDef::new("unlink", "(path, *, dir_fd=None)", |vm, a| remove(vm, a, "unlink", 0)),
    MethodDef::new("remove", "(path, *, dir_fd=None)", |vm, a| remove(vm, a, "remove", 0)),
    MethodDef::new("rename", "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", |vm, a| rename(vm, a, "rename")),
    MethodDef::new("replace", "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", |vm, a| rename(vm, a, "replace")),
    MethodDef::new("link", "(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)", |vm, a| {
        let (from, to) = (
            path_or(vm, "link", "src", a.get(0), Accept::default())?,
            path_or(vm, "link", "dst", a.get(1), Accept::default())?,
        );
        let (d1, d2) = (dir_fd(vm, a.opt(2))?, dir_fd(vm, a.opt(3))?);
        let flags = if a.opt(4).map_or(Ok(true), |f| vm.truthy(f))? { libc::AT_SYMLINK_FOLLOW } else { 0 };
        // SAFETY: the paths end with zeroes.
        match call::retry(vm, || check(unsafe { libc::linkat(d1, from.c.as_ptr(), d2, to.c.as_ptr(), flags) }))? {
            Ok(_) => Ok(Value::NONE),
            Err(e) => Err(vm.os_error2(e.raw_os_error().unwrap_or(0), Some(&from.given), Some(&to.given))),
        }
    }),
    MethodDef::new("symlink", "(src, dst, target_is_directory=False, *, dir_fd=None)", |vm, a| {
        let (from, to) = (
            path_or(vm, "symlink", "src", a.get(0), Accept::default())?,
            path_or(vm, "symlink", "dst", a.get(1), Accept::default())?,
        );
        let dir = dir_fd(vm, a.opt(3))?;
        // SAFETY: the paths end with zeroes.
        match call::retry(vm, || check(unsafe { libc::symlinkat(from.c.as_ptr(), dir, to.c.as_ptr()) }))? {
            Ok(_) => Ok(Value::NONE),
            Err(e) => Err(vm.os_error2(e.raw_os_error().unwrap_or(0), Some(&from.given), Some(&to.given))),
        }
    }),
    MethodDef::new("readlink", "(path, *, dir_fd=None)", |vm, a| {
        let p = path::path(vm, "readlink", a.get(0))?;
        let dir = dir_fd(vm, a.opt(1))?;
        let mut buf = vec![0u8; libc::PATH_MAX as usize];
        let n = on_path(vm, &p, || {
            // SAFETY: the path ends with a zero; the buffer is writable for its length.
            check(unsafe { libc::readlinkat(dir, p.c.as_ptr(), buf.as_mut_ptr().cast(), buf.len()) } as i64)
        })?;
        p.name(vm, &buf[..n as usize])
    }),
    MethodDef::new("chdir", "(path)", |vm, a| {
        let p = path_or(vm, "chdir", "path", a.get(0), Accept { fd: true, none: false })?;
        // SAFETY: the path ends with a zero.
        none_of(on_path(vm, &p, || {
            // SAFETY: the paths are NUL-terminated and alive during the call; the arguments are plain numbers.
            check(unsafe {
                match p.fd {
                    Some(fd) => libc::fchdir(fd),
                    None => libc::chdir(p.c.as_ptr()),
                }
            })
        }))
    }),
    simple!("chroot", "(path)", |p| libc::chroot(p.c.as_ptr())),
    MethodDef::new("getcwd", "()", |vm, _| {
        let dir = std::env::current_dir().map_err(|e| vm.io_error(&e, None))?;
        fs_decode(vm, dir.as_os_str().as_bytes())
    }),
    MethodDef::new("getcwdb", "()", |vm, _| {
        let dir = std::env::current_dir().map_err(|e| vm.io_error(&e, None))?;
        Ok(vm.bytes(&dir.into_os_string().into_vec()))
    }),
    MethodDef::new("chmod", "(path, mode, *, dir_fd=None, follow_symlinks=True)", |vm, a| {
        let p = path_or(vm, "chmod", "path", a.get(0), Accept { fd: true, none: false })?;
        let mode = vm.arg_i32(a.get(1))? as libc::mode_t;
        let dir = dir_fd(vm, a.opt(2))?;
        let flags = if a.opt(3).map_or(Ok(true), |f| vm.truthy(f))? { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        // SAFETY: the path ends with a zero.
        none_of(on_path(vm, &p, || {
            // SAFETY: the paths are NUL-terminated and alive during the call; the arguments are plain numbers.
            check(unsafe {
                match p.fd {
                    Some(fd) => libc::fchmod(fd, mode),
                    None => libc::fchmodat(dir, p.c.as_ptr(), mode, flags),
                }
            })
        }))
    }),
    MethodDef::new("fchmod", "(fd, mode)", |vm, a| {
        let (fd, mode) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))? as libc::mode_t);
        // SAFETY: takes no pointers.
        none_of(call::off(vm, || check(unsafe { libc::fchmod(fd, mode) })))
    }),
    MethodDef::new("chown", "(path, uid, gid, *, dir_fd=None, follow_symlinks=True)", |vm, a| {
        let p = path_or(vm, "chown", "path", a.get(0), Accept { fd: true, none: false })?;
        let (uid, gid) = (vm.arg_i64(a.get(1))? as u32, vm.arg_i64(a.get(2))? as u32);
        let dir = dir_fd(vm, a.opt(3))?;
        let flags = if a.opt(4).map_or(Ok(true), |f| vm.truthy(f))? { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        // SAFETY: the path ends with a zero.
        none_of(on_path(vm, &p, || {
            // SAFETY: the paths are NUL-terminated and alive during the call; the arguments are plain numbers.
            check(unsafe {
                match p.fd {
                    Some(fd) => libc::fchown(fd, uid, gid),
                    None => libc::fchownat(dir, p.c.as_ptr(), uid, gid, flags),
                }
            })
        }))
    }),
    MethodDef::new("access", "(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)", |vm, a| {
        let p = path::path(vm, "access", a.get(0))?;
        let mode = vm.arg_i32(a.get(1))?;
        let dir = dir_fd(vm, a.opt(2))?;
        let mut flags = 0;
        if a.opt(3).map_or(Ok(false), |f| vm.truthy(f))? {
            flags |= libc::AT_EACCESS;
        }
        if !a.opt(4).map_or(Ok(true), |f| vm.truthy(f))? {
            flags |= libc::AT_SYMLINK_NOFOLLOW;
        }
        // SAFETY: the path ends with a zero.
        Ok(Value::bool(call::retry(vm, || check(unsafe { libc::faccessat(dir, p.c.as_ptr(), mode, flags) }))?.is_ok()))
    }),
    MethodDef::new("utime", "(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True)", utime),
    MethodDef::new("mkfifo", "(path, mode=0o666, *, dir_fd=None)", |vm, a| {
        let p = path::path(vm, "mkfifo", a.get(0))?;
        let mode = a.opt(1).map_or(Ok(0o666), |m| vm.arg_i32(m))? as libc::mode_t;
        let dir = dir_fd(vm, a.opt(2))?;
        // SAFETY: the path ends with a zero.
        none_of(on_path(vm, &p, || check(unsafe { libc::mkfifoat(dir, p.c.as_ptr(), mode) })))
    }),
    MethodDef::new("umask", "(mask, /)", |vm, a| {
        let mask = vm.arg_i32(a.get(0))? as libc::mode_t;
        // SAFETY: takes no pointers.
        Ok(vm.int(unsafe { libc::umask(mask) } as i64))
    }),
    MethodDef::new("sync", "()", |vm, _| {
        // SAFETY: takes no pointers.
        serpens_state::blocking(vm, || unsafe { libc::sync() });
        Ok(Value::NONE)
    }),
    MethodDef::new("fspath", "(path)", |vm, a| fspath(vm, a.get(0)))
        .doc("Return the file system path representation of the object."),
    MethodDef::new("_path_normpath", "(path)", |vm, a| {
        let (bytes, text) = split_arg(vm, a.get(0))?;
        give(vm, &normpath(&text), bytes)
    }),
    MethodDef::new("_path_splitroot_ex", "(path, /)", |vm, a| {
        let (bytes, text) = split_arg(vm, a.get(0))?;
        let n = text.iter().take_while(|b| **b == b'/').count();
        let n = if n == 2 { 2 } else { n.min(1) };
        Ok(vm.tuple(vec![give(vm, b"", bytes)?, give(vm, &text[..n], bytes)?, give(vm, &text[n..], bytes)?]))
    }),
    MethodDef::new("ttyname", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        match std::fs::read_link(format!("/proc/self/fd/{fd}")) {
            Ok(p) if call::isatty(fd) => fs_decode(vm, p.as_os_str().as_bytes()),
            _ => Err(vm.os_error(libc::ENOTTY, None)),
        }
    }),
    MethodDef::new("get_terminal_size", "(fd=1, /)", |vm, a| {
        let fd = a.opt(0).map_or(Ok(1), |f| vm.arg_i32(f))?;
        let mut ws = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: the target is a winsize.
        call::off(vm, || check(unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut ws) }))?;
        super::results::TERMINAL_SIZE.make(vm, vec![vm.int(ws.ws_col as i64), vm.int(ws.ws_row as i64)])
    }),
    MethodDef::new("sendfile", "(out_fd, in_fd, offset, count)", |vm, a| {
        let (out, from) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
        let n = vm.arg_usize(a.get(3))?;
        let start = a.some(2).map(|o| vm.arg_i64(o)).transpose()?;
        let sent = call::off(vm, || {
            let mut at = start.unwrap_or(0);
            let p = if start.is_some() { &raw mut at } else { std::ptr::null_mut() };
            // SAFETY: the offset is a local or null.
            check(unsafe { libc::sendfile(out, from, p, n) } as i64)
        })?;
        Ok(vm.int(sent))
    }),
];

fn pipe(vm: &Vm, flags: i32) -> PyResult {
    let mut fds = [0; 2];
    // SAFETY: the target has room for two descriptors.
    call::off(vm, || check(unsafe { libc::pipe2(fds.as_mut_ptr(), flags) }))?;
    Ok(vm.tuple(vec![vm.int(fds[0] as i64), vm.int(fds[1] as i64)]))
}

fn remove(vm: &Vm, a: Args<'_>, name: &str, flags: i32) -> PyResult {
    let p = path::path(vm, name, a.get(0))?;
    let dir = dir_fd(vm, a.opt(1))?;
    // SAFETY: the path ends with a zero.
    none_of(on_path(vm, &p, || check(unsafe { libc::unlinkat(dir, p.c.as_ptr(), flags) })))
}

fn rename(vm: &Vm, a: Args<'_>, name: &str) -> PyResult {
    let from = path_or(vm, name, "src", a.get(0), Accept::default())?;
    let to = path_or(vm, name, "dst", a.get(1), Accept::default())?;
    let (d1, d2) = (dir_fd(vm, a.opt(2))?, dir_fd(vm, a.opt(3))?);
    // SAFETY: the paths end with zeroes.
    match call::retry(vm, || check(unsafe { libc::renameat(d1, from.c.as_ptr(), d2, to.c.as_ptr()) }))? {
        Ok(_) => Ok(Value::NONE),
        Err(e) => Err(vm.os_error2(e.raw_os_error().unwrap_or(0), Some(&from.given), Some(&to.given))),
    }
}

fn utime(vm: &Vm, a: Args<'_>) -> PyResult {
    let p = path_or(vm, "utime", "path", a.get(0), Accept { fd: true, none: false })?;
    let dir = dir_fd(vm, a.opt(3))?;
    let flags = if a.opt(4).map_or(Ok(true), |f| vm.truthy(f))? { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    if a.some(1).is_some() && a.opt(2).is_some() {
        return Err(vm.value_error("utime: you may specify either 'times' or 'ns' but not both"));
    }
    let now = libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW };
    let mut times = [now, now];
    let given = a.some(1).or(a.opt(2));
    if let Some(pair) = given {
        let Some([x, y]) = pair.downcast::<Tuple>().map(|t| t.as_slice()) else {
            let what = if a.some(1).is_some() {
                "'times' must be either a tuple of two ints or None"
            } else {
                "'ns' must be a tuple of two ints"
            };
            return Err(vm.type_error(&format!("utime: {what}")));
        };
        for (slot, v) in times.iter_mut().zip([x, y]) {
            *slot = if a.some(1).is_some() {
                if vm.has_index(v) {
                    libc::timespec { tv_sec: vm.arg_i64(v)?, tv_nsec: 0 }
                } else {
                    let s = vm.to_f64(v)?;
                    libc::timespec { tv_sec: s.floor() as i64, tv_nsec: ((s - s.floor()) * 1e9) as i64 }
                }
            } else {
                let ns = vm.arg_i64(v)?;
                libc::timespec { tv_sec: ns.div_euclid(1_000_000_000), tv_nsec: ns.rem_euclid(1_000_000_000) }
            };
        }
    }
    // SAFETY: the path ends with a zero; two times are given.
    none_of(on_path(vm, &p, || {
        // SAFETY: the paths are NUL-terminated and alive during the call; the arguments are plain numbers.
        check(unsafe {
            match p.fd {
                Some(fd) => libc::futimens(fd, times.as_ptr()),
                None => libc::utimensat(dir, p.c.as_ptr(), times.as_ptr(), flags),
            }
        })
    }))
}

fn split_arg(vm: &Vm, v: &Value) -> PyResult<(bool, Vec<u8>)> {
    let v = fspath(vm, v)?;
    let bytes = v.is_a::<Bytes>();
    let text = match (v.downcast::<Bytes>(), v.downcast::<serpens_vm::types::str::Str>()) {
        (Some(b), _) => b.as_bytes().to_vec(),
        (_, Some(s)) => s.as_bytes().to_vec(),
        _ => Vec::new(),
    };
    Ok((bytes, text))
}

fn give(vm: &Vm, text: &[u8], bytes: bool) -> PyResult {
    Ok(if bytes { vm.bytes(text) } else { vm.str_wtf8(text) })
}

fn normpath(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let slashes = path.iter().take_while(|b| **b == b'/').count();
    let root = if slashes == 2 { 2 } else { slashes.min(1) };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if root > 0 && parts.is_empty() => {}
            b".." if parts.last().is_some_and(|p| *p != b"..") => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let mut out = path[..root].to_vec();
    out.extend_from_slice(&parts.join(&b"/"[..]));
    if out.is_empty() { b".".to_vec() } else { out }
}
