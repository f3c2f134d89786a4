//! Compiled patterns that all interpreters of a process share.
//!
//! The library's `re._compiler.compile` is Python code that makes the engine's codes from a pattern. It gives the same for
//! the same pattern and flags, so that one interpreter's work serves the next: a native function stands in its place, which
//! asks the Python function only for what is not known yet.
//!
//! What may give a warning is not kept, since warnings are told anew each time; nor are errors, nor what prints (`DEBUG`).

use super::pattern::Pattern;
use serpens_state::import::Accelerator;
use serpens_state::interpreter::runtime_of;
use serpens_state::recent::Recent;
use serpens_vm::cell::VCell;
use serpens_vm::origin::{Copier, Local};
use serpens_vm::types::bytes::Bytes;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::module::Module;
use serpens_vm::types::str::Str;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

/// Bytes of patterns and codes that a generation holds.
const LIMIT: usize = 4 << 20;
/// What an entry weighs beside its pattern and codes.
const OVERHEAD: usize = 256;
const DEBUG: i32 = 128;

/// Puts the function into `re._compiler`.
pub const ACCELERATOR: Accelerator = Accelerator { module: "re._compiler", apply: install };

static COMPILE: MethodDef = MethodDef::new("compile", "(p, flags=0)", compile);

/// What a pattern was compiled to.
pub struct Compiled {
    flags: i32,
    code: Arc<[u32]>,
    groups: usize,
    /// Names of groups and their numbers, in order.
    names: Vec<(Box<str>, usize)>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    pattern: Box<[u8]>,
    is_bytes: bool,
    flags: i32,
}

/// The compiled patterns of a process.
struct Shared(Mutex<Recent<Key, Arc<Compiled>>>);

/// The function of the library.
#[derive(Default)]
struct Original(VCell);

impl Local for Original {
    fn carried(&self, copier: &Copier<'_>) -> Option<Self> {
        Some(Original(copier.cell(&self.0)))
    }
}

fn install(vm: &Vm, module: &Value) -> PyResult<()> {
    let name = vm.intern("compile");
    let dict = match module.downcast::<Module>() {
        Some(m) => m.dict(),
        None => return Ok(()),
    };
    let Some(dict) = dict.downcast::<Dict>() else { return Ok(()) };
    if let Some(original) = dict.get_str(vm, &name) {
        vm.local(|_| Original::default()).0.set(original);
        dict.set_str(vm, &name, vm.builtin(&COMPILE, Some(module.clone())));
    }
    Ok(())
}

fn compile(vm: &Vm, a: Args<'_>) -> PyResult {
    let flags = a.opt(1).cloned().unwrap_or(Value::int_unchecked(0));
    let by_library = || {
        let original = vm.local(|_| Original::default()).0.get_or_none();
        vm.call_pos(&original, &[a.get(0).clone(), flags.clone()])
    };
    let (Some(key), Some(runtime)) = (key(vm, a.get(0), &flags), runtime_of(vm)) else { return by_library() };
    let shared = runtime.extension(|| Shared(Mutex::new(Recent::new(LIMIT))));
    let known = shared.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key);
    if let Some(known) = known {
        return Ok(known.to_pattern(vm, a.get(0)));
    }
    let made = by_library()?;
    if let Some(compiled) = made.downcast::<Pattern>().and_then(Compiled::of) {
        let weight = key.pattern.len() + compiled.code.len() * 4 + OVERHEAD;
        shared.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::new(compiled), weight);
    }
    Ok(made)
}

/// What names a pattern, if what it compiles to may be kept.
fn key(vm: &Vm, pattern: &Value, flags: &Value) -> Option<Key> {
    let flags = i32::try_from(flags.as_small_int().filter(|_| vm.is_exact(flags, vm.types().int))?).ok()?;
    let bytes = match (pattern.downcast::<Str>(), pattern.downcast::<Bytes>()) {
        (Some(s), _) if vm.is_exact_str(pattern) => s.as_bytes(),
        (_, Some(b)) if vm.is_exact(pattern, vm.types().bytes) => b.as_bytes(),
        _ => return None,
    };
    let warns = bytes.windows(2).any(|w| matches!(w, b"[[" | b"--" | b"&&" | b"~~" | b"||"));
    let keep = flags & DEBUG == 0 && !warns;
    keep.then(|| Key { pattern: bytes.into(), is_bytes: pattern.is_a::<Bytes>(), flags })
}

impl Compiled {
    fn of(p: &Pattern) -> Option<Compiled> {
        let names = p.groupindex.downcast::<Dict>()?.items().into_iter().map(|(name, number)| {
            let name = name.downcast::<Str>()?.to_str()?.into();
            Some((name, usize::try_from(number.as_small_int()?).ok()?))
        });
        Some(Compiled {
            flags: p.flags(),
            code: p.shared_code(),
            groups: p.groups,
            names: names.collect::<Option<_>>()?,
        })
    }

    fn to_pattern(&self, vm: &Vm, pattern: &Value) -> Value {
        let dict = vm.new_dict();
        let mut by_number = vec![Value::NONE; self.groups + 1];
        if let Some(d) = dict.downcast::<Dict>() {
            for (name, number) in &self.names {
                let name = vm.str(name);
                d.set_str(vm, &name, Value::from_usize(*number));
                by_number[*number] = name;
            }
        }
        Pattern::make(vm, pattern, self.flags, self.code.clone(), self.groups, dict, vm.tuple(by_number))
    }
}
