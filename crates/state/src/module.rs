//! How native modules are declared.
//!
//! A native module is a `static` table: functions, types, and an `init` that fills in the rest of a fresh module object.
//! Each interpreter that imports it gets a module object of its own; what a C extension would keep in globals belongs in
//! interpreter-local storage ([`Vm::local`]).

use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::{MethodDef, PyResult, TypeDef, Value, Vm};

/// The declaration of a native module.
pub struct NativeModule {
    /// Its full name.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Its functions.
    pub functions: &'static [MethodDef],
    /// Its types, exported under their names.
    pub types: &'static [&'static TypeDef],
    /// Fills in the rest: constants, exceptions.
    pub init: fn(&Vm, &Dict) -> PyResult<()>,
    /// Fills in the rest with the module object at hand (after `init`).
    pub exec: Option<fn(&Vm, &Value) -> PyResult<()>>,
}

fn nothing(_: &Vm, _: &Dict) -> PyResult<()> {
    Ok(())
}

impl NativeModule {
    /// A module without contents.
    pub const fn new(name: &'static str) -> NativeModule {
        NativeModule { name, doc: "", functions: &[], types: &[], init: nothing, exec: None }
    }

    /// Sets the documentation.
    pub const fn doc(mut self, doc: &'static str) -> NativeModule {
        self.doc = doc;
        self
    }

    /// Sets the functions.
    pub const fn functions(mut self, functions: &'static [MethodDef]) -> NativeModule {
        self.functions = functions;
        self
    }

    /// Sets the types.
    pub const fn types(mut self, types: &'static [&'static TypeDef]) -> NativeModule {
        self.types = types;
        self
    }

    /// Sets the function that fills in the rest.
    pub const fn init(mut self, init: fn(&Vm, &Dict) -> PyResult<()>) -> NativeModule {
        self.init = init;
        self
    }

    /// Sets the function that fills in the rest with the module object at hand.
    pub const fn exec(mut self, exec: fn(&Vm, &Value) -> PyResult<()>) -> NativeModule {
        self.exec = Some(exec);
        self
    }

    /// A fresh module object for one interpreter.
    pub fn instantiate(&self, vm: &Vm) -> PyResult {
        let module = vm.new_module(self.name);
        self.fill(vm, &module)?;
        Ok(module)
    }

    /// Fills an existing module object.
    pub fn fill(&self, vm: &Vm, module: &Value) -> PyResult<()> {
        let Some(payload) = module.downcast::<Module>() else {
            return Err(vm.type_error("not a module"));
        };
        let dict_value = payload.dict();
        let Some(dict) = dict_value.downcast::<Dict>() else {
            return Err(vm.type_error("a module without a dict"));
        };
        if !self.doc.is_empty() {
            dict.set_name(vm, "__doc__", vm.str(self.doc));
        }
        for def in self.functions {
            dict.set_name(vm, def.name, vm.builtin(def, Some(module.clone())));
        }
        for def in self.types {
            dict.set_name(vm, def.name, vm.type_of_def(def).value());
        }
        (self.init)(vm, dict)?;
        match self.exec {
            Some(exec) => exec(vm, module),
            None => Ok(()),
        }
    }
}
