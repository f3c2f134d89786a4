//! Ids of a runtime's queues and channels, and how many objects refer to each.
//!
//! Ids are given once and never again. An entry goes away when it is destroyed, or when its last reference is
//! released; what waits on it then learns that it is closed.

use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a registry can hold.
pub trait Registered: Sized {
    /// The first id.
    const FIRST_ID: u64;

    /// Ends all waits on it, and drops what it holds.
    fn shut(&self);

    /// Unbinds what an interpreter that is being destroyed has put into it.
    fn clear_interpreter(&self, interpreter: u64);
}

/// Things of one kind by id.
#[derive(Debug)]
pub struct Registry<T> {
    next: AtomicU64,
    entries: RwLock<BTreeMap<u64, Entry<T>>>,
}

#[derive(Debug)]
struct Entry<T> {
    thing: Arc<T>,
    n_refs: usize,
}

/// Why an id is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegistryError {
    /// There is no such thing, or no longer.
    NotFound(u64),
    /// A release without a bind.
    NeverBound(u64),
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegistryError::NotFound(id) => write!(f, "{id} not found"),
            RegistryError::NeverBound(id) => write!(f, "{id} never bound"),
        }
    }
}

impl std::error::Error for RegistryError {}

impl<T: Registered> Registry<T> {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self { next: AtomicU64::new(T::FIRST_ID), entries: RwLock::new(BTreeMap::new()) }
    }

    pub(super) fn insert(&self, make: impl FnOnce(u64) -> T) -> Arc<T> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let thing = Arc::new(make(id));
        self.entries.write().insert(id, Entry { thing: thing.clone(), n_refs: 0 });
        thing
    }

    /// The thing of this id.
    ///
    /// # Errors
    /// [`RegistryError::NotFound`].
    pub fn get(&self, id: u64) -> Result<Arc<T>, RegistryError> {
        let entries = self.entries.read();
        entries.get(&id).map(|entry| entry.thing.clone()).ok_or(RegistryError::NotFound(id))
    }

    /// All there are, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<T>> {
        self.entries.read().values().map(|entry| entry.thing.clone()).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.read().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts one more reference.
    ///
    /// # Errors
    /// [`RegistryError::NotFound`].
    pub fn bind(&self, id: u64) -> Result<(), RegistryError> {
        let mut entries = self.entries.write();
        entries.get_mut(&id).ok_or(RegistryError::NotFound(id))?.n_refs += 1;
        Ok(())
    }

    /// Counts one reference less, and destroys the thing if that was the last.
    ///
    /// # Errors
    /// [`RegistryError`] if there is no such thing, or nothing to release.
    pub fn release(&self, id: u64) -> Result<(), RegistryError> {
        let mut entries = self.entries.write();
        let entry = entries.get_mut(&id).ok_or(RegistryError::NotFound(id))?;
        if entry.n_refs == 0 {
            return Err(RegistryError::NeverBound(id));
        }
        entry.n_refs -= 1;
        if entry.n_refs == 0 {
            let entry = entries.remove(&id);
            drop(entries);
            entry.iter().for_each(|entry| entry.thing.shut());
        }
        Ok(())
    }

    /// Destroys the thing, whoever refers to it.
    ///
    /// # Errors
    /// [`RegistryError::NotFound`].
    pub fn destroy(&self, id: u64) -> Result<(), RegistryError> {
        let entry = self.entries.write().remove(&id).ok_or(RegistryError::NotFound(id))?;
        entry.thing.shut();
        Ok(())
    }

    /// Unbinds what an interpreter that is being destroyed has put anywhere. It looks at every entry, so a runtime
    /// calls it only for interpreters that have sent something.
    pub fn clear_interpreter(&self, interpreter: u64) {
        if self.is_empty() {
            return;
        }
        for thing in self.list() {
            thing.clear_interpreter(interpreter);
        }
    }
}

/// A counted reference to an entry. The entry goes away with its last one.
#[derive(Debug)]
pub struct Bound<T: Registered> {
    registry: Arc<Registry<T>>,
    thing: Arc<T>,
    id: u64,
}

impl<T: Registered> Bound<T> {
    /// A reference to the entry of this id.
    ///
    /// # Errors
    /// [`RegistryError::NotFound`].
    pub fn new(registry: &Arc<Registry<T>>, id: u64) -> Result<Self, RegistryError> {
        let thing = {
            let mut entries = registry.entries.write();
            let entry = entries.get_mut(&id).ok_or(RegistryError::NotFound(id))?;
            entry.n_refs += 1;
            entry.thing.clone()
        };
        Ok(Self { registry: registry.clone(), thing, id })
    }

    /// What it refers to.
    #[must_use]
    pub fn thing(&self) -> &Arc<T> {
        &self.thing
    }
}

impl<T: Registered> std::ops::Deref for Bound<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.thing
    }
}

impl<T: Registered> Clone for Bound<T> {
    fn clone(&self) -> Self {
        // An entry that was destroyed meanwhile is not counted any more.
        let _ = self.registry.bind(self.id);
        Self { registry: self.registry.clone(), thing: self.thing.clone(), id: self.id }
    }
}

impl<T: Registered> Drop for Bound<T> {
    fn drop(&mut self) {
        let _ = self.registry.release(self.id);
    }
}

impl<T: Registered> Default for Registry<T> {
    fn default() -> Self {
        Self::new()
    }
}
