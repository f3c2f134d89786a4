//! What becomes of a function when it is frozen.
//!
//! Its code is shared. Of its globals it keeps those that its code reads, with the values that they have now; what its code
//! assigns to them raises. A function of the library that can be imported is known by its name alone: every interpreter runs
//! its own.

use super::by_name::{self, BY_NAME, ByName, FRESH, Fresh, LIBRARY};
use super::walk::{Refusal, Walk};
use crate::object::Header;
use crate::types::builtin::Builtin;
use crate::types::cell::CellObj;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::module::Module;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use hashbrown::HashSet;
use serpens_bytecode::{Code, Const, Op};
use std::sync::Arc;

/// How a frozen function finds what it reads.
pub(super) struct Plan {
    pub(super) func: Value,
    how: How,
    /// What stands in the function's fields from now on, once it is made.
    pub(super) made: Option<Made>,
}

enum How {
    /// The whole function by its name.
    Named(Value),
    /// Globals by name, and the cells of the closure that are not taken as they are, by position.
    Parts { globals: Vec<(Box<str>, Entry)>, cells: Vec<(usize, Entry)> },
}

/// What a global or a cell of a frozen function holds.
enum Entry {
    /// The value, which is part of the graph.
    Direct(Value),
    /// The value if it is part of the graph anyway, what each interpreter has under a name otherwise.
    Weak(Value, ByName),
    /// What each interpreter has.
    Own(Value),
}

/// New fields of a frozen function.
pub(super) struct Made {
    pub(super) code: Value,
    pub(super) globals: Value,
    pub(super) closure: Option<Value>,
    /// The function as a whole, by name.
    pub(super) named: Option<Value>,
    /// The owner's globals with everything in its place, if that is another dict.
    pub(super) own_globals: Option<Value>,
}

/// Names that code reads as globals, in it and in the code within it.
fn names_read(code: &Code, names: &mut HashSet<Box<str>>) {
    for i in &code.instrs {
        let name = match i.op {
            Op::LoadGlobal | Op::LoadNameAgain => {
                code.sites.get(i.c as usize).and_then(|site| code.names.get(*site as usize))
            }
            Op::LoadName => code.names.get(i.b as usize),
            Op::LoadFromDictOrGlobal => code.names.get(i.c as usize),
            _ => None,
        };
        if let Some(name) = name {
            names.insert(name.to_string().into());
        }
    }
    for c in &code.consts {
        if let Const::Code(inner) = c {
            names_read(inner, names);
        }
    }
}

