//! Functions for the slots of Python classes: each looks its special method up on the class and calls it.

use super::Dunder;
use crate::error::PyResult;
use crate::native::CallArgs;
use crate::types::slots::{BinOp, CmpOp, N_BINOPS};
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// Calls the special method `name` of `v`'s class; the class is known to have it, but it may have been deleted.
fn call_method(vm: &Vm, v: &Value, name: &Value, args: &[Value]) -> PyResult {
    match vm.lookup_special(v, name)? {
        Some(m) => m.call(vm, v, args),
        None => Err(vm.no_attribute(v, name)),
    }
}

fn optional(vm: &Vm, v: &Value, name: &Value, args: &[Value]) -> PyResult {
    match vm.lookup_special(v, name)? {
        Some(m) => m.call(vm, v, args),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

macro_rules! unary_slots {
    ($($f:ident $name:ident)*) => {
        $( pub(super) fn $f(vm: &Vm, v: &Value) -> PyResult { call_method(vm, v, &vm.names().$name, &[]) } )*
    };
}

unary_slots! {
    slot_neg __neg__ slot_pos __pos__ slot_abs __abs__ slot_invert __invert__ slot_int __int__ slot_float __float__
    slot_index __index__ slot_aiter __aiter__ slot_anext __anext__ slot_repr __repr__ slot_str __str__ slot_await __await__
}

pub(super) fn slot_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let class = ty.value();
    let new = ty.lookup(vm, &vm.names().__new__).ok_or_else(|| vm.type_error("no __new__"))?;
    let f = vm.bind_descriptor(&new, None, &class)?;
    let mut all = Vec::with_capacity(args.all().len() + 1);
    all.push(class);
    all.extend_from_slice(args.all());
    vm.call(&f, &CallArgs::new(&all, args.names()))
}

pub(super) fn slot_init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    let Some(m) = vm.lookup_special(v, &vm.names().__init__)? else { return Ok(()) };
    let r = m.call_args(vm, v, args)?;
    if !r.is_none() {
        let t = vm.type_of(&r).name().to_string();
        return Err(vm.type_error(&format!("__init__() should return None, not '{t}'")));
    }
    Ok(())
}

pub(super) fn slot_del(vm: &Vm, v: &Value) -> PyResult<()> {
    call_method(vm, v, &vm.names().__del__, &[]).map(drop)
}

pub(super) fn slot_call(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult {
    match vm.lookup_special(v, &vm.names().__call__)? {
        Some(m) => m.call_args(vm, v, args),
        None => Err(vm.not_callable(v)),
    }
}

pub(super) fn slot_hash(vm: &Vm, v: &Value) -> PyResult<i64> {
    let r = call_method(vm, v, &vm.names().__hash__, &[])?;
    vm.hash_result(&r)
}

/// Slot of types whose `__hash__` is `None`.
pub(crate) fn unhashable(vm: &Vm, v: &Value) -> PyResult<i64> {
    Err(vm.type_error(&format!("unhashable type: '{}'", vm.type_of(v).display_name(vm))))
}

pub(super) fn slot_richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let n = vm.names();
    let name = match op {
        CmpOp::Lt => &n.__lt__,
        CmpOp::Le => &n.__le__,
        CmpOp::Eq => &n.__eq__,
        CmpOp::Ne => &n.__ne__,
        CmpOp::Gt => &n.__gt__,
        CmpOp::Ge => &n.__ge__,
    };
    optional(vm, a, name, std::slice::from_ref(b))
}

/// `__getattribute__`, then `__getattr__` if that raised AttributeError.
pub(super) fn slot_getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    let n = vm.names();
    let custom = vm.type_of(v).lookup(vm, &n.__getattribute__);
    let generic = vm.types().object.dict().get_str(vm, &n.__getattribute__);
    let native = custom
        .as_ref()
        .is_none_or(|c| vm.wraps_slot(c, Dunder::Getattribute) || generic.as_ref().is_some_and(|g| g.is(c)));
    let first = if native {
        match vm.generic_getattr_opt(v, name) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(e) => Some(e),
        }
    } else {
        match call_method(vm, v, &n.__getattribute__, std::slice::from_ref(name)) {
            Ok(found) => return Ok(found),
            Err(e) => Some(e),
        }
    };
    let Some(hook) = vm.lookup_special(v, &n.__getattr__)? else {
        return Err(first.unwrap_or_else(|| vm.no_attribute(v, name)));
    };
    if let Some(e) = first {
        if !vm.pending_is(vm.types().AttributeError) {
            return Err(e);
        }
        drop(vm.take_raised());
    }
    hook.call(vm, v, std::slice::from_ref(name))
}

