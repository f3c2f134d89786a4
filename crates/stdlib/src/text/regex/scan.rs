//! Iterators over matches: `finditer` and `scanner`.

use super::found::Match;
use super::pattern::{Pattern, range};
use super::payload;
use super::subject::{Mode, Subject};
use rustpython_sre_engine::State;
use serpens_vm::native::GetSetDef;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};

/// A scanner.
pub struct Scanner {
    pattern: Value,
    string: Value,
    start: usize,
    end: usize,
    at: Cell<usize>,
    must_advance: Cell<bool>,
    /// Kept between matches: in text that is not ASCII its cursor remembers the place.
    state: RefCell<State>,
}

payload!(Scanner { pattern, string });

/// The type `_sre.SRE_Scanner`.
pub static SCANNER: TypeDef = TypeDef::new::<Scanner>("SRE_Scanner")
    .module("_sre")
    .gc()
    .flags(tflag::NO_NEW)
    .methods(&[
        MethodDef::new("match", "($self, /)", |vm, a| Ok(step(vm, a.get(0), Mode::Match)?.unwrap_or(Value::NONE))),
        MethodDef::new("search", "($self, /)", |vm, a| Ok(step(vm, a.get(0), Mode::Search)?.unwrap_or(Value::NONE))),
    ])
    .getset(&[GetSetDef::new("pattern", |_, v| Ok(this(v).pattern.clone()))]);

/// What `finditer` returns.
pub static FIND_ITERATOR: TypeDef =
    TypeDef::new::<Scanner>("callable_iterator").gc().flags(tflag::NO_NEW).slots(Slots {
        iter: Some(|_, v| Ok(v.clone())),
        iternext: Some(|vm, v| step(vm, v, Mode::Search)),
        ..Slots::EMPTY
    });

fn this(v: &Value) -> &Scanner {
    v.downcast::<Scanner>().expect("methods are called with instances of their type")
}

/// A scanner, or the iterator of `finditer`.
pub fn make(vm: &Vm, a: Args<'_>, iterator: bool) -> PyResult {
    let p = Pattern::this(a.get(0));
    let subject = Subject::new(vm, a.get(1), p.is_bytes)?;
    let (start, end) = range(vm, &a, subject.len)?;
    let scanner = Scanner {
        pattern: a.get(0).clone(),
        string: a.get(1).clone(),
        start,
        end,
        at: Cell::new(start),
        must_advance: Cell::new(false),
        state: RefCell::default(),
    };
    Ok(vm.alloc_native(if iterator { &FIND_ITERATOR } else { &SCANNER }, scanner))
}

/// The next match.
fn step(vm: &Vm, v: &Value, mode: Mode) -> PyResult<Option<Value>> {
    let s = this(v);
    let p = Pattern::this(&s.pattern);
    if s.at.get() > s.end {
        return Ok(None);
    }
    let subject = Subject::new(vm, &s.string, p.is_bytes)?;
    let mut state = s.state.borrow_mut();
    // The memory of other exporters may have moved since.
    if !s.string.is_a::<serpens_vm::types::str::Str>() {
        *state = State::default();
    }
    let end = s.end.min(subject.len);
    if !subject.run(&mut state, p.code(), mode, s.at.get().min(end), end, s.must_advance.get()) {
        s.at.set(usize::MAX);
        return Ok(None);
    }
    s.must_advance.set(state.start == state.cursor.position);
    s.at.set(state.cursor.position);
    Ok(Some(Match::make(vm, &s.pattern, &s.string, s.start, s.end, &state)))
}
