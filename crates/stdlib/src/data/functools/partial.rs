//! `partial` and its `Placeholder`.

use serpens_vm::cell::VCell;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;

/// A function with some of its arguments.
pub struct Partial {
    function: VCell,
    args: VCell,
    keywords: VCell,
    /// Placeholders among the arguments.
    holes: Cell<usize>,
}

serpens_vm::native_payload!(Partial {} cells { function, args, keywords });

/// The type `functools.partial`.
pub static PARTIAL: TypeDef = TypeDef::new::<Partial>("partial")
    .copied()
    .freezable()
    .module("functools")
    .doc("Create a new function with partial application of the given arguments and keywords.")
    .basetype()
    .gc()
    .flags(tflag::HAS_DICT | tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new),
        call: Some(call),
        repr: Some(repr),
        descr_get: Some(|vm, v, obj, _| {
            Ok(match obj.filter(|o| !o.is_none()) {
                Some(obj) => vm.bound_method(v.clone(), obj.clone()),
                None => v.clone(),
            })
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("__reduce__", "($self, /)", reduce),
        MethodDef::new("__setstate__", "($self, state, /)", setstate),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ])
    .getset(&[
        GetSetDef::new("func", |_, v| Ok(this(v).function.get_or_none()))
            .doc("function object to use in future partial calls"),
        GetSetDef::new("args", |_, v| Ok(this(v).args.get_or_none())).doc("tuple of arguments to future partial calls"),
        GetSetDef::new("keywords", |_, v| Ok(this(v).keywords.get_or_none()))
            .doc("dictionary of keyword arguments to future partial calls"),
    ]);

fn this(v: &Value) -> &Partial {
    v.downcast::<Partial>().expect("the descriptor has checked the receiver")
}

fn items(v: &Value) -> &[Value] {
    v.downcast::<Tuple>().map_or(&[], Tuple::as_slice)
}

/// The payload of `Placeholder`.
pub struct Placeholder;

serpens_vm::native_payload!(Placeholder {});

/// The type of `functools.Placeholder`.
pub static PLACEHOLDER_TYPE: TypeDef = TypeDef::new::<Placeholder>("_PlaceholderType")
    .immutable()
    .module("functools")
    .doc("The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.")
    .slots(Slots {
        new: Some(|vm, _, args| match args.all().is_empty() {
            true => Ok(placeholder(vm)),
            false => Err(vm.type_error("_PlaceholderType takes no arguments")),
        }),
        repr: Some(|vm, _| Ok(vm.str("Placeholder"))),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, _| Ok(vm.str("Placeholder")))]);

struct ThePlaceholder(Value);

impl Local for ThePlaceholder {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(ThePlaceholder(copier.take(&self.0)))
    }
}

/// `functools.Placeholder`, of which an interpreter has one.
pub(super) fn placeholder(vm: &Vm) -> Value {
    vm.local(|vm| ThePlaceholder(vm.alloc_native(&PLACEHOLDER_TYPE, Placeholder))).0.clone()
}

