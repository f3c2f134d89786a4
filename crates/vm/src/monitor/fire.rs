//! Calls those who asked for an event: the tools in order, then the profile and the trace function.
//!
//! Invariant: nothing is reported from inside a callback.
#![expect(unsafe_code, reason = "frames are reached by address")]

use super::{N_TOOLS, event};
use crate::error::PyResult;
use crate::eval::frame::Frame;
use crate::thread::ThreadState;
use crate::types::code::CodeObj;
use crate::types::frame::{FrameEvent, FrameObj};
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::Op;

/// A line and an offset in `co_code`, if they are not the instruction's own.
pub(crate) type Place = Option<(u32, usize)>;

/// Calls the tools that ask for `event` at instruction `at` of `code`. `args` come behind the code object.
pub(crate) fn tools(vm: &Vm, ts: &ThreadState, code: &CodeObj, at: usize, event: u32, args: &[Value]) -> PyResult<()> {
    for n in 0..N_TOOLS {
        let asked = vm.monitor.tools()[n].events.get() | code.private().map_or(0, |p| p.local[n].get());
        let controls = if event & (event::C_RETURN | event::C_RAISE) != 0 { event::CALL } else { event };
        if asked & controls == 0 || code.private().is_some_and(|p| p.is_disabled(n, event, at)) {
            continue;
        }
        one_tool(vm, ts, code, at, event, event, n, args)?;
        if event & event::BRANCHES != 0 {
            one_tool(vm, ts, code, at, event, event::BRANCH, n, args)?;
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "what an event is")]
fn one_tool(
    vm: &Vm,
    ts: &ThreadState,
    code: &CodeObj,
    at: usize,
    event: u32,
    slot: u32,
    n: usize,
    args: &[Value],
) -> PyResult<()> {
    let callback = &vm.monitor.tools()[n].callbacks[slot.trailing_zeros() as usize];
    let Some(f) = callback.get() else { return Ok(()) };
    let mut all = Vec::with_capacity(args.len() + 1);
    all.push(Value::of(code));
    all.extend_from_slice(args);
    let answer = quietly(ts, || vm.call_pos(&f, &all))?;
    if !vm.monitor.disable.get().is_some_and(|d| d.is(&answer)) {
        return Ok(());
    }
    if event & event::LOCAL != 0
        && let Some(p) = code.private()
    {
        p.disable(n, event, at);
        return Ok(());
    }
    callback.take();
    let name = event::NAMES[event.trailing_zeros() as usize];
    Err(vm.value_error(&format!("Cannot disable {name} events. Callback removed.")))
}

/// Runs a callback without events.
fn quietly<R>(ts: &ThreadState, f: impl FnOnce() -> R) -> R {
    ts.tracing.busy.set(ts.tracing.busy.get() + 1);
    let r = f();
    // `sys.call_tracing` may have reset it meanwhile, and puts it back.
    ts.tracing.busy.set(ts.tracing.busy.get().saturating_sub(1));
    r
}

/// Tells the trace function of the frame's thread. `place` is what `f_lineno` and `f_lasti` are to say meanwhile.
pub(crate) fn trace(vm: &Vm, ts: &ThreadState, f: *mut Frame, what: &str, arg: Value, place: Place) -> PyResult<()> {
    let Some(func) = ts.tracing.func.get() else { return Ok(()) };
    // SAFETY: callers pass the running frame.
    let has_object = unsafe { (*f).flags & crate::eval::frame::fflag::OBJECT != 0 || (*f).generator().is_some() };
    let is_call = what == "call";
    if !is_call && !has_object {
        return Ok(());
    }
    let obj = vm.object_of_frame(f);
    let Some(o) = obj.downcast::<FrameObj>() else { return Ok(()) };
    let callback = if is_call { Some(func) } else { o.trace.get().filter(|v| !v.is_none()) };
    let Some(callback) = callback else { return Ok(()) };
    let (lines, opcodes) = o.trace_flags.get();
    if (what == "line" && !lines) || (what == "opcode" && !opcodes) {
        return Ok(());
    }
    o.line_override.set(place);
    // SAFETY: as above.
    let yields = what == "return" && unsafe { (*f).op() == Op::Yield };
    let event = match what {
        "call" => FrameEvent::Call,
        "line" => FrameEvent::Line,
        _ if yields => FrameEvent::Yield,
        _ => FrameEvent::Other,
    };
    let event = o.event.replace(event);
    let answer = quietly(ts, || vm.call_pos(&callback, &[obj.clone(), vm.intern(what), arg]));
    o.line_override.set(None);
    o.event.set(event);
    match answer {
        Ok(next) => {
            if !next.is_none() {
                o.trace.set(next);
            }
            Ok(())
        }
        Err(e) => {
            let pending = ts.save_pending();
            ts.tracing.func.take();
            o.trace.take();
            vm.update_monitoring();
            ts.restore_pending(pending);
            Err(e)
        }
    }
}

/// Tells the profile function of the frame's thread.
pub(crate) fn profile(vm: &Vm, ts: &ThreadState, f: *mut Frame, what: &str, arg: Value, place: Place) -> PyResult<()> {
    let Some(func) = ts.tracing.profile.get() else { return Ok(()) };
    let obj = vm.object_of_frame(f);
    let Some(o) = obj.downcast::<FrameObj>() else { return Ok(()) };
    o.line_override.set(place);
    let answer = quietly(ts, || vm.call_pos(&func, &[obj.clone(), vm.intern(what), arg]));
    o.line_override.set(None);
    match answer {
        Ok(_) => Ok(()),
        Err(e) => {
            let pending = ts.save_pending();
            ts.tracing.profile.take();
            vm.update_monitoring();
            ts.restore_pending(pending);
            Err(e)
        }
    }
}
