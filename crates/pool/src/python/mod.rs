//! `serpens_pool`: the pool for Python programs.
//!
//! Rooms: this file has the class `Pool`; [`call`] what crosses with a call, there and back; [`future`] the result of
//! `submit`; [`map`] that of `map`.

mod call;
mod future;
mod map;

use crate::pool::{Builder, Isolation, Pool};
use call::{Callable, Callables};
use future::{CallJob, Future};
use serpens_share::{Portable, Wait, WaitError};
use serpens_state::crossing::{self, Fallback};
use serpens_state::interpreter::runtime_of;
use serpens_state::{NativeModule, blocking, waiting};
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The modules of this crate.
pub const MODULES: &[&NativeModule] = &[&MODULE];

/// `serpens_pool`.
pub static MODULE: NativeModule = NativeModule::new("serpens_pool")
    .doc("A work-stealing pool of interpreters.\n\nPool.submit() and Pool.map() run functions in worker interpreters, on all cores.\nFunctions, arguments and results cross as they do for concurrent.interpreters.")
    .types(&[&POOL, &future::TYPE, &map::TYPE]);

/// The payload of a `Pool`. A pool that is forgotten runs what is queued; nobody waits for it.
struct PoolObj {
    pool: Pool,
    callables: Callables,
}

serpens_vm::native_payload!(PoolObj {});

impl Drop for PoolObj {
    fn drop(&mut self) {
        self.pool.abandon();
    }
}

/// `Pool`.
static POOL: TypeDef = TypeDef::new::<PoolObj>("Pool")
    .module("serpens_pool")
    .doc(
        "Pool(workers=None, *, isolation='worker', time_limit=None, memory_limit=None, initializer=None, initargs=())\n--\n\n\
         A pool of interpreters that run functions on all cores.\n\nisolation: 'worker' keeps an interpreter for each worker, 'task' makes a fresh one for each task.\n\
         time_limit: seconds after which a task is stopped.\nmemory_limit: bytes that the objects of one interpreter may take.\n\
         initializer: a function that runs in each interpreter first.",
    )
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots { new: Some(new), repr: Some(repr), ..Slots::EMPTY })
    .methods(&[
        MethodDef::raw("submit", "($self, fn, /, *args, **kwargs)", submit)
            .doc("Queue fn(*args, **kwargs) and return its Future."),
        MethodDef::raw("map", "($self, fn, /, *iterables, timeout=None, chunksize=None)", map::map).doc(
            "An iterator over the results of fn for the items of the iterables, in their order.\n\nThe items are sent in \
             chunks, which idle workers split; chunksize fixes their size.",
        ),
        MethodDef::new("shutdown", "($self, /, wait=True, *, cancel_futures=False)", shutdown)
            .doc("Take no more tasks; wait for those that are queued, or cancel them."),
        MethodDef::new("metrics", "($self, /)", metrics).doc("What the pool has counted, as a dict."),
        MethodDef::new("__enter__", "($self, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::new("__exit__", "($self, type, value, traceback, /)", |vm, a| {
            finish(vm, &a.this::<PoolObj>().pool)?;
            Ok(Value::FALSE)
        }),
    ]);

const NEW: MethodDef = MethodDef::new(
    "Pool",
    "($type, workers=None, *, isolation='worker', time_limit=None, memory_limit=None, initializer=None, initargs=(), template=None)",
    make,
);

fn new(vm: &Vm, class: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let mut all = vec![class.value()];
    all.extend_from_slice(args.all());
    serpens_vm::native::call_native(vm, &NEW, "", &CallArgs::new(&all, args.names()))
}

/// A number of seconds. `None` is no limit.
fn seconds(vm: &Vm, value: Option<&Value>) -> PyResult<Option<Duration>> {
    let Some(value) = value else { return Ok(None) };
    let seconds = vm.to_f64(value)?;
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    Ok(Duration::try_from_secs_f64(seconds.max(0.0)).ok())
}

fn make(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(runtime) = runtime_of(vm) else { return Err(vm.runtime_error("no runtime")) };
    let mut builder = Pool::builder(&runtime).thread_name("serpens-pool");
    if let Some(n) = a.some(1) {
        let n = vm.index_i64(n)?;
        if n <= 0 {
            return Err(vm.value_error("workers must be greater than 0"));
        }
        builder = builder.workers(n as usize);
    }
    match a.opt(2).and_then(|v| v.downcast::<Str>()).map(|s| s.as_str_lossy()) {
        None if a.opt(2).is_none() => {}
        Some("worker") => {}
        Some("task") => builder = builder.isolation(Isolation::Task),
        _ => return Err(vm.value_error("isolation must be 'worker' or 'task'")),
    }
    if let Some(limit) = seconds(vm, a.some(3))? {
        builder = builder.time_limit(limit);
    }
    if let Some(bytes) = a.some(4) {
        builder = builder.memory_limit(vm.arg_usize(bytes)?);
    }
    if let Some(template) = a.some(7) {
        let Some(template) = serpens_stdlib::interpreters::share::template_of(template) else {
            let given = vm.type_of(template).name();
            return Err(vm.type_error(&format!("template must be an interpreters.Template, not {given}")));
        };
        builder = builder.template(template);
    }
    builder = with_initializer(vm, builder, a)?;
    match builder.build() {
        Ok(pool) => {
            let class = TypeObj::from_value(a.get(0)).expect("the class itself");
            Ok(vm.alloc(class, PoolObj { pool, callables: Callables::default() }))
        }
        Err(e) => Err(vm.runtime_error(&format!("can't start new thread: {e}"))),
    }
}

