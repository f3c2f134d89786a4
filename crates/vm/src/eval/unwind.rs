//! From a raised exception to its handler.
#![expect(unsafe_code, reason = "frames are reached by address")]

use super::frame::{Frame, fflag};
use super::instrument;
use crate::thread::ThreadState;
use crate::types::exception::Exception;
use crate::types::traceback::Traceback;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::Op;
use serpens_lock::Breaker;

/// Unwinds frames until a handler is found (true: the running frame goes on at its `pc`) or the entry frame is gone
/// (false: the exception is pending). A program that is killed has no handlers.
#[cold]
#[inline(never)]
pub(crate) fn unwind(vm: &Vm, ts: &ThreadState) -> bool {
    let mut first = true;
    loop {
        let f = ts.frame.get();
        let Some(exc) = ts.take_pending().or_else(|| Some(vm.take_raised())) else { return false };
        // SAFETY: there is a running frame: the loop that failed has at least its entry frame.
        let frame = unsafe { &mut *f };
        let lasti = frame.lasti();
        let again = first && is_reraise(frame);
        if !again {
            add_traceback(vm, f, &exc, lasti);
        }
        first = false;
        let on = vm.monitor.is_on();
        let exc = if on { instrument::raised(vm, f, exc, again) } else { exc };
        let exc = if goes_back(frame, lasti) { attended(vm, exc) } else { exc };
        let code = frame.code();
        let killed = vm.breaker.pending() & Breaker::KILL != 0;
        if !killed && let Some(h) = code.code().handler_at(lasti as u32) {
            let exc = if on { instrument::handled(vm, f, exc) } else { exc };
            let regs = frame.window();
            regs.clear_range(h.depth as usize, code.n_regs as usize);
            regs.put(h.depth, exc);
            // SAFETY: handlers lie inside the code.
            frame.pc = unsafe { code.instrs.get().add(h.handler as usize) };
            return true;
        }
        let exc = if on { instrument::unwinds(vm, f, exc) } else { exc };
        let flags = frame.flags;
        let exc = if flags & fflag::GENERATOR != 0 { super::resume::generator_raised(vm, f, exc) } else { exc };
        vm.leave_frame();
        ts.set_pending(exc);
        if flags & fflag::ENTRY != 0 {
            return false;
        }
    }
}

/// Whether the handler lies before the instruction that failed. The compiler makes none such, but bytecode that was read may
/// loop so, and is to be stopped as other loops are.
fn goes_back(frame: &Frame, lasti: usize) -> bool {
    frame.code().code().handler_at(lasti as u32).is_some_and(|h| h.handler as usize <= lasti)
}

/// Attends to what the breaker and the collector ask for; the exception, or the one that this raised.
fn attended(vm: &Vm, exc: Value) -> Value {
    match super::call::poll(vm) {
        Ok(()) => exc,
        Err(_) => vm.take_raised(),
    }
}

/// Whether the instruction passes an exception on whose traceback has this frame already.
fn is_reraise(frame: &Frame) -> bool {
    match frame.code().instr_at(frame.lasti()) {
        Some(i) => i.op == Op::Reraise || (i.op == Op::Raise && i.x == 0) || i.op == Op::EndAsyncFor,
        None => false,
    }
}

/// Puts an entry for frame `f` in front of the exception's traceback.
pub(crate) fn add_traceback(vm: &Vm, f: *mut Frame, exc: &Value, lasti: usize) {
    let Some(e) = exc.downcast::<Exception>() else { return };
    let frame = vm.object_of_frame(f);
    let next = e.traceback.take().filter(|t| !t.is_none());
    let entry = vm.alloc(vm.types().traceback, Traceback::new(next, frame, lasti));
    e.traceback.set(entry);
}

impl Vm {
    /// Gives an exception that has no traceback an entry for the frame that runs now, as a report of it shows where it
    /// was ignored.
    pub fn add_current_traceback(&self, exc: &Value) {
        let f = self.ts().frame.get();
        let bare = exc.downcast::<Exception>().is_some_and(|e| e.traceback.get().is_none_or(|t| t.is_none()));
        if bare && !f.is_null() {
            // SAFETY: the running frame is alive.
            let lasti = unsafe { (*f).lasti() };
            add_traceback(self, f, exc, lasti);
        }
    }
}
