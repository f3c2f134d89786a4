//! `TextIOWrapper`: text over a buffered stream. This file has the payload, the settings and writing.
//!
//! Text in UTF-8 that is written goes byte for byte into `pending`, and from there to the buffer in pieces.
//!
//! Invariant: `pending` and `reading` are not borrowed while Python code runs or the lock is released.

use super::buffered::{self, Buffered};
use super::codec::{self, Kind};
use super::file::{bind, expect_bytes};
use super::stringio::newline_arg;
use super::{base, closed_error, text_read, text_seek, unsupported};
use serpens_vm::cell::VCell;
use serpens_vm::object::payload;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};

/// Bytes that are read or gathered at a time.
pub const CHUNK: usize = 8192;

/// How a text stream treats its text.
#[derive(Clone)]
pub struct Settings {
    /// Name of the encoding.
    pub encoding: String,
    /// The error handler.
    pub errors: String,
    /// The codec.
    pub kind: Kind,
    /// The argument `newline`.
    pub newline: Option<String>,
    /// Flush when a newline is written.
    pub line_buffering: bool,
    /// Pass everything on at once.
    pub write_through: bool,
}

/// What has been read and decoded.
#[derive(Default)]
pub struct Reading {
    /// The decoder; made on the first read.
    pub decoder: Option<codec::Decoder>,
    /// Decoded text.
    pub text: Option<Value>,
    /// Bytes of it that were handed out.
    pub at: usize,
    /// The decoder's flags and the input that the decoded text began with.
    pub snapshot: Option<(u64, Vec<u8>)>,
}

/// A text stream.
pub struct Text {
    buffer: VCell,
    encoder: VCell,
    detached: Cell<bool>,
    finalizing: Cell<bool>,
    /// The buffer is of a native class itself.
    plain: Cell<bool>,
    /// Positions can be told.
    pub seekable: Cell<bool>,
    /// Positions can be told now (not while iterating).
    pub telling: Cell<bool>,
    has_read1: Cell<bool>,
    chunk: Cell<usize>,
    /// How the text is treated.
    pub settings: RefCell<Settings>,
    pending: RefCell<Vec<u8>>,
    /// What has been read.
    pub reading: RefCell<Reading>,
}

serpens_vm::native_payload!(Text {} cells { buffer, encoder });

/// `_io.TextIOWrapper`.
pub static TEXT_IO_WRAPPER: TypeDef = TypeDef::new::<Text>("TextIOWrapper")
    .copied_then(|copier, h| {
        copier.renew(h, |t: &Text| &t.settings, Clone::clone);
        copier.renew(h, |t: &Text| &t.pending, Clone::clone);
        copier.renew(h, |t: &Text| &t.reading, |_| RefCell::default());
    })
    .unready(|h| {
        let text = payload::<Text>(h)?;
        if !text.pending.borrow().is_empty() {
            return Some("it holds output that is not written");
        }
        (text.reading.borrow().text.is_some() || text.reading.borrow().decoder.is_some()).then_some("it was read from")
    })
    .module("_io")
    .doc("Character and line based layer over a BufferedIOBase object, buffer.")
    .base(&base::TEXT_IO_BASE)
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, empty()))),
        init: Some(init),
        repr: Some(repr),
        iternext: Some(text_read::next),
        del: Some(finalize),
        ..Slots::EMPTY
    })
    .methods(METHODS)
    .getset(GETSET);

macro_rules! pass {
    ($name:literal) => {
        MethodDef::new($name, "($self, /)", |vm, a| vm.call_method_str(&this(a.get(0)).buffer(vm)?, $name, &[]))
    };
}

