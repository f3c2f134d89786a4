//! Binding of arguments to a native function's parameters, with CPython's messages.
#![expect(unsafe_code, reason = "registers seen as optional values")]

use super::args::{Args, CallArgs};
use super::signature::parameters;
use super::{MethodDef, NativeFn};
use crate::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::rc::Rc;

/// Calls a native function whose receiver, if it has one, is the first of `args`. `owner` is the name of the type whose
/// method it is (for messages), or empty.
#[inline]
pub fn call_native(vm: &Vm, def: &MethodDef, owner: &str, args: &CallArgs<'_>) -> PyResult {
    match def.call {
        NativeFn::Raw(f) => f(vm, args),
        NativeFn::Bound(f) => {
            let n = args.all().len();
            let arity = &def.arity;
            if args.names().is_none() && n >= arity.min as usize && n <= arity.max as usize && !arity.needs_kw {
                return call_native_bound(vm, f, arity.total as usize, args.all());
            }
            bind_slow(vm, def, owner, f, args)
        }
    }
}

/// Calls with positional arguments of a number that fits; missing optional ones become empty slots.
#[inline(always)]
pub(crate) fn call_native_bound(vm: &Vm, f: fn(&Vm, Args<'_>) -> PyResult, total: usize, args: &[Value]) -> PyResult {
    if args.len() == total {
        // SAFETY: `Option<Value>` has the representation of `Value` with zero for `None`.
        let slots = unsafe { std::slice::from_raw_parts(args.as_ptr().cast::<Option<Value>>(), args.len()) };
        return f(vm, Args::new(slots));
    }
    padded(vm, f, total, args)
}

#[inline(never)]
fn padded(vm: &Vm, f: fn(&Vm, Args<'_>) -> PyResult, total: usize, args: &[Value]) -> PyResult {
    if total <= FEW {
        return borrowed::<FEW>(vm, f, total, args);
    }
    if total <= MANY {
        return borrowed::<MANY>(vm, f, total, args);
    }
    let mut slots: SmallVec<[Option<Value>; 8]> = SmallVec::with_capacity(total);
    slots.extend(args.iter().cloned().map(Some));
    slots.resize_with(total, || None);
    f(vm, Args::new(&slots))
}

/// Lays arguments out in an array without counting them: `args` keeps them.
#[inline(always)]
fn borrowed<const N: usize>(vm: &Vm, f: fn(&Vm, Args<'_>) -> PyResult, total: usize, args: &[Value]) -> PyResult {
    let mut slots = [0_u64; N];
    for (slot, arg) in slots.iter_mut().zip(args) {
        *slot = arg.bits();
    }
    // SAFETY: `Option<Value>` has the representation of `Value` with zero for `None`. The copies are only looked at and never
    // dropped, and `args`, which own the references, outlive them.
    let slots = unsafe { std::slice::from_raw_parts(slots.as_ptr().cast::<Option<Value>>(), total.min(N)) };
    f(vm, Args::new(slots))
}

/// So many parameters are laid out in an array.
const FEW: usize = 4;

/// So many in a larger one.
const MANY: usize = 8;

/// Parameters of functions that were called with names, by the address of their signature: reading one takes longer than
/// the call.
#[derive(Default)]
struct Signatures(RefCell<HashMap<usize, Rc<[(&'static str, bool)]>>>);

crate::local!(Signatures: fresh);

/// The names of a function's parameters, and whether each has a default.
fn parameters_of(vm: &Vm, def: &MethodDef) -> Rc<[(&'static str, bool)]> {
    let known = vm.local(|_| Signatures::default());
    let key = def.signature.as_ptr().addr();
    if let Some(found) = known.0.borrow().get(&key) {
        return found.clone();
    }
    let read: Rc<[(&'static str, bool)]> = parameters(def.signature).collect();
    known.0.borrow_mut().insert(key, read.clone());
    read
}

#[cold]
fn bind_slow(vm: &Vm, def: &MethodDef, owner: &str, f: fn(&Vm, Args<'_>) -> PyResult, args: &CallArgs<'_>) -> PyResult {
    let arity = &def.arity;
    let pos = args.pos();
    let hidden = arity.receiver as usize;
    let given = pos.len() + args.n_named() - hidden.min(pos.len());
    let keywords_allowed = arity.total > arity.posonly;
    if !keywords_allowed && args.n_named() > 0 {
        return Err(vm.type_error(&format!("{}() takes no keyword arguments", dotted(owner, def))));
    }
    if hidden == 1 && pos.is_empty() {
        return Err(vm.type_error(&format!("unbound method {}() needs an argument", dotted(owner, def))));
    }
    if pos.len() > arity.max as usize {
        return Err(too_many(vm, def, owner, given, pos.len() - hidden));
    }
    let mut slots: SmallVec<[Option<Value>; 8]> = SmallVec::with_capacity(arity.total as usize);
    slots.extend(pos.iter().cloned().map(Some));
    slots.resize_with(arity.total as usize, || None);
    let params = parameters_of(vm, def);
    for (name, value) in args.named() {
        let found = name.downcast::<Str>().and_then(|s| params.iter().position(|(p, _)| s == *p));
        match found {
            Some(i) if i >= arity.posonly as usize => {
                if slots[i].is_some() {
                    let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
                    return Err(vm.type_error(&format!(
                        "argument for {}() given by name ('{text}') and position ({})",
                        def.name,
                        i + 1 - hidden
                    )));
                }
                slots[i] = Some(value.clone());
            }
            _ => {
                let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
                return Err(vm.type_error(&format!("{}() got an unexpected keyword argument '{text}'", def.name)));
            }
        }
    }
    for (i, &(name, has_default)) in params.iter().enumerate() {
        if !has_default && slots[i].is_none() {
            return Err(too_few(vm, def, owner, name, i, given));
        }
    }
    f(vm, Args::new(&slots))
}

fn dotted(owner: &str, def: &MethodDef) -> String {
    if owner.is_empty() { def.name.to_string() } else { format!("{owner}.{}", def.name) }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

#[cold]
fn too_many(vm: &Vm, def: &MethodDef, owner: &str, given: usize, positional: usize) -> Raised {
    let a = &def.arity;
    let hidden = a.receiver as usize;
    let (min, max) = (a.min as usize - hidden, a.max as usize - hidden);
    let message = if a.total > a.posonly {
        if max == 0 {
            format!("{}() takes no positional arguments", def.name)
        } else if a.total > a.max && given <= a.total as usize - hidden {
            let word = if min < max { "at most" } else { "exactly" };
            format!("{}() takes {word} {max} positional argument{} ({positional} given)", def.name, plural(max))
        } else {
            let total = a.total as usize - hidden;
            let word = if min < total { "at most" } else { "exactly" };
            format!("{}() takes {word} {total} argument{} ({given} given)", def.name, plural(total))
        }
    } else if max == 0 {
        format!("{}() takes no arguments ({given} given)", dotted(owner, def))
    } else if min == max && max == 1 {
        format!("{}() takes exactly one argument ({given} given)", dotted(owner, def))
    } else if min == max {
        format!("{} expected {max} argument{}, got {given}", def.name, plural(max))
    } else {
        format!("{} expected at most {max} argument{}, got {given}", def.name, plural(max))
    };
    vm.type_error(&message)
}

#[cold]
fn too_few(vm: &Vm, def: &MethodDef, owner: &str, name: &str, index: usize, given: usize) -> Raised {
    let a = &def.arity;
    let hidden = a.receiver as usize;
    let (min, max) = (a.min as usize - hidden, a.max as usize - hidden);
    let message = if a.total > a.posonly && index >= a.posonly as usize {
        format!("{}() missing required argument '{name}' (pos {})", def.name, index + 1 - hidden)
    } else if min == max && max == 1 {
        format!("{}() takes exactly one argument ({given} given)", dotted(owner, def))
    } else if min == max {
        format!("{} expected {min} argument{}, got {given}", def.name, plural(min))
    } else {
        format!("{} expected at least {min} argument{}, got {given}", def.name, plural(min))
    };
    vm.type_error(&message)
}
