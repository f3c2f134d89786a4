//! `deque`: a sequence that grows and shrinks at both ends.
//!
//! Invariant: no borrow of the items lives while Python code may run.

use super::deque_iter;
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::slots::{BinOp, CmpOp, Slots};
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// A deque.
pub struct Deque {
    items: RefCell<VecDeque<Value>>,
    max_len: Cell<Option<usize>>,
    /// Counts changes, for the iterators.
    changes: Cell<usize>,
}

// SAFETY: made by the heap only; the type says which payload it is.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Deque {
    const KIND: Kind = Kind::Native;

    #[inline(always)]
    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<Deque>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.items.borrow().iter().for_each(visit);
    }

    fn clear(&self) {
        drop(self.items.take());
    }
}

/// The type `collections.deque`.
pub static DEQUE: TypeDef = TypeDef::new::<Deque>("deque")
    .copied_then(|copier, h| {
        let own = |items: &RefCell<VecDeque<Value>>| items.borrow().iter().map(|v| copier.take(v)).collect();
        copier.renew(h, |d: &Deque| &d.items, |items| RefCell::new(own(items)));
    })
    .module("collections")
    .doc("A list-like sequence optimized for data accesses near its endpoints.")
    .basetype()
    .gc()
    .flags(tflag::SEQUENCE | tflag::HAS_WEAKREF)
    .slots(
        Slots {
            new: Some(|vm, ty, _| Ok(empty(vm, ty, None))),
            init: Some(init),
            repr: Some(repr),
            richcmp: Some(richcmp),
            iter: Some(|vm, v| Ok(deque_iter::make(vm, v, false))),
            len: Some(|_, v| Ok(this(v).len())),
            getitem: Some(getitem),
            setitem: Some(setitem),
            contains: Some(|vm, v, item| Ok(find(vm, this(v), item, 0, usize::MAX)?.is_some())),
            ..Slots::EMPTY
        }
        .with(BinOp::Add, add)
        .with(BinOp::Mul, mul)
        .with_inplace(BinOp::Add, |vm, a, b| {
            extend(vm, a, b, false)?;
            Ok(a.clone())
        })
        .with_inplace(BinOp::Mul, imul),
    )
    .methods(METHODS)
    .getset(&[GetSetDef::new("maxlen", |vm, v| Ok(this(v).max_len.get().map_or(Value::NONE, |n| vm.int_usize(n))))
        .doc("maximum size of a deque or None if unbounded")]);

