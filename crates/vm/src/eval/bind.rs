//! Binding of arguments to the parameters of a Python function, with CPython's messages.
//!
//! This is the general case; exact positional arguments and missing trailing defaults are dealt with in `call`.

use super::call::ArgVec;
use super::regs::Regs;
use super::suggest::similar;
use crate::error::{PyResult, Raised};
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::{Code, CodeFlags};
use smallvec::SmallVec;

/// Binds `args` (the last ones named by the tuple `names`) to the parameter registers, which are unbound.
pub(crate) fn bind(vm: &Vm, func: &Function, regs: Regs, args: ArgVec, names: Option<&Value>) -> PyResult<()> {
    let code = func.code_obj().code();
    let n_named = names.and_then(|n| n.downcast::<Tuple>()).map_or(0, Tuple::len);
    let n_pos = args.len() - n_named;
    let (n_args, n_kwonly) = (code.n_args as usize, code.n_kwonly as usize);
    let total = n_args + n_kwonly;
    let has_varargs = code.flags.contains(CodeFlags::VARARGS);
    let kwargs_reg = total + has_varargs as usize;
    let kwargs = code.flags.contains(CodeFlags::VARKEYWORDS).then(|| vm.new_dict());

    let mut rest: ArgVec = ArgVec::new();
    let mut named: ArgVec = ArgVec::new();
    for (k, v) in args.into_iter().enumerate() {
        if k >= n_pos {
            named.push(v);
        } else if k < n_args {
            regs.put(k as u16, v);
        } else {
            rest.push(v);
        }
    }
    let n_extra = rest.len();
    if has_varargs {
        regs.put(total as u16, vm.tuple(rest.into_vec()));
    }
    if let Some(names) = names.and_then(|n| n.downcast::<Tuple>()) {
        for (name, value) in names.as_slice().iter().zip(named) {
            bind_keyword(vm, func, code, regs, name, value, kwargs.as_ref(), names)?;
        }
    }
    if let Some(kwargs) = kwargs {
        regs.put(kwargs_reg as u16, kwargs);
    }
    if n_extra > 0 && !has_varargs {
        return Err(too_many(vm, func, code, regs, n_pos));
    }
    if n_pos < n_args {
        fill_positional(vm, func, code, regs, n_pos)?;
    }
    if n_kwonly > 0 {
        fill_kwonly(vm, func, code, regs)?;
    }
    if code.flags.contains(CodeFlags::NAMESPACE) {
        // A module's or a class's code that was made a function of: its namespace is that of its globals.
        regs.put(0, (*func.globals).clone());
    }
    Ok(())
}

/// Most named arguments that [`bind_named`] takes.
pub(crate) const MAX_NAMED: usize = 16;

/// Whether [`bind_named`] serves a call of `code` with `n_pos` positional and `n_named` named arguments.
#[inline]
pub(crate) fn is_plain(code: &Code, n_pos: usize, n_named: usize) -> bool {
    n_named <= MAX_NAMED
        && n_pos <= code.n_args as usize
        && !code.flags.intersects(CodeFlags::VARARGS.union(CodeFlags::VARKEYWORDS).union(CodeFlags::NAMESPACE))
}

/// Binds named arguments where the positional ones are in their registers already and there is no `*args` or `**kwargs`
/// parameter to fill. The other parameter registers are unbound.
pub(crate) fn bind_named(
    vm: &Vm,
    func: &Function,
    regs: Regs,
    n_pos: usize,
    named: SmallVec<[Value; MAX_NAMED]>,
    names: &Value,
) -> PyResult<()> {
    let code = func.code_obj().code();
    if let Some(names) = names.downcast::<Tuple>() {
        for (name, value) in names.as_slice().iter().zip(named) {
            bind_keyword(vm, func, code, regs, name, value, None, names)?;
        }
    }
    if n_pos < code.n_args as usize {
        fill_positional(vm, func, code, regs, n_pos)?;
    }
    if code.n_kwonly > 0 {
        fill_kwonly(vm, func, code, regs)?;
    }
    Ok(())
}

fn param(code: &Code, i: usize) -> &str {
    code.local_names.get(i).map_or("?", |n| n)
}

#[expect(clippy::too_many_arguments, reason = "the state of one binding")]
fn bind_keyword(
    vm: &Vm,
    func: &Function,
    code: &Code,
    regs: Regs,
    name: &Value,
    value: Value,
    kwargs: Option<&Value>,
    names: &Tuple,
) -> PyResult<()> {
    let Some(text) = name.downcast::<Str>() else {
        return Err(vm.type_error(&format!("{}() keywords must be strings", func.qualname_text())));
    };
    let (n_args, n_kwonly, posonly) = (code.n_args as usize, code.n_kwonly as usize, code.n_posonly as usize);
    let params = func.code_obj().params(vm);
    let found = (posonly..n_args + n_kwonly).find(|i| params[*i].is(name));
    let found = match found {
        None if !text.is_interned() => {
            (posonly..n_args + n_kwonly).find(|i| text.as_bytes() == param(code, *i).as_bytes())
        }
        found => found,
    };
    if let Some(i) = found {
        if regs.word(i as u16) != 0 {
            let message = format!("{}() got multiple values for argument '{text}'", func.qualname_text());
            return Err(vm.type_error(&message));
        }
        regs.put(i as u16, value);
        return Ok(());
    }
    match kwargs.and_then(|k| k.downcast::<Dict>()) {
        Some(d) => d.set(vm, name.clone(), value),
        None => Err(unexpected(vm, func, code, text, names)),
    }
}

