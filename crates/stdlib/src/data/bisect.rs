//! `_bisect`: places in sorted sequences.

use serpens_state::NativeModule;
use serpens_vm::types::list::List;
use serpens_vm::types::list::sort::less;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_bisect")
    .doc("Bisection algorithms.\n\nThis module provides support for maintaining a list in sorted order without\nhaving to sort the list after each insertion. For long lists of items with\nexpensive comparison operations, this can be an improvement over the more\ncommon approach.\n")
    .functions(&[
        MethodDef::new("bisect_right", SIGNATURE, |vm, a| search(vm, a, true).map(|i| vm.int_usize(i))).doc(
            "Return the index where to insert item x in list a, assuming a is sorted.",
        ),
        MethodDef::new("bisect_left", SIGNATURE, |vm, a| search(vm, a, false).map(|i| vm.int_usize(i))).doc(
            "Return the index where to insert item x in list a, assuming a is sorted.",
        ),
        MethodDef::new("insort_right", SIGNATURE, |vm, a| insert(vm, a, true))
            .doc("Insert item x in list a, and keep it sorted assuming a is sorted."),
        MethodDef::new("insort_left", SIGNATURE, |vm, a| insert(vm, a, false))
            .doc("Insert item x in list a, and keep it sorted assuming a is sorted."),
    ]);

const SIGNATURE: &str = "(a, x, lo=0, hi=None, *, key=None)";

/// The place of the (already mapped) item.
fn place(vm: &Vm, a: Args<'_>, item: &Value, right: bool) -> PyResult<usize> {
    let (list, key) = (a.get(0), a.some(4));
    let low = a.opt(2).map_or(Ok(0), |v| vm.arg_isize(v))?;
    if low < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let mut low = low as usize;
    let mut high = match a.some(3) {
        Some(v) => vm.arg_isize(v)?.max(0) as usize,
        None => vm.len(list)?,
    };
    let plain = if vm.is_exact(list, vm.types().list) { list.downcast::<List>() } else { None };
    while low < high {
        let mid = low + (high - low) / 2;
        let found = match plain {
            Some(l) => l.get(mid).ok_or_else(|| vm.index_error("list index out of range"))?,
            None => vm.get_item(list, &vm.int_usize(mid))?,
        };
        let found = match key {
            Some(key) => vm.call_one(key, &found)?,
            None => found,
        };
        let before = if right { !less(vm, item, &found)? } else { less(vm, &found, item)? };
        if before { low = mid + 1 } else { high = mid }
    }
    Ok(low)
}

fn search(vm: &Vm, a: Args<'_>, right: bool) -> PyResult<usize> {
    place(vm, a, a.get(1), right)
}

fn insert(vm: &Vm, a: Args<'_>, right: bool) -> PyResult {
    let item = match a.some(4) {
        Some(key) => vm.call_one(key, a.get(1))?,
        None => a.get(1).clone(),
    };
    let at = place(vm, a, &item, right)?;
    vm.call_method_str(a.get(0), "insert", &[vm.int_usize(at), a.get(1).clone()])?;
    Ok(Value::NONE)
}
