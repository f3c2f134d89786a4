//! Calls: plain, of methods, with keywords, with unpacking, and `super()`.

use super::names::Place;
use super::unit::Reg;
use super::{Emitter, Result};
use crate::symtable::{Res, ScopeKind};
use ruff_python_ast::*;
use ruff_text_size::{Ranged, TextRange};
use serpens_bytecode::Op;
use serpens_bytecode::constant::Const;

/// More arguments than this go through a tuple.
const MAX_ARGS: usize = 255;

fn has_unpacking(arguments: &Arguments) -> bool {
    arguments.args.iter().any(Expr::is_starred_expr)
        || arguments.keywords.iter().any(|k| k.arg.is_none())
        || arguments.args.len() + arguments.keywords.len() > MAX_ARGS
}

impl<'a> Emitter<'a> {
    pub(super) fn call(&mut self, x: &'a ExprCall, dst: Option<Reg>) -> Result<Reg> {
        self.check_call(x)?;
        let mark = self.mark();
        // With the result wanted in the next temporary the window can begin right there.
        let base = match dst {
            Some(dst) if self.u.is_temp(dst) && u32::from(dst) + 1 == mark => dst,
            _ => self.temp(),
        };
        let range = x.range();
        if let Expr::Attribute(method) = &*x.func
            && !has_unpacking(&x.arguments)
        {
            let receiver = self.temp();
            if self.super_method(method, base)?.is_none() {
                let object = self.expr(&method.value, None)?;
                self.at_attribute(method.range, method);
                let name = self.mangle(&method.attr);
                let site = self.name_site(&name);
                self.op(Op::LoadMethod, 0, base, object, site);
            }
            self.release(u32::from(receiver) + 1);
            self.finish_call(base, 0, &x.arguments, None, range, Some(method))?;
            return Ok(self.call_result(base, mark, dst));
        }
        self.expr(&x.func, Some(base))?;
        self.finish_call(base, 0, &x.arguments, None, range, None)?;
        Ok(self.call_result(base, mark, dst))
    }

    fn call_result(&mut self, base: Reg, mark: u32, dst: Option<Reg>) -> Reg {
        if dst == Some(base) {
            self.release(mark);
            return base;
        }
        self.finish(base, mark, dst)
    }

    /// An attribute on a later line than where its range begins stands for the whole in tracebacks.
    pub(super) fn at_attribute(&mut self, range: TextRange, attribute: &ExprAttribute) {
        self.at(range);
        let name = self.source.location(attribute.attr.range);
        let loc = &mut self.u.asm.loc;
        if loc.line != name.end_line {
            loc.line = name.end_line;
            loc.col = name.col;
            loc.end_col = name.end_col;
        }
    }

    /// Evaluates the arguments behind the callable at `base` and calls it. `given` arguments (not counting a receiver)
    /// are already in the window; `extra` is appended to the positional ones. The result is in `base`.
    pub(super) fn finish_call(
        &mut self,
        base: Reg,
        given: usize,
        arguments: &'a Arguments,
        extra: Option<Reg>,
        range: TextRange,
        method: Option<&ExprAttribute>,
    ) -> Result {
        if has_unpacking(arguments) {
            return self.unpacking_call(base, given, arguments, extra, range);
        }
        if let [Expr::Generator(ExprGenerator { parenthesized: false, .. })] = &*arguments.args {
            self.call_parentheses = Some(arguments.range);
        }
        for e in &arguments.args {
            self.expr_temp(e)?;
        }
        let mut n = given + arguments.args.len();
        if let Some(extra) = extra {
            let arg = self.temp();
            self.op(Op::Copy, 0, arg, extra, 0);
            n += 1;
        }
        if arguments.keywords.is_empty() {
            self.at_call(range, method);
            let site = self.u.site(0);
            self.op(if method.is_some() { Op::CallMethod } else { Op::Call }, 0, base, n as u16, site);
            return Ok(());
        }
        self.check_keywords(&arguments.keywords)?;
        let mut names = Vec::new();
        for k in &arguments.keywords {
            self.expr_temp(&k.value)?;
            if let Some(name) = &k.arg {
                names.push(Const::str(name));
            }
        }
        n += names.len();
        self.at_call(range, method);
        let names = self.const_idx(Const::Tuple(names.into()));
        self.op(Op::CallKw, u8::from(method.is_some()), base, n as u16, names);
        Ok(())
    }

    fn at_call(&mut self, range: TextRange, method: Option<&ExprAttribute>) {
        match method {
            Some(method) => self.at_attribute(range, method),
            None => self.at(range),
        }
    }

    fn check_keywords(&self, keywords: &[Keyword]) -> Result {
        for (i, k) in keywords.iter().enumerate() {
            let Some(name) = &k.arg else { continue };
            self.check_forbidden(name, k.range, true)?;
            if keywords[..i].iter().any(|o| o.arg.as_ref().is_some_and(|o| o.as_str() == name.as_str())) {
                return self.error(k.range, format!("keyword argument repeated: {name}"));
            }
        }
        Ok(())
    }

