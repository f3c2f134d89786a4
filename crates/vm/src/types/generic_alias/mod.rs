//! `types.GenericAlias` (`list[int]`) and `typing.Union` (`int | None`).
//!
//! Rooms: this file has the alias; `union` the union; `subst` type parameters and their substitution; `text` how types are
//! shown.

pub mod subst;
pub mod text;
pub mod union;

pub use union::{UNION, Union};

use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::Header;
use crate::types::list::List;
use crate::types::slots::{BinOp, CmpOp, Slots};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// A generic type with its arguments.
pub struct GenericAlias {
    /// `list` of `list[int]`.
    pub origin: Value,
    /// The tuple `(int,)` of `list[int]`.
    pub args: Value,
    /// Type parameters among the arguments, once asked for.
    pub parameters: VCell,
    /// Whether it is unpacked: `*tuple[int]`.
    pub starred: bool,
}

crate::native_payload!(GenericAlias { origin, args } cells { parameters });

/// The type `types.GenericAlias`.
pub static TYPE: TypeDef = TypeDef::new::<GenericAlias>("GenericAlias")
    .copied()
    .freezable()
    .module("types")
    .doc(
        "Represent a PEP 585 generic type\n\nFor example, for t = list[int], t.__origin__ is list and t.__args__\nis (int,).",
    )
    .basetype()
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(
        Slots {
            new: Some(new),
            call: Some(call),
            repr: Some(repr),
            hash: Some(|vm, v| Ok(vm.hash(&this(v).origin)? ^ vm.hash(&this(v).args)?)),
            richcmp: Some(richcmp),
            getattr: Some(getattr),
            iter: Some(iter),
            getitem: Some(getitem),
            ..Slots::EMPTY
        }
        .with(BinOp::Or, |vm, a, b| vm.union_of(a, b)),
    )
    .methods(&[
        MethodDef::new("__mro_entries__", "($self, bases, /)", |vm, a| {
            Ok(vm.tuple(vec![a.this::<GenericAlias>().origin.clone()]))
        }),
        MethodDef::new("__instancecheck__", "($self, instance, /)", |vm, _| {
            Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic"))
        }),
        MethodDef::new("__subclasscheck__", "($self, cls, /)", |vm, _| {
            Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic"))
        }),
        MethodDef::new("__reduce__", "($self, /)", reduce),
        MethodDef::new("__dir__", "($self, /)", dir),
    ])
    .getset(&[
        GetSetDef::new("__origin__", |_, v| Ok(this(v).origin.clone())),
        GetSetDef::new("__args__", |_, v| Ok(this(v).args.clone())),
        GetSetDef::new("__unpacked__", |_, v| Ok(Value::bool(this(v).starred))),
        GetSetDef::new("__parameters__", parameters).doc("Type variables in the GenericAlias."),
        GetSetDef::new("__typing_unpacked_tuple_args__", |vm, v| {
            let alias = this(v);
            let tuple = TypeObj::from_value(&alias.origin).is_some_and(|t| t.is(vm.types().tuple));
            Ok(if alias.starred && tuple { alias.args.clone() } else { Value::NONE })
        }),
    ]);

fn this(v: &Value) -> &GenericAlias {
    v.downcast::<GenericAlias>().expect("the descriptor has checked the receiver")
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error("GenericAlias() takes no keyword arguments"));
    }
    let [origin, items] = args.pos() else {
        return Err(vm.type_error(&format!("GenericAlias expected 2 arguments, got {}", args.pos().len())));
    };
    Ok(make(vm, ty, origin, items, false))
}

fn make(vm: &Vm, ty: &TypeObj, origin: &Value, items: &Value, starred: bool) -> Value {
    let args = if items.is_a::<Tuple>() { items.clone() } else { vm.tuple(vec![items.clone()]) };
    vm.alloc(ty, GenericAlias { origin: origin.clone(), args, parameters: VCell::empty(), starred })
}

