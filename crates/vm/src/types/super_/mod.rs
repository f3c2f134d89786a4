//! `super`: attributes of the classes behind a given one in an object's MRO.

use crate::cell::VCell;
use crate::error::PyResult;
use crate::native::{CallArgs, GetSetDef};
use crate::object::{Kind, Payload, Visitor};
use crate::types::cell::CellObj;
use crate::types::slots::Slots;
use crate::types::tuple::Tuple;
use crate::types::typeobj::{TypeDef, TypeObj};
use crate::value::Value;
use crate::vm::Vm;

/// A `super` object.
#[derive(Default)]
pub struct Super {
    /// The class whose successors in the MRO are searched.
    class: VCell,
    /// The object or class it is bound to.
    obj: VCell,
    /// The class whose MRO is searched.
    obj_class: VCell,
}

// SAFETY: made by the heap only.
#[expect(unsafe_code, reason = "object layout")]
unsafe impl Payload for Super {
    const KIND: Kind = Kind::Super;

    fn traverse(&self, visit: &mut Visitor<'_>) {
        for cell in [&self.class, &self.obj, &self.obj_class] {
            cell.traverse(visit);
        }
    }
}

/// The type `super`.
pub static TYPE: TypeDef = TypeDef::new::<Super>("super")
    .doc(
        "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object\nsuper(type, obj) \
         -> bound super object; requires isinstance(obj, type)\nsuper(type, type2) -> bound super object; requires \
         issubclass(type2, type)\nTypical use to call a cooperative superclass method:\nclass C(B):\n    def meth(self, \
         arg):\n        super().meth(arg)\nThis works for class methods too:\nclass C(B):\n    @classmethod\n    def \
         cmeth(cls, arg):\n        super().cmeth(arg)\n",
    )
    .gc()
    .basetype()
    .slots(Slots {
        new: Some(|vm, ty, _| Ok(vm.alloc(ty, Super::default()))),
        init: Some(init),
        repr: Some(repr),
        getattr: Some(getattr),
        descr_get: Some(get),
        ..Slots::EMPTY
    })
    .getset(&[
        GetSetDef::field("__thisclass__", |_, v| Ok(this(v).class.get_or_none())).doc("the class invoking super()"),
        GetSetDef::field("__self__", |_, v| Ok(this(v).obj.get_or_none()))
            .doc("the instance invoking super(); may be None"),
        GetSetDef::field("__self_class__", |_, v| Ok(this(v).obj_class.get_or_none()))
            .doc("the type of the instance invoking super(); may be None"),
    ]);

fn this(v: &Value) -> &Super {
    v.downcast::<Super>().expect("the descriptor has checked the receiver")
}

/// The class whose MRO is searched for `obj`, which must be an instance or a subclass of `class`.
fn check(vm: &Vm, class: &TypeObj, obj: &Value) -> PyResult {
    if let Some(sub) = TypeObj::from_value(obj)
        && sub.is_subtype(class)
    {
        return Ok(obj.clone());
    }
    let ty = vm.type_of(obj);
    if ty.is_subtype(class) {
        return Ok(ty.value());
    }
    // A proxy that answers for another class.
    if let Some(claimed) = vm.getattr_opt(obj, &vm.names().__class__)?
        && let Some(sub) = TypeObj::from_value(&claimed)
        && !sub.is(ty)
        && sub.is_subtype(class)
    {
        return Ok(claimed);
    }
    let (what, name) = match TypeObj::from_value(obj) {
        Some(t) => ("type", t.name().to_string()),
        None => ("instance of", ty.name().to_string()),
    };
    Err(vm.type_error(&format!(
        "super(type, obj): obj ({what} {name}) is not an instance or subtype of type ({}).",
        class.name()
    )))
}

fn init(vm: &Vm, v: &Value, args: &CallArgs<'_>) -> PyResult<()> {
    if args.n_named() > 0 {
        return Err(vm.type_error("super() takes no keyword arguments"));
    }
    let (class, obj) = match args.pos() {
        [] => {
            let (class, obj) = vm.running_arguments()?;
            (class, Some(obj))
        }
        [class] => (class.clone(), None),
        [class, obj] => (class.clone(), Some(obj.clone()).filter(|o| !o.is_none())),
        more => {
            return Err(vm.type_error(&format!("super() expected at most 2 arguments, got {}", more.len())));
        }
    };
    let Some(ty) = TypeObj::from_value(&class) else {
        let given = vm.type_of(&class).name();
        return Err(vm.type_error(&format!("super() argument 1 must be a type, not {given}")));
    };
    let obj_class = obj.as_ref().map(|obj| check(vm, ty, obj)).transpose()?;
    let s = this(v);
    s.class.set(class.clone());
    s.obj.put(obj);
    s.obj_class.put(obj_class);
    Ok(())
}

fn repr(vm: &Vm, v: &Value) -> PyResult {
    let s = this(v);
    let class = match s.class.get() {
        Some(c) => TypeObj::from_value(&c).map_or("NULL", TypeObj::name).to_string(),
        None => "NULL".to_string(),
    };
    match s.obj_class.get() {
        Some(t) => {
            let name = TypeObj::from_value(&t).map_or("NULL", TypeObj::name).to_string();
            Ok(vm.str(&format!("<super: <class '{class}'>, <{name} object>>")))
        }
        None => Ok(vm.str(&format!("<super: <class '{class}'>, NULL>"))),
    }
}

