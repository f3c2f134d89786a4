//! [`Cache`]: what an instruction learned, one entry a site of a code object, one array a code object and interpreter.
//!
//! Invariant: an entry is valid by versions alone. Words in `value` are borrowed: as long as the version holds, the class
//! (or dict) that was asked keeps them alive.

use serpens_bytecode::Code;

/// Kinds of entries.
pub(crate) mod kind {
    /// Nothing is known.
    pub(crate) const EMPTY: u8 = 0;
    /// Attribute in an inline slot: byte offset `off`, attributes at byte `aux`, shape `key`.
    pub(crate) const SLOT: u8 = 1;
    /// Attribute in an overflow slot: slot `off`, attributes at byte `aux`, shape `key`.
    pub(crate) const OVERFLOW: u8 = 2;
    /// `__slots__` member at byte `off`.
    pub(crate) const MEMBER: u8 = 3;
    /// Attribute of the class, instance without attributes: `value`.
    pub(crate) const CLASS: u8 = 4;
    /// Attribute of the class, not shadowed in shape `key`: `value`; attributes at byte `aux`.
    pub(crate) const CLASS_SHAPE: u8 = 5;
    /// Method (function or method descriptor) of the class: as CLASS.
    pub(crate) const METHOD: u8 = 6;
    /// As CLASS_SHAPE.
    pub(crate) const METHOD_SHAPE: u8 = 7;
    /// Entry `off` of a module's dict with version `key`.
    pub(crate) const MODULE: u8 = 8;
    /// Property: getter `value`, a Python function.
    pub(crate) const PROPERTY: u8 = 9;
    /// Attribute of the receiver, which is a class: `value`. `version` is the receiver's.
    pub(crate) const TYPE_ATTR: u8 = 10;
    /// Storing adds a slot: from shape `key` to shape `value`.
    pub(crate) const ADD: u8 = 11;
    /// Global: the value at address `aux`, in the entries of a dict with version `key`.
    pub(crate) const GLOBAL: u8 = 12;
    /// Builtin: globals have version `key`; the value is at address `aux`, in a builtins dict with version `value`.
    pub(crate) const BUILTIN: u8 = 13;
    /// Instantiation of a class with `object.__new__` and Python `__init__` `value` (function).
    pub(crate) const CTOR: u8 = 14;
    /// Instantiation of a class with neither.
    pub(crate) const CTOR_PLAIN: u8 = 15;
}

/// What a site learned.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Cache {
    pub(crate) kind: u8,
    /// Misses so far; past a limit the site is left alone for a while.
    pub(crate) misses: u8,
    pub(crate) off: u16,
    pub(crate) version: u32,
    pub(crate) key: u64,
    pub(crate) value: u64,
    pub(crate) aux: u64,
}

impl Cache {
    /// Nothing is known.
    pub(crate) const EMPTY: Cache =
        Cache { kind: kind::EMPTY, misses: 0, off: 0, version: u32::MAX, key: u64::MAX, value: 0, aux: 0 };

    /// Whether it is worth learning again.
    #[inline(always)]
    pub(crate) fn may_learn(&mut self) -> bool {
        self.misses = self.misses.wrapping_add(1);
        self.misses < 16 || self.misses & 31 == 0
    }
}

/// The caches of a code object.
pub(crate) fn caches(code: &Code) -> Box<[Cache]> {
    vec![Cache::EMPTY; code.sites.len()].into()
}
