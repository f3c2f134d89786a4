//! `BytesIO`: a binary stream in memory.
//!
//! Invariant: while views of `getbuffer()` exist the storage is neither moved nor resized.

use super::file::{bind, offset_arg};
use super::{closed_error, size_arg};
use serpens_vm::cell::VCell;
use serpens_vm::object::payload;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::{Buffer, Slots};
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};

/// A binary stream in memory.
pub struct BytesIo {
    data: RefCell<Vec<u8>>,
    pos: Cell<usize>,
    closed: Cell<bool>,
    exports: Cell<usize>,
}

serpens_vm::native_payload!(BytesIo {});

/// What `getbuffer()` makes a view of.
pub struct BytesIoBuffer {
    source: VCell,
}

serpens_vm::native_payload!(BytesIoBuffer {} cells { source });

/// `_io.BytesIO`.
pub static BYTES_IO: TypeDef = TypeDef::new::<BytesIo>("BytesIO")
    .copied_then(|copier, h| copier.renew(h, |b: &BytesIo| &b.data, Clone::clone))
    .unready(|h| (payload::<BytesIo>(h)?.exports.get() > 0).then_some("somebody looks at its buffer"))
    .module("_io")
    .doc("Buffered I/O implementation using an in-memory bytes buffer.")
    .base(&super::base::BUFFERED_IO_BASE)
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| {
            let b = BytesIo {
                data: RefCell::default(),
                pos: Cell::new(0),
                closed: Cell::new(false),
                exports: Cell::new(0),
            };
            Ok(vm.alloc(ty, b))
        }),
        init: Some(init),
        iternext: Some(|vm, v| {
            let line = this(v).readline(vm, None)?;
            Ok(if vm.len(&line)? == 0 { None } else { Some(line) })
        }),
        del: Some(|_, _| Ok(())),
        ..Slots::EMPTY
    })
    .methods(METHODS)
    .getset(&[
        GetSetDef::new("closed", |_, v| Ok(Value::bool(this(v).closed.get()))).doc("True if the file is closed.")
    ]);

/// `_io._BytesIOBuffer`.
pub static BYTES_IO_BUFFER: TypeDef = TypeDef::new::<BytesIoBuffer>("_BytesIOBuffer").module("_io").gc().slots(Slots {
    buffer: Some(|vm, v, _| {
        let Some(source) = v.downcast::<BytesIoBuffer>().and_then(|b| b.source.get()) else {
            return Err(vm.buffer_error("no buffer"));
        };
        let b = this(&source);
        b.exports.set(b.exports.get() + 1);
        let data = b.data.borrow();
        Ok(Buffer::simple(v, data.as_ptr(), data.len(), false, Some(release)))
    }),
    ..Slots::EMPTY
});

fn release(_: &Vm, v: &Value) {
    if let Some(source) = v.downcast::<BytesIoBuffer>().and_then(|b| b.source.get()) {
        let b = this(&source);
        b.exports.set(b.exports.get() - 1);
    }
}

fn this(v: &Value) -> &BytesIo {
    v.downcast::<BytesIo>().expect("the descriptor has checked the receiver")
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let [initial] = bind(vm, "BytesIO", ["initial_bytes"], args)?;
    let b = this(v);
    b.check_resize(vm)?;
    let data = match initial.filter(|i| !i.is_none()) {
        Some(i) => vm.bytes_arg(i)?.to_vec(),
        None => Vec::new(),
    };
    *b.data.borrow_mut() = data;
    b.pos.set(0);
    b.closed.set(false);
    Ok(())
}

fn always(vm: &Vm, a: Args<'_>) -> PyResult {
    a.this::<BytesIo>().check(vm)?;
    Ok(Value::TRUE)
}

