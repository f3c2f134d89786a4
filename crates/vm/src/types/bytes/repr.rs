//! `repr` of bytes.

use super::Bytes;
use crate::error::PyResult;
use crate::value::Value;
use crate::vm::Vm;

/// Appends `b'...'` as CPython writes it.
pub fn write_repr(out: &mut Vec<u8>, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
    out.reserve(bytes.len() + 3);
    out.extend_from_slice(&[b'b', quote]);
    for b in bytes {
        match b {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b if *b == quote => out.extend_from_slice(&[b'\\', quote]),
            0x20..0x7f => out.push(*b),
            _ => crate::types::str::repr::write_escape(out, *b as u32),
        }
    }
    out.push(quote);
}

/// `repr(bytes)`.
pub(super) fn repr(vm: &Vm, value: &Value) -> PyResult {
    let mut out = Vec::new();
    write_repr(&mut out, value.downcast::<Bytes>().map_or(b"", Bytes::as_bytes));
    vm.str_from_vec(out)
}
