//! Attributes: loads, stores and method loads through the inline caches.
#![expect(unsafe_code, reason = "slots of objects at cached offsets; borrowed words of caches")]

use super::At;
use crate::error::PyResult;
use crate::eval::call::{self, Next};
use crate::eval::inline_cache::{Cache, kind};
use crate::instance::{clone_word, set_word};
use crate::object::Header;
use crate::protocol::call::Method;
use crate::shape::Shape;
use crate::types::descr::Member;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::module::Module;
use crate::types::property::Property;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// A new reference from a cache's word.
///
/// # Safety
/// The cache's version has been checked.
#[inline(always)]
pub(crate) unsafe fn clone_bits(bits: u64) -> Value {
    // SAFETY: whatever the version guards keeps the value alive.
    let v = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(bits) });
    Value::clone(&v)
}

/// The word at a byte offset of an object.
#[inline(always)]
fn word(h: &Header, offset: usize) -> &std::cell::Cell<u64> {
    // SAFETY: offsets in caches are those of attributes of instances of the class whose version was checked.
    unsafe { h.word_at(offset) }
}

/// The attribute, if the cache has it.
#[inline(always)]
fn cached(h: &Header, c: &Cache) -> Option<Value> {
    if h.ty().version() != c.version {
        return None;
    }
    match c.kind {
        kind::SLOT if word(h, c.aux as usize).get() == c.key => clone_word(word(h, c.off as usize)),
        kind::SLOT => None,
        kind::MEMBER => clone_word(word(h, c.off as usize)),
        _ => cached_other(h, c),
    }
}

#[inline(never)]
fn cached_other(h: &Header, c: &Cache) -> Option<Value> {
    match c.kind {
        kind::OVERFLOW if word(h, c.aux as usize).get() == c.key => clone_word(h.attrs()?.slot(c.off as usize)),
        // SAFETY: the version holds.
        kind::CLASS => Some(unsafe { clone_bits(c.value) }),
        // SAFETY: as above.
        kind::CLASS_SHAPE if word(h, c.aux as usize).get() == c.key => Some(unsafe { clone_bits(c.value) }),
        _ => None,
    }
}

/// LoadAttr by the cache; whether it was done.
#[inline(always)]
pub(crate) fn load_attr(at: At<'_>) -> bool {
    let obj = at.regs.val(at.i.b());
    let Some(h) = obj.header() else { return false };
    let Some(c) = at.code().cache(at.i.c()) else { return false };
    let Some(v) = cached(h, c) else { return false };
    if at.i.a() != at.i.b() {
        at.regs.drop_src(at.i.b(), at.n_locals());
    }
    at.regs.put(at.i.a(), v);
    true
}

/// LoadAttr in the other cases.
#[inline(never)]
pub(crate) fn load_attr_slow(vm: &Vm, at: At<'_>) -> PyResult<Next> {
    let obj = at.src(at.i.b());
    if let (Some(c), Some(h)) = (at.code().cache(at.i.c()), obj.header()) {
        match c.kind {
            kind::MODULE => {
                if let Some(m) = obj.downcast::<Module>()
                    && let Some(v) = m.namespace().known_value(c.key, c.off)
                {
                    at.regs.put(at.i.a(), v);
                    return Ok(Next::Step);
                }
            }
            kind::PROPERTY if h.ty().version() == c.version => {
                // SAFETY: the version holds; the getter is kept by the call.
                let getter = unsafe { clone_bits(c.value) };
                return call::enter_getter(vm, at, getter, obj);
            }
            kind::TYPE_ATTR => {
                if let Some(t) = TypeObj::from_value(&obj)
                    && t.version() == c.version
                {
                    // SAFETY: the version holds.
                    at.regs.put(at.i.a(), unsafe { clone_bits(c.value) });
                    return Ok(Next::Step);
                }
            }
            _ => {}
        }
    }
    let name = at.code().site_name(at.i.c());
    let v = vm.getattr(&obj, name)?;
    at.regs.put(at.i.a(), v);
    if let Some(c) = at.code().cache_to_fill(at.i.c())
        && c.may_learn()
    {
        learn_load(vm, &obj, name, c);
    }
    Ok(Next::Step)
}

/// Where an instance keeps `name`: shape and slot, if it is not in a dict.
fn own_slot<'a>(h: &'a Header, name: &Value) -> Option<(&'a Shape, usize)> {
    let attrs = h.attrs()?;
    let shape = attrs.shape();
    if shape.is_dict_mode() { None } else { Some((shape, shape.find(name)?)) }
}

