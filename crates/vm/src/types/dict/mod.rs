//! `dict`: a mapping in insertion order.
//!
//! Entries lie densely in insertion order; an index of their numbers exists past a handful of entries.
//! Deleted entries are holes until the next growth.
//!
//! Rooms: this file has the payload and what the machine needs; `index` finds entries by hash; `shared` dicts over one of the frozen image; `methods`
//! what Python sees; `views` keys, values, items and the iterators.
//!
//! Invariant: no borrow of the entries lives while Python code may run. A lookup that had to call `__eq__` checks
//! afterwards that the dict did not change, and starts again if it did.
#![expect(unsafe_code, reason = "interior mutability without run-time borrows")]

use crate::error::PyResult;
use crate::heap::{HVec, HeapAlloc};
use crate::object::{Kind, Payload, Visitor};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;
use index::Index;
use smallvec::SmallVec;
use std::cell::{Cell, UnsafeCell};

mod index;
mod lazy;
pub mod methods;
mod shared;
pub mod views;

/// Entries up to which lookups are linear.
const LINEAR: usize = 8;

/// One entry; a hole has no key.
struct Entry {
    hash: u64,
    key: Option<Value>,
    value: Option<Value>,
}

struct Inner {
    entries: HVec<Entry>,
    index: Option<Index>,
    used: usize,
    /// Entries below this one are holes.
    head: usize,
    only_str: bool,
    mode: Mode,
    /// Values may be originals, of which this interpreter has its own copies (see `lazy`).
    lazy: bool,
}

/// Whose the entries are, and whether they may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The dict's own.
    Own,
    /// Entries and index are those of a dict of the frozen image or of an origin, until the first write.
    Shared,
    /// The dict's own, which nobody may write (see [`crate::freeze`]).
    Frozen,
}

/// A dict.
pub struct Dict {
    inner: UnsafeCell<Inner>,
    /// Identifies this dict with this set of keys for the inline caches; 0: no cache knows it.
    version: Cell<u64>,
    /// Counts structural changes, to notice them across calls of `__eq__`.
    changes: Cell<u32>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Dict {
    const KIND: Kind = Kind::Dict;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        if self.inner().mode == Mode::Shared {
            // The image's values are no garbage.
            return;
        }
        for e in self.inner().entries.iter() {
            e.key.iter().chain(&e.value).for_each(&mut *visit);
        }
    }

    fn clear(&self) {
        Dict::clear(self);
    }
}

impl Dict {
    /// An empty dict payload.
    pub fn new(alloc: HeapAlloc) -> Dict {
        Dict {
            inner: UnsafeCell::new(Inner {
                entries: HVec::new_in(alloc),
                index: None,
                used: 0,
                head: 0,
                only_str: true,
                mode: Mode::Own,
                lazy: false,
            }),
            version: Cell::new(0),
            changes: Cell::new(0),
        }
    }

    #[inline(always)]
    fn inner(&self) -> &Inner {
        // SAFETY: mutable borrows are confined to methods here that run no Python code and drop no values inside.
        unsafe { &*self.inner.get() }
    }

    #[inline(always)]
    #[expect(clippy::mut_from_ref, reason = "confined to methods of this file")]
    fn inner_mut(&self) -> &mut Inner {
        if self.inner().mode != Mode::Own
            && let Some(scratch) = shared::before_write(self)
        {
            return scratch;
        }
        // SAFETY: as above; no other borrow is alive in the calling method.
        unsafe { &mut *self.inner.get() }
    }

    /// `TypeError` if nobody may write it. Where that can be said, it is said before a write.
    #[inline(always)]
    fn check_mutable(&self, vm: &Vm) -> PyResult<()> {
        if self.inner().mode == Mode::Frozen { Err(vm.is_frozen_error(&Value::of(self))) } else { Ok(()) }
    }

    /// Whether nobody may write it.
    #[inline(always)]
    pub fn is_frozen(&self) -> bool {
        self.inner().mode == Mode::Frozen
    }

    fn changed(&self) {
        if self.is_frozen() {
            return;
        }
        self.version.set(0);
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    /// Number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.inner().used
    }

    /// Whether it has no items.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries, holes included: the bound of indices for [`Dict::entry`].
    #[inline(always)]
    pub fn n_entries(&self) -> usize {
        self.inner().entries.len()
    }

