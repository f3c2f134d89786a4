//! `Lock`, `RLock`, `Condition`, `Event`, `Semaphore`, `Barrier`, `AtomicInt`: as in `threading`, for threads of any
//! interpreter.

use super::owned::Owned;
use super::{Handle, make, this, timeout};
use serpens_share::prims::{self, BarrierError, NotHeld};
use serpens_share::{Wait, WaitError};
use serpens_state::waiting;
use serpens_vm::types::slots::{BinOp, CmpOp, Slots};
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::sync::Arc;
use std::time::Instant;

macro_rules! handles {
    ($($name:ident($shared:ty) = $def:ident;)*) => {$(
        /// A handle of one.
        pub(super) struct $name(pub(super) $shared);

        serpens_vm::native_payload!($name {});

        impl Handle for $name {
            const DEF: &'static TypeDef = &$def;
            type Shared = $shared;

            fn shared(&self) -> $shared {
                self.0.clone()
            }

            fn adopt(_: &Vm, shared: $shared) -> Self {
                $name(shared)
            }
        }
    )*};
}

handles! {
    Lock(Arc<Owned<prims::Lock>>) = LOCK;
    RLock(Arc<Owned<prims::RLock>>) = RLOCK;
    Condition(Arc<SharedCondition>) = CONDITION;
    Event(Arc<prims::Event>) = EVENT;
    Semaphore(Arc<prims::Semaphore>) = SEMAPHORE;
    Barrier(Arc<prims::Barrier>) = BARRIER;
    AtomicInt(Arc<prims::AtomicInt>) = ATOMIC_INT;
}

/// The lock of a condition.
#[derive(Clone)]
enum AnyLock {
    Plain(Arc<Owned<prims::Lock>>),
    Reentrant(Arc<Owned<prims::RLock>>),
}

/// A condition with its lock.
pub(super) struct SharedCondition {
    lock: AnyLock,
    condition: prims::Condition,
}

/// Who holds a lock: the thread, whatever interpreter it runs.
fn who() -> u64 {
    crate::thread::ident()
}

fn is_interrupt(e: &WaitError) -> bool {
    *e == WaitError::Interrupted
}

