//! What runs: script, `-c`, `-m`, standard input; then exit codes as CPython's.
#![expect(unsafe_code, reason = "ending the process by a signal")]

use crate::options::{Main, Run};
use crate::repl;
use serpens_compiler::Mode;
use serpens_state::sys::report;
use serpens_state::{Config, Interpreter};
use serpens_state::{run, shutdown, sources};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Value, Vm};
use std::io::{IsTerminal, Read};
use std::sync::Arc;

/// Runs a program to its end and gives the exit code.
pub fn run(mut options: Run) -> u8 {
    let terminal = std::io::stdin().is_terminal();
    let at_prompt = matches!(options.main, Main::Stdin) && (terminal || options.settings.interactive);
    if at_prompt {
        options.settings.interactive = true;
    }
    let inspect = options.settings.inspect && !at_prompt;
    let runtime = serpens::builder().settings(options.settings.clone()).build();
    let interpreter = runtime.create(Config::MAIN, serpens_state::runtime::Whence::Runtime);
    let code = {
        let Some(vm) = interpreter.attach() else { return 1 };
        let result = prepare(&vm).and_then(|()| run_main(&vm, &options, at_prompt));
        let mut code = finish(&vm, result);
        if inspect {
            code = finish(&vm, repl::run(&vm));
        }
        code
    };
    shutdown(&interpreter);
    if code == INTERRUPTED {
        die_of_interrupt();
    }
    code
}

/// The exit code that a shell shows for a program that an interrupt ended.
const INTERRUPTED: u8 = 130;

/// Ends the process as an interrupt does, so that whoever started it sees that.
fn die_of_interrupt() {
    // SAFETY: both calls take plain numbers; the default action ends the process.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::raise(libc::SIGINT);
    }
}

/// Other interpreters first, then the main one.
fn shutdown(main: &Arc<Interpreter>) {
    main.close();
}

fn prepare(vm: &Vm) -> PyResult<()> {
    serpens::stdlib::signal::take_over(vm)
}

fn run_main(vm: &Vm, options: &Run, at_prompt: bool) -> PyResult<()> {
    let globals = run::main_dict(vm)?;
    let Some(d) = globals.downcast::<Dict>() else { return Err(vm.runtime_error("__main__ has no dict")) };
    match &options.main {
        Main::Code(source) => {
            let source = textwrap_dedent(source);
            sources::remember_source(vm, "<string>", &source);
            let code = run::compile(vm, &source, "<string>", Mode::Exec, run::default_options(vm))?;
            sources::remember_code(vm, &code, &source);
            vm.run_code(&code, &globals, None, None).map(drop)
        }
        Main::Module(name) => run_module(vm, name),
        Main::File(path) => {
            if std::path::Path::new(path).is_dir() || path.ends_with(".zip") || path.ends_with(".pyz") {
                return run_folder(vm, path);
            }
            let bytes = match std::fs::read(path) {
                Ok(bytes) => bytes,
                Err(e) => {
                    let errno = e.raw_os_error().unwrap_or(0);
                    let reason = strerror(&e);
                    report::write_stderr(
                        vm,
                        &format!("{}: can't open file {}: [Errno {errno}] {reason}\n", program(), quoted(path)),
                    );
                    return Err(exit_with(vm, 2));
                }
            };
            let bytes = if options.skip_first_line {
                let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
                bytes[end..].to_vec()
            } else {
                bytes
            };
            // As CPython does since 3.9: `__file__` and tracebacks name the script by its whole path.
            let full = std::path::absolute(path).map_or_else(|_| path.clone(), |p| p.to_string_lossy().into_owned());
            d.set_name(vm, "__file__", vm.str(&full));
            d.set_name(
                vm,
                "__loader__",
                serpens_state::import::spec::file_loader(vm, &vm.str("__main__"), &vm.str(&full)),
            );
            d.set_name(vm, "__cached__", Value::NONE);
            let code = run::compile_bytes(vm, &bytes, &full)?;
            vm.run_code(&code, &globals, None, None).map(drop)
        }
        Main::Stdin if at_prompt => repl::run(vm),
        Main::Stdin => {
            let mut bytes = Vec::new();
            if std::io::stdin().read_to_end(&mut bytes).is_err() {
                return Err(exit_with(vm, 1));
            }
            let code = run::compile_bytes(vm, &bytes, "<stdin>")?;
            vm.run_code(&code, &globals, None, None).map(drop)
        }
    }
}

