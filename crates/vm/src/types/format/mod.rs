//! `format(value, spec)` of numbers and text: the format-specification mini-language.
//!
//! Rooms: this file dispatches; [`spec`] reads specifications; [`number`] puts sign, digits, groups and padding together;
//! [`float`] makes text of doubles (printf-style formatting uses it too).

pub mod float;
pub mod number;
pub mod spec;

use crate::error::{PyResult, Raised};
use crate::types::complex::as_pair;
use crate::types::float::as_f64;
use crate::types::int::{IntRef, convert, text};
use crate::types::str::{Str, push_char};
use crate::value::Value;
use crate::vm::Vm;
use float::Flags;
use number::Field;
use spec::Spec;

/// `value.__format__(spec)` of a number.
pub fn dunder_format(vm: &Vm, value: &Value, spec: &Value) -> PyResult {
    let Some(spec) = spec.downcast::<Str>() else {
        let name = vm.arg_type_name(spec);
        return Err(vm.type_error(&format!("__format__() argument must be str, not {name}")));
    };
    format_number(vm, value, spec)
}

/// A number by a specification.
pub fn format_number(vm: &Vm, value: &Value, spec: &Str) -> PyResult {
    if spec.is_empty() {
        return vm.str_of(value);
    }
    if let Some(i) = IntRef::of(value) {
        // The commonest specification of all.
        if spec.as_bytes() == b"d"
            && let IntRef::Small(i) = i
        {
            return Ok(vm.str_wtf8(text::Decimal::new(i).as_bytes()));
        }
        let spec = Spec::parse(vm, spec, value, b'd', b'>')?;
        return match spec.ty {
            b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%' => format_double(vm, convert::to_f64(vm, i)?, &spec, value),
            _ => format_int(vm, i, &spec, value),
        };
    }
    if let Some(d) = as_f64(value) {
        // `.2f` and the like.
        if let [b'.', p @ b'0'..=b'9', b'f'] = spec.as_bytes()
            && d.is_finite()
        {
            return Ok(vm.str(&format!("{d:.*}", (*p - b'0') as usize)));
        }
        return format_double(vm, d, &Spec::parse(vm, spec, value, 0, b'>')?, value);
    }
    match as_pair(value) {
        Some(c) => format_complex(vm, c, &Spec::parse(vm, spec, value, 0, b'>')?, value),
        None => Err(vm.type_error("a number is required")),
    }
}

/// A `str` by a specification.
pub fn format_str(vm: &Vm, value: &Value, spec: &Str) -> PyResult {
    let Some(s) = value.downcast::<Str>() else { return Err(vm.type_error("a str is required")) };
    if spec.is_empty() {
        return vm.str_of(value);
    }
    let spec = Spec::parse(vm, spec, value, b's', b'<')?;
    if spec.ty != b's' {
        return Err(unknown_code(vm, spec.raw_ty, value));
    }
    let refuse = |what: &str| Err(vm.value_error(&format!("{what} not allowed in string format specifier")));
    match spec.sign {
        0 => {}
        b' ' => return refuse("Space"),
        _ => return refuse("Sign"),
    }
    if spec.no_neg_0 {
        return refuse("Negative zero coercion (z)");
    }
    if spec.alt {
        return refuse("Alternate form (#)");
    }
    if spec.align == b'=' {
        return refuse("'=' alignment");
    }
    let len = spec.precision.map_or(s.len(), |p| p.min(s.len()));
    let bytes = &s.as_bytes()[..s.offset(len)];
    pad(vm, bytes, len, &spec)
}

/// Longest padding and precision.
const MAX_LENGTH: usize = 1 << 30;

/// Checks a width or precision before text of that length is made.
fn check_length(vm: &Vm, n: usize) -> PyResult<()> {
    if n > MAX_LENGTH {
        return Err(vm.memory_error());
    }
    vm.check_alloc(n * 4)
}

/// `bytes`, which has `len` characters, padded to the width.
fn pad(vm: &Vm, bytes: &[u8], len: usize, spec: &Spec) -> PyResult {
    let missing = spec.width.saturating_sub(len);
    if missing == 0 {
        return Ok(vm.str_wtf8(bytes));
    }
    check_length(vm, missing)?;
    let left = match spec.align {
        b'<' => 0,
        b'^' => missing / 2,
        _ => missing,
    };
    let mut out = Vec::with_capacity(bytes.len() + missing);
    (0..left).for_each(|_| push_char(&mut out, spec.fill));
    out.extend_from_slice(bytes);
    (left..missing).for_each(|_| push_char(&mut out, spec.fill));
    vm.join_bytes(&[&out])
}

#[cold]
fn unknown_code(vm: &Vm, code: u32, value: &Value) -> Raised {
    let name = vm.type_of(value).name();
    vm.value_error(&match code {
        33..128 => format!("Unknown format code '{}' for object of type '{name}'", code as u8 as char),
        _ => format!("Unknown format code '\\x{code:x}' for object of type '{name}'"),
    })
}

