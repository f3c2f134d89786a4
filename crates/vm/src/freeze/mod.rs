//! Frozen graphs: objects made deeply immutable where they lie, which interpreters on all threads may then share.
//!
//! Freezing goes over the graph twice. The first pass ([`walk`]) finds all that the object refers to, its class among it, and
//! refuses what cannot be frozen; nothing has changed until it is through. The second ([`seal`]) writes what would be written
//! later (hashes, versions), marks every object and makes it immortal: from then on nobody writes to it, not even a reference
//! count. [`graph`] keeps the memory, [`guard`] raises for those who would change it.
//!
//! A function cannot be shared as it is: its code learns while it runs, and its globals are a namespace that changes. A frozen
//! one says what it is ([`function`]): its code, the globals that it reads as they were, or for a function of the library its
//! name. Every interpreter runs a [`twin`] of it. What a function reads that belongs to each interpreter (a module, things of
//! the library) it knows by name ([`by_name`]).
//!
//! Invariant: a frozen object refers to immediates, to the frozen image, and to frozen objects.

mod by_name;
mod fixed;
mod function;
pub mod graph;
pub mod guard;
mod path;
mod seal;
mod twin;
mod walk;

pub use fixed::Fixed;
pub use graph::{Graph, Known, Parcel};
pub use twin::Twins;
pub(crate) use walk::Freezing;

use crate::error::PyResult;
use crate::object::{Header, Kind, flag};
use crate::types::dict::Dict;
use crate::types::set::Set;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// Makes a value and all that it refers to deeply immutable. `TypeError`, and nothing is changed, if something among it
    /// cannot be.
    pub fn freeze(&self, value: &Value) -> PyResult<()> {
        if value.header().is_none_or(Header::is_immortal) {
            return Ok(());
        }
        let plan = walk::walk(self, value)?;
        seal::seal(self, plan)
    }

    /// Whether nobody can change a value, nor what it refers to: it is frozen, or immutable by itself.
    pub fn is_frozen(&self, value: &Value) -> bool {
        let mut left = vec![value.clone()];
        let mut n = 0;
        while let Some(value) = left.pop() {
            let Some(h) = value.header() else { continue };
            if h.is_immortal() || self.is_atom(&value) {
                continue;
            }
            n += 1;
            // Tuples and frozensets of such; what is large is asked for by freezing it.
            let exact = |ty: &crate::types::typeobj::TypeObj| std::ptr::eq(h.ty_ptr(), ty);
            if exact(self.types().tuple) && n < MAX_ASKED {
                left.extend(value.downcast::<Tuple>().into_iter().flat_map(|t| t.as_slice().iter().cloned()));
            } else if exact(self.types().frozenset) && n < MAX_ASKED {
                left.extend(value.downcast::<Set>().into_iter().flat_map(Set::keys));
            } else {
                return false;
            }
        }
        true
    }

    /// Whether a value is immutable and refers to nothing.
    fn is_atom(&self, value: &Value) -> bool {
        let Some(h) = value.header() else { return true };
        let plain = matches!(h.kind(), Kind::Str | Kind::Bytes | Kind::Int | Kind::Float | Kind::Complex | Kind::Range);
        plain && !h.ty().is_heap()
    }

    /// Makes a dict of this interpreter one that nobody may change, without freezing what it refers to: a view of
    /// something frozen.
    pub(crate) fn freeze_view(&self, dict: &Value) {
        if let Some(d) = dict.downcast::<Dict>() {
            d.freeze(self.next_dict_version());
            Header::of(d).set(flag::FROZEN);
        }
    }
}

/// Tuples and frozensets that [`Vm::is_frozen`] looks into.
const MAX_ASKED: usize = 10_000;
