//! `_multiprocessing` and `_posixshmem`: semaphores and shared memory that have names.
#![expect(unsafe_code, reason = "system calls")]

use super::call::{self, check};
use super::path::fs_encode;
use super::sitter::Sitter;
use serpens_state::{NativeModule, waiting};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;
use std::ffi::CString;
use std::io;
use std::time::Duration;

/// The module `_multiprocessing`.
pub static MODULE: NativeModule = NativeModule::new("_multiprocessing")
    .functions(&[MethodDef::new("sem_unlink", "(name, /)", |vm, a| {
        let name = name_arg(vm, a.get(0))?;
        // SAFETY: the name ends with a zero.
        check(unsafe { libc::sem_unlink(name.as_ptr()) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(Value::NONE)
    })])
    .types(&[&SEM_LOCK])
    .init(|vm, d| {
        let flags = vm.new_dict();
        if let Some(f) = flags.downcast::<Dict>() {
            f.set_name(vm, "HAVE_SEM_OPEN", Value::int_unchecked(1));
            f.set_name(vm, "HAVE_SEM_TIMEDWAIT", Value::int_unchecked(1));
        }
        d.set_name(vm, "flags", flags);
        Ok(())
    });

/// The module `_posixshmem`.
pub static POSIXSHMEM: NativeModule = NativeModule::new("_posixshmem").doc("POSIX shared memory module").functions(&[
    MethodDef::new("shm_open", "(path, flags, mode=511)", |vm, a| {
        let name = name_arg(vm, a.get(0))?;
        let flags = vm.arg_i32(a.get(1))? | libc::O_CLOEXEC;
        let mode = a.opt(2).map_or(Ok(0o777), |v| vm.arg_i32(v))? as libc::mode_t;
        // SAFETY: the name ends with a zero.
        let result = call::retry(vm, || check(unsafe { libc::shm_open(name.as_ptr(), flags, mode) }))?;
        Ok(vm.int(result.map_err(|e| vm.io_error(&e, Some(a.get(0))))?))
    })
    .doc("Open a shared memory object.  Returns a file descriptor (integer)."),
    MethodDef::new("shm_unlink", "(path, /)", |vm, a| {
        let name = name_arg(vm, a.get(0))?;
        // SAFETY: the name ends with a zero.
        let result = call::retry(vm, || check(unsafe { libc::shm_unlink(name.as_ptr()) }))?;
        result.map_err(|e| vm.io_error(&e, Some(a.get(0))))?;
        Ok(Value::NONE)
    })
    .doc("Remove a shared memory object (similar to unlink())."),
]);

fn name_arg(vm: &Vm, v: &Value) -> PyResult<CString> {
    if !v.is_a::<Str>() {
        return Err(vm.type_error(&format!("argument must be str, not {}", vm.arg_type_name(v))));
    }
    CString::new(fs_encode(vm, v)?).map_err(|_| vm.value_error("embedded null character"))
}

const RECURSIVE: i32 = 0;

/// `_multiprocessing.SemLock`.
pub struct SemLock {
    semaphore: *mut libc::sem_t,
    kind: i32,
    max: i32,
    name: Value,
    /// How often this process holds it.
    count: Cell<i32>,
    owner: Cell<u64>,
}

serpens_vm::native_payload!(SemLock { name });

impl Drop for SemLock {
    fn drop(&mut self) {
        // SAFETY: it was opened.
        unsafe { libc::sem_close(self.semaphore) };
    }
}

static SEM_LOCK: TypeDef = TypeDef::new::<SemLock>("SemLock")
    .module("_multiprocessing")
    .doc("Semaphore/Mutex type")
    .basetype()
    .gc()
    .slots(Slots { new: Some(new), ..Slots::EMPTY })
    .constants(&[("SEM_VALUE_MAX", |vm| Ok(vm.int(i64::from(i32::MAX))))])
    .methods(&[
        MethodDef::new("acquire", "($self, block=True, timeout=None)", |vm, a| {
            let block = a.opt(1).map_or(Ok(true), |v| vm.truthy(v))?;
            let timeout = match a.some(2) {
                Some(v) => Some(Duration::try_from_secs_f64(vm.to_f64(v)?.max(0.0)).unwrap_or(Duration::MAX)),
                None => None,
            };
            acquire(vm, this(a.get(0)), if block { timeout } else { Some(Duration::ZERO) }).map(Value::bool)
        }),
        MethodDef::new("release", "($self, /)", |vm, a| release(vm, this(a.get(0)))),
        MethodDef::new("__enter__", "($self, /)", |vm, a| acquire(vm, this(a.get(0)), None).map(Value::bool)),
        MethodDef::new("__exit__", "($self, exc_type=None, exc_value=None, exc_tb=None, /)", |vm, a| {
            release(vm, this(a.get(0)))
        }),
        MethodDef::new("_count", "($self, /)", |vm, a| Ok(vm.int(i64::from(this(a.get(0)).count.get())))),
        MethodDef::new("_is_mine", "($self, /)", |_, a| Ok(Value::bool(this(a.get(0)).is_mine()))),
        MethodDef::new("_get_value", "($self, /)", |vm, a| Ok(vm.int(i64::from(this(a.get(0)).value(vm)?.max(0))))),
        MethodDef::new("_is_zero", "($self, /)", |vm, a| Ok(Value::bool(this(a.get(0)).value(vm)? == 0))),
        MethodDef::new("_rebuild", "($type, handle, kind, maxvalue, name, /)", |vm, a| {
            let (kind, max) = (vm.arg_i32(a.get(2))?, vm.arg_i32(a.get(3))?);
            let name = name_arg(vm, a.get(4))?;
            // SAFETY: the name ends with a zero.
            let semaphore = opened(vm, unsafe { libc::sem_open(name.as_ptr(), 0) })?;
            let Some(ty) = TypeObj::from_value(a.get(0)) else { return Err(vm.type_error("not a type")) };
            Ok(made(vm, ty, semaphore, kind, max, a.get(4)))
        })
        .class(),
        MethodDef::new("_after_fork", "($self, /)", |_, a| {
            this(a.get(0)).count.set(0);
            Ok(Value::NONE)
        }),
    ])
    .getset(&[
        GetSetDef::new("handle", |vm, v| Ok(vm.int_u64(this(v).semaphore as u64))),
        GetSetDef::new("kind", |vm, v| Ok(vm.int(i64::from(this(v).kind)))),
        GetSetDef::new("maxvalue", |vm, v| Ok(vm.int(i64::from(this(v).max)))),
        GetSetDef::new("name", |_, v| Ok(this(v).name.clone())),
    ]);

fn this(v: &Value) -> &SemLock {
    v.downcast::<SemLock>().expect("the descriptor has checked the receiver")
}

fn opened(vm: &Vm, semaphore: *mut libc::sem_t) -> PyResult<*mut libc::sem_t> {
    if semaphore == libc::SEM_FAILED { Err(vm.io_error(&io::Error::last_os_error(), None)) } else { Ok(semaphore) }
}

fn made(vm: &Vm, ty: &TypeObj, semaphore: *mut libc::sem_t, kind: i32, max: i32, name: &Value) -> Value {
    let payload = SemLock { semaphore, kind, max, name: name.clone(), count: Cell::new(0), owner: Cell::new(0) };
    vm.alloc(ty, payload)
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let names = ["kind", "value", "maxvalue", "name", "unlink"];
    let bound = crate::data::bind(vm, args, "SemLock", names, 5)?;
    let [kind, value, max, name, unlink] = bound.map(crate::data::required);
    let (kind, value, max) = (vm.arg_i32(kind)?, vm.arg_i32(value)?, vm.arg_i32(max)?);
    let (text, unlink) = (name_arg(vm, name)?, vm.truthy(unlink)?);
    if !(0..=1).contains(&kind) {
        return Err(vm.value_error("unrecognized kind"));
    }
    let flags = libc::O_CREAT | libc::O_EXCL;
    // SAFETY: the name ends with a zero.
    let semaphore = opened(vm, unsafe { libc::sem_open(text.as_ptr(), flags, 0o600, value as libc::c_uint) })?;
    // A name that is gone at once is nobody's to remove.
    let kept = if unlink { Value::NONE } else { name.clone() };
    let made = made(vm, ty, semaphore, kind, max, &kept);
    if unlink {
        // SAFETY: as above.
        check(unsafe { libc::sem_unlink(text.as_ptr()) }).map_err(|e| vm.io_error(&e, None))?;
    }
    Ok(made)
}

/// Whether an attempt failed because there was no permit.
fn is_taken(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EAGAIN)
}

impl SemLock {
    fn is_mine(&self) -> bool {
        self.count.get() > 0 && self.owner.get() == crate::thread::ident()
    }

    fn value(&self, vm: &Vm) -> PyResult<i32> {
        let mut n = 0;
        // SAFETY: the semaphore is open; the target is a local.
        check(unsafe { libc::sem_getvalue(self.semaphore, &mut n) }).map_err(|e| vm.io_error(&e, None))?;
        Ok(n)
    }
}

fn acquire(vm: &Vm, s: &SemLock, timeout: Option<Duration>) -> PyResult<bool> {
    if s.kind == RECURSIVE && s.is_mine() {
        s.count.set(s.count.get() + 1);
        return Ok(true);
    }
    // SAFETY: the semaphore is open.
    let tried = || check(unsafe { libc::sem_trywait(s.semaphore) }).map(drop);
    let mut result = tried();
    if result.as_ref().is_err_and(is_taken) {
        if timeout == Some(Duration::ZERO) {
            return Ok(false);
        }
        result = match waiting::poll(vm, || tried().ok()) {
            Some(()) => Ok(()),
            // SAFETY: the semaphore is open while its object lives, which the caller keeps.
            None => unsafe { Sitter::wait(vm, s.semaphore, timeout) }?,
        };
    }
    match result {
        Ok(()) => {}
        Err(e) if e.raw_os_error() == Some(libc::ETIMEDOUT) => return Ok(false),
        Err(e) => return Err(vm.io_error(&e, None)),
    }
    s.count.set(s.count.get() + 1);
    s.owner.set(crate::thread::ident());
    Ok(true)
}

fn release(vm: &Vm, s: &SemLock) -> PyResult {
    if s.kind == RECURSIVE {
        if !s.is_mine() {
            return Err(
                vm.raise_text(vm.types().AssertionError, "attempt to release recursive lock not owned by thread")
            );
        }
        if s.count.get() > 1 {
            s.count.set(s.count.get() - 1);
            return Ok(Value::NONE);
        }
    } else if s.value(vm)? >= s.max {
        return Err(vm.value_error("semaphore or lock released too many times"));
    }
    // SAFETY: the semaphore is open.
    check(unsafe { libc::sem_post(s.semaphore) }).map_err(|e| vm.io_error(&e, None))?;
    s.count.set(s.count.get() - 1);
    Ok(Value::NONE)
}
