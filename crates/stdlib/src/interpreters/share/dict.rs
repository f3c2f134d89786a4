//! `SharedDict`: one dict for all interpreters. Keys and values are immutable or shared; anything else is stored as a
//! pickle, of which each reader gets a copy.
//!
//! Every operation on one key is atomic; what looks at all keys sees some that others add or remove meanwhile.

use super::{Handle, make, this};
use serpens_share::portable::{Key, Lookup};
use serpens_share::{Portable, SharedMap};
use serpens_state::crossing::{self, Fallback};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::{CmpOp, Slots};
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::sync::Arc;

/// A handle of one.
pub(super) struct SharedDict(Arc<SharedMap>);

serpens_vm::native_payload!(SharedDict {});

impl Handle for SharedDict {
    const DEF: &'static TypeDef = &DICT;
    type Shared = Arc<SharedMap>;

    fn shared(&self) -> Arc<SharedMap> {
        self.0.clone()
    }

    fn adopt(_: &Vm, shared: Arc<SharedMap>) -> Self {
        SharedDict(shared)
    }
}

static DICT: TypeDef = TypeDef::new::<SharedDict>("SharedDict")
    .copied_then(|copier, h| copier.renew(h, |x: &SharedDict| &x.0, Clone::clone))
    .module("interpreters")
    .doc("SharedDict(mapping=(), /, **kwargs): a dict that all interpreters see. Its order is not kept.")
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new),
        repr: Some(|vm, v| {
            let copy = copied(vm, v)?;
            let inner = vm.repr_string(&copy)?;
            Ok(vm.str(&format!("SharedDict({inner})")))
        }),
        len: Some(|_, v| Ok(map(v).len())),
        bool: Some(|_, v| Ok(!map(v).is_empty())),
        contains: Some(|vm, v, k| Ok(find(vm, v, k, |_| ())?.is_some())),
        getitem: Some(|vm, v, k| look_up(vm, v, k)?.ok_or_else(|| vm.key_error(k))),
        setitem: Some(|vm, v, k, value| {
            let k_shared = key(vm, k)?;
            match value {
                Some(value) => drop(map(v).insert(k_shared, portable(vm, value)?)),
                None if map(v).remove(&k_shared).is_none() => return Err(vm.key_error(k)),
                None => (),
            }
            Ok(())
        }),
        iter: Some(|vm, v| vm.iter(&keys(vm, v)?)),
        richcmp: Some(|vm, a, b, op| {
            let (Some(x), Some(y)) = (a.downcast::<SharedDict>(), b.downcast::<SharedDict>()) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let same = Arc::ptr_eq(&x.0, &y.0) || vm.eq(&copied(vm, a)?, &copied(vm, b)?)?;
            match op {
                CmpOp::Eq => Ok(Value::bool(same)),
                CmpOp::Ne => Ok(Value::bool(!same)),
                _ => Ok(Value::NOT_IMPLEMENTED),
            }
        }),
        ..Slots::EMPTY
    })
    .methods(&[
        MethodDef::new("get", "($self, key, default=None, /)", |vm, a| {
            let found = look_up(vm, a.get(0), a.get(1))?;
            Ok(found.unwrap_or_else(|| a.opt(2).cloned().unwrap_or(Value::NONE)))
        })
        .doc("The value of the key, or the default."),
        MethodDef::new("setdefault", "($self, key, default=None, /)", |vm, a| {
            let none = Value::NONE;
            let value = a.opt(2).unwrap_or(&none);
            match map(a.get(0)).insert_new(key(vm, a.get(1))?, portable(vm, value)?) {
                Ok(()) => Ok(value.clone()),
                Err(p) => crossing::from_portable(vm, &p),
            }
        })
        .doc("The value of the key, which is set to the default if there is none."),
        MethodDef::new("pop", "($self, key, default=<unrepresentable>, /)", |vm, a| {
            match (map(a.get(0)).remove(&key(vm, a.get(1))?), a.opt(2)) {
                (Some(p), _) => crossing::from_portable(vm, &p),
                (None, Some(default)) => Ok(default.clone()),
                (None, None) => Err(vm.key_error(a.get(1))),
            }
        })
        .doc("Remove the key and return its value, or the default."),
        MethodDef::new("compare_and_set", "($self, key, expected, value, /)", compare_and_set)
            .doc("Set the key to value if what it is set to equals the expected one. Whether it did."),
        MethodDef::new("compute", "($self, key, function, default=None, /)", compute).doc(
            "Set the key to function(value), where value is what it is set to or the default, and return that. The function is \
             called again if another thread was faster.",
        ),
        MethodDef::new("popitem", "($self, /)", |vm, a| {
            let map = map(a.get(0));
            while let Some((k, _)) = map.first() {
                // Another thread may be faster.
                if let Ok(own) = Key::new(k.clone())
                    && let Some(value) = map.remove(&own)
                {
                    return Ok(vm.tuple(vec![crossing::from_portable(vm, &k)?, crossing::from_portable(vm, &value)?]));
                }
            }
            Err(vm.raise_text(vm.types().KeyError, "popitem(): dictionary is empty"))
        })
        .doc("Remove some key and return it with its value."),
        MethodDef::new("add", "($self, key, n=1, /)", add)
            .doc("Add n to the integer at the key, 0 if there is none, and return the sum."),
        MethodDef::raw("update", "($self, mapping=(), /, **kwargs)", |vm, args| match args.pos().split_first() {
            Some((v, rest)) if v.downcast::<SharedDict>().is_some() => {
                fill_all(vm, "update", map(v), rest, args)?;
                Ok(Value::NONE)
            }
            _ => Err(vm.type_error("descriptor 'update' requires a 'SharedDict' object")),
        })
        .doc("Set the keys of a mapping, or of pairs, and those given by name."),
        MethodDef::new("clear", "($self, /)", |_, a| {
            map(a.get(0)).clear();
            Ok(Value::NONE)
        })
        .doc("Remove all keys."),
        MethodDef::new("copy", "($self, /)", |vm, a| copied(vm, a.get(0))).doc("A plain dict with what is there now."),
        MethodDef::new("keys", "($self, /)", |vm, a| keys(vm, a.get(0))).doc("A list of the keys."),
        MethodDef::new("values", "($self, /)", |vm, a| {
            let all = map(a.get(0)).snapshot();
            Ok(vm.list(all.iter().map(|(_, v)| crossing::from_portable(vm, v)).collect::<PyResult<_>>()?))
        })
        .doc("A list of the values."),
        MethodDef::new("items", "($self, /)", |vm, a| {
            let all = map(a.get(0)).snapshot();
            let pair = |(k, v): &(Portable, Portable)| {
                Ok(vm.tuple(vec![crossing::from_portable(vm, k)?, crossing::from_portable(vm, v)?]))
            };
            Ok(vm.list(all.iter().map(pair).collect::<PyResult<_>>()?))
        })
        .doc("A list of pairs of key and value."),
    ]);

