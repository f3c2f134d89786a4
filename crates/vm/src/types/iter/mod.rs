//! The iterators of the core: a payload each, with public fields, so that the eval loop can step the common ones itself.
//!
//! Rooms: [`sequence`] lists and tuples; [`text`] `str`, `bytes`, `bytearray`, `memoryview`; [`generic`] anything with
//! `__getitem__` (forwards and reversed), or a callable; [`adaptors`] `enumerate`, `zip`, `map`, `filter`. Iterators of sets
//! and dicts live with their containers.
//!
//! Invariant: an iterator that is exhausted stays exhausted.

macro_rules! iterator_payload {
    ($ty:ident { $($field:ident),* } $(cells { $($cell:ident),* })?) => {
        // SAFETY: made by the heap only; the type says which iterator it is.
        #[expect(unsafe_code, reason = "object layout")]
        unsafe impl $crate::object::Payload for $ty {
            const KIND: $crate::object::Kind = $crate::object::Kind::Iterator;

            #[inline(always)]
            fn matches(header: &$crate::object::Header) -> bool {
                header.kind() == $crate::object::Kind::Iterator && header.ty().has_payload::<$ty>()
            }

            fn traverse(&self, visit: &mut $crate::object::Visitor<'_>) {
                $( visit(&self.$field); )*
                $($( self.$cell.traverse(visit); )*)?
            }
        }

        impl $ty {
            /// The payload of the receiver of a slot or method, whose type has been checked.
            #[inline(always)]
            #[expect(unsafe_code, reason = "the payload of a checked receiver")]
            pub(crate) fn this(v: &$crate::value::Value) -> &$ty {
                // SAFETY: slots and methods of a type are called with its instances only.
                unsafe { v.downcast_unchecked::<$ty>() }
            }
        }
    };
}
pub(crate) use iterator_payload;

pub mod adaptors;
pub mod generic;
pub mod sequence;
pub mod text;

pub use crate::types::set::iter::{SET_ITERATOR, SetIter};
pub use adaptors::{ENUMERATE, Enumerate, FILTER, Filter, MAP, Map, ZIP, Zip};
pub use generic::{CALLABLE_ITERATOR, CallableIter, REVERSED, Reversed, SEQ_ITERATOR, SeqIter};
pub use sequence::{LIST_ITERATOR, LIST_REVERSEITERATOR, ListIter, ListReverseIter, TUPLE_ITERATOR, TupleIter};
pub use text::{
    BYTEARRAY_ITERATOR, BYTES_ITERATOR, ByteArrayIter, BytesIter, MEMORY_ITERATOR, MemoryIter, STR_ITERATOR, StrIter,
};

use crate::error::PyResult;
use crate::types::slots::Slots;
use crate::value::Value;
use crate::vm::Vm;

/// Slots of an iterator: it is its own `iter()`.
pub const fn iterator_slots(next: fn(&Vm, &Value) -> PyResult<Option<Value>>) -> Slots {
    Slots { iter: Some(|_, v| Ok(v.clone())), iternext: Some(next), ..Slots::EMPTY }
}

/// `(iter, (source,), index)`, from which `pickle` makes an iterator again; of an exhausted one `(iter, (empty,))`.
pub(crate) fn reduce_indexed(vm: &Vm, function: &str, source: Value, index: Option<i64>) -> PyResult {
    let f = vm.builtin_function(function)?;
    let args = vm.tuple(vec![source]);
    Ok(match index {
        Some(i) => vm.tuple(vec![f, args, vm.int(i)]),
        None => vm.tuple(vec![f, args]),
    })
}

/// The integer that `__setstate__` is given.
pub(crate) fn state_index(vm: &Vm, state: &Value) -> PyResult<isize> {
    if !vm.is_int_like(state) {
        return Err(vm.type_error("an integer is required"));
    }
    vm.arg_isize(state)
}
