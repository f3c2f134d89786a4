//! Compiling and running source, and the shutdown sequence of an interpreter.

use crate::code_cache::Request;
use crate::interpreter::runtime_of;
use crate::runtime::Whence;
use crate::stuck::Watch;
use crate::sys;
use serpens_bytecode::{Code, Const};
use serpens_compiler::{Decoded, Mode, Options, Origin, SyntaxError, SyntaxErrorKind};
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::code::CodeObj;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::types::str::Str;
use serpens_vm::types::weakref::WeakRef;
use serpens_vm::{PyResult, Raised, Value, Vm};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

pub use crate::builtins::unpack_options;

/// The options a compilation starts with.
pub fn default_options(vm: &Vm) -> Options {
    let optimize = runtime_of(vm).map_or(0, |r| r.settings().optimize);
    Options { optimize, ..Options::default() }
}

/// Compiles source text.
pub fn compile(vm: &Vm, source: &str, filename: &str, mode: Mode, options: Options) -> PyResult {
    compile_shared(vm, source, filename, mode, options).map(|code| vm.new_code(code))
}

/// Compiles source text, once for all interpreters of the process.
fn compile_shared(vm: &Vm, source: &str, filename: &str, mode: Mode, options: Options) -> PyResult<Arc<Code>> {
    let runtime = runtime_of(vm);
    let cache = runtime.as_ref().map(|r| r.code_cache());
    let request = Request { source, filename, mode, options };
    if let Some(code) = cache.and_then(|c| c.get(request)) {
        return Ok(code);
    }
    let (code, silent) = compile_now(vm, request)?;
    if let Some(cache) = cache
        && silent
    {
        cache.insert(request, &code);
    }
    Ok(code)
}

/// Compiles source text; whether there was no warning.
fn compile_now(vm: &Vm, request: Request<'_>) -> PyResult<(Arc<Code>, bool)> {
    let Request { source, filename, mode, options } = request;
    match serpens_compiler::compile_with_warnings(source, filename, mode, options) {
        Ok(compiled) => {
            for warning in &compiled.warnings {
                warn_syntax(vm, warning, filename)?;
            }
            Ok((compiled.code, compiled.warnings.is_empty()))
        }
        Err(e) => {
            for warning in &e.before {
                warn_syntax(vm, warning, filename)?;
            }
            Err(raise_with_source(vm, &e, source))
        }
    }
}

/// Raises an error of the compiler; it remembers the source, in which `traceback` seeks the keyword that was meant.
pub fn raise_with_source(vm: &Vm, e: &SyntaxError, source: &str) -> Raised {
    let raised = raise_syntax_error(vm, e);
    if !vm.pending_is(vm.types().SyntaxError) || e.message != "invalid syntax" && !e.message.contains("forgot a comma")
    {
        return raised;
    }
    let exception = vm.take_raised();
    let number = |n: u32| Value::from_usize(n as usize);
    let metadata = vm.tuple(vec![number(e.statement.0), number(e.statement.1), vm.str(source)]);
    match vm.setattr(&exception, &vm.intern("_metadata"), Some(&metadata)) {
        Ok(()) => vm.raise(exception),
        Err(raised) => raised,
    }
}

/// Compiles a source file's bytes.
pub fn compile_bytes(vm: &Vm, bytes: &[u8], filename: &str) -> PyResult {
    let text = decode(vm, bytes, filename, Origin::File)?;
    compile(vm, &text, filename, Mode::Exec, default_options(vm))
}

/// Compiles a module's bytes; who asks remembers the code.
pub(crate) fn compile_file(vm: &Vm, bytes: &[u8], filename: &str) -> PyResult<Arc<Code>> {
    let source = &decode(vm, bytes, filename, Origin::File)?;
    let request = Request { source, filename, mode: Mode::Exec, options: default_options(vm) };
    compile_now(vm, request).map(|(code, _)| code)
}

/// Source bytes as text; encodings that the compiler does not know go through the codecs.
pub fn decode(vm: &Vm, bytes: &[u8], filename: &str, origin: Origin) -> PyResult<String> {
    match serpens_compiler::decode_source(bytes, filename, origin) {
        Ok(Decoded::Text(text)) => Ok(text.into_owned()),
        Ok(Decoded::Other { encoding, bytes }) => {
            let text = match vm.decode(&vm.bytes(bytes), Some(&encoding), None) {
                Ok(text) => text,
                Err(_) => {
                    let e = vm.take_raised();
                    let message = match vm.type_of(&e).is_subtype(vm.types().LookupError) {
                        true => format!("unknown encoding: {encoding}"),
                        false => vm.str_string(&e)?,
                    };
                    return Err(raise_syntax_error(vm, &serpens_compiler::declared_wrongly(filename, message)));
                }
            };
            Ok(text.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default())
        }
        Err(e) => Err(raise_syntax_error(vm, &e)),
    }
}

