//! `Dialect`: what separates, quotes and ends fields.
//!
//! Invariant: a dialect never changes, and its characters differ from each other where that matters.

use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::Str;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};

/// When fields are quoted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quoting {
    Minimal,
    All,
    NonNumeric,
    None,
    Strings,
    NotNull,
}

/// The constants of the module.
pub(super) const QUOTING: &[(&str, Quoting)] = &[
    ("QUOTE_MINIMAL", Quoting::Minimal),
    ("QUOTE_ALL", Quoting::All),
    ("QUOTE_NONNUMERIC", Quoting::NonNumeric),
    ("QUOTE_NONE", Quoting::None),
    ("QUOTE_STRINGS", Quoting::Strings),
    ("QUOTE_NOTNULL", Quoting::NotNull),
];

/// A dialect.
pub(super) struct Dialect {
    pub delimiter: u32,
    pub quotechar: Option<u32>,
    pub escapechar: Option<u32>,
    pub doublequote: bool,
    pub skip_initial_space: bool,
    pub strict: bool,
    pub quoting: Quoting,
    /// A `str`.
    pub line_terminator: Value,
}

// SAFETY: made by the heap only; the type says which payload it is.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Dialect {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<Dialect>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.line_terminator);
    }
}

/// The type `_csv.Dialect`.
pub(super) static DIALECT: TypeDef = TypeDef::new::<Dialect>("Dialect")
    .copied()
    .module("_csv")
    .doc("CSV dialect\n\nThe Dialect type records CSV dialect options.")
    .basetype()
    .gc()
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots { new: Some(new), ..Slots::EMPTY })
    .methods(&[
        MethodDef::new("__reduce__", "($self, /)", refuse_pickle),
        MethodDef::new("__reduce_ex__", "($self, protocol, /)", refuse_pickle),
    ])
    .getset(&[
        GetSetDef::new("delimiter", |vm, v| Ok(vm.char(super::dialect_of(v).delimiter))),
        GetSetDef::new("skipinitialspace", |_, v| Ok(Value::bool(super::dialect_of(v).skip_initial_space))),
        GetSetDef::new("doublequote", |_, v| Ok(Value::bool(super::dialect_of(v).doublequote))),
        GetSetDef::new("strict", |_, v| Ok(Value::bool(super::dialect_of(v).strict))),
        GetSetDef::new("escapechar", |vm, v| Ok(char_or_none(vm, super::dialect_of(v).escapechar))),
        GetSetDef::new("lineterminator", |_, v| Ok(super::dialect_of(v).line_terminator.clone())),
        GetSetDef::new("quotechar", |vm, v| Ok(char_or_none(vm, super::dialect_of(v).quotechar))),
        GetSetDef::new("quoting", |_, v| Ok(Value::int_unchecked(super::dialect_of(v).quoting as i64))),
    ]);

fn char_or_none(vm: &Vm, c: Option<u32>) -> Value {
    c.map_or(Value::NONE, |c| vm.char(c))
}

fn refuse_pickle(vm: &Vm, a: Args<'_>) -> PyResult {
    Err(vm.type_error(&format!("cannot pickle '{}' instances", vm.type_of(a.get(0)).full_name(vm))))
}

const NAMES: [&str; 9] = [
    "dialect",
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

/// The dialect of an optional base (a name, a dialect or anything with its attributes) and the named arguments.
pub(super) fn of(vm: &Vm, base: Option<&Value>, args: &CallArgs<'_>) -> PyResult {
    let ty = vm.type_of_def(&DIALECT);
    let mut slots: [Option<Value>; 9] = Default::default();
    slots[0] = base.cloned();
    named(vm, args, &mut slots)?;
    build(vm, ty, slots)
}

fn named(vm: &Vm, args: &CallArgs<'_>, slots: &mut [Option<Value>; 9]) -> PyResult<()> {
    for (name, value) in args.named() {
        let text = name.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default();
        match NAMES.iter().position(|n| *n == text) {
            Some(i) if slots[i].is_none() => slots[i] = Some(value.clone()),
            Some(i) => {
                let message = format!("argument for Dialect() given by name ('{text}') and position ({})", i + 1);
                return Err(vm.type_error(&message));
            }
            None => {
                return Err(vm.type_error(&format!("Dialect() got an unexpected keyword argument '{text}'")));
            }
        }
    }
    Ok(())
}

fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let given = args.all().len();
    if given > NAMES.len() {
        return Err(vm.type_error(&format!("Dialect() takes at most 9 arguments ({given} given)")));
    }
    let mut slots: [Option<Value>; 9] = Default::default();
    for (slot, value) in slots.iter_mut().zip(args.pos()) {
        *slot = Some(value.clone());
    }
    named(vm, args, &mut slots)?;
    build(vm, ty, slots)
}

