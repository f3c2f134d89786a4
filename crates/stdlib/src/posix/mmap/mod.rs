//! `mmap`: files and anonymous memory mapped into the process.
//!
//! Rooms: [`map`] the mapping itself, as copies in and out of it; this file the object and its making; [`methods`].
//!
//! Invariant: the mapping stays where it is while exports exist; it is unmapped once, by `close()` or with the object.
//! A file that shrinks under its mapping ends the process by SIGBUS, as in CPython.

pub mod map;
pub mod methods;

use super::call;
use map::Map;
use serpens_state::NativeModule;
use serpens_vm::cell::VCell;
use serpens_vm::types::int::to_i64;
use serpens_vm::types::iter::iterator_slots;
use serpens_vm::types::slice::Slice;
use serpens_vm::types::slots::{Buffer, Slots};
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{CallArgs, GetSetDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("mmap").types(&[&MMAP]).init(|vm, d| {
    for (name, n) in CONSTANTS {
        d.set_name(vm, name, vm.int(*n));
    }
    for name in ["PAGESIZE", "ALLOCATIONGRANULARITY"] {
        d.set_name(vm, name, vm.int(map::page_size()));
    }
    d.set_name(vm, "error", vm.types().OSError.value());
    Ok(())
});

macro_rules! constants {
    ($($name:ident)*; $($other:ident = $n:expr),*) => {
        &[$( (stringify!($name), libc::$name as i64) ,)* $( (stringify!($other), $n) ),*]
    };
}

const CONSTANTS: &[(&str, i64)] = constants! {
    PROT_EXEC PROT_READ PROT_WRITE MAP_SHARED MAP_PRIVATE MAP_DENYWRITE MAP_EXECUTABLE MAP_ANON MAP_ANONYMOUS MAP_POPULATE
    MAP_STACK MAP_NORESERVE MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED MADV_DONTNEED MADV_REMOVE MADV_DONTFORK
    MADV_DOFORK MADV_HWPOISON MADV_MERGEABLE MADV_UNMERGEABLE MADV_HUGEPAGE MADV_NOHUGEPAGE MADV_DONTDUMP MADV_DODUMP
    MADV_FREE;
    MAP_32BIT = 64, ACCESS_DEFAULT = 0, ACCESS_READ = 1, ACCESS_WRITE = 2, ACCESS_COPY = 3
};

/// How a mapping may be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Default,
    Read,
    Write,
    Copy,
}

/// `mmap.mmap`.
pub struct Mmap {
    /// Empty once closed.
    map: RefCell<Option<Map>>,
    /// A descriptor of its own; −1 without a file.
    fd: Cell<i32>,
    offset: i64,
    access: Access,
    shared: bool,
    /// Whether it keeps a descriptor of its file, if it has one.
    tracked: bool,
    pos: Cell<usize>,
    exports: Cell<usize>,
}

serpens_vm::native_payload!(Mmap {});

impl Drop for Mmap {
    fn drop(&mut self) {
        let fd = self.fd.get();
        if fd >= 0 {
            let _ = call::close(fd);
        }
    }
}

/// The type `mmap`.
pub static MMAP: TypeDef = TypeDef::new::<Mmap>("mmap")
    .module("mmap")
    .doc("mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])\n\nMaps length bytes from the file specified by the file descriptor fileno.")
    .basetype()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new),
        repr: Some(repr),
        len: Some(|vm, v| this(v).with(vm, |m| Ok(m.len()))),
        iter: Some(|vm, v| Ok(vm.alloc_native(&ITERATOR, Iter { map: VCell::new(v.clone()), at: Cell::new(0) }))),
        getitem: Some(getitem),
        setitem: Some(setitem),
        buffer: Some(buffer),
        ..Slots::EMPTY
    })
    .methods(methods::METHODS)
    .getset(&[GetSetDef::new("closed", |_, v| Ok(Value::bool(this(v).map.borrow().is_none())))]);

/// Iterates over a mapping: its bytes as `bytes` of length 1, unlike those that an index gives.
pub struct Iter {
    /// Empty when exhausted.
    map: VCell,
    at: Cell<usize>,
}

serpens_vm::native_payload!(Iter {} cells { map });

