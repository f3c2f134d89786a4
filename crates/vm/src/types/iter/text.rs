//! Iterators over `str`, `bytes`, `bytearray` and `memoryview`.

use super::{iterator_slots, reduce_indexed, state_index};
use crate::error::PyResult;
use crate::native::{Args, MethodDef};
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::str::{CodePoints, Str, count_chars};
use crate::types::typeobj::{TypeDef, tflag};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// Iterates over the code points of a text.
pub struct StrIter {
    /// The text.
    pub text: Value,
    /// Byte offset of the next code point.
    pub offset: Cell<usize>,
}

iterator_payload!(StrIter { text });

impl StrIter {
    #[inline(always)]
    #[expect(unsafe_code, reason = "the layout of a text iterator's text")]
    fn str(&self) -> &Str {
        // SAFETY: these iterators are made for texts only.
        unsafe { self.text.downcast_unchecked::<Str>() }
    }

    /// The next character.
    #[inline]
    pub fn step(&self, vm: &Vm) -> Option<Value> {
        let at = self.offset.get();
        let bytes = self.str().as_bytes();
        let first = *bytes.get(at)?;
        if first < 0x80 {
            self.offset.set(at + 1);
            return Some(vm.image().latin1_char(first));
        }
        let mut rest = CodePoints::new(&bytes[at..]);
        let c = rest.next()?;
        self.offset.set(bytes.len() - rest.rest().len());
        Some(vm.char(c))
    }
}

/// The type `str_iterator`; its name is that of CPython's iterator over ASCII text.
pub static STR_ITERATOR: TypeDef = TypeDef::new::<StrIter>("str_ascii_iterator")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(iterator_slots(|vm, v| Ok(StrIter::this(v).step(vm))))
    .methods(&[
        MethodDef::new("__length_hint__", "($self, /)", |_, a| {
            let it = StrIter::this(a.get(0));
            Ok(Value::from_usize(count_chars(&it.str().as_bytes()[it.offset.get()..])))
        })
        .doc("Private method returning an estimate of len(list(it))."),
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            let it = StrIter::this(a.get(0));
            let at = it.offset.get();
            if at == it.str().as_bytes().len() {
                return reduce_indexed(vm, "iter", vm.str(""), None);
            }
            let index = count_chars(&it.str().as_bytes()[..at]);
            reduce_indexed(vm, "iter", it.text.clone(), Some(index as i64))
        })
        .doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
            let it = StrIter::this(a.get(0));
            let i = state_index(vm, a.get(1))?;
            if it.offset.get() < it.str().as_bytes().len() {
                it.offset.set(it.str().offset(i.max(0) as usize));
            }
            Ok(Value::NONE)
        })
        .doc("Set state information for unpickling."),
    ]);

macro_rules! byte_iterator {
    ($(#[$doc:meta])* $ty:ident, $static_:ident, $name:literal, $owner:ty, $len:expr, $get:expr) => {
        $(#[$doc])*
        pub struct $ty {
            /// What it iterates over.
            pub source: Value,
            /// Index of the next byte; `usize::MAX` when exhausted.
            pub index: Cell<usize>,
        }

        iterator_payload!($ty { source });

        impl $ty {
            #[inline(always)]
            fn owner(&self) -> &$owner {
                self.source.downcast::<$owner>().expect("made for these only")
            }

            /// The next byte.
            #[inline]
            pub fn step(&self) -> Option<Value> {
                let i = self.index.get();
                let get: fn(&$owner, usize) -> Option<u8> = $get;
                match get(self.owner(), i) {
                    Some(b) => {
                        self.index.set(i + 1);
                        Some(Value::int_unchecked(b as i64))
                    }
                    None => {
                        self.index.set(usize::MAX);
                        None
                    }
                }
            }

            fn len(&self) -> usize {
                let len: fn(&$owner) -> usize = $len;
                len(self.owner())
            }

            fn hint(_: &Vm, a: Args<'_>) -> PyResult {
                let it = $ty::this(a.get(0));
                Ok(Value::from_usize(it.len().saturating_sub(it.index.get())))
            }

            fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
                let it = $ty::this(a.get(0));
                match it.index.get() {
                    usize::MAX => reduce_indexed(vm, "iter", vm.image().empty_tuple(), None),
                    i => reduce_indexed(vm, "iter", it.source.clone(), Some(i as i64)),
                }
            }

            fn setstate(vm: &Vm, a: Args<'_>) -> PyResult {
                let it = $ty::this(a.get(0));
                let i = state_index(vm, a.get(1))?;
                if it.index.get() != usize::MAX {
                    it.index.set((i.max(0) as usize).min(it.len()));
                }
                Ok(Value::NONE)
            }
        }

        #[doc = concat!("The type `", $name, "`.")]
        pub static $static_: TypeDef = TypeDef::new::<$ty>($name)
            .gc()
            .flags(tflag::NO_NEW)
            .slots(iterator_slots(|_, v| Ok($ty::this(v).step())))
            .methods(&[
                MethodDef::new("__length_hint__", "($self, /)", $ty::hint)
                    .doc("Private method returning an estimate of len(list(it))."),
                MethodDef::new("__reduce__", "($self, /)", $ty::reduce).doc("Return state information for pickling."),
                MethodDef::new("__setstate__", "($self, state, /)", $ty::setstate)
                    .doc("Set state information for unpickling."),
            ]);
    };
}

byte_iterator!(
    /// Iterates over bytes.
    BytesIter, BYTES_ITERATOR, "bytes_iterator", Bytes, |b| b.len(), |b, i| b.as_bytes().get(i).copied()
);
byte_iterator!(
    /// Iterates over a bytearray.
    ByteArrayIter, BYTEARRAY_ITERATOR, "bytearray_iterator", ByteArray, |b| b.len(), |b, i| b.with(|d| d.get(i).copied())
);

/// Iterates over the items of a memoryview.
pub struct MemoryIter {
    /// The view.
    pub view: Value,
    /// Index of the next item.
    pub index: Cell<usize>,
    /// Items of the view.
    pub len: usize,
}

iterator_payload!(MemoryIter { view });

/// The type `memory_iterator`.
pub static MEMORY_ITERATOR: TypeDef =
    TypeDef::new::<MemoryIter>("memory_iterator").gc().flags(tflag::NO_NEW).slots(iterator_slots(memory_next));

fn memory_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = MemoryIter::this(v);
    let i = it.index.get();
    if i >= it.len {
        return Ok(None);
    }
    it.index.set(i + 1);
    vm.get_item(&it.view, &Value::from_usize(i)).map(Some)
}

impl Vm {
    /// An iterator over a `str`.
    #[inline]
    pub fn str_iter(&self, text: &Value) -> Value {
        self.alloc(self.types().str_iterator, StrIter { text: text.clone(), offset: Cell::new(0) })
    }

    /// An iterator over `bytes`.
    pub fn bytes_iter(&self, source: &Value) -> Value {
        self.alloc(self.types().bytes_iterator, BytesIter { source: source.clone(), index: Cell::new(0) })
    }

    /// An iterator over a `bytearray`.
    pub fn bytearray_iter(&self, source: &Value) -> Value {
        self.alloc(self.types().bytearray_iterator, ByteArrayIter { source: source.clone(), index: Cell::new(0) })
    }

    /// An iterator over a `memoryview` of `len` items.
    pub fn memory_iter(&self, view: &Value, len: usize) -> Value {
        self.alloc(self.types().memory_iterator, MemoryIter { view: view.clone(), index: Cell::new(0), len })
    }
}
