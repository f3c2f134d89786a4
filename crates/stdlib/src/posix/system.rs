//! What the system says of file systems, limits and schedules; extended attributes; terminals.
#![expect(unsafe_code, reason = "system calls")]

use super::call::{self, check};
use super::identity::{done, gid, uid};
use super::path::{self, Accept, fs_encode};
use super::results::SCHED_PARAM;
use serpens_state::structseq::StructSeq;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::ffi::CString;

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("statvfs", "(path)", |vm, a| {
        let p = path::path_or(vm, "statvfs", "path", a.get(0), Accept { fd: true, none: false })?;
        // SAFETY: zeroes are valid; the target is a local; the path ends with a zero.
        let mut st: libc::statvfs = unsafe { std::mem::zeroed() };
        let result = call::retry(vm, || match p.fd {
            // SAFETY: as above.
            Some(fd) => check(unsafe { libc::fstatvfs(fd, &mut st) }),
            // SAFETY: as above.
            None => check(unsafe { libc::statvfs(p.c.as_ptr(), &mut st) }),
        })?;
        result.map_err(|e| vm.io_error(&e, Some(&p.given)))?;
        statvfs_result(vm, &st)
    }),
    MethodDef::new("fstatvfs", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        // SAFETY: zeroes are valid.
        let mut st: libc::statvfs = unsafe { std::mem::zeroed() };
        // SAFETY: the target is a local.
        call::off(vm, || check(unsafe { libc::fstatvfs(fd, &mut st) }))?;
        statvfs_result(vm, &st)
    }),
    MethodDef::new("lchown", "(path, uid, gid)", |vm, a| {
        let p = path::path(vm, "lchown", a.get(0))?;
        let (u, g) = (uid(vm, a.get(1))?, gid(vm, a.get(2))?);
        // SAFETY: the path ends with a zero.
        let result = call::retry(vm, || check(unsafe { libc::lchown(p.c.as_ptr(), u, g) }))?;
        result.map_err(|e| vm.io_error(&e, Some(&p.given)))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("fchown", "(fd, uid, gid)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        let (u, g) = (uid(vm, a.get(1))?, gid(vm, a.get(2))?);
        // SAFETY: takes no pointers.
        call::off(vm, || check(unsafe { libc::fchown(fd, u, g) }))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("mknod", "(path, mode=384, device=0, *, dir_fd=None)", |vm, a| {
        let p = path::path(vm, "mknod", a.get(0))?;
        let mode = a.opt(1).map_or(Ok(0o600), |v| vm.arg_i32(v))? as libc::mode_t;
        let device = a.opt(2).map_or(Ok(0), |v| vm.arg_u64(v))?;
        let dir = path::dir_fd(vm, a.opt(3))?;
        // SAFETY: the path ends with a zero.
        let result = call::retry(vm, || check(unsafe { libc::mknodat(dir, p.c.as_ptr(), mode, device) }))?;
        result.map_err(|e| vm.io_error(&e, Some(&p.given)))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("makedev", "(major, minor, /)", |vm, a| {
        let (major, minor) = (vm.arg_u64(a.get(0))? as u32, vm.arg_u64(a.get(1))? as u32);
        Ok(vm.int_u64(libc::makedev(major, minor)))
    }),
    MethodDef::new("major", "(device, /)", |vm, a| Ok(vm.int(i64::from(libc::major(vm.arg_u64(a.get(0))?))))),
    MethodDef::new("minor", "(device, /)", |vm, a| Ok(vm.int(i64::from(libc::minor(vm.arg_u64(a.get(0))?))))),
    MethodDef::new("getxattr", "(path, attribute, *, follow_symlinks=True)", get_xattr),
    MethodDef::new("setxattr", "(path, attribute, value, flags=0, *, follow_symlinks=True)", set_xattr),
    MethodDef::new("removexattr", "(path, attribute, *, follow_symlinks=True)", remove_xattr),
    MethodDef::new("listxattr", "(path=None, *, follow_symlinks=True)", list_xattr),
    MethodDef::new("pathconf", "(path, name)", |vm, a| {
        let p = path::path_or(vm, "pathconf", "path", a.get(0), Accept { fd: true, none: false })?;
        let name = conf_name(vm, a.get(1), PATHCONF)?;
        // SAFETY: the path ends with a zero; -1 without an error is an answer.
        let n = unsafe {
            *libc::__errno_location() = 0;
            match p.fd {
                Some(fd) => libc::fpathconf(fd, name),
                None => libc::pathconf(p.c.as_ptr(), name),
            }
        };
        conf_answer(vm, n, Some(&p.given))
    }),
    MethodDef::new("fpathconf", "(fd, name, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        let name = conf_name(vm, a.get(1), PATHCONF)?;
        // SAFETY: as above.
        let n = unsafe {
            *libc::__errno_location() = 0;
            libc::fpathconf(fd, name)
        };
        conf_answer(vm, n, None)
    }),
    MethodDef::new("confstr", "(name, /)", |vm, a| {
        let name = conf_name(vm, a.get(0), CONFSTR)?;
        let mut buffer = vec![0u8; 1024];
        // SAFETY: the buffer has the length given.
        let n = unsafe { libc::confstr(name, buffer.as_mut_ptr().cast(), buffer.len()) };
        if n == 0 {
            return Ok(Value::NONE);
        }
        path::fs_decode(vm, &buffer[..(n - 1).min(buffer.len() - 1)])
    }),
    MethodDef::new("sched_get_priority_max", "(policy)", |vm, a| {
        let policy = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        number(vm, check(unsafe { libc::sched_get_priority_max(policy) }))
    }),
    MethodDef::new("sched_get_priority_min", "(policy)", |vm, a| {
        let policy = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        number(vm, check(unsafe { libc::sched_get_priority_min(policy) }))
    }),
    MethodDef::new("sched_getscheduler", "(pid, /)", |vm, a| {
        let pid = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        number(vm, check(unsafe { libc::sched_getscheduler(pid) }))
    }),
    MethodDef::new("sched_setscheduler", "(pid, policy, param, /)", |vm, a| {
        let (pid, policy, param) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?, sched_param(vm, a.get(2))?);
        // SAFETY: the parameters are a local.
        done(vm, check(unsafe { libc::sched_setscheduler(pid, policy, &param) }))
    }),
    MethodDef::new("sched_getparam", "(pid, /)", |vm, a| {
        let pid = vm.arg_i32(a.get(0))?;
        let mut param = libc::sched_param { sched_priority: 0 };
        // SAFETY: the target is a local.
        check(unsafe { libc::sched_getparam(pid, &mut param) }).map_err(|e| vm.io_error(&e, None))?;
        SCHED_PARAM.make(vm, vec![vm.int(i64::from(param.sched_priority))])
    }),
    MethodDef::new("sched_setparam", "(pid, param, /)", |vm, a| {
        let (pid, param) = (vm.arg_i32(a.get(0))?, sched_param(vm, a.get(1))?);
        // SAFETY: the parameters are a local.
        done(vm, check(unsafe { libc::sched_setparam(pid, &param) }))
    }),
    MethodDef::new("sched_rr_get_interval", "(pid, /)", |vm, a| {
        let pid = vm.arg_i32(a.get(0))?;
        let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the target is a local.
        check(unsafe { libc::sched_rr_get_interval(pid, &mut t) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::float(t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9))
    }),
    MethodDef::new("sched_setaffinity", "(pid, mask, /)", |vm, a| {
        let pid = vm.arg_i32(a.get(0))?;
        // SAFETY: zeroes are an empty set.
        let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        for v in vm.collect(a.get(1))? {
            let n = vm.arg_i64(&v)?;
            if n < 0 {
                return Err(vm.value_error("negative CPU number"));
            }
            if n >= i64::from(libc::CPU_SETSIZE) {
                return Err(vm.os_error(libc::EINVAL, None));
            }
            // SAFETY: the number fits in the set.
            unsafe { libc::CPU_SET(n as usize, &mut set) };
        }
        // SAFETY: the set has the size given.
        done(vm, check(unsafe { libc::sched_setaffinity(pid, size_of::<libc::cpu_set_t>(), &set) }))
    }),
    MethodDef::new("openpty", "()", |vm, _| {
        let (mut main, mut sub) = (-1, -1);
        let null = std::ptr::null_mut;
        // SAFETY: the targets are locals; the rest is left out.
        check(unsafe { libc::openpty(&mut main, &mut sub, null(), std::ptr::null(), std::ptr::null()) })
            .map_err(|e| vm.io_error(&e, None))?;
        for fd in [main, sub] {
            call::set_cloexec(fd, true).map_err(|e| vm.io_error(&e, None))?;
        }
        Ok(vm.pair(vm.int(i64::from(main)), vm.int(i64::from(sub))))
    }),
    MethodDef::new("login_tty", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::login_tty(fd) }))
    }),
    MethodDef::new("posix_openpt", "(oflag, /)", |vm, a| {
        let flags = vm.arg_i32(a.get(0))? | libc::O_CLOEXEC;
        // SAFETY: takes no pointers.
        number(vm, check(unsafe { libc::posix_openpt(flags) }))
    }),
    MethodDef::new("grantpt", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::grantpt(fd) }))
    }),
    MethodDef::new("unlockpt", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::unlockpt(fd) }))
    }),
    MethodDef::new("ptsname", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        let mut name = [0u8; 128];
        // SAFETY: the target is one byte longer than it says, so that the name ends with a zero.
        match unsafe { libc::ptsname_r(fd, name.as_mut_ptr().cast(), name.len() - 1) } {
            0 => path::fs_decode(vm, name.split(|b| *b == 0).next().unwrap_or_default()),
            e => Err(vm.os_error(e, None)),
        }
    }),
    MethodDef::new("device_encoding", "(fd)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        Ok(if call::isatty(fd) { vm.str("utf-8") } else { Value::NONE })
    }),
];