/// Sources that are not files (`-c`, the prompt), by the name their code has, for tracebacks.
#[derive(Default)]
struct Sources(RefCell<HashMap<String, String>>);

impl Local for Sources {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(Sources(RefCell::new(copier.look(&self.0).clone())))
    }
}

/// Remembers source text that is not in a file, so that tracebacks can show its lines.
pub fn remember_source(vm: &Vm, filename: &str, source: &str) {
    let sources = vm.local(|_| Sources::default());
    sources.0.borrow_mut().insert(filename.to_string(), source.to_string());
}

/// Texts of code objects that come from no file, by the address of each code object (which the root keeps alive).
#[derive(Default)]
struct CodeSources(RefCell<HashMap<usize, Arc<str>>>, RefCell<Vec<Value>>);

impl Local for CodeSources {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        // The shared code keeps its address; the root is held so that it does.
        let roots = copier.look(&self.1).iter().map(|v| copier.take(v)).collect();
        Some(CodeSources(RefCell::new(copier.look(&self.0).clone()), RefCell::new(roots)))
    }
}

/// Remembers the source of a code object that is not in a file, and of those inside it, so that tracebacks show its lines.
pub fn remember_code(vm: &Vm, code: &Value, source: &str) {
    let Some(root) = code.downcast::<CodeObj>() else { return };
    let sources = vm.local(|_| CodeSources::default());
    let text: Arc<str> = source.into();
    let mut open: Vec<&Code> = vec![root.code()];
    while let Some(code) = open.pop() {
        sources.0.borrow_mut().insert(code as *const Code as usize, text.clone());
        open.extend(code.consts.iter().filter_map(|c| match c {
            Const::Code(inner) => Some(&**inner),
            _ => None,
        }));
    }
    sources.1.borrow_mut().push(code.clone());
}

/// Line `line` (from 1) of a code object's remembered source.
pub(crate) fn code_line(vm: &Vm, code: &Code, line: usize) -> Option<String> {
    let sources = vm.local_opt::<CodeSources>()?;
    let text = sources.0.borrow().get(&(code as *const Code as usize)).cloned()?;
    text.lines().nth(line.checked_sub(1)?).map(str::to_string)
}

/// Line `line` (from 1) of a source: remembered, or a file's.
pub(crate) fn source_line(vm: &Vm, filename: &str, line: usize) -> Option<String> {
    let pick = |text: &str| text.lines().nth(line.checked_sub(1)?).map(str::to_string);
    if let Some(sources) = vm.local_opt::<Sources>()
        && let Some(text) = sources.0.borrow().get(filename)
    {
        return pick(text);
    }
    if filename.starts_with('<') {
        return pick(&runtime_of(vm)?.library().source_of_file(filename)?);
    }
    let bytes = std::fs::read(filename).ok()?;
    pick(&String::from_utf8_lossy(&bytes))
}

/// Issues a warning of the compiler.
pub fn warn_syntax(vm: &Vm, warning: &serpens_compiler::Warning, filename: &str) -> PyResult<()> {
    let category = vm.types().SyntaxWarning;
    let warnings = match crate::import::import_module(vm, "_warnings") {
        Ok(m) => m,
        Err(_) => {
            drop(vm.take_raised());
            return Ok(());
        }
    };
    let f = vm.getattr_str(&warnings, "warn_explicit")?;
    let line = Value::from_usize(warning.line as usize);
    if vm.call_pos(&f, &[vm.str(&warning.message), category.value(), vm.str(filename), line]).is_ok() {
        return Ok(());
    }
    let raised = vm.take_raised();
    // A warning that is made an error says where it is.
    Err(match vm.type_of(&raised).is_subtype(category) {
        true => raise_syntax_error(vm, &warning.error),
        false => vm.raise(raised),
    })
}