fn format_int(vm: &Vm, value: IntRef<'_>, spec: &Spec, object: &Value) -> PyResult {
    if !matches!(spec.ty, b'b' | b'c' | b'd' | b'o' | b'x' | b'X' | b'n') {
        return Err(unknown_code(vm, spec.raw_ty, object));
    }
    if spec.precision.is_some() {
        return Err(vm.value_error("Precision not allowed in integer format specifier"));
    }
    if spec.no_neg_0 {
        return Err(vm.value_error("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    if spec.ty == b'c' {
        return format_char(vm, value, spec);
    }
    let (prefix, text): (&[u8], Vec<u8>) = match (spec.ty, value) {
        (b'd' | b'n', IntRef::Small(i)) => (b"", text::Decimal::new(i).as_bytes().to_vec()),
        (b'd' | b'n', i) => (b"", text::decimal_string(vm, i)?.into_bytes()),
        (ty, i) => {
            let (prefix, radix): (&[u8], u32) = match ty {
                b'b' => (b"0b", 2),
                b'o' => (b"0o", 8),
                b'X' => (b"0X", 16),
                _ => (b"0x", 16),
            };
            (prefix, digits_in(i, radix, ty == b'X'))
        }
    };
    let (negative, digits) = match text.as_slice() {
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    };
    let field = Field { negative, prefix: if spec.alt { prefix } else { b"" }, whole: digits, ..Field::default() };
    field.render(vm, spec)
}

/// An integer in base 2, 8 or 16, with a minus sign if it is negative.
pub fn digits_in(value: IntRef<'_>, radix: u32, upper: bool) -> Vec<u8> {
    let mut digits = match value {
        IntRef::Small(i) => {
            let sign = if i < 0 { "-" } else { "" };
            let n = i.unsigned_abs();
            match radix {
                2 => format!("{sign}{n:b}"),
                8 => format!("{sign}{n:o}"),
                _ => format!("{sign}{n:x}"),
            }
        }
        IntRef::Big(b) => b.in_radix(radix as u8).to_string(),
    };
    if upper {
        digits.make_ascii_uppercase();
    }
    digits.into_bytes()
}

fn format_char(vm: &Vm, value: IntRef<'_>, spec: &Spec) -> PyResult {
    if spec.sign != 0 {
        return Err(vm.value_error("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alt {
        return Err(vm.value_error("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let IntRef::Small(i) = value else {
        return Err(vm.overflow_error("Python int too large to convert to C long"));
    };
    match u32::try_from(i) {
        Ok(c) if c < 0x11_0000 => {
            let mut bytes = Vec::new();
            push_char(&mut bytes, c);
            Field { rest: &bytes, rest_chars: 1, ..Field::default() }.render(vm, spec)
        }
        _ => Err(vm.overflow_error("%c arg not in range(0x110000)")),
    }
}

/// The code and precision with which a double is written, and flags.
fn double_style(spec: &Spec, repr_precision: usize) -> (u8, usize, Flags) {
    let mut flags = Flags { alt: spec.alt, no_neg_0: spec.no_neg_0, dot_0: false };
    let (mut code, mut default) = (spec.ty, 6);
    match code {
        0 => {
            flags.dot_0 = true;
            (code, default) = (b'r', repr_precision);
        }
        b'n' => code = b'g',
        b'%' => code = b'f',
        _ => {}
    }
    match spec.precision {
        None => (code, default, flags),
        Some(p) => (if code == b'r' { b'g' } else { code }, p, flags),
    }
}

fn format_double(vm: &Vm, d: f64, spec: &Spec, object: &Value) -> PyResult {
    if !matches!(spec.ty, 0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' | b'%') {
        return Err(unknown_code(vm, spec.raw_ty, object));
    }
    let (code, precision, flags) = double_style(spec, 0);
    let percent = spec.ty == b'%';
    check_length(vm, precision)?;
    let mut text = float::double_text(if percent { d * 100.0 } else { d }, code, precision, flags);
    if percent {
        text.push(b'%');
    }
    Field::of_double(&text).render(vm, spec)
}

fn format_complex(vm: &Vm, (re, im): (f64, f64), spec: &Spec, object: &Value) -> PyResult {
    if !matches!(spec.ty, 0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n') {
        return Err(unknown_code(vm, spec.raw_ty, object));
    }
    if spec.fill == b'0' as u32 {
        return Err(vm.value_error("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == b'=' {
        return Err(vm.value_error("'=' alignment flag is not allowed in complex format specifier"));
    }
    let plain = spec.ty == 0;
    let skip_re = plain && re == 0.0 && re.is_sign_positive();
    let (code, precision, mut flags) = double_style(spec, 0);
    flags.dot_0 = false;
    check_length(vm, precision)?;
    let part = |d: f64, sign: u8| -> PyResult<Vec<u8>> {
        let text = float::double_text(d, code, precision, flags);
        let own = Spec { width: 0, fill: b' ' as u32, align: b'<', sign, ..*spec };
        Field::of_double(&text).bytes(vm, &own)
    };
    let mut out = Vec::new();
    if plain && !skip_re {
        out.push(b'(');
    }
    if !skip_re {
        out.extend(part(re, spec.sign)?);
    }
    out.extend(part(im, if skip_re { spec.sign } else { b'+' })?);
    out.push(b'j');
    if plain && !skip_re {
        out.push(b')');
    }
    pad(vm, &out, out.len(), spec)
}
