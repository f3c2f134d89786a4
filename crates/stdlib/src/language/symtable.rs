//! `_symtable`: the constants of `symtable`; the tables themselves are not exported by the compiler yet.

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::{MethodDef, PyResult, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_symtable")
    .functions(&[MethodDef::new("symtable", "(source, filename, startstr, /)", |vm, _| {
        Err(vm.not_implemented_error("symtable(): the compiler's symbol tables are not available"))
    })
    .doc("Return symbol and scope dictionaries used internally by compiler.")])
    .init(init);

const CONSTANTS: &[(&str, i64)] = &[
    ("CELL", 5),
    ("DEF_ANNOT", 256),
    ("DEF_BOUND", 134),
    ("DEF_COMP_CELL", 2048),
    ("DEF_COMP_ITER", 512),
    ("DEF_FREE_CLASS", 64),
    ("DEF_GLOBAL", 1),
    ("DEF_IMPORT", 128),
    ("DEF_LOCAL", 2),
    ("DEF_NONLOCAL", 8),
    ("DEF_PARAM", 4),
    ("DEF_TYPE_PARAM", 1024),
    ("FREE", 4),
    ("GLOBAL_EXPLICIT", 2),
    ("GLOBAL_IMPLICIT", 3),
    ("LOCAL", 1),
    ("SCOPE_MASK", 15),
    ("SCOPE_OFF", 12),
    ("TYPE_ANNOTATION", 3),
    ("TYPE_CLASS", 1),
    ("TYPE_FUNCTION", 0),
    ("TYPE_MODULE", 2),
    ("TYPE_TYPE_ALIAS", 4),
    ("TYPE_TYPE_PARAMETERS", 5),
    ("TYPE_TYPE_VARIABLE", 6),
    ("USE", 16),
];

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    for (name, n) in CONSTANTS {
        dict.set_name(vm, name, vm.int(*n));
    }
    Ok(())
}