/// Raises the Python exception of an error of the compiler.
pub fn raise_syntax_error(vm: &Vm, e: &SyntaxError) -> Raised {
    let t = vm.types();
    let class = match e.kind {
        SyntaxErrorKind::Syntax => t.SyntaxError,
        SyntaxErrorKind::Indentation => t.IndentationError,
        SyntaxErrorKind::Tab => t.TabError,
        SyntaxErrorKind::Incomplete => t.IncompleteInputError,
        SyntaxErrorKind::Recursion => t.RecursionError,
        SyntaxErrorKind::Memory => t.MemoryError,
        SyntaxErrorKind::Overflow => t.OverflowError,
        SyntaxErrorKind::Value => t.ValueError,
    };
    if !class.is_subtype(t.SyntaxError) {
        return vm.raise_with(class, vec![vm.str(&e.message)]);
    }
    let number = |n: u32| Value::from_usize(n as usize);
    let details = vm.tuple(vec![
        vm.str(&e.filename),
        number(e.line),
        number(e.col),
        e.text.as_ref().map_or(Value::NONE, |t| vm.str(t)),
        number(e.end_line),
        // The compiler says u32::MAX where CPython says -1: the end is not known.
        vm.int(i64::from(e.end_col as i32)),
    ]);
    if e.line == 0 && e.col == u32::MAX {
        let details = vm.tuple(vec![vm.str(&e.filename), vm.int(0), vm.int(-1), Value::NONE]);
        return match vm.call_pos(&class.value(), &[vm.str(&e.message), details]) {
            Ok(value) => vm.raise(value),
            Err(raised) => raised,
        };
    }
    let args =
        if e.line == 0 && e.text.is_none() { vec![vm.str(&e.message)] } else { vec![vm.str(&e.message), details] };
    match vm.call_pos(&class.value(), &args) {
        Ok(value) => vm.raise(value),
        Err(raised) => raised,
    }
}

/// The dict of module `__main__`, which is made if it is missing.
pub fn main_dict(vm: &Vm) -> PyResult {
    let n = vm.names();
    let modules = vm.modules.get_or_none();
    let Some(modules) = modules.downcast::<Dict>() else {
        return Err(vm.runtime_error("unable to get sys.modules"));
    };
    let main = match modules.get_str(vm, &n.__main__) {
        Some(m) => m,
        None => {
            let m = vm.new_module("__main__");
            if let Some(d) = m.downcast::<Module>().map(Module::dict)
                && let Some(d) = d.downcast::<Dict>()
            {
                d.set_str(vm, &n.__builtins__, builtins_module(vm)?);
                for name in [&n.__doc__, &n.__package__, &n.__spec__] {
                    d.set_str(vm, name, Value::NONE);
                }
                d.set_str(vm, &n.__loader__, crate::import::spec::native_loader(vm));
            }
            modules.set_str(vm, &n.__main__, m.clone());
            m
        }
    };
    match vm.instance_dict(&main) {
        Some(d) => Ok(d),
        None => Err(vm.runtime_error("__main__ is not a module")),
    }
}

/// The module `builtins`.
pub fn builtins_module(vm: &Vm) -> PyResult {
    crate::import::import_module(vm, "builtins")
}

/// Runs source text in `__main__`.
pub fn run_main_source(vm: &Vm, source: &str, filename: &str) -> PyResult<()> {
    let code = compile(vm, source, filename, Mode::Exec, default_options(vm))?;
    let globals = main_dict(vm)?;
    vm.run_code(&code, &globals, None, None).map(drop)
}

/// What an interpreter does at its end: threads, `atexit`, finalisers of what `sys.modules` holds, buffered output.
pub(crate) fn finalize(vm: &Vm) {
    let n = vm.names();
    if let Some(modules) = vm.modules.get()
        && let Some(modules) = modules.downcast::<Dict>()
    {
        // A template's functions are to be called even if nothing here has reached the module.
        drop(modules.get_str(vm, &n.atexit));
    }
    for (module, function) in [(&n.threading, &n._shutdown), (&n.atexit, &n._run_exitfuncs)] {
        if let Some(module) = vm.modules.get().and_then(|m| m.downcast::<Dict>()?.reached_str(vm, module)) {
            ignore(vm, |vm| {
                let f = vm.getattr(&module, function)?;
                vm.call_none(&f)
            });
        }
    }
    flush_streams(vm);
    close_others(vm);
    vm.set_finalizing();
    if !owes_finalizers(vm) {
        // Nobody would notice: the objects go with their pages.
        return;
    }
    // First the modules go as anything else does, so that finalisers still see their globals; what something holds on to
    // is emptied by force afterwards, the last imported first.
    let mut left = Vec::new();
    if let Some(modules) = vm.modules.get()
        && let Some(modules) = modules.downcast::<Dict>()
    {
        for (name, module) in modules.reached_items(vm) {
            if name.downcast::<Str>().is_some_and(|s| matches!(s.as_str_lossy(), "builtins" | "sys" | "io" | "_io")) {
                continue;
            }
            left.extend(vm.caught(vm.weakref(&module)).ok());
            drop(module);
            drop(modules.remove_str(vm, &name));
        }
    }
    let mut again = vm.collect_garbage() > 0;
    for reference in left.iter().rev() {
        if let Some(module) = reference.downcast::<WeakRef>().and_then(WeakRef::upgrade)
            && let Some(dict) = vm.instance_dict(&module)
            && let Some(d) = dict.downcast::<Dict>()
        {
            clear_module_dict(vm, d);
            again = true;
        }
    }
    if again {
        vm.collect_garbage();
    }
    flush_streams(vm);
}

