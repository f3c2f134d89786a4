//! `Ticket`: stops a call that another thread runs in an interpreter, and no other call.
//!
//! Invariant: an exception is thrown into a thread only between `begin` and `end` of that thread, and taken back at the end
//! if it has not arrived by then.

use super::super::find;
use serpens_state::Interpreter;
use serpens_vm::types::slots::Slots;
use serpens_vm::{MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running { thread: u64 },
    Stopped,
    Done,
}

/// One call in an interpreter. All threads that use it are of the interpreter that calls: its lock guards the state.
pub(super) struct Ticket {
    target: RefCell<Option<Arc<Interpreter>>>,
    state: Cell<State>,
}

serpens_vm::native_payload!(Ticket {});

pub(super) static TICKET: TypeDef = TypeDef::new::<Ticket>("Ticket")
    .module("_interpcontrol")
    .doc("Ticket(id)\n--\n\nWhat stops one call in the interpreter of that id.")
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [id] = crate::data::bind(vm, args, "Ticket", ["id"], 1)?;
            let target = find(vm, id.unwrap_or(&Value::NONE), "", false)?;
            Ok(vm.alloc(ty, Ticket { target: RefCell::new(Some(target)), state: Cell::new(State::Waiting) }))
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("begin", "($self, /)", |vm, a| a.this::<Ticket>().begin(vm))
            .doc("The calling thread makes the call next."),
        MethodDef::new("end", "($self, /)", |_, a| {
            a.this::<Ticket>().end();
            Ok(Value::NONE)
        })
        .doc("It has made the call."),
        MethodDef::new("stop", "($self, /)", |_, a| Ok(Value::bool(a.this::<Ticket>().stop())))
            .doc("Raise Stopped in the call if it runs now; one that has not begun cannot begin any more. Return whether it runs."),
    ]);

impl Ticket {
    fn begin(&self, vm: &Vm) -> PyResult {
        match self.state.get() {
            State::Waiting => {
                self.state.set(State::Running { thread: crate::thread::ident() });
                Ok(Value::NONE)
            }
            _ => Err(vm.runtime_error("the call was stopped, or has begun before")),
        }
    }

    fn end(&self) {
        if self.state.get() == State::Stopped
            && let Some(target) = &*self.target.borrow()
        {
            target.take_back(crate::thread::ident());
        }
        self.state.set(State::Done);
        drop(self.target.take());
    }

    fn stop(&self) -> bool {
        let State::Running { thread } = self.state.get() else {
            if self.state.get() == State::Waiting {
                self.state.set(State::Done);
            }
            return false;
        };
        if let Some(target) = &*self.target.borrow() {
            self.state.set(State::Stopped);
            target.throw(thread, "the call was cancelled");
        }
        true
    }
}
