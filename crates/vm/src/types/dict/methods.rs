//! What Python sees of `dict`.

use super::Dict;
use crate::error::PyResult;
use crate::native::{Args, CallArgs, MethodDef};
use crate::types::list::methods::push_repr;
use crate::types::slots::{BinOp, CmpOp, Slots};
use crate::types::typeobj::dunder::unhashable;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// The type `dict`.
pub static TYPE: TypeDef = TypeDef::new::<Dict>("dict")
    .doc(
        "dict() -> new empty dictionary\ndict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) \
         pairs\ndict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n        d[k] = \
         v\ndict(**kwargs) -> new dictionary initialized with the name=value pairs\n    in the keyword argument list.  For \
         example:  dict(one=1, two=2)",
    )
    .basetype()
    .gc()
    .flags(tflag::MAPPING | tflag::DICT | tflag::MATCH_SELF)
    .slots(
        Slots {
            new: Some(new),
            init: Some(init),
            repr: Some(repr),
            hash: Some(unhashable),
            richcmp: Some(richcmp),
            iter: Some(|vm, v| Ok(vm.dict_key_iter(v))),
            len: Some(|_, v| Ok(this(v).len())),
            getitem: Some(getitem),
            setitem: Some(setitem),
            contains: Some(contains),
            ..Slots::EMPTY
        }
        .with(BinOp::Or, or)
        .with_inplace(BinOp::Or, ior),
    )
    .methods(&[
        MethodDef::new("__contains__", "($self, key, /)", |vm, a| contains(vm, a.get(0), a.get(1)).map(Value::bool))
            .doc("True if the dictionary has the specified key, else False."),
        MethodDef::new("__getitem__", "($self, key, /)", |vm, a| getitem(vm, a.get(0), a.get(1)))
            .doc("Return self[key]."),
        MethodDef::new("__sizeof__", "($self, /)", sizeof).doc("Return the size of the dict in memory."),
        MethodDef::new("get", "($self, key, default=None, /)", get)
            .doc("Return the value for key if key is in the dictionary, else default."),
        MethodDef::new("setdefault", "($self, key, default=None, /)", setdefault).doc(
            "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the \
             dictionary, else default.",
        ),
        MethodDef::new("pop", "($self, key, default=<unrepresentable>, /)", pop).doc(
            "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the \
             default if given; otherwise,\nraise a KeyError.",
        ),
        MethodDef::new("popitem", "($self, /)", popitem).doc(
            "Remove and return a (key, value) pair as a 2-tuple.\n\nPairs are returned in LIFO (last-in, first-out) \
             order.\nRaises KeyError if the dict is empty.",
        ),
        MethodDef::new("keys", "($self, /)", |vm, a| Ok(vm.dict_view(vm.types().dict_keys, a.get(0))))
            .doc("Return a set-like object providing a view on the dict's keys."),
        MethodDef::new("items", "($self, /)", |vm, a| Ok(vm.dict_view(vm.types().dict_items, a.get(0))))
            .doc("Return a set-like object providing a view on the dict's items."),
        MethodDef::new("values", "($self, /)", |vm, a| Ok(vm.dict_view(vm.types().dict_values, a.get(0))))
            .doc("Return an object providing a view on the dict's values."),
        MethodDef::raw("update", "($self, /, *args, **kwargs)", update).doc(
            "D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.\nIf E is present and has a .keys() method, \
             then does:  for k in E.keys(): D[k] = E[k]\nIf E is present and lacks a .keys() method, then does:  for k, v in \
             E: D[k] = v\nIn either case, this is followed by: for k in F:  D[k] = F[k]",
        ),
        MethodDef::new("fromkeys", "($type, iterable, value=None, /)", fromkeys)
            .class()
            .doc("Create a new dictionary with keys from iterable and values set to value."),
        MethodDef::new("clear", "($self, /)", |vm, a| {
            vm.check_mutable(a.get(0))?;
            a.this::<Dict>().clear();
            Ok(Value::NONE)
        })
        .doc("Remove all items from the dict."),
        MethodDef::new("copy", "($self, /)", |vm, a| Ok(a.this::<Dict>().copy(vm)))
            .doc("Return a shallow copy of the dict."),
        MethodDef::new("__reversed__", "($self, /)", |vm, a| {
            Ok(vm.dict_iter_of(vm.types().dict_reversekeyiterator, a.get(0)))
        })
        .doc("Return a reverse iterator over the dict keys."),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ]);

