//! Descriptors of native types: methods, slots as methods, computed attributes, members of `__slots__`.
//!
//! Rooms: [`method`] unbound methods and class methods; [`wrapper`] slots seen as methods; [`member`] computed attributes
//! and members.
//!
//! Invariant: a descriptor checks that its receiver is an instance of its type before native code sees it.
#![expect(unsafe_code, reason = "object layouts; types reached by address")]

pub mod member;
pub mod method;
pub mod wrapper;

pub use member::{GETSET_DESCRIPTOR, GetSet, MEMBER_DESCRIPTOR, Member};
pub use method::{CLASSMETHOD_DESCRIPTOR, METHOD_DESCRIPTOR, MethodDescr};
pub use wrapper::{METHOD_WRAPPER, MethodWrapper, SlotWrapper, WRAPPER_DESCRIPTOR};

use crate::error::{PyResult, Raised};
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;

/// `descriptor 'x' for 'T' objects doesn't apply to a 'U' object`.
#[cold]
fn wrong_receiver(vm: &Vm, name: &str, ty: &TypeObj, receiver: &Value) -> Raised {
    let given = vm.type_of(receiver).name();
    vm.type_error(&format!("descriptor '{name}' for '{}' objects doesn't apply to a '{given}' object", ty.name()))
}

/// `__qualname__` of a descriptor.
fn qualname(vm: &Vm, ty: &TypeObj, name: &str) -> PyResult {
    let of_type = vm.getattr(&ty.value(), &vm.names().__qualname__)?;
    Ok(vm.str(&format!("{}.{name}", vm.str_string(&of_type)?)))
}

/// `__reduce__` of a descriptor: an attribute of its type.
fn reduce(vm: &Vm, ty: &TypeObj, name: &str) -> PyResult {
    let getattr = vm.builtin_function("getattr")?;
    Ok(vm.tuple(vec![getattr, vm.tuple(vec![ty.value(), vm.str(name)])]))
}
