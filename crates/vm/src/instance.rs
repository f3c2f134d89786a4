//! Attribute storage of instances: `__slots__` members, then a shape with inline and overflow slots, or a dict.
//!
//! Behind the payload of an instance lie `n_members` words, then (if the class gives instances a dict) the shape, the
//! overflow pointer and the inline slots of the shape.
//!
//! Native types of the frozen image are shared, so their instances are in dict mode from the start (a null dict field
//! means the dict was not made yet) and no shape of theirs is ever added.
//!
//! Invariant: a slot below the shape's number of names is bound; the others are zero.
#![expect(unsafe_code, reason = "object layout")]

use crate::object::{Header, Kind, Visitor};
use crate::origin::{Copier, own_shape};
use crate::shape::Shape;
use crate::types::dict::Dict;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;
use std::ptr;

/// Shape and overflow of an instance that has attributes.
#[repr(C)]
pub(crate) struct Attrs {
    pub(crate) shape: Cell<*const Shape>,
    /// Overflow slots (`overflow_cap` of them), or null. In dict mode: the word of the dict.
    overflow: Cell<*mut u64>,
}

/// Bytes of [`Attrs`].
pub(crate) const ATTRS: usize = size_of::<Attrs>();

/// Overflow slots for a shape of `n` names beyond the inline ones.
fn overflow_cap(n: usize) -> usize {
    n.next_power_of_two().max(4)
}

impl TypeObj {
    /// Bytes of an instance with `inline` slots.
    pub(crate) fn instance_size(&self, inline: usize) -> usize {
        let members = self.basicsize as usize + self.n_members as usize * 8;
        if self.attrs_offset != 0 { members + ATTRS + inline * 8 } else { members }
    }
}

impl Header {
    /// Bytes of items that lie inline behind the payload (texts, bytes, tuples), in whole words. The members and
    /// attributes of instances of their subclasses come after them.
    #[inline(always)]
    pub(crate) fn var_size(&self) -> usize {
        match self.kind() {
            Kind::Str | Kind::Bytes | Kind::Tuple => self.var_size_of_items(),
            _ => 0,
        }
    }

    /// Whether members and attributes lie at offsets that differ from instance to instance, so that no cache may
    /// remember them.
    pub(crate) fn has_floating_attrs(&self) -> bool {
        let ty = self.ty();
        (ty.attrs_offset != 0 || ty.n_members != 0) && matches!(self.kind(), Kind::Str | Kind::Bytes | Kind::Tuple)
    }

    #[inline(never)]
    fn var_size_of_items(&self) -> usize {
        // SAFETY: the kind says what the payload is.
        let n = unsafe {
            match self.kind() {
                Kind::Str => self.payload_unchecked::<crate::types::str::Str>().as_bytes().len(),
                Kind::Bytes => self.payload_unchecked::<crate::types::bytes::Bytes>().as_bytes().len(),
                _ => self.payload_unchecked::<crate::types::tuple::Tuple>().len() * 8,
            }
        };
        n.next_multiple_of(8)
    }

    /// The word of member `i` (`__slots__`), counted over all bases.
    ///
    /// # Safety
    /// The object's class has more than `i` members.
    #[inline(always)]
    pub(crate) unsafe fn member(&self, i: usize) -> &Cell<u64> {
        // SAFETY: the caller's promise.
        unsafe { self.word_at(self.ty().basicsize as usize + self.var_size() + i * 8) }
    }

    /// Attribute storage, if instances of the class have it.
    #[inline(always)]
    pub(crate) fn attrs(&self) -> Option<&Attrs> {
        let mut offset = self.ty().attrs_offset as usize;
        if offset == 0 {
            return None;
        }
        offset += self.var_size();
        // SAFETY: the class says where its instances keep attributes.
        Some(unsafe { &*(self as *const Header).cast::<u8>().add(offset).cast::<Attrs>() })
    }

