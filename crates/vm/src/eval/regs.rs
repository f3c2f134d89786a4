//! [`Regs`]: the window of a frame on the value stack.
//!
//! Every access to registers goes through here. The one soundness argument: a `Regs` is made for a window of `n_regs`
//! words, and operands of verified code are below `n_regs`; words are values' words or zero.
#![expect(unsafe_code, reason = "registers are words that own references")]

use crate::value::{Value, bits_are_object};

/// A window of registers.
#[derive(Clone, Copy)]
pub(crate) struct Regs(*mut u64);

impl Regs {
    /// A window.
    ///
    /// # Safety
    /// It stays valid while the `Regs` is used, with as many words as the operands that index it ask for.
    #[inline(always)]
    pub(crate) unsafe fn new(base: *mut u64) -> Regs {
        Regs(base)
    }

    /// The address of a register.
    #[inline(always)]
    pub(crate) fn at(self, i: usize) -> *mut u64 {
        self.0.wrapping_add(i)
    }

    /// The word of a register, zero if it is unbound.
    #[inline(always)]
    pub(crate) fn word(self, i: u16) -> u64 {
        // SAFETY: see the file's argument.
        unsafe { *self.0.add(i as usize) }
    }

    /// Overwrites a register that holds no reference.
    #[inline(always)]
    pub(crate) fn set_raw(self, i: u16, word: u64) {
        // SAFETY: see the file's argument.
        unsafe { *self.0.add(i as usize) = word }
    }

    /// Stores a word that owns its reference; what the register held is dropped.
    #[inline(always)]
    pub(crate) fn put_word(self, i: u16, word: u64) {
        let old = self.word(i);
        self.set_raw(i, word);
        if bits_are_object(old) {
            // SAFETY: the register owned this reference.
            drop(unsafe { Value::from_bits(old) });
        }
    }

    /// Stores a value; what the register held is dropped.
    #[inline(always)]
    pub(crate) fn put(self, i: u16, value: Value) {
        self.put_word(i, value.into_bits());
    }

    /// A look at a bound register. The register must not be written while the borrow is used.
    #[inline(always)]
    pub(crate) fn val<'a>(self, i: u16) -> &'a Value {
        debug_assert!(self.word(i) != 0, "register {i} is unbound");
        // SAFETY: a bound register holds a value's word; callers keep the promise above.
        unsafe { &*self.0.add(i as usize).cast::<Value>() }
    }

    /// A look at a register.
    #[inline(always)]
    pub(crate) fn opt<'a>(self, i: u16) -> Option<&'a Value> {
        // SAFETY: as in `val`; zero is `None`.
        unsafe { (*self.0.add(i as usize).cast::<Option<Value>>()).as_ref() }
    }

    /// Consecutive bound registers. They must not be written while the borrow is used.
    #[inline(always)]
    pub(crate) fn slice<'a>(self, i: usize, n: usize) -> &'a [Value] {
        // SAFETY: as in `val`.
        unsafe { std::slice::from_raw_parts(self.0.add(i).cast::<Value>(), n) }
    }

    /// Takes what a register holds; it is unbound afterwards.
    #[inline(always)]
    pub(crate) fn take(self, i: u16) -> Option<Value> {
        let word = self.word(i);
        self.set_raw(i, 0);
        // SAFETY: the register's reference moves out.
        if word == 0 { None } else { Some(unsafe { Value::from_bits(word) }) }
    }

    /// Takes what a register that must be bound holds.
    #[inline(always)]
    pub(crate) fn take_bound(self, i: u16) -> Value {
        self.take(i).unwrap_or(Value::NONE)
    }

    /// A `Src` operand as an owned value: taken from a temporary, copied from a local.
    #[inline(always)]
    pub(crate) fn src(self, i: u16, n_locals: u16) -> Value {
        if i >= n_locals { self.take_bound(i) } else { self.val(i).clone() }
    }

    /// Drops what a register holds; it is unbound afterwards.
    #[inline(always)]
    pub(crate) fn clear(self, i: u16) {
        self.put_word(i, 0);
    }

    /// Drops a `Src` operand that is a temporary.
    #[inline(always)]
    pub(crate) fn drop_src(self, i: u16, n_locals: u16) {
        if i >= n_locals && bits_are_object(self.word(i)) {
            self.clear(i);
        }
    }

    /// Drops the registers `from .. to`, the last first.
    #[inline(always)]
    pub(crate) fn clear_range(self, from: usize, to: usize) {
        for i in (from..to).rev() {
            self.clear(i as u16);
        }
    }

    /// Moves consecutive registers out.
    pub(crate) fn take_range(self, from: usize, n: usize) -> smallvec::SmallVec<[Value; 8]> {
        (from..from + n).map(|i| self.take_bound(i as u16)).collect()
    }
}
