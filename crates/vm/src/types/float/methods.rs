//! `float` as Python sees it.

use super::{Float, arith, compare, decompose, hex, round, text, this};
use crate::error::{PyResult, Raised};
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::bytes::Bytes;
use crate::types::int::convert::not_finite;
use crate::types::int::methods::text_bytes;
use crate::types::slots::{BinOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use dashu_int::IBig;

/// The type `float`.
pub static TYPE: TypeDef = TypeDef::new::<Float>("float")
    .basetype()
    .flags(tflag::MATCH_SELF)
    .doc("Convert a string or number to a floating-point number, if possible.")
    .slots(
        Slots {
            new: Some(new),
            repr: Some(text::repr),
            hash: Some(compare::hash),
            richcmp: Some(compare::richcmp),
            bool: Some(arith::truth),
            pow3: Some(arith::pow_mod),
            neg: Some(arith::neg),
            pos: Some(arith::pos),
            abs: Some(arith::abs),
            int: Some(arith::trunc),
            float: Some(arith::pos),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, arith::add)
        .with(BinOp::Sub, arith::sub)
        .with(BinOp::Mul, arith::mul)
        .with(BinOp::TrueDiv, arith::truediv)
        .with(BinOp::FloorDiv, arith::floordiv)
        .with(BinOp::Mod, arith::modulo)
        .with(BinOp::DivMod, arith::divmod)
        .with(BinOp::Pow, arith::pow),
    )
    .methods(&[
        MethodDef::new("from_number", "($type, number, /)", from_number)
            .class()
            .doc("Convert real number to a floating-point number."),
        MethodDef::new("conjugate", "($self, /)", |vm, a| arith::pos(vm, a.get(0)))
            .doc("Return self, the complex conjugate of any float."),
        MethodDef::new("__trunc__", "($self, /)", |vm, a| arith::trunc(vm, a.get(0)))
            .doc("Return the Integral closest to x between 0 and x."),
        MethodDef::new("__floor__", "($self, /)", |vm, a| whole(vm, this(a.get(0)).floor()))
            .doc("Return the floor as an Integral."),
        MethodDef::new("__ceil__", "($self, /)", |vm, a| whole(vm, this(a.get(0)).ceil()))
            .doc("Return the ceiling as an Integral."),
        MethodDef::new("__round__", "($self, ndigits=None, /)", |vm, a| round::round(vm, this(a.get(0)), a.some(1)))
            .doc(
                "Return the Integral closest to x, rounding half toward even.\n\nWhen an argument is passed, work like \
                 built-in round(x, ndigits).",
            ),
        MethodDef::new("as_integer_ratio", "($self, /)", as_integer_ratio).doc(
            "Return a pair of integers, whose ratio is exactly equal to the original float.\n\nThe ratio is in lowest \
             terms and has a positive denominator.  Raise\nOverflowError on infinities and a ValueError on \
             NaNs.\n\n>>> (10.0).as_integer_ratio()\n(10, 1)\n>>> (0.0).as_integer_ratio()\n(0, 1)\n>>> \
             (-.25).as_integer_ratio()\n(-1, 4)",
        ),
        MethodDef::new("fromhex", "($type, string, /)", from_hex).class().doc(
            "Create a floating-point number from a hexadecimal string.\n\n>>> \
             float.fromhex('0x1.ffffp10')\n2047.984375\n>>> float.fromhex('-0x1p-1074')\n-5e-324",
        ),
        MethodDef::new("hex", "($self, /)", |vm, a| Ok(vm.str(&hex::to_hex(this(a.get(0)))))).doc(
            "Return a hexadecimal representation of a floating-point number.\n\n>>> \
             (-0.1).hex()\n'-0x1.999999999999ap-4'\n>>> 3.14159.hex()\n'0x1.921f9f01b866ep+1'",
        ),
        MethodDef::new("is_integer", "($self, /)", |_, a| {
            let d = this(a.get(0));
            Ok(Value::bool(d.is_finite() && d == d.trunc()))
        })
        .doc("Return True if the float is an integer."),
        MethodDef::new("__getnewargs__", "($self, /)", |vm, a| Ok(vm.tuple(vec![Value::float(this(a.get(0)))]))),
        MethodDef::new("__getformat__", "($type, typestr, /)", get_format).class().doc(
            "You probably don't want to use this function.\n\n  typestr\n    Must be 'double' or 'float'.\n\nIt exists \
             mainly to be used in Python's test suite.\n\nThis function returns whichever of 'unknown', 'IEEE, \
             big-endian' or\n'IEEE, little-endian' best describes the format of floating-point\nnumbers used by the C \
             type named by typestr.",
        ),
        MethodDef::new("__format__", "($self, format_spec, /)", |vm, a| {
            crate::types::format::dunder_format(vm, a.get(0), a.get(1))
        })
        .doc("Formats the float according to format_spec."),
    ])
    .getset(&[
        GetSetDef::new("real", arith::pos).doc("the real part of a complex number"),
        GetSetDef::new("imag", |_, _| Ok(Value::float(0.0))).doc("the imaginary part of a complex number"),
    ]);

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    // A subclass with an `__init__` of its own takes what that takes.
    let own_init =
        |ty: &TypeObj| ty.slots().init.map(|f| f as usize) != vm.types().float.slots().init.map(|f| f as usize);
    if args.n_named() > 0 && !own_init(ty) {
        return Err(vm.type_error("float() takes no keyword arguments"));
    }
    let d = match args.pos() {
        [] => 0.0,
        [x] => float_of(vm, x)?,
        many => return Err(vm.type_error(&format!("float expected at most 1 argument, got {}", many.len()))),
    };
    Ok(of_class(vm, ty, d))
}

