//! `complex` as Python sees it.

use super::{Complex, Pair, arith, as_pair, text, this};
use crate::error::{PyResult, Raised};
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::int::text::to_ascii;
use crate::types::slots::{BinOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;

/// The type `complex`.
pub static TYPE: TypeDef = TypeDef::new::<Complex>("complex")
    .basetype()
    .doc(
        "Create a complex number from a string or numbers.\n\nIf a string is given, parse it as a complex number.\nIf a \
         single number is given, convert it to a complex number.\nIf the 'real' or 'imag' arguments are given, create \
         a complex number\nwith the specified real and imaginary components.",
    )
    .slots(
        Slots {
            new: Some(new),
            repr: Some(text::repr),
            hash: Some(arith::hash),
            richcmp: Some(arith::richcmp),
            bool: Some(arith::truth),
            pow3: Some(arith::pow_mod),
            neg: Some(arith::neg),
            pos: Some(arith::pos),
            abs: Some(arith::abs),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, arith::add)
        .with(BinOp::Sub, arith::sub)
        .with(BinOp::Mul, arith::mul)
        .with(BinOp::TrueDiv, arith::truediv)
        .with(BinOp::Pow, arith::pow),
    )
    .methods(&[
        MethodDef::new("from_number", "($type, number, /)", from_number)
            .class()
            .doc("Convert number to a complex floating-point number."),
        MethodDef::new("conjugate", "($self, /)", |vm, a| {
            let (re, im) = this(a.get(0));
            Ok(vm.complex(re, -im))
        })
        .doc("Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j."),
        MethodDef::new("__complex__", "($self, /)", |vm, a| arith::pos(vm, a.get(0)))
            .doc("Convert this value to exact type complex."),
        MethodDef::new("__getnewargs__", "($self, /)", |vm, a| {
            let (re, im) = this(a.get(0));
            Ok(vm.tuple(vec![Value::float(re), Value::float(im)]))
        }),
        MethodDef::new("__format__", "($self, format_spec, /)", |vm, a| {
            crate::types::format::dunder_format(vm, a.get(0), a.get(1))
        })
        .doc("Convert to a string according to format_spec."),
    ])
    .getset(&[
        GetSetDef::field("real", |_, v| Ok(Value::float(this(v).0))).doc("the real part of a complex number"),
        GetSetDef::field("imag", |_, v| Ok(Value::float(this(v).1))).doc("the imaginary part of a complex number"),
    ]);

fn of_class(vm: &Vm, ty: &TypeObj, (re, im): Pair) -> Value {
    vm.alloc(ty, Complex { re, im })
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let given = args.pos().len() + args.n_named();
    if given > 2 {
        return Err(vm.type_error(&format!("complex() takes at most 2 arguments ({given} given)")));
    }
    let (mut real, mut imag) = (args.pos().first(), args.pos().get(1));
    for (name, value) in args.named() {
        let (slot, at) = match name.downcast::<Str>().map(Str::as_str_lossy) {
            Some("real") => (&mut real, 1),
            Some("imag") => (&mut imag, 2),
            other => {
                let name = other.unwrap_or("?");
                return Err(vm.type_error(&format!("complex() got an unexpected keyword argument '{name}'")));
            }
        };
        if slot.is_some() {
            let name = if at == 1 { "real" } else { "imag" };
            let message = format!("argument for complex() given by name ('{name}') and position ({at})");
            return Err(vm.type_error(&message));
        }
        *slot = Some(value);
    }
    if args.n_named() == 0 && args.pos().len() == 1 {
        return from_one(vm, ty, &args.pos()[0]);
    }
    let (re, im) = (part(vm, real, "real")?, part(vm, imag, "imag")?);
    // Complex parts are deprecated, and mean re + im * 1j.
    Ok(of_class(
        vm,
        ty,
        match (re, im) {
            ((re, None), (im, None)) => (re, im),
            ((re, re_im), (im, im_im)) => (re - im_im.unwrap_or(0.0), im + re_im.unwrap_or(0.0)),
        },
    ))
}

/// `complex(x)`
fn from_one(vm: &Vm, ty: &TypeObj, x: &Value) -> PyResult {
    if ty.is(vm.types().complex) && vm.is_exact(x, ty) {
        return Ok(x.clone());
    }
    if let Some(s) = x.downcast::<Str>() {
        return match text::parse(&to_ascii(s)) {
            Some(c) => Ok(of_class(vm, ty, c)),
            None => Err(malformed(vm, s, x)),
        };
    }
    match number(vm, x)? {
        Some(c) => Ok(of_class(vm, ty, c)),
        None => {
            let name = vm.type_of(x).name();
            Err(vm.type_error(&format!("complex() argument must be a string or a number, not {name}")))
        }
    }
}

#[cold]
fn malformed(vm: &Vm, s: &Str, shown: &Value) -> Raised {
    // Misplaced underscores are found before the rest is looked at.
    let bytes = s.as_bytes();
    let digit = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    let misplaced = |i: usize| bytes[i] == b'_' && !(digit(i.checked_sub(1)) && digit(Some(i + 1)));
    if (0..bytes.len()).any(misplaced) {
        return match vm.repr_string(shown) {
            Ok(repr) => vm.value_error(&format!("could not convert string to complex: {repr}")),
            Err(e) => e,
        };
    }
    vm.value_error("complex() arg is a malformed string")
}

/// What `__complex__` of an object returns, if it has one.
fn special(vm: &Vm, x: &Value) -> PyResult<Option<Pair>> {
    if vm.is_exact(x, vm.types().complex) {
        return Ok(as_pair(x));
    }
    if !x.is_object() {
        return Ok(None);
    }
    let Some(made) = vm.call_special(x, &vm.names().__complex__, &[])? else { return Ok(None) };
    let name = vm.type_of(&made).name();
    let Some(c) = as_pair(&made) else {
        return Err(vm.type_error(&format!("__complex__ returned non-complex (type {name})")));
    };
    if !vm.is_exact(&made, vm.types().complex) {
        let message = format!(
            "__complex__ returned non-complex (type {name}).  The ability to return an instance of a strict subclass \
             of complex is deprecated, and may not be supported in a future version of Python."
        );
        vm.hooks().warn(vm, vm.types().DeprecationWarning, &message, 1)?;
    }
    Ok(Some(c))
}

/// A number as a complex one: `__complex__`, or a real number; `None` if it is neither.
pub fn number(vm: &Vm, x: &Value) -> PyResult<Option<Pair>> {
    if let Some(c) = special(vm, x)? {
        return Ok(Some(c));
    }
    if let Some(c) = as_pair(x) {
        return Ok(Some(c));
    }
    Ok(vm.real_number(x)?.map(|d| (d, 0.0)))
}

/// An argument of `complex(real, imag)`: its real part, and its imaginary part if it is complex.
fn part(vm: &Vm, x: Option<&Value>, name: &str) -> PyResult<(f64, Option<f64>)> {
    let Some(x) = x else { return Ok((0.0, None)) };
    let found = if name == "real" { special(vm, x)? } else { None };
    if let Some((re, im)) = found.or_else(|| as_pair(x)) {
        if as_pair(x).is_some() {
            let message = format!("complex() argument '{name}' must be a real number, not {}", vm.type_of(x).name());
            vm.hooks().warn(vm, vm.types().DeprecationWarning, &message, 1)?;
        }
        return Ok((re, Some(im)));
    }
    let d = if x.is_a::<Str>() { None } else { vm.real_number(x)? };
    match d {
        Some(d) => Ok((d, None)),
        None => {
            let type_name = vm.type_of(x).name();
            Err(vm.type_error(&format!("complex() argument '{name}' must be a real number, not {type_name}")))
        }
    }
}

fn from_number(vm: &Vm, a: Args<'_>) -> PyResult {
    let (class, x) = (a.get(0), a.get(1));
    let plain = class.is(&vm.types().complex.value());
    if plain && vm.is_exact(x, vm.types().complex) {
        return Ok(x.clone());
    }
    let Some(c) = number(vm, x)? else {
        return Err(vm.type_error(&format!("must be real number, not {}", vm.type_of(x).name())));
    };
    let value = vm.complex_pair(c);
    if plain { Ok(value) } else { vm.call_one(class, &value) }
}