/// Waits; false if the time was over.
fn wait(vm: &Vm, until: Option<Instant>, f: impl FnMut(&Wait<'_>) -> Result<(), WaitError>) -> PyResult<bool> {
    Ok(waiting::sleep(vm, until, f, is_interrupt)?.is_ok())
}

/// How `acquire(blocking, timeout)` waits: `None` not at all.
fn limits(vm: &Vm, blocking: Option<&Value>, seconds: Option<&Value>) -> PyResult<Option<Option<Instant>>> {
    let blocking = blocking.map_or(Ok(true), |b| vm.truthy(b))?;
    let seconds = match seconds.filter(|s| !s.is_none()) {
        Some(s) => vm.to_f64(s)?,
        None => -1.0,
    };
    if !blocking {
        if seconds != -1.0 {
            return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
        }
        return Ok(None);
    }
    if seconds == -1.0 {
        return Ok(Some(None));
    }
    Ok(Some(waiting::deadline(timeout(vm, Some(&Value::float(seconds)))?)))
}

fn not_held(vm: &Vm, _: NotHeld, message: &str) -> Raised {
    vm.runtime_error(message)
}

impl AnyLock {
    fn try_acquire(&self, vm: &Vm) -> bool {
        let taken = self.attempt();
        if taken {
            self.taken(vm);
        }
        taken
    }

    fn attempt(&self) -> bool {
        match self {
            AnyLock::Plain(lock) => lock.try_acquire(who()),
            AnyLock::Reentrant(lock) => lock.try_acquire(who()),
        }
    }

    fn taken(&self, vm: &Vm) {
        match self {
            AnyLock::Plain(lock) => lock.taken(vm),
            // A thread that takes it again may do so in another interpreter: the lock is that one's which took it first.
            AnyLock::Reentrant(lock) if lock.n_held(who()) > 1 => (),
            AnyLock::Reentrant(lock) => lock.taken(vm),
        }
    }

    fn acquire(&self, vm: &Vm, until: Option<Instant>) -> PyResult<bool> {
        if self.try_acquire(vm) {
            return Ok(true);
        }
        let me = who();
        let taken = match self {
            _ if waiting::poll(vm, || self.attempt().then_some(())).is_some() => true,
            AnyLock::Plain(lock) => wait(vm, until, |w| lock.acquire(me, w))?,
            AnyLock::Reentrant(lock) => wait(vm, until, |w| lock.acquire(me, w))?,
        };
        if taken {
            self.taken(vm);
        }
        Ok(taken)
    }

    fn release(&self, vm: &Vm) -> PyResult {
        match self {
            AnyLock::Plain(lock) => {
                lock.leaving();
                lock.release().map_err(|e| not_held(vm, e, "release unlocked lock"))?;
            }
            AnyLock::Reentrant(lock) => {
                let me = who();
                if lock.n_held(me) == 1 {
                    lock.leaving();
                }
                lock.release(me).map_err(|e| not_held(vm, e, "cannot release un-acquired lock"))?;
            }
        }
        Ok(Value::NONE)
    }

    /// Whether the calling thread holds it.
    fn is_mine(&self) -> bool {
        match self {
            AnyLock::Plain(lock) => lock.holder() == Some(who()),
            AnyLock::Reentrant(lock) => lock.holder() == Some(who()),
        }
    }

    fn is_locked(&self) -> bool {
        match self {
            AnyLock::Plain(lock) => lock.holder().is_some(),
            AnyLock::Reentrant(lock) => lock.holder().is_some(),
        }
    }
}

/// The lock behind a receiver that may be any of the three.
fn lock_of(vm: &Vm, v: &Value) -> PyResult<AnyLock> {
    if let Some(lock) = v.downcast::<Lock>() {
        return Ok(AnyLock::Plain(lock.0.clone()));
    }
    if let Some(lock) = v.downcast::<RLock>() {
        return Ok(AnyLock::Reentrant(lock.0.clone()));
    }
    if let Some(condition) = v.downcast::<Condition>() {
        return Ok(condition.0.lock.clone());
    }
    let kind = vm.type_of(v).name().to_string();
    Err(vm.type_error(&format!("expected a shared Lock or RLock, got '{kind}'")))
}

fn acquire(vm: &Vm, a: Args<'_>) -> PyResult {
    let lock = lock_of(vm, a.get(0))?;
    match limits(vm, a.opt(1), a.opt(2))? {
        None => Ok(Value::bool(lock.try_acquire(vm))),
        Some(until) => lock.acquire(vm, until).map(Value::bool),
    }
}

fn enter(vm: &Vm, a: Args<'_>) -> PyResult {
    lock_of(vm, a.get(0))?.acquire(vm, None).map(Value::bool)
}

fn exit(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    match args.pos().first() {
        Some(v) => lock_of(vm, v)?.release(vm),
        None => Err(vm.type_error("a receiver is required")),
    }
}

const ACQUIRE: MethodDef = MethodDef::new("acquire", "($self, blocking=True, timeout=-1)", acquire)
    .doc("Take the lock, waiting for it at most `timeout` seconds. Whether it was taken.");
const RELEASE: MethodDef =
    MethodDef::new("release", "($self, /)", |vm, a| lock_of(vm, a.get(0))?.release(vm)).doc("Give the lock back.");
const LOCKED: MethodDef =
    MethodDef::new("locked", "($self, /)", |vm, a| Ok(Value::bool(lock_of(vm, a.get(0))?.is_locked())))
        .doc("Whether anybody holds the lock.");
const ENTER: MethodDef = MethodDef::new("__enter__", "($self, /)", enter);
const EXIT: MethodDef = MethodDef::raw("__exit__", "($self, /, *args)", exit);

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let state = if lock_of(vm, v)?.is_locked() { "locked" } else { "unlocked" };
    Ok(vm.str(&format!("<{state} {}>", vm.type_of(v).full_name(vm))))
}

fn no_arguments(vm: &Vm, name: &str, args: &CallArgs<'_>) -> PyResult<()> {
    if args.all().is_empty() { Ok(()) } else { Err(vm.type_error(&format!("{name}() takes no arguments"))) }
}

