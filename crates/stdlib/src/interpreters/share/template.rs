//! `Template`: an interpreter that has prepared what others start with.

use super::Handle;
use crate::interpreters::{current, find};
use serpens_state::errors;
use serpens_state::runtime::Whence;
use serpens_vm::types::slots::Slots;
use serpens_vm::types::typeobj::tflag;
use serpens_vm::{GetSetDef, MethodDef, PyResult, TypeDef, TypeObj, Value, Vm};

/// A handle of a template.
pub(super) struct Template(pub(super) serpens_state::Template);

serpens_vm::native_payload!(Template {});

impl Handle for Template {
    const DEF: &'static TypeDef = &TEMPLATE;
    type Shared = serpens_state::Template;

    fn shared(&self) -> Self::Shared {
        self.0.clone()
    }

    fn adopt(_: &Vm, shared: Self::Shared) -> Self {
        Template(shared)
    }
}

static TEMPLATE: TypeDef = TypeDef::new::<Template>("Template")
    .module("interpreters")
    .doc(
        "Template(prologue, /): what interpreters start from. The prologue is source text, which a new interpreter runs first, \
         or an Interpreter that was prepared before; the template takes it over and closes it.",
    )
    .copied_then(|copier, h| copier.renew(h, |t: &Template| &t.0, Clone::clone))
    .flags(tflag::HAS_WEAKREF)
    .slots(Slots {
        new: Some(new),
        repr: Some(|vm, v| Ok(vm.str(&format!("<interpreters.Template of {} bytes>", this(v).bytes())))),
        ..Slots::EMPTY
    })
    .methods(&[MethodDef::new("create", "($self, /)", |vm, a| {
        let made = this(a.get(0)).create(Whence::Stdlib);
        let module = serpens_state::import::import_module(vm, "interpreters")?;
        vm.call_method_str(&module, "_adopt", &[vm.int(made.id())])
    })
    .doc("Return a new interpreter that starts in the state of the template.")])
    .getset(&[GetSetDef::new("nbytes", |_, v| Ok(Value::from_usize(this(v).bytes())))]);

fn this(v: &Value) -> &serpens_state::Template {
    &v.downcast::<Template>().expect("the descriptor has checked the receiver").0
}

fn new(vm: &Vm, _: &TypeObj, args: &serpens_vm::CallArgs<'_>) -> PyResult {
    let [prologue] = crate::data::bind(vm, args, "Template", ["prologue"], 1)?;
    let prologue = prologue.cloned().unwrap_or(Value::NONE);
    let module = serpens_state::import::import_module(vm, "interpreters")?;
    let id = vm.call_method_str(&module, "_prologue", &[prologue])?;
    let interpreter = find(vm, &id, "make a template of", true)?;
    if interpreter.id() == current(vm)?.id() {
        return Err(errors::raise(vm, "InterpreterError", "cannot make a template of the current interpreter"));
    }
    let made = serpens_state::blocking(vm, || serpens_state::Template::new(&interpreter));
    match made {
        Ok(template) => {
            crate::interpreters::forget(vm, interpreter.id());
            Ok(super::make::<Template>(vm, template))
        }
        Err(e) => Err(errors::raise(vm, "InterpreterError", &e.to_string())),
    }
}