    /// A word at a byte offset of the object.
    ///
    /// # Safety
    /// The offset is that of a member or inline slot of this object.
    #[inline(always)]
    pub(crate) unsafe fn word_at(&self, offset: usize) -> &Cell<u64> {
        // SAFETY: the caller's promise.
        unsafe { &*(self as *const Header).cast::<u8>().add(offset).cast::<Cell<u64>>() }
    }
}

impl Attrs {
    /// The overflow slots, or null.
    pub(crate) fn overflow(&self) -> *mut u64 {
        self.overflow.get()
    }

    /// Bytes of the overflow slots of an instance that is not in dict mode.
    pub(crate) fn overflow_bytes(&self) -> usize {
        let n = self.shape().names().len().saturating_sub(self.shape().inline_cap());
        if self.overflow.get().is_null() { 0 } else { overflow_cap(n) * 8 }
    }

    /// The word of slot `i`.
    #[inline(always)]
    pub(crate) fn slot(&self, i: usize) -> &Cell<u64> {
        // SAFETY: slots below the shape's capacity exist, inline behind this struct or in the overflow block.
        unsafe {
            let inline = (*self.shape.get()).inline_cap();
            if i < inline {
                &*(self as *const Attrs).add(1).cast::<Cell<u64>>().add(i)
            } else {
                &*self.overflow.get().cast::<Cell<u64>>().add(i - inline)
            }
        }
    }

    /// The shape.
    #[inline(always)]
    pub(crate) fn shape(&self) -> &Shape {
        // SAFETY: set when the object is made; the class keeps shapes alive.
        unsafe { &*self.shape.get() }
    }

    /// The dict, in dict mode and once it was made.
    #[inline]
    pub(crate) fn dict(&self) -> Option<Value> {
        if self.shape().is_dict_mode() && !self.overflow.get().is_null() {
            let bits = self.overflow.get() as u64;
            // SAFETY: in dict mode the word is a counted reference to the dict.
            let dict = unsafe { Value::from_bits(bits) };
            let copy = dict.clone();
            std::mem::forget(dict);
            Some(copy)
        } else {
            None
        }
    }

    /// The value of an attribute by interned name, not in dict mode.
    #[inline]
    pub(crate) fn get(&self, name: &Value) -> Option<Value> {
        let i = self.shape().find(name)?;
        clone_word(self.slot(i))
    }
}

/// A new reference to what a slot holds.
#[inline(always)]
pub(crate) fn clone_word(slot: &Cell<u64>) -> Option<Value> {
    let bits = slot.get();
    if bits == 0 {
        return None;
    }
    // SAFETY: a bound slot holds a value's word; the original reference stays with the slot.
    let value = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(bits) });
    Some(Value::clone(&value))
}

/// Stores into a slot, dropping what it held.
#[inline(always)]
pub(crate) fn set_word(slot: &Cell<u64>, value: Option<Value>) {
    let old = slot.replace(value.map_or(0, Value::into_bits));
    if old != 0 {
        // SAFETY: the slot owned this reference.
        drop(unsafe { Value::from_bits(old) });
    }
}

/// Drops members and attributes of a dying instance.
///
/// # Safety
/// The instance is dying.
pub(crate) unsafe fn drop_attrs(ty: &TypeObj, header: *mut Header) {
    // SAFETY: the caller's promise.
    let h = unsafe { &*header };
    for i in 0..ty.n_members as usize {
        // SAFETY: members lie behind the payload.
        set_word(unsafe { h.member(i) }, None);
    }
    let Some(attrs) = h.attrs() else { return };
    let shape = attrs.shape();
    if shape.is_dict_mode() {
        let bits = attrs.overflow.replace(ptr::null_mut()) as u64;
        if bits != 0 {
            // SAFETY: the word is the reference to the dict.
            drop(unsafe { Value::from_bits(bits) });
        }
        return;
    }
    let n = shape.names().len();
    for i in 0..n {
        set_word(attrs.slot(i), None);
    }
    free_overflow(h, attrs, n.saturating_sub(shape.inline_cap()));
}

