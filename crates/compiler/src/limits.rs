//! How deeply a source nests, found before it is parsed: the parser and what follows it are recursive.
//!
//! The scan is approximate (it does not tell every token), but it never finds less nesting than there is: a program that
//! passes can be compiled on a stack of the size that [`Limits::stack`] gives.

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::source::Source;
use ruff_text_size::{TextRange, TextSize};

/// Brackets nested more deeply are refused.
const MAX_BRACKETS: usize = 200;
/// Indented blocks nested more deeply are refused.
const MAX_INDENTS: usize = 100;
/// An expression whose operators may nest more deeply is refused.
const MAX_CHAIN: usize = 60_000;

/// What the scan found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    brackets: usize,
    chain: usize,
}

impl Limits {
    /// Bytes of stack that suffice to parse and compile.
    pub fn stack(self) -> usize {
        512 * 1024 + self.brackets * 12 * 1024 + self.chain * 2 * 1024
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Code bytes since the last comma, for each open bracket.
    runs: Vec<usize>,
    total: usize,
    limits: Limits,
}

/// Measures a source.
///
/// # Errors
///
/// If it nests more deeply than CPython permits, or than can be compiled.
pub fn measure(source: &Source) -> Result<Limits, SyntaxError> {
    let mut s = Scan { bytes: source.text.as_bytes(), at: 0, runs: vec![0], total: 0, limits: Limits::default() };
    let mut indents: Vec<usize> = vec![0];
    let mut line_start = true;
    while let Some(b) = s.bytes.get(s.at).copied() {
        if line_start && s.runs.len() == 1 {
            indentation(source, &mut s, &mut indents)?;
        }
        line_start = false;
        match s.bytes.get(s.at).copied().unwrap_or(b) {
            b'#' => s.skip_line(),
            b'\n' => {
                line_start = true;
                s.at += 1;
                if s.runs.len() == 1 {
                    s.reset();
                }
            }
            b',' | b';' => {
                s.at += 1;
                s.reset();
            }
            b'(' | b'[' | b'{' => {
                s.runs.push(0);
                s.limits.brackets = s.limits.brackets.max(s.runs.len());
                if s.runs.len() > MAX_BRACKETS + 1 {
                    let range = TextRange::at(TextSize::new(s.at as u32), TextSize::new(0));
                    return Err(SyntaxError::syntax(source, range, "too many nested parentheses"));
                }
                s.count();
            }
            b')' | b']' | b'}' => {
                if s.runs.len() > 1 {
                    s.total -= s.runs.pop().unwrap_or(0);
                }
                s.count();
            }
            b'\'' | b'"' => s.string(),
            b' ' | b'\t' | b'\\' => s.at += 1,
            _ => s.count(),
        }
        if s.limits.chain > MAX_CHAIN {
            let (kind, message) = match nests_to_the_right(&s.bytes[s.at.saturating_sub(MAX_CHAIN)..s.at]) {
                true => (SyntaxErrorKind::Memory, "Parser stack overflowed - Python source too complex to parse"),
                false => (SyntaxErrorKind::Recursion, "maximum recursion depth exceeded during compilation"),
            };
            let mut error = SyntaxError::bare(kind, &source.filename, message);
            error.line = 0;
            return Err(error);
        }
    }
    Ok(s.limits)
}

/// Whether an expression that is too deep is one that a recursive parser cannot read (prefix operators, `lambda`, `**`,
/// `else`), rather than a chain that only later passes cannot walk.
fn nests_to_the_right(bytes: &[u8]) -> bool {
    const DEEP: usize = 4000;
    let words = bytes.split(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    let n_words = words.filter(|w| matches!(*w, b"lambda" | b"not" | b"else" | b"await")).count();
    let operator = |b: u8| b"+-*/%~(=<>&|^,:@".contains(&b);
    let prefixes = bytes.windows(2).filter(|w| operator(w[0]) && b"-+~".contains(&w[1])).count();
    let powers = bytes.windows(2).filter(|w| *w == b"**").count();
    n_words + prefixes + powers > DEEP
}

fn indentation(source: &Source, s: &mut Scan, indents: &mut Vec<usize>) -> Result<(), SyntaxError> {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\x0C');
    let width = s.bytes[s.at..].iter().take_while(|b| blank(b)).count();
    s.at += width;
    if matches!(s.bytes.get(s.at), None | Some(b'\n' | b'#')) {
        return Ok(());
    }
    while indents.last().is_some_and(|top| width < *top) {
        indents.pop();
    }
    if indents.last().is_none_or(|top| width > *top) {
        indents.push(width);
        if indents.len() > MAX_INDENTS {
            let range = TextRange::at(TextSize::new(s.at as u32), TextSize::new(0));
            let message = "too many levels of indentation";
            return Err(SyntaxError::new(source, SyntaxErrorKind::Indentation, range, message));
        }
    }
    Ok(())
}

impl Scan<'_> {
    /// Counts one byte of code.
    fn count(&mut self) {
        self.at += 1;
        self.total += 1;
        if let Some(run) = self.runs.last_mut() {
            *run += 1;
        }
        self.limits.chain = self.limits.chain.max(self.total);
    }

    fn reset(&mut self) {
        if let Some(run) = self.runs.last_mut() {
            self.total -= *run;
            *run = 0;
        }
    }

    fn skip_line(&mut self) {
        while self.bytes.get(self.at).is_some_and(|b| *b != b'\n') {
            self.at += 1;
        }
    }

    /// Skips a string; what stands in the braces of an f-string counts as code.
    fn string(&mut self) {
        let quote = self.bytes[self.at];
        let letters = self.bytes[..self.at].iter().rev().take(2).take_while(|b| b.is_ascii_alphabetic());
        let formatted = letters.into_iter().any(|b| matches!(b, b'f' | b'F' | b't' | b'T'));
        let triple = self.bytes[self.at..].starts_with(&[quote; 3]);
        self.at += if triple { 3 } else { 1 };
        let mut braces = 0usize;
        while let Some(b) = self.bytes.get(self.at).copied() {
            let closes = b == quote && (!triple || self.bytes[self.at..].starts_with(&[quote; 3]));
            if closes && braces == 0 || b == b'\n' && !triple && braces == 0 {
                self.at += if closes && triple { 3 } else { usize::from(closes) };
                return;
            }
            match b {
                b'\\' if braces == 0 => self.at += 2,
                b'{' if formatted => {
                    braces += 1;
                    self.count();
                }
                b'}' if braces > 0 => {
                    braces -= 1;
                    self.count();
                }
                _ if braces > 0 => self.count(),
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(text: &str) -> Option<usize> {
        measure(&Source::new(text, "t")).ok().map(|l| l.chain)
    }

    #[test]
    fn strings_do_not_count_but_their_expressions_do() {
        assert_eq!(chain("'aaaaaaaaaaaaaaaaaaaaaaaaaa'"), Some(0));
        assert_eq!(chain("f'aaaaaaaaaaaaaaaaaaaaaaaa{xx}'"), Some(5));
    }

    #[test]
    fn items_do_not_add_up() {
        assert_eq!(chain("[aa, bb, cc]"), chain("[aa]"));
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(chain(&"(".repeat(201)).is_none());
        assert!(chain(&"-".repeat(100_000)).is_none());
        assert!(chain(&format!("f'{{{}'", "(".repeat(100_000))).is_none());
    }
}
