//! Generators, coroutines and asynchronous generators: one payload, three types.
//!
//! Rooms: this file has the payload; `methods` send, throw, close and what Python sees of generators and coroutines;
//! `async_gen` asynchronous generators and their awaitables. How they run is `eval::resume`.
//!
//! Invariant: the words in `regs` are owned exactly while the state is Created or Suspended.
#![expect(unsafe_code, reason = "payload declaration; registers that own references")]

use crate::cell::VCell;
use crate::error::{PyResult, Raised};
use crate::freeze::Fixed;
use crate::heap::HVec;
use crate::object::{Header, Kind, Payload, Visitor, flag};
use crate::thread::ExcItem;
use crate::types::code::CodeObj;
use crate::types::frame::FrameObj;
use crate::types::function::Function;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::{Code, CodeFlags, Instr, Op};
use std::cell::{Cell, UnsafeCell};

pub mod async_gen;
pub mod methods;

pub use async_gen::{ANEXT_AWAITABLE, ASEND, ASYNC_GENERATOR, ATHROW, WRAPPED_VALUE};
pub use methods::{COROUTINE, COROUTINE_WRAPPER, GENERATOR};

/// What a generator is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It has not been started.
    Created,
    /// It stands at a yield.
    Suspended,
    /// Its frame is on the stack.
    Running,
    /// It is done.
    Closed,
}

/// A generator, coroutine or asynchronous generator.
pub struct Generator {
    pub(crate) state: Cell<State>,
    pub(crate) code: Cell<*const CodeObj>,
    pub(crate) pc: Cell<*const Instr>,
    pub(crate) regs: UnsafeCell<HVec<u64>>,
    pub(crate) exc: ExcItem,
    func: Fixed<Value>,
    pub(crate) frame_obj: VCell,
    pub(crate) name: VCell,
    pub(crate) qualname: VCell,
    /// What it returned, until somebody asks.
    pub(crate) result: VCell,
    /// `cr_origin`.
    pub(crate) origin: VCell,
    /// The finalizer hook of an asynchronous generator.
    pub(crate) finalizer: VCell,
    pub(crate) hooks_called: Cell<bool>,
    /// An `asend` or `athrow` of an asynchronous generator is under way.
    pub(crate) async_running: Cell<bool>,
    /// An asynchronous generator that has ended or was closed.
    pub(crate) async_closed: Cell<bool>,
    /// Its next resumption is to be reported.
    pub(crate) tell_resumed: Cell<bool>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Generator {
    const KIND: Kind = Kind::Generator;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.func);
        for cell in
            [&self.exc.value, &self.frame_obj, &self.name, &self.qualname, &self.origin, &self.finalizer, &self.result]
        {
            cell.traverse(visit);
        }
        if matches!(self.state.get(), State::Created | State::Suspended) {
            // SAFETY: in these states the words are values' words or zero; they are only looked at.
            for word in unsafe { (*self.regs.get()).iter().filter(|w| **w != 0) } {
                // SAFETY: as above.
                let v = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(*word) });
                visit(&v);
            }
        }
    }

    fn clear(&self) {
        self.let_go();
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Generator {
    /// A generator that was not started, of a function that was just called.
    pub(crate) fn new(_: &Vm, func: &Function, code: *const CodeObj, regs: HVec<u64>, pc: *const Instr) -> Generator {
        Generator {
            state: Cell::new(State::Created),
            code: Cell::new(code),
            pc: Cell::new(pc),
            regs: UnsafeCell::new(regs),
            exc: ExcItem::default(),
            func: Fixed::new(Value::of(func)),
            frame_obj: VCell::empty(),
            name: VCell::empty(),
            qualname: VCell::empty(),
            result: VCell::empty(),
            origin: VCell::empty(),
            finalizer: VCell::empty(),
            hooks_called: Cell::new(false),
            async_running: Cell::new(false),
            async_closed: Cell::new(false),
            tell_resumed: Cell::new(false),
        }
    }

    /// The type of what a function of `code` makes.
    pub(crate) fn type_for<'a>(vm: &'a Vm, code: &Code) -> &'a TypeObj {
        if code.flags.contains(CodeFlags::COROUTINE) {
            vm.types().coroutine
        } else if code.flags.contains(CodeFlags::ASYNC_GENERATOR) {
            vm.types().async_generator
        } else {
            vm.types().generator
        }
    }

    /// The function.
    pub(crate) fn function(&self) -> &Function {
        self.func.downcast::<Function>().expect("a generator has a function")
    }

    /// Its function was frozen: it goes on with the one that runs in its place.
    pub(crate) fn redirect(&self, vm: &Vm, twin: &Function) {
        // SAFETY: the old function is frozen, and kept for good.
        vm.keep_for_good(unsafe { self.func.replace(Value::of(twin)) });
    }

    /// The code.
    pub(crate) fn code_obj(&self) -> &CodeObj {
        // SAFETY: the function keeps its codes.
        unsafe { &*self.code.get() }
    }

    /// Flags of the code.
    pub(crate) fn code_flags(&self) -> CodeFlags {
        self.code_obj().code().flags
    }

    /// Whether this is a coroutine.
    #[inline]
    pub(crate) fn is_coroutine(&self) -> bool {
        self.code_flags().contains(CodeFlags::COROUTINE)
    }

    /// Whether this is an asynchronous generator.
    #[inline]
    pub(crate) fn is_async(&self) -> bool {
        self.code_flags().contains(CodeFlags::ASYNC_GENERATOR)
    }

    /// What messages call it.
    pub(crate) fn noun(&self) -> &'static str {
        if self.is_coroutine() {
            "coroutine"
        } else if self.is_async() {
            "async generator"
        } else {
            "generator"
        }
    }

    /// Index of the instruction it stands at.
    pub(crate) fn lasti(&self) -> usize {
        self.code_obj().index_of(self.pc.get())
    }

    /// The iterator it delegates to, while it is suspended in a `yield from` or `await`.
    pub(crate) fn delegate(&self) -> Option<Value> {
        if self.state.get() != State::Suspended {
            return None;
        }
        let i = self.code_obj().instr_at(self.lasti())?;
        if i.op != Op::Yield || i.x != 1 {
            return None;
        }
        // SAFETY: a suspended generator owns its words.
        let word = unsafe { *(&*self.regs.get()).get(i.c as usize)? };
        if word == 0 {
            return None;
        }
        // SAFETY: as above; the reference stays with the register.
        let v = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(word) });
        Some(Value::clone(&v))
    }

    /// The frame object; `None` once it is done.
    pub(crate) fn frame(&self, vm: &Vm) -> Option<Value> {
        if self.state.get() == State::Closed {
            return None;
        }
        if let Some(obj) = self.frame_obj.get() {
            return Some(obj);
        }
        if self.state.get() == State::Running {
            let me = self as *const Generator as u64;
            let mut f = vm.ts().frame.get();
            // SAFETY: frames of the stack are valid.
            unsafe {
                while !f.is_null() {
                    if (*f).generator().is_some() && (*f).extra == me {
                        return Some(vm.object_of_frame(f));
                    }
                    f = (*f).prev;
                }
            }
            return None;
        }
        let obj = vm.alloc(vm.types().frame, FrameObj::of_generator(self));
        self.frame_obj.set(obj.clone());
        Some(obj)
    }

    /// It ran to its end: its finaliser has nothing to do.
    pub(crate) fn mark_finished(&self) {
        Header::of(self).set(flag::FINALIZED);
    }

    /// Drops what it owns.
    fn let_go(&self) {
        if let Some(obj) = self.frame_obj.take()
            && let Some(f) = obj.downcast::<FrameObj>()
        {
            f.generator_died();
        }
        crate::eval::resume::drop_registers(self);
        drop(self.exc.value.take());
    }
}

