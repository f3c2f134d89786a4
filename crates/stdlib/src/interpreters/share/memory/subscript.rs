//! What is between the brackets of a `SharedArray`: indices, slices, an ellipsis; and what is assigned to a part.

use super::array::copied;
use super::numbers::{Change, Numbers};
use serpens_vm::types::slice::Slice;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{PyResult, Raised, Value, Vm};
use smallvec::SmallVec;

/// Indices of an element.
pub(super) type Indices = SmallVec<[usize; 2]>;

/// What a subscript means.
pub(super) enum Found {
    /// One element, which may not be there.
    Element(Indices),
    /// An array on the same memory.
    Part(Numbers),
}

pub(super) fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("array index out of range")
}

/// An index into a dimension of `n`, counted from the end if it is negative.
fn index(vm: &Vm, v: &Value, n: usize) -> PyResult<usize> {
    let i = vm.index_i64(v)?;
    let at = if i < 0 { i + n as i64 } else { i };
    usize::try_from(at).ok().filter(|at| *at < n).ok_or_else(|| out_of_range(vm))
}

fn keys(key: &Value) -> &[Value] {
    key.downcast::<Tuple>().map_or(std::slice::from_ref(key), Tuple::as_slice)
}

/// The indices of one element.
pub(super) fn element(vm: &Vm, array: &Numbers, key: &Value) -> PyResult<Indices> {
    let shape = &array.view().layout().shape;
    let given = keys(key);
    if given.len() != shape.len() {
        return Err(vm.type_error(&format!("the array has {} dimensions", shape.len())));
    }
    given.iter().zip(shape).map(|(v, n)| index(vm, v, *n)).collect()
}

/// What `key` means in `array`.
pub(super) fn find(vm: &Vm, array: &Numbers, key: &Value) -> PyResult<Found> {
    let given = keys(key);
    let n_dimensions = array.view().layout().shape.len();
    if given.len() == n_dimensions && given.iter().all(|v| !v.is_a::<Slice>() && !v.is_ellipsis()) {
        return Ok(Found::Element(element(vm, array, key)?));
    }
    let n_ellipses = given.iter().filter(|v| v.is_ellipsis()).count();
    let n_given = given.len() - n_ellipses;
    if n_ellipses > 1 {
        return Err(vm.index_error("an index can only have a single ellipsis ('...')"));
    }
    if n_given > n_dimensions {
        return Err(vm.index_error(&format!("too many indices: the array has {n_dimensions} dimensions")));
    }
    let mut part = array.again();
    let mut axis = 0;
    for v in given {
        let next = if v.is_ellipsis() {
            axis += n_dimensions - n_given;
            continue;
        } else if let Some(slice) = v.downcast::<Slice>() {
            let range = slice.indices(vm, part.view().layout().shape[axis])?;
            let start = if range.len == 0 { 0 } else { range.start as usize };
            axis += 1;
            part.slice(axis - 1, start, range.len, range.step)
        } else {
            part.index(axis, index(vm, v, part.view().layout().shape[axis])?)
        };
        part = next.ok_or_else(|| out_of_range(vm))?;
    }
    Ok(Found::Part(part))
}

/// Sets the elements of an array: all to a number, or each to what has its place in a sequence (of sequences).
pub(super) fn assign(vm: &Vm, array: &Numbers, value: &Value) -> PyResult<()> {
    if array.view().layout().shape.is_empty() {
        return array.change(vm, &[], Change::Set, value).map(drop);
    }
    match copied(vm, value) {
        Some(lists) => assign_each(vm, array, &lists?),
        None if vm.has_index(value) || value.as_float().is_some() => array.fill(vm, value),
        None => assign_each(vm, array, value),
    }
}

/// Sets the elements to what has their places in a sequence (of sequences).
pub(super) fn assign_each(vm: &Vm, array: &Numbers, value: &Value) -> PyResult<()> {
    let layout = array.view().layout();
    let items = vm.collect(value)?;
    let n = layout.shape.first().copied().unwrap_or(0);
    if items.len() != n {
        return Err(vm.value_error(&format!("cannot assign {} items to {n} places", items.len())));
    }
    for (i, item) in items.iter().enumerate() {
        if layout.shape.len() == 1 {
            array.change(vm, &[i], Change::Set, item)?;
        } else if let Some(row) = array.index(0, i) {
            assign_each(vm, &row, item)?;
        }
    }
    Ok(())
}
