//! The significant tokens of a source, with bracket depths.

use crate::source::Source;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextRange, TextSize};

/// One token: its kind, its range and how many brackets are open around it.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: TokenKind,
    pub range: TextRange,
    pub depth: u32,
}

/// All tokens but comments and the line ends inside brackets.
pub struct Tokens<'a> {
    pub list: Vec<Token>,
    /// The innermost bracket that is never closed.
    pub unclosed: Option<(char, TextSize)>,
    /// A closing bracket that closes nothing, or the wrong one (with its line).
    pub mismatch: Option<(char, TextSize, Option<(char, TextSize)>)>,
    pub source: &'a Source<'a>,
}

impl<'a> Tokens<'a> {
    pub fn new(source: &'a Source<'a>) -> Tokens<'a> {
        let parsed = ruff_python_parser::parse_unchecked(source.text, ParseOptions::from(Mode::Module));
        let mut list = Vec::new();
        let mut open: Vec<(char, TextSize)> = Vec::new();
        let mut mismatch = None;
        for token in parsed.tokens() {
            let kind = token.kind();
            let range = token.range();
            if matches!(kind, TokenKind::Comment | TokenKind::NonLogicalNewline) {
                continue;
            }
            let bracket = source.text[usize::from(range.start())..].chars().next().unwrap_or(' ');
            match kind {
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => open.push((bracket, range.start())),
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => match open.pop() {
                    Some((o, _)) if closes(o, bracket) => {}
                    wrong => {
                        mismatch.get_or_insert((bracket, range.start(), wrong));
                    }
                },
                _ => {}
            }
            list.push(Token { kind, range, depth: open.len() as u32 });
        }
        Tokens { list, unclosed: open.last().copied(), mismatch, source }
    }

    /// The first token that begins at or behind `at`.
    pub fn index_at(&self, at: TextSize) -> usize {
        self.list.partition_point(|t| t.range.start() < at).min(self.list.len().saturating_sub(1))
    }

    /// The token at an index, if there is one.
    pub fn get(&self, i: usize) -> Option<Token> {
        self.list.get(i).copied()
    }

    /// The text of a token.
    pub fn text(&self, i: usize) -> &'a str {
        self.get(i).map_or("", |t| &self.source.text[t.range])
    }

    /// The first token of the logical line that token `i` is on.
    pub fn line_start(&self, i: usize) -> usize {
        let ends = |k| matches!(k, TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent | TokenKind::Semi);
        let mut at = i;
        while at > 0 && !ends(self.list[at - 1].kind) {
            at -= 1;
        }
        at
    }

    /// The end of the simple statement that token `i` is in.
    pub fn statement_end(&self, i: usize) -> TextSize {
        let mut at = i;
        while let Some(t) = self.get(at) {
            let ends = matches!(t.kind, TokenKind::Newline | TokenKind::Semi | TokenKind::EndOfFile);
            if ends {
                break;
            }
            at += 1;
        }
        self.get(at.saturating_sub(1)).map_or(TextSize::new(0), |t| t.range.end())
    }
}

fn closes(open: char, close: char) -> bool {
    matches!((open, close), ('(', ')') | ('[', ']') | ('{', '}'))
}
