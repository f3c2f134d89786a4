//! The module `builtins`.
//!
//! Rooms: [`code`] compile, eval, exec; [`io`] print, input, open; [`number`] abs, divmod, pow, round, sum, bases;
//! [`objects`] attributes, identity, instances; [`sequence`] iteration, sorting, extremes.

mod code;
mod io;
mod number;
mod objects;
mod sequence;
pub(crate) mod site;

pub use code::unpack_options;

use serpens_vm::types::dict::Dict;
use serpens_vm::{MethodDef, PyResult, Value, Vm};

/// The module object; its dict is the builtins of every frame.
pub(crate) fn module(vm: &Vm) -> PyResult {
    Ok(vm.module_over(vm.builtins.get_or_none()))
}

/// Fills the dict of builtins that all interpreters begin with, in the frozen image.
pub(crate) fn fill(vm: &Vm, d: &Dict, optimize: u8) {
    d.set_name(vm, "__name__", vm.intern("builtins"));
    d.set_name(
        vm,
        "__doc__",
        vm.str(
            "Built-in functions, types, exceptions, and other objects.\n\nThis module provides direct access to all \
             'built-in'\nidentifiers of Python; for example, builtins.len is\nthe full name for the built-in function \
             len().\n\nThis module is not normally accessed explicitly by most\napplications, but can be useful in \
             modules that provide\nobjects with the same name as a builtin and need to use\nthe builtin version of that \
             object.",
        ),
    );
    crate::import::spec::builtins_attributes(vm, d);
    let name = vm.names().builtins.clone();
    let tables: [&'static [MethodDef]; 5] =
        [code::FUNCTIONS, io::FUNCTIONS, number::FUNCTIONS, objects::FUNCTIONS, sequence::FUNCTIONS];
    for def in tables.into_iter().flatten() {
        d.set_name(vm, def.name, vm.builtin(def, Some(name.clone())));
    }
    let t = vm.types();
    for ty in [
        t.bool,
        t.bytearray,
        t.bytes,
        t.classmethod,
        t.complex,
        t.dict,
        t.enumerate,
        t.filter,
        t.float,
        t.frozenset,
        t.int,
        t.list,
        t.map,
        t.memoryview,
        t.object,
        t.property,
        t.range,
        t.reversed,
        t.set,
        t.slice,
        t.staticmethod,
        t.str,
        t.super_,
        t.tuple,
        t.type_,
        t.zip,
    ] {
        d.set_name(vm, ty.name(), ty.value());
    }
    for ty in t.all() {
        if ty.is_subtype(t.BaseException) {
            d.set_name(vm, ty.name(), ty.value());
        }
    }
    d.set_name(vm, "EnvironmentError", t.OSError.value());
    d.set_name(vm, "IOError", t.OSError.value());
    d.set_name(vm, "None", Value::NONE);
    d.set_name(vm, "True", Value::TRUE);
    d.set_name(vm, "False", Value::FALSE);
    d.set_name(vm, "Ellipsis", Value::ELLIPSIS);
    d.set_name(vm, "NotImplemented", Value::NOT_IMPLEMENTED);
    d.set_name(vm, "__debug__", Value::bool(optimize == 0));
}
