//! `OSError`: errno, strerror and file names; the subclass that stands for an errno.

use super::fields::field;
use super::{Exception, own_attributes, payload, reduce_with, str_of as base_str};
use crate::error::{PyResult, Raised};
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

const ERRNO: usize = 0;
const STRERROR: usize = 1;
const FILENAME: usize = 2;
const FILENAME2: usize = 3;
const WRITTEN: usize = 4;

pub(super) const GETSET: &[GetSetDef] = &[
    field!("errno", 0, "POSIX exception code"),
    field!("strerror", 1, "exception strerror"),
    field!("filename", 2, "exception filename"),
    field!("filename2", 3, "second exception filename"),
    GetSetDef::rw("characters_written", written, set_written),
];

pub(super) const METHODS: &[MethodDef] = &[MethodDef::new("__reduce__", "($self, /)", reduce)];

fn written(vm: &Vm, v: &Value) -> PyResult {
    payload(v).field(WRITTEN).ok_or_else(|| vm.attribute_error("characters_written"))
}

fn set_written(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(n) => {
            let n = vm.index_isize(n, vm.types().ValueError)?;
            payload(v).set_field(vm, WRITTEN, Some(vm.int(n as i64)));
        }
        None if payload(v).field(WRITTEN).is_none() => return Err(vm.attribute_error("characters_written")),
        None => payload(v).set_field(vm, WRITTEN, None),
    }
    Ok(())
}

/// Whether a class overrides `__init__` but not `__new__`, so that the arguments are parsed in `__init__`.
fn uses_init(ty: &TypeObj) -> bool {
    let own_init = ty.slots().init.is_some_and(|f| !std::ptr::fn_addr_eq(f, init as InitFn));
    let same_new = ty.slots().new.is_some_and(|f| std::ptr::fn_addr_eq(f, new as NewFn));
    own_init && same_new
}

type NewFn = fn(&Vm, &TypeObj, &CallArgs<'_>) -> PyResult;
type InitFn = fn(&Vm, &Value, &CallArgs<'_>) -> PyResult<()>;

pub(super) fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if uses_init(ty) {
        return Ok(vm.alloc(ty, Exception::new(vm.tuple(Vec::new()))));
    }
    if args.n_named() > 0 {
        return Err(vm.type_error(&format!("{}() takes no keyword arguments", ty.name())));
    }
    let mut ty = ty;
    if ty.is(vm.types().OSError)
        && (2..=5).contains(&args.pos().len())
        && let Some(errno) = args.pos()[0].as_small_int()
        && let Some(sub) = class_of_errno(vm, errno)
    {
        ty = sub;
    }
    let v = vm.alloc(ty, Exception::new(vm.tuple(Vec::new())));
    fill(vm, &v, args.pos())?;
    Ok(v)
}

pub(super) fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    if !uses_init(vm.type_of(v)) {
        return Ok(());
    }
    if args.n_named() > 0 {
        return Err(vm.type_error(&format!("{}() takes no keyword arguments", vm.type_of(v).name())));
    }
    fill(vm, v, args.pos())
}

fn fill(vm: &Vm, v: &Value, args: &[Value]) -> PyResult<()> {
    let e = payload(v);
    let mut kept = args;
    if (2..=5).contains(&args.len()) {
        let given = |i: usize| args.get(i).filter(|f| !f.is_none()).cloned();
        if let Some(filename) = given(2) {
            let blocking = vm.type_of(v).is(vm.types().BlockingIOError);
            if blocking && vm.type_of(&filename).slots().index.is_some() {
                let n = vm.index_isize(&filename, vm.types().ValueError)?;
                e.set_field(vm, WRITTEN, Some(vm.int(n as i64)));
            } else {
                e.set_field(vm, FILENAME, Some(filename));
                if let Some(second) = given(4) {
                    e.set_field(vm, FILENAME2, Some(second));
                }
                // The file names are not arguments any more, for the sake of unpacking `args`.
                kept = &args[..2];
            }
        }
        e.set_field(vm, ERRNO, Some(args[0].clone()));
        e.set_field(vm, STRERROR, Some(args[1].clone()));
    }
    e.args.set(vm.tuple_of(kept));
    Ok(())
}

