//! `str`: text as WTF-8 (UTF-8 in which lone surrogates may stand), immutable.
//!
//! Rooms: this file has the payload and what the machine needs; `methods` the table of what Python sees; beside it the
//! methods by subject: `make` the constructor, `index` subscripts and slices, `search`, `split`, `join`, `case`,
//! `classify`, `pad`, `translate`, `repr`, `format` (`str.format`), `percent` (the `%` operator).
//!
//! Invariant: the bytes are valid WTF-8; the ASCII flag of the header is set exactly when all bytes are ASCII; an interned
//! string is the only one of its text that carries the flag, in its interpreter and the image together.
#![expect(unsafe_code, reason = "inline bytes behind the payload")]

use crate::heap::{External, Heap, external};
use crate::object::{Header, Kind, Payload, flag};
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;
use std::ptr::{self, NonNull};

mod case;
mod classify;
pub mod format;
pub mod index;
pub mod join;
pub(crate) mod make;
pub mod methods;
mod pad;
pub mod percent;
pub mod repr;
mod search;
mod split;
mod translate;

pub use classify::is_identifier;
pub(crate) use search::bounds;
pub(crate) use split::max_split;

/// Text; the bytes follow the payload.
#[repr(C)]
pub struct Str {
    /// Zero: not computed yet.
    hash: Cell<u64>,
    n_bytes: u32,
    n_chars: u32,
}

// SAFETY: made by `Vm::alloc_str` only.
unsafe impl Payload for Str {
    const KIND: Kind = Kind::Str;
}

/// Longest text, in bytes.
pub const MAX_STR: usize = u32::MAX as usize;

impl Str {
    /// The bytes (WTF-8).
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `n_bytes` bytes follow the payload, or lie where what follows it says.
        unsafe {
            let mut at = (self as *const Str).add(1).cast::<u8>();
            if Header::of(self).has(flag::EXTERNAL) {
                at = external::content(at);
            }
            std::slice::from_raw_parts(at, self.n_bytes as usize)
        }
    }

    /// The text, if it has no surrogates.
    #[inline]
    pub fn to_str(&self) -> Option<&str> {
        if self.is_ascii() {
            // SAFETY: ASCII is UTF-8.
            return Some(unsafe { std::str::from_utf8_unchecked(self.as_bytes()) });
        }
        std::str::from_utf8(self.as_bytes()).ok()
    }

    /// The text, or `"?"` if it has surrogates (for names in messages; never for data).
    pub fn as_str_lossy(&self) -> &str {
        self.to_str().unwrap_or("?")
    }

    /// Whether all characters are ASCII.
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        Header::of(self).has(flag::ASCII)
    }

    /// Number of code points.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.n_chars as usize
    }

    /// Whether it has no characters.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.n_bytes == 0
    }

    /// Code points in order, surrogates included.
    pub fn chars(&self) -> CodePoints<'_> {
        CodePoints { bytes: self.as_bytes() }
    }

    /// Byte offset of code point `i` (at most the length).
    pub fn offset(&self, i: usize) -> usize {
        if self.is_ascii() {
            return i.min(self.n_bytes as usize);
        }
        char_offset(self.as_bytes(), i)
    }

    /// Code point `i`.
    pub fn char_at(&self, i: usize) -> Option<u32> {
        if self.is_ascii() {
            return self.as_bytes().get(i).map(|b| *b as u32);
        }
        CodePoints { bytes: &self.as_bytes()[self.offset(i)..] }.next()
    }

    /// The hash of the text.
    #[inline(always)]
    pub fn hash(&self, vm: &Vm) -> u64 {
        let h = self.hash.get();
        if h != 0 { h } else { self.compute_hash(vm) }
    }

    #[cold]
    fn compute_hash(&self, vm: &Vm) -> u64 {
        if self.is_empty() {
            return 0;
        }
        let h = vm.hash_bytes(self.as_bytes());
        // Texts of the frozen image were hashed before it was sealed, but for long ones.
        if !Header::of(self).is_immortal() {
            self.hash.set(h);
        }
        h
    }

    /// Whether the text is interned: equal interned texts are the same object.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        Header::of(self).has(flag::INTERNED)
    }
}