/// `os.statvfs_result`.
pub static STATVFS_RESULT: StructSeq = StructSeq {
    name: "statvfs_result",
    module: "os",
    doc: "statvfs_result: Result from statvfs or fstatvfs.",
    fields: &[
        ("f_bsize", ""),
        ("f_frsize", ""),
        ("f_blocks", ""),
        ("f_bfree", ""),
        ("f_bavail", ""),
        ("f_files", ""),
        ("f_ffree", ""),
        ("f_favail", ""),
        ("f_flag", ""),
        ("f_namemax", ""),
        ("f_fsid", ""),
    ],
    n_sequence: 10,
};

fn statvfs_result(vm: &Vm, s: &libc::statvfs) -> PyResult {
    let numbers = [
        s.f_bsize,
        s.f_frsize,
        s.f_blocks,
        s.f_bfree,
        s.f_bavail,
        s.f_files,
        s.f_ffree,
        s.f_favail,
        s.f_flag,
        s.f_namemax,
        s.f_fsid,
    ];
    STATVFS_RESULT.make(vm, numbers.iter().map(|n| vm.int_u64(*n)).collect())
}

fn number(vm: &Vm, result: std::io::Result<i64>) -> PyResult {
    Ok(vm.int(result.map_err(|e| vm.io_error(&e, None))?))
}

