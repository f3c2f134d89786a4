//! `set` and `frozenset`.
//!
//! An open-addressing table of (key, hash) with CPython's probe sequence and growth, so that sets of numbers iterate in the
//! same order as there.
//!
//! Rooms: this file has the payload and the table; `algebra` union, intersection and so on; `methods` what Python sees;
//! `iter` the iterator.
//!
//! Invariant: no borrow of the table lives while Python code may run; a lookup that had to call `__eq__` starts again if the
//! set changed meanwhile. At least one slot of an allocated table is free.
#![expect(unsafe_code, reason = "interior mutability without run-time borrows")]

use crate::error::PyResult;
use crate::freeze::guard::forgotten;
use crate::heap::{HVec, HeapAlloc};
use crate::object::{Header, Kind, Payload, Visitor};
use crate::origin::Copier;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};

pub mod algebra;
pub mod iter;
pub mod methods;

pub use methods::{FROZENSET, TYPE};

const MIN_SLOTS: usize = 8;
/// Neighbours that are looked at before the probe sequence jumps.
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;
/// Hash of a slot whose key was removed; no key hashes to it.
const REMOVED: u64 = u64::MAX;

/// A slot: free (no key, hash 0), removed (no key, hash [`REMOVED`]) or in use.
struct Slot {
    key: Option<Value>,
    hash: u64,
}

struct Table {
    /// A power of two of them, or none.
    slots: HVec<Slot>,
    /// Slots that are not free.
    fill: usize,
    used: usize,
    /// Where `pop` looks next.
    finger: usize,
}

/// A set or frozenset.
pub struct Set {
    table: UnsafeCell<Table>,
    /// Counts structural changes.
    changes: Cell<u32>,
    /// The hash of a frozenset, once it is known.
    hash: Cell<Option<i64>>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Set {
    const KIND: Kind = Kind::Set;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.table().slots.iter().filter_map(|s| s.key.as_ref()).for_each(visit);
    }

    fn clear(&self) {
        Set::clear(self);
    }
}

/// Where a key is, or where it goes.
enum Place {
    Found(usize),
    Free(usize),
    /// There is no table yet.
    Nowhere,
}

impl Set {
    /// An empty set payload.
    pub(crate) fn new(alloc: HeapAlloc) -> Set {
        Set {
            table: UnsafeCell::new(Table { slots: HVec::new_in(alloc), fill: 0, used: 0, finger: 0 }),
            changes: Cell::new(0),
            hash: Cell::new(None),
        }
    }

    #[inline(always)]
    fn table(&self) -> &Table {
        // SAFETY: mutable borrows are confined to methods here that run no Python code and drop no values inside.
        unsafe { &*self.table.get() }
    }

    #[inline(always)]
    #[expect(clippy::mut_from_ref, reason = "confined to methods of this file")]
    fn table_mut(&self) -> &mut Table {
        // SAFETY: as above; no other borrow is alive in the calling method.
        unsafe { &mut *self.table.get() }
    }

    /// Whether it must not be changed.
    #[inline(always)]
    pub fn is_frozen(&self) -> bool {
        Header::of(self).is_frozen()
    }

    /// What is written when a hash is asked for, written now.
    pub(crate) fn seal(&self) {
        self.hash.set(Some(self.frozen_hash()));
    }

    /// Where its storage lies, and how many bytes of it there are.
    pub(crate) fn storage(&self) -> (usize, usize) {
        let slots = &self.table().slots;
        (slots.as_ptr().addr(), slots.capacity() * size_of::<Slot>())
    }

    fn changed(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    /// Number of keys.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.table().used
    }

    /// Whether it has no keys.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of slots: the bound of indices for [`Set::entry`].
    #[inline(always)]
    pub fn n_slots(&self) -> usize {
        self.table().slots.len()
    }

    /// The key in slot `i`, if it is in use.
    #[inline(always)]
    pub fn entry(&self, i: usize) -> Option<Value> {
        self.table().slots.get(i).and_then(|s| s.key.clone())
    }

    /// Key and hash in slot `i`, if it is in use.
    #[inline(always)]
    fn entry_hashed(&self, i: usize) -> Option<(Value, u64)> {
        self.table().slots.get(i).and_then(|s| Some((s.key.clone()?, s.hash)))
    }

    /// The next key at or after slot `at`, which is moved behind it.
    #[inline(always)]
    pub fn next_entry(&self, at: &mut usize) -> Option<Value> {
        let slots = &self.table().slots;
        while let Some(slot) = slots.get(*at) {
            *at += 1;
            if let Some(key) = &slot.key {
                return Some(key.clone());
            }
        }
        None
    }

