//! Processes, users, the environment and the system.
//!
//! `fork`, `exec` and what builds on them are refused where the interpreter's configuration does not allow them.
#![expect(unsafe_code, reason = "system calls")]

use super::call::{self, check};
use super::path::{fs_decode, fs_encode, path};
use super::results::{PASSWD, TIMES_RESULT, UNAME_RESULT};
use serpens_state::NativeModule;
use serpens_state::interpreter::interpreter_of;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;

macro_rules! ids {
    ($($name:literal $call:ident),*) => {
        [$( MethodDef::new($name, "()", |vm, _| {
            // SAFETY: takes no pointers.
            Ok(vm.int(unsafe { libc::$call() } as i64))
        }) ),*]
    };
}

/// Numbers of this process.
pub static IDS: [MethodDef; 7] = ids!(
    "getpid" getpid, "getppid" getppid, "getuid" getuid, "geteuid" geteuid, "getgid" getgid, "getegid" getegid,
    "getpgrp" getpgrp
);

macro_rules! status {
    ($($name:literal $call:ident $make:expr),*) => {
        [$( MethodDef::new($name, "(status)", |vm, a| {
            let status = vm.arg_i32(a.get(0))?;
            let made: fn(&Vm, _) -> Value = $make;
            Ok(made(vm, libc::$call(status)))
        }) ),*]
    };
}

