//! Native modules about containers, iteration and functions: `_collections`, `_functools`, `itertools`, `_operator`,
//! `_heapq`, `_bisect`, `array`, `_random`.
//!
//! One file or folder a module, each with a `pub static MODULE`. None of them keeps state outside of its objects.

pub mod array;
pub mod bisect;
pub mod collections;
pub mod functools;
pub mod heapq;
pub mod itertools;
pub mod operator;
pub mod random;

use serpens_state::NativeModule;
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, PyResult, TypeObj, Value, Vm};

/// The modules of this folder.
pub static MODULES: &[&NativeModule] = &[
    &array::MODULE,
    &random::MODULE,
    &bisect::MODULE,
    &collections::MODULE,
    &functools::MODULE,
    &heapq::MODULE,
    &itertools::MODULE,
    &operator::MODULE,
];

/// Arguments of a constructor bound to parameters; the first `min` are required, those with an empty name cannot be given
/// by keyword.
pub(crate) fn bind<'a, const N: usize>(
    vm: &Vm,
    args: &CallArgs<'a>,
    function: &str,
    names: [&str; N],
    min: usize,
) -> PyResult<[Option<&'a Value>; N]> {
    let mut slots = [None; N];
    let n = args.all().len();
    if args.pos().len() > N {
        let word = if min < N { "at most" } else { "exactly" };
        let plural = if N == 1 { "" } else { "s" };
        return Err(vm.type_error(&format!("{function}() takes {word} {N} argument{plural} ({n} given)")));
    }
    for (slot, v) in slots.iter_mut().zip(args.pos()) {
        *slot = Some(v);
    }
    for (name, v) in args.named() {
        let text = name.downcast::<Str>().map_or("", Str::as_str_lossy);
        match names.iter().position(|p| *p == text && !p.is_empty()) {
            Some(i) if slots[i].is_some() => {
                return Err(vm.type_error(&format!(
                    "argument for {function}() given by name ('{text}') and position ({})",
                    i + 1
                )));
            }
            Some(i) => slots[i] = Some(v),
            None => {
                return Err(vm.type_error(&format!("{function}() got an unexpected keyword argument '{text}'")));
            }
        }
    }
    for (i, name) in names.iter().enumerate().take(min) {
        if slots[i].is_none() {
            let message = match name.is_empty() {
                true => {
                    format!("{function} expected at least {min} argument{}, got {n}", if min == 1 { "" } else { "s" })
                }
                false => format!("{function}() missing required argument '{name}' (pos {})", i + 1),
            };
            return Err(vm.type_error(&message));
        }
    }
    Ok(slots)
}

/// A required argument that [`bind`] has checked.
pub(crate) fn required(v: Option<&Value>) -> &Value {
    v.expect("bound as required")
}

/// Rejects keyword arguments of a constructor, unless `ty` is a subclass whose `__init__` may take them.
pub(crate) fn constructor_no_keywords(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>, function: &str) -> PyResult<()> {
    let mut native = ty;
    while native.is_heap()
        && let Some(base) = native.base()
    {
        native = base;
    }
    if vm.takes_no_keywords(ty, native) { no_keywords(vm, args, function) } else { Ok(()) }
}

/// Rejects keyword arguments.
pub(crate) fn no_keywords(vm: &Vm, args: &CallArgs<'_>, function: &str) -> PyResult<()> {
    match args.n_named() {
        0 => Ok(()),
        _ => Err(vm.type_error(&format!("{function}() takes no keyword arguments"))),
    }
}
