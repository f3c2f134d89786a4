//! `_operator`: operators as functions, and `itemgetter`, `attrgetter`, `methodcaller`.

use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::slots::{BinOp, CmpOp, Slots};
use serpens_vm::types::str::Str;
use serpens_vm::types::tuple::Tuple;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};

macro_rules! binary {
    ($name:literal, $op:expr, $doc:literal) => {
        MethodDef::new($name, "(a, b, /)", |vm, a| vm.binary_op($op, a.get(0), a.get(1))).doc($doc)
    };
}

macro_rules! inplace {
    ($name:literal, $op:expr, $doc:literal) => {
        MethodDef::new($name, "(a, b, /)", |vm, a| vm.inplace_op($op, a.get(0), a.get(1))).doc($doc)
    };
}

macro_rules! compare {
    ($name:literal, $op:expr, $doc:literal) => {
        MethodDef::new($name, "(a, b, /)", |vm, a| vm.compare(a.get(0), a.get(1), $op)).doc($doc)
    };
}

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_operator")
    .doc("Operator interface.\n\nThis module exports a set of functions implemented in C corresponding\nto the intrinsic operators of Python.  For example, operator.add(x, y)\nis equivalent to the expression x+y.")
    .functions(FUNCTIONS)
    .types(&[&ITEMGETTER, &ATTRGETTER, &METHODCALLER]);

