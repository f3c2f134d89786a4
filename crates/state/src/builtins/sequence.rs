//! Iteration, sorting, extremes: `len`, `iter`, `next`, `sorted`, `min`, `max`, `any`, `all`, `aiter`, `anext`.

use serpens_vm::types::list::List;
use serpens_vm::types::slots::CmpOp;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Value, Vm};

pub(super) const FUNCTIONS: &[MethodDef] = &[
    MethodDef::new("all", "(iterable, /)", |vm, a| {
        let it = vm.iter(a.get(0))?;
        while let Some(x) = vm.next(&it)? {
            if !vm.truthy(&x)? {
                return Ok(Value::FALSE);
            }
        }
        Ok(Value::TRUE)
    })
    .doc("Return True if bool(x) is True for all values x in the iterable."),
    MethodDef::new("any", "(iterable, /)", |vm, a| {
        let it = vm.iter(a.get(0))?;
        while let Some(x) = vm.next(&it)? {
            if vm.truthy(&x)? {
                return Ok(Value::TRUE);
            }
        }
        Ok(Value::FALSE)
    })
    .doc("Return True if bool(x) is True for any x in the iterable."),
    MethodDef::new("len", "(obj, /)", |vm, a| Ok(vm.int_usize(vm.len(a.get(0))?)))
        .doc("Return the number of items in a container."),
    MethodDef::new("iter", "(object, sentinel=<unrepresentable>, /)", iter)
        .doc("iter(iterable) -> iterator\niter(callable, sentinel) -> iterator"),
    MethodDef::new("next", "(iterator, default=<unrepresentable>, /)", next)
        .doc("next(iterator[, default])\n\nReturn the next item from the iterator."),
    MethodDef::new("aiter", "(async_iterable, /)", aiter).doc("Return an AsyncIterator for an AsyncIterable object."),
    MethodDef::new("anext", "(async_iterator, default=<unrepresentable>, /)", anext)
        .doc("Return the next item from the async iterator."),
    MethodDef::raw("max", "", |vm, a| extreme(vm, a, "max", CmpOp::Gt)).doc(
        "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nReturn the \
         largest item, the first of them if there are several.\nThe default is the result for an empty iterable.",
    ),
    MethodDef::raw("min", "", |vm, a| extreme(vm, a, "min", CmpOp::Lt)).doc(
        "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nReturn the \
         smallest item, the first of them if there are several.\nThe default is the result for an empty iterable.",
    ),
    MethodDef::raw("sorted", "(iterable, /, *, key=None, reverse=False)", sorted)
        .doc("Return a new list containing all items from the iterable in ascending order."),
];

fn iter(vm: &Vm, a: Args<'_>) -> PyResult {
    match a.opt(1) {
        None => vm.iter(a.get(0)),
        Some(sentinel) => {
            if !vm.is_callable(a.get(0)) {
                return Err(vm.type_error("iter(v, w): v must be callable"));
            }
            Ok(vm.callable_iterator(a.get(0), sentinel))
        }
    }
}

fn next(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = a.get(0);
    match vm.type_of(it).slots().iternext {
        Some(_) if a.opt(1).is_none() => vm.next_or_raise(it),
        Some(f) => match f(vm, it) {
            Ok(Some(v)) => Ok(v),
            Ok(None) => match a.opt(1) {
                Some(default) => Ok(default.clone()),
                None => Err(vm.exhausted(it)),
            },
            Err(e) => Err(e),
        },
        None => Err(vm.type_error(&format!("'{}' object is not an iterator", vm.type_of(it).name()))),
    }
}

fn sorted(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let [iterable] = args.pos() else {
        return Err(vm.type_error(&format!("sorted expected 1 argument, got {}", args.pos().len())));
    };
    let list = vm.list(vm.collect(iterable)?);
    let (mut key, mut reverse) = (None, false);
    for (name, value) in args.named() {
        match name.downcast::<Str>().map(Str::as_str_lossy) {
            Some("key") => key = Some(value).filter(|k| !k.is_none()),
            Some("reverse") => reverse = vm.truthy(value)?,
            other => {
                let other = other.unwrap_or_default();
                return Err(vm.type_error(&format!("sort() got an unexpected keyword argument '{other}'")));
            }
        }
    }
    if let Some(l) = list.downcast::<List>() {
        serpens_vm::types::list::sort::sort_list(vm, l, key, reverse)?;
    }
    Ok(list)
}

fn extreme(vm: &Vm, args: &CallArgs<'_>, name: &str, op: CmpOp) -> PyResult {
    let mut key = None;
    let mut default = None;
    for (n, v) in args.named() {
        match n.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default().as_str() {
            "key" => key = Some(v.clone()).filter(|k| !k.is_none()),
            "default" => default = Some(v.clone()),
            other => {
                return Err(vm.type_error(&format!("{name}() got an unexpected keyword argument '{other}'")));
            }
        }
    }
    let pos = args.pos();
    if pos.is_empty() {
        return Err(vm.type_error(&format!("{name} expected at least 1 argument, got 0")));
    }
    if pos.len() > 1 && default.is_some() {
        return Err(vm.type_error(&format!("Cannot specify a default for {name}() with multiple positional arguments")));
    }
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |item: Value| -> PyResult<()> {
        let rank = match &key {
            Some(f) => vm.call_one(f, &item)?,
            None => item.clone(),
        };
        let better = match &best {
            None => true,
            Some((best_rank, _)) => vm.compare_bool(&rank, best_rank, op)?,
        };
        if better {
            best = Some((rank, item));
        }
        Ok(())
    };
    if pos.len() > 1 {
        for item in pos {
            consider(item.clone())?;
        }
    } else {
        vm.for_each(&pos[0], consider)?;
    }
    match (best, default) {
        (Some((_, item)), _) => Ok(item),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(vm.value_error(&format!("{name}() iterable argument is empty"))),
    }
}

fn aiter(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let Some(f) = vm.type_of(v).slots().aiter else {
        return Err(vm.type_error(&format!("'{}' object is not an async iterable", vm.type_of(v).name())));
    };
    let it = f(vm, v)?;
    if vm.type_of(&it).slots().anext.is_none() {
        return Err(
            vm.type_error(&format!("aiter() returned not an async iterator of type '{}'", vm.type_of(&it).name()))
        );
    }
    Ok(it)
}

fn anext(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let Some(f) = vm.type_of(v).slots().anext else {
        return Err(vm.type_error(&format!("'{}' object is not an async iterator", vm.type_of(v).name())));
    };
    let awaitable = f(vm, v)?;
    match a.opt(1) {
        None => Ok(awaitable),
        Some(default) => Ok(vm.anext_with_default(awaitable, default.clone())),
    }
}
