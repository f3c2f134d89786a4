//! `StringIO`: a text stream in memory, kept as code points so that positions are indices.

use super::file::{bind, offset_arg};
use super::newline::Newlines;
use super::{closed_error, size_arg};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::{Str, push_char};
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};

/// A text stream in memory.
pub struct StringIo {
    text: RefCell<Vec<u32>>,
    pos: Cell<usize>,
    closed: Cell<bool>,
    ready: Cell<bool>,
    /// The argument `newline`.
    newline: RefCell<Option<String>>,
    /// Translation of what is written, if newlines are universal.
    lines: RefCell<Option<Newlines>>,
}

serpens_vm::native_payload!(StringIo {});

/// `_io.StringIO`.
pub static STRING_IO: TypeDef = TypeDef::new::<StringIo>("StringIO")
    .copied_then(|copier, h| {
        copier.renew(h, |s: &StringIo| &s.text, Clone::clone);
        copier.renew(h, |s: &StringIo| &s.newline, Clone::clone);
    })
    .module("_io")
    .doc("Text I/O implementation using an in-memory buffer.")
    .base(&super::base::TEXT_IO_BASE)
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| {
            let s = StringIo {
                text: RefCell::default(),
                pos: Cell::new(0),
                closed: Cell::new(false),
                ready: Cell::new(false),
                newline: RefCell::new(Some("\n".into())),
                lines: RefCell::default(),
            };
            Ok(vm.alloc(ty, s))
        }),
        init: Some(init),
        iternext: Some(|vm, v| {
            let line = if vm.type_of(v).is(vm.type_of_def(&STRING_IO)) {
                this(v).check(vm)?;
                this(v).readline(vm, None)
            } else {
                let line = vm.call_method_str(v, "readline", &[])?;
                if !line.is_a::<Str>() {
                    let got = vm.type_of(&line).name();
                    return Err(vm.raise_text(
                        vm.types().OSError,
                        &format!("readline() should have returned a str object, not '{got}'"),
                    ));
                }
                line
            };
            Ok(if vm.len(&line)? == 0 { None } else { Some(line) })
        }),
        del: Some(|_, _| Ok(())),
        ..Slots::EMPTY
    })
    .methods(METHODS)
    .getset(&[
        GetSetDef::new("closed", |vm, v| {
            this(v).check_ready(vm)?;
            Ok(Value::bool(this(v).closed.get()))
        }),
        GetSetDef::new("line_buffering", |vm, v| {
            this(v).check(vm)?;
            Ok(Value::FALSE)
        }),
        GetSetDef::new("newlines", |vm, v| {
            this(v).check(vm)?;
            Ok(this(v).lines.borrow().as_ref().map_or(Value::NONE, |l| l.seen(vm)))
        }),
    ]);

fn this(v: &Value) -> &StringIo {
    v.downcast::<StringIo>().expect("the descriptor has checked the receiver")
}

/// Checks an argument `newline`.
pub fn newline_arg(vm: &Vm, v: Option<&Value>, default: Option<&str>) -> PyResult<Option<String>> {
    let Some(v) = v else { return Ok(default.map(str::to_string)) };
    if v.is_none() {
        return Ok(None);
    }
    let Some(s) = v.downcast::<Str>() else {
        return Err(vm.type_error(&format!("newline must be str or None, not {}", vm.type_of(v).name())));
    };
    let text = s.as_str_lossy();
    if !matches!(text, "" | "\n" | "\r" | "\r\n") {
        return Err(vm.value_error(&format!("illegal newline value: {}", vm.repr_string(v)?)));
    }
    Ok(Some(text.to_string()))
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let [initial, newline] = bind(vm, "StringIO", ["initial_value", "newline"], args)?;
    let newline = newline_arg(vm, newline, Some("\n"))?;
    let s = this(v);
    s.ready.set(false);
    *s.lines.borrow_mut() = match newline.as_deref() {
        None => Some(Newlines { translate: true, ..Newlines::default() }),
        Some("") => Some(Newlines::default()),
        _ => None,
    };
    *s.newline.borrow_mut() = newline;
    s.text.borrow_mut().clear();
    s.pos.set(0);
    s.closed.set(false);
    s.ready.set(true);
    if let Some(i) = initial.filter(|i| !i.is_none()) {
        let Some(text) = i.downcast::<Str>() else {
            s.ready.set(false);
            return Err(vm.type_error(&format!("initial_value must be str or None, not {}", vm.type_of(i).name())));
        };
        s.write(vm, text)?;
        s.pos.set(0);
    }
    Ok(())
}