#[inline(always)]
fn this(v: &Value) -> &Dict {
    v.downcast::<Dict>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, _: &CallArgs<'_>) -> PyResult {
    Ok(vm.alloc(ty, Dict::new(vm.heap().alloc())))
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    fill(vm, this(v), args, "dict")
}

/// What `dict(...)` and `update(...)` do with their arguments.
fn fill(vm: &Vm, dict: &Dict, args: &CallArgs<'_>, function: &str) -> PyResult<()> {
    vm.check_payload_mutable(dict)?;
    match args.pos() {
        [] => {}
        [source] => update_from_any(vm, dict, source)?,
        more => return Err(vm.type_error(&format!("{function} expected at most 1 argument, got {}", more.len()))),
    }
    for (name, value) in args.named() {
        dict.set(vm, name.clone(), value.clone())?;
    }
    Ok(())
}

fn update(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    fill(vm, this(&args.pos()[0]), &args.skip(1), "update")?;
    Ok(Value::NONE)
}

/// Whether items of a dict (of a subclass too) may be taken without asking it.
fn is_plain(vm: &Vm, source: &Value) -> bool {
    let dict = vm.types().dict;
    let iter = vm.type_of(source).slots().iter;
    source.is_a::<Dict>()
        && (vm.is_exact(source, dict)
            || matches!((iter, dict.slots().iter), (Some(a), Some(b)) if std::ptr::fn_addr_eq(a, b)))
}

/// Sets the items of a mapping, or of an iterable of pairs.
pub(crate) fn update_from_any(vm: &Vm, dict: &Dict, source: &Value) -> PyResult<()> {
    if vm.is_exact(source, vm.types().dict) || vm.getattr_opt(source, &vm.names().keys)?.is_some() {
        return update_from_mapping(vm, dict, source);
    }
    update_from_pairs(vm, dict, source)
}

/// Sets the items of a mapping: of an object with `keys()` and `__getitem__`.
pub(crate) fn update_from_mapping(vm: &Vm, dict: &Dict, source: &Value) -> PyResult<()> {
    if is_plain(vm, source)
        && let Some(other) = source.downcast::<Dict>()
    {
        if std::ptr::eq(dict, other) {
            return Ok(());
        }
        dict.reserve(other.len());
        let n = other.len();
        dict.update_from(vm, other)?;
        if other.len() != n {
            return Err(vm.runtime_error("dict mutated during update"));
        }
        return Ok(());
    }
    let keys = vm.call_method(source, &vm.names().keys, &[])?;
    let it = vm.iter(&keys)?;
    while let Some(key) = vm.next(&it)? {
        let value = vm.get_item(source, &key)?;
        dict.set(vm, key, value)?;
    }
    Ok(())
}

