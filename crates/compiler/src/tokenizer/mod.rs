//! CPython's tokens, to the letter: where each begins and ends, and which error a text that is none gives.
//!
//! The compiler itself parses with ruff's lexer. This one serves what must agree with CPython token by token: the module
//! `tokenize`, and the diagnosis of sources that do not parse.
//!
//! It knows nothing of the grammar. It never panics: every text ends in [`Kind::EndMarker`] or an error.

mod interpolated;
mod kinds;
mod layout;
mod number;
mod word;

pub use kinds::{Kind, exact_type};

use crate::error::{SyntaxError, SyntaxErrorKind};

/// Blocks nested more deeply are refused.
const MAX_INDENTS: usize = 100;
/// Brackets nested more deeply are refused.
const MAX_BRACKETS: usize = 200;
/// f-strings in f-strings nested more deeply are refused.
const MAX_STRINGS: usize = 150;

/// One token. Offsets are bytes from the start of the text.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Line (from 1) of its first character.
    pub line: u32,
    /// Line of its last character.
    pub end_line: u32,
    /// Byte column of its first character; `None` for tokens that no text stands for.
    pub col: Option<u32>,
    /// Byte column behind its last character.
    pub end_col: Option<u32>,
}

/// Why the tokenizer stopped, beyond the error itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// It did not.
    Running,
    /// The text ended where it may.
    End,
    /// The text ended inside something: more text may mend it.
    Cut,
    /// The text is wrong.
    Wrong,
}

/// An f-string or t-string that is being read.
#[derive(Clone, Debug)]
struct Interpolated {
    quote: u8,
    quote_size: usize,
    start: usize,
    first_line: u32,
    line_start: usize,
    raw: bool,
    template: bool,
    /// Whether the text between the fields is read, not a field.
    in_text: bool,
    depth: i32,
    field_depth: i32,
    in_format_spec: bool,
}

impl Interpolated {
    fn prefix(&self) -> char {
        if self.template { 't' } else { 'f' }
    }
}

/// An open bracket.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// The bracket.
    pub bracket: u8,
    /// Its line, from 1.
    pub line: u32,
    /// Its byte column, from 0.
    pub col: u32,
}

/// Reads tokens.
pub struct Tokenizer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    filename: &'a str,
    /// Comments and meaningless line ends are tokens; badly formed numbers and brackets are none of our business.
    extra: bool,
    /// `<>` is one operator.
    pub(crate) flufl: bool,
    /// Where the next byte is.
    pub(crate) cur: usize,
    /// Where the line begins.
    pub(crate) line_start: usize,
    /// The line, from 1 (0 before the first byte is read).
    pub(crate) line: u32,
    at_line_start: bool,
    pending: i32,
    indents: Vec<(usize, usize)>,
    strings: Vec<Interpolated>,
    /// Brackets that are open.
    pub open: Vec<Open>,
    start: usize,
    first_line: u32,
    first_line_start: usize,
    comment_newline: bool,
    fresh_line: bool,
    /// How it stopped.
    pub stop: Stop,
    /// The error is one of those that a parser words, not the tokenizer: it does not take precedence over the parser's own.
    pub(crate) soft_error: bool,
}

type Read = Result<Token, Box<SyntaxError>>;

