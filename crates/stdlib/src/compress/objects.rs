//! The objects of `zlib`: what compresses and decompresses piece by piece.

use super::stream::{Settings, Stream};
use super::zlib::{dictionary, failed};
use super::{Input, Slot};
use libz_rs_sys as z;
use serpens_vm::cell::VCell;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};

/// `zlib.Compress`.
pub struct Compress(Slot<Deflating>);

struct Deflating {
    stream: Stream,
    finished: bool,
}

serpens_vm::native_payload!(Compress {});

static COMPRESS: TypeDef = TypeDef::new::<Compress>("Compress").module("zlib").flags(tflag::NO_NEW).methods(&[
    MethodDef::new("compress", "($self, data, /)", |vm, a| {
        let input = Input::new(vm, a.get(1))?;
        a.this::<Compress>().0.with(vm, |d| {
            let (out, _, code) = d.stream.run(vm, input.bytes(), z::Z_NO_FLUSH, None, None)?;
            match code {
                z::Z_OK | z::Z_BUF_ERROR => Ok(vm.bytes(&out)),
                _ => Err(failed(vm, Some(&d.stream), code, "while compressing data")),
            }
        })
    })
    .doc("Returns a bytes object containing compressed data."),
    MethodDef::new("flush", "($self, mode=4, /)", |vm, a| {
        let mode = a.opt(1).map_or(Ok(z::Z_FINISH), |v| vm.arg_i32(v))?;
        if mode == z::Z_NO_FLUSH {
            return Ok(vm.bytes(b""));
        }
        a.this::<Compress>().0.with(vm, |d| {
            if d.finished {
                return Err(failed(vm, None, z::Z_STREAM_ERROR, "while flushing"));
            }
            let (out, _, code) = d.stream.run(vm, b"", mode, None, None)?;
            match code {
                z::Z_STREAM_END => d.finished = true,
                z::Z_OK | z::Z_BUF_ERROR => {}
                _ => return Err(failed(vm, Some(&d.stream), code, "while flushing")),
            }
            Ok(vm.bytes(&out))
        })
    })
    .doc("Return a bytes object containing any remaining compressed data."),
    MethodDef::new("copy", "($self, /)", copy_compress).doc("Return a copy of the compression object."),
    MethodDef::new("__copy__", "($self, /)", copy_compress),
    MethodDef::new("__deepcopy__", "($self, memo, /)", copy_compress),
]);

fn copy_compress(vm: &Vm, a: Args<'_>) -> PyResult {
    let made = a.this::<Compress>().0.with(vm, |d| {
        if d.finished {
            return Err(vm.value_error("Inconsistent stream state"));
        }
        match d.stream.copy() {
            Ok(stream) => Ok(Deflating { stream, finished: false }),
            Err(z::Z_MEM_ERROR) => Err(vm.memory_error()),
            Err(_) => Err(vm.value_error("Inconsistent stream state")),
        }
    })?;
    Ok(vm.alloc_native(&COMPRESS, Compress(Slot::new(made))))
}

/// `compressobj(level=-1, method=DEFLATED, wbits=15, memLevel=8, strategy=0[, zdict])`
pub fn compressobj(vm: &Vm, a: Args<'_>) -> PyResult {
    let number = |i: usize, default: i32| a.opt(i).map_or(Ok(default), |v| vm.arg_i32(v));
    let settings = Settings {
        level: number(0, -1)?,
        method: number(1, 8)?,
        wbits: number(2, 15)?,
        mem_level: number(3, 8)?,
        strategy: number(4, 0)?,
    };
    let dictionary = dictionary(vm, a.opt(5))?;
    let mut stream = match Stream::deflate(&settings) {
        Ok(stream) => stream,
        Err(z::Z_MEM_ERROR) => return Err(vm.memory_error()),
        Err(z::Z_STREAM_ERROR) => return Err(vm.value_error("Invalid initialization option")),
        Err(code) => return Err(failed(vm, None, code, "while creating compression object")),
    };
    if let Some(dictionary) = dictionary
        && stream.set_dictionary(&dictionary) != z::Z_OK
    {
        return Err(vm.value_error("Invalid dictionary"));
    }
    Ok(vm.alloc_native(&COMPRESS, Compress(Slot::new(Deflating { stream, finished: false }))))
}

/// `zlib.Decompress`.
pub struct Decompress {
    stream: Slot<Stream>,
    dictionary: Vec<u8>,
    unused: VCell,
    tail: VCell,
    eof: Cell<bool>,
    /// Flushed at the end: there is nothing left to copy.
    done: Cell<bool>,
}

serpens_vm::native_payload!(Decompress {} cells { unused, tail });

