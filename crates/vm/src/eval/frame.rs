//! [`Frame`]: the machine's record of a call under way.
//!
//! Frames lie in chunks of the thread state and never move. The frame *object* that Python sees is made on demand
//! (`types::frame`) and takes the locals over when the call ends before it does.
#![expect(unsafe_code, reason = "frames are reached by address")]

use super::regs::Regs;
use crate::error::PyResult;
use crate::thread::ThreadState;
use crate::types::code::CodeObj;
use crate::types::frame::FrameObj;
use crate::types::function::Function;
use crate::types::generator::Generator;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::{CodeFlags, Instr, Op};
use std::ptr;

/// Flags of a frame. A frame without flags returns on the fast path.
pub(crate) mod fflag {
    /// The loop that runs this frame was entered for it: returning leaves the loop.
    pub(crate) const ENTRY: u32 = 1;
    /// `__init__` of a new instance (in `extra`): the result must be None and is replaced by the instance.
    pub(crate) const CTOR: u32 = 2;
    /// A generator's frame (`extra` is the generator, borrowed).
    pub(crate) const GENERATOR: u32 = 4;
    /// A frame object exists.
    pub(crate) const OBJECT: u32 = 8;
    /// The first frame of its chunk.
    pub(crate) const FRAME_CHUNK: u32 = 16;
    /// The first window of its chunk of the value stack.
    pub(crate) const VALUE_CHUNK: u32 = 32;
    /// Both.
    pub(crate) const CHUNKS: u32 = FRAME_CHUNK | VALUE_CHUNK;
    /// The frame owns its function (in `extra`).
    pub(crate) const OWNS_FUNC: u32 = 64;
}

/// A call under way.
#[repr(C)]
pub(crate) struct Frame {
    /// The window.
    pub(crate) regs: *mut u64,
    /// The instruction under way while it calls out; the next one while the frame waits to be run.
    pub(crate) pc: *const Instr,
    /// What runs.
    pub(crate) code: *const CodeObj,
    /// The function, kept alive by whoever called.
    pub(crate) func: *const Function,
    /// The frame below.
    pub(crate) prev: *mut Frame,
    /// The register of the caller that receives the result.
    pub(crate) ret: *mut u64,
    /// See [`fflag::CTOR`], [`fflag::GENERATOR`], [`fflag::OWNS_FUNC`].
    pub(crate) extra: u64,
    /// The frame object (owned), or 0.
    pub(crate) obj: u64,
    /// Flags of [`fflag`].
    pub(crate) flags: u32,
}

impl Frame {
    /// The window.
    #[inline(always)]
    pub(crate) fn window(&self) -> Regs {
        // SAFETY: a frame's window is valid while the frame is.
        unsafe { Regs::new(self.regs) }
    }

    /// The code.
    #[inline(always)]
    pub(crate) fn code(&self) -> &CodeObj {
        // SAFETY: the function keeps its code alive (replaced codes are kept too).
        unsafe { &*self.code }
    }

    /// The function.
    #[inline(always)]
    pub(crate) fn func(&self) -> &Function {
        // SAFETY: whoever called keeps it alive.
        unsafe { &*self.func }
    }

    /// First register that is a temporary.
    #[inline(always)]
    pub(crate) fn n_locals(&self) -> u16 {
        self.code().n_locals
    }

    /// Index of the instruction under way.
    #[inline(always)]
    pub(crate) fn lasti(&self) -> usize {
        self.code().index_of(self.pc)
    }

    /// The operation under way, whatever stands for it in a private copy of the instructions.
    #[inline]
    pub(crate) fn op(&self) -> Op {
        // SAFETY: `pc` points into the instructions.
        match unsafe { (*self.pc).op } {
            Op::Instrumented => self.code().code().instrs[self.lasti()].op,
            op => op,
        }
    }

    /// The generator whose frame this is.
    pub(crate) fn generator(&self) -> Option<&Generator> {
        if self.flags & fflag::GENERATOR == 0 {
            return None;
        }
        // SAFETY: whoever resumed the generator keeps it alive.
        Some(unsafe { &*(self.extra as *const Generator) })
    }

    /// The globals.
    #[inline(always)]
    pub(crate) fn globals(&self) -> &Value {
        &self.func().globals
    }
}

impl ThreadState {
    /// The running frame.
    #[inline(always)]
    pub(crate) fn current(&self) -> Option<&Frame> {
        // SAFETY: the running frame is valid while it is the current one.
        unsafe { self.frame.get().as_ref() }
    }

    /// Writes a frame that [`ThreadState::reserve`] made room for and makes it the running one.
    ///
    /// # Safety
    /// `at` and `regs` are what `reserve` returned; `func` outlives the frame.
    #[inline(always)]
    pub(crate) unsafe fn push(&self, at: *mut Frame, regs: *mut u64, func: *const Function, flags: u32) {
        // SAFETY: the caller's promise.
        unsafe {
            let code = (*func).code_ptr.get();
            at.write(Frame {
                regs,
                pc: (*code).instrs.get(),
                code,
                func,
                prev: self.frame.get(),
                ret: ptr::null_mut(),
                extra: 0,
                obj: 0,
                flags,
            });
        }
        self.frame.set(at);
    }

    /// Moves the running frame's `pc` forward.
    pub(crate) fn skip(&self, n: usize) {
        let f = self.frame.get();
        // SAFETY: there is a running frame; targets stay inside the code.
        unsafe { (*f).pc = (*f).pc.add(n) };
    }

