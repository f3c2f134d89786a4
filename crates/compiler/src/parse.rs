//! Parsing: ruff's parser, with CPython's limits before it and CPython's messages after it.

use crate::error::SyntaxError;
use crate::options::{Mode, Options};
use crate::source::Source;
use ruff_python_ast::{Mod, PythonVersion};
use ruff_python_parser::{ParseOptions, Parsed};

/// Parses a source.
pub fn parse(source: &Source, mode: Mode, _options: Options) -> Result<Parsed<Mod>, SyntaxError> {
    let parser_mode = match mode {
        Mode::Exec | Mode::Single => ruff_python_parser::Mode::Module,
        Mode::Eval => ruff_python_parser::Mode::Expression,
    };
    let options = ParseOptions::from(parser_mode).with_target_version(PythonVersion::PY314);
    let parsed = ruff_python_parser::parse_unchecked(source.text, options);
    if !parsed.errors().is_empty() || !parsed.unsupported_syntax_errors().is_empty() {
        return Err(crate::diagnose::diagnose(source, &parsed));
    }
    Ok(parsed)
}
