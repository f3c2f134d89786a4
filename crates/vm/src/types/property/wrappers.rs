//! `classmethod` and `staticmethod`.

use super::is_abstract;
use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{CallArgs, GetSetDef, MethodDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::slots::Slots;
use crate::types::typeobj::{TypeDef, TypeObj, tflag};
use crate::value::Value;
use crate::vm::Vm;

macro_rules! wrapper {
    ($(#[$doc:meta])* $name:ident, $kind:ident) => {
        $(#[$doc])*
        #[derive(Default)]
        pub struct $name {
            /// What is wrapped.
            pub callable: VCell,
        }

        // SAFETY: made by the heap only.
        #[expect(unsafe_code, reason = "object layout")]
        unsafe impl Payload for $name {
            const KIND: Kind = Kind::$kind;

            fn traverse(&self, visit: &mut Visitor<'_>) {
                self.callable.traverse(visit);
            }

            fn clear(&self) {
                drop(self.callable.take());
            }
        }
    };
}

/// `__annotations__` and `__annotate__`: of the wrapped function, kept once they were asked for.
macro_rules! annotation {
    ($name:literal, $this:ident) => {
        GetSetDef::rw(
            $name,
            |vm, v| {
                let name = vm.intern($name);
                if let Some(dict) = vm.instance_dict(v)
                    && let Some(d) = dict.downcast::<crate::types::dict::Dict>()
                {
                    if let Some(found) = d.get_str(vm, &name) {
                        return Ok(found);
                    }
                    let found = vm.getattr(&$this(v).callable.get_or_none(), &name)?;
                    if d.is_frozen() {
                        return Ok(found);
                    }
                    d.set_str(vm, &name, found.clone());
                    return Ok(found);
                }
                vm.getattr(&$this(v).callable.get_or_none(), &name)
            },
            |vm, v, value| {
                let name = vm.intern($name);
                if let Some(dict) = vm.instance_dict(v)
                    && let Some(d) = dict.downcast::<crate::types::dict::Dict>()
                {
                    match value {
                        Some(value) => d.set_str(vm, &name, value.clone()),
                        None => {
                            if d.remove_str(vm, &name).is_none() {
                                return Err(vm.no_attribute(v, &name));
                            }
                        }
                    }
                }
                Ok(())
            },
        )
    };
}
wrapper! {
    /// A class method.
    ClassMethod, ClassMethod
}
wrapper! {
    /// A static method.
    StaticMethod, StaticMethod
}

/// The type `classmethod`.
pub static CLASSMETHOD: TypeDef = TypeDef::new::<ClassMethod>("classmethod")
    .doc(
        "Convert a function to be a class method.\n\nA class method receives the class as implicit first argument,\njust \
         like an instance method receives the instance.\nTo declare a class method, use this idiom:\n\n  class C:\n      \
         @classmethod\n      def f(cls, arg1, arg2, argN):\n          ...\n\nIt can be called either on the class (e.g. \
         C.f()) or on an instance\n(e.g. C().f()).  The instance is ignored except for its class.\nIf a class method is \
         called for a derived class, the derived class\nobject is passed as the implied first argument.\n\nClass methods \
         are different than C++ or Java static methods.\nIf you want those, see the staticmethod builtin.",
    )
    .gc()
    .basetype()
    .flags(tflag::HAS_DICT)
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, ClassMethod::default()))),
        init: Some(|vm, v, args| {
            vm.check_mutable(v)?;
            let f = one_argument(vm, "classmethod", args)?;
            class_this(v).callable.set(f.clone());
            copy_attributes(vm, v, f)
        }),
        repr: Some(|vm, v| {
            let inner = vm.repr_string(&class_this(v).callable.get_or_none())?;
            Ok(vm.str(&format!("<classmethod({inner})>")))
        }),
        descr_get: Some(class_get),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| {
        vm.generic_alias(a.get(0), a.get(1))
    })
    .class()
    .doc("See PEP 585")])
    .getset(&[
        GetSetDef::new("__func__", |_, v| Ok(class_this(v).callable.get_or_none())),
        GetSetDef::new("__wrapped__", |_, v| Ok(class_this(v).callable.get_or_none())),
        GetSetDef::new("__isabstractmethod__", |vm, v| {
            is_abstract(vm, &class_this(v).callable.get_or_none()).map(Value::bool)
        }),
        annotation!("__annotations__", class_this),
        annotation!("__annotate__", class_this),
    ]);

