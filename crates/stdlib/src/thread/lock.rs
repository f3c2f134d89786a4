//! `lock` and `RLock`.
//!
//! A lock that is free is taken without leaving the interpreter; otherwise the thread sleeps off the interpreter's lock.

use super::ident;
use serpens_share::{Wait, WaitError, prims};
use serpens_state::waiting;
use serpens_vm::object::payload;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, Value, Vm};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

/// The longest timeout, in seconds.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;

/// A lock, apart from its object, so that waiters keep it.
#[derive(Default)]
struct Raw(RefCell<Arc<prims::Lock>>);

impl Raw {
    fn try_take(&self) -> bool {
        self.0.borrow().try_acquire(ident())
    }

    fn take(&self, vm: &Vm, timeout: Option<Duration>) -> PyResult<bool> {
        if self.try_take() {
            return Ok(true);
        }
        if timeout == Some(Duration::ZERO) {
            return Ok(false);
        }
        let raw = self.0.borrow().clone();
        wait(vm, timeout, |wait| raw.acquire(ident(), wait))
    }

    /// Whether it was held.
    fn release(&self) -> bool {
        self.0.borrow().release().is_ok()
    }

    fn is_held(&self) -> bool {
        self.0.borrow().holder().is_some()
    }

    /// In the child of a `fork`: free, and nobody waits. What the parent's threads have left is not touched: they may have
    /// been in the midst of it.
    fn renew(&self) {
        std::mem::forget(self.0.take());
    }
}

/// Sleeps off the interpreter's lock until `step` succeeds; false if the time is over first. What is asked of the thread
/// meanwhile it does in between.
pub(super) fn wait(
    vm: &Vm,
    timeout: Option<Duration>,
    step: impl FnMut(&Wait<'_>) -> Result<(), WaitError>,
) -> PyResult<bool> {
    let until = waiting::deadline(timeout);
    Ok(waiting::sleep(vm, until, step, |e| *e == WaitError::Interrupted)?.is_ok())
}

/// `_thread.lock`.
pub struct Lock(Raw);

/// `_thread.RLock`.
pub struct RLock {
    raw: Raw,
    owner: Cell<u64>,
    count: Cell<usize>,
}

serpens_vm::native_payload!(Lock {});
serpens_vm::native_payload!(RLock {});

/// Why a template cannot have the lock.
fn held(raw: &Raw) -> Option<&'static str> {
    raw.is_held().then_some("it is held")
}

/// A new lock.
pub fn new_lock(vm: &Vm) -> Value {
    vm.alloc_native(&LOCK, Lock(Raw::default()))
}

/// The arguments `blocking` and `timeout`: `None` waits for ever, zero does not wait.
fn wait_arg(vm: &Vm, a: Args<'_>) -> PyResult<Option<Duration>> {
    let blocking = a.opt(1).map_or(Ok(true), |b| vm.truthy(b))?;
    let timeout = match a.opt(2) {
        Some(t) => vm.to_f64(t)?,
        None => -1.0,
    };
    if !blocking && timeout != -1.0 {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if timeout.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if timeout < 0.0 && timeout != -1.0 {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    if timeout > TIMEOUT_MAX {
        return Err(vm.overflow_error("timeout value is too large"));
    }
    Ok(match (blocking, timeout) {
        (false, _) => Some(Duration::ZERO),
        (true, t) if t < 0.0 => None,
        (true, t) => Some(Duration::from_secs_f64(t)),
    })
}

fn this(v: &Value) -> &Lock {
    v.downcast::<Lock>().expect("the descriptor has checked the receiver")
}

fn this_r(v: &Value) -> &RLock {
    v.downcast::<RLock>().expect("the descriptor has checked the receiver")
}

fn receiver<'a>(vm: &Vm, args: &CallArgs<'a>) -> PyResult<&'a Value> {
    args.pos().first().ok_or_else(|| vm.type_error("a receiver is required"))
}

fn acquire(vm: &Vm, a: Args<'_>) -> PyResult {
    let timeout = wait_arg(vm, a)?;
    Ok(Value::bool(this(a.get(0)).0.take(vm, timeout)?))
}

fn release(vm: &Vm, a: Args<'_>) -> PyResult {
    if this(a.get(0)).0.release() { Ok(Value::NONE) } else { Err(vm.runtime_error("release unlocked lock")) }
}

fn locked(_: &Vm, a: Args<'_>) -> PyResult {
    Ok(Value::bool(this(a.get(0)).0.is_held()))
}

