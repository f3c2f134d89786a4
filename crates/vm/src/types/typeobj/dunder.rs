//! Special methods and slots: which method stands for which slot, in both directions.
//!
//! - A native type fills slots; for each, the type's dict gets a slot wrapper (`int.__add__`).
//! - A Python class defines methods; for each, its slot gets a function that looks the method up and calls it.
//!
//! A class's slots are decided per special method: the first class of the MRO that defines the method decides. If it is
//! native, its slot is copied; if it is a Python class, the calling function is installed.

use super::{TypeObj, tflag};
use crate::error::{PyResult, Raised};
use crate::native::CallArgs;
use crate::protocol::call::Method;
use crate::types::dict::Dict;
use crate::types::slots::{BinOp, CmpOp, N_BINOPS, Slots};
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

    /// The special methods that a class defines itself.
    fn defined_by(&self, dict: &Dict) -> DunderSet {
        let mut set = 0;
        for i in 0..dict.n_entries() {
            let Some(key) = dict.key_at(i) else { continue };
            let Some(name) = key.downcast::<Str>().map(Str::as_bytes).filter(|n| n.starts_with(b"__")) else {
                continue;
            };
            let same = |i: &u8| self.entries[*i as usize].0.downcast::<Str>().is_some_and(|s| s.as_bytes() == name);
            if let Some(i) = self.index.find(dict.hash_at(i), same) {
                set |= 1 << *i;
            }
        }
        set
    }
}

/// Whether native slots define the special method.
pub(crate) fn is_defined(s: &Slots, d: Dunder) -> bool {
    use Dunder::*;
    match d {
        New => s.new.is_some(),
        Init => s.init.is_some(),
        Del => s.del.is_some(),
        Call => s.call.is_some(),
        Repr => s.repr.is_some(),
        Str => s.str.is_some(),
        Hash => s.hash.is_some(),
        Cmp(_) => s.richcmp.is_some(),
        Getattribute => s.getattr.is_some(),
        Getattr => false,
        Setattr | Delattr => s.setattr.is_some(),
        Get => s.descr_get.is_some(),
        Set | Delete => s.descr_set.is_some(),
        Iter => s.iter.is_some(),
        Next => s.iternext.is_some(),
        Bool => s.bool.is_some(),
        Len => s.len.is_some(),
        GetItem => s.getitem.is_some(),
        SetItem | DelItem => s.setitem.is_some(),
        Contains => s.contains.is_some(),
        Bin(op) => s.binary[op as usize].is_some(),
        RBin(op) => s.binary[op as usize].is_some(),
        IBin(op) => s.inplace[op as usize].is_some(),
        Neg => s.neg.is_some(),
        Pos => s.pos.is_some(),
        Abs => s.abs.is_some(),
        Invert => s.invert.is_some(),
        Int => s.int.is_some(),
        Float => s.float.is_some(),
        Index => s.index.is_some(),
        Await => s.await_.is_some(),
        Aiter => s.aiter.is_some(),
        Anext => s.anext.is_some(),
        Buffer => s.buffer.is_some(),
    }
}

/// Copies the slot of a special method from a native type.
pub(crate) fn copy(to: &mut Slots, from: &Slots, d: Dunder) {
    use Dunder::*;
    macro_rules! take {
        ($f:ident) => {
            if to.$f.is_none() {
                to.$f = from.$f
            }
        };
    }
    match d {
        New => take!(new),
        Init => take!(init),
        Del => take!(del),
        Call => take!(call),
        Repr => take!(repr),
        Str => take!(str),
        Hash => take!(hash),
        Cmp(_) => take!(richcmp),
        Getattribute | Getattr => take!(getattr),
        Setattr | Delattr => take!(setattr),
        Get => take!(descr_get),
        Set | Delete => take!(descr_set),
        Iter => take!(iter),
        Next => take!(iternext),
        Bool => take!(bool),
        Len => take!(len),
        GetItem => take!(getitem),
        SetItem | DelItem => take!(setitem),
        Contains => take!(contains),
        Bin(op) | RBin(op) => {
            if to.binary[op as usize].is_none() {
                to.binary[op as usize] = from.binary[op as usize];
            }
            if op == BinOp::Pow {
                take!(pow3);
            }
        }
        IBin(op) => {
            if to.inplace[op as usize].is_none() {
                to.inplace[op as usize] = from.inplace[op as usize];
            }
        }
        Neg => take!(neg),
        Pos => take!(pos),
        Abs => take!(abs),
        Invert => take!(invert),
        Int => take!(int),
        Float => take!(float),
        Index => take!(index),
        Await => take!(await_),
        Aiter => take!(aiter),
        Anext => take!(anext),
        Buffer => take!(buffer),
    }
}

