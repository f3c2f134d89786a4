//! Bodies of instructions, a file each family. Fast parts are inlined into the loop; the rest stays out of line.
//!
//! A slow body gets the machine, the running frame and the instruction; the frame's `pc` is the instruction's.

pub(crate) mod arith;
pub(crate) mod attr;
pub(crate) mod build;
pub(crate) mod compare;
pub(crate) mod exc;
pub(crate) mod item;
pub(crate) mod iter;
pub(crate) mod names;
pub(crate) mod special;

use crate::eval::frame::Frame;
use crate::eval::regs::Regs;
use crate::eval::word::Word;
use crate::types::code::CodeObj;

/// What a slow body works on.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    /// The window of the running frame.
    pub(crate) regs: Regs,
    /// The running frame.
    pub(crate) frame: &'a Frame,
    /// The instruction.
    pub(crate) i: Word,
}

impl<'a> At<'a> {
    /// The code.
    #[inline(always)]
    pub(crate) fn code(&self) -> &'a CodeObj {
        self.frame.code()
    }

    /// First temporary.
    #[inline(always)]
    pub(crate) fn n_locals(&self) -> u16 {
        self.frame.n_locals()
    }

    /// A `Src` operand as an owned value.
    #[inline(always)]
    pub(crate) fn src(&self, r: u16) -> crate::value::Value {
        self.regs.src(r, self.n_locals())
    }

    /// A name of the code.
    #[inline(always)]
    pub(crate) fn name(&self, i: u16) -> &'a crate::value::Value {
        self.code().name(i)
    }
}
