//! Native modules about text and binary data: codecs, Unicode, regular expressions, packing.
//!
//! One file or folder a module, named after it; each has a `pub static MODULE`.

pub mod binascii;
pub mod codecs;
pub mod csv;
pub mod json;
pub mod locale;
pub mod regex;
pub mod string;
pub mod structs;
pub mod unicodedata;

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::{PyResult, TypeObj, Vm};

/// The modules of this folder.
pub static MODULES: &[&NativeModule] = &[
    &binascii::MODULE,
    &codecs::MODULE,
    &csv::MODULE,
    &json::MODULE,
    &locale::MODULE,
    &regex::MODULE,
    &string::MODULE,
    &structs::MODULE,
    &unicodedata::MODULE,
];

/// A new class of exceptions.
pub(crate) fn exception_class(vm: &Vm, module: &str, name: &str, base: &TypeObj) -> PyResult {
    let namespace = vm.new_dict();
    if let Some(d) = namespace.downcast::<Dict>() {
        d.set_name(vm, "__module__", vm.str(module));
    }
    vm.call_pos(&vm.types().type_.value(), &[vm.str(name), vm.tuple_of(&[base.value()]), namespace])
}
