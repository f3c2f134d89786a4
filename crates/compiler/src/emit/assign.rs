//! Assignment, augmented assignment, deletion, unpacking.

use super::expr::{binary_op, immediate_op, is_simple};
use super::names::Place;
use super::unit::Reg;
use super::{Emitter, Result};
use crate::fold;
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};
use serpens_bytecode::Op;

impl<'a> Emitter<'a> {
    pub(super) fn assign(&mut self, x: &'a StmtAssign) -> Result {
        let mark = self.mark();
        if let [target] = &x.targets[..] {
            match target {
                Expr::Name(name) => {
                    self.check_forbidden(&name.id, name.range, true)?;
                    if let Some(reg) = self.local_target(&name.id) {
                        self.expr(&x.value, Some(reg))?;
                        self.bound(reg);
                        return Ok(());
                    }
                }
                Expr::Tuple(ExprTuple { elts, .. }) | Expr::List(ExprList { elts, .. }) => {
                    if let Some(values) = parallel(elts, &x.value) {
                        return self.parallel_assign(elts, values);
                    }
                }
                _ => {}
            }
            let value = self.expr(&x.value, None)?;
            self.store(target, value)?;
            self.release(mark);
            return Ok(());
        }
        let value = self.expr_temp(&x.value)?;
        let inner = self.mark();
        let Some((last, rest)) = x.targets.split_last() else { return Ok(()) };
        for target in rest {
            let copy = self.temp();
            self.at(target);
            self.op(Op::Copy, 0, copy, value, 0);
            self.store(target, copy)?;
            self.release(inner);
        }
        self.store(last, value)?;
        self.release(mark);
        Ok(())
    }

    /// `a, b = c, d`: no tuple is built.
    fn parallel_assign(&mut self, targets: &'a [Expr], values: &'a [Expr]) -> Result {
        let mark = self.mark();
        let mut regs = Vec::with_capacity(values.len());
        for (i, value) in values.iter().enumerate() {
            let later: Vec<&Expr> = values[i + 1..].iter().collect();
            let mut reg = self.operand(value, &later)?;
            let rebinds = |t: &Expr| match t {
                Expr::Name(name) => self.local_target(&name.id) == Some(reg),
                _ => true,
            };
            if !self.u.is_temp(reg) && targets[..i].iter().any(rebinds) {
                let copy = self.temp();
                self.op(Op::Copy, 0, copy, reg, 0);
                reg = copy;
            }
            regs.push(reg);
        }
        for (target, reg) in targets.iter().zip(regs) {
            self.store(target, reg)?;
        }
        self.release(mark);
        Ok(())
    }

    /// Stores register `value` into a target; a temporary is taken.
    pub(super) fn store(&mut self, target: &'a Expr, value: Reg) -> Result {
        match target {
            Expr::Name(x) => {
                self.at(x.range);
                self.store_name(&x.id, value, x.range)
            }
            Expr::Attribute(x) => {
                let mark = self.mark();
                self.check_forbidden(&x.attr, x.range, true)?;
                self.note_static_attribute(x);
                let object = self.expr(&x.value, None)?;
                self.at_attribute(x.range, x);
                let name = self.mangle(&x.attr);
                let site = self.name_site(&name);
                self.op(Op::StoreAttr, 0, object, value, site);
                self.release(mark);
                Ok(())
            }
            Expr::Subscript(x) => {
                let mark = self.mark();
                let object = self.operand(&x.value, &[&x.slice])?;
                if let Some(slice) = self.simple_slice(&x.slice) {
                    let window = self.slice_window(slice)?;
                    self.at(x.range);
                    self.op(Op::SetSlice, 0, object, window, value);
                } else {
                    let index = self.subscript_index(&x.slice)?;
                    self.at(x.range);
                    self.op(Op::SetItem, 0, object, index, value);
                }
                self.release(mark);
                Ok(())
            }
            Expr::Tuple(ExprTuple { elts, range, .. }) | Expr::List(ExprList { elts, range, .. }) => {
                self.unpack(elts, value, *range)
            }
            Expr::Starred(x) => self.error(x, "starred assignment target must be in a list or tuple"),
            _ => self.error(target, "cannot assign to expression"),
        }
    }

    fn unpack(&mut self, elts: &'a [Expr], value: Reg, range: TextRange) -> Result {
        let mark = self.mark();
        let star = elts.iter().position(Expr::is_starred_expr);
        let window = self.u.temps(elts.len());
        self.at(range);
        match star {
            None => self.op(Op::UnpackSeq, 0, window, value, elts.len() as u16),
            Some(before) => {
                let after = elts.len() - before - 1;
                if elts[before + 1..].iter().any(Expr::is_starred_expr) {
                    return self.error(range, "multiple starred expressions in assignment");
                }
                if before > 255 || after > 255 {
                    return self.error(range, "too many expressions in star-unpacking assignment");
                }
                self.op(Op::UnpackEx, 0, window, value, (before | after << 8) as u16);
            }
        }
        for (i, target) in elts.iter().enumerate() {
            let target = match target {
                Expr::Starred(s) => &s.value,
                t => t,
            };
            self.store(target, window + i as Reg)?;
        }
        self.release(mark);
        Ok(())
    }

