//! `_IOBase` and its three children: what every stream has, in terms of what subclasses define.

use super::{closed_error, size_arg, unsupported};
use serpens_vm::types::bytearray::ByteArray;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::object::Plain;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};

/// `_io._IOBase`.
pub static IO_BASE: TypeDef = TypeDef::new::<Plain>("_IOBase")
    .module("_io")
    .doc("The abstract base class for all I/O classes.")
    .basetype()
    .gc()
    .flags(tflag::HAS_DICT | tflag::HAS_WEAKREF | tflag::FINALIZER)
    .slots(Slots { iter: Some(iter), iternext: Some(next), del: Some(finalize), ..Slots::EMPTY })
    .methods(METHODS)
    .getset(&[GetSetDef::new("closed", |vm, v| Ok(Value::bool(closed_flag(vm, v))))]);

/// `_io._RawIOBase`.
pub static RAW_IO_BASE: TypeDef = TypeDef::new::<Plain>("_RawIOBase")
    .module("_io")
    .doc("Base class for raw binary I/O.")
    .base(&IO_BASE)
    .basetype()
    .methods(&[
        MethodDef::new("read", "($self, size=-1, /)", raw_read),
        MethodDef::new("readall", "($self, /)", |vm, a| raw_readall(vm, a.get(0)))
            .doc("Read until EOF, using multiple read() call."),
    ]);

/// `_io._BufferedIOBase`.
pub static BUFFERED_IO_BASE: TypeDef = TypeDef::new::<Plain>("_BufferedIOBase")
    .module("_io")
    .doc("Base class for buffered IO objects.")
    .base(&IO_BASE)
    .basetype()
    .methods(&[
        MethodDef::new("detach", "($self, /)", |vm, _| Err(unsupported(vm, "detach"))),
        MethodDef::new("read", "($self, size=-1, /)", |vm, _| Err(unsupported(vm, "read"))),
        MethodDef::new("read1", "($self, size=-1, /)", |vm, _| Err(unsupported(vm, "read1"))),
        MethodDef::new("write", "($self, b, /)", |vm, _| Err(unsupported(vm, "write"))),
        MethodDef::new("readinto", "($self, buffer, /)", |vm, a| readinto(vm, a, "read")),
        MethodDef::new("readinto1", "($self, buffer, /)", |vm, a| readinto(vm, a, "read1")),
    ]);

/// `_io._TextIOBase`.
pub static TEXT_IO_BASE: TypeDef = TypeDef::new::<Plain>("_TextIOBase")
    .module("_io")
    .doc("Base class for text I/O.")
    .base(&IO_BASE)
    .basetype()
    .methods(&[
        MethodDef::new("detach", "($self, /)", |vm, _| Err(unsupported(vm, "detach"))),
        MethodDef::new("read", "($self, size=-1, /)", |vm, _| Err(unsupported(vm, "read"))),
        MethodDef::new("readline", "($self, size=-1, /)", |vm, _| Err(unsupported(vm, "readline"))),
        MethodDef::new("write", "($self, s, /)", |vm, _| Err(unsupported(vm, "write"))),
    ])
    .getset(&[
        GetSetDef::new("encoding", |_, _| Ok(Value::NONE)),
        GetSetDef::new("newlines", |_, _| Ok(Value::NONE)),
        GetSetDef::new("errors", |_, _| Ok(Value::NONE)),
    ]);

