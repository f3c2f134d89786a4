//! `types.SimpleNamespace`: an object with attributes and nothing else.

use crate::error::PyResult;
use crate::native::{CallArgs, MethodDef};
use crate::types::dict::{Dict, methods};
use crate::types::list::methods::push_repr;
use crate::types::slots::{CmpOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// Attributes live in the instance's dict.
pub struct Namespace;

crate::native_payload!(Namespace {});

/// The type `types.SimpleNamespace`.
pub static TYPE: TypeDef = TypeDef::new::<Namespace>("SimpleNamespace")
    .copied()
    .freezable()
    .module("types")
    .doc("A simple attribute-based namespace.")
    .basetype()
    .gc()
    .flags(tflag::HAS_DICT)
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, Namespace))),
        init: Some(init),
        repr: Some(repr),
        richcmp: Some(richcmp),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("__reduce__", "($self, /)", |vm, a| {
            Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), vm.image().empty_tuple(), dict_of(vm, a.get(0))]))
        })
        .doc("Return state information for pickling"),
        MethodDef::raw("__replace__", "($self, /, **changes)", replace)
            .doc("Return a copy of the namespace object with new values for the specified attributes."),
    ]);

fn dict_of(vm: &Vm, v: &Value) -> Value {
    vm.instance_dict(v).unwrap_or_else(|| vm.new_dict())
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    vm.check_mutable(v)?;
    let dict = dict_of(vm, v);
    let dict = dict.downcast::<Dict>().expect("a dict");
    match args.pos() {
        [] => {}
        [source] => {
            let given = vm.new_dict();
            let items = given.downcast::<Dict>().expect("just made");
            methods::update_from_any(vm, items, source)?;
            if items.keys().iter().any(|k| !k.is_a::<Str>()) {
                return Err(vm.type_error("keywords must be strings"));
            }
            dict.update_from(vm, items)?;
        }
        more => {
            let name = vm.type_of(v).name();
            return Err(vm.type_error(&format!("{name} expected at most 1 argument, got {}", more.len())));
        }
    }
    for (name, value) in args.named() {
        dict.set(vm, vm.intern_value(name), value.clone())?;
    }
    Ok(())
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let ty = vm.type_of(v);
    let name = if ty.is(vm.types().SimpleNamespace) { "namespace".to_string() } else { ty.name().to_string() };
    let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str(&format!("{name}(...)"))) };
    let dict = dict_of(vm, v);
    let mut out = format!("{name}(").into_bytes();
    let start = out.len();
    for (key, value) in dict.downcast::<Dict>().map(Dict::items).unwrap_or_default() {
        let Some(key) = key.downcast::<Str>().filter(|k| !k.is_empty()) else { continue };
        if out.len() > start {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(key.as_bytes());
        out.push(b'=');
        push_repr(vm, &mut out, &value)?;
    }
    out.push(b')');
    vm.finish_text(out)
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    if a.is_a::<Namespace>() && b.is_a::<Namespace>() {
        return vm.compare(&dict_of(vm, a), &dict_of(vm, b), op);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

fn replace(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let [receiver] = args.pos() else {
        return Err(vm.type_error(&format!(
            "__replace__() takes no positional arguments ({} given)",
            args.pos().len().saturating_sub(1)
        )));
    };
    let made = vm.call_none(&vm.type_of(receiver).value())?;
    let dict = dict_of(vm, &made);
    let target = dict.downcast::<Dict>().expect("a dict");
    if let Some(source) = dict_of(vm, receiver).downcast::<Dict>() {
        target.update_from(vm, source)?;
    }
    for (name, value) in args.named() {
        target.set(vm, vm.intern_value(name), value.clone())?;
    }
    Ok(made)
}

impl Vm {
    /// A namespace with the given attributes.
    pub fn simple_namespace(&self, items: &[(&str, Value)]) -> Value {
        let made = self.alloc(self.types().SimpleNamespace, Namespace);
        let dict = dict_of(self, &made);
        if let Some(d) = dict.downcast::<Dict>() {
            items.iter().for_each(|(name, value)| d.set_name(self, name, value.clone()));
        }
        made
    }
}
