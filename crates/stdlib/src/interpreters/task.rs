//! What runs in another interpreter, and what comes back: portable values, or a snapshot of the exception.
//!
//! Invariant: closures passed to [`run`] hold no Python objects; their results hold none either.
#![expect(unsafe_code, reason = "a memoryview's memory is lent to another interpreter")]

use serpens_bytecode::Code;
use serpens_compiler::Mode;
use serpens_share::buffer::Layout;
use serpens_share::{BufferOwner, BufferView, Portable, SharedBuffer};
use serpens_state::crossing::{self, CrossingTypes, Fallback};
use serpens_state::interpreter::interpreter_of;
use serpens_state::{Interpreter, blocking, errors, run as source};
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::function::Function;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, PyResult, Raised, Value, Vm};
use std::ptr::NonNull;
use std::sync::Arc;

/// Something that went wrong around the call: the class and the message of what the caller raises.
pub(super) struct Failure {
    class: &'static str,
    message: String,
}

impl Failure {
    pub(super) fn raise(self, vm: &Vm) -> Raised {
        match self.class {
            "NotShareableError" => crossing::not_shareable(vm, &self.message),
            class => errors::raise(vm, class, &self.message),
        }
    }
}

/// A snapshot of an exception, in plain text.
#[derive(Clone, Debug)]
pub struct ExcInfo {
    name: String,
    qualname: String,
    module: String,
    message: String,
    formatted: String,
    display: String,
}

impl ExcInfo {
    /// The snapshot of `e`.
    pub fn of(vm: &Vm, e: &Value) -> ExcInfo {
        let ty = vm.type_of(e);
        let message = vm.str_string(e).unwrap_or_else(|_| {
            drop(vm.take_raised());
            "<exception str() failed>".into()
        });
        let full = ty.full_name(vm);
        let module = ty.module_name(vm).unwrap_or_else(|| "builtins".into());
        let qualname =
            vm.getattr(&ty.value(), &vm.names().__qualname__).and_then(|q| vm.str_string(&q)).unwrap_or_else(|_| {
                drop(vm.take_raised());
                ty.name().to_string()
            });
        let shown = if module == "__main__" { qualname.clone() } else { full };
        let display = vm.format_exception(e);
        ExcInfo {
            name: ty.name().to_string(),
            qualname,
            module,
            formatted: format!("{shown}: {message}"),
            message,
            display: display.trim_end_matches('\n').to_string(),
        }
    }

    /// The namespace that `capture_exception` returns.
    pub fn to_value(&self, vm: &Vm) -> PyResult {
        let namespace = |fields: &[(&str, Value)]| {
            let d = vm.new_dict();
            let dict = d.downcast::<Dict>().expect("just made");
            for (name, value) in fields {
                dict.set_name(vm, name, value.clone());
            }
            vm.call_dict(&vm.types().SimpleNamespace.value(), &[], dict)
        };
        let ty = namespace(&[
            ("__name__", vm.str(&self.name)),
            ("__qualname__", vm.str(&self.qualname)),
            ("__module__", vm.str(&self.module)),
        ])?;
        namespace(&[
            ("type", ty),
            ("msg", vm.str(&self.message)),
            ("formatted", vm.str(&self.formatted)),
            ("errdisplay", vm.str(&self.display)),
        ])
    }
}

/// Claims `__main__` of an interpreter until dropped.
struct Claim<'a>(&'a Interpreter);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.release_main();
    }
}

/// Runs `f` in interpreter `i` on this thread, which leaves its own meanwhile. `None` if `i` runs already.
pub(super) fn run<R>(
    vm: &Vm,
    i: &Arc<Interpreter>,
    f: impl FnOnce(&Vm) -> Result<R, Failure>,
) -> Option<Result<R, Failure>> {
    if interpreter_of(vm).is_some_and(|own| own.id() == i.id()) {
        // The main interpreter may run code in itself; another is running by definition.
        return i.is_main().then(|| f(vm));
    }
    if !i.claim_main() {
        return None;
    }
    let _claim = Claim(i);
    let stack = vm.ts().native_stack();
    blocking(vm, || match i.attach_on(stack) {
        Some(other) => Some(f(&other)),
        None => Some(Err(Failure { class: "InterpreterError", message: "interpreter destroyed".into() })),
    })
}

