//! `chain`, `zip_longest`, `groupby`, `tee`.

use crate::data::{bind, constructor_no_keywords, required};
use serpens_vm::cell::VCell;
use serpens_vm::types::iter::iterator_slots;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};
use std::cell::{Cell, RefCell};

/// One iterable after the other.
pub struct Chain {
    sources: VCell,
    active: VCell,
}

serpens_vm::native_payload!(Chain {} cells { sources, active });

/// The type `chain`.
pub static CHAIN: TypeDef = TypeDef::new::<Chain>("chain")
    .copied()
    .module("itertools")
    .doc(
        "Return a chain object whose .__next__() method returns elements from the\nfirst iterable until it is exhausted, then \
         elements from the next\niterable, until all of the iterables are exhausted.",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            constructor_no_keywords(vm, ty, args, "chain")?;
            let sources = vm.tuple_iter(&vm.tuple_of(args.pos()));
            Ok(vm.alloc(ty, Chain { sources: VCell::new(sources), active: VCell::empty() }))
        }),
        ..iterator_slots(chain_next)
    })
    .methods(&[
        MethodDef::new("from_iterable", "($type, iterable, /)", |vm, a| {
            let ty = TypeObj::from_value(a.get(0)).expect("a class method gets its class");
            let sources = vm.iter(a.get(1))?;
            Ok(vm.alloc(ty, Chain { sources: VCell::new(sources), active: VCell::empty() }))
        })
        .class()
        .doc(
            "Alternative chain() constructor taking a single iterable argument that evaluates lazily.",
        ),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("See PEP 585"),
    ]);

fn chain_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let chain = v.downcast::<Chain>().expect("the descriptor has checked the receiver");
    loop {
        if let Some(active) = chain.active.get() {
            if let Some(item) = vm.next(&active)? {
                return Ok(Some(item));
            }
            chain.active.put(None);
        }
        let Some(sources) = chain.sources.get() else { return Ok(None) };
        let next = match vm.next(&sources) {
            Ok(Some(source)) => vm.iter(&source),
            Ok(None) => {
                chain.sources.put(None);
                return Ok(None);
            }
            Err(e) => Err(e),
        };
        match next {
            Ok(it) => chain.active.set(it),
            Err(e) => {
                chain.sources.put(None);
                return Err(e);
            }
        }
    }
}

/// Iterators in step until the longest ends.
pub struct ZipLongest {
    its: RefCell<Vec<Option<Value>>>,
    /// The same iterators, for the collector.
    all: VCell,
    fill: Value,
}

serpens_vm::native_payload!(ZipLongest { fill } cells { all });

/// The type `zip_longest`.
pub static ZIP_LONGEST: TypeDef = TypeDef::new::<ZipLongest>("zip_longest")
    .module("itertools")
    .doc(
        "Return a zip_longest object whose .__next__() method returns a tuple where\nthe i-th element comes from the i-th iterable \
         argument.  The .__next__()\nmethod continues until the longest iterable in the argument sequence\nis exhausted and then it \
         raises StopIteration.  When the shorter iterables\nare exhausted, the fillvalue is substituted in their place.  The \
         fillvalue\ndefaults to None or can be specified by a keyword argument.",
    )
    .basetype()
    .gc()
    .slots(Slots { new: Some(zip_longest_new), ..iterator_slots(zip_longest_next) });

fn zip_longest_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let mut fill = Value::NONE;
    for (name, v) in args.named() {
        if !name.downcast::<Str>().is_some_and(|n| n == "fillvalue") {
            return Err(vm.type_error("zip_longest() got an unexpected keyword argument"));
        }
        fill = v.clone();
    }
    let mut its = Vec::with_capacity(args.pos().len());
    for source in args.pos() {
        its.push(vm.iter(source)?);
    }
    let all = VCell::new(vm.tuple_of(&its));
    Ok(vm.alloc(ty, ZipLongest { its: RefCell::new(its.into_iter().map(Some).collect()), all, fill }))
}

