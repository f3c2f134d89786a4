//! Type objects: what a class is to the machine.
//!
//! Rooms: [`def`] how native types are declared; [`build`] makes type objects from definitions and from `class`
//! statements, with `new` for `__new__` of native types; [`mro`] linearisation; [`lookup`] attributes through the MRO, version tags and the method cache;
//! [`dunder`] slots from special methods and back; [`methods`] what `type` itself offers.
//!
//! Invariant: types of the frozen image are never written. Everything about them that changes (their subclasses) lies in
//! tables of the interpreter.
#![expect(unsafe_code, reason = "type objects are reached by address")]

pub mod build;
pub mod def;
pub mod dunder;
pub mod lookup;
pub mod methods;
pub mod mro;
mod new;

pub use def::TypeDef;

use crate::cell::VCell;
use crate::object::{Header, Kind, Payload, Visitor};
use crate::shape::{Shape, ShapeSet};
use crate::types::dict::Dict;
use crate::types::slots::Slots;
use crate::types::str::Str;
use crate::value::Value;
use std::any::TypeId;
use std::cell::{Cell, UnsafeCell};

/// Flags of a type.
pub mod tflag {
    /// Instances may form cycles: the collector counts and walks them.
    pub const GC: u32 = 1;
    /// Made at run time: attributes may be set.
    pub const HEAP: u32 = 2;
    /// May be subclassed.
    pub const BASETYPE: u32 = 4;
    /// Dropping an instance must run code.
    pub const NEEDS_DROP: u32 = 8;
    /// The payload holds resources outside the heap (dropped even when the whole heap goes). Its kind must be among those
    /// of `Kind::may_hold_resources`.
    pub const RESOURCE: u32 = 1 << 25;
    /// Has `__del__`.
    pub const FINALIZER: u32 = 16;
    /// Instances have a `__dict__` (attribute storage with a shape).
    pub const HAS_DICT: u32 = 32;
    /// Instances may be weakly referenced.
    pub const HAS_WEAKREF: u32 = 64;
    /// A sequence for pattern matching.
    pub const SEQUENCE: u32 = 128;
    /// A mapping for pattern matching.
    pub const MAPPING: u32 = 256;
    /// Attribute access goes through `__getattribute__` or `__getattr__` of Python.
    pub const CUSTOM_GETATTR: u32 = 512;
    /// Cannot be instantiated from Python.
    pub const NO_NEW: u32 = 1024;
    /// Abstract methods are left.
    pub const ABSTRACT: u32 = 2048;
    /// `int` or a subclass.
    pub const INT: u32 = 1 << 16;
    /// `str` or a subclass.
    pub const STR: u32 = 1 << 17;
    /// `tuple` or a subclass.
    pub const TUPLE: u32 = 1 << 18;
    /// `list` or a subclass.
    pub const LIST: u32 = 1 << 19;
    /// `dict` or a subclass.
    pub const DICT: u32 = 1 << 20;
    /// `BaseException` or a subclass.
    pub const EXCEPTION: u32 = 1 << 21;
    /// `type` or a subclass (a metaclass).
    pub const TYPE: u32 = 1 << 22;
    /// Positional patterns match the subject itself (`int(x)`).
    pub const MATCH_SELF: u32 = 1 << 23;
    /// A method descriptor: binding it is calling it with the receiver first.
    pub const METHOD_DESCRIPTOR: u32 = 1 << 24;
    /// The MRO has classes that are no bases, whose changes are not passed on: nothing may be cached.
    pub const UNCACHED: u32 = 1 << 27;
    /// What a subclass takes over.
    pub const INHERITED: u32 = GC
        | NEEDS_DROP
        | RESOURCE
        | FINALIZER
        | HAS_DICT
        | HAS_WEAKREF
        | SEQUENCE
        | MAPPING
        | CUSTOM_GETATTR
        | INT
        | STR
        | TUPLE
        | LIST
        | DICT
        | EXCEPTION
        | TYPE
        | MATCH_SELF
        | UNCACHED;
}