    /// Keys as copies.
    pub fn keys(&self) -> Vec<Value> {
        self.table().slots.iter().filter_map(|s| s.key.clone()).collect()
    }

    /// All keys of a set that nobody changes meanwhile.
    pub(crate) fn keys_ref(&self) -> impl Iterator<Item = &Value> {
        self.table().slots.iter().filter_map(|s| s.key.as_ref())
    }

    /// Fills an empty set of another heap with copies of the keys, in the same order. Their hashes stay what they are.
    pub(crate) fn copy_to<'a>(&'a self, to: &Set, alloc: HeapAlloc, copy: &mut dyn FnMut(&'a Value) -> Value) {
        let (from, table) = (self.table(), to.table_mut());
        let mut slots = HVec::with_capacity_in(from.slots.len(), alloc);
        slots.extend(from.slots.iter().map(|s| Slot { key: s.key.as_ref().map(&mut *copy), hash: s.hash }));
        *table = Table { slots, fill: from.fill, used: from.used, finger: 0 };
        to.seal();
    }

    fn find(&self, vm: &Vm, key: &Value, hash: u64) -> PyResult<Place> {
        let text = if vm.is_exact_str(key) { key.downcast::<Str>() } else { None };
        'again: loop {
            let mut changes = self.changes.get();
            let n = self.n_slots();
            if n == 0 {
                return Ok(Place::Nowhere);
            }
            let mask = n - 1;
            let mut i = hash as usize & mask;
            let mut perturb = hash;
            loop {
                let probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
                for at in i..=i + probes {
                    let slot = &self.table().slots[at];
                    let Some(other) = &slot.key else {
                        if slot.hash == 0 {
                            return Ok(Place::Free(at));
                        }
                        continue;
                    };
                    if slot.hash != hash {
                        continue;
                    }
                    if other.is(key) {
                        return Ok(Place::Found(at));
                    }
                    if let Some(text) = text
                        && vm.is_exact_str(other)
                    {
                        if other.downcast::<Str>().is_some_and(|o| o.as_bytes() == text.as_bytes()) {
                            return Ok(Place::Found(at));
                        }
                        continue;
                    }
                    let other = other.clone();
                    let same = vm.eq(&other, key)?;
                    if self.changes.get() != changes {
                        // Only if the table is another one or the key is gone: otherwise a hostile `__eq__` never lets go.
                        let slot = self.table().slots.get(at).and_then(|s| s.key.as_ref());
                        if self.n_slots() != n || slot.is_none_or(|k| !k.is(&other)) {
                            continue 'again;
                        }
                        changes = self.changes.get();
                    }
                    if same {
                        return Ok(Place::Found(at));
                    }
                }
                perturb >>= PERTURB_SHIFT;
                i = i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
            }
        }
    }

    /// Whether a key is present.
    #[inline]
    pub fn contains(&self, vm: &Vm, key: &Value) -> PyResult<bool> {
        let hash = vm.hash(key)? as u64;
        self.contains_hashed(vm, key, hash)
    }

    #[inline]
    pub(crate) fn contains_hashed(&self, vm: &Vm, key: &Value, hash: u64) -> PyResult<bool> {
        Ok(matches!(self.find(vm, key, hash)?, Place::Found(_)))
    }

    /// Adds a key; whether it was missing.
    #[inline]
    pub fn add(&self, vm: &Vm, key: Value) -> PyResult<bool> {
        let hash = vm.hash_element(&key)?;
        self.add_hashed(vm, key, hash)
    }

    pub(crate) fn add_hashed(&self, vm: &Vm, key: Value, hash: u64) -> PyResult<bool> {
        let mut place = self.find(vm, &key, hash)?;
        vm.check_payload_mutable(self)?;
        if let Place::Nowhere = place {
            self.resize(0);
            place = Place::Free(hash as usize & (MIN_SLOTS - 1));
        }
        let Place::Free(at) = place else { return Ok(false) };
        let t = self.table_mut();
        t.slots[at] = Slot { key: Some(key), hash };
        t.fill += 1;
        t.used += 1;
        if t.fill * 5 >= (t.slots.len() - 1) * 3 {
            let used = t.used;
            vm.check_alloc(used * 64)?;
            self.resize(if used > 50_000 { used * 2 } else { used * 4 });
        }
        self.changed();
        Ok(true)
    }

    /// Removes a key; whether it was present.
    pub fn remove(&self, vm: &Vm, key: &Value) -> PyResult<bool> {
        let hash = vm.hash(key)? as u64;
        self.remove_hashed(vm, key, hash)
    }

    pub(crate) fn remove_hashed(&self, vm: &Vm, key: &Value, hash: u64) -> PyResult<bool> {
        let place = self.find(vm, key, hash)?;
        vm.check_payload_mutable(self)?;
        let Place::Found(at) = place else { return Ok(false) };
        drop(self.take_slot(at));
        Ok(true)
    }

    fn take_slot(&self, at: usize) -> Option<Value> {
        let t = self.table_mut();
        let slot = std::mem::replace(&mut t.slots[at], Slot { key: None, hash: REMOVED });
        t.used -= 1;
        self.changed();
        slot.key
    }

    /// Removes and returns some key.
    pub fn pop(&self) -> Option<Value> {
        if self.is_frozen() {
            return forgotten(None);
        }
        let t = self.table_mut();
        if t.used == 0 {
            return None;
        }
        let mask = t.slots.len() - 1;
        let mut at = t.finger & mask;
        while t.slots[at].key.is_none() {
            at = (at + 1) & mask;
        }
        t.finger = at + 1;
        self.take_slot(at)
    }

    /// Removes all keys.
    pub fn clear(&self) {
        if self.is_frozen() {
            return forgotten(());
        }
        let t = self.table_mut();
        let alloc = *t.slots.allocator();
        let old = std::mem::replace(&mut t.slots, HVec::new_in(alloc));
        (t.fill, t.used, t.finger) = (0, 0, 0);
        self.changed();
        drop(old);
    }

    /// Moves all keys to a table with room for more than `min_used`.
    fn resize(&self, min_used: usize) {
        let t = self.table_mut();
        let mut n = MIN_SLOTS;
        while n <= min_used {
            n *= 2;
        }
        let fresh = free_slots(n, *t.slots.allocator());
        let old = std::mem::replace(&mut t.slots, fresh);
        t.fill = t.used;
        for slot in old {
            if slot.key.is_some() {
                insert_clean(&mut t.slots, slot);
            }
        }
        self.changed();
    }

    /// Makes room for `more` keys.
    pub(crate) fn reserve(&self, vm: &Vm, more: usize) -> PyResult<()> {
        let t = self.table();
        vm.check_payload_mutable(self)?;
        if (t.fill + more) * 5 >= t.slots.len().saturating_sub(1) * 3 {
            let wanted = (t.used + more) * 2;
            vm.check_alloc(wanted * 32)?;
            self.resize(wanted);
        }
        Ok(())
    }

    /// Adds all keys of another set.
    pub fn merge(&self, vm: &Vm, other: &Set) -> PyResult<()> {
        if std::ptr::eq(self, other) || other.is_empty() {
            return Ok(());
        }
        self.reserve(vm, other.len())?;
        if self.table().fill == 0 {
            let (t, o) = (self.table_mut(), other.table());
            if t.slots.len() == o.slots.len() && o.fill == o.used {
                for (slot, from) in t.slots.iter_mut().zip(&o.slots) {
                    *slot = Slot { key: from.key.clone(), hash: from.hash };
                }
            } else {
                for from in o.slots.iter().filter(|s| s.key.is_some()) {
                    insert_clean(&mut t.slots, Slot { key: from.key.clone(), hash: from.hash });
                }
            }
            (t.fill, t.used) = (o.used, o.used);
            self.changed();
            return Ok(());
        }
        let mut i = 0;
        while i < other.n_slots() {
            if let Some((key, hash)) = other.entry_hashed(i) {
                self.add_hashed(vm, key, hash)?;
            }
            i += 1;
        }
        Ok(())
    }

    /// Takes over the contents of another set, which is left with this one's.
    pub(crate) fn swap(&self, other: &Set) {
        if self.is_frozen() || other.is_frozen() {
            return forgotten(());
        }
        if !std::ptr::eq(self, other) {
            std::mem::swap(self.table_mut(), other.table_mut());
            self.changed();
            other.changed();
        }
    }

    /// The hash of a frozenset, which does not depend on order.
    pub fn frozen_hash(&self) -> i64 {
        if let Some(hash) = self.hash.get() {
            return hash;
        }
        let shuffle = |h: u64| ((h ^ 89_869_747) ^ (h << 16)).wrapping_mul(3_644_798_167);
        let keys = self.table().slots.iter().filter(|s| s.key.is_some());
        let mut hash = keys.fold(0, |acc, s| acc ^ shuffle(s.hash));
        hash ^= (self.len() as u64 + 1).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
        if hash == u64::MAX { 590_923_713 } else { hash as i64 }
    }

    fn remember_hash(&self, hash: i64) {
        if Header::of(self).is_immortal() {
            return;
        }
        self.hash.set(Some(hash));
    }

    fn known_hash(&self) -> Option<i64> {
        self.hash.get()
    }
}

