//! `_suggestions`: the closest of some names, for "Did you mean".

use serpens_state::NativeModule;
use serpens_vm::types::exception::suggest::closest;
use serpens_vm::types::list::List;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_suggestions").functions(&[MethodDef::new(
    "_generate_suggestions",
    "(candidates, item, /)",
    generate,
)
.doc("Returns the candidate in candidates that's closest to item")]);

fn generate(vm: &Vm, a: Args<'_>) -> PyResult {
    let Some(list) = a.get(0).downcast::<List>() else {
        return Err(vm.type_error("candidates must be a list"));
    };
    let Some(item) = a.get(1).downcast::<Str>() else {
        let given = vm.type_of(a.get(1)).name();
        return Err(vm.type_error(&format!("_generate_suggestions() argument 2 must be str, not {given}")));
    };
    let mut names = Vec::new();
    for v in list.to_vec() {
        match v.downcast::<Str>() {
            Some(s) => names.push(s.to_string()),
            None => return Err(vm.type_error("all elements in 'candidates' must be strings")),
        }
    }
    Ok(match closest(&item.to_string(), names.iter().map(String::as_str)) {
        Some(found) => vm.str(found),
        None => Value::NONE,
    })
}
