//! [`Fixed`]: a field that never changes but when its object is frozen.
#![expect(unsafe_code, reason = "a field that is replaced in place")]

use std::cell::UnsafeCell;
use std::ops::Deref;

/// A field that only freezing replaces.
pub struct Fixed<T>(UnsafeCell<T>);

impl<T> Fixed<T> {
    /// The field.
    pub const fn new(value: T) -> Fixed<T> {
        Fixed(UnsafeCell::new(value))
    }

    /// Replaces the field.
    ///
    /// # Safety
    /// The caller keeps the old value for as long as a borrow of it may be alive.
    pub(crate) unsafe fn replace(&self, value: T) -> T {
        // SAFETY: one thread has the object; borrows stay good because their target is kept.
        unsafe { std::mem::replace(&mut *self.0.get(), value) }
    }
}

impl<T> Deref for Fixed<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: see `replace`.
        unsafe { &*self.0.get() }
    }
}