/// Two handles are equal if they are of the same thing.
fn same<T: Handle<Shared = Arc<S>>, S>(_: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<T>(), b.downcast::<T>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let same = Arc::ptr_eq(&x.shared(), &y.shared());
    match op {
        CmpOp::Eq => Ok(Value::bool(same)),
        CmpOp::Ne => Ok(Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn address<T: Handle<Shared = Arc<S>>, S>(_: &Vm, v: &Value) -> PyResult<i64> {
    Ok((Arc::as_ptr(&this::<T>(v).shared()).addr() >> 4) as i64)
}

macro_rules! identity {
    ($name:ident, $shared:ty) => {
        Slots { hash: Some(address::<$name, $shared>), richcmp: Some(same::<$name, $shared>), ..Slots::EMPTY }
    };
}

static LOCK: TypeDef = TypeDef::new::<Lock>("Lock")
    .copied_then(|copier, h| copier.renew(h, |x: &Lock| &x.0, Clone::clone))
    .module("interpreters")
    .doc("A lock for threads of any interpreter. Any thread may release it.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, _, args| {
            no_arguments(vm, "Lock", args)?;
            Ok(make::<Lock>(vm, Arc::default()))
        }),
        repr: Some(repr),
        ..identity!(Lock, Owned<prims::Lock>)
    })
    .methods(&[ACQUIRE, RELEASE, LOCKED, ENTER, EXIT]);

static RLOCK: TypeDef = TypeDef::new::<RLock>("RLock")
    .copied_then(|copier, h| copier.renew(h, |x: &RLock| &x.0, Clone::clone))
    .module("interpreters")
    .doc("A lock that the thread which holds it may take again, in whatever interpreter it runs.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, _, args| {
            no_arguments(vm, "RLock", args)?;
            Ok(make::<RLock>(vm, Arc::default()))
        }),
        repr: Some(repr),
        ..identity!(RLock, Owned<prims::RLock>)
    })
    .methods(&[ACQUIRE, RELEASE, LOCKED, ENTER, EXIT]);

static CONDITION: TypeDef = TypeDef::new::<Condition>("Condition")
    .copied_then(|copier, h| copier.renew(h, |x: &Condition| &x.0, Clone::clone))
    .module("interpreters")
    .doc("A condition for threads of any interpreter, with a shared Lock or RLock (an RLock of its own by default).")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots { new: Some(new_condition), repr: Some(repr), ..identity!(Condition, SharedCondition) })
    .methods(&[
        ACQUIRE,
        RELEASE,
        LOCKED,
        ENTER,
        EXIT,
        MethodDef::new("wait", "($self, timeout=None)", |vm, a| {
            let until = waiting::deadline(timeout(vm, a.opt(1))?);
            wait_for_call(vm, &this::<Condition>(a.get(0)).0, until).map(Value::bool)
        })
        .doc("Release the lock, wait for a notification, take the lock back. False if the time was over."),
        MethodDef::new("wait_for", "($self, predicate, timeout=None)", |vm, a| {
            let until = waiting::deadline(timeout(vm, a.opt(2))?);
            loop {
                let result = vm.call_none(a.get(1))?;
                if vm.truthy(&result)? || until.is_some_and(|until| Instant::now() >= until) {
                    return Ok(result);
                }
                wait_for_call(vm, &this::<Condition>(a.get(0)).0, until)?;
            }
        })
        .doc("Wait until predicate() is true. Its last result."),
        MethodDef::new("notify", "($self, n=1)", |vm, a| {
            let n = a.opt(1).map_or(Ok(1), |n| vm.arg_usize(n))?;
            notify(vm, &this::<Condition>(a.get(0)).0, n)
        })
        .doc("Wake the n threads that have waited longest."),
        MethodDef::new("notify_all", "($self, /)", |vm, a| notify(vm, &this::<Condition>(a.get(0)).0, usize::MAX))
            .doc("Wake all threads that wait."),
    ]);

fn new_condition(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [lock] = crate::data::bind(vm, args, "Condition", ["lock"], 0)?;
    let lock = match lock.filter(|v| !v.is_none()) {
        Some(lock) => lock_of(vm, lock)?,
        None => AnyLock::Reentrant(Arc::default()),
    };
    Ok(make::<Condition>(vm, Arc::new(SharedCondition { lock, condition: prims::Condition::new() })))
}

