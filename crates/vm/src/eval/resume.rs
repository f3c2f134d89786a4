//! Running generators, coroutines and asynchronous generators: resuming, yielding, ending.
//!
//! While a generator runs, its registers lie on the value stack; while it does not, the generator owns them.
//! A generator that a `for`, `yield from` or `await` of running code drives is resumed in the same loop.
#![expect(unsafe_code, reason = "registers and frames are reached by address")]

use super::call::Next;
use super::frame::{Frame, fflag};
use super::ops::At;
use super::run;
use crate::error::{PyResult, Raised};
use crate::heap::HVec;
use crate::thread::ThreadState;
use crate::types::exception::Exception;
use crate::types::frame::FrameObj;
use crate::types::function::Function;
use crate::types::generator::{Generator, State};
use crate::value::{Value, bits_are_object};
use crate::vm::Vm;
use serpens_bytecode::{CodeFlags, Instr, Op};
use std::ptr;

/// What running a generator gave.
pub(crate) enum Outcome {
    /// It yielded.
    Yielded(Value),
    /// It returned.
    Returned(Value),
}

/// MakeGenerator: the running frame becomes a generator, which is its result.
#[inline(never)]
pub(crate) fn make_generator(vm: &Vm, at: At<'_>) -> PyResult<Next> {
    let ts = vm.ts();
    let f = ts.frame.get();
    let frame = at.frame;
    let func: &Function = frame.func();
    let code = frame.code();
    let n = code.n_regs as usize;
    // Only locals hold something yet, and register 0 of code that has a namespace.
    let held = (code.n_locals as usize).max(code.code().flags.contains(CodeFlags::NAMESPACE) as usize);
    let mut regs = HVec::with_capacity_in(n, vm.heap().alloc());
    regs.resize(n, 0u64);
    // SAFETY: the words move; the registers are unbound afterwards.
    unsafe {
        ptr::copy_nonoverlapping(frame.regs, regs.as_mut_ptr(), held);
        ptr::write_bytes(frame.regs, 0, held);
    }
    let generator = Generator::new(vm, func, frame.code, regs, frame.pc);
    let value = vm.alloc(Generator::type_for(vm, code.code()), generator);
    let flags = frame.flags;
    if flags & fflag::OBJECT != 0 {
        // SAFETY: `f` is the running frame.
        vm.detach_frame_object(unsafe { &mut *f });
    }
    crate::types::generator::track_origin(vm, &value);
    super::call::return_slow(vm, f, value)
}

/// Pushes the frame of a generator that is not running. The caller keeps the generator alive.
fn push(vm: &Vm, generator: &Generator, flags: u32) -> PyResult<*mut Frame> {
    let ts = vm.ts();
    // SAFETY: the generator keeps its function, which keeps the code.
    let (code, func) = unsafe { (&*generator.code.get(), generator.function()) };
    let (at, window, chunks) = ts.reserve(vm, ts.top(), 0, code.n_regs as usize)?;
    generator.state.set(State::Running);
    // SAFETY: the window has room for `n_regs` words; the generator's words move there.
    unsafe {
        let words = &mut *generator.regs.get();
        ptr::copy_nonoverlapping(words.as_ptr(), window, words.len());
        ts.push(at, window, func, flags | chunks | fflag::GENERATOR);
        (*at).code = code;
        (*at).pc = generator.pc.get();
        (*at).extra = generator as *const Generator as u64;
        ts.push_item(&generator.exc);
    }
    if let Some(obj) = generator.frame_obj.get()
        && let Some(o) = obj.downcast::<FrameObj>()
    {
        o.attach(at);
        // SAFETY: just pushed.
        unsafe {
            (*at).obj = obj.clone().into_bits();
            (*at).flags |= fflag::OBJECT;
        }
    }
    Ok(at)
}

/// Moves words from one window to another and leaves zeros.
///
/// # Safety
/// Both have `n` words and do not overlap.
#[inline(always)]
unsafe fn move_words(from: *mut u64, to: *mut u64, n: usize) {
    // Windows are a few words: a call of `memcpy` takes longer than this loop.
    for at in 0..n {
        // SAFETY: the caller's promise.
        unsafe { to.add(at).write(std::mem::take(&mut *from.add(at))) };
    }
}

