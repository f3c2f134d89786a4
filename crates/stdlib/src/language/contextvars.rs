//! `_contextvars`: context variables, contexts, tokens.
//!
//! A context holds a dict from variables to values that copies of the context share: `copy` is a reference, and whoever
//! sets a variable while others hold the dict copies it first.
//!
//! Invariant: the running thread's current context is in its `ThreadState`; a context that is entered knows the one before.

use serpens_state::NativeModule;
use serpens_vm::cell::VCell;
use serpens_vm::image::part::key_of;
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::{CmpOp, Slots};
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::Cell;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_contextvars")
    .doc("Context Variables")
    .functions(&[MethodDef::new("copy_context", "()", |vm, _| {
        let current = current(vm);
        Ok(copy(vm, &current))
    })])
    .types(&[&CONTEXT, &CONTEXT_VAR, &TOKEN]);

macro_rules! native {
    ($name:ident, $($cell:ident)*) => {
        // SAFETY: made by the heap only; told apart by its type id.
        #[expect(unsafe_code, reason = "object layout")]
        unsafe impl Payload for $name {
            const KIND: Kind = Kind::Native;

            fn matches(header: &Header) -> bool {
                header.kind() == Kind::Native && header.ty().has_payload::<$name>()
            }

            fn traverse(&self, visit: &mut Visitor<'_>) {
                $( self.$cell.traverse(visit); )*
            }

            fn clear(&self) {
                $( drop(self.$cell.take()); )*
            }
        }
    };
}

/// A mapping from variables to values.
pub struct Context {
    vars: VCell,
    /// The context that was current before this one was entered.
    prev: VCell,
    entered: Cell<bool>,
}
native!(Context, vars prev);

/// A context variable.
pub struct ContextVar {
    name: VCell,
    default: VCell,
}
native!(ContextVar, name default);

/// What `ContextVar.set` returns.
pub struct Token {
    context: VCell,
    var: VCell,
    /// Empty: the variable was not set before.
    old: VCell,
    used: Cell<bool>,
}
native!(Token, context var old);

/// The value `Token.MISSING`.
#[derive(Default)]
struct Missing;

// SAFETY: made by the heap only; told apart by its type id.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Missing {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<Missing>()
    }
}

static MISSING: TypeDef = TypeDef::new::<Missing>("Token.MISSING")
    .flags(tflag::NO_NEW)
    .slots(Slots { repr: Some(|vm, _| Ok(vm.str("<Token.MISSING>"))), ..Slots::EMPTY });

/// Names the one object of its type.
static THE_MISSING: u8 = 0;

fn missing(vm: &Vm) -> PyResult {
    vm.frozen(key_of(&THE_MISSING), &|builder| Ok(builder.alloc_native(&MISSING, Missing)))
}

static CONTEXT: TypeDef = TypeDef::new::<Context>("Context")
    .copied()
    .module("_contextvars")
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, ty, args| {
            if !args.all().is_empty() {
                return Err(vm.type_error("Context() does not accept any arguments"));
            }
            let _ = ty;
            Ok(new_context(vm, vm.new_dict()))
        }),
        len: Some(|vm, v| Ok(dict_of(vm, context(v)).downcast::<Dict>().map_or(0, Dict::len))),
        iter: Some(|vm, v| vm.iter(&dict_of(vm, context(v)))),
        getitem: Some(|vm, v, key| {
            check_key(vm, key)?;
            match lookup(vm, context(v), key)? {
                Some(found) => Ok(found),
                None => Err(vm.key_error(key)),
            }
        }),
        contains: Some(|vm, v, key| {
            check_key(vm, key)?;
            Ok(lookup(vm, context(v), key)?.is_some())
        }),
        richcmp: Some(compare),
        hash: Some(|vm, v| Err(vm.type_error(&format!("unhashable type: '{}'", vm.type_of(v).name())))),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::raw("run", "($self, callable, /, *args, **kwargs)", run),
        MethodDef::new("copy", "($self, /)", |vm, a| Ok(copy(vm, a.get(0))))
            .doc("Return a shallow copy of the context object."),
        MethodDef::new("get", "($self, key, default=None, /)", |vm, a| {
            check_key(vm, a.get(1))?;
            let found = lookup(vm, context(a.get(0)), a.get(1))?;
            Ok(found.unwrap_or_else(|| a.opt(2).cloned().unwrap_or(Value::NONE)))
        }),
        MethodDef::new("items", "($self, /)", |vm, a| view(vm, a, "items")),
        MethodDef::new("keys", "($self, /)", |vm, a| view(vm, a, "keys")),
        MethodDef::new("values", "($self, /)", |vm, a| view(vm, a, "values")),
    ]);

