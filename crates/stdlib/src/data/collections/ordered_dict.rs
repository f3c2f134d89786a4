//! `OrderedDict`: a dict whose order counts and can be changed.
//!
//! Every dict is ordered; this adds moving items to either end.

use crate::data::{bind, required};
use serpens_vm::types::dict::{Dict, methods};
use serpens_vm::types::slots::{BinOp, CmpOp, Slots};
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};

/// The type `collections.OrderedDict`.
pub static ORDERED_DICT: TypeDef = TypeDef::new::<Dict>("OrderedDict")
    .module("collections")
    .base(&methods::TYPE)
    .doc("Dictionary that remembers insertion order")
    .basetype()
    .gc()
    .flags(tflag::HAS_DICT | tflag::HAS_WEAKREF)
    .slots(
        Slots { init: Some(init), repr: Some(repr), richcmp: Some(richcmp), ..Slots::EMPTY }
            .with(BinOp::Or, or)
            .with_inplace(BinOp::Or, |vm, a, b| {
                update_from(vm, a, &CallArgs::positional(std::slice::from_ref(b)))?;
                Ok(a.clone())
            }),
    )
    .methods(&[
        MethodDef::new("move_to_end", "($self, /, key, last=True)", move_to_end).doc(
            "Move an existing element to the end (or beginning if last is false).\n\nRaise KeyError if the element does not exist.",
        ),
        MethodDef::new("popitem", "($self, /, last=True)", popitem).doc(
            "Remove and return a (key, value) pair from the dictionary.\n\nPairs are returned in LIFO order if last is true or FIFO \
             order if false.",
        ),
        MethodDef::raw("pop", "($self, /, key, default=<unrepresentable>)", pop).doc(
            "od.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return \
             the default if given; otherwise,\nraise a KeyError.",
        ),
        MethodDef::new("setdefault", "($self, /, key, default=None)", setdefault).doc(
            "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the \
             dictionary, else default.",
        ),
        MethodDef::raw("update", "($self, /, *args, **kwargs)", |vm, args| {
            update_from(vm, &args.pos()[0], &args.skip(1))?;
            Ok(Value::NONE)
        })
        .doc("D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F."),
        MethodDef::new("copy", "($self, /)", copy).doc("od.copy() -> a shallow copy of od"),
        MethodDef::new("fromkeys", "($type, /, iterable, value=None)", |vm, a| {
            let made = vm.call_none(a.get(0))?;
            let value = a.opt(2).cloned().unwrap_or(Value::NONE);
            vm.for_each(a.get(1), |key| vm.set_item(&made, &key, &value))?;
            Ok(made)
        })
        .class()
        .doc("Create a new ordered dictionary with keys from iterable and values set to value."),
        MethodDef::new("__reduce__", "($self, /)", reduce).doc("Return state information for pickling"),
    ]);

fn this(v: &Value) -> &Dict {
    v.downcast::<Dict>().expect("the descriptor has checked the receiver")
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    update_from(vm, v, args)
}

fn ordered(vm: &Vm) -> &'static TypeObj {
    vm.type_of_def(&ORDERED_DICT)
}

