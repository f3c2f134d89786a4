//! `_io`: files, buffers, text.
//!
//! Rooms: [`base`] the abstract classes; [`file`] `FileIO`; [`buffered`] and [`rwpair`] the buffers over raw files;
//! [`bytesio`] and [`stringio`] files in memory; [`newline`] universal newlines; [`codec`] incremental decoding;
//! [`text`] `TextIOWrapper`, with [`text_read`] and [`text_seek`]; [`open`] the function that puts them together.
//!
//! Invariant: no borrow of a buffer lives while Python code may run or the lock is released.

pub mod base;
pub mod buffered;
pub mod bytesio;
pub mod codec;
pub mod file;
pub mod newline;
pub mod open;
pub mod rwpair;
pub mod stringio;
pub mod text;
pub mod text_read;
pub mod text_seek;

use serpens_state::NativeModule;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, Raised, Value, Vm};

/// Size of a buffer when none is asked for.
pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_io")
    .doc("The io module provides the Python interfaces to stream handling.")
    .functions(open::FUNCTIONS)
    .types(&[
        &base::IO_BASE,
        &base::RAW_IO_BASE,
        &base::BUFFERED_IO_BASE,
        &base::TEXT_IO_BASE,
        &file::FILE_IO,
        &bytesio::BYTES_IO,
        &bytesio::BYTES_IO_BUFFER,
        &buffered::BUFFERED_READER,
        &buffered::BUFFERED_WRITER,
        &buffered::BUFFERED_RANDOM,
        &rwpair::BUFFERED_RW_PAIR,
        &newline::INCREMENTAL_NEWLINE_DECODER,
        &stringio::STRING_IO,
        &text::TEXT_IO_WRAPPER,
    ])
    .init(init);

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    dict.set_name(vm, "DEFAULT_BUFFER_SIZE", Value::from_usize(DEFAULT_BUFFER_SIZE));
    dict.set_name(vm, "BlockingIOError", vm.types().BlockingIOError.value());
    dict.set_name(vm, "UnsupportedOperation", unsupported_class(vm)?);
    Ok(())
}

/// The class `UnsupportedOperation` of an interpreter.
struct Unsupported(Value);

impl Local for Unsupported {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(Unsupported(copier.take(&self.0)))
    }
}

fn unsupported_class(vm: &Vm) -> PyResult {
    if let Some(found) = vm.local_opt::<Unsupported>() {
        return Ok(found.0.clone());
    }
    let ns = vm.new_dict();
    if let Some(d) = ns.downcast::<Dict>() {
        d.set_name(vm, "__module__", vm.intern("io"));
    }
    let bases = vm.tuple(vec![vm.types().OSError.value(), vm.types().ValueError.value()]);
    let class = vm.call_pos(&vm.types().type_.value(), &[vm.intern("UnsupportedOperation"), bases, ns])?;
    Ok(vm.local(|_| Unsupported(class)).0.clone())
}

/// Raises `UnsupportedOperation(message)`.
#[cold]
pub fn unsupported(vm: &Vm, message: &str) -> Raised {
    match unsupported_class(vm).and_then(|c| vm.call_one(&c, &vm.str(message))) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}

/// Raises the `ValueError` of a closed file.
#[cold]
pub fn closed_error(vm: &Vm) -> Raised {
    vm.value_error("I/O operation on closed file.")
}

/// A size argument: `None` and negative numbers mean all.
pub fn size_arg(vm: &Vm, v: Option<&Value>) -> PyResult<Option<usize>> {
    match v.filter(|v| !v.is_none()) {
        None => Ok(None),
        Some(v) if vm.has_index(v) => Ok(usize::try_from(vm.arg_isize(v)?).ok()),
        Some(v) => Err(vm.type_error(&format!("argument should be integer or None, not '{}'", vm.type_of(v).name()))),
    }
}
