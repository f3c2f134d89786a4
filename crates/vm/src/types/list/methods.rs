//! What Python sees of `list`.

use super::{List, slicing, sort};
use crate::error::{PyResult, Raised};
use crate::heap::HVec;
use crate::native::{Args, CallArgs, MethodDef};
use crate::object::Header;
use crate::types::slots::{BinOp, CmpOp, Slots};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// The type `list`.
pub static TYPE: TypeDef = TypeDef::new::<List>("list")
    .doc("Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an iterable if specified.")
    .basetype()
    .gc()
    .flags(tflag::SEQUENCE | tflag::LIST | tflag::MATCH_SELF)
    .slots(
        Slots {
            new: Some(new),
            init: Some(init),
            repr: Some(repr),
            richcmp: Some(richcmp),
            hash: Some(crate::types::typeobj::dunder::unhashable),
            iter: Some(|vm, v| Ok(vm.list_iter(v))),
            len: Some(|_, v| Ok(this(v).len())),
            getitem: Some(getitem),
            setitem: Some(setitem),
            contains: Some(contains),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, add)
        .with(BinOp::Mul, mul)
        .with_inplace(BinOp::Add, iadd)
        .with_inplace(BinOp::Mul, imul),
    )
    .methods(&[
        MethodDef::new("append", "($self, object, /)", append).doc("Append object to the end of the list."),
        MethodDef::new("clear", "($self, /)", clear).doc("Remove all items from list."),
        MethodDef::new("copy", "($self, /)", copy).doc("Return a shallow copy of the list."),
        MethodDef::new("count", "($self, value, /)", count).doc("Return number of occurrences of value."),
        MethodDef::new("extend", "($self, iterable, /)", extend)
            .doc("Extend list by appending elements from the iterable."),
        MethodDef::new("index", "($self, value, start=0, stop=sys.maxsize, /)", index)
            .doc("Return first index of value.\n\nRaises ValueError if the value is not present."),
        MethodDef::new("insert", "($self, index, object, /)", insert).doc("Insert object before index."),
        MethodDef::new("pop", "($self, index=-1, /)", pop).doc(
            "Remove and return item at index (default last).\n\nRaises IndexError if list is empty or index is out of range.",
        ),
        MethodDef::new("remove", "($self, value, /)", remove)
            .doc("Remove first occurrence of value.\n\nRaises ValueError if the value is not present."),
        MethodDef::new("reverse", "($self, /)", reverse).doc("Reverse *IN PLACE*."),
        MethodDef::new("sort", "($self, /, *, key=None, reverse=False)", sort_method).doc(
            "Sort the list in ascending order and return None.\n\nThe sort is in-place (i.e. the list itself is modified) \
             and stable (i.e. the\norder of two equal elements is maintained).\n\nIf a key function is given, apply it \
             once to each list item and sort them,\nascending or descending, according to their function values.\n\nThe \
             reverse flag can be set to sort in descending order.",
        ),
        MethodDef::new("__reversed__", "($self, /)", |vm, a| Ok(vm.list_reverse_iter(a.get(0))))
            .doc("Return a reverse iterator over the list."),
        MethodDef::new("__sizeof__", "($self, /)", sizeof).doc("Return the size of the list in memory, in bytes."),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ]);

#[inline(always)]
fn this(v: &Value) -> &List {
    v.downcast::<List>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, _: &CallArgs<'_>) -> PyResult {
    Ok(vm.alloc(ty, List::new(vm.hvec())))
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    if args.n_named() > 0 && vm.type_of(v).slots().new.is_some_and(|f| std::ptr::fn_addr_eq(f, new as NewFn)) {
        return Err(vm.type_error("list() takes no keyword arguments"));
    }
    let list = this(v);
    vm.check_mutable(v)?;
    match args.pos() {
        [] => drop(list.take()),
        [source] => {
            if !list.is_empty() {
                drop(list.take());
            }
            extend_from(vm, list, source)?;
        }
        more => return Err(vm.type_error(&format!("list expected at most 1 argument, got {}", more.len()))),
    }
    Ok(())
}

