//! `Queue.get` and `Queue.put` that wait.
//!
//! The library's own class polls every 10 ms and cuts time-outs to whole seconds. When it registers itself, these two
//! methods take the place of its own: they sleep until there is something. The rest of the class stays as it is.

use super::{Received, current, empty, full, gone, qid, queues, registry_error, unbound};
use serpens_share::cross::{Queue, UnboundOp};
use serpens_share::{Portable, RecvError, SendFailure};
use serpens_state::crossing::{self, Fallback};
use serpens_state::waiting;
use serpens_vm::{Args, MethodDef, PyResult, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The module of the library's class.
const LIBRARY: &str = "concurrent.interpreters._queues";

static GET: MethodDef = MethodDef::new("get", "($self, block=True, timeout=None, *, _delay=0.01)", get).doc(
    "Return the next object from the queue.\n\nIf \"block\" is true, this blocks while the queue is empty.\n\nIf the next \
     item's original interpreter has been destroyed\nthen the \"next object\" is determined by the value of \
     the\n\"unbounditems\" argument to put().",
);

static PUT: MethodDef =
    MethodDef::new("put", "($self, obj, block=True, timeout=None, *, unbounditems=None, _delay=0.01)", put).doc(
        "Add the object to the queue.\n\nIf \"block\" is true, this blocks while the queue is full.\n\nFor most objects, the \
         object received through Queue.get() will\nbe a new one, equivalent to the original and not sharing \
         any\nactual underlying data.",
    );

/// Gives the library's class its methods.
pub(super) fn install(vm: &Vm, class: &Value) -> PyResult<()> {
    let Some(ty) = TypeObj::from_value(class) else { return Ok(()) };
    if ty.module_name(vm).as_deref() != Some(LIBRARY) {
        return Ok(());
    }
    for def in [&GET, &PUT] {
        vm.setattr(class, &vm.intern(def.name), Some(&vm.method_of(def, ty)))?;
    }
    Ok(())
}

/// Queues that this interpreter has used lately, so that a use takes no look into the runtime's table.
#[derive(Default)]
struct Recent(RefCell<Vec<Arc<Queue>>>);

serpens_vm::local!(Recent: fresh);

const N_RECENT: usize = 8;

fn queue_of(vm: &Vm, v: &Value) -> PyResult<Arc<Queue>> {
    let id = qid(vm, v)?;
    let recent = vm.local(|_| Recent::default());
    let mut recent = recent.0.borrow_mut();
    if let Some(q) = recent.iter().find(|q| q.id() == id) {
        if !q.is_destroyed() {
            return Ok(q.clone());
        }
        recent.retain(|q| q.id() != id);
    }
    let q = queues(vm)?.get(id).map_err(|e| registry_error(vm, id, &e))?;
    if recent.len() >= N_RECENT {
        recent.remove(0);
    }
    recent.push(q.clone());
    Ok(q)
}

/// A time limit by the clock that the library's module has, which tests may replace.
struct Limit {
    end: f64,
    /// How much is left.
    seconds: Cell<f64>,
}

impl Limit {
    fn new(vm: &Vm, timeout: Option<&Value>) -> PyResult<Option<Limit>> {
        let Some(timeout) = timeout else { return Ok(None) };
        let seconds = vm.to_f64(timeout)?;
        if seconds < 0.0 || seconds.is_nan() {
            return Err(vm.value_error("timeout value must be non-negative"));
        }
        Ok(Some(Limit { end: now(vm)? + seconds, seconds: Cell::new(seconds) }))
    }

    /// When to give up by the system's clock.
    fn deadline(&self) -> Option<Instant> {
        Duration::try_from_secs_f64(self.seconds.get()).ok().and_then(|d| Instant::now().checked_add(d))
    }

    fn is_over(&self, vm: &Vm) -> PyResult<bool> {
        self.seconds.set((self.end - now(vm)?).max(0.0));
        Ok(self.seconds.get() == 0.0)
    }
}

fn now(vm: &Vm) -> PyResult<f64> {
    let library = serpens_state::import::import_module(vm, LIBRARY)?;
    let clock = vm.getattr_str(&vm.getattr_str(&library, "time")?, "monotonic")?;
    let seconds = vm.call_none(&clock)?;
    vm.to_f64(&seconds)
}

fn library_call(vm: &Vm, name: &str, arg: &Value) -> PyResult {
    let library = serpens_state::import::import_module(vm, LIBRARY)?;
    let f = vm.getattr_str(&library, name)?;
    vm.call_one(&f, arg)
}

fn deliver(vm: &Vm, received: Received) -> PyResult {
    match received {
        Received::Value(value) => crossing::from_portable(vm, &value),
        Received::Unbound(op) => library_call(vm, "_resolve_unbound", &vm.int(op.number())),
    }
}

fn get(vm: &Vm, a: Args<'_>) -> PyResult {
    let q = queue_of(vm, a.get(0))?;
    let block = a.opt(1).map_or(Ok(true), |v| vm.truthy(v))?;
    let limit = if block { Limit::new(vm, a.some(2))? } else { None };
    let attempt = || match q.try_get() {
        Err(RecvError::Empty) => None,
        done => Some(done),
    };
    let done = match attempt() {
        Some(done) => done,
        None if !block => return Err(empty(vm, &q)),
        None => match waiting::poll(vm, || if q.is_empty() { None } else { attempt() }) {
            Some(done) => done,
            None => loop {
                let until = limit.as_ref().and_then(Limit::deadline);
                match waiting::sleep(vm, until, |w| q.get(w), |e| *e == RecvError::Interrupted)? {
                    Err(RecvError::TimedOut) => match &limit {
                        Some(limit) if !limit.is_over(vm)? => (),
                        _ => return Err(empty(vm, &q)),
                    },
                    done => break done,
                }
            },
        },
    };
    match done {
        Ok(received) => {
            super::super::count_received(vm, "queue", q.id());
            deliver(vm, received)
        }
        Err(_) => Err(gone(vm, &q)),
    }
}

/// What `unbounditems` asks for; `None` is the queue's default.
fn unbound_op(vm: &Vm, v: Option<&Value>) -> PyResult<Option<UnboundOp>> {
    let Some(v) = v else { return Ok(None) };
    let op = library_call(vm, "_serialize_unbound", v)?;
    unbound(vm, Some(&vm.get_item(&op, &Value::int_unchecked(0))?))
}

fn sent(vm: &Vm, q: &Queue) -> Value {
    super::super::count_sent(vm, "queue", q.id());
    Value::NONE
}

fn put(vm: &Vm, a: Args<'_>) -> PyResult {
    let q = queue_of(vm, a.get(0))?;
    let block = a.opt(2).map_or(Ok(true), |v| vm.truthy(v))?;
    let op = unbound_op(vm, a.some(4))?;
    let limit = if block { Limit::new(vm, a.some(3))? } else { None };
    let mut value = crossing::to_portable(vm, a.get(1), Fallback::Full)?;
    let sender = current(vm)?.id() as u64;
    match q.try_put(sender, value, op) {
        Ok(()) => return Ok(sent(vm, &q)),
        Err(e) if e.failure != SendFailure::Full => return Err(gone(vm, &q)),
        Err(_) if !block => return Err(full(vm, &q)),
        Err(e) => value = e.value,
    }
    waiting::poll(vm, || (!q.is_full()).then_some(()));
    loop {
        let until = limit.as_ref().and_then(Limit::deadline);
        let mut left = Some(std::mem::take(&mut value));
        let put = |w: &serpens_share::Wait<'_>| {
            q.put(sender, left.take().unwrap_or(Portable::None), op, w).map_err(|e| {
                left = Some(e.value);
                e.failure
            })
        };
        let done = waiting::sleep(vm, until, put, |e| *e == SendFailure::Interrupted)?;
        match (done, &limit) {
            (Ok(()), _) => return Ok(sent(vm, &q)),
            (Err(SendFailure::TimedOut), Some(limit)) if !limit.is_over(vm)? => (),
            (Err(SendFailure::TimedOut), _) => return Err(full(vm, &q)),
            (Err(_), _) => return Err(gone(vm, &q)),
        }
        value = left.take().unwrap_or(Portable::None);
    }
}
