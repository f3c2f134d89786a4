//! `_queue`: `SimpleQueue`, a queue between threads of an interpreter.
//!
//! Invariant: the items are touched under the interpreter's lock only; the semaphore is what a waiting thread, which does
//! not hold that lock, can see.

use super::lock::wait;
use crate::text::exception_class;
use serpens_share::prims::Semaphore;
use serpens_state::{NativeModule, waiting};
use serpens_vm::cell::VCell;
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, MethodDef, PyResult, Raised, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_queue")
    .doc("Queues between threads: an implementation detail of the module queue.")
    .types(&[&SIMPLE_QUEUE])
    .init(|vm, d| {
        d.set_name(vm, "Empty", vm.local(State::new).empty.get_or_none());
        Ok(())
    });

/// The module's state in an interpreter.
struct State {
    empty: VCell,
}

serpens_vm::local!(State { empty });

impl State {
    fn new(vm: &Vm) -> State {
        State { empty: VCell::from(exception_class(vm, "_queue", "Empty", vm.types().Exception).ok()) }
    }
}

fn empty(vm: &Vm) -> Raised {
    let class = vm.local(State::new).empty.get_or_none();
    match TypeObj::from_value(&class) {
        Some(ty) => vm.raise_with(ty, Vec::new()),
        None => vm.value_error("empty"),
    }
}

/// `_queue.SimpleQueue`.
pub struct SimpleQueue {
    items: RefCell<VecDeque<Value>>,
    /// A permit for each item that was put while somebody waited. There may be more permits than items: who waits looks
    /// again.
    put: Arc<Semaphore>,
    waiting: Cell<usize>,
}

// SAFETY: made by the heap only; the type says which payload it is.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for SimpleQueue {
    const KIND: Kind = Kind::Native;

    #[inline(always)]
    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<SimpleQueue>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.items.borrow().iter().for_each(visit);
    }

    fn clear(&self) {
        drop(self.items.take());
    }
}

/// The type `SimpleQueue`.
pub static SIMPLE_QUEUE: TypeDef = TypeDef::new::<SimpleQueue>("SimpleQueue")
    .copied_then(|copier, h| {
        let own = |items: &RefCell<VecDeque<Value>>| items.borrow().iter().map(|v| copier.take(v)).collect();
        copier.renew(h, |q: &SimpleQueue| &q.items, |items| RefCell::new(own(items)));
        copier.renew(h, |q: &SimpleQueue| &q.put, |_| Arc::new(Semaphore::new(0)));
        copier.renew(h, |q: &SimpleQueue| &q.waiting, |_| Cell::new(0));
    })
    .module("_queue")
    .doc("Simple, unbounded, reentrant FIFO queue.")
    .basetype()
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, ty, args| {
            if ty.is(vm.type_of_def(&SIMPLE_QUEUE)) && !args.all().is_empty() {
                let what = if args.n_named() > 0 { "keyword" } else { "positional" };
                return Err(vm.type_error(&format!("SimpleQueue() takes no {what} arguments")));
            }
            let payload =
                SimpleQueue { items: RefCell::default(), put: Arc::new(Semaphore::new(0)), waiting: Cell::new(0) };
            Ok(vm.alloc(ty, payload))
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("put", "($self, item, block=True, timeout=None)", put).doc("Put the item on the queue."),
        MethodDef::new("put_nowait", "($self, item)", put).doc("Put an item into the queue without blocking."),
        MethodDef::new("get", "($self, block=True, timeout=None)", get)
            .doc("Remove and return an item from the queue."),
        MethodDef::new("get_nowait", "($self, /)", |vm, a| {
            let item = a.this::<SimpleQueue>().items.borrow_mut().pop_front();
            item.ok_or_else(|| empty(vm))
        })
        .doc("Remove and return an item from the queue without blocking."),
        MethodDef::new("empty", "($self, /)", |_, a| {
            Ok(Value::bool(a.this::<SimpleQueue>().items.borrow().is_empty()))
        })
        .doc("Return True if the queue is empty, False otherwise (not reliable!)."),
        MethodDef::new("qsize", "($self, /)", |_, a| {
            Ok(Value::from_usize(a.this::<SimpleQueue>().items.borrow().len()))
        })
        .doc("Return the approximate size of the queue (not reliable!)."),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("SimpleQueues are generic over the type of their contents"),
    ]);

fn put(_: &Vm, a: Args<'_>) -> PyResult {
    let queue = a.this::<SimpleQueue>();
    queue.items.borrow_mut().push_back(a.get(1).clone());
    if queue.waiting.get() > 0 {
        queue.put.release(1);
    }
    Ok(Value::NONE)
}

fn timeout(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Duration>> {
    let Some(v) = v else { return Ok(None) };
    let Some(seconds) = vm.real_number(v)? else {
        let name = vm.type_of(v).name();
        return Err(vm.type_error(&format!("'{name}' object cannot be interpreted as an integer or float")));
    };
    if seconds < 0.0 {
        return Err(vm.value_error("'timeout' must be a non-negative number"));
    }
    if seconds.is_nan() || seconds > super::lock::TIMEOUT_MAX {
        return Err(vm.overflow_error("timestamp out of range for C PyTime_t"));
    }
    Ok(Some(Duration::from_secs_f64(seconds)))
}

fn get(vm: &Vm, a: Args<'_>) -> PyResult {
    let queue = a.this::<SimpleQueue>();
    let block = a.opt(1).map_or(Ok(true), |v| vm.truthy(v))?;
    let until = if block { waiting::deadline(timeout(vm, a.some(2))?) } else { None };
    let mut over = !block;
    loop {
        let item = queue.items.borrow_mut().pop_front();
        if let Some(item) = item {
            return Ok(item);
        }
        if over {
            return Err(empty(vm));
        }
        if queue.waiting.get() == 0 {
            // Permits for items that others have taken.
            while queue.put.try_acquire() {}
        }
        let put = queue.put.clone();
        queue.waiting.set(queue.waiting.get() + 1);
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let woken = wait(vm, left, |wait| put.acquire(wait));
        queue.waiting.set(queue.waiting.get() - 1);
        over = !woken?;
    }
}
