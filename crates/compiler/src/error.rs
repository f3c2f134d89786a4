//! [`SyntaxError`] and [`Warning`]: what the compiler reports, in CPython's words.

use crate::source::Source;
use ruff_text_size::TextRange;

/// Which exception class an error is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SyntaxErrorKind {
    /// `SyntaxError`.
    Syntax,
    /// `IndentationError`.
    Indentation,
    /// `TabError`.
    Tab,
    /// `_IncompleteInputError`: more input may make the source valid.
    Incomplete,
    /// `RecursionError`: the source nests too deeply to be compiled.
    Recursion,
    /// `MemoryError`: the parser's stack is used up.
    Memory,
    /// `OverflowError`-like limits of the compiler.
    Overflow,
    /// `ValueError`.
    Value,
}

/// A source that cannot be compiled. Lines and columns count from 1, columns in characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// Its class.
    pub kind: SyntaxErrorKind,
    /// The message.
    pub message: String,
    /// The file.
    pub filename: Box<str>,
    /// First line, or 0 if unknown.
    pub line: u32,
    /// First column.
    pub col: u32,
    /// Last line.
    pub end_line: u32,
    /// Column behind the last character; 0 or `u32::MAX` (CPython's -1) where it is not known.
    pub end_col: u32,
    /// The first line's text, if there is a source.
    pub text: Option<String>,
    /// Line and byte column of the last compound statement before it; what was meant is sought behind that.
    pub statement: (u32, u32),
    /// Warnings that CPython's parser gives before it.
    pub before: Vec<Warning>,
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, line {})", self.message, self.filename, self.line)
    }
}

impl std::error::Error for SyntaxError {}

impl SyntaxError {
    /// An error about a range.
    ///
    /// Its columns are those of bytes: so CPython's compiler reports what its parser let pass.
    #[cold]
    pub fn new(source: &Source, kind: SyntaxErrorKind, range: TextRange, message: impl Into<String>) -> SyntaxError {
        let (line, col) = source.line_col(range.start());
        let (end_line, end_col) = source.line_col(range.end());
        let (col, end_col) = (col + 1, end_col + 1);
        SyntaxError {
            kind,
            message: message.into(),
            filename: (*source.filename).into(),
            line,
            col,
            end_line,
            end_col,
            text: (!source.filename.starts_with('<')).then(|| source.line_text(line).to_string()),
            statement: (0, 0),
            before: Vec::new(),
        }
    }

    /// A `SyntaxError` about a range.
    #[cold]
    pub fn syntax(source: &Source, range: TextRange, message: impl Into<String>) -> SyntaxError {
        SyntaxError::new(source, SyntaxErrorKind::Syntax, range, message)
    }

    /// An error without a position.
    #[cold]
    pub fn bare(kind: SyntaxErrorKind, filename: &str, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            kind,
            message: message.into(),
            filename: filename.into(),
            line: 0,
            col: 0,
            end_line: 0,
            end_col: 0,
            text: None,
            statement: (0, 0),
            before: Vec::new(),
        }
    }
}

/// A `SyntaxWarning`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// The message.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The range in the source, so that a warning made an error can point at it.
    pub error: SyntaxError,
}