pub(super) fn str_of(vm: &Vm, v: &Value) -> PyResult {
    let e = payload(v);
    let (errno, strerror) = (e.field(ERRNO), e.field(STRERROR));
    let text = |f: &Option<Value>| f.as_ref().map_or(Ok("None".to_string()), |f| vm.str_string(f));
    if let Some(filename) = e.field(FILENAME) {
        let mut out = format!("[Errno {}] {}: {}", text(&errno)?, text(&strerror)?, vm.repr_string(&filename)?);
        if let Some(second) = e.field(FILENAME2) {
            out.push_str(&format!(" -> {}", vm.repr_string(&second)?));
        }
        return Ok(vm.str(&out));
    }
    if errno.is_some() && strerror.is_some() {
        return Ok(vm.str(&format!("[Errno {}] {}", text(&errno)?, text(&strerror)?)));
    }
    base_str(vm, v)
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let e = payload(v);
    let mut args = e.args_vec();
    if args.len() == 2
        && let Some(filename) = e.field(FILENAME)
    {
        args.push(filename);
        if let Some(second) = e.field(FILENAME2) {
            args.push(Value::NONE);
            args.push(second);
        }
    }
    reduce_with(vm, v, vm.tuple(args), own_attributes(vm, v))
}

/// The subclass of `OSError` that stands for an errno.
pub fn class_of_errno(vm: &Vm, errno: i64) -> Option<&'static TypeObj> {
    let t = vm.types();
    Some(match i32::try_from(errno).ok()? {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => t.BlockingIOError,
        libc::EPIPE | libc::ESHUTDOWN => t.BrokenPipeError,
        libc::ECHILD => t.ChildProcessError,
        libc::ECONNABORTED => t.ConnectionAbortedError,
        libc::ECONNREFUSED => t.ConnectionRefusedError,
        libc::ECONNRESET => t.ConnectionResetError,
        libc::EEXIST => t.FileExistsError,
        libc::ENOENT => t.FileNotFoundError,
        libc::EISDIR => t.IsADirectoryError,
        libc::ENOTDIR => t.NotADirectoryError,
        libc::EINTR => t.InterruptedError,
        libc::EACCES | libc::EPERM => t.PermissionError,
        libc::ESRCH => t.ProcessLookupError,
        libc::ETIMEDOUT => t.TimeoutError,
        _ => return None,
    })
}

/// The system's text for an errno.
pub fn error_text(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.rfind(" (os error ") {
        Some(at) => text[..at].to_string(),
        None => text,
    }
}

impl Vm {
    /// Raises `OSError(errno, strerror, filename)`, as the subclass that stands for the errno.
    #[cold]
    pub fn os_error(&self, errno: i32, filename: Option<&Value>) -> Raised {
        self.os_error2(errno, filename, None)
    }

    /// As [`Vm::os_error`], with a second file name.
    #[cold]
    pub fn os_error_from(&self, e: &std::io::Error, filename: Option<&str>) -> Raised {
        let name = filename.map(|f| self.str(f));
        self.os_error(e.raw_os_error().unwrap_or(libc::EIO), name.as_ref())
    }

    /// Raises the OSError of an errno with two file names.
    pub fn os_error2(&self, errno: i32, filename: Option<&Value>, filename2: Option<&Value>) -> Raised {
        let mut args = vec![self.int(errno as i64), self.str(&error_text(errno))];
        args.extend(filename.cloned());
        if let Some(second) = filename2 {
            args.resize(4, Value::NONE);
            args.push(second.clone());
        }
        self.raise_with(self.types().OSError, args)
    }

    /// Raises the `OSError` of a failed system call.
    #[cold]
    pub fn io_error(&self, error: &std::io::Error, filename: Option<&Value>) -> Raised {
        match error.raw_os_error() {
            Some(errno) => self.os_error(errno, filename),
            None => self.raise_text(self.types().OSError, &error.to_string()),
        }
    }
}