/// The type `staticmethod`.
pub static STATICMETHOD: TypeDef = TypeDef::new::<StaticMethod>("staticmethod")
    .doc(
        "Convert a function to be a static method.\n\nA static method does not receive an implicit first argument.\nTo \
         declare a static method, use this idiom:\n\n     class C:\n         @staticmethod\n         def f(arg1, arg2, \
         argN):\n             ...\n\nIt can be called either on the class (e.g. C.f()) or on an instance\n(e.g. C().f()). \
         Both the class and the instance are ignored, and\nneither is passed implicitly as the first argument to the \
         method.\n\nStatic methods in Python are similar to those found in Java or C++.\nFor a more advanced concept, see \
         the classmethod builtin.",
    )
    .gc()
    .basetype()
    .flags(tflag::HAS_DICT)
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, StaticMethod::default()))),
        init: Some(|vm, v, args| {
            vm.check_mutable(v)?;
            let f = one_argument(vm, "staticmethod", args)?;
            static_this(v).callable.set(f.clone());
            copy_attributes(vm, v, f)
        }),
        call: Some(|vm, v, args| vm.call(&static_callable(vm, v)?, args)),
        repr: Some(|vm, v| {
            let inner = vm.repr_string(&static_this(v).callable.get_or_none())?;
            Ok(vm.str(&format!("<staticmethod({inner})>")))
        }),
        descr_get: Some(|vm, v, _, _| static_callable(vm, v)),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("__class_getitem__", "($type, object, /)", |vm, a| {
        vm.generic_alias(a.get(0), a.get(1))
    })
    .class()
    .doc("See PEP 585")])
    .getset(&[
        GetSetDef::new("__func__", |_, v| Ok(static_this(v).callable.get_or_none())),
        GetSetDef::new("__wrapped__", |_, v| Ok(static_this(v).callable.get_or_none())),
        GetSetDef::new("__isabstractmethod__", |vm, v| {
            is_abstract(vm, &static_this(v).callable.get_or_none()).map(Value::bool)
        }),
        annotation!("__annotations__", static_this),
        annotation!("__annotate__", static_this),
    ]);

fn class_this(v: &Value) -> &ClassMethod {
    v.downcast::<ClassMethod>().expect("the descriptor has checked the receiver")
}

fn static_this(v: &Value) -> &StaticMethod {
    v.downcast::<StaticMethod>().expect("the descriptor has checked the receiver")
}

fn one_argument<'a>(vm: &Vm, class: &str, args: &CallArgs<'a>) -> PyResult<&'a Value> {
    if args.n_named() > 0 {
        return Err(vm.type_error(&format!("{class}() takes no keyword arguments")));
    }
    match args.pos() {
        [f] => Ok(f),
        more => Err(vm.type_error(&format!("{class} expected 1 argument, got {}", more.len()))),
    }
}

/// Copies the attributes that describe a function, as `functools.wraps` does.
fn copy_attributes(vm: &Vm, v: &Value, f: &Value) -> PyResult<()> {
    let n = vm.names();
    for name in [&n.__module__, &n.__name__, &n.__qualname__, &n.__doc__] {
        if let Some(value) = vm.getattr_opt(f, name)? {
            vm.setattr(v, name, Some(&value))?;
        }
    }
    Ok(())
}

fn static_callable(vm: &Vm, v: &Value) -> PyResult {
    static_this(v).callable.get().ok_or_else(|| vm.runtime_error("uninitialized staticmethod object"))
}

fn class_get(vm: &Vm, v: &Value, obj: Option<&Value>, owner: Option<&Value>) -> PyResult {
    let Some(f) = class_this(v).callable.get() else {
        return Err(vm.runtime_error("uninitialized classmethod object"));
    };
    let class = match (owner, obj) {
        (Some(owner), _) => owner.clone(),
        (None, Some(obj)) => vm.type_of(obj).value(),
        (None, None) => Value::NONE,
    };
    Ok(vm.bound_method(f, class))
}

impl Vm {
    /// `staticmethod(f)`, for a function the machine wraps itself.
    pub fn staticmethod(&self, f: Value) -> Value {
        self.wrap_function(self.types().staticmethod, f)
    }

    /// `classmethod(f)`, for a function the machine wraps itself.
    pub fn classmethod(&self, f: Value) -> Value {
        self.wrap_function(self.types().classmethod, f)
    }

    fn wrap_function(&self, ty: &TypeObj, f: Value) -> Value {
        let callable = VCell::new(f.clone());
        let v = if ty.is(self.types().classmethod) {
            self.alloc(ty, ClassMethod { callable })
        } else {
            self.alloc(ty, StaticMethod { callable })
        };
        if f.header().is_some_and(|h| h.kind() == Kind::Function) && copy_attributes(self, &v, &f).is_err() {
            drop(self.take_raised());
        }
        v
    }
}
