//! Warnings about sources that are right but look wrong: escapes that mean nothing, numbers that run into a keyword, and
//! jumps out of `finally`.
//!
//! What the code generator warns of lies with it, in `emit/checks.rs`.

use crate::error::{SyntaxError, Warning};
use crate::source::Source;
use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::Parsed;
use ruff_text_size::{Ranged, TextRange, TextSize};

/// The warnings about a source that parsed, in CPython's order: those of its parser, then those of `finally` blocks.
pub fn collect(source: &Source, parsed: &Parsed<Mod>) -> Vec<Warning> {
    let mut found = of_parser(source, parsed);
    found.extend(of_finally(source, parsed.syntax()));
    found
}

/// The warnings of the parser.
pub fn of_parser(source: &Source, parsed: &Parsed<Mod>) -> Vec<Warning> {
    let mut found = Collector { source, warnings: Vec::new(), strings: Vec::new() };
    let tokens = parsed.tokens();
    for (i, token) in tokens.iter().enumerate() {
        found.token(token, tokens.get(i + 1));
    }
    found.warnings
}

/// The warning about a plain literal, if there is one.
pub fn of_literal(source: &Source, text: &str, range: TextRange) -> Option<Warning> {
    let mut found = Collector { source, warnings: Vec::new(), strings: Vec::new() };
    found.plain(text, range);
    found.warnings.pop()
}

/// The warnings about jumps out of `finally` blocks.
pub fn of_finally(source: &Source, module: &Mod) -> Vec<Warning> {
    let mut found = Collector { source, warnings: Vec::new(), strings: Vec::new() };
    if let Mod::Module(m) = module {
        found.statements(&m.body, Around::Nothing);
    }
    found.warnings
}

/// What a jump would leave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    Finally,
    Loop,
}

/// A formatted string that is being read.
struct Formatted {
    raw: bool,
    /// Pieces of text outside format specifications: they are decoded last.
    later: Vec<TextRange>,
    depth: u32,
}

struct Collector<'a> {
    source: &'a Source<'a>,
    warnings: Vec<Warning>,
    strings: Vec<Formatted>,
}

