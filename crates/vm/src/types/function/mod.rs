//! `function`: a Python function.
//!
//! Rooms: this file has the payload and how functions are made; `methods` what Python sees.
//!
//! Invariant: `code_ptr` points to the payload of `code`, which may be a template of the frozen image until the function is
//! called or asked for it. Codes that were replaced by assigning `__code__` are kept by
//! the function, since frames may still run them. `globals` is a dict (or of a subclass).
#![expect(unsafe_code, reason = "payload declaration")]

use crate::cell::VCell;
use crate::freeze::Fixed;
use crate::object::{Kind, Payload, Visitor};
use crate::types::cell::CellObj;
use crate::types::code::CodeObj;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::{CodeFlags, Const};
use std::cell::Cell;

pub mod methods;

pub use methods::TYPE;

/// A Python function.
pub struct Function {
    pub(crate) code_ptr: Cell<*const CodeObj>,
    /// The code object.
    pub code: VCell,
    /// The globals, a dict.
    pub globals: Fixed<Value>,
    /// The builtins, a dict.
    pub builtins: Fixed<Value>,
    /// Tuple of cells.
    pub closure: Fixed<Option<Value>>,
    /// Tuple of defaults.
    pub defaults: VCell,
    /// Dict of defaults of keyword-only parameters.
    pub kwdefaults: VCell,
    /// `__name__`; empty: the code's.
    pub name: VCell,
    /// `__qualname__`; empty: the code's.
    pub qualname: VCell,
    /// `__doc__`; empty: the code's docstring.
    pub doc: VCell,
    /// `__module__`; empty: `globals['__name__']`.
    pub module: VCell,
    /// `__annotations__`, once made.
    pub annotations: VCell,
    /// `__annotate__`.
    pub annotate: VCell,
    /// `__type_params__`.
    pub type_params: VCell,
    /// Replaced codes (a tuple). Of a frozen function: by what name every interpreter finds it, if by any.
    pub(crate) old_codes: VCell,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Function {
    const KIND: Kind = Kind::Function;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.code.traverse(visit);
        visit(&self.globals);
        visit(&self.builtins);
        self.closure.iter().for_each(&mut *visit);
        for cell in self.cells() {
            cell.traverse(visit);
        }
    }

    fn clear(&self) {
        for cell in self.cells() {
            drop(cell.take());
        }
    }
}

impl Function {
    fn cells(&self) -> [&VCell; 9] {
        [
            &self.defaults,
            &self.kwdefaults,
            &self.name,
            &self.qualname,
            &self.doc,
            &self.module,
            &self.annotations,
            &self.annotate,
            &self.type_params,
        ]
    }

    /// The code.
    #[inline(always)]
    pub(crate) fn code_obj(&self) -> &CodeObj {
        // SAFETY: see the file's invariant.
        unsafe { &*self.code_ptr.get() }
    }

    /// The globals.
    #[inline(always)]
    pub(crate) fn globals_dict(&self) -> &Dict {
        // SAFETY: `new_closure`, which alone makes functions, takes nothing but dicts.
        unsafe { self.globals.downcast_unchecked::<Dict>() }
    }

    /// The cell of free variable `i`.
    #[inline(always)]
    pub(crate) fn free(&self, i: usize) -> Option<&CellObj> {
        self.closure.as_ref()?.downcast::<Tuple>()?.as_slice().get(i)?.downcast::<CellObj>()
    }

    /// Replaces a template by code of this interpreter, which can run.
    #[cold]
    pub(crate) fn own_code(&self, vm: &Vm) {
        let own = vm.own_code(&self.code.get_or_none());
        if let Some(payload) = own.downcast::<CodeObj>() {
            self.code_ptr.set(payload);
            // Templates are never run, so that no frame needs it.
            drop(self.code.replace(Some(own)));
        }
    }

    /// Replaces the code.
    pub(crate) fn set_code(&self, vm: &Vm, code: &Value) {
        let Some(payload) = code.downcast::<CodeObj>() else { return };
        self.code_ptr.set(payload);
        if let Some(old) = self.code.replace(Some(code.clone())) {
            let mut kept = vec![old];
            kept.extend(self.old_codes.take());
            self.old_codes.set(vm.tuple(kept));
        }
    }

    /// `__qualname__`, for messages.
    pub(crate) fn qualname_text(&self) -> String {
        match self.qualname.get().and_then(|q| q.downcast::<crate::types::str::Str>().map(|s| s.to_string())) {
            Some(text) => text,
            None => self.code_obj().code().qualname.to_string(),
        }
    }

    /// `__name__`.
    pub fn name_value(&self, vm: &Vm) -> Value {
        self.name.get().unwrap_or_else(|| vm.intern(&self.code_obj().code().name))
    }

    /// `__qualname__`.
    pub fn qualname_value(&self, vm: &Vm) -> Value {
        self.qualname.get().unwrap_or_else(|| vm.intern(&self.code_obj().code().qualname))
    }

    /// `__doc__`.
    pub fn doc_value(&self) -> Value {
        if let Some(doc) = self.doc.get() {
            return doc;
        }
        let code = self.code_obj();
        match code.code().consts.first() {
            Some(Const::Str(_)) if code.code().flags.contains(CodeFlags::HAS_DOCSTRING) => code.constants()[0].clone(),
            _ => Value::NONE,
        }
    }

    /// `__module__`.
    pub fn module_value(&self, vm: &Vm) -> Value {
        if let Some(m) = self.module.get() {
            return m;
        }
        let name = self.globals.downcast::<Dict>().and_then(|g| g.get_str(vm, &vm.names().__name__));
        name.unwrap_or(Value::NONE)
    }
}

impl Vm {
    /// A function of `code` (a code object) with these globals (a dict).
    pub fn new_function(&self, code: &Value, globals: &Value) -> Value {
        self.new_closure(code, globals, None)
    }

    /// A function with a closure (tuple of cells).
    pub fn new_closure(&self, code: &Value, globals: &Value, closure: Option<Value>) -> Value {
        let builtins = match self.ts().current() {
            Some(f) if f.globals().is(globals) => (*f.func().builtins).clone(),
            _ => self.builtins_of(globals),
        };
        let payload = code.downcast::<CodeObj>().expect("callers pass code objects");
        assert!(globals.is_a::<Dict>(), "callers pass dicts as globals");
        // The module is what the globals are called now, as in CPython.
        let module = globals.downcast::<Dict>().and_then(|g| g.get_str(self, &self.names().__name__));
        let function = Function {
            code_ptr: Cell::new(payload),
            code: VCell::new(code.clone()),
            globals: Fixed::new(globals.clone()),
            builtins: Fixed::new(builtins),
            closure: Fixed::new(closure),
            defaults: VCell::empty(),
            kwdefaults: VCell::empty(),
            name: VCell::empty(),
            qualname: VCell::empty(),
            doc: VCell::empty(),
            module: VCell::from(module),
            annotations: VCell::empty(),
            annotate: VCell::empty(),
            type_params: VCell::empty(),
            old_codes: VCell::empty(),
        };
        self.alloc(self.types().function, function)
    }

    /// The builtins that code with these globals uses: `__builtins__` (a module or dict), or the interpreter's.
    pub fn builtins_of(&self, globals: &Value) -> Value {
        let own = globals.downcast::<Dict>().and_then(|g| g.get_str(self, &self.names().__builtins__));
        match own {
            Some(v) if v.is_a::<Dict>() => v,
            Some(v) => match v.downcast::<Module>() {
                Some(m) => m.dict(),
                None => self.builtins.get_or_none(),
            },
            None => self.builtins.get_or_none(),
        }
    }
}
