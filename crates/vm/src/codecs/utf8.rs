//! UTF-8.

use super::errors::{Decoding, Encoding, Replacement};
use crate::error::PyResult;
use crate::types::str::{MAX_STR, Str};
use crate::value::Value;
use crate::vm::Vm;

/// The text of UTF-8, and the bytes consumed: all of them if `whole`, otherwise an unfinished character at the end stays.
pub fn decode(mut d: Decoding<'_>, whole: bool) -> PyResult<(Value, usize)> {
    let vm = d.vm();
    if let Ok(text) = std::str::from_utf8(d.input()) {
        if text.len() > MAX_STR {
            return Err(vm.memory_error());
        }
        vm.check_alloc(text.len())?;
        return Ok((vm.str(text), text.len()));
    }
    let mut at = 0;
    while at < d.input().len() {
        let input = d.input();
        let e = match std::str::from_utf8(&input[at..]) {
            Ok(rest) => {
                let rest = rest.as_bytes().to_vec();
                at += rest.len();
                d.out.extend_from_slice(&rest);
                break;
            }
            Err(e) => e,
        };
        let start = at + e.valid_up_to();
        let good = input[at..start].to_vec();
        let first = input[start];
        let (end, reason) = match e.error_len() {
            None if !whole => {
                d.out.extend_from_slice(&good);
                let text = vm.str_from_vec(d.out)?;
                return Ok((text, start));
            }
            None => (input.len(), "unexpected end of data"),
            Some(1) if !(0xc2..0xf5).contains(&first) => (start + 1, "invalid start byte"),
            Some(n) => (start + n, "invalid continuation byte"),
        };
        d.out.extend_from_slice(&good);
        at = d.error(start, end, reason)?;
    }
    Ok((vm.str_from_vec(d.out)?, at))
}

/// Encodes; only surrogates cannot be.
pub fn encode(vm: &Vm, text: &Value, errors: Option<&str>) -> PyResult<Vec<u8>> {
    let s = text.downcast::<Str>().expect("encoders are called with texts");
    if let Some(valid) = s.to_str() {
        return Ok(valid.as_bytes().to_vec());
    }
    let mut e = Encoding::new(vm, "utf-8", text, errors);
    let mut out = Vec::with_capacity(s.as_bytes().len());
    let mut at = 0;
    while at < s.len() {
        let bytes = &s.as_bytes()[s.offset(at)..];
        let n = surrogates_begin(bytes);
        out.extend_from_slice(&bytes[..n]);
        if n == bytes.len() {
            break;
        }
        let start = at + crate::types::str::count_chars(&bytes[..n]);
        let run = bytes[n..].chunks(3).take_while(|c| is_surrogate(c)).count();
        let (replacement, next) = e.error(start, start + run, "surrogates not allowed")?;
        match replacement {
            Replacement::Bytes(b) => out.extend_from_slice(&b),
            Replacement::Text(t) if t.is_ascii() => out.extend_from_slice(&t),
            Replacement::Text(_) => return Err(e.raise(start, start + run, "surrogates not allowed")),
        }
        at = next;
    }
    Ok(out)
}

fn is_surrogate(bytes: &[u8]) -> bool {
    matches!(bytes, [0xed, 0xa0..=0xbf, _])
}

/// Where the first surrogate begins.
fn surrogates_begin(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(i) = memchr::memchr(0xed, &bytes[at..]) {
        at += i;
        if bytes.get(at..at + 3).is_some_and(is_surrogate) {
            return at;
        }
        at += 1;
    }
    bytes.len()
}