impl Walk<'_> {
    /// Finds what a function refers to.
    pub(super) fn walk_function(&mut self, func: &Value, from: u32) -> Result<(), Refusal> {
        let Some(f) = func.downcast::<Function>() else { return Ok(()) };
        let code = f.code_obj().code().clone();
        let library = code.filename.starts_with(LIBRARY);
        for v in [&f.name, &f.qualname, &f.module] {
            self.add_opt(v.get().as_ref(), from);
        }
        self.add_opt(Some(&f.doc_value()), from);
        let how = match library.then(|| self.function_name(f, func)).flatten() {
            Some(name) => How::Named(self.by_name(name, from)),
            None => {
                for v in [&f.defaults, &f.kwdefaults, &f.annotations, &f.annotate, &f.type_params] {
                    self.add_opt(v.get().as_ref(), from);
                }
                let globals = self.globals_read(f, &code, library, from);
                let cells = self.closure_read(f, &code, library, from);
                How::Parts { globals, cells }
            }
        };
        self.plans.push(Plan { func: func.clone(), how, made: None });
        Ok(())
    }

    /// By what name every interpreter finds a function of the library.
    fn function_name(&self, f: &Function, func: &Value) -> Option<ByName> {
        // `super()` is about the class that the function belongs to, which is part of the graph.
        if f.code_obj().code().freevars.iter().any(|name| &**name == "__class__") {
            return None;
        }
        let module = f.module_value(self.vm);
        let module = module.downcast::<Str>()?.to_str()?;
        by_name::library_name(self.vm, module, &f.qualname_text(), func)
    }

    fn globals_read(&mut self, f: &Function, code: &Arc<Code>, library: bool, from: u32) -> Vec<(Box<str>, Entry)> {
        let mut names = HashSet::new();
        names_read(code, &mut names);
        names.extend(["__name__", "__package__"].map(Box::from));
        let mut names: Vec<Box<str>> = names.into_iter().collect();
        names.sort_unstable();
        let module = f.module_value(self.vm);
        let module = module.downcast::<Str>().and_then(Str::to_str).filter(|_| library).map(str::to_string);
        let globals = f.globals.clone();
        let Some(dict) = globals.downcast::<Dict>() else { return Vec::new() };
        let mut entries = Vec::new();
        for name in names {
            if let Some(v) = dict.get_name(self.vm, &name) {
                let entry = self.entry(&name, v, module.as_deref(), from);
                entries.push((name, entry));
            }
        }
        entries
    }

    fn closure_read(&mut self, f: &Function, code: &Arc<Code>, library: bool, from: u32) -> Vec<(usize, Entry)> {
        let Some(closure) = (*f.closure).clone() else { return Vec::new() };
        let mut entries = Vec::new();
        for (i, cell) in closure.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice).iter().enumerate() {
            let content = cell.downcast::<CellObj>().and_then(|c| c.contents.get());
            let taken = cell.header().is_some_and(Header::is_immortal);
            let Some(content) = content.filter(|_| !taken) else {
                self.add(cell, from);
                continue;
            };
            let name = code.freevars.get(i).map_or("", |n| n);
            let copy = library.then(|| by_name::copy_container(self.vm, &content)).flatten();
            let entry = match copy {
                Some(content) => {
                    let fresh = self.vm.alloc_native(&FRESH, Fresh { content });
                    self.add(&fresh, from);
                    Entry::Own(self.keep(fresh))
                }
                None => self.entry(name, content, None, from),
            };
            match entry {
                Entry::Direct(_) => self.add(cell, from),
                entry => entries.push((i, entry)),
            }
        }
        entries
    }

    /// How a frozen function refers to a value that it knows as `name`; `module` is its own if that is of the library.
    fn entry(&mut self, name: &str, v: Value, module: Option<&str>, from: u32) -> Entry {
        if v.header().is_none_or(Header::is_immortal) || self.vm.is_atom(&v) {
            self.add(&v, from);
            return Entry::Direct(v);
        }
        if v.is_a::<Module>()
            && let Some(name) = by_name::module_name(self.vm, &v)
        {
            return Entry::Own(self.by_name(name, from));
        }
        let reference = match self.library_reference(name, &v) {
            None => module.and_then(|m| by_name::library_name(self.vm, m, name, &v)),
            found => found,
        };
        match reference {
            Some(reference) => Entry::Weak(v, reference),
            None => {
                self.add(&v, from);
                Entry::Direct(v)
            }
        }
    }

    /// By what name every interpreter finds a thing that is the library's.
    fn library_reference(&self, name: &str, v: &Value) -> Option<ByName> {
        if let Some(f) = v.downcast::<Function>() {
            return if f.code_obj().code().filename.starts_with(LIBRARY) { self.function_name(f, v) } else { None };
        }
        if let Some(b) = v.downcast::<Builtin>() {
            let module = b.module.get()?;
            return by_name::library_name(self.vm, module.downcast::<Str>()?.to_str()?, b.def.name, v);
        }
        if let Some(ty) = TypeObj::from_value(v) {
            let (module, path) = by_name::class_place(self.vm, ty)?;
            return by_name::library_name(self.vm, &module, &path, v);
        }
        let (module, _) = by_name::class_place(self.vm, self.vm.type_of(v))?;
        by_name::library_name(self.vm, &module, name, v)
    }

    /// An object that stands for a name.
    fn by_name(&mut self, name: ByName, from: u32) -> Value {
        let value = self.vm.alloc_native(&BY_NAME, name);
        self.add(&value, from);
        self.keep(value)
    }

    /// Makes the new fields of all functions whose plan is known. What they hold is part of the graph afterwards.
    pub(super) fn make_parts(&mut self) {
        let mut plans = std::mem::take(&mut self.plans);
        for plan in plans.iter_mut().filter(|plan| plan.made.is_none()) {
            let from = self.index_of_root();
            let func = plan.func.clone();
            let Some(f) = func.downcast::<Function>() else { continue };
            let code = self.vm.frozen_code(f.code_obj().code());
            self.add(&code, from);
            let mut made =
                Made { code: self.keep(code), globals: Value::NONE, closure: None, named: None, own_globals: None };
            match &mut plan.how {
                How::Named(name) => {
                    made.named = Some(name.clone());
                    made.globals = self.vm.new_dict();
                }
                How::Parts { globals, cells } => {
                    (made.globals, made.own_globals) = self.make_globals(std::mem::take(globals), from);
                    made.closure = self.make_closure(f, std::mem::take(cells), from);
                }
            }
            self.add(&made.globals, from);
            plan.made = Some(made);
        }
        plans.append(&mut self.plans);
        self.plans = plans;
    }

    fn make_globals(&mut self, entries: Vec<(Box<str>, Entry)>, from: u32) -> (Value, Option<Value>) {
        let (shared, own) = (self.vm.new_dict(), self.vm.new_dict());
        let mut same = true;
        if let (Some(s), Some(o)) = (shared.downcast::<Dict>(), own.downcast::<Dict>()) {
            for (name, entry) in entries {
                let key = self.text(&name);
                let (there, here) = self.settle(entry, from);
                same &= there.is(&here);
                s.set_str(self.vm, &key, there);
                o.set_str(self.vm, &key, here);
            }
        }
        (shared, if same { None } else { Some(own) })
    }

    fn make_closure(&mut self, f: &Function, entries: Vec<(usize, Entry)>, from: u32) -> Option<Value> {
        let closure = (*f.closure).clone()?;
        if entries.is_empty() {
            self.add(&closure, from);
            return Some(closure);
        }
        let mut cells = closure.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default();
        for (i, entry) in entries {
            let (there, _) = self.settle(entry, from);
            let at = cells[i].bits();
            let new = match self.cells.iter().find(|(old, _)| *old == at) {
                Some((_, new)) => new.clone(),
                None => {
                    let new = self.vm.new_cell(Some(there));
                    self.add(&new, from);
                    self.cells.push((at, new.clone()));
                    new
                }
            };
            cells[i] = new;
        }
        let made = self.vm.tuple(cells);
        self.add(&made, from);
        Some(made)
    }

    /// What a frozen function holds for an entry, and what the entry is in this interpreter.
    fn settle(&mut self, entry: Entry, from: u32) -> (Value, Value) {
        match entry {
            Entry::Direct(v) => (v.clone(), v),
            Entry::Weak(v, _) if self.is_found(&v) => (v.clone(), v),
            Entry::Weak(v, name) => (self.by_name(name, from), v),
            Entry::Own(reference) => {
                let own = reference.downcast::<ByName>().and_then(|name| {
                    let modules = self.vm.modules.get()?;
                    modules.downcast::<Dict>()?.get_name(self.vm, &name.module)
                });
                (reference.clone(), own.unwrap_or(reference))
            }
        }
    }
}
