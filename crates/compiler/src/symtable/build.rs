//! Walks the syntax tree and records what each scope does with each name.
//!
//! Invariant: the order of visits is CPython's, since errors such as "used prior to global declaration" depend on it.

use super::{Role, Scope, ScopeId, ScopeKind, SymTable, def, mangle, node_key};
use crate::error::SyntaxError;
use crate::options::Options;
use crate::source::Source;
use hashbrown::HashMap;
use ruff_python_ast::name::Name;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};

pub(super) type Result<T = ()> = std::result::Result<T, SyntaxError>;

pub(super) struct Builder<'a> {
    pub(super) source: &'a Source<'a>,
    table: SymTable,
    /// The current scopes, outermost first.
    stack: Vec<Frame>,
    private: Option<Name>,
}

struct Frame {
    id: ScopeId,
    /// Depth of comprehension iterables being visited.
    comp_iter_expr: u32,
    /// Visiting the target of a comprehension.
    comp_iter_target: bool,
    conditional: bool,
    annotations: Option<ScopeId>,
    /// What of a type parameter is being visited, for messages.
    part: &'static str,
}

pub(super) fn build(module: &Mod, source: &Source, options: &Options) -> Result<SymTable> {
    let table = SymTable {
        scopes: Vec::new(),
        by_node: HashMap::new(),
        future_annotations: options.future_annotations || crate::future::has_annotations(module),
    };
    let mut b = Builder { source, table, stack: Vec::new(), private: None };
    b.push_scope(ScopeKind::Module, Name::new_static("top"), TextRange::default(), true);
    match module {
        Mod::Module(m) => b.body(&m.body)?,
        Mod::Expression(e) => b.expr(&e.body)?,
    }
    b.stack.pop();
    Ok(b.table)
}

impl<'a> Builder<'a> {
    fn error<T>(&self, range: TextRange, message: impl Into<String>) -> Result<T> {
        Err(SyntaxError::syntax(self.source, range, message))
    }

    fn cur_id(&self) -> ScopeId {
        self.stack[self.stack.len() - 1].id
    }

    fn cur(&mut self) -> &mut Scope {
        let id = self.cur_id();
        self.table.scope_mut(id)
    }

    fn kind(&self) -> ScopeKind {
        self.table.scope(self.cur_id()).kind
    }

    fn frame(&mut self) -> &mut Frame {
        let top = self.stack.len() - 1;
        &mut self.stack[top]
    }

    /// Opens a scope. One that is not `linked` is forgotten: its names affect nothing.
    fn push_scope(&mut self, kind: ScopeKind, name: Name, range: TextRange, linked: bool) -> ScopeId {
        let id = ScopeId(self.table.scopes.len() as u32);
        let parent = self.stack.last().map(|f| f.id);
        let nested = parent.is_some_and(|p| {
            let p = self.table.scope(p);
            p.nested || p.kind.is_function_like()
        });
        if let Some(p) = parent.filter(|_| linked) {
            self.table.scope_mut(p).children.push(id);
        }
        self.table.scopes.push(Scope {
            kind,
            name,
            parent,
            children: Vec::new(),
            symbols: Vec::new(),
            index: HashMap::new(),
            nested,
            inlined: false,
            sees_class: false,
            needs_class_cell: false,
            needs_classdict: false,
            is_generator: false,
            is_coroutine: false,
            is_async_def: false,
            has_conditional_annotations: false,
            walrus_targets: Vec::new(),
            deleted: Vec::new(),
            private: self.private.clone(),
            varnames: Vec::new(),
            range,
            has_varargs: false,
            has_varkeywords: false,
        });
        self.stack.push(Frame {
            id,
            // What stands inside of a comprehension's iterable stays inside in nested scopes.
            comp_iter_expr: self.stack.last().map_or(0, |f| f.comp_iter_expr),
            comp_iter_target: false,
            conditional: false,
            annotations: None,
            part: "",
        });
        id
    }

    fn enter<T>(&mut self, kind: ScopeKind, name: Name, node: &T, role: Role, range: TextRange) -> ScopeId {
        let id = self.push_scope(kind, name, range, true);
        self.table.by_node.insert((node_key(node), role), id);
        id
    }