/// `name` in the classes behind `class` in the MRO of `obj_class`, bound to `obj`.
fn search(vm: &Vm, class: &Value, obj: &Value, obj_class: &Value, name: &Value) -> PyResult<Option<Value>> {
    let Some(ty) = TypeObj::from_value(obj_class) else { return Ok(None) };
    let mro = ty.mro.get_or_none();
    let Some(mro) = mro.downcast::<Tuple>() else { return Ok(None) };
    let behind = mro.as_slice().iter().skip_while(|t| !t.is(class)).skip(1);
    for t in behind.filter_map(TypeObj::from_value) {
        let Some(found) = t.dict().get_str(vm, name) else { continue };
        return match vm.type_of(&found).slots().descr_get {
            Some(get) => {
                // A class method of a class itself: bound to no instance.
                let instance = Some(obj).filter(|o| !o.is(obj_class));
                get(vm, &found, instance, Some(obj_class)).map(Some)
            }
            None => Ok(Some(found)),
        };
    }
    Ok(None)
}

fn getattr(vm: &Vm, v: &Value, name: &Value) -> PyResult {
    let s = this(v);
    if let (Some(class), Some(obj), Some(obj_class)) = (s.class.get(), s.obj.get(), s.obj_class.get())
        && !name.is(&vm.names().__class__)
        && let Some(found) = search(vm, &class, &obj, &obj_class, name)?
    {
        return Ok(found);
    }
    match vm.generic_getattr_opt(v, name)? {
        Some(found) => Ok(found),
        None => Err(vm.no_attribute(v, name)),
    }
}

fn get(vm: &Vm, v: &Value, obj: Option<&Value>, _: Option<&Value>) -> PyResult {
    let s = this(v);
    let Some(obj) = obj.filter(|o| !o.is_none()) else { return Ok(v.clone()) };
    if s.obj.is_set() {
        return Ok(v.clone());
    }
    let class = s.class.get_or_none();
    let ty = vm.type_of(v);
    if !ty.is(vm.types().super_) {
        return vm.call_pos(&ty.value(), &[class, obj.clone()]);
    }
    let Some(class_ty) = TypeObj::from_value(&class) else { return Ok(v.clone()) };
    let obj_class = check(vm, class_ty, obj)?;
    let bound = vm.alloc(ty, Super::default());
    let b = this(&bound);
    b.class.set(class.clone());
    b.obj.set(obj.clone());
    b.obj_class.set(obj_class);
    Ok(bound)
}

impl Vm {
    /// The arguments of `super()`: the class in which the running function was defined, and its first argument.
    fn running_arguments(&self) -> PyResult<(Value, Value)> {
        let Some(frame) = self.ts().current() else {
            return Err(self.runtime_error("super(): no current frame"));
        };
        let code = frame.code().code();
        if code.n_args == 0 {
            return Err(self.runtime_error("super(): no arguments"));
        }
        let mut first = frame.window().opt(0).cloned();
        if code.cellvars.iter().any(|c| c.reg == 0)
            && let Some(cell) = &first
            && let Some(cell) = cell.downcast::<CellObj>()
        {
            first = cell.contents.get();
        }
        let Some(first) = first else {
            return Err(self.runtime_error("super(): arg[0] deleted"));
        };
        let closure = frame.func().closure.as_ref().and_then(|c| c.downcast::<Tuple>());
        let cell = code.freevars.iter().position(|n| &**n == "__class__");
        let cell = cell.and_then(|i| closure?.as_slice().get(i)).and_then(|c| c.downcast::<CellObj>());
        let Some(cell) = cell else {
            return Err(self.runtime_error("super(): __class__ cell not found"));
        };
        match cell.contents.get() {
            None => Err(self.runtime_error("super(): empty __class__ cell")),
            Some(class) if class.is_a::<TypeObj>() => Ok((class, first)),
            Some(other) => {
                let given = self.type_of(&other).name();
                Err(self.runtime_error(&format!("super(): __class__ is not a type ({given})")))
            }
        }
    }

    /// `super(class, obj)`, where `obj` is known to be an instance or a subclass of `class`.
    pub fn super_object(&self, class: &Value, obj: &Value) -> Value {
        let payload = Super::default();
        payload.class.set(class.clone());
        payload.obj.set(obj.clone());
        let sub = TypeObj::from_value(obj)
            .is_some_and(|t| TypeObj::from_value(class).is_some_and(|class| t.is_subtype(class)));
        payload.obj_class.set(if sub { obj.clone() } else { self.type_of(obj).value() });
        self.alloc(self.types().super_, payload)
    }

    /// `super(class, obj).name`, without making the `super` object.
    pub fn super_getattr(&self, class: &Value, obj: &Value, name: &Value) -> PyResult {
        let Some(ty) = TypeObj::from_value(class) else {
            let given = self.type_of(class).name();
            return Err(self.type_error(&format!("super() argument 1 must be a type, not {given}")));
        };
        let obj_class = check(self, ty, obj)?;
        if !name.is(&self.names().__class__)
            && let Some(found) = search(self, class, obj, &obj_class, name)?
        {
            return Ok(found);
        }
        let s = self.super_object(class, obj);
        getattr(self, &s, name)
    }
}
