//! Comprehensions. List, set and dict comprehensions run in registers of the enclosing code object; generator
//! expressions, and comprehensions in the annotation scopes of classes, are functions.

use super::unit::{BlockKind, Reg};
use super::{Emitter, Result};
use crate::assembler::Label;
use crate::symtable::{Res, Role, ScopeId};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};
use serpens_bytecode::{CodeFlags, Op};

/// What a comprehension makes of each item.
#[derive(Clone, Copy)]
enum Item<'a> {
    List(&'a Expr),
    Set(&'a Expr),
    Dict(Option<&'a Expr>, &'a Expr),
    Yield(&'a Expr),
}

impl<'a> Emitter<'a> {
    pub(super) fn comprehension(&mut self, e: &'a Expr, dst: Option<Reg>) -> Result<Reg> {
        let id = self.scope_id(e, Role::Body, e.range())?;
        let (item, generators) = match e {
            Expr::ListComp(x) => (Item::List(&x.elt), &x.generators),
            Expr::SetComp(x) => (Item::Set(&x.elt), &x.generators),
            Expr::DictComp(x) => (Item::Dict(x.key.as_deref(), &x.value), &x.generators),
            Expr::Generator(x) => (Item::Yield(&x.elt), &x.generators),
            _ => return self.expr(e, dst),
        };
        if self.table.scope(id).is_coroutine && !matches!(item, Item::Yield(_)) {
            self.check_async(e.range(), "asynchronous comprehension outside of an asynchronous function")?;
        }
        if self.table.scope(id).inlined {
            self.inlined(e, id, item, generators, dst)
        } else {
            self.outlined(e, id, item, generators, dst)
        }
    }

    fn start(&mut self, item: Item, result: Reg, range: TextRange) {
        self.at(range);
        match item {
            Item::List(_) => self.op(Op::BuildList, 0, result, result, 0),
            Item::Set(_) => self.op(Op::BuildSet, 0, result, result, 0),
            Item::Dict(..) => self.op(Op::BuildMap, 0, result, result, 0),
            Item::Yield(_) => {}
        }
    }

    fn inlined(
        &mut self,
        e: &'a Expr,
        id: ScopeId,
        item: Item<'a>,
        generators: &'a [Comprehension],
        dst: Option<Reg>,
    ) -> Result<Reg> {
        let mark = self.mark();
        let result = match dst {
            Some(dst) if self.u.is_temp(dst) => dst,
            _ => self.temp(),
        };
        let iter = self.temp();
        let first = &generators[0];
        // The outermost iterable belongs to the scope around the comprehension.
        if first.is_async {
            self.async_iterator(&first.iter, iter)?;
        } else {
            self.iterator(&first.iter, iter)?;
        }
        let depth = self.u.overlay.len() as u32;
        let mut hidden = Vec::new();
        for symbol in &self.table.scope(id).symbols {
            if let Some(reg) = self.u.hidden.get(&(symbol.name.clone(), depth)).copied() {
                match symbol.res {
                    Res::Local => hidden.push((reg, false)),
                    Res::Cell => hidden.push((reg, true)),
                    _ => {}
                }
            }
        }
        self.at(e);
        for (reg, is_cell) in &hidden {
            self.unbound(*reg);
            if *is_cell {
                self.op(Op::Clear, 0, *reg, 0, 0);
                self.op(Op::MakeCell, 0, *reg, 0, 0);
            }
        }
        self.u.overlay.push(id);
        self.start(item, result, e.range());
        self.generator_loop(generators, 0, iter, item, result, e.range())?;
        self.u.overlay.pop();
        self.at(e);
        for (reg, _) in &hidden {
            self.op(Op::Clear, 0, *reg, 0, 0);
            self.unbound(*reg);
        }
        if dst == Some(result) {
            self.release(mark);
            return Ok(result);
        }
        Ok(self.finish(result, mark, dst))
    }

    fn outlined(
        &mut self,
        e: &'a Expr,
        id: ScopeId,
        item: Item<'a>,
        generators: &'a [Comprehension],
        dst: Option<Reg>,
    ) -> Result<Reg> {
        let dst = self.dst(dst);
        let mark = self.mark();
        let function = self.temp();
        let scope = self.table.scope(id);
        let qualname = self.qualname(&scope.name, None);
        let range = self.call_parentheses.take().unwrap_or(e.range());
        let line = self.source.line_col(range.start()).0;
        self.enter_unit(id, &scope.name, qualname, line);
        self.u.n_args = 1;
        self.begin_unit();
        let is_generator = matches!(item, Item::Yield(_));
        let result = if is_generator { 0 } else { self.temp() };
        let iter = self.temp();
        self.start(item, result, range);
        // Register 0 is the iterator of the outermost loop.
        self.op(Op::Move, 0, iter, 0, 0);
        self.generator_loop(generators, 0, iter, item, result, range)?;
        self.at(range);
        if is_generator {
            self.ret_none();
        } else {
            self.ret(result);
        }
        let flags = self.u.flags;
        let code = self.exit_unit()?;
        self.at(range);
        self.closure(&code, Some(function));
        let argument = self.temp();
        let first = &generators[0];
        if first.is_async {
            self.async_iterator(&first.iter, argument)?;
        } else {
            self.iterator(&first.iter, argument)?;
        }
        self.at(range);
        let site = self.u.site(0);
        self.op(Op::Call, 0, function, 1, site);
        if flags.contains(CodeFlags::COROUTINE) {
            self.await_register(function, 0, range);
        }
        self.release(mark);
        self.op(Op::Move, 0, dst, function, 0);
        Ok(dst)
    }

    /// Loop `i` of a comprehension, over the iterator in register `iter`.
    fn generator_loop(
        &mut self,
        generators: &'a [Comprehension],
        i: usize,
        iter: Reg,
        item: Item<'a>,
        result: Reg,
        range: TextRange,
    ) -> Result {
        let g = &generators[i];
        let may_unbind = self.u.may_unbind.clone();
        let (top, cont) = (self.u.asm.label(), self.u.asm.label());
        if g.is_async {
            let flow = self.u.asm.flow.clone();
            self.u.asm.bind_top(top, flow.clone(), &may_unbind);
            let done = self.async_next(iter, &g.target, &g.iter)?;
            self.generator_body(generators, i, cont, item, result, range)?;
            self.u.asm.bind(cont);
            if self.u.asm.reachable() {
                self.u.asm.jump(top);
            }
            self.end_async_for(iter, done, &g.iter);
            return Ok(());
        }
        let flow = self.u.asm.flow.clone();
        self.at(&g.iter);
        self.u.asm.jump(cont);
        // Variables of outer loops stay bound while an inner loop runs.
        let nothing = crate::assembler::Bits::default();
        self.u.asm.bind_top(top, flow, &nothing);
        let target = self.begin_item(&g.target)?;
        self.generator_body(generators, i, cont, item, result, range)?;
        self.u.asm.bind(cont);
        self.at(&g.iter);
        self.u.asm.branch_back(Op::ForNext, target, iter, top);
        Ok(())
    }

    fn generator_body(
        &mut self,
        generators: &'a [Comprehension],
        i: usize,
        cont: Label,
        item: Item<'a>,
        result: Reg,
        range: TextRange,
    ) -> Result {
        for test in &generators[i].ifs {
            self.jump_if(test, false, cont)?;
        }
        let mark = self.mark();
        if let Some(next) = generators.get(i + 1) {
            // `for y in [f(x)]` is an assignment.
            if let (Expr::List(ExprList { elts, .. }) | Expr::Tuple(ExprTuple { elts, .. }), false) =
                (&next.iter, next.is_async)
                && elts.len() == 1
                && !elts[0].is_starred_expr()
            {
                let value = self.temp();
                self.expr(&elts[0], Some(value))?;
                self.store(&next.target, value)?;
                self.release(mark);
                let skip = self.u.asm.label();
                self.generator_body(generators, i + 1, skip, item, result, range)?;
                self.u.asm.bind(skip);
                return Ok(());
            }
            let iter = self.temp();
            if next.is_async {
                self.async_iterator(&next.iter, iter)?;
            } else {
                self.iterator(&next.iter, iter)?;
            }
            self.push_block(BlockKind::Kept(iter), range)?;
            self.generator_loop(generators, i + 1, iter, item, result, range)?;
            self.u.blocks.pop();
            self.release(mark);
            return Ok(());
        }
        match item {
            Item::List(e) => {
                let value = self.expr(e, None)?;
                self.at(e);
                self.op(Op::ListAppend, 0, result, value, 0);
            }
            Item::Set(e) => {
                let value = self.expr(e, None)?;
                self.at(e);
                self.op(Op::SetAdd, 0, result, value, 0);
            }
            Item::Dict(Some(key), value) => {
                let k = self.operand(key, &[value])?;
                let v = self.expr(value, None)?;
                self.at(TextRange::new(key.start(), value.end()));
                self.op(Op::MapInsert, 0, result, k, v);
            }
            Item::Dict(None, value) => {
                let value = self.expr(value, None)?;
                self.op(Op::DictUpdate, 0, result, value, 0);
            }
            Item::Yield(e) => {
                let value = self.expr_temp(e)?;
                self.at(e);
                let kind = if self.u.flags.contains(CodeFlags::ASYNC_GENERATOR) { 2 } else { 0 };
                self.op(Op::Yield, kind, value, value, 0);
                self.op(Op::Clear, 0, value, 0, 0);
            }
        }
        self.release(mark);
        Ok(())
    }
}
