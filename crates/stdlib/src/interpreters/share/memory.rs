//! `SharedBuffer` and `SharedArray`: memory at one address for all interpreters.
//!
//! Elements of an array are read and written atomically, also through the array's methods by several threads at once.
//! Through the buffer protocol both are plain memory, which nobody guards.

use super::{Handle, make, this};
use serpens_share::array::{ArrayError, SharedArray as Array};
use serpens_share::buffer::Layout;
use serpens_share::{BufferView, SharedBuffer as Memory};
use serpens_state::shared_view;
use serpens_vm::types::slice::Slice;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{CallArgs, GetSetDef, MethodDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::sync::Arc;

/// A handle of memory.
pub(super) struct SharedBuffer(Arc<BufferView>);

serpens_vm::native_payload!(SharedBuffer {});

impl Handle for SharedBuffer {
    const DEF: &'static TypeDef = &BUFFER;
    type Shared = Arc<BufferView>;

    fn shared(&self) -> Arc<BufferView> {
        self.0.clone()
    }

    fn adopt(_: &Vm, shared: Arc<BufferView>) -> Self {
        SharedBuffer(shared)
    }
}

static BUFFER: TypeDef = TypeDef::new::<SharedBuffer>("SharedBuffer")
    .copied_then(|copier, h| copier.renew(h, |x: &SharedBuffer| &x.0, Clone::clone))
    .module("interpreters")
    .doc("SharedBuffer(size_or_bytes): memory that all interpreters see at one address; use it through a memoryview.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new_buffer),
        repr: Some(|vm, v| {
            Ok(vm.str(&format!("<interpreters.SharedBuffer of {} bytes>", this::<SharedBuffer>(v).0.n_bytes())))
        }),
        len: Some(|_, v| Ok(this::<SharedBuffer>(v).0.n_bytes())),
        getitem: Some(|vm, v, k| vm.get_item(&vm.memoryview_of(v)?, k)),
        setitem: Some(|vm, v, k, value| match value {
            Some(value) => vm.set_item(&vm.memoryview_of(v)?, k, value),
            None => Err(vm.type_error("cannot delete memory")),
        }),
        buffer: Some(|vm, v, writable| shared_view::export(vm, v, &this::<SharedBuffer>(v).0, writable)),
        ..Slots::EMPTY
    });

fn new_buffer(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [source] = crate::data::bind(vm, args, "SharedBuffer", [""], 1)?;
    let none = Value::NONE;
    let source = source.unwrap_or(&none);
    let memory = if vm.has_index(source) {
        let n = vm.index_i64(source)?;
        let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("negative size")) };
        vm.check_alloc(n)?;
        Memory::zeroed(n).map_err(|_| vm.memory_error())?
    } else {
        let bytes = vm.get_buffer(source, false)?.to_vec();
        let memory = Memory::zeroed(bytes.len()).map_err(|_| vm.memory_error())?;
        // Fresh memory is writable and as long as the bytes.
        let _ = memory.write_at(0, &bytes);
        memory
    };
    Ok(make::<SharedBuffer>(vm, Arc::new(BufferView::of_bytes(&memory))))
}

/// A handle of an array.
pub(super) struct SharedArray(Arc<Numbers>);

serpens_vm::native_payload!(SharedArray {});

impl Handle for SharedArray {
    const DEF: &'static TypeDef = &ARRAY;
    type Shared = Arc<Numbers>;

    fn shared(&self) -> Arc<Numbers> {
        self.0.clone()
    }

    fn adopt(_: &Vm, shared: Arc<Numbers>) -> Self {
        SharedArray(shared)
    }
}