fn call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    let made = vm.call(&this(v).origin, args)?;
    if let Err(e) = vm.setattr(&made, &vm.names().__orig_class__, Some(v)) {
        let t = vm.types();
        if !vm.pending_is(t.AttributeError) && !vm.pending_is(t.TypeError) {
            return Err(e);
        }
        drop(vm.take_raised());
    }
    Ok(made)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let alias = this(v);
    let mut out = if alias.starred { "*".to_string() } else { String::new() };
    out.push_str(&text::type_repr(vm, &alias.origin)?);
    out.push('[');
    let args = alias.args.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice);
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        match arg.downcast::<List>() {
            Some(list) => {
                let parts = list.to_vec().iter().map(|t| text::type_repr(vm, t)).collect::<PyResult<Vec<_>>>()?;
                out.push_str(&format!("[{}]", parts.join(", ")));
            }
            None => out.push_str(&text::type_repr(vm, arg)?),
        }
    }
    if args.is_empty() {
        out.push_str("()");
    }
    out.push(']');
    Ok(vm.str(&out))
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<GenericAlias>(), b.downcast::<GenericAlias>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = x.starred == y.starred && vm.eq(&x.origin, &y.origin)? && vm.eq(&x.args, &y.args)?;
    Ok(Value::bool(same == (op == CmpOp::Eq)))
}

/// Attributes that belong to the alias itself; all others are the origin's.
const OWN: [&str; 13] = [
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__copy__",
    "__deepcopy__",
    "__bases__",
    "__dir__",
];

fn getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    if name.downcast::<Str>().and_then(Str::to_str).is_some_and(|n| !OWN.contains(&n)) {
        return vm.getattr(&this(v).origin, name);
    }
    match vm.generic_getattr_opt(v, name)? {
        Some(found) => Ok(found),
        None => Err(vm.no_attribute(v, name)),
    }
}

/// `*alias`: the unpacked form, once.
fn iter(vm: &Vm, v: &Value) -> PyResult {
    let alias = this(v);
    let starred = make(vm, vm.type_of(v), &alias.origin, &alias.args, true);
    let one = vm.tuple(vec![starred]);
    vm.iter(&one)
}

fn parameters(vm: &Vm, v: &Value) -> PyResult {
    let alias = this(v);
    if let Some(known) = alias.parameters.get() {
        return Ok(known);
    }
    let made = subst::make_parameters(vm, &alias.args)?;
    if !Header::of(alias).is_frozen() {
        alias.parameters.set(made.clone());
    }
    Ok(made)
}

fn getitem(vm: &Vm, v: &Value, item: &Value) -> PyResult {
    let alias = this(v);
    let args = subst::substitute(vm, v, &alias.args, &parameters(vm, v)?, item)?;
    Ok(make(vm, vm.type_of(v), &alias.origin, &args, alias.starred))
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let alias = a.this::<GenericAlias>();
    let ty = vm.types().GenericAlias;
    if alias.starred {
        let plain = make(vm, ty, &alias.origin, &alias.args, false);
        let it = vm.iter(&plain)?;
        return Ok(vm.tuple(vec![vm.builtin_function("next")?, vm.tuple(vec![it])]));
    }
    Ok(vm.tuple(vec![ty.value(), vm.tuple(vec![alias.origin.clone(), alias.args.clone()])]))
}

fn dir(vm: &Vm, a: Args<'_>) -> PyResult {
    let dir = vm.builtin_function("dir")?;
    let names = vm.collect(&vm.call_one(&dir, &a.this::<GenericAlias>().origin)?)?;
    let set = vm.set(names)?;
    for name in OWN.iter().filter(|n| !matches!(**n, "__bases__" | "__copy__" | "__deepcopy__" | "__dir__")) {
        vm.call_method_str(&set, "add", &[vm.intern(name)])?;
    }
    Ok(vm.list(vm.collect(&set)?))
}

/// `origin[args]`.
pub fn new_alias(vm: &Vm, origin: Value, args: Value) -> Value {
    make(vm, vm.types().GenericAlias, &origin, &args, false)
}

impl Vm {
    /// `origin[args]` as a `types.GenericAlias`.
    pub fn generic_alias(&self, origin: &Value, args: &Value) -> PyResult {
        Ok(make(self, self.types().GenericAlias, origin, args, false))
    }
}
