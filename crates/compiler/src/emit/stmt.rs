//! Statements.

use super::unit::{Block, BlockKind};
use super::{Emitter, Result};
use crate::options::Mode;
use crate::symtable::ScopeKind;
use ruff_python_ast::*;
use ruff_text_size::TextRange;
use serpens_bytecode::constant::Const;
use serpens_bytecode::{CodeFlags, Op};

impl<'a> Emitter<'a> {
    pub(super) fn body(&mut self, body: &'a [Stmt]) -> Result {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    /// A body that is not always executed.
    pub(super) fn conditional_body(&mut self, body: &'a [Stmt]) -> Result {
        let before = std::mem::replace(&mut self.u.conditional, true);
        let result = self.body(body);
        self.u.conditional = before;
        result
    }

    pub(super) fn stmt(&mut self, stmt: &'a Stmt) -> Result {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.stmt_inner(stmt))
    }

    fn stmt_inner(&mut self, stmt: &'a Stmt) -> Result {
        self.at(stmt);
        let mark = self.mark();
        match stmt {
            Stmt::FunctionDef(x) => self.function_def(x)?,
            Stmt::ClassDef(x) => self.class_def(x)?,
            Stmt::Return(x) => self.return_stmt(x)?,
            Stmt::Delete(x) => x.targets.iter().try_for_each(|t| self.delete(t))?,
            Stmt::TypeAlias(x) => self.type_alias(x)?,
            Stmt::Assign(x) => self.assign(x)?,
            Stmt::AugAssign(x) => self.aug_assign(x)?,
            Stmt::AnnAssign(x) => self.ann_assign(x)?,
            Stmt::For(x) => self.for_stmt(x)?,
            Stmt::While(x) => self.while_stmt(x)?,
            Stmt::If(x) => self.if_stmt(x)?,
            Stmt::With(x) => self.with_stmt(x, 0)?,
            Stmt::Match(x) => self.match_stmt(x)?,
            Stmt::Raise(x) => self.raise(x)?,
            Stmt::Try(x) => {
                self.u.asm.mark_line();
                self.try_stmt(x)?;
            }
            Stmt::Assert(x) => self.assert_stmt(x)?,
            Stmt::Import(x) => self.import(x)?,
            Stmt::ImportFrom(x) => self.import_from(x)?,
            Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            Stmt::Pass(_) => self.u.asm.mark_line(),
            Stmt::Expr(x) => self.expr_stmt(x)?,
            Stmt::Break(x) => self.leave_loop(x.range, true)?,
            Stmt::Continue(x) => self.leave_loop(x.range, false)?,
            Stmt::IpyEscapeCommand(x) => return self.error(x, "invalid syntax"),
        }
        self.release(mark);
        Ok(())
    }

    fn expr_stmt(&mut self, x: &'a StmtExpr) -> Result {
        if self.mode == Mode::Single && self.stack.is_empty() {
            let value = self.expr(&x.value, None)?;
            let shown = self.temp();
            self.at(x.range);
            self.op(Op::Intrinsic1, 0, shown, value, 0);
            self.op(Op::Clear, 0, shown, 0, 0);
            return Ok(());
        }
        match &*x.value {
            Expr::StringLiteral(s) => {
                self.string_const(s)?;
                self.u.asm.mark_line();
                return Ok(());
            }
            Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::EllipsisLiteral(_) => {
                self.u.asm.mark_line();
                return Ok(());
            }
            _ => {}
        }
        let value = self.expr(&x.value, None)?;
        if self.u.is_temp(value) {
            self.op(Op::Clear, 0, value, 0, 0);
        }
        Ok(())
    }

    fn if_stmt(&mut self, x: &'a StmtIf) -> Result {
        let end = self.u.asm.label();
        let mut next = self.u.asm.label();
        self.jump_if(&x.test, false, next)?;
        self.conditional_body(&x.body)?;
        for clause in &x.elif_else_clauses {
            if self.u.asm.reachable() {
                self.u.asm.jump(end);
            }
            self.u.asm.bind(next);
            next = self.u.asm.label();
            if let Some(test) = &clause.test {
                self.at(test);
                self.jump_if(test, false, next)?;
            }
            self.conditional_body(&clause.body)?;
        }
        self.u.asm.bind(next);
        self.u.asm.bind(end);
        Ok(())
    }

    fn assert_stmt(&mut self, x: &'a StmtAssert) -> Result {
        if let Expr::Tuple(t) = &*x.test
            && !t.elts.is_empty()
        {
            self.warn(x, "assertion is always true, perhaps remove parentheses?");
        }
        let flow = self.u.asm.flow.clone();
        if self.options.optimize > 0 {
            self.u.asm.flow = None;
        }
        let end = self.u.asm.label();
        self.jump_if(&x.test, true, end)?;
        let error = self.temp();
        self.at(x.range);
        self.op(Op::LoadCommon, 0, error, 0, 0);
        if let Some(message) = &x.msg {
            self.expr_temp(message)?;
            self.at(x.range);
            let site = self.u.site(0);
            self.at(&*x.test);
            self.op(Op::Call, 0, error, 1, site);
        }
        self.at(&*x.test);
        self.op(Op::Raise, 1, error, 0, 0);
        self.u.asm.stop();
        self.u.asm.bind(end);
        if self.options.optimize > 0 {
            self.u.asm.flow = flow;
        }
        Ok(())
    }

    fn raise(&mut self, x: &'a StmtRaise) -> Result {
        match (&x.exc, &x.cause) {
            (None, _) => self.op(Op::Raise, 0, 0, 0, 0),
            (Some(exc), None) => {
                let exc = self.expr(exc, None)?;
                self.at(x.range);
                self.op(Op::Raise, 1, exc, 0, 0);
            }
            (Some(exc), Some(cause)) => {
                let exc = self.operand(exc, &[cause])?;
                let cause = self.expr(cause, None)?;
                self.at(x.range);
                self.op(Op::Raise, 2, exc, cause, 0);
            }
        }
        self.u.asm.stop();
        Ok(())
    }

    /// `return` of a value where no block is left: each branch of a conditional expression returns by itself.
    fn return_expr(&mut self, value: &'a Expr, range: TextRange) -> Result {
        if let Expr::If(x) = value {
            let other = self.u.asm.label();
            self.jump_if(&x.test, false, other)?;
            let mark = self.mark();
            self.return_expr(&x.body, range)?;
            self.release(mark);
            self.u.asm.bind(other);
            return self.return_expr(&x.orelse, range);
        }
        let value = self.expr(value, None)?;
        self.at(range);
        self.ret(value);
        Ok(())
    }

    fn return_stmt(&mut self, x: &'a StmtReturn) -> Result {
        if !matches!(self.u.kind, ScopeKind::Function | ScopeKind::Lambda) {
            return self.error(x, "'return' outside function");
        }
        if x.value.is_some() && self.u.flags.contains(CodeFlags::ASYNC_GENERATOR) {
            return self.error(x, "'return' with value in async generator");
        }
        let handler = self.u.asm.handler;
        let value_range = x.value.as_ref().map_or(x.range, |v| ruff_text_size::Ranged::range(&**v));
        let leaving = !self.u.blocks.is_empty();
        let runs_code =
            self.u.blocks.iter().any(|b| {
                matches!(b.kind, BlockKind::Finally { .. } | BlockKind::With { .. } | BlockKind::Handler { .. })
            });
        let constant = x.value.as_ref().is_none_or(|v| v.is_literal_expr());
        if constant {
            // Nothing to keep while blocks are left.
            self.unwind(0, value_range)?;
            self.at(x.range);
            let value = match &x.value {
                Some(v) => self.expr(v, None)?,
                None => self.load_const(Const::None, None),
            };
            self.at(x.range);
            self.ret(value);
            self.u.asm.handler = handler;
            return Ok(());
        }
        let Some(value) = &x.value else { return Ok(()) };
        if !leaving {
            return self.return_expr(value, x.range);
        }
        let value = if runs_code { self.expr_temp(value)? } else { self.expr(value, None)? };
        self.unwind(0, value_range)?;
        self.at(x.range);
        self.ret(value);
        self.u.asm.handler = handler;
        Ok(())
    }

    fn leave_loop(&mut self, range: TextRange, is_break: bool) -> Result {
        let found = self.u.blocks.iter().rposition(|b| matches!(b.kind, BlockKind::Loop { .. } | BlockKind::Star));
        let Some(i) = found else {
            return self
                .error(range, if is_break { "'break' outside loop" } else { "'continue' not properly in loop" });
        };
        let BlockKind::Loop { brk, cont, iter } = self.u.blocks[i].kind else {
            return self.error(range, "'break', 'continue' and 'return' cannot appear in an except* block");
        };
        let handler = self.u.asm.handler;
        self.u.asm.mark_line();
        self.unwind(i + 1, range)?;
        self.nowhere();
        if is_break {
            if let Some(iter) = iter {
                self.op(Op::Clear, 0, iter, 0, 0);
            }
            self.u.asm.jump(brk);
        } else {
            self.u.asm.jump(cont);
        }
        self.u.asm.handler = handler;
        Ok(())
    }

    /// Leaves all blocks above index `down_to`, innermost first, for a jump or return. The blocks stay open for what
    /// follows in the source; the handler is the one outside them until the caller puts the old one back.
    fn unwind(&mut self, down_to: usize, range: TextRange) -> Result {
        let saved = self.u.blocks.clone();
        while self.u.blocks.len() > down_to {
            let Some(block) = self.u.blocks.pop() else { break };
            let mark = self.mark();
            self.leave(block, range)?;
            self.release(mark);
        }
        self.u.blocks = saved;
        Ok(())
    }

    fn leave(&mut self, block: Block<'a>, range: TextRange) -> Result {
        match block.kind {
            BlockKind::Loop { iter, .. } => {
                if let Some(iter) = iter {
                    self.op(Op::Clear, 0, iter, 0, 0);
                }
            }
            BlockKind::Try => self.u.asm.handler = block.outer,
            BlockKind::Kept(reg) => self.op(Op::Clear, 0, reg, 0, 0),
            BlockKind::Finally { body } => {
                self.u.asm.handler = block.outer;
                self.conditional_body(body)?;
            }
            BlockKind::Handler { depth, name } => {
                self.u.asm.handler = block.outer;
                self.op(Op::PopExc, 0, depth, 0, 0);
                if let Some(name) = name {
                    self.forget_exception_name(name)?;
                }
            }
            BlockKind::With { base, is_async, range: with_range } => {
                self.u.asm.handler = block.outer;
                self.at(with_range);
                self.exit_with(base, is_async)?;
                self.at(range);
            }
            BlockKind::Star => {
                return self.error(range, "'break', 'continue' and 'return' cannot appear in an except* block");
            }
        }
        Ok(())
    }
}
