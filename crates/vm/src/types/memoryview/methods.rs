//! `memoryview` as Python sees it.

use super::{MemoryView, cast, compare, items};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::slots::{CmpOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// The type `memoryview`.
pub static TYPE: TypeDef = TypeDef::new::<MemoryView>("memoryview")
    .doc("Create a new memoryview object which references the given object.")
    .gc()
    .flags(tflag::RESOURCE | tflag::SEQUENCE | tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(hash),
        richcmp: Some(compare::richcmp),
        iter: Some(iter),
        len: Some(len),
        getitem: Some(items::getitem),
        setitem: Some(items::setitem),
        buffer: Some(|vm, v, writable| this(v).export(vm, writable)),
        ..Slots::EMPTY
    })
    .methods(METHODS)
    .getset(GETSET);

/// The payload of the receiver of a slot.
pub(super) fn this(v: &Value) -> &MemoryView {
    v.downcast::<MemoryView>().expect("slots are called with instances of their type")
}

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    match (args.pos(), args.kw("object"), args.all().len()) {
        ([object], None, 1) => vm.memoryview_of(object),
        ([], Some(object), 1) => vm.memoryview_of(object),
        (_, _, 0) => Err(vm.type_error("memoryview() missing required argument 'object' (pos 1)")),
        (_, _, n) => Err(vm.type_error(&format!("memoryview() takes at most 1 argument ({n} given)"))),
    }
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let what = if this(v).is_released() { "released memory" } else { "memory" };
    Ok(vm.str(&format!("<{what} at {:#x}>", v.bits())))
}

