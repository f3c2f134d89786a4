//! What a machine must not hold to become an origin, and which of its objects others can share.

use super::Copying;
use crate::gc::each_reference;
use crate::object::{Header, flag};
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::typeobj::TypeDef;
use crate::value::Value;
use crate::vm::Vm;

/// Why a machine cannot become an origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal(pub String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn definition(h: &Header) -> Option<&'static TypeDef> {
    h.ty().definition()
}

/// How an object is copied.
pub(super) fn copying(h: &Header) -> Copying {
    definition(h).map_or(Copying::of_kind(h.kind()), |d| d.copying)
}

/// Whether nothing about an object itself ever changes.
fn is_immutable(h: &Header) -> bool {
    h.is_frozen() || !h.ty().is_heap() && definition(h).map_or(Copying::is_immutable(h.kind()), |d| d.immutable)
}

/// Why an object cannot be part of an origin.
fn refusal(h: &Header) -> Option<String> {
    let name = h.ty().name();
    if matches!(copying(h), Copying::Refused) && !definition(h).is_some_and(|d| d.immutable) {
        return Some(format!("a '{name}' object cannot be cloned"));
    }
    let why = definition(h)?.unready?(h)?;
    Some(format!("a '{name}' object cannot be cloned: {why}"))
}

impl Vm {
    /// Whether the machine could become an origin as it is now: nothing runs in it, and what it holds can be copied.
    /// Garbage counts as held: collect it before.
    ///
    /// # Errors
    /// The first thing found that is against it.
    pub fn check_origin(&self) -> Result<(), Refusal> {
        let mut found = None;
        self.heap().each_object(&mut |h| {
            if found.is_none() && !h.has(flag::DYING | flag::FROZEN) {
                found = refusal(h);
            }
        });
        if let Some(text) = found.or_else(|| self.storage_refusal().map(str::to_string)) {
            return Err(Refusal(text));
        }
        Ok(())
    }
}

impl Vm {
    /// Seals the objects: those that must be copied are flagged, all become immortal. Nothing may run afterwards.
    pub fn seal_as_origin(&self) {
        mark(self);
    }
}

fn mark(vm: &Vm) {
    let heap = vm.heap();
    heap.each_object(&mut |h| {
        if !is_immutable(h) {
            h.set(flag::ORIGINAL);
        }
        // Hashes are written when they are first asked for, but never into what is immortal.
        // SAFETY: the kind says what the payload is.
        #[expect(unsafe_code, reason = "payloads by kind")]
        unsafe {
            match h.kind() {
                crate::object::Kind::Str => drop(h.payload_unchecked::<Str>().hash(vm)),
                crate::object::Kind::Bytes => drop(h.payload_unchecked::<Bytes>().hash(vm)),
                _ => {}
            }
        }
    });
    // What holds something that must be copied must be copied as well.
    let mut again = true;
    while again {
        again = false;
        heap.each_object(&mut |h| {
            if h.has(flag::ORIGINAL | flag::FROZEN) {
                return;
            }
            let mut holds = false;
            each_reference(h, &mut |child| holds |= child.has(flag::ORIGINAL));
            if holds {
                h.set(flag::ORIGINAL);
                again = true;
            }
        });
    }
    heap.each_object(&mut |h| {
        if std::ptr::eq(h.ty_ptr(), vm.types().frozenset) && !h.has(flag::ORIGINAL) {
            seal_hash(vm, h);
        }
    });
    heap.each_object(&mut |h| h.immortalize_counted());
}

/// Has a frozenset know its hash, which asks the hashes of what it holds: none of that runs Python code.
fn seal_hash(vm: &Vm, h: &Header) {
    // SAFETY: alive.
    #[expect(unsafe_code, reason = "a value from its header")]
    let value = unsafe { Value::from_header(h) };
    if vm.has_thread() {
        drop(vm.caught(vm.hash(&value)));
    }
}
