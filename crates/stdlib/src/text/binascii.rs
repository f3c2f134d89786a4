//! `binascii`: binary data as text: hexadecimal, base64, quoted-printable, uuencode; checksums.

use super::exception_class;
use serpens_state::NativeModule;
use serpens_vm::cell::VCell;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Raised, TypeObj, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("binascii")
    .doc("Conversion between binary data and ASCII")
    .functions(&[
        MethodDef::new("hexlify", "(data, sep=<unrepresentable>, bytes_per_sep=1)", hexlify)
            .doc("Hexadecimal representation of binary data.\n\nThe return value is a bytes object."),
        MethodDef::new("b2a_hex", "(data, sep=<unrepresentable>, bytes_per_sep=1)", hexlify)
            .doc("Hexadecimal representation of binary data.\n\nThe return value is a bytes object."),
        MethodDef::new("unhexlify", "(hexstr, /)", unhexlify).doc(
            "Binary data of hexadecimal representation.\n\nhexstr must contain an even number of hex digits (upper or lower case).",
        ),
        MethodDef::new("a2b_hex", "(hexstr, /)", unhexlify).doc(
            "Binary data of hexadecimal representation.\n\nhexstr must contain an even number of hex digits (upper or lower case).\nThis function is also available as \"unhexlify()\".",
        ),
        MethodDef::new("b2a_base64", "(data, /, *, newline=True)", b2a_base64).doc("Base64-code line of data."),
        MethodDef::new("a2b_base64", "(data, /, *, strict_mode=False)", a2b_base64).doc("Decode a line of base64 data."),
        MethodDef::new("b2a_uu", "(data, /, *, backtick=False)", b2a_uu).doc("Uuencode line of data."),
        MethodDef::new("a2b_uu", "(data, /)", a2b_uu).doc("Decode a line of uuencoded data."),
        MethodDef::new("b2a_qp", "(data, quotetabs=False, istext=True, header=False)", b2a_qp)
            .doc("Encode a string using quoted-printable encoding."),
        MethodDef::new("a2b_qp", "(data, header=False)", a2b_qp).doc("Decode a string of qp-encoded data."),
        MethodDef::new("crc32", "(data, crc=0, /)", crc32).doc("Compute CRC-32 incrementally."),
        MethodDef::new("crc_hqx", "(data, crc, /)", crc_hqx).doc("Compute CRC-CCITT incrementally."),
    ])
    .init(|vm, d: &Dict| {
        let classes = vm.local(Classes::new);
        d.set_name(vm, "Error", classes.error.get_or_none());
        d.set_name(vm, "Incomplete", classes.incomplete.get_or_none());
        Ok(())
    });

/// The exceptions of the module in an interpreter.
struct Classes {
    error: VCell,
    incomplete: VCell,
}

serpens_vm::local!(Classes { error, incomplete });

impl Classes {
    fn new(vm: &Vm) -> Classes {
        Classes {
            error: VCell::from(exception_class(vm, "binascii", "Error", vm.types().ValueError).ok()),
            incomplete: VCell::from(exception_class(vm, "binascii", "Incomplete", vm.types().Exception).ok()),
        }
    }
}

#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    let class = vm.local(Classes::new).error.get_or_none();
    match TypeObj::from_value(&class) {
        Some(ty) => vm.raise_text(ty, message),
        None => vm.value_error(message),
    }
}

/// The bytes of a bytes-like argument.
fn data(vm: &Vm, v: &Value) -> PyResult<Vec<u8>> {
    Ok(vm.get_buffer(v, false)?.to_vec())
}

/// The bytes of a bytes-like argument or of ASCII text.
fn ascii_data(vm: &Vm, v: &Value) -> PyResult<Vec<u8>> {
    match v.downcast::<Str>() {
        Some(s) if s.is_ascii() => Ok(s.as_bytes().to_vec()),
        Some(_) => Err(vm.value_error("string argument should contain only ASCII characters")),
        None if vm.has_buffer(v) => data(vm, v),
        None => Err(
            vm.type_error(&format!("argument should be bytes, buffer or ASCII string, not '{}'", vm.type_of(v).name()))
        ),
    }
}

fn flag(vm: &Vm, v: Option<&Value>, default: bool) -> PyResult<bool> {
    v.map_or(Ok(default), |v| vm.truthy(v))
}

fn hexlify(vm: &Vm, a: Args<'_>) -> PyResult {
    let bytes = vm.bytes(&data(vm, a.get(0))?);
    let mut args = Vec::new();
    args.extend(a.opt(1).cloned());
    args.extend(a.opt(2).filter(|_| a.opt(1).is_some()).cloned());
    let text = vm.call_method_str(&bytes, "hex", &args)?;
    Ok(vm.bytes(text.downcast::<Str>().map_or(b"", Str::as_bytes)))
}

