//! `SyntaxError`: where in the source the error is.

use super::fields::field;
use super::{init as base_init, payload};
use crate::error::PyResult;
use crate::native::{CallArgs, GetSetDef};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

pub(super) const MSG: usize = 0;
pub(super) const FILENAME: usize = 1;
pub(super) const LINENO: usize = 2;
pub(super) const OFFSET: usize = 3;
pub(super) const TEXT: usize = 4;
pub(super) const END_LINENO: usize = 5;
pub(super) const END_OFFSET: usize = 6;
pub(super) const METADATA: usize = 8;

pub(super) const GETSET: &[GetSetDef] = &[
    field!("msg", 0, "exception msg"),
    field!("filename", 1, "exception filename"),
    field!("lineno", 2, "exception lineno"),
    field!("offset", 3, "exception offset"),
    field!("text", 4, "exception text"),
    field!("end_lineno", 5, "exception end lineno"),
    field!("end_offset", 6, "exception end offset"),
    field!("print_file_and_line", 7, "exception print_file_and_line"),
    field!("_metadata", 8, "exception private metadata"),
];

pub(super) fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    base_init(vm, v, args)?;
    let e = payload(v);
    if let Some(message) = args.pos().first() {
        e.set_field(vm, MSG, Some(message.clone()));
    }
    let [_, info] = args.pos() else { return Ok(()) };
    let info = vm.collect(info)?;
    if info.len() < 4 {
        return Err(vm.type_error(&format!("function takes at least 4 arguments ({} given)", info.len())));
    }
    if info.len() > 7 {
        return Err(vm.type_error(&format!("function takes at most 7 arguments ({} given)", info.len())));
    }
    if info.len() == 5 {
        return Err(vm.type_error("end_offset must be provided when end_lineno is provided"));
    }
    let at = [FILENAME, LINENO, OFFSET, TEXT, END_LINENO, END_OFFSET, METADATA];
    for (i, field) in at.into_iter().enumerate() {
        e.set_field(vm, field, info.get(i).cloned());
    }
    Ok(())
}

pub(super) fn str_of(vm: &Vm, v: &Value) -> PyResult {
    let e = payload(v);
    let filename = e.field(FILENAME).and_then(|f| f.downcast::<Str>().map(|s| s.to_string()));
    let filename = filename.map(|f| f.rsplit('/').next().unwrap_or_default().to_string());
    let lineno = e.field(LINENO).filter(|n| vm.is_exact(n, vm.types().int));
    let message = vm.str_string(&e.field_or_none(MSG))?;
    let line = |n: &Value| vm.str_string(n);
    let text = match (filename, lineno) {
        (Some(f), Some(n)) => format!("{message} ({f}, line {})", line(&n)?),
        (Some(f), None) => format!("{message} ({f})"),
        (None, Some(n)) => format!("{message} (line {})", line(&n)?),
        (None, None) => message,
    };
    Ok(vm.str(&text))
}