/// `-c` takes an indented block, as CPython 3.14 does.
fn textwrap_dedent(source: &str) -> String {
    let margin = source
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| &l[..l.len() - l.trim_start_matches([' ', '\t']).len()])
        .reduce(|a, b| {
            let n = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
            &a[..n]
        })
        .unwrap_or("");
    if margin.is_empty() {
        return source.to_string();
    }
    let mut out = String::with_capacity(source.len());
    for line in source.split_inclusive('\n') {
        out.push_str(line.strip_prefix(margin).unwrap_or_else(|| line.trim_start_matches([' ', '\t'])));
    }
    out
}

fn run_module(vm: &Vm, name: &str) -> PyResult<()> {
    let runpy = serpens_state::import::import_module(vm, "runpy")?;
    let f = vm.getattr_str(&runpy, "_run_module_as_main")?;
    vm.call_pos(&f, &[vm.str(name)]).map(drop)
}

fn run_folder(vm: &Vm, path: &str) -> PyResult<()> {
    let full = std::fs::canonicalize(path).map(|p| p.to_string_lossy().into_owned()).unwrap_or_else(|_| path.into());
    if !std::path::Path::new(&full).join("__main__.py").is_file() {
        report::write_stderr(vm, &format!("{}: can't find '__main__' module in {}\n", program(), quoted(path)));
        return Err(exit_with(vm, 1));
    }
    let runpy = serpens_state::import::import_module(vm, "runpy")?;
    let f = vm.getattr_str(&runpy, "_run_module_as_main")?;
    vm.call_pos(&f, &[vm.str("__main__"), Value::FALSE]).map(drop)
}

fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "serpens".into())
}

/// The path as CPython shows it: absolute, in quotes.
fn quoted(path: &str) -> String {
    let full = std::path::absolute(path).map(|p| p.to_string_lossy().into_owned()).unwrap_or_else(|_| path.into());
    format!("'{full}'")
}

fn strerror(e: &std::io::Error) -> String {
    let text = e.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

fn exit_with(vm: &Vm, code: i64) -> serpens_vm::Raised {
    match vm.call_pos(&vm.types().SystemExit.value(), &[Value::int_unchecked(code)]) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}

/// Reports what ended the program and gives its exit code.
pub fn finish(vm: &Vm, result: PyResult<()>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(_) => {
            let e = vm.take_raised();
            if vm.type_of(&e).is_subtype(vm.types().SystemExit) {
                exit_code(vm, &e)
            } else {
                report::print_uncaught(vm, &e);
                if vm.type_of(&e).is_subtype(vm.types().KeyboardInterrupt) { INTERRUPTED } else { 1 }
            }
        }
    }
}

/// The exit code of a SystemExit: an int as it is, None 0, anything else is printed and gives 1.
fn exit_code(vm: &Vm, e: &Value) -> u8 {
    let code = match vm.getattr_str(e, "code") {
        Ok(code) => code,
        Err(_) => {
            drop(vm.take_raised());
            return 1;
        }
    };
    if code.is_none() {
        return 0;
    }
    if let Some(b) = code.as_bool() {
        return b as u8;
    }
    if vm.is_int(&code) {
        return serpens_vm::types::int::to_i64(&code).map_or(255, |i| i as u8);
    }
    let text = match vm.str_of(&code) {
        Ok(s) => s.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default(),
        Err(_) => {
            drop(vm.take_raised());
            String::new()
        }
    };
    shutdown::flush_streams(vm);
    report::write_stderr(vm, &format!("{text}\n"));
    1
}
