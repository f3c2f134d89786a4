//! `_ThreadHandle`: what knows whether a thread is done, and waits for it.

use super::lock::wait;
use serpens_share::prims::Event;
use serpens_vm::types::slots::Slots;
use serpens_vm::{GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    NotStarted,
    Starting,
    Running,
    Done,
}

/// The state of a thread, shared with it.
pub struct Handle {
    state: Mutex<(Phase, Option<u64>)>,
    /// The thread has said who it is.
    known: Condvar,
    /// It is done.
    done: Event,
}

/// Marks the thread as done when dropped, also when it panics.
pub struct Done(pub Arc<Handle>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.set_done();
    }
}

impl Handle {
    fn new(phase: Phase, ident: Option<u64>) -> Arc<Handle> {
        Arc::new(Handle { state: Mutex::new((phase, ident)), known: Condvar::new(), done: Event::new() })
    }

    /// Of a thread that has not started.
    pub fn fresh() -> Arc<Handle> {
        Handle::new(Phase::NotStarted, None)
    }

    /// Of a running thread.
    pub fn running(ident: u64) -> Arc<Handle> {
        Handle::new(Phase::Running, Some(ident))
    }

    /// Another handle in the same state.
    fn apart(&self) -> Arc<Handle> {
        let (phase, ident) = self.with(|s| *s);
        let made = Handle::new(phase, ident);
        if phase == Phase::Done {
            made.done.set();
        }
        made
    }

    fn with<R>(&self, f: impl FnOnce(&mut (Phase, Option<u64>)) -> R) -> R {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Claims the right to start it; false if it was started.
    pub fn claim(&self) -> bool {
        self.with(|s| {
            let fresh = s.0 == Phase::NotStarted;
            if fresh {
                s.0 = Phase::Starting;
            }
            fresh
        })
    }

    /// The new thread says who it is.
    pub fn set_ident(&self, ident: u64) {
        self.with(|s| *s = (Phase::Running, Some(ident)));
        self.known.notify_all();
    }

    /// Waits until the new thread has said who it is.
    pub fn wait_ident(&self) {
        let mut s = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while s.1.is_none() {
            s = self.known.wait(s).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The identity, once known.
    pub fn ident(&self) -> Option<u64> {
        self.with(|s| s.1)
    }

    /// Whether the thread is done.
    pub fn is_done(&self) -> bool {
        self.with(|s| s.0 == Phase::Done)
    }

    /// Marks the thread as done.
    pub fn set_done(&self) {
        self.with(|s| s.0 = Phase::Done);
        self.done.set();
    }

    /// Waits for the end.
    pub fn join(&self, vm: &Vm, timeout: Option<Duration>) -> PyResult<bool> {
        wait(vm, timeout, |wait| self.done.wait(wait))
    }
}

/// The Python object.
pub struct HandleObj {
    /// What it shares with the thread.
    pub inner: Arc<Handle>,
}

serpens_vm::native_payload!(HandleObj {});

/// `_thread._ThreadHandle`.
pub static HANDLE: TypeDef = TypeDef::new::<HandleObj>("_ThreadHandle")
    .copied_then(|copier, h| copier.renew(h, |t: &HandleObj| &t.inner, |inner| inner.apart()))
    .module("_thread")
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, HandleObj { inner: Handle::fresh() }))),
        repr: Some(|vm, v| {
            let ident = v.downcast::<HandleObj>().and_then(|h| h.inner.ident()).unwrap_or(0);
            Ok(vm.str(&format!("<_ThreadHandle object: ident={ident}>")))
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("join", "($self, timeout=None, /)", |vm, a| {
            let h = a.this::<HandleObj>().inner.clone();
            let timeout = match a.some(1) {
                None => None,
                Some(t) => {
                    let t = vm.to_f64(t)?;
                    if t < 0.0 { None } else { Some(Duration::from_secs_f64(t.min(super::lock::TIMEOUT_MAX))) }
                }
            };
            match h.with(|s| s.0) {
                Phase::NotStarted | Phase::Starting => return Err(vm.runtime_error("thread not started")),
                Phase::Running if h.ident() == Some(super::ident()) => {
                    return Err(vm.runtime_error("Cannot join current thread"));
                }
                _ => {}
            }
            h.join(vm, timeout)?;
            Ok(Value::NONE)
        }),
        MethodDef::new("is_done", "($self, /)", |_, a| Ok(Value::bool(a.this::<HandleObj>().inner.is_done()))),
        MethodDef::new("_set_done", "($self, /)", |vm, a| {
            let h = &a.this::<HandleObj>().inner;
            if h.ident().is_none() {
                return Err(vm.runtime_error("thread not started"));
            }
            h.set_done();
            Ok(Value::NONE)
        }),
    ])
    .getset(&[GetSetDef::new("ident", |vm, v| {
        let ident = v.downcast::<HandleObj>().and_then(|h| h.inner.ident());
        Ok(vm.int_u64(ident.unwrap_or(0)))
    })]);
