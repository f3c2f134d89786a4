//! `_heapq`: heaps in lists, smallest (or largest) item first.
//!
//! Comparisons may run Python code that changes the list: its length is checked after each.

use serpens_state::NativeModule;
use serpens_vm::types::list::List;
use serpens_vm::types::list::sort::less;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_heapq")
    .doc("Heap queue algorithm (a.k.a. priority queue).\n")
    .functions(&[
        MethodDef::new("heappush", "(heap, item, /)", |vm, a| push(vm, a, false))
            .doc("Push item onto heap, maintaining the heap invariant."),
        MethodDef::new("heappushpop", "(heap, item, /)", |vm, a| push_pop(vm, a, false)).doc(
            "Push item on the heap, then pop and return the smallest item from the heap.\n\nThe combined action runs more efficiently \
             than heappush() followed by\na separate call to heappop().",
        ),
        MethodDef::new("heappop", "(heap, /)", |vm, a| pop(vm, a, false))
            .doc("Pop the smallest item off the heap, maintaining the heap invariant."),
        MethodDef::new("heapreplace", "(heap, item, /)", |vm, a| replace(vm, a, false))
            .doc("Pop and return the current smallest value, and add the new item."),
        MethodDef::new("heapify", "(heap, /)", |vm, a| heapify(vm, a, false))
            .doc("Transform list into a heap, in-place, in O(len(heap)) time."),
        MethodDef::new("heappush_max", "(heap, item, /)", |vm, a| push(vm, a, true))
            .doc("Push item onto max heap, maintaining the heap invariant."),
        MethodDef::new("heappushpop_max", "(heap, item, /)", |vm, a| push_pop(vm, a, true))
            .doc("Maxheap variant of heappushpop."),
        MethodDef::new("heappop_max", "(heap, /)", |vm, a| pop(vm, a, true)).doc("Maxheap variant of heappop."),
        MethodDef::new("heapreplace_max", "(heap, item, /)", |vm, a| replace(vm, a, true))
            .doc("Maxheap variant of heapreplace."),
        MethodDef::new("heapify_max", "(heap, /)", |vm, a| heapify(vm, a, true)).doc("Maxheap variant of heapify."),
    ]);

fn list<'a>(vm: &Vm, a: Args<'a>) -> PyResult<&'a List> {
    match a.get(0).downcast::<List>() {
        Some(list) => {
            vm.check_mutable(a.get(0))?;
            Ok(list)
        }
        None => Err(vm.type_error(&format!("heap argument must be a list, not {}", vm.type_of(a.get(0)).name()))),
    }
}

/// Whether `a` comes before `b` in the heap.
fn before(vm: &Vm, a: &Value, b: &Value, max: bool) -> PyResult<bool> {
    if max { less(vm, b, a) } else { less(vm, a, b) }
}

fn item(vm: &Vm, heap: &List, i: usize) -> PyResult {
    heap.get(i).ok_or_else(|| vm.runtime_error("list changed size during iteration"))
}

fn check(vm: &Vm, heap: &List, n: usize) -> PyResult<()> {
    if heap.len() == n { Ok(()) } else { Err(vm.runtime_error("list changed size during iteration")) }
}

fn swap(heap: &List, i: usize, j: usize) {
    heap.with_mut(|items| items.swap(i, j));
}

/// Moves the item at `at` towards the root (not beyond `start`) until its parent comes before it.
fn sift_up_to(vm: &Vm, heap: &List, start: usize, mut at: usize, max: bool) -> PyResult<()> {
    let n = heap.len();
    while at > start {
        let parent = (at - 1) / 2;
        let (new, old) = (item(vm, heap, at)?, item(vm, heap, parent)?);
        let up = before(vm, &new, &old, max)?;
        check(vm, heap, n)?;
        if !up {
            break;
        }
        swap(heap, at, parent);
        at = parent;
    }
    Ok(())
}

/// Moves the item at `start` down to a leaf along the children that come first, then up to its place.
fn sift_down(vm: &Vm, heap: &List, start: usize, max: bool) -> PyResult<()> {
    let n = heap.len();
    let mut at = start;
    while at < n / 2 {
        let mut child = 2 * at + 1;
        if child + 1 < n {
            let (left, right) = (item(vm, heap, child)?, item(vm, heap, child + 1)?);
            let left_first = before(vm, &left, &right, max)?;
            check(vm, heap, n)?;
            child += !left_first as usize;
        }
        swap(heap, at, child);
        at = child;
    }
    sift_up_to(vm, heap, start, at, max)
}

fn push(vm: &Vm, a: Args<'_>, max: bool) -> PyResult {
    let heap = list(vm, a)?;
    heap.append_checked(vm, a.get(1).clone())?;
    sift_up_to(vm, heap, 0, heap.len() - 1, max)?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, a: Args<'_>, max: bool) -> PyResult {
    let heap = list(vm, a)?;
    let Some(last) = heap.pop() else { return Err(vm.index_error("index out of range")) };
    if heap.is_empty() {
        return Ok(last);
    }
    let first = item(vm, heap, 0)?;
    heap.set(0, last);
    sift_down(vm, heap, 0, max)?;
    Ok(first)
}

fn replace(vm: &Vm, a: Args<'_>, max: bool) -> PyResult {
    let heap = list(vm, a)?;
    let Some(first) = heap.get(0) else { return Err(vm.index_error("index out of range")) };
    heap.set(0, a.get(1).clone());
    sift_down(vm, heap, 0, max)?;
    Ok(first)
}

fn push_pop(vm: &Vm, a: Args<'_>, max: bool) -> PyResult {
    let heap = list(vm, a)?;
    let Some(first) = heap.get(0) else { return Ok(a.get(1).clone()) };
    if !before(vm, &first, a.get(1), max)? {
        return Ok(a.get(1).clone());
    }
    let Some(first) = heap.get(0) else { return Err(vm.index_error("index out of range")) };
    heap.set(0, a.get(1).clone());
    sift_down(vm, heap, 0, max)?;
    Ok(first)
}

fn heapify(vm: &Vm, a: Args<'_>, max: bool) -> PyResult {
    let heap = list(vm, a)?;
    for i in (0..heap.len() / 2).rev() {
        sift_down(vm, heap, i, max)?;
    }
    Ok(Value::NONE)
}