macro_rules! numbers {
    ($($kind:ident: $number:ty, $codes:pat, $name:literal, $from:expr, $to:expr;)*) => {
        /// An array by the type of its elements.
        pub(super) enum Numbers { $(#[doc = $name] $kind(Array<$number>, Arc<BufferView>),)* }

        impl Numbers {
            fn zeros(code: &str, shape: &[usize]) -> Option<Result<Numbers, ArrayError>> {
                Some(match code {
                    $($codes => Array::<$number>::zeros(shape).map(|a| {
                        let view = Arc::new(a.view().clone());
                        Numbers::$kind(a, view)
                    }),)*
                    _ => return None,
                })
            }

            fn view(&self) -> &Arc<BufferView> {
                match self { $(Numbers::$kind(_, view) => view,)* }
            }

            fn get(&self, vm: &Vm, at: &[usize]) -> Option<Value> {
                match self { $(Numbers::$kind(a, _) => a.get(at).map(|n| ($to)(vm, n)),)* }
            }

            /// Does one operation with a number made of a value. `None` if there is no such element.
            fn change(&self, vm: &Vm, at: &[usize], change: Change, v: &Value) -> PyResult<Option<Value>> {
                let read_only = |_| vm.type_error("cannot modify read-only memory");
                Ok(match self { $(Numbers::$kind(a, _) => {
                    let n: $number = ($from)(vm, v)?;
                    match change {
                        Change::Set => a.set(at, n).map_err(read_only)?.map(|()| Value::NONE),
                        Change::Swap => a.swap(at, n).map_err(read_only)?.map(|n| ($to)(vm, n)),
                        Change::Add => a.fetch_add(at, n).map_err(read_only)?.map(|n| ($to)(vm, n)),
                    }
                })* })
            }

            fn compare_and_set(&self, vm: &Vm, at: &[usize], old: &Value, new: &Value) -> PyResult<Option<bool>> {
                let read_only = |_| vm.type_error("cannot modify read-only memory");
                Ok(match self { $(Numbers::$kind(a, _) => {
                    let (old, new): ($number, $number) = (($from)(vm, old)?, ($from)(vm, new)?);
                    a.compare_exchange(at, old, new).map_err(read_only)?.map(|r| r.is_ok())
                })* })
            }

            fn fill(&self, vm: &Vm, v: &Value) -> PyResult<()> {
                match self { $(Numbers::$kind(a, _) => {
                    let n: $number = ($from)(vm, v)?;
                    a.fill(n).map_err(|_| vm.type_error("cannot modify read-only memory"))
                })* }
            }

            fn all(&self, vm: &Vm) -> Vec<Value> {
                match self { $(Numbers::$kind(a, _) => a.iter().map(|n| ($to)(vm, n)).collect(),)* }
            }

            fn slice(&self, start: usize, n: usize, step: isize) -> Option<Numbers> {
                match self { $(Numbers::$kind(a, _) => {
                    let a = a.slice(0, start, n, step).ok()?;
                    let view = Arc::new(a.view().clone());
                    Some(Numbers::$kind(a, view))
                })* }
            }
        }
    };
}

/// A change of one element.
#[derive(Clone, Copy)]
enum Change {
    Set,
    Swap,
    Add,
}

fn integer<T: TryFrom<i64>>(vm: &Vm, v: &Value) -> PyResult<T> {
    let n = vm.arg_i64(v)?;
    T::try_from(n).map_err(|_| vm.overflow_error("the number does not fit the elements of the array"))
}

fn signed<T: Into<i64>>(vm: &Vm, n: T) -> Value {
    vm.int(n.into())
}

numbers! {
    I8: i8, "b", "signed bytes", integer, signed;
    U8: u8, "B", "bytes", integer, signed;
    I16: i16, "h", "16 bits", integer, signed;
    U16: u16, "H", "16 bits, unsigned", integer, signed;
    I32: i32, "i", "32 bits", integer, signed;
    U32: u32, "I", "32 bits, unsigned", integer, signed;
    I64: i64, "q" | "l", "64 bits", |vm: &Vm, v: &Value| vm.arg_i64(v), signed;
    U64: u64, "Q" | "L", "64 bits, unsigned", |vm: &Vm, v: &Value| vm.arg_u64(v), |vm: &Vm, n: u64| vm.int_u64(n);
    F32: f32, "f", "single precision", |vm: &Vm, v: &Value| vm.to_f64(v).map(|d| d as f32), |_: &Vm, n: f32| Value::float(n.into());
    F64: f64, "d", "double precision", |vm: &Vm, v: &Value| vm.to_f64(v), |_: &Vm, n: f64| Value::float(n);
}

static ARRAY: TypeDef = TypeDef::new::<SharedArray>("SharedArray")
    .copied_then(|copier, h| copier.renew(h, |x: &SharedArray| &x.0, Clone::clone))
    .module("interpreters")
    .doc(
        "SharedArray(typecode, shape_or_numbers): numbers that all interpreters see, each read and written atomically. The \
         second argument is a length, a tuple of lengths, or a list of numbers; the typecode one of bBhHiIqQfd.",
    )
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new_array),
        repr: Some(|vm, v| {
            let layout = numbers(v).view().layout();
            let shape = layout.shape.iter().map(|n| Value::from_usize(*n)).collect();
            let shape = vm.repr_string(&vm.tuple(shape))?;
            Ok(vm.str(&format!("<interpreters.SharedArray '{}' of shape {shape}>", layout.format)))
        }),
        len: Some(|_, v| Ok(numbers(v).view().layout().shape.first().copied().unwrap_or(0))),
        getitem: Some(get),
        setitem: Some(|vm, v, k, value| match value {
            Some(value) => change(vm, v, k, Change::Set, value).map(drop),
            None => Err(vm.type_error("cannot delete elements of an array")),
        }),
        iter: Some(|vm, v| vm.iter(&vm.list(numbers(v).all(vm)))),
        buffer: Some(|vm, v, writable| shared_view::export(vm, v, numbers(v).view(), writable)),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("add", "($self, index, n, /)", |vm, a| change(vm, a.get(0), a.get(1), Change::Add, a.get(2)))
            .doc("Add n to an element, wrapping around, and return what it was before."),
        MethodDef::new("swap", "($self, index, value, /)", |vm, a| {
            change(vm, a.get(0), a.get(1), Change::Swap, a.get(2))
        })
        .doc("Set an element, and return what it was before."),
        MethodDef::new("compare_and_set", "($self, index, expected, value, /)", |vm, a| {
            let array = numbers(a.get(0));
            let at = indices(vm, array, a.get(1))?;
            match array.compare_and_set(vm, &at, a.get(2), a.get(3))? {
                Some(done) => Ok(Value::bool(done)),
                None => Err(out_of_range(vm)),
            }
        })
        .doc("Set an element if it is the expected number. Whether it was."),
        MethodDef::new("fill", "($self, value, /)", |vm, a| {
            numbers(a.get(0)).fill(vm, a.get(1))?;
            Ok(Value::NONE)
        })
        .doc("Set all elements, one after the other."),
        MethodDef::new("tolist", "($self, /)", |vm, a| Ok(vm.list(numbers(a.get(0)).all(vm))))
            .doc("A list of all elements, each read when it is its turn."),
    ])
    .getset(&[
        GetSetDef::new("shape", |vm, v| {
            Ok(vm.tuple(numbers(v).view().layout().shape.iter().map(|n| Value::from_usize(*n)).collect()))
        }),
        GetSetDef::new("typecode", |vm, v| Ok(vm.str(&numbers(v).view().layout().format))),
        GetSetDef::new("itemsize", |_, v| Ok(Value::from_usize(numbers(v).view().layout().itemsize))),
    ]);

