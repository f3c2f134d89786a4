//! `_bz2`: the objects of module `bz2`.
//!
//! Invariant: as for zlib's streams: each is ended in its direction, and points to nothing between calls.
#![expect(unsafe_code, reason = "an interface made for C")]

use super::{Input, LONG, MAX_PIECE, PIECE, Slot};
use libbz2_rs_sys as bz;
use serpens_state::{NativeModule, blocking};
use serpens_vm::cell::VCell;
use serpens_vm::types::slots::Slots;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};
use std::mem::MaybeUninit;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_bz2").types(&[&COMPRESSOR, &DECOMPRESSOR]);

struct Stream {
    bz: Box<bz::bz_stream>,
    compresses: bool,
}

// SAFETY: a stream owns all it points to; nothing in it is bound to a thread.
unsafe impl Send for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream was initialised in that direction.
        unsafe {
            if self.compresses {
                bz::BZ2_bzCompressEnd(&mut *self.bz)
            } else {
                bz::BZ2_bzDecompressEnd(&mut *self.bz)
            };
        }
    }
}

fn blank() -> Box<bz::bz_stream> {
    // SAFETY: zeroes are a stream that is to be initialised with the default allocator.
    Box::new(unsafe { MaybeUninit::zeroed().assume_init() })
}

#[cold]
fn failed(vm: &Vm, code: i32) -> Raised {
    let t = vm.types();
    match code {
        bz::BZ_PARAM_ERROR => vm.value_error("Internal error - invalid parameters passed to libbzip2"),
        bz::BZ_MEM_ERROR => vm.memory_error(),
        bz::BZ_DATA_ERROR | bz::BZ_DATA_ERROR_MAGIC => vm.raise_text(t.OSError, "Invalid data stream"),
        bz::BZ_IO_ERROR => vm.raise_text(t.OSError, "Unknown I/O error"),
        bz::BZ_UNEXPECTED_EOF => {
            vm.raise_text(t.EOFError, "Compressed file ended before the logical end-of-stream was detected")
        }
        bz::BZ_SEQUENCE_ERROR => vm.runtime_error("Internal error - Invalid sequence of commands sent to libbzip2"),
        _ => vm.raise_text(t.OSError, &format!("Unrecognized error from libbzip2: {code}")),
    }
}

impl Stream {
    fn compressing(vm: &Vm, level: i32) -> PyResult<Stream> {
        let mut stream = blank();
        // SAFETY: the stream is blank.
        match unsafe { bz::BZ2_bzCompressInit(&mut *stream, level, 0, 0) } {
            bz::BZ_OK => Ok(Stream { bz: stream, compresses: true }),
            code => Err(failed(vm, code)),
        }
    }

    fn decompressing(vm: &Vm) -> PyResult<Stream> {
        let mut stream = blank();
        // SAFETY: the stream is blank.
        match unsafe { bz::BZ2_bzDecompressInit(&mut *stream, 0, 0) } {
            bz::BZ_OK => Ok(Stream { bz: stream, compresses: false }),
            code => Err(failed(vm, code)),
        }
    }

    fn step(&mut self, input: &[u8], out: &mut [MaybeUninit<u8>], action: i32) -> (usize, usize, i32) {
        let (n_in, n_out) = (input.len().min(u32::MAX as usize), out.len().min(u32::MAX as usize));
        self.bz.next_in = input.as_ptr().cast_mut().cast();
        self.bz.avail_in = n_in as u32;
        self.bz.next_out = out.as_mut_ptr().cast();
        self.bz.avail_out = n_out as u32;
        // SAFETY: the stream was initialised in that direction; input and output have the lengths given.
        let code = unsafe {
            if self.compresses {
                bz::BZ2_bzCompress(&mut *self.bz, action)
            } else {
                bz::BZ2_bzDecompress(&mut *self.bz)
            }
        };
        (n_in - self.bz.avail_in as usize, n_out - self.bz.avail_out as usize, code)
    }

    /// Feeds input until it is used up and no output is held back, the stream ends, or `max` bytes of output are made:
    /// the output, how much of the input was used, and whether the stream has ended.
    fn run(&mut self, vm: &Vm, input: &[u8], action: i32, max: Option<usize>) -> PyResult<(Vec<u8>, usize, bool)> {
        let (mut out, mut used, mut piece): (Vec<u8>, usize, usize) = (Vec::new(), 0, PIECE);
        loop {
            if self.compresses && action == bz::BZ_RUN && used == input.len() {
                return Ok((out, used, false));
            }
            let room = piece.min(max.map_or(usize::MAX, |m| m - out.len()));
            if room == 0 {
                return Ok((out, used, false));
            }
            vm.check_alloc(out.len() + room)?;
            out.reserve(room);
            let rest = &input[used..];
            let space = &mut out.spare_capacity_mut()[..room];
            let (n_in, n_out, code) = match rest.len().max(room) > LONG {
                true => blocking(vm, || self.step(rest, space, action)),
                false => self.step(rest, space, action),
            };
            // SAFETY: the library has written that many bytes.
            unsafe { out.set_len(out.len() + n_out) };
            used += n_in;
            match code {
                bz::BZ_STREAM_END => return Ok((out, used, true)),
                bz::BZ_OK | bz::BZ_RUN_OK | bz::BZ_FLUSH_OK | bz::BZ_FINISH_OK => {}
                code => return Err(failed(vm, code)),
            }
            let full = n_out == room;
            if !self.compresses && (max.is_some_and(|m| out.len() >= m) || (!full && used == input.len())) {
                return Ok((out, used, false));
            }
            if full {
                piece = (piece * 2).min(MAX_PIECE);
            }
        }
    }
}

