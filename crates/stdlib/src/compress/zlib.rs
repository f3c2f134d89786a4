//! `zlib`: the module's functions.

use super::objects;
use super::stream::{self, Settings, Stream};
use super::{Input, LONG};
use crate::text::exception_class;
use libz_rs_sys as z;
use serpens_state::{NativeModule, blocking};
use serpens_vm::cell::VCell;
use serpens_vm::{Args, MethodDef, PyResult, Raised, TypeObj, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("zlib")
    .doc("The functions in this module allow compression and decompression using the\nzlib library, which is based on GNU zip.")
    .functions(&[
        MethodDef::new("adler32", "(data, value=1, /)", |vm, a| sum(vm, a, 1, stream::adler32))
            .doc("Compute an Adler-32 checksum of data."),
        MethodDef::new("crc32", "(data, value=0, /)", |vm, a| sum(vm, a, 0, stream::crc32))
            .doc("Compute a CRC-32 checksum of data."),
        MethodDef::new("compress", "(data, /, level=-1, wbits=15)", compress)
            .doc("Returns a bytes object containing compressed data."),
        MethodDef::new("decompress", "(data, /, wbits=15, bufsize=16384)", decompress)
            .doc("Returns a bytes object containing the uncompressed data."),
        MethodDef::new("compressobj", "(level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=None)", objects::compressobj)
            .doc("Return a compressor object."),
        MethodDef::new("decompressobj", "(wbits=15, zdict=b'')", objects::decompressobj)
            .doc("Return a decompressor object."),
    ])
    .types(&[&objects::ZLIB_DECOMPRESSOR])
    .init(|vm, d| {
        for (name, n) in CONSTANTS {
            d.set_name(vm, name, vm.int(*n));
        }
        d.set_name(vm, "error", vm.local(State::new).error.get_or_none());
        d.set_name(vm, "ZLIB_VERSION", vm.str("1.3.1"));
        d.set_name(vm, "ZLIB_RUNTIME_VERSION", vm.str("1.3.1"));
        d.set_name(vm, "__version__", vm.str("1.0"));
        Ok(())
    });

const CONSTANTS: &[(&str, i64)] = &[
    ("MAX_WBITS", 15),
    ("DEFLATED", 8),
    ("DEF_MEM_LEVEL", 8),
    ("DEF_BUF_SIZE", 16384),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_BEST_SPEED", 1),
    ("Z_BLOCK", 5),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_FILTERED", 1),
    ("Z_FINISH", 4),
    ("Z_FIXED", 4),
    ("Z_FULL_FLUSH", 3),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_NO_COMPRESSION", 0),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_RLE", 3),
    ("Z_SYNC_FLUSH", 2),
    ("Z_TREES", 6),
];

/// The module's state in an interpreter.
struct State {
    error: VCell,
}

serpens_vm::local!(State { error });

impl State {
    fn new(vm: &Vm) -> State {
        State { error: VCell::from(exception_class(vm, "zlib", "error", vm.types().Exception).ok()) }
    }
}

/// `zlib.error(text)`.
#[cold]
pub(super) fn error(vm: &Vm, text: &str) -> Raised {
    match TypeObj::from_value(&vm.local(State::new).error.get_or_none()) {
        Some(ty) => vm.raise_text(ty, text),
        None => vm.value_error(text),
    }
}

/// The error of a code of the library, with what it says of it.
#[cold]
pub(super) fn failed(vm: &Vm, stream: Option<&Stream>, code: i32, doing: &str) -> Raised {
    let text = stream.and_then(Stream::message).or_else(|| {
        let text = match code {
            z::Z_BUF_ERROR => "incomplete or truncated stream",
            z::Z_STREAM_ERROR => "inconsistent stream state",
            z::Z_DATA_ERROR => "invalid input data",
            _ => return None,
        };
        Some(text.to_string())
    });
    match text {
        Some(text) => error(vm, &format!("Error {code} {doing}: {text}")),
        None => error(vm, &format!("Error {code} {doing}")),
    }
}

fn sum(vm: &Vm, a: Args<'_>, start: u32, f: fn(u32, &[u8]) -> u32) -> PyResult {
    let value = match a.opt(1) {
        None => start,
        Some(v) => {
            let n = vm.to_index(v)?;
            let low = serpens_vm::types::int::to_i64(&n).map(|n| n as u32);
            match low {
                Some(low) => low,
                None => {
                    let mask = vm.int(0xffff_ffff);
                    let low = vm.binary_op(serpens_vm::types::slots::BinOp::And, &n, &mask)?;
                    vm.arg_i64(&low)? as u32
                }
            }
        }
    };
    let input = Input::new(vm, a.get(0))?;
    let bytes = input.bytes();
    let n = if bytes.len() > LONG { blocking(vm, || f(value, bytes)) } else { f(value, bytes) };
    Ok(vm.int(i64::from(n)))
}

fn compress(vm: &Vm, a: Args<'_>) -> PyResult {
    let level = a.opt(1).map_or(Ok(-1), |v| vm.arg_i32(v))?;
    let wbits = a.opt(2).map_or(Ok(15), |v| vm.arg_i32(v))?;
    let input = Input::new(vm, a.get(0))?;
    let settings = Settings { level, method: 8, wbits, mem_level: 8, strategy: 0 };
    let mut stream = match Stream::deflate(&settings) {
        Ok(stream) => stream,
        Err(z::Z_MEM_ERROR) => return Err(vm.memory_error()),
        Err(z::Z_STREAM_ERROR) => return Err(error(vm, "Bad compression level")),
        Err(code) => return Err(failed(vm, None, code, "while compressing data")),
    };
    let (out, _, code) = stream.run(vm, input.bytes(), z::Z_FINISH, None, None)?;
    if code != z::Z_STREAM_END {
        return Err(failed(vm, Some(&stream), code, "while finishing compression"));
    }
    Ok(vm.bytes(&out))
}

fn decompress(vm: &Vm, a: Args<'_>) -> PyResult {
    let wbits = a.opt(1).map_or(Ok(15), |v| vm.arg_i32(v))?;
    let size = a.opt(2).map_or(Ok(1), |v| vm.arg_isize(v))?;
    if size < 0 {
        return Err(vm.value_error("bufsize must be non-negative"));
    }
    let input = Input::new(vm, a.get(0))?;
    let mut stream = match Stream::inflate(wbits) {
        Ok(stream) => stream,
        Err(z::Z_MEM_ERROR) => return Err(vm.memory_error()),
        Err(code) => return Err(failed(vm, None, code, "while preparing to decompress data")),
    };
    let (out, _, code) = stream.run(vm, input.bytes(), z::Z_SYNC_FLUSH, None, None)?;
    match code {
        z::Z_STREAM_END => Ok(vm.bytes(&out)),
        z::Z_MEM_ERROR => Err(vm.memory_error()),
        z::Z_OK | z::Z_BUF_ERROR => Err(error(vm, "Error -5 while decompressing data: incomplete or truncated stream")),
        code => Err(failed(vm, Some(&stream), code, "while decompressing data")),
    }
}

/// The dictionary argument of a constructor.
pub(super) fn dictionary(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Vec<u8>>> {
    match v {
        None => Ok(None),
        Some(v) if vm.has_buffer(v) => Ok(Some(vm.get_contiguous(v, false)?.as_bytes().to_vec())),
        Some(_) => Err(vm.type_error("zdict argument must support the buffer protocol")),
    }
}
