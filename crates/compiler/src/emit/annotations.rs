//! Annotations: evaluated when asked for, by the `__annotate__` function of a function, class or module.

use super::function::part;
use super::unit::{Deferred, Reg};
use super::{Emitter, Result};
use crate::symtable::{Role, ScopeId, ScopeKind};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};
use serpens_bytecode::constant::Const;
use serpens_bytecode::{Code, Op};
use std::sync::Arc;

/// The largest `format` that annotation functions evaluate.
const VALUE_WITH_FAKE_GLOBALS: u16 = 2;
/// The selector of `LoadCommon` for NotImplementedError.
const NOT_IMPLEMENTED: u8 = 1;

/// The simple variable annotations of a block in order, with whether they lie in an inner block.
fn collect<'a>(body: &'a [Stmt], conditional: bool, out: &mut Vec<(&'a StmtAnnAssign, bool)>) {
    for stmt in body {
        match stmt {
            Stmt::AnnAssign(a) if a.simple => out.push((a, conditional)),
            Stmt::If(s) => {
                collect(&s.body, true, out);
                s.elif_else_clauses.iter().for_each(|c| collect(&c.body, true, out));
            }
            Stmt::For(s) => [&s.body, &s.orelse].into_iter().for_each(|b| collect(b, true, out)),
            Stmt::While(s) => [&s.body, &s.orelse].into_iter().for_each(|b| collect(b, true, out)),
            Stmt::With(s) => collect(&s.body, true, out),
            Stmt::Match(s) => s.cases.iter().for_each(|c| collect(&c.body, true, out)),
            Stmt::Try(s) => {
                collect(&s.body, true, out);
                for ExceptHandler::ExceptHandler(h) in &s.handlers {
                    collect(&h.body, true, out);
                }
                collect(&s.orelse, true, out);
                collect(&s.finalbody, true, out);
            }
            _ => {}
        }
    }
}

impl<'a> Emitter<'a> {
    /// At the start of a module or class body: finds its annotations and prepares for them.
    pub(super) fn annotations_setup(&mut self, body: &'a [Stmt]) -> Result {
        let mut found = Vec::new();
        collect(body, false, &mut found);
        if found.is_empty() {
            return Ok(());
        }
        if self.table.future_annotations {
            self.op(Op::SetupAnnotations, 0, 0, 0, 0);
            return Ok(());
        }
        let is_module = self.u.kind == ScopeKind::Module;
        let mut n = 0;
        for (stmt, conditional) in found {
            let conditional = (conditional || is_module).then_some(n);
            n += i64::from(conditional.is_some());
            self.u.deferred.push(Deferred { stmt, conditional });
        }
        if is_module {
            self.deferred_annotations("__annotate__")?;
            let set = self.temp();
            self.op(Op::BuildSet, 0, set, set, 0);
            self.store_mangled("__conditional_annotations__", set);
            self.u.next_temp -= 1;
        }
        Ok(())
    }

    pub(super) fn ann_assign(&mut self, x: &'a StmtAnnAssign) -> Result {
        let mark = self.mark();
        match (&x.value, &*x.target) {
            (Some(value), Expr::Name(name)) if self.local_target(&name.id).is_some() => {
                self.check_forbidden(&name.id, name.range, true)?;
                let reg = self.local_target(&name.id);
                self.expr(value, reg)?;
                reg.into_iter().for_each(|reg| self.bound(reg));
            }
            (Some(value), target) => {
                let value = self.expr(value, None)?;
                self.store(target, value)?;
            }
            (None, Expr::Attribute(a)) => {
                self.check_forbidden(&a.attr, a.range, true)?;
                let value = self.expr(&a.value, None)?;
                self.drop_temp(value);
            }
            (None, Expr::Subscript(s)) => {
                let value = self.expr(&s.value, None)?;
                self.drop_temp(value);
                let value = self.expr(&s.slice, None)?;
                self.drop_temp(value);
            }
            (None, Expr::Name(name)) => self.check_forbidden(&name.id, name.range, true)?,
            (None, _) => {}
        }
        self.release(mark);
        if !x.simple || self.u.kind.is_function_like() {
            return Ok(());
        }
        let Expr::Name(name) = &*x.target else { return Ok(()) };
        if self.table.future_annotations {
            let text = crate::unparse::unparse(&x.annotation, self.source);
            self.at(x.range);
            let annotations = self.temp();
            self.load_mangled("__annotations__", Some(annotations));
            let mangled = self.mangle(&name.id);
            let key = self.load_str(&mangled, None);
            let value = self.load_str(&text, None);
            self.op(Op::SetItem, 0, annotations, key, value);
            self.release(mark);
            return Ok(());
        }
        let index = self.u.deferred.iter().find(|d| std::ptr::eq(d.stmt, x)).and_then(|d| d.conditional);
        if let Some(index) = index {
            self.at(x.range);
            let set = self.temp();
            match self.u.regs.get("__conditional_annotations__").copied() {
                Some(cell) => self.op(Op::LoadCell, 0, set, cell, 0),
                None => {
                    self.load_mangled("__conditional_annotations__", Some(set));
                }
            }
            let index = self.load_const(Const::Int(index), None);
            self.op(Op::SetAdd, 0, set, index, 0);
            self.op(Op::Clear, 0, set, 0, 0);
            self.release(mark);
        }
        Ok(())
    }

