//! Expressions into registers.

use super::unit::Reg;
use super::{Emitter, Result};
use crate::fold;
use ruff_python_ast::*;
use ruff_text_size::TextRange;
use serpens_bytecode::Op;
use serpens_bytecode::constant::Const;

/// The register form of a binary operator.
pub(super) fn binary_op(op: Operator) -> Op {
    match op {
        Operator::Add => Op::Add,
        Operator::Sub => Op::Sub,
        Operator::Mult => Op::Mul,
        Operator::MatMult => Op::MatMul,
        Operator::Div => Op::TrueDiv,
        Operator::Mod => Op::Mod,
        Operator::Pow => Op::Pow,
        Operator::LShift => Op::Shl,
        Operator::RShift => Op::Shr,
        Operator::BitOr => Op::Or,
        Operator::BitXor => Op::Xor,
        Operator::BitAnd => Op::And,
        Operator::FloorDiv => Op::FloorDiv,
    }
}

/// The form of a binary operator with an immediate on the right.
pub(super) fn immediate_op(op: Operator) -> Option<Op> {
    Some(match op {
        Operator::Add => Op::AddI,
        Operator::Sub => Op::SubI,
        Operator::Mult => Op::MulI,
        Operator::Mod => Op::ModI,
        Operator::LShift => Op::ShlI,
        Operator::RShift => Op::ShrI,
        Operator::BitAnd => Op::AndI,
        Operator::FloorDiv => Op::FloorDivI,
        _ => return None,
    })
}

impl<'a> Emitter<'a> {
    /// Evaluates `e`: into `dst` if given, else into a local that already holds it or a new temporary.
    pub(super) fn expr(&mut self, e: &'a Expr, dst: Option<Reg>) -> Result<Reg> {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.expr_inner(e, dst))
    }

    fn expr_inner(&mut self, e: &'a Expr, dst: Option<Reg>) -> Result<Reg> {
        match e {
            Expr::Name(x) if x.id == "__debug__" => {
                self.at(x.range);
                return Ok(self.load_const(Const::Bool(self.options.optimize == 0), dst));
            }
            Expr::Name(x) => {
                self.at(x.range);
                return Ok(self.load_name(&x.id, dst));
            }
            Expr::BinOp(_) | Expr::UnaryOp(_) | Expr::Tuple(_) | Expr::Subscript(_) | Expr::NumberLiteral(_) => {
                if let Some(value) = fold::fold(e, self.source) {
                    self.at(e);
                    return Ok(self.load_const(value, dst));
                }
            }
            _ => {}
        }
        match e {
            Expr::BinOp(x) => self.binary(x, dst),
            Expr::UnaryOp(x) => self.unary(x, dst),
            Expr::BoolOp(_) => self.bool_value(e, dst),
            Expr::Compare(x) => self.compare_value(x, dst),
            Expr::Named(x) => self.walrus(x, dst),
            Expr::Lambda(x) => self.lambda(x, dst),
            Expr::If(x) => self.if_value(x, dst),
            Expr::Dict(x) => self.dict_display(x, dst),
            Expr::Set(x) => self.set_display(x, dst),
            Expr::List(x) => self.list_display(&x.elts, x.range, dst),
            Expr::Tuple(x) => self.tuple_display(&x.elts, x.range, dst),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => self.comprehension(e, dst),
            Expr::Await(x) => self.await_value(x, dst),
            Expr::Yield(x) => self.yield_value(x, dst),
            Expr::YieldFrom(x) => self.yield_from(x, dst),
            Expr::Call(x) => self.call(x, dst),
            Expr::FString(x) => self.fstring(x, dst),
            Expr::TString(x) => self.tstring(x, dst),
            Expr::StringLiteral(x) => {
                let value = self.string_const(x)?;
                self.at(x.range);
                Ok(self.load_const(value, dst))
            }
            Expr::BytesLiteral(x) => {
                self.at(x.range);
                let bytes: Vec<u8> = x.value.bytes().collect();
                Ok(self.load_const(Const::Bytes(bytes.into()), dst))
            }
            Expr::NumberLiteral(_) | Expr::Name(_) => self.error(e, "invalid number"),
            Expr::BooleanLiteral(x) => {
                self.at(x.range);
                Ok(self.load_const(Const::Bool(x.value), dst))
            }
            Expr::NoneLiteral(x) => {
                self.at(x.range);
                Ok(self.load_const(Const::None, dst))
            }
            Expr::EllipsisLiteral(x) => {
                self.at(x.range);
                let value = self.source.given_constant(x.range.start()).unwrap_or(Const::Ellipsis);
                Ok(self.load_const(value, dst))
            }
            Expr::Attribute(x) => self.attribute(x, dst),
            Expr::Subscript(x) => self.subscript(x, dst),
            Expr::Slice(x) => self.slice(x, dst),
            Expr::Starred(x) => self.error(x, "can't use starred expression here"),
            Expr::IpyEscapeCommand(x) => self.error(x, "invalid syntax"),
        }
    }