impl<'a> Tokenizer<'a> {
    /// A tokenizer over a text whose lines end with LF. `extra` asks for the tokens of the module `tokenize`.
    pub fn new(text: &'a str, filename: &'a str, extra: bool) -> Tokenizer<'a> {
        Tokenizer {
            text,
            bytes: text.as_bytes(),
            filename,
            extra,
            flufl: false,
            cur: 0,
            line_start: 0,
            line: 0,
            at_line_start: true,
            pending: 0,
            indents: vec![(0, 0)],
            strings: Vec::new(),
            open: Vec::new(),
            start: 0,
            first_line: 1,
            first_line_start: 0,
            comment_newline: false,
            fresh_line: true,
            stop: Stop::Running,
            soft_error: false,
        }
    }

    /// The next token.
    ///
    /// # Errors
    ///
    /// The text is no token.
    pub fn next_token(&mut self) -> Read {
        match self.strings.last() {
            Some(s) if s.in_text => self.string_text(),
            _ => self.plain(),
        }
    }

    /// Closes all blocks with the next tokens, as the end of an interactive statement does.
    pub(crate) fn close_blocks(&mut self) {
        self.pending = -(self.indents.len() as i32 - 1);
        self.indents.truncate(1);
    }

    /// The text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Whether an interpolated string is being read.
    pub(crate) fn in_string(&self) -> bool {
        !self.strings.is_empty()
    }

    /// The letter of the innermost interpolated string.
    pub(crate) fn string_prefix(&self) -> char {
        self.strings.last().map_or('f', Interpolated::prefix)
    }

    /// How many characters the line has up to the place that was read last.
    fn column(&self) -> u32 {
        chars(self.bytes, self.line_start, self.cur)
    }

    fn bump(&mut self) -> Option<u8> {
        let Some(b) = self.bytes.get(self.cur).copied() else {
            if self.stop == Stop::Running {
                self.stop = Stop::End;
            }
            return None;
        };
        if self.fresh_line {
            self.fresh_line = false;
            self.line += 1;
            self.line_start = self.cur;
        }
        self.cur += 1;
        if b == b'\n' {
            self.fresh_line = true;
        }
        Some(b)
    }

    /// Takes back the byte that was read last; the end of the text cannot be taken back.
    fn back(&mut self, b: Option<u8>) {
        if b.is_some() {
            self.cur -= 1;
            // A line that was only peeked at has not begun.
            self.fresh_line = self.cur > 0 && self.bytes[self.cur - 1] == b'\n' && self.cur != self.line_start;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.cur).copied()
    }

    fn token(&mut self, kind: Kind, start: usize, end: usize) -> Read {
        let (line, line_start) = match kind {
            Kind::String | Kind::FStringMiddle | Kind::TStringMiddle | Kind::FStringStart | Kind::TStringStart => {
                (self.first_line, self.first_line_start)
            }
            _ => (self.line, self.line_start),
        };
        Ok(Token {
            kind,
            start,
            end,
            line,
            end_line: self.line,
            col: start.checked_sub(line_start).map(|c| c as u32),
            end_col: end.checked_sub(self.line_start).map(|c| c as u32),
        })
    }

    /// A token that no text stands for.
    fn mark(&mut self, kind: Kind) -> Read {
        let at = self.cur;
        Ok(Token { kind, start: at, end: at, line: self.line, end_line: self.line, col: None, end_col: None })
    }

    fn simple(&mut self, kind: Kind) -> Read {
        self.token(kind, self.start, self.cur)
    }

    /// An error at the place that was read last.
    #[cold]
    fn error<T>(&mut self, message: impl Into<String>) -> Result<T, Box<SyntaxError>> {
        let col = self.column();
        self.error_range(message, col, col)
    }

    #[cold]
    fn error_range<T>(&mut self, message: impl Into<String>, col: u32, end_col: u32) -> Result<T, Box<SyntaxError>> {
        self.stop = Stop::Wrong;
        let rest = &self.bytes[self.line_start..];
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let text = String::from_utf8_lossy(&rest[..end]).into_owned();
        Err(Box::new(SyntaxError {
            kind: SyntaxErrorKind::Syntax,
            message: message.into(),
            filename: self.filename.into(),
            line: self.line,
            col,
            end_line: self.line,
            end_col,
            text: Some(text),
            statement: (0, 0),
            before: Vec::new(),
        }))
    }

    /// An error whose end is not known, as the parser words what stopped the tokenizer.
    #[cold]
    fn stopped<T>(
        &mut self,
        kind: SyntaxErrorKind,
        message: &str,
        col: u32,
        end_col: u32,
    ) -> Result<T, Box<SyntaxError>> {
        let mut error = match self.error_range::<T>(message, col, end_col) {
            Ok(never) => return Ok(never),
            Err(error) => error,
        };
        self.soft_error = true;
        error.kind = kind;
        if let Some(text) = &mut error.text {
            text.push('\n');
        }
        Err(error)
    }
}

/// How many characters (or pieces of one) lie between two offsets.
fn chars(bytes: &[u8], from: usize, to: usize) -> u32 {
    String::from_utf8_lossy(&bytes[from.min(to)..to]).chars().count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, extra: bool) -> Result<Vec<(Kind, String)>, String> {
        let mut t = Tokenizer::new(text, "t", extra);
        let mut out = Vec::new();
        loop {
            let token = t.next_token().map_err(|e| e.message.clone())?;
            out.push((token.kind, text[token.start..token.end].to_string()));
            if token.kind == Kind::EndMarker {
                return Ok(out);
            }
        }
    }

    #[test]
    fn blocks_are_marked() {
        let all = kinds("if x:\n  y\nz\n", false).unwrap();
        let marks: Vec<Kind> = all.iter().map(|(k, _)| *k).filter(|k| !matches!(k, Kind::Name | Kind::Op)).collect();
        assert_eq!(marks, [Kind::Newline, Kind::Indent, Kind::Newline, Kind::Dedent, Kind::Newline, Kind::EndMarker]);
    }

    #[test]
    fn f_strings_come_in_pieces() {
        let all = kinds("f'a{b!r:>{w}}c'\n", false).unwrap();
        let texts: Vec<&str> = all.iter().map(|(_, t)| t.as_str()).collect();
        assert_eq!(texts[..14], ["f'", "a", "{", "b", "!", "r", ":", ">", "{", "w", "}", "", "}", "c"],);
    }

    #[test]
    fn comments_are_tokens_on_request() {
        let all = kinds("x # y\n", true).unwrap();
        assert_eq!(all[1], (Kind::Comment, "# y".to_string()));
        assert_eq!(kinds("x # y\n", false).unwrap()[1].0, Kind::Newline);
    }

    #[test]
    fn what_is_no_token_is_an_error() {
        assert_eq!(kinds("0xg\n", false).unwrap_err(), "invalid hexadecimal literal");
        assert_eq!(kinds(")\n", false).unwrap_err(), "unmatched ')'");
        assert_eq!(kinds("'a\n", false).unwrap_err(), "unterminated string literal (detected at line 1)");
    }
}
