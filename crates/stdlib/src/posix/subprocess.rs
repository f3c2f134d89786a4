//! `_posixsubprocess`: `fork_exec`, which starts the child of a `subprocess.Popen`.
//!
//! Invariant: between the fork and the exec the child allocates nothing and touches no Python object, unless there is a
//! `preexec_fn`: all it needs is prepared before.
#![expect(unsafe_code, reason = "fork, exec and what lies between them")]

use super::call::check;
use super::fork;
use super::path::{fs_encode, fspath};
use serpens_state::NativeModule;
use serpens_state::interpreter::interpreter_of;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::ffi::{CStr, CString, c_char};
use std::ptr;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_posixsubprocess")
    .doc("A POSIX helper for the subprocess module.")
    .functions(&[MethodDef::new(
        "fork_exec",
        "(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)",
        fork_exec,
    )
    .doc("Spawn a fresh new child process.")]);

/// Strings for `exec`, and the list of their addresses.
struct Strings {
    /// Keeps what the pointers point to.
    #[expect(dead_code, reason = "owns the memory of the pointers")]
    owned: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl Strings {
    fn new(owned: Vec<CString>) -> Strings {
        let pointers = owned.iter().map(|s| s.as_ptr()).chain([ptr::null()]).collect();
        Strings { owned, pointers }
    }
}

/// What the child does, prepared.
struct Child {
    argv: Option<Strings>,
    executables: Vec<CString>,
    env: Option<Strings>,
    cwd: Option<CString>,
    close_fds: bool,
    keep: Vec<i32>,
    /// Ends of pipes: what the child reads, what it writes, its errors; each with the parent's end.
    stdin: [i32; 2],
    stdout: [i32; 2],
    stderr: [i32; 2],
    error_read: i32,
    error_write: i32,
    restore_signals: bool,
    setsid: bool,
    pgid: i32,
    gid: Option<u32>,
    groups: Option<Vec<u32>>,
    uid: Option<u32>,
    umask: i32,
}

fn c_string(vm: &Vm, v: &Value) -> PyResult<CString> {
    let path = fspath(vm, v)?;
    CString::new(fs_encode(vm, &path)?).map_err(|_| vm.value_error("embedded null byte"))
}

fn c_strings(vm: &Vm, v: &Value) -> PyResult<Vec<CString>> {
    vm.collect(v)?.iter().map(|s| c_string(vm, s)).collect()
}

/// Descriptors to keep: ascending and not negative.
fn kept(vm: &Vm, v: &Value) -> PyResult<Vec<i32>> {
    let Some(tuple) = v.downcast::<Tuple>() else {
        let name = vm.type_of(v).name();
        return Err(vm.type_error(&format!("fork_exec() argument 4 must be tuple, not {name}")));
    };
    let mut keep = Vec::with_capacity(tuple.len());
    for v in tuple.as_slice() {
        match v.as_small_int().and_then(|n| i32::try_from(n).ok()) {
            Some(fd) if fd >= 0 && keep.last().is_none_or(|last| *last < fd) => keep.push(fd),
            _ => return Err(vm.value_error("bad value(s) in fds_to_keep")),
        }
    }
    Ok(keep)
}

fn id(vm: &Vm, v: &Value) -> PyResult<Option<u32>> {
    if v.is_none() {
        return Ok(None);
    }
    let n = vm.arg_i64(v)?;
    match u32::try_from(n) {
        Ok(n) => Ok(Some(n)),
        Err(_) if n == -1 => Ok(Some(u32::MAX)),
        Err(_) => Err(vm.overflow_error("id is out of range")),
    }
}

impl Child {
    fn new(vm: &Vm, a: Args<'_>) -> PyResult<Child> {
        let fd = |i: usize| vm.arg_i32(a.get(i));
        let keep = kept(vm, a.get(3))?;
        let error_write = fd(13)?;
        let close_fds = vm.truthy(a.get(2))?;
        if close_fds && error_write < 3 {
            return Err(vm.value_error("errpipe_write must be >= 3"));
        }
        let groups = match a.get(18) {
            v if v.is_none() => None,
            v => {
                let mut groups = Vec::new();
                for g in vm.collect(v)? {
                    groups.extend(id(vm, &g)?);
                }
                Some(groups)
            }
        };
        let optional = |v: &Value| if v.is_none() { Ok(None) } else { Ok(Some(Strings::new(c_strings(vm, v)?))) };
        Ok(Child {
            argv: optional(a.get(0))?,
            executables: c_strings(vm, a.get(1))?,
            env: optional(a.get(5))?,
            cwd: if a.get(4).is_none() { None } else { Some(c_string(vm, a.get(4))?) },
            close_fds,
            keep,
            stdin: [fd(6)?, fd(7)?],
            stdout: [fd(9)?, fd(8)?],
            stderr: [fd(11)?, fd(10)?],
            error_read: fd(12)?,
            error_write,
            restore_signals: vm.truthy(a.get(14))?,
            setsid: vm.truthy(a.get(15))?,
            pgid: vm.arg_i32(a.get(16))?,
            gid: id(vm, a.get(17))?,
            groups,
            uid: id(vm, a.get(19))?,
            umask: vm.arg_i32(a.get(20))?,
        })
    }

