//! The symbol table of a source, as module `symtable` shows it.

use super::{Res, Scope, ScopeId, ScopeKind, SymTable, def};
use crate::error::SyntaxError;
use crate::options::{Mode, Options};
use crate::source::Source;

/// A scope. Numbers are CPython's.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// The kind of block.
    pub kind: i64,
    /// Its name.
    pub name: String,
    /// The line on which it begins; 0 for a module.
    pub line: u32,
    /// Whether it lies in a function.
    pub nested: bool,
    /// Parameters and locals.
    pub varnames: Vec<String>,
    /// Each name with what is done with it and where it lives.
    pub symbols: Vec<(String, i64)>,
    /// The scopes in it.
    pub children: Vec<Table>,
}

/// The table of a source.
///
/// # Errors
///
/// As `compile`.
pub fn symbols(text: &str, filename: &str, mode: Mode) -> Result<Table, SyntaxError> {
    let options = Options::default();
    crate::compile::with_source(text, filename, |source| {
        let parsed = crate::parse::parse(source, mode, options)?;
        let table = SymTable::new(parsed.syntax(), source, &options)?;
        Ok(export(&table, ScopeId(0), source))
    })
}

/// The scope of the annotations of a function that has none.
fn no_annotations(function: &Table) -> Table {
    Table {
        kind: 3,
        name: "__annotate__".to_string(),
        line: function.line,
        nested: function.nested,
        varnames: vec![".format".to_string()],
        symbols: vec![(".format".to_string(), 4 | 16 | 1 << 12)],
        children: Vec::new(),
    }
}

fn kind_of(kind: ScopeKind) -> i64 {
    match kind {
        ScopeKind::Class => 1,
        ScopeKind::Module => 2,
        ScopeKind::Annotation => 3,
        ScopeKind::TypeAlias => 4,
        ScopeKind::TypeParams => 5,
        ScopeKind::TypeVariable => 6,
        _ => 0,
    }
}

fn flags_of(flags: u16, res: Res, in_comprehension: bool) -> i64 {
    let pairs = [
        (def::GLOBAL, 1),
        (def::LOCAL, 2),
        (def::PARAM, 4),
        (def::NONLOCAL, 8),
        (def::USE, 16),
        (def::FREE_CLASS, 64),
        (def::IMPORT, 128),
        (def::ANNOT, 256),
        (def::COMP_ITER, 512),
        (def::TYPE_PARAM, 1024),
    ];
    let bits: i64 = pairs.iter().filter(|(ours, _)| flags & ours != 0).map(|(_, theirs)| theirs).sum();
    let scope = match res {
        Res::Unresolved => 0,
        Res::Local => 1,
        Res::GlobalExplicit => 2,
        Res::GlobalImplicit => 3,
        Res::Free => 4,
        Res::Cell => 5,
    };
    let cell = if in_comprehension && res == Res::Cell { 2048 } else { 0 };
    bits | cell | scope << 12
}

fn export(table: &SymTable, id: ScopeId, source: &Source) -> Table {
    let scope = table.scope(id);
    let line = if scope.kind == ScopeKind::Module { 0 } else { source.line_col(scope.range.start()).0 };
    let shown = scope.name.trim_start_matches('<').trim_end_matches('>');
    let mut symbols: Vec<(String, i64)> = Vec::new();
    let inner = |scope: &Scope, symbols: &mut Vec<(String, i64)>| {
        for s in &scope.symbols {
            let entry = (s.name.to_string(), flags_of(s.flags, s.res, scope.kind.is_comprehension()));
            if !symbols.iter().any(|(n, _)| *n == entry.0) {
                symbols.push(entry);
            }
        }
    };
    inner(scope, &mut symbols);
    let mut children = Vec::new();
    add_children(table, scope, source, &mut children, &mut |inlined| inner(inlined, &mut symbols));
    Table {
        kind: kind_of(scope.kind),
        name: shown.to_string(),
        line,
        nested: scope.nested,
        varnames: scope.varnames.iter().map(ToString::to_string).collect(),
        symbols,
        children,
    }
}

/// The scopes in a scope; an inlined comprehension gives its own place to the scopes in it.
fn add_children(
    table: &SymTable,
    scope: &Scope,
    source: &Source,
    out: &mut Vec<Table>,
    inlined: &mut dyn FnMut(&Scope),
) {
    for child in &scope.children {
        let inner = table.scope(*child);
        if inner.inlined {
            inlined(inner);
            add_children(table, inner, source, out, inlined);
        } else {
            let exported = export(table, *child, source);
            // Every function has a scope for its annotations, even if it has none.
            if inner.kind == ScopeKind::Function && out.last().is_none_or(|t| t.kind != 3) {
                out.push(no_annotations(&exported));
            }
            out.push(exported);
        }
    }
}
