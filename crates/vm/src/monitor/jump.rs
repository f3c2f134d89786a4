//! `frame.f_lineno = n`: a trace function moves its frame to another line.
//!
//! A line may be jumped to if what its first instruction finds in the temporaries is what they hold now: loops, `with`
//! blocks and handlers can be left but not entered.
#![expect(unsafe_code, reason = "frames are reached by address")]

use crate::error::PyResult;
use crate::eval::frame::Frame;
use crate::types::code::CodeObj;
use crate::types::frame::{FrameEvent, FrameObj};
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::verify::{register_states, writes};
use serpens_bytecode::{Code, Op};

const BOUND: u8 = 2;

/// Sets the line that the frame goes on with.
pub(crate) fn set_lineno(vm: &Vm, o: &FrameObj, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.attribute_error("cannot delete attribute")) };
    if !value.is_small_int() {
        return Err(vm.value_error("lineno must be an integer"));
    }
    let refused = match o.event.get() {
        FrameEvent::Line | FrameEvent::Yield => None,
        FrameEvent::Call => Some("can't jump from the 'call' trace event of a new frame"),
        FrameEvent::Other => Some("can only jump from a 'line' trace event"),
        FrameEvent::None => Some("f_lineno can only be set in a trace function"),
    };
    if let Some(message) = refused {
        return Err(vm.value_error(message));
    }
    let f = o.frame.get();
    if f.is_null() {
        return Err(vm.value_error("f_lineno can only be set in a trace function"));
    }
    let line = value.as_small_int().unwrap_or(0);
    let code = o.code();
    if line < code.code().first_line as i64 {
        return Err(vm.value_error(&format!("line {line} comes before the current code block")));
    }
    let to = target(code.code(), o.lasti(), line).map_err(|why| {
        vm.value_error(&why.unwrap_or_else(|| format!("line {line} comes after the current code block")))
    })?;
    move_to(vm, f, code, to)
}

/// Where the first line from `line` on begins that may be jumped to; why none may.
fn target(code: &Code, from: usize, line: i64) -> Result<usize, Option<String>> {
    let runs = code.locations.runs();
    let wanted = runs.iter().map(|(_, loc)| loc.line).filter(|l| *l as i64 >= line).min();
    let wanted = wanted.ok_or(None)?;
    let states = register_states(code);
    let mut why = "cannot find bytecode for specified line".to_string();
    let mut before = 0;
    for (pc, loc) in runs {
        let begins = loc.line == wanted && before != wanted;
        before = loc.line;
        if !begins {
            continue;
        }
        match obstacle(code, &states, from, *pc as usize) {
            None => return Ok(*pc as usize),
            Some(reason) => why = reason.to_string(),
        }
    }
    Err(Some(why))
}

/// Why a jump is not possible.
fn obstacle(code: &Code, states: &[Option<Vec<u8>>], from: usize, to: usize) -> Option<&'static str> {
    let (Some(now), Some(then)) = (&states[from], &states[to]) else { return Some("code unreachable") };
    for reg in code.n_locals..code.n_regs {
        if then[reg as usize] & BOUND == 0 {
            continue;
        }
        let there = writer(code, to, reg);
        if now[reg as usize] & BOUND == 0 || writer(code, from, reg) != there {
            return Some(match there.map(|at| code.instrs[at].op) {
                Some(Op::GetIter | Op::GetAIter) => "can't jump into the body of a for loop",
                Some(Op::PushExc) => "can't jump into an 'except' block as there's no exception",
                _ if code.handlers.iter().any(|h| h.handler as usize <= to && h.depth == reg) => {
                    "can't jump into an 'except' block as there's no exception"
                }
                _ => "incompatible stacks",
            });
        }
    }
    None
}

/// The last instruction before `pc`, in order of addresses, that writes a register.
fn writer(code: &Code, pc: usize, reg: u16) -> Option<usize> {
    (0..pc).rev().find(|at| writes(code.instrs[*at], reg) && code.instrs[*at].op != Op::Clear)
}

fn move_to(vm: &Vm, f: *mut Frame, code: &CodeObj, to: usize) -> PyResult<()> {
    // SAFETY: the frame reports an event of its own, so it is alive and stands still.
    let frame = unsafe { &mut *f };
    let shared = code.code();
    let states = register_states(shared);
    let Some(then) = &states[to] else { return Ok(()) };
    let regs = frame.window();
    let from = frame.lasti();
    for reg in (code.n_locals..code.n_regs).rev() {
        if then[reg as usize] & BOUND != 0 || regs.word(reg) == 0 {
            continue;
        }
        let handled = writer(shared, from, reg).is_some_and(|at| {
            let i = shared.instrs[at];
            i.op == Op::PushExc && i.a + 1 == reg
        });
        if handled {
            let before = regs.take_bound(reg);
            drop(vm.ts().item().value.replace(Some(before).filter(|v| !v.is_none())));
        }
        regs.clear(reg);
    }
    let mut unbound = 0;
    for reg in 0..code.n_locals {
        if then[reg as usize] == BOUND && regs.word(reg) == 0 {
            regs.put(reg, Value::NONE);
            unbound += 1;
        }
    }
    // SAFETY: `to` is an instruction of the code.
    frame.pc = unsafe { code.instrs.get().add(to) };
    if unbound > 0 {
        let plural = if unbound == 1 { "" } else { "s" };
        let message = format!("assigning None to {unbound} unbound local{plural}");
        vm.hooks().warn(vm, vm.types().RuntimeWarning, &message, 1)?;
    }
    Ok(())
}