/// Installs the function that calls a Python method for a special method.
pub(crate) fn install(s: &mut Slots, d: Dunder, is_none: bool) {
    use Dunder::*;
    match d {
        New => s.new = Some(slot_new),
        Init => s.init = Some(slot_init),
        Del => s.del = Some(slot_del),
        Call => s.call = Some(slot_call),
        Repr => s.repr = Some(slot_repr),
        Str => s.str = Some(slot_str),
        Hash => s.hash = Some(if is_none { unhashable } else { slot_hash }),
        Cmp(_) => s.richcmp = Some(slot_richcmp),
        Getattribute | Getattr => s.getattr = Some(slot_getattr),
        Setattr | Delattr => s.setattr = Some(slot_setattr),
        Get => s.descr_get = Some(slot_get),
        Set | Delete => s.descr_set = Some(slot_set),
        Iter => s.iter = Some(slot_iter),
        Next => s.iternext = Some(slot_next),
        Bool => s.bool = Some(slot_bool),
        Len => s.len = Some(slot_len),
        GetItem => s.getitem = Some(slot_getitem),
        SetItem | DelItem => s.setitem = Some(slot_setitem),
        Contains => s.contains = Some(slot_contains),
        Bin(op) | RBin(op) => {
            s.binary[op as usize] = Some(BINARY[op as usize]);
            if op == BinOp::Pow {
                s.pow3 = Some(slot_pow3);
            }
        }
        IBin(op) => s.inplace[op as usize] = Some(INPLACE[op as usize]),
        Neg => s.neg = Some(slot_neg),
        Pos => s.pos = Some(slot_pos),
        Abs => s.abs = Some(slot_abs),
        Invert => s.invert = Some(slot_invert),
        Int => s.int = Some(slot_int),
        Float => s.float = Some(slot_float),
        Index => s.index = Some(slot_index),
        Await => s.await_ = Some(slot_await),
        Aiter => s.aiter = Some(slot_aiter),
        Anext => s.anext = Some(slot_anext),
        Buffer => s.buffer = Some(slot_buffer),
    }
}

/// Clears the slot of a special method before it is decided anew.
fn reset(s: &mut Slots, d: Dunder) {
    use Dunder::*;
    match d {
        New => s.new = None,
        Init => s.init = None,
        Del => s.del = None,
        Call => s.call = None,
        Repr => s.repr = None,
        Str => s.str = None,
        Hash => s.hash = None,
        Cmp(_) => s.richcmp = None,
        Getattribute | Getattr => s.getattr = None,
        Setattr | Delattr => s.setattr = None,
        Get => s.descr_get = None,
        Set | Delete => s.descr_set = None,
        Iter => s.iter = None,
        Next => s.iternext = None,
        Bool => s.bool = None,
        Len => s.len = None,
        GetItem => s.getitem = None,
        SetItem | DelItem => s.setitem = None,
        Contains => s.contains = None,
        Bin(op) | RBin(op) => {
            s.binary[op as usize] = None;
            if op == BinOp::Pow {
                s.pow3 = None;
            }
        }
        IBin(op) => s.inplace[op as usize] = None,
        Neg => s.neg = None,
        Pos => s.pos = None,
        Abs => s.abs = None,
        Invert => s.invert = None,
        Int => s.int = None,
        Float => s.float = None,
        Index => s.index = None,
        Await => s.await_ = None,
        Aiter => s.aiter = None,
        Anext => s.anext = None,
        Buffer => s.buffer = None,
    }
}