/// The error of sending a value into a generator that was not started.
#[cold]
pub(crate) fn just_started(vm: &Vm, g: &Generator) -> Raised {
    vm.type_error(&format!("can't send non-None value to a just-started {}", g.noun()))
}

/// Records where a coroutine was made, if that was asked for.
pub(crate) fn track_origin(vm: &Vm, v: &Value) {
    let depth = vm.ts().origin_depth.get();
    let Some(g) = v.downcast::<Generator>() else { return };
    if depth == 0 || !g.is_coroutine() {
        return;
    }
    // The running frame becomes the coroutine: its callers are the origin.
    let mut rows = Vec::new();
    let mut f = vm.ts().current().map_or(std::ptr::null_mut(), |f| f.prev);
    while !f.is_null() && rows.len() < depth as usize {
        // SAFETY: frames of the stack are valid.
        let frame = unsafe { &*f };
        let code = frame.code().code();
        let line = code.locations.get(frame.lasti() as u32).line;
        rows.push(vm.tuple(vec![vm.str(&code.filename), Value::from_usize(line as usize), vm.str(&code.name)]));
        f = frame.prev;
    }
    g.origin.set(vm.tuple(rows));
}

impl Vm {
    /// Whether a value is a coroutine (of `async def`).
    pub fn is_coroutine(&self, v: &Value) -> bool {
        v.downcast::<Generator>().is_some_and(Generator::is_coroutine)
    }

    /// The iterator of an awaitable, as `await` gets it. TypeError if it is none.
    pub fn awaitable_iter(&self, v: &Value) -> PyResult {
        match crate::eval::ops::special::awaitable_iter(self, v)? {
            Some(it) => Ok(it),
            None => Err(self.type_error(&format!("'{}' object can't be awaited", self.type_of(v).name()))),
        }
    }
}
