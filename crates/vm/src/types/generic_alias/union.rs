//! `typing.Union`: `int | None`.

use super::{GenericAlias, subst, text};
use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{GetSetDef, MethodDef};
use crate::object::Header;
use crate::types::set::Set;
use crate::types::slots::{BinOp, CmpOp, Slots};
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::types::typevar::{self, TypeAlias};
use crate::value::Value;
use crate::vm::Vm;

/// One of several types.
pub struct Union {
    /// The types, each once, as a tuple.
    pub args: Value,
    /// The hashable ones among them, as a frozenset.
    pub hashable: Value,
    /// The others, as a tuple.
    pub unhashable: Value,
    /// Type parameters among them, once asked for.
    pub parameters: VCell,
}

crate::native_payload!(Union { args, hashable, unhashable } cells { parameters });

/// The type `typing.Union`.
pub static UNION: TypeDef = TypeDef::new::<Union>("Union")
    .copied()
    .freezable()
    .module("typing")
    .doc("Represent a union type\n\nE.g. for int | str")
    .gc()
    .flags(tflag::NO_NEW | tflag::HAS_WEAKREF)
    .slots(
        Slots { repr: Some(repr), hash: Some(hash), richcmp: Some(richcmp), getitem: Some(getitem), ..Slots::EMPTY }
            .with(BinOp::Or, |vm, a, b| vm.union_of_args(vm.tuple(vec![a.clone(), b.clone()]))),
    )
    .methods(&[
        MethodDef::new("__mro_entries__", "($self, bases, /)", |vm, a| {
            Err(vm.type_error(&format!("Cannot subclass {}", vm.repr_string(a.get(0))?)))
        }),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| {
            let items = a.get(1);
            vm.union_of_args(if items.is_a::<Tuple>() { items.clone() } else { vm.tuple(vec![items.clone()]) })
        })
        .class(),
    ])
    .getset(&[
        GetSetDef::new("__args__", |_, v| Ok(this(v).args.clone())),
        GetSetDef::new("__parameters__", parameters).doc("Type variables in the types.UnionType."),
        GetSetDef::new("__origin__", |vm, _| Ok(vm.types().UnionType.value())).doc("Always returns the type"),
        GetSetDef::new("__name__", |vm, _| Ok(vm.str("Union"))).doc("Name of the type"),
        GetSetDef::new("__qualname__", |vm, _| Ok(vm.str("Union"))).doc("Qualified name of the type"),
    ]);

fn this(v: &Value) -> &Union {
    v.downcast::<Union>().expect("the descriptor has checked the receiver")
}

fn items(v: &Value) -> &[Value] {
    v.downcast::<Tuple>().map_or(&[], Tuple::as_slice)
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let parts = items(&this(v).args).iter().map(|t| text::union_item_repr(vm, t)).collect::<PyResult<Vec<_>>>()?;
    Ok(vm.str(&parts.join(" | ")))
}

fn hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let union = this(v);
    // Raises what the first of them raises.
    items(&union.unhashable).iter().try_for_each(|t| vm.hash(t).map(drop))?;
    vm.hash(&union.hashable)
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Union>(), b.downcast::<Union>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = vm.eq(&x.hashable, &y.hashable)? && same_items(vm, items(&x.unhashable), items(&y.unhashable))?;
    Ok(Value::bool(same == (op == CmpOp::Eq)))
}

fn same_items(vm: &Vm, a: &[Value], b: &[Value]) -> PyResult<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for x in a {
        if !has_item(vm, b, x)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn has_item(vm: &Vm, list: &[Value], v: &Value) -> PyResult<bool> {
    for other in list {
        if vm.eq(other, v)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn parameters(vm: &Vm, v: &Value) -> PyResult {
    let union = this(v);
    if let Some(known) = union.parameters.get() {
        return Ok(known);
    }
    let made = subst::make_parameters(vm, &union.args)?;
    if !Header::of(union).is_frozen() {
        union.parameters.set(made.clone());
    }
    Ok(made)
}

fn getitem(vm: &Vm, v: &Value, item: &Value) -> PyResult {
    let args = subst::substitute(vm, v, &this(v).args, &parameters(vm, v)?, item)?;
    vm.union_of_args(args)
}

/// Whether `|` makes a union of the value with another.
fn is_unionable(vm: &Vm, v: &Value) -> bool {
    v.is_none()
        || TypeObj::from_value(v).is_some()
        || v.is_a::<GenericAlias>()
        || v.is_a::<Union>()
        || v.is_a::<TypeAlias>()
        || vm.type_of(v).is(vm.types().TypeAliasType)
}

/// Puts types together, each once, those of unions among them by themselves.
struct Builder {
    args: Vec<Value>,
    hashable: Value,
    unhashable: Vec<Value>,
}

impl Builder {
    fn add(&mut self, vm: &Vm, v: &Value) -> PyResult<()> {
        if let Some(union) = v.downcast::<Union>() {
            return items(&union.args).iter().try_for_each(|t| self.add_one(vm, t));
        }
        self.add_one(vm, v)
    }

    fn add_one(&mut self, vm: &Vm, v: &Value) -> PyResult<()> {
        let none = vm.types().NoneType.value();
        let v = if v.is_none() { &none } else { v };
        let new = match vm.hash(v) {
            Ok(hash) => {
                let set = self.hashable.downcast::<Set>().expect("made as a set");
                set.add_hashed(vm, v.clone(), hash as u64)?
            }
            Err(e) => {
                if !vm.pending_is(vm.types().TypeError) {
                    return Err(e);
                }
                drop(vm.take_raised());
                let new = !has_item(vm, &self.unhashable, v)?;
                if new {
                    self.unhashable.push(v.clone());
                }
                new
            }
        };
        if new {
            self.args.push(v.clone());
        }
        Ok(())
    }

    fn finish(mut self, vm: &Vm) -> PyResult {
        if self.args.len() == 1
            && let Some(only) = self.args.pop()
        {
            return Ok(only);
        }
        let payload = Union {
            args: vm.tuple(self.args),
            hashable: self.hashable,
            unhashable: vm.tuple(self.unhashable),
            parameters: VCell::empty(),
        };
        Ok(vm.alloc(vm.types().UnionType, payload))
    }
}

fn builder(vm: &Vm) -> Builder {
    Builder { args: Vec::new(), hashable: vm.new_set_of(vm.types().frozenset), unhashable: Vec::new() }
}

impl Vm {
    /// `a | b` of types, or NotImplemented.
    pub fn union_of(&self, a: &Value, b: &Value) -> PyResult {
        if !is_unionable(self, a) || !is_unionable(self, b) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let mut union = builder(self);
        union.add(self, a)?;
        union.add(self, b)?;
        union.finish(self)
    }

    /// `typing.Union[args]`: checks the arguments, makes forward references of strings.
    pub fn union_of_args(&self, args: Value) -> PyResult {
        if items(&args).is_empty() {
            return Err(self.type_error("Cannot take a Union of no types."));
        }
        let mut union = builder(self);
        for arg in items(&args) {
            let arg = typevar::type_check(self, arg, "Union[arg, ...]: each arg must be a type.")?;
            union.add(self, &arg)?;
        }
        union.finish(self)
    }
}
