//! Memory of one interpreter's objects that others look at: memoryviews, and the content of long `bytes` and `str`.
//!
//! A [`Lent`] is a lease: it holds a counted reference to the object, which keeps the memory in place, and is given back when
//! the last one who looks is done. The reference is released in the object's interpreter, when that runs next, or at once
//! if nobody runs it. An interpreter that closes while memory of it is lent gives everything back but the pieces of its heap
//! that hold lent memory; each goes when its last lease does.
//!
//! Invariant: the word in a [`Lent`] becomes a value again only under its interpreter's lock.
#![expect(unsafe_code, reason = "memory and references are handed between interpreters")]

use crate::crossing::{Carry, carried};
use crate::interpreter::{Interpreter, interpreter_of};
use parking_lot::Mutex;
use serpens_share::buffer::Layout;
use serpens_share::{BufferOwner, BufferView, Portable, SharedBuffer};
use serpens_vm::heap::{Keeper, Range, external_owner};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::memoryview::MemoryView;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Value, Vm};
use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;

/// Content of at least so many bytes is lent; less is copied, which costs no more and keeps nothing alive.
pub const LEND_FROM: usize = 32 * 1024;

/// What an interpreter has lent.
#[derive(Default)]
pub(crate) struct Lending(Mutex<Book>);

#[derive(Default)]
struct Book {
    /// The memory, and the word of the object that it belongs to.
    entries: Vec<(Range, u64)>,
    /// Once the interpreter is closed.
    keeper: Option<Arc<Keeper>>,
}

impl Book {
    fn ranges(&self) -> Vec<Range> {
        self.entries.iter().map(|(range, _)| *range).collect()
    }
}

impl Lending {
    /// Whether others look at memory of the interpreter.
    pub(crate) fn is_active(&self) -> bool {
        !self.0.lock().entries.is_empty()
    }

    fn begin(&self, range: Range, word: u64) {
        self.0.lock().entries.push((range, word));
    }

    fn end(&self, range: Range, word: u64) {
        let mut book = self.0.lock();
        if let Some(at) = book.entries.iter().rposition(|entry| *entry == (range, word)) {
            book.entries.swap_remove(at);
        }
        if let Some(keeper) = &book.keeper {
            keeper.retain(&book.ranges());
        }
    }

    /// The interpreter is about to drop its machine.
    pub(crate) fn before_close(&self, vm: &Vm) {
        let mut book = self.0.lock();
        if book.entries.is_empty() {
            return;
        }
        let exporters: Vec<Value> = book
            .entries
            .iter()
            .filter_map(|(_, word)| {
                // SAFETY: a lease counts a reference to the object; the borrowed value is not dropped.
                let object = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(*word) });
                object.downcast::<MemoryView>().map(MemoryView::owner)
            })
            .collect();
        book.keeper = Some(vm.heap().keep_at_end(&book.ranges(), &exporters));
    }

    /// The machine is dropped: frees what was given back meanwhile.
    pub(crate) fn after_close(&self) {
        let book = self.0.lock();
        if let Some(keeper) = &book.keeper {
            keeper.retain(&book.ranges());
        }
    }
}

/// A lease of an object's memory.
pub struct Lent {
    interpreter: Arc<Interpreter>,
    /// The word of a counted reference to the object.
    word: u64,
    ptr: NonNull<u8>,
    len: usize,
    writable: bool,
    /// What ends the export of a buffer.
    release: Option<fn(&Vm, &Value)>,
}

// SAFETY: the word is only turned into a value again under its interpreter's lock; the memory is never written, or shared
// by the program's own wish, as the buffer protocol has it.
unsafe impl Send for Lent {}
// SAFETY: as above.
unsafe impl Sync for Lent {}

// SAFETY: the memory stays where it is while the object lives, since exports block resizing and content never moves; the
// reference in `word` keeps the object alive, and a closed interpreter keeps the memory until the lease ends.
unsafe impl BufferOwner for Lent {
    fn memory(&self) -> (NonNull<u8>, usize) {
        (self.ptr, self.len)
    }

    fn is_writable(&self) -> bool {
        self.writable
    }
}

impl Lent {
    fn new(
        interpreter: Arc<Interpreter>,
        object: &Value,
        memory: (NonNull<u8>, usize),
        writable: bool,
        release: Option<fn(&Vm, &Value)>,
    ) -> Lent {
        let word = object.clone().into_bits();
        let (ptr, len) = memory;
        interpreter.lending().begin((ptr.as_ptr() as usize, len), word);
        Lent { interpreter, word, ptr, len, writable, release }
    }