/// Completes the copy of an original: a table of its own, with copies of the keys. Their hashes are those of the originals.
pub(crate) fn become_copy(copier: &Copier<'_>, h: &Header) {
    // SAFETY: the payload of a set, which nobody else knows yet; its storage is the original's and is not dropped.
    unsafe {
        let table = &mut *h.payload_unchecked::<Set>().table.get();
        let mut slots = HVec::with_capacity_in(table.slots.len(), copier.vm().heap().alloc());
        let own = |s: &Slot| Slot { key: s.key.as_ref().map(|k| copier.take(k)), hash: s.hash };
        slots.extend(table.slots.iter().map(own));
        std::ptr::write(&mut table.slots, slots);
    }
}

fn free_slots(n: usize, alloc: HeapAlloc) -> HVec<Slot> {
    let mut slots = HVec::with_capacity_in(n, alloc);
    slots.extend((0..n).map(|_| Slot { key: None, hash: 0 }));
    slots
}

/// Puts a key that is known to be missing into a table without removed slots.
fn insert_clean(slots: &mut [Slot], slot: Slot) {
    let mask = slots.len() - 1;
    let mut i = slot.hash as usize & mask;
    let mut perturb = slot.hash;
    loop {
        let probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
        if let Some(free) = slots[i..=i + probes].iter_mut().find(|s| s.key.is_none()) {
            *free = slot;
            return;
        }
        perturb >>= PERTURB_SHIFT;
        i = i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
    }
}

