//! `Template`, `TemplateIter` and `Interpolation` as Python sees them.

use super::{Interpolation, Template, TemplateIter};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::slots::{BinOp, Slots};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// `string.templatelib.Template`.
pub static TEMPLATE: TypeDef = TypeDef::new::<Template>("Template")
    .copied()
    .module("string.templatelib")
    .doc("Template object")
    .gc()
    .slots(
        Slots { new: Some(new_template), repr: Some(repr_template), iter: Some(iter_template), ..Slots::EMPTY }
            .with(BinOp::Add, add),
    )
    .methods(&[
        MethodDef::new("__reduce__", "($self, /)", reduce_template),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("Template supports [] for generic usage"),
    ])
    .getset(&[
        GetSetDef::new("strings", |_, v| Ok(template(v).strings.clone())).doc("Strings"),
        GetSetDef::new("interpolations", |_, v| Ok(template(v).interpolations.clone())).doc("Interpolations"),
        GetSetDef::new("values", values).doc("Values of interpolations"),
    ]);

/// `string.templatelib.TemplateIter`.
pub static TEMPLATE_ITER: TypeDef = TypeDef::new::<TemplateIter>("TemplateIter")
    .copied()
    .module("string.templatelib")
    .gc()
    .flags(tflag::NO_NEW)
    .slots(Slots { iter: Some(|_, v| Ok(v.clone())), iternext: Some(next_part), ..Slots::EMPTY });

/// `string.templatelib.Interpolation`.
pub static INTERPOLATION: TypeDef = TypeDef::new::<Interpolation>("Interpolation")
    .copied()
    .module("string.templatelib")
    .doc("Interpolation object")
    .gc()
    .slots(Slots { new: Some(new_interpolation), repr: Some(repr_interpolation), ..Slots::EMPTY })
    .match_args(&["value", "expression", "conversion", "format_spec"])
    .methods(&[
        MethodDef::new("__reduce__", "($self, /)", reduce_interpolation).doc("__reduce__() -> (cls, state)"),
        MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
            .class()
            .doc("Interpolations are generic over the types of their values"),
    ])
    .getset(&[
        GetSetDef::new("value", |_, v| Ok(interpolation(v).value.clone())).doc("Value"),
        GetSetDef::new("expression", |_, v| Ok(interpolation(v).expression.clone())).doc("Expression"),
        GetSetDef::new("conversion", |_, v| Ok(interpolation(v).conversion.clone())).doc("Conversion"),
        GetSetDef::new("format_spec", |_, v| Ok(interpolation(v).format_spec.clone())).doc("Format specifier"),
    ]);

fn template(v: &Value) -> &Template {
    v.downcast::<Template>().expect("slots are called with instances of their type")
}

fn interpolation(v: &Value) -> &Interpolation {
    v.downcast::<Interpolation>().expect("slots are called with instances of their type")
}

fn items(tuple: &Value) -> &[Value] {
    tuple.downcast::<Tuple>().map_or(&[], Tuple::as_slice)
}

fn new_template(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error("Template.__new__ only accepts *args arguments"));
    }
    for v in args.pos() {
        if !v.is_a::<Str>() && !v.is_a::<Interpolation>() {
            return Err(vm.type_error(&format!(
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {}",
                vm.type_of(v).name()
            )));
        }
    }
    vm.template(args.pos().to_vec())
}

fn repr_template(vm: &Vm, v: &Value) -> PyResult {
    let t = template(v);
    let mut out = b"Template(strings=".to_vec();
    for (part, after) in [(&t.strings, &b", interpolations="[..]), (&t.interpolations, b")")] {
        let shown = vm.repr(part)?;
        out.extend_from_slice(shown.downcast::<Str>().map_or(b"", Str::as_bytes));
        out.extend_from_slice(after);
    }
    vm.str_from_vec(out)
}

fn iter_template(vm: &Vm, v: &Value) -> PyResult {
    Ok(vm.alloc(vm.types().TemplateIter, TemplateIter { template: v.clone(), at: Cell::new(0) }))
}

fn next_part(_: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let it = v.downcast::<TemplateIter>().expect("slots are called with instances of their type");
    let t = template(&it.template);
    loop {
        let at = it.at.get();
        let source = if at.is_multiple_of(2) { &t.strings } else { &t.interpolations };
        let Some(part) = items(source).get(at / 2) else { return Ok(None) };
        it.at.set(at + 1);
        if part.downcast::<Str>().is_none_or(|s| !s.is_empty()) {
            return Ok(Some(part.clone()));
        }
    }
}

