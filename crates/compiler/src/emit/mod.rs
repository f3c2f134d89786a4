//! From the syntax tree to instructions.
//!
//! Reading order: [`unit`] holds what belongs to one code object; [`names`] decides how a name is loaded and stored;
//! [`expr`] and its neighbours emit expressions into registers, [`stmt`] and its neighbours statements.
//!
//! Invariant: an expression's result is in the register that [`Emitter::expr`] returns. It is a local only if nothing
//! evaluated before its use can rebind that local.

mod annotations;
mod assign;
mod calls;
mod checks;
mod class;
mod comprehension;
mod condition;
mod except_star;
mod exceptions;
mod expr;
pub(crate) mod fstring;
mod function;
mod generators;
mod imports;
mod loops;
mod names;
mod pattern;
mod stmt;
mod strings;
mod type_params;
mod unit;
mod with;

use crate::assembler::{Asm, Bits};
use crate::error::{SyntaxError, SyntaxErrorKind, Warning};
use crate::options::{Mode, Options};
use crate::source::Source;
use crate::symtable::{Res, Role, Scope, ScopeId, ScopeKind, SymTable, docstring, node_key};
use hashbrown::HashMap;
use ruff_python_ast::name::Name;
use ruff_python_ast::{Mod, Stmt};
use ruff_text_size::{Ranged, TextRange};
use serpens_bytecode::constant::Const;
use serpens_bytecode::{CellVar, Code, CodeFlags, Location, Op};
use std::collections::BTreeSet;
use std::sync::Arc;
use unit::{Consts, Reg, Unit};

/// With so many cache sites, those that can be spared are.
const MANY_SITES: usize = 0x8000;

pub(crate) type Result<T = ()> = std::result::Result<T, SyntaxError>;

/// Emits the code of a module and everything in it.
pub(crate) struct Emitter<'a> {
    source: &'a Source<'a>,
    table: &'a SymTable,
    module: &'a Mod,
    options: Options,
    mode: Mode,
    u: Box<Unit<'a>>,
    stack: Vec<Unit<'a>>,
    warnings: Vec<Warning>,
    interned: HashMap<Name, Arc<str>>,
    /// The parentheses of a call whose only argument is a generator expression: they are part of it.
    call_parentheses: Option<TextRange>,
}

/// Emits a module.
pub(crate) fn emit<'a>(
    module: &'a Mod,
    source: &'a Source<'a>,
    table: &'a SymTable,
    mode: Mode,
    options: Options,
) -> Result<(Arc<Code>, Vec<Warning>)> {
    let mut interned = HashMap::new();
    let unit = new_unit(table, &mut interned, ScopeId(0), "<module>".into(), "<module>".into(), 1, &options);
    let mut e = Emitter {
        source,
        table,
        module,
        options,
        mode,
        u: Box::new(unit),
        stack: Vec::new(),
        warnings: Vec::new(),
        interned,
        call_parentheses: None,
    };
    e.begin_unit();
    match module {
        Mod::Module(m) => e.module_body(&m.body)?,
        Mod::Expression(x) => {
            e.at(x.range);
            let value = e.expr(&x.body, None)?;
            e.ret(value);
        }
    }
    let code = e.finish_unit()?;
    Ok((code, e.warnings))
}

fn intern(interned: &mut HashMap<Name, Arc<str>>, name: &str) -> Arc<str> {
    if let Some(found) = interned.get(name) {
        return found.clone();
    }
    let made: Arc<str> = name.into();
    interned.insert(Name::new(name), made.clone());
    made
}

