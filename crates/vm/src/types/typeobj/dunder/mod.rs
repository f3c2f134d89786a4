//! Special methods and slots: which method stands for which slot, in both directions.
//!
//! - A native type fills slots; for each, the type's dict gets a slot wrapper (`int.__add__`).
//! - A Python class defines methods; for each, its slot gets a function that looks the method up and calls it.
//!
//! Rooms: this file is the table of special methods; `fields` reads and writes a method's slot; `decide` gives a class its
//! slots; `method` has the functions that call a Python method for a slot; `wrapper` those that call a slot as a method.

mod decide;
mod fields;
mod method;
mod wrapper;

pub(crate) use fields::is_defined;
pub(crate) use method::unhashable;
pub(crate) use wrapper::call_wrapper;

use crate::error::PyResult;
use crate::protocol::call::Method;
use crate::types::dict::Dict;
use crate::types::slots::{BinOp, CmpOp};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashTable;

/// A special method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "named after the special methods")]
pub enum Dunder {
    New,
    Init,
    Del,
    Call,
    Repr,
    Str,
    Hash,
    Cmp(CmpOp),
    Getattribute,
    Getattr,
    Setattr,
    Delattr,
    Get,
    Set,
    Delete,
    Iter,
    Next,
    Bool,
    Len,
    GetItem,
    SetItem,
    DelItem,
    Contains,
    Bin(BinOp),
    RBin(BinOp),
    IBin(BinOp),
    Neg,
    Pos,
    Abs,
    Invert,
    Int,
    Float,
    Index,
    Await,
    Aiter,
    Anext,
    Buffer,
}

/// Index of a special method in the table below.
pub type WrapperId = u16;

