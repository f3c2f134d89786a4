//! The interactive prompt: line editing and history by rustyline on a terminal, plain lines otherwise.

use serpens_compiler::{Mode, SyntaxErrorKind};
use serpens_state::run;
use serpens_state::sys::report;
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, Value, Vm};
use std::io::{BufRead, IsTerminal, Write};

/// Where lines come from.
enum Input {
    Editor(Box<rustyline::DefaultEditor>, Option<std::path::PathBuf>),
    Plain,
}

/// What a prompt gave.
enum Line {
    Text(String),
    Interrupted,
    End,
}

impl Input {
    fn new() -> Input {
        if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            return Input::Plain;
        }
        match rustyline::DefaultEditor::new() {
            Ok(mut editor) => {
                let history = std::env::var_os("HOME").map(|h| std::path::Path::new(&h).join(".serpens_history"));
                if let Some(path) = &history {
                    // There is no history yet on the first run.
                    let _ = editor.load_history(path);
                }
                Input::Editor(Box::new(editor), history)
            }
            Err(_) => Input::Plain,
        }
    }

    fn read(&mut self, prompt: &str) -> Line {
        match self {
            Input::Editor(editor, _) => match editor.readline(prompt) {
                Ok(text) => Line::Text(text),
                Err(rustyline::error::ReadlineError::Interrupted) => Line::Interrupted,
                Err(_) => Line::End,
            },
            Input::Plain => {
                eprint!("{prompt}");
                let _ = std::io::stderr().flush();
                let mut text = String::new();
                match std::io::stdin().lock().read_line(&mut text) {
                    Ok(0) | Err(_) => Line::End,
                    Ok(_) => Line::Text(text.trim_end_matches('\n').to_string()),
                }
            }
        }
    }

    fn remember(&mut self, source: &str) {
        if let Input::Editor(editor, history) = self {
            // A full or read-only disk must not end the session.
            let _ = editor.add_history_entry(source.trim_end());
            if let Some(path) = history {
                let _ = editor.append_history(path);
            }
        }
    }
}

fn prompt(vm: &Vm, name: &str, default: &str) -> String {
    let sys = vm.sys_dict();
    let Some(d) = sys.as_ref().and_then(|d| d.downcast::<Dict>()) else { return default.into() };
    match d.get_name(vm, name) {
        Some(v) => vm.str_string(&v).unwrap_or_else(|_| {
            drop(vm.take_raised());
            String::new()
        }),
        None => default.into(),
    }
}

/// Runs the prompt until the input ends or `SystemExit`.
pub fn run(vm: &Vm) -> PyResult<()> {
    let globals = run::main_dict(vm)?;
    let sys = vm.sys_dict();
    if let Some(d) = sys.as_ref().and_then(|d| d.downcast::<Dict>()) {
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
    }
    let mut input = Input::new();
    loop {
        match read_statement(vm, &mut input) {
            Statement::End => {
                eprintln!();
                return Ok(());
            }
            Statement::Interrupted => eprintln!("\nKeyboardInterrupt"),
            Statement::Source(source) if source.trim().is_empty() => {}
            Statement::Source(source) => {
                input.remember(&source);
                if run_statement(vm, &source, &globals).is_err() {
                    let e = vm.take_raised();
                    if vm.type_of(&e).is_subtype(vm.types().SystemExit) {
                        return Err(vm.raise(e));
                    }
                    report::print_uncaught(vm, &e);
                }
                run::flush_streams(vm);
            }
        }
    }
}

enum Statement {
    Source(String),
    Interrupted,
    End,
}

/// Reads lines until they make a whole statement.
fn read_statement(vm: &Vm, input: &mut Input) -> Statement {
    let mut source = String::new();
    loop {
        let (name, default) = if source.is_empty() { ("ps1", ">>> ") } else { ("ps2", "... ") };
        let line = match input.read(&prompt(vm, name, default)) {
            Line::Text(line) => line,
            Line::Interrupted => return Statement::Interrupted,
            Line::End if source.is_empty() => return Statement::End,
            Line::End => return Statement::Source(source),
        };
        let blank = line.trim().is_empty();
        let first = source.is_empty();
        source.push_str(&line);
        source.push('\n');
        if first && blank {
            return Statement::Source(source);
        }
        if !is_incomplete(vm, &source, blank) {
            return Statement::Source(source);
        }
    }
}

/// Whether more lines could complete the source. A compound statement ends at a blank line.
fn is_incomplete(vm: &Vm, source: &str, last_blank: bool) -> bool {
    let mut options = run::default_options(vm);
    options.allow_incomplete = true;
    match serpens_compiler::compile(source, "<stdin>", Mode::Single, options) {
        Err(e) => {
            e.kind == SyntaxErrorKind::Incomplete && !(last_blank && e.message.starts_with("expected an indented"))
        }
        Ok(_) => {
            let compound = source.lines().count() > 1 || source.trim_end().ends_with(':') || source.starts_with('@');
            let opens_block = source.lines().next().is_some_and(|l| {
                let l = l.split('#').next().unwrap_or("").trim_end();
                let word: String = l.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                matches!(word.as_str(), "if" | "for" | "while" | "def" | "class" | "with" | "try" | "async" | "match")
                    || l.starts_with('@')
            });
            compound && opens_block && !last_blank
        }
    }
}

fn run_statement(vm: &Vm, source: &str, globals: &Value) -> PyResult<()> {
    let code = run::compile(vm, source, "<stdin>", Mode::Single, run::default_options(vm))?;
    vm.run_code(&code, globals, None, None).map(drop)
}
