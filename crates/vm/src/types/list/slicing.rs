//! Slices of lists: reading, assignment, deletion.

use super::List;
use crate::error::PyResult;
use crate::heap::HVec;
use crate::types::slice::{Slice, SliceIndices};
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

fn indices(vm: &Vm, key: &Value, len: usize) -> PyResult<SliceIndices> {
    key.downcast::<Slice>().expect("the caller has checked").indices(vm, len)
}

/// `list[a:b:c]`.
pub(super) fn get(vm: &Vm, list: &List, key: &Value) -> PyResult {
    let s = indices(vm, key, list.len())?;
    vm.check_alloc(s.len * 8)?;
    let mut items: HVec<Value> = HVec::with_capacity_in(s.len, vm.heap().alloc());
    // Computing the indices may have run Python code that shortened the list.
    list.with(|source| match s.step {
        1 => {
            let start = (s.start as usize).min(source.len());
            let end = (start + s.len).min(source.len());
            items.extend_from_slice(&source[start..end]);
        }
        step => {
            let mut at = s.start;
            for _ in 0..s.len {
                if let Some(item) = source.get(at as usize) {
                    items.push(item.clone());
                }
                at = at.wrapping_add(step);
            }
        }
    });
    Ok(vm.list_from(items))
}

/// `list[a:b:c] = value`.
pub(super) fn set(vm: &Vm, target: &Value, key: &Value, value: &Value) -> PyResult<()> {
    let list = target.downcast::<List>().expect("the caller has checked");
    let items = new_items(vm, target, value)?;
    let s = indices(vm, key, list.len())?;
    vm.check_mutable(target)?;
    if s.step == 1 {
        vm.check_alloc(items.len() * 8)?;
        let removed = list.with_mut(|all| splice(all, s.start as usize, s.len, items));
        drop(removed);
        return Ok(());
    }
    if items.len() != s.len {
        return Err(vm.value_error(&format!(
            "attempt to assign sequence of size {} to extended slice of size {}",
            items.len(),
            s.len
        )));
    }
    let old = list.with_mut(|all| {
        let mut at = s.start;
        let mut old = Vec::with_capacity(items.len());
        for item in items {
            if let Some(slot) = all.get_mut(at as usize) {
                old.push(std::mem::replace(slot, item));
            }
            at = at.wrapping_add(s.step);
        }
        old
    });
    drop(old);
    Ok(())
}

/// The items to assign.
fn new_items(vm: &Vm, target: &Value, value: &Value) -> PyResult<Vec<Value>> {
    if value.is(target)
        && let Some(list) = value.downcast::<List>()
    {
        return Ok(list.to_vec());
    }
    if let Some(t) = value.downcast::<Tuple>()
        && vm.is_exact(value, vm.types().tuple)
    {
        return Ok(t.as_slice().to_vec());
    }
    match vm.collect(value) {
        Ok(items) => Ok(items),
        Err(e)
            if vm.pending_is(vm.types().TypeError)
                && vm.type_of(value).slots().iter.is_none()
                && vm.type_of(value).slots().getitem.is_none() =>
        {
            drop(e);
            drop(vm.take_raised());
            Err(vm.type_error("must assign iterable to extended slice"))
        }
        Err(e) => Err(e),
    }
}

/// Replaces `n` items from `start` on and returns them.
fn splice(all: &mut HVec<Value>, start: usize, n: usize, items: Vec<Value>) -> Vec<Value> {
    let start = start.min(all.len());
    let n = n.min(all.len() - start);
    let common = n.min(items.len());
    let mut removed: Vec<Value> = Vec::with_capacity(n);
    let mut items = items.into_iter();
    for slot in &mut all[start..start + common] {
        if let Some(item) = items.next() {
            removed.push(std::mem::replace(slot, item));
        }
    }
    if n > common {
        removed.extend(all.drain(start + common..start + n));
    } else if items.len() > 0 {
        let tail_len = items.len();
        all.extend(items);
        all[start + common..].rotate_right(tail_len);
    }
    removed
}

/// `del list[a:b:c]`.
pub(super) fn delete(vm: &Vm, list: &List, key: &Value) -> PyResult<()> {
    let s = indices(vm, key, list.len())?;
    vm.check_payload_mutable(list)?;
    if s.len == 0 {
        return Ok(());
    }
    let removed = list.with_mut(|all| {
        if s.step == 1 {
            return splice(all, s.start as usize, s.len, Vec::new());
        }
        // Upwards, whatever the sign of the step.
        let (first, step) = match s.step {
            step if step > 0 => (s.start as usize, step as usize),
            step => ((s.start + (s.len as isize - 1) * step) as usize, step.unsigned_abs()),
        };
        let mut removed = Vec::with_capacity(s.len);
        let (mut next, mut left, mut write) = (first, s.len, first);
        for read in first..all.len() {
            if read == next && left > 0 {
                left -= 1;
                next = next.saturating_add(step);
                removed.push(std::mem::replace(&mut all[read], Value::NONE));
            } else {
                all.swap(write, read);
                write += 1;
            }
        }
        all.truncate(write.max(first));
        removed
    });
    drop(removed);
    Ok(())
}
