//! Waiting for another thread: first for a few microseconds inside of the interpreter, then off its lock.
//!
//! A wait ends at once when the interpreter is asked for something (a signal's handler, pending calls, a stop): the
//! thread comes back, does it, and waits on, unless that raised. Nothing here polls while it sleeps: who asks wakes the
//! sleepers ([`Interpreter::interrupt`](crate::Interpreter::interrupt)); a signal handler unparks the main thread.
//!
//! Invariant: the closures passed in touch no Python objects.

use crate::attach::blocking;
use crate::interpreter::home;
use serpens_lock::Breaker;
use serpens_share::Wait;
use serpens_vm::{PyResult, Vm};
use std::time::{Duration, Instant};

/// Requests that a sleeping thread need not answer.
const OTHERS: u32 = Breaker::GIVE_UP | Breaker::COLLECT;

/// Doublings of the pause between two looks before a thread leaves the interpreter: together about the time of a wake-up.
const N_PAUSES: u32 = 7;

/// Looks for something that another thread is about to bring, without leaving the interpreter: as long as that costs
/// less than to sleep, and nobody else wants the interpreter.
#[inline]
pub fn poll<R>(vm: &Vm, mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
    let interpreter = home(vm)?;
    for doubling in 0..N_PAUSES {
        for _ in 0..1 << doubling {
            if let Some(found) = attempt() {
                return Some(found);
            }
            std::hint::spin_loop();
        }
        if vm.breaker.pending() != 0 || interpreter.lock().is_wanted() {
            return None;
        }
    }
    None
}

/// Runs `sleep` off the interpreter's lock until it ends for another reason than an interrupt. Between two tries runs what
/// was asked of this thread; `Err` if that raised.
pub fn sleep<R, E>(
    vm: &Vm,
    until: Option<Instant>,
    sleep: impl FnMut(&Wait<'_>) -> Result<R, E>,
    is_interrupt: impl Fn(&E) -> bool,
) -> PyResult<Result<R, E>> {
    // Without a time limit only another interpreter's thread can end it.
    sleep_as(vm, until, until.is_none(), sleep, is_interrupt)
}

/// As [`sleep`], for what comes from outside of the interpreters of programs: a pool's worker, another process. At the end
/// of the process such threads are left in peace.
pub fn sleep_outside<R, E>(
    vm: &Vm,
    until: Option<Instant>,
    sleep: impl FnMut(&Wait<'_>) -> Result<R, E>,
    is_interrupt: impl Fn(&E) -> bool,
) -> PyResult<Result<R, E>> {
    sleep_as(vm, until, false, sleep, is_interrupt)
}

fn sleep_as<R, E>(
    vm: &Vm,
    until: Option<Instant>,
    parked: bool,
    mut sleep: impl FnMut(&Wait<'_>) -> Result<R, E>,
    is_interrupt: impl Fn(&E) -> bool,
) -> PyResult<Result<R, E>> {
    let wait = until.map_or(Wait::FOREVER, Wait::until);
    let Some(interpreter) = home(vm) else { return Ok(sleep(&wait)) };
    // Requests that are somebody else's: they stay up after this thread has looked.
    let mut ignored = OTHERS;
    // Another thread that waits may lower the interrupt before this one has seen it.
    let mut seen = interpreter.interrupt().count();
    loop {
        let asked = || interpreter.breaker().pending() & !ignored != 0 || interpreter.interrupt().count() != seen;
        let wait = wait.interruptible(interpreter.interrupt()).alarmed(&asked);
        let slept = blocking(vm, || if parked { interpreter.park(|| sleep(&wait)) } else { sleep(&wait) });
        match slept {
            Err(error) if is_interrupt(&error) => {
                seen = interpreter.interrupt().count();
                interpreter.interrupt().lower();
                vm.on_break()?;
                ignored = OTHERS | interpreter.breaker().pending();
            }
            done => return Ok(done),
        }
    }
}

/// When a wait of `timeout` from now ends; one too long for the clock does not.
pub fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}
