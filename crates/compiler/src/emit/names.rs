//! How names are loaded, stored and deleted.

use super::unit::Reg;
use super::{Emitter, Result};
use crate::symtable::{Res, ScopeKind, mangle};
use ruff_python_ast::name::Name;
use ruff_text_size::{Ranged, TextRange};
use serpens_bytecode::Op;

/// Where a name lives, as seen from the current point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Local(Reg),
    Cell(Reg),
    Free(u16),
    Global,
    /// The namespace of a module or class, then globals, then builtins.
    Namespace,
    /// The class namespace, then a free variable.
    NamespaceOrFree(u16),
    /// `__classdict__`, then a free variable.
    ClassDictOrFree(u16),
    /// `__classdict__`, then globals.
    ClassDictOrGlobal,
}

impl<'a> Emitter<'a> {
    /// `name` with the private prefix of the class it stands in.
    pub(super) fn mangle(&self, name: &str) -> Name {
        let private = match self.u.overlay.last() {
            Some(id) => &self.table.scope(*id).private,
            None => &self.scope().private,
        };
        mangle(private.as_ref(), name)
    }

    /// Where a (mangled) name lives.
    pub(super) fn place(&self, name: &str) -> Place {
        let mut in_comprehension = false;
        for (depth, id) in self.u.overlay.iter().enumerate().rev() {
            let res = self.table.scope(*id).get(name).map(|s| s.res);
            match res {
                Some(Res::Local | Res::Cell) => {
                    let reg = self.u.hidden[&(Name::new(name), depth as u32)];
                    return if res == Some(Res::Cell) { Place::Cell(reg) } else { Place::Local(reg) };
                }
                Some(Res::GlobalExplicit | Res::GlobalImplicit) => return Place::Global,
                _ => in_comprehension = true,
            }
        }
        let scope = self.scope();
        let function_like = scope.kind.is_function_like();
        let res = scope.get(name).map_or(Res::GlobalImplicit, |s| s.res);
        if scope.kind == ScopeKind::Class
            && in_comprehension
            && let Some(i) = self.u.frees.get(name)
        {
            return Place::Free(*i);
        }
        match res {
            Res::Local if function_like => Place::Local(self.u.regs[name]),
            Res::Local => Place::Namespace,
            Res::Cell => Place::Cell(self.u.regs[name]),
            Res::Free => {
                let i = self.u.frees[name];
                if scope.kind == ScopeKind::Class {
                    Place::NamespaceOrFree(i)
                } else if scope.sees_class && !name.starts_with("__class") {
                    Place::ClassDictOrFree(i)
                } else {
                    Place::Free(i)
                }
            }
            Res::GlobalExplicit => Place::Global,
            Res::GlobalImplicit | Res::Unresolved if !function_like => Place::Namespace,
            Res::GlobalImplicit | Res::Unresolved if scope.sees_class => Place::ClassDictOrGlobal,
            _ => Place::Global,
        }
    }

    /// Makes sure local `reg` is bound.
    pub(super) fn check_local(&mut self, reg: Reg) {
        if let Some(flow) = &mut self.u.asm.flow
            && !flow.contains(reg)
        {
            flow.insert(reg);
            self.op(Op::CheckLocal, 0, reg, 0, 0);
        }
    }

    /// Notes that local `reg` is bound.
    pub(super) fn bound(&mut self, reg: Reg) {
        if let Some(flow) = &mut self.u.asm.flow {
            flow.insert(reg);
        }
    }

    /// Notes that local `reg` is not bound any more.
    pub(super) fn unbound(&mut self, reg: Reg) {
        if let Some(flow) = &mut self.u.asm.flow {
            flow.remove(reg);
        }
    }

    /// Loads a name as written in the source.
    pub(super) fn load_name(&mut self, name: &str, dst: Option<Reg>) -> Reg {
        let name = self.mangle(name);
        self.load_mangled(&name, dst)
    }

    pub(super) fn load_mangled(&mut self, name: &str, dst: Option<Reg>) -> Reg {
        match self.place(name) {
            Place::Local(reg) => {
                self.check_local(reg);
                match dst {
                    None => reg,
                    Some(dst) if dst == reg => dst,
                    Some(dst) => {
                        self.op(Op::Copy, 0, dst, reg, 0);
                        dst
                    }
                }
            }
            Place::Cell(reg) => {
                let dst = self.dst(dst);
                self.op(Op::LoadCell, 0, dst, reg, 0);
                dst
            }
            Place::Free(i) => {
                let dst = self.dst(dst);
                self.op(Op::LoadFree, 0, dst, i, 0);
                dst
            }
            Place::Global => {
                let dst = self.dst(dst);
                let site = self.name_site(name);
                self.op(Op::LoadGlobal, 0, dst, 0, site);
                dst
            }
            Place::Namespace => {
                let dst = self.dst(dst);
                match self.repeated_site(name) {
                    Some(site) => self.op(Op::LoadNameAgain, 0, dst, 0, site),
                    None => {
                        let i = self.name_idx(name);
                        self.op(Op::LoadName, 0, dst, i, 0);
                    }
                }
                dst
            }
            Place::NamespaceOrFree(i) => {
                let dst = self.dst(dst);
                let dict = self.temp();
                self.op(Op::LoadLocals, 0, dict, 0, 0);
                self.op(Op::LoadFromDictOrFree, 0, dst, dict, i);
                self.u.next_temp -= 1;
                dst
            }
            Place::ClassDictOrFree(i) => {
                let dst = self.dst(dst);
                let dict = self.load_classdict();
                self.op(Op::LoadFromDictOrFree, 0, dst, dict, i);
                self.u.next_temp -= 1;
                dst
            }
            Place::ClassDictOrGlobal => {
                let dst = self.dst(dst);
                let dict = self.load_classdict();
                let i = self.name_idx(name);
                self.op(Op::LoadFromDictOrGlobal, 0, dst, dict, i);
                self.u.next_temp -= 1;
                dst
            }
        }
    }

