//! From symbolic jumps to finished instructions: labels, jump threading, long jumps, the exception table.
//!
//! The assembler also follows control flow while instructions are emitted: which locals are certainly bound, and whether
//! the current point can be reached at all. Instructions at points that cannot be reached are dropped.
//!
//! Invariant: a loop's top is bound with [`Asm::bind_top`], so that what the loop unbinds is not believed to be bound.

use serpens_bytecode::{ExcEntry, Instr, Location, LocationTable, Op};

/// A jump target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Label(u32);

const NONE: u32 = u32::MAX;

/// A set of local registers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// The empty set for `n` registers.
    pub fn new(n: usize) -> Bits {
        Bits(vec![0; n.div_ceil(64)])
    }

    /// Adds a register.
    pub fn insert(&mut self, reg: u16) {
        if let Some(word) = self.0.get_mut(reg as usize / 64) {
            *word |= 1 << (reg % 64);
        }
    }

    /// Removes a register.
    pub fn remove(&mut self, reg: u16) {
        if let Some(word) = self.0.get_mut(reg as usize / 64) {
            *word &= !(1 << (reg % 64));
        }
    }

    /// Whether a register is in the set.
    pub fn contains(&self, reg: u16) -> bool {
        self.0.get(reg as usize / 64).is_some_and(|w| w >> (reg % 64) & 1 != 0)
    }

    fn intersect(&mut self, other: &Bits) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= b;
        }
    }

    /// Removes all of `other`.
    pub fn subtract(&mut self, other: &Bits) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= !b;
        }
    }
}

/// Names an exception handler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HandlerId(u32);

struct Slot {
    instr: Instr,
    target: u32,
    loc: Location,
    handler: u32,
}

/// What assembling gives.
pub struct Assembled {
    pub instrs: Vec<Instr>,
    pub handlers: Vec<ExcEntry>,
    pub locations: LocationTable,
}

/// The instructions of a code object in the making.
pub struct Asm {
    slots: Vec<Slot>,
    labels: Vec<u32>,
    states: Vec<Option<Bits>>,
    handlers: Vec<(Label, u16)>,
    /// Lines without instructions: where, and which.
    marks: Vec<(usize, Location)>,
    /// The handler of what is emitted now.
    pub handler: Option<HandlerId>,
    /// The position of what is emitted now.
    pub loc: Location,
    /// The locals that are certainly bound here; `None` if this point cannot be reached.
    pub flow: Option<Bits>,
}

impl Asm {
    /// An empty body at whose start the locals of `bound` are bound.
    pub fn new(bound: Bits) -> Asm {
        Asm {
            slots: Vec::new(),
            labels: Vec::new(),
            states: Vec::new(),
            handlers: Vec::new(),
            marks: Vec::new(),
            handler: None,
            loc: Location::default(),
            flow: Some(bound),
        }
    }

