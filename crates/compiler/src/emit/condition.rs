//! Truth: comparisons, `and`, `or`, `not`, conditional expressions, and jumps on conditions.

use super::expr::is_simple;
use super::unit::Reg;
use super::{Emitter, Result};
use crate::assembler::Label;
use crate::fold;
use ruff_python_ast::*;
use serpens_bytecode::Op;

/// The value form of a comparison and its `x`.
fn compare_op(op: CmpOp) -> (Op, u8) {
    match op {
        CmpOp::Eq => (Op::Eq, 0),
        CmpOp::NotEq => (Op::Ne, 0),
        CmpOp::Lt => (Op::Lt, 0),
        CmpOp::LtE => (Op::Le, 0),
        CmpOp::Gt => (Op::Gt, 0),
        CmpOp::GtE => (Op::Ge, 0),
        CmpOp::Is => (Op::Is, 0),
        CmpOp::IsNot => (Op::Is, 1),
        CmpOp::In => (Op::In, 0),
        CmpOp::NotIn => (Op::In, 1),
    }
}

/// The jump form of a comparison, and whether it is negated.
fn jump_op(op: CmpOp) -> (Op, bool) {
    match op {
        CmpOp::Eq => (Op::JumpEq, false),
        CmpOp::NotEq => (Op::JumpNe, false),
        CmpOp::Lt => (Op::JumpLt, false),
        CmpOp::LtE => (Op::JumpLe, false),
        CmpOp::Gt => (Op::JumpGt, false),
        CmpOp::GtE => (Op::JumpGe, false),
        CmpOp::Is => (Op::JumpIs, false),
        CmpOp::IsNot => (Op::JumpIs, true),
        CmpOp::In => (Op::JumpIn, false),
        CmpOp::NotIn => (Op::JumpIn, true),
    }
}

fn jump_immediate(op: CmpOp) -> Option<Op> {
    Some(match op {
        CmpOp::Eq => Op::JumpEqI,
        CmpOp::NotEq => Op::JumpNeI,
        CmpOp::Lt => Op::JumpLtI,
        CmpOp::LtE => Op::JumpLeI,
        CmpOp::Gt => Op::JumpGtI,
        CmpOp::GtE => Op::JumpGeI,
        _ => return None,
    })
}