/// Sets items by `__setitem__`, which a subclass may define.
fn update_from(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    if args.pos().len() > 1 {
        return Err(
            vm.type_error(&format!("update() takes at most 1 positional argument ({} given)", args.pos().len()))
        );
    }
    let plain = matches!(
        (vm.type_of(v).slots().setitem, vm.types().dict.slots().setitem),
        (Some(f), Some(g)) if std::ptr::fn_addr_eq(f, g)
    );
    if plain && let Some(f) = vm.types().dict.slots().init {
        return f(vm, v, args);
    }
    // The items as a plain dict would have them, in order.
    let items = vm.new_dict();
    if let Some(f) = vm.types().dict.slots().init {
        f(vm, &items, args)?;
    }
    for (key, value) in this(&items).items() {
        vm.set_item(v, &key, &value)?;
    }
    Ok(())
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let name = vm.type_of(v).name().to_string();
    if this(v).is_empty() {
        return Ok(vm.str(&format!("{name}()")));
    }
    let Some(guard) = vm.repr_enter(v) else { return Ok(vm.str("...")) };
    // The items of a subclass are what it says they are.
    let items = if vm.is_exact(v, ordered(vm)) {
        this(v).copy(vm)
    } else {
        let items = vm.call_method(v, &vm.names().items, &[])?;
        vm.call_one(&vm.types().dict.value(), &items)?
    };
    let text = vm.repr_string(&items)?;
    drop(guard);
    Ok(vm.str(&format!("{name}({text})")))
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    if !b.is_a::<Dict>() || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some(base) = vm.types().dict.slots().richcmp else { return Ok(Value::NOT_IMPLEMENTED) };
    let mut same = base(vm, a, b, CmpOp::Eq)?.is_true();
    if same && vm.type_of(b).is_subtype(ordered(vm)) {
        for (p, q) in this(a).keys().iter().zip(this(b).keys()) {
            if !vm.eq(p, &q)? {
                same = false;
                break;
            }
        }
    }
    Ok(Value::bool(same == (op == CmpOp::Eq)))
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if !a.is_a::<Dict>() || !b.is_a::<Dict>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let own = if vm.type_of(a).is_subtype(ordered(vm)) { a } else { b };
    let made = vm.call_one(&vm.type_of(own).value(), a)?;
    update_from(vm, &made, &CallArgs::positional(std::slice::from_ref(b)))?;
    Ok(made)
}

fn move_to_end(vm: &Vm, a: Args<'_>) -> PyResult {
    let last = a.opt(2).map_or(Ok(true), |v| vm.truthy(v))?;
    match a.this::<Dict>().move_to_end(vm, a.get(1), last)? {
        true => Ok(Value::NONE),
        false => Err(vm.key_error(a.get(1))),
    }
}

fn popitem(vm: &Vm, a: Args<'_>) -> PyResult {
    let last = a.opt(1).map_or(Ok(true), |v| vm.truthy(v))?;
    let dict = a.this::<Dict>();
    vm.check_mutable(a.get(0))?;
    match if last { dict.pop_last() } else { dict.pop_first() } {
        Some((key, value)) => Ok(vm.pair(key, value)),
        None => Err(vm.key_error(&vm.str("dictionary is empty"))),
    }
}

fn pop(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let receiver = &args.pos()[0];
    let [key, default] = bind(vm, &args.skip(1), "pop", ["key", "default"], 1)?;
    match this(receiver).remove(vm, required(key))?.or_else(|| default.cloned()) {
        Some(value) => Ok(value),
        None => {
            if !vm.is_exact(receiver, ordered(vm))
                && let Some(value) =
                    vm.call_special(receiver, &vm.names().__missing__, std::slice::from_ref(required(key)))?
            {
                return Ok(value);
            }
            Err(vm.key_error(required(key)))
        }
    }
}

fn setdefault(vm: &Vm, a: Args<'_>) -> PyResult {
    let default = a.opt(2).cloned().unwrap_or(Value::NONE);
    if vm.is_exact(a.get(0), ordered(vm)) {
        return a.this::<Dict>().get_or_insert(vm, a.get(1), || default);
    }
    if vm.contains(a.get(0), a.get(1))? {
        return vm.get_item(a.get(0), a.get(1));
    }
    vm.set_item(a.get(0), a.get(1), &default)?;
    Ok(default)
}

fn copy(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let made = vm.call_none(&vm.type_of(v).value())?;
    for key in this(v).keys() {
        let value = vm.get_item(v, &key)?;
        vm.set_item(&made, &key, &value)?;
    }
    if !vm.is_exact(v, ordered(vm)) {
        for (name, value) in vm.own_attributes(v) {
            vm.setattr(&made, &name, Some(&value))?;
        }
    }
    Ok(made)
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let state = vm.call_method_str(v, "__getstate__", &[])?;
    let items = vm.call_method(v, &vm.names().items, &[])?;
    let it = vm.iter(&items)?;
    Ok(vm.tuple(vec![vm.type_of(v).value(), vm.tuple(Vec::new()), state, Value::NONE, it]))
}