/// Byte offset of inline slot `i` of an instance.
fn inline_offset(ty: &TypeObj, i: usize) -> usize {
    ty.attrs_offset as usize + crate::instance::ATTRS + i * 8
}

/// What may be remembered of loading attribute `name` of `obj`.
fn learn_load(vm: &Vm, obj: &Value, name: &Value, c: &mut Cache) {
    let Some(h) = obj.header() else { return };
    let ty = h.ty();
    if let Some(m) = obj.downcast::<Module>() {
        if ty.is(vm.types().module)
            && let Some((key, i)) = m.namespace().known_entry(vm, name)
        {
            (c.kind, c.key, c.off, c.version) = (kind::MODULE, key, i, u32::MAX);
        }
        return;
    }
    if let Some(t) = TypeObj::from_value(obj) {
        learn_type_attr(vm, t, ty, name, c);
        return;
    }
    if ty.slots().getattr.is_some() || ty.version() == 0 || h.has_floating_attrs() {
        return;
    }
    let version = ty.version();
    let found = ty.lookup(vm, name);
    if let Some(d) = &found {
        let slots = vm.type_of(d).slots();
        if slots.descr_set.is_some() {
            if let Some(m) = d.downcast::<Member>()
                && let Ok(off) = u16::try_from(m.offset)
            {
                (c.kind, c.version, c.off) = (kind::MEMBER, version, off);
            } else if let Some(p) = d.downcast::<Property>()
                && vm.is_exact(d, vm.types().property)
                && let Some(getter) = p.fget.get()
                && getter.is_a::<Function>()
            {
                (c.kind, c.version, c.value) = (kind::PROPERTY, version, getter.bits());
            }
            return;
        }
        if slots.descr_get.is_some() {
            // A method object is made at each load.
            if own_slot(h, name).is_none() {
                return;
            }
        }
    }
    if let Some((shape, i)) = own_slot(h, name) {
        let key = shape as *const Shape as u64;
        if i < shape.inline_cap() {
            let Ok(off) = u16::try_from(inline_offset(ty, i)) else { return };
            *c = Cache { kind: kind::SLOT, off, version, key, aux: ty.attrs_offset as u64, ..*c };
        } else {
            *c = Cache { kind: kind::OVERFLOW, off: i as u16, version, key, aux: ty.attrs_offset as u64, ..*c };
        }
        return;
    }
    let Some(d) = found else { return };
    match shadow_free(h) {
        Some(None) => *c = Cache { kind: kind::CLASS, version, value: d.bits(), ..*c },
        Some(Some(shape)) => {
            let aux = ty.attrs_offset as u64;
            *c = Cache { kind: kind::CLASS_SHAPE, version, value: d.bits(), key: shape, aux, ..*c };
        }
        None => {}
    }
}

/// Whether attributes of the class cannot be shadowed by the instance: `Some(None)` never, `Some(shape)` while it has
/// this shape; `None` when its attributes are in a dict.
fn shadow_free(h: &Header) -> Option<Option<u64>> {
    match h.attrs() {
        None => Some(None),
        Some(a) if a.shape().is_dict_mode() => None,
        Some(a) => Some(Some(a.shape() as *const Shape as u64)),
    }
}

fn learn_type_attr(vm: &Vm, t: &TypeObj, meta: &TypeObj, name: &Value, c: &mut Cache) {
    if !meta.is(vm.types().type_) || t.version() == 0 || meta.lookup(vm, name).is_some() {
        return;
    }
    let Some(v) = t.lookup(vm, name) else { return };
    if vm.type_of(&v).slots().descr_get.is_none() || v.is_a::<Function>() {
        *c = Cache { kind: kind::TYPE_ATTR, version: t.version(), value: v.bits(), ..*c };
    }
}

/// StoreAttr by the cache; whether it was done.
#[inline(always)]
pub(crate) fn store_attr(at: At<'_>) -> bool {
    let obj = at.regs.val(at.i.a());
    let Some(h) = obj.header() else { return false };
    let Some(c) = at.code().cache(at.i.c()) else { return false };
    if h.ty().version() != c.version {
        return false;
    }
    match c.kind {
        kind::SLOT if word(h, c.aux as usize).get() == c.key => {
            let v = at.src(at.i.b());
            let slot = word(h, c.off as usize);
            let old = slot.replace(v.into_bits());
            if crate::value::bits_are_object(old) {
                // SAFETY: the slot owned this reference.
                drop(unsafe { Value::from_bits(old) });
            }
        }
        kind::MEMBER => set_word(word(h, c.off as usize), Some(at.src(at.i.b()))),
        kind::ADD if word(h, c.aux as usize).get() == c.key => {
            // The new slot is inline and unbound.
            let v = at.src(at.i.b());
            word(h, c.aux as usize).set(c.value);
            word(h, c.off as usize).set(v.into_bits());
        }
        _ => return false,
    }
    at.regs.drop_src(at.i.a(), at.n_locals());
    true
}

