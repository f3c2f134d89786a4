//! Calls of any callable.

use crate::error::{PyResult, Raised};
use crate::native::CallArgs;
use crate::object::Kind;
use crate::types::typeobj::TypeObj;
use crate::value::Value;
use crate::vm::Vm;
use smallvec::SmallVec;

/// What an attribute is for a call.
pub enum Method {
    /// A callable that needs no receiver.
    Bound(Value),
    /// A function or method descriptor: the receiver goes first.
    Unbound(Value),
}

/// Arguments with one put in front.
pub(crate) fn prepend(first: &Value, args: &[Value]) -> SmallVec<[Value; 6]> {
    let mut all = SmallVec::with_capacity(args.len() + 1);
    all.push(first.clone());
    all.extend(args.iter().cloned());
    all
}

impl Method {
    /// Calls it with positional arguments.
    pub fn call(&self, vm: &Vm, receiver: &Value, args: &[Value]) -> PyResult {
        self.call_args(vm, receiver, &CallArgs::positional(args))
    }

    /// Calls it.
    pub fn call_args(&self, vm: &Vm, receiver: &Value, args: &CallArgs<'_>) -> PyResult {
        match self {
            Method::Bound(f) => vm.call(f, args),
            Method::Unbound(f) => {
                if args.names().is_none() && f.is_a::<crate::types::function::Function>() {
                    return vm.call_function_on(f, receiver, args.all());
                }
                let all = prepend(receiver, args.all());
                vm.call(f, &CallArgs::new(&all, args.names()))
            }
        }
    }
}

impl Vm {
    /// `callable(*args, **kwargs)`.
    pub fn call(&self, callable: &Value, args: &CallArgs<'_>) -> PyResult {
        let Some(header) = callable.header() else { return Err(self.not_callable(callable)) };
        match header.kind() {
            Kind::Function => self.call_function(callable, args),
            _ => match header.ty().slots().call {
                Some(f) => {
                    let _guard = self.check_recursion(" while calling a Python object")?;
                    f(self, callable, args)
                }
                None => Err(self.not_callable(callable)),
            },
        }
    }

    /// `callable(*args)`.
    #[inline]
    pub fn call_pos(&self, callable: &Value, args: &[Value]) -> PyResult {
        self.call(callable, &CallArgs::positional(args))
    }

    /// `callable()`.
    pub fn call_none(&self, callable: &Value) -> PyResult {
        self.call_pos(callable, &[])
    }

    /// `callable(arg)`.
    pub fn call_one(&self, callable: &Value, arg: &Value) -> PyResult {
        self.call_pos(callable, std::slice::from_ref(arg))
    }

    /// `callable(*args, **kwargs)` with keyword arguments given in Rust.
    pub fn call_kw(&self, callable: &Value, args: &[Value], kwargs: &[(&str, Value)]) -> PyResult {
        if kwargs.is_empty() {
            return self.call_pos(callable, args);
        }
        let mut all = args.to_vec();
        all.extend(kwargs.iter().map(|(_, v)| v.clone()));
        let names = self.tuple(kwargs.iter().map(|(n, _)| self.intern(n)).collect());
        self.call(callable, &CallArgs::new(&all, Some(&names)))
    }

    /// `callable(*args, **kwargs)` with the keyword arguments in a dict whose keys are texts.
    pub fn call_dict(&self, callable: &Value, args: &[Value], kwargs: &crate::types::dict::Dict) -> PyResult {
        if kwargs.is_empty() {
            return self.call_pos(callable, args);
        }
        let mut all = args.to_vec();
        let mut names = Vec::with_capacity(kwargs.len());
        for (k, v) in kwargs.items() {
            if !k.is_a::<crate::types::str::Str>() {
                return Err(self.type_error("keywords must be strings"));
            }
            names.push(self.intern_value(&k));
            all.push(v);
        }
        let names = self.tuple(names);
        self.call(callable, &CallArgs::new(&all, Some(&names)))
    }

    /// `obj.name(*args)`; `name` is interned.
    pub fn call_method(&self, obj: &Value, name: &Value, args: &[Value]) -> PyResult {
        self.get_method(obj, name)?.call(self, obj, args)
    }

    /// `obj.name(*args)` for a name known in Rust.
    pub fn call_method_str(&self, obj: &Value, name: &str, args: &[Value]) -> PyResult {
        self.call_method(obj, &self.intern(name), args)
    }

    /// The special method `name` of `obj`'s class called with `args`; `None` if the class has none.
    pub fn call_special(&self, obj: &Value, name: &Value, args: &[Value]) -> PyResult<Option<Value>> {
        match self.lookup_special(obj, name)? {
            Some(m) => m.call(self, obj, args).map(Some),
            None => Ok(None),
        }
    }

    /// Whether a value can be called.
    pub fn is_callable(&self, value: &Value) -> bool {
        match value.header() {
            Some(h) => {
                matches!(h.kind(), Kind::Function | Kind::Builtin | Kind::Method) || h.ty().slots().call.is_some()
            }
            None => false,
        }
    }

    /// The TypeError of calling what cannot be called.
    #[cold]
    pub fn not_callable(&self, value: &Value) -> Raised {
        self.type_error(&format!("'{}' object is not callable", self.type_of(value).name()))
    }

    /// Calls a class: `type.__call__`.
    pub fn call_type(&self, ty: &TypeObj, args: &CallArgs<'_>) -> PyResult {
        if ty.is(self.types().type_) && args.all().len() == 1 && args.n_named() == 0 {
            return Ok(self.type_of(&args.all()[0]).value());
        }
        let Some(new) = ty.slots().new else {
            return Err(self.type_error(&format!("cannot create '{}' instances", ty.display_name(self))));
        };
        let obj = new(self, ty, args)?;
        let made = self.type_of(&obj);
        if !made.is_subtype(ty) {
            return Ok(obj);
        }
        if let Some(init) = made.slots().init {
            init(self, &obj, args)?;
        }
        Ok(obj)
    }
}