/// `_bz2.BZ2Compressor`.
pub struct Compressor {
    stream: Slot<Stream>,
    flushed: Cell<bool>,
}

serpens_vm::native_payload!(Compressor {});

static COMPRESSOR: TypeDef = TypeDef::new::<Compressor>("BZ2Compressor")
    .module("_bz2")
    .doc("Create a compressor object for compressing data incrementally.")
    .basetype()
    .slots(Slots { new: Some(new_compressor), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("compress", "($self, data, /)", |vm, a| {
            let c = a.this::<Compressor>();
            let input = Input::new(vm, a.get(1))?;
            if c.flushed.get() {
                return Err(vm.value_error("Compressor has been flushed"));
            }
            c.stream.with(vm, |s| Ok(vm.bytes(&s.run(vm, input.bytes(), bz::BZ_RUN, None)?.0)))
        })
        .doc("Provide data to the compressor object."),
        MethodDef::new("flush", "($self, /)", |vm, a| {
            let c = a.this::<Compressor>();
            if c.flushed.replace(true) {
                return Err(vm.value_error("Repeated call to flush()"));
            }
            c.stream.with(vm, |s| Ok(vm.bytes(&s.run(vm, b"", bz::BZ_FINISH, None)?.0)))
        })
        .doc("Finish the compression process."),
    ]);

fn new_compressor(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [level] = crate::data::bind(vm, args, "BZ2Compressor", [""], 0)?;
    let level = level.map_or(Ok(9), |v| vm.arg_i32(v))?;
    if !(1..=9).contains(&level) {
        return Err(vm.value_error("compresslevel must be between 1 and 9"));
    }
    let stream = Slot::new(Stream::compressing(vm, level)?);
    Ok(vm.alloc(ty, Compressor { stream, flushed: Cell::new(false) }))
}

/// `_bz2.BZ2Decompressor`.
pub struct Decompressor {
    stream: Slot<Stream>,
    pending: RefCell<Vec<u8>>,
    unused: VCell,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
    /// An error has left the library's state unusable.
    broken: Cell<bool>,
}

serpens_vm::native_payload!(Decompressor {} cells { unused });

static DECOMPRESSOR: TypeDef = TypeDef::new::<Decompressor>("BZ2Decompressor")
    .module("_bz2")
    .doc("Create a decompressor object for decompressing data incrementally.")
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [] = crate::data::bind(vm, args, "BZ2Decompressor", [], 0)?;
            let payload = Decompressor {
                stream: Slot::new(Stream::decompressing(vm)?),
                pending: RefCell::default(),
                unused: VCell::new(vm.bytes(b"")),
                eof: Cell::new(false),
                needs_input: Cell::new(true),
                broken: Cell::new(false),
            };
            Ok(vm.alloc(ty, payload))
        }),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("decompress", "($self, data, max_length=-1)", decompress)
        .doc("Decompress *data*, returning uncompressed data as bytes.")])
    .getset(&[
        GetSetDef::new("eof", |_, v| Ok(Value::bool(this(v).eof.get()))),
        GetSetDef::new("unused_data", |_, v| Ok(this(v).unused.get_or_none())),
        GetSetDef::new("needs_input", |_, v| Ok(Value::bool(this(v).needs_input.get()))),
    ]);

fn this(v: &Value) -> &Decompressor {
    v.downcast::<Decompressor>().expect("the descriptor has checked the receiver")
}

fn decompress(vm: &Vm, a: Args<'_>) -> PyResult {
    let d = a.this::<Decompressor>();
    let max = usize::try_from(a.opt(2).map_or(Ok(-1), |v| vm.arg_isize(v))?).ok();
    let given = Input::new(vm, a.get(1))?;
    d.stream.with(vm, |stream| {
        if d.eof.get() {
            return Err(vm.raise_text(vm.types().EOFError, "End of stream already reached"));
        }
        if d.broken.get() {
            return Err(vm.value_error("Decompressor is unusable after a previous error"));
        }
        let mut held = d.pending.take();
        held.extend_from_slice(given.bytes());
        let broken = |_: &Raised| {
            d.needs_input.set(false);
            d.broken.set(true);
        };
        let (out, used, ended) = stream.run(vm, &held, 0, max).inspect_err(broken)?;
        if ended {
            d.eof.set(true);
            d.unused.set(vm.bytes(&held[used..]));
            held.clear();
        } else {
            held.drain(..used);
        }
        let full = max.is_some_and(|m| out.len() >= m);
        d.needs_input.set(!ended && held.is_empty() && !full);
        *d.pending.borrow_mut() = held;
        Ok(vm.bytes(&out))
    })
}
