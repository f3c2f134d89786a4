//! Headers and payloads: what every heap object begins with, and how Rust sees what lies behind.
//!
//! The count is one word with three meanings:
//!
//! | bits 31, 30 | the others | whose |
//! | --- | --- | --- |
//! | 0, any | references | one interpreter's own, the only one to write it |
//! | 1, 0 | references of all interpreters, counted atomically | an object that they have in common ([`crate::common`]) |
//! | 1, 1 | the number of a frozen graph, or 0 | nobody's: it is never written and never dies |
//!
//! A common count that overflows becomes a number of the last kind: the object then lives for good.
//!
//! Invariant: of a header that is not one interpreter's own nothing is written but a common count; headers of the frozen image
//! are never written.
#![expect(unsafe_code, reason = "object layout")]

pub mod kind;

use crate::types::typeobj::TypeObj;
use crate::value::Value;
pub use kind::Kind;
use std::cell::Cell;
use std::hint::cold_path;
use std::sync::atomic::{AtomicU32, Ordering};

/// In the count of an object that is not one interpreter's own.
const NOT_OWN: u32 = 1 << 31;
/// Beside it: the object never dies.
const FOR_GOOD: u32 = 1 << 30;
/// Count of an object that never dies.
const IMMORTAL: u32 = NOT_OWN | FOR_GOOD;
/// The largest number of a frozen graph.
pub(crate) const MAX_GRAPH: u32 = FOR_GOOD - 1;

/// The first 16 bytes of every heap object.
#[repr(C)]
pub struct Header {
    count: AtomicU32,
    flags: Cell<u16>,
    size_class: u8,
    kind: Kind,
    ty: Cell<*const TypeObj>,
}

const _: () = assert!(size_of::<Header>() == 16);

/// Flags of an object.
pub mod flag {
    /// The block is free (for walks of the heap).
    pub const FREE: u16 = 1;
    /// Weak references to this object exist in the interpreter's table.
    pub const WEAK: u16 = 2;
    /// `__del__` has run.
    pub const FINALIZED: u16 = 4;
    /// A string of ASCII only.
    pub const ASCII: u16 = 8;
    /// A string that is interned.
    pub const INTERNED: u16 = 16;
    /// A tuple, frozenset or int that was sent to other interpreters: the table of such has an entry for it.
    pub const SENT: u16 = 16;
    /// The collector's marks.
    pub const GC_REACHABLE: u16 = 32;
    /// Being released: further releases of the object are ignored.
    pub const DYING: u16 = 64;
    /// Being printed (recursion guard of repr).
    pub const IN_REPR: u16 = 128;
    /// A block of its own, not of a size class.
    pub const LARGE: u16 = 256;
    /// Looked at by the collection under way.
    pub const GC_CANDIDATE: u16 = 512;
    /// Left alone by collections (`gc.freeze`).
    pub const GC_FROZEN: u16 = 1024;
    /// `str` or `bytes` whose content lies elsewhere (see `heap::external`).
    pub const EXTERNAL: u16 = 2048;
    /// An object of an origin (see `crate::origin`) that interpreters have copies of.
    pub const ORIGINAL: u16 = 4096;
    /// A copy of an original.
    pub const COPY: u16 = 8192;
    /// Deeply immutable: part of a frozen graph (see `freeze`), or a view of one. Whoever changes objects looks for it.
    pub const FROZEN: u16 = 16384;
    /// Interpreters have it in common (see `common`). It is `FROZEN`, too.
    pub const COMMON: u16 = 32768;
}

impl Header {
    pub(crate) fn new(kind: Kind, size_class: u8, flags: u16, ty: *const TypeObj) -> Header {
        Header { count: AtomicU32::new(1), flags: Cell::new(flags), size_class, kind, ty: Cell::new(ty) }
    }

