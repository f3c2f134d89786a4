//! `reader`: an iterator of rows over an iterator of lines.
//!
//! Invariant: no borrow of the parser's state lives while Python code may run.

use super::dialect::{Dialect, Quoting};
use super::{dialect_of, error, source_and_dialect, state};
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::{Str, push_char};
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{CallArgs, GetSetDef, PyResult, TypeDef, Value, Vm};
use std::cell::Cell;

/// A reader.
pub(super) struct Reader {
    lines: Value,
    dialect: Value,
    line_num: Cell<i64>,
    /// Counts the lines asked for, to notice that the iterator of lines has used the reader.
    asked: Cell<u64>,
}

// SAFETY: made by the heap only; the type says which payload it is.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Reader {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<Reader>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.lines);
        visit(&self.dialect);
    }
}

/// The type `_csv.reader`.
pub(super) static READER: TypeDef = TypeDef::new::<Reader>("Reader")
    .module("_csv")
    .doc("CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin CSV format.\n")
    .gc()
    .flags(tflag::NO_NEW | tflag::HAS_WEAKREF)
    .slots(Slots { iter: Some(|_, v| Ok(v.clone())), iternext: Some(next), ..Slots::EMPTY })
    .getset(&[
        GetSetDef::new("dialect", |_, v| Ok(this(v).dialect.clone())),
        GetSetDef::new("line_num", |vm, v| Ok(vm.int(this(v).line_num.get()))),
    ]);

fn this(v: &Value) -> &Reader {
    v.downcast::<Reader>().expect("the descriptor has checked the receiver")
}

pub(super) fn make(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let (source, dialect) = source_and_dialect(vm, args, "reader")?;
    let lines = vm.iter(source)?;
    Ok(vm.alloc_native(&READER, Reader { lines, dialect, line_num: Cell::new(0), asked: Cell::new(0) }))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    StartRecord,
    StartField,
    Escaped,
    AfterEscapedLineEnd,
    InField,
    InQuoted,
    EscapeInQuoted,
    QuoteInQuoted,
    EatLineEnd,
}

/// One record while it is parsed.
struct Parser<'a> {
    vm: &'a Vm,
    d: &'a Dialect,
    limit: i64,
    at: At,
    fields: Vec<Value>,
    field: Vec<u8>,
    n_chars: i64,
    unquoted: bool,
}

const CR: u32 = '\r' as u32;
const LF: u32 = '\n' as u32;