/// Functions that take a wait status apart.
pub static STATUS: [MethodDef; 8] = status!(
    "WIFEXITED" WIFEXITED |_, b| Value::bool(b), "WEXITSTATUS" WEXITSTATUS |vm, n: i32| vm.int(n as i64),
    "WIFSIGNALED" WIFSIGNALED |_, b| Value::bool(b), "WTERMSIG" WTERMSIG |vm, n: i32| vm.int(n as i64),
    "WIFSTOPPED" WIFSTOPPED |_, b| Value::bool(b), "WSTOPSIG" WSTOPSIG |vm, n: i32| vm.int(n as i64),
    "WIFCONTINUED" WIFCONTINUED |_, b| Value::bool(b), "WCOREDUMP" WCOREDUMP |_, b| Value::bool(b)
);

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("_exit", "(status)", |vm, a| {
        let n = vm.arg_i32(a.get(0))?;
        // SAFETY: ends the process at once, as asked.
        unsafe { libc::_exit(n) }
    }),
    MethodDef::new("abort", "()", |_, _| std::process::abort()),
    MethodDef::new("kill", "(pid, signal, /)", |vm, a| {
        let (pid, sig) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
        // SAFETY: takes no pointers.
        check(unsafe { libc::kill(pid, sig) }).map_err(|e| vm.io_error(&e, None))?;
        vm.on_break()?;
        Ok(Value::NONE)
    }),
    MethodDef::new("killpg", "(pgid, signal, /)", |vm, a| {
        let (pid, sig) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
        // SAFETY: takes no pointers.
        check(unsafe { libc::killpg(pid, sig) }).map_err(|e| vm.io_error(&e, None))?;
        vm.on_break()?;
        Ok(Value::NONE)
    }),
    MethodDef::new("getpgid", "(pid)", |vm, a| {
        let pid = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        Ok(vm.int(call::off(vm, || check(unsafe { libc::getpgid(pid) }))?))
    }),
    MethodDef::new("getsid", "(pid, /)", |vm, a| {
        let pid = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        Ok(vm.int(call::off(vm, || check(unsafe { libc::getsid(pid) }))?))
    }),
    MethodDef::new("setsid", "()", |vm, _| {
        // SAFETY: takes no pointers.
        call::off(vm, || check(unsafe { libc::setsid() }))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("nice", "(increment, /)", |vm, a| {
        let n = vm.arg_i32(a.get(0))?;
        // SAFETY: takes no pointers.
        Ok(vm.int(unsafe { libc::nice(n) } as i64))
    }),
    MethodDef::new("waitpid", "(pid, options, /)", |vm, a| {
        let (pid, options) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
        let mut status = 0;
        // SAFETY: the status is a local.
        let got = call::off(vm, || check(unsafe { libc::waitpid(pid, &mut status, options) }))?;
        Ok(vm.tuple(vec![vm.int(got), vm.int(status as i64)]))
    }),
    MethodDef::new("wait", "()", |vm, _| {
        let mut status = 0;
        // SAFETY: the status is a local.
        let got = call::off(vm, || check(unsafe { libc::waitpid(-1, &mut status, 0) }))?;
        Ok(vm.tuple(vec![vm.int(got), vm.int(status as i64)]))
    }),
    MethodDef::new("waitstatus_to_exitcode", "(status)", |vm, a| {
        let s = vm.arg_i32(a.get(0))?;
        if libc::WIFEXITED(s) {
            Ok(vm.int(libc::WEXITSTATUS(s) as i64))
        } else if libc::WIFSIGNALED(s) {
            Ok(vm.int(-libc::WTERMSIG(s) as i64))
        } else if libc::WIFSTOPPED(s) {
            Err(vm.value_error(&format!("process stopped by delivery of signal {}", libc::WSTOPSIG(s))))
        } else {
            Err(vm.value_error(&format!("invalid wait status: {s}")))
        }
    }),
    MethodDef::new("execv", "(path, argv, /)", |vm, a| exec(vm, a, false)),
    MethodDef::new("execve", "(path, argv, env)", |vm, a| exec(vm, a, true)),
    MethodDef::new("system", "(command)", |vm, a| {
        let Ok(command) = CString::new(fs_encode(vm, a.get(0))?) else {
            return Err(vm.value_error("embedded null byte"));
        };
        // SAFETY: the command ends with a zero.
        Ok(vm.int(serpens_state::blocking(vm, || unsafe { libc::system(command.as_ptr()) }) as i64))
    }),
    MethodDef::new("putenv", "(name, value, /)", |vm, a| {
        let (name, value) = (env_arg(vm, a.get(0))?, env_arg(vm, a.get(1))?);
        if name.as_bytes().contains(&b'=') {
            return Err(vm.value_error("illegal environment variable name"));
        }
        // SAFETY: both end with zeroes; that other threads may read the environment is setenv's known weakness.
        check(unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("unsetenv", "(name, /)", |vm, a| {
        let name = env_arg(vm, a.get(0))?;
        // SAFETY: as above.
        check(unsafe { libc::unsetenv(name.as_ptr()) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("_create_environ", "()", |vm, _| environ(vm)),
    MethodDef::new("strerror", "(code, /)", |vm, a| {
        Ok(vm.str(&serpens_vm::types::exception::os::error_text(vm.arg_i32(a.get(0))?)))
    }),
    MethodDef::new("urandom", "(size, /)", |vm, a| {
        let n = vm.arg_isize(a.get(0))?;
        let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("negative argument not allowed")) };
        Ok(vm.bytes(&random(vm, n, 0)?))
    }),
    MethodDef::new("getrandom", "(size, flags=0)", |vm, a| {
        let Ok(n) = usize::try_from(vm.arg_isize(a.get(0))?) else { return Err(vm.os_error(libc::EINVAL, None)) };
        let flags = a.opt(1).map_or(Ok(0), |f| vm.arg_i32(f))?;
        Ok(vm.bytes(&random(vm, n, flags as u32)?))
    }),
    MethodDef::new("cpu_count", "()", |vm, _| {
        // SAFETY: takes no pointers.
        Ok(vm.int(unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }))
    }),
    MethodDef::new("sched_yield", "()", |vm, _| {
        serpens_state::blocking(vm, std::thread::yield_now);
        Ok(Value::NONE)
    }),
    MethodDef::new("sched_getaffinity", "(pid, /)", |vm, a| {
        let pid = vm.arg_i32(a.get(0))?;
        // SAFETY: zeroes are a valid set, and the size given is the set's.
        let set = unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            check(libc::sched_getaffinity(pid, size_of::<libc::cpu_set_t>(), &mut set))
                .map_err(|e| vm.io_error(&e, None))?;
            set
        };
        // SAFETY: the index is in range.
        let cpus = (0..libc::CPU_SETSIZE as usize).filter(|i| unsafe { libc::CPU_ISSET(*i, &set) });
        vm.call_one(&vm.types().set.value(), &vm.list(cpus.map(Value::from_usize).collect()))
    }),
    MethodDef::new("getloadavg", "()", |vm, _| {
        let mut avg = [0.0; 3];
        // SAFETY: the target has room for three.
        if unsafe { libc::getloadavg(avg.as_mut_ptr(), 3) } != 3 {
            return Err(vm.raise_text(vm.types().OSError, "Load averages are unobtainable"));
        }
        Ok(vm.tuple(avg.iter().map(|d| Value::float(*d)).collect()))
    }),
    MethodDef::new("times", "()", |vm, _| {
        // SAFETY: zeroes are valid; the target is a local.
        let (t, elapsed) = unsafe {
            let mut t: libc::tms = std::mem::zeroed();
            let elapsed = libc::times(&mut t);
            (t, elapsed)
        };
        // SAFETY: takes no pointers.
        let hz = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
        let all = [t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime, elapsed];
        TIMES_RESULT.make(vm, all.iter().map(|n| Value::float(*n as f64 / hz)).collect())
    }),
    MethodDef::new("uname", "()", |vm, _| {
        // SAFETY: zeroes are valid; the target is a local.
        let u = unsafe {
            let mut u: libc::utsname = std::mem::zeroed();
            libc::uname(&mut u);
            u
        };
        let text = |field: &[libc::c_char]| -> Value {
            let bytes: Vec<u8> = field.iter().take_while(|c| **c != 0).map(|c| *c as u8).collect();
            vm.str(&String::from_utf8_lossy(&bytes))
        };
        UNAME_RESULT
            .make(vm, [&u.sysname, &u.nodename, &u.release, &u.version, &u.machine].map(|f| text(&f[..])).to_vec())
    }),
    MethodDef::new("sysconf", "(name, /)", |vm, a| {
        let name = match a.get(0).downcast::<Str>() {
            Some(s) => match SYSCONF.iter().find(|(n, _)| s == *n) {
                Some((_, n)) => *n,
                None => return Err(vm.value_error("unrecognized configuration name")),
            },
            None => vm.arg_i32(a.get(0))?,
        };
        // SAFETY: takes no pointers.
        Ok(vm.int(unsafe { libc::sysconf(name) }))
    }),
    MethodDef::new("getlogin", "()", |vm, _| match std::env::var("LOGNAME") {
        Ok(name) => Ok(vm.str(&name)),
        Err(_) => Err(vm.os_error(libc::ENOTTY, None)),
    }),
    MethodDef::new("getgroups", "()", |vm, _| {
        let mut list = [0; 1024];
        // SAFETY: the target has room for what is asked.
        let n = check(unsafe { libc::getgroups(1024, list.as_mut_ptr()) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(vm.list(list[..n as usize].iter().map(|g| vm.int(*g as i64)).collect()))
    }),
];

/// Names of `sysconf()`.
pub const SYSCONF: &[(&str, i32)] = &[
    ("SC_ARG_MAX", libc::_SC_ARG_MAX),
    ("SC_CLK_TCK", libc::_SC_CLK_TCK),
    ("SC_IOV_MAX", libc::_SC_IOV_MAX),
    ("SC_NPROCESSORS_CONF", libc::_SC_NPROCESSORS_CONF),
    ("SC_NPROCESSORS_ONLN", libc::_SC_NPROCESSORS_ONLN),
    ("SC_OPEN_MAX", libc::_SC_OPEN_MAX),
    ("SC_PAGESIZE", libc::_SC_PAGESIZE),
    ("SC_PAGE_SIZE", libc::_SC_PAGESIZE),
    ("SC_PHYS_PAGES", libc::_SC_PHYS_PAGES),
    ("SC_SEM_NSEMS_MAX", libc::_SC_SEM_NSEMS_MAX),
];

fn env_arg(vm: &Vm, v: &Value) -> PyResult<CString> {
    CString::new(fs_encode(vm, v)?).map_err(|_| vm.value_error("embedded null byte"))
}

/// The environment: a dict of bytes.
pub fn environ(vm: &Vm) -> PyResult {
    let dict = vm.new_dict();
    if let Some(d) = dict.downcast::<Dict>() {
        for (name, value) in std::env::vars_os() {
            let (name, value) = (vm.bytes(&name.into_vec()), vm.bytes(&value.into_vec()));
            d.get_or_insert(vm, &name, || value)?;
        }
    }
    Ok(dict)
}

/// Random bytes of the system.
pub fn random(vm: &Vm, n: usize, flags: u32) -> PyResult<Vec<u8>> {
    vm.check_alloc(n)?;
    let mut buf = vec![0u8; n];
    let mut at = 0;
    while at < n {
        // SAFETY: the buffer is writable for its length.
        at += call::off(vm, || check(unsafe { libc::getrandom(buf[at..].as_mut_ptr().cast(), n - at, flags) } as i64))?
            as usize;
    }
    Ok(buf)
}

fn exec(vm: &Vm, a: Args<'_>, with_env: bool) -> PyResult {
    if interpreter_of(vm).is_some_and(|i| !i.config().allow_exec) {
        return Err(vm.runtime_error("exec not supported for isolated subinterpreters"));
    }
    let p = path(vm, if with_env { "execve" } else { "execv" }, a.get(0))?;
    let mut argv = Vec::new();
    for v in vm.collect(a.get(1))? {
        argv.push(env_arg(vm, &super::path::fspath(vm, &v)?)?);
    }
    if argv.is_empty() {
        return Err(vm.value_error("execv() arg 2 must not be empty"));
    }
    let pointers = |list: &[CString]| -> Vec<*const libc::c_char> {
        list.iter().map(|c| c.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let args = pointers(&argv);
    if !with_env {
        // SAFETY: the lists end with null, the strings with zeroes.
        unsafe { libc::execv(p.c.as_ptr(), args.as_ptr()) };
    } else {
        let mut env = Vec::new();
        let items = vm.call_method(a.get(2), &vm.names().items, &[])?;
        for pair in vm.collect(&items)? {
            let (k, v) = (vm.get_item(&pair, &Value::int_unchecked(0))?, vm.get_item(&pair, &Value::int_unchecked(1))?);
            let mut text = fs_encode(vm, &k)?;
            text.push(b'=');
            text.extend(fs_encode(vm, &v)?);
            env.push(CString::new(text).map_err(|_| vm.value_error("embedded null byte"))?);
        }
        let env_list = pointers(&env);
        // SAFETY: as above.
        unsafe { libc::execve(p.c.as_ptr(), args.as_ptr(), env_list.as_ptr()) };
    }
    Err(vm.io_error(&std::io::Error::last_os_error(), Some(&p.given)))
}

/// The module `pwd`.
pub static PWD: NativeModule = NativeModule::new("pwd")
    .functions(&[
        MethodDef::new("getpwuid", "(uidobj, /)", |vm, a| {
            let uid = vm.arg_i64(a.get(0))?;
            let found = users(vm)?.into_iter().find(|u| u.1 == uid);
            match found {
                Some(u) => Ok(u.2),
                None => Err(vm.key_error(&vm.str(&format!("getpwuid(): uid not found: {uid}")))),
            }
        }),
        MethodDef::new("getpwnam", "(name, /)", |vm, a| {
            let name = vm.str_string(a.get(0))?;
            match users(vm)?.into_iter().find(|u| u.0 == name) {
                Some(u) => Ok(u.2),
                None => Err(vm.key_error(&vm.str(&format!("getpwnam(): name not found: '{name}'")))),
            }
        }),
        MethodDef::new("getpwall", "()", |vm, _| Ok(vm.list(users(vm)?.into_iter().map(|u| u.2).collect()))),
    ])
    .init(|vm, d| {
        d.set_name(vm, "struct_passwd", PASSWD.class(vm)?);
        Ok(())
    });

/// The users of `/etc/passwd`: name, number, entry.
fn users(vm: &Vm) -> PyResult<Vec<(String, i64, Value)>> {
    let text = std::fs::read("/etc/passwd").unwrap_or_default();
    let mut out = Vec::new();
    for line in text.split(|b| *b == b'\n') {
        let f: Vec<&[u8]> = line.split(|b| *b == b':').collect();
        if f.len() < 7 {
            continue;
        }
        let number = |b: &[u8]| String::from_utf8_lossy(b).parse::<i64>().unwrap_or(0);
        let values = vec![
            fs_decode(vm, f[0])?,
            fs_decode(vm, f[1])?,
            vm.int(number(f[2])),
            vm.int(number(f[3])),
            fs_decode(vm, f[4])?,
            fs_decode(vm, f[5])?,
            fs_decode(vm, f[6])?,
        ];
        out.push((String::from_utf8_lossy(f[0]).into_owned(), number(f[2]), PASSWD.make(vm, values)?));
    }
    Ok(out)
}
