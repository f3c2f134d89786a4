//! `BufferedReader`, `BufferedWriter` and `BufferedRandom`: buffers over a raw stream.
//!
//! One payload serves the three: a read buffer with a position and a write buffer, of which at most one is in use.
//! When the raw stream is exactly a `FileIO`, it is used without going through Python.
//!
//! Invariant: the state is not borrowed while Python code runs or the lock is released.

use super::file::{FILE_IO, FileIo, bind, blocking_error, expect_bytes, offset_arg};
use super::{base, size_arg, unsupported};
use serpens_vm::cell::VCell;
use serpens_vm::object::payload;
use serpens_vm::types::bytearray::ByteArray;
use serpens_vm::types::slots::Slots;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};

/// What lies between Python and the raw stream.
#[derive(Default, Clone)]
struct State {
    /// Bytes read ahead.
    ahead: Vec<u8>,
    /// How many of them were handed out.
    at: usize,
    /// Bytes not yet written.
    out: Vec<u8>,
}

/// A buffered stream.
pub struct Buffered {
    raw: VCell,
    /// The raw stream is exactly a `FileIO`.
    plain: Cell<bool>,
    state: RefCell<State>,
    size: Cell<usize>,
    readable: bool,
    writable: bool,
    finalizing: Cell<bool>,
    detached: Cell<bool>,
}

serpens_vm::native_payload!(Buffered {} cells { raw });

