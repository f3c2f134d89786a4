//! Type parameters of functions, classes and aliases (PEP 695, PEP 696), and the `type` statement.

use super::function::part;
use super::unit::Reg;
use super::{Emitter, Result};
use crate::symtable::{Role, ScopeId};
use ruff_python_ast::*;
use ruff_text_size::Ranged;
use serpens_bytecode::Op;
use serpens_bytecode::constant::Const;

mod helper {
    pub const TYPE_VAR: u8 = 1;
    pub const PARAM_SPEC: u8 = 2;
    pub const TYPE_VAR_TUPLE: u8 = 3;
    pub const GENERIC: u8 = 4;
    pub const ALIAS: u8 = 5;
    pub const WITH_BOUND: u8 = 0;
    pub const WITH_CONSTRAINTS: u8 = 1;
    pub const SET_DEFAULT: u8 = 3;
}

impl<'a> Emitter<'a> {
    /// The function that evaluates `e` lazily, in `dst`.
    fn lazy_value(&mut self, id: ScopeId, name: &str, e: &'a Expr, dst: Reg) -> Result {
        let line = self.source.line_col(e.start()).0;
        self.enter_lazy(id, name, line, Some(e.range()));
        self.at(e);
        let value = self.starred_or_plain(e, None)?;
        self.at(e);
        self.ret(value);
        let code = self.exit_unit()?;
        self.at(e);
        let mark = self.mark();
        // The format is optional: VALUE.
        let window = self.temp();
        self.load_const(Const::Tuple([Const::Int(1)].into()), Some(window));
        self.make_function(&code, part::DEFAULTS, window, dst);
        self.release(mark);
        Ok(())
    }

    /// The tuple of type parameters, in a new temporary. Each is bound to its name on the way.
    fn type_param_tuple(&mut self, params: &'a TypeParams) -> Result<Reg> {
        let tuple = self.temp();
        let window = self.mark() as Reg;
        for p in &params.type_params {
            self.type_param(p)?;
        }
        self.at(params.range);
        self.op(Op::BuildTuple, 0, tuple, window, params.type_params.len() as u16);
        self.release(u32::from(tuple) + 1);
        Ok(tuple)
    }

    fn type_param(&mut self, p: &'a TypeParam) -> Result {
        let range = p.range();
        let value = self.temp();
        let mark = self.mark();
        self.at(range);
        let (name, default) = match p {
            TypeParam::TypeVar(t) => {
                match &t.bound {
                    None => {
                        let name = self.load_str(&t.name, None);
                        self.op(Op::Intrinsic1, helper::TYPE_VAR, value, name, 0);
                    }
                    Some(bound) => {
                        let window = self.u.temps(2);
                        self.load_str(&t.name, Some(window));
                        let id = self.scope_id(p, Role::Bound, range)?;
                        self.lazy_value(id, &t.name, bound, window + 1)?;
                        self.at(range);
                        let which = if bound.is_tuple_expr() { helper::WITH_CONSTRAINTS } else { helper::WITH_BOUND };
                        self.op(Op::Intrinsic2, which, value, window, 0);
                    }
                }
                (&t.name, &t.default)
            }
            TypeParam::TypeVarTuple(t) => {
                let name = self.load_str(&t.name, None);
                self.op(Op::Intrinsic1, helper::TYPE_VAR_TUPLE, value, name, 0);
                (&t.name, &t.default)
            }
            TypeParam::ParamSpec(t) => {
                let name = self.load_str(&t.name, None);
                self.op(Op::Intrinsic1, helper::PARAM_SPEC, value, name, 0);
                (&t.name, &t.default)
            }
        };
        self.release(mark);
        if let Some(default) = default {
            let window = self.u.temps(2);
            self.op(Op::Move, 0, window, value, 0);
            let id = self.scope_id(p, Role::Default, range)?;
            self.lazy_value(id, name, default, window + 1)?;
            self.at(range);
            self.op(Op::Intrinsic2, helper::SET_DEFAULT, value, window, 0);
            self.release(mark);
        }
        let copy = self.temp();
        self.op(Op::Copy, 0, copy, value, 0);
        self.store_name(name, copy, name.range)?;
        self.release(mark);
        Ok(())
    }

    /// Begins the scope of type parameters.
    fn enter_type_params(&mut self, params: &'a TypeParams, name: &str, line: u32) -> Result {
        let id = self.scope_id(params, Role::TypeParams, params.range)?;
        let title = format!("<generic parameters of {name}>");
        let qualname = self.qualname(&title, None);
        self.enter_unit(id, &title, qualname, line);
        Ok(())
    }