fn free_overflow(h: &Header, attrs: &Attrs, n_overflow: usize) {
    let block = attrs.overflow.replace(ptr::null_mut());
    if block.is_null() {
        return;
    }
    let words = overflow_cap(n_overflow);
    // SAFETY: the block was made by `grow` of a vector with this capacity in the object's heap.
    unsafe {
        let alloc = crate::heap::heap_of(h).alloc();
        drop(allocator_api2::vec::Vec::<u64, _>::from_raw_parts_in(block, 0, words, alloc));
    }
}

/// Shows members and attributes to the collector.
pub(crate) fn traverse_attrs(h: &Header, visit: &mut Visitor<'_>) {
    let ty = h.ty();
    let mut show = |slot: &Cell<u64>| {
        if slot.get() != 0 {
            // SAFETY: a bound slot holds a value's word; it is only looked at.
            let value = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(slot.get()) });
            visit(&value);
        }
    };
    for i in 0..ty.n_members as usize {
        // SAFETY: members lie behind the payload.
        show(unsafe { h.member(i) });
    }
    let Some(attrs) = h.attrs() else { return };
    if attrs.shape.get().is_null() {
        return;
    }
    if attrs.shape().is_dict_mode() {
        // SAFETY: the overflow field holds the word of the dict.
        show(unsafe { &*(&attrs.overflow as *const Cell<*mut u64>).cast::<Cell<u64>>() });
        return;
    }
    for i in 0..attrs.shape().names().len() {
        show(attrs.slot(i));
    }
}

/// Completes the copy of an original: replaces in its members and attributes what points to originals.
pub(crate) fn own_attrs(copier: &Copier<'_>, h: &Header) {
    let ty = h.ty();
    if ty.n_members == 0 && ty.attrs_offset == 0 {
        return;
    }
    let own = |slot: &Cell<u64>| {
        if slot.get() != 0 {
            // SAFETY: a bound slot holds a value's word, which stands for the original's reference.
            let value = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(slot.get()) });
            slot.set(copier.take(&value).into_bits());
        }
    };
    for i in 0..ty.n_members as usize {
        // SAFETY: members lie behind the payload.
        own(unsafe { h.member(i) });
    }
    let Some(attrs) = h.attrs() else { return };
    if attrs.shape.get().is_null() {
        return;
    }
    attrs.shape.set(own_shape(copier, attrs.shape()));
    if attrs.shape().is_dict_mode() {
        // SAFETY: the overflow field holds the word of the dict.
        own(unsafe { &*(&attrs.overflow as *const Cell<*mut u64>).cast::<Cell<u64>>() });
        return;
    }
    let n = attrs.shape().names().len();
    let n_overflow = n.saturating_sub(attrs.shape().inline_cap());
    if !attrs.overflow.get().is_null() {
        let mut block: allocator_api2::vec::Vec<u64, _> =
            allocator_api2::vec::Vec::with_capacity_in(overflow_cap(n_overflow), copier.vm().heap().alloc());
        // SAFETY: the original's block holds that many words.
        unsafe { ptr::copy_nonoverlapping(attrs.overflow.get(), block.as_mut_ptr(), n_overflow) };
        attrs.overflow.set(std::mem::ManuallyDrop::new(block).as_mut_ptr());
    }
    for i in 0..n {
        own(attrs.slot(i));
    }
}

/// Drops what members and attributes hold (the collector, on garbage).
pub(crate) fn clear_attrs(h: &Header) {
    let ty = h.ty();
    for i in 0..ty.n_members as usize {
        // SAFETY: members lie behind the payload.
        set_word(unsafe { h.member(i) }, None);
    }
    let Some(attrs) = h.attrs() else { return };
    if attrs.shape().is_dict_mode() {
        // The dict itself may be in use elsewhere; if it is garbage it is cleared on its own.
        let bits = attrs.overflow.replace(ptr::null_mut()) as u64;
        if bits != 0 {
            // SAFETY: the word was the reference to the dict.
            drop(unsafe { Value::from_bits(bits) });
        }
        return;
    }
    for i in 0..attrs.shape().names().len() {
        // The slot must stay bound by the invariant.
        set_word(attrs.slot(i), Some(Value::NONE));
    }
}