const FUNCTIONS: &[MethodDef] = &[
    binary!("add", BinOp::Add, "Same as a + b."),
    binary!("sub", BinOp::Sub, "Same as a - b."),
    binary!("mul", BinOp::Mul, "Same as a * b."),
    binary!("matmul", BinOp::MatMul, "Same as a @ b."),
    binary!("floordiv", BinOp::FloorDiv, "Same as a // b."),
    binary!("truediv", BinOp::TrueDiv, "Same as a / b."),
    binary!("mod", BinOp::Mod, "Same as a % b."),
    binary!("pow", BinOp::Pow, "Same as a ** b."),
    binary!("lshift", BinOp::Shl, "Same as a << b."),
    binary!("rshift", BinOp::Shr, "Same as a >> b."),
    binary!("and_", BinOp::And, "Same as a & b."),
    binary!("or_", BinOp::Or, "Same as a | b."),
    binary!("xor", BinOp::Xor, "Same as a ^ b."),
    inplace!("iadd", BinOp::Add, "Same as a += b."),
    inplace!("isub", BinOp::Sub, "Same as a -= b."),
    inplace!("imul", BinOp::Mul, "Same as a *= b."),
    inplace!("imatmul", BinOp::MatMul, "Same as a @= b."),
    inplace!("ifloordiv", BinOp::FloorDiv, "Same as a //= b."),
    inplace!("itruediv", BinOp::TrueDiv, "Same as a /= b."),
    inplace!("imod", BinOp::Mod, "Same as a %= b."),
    inplace!("ipow", BinOp::Pow, "Same as a **= b."),
    inplace!("ilshift", BinOp::Shl, "Same as a <<= b."),
    inplace!("irshift", BinOp::Shr, "Same as a >>= b."),
    inplace!("iand", BinOp::And, "Same as a &= b."),
    inplace!("ior", BinOp::Or, "Same as a |= b."),
    inplace!("ixor", BinOp::Xor, "Same as a ^= b."),
    compare!("lt", CmpOp::Lt, "Same as a < b."),
    compare!("le", CmpOp::Le, "Same as a <= b."),
    compare!("eq", CmpOp::Eq, "Same as a == b."),
    compare!("ne", CmpOp::Ne, "Same as a != b."),
    compare!("gt", CmpOp::Gt, "Same as a > b."),
    compare!("ge", CmpOp::Ge, "Same as a >= b."),
    MethodDef::new("neg", "(a, /)", |vm, a| vm.neg(a.get(0))).doc("Same as -a."),
    MethodDef::new("pos", "(a, /)", |vm, a| vm.pos(a.get(0))).doc("Same as +a."),
    MethodDef::new("abs", "(a, /)", |vm, a| vm.abs(a.get(0))).doc("Same as abs(a)."),
    MethodDef::new("inv", "(a, /)", |vm, a| vm.invert(a.get(0))).doc("Same as ~a."),
    MethodDef::new("invert", "(a, /)", |vm, a| vm.invert(a.get(0))).doc("Same as ~a."),
    MethodDef::new("not_", "(a, /)", |vm, a| vm.truthy(a.get(0)).map(|t| Value::bool(!t))).doc("Same as not a."),
    MethodDef::new("truth", "(a, /)", |vm, a| vm.truthy(a.get(0)).map(Value::bool))
        .doc("Return True if a is true, False otherwise."),
    MethodDef::new("index", "(a, /)", |vm, a| vm.to_index(a.get(0))).doc("Same as a.__index__()"),
    MethodDef::new("is_", "(a, b, /)", |_, a| Ok(Value::bool(a.get(0).is(a.get(1))))).doc("Same as a is b."),
    MethodDef::new("is_not", "(a, b, /)", |_, a| Ok(Value::bool(!a.get(0).is(a.get(1))))).doc("Same as a is not b."),
    MethodDef::new("is_none", "(a, /)", |_, a| Ok(Value::bool(a.get(0).is_none()))).doc("Same as a is None."),
    MethodDef::new("is_not_none", "(a, /)", |_, a| Ok(Value::bool(!a.get(0).is_none())))
        .doc("Same as a is not None."),
    MethodDef::new("contains", "(a, b, /)", |vm, a| vm.contains(a.get(0), a.get(1)).map(Value::bool))
        .doc("Same as b in a (note reversed operands)."),
    MethodDef::new("getitem", "(a, b, /)", |vm, a| vm.get_item(a.get(0), a.get(1))).doc("Same as a[b]."),
    MethodDef::new("setitem", "(a, b, c, /)", |vm, a| {
        vm.set_item(a.get(0), a.get(1), a.get(2))?;
        Ok(Value::NONE)
    })
    .doc("Same as a[b] = c."),
    MethodDef::new("delitem", "(a, b, /)", |vm, a| {
        vm.del_item(a.get(0), a.get(1))?;
        Ok(Value::NONE)
    })
    .doc("Same as del a[b]."),
    MethodDef::new("concat", "(a, b, /)", |vm, a| concat(vm, a, false)).doc("Same as a + b, for a and b sequences."),
    MethodDef::new("iconcat", "(a, b, /)", |vm, a| concat(vm, a, true)).doc("Same as a += b, for a and b sequences."),
    MethodDef::new("countOf", "(a, b, /)", |vm, a| {
        let mut n = 0;
        vm.for_each(a.get(0), |item| {
            n += vm.eq(&item, a.get(1))? as usize;
            Ok(())
        })?;
        Ok(Value::from_usize(n))
    })
    .doc("Return the number of items in a which are, or which equal, b."),
    MethodDef::new("indexOf", "(a, b, /)", index_of).doc("Return the first index of b in a."),
    MethodDef::new("length_hint", "(obj, default=0, /)", |vm, a| {
        let default = match a.opt(1) {
            None => 0,
            Some(d) if vm.is_int_like(d) => vm.arg_isize(d)?.max(0) as usize,
            Some(d) => {
                let name = vm.type_of(d).name();
                return Err(vm.type_error(&format!("'{name}' object cannot be interpreted as an integer")));
            }
        };
        vm.length_hint(a.get(0), default).map(|n| vm.int_u64(n as u64))
    })
    .doc("Return an estimate of the number of items in obj.\n\nThis is useful for presizing containers when building from an iterable.\n\nIf the object supports len(), the result will be exact.\nOtherwise, it may over- or under-estimate by an arbitrary amount."),
    MethodDef::raw("call", "(obj, /, *args, **kwargs)", |vm, args| {
        let Some(f) = args.pos().first() else {
            return Err(vm.type_error("call expected at least 1 argument, got 0"));
        };
        vm.call(f, &args.skip(1))
    })
    .doc("Same as obj(*args, **kwargs)."),
    MethodDef::new("_compare_digest", "(a, b, /)", compare_digest).doc(
        "Return 'a == b'.\n\nThis function uses an approach designed to prevent\ntiming analysis, making it appropriate for \
         cryptography.\n\na and b must both be of the same type: either str (ASCII only),\nor any bytes-like object.",
    ),
];

fn concat(vm: &Vm, a: Args<'_>, inplace: bool) -> PyResult {
    if vm.type_of(a.get(0)).slots().getitem.is_none() {
        return Err(vm.type_error(&format!("'{}' object can't be concatenated", vm.type_of(a.get(0)).name())));
    }
    match inplace {
        true => vm.inplace_op(BinOp::Add, a.get(0), a.get(1)),
        false => vm.binary_op(BinOp::Add, a.get(0), a.get(1)),
    }
}

