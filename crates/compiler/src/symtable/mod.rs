//! The symbol table: which scope owns each name, found before any instruction is emitted.
//!
//! [`build`] walks the syntax tree and records what each scope does with each name; [`analyze`] resolves every name to
//! local, cell, free or global. Scopes are found again by the address of their syntax node, so a node may be emitted
//! more than once (`finally`). This module emits nothing.

mod analyze;
mod build;
pub mod export;

use crate::error::SyntaxError;
use crate::options::Options;
use crate::source::Source;
use hashbrown::HashMap;
use ruff_python_ast::name::Name;
use ruff_python_ast::{Mod, Stmt};
use ruff_text_size::TextRange;

/// Index of a scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ScopeId(pub u32);

/// What kind of block a scope is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    ListComp,
    SetComp,
    DictComp,
    Generator,
    TypeParams,
    TypeAlias,
    /// Bound, constraints or default of a type parameter.
    TypeVariable,
    Annotation,
}

impl ScopeKind {
    /// Whether its locals are registers.
    pub fn is_function_like(self) -> bool {
        !matches!(self, ScopeKind::Module | ScopeKind::Class)
    }

    /// Whether it is a comprehension or generator expression.
    pub fn is_comprehension(self) -> bool {
        matches!(self, ScopeKind::ListComp | ScopeKind::SetComp | ScopeKind::DictComp | ScopeKind::Generator)
    }
}

/// What a scope does with a name.
pub mod def {
    pub const GLOBAL: u16 = 1;
    pub const LOCAL: u16 = 2;
    pub const PARAM: u16 = 4;
    pub const NONLOCAL: u16 = 8;
    pub const USE: u16 = 0x10;
    pub const ANNOT: u16 = 0x20;
    pub const IMPORT: u16 = 0x40;
    pub const COMP_ITER: u16 = 0x80;
    pub const TYPE_PARAM: u16 = 0x100;
    /// Free in a class that also binds it.
    pub const FREE_CLASS: u16 = 0x200;
    pub const BOUND: u16 = LOCAL | PARAM | IMPORT | TYPE_PARAM;
}

/// Where a name lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Res {
    Unresolved,
    Local,
    Cell,
    Free,
    GlobalExplicit,
    GlobalImplicit,
}

/// A name in a scope.
#[derive(Clone, Debug)]
pub struct Symbol {
    pub name: Name,
    pub flags: u16,
    pub res: Res,
    /// Where it is first seen, or declared `global` or `nonlocal`.
    pub range: TextRange,
}

/// One scope.
#[derive(Debug)]
pub struct Scope {
    pub kind: ScopeKind,
    pub name: Name,
    pub parent: Option<ScopeId>,
    pub children: Vec<ScopeId>,
    pub symbols: Vec<Symbol>,
    index: HashMap<Name, u32>,
    /// Inside a function at any depth.
    pub nested: bool,
    /// A comprehension that runs in the registers of the enclosing scope.
    pub inlined: bool,
    /// An annotation or type parameter scope that looks names up in the class around it.
    pub sees_class: bool,
    /// Class: a method refers to `__class__`.
    pub needs_class_cell: bool,
    /// Class: an annotation scope looks into the namespace.
    pub needs_classdict: bool,
    pub is_generator: bool,
    pub is_coroutine: bool,
    /// Defined by `async def`.
    pub is_async_def: bool,
    /// The block has annotations that may or may not be executed.
    pub has_conditional_annotations: bool,
    /// Names that a walrus in this scope or an inlined comprehension binds.
    pub walrus_targets: Vec<Name>,
    /// Names that are deleted, or unbound at the end of `except ... as name`.
    pub deleted: Vec<Name>,
    /// The class name that private names are mangled with.
    pub private: Option<Name>,
    pub varnames: Vec<Name>,
    pub range: TextRange,
    pub has_varargs: bool,
    pub has_varkeywords: bool,
}

impl Scope {
    /// The symbol `name`.
    pub fn get(&self, name: &str) -> Option<&Symbol> {
        self.index.get(name).map(|i| &self.symbols[*i as usize])
    }

    fn add(&mut self, name: &Name, flags: u16, range: TextRange) -> &mut Symbol {
        let next = self.symbols.len() as u32;
        let i = *self.index.entry(name.clone()).or_insert(next) as usize;
        if i == self.symbols.len() {
            self.symbols.push(Symbol { name: name.clone(), flags, res: Res::Unresolved, range });
        } else {
            self.symbols[i].flags |= flags;
        }
        &mut self.symbols[i]
    }

    /// Names in cells of this scope, sorted.
    pub fn cells(&self) -> Vec<Name> {
        self.sorted(|s| s.res == Res::Cell)
    }

    /// Free names of this scope, sorted.
    pub fn frees(&self) -> Vec<Name> {
        self.sorted(|s| s.res == Res::Free || s.flags & def::FREE_CLASS != 0)
    }

    fn sorted(&self, keep: impl Fn(&Symbol) -> bool) -> Vec<Name> {
        let mut names: Vec<Name> = self.symbols.iter().filter(|s| keep(s)).map(|s| s.name.clone()).collect();
        names.sort();
        names
    }
}

/// What a scope belongs to, beside the address of its node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    Body,
    TypeParams,
    Annotations,
    Bound,
    Default,
}

/// All scopes of a compilation.
#[derive(Debug)]
pub struct SymTable {
    pub scopes: Vec<Scope>,
    by_node: HashMap<(usize, Role), ScopeId>,
    pub future_annotations: bool,
}

/// The address of a node, which names it for the time of a compilation.
pub fn node_key<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

impl SymTable {
    /// Builds and resolves the table.
    pub fn new(module: &Mod, source: &Source, options: &Options) -> Result<SymTable, SyntaxError> {
        let mut table = build::build(module, source, options)?;
        analyze::analyze(&mut table, source)?;
        Ok(table)
    }

    /// The scope of a node.
    pub fn scope_of<T>(&self, node: &T, role: Role) -> Option<ScopeId> {
        self.by_node.get(&(node_key(node), role)).copied()
    }

    /// The annotation scope of a module or class.
    pub fn annotations_of(&self, id: ScopeId) -> Option<ScopeId> {
        self.by_node.get(&(id.0 as usize, Role::Annotations)).copied()
    }

    /// A scope.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.scopes[id.0 as usize]
    }
}

/// `name` as the class `class` sees it: `__x` becomes `_Class__x`.
pub fn mangle(class: Option<&Name>, name: &str) -> Name {
    let Some(class) = class else { return Name::new(name) };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return Name::new(name);
    }
    let stripped = class.trim_start_matches('_');
    if stripped.is_empty() {
        return Name::new(name);
    }
    Name::new(format!("_{stripped}{name}"))
}

/// Whether the first statement of `body` is a docstring.
pub fn docstring(body: &[Stmt]) -> Option<&ruff_python_ast::ExprStringLiteral> {
    match body.first()? {
        Stmt::Expr(e) => e.value.as_string_literal_expr(),
        _ => None,
    }
}