static CONTEXT_VAR: TypeDef = TypeDef::new::<ContextVar>("ContextVar")
    .copied()
    .module("_contextvars")
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots { new: Some(new_var), repr: Some(repr_var), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("get", "($self, default=<unrepresentable>, /)", get_var)
            .doc("Return a value for the context variable for the current context."),
        MethodDef::new("set", "($self, value, /)", set_var)
            .doc("Call to set a new value for the context variable in the current context."),
        MethodDef::new("reset", "($self, token, /)", |vm, a| reset_var(vm, a.get(0), a.get(1)))
            .doc("Reset the context variable."),
        class_getitem(),
    ])
    .getset(&[GetSetDef::new("name", |_, v| Ok(var(v).name.get_or_none()))]);

static TOKEN: TypeDef = TypeDef::new::<Token>("Token")
    .copied()
    .module("_contextvars")
    .constants(&[("MISSING", missing)])
    .gc()
    .slots(Slots {
        new: Some(|vm, _, _| Err(vm.runtime_error("Tokens can only be created by ContextVars"))),
        hash: Some(|vm, v| Err(vm.type_error(&format!("unhashable type: '{}'", vm.type_of(v).name())))),
        repr: Some(repr_token),
        ..Slots::EMPTY
    })
    .methods(&[
        class_getitem(),
        MethodDef::new("__enter__", "($self, /)", |_, a| Ok(a.get(0).clone())),
        MethodDef::new("__exit__", "($self, type, value, traceback, /)", |vm, a| {
            let var = token(a.get(0)).var.get_or_none();
            reset_var(vm, &var, a.get(0))
        }),
    ])
    .getset(&[
        GetSetDef::new("var", |_, v| Ok(token(v).var.get_or_none())),
        GetSetDef::new("old_value", |vm, v| token(v).old.get().map_or_else(|| missing(vm), Ok)),
    ]);

const fn class_getitem() -> MethodDef {
    MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
        .class()
        .doc("See PEP 585")
}

fn context(v: &Value) -> &Context {
    v.downcast::<Context>().expect("the descriptor has checked the receiver")
}

fn var(v: &Value) -> &ContextVar {
    v.downcast::<ContextVar>().expect("the descriptor has checked the receiver")
}

fn token(v: &Value) -> &Token {
    v.downcast::<Token>().expect("the descriptor has checked the receiver")
}

fn new_context(vm: &Vm, vars: Value) -> Value {
    vm.alloc_native(&CONTEXT, Context { vars: VCell::new(vars), prev: VCell::empty(), entered: Cell::new(false) })
}

fn copy(vm: &Vm, v: &Value) -> Value {
    new_context(vm, dict_of(vm, context(v)))
}

/// The context of the running thread, made when it is first asked for.
pub fn current(vm: &Vm) -> Value {
    if let Some(c) = vm.ts().context.get() {
        return c;
    }
    let c = new_context(vm, vm.new_dict());
    vm.ts().context.set(c.clone());
    c
}

fn dict_of(vm: &Vm, c: &Context) -> Value {
    match c.vars.get() {
        Some(d) => d,
        None => vm.new_dict(),
    }
}

/// The dict, for writing: a copy if others share it.
fn own_dict(vm: &Vm, c: &Context) -> Value {
    let shared = dict_of(vm, c);
    // One reference is the context's, one is `shared` here.
    if shared.ref_count().is_some_and(|n| n <= 2) && c.vars.is_set() {
        return shared;
    }
    let copy = shared.downcast::<Dict>().expect("a dict").copy(vm);
    c.vars.set(copy.clone());
    copy
}

fn check_key(vm: &Vm, key: &Value) -> PyResult<()> {
    if key.is_a::<ContextVar>() {
        return Ok(());
    }
    Err(vm.type_error(&format!("a ContextVar key was expected, got {}", vm.repr_string(key)?)))
}

fn lookup(vm: &Vm, c: &Context, key: &Value) -> PyResult<Option<Value>> {
    match c.vars.get() {
        Some(d) => d.downcast::<Dict>().expect("a dict").get(vm, key),
        None => Ok(None),
    }
}

fn view(vm: &Vm, a: Args<'_>, what: &str) -> PyResult {
    let dict = dict_of(vm, context(a.get(0)));
    vm.call_method_str(&dict, what, &[])
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Context>(), b.downcast::<Context>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    vm.compare(&dict_of(vm, x), &dict_of(vm, y), op)
}

/// Makes `v` the current context.
pub fn enter(vm: &Vm, v: &Value) -> PyResult<()> {
    let c = context(v);
    if c.entered.get() {
        let shown = vm.repr_string(v)?;
        return Err(vm.runtime_error(&format!("cannot enter context: {shown} is already entered")));
    }
    c.prev.put(vm.ts().context.get());
    c.entered.set(true);
    vm.ts().context.set(v.clone());
    Ok(())
}

