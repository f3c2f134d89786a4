//! `int` as Python sees it.

use super::arith::int;
use super::{Int, IntRef, arith, bits, bytes, divide, hash, pow, text};
use crate::error::{PyResult, Raised};
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::bytes::Bytes;
use crate::types::slots::{BinOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::IBig;

/// The type `int`.
pub static TYPE: TypeDef = TypeDef::new::<Int>("int")
    .basetype()
    .flags(tflag::INT | tflag::MATCH_SELF)
    .doc(
        "int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer, or return 0 if no \
         arguments\nare given.  If x is a number, return x.__int__().  For floating-point\nnumbers, this truncates \
         towards zero.\n\nIf x is not a number or if base is given, then x must be a string,\nbytes, or bytearray \
         instance representing an integer literal in the\ngiven base.  The literal can be preceded by '+' or '-' and \
         be surrounded\nby whitespace.  The base defaults to 10.  Valid bases are 0 and 2-36.\nBase 0 means to \
         interpret the base from the string as an integer\niteral.\n>>> int('0b100', base=0)\n4",
    )
    .slots(
        Slots {
            new: Some(new),
            repr: Some(text::repr),
            hash: Some(hash::hash),
            richcmp: Some(arith::richcmp),
            bool: Some(arith::truth),
            pow3: Some(pow::pow_mod),
            neg: Some(arith::neg),
            pos: Some(arith::pos),
            abs: Some(arith::abs),
            invert: Some(bits::invert),
            int: Some(arith::pos),
            float: Some(|vm, v| Ok(Value::float(super::convert::to_f64(vm, int(v))?))),
            index: Some(arith::pos),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, arith::add)
        .with(BinOp::Sub, arith::sub)
        .with(BinOp::Mul, arith::mul)
        .with(BinOp::TrueDiv, divide::truediv)
        .with(BinOp::FloorDiv, divide::floordiv)
        .with(BinOp::Mod, divide::modulo)
        .with(BinOp::DivMod, divide::divmod)
        .with(BinOp::Pow, pow::pow)
        .with(BinOp::Shl, bits::shl)
        .with(BinOp::Shr, bits::shr)
        .with(BinOp::And, bits::and)
        .with(BinOp::Or, bits::or)
        .with(BinOp::Xor, bits::xor),
    )
    .methods(&[
        MethodDef::new("conjugate", "($self, /)", exact).doc("Returns self, the complex conjugate of any int."),
        MethodDef::new("bit_length", "($self, /)", bit_length).doc(
            "Number of bits necessary to represent self in binary.\n\n>>> bin(37)\n'0b100101'\n>>> (37).bit_length()\n6",
        ),
        MethodDef::new("bit_count", "($self, /)", bit_count).doc(
            "Number of ones in the binary representation of the absolute value of self.\n\nAlso known as the \
             population count.\n\n>>> bin(13)\n'0b1101'\n>>> (13).bit_count()\n3",
        ),
        MethodDef::new("to_bytes", "($self, /, length=1, byteorder='big', *, signed=False)", bytes::to_bytes)
            .doc(TO_BYTES_DOC),
        MethodDef::new("from_bytes", "($type, /, bytes, byteorder='big', *, signed=False)", bytes::from_bytes)
            .class()
            .doc(FROM_BYTES_DOC),
        MethodDef::new("as_integer_ratio", "($self, /)", as_integer_ratio).doc(
            "Return a pair of integers, whose ratio is equal to the original int.\n\nThe ratio is in lowest terms and \
             has a positive denominator.\n\n>>> (10).as_integer_ratio()\n(10, 1)\n>>> (-10).as_integer_ratio()\n(-10, \
             1)\n>>> (0).as_integer_ratio()\n(0, 1)",
        ),
        MethodDef::new("is_integer", "($self, /)", |_, _| Ok(Value::TRUE))
            .doc("Returns True. Exists for duck type compatibility with float.is_integer."),
        MethodDef::new("__trunc__", "($self, /)", exact).doc("Truncating an Integral returns itself."),
        MethodDef::new("__floor__", "($self, /)", exact).doc("Flooring an Integral returns itself."),
        MethodDef::new("__ceil__", "($self, /)", exact).doc("Ceiling of an Integral returns itself."),
        MethodDef::new("__round__", "($self, ndigits=None, /)", round).doc(
            "Rounding an Integral returns itself.\n\nRounding with an ndigits argument also returns an integer.",
        ),
        MethodDef::new("__getnewargs__", "($self, /)", |vm, a| {
            let value = arith::pos(vm, a.get(0))?;
            Ok(vm.tuple_of(&[value]))
        }),
        MethodDef::new("__format__", "($self, format_spec, /)", |vm, a| {
            crate::types::format::dunder_format(vm, a.get(0), a.get(1))
        })
        .doc("Convert to a string according to format_spec."),
        MethodDef::new("__sizeof__", "($self, /)", sizeof).doc("Returns size in memory, in bytes."),
    ])
    .getset(&[
        GetSetDef::new("real", arith::pos).doc("the real part of a complex number"),
        GetSetDef::new("imag", |_, _| Ok(Value::int_unchecked(0))).doc("the imaginary part of a complex number"),
        GetSetDef::new("numerator", arith::pos).doc("the numerator of a rational number in lowest terms"),
        GetSetDef::new("denominator", |_, _| Ok(Value::int_unchecked(1)))
            .doc("the denominator of a rational number in lowest terms"),
    ]);

const TO_BYTES_DOC: &str = "Return an array of bytes representing an integer.\n\n  length\n    Length of bytes object to use.  An OverflowError \
     is raised if\n    the integer is not representable with the given number of bytes.\n    Default is length 1.\n  \
     byteorder\n    The byte order used to represent the integer.  If byteorder is\n    'big', the most significant \
     byte is at the beginning of the byte\n    array.  If byteorder is 'little', the most significant byte is at\n    \
     the end of the byte array.  To request the native byte order of\n    the host system, use sys.byteorder as the \
     byte order value.\n    Default is to use 'big'.\n  signed\n    Determines whether two's complement is used to \
     represent the\n    integer.  If signed is False and a negative integer is given,\n    an OverflowError is raised.";

const FROM_BYTES_DOC: &str = "Return the integer represented by the given array of bytes.\n\n  bytes\n    Holds the array of bytes to convert.  \
     The argument must either\n    support the buffer protocol or be an iterable object producing\n    bytes.  Bytes \
     and bytearray are examples of built-in objects that\n    support the buffer protocol.\n  byteorder\n    The byte \
     order used to represent the integer.  If byteorder is\n    'big', the most significant byte is at the beginning \
     of the byte\n    array.  If byteorder is 'little', the most significant byte is at\n    the end of the byte \
     array.  To request the native byte order of\n    the host system, use sys.byteorder as the byte order value.\n    \
     Default is to use 'big'.\n  signed\n    Indicates whether two's complement is used to represent the\n    integer.";

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let value = match args.pos() {
        [x] if args.n_named() == 0 => int_of(vm, x)?,
        _ => with_base(vm, args)?,
    };
    if ty.is(vm.types().int) {
        return Ok(value);
    }
    let value = int(&value).big().into_owned();
    Ok(vm.alloc(ty, Int { value }))
}

