//! The type `SharedArray`: numbers in any number of dimensions, each read and written atomically.

use super::super::locks::RLock;
use super::super::owned::Owned;
use super::super::{Handle, make, this};
use super::numbers::{Change, Numbers};
use super::{SharedBuffer, size, subscript};
use serpens_share::array::ArrayError;
use serpens_share::prims;
use serpens_state::shared_view;
use serpens_vm::types::list::List;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::sync::Arc;

/// As many dimensions as a memoryview has.
const MAX_DIMENSIONS: usize = 64;

/// A handle of an array.
pub(in super::super) struct SharedArray(Shared);

/// An array, and the lock that it has in common with all its parts.
#[derive(Clone)]
pub(in super::super) struct Shared {
    numbers: Arc<Numbers>,
    lock: Arc<Owned<prims::RLock>>,
}

serpens_vm::native_payload!(SharedArray {});

impl Handle for SharedArray {
    const DEF: &'static TypeDef = &ARRAY;
    type Shared = Shared;

    fn shared(&self) -> Shared {
        self.0.clone()
    }

    fn adopt(_: &Vm, shared: Shared) -> Self {
        SharedArray(shared)
    }
}

static ARRAY: TypeDef = TypeDef::new::<SharedArray>("SharedArray")
    .copied_then(|copier, h| copier.renew(h, |x: &SharedArray| &x.0, Clone::clone))
    .module("interpreters")
    .doc(
        "SharedArray(typecode, shape_or_numbers): numbers that all interpreters see, each read and written atomically. The \
         second argument is a length, a tuple of lengths, or a list of numbers (of lists, of more dimensions); the typecode one of bBhHiIqQfd.",
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
        len: Some(|vm, v| match numbers(v).view().layout().shape.first() {
            Some(n) => Ok(*n),
            None => Err(vm.type_error("an array of 0 dimensions has no length")),
        }),
        bool: Some(|_, v| Ok(!numbers(v).view().layout().shape.contains(&0))),
        getitem: Some(|vm, v, key| match subscript::find(vm, numbers(v), key)? {
            subscript::Found::Element(at) => numbers(v).get(vm, &at).ok_or_else(|| subscript::out_of_range(vm)),
            subscript::Found::Part(part) => Ok(part_of(vm, v, part)),
        }),
        setitem: Some(|vm, v, key, value| {
            let Some(value) = value else { return Err(vm.type_error("cannot delete elements of an array")) };
            match subscript::find(vm, numbers(v), key)? {
                subscript::Found::Element(at) => changed(vm, numbers(v), &at, Change::Set, value).map(drop),
                subscript::Found::Part(part) => subscript::assign(vm, &part, value),
            }
        }),
        iter: Some(|vm, v| {
            let array = numbers(v);
            let items = match array.view().layout().shape.len() {
                0 => return Err(vm.type_error("iteration over an array of 0 dimensions")),
                1 => array.all(vm),
                _ => rows(array).map(|row| part_of(vm, v, row)).collect(),
            };
            vm.iter(&vm.list(items))
        }),
        buffer: Some(|vm, v, writable| shared_view::export(vm, v, numbers(v).view(), writable)),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("from_buffer", "($type, typecode, shape, buffer, offset=0, /)", from_buffer)
            .class()
            .doc("The memory of a SharedBuffer from an offset on, read as an array of a shape."),
        MethodDef::new("add", "($self, index, n, /)", |vm, a| change(vm, a.get(0), a.get(1), Change::Add, a.get(2)))
            .doc("Add n to an element, wrapping around, and return what it was before."),
        MethodDef::new("swap", "($self, index, value, /)", |vm, a| {
            change(vm, a.get(0), a.get(1), Change::Swap, a.get(2))
        })
        .doc("Set an element, and return what it was before."),
        MethodDef::new("compare_and_set", "($self, index, expected, value, /)", |vm, a| {
            let array = numbers(a.get(0));
            let at = subscript::element(vm, array, a.get(1))?;
            match array.compare_and_set(vm, &at, a.get(2), a.get(3))? {
                Some(done) => Ok(Value::bool(done)),
                None => Err(subscript::out_of_range(vm)),
            }
        })
        .doc("Set an element if it is the expected number. Whether it was."),
        MethodDef::new("fill", "($self, value, /)", |vm, a| {
            numbers(a.get(0)).fill(vm, a.get(1))?;
            Ok(Value::NONE)
        })
        .doc("Set all elements, one after the other."),
        MethodDef::new("tolist", "($self, /)", |vm, a| nested(vm, numbers(a.get(0))))
            .doc("A list of all elements (of lists, if there are more dimensions), each read when it is its turn."),
        MethodDef::new("toreadonly", "($self, /)", |vm, a| match numbers(a.get(0)).read_only() {
            Some(same) => Ok(part_of(vm, a.get(0), same)),
            None => Err(vm.value_error("the array cannot be read")),
        })
        .doc("The same elements, for reading only."),
    ])
    .getset(&[
        GetSetDef::new("shape", |vm, v| {
            Ok(vm.tuple(numbers(v).view().layout().shape.iter().map(|n| Value::from_usize(*n)).collect()))
        }),
        GetSetDef::new("ndim", |_, v| Ok(Value::from_usize(numbers(v).view().layout().shape.len()))),
        GetSetDef::new("typecode", |vm, v| Ok(vm.str(&numbers(v).view().layout().format))),
        GetSetDef::new("itemsize", |_, v| Ok(Value::from_usize(numbers(v).view().layout().itemsize))),
        GetSetDef::new("readonly", |_, v| Ok(Value::bool(numbers(v).view().layout().read_only))),
        GetSetDef::new("lock", |vm, v| Ok(make::<RLock>(vm, this::<SharedArray>(v).0.lock.clone())))
            .doc("A lock of the array and all its parts, for changes of more than one element. Nobody takes it unasked."),
    ]);