impl TypeObj {
    /// Decides all slots of a class made at run time, from the MRO.
    #[expect(unsafe_code, reason = "slots are written while the class is built or changed")]
    pub(crate) fn decide_slots(&self, vm: &Vm) {
        let table = vm.image().dunders();
        self.note_dunders(vm);
        let mut slots = Slots::EMPTY;
        let mro = self.mro_slice();
        let anywhere = mro.iter().filter_map(TypeObj::from_value).fold(0, |all, class| all | class.dunders.get());
        for pass in [false, true] {
            // Python definitions win over native ones for slots that several methods share, so they go last.
            let mut left: DunderSet = anywhere;
            while left != 0 {
                let i = left.trailing_zeros();
                left &= left - 1;
                let (name, d) = &table.entries[i as usize];
                if *d == Dunder::New {
                    continue;
                }
                let defines = |class: &&TypeObj| class.dunders.get() >> i & 1 != 0;
                for class in mro.iter().filter_map(TypeObj::from_value).filter(defines) {
                    let own = class.dict().get_str(vm, name);
                    let Some(own) = own else { continue };
                    let native = !class.is_heap() || vm.wraps_slot_of(&own, *d, self);
                    if native && !pass {
                        let from = vm.wrapped_slots(&own).unwrap_or_else(|| class.slots().clone());
                        copy(&mut slots, &from, *d);
                    } else if !native && pass {
                        reset(&mut slots, *d);
                        install(&mut slots, *d, own.is_none());
                    }
                    break;
                }
            }
        }
        // `__new__`: a Python definition anywhere before the native one.
        let new_name = &vm.names().__new__;
        for class in mro.iter().filter_map(TypeObj::from_value) {
            if class.dict().get_str(vm, new_name).is_some() {
                slots.new = if class.is_heap() { Some(slot_new) } else { class.slots().new };
                break;
            }
        }
        if slots.getattr.is_some_and(|f| std::ptr::fn_addr_eq(f, slot_getattr as fn(&Vm, &Value, &Value) -> PyResult)) {
            self.flags.set(self.flags.get() | tflag::CUSTOM_GETATTR);
        } else {
            self.flags.set(self.flags.get() & !tflag::CUSTOM_GETATTR);
        }
        if slots.del.is_some() {
            self.flags.set(self.flags.get() | tflag::FINALIZER);
        } else {
            self.flags.set(self.flags.get() & !tflag::FINALIZER);
        }
        // SAFETY: borrows of slots live for the load of one function pointer.
        unsafe { *self.slots.get() = slots };
    }

    /// Notes which special methods the class defines itself. Whoever changes them has the slots decided anew.
    pub(crate) fn note_dunders(&self, vm: &Vm) {
        self.dunders.set(vm.image().dunders().defined_by(self.dict()));
    }

    /// After an attribute changed: decides the slots of the class and its subclasses anew if it was a special method.
    pub(crate) fn slot_attribute_changed(&self, vm: &Vm, name: &Value) {
        let table = vm.image().dunders();
        if !table.entries.iter().any(|(n, _)| n.is(name)) {
            return;
        }
        self.decide_slots(vm);
        for sub in vm.subclasses(self) {
            if let Some(sub) = TypeObj::from_value(&sub) {
                sub.slot_attribute_changed(vm, name);
            }
        }
    }
}

/// Calls the special method `name` of `v`'s class; the class is known to have it, but it may have been deleted.
fn call_method(vm: &Vm, v: &Value, name: &Value, args: &[Value]) -> PyResult {
    match vm.lookup_special(v, name)? {
        Some(m) => m.call(vm, v, args),
        None => Err(vm.no_attribute(v, name)),
    }
}

fn optional(vm: &Vm, v: &Value, name: &Value, args: &[Value]) -> PyResult {
    match vm.lookup_special(v, name)? {
        Some(m) => m.call(vm, v, args),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

macro_rules! unary_slots {
    ($($f:ident $name:ident)*) => {
        $( fn $f(vm: &Vm, v: &Value) -> PyResult { call_method(vm, v, &vm.names().$name, &[]) } )*
    };
}

unary_slots! {
    slot_neg __neg__ slot_pos __pos__ slot_abs __abs__ slot_invert __invert__ slot_int __int__ slot_float __float__
    slot_index __index__ slot_aiter __aiter__ slot_anext __anext__ slot_repr __repr__ slot_str __str__ slot_await __await__
}

fn slot_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let class = ty.value();
    let new = ty.lookup(vm, &vm.names().__new__).ok_or_else(|| vm.type_error("no __new__"))?;
    let f = vm.bind_descriptor(&new, None, &class)?;
    let mut all = Vec::with_capacity(args.all().len() + 1);
    all.push(class);
    all.extend_from_slice(args.all());
    vm.call(&f, &CallArgs::new(&all, args.names()))
}

fn slot_init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let Some(m) = vm.lookup_special(v, &vm.names().__init__)? else { return Ok(()) };
    let r = m.call_args(vm, v, args)?;
    if !r.is_none() {
        let t = vm.type_of(&r).name().to_string();
        return Err(vm.type_error(&format!("__init__() should return None, not '{t}'")));
    }
    Ok(())
}