/// StoreAttr in the other cases.
#[inline(never)]
pub(crate) fn store_attr_slow(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let v = at.src(at.i.b());
    let obj = at.src(at.i.a());
    let name = at.code().site_name(at.i.c());
    if let (Some(c), Some(h)) = (at.code().cache(at.i.c()), obj.header())
        && h.ty().version() == c.version
        && c.kind == kind::OVERFLOW
        && word(h, c.aux as usize).get() == c.key
        && let Some(attrs) = h.attrs()
    {
        set_word(attrs.slot(c.off as usize), Some(v));
        return Ok(());
    }
    let before = obj.header().and_then(|h| h.attrs()).map(|a| a.shape() as *const Shape as u64);
    vm.setattr(&obj, name, Some(&v))?;
    drop(v);
    if let (Some(c), Some(h)) = (at.code().cache_to_fill(at.i.c()), obj.header())
        && c.may_learn()
    {
        learn_store(vm, h, name, before, c);
    }
    Ok(())
}

fn learn_store(vm: &Vm, h: &Header, name: &Value, before: Option<u64>, c: &mut Cache) {
    let ty = h.ty();
    let version = ty.version();
    if ty.slots().setattr.is_some() || version == 0 || h.has_floating_attrs() {
        return;
    }
    if let Some(d) = ty.lookup(vm, name)
        && vm.type_of(&d).slots().descr_set.is_some()
    {
        // Some instances of a frozen class are frozen, some are not: nothing but the shape would tell them apart.
        if Header::of(ty).is_frozen() {
            return;
        }
        if let Some(m) = d.downcast::<Member>()
            && let Ok(off) = u16::try_from(m.offset)
        {
            (c.kind, c.version, c.off) = (kind::MEMBER, version, off);
        }
        return;
    }
    let (Some((shape, i)), Some(before)) = (own_slot(h, name), before) else { return };
    let now = shape as *const Shape as u64;
    let aux = ty.attrs_offset as u64;
    if i >= shape.inline_cap() {
        if now == before {
            *c = Cache { kind: kind::OVERFLOW, off: i as u16, version, key: now, aux, ..*c };
        }
        return;
    }
    let Ok(off) = u16::try_from(inline_offset(ty, i)) else { return };
    if now == before {
        *c = Cache { kind: kind::SLOT, off, version, key: now, aux, ..*c };
    } else {
        *c = Cache { kind: kind::ADD, misses: 0, off, version, key: before, value: now, aux };
    }
}

/// DelAttr.
#[cold]
pub(crate) fn del_attr(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let obj = at.src(at.i.a());
    vm.setattr(&obj, at.name(at.i.b()), None)
}

/// LoadMethod by the cache; whether it was done.
#[inline(always)]
pub(crate) fn load_method(at: At<'_>) -> bool {
    let obj = at.regs.val(at.i.b());
    let Some(h) = obj.header() else { return false };
    let Some(c) = at.code().cache(at.i.c()) else { return false };
    if h.ty().version() != c.version {
        return false;
    }
    match c.kind {
        kind::METHOD => {}
        kind::METHOD_SHAPE if word(h, c.aux as usize).get() == c.key => {}
        _ => return false,
    }
    let receiver = at.src(at.i.b());
    // SAFETY: the version holds; the receiver, just taken, keeps its class alive.
    at.regs.put(at.i.a(), unsafe { clone_bits(c.value) });
    at.regs.put(at.i.a() + 1, receiver);
    true
}

