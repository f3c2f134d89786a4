//! `__reduce__`, `__reduce_ex__` and `__getstate__` of `object`: how `pickle` and `copy` see instances.

use crate::error::PyResult;
use crate::native::Args;
use crate::object::Kind;
use crate::types::descr::Member;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

fn copyreg(vm: &Vm, name: &str) -> PyResult {
    let module = vm.hooks().import_name(vm, &vm.intern("copyreg"), &Value::NONE, &Value::NONE, 0)?;
    vm.getattr_str(&module, name)
}

pub(super) fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let f = copyreg(vm, "_reduce_ex")?;
    vm.call_pos(&f, &[a.get(0).clone(), Value::int_unchecked(0)])
}

pub(super) fn reduce_ex(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let protocol = vm.index_i64(a.get(1))?;
    let n = vm.names();
    let own = vm.type_of(v).lookup(vm, &n.__reduce__);
    let base = vm.types().object.dict().get_str(vm, &n.__reduce__);
    if own.as_ref().map(Value::bits) != base.as_ref().map(Value::bits) {
        let f = vm.getattr(v, &n.__reduce__)?;
        return vm.call_none(&f);
    }
    if protocol < 2 {
        let f = copyreg(vm, "_reduce_ex")?;
        return vm.call_pos(&f, &[v.clone(), vm.int(protocol)]);
    }
    reduce_newobj(vm, v)
}

/// Protocol 2 and later: `copyreg.__newobj__(cls, *args)`, state, list items, dict items.
fn reduce_newobj(vm: &Vm, v: &Value) -> PyResult {
    let n = vm.names();
    let class = vm.getattr(v, &n.__class__)?;
    let Some(ty) = TypeObj::from_value(&class) else {
        return Err(vm.type_error("__class__ is not a type"));
    };
    if ty.slots().new.is_none() {
        return Err(vm.type_error(&format!("cannot pickle '{}' object", ty.display_name(vm))));
    }
    let (mut args, mut kwargs) = (None, None);
    if let Some(f) = vm.getattr_opt(v, &n.__getnewargs_ex__)? {
        let r = vm.call_none(&f)?;
        let Some(t) = r.downcast::<Tuple>() else {
            return Err(
                vm.type_error(&format!("__getnewargs_ex__ should return a tuple, not '{}'", vm.type_of(&r).name()))
            );
        };
        if t.len() != 2 {
            return Err(
                vm.value_error(&format!("__getnewargs_ex__ should return a tuple of length 2, not {}", t.len()))
            );
        }
        args = Some(t.as_slice()[0].clone());
        kwargs = Some(t.as_slice()[1].clone());
    } else if let Some(f) = vm.getattr_opt(v, &n.__getnewargs__)? {
        let r = vm.call_none(&f)?;
        if !r.is_a::<Tuple>() {
            return Err(
                vm.type_error(&format!("__getnewargs__ should return a tuple, not '{}'", vm.type_of(&r).name()))
            );
        }
        args = Some(r);
    }
    let has_args = args.is_some();
    let args = args.unwrap_or_else(|| vm.tuple(Vec::new()));
    let with_kwargs = kwargs.as_ref().and_then(|k| k.downcast::<Dict>()).is_some_and(|d| !d.is_empty());
    let (make, make_args) = if with_kwargs {
        let f = copyreg(vm, "__newobj_ex__")?;
        (f, vm.tuple(vec![class.clone(), args, kwargs.unwrap_or(Value::NONE)]))
    } else {
        let mut all = vec![class.clone()];
        all.extend_from_slice(args.downcast::<Tuple>().map_or(&[], Tuple::as_slice));
        (copyreg(vm, "__newobj__")?, vm.tuple(all))
    };
    let is_container = v.is_a::<List>() || v.is_a::<Dict>();
    let state = state_of(vm, v, !has_args && !is_container)?;
    let list_items = if v.is_a::<List>() { vm.iter(v)? } else { Value::NONE };
    let dict_items = if v.is_a::<Dict>() {
        let items = vm.call_method(v, &n.items, &[])?;
        vm.iter(&items)?
    } else {
        Value::NONE
    };
    Ok(vm.tuple(vec![make, make_args, state, list_items, dict_items]))
}

fn state_of(vm: &Vm, v: &Value, required: bool) -> PyResult {
    let n = vm.names();
    let own = vm.type_of(v).lookup(vm, &n.__getstate__);
    let base = vm.types().object.dict().get_str(vm, &n.__getstate__);
    if own.as_ref().map(Value::bits) == base.as_ref().map(Value::bits) {
        if required && vm.type_of(v).kind() != Kind::Instance && !picklable_payload(vm, v) {
            return Err(vm.type_error(&format!("cannot pickle '{}' object", vm.type_of(v).display_name(vm))));
        }
        return getstate(vm, v);
    }
    vm.call_method(v, &n.__getstate__, &[])
}

/// Whether an object without `__reduce__` of its own may be rebuilt by `__new__` alone.
fn picklable_payload(vm: &Vm, v: &Value) -> bool {
    let mut ty = vm.type_of(v);
    while ty.is_heap()
        && let Some(base) = ty.base()
    {
        ty = base;
    }
    matches!(ty.kind(), Kind::Instance | Kind::Exception)
}

/// `object.__getstate__`: the instance's dict, with the values of `__slots__` beside it if there are any.
pub(super) fn getstate(vm: &Vm, v: &Value) -> PyResult {
    let n = vm.names();
    let dict = match vm.getattr_opt(v, &n.__dict__)? {
        Some(d) => match d.downcast::<Dict>() {
            Some(d) if d.is_empty() => Value::NONE,
            Some(d) => d.copy(vm),
            None => d,
        },
        None => Value::NONE,
    };
    let ty = vm.type_of(v);
    if ty.n_members == 0 {
        return Ok(dict);
    }
    let slots = vm.new_dict();
    let out = slots.downcast::<Dict>().expect("just made");
    for class in ty.mro_slice().iter().filter_map(TypeObj::from_value) {
        for (name, attr) in class.dict().items() {
            if attr.downcast::<Member>().is_some_and(Member::is_slot)
                && let Some(value) = vm.getattr_opt(v, &name)?
            {
                out.set_str(vm, &name, value);
            }
        }
    }
    if out.is_empty() { Ok(dict) } else { Ok(vm.tuple(vec![dict, slots])) }
}