impl Parser<'_> {
    fn push(&mut self, c: u32) -> PyResult<()> {
        if self.n_chars >= self.limit {
            return Err(error(self.vm, &format!("field larger than field limit ({})", self.limit)));
        }
        self.n_chars += 1;
        push_char(&mut self.field, c);
        Ok(())
    }

    fn save(&mut self) -> PyResult<()> {
        let (vm, quoting) = (self.vm, self.d.quoting);
        let empty = self.field.is_empty();
        let nullable = matches!(quoting, Quoting::NotNull | Quoting::Strings);
        let field = if self.unquoted && empty && nullable {
            Value::NONE
        } else {
            let text = vm.str_from_bytes(std::mem::take(&mut self.field))?;
            let number = matches!(quoting, Quoting::NonNumeric | Quoting::Strings);
            if self.unquoted && !empty && number { vm.call_one(&vm.types().float.value(), &text)? } else { text }
        };
        self.field.clear();
        self.n_chars = 0;
        self.fields.push(field);
        Ok(())
    }

    /// Ends the field at a line end (`None`: the end of the line's text).
    fn end_record(&mut self, c: Option<u32>) -> PyResult<()> {
        self.save()?;
        self.at = if c.is_none() { At::StartRecord } else { At::EatLineEnd };
        Ok(())
    }

    fn feed(&mut self, c: Option<u32>) -> PyResult<()> {
        let d = self.d;
        let line_end = matches!(c, None | Some(CR | LF));
        match self.at {
            At::StartRecord => match c {
                None => Ok(()),
                Some(CR | LF) => {
                    self.at = At::EatLineEnd;
                    Ok(())
                }
                Some(_) => self.start_field(c),
            },
            At::StartField => self.start_field(c),
            At::Escaped => {
                self.at = if matches!(c, Some(CR | LF)) { At::AfterEscapedLineEnd } else { At::InField };
                self.push(c.unwrap_or(LF))
            }
            At::AfterEscapedLineEnd if c.is_none() => Ok(()),
            At::AfterEscapedLineEnd | At::InField => {
                self.at = At::InField;
                match c {
                    _ if line_end => self.end_record(c),
                    Some(c) if Some(c) == d.escapechar => {
                        self.at = At::Escaped;
                        Ok(())
                    }
                    Some(c) if c == d.delimiter => {
                        self.save()?;
                        self.at = At::StartField;
                        Ok(())
                    }
                    Some(c) => self.push(c),
                    None => Ok(()),
                }
            }
            At::InQuoted => match c {
                None => Ok(()),
                Some(c) if Some(c) == d.escapechar => {
                    self.at = At::EscapeInQuoted;
                    Ok(())
                }
                Some(c) if Some(c) == d.quotechar && d.quoting != Quoting::None => {
                    self.at = if d.doublequote { At::QuoteInQuoted } else { At::InField };
                    Ok(())
                }
                Some(c) => self.push(c),
            },
            At::EscapeInQuoted => {
                self.at = At::InQuoted;
                self.push(c.unwrap_or(LF))
            }
            At::QuoteInQuoted => match c {
                Some(c) if d.quoting != Quoting::None && Some(c) == d.quotechar => {
                    self.at = At::InQuoted;
                    self.push(c)
                }
                Some(c) if c == d.delimiter => {
                    self.save()?;
                    self.at = At::StartField;
                    Ok(())
                }
                _ if line_end => self.end_record(c),
                Some(c) if !d.strict => {
                    self.at = At::InField;
                    self.push(c)
                }
                _ => {
                    let shown = |c: u32| char::from_u32(c).unwrap_or('\u{fffd}');
                    let quote = d.quotechar.map_or('"', shown);
                    Err(error(self.vm, &format!("'{}' expected after '{quote}'", shown(d.delimiter))))
                }
            },
            At::EatLineEnd => match c {
                Some(CR | LF) => Ok(()),
                None => {
                    self.at = At::StartRecord;
                    Ok(())
                }
                Some(_) => Err(error(
                    self.vm,
                    "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                )),
            },
        }
    }

    fn start_field(&mut self, c: Option<u32>) -> PyResult<()> {
        let d = self.d;
        self.unquoted = true;
        match c {
            None | Some(CR | LF) => self.end_record(c),
            Some(c) if Some(c) == d.quotechar && d.quoting != Quoting::None => {
                self.unquoted = false;
                self.at = At::InQuoted;
                Ok(())
            }
            Some(c) if Some(c) == d.escapechar => {
                self.at = At::Escaped;
                Ok(())
            }
            Some(c) if c == u32::from(' ') && d.skip_initial_space => {
                self.at = At::StartField;
                Ok(())
            }
            Some(c) if c == d.delimiter => {
                self.save()?;
                self.at = At::StartField;
                Ok(())
            }
            Some(c) => {
                self.at = At::InField;
                self.push(c)
            }
        }
    }
}

fn next(vm: &Vm, v: &Value) -> PyResult<Option<Value>> {
    let reader = this(v);
    let mut p = Parser {
        vm,
        d: dialect_of(&reader.dialect),
        limit: state(vm).limit.get(),
        at: At::StartRecord,
        fields: Vec::new(),
        field: Vec::new(),
        n_chars: 0,
        unquoted: false,
    };
    loop {
        let asked = reader.asked.get() + 1;
        reader.asked.set(asked);
        let line = vm.next(&reader.lines)?;
        if reader.asked.get() != asked {
            return Err(error(vm, "iterator has already advanced the reader"));
        }
        let Some(line) = line else {
            if p.n_chars == 0 && p.at != At::InQuoted {
                return Ok(None);
            }
            if p.d.strict {
                return Err(error(vm, "unexpected end of data"));
            }
            p.save()?;
            break;
        };
        let Some(text) = line.downcast::<Str>() else {
            let message = format!(
                "iterator should return strings, not {} (the file should be opened in text mode)",
                vm.type_of(&line).name()
            );
            return Err(error(vm, &message));
        };
        reader.line_num.set(reader.line_num.get() + 1);
        for c in text.chars() {
            p.feed(Some(c))?;
        }
        p.feed(None)?;
        if p.at == At::StartRecord {
            break;
        }
    }
    Ok(Some(vm.list(p.fields)))
}
