//! Signals while the main thread runs another interpreter: that one is asked, and the handlers run in the main interpreter.
//!
//! What a handler raises is raised in the program that runs. If nothing catches it there, it comes out of the `exec` or
//! `call` that the main thread is in, as the exception that the handler has raised (PEP 734 says nothing of it; CPython
//! delivers signals when the call returns).
//!
//! The handler of signals may see the breaker of an interpreter that is about to go: whoever takes it away waits until no
//! handler is at work.
//!
//! Invariant: [`FOCUS`] is null or the address of a breaker that the main thread, further down its stack, keeps alive.

use parking_lot::Mutex;
use serpens_lock::Breaker;
use serpens_share::Portable;
use serpens_state::crossing::{self, Fallback};
use serpens_state::interpreter::{home, runtime_of};
use serpens_state::{Interpreter, blocking};
use serpens_vm::cell::VCell;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{PyResult, Value, Vm};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence};

/// The breaker of the interpreter that the main thread runs; null while that is the main interpreter.
static FOCUS: AtomicPtr<Breaker> = AtomicPtr::new(ptr::null_mut());
/// Handlers of signals that are at work.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);
/// The main thread, which runs Python's handlers.
static MAIN_IDENT: AtomicU64 = AtomicU64::new(0);

/// The calling thread is the main one.
pub(super) fn answer_here() {
    MAIN_IDENT.store(crate::thread::ident(), Ordering::Relaxed);
}

fn is_main_thread() -> bool {
    MAIN_IDENT.load(Ordering::Relaxed) == crate::thread::ident()
}

/// Asks the interpreter that the main thread runs, if it is not the main one. Async-signal-safe.
pub(super) fn ask() {
    AT_WORK.fetch_add(1, Ordering::SeqCst);
    fence(Ordering::SeqCst);
    // SAFETY: whoever takes the breaker away waits until no handler is at work before it lets go of it.
    if let Some(breaker) = unsafe { FOCUS.load(Ordering::SeqCst).as_ref() } {
        breaker.request(Breaker::SIGNAL);
    }
    AT_WORK.fetch_sub(1, Ordering::SeqCst);
}

/// While it lives, signals ask another interpreter than before.
pub struct Focus {
    previous: *mut Breaker,
    _current: Arc<Breaker>,
}

/// The calling thread runs an interpreter next. `None` if signals are none of its business.
pub fn focus(interpreter: &Interpreter) -> Option<Focus> {
    if !is_main_thread() {
        return None;
    }
    let breaker = interpreter.breaker();
    let previous = FOCUS.swap(Arc::as_ptr(breaker).cast_mut(), Ordering::SeqCst);
    fence(Ordering::SeqCst);
    if super::is_pending() {
        breaker.request(Breaker::SIGNAL);
    }
    Some(Focus { previous, _current: breaker.clone() })
}