    /// Runs in the child; never returns.
    fn run(&self, preexec: impl FnOnce() -> bool) -> ! {
        if let Err(message) = self.prepare() {
            self.fail(c"OSError", errno(), message);
        }
        if !preexec() {
            self.fail(c"SubprocessError", 0, c"Exception occurred in preexec_fn.");
        }
        if self.close_fds {
            self.close_all();
        }
        let e = self.exec();
        self.fail(c"OSError", e, c"");
    }

    /// Everything before `preexec_fn`; on failure the message for the parent.
    fn prepare(&self) -> Result<(), &'static CStr> {
        let failed = |_| c"noexec";
        for fd in self.keep.iter().filter(|fd| **fd != self.error_write) {
            // SAFETY: takes no pointers.
            check(unsafe { libc::fcntl(*fd, libc::F_SETFD, 0) }).map_err(failed)?;
        }
        for fd in [self.stdin[1], self.stdout[1], self.stderr[1], self.error_read] {
            close(fd);
        }
        self.standard_streams().map_err(failed)?;
        if let Some(cwd) = &self.cwd {
            // SAFETY: the path ends with a zero.
            check(unsafe { libc::chdir(cwd.as_ptr()) }).map_err(|_| c"noexec:chdir")?;
        }
        self.identity().map_err(failed)
    }

    fn standard_streams(&self) -> std::io::Result<()> {
        let (input, mut output, mut error) = (self.stdin[0], self.stdout[0], self.stderr[0]);
        // What comes from a low descriptor that is overwritten before moves out of the way.
        if output == 0 {
            output = dup(output)?;
        }
        while error == 0 || error == 1 {
            error = dup(error)?;
        }
        for (fd, target) in [(input, 0), (output, 1), (error, 2)] {
            if fd == target {
                // SAFETY: takes no pointers.
                check(unsafe { libc::fcntl(fd, libc::F_SETFD, 0) })?;
            } else if fd != -1 {
                // SAFETY: takes no pointers.
                check(unsafe { libc::dup2(fd, target) })?;
            }
        }
        Ok(())
    }

    fn identity(&self) -> std::io::Result<()> {
        // SAFETY: the calls take no pointers but the list of groups, which lives.
        unsafe {
            if self.umask >= 0 {
                libc::umask(self.umask as libc::mode_t);
            }
            if self.restore_signals {
                libc::signal(libc::SIGPIPE, libc::SIG_DFL);
                libc::signal(libc::SIGXFSZ, libc::SIG_DFL);
            }
            if self.setsid {
                check(libc::setsid())?;
            }
            if self.pgid >= 0 {
                check(libc::setpgid(0, self.pgid))?;
            }
            if let Some(groups) = &self.groups {
                check(libc::setgroups(groups.len(), groups.as_ptr()))?;
            }
            if let Some(gid) = self.gid {
                check(libc::setregid(gid, gid))?;
            }
            if let Some(uid) = self.uid {
                check(libc::setreuid(uid, uid))?;
            }
        }
        Ok(())
    }

