//! Audit hooks (PEP 578): `sys.addaudithook`, `sys.audit`, and how native code tells of what it is about to do.

use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::str::Str;
use serpens_vm::{CallArgs, MethodDef, PyResult, Value, Vm};
use std::cell::RefCell;

pub(super) static FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("audit", "(event, /, *args)", |vm, args| {
        let Some((event, rest)) = args.pos().split_first() else {
            return Err(vm.type_error("audit() missing 1 required positional argument: 'event'"));
        };
        if !event.is_a::<Str>() {
            let message = format!("audit() argument 1 must be str, not {}", vm.type_of(event).name());
            return Err(vm.type_error(&message));
        }
        tell(vm, event, || rest.to_vec())?;
        Ok(Value::NONE)
    })
    .doc("Passes the event to any hooks that are attached."),
    MethodDef::new("addaudithook", "(hook)", |vm, a| {
        let hooks = vm.local(|_| Hooks::default());
        if let Err(e) = tell(vm, &vm.intern("sys.addaudithook"), Vec::new) {
            // A hook may refuse others; CPython hides errors of this kind only.
            if vm.pending_is(vm.types().RuntimeError) {
                drop(vm.take_raised());
                return Ok(Value::NONE);
            }
            return Err(e);
        }
        hooks.0.borrow_mut().push(a.get(0).clone());
        Ok(Value::NONE)
    })
    .doc("Adds a new audit hook callback."),
];

/// The hooks of an interpreter.
#[derive(Default)]
struct Hooks(RefCell<Vec<Value>>);

impl Local for Hooks {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(Hooks(RefCell::new(copier.look(&self.0).iter().map(|h| copier.take(h)).collect())))
    }
}

/// Tells the hooks of `event`; Err if one of them forbids it.
pub fn audit(vm: &Vm, event: &str, args: impl FnOnce() -> Vec<Value>) -> PyResult<()> {
    if vm.local_opt::<Hooks>().is_none() {
        return Ok(());
    }
    tell(vm, &vm.intern(event), args)
}

fn tell(vm: &Vm, event: &Value, args: impl FnOnce() -> Vec<Value>) -> PyResult<()> {
    let Some(hooks) = vm.local_opt::<Hooks>() else { return Ok(()) };
    let all = hooks.0.borrow().clone();
    if all.is_empty() {
        return Ok(());
    }
    let args = vm.tuple(args());
    for hook in all {
        vm.call(&hook, &CallArgs::positional(&[event.clone(), args.clone()]))?;
    }
    Ok(())
}
