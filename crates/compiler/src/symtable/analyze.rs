//! Resolves every name of every scope. Scopes are visited innermost first, so that a scope knows which of its names
//! inner scopes capture.
//!
//! Invariant: an inlined comprehension's own uses of an outer local do not force that local into a cell; uses from
//! closures inside the comprehension do.

use super::{Res, ScopeId, ScopeKind, SymTable, def};
use crate::error::SyntaxError;
use crate::source::Source;
use hashbrown::HashMap;
use ruff_python_ast::name::Name;

/// A name that inner scopes need from outside; the flag says whether a closure captures it.
type Free = HashMap<Name, bool>;

pub(super) fn analyze(table: &mut SymTable, source: &Source) -> Result<(), SyntaxError> {
    visit(table, source, ScopeId(0))?;
    Ok(())
}

enum Outer {
    Bound,
    TypeParam,
    Global,
    Unknown,
}

fn is_class_cell(name: &str) -> bool {
    matches!(name, "__class__" | "__classdict__" | "__conditional_annotations__")
}

/// Whether an enclosing scope of `id` binds `name` for inner functions.
fn look_outside(table: &SymTable, id: ScopeId, name: &str) -> Outer {
    let mut at = table.scope(id).parent;
    while let Some(parent) = at {
        let scope = table.scope(parent);
        match scope.kind {
            ScopeKind::Module => return Outer::Unknown,
            ScopeKind::Class => {
                if is_class_cell(name) {
                    return Outer::Bound;
                }
            }
            _ => {
                if let Some(symbol) = scope.get(name) {
                    if symbol.flags & def::GLOBAL != 0 {
                        return Outer::Global;
                    }
                    if symbol.flags & def::NONLOCAL == 0 && symbol.flags & def::BOUND != 0 {
                        return if symbol.flags & def::TYPE_PARAM != 0 { Outer::TypeParam } else { Outer::Bound };
                    }
                }
            }
        }
        at = scope.parent;
    }
    Outer::Unknown
}

/// The class whose names an annotation or type parameter scope sees.
fn class_entry(table: &SymTable, id: ScopeId) -> Option<ScopeId> {
    let scope = table.scope(id);
    if !scope.sees_class {
        return None;
    }
    let mut at = scope.parent;
    while let Some(parent) = at {
        let scope = table.scope(parent);
        if scope.kind == ScopeKind::Class {
            return Some(parent);
        }
        if !scope.sees_class {
            return None;
        }
        at = scope.parent;
    }
    None
}

fn resolve(table: &SymTable, source: &Source, id: ScopeId, i: usize) -> Result<Res, SyntaxError> {
    let scope = table.scope(id);
    let symbol = &scope.symbols[i];
    let name = symbol.name.as_str();
    let error = |message: String| Err(SyntaxError::syntax(source, symbol.range, message));
    if symbol.flags & def::GLOBAL != 0 {
        if symbol.flags & def::NONLOCAL != 0 {
            return error(format!("name '{name}' is nonlocal and global"));
        }
        return Ok(Res::GlobalExplicit);
    }
    if symbol.flags & def::NONLOCAL != 0 {
        if scope.kind == ScopeKind::Module {
            return error("nonlocal declaration not allowed at module level".to_string());
        }
        return match look_outside(table, id, name) {
            Outer::Bound => Ok(Res::Free),
            Outer::TypeParam => error(format!("nonlocal binding not allowed for type parameter '{name}'")),
            _ => error(format!("no binding for nonlocal '{name}' found")),
        };
    }
    if symbol.flags & def::BOUND != 0 {
        return Ok(Res::Local);
    }
    if let Some(class) = class_entry(table, id)
        && let Some(in_class) = table.scope(class).get(name)
    {
        if in_class.flags & def::GLOBAL != 0 {
            return Ok(Res::GlobalExplicit);
        }
        if in_class.flags & def::BOUND != 0 && in_class.flags & def::NONLOCAL == 0 {
            return Ok(Res::GlobalImplicit);
        }
    }
    match look_outside(table, id, name) {
        Outer::Bound | Outer::TypeParam => {
            let in_class_directly =
                scope.inlined && scope.parent.is_some_and(|p| table.scope(p).kind == ScopeKind::Class);
            if in_class_directly && is_class_cell(name) {
                return Ok(Res::GlobalImplicit);
            }
            Ok(Res::Free)
        }
        _ => Ok(Res::GlobalImplicit),
    }
}

fn visit(table: &mut SymTable, source: &Source, id: ScopeId) -> Result<Free, SyntaxError> {
    for i in 0..table.scope(id).symbols.len() {
        let res = resolve(table, source, id, i)?;
        table.scope_mut(id).symbols[i].res = res;
    }
    let children = std::mem::take(&mut table.scope_mut(id).children);
    let mut inner = Free::new();
    for child in &children {
        let free = visit(table, source, *child)?;
        for (name, captured) in free {
            *inner.entry(name).or_insert(false) |= captured;
        }
    }
    let scope = table.scope_mut(id);
    scope.children = children;
    let inlined = scope.inlined;
    let mut free = Free::new();
    if scope.kind == ScopeKind::Class {
        if inner.remove("__class__").is_some() {
            scope.needs_class_cell = true;
        }
        if inner.remove("__classdict__").is_some() {
            scope.needs_classdict = true;
        }
        if inner.remove("__conditional_annotations__").is_some() {
            scope.has_conditional_annotations = true;
        }
    }
    let function_like = scope.kind.is_function_like();
    for (name, captured) in inner {
        let range = scope.range;
        let symbol = scope.add(&name, 0, range);
        match symbol.res {
            Res::Local if function_like => {
                if captured {
                    symbol.res = Res::Cell;
                }
                continue;
            }
            Res::Cell => continue,
            Res::Local | Res::GlobalExplicit | Res::GlobalImplicit => symbol.flags |= def::FREE_CLASS,
            Res::Unresolved => symbol.res = Res::Free,
            Res::Free => {}
        }
        *free.entry(name).or_insert(false) |= captured || !inlined;
    }
    for symbol in &scope.symbols {
        if symbol.res == Res::Free {
            *free.entry(symbol.name.clone()).or_insert(false) |= !inlined;
        }
    }
    Ok(free)
}