fn sched_param(vm: &Vm, v: &Value) -> PyResult<libc::sched_param> {
    match v.downcast::<Tuple>().map(Tuple::as_slice) {
        Some([n]) => Ok(libc::sched_param { sched_priority: vm.arg_i32(n)? }),
        _ => Err(vm.type_error("must have a sched_param object")),
    }
}

/// Names of `pathconf()`.
pub const PATHCONF: &[(&str, i32)] = &[
    ("PC_LINK_MAX", libc::_PC_LINK_MAX),
    ("PC_MAX_CANON", libc::_PC_MAX_CANON),
    ("PC_MAX_INPUT", libc::_PC_MAX_INPUT),
    ("PC_NAME_MAX", libc::_PC_NAME_MAX),
    ("PC_PATH_MAX", libc::_PC_PATH_MAX),
    ("PC_PIPE_BUF", libc::_PC_PIPE_BUF),
    ("PC_CHOWN_RESTRICTED", libc::_PC_CHOWN_RESTRICTED),
    ("PC_NO_TRUNC", libc::_PC_NO_TRUNC),
    ("PC_VDISABLE", libc::_PC_VDISABLE),
    ("PC_SYNC_IO", libc::_PC_SYNC_IO),
];

/// Names of `confstr()`.
pub const CONFSTR: &[(&str, i32)] = &[("CS_PATH", 0), ("CS_GNU_LIBC_VERSION", 2), ("CS_GNU_LIBPTHREAD_VERSION", 3)];

fn conf_name(vm: &Vm, v: &Value, names: &[(&str, i32)]) -> PyResult<i32> {
    match v.downcast::<Str>() {
        Some(s) => match names.iter().find(|(n, _)| s == *n) {
            Some((_, n)) => Ok(*n),
            None => Err(vm.value_error("unrecognized configuration name")),
        },
        None if vm.has_index(v) => vm.arg_i32(v),
        None => Err(vm.type_error("configuration names must be strings or integers")),
    }
}

fn conf_answer(vm: &Vm, n: i64, given: Option<&Value>) -> PyResult {
    let e = std::io::Error::last_os_error();
    if n == -1 && e.raw_os_error() != Some(0) { Err(vm.io_error(&e, given)) } else { Ok(vm.int(n)) }
}

/// A path or descriptor with extended attributes.
struct Target {
    path: path::Path,
    follow: bool,
}

impl Target {
    fn new(vm: &Vm, function: &str, v: &Value, follow: Option<&Value>, none: bool) -> PyResult<Target> {
        let path = path::path_or(vm, function, "path", v, Accept { fd: true, none })?;
        let follow = follow.map_or(Ok(true), |f| vm.truthy(f))?;
        if path.fd.is_some() && !follow {
            return Err(vm.value_error(&format!("{function}: cannot use fd and follow_symlinks together")));
        }
        Ok(Target { path, follow })
    }