fn index_of(vm: &Vm, a: Args<'_>) -> PyResult {
    let it = vm.iter(a.get(0))?;
    let mut i = 0;
    while let Some(item) = vm.next(&it)? {
        if vm.eq(&item, a.get(1))? {
            return Ok(Value::from_usize(i));
        }
        i += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn compare_digest(vm: &Vm, a: Args<'_>) -> PyResult {
    let same = |x: &[u8], y: &[u8]| {
        let mut diff = (x.len() != y.len()) as u8;
        for (i, b) in y.iter().enumerate() {
            diff |= b ^ x.get(i).copied().unwrap_or(*b);
        }
        Value::bool(diff == 0)
    };
    if let (Some(x), Some(y)) = (a.get(0).downcast::<Str>(), a.get(1).downcast::<Str>()) {
        if !x.is_ascii() || !y.is_ascii() {
            return Err(vm.type_error("comparing strings with non-ASCII characters is not supported"));
        }
        return Ok(same(x.as_bytes(), y.as_bytes()));
    }
    let bytes = |v: &Value| -> PyResult<Vec<u8>> {
        match vm.type_of(v).slots().buffer {
            Some(_) => vm.collect(v)?.iter().map(|b| Ok(b.as_small_int().unwrap_or(0) as u8)).collect(),
            None => Err(vm.type_error(&format!(
                "unsupported operand types(s) or combination of types: '{}' and '{}'",
                vm.type_of(a.get(0)).name(),
                vm.type_of(a.get(1)).name()
            ))),
        }
    };
    Ok(same(&bytes(a.get(0))?, &bytes(a.get(1))?))
}

/// What a getter gets: one item, or several as a tuple.
pub struct Getter {
    /// A tuple of keys, or of tuples of attribute names.
    keys: Value,
}

serpens_vm::native_payload!(Getter { keys });

fn items(v: &Value) -> &[Value] {
    v.downcast::<Tuple>().map_or(&[], Tuple::as_slice)
}

fn getter(v: &Value) -> &[Value] {
    items(&v.downcast::<Getter>().expect("the descriptor has checked the receiver").keys)
}

/// One result, or a tuple of several.
fn get_all(vm: &Vm, keys: &[Value], get: impl Fn(&Value) -> PyResult) -> PyResult {
    match keys {
        [only] => get(only),
        _ => {
            let mut all = Vec::with_capacity(keys.len());
            for key in keys {
                all.push(get(key)?);
            }
            Ok(vm.tuple(all))
        }
    }
}

fn one_argument<'a>(vm: &Vm, args: &CallArgs<'a>, name: &str) -> PyResult<&'a Value> {
    crate::data::no_keywords(vm, args, name)?;
    match args.pos() {
        [v] => Ok(v),
        more => Err(vm.type_error(&format!("{name} expected 1 argument, got {}", more.len()))),
    }
}

fn getter_repr(vm: &Vm, v: &Value, keys: Vec<Value>) -> PyResult {
    let mut parts = Vec::with_capacity(keys.len());
    let Some(_guard) = vm.repr_enter(v) else {
        return Ok(vm.str(&format!("{}(...)", vm.type_of(v).full_name(vm))));
    };
    for key in &keys {
        parts.push(vm.repr_string(key)?);
    }
    Ok(vm.str(&format!("{}({})", vm.type_of(v).full_name(vm), parts.join(", "))))
}

/// The type `operator.itemgetter`.
pub static ITEMGETTER: TypeDef = TypeDef::new::<Getter>("itemgetter")
    .copied()
    .freezable()
    .module("operator")
    .doc(
        "Return a callable object that fetches the given item(s) from its operand.\n\nAfter f = itemgetter(2), the call f(r) returns \
         r[2].\nAfter g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            crate::data::no_keywords(vm, args, "itemgetter")?;
            if args.pos().is_empty() {
                return Err(vm.type_error("itemgetter expected at least 1 argument, got 0"));
            }
            Ok(vm.alloc(ty, Getter { keys: vm.tuple_of(args.pos()) }))
        }),
        call: Some(|vm, v, args| {
            let obj = one_argument(vm, args, "itemgetter")?;
            get_all(vm, getter(v), |key| vm.get_item(obj, key))
        }),
        repr: Some(|vm, v| getter_repr(vm, v, getter(v).to_vec())),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a| {
        Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), a.this::<Getter>().keys.clone()]))
    })
    .doc("Return state information for pickling")]);

/// The type `operator.attrgetter`.
pub static ATTRGETTER: TypeDef = TypeDef::new::<Getter>("attrgetter")
    .copied()
    .freezable()
    .module("operator")
    .doc(
        "Return a callable object that fetches the given attribute(s) from its operand.\n\nAfter f = attrgetter('name'), the call f(r) \
         returns r.name.\nAfter g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).\nAfter h = \
         attrgetter('name.first', 'name.last'), the call h(r) returns\n(r.name.first, r.name.last).",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(attrgetter_new),
        call: Some(|vm, v, args| {
            let obj = one_argument(vm, args, "attrgetter")?;
            get_all(vm, getter(v), |path| items(path).iter().try_fold(obj.clone(), |o, name| vm.getattr(&o, name)))
        }),
        repr: Some(|vm, v| {
            let names = dotted(vm, v)?;
            getter_repr(vm, v, names)
        }),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", |vm, a| {
        Ok(vm.tuple(vec![vm.type_of(a.get(0)).value(), vm.tuple(dotted(vm, a.get(0))?)]))
    })
    .doc("Return state information for pickling")]);

