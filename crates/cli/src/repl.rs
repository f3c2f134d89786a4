//! The interactive prompt: reads statements, runs each, and survives what they raise.
//!
//! When a statement ends is for the compiler to say, by the rules of the module `codeop`. Where lines come from is the
//! business of [`crate::lines`].

use crate::lines::{Line, Lines};
use serpens_compiler::{Mode, SyntaxError, SyntaxErrorKind};
use serpens_state::sys::report;
use serpens_state::{run, shutdown, sources};
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, Value, Vm};

/// The file that statements are said to be in.
const FILENAME: &str = "<stdin>";

fn sys_value(vm: &Vm, name: &str) -> Option<Value> {
    vm.sys_dict()?.downcast::<Dict>()?.get_name(vm, name)
}

/// `sys.ps1` or `sys.ps2` as text; an object there is asked anew each time.
fn prompt(vm: &Vm, name: &str) -> String {
    let Some(value) = sys_value(vm, name) else { return String::new() };
    vm.str_string(&value).unwrap_or_else(|_| {
        drop(vm.take_raised());
        String::new()
    })
}

fn prepare(vm: &Vm) -> PyResult<()> {
    let sys = vm.sys_dict();
    let Some(d) = sys.as_ref().and_then(|d| d.downcast::<Dict>()) else { return Ok(()) };
    for (name, text) in [("ps1", ">>> "), ("ps2", "... ")] {
        if d.get_name(vm, name).is_none() {
            d.set_name(vm, name, vm.str(text));
        }
    }
    let quiet = serpens_state::interpreter::runtime_of(vm).is_some_and(|r| r.settings().quiet);
    if !quiet && let Some(version) = d.get_name(vm, "version") {
        let version = vm.str_string(&version)?;
        eprintln!(
            "Python {version} on linux\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information."
        );
    }
    Ok(())
}

/// Runs the prompt until the input ends or `SystemExit`.
pub fn run(vm: &Vm) -> PyResult<()> {
    let globals = run::main_dict(vm)?;
    prepare(vm)?;
    startup(vm, &globals);
    let mut lines = Lines::new(vm);
    let mut n_statements = 0;
    loop {
        match read_statement(vm, &mut lines) {
            Statement::End => {
                eprintln!();
                return Ok(());
            }
            Statement::Interrupted => eprintln!("\nKeyboardInterrupt"),
            Statement::Empty => {}
            Statement::Wrong(error, source) => {
                lines.remember(&source);
                let _ = run::raise_with_source(vm, &error, &source);
                report_pending(vm)?;
            }
            Statement::Source(source) => {
                lines.remember(&source);
                let filename = format!("<stdin-{n_statements}>");
                n_statements += 1;
                if run_statement(vm, &source, &filename, &globals).is_err() {
                    report_pending(vm)?;
                }
            }
        }
        shutdown::flush_streams(vm);
    }
}

/// Runs the file that `PYTHONSTARTUP` names.
fn startup(vm: &Vm, globals: &Value) {
    let ignored = serpens_state::interpreter::runtime_of(vm).is_some_and(|r| r.settings().ignore_environment);
    let Some(path) = std::env::var("PYTHONSTARTUP").ok().filter(|p| !p.is_empty() && !ignored) else { return };
    let result = match std::fs::read(&path) {
        Ok(bytes) => run::compile_bytes(vm, &bytes, &path).and_then(|code| vm.run_code(&code, globals, None, None)),
        Err(_) => {
            report::write_stderr(vm, &format!("Could not open PYTHONSTARTUP\nFileNotFoundError: {path}\n"));
            return;
        }
    };
    if result.is_err() {
        report::print_uncaught(vm, &vm.take_raised());
    }
}

/// Shows the exception of a statement; `SystemExit` goes on.
fn report_pending(vm: &Vm) -> PyResult<()> {
    let e = vm.take_raised();
    if vm.type_of(&e).is_subtype(vm.types().SystemExit) {
        return Err(vm.raise(e));
    }
    shutdown::flush_streams(vm);
    report::print_uncaught(vm, &e);
    Ok(())
}

enum Statement {
    Source(String),
    /// It can never be right.
    Wrong(SyntaxError, String),
    Empty,
    Interrupted,
    End,
}

/// What the lines so far are.
enum State {
    Whole,
    More,
    Wrong(SyntaxError),
}

/// Reads lines until they make a whole statement.
fn read_statement(vm: &Vm, lines: &mut Lines<'_>) -> Statement {
    let mut source = String::new();
    loop {
        let name = if source.is_empty() { "ps1" } else { "ps2" };
        match lines.read(&prompt(vm, name)) {
            Line::Text(line) => {
                if !source.is_empty() {
                    source.push('\n');
                }
                source.push_str(&line);
            }
            Line::Interrupted => return Statement::Interrupted,
            Line::End if source.is_empty() => return Statement::End,
            // What is there is all there will be.
            Line::End => {
                source.push('\n');
                return match state(vm, &source, false) {
                    State::Wrong(error) => Statement::Wrong(error, source),
                    _ => Statement::Source(source),
                };
            }
        }
        if is_blank(&source) {
            return Statement::Empty;
        }
        match state(vm, &source, true) {
            State::More => {}
            State::Whole => return Statement::Source(source),
            State::Wrong(error) => return Statement::Wrong(error, source),
        }
    }
}

/// Whether there are only blank lines and comments.
fn is_blank(source: &str) -> bool {
    source.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#'))
}

/// Whether lines are a statement, may become one, or never will; by the rules of `codeop`.
fn state(vm: &Vm, source: &str, may_go_on: bool) -> State {
    let mut options = run::default_options(vm);
    let whole = |source: &str, options| serpens_compiler::compile(source, FILENAME, Mode::Single, options);
    if may_go_on {
        (options.allow_incomplete, options.keep_blocks) = (true, true);
        if whole(source, options).is_ok() {
            return State::Whole;
        }
        match whole(&format!("{source}\n"), options) {
            Ok(_) => return State::More,
            Err(e) if e.kind == SyntaxErrorKind::Incomplete => return State::More,
            Err(_) => {}
        }
        (options.allow_incomplete, options.keep_blocks) = (false, false);
    }
    match whole(&format!("{source}\n"), options) {
        Ok(_) => State::Whole,
        Err(e) => State::Wrong(e),
    }
}

fn run_statement(vm: &Vm, source: &str, filename: &str, globals: &Value) -> PyResult<()> {
    sources::remember_source(vm, filename, source);
    let code = run::compile(vm, source, filename, Mode::Single, run::default_options(vm))?;
    register_lines(vm, source, filename)?;
    vm.run_code(&code, globals, None, None).map(drop)
}

/// Gives `linecache`, if it is loaded, the lines of a statement.
fn register_lines(vm: &Vm, source: &str, filename: &str) -> PyResult<()> {
    let modules = vm.modules.get();
    let linecache = modules.as_ref().and_then(|m| m.downcast::<Dict>()?.get_name(vm, "linecache"));
    let Some(cache) = linecache.and_then(|m| vm.getattr_str(&m, "cache").ok()) else { return Ok(()) };
    let Some(cache) = cache.downcast::<Dict>() else { return Ok(()) };
    let lines = source.lines().map(|l| vm.str(&format!("{l}\n"))).collect();
    let size = Value::from_usize(source.len());
    let entry = vm.tuple(vec![size, Value::NONE, vm.list(lines), vm.str(filename)]);
    cache.set_name(vm, filename, entry);
    Ok(())
}