fn unhexlify(vm: &Vm, a: Args<'_>) -> PyResult {
    let text = ascii_data(vm, a.get(0))?;
    if text.len() % 2 != 0 {
        return Err(error(vm, "Odd-length string"));
    }
    let digit = |b: u8| (b as char).to_digit(16);
    let pairs: Option<Vec<u8>> = text.chunks_exact(2).map(|p| Some((digit(p[0])? << 4 | digit(p[1])?) as u8)).collect();
    match pairs {
        Some(bytes) => Ok(vm.bytes(&bytes)),
        None => Err(error(vm, "Non-hexadecimal digit found")),
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn b2a_base64(vm: &Vm, a: Args<'_>) -> PyResult {
    let input = data(vm, a.get(0))?;
    let newline = flag(vm, a.opt(1), true)?;
    vm.check_alloc(input.len() / 3 * 4 + 5)?;
    let mut out = Vec::with_capacity(input.len() / 3 * 4 + 5);
    for chunk in input.chunks(3) {
        let word = (chunk[0] as u32) << 16
            | (chunk.get(1).copied().unwrap_or(0) as u32) << 8
            | chunk.get(2).copied().unwrap_or(0) as u32;
        for i in 0..4 {
            let c = if i > chunk.len() { b'=' } else { BASE64[(word >> (18 - 6 * i)) as usize & 63] };
            out.push(c);
        }
    }
    if newline {
        out.push(b'\n');
    }
    Ok(vm.bytes(&out))
}

fn a2b_base64(vm: &Vm, a: Args<'_>) -> PyResult {
    let input = ascii_data(vm, a.get(0))?;
    let strict = flag(vm, a.opt(1), false)?;
    let mut table = [255u8; 256];
    for (i, c) in BASE64.iter().enumerate() {
        table[*c as usize] = i as u8;
    }
    if strict && input.first() == Some(&b'=') {
        return Err(error(vm, "Leading padding not allowed"));
    }
    let mut out = Vec::with_capacity(input.len() / 4 * 3 + 3);
    let (mut quad, mut pads, mut left) = (0, 0, 0u8);
    let mut padding_started = false;
    for (i, c) in input.iter().enumerate() {
        if *c == b'=' {
            padding_started = true;
            if strict && quad == 0 {
                let message = if i == 0 { "Leading padding not allowed" } else { "Excess data after padding" };
                return Err(error(vm, message));
            }
            pads += 1;
            if quad >= 2 && quad + pads >= 4 {
                if strict && i + 1 < input.len() {
                    return Err(error(vm, "Excess data after padding"));
                }
                return Ok(vm.bytes(&out));
            }
            continue;
        }
        let v = table[*c as usize];
        if v == 255 {
            if strict {
                return Err(error(vm, "Only base64 data is allowed"));
            }
            continue;
        }
        if strict && padding_started {
            return Err(error(vm, "Discontinuous padding not allowed"));
        }
        pads = 0;
        match quad {
            0 => left = v,
            1 => {
                out.push(left << 2 | v >> 4);
                left = v & 15;
            }
            2 => {
                out.push(left << 4 | v >> 2);
                left = v & 3;
            }
            _ => out.push(left << 6 | v),
        }
        quad = (quad + 1) % 4;
    }
    match quad {
        0 => Ok(vm.bytes(&out)),
        1 => Err(error(
            vm,
            &format!(
                "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
                out.len() / 3 * 4 + 1
            ),
        )),
        _ => Err(error(vm, "Incorrect padding")),
    }
}

fn b2a_uu(vm: &Vm, a: Args<'_>) -> PyResult {
    let input = data(vm, a.get(0))?;
    let backtick = flag(vm, a.opt(1), false)?;
    if input.len() > 45 {
        return Err(error(vm, "At most 45 bytes at once"));
    }
    let digit = |v: u32| if backtick && v == 0 { b'`' } else { v as u8 + b' ' };
    let mut out = vec![digit(input.len() as u32)];
    for chunk in input.chunks(3) {
        let word = (chunk[0] as u32) << 16
            | (chunk.get(1).copied().unwrap_or(0) as u32) << 8
            | chunk.get(2).copied().unwrap_or(0) as u32;
        (0..4).for_each(|i| out.push(digit(word >> (18 - 6 * i) & 63)));
    }
    out.push(b'\n');
    Ok(vm.bytes(&out))
}

fn a2b_uu(vm: &Vm, a: Args<'_>) -> PyResult {
    let input = ascii_data(vm, a.get(0))?;
    let Some((first, rest)) = input.split_first() else { return Ok(vm.bytes(&[0; 32])) };
    let wanted = (first.wrapping_sub(b' ') & 63) as usize;
    let mut out = Vec::with_capacity(wanted);
    let mut at = rest.iter();
    let (mut bits, mut n_bits) = (0u32, 0);
    while out.len() < wanted {
        let v = match at.next() {
            None | Some(b'\n' | b'\r') => 0,
            Some(c @ b' '..=b'`') => (c - b' ') as u32 & 63,
            Some(_) => return Err(error(vm, "Illegal char")),
        };
        bits = bits << 6 | v;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            out.push((bits >> n_bits) as u8);
            bits &= (1 << n_bits) - 1;
        }
    }
    for c in at {
        if !matches!(c, b' ' | b'`' | b'\n' | b'\r') {
            return Err(error(vm, "Trailing garbage"));
        }
    }
    Ok(vm.bytes(&out))
}

fn b2a_qp(vm: &Vm, a: Args<'_>) -> PyResult {
    let input = data(vm, a.get(0))?;
    let (quotetabs, istext, header) =
        (flag(vm, a.opt(1), false)?, flag(vm, a.opt(2), true)?, flag(vm, a.opt(3), false)?);
    const MAX_LINE: usize = 76;
    let crlf = input.iter().position(|b| *b == b'\n').is_some_and(|i| i > 0 && input[i - 1] == b'\r');
    let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let hex = |out: &mut Vec<u8>, b: u8| out.extend_from_slice(format!("={b:02X}").as_bytes());
    let mut out = Vec::new();
    let (mut i, mut line) = (0, 0);
    while i < input.len() {
        let c = input[i];
        let next = input.get(i + 1).copied();
        let at_line_end =
            next.is_none() || next == Some(b'\n') || (next == Some(b'\r') && input.get(i + 2) == Some(&b'\n'));
        let quoted = c > 126
            || c == b'='
            || (header && c == b'_')
            || (c == b'.' && line == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0)))
            || (!istext && (c == b'\r' || c == b'\n'))
            || ((c == b'\t' || c == b' ') && next.is_none())
            || (c < 33 && !matches!(c, b'\r' | b'\n' | b'\t' | b' '))
            || (c < 33 && c != b'\r' && c != b'\n' && (quotetabs || (c != b'\t' && c != b' ')));
        if quoted {
            if line + 3 >= MAX_LINE {
                out.push(b'=');
                out.extend_from_slice(end);
                line = 0;
            }
            hex(&mut out, c);
            line += 3;
            i += 1;
            continue;
        }
        if istext && (c == b'\n' || (c == b'\r' && next == Some(b'\n'))) {
            if let Some(last @ (b' ' | b'\t')) = out.last().copied() {
                out.pop();
                hex(&mut out, last);
            }
            out.extend_from_slice(end);
            i += if c == b'\r' { 2 } else { 1 };
            line = 0;
            continue;
        }
        if !at_line_end && line + 1 >= MAX_LINE {
            out.push(b'=');
            out.extend_from_slice(end);
            line = 0;
        }
        out.push(if header && c == b' ' { b'_' } else { c });
        line += 1;
        i += 1;
    }
    Ok(vm.bytes(&out))
}