static DECOMPRESS: TypeDef = TypeDef::new::<Decompress>("Decompress")
    .module("zlib")
    .flags(tflag::NO_NEW)
    .methods(&[
        MethodDef::new("decompress", "($self, data, /, max_length=0)", |vm, a| {
            let max = a.opt(2).map_or(Ok(0), |v| vm.arg_isize(v))?;
            let Ok(max) = usize::try_from(max) else {
                return Err(vm.value_error("max_length must be non-negative"));
            };
            let input = Input::new(vm, a.get(1))?;
            decompress(vm, a.this(), input.bytes(), z::Z_SYNC_FLUSH, (max > 0).then_some(max))
        })
        .doc("Return a bytes object containing the decompressed version of the data."),
        MethodDef::new("flush", "($self, length=16384, /)", |vm, a| {
            let d = a.this::<Decompress>();
            if a.opt(1).map_or(Ok(1), |v| vm.arg_isize(v))? <= 0 {
                return Err(vm.value_error("length must be greater than zero"));
            }
            let tail = d.tail.get_or_none();
            let bytes = tail.downcast::<Bytes>().map_or(&[][..], |b| b.as_bytes());
            let made = decompress(vm, d, bytes, z::Z_FINISH, None)?;
            d.done.set(d.eof.get());
            Ok(made)
        })
        .doc("Return a bytes object containing any remaining decompressed data."),
        MethodDef::new("copy", "($self, /)", copy_decompress).doc("Return a copy of the decompression object."),
        MethodDef::new("__copy__", "($self, /)", copy_decompress),
        MethodDef::new("__deepcopy__", "($self, memo, /)", copy_decompress),
    ])
    .getset(&[
        GetSetDef::new("unused_data", |_, v| Ok(this(v).unused.get_or_none())),
        GetSetDef::new("unconsumed_tail", |_, v| Ok(this(v).tail.get_or_none())),
        GetSetDef::new("eof", |_, v| Ok(Value::bool(this(v).eof.get()))),
    ]);

fn this(v: &Value) -> &Decompress {
    v.downcast::<Decompress>().expect("the descriptor has checked the receiver")
}

fn concat(vm: &Vm, cell: &VCell, rest: &[u8]) -> PyResult<()> {
    let old = cell.get_or_none();
    let old = old.downcast::<Bytes>().map_or(&[][..], |b| b.as_bytes());
    cell.set(vm.bytes_concat(&[old, rest])?);
    Ok(())
}

fn decompress(vm: &Vm, d: &Decompress, input: &[u8], flush: i32, max: Option<usize>) -> PyResult {
    let dictionary = (!d.dictionary.is_empty()).then_some(&d.dictionary[..]);
    let (out, used, code) = d.stream.with(vm, |stream| {
        if d.eof.get() {
            return Ok((Vec::new(), 0, z::Z_STREAM_END));
        }
        let (out, used, code) = stream.run(vm, input, flush, max, dictionary)?;
        match code {
            z::Z_OK | z::Z_BUF_ERROR | z::Z_STREAM_END => Ok((out, used, code)),
            code => Err(failed(vm, Some(stream), code, "while decompressing data")),
        }
    })?;
    let rest = &input[used..];
    if code == z::Z_STREAM_END {
        if !rest.is_empty() {
            concat(vm, &d.unused, rest)?;
        }
        d.tail.set(vm.bytes(b""));
        d.eof.set(true);
    } else {
        d.tail.set(vm.bytes(rest));
    }
    Ok(vm.bytes(&out))
}

fn copy_decompress(vm: &Vm, a: Args<'_>) -> PyResult {
    let d = a.this::<Decompress>();
    if d.done.get() {
        return Err(vm.value_error("Inconsistent stream state"));
    }
    let stream = d.stream.with(vm, |stream| match stream.copy() {
        Ok(stream) => Ok(stream),
        Err(z::Z_MEM_ERROR) => Err(vm.memory_error()),
        Err(_) => Err(vm.value_error("Inconsistent stream state")),
    })?;
    let payload = Decompress {
        stream: Slot::new(stream),
        dictionary: d.dictionary.clone(),
        unused: VCell::from(d.unused.get()),
        tail: VCell::from(d.tail.get()),
        eof: Cell::new(d.eof.get()),
        done: Cell::new(false),
    };
    Ok(vm.alloc_native(&DECOMPRESS, payload))
}

