//! `posix_spawn` and `posix_spawnp`.
#![expect(unsafe_code, reason = "structures and calls of the C library")]

use super::path::{Path, fs_encode, fspath, path};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{CallArgs, MethodDef, PyResult, Value, Vm};
use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStringExt;
use std::ptr;

const SIGNATURE: &str = "(path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)";

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("posix_spawn", SIGNATURE, |vm, args| spawn(vm, args, "posix_spawn"))
        .doc("Execute the program specified by path in a new process."),
    MethodDef::raw("posix_spawnp", SIGNATURE, |vm, args| spawn(vm, args, "posix_spawnp"))
        .doc("Execute the program specified by path in a new process."),
];

/// Kinds of file actions, as Python numbers them.
pub const ACTIONS: &[(&str, i64)] =
    &[("POSIX_SPAWN_OPEN", 0), ("POSIX_SPAWN_CLOSE", 1), ("POSIX_SPAWN_DUP2", 2), ("POSIX_SPAWN_CLOSEFROM", 3)];

/// File actions; the strings they name live as long.
struct Actions {
    raw: libc::posix_spawn_file_actions_t,
    names: Vec<CString>,
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: they were initialised.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.raw) };
    }
}

unsafe extern "C" {
    fn posix_spawn_file_actions_addclosefrom_np(
        actions: *mut libc::posix_spawn_file_actions_t,
        from: libc::c_int,
    ) -> libc::c_int;
}

impl Actions {
    fn new(vm: &Vm, v: Option<&Value>) -> PyResult<Actions> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: initialises the structure.
        let raw = unsafe {
            libc::posix_spawn_file_actions_init(raw.as_mut_ptr());
            raw.assume_init()
        };
        let mut made = Actions { raw, names: Vec::new() };
        if let Some(v) = v {
            if !vm.is_sequence(v) {
                return Err(vm.type_error("posix_spawn: file_actions must be a sequence"));
            }
            for action in vm.collect(v)? {
                made.add(vm, &action)?;
            }
        }
        Ok(made)
    }

    fn add(&mut self, vm: &Vm, action: &Value) -> PyResult<()> {
        let wrong = || vm.type_error("Each file_actions element must be a non-empty tuple");
        let tuple = action.downcast::<Tuple>().ok_or_else(wrong)?;
        let (kind, rest) = tuple.as_slice().split_first().ok_or_else(wrong)?;
        let fd = |v: &Value| vm.arg_i32(v);
        // SAFETY: the actions are initialised; the names they are given are kept with them.
        let code = unsafe {
            match (vm.arg_i64(kind)?, rest) {
                (0, [to, name, flags, mode]) => {
                    let given = path(vm, "posix_spawn", name)?;
                    let (to, flags, mode) = (fd(to)?, fd(flags)?, fd(mode)? as libc::mode_t);
                    self.names.push(given.c);
                    let name = self.names.last().map_or(ptr::null(), |n| n.as_ptr());
                    libc::posix_spawn_file_actions_addopen(&mut self.raw, to, name, flags, mode)
                }
                (1, [close]) => libc::posix_spawn_file_actions_addclose(&mut self.raw, fd(close)?),
                (2, [from, to]) => libc::posix_spawn_file_actions_adddup2(&mut self.raw, fd(from)?, fd(to)?),
                (3, [from]) => posix_spawn_file_actions_addclosefrom_np(&mut self.raw, fd(from)?),
                (0..=3, _) => return Err(vm.type_error("A file_actions tuple has a wrong number of elements")),
                _ => return Err(vm.type_error("Unknown file_actions identifier")),
            }
        };
        if code == 0 { Ok(()) } else { Err(vm.os_error(code, None)) }
    }
}

/// Attributes of the new process.
struct Attributes(libc::posix_spawnattr_t);

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: they were initialised.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

fn signals(vm: &Vm, v: &Value) -> PyResult<libc::sigset_t> {
    // SAFETY: zeroes are an empty set.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    for v in vm.collect(v)? {
        let n = vm.arg_i64(&v)?;
        if !(1..65).contains(&n) {
            return Err(vm.value_error(&format!("signal number {n} out of range [1; 64]")));
        }
        // SAFETY: the set is a local.
        unsafe { libc::sigaddset(&mut set, n as i32) };
    }
    Ok(set)
}

impl Attributes {
    fn new(vm: &Vm, args: &CallArgs<'_>, function: &str) -> PyResult<Attributes> {
        let mut raw = MaybeUninit::uninit();
        // SAFETY: initialises the structure.
        let raw = unsafe {
            libc::posix_spawnattr_init(raw.as_mut_ptr());
            raw.assume_init()
        };
        let mut made = Attributes(raw);
        let mut flags = 0;
        for (name, v) in args.named() {
            // SAFETY: the attributes are initialised; what they are given is copied.
            unsafe {
                match name.downcast::<Str>().map_or("", Str::as_str_lossy) {
                    "file_actions" => {}
                    "setpgroup" if v.is_none() => {}
                    "setpgroup" => {
                        libc::posix_spawnattr_setpgroup(&mut made.0, vm.arg_i32(v)?);
                        flags |= libc::POSIX_SPAWN_SETPGROUP;
                    }
                    "resetids" if vm.truthy(v)? => flags |= libc::POSIX_SPAWN_RESETIDS,
                    "setsid" if vm.truthy(v)? => flags |= 0x80,
                    "resetids" | "setsid" => {}
                    "setsigmask" => {
                        libc::posix_spawnattr_setsigmask(&mut made.0, &signals(vm, v)?);
                        flags |= libc::POSIX_SPAWN_SETSIGMASK;
                    }
                    "setsigdef" => {
                        libc::posix_spawnattr_setsigdefault(&mut made.0, &signals(vm, v)?);
                        flags |= libc::POSIX_SPAWN_SETSIGDEF;
                    }
                    "scheduler" if v.is_none() => {}
                    "scheduler" => flags |= made.schedule(vm, v)?,
                    other => {
                        let text = format!("{function}() got an unexpected keyword argument '{other}'");
                        return Err(vm.type_error(&text));
                    }
                }
            }
        }
        // SAFETY: the attributes are initialised.
        unsafe { libc::posix_spawnattr_setflags(&mut made.0, flags as libc::c_short) };
        Ok(made)
    }

