//! What `typing` needs natively: type parameters (`TypeVar`, `ParamSpec`, `TypeVarTuple`), `TypeAliasType`, `Generic`,
//! `NoDefault`.
//!
//! Bounds, constraints, defaults and values given in the syntax of type parameters are functions, evaluated when first
//! asked for. What `typing` defines in Python (substitution, checks) is called there.
//!
//! Rooms: this file has the parameters' payload and the calls into `typing`; `params` their types; `alias` type aliases;
//! `small` the rest.

pub mod alias;
mod docs;
pub mod params;
pub mod small;

pub use alias::{TYPE_ALIAS, TypeAlias};
pub use params::{PARAM_SPEC, TYPE_VAR, TYPE_VAR_TUPLE};
pub use small::{CONST_EVALUATOR, GENERIC, NO_DEFAULT, PARAM_SPEC_ARGS, PARAM_SPEC_KWARGS};

use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::CallArgs;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// A `TypeVar`, `ParamSpec` or `TypeVarTuple`.
pub struct TypeParam {
    /// Its name.
    pub name: Value,
    /// The bound; empty while `evaluate_bound` has not been called.
    pub bound: VCell,
    /// Computes the bound.
    pub evaluate_bound: VCell,
    /// The constraints as a tuple; empty while `evaluate_constraints` has not been called.
    pub constraints: VCell,
    /// Computes the constraints.
    pub evaluate_constraints: VCell,
    /// The default; empty while `evaluate_default` has not been called.
    pub default: VCell,
    /// Computes the default.
    pub evaluate_default: VCell,
    /// Declared covariant.
    pub covariant: bool,
    /// Declared contravariant.
    pub contravariant: bool,
    /// Variance is inferred.
    pub infer_variance: bool,
}

crate::native_payload!(TypeParam { name } cells {
    bound, evaluate_bound, constraints, evaluate_constraints, default, evaluate_default
});

impl TypeParam {
    /// A parameter with a name and nothing else.
    fn named(name: &Value, infer_variance: bool) -> TypeParam {
        TypeParam {
            name: name.clone(),
            bound: VCell::empty(),
            evaluate_bound: VCell::empty(),
            constraints: VCell::empty(),
            evaluate_constraints: VCell::empty(),
            default: VCell::empty(),
            evaluate_default: VCell::empty(),
            covariant: false,
            contravariant: false,
            infer_variance,
        }
    }
}

/// What a cell holds, or what its evaluator gives (called with the format VALUE), which is kept.
fn lazy(vm: &Vm, value: &VCell, evaluate: &VCell) -> PyResult<Option<Value>> {
    if let Some(v) = value.get() {
        return Ok(Some(v));
    }
    let Some(f) = evaluate.get() else { return Ok(None) };
    let made = vm.call_one(&f, &Value::int_unchecked(1))?;
    // A frozen parameter has a frozen evaluator, and does not remember what it gave.
    if !f.header().is_some_and(|f| f.is_frozen()) {
        value.set(made.clone());
    }
    Ok(Some(made))
}

/// The evaluator that a cell holds, or one that gives the value that is known.
fn evaluator(vm: &Vm, value: &VCell, evaluate: &VCell) -> Value {
    match (evaluate.get(), value.get()) {
        (Some(f), _) => f,
        (None, Some(v)) => small::const_evaluator(vm, v),
        (None, None) => Value::NONE,
    }
}

/// An attribute of module `typing`.
pub(crate) fn typing(vm: &Vm, name: &str) -> PyResult {
    let key = vm.intern("typing");
    let loaded = vm.modules.get().and_then(|m| m.downcast::<Dict>()?.get_str(vm, &key));
    let module = match loaded {
        Some(module) => module,
        None => {
            let from = vm.tuple(vec![vm.intern(name)]);
            vm.hooks().import_name(vm, &key, &vm.new_dict(), &from, 0)?
        }
    };
    vm.getattr_str(&module, name)
}

fn call_typing(vm: &Vm, name: &str, args: &[Value]) -> PyResult {
    vm.call_pos(&typing(vm, name)?, args)
}

/// `typing._type_check`: what stands for a type, forward references made of strings.
pub(crate) fn type_check(vm: &Vm, v: &Value, message: &str) -> PyResult {
    if v.is_none() {
        return Ok(vm.types().NoneType.value());
    }
    let plain = TypeObj::from_value(v).is_some_and(|t| !t.is(vm.types().Generic))
        || v.is_a::<crate::types::generic_alias::Union>()
        || v.is_a::<TypeAlias>();
    if plain {
        return Ok(v.clone());
    }
    call_typing(vm, "_type_check", &[v.clone(), vm.str(message)])
}