fn numbers(v: &Value) -> &Numbers {
    &this::<SharedArray>(v).0.numbers
}

/// A part of an array, with the lock of the whole.
fn part_of(vm: &Vm, whole: &Value, part: Numbers) -> Value {
    let lock = this::<SharedArray>(whole).0.lock.clone();
    make::<SharedArray>(vm, Shared { numbers: Arc::new(part), lock })
}

fn fresh(vm: &Vm, made: Numbers) -> Value {
    make::<SharedArray>(vm, Shared { numbers: Arc::new(made), lock: Arc::default() })
}

/// The parts of an array with each index of its first dimension.
fn rows(array: &Numbers) -> impl Iterator<Item = Numbers> + '_ {
    let n = array.view().layout().shape.first().copied().unwrap_or(0);
    (0..n).filter_map(|i| array.index(0, i))
}

/// The elements as lists of lists.
pub(super) fn nested(vm: &Vm, array: &Numbers) -> PyResult {
    match array.view().layout().shape.len() {
        0 => array.get(vm, &[]).ok_or_else(|| subscript::out_of_range(vm)),
        1 => Ok(vm.list(array.all(vm))),
        _ => Ok(vm.list(rows(array).map(|row| nested(vm, &row)).collect::<PyResult<_>>()?)),
    }
}

/// The elements of a value that is an array itself, as lists; `None` if it is not one.
pub(super) fn copied(vm: &Vm, v: &Value) -> Option<PyResult> {
    v.downcast::<SharedArray>().map(|array| nested(vm, &array.0.numbers))
}

fn typecode<'a>(vm: &Vm, v: &'a Value) -> PyResult<&'a str> {
    match v.downcast::<Str>() {
        Some(code) => Ok(code.as_str_lossy()),
        None => Err(vm.type_error("the typecode must be a str")),
    }
}

/// A shape that a program gave: a length or a tuple of them.
fn shape_of(vm: &Vm, v: &Value) -> PyResult<Vec<usize>> {
    let lengths = v.downcast::<Tuple>().map_or(std::slice::from_ref(v), Tuple::as_slice);
    checked(
        vm,
        lengths.iter().map(|n| size(vm, n, "negative dimensions are not allowed")).collect::<PyResult<Vec<_>>>()?,
    )
}