impl Vm {
    /// Memory for an object of a class with `n_bytes` of inline items behind the payload. The caller writes payload and
    /// items, then calls [`Vm::finish_var_object`].
    #[inline]
    pub(crate) fn new_var_object(&self, ty: &TypeObj, n_bytes: usize) -> ptr::NonNull<Header> {
        let inline = self.inline_slots(ty);
        self.heap().new_object(ty.instance_size(inline) + n_bytes.next_multiple_of(8), ty.kind, ty)
    }

    /// Completes an object of [`Vm::new_var_object`] whose payload has been written.
    ///
    /// # Safety
    /// As described; nothing was allocated in between.
    #[inline]
    pub(crate) unsafe fn finish_var_object(&self, header: ptr::NonNull<Header>) -> Value {
        // SAFETY: the caller's promise.
        unsafe {
            let h = header.as_ref();
            let ty = h.ty();
            if ty.attrs_offset != 0 || ty.n_members != 0 {
                self.init_attrs(h, self.inline_slots(ty));
            }
            Header::of(ty).inc();
            Value::from_bits(header.as_ptr() as u64)
        }
    }

    /// A fresh instance of `ty` whose payload is zeroed attribute storage only: for classes of layout `Instance`, and
    /// the tail of instances of other layouts.
    #[inline(always)]
    pub(crate) fn init_attrs(&self, h: &Header, inline: usize) {
        let ty = h.ty();
        // SAFETY: the object was made with room for members, attributes and `inline` slots.
        unsafe {
            let at = (h as *const Header).cast::<u8>().cast_mut().add(ty.basicsize as usize + h.var_size());
            ptr::write_bytes(at, 0, ty.instance_size(inline) - ty.basicsize as usize);
        }
        if let Some(attrs) = h.attrs() {
            attrs.shape.set(ty.root_shape.get());
        }
    }

    /// Inline slots for a new instance of `ty`, whose root shape is made on first use.
    #[inline(always)]
    pub(crate) fn inline_slots(&self, ty: &TypeObj) -> usize {
        if ty.attrs_offset == 0 {
            return 0;
        }
        if ty.root_shape.get().is_null() {
            ty.root_shape.set(ty.shapes.root(ty, ty.inline_cap.get()));
        }
        // SAFETY: just made sure that it is set.
        unsafe { (*ty.root_shape.get()).inline_cap() }
    }

    /// Sets an attribute in an instance's own storage. `name` is interned.
    pub(crate) fn set_own_attr(&self, h: &Header, attrs: &Attrs, name: &Value, value: Value) {
        let shape = attrs.shape();
        if shape.is_dict_mode() {
            self.own_dict(h, attrs).downcast::<Dict>().expect("a dict").set_str(self, name, value);
            return;
        }
        if let Some(i) = shape.find(name) {
            set_word(attrs.slot(i), Some(value));
            return;
        }
        match shape.with(&self.intern_value(name)) {
            Some(next) => self.append_slot(h, attrs, next, value),
            None => {
                let dict = self.own_dict(h, attrs);
                dict.downcast::<Dict>().expect("just made").set_str(self, name, value);
            }
        }
    }

    /// Moves an instance to shape `next`, which has one name more, and stores its value.
    #[inline]
    pub(crate) fn append_slot(&self, h: &Header, attrs: &Attrs, next: &Shape, value: Value) {
        let i = next.names().len() - 1;
        let inline = next.inline_cap();
        if i >= inline {
            self.reserve_overflow(h, attrs, i - inline);
        }
        attrs.shape.set(next);
        let slot = attrs.slot(i);
        slot.set(value.into_bits());
    }