macro_rules! buffered_type {
    ($(#[$doc:meta])* $static_:ident, $name:literal, $read:literal, $write:literal, $methods:expr) => {
        $(#[$doc])*
        pub static $static_: TypeDef = TypeDef::new::<Buffered>($name)
            .copied_then(|copier, h| copier.renew(h, |b: &Buffered| &b.state, Clone::clone))
            .unready(|h| (!payload::<Buffered>(h)?.state.borrow().out.is_empty()).then_some("it holds output that is not written"))
            .module("_io")
            .base(&base::BUFFERED_IO_BASE)
            .basetype()
            .slots(Slots {
                new: Some(|vm, ty, _| Ok(vm.alloc(ty, empty($read, $write)))),
                init: Some(init),
                repr: Some(repr),
                del: Some(finalize),
                iternext: Some(next),
                ..Slots::EMPTY
            })
            .methods($methods)
            .getset(GETSET);
    };
}

buffered_type!(
    /// `_io.BufferedReader`.
    BUFFERED_READER, "BufferedReader", true, false, &READER
);
buffered_type!(
    /// `_io.BufferedWriter`.
    BUFFERED_WRITER, "BufferedWriter", false, true, &WRITER
);
buffered_type!(
    /// `_io.BufferedRandom`.
    BUFFERED_RANDOM, "BufferedRandom", true, true, &RANDOM
);

const GETSET: &[GetSetDef] = &[
    GetSetDef::new("raw", |_, v| Ok(this(v).raw.get_or_none())),
    GetSetDef::new("closed", |vm, v| vm.getattr_str(&this(v).raw(vm)?, "closed")),
    GetSetDef::new("name", |vm, v| vm.getattr(&this(v).raw(vm)?, &vm.names().name)),
    GetSetDef::new("mode", |vm, v| vm.getattr_str(&this(v).raw(vm)?, "mode")),
    GetSetDef::rw(
        "_finalizing",
        |_, v| Ok(Value::bool(this(v).finalizing.get())),
        |vm, v, x| {
            this(v).finalizing.set(x.map_or(Ok(false), |x| vm.truthy(x))?);
            Ok(())
        },
    ),
];

macro_rules! pass {
    ($name:literal) => {
        MethodDef::new($name, "($self, /)", |vm, a| vm.call_method_str(&this(a.get(0)).raw(vm)?, $name, &[]))
    };
}

const DETACH: MethodDef = MethodDef::new("detach", "($self, /)", |vm, a| {
    let b = this(a.get(0));
    b.raw(vm)?;
    vm.call_method(a.get(0), &vm.names().flush, &[])?;
    let raw = b.raw(vm)?;
    b.raw.take();
    b.detached.set(true);
    Ok(raw)
});
const CLOSE: MethodDef = MethodDef::new("close", "($self, /)", close);
const SEEKABLE: MethodDef = pass!("seekable");
const READABLE: MethodDef = pass!("readable");
const WRITABLE: MethodDef = pass!("writable");
const FILENO: MethodDef = pass!("fileno");
const ISATTY: MethodDef = pass!("isatty");
const GETSTATE: MethodDef = MethodDef::new("__getstate__", "($self, /)", |vm, a| {
    Err(vm.type_error(&format!("cannot pickle '{}' instances", vm.type_of(a.get(0)).full_name(vm))))
});
const SIZEOF: MethodDef = MethodDef::new("__sizeof__", "($self, /)", |_, a| {
    Ok(Value::from_usize(size_of::<Buffered>() + 16 + this(a.get(0)).size.get()))
});
const DEALLOC_WARN: MethodDef = MethodDef::new("_dealloc_warn", "($self, source, /)", |_, _| Ok(Value::NONE));
const FLUSH: MethodDef = MethodDef::new("flush", "($self, /)", |vm, a| {
    let b = this(a.get(0));
    b.check_open(vm)?;
    b.flush_and_rewind(vm)?;
    Ok(Value::NONE)
});
const FLUSH_READER: MethodDef = MethodDef::new("flush", "($self, /)", |vm, a| {
    let raw = this(a.get(0)).raw(vm)?;
    base::check_closed(vm, a.get(0))?;
    vm.call_method(&raw, &vm.names().flush, &[])
});
const TELL: MethodDef = MethodDef::new("tell", "($self, /)", |vm, a| {
    let b = this(a.get(0));
    let at = b.raw_tell(vm)?;
    let s = b.state.borrow();
    let pos = at - (s.ahead.len() - s.at) as i64 + s.out.len() as i64;
    Ok(vm.int(pos.max(0)))
});
const SEEK: MethodDef = MethodDef::new("seek", "($self, target, whence=0, /)", |vm, a| {
    let b = this(a.get(0));
    let whence = a.opt(2).map_or(Ok(0), |w| vm.arg_i32(w))?;
    if !matches!(whence, 0..=4) {
        return Err(vm.value_error(&format!("whence value {whence} unsupported")));
    }
    b.check_open_for(vm, "seek of closed file")?;
    if !vm.call_method_str(&b.raw(vm)?, "seekable", &[])?.is_true() {
        return Err(unsupported(vm, "File or stream is not seekable."));
    }
    let target = offset_arg(vm, a.get(1))?;
    b.seek(vm, target, whence).map(|n| vm.int(n))
});
const TRUNCATE: MethodDef = MethodDef::new("truncate", "($self, pos=None, /)", |vm, a| {
    let b = this(a.get(0));
    b.check_open_for(vm, "truncate of closed file")?;
    if !b.writable {
        return Err(unsupported(vm, "truncate"));
    }
    b.flush_and_rewind(vm)?;
    let pos = match a.some(1) {
        Some(p) => p.clone(),
        None => vm.int(b.raw_tell(vm)?),
    };
    vm.call_method_str(&b.raw(vm)?, "truncate", &[pos])
});
const READ: MethodDef = MethodDef::new("read", "($self, size=-1, /)", |vm, a| {
    let b = this(a.get(0));
    let n = match a.some(1) {
        None => None,
        Some(v) => match vm.arg_isize(v)? {
            -1 => None,
            n if n < -1 => return Err(vm.value_error("read length must be non-negative or -1")),
            n => Some(n as usize),
        },
    };
    b.check_open_for(vm, "read of closed file")?;
    Ok(b.read(vm, n)?.map_or(Value::NONE, |v| vm.bytes(&v)))
});
const READ1: MethodDef = MethodDef::new("read1", "($self, size=-1, /)", |vm, a| {
    let b = this(a.get(0));
    let n = size_arg(vm, a.opt(1))?.unwrap_or(b.size.get());
    b.check_open_for(vm, "read of closed file")?;
    Ok(vm.bytes(&b.read1(vm, n)?))
});
const PEEK: MethodDef = MethodDef::new("peek", "($self, size=0, /)", |vm, a| {
    let b = this(a.get(0));
    b.check_open_for(vm, "peek of closed file")?;
    b.flush_out(vm)?;
    if b.n_ahead() == 0 {
        b.fill(vm)?;
    }
    let s = b.state.borrow();
    Ok(vm.bytes(&s.ahead[s.at..]))
});
const READINTO: MethodDef = MethodDef::new("readinto", "($self, buffer, /)", |vm, a| readinto(vm, a, false));
const READINTO1: MethodDef = MethodDef::new("readinto1", "($self, buffer, /)", |vm, a| readinto(vm, a, true));
const READLINE: MethodDef = MethodDef::new("readline", "($self, size=-1, /)", |vm, a| {
    let limit = size_arg(vm, a.opt(1))?;
    let b = this(a.get(0));
    b.check_open_for(vm, "readline of closed file")?;
    b.readline(vm, limit)
});
const WRITE: MethodDef = MethodDef::new("write", "($self, buffer, /)", |vm, a| {
    let b = this(a.get(0));
    if a.get(1).is_a::<serpens_vm::types::str::Str>() {
        return Err(vm.not_bytes_like(a.get(1)));
    }
    b.check_open_for(vm, "write to closed file")?;
    let data = vm.bytes_arg(a.get(1))?.to_vec();
    b.write(vm, &data).map(Value::from_usize)
});

static READER: [MethodDef; 19] = [
    DETACH,
    FLUSH_READER,
    CLOSE,
    SEEKABLE,
    FILENO,
    ISATTY,
    GETSTATE,
    SIZEOF,
    DEALLOC_WARN,
    TELL,
    SEEK,
    TRUNCATE,
    READ,
    READ1,
    PEEK,
    READINTO,
    READINTO1,
    READLINE,
    READABLE,
];
static WRITER: [MethodDef; 14] = [
    DETACH,
    FLUSH,
    CLOSE,
    SEEKABLE,
    FILENO,
    ISATTY,
    GETSTATE,
    SIZEOF,
    DEALLOC_WARN,
    TELL,
    SEEK,
    TRUNCATE,
    WRITABLE,
    WRITE,
];
static RANDOM: [MethodDef; 21] = [
    DETACH,
    FLUSH,
    CLOSE,
    SEEKABLE,
    FILENO,
    ISATTY,
    GETSTATE,
    SIZEOF,
    DEALLOC_WARN,
    TELL,
    SEEK,
    TRUNCATE,
    READ,
    READ1,
    PEEK,
    READINTO,
    READINTO1,
    READLINE,
    READABLE,
    WRITABLE,
    WRITE,
];

fn this(v: &Value) -> &Buffered {
    v.downcast::<Buffered>().expect("the descriptor has checked the receiver")
}

fn empty(readable: bool, writable: bool) -> Buffered {
    Buffered {
        raw: VCell::empty(),
        plain: Cell::new(false),
        state: RefCell::default(),
        size: Cell::new(super::DEFAULT_BUFFER_SIZE),
        readable,
        writable,
        finalizing: Cell::new(false),
        detached: Cell::new(false),
    }
}

/// A buffer over a raw stream, made by native code.
pub fn over(vm: &Vm, def: &'static TypeDef, raw: &Value, size: usize) -> PyResult {
    let ty = vm.type_of_def(def);
    let v = vm.alloc(ty, empty(!std::ptr::eq(def, &BUFFERED_WRITER), !std::ptr::eq(def, &BUFFERED_READER)));
    this(&v).attach(vm, raw, size);
    Ok(v)
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let b = this(v);
    let name = vm.type_of(v).name().to_string();
    let [raw, size] = bind(vm, &name, ["raw", "buffer_size"], args)?;
    let Some(raw) = raw else {
        return Err(vm.type_error(&format!("{name}() missing required argument 'raw' (pos 1)")));
    };
    b.raw.take();
    b.detached.set(false);
    let size = match size {
        Some(n) => vm.arg_isize(n)?,
        None => super::DEFAULT_BUFFER_SIZE as isize,
    };
    let needs: &[(&str, &str)] = match (b.readable, b.writable) {
        (true, true) => &[
            ("seekable", "File or stream is not seekable."),
            ("readable", "File or stream is not readable."),
            ("writable", "File or stream is not writable."),
        ],
        (true, false) => &[("readable", "File or stream is not readable.")],
        _ => &[("writable", "File or stream is not writable.")],
    };
    for (question, message) in needs {
        if !vm.call_method_str(raw, question, &[])?.is_true() {
            return Err(unsupported(vm, message));
        }
    }
    if size <= 0 {
        return Err(vm.value_error("buffer size must be strictly positive"));
    }
    vm.check_alloc(size as usize)?;
    b.attach(vm, raw, size as usize);
    Ok(())
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let ty = vm.type_of(v).full_name(vm);
    let name = match vm.getattr_opt(v, &vm.names().name) {
        Ok(name) => name,
        Err(_) if vm.pending_is(vm.types().ValueError) => {
            drop(vm.take_raised());
            None
        }
        Err(e) => return Err(e),
    };
    match name {
        None => Ok(vm.str(&format!("<{ty}>"))),
        Some(name) => {
            let Some(_guard) = vm.repr_enter(v) else {
                return Err(vm.runtime_error(&format!("reentrant call inside {ty}.__repr__")));
            };
            Ok(vm.str(&format!("<{ty} name={}>", vm.repr_string(&name)?)))
        }
    }
}

fn finalize(vm: &Vm, v: &Value) -> PyResult<()> {
    let b = this(v);
    b.finalizing.set(true);
    if let Some(raw) = b.raw.get()
        && let Some(f) = raw.downcast::<FileIo>()
        && f.fd.get() < 0
    {
        return Ok(());
    }
    if b.raw.is_set() { base::finalize(vm, v) } else { Ok(()) }
}

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let b = this(v);
    let line = if b.readable && is_native(vm, v) {
        b.check_open_for(vm, "readline of closed file")?;
        b.readline(vm, None)?
    } else {
        vm.call_method_str(v, "readline", &[])?
    };
    Ok(if vm.len(&line)? == 0 { None } else { Some(line) })
}

/// Whether an object's class is one of the native ones itself.
fn is_native(vm: &Vm, v: &Value) -> bool {
    !vm.type_of(v).is_heap()
        || [&BUFFERED_READER, &BUFFERED_WRITER, &BUFFERED_RANDOM].iter().any(|d| vm.type_of(v).is(vm.type_of_def(d)))
}

fn close(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let b = this(v);
    let raw = b.raw(vm)?;
    if base::is_closed(vm, &raw)? {
        return Ok(Value::NONE);
    }
    if b.finalizing.get() && raw.is_a::<FileIo>() {
        vm.setattr(&raw, &vm.intern("_finalizing"), Some(&Value::TRUE))?;
    }
    let flushed = vm.call_method(v, &vm.names().flush, &[]);
    let r = base::both(vm, flushed, || vm.call_method(&raw, &vm.names().close, &[]));
    let mut s = b.state.borrow_mut();
    s.ahead = Vec::new();
    s.at = 0;
    s.out = Vec::new();
    r
}

fn readinto(vm: &Vm, a: Args<'_>, once: bool) -> PyResult {
    let b = this(a.get(0));
    b.check_open_for(vm, "readinto of closed file")?;
    let target = vm.get_contiguous(a.get(1), true)?;
    let got = if once { Some(b.read1(vm, target.len)?) } else { b.read(vm, Some(target.len))? };
    let Some(got) = got else { return Ok(Value::NONE) };
    target.bytes_mut()[..got.len()].copy_from_slice(&got);
    Ok(Value::from_usize(got.len()))
}

impl Buffered {
    fn attach(&self, vm: &Vm, raw: &Value, size: usize) {
        self.plain.set(vm.type_of(raw).is(vm.type_of_def(&FILE_IO)));
        self.raw.set(raw.clone());
        self.size.set(size);
        *self.state.borrow_mut() = State::default();
    }

    /// The raw stream.
    pub fn raw(&self, vm: &Vm) -> PyResult {
        match self.raw.get() {
            Some(raw) => Ok(raw),
            None if self.detached.get() => Err(vm.value_error("raw stream has been detached")),
            None => Err(vm.value_error("I/O operation on uninitialized object")),
        }
    }

    fn raw_file(&self) -> Option<Value> {
        if self.plain.get() { self.raw.get() } else { None }
    }

    /// `ValueError` if the raw stream is closed.
    pub fn check_open(&self, vm: &Vm) -> PyResult<()> {
        self.check_open_for(vm, "I/O operation on closed file.")
    }

    fn check_open_for(&self, vm: &Vm, message: &str) -> PyResult<()> {
        let raw = self.raw(vm)?;
        let closed = match raw.downcast::<FileIo>() {
            Some(f) if self.plain.get() => f.fd.get() < 0,
            _ => base::is_closed(vm, &raw)?,
        };
        if closed { Err(vm.value_error(message)) } else { Ok(()) }
    }

    fn raw_tell(&self, vm: &Vm) -> PyResult<i64> {
        let raw = self.raw(vm)?;
        let at = match self.raw_file().as_ref().and_then(|r| r.downcast::<FileIo>()) {
            Some(f) => f.seek(vm, 0, libc::SEEK_CUR)?,
            None => offset_arg(vm, &vm.call_method_str(&raw, "tell", &[])?)?,
        };
        if at < 0 {
            return Err(vm.raise_text(vm.types().OSError, &format!("Raw stream returned invalid position {at}")));
        }
        Ok(at)
    }

    fn raw_seek(&self, vm: &Vm, pos: i64, whence: i32) -> PyResult<i64> {
        let raw = self.raw(vm)?;
        let at = match self.raw_file().as_ref().and_then(|r| r.downcast::<FileIo>()) {
            Some(f) => f.seek(vm, pos, whence)?,
            None => offset_arg(vm, &vm.call_method_str(&raw, "seek", &[vm.int(pos), vm.int(whence as i64)])?)?,
        };
        if at < 0 {
            return Err(vm.raise_text(vm.types().OSError, &format!("Raw stream returned invalid position {at}")));
        }
        Ok(at)
    }

    /// Reads up to `n` bytes of the raw stream; `None`: it would have to wait.
    fn raw_read(&self, vm: &Vm, n: usize) -> PyResult<Option<Vec<u8>>> {
        vm.check_alloc(n)?;
        self.forget_used();
        if let Some(raw) = self.raw_file()
            && let Some(f) = raw.downcast::<FileIo>()
        {
            let mut buf = vec![0; n];
            return Ok(f.read_into(vm, &mut buf)?.map(|got| {
                buf.truncate(got);
                buf
            }));
        }
        let raw = self.raw(vm)?;
        let target = vm.bytearray(&vec![0; n]);
        let view = vm.memoryview_of(&target)?;
        let got = vm.call_method_str(&raw, "readinto", &[view])?;
        if got.is_none() {
            return Ok(None);
        }
        let got = match vm.arg_isize(&got) {
            Ok(n) => n,
            Err(e) => {
                let _ = e;
                let cause = vm.take_raised();
                let error = vm.new_exception(vm.types().OSError, vec![vm.str("raw readinto() failed")]);
                return Err(vm.raise_from(&error, &cause));
            }
        };
        match usize::try_from(got) {
            Ok(m) if m <= n => {
                let mut data = target.downcast::<ByteArray>().map(ByteArray::to_vec).unwrap_or_default();
                data.truncate(m);
                Ok(Some(data))
            }
            _ => {
                let text = format!("raw readinto() returned invalid length {got} (should have been between 0 and {n})");
                Err(vm.raise_text(vm.types().OSError, &text))
            }
        }
    }

    fn raw_write(&self, vm: &Vm, data: &[u8]) -> PyResult<Option<usize>> {
        if let Some(raw) = self.raw_file()
            && let Some(f) = raw.downcast::<FileIo>()
        {
            return f.write(vm, data);
        }
        let raw = self.raw(vm)?;
        let view = vm.memoryview_of(&vm.bytes(data))?;
        let got = vm.call_method(&raw, &vm.names().write, &[view])?;
        if got.is_none() {
            return Ok(None);
        }
        let got = vm.arg_isize(&got)?;
        match usize::try_from(got) {
            Ok(m) if m <= data.len() => Ok(Some(m)),
            _ => {
                let n = data.len();
                let text = format!("raw write() returned invalid length {got} (should have been between 0 and {n})");
                Err(vm.raise_text(vm.types().OSError, &text))
            }
        }
    }

    /// Drops bytes that were all handed out, so that positions stay right when the raw stream moves on.
    fn forget_used(&self) {
        let mut s = self.state.borrow_mut();
        if s.at == s.ahead.len() {
            s.ahead.clear();
            s.at = 0;
        }
    }

    fn n_ahead(&self) -> usize {
        let s = self.state.borrow();
        s.ahead.len() - s.at
    }

    /// Reads more behind what is there; `None`: it would have to wait; 0: the end.
    fn fill(&self, vm: &Vm) -> PyResult<Option<usize>> {
        let Some(got) = self.raw_read(vm, self.size.get())? else { return Ok(None) };
        let n = got.len();
        let mut s = self.state.borrow_mut();
        if s.at == s.ahead.len() {
            s.ahead = got;
            s.at = 0;
        } else {
            s.ahead.extend_from_slice(&got);
        }
        Ok(Some(n))
    }

    fn take_ahead(&self, n: usize) -> Vec<u8> {
        let mut s = self.state.borrow_mut();
        let end = s.ahead.len().min(s.at.saturating_add(n));
        let out = s.ahead[s.at..end].to_vec();
        s.at = end;
        out
    }

    /// Reads `n` bytes, fewer at the end; all if `None`. `None`: nothing is there and the stream would have to wait.
    pub fn read(&self, vm: &Vm, n: Option<usize>) -> PyResult<Option<Vec<u8>>> {
        self.flush_out(vm)?;
        let Some(n) = n else { return self.read_all(vm) };
        let mut out = self.take_ahead(n);
        while out.len() < n {
            let want = n - out.len();
            let got = if want >= self.size.get() {
                self.raw_read(vm, want - want % self.size.get())?
            } else {
                self.fill(vm)?.map(|_| self.take_ahead(want))
            };
            match got {
                None if out.is_empty() => return Ok(None),
                None => break,
                Some(part) if part.is_empty() => break,
                Some(part) => out.extend_from_slice(&part),
            }
        }
        Ok(Some(out))
    }

    fn read_all(&self, vm: &Vm) -> PyResult<Option<Vec<u8>>> {
        let mut out = self.take_ahead(usize::MAX);
        self.forget_used();
        if let Some(raw) = self.raw_file()
            && let Some(f) = raw.downcast::<FileIo>()
        {
            let rest = f.read_rest(vm)?;
            return Ok(match rest {
                Some(rest) if out.is_empty() => Some(rest),
                Some(rest) => {
                    out.extend_from_slice(&rest);
                    Some(out)
                }
                None if out.is_empty() => None,
                None => Some(out),
            });
        }
        let raw = self.raw(vm)?;
        let part = match vm.getattr_opt(&raw, &vm.intern("readall"))? {
            Some(f) => {
                let rest = vm.call_none(&f)?;
                if rest.is_none() {
                    return Ok(if out.is_empty() { None } else { Some(out) });
                }
                out.extend_from_slice(expect_bytes(vm, &rest, "readall()")?);
                return Ok(Some(out));
            }
            None => &vm.names().read,
        };
        loop {
            let got = vm.call_method(&raw, part, &[])?;
            if got.is_none() {
                return Ok(if out.is_empty() { None } else { Some(out) });
            }
            let b = expect_bytes(vm, &got, "read()")?;
            if b.is_empty() {
                return Ok(Some(out));
            }
            out.extend_from_slice(b);
        }
    }

    /// Reads up to `n` bytes with at most one read of the raw stream.
    pub fn read1(&self, vm: &Vm, n: usize) -> PyResult<Vec<u8>> {
        self.flush_out(vm)?;
        if n == 0 {
            return Ok(Vec::new());
        }
        if self.n_ahead() == 0 {
            if n > self.size.get() {
                return Ok(self.raw_read(vm, n)?.unwrap_or_default());
            }
            self.fill(vm)?;
        }
        Ok(self.take_ahead(n))
    }

    fn readline(&self, vm: &Vm, limit: Option<usize>) -> PyResult {
        self.flush_out(vm)?;
        let limit = limit.unwrap_or(usize::MAX);
        let mut line: Vec<u8> = Vec::new();
        loop {
            {
                let mut s = self.state.borrow_mut();
                let ahead = &s.ahead[s.at..];
                let ahead = &ahead[..ahead.len().min(limit - line.len())];
                let (n, end) = match memchr(ahead) {
                    Some(i) => (i + 1, true),
                    None => (ahead.len(), false),
                };
                if end && line.is_empty() {
                    let out = vm.bytes(&ahead[..n]);
                    s.at += n;
                    return Ok(out);
                }
                line.extend_from_slice(&ahead[..n]);
                s.at += n;
                if end || line.len() >= limit {
                    return Ok(vm.bytes(&line));
                }
            }
            if matches!(self.fill(vm)?, None | Some(0)) {
                return Ok(vm.bytes(&line));
            }
        }
    }

    /// Appends to the write buffer, which goes to the raw stream when it is full.
    pub fn write(&self, vm: &Vm, data: &[u8]) -> PyResult<usize> {
        if self.readable {
            self.drop_ahead(vm)?;
        }
        let size = self.size.get();
        {
            let mut s = self.state.borrow_mut();
            if s.out.len() + data.len() <= size {
                s.out.extend_from_slice(data);
                return Ok(data.len());
            }
        }
        if let Err(e) = self.flush_out(vm) {
            if !vm.pending_is(vm.types().BlockingIOError) {
                return Err(e);
            }
            drop(vm.take_raised());
            let mut s = self.state.borrow_mut();
            let room = size.saturating_sub(s.out.len());
            if data.len() <= room {
                s.out.extend_from_slice(data);
                return Ok(data.len());
            }
            s.out.extend_from_slice(&data[..room]);
            drop(s);
            return Err(blocking_error(vm, "write could not complete without blocking", room));
        }
        // Large parts go straight to the raw stream, the rest waits in the buffer.
        let mut at = 0;
        while data.len() - at > size {
            match self.raw_write(vm, &data[at..])? {
                Some(n) => at += n,
                None => {
                    let keep = (data.len() - at).min(size);
                    self.state.borrow_mut().out.extend_from_slice(&data[at..at + keep]);
                    if at + keep < data.len() {
                        return Err(blocking_error(vm, "write could not complete without blocking", at + keep));
                    }
                    return Ok(data.len());
                }
            }
            vm.on_break()?;
        }
        self.state.borrow_mut().out.extend_from_slice(&data[at..]);
        Ok(data.len())
    }

    /// Writes what the write buffer holds.
    pub fn flush_out(&self, vm: &Vm) -> PyResult<()> {
        loop {
            let data = std::mem::take(&mut self.state.borrow_mut().out);
            if data.is_empty() {
                return Ok(());
            }
            let mut at = 0;
            let mut error = None;
            while at < data.len() {
                match self.raw_write(vm, &data[at..]) {
                    Ok(Some(n)) => at += n,
                    Ok(None) => {
                        error = Some(None);
                        break;
                    }
                    Err(e) => {
                        error = Some(Some(e));
                        break;
                    }
                }
            }
            // What was not written comes back in front of what was added meanwhile.
            let mut s = self.state.borrow_mut();
            if at < data.len() {
                s.out.splice(0..0, data[at..].iter().copied());
            } else if s.out.is_empty() {
                let mut data = data;
                data.clear();
                s.out = data;
            }
            drop(s);
            match error {
                Some(Some(e)) => return Err(e),
                Some(None) => return Err(blocking_error(vm, "write could not complete without blocking", 0)),
                None => {}
            }
        }
    }

    /// Gives up what was read ahead: moves the raw stream back to the position Python sees.
    fn drop_ahead(&self, vm: &Vm) -> PyResult<()> {
        let n = self.n_ahead();
        {
            let mut s = self.state.borrow_mut();
            s.ahead.clear();
            s.at = 0;
        }
        if n > 0 {
            self.raw_seek(vm, -(n as i64), libc::SEEK_CUR)?;
        }
        Ok(())
    }

    fn flush_and_rewind(&self, vm: &Vm) -> PyResult<()> {
        self.flush_out(vm)?;
        if self.readable { self.drop_ahead(vm) } else { Ok(()) }
    }

    fn seek(&self, vm: &Vm, target: i64, whence: i32) -> PyResult<i64> {
        if self.readable && whence <= 1 {
            // Within what was read ahead no call is needed.
            let here = self.raw_tell(vm)?;
            let mut s = self.state.borrow_mut();
            if s.out.is_empty() {
                let start = here - s.ahead.len() as i64;
                let goal = if whence == 0 { target } else { start + s.at as i64 + target };
                if goal >= start && goal <= here && !s.ahead.is_empty() {
                    s.at = (goal - start) as usize;
                    return Ok(goal);
                }
            }
        }
        self.flush_out(vm)?;
        let target = if whence == 1 { target - self.n_ahead() as i64 } else { target };
        let at = self.raw_seek(vm, target, whence)?;
        let mut s = self.state.borrow_mut();
        s.ahead.clear();
        s.at = 0;
        Ok(at)
    }

    /// Whether text may be appended without going through Python: the raw stream is a plain file.
    pub fn is_plain(&self) -> bool {
        self.plain.get()
    }
}

fn memchr(b: &[u8]) -> Option<usize> {
    b.iter().position(|c| *c == b'\n')
}
