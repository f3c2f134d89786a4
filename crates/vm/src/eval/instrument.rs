//! What happens at an instruction whose events are asked for, and what exceptions tell on their way.
//!
//! An `Instrumented` instruction is met, its events are reported, and the loop runs the operation that stands behind it.
//! Lines, jumps and branches are told by the place of the frame's last event (`monitor::Site`).
#![expect(unsafe_code, reason = "frames are reached by address")]

use super::call::{self, Next};
use super::frame::Frame;
use super::ops::At;
use crate::error::PyResult;
use crate::monitor::private::{jump_target, mark};
use crate::monitor::{Site, event, fire};
use crate::object::Kind;
use crate::thread::ThreadState;
use crate::types::builtin::Builtin;
use crate::types::code::{CodeObj, mark_offset, offset_of};
use crate::types::descr::MethodDescr;
use crate::types::function::Function;
use crate::types::method::Method;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::{ExcEntry, Op};

/// Reports the events of an instruction; the operation that is to run now in its place (`None`: go on with the running
/// frame at its `pc`).
#[cold]
#[inline(never)]
pub(crate) fn hit(vm: &Vm, at: At<'_>) -> PyResult<Option<Op>> {
    let ts = vm.ts();
    let op = at.frame.op();
    if ts.tracing.busy.get() > 0 {
        return Ok(Some(op));
    }
    let hit = Hit { vm, ts, f: ts.frame.get(), code: at.code(), at: at.frame.lasti() };
    let pc = at.frame.pc;
    let before = hit.site();
    hit.arrive()?;
    // SAFETY: the frame is still the running one: callbacks have returned.
    let now = unsafe { (*hit.f).pc };
    if hit.code.moved(pc) != now {
        // A trace function has moved it.
        return Ok(None);
    }
    let i = at.i.with_op(op);
    match op {
        Op::Return => {
            hit.leave("return", event::PY_RETURN, at.regs.val(i.a()).clone(), before)?;
            hit.set_site(Site::EMPTY);
        }
        Op::Yield => {
            hit.leave("return", event::PY_YIELD, at.regs.val(i.b()).clone(), before)?;
            hit.set_site(Site::EMPTY);
            // SAFETY: as above.
            if hit.code.moved(pc) != unsafe { (*hit.f).pc } {
                return Ok(None);
            }
            if let Some(g) = at.frame.generator() {
                g.tell_resumed.set(true);
            }
        }
        Op::Call | Op::CallMethod | Op::CallKw | Op::CallEx if hit.code.events(vm) & event::CALL != 0 => {
            return hit.call(At { i, ..at });
        }
        _ => {}
    }
    Ok(Some(op))
}

/// An instruction that was met.
struct Hit<'a> {
    vm: &'a Vm,
    ts: &'a ThreadState,
    f: *mut Frame,
    code: &'a CodeObj,
    at: usize,
}

