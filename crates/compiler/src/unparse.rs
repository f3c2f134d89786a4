//! Expressions back to source, for annotations that are kept as text.

use crate::source::Source;
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

/// The source of an expression.
pub fn unparse(e: &Expr, source: &Source) -> String {
    source.slice(e.range()).to_string()
}