/// A type object.
pub struct TypeObj {
    pub(crate) slots: UnsafeCell<Slots>,
    pub(crate) flags: Cell<u32>,
    /// Changes whenever an attribute of the type or of a base changes; 0: no caching.
    pub(crate) version: Cell<u32>,
    /// Bytes of an instance up to its attribute storage (header and payload).
    pub(crate) basicsize: u32,
    /// Where attribute storage begins, or 0.
    pub(crate) attrs_offset: u32,
    /// Number of `__slots__` members (of bases too) that lie before the shape's inline slots.
    pub(crate) n_members: u32,
    pub(crate) kind: Kind,
    pub(crate) native_id: Option<TypeId>,
    pub(crate) drop_fn: unsafe fn(*mut Header),
    pub(crate) traverse_fn: unsafe fn(*const Header, &mut Visitor<'_>),
    pub(crate) clear_fn: unsafe fn(*const Header),
    pub(crate) name: VCell,
    pub(crate) qualname: VCell,
    /// The base whose layout this type extends.
    pub(crate) base: Cell<Option<&'static TypeObj>>,
    pub(crate) bases: VCell,
    /// MRO as a tuple of types, this one first.
    pub(crate) mro: VCell,
    pub(crate) dict: VCell,
    /// Shape of a fresh instance; null until the first attribute is set.
    pub(crate) root_shape: Cell<*const Shape>,
    pub(crate) shapes: ShapeSet,
    /// Inline slots of the next instance.
    pub(crate) inline_cap: Cell<u8>,
    /// The definition of a native type.
    pub(crate) def: Cell<Option<&'static TypeDef>>,
    /// The special methods in its own dict.
    pub(crate) dunders: Cell<dunder::DunderSet>,
}

// SAFETY: type objects are made behind headers of kind Type only.
unsafe impl Payload for TypeObj {
    const KIND: Kind = Kind::Type;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        for cell in [&self.name, &self.qualname, &self.bases, &self.mro, &self.dict] {
            cell.traverse(visit);
        }
        if let Some(base) = self.base.get()
            && !Header::of(base).is_immortal()
        {
            // The base is counted by `bases`, which was shown above; the field itself holds no reference.
        }
    }

    fn clear(&self) {
        if !self.is_heap() {
            return;
        }
        self.forget(true);
        // The class is in its own MRO.
        drop(self.mro.take());
        if let Some(dict) = self.dict.get()
            && let Some(dict) = dict.downcast::<Dict>()
            // The dict of a view of a frozen class is a view, too: where that is garbage, it is cleared by itself.
            && !dict.is_frozen()
        {
            dict.clear();
        }
    }
}

impl Drop for TypeObj {
    fn drop(&mut self) {
        // Only classes made at run time die, and only they lie behind a header for sure.
        if self.is_heap() && !Header::of(self).is_frozen() {
            self.forget(false);
        }
    }
}

impl TypeObj {
    /// Takes a class that is garbage out of its interpreter's tables; with `changed`, caches that know it (or a subclass)
    /// are told that its attributes go.
    fn forget(&self, changed: bool) {
        // SAFETY: classes made at run time are mortal objects of a live heap.
        let Some(vm) = (unsafe { crate::heap::heap_of(Header::of(self)) }).vm() else { return };
        if changed {
            self.modified(vm);
        }
        if let Some(bases) = self.bases.get()
            && let Some(bases) = bases.downcast::<crate::types::tuple::Tuple>()
        {
            for base in bases.as_slice().iter().filter_map(TypeObj::from_value) {
                vm.remove_subclass(base, self);
            }
        }
        if !changed {
            vm.remove_subclasses(self);
        }
    }

    /// The type of which a value is an instance of type `type`, if it is one.
    #[inline(always)]
    pub fn from_value(value: &Value) -> Option<&TypeObj> {
        value.downcast::<TypeObj>()
    }

    /// This type as a value.
    #[inline(always)]
    pub fn value(&self) -> Value {
        Value::of(self)
    }

    /// `__name__`.
    pub fn name(&self) -> &str {
        // SAFETY: the name is replaced only by assigning `__name__`; nobody keeps the borrow across Python code.
        match unsafe { self.name.peek() }.and_then(|n| n.downcast::<Str>()) {
            Some(s) => s.as_str_lossy(),
            None => "?",
        }
    }

    /// The operations.
    #[inline(always)]
    pub fn slots(&self) -> &Slots {
        // SAFETY: slots are replaced field by field by assignments to the class (each a word); a borrow is used for one
        // load of a function pointer at a time.
        unsafe { &*self.slots.get() }
    }

    /// Whether instances are walked by the collector.
    #[inline(always)]
    pub fn is_gc(&self) -> bool {
        self.has(tflag::GC)
    }

    /// Whether a flag of [`tflag`] is set.
    #[inline(always)]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }

    /// Sets flags of [`tflag`] on a class made at run time (what `abc` says of sequences, mappings, abstract methods).
    pub fn set_flags(&self, flags: u32) {
        if self.is_heap() && !Header::of(self).is_frozen() {
            self.flags.set(self.flags.get() | flags);
        }
    }

    /// Clears flags of [`tflag`] on a class made at run time.
    pub fn clear_flags(&self, flags: u32) {
        if self.is_heap() && !Header::of(self).is_frozen() {
            self.flags.set(self.flags.get() & !flags);
        }
    }

