//! `resource`: limits and use of resources.
#![expect(unsafe_code, reason = "system calls")]

use super::call::check;
use serpens_state::NativeModule;
use serpens_state::structseq::StructSeq;
use serpens_vm::{MethodDef, PyResult, Raised, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("resource")
    .functions(&[
        MethodDef::new("getrusage", "(who, /)", |vm, a| {
            let who = vm.arg_i32(a.get(0))?;
            // SAFETY: the target is a local; zeroes are valid.
            let u = unsafe {
                let mut u: libc::rusage = std::mem::zeroed();
                check(libc::getrusage(who, &mut u)).map_err(|e| match e.raw_os_error() {
                    Some(libc::EINVAL) => vm.value_error("invalid who parameter"),
                    _ => vm.io_error(&e, None),
                })?;
                u
            };
            rusage(vm, &u)
        }),
        MethodDef::new("getrlimit", "(resource, /)", |vm, a| {
            let what = vm.arg_i32(a.get(0))?;
            let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            check_resource(vm, what)?;
            // SAFETY: the target is a local.
            check(unsafe { libc::getrlimit(what as _, &mut limit) }).map_err(|e| vm.io_error(&e, None))?;
            Ok(pair(vm, &limit))
        }),
        MethodDef::new("setrlimit", "(resource, limits, /)", |vm, a| {
            let what = vm.arg_i32(a.get(0))?;
            check_resource(vm, what)?;
            let limit = limits(vm, a.get(1))?;
            // SAFETY: the limits are a local.
            check(unsafe { libc::setrlimit(what as _, &limit) }).map_err(|e| refused(vm, &e))?;
            Ok(Value::NONE)
        }),
        MethodDef::new("prlimit", "(pid, resource, limits=None, /)", |vm, a| {
            let (pid, what) = (vm.arg_i32(a.get(0))?, vm.arg_i32(a.get(1))?);
            check_resource(vm, what)?;
            let new = a.some(2).map(|v| limits(vm, v)).transpose()?;
            let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            let new = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            // SAFETY: both are locals.
            check(unsafe { libc::prlimit(pid, what as _, new, &mut old) }).map_err(|e| refused(vm, &e))?;
            Ok(pair(vm, &old))
        }),
        MethodDef::new("getpagesize", "()", |vm, _| {
            // SAFETY: takes no pointers.
            Ok(vm.int(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }))
        }),
    ])
    .init(|vm, d| {
        for (name, n) in CONSTANTS {
            d.set_name(vm, name, vm.int(*n));
        }
        d.set_name(vm, "RLIM_INFINITY", vm.int(-1));
        d.set_name(vm, "error", vm.types().OSError.value());
        d.set_name(vm, "struct_rusage", RUSAGE.class(vm)?);
        Ok(())
    });

macro_rules! constants {
    ($($name:ident)*) => { &[$( (stringify!($name), libc::$name as i64) ),*] };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_NOFILE RLIMIT_AS RLIMIT_RSS RLIMIT_NPROC
    RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING RUSAGE_SELF RUSAGE_CHILDREN
    RUSAGE_THREAD
};

/// `resource.struct_rusage`.
pub static RUSAGE: StructSeq = StructSeq {
    name: "struct_rusage",
    module: "resource",
    doc: "struct_rusage: Result from getrusage.",
    fields: &[
        ("ru_utime", "user time used"),
        ("ru_stime", "system time used"),
        ("ru_maxrss", "max. resident set size"),
        ("ru_ixrss", "shared memory size"),
        ("ru_idrss", "unshared data size"),
        ("ru_isrss", "unshared stack size"),
        ("ru_minflt", "page faults not requiring I/O"),
        ("ru_majflt", "page faults requiring I/O"),
        ("ru_nswap", "number of swap outs"),
        ("ru_inblock", "block input operations"),
        ("ru_oublock", "block output operations"),
        ("ru_msgsnd", "IPC messages sent"),
        ("ru_msgrcv", "IPC messages received"),
        ("ru_nsignals", "signals received"),
        ("ru_nvcsw", "voluntary context switches"),
        ("ru_nivcsw", "involuntary context switches"),
    ],
    n_sequence: 16,
};

/// The named tuple of what a process has used.
pub fn rusage(vm: &Vm, u: &libc::rusage) -> PyResult {
    let time = |t: &libc::timeval| Value::float(t.tv_sec as f64 + t.tv_usec as f64 * 1e-6);
    let counts = [
        u.ru_maxrss,
        u.ru_ixrss,
        u.ru_idrss,
        u.ru_isrss,
        u.ru_minflt,
        u.ru_majflt,
        u.ru_nswap,
        u.ru_inblock,
        u.ru_oublock,
        u.ru_msgsnd,
        u.ru_msgrcv,
        u.ru_nsignals,
        u.ru_nvcsw,
        u.ru_nivcsw,
    ];
    let counts = counts.iter().map(|n| vm.int(*n));
    RUSAGE.make(vm, [time(&u.ru_utime), time(&u.ru_stime)].into_iter().chain(counts).collect())
}

fn check_resource(vm: &Vm, what: i32) -> PyResult<()> {
    if (0..16).contains(&what) { Ok(()) } else { Err(vm.value_error("invalid resource specified")) }
}

fn refused(vm: &Vm, e: &std::io::Error) -> Raised {
    match e.raw_os_error() {
        Some(libc::EINVAL) => vm.value_error("current limit exceeds maximum limit"),
        Some(libc::EPERM) => vm.value_error("not allowed to raise maximum limit"),
        _ => vm.io_error(e, None),
    }
}

fn pair(vm: &Vm, limit: &libc::rlimit) -> Value {
    let n = |n: u64| if n == libc::RLIM_INFINITY { vm.int(-1) } else { vm.int_u64(n) };
    vm.tuple(vec![n(limit.rlim_cur), n(limit.rlim_max)])
}

fn limits(vm: &Vm, v: &Value) -> PyResult<libc::rlimit> {
    let items = vm.collect(v)?;
    let [soft, hard] = &items[..] else { return Err(vm.value_error("expected a tuple of 2 integers")) };
    let n = |v: &Value| {
        let n = vm.to_index(v)?;
        match n.as_small_int() {
            Some(-1) => Ok(libc::RLIM_INFINITY),
            _ if serpens_vm::types::int::is_negative(&n) => Err(vm.value_error("Cannot convert negative int")),
            _ => vm.arg_u64(&n),
        }
    };
    Ok(libc::rlimit { rlim_cur: n(soft)?, rlim_max: n(hard)? })
}