impl Hit<'_> {
    fn tools(&self, event: u32, args: &[Value]) -> PyResult<()> {
        fire::tools(self.vm, self.ts, self.code, self.at, event, args)
    }

    fn offset(&self) -> Value {
        offset(self.at)
    }

    fn line_of(&self, at: usize) -> u32 {
        self.code.code().locations.get(at as u32).line
    }

    fn site(&self) -> Site {
        let depth = self.ts.depth();
        self.ts.tracing.sites.borrow().get(depth).copied().unwrap_or(Site::EMPTY)
    }

    fn set_site(&self, site: Site) {
        set_site(self.ts, site);
    }

    /// Reports what is to be said before the instruction runs.
    fn arrive(&self) -> PyResult<()> {
        let Some(private) = self.code.private() else { return Ok(()) };
        let marks = private.marks[self.at];
        let events = self.code.events(self.vm);
        let mut site = self.site();
        // SAFETY: the running frame.
        let generator = unsafe { (*self.f).generator() };
        let resumed = marks & mark::RESUME != 0 && generator.is_some_and(|g| g.tell_resumed.replace(false));
        let known = site.frame == self.f.cast_const();
        if marks & mark::ENTRY != 0 && !known {
            site = Site { frame: self.f, last: Site::NONE };
            self.set_site(site);
            self.enter("call", event::PY_START)?;
        } else if resumed {
            site = Site { frame: self.f, last: self.at as u32 - 1 };
            self.set_site(site);
            self.enter("call", event::PY_RESUME)?;
        } else if !known {
            site = Site { frame: self.f, last: Site::NONE };
        }
        self.set_site(Site { frame: self.f, last: self.at as u32 });
        let last = (site.last != Site::NONE).then_some(site.last as usize);
        if events & (event::JUMP | event::BRANCHES) != 0
            && let Some(from) = last.filter(|_| !resumed)
        {
            self.jumped(from, events)?;
        }
        if events & event::LINE != 0 && marks & (mark::LINE | mark::ENTRY | mark::RESUME) != 0 {
            self.line(last, resumed)?;
        }
        if events & event::INSTRUCTION != 0 {
            self.tools(event::INSTRUCTION, &[self.offset()])?;
            fire::trace(self.vm, self.ts, self.f, "opcode", Value::NONE, None)?;
        }
        Ok(())
    }

    fn enter(&self, what: &str, event: u32) -> PyResult<()> {
        self.tools(event, &[self.offset()])?;
        let place = match event {
            event::PY_START => Some((self.code.code().first_line, 0)),
            _ => Some((self.line_of(self.at - 1), offset_of(self.at - 1))),
        };
        fire::profile(self.vm, self.ts, self.f, what, Value::NONE, place)?;
        fire::trace(self.vm, self.ts, self.f, what, Value::NONE, place)
    }

    /// `before`: the last event's instruction, whose line an implicit return is on.
    fn leave(&self, what: &str, event: u32, value: Value, before: Site) -> PyResult<()> {
        self.tools(event, &[self.offset(), value.clone()])?;
        let implicit = self.line_of(self.at) == 0 && before.frame == self.f.cast_const() && before.last != Site::NONE;
        let place = implicit.then(|| (self.line_of(before.last as usize), offset_of(before.last as usize)));
        let place = place.filter(|(line, _)| *line != 0);
        fire::trace(self.vm, self.ts, self.f, what, value.clone(), place)?;
        fire::profile(self.vm, self.ts, self.f, what, value, place)
    }

    /// Reports the jump or branch that led here from the last event.
    fn jumped(&self, from: usize, events: u32) -> PyResult<()> {
        let i = self.code.code().instrs[from];
        let Some(to) = jump_target(i, from) else { return Ok(()) };
        let which = match i.op {
            Op::Jump => event::JUMP,
            Op::ForNext | Op::ForIter if to == self.at => event::BRANCH_LEFT,
            Op::ForNext | Op::ForIter => event::BRANCH_RIGHT,
            _ if to == self.at => event::BRANCH_RIGHT,
            _ => event::BRANCH_LEFT,
        };
        // Leaving a `try` for what follows its handlers is no jump in the source.
        let over_handler = |h: &ExcEntry| (from..to).contains(&(h.handler as usize));
        if i.op == Op::Jump && self.code.code().handlers.iter().any(over_handler) {
            return Ok(());
        }
        if (to != self.at && (i.op == Op::Jump || self.at != from + 1)) || events & which == 0 {
            return Ok(());
        }
        fire::tools(self.vm, self.ts, self.code, from, which, &[offset(from), self.offset()])
    }

    /// Reports the line that begins here, if the last event was on another or behind this place.
    fn line(&self, last: Option<usize>, resumed: bool) -> PyResult<()> {
        let mut before = last.map_or(0, |last| self.line_of(last));
        let behind = last.is_some_and(|last| self.at <= last);
        let mut marked = false;
        let marks: Vec<_> = self.code.code().locations.marks(self.at as u32).collect();
        for (n, mark) in marks.iter().enumerate() {
            if mark.line != before || behind {
                self.tools(event::LINE, &[Value::from_usize(mark.line as usize)])?;
                fire::trace(
                    self.vm,
                    self.ts,
                    self.f,
                    "line",
                    Value::NONE,
                    Some((mark.line, mark_offset(self.at, marks.len(), n))),
                )?;
            }
            (before, marked) = (mark.line, true);
        }
        let line = self.line_of(self.at);
        if line == 0 {
            return Ok(());
        }
        if before != line {
            self.tools(event::LINE, &[Value::from_usize(line as usize)])?;
        } else if resumed || marked || last.is_some_and(|last| self.at > last) {
            return Ok(());
        }
        fire::trace(self.vm, self.ts, self.f, "line", Value::NONE, None)
    }

    /// A call: what it calls is reported, and what comes of it if that is no Python function.
    fn call(&self, at: At<'_>) -> PyResult<Option<Op>> {
        let vm = self.vm;
        let mut callee = at.regs.val(at.i.a()).clone();
        let mut first = first_argument(&at);
        if let Some(m) = callee.downcast::<Method>() {
            first = Some(m.receiver.clone());
            let func = m.func.clone();
            callee = func;
        }
        let missing = || vm.monitor.missing.get_or_none();
        let args = [self.offset(), callee.clone(), first.clone().unwrap_or_else(missing)];
        self.tools(event::CALL, &args)?;
        if callee.is_a::<Function>() {
            return Ok(Some(at.i.op()));
        }
        let shown = native(vm, &callee, first.as_ref());
        if let Some(shown) = &shown {
            fire::profile(vm, self.ts, self.f, "c_call", shown.clone(), None)?;
        }
        let done = match at.i.op() {
            Op::Call => call::call(vm, at),
            Op::CallMethod => call::call_method(vm, at),
            Op::CallKw => call::call_kw(vm, at),
            _ => call::call_ex(vm, at),
        };
        match done {
            Ok(Next::Step) => {
                self.tools(event::C_RETURN, &args)?;
                if let Some(shown) = shown {
                    fire::profile(vm, self.ts, self.f, "c_return", shown, None)?;
                }
                // SAFETY: a call is not the last instruction.
                unsafe { (*self.f).pc = (*self.f).pc.add(1) };
                Ok(None)
            }
            Ok(_) => Ok(None),
            Err(e) => {
                let pending = self.ts.save_pending();
                self.tools(event::C_RAISE, &args)?;
                if let Some(shown) = shown {
                    fire::profile(vm, self.ts, self.f, "c_exception", shown, None)?;
                }
                self.ts.restore_pending(pending);
                Err(e)
            }
        }
    }
}

