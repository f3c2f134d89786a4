//! The text between the fields of an f-string or t-string.

use super::{Kind, Read, Stop, Tokenizer};

/// Fields in fields nested more deeply are refused.
const MAX_FIELDS: i32 = 3;

impl Tokenizer<'_> {
    fn string_kind(&self, plain: Kind, template: Kind) -> Kind {
        if self.strings.last().is_some_and(|s| s.template) { template } else { plain }
    }

    fn middle(&mut self, end: usize) -> Read {
        let kind = self.string_kind(Kind::FStringMiddle, Kind::TStringMiddle);
        self.token(kind, self.start, end)
    }

    /// The next token where text of an interpolated string stands.
    pub(super) fn string_text(&mut self) -> Read {
        self.start = self.cur;
        // The next line begins here if the last one has ended.
        let fresh = self.fresh_line;
        self.first_line = self.line + u32::from(fresh);
        self.first_line_start = if fresh { self.cur } else { self.line_start };
        let rest = &self.bytes[self.cur..];
        if rest.first() == Some(&b'{') && rest.get(1) != Some(&b'{') {
            self.enter_field()?;
            return self.plain();
        }
        let Some(s) = self.strings.last() else { return self.plain() };
        let closing = vec![s.quote; s.quote_size];
        if rest.starts_with(&closing) {
            for _ in 0..closing.len() {
                self.bump();
            }
            let kind = self.string_kind(Kind::FStringEnd, Kind::TStringEnd);
            self.strings.pop();
            return self.simple(kind);
        }
        self.text_until_field()
    }

    fn enter_field(&mut self) -> Result<(), Box<crate::error::SyntaxError>> {
        let Some(s) = self.strings.last_mut() else { return Ok(()) };
        s.field_depth += 1;
        let (prefix, deep) = (s.prefix(), s.field_depth >= MAX_FIELDS);
        s.in_text = false;
        if deep {
            return self.error(format!("{prefix}-string: expressions nested too deeply"));
        }
        Ok(())
    }

    fn text_until_field(&mut self) -> Read {
        let mut closing = 0;
        let mut named_escape = false;
        loop {
            let Some(s) = self.strings.last() else { return self.plain() };
            let (quote, size, raw, depth) = (s.quote, s.quote_size, s.raw, s.depth);
            let in_spec = s.in_format_spec && s.field_depth >= 0;
            if closing == size {
                break;
            }
            let c = self.bump();
            match c {
                None | Some(b'\n') if c.is_none() || size == 1 => return self.unterminated_text(c, in_spec),
                Some(b) if b == quote => {
                    closing += 1;
                    continue;
                }
                Some(b'{') => {
                    if self.peek() != Some(b'{') || in_spec {
                        self.back(c);
                        self.enter_field()?;
                        return self.middle(self.cur);
                    }
                    self.bump();
                    return self.middle(self.cur - 1);
                }
                Some(b'}') => {
                    if named_escape {
                        return self.middle(self.cur);
                    }
                    if self.peek() == Some(b'}') && !in_spec && depth == 0 {
                        self.bump();
                        return self.middle(self.cur - 1);
                    }
                    self.back(c);
                    if let Some(s) = self.strings.last_mut() {
                        s.in_text = false;
                    }
                    return self.middle(self.cur);
                }
                Some(b'\\') => {
                    let next = self.bump();
                    if matches!(next, Some(b'{' | b'}')) {
                        self.back(next);
                    } else if !raw && next == Some(b'N') && self.peek() == Some(b'{') {
                        self.bump();
                        named_escape = true;
                    }
                }
                _ => {}
            }
            closing = 0;
        }
        self.cur -= closing;
        self.middle(self.cur)
    }

    #[cold]
    fn unterminated_text(&mut self, c: Option<u8>, in_spec: bool) -> Read {
        let Some(s) = self.strings.last().cloned() else { return self.plain() };
        let prefix = s.prefix();
        if in_spec && c.is_some() {
            return self.error(format!(
                "{prefix}-string: newlines are not allowed in format specifiers for single quoted {prefix}-strings"
            ));
        }
        let detected = self.line;
        self.cur = s.start + 1;
        self.line_start = s.line_start;
        self.line = s.first_line;
        let what = if s.quote_size == 3 { "triple-quoted " } else { "" };
        let result = self.error(format!("unterminated {what}{prefix}-string literal (detected at line {detected})"));
        if c.is_none() && s.quote_size == 3 {
            self.stop = Stop::Cut;
        }
        result
    }
}
