//! `import` and `from ... import`.

use super::{Emitter, Result};
use crate::symtable::ScopeKind;
use ruff_python_ast::*;
use serpens_bytecode::Op;
use serpens_bytecode::constant::Const;

impl<'a> Emitter<'a> {
    /// r[dst] = import of `name`.
    fn import_name(&mut self, name: &str, from: Const, level: u32, dst: u16) {
        let mark = self.mark();
        let window = self.u.temps(2);
        self.load_const(from, Some(window));
        self.load_const(Const::Int(i64::from(level)), Some(window + 1));
        let name = self.name_idx(name);
        self.op(Op::ImportName, 0, dst, name, window);
        self.release(mark);
    }

    pub(super) fn import(&mut self, x: &'a StmtImport) -> Result {
        for alias in &x.names {
            let mark = self.mark();
            self.at(x.range);
            let module = self.temp();
            self.import_name(&alias.name, Const::None, 0, module);
            match &alias.asname {
                Some(asname) => {
                    // `import a.b.c as d` binds c.
                    for part in alias.name.split('.').skip(1) {
                        let next = self.temp();
                        let part = self.name_idx(part);
                        self.op(Op::ImportFrom, 0, next, module, part);
                        self.op(Op::Move, 0, module, next, 0);
                        self.release(u32::from(next));
                    }
                    self.store_name(asname, module, alias.range)?;
                }
                None => {
                    let first = alias.name.split('.').next().unwrap_or_default();
                    self.store_name(first, module, alias.range)?;
                }
            }
            self.release(mark);
        }
        Ok(())
    }

    pub(super) fn import_from(&mut self, x: &'a StmtImportFrom) -> Result {
        let name = x.module.as_ref().map_or("", |m| m.as_str());
        if x.level == 0 && name == "__future__" && !crate::future::is_at_head(self.module, x) {
            return self.error(x, "from __future__ imports must occur at the beginning of the file");
        }
        let mark = self.mark();
        let module = self.temp();
        let names: Vec<Const> = x.names.iter().map(|a| Const::str(&a.name)).collect();
        self.at(x.range);
        self.import_name(name, Const::Tuple(names.into()), x.level, module);
        if x.names.len() == 1 && x.names[0].name.as_str() == "*" {
            if self.u.kind != ScopeKind::Module {
                return self.error(x, "import * only allowed at module level");
            }
            self.op(Op::ImportStar, 0, module, 0, 0);
            self.release(mark);
            return Ok(());
        }
        for alias in &x.names {
            let value = self.temp();
            let i = self.name_idx(&alias.name);
            self.op(Op::ImportFrom, 0, value, module, i);
            let target = alias.asname.as_ref().unwrap_or(&alias.name);
            self.store_name(target, value, alias.range)?;
            self.release(u32::from(value));
        }
        self.op(Op::Clear, 0, module, 0, 0);
        self.release(mark);
        Ok(())
    }
}