/// One wait. An interrupt that raises nothing ends it as a notification would: who waits looks at its condition again.
fn wait_for_call(vm: &Vm, shared: &Arc<SharedCondition>, until: Option<Instant>) -> PyResult<bool> {
    let (shared, me) = (shared.clone(), who());
    if !shared.lock.is_mine() {
        return Err(vm.runtime_error("cannot wait on un-acquired lock"));
    }
    match &shared.lock {
        AnyLock::Plain(lock) => lock.leaving(),
        AnyLock::Reentrant(lock) => lock.leaving(),
    }
    let mut holds = true;
    let notified = wait(vm, until, |w| {
        let result = match &shared.lock {
            AnyLock::Plain(lock) => shared.condition.wait(&***lock, me, w),
            AnyLock::Reentrant(lock) => shared.condition.wait(&***lock, me, w),
        };
        result.unwrap_or_else(|NotHeld| {
            holds = false;
            Ok(())
        })
    });
    if holds {
        match &shared.lock {
            AnyLock::Plain(lock) => lock.taken(vm),
            AnyLock::Reentrant(lock) => lock.taken(vm),
        }
    }
    let notified = notified?;
    if holds { Ok(notified) } else { Err(vm.runtime_error("cannot wait on un-acquired lock")) }
}

fn notify(vm: &Vm, shared: &SharedCondition, n: usize) -> PyResult {
    if !shared.lock.is_mine() {
        return Err(vm.runtime_error("cannot notify on un-acquired lock"));
    }
    shared.condition.notify(n);
    Ok(Value::NONE)
}

static EVENT: TypeDef = TypeDef::new::<Event>("Event")
    .copied_then(|copier, h| copier.renew(h, |x: &Event| &x.0, Clone::clone))
    .module("interpreters")
    .doc("A flag that threads of any interpreter wait for.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, _, args| {
            no_arguments(vm, "Event", args)?;
            Ok(make::<Event>(vm, Arc::default()))
        }),
        repr: Some(|vm, v| {
            let state = if this::<Event>(v).0.is_set() { "set" } else { "unset" };
            Ok(vm.str(&format!("<interpreters.Event: {state}>")))
        }),
        ..identity!(Event, prims::Event)
    })
    .methods(&[
        MethodDef::new("set", "($self, /)", |_, a| {
            this::<Event>(a.get(0)).0.set();
            Ok(Value::NONE)
        })
        .doc("Set the flag and wake all who wait."),
        MethodDef::new("clear", "($self, /)", |_, a| {
            this::<Event>(a.get(0)).0.clear();
            Ok(Value::NONE)
        })
        .doc("Unset the flag."),
        MethodDef::new("is_set", "($self, /)", |_, a| Ok(Value::bool(this::<Event>(a.get(0)).0.is_set())))
            .doc("Whether the flag is set."),
        MethodDef::new("wait", "($self, timeout=None)", |vm, a| {
            let event = this::<Event>(a.get(0)).0.clone();
            let until = waiting::deadline(timeout(vm, a.opt(1))?);
            if event.is_set() || waiting::poll(vm, || event.is_set().then_some(())).is_some() {
                return Ok(Value::TRUE);
            }
            wait(vm, until, |w| event.wait(w)).map(Value::bool)
        })
        .doc("Wait until the flag is set. False if the time was over."),
    ]);