pub(super) fn slot_setattr(vm: &Vm, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = vm.names();
    let result = match value {
        Some(value) => call_method(vm, v, &n.__setattr__, &[name.clone(), value.clone()]),
        None => call_method(vm, v, &n.__delattr__, std::slice::from_ref(name)),
    };
    result.map(drop)
}

pub(super) fn slot_get(vm: &Vm, d: &Value, obj: Option<&Value>, ty: Option<&Value>) -> PyResult {
    let none = Value::NONE;
    let args = [obj.unwrap_or(&none).clone(), ty.unwrap_or(&none).clone()];
    match vm.lookup_special(d, &vm.names().__get__)? {
        Some(m) => m.call(vm, d, &args),
        None => Ok(d.clone()),
    }
}

pub(super) fn slot_set(vm: &Vm, d: &Value, obj: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = vm.names();
    let (name, args) = match value {
        Some(value) => (&n.__set__, vec![obj.clone(), value.clone()]),
        None => (&n.__delete__, vec![obj.clone()]),
    };
    match vm.lookup_special(d, name)? {
        Some(m) => m.call(vm, d, &args).map(drop),
        None => Err(vm.attribute_error(name.downcast::<crate::types::str::Str>().map_or("", |s| s.as_str_lossy()))),
    }
}

pub(super) fn slot_iter(vm: &Vm, v: &Value) -> PyResult {
    match vm.type_of(v).lookup(vm, &vm.names().__iter__) {
        Some(f) if f.is_none() => Err(vm.not_iterable(v)),
        Some(_) => call_method(vm, v, &vm.names().__iter__, &[]),
        None => Err(vm.not_iterable(v)),
    }
}

pub(super) fn slot_next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    match call_method(vm, v, &vm.names().__next__, &[]) {
        Ok(value) => Ok(Some(value)),
        Err(e) => vm.stop_iteration_to_none(e),
    }
}

pub(super) fn slot_bool(vm: &Vm, v: &Value) -> PyResult<bool> {
    let r = call_method(vm, v, &vm.names().__bool__, &[])?;
    r.as_bool()
        .ok_or_else(|| vm.type_error(&format!("__bool__ should return bool, returned {}", vm.type_of(&r).name())))
}

pub(super) fn slot_len(vm: &Vm, v: &Value) -> PyResult<usize> {
    let r = call_method(vm, v, &vm.names().__len__, &[])?;
    vm.length_result(&r)
}

pub(super) fn slot_getitem(vm: &Vm, v: &Value, key: &Value) -> PyResult {
    call_method(vm, v, &vm.names().__getitem__, std::slice::from_ref(key))
}

pub(super) fn slot_setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let n = vm.names();
    let (name, args, what) = match value {
        Some(value) => (&n.__setitem__, vec![key.clone(), value.clone()], "assignment"),
        None => (&n.__delitem__, vec![key.clone()], "deletion"),
    };
    match vm.lookup_special(v, name)? {
        Some(m) => m.call(vm, v, &args).map(drop),
        None => Err(vm.type_error(&format!("'{}' object does not support item {what}", vm.type_of(v).name()))),
    }
}

pub(super) fn slot_contains(vm: &Vm, v: &Value, item: &Value) -> PyResult<bool> {
    match vm.type_of(v).lookup(vm, &vm.names().__contains__) {
        Some(f) if f.is_none() => Err(vm.type_error(&format!("'{}' object is not a container", vm.type_of(v).name()))),
        Some(_) => {
            let r = call_method(vm, v, &vm.names().__contains__, std::slice::from_ref(item))?;
            vm.truthy(&r)
        }
        None => vm.contains_by_iteration(v, item),
    }
}

pub(super) fn slot_buffer(vm: &Vm, v: &Value, writable: bool) -> PyResult<crate::types::slots::Buffer> {
    let flags = Value::from_usize(if writable { 1 } else { 0 });
    let view = call_method(vm, v, &vm.names().__buffer__, &[flags])?;
    match vm.type_of(&view).slots().buffer {
        Some(f) if view.is_a::<crate::types::memoryview::MemoryView>() => f(vm, &view, writable),
        _ => Err(vm.type_error("__buffer__ returned non-memoryview object")),
    }
}