impl Str {
    /// The object of the image that stands for every `str` of this text, if it has at most one Latin-1 character.
    pub(crate) fn well_known(&self, vm: &Vm) -> Option<Value> {
        if self.n_bytes > 2 || self.n_chars > 1 {
            return None;
        }
        Some(self.char_at(0)).filter(|c| c.is_none_or(|c| c < 256)).map(|c| match c {
            None => vm.image().empty_str(),
            Some(c) => vm.image().latin1_char(c as u8),
        })
    }

    /// A `str` of the same text in another heap, its content elsewhere if so said. It is hashed unless that takes long.
    pub(crate) fn copy_to(&self, vm: &Vm, heap: &Heap, elsewhere: Option<External>) -> NonNull<Header> {
        let inline = if elsewhere.is_some() { external::SIZE } else { self.n_bytes as usize };
        let header = heap.new_object(size_of::<Header>() + size_of::<Str>() + inline, Kind::Str, vm.types().str);
        let hash = if elsewhere.is_some() { self.hash.get() } else { self.hash(vm) };
        // SAFETY: the block has room for header, payload and what follows.
        unsafe {
            let payload = header.add(1).cast::<Str>().as_ptr();
            payload.write(Str { hash: Cell::new(hash), n_bytes: self.n_bytes, n_chars: self.n_chars });
            header.as_ref().set(if self.is_ascii() { flag::ASCII } else { 0 });
            external::place(heap, header, payload.add(1).cast(), self.as_bytes(), elsewhere);
        }
        header
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl std::fmt::Display for Str {
    /// The text with surrogates replaced by U+FFFD.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.to_str() {
            Some(s) => f.write_str(s),
            None => {
                for c in self.chars() {
                    std::fmt::Write::write_char(f, char::from_u32(c).unwrap_or('\u{fffd}'))?;
                }
                Ok(())
            }
        }
    }
}

/// Code points of WTF-8 text.
#[derive(Clone)]
pub struct CodePoints<'a> {
    bytes: &'a [u8],
}

impl<'a> CodePoints<'a> {
    /// Code points of `bytes`, which must be valid WTF-8.
    pub fn new(bytes: &'a [u8]) -> CodePoints<'a> {
        CodePoints { bytes }
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (&first, rest) = self.bytes.split_first()?;
        let cont = |i: usize| (rest.get(i).copied().unwrap_or(0x80) & 0x3f) as u32;
        let (c, n) = match first {
            0..0x80 => (first as u32, 1),
            0x80..0xe0 => ((first as u32 & 0x1f) << 6 | cont(0), 2),
            0xe0..0xf0 => ((first as u32 & 0xf) << 12 | cont(0) << 6 | cont(1), 3),
            _ => ((first as u32 & 7) << 18 | cont(0) << 12 | cont(1) << 6 | cont(2), 4),
        };
        self.bytes = self.bytes.get(n..).unwrap_or(&[]);
        Some(c)
    }
}

impl DoubleEndedIterator for CodePoints<'_> {
    fn next_back(&mut self) -> Option<u32> {
        let start = self.bytes.iter().rposition(|b| *b & 0xc0 != 0x80)?;
        let (head, last) = self.bytes.split_at(start);
        self.bytes = head;
        CodePoints { bytes: last }.next()
    }
}

/// Number of code points in WTF-8 bytes.
pub fn count_chars(bytes: &[u8]) -> usize {
    // Chunks of at most 255 bytes are summed up in bytes, which the compiler turns into vector code.
    bytes.chunks(192).map(|c| c.iter().map(|b| (*b as i8 >= -0x40) as u8).sum::<u8>() as usize).sum()
}

/// Byte offset of code point `i` in WTF-8 bytes (their length if there are fewer).
pub fn char_offset(bytes: &[u8], i: usize) -> usize {
    let mut seen = 0;
    let mut start = 0;
    while i - seen > 256 && bytes.len() - start > 192 {
        seen += count_chars(&bytes[start..start + 192]);
        start += 192;
    }
    for (at, b) in bytes.iter().enumerate().skip(start) {
        if b & 0xc0 != 0x80 {
            if seen == i {
                return at;
            }
            seen += 1;
        }
    }
    bytes.len()
}