fn zip_longest_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let zip = v.downcast::<ZipLongest>().expect("the descriptor has checked the receiver");
    let n = zip.its.borrow().len();
    let mut row = Vec::with_capacity(n);
    let mut any = false;
    for i in 0..n {
        let it = zip.its.borrow()[i].clone();
        let item = match it {
            Some(it) => match vm.next(&it)? {
                Some(item) => {
                    any = true;
                    Some(item)
                }
                None => {
                    zip.its.borrow_mut()[i] = None;
                    None
                }
            },
            None => None,
        };
        row.push(item.unwrap_or_else(|| zip.fill.clone()));
    }
    Ok(any.then(|| vm.tuple(row)))
}

/// Runs of items with the same key.
pub struct GroupBy {
    it: Value,
    key: Value,
    target_key: VCell,
    current_key: VCell,
    current_value: VCell,
    /// Address of the group that may go on; the others have ended.
    group: Cell<u64>,
}

serpens_vm::native_payload!(GroupBy { it, key } cells { target_key, current_key, current_value });

/// The type `groupby`.
pub static GROUPBY: TypeDef = TypeDef::new::<GroupBy>("groupby")
    .module("itertools")
    .doc(
        "make an iterator that returns consecutive keys and groups from the iterable\n\n  iterable\n    Elements to divide into \
         groups according to the key function.\n  key\n    A function for computing the group category for each element.\n    If the \
         key function is not specified or is None, the element itself\n    is used for grouping.",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [source, key] = bind(vm, args, "groupby", ["iterable", "key"], 1)?;
            let it = vm.iter(required(source))?;
            let payload = GroupBy {
                it,
                key: key.cloned().unwrap_or(Value::NONE),
                target_key: VCell::empty(),
                current_key: VCell::empty(),
                current_value: VCell::empty(),
                group: Cell::new(0),
            };
            Ok(vm.alloc(ty, payload))
        }),
        ..iterator_slots(groupby_next)
    });

impl GroupBy {
    /// Takes the next item; whether there was one.
    fn step(&self, vm: &Vm) -> PyResult<bool> {
        let Some(value) = vm.next(&self.it)? else { return Ok(false) };
        let key = if self.key.is_none() { value.clone() } else { vm.call_one(&self.key, &value)? };
        self.current_value.set(value);
        self.current_key.set(key);
        Ok(true)
    }
}

fn groupby_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let g = v.downcast::<GroupBy>().expect("the descriptor has checked the receiver");
    g.group.set(0);
    loop {
        match (g.current_key.get(), g.target_key.get()) {
            (None, _) => {}
            (Some(_), None) => break,
            (Some(current), Some(target)) => {
                if !vm.eq(&target, &current)? {
                    break;
                }
            }
        }
        if !g.step(vm)? {
            return Ok(None);
        }
    }
    let Some(key) = g.current_key.get() else { return Ok(None) };
    g.target_key.set(key.clone());
    let grouper = vm.alloc_native(&GROUPER, Grouper { parent: v.clone(), key: key.clone() });
    g.group.set(grouper.bits());
    Ok(Some(vm.pair(key, grouper)))
}

/// The items of one group.
pub struct Grouper {
    parent: Value,
    key: Value,
}

serpens_vm::native_payload!(Grouper { parent, key });

/// The type `_grouper`.
pub static GROUPER: TypeDef = TypeDef::new::<Grouper>("_grouper").module("itertools").gc().slots(Slots {
    new: Some(|vm, ty, args| {
        let [parent, key] = args.pos() else {
            return Err(vm.type_error(&format!("_grouper expected 2 arguments, got {}", args.pos().len())));
        };
        let Some(g) = parent.downcast::<GroupBy>() else {
            return Err(vm.type_error(&format!(
                "_grouper() argument 1 must be itertools.groupby, not {}",
                vm.type_of(parent).name()
            )));
        };
        let made = vm.alloc(ty, Grouper { parent: parent.clone(), key: key.clone() });
        g.group.set(made.bits());
        Ok(made)
    }),
    ..iterator_slots(grouper_next)
});

