//! What an interpreter runs in the place of a frozen function: a function of its own.
//!
//! A twin has the frozen function's code with constants, names and caches of this interpreter; the same defaults, cells and
//! globals where they are part of the graph; and what the frozen function knows by name as it is here. It is made at the
//! first call.
//!
//! Invariant: a twin lives until its interpreter ends: frames run it without counting a reference.
#![expect(unsafe_code, reason = "twins are kept for good")]

use super::by_name::{ByName, Fresh};
use super::fixed::Fixed;
use crate::cell::VCell;
use crate::error::PyResult;
use crate::object::Header;
use crate::types::cell::CellObj;
use crate::types::code::CodeObj;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use std::cell::{Cell, OnceCell, RefCell};
use std::ptr;

/// Twins that are found without a look into the table.
const RECENT: usize = 64;

/// A frozen function's address, and its twin.
type Recent = [Cell<(usize, *const Function)>; RECENT];

/// The twins of an interpreter.
#[derive(Default)]
pub struct Twins {
    /// By the address of the frozen function.
    table: RefCell<HashMap<usize, Value>>,
    /// Made with the first: most interpreters run no frozen function.
    recent: OnceCell<Box<Recent>>,
    /// Cells of this interpreter that stand for frozen ones, by their words.
    cells: RefCell<HashMap<u64, Value>>,
    /// What frozen functions had before, which frames may still use.
    kept: RefCell<Vec<Value>>,
}

fn address(f: &Function) -> usize {
    ptr::from_ref(f).addr()
}

impl Twins {
    pub(super) fn keep(&self, value: Value) {
        if value.is_object() {
            self.kept.borrow_mut().push(value);
        }
    }

    pub(super) fn add(&self, f: &Function, twin: Value) {
        let old = self.table.borrow_mut().insert(address(f), twin);
        old.into_iter().for_each(|old| self.keep(old));
    }

    #[inline]
    fn slot(&self, at: usize) -> &Cell<(usize, *const Function)> {
        let none = || Box::new([const { Cell::new((0, ptr::null())) }; RECENT]);
        &self.recent.get_or_init(none)[(at >> 4) % RECENT]
    }

    /// The twin of a function, if it has one already.
    pub(super) fn of(&self, f: &Function) -> Option<&Function> {
        // SAFETY: twins are kept until the machine goes.
        self.find(address(f)).map(|twin| unsafe { &*twin })
    }

    /// The twin that the interpreter of an origin ran; the origin is never written.
    pub(crate) fn of_origin(&self, f: &Function) -> Option<&Value> {
        // SAFETY: nobody writes to an origin.
        unsafe { &*self.table.as_ptr() }.get(&address(f))
    }

    fn find(&self, at: usize) -> Option<*const Function> {
        let found = self.table.borrow().get(&at)?.downcast::<Function>().map(ptr::from_ref)?;
        self.slot(at).set((at, found));
        Some(found)
    }
}

impl Vm {
    /// The function that runs here in the place of a frozen one.
    pub(crate) fn twin(&self, f: &Function) -> PyResult<&Function> {
        let at = address(f);
        let (key, recent) = self.twins.slot(at).get();
        if key == at {
            // SAFETY: twins are kept until the machine goes.
            return Ok(unsafe { &*recent });
        }
        if self.twins.find(at).is_none() {
            let made = match self.copied_twin(f) {
                Some(copy) => copy,
                None => self.make_twin(f)?,
            };
            self.twins.add(f, made);
        }
        match self.twins.find(at) {
            // SAFETY: as above.
            Some(found) => Ok(unsafe { &*found }),
            None => Err(self.system_error("a frozen function without its twin")),
        }
    }

    /// The function itself, with code that can run, or its twin if it is frozen.
    pub(crate) fn runnable<'a>(&'a self, f: &'a Function) -> PyResult<&'a Function> {
        let f = if Header::of(f).is_frozen() { self.twin(f)? } else { f };
        if f.code_obj().is_template() {
            f.own_code(self);
        }
        Ok(f)
    }

    fn make_twin(&self, f: &Function) -> PyResult {
        if let Some(named) = f.old_codes.get()
            && let Some(name) = named.downcast::<ByName>()
        {
            let found = name.resolve(self)?;
            return match found.downcast::<Function>() {
                Some(own) => Ok(Value::of(self.runnable(own)?)),
                None => Err(self.type_error(&format!("'{}' is not a function here", f.qualname_text()))),
            };
        }
        let code = self.new_code(f.code_obj().code().clone());
        let Some(code_ptr) = code.downcast::<CodeObj>().map(ptr::from_ref) else {
            return Err(self.system_error("a code object"));
        };
        let copy = |cell: &VCell| VCell::from(cell.get());
        let twin = Function {
            code_ptr: Cell::new(code_ptr),
            code: VCell::new(code),
            globals: Fixed::new(self.twin_globals(f)?),
            builtins: Fixed::new(self.builtins.get_or_none()),
            closure: Fixed::new(self.twin_closure(f)?),
            defaults: copy(&f.defaults),
            kwdefaults: copy(&f.kwdefaults),
            name: copy(&f.name),
            qualname: copy(&f.qualname),
            doc: copy(&f.doc),
            module: copy(&f.module),
            annotations: copy(&f.annotations),
            annotate: copy(&f.annotate),
            type_params: copy(&f.type_params),
            old_codes: VCell::empty(),
        };
        Ok(self.alloc(self.types().function, twin))
    }

    /// The globals that the function reads: the frozen ones, unless some are this interpreter's own.
    fn twin_globals(&self, f: &Function) -> PyResult {
        let items = f.globals_dict().items();
        if !items.iter().any(|(_, v)| v.is_a::<ByName>()) {
            return Ok((*f.globals).clone());
        }
        let made = self.new_dict();
        if let Some(d) = made.downcast::<Dict>() {
            for (name, v) in items {
                let v = match v.downcast::<ByName>() {
                    Some(reference) => reference.resolve(self)?,
                    None => v,
                };
                d.set_str(self, &self.intern_value(&name), v);
            }
        }
        self.freeze_view(&made);
        Ok(made)
    }

    fn twin_closure(&self, f: &Function) -> PyResult<Option<Value>> {
        let Some(cells) = f.closure.as_ref().and_then(|c| c.downcast::<Tuple>()) else { return Ok(None) };
        let mut own = Vec::with_capacity(cells.len());
        for cell in cells.as_slice() {
            own.push(self.twin_cell(cell)?);
        }
        Ok(Some(self.tuple(own)))
    }

    fn twin_cell(&self, cell: &Value) -> PyResult {
        let content = cell.downcast::<CellObj>().and_then(|c| c.contents.get());
        let own = match &content {
            Some(v) if v.is_a::<ByName>() || v.is_a::<Fresh>() => v,
            _ => return Ok(cell.clone()),
        };
        if let Some(known) = self.twins.cells.borrow().get(&cell.bits()) {
            return Ok(known.clone());
        }
        let content = match own.downcast::<ByName>() {
            Some(name) => name.resolve(self)?,
            None => own.downcast::<Fresh>().map_or(Value::NONE, |fresh| fresh.copy(self)),
        };
        let made = self.new_cell(Some(content));
        self.twins.cells.borrow_mut().insert(cell.bits(), made.clone());
        Ok(made)
    }
}
