//! What Python sees of functions.

use super::Function;
use crate::error::PyResult;
use crate::native::{CallArgs, GetSetDef};
use crate::types::cell::CellObj;
use crate::types::code::CodeObj;
use crate::types::dict::Dict;
use crate::types::slots::Slots;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::CodeFlags;

/// The type `function`.
pub static TYPE: TypeDef = TypeDef::new::<Function>("function")
    .doc("Create a function object.")
    .gc()
    .flags(tflag::HAS_DICT | tflag::HAS_WEAKREF | tflag::METHOD_DESCRIPTOR)
    .slots(Slots { new: Some(new), call: Some(call), repr: Some(repr), descr_get: Some(descr_get), ..Slots::EMPTY })
    .getset(&[
        GetSetDef::rw("__code__", |vm, v| Ok(parts(vm, v)?.code.get_or_none()), set_code),
        GetSetDef::rw("__defaults__", |vm, v| Ok(parts(vm, v)?.defaults.get_or_none()), set_defaults),
        GetSetDef::rw("__kwdefaults__", |vm, v| Ok(parts(vm, v)?.kwdefaults.get_or_none()), set_kwdefaults),
        GetSetDef::rw("__name__", |vm, v| Ok(this(v).name_value(vm)), set_name),
        GetSetDef::rw("__qualname__", |vm, v| Ok(this(v).qualname_value(vm)), set_qualname),
        GetSetDef::rw("__doc__", |_, v| Ok(this(v).doc_value()), set_doc),
        GetSetDef::rw("__module__", |_, v| Ok(this(v).module.get_or_none()), set_module),
        GetSetDef::rw("__annotations__", annotations, set_annotations),
        GetSetDef::rw("__annotate__", |vm, v| Ok(parts(vm, v)?.annotate.get_or_none()), set_annotate),
        GetSetDef::rw("__type_params__", type_params, set_type_params),
        GetSetDef::field("__globals__", |vm, v| Ok((*parts(vm, v)?.globals).clone())),
        GetSetDef::field("__builtins__", |vm, v| Ok((*parts(vm, v)?.builtins).clone())),
        GetSetDef::field("__closure__", |vm, v| Ok((*parts(vm, v)?.closure).clone().unwrap_or(Value::NONE))),
    ]);

fn this(v: &Value) -> &Function {
    v.downcast::<Function>().expect("the descriptor has checked the receiver")
}

/// The function whose parts a program sees: that of a frozen one which this interpreter runs.
fn parts<'a>(vm: &'a Vm, v: &'a Value) -> PyResult<&'a Function> {
    vm.runnable(this(v))
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    vm.call_function(v, args)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    Ok(vm.str(&format!("<function {} at {:#x}>", this(v).qualname_text(), v.bits())))
}

fn descr_get(vm: &Vm, v: &Value, obj: Option<&Value>, class: Option<&Value>) -> PyResult {
    match obj {
        Some(obj) if !obj.is_none() || class.is_none_or(|c| c.is(&vm.types().NoneType.value())) => {
            Ok(vm.bound_method(v.clone(), obj.clone()))
        }
        _ => Ok(v.clone()),
    }
}

/// `types.FunctionType(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)`.
fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let at = |i: usize, name: &str| args.pos().get(i).or_else(|| args.kw(name)).filter(|v| !v.is_none());
    let Some(code) = at(0, "code").filter(|c| c.is_a::<CodeObj>()) else {
        return Err(vm.type_error("function() argument 'code' must be code"));
    };
    let Some(globals) = at(1, "globals").filter(|c| c.is_a::<Dict>()) else {
        return Err(vm.type_error("function() argument 'globals' must be dict"));
    };
    let closure = at(4, "closure");
    let n_free = code.downcast::<CodeObj>().map_or(0, |c| c.code().freevars.len());
    let closure = match closure {
        None if n_free > 0 => return Err(vm.type_error("arg 5 (closure) must be tuple")),
        None => None,
        Some(c) => {
            let Some(t) = c.downcast::<Tuple>() else {
                return Err(vm.type_error("arg 5 (closure) must be None or tuple"));
            };
            if t.len() != n_free {
                let name = code.downcast::<CodeObj>().map_or("", |c| &c.code().name);
                let message = format!("{name} requires closure of length {n_free}, not {}", t.len());
                return Err(vm.value_error(&message));
            }
            if let Some(odd) = t.as_slice().iter().find(|c| !c.is_a::<CellObj>()) {
                let message = format!("arg 5 (closure) expected cell, found {}", vm.type_of(odd).name());
                return Err(vm.type_error(&message));
            }
            Some(c.clone()).filter(|_| n_free > 0)
        }
    };
    let func = vm.new_closure(code, globals, closure);
    let f = this(&func);
    if let Some(name) = at(2, "name") {
        if !name.is_a::<Str>() {
            return Err(vm.type_error("arg 3 (name) must be None or string"));
        }
        f.name.set(name.clone());
    }
    if let Some(defaults) = at(3, "argdefs") {
        if !defaults.is_a::<Tuple>() {
            return Err(vm.type_error("arg 4 (defaults) must be None or tuple"));
        }
        f.defaults.set(defaults.clone());
    }
    if let Some(kw) = at(5, "kwdefaults") {
        if !kw.is_a::<Dict>() {
            return Err(vm.type_error("arg 6 (kwdefaults) must be None or dict"));
        }
        f.kwdefaults.set(kw.clone());
    }
    Ok(func)
}

