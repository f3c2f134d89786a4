//! `defaultdict`: a dict that makes missing values.

use serpens_vm::cell::VCell;
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::dict::{Dict, methods};
use serpens_vm::types::slots::{BinOp, Slots};
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};

/// A dict and the function that makes its missing values.
#[repr(C)]
pub struct DefaultDict {
    dict: Dict,
    factory: VCell,
}

// SAFETY: made by the heap only; the payload begins with that of its base, `dict`, so that it is one of those too.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for DefaultDict {
    const KIND: Kind = Kind::Dict;

    #[inline(always)]
    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Dict && header.ty().has_payload::<DefaultDict>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.dict.traverse(visit);
        self.factory.traverse(visit);
    }

    fn clear(&self) {
        drop(self.factory.take());
        self.dict.clear();
    }
}

/// The type `collections.defaultdict`.
pub static DEFAULT_DICT: TypeDef = TypeDef::new::<DefaultDict>("defaultdict")
    .module("collections")
    .base(&methods::TYPE)
    .doc(
        "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\nThe default factory is called without \
         arguments to produce\na new value when a key is not present, in __getitem__ only.\nA defaultdict compares equal to a dict \
         with the same items.\nAll remaining arguments are treated the same as if they were\npassed to the dict constructor, \
         including keyword arguments.",
    )
    .basetype()
    .gc()
    .slots(
        Slots {
            new: Some(|vm, ty, _| {
                Ok(vm.alloc(ty, DefaultDict { dict: Dict::new(vm.heap().alloc()), factory: VCell::empty() }))
            }),
            init: Some(init),
            repr: Some(repr),
            getitem: Some(getitem),
            ..Slots::EMPTY
        }
        .with(BinOp::Or, or),
    )
    .methods(&[
        MethodDef::new("__missing__", "($self, key, /)", |vm, a| missing(vm, a.get(0), a.get(1))).doc(
            "__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n  if self.default_factory is None: raise \
             KeyError((key,))\n  self[key] = value = self.default_factory()\n  return value\n",
        ),
        MethodDef::new("copy", "($self, /)", |vm, a| copy(vm, a.get(0))).doc("D.copy() -> a shallow copy of D."),
        MethodDef::new("__copy__", "($self, /)", |vm, a| copy(vm, a.get(0))).doc("D.copy() -> a shallow copy of D."),
        MethodDef::new("__reduce__", "($self, /)", reduce).doc("Return state information for pickling."),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ])
    .getset(&[GetSetDef::rw(
        "default_factory",
        |_, v| Ok(this(v).factory.get_or_none()),
        |_, v, value| {
            this(v).factory.put(value.filter(|f| !f.is_none()).cloned());
            Ok(())
        },
    )
    .doc("Factory for default value called by __missing__().")]);

fn this(v: &Value) -> &DefaultDict {
    v.downcast::<DefaultDict>().expect("the descriptor has checked the receiver")
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    vm.check_mutable(v)?;
    let mut rest = *args;
    let mut factory = None;
    if let [first, ..] = args.pos() {
        if !first.is_none() && !vm.is_callable(first) {
            return Err(vm.type_error("first argument must be callable or None"));
        }
        factory = Some(first.clone()).filter(|f| !f.is_none());
        rest = args.skip(1);
    }
    this(v).factory.put(factory);
    match vm.types().dict.slots().init {
        Some(f) => f(vm, v, &rest),
        None => Ok(()),
    }
}

fn getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    match this(v).dict.get(vm, key)? {
        Some(value) => Ok(value),
        None if vm.is_exact(v, vm.type_of_def(&DEFAULT_DICT)) => missing(vm, v, key),
        None => match vm.call_special(v, &vm.names().__missing__, std::slice::from_ref(key))? {
            Some(value) => Ok(value),
            None => Err(vm.key_error(key)),
        },
    }
}

fn missing(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    let Some(factory) = this(v).factory.get() else { return Err(vm.key_error(key)) };
    let value = vm.call_none(&factory)?;
    vm.set_item(v, key, &value)?;
    Ok(value)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let base = match vm.types().dict.slots().repr {
        Some(f) => vm.str_string(&f(vm, v)?)?,
        None => String::new(),
    };
    let name = vm.type_of(v).name().to_string();
    let factory = match this(v).factory.get() {
        None => "None".to_string(),
        Some(f) => match vm.repr_enter(&f) {
            None => "...".to_string(),
            Some(_guard) => vm.repr_string(&f)?,
        },
    };
    Ok(vm.str(&format!("{name}({factory}, {base})")))
}

fn copy(vm: &Vm, v: &Value) -> PyResult {
    vm.call_pos(&vm.type_of(v).value(), &[this(v).factory.get_or_none(), v.clone()])
}

fn or(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    if !a.is_a::<Dict>() || !b.is_a::<Dict>() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let own = if a.is_a::<DefaultDict>() { a } else { b };
    let made = vm.call_pos(&vm.type_of(own).value(), &[this(own).factory.get_or_none(), a.clone()])?;
    vm.call_method(&made, &vm.names().update, std::slice::from_ref(b))?;
    Ok(made)
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let args = match this(v).factory.get() {
        Some(f) => vm.tuple(vec![f]),
        None => vm.tuple(Vec::new()),
    };
    let items = vm.call_method(v, &vm.names().items, &[])?;
    let it = vm.iter(&items)?;
    Ok(vm.tuple(vec![vm.type_of(v).value(), args, Value::NONE, Value::NONE, it]))
}