fn values(vm: &Vm, v: &Value) -> PyResult {
    Ok(vm.tuple(items(&template(v).interpolations).iter().map(|i| interpolation(i).value.clone()).collect()))
}

fn add(vm: &Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Template>(), b.downcast::<Template>()) else {
        let Some((ours, theirs)) = (if a.is_a::<Template>() { Some((a, b)) } else { None }) else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        return Err(vm.type_error(&format!(
            "can only concatenate {} (not \"{}\") to {0}",
            vm.type_of(ours).full_name(vm),
            vm.type_of(theirs).full_name(vm)
        )));
    };
    let parts = [x, y].into_iter().flat_map(|t| {
        let (strings, fields) = (items(&t.strings), items(&t.interpolations));
        strings.iter().enumerate().flat_map(move |(i, s)| std::iter::once(s.clone()).chain(fields.get(i).cloned()))
    });
    vm.template(parts.collect())
}

fn reduce_template(vm: &Vm, a: Args<'_>) -> PyResult {
    let t = a.this::<Template>();
    let module =
        vm.hooks().import_name(vm, &vm.str("string.templatelib"), &Value::NONE, &vm.tuple_of(&[vm.str("x")]), 0)?;
    let f = vm.getattr_str(&module, "_template_unpickle")?;
    Ok(vm.tuple_of(&[f, vm.tuple_of(&[t.strings.clone(), t.interpolations.clone()])]))
}

fn new_interpolation(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    const NAMES: [&str; 4] = ["value", "expression", "conversion", "format_spec"];
    if args.all().len() > 4 {
        return Err(vm.type_error(&format!("Interpolation() takes at most 4 arguments ({} given)", args.all().len())));
    }
    let mut slots: [Option<Value>; 4] = std::array::from_fn(|i| args.pos().get(i).cloned());
    for (name, v) in args.named() {
        let name = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        match NAMES.iter().position(|n| *n == name) {
            Some(i) if slots[i].is_none() => slots[i] = Some(v.clone()),
            Some(i) => {
                return Err(vm.type_error(&format!(
                    "argument for Interpolation() given by name ('{name}') and position ({})",
                    i + 1
                )));
            }
            None => {
                return Err(vm.type_error(&format!("Interpolation() got an unexpected keyword argument '{name}'")));
            }
        }
    }
    let [value, expression, conversion, format_spec] = slots;
    let Some(value) = value else {
        return Err(vm.type_error("Interpolation() missing required argument 'value' (pos 1)"));
    };
    let text = |v: Option<Value>, name: &str| match v {
        None => Ok(vm.image().empty_str()),
        Some(v) if v.is_a::<Str>() => Ok(v),
        Some(v) => {
            Err(vm.type_error(&format!("Interpolation() argument '{name}' must be str, not {}", vm.type_of(&v).name())))
        }
    };
    let expression = text(expression, "expression")?;
    let conversion = match conversion {
        Some(c) if !c.is_none() => {
            let c = text(Some(c), "conversion")?;
            if !c.downcast::<Str>().is_some_and(|s| matches!(s.as_bytes(), b"s" | b"a" | b"r")) {
                return Err(vm.value_error("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"));
            }
            c
        }
        _ => Value::NONE,
    };
    let format_spec = text(format_spec, "format_spec")?;
    Ok(vm.interpolation(value, expression, conversion, format_spec))
}

fn fields(i: &Interpolation) -> [&Value; 4] {
    [&i.value, &i.expression, &i.conversion, &i.format_spec]
}

fn repr_interpolation(vm: &Vm, v: &Value) -> PyResult {
    let mut out = b"Interpolation(".to_vec();
    for (i, field) in fields(interpolation(v)).into_iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        let shown = vm.repr(field)?;
        out.extend_from_slice(shown.downcast::<Str>().map_or(b"", Str::as_bytes));
    }
    out.push(b')');
    vm.str_from_vec(out)
}

fn reduce_interpolation(vm: &Vm, a: Args<'_>) -> PyResult {
    let state = fields(a.this::<Interpolation>()).map(Value::clone);
    Ok(vm.tuple_of(&[vm.type_of(a.get(0)).value(), vm.tuple_of(&state)]))
}