    /// Counts a reference.
    #[inline(always)]
    pub(crate) fn inc(&self) {
        let n = self.count();
        if n & NOT_OWN == 0 {
            self.set_count(n + 1);
        } else if n & FOR_GOOD == 0 {
            cold_path();
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[inline(always)]
    fn count(&self) -> u32 {
        // Others write the count of a common object meanwhile.
        self.count.load(Ordering::Relaxed)
    }

    /// Releases a reference; whether it was the last.
    #[inline(always)]
    pub(crate) fn dec(&self) -> bool {
        let n = self.count();
        if n & NOT_OWN == 0 {
            self.set_count(n - 1);
            return n == 1;
        }
        if n & FOR_GOOD == 0 {
            cold_path();
            return self.count.fetch_sub(1, Ordering::Release) == NOT_OWN | 1;
        }
        false
    }

    /// Makes an object with one reference one that interpreters have in common. Its payload is complete, but for fields that
    /// nobody has seen.
    pub(crate) fn make_common(&self) {
        self.set(flag::COMMON | flag::FROZEN);
        self.set_count(NOT_OWN | 1);
    }

    /// Lets a common object live for good.
    pub(crate) fn pin_common(&self) {
        self.count.store(IMMORTAL, Ordering::Relaxed);
    }

    /// Whether nobody refers to a common object any more.
    pub(crate) fn is_unreferenced_common(&self) -> bool {
        self.count() == NOT_OWN
    }

    /// Whether interpreters have the object in common.
    #[inline]
    pub fn is_common(&self) -> bool {
        self.has(flag::COMMON)
    }

    /// Makes the object immortal.
    pub(crate) fn immortalize(&self) {
        self.set_count(IMMORTAL);
    }

    /// Makes the object immortal and keeps its count (see [`Header::count_before`]).
    pub(crate) fn immortalize_counted(&self) {
        self.set_count(self.count() | IMMORTAL);
    }

    /// The references there were when the object was made immortal.
    pub(crate) fn count_before(&self) -> u32 {
        self.count() & !IMMORTAL
    }

    /// Makes the object an immortal one of frozen graph `id`, which stands where the count was.
    pub(crate) fn immortalize_in(&self, id: u32) {
        self.set_count(IMMORTAL | id);
    }

    /// The number of the frozen graph that an immortal object belongs to; 0 for all others.
    pub(crate) fn graph_id(&self) -> u32 {
        let n = self.count();
        if n & NOT_OWN == 0 || self.is_common() { 0 } else { n & !IMMORTAL }
    }

    /// Whether the object is not one interpreter's own: it is never written, and never dies by this interpreter's doing alone.
    pub fn is_immortal(&self) -> bool {
        self.count() & NOT_OWN != 0
    }

    /// The reference count, unless the object is immortal.
    pub fn ref_count(&self) -> Option<u32> {
        Some(self.count()).filter(|n| n & NOT_OWN == 0)
    }

    #[inline(always)]
    pub(crate) fn set_count(&self, n: u32) {
        self.count.store(n, Ordering::Relaxed);
    }

    /// The layout of what lies behind.
    #[inline(always)]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The class of the object.
    #[inline(always)]
    pub fn ty(&self) -> &TypeObj {
        // SAFETY: an object keeps its class alive (heap classes are counted by their instances).
        unsafe { &*self.ty.get() }
    }

    #[inline(always)]
    pub(crate) fn ty_ptr(&self) -> *const TypeObj {
        self.ty.get()
    }

    pub(crate) fn set_ty_ptr(&self, ty: *const TypeObj) {
        self.ty.set(ty);
    }

    pub(crate) fn size_class(&self) -> u8 {
        self.size_class
    }

    /// Whether the payload is the native type `T`, which is not one of the core's kinds.
    #[inline(always)]
    pub fn is_native<T: 'static>(&self) -> bool {
        self.kind == Kind::Native && self.ty().native_id == Some(std::any::TypeId::of::<T>())
    }

    /// Whether a flag of [`flag`] is set.
    #[inline(always)]
    pub fn has(&self, flag: u16) -> bool {
        self.flags.get() & flag != 0
    }

    pub(crate) fn set(&self, flag: u16) {
        self.flags.set(self.flags.get() | flag);
    }

    /// Those of the flags in `mask` that are set.
    pub(crate) fn flags(&self, mask: u16) -> u16 {
        self.flags.get() & mask
    }

    pub(crate) fn unset(&self, flag: u16) {
        self.flags.set(self.flags.get() & !flag);
    }

    /// Whether the object must not be changed (see [`crate::freeze`]).
    #[inline(always)]
    pub fn is_frozen(&self) -> bool {
        self.has(flag::FROZEN)
    }

    /// The payload behind this header.
    ///
    /// # Safety
    /// The object has layout `T`.
    #[inline(always)]
    pub unsafe fn payload_unchecked<T>(&self) -> &T {
        // SAFETY: payloads lie right behind the header; the caller knows the layout.
        unsafe { &*(self as *const Header).add(1).cast::<T>() }
    }

    /// The header in front of a payload.
    #[inline(always)]
    pub fn of<T: Payload>(payload: &T) -> &Header {
        // SAFETY: a `Payload` exists only behind a header.
        unsafe { &*(payload as *const T).cast::<Header>().sub(1) }
    }
}

/// Calls the collector's visitor on every value a payload owns.
pub type Visitor<'a> = dyn FnMut(&Value) + 'a;

/// What lies behind a header. Objects are made by the heap only, so that a `&T` is always behind a header.
///
/// # Safety
/// `matches` must be true only for headers in front of a `T`; the alignment of `T` is at most 16; a `T` never exists
/// outside of a heap object.
pub unsafe trait Payload: Sized + 'static {
    /// The layout's entry in the registry.
    const KIND: Kind;

