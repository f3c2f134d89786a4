//! [`Word`]: an instruction as the machine reads it, one load of 64 bits.
//!
//! Fields are shifted out where they are used. With the instruction as a struct the compiler decodes every field before
//! it dispatches, into registers that the frame's state needs.
#![expect(unsafe_code, reason = "instructions are read by address; the operation's byte is known to be one")]

use serpens_bytecode::{Instr, Op};

/// An instruction: `op:8 x:8 a:16 b:16 c:16`, from the lowest bits up.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Word(u64);

impl Word {
    /// Reads an instruction.
    ///
    /// # Safety
    /// `pc` points to an instruction.
    #[inline(always)]
    pub(crate) unsafe fn read(pc: *const Instr) -> Word {
        // SAFETY: instructions are eight bytes, aligned to eight.
        Word(u64::from_le(unsafe { pc.cast::<u64>().read() }))
    }

    /// The operation.
    #[inline(always)]
    pub(crate) fn op(self) -> Op {
        // SAFETY: a word is made by `read` alone, from an instruction, whose first byte is an operation.
        unsafe { std::mem::transmute::<u8, Op>(self.0 as u8) }
    }

    /// The same instruction with another operation.
    #[inline]
    pub(crate) fn with_op(self, op: Op) -> Word {
        Word(self.0 & !0xff | op as u64)
    }

    /// The small operand.
    #[inline(always)]
    pub(crate) fn x(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// The first operand.
    #[inline(always)]
    pub(crate) fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The second operand.
    #[inline(always)]
    pub(crate) fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// The third operand.
    #[inline(always)]
    pub(crate) fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// `b` as a signed immediate.
    #[inline(always)]
    pub(crate) fn imm_b(self) -> i16 {
        self.b() as i16
    }

    /// `c` as a signed immediate.
    #[inline(always)]
    pub(crate) fn imm_c(self) -> i16 {
        self.c() as i16
    }

    /// The absolute jump target in `b` and `c`.
    #[inline(always)]
    pub(crate) fn target(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_struct() {
        let i = Instr::new(Op::SubI, 0x12, 0x3456, 0x789a, 0xfedc);
        // SAFETY: the address of an instruction.
        let w = unsafe { Word::read(&i) };
        assert_eq!((w.op(), w.x(), w.a(), w.b(), w.c()), (i.op, i.x, i.a, i.b, i.c));
        assert_eq!((w.imm_b(), w.imm_c(), w.target()), (i.imm_b(), i.imm_c(), i.target()));
    }
}
