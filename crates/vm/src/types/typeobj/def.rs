//! How native types are declared: a `static` [`TypeDef`] beside the code of the type.
#![expect(unsafe_code, reason = "payload functions by layout")]

use super::tflag;
use crate::error::PyResult;
use crate::freeze::Freezing;
use crate::native::{GetSetDef, MethodDef};
use crate::object::{Header, Kind, Payload, Visitor};
use crate::origin::{Copier, Copying};
use crate::types::slots::Slots;
use crate::value::Value;
use crate::vm::Vm;
use std::any::TypeId;

/// The declaration of a native type.
pub struct TypeDef {
    /// Its name, without the module.
    pub name: &'static str,
    /// Its module.
    pub module: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// The base; `None` is `object`.
    pub base: Option<&'static TypeDef>,
    /// A second base, of the same layout.
    pub second_base: Option<&'static TypeDef>,
    /// Flags of [`tflag`].
    pub flags: u32,
    /// Operations.
    pub slots: Slots,
    /// Methods.
    pub methods: &'static [MethodDef],
    /// Computed attributes.
    pub getset: &'static [GetSetDef],
    /// `__match_args__`.
    pub match_args: &'static [&'static str],
    /// Attributes that are objects of the frozen image.
    pub constants: &'static [(&'static str, fn(&Vm) -> PyResult)],
    /// How an object comes into an interpreter that starts from a template.
    pub(crate) copying: Copying,
    /// Objects never change, but for what they hold.
    pub(crate) immutable: bool,
    /// Why an object as it is now cannot be part of a template.
    pub(crate) unready: Option<fn(&Header) -> Option<&'static str>>,
    /// Whether its instances can be frozen.
    pub(crate) freezing: Freezing,
    pub(crate) basicsize: u32,
    pub(crate) kind: Kind,
    pub(crate) native_id: fn() -> Option<TypeId>,
    pub(crate) drop_fn: unsafe fn(*mut Header),
    pub(crate) traverse_fn: unsafe fn(*const Header, &mut Visitor<'_>),
    pub(crate) clear_fn: unsafe fn(*const Header),
}

/// # Safety
/// `header` is in front of a `T` that is not used afterwards.
unsafe fn drop_of<T: Payload>(header: *mut Header) {
    // SAFETY: the caller's promise.
    unsafe { std::ptr::drop_in_place(header.add(1).cast::<T>()) }
}

/// # Safety
/// `header` is in front of a `T`.
unsafe fn traverse_of<T: Payload>(header: *const Header, visit: &mut Visitor<'_>) {
    // SAFETY: the caller's promise.
    unsafe { (*header).payload_unchecked::<T>().traverse(visit) }
}

/// # Safety
/// `header` is in front of a `T`.
unsafe fn clear_of<T: Payload>(header: *const Header) {
    // SAFETY: the caller's promise.
    unsafe { (*header).payload_unchecked::<T>().clear() }
}

impl TypeDef {
    /// A type whose instances have layout `T`, in module `builtins`, not subclassable, without operations.
    pub const fn new<T: Payload>(name: &'static str) -> TypeDef {
        fn id<T: Payload>() -> Option<TypeId> {
            Some(TypeId::of::<T>())
        }
        let size = size_of::<T>();
        assert!(align_of::<T>() <= 16);
        TypeDef {
            name,
            module: "builtins",
            doc: "",
            base: None,
            second_base: None,
            flags: match (std::mem::needs_drop::<T>(), T::KIND) {
                (true, Kind::Native | Kind::Int | Kind::Code) => tflag::NEEDS_DROP | tflag::RESOURCE,
                (true, _) => tflag::NEEDS_DROP,
                (false, _) => 0,
            },
            slots: Slots::EMPTY,
            methods: &[],
            getset: &[],
            match_args: &[],
            constants: &[],
            copying: Copying::of_kind(T::KIND),
            immutable: Copying::is_immutable(T::KIND),
            unready: None,
            freezing: Freezing::Refused,
            basicsize: (size_of::<Header>() + size).next_multiple_of(8) as u32,
            kind: T::KIND,
            native_id: id::<T>,
            drop_fn: drop_of::<T>,
            traverse_fn: traverse_of::<T>,
            clear_fn: clear_of::<T>,
        }
    }

    /// Sets the module.
    pub const fn module(mut self, module: &'static str) -> TypeDef {
        self.module = module;
        self
    }

    /// Sets the documentation.
    pub const fn doc(mut self, doc: &'static str) -> TypeDef {
        self.doc = doc;
        self
    }

    /// Sets the base, whose layout must be a prefix of this type's.
    pub const fn base(mut self, base: &'static TypeDef) -> TypeDef {
        self.base = Some(base);
        self
    }

    /// Sets a second base, which has the same layout as the first.
    pub const fn second_base(mut self, base: &'static TypeDef) -> TypeDef {
        self.second_base = Some(base);
        self
    }

    /// Adds flags of [`tflag`].
    pub const fn flags(mut self, flags: u32) -> TypeDef {
        self.flags |= flags;
        self
    }

    /// May be subclassed.
    pub const fn basetype(self) -> TypeDef {
        self.flags(tflag::BASETYPE)
    }

    /// Instances are walked by the collector.
    pub const fn gc(self) -> TypeDef {
        self.flags(tflag::GC)
    }

    /// Instances can be frozen: they never change once they are made, keep nothing in storage of the heap, and what they own
    /// may be used and dropped by any thread.
    pub const fn freezable(mut self) -> TypeDef {
        self.freezing = Freezing::Plain;
        self
    }

    /// As [`TypeDef::freezable`], once `f` has been called: it takes what changes out of the instance.
    pub const fn freezable_after(mut self, f: fn(&Vm, &Value)) -> TypeDef {
        self.freezing = Freezing::After(f);
        self
    }

    /// Sets the operations.
    pub const fn slots(mut self, slots: Slots) -> TypeDef {
        self.slots = slots;
        self
    }

    /// Sets the methods.
    pub const fn methods(mut self, methods: &'static [MethodDef]) -> TypeDef {
        self.methods = methods;
        self
    }

    /// Sets the computed attributes.
    pub const fn getset(mut self, getset: &'static [GetSetDef]) -> TypeDef {
        self.getset = getset;
        self
    }

    /// Sets attributes that are objects of the frozen image (see [`Vm::frozen`]).
    pub const fn constants(mut self, constants: &'static [(&'static str, fn(&Vm) -> PyResult)]) -> TypeDef {
        self.constants = constants;
        self
    }

    /// Copies for interpreters that start from a template have the same words, but for the values that the payload shows
    /// to the collector, which lie in the object itself.
    pub const fn copied(mut self) -> TypeDef {
        self.copying = Copying::Words;
        self
    }

    /// As [`TypeDef::copied`]; `then` makes the copy's own what the words point to.
    pub const fn copied_then(mut self, then: fn(&Copier<'_>, &Header)) -> TypeDef {
        self.copying = Copying::Then(then);
        self
    }

    /// Objects are shared by the interpreters that start from a template, if what they hold can be: nothing writes to
    /// their payload, not even a cache.
    pub const fn immutable(mut self) -> TypeDef {
        self.immutable = true;
        self
    }

    /// Sets what says why an object as it is now cannot be part of a template.
    pub const fn unready(mut self, why: fn(&Header) -> Option<&'static str>) -> TypeDef {
        self.unready = Some(why);
        self
    }

    /// Sets `__match_args__`.
    pub const fn match_args(mut self, names: &'static [&'static str]) -> TypeDef {
        self.match_args = names;
        self
    }
}
