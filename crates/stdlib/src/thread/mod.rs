//! `_thread`: threads that run in the interpreter that starts them.
//!
//! Rooms: this file starts threads; [`handle`] what joins them; [`lock`] locks; [`local`] thread-local data;
//! [`queue`] the module `_queue`.
//!
//! Invariant: values cross to a new thread in a [`Job`], which is opened and dropped only while that thread holds the
//! interpreter's lock.
#![expect(unsafe_code, reason = "values handed to a thread under the interpreter's lock; system calls")]

pub mod handle;
pub mod local;
pub mod lock;
pub mod queue;

use handle::{Done, Handle, HandleObj};
use serpens_state::interpreter::interpreter_of;
use serpens_state::structseq::StructSeq;
use serpens_state::sys::report;
use serpens_state::{Interpreter, NativeModule};
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Native stack of a thread unless another is asked for.
const STACK: usize = 16 << 20;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_thread")
    .doc("This module provides primitive operations to write multi-threaded programs.\nThe 'threading' module provides a more convenient interface.")
    .functions(FUNCTIONS)
    .types(&[&lock::LOCK, &lock::RLOCK, &handle::HANDLE, &local::LOCAL])
    .init(init);

/// What a module keeps in an interpreter.
struct Threads {
    running: Arc<AtomicUsize>,
    /// Threads that shutdown waits for.
    waited: RefCell<Vec<Arc<Handle>>>,
    stack: Cell<usize>,
    main: Cell<u64>,
}

impl Local for Threads {
    fn carried(&self, _: &Copier<'_>) -> Option<Self> {
        Some(Threads {
            running: Arc::default(),
            waited: RefCell::default(),
            stack: self.stack.clone(),
            main: Cell::new(ident()),
        })
    }

    fn refusal(&self) -> Option<&'static str> {
        (self.running.load(Ordering::Relaxed) > 0).then_some("a thread runs in it")
    }
}

fn threads(vm: &Vm) -> std::rc::Rc<Threads> {
    vm.local(|_| Threads {
        running: Arc::default(),
        waited: RefCell::default(),
        stack: Cell::new(0),
        main: Cell::new(ident()),
    })
}

/// The identity of this thread, as `threading.get_ident()` gives it.
pub fn ident() -> u64 {
    // SAFETY: it has no preconditions.
    unsafe { libc::pthread_self() as u64 }
}

/// In the child of a `fork`: this thread is the only one, and the main one.
pub fn after_fork(vm: &Vm) {
    let t = threads(vm);
    t.running.store(0, Ordering::Relaxed);
    // Their mutexes may be held by threads that are gone: they are not looked at any more.
    std::mem::forget(t.waited.take());
    t.main.set(ident());
}

/// What a new thread is to call.
struct Job {
    function: Value,
    args: Vec<Value>,
    kwargs: Option<Value>,
}

/// A job on its way to its thread.
struct Parcel(Job);

