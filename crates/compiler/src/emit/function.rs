//! Functions, lambdas, decorators, closures.

use super::unit::Reg;
use super::{Emitter, Result};
use crate::fold;
use crate::symtable::{Role, docstring};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange, TextSize};
use serpens_bytecode::constant::Const;
use serpens_bytecode::{Code, CodeFlags, Op};
use std::sync::Arc;

/// The parts of `MakeFunction` that lie in its window.
pub(super) mod part {
    pub const DEFAULTS: u8 = 1;
    pub const KWDEFAULTS: u8 = 2;
    pub const ANNOTATE: u8 = 4;
    pub const CLOSURE: u8 = 8;
    pub const TYPE_PARAMS: u8 = 16;
}

impl<'a> Emitter<'a> {
    /// Line of the first decorator or the definition itself.
    pub(super) fn first_line(&self, decorators: &[Decorator], range: impl Ranged, name: &Identifier) -> u32 {
        match decorators.first() {
            Some(d) => self.source.line_col(d.expression.start()).0,
            // With decorators ruff's range begins at the first `@`; without, at `def` or `class`.
            None => self.source.line_col(range.start()).0.min(self.source.line_col(name.start()).0),
        }
    }

    /// Evaluates the decorators into consecutive temporaries.
    pub(super) fn decorators(&mut self, decorators: &'a [Decorator]) -> Result<Vec<Reg>> {
        decorators.iter().map(|d| self.expr_temp(&d.expression)).collect()
    }

    /// Calls the decorators, last first, on the object in the temporary behind them; returns the result's register.
    pub(super) fn apply_decorators(&mut self, decorators: &'a [Decorator], regs: &[Reg], object: Reg) -> Reg {
        let mut result = object;
        for (d, reg) in decorators.iter().zip(regs).rev() {
            self.at(&d.expression);
            let site = self.u.site(0);
            self.op(Op::Call, 0, *reg, 1, site);
            result = *reg;
        }
        result
    }

    pub(super) fn function_def(&mut self, f: &'a StmtFunctionDef) -> Result {
        let mark = self.mark();
        let decorators = self.decorators(&f.decorator_list)?;
        let line = self.first_line(&f.decorator_list, f.range, &f.name);
        let function = match &f.type_params {
            Some(params) => self.generic_function(f, params, line)?,
            None => {
                let dst = self.temp();
                let window = self.mark() as Reg;
                let mut parts = self.default_values(&f.parameters)?;
                parts |= self.function_annotations(f)?;
                self.finish_function(f, line, parts, window, dst)?;
                dst
            }
        };
        let result = self.apply_decorators(&f.decorator_list, &decorators, function);
        self.at_definition(f.range, &f.decorator_list, &f.name);
        self.store_name(&f.name, result, f.name.range)?;
        self.release(mark);
        Ok(())
    }

    /// The range of a definition without its decorators.
    pub(super) fn definition_range(&self, range: TextRange, decorators: &[Decorator], name: &Identifier) -> TextRange {
        if decorators.is_empty() || !self.source.has_text() {
            return range;
        }
        let line = self.source.line_col(name.start()).0;
        let text = self.source.line_text(line);
        let indent = (text.len() - text.trim_start().len()) as u32;
        let start = self.source.line_start(line) + TextSize::new(indent);
        TextRange::new(start.min(range.end()), range.end())
    }

    /// Instructions of a definition belong to its `def` or `class` line.
    pub(super) fn at_definition(&mut self, range: TextRange, decorators: &[Decorator], name: &Identifier) {
        let range = self.definition_range(range, decorators, name);
        self.at(range);
    }

    /// The function's body and `MakeFunction`; the parts before the closure are already in the window.
    pub(super) fn finish_function(
        &mut self,
        f: &'a StmtFunctionDef,
        line: u32,
        parts: u8,
        window: Reg,
        dst: Reg,
    ) -> Result {
        let code = self.function_body(f, line)?;
        self.at_definition(f.range, &f.decorator_list, &f.name);
        self.make_function(&code, parts, window, dst);
        Ok(())
    }

    fn function_body(&mut self, f: &'a StmtFunctionDef, line: u32) -> Result<Arc<Code>> {
        let id = self.scope_id(f, Role::Body, f.range)?;
        let mangled = self.mangle(&f.name);
        let qualname = self.qualname(&f.name, Some(&mangled));
        self.enter_unit(id, &f.name, qualname, line);
        self.argument_counts(&f.parameters);
        self.check_parameters(&f.parameters)?;
        let mut body = &f.body[..];
        if let Some(doc) = docstring(body) {
            body = &body[1..];
            if self.options.optimize < 2 {
                let value = self.docstring_const(doc)?;
                self.const_idx(value);
                self.u.flags |= CodeFlags::HAS_DOCSTRING;
            }
        }
        self.begin_unit();
        self.body(body)?;
        self.ret_none();
        self.exit_unit()
    }