type NewFn = fn(&Vm, &TypeObj, &CallArgs<'_>) -> PyResult;

/// Appends all items of an iterable.
pub(crate) fn extend_from(vm: &Vm, list: &List, source: &Value) -> PyResult<()> {
    let t = vm.types();
    vm.check_payload_mutable(list)?;
    if vm.is_exact(source, t.list)
        && let Some(other) = source.downcast::<List>()
    {
        vm.check_alloc(other.len() * 8)?;
        if std::ptr::eq(other, list) {
            let copies = other.to_vec();
            list.with_mut(|items| items.extend(copies));
        } else {
            list.with_mut(|items| other.with(|more| items.extend_from_slice(more)));
        }
        return Ok(());
    }
    if vm.is_exact(source, t.tuple)
        && let Some(other) = source.downcast::<Tuple>()
    {
        list.with_mut(|items| items.extend_from_slice(other.as_slice()));
        return Ok(());
    }
    let it = vm.iter(source)?;
    let hint = vm.length_hint(source, 0)?;
    // As CPython: a hint that is more than any list can hold lies.
    if hint > 0 && hint <= isize::MAX as usize - list.len() {
        if hint > isize::MAX as usize / 8 {
            return Err(vm.memory_error());
        }
        vm.check_alloc(hint.saturating_mul(8))?;
        list.with_mut(|items| items.reserve(hint));
    }
    while let Some(item) = vm.next(&it)? {
        list.append_checked(vm, item)?;
    }
    Ok(())
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let list = this(v);
    if list.is_empty() {
        return Ok(vm.str("[]"));
    }
    let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str("[...]")) };
    let mut out = Vec::with_capacity(list.len() * 4 + 2);
    out.push(b'[');
    let mut i = 0;
    while let Some(item) = list.get(i) {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        push_repr(vm, &mut out, &item)?;
        i += 1;
    }
    out.push(b']');
    vm.finish_text(out)
}

/// Appends the repr of an item.
pub(crate) fn push_repr(vm: &Vm, out: &mut Vec<u8>, item: &Value) -> PyResult<()> {
    let text = vm.repr(item)?;
    if let Some(s) = text.downcast::<Str>() {
        out.extend_from_slice(s.as_bytes());
    }
    Ok(())
}

impl Vm {
    /// An argument that is a bound as in a slice, but never `None`.
    pub(crate) fn slice_bound(&self, v: &Value) -> PyResult<isize> {
        if !self.has_index(v) {
            return Err(self.type_error("slice indices must be integers or have an __index__ method"));
        }
        self.index_clamped(v)
    }

    /// Text put together from parts of valid WTF-8; `MemoryError` if it is too long.
    pub(crate) fn finish_text(&self, bytes: Vec<u8>) -> PyResult {
        if bytes.len() > crate::types::str::MAX_STR {
            return Err(self.memory_error());
        }
        Ok(self.str_wtf8(&bytes))
    }
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<List>(), b.downcast::<List>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if x.len() != y.len() && matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::bool(op == CmpOp::Ne));
    }
    let mut i = 0;
    loop {
        let (Some(p), Some(q)) = (x.get(i), y.get(i)) else {
            return Ok(Value::bool(op.of(x.len().cmp(&y.len()))));
        };
        if !vm.eq(&p, &q)? {
            return match op {
                CmpOp::Eq => Ok(Value::FALSE),
                CmpOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(&p, &q, op),
            };
        }
        i += 1;
    }
}

/// The position that an index stands for, from the end if negative.
#[inline(always)]
pub(crate) fn position(i: i64, len: usize) -> Option<usize> {
    let at = if i < 0 { i + len as i64 } else { i };
    if (at as u64) < len as u64 { Some(at as usize) } else { None }
}

fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let list = this(v);
    if let Some(i) = key.as_small_int()
        && let Some(item) = position(i, list.len()).and_then(|i| list.get(i))
    {
        return Ok(item);
    }
    getitem_slow(vm, list, key)
}