static SEMAPHORE: TypeDef = TypeDef::new::<Semaphore>("Semaphore")
    .copied_then(|copier, h| copier.renew(h, |x: &Semaphore| &x.0, Clone::clone))
    .module("interpreters")
    .doc("Semaphore(value=1, *, bounded=False): permits for threads of any interpreter; if bounded, never more than at first.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, _, args| {
            let [value, bounded] = crate::data::bind(vm, args, "Semaphore", ["value", "bounded"], 0)?;
            let n = value.map_or(Ok(1), |v| vm.index_i64(v))?;
            let Ok(n) = usize::try_from(n) else {
                return Err(vm.value_error("semaphore initial value must be >= 0"));
            };
            let bounded = bounded.map_or(Ok(false), |v| vm.truthy(v))?;
            let made = if bounded { prims::Semaphore::bounded(n) } else { prims::Semaphore::new(n) };
            Ok(make::<Semaphore>(vm, Arc::new(made)))
        }),
        repr: Some(|vm, v| {
            Ok(vm.str(&format!("<interpreters.Semaphore: value={}>", this::<Semaphore>(v).0.n_permits())))
        }),
        ..identity!(Semaphore, prims::Semaphore)
    })
    .methods(&[
        MethodDef::new("acquire", "($self, blocking=True, timeout=None)", |vm, a| {
            let semaphore = &this::<Semaphore>(a.get(0)).0;
            match limits(vm, a.opt(1), a.opt(2))? {
                None => Ok(Value::bool(semaphore.try_acquire())),
                Some(until) => permit(vm, semaphore, until).map(Value::bool),
            }
        })
        .doc("Take a permit, waiting for it. Whether it was taken."),
        MethodDef::new("release", "($self, n=1)", |vm, a| {
            let n = a.opt(1).map_or(Ok(1), |n| vm.index_i64(n))?;
            let Some(n) = usize::try_from(n).ok().filter(|n| *n > 0) else {
                return Err(vm.value_error("n must be one or more"));
            };
            match this::<Semaphore>(a.get(0)).0.release(n) {
                true => Ok(Value::NONE),
                false => Err(vm.value_error("Semaphore released too many times")),
            }
        })
        .doc("Give n permits back."),
        MethodDef::new("__enter__", "($self, /)", |vm, a| {
            permit(vm, &this::<Semaphore>(a.get(0)).0, None).map(Value::bool)
        }),
        MethodDef::raw("__exit__", "($self, /, *args)", |vm, args| {
            match args.pos().first().and_then(|v| v.downcast::<Semaphore>()) {
                Some(s) if s.0.release(1) => Ok(Value::NONE),
                Some(_) => Err(vm.value_error("Semaphore released too many times")),
                None => Err(vm.type_error("a receiver is required")),
            }
        }),
    ])
    .getset(&[GetSetDef::new("value", |_, v| Ok(Value::from_usize(this::<Semaphore>(v).0.n_permits())))
        .doc("How many permits there are now.")]);

fn permit(vm: &Vm, semaphore: &Arc<prims::Semaphore>, until: Option<Instant>) -> PyResult<bool> {
    let semaphore = semaphore.clone();
    if semaphore.try_acquire() || waiting::poll(vm, || semaphore.try_acquire().then_some(())).is_some() {
        return Ok(true);
    }
    wait(vm, until, |w| semaphore.acquire(w))
}

static BARRIER: TypeDef = TypeDef::new::<Barrier>("Barrier")
    .copied_then(|copier, h| copier.renew(h, |x: &Barrier| &x.0, Clone::clone))
    .module("interpreters")
    .doc("Barrier(parties): lets threads of any interpreter wait until so many of them have come.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, _, args| {
            let [parties] = crate::data::bind(vm, args, "Barrier", ["parties"], 1)?;
            let n = parties.map_or(Ok(0), |v| vm.index_i64(v))?;
            let Some(n) = usize::try_from(n).ok().filter(|n| *n > 0) else {
                return Err(vm.value_error("parties must be >= 1"));
            };
            Ok(make::<Barrier>(vm, Arc::new(prims::Barrier::new(n))))
        }),
        repr: Some(|vm, v| {
            let b = &this::<Barrier>(v).0;
            let state =
                if b.is_broken() { "broken".into() } else { format!("waiters={}/{}", b.n_waiting(), b.n_parties()) };
            Ok(vm.str(&format!("<interpreters.Barrier: {state}>")))
        }),
        ..identity!(Barrier, prims::Barrier)
    })
    .methods(&[
        MethodDef::new("wait", "($self, timeout=None)", |vm, a| {
            let barrier = this::<Barrier>(a.get(0)).0.clone();
            let until = waiting::deadline(timeout(vm, a.opt(1))?);
            let passed =
                waiting::sleep(vm, until, |w| barrier.wait(w), |e| *e == BarrierError::Wait(WaitError::Interrupted))?;
            match passed {
                Ok(place) => Ok(Value::from_usize(place)),
                Err(_) => Err(broken(vm)),
            }
        })
        .doc("Wait for the others. A number that differs for each thread. Raises threading.BrokenBarrierError."),
        MethodDef::new("abort", "($self, /)", |_, a| {
            this::<Barrier>(a.get(0)).0.abort();
            Ok(Value::NONE)
        })
        .doc("Break it: who waits fails, and who comes."),
        MethodDef::new("reset", "($self, /)", |_, a| {
            this::<Barrier>(a.get(0)).0.reset();
            Ok(Value::NONE)
        })
        .doc("Make it whole and empty again. Who waits fails."),
    ])
    .getset(&[
        GetSetDef::new("parties", |_, v| Ok(Value::from_usize(this::<Barrier>(v).0.n_parties()))),
        GetSetDef::new("n_waiting", |_, v| Ok(Value::from_usize(this::<Barrier>(v).0.n_waiting()))),
        GetSetDef::new("broken", |_, v| Ok(Value::bool(this::<Barrier>(v).0.is_broken()))),
    ]);