/// Resumes, with `None` sent in, a generator that nobody has a frame object of, in the running loop. Whether it was done.
#[inline(always)]
fn quick_resume(ts: &ThreadState, generator: &Generator) -> bool {
    let state = generator.state.get();
    if !matches!(state, State::Created | State::Suspended) || generator.frame_obj.is_set() {
        return false;
    }
    let f = ts.frame.get();
    let (next, window) = (f.wrapping_add(1), ts.top());
    // SAFETY: the generator keeps its function and code; the addresses are compared before they are used. A suspended
    // generator stands at a Yield, a new one at MakeGenerator: neither is the last instruction.
    unsafe {
        let code = generator.code.get();
        let n = (*code).n_regs as usize;
        if next >= ts.frame_end.get() || window.wrapping_add(n) > ts.stack_end.get() {
            return false;
        }
        generator.state.set(State::Running);
        move_words((*generator.regs.get()).as_mut_ptr(), window, n);
        let pc = generator.pc.get();
        next.write(Frame {
            regs: window,
            pc: pc.add(1),
            code,
            func: generator.function(),
            prev: f,
            ret: ptr::null_mut(),
            extra: generator as *const Generator as u64,
            obj: 0,
            flags: fflag::GENERATOR,
        });
        ts.push_item(&generator.exc);
        ts.frame.set(next);
        if state == State::Suspended {
            (*next).window().put((*pc).a, Value::NONE);
        }
    }
    true
}

/// Yield in a generator without a frame object that a `for` of the running loop drives. Whether it was done.
#[inline(always)]
fn quick_yield(ts: &ThreadState, at: At<'_>) -> bool {
    let f = ts.frame.get();
    // SAFETY: the running frame; one without ENTRY has a caller in this loop, which stands at the instruction that
    // resumed the generator. The caller of the generator's frame keeps the generator alive.
    unsafe {
        let caller = (*f).prev;
        if (*f).flags != fflag::GENERATOR || at.i.x() != 0 || (*(*caller).pc).op != Op::ForNext {
            return false;
        }
        let generator = &*((*f).extra as *const Generator);
        let value = at.src(at.i.b());
        move_words((*f).regs, (*generator.regs.get()).as_mut_ptr(), (*(*f).code).n_regs as usize);
        generator.pc.set((*f).pc);
        generator.state.set(State::Suspended);
        ts.pop_item(&generator.exc);
        ts.frame.set(caller);
        let i = *(*caller).pc;
        (*caller).window().put(i.a, value);
        (*caller).pc = (*caller).pc.sub(i.c as usize);
    }
    true
}

/// Pushes the frame and puts the sent value where the `yield` expects it, so that the frame is ready to run.
pub(crate) fn start(vm: &Vm, generator: &Generator, sent: Value, flags: u32) -> PyResult<()> {
    let created = generator.state.get() == State::Created;
    let f = push(vm, generator, flags)?;
    // SAFETY: just pushed.
    let frame = unsafe { &mut *f };
    if !created {
        // SAFETY: a suspended generator stands at a Yield.
        let i = unsafe { *frame.pc };
        frame.window().put(i.a, sent);
    }
    // SAFETY: neither MakeGenerator nor Yield is the last instruction.
    frame.pc = unsafe { frame.pc.add(1) };
    Ok(())
}

/// Runs a generator with a value sent in. It is not running and not closed.
pub(crate) fn send(vm: &Vm, generator: &Generator, sent: Value) -> PyResult<Outcome> {
    let _guard = vm.check_recursion("")?;
    start(vm, generator, sent, fflag::ENTRY)?;
    let v = run::run(vm, vm.ts(), false)?;
    Ok(outcome(generator, v))
}

fn outcome(generator: &Generator, v: Value) -> Outcome {
    if generator.state.get() == State::Suspended { Outcome::Yielded(v) } else { Outcome::Returned(v) }
}

