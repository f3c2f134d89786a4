//! What is searched: bytes, or text of which the engine counts characters.
//!
//! ASCII text is searched as bytes. Positions are characters of a text or bytes.
#![expect(unsafe_code, reason = "texts of the machine as the engine's own kind of text")]

use rustpython_sre_engine::{Request, State};
use rustpython_wtf8::Wtf8;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::memoryview::BufferGuard;
use serpens_vm::types::str::{Str, char_offset};
use serpens_vm::{PyResult, Value, Vm};

/// The characters of a subject.
#[derive(Clone, Copy)]
enum Chars<'a> {
    Bytes(&'a [u8]),
    Text(&'a Wtf8),
}

/// A subject, held while it is searched.
pub struct Subject<'a> {
    /// The object that is searched.
    pub value: &'a Value,
    chars: Chars<'a>,
    /// Keeps the memory of other exporters than `str` and `bytes` in place.
    _guard: Option<BufferGuard<'a>>,
    /// Length in characters or bytes.
    pub len: usize,
    /// Whether it is bytes-like.
    pub is_bytes: bool,
}

/// How the engine is asked.
#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    /// Anywhere.
    Search,
    /// At the start.
    Match,
    /// From start to end.
    Full,
}

impl<'a> Subject<'a> {
    /// The subject of a value for a pattern of bytes (`Some(true)`), of text, or of either (`None`).
    pub fn new(vm: &'a Vm, value: &'a Value, of_bytes: Option<bool>) -> PyResult<Subject<'a>> {
        if let Some(s) = value.downcast::<Str>() {
            if of_bytes == Some(true) {
                return Err(vm.type_error("cannot use a bytes pattern on a string-like object"));
            }
            let chars = if s.is_ascii() {
                Chars::Bytes(s.as_bytes())
            } else {
                // SAFETY: the machine's texts are WTF-8; the engine only decodes code points, for which surrogates that
                // stand beside each other do no harm.
                Chars::Text(unsafe { Wtf8::from_bytes_unchecked(s.as_bytes()) })
            };
            return Ok(Subject { value, chars, _guard: None, len: s.len(), is_bytes: false });
        }
        let (bytes, guard): (&[u8], _) = match value.downcast::<Bytes>() {
            Some(b) => (b.as_bytes(), None),
            None if vm.has_buffer(value) => {
                let guard = vm.get_contiguous(value, false)?;
                // SAFETY: the guard, which the subject keeps, holds the memory in place.
                (unsafe { std::slice::from_raw_parts(guard.as_bytes().as_ptr(), guard.as_bytes().len()) }, Some(guard))
            }
            None => {
                return Err(
                    vm.type_error(&format!("expected string or bytes-like object, got '{}'", vm.type_of(value).name()))
                );
            }
        };
        if of_bytes == Some(false) {
            return Err(vm.type_error("cannot use a string pattern on a bytes-like object"));
        }
        Ok(Subject { value, chars: Chars::Bytes(bytes), _guard: guard, len: bytes.len(), is_bytes: true })
    }

    /// Runs the engine from `start`; the match, if there is one, is in `state`.
    pub fn run(
        &self,
        state: &mut State,
        code: &[u32],
        mode: Mode,
        start: usize,
        end: usize,
        must_advance: bool,
    ) -> bool {
        macro_rules! run {
            ($string:expr) => {{
                let request = Request {
                    string: $string,
                    start,
                    end,
                    pattern_codes: code,
                    match_all: mode == Mode::Full,
                    must_advance,
                };
                state.reset(&request, start);
                if mode == Mode::Search { state.search(request) } else { state.py_match(&request) }
            }};
        }
        match self.chars {
            Chars::Bytes(b) => run!(b),
            Chars::Text(t) => run!(t),
        }
    }

    /// Part of the subject, as its own type has it (`bytes` for other bytes-like objects).
    pub fn slice(&self, vm: &Vm, start: usize, end: usize) -> Value {
        if start == 0 && end == self.len && (vm.is_exact_str(self.value) || self.value.is_a::<Bytes>()) {
            return self.value.clone();
        }
        match self.chars {
            Chars::Bytes(b) if self.is_bytes => vm.bytes(&b[start..end.max(start)]),
            _ => vm.str_slice(self.value, start, end.max(start)),
        }
    }

    /// Appends part of the subject to the bytes of a result. `near` is where the last part ended, in characters and in
    /// bytes: parts are taken in order, so that offsets are found by going on from there.
    pub fn append(&self, out: &mut Vec<u8>, near: &mut (usize, usize), start: usize, end: usize) {
        match self.chars {
            Chars::Bytes(b) => out.extend_from_slice(&b[start..end.max(start)]),
            Chars::Text(t) => {
                let bytes = t.as_bytes();
                let from = near.1 + char_offset(&bytes[near.1..], start - near.0);
                let to = from + char_offset(&bytes[from..], end.max(start) - start);
                *near = (end.max(start), to);
                out.extend_from_slice(&bytes[from..to]);
            }
        }
    }
}
