//! Waiting for the first of several things, and waking an event loop when one is ready.

use super::super::{channels, queues};
use super::ends::{RecvEnd, SendEnd};
use super::timeout;
use serpens_share::cross::{Channel, Queue};
use serpens_share::{Source, WaitError};
use serpens_state::waiting;
use serpens_vm::{Args, PyResult, TypeDef, Value, Vm};
use std::fs::File;
use std::io::Write;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// What can be waited for, kept alive meanwhile.
pub(super) enum Thing {
    Receive(Arc<Channel>),
    Send(Arc<Channel>),
    Get(Arc<Queue>),
}

impl Thing {
    fn of(vm: &Vm, v: &Value) -> PyResult<Thing> {
        if let Some(end) = v.downcast::<RecvEnd>() {
            return Ok(Thing::Receive(end.channel.thing().clone()));
        }
        if let Some(end) = v.downcast::<SendEnd>() {
            return Ok(Thing::Send(end.channel.thing().clone()));
        }
        if let Some(channel) = channels::registered_end(vm, v)? {
            return Ok(Thing::Receive(channel));
        }
        match queues::registered(vm, v)? {
            Some(queue) => Ok(Thing::Get(queue)),
            None => {
                let kind = vm.type_of(v).name().to_string();
                Err(vm.type_error(&format!("cannot wait for a '{kind}' object: ends of channels and queues only")))
            }
        }
    }

    fn source(&self) -> Source<'_> {
        match self {
            Thing::Receive(channel) => channel.receiving(),
            Thing::Send(channel) => channel.sending(),
            Thing::Get(queue) => queue.getting(),
        }
    }
}

/// `select(things, timeout=None)`.
pub(super) fn select(vm: &Vm, a: Args<'_>) -> PyResult {
    let values = vm.collect(a.get(0))?;
    if values.is_empty() {
        return Err(vm.value_error("nothing to wait for"));
    }
    let things = values.iter().map(|v| Thing::of(vm, v)).collect::<PyResult<Vec<_>>>()?;
    let until = waiting::deadline(timeout(vm, a.opt(1))?);
    let sources: Vec<Source<'_>> = things.iter().map(Thing::source).collect();
    let ready = || sources.iter().position(Source::is_ready);
    let found = match waiting::poll(vm, ready) {
        Some(found) => Ok(found),
        None => {
            let wait = |wait: &serpens_share::Wait<'_>| serpens_share::select(&sources, wait);
            waiting::sleep(vm, until, wait, |e| *e == WaitError::Interrupted)?
        }
    };
    match found {
        Ok(found) => Ok(values[found].clone()),
        Err(_) => Err(vm.raise_text(vm.types().TimeoutError, "timed out")),
    }
}

/// Writes a byte when it is woken. The descriptor is its own, so that nobody closes it too early.
struct Bell(File);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // A full pipe has a byte in it already.
        let _ = (&self.0).write(&[0]);
    }
}

/// A byte that is to come. When nobody waits for it any more, the thing forgets it.
pub(super) struct Wakeup {
    thing: Thing,
    waker: Waker,
}

serpens_vm::native_payload!(Wakeup {});

static WAKEUP: TypeDef = TypeDef::new::<Wakeup>("Wakeup").module("_interpshare").doc("A byte that is to come.");

impl Drop for Wakeup {
    fn drop(&mut self) {
        self.thing.source().forget(&self.waker);
    }
}

/// `wake_fd(thing, fd)`: has a byte written to `fd` once, when the thing is ready, and until the object that it returns is gone. `None`
/// if it is ready now.
pub(super) fn wake_fd(vm: &Vm, a: Args<'_>) -> PyResult {
    let thing = Thing::of(vm, a.get(0))?;
    let fd = vm.arg_i32(a.get(1))?;
    crate::posix::call::fstat(fd).map_err(|e| vm.io_error(&e, None))?;
    let own = duplicate(fd).map_err(|e| vm.io_error(&e, None))?;
    let waker = Waker::from(Arc::new(Bell(own)));
    if !thing.source().wake_when_ready(&waker) {
        return Ok(Value::NONE);
    }
    Ok(vm.alloc_native(&WAKEUP, Wakeup { thing, waker }))
}

#[expect(unsafe_code, reason = "a descriptor that the program gave is borrowed")]
fn duplicate(fd: i32) -> std::io::Result<File> {
    // SAFETY: the descriptor is open, as fstat has just said, and not -1; it is borrowed for the duplication only.
    unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned().map(File::from)
}