    fn load_classdict(&mut self) -> Reg {
        let dict = self.temp();
        match self.u.frees.get("__classdict__").copied() {
            Some(i) => self.op(Op::LoadFree, 0, dict, i, 0),
            None => {
                let reg = self.u.regs.get("__classdict__").copied().unwrap_or_default();
                self.op(Op::LoadCell, 0, dict, reg, 0);
            }
        }
        dict
    }

    /// The local register that a store to `name` writes directly.
    pub(super) fn local_target(&self, name: &str) -> Option<Reg> {
        match self.place(&self.mangle(name)) {
            Place::Local(reg) => Some(reg),
            _ => None,
        }
    }

    /// Refuses assignments to `__debug__`.
    pub(super) fn check_forbidden(&self, name: &str, range: impl Ranged, store: bool) -> Result {
        if name == "__debug__" {
            let what = if store { "cannot assign to __debug__" } else { "cannot delete __debug__" };
            return self.error(range, what);
        }
        Ok(())
    }

    /// Stores register `value` (taken if it is a temporary) into a name.
    pub(super) fn store_name(&mut self, name: &str, value: Reg, range: TextRange) -> Result {
        self.check_forbidden(name, range, true)?;
        let name = self.mangle(name);
        self.store_mangled(&name, value);
        Ok(())
    }

    pub(super) fn store_mangled(&mut self, name: &str, value: Reg) {
        match self.place(name) {
            Place::Local(reg) => {
                if reg != value {
                    let op = if self.u.is_temp(value) { Op::Move } else { Op::Copy };
                    self.op(op, 0, reg, value, 0);
                }
                self.bound(reg);
            }
            Place::Cell(reg) => self.op(Op::StoreCell, 0, reg, value, 0),
            Place::Free(i) | Place::NamespaceOrFree(i) | Place::ClassDictOrFree(i) => {
                self.op(Op::StoreFree, 0, value, i, 0);
            }
            Place::Global | Place::ClassDictOrGlobal => {
                let i = self.name_idx(name);
                self.op(Op::StoreGlobal, 0, value, i, 0);
            }
            Place::Namespace => match self.repeated_site(name) {
                Some(site) => self.op(Op::StoreNameAgain, 0, value, 0, site),
                None => {
                    let i = self.name_idx(name);
                    self.op(Op::StoreName, 0, value, i, 0);
                }
            },
        }
    }

    /// `del name`.
    pub(super) fn delete_name(&mut self, name: &str, range: impl Ranged) -> Result {
        self.check_forbidden(name, range, false)?;
        let name = self.mangle(name);
        match self.place(&name) {
            Place::Local(reg) => {
                let bound = self.u.asm.flow.as_ref().is_some_and(|f| f.contains(reg));
                self.op(if bound { Op::Clear } else { Op::DelLocal }, 0, reg, 0, 0);
                self.unbound(reg);
            }
            Place::Cell(reg) => self.op(Op::DelCell, 0, reg, 0, 0),
            Place::Free(i) | Place::NamespaceOrFree(i) | Place::ClassDictOrFree(i) => {
                self.op(Op::DelFree, 0, 0, i, 0);
            }
            Place::Global | Place::ClassDictOrGlobal => {
                let i = self.name_idx(&name);
                self.op(Op::DelGlobal, 0, 0, i, 0);
            }
            Place::Namespace => {
                let i = self.name_idx(&name);
                self.op(Op::DelName, 0, 0, i, 0);
            }
        }
        Ok(())
    }

    /// r[dst] = the cell of `name` that a closure captures.
    pub(super) fn load_closure_cell(&mut self, name: &str, dst: Reg) {
        for (depth, id) in self.u.overlay.iter().enumerate().rev() {
            if self.table.scope(*id).get(name).is_some_and(|s| s.res == Res::Cell) {
                let reg = self.u.hidden[&(Name::new(name), depth as u32)];
                self.op(Op::Copy, 0, dst, reg, 0);
                return;
            }
        }
        if let Some(cell) = self.u.cellvars.iter().find(|c| &*c.name == name) {
            let reg = cell.reg;
            self.op(Op::Copy, 0, dst, reg, 0);
            return;
        }
        let i = self.u.frees.get(name).copied().unwrap_or(u16::MAX);
        self.op(Op::LoadFreeCell, 0, dst, i, 0);
    }
}
