//! What a machine owes before its memory may go: finalisers and callbacks of what is still alive.
//!
//! Most interpreters owe nothing at their end. Then nobody has to visit their objects one by one to let them die: the
//! heap goes by the page.

use crate::object::flag;
use crate::types::function::Function;
use crate::value::Value;
use crate::vm::Vm;

/// Where the library's containers of weak references have their callbacks, which only take dead keys out of them.
const HARMLESS: [&str; 2] = ["<serpens>/weakref.py", "<serpens>/_weakrefset.py"];

impl Vm {
    /// Whether something alive has a finaliser that has not run (a `__del__`, an open file, a suspended generator), or a
    /// weak reference to something has a callback that a program could notice.
    pub fn owes_finalizers(&self) -> bool {
        if self.weak_table().any_callback(&mut |callback| !is_harmless(callback)) {
            return true;
        }
        let mut owes = false;
        self.heap().each_object(&mut |h| {
            owes |= h.ty().has_finalizer() && !h.has(flag::FINALIZED | flag::DYING);
        });
        owes
    }

    /// Takes the finaliser of an object for run, or for not run; whether that is a change.
    pub fn mark_finalized(&self, value: &Value, run: bool) -> bool {
        let Some(h) = value.header().filter(|h| !h.is_immortal() && h.has(flag::FINALIZED) != run) else {
            return false;
        };
        if run {
            h.set(flag::FINALIZED);
        } else {
            h.unset(flag::FINALIZED);
        }
        true
    }
}

fn is_harmless(callback: &Value) -> bool {
    let Some(f) = callback.downcast::<Function>() else { return false };
    HARMLESS.contains(&&*f.code_obj().code().filename)
}