/// Appends a code point, surrogates included, as WTF-8. Joins a high and a low surrogate only when told by the caller:
/// Python keeps them apart, so this never does.
pub fn push_char(out: &mut Vec<u8>, c: u32) {
    match char::from_u32(c) {
        Some(ch) => out.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            out.extend_from_slice(&[0xe0 | (c >> 12) as u8, 0x80 | ((c >> 6) & 0x3f) as u8, 0x80 | (c & 0x3f) as u8])
        }
    }
}

impl Vm {
    /// A `str` of that many bytes whose bytes are to be written by `fill`, which must leave valid WTF-8 with `n_chars`
    /// code points.
    #[inline]
    fn alloc_str(&self, n_bytes: usize, n_chars: usize, ascii: bool, fill: impl FnOnce(*mut u8)) -> Value {
        assert!(n_bytes <= MAX_STR, "callers check the size");
        let ty = self.types().str;
        let size = size_of::<Header>() + size_of::<Str>() + n_bytes;
        let header = self.heap().new_object(size, Kind::Str, ty);
        // SAFETY: the block has room for header, payload and bytes; the new object's only reference is the result.
        unsafe {
            let payload = header.add(1).cast::<Str>().as_ptr();
            payload.write(Str { hash: Cell::new(0), n_bytes: n_bytes as u32, n_chars: n_chars as u32 });
            fill(payload.add(1).cast());
            if ascii {
                header.as_ref().set(flag::ASCII);
            }
            Value::from_bits(header.as_ptr() as u64)
        }
    }

    /// A `str` whose content lies elsewhere; `fill` writes the `n` bytes behind the payload.
    pub(crate) fn alloc_external_str(
        &self,
        n_bytes: usize,
        n_chars: usize,
        ascii: bool,
        n: usize,
        fill: impl FnOnce(*mut u8),
    ) -> Value {
        let size = size_of::<Header>() + size_of::<Str>() + n;
        let header = self.heap().new_object(size, Kind::Str, self.types().str);
        // SAFETY: the block has room for header, payload and what follows; the new object's only reference is the result.
        unsafe {
            let payload = header.add(1).cast::<Str>().as_ptr();
            payload.write(Str { hash: Cell::new(0), n_bytes: n_bytes as u32, n_chars: n_chars as u32 });
            fill(payload.add(1).cast());
            header.as_ref().set(if ascii { flag::ASCII | flag::EXTERNAL } else { flag::EXTERNAL });
            self.heap().note_resource(header);
            Value::from_bits(header.as_ptr() as u64)
        }
    }

    /// A `str`. Texts of one Latin-1 character and the empty text are shared.
    pub fn str(&self, text: &str) -> Value {
        self.str_wtf8(text.as_bytes())
    }

