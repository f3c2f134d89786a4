//! `frame`: a call as Python sees it.
//!
//! Rooms: this file has the payload and its life; `methods` what Python sees; `proxy` the mapping `f_locals`.
//!
//! A frame object is made on demand. While its frame runs it points to it; while its generator is suspended it points
//! to the generator; afterwards it owns the locals, if anybody but the frame held it when the frame ended.
//!
//! Invariant: the pointers are reset by those who own what they point to, before that goes.
#![expect(unsafe_code, reason = "frames and generators are reached by address")]

use crate::cell::VCell;
use crate::eval::frame::{Frame, fflag};
use crate::eval::regs::Regs;
use crate::freeze::Fixed;
use crate::object::{Kind, Payload, Visitor};
use crate::types::cell::CellObj;
use crate::types::code::{CodeObj, offset_of};
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::generator::{Generator, State};
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::CodeFlags;
use std::cell::{Cell, UnsafeCell};
use std::ptr;

pub mod methods;
pub mod proxy;

pub use methods::TYPE;
pub use proxy::LOCALS_PROXY;

/// What a trace function is being told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FrameEvent {
    /// Nothing.
    None,
    /// The frame begins or goes on.
    Call,
    /// A line.
    Line,
    /// A generator's frame is left for a while.
    Yield,
    /// Another event.
    Other,
}

/// A frame object.
pub struct FrameObj {
    pub(crate) frame: Cell<*mut Frame>,
    generator: Cell<*const Generator>,
    pub(crate) func: Fixed<Value>,
    pub(crate) code: Value,
    saved: UnsafeCell<Vec<Option<Value>>>,
    back: VCell,
    lasti: Cell<usize>,
    /// `f_trace`.
    pub(crate) trace: VCell,
    /// `f_trace_lines`, `f_trace_opcodes`.
    pub(crate) trace_flags: Cell<(bool, bool)>,
    /// What `f_lineno` and `f_lasti` say while something is reported that is not at the instruction's own line.
    pub(crate) line_override: Cell<Option<(u32, usize)>>,
    /// The event of the frame that its trace function is being told of.
    pub(crate) event: Cell<FrameEvent>,
    /// `clear()` was called: free variables are gone too.
    pub(crate) cleared: Cell<bool>,
    /// Names set through `f_locals` that are no locals.
    pub(crate) extra_locals: VCell,
}

// SAFETY: made by the heap only.
unsafe impl Payload for FrameObj {
    const KIND: Kind = Kind::Frame;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.func);
        visit(&self.code);
        self.back.traverse(visit);
        self.trace.traverse(visit);
        self.extra_locals.traverse(visit);
        // SAFETY: the visitor runs no Python code.
        unsafe { (*self.saved.get()).iter().flatten().for_each(visit) };
    }

    fn clear(&self) {
        drop(self.take_saved());
        drop(self.extra_locals.take());
        drop(self.trace.take());
    }
}

impl FrameObj {
    /// The object of a frame on the stack.
    pub(crate) fn new(frame: *mut Frame) -> FrameObj {
        // SAFETY: callers pass live frames; function and code are payloads of live objects.
        let (func, code) = unsafe { (Value::of(&*(*frame).func), Value::of(&*(*frame).code)) };
        FrameObj {
            frame: Cell::new(frame),
            generator: Cell::new(ptr::null()),
            func: Fixed::new(func),
            code,
            saved: UnsafeCell::default(),
            back: VCell::empty(),
            lasti: Cell::new(0),
            trace: VCell::empty(),
            trace_flags: Cell::new((true, false)),
            line_override: Cell::new(None),
            cleared: Cell::new(false),
            event: Cell::new(FrameEvent::None),
            extra_locals: VCell::empty(),
        }
    }

    /// The object of a generator that is not running.
    pub(crate) fn of_generator(generator: &Generator) -> FrameObj {
        // SAFETY: a generator keeps its function and code alive.
        let code = unsafe { Value::of(&*generator.code.get()) };
        let func = Value::of(generator.function());
        FrameObj {
            frame: Cell::new(ptr::null_mut()),
            generator: Cell::new(generator),
            func: Fixed::new(func),
            code,
            saved: UnsafeCell::default(),
            back: VCell::empty(),
            lasti: Cell::new(generator.lasti()),
            trace: VCell::empty(),
            trace_flags: Cell::new((true, false)),
            line_override: Cell::new(None),
            cleared: Cell::new(false),
            event: Cell::new(FrameEvent::None),
            extra_locals: VCell::empty(),
        }
    }