fn is_hole(v: &Value) -> bool {
    v.is_a::<Placeholder>()
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let [function, given @ ..] = args.pos() else {
        return Err(vm.type_error("type 'partial' takes at least one argument"));
    };
    if !vm.is_callable(function) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    if given.last().is_some_and(is_hole) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    if args.named().any(|(_, v)| is_hole(v)) {
        return Err(vm.type_error("Placeholder cannot be passed as a keyword argument"));
    }
    let keywords = vm.new_dict();
    let kw = keywords.downcast::<Dict>().expect("just made");
    let mut all: Vec<Value> = Vec::with_capacity(given.len());
    let mut function = function.clone();
    // A partial of a partial is one of its function.
    let inner_function = match function.downcast::<Partial>() {
        Some(inner) if vm.is_exact(&function, vm.type_of_def(&PARTIAL)) && vm.own_attributes(&function).is_empty() => {
            let own = inner.args.get_or_none();
            let mut rest = given.iter().cloned();
            for arg in items(&own) {
                all.push(if is_hole(arg) { rest.next().unwrap_or_else(|| arg.clone()) } else { arg.clone() });
            }
            all.extend(rest);
            if let Some(own) = inner.keywords.get()
                && let Some(own) = own.downcast::<Dict>()
            {
                kw.update_from(vm, own)?;
            }
            inner.function.get()
        }
        _ => {
            all.extend_from_slice(given);
            None
        }
    };
    if let Some(inner) = inner_function {
        function = inner;
    }
    for (name, v) in args.named() {
        kw.set(vm, name.clone(), v.clone())?;
    }
    let holes = all.iter().filter(|a| is_hole(a)).count();
    let payload = Partial {
        function: VCell::new(function),
        args: VCell::new(vm.tuple(all)),
        keywords: VCell::new(keywords),
        holes: Cell::new(holes),
    };
    Ok(vm.alloc(ty, payload))
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let p = this(v);
    let (function, own) = (p.function.get_or_none(), p.args.get_or_none());
    let holes = p.holes.get();
    let given = args.pos();
    if given.len() < holes {
        return Err(vm.type_error(&format!(
            "missing positional arguments in 'partial' call; expected at least {holes}, got {}",
            given.len()
        )));
    }
    let mut all: Vec<Value> = Vec::with_capacity(items(&own).len() + args.all().len());
    let (mut fill, rest) = (given[..holes].iter(), &given[holes..]);
    for arg in items(&own) {
        let filled = if is_hole(arg) { fill.next() } else { None };
        all.push(filled.unwrap_or(arg).clone());
    }
    all.extend_from_slice(rest);
    let keywords = p.keywords.get_or_none();
    let Some(kw) = keywords.downcast::<Dict>().filter(|d| !d.is_empty()) else {
        all.extend_from_slice(&args.all()[given.len()..]);
        return vm.call(&function, &CallArgs::new(&all, args.names()));
    };
    if args.n_named() == 0 {
        return vm.call_dict(&function, &all, kw);
    }
    let merged = kw.copy(vm);
    let target = merged.downcast::<Dict>().expect("just made");
    for (name, v) in args.named() {
        target.set(vm, name.clone(), v.clone())?;
    }
    vm.call_dict(&function, &all, target)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let p = this(v);
    let name = vm.type_of(v).full_name(vm);
    let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str("...")) };
    let mut out = format!("{name}({}", vm.repr_string(&p.function.get_or_none())?);
    for arg in items(&p.args.get_or_none()) {
        out.push_str(&format!(", {}", vm.repr_string(arg)?));
    }
    for (key, value) in p.keywords.get_or_none().downcast::<Dict>().map(Dict::items).unwrap_or_default() {
        out.push_str(&format!(", {}={}", vm.str_string(&key)?, vm.repr_string(&value)?));
    }
    out.push(')');
    Ok(vm.str(&out))
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let p = a.this::<Partial>();
    let attributes = vm.own_attributes(a.get(0));
    let state = match attributes.is_empty() {
        true => Value::NONE,
        false => vm.instance_dict(a.get(0)).unwrap_or(Value::NONE),
    };
    let function = p.function.get_or_none();
    let all = vec![function.clone(), p.args.get_or_none(), p.keywords.get_or_none(), state];
    Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), vm.tuple(vec![function]), vm.tuple(all)]))
}

fn setstate(vm: &Vm, a: Args<'_>) -> PyResult {
    let p = a.this::<Partial>();
    vm.check_mutable(a.get(0))?;
    let invalid = || vm.type_error("invalid partial state");
    let [function, args, keywords, state] = items(a.get(1)) else { return Err(invalid()) };
    if !a.get(1).is_a::<Tuple>()
        || !vm.is_callable(function)
        || !args.is_a::<Tuple>()
        || !(keywords.is_none() || keywords.is_a::<Dict>())
        || !(state.is_none() || state.is_a::<Dict>())
    {
        return Err(invalid());
    }
    if items(args).last().is_some_and(is_hole) {
        return Err(vm.type_error("trailing Placeholders are not allowed"));
    }
    let keywords = match keywords.downcast::<Dict>() {
        None => vm.new_dict(),
        Some(kw) => kw.copy(vm),
    };
    p.holes.set(items(args).iter().filter(|a| is_hole(a)).count());
    p.function.set(function.clone());
    p.args.set(vm.tuple_of(items(args)));
    p.keywords.set(keywords);
    let state = if state.is_none() { vm.new_dict() } else { state.clone() };
    vm.setattr(a.get(0), &vm.names().__dict__, Some(&state))?;
    Ok(Value::NONE)
}