#[cold]
fn unexpected(vm: &Vm, func: &Function, code: &Code, text: &Str, names: &Tuple) -> Raised {
    let qualname = func.qualname_text();
    let (n_args, n_kwonly, posonly) = (code.n_args as usize, code.n_kwonly as usize, code.n_posonly as usize);
    let given = |p: &str| names.as_slice().iter().any(|n| n.downcast::<Str>().is_some_and(|s| s == p));
    let wrong: Vec<&str> = (0..posonly).map(|i| param(code, i)).filter(|p| given(p)).collect();
    if !wrong.is_empty() {
        return vm.type_error(&format!(
            "{qualname}() got some positional-only arguments passed as keyword arguments: '{}'",
            wrong.join(", ")
        ));
    }
    let mut message = format!("{qualname}() got an unexpected keyword argument '{text}'");
    let candidates = (posonly..n_args + n_kwonly).map(|i| param(code, i));
    if let Some(best) = similar(&text.to_string(), candidates) {
        message.push_str(&format!(". Did you mean '{best}'?"));
    }
    vm.type_error(&message)
}

fn fill_positional(vm: &Vm, func: &Function, code: &Code, regs: Regs, n_pos: usize) -> PyResult<()> {
    let n_args = code.n_args as usize;
    let defaults = func.defaults.get();
    let items = defaults.as_ref().and_then(|d| d.downcast::<Tuple>()).map_or(&[][..], Tuple::as_slice);
    let required = n_args.saturating_sub(items.len());
    if (n_pos..required).any(|i| regs.word(i as u16) == 0) {
        let missing: Vec<&str> =
            (n_pos..required).filter(|i| regs.word(*i as u16) == 0).map(|i| param(code, i)).collect();
        return Err(missing_arguments(vm, func, &missing, "positional"));
    }
    for i in n_pos.max(required)..n_args {
        if regs.word(i as u16) == 0 {
            regs.put(i as u16, items[i + items.len() - n_args].clone());
        }
    }
    Ok(())
}

fn fill_kwonly(vm: &Vm, func: &Function, code: &Code, regs: Regs) -> PyResult<()> {
    let n_args = code.n_args as usize;
    let mut missing = Vec::new();
    let defaults = func.kwdefaults.get();
    let defaults = defaults.as_ref().and_then(|d| d.downcast::<Dict>());
    for i in n_args..n_args + code.n_kwonly as usize {
        if regs.word(i as u16) != 0 {
            continue;
        }
        match defaults.and_then(|d| d.get_str(vm, &func.code_obj().params(vm)[i])) {
            Some(v) => regs.put(i as u16, v),
            None => missing.push(param(code, i)),
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(missing_arguments(vm, func, &missing, "keyword-only")) }
}

#[cold]
fn missing_arguments(vm: &Vm, func: &Function, missing: &[&str], kind: &str) -> Raised {
    let quoted: Vec<String> = missing.iter().map(|n| format!("'{n}'")).collect();
    let list = match quoted.as_slice() {
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [head @ .., last] => format!("{}, and {last}", head.join(", ")),
        [] => String::new(),
    };
    let plural = if missing.len() == 1 { "" } else { "s" };
    let message =
        format!("{}() missing {} required {kind} argument{plural}: {list}", func.qualname_text(), missing.len());
    vm.type_error(&message)
}

#[cold]
fn too_many(vm: &Vm, func: &Function, code: &Code, regs: Regs, given: usize) -> Raised {
    let n_args = code.n_args as usize;
    let n_defaults = func.defaults.get().and_then(|d| d.downcast::<Tuple>().map(Tuple::len)).unwrap_or(0);
    let kwonly_given = (n_args..n_args + code.n_kwonly as usize).filter(|i| regs.word(*i as u16) != 0).count();
    let (takes, plural) = match n_defaults {
        0 => (n_args.to_string(), n_args != 1),
        n => (format!("from {} to {n_args}", n_args - n.min(n_args)), true),
    };
    let s = |many: bool| if many { "s" } else { "" };
    let keyword = match kwonly_given {
        0 => String::new(),
        n => format!(" positional argument{} (and {n} keyword-only argument{})", s(given != 1), s(n != 1)),
    };
    let verb = if given == 1 && kwonly_given == 0 { "was" } else { "were" };
    vm.type_error(&format!(
        "{}() takes {takes} positional argument{} but {given}{keyword} {verb} given",
        func.qualname_text(),
        s(plural)
    ))
}