    /// The item at entry `i`, unless it is a hole.
    #[inline(always)]
    pub fn entry(&self, i: usize) -> Option<(Value, Value)> {
        if self.inner().lazy {
            self.own_value(i);
        }
        let e = self.inner().entries.get(i)?;
        Some((e.key.clone()?, e.value.clone()?))
    }

    /// The key at entry `i`, unless it is a hole.
    #[inline(always)]
    pub fn key_at(&self, i: usize) -> Option<Value> {
        self.inner().entries.get(i).and_then(|e| e.key.clone())
    }

    /// The index of the first item at or after entry `i`.
    #[inline(always)]
    pub fn entry_from(&self, i: usize) -> Option<usize> {
        let inner = self.inner();
        let i = i.max(inner.head);
        let rest = inner.entries.get(i..)?;
        rest.iter().position(|e| e.key.is_some()).map(|n| i + n)
    }

    /// The index of the last item before entry `i`.
    #[inline(always)]
    pub fn entry_before(&self, i: usize) -> Option<usize> {
        let entries = &self.inner().entries;
        entries[..i.min(entries.len())].iter().rposition(|e| e.key.is_some())
    }

    /// Bytes of storage beside the object itself.
    pub(crate) fn storage_bytes(&self) -> usize {
        let inner = self.inner();
        let index = inner.index.as_ref().map_or(0, Index::size);
        inner.entries.capacity() * size_of::<Entry>() + index
    }

    /// Calls `f` with the address and the size of each block of storage.
    pub(crate) fn each_storage(&self, f: &mut dyn FnMut(usize, usize)) {
        let inner = self.inner();
        f(inner.entries.as_ptr().addr(), inner.entries.capacity() * size_of::<Entry>());
        if let Some(index) = &inner.index {
            let (at, bytes) = index.storage();
            f(at, bytes);
        }
    }

    /// Counts structural changes (insertions and deletions of keys).
    #[inline(always)]
    pub fn changes(&self) -> u32 {
        self.changes.get()
    }

    /// The version tag for caches: equal tags mean this dict with the same keys in the same entries.
    #[inline]
    pub(crate) fn version(&self, vm: &Vm) -> u64 {
        if self.version.get() == 0 && !self.is_frozen() {
            self.version.set(vm.next_dict_version());
        }
        self.version.get()
    }

    /// The version tag, 0 if no cache knows it.
    #[inline(always)]
    pub(crate) fn known_version(&self) -> u64 {
        self.version.get()
    }

    /// The value at entry `i`, for a cache that has checked the version.
    #[inline(always)]
    pub(crate) fn value_at(&self, i: usize) -> Option<Value> {
        if self.inner().lazy {
            self.own_value(i);
        }
        self.inner().entries.get(i).and_then(|e| e.value.clone())
    }

    /// The address of the value at entry `i`, good for as long as the version is the same.
    pub(crate) fn entry_address(&self, i: usize) -> u64 {
        if self.inner().lazy {
            self.own_value(i);
        }
        &self.inner().entries[i].value as *const Option<Value> as u64
    }

    /// Replaces the value at entry `i`, for a cache that has checked the version.
    #[inline(always)]
    pub(crate) fn set_value_at(&self, i: usize, value: Value) {
        if self.inner().lazy {
            self.own_value(i);
        }
        let old = self.inner_mut().entries.get_mut(i).map(|e| e.value.replace(value));
        drop(old);
    }

    /// The entry of a text key, where all keys are texts or compare unequal to texts without Python code.
    #[inline]
    pub(crate) fn find_str(&self, vm: &Vm, name: &Value) -> Option<usize> {
        let inner = self.inner();
        if inner.used == 0 {
            return None;
        }
        // SAFETY: the callers pass texts.
        let text = unsafe { name.downcast_unchecked::<Str>() };
        let hash = text.hash(vm);
        let Some(index) = &inner.index else {
            // Interned names are usually found by identity.
            let same = |e: &Entry| {
                e.hash == hash && (e.key.as_ref().is_some_and(|k| k.is(name)) || same_text(e.key.as_ref(), text))
            };
            return inner.entries.iter().position(same);
        };
        index.find(hash, |i| {
            let Some(e) = inner.entries.get(i) else { return false };
            e.key.as_ref().is_some_and(|k| k.is(name)) || (e.hash == hash && same_text(e.key.as_ref(), text))
        })
    }

    /// The value of a text key. Keys that are instances of subclasses of `str` with their own `__eq__` are not consulted.
    #[inline]
    pub fn get_str(&self, vm: &Vm, name: &Value) -> Option<Value> {
        self.find_str(vm, name).and_then(|i| self.value_at(i))
    }