    /// `f(*a, **b)`: a tuple of positional arguments and perhaps a dict of the others.
    fn unpacking_call(
        &mut self,
        base: Reg,
        given: usize,
        arguments: &'a Arguments,
        extra: Option<Reg>,
        range: TextRange,
    ) -> Result {
        self.check_keywords(&arguments.keywords)?;
        let positional = base + 1;
        self.at(range);
        if given == 0 && extra.is_none() && arguments.args.len() == 1 && arguments.args[0].is_starred_expr() {
            // f(*a): the callee's machinery turns any iterable into a tuple.
            if let Expr::Starred(s) = &arguments.args[0] {
                let dst = self.temp();
                self.expr(&s.value, Some(dst))?;
            }
        } else {
            if given == 0 {
                self.temp();
            }
            self.op(Op::BuildList, 0, positional, positional, given as u16);
            self.release(u32::from(positional) + 1);
            let mark = self.mark();
            for e in &arguments.args {
                let (e, op) = match e {
                    Expr::Starred(s) => (&*s.value, Op::ListExtend),
                    e => (e, Op::ListAppend),
                };
                let value = self.expr(e, None)?;
                self.at(range);
                self.op(op, 0, positional, value, 0);
                self.release(mark);
            }
            if let Some(extra) = extra {
                let arg = self.temp();
                self.op(Op::Copy, 0, arg, extra, 0);
                self.op(Op::ListAppend, 0, positional, arg, 0);
                self.release(mark);
            }
            self.at(range);
            self.op(Op::ListToTuple, 0, positional, positional, 0);
        }
        let keywords = !arguments.keywords.is_empty();
        if keywords {
            let dict = self.temp();
            self.keyword_dict(&arguments.keywords, dict, base, range)?;
        }
        self.at(range);
        self.op(Op::CallEx, u8::from(keywords), base, 0, 0);
        Ok(())
    }

    /// The dict of keyword arguments, runs of plain ones at once.
    fn keyword_dict(&mut self, keywords: &'a [Keyword], dict: Reg, callee: Reg, range: TextRange) -> Result {
        let mark = self.mark();
        let mut i = 0;
        let mut made = false;
        while i < keywords.len() {
            let run = keywords[i..].iter().take_while(|k| k.arg.is_some()).count().min(64);
            if run > 0 || !made {
                let target = if made { self.temp() } else { dict };
                let inner = self.mark();
                for k in &keywords[i..i + run] {
                    if let Some(name) = &k.arg {
                        self.load_str(name, None);
                    }
                    self.expr_temp(&k.value)?;
                }
                self.at(range);
                self.op(Op::BuildMap, 0, target, inner as Reg, run as u16);
                if made {
                    self.op(Op::DictMerge, 0, dict, target, callee);
                }
                made = true;
                self.release(mark);
                i += run;
                if run > 0 {
                    continue;
                }
            }
            let value = self.expr(&keywords[i].value, None)?;
            self.at(range);
            self.op(Op::DictMerge, 0, dict, value, callee);
            self.release(mark);
            i += 1;
        }
        Ok(())
    }

    /// Whether `e` is `super()` or `super(a, b)` in a place where it needs no super object.
    fn super_call(&self, e: &'a Expr) -> Option<&'a ExprCall> {
        let call = e.as_call_expr()?;
        let Expr::Name(name) = &*call.func else { return None };
        if name.id != "super" || !call.arguments.keywords.is_empty() {
            return None;
        }
        if self.place("super") != Place::Global
            || self
                .table
                .scope(crate::symtable::ScopeId(0))
                .get("super")
                .is_some_and(|s| s.flags & crate::symtable::def::BOUND != 0)
        {
            return None;
        }
        let args = &call.arguments.args;
        if args.iter().any(Expr::is_starred_expr) {
            return None;
        }
        match args.len() {
            2 => Some(call),
            0 if self.u.kind == ScopeKind::Function && self.u.n_args > 0 => {
                let res = self.scope().get("__class__").map(|s| s.res);
                (res == Some(Res::Free)).then_some(call)
            }
            _ => None,
        }
    }

    /// The window [super, class, self] of an optimised `super` call.
    fn super_window(&mut self, call: &'a ExprCall) -> Result<Reg> {
        let window = self.u.temps(3);
        self.expr(&call.func, Some(window))?;
        self.at(call.range());
        match &*call.arguments.args {
            [class, object] => {
                self.expr(class, Some(window + 1))?;
                self.expr(object, Some(window + 2))?;
            }
            _ => {
                self.load_mangled("__class__", Some(window + 1));
                // The first parameter, wherever it lives now.
                match self.u.cellvars.iter().find(|c| c.reg == 0) {
                    Some(_) => self.op(Op::LoadCell, 0, window + 2, 0, 0),
                    None => {
                        self.check_local(0);
                        self.op(Op::Copy, 0, window + 2, 0, 0);
                    }
                }
            }
        }
        Ok(window)
    }

    fn load_super(&mut self, x: &'a ExprAttribute, call: &'a ExprCall, method: bool, dst: Reg) -> Result {
        let mark = self.mark();
        let window = self.super_window(call)?;
        self.at_attribute(x.range, x);
        let name = self.mangle(&x.attr);
        let site = self.name_site(&name);
        let two = !call.arguments.args.is_empty();
        self.op(Op::LoadSuperAttr, u8::from(method) | u8::from(two) << 1, dst, window, site);
        self.release(mark);
        Ok(())
    }

    /// `super().name` without a super object.
    pub(super) fn super_attribute(&mut self, x: &'a ExprAttribute, dst: Option<Reg>) -> Result<Option<Reg>> {
        let Some(call) = self.super_call(&x.value) else { return Ok(None) };
        let dst = self.dst(dst);
        self.load_super(x, call, false, dst)?;
        Ok(Some(dst))
    }

    /// `super().name(...)`: function and receiver at `base`.
    fn super_method(&mut self, x: &'a ExprAttribute, base: Reg) -> Result<Option<()>> {
        let Some(call) = self.super_call(&x.value) else { return Ok(None) };
        self.load_super(x, call, true, base)?;
        Ok(Some(()))
    }
}
