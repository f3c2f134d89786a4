//! `memoryview`: a view of another object's memory, possibly many-dimensional.
//!
//! Rooms: `buffer` the buffer protocol for native code; this file the payload; `methods` the type as Python sees it;
//! `items` packing, indexing and slices; `compare` equality; `cast` changes of format and shape.
//!
//! Invariant: all views of one exporter that were derived from each other share one [`Managed`]; the exporter's memory
//! stays in place until the last of them is released.
#![expect(unsafe_code, reason = "memory of other objects")]

use crate::error::PyResult;
use crate::object::{Kind, Payload, Visitor};
use crate::types::slots::Buffer;
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub mod buffer;
pub mod cast;
pub mod compare;
pub mod items;
pub mod methods;

pub use buffer::{BufferGuard, BytesArg};
pub use methods::TYPE;

/// What an exporter handed out; released when the last view goes.
pub(crate) struct Managed {
    owner: Value,
    release: Option<fn(&Vm, &Value)>,
}

impl Drop for Managed {
    fn drop(&mut self) {
        let Some(release) = self.release else { return };
        let Some(header) = self.owner.header().filter(|h| !h.is_immortal()) else { return };
        // SAFETY: the owner is alive and mortal.
        if let Some(vm) = unsafe { crate::heap::heap_of(header) }.vm() {
            release(vm, &self.owner);
        }
    }
}

/// Shape or strides.
pub(crate) type Dims = SmallVec<[isize; 1]>;

/// A memoryview.
pub struct MemoryView {
    /// Empty once the view is released.
    managed: RefCell<Option<Rc<Managed>>>,
    pub(crate) ptr: *mut u8,
    /// Bytes of all items together.
    pub(crate) nbytes: usize,
    pub(crate) readonly: bool,
    pub(crate) itemsize: usize,
    pub(crate) format: std::borrow::Cow<'static, str>,
    pub(crate) shape: Dims,
    pub(crate) strides: Dims,
    /// Buffers of this view handed out and not yet released.
    pub(crate) exports: Cell<usize>,
    pub(crate) hash: Cell<Option<i64>>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for MemoryView {
    const KIND: Kind = Kind::MemoryView;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        if let Some(m) = &*self.managed.borrow()
            && Rc::strong_count(m) == 1
        {
            visit(&m.owner);
        }
    }
}

impl MemoryView {
    /// A view of a whole buffer, whose release it takes over.
    pub(crate) fn of_buffer(buffer: Buffer) -> MemoryView {
        MemoryView {
            managed: RefCell::new(Some(Rc::new(Managed { owner: buffer.owner, release: buffer.release }))),
            ptr: buffer.ptr,
            nbytes: buffer.len,
            readonly: buffer.readonly,
            itemsize: buffer.itemsize,
            format: buffer.format,
            shape: buffer.shape,
            strides: buffer.strides,
            exports: Cell::new(0),
            hash: Cell::new(None),
        }
    }

    /// Another view of the same memory, to be changed before it is used.
    pub(crate) fn derive(&self) -> MemoryView {
        MemoryView {
            managed: RefCell::new(self.managed.borrow().clone()),
            ptr: self.ptr,
            nbytes: self.nbytes,
            readonly: self.readonly,
            itemsize: self.itemsize,
            format: self.format.clone(),
            shape: self.shape.clone(),
            strides: self.strides.clone(),
            exports: Cell::new(0),
            hash: Cell::new(None),
        }
    }

    /// Whether `release` was called.
    pub fn is_released(&self) -> bool {
        self.managed.borrow().is_none()
    }

    /// The exporter.
    pub fn owner(&self) -> Value {
        self.managed.borrow().as_ref().map_or(Value::NONE, |m| m.owner.clone())
    }

    /// `ValueError` after `release`.
    #[inline]
    pub(crate) fn check(&self, vm: &Vm) -> PyResult<()> {
        if self.is_released() {
            return Err(vm.value_error("operation forbidden on released memoryview object"));
        }
        Ok(())
    }

    /// Number of dimensions.
    #[inline(always)]
    pub(crate) fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// Whether the items lie densely in C order.
    pub(crate) fn c_contiguous(&self) -> bool {
        buffer::c_contiguous(&self.shape, &self.strides, self.itemsize)
    }

    /// A copy of the items in C order.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.nbytes);
        // SAFETY: shape and strides stay inside the exporter's memory, which stays in place until the view is released.
        unsafe { buffer::copy_out(self.ptr, &self.shape, &self.strides, self.itemsize, &mut out) };
        out
    }

    /// Ends the view; `BufferError` while exports exist.
    pub(crate) fn release(&self, vm: &Vm) -> PyResult<()> {
        let n = self.exports.get();
        if n > 0 {
            let plural = if n == 1 { "" } else { "s" };
            return Err(vm.buffer_error(&format!("memoryview has {n} exported buffer{plural}")));
        }
        let managed = self.managed.borrow_mut().take();
        drop(managed);
        Ok(())
    }

    /// The export of this view to another user.
    pub(crate) fn export(&self, vm: &Vm, writable: bool) -> PyResult<Buffer> {
        self.check(vm)?;
        if writable && self.readonly {
            return Err(vm.buffer_error("memoryview: underlying buffer is not writable"));
        }
        self.exports.set(self.exports.get() + 1);
        Ok(Buffer {
            owner: Value::of(self),
            ptr: self.ptr,
            len: self.nbytes,
            readonly: self.readonly,
            itemsize: self.itemsize,
            format: self.format.clone(),
            shape: self.shape.clone(),
            strides: self.strides.clone(),
            release: Some(|_, owner| {
                if let Some(view) = owner.downcast::<MemoryView>() {
                    view.exports.set(view.exports.get().saturating_sub(1));
                }
            }),
        })
    }
}

impl Vm {
    /// A memoryview of an object that exports its memory.
    pub fn memoryview_of(&self, object: &Value) -> PyResult {
        if let Some(view) = object.downcast::<MemoryView>() {
            view.check(self)?;
            return Ok(self.alloc(self.types().memoryview, view.derive()));
        }
        let Some(export) = self.type_of(object).slots().buffer else {
            return Err(self.type_error(&format!(
                "memoryview: a bytes-like object is required, not '{}'",
                self.type_of(object).name()
            )));
        };
        let buffer = export(self, object, false)?;
        Ok(self.alloc(self.types().memoryview, MemoryView::of_buffer(buffer)))
    }
}