const METHODS: &[MethodDef] = &[
    MethodDef::new("readable", "($self, /)", always),
    MethodDef::new("seekable", "($self, /)", always),
    MethodDef::new("writable", "($self, /)", always),
    MethodDef::new("close", "($self, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        b.check_resize(vm)?;
        b.closed.set(true);
        *b.data.borrow_mut() = Vec::new();
        Ok(Value::NONE)
    }),
    MethodDef::new("flush", "($self, /)", |vm, a| {
        a.this::<BytesIo>().check(vm)?;
        Ok(Value::NONE)
    }),
    MethodDef::new("isatty", "($self, /)", |vm, a| {
        a.this::<BytesIo>().check(vm)?;
        Ok(Value::FALSE)
    }),
    MethodDef::new("tell", "($self, /)", |vm, a| {
        a.this::<BytesIo>().check(vm)?;
        Ok(vm.int_usize(a.this::<BytesIo>().pos.get()))
    }),
    MethodDef::new("getvalue", "($self, /)", |vm, a| {
        a.this::<BytesIo>().check(vm)?;
        Ok(vm.bytes(&a.this::<BytesIo>().data.borrow()))
    })
    .doc("Retrieve the entire contents of the BytesIO object."),
    MethodDef::new("getbuffer", "($self, /)", |vm, a| {
        a.this::<BytesIo>().check(vm)?;
        let b = vm.alloc_native(&BYTES_IO_BUFFER, BytesIoBuffer { source: VCell::new(a.get(0).clone()) });
        vm.memoryview_of(&b)
    })
    .doc("Get a read-write view over the contents of the BytesIO object."),
    MethodDef::new("read", "($self, size=-1, /)", read),
    MethodDef::new("read1", "($self, size=-1, /)", read),
    MethodDef::new("readline", "($self, size=-1, /)", |vm, a| {
        let limit = size_arg(vm, a.opt(1))?;
        a.this::<BytesIo>().readline(vm, limit)
    }),
    MethodDef::new("readlines", "($self, size=None, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        b.check(vm)?;
        let hint = size_arg(vm, a.opt(1))?.filter(|n| *n > 0);
        let (mut lines, mut total) = (Vec::new(), 0);
        loop {
            let line = b.readline(vm, None)?;
            let n = vm.len(&line)?;
            if n == 0 {
                break;
            }
            total += n;
            lines.push(line);
            if hint.is_some_and(|h| total >= h) {
                break;
            }
        }
        Ok(vm.list(lines))
    }),
    MethodDef::new("readinto", "($self, buffer, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        b.check(vm)?;
        let target = vm.get_contiguous(a.get(1), true)?;
        let part = b.take(target.len);
        target.bytes_mut()[..part.len()].copy_from_slice(&part);
        Ok(vm.int_usize(part.len()))
    }),
    MethodDef::new("write", "($self, b, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        b.check(vm)?;
        if a.get(1).is_a::<serpens_vm::types::str::Str>() {
            return Err(vm.not_bytes_like(a.get(1)));
        }
        b.check_resize(vm)?;
        let data = vm.bytes_arg(a.get(1))?.to_vec();
        b.write(vm, &data)?;
        Ok(vm.int_usize(data.len()))
    }),
    MethodDef::new("writelines", "($self, lines, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        b.check(vm)?;
        vm.for_each(a.get(1), |line| {
            b.check_resize(vm)?;
            let data = vm.bytes_arg(&line)?.to_vec();
            b.write(vm, &data)
        })?;
        Ok(Value::NONE)
    }),
    MethodDef::new("truncate", "($self, size=None, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        b.check(vm)?;
        b.check_resize(vm)?;
        let n = match a.some(1) {
            None => b.pos.get(),
            Some(n) => {
                let n = offset_arg(vm, n)?;
                usize::try_from(n).map_err(|_| vm.value_error(&format!("negative size value {n}")))?
            }
        };
        let mut data = b.data.borrow_mut();
        if n < data.len() {
            data.truncate(n);
        }
        Ok(vm.int_usize(n))
    }),
    MethodDef::new("seek", "($self, pos, whence=0, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        b.check(vm)?;
        let pos = offset_arg(vm, a.get(1))?;
        let whence = a.opt(2).map_or(Ok(0), |w| vm.arg_i32(w))?;
        let from = match whence {
            0 if pos < 0 => return Err(vm.value_error(&format!("negative seek value {pos}"))),
            0 => 0,
            1 => b.pos.get() as i64,
            2 => b.data.borrow().len() as i64,
            _ => return Err(vm.value_error(&format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
        };
        let Some(to) = from.checked_add(pos) else { return Err(vm.overflow_error("new position too large")) };
        b.pos.set(to.max(0) as usize);
        Ok(vm.int(to.max(0)))
    }),
    MethodDef::new("__getstate__", "($self, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        b.check(vm)?;
        let dict = match vm.instance_dict(a.get(0)) {
            Some(d) => d.downcast::<Dict>().map_or(Value::NONE, |d| d.copy(vm)),
            None => Value::NONE,
        };
        let data = vm.bytes(&b.data.borrow());
        Ok(vm.tuple(vec![data, vm.int_usize(b.pos.get()), dict]))
    }),
    MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
        let b = a.this::<BytesIo>();
        let Some([data, pos, dict, ..]) = a.get(1).downcast::<Tuple>().map(|t| t.as_slice()) else {
            let name = vm.type_of(a.get(0)).full_name(vm);
            let got = vm.type_of(a.get(1)).name();
            return Err(vm.type_error(&format!("{name}.__setstate__ argument should be 3-tuple, got {got}")));
        };
        b.check_resize(vm)?;
        let data = vm.bytes_arg(data)?.to_vec();
        *b.data.borrow_mut() = data;
        let pos = vm.arg_isize(pos).map_err(|_| {
            drop(vm.take_raised());
            vm.type_error("second item of state must be an integer")
        })?;
        b.pos.set(usize::try_from(pos).map_err(|_| vm.value_error("position value cannot be negative"))?);
        if let Some(new) = dict.downcast::<Dict>()
            && let Some(own) = vm.instance_dict(a.get(0))
            && let Some(own) = own.downcast::<Dict>()
        {
            own.update_from(vm, new)?;
        }
        Ok(Value::NONE)
    }),
];

