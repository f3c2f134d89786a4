//! `_collections`: `deque`, `defaultdict`, `OrderedDict`, and helpers of `collections`.

mod default_dict;
mod deque;
mod deque_iter;
mod ordered_dict;
mod tuple_getter;

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::BinOp;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_collections")
    .doc("High performance data structures.\n- deque:        ordered collection accessible from endpoints only\n- defaultdict:  dict subclass with a default value factory\n")
    .functions(&[MethodDef::new("_count_elements", "(mapping, iterable, /)", count_elements)
        .doc("Count elements in the iterable, updating the mapping")])
    .types(&[
        &deque::DEQUE,
        &deque_iter::ITERATOR,
        &deque_iter::REVERSE_ITERATOR,
        &default_dict::DEFAULT_DICT,
        &ordered_dict::ORDERED_DICT,
        &tuple_getter::TUPLE_GETTER,
    ]);

fn count_elements(vm: &Vm, a: Args<'_>) -> PyResult {
    let (mapping, source) = (a.get(0), a.get(1));
    let one = Value::int_unchecked(1);
    let plain = vm.types().dict;
    let own_set = matches!(
        (vm.type_of(mapping).slots().setitem, plain.slots().setitem),
        (Some(f), Some(g)) if std::ptr::fn_addr_eq(f, g)
    );
    let get = vm.intern("get");
    let own_get = match (vm.type_of(mapping).lookup(vm, &get), plain.lookup(vm, &get)) {
        (Some(f), Some(g)) => f.is(&g),
        _ => false,
    };
    if own_set
        && own_get
        && let Some(dict) = mapping.downcast::<Dict>()
    {
        vm.for_each(source, |item| {
            let hash = vm.hash_key(&item)?;
            dict.update_hashed(vm, item, hash, |old| match old {
                None => Ok(one.clone()),
                Some(n) => match Value::both_small(n, &one).then(|| Value::add_small(n, &one)).flatten() {
                    Some(sum) => Ok(sum),
                    None => vm.binary_op(BinOp::Add, n, &one),
                },
            })
        })?;
        return Ok(Value::NONE);
    }
    let getter = vm.getattr(mapping, &get)?;
    vm.for_each(source, |item| {
        let old = vm.call_pos(&getter, &[item.clone(), Value::int_unchecked(0)])?;
        let new = vm.binary_op(BinOp::Add, &old, &one)?;
        vm.set_item(mapping, &item, &new)
    })?;
    Ok(Value::NONE)
}
