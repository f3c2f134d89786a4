//! Who a process is and where it belongs: users, groups, process groups, sessions, priorities.
#![expect(unsafe_code, reason = "system calls")]

use super::call::check;
use super::path::fs_encode;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::ffi::CString;
use std::io;

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("setuid", "(uid, /)", |vm, a| {
        let uid = uid(vm, a.get(0))?;
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setuid(uid) }))
    }),
    MethodDef::new("seteuid", "(euid, /)", |vm, a| {
        let uid = uid(vm, a.get(0))?;
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::seteuid(uid) }))
    }),
    MethodDef::new("setgid", "(gid, /)", |vm, a| {
        let gid = gid(vm, a.get(0))?;
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setgid(gid) }))
    }),
    MethodDef::new("setegid", "(egid, /)", |vm, a| {
        let gid = gid(vm, a.get(0))?;
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setegid(gid) }))
    }),
    MethodDef::new("setreuid", "(ruid, euid, /)", |vm, a| {
        let (r, e) = (uid(vm, a.get(0))?, uid(vm, a.get(1))?);
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setreuid(r, e) }))
    }),
    MethodDef::new("setregid", "(rgid, egid, /)", |vm, a| {
        let (r, e) = (gid(vm, a.get(0))?, gid(vm, a.get(1))?);
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setregid(r, e) }))
    }),
    MethodDef::new("setresuid", "(ruid, euid, suid, /)", |vm, a| {
        let (r, e, s) = (uid(vm, a.get(0))?, uid(vm, a.get(1))?, uid(vm, a.get(2))?);
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setresuid(r, e, s) }))
    }),
    MethodDef::new("setresgid", "(rgid, egid, sgid, /)", |vm, a| {
        let (r, e, s) = (gid(vm, a.get(0))?, gid(vm, a.get(1))?, gid(vm, a.get(2))?);
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setresgid(r, e, s) }))
    }),
    MethodDef::new("getresuid", "()", |vm, _| {
        let (mut r, mut e, mut s) = (0, 0, 0);
        // SAFETY: the targets are locals.
        check(unsafe { libc::getresuid(&mut r, &mut e, &mut s) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(vm.tuple([r, e, s].iter().map(|n| vm.int(i64::from(*n))).collect()))
    }),
    MethodDef::new("getresgid", "()", |vm, _| {
        let (mut r, mut e, mut s) = (0, 0, 0);
        // SAFETY: the targets are locals.
        check(unsafe { libc::getresgid(&mut r, &mut e, &mut s) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(vm.tuple([r, e, s].iter().map(|n| vm.int(i64::from(*n))).collect()))
    }),
    MethodDef::new("setgroups", "(groups, /)", |vm, a| {
        let mut groups = Vec::new();
        for g in vm.collect(a.get(0))? {
            groups.push(gid(vm, &g)?);
        }
        // SAFETY: the list has the length given.
        done(vm, check(unsafe { libc::setgroups(groups.len(), groups.as_ptr()) }))
    }),
    MethodDef::new("initgroups", "(username, gid, /)", |vm, a| {
        let (name, gid) = (name(vm, a.get(0))?, gid(vm, a.get(1))?);
        // SAFETY: the name ends with a zero.
        done(vm, check(unsafe { libc::initgroups(name.as_ptr(), gid) }))
    }),
    MethodDef::new("getgrouplist", "(user, group, /)", group_list),
    MethodDef::new("setpgid", "(pid, pgrp, /)", |vm, a| {
        let (pid, group) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setpgid(pid, group) }))
    }),
    MethodDef::new("setpgrp", "()", |vm, _| {
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setpgid(0, 0) }))
    }),
    MethodDef::new("getpriority", "(which, who)", |vm, a| {
        let (which, who) = (vm.arg_i32(a.get(0))?, vm.arg_i64(a.get(1))? as u32);
        // SAFETY: takes no pointers; -1 is an answer too, so errno decides.
        let n = unsafe {
            *libc::__errno_location() = 0;
            libc::getpriority(which as _, who)
        };
        let e = io::Error::last_os_error();
        if n == -1 && e.raw_os_error() != Some(0) { Err(vm.io_error(&e, None)) } else { Ok(vm.int(i64::from(n))) }
    }),
    MethodDef::new("setpriority", "(which, who, priority)", |vm, a| {
        let (which, who, n) = (vm.arg_i32(a.get(0))?, vm.arg_i64(a.get(1))? as u32, vm.arg_i32(a.get(2))?);
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::setpriority(which as _, who, n) }))
    }),
    MethodDef::new("tcgetpgrp", "(fd, /)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        Ok(vm.int(check(unsafe { libc::tcgetpgrp(fd) }).map_err(|e| vm.io_error(&e, None))?))
    }),
    MethodDef::new("tcsetpgrp", "(fd, pgid, /)", |vm, a| {
        let (fd, group) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
        // SAFETY: takes no pointers.
        done(vm, check(unsafe { libc::tcsetpgrp(fd, group) }))
    }),
    MethodDef::new("ctermid", "()", |vm, _| Ok(vm.str("/dev/tty"))),
];

/// `None`, or the error of a call.
pub(super) fn done(vm: &Vm, result: io::Result<i64>) -> PyResult {
    match result {
        Ok(_) => Ok(Value::NONE),
        Err(e) => Err(vm.io_error(&e, None)),
    }
}

fn id(vm: &Vm, v: &Value, what: &str) -> PyResult<u32> {
    if !vm.has_index(v) {
        return Err(vm.type_error(&format!("{what} should be integer, not {}", vm.type_of(v).name())));
    }
    let n = vm.to_index(v)?;
    match n.as_small_int() {
        Some(-1) => Ok(u32::MAX),
        Some(n) if n < 0 => Err(vm.overflow_error(&format!("{what} is less than minimum"))),
        Some(n) => u32::try_from(n).map_err(|_| vm.overflow_error(&format!("{what} is greater than maximum"))),
        None if serpens_vm::types::int::is_negative(&n) => {
            Err(vm.overflow_error(&format!("{what} is less than minimum")))
        }
        None => Err(vm.overflow_error(&format!("{what} is greater than maximum"))),
    }
}

/// A user's number; -1 leaves it as it is.
pub(super) fn uid(vm: &Vm, v: &Value) -> PyResult<u32> {
    id(vm, v, "uid")
}

/// A group's number; -1 leaves it as it is.
pub(super) fn gid(vm: &Vm, v: &Value) -> PyResult<u32> {
    id(vm, v, "gid")
}

fn name(vm: &Vm, v: &Value) -> PyResult<CString> {
    CString::new(fs_encode(vm, v)?).map_err(|_| vm.value_error("embedded null byte"))
}

fn group_list(vm: &Vm, a: Args<'_>) -> PyResult {
    let (name, group) = (name(vm, a.get(0))?, gid(vm, a.get(1))?);
    let mut n: libc::c_int = 64;
    loop {
        let mut list = vec![0 as libc::gid_t; n as usize];
        let room = n;
        // SAFETY: the list has room for that many; the name ends with a zero.
        if unsafe { libc::getgrouplist(name.as_ptr(), group, list.as_mut_ptr(), &mut n) } >= 0 {
            list.truncate(n as usize);
            return Ok(vm.list(list.iter().map(|g| vm.int(i64::from(*g))).collect()));
        }
        n = n.max(room.saturating_mul(2));
        if n > 1 << 20 {
            return Err(vm.os_error(libc::EINVAL, None));
        }
    }
}
