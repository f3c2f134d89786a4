//! `traceback`: where an exception passed on its way, one entry a frame.
#![expect(unsafe_code, reason = "payload declaration")]

use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::code::{at_offset, offset_of};
use crate::types::frame::FrameObj;
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;
use serpens_bytecode::Location;

/// An entry of a traceback.
pub struct Traceback {
    /// The entry further in, towards where the exception was raised.
    pub next: VCell,
    /// The frame object.
    pub frame: Value,
    /// Index of the instruction.
    pub lasti: usize,
    /// `tb_lasti`, if it was given explicitly.
    offset: Option<i64>,
    /// The line, if it was given explicitly.
    line: Option<i64>,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Traceback {
    const KIND: Kind = Kind::Traceback;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        self.next.traverse(visit);
        visit(&self.frame);
    }

    fn clear(&self) {
        drop(self.next.take());
    }
}

/// The type `traceback`.
pub static TYPE: TypeDef = TypeDef::new::<Traceback>("traceback")
    .doc("Create a new traceback object.")
    .gc()
    .slots(Slots { new: Some(new), ..Slots::EMPTY })
    .methods(&[MethodDef::new("__dir__", "($self, /)", dir)])
    .getset(&[
        GetSetDef::rw("tb_next", |_, v| Ok(this(v).next.get_or_none()), set_next),
        GetSetDef::new("tb_frame", |_, v| Ok(this(v).frame.clone())),
        GetSetDef::new("tb_lasti", |vm, v| Ok(vm.int(this(v).offset.unwrap_or(offset_of(this(v).lasti) as i64)))),
        GetSetDef::new("tb_lineno", |_, v| Ok(this(v).line_value())),
    ]);

fn this(v: &Value) -> &Traceback {
    v.downcast::<Traceback>().expect("the descriptor has checked the receiver")
}

impl Traceback {
    /// An entry in front of `next`.
    pub fn new(next: Option<Value>, frame: Value, lasti: usize) -> Traceback {
        Traceback { next: VCell::from(next), frame, lasti, offset: None, line: None }
    }

    /// The source range of the instruction.
    pub fn location(&self) -> Location {
        match self.frame.downcast::<FrameObj>() {
            Some(f) => {
                let locations = &f.code().code().locations;
                match locations.get(self.lasti as u32) {
                    Location { line: 0, .. } => {
                        let line = locations.line_near(self.lasti as u32);
                        Location { line, end_line: line, ..Location::default() }
                    }
                    known => known,
                }
            }
            None => Location::default(),
        }
    }

    /// The line, 0 if the instruction belongs to none.
    pub fn line(&self) -> i64 {
        self.line.unwrap_or_else(|| self.location().line as i64)
    }

    fn line_value(&self) -> Value {
        match self.line() {
            0 => Value::NONE,
            n => Value::int_unchecked(n),
        }
    }
}

fn new(vm: &Vm, _: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    let at = |i: usize, name: &str| args.pos().get(i).or_else(|| args.kw(name));
    let (Some(next), Some(frame), Some(lasti), Some(line)) =
        (at(0, "tb_next"), at(1, "tb_frame"), at(2, "tb_lasti"), at(3, "tb_lineno"))
    else {
        return Err(vm.type_error("TracebackType() missing required argument"));
    };
    if !next.is_none() && !next.is_a::<Traceback>() {
        return Err(vm.type_error("expected traceback object or None, got something else"));
    }
    if !frame.is_a::<FrameObj>() {
        let message = format!("TracebackType() argument 'tb_frame' must be frame, not {}", vm.type_of(frame).name());
        return Err(vm.type_error(&message));
    }
    let number = |v: &Value| v.as_small_int().ok_or_else(|| vm.type_error("an integer is required"));
    let payload = Traceback {
        next: VCell::from(Some(next.clone()).filter(|n| !n.is_none())),
        frame: frame.clone(),
        lasti: at_offset(number(lasti)?.max(0) as usize),
        offset: Some(number(lasti)?),
        line: Some(number(line)?),
    };
    Ok(vm.alloc(vm.types().traceback, payload))
}

fn set_next(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(vm.type_error("can't delete tb_next attribute")) };
    if !value.is_none() && !value.is_a::<Traceback>() {
        let message = format!("expected traceback object or None, got {}", vm.type_of(value).name());
        return Err(vm.type_error(&message));
    }
    let mut at = Some(value.clone()).filter(|n| !n.is_none());
    while let Some(entry) = at {
        if entry.is(v) {
            return Err(vm.value_error("traceback loop detected"));
        }
        at = this(&entry).next.get();
    }
    this(v).next.put(Some(value.clone()).filter(|n| !n.is_none()));
    Ok(())
}

fn dir(vm: &Vm, _: Args<'_>) -> PyResult {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"];
    Ok(vm.list(names.iter().map(|n| vm.intern(n)).collect()))
}