static ITERATOR: TypeDef = TypeDef::new::<Iter>("iterator").gc().flags(tflag::NO_NEW).slots(iterator_slots(next));

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = v.downcast::<Iter>().expect("the descriptor has checked the receiver");
    let Some(map) = it.map.get() else { return Ok(None) };
    let at = it.at.get();
    let byte = this(&map).with(vm, |m| Ok((at < m.len()).then(|| m.byte(at))))?;
    match byte {
        Some(b) => {
            it.at.set(at + 1);
            Ok(Some(vm.bytes(&[b])))
        }
        None => {
            drop(it.map.take());
            Ok(None)
        }
    }
}

fn this(v: &Value) -> &Mmap {
    v.downcast::<Mmap>().expect("the descriptor has checked the receiver")
}

impl Mmap {
    /// Uses the mapping; `ValueError` once it is closed. No Python code runs in `f`.
    fn with<R>(&self, vm: &Vm, f: impl FnOnce(&Map) -> PyResult<R>) -> PyResult<R> {
        match &*self.map.borrow() {
            Some(map) => f(map),
            None => Err(vm.value_error("mmap closed or invalid")),
        }
    }

    fn check_writable(&self, vm: &Vm) -> PyResult<()> {
        if self.access == Access::Read {
            return Err(vm.type_error("mmap can't modify a readonly memory map."));
        }
        Ok(())
    }
}

const NAMES: [&str; 7] = ["fileno", "length", "flags", "prot", "access", "offset", "trackfd"];

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [fd, length, flags, prot, access, offset, track] = crate::data::bind(vm, args, "mmap", NAMES, 2)?;
    let number = |v: Option<&Value>, default: i32| v.map_or(Ok(default), |v| vm.arg_i32(v));
    let fd = number(fd, -1)?;
    let length = vm.arg_isize(crate::data::required(length))?;
    let flags_given = number(flags, libc::MAP_SHARED)?;
    let prot_given = number(prot, libc::PROT_READ | libc::PROT_WRITE)?;
    let access = number(access, 0)?;
    let offset = match offset {
        Some(v) => {
            to_i64(&vm.to_index(v)?).ok_or_else(|| vm.overflow_error("Python int too large to convert to C long"))?
        }
        None => 0,
    };
    let track = track.map_or(Ok(true), |v| vm.truthy(v))?;
    let Ok(mut length) = usize::try_from(length) else {
        return Err(vm.overflow_error("memory mapped length must be positive"));
    };
    if offset < 0 {
        return Err(vm.overflow_error("memory mapped offset must be positive"));
    }
    if access != 0 && (flags_given != libc::MAP_SHARED || prot_given != libc::PROT_READ | libc::PROT_WRITE) {
        return Err(vm.value_error("mmap can't specify both access and flags, prot."));
    }
    let (mut flags, prot, access) = match access {
        0 if prot_given & libc::PROT_WRITE != 0 => (flags_given, prot_given, Access::Default),
        0 => (flags_given, prot_given, Access::Read),
        1 => (libc::MAP_SHARED, libc::PROT_READ, Access::Read),
        2 => (libc::MAP_SHARED, libc::PROT_READ | libc::PROT_WRITE, Access::Write),
        3 => (libc::MAP_PRIVATE, libc::PROT_READ | libc::PROT_WRITE, Access::Copy),
        _ => return Err(vm.value_error("mmap invalid access parameter.")),
    };
    if fd >= 0
        && let Ok(st) = call::fstat(fd)
        && st.st_mode & libc::S_IFMT == libc::S_IFREG
    {
        if length == 0 {
            if st.st_size == 0 {
                return Err(vm.value_error("cannot mmap an empty file"));
            }
            if offset >= st.st_size {
                return Err(vm.value_error("mmap offset is greater than file size"));
            }
            length = (st.st_size - offset) as usize;
        } else if offset > st.st_size || st.st_size - offset < length as i64 {
            return Err(vm.value_error("mmap length is greater than file size"));
        }
    }
    let own = if fd == -1 {
        flags |= libc::MAP_ANONYMOUS;
        -1
    } else if track {
        map::duplicate(fd).map_err(|e| vm.io_error(&e, None))?
    } else {
        -1
    };
    let made = Map::new(length, prot, flags, fd, offset).map_err(|e| {
        if own >= 0 {
            let _ = call::close(own);
        }
        vm.io_error(&e, None)
    })?;
    let payload = Mmap {
        map: RefCell::new(Some(made)),
        fd: Cell::new(own),
        offset,
        access,
        shared: flags & libc::MAP_SHARED != 0,
        tracked: track,
        pos: Cell::new(0),
        exports: Cell::new(0),
    };
    Ok(vm.alloc(ty, payload))
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let m = this(v);
    let name = vm.type_of(v).full_name(vm);
    let Some(len) = m.map.borrow().as_ref().map(Map::len) else {
        return Ok(vm.str(&format!("<{name} closed=True>")));
    };
    let access = match m.access {
        Access::Default => "ACCESS_DEFAULT",
        Access::Read => "ACCESS_READ",
        Access::Write => "ACCESS_WRITE",
        Access::Copy => "ACCESS_COPY",
    };
    let (pos, offset) = (m.pos.get(), m.offset);
    Ok(vm.str(&format!("<{name} closed=False, access={access}, length={len}, pos={pos}, offset={offset}>")))
}