fn map(v: &Value) -> &SharedMap {
    &this::<SharedDict>(v).0
}

fn portable(vm: &Vm, v: &Value) -> PyResult<Portable> {
    crossing::to_portable(vm, v, Fallback::Value)
}

fn key(vm: &Vm, v: &Value) -> PyResult<Key> {
    vm.hash(v)?;
    let p = crossing::to_portable_key(vm, v)?;
    match Key::new(p) {
        Ok(key) => Ok(key),
        Err(_) => {
            let kind = vm.type_of(v).name().to_string();
            Err(vm.type_error(&format!("'{kind}' cannot be a key of a SharedDict")))
        }
    }
}

/// What `look` makes of the value of a key. Text and integers are looked for as they are.
fn find<R>(vm: &Vm, v: &Value, k: &Value, look: impl FnOnce(&Portable) -> R) -> PyResult<Option<R>> {
    let made;
    let lookup = if let Some(n) = k.as_small_int() {
        Lookup::Int(n)
    } else if vm.is_exact_str(k)
        && let Some(text) = k.downcast::<Str>()
    {
        Lookup::Text(text.as_bytes())
    } else {
        made = key(vm, k)?;
        Lookup::Key(&made)
    };
    Ok(map(v).read(lookup, look))
}

/// The value of a key. What is small is read where it lies.
fn look_up(vm: &Vm, v: &Value, k: &Value) -> PyResult<Option<Value>> {
    let look = |p: &Portable| match p {
        Portable::None => Ok(Value::NONE),
        Portable::Bool(b) => Ok(Value::bool(*b)),
        Portable::Int(n) => Ok(vm.int(*n)),
        Portable::Float(d) => Ok(Value::float(*d)),
        Portable::Str(text) => Ok(vm.str_wtf8(text.as_bytes())),
        other => Err(other.clone()),
    };
    match find(vm, v, k, look)? {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(p)) => crossing::from_portable(vm, &p).map(Some),
    }
}