    /// `__debug__` is no parameter name.
    fn check_parameters(&mut self, p: &'a Parameters) -> Result {
        for p in p.iter() {
            self.check_forbidden(p.name(), p.name().range, true)?;
        }
        Ok(())
    }

    pub(super) fn argument_counts(&mut self, p: &Parameters) {
        self.u.n_posonly = p.posonlyargs.len() as u16;
        self.u.n_args = (p.posonlyargs.len() + p.args.len()) as u16;
        self.u.n_kwonly = p.kwonlyargs.len() as u16;
    }

    /// Evaluates default values into the window: a tuple and a dict.
    pub(super) fn default_values(&mut self, p: &'a Parameters) -> Result<u8> {
        let mut parts = 0;
        let defaults: Vec<&'a Expr> =
            p.posonlyargs.iter().chain(&p.args).filter_map(|p| p.default.as_deref()).collect();
        if !defaults.is_empty() {
            let dst = self.temp();
            let folded: Option<Vec<Const>> = defaults.iter().map(|e| fold::fold(e, self.source)).collect();
            match folded {
                Some(values) => {
                    self.load_const(Const::Tuple(values.into()), Some(dst));
                }
                None => {
                    let mark = self.mark();
                    for e in &defaults {
                        self.expr_temp(e)?;
                    }
                    self.op(Op::BuildTuple, 0, dst, mark as Reg, defaults.len() as u16);
                    self.release(mark);
                }
            }
            parts |= part::DEFAULTS;
        }
        if p.kwonlyargs.iter().any(|p| p.default.is_some()) {
            let dst = self.temp();
            let mark = self.mark();
            let mut n = 0;
            for p in &p.kwonlyargs {
                if let Some(e) = &p.default {
                    let name = self.mangle(&p.parameter.name);
                    self.load_str(&name, None);
                    self.expr_temp(e)?;
                    n += 1;
                }
            }
            self.op(Op::BuildMap, 0, dst, mark as Reg, n);
            self.release(mark);
            parts |= part::KWDEFAULTS;
        }
        Ok(parts)
    }

    /// `MakeFunction`, with the cells that `code` needs added to the window behind `parts`.
    pub(super) fn make_function(&mut self, code: &Arc<Code>, mut parts: u8, window: Reg, dst: Reg) {
        if !code.freevars.is_empty() {
            let type_params = parts & part::TYPE_PARAMS != 0;
            let closure = self.temp();
            if type_params {
                // The closure goes before the type parameters.
                self.op(Op::Move, 0, closure, closure - 1, 0);
            }
            let at = if type_params { closure - 1 } else { closure };
            let mark = self.mark();
            for name in code.freevars.iter() {
                let cell = self.temp();
                self.load_closure_cell(name, cell);
            }
            self.op(Op::BuildTuple, 0, at, mark as Reg, code.freevars.len() as u16);
            self.release(mark);
            parts |= part::CLOSURE;
        }
        let i = self.const_idx(Const::Code(code.clone()));
        self.op(Op::MakeFunction, parts, dst, i, window);
    }

    /// The function of a nested code object without defaults or annotations.
    pub(super) fn closure(&mut self, code: &Arc<Code>, dst: Option<Reg>) -> Reg {
        let dst = self.dst(dst);
        let mark = self.mark();
        self.make_function(code, 0, mark as Reg, dst);
        self.release(mark);
        dst
    }

    pub(super) fn lambda(&mut self, x: &'a ExprLambda, dst: Option<Reg>) -> Result<Reg> {
        let dst = self.dst(dst);
        let mark = self.mark();
        let window = mark as Reg;
        let parts = match &x.parameters {
            Some(p) => self.default_values(p)?,
            None => 0,
        };
        let id = self.scope_id(x, Role::Body, x.range)?;
        let qualname = self.qualname("<lambda>", None);
        let line = self.source.line_col(x.start()).0;
        self.enter_unit(id, "<lambda>", qualname, line);
        if let Some(p) = &x.parameters {
            self.argument_counts(p);
            self.check_parameters(p)?;
        }
        self.begin_unit();
        self.at(&*x.body);
        let value = self.expr(&x.body, None)?;
        self.at(&*x.body);
        self.ret(value);
        let code = self.exit_unit()?;
        self.at(x.range);
        self.make_function(&code, parts, window, dst);
        self.release(mark);
        Ok(dst)
    }
}