/// LoadMethod in the other cases.
#[inline(never)]
pub(crate) fn load_method_slow(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let obj = at.src(at.i.b());
    let name = at.code().site_name(at.i.c());
    let a = at.i.a();
    if let Some(c) = at.code().cache(at.i.c()) {
        let hit = match c.kind {
            kind::MODULE => obj.downcast::<Module>().and_then(|m| m.namespace().known_value(c.key, c.off)),
            kind::TYPE_ATTR => TypeObj::from_value(&obj)
                .filter(|t| t.version() == c.version)
                // SAFETY: the version holds.
                .map(|_| unsafe { clone_bits(c.value) }),
            kind::SLOT => obj.header().and_then(|h| cached(h, c)),
            _ => None,
        };
        if let Some(f) = hit {
            at.regs.put(a, f);
            at.regs.clear(a + 1);
            return Ok(());
        }
    }
    let method = vm.get_method(&obj, name)?;
    if let Some(c) = at.code().cache_to_fill(at.i.c())
        && c.may_learn()
    {
        learn_method(vm, &obj, name, &method, c);
    }
    match method {
        Method::Unbound(f) => {
            at.regs.put(a, f);
            at.regs.put(a + 1, obj);
        }
        Method::Bound(f) => {
            at.regs.put(a, f);
            at.regs.clear(a + 1);
        }
    }
    Ok(())
}

fn learn_method(vm: &Vm, obj: &Value, name: &Value, method: &Method, c: &mut Cache) {
    let Method::Unbound(f) = method else {
        learn_load(vm, obj, name, c);
        if matches!(c.kind, kind::PROPERTY | kind::MEMBER | kind::OVERFLOW | kind::CLASS | kind::CLASS_SHAPE) {
            c.kind = kind::EMPTY;
            c.version = u32::MAX;
        }
        return;
    };
    let Some(h) = obj.header() else { return };
    let ty = h.ty();
    if ty.version() == 0 || h.has_floating_attrs() {
        return;
    }
    match shadow_free(h) {
        Some(None) => *c = Cache { kind: kind::METHOD, version: ty.version(), value: f.bits(), ..*c },
        Some(Some(shape)) => {
            let aux = ty.attrs_offset as u64;
            *c = Cache { kind: kind::METHOD_SHAPE, version: ty.version(), value: f.bits(), key: shape, aux, ..*c };
        }
        None => {}
    }
}

/// LoadSuperAttr.
#[inline(never)]
pub(crate) fn load_super_attr(vm: &Vm, at: At<'_>) -> PyResult<()> {
    let (a, b) = (at.i.a(), at.i.b());
    let parts = at.regs.take_range(b as usize, 3);
    let name = at.code().site_name(at.i.c());
    let (method_form, explicit) = (at.i.x() & 1 != 0, at.i.x() & 2 != 0);
    let real = parts[0].is(&vm.types().super_.value());
    if real
        && let Some(class) = TypeObj::from_value(&parts[1])
        && let Some(found) = super_lookup(vm, class, &parts[2], name)
    {
        let ty = vm.type_of(&found);
        if method_form && ty.has(tflag::METHOD_DESCRIPTOR) {
            at.regs.put(a, found);
            at.regs.put(a + 1, parts[2].clone());
            return Ok(());
        }
        let v = match ty.slots().descr_get {
            Some(get) => get(vm, &found, Some(&parts[2]), Some(&vm.type_of(&parts[2]).value()))?,
            None => found,
        };
        at.regs.put(a, v);
        if method_form {
            at.regs.clear(a + 1);
        }
        return Ok(());
    }
    let args: &[Value] = if explicit || real { &parts[1..] } else { &[] };
    let object = vm.call_pos(&parts[0], args)?;
    let v = vm.getattr(&object, name)?;
    at.regs.put(a, v);
    if method_form {
        at.regs.clear(a + 1);
    }
    Ok(())
}

/// The attribute behind `class` in the MRO of an instance of it; `None` leaves the case to a real super object.
fn super_lookup(vm: &Vm, class: &TypeObj, obj: &Value, name: &Value) -> Option<Value> {
    if name.is(&vm.names().__class__) {
        return None;
    }
    let ty = vm.type_of(obj);
    if !ty.is_subtype(class) {
        return None;
    }
    let mro = ty.mro_slice();
    let me = class.value();
    let start = mro.iter().position(|t| t.is(&me))? + 1;
    mro[start..].iter().find_map(|t| TypeObj::from_value(t)?.dict().get_str(vm, name))
}

impl Dict {
    /// The value at entry `i`, if the dict still has version `key`.
    #[inline(always)]
    pub(crate) fn known_value(&self, key: u64, i: u16) -> Option<Value> {
        if self.known_version() == key { self.value_at(i as usize) } else { None }
    }

    /// The version and the entry of `name`, for caches.
    pub(crate) fn known_entry(&self, vm: &Vm, name: &Value) -> Option<(u64, u16)> {
        let i = u16::try_from(self.find_str(vm, name)?).ok()?;
        Some((self.version(vm), i))
    }
}