/// Calls `f` while the frame of a suspended generator is the running one, for what it delegates to.
pub(crate) fn as_running<R>(vm: &Vm, generator: &Generator, f: impl FnOnce() -> R) -> PyResult<R> {
    let at = push(vm, generator, 0)?;
    let result = f();
    let ts = vm.ts();
    // SAFETY: `f` has left the frames that it entered; the words move back to the generator.
    unsafe {
        let frame = &*at;
        let words = &mut *generator.regs.get();
        ptr::copy_nonoverlapping(frame.regs, words.as_mut_ptr(), words.len());
        ptr::write_bytes(frame.regs, 0, words.len());
        generator.pc.set(frame.pc);
        generator.state.set(State::Suspended);
        ts.pop_item(&generator.exc);
        if frame.flags & fflag::OBJECT != 0 {
            suspend_object(at, generator);
        }
    }
    ts.pop();
    Ok(result)
}

/// Raises the pending exception inside a generator, which is not running and not closed.
pub(crate) fn raise_inside(vm: &Vm, generator: &Generator) -> PyResult<Outcome> {
    let ts = vm.ts();
    let pending = ts.save_pending();
    let _guard = vm.check_recursion("")?;
    let f = push(vm, generator, fflag::ENTRY)?;
    let mut pending = pending;
    if let Some(e) = &pending {
        // As if it were raised here: what the generator itself handles is the context.
        if vm.ts().item().value.is_set() {
            vm.chain_context(e);
        }
    }
    if vm.monitor.is_on() {
        pending = pending.map(|e| super::instrument::thrown(vm, f, e));
    }
    ts.restore_pending(pending);
    let v = run::run(vm, ts, true)?;
    Ok(outcome(generator, v))
}

/// Ends the delegation that a suspended generator stands in, with `result` as the value of the `yield from`.
pub(crate) fn finish_delegation(vm: &Vm, generator: &Generator, result: Value) -> PyResult<Outcome> {
    let _guard = vm.check_recursion("")?;
    let f = push(vm, generator, fflag::ENTRY)?;
    // SAFETY: just pushed; a delegating Yield follows its Send.
    unsafe {
        let send_at = (*f).pc.sub(1);
        after_send(&mut *f, send_at, result);
    }
    let v = run::run(vm, vm.ts(), false)?;
    Ok(outcome(generator, v))
}

/// What a Send does when its delegate is done: the result, the iterator's end, the jump.
fn after_send(frame: &mut Frame, send_at: *const Instr, result: Value) {
    // SAFETY: `send_at` is a Send of the frame's code.
    let i = unsafe { *send_at };
    let regs = frame.window();
    regs.put(i.a, result);
    regs.clear(i.b);
    // SAFETY: the jump stays inside the code.
    frame.pc = unsafe { send_at.add(1 + i.c as usize) };
}

/// Yield: the running frame, a generator's, is suspended and its value delivered.
#[inline(never)]
pub(crate) fn yield_value(vm: &Vm, at: At<'_>) -> PyResult<Next> {
    let ts = vm.ts();
    if quick_yield(ts, at) {
        return Ok(Next::Entered);
    }
    let f = ts.frame.get();
    let value = at.src(at.i.b());
    let value = if at.i.x() == 2 { vm.wrap_async_yield(value) } else { value };
    let frame = at.frame;
    let Some(generator) = frame.generator() else {
        return Err(vm.system_error("a yield outside of a generator"));
    };
    let n = frame.code().n_regs as usize;
    // SAFETY: the words move to the generator; the registers hold no references afterwards.
    unsafe {
        let words = &mut *generator.regs.get();
        ptr::copy_nonoverlapping(frame.regs, words.as_mut_ptr(), n);
        ptr::write_bytes(frame.regs, 0, n);
    }
    generator.pc.set(frame.pc);
    generator.state.set(State::Suspended);
    ts.pop_item(&generator.exc);
    let flags = frame.flags;
    if flags & fflag::OBJECT != 0 {
        suspend_object(f, generator);
    }
    ts.pop();
    if flags & fflag::ENTRY != 0 {
        return Ok(Next::Leave(value));
    }
    deliver(vm, value, true)
}

#[cold]
fn suspend_object(f: *mut Frame, generator: &Generator) {
    // SAFETY: `f` is the running frame; it owned the reference.
    unsafe {
        let obj = Value::from_bits(std::mem::take(&mut (*f).obj));
        (*f).flags &= !fflag::OBJECT;
        if let Some(o) = obj.downcast::<FrameObj>() {
            o.suspend(generator);
        }
    }
}