#[cold]
fn with_base(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let given = args.pos().len() + args.n_named();
    if given > 2 {
        return Err(vm.type_error(&format!("int expected at most 2 arguments, got {given}")));
    }
    let mut base = args.pos().get(1);
    for (name, value) in args.named() {
        match name.downcast::<Str>().map(Str::as_str_lossy) {
            Some("base") if base.is_none() => base = Some(value),
            Some("base") => {
                return Err(vm.type_error("argument for int() given by name ('base') and position (2)"));
            }
            other => {
                let name = other.unwrap_or("?");
                return Err(vm.type_error(&format!("int() got an unexpected keyword argument '{name}'")));
            }
        }
    }
    match (args.pos().first(), base) {
        (None, None) => Ok(Value::int_unchecked(0)),
        (None, Some(_)) => Err(vm.type_error("int() missing string argument")),
        (Some(x), None) => int_of(vm, x),
        (Some(x), Some(base)) => {
            let base = vm.index_clamped(base)?;
            if base != 0 && !(2..=36).contains(&base) {
                return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
            }
            if let Some(s) = x.downcast::<Str>() {
                return text::int_from_text(vm, &text::to_ascii(s), base as u32, x);
            }
            match text_bytes(vm, x)? {
                Some(b) if !is_plain_buffer(vm, x) => from_bytes_text(vm, &b, base as u32),
                _ => Err(vm.type_error("int() can't convert non-string with explicit base")),
            }
        }
    }
}