fn keys(vm: &Vm, v: &Value) -> PyResult {
    let all = map(v).snapshot();
    Ok(vm.list(all.iter().map(|(k, _)| crossing::from_portable(vm, k)).collect::<PyResult<_>>()?))
}

fn copied(vm: &Vm, v: &Value) -> PyResult {
    let copy = vm.new_dict();
    for (k, p) in map(v).snapshot() {
        vm.set_item(&copy, &crossing::from_portable(vm, &k)?, &crossing::from_portable(vm, &p)?)?;
    }
    Ok(copy)
}

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let made = SharedMap::new();
    fill_all(vm, "SharedDict", &made, args.pos(), args)?;
    Ok(make::<SharedDict>(vm, Arc::new(made)))
}

/// Sets the keys of at most one mapping, then those given by name.
fn fill_all(vm: &Vm, function: &str, map: &SharedMap, mappings: &[Value], args: &CallArgs<'_>) -> PyResult<()> {
    match mappings {
        [] => (),
        [mapping] => fill(vm, map, mapping)?,
        more => return Err(vm.type_error(&format!("{function} expected at most 1 argument, got {}", more.len()))),
    }
    for (name, value) in args.named() {
        map.insert(key(vm, name)?, portable(vm, value)?);
    }
    Ok(())
}

fn fill(vm: &Vm, map: &SharedMap, from: &Value) -> PyResult<()> {
    if let Some(other) = from.downcast::<SharedDict>() {
        for (k, v) in other.0.snapshot() {
            if let Ok(k) = Key::new(k) {
                map.insert(k, v);
            }
        }
        return Ok(());
    }
    let pairs = match from.downcast::<Dict>() {
        Some(d) => d.items(),
        None => {
            let items = match vm.getattr_opt(from, &vm.intern("items"))? {
                Some(items) => vm.call_none(&items)?,
                None => from.clone(),
            };
            let mut pairs = Vec::new();
            for pair in vm.collect(&items)? {
                match vm.collect(&pair)?.as_slice() {
                    [k, v] => pairs.push((k.clone(), v.clone())),
                    other => {
                        let n = other.len();
                        return Err(vm.value_error(&format!("a pair of key and value has length {n}; 2 is required")));
                    }
                }
            }
            pairs
        }
    };
    for (k, v) in pairs {
        map.insert(key(vm, &k)?, portable(vm, &v)?);
    }
    Ok(())
}

fn compare_and_set(vm: &Vm, a: Args<'_>) -> PyResult {
    let (k, value) = (key(vm, a.get(1))?, portable(vm, a.get(3))?);
    let map = map(a.get(0));
    // What there is was made from other objects: it is compared as Python compares, and replaced if it is still the same.
    while let Some(found) = map.get(&k) {
        if !vm.eq(&crossing::from_portable(vm, &found)?, a.get(2))? {
            break;
        }
        if map.compare_and_set(k.clone(), Some(&found), Some(value.clone())).is_ok() {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn compute(vm: &Vm, a: Args<'_>) -> PyResult {
    let (k, none) = (key(vm, a.get(1))?, Value::NONE);
    let map = map(a.get(0));
    loop {
        let found = map.get(&k);
        let old = match &found {
            Some(p) => crossing::from_portable(vm, p)?,
            None => a.opt(3).unwrap_or(&none).clone(),
        };
        let made = vm.call_one(a.get(2), &old)?;
        let new = portable(vm, &made)?;
        if map.compare_and_set(k.clone(), found.as_ref(), Some(new)).is_ok() {
            return Ok(made);
        }
    }
}

fn add(vm: &Vm, a: Args<'_>) -> PyResult {
    let n = a.opt(2).map_or(Ok(1), |n| vm.arg_i64(n))?;
    let mut problem = None;
    let sum = map(a.get(0)).update(key(vm, a.get(1))?, |old| {
        problem = None;
        let sum = match old {
            None => Some(n),
            Some(Portable::Int(old)) => old.checked_add(n),
            Some(_) => {
                problem = Some("the value is not an integer of 64 bits");
                return old.cloned();
            }
        };
        if sum.is_none() {
            problem = Some("the sum does not fit in 64 bits");
        }
        sum.map(Portable::Int).or_else(|| old.cloned())
    });
    match (problem, sum) {
        (None, Some(sum)) => crossing::from_portable(vm, &sum),
        (Some("the sum does not fit in 64 bits"), _) => Err(vm.overflow_error("the sum does not fit in 64 bits")),
        (message, _) => Err(vm.type_error(message.unwrap_or("the value is not an integer"))),
    }
}