fn slot_del(vm: &Vm, v: &Value) -> PyResult<()> {
    call_method(vm, v, &vm.names().__del__, &[]).map(drop)
}

fn slot_call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    match vm.lookup_special(v, &vm.names().__call__)? {
        Some(m) => m.call_args(vm, v, args),
        None => Err(vm.not_callable(v)),
    }
}

fn slot_hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let r = call_method(vm, v, &vm.names().__hash__, &[])?;
    vm.hash_result(&r)
}

/// Slot of types whose `__hash__` is `None`.
pub(crate) fn unhashable(vm: &Vm, v: &Value) -> PyResult<i64> {
    Err(vm.type_error(&format!("unhashable type: '{}'", vm.type_of(v).display_name(vm))))
}

fn slot_richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let n = vm.names();
    let name = match op {
        CmpOp::Lt => &n.__lt__,
        CmpOp::Le => &n.__le__,
        CmpOp::Eq => &n.__eq__,
        CmpOp::Ne => &n.__ne__,
        CmpOp::Gt => &n.__gt__,
        CmpOp::Ge => &n.__ge__,
    };
    optional(vm, a, name, std::slice::from_ref(b))
}

/// `__getattribute__`, then `__getattr__` if that raised AttributeError.
fn slot_getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    let n = vm.names();
    let custom = vm.type_of(v).lookup(vm, &n.__getattribute__);
    let generic = vm.types().object.dict().get_str(vm, &n.__getattribute__);
    let native = custom
        .as_ref()
        .is_none_or(|c| vm.wraps_slot(c, Dunder::Getattribute) || generic.as_ref().is_some_and(|g| g.is(c)));
    let first = if native {
        match vm.generic_getattr_opt(v, name) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(e) => Some(e),
        }
    } else {
        match call_method(vm, v, &n.__getattribute__, std::slice::from_ref(name)) {
            Ok(found) => return Ok(found),
            Err(e) => Some(e),
        }
    };
    let Some(hook) = vm.lookup_special(v, &n.__getattr__)? else {
        return Err(first.unwrap_or_else(|| vm.no_attribute(v, name)));
    };
    if let Some(e) = first {
        if !vm.pending_is(vm.types().AttributeError) {
            return Err(e);
        }
        drop(vm.take_raised());
    }
    hook.call(vm, v, std::slice::from_ref(name))
}

fn slot_setattr(vm: &Vm, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = vm.names();
    let result = match value {
        Some(value) => call_method(vm, v, &n.__setattr__, &[name.clone(), value.clone()]),
        None => call_method(vm, v, &n.__delattr__, std::slice::from_ref(name)),
    };
    result.map(drop)
}

fn slot_get(vm: &Vm, d: &Value, obj: Option<&Value>, ty: Option<&Value>) -> PyResult {
    let none = Value::NONE;
    let args = [obj.unwrap_or(&none).clone(), ty.unwrap_or(&none).clone()];
    match vm.lookup_special(d, &vm.names().__get__)? {
        Some(m) => m.call(vm, d, &args),
        None => Ok(d.clone()),
    }
}

fn slot_set(vm: &Vm, d: &Value, obj: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = vm.names();
    let (name, args) = match value {
        Some(value) => (&n.__set__, vec![obj.clone(), value.clone()]),
        None => (&n.__delete__, vec![obj.clone()]),
    };
    match vm.lookup_special(d, name)? {
        Some(m) => m.call(vm, d, &args).map(drop),
        None => Err(vm.attribute_error(name.downcast::<crate::types::str::Str>().map_or("", |s| s.as_str_lossy()))),
    }
}

fn slot_iter(vm: &Vm, v: &Value) -> PyResult {
    match vm.type_of(v).lookup(vm, &vm.names().__iter__) {
        Some(f) if f.is_none() => Err(vm.not_iterable(v)),
        Some(_) => call_method(vm, v, &vm.names().__iter__, &[]),
        None => Err(vm.not_iterable(v)),
    }
}

fn slot_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    match call_method(vm, v, &vm.names().__next__, &[]) {
        Ok(value) => Ok(Some(value)),
        Err(e) => vm.stop_iteration_to_none(e),
    }
}