fn update_from_pairs(vm: &Vm, dict: &Dict, source: &Value) -> PyResult<()> {
    let it = vm.iter(source)?;
    let mut i = 0;
    while let Some(pair) = vm.next(&it)? {
        let items = match vm.iter_opt(&pair)? {
            Some(_) => vm.collect(&pair)?,
            None => return Err(vm.type_error("object is not iterable")),
        };
        let n = items.len();
        let Ok([key, value]) = <[Value; 2]>::try_from(items) else {
            return Err(
                vm.value_error(&format!("dictionary update sequence element #{i} has length {n}; 2 is required"))
            );
        };
        dict.set(vm, key, value)?;
        i += 1;
    }
    Ok(())
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let dict = this(v);
    if dict.is_empty() {
        return Ok(vm.str("{}"));
    }
    let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str("{...}")) };
    let mut out = Vec::with_capacity(dict.len() * 8);
    out.push(b'{');
    let mut i = 0;
    while i < dict.n_entries() {
        if let Some((key, value)) = dict.entry(i) {
            if out.len() > 1 {
                out.extend_from_slice(b", ");
            }
            push_repr(vm, &mut out, &key)?;
            out.extend_from_slice(b": ");
            push_repr(vm, &mut out, &value)?;
        }
        i += 1;
    }
    out.push(b'}');
    vm.finish_text(out)
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match op {
        CmpOp::Eq => equal(vm, x, y).map(Value::bool),
        CmpOp::Ne => equal(vm, x, y).map(|same| Value::bool(!same)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn equal(vm: &Vm, x: &Dict, y: &Dict) -> PyResult<bool> {
    if x.len() != y.len() {
        return Ok(false);
    }
    let mut i = 0;
    while i < x.n_entries() {
        if let Some((key, value)) = x.entry(i) {
            let Some(other) = y.find(vm, &key, x.hash_at(i))?.and_then(|at| y.value_at(at)) else { return Ok(false) };
            if !vm.eq(&value, &other)? {
                return Ok(false);
            }
        }
        i += 1;
    }
    Ok(true)
}

#[inline]
fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    match this(v).get(vm, key)? {
        Some(value) => Ok(value),
        None => missing(vm, v, key),
    }
}

#[cold]
fn missing(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    if !vm.is_exact(v, vm.types().dict)
        && let Some(value) = vm.call_special(v, &vm.names().__missing__, std::slice::from_ref(key))?
    {
        return Ok(value);
    }
    Err(vm.key_error(key))
}

fn setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let dict = this(v);
    match value {
        Some(value) => dict.set(vm, key.clone(), value.clone()),
        None => match dict.remove(vm, key)? {
            Some(_) => Ok(()),
            None => Err(vm.key_error(key)),
        },
    }
}

fn contains(vm: &Vm, v: &Value, key: &Value) -> PyResult<bool> {
    this(v).contains(vm, key)
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(_)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let result = x.copy(vm);
    update_from_any(vm, this(&result), b)?;
    Ok(result)
}

fn ior(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    vm.check_mutable(a)?;
    update_from_any(vm, this(a), b)?;
    Ok(a.clone())
}

fn sizeof(vm: &Vm, a: Args<'_>) -> PyResult {
    let base = vm.type_of(a.get(0)).basicsize as usize;
    Ok(Value::from_usize(base + a.this::<Dict>().storage_bytes()))
}

fn get(vm: &Vm, a: Args<'_>) -> PyResult {
    let found = a.this::<Dict>().get(vm, a.get(1))?;
    Ok(found.unwrap_or_else(|| a.opt(2).cloned().unwrap_or(Value::NONE)))
}

fn setdefault(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.check_mutable(a.get(0))?;
    a.this::<Dict>().get_or_insert(vm, a.get(1), || a.opt(2).cloned().unwrap_or(Value::NONE))
}

fn pop(vm: &Vm, a: Args<'_>) -> PyResult {
    let dict = a.this::<Dict>();
    vm.check_mutable(a.get(0))?;
    let found = if dict.is_empty() { None } else { dict.remove(vm, a.get(1))? };
    match found.or_else(|| a.opt(2).cloned()) {
        Some(value) => Ok(value),
        None => Err(vm.key_error(a.get(1))),
    }
}

fn popitem(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.check_mutable(a.get(0))?;
    match a.this::<Dict>().pop_last() {
        Some((key, value)) => Ok(vm.pair(key, value)),
        None => Err(vm.key_error(&vm.str("popitem(): dictionary is empty"))),
    }
}

fn fromkeys(vm: &Vm, a: Args<'_>) -> PyResult {
    let (class, source) = (a.get(0), a.get(1));
    let value = a.opt(2).cloned().unwrap_or(Value::NONE);
    let made = vm.call_none(class)?;
    if vm.is_exact(&made, vm.types().dict)
        && let Some(dict) = made.downcast::<Dict>()
    {
        vm.for_each(source, |key| dict.set(vm, key, value.clone()))?;
        return Ok(made);
    }
    vm.for_each(source, |key| vm.set_item(&made, &key, &value))?;
    Ok(made)
}
