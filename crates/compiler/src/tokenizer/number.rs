//! Numbers.

use super::{Kind, Read, Tokenizer};
use crate::error::SyntaxError;

type Next = Result<Option<u8>, Box<SyntaxError>>;

fn digit(c: Option<u8>) -> bool {
    c.is_some_and(|b| b.is_ascii_digit())
}

fn exponent(c: Option<u8>) -> bool {
    matches!(c, Some(b'e' | b'E'))
}

fn imaginary(c: Option<u8>) -> bool {
    matches!(c, Some(b'j' | b'J'))
}

impl Tokenizer<'_> {
    /// A number that begins with `c`.
    pub(super) fn number(&mut self, c: u8) -> Read {
        let next = match c {
            b'0' => match self.bump() {
                Some(b'x' | b'X') => self.radix("hexadecimal", |b| b.is_ascii_hexdigit())?,
                Some(b'o' | b'O') => self.radix("octal", |b| (b'0'..=b'7').contains(&b))?,
                Some(b'b' | b'B') => self.radix("binary", |b| matches!(b, b'0' | b'1'))?,
                c => match self.zero(c)? {
                    Some(next) => next,
                    None => return self.simple(Kind::Number),
                },
            },
            b'.' => {
                let next = self.decimal_tail()?;
                match self.after_fraction(next)? {
                    Some(next) => next,
                    None => return self.simple(Kind::Number),
                }
            }
            _ => {
                let mut next = self.decimal_tail()?;
                if next == Some(b'.') {
                    next = self.bump();
                    if digit(next) {
                        next = self.decimal_tail()?;
                    }
                }
                match self.after_fraction(next)? {
                    Some(next) => next,
                    None => return self.simple(Kind::Number),
                }
            }
        };
        self.back(next);
        self.simple(Kind::Number)
    }

    /// The digits behind `0x`, `0o` or `0b`.
    fn radix(&mut self, name: &str, is_digit: fn(u8) -> bool) -> Next {
        let mut c = self.bump();
        loop {
            if c == Some(b'_') {
                c = self.bump();
            }
            if !c.is_some_and(is_digit) {
                if let Some(b) = c.filter(u8::is_ascii_digit) {
                    return self.error(format!("invalid digit '{}' in {name} literal", b as char));
                }
                self.back(c);
                return self.error(format!("invalid {name} literal"));
            }
            while c.is_some_and(is_digit) {
                c = self.bump();
            }
            if c != Some(b'_') {
                break;
            }
        }
        if let Some(b) = c.filter(u8::is_ascii_digit) {
            return self.error(format!("invalid digit '{}' in {name} literal", b as char));
        }
        self.check_end(c, name)?;
        Ok(c)
    }

    /// A number that begins with zero. The inner `None` says that the number has ended.
    fn zero(&mut self, mut c: Option<u8>) -> Result<Option<Option<u8>>, Box<SyntaxError>> {
        loop {
            if c == Some(b'_') {
                c = self.bump();
                if !digit(c) {
                    self.back(c);
                    return self.error("invalid decimal literal");
                }
            }
            if c != Some(b'0') {
                break;
            }
            c = self.bump();
        }
        let zeros_end = self.cur - usize::from(c.is_some());
        let nonzero = digit(c);
        if nonzero {
            c = self.decimal_tail()?;
        }
        if c == Some(b'.') {
            c = self.bump();
            if digit(c) {
                c = self.decimal_tail()?;
            }
            return self.after_fraction(c);
        }
        if exponent(c) || imaginary(c) {
            return self.after_fraction(c);
        }
        if nonzero && !self.extra {
            self.back(c);
            let col = super::chars(self.bytes, self.line_start, self.start) + 1;
            let end = super::chars(self.bytes, self.line_start, zeros_end) + 1;
            return self.error_range(
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                col,
                end,
            );
        }
        self.check_end(c, "decimal")?;
        Ok(Some(c))
    }

    /// Exponent and imaginary part. `None` says that the number has ended already.
    fn after_fraction(&mut self, mut c: Option<u8>) -> Result<Option<Option<u8>>, Box<SyntaxError>> {
        if exponent(c) {
            let e = c;
            c = self.bump();
            if matches!(c, Some(b'+' | b'-')) {
                c = self.bump();
                if !digit(c) {
                    self.back(c);
                    return self.error("invalid decimal literal");
                }
            } else if !digit(c) {
                self.back(c);
                self.check_end(e, "decimal")?;
                self.back(e);
                return Ok(None);
            }
            c = self.decimal_tail()?;
        }
        if imaginary(c) {
            c = self.bump();
            self.check_end(c, "imaginary")?;
        } else {
            self.check_end(c, "decimal")?;
        }
        Ok(Some(c))
    }

    fn decimal_tail(&mut self) -> Next {
        loop {
            let mut c = self.bump();
            while digit(c) {
                c = self.bump();
            }
            if c != Some(b'_') {
                return Ok(c);
            }
            c = self.bump();
            if !digit(c) {
                self.back(c);
                return self.error("invalid decimal literal");
            }
        }
    }

    /// Refuses a number that runs into a word, unless that is a keyword that may follow a number.
    fn check_end(&mut self, c: Option<u8>, name: &str) -> Result<(), Box<SyntaxError>> {
        let Some(b) = c.filter(|_| !self.extra) else { return Ok(()) };
        let rest = &self.bytes[self.cur - 1..];
        let keywords: [&[u8]; 8] = [b"and", b"else", b"for", b"if", b"in", b"is", b"or", b"not"];
        if keywords.iter().any(|k| rest.starts_with(k)) {
            return Ok(());
        }
        if b == b'_' || b.is_ascii_alphanumeric() {
            self.back(c);
            return self.error(format!("invalid {name} literal"));
        }
        Ok(())
    }
}
