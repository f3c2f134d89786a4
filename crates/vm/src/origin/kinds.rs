//! What copying an object takes, by its layout.
#![expect(unsafe_code, reason = "payloads whose words are another object's")]

use super::Copier;
use crate::object::{Header, Kind};
use crate::shape::{Shape, ShapeSet};
use crate::types::code::CodeObj;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::int::Int;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::types::weakref::WeakRef;
use crate::types::{bytearray, list, set};
use std::ptr;

/// How an object comes into a machine that starts from an origin.
#[derive(Clone, Copy)]
pub enum Copying {
    /// It does not: a machine that holds one cannot become an origin.
    Refused,
    /// Its words are copied; the values among them, which the payload shows to the collector, are replaced.
    Words,
    /// As `Words`; then the function gives the copy its own of what the words point to.
    Then(fn(&Copier<'_>, &Header)),
}

impl Copying {
    /// How objects of a layout of the core are copied, if their type does not say it.
    pub(crate) const fn of_kind(kind: Kind) -> Copying {
        match kind {
            Kind::Instance
            | Kind::Float
            | Kind::Complex
            | Kind::Str
            | Kind::Bytes
            | Kind::Tuple
            | Kind::Slice
            | Kind::Builtin
            | Kind::Method
            | Kind::MethodDescr
            | Kind::SlotWrapper
            | Kind::GetSet
            | Kind::Member
            | Kind::Property
            | Kind::ClassMethod
            | Kind::StaticMethod
            | Kind::Super
            | Kind::Cell
            | Kind::Module
            | Kind::Exception
            | Kind::MappingProxy
            | Kind::DictView => Copying::Words,
            Kind::Int => Copying::Then(copy_int),
            Kind::Type => Copying::Then(copy_class),
            Kind::Function => Copying::Then(copy_function),
            Kind::Code => Copying::Then(copy_code),
            Kind::List => Copying::Then(list::become_copy),
            Kind::Dict => Copying::Then(copy_dict),
            Kind::Set => Copying::Then(set::become_copy),
            Kind::ByteArray => Copying::Then(bytearray::become_copy),
            Kind::WeakRef => Copying::Then(copy_weakref),
            // A big range owns its integers, but ranges are never copied: they hold nothing and have no subclasses.
            Kind::Range
            | Kind::MemoryView
            | Kind::Frame
            | Kind::Traceback
            | Kind::Generator
            | Kind::Iterator
            | Kind::Native => Copying::Refused,
        }
    }

    /// Whether objects of a layout of the core never change, but for what they hold.
    pub(crate) const fn is_immutable(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::Int
                | Kind::Float
                | Kind::Complex
                | Kind::Str
                | Kind::Bytes
                | Kind::Tuple
                | Kind::Range
                | Kind::Slice
                | Kind::Builtin
                | Kind::MethodDescr
                | Kind::SlotWrapper
                | Kind::GetSet
                | Kind::Member
        )
    }
}

fn copy_int(_: &Copier<'_>, h: &Header) {
    // SAFETY: the payload of an integer; the words are the original's, which keeps its own.
    unsafe {
        let int = ptr::from_ref(h.payload_unchecked::<Int>()).cast_mut();
        ptr::write(&raw mut (*int).value, (*int).value.clone());
    }
}

fn copy_dict(copier: &Copier<'_>, h: &Header) {
    // SAFETY: the payloads of this layout begin with a dict.
    unsafe { h.payload_unchecked::<Dict>() }.become_copy(copier.vm());
}

fn copy_function(_: &Copier<'_>, h: &Header) {
    // SAFETY: the payload of a function.
    let function = unsafe { h.payload_unchecked::<Function>() };
    if let Some(code) = function.code.get()
        && let Some(code) = code.downcast::<CodeObj>()
    {
        function.code_ptr.set(code);
    }
}

fn copy_code(copier: &Copier<'_>, h: &Header) {
    // SAFETY: the payload of a code object, whose words are the original's.
    unsafe { CodeObj::become_copy(ptr::from_ref(h.payload_unchecked::<CodeObj>()).cast_mut(), copier.vm()) };
}

fn copy_weakref(copier: &Copier<'_>, h: &Header) {
    // SAFETY: the payloads of this layout begin with a weak reference.
    let reference = unsafe { h.payload_unchecked::<WeakRef>() };
    let Some(target) = reference.target_header() else { return };
    let own = if target.has(crate::object::flag::ORIGINAL) { copier.copy_of(target) } else { target };
    reference.aim_at(copier.vm(), own);
}

/// What of a class must be its own from the first moment.
pub(super) fn begin_class(h: &Header) {
    // SAFETY: the payload of a class, whose words are the original's, which keeps its own.
    unsafe {
        let class = ptr::from_ref(h.payload_unchecked::<TypeObj>()).cast_mut();
        ptr::write(&raw mut (*class).shapes, ShapeSet::default());
        (*class).root_shape.set(ptr::null());
        (*class).version.set(0);
    }
}

fn copy_class(copier: &Copier<'_>, h: &Header) {
    // SAFETY: the payload of a class.
    let class = unsafe { h.payload_unchecked::<TypeObj>() };
    if let Some(base) = class.base.get() {
        let base = Header::of(base);
        if base.has(crate::object::flag::ORIGINAL) {
            // SAFETY: a class's base has the layout of classes, and is held by its `bases`.
            class.base.set(Some(unsafe { copier.copy_of(base).payload_unchecked::<TypeObj>().extend() }));
        }
    }
    let Some(bases) = class.bases.get() else { return };
    let Some(bases) = bases.header() else { return };
    // The tuple may be a copy that still has the originals.
    // SAFETY: `__bases__` is a tuple of classes.
    let bases = unsafe { bases.payload_unchecked::<Tuple>() }.as_slice();
    for base in bases.iter().filter_map(|b| b.header()) {
        let own = if base.has(crate::object::flag::ORIGINAL) { copier.copy_of(base) } else { base };
        // SAFETY: as above.
        copier.vm().add_subclass(unsafe { own.payload_unchecked() }, class);
    }
}

/// The copy's shape where the original has `shape`, of a class that is copied.
pub(crate) fn own_shape(copier: &Copier<'_>, shape: &Shape) -> *const Shape {
    let of = shape.ty();
    if !Header::of(of).has(crate::object::flag::ORIGINAL) {
        return shape;
    }
    let at = ptr::from_ref(shape).addr();
    if let Some(known) = copier.vm().copies().shapes.borrow().get(&at) {
        return *known as *const Shape;
    }
    // SAFETY: the copy of a class has the layout of classes.
    let class = unsafe { copier.copy_of(Header::of(of)).payload_unchecked::<TypeObj>() };
    let own = class.shape_like(shape);
    copier.vm().copies().shapes.borrow_mut().insert(at, own.addr());
    own
}
