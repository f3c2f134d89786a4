//! [`Private`]: an interpreter's own copy of a code's instructions, in which `Instrumented` stands where events are
//! asked for.
//!
//! Invariant: the copy differs from the shared instructions in operations only, and lives as long as the code object.
#![expect(unsafe_code, reason = "the copy is reached by address")]

use super::{N_TOOLS, event};
use crate::types::code::CodeObj;
use crate::vm::Vm;
use serpens_bytecode::ops::Operand;
use serpens_bytecode::{Code, Instr, Op};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;

/// Why an instruction matters, a bit each.
pub(crate) mod mark {
    /// A call begins here.
    pub(crate) const ENTRY: u8 = 1;
    /// A line may begin here.
    pub(crate) const LINE: u8 = 2;
    /// A generator goes on here.
    pub(crate) const RESUME: u8 = 4;
    /// Return.
    pub(crate) const RETURN: u8 = 8;
    /// Yield.
    pub(crate) const YIELD: u8 = 16;
    /// A call is made here.
    pub(crate) const CALL: u8 = 32;
    /// A jump, or what follows one in either direction.
    pub(crate) const BRANCH: u8 = 64;
    /// Every instruction.
    pub(crate) const ANY: u8 = 128;
}

/// The copy, and who asked for what of this code.
pub struct Private {
    instrs: Box<[Cell<Instr>]>,
    pub(crate) marks: Box<[u8]>,
    /// Events that each tool asks for of this code, the last for trace functions.
    pub local: [Cell<u32>; N_TOOLS + 1],
    /// (tool, event, instruction) that are switched off.
    disabled: RefCell<HashSet<(u8, u8, u32)>>,
}

impl Private {
    fn new(code: &Code) -> Private {
        Private {
            instrs: code.instrs.iter().map(|i| Cell::new(*i)).collect(),
            marks: marks(code),
            local: Default::default(),
            disabled: RefCell::default(),
        }
    }

    /// Events that anybody asks for of this code.
    pub fn local_events(&self) -> u32 {
        self.local.iter().fold(0, |all, events| all | events.get())
    }

    pub(crate) fn is_disabled(&self, tool: usize, event: u32, at: usize) -> bool {
        let disabled = self.disabled.borrow();
        !disabled.is_empty() && disabled.contains(&(tool as u8, event.trailing_zeros() as u8, at as u32))
    }

    pub(crate) fn disable(&self, tool: usize, event: u32, at: usize) {
        self.disabled.borrow_mut().insert((tool as u8, event.trailing_zeros() as u8, at as u32));
    }

    /// Switches everything on again that `DISABLE` switched off.
    pub fn restart(&self) {
        self.disabled.borrow_mut().clear();
    }

    /// Forgets what one tool has switched off.
    pub fn forget_tool(&self, tool: usize) {
        self.local[tool].set(0);
        self.disabled.borrow_mut().retain(|(t, _, _)| *t as usize != tool);
    }
}

/// Whether and where an instruction jumps.
pub(crate) fn jump_target(i: Instr, at: usize) -> Option<usize> {
    let at = at as i64;
    let to = match i.op {
        Op::ForNext => at - i.c as i64,
        Op::Send => at + 1 + i.c as i64,
        Op::ForIter => at + 2,
        _ if i.op.info().operands[3] == Operand::Target => i.target() as i64,
        _ if is_compare_jump(i.op) => at + 1 + i.imm_c() as i64,
        _ => return None,
    };
    Some(to as usize)
}

fn is_compare_jump(op: Op) -> bool {
    matches!(
        op,
        Op::JumpLt
            | Op::JumpLe
            | Op::JumpEq
            | Op::JumpNe
            | Op::JumpGt
            | Op::JumpGe
            | Op::JumpLtI
            | Op::JumpLeI
            | Op::JumpEqI
            | Op::JumpNeI
            | Op::JumpGtI
            | Op::JumpGeI
            | Op::JumpIs
            | Op::JumpIn
    )
}