fn always(vm: &Vm, a: Args<'_>) -> PyResult {
    a.this::<StringIo>().check(vm)?;
    Ok(Value::TRUE)
}

const METHODS: &[MethodDef] = &[
    MethodDef::new("readable", "($self, /)", always),
    MethodDef::new("seekable", "($self, /)", always),
    MethodDef::new("writable", "($self, /)", always),
    MethodDef::new("close", "($self, /)", |_, a| {
        let s = a.this::<StringIo>();
        s.closed.set(true);
        *s.text.borrow_mut() = Vec::new();
        Ok(Value::NONE)
    }),
    MethodDef::new("getvalue", "($self, /)", |vm, a| {
        let s = a.this::<StringIo>();
        s.check(vm)?;
        Ok(text_of(vm, &s.text.borrow()))
    })
    .doc("Retrieve the entire contents of the object."),
    MethodDef::new("tell", "($self, /)", |vm, a| {
        a.this::<StringIo>().check(vm)?;
        Ok(vm.int_usize(a.this::<StringIo>().pos.get()))
    }),
    MethodDef::new("read", "($self, size=-1, /)", |vm, a| {
        let s = a.this::<StringIo>();
        s.check(vm)?;
        let n = size_arg(vm, a.opt(1))?;
        let text = s.text.borrow();
        let start = s.pos.get().min(text.len());
        let end = n.map_or(text.len(), |n| text.len().min(start.saturating_add(n)));
        s.pos.set(s.pos.get().max(end));
        Ok(text_of(vm, &text[start..end]))
    }),
    MethodDef::new("readline", "($self, size=-1, /)", |vm, a| {
        let s = a.this::<StringIo>();
        s.check(vm)?;
        let n = size_arg(vm, a.opt(1))?;
        Ok(s.readline(vm, n))
    }),
    MethodDef::new("write", "($self, s, /)", |vm, a| {
        let s = a.this::<StringIo>();
        let Some(text) = a.get(1).downcast::<Str>() else {
            let got = vm.type_of(a.get(1)).name();
            return Err(vm.type_error(&format!("string argument expected, got '{got}'")));
        };
        s.check(vm)?;
        s.write(vm, text)?;
        Ok(vm.int_usize(text.len()))
    }),
    MethodDef::new("truncate", "($self, pos=None, /)", |vm, a| {
        let s = a.this::<StringIo>();
        s.check(vm)?;
        let n = match a.some(1) {
            None => s.pos.get(),
            Some(n) => {
                let n = offset_arg(vm, n)?;
                usize::try_from(n).map_err(|_| vm.value_error(&format!("Negative size value {n}")))?
            }
        };
        let mut text = s.text.borrow_mut();
        if n < text.len() {
            text.truncate(n);
        }
        Ok(vm.int_usize(n))
    }),
    MethodDef::new("seek", "($self, pos, whence=0, /)", |vm, a| {
        let s = a.this::<StringIo>();
        s.check(vm)?;
        let pos = offset_arg(vm, a.get(1))?;
        let whence = a.opt(2).map_or(Ok(0), |w| vm.arg_i32(w))?;
        let to = match whence {
            0 if pos < 0 => return Err(vm.value_error(&format!("Negative seek position {pos}"))),
            0 => pos as usize,
            1 | 2 if pos != 0 => {
                return Err(vm.raise_text(vm.types().OSError, "Can't do nonzero cur-relative seeks"));
            }
            1 => s.pos.get(),
            2 => s.text.borrow().len(),
            _ => return Err(vm.value_error(&format!("Invalid whence ({whence}, should be 0, 1 or 2)"))),
        };
        s.pos.set(to);
        Ok(vm.int_usize(to))
    }),
    MethodDef::new("__getstate__", "($self, /)", |vm, a| {
        let s = a.this::<StringIo>();
        s.check(vm)?;
        let dict = match vm.instance_dict(a.get(0)) {
            Some(d) => d.downcast::<Dict>().map_or(Value::NONE, |d| d.copy(vm)),
            None => Value::NONE,
        };
        let newline = s.newline.borrow().as_ref().map_or(Value::NONE, |n| vm.str(n));
        let text = text_of(vm, &s.text.borrow());
        Ok(vm.tuple(vec![text, newline, vm.int_usize(s.pos.get()), dict]))
    }),
    MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
        let s = a.this::<StringIo>();
        let Some([text, newline, pos, dict, ..]) = a.get(1).downcast::<Tuple>().map(|t| t.as_slice()) else {
            let name = vm.type_of(a.get(0)).full_name(vm);
            let got = vm.type_of(a.get(1)).name();
            return Err(vm.type_error(&format!("{name}.__setstate__ argument should be 4-tuple, got {got}")));
        };
        let none = Value::NONE;
        init(vm, a.get(0), &CallArgs::positional(&[none, newline.clone()]))?;
        if let Some(text) = text.downcast::<Str>() {
            *s.text.borrow_mut() = text.chars().collect();
        }
        let Ok(pos) = usize::try_from(vm.arg_isize(pos)?) else {
            return Err(vm.value_error("position value cannot be negative"));
        };
        s.pos.set(pos);
        if let Some(new) = dict.downcast::<Dict>()
            && let Some(own) = vm.instance_dict(a.get(0))
            && let Some(own) = own.downcast::<Dict>()
        {
            own.update_from(vm, new)?;
        }
        Ok(Value::NONE)
    }),
];

