//! Making, raising, taking and matching exceptions.
//!
//! Invariant: at most one exception is pending in a thread state; raising another first takes or replaces it. A raised
//! exception's `__context__` is the one that is being handled, and the chain never has a cycle.

use super::{Exception, payload};
use crate::error::{PyResult, Raised};
use crate::native::CallArgs;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// An exception of a native class, made without running Python code. (For a class made at run time its `__init__`
    /// does run; if it fails, its exception is the result.)
    pub fn new_exception(&self, ty: &TypeObj, args: Vec<Value>) -> Value {
        if ty.is_heap() {
            let args = args;
            return match self.call(&ty.value(), &CallArgs::positional(&args)) {
                Ok(e) if e.is_a::<Exception>() => e,
                Ok(_) => self.new_exception(
                    self.types().TypeError,
                    vec![self.str("calling an exception class should have returned an instance of BaseException")],
                ),
                Err(_) => self.take_raised(),
            };
        }
        let made = match ty.slots().new {
            Some(new) if !std::ptr::fn_addr_eq(new, super::new as NewFn) => new(self, ty, &CallArgs::positional(&args)),
            _ => Ok(self.alloc(ty, Exception::new(self.tuple_of(&args)))),
        };
        let result = made.and_then(|e| match ty.slots().init {
            Some(init) if !std::ptr::fn_addr_eq(init, super::init as InitFn) => {
                init(self, &e, &CallArgs::positional(&args)).map(|()| e)
            }
            _ => Ok(e),
        });
        result.unwrap_or_else(|_| self.take_raised())
    }

    /// Raises an exception object: it becomes pending, and what is being handled becomes its context.
    #[cold]
    pub fn raise(&self, exc: Value) -> Raised {
        self.chain_context(&exc);
        self.ts().set_pending(exc);
        Raised::token()
    }

    /// Raises an exception object whose context is left as it is. Bytecode names registers, not what is in them, and a group's own
    /// `split` may return anything: what is no exception is a `TypeError`.
    #[cold]
    pub fn reraise(&self, exc: Value) -> Raised {
        if !exc.is_a::<Exception>() {
            return self.type_error("exceptions must derive from BaseException");
        }
        self.ts().set_pending(exc);
        Raised::token()
    }

    /// Raises `ty(text)`.
    #[cold]
    #[inline(never)]
    pub fn raise_text(&self, ty: &TypeObj, text: &str) -> Raised {
        self.raise_with(ty, vec![self.str(text)])
    }

    /// Raises `ty(*args)`.
    #[cold]
    #[inline(never)]
    pub fn raise_with(&self, ty: &TypeObj, args: Vec<Value>) -> Raised {
        self.raise(self.new_exception(ty, args))
    }

    /// Raises a class of exceptions (instantiated without arguments) or an exception, as the `raise` statement does.
    #[cold]
    pub fn raise_value(&self, what: &Value) -> Raised {
        match self.instantiate_exception(what) {
            Ok(e) => self.raise(e),
            Err(raised) => raised,
        }
    }

    /// `what` if it is an exception, `what()` if it is a class of exceptions.
    pub fn instantiate_exception(&self, what: &Value) -> PyResult {
        if what.is_a::<Exception>() {
            return Ok(what.clone());
        }
        match TypeObj::from_value(what) {
            Some(ty) if ty.has(tflag::EXCEPTION) => {
                let e = self.call(what, &CallArgs::positional(&[]))?;
                if e.is_a::<Exception>() {
                    return Ok(e);
                }
                let given = self.type_of(&e).name();
                Err(self.type_error(&format!(
                    "calling {} should have returned an instance of BaseException, not {given}",
                    self.repr_string(what)?
                )))
            }
            _ => Err(self.type_error("exceptions must derive from BaseException")),
        }
    }

    /// Raises `what` with the explicit cause of `raise what from cause`.
    #[cold]
    pub fn raise_from(&self, what: &Value, cause: &Value) -> Raised {
        let exc = match self.instantiate_exception(what) {
            Ok(e) => e,
            Err(raised) => return raised,
        };
        let cause = if cause.is_none() {
            None
        } else {
            match self.instantiate_cause(cause) {
                Ok(c) => Some(c),
                Err(raised) => return raised,
            }
        };
        payload(&exc).cause.put(cause);
        payload(&exc).suppress_context.set(true);
        self.raise(exc)
    }

    fn instantiate_cause(&self, cause: &Value) -> PyResult {
        if cause.is_a::<Exception>() {
            return Ok(cause.clone());
        }
        match TypeObj::from_value(cause) {
            Some(ty) if ty.has(tflag::EXCEPTION) => self.instantiate_exception(cause),
            _ => Err(self.type_error("exception causes must derive from BaseException")),
        }
    }

    /// Makes what is being handled the context of `exc`, breaking the cycle that this would close.
    pub(crate) fn chain_context(&self, exc: &Value) {
        let Some(handled) = self.ts().handled() else { return };
        let Some(e) = exc.downcast::<Exception>() else { return };
        if handled.is(exc) || !handled.is_a::<Exception>() {
            return;
        }
        // Floyd's pointers, since Python code may have made a cycle elsewhere in the chain.
        let mut at = handled.clone();
        let mut slow = at.clone();
        let mut step = false;
        while let Some(context) = payload(&at).context.get() {
            if context.is(exc) {
                payload(&at).context.put(None);
                break;
            }
            at = context;
            if at.is(&slow) {
                break;
            }
            if step {
                slow = payload(&slow).context.get_or_none();
                if slow.is_none() {
                    break;
                }
            }
            step = !step;
        }
        e.context.set(handled);
    }

    /// The pending exception, which is not pending any more.
    pub fn take_raised(&self) -> Value {
        match self.ts().take_pending() {
            Some(e) => e,
            None => self.new_exception(self.types().SystemError, vec![self.str("error return without exception set")]),
        }
    }

    /// Turns `Err` into the exception.
    pub fn caught<T>(&self, result: PyResult<T>) -> Result<T, Value> {
        result.map_err(|_| self.take_raised())
    }

    /// The result, with an exception of class `ty` turned into `None`.
    pub fn unless<T>(&self, result: PyResult<T>, ty: &TypeObj) -> PyResult<Option<T>> {
        match result {
            Ok(v) => Ok(Some(v)),
            Err(_) if self.pending_is(ty) => {
                drop(self.take_raised());
                Ok(None)
            }
            Err(raised) => Err(raised),
        }
    }

    /// Whether the pending exception is an instance of `ty`.
    pub fn pending_is(&self, ty: &TypeObj) -> bool {
        self.ts().pending().is_some_and(|e| self.type_of(&e).is_subtype(ty))
    }

    /// Whether `except types:` catches `exc`. `TypeError` if `types` is no class of exceptions nor a tuple of such.
    pub fn exc_matches(&self, exc: &Value, types: &Value) -> PyResult<bool> {
        if let Some(ty) = TypeObj::from_value(types)
            && ty.has(tflag::EXCEPTION)
        {
            return Ok(self.type_of(exc).is_subtype(ty));
        }
        self.check_except_types(types)?;
        Ok(self.given_matches(exc, types))
    }

    /// Whether `exc` is an instance of the class or of one of the tuple's; anything else matches by identity.
    pub(crate) fn given_matches(&self, exc: &Value, types: &Value) -> bool {
        if let Some(tuple) = types.downcast::<Tuple>() {
            return tuple.as_slice().iter().any(|t| self.given_matches(exc, t));
        }
        match TypeObj::from_value(types) {
            Some(ty) if ty.has(tflag::EXCEPTION) => self.type_of(exc).is_subtype(ty),
            _ => exc.is(types),
        }
    }

    fn check_except_types(&self, types: &Value) -> PyResult<()> {
        let is_class = |v: &Value| TypeObj::from_value(v).is_some_and(|t| t.has(tflag::EXCEPTION));
        let good = match types.downcast::<Tuple>() {
            Some(tuple) => tuple.as_slice().iter().all(is_class),
            None => is_class(types),
        };
        if good {
            return Ok(());
        }
        Err(self.type_error("catching classes that do not inherit from BaseException is not allowed"))
    }

    /// Raises `AttributeError(message)` with the attributes `name` and `obj`.
    #[cold]
    pub fn attribute_error_for(&self, message: &str, obj: &Value, name: &Value) -> Raised {
        let e = self.new_exception(self.types().AttributeError, vec![self.str(message)]);
        payload(&e).set_field(self, 0, Some(name.clone()));
        payload(&e).set_field(self, 1, Some(obj.clone()));
        self.raise(e)
    }

    /// Raises `NameError(message)` (or its subclass `ty`) with the attribute `name`.
    #[cold]
    pub fn name_error_for(&self, ty: &TypeObj, name: &Value, message: &str) -> Raised {
        let e = self.new_exception(ty, vec![self.str(message)]);
        payload(&e).set_field(self, 0, Some(name.clone()));
        self.raise(e)
    }

    /// Adds a note to the pending exception; problems in doing so are ignored.
    #[cold]
    pub fn add_note_to_pending(&self, note: &str) {
        let Some(e) = self.ts().save_pending() else { return };
        let note = self.str(note);
        if self.call_method_str(&e, "add_note", &[note]).is_err() {
            drop(self.take_raised());
        }
        self.ts().restore_pending(Some(e));
    }

    /// Runs `f` with the pending exception put aside; an exception that `f` raises is dropped.
    pub fn with_pending_saved<T>(&self, f: impl FnOnce(&Vm) -> PyResult<T>) -> Option<T> {
        let saved = self.ts().save_pending();
        let result = f(self);
        let value = match result {
            Ok(v) => Some(v),
            Err(_) => {
                drop(self.take_raised());
                None
            }
        };
        self.ts().restore_pending(saved);
        value
    }

    /// Raises `KeyError(key)`.
    #[cold]
    pub fn key_error(&self, key: &Value) -> Raised {
        self.raise_with(self.types().KeyError, vec![key.clone()])
    }

    /// Raises `StopIteration(value)`, without an argument for `None`.
    #[cold]
    pub fn stop_iteration(&self, value: Value) -> Raised {
        let args = if value.is_none() { Vec::new() } else { vec![value] };
        self.raise_with(self.types().StopIteration, args)
    }

    /// Raises `ImportError` or a subclass with the attributes `name` and `path`.
    #[cold]
    pub fn import_error_for(&self, ty: &TypeObj, message: &str, name: &Value, path: &Value) -> Raised {
        let e = self.new_exception(ty, vec![self.str(message)]);
        payload(&e).set_field(self, 1, Some(name.clone()));
        payload(&e).set_field(self, 2, Some(path.clone()));
        self.raise(e)
    }
}

type NewFn = fn(&Vm, &TypeObj, &CallArgs<'_>) -> PyResult;
type InitFn = fn(&Vm, &Value, &CallArgs<'_>) -> PyResult<()>;
