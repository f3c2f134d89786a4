//! Errors of the tokenizer: strings and brackets that do not end, characters that mean nothing, broken indentation.

use super::tokens::Tokens;
use super::{End, Finding};
use crate::error::SyntaxErrorKind;
use crate::source::Source;
use ruff_python_ast::Mod;
use ruff_python_parser::{InterpolatedStringErrorType, LexicalErrorType, ParseErrorType, Parsed};
use ruff_text_size::{TextRange, TextSize};

pub(super) fn never_closed(open: char, at: TextSize) -> Finding {
    let range = TextRange::at(at, TextSize::new(1));
    Finding::syntax(range, format!("'{open}' was never closed")).with_end(End::Zero)
}

/// The first error of the tokenizer, if there is one.
pub(super) fn find(source: &Source, tokens: &Tokens, parsed: &Parsed<Mod>) -> Option<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for error in parsed.errors() {
        if let ParseErrorType::Lexical(lexical) = &error.error {
            found.extend(lexical_error(source, lexical, error.location));
        }
    }
    if let Some((close, at, wrong)) = tokens.mismatch {
        let line = |at| source.line_col(at).0;
        let message = match wrong {
            None => format!("unmatched '{close}'"),
            Some((open, opened)) if line(opened) != line(at) => format!(
                "closing parenthesis '{close}' does not match opening parenthesis '{open}' on line {}",
                line(opened)
            ),
            Some((open, _)) => {
                format!("closing parenthesis '{close}' does not match opening parenthesis '{open}'")
            }
        };
        found.push(Finding::syntax(TextRange::at(at, TextSize::new(1)), message).with_end(End::Start));
    }
    found.extend(mixed_tabs(source));
    found.into_iter().min_by_key(|f| f.range.start())
}

fn lexical_error(source: &Source, error: &LexicalErrorType, range: TextRange) -> Option<Finding> {
    let text = source.slice(range);
    let line = |at| source.line_col(at).0;
    match error {
        LexicalErrorType::UnclosedStringError => {
            let triple = ["'''", "\"\"\""].iter().any(|q| text.trim_start_matches(char::is_alphabetic).starts_with(q));
            let quote = text.find(['\'', '"']).unwrap_or(0) as u32;
            let start = if triple { range.start() } else { range.start() + TextSize::new(quote) };
            let what = if triple { "triple-quoted string" } else { "string" };
            let last = if triple { source.text.trim_end_matches('\n').len() as u32 } else { start.to_u32() };
            let last = line(TextSize::new(last.max(start.to_u32()).min(source.text.len() as u32)));
            let message = format!("unterminated {what} literal (detected at line {last})");
            Some(Finding::syntax(TextRange::empty(start), message).with_end(End::Start))
        }
        LexicalErrorType::FStringError(e) => interpolated(source, e, range, "f"),
        LexicalErrorType::TStringError(e) => interpolated(source, e, range, "t"),
        LexicalErrorType::UnrecognizedToken { tok } if !tok.is_ascii() => {
            let code = *tok as u32;
            let printable =
                !tok.is_control() && !tok.is_whitespace() && !matches!(code, 0x200B..=0x200F | 0xFEFF | 0xAD);
            let message = if printable {
                format!("invalid character '{tok}' (U+{code:04X})")
            } else {
                format!("invalid non-printable character U+{code:04X}")
            };
            Some(Finding::syntax(range, message).with_end(End::Start))
        }
        LexicalErrorType::LineContinuationError => {
            let at = range.start() + TextSize::new(1);
            if usize::from(at) >= source.text.trim_end_matches('\n').len() && source.text.ends_with('\\') {
                let at = TextRange::empty(at);
                return Some(Finding::syntax(at, "unexpected EOF while parsing").with_end(End::MinusOne));
            }
            let message = "unexpected character after line continuation character";
            Some(Finding::syntax(TextRange::empty(at), message).with_end(End::Zero))
        }
        LexicalErrorType::IndentationError => {
            let l = line(range.start());
            let width = source.line_text(l).trim_end_matches('\n').len() as u32;
            let at = source.line_start(l) + TextSize::new(width);
            let finding =
                Finding::indentation(TextRange::empty(at), "unindent does not match any outer indentation level");
            Some(finding.with_end(End::MinusOne))
        }
        LexicalErrorType::OtherError(message) => number_error(source, message, range),
        _ => None,
    }
}

