//! Shared memory as Python sees it: an object with the buffer protocol over a view, wrapped by a `memoryview`.
#![expect(unsafe_code, reason = "object layout")]

use serpens_share::BufferView;
use serpens_vm::object::{Header, Kind};
use serpens_vm::types::slots::{Buffer, Slots};
use serpens_vm::{Payload, PyResult, TypeDef, Value, Vm};
use std::sync::Arc;

/// The owner of a buffer that came from another interpreter. It keeps the memory alive.
pub struct CrossInterpreterBufferView {
    view: Arc<BufferView>,
}

// SAFETY: made by the heap only; told apart by its type id.
unsafe impl Payload for CrossInterpreterBufferView {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.is_native::<Self>()
    }
}

/// `CrossInterpreterBufferView`.
pub static TYPE: TypeDef = TypeDef::new::<CrossInterpreterBufferView>("CrossInterpreterBufferView")
    .module("_interpreters")
    .slots(Slots { buffer: Some(buffer), ..Slots::EMPTY });

fn buffer(vm: &Vm, v: &Value, writable: bool) -> PyResult<Buffer> {
    match v.downcast::<CrossInterpreterBufferView>() {
        Some(this) => export(vm, v, &this.view, writable),
        None => Err(vm.type_error("not a buffer view")),
    }
}

/// Shared memory as the buffer protocol hands it out, for `owner`, which keeps `view` alive.
pub fn export(vm: &Vm, owner: &Value, view: &BufferView, writable: bool) -> PyResult<Buffer> {
    let layout = view.layout();
    if writable && layout.read_only {
        return Err(vm.buffer_error("Object is not writable."));
    }
    Ok(Buffer {
        owner: owner.clone(),
        ptr: view.as_ptr(),
        len: view.n_bytes(),
        readonly: layout.read_only,
        itemsize: layout.itemsize,
        format: layout.format.to_string().into(),
        shape: layout.shape.iter().map(|n| *n as isize).collect(),
        strides: layout.strides.iter().copied().collect(),
        release: None,
    })
}

/// A `memoryview` of shared memory.
pub fn memoryview(vm: &Vm, view: Arc<BufferView>) -> PyResult {
    let owner = vm.alloc_native(&TYPE, CrossInterpreterBufferView { view });
    vm.memoryview_of(&owner)
}