/// The code of a script: source, a code object, or a function without parameters. It is compiled in the caller.
pub(super) fn script(vm: &Vm, v: &Value) -> PyResult<Arc<Code>> {
    if let Some(f) = v.downcast::<Function>() {
        if f.closure.is_some() {
            return Err(vm.value_error("closures not supported"));
        }
        let code_value = f.code.get_or_none();
        return checked(vm, &code_value);
    }
    if v.is_a::<CodeObj>() {
        return checked(vm, v);
    }
    let text = if let Some(s) = v.downcast::<Str>() {
        match s.to_str() {
            Some(text) => text.to_string(),
            None => {
                vm.encode(v, Some("utf-8"), None)?;
                return Err(vm.value_error("surrogates in source"));
            }
        }
    } else if vm.type_of(v).slots().buffer.is_some() {
        let bytes = vm.get_buffer(v, false)?.to_vec();
        source::decode(vm, &bytes, "<script>", serpens_compiler::Origin::Bytes)?
    } else {
        return Err(vm.type_error(&format!("unsupported script {}", vm.repr_string(v)?)));
    };
    let code = source::compile(vm, &text, "<script>", Mode::Exec, source::default_options(vm))?;
    match code.downcast::<CodeObj>() {
        Some(c) => Ok(c.code().clone()),
        None => Err(vm.system_error("not a code object")),
    }
}

fn checked(vm: &Vm, v: &Value) -> PyResult<Arc<Code>> {
    let Some(c) = v.downcast::<CodeObj>() else { return Err(vm.type_error("not a code object")) };
    match crossing::check_script(c.code()) {
        Ok(()) => Ok(c.code().clone()),
        Err(why) => Err(vm.value_error(why)),
    }
}

/// Binds names in `__main__`, all or none.
pub(super) fn bind(vm: &Vm, shared: &[(String, Portable)]) -> Result<(), Failure> {
    let outcome = (|| {
        let globals = source::main_dict(vm)?;
        let values =
            shared.iter().map(|(n, p)| Ok((n, crossing::from_portable(vm, p)?))).collect::<PyResult<Vec<_>>>()?;
        if let Some(d) = globals.downcast::<Dict>() {
            for (name, value) in values {
                d.set_name(vm, name, value);
            }
        }
        Ok(())
    })();
    outcome.map_err(|e: Raised| failure(vm, e))
}

/// The pending exception as a failure around a call.
fn failure(vm: &Vm, _: Raised) -> Failure {
    let e = vm.take_raised();
    Failure { class: "NotShareableError", message: vm.str_string(&e).unwrap_or_default() }
}

fn snapshot(vm: &Vm) -> ExcInfo {
    let e = vm.take_raised();
    ExcInfo::of(vm, &e)
}

/// Runs a script in `__main__`; what it raised, if it did.
pub(super) fn run_script(
    vm: &Vm,
    code: Arc<Code>,
    shared: Vec<(String, Portable)>,
) -> Result<Option<ExcInfo>, Failure> {
    bind(vm, &shared)?;
    let result = (|| {
        let globals = source::main_dict(vm)?;
        let code = vm.new_code(code);
        vm.run_code(&code, &globals, None, None)
    })();
    let outcome = match result {
        Ok(_) => None,
        Err(_) => Some(snapshot(vm)),
    };
    source::flush_streams(vm);
    Ok(outcome)
}

/// What a call gave.
pub(super) enum Outcome {
    /// Its result.
    Value(Portable),
    /// What it raised.
    Failed(ExcInfo),
}