const METHODS: &[MethodDef] = &[
    MethodDef::new("write", "($self, text, /)", |vm, a| {
        let t = this(a.get(0));
        let Some(s) = a.get(1).downcast::<Str>() else {
            let got = vm.type_of(a.get(1)).name();
            return Err(vm.type_error(&format!("write() argument must be str, not {got}")));
        };
        t.write(vm, a.get(1), s)?;
        Ok(vm.int_usize(s.len()))
    }),
    MethodDef::new("read", "($self, size=-1, /)", text_read::read),
    MethodDef::new("readline", "($self, size=-1, /)", text_read::readline_method),
    MethodDef::new("flush", "($self, /)", |vm, a| {
        let t = this(a.get(0));
        t.check_open(vm)?;
        t.telling.set(t.seekable.get());
        t.flush(vm)
    }),
    MethodDef::new("close", "($self, /)", close),
    MethodDef::new("detach", "($self, /)", |vm, a| {
        let t = this(a.get(0));
        t.buffer(vm)?;
        vm.call_method(a.get(0), &vm.names().flush, &[])?;
        let buffer = t.buffer(vm)?;
        t.buffer.take();
        t.detached.set(true);
        Ok(buffer)
    }),
    MethodDef::new(
        "reconfigure",
        "($self, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)",
        reconfigure,
    ),
    pass!("fileno"),
    pass!("seekable"),
    pass!("readable"),
    pass!("writable"),
    pass!("isatty"),
    MethodDef::new("tell", "($self, /)", text_seek::tell),
    MethodDef::new("seek", "($self, cookie, whence=0, /)", text_seek::seek),
    MethodDef::new("truncate", "($self, pos=None, /)", |vm, a| {
        let t = this(a.get(0));
        vm.call_method(a.get(0), &vm.names().flush, &[])?;
        let pos = match a.some(1) {
            Some(p) => vec![p.clone()],
            None => vec![vm.call_method_str(a.get(0), "tell", &[])?],
        };
        vm.call_method_str(&t.buffer(vm)?, "truncate", &pos)
    }),
    MethodDef::new("__getstate__", "($self, /)", |vm, a| {
        Err(vm.type_error(&format!("cannot pickle '{}' instances", vm.type_of(a.get(0)).full_name(vm))))
    }),
];

const GETSET: &[GetSetDef] = &[
    GetSetDef::new("buffer", |vm, v| this(v).buffer(vm)),
    GetSetDef::new("encoding", |vm, v| Ok(vm.str(&this(v).settings.borrow().encoding))),
    GetSetDef::new("errors", |vm, v| {
        this(v).buffer(vm)?;
        Ok(vm.str(&this(v).settings.borrow().errors))
    }),
    GetSetDef::new("line_buffering", |_, v| Ok(Value::bool(this(v).settings.borrow().line_buffering))),
    GetSetDef::new("write_through", |_, v| Ok(Value::bool(this(v).settings.borrow().write_through))),
    GetSetDef::new("closed", |vm, v| vm.getattr_str(&this(v).buffer(vm)?, "closed")),
    GetSetDef::new("name", |vm, v| vm.getattr(&this(v).buffer(vm)?, &vm.names().name)),
    GetSetDef::new("newlines", |vm, v| {
        let r = this(v).reading.borrow();
        Ok(r.decoder.as_ref().and_then(|d| d.lines.as_ref()).map_or(Value::NONE, |l| l.seen(vm)))
    }),
    GetSetDef::rw(
        "_CHUNK_SIZE",
        |vm, v| Ok(vm.int_usize(this(v).chunk.get())),
        |vm, v, x| {
            let Some(x) = x else { return Err(vm.attribute_error("cannot delete attribute")) };
            match vm.arg_isize(x)? {
                n if n > 0 => this(v).chunk.set(n as usize),
                _ => return Err(vm.value_error("a strictly positive integer is required")),
            }
            Ok(())
        },
    ),
    GetSetDef::rw(
        "_finalizing",
        |_, v| Ok(Value::bool(this(v).finalizing.get())),
        |vm, v, x| {
            this(v).finalizing.set(x.map_or(Ok(false), |x| vm.truthy(x))?);
            Ok(())
        },
    ),
];

/// The payload of a text stream.
pub fn this(v: &Value) -> &Text {
    v.downcast::<Text>().expect("the descriptor has checked the receiver")
}

fn empty() -> Text {
    Text {
        buffer: VCell::empty(),
        encoder: VCell::empty(),
        detached: Cell::new(false),
        finalizing: Cell::new(false),
        plain: Cell::new(false),
        seekable: Cell::new(false),
        telling: Cell::new(false),
        has_read1: Cell::new(false),
        chunk: Cell::new(CHUNK),
        settings: RefCell::new(Settings {
            encoding: "utf-8".into(),
            errors: "strict".into(),
            kind: Kind::Utf8,
            newline: None,
            line_buffering: false,
            write_through: false,
        }),
        pending: RefCell::default(),
        reading: RefCell::default(),
    }
}

/// A text stream over a buffer, made by native code.
pub fn over(vm: &Vm, buffer: &Value, settings: Settings) -> PyResult {
    let v = vm.alloc_native(&TEXT_IO_WRAPPER, empty());
    this(&v).attach(vm, buffer, settings)?;
    Ok(v)
}

fn text_arg(vm: &Vm, what: &str, v: Option<&Value>, default: &str) -> PyResult<String> {
    match v.filter(|v| !v.is_none()) {
        None => Ok(default.to_string()),
        Some(v) => match v.downcast::<Str>() {
            Some(s) if s.as_bytes().contains(&0) => Err(vm.value_error("embedded null character")),
            Some(s) => Ok(s.to_string()),
            None => {
                let got = vm.type_of(v).name();
                Err(vm.type_error(&format!("TextIOWrapper() argument '{what}' must be str or None, not {got}")))
            }
        },
    }
}

