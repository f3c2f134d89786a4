//! `abs`, `divmod`, `pow`, `round`, `sum`, `bin`, `oct`, `hex`, `chr`, `ord`, `hash`, `id`.

use serpens_vm::types::bytearray::ByteArray;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::slots::BinOp;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("abs", "(number, /)", |vm, a| vm.abs(a.get(0))).doc("Return the absolute value of the argument."),
    MethodDef::new("divmod", "(x, y, /)", |vm, a| vm.binary_op(BinOp::DivMod, a.get(0), a.get(1)))
        .doc("Return the tuple (x//y, x%y).  Invariant: div*y + mod == x."),
    MethodDef::new("pow", "(base, exp, mod=None)", |vm, a| match a.some(2) {
        Some(m) => vm.pow3(a.get(0), a.get(1), m),
        None => vm.binary_op(BinOp::Pow, a.get(0), a.get(1)),
    })
    .doc("Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments."),
    MethodDef::new("round", "(number, ndigits=None)", round)
        .doc("Round a number to a given precision in decimal digits."),
    MethodDef::new("sum", "(iterable, /, start=0)", sum)
        .doc("Return the sum of a 'start' value (default: 0) plus an iterable of numbers"),
    MethodDef::new("bin", "(number, /)", |vm, a| based(vm, a, "#b"))
        .doc("Return the binary representation of an integer."),
    MethodDef::new("oct", "(number, /)", |vm, a| based(vm, a, "#o"))
        .doc("Return the octal representation of an integer."),
    MethodDef::new("hex", "(number, /)", |vm, a| based(vm, a, "#x"))
        .doc("Return the hexadecimal representation of an integer."),
    MethodDef::new("chr", "(i, /)", chr)
        .doc("Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff."),
    MethodDef::new("ord", "(character, /)", ord).doc("Return the ordinal value of a character."),
    MethodDef::new("hash", "(obj, /)", |vm, a| {
        let h = vm.hash(a.get(0))?;
        Ok(vm.int(if a.get(0).downcast::<Str>().is_some_and(Str::is_empty) { 0 } else { h }))
    })
    .doc("Return the hash value for the given object."),
    MethodDef::new("id", "(obj, /)", |vm, a| Ok(vm.int_u64(a.get(0).bits()))).doc("Return the identity of an object."),
];

fn round(vm: &Vm, a: Args<'_>) -> PyResult {
    let f = vm.lookup_special(a.get(0), &vm.names().__round__)?;
    let Some(f) = f else {
        return Err(vm.type_error(&format!("type {} doesn't define __round__ method", vm.type_of(a.get(0)).name())));
    };
    match a.some(1) {
        Some(n) => f.call(vm, a.get(0), std::slice::from_ref(n)),
        None => f.call(vm, a.get(0), &[]),
    }
}

fn sum(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut total = a.opt(1).cloned().unwrap_or(Value::int_unchecked(0));
    if total.is_a::<Str>() {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if total.is_a::<Bytes>() {
        return Err(vm.type_error("sum() can't sum bytes [use b''.join(seq) instead]"));
    }
    if total.is_a::<ByteArray>() {
        return Err(vm.type_error("sum() can't sum bytearray [use b''.join(seq) instead]"));
    }
    // A float sum is compensated (Neumaier), as CPython's is.
    let mut float: Option<(f64, f64)> = total.as_float().map(|d| (d, 0.0));
    let finish = |(s, c): (f64, f64)| Value::float(if c.is_finite() { s + c } else { s });
    vm.for_each(a.get(0), |item| {
        if let Some((s, c)) = &mut float {
            let x = item.as_float().or_else(|| item.as_small_int().map(|i| i as f64));
            if let Some(x) = x {
                let t = *s + x;
                if item.is_float() {
                    *c += if s.abs() >= x.abs() { (*s - t) + x } else { (x - t) + *s };
                }
                *s = t;
                return Ok(());
            }
            total = finish((*s, *c));
            float = None;
        }
        if let Some(small) = Value::both_small(&total, &item).then(|| Value::add_small(&total, &item)).flatten() {
            total = small;
            return Ok(());
        }
        total = vm.binary_op(BinOp::Add, &total, &item)?;
        if item.is_float() {
            float = total.as_float().map(|d| (d, 0.0));
        }
        Ok(())
    })?;
    Ok(float.map_or(total, finish))
}

fn based(vm: &Vm, a: Args<'_>, spec: &str) -> PyResult {
    let i = vm.to_index(a.get(0))?;
    vm.format(&i, &vm.str(spec))
}

fn chr(vm: &Vm, a: Args<'_>) -> PyResult {
    let i = vm.to_index(a.get(0))?;
    match i.as_small_int() {
        Some(c @ 0..0x11_0000) => Ok(vm.char(c as u32)),
        _ => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }
}

fn ord(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let (length, first) = if let Some(s) = v.downcast::<Str>() {
        (s.len(), s.char_at(0))
    } else if let Some(b) = v.downcast::<Bytes>() {
        (b.as_bytes().len(), b.as_bytes().first().map(|c| *c as u32))
    } else if v.is_a::<ByteArray>() {
        let bytes = vm.get_buffer(v, false)?.to_vec();
        (bytes.len(), bytes.first().map(|c| *c as u32))
    } else {
        return Err(vm.type_error(&format!("ord() expected string of length 1, but {} found", vm.type_of(v).name())));
    };
    match first {
        Some(c) if length == 1 => Ok(Value::int_unchecked(c as i64)),
        _ => Err(vm.type_error(&format!("ord() expected a character, but string of length {length} found"))),
    }
}