fn new_unit<'a>(
    table: &SymTable,
    interned: &mut HashMap<Name, Arc<str>>,
    id: ScopeId,
    name: Arc<str>,
    qualname: Arc<str>,
    first_line: u32,
    options: &Options,
) -> Unit<'a> {
    let scope = table.scope(id);
    let mut u = Unit {
        scope: id,
        kind: scope.kind,
        asm: Asm::new(Bits::default()),
        consts: Consts::default(),
        names: Vec::new(),
        name_index: HashMap::new(),
        sites: Vec::new(),
        regs: HashMap::new(),
        hidden: HashMap::new(),
        local_names: Vec::new(),
        cellvars: Vec::new(),
        frees: HashMap::new(),
        free_names: Vec::new(),
        overlay: Vec::new(),
        n_locals: 0,
        next_temp: 0,
        max_temp: 0,
        blocks: Vec::new(),
        name,
        qualname,
        first_line,
        flags: CodeFlags::empty(),
        n_args: 0,
        n_posonly: 0,
        n_kwonly: 0,
        may_unbind: Bits::default(),
        walrus: BTreeSet::new(),
        deferred: Vec::new(),
        conditional: false,
        static_attributes: BTreeSet::new(),
        too_big: false,
        n_loops: 0,
    };
    if scope.kind.is_function_like() {
        u.flags |= CodeFlags::OPTIMIZED | CodeFlags::NEWLOCALS;
        for name in &scope.varnames {
            add_local(&mut u, interned, name);
        }
        for symbol in &scope.symbols {
            if matches!(symbol.res, Res::Local | Res::Cell) && !u.regs.contains_key(&symbol.name) {
                add_local(&mut u, interned, &symbol.name);
            }
        }
        for name in scope.cells() {
            u.cellvars.push(CellVar { name: intern(interned, &name), reg: u.regs[&name] });
        }
    } else {
        u.flags |= CodeFlags::NAMESPACE;
        u.local_names.push(intern(interned, ".locals"));
        if scope.kind == ScopeKind::Class {
            let cells = [
                ("__class__", scope.needs_class_cell),
                ("__classdict__", scope.needs_classdict),
                ("__conditional_annotations__", scope.has_conditional_annotations),
            ];
            for (name, _) in cells.into_iter().filter(|c| c.1) {
                let reg = add_local(&mut u, interned, &Name::new_static(name));
                u.cellvars.push(CellVar { name: intern(interned, name), reg });
            }
        }
    }
    if scope.nested && scope.kind.is_function_like() {
        u.flags |= CodeFlags::NESTED;
    }
    let in_class = scope.parent.is_some_and(|p| table.scope(p).kind == ScopeKind::Class);
    if in_class && matches!(scope.kind, ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Generator) {
        u.flags |= CodeFlags::METHOD;
    }
    if scope.has_varargs {
        u.flags |= CodeFlags::VARARGS;
    }
    if scope.has_varkeywords {
        u.flags |= CodeFlags::VARKEYWORDS;
    }
    if table.future_annotations || options.future_annotations {
        u.flags |= CodeFlags::FUTURE_ANNOTATIONS;
    }
    for (i, name) in scope.frees().into_iter().enumerate() {
        u.free_names.push(intern(interned, &name));
        u.frees.insert(name, i as u16);
    }
    let mut hidden = Vec::new();
    add_hidden(table, scope, 0, &mut u, interned, &mut hidden);
    u.n_locals = u.local_names.len() as Reg;
    if u.local_names.len() > 0xFF00 {
        u.too_big = true;
    }
    u.next_temp = u32::from(u.n_locals);
    u.max_temp = u.next_temp + 1;
    let mut may_unbind = Bits::new(u.local_names.len());
    let mut bound = Bits::new(u.local_names.len());
    for name in &scope.deleted {
        if let Some(reg) = u.regs.get(name) {
            may_unbind.insert(*reg);
        }
    }
    for reg in hidden {
        may_unbind.insert(reg);
    }
    let certain = if scope.kind.is_function_like() { scope.varnames.len() } else { 1 };
    (0..certain).for_each(|reg| bound.insert(reg as Reg));
    for name in &scope.walrus_targets {
        if let Some(reg) = u.regs.get(name) {
            u.walrus.insert(*reg);
        }
    }
    u.may_unbind = may_unbind;
    u.asm = Asm::new(bound);
    u
}

fn add_local(u: &mut Unit, interned: &mut HashMap<Name, Arc<str>>, name: &Name) -> Reg {
    let reg = u.local_names.len() as Reg;
    u.local_names.push(intern(interned, name));
    u.regs.insert(name.clone(), reg);
    reg
}

/// Registers for the variables of inlined comprehensions: comprehensions at one depth share them by name.
fn add_hidden(
    table: &SymTable,
    scope: &Scope,
    depth: u32,
    u: &mut Unit,
    interned: &mut HashMap<Name, Arc<str>>,
    all: &mut Vec<Reg>,
) {
    for child in &scope.children {
        let child = table.scope(*child);
        if !child.inlined {
            continue;
        }
        for symbol in &child.symbols {
            let key = (symbol.name.clone(), depth);
            if matches!(symbol.res, Res::Local | Res::Cell) && !u.hidden.contains_key(&key) {
                let reg = u.local_names.len() as Reg;
                u.local_names.push(intern(interned, &format!(".{}", symbol.name)));
                u.hidden.insert(key, reg);
                all.push(reg);
            }
        }
        add_hidden(table, child, depth + 1, u, interned, all);
    }
}

