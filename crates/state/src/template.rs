//! [`Template`]: an interpreter that has prepared what others start with.
//!
//! Making a template ends the interpreter: its machine stands still from then on (`serpens_vm::origin`), and every
//! interpreter made from the template starts in its state, with its modules, globals, classes and objects, isolated from it
//! and from the others. Nothing is run again, and what is not used costs nothing.
#![expect(unsafe_code, reason = "takes the machine out of an interpreter")]

use crate::interpreter::{Config, Interpreter};
use crate::runtime::{Runtime, Whence};
use crate::shutdown::flush_streams;
use crate::sys::report::ignore;
use serpens_vm::origin::{Origin, Prepared, Refusal};
use serpens_vm::types::dict::Dict;
use serpens_vm::{Value, Vm};
use std::sync::Arc;

/// Why an interpreter did not become a template. It is as it was before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TemplateError {
    /// It was closed.
    Closed,
    /// It runs, or is the main interpreter, which always does.
    Running,
    /// It has something that cannot be cloned: which, and why.
    Refused(String),
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TemplateError::Closed => f.write_str("the interpreter was closed"),
            TemplateError::Running => f.write_str("interpreter running"),
            TemplateError::Refused(why) => write!(f, "the interpreter cannot become a template: {why}"),
        }
    }
}

impl std::error::Error for TemplateError {}

/// What interpreters start from. Clones are the same template; its memory goes back when the last of them and the last
/// interpreter made from it are gone.
#[derive(Clone, Debug)]
pub struct Template {
    origin: Arc<Origin>,
    runtime: Arc<Runtime>,
    config: Config,
}

impl Template {
    /// Makes a template of an interpreter, which is closed by it. Its `atexit` functions and finalisers do not run: the
    /// interpreters made from the template have them.
    ///
    /// # Errors
    /// [`TemplateError`]; the interpreter can be used on.
    pub fn new(interpreter: &Interpreter) -> Result<Template, TemplateError> {
        if interpreter.is_main() || !interpreter.claim_main() {
            return Err(TemplateError::Running);
        }
        let made = Template::of_claimed(interpreter);
        if made.is_err() {
            interpreter.release_main();
        }
        made
    }

    /// As [`Template::new`], for an interpreter whose `__main__` the caller has claimed.
    ///
    /// # Errors
    /// As there.
    pub fn of_claimed(interpreter: &Interpreter) -> Result<Template, TemplateError> {
        let attached = interpreter.attach().ok_or(TemplateError::Closed)?;
        if !interpreter.is_lone() {
            return Err(TemplateError::Refused("a thread runs in it".to_string()));
        }
        if interpreter.lending().is_active() {
            return Err(TemplateError::Refused("another interpreter looks at memory of it".to_string()));
        }
        make_ready(&attached).map_err(|e| TemplateError::Refused(e.to_string()))?;
        let threading = globals_of(&attached, &attached.names().threading);
        attached.seal_as_origin();
        drop(attached);
        // SAFETY: nobody else is inside, and nobody can enter any more.
        let vm = unsafe { interpreter.take_machine() }.ok_or(TemplateError::Closed)?;
        let (runtime, config) = (interpreter.runtime().clone(), interpreter.config().clone());
        Ok(Template { origin: Origin::new(vm, threading, Prepared::default()), runtime, config })
    }

    /// A new interpreter that starts in the template's state. The thread that is the first to use the module `threading` in
    /// it is its main thread.
    pub fn create(&self, whence: Whence) -> Arc<Interpreter> {
        self.runtime.create_from(&self.origin, self.config.clone(), whence)
    }

    /// Bytes of its objects, which all interpreters made from it share.
    pub fn bytes(&self) -> usize {
        self.origin.bytes()
    }

    /// Has the system end the process if anything writes to the template, for tests of that nobody does.
    pub fn set_read_only(&self, on: bool) {
        self.origin.set_read_only(on);
    }

    /// Its runtime.
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }
}

/// Brings a machine that is not to run any more into a state from which others can start.
pub(crate) fn make_ready(vm: &Vm) -> Result<(), Refusal> {
    crate::api::err::settle(vm);
    flush_streams(vm);
    vm.collect_garbage();
    vm.check_origin()
}

/// The word of a module's globals, if it was imported.
pub(crate) fn globals_of(vm: &Vm, name: &Value) -> Option<u64> {
    let module = vm.modules.get()?.downcast::<Dict>()?.get_str(vm, name)?;
    vm.instance_dict(&module).map(|globals| globals.bits())
}

/// Has the module `threading` of an interpreter that starts from a template know this thread as the main one, and no
/// other: as in the child of a `fork`.
pub(crate) fn adopt_main_thread(vm: &Vm) {
    ignore(vm, |vm| {
        let threading = crate::import::import_absolute(vm, &vm.names().threading)?;
        vm.call_method_str(&threading, "_after_fork", &[])
    });
}
