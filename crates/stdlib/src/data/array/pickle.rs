//! What pickles hold of arrays, and arrays from pickles of other machines.

use super::code::Code;
use super::{ARRAY, Array, ArrayIter, make, methods, this};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, PyResult, TypeObj, Value, Vm};

pub(super) fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    if !vm.is_int_like(a.get(1)) {
        return Err(vm.type_error("__reduce_ex__ argument should be an integer"));
    }
    let protocol = vm.arg_i64(a.get(1))?;
    let (v, array) = (a.get(0), this(a.get(0)));
    let ty = vm.type_of(v).value();
    let code = vm.char(array.code.char() as u32);
    let dict = vm.getattr_opt(v, &vm.intern("__dict__"))?.unwrap_or(Value::NONE);
    if protocol < 3 {
        let list = match array.code.is_text() {
            true => vm.list(text_items(vm, array)?),
            false => methods::to_list(vm, array)?,
        };
        return Ok(vm.tuple(vec![ty, vm.tuple(vec![code, list]), dict]));
    }
    let module = serpens_state::import::import_module(vm, "array")?;
    let rebuild = vm.getattr_str(&module, "_array_reconstructor")?;
    let bytes = vm.bytes(&array.data.borrow());
    let args = vm.tuple(vec![ty, code, Value::int_unchecked(array.code.machine_format()), bytes]);
    Ok(vm.tuple(vec![rebuild, args, dict]))
}

fn text_items(vm: &Vm, array: &Array) -> PyResult<Vec<Value>> {
    let text = methods::to_text(vm, array)?;
    Ok(text.downcast::<Str>().map(|s| s.chars().map(|c| vm.char(c)).collect()).unwrap_or_default())
}

pub(super) fn reduce_iter(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = a.this::<ArrayIter>();
    let builtins = serpens_state::import::import_module(vm, "builtins")?;
    let iter = vm.getattr_str(&builtins, "iter")?;
    Ok(match it.array.get() {
        Some(array) => vm.tuple(vec![iter, vm.tuple(vec![array]), Value::from_usize(it.at.get())]),
        None => vm.tuple(vec![iter, vm.tuple(vec![vm.list(Vec::new())])]),
    })
}

/// A machine format: what kind of values, how wide, and in which order of bytes.
struct Format {
    size: usize,
    kind: Kind,
    big: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Unsigned,
    Signed,
    Float,
    Utf16,
    Utf32,
}

impl Format {
    fn new(n: i64) -> Option<Format> {
        let (size, kind) = match n {
            0 => (1, Kind::Unsigned),
            1 => (1, Kind::Signed),
            2..=5 => (2, if n < 4 { Kind::Unsigned } else { Kind::Signed }),
            6..=9 => (4, if n < 8 { Kind::Unsigned } else { Kind::Signed }),
            10..=13 => (8, if n < 12 { Kind::Unsigned } else { Kind::Signed }),
            14 | 15 => (4, Kind::Float),
            16 | 17 => (8, Kind::Float),
            18 | 19 => (2, Kind::Utf16),
            20 | 21 => (4, Kind::Utf32),
            _ => return None,
        };
        Some(Format { size, kind, big: n > 1 && n % 2 == 1 })
    }

    /// The type code whose items have this format, apart from the order of bytes.
    fn code(&self) -> char {
        match (self.kind, self.size) {
            (Kind::Unsigned, 1) => 'B',
            (Kind::Signed, 1) => 'b',
            (Kind::Unsigned, 2) => 'H',
            (Kind::Signed, 2) => 'h',
            (Kind::Unsigned, 4) => 'I',
            (Kind::Signed, 4) => 'i',
            (Kind::Unsigned, _) => 'L',
            (Kind::Signed, _) => 'l',
            (Kind::Float, 4) => 'f',
            (Kind::Float, _) => 'd',
            _ => 'w',
        }
    }
}

/// `_array_reconstructor(arraytype, typecode, mformat_code, items)`
pub(super) fn rebuild(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(ty) = TypeObj::from_value(a.get(0)) else {
        return Err(vm.type_error("first argument must be a type object, not an instance"));
    };
    let format = vm.arg_i64(a.get(2))?;
    if !ty.is_subtype(vm.type_of_def(&ARRAY)) {
        return Err(vm.type_error(&format!("{} is not a subtype of array.array", ty.name())));
    }
    let code = a.get(1).downcast::<Str>().filter(|s| s.len() == 1).and_then(|s| s.char_at(0)).and_then(Code::new);
    let Some(code) = code else { return Err(vm.value_error("second argument must be a valid type code")) };
    let Some(from) = Format::new(format) else {
        return Err(vm.value_error("third argument must be a valid machine format code."));
    };
    let Some(bytes) = a.get(3).downcast::<Bytes>() else {
        let name = vm.type_of(a.get(3)).name();
        return Err(vm.type_error(&format!("fourth argument should be bytes, not {name}")));
    };
    let bytes = bytes.as_bytes();
    if code.machine_format() == format {
        if bytes.len() % code.size() != 0 {
            return Err(vm.value_error("bytes length not a multiple of item size"));
        }
        return make(vm, ty, code, bytes);
    }
    if matches!(from.kind, Kind::Utf16 | Kind::Utf32) {
        return rebuild_text(vm, ty, code, &from, a.get(3));
    }
    if bytes.len() % from.size != 0 {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    let mut items = bytes.to_vec();
    if from.big {
        items.chunks_exact_mut(from.size).for_each(<[u8]>::reverse);
    }
    let own = Code::new(from.code() as u32).unwrap_or(code);
    if from.kind != Kind::Float {
        return make(vm, ty, own, &items);
    }
    // Floats keep the type code of the pickle, whatever their width was.
    let made = make(vm, ty, code, &[])?;
    for item in items.chunks_exact(from.size) {
        this(&made).push(vm, &own.load(vm, item)?)?;
    }
    Ok(made)
}

fn rebuild_text(vm: &Vm, ty: &TypeObj, code: Code, from: &Format, bytes: &Value) -> PyResult {
    let encoding = match (from.kind, from.big) {
        (Kind::Utf16, false) => "utf-16-le",
        (Kind::Utf16, true) => "utf-16-be",
        (_, false) => "utf-32-le",
        (_, true) => "utf-32-be",
    };
    let text = vm.decode(bytes, Some(encoding), None)?;
    let code = if code.is_text() { code } else { Code::new('u' as u32).unwrap_or(code) };
    let made = make(vm, ty, code, &[])?;
    if let Some(s) = text.downcast::<Str>() {
        methods::append_text(vm, this(&made), s)?;
    }
    Ok(made)
}
