//! `_interpshare`: what interpreters share by reference, as the module `interpreters` shows it. Not in CPython.
//!
//! Rooms: [`ends`] the ends of channels; [`select`] waiting for several things, and waking an event loop; [`locks`] locks,
//! events and the like, [`owned`] whose they are; [`memory`] buffers and arrays; [`dict`] the shared dict; [`template`] what interpreters start from. This file has what they have in common:
//! each is a handle, an object of one interpreter that counts a reference to a thing of `serpens-share`.
//!
//! Invariant: what a handle refers to holds no Python object. A handle that crosses arrives as another handle of the same
//! thing.

mod dict;
mod ends;
mod locks;
mod memory;
mod owned;
mod select;
mod template;

pub(super) use ends::channel_error;
pub(super) use owned::abandon;

use serpens_state::NativeModule;
use serpens_state::crossing::{self, Carry, CrossingTypes, carried};
use serpens_vm::{MethodDef, Payload, PyResult, TypeDef, TypeObj, Value, Vm};
use std::time::Duration;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_interpshare")
    .doc("What interpreters share by reference.")
    .functions(&[
        MethodDef::new("create_channel", "(maxsize=0, unboundop=3, /)", ends::create_channel),
        MethodDef::new("list_all_channels", "()", ends::list_all),
        MethodDef::new("select", "(things, timeout=None)", select::select).doc(
            "Wait until one of the things is ready, and return the first that is: a receiving end that has something or is \
             closed, a sending end that has room or is closed, a queue that has something. Raises TimeoutError.",
        ),
        MethodDef::new("wake_fd", "(thing, fd, /)", select::wake_fd),
        MethodDef::new("freeze", "(obj, /)", |vm, a| {
            vm.freeze(a.get(0))?;
            Ok(a.get(0).clone())
        })
        .doc(
            "Make the object and everything that it refers to deeply immutable, and return it.\n\nFrozen objects are shared by \
             reference between interpreters. Raises TypeError, and changes\nnothing, if something among them cannot be frozen.",
        ),
        MethodDef::new("_send_frozen", "(obj, /)", |vm, a| Ok(crossing::send_frozen(vm, a.get(0)))),
        MethodDef::new("_receive_frozen", "(number, /)", |vm, a| crossing::receive_frozen(vm, a.get(0))),
        MethodDef::new("isfrozen", "(obj, /)", |vm, a| Ok(Value::bool(vm.is_frozen(a.get(0)))))
            .doc("Whether nobody can change the object, nor anything that it refers to."),
    ])
    .init(|vm, d| {
        let classes = [
            class::<ends::RecvEnd>(vm),
            class::<ends::SendEnd>(vm),
            class::<locks::AtomicInt>(vm),
            class::<locks::Barrier>(vm),
            class::<locks::Condition>(vm),
            class::<locks::Event>(vm),
            class::<locks::Lock>(vm),
            class::<locks::RLock>(vm),
            class::<locks::Semaphore>(vm),
            class::<memory::SharedArray>(vm),
            class::<memory::SharedBuffer>(vm),
            class::<dict::SharedDict>(vm),
            class::<template::Template>(vm),
        ];
        for class in classes {
            if let Some(ty) = TypeObj::from_value(&class) {
                d.set_name(vm, ty.name(), class.clone());
            }
        }
        Ok(())
    });

/// An object that stands for something shared.
pub(super) trait Handle: Payload + Sized + 'static {
    /// Its type.
    const DEF: &'static TypeDef;
    /// What it refers to. A clone is the same thing.
    type Shared: Clone + Send + Sync + 'static;

    /// What it refers to.
    fn shared(&self) -> Self::Shared;

    /// A handle of this interpreter.
    fn adopt(vm: &Vm, shared: Self::Shared) -> Self;
}

/// A handle on its way.
struct Parcel<T: Handle>(T::Shared);

impl<T: Handle> Carry for Parcel<T> {
    fn arrive(&self, vm: &Vm) -> PyResult {
        Ok(make::<T>(vm, self.0.clone()))
    }
}

/// The class of a kind of handle in this interpreter. Its instances cross.
pub(super) fn class<T: Handle>(vm: &Vm) -> Value {
    let class = vm.native_type(T::DEF);
    vm.local(|_| CrossingTypes::default()).register(&class, |vm, v| match v.downcast::<T>() {
        Some(handle) => Ok(carried(Parcel::<T>(handle.shared()))),
        None => Err(vm.type_error("not a handle")),
    });
    class
}

/// A new handle.
pub(super) fn make<T: Handle>(vm: &Vm, shared: T::Shared) -> Value {
    class::<T>(vm);
    vm.alloc_native(T::DEF, T::adopt(vm, shared))
}

/// The template that a value stands for.
pub fn template_of(v: &Value) -> Option<&serpens_state::Template> {
    v.downcast::<template::Template>().map(|t| &t.0)
}

/// The payload behind a receiver that its type has checked.
fn this<T: Handle>(v: &Value) -> &T {
    v.downcast::<T>().expect("the descriptor has checked the receiver")
}

/// A time-out in seconds; `None` is none.
fn timeout(vm: &Vm, v: Option<&Value>) -> PyResult<Option<Duration>> {
    let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(None) };
    let seconds = vm.to_f64(v)?;
    if seconds < 0.0 || seconds.is_nan() {
        return Err(vm.value_error("timeout value must be a non-negative number"));
    }
    Ok(Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)))
}
