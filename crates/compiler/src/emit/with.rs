//! `with` and `async with`.
//!
//! Registers from `base`: `__exit__` and its receiver, then the body's temporaries and the handler's exception.
//!
//! Invariant: a callee's registers begin at its call window, so nothing that lives may lie above the window. Where
//! something does (a value to be returned, the exception), `__exit__` is moved above it first.

use super::unit::{BlockKind, Reg};
use super::{Emitter, Result};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};
use serpens_bytecode::Op;
use serpens_bytecode::constant::Const;

const ENTER: u8 = 0;
const EXIT: u8 = 1;

impl<'a> Emitter<'a> {
    pub(super) fn with_stmt(&mut self, x: &'a StmtWith, i: usize) -> Result {
        if x.is_async {
            self.check_async(x.range, "'async with' outside async function")?;
        }
        let Some(item) = x.items.get(i) else { return self.conditional_body(&x.body) };
        let special = if x.is_async { 2 } else { 0 };
        let range = item.context_expr.range();
        let mark = self.mark();
        let base = self.u.temps(2);
        let manager = self.expr(&item.context_expr, None)?;
        self.at(range);
        self.op(Op::LoadSpecial, special + EXIT, base, manager, 0);
        let entered = self.u.temps(2);
        self.op(Op::LoadSpecial, special + ENTER, entered, manager, 0);
        if self.u.is_temp(manager) {
            self.op(Op::Clear, 0, manager, 0, 0);
        }
        let site = self.u.site(0);
        self.op(Op::CallMethod, 0, entered, 0, site);
        if x.is_async {
            self.await_register(entered, 1, range);
        }
        let depth = base + 2;
        let value = match item.optional_vars {
            Some(_) => {
                self.release(u32::from(depth));
                let value = self.temp();
                if value != entered {
                    self.op(Op::Move, 0, value, entered, 0);
                }
                Some(value)
            }
            None => {
                self.op(Op::Clear, 0, entered, 0, 0);
                None
            }
        };
        self.release(u32::from(depth));
        self.u.max_temp = self.u.max_temp.max(u32::from(depth) + 3);
        let end = self.u.asm.label();
        let protected = self.protect(depth);
        self.push_block(BlockKind::With { base, is_async: x.is_async, range }, x.range)?;
        if let Some(block) = self.u.blocks.last_mut() {
            block.outer = protected.outer;
        }
        if let (Some(target), Some(value)) = (&item.optional_vars, value) {
            let kept = self.temp();
            debug_assert_eq!(kept, value);
            self.store(target, value)?;
            self.release(u32::from(depth));
        }
        self.with_stmt(x, i + 1)?;
        self.u.blocks.pop();
        self.u.asm.handler = protected.outer;
        if self.u.asm.reachable() {
            self.at(range);
            self.exit_with(base, x.is_async)?;
            self.u.asm.jump(end);
        }
        self.begin_handler(&protected);
        self.at(range);
        self.op(Op::PushExc, 0, depth, 0, 0);
        self.u.next_temp = u32::from(depth) + 2;
        let cleanup = self.protect(depth + 2);
        let call = self.u.temps(5);
        self.op(Op::Move, 0, call, base, 0);
        self.op(Op::Move, 0, call + 1, base + 1, 0);
        self.op(Op::ExcInfo, 0, call + 2, depth, 0);
        let site = self.u.site(0);
        self.op(Op::CallMethod, 0, call, 3, site);
        self.release(u32::from(call) + 1);
        if x.is_async {
            self.await_register(call, 2, range);
        }
        let suppressed = self.u.asm.label();
        self.u.asm.branch(Op::JumpIf, 1, call, 0, suppressed);
        self.release(u32::from(call));
        self.reraise_and_cleanup(depth, &cleanup);
        self.u.asm.bind(suppressed);
        self.u.asm.handler = protected.outer;
        self.op(Op::PopExc, 0, depth, 0, 0);
        self.release(mark);
        self.u.asm.bind(end);
        Ok(())
    }

    /// Calls `__exit__(None, None, None)`.
    pub(super) fn exit_with(&mut self, base: Reg, is_async: bool) -> Result {
        let mark = self.mark();
        let mut call = base;
        if mark > u32::from(base) + 2 {
            call = self.u.temps(2);
            self.op(Op::Move, 0, call, base, 0);
            self.op(Op::Move, 0, call + 1, base + 1, 0);
        }
        self.release(u32::from(call) + 2);
        for _ in 0..3 {
            self.load_const(Const::None, None);
        }
        let site = self.u.site(0);
        self.op(Op::CallMethod, 0, call, 3, site);
        self.release(u32::from(call) + 1);
        if is_async {
            self.await_register(call, 2, TextRange::default());
        }
        self.op(Op::Clear, 0, call, 0, 0);
        self.release(mark);
        Ok(())
    }
}
