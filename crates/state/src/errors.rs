//! The exceptions of interpreters: `InterpreterError` and its kin, one class each an interpreter.

use serpens_vm::origin::{Copier, Local};
use serpens_vm::{PyResult, Raised, Value, Vm};
use std::cell::RefCell;

#[derive(Default)]
struct Classes(RefCell<Vec<(&'static str, Value)>>);

impl Local for Classes {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let own = copier.look(&self.0).iter().map(|(name, class)| (*name, copier.take(class)));
        Some(Classes(RefCell::new(own.collect())))
    }
}

const ALL: &[(&str, &str, &str)] = &[
    ("InterpreterError", "Exception", "A cross-interpreter operation failed"),
    ("InterpreterNotFoundError", "InterpreterError", "An interpreter was not found"),
    ("NotShareableError", "TypeError", ""),
    (
        "Stopped",
        "BaseException",
        "The program was asked to stop. Where an interpreter is stopped it cannot be caught for good: it is raised again at once.",
    ),
];

/// The class of that name.
pub fn class(vm: &Vm, name: &'static str) -> PyResult {
    let classes = vm.local(|_| Classes::default());
    if let Some((_, c)) = classes.0.borrow().iter().find(|(n, _)| *n == name) {
        return Ok(c.clone());
    }
    let Some((_, base, doc)) = ALL.iter().find(|(n, ..)| *n == name) else {
        return Err(vm.system_error("unknown exception class"));
    };
    let base = match *base {
        "Exception" => vm.types().Exception.value(),
        "BaseException" => vm.types().BaseException.value(),
        "TypeError" => vm.types().TypeError.value(),
        other => class(vm, other)?,
    };
    let made = make(vm, name, "concurrent.interpreters", base, doc)?;
    classes.0.borrow_mut().push((name, made.clone()));
    Ok(made)
}

/// A new exception class.
pub fn make(vm: &Vm, name: &str, module: &str, base: Value, doc: &str) -> PyResult {
    let ns = vm.new_dict();
    vm.set_item(&ns, &vm.str("__module__"), &vm.str(module))?;
    if !doc.is_empty() {
        vm.set_item(&ns, &vm.str("__doc__"), &vm.str(doc))?;
    }
    vm.call_pos(&vm.types().type_.value(), &[vm.str(name), vm.tuple(vec![base]), ns])
}

/// Raises the exception class of that name.
pub fn raise(vm: &Vm, name: &'static str, message: &str) -> Raised {
    match class(vm, name).and_then(|c| vm.call_one(&c, &vm.str(message))) {
        Ok(e) => vm.raise(e),
        Err(e) => e,
    }
}