    /// The value of a text key given as Rust text (interned first; for names known in Rust prefer [`Dict::get_str`]).
    pub fn get_name(&self, vm: &Vm, name: &str) -> Option<Value> {
        self.get_str(vm, &vm.intern(name))
    }

    /// Sets the value of a text key.
    #[inline]
    pub fn set_str(&self, vm: &Vm, name: &Value, value: Value) {
        match self.find_str(vm, name) {
            Some(i) => self.set_value_at(i, value),
            None => {
                let hash = name.downcast::<Str>().map_or(0, |s| s.hash(vm));
                self.push(hash, name.clone(), value);
            }
        }
    }

    /// Sets the value of a text key given as Rust text.
    pub fn set_name(&self, vm: &Vm, name: &str, value: Value) {
        self.set_str(vm, &vm.intern(name), value);
    }

    /// Removes a text key.
    pub fn remove_str(&self, vm: &Vm, name: &Value) -> Option<Value> {
        let i = self.find_str(vm, name)?;
        self.remove_at(i).map(|(_, v)| v)
    }

    /// The entry of `key`.
    #[inline]
    pub(crate) fn find(&self, vm: &Vm, key: &Value, hash: u64) -> PyResult<Option<usize>> {
        let inner = self.inner();
        if inner.only_str && vm.is_exact_str(key) {
            return Ok(self.find_str(vm, key));
        }
        let mut ask = false;
        let matches = |e: &Entry| {
            let Some(k) = &e.key else { return false };
            if k.is(key) {
                return true;
            }
            if e.hash != hash || Value::both_small(k, key) {
                return false;
            }
            // Whether they are equal is for `__eq__` to say.
            ask = true;
            true
        };
        let found = match &inner.index {
            None => inner.entries.iter().position(matches),
            Some(index) => {
                let mut matches = matches;
                index.find(hash, |i| inner.entries.get(i).is_some_and(&mut matches))
            }
        };
        if ask { self.find_slow(vm, key, hash) } else { Ok(found) }
    }

