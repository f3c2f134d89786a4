//! The entry points: from text to a code object.

use crate::error::{SyntaxError, SyntaxErrorKind, Warning};
use crate::options::{Mode, Options};
use crate::source::Source;
use crate::symtable::SymTable;
use crate::{emit, future, limits, parse, warnings};
use serpens_bytecode::Code;
use std::borrow::Cow;
use std::sync::Arc;

/// A code object and the warnings about its source.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The code.
    pub code: Arc<Code>,
    /// Warnings, in the order in which they are found.
    pub warnings: Vec<Warning>,
}

/// Compiles `source`.
///
/// # Errors
///
/// A [`SyntaxError`] that says what is wrong and where, as CPython would.
pub fn compile(source: &str, filename: &str, mode: Mode, options: Options) -> Result<Arc<Code>, SyntaxError> {
    compile_with_warnings(source, filename, mode, options).map(|c| c.code)
}

/// Compiles `source` and reports warnings too.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_with_warnings(
    source: &str,
    filename: &str,
    mode: Mode,
    options: Options,
) -> Result<Compiled, SyntaxError> {
    with_source(source, filename, |source| compile_source(source, mode, options))
}

/// Runs `f` over a source, on a stack that suffices for it.
pub(crate) fn with_source<T>(
    source: &str,
    filename: &str,
    f: impl FnOnce(&Source) -> Result<T, SyntaxError>,
) -> Result<T, SyntaxError> {
    if source.contains('\0') {
        let message = "source code string cannot contain null bytes";
        return Err(SyntaxError::bare(SyntaxErrorKind::Syntax, filename, message));
    }
    let text = normalize(source);
    let source = Source::new(&text, filename);
    let stack = limits::measure(&source)?.stack();
    stacker::maybe_grow(stack, stack, || f(&source))
}

fn compile_source(source: &Source, mode: Mode, mut options: Options) -> Result<Compiled, SyntaxError> {
    let parsed = parse::parse(source, mode, options)?;
    let module = parsed.syntax();
    options.future_annotations |= future::has_annotations(module);
    let table = SymTable::new(module, source, &options)?;
    let (code, found) = emit::emit(module, source, &table, mode, options)?;
    let mut warnings = warnings::collect(source, &parsed);
    warnings.extend(found);
    Ok(Compiled { code, warnings })
}

/// Compiles a tree.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_tree(tree: &crate::tree::Node, filename: &str, mut options: Options) -> Result<Compiled, SyntaxError> {
    let (module, places) = crate::tree::import::import(tree);
    let source = Source::of_tree(filename, places);
    let mode = match tree.class {
        "Expression" => Mode::Eval,
        "Interactive" => Mode::Single,
        _ => Mode::Exec,
    };
    options.future_annotations |= future::has_annotations(&module);
    let table = SymTable::new(&module, &source, &options)?;
    let (code, found) = emit::emit(&module, &source, &table, mode, options)?;
    let mut warnings = warnings::of_finally(&source, &module);
    warnings.extend(found);
    Ok(Compiled { code, warnings })
}

/// Line ends as LF.
fn normalize(source: &str) -> Cow<'_, str> {
    if source.contains('\r') {
        Cow::Owned(source.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(source)
    }
}
