//! `_functools`: `partial`, `reduce`, `cmp_to_key`, the wrapper of `lru_cache`.

mod cmp_key;
mod lru;
mod partial;

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_functools")
    .doc("Tools that operate on functions.")
    .functions(&[
        MethodDef::new("reduce", "(function, iterable, /, initial=<functools._initial_missing>)", reduce).doc(
            "Apply a function of two arguments cumulatively to the items of an iterable, from left to right.\n\nThis effectively \
             reduces the iterable to a single value.  If initial is present,\nit is placed before the items of the iterable in the \
             calculation, and serves as\na default when the iterable is empty.\n\nFor example, reduce(lambda x, y: x+y, [1, 2, 3, 4, \
             5])\ncalculates ((((1 + 2) + 3) + 4) + 5).",
        ),
        MethodDef::new("cmp_to_key", "(mycmp)", cmp_key::cmp_to_key)
            .doc("Convert a cmp= function into a key= function.\n\n  mycmp\n    Function that compares two objects."),
    ])
    .types(&[&partial::PARTIAL, &partial::PLACEHOLDER_TYPE, &lru::LRU_CACHE_WRAPPER])
    .init(init);

fn init(vm: &Vm, dict: &Dict) -> PyResult<()> {
    dict.set_name(vm, "Placeholder", partial::placeholder(vm));
    Ok(())
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let (function, source) = (a.get(0), a.get(1));
    let it = match vm.iter_opt(source)? {
        Some(it) => it,
        None => return Err(vm.type_error("reduce() arg 2 must support iteration")),
    };
    let mut total = match a.opt(2) {
        Some(initial) => initial.clone(),
        None => match vm.next(&it)? {
            Some(first) => first,
            None => return Err(vm.type_error("reduce() of empty iterable with no initial value")),
        },
    };
    while let Some(item) = vm.next(&it)? {
        let args: [Value; 2] = [total, item];
        total = vm.call_pos(function, &args)?;
    }
    Ok(total)
}
