//! `BaseExceptionGroup` and `ExceptionGroup`: `split`, `subgroup`, `derive`, and what `except*` needs.
//!
//! Invariant: the exceptions of a group are a non-empty tuple that never changes; groups nest but form no cycle, since a
//! group's exceptions exist before it. Nesting is walked with the recursion guard.

use super::{Exception, init as base_init, payload};
use crate::error::PyResult;
use crate::native::{Args, CallArgs, GetSetDef, MethodDef};
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

const MESSAGE: usize = 0;
const EXCEPTIONS: usize = 1;

pub(super) const GETSET: &[GetSetDef] = &[
    GetSetDef::new("message", |_, v| Ok(payload(v).field_or_none(MESSAGE))).doc("exception message"),
    GetSetDef::new("exceptions", |_, v| Ok(payload(v).field_or_none(EXCEPTIONS))).doc("nested exceptions"),
];

pub(super) const METHODS: &[MethodDef] = &[
    MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| vm.generic_alias(a.get(0), a.get(1)))
        .class()
        .doc("See PEP 585"),
    MethodDef::new("derive", "($self, excs, /)", derive),
    MethodDef::new("split", "($self, matcher_value, /)", split),
    MethodDef::new("subgroup", "($self, matcher_value, /)", subgroup),
];

/// The exceptions of a group.
pub(crate) fn exceptions(v: &Value) -> Vec<Value> {
    match payload(v).field(EXCEPTIONS) {
        Some(t) => t.downcast::<Tuple>().map(|t| t.as_slice().to_vec()).unwrap_or_default(),
        None => Vec::new(),
    }
}

/// Whether a value is a group.
pub(crate) fn is_group(vm: &Vm, v: &Value) -> bool {
    vm.type_of(v).is_subtype(vm.types().BaseExceptionGroup)
}

