//! f-strings and t-strings.

use super::unit::Reg;
use super::{Emitter, Result};
use crate::source::Source;
use crate::strings::{part_bytes, piece_bytes};
use ruff_python_ast::*;
use ruff_text_size::TextRange;
use serpens_bytecode::Op;
use serpens_bytecode::constant::Const;

/// A piece of a formatted string.
enum Piece<'a> {
    Text(Vec<u8>),
    Value(&'a InterpolatedElement, bool),
}

/// Pieces with adjacent texts joined.
#[derive(Default)]
struct Pieces<'a>(Vec<Piece<'a>>);

impl<'a> Pieces<'a> {
    fn text(&mut self, add: impl FnOnce(&mut Vec<u8>)) {
        if !matches!(self.0.last(), Some(Piece::Text(_))) {
            self.0.push(Piece::Text(Vec::new()));
        }
        if let Some(Piece::Text(text)) = self.0.last_mut() {
            add(text);
        }
    }
}

fn conversion_code(x: &InterpolatedElement) -> u8 {
    match x.conversion {
        ConversionFlag::Str => 1,
        ConversionFlag::Repr => 2,
        ConversionFlag::Ascii => 3,
        // `{x=}` shows the repr.
        ConversionFlag::None if x.debug_text.is_some() && x.format_spec.is_none() => 2,
        ConversionFlag::None => 0,
    }
}

impl<'a> Emitter<'a> {
    fn add_elements(&self, elements: &'a [InterpolatedStringElement], raw: bool, pieces: &mut Pieces<'a>) {
        for e in elements {
            match e {
                InterpolatedStringElement::Literal(l) => {
                    pieces.text(|out| piece_bytes(l, raw, self.source, out));
                }
                InterpolatedStringElement::Interpolation(x) => {
                    if let Some(debug) = &x.debug_text {
                        pieces.text(|out| {
                            out.extend_from_slice(without_comments(debug.as_str()).as_bytes());
                        });
                    }
                    pieces.0.push(Piece::Value(x, raw));
                }
            }
        }
    }

    pub(super) fn fstring(&mut self, x: &'a ExprFString, dst: Option<Reg>) -> Result<Reg> {
        let mut pieces = Pieces::default();
        for part in &x.value {
            match part {
                FStringPart::Literal(l) => pieces.text(|out| part_bytes(l, self.source, out)),
                FStringPart::FString(f) => {
                    self.add_elements(&f.elements, f.flags.prefix().is_raw(), &mut pieces);
                }
            }
        }
        self.join(pieces, x.range, dst)
    }

    fn join(&mut self, pieces: Pieces<'a>, range: TextRange, dst: Option<Reg>) -> Result<Reg> {
        let mut pieces = pieces.0;
        pieces.retain(|p| !matches!(p, Piece::Text(t) if t.is_empty()));
        if pieces.is_empty() {
            self.at(range);
            return Ok(self.load_str("", dst));
        }
        if pieces.len() == 1 {
            return self.piece(pieces.remove(0), range, dst);
        }
        let mark = self.mark();
        let n = pieces.len();
        for piece in pieces {
            let at = self.temp();
            self.piece(piece, range, Some(at))?;
        }
        self.release(mark);
        let dst = self.dst(dst);
        self.at(range);
        self.op(Op::BuildString, 0, dst, mark as Reg, n as u16);
        Ok(dst)
    }

    fn piece(&mut self, piece: Piece<'a>, range: TextRange, dst: Option<Reg>) -> Result<Reg> {
        let (x, raw) = match piece {
            Piece::Text(text) => {
                self.at(range);
                return Ok(self.load_const(Const::Str(text.into()), dst));
            }
            Piece::Value(x, raw) => (x, raw),
        };
        let mark = self.mark();
        let value = match &x.format_spec {
            Some(_) => self.expr_temp(&x.expression)?,
            None => self.expr(&x.expression, None)?,
        };
        let mut bits = conversion_code(x);
        let spec = match &x.format_spec {
            Some(spec) => {
                bits |= 4;
                self.format_spec(spec, raw)?
            }
            None => 0,
        };
        self.release(mark);
        let dst = self.dst(dst);
        self.at(x.range);
        self.op(Op::FormatValue, bits, dst, value, spec);
        Ok(dst)
    }