fn a2b_qp(vm: &Vm, a: Args<'_>) -> PyResult {
    let input = ascii_data(vm, a.get(0))?;
    let header = flag(vm, a.opt(1), false)?;
    let digit = |i: usize| input.get(i).and_then(|b| (*b as char).to_digit(16));
    let mut out = Vec::with_capacity(input.len());
    let mut i = 0;
    while i < input.len() {
        match input[i] {
            b'=' => {
                i += 1;
                match input.get(i) {
                    None => break,
                    Some(b'\n' | b'\r') => {
                        while i < input.len() && input[i] != b'\n' {
                            i += 1;
                        }
                        i += 1;
                    }
                    Some(b'=') => {
                        out.push(b'=');
                        i += 1;
                    }
                    Some(_) => match (digit(i), digit(i + 1)) {
                        (Some(h), Some(l)) => {
                            out.push((h << 4 | l) as u8);
                            i += 2;
                        }
                        _ => out.push(b'='),
                    },
                }
            }
            b'_' if header => {
                out.push(b' ');
                i += 1;
            }
            c => {
                out.push(c);
                i += 1;
            }
        }
    }
    Ok(vm.bytes(&out))
}

fn crc32(vm: &Vm, a: Args<'_>) -> PyResult {
    let input = vm.get_contiguous(a.get(0), false)?;
    let start = match a.opt(1) {
        Some(v) => mask32(vm, v)?,
        None => 0,
    };
    let mut hasher = crc32fast::Hasher::new_with_initial(start);
    hasher.update(input.as_bytes());
    Ok(vm.int(hasher.finalize() as i64))
}

/// The low 32 bits of an integer.
fn mask32(vm: &Vm, v: &Value) -> PyResult<u32> {
    let masked = vm.binary_op(serpens_vm::types::slots::BinOp::And, &vm.to_index(v)?, &vm.int(0xffff_ffff))?;
    Ok(masked.as_small_int().unwrap_or(0) as u32)
}

fn crc_hqx(vm: &Vm, a: Args<'_>) -> PyResult {
    let input = data(vm, a.get(0))?;
    let mut crc = mask32(vm, a.get(1))? & 0xffff;
    for b in input {
        crc ^= (b as u32) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 } & 0xffff;
        }
    }
    Ok(Value::int_unchecked(crc as i64))
}