/// The codec of a name; `LookupError` if there is none or it is not for text.
fn text_codec(vm: &Vm, encoding: &str) -> PyResult<Kind> {
    let kind = Kind::of(encoding);
    if kind == Kind::Registered {
        let info = vm.lookup_codec(encoding)?;
        if let Some(flag) = vm.getattr_opt(&info, &vm.intern("_is_text_encoding"))?
            && !vm.truthy(&flag)?
        {
            let text = format!("'{encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs");
            return Err(vm.lookup_error(&text));
        }
    }
    Ok(kind)
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let names = ["buffer", "encoding", "errors", "newline", "line_buffering", "write_through"];
    let [buffer, encoding, errors, newline, line_buffering, write_through] = bind(vm, "TextIOWrapper", names, args)?;
    let Some(buffer) = buffer else {
        return Err(vm.type_error("TextIOWrapper() missing required argument 'buffer' (pos 1)"));
    };
    let t = this(v);
    t.buffer.take();
    let mut encoding = text_arg(vm, "encoding", encoding, "UTF-8")?;
    if encoding == "locale" {
        encoding = "UTF-8".into();
    }
    let errors = text_arg(vm, "errors", errors, "strict")?;
    let newline = newline_arg(vm, newline, None)?;
    let kind = text_codec(vm, &encoding)?;
    let settings = Settings {
        encoding,
        errors,
        kind,
        newline,
        line_buffering: line_buffering.map_or(Ok(false), |b| vm.truthy(b))?,
        write_through: write_through.map_or(Ok(false), |b| vm.truthy(b))?,
    };
    t.attach(vm, buffer, settings)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let ty = vm.type_of(v).full_name(vm);
    let Some(_guard) = vm.repr_enter(v) else {
        return Err(vm.runtime_error(&format!("reentrant call inside {ty}.__repr__")));
    };
    let mut out = format!("<{ty}");
    for name in ["name", "mode"] {
        match vm.getattr_opt(v, &vm.intern(name)) {
            Ok(Some(x)) => out.push_str(&format!(" {name}={}", vm.repr_string(&x)?)),
            Ok(None) => {}
            Err(_) if vm.pending_is(vm.types().ValueError) => drop(vm.take_raised()),
            Err(e) => return Err(e),
        }
    }
    out.push_str(&format!(" encoding='{}'>", this(v).settings.borrow().encoding));
    Ok(vm.str(&out))
}

fn finalize(vm: &Vm, v: &Value) -> PyResult<()> {
    let t = this(v);
    t.finalizing.set(true);
    if t.buffer.is_set() { base::finalize(vm, v) } else { Ok(()) }
}

fn close(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = this(a.get(0));
    let buffer = t.buffer(vm)?;
    if base::is_closed(vm, &buffer)? {
        return Ok(Value::NONE);
    }
    if t.finalizing.get() && t.plain.get() {
        vm.setattr(&buffer, &vm.intern("_finalizing"), Some(&Value::TRUE))?;
    }
    let flushed = vm.call_method(a.get(0), &vm.names().flush, &[]);
    base::both(vm, flushed, || vm.call_method(&buffer, &vm.names().close, &[]))
}

fn reconfigure(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = this(a.get(0));
    t.check_open(vm)?;
    let has_read = t.reading.borrow().decoder.is_some();
    if has_read && (a.some(1).is_some() || a.some(2).is_some() || a.opt(3).is_some()) {
        return Err(unsupported(
            vm,
            "It is not possible to set the encoding or newline of stream after the first read",
        ));
    }
    let mut s = t.settings.borrow().clone();
    if a.some(1).is_some() || a.some(2).is_some() {
        let fallback = if a.some(1).is_some() { "strict" } else { s.errors.as_str() };
        let errors = text_arg(vm, "errors", a.opt(2), fallback)?;
        s.encoding = text_arg(vm, "encoding", a.opt(1), &s.encoding)?;
        if s.encoding == "locale" {
            s.encoding = "UTF-8".into();
        }
        s.errors = errors;
        s.kind = text_codec(vm, &s.encoding)?;
    }
    if let Some(newline) = a.opt(3) {
        s.newline = newline_arg(vm, Some(newline), None)?;
    }
    if let Some(b) = a.some(4) {
        s.line_buffering = vm.truthy(b)?;
    }
    if let Some(b) = a.some(5) {
        s.write_through = vm.truthy(b)?;
    }
    vm.call_method(a.get(0), &vm.names().flush, &[])?;
    t.encoder.take();
    *t.settings.borrow_mut() = s;
    t.make_encoder(vm)?;
    Ok(Value::NONE)
}