/// The first argument of a call, the receiver of a method included.
fn first_argument(at: &At<'_>) -> Option<Value> {
    let (a, n) = (at.i.a(), at.i.b());
    let method = at.i.op() == Op::CallMethod || (at.i.op() == Op::CallKw && at.i.x() & 1 != 0);
    match at.i.op() {
        Op::CallEx => {
            let given = at.regs.val(a + 1).downcast::<crate::types::tuple::Tuple>()?;
            given.as_slice().first().cloned()
        }
        _ if method && at.regs.word(a + 1) != 0 => Some(at.regs.val(a + 1).clone()),
        _ if n == 0 => None,
        _ => Some(at.regs.val(a + 1 + method as u16).clone()),
    }
}

/// What a profile function is shown of a native function: a method comes bound.
fn native(vm: &Vm, callee: &Value, first: Option<&Value>) -> Option<Value> {
    if callee.is_a::<Builtin>() {
        return Some(callee.clone());
    }
    let h = callee.header()?;
    if h.kind() != Kind::MethodDescr {
        return None;
    }
    // SAFETY: the kind says what the payload is.
    let d = unsafe { h.payload_unchecked::<MethodDescr>() };
    first.map(|receiver| vm.bound_builtin(d.def, receiver.clone()))
}

fn offset(at: usize) -> Value {
    Value::from_usize(offset_of(at))
}

