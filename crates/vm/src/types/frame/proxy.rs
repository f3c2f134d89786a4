//! `FrameLocalsProxy`: `f_locals` of a function's frame, a mapping that writes through (PEP 667).

use super::{FrameObj, Place, Variables};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::cell::CellObj;
use crate::types::dict::Dict;
use crate::types::slots::{BinOp, CmpOp, Slots};
use crate::types::str::Str;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// The mapping.
pub struct LocalsProxy {
    pub(crate) frame: Value,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "payload declaration")]
unsafe impl Payload for LocalsProxy {
    const KIND: Kind = Kind::Native;

    fn matches(header: &crate::object::Header) -> bool {
        header.kind() == Kind::Native && header.ty().native_id == Some(std::any::TypeId::of::<LocalsProxy>())
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.frame);
    }
}

/// The type `FrameLocalsProxy`.
pub static LOCALS_PROXY: TypeDef = TypeDef::new::<LocalsProxy>("FrameLocalsProxy")
    .gc()
    .flags(tflag::MAPPING)
    .slots(
        Slots {
            len: Some(|vm, v| Ok(items(vm, v).len())),
            getitem: Some(getitem),
            setitem: Some(setitem),
            contains: Some(contains),
            iter: Some(|vm, v| vm.iter(&vm.list(keys(vm, v)))),
            repr: Some(|vm, v| vm.repr(&copy_of(vm, v)?)),
            richcmp: Some(richcmp),
            new: Some(new),
            ..Slots::EMPTY
        }
        .with(BinOp::Or, |vm, a, b| vm.binary_op(BinOp::Or, &plain(vm, a)?, &plain(vm, b)?)),
    )
    .methods(&[
        MethodDef::new("keys", "($self, /)", |vm, a| Ok(vm.list(keys(vm, a.get(0))))),
        MethodDef::new("values", "($self, /)", |vm, a| {
            Ok(vm.list(items(vm, a.get(0)).into_iter().map(|(_, v)| v).collect()))
        }),
        MethodDef::new("items", "($self, /)", |vm, a| {
            Ok(vm.list(items(vm, a.get(0)).into_iter().map(|(k, v)| vm.tuple(vec![k, v])).collect()))
        }),
        MethodDef::new("get", "($self, key, default=None, /)", get),
        MethodDef::new("copy", "($self, /)", |vm, a| copy_of(vm, a.get(0))),
        MethodDef::new("setdefault", "($self, key, default=None, /)", setdefault),
        MethodDef::raw("update", "($self, other=(), /, **kwargs)", update),
        MethodDef::raw("pop", "($self, key, /, *default)", pop),
        MethodDef::new("__reversed__", "($self, /)", |vm, a| {
            let mut k = keys(vm, a.get(0));
            k.reverse();
            Ok(vm.list(k))
        }),
    ]);

fn frame(v: &Value) -> &FrameObj {
    let proxy = v.downcast::<LocalsProxy>().expect("the descriptor has checked the receiver");
    proxy.frame.downcast::<FrameObj>().expect("a proxy has a frame")
}

fn variables(f: &FrameObj) -> Variables<'_> {
    let func = Some(f.func()).filter(|_| !f.cleared.get());
    Variables::new(f.code(), func, f.registers())
}

fn extra(f: &FrameObj) -> Option<Value> {
    f.extra_locals.get()
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [frame] = args.all() else {
        let message = format!("FrameLocalsProxy expected 1 argument, got {}", args.all().len());
        return Err(vm.type_error(&message));
    };
    if !frame.is_a::<FrameObj>() || args.names().is_some() {
        return Err(vm.type_error(&format!("expect frame, not {}", vm.type_of(frame).name())));
    }
    Ok(vm.alloc(ty, LocalsProxy { frame: frame.clone() }))
}

/// What is bound: the variables, then what was set besides.
fn items(vm: &Vm, v: &Value) -> Vec<(Value, Value)> {
    let f = frame(v);
    let vars = variables(f);
    let mut out = Vec::new();
    vars.each(|name, place| {
        if let Some(value) = vars.read(&place) {
            out.push((vm.intern(name), value));
        }
    });
    if let Some(d) = extra(f) {
        out.extend(d.downcast::<Dict>().map(Dict::items).unwrap_or_default());
    }
    out
}

fn keys(vm: &Vm, v: &Value) -> Vec<Value> {
    items(vm, v).into_iter().map(|(k, _)| k).collect()
}