/// Hands what a generator gave to the instruction of the running frame that resumed it.
fn deliver(vm: &Vm, value: Value, yielded: bool) -> PyResult<Next> {
    let f = vm.ts().frame.get();
    // SAFETY: the caller's frame is the running one and stands at the instruction that resumed the generator.
    unsafe {
        let frame = &mut *f;
        let i = *frame.pc;
        let regs = frame.window();
        match frame.op() {
            Op::ForNext if yielded => {
                regs.put(i.a, value);
                frame.pc = frame.pc.sub(i.c as usize);
            }
            Op::ForIter if yielded => {
                regs.put(i.a, value);
                frame.pc = frame.pc.add(2);
            }
            Op::Send if yielded => {
                regs.put(i.a, value);
                frame.pc = frame.pc.add(1);
            }
            Op::Send => {
                let send_at = frame.pc;
                after_send(frame, send_at, value);
            }
            _ => {
                drop(value);
                regs.clear(i.b);
                frame.pc = frame.pc.add(1);
            }
        }
    }
    Ok(Next::Entered)
}

/// A generator's frame returns.
pub(crate) fn generator_returned(vm: &Vm, f: *mut Frame, value: Value) -> PyResult<Next> {
    // SAFETY: `f` is the running frame.
    let flags = unsafe { (*f).flags };
    close_running(vm, f);
    vm.leave_frame();
    if flags & fflag::ENTRY != 0 {
        return Ok(Next::Leave(value));
    }
    deliver(vm, value, false)
}

/// Marks the generator of the running frame as done; its registers are the frame's to clear.
fn close_running(vm: &Vm, f: *mut Frame) {
    // SAFETY: `f` is the running frame.
    let Some(generator) = (unsafe { (*f).generator() }) else { return };
    generator.state.set(State::Closed);
    vm.ts().pop_item(&generator.exc);
    drop(generator.exc.value.take());
    drop(generator.frame_obj.take());
    generator.mark_finished();
}

/// An exception leaves a generator's frame: what becomes of it.
pub(crate) fn generator_raised(vm: &Vm, f: *mut Frame, exc: Value) -> Value {
    // SAFETY: `f` is the running frame.
    let Some(generator) = (unsafe { (*f).generator() }) else { return exc };
    let kind = generator.noun();
    close_running(vm, f);
    let t = vm.types();
    let ty = vm.type_of(&exc);
    let what = if ty.is_subtype(t.StopIteration) {
        format!("{kind} raised StopIteration")
    } else if kind == "async generator" && ty.is_subtype(t.StopAsyncIteration) {
        "async generator raised StopAsyncIteration".to_string()
    } else {
        return exc;
    };
    let error = vm.new_exception(t.RuntimeError, vec![vm.str(&what)]);
    if let Some(e) = error.downcast::<Exception>() {
        e.cause.set(exc.clone());
        e.context.set(exc);
        e.suppress_context.set(true);
    }
    error
}

/// ForNext and ForIter on a generator: resumes it in this loop. `None`: it is exhausted.
pub(crate) fn resume_for(vm: &Vm, generator: &Generator) -> PyResult<Option<Next>> {
    match generator.state.get() {
        State::Closed => Ok(None),
        State::Running => Err(already_executing(vm, generator)),
        _ => {
            if !quick_resume(vm.ts(), generator) {
                start(vm, generator, Value::NONE, 0)?;
            }
            Ok(Some(Next::Entered))
        }
    }
}

/// The error of resuming a generator that runs.
#[cold]
pub(crate) fn already_executing(vm: &Vm, generator: &Generator) -> Raised {
    vm.value_error(&format!("{} already executing", generator.noun()))
}

/// Drops the registers that a generator owns.
pub(crate) fn drop_registers(generator: &Generator) {
    if !matches!(generator.state.get(), State::Created | State::Suspended) {
        return;
    }
    generator.state.set(State::Closed);
    // SAFETY: a suspended generator owns its words; each is taken once.
    unsafe {
        let words: *mut [u64] = (*generator.regs.get()).as_mut_slice();
        for at in 0..(&*words).len() {
            let word = std::mem::take(&mut (*words)[at]);
            if bits_are_object(word) {
                drop(Value::from_bits(word));
            }
        }
    }
}