const METHODS: &[MethodDef] = &[
    MethodDef::raw("seek", "($self, offset, whence=0, /)", |vm, _| Err(unsupported(vm, "seek"))),
    MethodDef::new("tell", "($self, /)", |vm, a| {
        vm.call_method_str(a.get(0), "seek", &[Value::int_unchecked(0), Value::int_unchecked(1)])
    })
    .doc("Return current stream position."),
    MethodDef::raw("truncate", "($self, size=None, /)", |vm, _| Err(unsupported(vm, "truncate"))),
    MethodDef::new("fileno", "($self, /)", |vm, _| Err(unsupported(vm, "fileno"))),
    MethodDef::new("flush", "($self, /)", |vm, a| {
        check_flag(vm, a.get(0))?;
        Ok(Value::NONE)
    })
    .doc("Flush write buffers, if applicable."),
    MethodDef::new("close", "($self, /)", |vm, a| close(vm, a.get(0))).doc("Flush and close the IO object."),
    MethodDef::new("seekable", "($self, /)", |_, _| Ok(Value::FALSE)),
    MethodDef::new("readable", "($self, /)", |_, _| Ok(Value::FALSE)),
    MethodDef::new("writable", "($self, /)", |_, _| Ok(Value::FALSE)),
    MethodDef::new("_checkClosed", "($self, msg=None, /)", |vm, a| {
        check_closed(vm, a.get(0))?;
        Ok(Value::NONE)
    }),
    MethodDef::new("_checkSeekable", "($self, msg=None, /)", |vm, a| {
        ask(vm, a.get(0), "seekable", "File or stream is not seekable.")
    }),
    MethodDef::new("_checkReadable", "($self, msg=None, /)", |vm, a| {
        ask(vm, a.get(0), "readable", "File or stream is not readable.")
    }),
    MethodDef::new("_checkWritable", "($self, msg=None, /)", |vm, a| {
        ask(vm, a.get(0), "writable", "File or stream is not writable.")
    }),
    MethodDef::new("isatty", "($self, /)", |vm, a| {
        check_closed(vm, a.get(0))?;
        Ok(Value::FALSE)
    }),
    MethodDef::new("__enter__", "($self, /)", |vm, a| {
        check_closed(vm, a.get(0))?;
        Ok(a.get(0).clone())
    }),
    MethodDef::raw("__exit__", "($self, *args)", |vm, args| match args.pos().first() {
        Some(v) => vm.call_method(v, &vm.names().close, &[]),
        None => Err(vm.type_error("__exit__() needs a receiver")),
    }),
    MethodDef::new("readline", "($self, size=-1, /)", |vm, a| {
        let limit = size_arg(vm, a.opt(1))?;
        readline(vm, a.get(0), limit)
    })
    .doc("Read and return a line from the stream."),
    MethodDef::new("readlines", "($self, hint=-1, /)", readlines).doc("Return a list of lines from the stream."),
    MethodDef::new("writelines", "($self, lines, /)", |vm, a| {
        check_closed(vm, a.get(0))?;
        let write = vm.names().write.clone();
        vm.for_each(a.get(1), |line| vm.call_method(a.get(0), &write, &[line]).map(drop))?;
        Ok(Value::NONE)
    })
    .doc("Write a list of lines to stream."),
];

const FLAG: &str = "__IOBase_closed";

fn closed_flag(vm: &Vm, v: &Value) -> bool {
    vm.instance_dict(v).is_some_and(|d| d.downcast::<Dict>().is_some_and(|d| d.get_name(vm, FLAG).is_some()))
}

fn check_flag(vm: &Vm, v: &Value) -> PyResult<()> {
    if closed_flag(vm, v) { Err(closed_error(vm)) } else { Ok(()) }
}

/// Whether a stream says that it is closed.
pub fn is_closed(vm: &Vm, v: &Value) -> PyResult<bool> {
    vm.truthy(&vm.getattr_str(v, "closed")?)
}

/// `ValueError` if a stream says that it is closed.
pub fn check_closed(vm: &Vm, v: &Value) -> PyResult<()> {
    if is_closed(vm, v)? { Err(closed_error(vm)) } else { Ok(()) }
}

fn ask(vm: &Vm, v: &Value, question: &str, message: &str) -> PyResult {
    if !vm.call_method_str(v, question, &[])?.is_true() {
        return Err(unsupported(vm, message));
    }
    Ok(Value::TRUE)
}

/// Runs both; the first error wins, with the second as what happened while handling it.
pub fn both<A, B>(vm: &Vm, first: PyResult<A>, second: impl FnOnce() -> PyResult<B>) -> PyResult<B> {
    match first {
        Ok(_) => second(),
        Err(_) => {
            let e = vm.take_raised();
            match second() {
                Ok(_) => Err(vm.reraise(e)),
                Err(_) => {
                    let later = vm.take_raised();
                    if let Some(l) = later.downcast::<serpens_vm::types::exception::Exception>()
                        && !l.context.is_set()
                        && !later.is(&e)
                    {
                        l.context.set(e);
                    }
                    Err(vm.reraise(later))
                }
            }
        }
    }
}

/// `_IOBase.close()`.
pub fn close(vm: &Vm, v: &Value) -> PyResult {
    if closed_flag(vm, v) {
        return Ok(Value::NONE);
    }
    let flushed = vm.call_method(v, &vm.names().flush, &[]);
    both(vm, flushed, || {
        if let Some(dict) = vm.instance_dict(v)
            && let Some(d) = dict.downcast::<Dict>()
        {
            d.set_name(vm, FLAG, Value::TRUE);
            return Ok(Value::NONE);
        }
        vm.setattr(v, &vm.intern(FLAG), Some(&Value::TRUE))?;
        Ok(Value::NONE)
    })
}

/// `__del__`: closes the stream.
pub fn finalize(vm: &Vm, v: &Value) -> PyResult<()> {
    let closed = match is_closed(vm, v) {
        Ok(c) => c,
        Err(_) => {
            drop(vm.take_raised());
            false
        }
    };
    if closed {
        return Ok(());
    }
    let _ = vm.setattr(v, &vm.intern("_finalizing"), Some(&Value::TRUE)).map_err(|_| drop(vm.take_raised()));
    vm.call_method(v, &vm.names().close, &[]).map(drop)
}

