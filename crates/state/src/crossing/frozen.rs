//! Objects of frozen graphs that cross: by themselves, and within pickles of things that are not frozen.
//!
//! A pickle refers to a frozen object by a number; the message carries what keeps the object beside the pickle.

use super::{Carry, carried};
use serpens_share::Portable;
use serpens_vm::freeze::Parcel;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::{PyResult, Value, Vm};
use std::cell::RefCell;

/// An object of a frozen graph on its way: it arrives as itself.
struct Frozen(Parcel);

impl Carry for Frozen {
    fn arrive(&self, vm: &Vm) -> PyResult {
        vm.receive_frozen(&self.0)
    }
}

/// The portable form of a frozen object.
pub(super) fn portable(parcel: Parcel) -> Portable {
    carried(Frozen(parcel))
}

/// Frozen objects that pickles which are being made or read refer to by number.
#[derive(Default)]
struct FrozenInPickles {
    out: RefCell<Vec<Vec<Parcel>>>,
    read: RefCell<Vec<Vec<Parcel>>>,
}

impl Local for FrozenInPickles {
    fn carried(&self, _: &Copier<'_>) -> Option<Self> {
        None
    }
}

/// The number of a frozen object in the pickle that is being made; `None` for others.
pub fn send_frozen(vm: &Vm, v: &Value) -> Value {
    let Some(parcel) = vm.frozen_parcel(v) else { return Value::NONE };
    let on_the_way = vm.local(|_| FrozenInPickles::default());
    let mut out = on_the_way.out.borrow_mut();
    let Some(parcels) = out.last_mut() else { return Value::NONE };
    parcels.push(parcel);
    Value::from_usize(parcels.len() - 1)
}

/// The frozen object of that number in the pickle that is being read.
pub fn receive_frozen(vm: &Vm, number: &Value) -> PyResult {
    let i = vm.index_i64(number)?;
    let on_the_way = vm.local(|_| FrozenInPickles::default());
    let parcel = on_the_way.read.borrow().last().and_then(|all| all.get(usize::try_from(i).ok()?).cloned());
    match parcel {
        Some(parcel) => vm.receive_frozen(&parcel),
        None => Err(vm.value_error("no such frozen object")),
    }
}

/// Reads a pickle that refers to frozen objects.
pub(super) fn with(vm: &Vm, frozen: &[Parcel], read: impl FnOnce() -> PyResult) -> PyResult {
    let on_the_way = vm.local(|_| FrozenInPickles::default());
    on_the_way.read.borrow_mut().push(frozen.to_vec());
    let result = read();
    drop(on_the_way.read.borrow_mut().pop());
    result
}

/// Makes a pickle; the frozen objects that it refers to.
pub(super) fn collecting(vm: &Vm, pickle: impl FnOnce() -> PyResult) -> (PyResult, Vec<Parcel>) {
    let on_the_way = vm.local(|_| FrozenInPickles::default());
    on_the_way.out.borrow_mut().push(Vec::new());
    let pickled = pickle();
    let frozen = on_the_way.out.borrow_mut().pop();
    (pickled, frozen.unwrap_or_default())
}