    /// The frame is on the stack.
    pub(crate) fn attach(&self, frame: *mut Frame) {
        self.frame.set(frame);
        self.generator.set(ptr::null());
    }

    /// The frame's generator is suspended.
    pub(crate) fn suspend(&self, generator: &Generator) {
        self.lasti.set(self.live().map_or(0, Frame::lasti));
        self.frame.set(ptr::null_mut());
        self.generator.set(generator);
        drop(self.back.take());
    }

    /// The generator dies while it is suspended: its registers go.
    pub(crate) fn generator_died(&self) {
        self.generator.set(ptr::null());
    }

    /// The frame ends. Its locals move here if the object is `shared`.
    pub(crate) fn leave(&self, vm: &Vm, frame: &Frame, shared: bool) {
        self.lasti.set(frame.lasti());
        self.frame.set(ptr::null_mut());
        self.generator.set(ptr::null());
        if !shared {
            return;
        }
        let regs = frame.window();
        let locals: Vec<Option<Value>> = (0..frame.n_locals()).map(|i| regs.take(i)).collect();
        // SAFETY: nobody holds a borrow of the vector.
        drop(unsafe { std::mem::replace(&mut *self.saved.get(), locals) });
        if !frame.prev.is_null() && frame.flags & fflag::GENERATOR == 0 {
            self.back.set(vm.object_of_frame(frame.prev));
        }
    }

    fn take_saved(&self) -> Vec<Option<Value>> {
        // SAFETY: nobody holds a borrow of the vector.
        unsafe { std::mem::take(&mut *self.saved.get()) }
    }

    /// The frame, while it is on the stack.
    pub(crate) fn live(&self) -> Option<&Frame> {
        // SAFETY: see the file's invariant.
        unsafe { self.frame.get().as_ref() }
    }

    fn suspended(&self) -> Option<&Generator> {
        // SAFETY: see the file's invariant.
        unsafe { self.generator.get().as_ref() }
    }

    /// The code.
    pub fn code(&self) -> &CodeObj {
        self.code.downcast::<CodeObj>().expect("a frame has a code object")
    }

    /// The function.
    pub(crate) fn func(&self) -> &Function {
        self.func.downcast::<Function>().expect("a frame has a function")
    }

    /// Its function was frozen: the one that runs in its place has what the frame has.
    pub(crate) fn redirect(&self, vm: &Vm, twin: &Function) {
        // SAFETY: the old function is frozen, and kept for good.
        vm.keep_for_good(unsafe { self.func.replace(Value::of(twin)) });
    }

    /// Index of the instruction under way.
    pub fn lasti(&self) -> usize {
        match self.live() {
            Some(f) => f.lasti(),
            None => self.lasti.get(),
        }
    }

    /// The line, 0 if the instruction belongs to none.
    pub fn line(&self) -> u32 {
        match self.line_override.get() {
            None => self.code().code().locations.line_near(self.lasti() as u32),
            Some((line, _)) => line,
        }
    }

    /// `f_lasti`.
    pub(crate) fn offset(&self) -> usize {
        self.line_override.get().map_or_else(|| offset_of(self.lasti()), |(_, offset)| offset)
    }

    /// The registers of the locals, wherever they are; `None` once they are gone.
    pub(crate) fn registers(&self) -> Option<Regs> {
        if let Some(f) = self.live() {
            return Some(f.window());
        }
        let n_locals = self.code().n_locals as usize;
        // SAFETY: `Option<Value>` is a word like a register; the storage lives as long as its owner, which the caller
        // keeps while it uses the result.
        unsafe {
            if let Some(g) = self.suspended() {
                return Some(Regs::new((*g.regs.get()).as_mut_ptr()));
            }
            let saved = &mut *self.saved.get();
            if saved.len() >= n_locals { Some(Regs::new(saved.as_mut_ptr().cast())) } else { None }
        }
    }

    /// `f_back`.
    pub(crate) fn back(&self, vm: &Vm) -> Value {
        match self.live() {
            Some(f) if !f.prev.is_null() => vm.object_of_frame(f.prev),
            Some(_) => Value::NONE,
            None => self.back.get_or_none(),
        }
    }

