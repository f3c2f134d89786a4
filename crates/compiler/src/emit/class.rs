//! Class statements and their bodies.

use super::unit::Reg;
use super::{Emitter, Result};
use crate::symtable::{Role, docstring};
use ruff_python_ast::*;
use serpens_bytecode::constant::Const;
use serpens_bytecode::{Code, Op};
use std::sync::Arc;

impl<'a> Emitter<'a> {
    pub(super) fn class_def(&mut self, c: &'a StmtClassDef) -> Result {
        let mark = self.mark();
        let decorators = self.decorators(&c.decorator_list)?;
        let line = self.first_line(&c.decorator_list, c.range, &c.name);
        let class = match &c.type_params {
            Some(params) => self.generic_class(c, params, line)?,
            None => self.build_class(c, line, None)?,
        };
        let result = self.apply_decorators(&c.decorator_list, &decorators, class);
        self.at_definition(c.range, &c.decorator_list, &c.name);
        self.store_name(&c.name, result, c.name.range)?;
        self.release(mark);
        Ok(())
    }

    /// Calls `__build_class__`; the class is in a new temporary.
    pub(super) fn build_class(&mut self, c: &'a StmtClassDef, line: u32, generic: Option<Reg>) -> Result<Reg> {
        let function = self.temp();
        self.at_definition(c.range, &c.decorator_list, &c.name);
        self.op(Op::LoadBuildClass, 0, function, 0, 0);
        let body = self.temp();
        let code = self.class_body(c, line)?;
        self.at_definition(c.range, &c.decorator_list, &c.name);
        self.closure(&code, Some(body));
        self.load_str(&c.name, None);
        match &c.arguments {
            Some(arguments) => {
                let range = self.definition_range(c.range, &c.decorator_list, &c.name);
                self.finish_call(function, 2, arguments, generic, range, None)?;
            }
            None => {
                let mut n = 2;
                if let Some(generic) = generic {
                    let arg = self.temp();
                    self.op(Op::Copy, 0, arg, generic, 0);
                    n += 1;
                }
                let site = self.u.site(0);
                self.op(Op::Call, 0, function, n, site);
            }
        }
        self.release(u32::from(function) + 1);
        Ok(function)
    }

    fn class_body(&mut self, c: &'a StmtClassDef, line: u32) -> Result<Arc<Code>> {
        let id = self.scope_id(c, Role::Body, c.range)?;
        let mangled = self.mangle(&c.name);
        let qualname = self.qualname(&c.name, Some(&mangled));
        self.enter_unit(id, &c.name, qualname.clone(), line);
        self.begin_unit();
        let base = self.mark();
        let value = self.temp();
        self.load_mangled("__name__", Some(value));
        self.store_mangled("__module__", value);
        self.load_str(&qualname, Some(value));
        self.store_mangled("__qualname__", value);
        self.load_const(Const::Int(i64::from(line)), Some(value));
        self.store_mangled("__firstlineno__", value);
        if c.type_params.is_some() {
            self.load_mangled(".type_params", Some(value));
            self.store_mangled("__type_params__", value);
        }
        let cell = |e: &Self, name: &str| e.u.regs.get(name).copied();
        if let Some(cell) = cell(self, "__classdict__") {
            self.op(Op::LoadLocals, 0, value, 0, 0);
            self.op(Op::StoreCell, 0, cell, value, 0);
        }
        if let Some(cell) = cell(self, "__conditional_annotations__") {
            self.op(Op::BuildSet, 0, value, value, 0);
            self.op(Op::StoreCell, 0, cell, value, 0);
        }
        self.release(base);
        self.annotations_setup(&c.body)?;
        let mut body = &c.body[..];
        if let Some(doc) = docstring(body) {
            body = &body[1..];
            if self.options.optimize < 2 {
                self.at(doc.range);
                let doc = self.docstring_const(doc)?;
                let value = self.load_const(doc, None);
                self.store_mangled("__doc__", value);
                self.release(base);
            }
        }
        self.body(body)?;
        let first = serpens_bytecode::Location { line, end_line: line, col: 0, end_col: 0 };
        self.u.asm.loc = first;
        self.deferred_annotations("__annotate_func__")?;
        self.u.asm.loc = first;
        let attributes: Vec<Const> = self.u.static_attributes.iter().map(|n| Const::str(n)).collect();
        let value = self.load_const(Const::Tuple(attributes.into()), None);
        self.store_mangled("__static_attributes__", value);
        if let Some(cell) = self.u.regs.get("__classdict__").copied() {
            self.op(Op::Copy, 0, value, cell, 0);
            self.store_mangled("__classdictcell__", value);
        }
        if let Some(cell) = self.u.regs.get("__class__").copied() {
            self.op(Op::Copy, 0, value, cell, 0);
            self.store_mangled("__classcell__", value);
            self.op(Op::Copy, 0, value, cell, 0);
        } else {
            self.load_const(Const::None, Some(value));
        }
        self.ret(value);
        self.exit_unit()
    }
}
