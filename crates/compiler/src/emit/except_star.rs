//! `try ... except*`.
//!
//! Registers from the handler's `depth`: the exception, the one handled before, a copy of the exception and the list of
//! what the handlers raised (the window of `PrepReraiseStar`), the part not yet handled, the matching part.

use super::unit::BlockKind;
use super::{Emitter, Result};
use ruff_python_ast::*;
use serpens_bytecode::Op;

impl<'a> Emitter<'a> {
    pub(super) fn try_except_star(&mut self, x: &'a StmtTry) -> Result {
        let mark = self.mark();
        let end = self.u.asm.label();
        let protected = self.protect(mark as u16);
        self.push_block(BlockKind::Try, x.range)?;
        if let Some(block) = self.u.blocks.last_mut() {
            block.outer = protected.outer;
        }
        self.conditional_body(&x.body)?;
        self.u.blocks.pop();
        self.u.asm.handler = protected.outer;
        self.conditional_body(&x.orelse)?;
        if self.u.asm.reachable() {
            self.u.asm.jump(end);
        }
        self.begin_handler(&protected);
        let depth = protected.depth;
        self.op(Op::PushExc, 0, depth, 0, 0);
        self.u.next_temp = u32::from(depth) + 2;
        let cleanup = self.protect(depth + 2);
        let original = self.u.temps(2);
        let raised = original + 1;
        let rest = self.temp();
        self.op(Op::Copy, 0, original, depth, 0);
        self.op(Op::BuildList, 0, raised, raised, 0);
        self.op(Op::Copy, 0, rest, depth, 0);
        for ExceptHandler::ExceptHandler(h) in &x.handlers {
            self.star_handler(h, raised, rest, cleanup.handler)?;
        }
        self.op(Op::ListAppend, 0, raised, rest, 0);
        self.op(Op::PrepReraiseStar, 0, original, original, 0);
        self.op(Op::Copy, 0, raised, original, 0);
        let handled = self.u.asm.label();
        self.u.asm.branch(Op::JumpIfNone, 1, raised, 0, handled);
        self.u.asm.handler = cleanup.outer;
        self.op(Op::PopExc, 0, depth, 0, 0);
        self.op(Op::Reraise, 0, original, 0, 0);
        self.u.asm.stop();
        self.u.asm.bind(handled);
        self.op(Op::Clear, 0, original, 0, 0);
        self.op(Op::PopExc, 0, depth, 0, 0);
        if self.u.asm.reachable() {
            self.u.asm.jump(end);
        }
        self.begin_handler(&cleanup);
        self.op(Op::PopExc, 0, depth, 0, 0);
        self.op(Op::Reraise, 0, depth + 2, 0, 0);
        self.u.asm.stop();
        self.release(mark);
        self.u.asm.bind(end);
        Ok(())
    }

    fn star_handler(
        &mut self,
        h: &'a ExceptHandlerExceptHandler,
        raised: u16,
        rest: u16,
        cleanup: crate::assembler::HandlerId,
    ) -> Result {
        let mark = self.mark();
        let next = self.u.asm.label();
        let Some(kind) = &h.type_ else {
            return self.error(h, "expected one or more exception types");
        };
        let matched = self.temp();
        let kind_reg = self.expr(kind, None)?;
        self.at(&**kind);
        self.op(Op::CheckEgMatch, 0, matched, rest, kind_reg);
        let test = self.temp();
        self.op(Op::Copy, 0, test, matched, 0);
        let unmatched = self.u.asm.label();
        self.u.asm.branch(Op::JumpIfNone, 1, test, 0, unmatched);
        match &h.name {
            Some(name) => self.store_name(name, matched, h.range)?,
            None => self.op(Op::Clear, 0, matched, 0, 0),
        }
        self.release(mark);
        let body = self.protect(matched);
        self.push_block(BlockKind::Star, h.range)?;
        self.conditional_body(&h.body)?;
        self.u.blocks.pop();
        self.u.asm.handler = Some(cleanup);
        if self.u.asm.reachable() {
            if let Some(name) = &h.name {
                self.forget_exception_name(name)?;
            }
            self.u.asm.jump(next);
        }
        self.begin_handler(&body);
        self.u.asm.handler = Some(cleanup);
        if let Some(name) = &h.name {
            self.forget_exception_name(name)?;
        }
        self.op(Op::ListAppend, 0, raised, matched, 0);
        if self.u.asm.reachable() {
            self.u.asm.jump(next);
        }
        self.u.asm.bind(unmatched);
        self.op(Op::Clear, 0, matched, 0, 0);
        self.u.asm.bind(next);
        self.release(mark);
        Ok(())
    }
}