fn slot_bool(vm: &Vm, v: &Value) -> PyResult<bool> {
    let r = call_method(vm, v, &vm.names().__bool__, &[])?;
    r.as_bool()
        .ok_or_else(|| vm.type_error(&format!("__bool__ should return bool, returned {}", vm.type_of(&r).name())))
}

fn slot_len(vm: &Vm, v: &Value) -> PyResult<usize> {
    let r = call_method(vm, v, &vm.names().__len__, &[])?;
    vm.length_result(&r)
}

fn slot_getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    call_method(vm, v, &vm.names().__getitem__, std::slice::from_ref(key))
}

fn slot_setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = vm.names();
    let (name, args, what) = match value {
        Some(value) => (&n.__setitem__, vec![key.clone(), value.clone()], "assignment"),
        None => (&n.__delitem__, vec![key.clone()], "deletion"),
    };
    match vm.lookup_special(v, name)? {
        Some(m) => m.call(vm, v, &args).map(drop),
        None => Err(vm.type_error(&format!("'{}' object does not support item {what}", vm.type_of(v).name()))),
    }
}

fn slot_contains(vm: &Vm, v: &Value, item: &Value) -> PyResult<bool> {
    match vm.type_of(v).lookup(vm, &vm.names().__contains__) {
        Some(f) if f.is_none() => Err(vm.type_error(&format!("'{}' object is not a container", vm.type_of(v).name()))),
        Some(_) => {
            let r = call_method(vm, v, &vm.names().__contains__, std::slice::from_ref(item))?;
            vm.truthy(&r)
        }
        None => vm.contains_by_iteration(v, item),
    }
}

fn slot_buffer(vm: &Vm, v: &Value, writable: bool) -> PyResult<crate::types::slots::Buffer> {
    let flags = Value::from_usize(if writable { 1 } else { 0 });
    let view = call_method(vm, v, &vm.names().__buffer__, &[flags])?;
    match vm.type_of(&view).slots().buffer {
        Some(f) if view.is_a::<crate::types::memoryview::MemoryView>() => f(vm, &view, writable),
        _ => Err(vm.type_error("__buffer__ returned non-memoryview object")),
    }
}

/// Binary operators by Python methods: `a.__op__(b)`, then `b.__rop__(a)`; a subclass on the right goes first.
fn slot_binary<const OP: usize>(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let names = vm.binop_names();
    let (name, rname) = (&names.0[OP].0, &names.0[OP].1);
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let this = BINARY[OP];
    let uses = |t: &TypeObj| t.slots().binary[OP].is_some_and(|f| std::ptr::fn_addr_eq(f, this));
    let other = !ta.is(tb) && uses(tb);
    if uses(ta) {
        if other && tb.is_subtype(ta) {
            let (x, y) = (ta.lookup(vm, rname), tb.lookup(vm, rname));
            if y.is_some() && x.as_ref().map(Value::bits) != y.as_ref().map(Value::bits) {
                let r = optional(vm, b, rname, std::slice::from_ref(a))?;
                if !r.is_not_implemented() {
                    return Ok(r);
                }
                return optional(vm, a, name, std::slice::from_ref(b));
            }
        }
        let r = optional(vm, a, name, std::slice::from_ref(b))?;
        if !r.is_not_implemented() || ta.is(tb) {
            return Ok(r);
        }
    }
    if other { optional(vm, b, rname, std::slice::from_ref(a)) } else { Ok(Value::NOT_IMPLEMENTED) }
}

/// `pow(a, b, modulus)` by Python methods: `a.__pow__(b, modulus)`, then `b.__rpow__(a, modulus)`.
fn slot_pow3(vm: &Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    const OP: usize = BinOp::Pow as usize;
    let names = vm.binop_names();
    let (name, rname) = (&names.0[OP].0, &names.0[OP].1);
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let uses = |t: &TypeObj| t.slots().pow3.is_some_and(|f| std::ptr::fn_addr_eq(f, slot_pow3 as Pow3Fn));
    let other = !ta.is(tb) && uses(tb);
    let forward = || optional(vm, a, name, &[b.clone(), modulus.clone()]);
    let backward = || optional(vm, b, rname, &[a.clone(), modulus.clone()]);
    if uses(ta) {
        if other && tb.is_subtype(ta) {
            let (x, y) = (ta.lookup(vm, rname), tb.lookup(vm, rname));
            if y.is_some() && x.as_ref().map(Value::bits) != y.as_ref().map(Value::bits) {
                let r = backward()?;
                return if r.is_not_implemented() { forward() } else { Ok(r) };
            }
        }
        let r = forward()?;
        if !r.is_not_implemented() || ta.is(tb) {
            return Ok(r);
        }
    }
    if other { backward() } else { Ok(Value::NOT_IMPLEMENTED) }
}

