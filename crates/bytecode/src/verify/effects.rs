//! What an instruction reads, takes and writes, window operands included.

use crate::instr::Instr;
use crate::ops::{Op, Operand};

/// The windows of an instruction: first register and length.
pub(super) fn windows(i: Instr) -> [Option<(u16, usize)>; 2] {
    let (read, write) = (read_window(i), write_window(i));
    [read, write]
}

/// The window that an instruction takes.
pub(super) fn read_window(i: Instr) -> Option<(u16, usize)> {
    let (b, c) = (i.b as usize, i.c as usize);
    Some(match i.op {
        Op::ClearRange => (i.a, b),
        Op::LoadSuperAttr | Op::MatchClass => (i.b, 3),
        Op::GetSlice | Op::ImportName => (i.c, 2),
        Op::SetSlice | Op::PrepReraiseStar | Op::Intrinsic2 => (i.b, 2),
        Op::BuildSlice | Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildString | Op::BuildTemplate => {
            (i.b, c)
        }
        Op::BuildMap => (i.b, 2 * c),
        Op::BuildInterpolation => (i.b, 4),
        Op::Call => (i.a, 1 + b),
        Op::CallMethod => (i.a, 2 + b),
        Op::CallKw => (i.a, 1 + b + (i.x & 1) as usize),
        Op::CallEx => (i.a, 2 + (i.x & 1) as usize),
        Op::MakeFunction => (i.c, i.x.count_ones() as usize),
        Op::PopExc => (i.a, 2),
        _ => return None,
    })
}

/// The window that an instruction writes.
pub(super) fn write_window(i: Instr) -> Option<(u16, usize)> {
    Some(match i.op {
        Op::LoadMethod | Op::LoadSpecial => (i.a, 2),
        Op::LoadSuperAttr if i.x & 1 != 0 => (i.a, 2),
        Op::UnpackSeq => (i.a, i.c as usize),
        Op::UnpackEx => (i.a, (i.c & 0xFF) as usize + 1 + (i.c >> 8) as usize),
        Op::ExcInfo => (i.a, 3),
        Op::PushExc => (i.a, 2),
        Op::Call | Op::CallMethod | Op::CallKw | Op::CallEx => (i.a, 1),
        _ => return None,
    })
}

/// Whether the register behind a method may be unbound: it holds the receiver only for functions.
pub(super) fn may_be_unbound(i: Instr, offset: usize) -> bool {
    match i.op {
        Op::ClearRange => true,
        Op::CallMethod => offset == 1,
        Op::CallKw => i.x & 1 != 0 && offset == 1,
        Op::PopExc => offset == 0,
        _ => false,
    }
}

/// Whether the operation moves a register whether it is bound or not.
pub(super) fn moves_unbound(i: Instr) -> bool {
    i.op == Op::Move
}

/// The plain register operands: (register, is read, is taken if temporary, is written).
pub(super) fn registers(i: Instr) -> impl Iterator<Item = (u16, bool, bool, bool)> {
    let info = i.op.info();
    let fields = [i.a, i.b, i.c];
    (0..3).filter_map(move |n| {
        let reg = fields[n];
        match info.operands[n + 1] {
            Operand::Src if unused_source(i, n) => None,
            Operand::Src => Some((reg, true, true, false)),
            Operand::Ref if unused_source(i, n) => None,
            Operand::Ref => Some((reg, true, false, false)),
            Operand::Mod => Some((reg, !writes_only(i.op), false, true)),
            Operand::Dst => Some((reg, false, false, true)),
            _ => None,
        }
    })
}

/// Operations that accept an unbound register where they modify one.
fn writes_only(op: Op) -> bool {
    matches!(op, Op::Clear | Op::MakeCell | Op::DelLocal)
}

/// Operands that an instruction uses only with certain selectors.
fn unused_source(i: Instr, n: usize) -> bool {
    match i.op {
        Op::FormatValue => n == 2 && i.x & 4 == 0,
        Op::Yield => n == 2 && i.x != 1,
        Op::Raise => n >= i.x as usize,
        Op::CheckLocal => true,
        _ => false,
    }
}