/// The place an index selects.
fn place(vm: &Vm, m: &Mmap, key: &Value) -> PyResult<usize> {
    let i = vm.index_isize(key, vm.types().IndexError)?;
    m.with(vm, |map| {
        let at = if i < 0 { i + map.len() as isize } else { i };
        match usize::try_from(at) {
            Ok(at) if at < map.len() => Ok(at),
            _ => Err(vm.index_error("mmap index out of range")),
        }
    })
}

fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let m = this(v);
    m.with(vm, |_| Ok(()))?;
    if vm.has_index(key) {
        let at = place(vm, m, key)?;
        return m.with(vm, |map| Ok(Value::from_usize(map.byte(at) as usize)));
    }
    let Some(slice) = key.downcast::<Slice>() else { return Err(vm.type_error("mmap indices must be integers")) };
    let unpacked = slice.unpack(vm)?;
    let bytes = m.with(vm, |map| {
        let s = unpacked.adjust(map.len());
        if s.step == 1 {
            vm.check_alloc(s.len)?;
            return Ok(map.read(s.start.max(0) as usize, s.len));
        }
        Ok((0..s.len).map(|i| map.byte((s.start + i as isize * s.step) as usize)).collect())
    })?;
    Ok(vm.bytes(&bytes))
}

fn setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let m = this(v);
    m.with(vm, |_| Ok(()))?;
    m.check_writable(vm)?;
    if vm.has_index(key) {
        let at = place(vm, m, key)?;
        let Some(value) = value else { return Err(vm.type_error("mmap doesn't support item deletion")) };
        if !vm.has_index(value) {
            return Err(vm.type_error("mmap item value must be an int"));
        }
        let n = vm.arg_isize(value)?;
        let Ok(byte) = u8::try_from(n) else {
            return Err(vm.value_error("mmap item value must be in range(0, 256)"));
        };
        // The conversion of the value may have run code that shrank the mapping.
        return m.with(vm, |map| match at < map.len() {
            true => {
                map.write(at, &[byte]);
                Ok(())
            }
            false => Err(vm.index_error("mmap index out of range")),
        });
    }
    let Some(slice) = key.downcast::<Slice>() else { return Err(vm.type_error("mmap indices must be integers")) };
    let unpacked = slice.unpack(vm)?;
    let Some(value) = value else { return Err(vm.type_error("mmap object doesn't support slice deletion")) };
    let bytes = vm.get_contiguous(value, false)?.as_bytes().to_vec();
    m.with(vm, |map| {
        let s = unpacked.adjust(map.len());
        if bytes.len() != s.len {
            return Err(vm.index_error("mmap slice assignment is wrong size"));
        }
        for (i, b) in bytes.iter().enumerate().filter(|_| s.step != 1) {
            map.write((s.start + i as isize * s.step) as usize, &[*b]);
        }
        if s.step == 1 {
            map.write(s.start.max(0) as usize, &bytes);
        }
        Ok(())
    })
}

fn buffer(vm: &Vm, v: &Value, writable: bool) -> PyResult<Buffer> {
    let m = this(v);
    let readonly = m.access == Access::Read;
    let (at, len) = m.with(vm, |map| Ok((map.as_ptr(), map.len())))?;
    if writable && readonly {
        return Err(vm.buffer_error("Object is not writable."));
    }
    m.exports.set(m.exports.get() + 1);
    Ok(Buffer::simple(
        v,
        at,
        len,
        readonly,
        Some(|_, v| {
            if let Some(m) = v.downcast::<Mmap>() {
                m.exports.set(m.exports.get().saturating_sub(1));
            }
        }),
    ))
}