impl Drop for Focus {
    fn drop(&mut self) {
        FOCUS.store(self.previous, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        while AT_WORK.load(Ordering::SeqCst) != 0 {
            std::hint::spin_loop();
        }
        if super::is_pending() {
            // SAFETY: as in `ask`: the one before is further down this thread's stack.
            if let Some(breaker) = unsafe { self.previous.as_ref() } {
                breaker.request(Breaker::SIGNAL);
            }
        }
    }
}

/// In the child of a `fork`: handlers that other threads were in are not there any more.
pub(super) fn after_fork() {
    AT_WORK.store(0, Ordering::Relaxed);
    answer_here();
}

/// What a handler has raised, on its way through interpreters: `None` is a plain `KeyboardInterrupt`.
#[derive(Default)]
struct OnItsWay(Mutex<Option<Option<Portable>>>);

/// The exception that was raised for it in this interpreter.
#[derive(Default)]
struct Relayed(VCell);

serpens_vm::local!(Relayed: fresh);

/// What the handler has raised, in the main interpreter.
#[derive(Default)]
struct Original(VCell);

serpens_vm::local!(Original: fresh);

/// Runs the handlers, from a program of another interpreter than the main one.
pub(super) fn deliver(vm: &Vm) -> PyResult<()> {
    if !is_main_thread() {
        return Ok(());
    }
    vm.breaker.take(Breaker::SIGNAL);
    let Some(main) = runtime_of(vm).and_then(|runtime| runtime.get(0)) else { return Ok(()) };
    let stack = vm.ts().native_stack();
    let raised = blocking(vm, || main.attach_on(stack).is_some_and(|main| run_in_main(&main)));
    if !raised {
        return Ok(());
    }
    match go_on(vm)? {
        Some(e) => Err(vm.raise(e)),
        None => Ok(()),
    }
}

/// Whether one of the handlers raised.
fn run_in_main(vm: &Vm) -> bool {
    if super::run_handlers(vm).is_ok() {
        return false;
    }
    let e = vm.take_raised();
    let plain = is_plain_interrupt(vm, &e);
    let copy = if plain { None } else { crossing::to_portable(vm, &e, Fallback::Value).ok() };
    if !plain && copy.is_none() {
        drop(vm.take_raised());
    }
    vm.local(|_| Original::default()).0.set(e);
    if let Some(runtime) = runtime_of(vm) {
        *runtime.extension(OnItsWay::default).0.lock() = Some(copy);
    }
    true
}

/// Whether it says nothing but that it is a `KeyboardInterrupt`.
fn is_plain_interrupt(vm: &Vm, e: &Value) -> bool {
    let args = vm.getattr_str(e, "args").ok();
    let bare = args.and_then(|args| args.downcast::<Tuple>().map(|args| args.as_slice().is_empty()));
    vm.is_exact(e, vm.types().KeyboardInterrupt) && bare == Some(true)
}

/// What is on its way, as an exception of the interpreter at hand.
fn go_on(vm: &Vm) -> PyResult<Option<Value>> {
    let Some(runtime) = runtime_of(vm) else { return Ok(None) };
    let Some(copy) = runtime.extension(OnItsWay::default).0.lock().clone() else { return Ok(None) };
    let e = match copy.map(|p| crossing::from_portable(vm, &p)) {
        Some(Ok(e)) => e,
        // One that does not cross interrupts all the same.
        other => {
            if other.is_some() {
                drop(vm.take_raised());
            }
            vm.call_none(&vm.types().KeyboardInterrupt.value())?
        }
    };
    vm.local(|_| Relayed::default()).0.set(e.clone());
    Ok(Some(e))
}

/// Whether an exception that ended a program is the one that a handler of a signal has raised.
pub fn is_relayed(vm: &Vm, e: &Value) -> bool {
    vm.local_opt::<Relayed>().is_some_and(|relayed| relayed.0.get().is_some_and(|relayed| relayed.is(e)))
}

/// A call in this interpreter is over: what was raised in it is not kept.
pub fn call_ends(vm: &Vm) {
    if let Some(relayed) = vm.local_opt::<Relayed>() {
        drop(relayed.0.take());
    }
}

/// A call in another interpreter is over. What a handler has raised goes on here if that has ended the call; `told` is
/// the exception that tells of the call, if there is one.
pub fn settle(vm: &Vm, ended_it: bool, told: impl FnOnce() -> Option<Value>) -> PyResult<()> {
    if !is_main_thread() {
        return Ok(());
    }
    let is_main = home(vm).is_some_and(Interpreter::is_main);
    let original = if is_main { vm.local_opt::<Original>().and_then(|original| original.0.take()) } else { None };
    if !ended_it {
        if is_main && original.is_some() {
            forget(vm);
        }
        return Ok(());
    }
    let e = match original {
        Some(e) => {
            forget(vm);
            e
        }
        None => match go_on(vm)? {
            Some(e) => e,
            None => return Ok(()),
        },
    };
    if let Some(told) = told() {
        vm.setattr(&e, &vm.names().__cause__, Some(&told))?;
    }
    Err(vm.raise(e))
}

fn forget(vm: &Vm) {
    if let Some(runtime) = runtime_of(vm) {
        *runtime.extension(OnItsWay::default).0.lock() = None;
    }
}

/// Whether a handler has raised something that nobody has got yet.
pub fn is_owed(vm: &Vm) -> bool {
    is_main_thread() && vm.local_opt::<Original>().is_some_and(|original| original.0.is_set())
}
