//! Views of dicts (keys, values, items) and their iterators, forwards and backwards.

use super::Dict;
use crate::error::PyResult;
use crate::native::{Args, GetSetDef, MethodDef};
use crate::object::{Header, Kind, Payload, Visitor};
use crate::types::iter::{iterator_payload, iterator_slots};
use crate::types::list::methods::push_repr;
use crate::types::set::{Set, algebra};
use crate::types::slots::{BinOp, CmpOp, Slots};
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// What a view or an iterator shows of each item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Keys.
    Key,
    /// Values.
    Value,
    /// Pairs of both.
    Item,
}

/// A view of a dict.
pub struct DictView {
    /// The dict.
    pub dict: Value,
    /// What it shows.
    pub part: Part,
}

// SAFETY: made by the heap only; no other payload has this kind.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for DictView {
    const KIND: Kind = Kind::DictView;

    #[inline(always)]
    fn matches(header: &Header) -> bool {
        header.kind() == Kind::DictView
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.dict);
    }
}

impl DictView {
    fn dict(&self) -> &Dict {
        self.dict.downcast::<Dict>().expect("views are made of dicts")
    }
}

fn view(v: &Value) -> &DictView {
    v.downcast::<DictView>().expect("the descriptor has checked the receiver")
}

const VIEW_SLOTS: Slots =
    Slots { repr: Some(repr), iter: Some(iter), len: Some(|_, v| Ok(view(v).dict().len())), ..Slots::EMPTY };

const SET_SLOTS: Slots = Slots { richcmp: Some(richcmp), ..VIEW_SLOTS }
    .with(BinOp::Sub, |vm, a, b| {
        let result = to_set(vm, a)?;
        algebra::difference_update(vm, &result, b)?;
        Ok(result)
    })
    .with(BinOp::And, intersection)
    .with(BinOp::Or, |vm, a, b| {
        let result = to_set(vm, a)?;
        algebra::update(vm, algebra::of(&result), b)?;
        Ok(result)
    })
    .with(BinOp::Xor, |vm, a, b| {
        let result = to_set(vm, a)?;
        algebra::symmetric_update(vm, &result, b)?;
        Ok(result)
    });

macro_rules! mapping_attribute {
    () => {
        &[GetSetDef::new("mapping", |vm, v| vm.mapping_proxy(&view(v).dict)).doc("dictionary that this view refers to")]
    };
}

const REVERSED: MethodDef = MethodDef::new("__reversed__", "($self, /)", |vm, a| {
    let t = vm.types();
    let it = match view(a.get(0)).part {
        Part::Key => t.dict_reversekeyiterator,
        Part::Value => t.dict_reversevalueiterator,
        Part::Item => t.dict_reverseitemiterator,
    };
    Ok(vm.dict_iter_of(it, &view(a.get(0)).dict))
});

const ISDISJOINT: MethodDef = MethodDef::new("isdisjoint", "($self, other, /)", isdisjoint)
    .doc("Return True if the view and the given iterable have a null intersection.");

/// The type `dict_keys`.
pub static KEYS: TypeDef = TypeDef::new::<DictView>("dict_keys")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots { contains: Some(|vm, v, key| view(v).dict().contains(vm, key)), ..SET_SLOTS })
    .methods(&[ISDISJOINT, REVERSED])
    .getset(mapping_attribute!());

/// The type `dict_items`.
pub static ITEMS: TypeDef = TypeDef::new::<DictView>("dict_items")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots { contains: Some(items_contain), ..SET_SLOTS })
    .methods(&[ISDISJOINT, REVERSED])
    .getset(mapping_attribute!());

/// The type `dict_values`.
pub static VALUES: TypeDef = TypeDef::new::<DictView>("dict_values")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(VIEW_SLOTS)
    .methods(&[REVERSED])
    .getset(mapping_attribute!());

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let name = vm.type_of(v).name().to_string();
    let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str("...")) };
    let mut out = format!("{name}([").into_bytes();
    for (i, item) in vm.collect(v)?.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        push_repr(vm, &mut out, item)?;
    }
    out.extend_from_slice(b"])");
    vm.finish_text(out)
}

fn iter(vm: &Vm, v: &Value) -> PyResult {
    let t = vm.types();
    let ty = match view(v).part {
        Part::Key => t.dict_keyiterator,
        Part::Value => t.dict_valueiterator,
        Part::Item => t.dict_itemiterator,
    };
    Ok(vm.dict_iter_of(ty, &view(v).dict))
}

