//! Names, and the string literals that a prefix or a quote begins.

use super::{Interpolated, Kind, MAX_STRINGS, Read, Stop, Tokenizer};
use crate::error::SyntaxError;

/// The letters of a string prefix that were seen.
#[derive(Clone, Copy, Default)]
struct Prefix {
    b: bool,
    r: bool,
    u: bool,
    f: bool,
    t: bool,
}

impl Prefix {
    /// Takes one more letter, if a string prefix may go on with it.
    fn take(&mut self, c: u8) -> bool {
        let p = *self;
        match c.to_ascii_lowercase() {
            b'b' if !p.b => self.b = true,
            b'u' if !p.u => self.u = true,
            b'r' if !p.r => self.r = true,
            b'f' if !p.f => self.f = true,
            b't' if !p.t => self.t = true,
            _ => return false,
        }
        true
    }

    /// Two letters that cannot stand together.
    fn clash(self) -> Option<(char, char)> {
        let pairs = [
            (self.u, self.b, ('u', 'b')),
            (self.u, self.r, ('u', 'r')),
            (self.u, self.f, ('u', 'f')),
            (self.u, self.t, ('u', 't')),
            (self.b, self.f, ('b', 'f')),
            (self.b, self.t, ('b', 't')),
            (self.f, self.t, ('f', 't')),
        ];
        pairs.into_iter().find(|(x, y, _)| *x && *y).map(|(.., names)| names)
    }
}

impl Tokenizer<'_> {
    /// A name, or a string with a prefix.
    pub(super) fn word(&mut self, first: u8) -> Read {
        let mut prefix = Prefix::default();
        let mut c = Some(first);
        while let Some(b) = c
            && prefix.take(b)
        {
            c = self.bump();
            if let Some(quote @ (b'\'' | b'"')) = c {
                if let Some((a, b)) = prefix.clash() {
                    let col = super::chars(self.bytes, self.line_start, self.start) + 1;
                    let end = super::chars(self.bytes, self.line_start, self.cur);
                    return self.error_range(format!("'{a}' and '{b}' prefixes are incompatible"), col, end);
                }
                return if prefix.f || prefix.t {
                    self.interpolated(quote, prefix.t, prefix.r)
                } else {
                    self.string(quote)
                };
            }
        }
        let mut ascii = true;
        while let Some(b) = c
            && (b == b'_' || b.is_ascii_alphanumeric() || b >= 0x80)
        {
            ascii &= b < 0x80;
            c = self.bump();
        }
        self.back(c);
        if !ascii && !self.extra {
            self.check_name()?;
        }
        self.simple(Kind::Name)
    }

    /// Refuses characters that no name has.
    fn check_name(&mut self) -> Result<(), Box<SyntaxError>> {
        let name = &self.text[self.start..self.cur];
        let mut first = true;
        let bad = name.char_indices().find(|(_, c)| {
            let fine = if std::mem::take(&mut first) { is_start(*c) } else { is_continue(*c) };
            !fine
        });
        let Some((at, c)) = bad else { return Ok(()) };
        self.cur = self.start + at + c.len_utf8();
        let code = c as u32;
        if crate::diagnose::is_printable(c) {
            self.error(format!("invalid character '{c}' (U+{code:04X})"))
        } else {
            self.error(format!("invalid non-printable character U+{code:04X}"))
        }
    }

    fn open_string(&mut self) {
        self.first_line = self.line;
        self.first_line_start = self.line_start;
    }

    fn interpolated(&mut self, quote: u8, template: bool, raw: bool) -> Read {
        self.open_string();
        let triple = self.bytes[self.cur..].starts_with(&[quote, quote]);
        if triple {
            self.cur += 2;
        }
        if self.strings.len() + 1 >= MAX_STRINGS {
            return self.error("too many nested f-strings");
        }
        self.strings.push(Interpolated {
            quote,
            quote_size: if triple { 3 } else { 1 },
            start: self.start,
            first_line: self.line,
            line_start: self.line_start,
            raw,
            template,
            in_text: true,
            depth: 0,
            field_depth: -1,
            in_format_spec: false,
        });
        self.simple(if template { Kind::TStringStart } else { Kind::FStringStart })
    }

    /// A plain string whose opening quote was just read.
    pub(super) fn string(&mut self, quote: u8) -> Read {
        self.open_string();
        let rest = &self.bytes[self.cur..];
        let size = if rest.starts_with(&[quote, quote]) { 3 } else { 1 };
        if size == 3 {
            self.cur += 2;
        }
        let (mut closing, mut escaped_quote) = (0, false);
        while closing < size {
            match self.bump() {
                None => return self.unterminated(quote, size, escaped_quote, true),
                Some(b'\n') if size == 1 => return self.unterminated(quote, size, escaped_quote, false),
                Some(b) if b == quote => closing += 1,
                Some(b'\\') => {
                    closing = 0;
                    escaped_quote |= self.bump() == Some(quote);
                }
                Some(_) => closing = 0,
            }
        }
        self.simple(Kind::String)
    }

    #[cold]
    fn unterminated(&mut self, quote: u8, size: usize, escaped_quote: bool, at_end: bool) -> Read {
        let detected = self.line;
        self.cur = self.start + 1;
        self.line_start = self.first_line_start;
        self.line = self.first_line;
        if let Some(s) = self.strings.last()
            && s.quote == quote
            && s.quote_size == size
        {
            let message = format!("{}-string: expecting '}}'", s.prefix());
            return self.error(message);
        }
        let what = if size == 3 { "triple-quoted string" } else { "string" };
        let hint = if escaped_quote && size == 1 { "; perhaps you escaped the end quote?" } else { "" };
        let result = self.error(format!("unterminated {what} literal (detected at line {detected}){hint}"));
        if at_end {
            self.stop = Stop::Cut;
        }
        result
    }
}

fn is_start(c: char) -> bool {
    use unicode_normalization::UnicodeNormalization;
    c == '_'
        || unicode_ident::is_xid_start(c) && std::iter::once(c).nfkc().next().is_some_and(unicode_ident::is_xid_start)
        || c.is_ascii_alphabetic()
}

fn is_continue(c: char) -> bool {
    unicode_ident::is_xid_continue(c)
}
