//! Compression: `zlib`, `_bz2`.
//!
//! Rooms: [`stream`] zlib's streams behind a safe face; [`zlib`] the module's functions; [`objects`] its objects;
//! [`bz2`] the module `_bz2`.

pub mod bz2;
pub mod objects;
pub mod stream;
pub mod zlib;

use serpens_state::{NativeModule, blocking};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::{PyResult, Value, Vm};
use std::cell::Cell;

/// The modules of this folder.
pub static MODULES: &[&NativeModule] = &[&zlib::MODULE, &bz2::MODULE];

/// Inputs from this size on are worked on off the interpreter's lock.
pub(crate) const LONG: usize = 4096;

/// Bytes of the first piece of output.
pub(crate) const PIECE: usize = 16 * 1024;
/// Bytes of the largest piece of output.
pub(crate) const MAX_PIECE: usize = 1 << 20;

/// The bytes of an argument, for work off the lock: those of `bytes` as they are, a copy of others.
pub(crate) enum Input<'a> {
    Shared(&'a [u8]),
    Copied(Vec<u8>),
}

impl Input<'_> {
    pub(crate) fn new<'a>(vm: &Vm, v: &'a Value) -> PyResult<Input<'a>> {
        match v.downcast::<Bytes>() {
            Some(b) => Ok(Input::Shared(b.as_bytes())),
            None => Ok(Input::Copied(vm.get_contiguous(v, false)?.as_bytes().to_vec())),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Input::Shared(b) => b,
            Input::Copied(v) => v,
        }
    }
}

/// A stream that one thread uses at a time: it is taken out of its object meanwhile.
pub(crate) struct Slot<T>(Cell<Option<Box<T>>>);

impl<T> Slot<T> {
    pub(crate) fn new(stream: T) -> Slot<T> {
        Slot(Cell::new(Some(Box::new(stream))))
    }

    /// Uses the stream, waiting for the thread that has it.
    pub(crate) fn with<R>(&self, vm: &Vm, f: impl FnOnce(&mut T) -> PyResult<R>) -> PyResult<R> {
        let mut stream = loop {
            if let Some(stream) = self.0.take() {
                break stream;
            }
            blocking(vm, std::thread::yield_now);
            vm.on_break()?;
        };
        let result = f(&mut stream);
        self.0.set(Some(stream));
        result
    }
}
