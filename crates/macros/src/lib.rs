//! The attribute macros that will declare native modules, classes and functions.
//!
//! Empty so far: native modules are declared by `serpens_state::NativeModule` and `serpens_vm::TypeDef` tables.
