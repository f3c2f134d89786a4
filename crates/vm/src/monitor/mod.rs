//! What `sys.monitoring`, `sys.settrace` and `sys.setprofile` ask for, and who asked.
//!
//! Rooms: this file has the events, the tools and the switch; [`private`] the private copies of instructions in which
//! `Instrumented` stands where events are asked for; [`fire`] calls those who asked. The eval loop's side is
//! `eval::instrument`.
//!
//! While nobody asks for anything nothing of this runs: the eval loop meets no `Instrumented`, and exceptions look at
//! one flag.
//!
//! Invariant: frames and suspended generators point into the instructions that their code's `instrs` names.
#![expect(unsafe_code, reason = "frames, codes and generators are reached by address")]

use crate::cell::VCell;
use crate::eval::frame::Frame;
use crate::object::{Kind, flag};
use crate::thread::ThreadState;
use crate::types::code::CodeObj;
use crate::types::generator::{Generator, State};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::{Cell, OnceCell, RefCell};

pub mod fire;
pub(crate) mod jump;
pub mod private;

/// Events, a bit each, as `sys.monitoring.events` numbers them.
pub mod event {
    #![expect(missing_docs, reason = "the names are `sys.monitoring.events`'")]
    pub const PY_START: u32 = 1;
    pub const PY_RESUME: u32 = 1 << 1;
    pub const PY_RETURN: u32 = 1 << 2;
    pub const PY_YIELD: u32 = 1 << 3;
    pub const CALL: u32 = 1 << 4;
    pub const LINE: u32 = 1 << 5;
    pub const INSTRUCTION: u32 = 1 << 6;
    pub const JUMP: u32 = 1 << 7;
    pub const BRANCH_LEFT: u32 = 1 << 8;
    pub const BRANCH_RIGHT: u32 = 1 << 9;
    pub const STOP_ITERATION: u32 = 1 << 10;
    pub const RAISE: u32 = 1 << 11;
    pub const EXCEPTION_HANDLED: u32 = 1 << 12;
    pub const PY_UNWIND: u32 = 1 << 13;
    pub const PY_THROW: u32 = 1 << 14;
    pub const RERAISE: u32 = 1 << 15;
    pub const C_RETURN: u32 = 1 << 16;
    pub const C_RAISE: u32 = 1 << 17;
    pub const BRANCH: u32 = 1 << 18;
    /// Both directions of a branch.
    pub const BRANCHES: u32 = BRANCH_LEFT | BRANCH_RIGHT;
    /// Those that belong to an instruction, and can be asked for of one code and switched off at one place.
    pub const LOCAL: u32 = (1 << 11) - 1;
    /// Number of events.
    pub const N: usize = 19;
    /// Names, by bit.
    pub const NAMES: [&str; N] = [
        "PY_START",
        "PY_RESUME",
        "PY_RETURN",
        "PY_YIELD",
        "CALL",
        "LINE",
        "INSTRUCTION",
        "JUMP",
        "BRANCH_LEFT",
        "BRANCH_RIGHT",
        "STOP_ITERATION",
        "RAISE",
        "EXCEPTION_HANDLED",
        "PY_UNWIND",
        "PY_THROW",
        "RERAISE",
        "C_RETURN",
        "C_RAISE",
        "BRANCH",
    ];
}

/// Tools that programs may register.
pub const N_TOOLS: usize = 6;
/// What a trace function hears of.
const TRACE_EVENTS: u32 = event::PY_START
    | event::PY_RESUME
    | event::PY_RETURN
    | event::PY_YIELD
    | event::LINE
    | event::JUMP
    | event::BRANCHES
    | event::STOP_ITERATION
    | event::RAISE
    | event::PY_UNWIND
    | event::PY_THROW;
/// What a profile function hears of.
const PROFILE_EVENTS: u32 = event::PY_START
    | event::PY_RESUME
    | event::PY_RETURN
    | event::PY_YIELD
    | event::CALL
    | event::PY_UNWIND
    | event::PY_THROW;

