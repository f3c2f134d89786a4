//! `atexit`: functions that run when the interpreter ends, the last registered first.

use serpens_state::NativeModule;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, CallArgs, MethodDef, PyResult, Value, Vm};
use std::cell::RefCell;

/// The module.
pub static MODULE: NativeModule = NativeModule::new("atexit")
    .doc(
        "allow programmer to define multiple exit functions to be executed\nupon normal program termination.\n\nTwo public \
         functions, register and unregister, are defined.\n",
    )
    .functions(FUNCTIONS);

const FUNCTIONS: &[MethodDef] = &[
    MethodDef::raw("register", "(func, /, *args, **kwargs)", register)
        .doc("Register a function to be executed upon normal program termination"),
    MethodDef::new("unregister", "(func, /)", unregister)
        .doc("Unregister an exit function which was previously registered using\natexit.register"),
    MethodDef::new("_clear", "()", |vm, _| {
        let all = callbacks(vm).0.take();
        drop(all);
        Ok(Value::NONE)
    })
    .doc("Clear the list of previously registered exit functions."),
    MethodDef::new("_run_exitfuncs", "()", run).doc("Run all registered exit functions."),
    MethodDef::new("_ncallbacks", "()", |vm, _| {
        let all: Vec<Value> = callbacks(vm).0.borrow().iter().map(|c| c.f.clone()).collect();
        Ok(Value::from_usize(all.iter().filter(|f| !is_of_hidden_module(vm, f)).count()))
    })
    .doc("Return the number of registered exit functions."),
];

struct Callback {
    f: Value,
    args: Vec<Value>,
    kwargs: Value,
}

#[derive(Default)]
struct Callbacks(RefCell<Vec<Callback>>);

impl Local for Callbacks {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        let own = copier.look(&self.0).iter().map(|c| Callback {
            f: copier.take(&c.f),
            args: c.args.iter().map(|v| copier.take(v)).collect(),
            kwargs: copier.take(&c.kwargs),
        });
        Some(Callbacks(RefCell::new(own.collect())))
    }
}

fn callbacks(vm: &Vm) -> std::rc::Rc<Callbacks> {
    vm.local(|_| Callbacks::default())
}

fn register(vm: &Vm, args: &CallArgs<'_>) -> PyResult {
    let Some((f, rest)) = args.pos().split_first() else {
        return Err(vm.type_error("register() takes at least 1 argument (0 given)"));
    };
    if !vm.is_callable(f) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let kwargs = vm.new_dict();
    if let Some(d) = kwargs.downcast::<Dict>() {
        for (name, value) in args.named() {
            d.set_str(vm, name, value.clone());
        }
    }
    callbacks(vm).0.borrow_mut().push(Callback { f: f.clone(), args: rest.to_vec(), kwargs });
    Ok(f.clone())
}

fn unregister(vm: &Vm, a: Args<'_>) -> PyResult {
    let all = callbacks(vm);
    let mut i = all.0.borrow().len();
    while i > 0 {
        i -= 1;
        let Some(f) = all.0.borrow().get(i).map(|c| c.f.clone()) else { continue };
        if vm.eq(&f, a.get(0))? {
            let gone = {
                let mut list = all.0.borrow_mut();
                if i < list.len() { Some(list.remove(i)) } else { None }
            };
            drop(gone);
        }
    }
    Ok(Value::NONE)
}

/// Whether a function was registered by a module that nobody has imported here.
fn is_of_hidden_module(vm: &Vm, f: &Value) -> bool {
    let module = vm.caught(vm.getattr_opt(f, &vm.names().__module__)).ok().flatten();
    module.is_some_and(|m| m.downcast::<Str>().is_some_and(|name| vm.is_hidden(f, name.as_str_lossy())))
}

fn run(vm: &Vm, _: Args<'_>) -> PyResult {
    let all = callbacks(vm);
    loop {
        let next = all.0.borrow_mut().pop();
        let Some(c) = next else { return Ok(Value::NONE) };
        let Some(kwargs) = c.kwargs.downcast::<Dict>() else { continue };
        if is_of_hidden_module(vm, &c.f) {
            continue;
        }
        if vm.call_dict(&c.f, &c.args, kwargs).is_err() {
            let e = vm.take_raised();
            vm.hooks().unraisable(vm, e, "Exception ignored in atexit callback", &c.f);
        }
    }
}