    fn drop_temp(&mut self, value: Reg) {
        if self.u.is_temp(value) {
            self.op(Op::Clear, 0, value, 0, 0);
        }
    }

    /// Begins a lazily evaluated scope: a function of one argument, the format.
    pub(super) fn enter_lazy(&mut self, id: ScopeId, name: &str, line: u32, range: Option<TextRange>) {
        let qualname = self.qualname(name, None);
        self.enter_unit(id, name, qualname, line);
        self.u.n_args = 1;
        self.u.n_posonly = 1;
        if self.u.kind == ScopeKind::Annotation {
            let format = self.intern("format");
            if let Some(first) = self.u.local_names.first_mut() {
                *first = format;
            }
        }
        self.begin_unit();
        range.into_iter().for_each(|range| self.at(range));
        let ok = self.u.asm.label();
        self.u.asm.branch(Op::JumpGtI, 0, 0, VALUE_WITH_FAKE_GLOBALS, ok);
        let error = self.temp();
        self.op(Op::LoadCommon, NOT_IMPLEMENTED, error, 0, 0);
        self.op(Op::Raise, 1, error, 0, 0);
        self.u.asm.stop();
        self.u.asm.bind(ok);
        self.u.next_temp -= 1;
    }

    /// Makes the `__annotate__` function of a module or class and stores it.
    pub(super) fn deferred_annotations(&mut self, target: &str) -> Result {
        if self.u.deferred.is_empty() {
            return Ok(());
        }
        let deferred: Vec<(&'a StmtAnnAssign, Option<i64>)> =
            self.u.deferred.iter().map(|d| (d.stmt, d.conditional)).collect();
        let Some(id) = self.table.annotations_of(self.u.scope) else { return Ok(()) };
        let line = match self.u.kind {
            ScopeKind::Module => match self.module {
                Mod::Module(m) => m.body.first().map_or(1, |s| self.source.line_col(s.start()).0),
                Mod::Expression(_) => 1,
            },
            _ => self.u.first_line,
        };
        self.enter_lazy(id, "__annotate__", line, None);
        let dict = self.temp();
        self.op(Op::BuildMap, 0, dict, dict, 0);
        for (stmt, conditional) in deferred {
            let mark = self.mark();
            let skip = self.u.asm.label();
            self.at(&*stmt.annotation);
            if let Some(index) = conditional {
                let index = self.load_const(Const::Int(index), None);
                let set = self.load_mangled("__conditional_annotations__", None);
                self.u.asm.branch(Op::JumpIn, 0, index, set, skip);
                self.release(mark);
            }
            let Expr::Name(name) = &*stmt.target else { continue };
            let mangled = self.mangle(&name.id);
            let value = self.expr(&stmt.annotation, None)?;
            let key = self.load_str(&mangled, None);
            self.op(Op::MapInsert, 0, dict, key, value);
            self.release(mark);
            self.u.asm.bind(skip);
        }
        self.ret(dict);
        let code = self.exit_unit()?;
        let mark = self.mark();
        let function = self.closure(&code, None);
        self.store_mangled(target, function);
        self.release(mark);
        Ok(())
    }

    /// The `__annotate__` function of a function, in the next register of the window.
    pub(super) fn function_annotations(&mut self, f: &'a StmtFunctionDef) -> Result<u8> {
        let Some(id) = self.scope_of(f, Role::Annotations) else { return Ok(0) };
        let line = self.source.line_col(f.range.start()).0;
        let line = match f.decorator_list.is_empty() {
            true => line,
            false => self.source.line_col(f.name.range.start()).0,
        };
        let dst = self.temp();
        let future = self.table.future_annotations;
        let range = self.definition_range(f.range, &f.decorator_list, &f.name);
        self.enter_lazy(id, "__annotate__", line, Some(range));
        let dict = self.temp();
        self.op(Op::BuildMap, 0, dict, dict, 0);
        for p in f.parameters.iter_source_order() {
            if let Some(annotation) = p.annotation() {
                let name = self.mangle(p.name());
                self.one_annotation(&name, annotation, dict, future)?;
            }
        }
        if let Some(returns) = &f.returns {
            self.one_annotation("return", returns, dict, future)?;
        }
        self.ret(dict);
        let code: Arc<Code> = self.exit_unit()?;
        self.at_definition(f.range, &f.decorator_list, &f.name);
        self.closure(&code, Some(dst));
        Ok(part::ANNOTATE)
    }

    fn one_annotation(&mut self, name: &str, annotation: &'a Expr, dict: Reg, future: bool) -> Result {
        let mark = self.mark();
        self.at(annotation);
        let key = self.load_str(name, None);
        let value = if future {
            let text = crate::unparse::unparse(annotation, self.source);
            self.load_str(&text, None)
        } else {
            self.starred_or_plain(annotation, None)?
        };
        self.op(Op::MapInsert, 0, dict, key, value);
        self.release(mark);
        Ok(())
    }

    /// `*x` where one value is wanted (`*args: *Ts`) is its only item.
    pub(super) fn starred_or_plain(&mut self, e: &'a Expr, dst: Option<Reg>) -> Result<Reg> {
        match e {
            Expr::Starred(s) => {
                let dst = self.dst(dst);
                self.expr(&s.value, Some(dst))?;
                self.at(e);
                self.op(Op::UnpackSeq, 0, dst, dst, 1);
                Ok(dst)
            }
            e => self.expr(e, dst),
        }
    }
}
