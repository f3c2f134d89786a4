//! Interpreter-local storage, and what of it a machine that starts from an origin begins with.

use super::Copier;
use crate::vm::Vm;
use hashbrown::HashMap;
use std::any::{Any, TypeId};
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// What may be kept in interpreter-local storage: it says what becomes of it in a machine that starts from an origin.
pub trait Local: Any + Sized {
    /// What such a machine begins with; `None`: it makes its own as if for the first time. The origin's value is never
    /// written: cells in it are looked at by [`Copier::look`] and [`Copier::cell`].
    fn carried(&self, copier: &Copier<'_>) -> Option<Self>;

    /// Why a machine cannot become an origin while it is in this state.
    fn refusal(&self) -> Option<&'static str> {
        None
    }
}

/// Declares what interpreter-local storage starts as in a machine that starts from an origin: `fresh`, made anew; or the
/// copies of these cells.
#[macro_export]
macro_rules! local {
    ($ty:ty: fresh) => {
        impl $crate::origin::Local for $ty {
            fn carried(&self, _: &$crate::origin::Copier<'_>) -> Option<Self> {
                None
            }
        }
    };
    ($ty:ty { $($cell:ident),* } $($rest:tt)*) => {
        impl $crate::origin::Local for $ty {
            fn carried(&self, copier: &$crate::origin::Copier<'_>) -> Option<Self> {
                Some(Self { $($cell: copier.cell(&self.$cell),)* $($rest)* })
            }
        }
    };
}

/// The keys of interpreter-local storage are hashes already.
#[derive(Default)]
pub(crate) struct TypeIdHasher(u64);

impl Hasher for TypeIdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.0 = self.0.rotate_left(8) ^ u64::from(*b));
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// Interpreter-local storage by the type of what is kept.
pub(crate) type Storage = HashMap<TypeId, Stored, BuildHasherDefault<TypeIdHasher>>;

/// One entry.
#[derive(Clone)]
pub(crate) struct Stored {
    value: Rc<dyn Any>,
    refusal: fn(&dyn Any) -> Option<&'static str>,
}

impl Stored {
    fn new<T: Local>(value: Rc<T>) -> Stored {
        Stored { value, refusal: |v| v.downcast_ref::<T>().and_then(T::refusal) }
    }

    fn get<T: Any>(&self) -> Option<Rc<T>> {
        self.value.clone().downcast().ok()
    }
}

impl Vm {
    /// Interpreter-local storage: the value of type `T`, made on first use. This is where native modules keep what C
    /// extensions keep in globals.
    pub fn local<T: Local>(&self, make: impl FnOnce(&Vm) -> T) -> Rc<T> {
        if let Some(found) = self.local_opt::<T>() {
            return found;
        }
        self.keep_local(make(self))
    }

    /// Interpreter-local storage, if it was made.
    pub fn local_opt<T: Local>(&self) -> Option<Rc<T>> {
        let found = self.storage().borrow().get(&TypeId::of::<T>()).and_then(Stored::get);
        if found.is_some() || self.origin().is_none() {
            return found;
        }
        self.carry::<T>()
    }

    /// As [`Vm::local`], for state of which the machine knows nothing. A machine that has it can become an origin if `copy` says
    /// how those that start from it get theirs; they may do so on several threads at once.
    pub fn local_foreign<T: Any>(&self, copy: Option<fn(&T) -> T>, make: impl FnOnce() -> T) -> Rc<T> {
        match self.local_foreign_opt(copy) {
            Some(found) => found,
            None => self.keep_foreign(copy.is_some(), make()),
        }
    }

    /// State of [`Vm::local_foreign`], if it was made.
    pub fn local_foreign_opt<T: Any>(&self, copy: Option<fn(&T) -> T>) -> Option<Rc<T>> {
        let id = TypeId::of::<T>();
        let found = self.storage().borrow().get(&id).and_then(Stored::get);
        if found.is_some() {
            return found;
        }
        let kept = self.origin()?.stored(id)?.value.downcast_ref::<T>()?;
        Some(self.keep_foreign(true, copy?(kept)))
    }

    fn keep_foreign<T: Any>(&self, copied: bool, value: T) -> Rc<T> {
        let value = Rc::new(value);
        let refusal: fn(&dyn Any) -> Option<&'static str> = match copied {
            true => |_| None,
            false => |_| Some("a native module keeps state that cannot be cloned"),
        };
        self.storage().borrow_mut().insert(TypeId::of::<T>(), Stored { value: value.clone(), refusal });
        value
    }

    #[cold]
    fn carry<T: Local>(&self) -> Option<Rc<T>> {
        let kept = self.origin()?.stored(TypeId::of::<T>())?.value.downcast_ref::<T>()?;
        let copier = Copier::new(self);
        let carried = kept.carried(&copier);
        drop(copier);
        Some(self.keep_local(carried?))
    }

    fn keep_local<T: Local>(&self, value: T) -> Rc<T> {
        let value = Rc::new(value);
        self.storage().borrow_mut().insert(TypeId::of::<T>(), Stored::new(value.clone()));
        value
    }

    /// Why the storage of native modules is against becoming an origin.
    pub(super) fn storage_refusal(&self) -> Option<&'static str> {
        self.storage().borrow().values().find_map(|s| (s.refusal)(&*s.value))
    }
}