impl<'a> Emitter<'a> {
    /// The right side of `in`: displays of constants become a constant tuple or frozenset.
    fn comparand(&mut self, op: CmpOp, e: &'a Expr, later: &[&'a Expr]) -> Result<Reg> {
        if matches!(op, CmpOp::In | CmpOp::NotIn)
            && let Some(value) = fold::constant_container(e, self.source)
        {
            self.at(e);
            return Ok(self.load_const(value, None));
        }
        self.operand(e, later)
    }

    /// Jumps to `label` if the truth of `e` is `cond`.
    pub(super) fn jump_if(&mut self, e: &'a Expr, cond: bool, label: Label) -> Result {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.jump_if_inner(e, cond, label))
    }

    fn jump_if_inner(&mut self, e: &'a Expr, cond: bool, label: Label) -> Result {
        if let Some(truth) = fold::truth(e, self.source, self.options.optimize) {
            self.check_dead(e)?;
            self.at(e);
            self.u.asm.mark_line();
            if truth == cond {
                self.u.asm.jump(label);
            }
            return Ok(());
        }
        match e {
            Expr::UnaryOp(x) if x.op == UnaryOp::Not => self.jump_if(&x.operand, !cond, label),
            Expr::BoolOp(x) => {
                let short = x.op == BoolOp::Or;
                let (last, rest) = match x.values.split_last() {
                    Some(split) => split,
                    None => return Ok(()),
                };
                if short == cond {
                    for value in rest {
                        self.jump_if(value, cond, label)?;
                    }
                    self.jump_if(last, cond, label)
                } else {
                    let end = self.u.asm.label();
                    for value in rest {
                        self.jump_if(value, short, end)?;
                    }
                    self.jump_if(last, cond, label)?;
                    self.u.asm.bind(end);
                    Ok(())
                }
            }
            Expr::If(x) => {
                let (other, end) = (self.u.asm.label(), self.u.asm.label());
                self.jump_if(&x.test, false, other)?;
                self.jump_if(&x.body, cond, label)?;
                self.u.asm.jump(end);
                self.u.asm.bind(other);
                self.jump_if(&x.orelse, cond, label)?;
                self.u.asm.bind(end);
                Ok(())
            }
            Expr::Compare(x) => self.compare_jump(x, cond, label),
            _ => {
                let mark = self.mark();
                let value = self.expr(e, None)?;
                self.release(mark);
                self.at(e);
                self.u.asm.branch(Op::JumpIf, u8::from(cond), value, 0, label);
                Ok(())
            }
        }
    }

    /// One comparison of registers, jumping to `label` if its truth is `cond`.
    fn jump_on(&mut self, op: CmpOp, left: Reg, right: Reg, cond: bool, label: Label) {
        let (jump, negated) = jump_op(op);
        self.u.asm.branch(jump, u8::from(cond != negated), left, right, label);
    }

    fn compare_jump(&mut self, x: &'a ExprCompare, cond: bool, label: Label) -> Result {
        self.check_compare(x);
        let mark = self.mark();
        if let ([op], [right]) = (&*x.ops, &*x.comparators) {
            if right.is_none_literal_expr() && matches!(op, CmpOp::Is | CmpOp::IsNot) {
                let left = self.expr(&x.left, None)?;
                self.release(mark);
                self.at(x.range);
                let want = (*op == CmpOp::Is) == cond;
                self.u.asm.branch(Op::JumpIfNone, u8::from(want), left, 0, label);
                return Ok(());
            }
            if let (Some(imm), Some(jump)) = (fold::immediate(right), jump_immediate(*op)) {
                let left = self.expr(&x.left, None)?;
                self.release(mark);
                self.at(x.range);
                self.u.asm.branch(jump, u8::from(cond), left, imm as u16, label);
                return Ok(());
            }
            let left = self.operand(&x.left, &[right])?;
            let right = self.comparand(*op, right, &[])?;
            self.release(mark);
            self.at(x.range);
            self.jump_on(*op, left, right, cond, label);
            return Ok(());
        }
        let end = self.u.asm.label();
        let out = if cond { end } else { label };
        let (op, left, right) = self.chain(x, None, out)?;
        self.at(x.range);
        self.jump_on(op, left, right, cond, label);
        self.release(mark);
        self.u.asm.bind(end);
        Ok(())
    }

    /// All but the last comparison of a chain; one that fails goes to `out`, with its value in `result` if that is
    /// wanted. Returns the operands of the last comparison.
    ///
    /// A middle value is used twice. If it is not a local it is kept in one of two registers, in turn.
    fn chain(&mut self, x: &'a ExprCompare, result: Option<Reg>, out: Label) -> Result<(CmpOp, Reg, Reg)> {
        let kept = self.u.temps(2);
        let cleanup = self.u.asm.label();
        let mut used_cleanup = false;
        let all: Vec<&Expr> = x.comparators.iter().collect();
        let mut left = self.operand(&x.left, &all)?;
        let inner = self.mark();
        let last = x.ops.len() - 1;
        for (i, (op, e)) in x.ops.iter().zip(&*x.comparators).enumerate().take(last) {
            let keep = kept + (i % 2) as Reg;
            let mut right = self.operand(e, &all[i + 1..])?;
            self.at(x.range);
            let is_temp = self.u.is_temp(right);
            let local = right;
            if is_temp {
                self.op(Op::Copy, 0, keep, right, 0);
            }
            let target = if is_temp { cleanup } else { out };
            used_cleanup |= is_temp;
            match result {
                None => self.jump_on(*op, left, right, false, target),
                Some(result) => {
                    let (code, bits) = compare_op(*op);
                    self.op(code, bits, result, left, right);
                    self.u.asm.branch(Op::JumpIfKeep, 0, result, 0, target);
                }
            }
            right = if is_temp { keep } else { local };
            left = right;
            self.release(inner);
        }
        if used_cleanup {
            let after = self.u.asm.label();
            self.u.asm.jump(after);
            self.u.asm.bind(cleanup);
            self.op(Op::Clear, 0, kept, 0, 0);
            self.op(Op::Clear, 0, kept + 1, 0, 0);
            self.u.asm.jump(out);
            self.u.asm.bind(after);
        }
        let right = self.comparand(x.ops[last], &x.comparators[last], &[])?;
        Ok((x.ops[last], left, right))
    }

    pub(super) fn compare_value(&mut self, x: &'a ExprCompare, dst: Option<Reg>) -> Result<Reg> {
        self.check_compare(x);
        let mark = self.mark();
        if let ([op], [right]) = (&*x.ops, &*x.comparators) {
            let left = self.operand(&x.left, &[right])?;
            let right = self.comparand(*op, right, &[])?;
            self.release(mark);
            let dst = self.dst(dst);
            self.at(x.range);
            let (op, bits) = compare_op(*op);
            self.op(op, bits, dst, left, right);
            return Ok(dst);
        }
        let result = self.temp();
        let end = self.u.asm.label();
        let (op, left, right) = self.chain(x, Some(result), end)?;
        self.at(x.range);
        let (op, bits) = compare_op(op);
        self.op(op, bits, result, left, right);
        self.u.asm.bind(end);
        Ok(self.finish(result, mark, dst))
    }

    /// The value of `and` / `or`.
    pub(super) fn bool_value(&mut self, e: &'a Expr, dst: Option<Reg>) -> Result<Reg> {
        let Expr::BoolOp(x) = e else { return self.expr(e, dst) };
        let mark = self.mark();
        // A local must not change before the whole value is known.
        let result = match dst {
            Some(dst) if self.u.is_temp(dst) => dst,
            _ => self.temp(),
        };
        let end = self.u.asm.label();
        let short = x.op == BoolOp::Or;
        let last = x.values.len() - 1;
        for (i, value) in x.values.iter().enumerate() {
            if i == last {
                self.expr(value, Some(result))?;
                break;
            }
            if let Some(truth) = fold::truth(value, self.source, self.options.optimize) {
                self.check_dead(value)?;
                if truth == short {
                    self.expr(value, Some(result))?;
                    self.u.asm.jump(end);
                    // What follows cannot be reached, but its errors are reported.
                    for rest in &x.values[i + 1..] {
                        self.expr(rest, Some(result))?;
                    }
                    break;
                }
                continue;
            }
            self.expr(value, Some(result))?;
            self.at(x.range);
            self.u.asm.branch(Op::JumpIfKeep, u8::from(short), result, 0, end);
        }
        self.u.asm.bind(end);
        if dst == Some(result) {
            self.release(mark);
            return Ok(result);
        }
        self.at(x.range);
        Ok(self.finish(result, mark, dst))
    }

    pub(super) fn if_value(&mut self, x: &'a ExprIf, dst: Option<Reg>) -> Result<Reg> {
        let dst = self.dst(dst);
        let (other, end) = (self.u.asm.label(), self.u.asm.label());
        self.jump_if(&x.test, false, other)?;
        self.expr(&x.body, Some(dst))?;
        self.at(x.range);
        self.u.asm.jump(end);
        self.u.asm.bind(other);
        self.expr(&x.orelse, Some(dst))?;
        self.u.asm.bind(end);
        Ok(dst)
    }

    /// Emits what a constant condition drops, so that errors in it are found.
    fn check_dead(&mut self, e: &'a Expr) -> Result {
        if is_simple(e) {
            return Ok(());
        }
        let flow = self.u.asm.flow.take();
        let mark = self.mark();
        let result = self.expr(e, None);
        self.release(mark);
        self.u.asm.flow = flow;
        result.map(|_| ())
    }
}
