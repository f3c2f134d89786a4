//! The iterator over sets.

use super::Set;
use crate::error::PyResult;
use crate::native::{Args, MethodDef};
use crate::types::iter::{iterator_payload, iterator_slots};
use crate::types::typeobj::{TypeDef, tflag};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// Iterates over a set.
pub struct SetIter {
    /// The set.
    pub set: Value,
    /// Slot to look at next; `usize::MAX` when exhausted.
    pub at: Cell<usize>,
    /// Number of keys the set must still have.
    pub expected: Cell<usize>,
    /// Keys to come.
    pub left: Cell<usize>,
}

iterator_payload!(SetIter { set });

/// The type `set_iterator`.
pub static SET_ITERATOR: TypeDef =
    TypeDef::new::<SetIter>("set_iterator").gc().flags(tflag::NO_NEW).slots(iterator_slots(next)).methods(&[
        MethodDef::new("__length_hint__", "($self, /)", |_, a| {
            let it = SetIter::this(a.get(0));
            let same = it.set.downcast::<Set>().is_some_and(|s| s.len() == it.expected.get());
            Ok(Value::from_usize(if same { it.left.get() } else { 0 }))
        })
        .doc("Private method returning an estimate of len(list(it))."),
        MethodDef::new("__reduce__", "($self, /)", reduce).doc("Return state information for pickling."),
    ]);

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = SetIter::this(v);
    if it.at.get() == usize::MAX {
        return Ok(None);
    }
    let set = it.set.downcast::<Set>().expect("made for sets only");
    if set.len() != it.expected.get() {
        // Stays so, whatever happens to the set.
        it.expected.set(usize::MAX);
        return Err(vm.runtime_error("Set changed size during iteration"));
    }
    let mut at = it.at.get();
    let key = set.next_entry(&mut at);
    match &key {
        Some(_) => {
            it.at.set(at);
            it.left.set(it.left.get().saturating_sub(1));
        }
        None => {
            it.at.set(usize::MAX);
            it.left.set(0);
        }
    }
    Ok(key)
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = SetIter::this(a.get(0));
    let set = it.set.downcast::<Set>().expect("made for sets only");
    let mut at = it.at.get();
    let mut left = Vec::new();
    while let Some(key) = set.next_entry(&mut at) {
        left.push(key);
    }
    let args = vm.tuple(vec![vm.list(left)]);
    Ok(vm.tuple(vec![vm.builtin_function("iter")?, args]))
}

impl Vm {
    /// An iterator over a set or frozenset.
    pub fn set_iter(&self, set: &Value) -> Value {
        let n = set.downcast::<Set>().map_or(0, Set::len);
        let payload = SetIter { set: set.clone(), at: Cell::new(0), expected: Cell::new(n), left: Cell::new(n) };
        self.alloc(self.types().set_iterator, payload)
    }
}
