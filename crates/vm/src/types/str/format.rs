//! `str.format`: the replacement fields of a format string, with numbering, attributes, items and nested specifications.
//!
//! Rooms: [`Markup`] takes a format string apart, [`FieldName`] the name of a field (`_string` exposes both); the rest
//! renders. The format specification itself is `types::format`'s.

use super::{CodePoints, Str};
use crate::error::{PyResult, Raised};
use crate::native::{Args, CallArgs};
use crate::types::dict::Dict;
use crate::value::Value;
use crate::vm::Vm;

/// One piece of a format string: literal text and the field after it.
pub struct Piece<'a> {
    /// Literal text, braces already undoubled.
    pub literal: &'a [u8],
    /// The field, if one follows.
    pub field: Option<Field<'a>>,
}

/// A replacement field: `{name!conversion:spec}`.
pub struct Field<'a> {
    /// Name, with attributes and items.
    pub name: &'a [u8],
    /// Conversion character.
    pub conversion: Option<u32>,
    /// Specification.
    pub spec: &'a [u8],
    /// Whether the specification has fields in it.
    pub nested: bool,
}

/// Takes a format string apart.
pub struct Markup<'a> {
    rest: &'a [u8],
}

impl<'a> Markup<'a> {
    /// Over the bytes of a format string.
    pub fn new(text: &'a [u8]) -> Markup<'a> {
        Markup { rest: text }
    }

    /// The next piece; `None` at the end.
    pub fn next(&mut self, vm: &Vm) -> PyResult<Option<Piece<'a>>> {
        let text = self.rest;
        if text.is_empty() {
            return Ok(None);
        }
        let Some(i) = memchr::memchr2(b'{', b'}', text) else {
            self.rest = &[];
            return Ok(Some(Piece { literal: text, field: None }));
        };
        let c = text[i];
        let next = text.get(i + 1).copied();
        if c == b'}' && next != Some(b'}') {
            return Err(vm.value_error("Single '}' encountered in format string"));
        }
        if next.is_none() {
            return Err(vm.value_error("Single '{' encountered in format string"));
        }
        if next == Some(c) {
            self.rest = &text[i + 2..];
            return Ok(Some(Piece { literal: &text[..=i], field: None }));
        }
        self.rest = &text[i + 1..];
        let field = self.field(vm)?;
        Ok(Some(Piece { literal: &text[..i], field: Some(field) }))
    }

