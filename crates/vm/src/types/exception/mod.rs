//! Exceptions: the payload all of them share, and what `BaseException` offers.
//!
//! Rooms: [`table`] one type definition a builtin exception; [`raise`] making, raising, matching, chaining; [`fields`],
//! [`os`], [`syntax`], [`unicode`], [`group`] the attributes of those families; [`render`] the text of an uncaught
//! exception, with [`anchors`] (carets) and [`suggest`] (did you mean).
//!
//! Invariant: an exception of any class has this payload, so that a class may derive from several builtin exceptions.
#![expect(unsafe_code, reason = "object layout")]

pub mod anchors;
pub mod fields;
pub mod group;
pub mod os;
pub mod raise;
pub mod render;
pub mod suggest;
pub mod syntax;
pub mod table;
pub mod unicode;

use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::slots::Slots;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// An exception.
pub struct Exception {
    /// `args`, a tuple.
    pub args: VCell,
    /// `__traceback__`.
    pub traceback: VCell,
    /// `__cause__`.
    pub cause: VCell,
    /// `__context__`.
    pub context: VCell,
    /// `__suppress_context__`.
    pub suppress_context: Cell<bool>,
    /// The first two attributes of the family (`value` of `StopIteration`, `errno` and `strerror` of `OSError`, ...).
    first: [VCell; 2],
    /// A list of the other attributes, if any was set; `NotImplemented` stands for one that is not.
    rest: VCell,
}

// SAFETY: made by the heap only.
unsafe impl Payload for Exception {
    const KIND: Kind = Kind::Exception;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        for cell in self.cells() {
            cell.traverse(visit);
        }
    }

    fn clear(&self) {
        for cell in self.cells() {
            drop(cell.take());
        }
    }
}

impl Exception {
    /// An exception payload with those arguments (a tuple).
    pub(crate) fn new(args: Value) -> Exception {
        Exception {
            args: VCell::new(args),
            traceback: VCell::empty(),
            cause: VCell::empty(),
            context: VCell::empty(),
            suppress_context: Cell::new(false),
            first: [VCell::empty(), VCell::empty()],
            rest: VCell::empty(),
        }
    }

    fn cells(&self) -> [&VCell; 7] {
        let [a, b] = &self.first;
        [&self.args, &self.traceback, &self.cause, &self.context, a, b, &self.rest]
    }

    /// Attribute `i` of the family, if it is set.
    #[inline]
    pub fn field(&self, i: usize) -> Option<Value> {
        match self.first.get(i) {
            Some(cell) => cell.get(),
            None => {
                let rest = self.rest.get()?;
                rest.downcast::<List>()?.get(i - 2).filter(|v| !v.is_not_implemented())
            }
        }
    }

    /// Attribute `i` of the family, or `None`.
    pub fn field_or_none(&self, i: usize) -> Value {
        self.field(i).unwrap_or(Value::NONE)
    }

    /// Sets or unsets attribute `i` of the family.
    pub fn set_field(&self, vm: &Vm, i: usize, value: Option<Value>) {
        if let Some(cell) = self.first.get(i) {
            return cell.put(value);
        }
        let rest = match self.rest.get() {
            Some(rest) => rest,
            None if value.is_none() => return,
            None => {
                let rest = vm.list(Vec::new());
                self.rest.set(rest.clone());
                rest
            }
        };
        let list = rest.downcast::<List>().expect("the rest of the attributes is a list");
        while list.len() <= i - 2 {
            list.push(Value::NOT_IMPLEMENTED);
        }
        list.set(i - 2, value.unwrap_or(Value::NOT_IMPLEMENTED));
    }

    /// The arguments.
    pub fn args_vec(&self) -> Vec<Value> {
        match self.args.get() {
            Some(args) => args.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default(),
            None => Vec::new(),
        }
    }
}

/// The payload of a value that is an exception.
pub(crate) fn payload(v: &Value) -> &Exception {
    v.downcast::<Exception>().expect("an exception")
}

pub(crate) const BASE_SLOTS: Slots =
    Slots { new: Some(new), init: Some(init), repr: Some(repr), str: Some(str_of), ..Slots::EMPTY };

pub(crate) const BASE_METHODS: &[MethodDef] = &[
    MethodDef::new("__reduce__", "($self, /)", reduce),
    MethodDef::new("__setstate__", "($self, object, /)", setstate),
    MethodDef::new("with_traceback", "($self, object, /)", with_traceback)
        .doc("Set self.__traceback__ to tb and return self."),
    MethodDef::new("add_note", "($self, object, /)", add_note).doc("Add a note to the exception"),
];

pub(crate) const BASE_GETSET: &[GetSetDef] = &[
    GetSetDef::rw("args", |_, v| Ok(payload(v).args.get_or_none()), set_args),
    GetSetDef::rw("__traceback__", |_, v| Ok(payload(v).traceback.get_or_none()), set_traceback),
    GetSetDef::rw("__context__", |_, v| Ok(payload(v).context.get_or_none()), set_context).doc("exception context"),
    GetSetDef::rw("__cause__", |_, v| Ok(payload(v).cause.get_or_none()), set_cause).doc("exception cause"),
    GetSetDef::rw("__suppress_context__", |_, v| Ok(Value::bool(payload(v).suppress_context.get())), set_suppress),
];

pub(crate) fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    Ok(vm.alloc(ty, Exception::new(vm.tuple_of(args.pos()))))
}