/// A stream that decompresses; its dictionary is set at once where the format has no place to ask for it.
fn inflating(vm: &Vm, wbits: i32, dictionary: &[u8]) -> PyResult<Stream> {
    let mut stream = match Stream::inflate(wbits) {
        Ok(stream) => stream,
        Err(z::Z_MEM_ERROR) => return Err(vm.memory_error()),
        Err(z::Z_STREAM_ERROR) => return Err(vm.value_error("Invalid initialization option")),
        Err(code) => return Err(failed(vm, None, code, "while creating decompression object")),
    };
    if wbits < 0 && !dictionary.is_empty() {
        let code = stream.set_dictionary(dictionary);
        if code != z::Z_OK {
            return Err(failed(vm, Some(&stream), code, "while setting zdict"));
        }
    }
    Ok(stream)
}

/// `decompressobj(wbits=15, zdict=b'')`
pub fn decompressobj(vm: &Vm, a: Args<'_>) -> PyResult {
    let wbits = a.opt(0).map_or(Ok(15), |v| vm.arg_i32(v))?;
    let dictionary = dictionary(vm, a.opt(1))?.unwrap_or_default();
    let stream = inflating(vm, wbits, &dictionary)?;
    let payload = Decompress {
        stream: Slot::new(stream),
        dictionary,
        unused: VCell::new(vm.bytes(b"")),
        tail: VCell::new(vm.bytes(b"")),
        eof: Cell::new(false),
        done: Cell::new(false),
    };
    Ok(vm.alloc_native(&DECOMPRESS, payload))
}

/// `zlib._ZlibDecompressor`: keeps input that a limit on the output has held back.
pub struct ZlibDecompressor {
    stream: Slot<Stream>,
    dictionary: Vec<u8>,
    pending: RefCell<Vec<u8>>,
    unused: VCell,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
}

serpens_vm::native_payload!(ZlibDecompressor {} cells { unused });

/// The type `_ZlibDecompressor`.
pub static ZLIB_DECOMPRESSOR: TypeDef = TypeDef::new::<ZlibDecompressor>("_ZlibDecompressor")
    .module("zlib")
    .doc("Create a decompressor object for decompressing data incrementally.")
    .slots(Slots { new: Some(new), ..Slots::EMPTY })
    .methods(&[MethodDef::new("decompress", "($self, data, max_length=-1)", decompress_some)
        .doc("Decompress *data*, returning uncompressed data as bytes.")])
    .getset(&[
        GetSetDef::new("eof", |_, v| Ok(Value::bool(own(v).eof.get()))),
        GetSetDef::new("unused_data", |_, v| Ok(own(v).unused.get_or_none())),
        GetSetDef::new("needs_input", |_, v| Ok(Value::bool(own(v).needs_input.get()))),
    ]);

fn own(v: &Value) -> &ZlibDecompressor {
    v.downcast::<ZlibDecompressor>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [wbits, zdict] = crate::data::bind(vm, args, "_ZlibDecompressor", ["wbits", "zdict"], 0)?;
    let wbits = wbits.map_or(Ok(15), |v| vm.arg_i32(v))?;
    let dictionary = dictionary(vm, zdict)?.unwrap_or_default();
    let stream = inflating(vm, wbits, &dictionary)?;
    let payload = ZlibDecompressor {
        stream: Slot::new(stream),
        dictionary,
        pending: RefCell::default(),
        unused: VCell::new(vm.bytes(b"")),
        eof: Cell::new(false),
        needs_input: Cell::new(true),
    };
    Ok(vm.alloc(ty, payload))
}

fn decompress_some(vm: &Vm, a: Args<'_>) -> PyResult {
    let d = a.this::<ZlibDecompressor>();
    let max = usize::try_from(a.opt(2).map_or(Ok(-1), |v| vm.arg_isize(v))?).ok();
    let given = Input::new(vm, a.get(1))?;
    let dictionary = (!d.dictionary.is_empty()).then_some(&d.dictionary[..]);
    d.stream.with(vm, |stream| {
        if d.eof.get() {
            return Err(vm.raise_text(vm.types().EOFError, "End of stream already reached"));
        }
        let mut held = d.pending.take();
        held.extend_from_slice(given.bytes());
        let (out, used, code) = stream.run(vm, &held, z::Z_SYNC_FLUSH, max, dictionary)?;
        match code {
            z::Z_OK | z::Z_BUF_ERROR => {}
            z::Z_STREAM_END => {
                d.eof.set(true);
                d.unused.set(vm.bytes(&held[used..]));
                held.clear();
            }
            code => return Err(failed(vm, Some(stream), code, "while decompressing data")),
        }
        if !d.eof.get() {
            held.drain(..used);
        }
        let full = max.is_some_and(|m| out.len() >= m);
        d.needs_input.set(!d.eof.get() && held.is_empty() && !full);
        *d.pending.borrow_mut() = held;
        Ok(vm.bytes(&out))
    })
}
