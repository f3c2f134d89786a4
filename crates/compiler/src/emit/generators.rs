//! `yield`, `yield from`, `await`, and the parts of asynchronous loops.

use super::exceptions::Protected;
use super::unit::Reg;
use super::{Emitter, Result};
use crate::assembler::Bits;
use crate::symtable::ScopeKind;
use ruff_python_ast::*;
use ruff_text_size::TextRange;
use serpens_bytecode::constant::Const;
use serpens_bytecode::{CodeFlags, Op};

impl<'a> Emitter<'a> {
    /// Refuses asynchronous constructs outside asynchronous functions.
    pub(super) fn check_async(&self, range: TextRange, message: &str) -> Result {
        let lazy = CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
        if self.u.flags.intersects(lazy) {
            return Ok(());
        }
        self.error(range, message)
    }

    pub(super) fn await_value(&mut self, x: &'a ExprAwait, dst: Option<Reg>) -> Result<Reg> {
        if !self.u.kind.is_function_like() && !self.u.flags.contains(CodeFlags::COROUTINE) {
            return self.error(x, "'await' outside function");
        }
        let is_generator_expression = self.u.kind == ScopeKind::Generator;
        if !is_generator_expression {
            self.check_async(x.range, "'await' outside async function")?;
        }
        let mark = self.mark();
        let result = self.temp();
        self.expr(&x.value, Some(result))?;
        self.await_register(result, 0, x.range);
        Ok(self.finish(result, mark, dst))
    }

    /// r[reg] = the result of awaiting r[reg]; `kind` is for messages. The register must be a temporary below all free
    /// ones.
    pub(super) fn await_register(&mut self, reg: Reg, kind: u8, range: TextRange) {
        if range != TextRange::default() {
            self.at(range);
        }
        let iter = self.temp();
        self.op(Op::GetAwaitable, kind, iter, reg, 0);
        self.load_const(Const::None, Some(reg));
        self.send_loop(reg, iter);
        self.u.next_temp -= 1;
    }

    /// Sends r[value] to r[iter] and yields what comes, until it is done: its result is in r[value].
    fn send_loop(&mut self, value: Reg, iter: Reg) {
        let (again, done) = (self.u.asm.label(), self.u.asm.label());
        let flow = self.u.asm.flow.clone();
        self.u.asm.bind_top(again, flow, &Bits::default());
        self.u.asm.branch(Op::Send, 0, value, iter, done);
        self.op(Op::Yield, 1, value, value, iter);
        self.u.asm.jump(again);
        self.u.asm.bind(done);
    }

    pub(super) fn yield_value(&mut self, x: &'a ExprYield, dst: Option<Reg>) -> Result<Reg> {
        self.check_yield(x.range, "'yield' outside function")?;
        let mark = self.mark();
        let value = match &x.value {
            Some(e) => self.expr(e, None)?,
            None => {
                self.at(x.range);
                self.load_const(Const::None, None)
            }
        };
        self.release(mark);
        let dst = self.dst(dst);
        self.at(x.range);
        let kind = if self.u.flags.contains(CodeFlags::ASYNC_GENERATOR) { 2 } else { 0 };
        self.op(Op::Yield, kind, dst, value, 0);
        Ok(dst)
    }

    fn check_yield(&self, range: TextRange, message: &str) -> Result {
        if !self.u.kind.is_function_like() {
            return self.error(range, message);
        }
        Ok(())
    }

    pub(super) fn yield_from(&mut self, x: &'a ExprYieldFrom, dst: Option<Reg>) -> Result<Reg> {
        self.check_yield(x.range, "'yield from' outside function")?;
        if self.u.flags.intersects(CodeFlags::ASYNC_GENERATOR | CodeFlags::COROUTINE) {
            return self.error(x, "'yield from' inside async function");
        }
        let mark = self.mark();
        let result = self.temp();
        let iter = self.temp();
        self.expr(&x.value, Some(iter))?;
        self.at(x.range);
        self.op(Op::GetYieldFromIter, 0, iter, iter, 0);
        self.load_const(Const::None, Some(result));
        self.send_loop(result, iter);
        self.release(u32::from(result) + 1);
        Ok(self.finish(result, mark, dst))
    }

    /// r[iter] = the asynchronous iterator of `e`.
    pub(super) fn async_iterator(&mut self, e: &'a Expr, iter: Reg) -> Result {
        let mark = self.mark();
        let source = self.expr(e, None)?;
        self.at(e);
        self.op(Op::GetAIter, 0, iter, source, 0);
        self.release(mark);
        Ok(())
    }

    /// The top of an asynchronous loop: awaits the next item and stores it. StopAsyncIteration goes to the handler that
    /// is returned, for [`Emitter::end_async_for`].
    pub(super) fn async_next(&mut self, iter: Reg, target: &'a Expr, at: &'a Expr) -> Result<Protected> {
        self.at(at);
        let protected = self.protect(iter + 1);
        let mark = self.mark();
        let item = self.temp();
        let next = self.temp();
        self.op(Op::GetANext, 0, next, iter, 0);
        self.load_const(Const::None, Some(item));
        self.send_loop(item, next);
        self.u.asm.handler = protected.outer;
        self.release(u32::from(item) + 1);
        self.store(target, item)?;
        self.release(mark);
        Ok(protected)
    }

    /// The end of an asynchronous loop.
    pub(super) fn end_async_for(&mut self, iter: Reg, done: Protected, at: &'a Expr) {
        let mark = self.mark();
        self.begin_handler(&done);
        self.at(at);
        self.op(Op::EndAsyncFor, 0, iter + 1, iter, 0);
        self.release(mark);
    }
}