fn iter(vm: &Vm, v: &Value) -> PyResult {
    check_closed(vm, v)?;
    Ok(v.clone())
}

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let line = vm.call_method_str(v, "readline", &[])?;
    Ok(if vm.len(&line)? == 0 { None } else { Some(line) })
}

fn readline(vm: &Vm, v: &Value, limit: Option<usize>) -> PyResult {
    let peek = vm.getattr_opt(v, &vm.intern("peek"))?;
    let mut line: Vec<u8> = Vec::new();
    while limit.is_none_or(|n| line.len() < n) {
        let mut want = 1;
        if let Some(peek) = &peek {
            let ahead = vm.call_one(peek, &Value::int_unchecked(1))?;
            let Some(b) = ahead.downcast::<Bytes>() else {
                let got = vm.type_of(&ahead).name();
                return Err(vm.raise_text(
                    vm.types().OSError,
                    &format!("peek() should have returned a bytes object, not '{got}'"),
                ));
            };
            let b = b.as_bytes();
            if !b.is_empty() {
                want = b.iter().position(|c| *c == b'\n').map_or(b.len(), |i| i + 1);
                if let Some(n) = limit {
                    want = want.min(n - line.len());
                }
            }
        }
        let part = vm.call_method(v, &vm.names().read, &[Value::from_usize(want)])?;
        if part.is_none() {
            break;
        }
        let Some(b) = part.downcast::<Bytes>() else {
            let got = vm.type_of(&part).name();
            return Err(
                vm.raise_text(vm.types().OSError, &format!("read() should have returned a bytes object, not '{got}'"))
            );
        };
        if b.is_empty() {
            break;
        }
        line.extend_from_slice(b.as_bytes());
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(vm.bytes(&line))
}

fn readlines(vm: &Vm, a: Args<'_>) -> PyResult {
    let hint = size_arg(vm, a.opt(1))?.filter(|n| *n > 0);
    let mut lines = Vec::new();
    let mut total = 0;
    let it = vm.iter(a.get(0))?;
    while let Some(line) = vm.next(&it)? {
        total += vm.len(&line)?;
        lines.push(line);
        if hint.is_some_and(|h| total >= h) {
            break;
        }
    }
    Ok(vm.list(lines))
}

fn raw_read(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(n) = size_arg(vm, a.opt(1))? else { return vm.call_method_str(a.get(0), "readall", &[]) };
    vm.check_alloc(n)?;
    let buffer = vm.bytearray(&vec![0; n]);
    let got = vm.call_method_str(a.get(0), "readinto", std::slice::from_ref(&buffer))?;
    if got.is_none() {
        return Ok(got);
    }
    let got = vm.arg_isize(&got)?;
    let filled = buffer.downcast::<ByteArray>().map(ByteArray::to_vec).unwrap_or_default();
    match usize::try_from(got) {
        Ok(m) if m <= n && m <= filled.len() => Ok(vm.bytes(&filled[..m])),
        _ => Err(vm.value_error(&format!("readinto returned {got} outside buffer size {n}"))),
    }
}

fn raw_readall(vm: &Vm, v: &Value) -> PyResult {
    let mut out: Vec<u8> = Vec::new();
    loop {
        let part = vm.call_method(v, &vm.names().read, &[Value::from_usize(super::DEFAULT_BUFFER_SIZE)])?;
        if part.is_none() {
            return Ok(if out.is_empty() { part } else { vm.bytes(&out) });
        }
        match part.downcast::<Bytes>() {
            Some(b) if b.is_empty() => return Ok(vm.bytes(&out)),
            Some(b) => out.extend_from_slice(b.as_bytes()),
            None => return Err(vm.type_error("read() should return bytes")),
        }
    }
}

fn readinto(vm: &Vm, a: Args<'_>, method: &str) -> PyResult {
    let target = vm.get_contiguous(a.get(1), true)?;
    let data = vm.call_method_str(a.get(0), method, &[Value::from_usize(target.len)])?;
    let Some(b) = data.downcast::<Bytes>() else {
        return Err(vm.type_error(&format!("{method}() should return bytes")));
    };
    let b = b.as_bytes();
    if b.len() > target.len {
        let (n, m) = (b.len(), target.len);
        return Err(vm.value_error(&format!("{method}() returned too much data: {m} bytes requested, {n} returned")));
    }
    target.bytes_mut()[..b.len()].copy_from_slice(b);
    Ok(Value::from_usize(b.len()))
}