/// Sets `__module__` to that of the code that runs.
fn set_caller_module(vm: &Vm, v: &Value) -> PyResult<()> {
    let name = vm.frame_globals().and_then(|g| g.downcast::<Dict>()?.get_str(vm, &vm.names().__name__));
    match name {
        Some(name) => vm.setattr(v, &vm.names().__module__, Some(&name)),
        None => Ok(()),
    }
}

/// Arguments of a constructor, bound to parameter names; the last ones may be given by keyword only.
fn bind<'a, const N: usize>(
    vm: &Vm,
    args: &CallArgs<'a>,
    function: &str,
    names: [&str; N],
    n_pos: usize,
) -> PyResult<[Option<&'a Value>; N]> {
    let mut slots = [None; N];
    let pos = args.pos();
    if pos.len() > n_pos {
        let plural = if n_pos == 1 { "" } else { "s" };
        return Err(vm.type_error(&format!(
            "{function}() takes exactly {n_pos} positional argument{plural} ({} given)",
            pos.len()
        )));
    }
    for (slot, v) in slots.iter_mut().zip(pos) {
        *slot = Some(v);
    }
    for (name, v) in args.named() {
        let text = name.downcast::<Str>().map_or("", Str::as_str_lossy);
        match names.iter().position(|n| *n == text) {
            Some(i) if slots[i].is_some() => {
                return Err(vm.type_error(&format!(
                    "argument for {function}() given by name ('{text}') and position ({})",
                    i + 1
                )));
            }
            Some(i) => slots[i] = Some(v),
            None => {
                return Err(vm.type_error(&format!("{function}() got an unexpected keyword argument '{text}'")));
            }
        }
    }
    Ok(slots)
}

/// The required argument `name`, a `str`.
fn name_argument(vm: &Vm, v: Option<&Value>, function: &str) -> PyResult {
    let Some(v) = v else {
        return Err(vm.type_error(&format!("{function}() missing required argument 'name' (pos 1)")));
    };
    match v.is_a::<Str>() {
        true => Ok(v.clone()),
        false => Err(vm.type_error(&format!(
            "{function}() argument 'name' must be str, not {}",
            if v.is_none() { "None" } else { vm.type_of(v).name() }
        ))),
    }
}

fn cannot_subclass(vm: &Vm, what: &str) -> PyResult {
    Err(vm.type_error(&format!("Cannot subclass an instance of {what}")))
}

impl Vm {
    /// The type parameter `T` of `def f[T]`; `evaluate_bound` of `T: bound`, `evaluate_constraints` of `T: (a, b)`.
    pub fn new_type_var(&self, name: &Value, bound: Option<&Value>, constraints: Option<&Value>) -> Value {
        let param = TypeParam::named(name, true);
        param.evaluate_bound.put(bound.cloned());
        param.evaluate_constraints.put(constraints.cloned());
        self.alloc(self.types().TypeVar, param)
    }

    /// The type parameter `**P`.
    pub fn new_param_spec(&self, name: &Value) -> Value {
        self.alloc(self.types().ParamSpec, TypeParam::named(name, true))
    }

    /// The type parameter `*Ts`.
    pub fn new_type_var_tuple(&self, name: &Value) -> Value {
        self.alloc(self.types().TypeVarTuple, TypeParam::named(name, false))
    }

    /// Sets the function that computes the default of a type parameter.
    pub fn set_type_param_default(&self, param: &Value, evaluate: &Value) -> PyResult<()> {
        match param.downcast::<TypeParam>() {
            Some(p) => {
                self.check_mutable(param)?;
                p.evaluate_default.set(evaluate.clone());
                Ok(())
            }
            None => Err(self.type_error(&format!("Expected a type param, got {}", self.repr_string(param)?))),
        }
    }

    /// `Generic[params]`, the base that a class with type parameters gets. Type variable tuples are unpacked.
    pub fn generic_base(&self, params: &Value) -> PyResult {
        let unpacked = alias::unpack_type_var_tuples(self, params)?;
        call_typing(self, "_GenericAlias", &[self.types().Generic.value(), unpacked])
    }
}