    /// A function with type parameters, in a new temporary.
    pub(super) fn generic_function(
        &mut self,
        f: &'a StmtFunctionDef,
        params: &'a TypeParams,
        line: u32,
    ) -> Result<Reg> {
        let callee = self.temp();
        let parts = self.default_values(&f.parameters)?;
        let n = parts.count_ones() as u16;
        self.enter_type_params(params, &f.name, line)?;
        self.u.n_args = n;
        self.begin_unit();
        let type_params = self.type_param_tuple(params)?;
        let window = self.mark() as Reg;
        for i in 0..n {
            let dst = self.temp();
            self.op(Op::Copy, 0, dst, i, 0);
        }
        let parts = parts | self.function_annotations(f)? | part::TYPE_PARAMS;
        let last = self.temp();
        self.op(Op::Move, 0, last, type_params, 0);
        self.finish_function(f, line, parts, window, type_params)?;
        self.ret(type_params);
        let code = self.exit_unit()?;
        self.at_definition(f.range, &f.decorator_list, &f.name);
        self.closure(&code, Some(callee));
        let site = self.u.site(0);
        self.op(Op::Call, 0, callee, n, site);
        self.release(u32::from(callee) + 1);
        Ok(callee)
    }

    /// A class with type parameters, in a new temporary.
    pub(super) fn generic_class(&mut self, c: &'a StmtClassDef, params: &'a TypeParams, line: u32) -> Result<Reg> {
        let callee = self.temp();
        self.enter_type_params(params, &c.name, line)?;
        self.begin_unit();
        let tuple = self.type_param_tuple(params)?;
        self.store_mangled(".type_params", tuple);
        self.release(u32::from(tuple));
        let mark = self.mark();
        let params_value = self.load_mangled(".type_params", None);
        let generic = self.temp();
        self.op(Op::Intrinsic1, helper::GENERIC, generic, params_value, 0);
        self.store_mangled(".generic_base", generic);
        self.release(mark);
        let base = self.load_mangled(".generic_base", None);
        let class = self.build_class(c, line, Some(base))?;
        self.ret(class);
        let code = self.exit_unit()?;
        self.at_definition(c.range, &c.decorator_list, &c.name);
        self.closure(&code, Some(callee));
        let site = self.u.site(0);
        self.op(Op::Call, 0, callee, 0, site);
        self.release(u32::from(callee) + 1);
        Ok(callee)
    }

    pub(super) fn type_alias(&mut self, x: &'a StmtTypeAlias) -> Result {
        let Expr::Name(name) = &*x.name else { return self.error(x, "invalid syntax") };
        let mark = self.mark();
        let alias = self.temp();
        let line = self.source.line_col(x.range.start()).0;
        match &x.type_params {
            None => {
                self.at(x.range);
                self.make_alias(x, &name.id, None, alias)?;
            }
            Some(params) => {
                self.enter_type_params(params, &name.id, line)?;
                self.begin_unit();
                let tuple = self.type_param_tuple(params)?;
                let result = self.temp();
                self.make_alias(x, &name.id, Some(tuple), result)?;
                self.ret(result);
                let code = self.exit_unit()?;
                self.at(x.range);
                self.closure(&code, Some(alias));
                let site = self.u.site(0);
                self.op(Op::Call, 0, alias, 0, site);
            }
        }
        self.at(x.range);
        self.store_name(&name.id, alias, name.range)?;
        self.release(mark);
        Ok(())
    }

    /// r[dst] = the alias: from a tuple of its name, its type parameters and the function of its value.
    fn make_alias(&mut self, x: &'a StmtTypeAlias, name: &str, params: Option<Reg>, dst: Reg) -> Result {
        let mark = self.mark();
        let window = self.u.temps(3);
        self.load_str(name, Some(window));
        match params {
            Some(tuple) => self.op(Op::Move, 0, window + 1, tuple, 0),
            None => {
                self.load_const(Const::None, Some(window + 1));
            }
        }
        let id = self.scope_id(x, Role::Body, x.range)?;
        self.lazy_value(id, name, &x.value, window + 2)?;
        self.at(x.range);
        self.op(Op::BuildTuple, 0, window, window, 3);
        self.op(Op::Intrinsic1, helper::ALIAS, dst, window, 0);
        self.release(mark);
        Ok(())
    }
}
