//! Paths as arguments: `str`, `bytes`, `os.PathLike`, sometimes a descriptor.

use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Value, Vm};
use std::ffi::{CStr, CString};

/// A path argument.
pub struct Path {
    /// As given, for error messages.
    pub given: Value,
    /// The path for the system; empty if a descriptor was given.
    pub c: CString,
    /// The descriptor, if one was given.
    pub fd: Option<i32>,
    /// Whether it was given as `bytes`: results are `bytes` too.
    pub bytes: bool,
}

impl Path {
    /// The path.
    pub fn as_c(&self) -> &CStr {
        &self.c
    }

    /// The bytes of the path.
    pub fn as_bytes(&self) -> &[u8] {
        self.c.as_bytes()
    }

    /// A name in the type that the path was given in.
    pub fn name(&self, vm: &Vm, name: &[u8]) -> PyResult {
        if self.bytes { Ok(vm.bytes(name)) } else { fs_decode(vm, name) }
    }
}

/// Text of a file name (UTF-8 with surrogateescape).
pub fn fs_decode(vm: &Vm, bytes: &[u8]) -> PyResult {
    vm.decode_utf8(bytes, Some("surrogateescape"))
}

/// Bytes of a file name given as `str` or `bytes`.
pub fn fs_encode(vm: &Vm, v: &Value) -> PyResult<Vec<u8>> {
    if let Some(b) = v.downcast::<Bytes>() {
        return Ok(b.as_bytes().to_vec());
    }
    if let Some(text) = v.downcast::<Str>().and_then(Str::to_str) {
        return Ok(text.as_bytes().to_vec());
    }
    let b = vm.encode(v, None, Some("surrogateescape"))?;
    Ok(b.downcast::<Bytes>().map(|b| b.as_bytes().to_vec()).unwrap_or_default())
}

/// `os.fspath()`.
pub fn fspath(vm: &Vm, v: &Value) -> PyResult {
    if v.is_a::<Str>() || v.is_a::<Bytes>() {
        return Ok(v.clone());
    }
    let name = vm.type_of(v).name();
    let Some(made) = vm.call_special(v, &vm.names().__fspath__, &[])? else {
        return Err(vm.type_error(&format!("expected str, bytes or os.PathLike object, not {name}")));
    };
    if made.is_a::<Str>() || made.is_a::<Bytes>() {
        return Ok(made);
    }
    let got = vm.type_of(&made).name();
    Err(vm.type_error(&format!("expected {name}.__fspath__() to return str or bytes, not {got}")))
}

/// What a function accepts besides text and bytes.
#[derive(Clone, Copy, Default)]
pub struct Accept {
    /// A descriptor.
    pub fd: bool,
    /// `None`: the current directory.
    pub none: bool,
}

/// A path that is a string, bytes or path-like.
pub fn path(vm: &Vm, function: &str, v: &Value) -> PyResult<Path> {
    path_or(vm, function, "path", v, Accept::default())
}

/// A path, with what else is accepted.
pub fn path_or(vm: &Vm, function: &str, param: &str, v: &Value, accept: Accept) -> PyResult<Path> {
    if accept.none && v.is_none() {
        return Ok(Path { given: v.clone(), c: c".".into(), fd: None, bytes: false });
    }
    let made = if v.is_a::<Str>() || v.is_a::<Bytes>() {
        v.clone()
    } else if accept.fd && vm.has_index(v) {
        let fd = vm.arg_i32(v)?;
        return Ok(Path { given: v.clone(), c: CString::default(), fd: Some(fd), bytes: false });
    } else {
        let missing = || {
            let kinds = match (accept.fd, accept.none) {
                (true, true) => "string, bytes, os.PathLike, integer or None",
                (true, false) => "string, bytes, os.PathLike or integer",
                (false, true) => "string, bytes, os.PathLike or None",
                (false, false) => "string, bytes or os.PathLike",
            };
            vm.type_error(&format!("{function}: {param} should be {kinds}, not {}", vm.type_of(v).name()))
        };
        match vm.call_special(v, &vm.names().__fspath__, &[])? {
            Some(made) if made.is_a::<Str>() || made.is_a::<Bytes>() => made,
            Some(made) => {
                let (name, got) = (vm.type_of(v).name(), vm.type_of(&made).name());
                return Err(vm.type_error(&format!("expected {name}.__fspath__() to return str or bytes, not {got}")));
            }
            None => return Err(missing()),
        }
    };
    let bytes = made.is_a::<Bytes>();
    match CString::new(fs_encode(vm, &made)?) {
        Ok(c) => Ok(Path { given: made, c, fd: None, bytes }),
        Err(_) => Err(vm.value_error(&format!("{function}: embedded null character in {param}"))),
    }
}

/// The argument `dir_fd`.
pub fn dir_fd(vm: &Vm, v: Option<&Value>) -> PyResult<i32> {
    match v.filter(|v| !v.is_none()) {
        None => Ok(libc::AT_FDCWD),
        Some(v) if vm.has_index(v) => vm.arg_i32(v),
        Some(v) => Err(vm.type_error(&format!("argument should be integer or None, not {}", vm.type_of(v).name()))),
    }
}