    /// A label to be bound later.
    pub fn label(&mut self) -> Label {
        self.labels.push(NONE);
        self.states.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    /// Whether the current point can be reached.
    pub fn reachable(&self) -> bool {
        self.flow.is_some()
    }

    /// How many instructions there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Emits an instruction.
    pub fn emit(&mut self, op: Op, x: u8, a: u16, b: u16, c: u16) {
        self.push(Instr::new(op, x, a, b, c), NONE);
    }

    fn push(&mut self, instr: Instr, target: u32) {
        if self.flow.is_some() {
            let handler = self.handler.map_or(NONE, |h| h.0);
            self.slots.push(Slot { instr, target, loc: self.loc, handler });
        }
    }

    fn merge(&mut self, label: Label) {
        if let Some(flow) = &self.flow {
            match &mut self.states[label.0 as usize] {
                Some(state) => state.intersect(flow),
                none => *none = Some(flow.clone()),
            }
        }
    }

    /// Emits a conditional jump; `b` is its second operand, if the form has one.
    pub fn branch(&mut self, op: Op, x: u8, a: u16, b: u16, label: Label) {
        if self.labels[label.0 as usize] == NONE {
            self.merge(label);
        }
        self.push(Instr::new(op, x, a, b, 0), label.0);
    }

    /// Emits `ForNext`, the jump back at the bottom of a loop.
    pub fn branch_back(&mut self, op: Op, item: u16, iter: u16, top: Label) {
        self.push(Instr::new(op, 0, item, iter, 0), top.0);
    }

    /// Emits an unconditional jump: what follows is reached only by labels.
    pub fn jump(&mut self, label: Label) {
        self.branch(Op::Jump, 0, 0, 0, label);
        self.flow = None;
    }

    /// Ends the straight line: after `Return` or `Raise`.
    pub fn stop(&mut self) {
        self.flow = None;
    }

    /// Notes that the line of the current position is executed here although it has no instruction.
    pub fn mark_line(&mut self) {
        if self.flow.is_some() {
            self.marks.push((self.slots.len(), self.loc));
        }
    }

    /// Gives the marks of this point an instruction: what jumps to a label here does not execute their lines.
    fn settle_marks(&mut self) {
        let here = self.slots.len();
        let mut found = Vec::new();
        while let Some(mark) = self.marks.pop_if(|(at, _)| *at == here) {
            found.push(mark.1);
        }
        let loc = self.loc;
        for mark in found.into_iter().rev() {
            self.loc = mark;
            self.emit(Op::Nop, 0, 0, 0, 0);
        }
        self.loc = loc;
    }

    /// Places a label that forward jumps lead to.
    pub fn bind(&mut self, label: Label) {
        self.settle_marks();
        self.labels[label.0 as usize] = self.slots.len() as u32;
        if let Some(state) = self.states[label.0 as usize].take() {
            match &mut self.flow {
                Some(flow) => flow.intersect(&state),
                none => *none = Some(state),
            }
        }
    }

    /// Places the top of a loop that is reached later from below, with `flow` as the locals bound there.
    pub fn bind_top(&mut self, label: Label, flow: Option<Bits>, unbound_in_loop: &Bits) {
        self.settle_marks();
        self.labels[label.0 as usize] = self.slots.len() as u32;
        self.flow = flow;
        if let Some(flow) = &mut self.flow {
            flow.subtract(unbound_in_loop);
        }
    }

    /// Places the start of a handler.
    pub fn bind_handler(&mut self, label: Label, flow: Option<Bits>, unbound: &Bits) {
        self.bind_top(label, flow, unbound);
    }

    /// A handler that begins at `label`, with the exception in register `depth`.
    pub fn new_handler(&mut self, label: Label, depth: u16) -> HandlerId {
        self.handlers.push((label, depth));
        HandlerId(self.handlers.len() as u32 - 1)
    }

    /// Whether anything that `handler` covers was emitted since instruction `start`.
    pub fn covers(&self, handler: HandlerId, start: usize) -> bool {
        self.slots[start.min(self.slots.len())..].iter().any(|s| s.handler == handler.0)
    }

    fn label_at(&self, label: u32) -> usize {
        self.labels[label as usize] as usize
    }

    /// Follows jumps that lead to jumps.
    fn thread(&mut self) {
        for i in 0..self.slots.len() {
            let mut target = self.slots[i].target;
            if target == NONE || matches!(self.slots[i].instr.op, Op::ForNext | Op::Send) {
                continue;
            }
            for _ in 0..8 {
                let at = self.label_at(target);
                match self.slots.get(at) {
                    Some(next) if next.instr.op == Op::Jump && next.target != target && at != i => {
                        target = next.target;
                    }
                    _ => break,
                }
            }
            self.slots[i].target = target;
        }
    }

    /// Whether the jump in slot `i` leads to the next instruction.
    fn is_idle(&self, i: usize) -> bool {
        let slot = &self.slots[i];
        slot.instr.op == Op::Jump
            && self.label_at(slot.target) == i + 1
            && !(i > 0 && self.slots[i - 1].instr.op == Op::ForIter)
    }

    /// Resolves everything.
    pub fn assemble(mut self) -> Assembled {
        self.thread();
        let n = self.slots.len();
        // Sizes: 0 for dropped jumps, 1 usually, 2 or 3 for what must jump far.
        let mut sizes: Vec<u8> = (0..n).map(|i| u8::from(!self.is_idle(i))).collect();
        let mut at = vec![0u32; n + 1];
        loop {
            let mut pc = 0;
            for i in 0..n {
                at[i] = pc;
                pc += u32::from(sizes[i]);
            }
            at[n] = pc;
            let mut changed = false;
            for i in 0..n {
                if sizes[i] != 1 || self.slots[i].target == NONE {
                    continue;
                }
                let target = i64::from(at[self.label_at(self.slots[i].target)]);
                let pc = i64::from(at[i]);
                let needed = match self.slots[i].instr.op {
                    Op::ForNext if pc - target > i64::from(u16::MAX) => 3,
                    op if is_short(op) && i16::try_from(target - pc - 1).is_err() => 2,
                    _ => 1,
                };
                if needed != 1 {
                    sizes[i] = needed;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        self.write(&sizes, &at)
    }

    fn write(self, sizes: &[u8], at: &[u32]) -> Assembled {
        let total = at[self.slots.len()] as usize;
        let mut instrs = Vec::with_capacity(total);
        let mut locations = Vec::with_capacity(total);
        let mut ranges: Vec<(u32, u32, u32)> = Vec::new();
        for (i, slot) in self.slots.iter().enumerate() {
            let pc = at[i];
            let mut instr = slot.instr;
            if slot.target == NONE {
                instrs.push(instr);
            } else {
                let target = at[self.label_at(slot.target)];
                match (instr.op, sizes[i]) {
                    (_, 0) => continue,
                    (Op::ForNext, 1) => {
                        instr.c = (pc - target) as u16;
                        instrs.push(instr);
                    }
                    (Op::ForNext, _) => {
                        instrs.push(Instr::new(Op::ForIter, 0, instr.a, instr.b, 0));
                        instrs.push(Instr::jump(Op::Jump, 0, 0, pc + 3));
                        instrs.push(Instr::jump(Op::Jump, 0, 0, target));
                    }
                    (Op::Send, _) => {
                        instr.c = (target - pc - 1) as u16;
                        instrs.push(instr);
                    }
                    (op, 1) if is_short(op) => {
                        instr.c = (i64::from(target) - i64::from(pc) - 1) as i16 as u16;
                        instrs.push(instr);
                    }
                    (op, _) if is_short(op) => {
                        instr.x ^= 1;
                        instr.c = 1;
                        instrs.push(instr);
                        instrs.push(Instr::jump(Op::Jump, 0, 0, target));
                    }
                    _ => {
                        instr.set_target(target);
                        instrs.push(instr);
                    }
                }
            }
            let end = instrs.len() as u32;
            locations.resize(end as usize, slot.loc);
            if slot.handler != NONE {
                match ranges.last_mut() {
                    Some((_, stop, handler)) if *handler == slot.handler && *stop == pc => *stop = end,
                    _ => ranges.push((pc, end, slot.handler)),
                }
            }
        }
        let marks: Vec<(u32, Location)> = self.marks.iter().map(|(slot, loc)| (at[*slot], *loc)).collect();
        let handlers = ranges
            .into_iter()
            .map(|(start, end, handler)| {
                let (label, depth) = self.handlers[handler as usize];
                ExcEntry { start, end, handler: at[self.label_at(label.0)], depth }
            })
            .collect();
        Assembled { instrs, handlers, locations: LocationTable::with_marks(&locations, &marks) }
    }
}

/// Jumps whose distance is a signed 16-bit immediate in `c`.
fn is_short(op: Op) -> bool {
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