    /// Makes room for overflow slot `i`.
    #[cold]
    fn reserve_overflow(&self, h: &Header, attrs: &Attrs, i: usize) {
        let old = attrs.overflow.get();
        let old_cap = if old.is_null() { 0 } else { overflow_cap(i) };
        let cap = overflow_cap(i + 1);
        if !old.is_null() && old_cap >= cap {
            return;
        }
        let mut block: allocator_api2::vec::Vec<u64, _> =
            allocator_api2::vec::Vec::with_capacity_in(cap, self.heap().alloc());
        if !old.is_null() {
            // SAFETY: the old block holds `i` words; its references move to the new block.
            unsafe { ptr::copy_nonoverlapping(old, block.as_mut_ptr(), i) };
            free_overflow(h, attrs, i);
        }
        let mut block = std::mem::ManuallyDrop::new(block);
        attrs.overflow.set(block.as_mut_ptr());
        // The next instances get more room inside (their root shape is another one).
        let ty = h.ty();
        let cap = ty.inline_cap.get();
        if cap < 24 && !Header::of(ty).is_frozen() {
            ty.inline_cap.set((cap * 2).clamp(4, 24));
            ty.root_shape.set(ty.shapes.root(ty, ty.inline_cap.get()));
        }
    }

    /// The instance's `__dict__`: from now on its attributes live there.
    pub(crate) fn own_dict(&self, h: &Header, attrs: &Attrs) -> Value {
        if let Some(dict) = attrs.dict() {
            return dict;
        }
        let shape = attrs.shape();
        let dict = self.new_dict();
        if h.is_frozen() {
            return self.frozen_copy_of_attrs(attrs, dict);
        }
        if h.is_immortal() {
            // Objects of the image have no attributes of their own; who sets one is told so before.
            return dict;
        }
        if shape.is_dict_mode() {
            attrs.overflow.set(dict.clone().into_bits() as *mut u64);
            return dict;
        }
        let d = dict.downcast::<Dict>().expect("just made");
        for (i, name) in shape.names().iter().enumerate() {
            let bits = attrs.slot(i).replace(0);
            if bits != 0 {
                // SAFETY: the slot's reference moves to the dict.
                d.set_str(self, name, unsafe { Value::from_bits(bits) });
            }
        }
        free_overflow(h, attrs, shape.names().len().saturating_sub(shape.inline_cap()));
        attrs.overflow.set(dict.clone().into_bits() as *mut u64);
        attrs.shape.set(h.ty().shapes.dict_mode(h.ty()));
        dict
    }

    /// The `__dict__` of a frozen instance: one of this interpreter with the same items, which nobody may change either.
    #[cold]
    fn frozen_copy_of_attrs(&self, attrs: &Attrs, dict: Value) -> Value {
        let d = dict.downcast::<Dict>().expect("just made");
        if !attrs.shape().is_dict_mode() {
            for (i, name) in attrs.shape().names().iter().enumerate() {
                if let Some(value) = clone_word(attrs.slot(i)) {
                    d.set_str(self, name, value);
                }
            }
        }
        self.freeze_view(&dict);
        dict
    }

    /// Replaces the instance's `__dict__`.
    pub(crate) fn replace_own_dict(&self, h: &Header, attrs: &Attrs, dict: Value) {
        let old = self.own_dict(h, attrs);
        // SAFETY: in dict mode the field holds the reference to the old dict.
        drop(unsafe { Value::from_bits(attrs.overflow.replace(dict.into_bits() as *mut u64) as u64) });
        drop(old);
    }

    /// Deletes an attribute of an instance's own storage; whether it was there.
    pub(crate) fn del_own_attr(&self, h: &Header, attrs: &Attrs, name: &Value) -> bool {
        let absent = match attrs.shape().is_dict_mode() {
            true => attrs.dict().is_none(),
            false => attrs.shape().find(name).is_none(),
        };
        if absent {
            return false;
        }
        let dict = self.own_dict(h, attrs);
        dict.downcast::<Dict>().expect("a dict").remove_str(self, name).is_some()
    }

    /// An attribute of an instance's own storage. `name` is interned.
    #[inline]
    pub(crate) fn get_own_attr(&self, attrs: &Attrs, name: &Value) -> Option<Value> {
        if attrs.shape().is_dict_mode() {
            return attrs.dict()?.downcast::<Dict>()?.get_str(self, name);
        }
        attrs.get(name)
    }
}

/// Whether instances of the class may be given attributes.
pub(crate) fn has_dict(ty: &TypeObj) -> bool {
    ty.has(tflag::HAS_DICT)
}
