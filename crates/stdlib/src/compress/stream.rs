//! zlib's streams behind a safe face.
//!
//! Invariant: a stream was initialised for one direction, and is ended in that direction when dropped; it has no pointers
//! into input or output between calls.
#![expect(unsafe_code, reason = "an interface made for C")]

use super::{LONG, MAX_PIECE, PIECE};
use libz_rs_sys as z;
use serpens_state::blocking;
use serpens_vm::{PyResult, Vm};
use std::ffi::{CStr, c_int};
use std::mem::MaybeUninit;

/// How hard and in which form to compress.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "named as in zlib")]
pub struct Settings {
    pub level: i32,
    pub method: i32,
    pub wbits: i32,
    pub mem_level: i32,
    pub strategy: i32,
}

/// A stream that compresses or decompresses.
pub struct Stream {
    z: Box<z::z_stream>,
    deflates: bool,
}

// SAFETY: a stream owns all it points to; nothing in it is bound to a thread.
unsafe impl Send for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream was initialised in that direction.
        unsafe {
            if self.deflates {
                z::deflateEnd(&mut *self.z)
            } else {
                z::inflateEnd(&mut *self.z)
            };
        }
    }
}

fn blank() -> Box<z::z_stream> {
    // SAFETY: zeroes are a stream that is to be initialised with the default allocator.
    Box::new(unsafe { MaybeUninit::zeroed().assume_init() })
}

const SIZE: c_int = size_of::<z::z_stream>() as c_int;

impl Stream {
    /// A stream that compresses; zlib's error code if the settings make no sense.
    pub fn deflate(s: &Settings) -> Result<Stream, i32> {
        let mut stream = blank();
        // SAFETY: the stream is blank; version and size are the library's own.
        let code = unsafe {
            z::deflateInit2_(&mut *stream, s.level, s.method, s.wbits, s.mem_level, s.strategy, z::zlibVersion(), SIZE)
        };
        if code == z::Z_OK { Ok(Stream { z: stream, deflates: true }) } else { Err(code) }
    }

    /// A stream that decompresses.
    pub fn inflate(wbits: i32) -> Result<Stream, i32> {
        let mut stream = blank();
        // SAFETY: as above.
        let code = unsafe { z::inflateInit2_(&mut *stream, wbits, z::zlibVersion(), SIZE) };
        if code == z::Z_OK { Ok(Stream { z: stream, deflates: false }) } else { Err(code) }
    }

    /// Sets the dictionary; zlib's code.
    pub fn set_dictionary(&mut self, bytes: &[u8]) -> i32 {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        // SAFETY: the stream was initialised in that direction; the dictionary is readable for its length.
        unsafe {
            if self.deflates {
                z::deflateSetDictionary(&mut *self.z, bytes.as_ptr(), len)
            } else {
                z::inflateSetDictionary(&mut *self.z, bytes.as_ptr(), len)
            }
        }
    }

    /// A copy in the same state.
    pub fn copy(&mut self) -> Result<Stream, i32> {
        let mut made = blank();
        // The library wants to see memory, and does not touch it.
        let mut byte = 0u8;
        self.z.next_in = &raw const byte;
        self.z.next_out = &raw mut byte;
        // SAFETY: the source was initialised in that direction; the target is blank.
        let code = unsafe {
            if self.deflates { z::deflateCopy(&mut *made, &mut *self.z) } else { z::inflateCopy(&mut *made, &*self.z) }
        };
        for stream in [&mut self.z, &mut made] {
            stream.next_in = std::ptr::null();
            stream.next_out = std::ptr::null_mut();
        }
        if code == z::Z_OK { Ok(Stream { z: made, deflates: self.deflates }) } else { Err(code) }
    }

    /// The text of the last error.
    pub fn message(&self) -> Option<String> {
        if self.z.msg.is_null() {
            return None;
        }
        // SAFETY: messages of the library are static and end with a zero.
        Some(unsafe { CStr::from_ptr(self.z.msg) }.to_string_lossy().into_owned())
    }

    /// One call: how much of the input it has used, how much output it has made, and the code.
    fn step(&mut self, input: &[u8], out: &mut [MaybeUninit<u8>], flush: i32) -> (usize, usize, i32) {
        let (n_in, n_out) = (input.len().min(u32::MAX as usize), out.len().min(u32::MAX as usize));
        self.z.next_in = input.as_ptr();
        self.z.avail_in = n_in as u32;
        self.z.next_out = out.as_mut_ptr().cast();
        self.z.avail_out = n_out as u32;
        // SAFETY: the stream was initialised in that direction; input and output have the lengths given.
        let code =
            unsafe { if self.deflates { z::deflate(&mut *self.z, flush) } else { z::inflate(&mut *self.z, flush) } };
        let used = (n_in - self.z.avail_in as usize, n_out - self.z.avail_out as usize, code);
        self.z.next_in = std::ptr::null();
        self.z.next_out = std::ptr::null_mut();
        used
    }

    /// Feeds input until it is used up and no output is held back, the stream ends, or `max` bytes of output are made:
    /// the output, how much of the input was used, and the last code.
    pub fn run(
        &mut self,
        vm: &Vm,
        input: &[u8],
        flush: i32,
        max: Option<usize>,
        dictionary: Option<&[u8]>,
    ) -> PyResult<(Vec<u8>, usize, i32)> {
        let (mut out, mut used, mut piece): (Vec<u8>, usize, usize) = (Vec::new(), 0, PIECE);
        loop {
            let room = piece.min(max.map_or(usize::MAX, |m| m - out.len()));
            vm.check_alloc(out.len() + room)?;
            out.reserve(room);
            let rest = &input[used..];
            // Only the last part of a huge input ends it.
            let flush = if rest.len() > u32::MAX as usize { z::Z_NO_FLUSH } else { flush };
            let space = &mut out.spare_capacity_mut()[..room];
            let (n_in, n_out, code) = match rest.len().max(room) > LONG {
                true => blocking(vm, || self.step(rest, space, flush)),
                false => self.step(rest, space, flush),
            };
            // SAFETY: the library has written that many bytes.
            unsafe { out.set_len(out.len() + n_out) };
            used += n_in;
            if code == z::Z_NEED_DICT
                && let Some(dictionary) = dictionary
            {
                match self.set_dictionary(dictionary) {
                    z::Z_OK => continue,
                    code => return Ok((out, used, code)),
                }
            }
            let full = n_out == room;
            let over = max.is_some_and(|m| out.len() >= m);
            if !matches!(code, z::Z_OK | z::Z_BUF_ERROR) || over || (!full && used == input.len()) {
                return Ok((out, used, code));
            }
            if n_in == 0 && n_out == 0 {
                return Ok((out, used, code));
            }
            if full {
                piece = (piece * 2).min(MAX_PIECE);
            }
        }
    }
}

/// `adler32`, continued from `value`.
pub fn adler32(value: u32, bytes: &[u8]) -> u32 {
    // SAFETY: the bytes are readable for their length.
    unsafe { z::adler32_z(value.into(), bytes.as_ptr(), bytes.len()) as u32 }
}

/// `crc32`, continued from `value`.
pub fn crc32(value: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(value);
    hasher.update(bytes);
    hasher.finalize()
}
