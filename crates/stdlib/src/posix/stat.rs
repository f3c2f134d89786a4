//! `stat_result` and what fills it.

use super::call;
use super::path::{Accept, Path, dir_fd, path_or};
use serpens_state::structseq::StructSeq;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// `os.stat_result`.
pub static STAT_RESULT: StructSeq = StructSeq {
    name: "stat_result",
    module: "os",
    doc: "stat_result: Result from stat, fstat, or lstat.",
    fields: &[
        ("st_mode", "protection bits"),
        ("st_ino", "inode"),
        ("st_dev", "device"),
        ("st_nlink", "number of hard links"),
        ("st_uid", "user ID of owner"),
        ("st_gid", "group ID of owner"),
        ("st_size", "total size, in bytes"),
        ("_st_atime", "integer time of last access"),
        ("_st_mtime", "integer time of last modification"),
        ("_st_ctime", "integer time of last change"),
        ("st_atime", "time of last access"),
        ("st_mtime", "time of last modification"),
        ("st_ctime", "time of last change"),
        ("st_atime_ns", "time of last access in nanoseconds"),
        ("st_mtime_ns", "time of last modification in nanoseconds"),
        ("st_ctime_ns", "time of last change in nanoseconds"),
        ("st_blksize", "blocksize for filesystem I/O"),
        ("st_blocks", "number of blocks allocated"),
        ("st_rdev", "device type (if inode device)"),
    ],
    n_sequence: 10,
};

/// The Python object of a stat buffer.
pub fn result(vm: &Vm, st: &libc::stat) -> PyResult {
    let times = [(st.st_atime, st.st_atime_nsec), (st.st_mtime, st.st_mtime_nsec), (st.st_ctime, st.st_ctime_nsec)];
    let mut values = vec![
        vm.int(st.st_mode as i64),
        vm.int_u64(st.st_ino),
        vm.int_u64(st.st_dev),
        vm.int_u64(st.st_nlink),
        vm.int(st.st_uid as i64),
        vm.int(st.st_gid as i64),
        vm.int(st.st_size),
    ];
    values.extend(times.iter().map(|(s, _)| vm.int(*s)));
    values.extend(times.iter().map(|(s, ns)| Value::float(*s as f64 + 1e-9 * *ns as f64)));
    values.extend(times.iter().map(|(s, ns)| vm.int_i128(*s as i128 * 1_000_000_000 + *ns as i128)));
    values.extend([vm.int(st.st_blksize), vm.int(st.st_blocks), vm.int_u64(st.st_rdev)]);
    STAT_RESULT.make(vm, values)
}

/// Looks at a path or a descriptor.
pub fn look(vm: &Vm, p: &Path, dir: i32, follow: bool) -> PyResult<std::io::Result<libc::stat>> {
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    call::retry(vm, || match p.fd {
        Some(fd) => call::fstat(fd),
        None => call::stat_at(dir, &p.c, flags),
    })
}

/// Functions about metadata.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("stat", "(path, *, dir_fd=None, follow_symlinks=True)", |vm, a| {
        let follow = a.opt(2).map_or(Ok(true), |f| vm.truthy(f))?;
        stat(vm, a, "stat", follow, true)
    })
    .doc("Perform a stat system call on the given path."),
    MethodDef::new("lstat", "(path, *, dir_fd=None)", |vm, a| stat(vm, a, "lstat", false, false))
        .doc("Perform a stat system call on the given path, without following symbolic links."),
    MethodDef::new("fstat", "(fd)", |vm, a| {
        let fd = vm.arg_i32(a.get(0))?;
        let st = call::off(vm, || call::fstat(fd))?;
        result(vm, &st)
    })
    .doc("Perform a stat system call on the given file descriptor."),
    MethodDef::new("_path_exists", "(path, /)", |vm, a| Ok(Value::bool(kind(vm, a.get(0), true)?.is_some()))),
    MethodDef::new("_path_lexists", "(path, /)", |vm, a| Ok(Value::bool(kind(vm, a.get(0), false)?.is_some()))),
    MethodDef::new("_path_isdir", "(path, /)", |vm, a| {
        Ok(Value::bool(kind(vm, a.get(0), true)? == Some(libc::S_IFDIR)))
    }),
    MethodDef::new("_path_isfile", "(path, /)", |vm, a| {
        Ok(Value::bool(kind(vm, a.get(0), true)? == Some(libc::S_IFREG)))
    }),
    MethodDef::new("_path_islink", "(path, /)", |vm, a| {
        Ok(Value::bool(kind(vm, a.get(0), false)? == Some(libc::S_IFLNK)))
    }),
];

fn stat(vm: &Vm, a: Args<'_>, name: &str, follow: bool, fd: bool) -> PyResult {
    let p = path_or(vm, name, "path", a.get(0), Accept { fd, none: false })?;
    let dir = dir_fd(vm, a.opt(1))?;
    match look(vm, &p, dir, follow)? {
        Ok(st) => result(vm, &st),
        Err(e) => Err(vm.io_error(&e, Some(&p.given))),
    }
}

/// The file type of a path, if it exists.
fn kind(vm: &Vm, v: &Value, follow: bool) -> PyResult<Option<u32>> {
    let p = match path_or(vm, "stat", "path", v, Accept { fd: true, none: false }) {
        Ok(p) => p,
        Err(_) if vm.pending_is(vm.types().ValueError) => {
            drop(vm.take_raised());
            return Ok(None);
        }
        Err(e) => return Err(e),
    };
    Ok(look(vm, &p, libc::AT_FDCWD, follow)?.ok().map(|st| st.st_mode & libc::S_IFMT))
}