    fn format_spec(&mut self, spec: &'a InterpolatedStringFormatSpec, raw: bool) -> Result<Reg> {
        let mut pieces = Pieces::default();
        self.add_elements(&spec.elements, raw, &mut pieces);
        self.join(pieces, spec.range, None)
    }

    pub(super) fn tstring(&mut self, x: &'a ExprTString, dst: Option<Reg>) -> Result<Reg> {
        let mut pieces = Pieces::default();
        for part in &x.value {
            self.add_elements(&part.elements, part.flags.prefix().is_raw(), &mut pieces);
        }
        let mark = self.mark();
        let mut n = 0;
        for piece in pieces.0 {
            let at = self.temp();
            match piece {
                Piece::Text(text) => {
                    self.at(x.range);
                    self.load_const(Const::Str(text.into()), Some(at));
                }
                Piece::Value(value, raw) => self.interpolation(value, raw, at)?,
            }
            n += 1;
        }
        self.release(mark);
        let dst = self.dst(dst);
        self.at(x.range);
        self.op(Op::BuildTemplate, 0, dst, mark as Reg, n);
        Ok(dst)
    }

    fn interpolation(&mut self, x: &'a InterpolatedElement, raw: bool, dst: Reg) -> Result {
        let mark = self.mark();
        let window = self.u.temps(4);
        self.expr(&x.expression, Some(window))?;
        self.at(x.range);
        let text = self.interpolation_text(x);
        self.load_str(&text, Some(window + 1));
        let conversion = match conversion_code(x) {
            1 => Const::str("s"),
            2 => Const::str("r"),
            3 => Const::str("a"),
            _ => Const::None,
        };
        self.load_const(conversion, Some(window + 2));
        match &x.format_spec {
            Some(spec) => {
                let mut pieces = Pieces::default();
                self.add_elements(&spec.elements, raw, &mut pieces);
                self.join(pieces, spec.range, Some(window + 3))?;
            }
            None => {
                self.load_str("", Some(window + 3));
            }
        }
        self.at(x.range);
        self.op(Op::BuildInterpolation, 0, dst, window, 0);
        self.release(mark);
        Ok(())
    }

    /// The source of an interpolation's expression, as `Interpolation.expression` gives it: all up to what follows the
    /// expression, without comments.
    fn interpolation_text(&self, x: &'a InterpolatedElement) -> String {
        interpolation_text(self.source, x)
    }
}

/// As [`Emitter::interpolation_text`], for those who emit nothing.
pub(crate) fn interpolation_text(source: &Source, x: &InterpolatedElement) -> String {
    if let Some(text) = source.given_text(x.range.start()) {
        return text;
    }
    let text = source.slice(x.range);
    let inner = text.strip_prefix('{').unwrap_or(text);
    let start = x.range.start() + ruff_text_size::TextSize::new(1);
    let mut end = usize::from(ruff_text_size::Ranged::end(&*x.expression) - start);
    let bytes = inner.as_bytes();
    while let Some(b) = bytes.get(end) {
        match b {
            b')' | b' ' | b'\t' | b'\n' => end += 1,
            b'#' => end += inner[end..].find('\n').unwrap_or(inner.len() - end),
            _ => break,
        }
    }
    without_comments(&inner[..end])
}

/// An expression's source without its comments.
pub(crate) fn without_comments(text: &str) -> String {
    if !text.contains('#') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let (mut quote, mut in_comment, mut escaped) = (None, false, false);
    for c in text.chars() {
        if std::mem::take(&mut escaped) {
            out.push(c);
            continue;
        }
        match (quote, c) {
            _ if in_comment && c != '\n' => continue,
            (None, '#') => {
                in_comment = true;
                continue;
            }
            (Some(_), '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), _) if q == c => quote = None,
            _ => {}
        }
        in_comment = false;
        out.push(c);
    }
    out
}
