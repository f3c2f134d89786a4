//! `listdir()` and `scandir()` with its `DirEntry`.

use super::path::{Accept, Path, fs_decode, path_or};
use super::{call, stat};
use serpens_vm::cell::VCell;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirEntryExt;

/// An entry of a directory.
pub struct DirEntry {
    name: VCell,
    path: VCell,
    c: CString,
    dir: i32,
    kind: Option<u32>,
    inode: u64,
    stat: VCell,
    lstat: VCell,
}

serpens_vm::native_payload!(DirEntry {} cells { name, path, stat, lstat });

/// The iterator of `scandir()`.
pub struct ScanDir {
    entries: RefCell<std::vec::IntoIter<Found>>,
    closed: Cell<bool>,
    base: VCell,
    bytes: bool,
    fd: Option<i32>,
}

serpens_vm::native_payload!(ScanDir {} cells { base });

struct Found {
    name: Vec<u8>,
    kind: Option<u32>,
    inode: u64,
}

/// `os.DirEntry`.
pub static DIR_ENTRY: TypeDef = TypeDef::new::<DirEntry>("DirEntry")
    .module("posix")
    .gc()
    .flags(serpens_vm::types::typeobj::tflag::NO_NEW)
    .slots(Slots {
        repr: Some(|vm, v| {
            let name = vm.repr_string(&this(v).name.get_or_none())?;
            Ok(vm.str(&format!("<DirEntry {name}>")))
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("__fspath__", "($self, /)", |_, a| Ok(this(a.get(0)).path.get_or_none())),
        MethodDef::new("inode", "($self, /)", |vm, a| Ok(vm.int_u64(this(a.get(0)).inode))),
        MethodDef::new("is_dir", "($self, /, *, follow_symlinks=True)", |vm, a| is_kind(vm, a, libc::S_IFDIR)),
        MethodDef::new("is_file", "($self, /, *, follow_symlinks=True)", |vm, a| is_kind(vm, a, libc::S_IFREG)),
        MethodDef::new("is_symlink", "($self, /)", |vm, a| {
            let e = this(a.get(0));
            Ok(Value::bool(e.kind_of(vm, false)? == Some(libc::S_IFLNK)))
        }),
        MethodDef::new("is_junction", "($self, /)", |_, _| Ok(Value::FALSE)),
        MethodDef::new("stat", "($self, /, *, follow_symlinks=True)", |vm, a| {
            let e = this(a.get(0));
            let follow = a.opt(1).map_or(Ok(true), |f| vm.truthy(f))?;
            let cell = if follow { &e.stat } else { &e.lstat };
            if let Some(known) = cell.get() {
                return Ok(known);
            }
            match e.look(vm, follow)? {
                Ok(st) => {
                    let made = stat::result(vm, &st)?;
                    cell.set(made.clone());
                    Ok(made)
                }
                Err(err) => Err(vm.io_error(&err, Some(&e.path.get_or_none()))),
            }
        }),
        MethodDef::new("__class_getitem__", "($type, item, /)", |_, a| Ok(a.get(0).clone())).class(),
    ])
    .getset(&[
        GetSetDef::new("name", |_, v| Ok(this(v).name.get_or_none())),
        GetSetDef::new("path", |_, v| Ok(this(v).path.get_or_none())),
    ]);

/// `posix.ScandirIterator`.
pub static SCAN_DIR: TypeDef = TypeDef::new::<ScanDir>("ScandirIterator")
    .module("posix")
    .gc()
    .flags(serpens_vm::types::typeobj::tflag::NO_NEW)
    .slots(Slots { iter: Some(|_, v| Ok(v.clone())), iternext: Some(next), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("close", "($self, /)", |_, a| {
            a.this::<ScanDir>().closed.set(true);
            Ok(Value::NONE)
        }),
        MethodDef::new("__enter__", "($self, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::raw("__exit__", "($self, *args)", |_, args| {
            if let Some(s) = args.pos().first().and_then(|v| v.downcast::<ScanDir>()) {
                s.closed.set(true);
            }
            Ok(Value::NONE)
        }),
    ]);

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("listdir", "(path=None)", |vm, a| {
        let none = Value::NONE;
        let p = path_or(vm, "listdir", "path", a.opt(0).unwrap_or(&none), Accept { fd: true, none: true })?;
        let mut names = Vec::new();
        for found in read_dir(vm, &p)? {
            names.push(p.name(vm, &found.name)?);
        }
        Ok(vm.list(names))
    })
    .doc("Return a list containing the names of the files in the directory."),
    MethodDef::new("scandir", "(path=None)", |vm, a| {
        let none = Value::NONE;
        let p = path_or(vm, "scandir", "path", a.opt(0).unwrap_or(&none), Accept { fd: true, none: true })?;
        let entries = read_dir(vm, &p)?;
        let base = if p.given.is_none() || p.fd.is_some() { vm.str(".") } else { p.given.clone() };
        Ok(vm.alloc_native(
            &SCAN_DIR,
            ScanDir {
                entries: RefCell::new(entries.into_iter()),
                closed: Cell::new(false),
                base: VCell::new(base),
                bytes: p.bytes,
                fd: p.fd,
            },
        ))
    })
    .doc("Return an iterator of DirEntry objects for given path."),
];