    /// Removes the running frame, whose registers the caller has emptied or moved.
    #[inline(always)]
    pub(crate) fn pop(&self) {
        let f = self.frame.get();
        // SAFETY: there is a running frame.
        let (flags, prev) = unsafe { ((*f).flags, (*f).prev) };
        self.frame.set(prev);
        if flags & fflag::CHUNKS != 0 {
            self.pop_chunks(flags);
        }
    }
}

impl Vm {
    /// Empties the window of the running frame, lets its frame object go (with the locals, if somebody else holds it)
    /// and removes it.
    pub(crate) fn leave_frame(&self) {
        let ts = self.ts();
        let f = ts.frame.get();
        // SAFETY: the running frame is valid; values that are dropped below may run code above it, which returns before
        // this goes on.
        let frame = unsafe { &mut *f };
        if frame.flags & fflag::OBJECT != 0 {
            self.detach_frame_object(frame);
        }
        let (regs, n) = (frame.window(), frame.code().n_regs as usize);
        regs.clear_range(0, n);
        let owned =
            if frame.flags & (fflag::CTOR | fflag::OWNS_FUNC) != 0 { std::mem::take(&mut frame.extra) } else { 0 };
        ts.pop();
        if owned != 0 {
            // SAFETY: the frame owned this reference.
            drop(unsafe { Value::from_bits(owned) });
        }
    }

    /// Lets the frame object of a frame that ends go.
    #[cold]
    pub(crate) fn detach_frame_object(&self, frame: &mut Frame) {
        let word = std::mem::take(&mut frame.obj);
        frame.flags &= !fflag::OBJECT;
        if word == 0 {
            return;
        }
        // SAFETY: the frame owned this reference.
        let obj = unsafe { Value::from_bits(word) };
        if let Some(o) = obj.downcast::<FrameObj>() {
            let shared = obj.ref_count().is_none_or(|n| n > 1);
            o.leave(self, frame, shared);
        }
    }

    /// The frame object of `frame`.
    pub(crate) fn object_of_frame(&self, frame: *mut Frame) -> Value {
        // SAFETY: callers pass live frames.
        let f = unsafe { &mut *frame };
        if f.obj != 0 {
            // SAFETY: the frame holds the reference that is looked at.
            let v = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(f.obj) });
            return Value::clone(&v);
        }
        if let Some(generator) = f.generator()
            && let Some(obj) = generator.frame_obj.get()
            && let Some(o) = obj.downcast::<FrameObj>()
        {
            o.attach(frame);
            f.obj = obj.clone().into_bits();
            f.flags |= fflag::OBJECT;
            return obj;
        }
        let obj = self.alloc(self.types().frame, FrameObj::new(frame));
        f.obj = obj.clone().into_bits();
        f.flags |= fflag::OBJECT;
        if let Some(generator) = f.generator() {
            generator.frame_obj.set(obj.clone());
        }
        obj
    }

    /// The frame object of the running frame.
    pub fn current_frame_object(&self) -> Option<Value> {
        self.frame_object_at(0)
    }

    /// The frame object `depth` frames below the running one.
    pub fn frame_object_at(&self, depth: usize) -> Option<Value> {
        let mut f = self.ts().frame.get();
        for _ in 0..depth {
            if f.is_null() {
                return None;
            }
            // SAFETY: frames below the running one are valid.
            f = unsafe { (*f).prev };
        }
        if f.is_null() { None } else { Some(self.object_of_frame(f)) }
    }

    /// The globals of the running frame.
    pub fn frame_globals(&self) -> Option<Value> {
        self.ts().current().map(|f| f.globals().clone())
    }

    /// The globals of the frame `depth` frames below the running one.
    pub fn frame_globals_at(&self, depth: usize) -> Option<Value> {
        let mut f = self.ts().current()?;
        for _ in 0..depth {
            // SAFETY: frames below the running one are valid.
            f = unsafe { f.prev.as_ref() }?;
        }
        Some(f.globals().clone())
    }

    /// The builtins dict of the running frame.
    pub fn frame_builtins(&self) -> Option<Value> {
        self.ts().current().map(|f| (*f.func().builtins).clone())
    }

    /// What `locals()` returns in the running frame.
    pub fn frame_locals(&self) -> PyResult {
        match self.ts().current() {
            Some(f) => Ok(self.locals_of(f)),
            None => Err(self.system_error("frame does not exist")),
        }
    }

    /// The namespace of a frame, or a new dict of its locals.
    pub(crate) fn locals_of(&self, f: &Frame) -> Value {
        if f.code().code().flags.contains(CodeFlags::NAMESPACE) {
            return f.window().opt(0).cloned().unwrap_or(Value::NONE);
        }
        crate::types::frame::snapshot(self, f.code(), Some(f.func()), f.window())
    }

    /// Source line of the running frame, 0 if there is none.
    pub fn frame_line(&self) -> u32 {
        self.ts().current().map_or(0, |f| f.code().code().locations.line_near(f.lasti() as u32))
    }

    /// Flags of the running frame's code.
    pub fn frame_code_flags(&self) -> CodeFlags {
        self.ts().current().map_or(CodeFlags::empty(), |f| f.code().code().flags)
    }

    /// File name of the running frame.
    pub fn frame_filename(&self) -> Option<Value> {
        self.ts().current().map(|f| self.str(&f.code().code().filename))
    }
}

/// Pushes a frame on reserved room with all locals unbound; the caller keeps the function alive.
pub(crate) fn push_unbound(ts: &ThreadState, at: *mut Frame, window: *mut u64, func: &Function, flags: u32) {
    // SAFETY: room was reserved for the code's registers.
    unsafe {
        ptr::write_bytes(window, 0, (*func.code_ptr.get()).n_locals as usize);
        ts.push(at, window, func, flags);
    }
}
