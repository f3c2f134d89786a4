//! `try`, `except`, `else`, `finally`.
//!
//! A handler begins with the exception in register `depth`; `PushExc` uses the register behind it too. While a handler
//! runs, a second handler at `depth + 2` restores the handled exception and raises again.

use super::unit::{BlockKind, Reg};
use super::{Emitter, Result};
use crate::assembler::{Bits, HandlerId, Label};
use ruff_python_ast::*;
use serpens_bytecode::Op;
use serpens_bytecode::constant::Const;

/// What a handler's beginning needs to know.
pub(super) struct Protected {
    pub(super) handler: HandlerId,
    label: Label,
    flow: Option<Bits>,
    start: usize,
    pub(super) outer: Option<HandlerId>,
    pub(super) depth: Reg,
}

impl<'a> Emitter<'a> {
    /// From here on exceptions go to a new handler at register `depth`.
    pub(super) fn protect(&mut self, depth: Reg) -> Protected {
        let label = self.u.asm.label();
        let handler = self.u.asm.new_handler(label, depth);
        let outer = self.u.asm.handler.replace(handler);
        let start = self.u.asm.len();
        Protected { handler, label, flow: self.u.asm.flow.clone(), start, outer, depth }
    }

    /// The handler begins here, if anything can reach it.
    pub(super) fn begin_handler(&mut self, p: &Protected) {
        self.u.asm.handler = p.outer;
        let covered = self.u.asm.covers(p.handler, p.start);
        let may_unbind = self.u.may_unbind.clone();
        let flow = if covered { p.flow.clone() } else { None };
        self.u.asm.bind_handler(p.label, flow, &may_unbind);
        self.u.next_temp = u32::from(p.depth) + 1;
        self.u.max_temp = self.u.max_temp.max(u32::from(p.depth) + 3);
    }

    /// The end of a handler that began at `depth` under handler `cleanup`: raises the exception again.
    pub(super) fn reraise_and_cleanup(&mut self, depth: Reg, cleanup: &Protected) {
        self.op(Op::Copy, 0, depth + 2, depth, 0);
        let reached = self.u.asm.reachable();
        let covered = self.u.asm.covers(cleanup.handler, cleanup.start);
        self.u.asm.handler = cleanup.outer;
        let may_unbind = self.u.may_unbind.clone();
        let flow = if covered || reached { cleanup.flow.clone() } else { None };
        self.u.asm.bind_handler(cleanup.label, flow, &may_unbind);
        self.op(Op::PopExc, 0, depth, 0, 0);
        self.op(Op::Reraise, 0, depth + 2, 0, 0);
        self.u.asm.stop();
    }

    pub(super) fn try_stmt(&mut self, x: &'a StmtTry) -> Result {
        if x.finalbody.is_empty() {
            return self.try_except(x);
        }
        let mark = self.mark();
        let end = self.u.asm.label();
        let protected = self.protect(mark as Reg);
        self.push_block(BlockKind::Finally { body: &x.finalbody }, x.range)?;
        if let Some(block) = self.u.blocks.last_mut() {
            block.outer = protected.outer;
        }
        if x.handlers.is_empty() {
            self.conditional_body(&x.body)?;
            self.conditional_body(&x.orelse)?;
        } else {
            self.try_except(x)?;
        }
        self.u.blocks.pop();
        self.u.asm.handler = protected.outer;
        if self.u.asm.reachable() {
            self.conditional_body(&x.finalbody)?;
            if self.u.asm.reachable() {
                self.u.asm.jump(end);
            }
        }
        self.release(mark);
        self.begin_handler(&protected);
        let depth = protected.depth;
        self.op(Op::PushExc, 0, depth, 0, 0);
        self.u.next_temp = u32::from(depth) + 2;
        let cleanup = self.protect(depth + 2);
        self.push_block(BlockKind::Handler { depth, name: None }, x.range)?;
        if let Some(block) = self.u.blocks.last_mut() {
            block.outer = cleanup.outer;
        }
        self.conditional_body(&x.finalbody)?;
        self.u.blocks.pop();
        self.reraise_and_cleanup(depth, &cleanup);
        self.release(mark);
        self.u.asm.bind(end);
        Ok(())
    }

    fn try_except(&mut self, x: &'a StmtTry) -> Result {
        if x.is_star {
            return self.try_except_star(x);
        }
        let mark = self.mark();
        let end = self.u.asm.label();
        let protected = self.protect(mark as Reg);
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
        let inner = self.mark();
        let last = x.handlers.len() - 1;
        for (i, ExceptHandler::ExceptHandler(h)) in x.handlers.iter().enumerate() {
            let next = self.u.asm.label();
            if let Some(kind) = &h.type_ {
                let matched = self.temp();
                let kind_reg = self.expr(kind, None)?;
                self.at(&**kind);
                self.op(Op::CheckExcMatch, 0, matched, depth, kind_reg);
                self.u.asm.branch(Op::JumpIf, 0, matched, 0, next);
                self.release(inner);
            } else if i != last {
                return self.error(h, "default 'except:' must be last");
            }
            self.at(h);
            if h.type_.is_none() {
                self.u.asm.mark_line();
            }
            self.except_body(h, depth, &cleanup, end)?;
            self.release(inner);
            self.u.asm.handler = Some(cleanup.handler);
            self.u.asm.bind(next);
        }
        self.reraise_and_cleanup(depth, &cleanup);
        self.release(mark);
        self.u.asm.bind(end);
        Ok(())
    }

    fn except_body(
        &mut self,
        h: &'a ExceptHandlerExceptHandler,
        depth: Reg,
        cleanup: &Protected,
        end: Label,
    ) -> Result {
        let named = match &h.name {
            Some(name) => {
                let copy = self.temp();
                self.op(Op::Copy, 0, copy, depth, 0);
                self.store_name(name, copy, h.range)?;
                self.release(u32::from(copy));
                Some(self.protect(depth + 2))
            }
            None => None,
        };
        self.push_block(BlockKind::Handler { depth, name: h.name.as_ref() }, h.range)?;
        if let Some(block) = self.u.blocks.last_mut() {
            block.outer = cleanup.outer;
        }
        self.conditional_body(&h.body)?;
        self.u.blocks.pop();
        if self.u.asm.reachable() {
            self.u.asm.handler = cleanup.outer;
            self.nowhere();
            self.op(Op::PopExc, 0, depth, 0, 0);
            if let Some(name) = &h.name {
                self.forget_exception_name(name)?;
            }
            self.u.asm.jump(end);
        }
        if let (Some(named), Some(name)) = (named, &h.name) {
            // The body raised: forget the name, and raise further.
            self.begin_handler(&named);
            self.u.asm.handler = Some(cleanup.handler);
            self.nowhere();
            self.forget_exception_name(name)?;
            self.op(Op::Reraise, 0, depth + 2, 0, 0);
            self.u.asm.stop();
        }
        Ok(())
    }

    /// `name = None; del name` at the end of `except ... as name`.
    pub(super) fn forget_exception_name(&mut self, name: &Identifier) -> Result {
        let mangled = self.mangle(name);
        if let super::names::Place::Local(reg) = self.place(&mangled) {
            self.op(Op::Clear, 0, reg, 0, 0);
            self.unbound(reg);
            return Ok(());
        }
        let mark = self.mark();
        let none = self.load_const(Const::None, None);
        self.store_mangled(&mangled, none);
        self.release(mark);
        self.delete_name(name, name.range)
    }
}
