//! Source texts that lie in no file (`-c`, the prompt, strings), remembered so that tracebacks show their lines.

use crate::interpreter::runtime_of;
use serpens_bytecode::{Code, Const};
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::code::CodeObj;
use serpens_vm::{Value, Vm};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Sources that are not files (`-c`, the prompt), by the name their code has, for tracebacks.
#[derive(Default)]
struct Sources(RefCell<HashMap<String, String>>);

impl Local for Sources {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(Sources(RefCell::new(copier.look(&self.0).clone())))
    }
}

/// Remembers source text that is not in a file, so that tracebacks can show its lines.
pub fn remember_source(vm: &Vm, filename: &str, source: &str) {
    let sources = vm.local(|_| Sources::default());
    sources.0.borrow_mut().insert(filename.to_string(), source.to_string());
}

/// Texts of code objects that come from no file, by the address of each code object (which the root keeps alive).
#[derive(Default)]
struct CodeSources(RefCell<HashMap<usize, Arc<str>>>, RefCell<Vec<Value>>);

impl Local for CodeSources {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        // The shared code keeps its address; the root is held so that it does.
        let roots = copier.look(&self.1).iter().map(|v| copier.take(v)).collect();
        Some(CodeSources(RefCell::new(copier.look(&self.0).clone()), RefCell::new(roots)))
    }
}

/// Remembers the source of a code object that is not in a file, and of those inside it, so that tracebacks show its lines.
pub fn remember_code(vm: &Vm, code: &Value, source: &str) {
    let Some(root) = code.downcast::<CodeObj>() else { return };
    let sources = vm.local(|_| CodeSources::default());
    let text: Arc<str> = source.into();
    let mut open: Vec<&Code> = vec![root.code()];
    while let Some(code) = open.pop() {
        sources.0.borrow_mut().insert(code as *const Code as usize, text.clone());
        open.extend(code.consts.iter().filter_map(|c| match c {
            Const::Code(inner) => Some(&**inner),
            _ => None,
        }));
    }
    sources.1.borrow_mut().push(code.clone());
}

/// Line `line` (from 1) of a code object's remembered source.
pub(crate) fn code_line(vm: &Vm, code: &Code, line: usize) -> Option<String> {
    let sources = vm.local_opt::<CodeSources>()?;
    let text = sources.0.borrow().get(&(code as *const Code as usize)).cloned()?;
    text.lines().nth(line.checked_sub(1)?).map(str::to_string)
}

/// Line `line` (from 1) of a source: remembered, or a file's.
pub(crate) fn source_line(vm: &Vm, filename: &str, line: usize) -> Option<String> {
    let pick = |text: &str| text.lines().nth(line.checked_sub(1)?).map(str::to_string);
    if let Some(sources) = vm.local_opt::<Sources>()
        && let Some(text) = sources.0.borrow().get(filename)
    {
        return pick(text);
    }
    if filename.starts_with('<') {
        return pick(&runtime_of(vm)?.library().source_of_file(filename)?);
    }
    let bytes = std::fs::read(filename).ok()?;
    pick(&String::from_utf8_lossy(&bytes))
}