// SAFETY: the values of a parcel are touched only by the thread that holds the interpreter's lock: the maker fills it
// under the lock, the new thread opens it after attaching, and it is leaked if the interpreter is gone.
unsafe impl Send for Parcel {}

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("_excepthook", "(args, /)", excepthook).doc("Handle uncaught Thread.run() exception."),
    MethodDef::raw("start_new_thread", "(function, args, kwargs={}, /)", start_new)
        .doc("Start a new thread and return its identifier."),
    MethodDef::raw("start_new", "(function, args, kwargs={}, /)", start_new),
    MethodDef::new("start_joinable_thread", "(function, handle=None, daemon=True)", start_joinable)
        .doc("*For internal use only*: start a new thread."),
    MethodDef::new("allocate_lock", "()", |vm, _| Ok(lock::new_lock(vm))).doc("allocate_lock() -> lock object"),
    MethodDef::new("allocate", "()", |vm, _| Ok(lock::new_lock(vm))),
    MethodDef::new("get_ident", "()", |vm, _| Ok(vm.int_u64(ident())))
        .doc("Return the identity of the current thread."),
    MethodDef::new("get_native_id", "()", |vm, _| {
        // SAFETY: it has no preconditions.
        Ok(vm.int(unsafe { libc::syscall(libc::SYS_gettid) }))
    }),
    MethodDef::new("_get_main_thread_ident", "()", |vm, _| Ok(vm.int_u64(threads(vm).main.get()))),
    MethodDef::new("_is_main_interpreter", "()", |vm, _| {
        Ok(Value::bool(interpreter_of(vm).is_none_or(|i| i.is_main())))
    }),
    MethodDef::new("daemon_threads_allowed", "()", |vm, _| {
        Ok(Value::bool(interpreter_of(vm).is_none_or(|i| i.config().allow_daemon_threads)))
    }),
    MethodDef::new("_count", "()", |vm, _| Ok(Value::from_usize(threads(vm).running.load(Ordering::Relaxed)))),
    MethodDef::new("_make_thread_handle", "(ident, /)", |vm, a| {
        let ident = vm.arg_u64(a.get(0))?;
        Ok(vm.alloc_native(&handle::HANDLE, HandleObj { inner: Handle::running(ident) }))
    }),
    MethodDef::new("_shutdown", "()", |vm, _| {
        loop {
            let next = threads(vm).waited.borrow_mut().pop();
            let Some(h) = next else { return Ok(Value::NONE) };
            if h.ident() != Some(ident()) && h.join(vm, None).is_err() {
                let message = "Exception ignored while joining a thread in _thread._shutdown()";
                report::unraisable(vm, vm.take_raised(), message, &Value::NONE);
                return Ok(Value::NONE);
            }
        }
    }),
    MethodDef::new("exit", "()", exit),
    MethodDef::new("exit_thread", "()", exit),
    MethodDef::new("stack_size", "(size=0, /)", |vm, a| {
        let t = threads(vm);
        let old = t.stack.get();
        if let Some(n) = a.opt(0) {
            match vm.arg_isize(n)? {
                n if n < 0 => return Err(vm.value_error("size must be 0 or a positive value")),
                n if n != 0 && n < 32768 => return Err(vm.value_error(&format!("size not valid: {n} bytes"))),
                n => t.stack.set(n as usize),
            }
        }
        Ok(Value::from_usize(old))
    }),
    MethodDef::new("interrupt_main", "(signum=2, /)", |vm, a| {
        let n = a.opt(0).map_or(Ok(libc::SIGINT), |n| vm.arg_i32(n))?;
        if !(1..=64).contains(&n) {
            return Err(vm.value_error("signal number out of range"));
        }
        crate::signal::trip(vm, n);
        vm.on_break()?;
        Ok(Value::NONE)
    }),
    MethodDef::new("set_name", "(name)", |vm, a| {
        let Some(s) = a.get(0).downcast::<Str>() else {
            return Err(vm.type_error("set_name() argument 'name' must be str"));
        };
        let mut bytes: Vec<u8> = s.as_bytes().iter().copied().take_while(|b| *b != 0).take(15).collect();
        bytes.push(0);
        // SAFETY: the name ends with a zero and is at most 16 bytes long.
        unsafe { libc::pthread_setname_np(libc::pthread_self(), bytes.as_ptr().cast()) };
        Ok(Value::NONE)
    }),
    MethodDef::new("_get_name", "()", |vm, _| {
        let mut name = [0_u8; 16];
        // SAFETY: the name is copied to a local of the size given, with a zero at its end.
        let failed = unsafe { libc::pthread_getname_np(libc::pthread_self(), name.as_mut_ptr().cast(), name.len()) };
        match failed {
            0 => crate::posix::path::fs_decode(vm, name.split(|b| *b == 0).next().unwrap_or(&[])),
            errno => Err(vm.os_error(errno, None)),
        }
    })
    .doc("Get the name of the current thread."),
];

fn exit(vm: &Vm, _: Args<'_>) -> PyResult {
    Err(vm.raise_with(vm.types().SystemExit, Vec::new()))
}

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    threads(vm);
    dict.set_name(vm, "error", vm.types().RuntimeError.value());
    dict.set_name(vm, "LockType", vm.native_type(&lock::LOCK));
    dict.set_name(vm, "TIMEOUT_MAX", Value::float(lock::TIMEOUT_MAX));
    dict.set_name(vm, "_NAME_MAXLEN", Value::from_usize(15));
    dict.set_name(vm, "_ExceptHookArgs", HOOK_ARGS.class(vm)?);
    Ok(())
}

/// What `threading.excepthook` gets.
static HOOK_ARGS: StructSeq = StructSeq {
    name: "_ExceptHookArgs",
    module: "_thread",
    doc: "Type used to pass arguments to threading.excepthook.",
    fields: &[("exc_type", ""), ("exc_value", ""), ("exc_traceback", ""), ("thread", "")],
    n_sequence: 4,
};

/// `_excepthook(args)`: reports an exception that ended a thread.
fn excepthook(vm: &Vm, a: Args<'_>) -> PyResult {
    let args = a.get(0);
    let class = vm.getattr_str(args, "exc_type")?;
    if class.is(&vm.types().SystemExit.value()) {
        return Ok(Value::NONE);
    }
    let value = vm.getattr_str(args, "exc_value")?;
    let thread = vm.getattr_str(args, "thread")?;
    let name = if thread.is_none() {
        ident().to_string()
    } else {
        let name = vm.getattr_str(&thread, "_name")?;
        vm.str_string(&name)?
    };
    report::write_stderr(vm, &format!("Exception in thread {name}:\n{}", vm.format_exception(&value)));
    Ok(Value::NONE)
}

