//! `_interpcontrol`: what an interpreter has counted, where its threads are, and what stops a call. Not in CPython.
//!
//! Rooms: this file has counters and stacks; [`ticket`] stops calls.

mod ticket;

use super::find;
use serpens_state::interpreter::runtime_of;
use serpens_state::structseq::StructSeq;
use serpens_state::{NativeModule, Refused, blocking, errors};
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Value, Vm};
use std::time::Duration;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_interpcontrol")
    .doc("What interpreters have counted, where their threads are, and what stops a call.")
    .functions(&[
        MethodDef::new("stats", "(id, /)", stats),
        MethodDef::new("stacks", "(id, timeout, /)", stacks),
        MethodDef::raw("prepare", "(*names)", prepare),
    ])
    .types(&[&ticket::TICKET])
    .init(|vm, d| {
        d.set_name(vm, "Stopped", errors::class(vm, "Stopped")?);
        d.set_name(vm, "Stats", STATS.class(vm)?);
        Ok(())
    });

static STATS: StructSeq = StructSeq {
    name: "Stats",
    module: "interpreters",
    doc: "What an interpreter has counted since it was made.",
    fields: &[
        ("bytes", "bytes that live objects take"),
        ("peak_bytes", "the most bytes that they have taken"),
        ("objects", "live objects"),
        ("collections", "collections of cyclic garbage"),
        ("collected", "objects that these have found"),
        ("run_time", "seconds that threads have been inside, running"),
        ("entries", "how often a thread has entered or come back from a wait"),
        ("threads", "threads that are inside or will come back"),
        ("lock_waits", "how often a thread has waited for the interpreter's lock"),
        ("hand_offs", "how often a running thread has let another one run"),
        ("sent", "objects put into channels and queues"),
        ("received", "objects taken out of them"),
    ],
    n_sequence: 12,
};

/// Runs the bodies of modules of the library for interpreters to come.
fn prepare(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    if args.named().next().is_some() {
        return Err(vm.type_error("prepare() takes no keyword arguments"));
    }
    let mut names = Vec::new();
    for name in args.pos() {
        match name.downcast::<Str>() {
            Some(name) => names.push(name.to_string()),
            None => return Err(vm.type_error(&format!("module names must be str, not {}", vm.type_of(name).name()))),
        }
    }
    let Some(runtime) = runtime_of(vm) else { return Ok(vm.tuple(Vec::new())) };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let prepared = blocking(vm, || runtime.prepare_library(&names));
    Ok(vm.tuple(prepared.iter().map(|name| vm.str(name)).collect()))
}

fn stats(vm: &Vm, a: Args<'_>) -> PyResult {
    let i = find(vm, a.get(0), "", false)?;
    // The own counters are read at once; to see another's this thread steps aside.
    let s = if i.is_entered_here() { i.stats() } else { blocking(vm, || i.stats()) };
    let size = |n: usize| Value::from_usize(n);
    let count = |n: u64| vm.int_u64(n);
    let fields = vec![
        size(s.bytes),
        size(s.peak_bytes),
        size(s.objects),
        count(s.collections),
        count(s.collected),
        Value::float(s.run_time.as_secs_f64()),
        count(s.entries),
        size(s.threads),
        count(s.lock_waits),
        count(s.hand_offs),
        count(s.sent),
        count(s.received),
    ];
    STATS.make(vm, fields)
}

/// `stacks(id, timeout)`: of each thread its identity, whether it is the main one, and its frames as tuples of file, line
/// and function, the innermost last.
fn stacks(vm: &Vm, a: Args<'_>) -> PyResult {
    let i = find(vm, a.get(0), "", false)?;
    let seconds = vm.to_f64(a.get(1))?;
    if seconds < 0.0 || seconds.is_nan() {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    let timeout = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    let found = if i.is_entered_here() { i.stacks(timeout) } else { blocking(vm, || i.stacks(timeout)) };
    let all = match found {
        Ok(all) => all,
        Err(Refused::TimedOut) => {
            let message = format!("interpreter {} runs native code", i.id());
            return Err(vm.raise_text(vm.types().TimeoutError, &message));
        }
        Err(Refused::Closed) => {
            let message = format!("unrecognized interpreter ID {}", i.id());
            return Err(errors::raise(vm, "InterpreterNotFoundError", &message));
        }
    };
    let rows = all.iter().map(|stack| {
        let frames = stack.frames.iter().map(|f| {
            let line = if f.line == 0 { Value::NONE } else { Value::from_usize(f.line as usize) };
            vm.tuple(vec![vm.str(&f.file), line, vm.str(&f.function)])
        });
        vm.tuple(vec![vm.int_u64(stack.thread), Value::bool(stack.is_main), vm.list(frames.collect())])
    });
    Ok(vm.list(rows.collect()))
}