/// A tool of `sys.monitoring`.
#[derive(Default)]
pub struct Tool {
    /// Its name while it is in use.
    pub name: VCell,
    /// Events it asks for everywhere.
    pub events: Cell<u32>,
    /// One callback an event.
    pub callbacks: [VCell; event::N],
}

/// Who asks for what in one interpreter.
#[derive(Default)]
pub struct Monitor {
    /// The tools, once there was one.
    tools: OnceCell<Box<[Tool; N_TOOLS]>>,
    /// `sys.monitoring.DISABLE`.
    pub disable: VCell,
    /// `sys.monitoring.MISSING`.
    pub missing: VCell,
    /// Events that anybody asks for everywhere.
    global: Cell<u32>,
    /// Whether any code has events of its own.
    any_local: Cell<bool>,
}

impl Monitor {
    /// Whether anybody asks for anything.
    #[inline(always)]
    pub fn is_on(&self) -> bool {
        self.global.get() != 0 || self.any_local.get()
    }

    /// The tools.
    pub fn tools(&self) -> &[Tool; N_TOOLS] {
        self.tools.get_or_init(Default::default)
    }

    /// Events that anybody asks for everywhere.
    pub fn global(&self) -> u32 {
        self.global.get()
    }
}

/// Where a frame's last event was: what lines, jumps and branches are told by.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    pub(crate) frame: *const Frame,
    pub(crate) last: u32,
}

impl Site {
    /// No instruction yet.
    pub(crate) const NONE: u32 = u32::MAX;
    /// Nothing is known.
    pub(crate) const EMPTY: Site = Site { frame: std::ptr::null(), last: Site::NONE };
}

/// A thread's part.
#[derive(Default)]
pub struct Tracing {
    /// `sys.settrace`.
    pub func: VCell,
    /// `sys.setprofile`.
    pub profile: VCell,
    /// How many callbacks are under way: events are not reported from inside of them.
    pub(crate) busy: Cell<u32>,
    /// By depth of the frame.
    pub(crate) sites: RefCell<Vec<Site>>,
}

impl Tracing {
    /// Runs `f` as a traced call although a callback may be under way (`sys.call_tracing`).
    pub fn with_events<R>(&self, f: impl FnOnce() -> R) -> R {
        let busy = self.busy.replace(0);
        let r = f();
        self.busy.set(busy);
        r
    }
}

/// What a thread is doing.
pub struct ThreadStack {
    /// The operating system's id of the thread.
    pub ident: u64,
    /// Whether it is the one that asks.
    pub current: bool,
    /// File, line and function of each call.
    pub entries: Vec<(String, u32, String)>,
}

impl Vm {
    /// Makes the instructions of all code tell of what is asked for now.
    pub fn update_monitoring(&self) {
        let m = &self.monitor;
        let mut global = m.tools.get().map_or(&[][..], |t| &t[..]).iter().fold(0, |all, tool| all | tool.events.get());
        self.each_thread(|ts| {
            if ts.tracing.func.is_set() {
                global |= TRACE_EVENTS;
            }
            if ts.tracing.profile.is_set() {
                global |= PROFILE_EVENTS;
            }
        });
        let before = m.global.replace(global);
        if before != global {
            self.arm_all(before == 0);
        }
    }

    /// Arms every code of the interpreter.
    fn arm_all(&self, fresh: bool) {
        let (codes, generators) = self.codes_and_generators();
        if fresh {
            self.each_thread(|ts| ts.tracing.sites.borrow_mut().clear());
        }
        for code in codes {
            // SAFETY: nothing has run since they were found alive.
            let code = unsafe { &*code };
            if self.monitor.global() != 0 || code.private().is_some() {
                code.arm(self);
            }
        }
        self.rebase(&generators, fresh);
    }

