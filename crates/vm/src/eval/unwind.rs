//! From a raised exception to its handler.
#![expect(unsafe_code, reason = "frames are reached by address")]

use super::frame::{Frame, fflag};
use crate::thread::ThreadState;
use crate::types::exception::Exception;
use crate::types::traceback::Traceback;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::Op;

/// Unwinds frames until a handler is found (true: the running frame goes on at its `pc`) or the entry frame is gone
/// (false: the exception is pending).
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
        if !(first && is_reraise(frame)) {
            add_traceback(vm, f, &exc, lasti);
        }
        first = false;
        let code = frame.code();
        if let Some(h) = code.code().handler_at(lasti as u32) {
            let regs = frame.window();
            regs.clear_range(h.depth as usize, code.n_regs as usize);
            regs.put(h.depth, exc);
            // SAFETY: handlers lie inside the code.
            frame.pc = unsafe { code.instrs.get().add(h.handler as usize) };
            return true;
        }
        let flags = frame.flags;
        let exc = if flags & fflag::GENERATOR != 0 { super::resume::generator_raised(vm, f, exc) } else { exc };
        vm.leave_frame();
        ts.set_pending(exc);
        if flags & fflag::ENTRY != 0 {
            return false;
        }
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