    /// Closes all descriptors from 3 on that are not to be kept.
    fn close_all(&self) {
        let mut from = 3;
        for fd in self.keep.iter().filter(|fd| **fd >= 3) {
            close_range(from, fd - 1);
            from = fd + 1;
        }
        close_range(from, i32::MAX);
    }

    /// Tries the executables in turn; the error that counts.
    fn exec(&self) -> i32 {
        let empty = [ptr::null()];
        let argv = self.argv.as_ref().map_or(empty.as_ptr(), |s| s.pointers.as_ptr());
        let mut found = 0;
        for path in &self.executables {
            // SAFETY: the lists end with null and the strings with zeroes.
            unsafe {
                match &self.env {
                    Some(env) => libc::execve(path.as_ptr(), argv, env.pointers.as_ptr()),
                    None => libc::execv(path.as_ptr(), argv),
                };
            }
            let e = errno();
            if e != libc::ENOENT && e != libc::ENOTDIR && found == 0 {
                found = e;
            }
        }
        if found != 0 { found } else { errno() }
    }

    /// Tells the parent, and ends the child.
    fn fail(&self, class: &CStr, errno: i32, message: &CStr) -> ! {
        let mut hex = [0u8; 8];
        let mut at = hex.len();
        let mut left = errno as u32;
        while left != 0 || at == hex.len() {
            at -= 1;
            hex[at] = b"0123456789ABCDEF"[(left & 15) as usize];
            left >>= 4;
        }
        for part in [class.to_bytes(), b":", &hex[at..], b":", message.to_bytes()] {
            // SAFETY: the part is readable for its length. If the parent is gone, nobody needs to know.
            unsafe { libc::write(self.error_write, part.as_ptr().cast(), part.len()) };
        }
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(255) }
    }
}

fn errno() -> i32 {
    // SAFETY: reads this thread's errno.
    unsafe { *libc::__errno_location() }
}

fn close(fd: i32) {
    if fd != -1 {
        // SAFETY: takes no pointers.
        unsafe { libc::close(fd) };
    }
}

fn dup(fd: i32) -> std::io::Result<i32> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::dup(fd) }).map(|n| n as i32)
}

fn close_range(from: i32, to: i32) {
    if from > to {
        return;
    }
    // SAFETY: takes no pointers.
    if unsafe { libc::syscall(libc::SYS_close_range, from as libc::c_uint, to as libc::c_uint, 0) } == 0 {
        return;
    }
    // An old kernel: one by one, up to the limit.
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the target is a local.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    for fd in from..=to.min(limit.rlim_cur.min(1 << 20) as i32) {
        close(fd);
    }
}

fn fork_exec(vm: &Vm, a: Args<'_>) -> PyResult {
    let preexec = a.some(21);
    // A new program is run; only code of this one that ran in the child would find a process without the other interpreters.
    if preexec.is_some() && interpreter_of(vm).is_some_and(|i| !i.is_main()) {
        return Err(vm.runtime_error("preexec_fn not supported within subinterpreters"));
    }
    if preexec.is_some() && vm.is_finalizing() {
        let class = vm.types().PythonFinalizationError;
        return Err(vm.raise_text(class, "preexec_fn not supported at interpreter shutdown"));
    }
    let child = Child::new(vm, a)?;
    if preexec.is_some() {
        fork::before(vm);
    }
    // SAFETY: the child runs only what is safe after a fork, or was mended by `fork::in_child` before.
    let pid = check(unsafe { libc::fork() });
    if let Ok(0) = pid {
        child.run(|| match preexec {
            Some(f) => {
                fork::in_child(vm);
                vm.call_none(f).is_ok()
            }
            None => true,
        });
    }
    if preexec.is_some() {
        fork::in_parent(vm);
    }
    Ok(vm.int(pid.map_err(|e| vm.io_error(&e, None))?))
}