impl<'a> Emitter<'a> {
    fn scope(&self) -> &'a Scope {
        self.table.scope(self.u.scope)
    }

    #[cold]
    fn error<T>(&self, range: impl Ranged, message: impl Into<String>) -> Result<T> {
        Err(SyntaxError::syntax(self.source, range.range(), message))
    }

    fn warn(&mut self, range: impl Ranged, message: impl Into<String>) {
        let error = SyntaxError::syntax(self.source, range.range(), message);
        let warning = Warning { message: error.message.clone(), line: error.line, error };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn intern(&mut self, name: &str) -> Arc<str> {
        intern(&mut self.interned, name)
    }

    /// What is emitted from now on belongs to this range.
    fn at(&mut self, range: impl Ranged) {
        self.u.asm.loc = self.source.location(range.range());
    }

    /// What is emitted now belongs to no line.
    fn nowhere(&mut self) {
        self.u.asm.loc = Location::default();
    }

    fn op(&mut self, op: Op, x: u8, a: Reg, b: u16, c: u16) {
        self.u.asm.emit(op, x, a, b, c);
    }

    fn temp(&mut self) -> Reg {
        self.u.temp()
    }

    fn mark(&self) -> u32 {
        self.u.next_temp
    }

    fn release(&mut self, mark: u32) {
        self.u.next_temp = mark;
    }

    fn dst(&mut self, dst: Option<Reg>) -> Reg {
        match dst {
            Some(dst) => dst,
            None => self.temp(),
        }
    }

    fn const_idx(&mut self, value: Const) -> u16 {
        if !self.u.asm.reachable() {
            return 0;
        }
        let i = self.u.consts.add(value);
        if i > 0xFFFF {
            self.u.too_big = true;
        }
        i as u16
    }

    fn load_const(&mut self, value: Const, dst: Option<Reg>) -> Reg {
        let dst = self.dst(dst);
        if value == Const::None {
            self.op(Op::LoadNone, 0, dst, 0, 0);
        } else {
            let i = self.const_idx(value);
            self.op(Op::LoadConst, 0, dst, i, 0);
        }
        dst
    }

    fn load_str(&mut self, text: &str, dst: Option<Reg>) -> Reg {
        self.load_const(Const::str(text), dst)
    }

    fn name_idx(&mut self, name: &str) -> u16 {
        if let Some(i) = self.u.name_index.get(name) {
            return *i;
        }
        let i = self.u.names.len();
        if i > 0xFFFF {
            self.u.too_big = true;
            return 0;
        }
        let interned = self.intern(name);
        self.u.names.push(interned);
        self.u.name_index.insert(Name::new(name), i as u16);
        i as u16
    }

    fn name_site(&mut self, name: &str) -> u16 {
        let name = self.name_idx(name);
        self.u.site(name)
    }

    /// A cache site about `name`, if this code is in a loop, unless sites are running short.
    fn repeated_site(&mut self, name: &str) -> Option<u16> {
        (self.u.n_loops > 0 && self.u.sites.len() < MANY_SITES).then(|| self.name_site(name))
    }

    /// Emits `Return` of a register.
    fn ret(&mut self, value: Reg) {
        let n = self.u.n_locals;
        self.op(Op::Return, 0, value, n, 0);
        self.u.asm.stop();
    }

    fn ret_none(&mut self) {
        if self.u.asm.reachable() {
            let mark = self.mark();
            // It is on the line of whatever came before.
            self.nowhere();
            let none = self.load_const(Const::None, None);
            self.ret(none);
            self.release(mark);
        }
    }

    /// The dotted name of something defined here.
    fn qualname(&self, name: &str, mangled: Option<&str>) -> Arc<str> {
        let mut parent: &Unit = &self.u;
        let mut above = self.stack.len();
        let lazy = |kind| {
            use ScopeKind::*;
            matches!(kind, TypeParams | TypeAlias | TypeVariable | Annotation)
        };
        if lazy(parent.kind) && above > 0 {
            above -= 1;
            parent = &self.stack[above];
        }
        if above == 0 && parent.kind == ScopeKind::Module {
            return name.into();
        }
        if let Some(mangled) = mangled {
            let symbol = self.table.scope(parent.scope).get(mangled);
            if symbol.is_some_and(|s| s.res == Res::GlobalExplicit) {
                return name.into();
            }
        }
        match parent.kind {
            ScopeKind::Function | ScopeKind::Lambda => format!("{}.<locals>.{name}", parent.qualname).into(),
            _ => format!("{}.{name}", parent.qualname).into(),
        }
    }

    /// Begins the code object of a scope.
    fn enter_unit(&mut self, id: ScopeId, name: &str, qualname: Arc<str>, first_line: u32) {
        let interned = self.intern(name);
        let unit = new_unit(self.table, &mut self.interned, id, interned, qualname, first_line, &self.options);
        let outer = std::mem::replace(&mut *self.u, unit);
        self.stack.push(outer);
    }

    /// Emits what every code object starts with.
    fn begin_unit(&mut self) {
        let line = self.u.first_line;
        self.u.asm.loc = Location { line, end_line: line, col: 0, end_col: 0 };
        let scope = self.scope();
        let is_generator = scope.is_generator;
        match self.u.kind {
            ScopeKind::Function | ScopeKind::Lambda => {
                let flag = match (is_generator, scope.is_async_def) {
                    (true, true) => CodeFlags::ASYNC_GENERATOR,
                    (true, false) => CodeFlags::GENERATOR,
                    (false, true) => CodeFlags::COROUTINE,
                    (false, false) => CodeFlags::empty(),
                };
                self.u.flags |= flag;
            }
            ScopeKind::Generator => {
                let is_async = scope.is_coroutine;
                self.u.flags |= if is_async { CodeFlags::ASYNC_GENERATOR } else { CodeFlags::GENERATOR };
            }
            ScopeKind::ListComp | ScopeKind::SetComp | ScopeKind::DictComp if scope.is_coroutine => {
                self.u.flags |= CodeFlags::COROUTINE;
            }
            ScopeKind::Module if scope.is_coroutine && self.options.top_level_await => {
                self.u.flags |= CodeFlags::COROUTINE;
            }
            _ => {}
        }
        let lazy = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
        if self.u.flags.intersects(lazy) {
            self.op(Op::MakeGenerator, 0, 0, 0, 0);
        }
        for i in 0..self.u.cellvars.len() {
            let reg = self.u.cellvars[i].reg;
            self.op(Op::MakeCell, 0, reg, 0, 0);
        }
    }

    /// Ends the current code object and returns to the one around it.
    fn exit_unit(&mut self) -> Result<Arc<Code>> {
        let code = self.finish_unit()?;
        if let Some(outer) = self.stack.pop() {
            *self.u = outer;
        }
        Ok(code)
    }

    fn finish_unit(&mut self) -> Result<Arc<Code>> {
        let u = &mut *self.u;
        if u.too_big {
            let message = "code object is too large: more than 65535 registers, names, constants or sites";
            let range = self.table.scope(u.scope).range;
            return Err(SyntaxError::new(self.source, SyntaxErrorKind::Syntax, range, message));
        }
        let asm = std::mem::replace(&mut u.asm, Asm::new(Bits::default()));
        let assembled = asm.assemble();
        Ok(Arc::new(Code {
            name: u.name.clone(),
            qualname: u.qualname.clone(),
            filename: self.source.filename.clone(),
            first_line: u.first_line,
            flags: u.flags,
            n_args: u.n_args,
            n_posonly: u.n_posonly,
            n_kwonly: u.n_kwonly,
            n_locals: u.n_locals,
            n_regs: u.max_temp as u16,
            local_names: std::mem::take(&mut u.local_names).into(),
            cellvars: std::mem::take(&mut u.cellvars).into(),
            freevars: std::mem::take(&mut u.free_names).into(),
            names: std::mem::take(&mut u.names).into(),
            consts: std::mem::take(&mut u.consts.list).into(),
            instrs: assembled.instrs.into(),
            sites: std::mem::take(&mut u.sites).into(),
            handlers: assembled.handlers.into(),
            locations: assembled.locations,
        }))
    }

    fn scope_of<T>(&self, node: &T, role: Role) -> Option<ScopeId> {
        self.table.scope_of(node, role)
    }

    fn scope_id<T>(&self, node: &T, role: Role, range: TextRange) -> Result<ScopeId> {
        match self.table.scope_of(node, role) {
            Some(id) => Ok(id),
            None => self.error(range, format!("internal error: no scope for node {:#x}", node_key(node))),
        }
    }

    fn module_body(&mut self, body: &'a [Stmt]) -> Result {
        crate::future::check(self.module, self.source)?;
        let mut rest = body;
        self.annotations_setup(body)?;
        if self.mode == Mode::Exec
            && let Some(doc) = docstring(body)
        {
            rest = &body[1..];
            if self.options.optimize < 2 {
                self.at(doc.range);
                let value = self.docstring_const(doc)?;
                let reg = self.load_const(value, None);
                self.store_name("__doc__", reg, doc.range)?;
                self.release(u32::from(self.u.n_locals));
            }
        }
        self.body(rest)?;
        self.ret_none();
        Ok(())
    }
}
