//! `cell`: the shared variable of closures.
#![expect(unsafe_code, reason = "payload declaration")]

use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{CallArgs, GetSetDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::slots::{CmpOp, Slots};
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;

/// A cell.
pub struct CellObj {
    /// The variable, empty while it is unbound.
    pub contents: VCell,
}

// SAFETY: made by the heap only.
unsafe impl Payload for CellObj {
    const KIND: Kind = Kind::Cell;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.contents.traverse(visit);
    }

    fn clear(&self) {
        drop(self.contents.take());
    }
}

/// The type `cell`.
pub static TYPE: TypeDef = TypeDef::new::<CellObj>("cell")
    .doc("Create a new cell object.")
    .gc()
    .slots(Slots { new: Some(new), repr: Some(repr), richcmp: Some(richcmp), ..Slots::EMPTY })
    .getset(&[GetSetDef::rw("cell_contents", get_contents, set_contents)]);

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let contents = match args.pos() {
        [] => None,
        [v] => Some(v.clone()),
        other => return Err(vm.type_error(&format!("cell expected at most 1 argument, got {}", other.len()))),
    };
    Ok(vm.new_cell(contents))
}

fn get_contents(vm: &Vm, this: &Value) -> PyResult {
    let contents = this.downcast::<CellObj>().and_then(|c| c.contents.get());
    contents.ok_or_else(|| vm.value_error("Cell is empty"))
}

fn set_contents(vm: &Vm, this: &Value, value: Option<&Value>) -> PyResult<()> {
    vm.check_mutable(this)?;
    if let Some(cell) = this.downcast::<CellObj>() {
        cell.contents.put(value.cloned());
    }
    Ok(())
}

fn repr(vm: &Vm, this: &Value) -> PyResult {
    let contents = this.downcast::<CellObj>().and_then(|c| c.contents.get());
    Ok(vm.str(&match contents {
        None => format!("<cell at {:#x}: empty>", this.bits()),
        Some(v) => format!("<cell at {:#x}: {} object at {:#x}>", this.bits(), vm.type_of(&v).name(), v.bits()),
    }))
}

fn richcmp(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<CellObj>(), b.downcast::<CellObj>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match (x.contents.get(), y.contents.get()) {
        (Some(x), Some(y)) => vm.compare(&x, &y, op),
        (x, y) => Ok(Value::bool(op.of(x.is_some().cmp(&y.is_some())))),
    }
}

impl Vm {
    /// A new cell.
    pub fn new_cell(&self, contents: Option<Value>) -> Value {
        self.alloc(self.types().cell, CellObj { contents: VCell::from(contents) })
    }
}
