//! `writer`: rows to lines of a file.

use super::dialect::{Dialect, Quoting};
use super::{dialect_of, error, source_and_dialect};
use serpens_vm::object::{Header, Kind, Payload, Visitor};
use serpens_vm::types::slots::Slots;
use serpens_vm::types::str::{Str, push_char};
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{Args, CallArgs, GetSetDef, MethodDef, PyResult, TypeDef, Value, Vm};

/// A writer.
pub(super) struct Writer {
    /// The file's `write`.
    write: Value,
    dialect: Value,
}

// SAFETY: made by the heap only; the type says which payload it is.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Writer {
    const KIND: Kind = Kind::Native;

    fn matches(header: &Header) -> bool {
        header.kind() == Kind::Native && header.ty().has_payload::<Writer>()
    }

    fn traverse(&self, visit: &mut Visitor<'_>) {
        visit(&self.write);
        visit(&self.dialect);
    }
}

/// The type `_csv.writer`.
pub(super) static WRITER: TypeDef = TypeDef::new::<Writer>("Writer")
    .copied()
    .module("_csv")
    .doc("CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format from sequence input.\n")
    .gc()
    .flags(tflag::NO_NEW | tflag::HAS_WEAKREF)
    .slots(Slots::EMPTY)
    .methods(&[
        MethodDef::new("writerow", "($self, seq, /)", |vm, a| write_row(vm, this(a.get(0)), a.get(1)))
            .doc("Construct and write a CSV record from an iterable of fields."),
        MethodDef::new("writerows", "($self, seqseq, /)", write_rows)
            .doc("Construct and write a series of iterables to a csv file."),
    ])
    .getset(&[GetSetDef::new("dialect", |_, v| Ok(this(v).dialect.clone()))]);

fn this(v: &Value) -> &Writer {
    v.downcast::<Writer>().expect("the descriptor has checked the receiver")
}

pub(super) fn make(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let (file, dialect) = source_and_dialect(vm, args, "writer")?;
    let write = vm.getattr_opt(file, &vm.names().write)?.filter(|w| vm.is_callable(w));
    let Some(write) = write else { return Err(vm.type_error("argument 1 must have a \"write\" method")) };
    Ok(vm.alloc_native(&WRITER, Writer { write, dialect }))
}

fn write_rows(vm: &Vm, a: Args<'_>) -> PyResult {
    vm.for_each(a.get(1), |row| write_row(vm, this(a.get(0)), &row).map(drop))?;
    Ok(Value::NONE)
}

fn write_row(vm: &Vm, writer: &Writer, row: &Value) -> PyResult {
    let d = dialect_of(&writer.dialect);
    let iterator = match vm.iter(row) {
        Ok(it) => it,
        Err(e) if vm.pending_is(vm.types().TypeError) => {
            drop(e);
            drop(vm.take_raised());
            return Err(error(vm, &format!("iterable expected, not {}", vm.type_of(row).name())));
        }
        Err(e) => return Err(e),
    };
    let mut record = Record { vm, d, out: Vec::new(), n_fields: 0 };
    let mut null = false;
    while let Some(field) = vm.next(&iterator)? {
        null = field.is_none();
        let quoted = match d.quoting {
            Quoting::All => true,
            Quoting::NonNumeric => !is_number(vm, &field),
            Quoting::Strings => field.is_a::<Str>(),
            Quoting::NotNull => !null,
            Quoting::Minimal | Quoting::None => false,
        };
        let text = if null { vm.str("") } else { vm.str_of(&field)? };
        let Some(text) = text.downcast::<Str>() else { return Err(vm.type_error("__str__ returned non-string")) };
        record.append(text.chars(), quoted, null)?;
    }
    if record.n_fields > 0 && record.out.is_empty() {
        if d.quoting == Quoting::None || (null && matches!(d.quoting, Quoting::Strings | Quoting::NotNull)) {
            return Err(error(vm, "single empty field record must be quoted"));
        }
        record.n_fields -= 1;
        record.append(std::iter::empty(), true, null)?;
    }
    if let Some(end) = d.line_terminator.downcast::<Str>() {
        record.out.extend_from_slice(end.as_bytes());
    }
    let line = vm.str_from_bytes(record.out)?;
    vm.call_one(&writer.write, &line)
}

fn is_number(vm: &Vm, v: &Value) -> bool {
    let slots = vm.type_of(v).slots();
    slots.index.is_some()
        || slots.int.is_some()
        || slots.float.is_some()
        || vm.type_of(v).is_subtype(vm.types().complex)
}

/// A line under construction.
struct Record<'a> {
    vm: &'a Vm,
    d: &'a Dialect,
    out: Vec<u8>,
    n_fields: usize,
}

impl Record<'_> {
    fn append(&mut self, chars: impl Iterator<Item = u32>, quoted: bool, null: bool) -> PyResult<()> {
        let d = self.d;
        let mut quoted = quoted;
        let mut text = Vec::new();
        let ends = d.line_terminator.downcast::<Str>();
        let special = |c: u32| {
            c == d.delimiter
                || Some(c) == d.escapechar
                || Some(c) == d.quotechar
                || c == u32::from('\n')
                || c == u32::from('\r')
                || ends.is_some_and(|e| e.chars().any(|x| x == c))
        };
        for c in chars {
            if special(c) {
                let mut escape = d.quoting == Quoting::None;
                if !escape {
                    if Some(c) == d.quotechar {
                        match d.doublequote {
                            true => push_char(&mut text, c),
                            false => escape = true,
                        }
                    } else if Some(c) == d.escapechar {
                        escape = true;
                    }
                    quoted |= !escape;
                }
                if escape {
                    match d.escapechar {
                        Some(e) => push_char(&mut text, e),
                        None => return Err(error(self.vm, "need to escape, but no escapechar set")),
                    }
                }
            }
            push_char(&mut text, c);
        }
        if text.is_empty() && d.delimiter == u32::from(' ') && d.skip_initial_space {
            if d.quoting == Quoting::None || (null && matches!(d.quoting, Quoting::Strings | Quoting::NotNull)) {
                let message = "empty field must be quoted if delimiter is a space and skipinitialspace is true";
                return Err(error(self.vm, message));
            }
            quoted = true;
        }
        if self.n_fields > 0 {
            push_char(&mut self.out, d.delimiter);
        }
        let quote = d.quotechar.filter(|_| quoted);
        if let Some(q) = quote {
            push_char(&mut self.out, q);
        }
        self.out.extend_from_slice(&text);
        if let Some(q) = quote {
            push_char(&mut self.out, q);
        }
        self.n_fields += 1;
        Ok(())
    }
}
