//! Parsing: ruff's parser, with CPython's limits before it and CPython's messages after it.

use crate::error::SyntaxError;
use crate::options::{Mode, Options};
use crate::source::Source;
use ruff_python_ast::{Mod, PythonVersion};
use ruff_python_parser::{ParseOptions, Parsed};

/// Whether a source asks for the operator `<>` of PEP 401.
pub(crate) fn asks_for_flufl(text: &str) -> bool {
    text.contains("barry_as_FLUFL")
        && text.lines().any(|l| l.trim_start().starts_with("from __future__ import") && l.contains("barry_as_FLUFL"))
}

/// A source with every operator `<>` written as `!=`, which is as long.
fn without_flufl(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut tokenizer = crate::tokenizer::Tokenizer::new(text, "", false);
    tokenizer.flufl = true;
    while let Ok(token) = tokenizer.next_token() {
        if &text[token.start..token.end] == "<>" {
            bytes[token.start..token.end].copy_from_slice(b"!=");
        }
        if token.kind == crate::tokenizer::Kind::EndMarker {
            break;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_string())
}

/// Parses a source.
pub fn parse(source: &Source, mode: Mode, options: Options) -> Result<Parsed<Mod>, SyntaxError> {
    // A byte order mark is no text, and blanks on a line of their own are an indentation; ruff skips both.
    let last_line = source.text.rsplit('\n').next().unwrap_or("");
    let blank_end = mode == Mode::Eval && !last_line.is_empty() && last_line.trim_matches([' ', '\t']).is_empty();
    if (source.text.starts_with('\u{FEFF}') || blank_end)
        && let Some(error) = crate::diagnose::find(source, mode, options)
    {
        return Err(*error);
    }
    // Whether more input may complete a source, CPython's grammar must say: ruff takes what an empty line would end.
    if options.allow_incomplete
        && let Some(error) = crate::diagnose::find(source, mode, options)
    {
        return Err(*error);
    }
    let flufl = options.barry_as_flufl || asks_for_flufl(source.text);
    let rewritten;
    let mut text = source.text;
    if flufl {
        if let Some(error) = crate::diagnose::find(source, mode, options) {
            return Err(*error);
        }
        rewritten = without_flufl(text);
        text = &rewritten;
    }
    let parser_mode = match mode {
        Mode::Exec | Mode::Single => ruff_python_parser::Mode::Module,
        Mode::Eval | Mode::FuncType => ruff_python_parser::Mode::Expression,
    };
    let parse_options = ParseOptions::from(parser_mode).with_target_version(PythonVersion::PY314);
    let parsed = ruff_python_parser::parse_unchecked(text, parse_options);
    if !parsed.errors().is_empty() || !parsed.unsupported_syntax_errors().is_empty() {
        return Err(crate::diagnose::diagnose(source, &parsed, mode, options));
    }
    // An interactive statement must end as one does.
    if mode == Mode::Single
        && let Some(error) = crate::diagnose::find(source, mode, options)
    {
        return Err(*error);
    }
    Ok(parsed)
}
