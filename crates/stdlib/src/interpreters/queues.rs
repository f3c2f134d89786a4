//! `_interpqueues`: queues between interpreters, by id.

mod wait;

use super::current;
use serpens_share::SendFailure;
use serpens_share::cross::{Defaults, Queue, Received, Registry, RegistryError, UnboundOp};
use serpens_share::{Portable, RecvError};
use serpens_state::NativeModule;
use serpens_state::crossing::{self, CrossingTypes, Receivers};
use serpens_state::errors;
use serpens_vm::cell::VCell;
use serpens_vm::{Args, MethodDef, PyResult, Raised, Value, Vm};
use std::sync::Arc;

/// `_interpqueues`.
pub static MODULE: NativeModule = NativeModule::new("_interpqueues")
    .doc("This module provides primitive operations to manage Python interpreters.\nThe 'interpreters' module provides a more convenient interface.")
    .functions(&[
        MethodDef::new("create", "(maxsize, unboundop=-1, fallback=-1)", create),
        MethodDef::new("destroy", "(qid)", |vm, a| {
            let id = qid(vm, a.get(0))?;
            queues(vm)?.destroy(id).map_err(|e| registry_error(vm, id, &e))?;
            Ok(Value::NONE)
        }),
        MethodDef::new("list_all", "()", |vm, _| {
            let all = queues(vm)?.list();
            let rows = all.iter().rev().map(|q| {
                let d = q.defaults();
                vm.tuple(vec![vm.int(q.id() as i64), vm.int(d.unbound.number()), vm.int(d.fallback.into())])
            });
            Ok(vm.list(rows.collect()))
        }),
        MethodDef::new("put", "(qid, obj, unboundop=-1, fallback=-1)", put),
        MethodDef::new("get", "(qid)", get),
        MethodDef::new("bind", "(qid)", |vm, a| {
            let id = qid(vm, a.get(0))?;
            queues(vm)?.bind(id).map_err(|e| registry_error(vm, id, &e))?;
            Ok(Value::NONE)
        }),
        MethodDef::new("release", "(qid)", |vm, a| {
            let id = qid(vm, a.get(0))?;
            queues(vm)?.release(id).map_err(|e| registry_error(vm, id, &e))?;
            Ok(Value::NONE)
        }),
        MethodDef::new("get_maxsize", "(qid)", |vm, a| Ok(vm.int(find(vm, a.get(0))?.maxsize()))),
        MethodDef::new("get_queue_defaults", "(qid)", |vm, a| {
            let d = find(vm, a.get(0))?.defaults();
            Ok(vm.tuple(vec![vm.int(d.unbound.number()), vm.int(d.fallback.into())]))
        }),
        MethodDef::new("is_full", "(qid)", |vm, a| Ok(Value::bool(find(vm, a.get(0))?.is_full()))),
        MethodDef::new("get_count", "(qid)", |vm, a| Ok(Value::from_usize(find(vm, a.get(0))?.len()))),
        MethodDef::new("_register_heap_types", "(queuetype, emptyerror, fullerror)", register),
    ])
    .init(|vm, d| {
        let base = errors::make(vm, "QueueError", "concurrent.interpreters", vm.types().RuntimeError.value(), "Indicates that a queue-related error happened.")?;
        let missing = errors::make(vm, "QueueNotFoundError", "concurrent.interpreters", base.clone(), "")?;
        let classes = vm.local(|_| Classes::default());
        classes.error.set(base.clone());
        classes.not_found.set(missing.clone());
        d.set_name(vm, "QueueError", base);
        d.set_name(vm, "QueueNotFoundError", missing);
        Ok(())
    });

/// Classes of one interpreter that this module raises or makes.
#[derive(Default)]
struct Classes {
    error: VCell,
    not_found: VCell,
    queue: VCell,
    empty: VCell,
    full: VCell,
}

serpens_vm::local!(Classes { error, not_found, queue, empty, full });

fn queues(vm: &Vm) -> PyResult<Arc<Registry<Queue>>> {
    crossing::registry(vm)
}

fn raise(vm: &Vm, class: Option<Value>, message: &str) -> Raised {
    let class = class.unwrap_or_else(|| vm.types().RuntimeError.value());
    match vm.call_one(&class, &vm.str(message)) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}

fn registry_error(vm: &Vm, id: u64, e: &RegistryError) -> Raised {
    let classes = vm.local(|_| Classes::default());
    match e {
        RegistryError::NotFound(_) => raise(vm, classes.not_found.get(), &format!("queue {id} not found")),
        RegistryError::NeverBound(_) => raise(vm, classes.error.get(), &format!("queue {id} never bound")),
    }
}

