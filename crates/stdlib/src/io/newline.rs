//! Universal newlines: [`Newlines`] for native code and `IncrementalNewlineDecoder` for Python.

use super::file::bind;
use serpens_vm::cell::VCell;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::RefCell;

const SEEN_CR: u8 = 1;
const SEEN_LF: u8 = 2;
const SEEN_CRLF: u8 = 4;

/// Newline translation of a stream of text.
#[derive(Default, Clone)]
pub struct Newlines {
    /// Whether all newlines become `\n`.
    pub translate: bool,
    /// A `\r` waits for what follows.
    pub pending_cr: bool,
    pub(super) seen: u8,
}

impl Newlines {
    /// Takes in text; `last`: nothing follows.
    pub fn feed(&mut self, text: &[u8], last: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 1);
        if self.pending_cr && (!text.is_empty() || last) {
            out.push(b'\r');
            self.pending_cr = false;
        }
        out.extend_from_slice(text);
        if out.last() == Some(&b'\r') && !last {
            out.pop();
            self.pending_cr = true;
        }
        if !out.contains(&b'\r') {
            if out.contains(&b'\n') {
                self.seen |= SEEN_LF;
            }
            return out;
        }
        let mut made = Vec::with_capacity(out.len());
        let mut i = 0;
        while i < out.len() {
            match out[i] {
                b'\r' if out.get(i + 1) == Some(&b'\n') => {
                    self.seen |= SEEN_CRLF;
                    made.extend_from_slice(if self.translate { b"\n" } else { b"\r\n" });
                    i += 1;
                }
                b'\r' => {
                    self.seen |= SEEN_CR;
                    made.push(if self.translate { b'\n' } else { b'\r' });
                }
                b'\n' => {
                    self.seen |= SEEN_LF;
                    made.push(b'\n');
                }
                b => made.push(b),
            }
            i += 1;
        }
        made
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.seen = 0;
        self.pending_cr = false;
    }

    /// The kinds of newlines seen: `None`, a string or a tuple.
    pub fn seen(&self, vm: &Vm) -> Value {
        let kinds: Vec<Value> = [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")]
            .iter()
            .filter(|(bit, _)| self.seen & bit != 0)
            .map(|(_, text)| vm.str(text))
            .collect();
        match kinds.len() {
            0 => Value::NONE,
            1 => kinds[0].clone(),
            _ => vm.tuple(kinds),
        }
    }
}

/// The decoder object.
pub struct Decoder {
    inner: VCell,
    errors: VCell,
    lines: RefCell<Newlines>,
}

serpens_vm::native_payload!(Decoder {} cells { inner, errors });

/// `_io.IncrementalNewlineDecoder`.
pub static INCREMENTAL_NEWLINE_DECODER: TypeDef = TypeDef::new::<Decoder>("IncrementalNewlineDecoder")
    .copied()
    .module("_io")
    .doc("Codec used when reading a file in universal newlines mode.")
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, _| {
            let d = Decoder { inner: VCell::empty(), errors: VCell::empty(), lines: RefCell::default() };
            Ok(vm.alloc(ty, d))
        }),
        init: Some(init),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("decode", "($self, input, final=False)", |vm, a| {
            let d = a.this::<Decoder>();
            let last = a.opt(2).map_or(Ok(false), |v| vm.truthy(v))?;
            let inner = d.inner(vm)?;
            let text = if inner.is_none() {
                a.get(1).clone()
            } else {
                vm.call_pos(&vm.getattr_str(&inner, "decode")?, &[a.get(1).clone(), Value::bool(last)])?
            };
            let Some(s) = text.downcast::<Str>() else {
                let got = vm.type_of(&text).name();
                return Err(vm.type_error(&format!("decoder should return a string result, not '{got}'")));
            };
            let made = d.lines.borrow_mut().feed(s.as_bytes(), last);
            Ok(vm.str_wtf8(&made))
        }),
        MethodDef::new("getstate", "($self, /)", |vm, a| {
            let d = a.this::<Decoder>();
            let inner = d.inner(vm)?;
            let (buffer, flag) = if inner.is_none() {
                (vm.bytes(b""), 0)
            } else {
                let state = vm.call_method_str(&inner, "getstate", &[])?;
                match state.downcast::<Tuple>().map(|t| t.as_slice()) {
                    Some([b, n]) => (b.clone(), vm.arg_u64(n)?),
                    _ => return Err(vm.type_error("illegal decoder state")),
                }
            };
            let flag = flag << 1 | u64::from(d.lines.borrow().pending_cr);
            Ok(vm.tuple(vec![buffer, vm.int_u64(flag)]))
        }),
        MethodDef::new("setstate", "($self, state, /)", |vm, a| {
            let d = a.this::<Decoder>();
            let Some([buffer, flag]) = a.get(1).downcast::<Tuple>().map(|t| t.as_slice()) else {
                return Err(vm.type_error("state argument must be a tuple"));
            };
            if !buffer.is_a::<Bytes>() {
                return Err(vm.type_error("illegal decoder state"));
            }
            let flag = vm.arg_u64(flag)?;
            d.lines.borrow_mut().pending_cr = flag & 1 != 0;
            let inner = d.inner(vm)?;
            if inner.is_none() {
                return Ok(Value::NONE);
            }
            vm.call_method_str(&inner, "setstate", &[vm.tuple(vec![buffer.clone(), vm.int_u64(flag >> 1)])])
        }),
        MethodDef::new("reset", "($self, /)", |vm, a| {
            let d = a.this::<Decoder>();
            d.lines.borrow_mut().reset();
            let inner = d.inner(vm)?;
            if inner.is_none() { Ok(Value::NONE) } else { vm.call_method_str(&inner, "reset", &[]) }
        }),
    ])
    .getset(&[
        GetSetDef::new("newlines", |vm, v| Ok(this(v).lines.borrow().seen(vm))),
        GetSetDef::new("errors", |_, v| Ok(this(v).errors.get_or_none())),
    ]);

fn this(v: &Value) -> &Decoder {
    v.downcast::<Decoder>().expect("the descriptor has checked the receiver")
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let [decoder, translate, errors] = bind(vm, "IncrementalNewlineDecoder", ["decoder", "translate", "errors"], args)?;
    let (Some(decoder), Some(translate)) = (decoder, translate) else {
        return Err(vm.type_error("IncrementalNewlineDecoder() missing required argument 'decoder' (pos 1)"));
    };
    let d = this(v);
    *d.lines.borrow_mut() = Newlines { translate: vm.truthy(translate)?, ..Newlines::default() };
    d.inner.set(decoder.clone());
    d.errors.set(errors.cloned().unwrap_or_else(|| vm.str("strict")));
    Ok(())
}

impl Decoder {
    fn inner(&self, vm: &Vm) -> PyResult {
        self.inner.get().ok_or_else(|| vm.value_error("IncrementalNewlineDecoder.__init__() not called"))
    }
}