pub(super) fn new(vm: &Vm, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
    if args.n_named() > 0 {
        return Err(vm.type_error(&format!("{}() takes no keyword arguments", ty.name())));
    }
    let [message, excs] = args.pos() else {
        let n = args.pos().len();
        return Err(vm.type_error(&format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({n} given)")));
    };
    if !message.is_a::<Str>() {
        let given = vm.type_of(message).name();
        return Err(vm.type_error(&format!("BaseExceptionGroup.__new__() argument 1 must be str, not {given}")));
    }
    let of = vm.type_of(excs);
    let sequence = of.slots().getitem.is_some() && !of.has(tflag::DICT);
    if !sequence {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let items = vm.collect(excs)?;
    if items.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut plain = true;
    for (i, item) in items.iter().enumerate() {
        if !item.is_a::<Exception>() {
            let message = format!("Item {i} of second argument (exceptions) is not an exception");
            return Err(vm.value_error(&message));
        }
        plain &= vm.type_of(item).is_subtype(vm.types().Exception);
    }
    let t = vm.types();
    let mut ty = ty;
    if ty.is(t.BaseExceptionGroup) {
        if plain {
            ty = t.ExceptionGroup;
        }
    } else if ty.is(t.ExceptionGroup) {
        if !plain {
            return Err(vm.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
        }
    } else if !plain && ty.is_subtype(t.Exception) {
        return Err(vm.type_error(&format!("Cannot nest BaseExceptions in '{}'", ty.name())));
    }
    let v = vm.alloc(ty, Exception::new(vm.tuple_of(args.pos())));
    payload(&v).set_field(vm, MESSAGE, Some(message.clone()));
    payload(&v).set_field(vm, EXCEPTIONS, Some(vm.tuple(items)));
    Ok(v)
}

pub(super) fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    base_init(vm, v, args)
}

pub(super) fn str_of(vm: &Vm, v: &Value) -> PyResult {
    let n = exceptions(v).len();
    let message = vm.str_string(&payload(v).field_or_none(MESSAGE))?;
    let s = if n == 1 { "" } else { "s" };
    Ok(vm.str(&format!("{message} ({n} sub-exception{s})")))
}

pub(super) fn repr(vm: &Vm, v: &Value) -> PyResult {
    super::repr(vm, v)
}

/// `derive(excs)` of the base class: a plain group with the same message.
fn derive(vm: &Vm, a: Args<'_>) -> PyResult {
    let message = payload(a.get(0)).field_or_none(MESSAGE);
    vm.call_pos(&vm.types().BaseExceptionGroup.value(), &[message, a.get(1).clone()])
}

/// What decides whether an exception belongs to the matching part.
enum Matcher {
    Types(Value),
    Callable(Value),
    /// One of these very exceptions (for `except*`).
    Leaves(Vec<Value>),
}

impl Matcher {
    fn new(vm: &Vm, v: &Value) -> PyResult<Matcher> {
        let is_class = |v: &Value| TypeObj::from_value(v).is_some_and(|t| t.has(tflag::EXCEPTION));
        if TypeObj::from_value(v).is_none() && vm.type_of(v).slots().call.is_some() {
            return Ok(Matcher::Callable(v.clone()));
        }
        if is_class(v) || v.downcast::<Tuple>().is_some_and(|t| t.as_slice().iter().all(is_class)) {
            return Ok(Matcher::Types(v.clone()));
        }
        Err(vm.type_error("expected an exception type, a tuple of exception types, or a callable (other than a class)"))
    }

    fn matches(&self, vm: &Vm, exc: &Value) -> PyResult<bool> {
        match self {
            Matcher::Types(types) => Ok(vm.given_matches(exc, types)),
            Matcher::Callable(f) => vm.truthy(&vm.call_pos(f, std::slice::from_ref(exc))?),
            Matcher::Leaves(leaves) => Ok(!is_group(vm, exc) && leaves.iter().any(|l| l.is(exc))),
        }
    }
}

/// A group like `like` of other exceptions: made by its `derive`, with the same metadata.
fn group_like(vm: &Vm, like: &Value, excs: Vec<Value>) -> PyResult {
    let derived = vm.call_method_str(like, "derive", &[vm.list(excs)])?;
    if !is_group(vm, &derived) {
        return Err(vm.type_error("derive must return an instance of BaseExceptionGroup"));
    }
    let (from, to) = (payload(like), payload(&derived));
    if let Some(tb) = from.traceback.get() {
        to.traceback.set(tb);
    }
    to.context.put(from.context.get());
    to.cause.put(from.cause.get());
    to.suppress_context.set(from.suppress_context.get());
    if let Some(notes) = vm.getattr_opt(like, &vm.names().__notes__)?
        && vm.type_of(&notes).slots().getitem.is_some()
    {
        // Each group gets a list of its own.
        let copy = vm.list(vm.collect(&notes)?);
        vm.setattr(&derived, &vm.names().__notes__, Some(&copy))?;
    }
    Ok(derived)
}

/// The matching part and the rest.
fn split_by(vm: &Vm, exc: &Value, by: &Matcher, want_rest: bool) -> PyResult<(Option<Value>, Option<Value>)> {
    if by.matches(vm, exc)? {
        return Ok((Some(exc.clone()), None));
    }
    if !is_group(vm, exc) {
        return Ok((None, Some(exc.clone())));
    }
    let _guard = vm.check_recursion(" in exceptiongroup_split_recursive")?;
    let (mut matching, mut rest) = (Vec::new(), Vec::new());
    for inner in exceptions(exc) {
        let (m, r) = split_by(vm, &inner, by, want_rest)?;
        matching.extend(m);
        rest.extend(r);
    }
    let part = |excs: Vec<Value>| if excs.is_empty() { Ok(None) } else { group_like(vm, exc, excs).map(Some) };
    let matching = part(matching)?;
    let rest = if want_rest { part(rest)? } else { None };
    Ok((matching, rest))
}

fn split(vm: &Vm, a: Args<'_>) -> PyResult {
    let by = Matcher::new(vm, a.get(1))?;
    let (matching, rest) = split_by(vm, a.get(0), &by, true)?;
    Ok(vm.tuple(vec![matching.unwrap_or(Value::NONE), rest.unwrap_or(Value::NONE)]))
}

fn subgroup(vm: &Vm, a: Args<'_>) -> PyResult {
    let by = Matcher::new(vm, a.get(1))?;
    Ok(split_by(vm, a.get(0), &by, false)?.0.unwrap_or(Value::NONE))
}

/// The leaves of a group, or the exception itself.
fn leaves(vm: &Vm, exc: &Value, out: &mut Vec<Value>) -> PyResult<()> {
    if !is_group(vm, exc) {
        out.push(exc.clone());
        return Ok(());
    }
    let _guard = vm.check_recursion(" in collect_exception_group_leaf_ids")?;
    for inner in exceptions(exc) {
        leaves(vm, &inner, out)?;
    }
    Ok(())
}

fn same_metadata(a: &Value, b: &Value) -> bool {
    let (a, b) = (payload(a), payload(b));
    a.traceback.bits() == b.traceback.bits() && a.context.bits() == b.context.bits() && a.cause.bits() == b.cause.bits()
}

impl Vm {
    /// `except* types`: what of `exc` matches and what is left (each `None` if nothing). A plain exception that matches is
    /// wrapped in a group.
    pub fn split_except_star(&self, exc: &Value, types: &Value) -> PyResult<(Value, Value)> {
        self.check_except_star_types(types)?;
        if exc.is_none() {
            return Ok((Value::NONE, Value::NONE));
        }
        if self.given_matches(exc, types) {
            if is_group(self, exc) {
                return Ok((exc.clone(), Value::NONE));
            }
            let excs = self.tuple(vec![exc.clone()]);
            let group = self.call_pos(&self.types().BaseExceptionGroup.value(), &[self.str(""), excs])?;
            if let Some(tb) = payload(exc).traceback.get() {
                payload(&group).traceback.set(tb);
            }
            return Ok((group, Value::NONE));
        }
        if is_group(self, exc) {
            let pair = self.call_method_str(exc, "split", std::slice::from_ref(types))?;
            let given = self.type_of(exc).name();
            let Some(items) = pair.downcast::<Tuple>() else {
                let got = self.type_of(&pair).name();
                return Err(self.type_error(&format!("{given}.split must return a tuple, not {got}")));
            };
            let [matching, rest, ..] = items.as_slice() else {
                let n = items.len();
                let message = format!("{given}.split must return a 2-tuple, got tuple of size {n}");
                return Err(self.type_error(&message));
            };
            if [matching, rest].into_iter().any(|part| !part.is_none() && !part.is_a::<Exception>()) {
                return Err(self.type_error(&format!("{given}.split must return exception groups or None")));
            }
            return Ok((matching.clone(), rest.clone()));
        }
        Ok((Value::NONE, exc.clone()))
    }

    fn check_except_star_types(&self, types: &Value) -> PyResult<()> {
        let is_class = |v: &Value| TypeObj::from_value(v).is_some_and(|t| t.has(tflag::EXCEPTION));
        let of_group =
            |v: &Value| TypeObj::from_value(v).is_some_and(|t| t.is_subtype(self.types().BaseExceptionGroup));
        let all = match types.downcast::<Tuple>() {
            Some(t) => t.as_slice().to_vec(),
            None => vec![types.clone()],
        };
        if !all.iter().all(is_class) {
            let message = "catching classes that do not inherit from BaseException is not allowed";
            return Err(self.type_error(message));
        }
        if all.iter().any(of_group) {
            return Err(self.type_error("catching ExceptionGroup with except* is not allowed. Use except instead."));
        }
        Ok(())
    }

    /// After all `except*` clauses: what is to be raised of the exceptions they raised and of what none of them took
    /// (`None`: nothing). `original` is what the `try` raised.
    pub fn merge_except_star(&self, original: &Value, excs: &Value) -> PyResult {
        let excs = excs.downcast::<List>().map(List::to_vec).unwrap_or_default();
        let excs: Vec<Value> = excs.into_iter().filter(|e| e.is_a::<Exception>()).collect();
        if excs.is_empty() {
            return Ok(Value::NONE);
        }
        if !is_group(self, original) {
            // A plain exception was caught and wrapped: what the only clause that ran left.
            return Ok(excs[0].clone());
        }
        let (mut raised, mut reraised) = (Vec::new(), Vec::new());
        for e in excs {
            let part = if same_metadata(&e, original) { &mut reraised } else { &mut raised };
            part.push(e);
        }
        let mut kept = Vec::new();
        for e in &reraised {
            leaves(self, e, &mut kept)?;
        }
        let reraised = split_by(self, original, &Matcher::Leaves(kept), false)?.0;
        if raised.is_empty() {
            return Ok(reraised.unwrap_or(Value::NONE));
        }
        if raised.len() == 1 && reraised.is_none() {
            return Ok(raised.remove(0));
        }
        raised.extend(reraised);
        let list = self.list(raised);
        self.call_pos(&self.types().BaseExceptionGroup.value(), &[self.str(""), list])
    }
}