    /// Made at run time (attributes may be set).
    #[inline(always)]
    pub fn is_heap(&self) -> bool {
        self.has(tflag::HEAP)
    }

    /// Whether dropping an instance must run code.
    #[inline(always)]
    pub fn needs_drop(&self) -> bool {
        self.has(tflag::NEEDS_DROP)
    }

    /// Whether `__del__` exists.
    #[inline(always)]
    pub fn has_finalizer(&self) -> bool {
        self.has(tflag::FINALIZER)
    }

    /// The version tag for caches (0: do not cache).
    #[inline(always)]
    pub fn version(&self) -> u32 {
        self.version.get()
    }

    /// The layout base.
    #[inline(always)]
    pub fn base(&self) -> Option<&'static TypeObj> {
        self.base.get()
    }

    /// The layout of instances.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The MRO, this type first.
    #[inline(always)]
    pub fn mro_slice(&self) -> &[Value] {
        // SAFETY: the MRO tuple is replaced only by assigning `__bases__`; borrows are not kept across Python code
        // except by callers that hold the type's MRO tuple.
        match unsafe { self.mro.peek() }.and_then(|m| m.downcast::<crate::types::tuple::Tuple>()) {
            Some(t) => t.as_slice(),
            None => &[],
        }
    }

    /// The attributes of the type itself.
    #[inline(always)]
    pub fn dict(&self) -> &Dict {
        // SAFETY: the dict of a type is set when it is made and never replaced.
        unsafe {
            match self.dict.peek() {
                Some(d) => d.downcast_unchecked::<Dict>(),
                None => unreachable!("a type has its dict from the start"),
            }
        }
    }

    /// Whether this type is `other` or derives from it.
    #[inline]
    pub fn is_subtype(&self, other: &TypeObj) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        let other = Header::of(other) as *const Header as u64;
        self.mro_slice().iter().any(|t| t.bits() == other)
    }

    /// Whether instances have the payload `T`, for layouts that share a kind.
    #[inline(always)]
    pub fn has_payload<T: 'static>(&self) -> bool {
        self.native_id == Some(TypeId::of::<T>())
    }

    /// Whether this is the type of a definition.
    pub fn is_made_from(&self, def: &'static TypeDef) -> bool {
        !self.is_heap() && self.def.get().is_some_and(|d| std::ptr::eq(d, def))
    }

    /// The definition of a native type; that of the nearest native base for a class.
    pub(crate) fn definition(&self) -> Option<&'static TypeDef> {
        self.def.get()
    }

    /// The direct bases.
    pub(crate) fn base_types(&self) -> Vec<&TypeObj> {
        // SAFETY: for types of the image, whose bases never change.
        let bases = unsafe { self.bases.peek() }.and_then(|b| b.downcast::<crate::types::tuple::Tuple>());
        bases.map(|b| b.as_slice().iter().filter_map(TypeObj::from_value).collect()).unwrap_or_default()
    }

    /// Whether this is the same type.
    #[inline(always)]
    pub fn is(&self, other: &TypeObj) -> bool {
        std::ptr::eq(self, other)
    }

    /// # Safety
    /// `header` is an instance of this type, and its payload is not used afterwards.
    #[inline(always)]
    pub(crate) unsafe fn drop_payload(&self, header: *mut Header) {
        // SAFETY: the caller's promise.
        unsafe {
            if self.needs_drop() {
                (self.drop_fn)(header);
            }
            if self.n_members != 0 || self.attrs_offset != 0 {
                crate::instance::drop_attrs(self, header);
            }
        }
    }

    /// The shape of this class for instances that have attributes where those of `like`, another class's, have them.
    pub(crate) fn shape_like(&self, like: &Shape) -> *const Shape {
        if like.is_dict_mode() {
            return self.shapes.dict_mode(self);
        }
        let cap = like.inline_cap();
        let mut shape = match self.shapes.find_root(cap) {
            Some(root) => root,
            None => self.shapes.root(self, cap as u8),
        };
        if self.root_shape.get().is_null() && cap == self.inline_cap.get() as usize {
            self.root_shape.set(shape);
        }
        for name in like.names() {
            // SAFETY: a class owns its shapes; none has more names than its like.
            shape = unsafe { (*shape).with(name) }.expect("as many names as the like has");
        }
        shape
    }

    /// A lifetime that outlives borrows of values: for code that holds the type otherwise (through an instance).
    ///
    /// # Safety
    /// The type stays alive while the reference is used.
    #[inline(always)]
    pub(crate) unsafe fn extend<'a>(&self) -> &'a TypeObj {
        // SAFETY: the caller's promise.
        unsafe { &*(self as *const TypeObj) }
    }
}
