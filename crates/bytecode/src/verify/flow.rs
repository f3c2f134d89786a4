//! Follows control through a body and keeps, for every register, whether it is bound.
//!
//! The lattice: a register is certainly unbound, certainly bound, or either. Merging two different states gives "either".

use super::effects::{may_be_unbound, moves_unbound, read_window, registers, write_window};
use super::jump_target;
use crate::code::Code;
use crate::instr::Instr;
use crate::location::ExcEntry;
use crate::ops::Op;

const UNBOUND: u8 = 1;
const BOUND: u8 = 2;

type State = Vec<u8>;

/// Checks the body. The error is about an instruction.
pub(super) fn check(code: &Code) -> Result<(), (u32, String)> {
    solve(code).map(drop)
}

/// What is known of the registers before each instruction of a verified body: for each, whether it may be unbound (bit 0)
/// and may be bound (bit 1). `None`: the instruction cannot be reached.
pub(super) fn states(code: &Code) -> Vec<Option<State>> {
    let Ok(mut at) = solve(code) else { return vec![None; code.instrs.len()] };
    for pc in 0..at.len().saturating_sub(1) {
        let i = code.instrs[pc];
        if at[pc + 1].is_some() || ends(i) {
            continue;
        }
        let Some(mut state) = at[pc].clone() else { continue };
        if step(code, i, &mut state).is_ok() {
            on_fall_through(code, i, &mut state);
            at[pc + 1] = Some(state);
        }
    }
    at
}

fn solve(code: &Code) -> Result<Vec<Option<State>>, (u32, String)> {
    let n = code.instrs.len();
    let leaders = leaders(code);
    let handlers = handlers(code);
    let mut at: Vec<Option<State>> = vec![None; n];
    let mut start = vec![UNBOUND; code.n_regs as usize];
    let namespace = code.flags.contains(crate::CodeFlags::NAMESPACE);
    let params = if namespace { 1 } else { code.n_params() };
    start.iter_mut().take(params).for_each(|r| *r = BOUND);
    at[0] = Some(start);
    let mut work = vec![0u32];
    let mut steps = 0usize;
    let limit = 64 * (n + 16) * (code.n_regs as usize + 16).min(64);
    while let Some(first) = work.pop() {
        let Some(mut state) = at[first as usize].clone() else { continue };
        let mut pc = first;
        loop {
            steps += 1;
            if steps > limit {
                return Err((pc, "flow of control is too complicated".to_string()));
            }
            let i = code.instrs[pc as usize];
            if let Some(handler) = handlers[pc as usize] {
                let mut inside = state.clone();
                inside.iter_mut().skip(handler.depth as usize).for_each(|r| *r = UNBOUND);
                inside[handler.depth as usize] = BOUND;
                merge(&mut at, &mut work, handler.handler, &inside);
            }
            step(code, i, &mut state).map_err(|reason| (pc, format!("{}: {reason}", i.op.info().name)))?;
            if i.op == Op::Return {
                is_empty(i, &state).map_err(|reason| (pc, reason))?;
            }
            if let Some(target) = jump_target(pc, i) {
                let mut there = state.clone();
                on_jump(i, &mut there);
                merge(&mut at, &mut work, target as u32, &there);
            }
            if ends(i) {
                break;
            }
            on_fall_through(code, i, &mut state);
            pc += 1;
            if pc as usize >= n {
                return Err((pc - 1, "control runs off the end".to_string()));
            }
            if leaders[pc as usize] {
                merge(&mut at, &mut work, pc, &state);
                break;
            }
        }
    }
    Ok(at)
}

/// The innermost handler that covers each instruction.
fn handlers(code: &Code) -> Vec<Option<&ExcEntry>> {
    let n = code.instrs.len();
    let mut at = vec![None; n];
    // Inner ones come first in the table, so that they are written last.
    for e in code.handlers.iter().rev() {
        let (start, end) = ((e.start as usize).min(n), (e.end as usize).min(n));
        at[start.min(end)..end].fill(Some(e));
    }
    at
}

/// Instructions where straight lines meet.
fn leaders(code: &Code) -> Vec<bool> {
    let mut leaders = vec![false; code.instrs.len()];
    for (pc, i) in code.instrs.iter().enumerate() {
        if let Some(target) = jump_target(pc as u32, *i)
            && let Some(leader) = leaders.get_mut(target as usize)
        {
            *leader = true;
        }
    }
    for e in &code.handlers {
        leaders[e.handler as usize] = true;
    }
    leaders
}