    /// A `str` from bytes that are valid WTF-8.
    pub fn str_wtf8(&self, bytes: &[u8]) -> Value {
        if bytes.len() <= 1 {
            return match bytes.first() {
                None => self.image().empty_str(),
                Some(b) => self.image().latin1_char(*b),
            };
        }
        let ascii = bytes.is_ascii();
        let n_chars = if ascii { bytes.len() } else { count_chars(bytes) };
        if n_chars == 1 && bytes.len() == 2 && bytes[0] < 0xc4 {
            return self.image().latin1_char((bytes[0] & 3) << 6 | (bytes[1] & 0x3f));
        }
        // SAFETY: the target has room for all bytes.
        self.alloc_str(bytes.len(), n_chars, ascii, |at| unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len())
        })
    }

    /// A `str` of bytes that are known to be ASCII.
    #[inline]
    pub(crate) fn str_ascii(&self, bytes: &[u8]) -> Value {
        debug_assert!(bytes.is_ascii());
        if bytes.len() <= 1 {
            return match bytes.first() {
                None => self.image().empty_str(),
                Some(b) => self.image().latin1_char(*b),
            };
        }
        // SAFETY: the target has room for all bytes.
        self.alloc_str(bytes.len(), bytes.len(), true, |at| unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len())
        })
    }

    /// A `str` of a part of `whole`'s bytes, cut at characters.
    #[inline]
    pub(crate) fn str_part(&self, whole: &Str, part: &[u8]) -> Value {
        if whole.is_ascii() { self.str_ascii(part) } else { self.str_wtf8(part) }
    }

    /// A `str` from valid WTF-8 made by a computation; `MemoryError` when it is too long.
    pub fn str_from_bytes(&self, bytes: Vec<u8>) -> crate::error::PyResult {
        self.str_from_vec(bytes)
    }

    /// A `str` from bytes made by a computation; `MemoryError` when they are too many.
    pub(crate) fn str_from_vec(&self, bytes: Vec<u8>) -> crate::error::PyResult {
        if bytes.len() > MAX_STR {
            return Err(self.memory_error());
        }
        Ok(self.str_wtf8(&bytes))
    }

    /// `value` itself if it is exactly a `str`, or the exact `str` of its text.
    pub(crate) fn exact_str(&self, value: &Value) -> Value {
        match value.downcast::<Str>() {
            Some(s) if !self.is_exact_str(value) => self.str_part(s, s.as_bytes()),
            _ => value.clone(),
        }
    }

    /// A `str` that is never one of the shared ones (to be interned in the image).
    pub(crate) fn fresh_str(&self, bytes: &[u8]) -> Value {
        let ascii = bytes.is_ascii();
        let n_chars = count_chars(bytes);
        // SAFETY: the target has room for all bytes.
        self.alloc_str(bytes.len(), n_chars, ascii, |at| unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len())
        })
    }

    /// An instance of a subclass of `str` with the text of `text`.
    pub(crate) fn str_of_type(&self, ty: &TypeObj, text: &Str) -> Value {
        let n = text.as_bytes().len();
        let header = self.new_var_object(ty, n);
        // SAFETY: the block has room for header, payload and bytes.
        unsafe {
            let payload = header.add(1).cast::<Str>().as_ptr();
            payload.write(Str { hash: text.hash.clone(), n_bytes: text.n_bytes, n_chars: text.n_chars });
            ptr::copy_nonoverlapping(text.as_bytes().as_ptr(), payload.add(1).cast(), n);
            if text.is_ascii() {
                header.as_ref().set(flag::ASCII);
            }
            self.finish_var_object(header)
        }
    }

    /// The `str` of one code point.
    pub fn char(&self, c: u32) -> Value {
        if c < 256 {
            return self.image().latin1_char(c as u8);
        }
        let mut bytes = Vec::with_capacity(4);
        push_char(&mut bytes, c);
        self.str_wtf8(&bytes)
    }

    /// The concatenation of two texts; `MemoryError` when it is too long.
    pub fn concat(&self, a: &Str, b: &Str) -> crate::error::PyResult {
        let n = a.as_bytes().len() + b.as_bytes().len();
        if n > MAX_STR {
            return Err(self.memory_error());
        }
        self.check_alloc(n)?;
        let (x, y) = (a.as_bytes(), b.as_bytes());
        // SAFETY: the target has room for both.
        Ok(self.alloc_str(n, a.len() + b.len(), a.is_ascii() && b.is_ascii(), |at| unsafe {
            ptr::copy_nonoverlapping(x.as_ptr(), at, x.len());
            ptr::copy_nonoverlapping(y.as_ptr(), at.add(x.len()), y.len());
        }))
    }

    /// The text in parts put together; `MemoryError` when it is too long.
    pub fn join_bytes(&self, parts: &[&[u8]]) -> crate::error::PyResult {
        let n: usize = parts.iter().map(|p| p.len()).sum();
        if n > MAX_STR {
            return Err(self.memory_error());
        }
        self.check_alloc(n)?;
        let ascii = parts.iter().all(|p| p.is_ascii());
        let n_chars = if ascii { n } else { parts.iter().map(|p| count_chars(p)).sum() };
        if n <= 2 {
            return Ok(self.str_wtf8(&parts.concat()));
        }
        // SAFETY: the target has room for all parts.
        Ok(self.alloc_str(n, n_chars, ascii, |mut at| unsafe {
            for part in parts {
                ptr::copy_nonoverlapping(part.as_ptr(), at, part.len());
                at = at.add(part.len());
            }
        }))
    }

    /// The interned `str` of a text: equal texts give the same object.
    pub fn intern(&self, text: &str) -> Value {
        self.intern_bytes(text.as_bytes())
    }
}