fn hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let view = this(v);
    if let Some(h) = view.hash.get() {
        return Ok(h);
    }
    view.check(vm)?;
    if !view.readonly {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if !matches!(items::native_code(&view.format), Some(b'B' | b'b' | b'c')) {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    // Held, so that the owner's `__hash__` cannot release the view.
    let _held = vm.get_buffer(v, false)?;
    vm.hash(&view.owner())?;
    let h = vm.hash_bytes(&view.to_vec()) as i64;
    view.hash.set(Some(h));
    Ok(h)
}

fn iter(vm: &Vm, v: &Value) -> PyResult {
    let view = this(v);
    view.check(vm)?;
    match view.ndim() {
        0 => Err(vm.type_error("invalid indexing of 0-dim memory")),
        1 if items::native_code(&view.format).is_none() => {
            Err(vm.not_implemented_error(&format!("memoryview: format {} not supported", view.format)))
        }
        1 => Ok(vm.memory_iter(v, view.shape[0] as usize)),
        _ => Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented")),
    }
}

fn len(vm: &Vm, v: &Value) -> PyResult<usize> {
    let view = this(v);
    view.check(vm)?;
    match view.shape.first() {
        Some(n) => Ok(*n as usize),
        None => Err(vm.type_error("0-dim memory has no length")),
    }
}

fn release(vm: &Vm, a: Args<'_>) -> PyResult {
    a.this::<MemoryView>().release(vm)?;
    Ok(Value::NONE)
}

fn exit(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    match args.pos().first().and_then(|v| v.downcast::<MemoryView>()) {
        Some(view) => view.release(vm).map(|()| Value::NONE),
        None => Err(vm.type_error("unbound method memoryview.__exit__() needs an argument")),
    }
}

fn enter(vm: &Vm, a: Args<'_>) -> PyResult {
    a.this::<MemoryView>().check(vm)?;
    Ok(a.get(0).clone())
}

fn tobytes(vm: &Vm, a: Args<'_>) -> PyResult {
    let view = a.this::<MemoryView>();
    view.check(vm)?;
    let order = match a.some(1) {
        None => "C".to_string(),
        Some(v) => match v.downcast::<Str>() {
            Some(s) => s.to_string(),
            None => {
                return Err(vm.type_error(&format!(
                    "tobytes() argument 'order' must be str or None, not {}",
                    vm.type_of(v).name()
                )));
            }
        },
    };
    let fortran = match order.as_str() {
        "C" => false,
        "F" => true,
        "A" => !view.c_contiguous() && super::buffer::f_contiguous(&view.shape, &view.strides, view.itemsize),
        _ => return Err(vm.value_error("order must be 'C', 'F' or 'A'")),
    };
    vm.check_alloc(view.nbytes)?;
    Ok(vm.bytes(&if fortran { view.to_vec_fortran() } else { view.to_vec() }))
}

fn hex(vm: &Vm, a: Args<'_>) -> PyResult {
    let view = a.this::<MemoryView>();
    view.check(vm)?;
    crate::types::bytes::shared::hex_text(vm, &view.to_vec(), a.opt(1), a.opt(2))
}

fn tolist(vm: &Vm, a: Args<'_>) -> PyResult {
    let view = a.this::<MemoryView>();
    view.check(vm)?;
    view.to_list(vm)
}

fn toreadonly(vm: &Vm, a: Args<'_>) -> PyResult {
    let view = a.this::<MemoryView>();
    view.check(vm)?;
    let mut made = view.derive();
    made.readonly = true;
    Ok(vm.alloc(vm.types().memoryview, made))
}

fn from_flags(vm: &Vm, a: Args<'_>) -> PyResult {
    let flags = vm.arg_i32(a.get(2))?;
    let made = vm.memoryview_of(a.get(1))?;
    if flags & 1 != 0 && this(&made).readonly {
        return Err(vm.buffer_error("Object is not writable."));
    }
    Ok(made)
}

fn count(vm: &Vm, a: Args<'_>) -> PyResult {
    let mut n = 0;
    vm.for_each(a.get(0), |item| {
        n += (item.is(a.get(1)) || vm.compare_bool(&item, a.get(1), CmpOp::Eq)?) as usize;
        Ok(())
    })?;
    Ok(Value::from_usize(n))
}

fn index(vm: &Vm, a: Args<'_>) -> PyResult {
    let view = a.this::<MemoryView>();
    view.check(vm)?;
    if view.ndim() == 0 {
        return Err(vm.type_error("invalid lookup on 0-dim memory"));
    }
    if view.ndim() != 1 {
        return Err(vm.not_implemented_error("multi-dimensional lookup is not implemented"));
    }
    let (start, end) = crate::types::str::bounds(vm, a.opt(2), a.opt(3), view.shape[0] as usize)?;
    for i in start..end {
        let item = vm.get_item(a.get(0), &Value::from_usize(i))?;
        if item.is(a.get(1)) || vm.compare_bool(&item, a.get(1), CmpOp::Eq)? {
            return Ok(Value::from_usize(i));
        }
    }
    Err(vm.value_error("memoryview.index(x): x not found"))
}

fn class_getitem(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.generic_alias(a.get(0), a.get(1))
}

/// An attribute of a view that was not released.
macro_rules! get {
    ($f:expr) => {
        |vm, v| {
            let view = this(v);
            view.check(vm)?;
            let f: fn(&Vm, &MemoryView) -> Value = $f;
            Ok(f(vm, view))
        }
    };
}

fn dims(vm: &Vm, dims: &[isize]) -> Value {
    vm.tuple(dims.iter().map(|n| Value::int_unchecked(*n as i64)).collect())
}

fn f_contiguous(view: &MemoryView) -> bool {
    super::buffer::f_contiguous(&view.shape, &view.strides, view.itemsize)
}

const GETSET: &[GetSetDef] = &[
    GetSetDef::new("obj", get!(|_, m| m.owner())).doc("The underlying object of the memoryview."),
    GetSetDef::new("nbytes", get!(|_, m| Value::from_usize(m.nbytes)))
        .doc("The amount of space in bytes that the array would use in\n a contiguous representation."),
    GetSetDef::new("readonly", get!(|_, m| Value::bool(m.readonly)))
        .doc("A bool indicating whether the memory is read only."),
    GetSetDef::new("itemsize", get!(|_, m| Value::from_usize(m.itemsize)))
        .doc("The size in bytes of each element of the memoryview."),
    GetSetDef::new("format", get!(|vm, m| vm.str(&m.format)))
        .doc("A string containing the format (in struct module style)\n for each element in the view."),
    GetSetDef::new("ndim", get!(|_, m| Value::from_usize(m.ndim())))
        .doc("An integer indicating how many dimensions of a multi-dimensional\n array the memory represents."),
    GetSetDef::new("shape", get!(|vm, m| dims(vm, &m.shape)))
        .doc("A tuple of ndim integers giving the shape of the memory\n as an N-dimensional array."),
    GetSetDef::new("strides", get!(|vm, m| dims(vm, &m.strides))).doc(
        "A tuple of ndim integers giving the size in bytes to access\n each element for each dimension of the array.",
    ),
    GetSetDef::new("suboffsets", get!(|vm, _| vm.tuple_of(&[])))
        .doc("A tuple of integers used internally for PIL-style arrays."),
    GetSetDef::new("c_contiguous", get!(|_, m| Value::bool(m.c_contiguous())))
        .doc("A bool indicating whether the memory is C contiguous."),
    GetSetDef::new("f_contiguous", get!(|_, m| Value::bool(f_contiguous(m))))
        .doc("A bool indicating whether the memory is Fortran contiguous."),
    GetSetDef::new("contiguous", get!(|_, m| Value::bool(m.c_contiguous() || f_contiguous(m))))
        .doc("A bool indicating whether the memory is contiguous."),
];

const METHODS: &[MethodDef] = &[
    MethodDef::new("release", "($self, /)", release)
        .doc("Release the underlying buffer exposed by the memoryview object."),
    MethodDef::new("tobytes", "($self, /, order='C')", tobytes).doc(
        "Return the data in the buffer as a byte string.\n\
            \n\
            Order can be {'C', 'F', 'A'}.  When order is 'C' or 'F', the data of\n\
            the original array is converted to C or Fortran order.  For\n\
            contiguous views, 'A' returns an exact copy of the physical memory.\n\
            In particular, in-memory Fortran order is preserved.  For\n\
            non-contiguous views, the data is converted to C first.  order=None\n\
            is the same as order='C'.",
    ),
    MethodDef::new("hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", hex).doc(
        "Return the data in the buffer as a str of hexadecimal numbers.\n\
            \n\
            \x20 sep\n\
            \x20   An optional single character or byte to separate hex bytes.\n\
            \x20 bytes_per_sep\n\
            \x20   How many bytes between separators.  Positive values count from\n\
            \x20   the right, negative values count from the left.\n\
            \n\
            Example:\n\
            >>> value = memoryview(b'\\xb9\\x01\\xef')\n\
            >>> value.hex()\n\
            'b901ef'\n\
            >>> value.hex(':')\n\
            'b9:01:ef'\n\
            >>> value.hex(':', 2)\n\
            'b9:01ef'\n\
            >>> value.hex(':', -2)\n\
            'b901:ef'",
    ),
    MethodDef::new("tolist", "($self, /)", tolist).doc("Return the data in the buffer as a list of elements."),
    MethodDef::new("cast", "($self, /, format, shape=<unrepresentable>)", cast::cast)
        .doc("Cast a memoryview to a new format or shape."),
    MethodDef::new("toreadonly", "($self, /)", toreadonly).doc("Return a readonly version of the memoryview."),
    MethodDef::new("_from_flags", "($type, /, object, flags)", from_flags)
        .class()
        .doc("Create a new memoryview object which references the given object."),
    MethodDef::new("count", "($self, value, /)", count).doc("Count the number of occurrences of a value."),
    MethodDef::new("index", "($self, value, start=0, stop=sys.maxsize, /)", index).doc(
        "Return the index of the first occurrence of a value.\n\
            \n\
            Raises ValueError if the value is not present.",
    ),
    MethodDef::new("__enter__", "($self, /)", enter).doc(""),
    MethodDef::raw("__exit__", "($self, /, *exc_info)", exit)
        .doc("Release the underlying buffer exposed by the memoryview object."),
    MethodDef::new("__class_getitem__", "($type, object, /)", class_getitem)
        .class()
        .doc("memoryviews are generic over the type of their underlying data"),
];