fn read(vm: &Vm, a: Args<'_>) -> PyResult {
    let b = a.this::<BytesIo>();
    let n = size_arg(vm, a.opt(1))?;
    b.check(vm)?;
    let data = b.data.borrow();
    let start = b.pos.get().min(data.len());
    let end = n.map_or(data.len(), |n| data.len().min(start.saturating_add(n)));
    b.pos.set(b.pos.get().max(end));
    Ok(vm.bytes(&data[start..end]))
}

impl BytesIo {
    fn check(&self, vm: &Vm) -> PyResult<()> {
        if self.closed.get() { Err(closed_error(vm)) } else { Ok(()) }
    }

    fn check_resize(&self, vm: &Vm) -> PyResult<()> {
        if self.exports.get() > 0 {
            return Err(vm.buffer_error("Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }

    fn take(&self, n: usize) -> Vec<u8> {
        let data = self.data.borrow();
        let start = self.pos.get().min(data.len());
        let end = data.len().min(start.saturating_add(n));
        self.pos.set(self.pos.get().max(end));
        data[start..end].to_vec()
    }

    fn readline(&self, vm: &Vm, limit: Option<usize>) -> PyResult {
        self.check(vm)?;
        let data = self.data.borrow();
        let start = self.pos.get().min(data.len());
        let rest = &data[start..];
        let n = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |i| i + 1).min(limit.unwrap_or(usize::MAX));
        self.pos.set(self.pos.get().max(start + n));
        Ok(vm.bytes(&rest[..n]))
    }

    fn write(&self, vm: &Vm, new: &[u8]) -> PyResult<()> {
        if new.is_empty() {
            return Ok(());
        }
        let at = self.pos.get();
        let Some(end) = at.checked_add(new.len()) else { return Err(vm.overflow_error("new buffer size too large")) };
        let mut data = self.data.borrow_mut();
        if end > data.len() {
            vm.check_alloc(end - data.len())?;
            let n = at.max(data.len());
            data.resize(n, 0);
            let overlap = data.len() - at;
            data[at..].copy_from_slice(&new[..overlap]);
            data.extend_from_slice(&new[overlap..]);
        } else {
            data[at..end].copy_from_slice(new);
        }
        self.pos.set(end);
        Ok(())
    }
}