/// Calls a callable with arguments.
pub(super) fn call(
    vm: &Vm,
    callable: &Portable,
    args: &[Portable],
    kwargs: &[(String, Portable)],
) -> Result<Outcome, Failure> {
    let unpack = |what: &str, e: Raised| {
        drop(e);
        drop(vm.take_raised());
        Failure { class: "NotShareableError", message: format!("{what} not shareable") }
    };
    let f = crossing::from_portable(vm, callable).map_err(|e| unpack("func", e))?;
    let mut all = args
        .iter()
        .map(|p| crossing::from_portable(vm, p))
        .collect::<PyResult<Vec<_>>>()
        .map_err(|e| unpack("args", e))?;
    let mut names = Vec::new();
    for (name, p) in kwargs {
        names.push(vm.intern(name));
        all.push(crossing::from_portable(vm, p).map_err(|e| unpack("kwargs", e))?);
    }
    let names = (!names.is_empty()).then(|| vm.tuple(names));
    let result = vm.call(&f, &CallArgs::new(&all, names.as_ref()));
    let outcome = match result {
        Ok(value) => crossing::to_portable(vm, &value, Fallback::Full).map(Outcome::Value).map_err(|e| failure(vm, e)),
        Err(_) => Ok(Outcome::Failed(snapshot(vm))),
    };
    source::flush_streams(vm);
    outcome
}

/// The exporter of a memoryview that was sent: the object stays alive in its interpreter until the view is dropped there.
struct Lent {
    interpreter: Arc<Interpreter>,
    /// The word of a counted reference to the memoryview.
    word: u64,
    ptr: NonNull<u8>,
    len: usize,
    writable: bool,
}

// SAFETY: the word is only turned into a value again by the owning interpreter's thread (a pending call); the memory is
// shared by the program's own wish, as the buffer protocol has it.
unsafe impl Send for Lent {}
// SAFETY: as above.
unsafe impl Sync for Lent {}

// SAFETY: the memory stays where it is while the memoryview lives, since exports block resizing; the reference in `word`
// keeps it alive, and a closed interpreter that has lent memory keeps its heap.
unsafe impl BufferOwner for Lent {
    fn memory(&self) -> (NonNull<u8>, usize) {
        (self.ptr, self.len)
    }

    fn is_writable(&self) -> bool {
        self.writable
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let word = self.word;
        // A closed interpreter drops nothing any more.
        self.interpreter.push_call(move |_| {
            // SAFETY: the reference was counted when the view was sent, and is released once, in its interpreter.
            drop(unsafe { Value::from_bits(word) });
        });
        self.interpreter.end_lending();
    }
}

/// Lets memoryviews cross, once `_interpreters` is imported.
pub(super) fn share_memoryviews(vm: &Vm) {
    let types = vm.local(|_| CrossingTypes::default());
    let class = vm.types().memoryview.value();
    types.register(&class, send_memoryview);
}

fn send_memoryview(vm: &Vm, v: &Value) -> PyResult<Portable> {
    let Some(export) = vm.type_of(v).slots().buffer else { return Err(vm.type_error("not a buffer")) };
    let b = export(vm, v, false)?;
    let Some(interpreter) = interpreter_of(vm) else { return Err(vm.runtime_error("no current interpreter")) };
    interpreter.begin_lending();
    let ptr = NonNull::new(b.ptr).unwrap_or(NonNull::dangling());
    let lent = Lent { interpreter, word: v.clone().into_bits(), ptr, len: b.len, writable: !b.readonly };
    let layout = Layout {
        offset: 0,
        format: b.format.as_ref().into(),
        itemsize: b.itemsize,
        shape: b.shape.iter().map(|n| *n as usize).collect(),
        strides: b.strides.iter().copied().collect(),
        read_only: b.readonly,
    };
    let shared = SharedBuffer::from_owner(Box::new(lent));
    match BufferView::new(&shared, layout) {
        Ok(view) => Ok(Portable::Buffer(Arc::new(view))),
        Err(_) => Err(vm.buffer_error("the memoryview's layout cannot be shared")),
    }
}
