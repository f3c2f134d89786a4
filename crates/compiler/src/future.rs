//! `from __future__ import ...`: which features a module asks for, and where such imports may stand.

use crate::error::SyntaxError;
use crate::source::Source;
use ruff_python_ast::{Mod, Stmt, StmtImportFrom};

const FEATURES: &[&str] = &[
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

fn as_future(stmt: &Stmt) -> Option<&StmtImportFrom> {
    let import = stmt.as_import_from_stmt()?;
    let is_future = import.level == 0 && import.module.as_ref().is_some_and(|m| m.as_str() == "__future__");
    is_future.then_some(import)
}

/// The future imports at the head of a module.
fn head(module: &Mod) -> impl Iterator<Item = &StmtImportFrom> {
    let body = match module {
        Mod::Module(m) => &m.body[..],
        Mod::Expression(_) => &[],
    };
    let skip = usize::from(crate::symtable::docstring(body).is_some());
    body[skip..].iter().map_while(as_future)
}

/// Whether the module postpones the evaluation of annotations.
pub fn has_annotations(module: &Mod) -> bool {
    has(module, "annotations")
}

/// Whether the module imports the future feature `name`.
pub fn has(module: &Mod, name: &str) -> bool {
    head(module).any(|i| i.names.iter().any(|a| a.name.as_str() == name))
}

/// Refuses unknown features.
pub fn check(module: &Mod, source: &Source) -> Result<(), SyntaxError> {
    for import in head(module) {
        for alias in &import.names {
            let name = alias.name.as_str();
            if FEATURES.contains(&name) {
                continue;
            }
            let message = match name {
                "braces" => "not a chance".to_string(),
                _ => format!("future feature {name} is not defined"),
            };
            return Err(SyntaxError::syntax(source, alias.range, message));
        }
    }
    Ok(())
}

/// Whether `stmt` is one of the future imports at the head of the module.
pub fn is_at_head(module: &Mod, stmt: &StmtImportFrom) -> bool {
    head(module).any(|i| std::ptr::eq(i, stmt))
}