impl Text {
    fn attach(&self, vm: &Vm, buffer: &Value, settings: Settings) -> PyResult<()> {
        let ty = vm.type_of(buffer);
        let native = [&buffered::BUFFERED_READER, &buffered::BUFFERED_WRITER, &buffered::BUFFERED_RANDOM];
        self.plain.set(native.iter().any(|d| ty.is(vm.type_of_def(d))));
        *self.settings.borrow_mut() = settings;
        self.detached.set(false);
        *self.reading.borrow_mut() = Reading::default();
        self.pending.borrow_mut().clear();
        let seekable = vm.truthy(&vm.call_method_str(buffer, "seekable", &[])?)?;
        self.seekable.set(seekable);
        self.telling.set(seekable);
        self.has_read1.set(self.plain.get() || vm.getattr_opt(buffer, &vm.intern("read1"))?.is_some());
        self.buffer.set(buffer.clone());
        self.encoder.take();
        self.make_encoder(vm)
    }

    /// The encoder object of a registered codec, if the buffer can be written.
    fn make_encoder(&self, vm: &Vm) -> PyResult<()> {
        let (kind, encoding, errors) = {
            let s = self.settings.borrow();
            (s.kind, s.encoding.clone(), s.errors.clone())
        };
        if kind != Kind::Registered || self.encoder.is_set() {
            return Ok(());
        }
        let buffer = self.buffer(vm)?;
        if !vm.truthy(&vm.call_method_str(&buffer, "writable", &[])?)? {
            return Ok(());
        }
        let make = vm.getattr_str(&vm.lookup_codec(&encoding)?, "incrementalencoder")?;
        let encoder = vm.call_one(&make, &vm.str(&errors))?;
        self.encoder.set(encoder.clone());
        if self.seekable.get() {
            let at = vm.call_method_str(&buffer, "tell", &[])?;
            if !vm.eq(&at, &Value::int_unchecked(0))? {
                vm.call_method_str(&encoder, "setstate", &[Value::int_unchecked(0)])?;
            }
        }
        Ok(())
    }

    /// The encoder goes back to its beginning (`start`) or to the middle of a stream.
    pub fn reset_encoder(&self, vm: &Vm, start: bool) -> PyResult<()> {
        let Some(encoder) = self.encoder.get() else { return Ok(()) };
        if start {
            vm.call_method_str(&encoder, "reset", &[])?;
        } else {
            vm.call_method_str(&encoder, "setstate", &[Value::int_unchecked(0)])?;
        }
        Ok(())
    }

    /// The buffer below.
    pub fn buffer(&self, vm: &Vm) -> PyResult {
        match self.buffer.get() {
            Some(b) => Ok(b),
            None if self.detached.get() => Err(vm.value_error("underlying buffer has been detached")),
            None => Err(vm.value_error("I/O operation on uninitialized object")),
        }
    }

    /// `ValueError` if the buffer is closed.
    pub fn check_open(&self, vm: &Vm) -> PyResult<()> {
        let buffer = self.buffer(vm)?;
        match buffer.downcast::<Buffered>() {
            Some(b) if self.plain.get() => b.check_open(vm),
            _ if base::is_closed(vm, &buffer)? => Err(closed_error(vm)),
            _ => Ok(()),
        }
    }

    /// Reads at most a chunk of bytes.
    pub fn read_bytes(&self, vm: &Vm, hint: usize) -> PyResult {
        let buffer = self.buffer(vm)?;
        let n = self.chunk.get().max(hint);
        if self.plain.get()
            && let Some(b) = buffer.downcast::<Buffered>()
            && vm.type_of(&buffer).name() != "BufferedWriter"
        {
            return Ok(vm.bytes(&b.read1(vm, n)?));
        }
        let method = if self.has_read1.get() { "read1" } else { "read" };
        let got = vm.call_method_str(&buffer, method, &[vm.int_usize(n)])?;
        if !vm.has_buffer(&got) {
            let text = format!(
                "underlying {method}() should have returned a bytes-like object, not '{}'",
                vm.type_of(&got).name()
            );
            return Err(vm.type_error(&text));
        }
        Ok(got)
    }