    /// Whether the frame runs (or waits for a call it made).
    pub(crate) fn is_running(&self) -> bool {
        self.live().is_some()
    }

    /// Whether the frame's generator stands at a `yield`.
    pub(crate) fn is_suspended(&self) -> bool {
        self.suspended().is_some_and(|g| g.state.get() == State::Suspended)
    }

    /// Drops the locals of a frame that does not run.
    pub(crate) fn clear_locals(&self) {
        self.cleared.set(true);
        drop(self.extra_locals.take());
        if let Some(g) = self.suspended() {
            self.generator.set(ptr::null());
            crate::eval::resume::drop_registers(g);
        }
        drop(self.take_saved());
    }
}

/// The name that Python sees of a local. Those of an inlined comprehension (`.x`) are bound while it runs only.
fn visible(name: &str) -> Option<&str> {
    match name.strip_prefix('.') {
        None => Some(name),
        Some("locals") => None,
        Some("0") => Some(name),
        Some(rest) => Some(rest).filter(|r| r.starts_with(|c: char| c == '_' || c.is_alphabetic())),
    }
}

/// Names and registers of the locals, and how to read them.
pub(crate) struct Variables<'a> {
    code: &'a CodeObj,
    func: Option<&'a Function>,
    regs: Option<Regs>,
}

/// Where a variable lives.
pub(crate) enum Place {
    /// In a register.
    Register(u16),
    /// In a cell.
    Cell(Value),
}

impl<'a> Variables<'a> {
    pub(crate) fn new(code: &'a CodeObj, func: Option<&'a Function>, regs: Option<Regs>) -> Variables<'a> {
        Variables { code, func, regs }
    }

    /// All variables in order: locals, then free ones.
    pub(crate) fn each(&self, mut f: impl FnMut(&str, Place)) {
        let code = self.code.code();
        if let Some(regs) = self.regs {
            // Cells that are no parameters come last, as CPython has them.
            let n_params = code.n_params();
            for cells_now in [false, true] {
                for (i, name) in code.local_names.iter().enumerate() {
                    let cell = code.cellvars.iter().find(|c| c.reg as usize == i);
                    let name = cell.map_or(name, |c| &c.name);
                    let Some(name) = visible(name) else { continue };
                    if (cell.is_some() && i >= n_params) != cells_now {
                        continue;
                    }
                    match regs.opt(i as u16) {
                        Some(v) if cell.is_some() && v.is_a::<CellObj>() => f(name, Place::Cell(v.clone())),
                        _ => f(name, Place::Register(i as u16)),
                    }
                }
            }
        }
        if let Some(func) = self.func {
            for (i, name) in code.freevars.iter().enumerate() {
                if let Some(cell) = func.free(i) {
                    f(name, Place::Cell(Value::of(cell)));
                }
            }
        }
    }

    pub(crate) fn read(&self, place: &Place) -> Option<Value> {
        match place {
            Place::Register(i) => self.regs?.opt(*i).cloned(),
            Place::Cell(cell) => cell.downcast::<CellObj>()?.contents.get(),
        }
    }

    pub(crate) fn find(&self, wanted: &str) -> Option<Place> {
        let mut found = None;
        self.each(|name, place| {
            if name == wanted {
                found = Some(place);
            }
        });
        found
    }
}

/// A new dict of the bound variables.
pub(crate) fn snapshot(vm: &Vm, code: &CodeObj, func: Option<&Function>, regs: Regs) -> Value {
    let dict = vm.new_dict();
    let vars = Variables::new(code, func, Some(regs));
    if let Some(d) = dict.downcast::<Dict>() {
        vars.each(|name, place| {
            if let Some(v) = vars.read(&place) {
                d.set_name(vm, name, v);
            }
        });
    }
    dict
}

impl FrameObj {
    /// `f_locals`.
    pub(crate) fn locals(&self, vm: &Vm, this: &Value) -> Value {
        if self.code().code().flags.contains(CodeFlags::NAMESPACE) {
            return self.registers().and_then(|r| r.opt(0).cloned()).unwrap_or_else(|| vm.new_dict());
        }
        vm.alloc(vm.types().frame_locals_proxy, proxy::LocalsProxy { frame: this.clone() })
    }
}