    fn field(&mut self, vm: &Vm) -> PyResult<Field<'a>> {
        let text = self.rest;
        let mut at = 0;
        let mut end = None;
        while at < text.len() {
            let c = text[at];
            at += 1;
            match c {
                b'{' => return Err(vm.value_error("unexpected '{' in field name")),
                b'[' => {
                    while at < text.len() && text[at] != b']' {
                        at += 1;
                    }
                }
                b'}' | b':' | b'!' => {
                    end = Some(c);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else { return Err(vm.value_error("expected '}' before end of string")) };
        let mut field = Field { name: &text[..at - 1], conversion: None, spec: &[], nested: false };
        if end == b'}' {
            self.rest = &text[at..];
            return Ok(field);
        }
        if end == b'!' {
            let mut chars = CodePoints::new(&text[at..]);
            let Some(c) = chars.next() else {
                return Err(vm.value_error("end of string while looking for conversion specifier"));
            };
            field.conversion = Some(c);
            at = text.len() - chars.rest().len();
            match text.get(at) {
                Some(b'}') => {
                    self.rest = &text[at + 1..];
                    return Ok(field);
                }
                Some(b':') => at += 1,
                Some(_) => return Err(vm.value_error("expected ':' after conversion specifier")),
                None => {}
            }
        }
        let start = at;
        let mut depth = 1;
        while at < text.len() {
            match text[at] {
                b'{' => {
                    field.nested = true;
                    depth += 1;
                }
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        field.spec = &text[start..at];
                        self.rest = &text[at + 1..];
                        return Ok(field);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Err(vm.value_error("unmatched '{' in format spec"))
    }
}

/// A number in a field name; `None` if it is not one.
fn number(vm: &Vm, text: &[u8]) -> PyResult<Option<usize>> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut n: isize = 0;
    for c in CodePoints::new(text) {
        let Some(d) = crate::unicode::record(c).decimal() else { return Ok(None) };
        n = match n.checked_mul(10).and_then(|n| n.checked_add(d as isize)) {
            Some(n) => n,
            None => return Err(vm.value_error("Too many decimal digits in format string")),
        };
    }
    Ok(Some(n as usize))
}

/// The name of a field: what it begins with, then attributes and items.
pub struct FieldName<'a> {
    /// The part in front.
    pub first: &'a [u8],
    /// That part as a number.
    pub index: Option<usize>,
    rest: &'a [u8],
}

/// A step of a field name.
pub enum Step<'a> {
    /// `.name`
    Attr(&'a [u8]),
    /// `[number]`
    Index(usize),
    /// `[text]`
    Key(&'a [u8]),
}

impl<'a> FieldName<'a> {
    /// Splits off the part in front.
    pub fn parse(vm: &Vm, name: &'a [u8]) -> PyResult<FieldName<'a>> {
        let n = memchr::memchr2(b'.', b'[', name).unwrap_or(name.len());
        Ok(FieldName { first: &name[..n], index: number(vm, &name[..n])?, rest: &name[n..] })
    }

    /// The next attribute or item; `None` at the end.
    pub fn next(&mut self, vm: &Vm) -> PyResult<Option<Step<'a>>> {
        let Some((&c, rest)) = self.rest.split_first() else { return Ok(None) };
        match c {
            b'.' => {
                let n = memchr::memchr2(b'.', b'[', rest).unwrap_or(rest.len());
                self.rest = &rest[n..];
                if n == 0 {
                    return Err(vm.value_error("Empty attribute in format string"));
                }
                Ok(Some(Step::Attr(&rest[..n])))
            }
            b'[' => {
                let Some(n) = memchr::memchr(b']', rest) else {
                    return Err(vm.value_error("Missing ']' in format string"));
                };
                self.rest = &rest[n + 1..];
                if n == 0 {
                    return Err(vm.value_error("Empty attribute in format string"));
                }
                Ok(Some(match number(vm, &rest[..n])? {
                    Some(i) => Step::Index(i),
                    None => Step::Key(&rest[..n]),
                }))
            }
            _ => Err(vm.value_error("Only '.' or '[' may follow ']' in format field specifier")),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

struct Formatter<'a> {
    vm: &'a Vm,
    /// Positional arguments; `None` for `format_map`.
    args: Option<&'a [Value]>,
    named: Named<'a>,
    numbering: Numbering,
}

enum Named<'a> {
    Call(&'a CallArgs<'a>),
    Mapping(&'a Value),
}

impl Formatter<'_> {
    fn run(&mut self, text: &[u8], out: &mut Vec<u8>, depth: usize) -> PyResult<()> {
        if depth == 0 {
            return Err(self.vm.value_error("Max string recursion exceeded"));
        }
        let mut markup = Markup::new(text);
        while let Some(piece) = markup.next(self.vm)? {
            out.extend_from_slice(piece.literal);
            if let Some(field) = piece.field {
                self.render(&field, out, depth)?;
            }
        }
        Ok(())
    }

    fn render(&mut self, field: &Field<'_>, out: &mut Vec<u8>, depth: usize) -> PyResult<()> {
        let vm = self.vm;
        let mut value = self.look_up(field.name)?;
        if let Some(c) = field.conversion {
            value = match u8::try_from(c) {
                Ok(b'r') => vm.repr(&value)?,
                Ok(b's') => vm.str_of(&value)?,
                Ok(b'a') => vm.ascii(&value)?,
                _ => return Err(unknown_conversion(vm, c)),
            };
        }
        let shown = if field.nested {
            let mut spec = Vec::new();
            self.run(field.spec, &mut spec, depth - 1)?;
            vm.format(&value, &vm.str_from_vec(spec)?)?
        } else if field.spec.is_empty() && vm.is_exact_str(&value) {
            value
        } else {
            vm.format(&value, &vm.str_wtf8(field.spec))?
        };
        if let Some(s) = shown.downcast::<Str>() {
            vm.check_alloc(out.len() + s.as_bytes().len())?;
            out.extend_from_slice(s.as_bytes());
        }
        Ok(())
    }

    fn look_up(&mut self, name: &[u8]) -> PyResult {
        let vm = self.vm;
        let mut name = FieldName::parse(vm, name)?;
        if name.first.is_empty() || name.index.is_some() {
            let automatic = name.first.is_empty();
            match (self.numbering, automatic) {
                (Numbering::Unknown, true) => self.numbering = Numbering::Automatic(0),
                (Numbering::Unknown, false) => self.numbering = Numbering::Manual,
                (Numbering::Manual, true) => {
                    return Err(
                        vm.value_error("cannot switch from manual field specification to automatic field numbering")
                    );
                }
                (Numbering::Automatic(_), false) => {
                    return Err(
                        vm.value_error("cannot switch from automatic field numbering to manual field specification")
                    );
                }
                _ => {}
            }
            if let Numbering::Automatic(n) = &mut self.numbering {
                name.index = Some(*n);
                *n += 1;
            }
        }
        let mut value = match name.index {
            None => self.named(name.first)?,
            Some(i) => {
                let Some(args) = self.args else {
                    return Err(vm.value_error("Format string contains positional fields"));
                };
                match args.get(i) {
                    Some(v) => v.clone(),
                    None => {
                        return Err(
                            vm.index_error(&format!("Replacement index {i} out of range for positional args tuple"))
                        );
                    }
                }
            }
        };
        while let Some(step) = name.next(vm)? {
            value = match step {
                Step::Attr(attr) => vm.getattr(&value, &vm.intern_bytes(attr))?,
                Step::Index(i) => vm.get_item(&value, &Value::from_usize(i))?,
                Step::Key(key) => vm.get_item(&value, &vm.str_wtf8(key))?,
            };
        }
        Ok(value)
    }

    fn named(&self, name: &[u8]) -> PyResult {
        let vm = self.vm;
        match self.named {
            Named::Call(args) => {
                let found = args.named().find(|(n, _)| n.downcast::<Str>().is_some_and(|s| s.as_bytes() == name));
                match found {
                    Some((_, v)) => Ok(v.clone()),
                    None => Err(vm.key_error(&vm.str_wtf8(name))),
                }
            }
            Named::Mapping(mapping) => {
                let key = vm.str_wtf8(name);
                if vm.is_exact(mapping, vm.types().dict)
                    && let Some(dict) = mapping.downcast::<Dict>()
                {
                    return match dict.get(vm, &key)? {
                        Some(v) => Ok(v),
                        None => Err(vm.key_error(&key)),
                    };
                }
                vm.get_item(mapping, &key)
            }
        }
    }
}

#[cold]
fn unknown_conversion(vm: &Vm, c: u32) -> Raised {
    if (33..127).contains(&c) {
        return vm.value_error(&format!("Unknown conversion specifier {}", c as u8 as char));
    }
    vm.value_error(&format!("Unknown conversion specifier \\x{c:x}"))
}

fn start(s: &Str) -> Vec<u8> {
    Vec::with_capacity(s.as_bytes().len() + 32)
}

pub(super) fn format(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let Some((receiver, _)) = args.pos().split_first() else {
        return Err(vm.type_error("unbound method str.format() needs an argument"));
    };
    let Some(s) = receiver.downcast::<Str>() else {
        return Err(vm.type_error(&format!(
            "descriptor 'format' for 'str' objects doesn't apply to a '{}' object",
            vm.type_of(receiver).name()
        )));
    };
    let rest = args.skip(1);
    let mut formatter =
        Formatter { vm, args: Some(rest.pos()), named: Named::Call(&rest), numbering: Numbering::Unknown };
    let mut out = start(s);
    formatter.run(s.as_bytes(), &mut out, 2)?;
    vm.str_from_vec(out)
}

pub(super) fn format_map(vm: &Vm, a: Args<'_>) -> PyResult {
    let s = a.this::<Str>();
    let mut formatter = Formatter { vm, args: None, named: Named::Mapping(a.get(1)), numbering: Numbering::Unknown };
    let mut out = start(s);
    formatter.run(s.as_bytes(), &mut out, 2)?;
    vm.str_from_vec(out)
}

pub(super) fn dunder_format(vm: &Vm, a: Args<'_>) -> PyResult {
    let spec = a.get(1);
    let Some(s) = spec.downcast::<Str>() else {
        return Err(vm.type_error(&format!("__format__() argument must be str, not {}", vm.type_of(spec).name())));
    };
    if s.is_empty() {
        return vm.str_of(a.get(0));
    }
    crate::types::format::format_str(vm, a.get(0), s)
}