    fn note_static_attribute(&mut self, x: &ExprAttribute) {
        if !matches!(&*x.value, Expr::Name(n) if n.id == "self") || !self.u.kind.is_function_like() {
            return;
        }
        let name = x.attr.id.clone();
        for unit in self.stack.iter_mut().rev() {
            if unit.kind == crate::symtable::ScopeKind::Class {
                unit.static_attributes.insert(name);
                return;
            }
        }
    }

    pub(super) fn delete(&mut self, target: &'a Expr) -> Result {
        let mark = self.mark();
        match target {
            Expr::Name(x) => {
                self.at(x.range);
                self.delete_name(&x.id, x.range)?;
            }
            Expr::Attribute(x) => {
                self.check_forbidden(&x.attr, x.range, false)?;
                let object = self.expr(&x.value, None)?;
                self.at(x.range);
                let name = self.mangle(&x.attr);
                let i = self.name_idx(&name);
                self.op(Op::DelAttr, 0, object, i, 0);
            }
            Expr::Subscript(x) => {
                let object = self.operand(&x.value, &[&x.slice])?;
                let index = self.subscript_index(&x.slice)?;
                self.at(x.range);
                self.op(Op::DelItem, 0, object, index, 0);
            }
            Expr::Tuple(ExprTuple { elts, .. }) | Expr::List(ExprList { elts, .. }) => {
                elts.iter().try_for_each(|t| self.delete(t))?;
            }
            _ => return self.error(target, "cannot delete expression"),
        }
        self.release(mark);
        Ok(())
    }

    /// r[dst] = r[left] op value, in place.
    fn in_place(&mut self, x: &'a StmtAugAssign, left: Reg, dst: Reg) -> Result {
        if let (Some(imm), Some(op)) = (fold::immediate(&x.value), immediate_op(x.op)) {
            self.at(x.range);
            self.op(op, 1, dst, left, imm as u16);
            return Ok(());
        }
        let mark = self.mark();
        let value = self.expr(&x.value, None)?;
        self.at(x.range);
        self.op(binary_op(x.op), 1, dst, left, value);
        self.release(mark);
        Ok(())
    }

    pub(super) fn aug_assign(&mut self, x: &'a StmtAugAssign) -> Result {
        let mark = self.mark();
        match &*x.target {
            Expr::Name(n) => {
                self.check_forbidden(&n.id, n.range, true)?;
                self.at(n.range);
                let name = self.mangle(&n.id);
                match self.place(&name) {
                    Place::Local(reg) => {
                        self.check_local(reg);
                        let mut left = reg;
                        if self.u.walrus.contains(&reg) && !is_simple(&x.value) {
                            left = self.temp();
                            self.op(Op::Copy, 0, left, reg, 0);
                        }
                        self.in_place(x, left, reg)?;
                        self.bound(reg);
                    }
                    _ => {
                        let value = self.load_mangled(&name, None);
                        self.in_place(x, value, value)?;
                        self.at(n.range);
                        self.store_mangled(&name, value);
                    }
                }
            }
            Expr::Attribute(a) => {
                self.check_forbidden(&a.attr, a.range, true)?;
                let object = self.operand(&a.value, &[&x.value])?;
                let value = self.temp();
                self.at_attribute(a.range, a);
                let name = self.mangle(&a.attr);
                let source = self.keep(object);
                let site = self.name_site(&name);
                self.op(Op::LoadAttr, 0, value, source, site);
                self.release(u32::from(value) + 1);
                self.in_place(x, value, value)?;
                self.at_attribute(a.range, a);
                let site = self.name_site(&name);
                self.op(Op::StoreAttr, 0, object, value, site);
            }
            Expr::Subscript(s) => {
                let object = self.operand(&s.value, &[&s.slice, &x.value])?;
                let index = match &*s.slice {
                    Expr::Slice(_) => {
                        let index = self.temp();
                        self.expr(&s.slice, Some(index))?;
                        index
                    }
                    e => self.operand(e, &[&x.value])?,
                };
                let value = self.temp();
                self.at(s.range);
                let source = self.keep(object);
                let at = self.keep(index);
                self.op(Op::GetItem, 0, value, source, at);
                self.release(u32::from(value) + 1);
                self.in_place(x, value, value)?;
                self.at(s.range);
                self.op(Op::SetItem, 0, object, index, value);
            }
            target => return self.error(target.range(), "illegal expression for augmented assignment"),
        }
        self.release(mark);
        Ok(())
    }

    /// A copy of `reg` that an instruction may take, if it is a temporary that is needed again.
    pub(super) fn keep(&mut self, reg: Reg) -> Reg {
        if !self.u.is_temp(reg) {
            return reg;
        }
        let copy = self.temp();
        self.op(Op::Copy, 0, copy, reg, 0);
        copy
    }
}

/// The values of a display that has one plain value for each plain target.
fn parallel<'a>(targets: &[Expr], value: &'a Expr) -> Option<&'a [Expr]> {
    let values = match value {
        Expr::Tuple(t) => &t.elts,
        Expr::List(t) => &t.elts,
        _ => return None,
    };
    let plain = values.len() == targets.len()
        && (1..=8).contains(&values.len())
        && !targets.iter().any(Expr::is_starred_expr)
        && !values.iter().any(Expr::is_starred_expr);
    plain.then_some(values)
}