fn grouper_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let grouper = v.downcast::<Grouper>().expect("the descriptor has checked the receiver");
    let parent = grouper.parent.downcast::<GroupBy>().expect("groups belong to a groupby");
    if parent.group.get() != v.bits() {
        return Ok(None);
    }
    if !parent.current_value.is_set() && !parent.step(vm)? {
        return Ok(None);
    }
    let current = parent.current_key.get_or_none();
    if !vm.eq(&grouper.key, &current)? {
        return Ok(None);
    }
    Ok(parent.current_value.take())
}

/// One item of a shared iterator, and the place of the next.
struct TeeNode {
    it: Value,
    value: VCell,
    next: VCell,
    running: Cell<bool>,
}

serpens_vm::native_payload!(TeeNode { it } cells { value, next });

static TEE_NODE: TypeDef = TypeDef::new::<TeeNode>("_tee_dataobject").module("itertools").gc();

/// One of several independent iterators over the same items.
pub struct Tee {
    node: VCell,
}

serpens_vm::native_payload!(Tee {} cells { node });

/// The type `_tee`.
pub static TEE: TypeDef = TypeDef::new::<Tee>("_tee")
    .module("itertools")
    .doc("Iterator wrapped to make it copyable.")
    .gc()
    .flags(serpens_vm::types::typeobj::tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [source] = args.pos() else {
                return Err(vm.type_error(&format!("_tee expected 1 argument, got {}", args.pos().len())));
            };
            let node = first_node(vm, source)?;
            Ok(vm.alloc(ty, Tee { node: VCell::new(node) }))
        }),
        ..iterator_slots(tee_next)
    })
    .methods(&[MethodDef::new("__copy__", "($self, /)", |vm, a| {
        Ok(vm.alloc_native(&TEE, Tee { node: VCell::from(a.this::<Tee>().node.get()) }))
    })
    .doc("Returns an independent iterator.")]);

fn new_node(vm: &Vm, it: Value) -> Value {
    let payload = TeeNode { it, value: VCell::empty(), next: VCell::empty(), running: Cell::new(false) };
    vm.alloc_native(&TEE_NODE, payload)
}

/// Where the iteration of an iterable begins: of a tee, where it is.
fn first_node(vm: &Vm, source: &Value) -> PyResult {
    let it = vm.iter(source)?;
    match it.downcast::<Tee>().and_then(|t| t.node.get()) {
        Some(node) => Ok(node),
        None => Ok(new_node(vm, it)),
    }
}

fn tee_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let tee = v.downcast::<Tee>().expect("the descriptor has checked the receiver");
    let Some(current) = tee.node.get() else { return Ok(None) };
    let node = current.downcast::<TeeNode>().expect("tees go from node to node");
    let value = match node.value.get() {
        Some(value) => value,
        None => {
            if node.running.replace(true) {
                return Err(vm.runtime_error("cannot re-enter the tee iterator"));
            }
            let item = vm.next(&node.it);
            node.running.set(false);
            let Some(item) = item? else { return Ok(None) };
            node.next.set(new_node(vm, node.it.clone()));
            node.value.set(item.clone());
            item
        }
    };
    tee.node.put(node.next.get());
    Ok(Some(value))
}

/// `tee(iterable, n)`.
pub(super) fn tee(vm: &Vm, a: Args<'_>) -> PyResult {
    let n = a.opt(1).map_or(Ok(2), |v| vm.arg_isize(v))?;
    if n < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    vm.check_alloc(n as usize * 64)?;
    if n == 0 {
        return Ok(vm.tuple(Vec::new()));
    }
    let it = vm.iter(a.get(0))?;
    if !it.is_a::<Tee>() && vm.getattr_opt(&it, &vm.names().__copy__)?.is_some() {
        let mut all = vec![it.clone()];
        for _ in 1..n {
            all.push(vm.call_method(&it, &vm.names().__copy__, &[])?);
        }
        return Ok(vm.tuple(all));
    }
    let node = first_node(vm, &it)?;
    let make = || vm.alloc_native(&TEE, Tee { node: VCell::new(node.clone()) });
    Ok(vm.tuple((0..n).map(|_| make()).collect()))
}