    /// Whether the object behind `header` has this layout.
    #[inline(always)]
    fn matches(header: &Header) -> bool {
        header.kind() == Self::KIND
    }

    /// Shows every value this payload owns to the collector.
    fn traverse(&self, visit: &mut Visitor<'_>) {
        let _ = visit;
    }

    /// Drops the values that may form cycles (the collector calls it on garbage).
    fn clear(&self) {}
}

/// The payload of an object, if it has layout `T`.
pub fn payload<T: Payload>(header: &Header) -> Option<&T> {
    // SAFETY: the layout was checked.
    T::matches(header).then(|| unsafe { header.payload_unchecked() })
}

/// Implements [`Payload`] for a struct of a native type: its fields that are values, then its cells
/// (`native_payload!(Pair { first } cells { second })`). Cells are emptied when the collector breaks cycles.
#[macro_export]
macro_rules! native_payload {
    ($ty:ty { $($field:ident),* } $(cells { $($cell:ident),* })?) => {
        // SAFETY: made by the heap only; the type says which payload it is.
        #[expect(unsafe_code, reason = "object layout")]
        unsafe impl $crate::object::Payload for $ty {
            const KIND: $crate::object::Kind = $crate::object::Kind::Native;

            #[inline(always)]
            fn matches(header: &$crate::object::Header) -> bool {
                header.kind() == $crate::object::Kind::Native && header.ty().has_payload::<$ty>()
            }

            #[allow(unused_variables, reason = "some payloads own no values")]
            fn traverse(&self, visit: &mut $crate::object::Visitor<'_>) {
                $( visit(&self.$field); )*
                $($( self.$cell.traverse(visit); )*)?
            }

            fn clear(&self) {
                $($( drop(self.$cell.take()); )*)?
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header::new(Kind::Tuple, 0, 0, std::ptr::null())
    }

    #[test]
    fn counts_of_three_kinds() {
        let own = header();
        own.inc();
        assert!(own.ref_count() == Some(2) && !own.is_immortal() && !own.dec() && own.dec());
        let common = header();
        common.make_common();
        common.inc();
        assert!(common.ref_count().is_none() && common.is_immortal() && common.graph_id() == 0);
        assert!(!common.dec() && common.dec() && common.is_unreferenced_common());
        let frozen = header();
        frozen.immortalize_in(MAX_GRAPH);
        frozen.inc();
        assert!(!frozen.dec() && !frozen.dec() && frozen.graph_id() == MAX_GRAPH);
        let counted = header();
        counted.inc();
        counted.immortalize_counted();
        assert!(counted.is_immortal() && counted.count_before() == 2);
    }

    #[test]
    fn a_common_count_that_overflows_lasts() {
        let common = header();
        common.make_common();
        common.set_count(NOT_OWN | (FOR_GOOD - 1));
        common.inc();
        common.inc();
        assert!(common.is_immortal() && common.graph_id() == 0);
        assert!(!common.dec() && !common.dec() && !common.dec());
    }
}