fn broken(vm: &Vm) -> Raised {
    let class = serpens_state::import::import_module(vm, "threading")
        .and_then(|threading| vm.getattr_str(&threading, "BrokenBarrierError"));
    match class.and_then(|class| vm.call_none(&class)) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}

static ATOMIC_INT: TypeDef = TypeDef::new::<AtomicInt>("AtomicInt")
    .copied_then(|copier, h| copier.renew(h, |x: &AtomicInt| &x.0, Clone::clone))
    .module("interpreters")
    .doc("AtomicInt(value=0): an integer of 64 bits that threads of any interpreter read and change.")
    .flags(tflag::HAS_WEAKREF)
    .slots(
        Slots {
            new: Some(|vm, _, args| {
                let [value] = crate::data::bind(vm, args, "AtomicInt", ["value"], 0)?;
                let n = value.map_or(Ok(0), |v| vm.arg_i64(v))?;
                Ok(make::<AtomicInt>(vm, Arc::new(prims::AtomicInt::new(n))))
            }),
            repr: Some(|vm, v| Ok(vm.str(&format!("AtomicInt({})", this::<AtomicInt>(v).0.load())))),
            int: Some(|vm, v| Ok(vm.int(this::<AtomicInt>(v).0.load()))),
            index: Some(|vm, v| Ok(vm.int(this::<AtomicInt>(v).0.load()))),
            ..identity!(AtomicInt, prims::AtomicInt)
        }
        .with_inplace(BinOp::Add, |vm, v, n| {
            added(vm, v, n)?;
            Ok(v.clone())
        }),
    )
    .methods(&[
        MethodDef::new("add", "($self, n, /)", |vm, a| added(vm, a.get(0), a.get(1)))
            .doc("Add n, and return what the value was before."),
        MethodDef::new("swap", "($self, value, /)", |vm, a| {
            let n = vm.arg_i64(a.get(1))?;
            Ok(vm.int(this::<AtomicInt>(a.get(0)).0.swap(n)))
        })
        .doc("Set the value, and return what it was before."),
        MethodDef::new("compare_and_set", "($self, expected, value, /)", |vm, a| {
            let (old, new) = (vm.arg_i64(a.get(1))?, vm.arg_i64(a.get(2))?);
            Ok(Value::bool(this::<AtomicInt>(a.get(0)).0.compare_and_set(old, new).is_ok()))
        })
        .doc("Set the value if it is the expected one. Whether it was."),
    ])
    .getset(&[GetSetDef::rw(
        "value",
        |vm, v| Ok(vm.int(this::<AtomicInt>(v).0.load())),
        |vm, v, new| match new {
            Some(new) => {
                let n = vm.arg_i64(new)?;
                this::<AtomicInt>(v).0.store(n);
                Ok(())
            }
            None => Err(vm.attribute_error("cannot delete attribute 'value'")),
        },
    )]);

fn added(vm: &Vm, v: &Value, n: &Value) -> PyResult {
    let n = vm.arg_i64(n)?;
    match this::<AtomicInt>(v).0.add(n) {
        Some(old) => Ok(vm.int(old)),
        None => Err(vm.overflow_error("the sum does not fit in 64 bits")),
    }
}