fn qid(vm: &Vm, v: &Value) -> PyResult<u64> {
    let v = match v.is_small_int() {
        true => v.clone(),
        false => match vm.getattr_opt(v, &vm.intern("_id"))? {
            Some(id) => id,
            None => v.clone(),
        },
    };
    if !vm.is_int(&v) {
        return Err(vm.type_error(&format!("queue ID must be an int, got {}", vm.type_of(&v).name())));
    }
    let n = match super::id_number(vm, &v) {
        Ok(n) => n,
        Err(_) => {
            drop(vm.take_raised());
            let message = format!("max queue ID is {}, got {}", i64::MAX, vm.repr_string(&v)?);
            return Err(vm.overflow_error(&message));
        }
    };
    u64::try_from(n).map_err(|_| vm.value_error(&format!("queue ID must be a non-negative int, got {n}")))
}

fn find(vm: &Vm, v: &Value) -> PyResult<Arc<Queue>> {
    let id = qid(vm, v)?;
    queues(vm)?.get(id).map_err(|e| registry_error(vm, id, &e))
}

/// The queue behind an object of the registered class.
pub(super) fn registered(vm: &Vm, v: &Value) -> PyResult<Option<Arc<Queue>>> {
    match vm.local(|_| Classes::default()).queue.get() {
        Some(class) if class.is(&vm.type_of(v).value()) => find(vm, v).map(Some),
        _ => Ok(None),
    }
}

fn empty(vm: &Vm, q: &Queue) -> Raised {
    raise(vm, vm.local(|_| Classes::default()).empty.get(), &format!("queue {} is empty", q.id()))
}

fn full(vm: &Vm, q: &Queue) -> Raised {
    raise(vm, vm.local(|_| Classes::default()).full.get(), &format!("queue {} is full", q.id()))
}

fn gone(vm: &Vm, q: &Queue) -> Raised {
    registry_error(vm, q.id(), &RegistryError::NotFound(q.id()))
}

fn unbound(vm: &Vm, v: Option<&Value>) -> PyResult<Option<UnboundOp>> {
    let n = v.map_or(Ok(-1), |v| vm.index_i64(v))?;
    if n < 0 {
        return Ok(None);
    }
    match UnboundOp::from_number(n) {
        Some(op) => Ok(Some(op)),
        None => Err(vm.value_error(&format!("unsupported unboundop {n}"))),
    }
}

fn create(vm: &Vm, a: Args<'_>) -> PyResult {
    let maxsize = vm.index_i64(a.get(0)).or_else(|e| super::too_large(vm, e))?;
    let op = unbound(vm, a.opt(1))?.unwrap_or(UnboundOp::Unbound);
    let fallback = super::fallback_number(vm, a.opt(2), 1)?;
    let made = queues(vm)?.create(maxsize, Defaults { unbound: op, fallback });
    Ok(vm.int(made.id() as i64))
}

fn put(vm: &Vm, a: Args<'_>) -> PyResult {
    let q = find(vm, a.get(0))?;
    let op = unbound(vm, a.opt(2))?;
    let fallback = super::fallback(vm, a.opt(3), q.defaults().fallback)?;
    let value = crossing::to_portable(vm, a.get(1), fallback)?;
    let sender = current(vm)?.id() as u64;
    match q.try_put(sender, value, op) {
        Ok(()) => {
            super::count_sent(vm, "queue", q.id());
            Ok(Value::NONE)
        }
        Err(e) if e.failure == SendFailure::Full => Err(full(vm, &q)),
        Err(_) => Err(gone(vm, &q)),
    }
}

fn get(vm: &Vm, a: Args<'_>) -> PyResult {
    let q = find(vm, a.get(0))?;
    match q.try_get() {
        Ok(Received::Value(p)) => {
            super::count_received(vm, "queue", q.id());
            Ok(vm.tuple(vec![crossing::from_portable(vm, &p)?, Value::NONE]))
        }
        Ok(Received::Unbound(op)) => Ok(vm.tuple(vec![Value::NONE, vm.int(op.number())])),
        Err(RecvError::Empty) => Err(empty(vm, &q)),
        Err(_) => Err(gone(vm, &q)),
    }
}

fn register(vm: &Vm, a: Args<'_>) -> PyResult {
    let classes = vm.local(|_| Classes::default());
    classes.queue.set(a.get(0).clone());
    classes.empty.set(a.get(1).clone());
    classes.full.set(a.get(2).clone());
    let types = vm.local(|_| CrossingTypes::default());
    types.register(a.get(0), |vm, v| qid(vm, v).map(Portable::QueueEnd));
    wait::install(vm, a.get(0))?;
    vm.local(|_| Receivers::default()).queue.set(Some(|vm, id| {
        let class = vm.local(|_| Classes::default()).queue.get_or_none();
        vm.call_one(&class, &vm.int(id as i64))
    }));
    Ok(Value::NONE)
}
