//! The format-specification mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

use crate::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

/// Separators between groups of digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    /// None.
    No,
    /// A comma every three digits.
    Comma,
    /// An underscore every three digits.
    Underscore,
    /// An underscore every four digits.
    UnderscoreFour,
}

impl Group {
    /// The separator and the size of a group.
    pub fn parts(self) -> Option<(u8, usize)> {
        match self {
            Group::No => None,
            Group::Comma => Some((b',', 3)),
            Group::Underscore => Some((b'_', 3)),
            Group::UnderscoreFour => Some((b'_', 4)),
        }
    }

    fn symbol(self) -> char {
        if self == Group::Comma { ',' } else { '_' }
    }
}

/// A specification that has been read.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The fill character.
    pub fill: u32,
    /// `<`, `>`, `^` or `=`.
    pub align: u8,
    /// `+`, `-`, space, or 0.
    pub sign: u8,
    /// `z`: negative zero becomes positive.
    pub no_neg_0: bool,
    /// `#`
    pub alt: bool,
    /// Least width in characters.
    pub width: usize,
    /// Separators before the point.
    pub group: Group,
    /// Digits, or characters of text.
    pub precision: Option<usize>,
    /// Separators behind the point.
    pub frac_group: Group,
    /// The type code; the default of the object's type if none is given; 255 if it is not ASCII.
    pub ty: u8,
    /// The type code as given.
    pub raw_ty: u32,
}

fn is_align(c: u32) -> bool {
    matches!(u8::try_from(c), Ok(b'<' | b'>' | b'=' | b'^'))
}

/// Reads a number; `Err` if it is too large.
fn number(chars: &[u32], at: &mut usize) -> Result<Option<usize>, ()> {
    let start = *at;
    let mut n: usize = 0;
    while let Some(d) = chars.get(*at).and_then(|c| char::from_u32(*c)).and_then(|c| c.to_digit(10)) {
        n = n.checked_mul(10).and_then(|n| n.checked_add(d as usize)).filter(|n| *n <= isize::MAX as usize).ok_or(())?;
        *at += 1;
    }
    Ok((*at > start).then_some(n))
}

impl Spec {
    /// Reads a specification for `object`. `default_ty` stands for a missing type code (0: none), `default_align` for a
    /// missing alignment.
    pub fn parse(vm: &Vm, spec: &Str, object: &Value, default_ty: u8, default_align: u8) -> PyResult<Spec> {
        let chars: smallvec::SmallVec<[u32; 16]> = spec.chars().collect();
        let mut at = 0;
        let mut s = Spec {
            fill: b' ' as u32,
            align: default_align,
            sign: 0,
            no_neg_0: false,
            alt: false,
            width: 0,
            group: Group::No,
            precision: None,
            frac_group: Group::No,
            ty: default_ty,
            raw_ty: default_ty as u32,
        };
        let (mut fill_given, mut align_given) = (false, false);
        match *chars {
            [fill, align, ..] if is_align(align) => {
                (s.fill, s.align, fill_given, align_given) = (fill, align as u8, true, true);
                at = 2;
            }
            [align, ..] if is_align(align) => {
                (s.align, align_given) = (align as u8, true);
                at = 1;
            }
            _ => {}
        }
        let next = |at: usize, c: u8| chars.get(at) == Some(&(c as u32));
        if let Some(c @ (b' ' | b'+' | b'-')) = chars.get(at).and_then(|c| u8::try_from(*c).ok()) {
            s.sign = c;
            at += 1;
        }
        if next(at, b'z') {
            s.no_neg_0 = true;
            at += 1;
        }
        if next(at, b'#') {
            s.alt = true;
            at += 1;
        }
        if !fill_given && next(at, b'0') {
            s.fill = b'0' as u32;
            if !align_given && default_align == b'>' {
                s.align = b'=';
            }
            at += 1;
        }
        let too_many = |()| vm.value_error("Too many decimal digits in format string");
        s.width = number(&chars, &mut at).map_err(too_many)?.unwrap_or(0);
        s.group = grouping(vm, &next, &mut at)?;
        if next(at, b'.') {
            at += 1;
            let start = at;
            s.precision = number(&chars, &mut at).map_err(too_many)?;
            if s.precision.is_some_and(|p| p > i32::MAX as usize) {
                return Err(vm.value_error("precision too big"));
            }
            s.frac_group = grouping(vm, &next, &mut at)?;
            if at == start {
                return Err(vm.value_error("Format specifier missing precision"));
            }
        }
        match &chars[at..] {
            [] => {}
            [c] => {
                s.raw_ty = *c;
                s.ty = u8::try_from(*c).ok().filter(|c| c.is_ascii() && *c != 0).unwrap_or(255);
            }
            _ => return Err(invalid(vm, spec, object)),
        }
        s.check_groups(vm)?;
        Ok(s)
    }

    fn check_groups(&mut self, vm: &Vm) -> PyResult<()> {
        match (self.group, self.ty) {
            (Group::No, _) | (_, b'd' | b'e' | b'f' | b'g' | b'E' | b'G' | b'%' | b'F' | 0) => {}
            (Group::Underscore, b'b' | b'o' | b'x' | b'X') => self.group = Group::UnderscoreFour,
            _ => return Err(wrong_group(vm, self.group, self.raw_ty)),
        }
        if self.frac_group != Group::No && self.ty == b'n' {
            return Err(wrong_group(vm, self.frac_group, self.raw_ty));
        }
        Ok(())
    }

    /// Whether numbers are padded with zeros between sign and digits.
    pub fn zero_fill(&self) -> bool {
        self.fill == b'0' as u32 && self.align == b'='
    }
}

fn grouping(vm: &Vm, next: &impl Fn(usize, u8) -> bool, at: &mut usize) -> PyResult<Group> {
    let mut group = Group::No;
    if next(*at, b',') {
        group = Group::Comma;
        *at += 1;
    }
    if next(*at, b'_') {
        if group != Group::No {
            return Err(vm.value_error("Cannot specify both ',' and '_'."));
        }
        group = Group::Underscore;
        *at += 1;
    }
    if group == Group::Underscore && next(*at, b',') {
        return Err(vm.value_error("Cannot specify both ',' and '_'."));
    }
    Ok(group)
}

#[cold]
fn invalid(vm: &Vm, spec: &Str, object: &Value) -> Raised {
    let name = vm.type_of(object).name();
    vm.value_error(&format!("Invalid format specifier '{spec}' for object of type '{name}'"))
}

#[cold]
fn wrong_group(vm: &Vm, group: Group, code: u32) -> Raised {
    let sep = group.symbol();
    vm.value_error(&match code {
        33..128 => format!("Cannot specify '{sep}' with '{}'.", code as u8 as char),
        _ => format!("Cannot specify '{sep}' with '\\x{code:x}'."),
    })
}