/// Makes the context before `v` the current one again.
pub fn leave(vm: &Vm, v: &Value) -> PyResult<()> {
    let c = context(v);
    if !c.entered.get() {
        let shown = vm.repr_string(v)?;
        return Err(vm.runtime_error(&format!("cannot exit context: {shown} has not been entered")));
    }
    if !vm.ts().context.get().is_some_and(|now| now.is(v)) {
        return Err(vm.runtime_error("cannot exit context: thread state references a different context object"));
    }
    vm.ts().context.put(c.prev.take());
    c.entered.set(false);
    Ok(())
}

fn run(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let Some(this) = args.pos().first().cloned() else {
        return Err(vm.type_error("unbound method Context.run() needs an argument"));
    };
    let Some(f) = args.pos().get(1).cloned() else {
        return Err(vm.type_error("run() missing 1 required positional argument"));
    };
    enter(vm, &this)?;
    let result = vm.call(&f, &args.skip(2));
    match result {
        Ok(v) => leave(vm, &this).map(|()| v),
        Err(e) => {
            let pending = vm.ts().save_pending();
            let left = leave(vm, &this);
            if left.is_err() {
                drop(vm.take_raised());
            }
            vm.ts().restore_pending(pending);
            Err(e)
        }
    }
}

fn new_var(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let mut default = None;
    for (name, value) in args.named() {
        match name.downcast::<Str>() {
            Some(s) if s == "default" => default = Some(value.clone()),
            Some(s) => {
                return Err(vm.type_error(&format!("ContextVar() got an unexpected keyword argument '{s}'")));
            }
            None => {}
        }
    }
    let [name] = args.pos() else {
        let n = args.pos().len();
        let message = format!("ContextVar() takes exactly 1 positional argument ({n} given)");
        return Err(vm.type_error(&message));
    };
    if !name.is_a::<Str>() {
        return Err(vm.type_error("context variable name must be a str"));
    }
    let payload = ContextVar { name: VCell::new(name.clone()), default: VCell::from(default) };
    Ok(vm.alloc_native(&CONTEXT_VAR, payload))
}

fn repr_var(vm: &Vm, v: &Value) -> PyResult {
    let x = var(v);
    let name = vm.repr_string(&x.name.get_or_none())?;
    let default = match x.default.get() {
        Some(d) => format!(" default={}", vm.repr_string(&d)?),
        None => String::new(),
    };
    Ok(vm.str(&format!("<ContextVar name={name}{default} at {:#x}>", v.bits())))
}

fn repr_token(vm: &Vm, v: &Value) -> PyResult {
    let t = token(v);
    let used = if t.used.get() { " used" } else { "" };
    let var = vm.repr_string(&t.var.get_or_none())?;
    Ok(vm.str(&format!("<Token{used} var={var} at {:#x}>", v.bits())))
}

fn get_var(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    if let Some(c) = vm.ts().context.get()
        && let Some(found) = lookup(vm, context(&c), v)?
    {
        return Ok(found);
    }
    match a.opt(1).cloned().or_else(|| var(v).default.get()) {
        Some(d) => Ok(d),
        None => Err(vm.raise_with(vm.types().LookupError, vec![v.clone()])),
    }
}

fn set_var(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let c = current(vm);
    let dict = own_dict(vm, context(&c));
    let d = dict.downcast::<Dict>().expect("a dict");
    let old = d.get(vm, v)?;
    d.set(vm, v.clone(), a.get(1).clone())?;
    let payload =
        Token { context: VCell::new(c), var: VCell::new(v.clone()), old: VCell::from(old), used: Cell::new(false) };
    Ok(vm.alloc_native(&TOKEN, payload))
}

fn reset_var(vm: &Vm, v: &Value, of: &Value) -> PyResult {
    let Some(t) = of.downcast::<Token>() else {
        let given = vm.type_of(of).name();
        return Err(vm.type_error(&format!(
            "expected an instance of Token, got {}",
            vm.repr_string(of).unwrap_or(given.to_string())
        )));
    };
    if t.used.get() {
        let shown = vm.repr_string(of)?;
        return Err(vm.runtime_error(&format!("{shown} has already been used once")));
    }
    if !t.var.get().is_some_and(|x| x.is(v)) {
        let shown = vm.repr_string(of)?;
        return Err(vm.value_error(&format!("{shown} was created by a different ContextVar")));
    }
    let c = current(vm);
    if !t.context.get().is_some_and(|x| x.is(&c)) {
        let shown = vm.repr_string(of)?;
        return Err(vm.value_error(&format!("{shown} was created in a different Context")));
    }
    t.used.set(true);
    let dict = own_dict(vm, context(&c));
    let d = dict.downcast::<Dict>().expect("a dict");
    match t.old.get() {
        Some(old) => d.set(vm, v.clone(), old)?,
        None => drop(d.remove(vm, v)?),
    }
    Ok(Value::NONE)
}