fn attrgetter_new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    crate::data::no_keywords(vm, args, "attrgetter")?;
    if args.pos().is_empty() {
        return Err(vm.type_error("attrgetter expected at least 1 argument, got 0"));
    }
    let mut paths = Vec::with_capacity(args.pos().len());
    for name in args.pos() {
        let Some(text) = name.downcast::<Str>() else { return Err(vm.type_error("attribute name must be a string")) };
        let parts = text.as_bytes().split(|b| *b == b'.').map(|part| vm.intern_bytes(part)).collect();
        paths.push(vm.tuple(parts));
    }
    Ok(vm.alloc(ty, Getter { keys: vm.tuple(paths) }))
}

/// The names of an attrgetter as they were given.
fn dotted(vm: &Vm, v: &Value) -> PyResult<Vec<Value>> {
    let mut names = Vec::new();
    for path in getter(v) {
        let parts: Vec<&[u8]> = items(path).iter().filter_map(|p| p.downcast::<Str>()).map(Str::as_bytes).collect();
        names.push(vm.str_wtf8(&parts.join(&b'.')));
    }
    Ok(names)
}

/// A method to call with given arguments.
pub struct MethodCaller {
    name: Value,
    args: Value,
    keywords: Value,
}

serpens_vm::native_payload!(MethodCaller { name, args, keywords });

fn caller(v: &Value) -> &MethodCaller {
    v.downcast::<MethodCaller>().expect("the descriptor has checked the receiver")
}

/// The type `operator.methodcaller`.
pub static METHODCALLER: TypeDef = TypeDef::new::<MethodCaller>("methodcaller")
    .copied()
    .freezable()
    .module("operator")
    .doc(
        "Return a callable object that calls the given method on its operand.\n\nAfter f = methodcaller('name'), the call f(r) returns \
         r.name().\nAfter g = methodcaller('name', 'date', foo=1), the call g(r) returns\nr.name('date', foo=1).",
    )
    .basetype()
    .gc()
    .slots(Slots {
        new: Some(|vm, ty, args| {
            let [name, given @ ..] = args.pos() else {
                return Err(vm.type_error("methodcaller needs at least one argument, the method name"));
            };
            if !name.is_a::<Str>() {
                return Err(vm.type_error("method name must be a string"));
            }
            let keywords = vm.new_dict();
            if let Some(kw) = keywords.downcast::<Dict>() {
                for (k, v) in args.named() {
                    kw.set(vm, k.clone(), v.clone())?;
                }
            }
            Ok(vm.alloc(ty, MethodCaller { name: vm.intern_value(name), args: vm.tuple_of(given), keywords }))
        }),
        call: Some(|vm, v, args| {
            let obj = one_argument(vm, args, "methodcaller")?;
            let c = caller(v);
            match c.keywords.downcast::<Dict>() {
                Some(kw) if !kw.is_empty() => vm.call_dict(&vm.getattr(obj, &c.name)?, items(&c.args), kw),
                _ => vm.call_method(obj, &c.name, items(&c.args)),
            }
        }),
        repr: Some(|vm, v| {
            let c = caller(v);
            let name = vm.type_of(v).full_name(vm);
            let Some(_guard) = vm.repr_enter(v) else { return Ok(vm.str(&format!("{name}(...)"))) };
            let mut out = format!("{name}({}", vm.repr_string(&c.name)?);
            for arg in items(&c.args) {
                out.push_str(&format!(", {}", vm.repr_string(arg)?));
            }
            for (k, value) in c.keywords.downcast::<Dict>().map(Dict::items).unwrap_or_default() {
                out.push_str(&format!(", {}={}", vm.str_string(&k)?, vm.repr_string(&value)?));
            }
            out.push(')');
            Ok(vm.str(&out))
        }),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__reduce__", "($self, /)", methodcaller_reduce)
        .doc("Return state information for pickling")]);

fn methodcaller_reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let c = a.this::<MethodCaller>();
    let ty = vm.type_of(a.get(0)).value();
    let Some(kw) = c.keywords.downcast::<Dict>().filter(|d| !d.is_empty()) else {
        let mut args = vec![c.name.clone()];
        args.extend_from_slice(items(&c.args));
        return Ok(vm.tuple(vec![ty, vm.tuple(args)]));
    };
    let functools = vm.hooks().import_name(
        vm,
        &vm.intern("functools"),
        &vm.new_dict(),
        &vm.tuple(vec![vm.intern("partial")]),
        0,
    )?;
    let partial = vm.getattr_str(&functools, "partial")?;
    let made = vm.call_dict(&partial, &[ty, c.name.clone()], kw)?;
    Ok(vm.tuple(vec![made, c.args.clone()]))
}
