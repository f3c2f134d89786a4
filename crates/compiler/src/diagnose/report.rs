//! Errors at their places, and the checks that the grammar calls.

use super::engine::{Captures, Engine, Failure, Match, NodeIdx};
use super::grammar::Shape;
use super::{literals, names};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::tokenizer::{Kind, Token};

/// A place: line from 1, byte column from 1; 0 and -1 as CPython gives them.
#[derive(Clone, Copy)]
struct Place {
    line: u32,
    col: i64,
    end_line: u32,
    end_col: i64,
}

impl<'a> Engine<'a> {
    /// The tokens of a node, without the marks of lines and blocks at its end.
    fn extent(&self, node: NodeIdx) -> (usize, usize) {
        let n = &self.nodes[node as usize];
        let blank = |k| matches!(k, Kind::Newline | Kind::Indent | Kind::Dedent | Kind::EndMarker);
        let mut end = n.end;
        while end > n.start + 1 && blank(self.tokens[end - 1].token.kind) {
            end -= 1;
        }
        (n.start, end.max(n.start + 1))
    }

    pub(super) fn node_text(&self, node: NodeIdx) -> &'a str {
        let (start, end) = self.extent(node);
        &self.tokenizer.text()[self.tokens[start].token.start..self.tokens[end - 1].token.end]
    }

    fn captured(captures: &Captures, name: u8) -> NodeIdx {
        captures.iter().rfind(|(n, _)| *n == name).map_or(0, |(_, node)| *node)
    }

    #[cold]
    fn error(&self, kind: SyntaxErrorKind, place: Place, message: String) -> Failure {
        let text = self.source.line_text(place.line.max(1));
        let mut shown = text.to_string();
        if !shown.ends_with('\n') && self.tokenizer.text().len() > self.source.text.len() {
            shown.push('\n');
        }
        // CPython keeps the line end only of the line that its tokenizer is on.
        if self.tokenizer.line > place.line && shown.ends_with('\n') {
            shown.pop();
        }
        let column = |col: i64| match col {
            ..0 => u32::MAX,
            0 => 0,
            n => {
                let bytes = shown.as_bytes();
                let n = (n as usize).min(bytes.len() + 1).min(bytes.len());
                let extra = u32::from(col as usize > bytes.len());
                String::from_utf8_lossy(&bytes[..n]).chars().count() as u32 + extra
            }
        };
        let (col, end_col) = (column(place.col), column(place.end_col));
        Box::new(SyntaxError {
            kind,
            message,
            filename: (*self.source.filename).into(),
            line: place.line,
            col,
            end_line: place.end_line,
            end_col,
            text: Some(shown),
            statement: (0, 0),
            before: Vec::new(),
        })
    }

    /// An error from one token to (not including) another.
    #[cold]
    pub(super) fn at_tokens(&self, start: usize, end: usize, message: String) -> Failure {
        let (a, b) = (self.tokens[start].token, self.tokens[end - 1].token);
        let place = Place { line: a.line, col: first(a), end_line: b.end_line, end_col: last(b) };
        self.error(SyntaxErrorKind::Syntax, place, message)
    }

    /// An error about a token as CPython's parser reports one whose place it was not told.
    #[cold]
    pub(super) fn at_last(&self, kind: SyntaxErrorKind, idx: usize, message: String) -> Failure {
        let token = self.tokens[idx].token;
        let cursor = (self.tokenizer.cur - self.tokenizer.line_start) as i64;
        let place = Place {
            line: token.line,
            col: token.col.map_or(cursor, |c| i64::from(c) + 1),
            end_line: token.end_line,
            end_col: token.end_col.map_or(-1, |_| last(token)),
        };
        self.error(kind, place, message)
    }

    #[cold]
    fn at_node(&self, node: NodeIdx, message: String) -> Failure {
        let token = self.tokens[self.nodes[node as usize].start].token;
        let cursor = (self.tokenizer.cur - self.tokenizer.line_start) as i64;
        let place = Place { line: token.line, col: first(token), end_line: self.tokenizer.line, end_col: cursor };
        self.error(SyntaxErrorKind::Syntax, place, message)
    }

    pub(super) fn at_nodes(&self, a: NodeIdx, b: NodeIdx, message: String) -> Failure {
        let (start, _) = self.extent(a);
        let (_, end) = self.extent(b);
        self.at_tokens(start, end, message)
    }

    /// Reports the error that a rule of errors stands for.
    #[cold]
    pub(super) fn wrong_source(&mut self, place: &str, message: &str, captures: &Captures) -> Match {
        if self.gave_up() {
            return Ok(None);
        }
        let message = self.fill_in(message, captures);
        let (name, args) = place.split_once('(').unwrap_or((place, ""));
        let mut nodes = args.trim_end_matches(')').split(',').filter(|a| !a.is_empty());
        let mut next = || nodes.next().map_or(0, |a| Self::captured(captures, a.as_bytes()[0]));
        let last_idx = self.tokens.len() - 1;
        Err(match name {
            "at" => {
                let a = next();
                self.at_nodes(a, a, message)
            }
            "range" => {
                let (a, b) = (next(), next());
                self.at_nodes(a, b, message)
            }
            "from" => {
                let a = next();
                self.at_node(a, message)
            }
            "items" => {
                let a = next();
                let kids = &self.nodes[a as usize].kids;
                let (first, last) = (kids.first().copied().unwrap_or(a), kids.last().copied().unwrap_or(a));
                self.at_nodes(first, last, message)
            }
            "last_of" => {
                let (a, b) = (next(), next());
                let all = names::elements(&self.nodes, b);
                self.at_nodes(a, all.last().copied().unwrap_or(b), message)
            }
            "clause" => {
                let (a, b) = (next(), next());
                let end = self.clause_end(b);
                self.at_nodes(a, end, message)
            }
            "param" => {
                let a = next();
                let inner = self.nodes[a as usize].kids.first().copied().unwrap_or(a);
                self.at_nodes(inner, inner, message)
            }
            "key" => {
                let (_, end) = self.extent(next());
                let token = self.tokens[end - 1].token;
                let col = i64::from(token.end_col.unwrap_or(1));
                let place = Place { line: token.line, col, end_line: token.end_line, end_col: 0 };
                self.error(SyntaxErrorKind::Syntax, place, message)
            }
            "next" => {
                let mark = self.mark;
                self.lexeme(mark)?;
                self.at_last(SyntaxErrorKind::Syntax, mark, message)
            }
            "indent" => self.at_last(SyntaxErrorKind::Indentation, last_idx, message),
            _ => self.at_last(SyntaxErrorKind::Syntax, last_idx, message),
        })
    }

    /// The last expression of the last of the clauses of a comprehension.
    fn clause_end(&self, clauses: NodeIdx) -> NodeIdx {
        let mut node = clauses;
        while let Some(last) = self.nodes[node as usize].kids.last()
            && self.nodes[node as usize].shape != Shape::Clause
        {
            node = *last;
        }
        names::elements(&self.nodes, node).last().copied().unwrap_or(node)
    }

    /// Puts what was captured into a message.
    fn fill_in(&self, message: &str, captures: &Captures) -> String {
        let mut out = String::new();
        let mut rest = message;
        while let Some(open) = rest.find('{') {
            let inner = rest[open + 1..].split('}').next().unwrap_or("");
            let Some((name, what)) = inner.split_once('.') else {
                out.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
                continue;
            };
            out.push_str(&rest[..open]);
            rest = &rest[open + inner.len() + 2..];
            let node = Self::captured(captures, name.as_bytes()[0]);
            let n = &self.nodes[node as usize];
            match what {
                "name" => out.push_str(names::name(self, node)),
                "line" => out.push_str(&self.tokens[n.start].token.line.to_string()),
                "bound" => out.push_str(if n.shape == Shape::Tuple { "constraints" } else { "bound" }),
                _ => out.push_str(self.node_text(node)),
            }
        }
        out.push_str(rest);
        out
    }

    /// Runs a check of the grammar.
    pub(super) fn check(&mut self, check: &str, node: NodeIdx, captures: &Captures) -> Match {
        let a = Self::captured(captures, b'a');
        let b = Self::captured(captures, b'b');
        match check {
            "escapes" => literals::escapes(self, node)?,
            "strings" => literals::concatenation(self, node)?,
            "conversion" => self.conversion(node)?,
            "real" | "imaginary" => {
                let imaginary = self.node_text(node).ends_with(['j', 'J']);
                if imaginary != (check == "imaginary") {
                    let message = format!("{check} number required in complex literal");
                    return Err(self.at_nodes(node, node, message));
                }
            }
            "statement" => {
                let token = self.tokens[self.nodes[node as usize].start].token;
                if token.line >= self.last_statement.0 {
                    self.last_statement = (token.line, token.col.unwrap_or(0));
                }
            }
            "pattern_key" => {
                let key = self.nodes[node as usize].kids[0];
                self.formatted_key |= names::name(self, key) == "f-string expression";
            }
            "mapping" if self.formatted_key => {
                let message = "mapping pattern keys may only match literals and attribute lookups".to_string();
                self.late.get_or_insert(self.at_nodes(node, node, message));
            }
            "not_equal" => {
                if self.goal.flufl && self.node_text(node) == "!=" {
                    let message = "with Barry as BDFL, use '<>' instead of '!='".to_string();
                    return Err(self.at_last(SyntaxErrorKind::Syntax, self.tokens.len() - 1, message));
                }
                if (self.node_text(node) == "<>") != self.goal.flufl {
                    return Ok(None);
                }
            }
            "legacy" => {
                if names::is_legacy(self, a) {
                    let name = self.node_text(a);
                    let message = format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
                    return Err(self.at_nodes(a, b, message));
                }
                return Ok(None);
            }
            "missing_comma" => {
                let inside = self.tokens[self.mark - 1].level > 0;
                if inside && !names::is_legacy(self, a) && !self.gave_up() {
                    let message = "invalid syntax. Perhaps you forgot a comma?".to_string();
                    return Err(self.at_nodes(a, b, message));
                }
                return Ok(None);
            }
            "bare_generator" => {
                let args = names::elements(&self.nodes, a);
                if args.len() > 1 {
                    let end = self.clause_end(b);
                    let message = "Generator expression must be parenthesized".to_string();
                    return Err(self.at_nodes(args[args.len() - 1], end, message));
                }
                return Ok(None);
            }
            "positional" => {
                let unpacks = names::has(&self.nodes, a, Shape::Unpacking);
                let what = if unpacks { " unpacking" } else { "" };
                let message = format!("positional argument follows keyword argument{what}");
                return Err(self.at_last(SyntaxErrorKind::Syntax, self.tokens.len() - 1, message));
            }
            "star_target" | "for_target" | "del_target" => {
                if let Some(bad) = names::bad_target(self, a, check) {
                    let verb = if check == "del_target" { "delete" } else { "assign to" };
                    let message = format!("cannot {verb} {}", names::name(self, bad));
                    return Err(self.at_nodes(bad, bad, message));
                }
                return Ok(None);
            }
            _ => {}
        }
        Ok(Some(node))
    }

    /// `!r` in a field of an f-string.
    fn conversion(&mut self, node: NodeIdx) -> Result<(), Failure> {
        let start = self.nodes[node as usize].start;
        let (mark, name) = (self.tokens[start].token, self.tokens[start + 1].token);
        let prefix = self.tokenizer.string_prefix();
        if mark.end != name.start {
            let message = format!("{prefix}-string: conversion type must come right after the exclamation mark");
            return Err(self.at_tokens(start, start + 2, message));
        }
        let text = &self.tokenizer.text()[name.start..name.end];
        if !matches!(text, "s" | "r" | "a") {
            let message = format!("{prefix}-string: invalid conversion character '{text}': expected 's', 'r', or 'a'");
            return Err(self.at_tokens(start + 1, start + 2, message));
        }
        Ok(())
    }
}

fn first(token: Token) -> i64 {
    token.col.map_or(0, |c| i64::from(c) + 1)
}

fn last(token: Token) -> i64 {
    token.end_col.map_or(0, |c| i64::from(c) + 1)
}
