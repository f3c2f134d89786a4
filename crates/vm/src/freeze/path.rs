//! The words of a refusal: what cannot be frozen, and how the root leads to it.
#![expect(unsafe_code, reason = "objects by address")]

use super::walk::{NOBODY, Walk};
use crate::object::{Header, Kind};
use crate::types::descr::Member;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::list::List;
use crate::types::method::Method;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// Steps of a path that are shown.
const MAX_STEPS: usize = 20;

/// The message about object `at`.
pub(super) fn refusal(walk: &Walk<'_>, at: u32) -> String {
    let what = value_of(walk.header(at));
    let name = walk.vm.type_of(&what).full_name(walk.vm);
    let mut chain = vec![at];
    let mut next = walk.found[at as usize].from;
    while next != NOBODY {
        chain.push(next);
        next = walk.found[next as usize].from;
    }
    chain.reverse();
    if chain.len() == 1 {
        return format!("cannot freeze '{name}' object");
    }
    let mut path = String::from("obj");
    for (i, pair) in chain.windows(2).enumerate() {
        if i == MAX_STEPS {
            path.push_str("...");
            break;
        }
        let before = i.checked_sub(1).map(|b| walk.header(chain[b]));
        path.push_str(&step(walk.vm, walk.header(pair[0]), &value_of(walk.header(pair[1])), before));
    }
    format!("cannot freeze '{name}' object, found at {path}")
}

fn value_of(h: &Header) -> Value {
    // SAFETY: objects of a walk are alive.
    unsafe { Value::from_header(h) }
}

/// How `parent` refers to `child`; `before` refers to `parent`.
fn step(vm: &Vm, parent: &Header, child: &Value, before: Option<&Header>) -> String {
    let v = value_of(parent);
    if std::ptr::from_ref(parent.ty()).addr() == TypeObj::from_value(child).map_or(0, |t| std::ptr::from_ref(t).addr())
    {
        return ".__class__".into();
    }
    let position = |items: &[Value]| items.iter().position(|i| i.is(child));
    let found = match parent.kind() {
        Kind::List => v.downcast::<List>().and_then(|l| l.with(position)).map(|i| format!("[{i}]")),
        Kind::Tuple => v.downcast::<Tuple>().and_then(|t| position(t.as_slice())).map(|i| format!("[{i}]")),
        Kind::Dict => v.downcast::<Dict>().and_then(|d| in_dict(d, child, is_namespace(before, &v))),
        Kind::Function => v.downcast::<Function>().and_then(|f| in_function(f, child)),
        Kind::Cell => Some(".cell_contents".into()),
        Kind::Method => v
            .downcast::<Method>()
            .map(|m| if m.receiver.is(child) { ".__self__".into() } else { ".__func__".to_string() }),
        Kind::Property => Some(".fget".into()),
        Kind::ClassMethod | Kind::StaticMethod => Some(".__func__".into()),
        Kind::Type => Some(match TypeObj::from_value(&v) {
            Some(ty) if ty.dict.bits() == child.bits() => String::new(),
            _ => ".__mro__".into(),
        }),
        _ => None,
    };
    found.or_else(|| in_attributes(vm, parent, &v, child)).unwrap_or_else(|| ".?".into())
}

/// Whether a dict is the namespace of a class or instance.
fn is_namespace(before: Option<&Header>, dict: &Value) -> bool {
    let Some(before) = before else { return false };
    let own = before.attrs().and_then(|a| a.dict());
    own.is_some_and(|d| d.is(dict))
        || TypeObj::from_value(&value_of(before)).is_some_and(|ty| ty.dict.bits() == dict.bits())
}

fn in_dict(dict: &Dict, child: &Value, namespace: bool) -> Option<String> {
    for (key, value) in dict.items() {
        if value.is(child) {
            return Some(match key.downcast::<Str>() {
                Some(name) if namespace => format!(".{name}"),
                Some(name) => format!("['{name}']"),
                None => key.as_small_int().map_or_else(|| "[...]".into(), |i| format!("[{i}]")),
            });
        }
        if key.is(child) {
            return Some(" (a key)".into());
        }
    }
    None
}

fn in_function(f: &Function, child: &Value) -> Option<String> {
    if let Some(step) = f.globals.downcast::<Dict>().and_then(|d| in_dict(d, child, false)) {
        return Some(format!(".__globals__{step}"));
    }
    let cells = f.closure.as_ref().and_then(|c| c.downcast::<Tuple>()).map_or(&[][..], Tuple::as_slice);
    if let Some(i) = cells.iter().position(|c| c.is(child)) {
        return Some(format!(".__closure__[{i}]"));
    }
    let fields = [
        (&f.defaults, ".__defaults__"),
        (&f.kwdefaults, ".__kwdefaults__"),
        (&f.annotations, ".__annotations__"),
        (&f.annotate, ".__annotate__"),
        (&f.type_params, ".__type_params__"),
    ];
    fields.iter().find(|(field, _)| field.bits() == child.bits()).map(|(_, name)| name.to_string())
}

fn in_attributes(vm: &Vm, parent: &Header, v: &Value, child: &Value) -> Option<String> {
    if let Some(attrs) = parent.attrs()
        && attrs.dict().is_some_and(|d| d.is(child))
    {
        return Some(String::new());
    }
    if let Some((name, _)) = vm.own_attributes(v).into_iter().find(|(_, value)| value.is(child)) {
        return Some(format!(".{}", vm.str_string(&name).ok()?));
    }
    for class in parent.ty().mro_slice().iter().filter_map(TypeObj::from_value) {
        for (_, m) in class.dict().items() {
            if let Some(m) = m.downcast::<Member>()
                // SAFETY: instances of the class have the member at this offset.
                && unsafe { parent.word_at(m.offset as usize + parent.var_size()) }.get() == child.bits()
            {
                return Some(format!(".{}", vm.str_string(&m.name).ok()?));
            }
        }
    }
    None
}
