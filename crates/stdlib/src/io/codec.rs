//! Incremental codecs of text streams: native for the common encodings, Python objects for the others.

use super::newline::Newlines;
use serpens_vm::codecs::errors::Decoding;
use serpens_vm::codecs::{normalized, utf8};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{PyResult, Value, Vm};

/// Which codec a text stream uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// UTF-8.
    Utf8,
    /// ASCII.
    Ascii,
    /// Latin-1.
    Latin1,
    /// One of the registry.
    Registered,
}

impl Kind {
    /// The codec of a name.
    pub fn of(name: &str) -> Kind {
        match normalized(name).as_str() {
            "utf_8" | "utf8" | "u8" | "cp65001" => Kind::Utf8,
            "ascii" | "us_ascii" | "646" => Kind::Ascii,
            "latin_1" | "latin1" | "iso_8859_1" | "iso8859_1" | "8859" | "l1" => Kind::Latin1,
            _ => Kind::Registered,
        }
    }
}

/// An incremental decoder with newline translation behind it.
pub struct Decoder {
    kind: Kind,
    errors: String,
    /// Bytes of an unfinished character.
    rest: Vec<u8>,
    /// The decoder object of a registered codec.
    pub object: Option<Value>,
    /// Newline translation, if the stream wants it.
    pub lines: Option<Newlines>,
}

/// The state of a decoder, as `getstate` gives it.
pub type State = (Vec<u8>, u64);

impl Decoder {
    /// A decoder of the codec.
    pub fn new(vm: &Vm, kind: Kind, encoding: &str, errors: &str, lines: Option<Newlines>) -> PyResult<Decoder> {
        let object = match kind {
            Kind::Registered => {
                let info = vm.lookup_codec(encoding)?;
                let make = vm.getattr_str(&info, "incrementaldecoder")?;
                Some(vm.call_one(&make, &vm.str(errors))?)
            }
            _ => None,
        };
        Ok(Decoder { kind, errors: errors.to_string(), rest: Vec::new(), object, lines })
    }

    /// Decodes more input; `last`: nothing follows. The decoder is taken out of its cell meanwhile.
    pub fn decode(&mut self, vm: &Vm, input: &Value, last: bool) -> PyResult {
        let text = match &self.object {
            Some(d) => {
                let text = vm.call_method_str(d, "decode", &[input.clone(), Value::bool(last)])?;
                if !text.is_a::<Str>() {
                    let got = vm.type_of(&text).name();
                    return Err(vm.type_error(&format!("decoder should return a string result, not '{got}'")));
                }
                text
            }
            None => self.decode_native(vm, input, last)?,
        };
        let Some(lines) = &mut self.lines else { return Ok(text) };
        let Some(s) = text.downcast::<Str>() else { return Ok(text) };
        let bytes = s.as_bytes();
        if !lines.pending_cr && !bytes.contains(&b'\r') {
            if bytes.contains(&b'\n') {
                lines.feed(b"\n", true);
            }
            return Ok(text);
        }
        let made = lines.feed(bytes, last);
        Ok(vm.str_wtf8(&made))
    }

    fn decode_native(&mut self, vm: &Vm, input: &Value, last: bool) -> PyResult {
        let given = vm.bytes_arg(input)?.to_vec();
        let bytes = if self.rest.is_empty() {
            given
        } else {
            let mut all = std::mem::take(&mut self.rest);
            all.extend_from_slice(&given);
            all
        };
        match self.kind {
            Kind::Utf8 => {
                let decoding = Decoding::new(vm, "utf-8", None, &bytes, Some(&self.errors));
                let (text, used) = utf8::decode(decoding, last)?;
                self.rest = bytes[used.min(bytes.len())..].to_vec();
                Ok(text)
            }
            Kind::Latin1 => vm.decode(&vm.bytes(&bytes), Some("latin-1"), Some(&self.errors)),
            _ => vm.decode(&vm.bytes(&bytes), Some("ascii"), Some(&self.errors)),
        }
    }

    /// The state.
    pub fn state(&self, vm: &Vm) -> PyResult<State> {
        let (bytes, flags) = match &self.object {
            None => (self.rest.clone(), 0),
            Some(d) => {
                let state = vm.call_method_str(d, "getstate", &[])?;
                match state.downcast::<Tuple>().map(|t| t.as_slice()) {
                    Some([b, n]) if b.is_a::<Bytes>() => {
                        (b.downcast::<Bytes>().map(|b| b.as_bytes().to_vec()).unwrap_or_default(), vm.arg_u64(n)?)
                    }
                    _ => return Err(vm.type_error("illegal decoder state")),
                }
            }
        };
        Ok(match &self.lines {
            None => (bytes, flags),
            Some(lines) => (bytes, flags << 1 | u64::from(lines.pending_cr)),
        })
    }

    /// Goes back to a state.
    pub fn set_state(&mut self, vm: &Vm, state: &State) -> PyResult<()> {
        let mut flags = state.1;
        if let Some(lines) = &mut self.lines {
            lines.pending_cr = flags & 1 != 0;
            flags >>= 1;
        }
        match &self.object {
            None => self.rest = state.0.clone(),
            Some(d) => {
                let state = vm.tuple(vec![vm.bytes(&state.0), vm.int_u64(flags)]);
                vm.call_method_str(d, "setstate", &[state])?;
            }
        }
        Ok(())
    }

    /// Forgets everything.
    pub fn reset(&mut self, vm: &Vm) -> PyResult<()> {
        self.rest.clear();
        if let Some(lines) = &mut self.lines {
            lines.reset();
        }
        if let Some(d) = &self.object {
            vm.call_method_str(d, "reset", &[])?;
        }
        Ok(())
    }
}