pub(crate) fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    if args.n_named() > 0 {
        return Err(vm.type_error(&format!("{}() takes no keyword arguments", vm.type_of(v).name())));
    }
    let e = payload(v);
    let same = e.args.get().is_some_and(|old| {
        let old = old.downcast::<Tuple>().map_or(&[][..], Tuple::as_slice);
        old.len() == args.pos().len() && old.iter().zip(args.pos()).all(|(a, b)| a.is(b))
    });
    if !same {
        e.args.set(vm.tuple_of(args.pos()));
    }
    Ok(())
}

/// The class's name without the module, as `repr` shows it.
fn short_name(ty: &TypeObj) -> &str {
    let name = ty.name();
    name.rsplit('.').next().unwrap_or(name)
}

pub(crate) fn repr(vm: &Vm, v: &Value) -> PyResult {
    let name = short_name(vm.type_of(v)).to_string();
    let args = payload(v).args_vec();
    match args.as_slice() {
        [one] => Ok(vm.str(&format!("{name}({})", vm.repr_string(one)?))),
        _ => Ok(vm.str(&format!("{name}{}", vm.repr_string(&vm.tuple(args))?))),
    }
}

pub(crate) fn str_of(vm: &Vm, v: &Value) -> PyResult {
    let args = payload(v).args_vec();
    match args.as_slice() {
        [] => Ok(vm.str("")),
        [one] => vm.str_of(one),
        _ => vm.str_of(&vm.tuple(args)),
    }
}

/// The attributes set on an exception, if there are any.
pub(crate) fn own_attributes(vm: &Vm, v: &Value) -> Option<Value> {
    let h = v.header()?;
    let attrs = h.attrs()?;
    let made = attrs.shape().is_dict_mode();
    if (made && attrs.dict().is_none()) || (!made && attrs.shape().names().is_empty()) {
        return None;
    }
    let dict = vm.own_dict(h, attrs);
    if dict.downcast::<Dict>()?.is_empty() { None } else { Some(dict) }
}

/// `(type, args)` or `(type, args, state)`.
pub(crate) fn reduce_with(vm: &Vm, v: &Value, args: Value, state: Option<Value>) -> PyResult {
    let mut parts = vec![vm.type_of(v).value(), args];
    parts.extend(state);
    Ok(vm.tuple(parts))
}

fn reduce(vm: &Vm, a: Args<'_>) -> PyResult {
    let v = a.get(0);
    let args = payload(v).args.get().unwrap_or_else(|| vm.tuple(Vec::new()));
    reduce_with(vm, v, args, own_attributes(vm, v))
}

fn setstate(vm: &Vm, a: Args<'_>) -> PyResult {
    let state = a.get(1);
    if state.is_none() {
        return Ok(Value::NONE);
    }
    let Some(dict) = state.downcast::<Dict>() else {
        return Err(vm.type_error("state is not a dictionary"));
    };
    for (name, value) in dict.items() {
        vm.setattr(a.get(0), &vm.intern_value(&name), Some(&value))?;
    }
    Ok(Value::NONE)
}

fn with_traceback(vm: &Vm, a: Args<'_>) -> PyResult {
    set_traceback(vm, a.get(0), Some(a.get(1)))?;
    Ok(a.get(0).clone())
}

fn add_note(vm: &Vm, a: Args<'_>) -> PyResult {
    let (this, note) = (a.get(0), a.get(1));
    if !note.is_a::<Str>() {
        return Err(vm.type_error(&format!("add_note() argument must be str, not {}", vm.type_of(note).name())));
    }
    let notes = match vm.getattr_opt(this, &vm.names().__notes__)? {
        Some(notes) => notes,
        None => {
            let notes = vm.list(Vec::new());
            vm.setattr(this, &vm.names().__notes__, Some(&notes))?;
            notes
        }
    };
    match notes.downcast::<List>() {
        Some(list) => list.push(note.clone()),
        None => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
    }
    Ok(Value::NONE)
}

fn set_args(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(vm.type_error("args may not be deleted"));
    };
    let items = vm.collect(value)?;
    payload(v).args.set(vm.tuple(items));
    Ok(())
}

pub(crate) fn set_traceback(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        None => Err(vm.type_error("__traceback__ may not be deleted")),
        Some(tb) if tb.is_none() => {
            payload(v).traceback.put(None);
            Ok(())
        }
        Some(tb) if vm.is_exact(tb, vm.types().traceback) => {
            payload(v).traceback.set(tb.clone());
            Ok(())
        }
        Some(_) => Err(vm.type_error("__traceback__ must be a traceback or None")),
    }
}

fn exception_or_none(vm: &Vm, value: Option<&Value>, what: &str) -> PyResult<Option<Value>> {
    match value {
        None => Err(vm.type_error(&format!("__{what}__ may not be deleted"))),
        Some(e) if e.is_none() => Ok(None),
        Some(e) if e.is_a::<Exception>() => Ok(Some(e.clone())),
        Some(_) => Err(vm.type_error(&format!("exception {what} must be None or derive from BaseException"))),
    }
}

fn set_context(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    payload(v).context.put(exception_or_none(vm, value, "context")?);
    Ok(())
}

fn set_cause(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    payload(v).cause.put(exception_or_none(vm, value, "cause")?);
    payload(v).suppress_context.set(true);
    Ok(())
}

fn set_suppress(vm: &Vm, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        None => Err(vm.type_error("can't delete numeric/char attribute")),
        Some(b) => match b.as_bool() {
            Some(b) => {
                payload(v).suppress_context.set(b);
                Ok(())
            }
            None => Err(vm.type_error("attribute value type must be bool")),
        },
    }
}
