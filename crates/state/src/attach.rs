//! How a thread enters an interpreter, leaves it around blocking calls, and comes back.
#![expect(unsafe_code, reason = "the running thread's state is set by address")]

use crate::interpreter::{Interpreter, home};
use serpens_vm::Vm;
use serpens_vm::thread::{NativeStack, ThreadState};
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr;

/// A thread state that is not running.
#[derive(Default)]
pub(crate) struct ThreadSlot {
    state: Option<Box<ThreadState>>,
}

/// Proof that this thread is in the interpreter: it holds the lock and is the running thread. Leaves when dropped.
pub struct Attached<'a> {
    interpreter: &'a Interpreter,
    vm: &'a Vm,
    slot: ThreadSlot,
    /// Not Send: the lock belongs to this thread.
    confined: PhantomData<*mut ()>,
}

impl<'a> Attached<'a> {
    pub(crate) fn new(interpreter: &'a Interpreter, stack: Option<NativeStack>) -> Option<Attached<'a>> {
        if interpreter.is_closed() {
            return None;
        }
        Attached::for_close(interpreter, stack)
    }

    pub(crate) fn for_close(interpreter: &'a Interpreter, stack: Option<NativeStack>) -> Option<Attached<'a>> {
        let mut slot = interpreter.take_slot();
        interpreter.lock().acquire();
        // SAFETY: the lock is held.
        let Some(vm) = (unsafe { interpreter.machine() }) else {
            interpreter.lock().release();
            interpreter.give_slot(slot);
            return None;
        };
        let state = slot.state.get_or_insert_with(|| ThreadState::new(interpreter.runtime().chunk_pool().clone()));
        match stack {
            Some(stack) => state.set_native_stack(stack),
            None => state.adopt_native_stack(),
        }
        vm.know_thread(state);
        // SAFETY: the lock is held, and the slot keeps the state until this guard leaves.
        unsafe { vm.set_thread(&**state) };
        interpreter.mark_inside(true);
        Some(Attached { interpreter, vm, slot, confined: PhantomData })
    }

    /// The interpreter.
    pub fn interpreter(&self) -> &'a Interpreter {
        self.interpreter
    }

    /// Leaves the interpreter while `f` runs (which must not touch its objects), then comes back.
    pub fn detach<R>(&self, f: impl FnOnce() -> R) -> R {
        blocking(self.vm, f)
    }
}

impl Deref for Attached<'_> {
    type Target = Vm;

    fn deref(&self) -> &Vm {
        self.vm
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        // SAFETY: the lock is held until it is released below.
        unsafe { self.vm.set_thread(ptr::null()) };
        self.interpreter.mark_inside(false);
        self.interpreter.lock().release();
        let slot = std::mem::take(&mut self.slot);
        if std::thread::panicking() {
            // Its frames are those of code that a panic has left: nothing may run on them again, nor drop them.
            std::mem::forget(slot);
        } else {
            self.interpreter.give_slot(slot);
        }
    }
}

/// Comes back into the interpreter when dropped (also when the blocking call panics).
struct ComeBack<'a> {
    vm: &'a Vm,
    interpreter: &'a Interpreter,
    state: *const ThreadState,
}

impl Drop for ComeBack<'_> {
    fn drop(&mut self) {
        self.interpreter.lock().acquire();
        stay_out_if_closed(self.interpreter);
        // SAFETY: the lock is held again, and the state belongs to a guard further up this thread's stack.
        unsafe { self.vm.set_thread(self.state) };
        self.interpreter.mark_inside(true);
    }
}

/// A thread that comes back to an interpreter whose machine is gone has nothing to come back to: it stops here for good,
/// as threads of a finalized interpreter do in CPython. The lock is held.
fn stay_out_if_closed(interpreter: &Interpreter) {
    // SAFETY: the lock is held.
    if unsafe { interpreter.machine() }.is_none() {
        interpreter.lock().release();
        loop {
            std::thread::park();
        }
    }
}

/// Releases the interpreter while `f` blocks. `f` must not touch Python objects of this interpreter; the types help:
/// values are not `Send`, but nothing keeps a closure from borrowing one, so native modules copy what they need first.
pub fn blocking<R>(vm: &Vm, f: impl FnOnce() -> R) -> R {
    let Some(interpreter) = home(vm) else { return f() };
    // SAFETY: this thread holds the lock; it is released right after, and taken again before the state is set back.
    let state = unsafe { vm.set_thread(ptr::null()) };
    interpreter.mark_inside(false);
    interpreter.lock().release();
    let _back = ComeBack { vm, interpreter, state };
    f()
}

/// Hands the interpreter to a waiting thread, at a safepoint.
pub(crate) fn yield_lock(vm: &Vm) {
    let Some(interpreter) = home(vm) else { return };
    // SAFETY: as in `blocking`.
    let state = unsafe { vm.set_thread(ptr::null()) };
    interpreter.mark_inside(false);
    interpreter.lock().yield_now();
    stay_out_if_closed(interpreter);
    // SAFETY: the lock is held again.
    unsafe { vm.set_thread(state) };
    interpreter.mark_inside(true);
    crate::events::handed_over(interpreter);
}