fn text_of(vm: &Vm, text: &[u32]) -> Value {
    let mut out = Vec::with_capacity(text.len());
    for c in text {
        if *c < 128 { out.push(*c as u8) } else { push_char(&mut out, *c) }
    }
    vm.str_wtf8(&out)
}

impl StringIo {
    fn check_ready(&self, vm: &Vm) -> PyResult<()> {
        if self.ready.get() { Ok(()) } else { Err(vm.value_error("I/O operation on uninitialized object")) }
    }

    fn check(&self, vm: &Vm) -> PyResult<()> {
        self.check_ready(vm)?;
        if self.closed.get() { Err(closed_error(vm)) } else { Ok(()) }
    }

    /// The end of the line that begins at `start`, its newline included.
    fn line_end(&self, text: &[u32], start: usize) -> usize {
        const CR: u32 = '\r' as u32;
        const LF: u32 = '\n' as u32;
        let rest = &text[start..];
        let n = match self.newline.borrow().as_deref() {
            Some("") => rest
                .iter()
                .position(|c| *c == CR || *c == LF)
                .map(|i| if rest[i] == CR && rest.get(i + 1) == Some(&LF) { i + 2 } else { i + 1 }),
            Some("\r") => rest.iter().position(|c| *c == CR).map(|i| i + 1),
            Some("\r\n") => rest.windows(2).position(|w| w == [CR, LF]).map(|i| i + 2),
            _ => rest.iter().position(|c| *c == LF).map(|i| i + 1),
        };
        n.map_or(text.len(), |n| start + n)
    }

    fn readline(&self, vm: &Vm, limit: Option<usize>) -> Value {
        let text = self.text.borrow();
        let start = self.pos.get().min(text.len());
        let end = self.line_end(&text, start).min(start.saturating_add(limit.unwrap_or(usize::MAX)));
        self.pos.set(self.pos.get().max(end));
        text_of(vm, &text[start..end])
    }

    fn write(&self, vm: &Vm, s: &Str) -> PyResult<()> {
        vm.check_alloc(s.len() * 4)?;
        let mut new: Vec<u32> = match &mut *self.lines.borrow_mut() {
            Some(lines) => {
                let made = lines.feed(s.as_bytes(), true);
                serpens_vm::types::str::CodePoints::new(&made).collect()
            }
            None => s.chars().collect(),
        };
        if let Some(nl @ ("\r" | "\r\n")) = self.newline.borrow().as_deref()
            && new.contains(&('\n' as u32))
        {
            let nl: Vec<u32> = nl.chars().map(u32::from).collect();
            new = new.into_iter().flat_map(|c| if c == '\n' as u32 { nl.clone() } else { vec![c] }).collect();
        }
        if new.is_empty() {
            return Ok(());
        }
        let at = self.pos.get();
        let mut text = self.text.borrow_mut();
        let end = at + new.len();
        if at > text.len() {
            vm.check_alloc((at - text.len()).saturating_mul(4))?;
            text.resize(at, 0);
        }
        if end > text.len() {
            text.truncate(at);
            text.extend_from_slice(&new);
        } else {
            text[at..end].copy_from_slice(&new);
        }
        self.pos.set(end);
        Ok(())
    }
}