    fn failed(&self, vm: &Vm, e: &std::io::Error) -> serpens_vm::Raised {
        vm.io_error(e, Some(&self.path.given))
    }
}

fn attribute(vm: &Vm, v: &Value) -> PyResult<CString> {
    let name = path::fspath(vm, v)?;
    CString::new(fs_encode(vm, &name)?).map_err(|_| vm.value_error("embedded null byte"))
}

/// Calls `f` with buffers of growing size until the answer fits.
fn growing(vm: &Vm, t: &Target, mut f: impl FnMut(&mut [u8]) -> std::io::Result<i64>) -> PyResult<Vec<u8>> {
    for size in [256, 65536] {
        let mut buffer = vec![0u8; size];
        match serpens_state::blocking(vm, || f(&mut buffer)) {
            Ok(n) => {
                buffer.truncate(n as usize);
                return Ok(buffer);
            }
            Err(e) if e.raw_os_error() == Some(libc::ERANGE) && size < 65536 => {}
            Err(e) => return Err(t.failed(vm, &e)),
        }
    }
    Err(vm.os_error(libc::ERANGE, Some(&t.path.given)))
}

fn get_xattr(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = Target::new(vm, "getxattr", a.get(0), a.opt(2), false)?;
    let name = attribute(vm, a.get(1))?;
    let value = growing(vm, &t, |b| {
        let (at, len) = (b.as_mut_ptr().cast(), b.len());
        // SAFETY: the strings end with zeroes; the buffer has the length given.
        check(unsafe {
            match t.path.fd {
                Some(fd) => libc::fgetxattr(fd, name.as_ptr(), at, len),
                None if t.follow => libc::getxattr(t.path.c.as_ptr(), name.as_ptr(), at, len),
                None => libc::lgetxattr(t.path.c.as_ptr(), name.as_ptr(), at, len),
            }
        } as i64)
    })?;
    Ok(vm.bytes(&value))
}

fn set_xattr(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = Target::new(vm, "setxattr", a.get(0), a.opt(4), false)?;
    let name = attribute(vm, a.get(1))?;
    let value = vm.get_contiguous(a.get(2), false)?.as_bytes().to_vec();
    let flags = a.opt(3).map_or(Ok(0), |v| vm.arg_i32(v))?;
    let (at, len) = (value.as_ptr().cast(), value.len());
    let result = serpens_state::blocking(vm, || {
        // SAFETY: the strings end with zeroes; the value has the length given.
        check(unsafe {
            match t.path.fd {
                Some(fd) => libc::fsetxattr(fd, name.as_ptr(), at, len, flags),
                None if t.follow => libc::setxattr(t.path.c.as_ptr(), name.as_ptr(), at, len, flags),
                None => libc::lsetxattr(t.path.c.as_ptr(), name.as_ptr(), at, len, flags),
            }
        })
    });
    result.map_err(|e| t.failed(vm, &e))?;
    Ok(Value::NONE)
}

fn remove_xattr(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = Target::new(vm, "removexattr", a.get(0), a.opt(2), false)?;
    let name = attribute(vm, a.get(1))?;
    let result = serpens_state::blocking(vm, || {
        // SAFETY: the strings end with zeroes.
        check(unsafe {
            match t.path.fd {
                Some(fd) => libc::fremovexattr(fd, name.as_ptr()),
                None if t.follow => libc::removexattr(t.path.c.as_ptr(), name.as_ptr()),
                None => libc::lremovexattr(t.path.c.as_ptr(), name.as_ptr()),
            }
        })
    });
    result.map_err(|e| t.failed(vm, &e))?;
    Ok(Value::NONE)
}

fn list_xattr(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = Target::new(vm, "listxattr", a.opt(0).unwrap_or(&Value::NONE), a.opt(1), true)?;
    let names = growing(vm, &t, |b| {
        let (at, len) = (b.as_mut_ptr().cast(), b.len());
        // SAFETY: the path ends with a zero; the buffer has the length given.
        check(unsafe {
            match t.path.fd {
                Some(fd) => libc::flistxattr(fd, at, len),
                None if t.follow => libc::listxattr(t.path.c.as_ptr(), at, len),
                None => libc::llistxattr(t.path.c.as_ptr(), at, len),
            }
        } as i64)
    })?;
    let mut list = Vec::new();
    for name in names.split(|b| *b == 0).filter(|n| !n.is_empty()) {
        list.push(path::fs_decode(vm, name)?);
    }
    Ok(vm.list(list))
}
