//! Lists, dicts and sets of plain values: a copy of them needs no pickle.

use super::{from_portable, native};
use serpens_share::Portable;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::types::set::Set;
use serpens_vm::{PyResult, Value, Vm};

/// A list, dict or set whose items are immutable and hold nothing: a copy of it needs no pickle.
pub(super) struct Flat {
    kind: FlatKind,
    /// Of a dict: key, value, key, ...
    items: Vec<Portable>,
}

#[derive(Clone, Copy)]
enum FlatKind {
    List,
    Dict,
    Set,
}

/// The items of a flat container.
pub(super) fn flat(vm: &Vm, v: &Value) -> Option<Flat> {
    let (t, ty) = (vm.types(), vm.type_of(v));
    let leaf = |v: &Value| match native(vm, v) {
        Ok(Some(Portable::Tuple(_))) | Ok(None) => None,
        Ok(Some(
            p @ (Portable::None
            | Portable::Bool(_)
            | Portable::Int(_)
            | Portable::Float(_)
            | Portable::Str(_)
            | Portable::Bytes(_)),
        )) => Some(p),
        Ok(Some(_)) => None,
        Err(_) => {
            drop(vm.take_raised());
            None
        }
    };
    let (kind, values) = if ty.is(t.list) {
        (FlatKind::List, v.downcast::<List>()?.to_vec())
    } else if ty.is(t.dict) {
        let items = v.downcast::<Dict>()?.items();
        (FlatKind::Dict, items.into_iter().flat_map(|(k, v)| [k, v]).collect())
    } else if ty.is(t.set) {
        (FlatKind::Set, v.downcast::<Set>()?.keys())
    } else {
        return None;
    };
    let items = values.iter().map(leaf).collect::<Option<Vec<_>>>()?;
    Some(Flat { kind, items })
}

/// A container of this interpreter.
pub(super) fn from_flat(vm: &Vm, flat: &Flat) -> PyResult {
    let values = flat.items.iter().map(|p| from_portable(vm, p)).collect::<PyResult<Vec<_>>>()?;
    match flat.kind {
        FlatKind::List => Ok(vm.list(values)),
        FlatKind::Set => vm.set(values),
        FlatKind::Dict => {
            let dict = vm.new_dict();
            for pair in values.chunks_exact(2) {
                vm.set_item(&dict, &pair[0], &pair[1])?;
            }
            Ok(dict)
        }
    }
}
