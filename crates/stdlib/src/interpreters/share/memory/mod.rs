//! `SharedBuffer` and `SharedArray`: memory at one address for all interpreters.
//!
//! Rooms: this file has `SharedBuffer`; [`numbers`] arrays by the type of their elements; [`array`] the type `SharedArray`; [`subscript`] what
//! is between its brackets.
//!
//! Elements of an array are read and written atomically, also through the array's methods by several threads at once.
//! Through the buffer protocol both are plain memory, which nobody guards.

mod array;
mod numbers;
mod subscript;

pub(super) use array::SharedArray;

use super::{Handle, make, this};
use crate::posix::path::path;
use serpens_share::buffer::Layout;
use serpens_share::{BufferView, SharedBuffer as Memory};
use serpens_state::shared_view;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// A handle of memory.
pub(super) struct SharedBuffer(Arc<BufferView>);

serpens_vm::native_payload!(SharedBuffer {});

impl Handle for SharedBuffer {
    const DEF: &'static TypeDef = &BUFFER;
    type Shared = Arc<BufferView>;

    fn shared(&self) -> Arc<BufferView> {
        self.0.clone()
    }

    fn adopt(_: &Vm, shared: Arc<BufferView>) -> Self {
        SharedBuffer(shared)
    }
}

static BUFFER: TypeDef = TypeDef::new::<SharedBuffer>("SharedBuffer")
    .copied_then(|copier, h| copier.renew(h, |x: &SharedBuffer| &x.0, Clone::clone))
    .module("interpreters")
    .doc("SharedBuffer(size_or_bytes): memory that all interpreters see at one address; use it through a memoryview.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new_buffer),
        repr: Some(|vm, v| {
            Ok(vm.str(&format!("<interpreters.SharedBuffer of {} bytes>", this::<SharedBuffer>(v).0.n_bytes())))
        }),
        len: Some(|_, v| Ok(this::<SharedBuffer>(v).0.n_bytes())),
        getitem: Some(|vm, v, k| vm.get_item(&vm.memoryview_of(v)?, k)),
        setitem: Some(|vm, v, k, value| match value {
            Some(value) => vm.set_item(&vm.memoryview_of(v)?, k, value),
            None => Err(vm.type_error("cannot delete memory")),
        }),
        buffer: Some(|vm, v, writable| shared_view::export(vm, v, &this::<SharedBuffer>(v).0, writable)),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("from_file", "($type, path, /, size=None, *, writable=False)", from_file).class().doc(
            "The bytes of a file, mapped. If it is writable, writes reach the file, and one that is shorter than size is made longer. \
             A file must not be made shorter while anybody looks at its memory.",
        ),
        MethodDef::new("flush", "($self, /)", |vm, a| {
            let view = this::<SharedBuffer>(a.get(0)).0.clone();
            match serpens_state::blocking(vm, || view.buffer().flush()) {
                Ok(()) => Ok(Value::NONE),
                Err(e) => Err(vm.io_error(&e, None)),
            }
        })
        .doc("Have the system write what has changed to the file."),
        MethodDef::new("toreadonly", "($self, /)", |vm, a| {
            let view = &this::<SharedBuffer>(a.get(0)).0;
            let layout = Layout { read_only: true, ..view.layout().clone() };
            match BufferView::new(view.buffer(), layout) {
                Ok(view) => Ok(make::<SharedBuffer>(vm, Arc::new(view))),
                Err(e) => Err(vm.value_error(&e.to_string())),
            }
        })
        .doc("The same memory, for reading only."),
    ])
    .getset(&[GetSetDef::new("readonly", |_, v| Ok(Value::bool(this::<SharedBuffer>(v).0.layout().read_only)))]);

/// A number of bytes or elements that a program gave.
fn size(vm: &Vm, v: &Value, negative: &str) -> PyResult<usize> {
    usize::try_from(vm.arg_i64(v)?).map_err(|_| vm.value_error(negative))
}

fn new_buffer(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [source] = crate::data::bind(vm, args, "SharedBuffer", [""], 1)?;
    let none = Value::NONE;
    let source = source.unwrap_or(&none);
    let memory = if vm.has_index(source) {
        let n = size(vm, source, "negative size")?;
        vm.check_alloc(n)?;
        Memory::zeroed(n).map_err(|_| vm.memory_error())?
    } else {
        let bytes = vm.get_buffer(source, false)?.to_vec();
        let memory = Memory::zeroed(bytes.len()).map_err(|_| vm.memory_error())?;
        // Fresh memory is writable and as long as the bytes.
        let _ = memory.write_at(0, &bytes);
        memory
    };
    Ok(make::<SharedBuffer>(vm, Arc::new(BufferView::of_bytes(&memory))))
}

fn from_file(vm: &Vm, a: Args<'_>) -> PyResult {
    let given = path(vm, "from_file", a.get(1))?;
    let n = a.some(2).map(|n| size(vm, n, "negative size")).transpose()?;
    let writable = a.opt(3).map_or(Ok(false), |v| vm.truthy(v))?;
    let name = given.c.clone();
    let mapped = serpens_state::blocking(vm, || map(OsStr::from_bytes(name.as_bytes()), n, writable));
    let memory = match mapped {
        Ok(memory) => memory,
        Err(e) if e.raw_os_error().is_none() => return Err(vm.value_error(&e.to_string())),
        Err(e) => return Err(vm.os_error_from(&e, Some(&given.c.to_string_lossy()))),
    };
    let layout = Layout::bytes(0, n.unwrap_or(memory.len()), memory.is_read_only());
    match BufferView::new(&memory, layout) {
        Ok(view) => Ok(make::<SharedBuffer>(vm, Arc::new(view))),
        Err(_) => Err(vm.value_error("the file is shorter than the size")),
    }
}

#[expect(unsafe_code, reason = "the caller of from_file() answers for the length of the file, as of mmap's")]
fn map(name: &OsStr, n: Option<usize>, writable: bool) -> std::io::Result<Memory> {
    let file = File::options().read(true).write(writable).open(name)?;
    let len = file.metadata()?.len();
    if let Some(n) = n.filter(|n| writable && *n as u64 > len) {
        file.set_len(n as u64)?;
    } else if len == 0 {
        return Err(std::io::Error::other("cannot map an empty file"));
    }
    // SAFETY: the documentation asks that the file is not made shorter.
    unsafe { if writable { Memory::map_file_mut(&file) } else { Memory::map_file(&file) } }
}