/// Binary operators by Python methods: `a.__op__(b)`, then `b.__rop__(a)`; a subclass on the right goes first.
pub(super) fn slot_binary<const OP: usize>(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let names = vm.binop_names();
    let (name, rname) = (&names.0[OP].0, &names.0[OP].1);
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let this = BINARY[OP];
    let uses = |t: &TypeObj| t.slots().binary[OP].is_some_and(|f| std::ptr::fn_addr_eq(f, this));
    let other = !ta.is(tb) && uses(tb);
    if uses(ta) {
        if other && tb.is_subtype(ta) {
            let (x, y) = (ta.lookup(vm, rname), tb.lookup(vm, rname));
            if y.is_some() && x.as_ref().map(Value::bits) != y.as_ref().map(Value::bits) {
                let r = optional(vm, b, rname, std::slice::from_ref(a))?;
                if !r.is_not_implemented() {
                    return Ok(r);
                }
                return optional(vm, a, name, std::slice::from_ref(b));
            }
        }
        let r = optional(vm, a, name, std::slice::from_ref(b))?;
        if !r.is_not_implemented() || ta.is(tb) {
            return Ok(r);
        }
    }
    if other { optional(vm, b, rname, std::slice::from_ref(a)) } else { Ok(Value::NOT_IMPLEMENTED) }
}

/// `pow(a, b, modulus)` by Python methods: `a.__pow__(b, modulus)`, then `b.__rpow__(a, modulus)`.
pub(super) fn slot_pow3(vm: &Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    const OP: usize = BinOp::Pow as usize;
    let names = vm.binop_names();
    let (name, rname) = (&names.0[OP].0, &names.0[OP].1);
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let uses = |t: &TypeObj| t.slots().pow3.is_some_and(|f| std::ptr::fn_addr_eq(f, slot_pow3 as Pow3Fn));
    let other = !ta.is(tb) && uses(tb);
    let forward = || optional(vm, a, name, &[b.clone(), modulus.clone()]);
    let backward = || optional(vm, b, rname, &[a.clone(), modulus.clone()]);
    if uses(ta) {
        if other && tb.is_subtype(ta) {
            let (x, y) = (ta.lookup(vm, rname), tb.lookup(vm, rname));
            if y.is_some() && x.as_ref().map(Value::bits) != y.as_ref().map(Value::bits) {
                let r = backward()?;
                return if r.is_not_implemented() { forward() } else { Ok(r) };
            }
        }
        let r = forward()?;
        if !r.is_not_implemented() || ta.is(tb) {
            return Ok(r);
        }
    }
    if other { backward() } else { Ok(Value::NOT_IMPLEMENTED) }
}

type Pow3Fn = fn(&Vm, &Value, &Value, &Value) -> PyResult;

pub(super) fn slot_inplace<const OP: usize>(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let names = vm.binop_names();
    optional(vm, a, &names.0[OP].2, std::slice::from_ref(b))
}

pub(super) type BinaryTable = [fn(&Vm, &Value, &Value) -> PyResult; N_BINOPS];

pub(super) const BINARY: BinaryTable = [
    slot_binary::<0>,
    slot_binary::<1>,
    slot_binary::<2>,
    slot_binary::<3>,
    slot_binary::<4>,
    slot_binary::<5>,
    slot_binary::<6>,
    slot_binary::<7>,
    slot_binary::<8>,
    slot_binary::<9>,
    slot_binary::<10>,
    slot_binary::<11>,
    slot_binary::<12>,
    slot_binary::<13>,
];

pub(super) const INPLACE: BinaryTable = [
    slot_inplace::<0>,
    slot_inplace::<1>,
    slot_inplace::<2>,
    slot_inplace::<3>,
    slot_inplace::<4>,
    slot_inplace::<5>,
    slot_inplace::<6>,
    slot_inplace::<7>,
    slot_inplace::<8>,
    slot_inplace::<9>,
    slot_inplace::<10>,
    slot_inplace::<11>,
    slot_inplace::<12>,
    slot_inplace::<13>,
];

/// Names of the methods of each binary operator.
struct BinopNames(Vec<(Value, Value, Value)>);

crate::local!(BinopNames: fresh);

impl Vm {
    /// For each operator: the names of `__op__`, `__rop__`, `__iop__`.
    fn binop_names(&self) -> std::rc::Rc<BinopNames> {
        self.local(|vm| {
            BinopNames(
                BinOp::ALL
                    .into_iter()
                    .map(|op| {
                        let name = |p: &str| vm.intern(&format!("__{p}{}__", op.stem()));
                        (name(""), name("r"), name("i"))
                    })
                    .collect(),
            )
        })
    }
}