impl Vm {
    /// An empty set.
    #[inline]
    pub fn new_set(&self) -> Value {
        self.new_set_of(self.types().set)
    }

    /// An empty set or frozenset of the given class.
    #[inline]
    pub fn new_set_of(&self, ty: &TypeObj) -> Value {
        self.alloc(ty, Set::new(self.heap().alloc()))
    }

    /// A set of the items. May raise: the items must be hashable.
    pub fn set(&self, items: Vec<Value>) -> PyResult {
        self.fill_set(self.new_set(), items)
    }

    /// A frozenset of the items. May raise: the items must be hashable.
    pub fn frozenset(&self, items: Vec<Value>) -> PyResult {
        self.fill_set(self.new_set_of(self.types().frozenset), items)
    }

    fn fill_set(&self, set: Value, items: Vec<Value>) -> PyResult {
        let s = set.downcast::<Set>().expect("just made");
        for item in items {
            s.add(self, item)?;
        }
        Ok(set)
    }

    /// The hash of a value that becomes a set element: names its type in the TypeError.
    #[inline]
    pub fn hash_element(&self, value: &Value) -> PyResult<u64> {
        match self.hash(value) {
            Ok(h) => Ok(h as u64),
            Err(e) => Err(self.unhashable_as(e, value, "a set element")),
        }
    }

    /// The hash of a value that becomes a dict key: names its type in the TypeError.
    #[inline]
    pub fn hash_key(&self, value: &Value) -> PyResult<u64> {
        match self.hash(value) {
            Ok(h) => Ok(h as u64),
            Err(e) => Err(self.unhashable_as(e, value, "a dict key")),
        }
    }

    /// Says in the pending TypeError what the value was to be.
    #[cold]
    fn unhashable_as(&self, e: crate::error::Raised, value: &Value, role: &str) -> crate::error::Raised {
        if !self.pending_is(self.types().TypeError) {
            return e;
        }
        let exc = self.take_raised();
        if !self.is_exact(&exc, self.types().TypeError) {
            return self.raise(exc);
        }
        let text = match self.str_string(&exc) {
            Ok(text) => text,
            Err(e) => return e,
        };
        self.type_error(&format!("cannot use '{}' as {role} ({text})", self.full_type_name(value)))
    }

    /// The class of a value with its module, unless that is `builtins`.
    pub(crate) fn full_type_name(&self, value: &Value) -> String {
        self.type_of(value).full_name(self)
    }
}