fn marks(code: &Code) -> Box<[u8]> {
    let n = code.instrs.len();
    let mut marks = vec![mark::ANY; n];
    let prologue = code.instrs.iter().take_while(|i| matches!(i.op, Op::MakeGenerator | Op::MakeCell)).count();
    marks[prologue] |= mark::ENTRY | mark::LINE;
    for (n, (start, loc)) in code.locations.runs().iter().enumerate() {
        if code.locations.runs().get(n + 1).is_some_and(|(next, _)| next == start) {
            marks[*start as usize] |= mark::LINE;
            continue;
        }
        let before = if *start == 0 { 0 } else { code.locations.get(start - 1).line };
        if loc.line != 0 && loc.line != before {
            marks[*start as usize] |= mark::LINE;
        }
    }
    for h in &code.handlers {
        // PushExc belongs to no line of its own.
        if code.instrs[h.handler as usize].op != Op::PushExc {
            marks[h.handler as usize] |= mark::LINE;
        }
    }
    for (at, i) in code.instrs.iter().enumerate() {
        match i.op {
            Op::Return => marks[at] |= mark::RETURN,
            Op::Yield => {
                marks[at] |= mark::YIELD;
                marks[at + 1] |= mark::RESUME | mark::LINE;
            }
            Op::Call | Op::CallMethod | Op::CallKw | Op::CallEx => marks[at] |= mark::CALL,
            _ => {}
        }
        if let Some(to) = jump_target(*i, at).filter(|to| *to < n) {
            marks[at] |= mark::BRANCH;
            marks[to] |= mark::BRANCH | mark::LINE;
            if at + 1 < n {
                marks[at + 1] |= mark::BRANCH;
            }
        }
    }
    marks[..prologue].fill(0);
    marks.into()
}

/// The marks whose instructions tell of the events.
fn wanted(events: u32) -> u8 {
    let table = [
        (event::PY_START, mark::ENTRY | mark::RETURN | mark::YIELD),
        (event::PY_RESUME, mark::RESUME | mark::YIELD),
        (event::PY_RETURN, mark::RETURN),
        (event::PY_YIELD, mark::YIELD),
        (event::CALL, mark::CALL),
        (event::LINE, mark::LINE | mark::ENTRY | mark::RETURN | mark::YIELD),
        (event::INSTRUCTION, mark::ANY),
        (event::JUMP | event::BRANCHES, mark::BRANCH | mark::ENTRY | mark::RETURN | mark::YIELD),
    ];
    table.iter().filter(|(bits, _)| events & bits != 0).fold(0, |all, (_, marks)| all | marks)
}

impl CodeObj {
    /// The private copy, if there is one.
    #[inline]
    pub fn private(&self) -> Option<&Private> {
        // SAFETY: it is made once and goes with the code object.
        unsafe { self.private.get().as_ref() }
    }

    /// The private copy, which is made if there is none. Frames of the code are the caller's to move.
    pub fn private_or_new(&self) -> &Private {
        if self.private.get().is_null() {
            let made = Box::into_raw(Box::new(Private::new(self.code())));
            self.private.set(made);
            // SAFETY: just made.
            self.instrs.set(unsafe { (*made).instrs.as_ptr().cast() });
        }
        // SAFETY: as in `private`.
        unsafe { &*self.private.get() }
    }

    /// Events that anybody asks for of this code.
    pub(crate) fn events(&self, vm: &Vm) -> u32 {
        vm.monitor.global() | self.private().map_or(0, Private::local_events)
    }

    /// Puts `Instrumented` where events are asked for, and the operations back elsewhere.
    pub(crate) fn arm(&self, vm: &Vm) {
        let p = self.private_or_new();
        let want = wanted(self.events(vm));
        for ((cell, mark), shared) in p.instrs.iter().zip(&p.marks).zip(&self.code().instrs) {
            let op = if mark & want != 0 { Op::Instrumented } else { shared.op };
            cell.set(Instr { op, ..*shared });
        }
    }

    /// The index of a place in the instructions: the shared ones, or the private copy.
    #[inline]
    pub(crate) fn index_of(&self, pc: *const Instr) -> usize {
        let shared = self.code().instrs.as_ptr_range();
        let base = if shared.contains(&pc) { shared.start } else { self.instrs.get() };
        (pc as usize - base as usize) / size_of::<Instr>()
    }

    /// The place in the instructions that run now of a place in the shared ones.
    pub(crate) fn moved(&self, pc: *const Instr) -> *const Instr {
        let shared = self.code().instrs.as_ptr_range();
        if !shared.contains(&pc) {
            return pc;
        }
        // SAFETY: both have the same length.
        unsafe { self.instrs.get().add(pc.offset_from(shared.start) as usize) }
    }

    pub(crate) fn drop_private(&self) {
        let at = self.private.replace(std::ptr::null_mut());
        if !at.is_null() {
            // SAFETY: made from a box in `private_or_new`.
            drop(unsafe { Box::from_raw(at) });
        }
    }
}