fn getitem_slow(vm: &Vm, list: &List, key: &Value) -> PyResult {
    if key.is_a::<crate::types::slice::Slice>() {
        return slicing::get(vm, list, key);
    }
    let i = sequence_index(vm, key, "list")?;
    position(i as i64, list.len()).and_then(|i| list.get(i)).ok_or_else(|| vm.index_error("list index out of range"))
}

/// The integer that a subscript stands for.
pub(crate) fn sequence_index(vm: &Vm, key: &Value, what: &str) -> PyResult<isize> {
    if let Some(i) = key.as_small_int() {
        return Ok(i as isize);
    }
    if !vm.has_index(key) {
        return Err(
            vm.type_error(&format!("{what} indices must be integers or slices, not {}", vm.type_of(key).name()))
        );
    }
    vm.index_isize(key, vm.types().IndexError)
}

fn setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let list = this(v);
    vm.check_mutable(v)?;
    if let (Some(i), Some(value)) = (key.as_small_int(), value)
        && let Some(at) = position(i, list.len())
    {
        list.set(at, value.clone());
        return Ok(());
    }
    setitem_slow(vm, v, key, value)
}

fn setitem_slow(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let list = this(v);
    if key.is_a::<crate::types::slice::Slice>() {
        return match value {
            Some(value) => slicing::set(vm, v, key, value),
            None => slicing::delete(vm, list, key),
        };
    }
    let i = sequence_index(vm, key, "list")?;
    let Some(at) = position(i as i64, list.len()) else {
        return Err(vm.index_error("list assignment index out of range"));
    };
    match value {
        Some(value) => drop(list.set(at, value.clone())),
        None => drop(list.with_mut(|items| items.remove(at))),
    }
    Ok(())
}

fn contains(vm: &Vm, v: &Value, item: &Value) -> PyResult<bool> {
    Ok(find(vm, this(v), item, 0, usize::MAX)?.is_some())
}

/// The first position in a range whose item equals `value`.
fn find(vm: &Vm, list: &List, value: &Value, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let mut i = start;
    loop {
        // Runs of items that need no Python code are compared without counting references.
        let step = list.with(|items| scan(vm, items.get(i..items.len().min(stop)).unwrap_or(&[]), value));
        match step {
            Scan::Found(n) => return Ok(Some(i + n)),
            Scan::End => return Ok(None),
            Scan::Ask(n) => i += n,
        }
        let Some(item) = list.get(i) else { return Ok(None) };
        if vm.eq(&item, value)? {
            return Ok(Some(i));
        }
        i += 1;
    }
}

/// How far a search without Python code came.
pub(crate) enum Scan {
    /// Item at this offset equals.
    Found(usize),
    /// No item equals.
    End,
    /// Whether the item at this offset equals is for `Vm::eq` to say.
    Ask(usize),
}

/// Searches items for a value as far as that needs no Python code.
pub(crate) fn scan(vm: &Vm, items: &[Value], value: &Value) -> Scan {
    if value.is_small_int() {
        for (i, item) in items.iter().enumerate() {
            if item.is(value) {
                return Scan::Found(i);
            }
            if item.is_float() || item.is_object() || item.as_bool().is_some() {
                if vm.is_exact_str(item) {
                    continue;
                }
                return Scan::Ask(i);
            }
        }
        return Scan::End;
    }
    if vm.is_exact_str(value)
        && let Some(text) = value.downcast::<Str>()
    {
        for (i, item) in items.iter().enumerate() {
            if item.is(value) {
                return Scan::Found(i);
            }
            if vm.is_exact_str(item) {
                if item.downcast::<Str>().is_some_and(|s| s.as_bytes() == text.as_bytes()) {
                    return Scan::Found(i);
                }
            } else if item.is_object() {
                return Scan::Ask(i);
            }
        }
        return Scan::End;
    }
    match items.first() {
        Some(_) => Scan::Ask(0),
        None => Scan::End,
    }
}

fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let Some(x) = a.downcast::<List>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(y) = b.downcast::<List>() else {
        return Err(vm.type_error(&format!("can only concatenate list (not \"{}\") to list", vm.type_of(b).name())));
    };
    let n = x.len() + y.len();
    vm.check_alloc(n * 8)?;
    let mut items = HVec::with_capacity_in(n, vm.heap().alloc());
    x.with(|more| items.extend_from_slice(more));
    y.with(|more| items.extend_from_slice(more));
    Ok(vm.list_from(items))
}

/// The count of a repetition; `None` if the operand is no integer.
pub(crate) fn repeat_count(vm: &Vm, count: &Value) -> PyResult<Option<usize>> {
    if let Some(n) = count.as_small_int() {
        return Ok(Some(n.max(0) as usize));
    }
    if !vm.has_index(count) {
        return Ok(None);
    }
    let n = vm.index_isize(count, vm.types().OverflowError)?;
    Ok(Some(n.max(0) as usize))
}

fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (list, count) = match (a.downcast::<List>(), b.downcast::<List>()) {
        (Some(list), _) => (list, b),
        (_, Some(list)) => (list, a),
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    let Some(n) = repeat_count(vm, count)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let total = list.len().checked_mul(n).filter(|t| *t <= isize::MAX as usize / 8).ok_or_else(|| vm.memory_error())?;
    vm.check_alloc(total * 8)?;
    let mut items: HVec<Value> = HVec::with_capacity_in(total, vm.heap().alloc());
    list.with(|source| match source {
        [] => {}
        [one] => items.extend(std::iter::repeat_n(one, n).cloned()),
        _ => (0..n).for_each(|_| items.extend_from_slice(source)),
    });
    Ok(vm.list_from(items))
}

fn iadd(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    extend_from(vm, this(a), b)?;
    Ok(a.clone())
}

fn imul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let list = this(a);
    let Some(n) = repeat_count(vm, b)? else { return Ok(Value::NOT_IMPLEMENTED) };
    vm.check_mutable(a)?;
    if n == 0 {
        drop(list.take());
        return Ok(a.clone());
    }
    let len = list.len();
    let total = len.checked_mul(n).filter(|t| *t <= isize::MAX as usize / 8).ok_or_else(|| vm.memory_error())?;
    vm.check_alloc(total * 8)?;
    list.with_mut(|items| {
        items.reserve(total - len);
        for _ in 1..n {
            items.extend_from_within_first(len);
        }
    });
    Ok(a.clone())
}

/// Appending a copy of the first items of the vector itself.
trait ExtendFromFirst {
    fn extend_from_within_first(&mut self, n: usize);
}

impl ExtendFromFirst for HVec<Value> {
    fn extend_from_within_first(&mut self, n: usize) {
        for i in 0..n {
            let item = self[i].clone();
            self.push(item);
        }
    }
}

fn append(vm: &Vm, a: Args<'_>) -> PyResult {
    a.this::<List>().append_checked(vm, a.get(1).clone())?;
    Ok(Value::NONE)
}

fn clear(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.check_mutable(a.get(0))?;
    drop(a.this::<List>().take());
    Ok(Value::NONE)
}

fn copy(vm: &Vm, a: Args<'_>) -> PyResult {
    let list = a.this::<List>();
    vm.check_alloc(list.len() * 8)?;
    let mut items = HVec::with_capacity_in(list.len(), vm.heap().alloc());
    list.with(|source| items.extend_from_slice(source));
    Ok(vm.list_from(items))
}

fn count(vm: &Vm, a: Args<'_>) -> PyResult {
    let (list, value) = (a.this::<List>(), a.get(1));
    let (mut n, mut i) = (0, 0);
    while let Some(at) = find(vm, list, value, i, usize::MAX)? {
        n += 1;
        i = at + 1;
    }
    Ok(Value::from_usize(n))
}

fn extend(vm: &Vm, a: Args<'_>) -> PyResult {
    extend_from(vm, a.this::<List>(), a.get(1))?;
    Ok(Value::NONE)
}