fn set_code(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(code) = value.filter(|c| c.is_a::<CodeObj>()) else {
        return Err(vm.type_error("__code__ must be set to a code object"));
    };
    let f = this(v);
    let n_free = code.downcast::<CodeObj>().map_or(0, |c| c.code().freevars.len());
    let n_closure = f.closure.as_ref().and_then(|c| c.downcast::<Tuple>()).map_or(0, Tuple::len);
    if n_free != n_closure {
        let name = f.code_obj().code().name.clone();
        let message = format!("{name}() requires a code object with {n_closure} free vars, not {n_free}");
        return Err(vm.value_error(&message));
    }
    let kind =
        |code: &CodeObj| code.code().flags & (CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR);
    if code.downcast::<CodeObj>().is_some_and(|new| kind(new) != kind(f.code_obj())) {
        let message =
            "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)";
        vm.hooks().warn(vm, vm.types().DeprecationWarning, message, 1)?;
    }
    f.set_code(vm, code);
    Ok(())
}

fn set_defaults(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value.filter(|d| !d.is_none()) {
        Some(d) if !d.is_a::<Tuple>() => Err(vm.type_error("__defaults__ must be set to a tuple object")),
        d => {
            this(v).defaults.put(d.cloned());
            Ok(())
        }
    }
}

fn set_kwdefaults(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value.filter(|d| !d.is_none()) {
        Some(d) if !d.is_a::<Dict>() => Err(vm.type_error("__kwdefaults__ must be set to a dict object")),
        d => {
            this(v).kwdefaults.put(d.cloned());
            Ok(())
        }
    }
}

fn set_name(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(n) if n.is_a::<Str>() => {
            this(v).name.set(n.clone());
            Ok(())
        }
        _ => Err(vm.type_error("__name__ must be set to a string object")),
    }
}

fn set_qualname(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(n) if n.is_a::<Str>() => {
            this(v).qualname.set(n.clone());
            Ok(())
        }
        _ => Err(vm.type_error("__qualname__ must be set to a string object")),
    }
}

fn set_doc(_: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    this(v).doc.set(value.cloned().unwrap_or(Value::NONE));
    Ok(())
}

fn set_module(_: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    this(v).module.set(value.cloned().unwrap_or(Value::NONE));
    Ok(())
}

fn annotations(vm: &Vm, v: &Value) -> PyResult {
    let f = parts(vm, v)?;
    if let Some(a) = f.annotations.get() {
        return Ok(a);
    }
    let made = match f.annotate.get().filter(|a| !a.is_none()) {
        Some(annotate) => {
            let made = vm.call_pos(&annotate, &[Value::int_unchecked(1)])?;
            if !made.is_a::<Dict>() {
                let message = format!("__annotate__() must return a dict, not {}", vm.type_of(&made).name());
                return Err(vm.type_error(&message));
            }
            made
        }
        None => vm.new_dict(),
    };
    f.annotations.set(made.clone());
    Ok(made)
}

fn set_annotations(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value.filter(|d| !d.is_none()) {
        Some(d) if !d.is_a::<Dict>() => Err(vm.type_error("__annotations__ must be set to a dict object")),
        d => {
            this(v).annotations.put(d.cloned());
            this(v).annotate.put(None);
            Ok(())
        }
    }
}

fn set_annotate(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("__annotate__ cannot be deleted")) };
    if !value.is_none() && !vm.is_callable(value) {
        return Err(vm.type_error("__annotate__ must be callable or None"));
    }
    this(v).annotate.set(value.clone());
    if !value.is_none() {
        this(v).annotations.put(None);
    }
    Ok(())
}

fn type_params(vm: &Vm, v: &Value) -> PyResult {
    Ok(parts(vm, v)?.type_params.get().unwrap_or_else(|| vm.tuple(Vec::new())))
}

fn set_type_params(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(t) if t.is_a::<Tuple>() => {
            this(v).type_params.set(t.clone());
            Ok(())
        }
        _ => Err(vm.type_error("__type_params__ must be set to a tuple")),
    }
}
