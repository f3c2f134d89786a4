//! `_csv`: readers and writers of comma-separated values.
//!
//! Rooms: [`dialect`] what separates and quotes fields; [`reader`] lines to rows; [`writer`] rows to lines. The registry
//! of dialects and the limit of a field's size belong to the interpreter.

mod dialect;
mod reader;
mod writer;

use dialect::Dialect;
use serpens_state::NativeModule;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Raised, Value, Vm};
use std::cell::Cell;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_csv")
    .doc("CSV parsing and writing.\n")
    .functions(&[
        MethodDef::raw("reader", "(iterable, /, dialect='excel', **fmtparams)", reader::make)
            .doc("Return a reader object that will process lines from the given iterable."),
        MethodDef::raw("writer", "(fileobj, /, dialect='excel', **fmtparams)", writer::make)
            .doc("Return a writer object that will write user data on the given file object."),
        MethodDef::raw("register_dialect", "(name, /, dialect='excel', **fmtparams)", register)
            .doc("Create a mapping from a string name to a CSV dialect."),
        MethodDef::new("unregister_dialect", "(name)", unregister)
            .doc("Delete the name/dialect mapping associated with a string name."),
        MethodDef::new("get_dialect", "(name)", |vm, a| registered(vm, a.get(0)))
            .doc("Return the dialect instance associated with name."),
        MethodDef::new("list_dialects", "()", |vm, _| {
            Ok(vm.list(state(vm).dialects.downcast::<Dict>().map(Dict::keys).unwrap_or_default()))
        })
        .doc("Return a list of all known dialect names."),
        MethodDef::new("field_size_limit", "(new_limit=<unrepresentable>)", field_size_limit)
            .doc("Sets an upper limit on parsed fields."),
    ])
    .types(&[&dialect::DIALECT, &reader::READER, &writer::WRITER])
    .init(init);

/// What the module keeps for an interpreter.
struct State {
    error: Value,
    /// From names to dialects.
    dialects: Value,
    limit: Cell<i64>,
}

impl Local for State {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let limit = self.limit.clone();
        Some(State { error: copier.take(&self.error), dialects: copier.take(&self.dialects), limit })
    }
}

fn state(vm: &Vm) -> std::rc::Rc<State> {
    vm.local(|vm| {
        let error = super::exception_class(vm, "_csv", "Error", vm.types().Exception);
        let error = error.unwrap_or_else(|_| {
            drop(vm.take_raised());
            vm.types().Exception.value()
        });
        State { error, dialects: vm.new_dict(), limit: Cell::new(128 * 1024) }
    })
}

/// Raises `_csv.Error`.
#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    match vm.call_pos(&state(vm).error, &[vm.str(message)]) {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}

fn init(vm: &Vm, d: &Dict) -> PyResult<()> {
    d.set_name(vm, "__version__", vm.str("1.0"));
    for (name, quoting) in dialect::QUOTING {
        d.set_name(vm, name, Value::int_unchecked(*quoting as i64));
    }
    d.set_name(vm, "Error", state(vm).error.clone());
    d.set_name(vm, "_dialects", state(vm).dialects.clone());
    Ok(())
}

/// The registered dialect of a name.
fn registered(vm: &Vm, name: &Value) -> PyResult {
    let found = match state(vm).dialects.downcast::<Dict>() {
        Some(d) => d.get(vm, name)?,
        None => None,
    };
    found.ok_or_else(|| error(vm, "unknown dialect"))
}

fn register(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let (name, base) = match args.pos() {
        [name] => (name, None),
        [name, base] => (name, Some(base)),
        [] => return Err(vm.type_error("register_dialect expected at least 1 argument, got 0")),
        more => {
            return Err(vm.type_error(&format!("register_dialect expected at most 2 arguments, got {}", more.len())));
        }
    };
    if !name.is_a::<Str>() {
        return Err(vm.type_error("dialect name must be a string"));
    }
    let dialect = dialect::of(vm, base, args)?;
    vm.set_item(&state(vm).dialects, name, &dialect)?;
    Ok(Value::NONE)
}

fn unregister(vm: &Vm, a: Args<'_>) -> PyResult {
    registered(vm, a.get(0))?;
    vm.del_item(&state(vm).dialects, a.get(0))?;
    Ok(Value::NONE)
}

fn field_size_limit(vm: &Vm, a: Args<'_>) -> PyResult {
    let state = state(vm);
    let old = state.limit.get();
    if let Some(new) = a.opt(0) {
        if !vm.is_int(new) {
            return Err(vm.type_error("limit must be an integer"));
        }
        state.limit.set(vm.index_i64(new)?);
    }
    Ok(vm.int(old))
}

/// The file or iterable, the dialect argument, and the dialect of a reader or writer.
fn source_and_dialect<'a>(vm: &Vm, args: &CallArgs<'a>, name: &str) -> PyResult<(&'a Value, Value)> {
    let (source, base) = match args.pos() {
        [source] => (source, None),
        [source, base] => (source, Some(base)),
        [] => return Err(vm.type_error(&format!("{name} expected at least 1 argument, got 0"))),
        more => return Err(vm.type_error(&format!("{name} expected at most 2 arguments, got {}", more.len()))),
    };
    Ok((source, dialect::of(vm, base, args)?))
}

fn dialect_of(v: &Value) -> &Dialect {
    v.downcast::<Dialect>().expect("readers and writers hold a dialect")
}
