//! The death of an object: finaliser, weak references, payload, block.
//!
//! Releases that nest deeply (a long list of linked nodes) are put off and done one after the other, so that they use no
//! native stack.
#![expect(unsafe_code, reason = "object lifetimes")]

use super::Heap;
use crate::object::{Header, flag};
use crate::types::typeobj::TypeObj;
use crate::value::Value;

/// Nested releases before they are put off.
const MAX_NESTED: u32 = 64;

/// Releases an object whose last reference went.
///
/// # Safety
/// The object is mortal, or interpreters have it in common, and its count has just become zero.
#[cold]
#[inline(never)]
pub(crate) unsafe fn release(header: *mut Header) {
    // SAFETY: the object is not yet freed.
    if unsafe { (*header).is_immortal() } {
        // SAFETY: as above; a common object's last reference went.
        unsafe { crate::common::release(&*header) };
        return;
    }
    // SAFETY: the object is mortal and not yet freed.
    let heap = unsafe { Heap::of_object(header) };
    if heap.dying.get() {
        return;
    }
    let depth = heap.release_depth.get();
    if depth >= MAX_NESTED {
        heap.deferred.borrow_mut().push(header);
        return;
    }
    heap.release_depth.set(depth + 1);
    // SAFETY: as above.
    unsafe { die(heap, header) };
    heap.release_depth.set(depth);
    if depth == 0 {
        loop {
            let next = heap.deferred.borrow_mut().pop();
            let Some(next) = next else { break };
            heap.release_depth.set(1);
            // SAFETY: put off above with a count of zero; nothing can reach it since.
            unsafe { die(heap, next) };
            heap.release_depth.set(0);
        }
    }
}

/// # Safety
/// As [`release`].
#[inline(always)]
unsafe fn die(heap: &Heap, header: *mut Header) {
    // SAFETY: the object is alive until its block is freed at the end.
    unsafe {
        let h = &*header;
        let ty = h.ty_ptr();
        if (*ty).has_finalizer() && !h.has(flag::FINALIZED) && survives_finalizer(heap, h) {
            return;
        }
        if h.has(flag::WEAK)
            && let Some(vm) = heap.vm()
        {
            h.set_count(1);
            vm.weak_table().object_died(vm, h);
            if h.ref_count() != Some(1) {
                h.dec();
                return;
            }
            h.set_count(0);
        }
        if h.has(flag::COPY | flag::SENT)
            && let Some(vm) = heap.vm()
        {
            if h.has(flag::COPY) {
                vm.copies().forget(h);
            }
            if h.has(flag::SENT) {
                vm.commons().forget(h);
            }
        }
        h.set(flag::DYING);
        (*ty).drop_payload(header);
        if h.has(flag::EXTERNAL) {
            super::external::release(h);
        }
        heap.free_object(header);
        release_type(ty);
    }
}

/// Instances of classes made at run time count as references to their class.
///
/// # Safety
/// `ty` is alive.
#[inline(always)]
unsafe fn release_type(ty: *const TypeObj) {
    // SAFETY: the caller's promise; the dropped value is the reference that the instance held.
    unsafe {
        let header = Header::of(&*ty);
        if !header.is_immortal() {
            drop(Value::from_bits(header as *const Header as u64));
        }
    }
}

#[cold]
#[inline(never)]
fn survives_finalizer(heap: &Heap, header: &Header) -> bool {
    let Some(vm) = heap.vm() else { return false };
    header.set(flag::FINALIZED);
    header.set_count(1);
    // SAFETY: the count of one is this value's; the object stays until it is checked below.
    let value = unsafe { Value::from_bits(header as *const Header as u64) };
    vm.run_finalizer(&value);
    std::mem::forget(value);
    let n = header.ref_count().unwrap_or(2);
    header.set_count(n - 1);
    n > 1
}

/// Drops a type object of a dying heap.
///
/// # Safety
/// The heap is dying, and nothing that lies in it is used afterwards.
pub(super) unsafe fn drop_type(header: *mut Header) {
    // SAFETY: the caller's promise.
    unsafe { std::ptr::drop_in_place(header.add(1).cast::<TypeObj>()) };
}