const METHODS: &[MethodDef] = &[
    MethodDef::new("append", "($self, item, /)", |_, a| {
        a.this::<Deque>().push(a.get(1).clone(), false);
        Ok(Value::NONE)
    })
    .doc("Add an element to the right side of the deque."),
    MethodDef::new("appendleft", "($self, item, /)", |_, a| {
        a.this::<Deque>().push(a.get(1).clone(), true);
        Ok(Value::NONE)
    })
    .doc("Add an element to the left side of the deque."),
    MethodDef::new("clear", "($self, /)", |_, a| {
        a.this::<Deque>().clear_items();
        Ok(Value::NONE)
    })
    .doc("Remove all elements from the deque."),
    MethodDef::new("copy", "($self, /)", copy).doc("Return a shallow copy of a deque."),
    MethodDef::new("__copy__", "($self, /)", copy).doc("Return a shallow copy of a deque."),
    MethodDef::new("count", "($self, value, /)", count).doc("Return number of occurrences of value."),
    MethodDef::new("extend", "($self, iterable, /)", |vm, a| {
        extend(vm, a.get(0), a.get(1), false)?;
        Ok(Value::NONE)
    })
    .doc("Extend the right side of the deque with elements from the iterable."),
    MethodDef::new("extendleft", "($self, iterable, /)", |vm, a| {
        extend(vm, a.get(0), a.get(1), true)?;
        Ok(Value::NONE)
    })
    .doc("Extend the left side of the deque with elements from the iterable."),
    MethodDef::new("index", "($self, value, start=0, stop=sys.maxsize, /)", index)
        .doc("Return first index of value.\n\nRaises ValueError if the value is not present."),
    MethodDef::new("insert", "($self, index, value, /)", insert).doc("Insert value before index."),
    MethodDef::new("pop", "($self, /)", |vm, a| {
        a.this::<Deque>().take(|d| d.pop_back()).ok_or_else(|| vm.index_error("pop from an empty deque"))
    })
    .doc("Remove and return the rightmost element."),
    MethodDef::new("popleft", "($self, /)", |vm, a| {
        a.this::<Deque>().take(|d| d.pop_front()).ok_or_else(|| vm.index_error("pop from an empty deque"))
    })
    .doc("Remove and return the leftmost element."),
    MethodDef::new("remove", "($self, value, /)", remove).doc("Remove first occurrence of value."),
    MethodDef::new("reverse", "($self, /)", |_, a| {
        let d = a.this::<Deque>();
        d.items.borrow_mut().make_contiguous().reverse();
        d.changed();
        Ok(Value::NONE)
    })
    .doc("Reverse *IN PLACE*."),
    MethodDef::new("rotate", "($self, n=1, /)", rotate)
        .doc("Rotate the deque n steps to the right.  If n is negative, rotates left."),
    MethodDef::new("__reduce__", "($self, /)", reduce).doc("Return state information for pickling."),
    MethodDef::new("__reversed__", "($self, /)", |vm, a| Ok(deque_iter::make(vm, a.get(0), true)))
        .doc("Return a reverse iterator over the deque."),
    MethodDef::new("__sizeof__", "($self, /)", |_, a| {
        Ok(Value::from_usize(size_of::<Deque>() + 16 + a.this::<Deque>().items.borrow().capacity() * 8))
    })
    .doc("Return the size of the deque in memory, in bytes."),
    MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
        .class()
        .doc("See PEP 585"),
];

fn this(v: &Value) -> &Deque {
    v.downcast::<Deque>().expect("the descriptor has checked the receiver")
}

fn empty(vm: &Vm, ty: &TypeObj, max_len: Option<usize>) -> Value {
    vm.alloc(ty, Deque { items: RefCell::default(), max_len: Cell::new(max_len), changes: Cell::new(0) })
}

impl Deque {
    /// Number of items.
    pub(super) fn len(&self) -> usize {
        self.items.borrow().len()
    }

    /// Item `i`.
    pub(super) fn get(&self, i: usize) -> Option<Value> {
        self.items.borrow().get(i).cloned()
    }

    /// Counts changes.
    pub(super) fn changes(&self) -> usize {
        self.changes.get()
    }

    fn changed(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    /// Adds an item at the right (or left) end; a full deque loses one at the other.
    fn push(&self, item: Value, left: bool) {
        let lost = {
            let mut items = self.items.borrow_mut();
            if left {
                items.push_front(item)
            } else {
                items.push_back(item)
            }
            match self.max_len.get() {
                Some(max) if items.len() > max => {
                    if left {
                        items.pop_back()
                    } else {
                        items.pop_front()
                    }
                }
                _ => None,
            }
        };
        self.changed();
        drop(lost);
    }

    fn take<R>(&self, f: impl FnOnce(&mut VecDeque<Value>) -> Option<R>) -> Option<R> {
        let taken = f(&mut self.items.borrow_mut());
        if taken.is_some() {
            self.changed();
        }
        taken
    }

    fn clear_items(&self) {
        let old = self.items.take();
        self.changed();
        drop(old);
    }

    fn to_vec(&self) -> Vec<Value> {
        self.items.borrow().iter().cloned().collect()
    }
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let [source, max_len] = crate::data::bind(vm, args, "deque", ["iterable", "maxlen"], 0)?;
    let deque = this(v);
    deque.max_len.set(match max_len {
        Some(n) if !n.is_none() => {
            if !vm.is_int_like(n) {
                return Err(vm.type_error("an integer is required"));
            }
            match vm.arg_isize(n)? {
                n if n < 0 => return Err(vm.value_error("maxlen must be non-negative")),
                n => Some(n as usize),
            }
        }
        _ => None,
    });
    if deque.len() > 0 {
        deque.clear_items();
    }
    source.map_or(Ok(()), |s| extend(vm, v, s, false))
}

fn extend(vm: &Vm, v: &Value, source: &Value, left: bool) -> PyResult<()> {
    let deque = this(v);
    if source.is(v) {
        for item in deque.to_vec() {
            deque.push(item, left);
        }
        return Ok(());
    }
    vm.for_each(source, |item| {
        let capacity = deque.items.borrow().capacity();
        if deque.len() == capacity {
            vm.check_alloc(2 * size_of::<Value>() * capacity)?;
        }
        deque.push(item, left);
        Ok(())
    })
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let name = vm.type_of(v).name().to_string();
    let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str("[...]")) };
    let list = vm.list(this(v).to_vec());
    let list = vm.repr_string(&list)?;
    Ok(vm.str(&match this(v).max_len.get() {
        None => format!("{name}({list})"),
        Some(max) => format!("{name}({list}, maxlen={max})"),
    }))
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Deque>(), b.downcast::<Deque>()) else { return Ok(Value::NOT_IMPLEMENTED) };
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