    #[inline(never)]
    fn find_slow(&self, vm: &Vm, key: &Value, hash: u64) -> PyResult<Option<usize>> {
        // Keys that are not equal: not asked again when `__eq__` has changed the dict, so that this ends.
        let mut different: SmallVec<[Value; 4]> = SmallVec::new();
        let mut restarted = false;
        'again: loop {
            let inner = self.inner();
            let mut candidates: SmallVec<[u32; 4]> = SmallVec::new();
            let same_hash = |i: usize| inner.entries.get(i).is_some_and(|e| e.hash == hash && e.key.is_some());
            match &inner.index {
                None => candidates.extend((0..inner.entries.len()).filter(|i| same_hash(*i)).map(|i| i as u32)),
                Some(index) => {
                    index.find(hash, |i| {
                        if same_hash(i) {
                            candidates.push(i as u32);
                        }
                        false
                    });
                }
            }
            let changes = self.changes.get();
            for i in candidates {
                let Some(other) = self.inner().entries.get(i as usize).and_then(|e| e.key.clone()) else {
                    restarted = true;
                    continue 'again;
                };
                if restarted && different.iter().any(|k| k.is(&other)) {
                    continue;
                }
                if other.is(key) || vm.eq(&other, key)? {
                    let stays = |e: &Entry| e.key.as_ref().is_some_and(|k| k.is(&other));
                    if self.changes.get() == changes || self.inner().entries.get(i as usize).is_some_and(stays) {
                        return Ok(Some(i as usize));
                    }
                    restarted = true;
                    continue 'again;
                }
                different.push(other);
                if self.changes.get() != changes {
                    restarted = true;
                    continue 'again;
                }
            }
            return Ok(None);
        }
    }

    /// The value of a key.
    pub fn get(&self, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        if self.inner().only_str && vm.is_exact_str(key) {
            return Ok(self.get_str(vm, key));
        }
        let hash = vm.hash_key(key)?;
        if self.is_empty() {
            return Ok(None);
        }
        Ok(self.find(vm, key, hash)?.and_then(|i| self.value_at(i)))
    }

    /// The value of a key whose hash is known.
    pub fn get_hashed(&self, vm: &Vm, key: &Value, hash: u64) -> PyResult<Option<Value>> {
        Ok(self.find(vm, key, hash)?.and_then(|i| self.value_at(i)))
    }

    /// Whether a key is present.
    pub fn contains(&self, vm: &Vm, key: &Value) -> PyResult<bool> {
        let hash = vm.hash_key(key)?;
        Ok(self.find(vm, key, hash)?.is_some())
    }

    /// Sets the value of a key.
    pub fn set(&self, vm: &Vm, key: Value, value: Value) -> PyResult<()> {
        let hash = vm.hash_key(&key)?;
        self.set_hashed(vm, key, hash, value)
    }

    /// Sets the value of a key whose hash is known.
    pub(crate) fn set_hashed(&self, vm: &Vm, key: Value, hash: u64, value: Value) -> PyResult<()> {
        let found = self.find(vm, &key, hash)?;
        self.check_mutable(vm)?;
        match found {
            Some(i) => self.set_value_at(i, value),
            None => self.push(hash, key, value),
        }
        Ok(())
    }

    /// The value of `key`, which is set to `default` if it is missing.
    pub fn get_or_insert(&self, vm: &Vm, key: &Value, default: impl FnOnce() -> Value) -> PyResult {
        let hash = vm.hash_key(key)?;
        if let Some(value) = self.find(vm, key, hash)?.and_then(|i| self.value_at(i)) {
            return Ok(value);
        }
        let value = default();
        self.check_mutable(vm)?;
        self.push(hash, key.clone(), value.clone());
        Ok(value)
    }

    /// Removes a key and returns its value.
    pub fn remove(&self, vm: &Vm, key: &Value) -> PyResult<Option<Value>> {
        let hash = vm.hash_key(key)?;
        let found = self.find(vm, key, hash)?;
        self.check_mutable(vm)?;
        Ok(found.and_then(|i| self.remove_at(i)).map(|(_, v)| v))
    }

    /// Removes the item at entry `i`.
    pub(crate) fn remove_at(&self, i: usize) -> Option<(Value, Value)> {
        if self.inner().lazy {
            self.own_value(i);
        }
        let inner = self.inner_mut();
        let e = inner.entries.get_mut(i)?;
        let (key, value) = (e.key.take()?, e.value.take()?);
        let hash = e.hash;
        if let Some(index) = &mut inner.index {
            index.remove(hash, i);
        }
        inner.used -= 1;
        while inner.entries.last().is_some_and(|e| e.key.is_none()) {
            inner.entries.pop();
        }
        if i == inner.head {
            while inner.entries.get(inner.head).is_some_and(|e| e.key.is_none()) {
                inner.head += 1;
            }
        }
        inner.head = inner.head.min(inner.entries.len());
        self.changed();
        Some((key, value))
    }

    /// Removes and returns the last item.
    pub fn pop_last(&self) -> Option<(Value, Value)> {
        let last = self.inner().entries.len().checked_sub(1)?;
        self.remove_at(last)
    }

    /// Removes and returns the first item.
    pub fn pop_first(&self) -> Option<(Value, Value)> {
        self.remove_at(self.entry_from(0)?)
    }

    /// Moves an item behind (or in front of) all others; whether the key was there.
    pub fn move_to_end(&self, vm: &Vm, key: &Value, last: bool) -> PyResult<bool> {
        let hash = vm.hash_key(key)?;
        let Some(i) = self.find(vm, key, hash)? else { return Ok(false) };
        self.check_mutable(vm)?;
        let at_end = if last { i + 1 == self.n_entries() } else { Some(i) == self.entry_from(0) };
        if at_end {
            return Ok(true);
        }
        let Some((key, value)) = self.remove_at(i) else { return Ok(false) };
        if last {
            self.push(hash, key, value);
            return Ok(true);
        }
        let inner = self.inner_mut();
        inner.used += 1;
        let entry = Entry { hash, key: Some(key), value: Some(value) };
        match inner.head.checked_sub(1) {
            // A hole in front takes it.
            Some(hole) => {
                inner.entries[hole] = entry;
                inner.head = hole;
                match &mut inner.index {
                    Some(index) if index.has_room() => index.insert(hash, hole),
                    Some(_) => inner.build_index(),
                    None => {}
                }
            }
            None => {
                inner.entries.insert(0, entry);
                if inner.index.is_some() || inner.entries.len() > LINEAR {
                    inner.build_index();
                }
            }
        }
        self.changed();
        Ok(true)
    }

    /// Sets the value of a key to what `f` makes of the old value. `f` may run Python code.
    pub fn update_hashed(
        &self,
        vm: &Vm,
        key: Value,
        hash: u64,
        f: impl FnOnce(Option<&Value>) -> PyResult,
    ) -> PyResult<()> {
        let found = self.find(vm, &key, hash)?;
        let changes = self.changes.get();
        let old = found.and_then(|i| self.value_at(i));
        let new = f(old.as_ref())?;
        self.check_mutable(vm)?;
        if self.changes.get() != changes {
            return self.set_hashed(vm, key, hash, new);
        }
        match found {
            Some(i) => self.set_value_at(i, new),
            None => self.push(hash, key, new),
        }
        Ok(())
    }

    /// Appends an item whose key is known to be missing.
    pub(crate) fn push(&self, hash: u64, key: Value, value: Value) {
        let inner = self.inner_mut();
        if inner.only_str && !key.header().is_some_and(|h| h.kind() == Kind::Str && !h.ty().is_heap()) {
            inner.only_str = false;
        }
        if inner.entries.len() == inner.entries.capacity() && inner.used < inner.entries.len() * 3 / 4 {
            inner.compact();
        }
        let i = inner.entries.len();
        inner.entries.push(Entry { hash, key: Some(key), value: Some(value) });
        inner.used += 1;
        match &mut inner.index {
            Some(index) if index.has_room() => index.insert(hash, i),
            Some(_) => inner.build_index(),
            None if i >= LINEAR => inner.build_index(),
            None => {}
        }
        self.changed();
    }

    /// Removes all items.
    pub fn clear(&self) {
        self.own_values();
        let inner = self.inner_mut();
        let alloc = *inner.entries.allocator();
        let old = std::mem::replace(&mut inner.entries, HVec::new_in(alloc));
        inner.index = None;
        inner.used = 0;
        inner.head = 0;
        inner.only_str = true;
        self.changed();
        drop(old);
    }

    /// Items as copies.
    pub fn items(&self) -> Vec<(Value, Value)> {
        (0..self.n_entries()).filter_map(|i| self.entry(i)).collect()
    }

    /// Keys as copies.
    pub fn keys(&self) -> Vec<Value> {
        self.inner().entries.iter().filter_map(|e| e.key.clone()).collect()
    }

    /// A copy of the whole dict.
    pub fn copy(&self, vm: &Vm) -> Value {
        let copy = vm.new_dict();
        let target = copy.downcast::<Dict>().expect("just made");
        target.reserve(self.len());
        self.own_values();
        for e in self.inner().entries.iter() {
            if let (Some(key), Some(value)) = (&e.key, &e.value) {
                target.push(e.hash, key.clone(), value.clone());
            }
        }
        copy
    }

    /// Sets all items of another dict. May call `__eq__` of keys.
    pub fn update_from(&self, vm: &Vm, other: &Dict) -> PyResult<()> {
        let mut i = 0;
        while i < other.n_entries() {
            if let Some((key, value)) = other.entry(i) {
                let hash = other.inner().entries[i].hash;
                self.set_hashed(vm, key, hash, value)?;
            }
            i += 1;
        }
        Ok(())
    }

    /// Makes room for `n` items.
    pub fn reserve(&self, n: usize) {
        if self.is_frozen() {
            return;
        }
        let inner = self.inner_mut();
        inner.entries.reserve(n.saturating_sub(inner.entries.len()));
    }

    /// The stored hash of entry `i`.
    pub(crate) fn hash_at(&self, i: usize) -> u64 {
        self.inner().entries[i].hash
    }
}

impl Inner {
    /// Closes the holes.
    #[cold]
    fn compact(&mut self) {
        self.entries.retain(|e| e.key.is_some());
        self.head = 0;
        if self.index.is_some() {
            self.build_index();
        }
    }

    #[cold]
    fn build_index(&mut self) {
        let alloc = *self.entries.allocator();
        // Removed marks of the old index are gone in the new one.
        let room = self.entries.capacity().max(self.entries.len() + 1);
        let mut index = Index::with_room(room, alloc);
        for (i, e) in self.entries.iter().enumerate() {
            if e.key.is_some() {
                index.insert(e.hash, i);
            }
        }
        index.count_entries(self.entries.len());
        self.index = Some(index);
    }
}

#[inline(always)]
fn same_text(key: Option<&Value>, text: &Str) -> bool {
    key.and_then(|k| k.downcast::<Str>()).is_some_and(|k| k.as_bytes() == text.as_bytes())
}

impl Vm {
    /// An empty dict.
    #[inline]
    pub fn new_dict(&self) -> Value {
        self.alloc(self.types().dict, Dict::new(self.heap().alloc()))
    }
}
