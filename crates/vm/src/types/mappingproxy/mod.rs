//! `mappingproxy`: a read-only view of a mapping.

use crate::error::PyResult;
use crate::native::{Args, CallArgs, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::list::List;
use crate::types::slots::{BinOp, Slots};
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

/// A read-only view.
pub struct MappingProxy {
    /// The mapping.
    pub mapping: Value,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for MappingProxy {
    const KIND: Kind = Kind::MappingProxy;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.mapping);
    }
}

/// The type `mappingproxy`.
pub static TYPE: TypeDef = TypeDef::new::<MappingProxy>("mappingproxy")
    .doc("Read-only proxy of a mapping.")
    .gc()
    .flags(tflag::MAPPING)
    .slots(
        Slots {
            new: Some(new),
            repr: Some(|vm, v| Ok(vm.str(&format!("mappingproxy({})", vm.repr_string(target(v))?)))),
            str: Some(|vm, v| vm.str_of(target(v))),
            hash: Some(|vm, v| vm.hash(target(v))),
            richcmp: Some(|vm, a, b, op| vm.compare(target(a), unwrap(b), op)),
            iter: Some(|vm, v| vm.iter(target(v))),
            len: Some(|vm, v| vm.len(target(v))),
            getitem: Some(|vm, v, key| vm.get_item(target(v), key)),
            contains: Some(|vm, v, key| vm.contains(target(v), key)),
            ..Slots::EMPTY
        }
        .with(BinOp::Or, |vm, a, b| vm.binary_op(BinOp::Or, unwrap(a), unwrap(b)))
        .with_inplace(BinOp::Or, |vm, a, _| {
            Err(vm.type_error(&format!("'|=' is not supported by {}; use '|' instead", vm.type_of(a).name())))
        }),
    )
    .methods(&[
        MethodDef::new("get", "($self, key, default=None, /)", |vm, a| {
            forward(vm, a, "get", &[a.get(1).clone(), a.opt(2).cloned().unwrap_or(Value::NONE)])
        })
        .doc("Return the value for key if key is in the mapping, else default."),
        MethodDef::new("keys", "($self, /)", |vm, a| forward(vm, a, "keys", &[]))
            .doc("a set-like object providing a view on the underlying mapping's keys"),
        MethodDef::new("values", "($self, /)", |vm, a| forward(vm, a, "values", &[]))
            .doc("an object providing a view on the underlying mapping's values"),
        MethodDef::new("items", "($self, /)", |vm, a| forward(vm, a, "items", &[]))
            .doc("a set-like object providing a view on the underlying mapping's items"),
        MethodDef::new("copy", "($self, /)", |vm, a| forward(vm, a, "copy", &[]))
            .doc("a shallow copy of the underlying mapping"),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
        MethodDef::new("__reversed__", "($self, /)", |vm, a| forward(vm, a, "__reversed__", &[]))
            .doc("reverse iterator"),
    ]);

fn target(v: &Value) -> &Value {
    &v.downcast::<MappingProxy>().expect("the descriptor has checked the receiver").mapping
}

/// The mapping behind a proxy; other values as they are.
fn unwrap(v: &Value) -> &Value {
    v.downcast::<MappingProxy>().map_or(v, |p| &p.mapping)
}

fn forward(vm: &Vm, a: Args<'_>, name: &str, args: &[Value]) -> PyResult {
    vm.call_method_str(target(a.get(0)), name, args)
}

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let mapping = match (args.pos(), args.n_named()) {
        ([mapping], 0) => mapping,
        ([], 1) if args.kw("mapping").is_some() => &args.all()[0],
        ([], 0) => return Err(vm.type_error("mappingproxy() missing required argument 'mapping' (pos 1)")),
        _ => {
            let n = args.all().len();
            return Err(vm.type_error(&format!("mappingproxy() takes at most 1 argument ({n} given)")));
        }
    };
    if vm.type_of(mapping).slots().getitem.is_none() || mapping.is_a::<List>() || mapping.is_a::<Tuple>() {
        return Err(
            vm.type_error(&format!("mappingproxy() argument must be a mapping, not {}", vm.type_of(mapping).name()))
        );
    }
    vm.mapping_proxy(mapping)
}

impl Vm {
    /// A read-only view of a mapping.
    pub fn mapping_proxy(&self, mapping: &Value) -> PyResult {
        Ok(self.alloc(self.types().mappingproxy, MappingProxy { mapping: mapping.clone() }))
    }
}
