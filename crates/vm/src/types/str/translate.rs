//! `translate` and `maketrans`.

use super::{Str, push_char};
use crate::error::PyResult;
use crate::native::Args;
use crate::types::dict::Dict;
use crate::value::Value;
use crate::vm::Vm;

/// What a translation table says of a character.
enum Mapped {
    Same,
    Gone,
    Char(u32),
    Text(Value),
}

fn look_up(vm: &Vm, table: &Value, c: u32) -> PyResult<Mapped> {
    let key = Value::int_unchecked(c as i64);
    let found = if vm.is_exact(table, vm.types().dict) {
        match table.downcast::<Dict>() {
            Some(d) => d.get(vm, &key)?,
            None => None,
        }
    } else {
        match vm.get_item(table, &key) {
            Ok(v) => Some(v),
            Err(e) if vm.pending_is(vm.types().LookupError) => {
                drop(e);
                drop(vm.take_raised());
                None
            }
            Err(e) => return Err(e),
        }
    };
    let Some(v) = found else { return Ok(Mapped::Same) };
    if v.is_none() {
        return Ok(Mapped::Gone);
    }
    if v.is_a::<Str>() {
        return Ok(Mapped::Text(v));
    }
    if vm.is_int_like(&v) {
        return match crate::types::int::to_i64(&v) {
            Some(c @ 0..=0x10ffff) => Ok(Mapped::Char(c as u32)),
            _ => Err(vm.value_error("character mapping must be in range(0x110000)")),
        };
    }
    Err(vm.type_error("character mapping must return integer, None or str"))
}

pub(super) fn translate(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let table = a.get(1);
    if s.is_empty() {
        return Ok(vm.exact_str(a.get(0)));
    }
    // Most texts use few different characters: ASCII ones are looked up once.
    let mut ascii: [Option<(u8, u8)>; 128] = [None; 128];
    let mut out: Vec<u8> = Vec::with_capacity(s.as_bytes().len());
    for c in s.chars() {
        if c < 128
            && let Some((n, mapped)) = ascii[c as usize]
        {
            if n != 0 {
                out.push(mapped);
            }
            continue;
        }
        let remember = |ascii: &mut [Option<(u8, u8)>; 128], entry| {
            if c < 128 {
                ascii[c as usize] = Some(entry);
            }
        };
        match look_up(vm, table, c)? {
            Mapped::Same => {
                remember(&mut ascii, (1, c as u8));
                push_char(&mut out, c);
            }
            Mapped::Gone => remember(&mut ascii, (0, 0)),
            Mapped::Char(m) => {
                if m < 128 {
                    remember(&mut ascii, (1, m as u8));
                }
                push_char(&mut out, m);
            }
            Mapped::Text(t) => out.extend_from_slice(t.downcast::<Str>().map_or(b"", Str::as_bytes)),
        }
        vm.check_alloc(out.len())?;
    }
    vm.str_from_vec(out)
}

pub(super) fn maketrans(vm: &Vm, a: Args<'_>) -> PyResult {
    let x = a.get(0);
    let result = vm.new_dict();
    let Some(table) = result.downcast::<Dict>() else { return Ok(result) };
    let Some(y) = a.opt(1) else {
        let Some(source) = x.downcast::<Dict>().filter(|_| vm.is_exact(x, vm.types().dict)) else {
            return Err(vm.type_error("if you give only one argument to maketrans it must be a dict"));
        };
        for (key, value) in source.items() {
            if let Some(k) = key.downcast::<Str>() {
                match (k.len(), k.char_at(0)) {
                    (1, Some(c)) => table.set(vm, Value::int_unchecked(c as i64), value)?,
                    _ => return Err(vm.value_error("string keys in translate table must be of length 1")),
                }
            } else if vm.is_int_like(&key) {
                table.set(vm, key, value)?;
            } else {
                return Err(vm.type_error("keys in translate table must be strings or integers"));
            }
        }
        return Ok(result);
    };
    let Some(x) = x.downcast::<Str>() else {
        return Err(vm.type_error("first maketrans argument must be a string if there is a second argument"));
    };
    let text = |i: usize, v: &Value| -> crate::error::Raised {
        vm.type_error(&format!("maketrans() argument {i} must be str, not {}", vm.type_of(v).name()))
    };
    let Some(y) = y.downcast::<Str>() else { return Err(text(2, y)) };
    if x.len() != y.len() {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    for (from, to) in x.chars().zip(y.chars()) {
        table.set(vm, Value::int_unchecked(from as i64), Value::int_unchecked(to as i64))?;
    }
    if let Some(z) = a.opt(2) {
        let Some(z) = z.downcast::<Str>() else { return Err(text(3, z)) };
        for c in z.chars() {
            table.set(vm, Value::int_unchecked(c as i64), Value::NONE)?;
        }
    }
    Ok(result)
}