    /// Arms one code, whose own events have changed.
    pub fn arm_code(&self, code: &CodeObj) {
        let fresh = !self.monitor.is_on();
        let local = code.private().map_or(0, private::Private::local_events);
        if local != 0 {
            self.monitor.any_local.set(true);
        }
        code.arm(self);
        let (_, generators) = self.codes_and_generators();
        self.rebase(&generators, fresh);
    }

    /// Arms every code with what is asked for now, after events of single codes have changed.
    pub fn arm_again(&self) {
        self.arm_all(false);
    }

    /// Calls `f` on every code object of the interpreter; it runs no Python code.
    pub fn each_code(&self, mut f: impl FnMut(&CodeObj)) {
        for code in self.codes_and_generators().0 {
            // SAFETY: nothing has run since they were found alive.
            f(unsafe { &*code });
        }
    }

    /// The threads that run Python code, with their frame objects.
    pub fn thread_frames(&self) -> Vec<(u64, Value)> {
        let mut all = Vec::new();
        self.each_thread(|ts| {
            let f = ts.frame.get();
            if !f.is_null() {
                all.push((ts.ident(), self.object_of_frame(f)));
            }
        });
        all
    }

    /// What every thread is doing, innermost first.
    pub fn thread_stacks(&self) -> Vec<ThreadStack> {
        let mut all = Vec::new();
        self.each_thread(|ts| {
            let mut entries = Vec::new();
            let mut f = ts.frame.get();
            while !f.is_null() {
                // SAFETY: frames below a thread's running one are alive.
                let frame = unsafe { &*f };
                let code = frame.code().code();
                let line = code.locations.line_near(frame.lasti() as u32);
                entries.push((code.filename.to_string(), line, code.name.to_string()));
                f = frame.prev;
            }
            let current = self.has_thread() && std::ptr::eq(ts, self.ts());
            if !entries.is_empty() {
                all.push(ThreadStack { ident: ts.ident(), current, entries });
            }
        });
        all
    }

    /// Arms code that was just made.
    pub(crate) fn arm_new(&self, code: &CodeObj) {
        if self.monitor.global() != 0 {
            code.arm(self);
        }
    }

    fn codes_and_generators(&self) -> (Vec<*const CodeObj>, Vec<*const Generator>) {
        let (mut codes, mut generators) = (Vec::new(), Vec::new());
        self.heap().each_object(&mut |h| {
            if h.has(flag::DYING) || h.ref_count() == Some(0) {
                return;
            }
            match h.kind() {
                // That of a frozen function is never run.
                Kind::Code if h.is_frozen() => {}
                // SAFETY: the kind says what the payload is.
                Kind::Code => codes.push(unsafe { h.payload_unchecked::<CodeObj>() } as *const CodeObj),
                // SAFETY: as above.
                Kind::Generator => generators.push(unsafe { h.payload_unchecked::<Generator>() } as *const Generator),
                _ => {}
            }
        });
        (codes, generators)
    }

    /// Points frames and suspended generators into the instructions that their codes run now. Suspended generators are
    /// to tell of their next resumption if `mark`.
    fn rebase(&self, generators: &[*const Generator], mark: bool) {
        self.each_thread(|ts| {
            let mut f = ts.frame.get();
            while !f.is_null() {
                // SAFETY: frames below a thread's running one are alive.
                let frame = unsafe { &mut *f };
                frame.pc = frame.code().moved(frame.pc);
                f = frame.prev;
            }
        });
        for g in generators {
            // SAFETY: nothing has run since they were found alive.
            let g = unsafe { &**g };
            if matches!(g.state.get(), State::Created | State::Suspended) {
                g.pc.set(g.code_obj().moved(g.pc.get()));
                if mark {
                    g.tell_resumed.set(g.state.get() == State::Suspended);
                }
            }
        }
    }

    /// Calls `f` on the state of every thread of the interpreter.
    pub fn each_thread(&self, mut f: impl FnMut(&ThreadState)) {
        let all: Vec<*const ThreadState> = self.threads.list();
        for ts in all {
            // SAFETY: a state takes itself off the list when it goes; `f` ends no thread.
            f(unsafe { &*ts });
        }
    }
}
