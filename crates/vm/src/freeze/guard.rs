//! Who changes an object asks here first: the TypeErrors of frozen objects, and what becomes of changes that nobody asked for.
//!
//! Everything that Python code can reach raises before it writes. Native code that forgets to ask does not reach the object
//! either: what changes a payload looks at the flag once more and works on a copy that nobody sees (a debug build says so).
//!
//! Invariant: a frozen object is never written, so that interpreters on other threads may read it without a lock.

use crate::error::{PyResult, Raised};
use crate::heap::{ChunkPool, HVec, Heap};
use crate::object::{Header, Payload};
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use std::sync::Arc;

/// The result of a change that did not take place.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn forgotten<R>(result: R) -> R {
    debug_assert!(false, "native code changes a frozen object without having asked");
    result
}

/// A copy of items of a frozen object, for native code that would have changed them. It is never freed, since values in it
/// may live on; only code that should have asked before gets here.
#[cold]
#[inline(never)]
pub(crate) fn scratch<T: Clone>(items: &[T]) -> &'static mut HVec<T> {
    scratch_of(items.iter().cloned())
}

/// As [`scratch`].
#[cold]
pub(crate) fn scratch_of<T>(items: impl Iterator<Item = T>) -> &'static mut HVec<T> {
    forgotten(());
    let heap = Box::leak(Heap::new(Arc::new(ChunkPool::new())));
    let mut copy = HVec::new_in(heap.alloc());
    copy.extend(items);
    Box::leak(Box::new(copy))
}

impl Vm {
    /// `TypeError` if the value is frozen.
    #[inline(always)]
    pub fn check_mutable(&self, value: &Value) -> PyResult<()> {
        match value.header() {
            Some(h) if h.is_frozen() => Err(self.is_frozen_error(value)),
            _ => Ok(()),
        }
    }

    /// `TypeError` if the object behind a payload is frozen.
    #[inline(always)]
    pub fn check_payload_mutable<T: Payload>(&self, payload: &T) -> PyResult<()> {
        if Header::of(payload).is_frozen() { Err(self.is_frozen_error(&Value::of(payload))) } else { Ok(()) }
    }

    /// The error of changing a frozen object.
    #[cold]
    #[inline(never)]
    pub(crate) fn is_frozen_error(&self, value: &Value) -> Raised {
        match TypeObj::from_value(value) {
            Some(ty) => self.type_error(&format!("cannot modify frozen class '{}'", ty.name())),
            None => self.type_error(&format!("cannot modify frozen '{}' object", self.type_of(value).name())),
        }
    }

    /// `TypeError` for setting or deleting attribute `name` of a frozen object.
    #[inline]
    pub(crate) fn check_attribute(&self, value: &Value, name: &str) -> PyResult<()> {
        match value.header() {
            Some(h) if h.is_frozen() => Err(self.frozen_attribute_error(value, name)),
            _ => Ok(()),
        }
    }

    #[cold]
    #[inline(never)]
    fn frozen_attribute_error(&self, value: &Value, name: &str) -> Raised {
        match TypeObj::from_value(value) {
            Some(ty) => self.type_error(&format!("cannot set attribute '{name}' of frozen class '{}'", ty.name())),
            None => {
                let ty = self.type_of(value).name();
                self.type_error(&format!("cannot set attribute '{name}' of frozen '{ty}' object"))
            }
        }
    }
}
