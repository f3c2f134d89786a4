//! `bytes` and `str` whose content lies outside of their object, in memory that another interpreter owns.
//!
//! Behind the payload stands an [`External`] instead of the content, and the header has the flag `EXTERNAL`. The owner that
//! it keeps is dropped when the object dies, or when its heap does.
//!
//! Invariant: the content never changes while its owner lives.
#![expect(unsafe_code, reason = "content is reached by address")]

use crate::heap::Heap;
use crate::object::{Header, Kind, flag};
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;
use std::any::Any;
use std::ptr::NonNull;

/// Where the content lies, and who keeps it there.
pub(crate) struct External {
    content: NonNull<u8>,
    owner: Box<dyn Any + Send>,
}

impl External {
    /// Content that `owner` keeps.
    pub(crate) fn new(content: NonNull<u8>, owner: Box<dyn Any + Send>) -> External {
        External { content, owner }
    }
}

/// Bytes of an [`External`].
pub(crate) const SIZE: usize = size_of::<External>();

// Both payloads have the same size, so that it is found without a look at the kind.
const _: () = assert!(size_of::<Bytes>() == size_of::<Str>() && size_of::<Bytes>().is_multiple_of(8));

/// The content of an object that has the flag.
///
/// # Safety
/// `end` is the address behind the payload of such an object.
#[cold]
#[inline(never)]
pub(crate) unsafe fn content(end: *const u8) -> *const u8 {
    // SAFETY: the caller's promise.
    unsafe { (*end.cast::<External>()).content.as_ptr() }
}

/// Gives a new object of another heap its content: a copy of `content`, or where it lies elsewhere.
///
/// # Safety
/// `end` is the address behind the payload of `header`, an object of `heap`, with room for either.
pub(crate) unsafe fn place(
    heap: &Heap,
    header: NonNull<Header>,
    end: *mut u8,
    content: &[u8],
    elsewhere: Option<External>,
) {
    match elsewhere {
        // SAFETY: the caller's promise.
        Some(external) => unsafe {
            end.cast::<External>().write(external);
            header.as_ref().set(flag::EXTERNAL);
            heap.note_resource(header);
        },
        // SAFETY: as above.
        None => unsafe { std::ptr::copy_nonoverlapping(content.as_ptr(), end, content.len()) },
    }
}

fn external(h: &Header) -> *mut External {
    debug_assert!(h.has(flag::EXTERNAL) && matches!(h.kind(), Kind::Bytes | Kind::Str));
    let at = std::ptr::from_ref(h).addr() + size_of::<Header>() + size_of::<Bytes>();
    std::ptr::from_ref(h).with_addr(at).cast_mut().cast()
}

/// Completes the copy of an object of an origin: the content stays where the origin has it, which outlives the copy.
///
/// # Safety
/// The object has the flag, and its words are those of the original.
pub(crate) unsafe fn borrow_content(h: &Header) {
    // SAFETY: the owner is the original's, and stays with it.
    unsafe { std::ptr::write(&raw mut (*external(h)).owner, Box::new(())) };
}

/// Lets go of the content.
///
/// # Safety
/// The object has the flag, is dying, and its content is not used any more.
#[cold]
pub(crate) unsafe fn release(h: &Header) {
    // SAFETY: written by `bytes_external` or `str_external`; dropped once.
    unsafe { std::ptr::drop_in_place(external(h)) };
}

impl Vm {
    /// `bytes` over content that `owner` keeps.
    ///
    /// # Safety
    /// The `len` bytes at `content` can be read, and nobody writes them, until `owner` is dropped.
    pub unsafe fn bytes_external(&self, content: NonNull<u8>, len: usize, owner: Box<dyn Any + Send>) -> Value {
        // SAFETY: as the caller promises.
        self.alloc_external_bytes(len, SIZE, |at| unsafe { at.cast::<External>().write(External { content, owner }) })
    }

    /// A `str` over content that `owner` keeps.
    ///
    /// # Safety
    /// As [`Vm::bytes_external`]; the content is the text of another `str` of `n_chars` characters, which was ASCII if so
    /// said.
    pub unsafe fn str_external(
        &self,
        content: NonNull<u8>,
        n_bytes: usize,
        n_chars: usize,
        ascii: bool,
        owner: Box<dyn Any + Send>,
    ) -> Value {
        // SAFETY: as the caller promises.
        let fill = |at: *mut u8| unsafe { at.cast::<External>().write(External { content, owner }) };
        self.alloc_external_str(n_bytes, n_chars, ascii, SIZE, fill)
    }
}

/// Who keeps the content of a `str` or `bytes` that lies elsewhere.
pub fn owner(value: &Value) -> Option<&(dyn Any + Send)> {
    let h = value.header().filter(|h| h.has(flag::EXTERNAL))?;
    // SAFETY: the object has the flag, and lives as long as the borrow.
    Some(unsafe { &*(*external(h)).owner })
}