    /// Writes a text.
    pub fn write(&self, vm: &Vm, text: &Value, s: &Str) -> PyResult<()> {
        self.check_open(vm)?;
        let (kind, to, line_buffering, through) = {
            let st = self.settings.borrow();
            let to = match st.newline.as_deref() {
                Some("\r\n") => Some("\r\n"),
                Some("\r") => Some("\r"),
                _ => None,
            };
            (st.kind, to, st.line_buffering, st.write_through)
        };
        let bytes = s.as_bytes();
        let has_lf = (to.is_some() || line_buffering) && bytes.contains(&b'\n');
        let flush = line_buffering && (has_lf || bytes.contains(&b'\r'));
        let direct = match kind {
            Kind::Utf8 => s.to_str().is_some(),
            Kind::Ascii | Kind::Latin1 => s.is_ascii(),
            Kind::Registered => false,
        };
        if direct {
            let mut pending = self.pending.borrow_mut();
            match to {
                Some(nl) if has_lf => {
                    for (i, part) in bytes.split(|b| *b == b'\n').enumerate() {
                        if i > 0 {
                            pending.extend_from_slice(nl.as_bytes());
                        }
                        pending.extend_from_slice(part);
                    }
                }
                _ => pending.extend_from_slice(bytes),
            }
        } else {
            let made = self.encode(vm, text, bytes, to.filter(|_| has_lf))?;
            self.pending.borrow_mut().extend_from_slice(&made);
        }
        if flush || through || self.pending.borrow().len() >= self.chunk.get() {
            self.flush_pending(vm)?;
        }
        if flush {
            self.flush(vm)?;
        }
        if self.reading.borrow().decoder.is_some() || self.reading.borrow().text.is_some() {
            let mut r = self.reading.borrow_mut();
            r.snapshot = None;
            let old = r.text.take();
            r.at = 0;
            let decoder = r.decoder.take();
            drop(r);
            drop(old);
            if let Some(mut d) = decoder {
                d.reset(vm)?;
                self.reading.borrow_mut().decoder = Some(d);
            }
        }
        Ok(())
    }

    #[cold]
    fn encode(&self, vm: &Vm, text: &Value, bytes: &[u8], newline: Option<&str>) -> PyResult<Vec<u8>> {
        let text = match newline {
            None => text.clone(),
            Some(nl) => {
                let parts: Vec<&[u8]> = bytes.split(|b| *b == b'\n').collect();
                vm.str_wtf8(&parts.join(nl.as_bytes()))
            }
        };
        if let Some(encoder) = self.encoder.get() {
            let made = vm.call_method(&encoder, &vm.names().encode, &[text])?;
            return match made.downcast::<Bytes>() {
                Some(b) => Ok(b.as_bytes().to_vec()),
                None => {
                    let got = vm.type_of(&made).name();
                    Err(vm.type_error(&format!("encoder should return a bytes object, not '{got}'")))
                }
            };
        }
        let (kind, errors) = {
            let s = self.settings.borrow();
            (s.kind, s.errors.clone())
        };
        let name = match kind {
            Kind::Utf8 => "utf-8",
            Kind::Ascii => "ascii",
            Kind::Latin1 => "latin-1",
            Kind::Registered => return Err(unsupported(vm, "not writable")),
        };
        let made = vm.encode(&text, Some(name), Some(&errors))?;
        Ok(expect_bytes(vm, &made, "encode()")?.to_vec())
    }

    /// Hands what was gathered to the buffer.
    pub fn flush_pending(&self, vm: &Vm) -> PyResult<()> {
        let data = std::mem::take(&mut *self.pending.borrow_mut());
        if data.is_empty() {
            return Ok(());
        }
        let buffer = self.buffer(vm)?;
        if self.plain.get()
            && let Some(b) = buffer.downcast::<Buffered>()
            && vm.type_of(&buffer).name() != "BufferedReader"
        {
            b.write(vm, &data)?;
            let mut pending = self.pending.borrow_mut();
            if pending.is_empty() {
                // Keeps the memory for the next pieces.
                let mut data = data;
                data.clear();
                *pending = data;
            }
            return Ok(());
        }
        vm.call_method(&buffer, &vm.names().write, &[vm.bytes(&data)]).map(drop)
    }

    /// Flushes down to the raw stream.
    pub fn flush(&self, vm: &Vm) -> PyResult {
        self.flush_pending(vm)?;
        let buffer = self.buffer(vm)?;
        if self.plain.get()
            && let Some(b) = buffer.downcast::<Buffered>()
            && vm.type_of(&buffer).name() == "BufferedWriter"
        {
            b.check_open(vm)?;
            b.flush_out(vm)?;
            return Ok(Value::NONE);
        }
        vm.call_method(&buffer, &vm.names().flush, &[])
    }

    /// Bytes read at a time.
    pub fn chunk(&self) -> usize {
        self.chunk.get()
    }
}