    fn exit(&mut self) {
        self.stack.pop();
    }

    fn add_def(&mut self, name: &str, mut flags: u16, range: TextRange) -> Result {
        let name = mangle(self.private.as_ref(), name);
        let in_target = self.frame().comp_iter_target;
        let previous = self.cur().get(&name).map_or(0, |s| s.flags);
        if flags & def::PARAM != 0 && previous & def::PARAM != 0 {
            return self.error(range, format!("duplicate argument '{name}' in function definition"));
        }
        if flags & def::TYPE_PARAM != 0 && previous & def::TYPE_PARAM != 0 {
            return self.error(range, format!("duplicate type parameter '{name}'"));
        }
        if in_target {
            if previous & (def::GLOBAL | def::NONLOCAL) != 0 {
                return self.error(
                    range,
                    format!("comprehension inner loop cannot rebind assignment expression target '{name}'"),
                );
            }
            flags |= def::COMP_ITER;
        }
        let scope = self.cur();
        scope.add(&name, flags, range);
        if flags & def::PARAM != 0 {
            scope.varnames.push(name);
        }
        Ok(())
    }

    fn param(&mut self, name: &'static str) -> Result {
        self.add_def(name, def::PARAM, TextRange::default())
    }

    fn body(&mut self, body: &[Stmt]) -> Result {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    fn conditional(&mut self, body: &[Stmt]) -> Result {
        let before = std::mem::replace(&mut self.frame().conditional, true);
        self.body(body)?;
        self.frame().conditional = before;
        Ok(())
    }

    fn deleted(&mut self, name: &str) {
        let name = mangle(self.private.as_ref(), name);
        self.cur().deleted.push(name);
    }

    fn delete_targets(&mut self, target: &Expr) {
        match target {
            Expr::Name(n) => self.deleted(&n.id),
            Expr::Tuple(t) => t.elts.iter().for_each(|e| self.delete_targets(e)),
            Expr::List(t) => t.elts.iter().for_each(|e| self.delete_targets(e)),
            _ => {}
        }
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result {
        match stmt {
            Stmt::FunctionDef(f) => self.function(f),
            Stmt::ClassDef(c) => self.class(c),
            Stmt::TypeAlias(a) => self.type_alias(a),
            Stmt::Return(r) => self.opt(r.value.as_deref()),
            Stmt::Delete(d) => {
                d.targets.iter().for_each(|t| self.delete_targets(t));
                self.exprs(&d.targets)
            }
            Stmt::Assign(a) => {
                self.exprs(&a.targets)?;
                self.expr(&a.value)
            }
            Stmt::AugAssign(a) => {
                self.expr(&a.target)?;
                self.expr(&a.value)
            }
            Stmt::AnnAssign(a) => self.ann_assign(a),
            Stmt::For(f) => {
                self.expr(&f.target)?;
                self.expr(&f.iter)?;
                self.conditional(&f.body)?;
                self.conditional(&f.orelse)
            }
            Stmt::While(w) => {
                self.expr(&w.test)?;
                self.conditional(&w.body)?;
                self.conditional(&w.orelse)
            }
            Stmt::If(i) => {
                self.expr(&i.test)?;
                self.conditional(&i.body)?;
                for clause in &i.elif_else_clauses {
                    self.opt(clause.test.as_ref())?;
                    self.conditional(&clause.body)?;
                }
                Ok(())
            }
            Stmt::With(w) => {
                for item in &w.items {
                    self.expr(&item.context_expr)?;
                    self.opt(item.optional_vars.as_deref())?;
                }
                self.conditional(&w.body)
            }
            Stmt::Match(m) => {
                self.expr(&m.subject)?;
                for case in &m.cases {
                    self.pattern(&case.pattern)?;
                    self.opt(case.guard.as_deref())?;
                    self.conditional(&case.body)?;
                }
                Ok(())
            }
            Stmt::Raise(r) => {
                self.opt(r.exc.as_deref())?;
                self.opt(r.cause.as_deref())
            }
            Stmt::Try(t) => {
                self.conditional(&t.body)?;
                for ExceptHandler::ExceptHandler(h) in &t.handlers {
                    self.opt(h.type_.as_deref())?;
                    if let Some(name) = &h.name {
                        self.add_def(name, def::LOCAL, h.range)?;
                        self.deleted(name);
                    }
                    self.conditional(&h.body)?;
                }
                self.conditional(&t.orelse)?;
                self.conditional(&t.finalbody)
            }
            Stmt::Assert(a) => {
                self.expr(&a.test)?;
                self.opt(a.msg.as_deref())
            }
            Stmt::Import(i) => i.names.iter().try_for_each(|a| self.alias(a)),
            Stmt::ImportFrom(i) => i.names.iter().try_for_each(|a| self.alias(a)),
            Stmt::Global(g) => g.names.iter().try_for_each(|n| self.declare(n, def::GLOBAL, g.range)),
            Stmt::Nonlocal(g) => g.names.iter().try_for_each(|n| self.declare(n, def::NONLOCAL, g.range)),
            Stmt::Expr(e) => self.expr(&e.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::IpyEscapeCommand(_) => Ok(()),
        }
    }

    fn declare(&mut self, name: &Identifier, flag: u16, range: TextRange) -> Result {
        let mangled = mangle(self.private.as_ref(), name);
        let flags = self.cur().get(&mangled).map_or(0, |s| s.flags);
        let what = if flag == def::GLOBAL { "global" } else { "nonlocal" };
        if flags & (def::PARAM | def::LOCAL | def::USE | def::ANNOT) != 0 {
            let message = if flags & def::PARAM != 0 {
                format!("name '{name}' is parameter and {what}")
            } else if flags & def::USE != 0 {
                format!("name '{name}' is used prior to {what} declaration")
            } else if flags & def::ANNOT != 0 {
                format!("annotated name '{name}' can't be {what}")
            } else {
                format!("name '{name}' is assigned to before {what} declaration")
            };
            return self.error(range, message);
        }
        if flag == def::GLOBAL && self.kind() != ScopeKind::Module {
            // The module's own uses of the name become global too: they must not go through `exec`'s locals.
            self.table.scope_mut(ScopeId(0)).add(&mangled, def::GLOBAL, range);
        }
        self.add_def(name, flag, range)
    }

    fn alias(&mut self, alias: &Alias) -> Result {
        let name = alias.asname.as_ref().unwrap_or(&alias.name);
        if name.as_str() == "*" {
            if self.kind() != ScopeKind::Module {
                return self.error(alias.range, "import * only allowed at module level");
            }
            return Ok(());
        }
        let first = name.split('.').next().unwrap_or_default().to_string();
        self.add_def(&first, def::IMPORT, alias.range)
    }

    fn ann_assign(&mut self, a: &StmtAnnAssign) -> Result {
        if let Expr::Name(n) = &*a.target {
            let mangled = mangle(self.private.as_ref(), &n.id);
            let flags = self.cur().get(&mangled).map_or(0, |s| s.flags);
            if flags & (def::GLOBAL | def::NONLOCAL) != 0 && self.kind() != ScopeKind::Module && a.simple {
                let what = if flags & def::GLOBAL != 0 { "global" } else { "nonlocal" };
                return self.error(a.range, format!("annotated name '{}' can't be {what}", n.id));
            }
            if a.simple {
                self.add_def(&n.id, def::ANNOT | def::LOCAL, a.target.range())?;
            } else if a.value.is_some() {
                self.add_def(&n.id, def::LOCAL, a.target.range())?;
            }
        } else {
            self.expr(&a.target)?;
        }
        self.annotation(&a.annotation)?;
        self.opt(a.value.as_deref())
    }

    /// The annotation of a variable: in the annotation scope of the module or class.
    fn annotation(&mut self, annotation: &Expr) -> Result {
        let kind = self.kind();
        if !matches!(kind, ScopeKind::Module | ScopeKind::Class) || self.table.future_annotations {
            self.push_scope(ScopeKind::Annotation, Name::new_static("__annotate__"), annotation.range(), false);
            self.expr(annotation)?;
            self.exit();
            return Ok(());
        }
        let is_conditional = kind == ScopeKind::Module || self.frame().conditional;
        if is_conditional && !self.cur().has_conditional_annotations {
            self.cur().has_conditional_annotations = true;
            if kind == ScopeKind::Module {
                self.add_def("__conditional_annotations__", def::USE, annotation.range())?;
            }
        }
        match self.frame().annotations {
            Some(id) => self.stack.push(Frame {
                id,
                comp_iter_expr: self.stack.last().map_or(0, |f| f.comp_iter_expr),
                comp_iter_target: false,
                conditional: false,
                part: "",
                annotations: None,
            }),
            None => {
                let owner = self.cur_id();
                let id =
                    self.push_scope(ScopeKind::Annotation, Name::new_static("__annotate__"), annotation.range(), true);
                self.table.by_node.insert((owner.0 as usize, Role::Annotations), id);
                self.param(".format")?;
                if kind == ScopeKind::Class {
                    self.see_class(annotation.range())?;
                }
                let at = self.stack.len() - 2;
                self.stack[at].annotations = Some(id);
            }
        }
        if is_conditional {
            self.add_def("__conditional_annotations__", def::USE, annotation.range())?;
        }
        self.expr(annotation)?;
        self.exit();
        Ok(())
    }

    fn see_class(&mut self, range: TextRange) -> Result {
        self.cur().sees_class = true;
        self.add_def("__classdict__", def::USE, range)
    }

    fn function(&mut self, f: &StmtFunctionDef) -> Result {
        self.add_def(&f.name, def::LOCAL, f.range)?;
        self.defaults(&f.parameters)?;
        f.decorator_list.iter().try_for_each(|d| self.expr(&d.expression))?;
        if let Some(params) = &f.type_params {
            let has_defaults = f.parameters.posonlyargs.iter().chain(&f.parameters.args).any(|p| p.default.is_some());
            let has_kwdefaults = f.parameters.kwonlyargs.iter().any(|p| p.default.is_some());
            self.enter_type_params(params, &f.name)?;
            if has_defaults {
                self.param(".defaults")?;
            }
            if has_kwdefaults {
                self.param(".kwdefaults")?;
            }
            self.type_params(params)?;
        }
        self.function_annotations(f)?;
        self.enter(ScopeKind::Function, f.name.id.clone(), f, Role::Body, f.range);
        self.cur().is_coroutine = f.is_async;
        self.cur().is_async_def = f.is_async;
        self.parameters(&f.parameters)?;
        self.body(&f.body)?;
        self.exit();
        if f.type_params.is_some() {
            self.exit();
        }
        Ok(())
    }

    fn function_annotations(&mut self, f: &StmtFunctionDef) -> Result {
        let annotations =
            || f.parameters.iter_source_order().filter_map(|p| p.annotation()).chain(f.returns.as_deref());
        if annotations().next().is_none() {
            return Ok(());
        }
        let future = self.table.future_annotations;
        let in_class = self.kind() == ScopeKind::Class || self.cur().sees_class;
        let id = self.push_scope(ScopeKind::Annotation, Name::new_static("__annotate__"), f.range, !future);
        self.table.by_node.insert((node_key(f), Role::Annotations), id);
        self.param(".format")?;
        if in_class {
            self.see_class(f.range)?;
        }
        for annotation in annotations() {
            match annotation {
                Expr::Starred(s) => self.expr(&s.value)?,
                e => self.expr(e)?,
            }
        }
        self.exit();
        Ok(())
    }

    fn defaults(&mut self, p: &Parameters) -> Result {
        for p in p.posonlyargs.iter().chain(&p.args).chain(&p.kwonlyargs) {
            self.opt(p.default.as_deref())?;
        }
        Ok(())
    }

    fn parameters(&mut self, p: &Parameters) -> Result {
        for p in p.posonlyargs.iter().chain(&p.args).chain(&p.kwonlyargs) {
            self.add_def(&p.parameter.name, def::PARAM, p.parameter.range)?;
        }
        if let Some(v) = &p.vararg {
            self.add_def(&v.name, def::PARAM, v.range)?;
            self.cur().has_varargs = true;
        }
        if let Some(v) = &p.kwarg {
            self.add_def(&v.name, def::PARAM, v.range)?;
            self.cur().has_varkeywords = true;
        }
        Ok(())
    }

    fn class(&mut self, c: &StmtClassDef) -> Result {
        self.add_def(&c.name, def::LOCAL, c.range)?;
        c.decorator_list.iter().try_for_each(|d| self.expr(&d.expression))?;
        let outer = self.private.clone();
        if let Some(params) = &c.type_params {
            self.enter_type_params(params, &c.name)?;
            self.private = Some(c.name.id.clone());
            self.cur().private = self.private.clone();
            self.add_def(".type_params", def::LOCAL, c.range)?;
            self.add_def(".type_params", def::USE, c.range)?;
            self.add_def(".generic_base", def::LOCAL | def::USE, c.range)?;
            self.type_params(params)?;
        }
        if let Some(arguments) = &c.arguments {
            self.exprs(&arguments.args)?;
            arguments.keywords.iter().try_for_each(|k| self.expr(&k.value))?;
        }
        self.private = Some(c.name.id.clone());
        self.enter(ScopeKind::Class, c.name.id.clone(), c, Role::Body, c.range);
        if c.type_params.is_some() {
            self.add_def("__type_params__", def::LOCAL, c.range)?;
            self.add_def(".type_params", def::USE, c.range)?;
        }
        self.body(&c.body)?;
        self.exit();
        if c.type_params.is_some() {
            self.exit();
        }
        self.private = outer;
        Ok(())
    }

    fn type_alias(&mut self, a: &StmtTypeAlias) -> Result {
        self.expr(&a.name)?;
        let name = a.name.as_name_expr().map_or(Name::new_static("type alias"), |n| n.id.clone());
        let in_class = self.kind() == ScopeKind::Class;
        if let Some(params) = &a.type_params {
            self.enter_type_params(params, &name)?;
            self.type_params(params)?;
        }
        self.enter(ScopeKind::TypeAlias, name, a, Role::Body, a.range);
        self.param(".format")?;
        if in_class {
            self.see_class(a.range)?;
        }
        self.expr(&a.value)?;
        self.exit();
        if a.type_params.is_some() {
            self.exit();
        }
        Ok(())
    }

    fn enter_type_params(&mut self, params: &TypeParams, name: &str) -> Result {
        let in_class = self.kind() == ScopeKind::Class;
        self.enter(ScopeKind::TypeParams, Name::new(name), params, Role::TypeParams, params.range);
        if in_class {
            self.see_class(params.range)?;
        }
        Ok(())
    }

    fn type_params(&mut self, params: &TypeParams) -> Result {
        let mut seen_default = false;
        for p in &params.type_params {
            let (name, bound, default) = match p {
                TypeParam::TypeVar(t) => (&t.name, t.bound.as_deref(), t.default.as_deref()),
                TypeParam::TypeVarTuple(t) => (&t.name, None, t.default.as_deref()),
                TypeParam::ParamSpec(t) => (&t.name, None, t.default.as_deref()),
            };
            if default.is_some() {
                seen_default = true;
            } else if seen_default {
                return self
                    .error(p.range(), format!("non-default type parameter '{name}' follows default type parameter"));
            }
            if name.as_str() == "__classdict__" {
                return self.error(p.range(), format!("reserved name '{name}' cannot be used for type parameter"));
            }
            self.add_def(name, def::TYPE_PARAM | def::LOCAL, p.range())?;
            if let Some(bound) = bound {
                self.type_variable(name, bound, p, Role::Bound)?;
            }
            if let Some(default) = default {
                self.type_variable(name, default, p, Role::Default)?;
            }
        }
        Ok(())
    }

    fn type_variable(&mut self, name: &Identifier, e: &Expr, p: &TypeParam, role: Role) -> Result {
        let in_class = self.cur().sees_class;
        self.enter(ScopeKind::TypeVariable, name.id.clone(), p, role, e.range());
        self.frame().part = part_of(p, role, e);
        self.param(".format")?;
        if in_class {
            self.see_class(e.range())?;
        }
        match e {
            Expr::Starred(s) => self.expr(&s.value)?,
            e => self.expr(e)?,
        }
        self.exit();
        Ok(())
    }

    fn opt(&mut self, e: Option<&Expr>) -> Result {
        e.map_or(Ok(()), |e| self.expr(e))
    }

    fn exprs(&mut self, exprs: &[Expr]) -> Result {
        exprs.iter().try_for_each(|e| self.expr(e))
    }

    /// Refuses what the special scopes (annotations, type parameters) may not contain.
    fn refuse(&self, what: &str, range: TextRange) -> Result {
        let place = match self.kind() {
            ScopeKind::Annotation => "within an annotation",
            ScopeKind::TypeVariable => {
                let part = self.stack.last().map_or("", |f| f.part);
                return self.error(range, format!("{what} cannot be used within a {part}"));
            }
            ScopeKind::TypeAlias => "within a type alias",
            ScopeKind::TypeParams => "within the definition of a generic",
            _ => return Ok(()),
        };
        self.error(range, format!("{what} cannot be used {place}"))
    }

    fn expr(&mut self, e: &Expr) -> Result {
        match e {
            Expr::BoolOp(x) => self.exprs(&x.values),
            Expr::Named(x) => {
                self.refuse("named expression", x.range)?;
                self.walrus(x)
            }
            Expr::BinOp(_) => {
                // A long chain `a + b + ...` is deep on the left: descend without recursion.
                let mut rights = Vec::new();
                let mut at = e;
                while let Expr::BinOp(x) = at {
                    rights.push(&*x.right);
                    at = &x.left;
                }
                self.expr(at)?;
                rights.into_iter().rev().try_for_each(|r| self.expr(r))
            }
            Expr::UnaryOp(x) => self.expr(&x.operand),
            Expr::Lambda(x) => {
                if let Some(p) = &x.parameters {
                    self.defaults(p)?;
                }
                self.enter(ScopeKind::Lambda, Name::new_static("<lambda>"), x, Role::Body, x.range);
                if let Some(p) = &x.parameters {
                    self.parameters(p)?;
                }
                self.expr(&x.body)?;
                self.exit();
                Ok(())
            }
            Expr::If(x) => {
                self.expr(&x.test)?;
                self.expr(&x.body)?;
                self.expr(&x.orelse)
            }
            Expr::Dict(x) => {
                for item in &x.items {
                    self.opt(item.key.as_ref())?;
                    self.expr(&item.value)?;
                }
                Ok(())
            }
            Expr::Set(x) => self.exprs(&x.elts),
            Expr::ListComp(x) => self.comprehension(ScopeKind::ListComp, e, &x.generators, &x.elt, None),
            Expr::SetComp(x) => self.comprehension(ScopeKind::SetComp, e, &x.generators, &x.elt, None),
            Expr::DictComp(x) => {
                let key = x.key.as_deref().unwrap_or(&x.value);
                self.comprehension(ScopeKind::DictComp, e, &x.generators, key, Some(&x.value))
            }
            Expr::Generator(x) => self.comprehension(ScopeKind::Generator, e, &x.generators, &x.elt, None),
            Expr::Await(x) => {
                self.refuse("await expression", x.range)?;
                self.awaits();
                self.expr(&x.value)
            }
            Expr::Yield(x) => {
                self.yields(x.range)?;
                self.opt(x.value.as_deref())
            }
            Expr::YieldFrom(x) => {
                self.yields(x.range)?;
                self.expr(&x.value)
            }
            Expr::Compare(x) => {
                self.expr(&x.left)?;
                self.exprs(&x.comparators)
            }
            Expr::Call(x) => {
                self.expr(&x.func)?;
                self.exprs(&x.arguments.args)?;
                x.arguments.keywords.iter().try_for_each(|k| self.expr(&k.value))
            }
            Expr::FString(x) => x.value.elements().try_for_each(|e| self.interpolated(e, 0)),
            Expr::TString(x) => x.value.elements().try_for_each(|e| self.interpolated(e, 0)),
            Expr::Attribute(x) => self.expr(&x.value),
            Expr::Subscript(x) => {
                self.expr(&x.value)?;
                self.expr(&x.slice)
            }
            Expr::Starred(x) => self.expr(&x.value),
            Expr::Name(x) => self.name(x),
            Expr::List(x) => self.exprs(&x.elts),
            Expr::Tuple(x) => self.exprs(&x.elts),
            Expr::Slice(x) => {
                self.opt(x.lower.as_deref())?;
                self.opt(x.upper.as_deref())?;
                self.opt(x.step.as_deref())
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => Ok(()),
        }
    }

    fn name(&mut self, x: &ExprName) -> Result {
        let flags = if x.ctx == ExprContext::Load { def::USE } else { def::LOCAL };
        self.add_def(&x.id, flags, x.range)?;
        // `super()` needs the class.
        let kind = self.kind();
        if flags == def::USE && kind.is_function_like() && x.id == "super" {
            let name = Name::new_static("__class__");
            self.cur().add(&name, def::USE, x.range);
        }
        Ok(())
    }

    fn yields(&mut self, range: TextRange) -> Result {
        self.refuse("yield expression", range)?;
        let what = match self.kind() {
            ScopeKind::ListComp => "list comprehension",
            ScopeKind::SetComp => "set comprehension",
            ScopeKind::DictComp => "dict comprehension",
            ScopeKind::Generator => "generator expression",
            _ => {
                self.cur().is_generator = true;
                return Ok(());
            }
        };
        self.error(range, format!("'yield' inside {what}"))
    }

    fn walrus(&mut self, x: &ExprNamed) -> Result {
        if self.frame().comp_iter_expr > 0 {
            return self.error(x.range, "assignment expression cannot be used in a comprehension iterable expression");
        }
        if let Expr::Name(target) = &*x.target {
            if self.kind().is_comprehension() {
                self.extend_walrus(target)?;
            } else {
                let name = mangle(self.private.as_ref(), &target.id);
                self.cur().walrus_targets.push(name);
            }
        }
        self.expr(&x.value)?;
        self.expr(&x.target)
    }

    /// Something is awaited in this scope. Only `async def` makes a coroutine of a function.
    fn awaits(&mut self) {
        if !matches!(self.kind(), ScopeKind::Function | ScopeKind::Lambda) {
            self.cur().is_coroutine = true;
        }
    }

    /// A walrus in a comprehension binds in the function around it.
    fn extend_walrus(&mut self, target: &ExprName) -> Result {
        let name = mangle(self.private.as_ref(), &target.id);
        for i in (0..self.stack.len()).rev() {
            let id = self.stack[i].id;
            let scope = self.table.scope_mut(id);
            let flags = scope.get(&name).map_or(0, |s| s.flags);
            match scope.kind {
                kind if kind.is_comprehension() => {
                    if flags & def::COMP_ITER != 0 && flags & def::LOCAL != 0 {
                        let shown = &target.id;
                        return self.error(
                            target.range,
                            format!("assignment expression cannot rebind comprehension iteration variable '{shown}'"),
                        );
                    }
                }
                ScopeKind::Function | ScopeKind::Lambda => {
                    scope.walrus_targets.push(name.clone());
                    if flags & (def::GLOBAL | def::NONLOCAL) == 0 {
                        scope.add(&name, def::LOCAL, target.range);
                    }
                    let flag = if flags & def::GLOBAL != 0 { def::GLOBAL } else { def::NONLOCAL };
                    self.cur().add(&name, flag, target.range);
                    return Ok(());
                }
                ScopeKind::Module => {
                    scope.add(&name, def::GLOBAL, target.range);
                    self.cur().add(&name, def::GLOBAL, target.range);
                    return Ok(());
                }
                kind => {
                    let place = match kind {
                        ScopeKind::Class => "in a class body",
                        ScopeKind::TypeAlias => "in a type alias",
                        ScopeKind::TypeVariable => {
                            let part = self.stack[i].part;
                            let what = "assignment expression within a comprehension";
                            return self.error(target.range, format!("{what} cannot be used in a {part}"));
                        }
                        ScopeKind::TypeParams => "within the definition of a generic",
                        _ => "within an annotation",
                    };
                    let what = if kind == ScopeKind::Annotation {
                        "named expression"
                    } else {
                        "assignment expression within a comprehension"
                    };
                    return self.error(target.range, format!("{what} cannot be used {place}"));
                }
            }
        }
        Ok(())
    }

    fn interpolated(&mut self, e: &InterpolatedStringElement, depth: u32) -> Result {
        if let InterpolatedStringElement::Interpolation(x) = e {
            if depth > 2 {
                let at = TextRange::empty(x.range.start().checked_sub(1.into()).unwrap_or_default());
                return self.error(at, "f-string: expressions nested too deeply");
            }
            self.expr(&x.expression)?;
            if let Some(spec) = &x.format_spec {
                spec.elements.iter().try_for_each(|e| self.interpolated(e, depth + 1))?;
            }
        }
        Ok(())
    }

    fn comprehension(
        &mut self,
        kind: ScopeKind,
        node: &Expr,
        generators: &[Comprehension],
        elt: &Expr,
        value: Option<&Expr>,
    ) -> Result {
        let first = &generators[0];
        self.frame().comp_iter_expr += 1;
        self.expr(&first.iter)?;
        self.frame().comp_iter_expr -= 1;
        let in_class = self.cur().sees_class;
        let name = match kind {
            ScopeKind::ListComp => "<listcomp>",
            ScopeKind::SetComp => "<setcomp>",
            ScopeKind::DictComp => "<dictcomp>",
            _ => "<genexpr>",
        };
        self.enter(kind, Name::new_static(name), node, Role::Body, node.range());
        let inlined = kind != ScopeKind::Generator && !in_class;
        self.cur().inlined = inlined;
        if !inlined {
            self.param(".0")?;
        }
        for (i, generator) in generators.iter().enumerate() {
            if generator.is_async {
                self.cur().is_coroutine = true;
            }
            self.frame().comp_iter_target = true;
            self.expr(&generator.target)?;
            self.frame().comp_iter_target = false;
            if i > 0 {
                self.frame().comp_iter_expr += 1;
                self.expr(&generator.iter)?;
                self.frame().comp_iter_expr -= 1;
            }
            self.exprs(&generator.ifs)?;
        }
        self.opt(value)?;
        self.expr(elt)?;
        let is_async = self.cur().is_coroutine && kind != ScopeKind::Generator;
        self.exit();
        if is_async {
            self.awaits();
        }
        Ok(())
    }

    fn pattern(&mut self, p: &Pattern) -> Result {
        match p {
            Pattern::MatchValue(x) => self.expr(&x.value),
            Pattern::MatchSingleton(_) => Ok(()),
            Pattern::MatchSequence(x) => x.patterns.iter().try_for_each(|p| self.pattern(p)),
            Pattern::MatchMapping(x) => {
                self.exprs(&x.keys)?;
                x.patterns.iter().try_for_each(|p| self.pattern(p))?;
                self.capture(x.rest.as_ref())
            }
            Pattern::MatchClass(x) => {
                self.expr(&x.cls)?;
                x.arguments.patterns.iter().try_for_each(|p| self.pattern(p))?;
                x.arguments.keywords.iter().try_for_each(|k| self.pattern(&k.pattern))
            }
            Pattern::MatchStar(x) => self.capture(x.name.as_ref()),
            Pattern::MatchAs(x) => {
                if let Some(p) = &x.pattern {
                    self.pattern(p)?;
                }
                self.capture(x.name.as_ref())
            }
            Pattern::MatchOr(x) => x.patterns.iter().try_for_each(|p| self.pattern(p)),
        }
    }

    fn capture(&mut self, name: Option<&Identifier>) -> Result {
        name.map_or(Ok(()), |n| self.add_def(n, def::LOCAL, n.range))
    }
}

/// What CPython calls a part of a type parameter.
fn part_of(p: &TypeParam, role: Role, e: &Expr) -> &'static str {
    match (p, role) {
        (TypeParam::TypeVar(_), Role::Default) => "TypeVar default",
        (TypeParam::TypeVar(_), _) if e.is_tuple_expr() => "TypeVar constraint",
        (TypeParam::TypeVar(_), _) => "TypeVar bound",
        (TypeParam::ParamSpec(_), _) => "ParamSpec default",
        (TypeParam::TypeVarTuple(_), _) => "TypeVarTuple default",
    }
}
