//! The operating system: `posix`, `errno`, `pwd`, `grp`, `fcntl`, `resource`, `termios`, `_posixsubprocess`,
//! `_sysconfig`.
//!
//! Rooms: [`call`] system calls as safe functions; [`path`] path arguments; [`stat`], [`scandir`], [`files`] the file
//! system; [`process`] processes and the environment; [`fork`] forks; [`results`] named tuples; [`errno`] error numbers.

pub mod call;
pub mod errno;
pub mod fcntl;
pub mod fd;
pub mod files;
pub mod fork;
pub mod grp;
pub mod identity;
pub mod mmap;
pub mod path;
pub mod process;
pub mod resource;
pub mod results;
pub mod scandir;
pub mod semaphores;
mod sitter;
pub mod spawn;
pub mod stat;
pub mod subprocess;
pub mod sysconfig;
pub mod syslog;
pub mod system;
pub mod termios;
pub mod vector;
pub mod wait;

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, Value, Vm};

/// The modules of this folder.
pub static MODULES: &[&NativeModule] = &[
    &MODULE,
    &errno::MODULE,
    &process::PWD,
    &sysconfig::MODULE,
    &fcntl::MODULE,
    &grp::MODULE,
    &resource::MODULE,
    &subprocess::MODULE,
    &mmap::MODULE,
    &semaphores::MODULE,
    &semaphores::POSIXSHMEM,
    &syslog::MODULE,
    &termios::MODULE,
];

/// The module `posix`.
pub static MODULE: NativeModule = NativeModule::new("posix")
    .doc("This module provides access to operating system functionality that is\nstandardized by the C Standard and the POSIX standard.")
    .types(&[&scandir::DIR_ENTRY])
    .init(init);

macro_rules! constants {
    ($($name:ident)*) => { &[$( (stringify!($name), libc::$name as i64) ),*] };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    O_RDONLY O_WRONLY O_RDWR O_APPEND O_CREAT O_EXCL O_TRUNC O_NONBLOCK O_NDELAY O_SYNC O_DSYNC O_RSYNC O_CLOEXEC
    O_DIRECTORY O_NOFOLLOW O_NOCTTY O_NOATIME O_PATH O_TMPFILE O_ASYNC O_DIRECT O_LARGEFILE O_ACCMODE
    F_OK R_OK W_OK X_OK WNOHANG WUNTRACED WCONTINUED WEXITED WSTOPPED WNOWAIT P_ALL P_PID P_PGID P_PIDFD
    CLD_EXITED CLD_KILLED CLD_DUMPED CLD_TRAPPED CLD_STOPPED CLD_CONTINUED
    SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_IDLE PRIO_PROCESS PRIO_PGRP PRIO_USER
    RTLD_LAZY RTLD_NOW RTLD_GLOBAL RTLD_LOCAL RTLD_NODELETE RTLD_NOLOAD RTLD_DEEPBIND SEEK_DATA SEEK_HOLE
    POSIX_FADV_NORMAL POSIX_FADV_SEQUENTIAL POSIX_FADV_RANDOM POSIX_FADV_NOREUSE POSIX_FADV_WILLNEED POSIX_FADV_DONTNEED
    EFD_CLOEXEC EFD_NONBLOCK EFD_SEMAPHORE MFD_CLOEXEC MFD_ALLOW_SEALING MFD_HUGETLB SPLICE_F_MOVE SPLICE_F_NONBLOCK
    SPLICE_F_MORE XATTR_CREATE XATTR_REPLACE RWF_HIPRI RWF_DSYNC RWF_SYNC RWF_NOWAIT RWF_APPEND SCHED_RESET_ON_FORK
    ST_NODEV ST_NOEXEC ST_SYNCHRONOUS ST_MANDLOCK ST_WRITE ST_APPEND ST_NOATIME ST_NODIRATIME ST_RELATIME
    GRND_RANDOM GRND_NONBLOCK ST_RDONLY ST_NOSUID F_LOCK F_TLOCK F_ULOCK F_TEST
};

const HAVE: &[&str] = &[
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FDOPENDIR",
    "HAVE_FSTATAT",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_LINKAT",
    "HAVE_LSTAT",
    "HAVE_MKDIRAT",
    "HAVE_MKFIFOAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
];

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    let name = vm.intern("posix");
    let all = files::FUNCTIONS
        .iter()
        .chain(stat::FUNCTIONS)
        .chain(scandir::FUNCTIONS)
        .chain(process::FUNCTIONS)
        .chain(fork::FUNCTIONS);
    let more = identity::FUNCTIONS
        .iter()
        .chain(system::FUNCTIONS)
        .chain(vector::FUNCTIONS)
        .chain(wait::FUNCTIONS)
        .chain(spawn::FUNCTIONS);
    for def in all.chain(more).chain(&process::IDS).chain(&process::STATUS) {
        dict.set_name(vm, def.name, vm.builtin(def, Some(name.clone())));
    }
    for (name, n) in CONSTANTS.iter().chain(spawn::ACTIONS) {
        dict.set_name(vm, name, vm.int(*n));
    }
    // The exit codes of sysexits.h.
    let codes = [
        "EX_USAGE",
        "EX_DATAERR",
        "EX_NOINPUT",
        "EX_NOUSER",
        "EX_NOHOST",
        "EX_UNAVAILABLE",
        "EX_SOFTWARE",
        "EX_OSERR",
        "EX_OSFILE",
        "EX_CANTCREAT",
        "EX_IOERR",
        "EX_TEMPFAIL",
        "EX_PROTOCOL",
        "EX_NOPERM",
        "EX_CONFIG",
    ];
    for (i, name) in codes.iter().enumerate() {
        dict.set_name(vm, name, Value::from_usize(64 + i));
    }
    dict.set_name(vm, "EX_OK", Value::from_usize(0));
    for (name, n) in [
        ("NGROUPS_MAX", 65536),
        ("XATTR_SIZE_MAX", 65536),
        ("O_FSYNC", libc::O_SYNC as i64),
        ("PIDFD_NONBLOCK", libc::O_NONBLOCK as i64),
        ("TMP_MAX", 238_328),
    ] {
        dict.set_name(vm, name, vm.int(n));
    }
    dict.set_name(vm, "environ", process::environ(vm)?);
    dict.set_name(vm, "error", vm.types().OSError.value());
    dict.set_name(vm, "_have_functions", vm.list(HAVE.iter().map(|n| vm.str(n)).collect()));
    let names = vm.new_dict();
    if let Some(d) = names.downcast::<Dict>() {
        for (name, n) in process::SYSCONF {
            d.set_name(vm, name, vm.int(*n as i64));
        }
    }
    dict.set_name(vm, "sysconf_names", names);
    for (key, list) in [("pathconf_names", system::PATHCONF), ("confstr_names", system::CONFSTR)] {
        let names = vm.new_dict();
        if let Some(d) = names.downcast::<Dict>() {
            for (name, n) in list {
                d.set_name(vm, name, vm.int(i64::from(*n)));
            }
        }
        dict.set_name(vm, key, names);
    }
    for seq in [
        &stat::STAT_RESULT,
        &results::TERMINAL_SIZE,
        &results::TIMES_RESULT,
        &results::UNAME_RESULT,
        &results::SCHED_PARAM,
        &system::STATVFS_RESULT,
        &wait::WAITID_RESULT,
    ] {
        dict.set_name(vm, seq.name, seq.class(vm)?);
    }
    Ok(())
}