fn numbers(v: &Value) -> &Numbers {
    &this::<SharedArray>(v).0
}

fn length(vm: &Vm, v: &Value) -> PyResult<usize> {
    let n = vm.index_i64(v)?;
    usize::try_from(n).map_err(|_| vm.value_error("negative dimensions are not allowed"))
}

fn new_array(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [code, source] = crate::data::bind(vm, args, "SharedArray", ["typecode", ""], 2)?;
    let none = Value::NONE;
    let (code, source) = (code.unwrap_or(&none), source.unwrap_or(&none));
    let Some(code) = code.downcast::<Str>() else { return Err(vm.type_error("the typecode must be a str")) };
    let (shape, content) = if vm.has_index(source) {
        (vec![length(vm, source)?], None)
    } else if let Some(shape) = source.downcast::<Tuple>() {
        (shape.as_slice().iter().map(|n| length(vm, n)).collect::<PyResult<Vec<_>>>()?, None)
    } else {
        let content = vm.collect(source)?;
        (vec![content.len()], Some(content))
    };
    let n_bytes = shape.iter().try_fold(8_usize, |n, m| n.checked_mul(*m));
    vm.check_alloc(n_bytes.unwrap_or(usize::MAX))?;
    let made = match Numbers::zeros(code.as_str_lossy(), &shape) {
        Some(Ok(made)) => made,
        Some(Err(_)) => return Err(vm.memory_error()),
        None => return Err(vm.value_error("bad typecode (must be one of b, B, h, H, i, I, l, L, q, Q, f or d)")),
    };
    for (i, v) in content.iter().flatten().enumerate() {
        made.change(vm, &[i], Change::Set, v)?;
    }
    Ok(make::<SharedArray>(vm, Arc::new(made)))
}

fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("array index out of range")
}

/// The indices that a subscript means, negative ones counted from the end.
fn indices(vm: &Vm, array: &Numbers, key: &Value) -> PyResult<smallvec::SmallVec<[usize; 2]>> {
    let layout: &Layout = array.view().layout();
    let given = match key.downcast::<Tuple>() {
        Some(t) => t.as_slice(),
        None => std::slice::from_ref(key),
    };
    if given.len() != layout.shape.len() {
        return Err(vm.type_error(&format!("the array has {} dimensions", layout.shape.len())));
    }
    given
        .iter()
        .zip(&layout.shape)
        .map(|(i, n)| {
            let i = vm.index_i64(i)?;
            let at = if i < 0 { i + *n as i64 } else { i };
            usize::try_from(at).map_err(|_| out_of_range(vm))
        })
        .collect()
}

fn get(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let array = numbers(v);
    if let Some(slice) = key.downcast::<Slice>() {
        let n = array.view().layout().shape.first().copied().unwrap_or(0);
        let range = slice.indices(vm, n)?;
        return match array.slice(range.start as usize, range.len, range.step) {
            Some(part) => Ok(make::<SharedArray>(vm, Arc::new(part))),
            None => Err(out_of_range(vm)),
        };
    }
    let at = indices(vm, array, key)?;
    array.get(vm, &at).ok_or_else(|| out_of_range(vm))
}

fn change(vm: &Vm, v: &Value, key: &Value, change: Change, value: &Value) -> PyResult {
    let array = numbers(v);
    let at = indices(vm, array, key)?;
    array.change(vm, &at, change, value)?.ok_or_else(|| out_of_range(vm))
}