fn start_new(vm: &Vm, args: &serpens_vm::CallArgs<'_>) -> PyResult {
    let pos = args.pos();
    if !(2..=3).contains(&pos.len()) {
        return Err(vm.type_error(&format!("start_new_thread expected at least 2 arguments, got {}", pos.len())));
    }
    if !vm.is_callable(&pos[0]) {
        return Err(vm.type_error("first arg must be callable"));
    }
    let Some(list) = pos[1].downcast::<Tuple>() else { return Err(vm.type_error("2nd arg must be a tuple")) };
    if pos.get(2).is_some_and(|k| !k.is_a::<Dict>()) {
        return Err(vm.type_error("optional 3rd arg must be a dictionary"));
    }
    let job = Job { function: pos[0].clone(), args: list.as_slice().to_vec(), kwargs: pos.get(2).cloned() };
    let h = Handle::fresh();
    spawn(vm, job, h.clone())?;
    Ok(vm.int_u64(h.ident().unwrap_or(0)))
}

fn start_joinable(vm: &Vm, a: Args<'_>) -> PyResult {
    if !vm.is_callable(a.get(0)) {
        return Err(vm.type_error("thread function must be callable"));
    }
    let daemon = a.opt(2).map_or(Ok(true), |d| vm.truthy(d))?;
    if daemon && interpreter_of(vm).is_some_and(|i| !i.config().allow_daemon_threads) {
        return Err(vm.runtime_error("daemon threads are disabled in this interpreter"));
    }
    let object = match a.some(1) {
        Some(h) if h.is_a::<HandleObj>() => h.clone(),
        Some(_) => return Err(vm.type_error("'handle' must be a _ThreadHandle")),
        None => vm.alloc_native(&handle::HANDLE, HandleObj { inner: Handle::fresh() }),
    };
    let Some(h) = object.downcast::<HandleObj>().map(|h| h.inner.clone()) else {
        return Err(vm.type_error("no handle"));
    };
    if !h.claim() {
        return Err(vm.runtime_error("thread already started"));
    }
    spawn(vm, Job { function: a.get(0).clone(), args: Vec::new(), kwargs: None }, h.clone())?;
    if !daemon {
        let t = threads(vm);
        let mut waited = t.waited.borrow_mut();
        waited.retain(|h| !h.is_done());
        waited.push(h);
    }
    Ok(object)
}

fn spawn(vm: &Vm, job: Job, h: Arc<Handle>) -> PyResult<()> {
    let Some(interpreter) = interpreter_of(vm) else { return Err(vm.runtime_error("no interpreter")) };
    if !interpreter.config().allow_threads {
        return Err(vm.runtime_error("thread is not supported for isolated subinterpreters"));
    }
    if vm.is_finalizing() || interpreter.is_closed() {
        let class = vm.types().PythonFinalizationError;
        return Err(vm.raise_text(class, "can't create new thread at interpreter shutdown"));
    }
    let t = threads(vm);
    let size = match t.stack.get() {
        0 => STACK,
        n => n.max(8 << 20),
    };
    let running = t.running.clone();
    running.fetch_add(1, Ordering::Relaxed);
    let parcel = Parcel(job);
    let (done, counter) = (Done(h.clone()), running.clone());
    let made = std::thread::Builder::new().stack_size(size).spawn(move || {
        let done = done;
        done.0.set_ident(ident());
        run(&interpreter, parcel);
        counter.fetch_sub(1, Ordering::Relaxed);
        drop(done);
    });
    match made {
        Ok(_) => {
            serpens_state::blocking(vm, || h.wait_ident());
            Ok(())
        }
        Err(_) => {
            running.fetch_sub(1, Ordering::Relaxed);
            Err(vm.runtime_error("can't start new thread"))
        }
    }
}

fn run(interpreter: &Interpreter, parcel: Parcel) {
    // The whole parcel moves in, not its field.
    let parcel = parcel;
    let Some(vm) = interpreter.attach() else {
        std::mem::forget(parcel);
        return;
    };
    let Parcel(job) = parcel;
    let r = match job.kwargs.as_ref().and_then(|k| k.downcast::<Dict>()) {
        Some(k) => vm.call_dict(&job.function, &job.args, k),
        None => vm.call_pos(&job.function, &job.args),
    };
    if r.is_err() {
        let e = vm.take_raised();
        if !vm.is_instance(&e, &vm.types().SystemExit.value()).unwrap_or(false) {
            let started = vm.repr_string(&job.function).unwrap_or_else(|_| {
                drop(vm.take_raised());
                String::new()
            });
            report::unraisable(&vm, e, &format!("Exception ignored in thread started by {started}"), &Value::NONE);
        }
    }
    drop(r);
    drop(job);
}