fn interpolated(
    source: &Source,
    error: &InterpolatedStringErrorType,
    range: TextRange,
    prefix: &str,
) -> Option<Finding> {
    let line = source.line_col(range.start()).0;
    let message = match error {
        InterpolatedStringErrorType::UnterminatedString => {
            format!("unterminated {prefix}-string literal (detected at line {line})")
        }
        InterpolatedStringErrorType::UnterminatedTripleQuotedString => {
            let last = source.text.trim_end_matches('\n').len() as u32;
            let last = source.line_col(TextSize::new(last)).0;
            format!("unterminated triple-quoted {prefix}-string literal (detected at line {last})")
        }
        InterpolatedStringErrorType::SingleRbrace => format!("{prefix}-string: single '}}' is not allowed"),
        _ => return None,
    };
    Some(Finding::syntax(range, message).with_end(End::Start))
}

/// Numbers that are spelt wrongly.
fn number_error(source: &Source, message: &str, range: TextRange) -> Option<Finding> {
    let lower = message.to_ascii_lowercase();
    if !lower.contains("literal") && !lower.contains("number") && !lower.contains("decimal") {
        return None;
    }
    let start = range.start();
    let text = &source.text[usize::from(start)..];
    let token: &str = &text[..text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(text.len())];
    let digits: String = token.chars().take_while(|c| c.is_ascii_digit() || *c == '_').collect();
    let at = |n: usize| TextRange::at(start, TextSize::new(n as u32));
    let radix = match token.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => Some("hexadecimal"),
        Some("0o") => Some("octal"),
        Some("0b") => Some("binary"),
        _ => None,
    };
    if let Some(radix) = radix {
        let max = if radix == "octal" { '7' } else { '1' };
        if let Some((i, bad)) =
            token.char_indices().skip(2).find(|(_, c)| radix != "hexadecimal" && c.is_ascii_digit() && *c > max)
        {
            return Some(
                Finding::syntax(
                    TextRange::empty(start + TextSize::new(i as u32)),
                    format!("invalid digit '{bad}' in {radix} literal"),
                )
                .with_end(End::Start),
            );
        }
        let n = token.len().max(2);
        return Some(
            Finding::syntax(TextRange::empty(start + TextSize::new(n as u32 - 1)), format!("invalid {radix} literal"))
                .with_end(End::Start),
        );
    }
    if digits.len() > 1
        && digits.starts_with('0')
        && digits.chars().any(|c| c != '0' && c != '_')
        && !digits.ends_with('_')
    {
        return Some(Finding::syntax(
            at(digits.len()),
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
        ));
    }
    let n = digits.len().max(1) as u32;
    let at = TextRange::empty(start + TextSize::new(n - 1));
    Some(Finding::syntax(at, "invalid decimal literal").with_end(End::Start))
}

/// Indentation that means one thing with tabs of eight columns and another with tabs of one.
fn mixed_tabs(source: &Source) -> Option<Finding> {
    let widths = |indent: &str, tab: usize| {
        indent.bytes().fold(0usize, |w, b| if b == b'\t' { (w / tab + 1) * tab } else { w + 1 })
    };
    if !source.text.contains('\t') {
        return None;
    }
    let mut stack = vec![(0usize, 0usize)];
    let parsed = Tokens::new(source);
    let mut last = 0;
    for token in &parsed.list {
        let line = source.line_col(token.range.start()).0;
        let first = line != last && token.depth == 0;
        last = source.line_col(token.range.end()).0;
        if !first {
            continue;
        }
        let text = source.line_text(line);
        let indent = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
        let (wide, narrow) = (widths(indent, 8), widths(indent, 1));
        while stack.len() > 1 && stack.last().is_some_and(|top| wide < top.0) {
            stack.pop();
        }
        let top = *stack.last().unwrap_or(&(0, 0));
        let consistent = if wide == top.0 { narrow == top.1 } else { wide < top.0 || narrow > top.1 };
        if !consistent {
            let at = TextRange::empty(source.line_start(line));
            let mut finding = Finding::syntax(at, "inconsistent use of tabs and spaces in indentation");
            finding.kind = SyntaxErrorKind::Tab;
            return Some(finding.with_end(End::Zero));
        }
        if wide > top.0 {
            stack.push((wide, narrow));
        }
    }
    None
}