fn with_initializer(vm: &Vm, builder: Builder, a: Args<'_>) -> PyResult<Builder> {
    let Some(function) = a.some(5) else { return Ok(builder) };
    if !vm.is_callable(function) {
        return Err(vm.type_error("initializer must be a callable"));
    }
    let callable = Callable::new(crossing::to_portable(vm, function, Fallback::Full)?);
    let args = match a.opt(6) {
        Some(args) => portables(vm, &vm.collect(args)?)?,
        None => Vec::new(),
    };
    Ok(builder.initializer(move |py| {
        let vm = py.vm();
        py.ok((|| {
            let f = callable.value(vm)?;
            let args = args.iter().map(|p| crossing::from_portable(vm, p)).collect::<PyResult<Vec<_>>>()?;
            vm.call_pos(&f, &args).map(drop)
        })())
    }))
}

fn portables(vm: &Vm, values: &[Value]) -> PyResult<Vec<Portable>> {
    values.iter().map(|v| crossing::to_portable(vm, v, Fallback::Full)).collect()
}

fn this<'a>(vm: &Vm, args: &CallArgs<'a>) -> PyResult<&'a PoolObj> {
    match args.pos().first().and_then(|v| v.downcast::<PoolObj>()) {
        Some(this) => Ok(this),
        None => Err(vm.type_error("a method of 'Pool' needs a 'Pool' object")),
    }
}

fn open(vm: &Vm, this: &PoolObj) -> PyResult<()> {
    if this.pool.is_closed() {
        return Err(vm.runtime_error("cannot schedule new futures after shutdown"));
    }
    Ok(())
}

fn submit(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let this = this(vm, args)?;
    let [_, function, positional @ ..] = args.pos() else {
        return Err(vm.type_error("Pool.submit() missing 1 required positional argument: 'fn'"));
    };
    open(vm, this)?;
    let callable = this.callables.get(vm, function)?;
    let positional = portables(vm, positional)?;
    let mut named = Vec::new();
    for (name, value) in args.named() {
        named.push((vm.str_string(name)?.into(), crossing::to_portable(vm, value, Fallback::Full)?));
    }
    let job = Arc::new(CallJob::new(callable, positional, named));
    this.pool.queue(job.clone(), None);
    Ok(vm.alloc_native(&future::TYPE, Future { job }))
}

/// Sleeps off the interpreter's lock until `step` succeeds; false if the time is over first. What is asked of the thread
/// meanwhile it does in between.
fn wait(vm: &Vm, until: Option<Instant>, step: impl FnMut(&Wait<'_>) -> Result<(), WaitError>) -> PyResult<bool> {
    Ok(waiting::sleep_outside(vm, until, step, |e| *e == WaitError::Interrupted)?.is_ok())
}

/// Waits until all workers are gone; signal handlers run in between.
fn finish(vm: &Vm, pool: &Pool) -> PyResult<()> {
    pool.close();
    wait(vm, None, |limits| pool.wait_within(limits))?;
    blocking(vm, || pool.shutdown());
    Ok(())
}

fn shutdown(vm: &Vm, a: Args<'_>) -> PyResult {
    let pool = &a.this::<PoolObj>().pool;
    let wait = a.opt(1).map_or(Ok(true), |v| vm.truthy(v))?;
    pool.close();
    if a.opt(2).map_or(Ok(false), |v| vm.truthy(v))? {
        pool.cancel_queued();
    }
    if wait {
        finish(vm, pool)?;
    }
    Ok(Value::NONE)
}

fn metrics(vm: &Vm, a: Args<'_>) -> PyResult {
    let m = a.this::<PoolObj>().pool.metrics();
    let dict = vm.new_dict();
    let d = dict.downcast::<serpens_vm::types::dict::Dict>().expect("just made");
    let counts = [
        ("workers", m.workers as u64),
        ("sleeping", m.sleeping as u64),
        ("submitted", m.submitted),
        ("completed", m.completed),
        ("failed", m.failed),
        ("stolen", m.stolen),
        ("parked", m.parked),
        ("interpreters", m.interpreters),
        ("broken", m.broken),
    ];
    for (name, n) in counts {
        d.set_name(vm, name, vm.int_u64(n));
    }
    Ok(dict)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<PoolObj>() else { return Err(vm.type_error("not a Pool")) };
    let m = this.pool.metrics();
    let state = if this.pool.is_closed() { "closed" } else { "open" };
    Ok(vm.str(&format!("<serpens_pool.Pool workers={} {state}>", m.workers)))
}

/// The items of a tuple.
fn items(value: &Value) -> &[Value] {
    value.downcast::<Tuple>().map_or(&[], Tuple::as_slice)
}
