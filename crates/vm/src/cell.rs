//! [`VCell`]: a field of an object that may hold a value. Reading clones, so that no borrow lives across Python code.

use crate::value::Value;
use std::cell::Cell;

/// A mutable field that holds a value or nothing.
#[derive(Default)]
pub struct VCell(Cell<Option<Value>>);

impl VCell {
    /// A field that holds nothing.
    pub const fn empty() -> VCell {
        VCell(Cell::new(None))
    }

    /// A field that holds `value`.
    pub const fn new(value: Value) -> VCell {
        VCell(Cell::new(Some(value)))
    }

    /// A field from an option.
    pub const fn from(value: Option<Value>) -> VCell {
        VCell(Cell::new(value))
    }

    /// A new reference to what it holds.
    #[inline(always)]
    #[expect(unsafe_code, reason = "looks at the value without moving it out")]
    pub fn get(&self) -> Option<Value> {
        // SAFETY: cloning a value runs no code that could write this cell, and there is one thread.
        unsafe { (*self.0.as_ptr()).clone() }
    }

    /// What it holds, or `None` (Python's) if nothing.
    #[inline(always)]
    pub fn get_or_none(&self) -> Value {
        self.get().unwrap_or(Value::NONE)
    }

    /// Whether it holds something.
    #[inline(always)]
    pub fn is_set(&self) -> bool {
        self.bits() != 0
    }

    /// The word it holds, zero if nothing (for identity checks).
    #[inline(always)]
    #[expect(unsafe_code, reason = "looks at the value without moving it out")]
    pub fn bits(&self) -> u64 {
        // SAFETY: as in `get`.
        unsafe { (*self.0.as_ptr()).as_ref().map_or(0, Value::bits) }
    }

    /// A borrow of what it holds.
    ///
    /// # Safety
    /// The cell is not written while the borrow lives: no Python code runs, no value is dropped.
    #[inline(always)]
    #[expect(unsafe_code, reason = "a borrow out of a cell")]
    pub unsafe fn peek(&self) -> Option<&Value> {
        // SAFETY: the caller's promise.
        unsafe { (*self.0.as_ptr()).as_ref() }
    }

    /// Stores a value; what it held is dropped afterwards.
    #[inline(always)]
    pub fn set(&self, value: Value) {
        drop(self.0.replace(Some(value)));
    }

    /// Stores a value or nothing.
    #[inline(always)]
    pub fn put(&self, value: Option<Value>) {
        drop(self.0.replace(value));
    }

    /// Takes the value out.
    #[inline(always)]
    pub fn take(&self) -> Option<Value> {
        self.0.take()
    }

    /// Stores a value and returns what it held.
    #[inline(always)]
    pub fn replace(&self, value: Option<Value>) -> Option<Value> {
        self.0.replace(value)
    }

    /// For the collector.
    #[inline]
    #[expect(unsafe_code, reason = "looks at the value without moving it out")]
    pub fn traverse(&self, visit: &mut crate::object::Visitor<'_>) {
        // SAFETY: the visitor runs no Python code.
        if let Some(v) = unsafe { self.peek() } {
            visit(v);
        }
    }
}
