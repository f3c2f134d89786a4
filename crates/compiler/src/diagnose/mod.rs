//! What is wrong with a source that does not parse, in CPython's words and at CPython's position.
//!
//! The compiler parses with ruff. What ruff refuses is read again as CPython reads it: [`grammar`] holds CPython's grammar
//! with its rules of errors, [`engine`] matches tokens against it, [`report`] words and places what it finds.
//!
//! This runs only for programs that are refused, so it may take its time.

mod engine;
mod grammar;
mod literals;
mod names;
mod report;

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::options::{Mode, Options};
use crate::source::Source;
use crate::tokenizer::Kind;
use engine::{Engine, Failure, Goal};
use ruff_python_ast::Mod;
use ruff_python_parser::Parsed;

/// The error of a source that ruff refuses.
pub(crate) fn diagnose(source: &Source, parsed: &Parsed<Mod>, mode: Mode, options: Options) -> SyntaxError {
    if let Some(error) = find(source, mode, options) {
        return *error;
    }
    // CPython's grammar has nothing against the source; the parser's own words are all there is.
    let first = parsed.errors().iter().min_by_key(|e| e.location.start());
    match (first, parsed.unsupported_syntax_errors().first()) {
        (Some(e), _) => SyntaxError::syntax(source, e.location, late_message(&e.error)),
        (None, Some(e)) => SyntaxError::syntax(source, e.range, e.to_string()),
        (None, None) => SyntaxError::bare(SyntaxErrorKind::Syntax, &source.filename, "invalid syntax"),
    }
}

/// Errors that CPython's compiler finds, not its parser.
fn late_message(error: &ruff_python_parser::ParseErrorType) -> String {
    use ruff_python_parser::ParseErrorType as E;
    match error {
        E::InvalidStarredExpressionUsage => "can't use starred expression here".to_string(),
        other => other.to_string(),
    }
}

/// The error that CPython's parser finds in a source, if it finds one.
pub(crate) fn find(source: &Source, mode: Mode, options: Options) -> Option<Failure> {
    let mut text = std::borrow::Cow::Borrowed(source.text);
    if mode == Mode::Exec && !text.ends_with('\n') {
        text.to_mut().push('\n');
    }
    let rule = match mode {
        Mode::Exec => "file",
        Mode::Eval => "eval",
        Mode::Single => "interactive",
        Mode::FuncType => "func_type",
    };
    let goal = Goal {
        rule,
        single: mode == Mode::Single,
        keep_blocks: options.keep_blocks,
        flufl: options.barry_as_flufl || crate::parse::asks_for_flufl(source.text),
    };
    let grammar = grammar::read();
    let filename = source.filename.to_string();
    let mut engine = Engine::new(source, &text, &filename, &grammar, goal);
    engine.tokenizer.flufl = goal.flufl;
    let mut error = search(&mut engine, options)?;
    error.statement = engine.last_statement;
    error.before = std::mem::take(&mut engine.warnings);
    Some(error)
}

fn search(engine: &mut Engine, options: Options) -> Option<Failure> {
    let first = engine.pass(false);
    if let Ok(Some(_)) = first {
        return if engine.goal.single { more_statements(engine) } else { engine.late.take() };
    }
    if options.allow_incomplete && engine.at_end() {
        let last = engine.tokens.len().saturating_sub(1);
        return Some(if engine.tokens.is_empty() {
            Box::new(SyntaxError::bare(SyntaxErrorKind::Incomplete, &engine.source.filename, "incomplete input"))
        } else {
            engine.at_last(SyntaxErrorKind::Incomplete, last, "incomplete input".to_string())
        });
    }
    if let Err(error) = first {
        return Some(or_tokenizer(engine, error));
    }
    let last = engine.tokens.len() - 1;
    let lexeme = engine.tokens[last];
    let error = match engine.pass(true) {
        Err(error) => error,
        Ok(_) => engine.generic(lexeme, last),
    };
    Some(or_tokenizer(engine, error))
}

/// The error of the parser, unless the tokenizer finds one in the rest of the source: that is the likelier reason.
fn or_tokenizer(engine: &mut Engine, error: Failure) -> Failure {
    let is_indentation = matches!(error.kind, SyntaxErrorKind::Indentation);
    if engine.tokenizer_failed || is_indentation && error.message.starts_with("unexpected") {
        return error;
    }
    let line = engine.tokens.last().map_or(0, |t| t.token.line);
    loop {
        match engine.tokenizer.next_token() {
            Ok(token) if token.kind == Kind::EndMarker => return error,
            Ok(_) => {}
            // In an f-string, what is wrong in a field matters more than how the string ends.
            Err(_) if engine.tokenizer.in_string() => return error,
            Err(found) if !engine.tokenizer.soft_error => return found,
            Err(_) => {
                return match engine.tokenizer.open.last() {
                    Some(open) if line > open.line => match engine.tokenizer.never_closed() {
                        Err(found) => found,
                        Ok(_) => error,
                    },
                    _ => error,
                };
            }
        }
    }
}

/// Refuses anything but comments behind an interactive statement.
fn more_statements(engine: &mut Engine) -> Option<Failure> {
    let rest = engine.tokenizer.text().get(engine.tokenizer.cur..).unwrap_or("");
    let only_comments = rest.lines().all(|l| {
        let l = l.trim_start_matches([' ', '\t', '\x0C']);
        l.is_empty() || l.starts_with('#')
    });
    if only_comments {
        return None;
    }
    let message = "multiple statements found while compiling a single statement".to_string();
    Some(engine.at_last(SyntaxErrorKind::Syntax, engine.tokens.len() - 1, message))
}

/// Whether Python's `str.isprintable` holds for a character.
pub(crate) fn is_printable(c: char) -> bool {
    // Combining marks are escaped in Rust's debug form, but they are printable to Python.
    c.is_ascii_graphic() || c == ' ' || {
        let escaped = c.escape_debug().next() == Some('\\');
        !c.is_ascii() && (!escaped || unicode_normalization::char::is_combining_mark(c))
    }
}