type Pow3Fn = fn(&Vm, &Value, &Value, &Value) -> PyResult;

fn slot_inplace<const OP: usize>(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let names = vm.binop_names();
    optional(vm, a, &names.0[OP].2, std::slice::from_ref(b))
}

type BinaryTable = [fn(&Vm, &Value, &Value) -> PyResult; N_BINOPS];

const BINARY: BinaryTable = [
    slot_binary::<0>,
    slot_binary::<1>,
    slot_binary::<2>,
    slot_binary::<3>,
    slot_binary::<4>,
    slot_binary::<5>,
    slot_binary::<6>,
    slot_binary::<7>,
    slot_binary::<8>,
    slot_binary::<9>,
    slot_binary::<10>,
    slot_binary::<11>,
    slot_binary::<12>,
    slot_binary::<13>,
];

const INPLACE: BinaryTable = [
    slot_inplace::<0>,
    slot_inplace::<1>,
    slot_inplace::<2>,
    slot_inplace::<3>,
    slot_inplace::<4>,
    slot_inplace::<5>,
    slot_inplace::<6>,
    slot_inplace::<7>,
    slot_inplace::<8>,
    slot_inplace::<9>,
    slot_inplace::<10>,
    slot_inplace::<11>,
    slot_inplace::<12>,
    slot_inplace::<13>,
];

/// Names of the methods of each binary operator.
struct BinopNames(Vec<(Value, Value, Value)>);

crate::local!(BinopNames: fresh);

impl Vm {
    /// For each operator: the names of `__op__`, `__rop__`, `__iop__`.
    fn binop_names(&self) -> std::rc::Rc<BinopNames> {
        self.local(|vm| {
            BinopNames(
                BinOp::ALL
                    .into_iter()
                    .map(|op| {
                        let name = |p: &str| vm.intern(&format!("__{p}{}__", op.stem()));
                        (name(""), name("r"), name("i"))
                    })
                    .collect(),
            )
        })
    }
}