/// All special methods with slots: name, method, text signature and documentation of the wrapper.
#[rustfmt::skip]
pub const WRAPPERS: &[(&str, Dunder, &str, &str)] = &[
    ("__new__", Dunder::New, "($type, *args, **kwargs)", "Create and return a new object."),
    ("__init__", Dunder::Init, "($self, /, *args, **kwargs)", "Initialize self.  See help(type(self)) for accurate signature."),
    ("__del__", Dunder::Del, "($self, /)", "Called when the instance is about to be destroyed."),
    ("__call__", Dunder::Call, "($self, /, *args, **kwargs)", "Call self as a function."),
    ("__repr__", Dunder::Repr, "($self, /)", "Return repr(self)."),
    ("__str__", Dunder::Str, "($self, /)", "Return str(self)."),
    ("__hash__", Dunder::Hash, "($self, /)", "Return hash(self)."),
    ("__getattribute__", Dunder::Getattribute, "($self, name, /)", "Return getattr(self, name)."),
    ("__getattr__", Dunder::Getattr, "($self, name, /)", ""),
    ("__setattr__", Dunder::Setattr, "($self, name, value, /)", "Implement setattr(self, name, value)."),
    ("__delattr__", Dunder::Delattr, "($self, name, /)", "Implement delattr(self, name)."),
    ("__get__", Dunder::Get, "($self, instance, owner=None, /)", "Return an attribute of instance, which is of type owner."),
    ("__set__", Dunder::Set, "($self, instance, value, /)", "Set an attribute of instance to value."),
    ("__delete__", Dunder::Delete, "($self, instance, /)", "Delete an attribute of instance."),
    ("__iter__", Dunder::Iter, "($self, /)", "Implement iter(self)."),
    ("__next__", Dunder::Next, "($self, /)", "Implement next(self)."),
    ("__bool__", Dunder::Bool, "($self, /)", "True if self else False"),
    ("__len__", Dunder::Len, "($self, /)", "Return len(self)."),
    ("__getitem__", Dunder::GetItem, "($self, key, /)", "Return self[key]."),
    ("__setitem__", Dunder::SetItem, "($self, key, value, /)", "Set self[key] to value."),
    ("__delitem__", Dunder::DelItem, "($self, key, /)", "Delete self[key]."),
    ("__contains__", Dunder::Contains, "($self, key, /)", "Return bool(key in self)."),
    ("__neg__", Dunder::Neg, "($self, /)", "-self"),
    ("__pos__", Dunder::Pos, "($self, /)", "+self"),
    ("__abs__", Dunder::Abs, "($self, /)", "abs(self)"),
    ("__invert__", Dunder::Invert, "($self, /)", "~self"),
    ("__int__", Dunder::Int, "($self, /)", "int(self)"),
    ("__float__", Dunder::Float, "($self, /)", "float(self)"),
    ("__index__", Dunder::Index, "($self, /)", "Return self converted to an integer, if self is suitable for use as an index into a list."),
    ("__await__", Dunder::Await, "($self, /)", "Return an iterator to be used in await expression."),
    ("__aiter__", Dunder::Aiter, "($self, /)", "Return an awaitable, that resolves in asynchronous iterator."),
    ("__anext__", Dunder::Anext, "($self, /)", "Return a value or raise StopAsyncIteration."),
    ("__buffer__", Dunder::Buffer, "($self, flags, /)", "Return a buffer object that exposes the underlying memory of the object."),
    ("__lt__", Dunder::Cmp(CmpOp::Lt), "($self, value, /)", "Return self<value."),
    ("__le__", Dunder::Cmp(CmpOp::Le), "($self, value, /)", "Return self<=value."),
    ("__eq__", Dunder::Cmp(CmpOp::Eq), "($self, value, /)", "Return self==value."),
    ("__ne__", Dunder::Cmp(CmpOp::Ne), "($self, value, /)", "Return self!=value."),
    ("__gt__", Dunder::Cmp(CmpOp::Gt), "($self, value, /)", "Return self>value."),
    ("__ge__", Dunder::Cmp(CmpOp::Ge), "($self, value, /)", "Return self>=value."),
    ("__add__", Dunder::Bin(BinOp::Add), "($self, value, /)", "Return self+value."),
    ("__sub__", Dunder::Bin(BinOp::Sub), "($self, value, /)", "Return self-value."),
    ("__mul__", Dunder::Bin(BinOp::Mul), "($self, value, /)", "Return self*value."),
    ("__truediv__", Dunder::Bin(BinOp::TrueDiv), "($self, value, /)", "Return self/value."),
    ("__floordiv__", Dunder::Bin(BinOp::FloorDiv), "($self, value, /)", "Return self//value."),
    ("__mod__", Dunder::Bin(BinOp::Mod), "($self, value, /)", "Return self%value."),
    ("__pow__", Dunder::Bin(BinOp::Pow), "($self, value, mod=None, /)", "Return pow(self, value, mod)."),
    ("__matmul__", Dunder::Bin(BinOp::MatMul), "($self, value, /)", "Return self@value."),
    ("__lshift__", Dunder::Bin(BinOp::Shl), "($self, value, /)", "Return self<<value."),
    ("__rshift__", Dunder::Bin(BinOp::Shr), "($self, value, /)", "Return self>>value."),
    ("__and__", Dunder::Bin(BinOp::And), "($self, value, /)", "Return self&value."),
    ("__or__", Dunder::Bin(BinOp::Or), "($self, value, /)", "Return self|value."),
    ("__xor__", Dunder::Bin(BinOp::Xor), "($self, value, /)", "Return self^value."),
    ("__divmod__", Dunder::Bin(BinOp::DivMod), "($self, value, /)", "Return divmod(self, value)."),
    ("__radd__", Dunder::RBin(BinOp::Add), "($self, value, /)", "Return value+self."),
    ("__rsub__", Dunder::RBin(BinOp::Sub), "($self, value, /)", "Return value-self."),
    ("__rmul__", Dunder::RBin(BinOp::Mul), "($self, value, /)", "Return value*self."),
    ("__rtruediv__", Dunder::RBin(BinOp::TrueDiv), "($self, value, /)", "Return value/self."),
    ("__rfloordiv__", Dunder::RBin(BinOp::FloorDiv), "($self, value, /)", "Return value//self."),
    ("__rmod__", Dunder::RBin(BinOp::Mod), "($self, value, /)", "Return value%self."),
    ("__rpow__", Dunder::RBin(BinOp::Pow), "($self, value, mod=None, /)", "Return pow(value, self, mod)."),
    ("__rmatmul__", Dunder::RBin(BinOp::MatMul), "($self, value, /)", "Return value@self."),
    ("__rlshift__", Dunder::RBin(BinOp::Shl), "($self, value, /)", "Return value<<self."),
    ("__rrshift__", Dunder::RBin(BinOp::Shr), "($self, value, /)", "Return value>>self."),
    ("__rand__", Dunder::RBin(BinOp::And), "($self, value, /)", "Return value&self."),
    ("__ror__", Dunder::RBin(BinOp::Or), "($self, value, /)", "Return value|self."),
    ("__rxor__", Dunder::RBin(BinOp::Xor), "($self, value, /)", "Return value^self."),
    ("__rdivmod__", Dunder::RBin(BinOp::DivMod), "($self, value, /)", "Return divmod(value, self)."),
    ("__iadd__", Dunder::IBin(BinOp::Add), "($self, value, /)", "Return self+=value."),
    ("__isub__", Dunder::IBin(BinOp::Sub), "($self, value, /)", "Return self-=value."),
    ("__imul__", Dunder::IBin(BinOp::Mul), "($self, value, /)", "Return self*=value."),
    ("__itruediv__", Dunder::IBin(BinOp::TrueDiv), "($self, value, /)", "Return self/=value."),
    ("__ifloordiv__", Dunder::IBin(BinOp::FloorDiv), "($self, value, /)", "Return self//=value."),
    ("__imod__", Dunder::IBin(BinOp::Mod), "($self, value, /)", "Return self%=value."),
    ("__ipow__", Dunder::IBin(BinOp::Pow), "($self, value, /)", "Return self**=value."),
    ("__imatmul__", Dunder::IBin(BinOp::MatMul), "($self, value, /)", "Return self@=value."),
    ("__ilshift__", Dunder::IBin(BinOp::Shl), "($self, value, /)", "Return self<<=value."),
    ("__irshift__", Dunder::IBin(BinOp::Shr), "($self, value, /)", "Return self>>=value."),
    ("__iand__", Dunder::IBin(BinOp::And), "($self, value, /)", "Return self&=value."),
    ("__ior__", Dunder::IBin(BinOp::Or), "($self, value, /)", "Return self|=value."),
    ("__ixor__", Dunder::IBin(BinOp::Xor), "($self, value, /)", "Return self^=value."),
];