fn of_class(vm: &Vm, ty: &TypeObj, d: f64) -> Value {
    if ty.is(vm.types().float) { Value::float(d) } else { vm.alloc(ty, Float { value: d }) }
}

/// `float(x)`
pub(crate) fn float_of(vm: &Vm, x: &Value) -> PyResult<f64> {
    if let Some(d) = x.as_float() {
        return Ok(d);
    }
    if vm.is_exact_str(x)
        && let Some(s) = x.downcast::<Str>()
    {
        return text::float_from_str(vm, s, x);
    }
    // Only an exact float is its own value: a subclass may define `__float__`.
    let d = if x.is_a::<Float>() { vm.convert_to_float(x)? } else { vm.real_number(x)? };
    if let Some(d) = d {
        return Ok(d);
    }
    if let Some(s) = x.downcast::<Str>() {
        return text::float_from_str(vm, s, x);
    }
    if let Some(b) = text_bytes(vm, x)? {
        let content = b.downcast::<Bytes>().map_or(&[][..], |b| b.as_bytes());
        return text::float_from_text(vm, content, x);
    }
    let name = vm.type_of(x).name();
    Err(vm.type_error(&format!("float() argument must be a string or a real number, not '{name}'")))
}

fn from_number(vm: &Vm, a: Args<'_>) -> PyResult {
    let d = vm.to_f64(a.get(1))?;
    instance(vm, a.get(0), d)
}

/// `cls(d)`
fn instance(vm: &Vm, class: &Value, d: f64) -> PyResult {
    let value = Value::float(d);
    if class.is(&vm.types().float.value()) { Ok(value) } else { vm.call_one(class, &value) }
}

fn whole(vm: &Vm, d: f64) -> PyResult {
    if d.is_finite() { Ok(vm.int_from_f64(d)) } else { Err(not_finite(vm, d)) }
}

fn as_integer_ratio(vm: &Vm, a: Args<'_>) -> PyResult {
    let d = this(a.get(0));
    if d.is_nan() {
        return Err(vm.value_error("cannot convert NaN to integer ratio"));
    }
    if d.is_infinite() {
        return Err(vm.overflow_error("cannot convert Infinity to integer ratio"));
    }
    let (negative, mut mantissa, mut exponent) = decompose(d);
    if mantissa == 0 {
        return Ok(vm.tuple(vec![Value::int_unchecked(0), Value::int_unchecked(1)]));
    }
    let zeros = mantissa.trailing_zeros();
    mantissa >>= zeros;
    exponent += zeros as i32;
    let numerator = IBig::from(mantissa) << exponent.max(0) as usize;
    let denominator = IBig::ONE << (-exponent).max(0) as usize;
    Ok(vm.tuple(vec![vm.int_big(if negative { -numerator } else { numerator }), vm.int_big(denominator)]))
}

fn from_hex(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(s) = a.get(1).downcast::<Str>() else {
        return Err(vm.type_error("bad argument type for built-in operation"));
    };
    match hex::from_hex(s.as_bytes()) {
        Ok(d) => instance(vm, a.get(0), d),
        Err(e) => Err(bad_hex(vm, e)),
    }
}

#[cold]
fn bad_hex(vm: &Vm, e: hex::HexError) -> Raised {
    match e {
        hex::HexError::Invalid => vm.value_error("invalid hexadecimal floating-point string"),
        hex::HexError::Overflow => vm.overflow_error("hexadecimal value too large to represent as a float"),
    }
}

fn get_format(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(s) = a.get(1).downcast::<Str>() else {
        let name = vm.arg_type_name(a.get(1));
        return Err(vm.type_error(&format!("__getformat__() argument must be str, not {name}")));
    };
    match s.as_bytes() {
        b"double" | b"float" if cfg!(target_endian = "little") => Ok(vm.str("IEEE, little-endian")),
        b"double" | b"float" => Ok(vm.str("IEEE, big-endian")),
        _ => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
    }
}
