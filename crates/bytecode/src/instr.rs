//! The 64-bit instruction word: `op:8 x:8 a:16 b:16 c:16`, or a 32-bit jump target in place of `b` and `c`.
//!
//! Words are plain data: what an operand means is said once, in the table of [`crate::ops`].

use crate::ops::Op;

/// One instruction. The program counter counts words; every instruction is one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(8))]
pub struct Instr {
    /// The operation.
    pub op: Op,
    /// A small operand: flags or a selector.
    pub x: u8,
    /// First operand.
    pub a: u16,
    /// Second operand, or the low half of a jump target.
    pub b: u16,
    /// Third operand, or the high half of a jump target.
    pub c: u16,
}

const _: () = assert!(size_of::<Instr>() == 8);

impl Instr {
    /// An instruction with all operands given.
    #[inline]
    pub const fn new(op: Op, x: u8, a: u16, b: u16, c: u16) -> Instr {
        Instr { op, x, a, b, c }
    }

    /// An instruction whose `b` and `c` together are the absolute index of the target instruction.
    #[inline]
    pub const fn jump(op: Op, x: u8, a: u16, target: u32) -> Instr {
        Instr { op, x, a, b: target as u16, c: (target >> 16) as u16 }
    }

    /// The absolute jump target of a jump-format instruction.
    #[inline(always)]
    pub const fn target(self) -> u32 {
        self.b as u32 | (self.c as u32) << 16
    }

    /// Replaces the jump target (used when labels are resolved).
    #[inline]
    pub fn set_target(&mut self, target: u32) {
        self.b = target as u16;
        self.c = (target >> 16) as u16;
    }

    /// `c` as a signed immediate.
    #[inline(always)]
    pub const fn imm_c(self) -> i16 {
        self.c as i16
    }

    /// `b` as a signed immediate.
    #[inline(always)]
    pub const fn imm_b(self) -> i16 {
        self.b as i16
    }
}
