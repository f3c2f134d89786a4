//! `_string`: what `string.Formatter` needs of the format-string parser.

use serpens_state::NativeModule;
use serpens_vm::types::str::Str;
use serpens_vm::types::str::format::{FieldName, Markup, Step};
use serpens_vm::types::str::push_char;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_string").doc("string helper module").functions(&[
    MethodDef::new("formatter_parser", "(object, /)", formatter_parser).doc("parse the argument as a format string"),
    MethodDef::new("formatter_field_name_split", "(object, /)", field_name_split)
        .doc("split the argument as a field name"),
]);

fn text<'a>(vm: &Vm, v: &'a Value) -> PyResult<&'a Str> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => Err(vm.type_error(&format!("expected str, got {}", vm.type_of(v).name()))),
    }
}

fn formatter_parser(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = text(vm, a.get(0))?;
    let mut markup = Markup::new(s.as_bytes());
    let mut pieces = Vec::new();
    // The pieces are made at once; an error shows when the iterator is made, not when it gets there.
    while let Some(piece) = markup.next(vm)? {
        let literal = vm.str_wtf8(piece.literal);
        pieces.push(match piece.field {
            None => vm.tuple_of(&[literal, Value::NONE, Value::NONE, Value::NONE]),
            Some(field) => {
                let conversion = match field.conversion {
                    None => Value::NONE,
                    Some(c) => {
                        let mut bytes = Vec::new();
                        push_char(&mut bytes, c);
                        vm.str_wtf8(&bytes)
                    }
                };
                vm.tuple_of(&[literal, vm.str_wtf8(field.name), vm.str_wtf8(field.spec), conversion])
            }
        });
    }
    vm.iter(&vm.list(pieces))
}

fn field_name_split(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = text(vm, a.get(0))?;
    let mut name = FieldName::parse(vm, s.as_bytes())?;
    let first = match name.index {
        Some(i) => Value::from_usize(i),
        None => vm.str_wtf8(name.first),
    };
    let mut rest = Vec::new();
    while let Some(step) = name.next(vm)? {
        rest.push(match step {
            Step::Attr(text) => vm.tuple_of(&[Value::TRUE, vm.str_wtf8(text)]),
            Step::Index(i) => vm.tuple_of(&[Value::FALSE, Value::from_usize(i)]),
            Step::Key(text) => vm.tuple_of(&[Value::FALSE, vm.str_wtf8(text)]),
        });
    }
    let rest = vm.iter(&vm.list(rest))?;
    Ok(vm.tuple_of(&[first, rest]))
}