/// Whether a value has a buffer but is neither `bytes` nor `bytearray`.
fn is_plain_buffer(vm: &Vm, x: &Value) -> bool {
    let ty = vm.type_of(x);
    !ty.is_subtype(vm.types().bytes) && !ty.is_subtype(vm.types().bytearray)
}

/// `int(x)`
pub(crate) fn int_of(vm: &Vm, x: &Value) -> PyResult {
    if let Some(i) = short_text(vm, x).and_then(text::short_decimal) {
        return Ok(vm.int(i));
    }
    if let Some(value) = vm.number_to_int(x)? {
        return Ok(value);
    }
    if let Some(s) = x.downcast::<Str>() {
        return text::int_from_text(vm, &text::to_ascii(s), 10, x);
    }
    match text_bytes(vm, x)? {
        Some(b) => from_bytes_text(vm, &b, 10),
        None => Err(not_a_number(vm, x)),
    }
}

/// The bytes of a text or `bytes` that is not of a subclass, if they are few.
#[inline]
fn short_text<'a>(vm: &Vm, x: &'a Value) -> Option<&'a [u8]> {
    let bytes = if vm.is_exact_str(x) {
        x.downcast::<Str>()?.as_bytes()
    } else if vm.is_exact(x, vm.types().bytes) {
        x.downcast::<Bytes>()?.as_bytes()
    } else {
        return None;
    };
    (bytes.len() <= 24).then_some(bytes)
}

/// The content of a bytes-like object, as `bytes`.
pub(crate) fn text_bytes(vm: &Vm, x: &Value) -> PyResult<Option<Value>> {
    if vm.is_exact(x, vm.types().bytes) {
        return Ok(Some(x.clone()));
    }
    if vm.type_of(x).slots().buffer.is_none() {
        return Ok(None);
    }
    match x.downcast::<Bytes>() {
        Some(b) => Ok(Some(vm.bytes(b.as_bytes()))),
        None => vm.call_one(&vm.types().bytes.value(), x).map(Some),
    }
}

fn from_bytes_text(vm: &Vm, bytes: &Value, base: u32) -> PyResult {
    let content = bytes.downcast::<Bytes>().map_or(&[][..], |b| b.as_bytes());
    text::int_from_text(vm, content, base, bytes)
}

#[cold]
fn not_a_number(vm: &Vm, x: &Value) -> Raised {
    let name = vm.type_of(x).name();
    vm.type_error(&format!("int() argument must be a string, a bytes-like object or a real number, not '{name}'"))
}

fn exact(vm: &Vm, a: Args<'_>) -> PyResult {
    arith::pos(vm, a.get(0))
}

fn bit_length(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(vm.int_usize(int(a.get(0)).bit_length()))
}

fn bit_count(vm: &Vm, a: Args<'_>) -> PyResult {
    Ok(match int(a.get(0)) {
        IntRef::Small(i) => Value::int_unchecked(i.unsigned_abs().count_ones() as i64),
        IntRef::Big(b) => vm.int(b.as_sign_words().1.iter().map(|w| w.count_ones() as i64).sum()),
    })
}

fn as_integer_ratio(vm: &Vm, a: Args<'_>) -> PyResult {
    let value = arith::pos(vm, a.get(0))?;
    Ok(vm.tuple(vec![value, Value::int_unchecked(1)]))
}

fn sizeof(vm: &Vm, a: Args<'_>) -> PyResult {
    // Digits of 30 bits behind a header of 24 bytes: what programs that look at this expect.
    Ok(vm.int_usize(24 + 4 * int(a.get(0)).bit_length().div_ceil(30).max(1)))
}

fn round(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(digits) = a.some(1) else { return exact(vm, a) };
    let digits = vm.to_index(digits)?;
    if !super::is_negative(&digits) {
        return exact(vm, a);
    }
    let Some(digits) = super::to_i64(&digits) else { return Ok(Value::int_unchecked(0)) };
    let value = int(a.get(0));
    // 10**n is above twice the value: the result is zero.
    let n = digits.unsigned_abs();
    if n as f64 > value.bit_length() as f64 * 0.302 + 2.0 {
        return Ok(Value::int_unchecked(0));
    }
    let unit = IBig::from(10).pow(n as usize);
    let big = value.big();
    let (q, r) = divide::floor_big(&big, &unit);
    let twice = &r * 2;
    let q_is_odd = IntRef::of_big(&q).is_odd();
    let up = twice > unit || (twice == unit && q_is_odd);
    Ok(vm.int_big(if up { &*big - r + unit } else { &*big - r }))
}