fn build(vm: &Vm, ty: &TypeObj, mut slots: [Option<Value>; 9]) -> PyResult {
    let mut base = slots[0].take().filter(|b| !b.is_none());
    if let Some(name) = base.as_ref().filter(|b| b.is_a::<Str>()) {
        base = Some(super::registered(vm, name)?);
    }
    if let Some(base) = base {
        if slots.iter().all(Option::is_none) && vm.is_exact(&base, ty) {
            return Ok(base);
        }
        for (slot, name) in slots.iter_mut().zip(NAMES).skip(1) {
            if slot.is_none() {
                *slot = vm.getattr_opt(&base, &vm.intern(name))?;
            }
        }
    }
    let [_, delimiter, doublequote, escapechar, line_terminator, quotechar, quoting, skip, strict] = slots;
    let flag = |v: Option<Value>, default: bool| v.map_or(Ok(default), |v| vm.truthy(&v));
    let no_quotes = quotechar.as_ref().is_some_and(Value::is_none) && quoting.is_none();
    let dialect = Dialect {
        delimiter: required_char(vm, delimiter)?,
        doublequote: flag(doublequote, true)?,
        escapechar: optional_char(vm, "escapechar", escapechar, None)?,
        line_terminator: text(vm, line_terminator)?,
        quotechar: optional_char(vm, "quotechar", quotechar, Some('"'))?,
        quoting: if no_quotes { Quoting::None } else { quoting_of(vm, quoting)? },
        skip_initial_space: flag(skip, false)?,
        strict: flag(strict, false)?,
    };
    if dialect.quoting != Quoting::None && dialect.quotechar.is_none() {
        return Err(vm.type_error("quotechar must be set if quoting enabled"));
    }
    check(vm, &dialect)?;
    Ok(vm.alloc(ty, dialect))
}

fn single(vm: &Vm, name: &str, s: &Str, or_none: &str) -> PyResult<u32> {
    match s.char_at(0) {
        Some(c) if s.len() == 1 => Ok(c),
        _ => Err(vm.type_error(&format!(
            "\"{name}\" must be a unicode character{or_none}, not a string of length {}",
            s.len()
        ))),
    }
}

fn required_char(vm: &Vm, v: Option<Value>) -> PyResult<u32> {
    let Some(v) = v else { return Ok(u32::from(',')) };
    match v.downcast::<Str>() {
        Some(s) => single(vm, "delimiter", s, ""),
        None => {
            Err(vm.type_error(&format!("\"delimiter\" must be a unicode character, not {}", vm.type_of(&v).name())))
        }
    }
}

fn optional_char(vm: &Vm, name: &str, v: Option<Value>, default: Option<char>) -> PyResult<Option<u32>> {
    let Some(v) = v else { return Ok(default.map(u32::from)) };
    if v.is_none() {
        return Ok(None);
    }
    match v.downcast::<Str>() {
        Some(s) => single(vm, name, s, " or None").map(Some),
        None => {
            let given = vm.type_of(&v).name();
            Err(vm.type_error(&format!("\"{name}\" must be a unicode character or None, not {given}")))
        }
    }
}

fn text(vm: &Vm, v: Option<Value>) -> PyResult {
    match v {
        None => Ok(vm.str("\r\n")),
        Some(v) if v.is_a::<Str>() => Ok(v),
        Some(v) => Err(vm.type_error(&format!("\"lineterminator\" must be a string, not {}", vm.type_of(&v).name()))),
    }
}

fn quoting_of(vm: &Vm, v: Option<Value>) -> PyResult<Quoting> {
    let Some(v) = v else { return Ok(Quoting::Minimal) };
    if !vm.is_exact(&v, vm.types().int) {
        return Err(vm.type_error(&format!("\"quoting\" must be an integer, not {}", vm.type_of(&v).name())));
    }
    let found = QUOTING.iter().find(|(_, q)| v.as_small_int() == Some(*q as i64));
    found.map(|(_, q)| *q).ok_or_else(|| vm.type_error("bad \"quoting\" value"))
}

fn check(vm: &Vm, d: &Dialect) -> PyResult<()> {
    let ends = d.line_terminator.downcast::<Str>().map(|s| s.chars().collect::<Vec<u32>>()).unwrap_or_default();
    let space = u32::from(' ');
    let chars = [
        ("delimiter", Some(d.delimiter), true),
        ("escapechar", d.escapechar, false),
        ("quotechar", d.quotechar, false),
    ];
    for (name, c, space_is_good) in chars {
        let Some(c) = c else { continue };
        let bad_space = c == space && !space_is_good && d.skip_initial_space;
        if [u32::from('\r'), u32::from('\n')].contains(&c) || bad_space {
            return Err(vm.value_error(&format!("bad {name} value")));
        }
        if ends.contains(&c) {
            return Err(vm.value_error(&format!("bad {name} or lineterminator value")));
        }
    }
    for (i, (first, a, _)) in chars.iter().enumerate() {
        for (second, b, _) in &chars[i + 1..] {
            if a.is_some() && a == b {
                return Err(vm.value_error(&format!("bad {first} or {second} value")));
            }
        }
    }
    Ok(())
}