/// `_thread.lock`.
pub static LOCK: TypeDef = TypeDef::new::<Lock>("lock")
    .copied_then(|copier, h| copier.renew(h, |l: &Lock| &l.0, |_| Raw::default()))
    .unready(|h| held(&payload::<Lock>(h)?.0))
    .module("_thread")
    .doc("A lock object is a synchronization primitive.")
    .flags(serpens_vm::types::typeobj::tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, ty, args| {
            if !args.all().is_empty() {
                return Err(vm.type_error("lock() takes no arguments"));
            }
            Ok(vm.alloc(ty, Lock(Raw::default())))
        }),
        repr: Some(|vm, v| {
            let state = if this(v).0.is_held() { "locked" } else { "unlocked" };
            Ok(vm.str(&format!("<{state} {} object at {:#x}>", vm.type_of(v).full_name(vm), v.bits())))
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("acquire", "($self, blocking=True, timeout=-1)", acquire),
        MethodDef::new("acquire_lock", "($self, blocking=True, timeout=-1)", acquire),
        MethodDef::new("release", "($self, /)", release),
        MethodDef::new("release_lock", "($self, /)", release),
        MethodDef::new("locked", "($self, /)", locked),
        MethodDef::new("locked_lock", "($self, /)", locked),
        MethodDef::new("__enter__", "($self, /)", |vm, a| Ok(Value::bool(this(a.get(0)).0.take(vm, None)?))),
        MethodDef::raw("__exit__", "($self, *args)", |vm, args| {
            let v = receiver(vm, args)?;
            if this(v).0.release() { Ok(Value::NONE) } else { Err(vm.runtime_error("release unlocked lock")) }
        }),
        MethodDef::new("_at_fork_reinit", "($self, /)", |_, a| {
            this(a.get(0)).0.renew();
            Ok(Value::NONE)
        }),
    ]);

/// `_thread.RLock`.
pub static RLOCK: TypeDef = TypeDef::new::<RLock>("RLock")
    .copied_then(|copier, h| copier.renew(h, |l: &RLock| &l.raw, |_| Raw::default()))
    .unready(|h| held(&payload::<RLock>(h)?.raw))
    .module("_thread")
    .basetype()
    .flags(serpens_vm::types::typeobj::tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(
            |vm, ty, _| Ok(vm.alloc(ty, RLock { raw: Raw::default(), owner: Cell::new(0), count: Cell::new(0) })),
        ),
        repr: Some(|vm, v| {
            let l = this_r(v);
            let state = if l.count.get() > 0 { "locked" } else { "unlocked" };
            let (owner, count) = (l.owner.get(), l.count.get());
            let name = vm.type_of(v).full_name(vm);
            Ok(vm.str(&format!("<{state} {name} object owner={owner} count={count} at {:#x}>", v.bits())))
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("acquire", "($self, blocking=True, timeout=-1)", |vm, a| {
            let timeout = wait_arg(vm, a)?;
            Ok(Value::bool(this_r(a.get(0)).take(vm, timeout)?))
        }),
        MethodDef::new("release", "($self, /)", |vm, a| this_r(a.get(0)).release(vm)),
        MethodDef::new("locked", "($self, /)", |_, a| Ok(Value::bool(this_r(a.get(0)).count.get() > 0))),
        MethodDef::new("__enter__", "($self, /)", |vm, a| Ok(Value::bool(this_r(a.get(0)).take(vm, None)?))),
        MethodDef::raw("__exit__", "($self, *args)", |vm, args| this_r(receiver(vm, args)?).release(vm)),
        MethodDef::new("_is_owned", "($self, /)", |_, a| Ok(Value::bool(this_r(a.get(0)).is_owned()))),
        MethodDef::new("_recursion_count", "($self, /)", |_, a| {
            let l = this_r(a.get(0));
            Ok(Value::from_usize(if l.is_owned() { l.count.get() } else { 0 }))
        }),
        MethodDef::new("_release_save", "($self, /)", |vm, a| {
            let l = this_r(a.get(0));
            if !l.is_owned() {
                return Err(vm.runtime_error("cannot release un-acquired lock"));
            }
            let state = vm.tuple(vec![Value::from_usize(l.count.get()), vm.int_u64(l.owner.get())]);
            l.count.set(0);
            l.owner.set(0);
            l.raw.release();
            Ok(state)
        }),
        MethodDef::new("_acquire_restore", "($self, state, /)", |vm, a| {
            let l = this_r(a.get(0));
            let Some([count, owner]) = a.get(1).downcast::<Tuple>().map(|t| t.as_slice()) else {
                return Err(vm.type_error("_acquire_restore() argument must be a 2-item tuple"));
            };
            let (count, owner) = (vm.arg_usize(count)?, vm.arg_u64(owner)?);
            l.raw.take(vm, None)?;
            l.count.set(count);
            l.owner.set(owner);
            Ok(Value::NONE)
        }),
        MethodDef::new("_at_fork_reinit", "($self, /)", |_, a| {
            let l = this_r(a.get(0));
            l.count.set(0);
            l.owner.set(0);
            l.raw.renew();
            Ok(Value::NONE)
        }),
    ]);

impl RLock {
    fn is_owned(&self) -> bool {
        self.count.get() > 0 && self.owner.get() == ident()
    }

    fn take(&self, vm: &Vm, timeout: Option<Duration>) -> PyResult<bool> {
        if self.is_owned() {
            self.count.set(self.count.get() + 1);
            return Ok(true);
        }
        if !self.raw.take(vm, timeout)? {
            return Ok(false);
        }
        self.owner.set(ident());
        self.count.set(1);
        Ok(true)
    }

    fn release(&self, vm: &Vm) -> PyResult {
        if !self.is_owned() {
            return Err(vm.runtime_error("cannot release un-acquired lock"));
        }
        self.count.set(self.count.get() - 1);
        if self.count.get() == 0 {
            self.owner.set(0);
            self.raw.release();
        }
        Ok(Value::NONE)
    }
}