/// A dict in place of a proxy.
fn plain(vm: &Vm, v: &Value) -> PyResult {
    if v.is_a::<LocalsProxy>() { copy_of(vm, v) } else { Ok(v.clone()) }
}

fn copy_of(vm: &Vm, v: &Value) -> PyResult {
    let dict = vm.new_dict();
    for (k, value) in items(vm, v) {
        vm.set_item(&dict, &k, &value)?;
    }
    Ok(dict)
}

/// The name of a variable that a key is equal to: exact strings by their text, other keys by `__eq__`.
fn variable(vm: &Vm, f: &FrameObj, key: &Value) -> PyResult<Option<String>> {
    vm.hash(key)?;
    if vm.is_exact_str(key) {
        return Ok(key.downcast::<Str>().map(|s| s.to_string()).filter(|n| variables(f).find(n).is_some()));
    }
    let mut names = Vec::new();
    variables(f).each(|name, _| names.push(name.to_string()));
    for name in names {
        if vm.eq(&vm.intern(&name), key)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn lookup(vm: &Vm, v: &Value, key: &Value) -> PyResult<Option<Value>> {
    let f = frame(v);
    if let Some(name) = variable(vm, f, key)? {
        let vars = variables(f);
        return Ok(vars.find(&name).and_then(|place| vars.read(&place)));
    }
    match extra(f) {
        Some(d) => match d.downcast::<Dict>() {
            Some(d) => d.get(vm, key),
            None => Ok(None),
        },
        None => Ok(None),
    }
}

fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    lookup(vm, v, key)?.ok_or_else(|| vm.key_error(key))
}

fn contains(vm: &Vm, v: &Value, key: &Value) -> PyResult<bool> {
    Ok(lookup(vm, v, key)?.is_some())
}

fn setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let f = frame(v);
    let name = variable(vm, f, key)?;
    let vars = variables(f);
    match (name.and_then(|name| vars.find(&name)), value) {
        (Some(_), None) => Err(vm.value_error("cannot remove local variables from FrameLocalsProxy")),
        (Some(Place::Register(i)), Some(value)) => {
            if let Some(regs) = f.registers() {
                regs.put(i, value.clone());
            }
            Ok(())
        }
        (Some(Place::Cell(cell)), Some(value)) => {
            if let Some(c) = cell.downcast::<CellObj>() {
                c.contents.set(value.clone());
            }
            Ok(())
        }
        (None, Some(value)) => {
            let dict = extra(f).unwrap_or_else(|| {
                let d = vm.new_dict();
                f.extra_locals.set(d.clone());
                d
            });
            vm.set_item(&dict, key, value)
        }
        (None, None) => match extra(f) {
            Some(dict) => vm.del_item(&dict, key),
            None => Err(vm.key_error(key)),
        },
    }
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    vm.compare(&plain(vm, a)?, &plain(vm, b)?, op)
}

fn get(vm: &Vm, a: Args<'_>) -> PyResult {
    let found = lookup(vm, a.get(0), a.get(1))?;
    Ok(found.unwrap_or_else(|| a.opt(2).cloned().unwrap_or(Value::NONE)))
}

fn setdefault(vm: &Vm, a: Args<'_>) -> PyResult {
    if let Some(v) = lookup(vm, a.get(0), a.get(1))? {
        return Ok(v);
    }
    let default = a.opt(2).cloned().unwrap_or(Value::NONE);
    setitem(vm, a.get(0), a.get(1), Some(&default))?;
    Ok(default)
}

fn update(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let [this, rest @ ..] = args.pos() else { return Err(vm.type_error("update() needs an argument")) };
    let dict = vm.new_dict();
    for other in rest {
        let name = &vm.names().update;
        vm.call_method(&dict, name, std::slice::from_ref(other))?;
    }
    for (k, v) in args.named() {
        vm.set_item(&dict, k, v)?;
    }
    for (k, v) in dict.downcast::<Dict>().map(Dict::items).unwrap_or_default() {
        setitem(vm, this, &k, Some(&v))?;
    }
    Ok(Value::NONE)
}

fn pop(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let [this, key, rest @ ..] = args.pos() else {
        return Err(vm.type_error("pop expected at least 1 argument, got 0"));
    };
    match (lookup(vm, this, key)?, rest.first()) {
        (Some(v), _) => {
            setitem(vm, this, key, None)?;
            Ok(v)
        }
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(vm.key_error(key)),
    }
}