fn checked(vm: &Vm, shape: Vec<usize>) -> PyResult<Vec<usize>> {
    if shape.len() > MAX_DIMENSIONS {
        return Err(vm.value_error(&format!("number of dimensions must not exceed {MAX_DIMENSIONS}")));
    }
    Ok(shape)
}

/// The shape of lists in lists, told by the first of each.
fn shape_of_lists(vm: &Vm, v: &Value) -> PyResult<Vec<usize>> {
    let mut shape = Vec::new();
    let mut at = v.clone();
    while shape.len() <= MAX_DIMENSIONS {
        let (n, first) = match (at.downcast::<List>(), at.downcast::<Tuple>()) {
            (Some(list), _) => (list.len(), list.to_vec().into_iter().next()),
            (_, Some(tuple)) => (tuple.as_slice().len(), tuple.as_slice().first().cloned()),
            _ => break,
        };
        shape.push(n);
        match first {
            Some(first) => at = first,
            None => break,
        }
    }
    checked(vm, shape)
}

fn made(vm: &Vm, outcome: Option<Result<Numbers, ArrayError>>) -> PyResult<Numbers> {
    match outcome {
        Some(Ok(made)) => Ok(made),
        Some(Err(ArrayError::Memory)) => Err(vm.memory_error()),
        Some(Err(e)) => Err(vm.value_error(&e.to_string())),
        None => Err(vm.value_error("bad typecode (must be one of b, B, h, H, i, I, l, L, q, Q, f or d)")),
    }
}

fn new_array(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [code, source] = crate::data::bind(vm, args, "SharedArray", ["typecode", ""], 2)?;
    let none = Value::NONE;
    let (code, source) = (typecode(vm, code.unwrap_or(&none))?, source.unwrap_or(&none));
    let (shape, content) = if vm.has_index(source) || source.is_a::<Tuple>() {
        (shape_of(vm, source)?, None)
    } else {
        let lists = match copied(vm, source) {
            Some(lists) => lists?,
            None if source.is_a::<List>() => source.clone(),
            None => vm.list(vm.collect(source)?),
        };
        (shape_of_lists(vm, &lists)?, Some(lists))
    };
    let n_bytes = shape.iter().try_fold(8_usize, |n, m| n.checked_mul(*m));
    vm.check_alloc(n_bytes.unwrap_or(usize::MAX))?;
    let array = made(vm, Numbers::zeros(code, &shape))?;
    if let Some(content) = content {
        subscript::assign_each(vm, &array, &content)?;
    }
    Ok(fresh(vm, array))
}

fn from_buffer(vm: &Vm, a: Args<'_>) -> PyResult {
    let (code, shape) = (typecode(vm, a.get(1))?, shape_of(vm, a.get(2))?);
    let Some(memory) = a.get(3).downcast::<SharedBuffer>() else {
        let kind = vm.type_of(a.get(3)).name().to_string();
        return Err(vm.type_error(&format!("a SharedBuffer is required, not '{kind}'")));
    };
    let offset = a.opt(4).map_or(Ok(0), |n| size(vm, n, "negative offset"))?;
    let view = &memory.0;
    let array = made(vm, Numbers::over(code, view.buffer(), &shape, offset))?;
    if !view.layout().read_only {
        return Ok(fresh(vm, array));
    }
    match array.read_only() {
        Some(array) => Ok(fresh(vm, array)),
        None => Err(vm.value_error("the array cannot be read")),
    }
}

fn changed(vm: &Vm, array: &Numbers, at: &[usize], change: Change, value: &Value) -> PyResult {
    array.change(vm, at, change, value)?.ok_or_else(|| subscript::out_of_range(vm))
}

fn change(vm: &Vm, v: &Value, key: &Value, change: Change, value: &Value) -> PyResult {
    let array = numbers(v);
    changed(vm, array, &subscript::element(vm, array, key)?, change, value)
}