/// The word of a module's globals, if it was imported.
pub(crate) fn globals_of(vm: &Vm, name: &Value) -> Option<u64> {
    let module = vm.modules.get()?.downcast::<Dict>()?.get_str(vm, name)?;
    vm.instance_dict(&module).map(|globals| globals.bits())
}

/// Has the module `threading` of an interpreter that starts from a template know this thread as the main one, and no
/// other: as in the child of a `fork`.
pub(crate) fn adopt_main_thread(vm: &Vm) {
    ignore(vm, |vm| {
        let threading = crate::import::import_absolute(vm, &vm.names().threading)?;
        vm.call_method_str(&threading, "_after_fork", &[])
    });
}

/// With the main interpreter end all others that Python programs made: who did not close them is warned. One that another thread still runs is left
/// as it is.
fn close_others(vm: &Vm) {
    let Some(main) = crate::interpreter::interpreter_of(vm).filter(|i| i.is_main()) else { return };
    let mut left = main.runtime().list();
    left.retain(|i| i.whence() == Whence::Stdlib && !i.is_closed());
    if left.is_empty() {
        return;
    }
    let message = "remaining subinterpreters; close them with Interpreter.close()";
    ignore(vm, |vm| vm.hooks().warn(vm, vm.types().RuntimeWarning, message, 0).map(|()| Value::NONE));
    let _watch = Watch::begin(&left);
    for interpreter in left {
        if interpreter.claim_main() {
            let _focus = sys::signals::focus(&interpreter);
            crate::attach::blocking(vm, || interpreter.close());
        }
    }
    flush_streams(vm);
}

/// Whether anything but the standard streams, which are flushed and do not close their descriptors, has to be finalised.
fn owes_finalizers(vm: &Vm) -> bool {
    let mut streams = sys::standard_streams(vm);
    streams.retain(|s| vm.mark_finalized(s, true));
    let owes = vm.owes_finalizers();
    if owes {
        for stream in &streams {
            vm.mark_finalized(stream, false);
        }
    }
    owes
}

/// Sets the names of a dying module to `None`: first those with one underscore, then the others.
fn clear_module_dict(vm: &Vm, d: &Dict) {
    for underscored in [true, false] {
        for (name, _) in d.reached_items(vm) {
            let Some(s) = name.downcast::<Str>() else { continue };
            let text = s.as_str_lossy();
            let single = text.starts_with('_') && !text.starts_with("__");
            if single == underscored && text != "__builtins__" {
                d.set_str(vm, &name, Value::NONE);
            }
        }
    }
}

/// Flushes `sys.stdout` and `sys.stderr`.
pub fn flush_streams(vm: &Vm) {
    let Some(sys) = vm.sys_dict_if_made() else { return };
    for name in [&vm.names().stdout, &vm.names().stderr] {
        let stream = sys.downcast::<Dict>().and_then(|d| d.reached_str(vm, name));
        if let Some(stream) = stream.filter(|s| !s.is_none() && !is_closed(vm, s)) {
            ignore(vm, |vm| vm.call_method(&stream, &vm.names().flush, &[]));
        }
    }
}

/// Whether a stream says that it is closed.
fn is_closed(vm: &Vm, stream: &Value) -> bool {
    let closed = vm.getattr_str(stream, "closed").and_then(|c| vm.truthy(&c));
    closed.unwrap_or_else(|_| {
        drop(vm.take_raised());
        false
    })
}

/// Runs `f`; an exception in it is reported as unraisable.
fn ignore(vm: &Vm, f: impl FnOnce(&Vm) -> PyResult) {
    if f(vm).is_err() {
        let e = vm.take_raised();
        crate::sys::report::unraisable(vm, e, "Exception ignored", &Value::NONE);
    }
}
