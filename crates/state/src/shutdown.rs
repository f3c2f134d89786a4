//! What an interpreter does at its end.

use crate::runtime::Whence;
use crate::stuck::Watch;
use crate::sys;
use crate::sys::report::ignore;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::str::Str;
use serpens_vm::types::weakref::WeakRef;
use serpens_vm::{Value, Vm};

/// Ends threads, calls what is left to `atexit`; finalises what `sys.modules` holds, writes buffered output.
pub(crate) fn finalize(vm: &Vm) {
    let n = vm.names();
    if let Some(modules) = vm.modules.get()
        && let Some(modules) = modules.downcast::<Dict>()
    {
        // An interpreter from a template that has not reached `threading` has no threads. Functions that the template left
        // to `atexit` are called in any case.
        call_of(vm, modules.reached_str(vm, &n.threading), &n._shutdown);
        call_of(vm, modules.get_str(vm, &n.atexit), &n._run_exitfuncs);
    }
    flush_streams(vm);
    close_others(vm);
    vm.set_finalizing();
    if !owes_finalizers(vm) {
        // Nobody would notice: the objects go with their pages.
        return;
    }
    // First the modules go as anything else does, so that finalisers still see their globals; what something holds on to
    // is emptied by force afterwards, the last imported first.
    let mut left = Vec::new();
    if let Some(modules) = vm.modules.get()
        && let Some(modules) = modules.downcast::<Dict>()
    {
        for (name, module) in modules.reached_items(vm) {
            if name.downcast::<Str>().is_some_and(|s| matches!(s.as_str_lossy(), "builtins" | "sys" | "io" | "_io")) {
                continue;
            }
            left.extend(vm.caught(vm.weakref(&module)).ok());
            drop(module);
            drop(modules.remove_str(vm, &name));
        }
    }
    let mut again = vm.collect_garbage() > 0;
    for reference in left.iter().rev() {
        if let Some(module) = reference.downcast::<WeakRef>().and_then(WeakRef::upgrade)
            && let Some(dict) = vm.instance_dict(&module)
            && let Some(d) = dict.downcast::<Dict>()
        {
            clear_module_dict(vm, d);
            again = true;
        }
    }
    if again {
        vm.collect_garbage();
    }
    flush_streams(vm);
}

/// Calls a function of a module, if it was imported.
fn call_of(vm: &Vm, module: Option<Value>, function: &Value) {
    if let Some(module) = module {
        ignore(vm, |vm| vm.call_none(&vm.getattr(&module, function)?));
    }
}

/// With the main interpreter end all others that Python programs made: who did not close them is
/// warned. One that another thread still runs is left as it is.
fn close_others(vm: &Vm) {
    let Some(main) = crate::interpreter::interpreter_of(vm).filter(|i| i.is_main()) else { return };
    let mut left = main.runtime().list();
    left.retain(|i| i.whence() == Whence::Stdlib && !i.is_closed());
    if left.is_empty() {
        return;
    }
    let message = "remaining subinterpreters; close them with Interpreter.close()";
    ignore(vm, |vm| vm.hooks().warn(vm, vm.types().RuntimeWarning, message, 0).map(|()| Value::NONE));
    let _watch = Watch::begin(&left);
    for interpreter in left {
        if interpreter.claim_main() {
            let _focus = sys::signals::focus(&interpreter);
            crate::attach::blocking(vm, || interpreter.close());
        }
    }
    flush_streams(vm);
}

/// Whether anything but the standard streams, which are flushed and do not close their descriptors, has to be finalised.
fn owes_finalizers(vm: &Vm) -> bool {
    let mut streams = sys::standard_streams(vm);
    streams.retain(|s| vm.mark_finalized(s, true));
    let owes = vm.owes_finalizers();
    if owes {
        for stream in &streams {
            vm.mark_finalized(stream, false);
        }
    }
    owes
}

/// Sets the names of a dying module to `None`: first those with one underscore, then the others.
fn clear_module_dict(vm: &Vm, d: &Dict) {
    for underscored in [true, false] {
        for (name, _) in d.reached_items(vm) {
            let Some(s) = name.downcast::<Str>() else { continue };
            let text = s.as_str_lossy();
            let single = text.starts_with('_') && !text.starts_with("__");
            if single == underscored && text != "__builtins__" {
                d.set_str(vm, &name, Value::NONE);
            }
        }
    }
}

/// Flushes `sys.stdout` and `sys.stderr`.
pub fn flush_streams(vm: &Vm) {
    let Some(sys) = vm.sys_dict_if_made() else { return };
    for name in [&vm.names().stdout, &vm.names().stderr] {
        let stream = sys.downcast::<Dict>().and_then(|d| d.reached_str(vm, name));
        if let Some(stream) = stream.filter(|s| !s.is_none() && !is_closed(vm, s)) {
            ignore(vm, |vm| vm.call_method(&stream, &vm.names().flush, &[]));
        }
    }
}

/// Whether a stream says that it is closed.
fn is_closed(vm: &Vm, stream: &Value) -> bool {
    let closed = vm.getattr_str(stream, "closed").and_then(|c| vm.truthy(&c));
    closed.unwrap_or_else(|_| {
        drop(vm.take_raised());
        false
    })
}
