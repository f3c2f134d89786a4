//! Attributes, identity, instances: `getattr`, `isinstance`, `dir`, `vars`, `repr`, `callable`, ...

use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("ascii", "(obj, /)", |vm, a| vm.ascii(a.get(0)))
        .doc("Return an ASCII-only representation of an object."),
    MethodDef::new("callable", "(obj, /)", |vm, a| Ok(Value::bool(vm.is_callable(a.get(0)))))
        .doc("Return whether the object is callable (i.e., some kind of function)."),
    MethodDef::new("delattr", "(obj, name, /)", |vm, a| {
        let name = vm.attribute_name(a.get(1))?;
        vm.setattr(a.get(0), &name, None)?;
        Ok(Value::NONE)
    })
    .doc("Deletes the named attribute from the given object."),
    MethodDef::new("dir", "(object=<unrepresentable>, /)", dir).doc(
        "dir([object]) -> list of strings\n\nIf called without an argument, return the names in the current scope.",
    ),
    MethodDef::new("format", "(value, format_spec='', /)", |vm, a| {
        let empty = vm.str("");
        let spec = a.opt(1).unwrap_or(&empty);
        if !spec.is_a::<Str>() {
            return Err(vm.type_error(&format!("format() argument 2 must be str, not {}", vm.type_of(spec).name())));
        }
        vm.format(a.get(0), spec)
    })
    .doc("Return type(value).__format__(value, format_spec)"),
    MethodDef::new("getattr", "(object, name, default=<unrepresentable>, /)", |vm, a| {
        let name = vm.attribute_name(a.get(1))?;
        match a.opt(2) {
            Some(default) => Ok(vm.getattr_opt(a.get(0), &name)?.unwrap_or_else(|| default.clone())),
            None => vm.getattr(a.get(0), &name),
        }
    })
    .doc("getattr(object, name[, default]) -> value\n\nGet a named attribute from an object."),
    MethodDef::new("hasattr", "(obj, name, /)", |vm, a| {
        let name = vm.attribute_name(a.get(1))?;
        Ok(Value::bool(vm.getattr_opt(a.get(0), &name)?.is_some()))
    })
    .doc("Return whether the object has an attribute with the given name."),
    MethodDef::new("isinstance", "(obj, class_or_tuple, /)", |vm, a| {
        vm.is_instance(a.get(0), a.get(1)).map(Value::bool)
    })
    .doc("Return whether an object is an instance of a class or of a subclass thereof."),
    MethodDef::new("issubclass", "(cls, class_or_tuple, /)", |vm, a| {
        vm.is_subclass(a.get(0), a.get(1)).map(Value::bool)
    })
    .doc("Return whether 'cls' is derived from another class or is the same class."),
    MethodDef::new("repr", "(obj, /)", |vm, a| vm.repr(a.get(0)))
        .doc("Return the canonical string representation of the object."),
    MethodDef::new("setattr", "(obj, name, value, /)", |vm, a| {
        let name = vm.attribute_name(a.get(1))?;
        vm.setattr(a.get(0), &name, Some(a.get(2)))?;
        Ok(Value::NONE)
    })
    .doc("Sets the named attribute on the given object to the specified value."),
    MethodDef::new("vars", "(object=<unrepresentable>, /)", |vm, a| match a.opt(0) {
        None => Ok(vm.frame_locals().unwrap_or(Value::NONE)),
        Some(v) => match vm.getattr_opt(v, &vm.names().__dict__)? {
            Some(d) => Ok(d),
            None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
        },
    })
    .doc("vars([object]) -> dictionary\n\nWithout arguments, equivalent to locals().\nWith an argument, equivalent to object.__dict__."),
];

fn dir(vm: &Vm, a: Args<'_>) -> PyResult {
    let names = match a.opt(0) {
        None => {
            let locals = vm.frame_locals().unwrap_or(Value::NONE);
            match locals.downcast::<Dict>() {
                Some(d) => d.keys(),
                None => vm.collect(&vm.call_method(&locals, &vm.names().keys, &[])?)?,
            }
        }
        Some(v) => match vm.call_special(v, &vm.names().__dir__, &[])? {
            Some(list) => vm.collect(&list)?,
            None => return Err(vm.type_error("object does not provide __dir__")),
        },
    };
    let list = vm.list(names);
    if let Some(l) = list.downcast::<List>() {
        serpens_vm::types::list::sort::sort_list(vm, l, None, false)?;
    }
    Ok(list)
}
