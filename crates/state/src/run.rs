//! Compiling and running source.

use crate::code_cache::Request;
use crate::interpreter::runtime_of;
use serpens_bytecode::Code;
use serpens_compiler::{Decoded, Mode, Options, Origin, SyntaxError, SyntaxErrorKind};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Raised, Value, Vm};
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