impl Collector<'_> {
    fn token(&mut self, token: &Token, next: Option<&Token>) {
        let range = token.range();
        match token.kind() {
            TokenKind::String => {
                let text = self.source.slice(range);
                if text.contains('\\') {
                    self.plain(text, range);
                }
            }
            TokenKind::FStringStart | TokenKind::TStringStart => {
                let raw = self.source.slice(range).contains(['r', 'R']);
                self.strings.push(Formatted { raw, later: Vec::new(), depth: 0 });
            }
            TokenKind::FStringMiddle | TokenKind::TStringMiddle => {
                if let Some(s) = self.strings.last_mut().filter(|s| !s.raw) {
                    if s.depth == 0 {
                        s.later.push(range);
                    } else {
                        self.piece(range, range);
                    }
                }
            }
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                let behind = next.map_or(range, |n| TextRange::at(n.start(), n.range().len().max(1.into())));
                for piece in self.strings.pop().map(|s| s.later).unwrap_or_default() {
                    self.piece(piece, behind);
                }
            }
            TokenKind::Lbrace | TokenKind::Rbrace => {
                if let Some(s) = self.strings.last_mut() {
                    let step = if token.kind() == TokenKind::Lbrace { 1 } else { u32::MAX };
                    s.depth = s.depth.wrapping_add(step);
                }
            }
            TokenKind::Int | TokenKind::Float | TokenKind::Complex => {
                let follows = next.filter(|n| n.kind().is_keyword() && n.range().start() == range.end());
                if follows.is_some() {
                    self.number(range);
                }
            }
            _ => {}
        }
    }

    fn plain(&mut self, text: &str, range: TextRange) {
        let quote = text.find(['\'', '"']).unwrap_or(0);
        let prefix = &text[..quote];
        if prefix.contains(['r', 'R']) {
            return;
        }
        let size = if text[quote..].starts_with("\"\"\"") || text[quote..].starts_with("'''") { 3 } else { 1 };
        let bytes = prefix.contains(['b', 'B']);
        let body = text.get(quote + size..text.len() - size).unwrap_or("");
        let Some((at, shown)) = invalid_escape(body, bytes, false) else { return };
        let offset = quote + size + at;
        // CPython forgets the prefix and the quotes of bytes.
        let seen = if bytes { at } else { offset };
        let seen = if text[..offset].contains('\n') { offset } else { seen };
        let start = range.start() + TextSize::new(seen as u32);
        let line = self.source.line_col(range.start() + TextSize::new(offset as u32)).0;
        self.escape(&shown, line, TextRange::at(start, TextSize::new(2)));
    }

    fn piece(&mut self, piece: TextRange, shown_at: TextRange) {
        let body = self.source.slice(piece);
        if let Some((_, shown)) = invalid_escape(body, false, true) {
            let line = self.source.line_col(shown_at.start()).0;
            self.escape(&shown, line, shown_at);
        }
    }

    fn escape(&mut self, shown: &str, line: u32, range: TextRange) {
        let octal = if shown.len() > 2 { "octal " } else { "" };
        let what = format!("\"{shown}\" is an invalid {octal}escape sequence.");
        let hint = format!("Did you mean \"\\{shown}\"? A raw string is also an option.");
        let mut error = SyntaxError::syntax(self.source, range, format!("{what} {hint}"));
        let text = self.source.line_text(error.line);
        error.text = Some(if text.ends_with('\n') { text.to_string() } else { format!("{text}\n") });
        let message = format!("{what} Such sequences will not work in the future. {hint}");
        self.warnings.push(Warning { message, line, error });
    }

    fn number(&mut self, range: TextRange) {
        let text = self.source.slice(range).to_ascii_lowercase();
        let kind = match text.get(..2) {
            Some("0x") => "hexadecimal",
            Some("0o") => "octal",
            Some("0b") => "binary",
            _ if text.ends_with('j') => "imaginary",
            _ => "decimal",
        };
        let last = TextRange::empty(range.end() - TextSize::new(1));
        let mut error = SyntaxError::syntax(self.source, last, format!("invalid {kind} literal"));
        error.text = Some(self.source.line_text(error.line).trim_end_matches('\n').to_string());
        self.warnings.push(Warning { message: error.message.clone(), line: error.line, error });
    }

    fn warn(&mut self, range: TextRange, message: String) {
        let error = SyntaxError::syntax(self.source, range, message.clone());
        self.warnings.push(Warning { message, line: error.line, error });
    }

    fn statements(&mut self, body: &[Stmt], around: Around) {
        for stmt in body {
            stacker::maybe_grow(32 * 1024, 256 * 1024, || self.statement(stmt, around));
        }
    }

    fn statement(&mut self, stmt: &Stmt, around: Around) {
        let mut leaves = |name: &str| {
            if around == Around::Finally {
                self.warn(stmt.range(), format!("'{name}' in a 'finally' block"));
            }
        };
        match stmt {
            Stmt::Return(_) => leaves("return"),
            Stmt::Break(_) => leaves("break"),
            Stmt::Continue(_) => leaves("continue"),
            Stmt::FunctionDef(x) => self.statements(&x.body, Around::Nothing),
            Stmt::ClassDef(x) => self.statements(&x.body, around),
            Stmt::For(x) => {
                self.statements(&x.body, Around::Loop);
                self.statements(&x.orelse, around);
            }
            Stmt::While(x) => {
                self.statements(&x.body, Around::Loop);
                self.statements(&x.orelse, around);
            }
            Stmt::If(x) => {
                self.statements(&x.body, around);
                x.elif_else_clauses.iter().for_each(|c| self.statements(&c.body, around));
            }
            Stmt::With(x) => self.statements(&x.body, around),
            Stmt::Match(x) => x.cases.iter().for_each(|c| self.statements(&c.body, around)),
            Stmt::Try(x) => {
                self.statements(&x.body, around);
                for handler in &x.handlers {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(h) = handler;
                    self.statements(&h.body, around);
                }
                self.statements(&x.orelse, around);
                self.statements(&x.finalbody, Around::Finally);
            }
            _ => {}
        }
    }
}

/// The first escape that means nothing: where it is, and how it is shown.
fn invalid_escape(body: &str, bytes: bool, formatted: bool) -> Option<(usize, String)> {
    let raw = body.as_bytes();
    let mut i = 0;
    while i < raw.len() {
        if raw[i] != b'\\' {
            i += 1;
            continue;
        }
        let Some(next) = raw.get(i + 1) else { break };
        match next {
            b'\n' | b'\\' | b'\'' | b'"' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'x' => {}
            b'u' | b'U' if !bytes => {}
            b'N' if !bytes => {
                // A named character's braces hold no escapes.
                i += body[i..].find('}').unwrap_or(0).max(1) - 1;
            }
            b'0'..=b'7' => {
                let digits = raw[i + 1..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(*b)).count();
                if digits == 3 && raw[i + 1] > b'3' {
                    return Some((i, body[i..i + 4].to_string()));
                }
            }
            // In front of a field the backslash is text.
            b'{' | b'}' if formatted => return Some((i, body[i..i + 2].to_string())),
            _ => {
                let c = body[i + 1..].chars().next()?;
                return Some((i, format!("\\{c}")));
            }
        }
        i += 2;
    }
    // The field's brace is another token.
    (formatted && raw.last() == Some(&b'\\') && raw.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1)
        .then(|| (raw.len() - 1, "\\{".to_string()))
}

#[cfg(test)]
mod tests {
    use super::invalid_escape;

    #[test]
    fn only_the_first_invalid_escape_counts() {
        assert_eq!(invalid_escape("\\n\\d\\e", false, false), Some((2, "\\d".to_string())));
        assert_eq!(invalid_escape("\\N{BULLET}\\x41\\377", false, false), None);
        assert_eq!(invalid_escape("\\N", true, false), Some((0, "\\N".to_string())));
        assert_eq!(invalid_escape("\\400", false, false), Some((0, "\\400".to_string())));
    }
}