/// The bounds that `index(value, start, stop)` gives, clipped to the length.
pub(crate) fn search_bounds(vm: &Vm, a: Args<'_>, len: usize) -> PyResult<(usize, usize)> {
    let clip = |i: isize| if i < 0 { (i + len as isize).max(0) as usize } else { i as usize };
    let start = a.opt(2).map_or(Ok(0), |v| vm.slice_bound(v))?;
    let stop = a.opt(3).map_or(Ok(isize::MAX), |v| vm.slice_bound(v))?;
    Ok((clip(start), clip(stop)))
}

fn index(vm: &Vm, a: Args<'_>) -> PyResult {
    let list = a.this::<List>();
    let (start, stop) = search_bounds(vm, a, list.len())?;
    match find(vm, list, a.get(1), start, stop)? {
        Some(i) => Ok(Value::from_usize(i)),
        None => Err(vm.value_error("list.index(x): x not in list")),
    }
}

fn insert(vm: &Vm, a: Args<'_>) -> PyResult {
    let list = a.this::<List>();
    let i = vm.arg_isize(a.get(1))?;
    let len = list.len();
    let at = if i < 0 { (i + len as isize).max(0) as usize } else { (i as usize).min(len) };
    vm.check_mutable(a.get(0))?;
    list.reserve_checked(vm)?;
    list.with_mut(|items| items.insert(at, a.get(2).clone()));
    Ok(Value::NONE)
}

fn pop(vm: &Vm, a: Args<'_>) -> PyResult {
    let list = a.this::<List>();
    vm.check_mutable(a.get(0))?;
    let Some(i) = a.opt(1) else {
        return list.pop().ok_or_else(|| vm.index_error("pop from empty list"));
    };
    let i = match i.as_small_int() {
        Some(i) => i,
        None => vm.arg_isize(i)? as i64,
    };
    if list.is_empty() {
        return Err(vm.index_error("pop from empty list"));
    }
    match position(i, list.len()) {
        Some(at) => Ok(list.with_mut(|items| items.remove(at))),
        None => Err(vm.index_error("pop index out of range")),
    }
}

fn remove(vm: &Vm, a: Args<'_>) -> PyResult {
    let list = a.this::<List>();
    vm.check_mutable(a.get(0))?;
    match find(vm, list, a.get(1), 0, usize::MAX)? {
        Some(i) => {
            vm.check_mutable(a.get(0))?;
            drop(list.with_mut(|items| if i < items.len() { Some(items.remove(i)) } else { None }));
            Ok(Value::NONE)
        }
        None => Err(vm.value_error("list.remove(x): x not in list")),
    }
}

fn reverse(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.check_mutable(a.get(0))?;
    a.this::<List>().with_mut(|items| items.reverse());
    Ok(Value::NONE)
}

fn sort_method(vm: &Vm, a: Args<'_>) -> PyResult {
    let reverse = a.opt(2).map_or(Ok(false), |v| vm.truthy(v))?;
    sort::sort_list(vm, a.this::<List>(), a.some(1), reverse)?;
    Ok(Value::NONE)
}

fn sizeof(vm: &Vm, a: Args<'_>) -> PyResult {
    let list = a.this::<List>();
    let capacity = list.capacity();
    let base = vm.type_of(a.get(0)).basicsize as usize;
    Ok(Value::from_usize(base.max(size_of::<Header>()) + capacity * 8))
}

impl List {
    /// Appends an item; `MemoryError` if the growth that it needs is not allowed.
    #[inline(always)]
    pub fn append_checked(&self, vm: &Vm, item: Value) -> PyResult<()> {
        if self.is_full() {
            self.reserve_checked(vm)?;
        }
        self.push(item);
        Ok(())
    }

    /// Makes room for another item.
    #[inline]
    pub(crate) fn reserve_checked(&self, vm: &Vm) -> Result<(), Raised> {
        if self.is_full() {
            vm.check_payload_mutable(self)?;
            vm.check_alloc(self.len() * 8)?;
        }
        Ok(())
    }
}
