//! `array`: sequences of machine values.
//!
//! Rooms: [`code`] type codes; this file the payload and the type; `items` indexing, slices and operators; `methods`;
//! `pickle` what pickles hold.
//!
//! Invariant: while exports (memoryviews) exist the storage is neither moved nor resized; no borrow of the bytes lives
//! while Python code may run.

mod code;
mod items;
mod methods;
mod pickle;

use code::Code;
use serpens_state::NativeModule;
use serpens_vm::cell::VCell;
use serpens_vm::heap::HVec;
use serpens_vm::types::bytearray::ByteArray;
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::iter::iterator_slots;
use serpens_vm::types::list::List;
use serpens_vm::types::slots::{BinOp, Buffer, Slots};
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("array")
    .doc("Arrays of machine values: characters, integers, floating-point numbers.")
    .functions(&[MethodDef::new(
        "_array_reconstructor",
        "(arraytype, typecode, mformat_code, items, /)",
        pickle::rebuild,
    )
    .doc("Internal. Used for pickling support.")])
    .types(&[&ARRAY])
    .init(|vm, d| {
        let ty = vm.type_of_def(&ARRAY).value();
        d.set_name(vm, "typecodes", vm.str(code::CODES));
        d.set_name(vm, "ArrayType", ty.clone());
        let sequence = serpens_state::import::import_module(vm, "collections.abc")?;
        let sequence = vm.getattr_str(&sequence, "MutableSequence")?;
        vm.call_method_str(&sequence, "register", &[ty]).map(drop)
    });

/// `array.array`.
pub struct Array {
    code: Code,
    data: RefCell<HVec<u8>>,
    /// Buffers handed out and not yet released.
    exports: Cell<usize>,
}

serpens_vm::native_payload!(Array {});

/// The type `array`.
pub static ARRAY: TypeDef = TypeDef::new::<Array>("array")
    .copied_then(|copier, h| {
        let alloc = copier.vm().heap().alloc();
        copier.renew(h, |a: &Array| &a.data, |data| {
            let mut own = HVec::with_capacity_in(data.borrow().len(), alloc);
            own.extend_from_slice(&data.borrow());
            RefCell::new(own)
        });
        copier.renew(h, |a: &Array| &a.exports, |_| Cell::new(0));
    })
    .module("array")
    .doc("array(typecode [, initializer]) -> array\n\nReturn a new array whose items are restricted by typecode, and\ninitialized from the optional initializer value, which must be a list,\nstring or iterable over elements of the appropriate type.")
    .basetype()
    .flags(tflag::SEQUENCE | tflag::HAS_WEAKREF)
    .slots(
        Slots {
            new: Some(new),
            repr: Some(repr),
            richcmp: Some(items::richcmp),
            iter: Some(|vm, v| Ok(vm.alloc_native(&ITERATOR, ArrayIter { array: VCell::new(v.clone()), at: Cell::new(0) }))),
            len: Some(|_, v| Ok(this(v).len())),
            getitem: Some(items::getitem),
            setitem: Some(items::setitem),
            contains: Some(|vm, v, item| Ok(items::find(vm, this(v), item, 0, usize::MAX)?.is_some())),
            buffer: Some(buffer),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, items::add)
        .with(BinOp::Mul, items::mul)
        .with_inplace(BinOp::Add, items::iadd)
        .with_inplace(BinOp::Mul, items::imul),
    )
    .methods(methods::METHODS)
    .getset(&[
        GetSetDef::new("typecode", |vm, v| Ok(vm.char(this(v).code.char() as u32)))
            .doc("the typecode character used to create the array"),
        GetSetDef::new("itemsize", |_, v| Ok(Value::from_usize(this(v).code.size())))
            .doc("the size, in bytes, of one array item"),
    ]);

fn this(v: &Value) -> &Array {
    v.downcast::<Array>().expect("the descriptor has checked the receiver")
}

impl Array {
    /// Number of items.
    fn len(&self) -> usize {
        self.data.borrow().len() / self.code.size()
    }

    /// Item `i`, if there is one.
    #[inline]
    fn get(&self, vm: &Vm, i: usize) -> Option<PyResult> {
        let size = self.code.size();
        let data = self.data.borrow();
        let at = i.checked_mul(size)?;
        Some(self.code.load(vm, data.get(at..at + size)?))
    }

    /// `BufferError` while exports exist.
    fn check_resize(&self, vm: &Vm) -> PyResult<()> {
        match self.exports.get() {
            0 => Ok(()),
            _ => Err(vm.buffer_error("cannot resize an array that is exporting buffers")),
        }
    }

    fn push(&self, vm: &Vm, v: &Value) -> PyResult<()> {
        let word = self.code.word(vm, v)?;
        self.check_resize(vm)?;
        self.append_bytes(vm, &word.to_ne_bytes()[..self.code.size()])
    }

    /// Appends bytes of whole items.
    fn append_bytes(&self, vm: &Vm, bytes: &[u8]) -> PyResult<()> {
        let mut data = self.data.borrow_mut();
        if data.capacity() - data.len() < bytes.len() {
            vm.check_alloc(data.len().saturating_mul(2).max(data.len().saturating_add(bytes.len())))?;
        }
        data.extend_from_slice(bytes);
        Ok(())
    }
}

/// An array of these bytes, an instance of `ty`.
fn make(vm: &Vm, ty: &TypeObj, code: Code, bytes: &[u8]) -> PyResult {
    vm.check_alloc(bytes.len())?;
    let mut data = vm.hvec::<u8>();
    data.extend_from_slice(bytes);
    Ok(vm.alloc(ty, Array { code, data: RefCell::new(data), exports: Cell::new(0) }))
}