fn set_site(ts: &ThreadState, site: Site) {
    let depth = ts.depth();
    let mut sites = ts.tracing.sites.borrow_mut();
    if sites.len() <= depth {
        sites.resize(depth + 1, Site::EMPTY);
    }
    sites[depth] = site;
}

/// Something that happens to an exception in the running frame; the exception that goes on, which is another one if a
/// callback raised it.
#[cold]
fn exception_event(vm: &Vm, f: *mut Frame, exc: Value, event: u32) -> Value {
    let ts = vm.ts();
    if ts.tracing.busy.get() > 0 {
        return exc;
    }
    // SAFETY: callers pass the running frame.
    let (code, at) = unsafe { (&*(*f).code, (*f).lasti()) };
    let told = tell(vm, ts, f, code, at, &exc, event);
    match told {
        Ok(()) => exc,
        Err(_) => vm.take_raised(),
    }
}

fn tell(vm: &Vm, ts: &ThreadState, f: *mut Frame, code: &CodeObj, at: usize, exc: &Value, event: u32) -> PyResult<()> {
    fire::tools(vm, ts, code, at, event, &[offset(at), exc.clone()])?;
    match event {
        event::RAISE => {
            if !ts.tracing.func.is_set() {
                return Ok(());
            }
            let tb = vm.getattr(exc, &vm.names().__traceback__)?;
            let arg = vm.tuple(vec![vm.type_of(exc).value(), exc.clone(), tb]);
            fire::trace(vm, ts, f, "exception", arg, None)
        }
        event::PY_UNWIND => {
            fire::trace(vm, ts, f, "return", Value::NONE, None)?;
            fire::profile(vm, ts, f, "return", Value::NONE, None)
        }
        event::PY_THROW => {
            fire::profile(vm, ts, f, "call", Value::NONE, None)?;
            fire::trace(vm, ts, f, "call", Value::NONE, None)
        }
        _ => Ok(()),
    }
}

/// The `StopIteration` of a Python iterator ended a loop of the running frame.
#[cold]
pub(crate) fn iteration_ended(vm: &Vm) -> PyResult<()> {
    let exc = vm.new_exception(vm.types().StopIteration, Vec::new());
    let exc = raised(vm, vm.ts().frame.get(), exc, false);
    if vm.type_of(&exc).is_subtype(vm.types().StopIteration) { Ok(()) } else { Err(vm.reraise(exc)) }
}

/// An exception came up in the running frame.
#[cold]
pub(crate) fn raised(vm: &Vm, f: *mut Frame, exc: Value, again: bool) -> Value {
    exception_event(vm, f, exc, if again { event::RERAISE } else { event::RAISE })
}

/// A handler of the running frame takes an exception.
#[cold]
pub(crate) fn handled(vm: &Vm, f: *mut Frame, exc: Value) -> Value {
    exception_event(vm, f, exc, event::EXCEPTION_HANDLED)
}

/// An exception leaves the running frame.
#[cold]
pub(crate) fn unwinds(vm: &Vm, f: *mut Frame, exc: Value) -> Value {
    let exc = exception_event(vm, f, exc, event::PY_UNWIND);
    set_site(vm.ts(), Site::EMPTY);
    exc
}

/// An exception is thrown into the generator whose frame is the running one.
#[cold]
pub(crate) fn thrown(vm: &Vm, f: *mut Frame, exc: Value) -> Value {
    // SAFETY: callers pass the running frame.
    let (generator, at) = unsafe { ((*f).generator(), (*f).lasti()) };
    if let Some(g) = generator {
        g.tell_resumed.set(false);
    }
    set_site(vm.ts(), Site { frame: f, last: at as u32 });
    exception_event(vm, f, exc, event::PY_THROW)
}