/// Calls slot `id` of native type `ty` as the special method, with the receiver in front of `args`.
pub(crate) fn call_wrapper(vm: &Vm, id: WrapperId, ty: &TypeObj, this: &Value, args: &CallArgs<'_>) -> PyResult {
    use Dunder::*;
    let (name, d, ..) = WRAPPERS[id as usize];
    let slots = ty.slots();
    let rest = args.pos();
    if args.n_named() > 0 && !matches!(d, Init | Call) {
        return Err(vm.type_error(&format!("wrapper {name}() takes no keyword arguments")));
    }
    let count = |n: usize| -> PyResult<()> {
        if rest.len() == n {
            return Ok(());
        }
        let s = if n == 1 { "" } else { "s" };
        Err(vm.type_error(&format!("expected {n} argument{s}, got {}", rest.len())))
    };
    let gone = |_: ()| -> Raised { vm.type_error(&format!("'{name}' is not supported")) };
    macro_rules! f {
        ($field:ident) => {
            slots.$field.ok_or(()).map_err(gone)?
        };
    }
    macro_rules! unary {
        ($field:ident) => {{
            count(0)?;
            f!($field)(vm, this)
        }};
    }
    match d {
        Init => {
            f!(init)(vm, this, args)?;
            Ok(Value::NONE)
        }
        Call => f!(call)(vm, this, args),
        New => Err(vm.type_error("__new__ is not a slot wrapper")),
        Del => {
            count(0)?;
            f!(del)(vm, this)?;
            Ok(Value::NONE)
        }
        Repr => unary!(repr),
        Str => unary!(str),
        Hash => {
            count(0)?;
            let h = f!(hash)(vm, this)?;
            Ok(vm.int(h))
        }
        Cmp(op) => {
            count(1)?;
            f!(richcmp)(vm, this, &rest[0], op)
        }
        Getattribute | Getattr => {
            count(1)?;
            let key = vm.attribute_name(&rest[0])?;
            f!(getattr)(vm, this, &key)
        }
        Setattr => {
            count(2)?;
            let key = vm.attribute_name(&rest[0])?;
            f!(setattr)(vm, this, &key, Some(&rest[1]))?;
            Ok(Value::NONE)
        }
        Delattr => {
            count(1)?;
            let key = vm.attribute_name(&rest[0])?;
            f!(setattr)(vm, this, &key, None)?;
            Ok(Value::NONE)
        }
        Get => {
            if rest.is_empty() || rest.len() > 2 {
                return Err(vm.type_error(&format!("expected at least 1 argument, got {}", rest.len())));
            }
            let obj = Some(&rest[0]).filter(|v| !v.is_none());
            let ty = rest.get(1).filter(|v| !v.is_none());
            if obj.is_none() && ty.is_none() {
                return Err(vm.type_error("__get__(None, None) is invalid"));
            }
            f!(descr_get)(vm, this, obj, ty)
        }
        Set => {
            count(2)?;
            f!(descr_set)(vm, this, &rest[0], Some(&rest[1]))?;
            Ok(Value::NONE)
        }
        Delete => {
            count(1)?;
            f!(descr_set)(vm, this, &rest[0], None)?;
            Ok(Value::NONE)
        }
        Iter => unary!(iter),
        Next => {
            count(0)?;
            match f!(iternext)(vm, this)? {
                Some(v) => Ok(v),
                None => Err(vm.exhausted(this)),
            }
        }
        Bool => {
            count(0)?;
            Ok(Value::bool(f!(bool)(vm, this)?))
        }
        Len => {
            count(0)?;
            Ok(vm.int_usize(f!(len)(vm, this)?))
        }
        GetItem => {
            count(1)?;
            f!(getitem)(vm, this, &rest[0])
        }
        SetItem => {
            count(2)?;
            f!(setitem)(vm, this, &rest[0], Some(&rest[1]))?;
            Ok(Value::NONE)
        }
        DelItem => {
            count(1)?;
            f!(setitem)(vm, this, &rest[0], None)?;
            Ok(Value::NONE)
        }
        Contains => {
            count(1)?;
            Ok(Value::bool(f!(contains)(vm, this, &rest[0])?))
        }
        Bin(op) => {
            if op == BinOp::Pow && rest.len() == 2 && !rest[1].is_none() {
                return match slots.pow3 {
                    Some(f) => f(vm, this, &rest[0], &rest[1]),
                    None => Ok(Value::NOT_IMPLEMENTED),
                };
            }
            match (op, rest.len()) {
                (BinOp::Pow, 1 | 2) => {}
                (BinOp::Pow, n) => return Err(vm.type_error(&format!("expected 1 or 2 arguments, got {n}"))),
                _ => count(1)?,
            }
            let slot = slots.binary[op as usize];
            let r = slot.ok_or(()).map_err(gone)?(vm, this, &rest[0])?;
            vm.sequence_wrapper_result(op, slot, this, &rest[0], r)
        }
        RBin(op) => {
            if op == BinOp::Pow && rest.len() == 2 && !rest[1].is_none() {
                return match slots.pow3 {
                    Some(f) => f(vm, &rest[0], this, &rest[1]),
                    None => Ok(Value::NOT_IMPLEMENTED),
                };
            }
            match (op, rest.len()) {
                (BinOp::Pow, 1 | 2) => {}
                (BinOp::Pow, n) => return Err(vm.type_error(&format!("expected 1 or 2 arguments, got {n}"))),
                _ => count(1)?,
            }
            let slot = slots.binary[op as usize];
            let r = slot.ok_or(()).map_err(gone)?(vm, &rest[0], this)?;
            vm.sequence_wrapper_result(op, slot, this, &rest[0], r)
        }
        IBin(op) => {
            count(1)?;
            let slot = slots.inplace[op as usize];
            let r = slot.ok_or(()).map_err(gone)?(vm, this, &rest[0])?;
            vm.sequence_wrapper_result(op, slot, this, &rest[0], r)
        }
        Neg => unary!(neg),
        Pos => unary!(pos),
        Abs => unary!(abs),
        Invert => unary!(invert),
        Int => unary!(int),
        Float => unary!(float),
        Index => unary!(index),
        Await => unary!(await_),
        Aiter => unary!(aiter),
        Anext => unary!(anext),
        Buffer => {
            count(1)?;
            vm.memoryview_of(this)
        }
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