fn position(vm: &Vm, deque: &Deque, key: &Value) -> PyResult<usize> {
    if vm.type_of(key).slots().index.is_none() {
        return Err(vm.type_error(&format!("sequence index must be integer, not '{}'", vm.type_of(key).name())));
    }
    let i = vm.index_isize(key, vm.types().IndexError)?;
    let len = deque.len();
    let at = if i < 0 { i + len as isize } else { i };
    if (at as usize) < len { Ok(at as usize) } else { Err(vm.index_error("deque index out of range")) }
}

fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let at = position(vm, this(v), key)?;
    this(v).get(at).ok_or_else(|| vm.index_error("deque index out of range"))
}

fn setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let at = position(vm, this(v), key)?;
    let old = {
        let mut items = this(v).items.borrow_mut();
        match value {
            Some(value) => items.get_mut(at).map(|slot| std::mem::replace(slot, value.clone())),
            None => items.remove(at),
        }
    };
    if value.is_none() {
        this(v).changed();
    }
    drop(old);
    Ok(())
}

fn find(vm: &Vm, deque: &Deque, value: &Value, start: usize, stop: usize) -> PyResult<Option<usize>> {
    let changes = deque.changes();
    let mut i = start;
    while i < stop {
        let Some(item) = deque.get(i) else { break };
        let same = vm.eq(&item, value)?;
        if deque.changes() != changes {
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
        if same {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn copy(vm: &Vm, a: Args<'_>) -> PyResult {
    let deque = a.this::<Deque>();
    let ty = vm.type_of(a.get(0));
    if ty.is(vm.type_of_def(&DEQUE)) {
        let made = empty(vm, ty, deque.max_len.get());
        *this(&made).items.borrow_mut() = deque.items.borrow().clone();
        return Ok(made);
    }
    match deque.max_len.get() {
        None => vm.call_one(&ty.value(), a.get(0)),
        Some(max) => vm.call_pos(&ty.value(), &[a.get(0).clone(), vm.int_usize(max)]),
    }
}

fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if !a.is_a::<Deque>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if !b.is_a::<Deque>() {
        return Err(vm.type_error(&format!("can only concatenate deque (not \"{}\") to deque", vm.type_of(b).name())));
    }
    let made = empty(vm, vm.type_of(a), this(a).max_len.get());
    for source in [a, b] {
        for item in this(source).to_vec() {
            this(&made).push(item, false);
        }
    }
    Ok(made)
}

fn repeat_into(vm: &Vm, target: &Deque, items: &[Value], n: usize) -> PyResult<()> {
    let total = items.len().checked_mul(n).filter(|t| *t <= isize::MAX as usize / 8);
    let total = match target.max_len.get() {
        Some(max) => total.unwrap_or(usize::MAX).min(max.saturating_mul(2)),
        None => total.ok_or_else(|| vm.memory_error())?,
    };
    vm.check_alloc(total.saturating_mul(8))?;
    let rounds = match target.max_len.get() {
        Some(max) if !items.is_empty() => n.min(max / items.len() + 1),
        _ => n,
    };
    for _ in 0..if items.is_empty() { 0 } else { rounds } {
        items.iter().for_each(|item| target.push(item.clone(), false));
    }
    Ok(())
}

fn mul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (deque, count) = if a.is_a::<Deque>() { (a, b) } else { (b, a) };
    if vm.type_of(count).slots().index.is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let n = vm.index_isize(count, vm.types().OverflowError)?.max(0) as usize;
    let made = empty(vm, vm.type_of(deque), this(deque).max_len.get());
    repeat_into(vm, this(&made), &this(deque).to_vec(), n)?;
    Ok(made)
}

fn imul(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if vm.type_of(b).slots().index.is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let n = vm.index_isize(b, vm.types().OverflowError)?.max(0) as usize;
    let items = this(a).to_vec();
    if n == 0 {
        this(a).clear_items();
    } else {
        repeat_into(vm, this(a), &items, n - 1)?;
    }
    Ok(a.clone())
}

fn count(vm: &Vm, a: Args<'_>) -> PyResult {
    let deque = a.this::<Deque>();
    let (mut n, mut i) = (0, 0);
    while let Some(at) = find(vm, deque, a.get(1), i, usize::MAX)? {
        n += 1;
        i = at + 1;
    }
    Ok(Value::from_usize(n))
}

fn index(vm: &Vm, a: Args<'_>) -> PyResult {
    let deque = a.this::<Deque>();
    let len = deque.len() as isize;
    let clip = |i: isize| if i < 0 { (i + len).max(0) as usize } else { i.min(len) as usize };
    let start = a.opt(2).map_or(Ok(0), |v| vm.index_clamped(v))?;
    let stop = a.opt(3).map_or(Ok(isize::MAX), |v| vm.index_clamped(v))?;
    match find(vm, deque, a.get(1), clip(start), clip(stop))? {
        Some(i) => Ok(Value::from_usize(i)),
        None => Err(vm.value_error("deque.index(x): x not in deque")),
    }
}

fn insert(vm: &Vm, a: Args<'_>) -> PyResult {
    let deque = a.this::<Deque>();
    let i = vm.arg_isize(a.get(1))?;
    let len = deque.len();
    if deque.max_len.get() == Some(len) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let at = if i < 0 { (i + len as isize).max(0) as usize } else { (i as usize).min(len) };
    deque.items.borrow_mut().insert(at, a.get(2).clone());
    deque.changed();
    Ok(Value::NONE)
}

fn remove(vm: &Vm, a: Args<'_>) -> PyResult {
    let deque = a.this::<Deque>();
    let changes = deque.changes();
    let mut i = 0;
    while let Some(item) = deque.get(i) {
        let same = vm.eq(&item, a.get(1))?;
        if deque.changes() != changes {
            return Err(vm.index_error("deque mutated during remove()."));
        }
        if same {
            drop(deque.take(|d| d.remove(i)));
            return Ok(Value::NONE);
        }
        i += 1;
    }
    Err(vm.value_error("deque.remove(x): x not in deque"))
}

fn rotate(vm: &Vm, a: Args<'_>) -> PyResult {
    let deque = a.this::<Deque>();
    let n = a.opt(1).map_or(Ok(1), |v| vm.arg_isize(v))?;
    let len = deque.len() as isize;
    if len > 1 {
        deque.items.borrow_mut().rotate_right(n.rem_euclid(len) as usize);
        deque.changed();
    }
    Ok(Value::NONE)
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let state = vm.call_method_str(v, "__getstate__", &[])?;
    let it = vm.iter(v)?;
    let args = match this(v).max_len.get() {
        None => vm.tuple(Vec::new()),
        Some(max) => vm.tuple(vec![vm.tuple(Vec::new()), vm.int_usize(max)]),
    };
    Ok(vm.tuple(vec![vm.type_of(v).value(), args, state, it]))
}