fn this(v: &Value) -> &DirEntry {
    v.downcast::<DirEntry>().expect("the descriptor has checked the receiver")
}

fn read_dir(vm: &Vm, p: &Path) -> PyResult<Vec<Found>> {
    let target = match p.fd {
        Some(fd) => format!("/proc/self/fd/{fd}").into_bytes(),
        None => p.as_bytes().to_vec(),
    };
    let r = call::retry(vm, || {
        let path = std::ffi::OsStr::from_bytes(&target);
        let mut out = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            use std::os::unix::fs::FileTypeExt;
            let kind = entry.file_type().ok().and_then(|t| {
                if t.is_dir() {
                    Some(libc::S_IFDIR)
                } else if t.is_file() {
                    Some(libc::S_IFREG)
                } else if t.is_symlink() {
                    Some(libc::S_IFLNK)
                } else if t.is_fifo() {
                    Some(libc::S_IFIFO)
                } else if t.is_socket() {
                    Some(libc::S_IFSOCK)
                } else {
                    None
                }
            });
            out.push(Found { inode: entry.ino(), name: entry.file_name().into_vec(), kind });
        }
        Ok(out)
    })?;
    r.map_err(|e| {
        let given = if p.given.is_none() { None } else { Some(&p.given) };
        vm.io_error(&e, given)
    })
}

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let Some(s) = v.downcast::<ScanDir>() else { return Ok(None) };
    if s.closed.get() {
        return Ok(None);
    }
    let found = s.entries.borrow_mut().next();
    let Some(found) = found else { return Ok(None) };
    let base = s.base.get_or_none();
    let mut path = match (base.downcast::<Str>(), base.downcast::<Bytes>()) {
        (Some(_), _) => super::path::fs_encode(vm, &base)?,
        (_, Some(b)) => b.as_bytes().to_vec(),
        _ => Vec::new(),
    };
    if path.last() != Some(&b'/') {
        path.push(b'/');
    }
    path.extend_from_slice(&found.name);
    let text = |b: &[u8]| if s.bytes { Ok(vm.bytes(b)) } else { fs_decode(vm, b) };
    let (shown, c, dir) = match s.fd {
        Some(fd) => (text(&found.name)?, CString::new(found.name.clone()), fd),
        None => (text(&path)?, CString::new(path), libc::AT_FDCWD),
    };
    let entry = DirEntry {
        name: VCell::new(text(&found.name)?),
        path: VCell::new(shown),
        c: c.unwrap_or_default(),
        dir,
        kind: found.kind,
        inode: found.inode,
        stat: VCell::empty(),
        lstat: VCell::empty(),
    };
    Ok(Some(vm.alloc_native(&DIR_ENTRY, entry)))
}

fn is_kind(vm: &Vm, a: Args<'_>, kind: u32) -> PyResult {
    let follow = a.opt(1).map_or(Ok(true), |f| vm.truthy(f))?;
    Ok(Value::bool(this(a.get(0)).kind_of(vm, follow)? == Some(kind)))
}

impl DirEntry {
    fn look(&self, vm: &Vm, follow: bool) -> PyResult<std::io::Result<libc::stat>> {
        let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        call::retry(vm, || call::stat_at(self.dir, &self.c, flags))
    }

    fn kind_of(&self, vm: &Vm, follow: bool) -> PyResult<Option<u32>> {
        match self.kind {
            Some(libc::S_IFLNK) if follow => {}
            Some(k) => return Ok(Some(k)),
            None => {}
        }
        match self.look(vm, follow)? {
            Ok(st) => Ok(Some(st.st_mode & libc::S_IFMT)),
            Err(e) if e.raw_os_error() == Some(libc::ENOENT) => Ok(None),
            Err(e) => Err(vm.io_error(&e, Some(&self.path.get_or_none()))),
        }
    }
}
