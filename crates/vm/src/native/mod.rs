//! Native functions: how they are declared, and how arguments reach them.
//!
//! A native function is declared by a [`MethodDef`] with CPython's text signature, which is both the documentation
//! (`__text_signature__`) and the argument binding: `"($self, sep=None, /, *, maxsplit=-1)"`.

mod args;
mod bind;
mod signature;

pub use args::{Args, CallArgs};
pub use bind::call_native;
pub(crate) use bind::call_native_bound;
pub use signature::Arity;

use crate::error::PyResult;
use crate::value::Value;
use crate::vm::Vm;

/// The code of a native function.
#[derive(Clone, Copy)]
pub enum NativeFn {
    /// Arguments bound by the signature: one slot a parameter (the receiver first), empty where an optional one is missing.
    Bound(fn(&Vm, Args<'_>) -> PyResult),
    /// Arguments as they came (for `*args`, `**kwargs` and odd signatures).
    Raw(fn(&Vm, &CallArgs<'_>) -> PyResult),
}

/// What kind of method a [`MethodDef`] in a type declares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodKind {
    /// The receiver is the first argument.
    Instance,
    /// The class is the first argument.
    Class,
    /// No receiver.
    Static,
}

/// A native function or method, declared where it is written.
#[derive(Clone, Copy)]
pub struct MethodDef {
    /// Its name.
    pub name: &'static str,
    /// Its text signature, parentheses included. `$self`, `$type` or `$module` first marks the receiver.
    pub signature: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Its code.
    pub call: NativeFn,
    /// How a type binds it.
    pub kind: MethodKind,
    /// Counts of parameters, from the signature.
    pub arity: Arity,
}

impl MethodDef {
    /// A function or instance method whose arguments are bound by its signature.
    pub const fn new(name: &'static str, signature: &'static str, f: fn(&Vm, Args<'_>) -> PyResult) -> MethodDef {
        MethodDef {
            name,
            signature,
            doc: "",
            call: NativeFn::Bound(f),
            kind: MethodKind::Instance,
            arity: Arity::parse(signature),
        }
    }

    /// A function or instance method that takes its arguments as they come.
    pub const fn raw(name: &'static str, signature: &'static str, f: fn(&Vm, &CallArgs<'_>) -> PyResult) -> MethodDef {
        MethodDef {
            name,
            signature,
            doc: "",
            call: NativeFn::Raw(f),
            kind: MethodKind::Instance,
            arity: Arity::parse(signature),
        }
    }

    /// Makes it a class method.
    pub const fn class(mut self) -> MethodDef {
        self.kind = MethodKind::Class;
        self
    }

    /// Makes it a static method.
    pub const fn stat(mut self) -> MethodDef {
        self.kind = MethodKind::Static;
        self
    }

    /// Sets its documentation.
    pub const fn doc(mut self, doc: &'static str) -> MethodDef {
        self.doc = doc;
        self
    }
}

/// Reads an attribute of a native type.
pub type Getter = fn(&Vm, &Value) -> PyResult;
/// Writes an attribute of a native type, or deletes it (`None`).
pub type Setter = fn(&Vm, &Value, Option<&Value>) -> PyResult<()>;

/// A computed attribute of a native type.
#[derive(Clone, Copy)]
pub struct GetSetDef {
    /// Its name.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Reads it.
    pub get: Getter,
    /// Writes it; `None` makes it read-only.
    pub set: Option<Setter>,
    /// Whether it is a field of the object in CPython, which words its messages differently.
    pub field: bool,
}

impl GetSetDef {
    /// A read-only attribute.
    pub const fn new(name: &'static str, get: Getter) -> GetSetDef {
        GetSetDef { name, doc: "", get, set: None, field: false }
    }

    /// An attribute that can be written.
    pub const fn rw(name: &'static str, get: Getter, set: Setter) -> GetSetDef {
        GetSetDef { name, doc: "", get, set: Some(set), field: false }
    }

    /// A read-only field of the object.
    pub const fn field(name: &'static str, get: Getter) -> GetSetDef {
        GetSetDef { name, doc: "", get, set: None, field: true }
    }

    /// Sets its documentation.
    pub const fn doc(mut self, doc: &'static str) -> GetSetDef {
        self.doc = doc;
        self
    }
}