fn items_contain(vm: &Vm, v: &Value, item: &Value) -> PyResult<bool> {
    let Some([key, value]) = item.downcast::<Tuple>().map(Tuple::as_slice) else { return Ok(false) };
    match view(v).dict().get(vm, key)? {
        Some(found) => vm.eq(&found, value),
        None => Ok(false),
    }
}

/// Whether a value is a set, or a view that behaves as one.
fn is_set_like(v: &Value) -> bool {
    v.is_a::<Set>() || is_set_view(v)
}

fn is_set_view(v: &Value) -> bool {
    v.downcast::<DictView>().is_some_and(|v| v.part != Part::Value)
}

fn to_set(vm: &Vm, v: &Value) -> PyResult {
    let set = vm.new_set();
    algebra::update(vm, algebra::of(&set), v)?;
    Ok(set)
}

fn all_contained(vm: &Vm, a: &Value, b: &Value) -> PyResult<bool> {
    let it = vm.iter(a)?;
    while let Some(item) = vm.next(&it)? {
        if !vm.contains(b, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    if !is_set_like(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (n, m) = (vm.len(a)?, vm.len(b)?);
    let result = match op {
        CmpOp::Eq => n == m && all_contained(vm, a, b)?,
        CmpOp::Ne => !(n == m && all_contained(vm, a, b)?),
        CmpOp::Lt => n < m && all_contained(vm, a, b)?,
        CmpOp::Le => n <= m && all_contained(vm, a, b)?,
        CmpOp::Gt => n > m && all_contained(vm, b, a)?,
        CmpOp::Ge => n >= m && all_contained(vm, b, a)?,
    };
    Ok(Value::bool(result))
}

fn intersection(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (mut own, mut other) = if is_set_view(a) { (a, b) } else { (b, a) };
    if other.is_a::<Set>() && vm.len(own)? <= vm.len(other)? && vm.is_exact(other, vm.types().set) {
        return algebra::intersection(vm, other, own);
    }
    if is_set_view(other) && vm.len(other)? > vm.len(own)? {
        (own, other) = (other, own);
    }
    let result = vm.new_set();
    let set = algebra::of(&result);
    vm.for_each(other, |item| {
        if vm.contains(own, &item)? {
            set.add(vm, item)?;
        }
        Ok(())
    })?;
    Ok(result)
}

fn isdisjoint(vm: &Vm, a: Args<'_>) -> PyResult {
    let (mut own, mut other) = (a.get(0), a.get(1));
    if own.is(other) {
        return Ok(Value::bool(vm.len(own)? == 0));
    }
    if is_set_like(other) && vm.len(other)? > vm.len(own)? {
        (own, other) = (other, own);
    }
    let it = vm.iter(other)?;
    while let Some(item) = vm.next(&it)? {
        if vm.contains(own, &item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

/// Iterates over a dict.
pub struct DictIter {
    /// The dict.
    pub dict: Value,
    /// Entry to look at next (backwards: one above it); `usize::MAX` when exhausted.
    pub at: Cell<usize>,
    /// Number of items the dict must still have.
    pub expected: Cell<usize>,
    /// Items to come.
    pub left: Cell<usize>,
}

iterator_payload!(DictIter { dict });

impl DictIter {
    #[inline(always)]
    #[expect(unsafe_code, reason = "the layout of a dict iterator's dict")]
    fn dict(&self) -> &Dict {
        // SAFETY: these iterators are made for dicts only.
        unsafe { self.dict.downcast_unchecked::<Dict>() }
    }

    /// The next entry's index.
    #[inline(always)]
    fn step<const REVERSE: bool>(&self, vm: &Vm) -> PyResult<Option<usize>> {
        let at = self.at.get();
        let dict = self.dict();
        if dict.len() != self.expected.get() {
            return self.size_changed(vm);
        }
        let found = if REVERSE { dict.entry_before(at) } else { dict.entry_from(at) };
        match found {
            Some(i) => {
                if self.left.get() == 0 {
                    return self.keys_changed(vm);
                }
                self.at.set(if REVERSE { i } else { i + 1 });
                self.left.set(self.left.get() - 1);
                Ok(Some(i))
            }
            None => {
                self.at.set(if REVERSE { 0 } else { usize::MAX });
                self.left.set(0);
                Ok(None)
            }
        }
    }

    #[cold]
    fn size_changed(&self, vm: &Vm) -> PyResult<Option<usize>> {
        if self.at.get() == usize::MAX {
            return Ok(None);
        }
        // Stays so, whatever happens to the dict.
        self.expected.set(usize::MAX);
        Err(vm.runtime_error("dictionary changed size during iteration"))
    }

    #[cold]
    fn keys_changed(&self, vm: &Vm) -> PyResult<Option<usize>> {
        Err(vm.runtime_error("dictionary keys changed during iteration"))
    }

    #[inline(always)]
    fn next<const REVERSE: bool>(&self, vm: &Vm, part: Part) -> PyResult<Option<Value>> {
        let Some(i) = self.step::<REVERSE>(vm)? else { return Ok(None) };
        let dict = self.dict();
        Ok(match part {
            Part::Key => dict.key_at(i),
            Part::Value => dict.value_at(i),
            Part::Item => dict.entry(i).map(|(key, value)| vm.pair(key, value)),
        })
    }
}

macro_rules! dict_iterator {
    ($static_:ident, $name:literal, $part:expr, $reverse:literal) => {
        #[doc = concat!("The type `", $name, "`.")]
        pub static $static_: TypeDef = TypeDef::new::<DictIter>($name)
            .gc()
            .flags(tflag::NO_NEW)
            .slots(iterator_slots(|vm, v| DictIter::this(v).next::<$reverse>(vm, $part)))
            .methods(&[
                MethodDef::new("__length_hint__", "($self, /)", hint)
                    .doc("Private method returning an estimate of len(list(it))."),
                MethodDef::new("__reduce__", "($self, /)", |vm, a| {
                    // The iterator itself stays where it is.
                    let it = DictIter::this(a.get(0));
                    let saved = (it.at.get(), it.left.get());
                    let mut items = Vec::new();
                    while let Some(item) = it.next::<$reverse>(vm, $part)? {
                        items.push(item);
                    }
                    it.at.set(saved.0);
                    it.left.set(saved.1);
                    let args = vm.tuple(vec![vm.list(items)]);
                    Ok(vm.tuple(vec![vm.builtin_function("iter")?, args]))
                })
                .doc("Return state information for pickling."),
            ]);
    };
}

dict_iterator!(KEY_ITERATOR, "dict_keyiterator", Part::Key, false);
dict_iterator!(VALUE_ITERATOR, "dict_valueiterator", Part::Value, false);
dict_iterator!(ITEM_ITERATOR, "dict_itemiterator", Part::Item, false);
dict_iterator!(REVERSE_KEY_ITERATOR, "dict_reversekeyiterator", Part::Key, true);
dict_iterator!(REVERSE_VALUE_ITERATOR, "dict_reversevalueiterator", Part::Value, true);
dict_iterator!(REVERSE_ITEM_ITERATOR, "dict_reverseitemiterator", Part::Item, true);

fn hint(_: &Vm, a: Args<'_>) -> PyResult {
    let it = DictIter::this(a.get(0));
    let same = it.dict().len() == it.expected.get();
    Ok(Value::from_usize(if same { it.left.get() } else { 0 }))
}

impl Vm {
    /// A view of a dict; `ty` is one of the view types.
    pub(crate) fn dict_view(&self, ty: &TypeObj, dict: &Value) -> Value {
        let t = self.types();
        let part = if ty.is(t.dict_keys) {
            Part::Key
        } else if ty.is(t.dict_values) {
            Part::Value
        } else {
            Part::Item
        };
        self.alloc(ty, DictView { dict: dict.clone(), part })
    }

    /// An iterator over a dict; `ty` is one of the iterator types.
    pub(crate) fn dict_iter_of(&self, ty: &TypeObj, dict: &Value) -> Value {
        let d = dict.downcast::<Dict>().expect("iterators are made for dicts");
        let t = self.types();
        let backwards =
            ty.is(t.dict_reversekeyiterator) || ty.is(t.dict_reversevalueiterator) || ty.is(t.dict_reverseitemiterator);
        let at = if backwards { d.n_entries() } else { 0 };
        let payload =
            DictIter { dict: dict.clone(), at: Cell::new(at), expected: Cell::new(d.len()), left: Cell::new(d.len()) };
        self.alloc(ty, payload)
    }

    /// An iterator over the keys of a dict.
    #[inline]
    pub fn dict_key_iter(&self, dict: &Value) -> Value {
        self.dict_iter_of(self.types().dict_keyiterator, dict)
    }
}