    fn range(&self) -> Range {
        (self.ptr.as_ptr() as usize, self.len)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let (word, release) = (self.word, self.release);
        // Before the reference goes: the address may be another object's right after.
        self.interpreter.lending().end(self.range(), word);
        let give_back = move |vm: &Vm| {
            // SAFETY: the reference was counted when the memory was lent, and is released once, under the lock.
            let object = unsafe { Value::from_bits(word) };
            if let Some(release) = release {
                release(vm, &object);
            }
        };
        // A dying str or bytes runs no Python, so nobody has to run the interpreter for it.
        if release.is_none() && self.interpreter.with_idle_machine(give_back) {
            return;
        }
        // A closed interpreter has dropped the object with its heap.
        self.interpreter.push_call(give_back);
    }
}

/// Content on its way.
struct Content {
    lent: Arc<Lent>,
    kind: ContentKind,
}

#[derive(Clone, Copy)]
enum ContentKind {
    Bytes,
    Str { n_chars: usize, ascii: bool },
}

impl Carry for Content {
    fn arrive(&self, vm: &Vm) -> PyResult {
        let owner = Box::new(self.lent.clone());
        let (ptr, len) = (self.lent.ptr, self.lent.len);
        Ok(match self.kind {
            // SAFETY: the content of a live `bytes`, which the lease keeps alive.
            ContentKind::Bytes => unsafe { vm.bytes_external(ptr, len, owner) },
            // SAFETY: the content of a live `str`, which the lease keeps alive.
            ContentKind::Str { n_chars, ascii } => unsafe { vm.str_external(ptr, len, n_chars, ascii, owner) },
        })
    }
}

/// The lease of an object's content, a new one if it is this interpreter's own.
fn content(vm: &Vm, v: &Value, bytes: &[u8]) -> Option<Arc<Lent>> {
    if let Some(lent) = external_owner(v).and_then(|owner| owner.downcast_ref::<Arc<Lent>>()) {
        return Some(lent.clone());
    }
    let interpreter = interpreter_of(vm)?;
    Some(Arc::new(Lent::new(interpreter, v, (NonNull::from(bytes).cast(), bytes.len()), false, None)))
}

/// What keeps the content of a long `str` or `bytes` in place; `None` if it is short.
pub(crate) fn lend_content(vm: &Vm, v: &Value, bytes: &[u8]) -> Option<Box<dyn Any + Send>> {
    if bytes.len() < LEND_FROM {
        return None;
    }
    Some(Box::new(content(vm, v, bytes)?))
}

/// Long `bytes`, without a copy. `None` if they are short.
pub(crate) fn lend_bytes(vm: &Vm, v: &Value, b: &Bytes) -> Option<Portable> {
    if b.len() < LEND_FROM {
        return None;
    }
    Some(carried(Content { lent: content(vm, v, b.as_bytes())?, kind: ContentKind::Bytes }))
}

/// A long `str`, without a copy. `None` if it is short.
pub(crate) fn lend_str(vm: &Vm, v: &Value, s: &Str) -> Option<Portable> {
    if s.as_bytes().len() < LEND_FROM {
        return None;
    }
    let kind = ContentKind::Str { n_chars: s.len(), ascii: s.is_ascii() };
    Some(carried(Content { lent: content(vm, v, s.as_bytes())?, kind }))
}

/// A memoryview: both sides see the same memory.
pub(crate) fn lend_view(vm: &Vm, v: &Value) -> PyResult<Portable> {
    let Some(export) = vm.type_of(v).slots().buffer else { return Err(vm.type_error("not a buffer")) };
    let b = export(vm, v, false)?;
    let Some(interpreter) = interpreter_of(vm) else { return Err(vm.runtime_error("no current interpreter")) };
    let ptr = NonNull::new(b.ptr).unwrap_or(NonNull::dangling());
    let lent = Lent::new(interpreter, v, (ptr, b.len), !b.readonly, b.release);
    let layout = Layout {
        offset: 0,
        format: b.format.as_ref().into(),
        itemsize: b.itemsize,
        shape: b.shape.iter().map(|n| *n as usize).collect(),
        strides: b.strides.iter().copied().collect(),
        read_only: b.readonly,
    };
    let shared = SharedBuffer::from_owner(Box::new(lent));
    match BufferView::new(&shared, layout) {
        Ok(view) => Ok(Portable::Buffer(Arc::new(view))),
        Err(_) => Err(vm.buffer_error("the memoryview's layout cannot be shared")),
    }
}
