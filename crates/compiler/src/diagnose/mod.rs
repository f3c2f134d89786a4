//! What is wrong with a source that does not parse, in CPython's words and at CPython's position.
//!
//! ruff's parser says where it failed; the tokens around that place, and re-parsed pieces of the source, say what CPython
//! would call it. Errors of the tokenizer win over those of the parser wherever they are, as they do in CPython.
//!
//! This runs only for programs that are refused, so it may take its time.

mod lexical;
mod targets;
mod tokens;
mod wording;

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::source::Source;
use ruff_python_ast::Mod;
use ruff_python_parser::Parsed;
use ruff_text_size::{TextRange, TextSize};
use tokens::Tokens;

/// A message with its place. An end of `None` is one that CPython does not know.
pub(crate) struct Finding {
    kind: SyntaxErrorKind,
    message: String,
    range: TextRange,
    /// What is reported instead of the range's end: CPython gives 0 or -1 where it knows none.
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Known,
    Zero,
    MinusOne,
    /// The same as the start.
    Start,
}

impl Finding {
    fn syntax(range: TextRange, message: impl Into<String>) -> Finding {
        Finding { kind: SyntaxErrorKind::Syntax, message: message.into(), range, end: End::Known }
    }

    fn indentation(range: TextRange, message: impl Into<String>) -> Finding {
        Finding { kind: SyntaxErrorKind::Indentation, message: message.into(), range, end: End::Known }
    }

    fn with_end(mut self, end: End) -> Finding {
        self.end = end;
        self
    }

    fn into_error(self, source: &Source) -> SyntaxError {
        let mut error = SyntaxError::new(source, self.kind, self.range, self.message);
        match self.end {
            End::Known => {}
            End::Zero => (error.end_line, error.end_col) = (error.line, 0),
            End::MinusOne => (error.end_line, error.end_col) = (error.line, u32::MAX),
            End::Start => (error.end_line, error.end_col) = (error.line, error.col),
        }
        // An implicit newline at the very end has a length in CPython.
        if self.end == End::Known && error.end_line > error.line && source.slice(self.range) == "\n" {
            (error.end_line, error.end_col) = (error.line, error.col + 1);
        }
        if self.end == End::Known && self.range.is_empty() && usize::from(self.range.start()) == source.text.len() {
            error.end_col = error.col + 1;
        }
        error
    }
}

/// The error of a source that ruff refuses.
pub(crate) fn diagnose(source: &Source, parsed: &Parsed<Mod>) -> SyntaxError {
    let tokens = Tokens::new(source);
    let first = parsed.errors().iter().min_by_key(|e| e.location.start());
    if let Some(lexical) = lexical::find(source, &tokens, parsed) {
        return lexical.into_error(source);
    }
    let finding = match first {
        Some(error) => wording::translate(source, &tokens, error),
        None => match parsed.unsupported_syntax_errors().first() {
            Some(e) => Finding::syntax(e.range, e.to_string()),
            None => Finding::syntax(TextRange::empty(TextSize::new(0)), "invalid syntax"),
        },
    };
    // A bracket that stays open is the likelier reason for an error on a later line.
    if let Some((open, at)) = tokens.unclosed {
        let line = |at| source.line_col(at).0;
        if line(finding.range.start()) > line(at) || usize::from(finding.range.start()) >= source.text.trim_end().len()
        {
            return lexical::never_closed(open, at).into_error(source);
        }
    }
    finding.into_error(source)
}
