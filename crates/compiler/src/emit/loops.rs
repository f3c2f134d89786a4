//! `while`, `for`, `async for`. Loops are inverted: the test stands at the bottom.

use super::unit::{Block, BlockKind};
use super::{Emitter, Result};
use crate::fold;
use ruff_python_ast::*;
use ruff_text_size::TextRange;
use serpens_bytecode::Op;
use serpens_bytecode::constant::Const;

/// Whether a loop's test is short enough to be emitted twice.
fn is_short(e: &Expr) -> bool {
    fn size(e: &Expr) -> usize {
        match e {
            Expr::BoolOp(x) => x.values.iter().map(size).sum::<usize>() + 1,
            Expr::Compare(x) => size(&x.left) + x.comparators.iter().map(size).sum::<usize>(),
            Expr::UnaryOp(x) => size(&x.operand),
            Expr::BinOp(x) => size(&x.left) + size(&x.right),
            Expr::Named(x) => 1 + size(&x.value),
            Expr::Attribute(x) => 1 + size(&x.value),
            Expr::Subscript(x) => size(&x.value) + size(&x.slice),
            Expr::Call(x) if x.arguments.keywords.is_empty() => {
                2 + size(&x.func) + x.arguments.args.iter().map(size).sum::<usize>()
            }
            Expr::Name(_) | Expr::NumberLiteral(_) | Expr::NoneLiteral(_) | Expr::BooleanLiteral(_) => 1,
            Expr::StringLiteral(_) => 1,
            _ => 100,
        }
    }
    size(e) <= 16
}

impl<'a> Emitter<'a> {
    pub(super) fn push_block(&mut self, kind: BlockKind<'a>, range: TextRange) -> Result {
        let n = self.u.blocks.iter().filter(|b| !matches!(b.kind, BlockKind::Kept(_))).count();
        if n >= 21 && !matches!(kind, BlockKind::Kept(_)) {
            return self.error(range, "too many statically nested blocks");
        }
        let outer = self.u.asm.handler;
        self.u.blocks.push(Block { kind, outer });
        Ok(())
    }

    pub(super) fn while_stmt(&mut self, x: &'a StmtWhile) -> Result {
        let (top, cont) = (self.u.asm.label(), self.u.asm.label());
        let (brk, orelse) = (self.u.asm.label(), self.u.asm.label());
        let truth = fold::truth(&x.test, self.source, self.options.optimize);
        let may_unbind = self.u.may_unbind.clone();
        let twice = is_short(&x.test);
        if twice {
            // Once more the test is at the bottom; here it only decides whether the loop is entered.
            if let Some(flow) = &mut self.u.asm.flow {
                flow.subtract(&may_unbind);
            }
            self.jump_if(&x.test, false, orelse)?;
        } else {
            self.at(&*x.test);
            let flow = self.u.asm.flow.clone();
            self.u.asm.jump(cont);
            self.u.asm.flow = flow;
        }
        let flow = self.u.asm.flow.clone();
        self.u.asm.bind_top(top, flow, &may_unbind);
        self.push_block(BlockKind::Loop { brk, cont, iter: None }, x.range)?;
        self.u.n_loops += 1;
        self.conditional_body(&x.body)?;
        self.u.blocks.pop();
        self.u.asm.bind(cont);
        if truth != Some(false) || !twice {
            self.jump_if(&x.test, true, top)?;
        }
        self.u.n_loops -= 1;
        self.u.asm.bind(orelse);
        self.conditional_body(&x.orelse)?;
        self.u.asm.bind(brk);
        Ok(())
    }

    pub(super) fn for_stmt(&mut self, x: &'a StmtFor) -> Result {
        if x.is_async {
            return self.async_for(x);
        }
        let (top, cont) = (self.u.asm.label(), self.u.asm.label());
        let brk = self.u.asm.label();
        let mark = self.mark();
        let iter = self.temp();
        self.iterator(&x.iter, iter)?;
        let flow = self.u.asm.flow.clone();
        self.u.asm.jump(cont);
        let may_unbind = self.u.may_unbind.clone();
        self.u.asm.bind_top(top, flow, &may_unbind);
        self.u.n_loops += 1;
        let item = self.begin_item(&x.target)?;
        self.push_block(BlockKind::Loop { brk, cont, iter: Some(iter) }, x.range)?;
        self.conditional_body(&x.body)?;
        self.u.blocks.pop();
        self.u.n_loops -= 1;
        self.u.asm.bind(cont);
        self.at(&*x.iter);
        self.u.asm.branch_back(Op::ForNext, item, iter, top);
        self.release(mark);
        self.conditional_body(&x.orelse)?;
        self.u.asm.bind(brk);
        Ok(())
    }

    /// r[iter] = iter(e); a list display of constants becomes a tuple.
    pub(super) fn iterator(&mut self, e: &'a Expr, iter: u16) -> Result {
        let mark = self.mark();
        let source = match e {
            Expr::List(list) => match fold::fold_all(&list.elts, self.source) {
                Some(items) => {
                    self.at(e);
                    self.load_const(Const::Tuple(items.into()), None)
                }
                None if list.elts.iter().any(Expr::is_starred_expr) => self.expr(e, None)?,
                None => self.tuple_display(&list.elts, list.range, None)?,
            },
            e => self.expr(e, None)?,
        };
        self.at(e);
        self.op(Op::GetIter, 0, iter, source, 0);
        self.release(mark);
        Ok(())
    }

    /// The top of a loop over `target`: stores the item, and returns the register that receives it.
    pub(super) fn begin_item(&mut self, target: &'a Expr) -> Result<u16> {
        if let Expr::Name(name) = target {
            self.check_forbidden(&name.id, name.range, true)?;
            if let Some(reg) = self.local_target(&name.id) {
                self.bound(reg);
                return Ok(reg);
            }
        }
        let mark = self.mark();
        let item = self.temp();
        self.store(target, item)?;
        self.release(mark);
        Ok(item)
    }

    fn async_for(&mut self, x: &'a StmtFor) -> Result {
        self.check_async(x.range, "'async for' outside async function")?;
        let (top, brk) = (self.u.asm.label(), self.u.asm.label());
        let mark = self.mark();
        let iter = self.temp();
        self.async_iterator(&x.iter, iter)?;
        let flow = self.u.asm.flow.clone();
        let may_unbind = self.u.may_unbind.clone();
        self.u.asm.bind_top(top, flow.clone(), &may_unbind);
        let done = self.async_next(iter, &x.target, &x.iter)?;
        self.push_block(BlockKind::Loop { brk, cont: top, iter: Some(iter) }, x.range)?;
        self.conditional_body(&x.body)?;
        self.u.blocks.pop();
        if self.u.asm.reachable() {
            self.u.asm.jump(top);
        }
        self.end_async_for(iter, done, &x.iter);
        self.release(mark);
        self.conditional_body(&x.orelse)?;
        self.u.asm.bind(brk);
        Ok(())
    }
}
