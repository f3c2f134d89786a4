//! Where the prompt's lines come from: rustyline on a terminal, with history and completion; plain lines otherwise.

use rustyline::completion::Completer;
use rustyline::config::Configurer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{Context, Editor, Helper};
use serpens_vm::types::str::Str;
use serpens_vm::{PyResult, Value, Vm};
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

/// Entries that the history file keeps.
const HISTORY_LENGTH: usize = 2000;

/// What a prompt gave.
pub enum Line {
    /// A line, or several that were pasted or recalled, without the last line end.
    Text(String),
    /// Ctrl-C.
    Interrupted,
    /// The end of the input.
    End,
}

/// A source of lines.
pub enum Lines<'vm> {
    /// A terminal.
    Terminal(Box<Editor<Names<'vm>, FileHistory>>, Option<PathBuf>),
    /// A pipe or a file.
    Plain,
}

impl<'vm> Lines<'vm> {
    /// Lines of the standard input.
    pub fn new(vm: &'vm Vm) -> Lines<'vm> {
        if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            return Lines::Plain;
        }
        let Ok(mut editor) = Editor::new() else { return Lines::Plain };
        editor.set_helper(Some(Names { vm, completer: std::cell::OnceCell::new() }));
        editor.set_completion_type(rustyline::CompletionType::List);
        // A history that is too long or repeats itself is no reason to stop.
        let _ = editor.set_max_history_size(HISTORY_LENGTH);
        let _ = editor.set_history_ignore_dups(true);
        let history = std::env::var_os("PYTHON_HISTORY")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".serpens_history")));
        if let Some(path) = &history {
            // There is none yet on the first run.
            let _ = editor.load_history(path);
        }
        Lines::Terminal(Box::new(editor), history)
    }

    /// The next line.
    pub fn read(&mut self, prompt: &str) -> Line {
        match self {
            Lines::Terminal(editor, _) => match editor.readline(prompt) {
                Ok(text) => Line::Text(text),
                Err(rustyline::error::ReadlineError::Interrupted) => Line::Interrupted,
                Err(_) => Line::End,
            },
            Lines::Plain => {
                eprint!("{prompt}");
                // Nobody reads the prompt then.
                let _ = std::io::stderr().flush();
                let mut bytes = Vec::new();
                match std::io::stdin().lock().read_until(b'\n', &mut bytes) {
                    Ok(0) | Err(_) => Line::End,
                    Ok(_) => {
                        let text = String::from_utf8_lossy(&bytes);
                        Line::Text(text.trim_end_matches(['\n', '\r']).to_string())
                    }
                }
            }
        }
    }

    /// Puts a statement into the history.
    pub fn remember(&mut self, source: &str) {
        if let Lines::Terminal(editor, history) = self {
            // A full or read-only disk must not end the session.
            let _ = editor.add_history_entry(source.trim_end());
            if let Some(path) = history {
                let _ = editor.append_history(path);
            }
        }
    }
}

/// Completes names by the library's `rlcompleter`.
pub struct Names<'vm> {
    vm: &'vm Vm,
    completer: std::cell::OnceCell<Option<Value>>,
}

/// Completions of one word that are shown at most.
const MAX_COMPLETIONS: usize = 500;

impl Names<'_> {
    fn completer(&self) -> Option<&Value> {
        let make = |vm: &Vm| -> PyResult {
            let module = serpens_state::import::import_module(vm, "rlcompleter")?;
            let class = vm.getattr_str(&module, "Completer")?;
            let completer = vm.call_none(&class)?;
            vm.getattr_str(&completer, "complete")
        };
        let made = self.completer.get_or_init(|| make(self.vm).map_err(|_| drop(self.vm.take_raised())).ok());
        made.as_ref()
    }

    fn matches(&self, word: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let Some(complete) = self.completer() else { return found };
        for i in 0..MAX_COMPLETIONS {
            match self.vm.call_pos(complete, &[self.vm.str(word), Value::from_usize(i)]) {
                Ok(v) => match v.downcast::<Str>() {
                    Some(s) => found.push(s.to_string()),
                    None => break,
                },
                Err(_) => {
                    drop(self.vm.take_raised());
                    break;
                }
            }
        }
        found
    }
}

impl Completer for Names<'_> {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = &line[..pos];
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let start =
            before.rfind(|c| !is_word(c)).map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        let word = &before[start..];
        if word.is_empty() {
            // At the start of a line the key indents.
            return Ok((pos, vec!["    ".to_string()]));
        }
        Ok((start, self.matches(word)))
    }
}

impl Hinter for Names<'_> {
    type Hint = String;
}

impl Highlighter for Names<'_> {}

impl Validator for Names<'_> {}

impl Helper for Names<'_> {}