/// The name of a special method.
pub fn wrapper_name(id: WrapperId) -> &'static str {
    WRAPPERS[id as usize].0
}

/// The text signature of its wrapper.
pub fn wrapper_signature(id: WrapperId) -> &'static str {
    WRAPPERS[id as usize].2
}

/// The documentation of its wrapper.
pub fn wrapper_doc(id: WrapperId) -> &'static str {
    WRAPPERS[id as usize].3
}

/// The special methods with their interned names, as the frozen image has them.
pub(crate) struct DunderTable {
    pub(crate) entries: Vec<(Value, Dunder)>,
    /// Numbers of entries by the hashes of their names.
    index: HashTable<u8>,
}

/// A set of special methods: a bit for each entry of [`WRAPPERS`].
pub(crate) type DunderSet = u128;

const _: () = assert!(WRAPPERS.len() <= DunderSet::BITS as usize);

impl DunderTable {
    pub(crate) fn new(vm: &Vm) -> DunderTable {
        let entries: Vec<_> = WRAPPERS.iter().map(|(name, d, ..)| (vm.intern(name), *d)).collect();
        let hash = |i: &u8| entries[*i as usize].0.downcast::<Str>().map_or(0, |s| s.hash(vm));
        let mut index = HashTable::with_capacity(entries.len());
        for i in 0..entries.len() as u8 {
            index.insert_unique(hash(&i), i, hash);
        }
        DunderTable { entries, index }
    }

    /// Whether a name is that of a special method.
    fn has(&self, vm: &Vm, name: &Value) -> bool {
        let Some(text) = name.downcast::<Str>().filter(|t| t.as_bytes().starts_with(b"__")) else { return false };
        self.index.find(text.hash(vm), |i| self.is_named(*i, text.as_bytes())).is_some()
    }

    fn is_named(&self, i: u8, name: &[u8]) -> bool {
        self.entries[i as usize].0.downcast::<Str>().is_some_and(|s| s.as_bytes() == name)
    }

    /// The special methods that a class defines itself.
    fn defined_by(&self, dict: &Dict) -> DunderSet {
        let mut set = 0;
        for i in 0..dict.n_entries() {
            let Some(key) = dict.key_at(i) else { continue };
            let Some(name) = key.downcast::<Str>().map(Str::as_bytes).filter(|n| n.starts_with(b"__")) else {
                continue;
            };
            if let Some(i) = self.index.find(dict.hash_at(i), |i| self.is_named(*i, name)) {
                set |= 1 << *i;
            }
        }
        set
    }
}

impl Vm {
    /// A special method looked up on the class, ready to be called with the receiver.
    pub fn lookup_special(&self, v: &Value, name: &Value) -> PyResult<Option<Method>> {
        let ty = self.type_of(v);
        let Some(found) = ty.lookup(self, name) else { return Ok(None) };
        self.bind_method(found, v).map(Some)
    }
}
