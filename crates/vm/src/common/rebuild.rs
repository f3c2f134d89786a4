//! A common value for an interpreter of another image: an ordinary one that is equal.
#![expect(unsafe_code, reason = "objects of another image are told by their kind")]

use crate::error::PyResult;
use crate::object::Kind;
use crate::types::bytes::Bytes;
use crate::types::complex::Complex;
use crate::types::int::Int;
use crate::types::set::Set;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// An equal value of this interpreter.
pub(super) fn rebuild(vm: &Vm, v: &Value) -> PyResult {
    let Some(h) = v.header() else { return Ok(v.clone()) };
    let _guard = vm.check_recursion(" while receiving an object")?;
    // SAFETY: the kind says what the payload is. Its classes are not looked at.
    unsafe {
        match h.kind() {
            Kind::Str => Ok(vm.str_wtf8(h.payload_unchecked::<Str>().as_bytes())),
            Kind::Bytes => Ok(vm.bytes(h.payload_unchecked::<Bytes>().as_bytes())),
            Kind::Int => Ok(vm.int_big(h.payload_unchecked::<Int>().value.clone())),
            Kind::Complex => {
                let c = h.payload_unchecked::<Complex>();
                Ok(vm.complex(c.re, c.im))
            }
            Kind::Tuple => {
                let items = h.payload_unchecked::<Tuple>().as_slice();
                Ok(vm.tuple(items.iter().map(|item| rebuild(vm, item)).collect::<PyResult<_>>()?))
            }
            Kind::Set => {
                let keys = h.payload_unchecked::<Set>().keys_ref();
                vm.frozenset(keys.map(|key| rebuild(vm, key)).collect::<PyResult<_>>()?)
            }
            _ => unreachable!("common values are of these kinds"),
        }
    }
}