    /// Sets the policy and parameters of the scheduler; the flags that go with them.
    fn schedule(&mut self, vm: &Vm, v: &Value) -> PyResult<i32> {
        let Some([policy, param]) = v.downcast::<Tuple>().map(Tuple::as_slice) else {
            return Err(vm.type_error("A scheduler tuple must have two elements"));
        };
        let Some([priority]) = param.downcast::<Tuple>().map(Tuple::as_slice) else {
            return Err(vm.type_error("must have a sched_param object"));
        };
        let param = libc::sched_param { sched_priority: vm.arg_i32(priority)? };
        let mut flags = libc::POSIX_SPAWN_SETSCHEDPARAM;
        // SAFETY: the attributes are initialised; what they are given is copied.
        unsafe {
            if !policy.is_none() {
                libc::posix_spawnattr_setschedpolicy(&mut self.0, vm.arg_i32(policy)?);
                flags |= libc::POSIX_SPAWN_SETSCHEDULER;
            }
            libc::posix_spawnattr_setschedparam(&mut self.0, &param);
        }
        Ok(flags)
    }
}

fn c_string(vm: &Vm, v: &Value) -> PyResult<CString> {
    let name = fspath(vm, v)?;
    CString::new(fs_encode(vm, &name)?).map_err(|_| vm.value_error("embedded null byte"))
}

/// The environment of the new process: `NAME=VALUE`, from a mapping or from this process.
fn environment(vm: &Vm, v: &Value) -> PyResult<Vec<CString>> {
    let join = |mut name: Vec<u8>, value: Vec<u8>| {
        name.push(b'=');
        name.extend(value);
        CString::new(name).map_err(|_| vm.value_error("embedded null byte"))
    };
    if v.is_none() {
        return std::env::vars_os().map(|(name, value)| join(name.into_vec(), value.into_vec())).collect();
    }
    let mut list = Vec::new();
    let pairs = match v.downcast::<Dict>() {
        Some(d) => d.items(),
        None => {
            let items = vm.call_method(v, &vm.names().items, &[])?;
            let mut pairs = Vec::new();
            for pair in vm.collect(&items)? {
                match vm.collect(&pair)?.as_slice() {
                    [name, value] => pairs.push((name.clone(), value.clone())),
                    _ => return Err(vm.type_error("env items must be pairs")),
                }
            }
            pairs
        }
    };
    for (name, value) in pairs {
        list.push(join(fs_encode(vm, &name)?, fs_encode(vm, &value)?)?);
    }
    Ok(list)
}

fn pointers(list: &[CString]) -> Vec<*mut c_char> {
    list.iter().map(|s| s.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect()
}

fn spawn(vm: &Vm, args: &CallArgs<'_>, function: &str) -> PyResult {
    let [program, argv, env] = args.pos() else {
        let n = args.pos().len();
        return Err(vm.type_error(&format!("{function}() takes exactly 3 positional arguments ({n} given)")));
    };
    let program: Path = path(vm, function, program)?;
    if !vm.is_sequence(argv) {
        return Err(vm.type_error(&format!("{function}: argv must be a tuple or list")));
    }
    let argv = vm.collect(argv)?.iter().map(|v| c_string(vm, v)).collect::<PyResult<Vec<_>>>()?;
    match argv.first() {
        None => return Err(vm.value_error(&format!("{function}: argv must not be empty"))),
        Some(first) if first.is_empty() => {
            return Err(vm.value_error(&format!("{function}: argv first element cannot be empty")));
        }
        Some(_) => {}
    }
    let env = environment(vm, env)?;
    let actions = Actions::new(vm, args.kw("file_actions"))?;
    let attributes = Attributes::new(vm, args, function)?;
    let (argv, env) = (pointers(&argv), pointers(&env));
    let mut pid = 0;
    let call = if function == "posix_spawn" { libc::posix_spawn } else { libc::posix_spawnp };
    // SAFETY: the lists end with null and the strings with zeroes; all of it lives until the call is over.
    let code = serpens_state::blocking(vm, || unsafe {
        call(&mut pid, program.c.as_ptr(), &actions.raw, &attributes.0, argv.as_ptr(), env.as_ptr())
    });
    match code {
        0 => Ok(vm.int(i64::from(pid))),
        e => Err(vm.os_error(e, Some(&program.given))),
    }
}