fn plain(vm: &Vm, code: Code, bytes: &[u8]) -> PyResult {
    make(vm, vm.type_of_def(&ARRAY), code, bytes)
}

fn code_arg(vm: &Vm, v: &Value) -> PyResult<Code> {
    let Some(s) = v.downcast::<Str>() else {
        let name = vm.type_of(v).name();
        return Err(vm.type_error(&format!("array() argument 1 must be a unicode character, not {name}")));
    };
    if s.len() != 1 {
        let n = s.len();
        return Err(
            vm.type_error(&format!("array() argument 1 must be a unicode character, not a string of length {n}"))
        );
    }
    s.char_at(0)
        .and_then(Code::new)
        .ok_or_else(|| vm.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"))
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 && ty.is(vm.type_of_def(&ARRAY)) {
        return Err(vm.type_error("array.array() takes no keyword arguments"));
    }
    let (code, initial) = match args.pos() {
        [c] => (c, None),
        [c, i] => (c, Some(i)),
        [] => return Err(vm.type_error("array() takes at least 1 argument (0 given)")),
        more => return Err(vm.type_error(&format!("array() takes at most 2 arguments ({} given)", more.len()))),
    };
    let code = code_arg(vm, code)?;
    if code.char() == 'u' {
        let text = "The 'u' type code is deprecated and will be removed in Python 3.16";
        vm.hooks().warn(vm, vm.types().DeprecationWarning, text, 1)?;
    }
    let made = make(vm, ty, code, &[])?;
    if let Some(initial) = initial {
        fill(vm, this(&made), initial)?;
    }
    Ok(made)
}

/// Fills a new array from its initializer.
fn fill(vm: &Vm, array: &Array, initial: &Value) -> PyResult<()> {
    let code = array.code;
    if let Some(text) = initial.downcast::<Str>() {
        if !code.is_text() {
            let c = code.char();
            return Err(vm.type_error(&format!("cannot use a str to initialize an array with typecode '{c}'")));
        }
        return methods::append_text(vm, array, text);
    }
    if let Some(other) = initial.downcast::<Array>() {
        if other.code.is_text() && !code.is_text() {
            let c = code.char();
            return Err(
                vm.type_error(&format!("cannot use a unicode array to initialize an array with typecode '{c}'"))
            );
        }
        if other.code == code || (other.code.is_text() && code.is_text()) {
            let bytes = other.data.borrow().to_vec();
            return array.append_bytes(vm, &bytes);
        }
    }
    if initial.is_a::<Bytes>() || initial.is_a::<ByteArray>() {
        return methods::append_buffer(vm, array, initial);
    }
    if vm.is_exact(initial, vm.types().list)
        && let Some(list) = initial.downcast::<List>()
    {
        let mut i = 0;
        while let Some(item) = list.get(i) {
            array.push(vm, &item)?;
            i += 1;
        }
        return Ok(());
    }
    vm.for_each(initial, |item| array.push(vm, &item))
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let array = this(v);
    let (name, code) = (vm.type_of(v).name(), array.code.char());
    if array.len() == 0 {
        return Ok(vm.str(&format!("{name}('{code}')")));
    }
    let shown = if array.code.is_text() { methods::to_text(vm, array)? } else { methods::to_list(vm, array)? };
    let shown = vm.repr(&shown)?;
    let shown = shown.downcast::<Str>().map_or(&[][..], Str::as_bytes);
    Ok(vm.str_wtf8(&[format!("{name}('{code}', ").as_bytes(), shown, b")"].concat()))
}

fn buffer(_: &Vm, v: &Value, _: bool) -> PyResult<Buffer> {
    let array = this(v);
    array.exports.set(array.exports.get() + 1);
    let release: fn(&Vm, &Value) = |_, v| {
        if let Some(array) = v.downcast::<Array>() {
            array.exports.set(array.exports.get().saturating_sub(1));
        }
    };
    let data = array.data.borrow();
    let mut made = Buffer::simple(v, data.as_ptr(), data.len(), false, Some(release));
    let size = array.code.size();
    made.itemsize = size;
    made.format = std::borrow::Cow::Borrowed(array.code.format());
    made.shape[0] = (data.len() / size) as isize;
    made.strides[0] = size as isize;
    Ok(made)
}

/// Iterates over an array.
pub struct ArrayIter {
    /// Empty when exhausted.
    array: VCell,
    at: Cell<usize>,
}

serpens_vm::native_payload!(ArrayIter {} cells { array });

static ITERATOR: TypeDef =
    TypeDef::new::<ArrayIter>("arrayiterator").module("array").gc().slots(iterator_slots(next)).methods(&[
        MethodDef::new("__reduce__", "($self, /)", pickle::reduce_iter).doc("Return state information for pickling."),
        MethodDef::new("__setstate__", "($self, state, /)", |vm, a| {
            let it = a.this::<ArrayIter>();
            let at = vm.arg_isize(a.get(1))?.max(0) as usize;
            if let Some(array) = it.array.get() {
                it.at.set(at.min(this(&array).len()));
            }
            Ok(Value::NONE)
        })
        .doc("Set state information for unpickling."),
    ]);

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = v.downcast::<ArrayIter>().expect("the descriptor has checked the receiver");
    let Some(array) = it.array.get() else { return Ok(None) };
    let i = it.at.get();
    match this(&array).get(vm, i) {
        Some(item) => {
            it.at.set(i + 1);
            item.map(Some)
        }
        None => {
            drop(it.array.take());
            Ok(None)
        }
    }
}