fn merge(at: &mut [Option<State>], work: &mut Vec<u32>, pc: u32, state: &State) {
    match &mut at[pc as usize] {
        Some(known) => {
            let mut changed = false;
            for (a, b) in known.iter_mut().zip(state) {
                if *a | *b != *a {
                    *a |= b;
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
        none => *none = Some(state.clone()),
    }
    work.push(pc);
}

fn ends(i: Instr) -> bool {
    matches!(i.op, Op::Jump | Op::Return | Op::Raise | Op::Reraise)
}

/// Reads, takes and writes.
fn step(code: &Code, i: Instr, state: &mut State) -> Result<(), String> {
    let name = |reg: usize| code.local_names.get(reg).map_or(format!("temporary {reg}"), |n| format!("local {n}"));
    let read = |state: &State, reg: usize| match state[reg] {
        BOUND => Ok(()),
        _ => Err(format!("{} may be unbound", name(reg))),
    };
    let moved = state[i.b.min(code.n_regs - 1) as usize];
    for (reg, reads, _, _) in registers(i) {
        // The receiver of a method pair may be missing; it is moved with its function all the same.
        if reads && !(moves_unbound(i) && moved == UNBOUND | BOUND) {
            read(state, reg as usize)?;
        }
    }
    if i.op == Op::PushExc {
        // The window that it writes begins with what it reads.
        read(state, i.a as usize)?;
    }
    if let Some((first, len)) = read_window(i) {
        for offset in 0..len {
            if !may_be_unbound(i, offset) {
                read(state, first as usize + offset)?;
            }
        }
    }
    if let (Op::Call | Op::CallMethod | Op::CallKw | Op::CallEx, Some((first, len))) = (i.op, read_window(i)) {
        // The callee's registers begin at the window.
        if let Some(above) = state.iter().skip(first as usize + len).position(|s| s & BOUND != 0) {
            return Err(format!("temporary {} lives above the call window", first as usize + len + above));
        }
    }
    for (n, (reg, _, taken, _)) in registers(i).enumerate() {
        if taken && reg >= code.n_locals {
            is_used_once(i, n, reg)?;
            state[reg as usize] = UNBOUND;
        }
    }
    if let Some((first, len)) = read_window(i) {
        state[first as usize..first as usize + len].fill(UNBOUND);
    }
    let conditional = matches!(i.op, Op::ForNext | Op::ForIter);
    for (reg, _, _, written) in registers(i) {
        if written && !conditional {
            state[reg as usize] = BOUND;
        }
    }
    if let Some((first, len)) = write_window(i) {
        state[first as usize..first as usize + len].fill(BOUND);
    }
    match i.op {
        Op::CheckLocal => state[i.a as usize] = BOUND,
        Op::DelLocal | Op::Clear => state[i.a as usize] = UNBOUND,
        Op::Move => {
            state[i.a as usize] = moved;
            if i.a != i.b {
                state[i.b as usize] = UNBOUND;
            }
        }
        Op::LoadMethod | Op::LoadSpecial => state[i.a as usize + 1] = UNBOUND | BOUND,
        Op::LoadSuperAttr if i.x & 1 != 0 => state[i.a as usize + 1] = UNBOUND | BOUND,
        _ => {}
    }
    Ok(())
}

/// A temporary that operand `n` takes is not there for another one.
fn is_used_once(i: Instr, n: usize, reg: u16) -> Result<(), String> {
    let again = registers(i).enumerate().any(|(m, (other, reads, ..))| m != n && reads && other == reg);
    let in_window =
        read_window(i).is_some_and(|(first, len)| (first as usize..first as usize + len).contains(&(reg as usize)));
    if again || in_window { Err(format!("temporary {reg} is used twice")) } else { Ok(()) }
}

/// A frame that returns leaves no reference on the stack, which other frames and other interpreters use after it. Its registers
/// are not looked at, but for those that the instruction clears.
fn is_empty(i: Instr, state: &State) -> Result<(), String> {
    let mut left = (i.b..state.len() as u16).filter(|r| *r != i.a && state[*r as usize] & BOUND != 0);
    left.next().map_or(Ok(()), |r| Err(format!("Return: register {r} outlives the frame")))
}

/// What a taken jump changes beyond [`step`].
fn on_jump(i: Instr, state: &mut State) {
    match i.op {
        Op::Send => state[i.b as usize] = UNBOUND,
        Op::ForNext | Op::ForIter => state[i.a as usize] = BOUND,
        _ => {}
    }
}

/// What an instruction that goes on changes beyond [`step`].
fn on_fall_through(code: &Code, i: Instr, state: &mut State) {
    match i.op {
        Op::JumpIfKeep if i.a >= code.n_locals => state[i.a as usize] = UNBOUND,
        // Exhausted: the iterator is gone and there is no new item.
        Op::ForNext | Op::ForIter => state[i.b as usize] = UNBOUND,
        _ => {}
    }
}
