//! [`SharedMap`]: a concurrent map from portable keys to portable values.
//!
//! Every operation on one key is atomic; readers never wait. What a value was replaced by is dropped some time later,
//! by whichever thread comes by, so a buffer's lease in a map may outlive its removal for a while.

use crate::portable::{Key, Lookup, Portable};
use foldhash::fast::RandomState;
use papaya::{Compute, HashMap, Operation};
use std::fmt;

/// A map that any number of threads read and write. Keys are equal when Python says so.
#[derive(Default)]
pub struct SharedMap {
    map: HashMap<Key, Portable, RandomState>,
}

impl SharedMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Portable> {
        self.map.pin().get(key).cloned()
    }

    /// What `look` makes of the value of a key, which is not copied for it.
    ///
    /// What others replace meanwhile is kept until `look` returns: it should not take long.
    pub fn read<R>(&self, key: Lookup<'_>, look: impl FnOnce(&Portable) -> R) -> Option<R> {
        self.map.pin().get(&key).map(look)
    }

    /// Whether there is a value of `key`.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        self.map.pin().contains_key(key)
    }

    /// Sets the value of `key`, and returns the one before. The key is now as written here: `1.0`
    /// takes the place of `1`.
    pub fn insert(&self, key: Key, value: Portable) -> Option<Portable> {
        self.map.pin().insert(key, value).cloned()
    }

    /// Sets the value of `key` if it has none.
    ///
    /// # Errors
    /// The value it has.
    pub fn insert_new(&self, key: Key, value: Portable) -> Result<(), Portable> {
        match self.map.pin().try_insert(key, value) {
            Ok(_) => Ok(()),
            Err(taken) => Err(taken.current.clone()),
        }
    }

    /// Removes `key`, and returns the value it had.
    pub fn remove(&self, key: &Key) -> Option<Portable> {
        self.map.pin().remove(key).cloned()
    }

    /// Sets the value of `key` to `new` (`None`: removes it) if it is `expected` (`None`: if it has none). Values are
    /// compared as [`Portable`] compares them: the same thing, not merely equal numbers.
    ///
    /// # Errors
    /// The value it has.
    pub fn compare_and_set(
        &self,
        key: Key,
        expected: Option<&Portable>,
        new: Option<Portable>,
    ) -> Result<(), Option<Portable>> {
        let map = self.map.pin();
        let result = map.compute(key, |entry| match entry.map(|(_, value)| value) {
            current if current != expected => Operation::Abort(current.cloned()),
            current => match &new {
                Some(new) => Operation::Insert(new.clone()),
                None if current.is_some() => Operation::Remove,
                // Nothing to remove: done, without a change.
                None => Operation::Abort(None),
            },
        });
        match result {
            Compute::Aborted(current) if current.as_ref() != expected => Err(current),
            _ => Ok(()),
        }
    }

    /// Replaces the value of `key` by what `change` makes of it (`None`: no value), and returns the new one. `change`
    /// may be called again if another thread was faster.
    pub fn update(&self, key: Key, mut change: impl FnMut(Option<&Portable>) -> Option<Portable>) -> Option<Portable> {
        let map = self.map.pin();
        let result = map.compute(key, |entry| {
            let current = entry.map(|(_, value)| value);
            match change(current) {
                Some(new) => Operation::Insert(new),
                None if current.is_some() => Operation::Remove,
                None => Operation::Abort(()),
            }
        });
        match result {
            Compute::Inserted(_, new) | Compute::Updated { new: (_, new), .. } => Some(new.clone()),
            Compute::Removed(..) | Compute::Aborted(()) => None,
        }
    }

    /// Any key, with its value; `None` if there is none.
    #[must_use]
    pub fn first(&self) -> Option<(Portable, Portable)> {
        self.map.pin().iter().next().map(|(key, value)| (key.value().clone(), value.clone()))
    }

    /// How many keys. The answer may be old when it arrives.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all keys that are there now.
    pub fn clear(&self) {
        self.map.pin().clear();
    }

    /// All keys, as they were written last, with their values, in no order. What others change meanwhile may be in it or
    /// not; what stays is in it once.
    #[must_use]
    pub fn snapshot(&self) -> Vec<(Portable, Portable)> {
        self.map.pin().iter().map(|(key, value)| (key.value().clone(), value.clone())).collect()
    }
}

impl fmt::Debug for SharedMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMap").field("len", &self.len()).finish_non_exhaustive()
    }
}
