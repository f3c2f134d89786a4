//! Lines, indentation, brackets and operators: everything between words, numbers and strings.

use super::kinds::operator_length;
use super::{Kind, MAX_BRACKETS, MAX_INDENTS, Open, Read, Stop, Tokenizer};
use crate::error::{SyntaxError, SyntaxErrorKind};

impl Tokenizer<'_> {
    /// The next token outside the text of an f-string.
    pub(super) fn plain(&mut self) -> Read {
        loop {
            let mut blank = false;
            if self.at_line_start {
                blank = self.indentation()?;
            }
            self.start = self.cur;
            if self.pending != 0 {
                return self.pending_block();
            }
            if let Some(token) = self.on_line(blank)? {
                return Ok(token);
            }
        }
    }

    /// Reads the indentation of a line; gives whether the line is blank.
    fn indentation(&mut self) -> Result<bool, Box<SyntaxError>> {
        self.at_line_start = false;
        let (mut col, mut alt, mut continued) = (0usize, 0usize, 0usize);
        let c = loop {
            let c = self.bump();
            match c {
                Some(b' ') => (col, alt) = (col + 1, alt + 1),
                Some(b'\t') => (col, alt) = ((col / 8 + 1) * 8, alt + 1),
                Some(b'\x0C') => (col, alt) = (0, 0),
                Some(b'\\') => {
                    if continued == 0 {
                        continued = col;
                    }
                    self.continuation()?;
                }
                c => break c,
            }
        };
        self.back(c);
        let blank = matches!(c, Some(b'#' | b'\n'));
        if blank || !self.open.is_empty() {
            return Ok(blank);
        }
        if continued > 0 {
            (col, alt) = (continued, continued);
        }
        self.block(col, alt)?;
        Ok(false)
    }

    fn block(&mut self, col: usize, alt: usize) -> Result<(), Box<SyntaxError>> {
        let top = *self.indents.last().unwrap_or(&(0, 0));
        if col == top.0 {
            return if alt == top.1 { Ok(()) } else { self.mixed_tabs() };
        }
        if col > top.0 {
            if self.indents.len() >= MAX_INDENTS {
                self.skip_line();
                return self.stopped(SyntaxErrorKind::Indentation, "too many levels of indentation", 1, u32::MAX);
            }
            if alt <= top.1 {
                return self.mixed_tabs();
            }
            self.pending += 1;
            self.indents.push((col, alt));
            return Ok(());
        }
        while self.indents.len() > 1 && self.indents.last().is_some_and(|t| col < t.0) {
            self.pending -= 1;
            self.indents.pop();
        }
        let top = *self.indents.last().unwrap_or(&(0, 0));
        if col != top.0 {
            self.skip_line();
            let message = "unindent does not match any outer indentation level";
            let at = self.column() + 1;
            return self.stopped(SyntaxErrorKind::Indentation, message, at, u32::MAX);
        }
        if alt == top.1 { Ok(()) } else { self.mixed_tabs() }
    }

    #[cold]
    fn mixed_tabs(&mut self) -> Result<(), Box<SyntaxError>> {
        self.skip_line();
        self.stopped(SyntaxErrorKind::Tab, "inconsistent use of tabs and spaces in indentation", 1, 0)
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|b| b != b'\n') {
            self.bump();
        }
    }

    fn pending_block(&mut self) -> Read {
        let (kind, step) = if self.pending < 0 { (Kind::Dedent, 1) } else { (Kind::Indent, -1) };
        self.pending += step;
        if !self.extra {
            return self.mark(kind);
        }
        let from = if kind == Kind::Indent { self.line_start } else { self.cur };
        if self.peek().is_none() {
            return self.mark(kind);
        }
        self.token(kind, from, self.cur)
    }

    /// A token on the line, or `None` if the line had none.
    fn on_line(&mut self, blank: bool) -> Result<Option<super::Token>, Box<SyntaxError>> {
        loop {
            let mut c = self.bump();
            while matches!(c, Some(b' ' | b'\t' | b'\x0C')) {
                c = self.bump();
            }
            self.start = if c.is_some() { self.cur - 1 } else { self.cur };
            if c == Some(b'#') {
                while !matches!(c, None | Some(b'\n')) {
                    c = self.bump();
                }
                if self.extra {
                    self.back(c);
                    self.comment_newline = blank;
                    return self.simple(Kind::Comment).map(Some);
                }
            }
            let Some(c) = c else {
                if self.stop == Stop::Running {
                    self.stop = Stop::End;
                }
                if !self.open.is_empty() && !self.extra {
                    return self.never_closed().map(Some);
                }
                if !self.open.is_empty() {
                    return self.cut_in_brackets().map(Some);
                }
                return self.mark(Kind::EndMarker).map(Some);
            };
            return match c {
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.word(c).map(Some),
                b'\n' => self.line_end(blank),
                b'.' if self.peek().is_some_and(|b| b.is_ascii_digit()) => self.number(c).map(Some),
                b'0'..=b'9' => self.number(c).map(Some),
                b'\'' | b'"' => self.string(c).map(Some),
                b'\\' => {
                    self.continuation()?;
                    continue;
                }
                _ => self.operator(c).map(Some),
            };
        }
    }

    fn line_end(&mut self, blank: bool) -> Result<Option<super::Token>, Box<SyntaxError>> {
        self.at_line_start = true;
        if blank || !self.open.is_empty() {
            self.comment_newline = false;
            return if self.extra { self.simple(Kind::Nl).map(Some) } else { Ok(None) };
        }
        if self.comment_newline && self.extra {
            self.comment_newline = false;
            return self.simple(Kind::Nl).map(Some);
        }
        self.simple(Kind::Newline).map(Some)
    }

    /// A backslash at the end of a line.
    fn continuation(&mut self) -> Result<(), Box<SyntaxError>> {
        let c = self.bump();
        if c != Some(b'\n') {
            let col = self.column();
            return self.stopped(
                SyntaxErrorKind::Syntax,
                "unexpected character after line continuation character",
                col,
                0,
            );
        }
        if self.peek().is_none() {
            let col = self.column();
            return self.cut_by_backslash(col);
        }
        Ok(())
    }

    #[cold]
    fn cut_by_backslash(&mut self, col: u32) -> Result<(), Box<SyntaxError>> {
        if self.extra {
            return self.cut_in_brackets().map(drop);
        }
        if !self.open.is_empty() {
            return self.never_closed().map(drop);
        }
        let result = self.stopped(SyntaxErrorKind::Syntax, "unexpected EOF while parsing", col, u32::MAX);
        self.stop = Stop::Cut;
        result
    }

    /// The error about the innermost open bracket.
    #[cold]
    pub(crate) fn never_closed(&mut self) -> Read {
        self.soft_error = true;
        let Some(open) = self.open.last().copied() else { return self.error("unexpected EOF while parsing") };
        let start = line_offset(self.bytes, open.line);
        let rest = &self.bytes[start..];
        let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |n| n + 1);
        let col = super::chars(self.bytes, start, start + open.col as usize) + 1;
        Err(Box::new(SyntaxError {
            kind: SyntaxErrorKind::Syntax,
            message: format!("'{}' was never closed", open.bracket as char),
            filename: self.filename.into(),
            line: open.line,
            col,
            end_line: open.line,
            end_col: 0,
            text: Some(String::from_utf8_lossy(&rest[..end]).into_owned()),
            statement: (0, 0),
            before: Vec::new(),
        }))
    }

    #[cold]
    fn cut_in_brackets(&mut self) -> Read {
        self.stop = Stop::Cut;
        let last =
            self.line + u32::from(self.bytes.last() == Some(&b'\n') && self.bytes.iter().rev().nth(1) != Some(&b'\\'));
        let mut result = self.error("unexpected EOF in multi-line statement");
        if let Err(e) = &mut result {
            (e.line, e.end_line, e.col, e.end_col) = (last, last, 0, 0);
        }
        self.stop = Stop::Cut;
        result
    }

    fn operator(&mut self, c: u8) -> Read {
        if matches!(c, b':' | b'}' | b'!' | b'{')
            && let Some(s) = self.strings.last_mut()
            && s.field_depth >= 0
        {
            let cursor = s.depth - i32::from(c != b'{');
            if c == b':' && cursor == s.field_depth {
                s.in_text = true;
                s.in_format_spec = true;
                return self.simple(Kind::Op);
            }
        }
        let n = operator_length(&self.bytes[self.start..], self.flufl);
        if n > 1 {
            self.cur = self.start + n;
            return self.simple(Kind::Op);
        }
        match c {
            b'(' | b'[' | b'{' => self.opening(c)?,
            b')' | b']' | b'}' => self.closing(c)?,
            0..=0x1F | 0x7F => return self.error(format!("invalid non-printable character U+{c:04X}")),
            _ => {}
        }
        self.simple(Kind::Op)
    }

    fn opening(&mut self, c: u8) -> Result<(), Box<SyntaxError>> {
        if self.open.len() >= MAX_BRACKETS {
            return self.error("too many nested parentheses");
        }
        let col = (self.start - self.line_start) as u32;
        self.open.push(Open { bracket: c, line: self.line, col });
        if let Some(s) = self.strings.last_mut() {
            s.depth += 1;
        }
        Ok(())
    }

    fn closing(&mut self, c: u8) -> Result<(), Box<SyntaxError>> {
        let close = c as char;
        let string = self.strings.last().map(|s| (s.prefix(), s.depth, s.field_depth));
        if let Some((prefix, 0, _)) = string
            && c == b'}'
        {
            return self.error(format!("{prefix}-string: single '}}' is not allowed"));
        }
        match self.open.pop() {
            None if self.extra => {}
            None => return self.error(format!("unmatched '{close}'")),
            Some(open) if !self.extra && !fits(open.bracket, c) => {
                if let Some((prefix, depth, field)) = string
                    && open.bracket == b'{'
                    && depth - 1 == field
                {
                    return self.error(format!("{prefix}-string: unmatched '{close}'"));
                }
                let opening = open.bracket as char;
                let line = open.line;
                let message = format!("closing parenthesis '{close}' does not match opening parenthesis '{opening}'");
                return if line == self.line {
                    self.error(message)
                } else {
                    self.error(format!("{message} on line {line}"))
                };
            }
            Some(_) => {}
        }
        if let Some(s) = self.strings.last_mut() {
            s.depth -= 1;
            let prefix = s.prefix();
            if s.depth < 0 {
                return self.error(format!("{prefix}-string: unmatched '{close}'"));
            }
            if c == b'}' && s.depth == s.field_depth {
                s.field_depth -= 1;
                s.in_text = true;
                s.in_format_spec = false;
            }
        }
        Ok(())
    }
}

fn fits(open: u8, close: u8) -> bool {
    matches!((open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
}

/// Where a line (from 1) begins.
fn line_offset(bytes: &[u8], line: u32) -> usize {
    let ends = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
    line.checked_sub(2).and_then(|n| ends.map(|(i, _)| i + 1).nth(n as usize)).unwrap_or(0)
}