    /// Evaluates `e` into a new temporary (even when it is a local).
    pub(super) fn expr_temp(&mut self, e: &'a Expr) -> Result<Reg> {
        let dst = self.temp();
        self.expr(e, Some(dst))
    }

    /// Evaluates an operand that is followed by the evaluation of `later`: a local that this may rebind is copied.
    pub(super) fn operand(&mut self, e: &'a Expr, later: &[&'a Expr]) -> Result<Reg> {
        if let Expr::Name(x) = e {
            let name = self.mangle(&x.id);
            if let super::names::Place::Local(reg) = self.place(&name)
                && self.u.walrus.contains(&reg)
                && later.iter().any(|e| !is_simple(e))
            {
                return self.expr_temp(e);
            }
        }
        self.expr(e, None)
    }

    fn binary(&mut self, x: &'a ExprBinOp, dst: Option<Reg>) -> Result<Reg> {
        let mark = self.mark();
        let (op, x_bits) = (binary_op(x.op), 0);
        if let (Some(imm), Some(op)) = (fold::immediate(&x.right), immediate_op(x.op)) {
            let left = self.operand(&x.left, &[])?;
            self.release(mark);
            let dst = self.dst(dst);
            self.at(x.range);
            self.op(op, x_bits, dst, left, imm as u16);
            return Ok(dst);
        }
        let left = self.operand(&x.left, &[&x.right])?;
        let right = self.operand(&x.right, &[])?;
        self.release(mark);
        let dst = self.dst(dst);
        self.at(x.range);
        self.op(op, x_bits, dst, left, right);
        Ok(dst)
    }

    fn unary(&mut self, x: &'a ExprUnaryOp, dst: Option<Reg>) -> Result<Reg> {
        let mark = self.mark();
        let value = self.expr(&x.operand, None)?;
        self.release(mark);
        let dst = self.dst(dst);
        let op = match x.op {
            UnaryOp::Invert => Op::Invert,
            UnaryOp::Not => Op::Not,
            UnaryOp::UAdd => Op::Pos,
            UnaryOp::USub => Op::Neg,
        };
        self.at(x.range);
        self.op(op, 0, dst, value, 0);
        Ok(dst)
    }

    fn walrus(&mut self, x: &'a ExprNamed, dst: Option<Reg>) -> Result<Reg> {
        let Expr::Name(target) = &*x.target else {
            return self.error(&*x.target, "cannot use assignment expressions with expression");
        };
        // The value is needed twice: as the result and in the variable.
        let result = match dst {
            Some(dst) => dst,
            None => self.temp(),
        };
        let mark = self.mark();
        let value = self.temp();
        self.expr(&x.value, Some(value))?;
        self.at(x.range);
        if let Some(reg) = self.local_target(&target.id) {
            self.store_name(&target.id, value, target.range)?;
            self.release(mark);
            if result != reg {
                self.op(Op::Copy, 0, result, reg, 0);
            }
            return Ok(result);
        }
        let copy = self.temp();
        self.op(Op::Copy, 0, copy, value, 0);
        self.at(target.range);
        self.store_name(&target.id, copy, target.range)?;
        self.op(Op::Move, 0, result, value, 0);
        self.release(mark);
        Ok(result)
    }

    fn attribute(&mut self, x: &'a ExprAttribute, dst: Option<Reg>) -> Result<Reg> {
        if let Some(result) = self.super_attribute(x, dst)? {
            return Ok(result);
        }
        let mark = self.mark();
        let value = self.expr(&x.value, None)?;
        self.release(mark);
        let dst = self.dst(dst);
        self.at_attribute(x.range, x);
        let name = self.mangle(&x.attr);
        let site = self.name_site(&name);
        self.op(Op::LoadAttr, 0, dst, value, site);
        Ok(dst)
    }

    /// Whether `slice` can use the two-register form: `a:b` that is no constant.
    pub(super) fn simple_slice(&self, e: &'a Expr) -> Option<&'a ExprSlice> {
        let slice = e.as_slice_expr()?;
        (slice.step.is_none() && fold::fold(e, self.source).is_none()).then_some(slice)
    }

    /// Both ends of a slice into a window of two.
    pub(super) fn slice_window(&mut self, s: &'a ExprSlice) -> Result<Reg> {
        let window = self.u.temps(2);
        for (i, bound) in [&s.lower, &s.upper].into_iter().enumerate() {
            let dst = Some(window + i as Reg);
            match bound {
                Some(e) => {
                    self.expr(e, dst)?;
                }
                None => {
                    self.at(s.range);
                    self.load_const(Const::None, dst);
                }
            }
        }
        Ok(window)
    }

    fn subscript(&mut self, x: &'a ExprSubscript, dst: Option<Reg>) -> Result<Reg> {
        self.check_subscript(x);
        let mark = self.mark();
        if let Some(imm) = fold::immediate(&x.slice) {
            let value = self.operand(&x.value, &[])?;
            self.release(mark);
            let dst = self.dst(dst);
            self.at(x.range);
            self.op(Op::GetItemI, 0, dst, value, imm as u16);
            return Ok(dst);
        }
        let value = self.operand(&x.value, &[&x.slice])?;
        if let Some(slice) = self.simple_slice(&x.slice) {
            let window = self.slice_window(slice)?;
            self.release(mark);
            let dst = self.dst(dst);
            self.at(x.range);
            self.op(Op::GetSlice, 0, dst, value, window);
            return Ok(dst);
        }
        let index = self.subscript_index(&x.slice)?;
        self.release(mark);
        let dst = self.dst(dst);
        self.at(x.range);
        self.op(Op::GetItem, 0, dst, value, index);
        Ok(dst)
    }

    /// The index of a subscript; `a[*b]` is a tuple.
    pub(super) fn subscript_index(&mut self, e: &'a Expr) -> Result<Reg> {
        self.expr(e, None)
    }

    fn slice(&mut self, s: &'a ExprSlice, dst: Option<Reg>) -> Result<Reg> {
        self.at(s.range);
        if let Some(value) = fold::fold_slice(s, self.source) {
            return Ok(self.load_const(value, dst));
        }
        let mark = self.mark();
        let n = if s.step.is_some() { 3 } else { 2 };
        let window = self.u.temps(n);
        for (i, bound) in [&s.lower, &s.upper, &s.step].into_iter().enumerate().take(n) {
            let dst = Some(window + i as Reg);
            match bound {
                Some(e) => {
                    self.expr(e, dst)?;
                }
                None => {
                    self.at(s.range);
                    self.load_const(Const::None, dst);
                }
            }
        }
        self.release(mark);
        let dst = self.dst(dst);
        self.at(s.range);
        self.op(Op::BuildSlice, 0, dst, window, n as u16);
        Ok(dst)
    }

    /// Evaluates all of `exprs` into consecutive new temporaries.
    pub(super) fn window(&mut self, exprs: &'a [Expr]) -> Result<Reg> {
        let first = self.mark() as Reg;
        for e in exprs {
            self.expr_temp(e)?;
        }
        Ok(first)
    }

    /// A list of `exprs`, of which some are starred, in a new temporary.
    pub(super) fn starred_list(&mut self, exprs: &'a [Expr], at: TextRange) -> Result<Reg> {
        let list = self.temp();
        let mark = self.mark();
        let plain = exprs.iter().take_while(|e| !e.is_starred_expr()).count().min(30);
        let window = self.window(&exprs[..plain])?;
        self.release(mark);
        self.at(at);
        self.op(Op::BuildList, 0, list, window, plain as u16);
        for e in &exprs[plain..] {
            match e {
                Expr::Starred(s) => {
                    let value = self.expr(&s.value, None)?;
                    self.at(at);
                    self.op(Op::ListExtend, 0, list, value, 0);
                }
                e => {
                    let value = self.expr(e, None)?;
                    self.at(at);
                    self.op(Op::ListAppend, 0, list, value, 0);
                }
            }
            self.release(mark);
        }
        Ok(list)
    }

    fn list_display(&mut self, elts: &'a [Expr], at: TextRange, dst: Option<Reg>) -> Result<Reg> {
        let mark = self.mark();
        if elts.len() >= 3
            && let Some(items) = fold::fold_all(elts, self.source)
        {
            let list = self.temp();
            self.at(at);
            self.op(Op::BuildList, 0, list, list, 0);
            let items = self.load_const(Const::Tuple(items.into()), None);
            self.op(Op::ListExtend, 0, list, items, 0);
            return Ok(self.finish(list, mark, dst));
        }
        if elts.len() > 30 || elts.iter().any(Expr::is_starred_expr) {
            let list = self.starred_list(elts, at)?;
            return Ok(self.finish(list, mark, dst));
        }
        let window = self.window(elts)?;
        self.release(mark);
        let dst = self.dst(dst);
        self.at(at);
        self.op(Op::BuildList, 0, dst, window, elts.len() as u16);
        Ok(dst)
    }

    /// Moves a result in temporary `value` (the one at `mark`) to where it is wanted.
    pub(super) fn finish(&mut self, value: Reg, mark: u32, dst: Option<Reg>) -> Reg {
        self.release(mark);
        match dst {
            Some(dst) if dst == value => {}
            Some(dst) => {
                self.op(Op::Move, 0, dst, value, 0);
                return dst;
            }
            None => {
                let dst = self.temp();
                if dst != value {
                    self.op(Op::Move, 0, dst, value, 0);
                }
                return dst;
            }
        }
        value
    }

    pub(super) fn tuple_display(&mut self, elts: &'a [Expr], at: TextRange, dst: Option<Reg>) -> Result<Reg> {
        let mark = self.mark();
        if elts.len() > 30 || elts.iter().any(Expr::is_starred_expr) {
            let list = self.starred_list(elts, at)?;
            self.release(mark);
            let dst = self.dst(dst);
            self.at(at);
            self.op(Op::ListToTuple, 0, dst, list, 0);
            return Ok(dst);
        }
        let window = self.window(elts)?;
        self.release(mark);
        let dst = self.dst(dst);
        self.at(at);
        self.op(Op::BuildTuple, 0, dst, window, elts.len() as u16);
        Ok(dst)
    }

    fn set_display(&mut self, x: &'a ExprSet, dst: Option<Reg>) -> Result<Reg> {
        let elts = &x.elts;
        let mark = self.mark();
        if elts.len() >= 3
            && let Some(items) = fold::fold_all(elts, self.source)
        {
            let set = self.temp();
            self.at(x.range);
            self.op(Op::BuildSet, 0, set, set, 0);
            let items = self.load_const(Const::Tuple(items.into()), None);
            self.op(Op::SetUpdate, 0, set, items, 0);
            return Ok(self.finish(set, mark, dst));
        }
        if elts.len() <= 30 && !elts.iter().any(Expr::is_starred_expr) {
            let window = self.window(elts)?;
            self.release(mark);
            let dst = self.dst(dst);
            self.at(x.range);
            self.op(Op::BuildSet, 0, dst, window, elts.len() as u16);
            return Ok(dst);
        }
        let set = self.temp();
        let inner = self.mark();
        self.at(x.range);
        self.op(Op::BuildSet, 0, set, set, 0);
        for e in elts {
            let (e, op) = match e {
                Expr::Starred(s) => (&*s.value, Op::SetUpdate),
                e => (e, Op::SetAdd),
            };
            let value = self.expr(e, None)?;
            self.at(x.range);
            self.op(op, 0, set, value, 0);
            self.release(inner);
        }
        Ok(self.finish(set, mark, dst))
    }

    fn dict_display(&mut self, x: &'a ExprDict, dst: Option<Reg>) -> Result<Reg> {
        let mark = self.mark();
        if x.items.len() <= 16 && x.items.iter().all(|i| i.key.is_some()) {
            let window = mark as Reg;
            for item in &x.items {
                if let Some(key) = &item.key {
                    self.expr_temp(key)?;
                }
                self.expr_temp(&item.value)?;
            }
            self.release(mark);
            let dst = self.dst(dst);
            self.at(x.range);
            self.op(Op::BuildMap, 0, dst, window, x.items.len() as u16);
            return Ok(dst);
        }
        let dict = self.temp();
        let inner = self.mark();
        self.at(x.range);
        self.op(Op::BuildMap, 0, dict, dict, 0);
        for item in &x.items {
            match &item.key {
                Some(key) => {
                    let key = self.operand(key, &[&item.value])?;
                    let value = self.expr(&item.value, None)?;
                    self.at(x.range);
                    self.op(Op::MapInsert, 0, dict, key, value);
                }
                None => {
                    let value = self.expr(&item.value, None)?;
                    self.at(x.range);
                    self.op(Op::DictUpdate, 0, dict, value, 0);
                }
            }
            self.release(inner);
        }
        Ok(self.finish(dict, mark, dst))
    }
}

/// Whether evaluating `e` cannot rebind a local.
pub(super) fn is_simple(e: &Expr) -> bool {
    matches!(
        e,
        Expr::Name(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
    )
}
