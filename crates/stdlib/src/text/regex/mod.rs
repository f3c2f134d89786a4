//! `_sre`: regular expressions. Patterns are compiled to codes by the library's `re`; the engine is a crate.
//!
//! Rooms: this file the module's functions; [`subject`] what is searched and how the engine sees it; [`pattern`] compiled
//! patterns; [`compiled`] those that interpreters share; [`found`] matches; [`scan`] iterators over matches; [`subst`] replacement.

pub mod compiled;
pub mod found;
pub mod pattern;
pub mod scan;
pub mod subject;
pub mod subst;

use pattern::Pattern;
use rustpython_sre_engine::{CODESIZE, MAXGROUPS, MAXREPEAT, SRE_MAGIC};
use serpens_state::NativeModule;
use serpens_vm::types::dict::Dict;
use serpens_vm::types::list::List;
use serpens_vm::unicode;
use serpens_vm::{Args, MethodDef, PyResult, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_sre")
    .functions(&[
        MethodDef::new("compile", "(pattern, flags, code, groups, groupindex, indexgroup)", compile),
        MethodDef::new("template", "(pattern, template, /)", subst::template)
            .doc("  template\n    A list containing interleaved literal strings (str or bytes) and group\n    indices (int), as returned by re._parser.parse_template():\n        [literal1, group1, ..., literalN, groupN]"),
        MethodDef::new("getcodesize", "()", |_, _| Ok(Value::from_usize(CODESIZE))),
        MethodDef::new("ascii_iscased", "(character, /)", |vm, a| {
            let c = character(vm, a.get(0))?;
            Ok(Value::bool(c < 128 && (c as u8).is_ascii_alphabetic()))
        }),
        MethodDef::new("unicode_iscased", "(character, /)", |vm, a| {
            let c = character(vm, a.get(0))?;
            Ok(Value::bool(unicode::simple_lower(c) != c || unicode::simple_upper(c) != c))
        }),
        MethodDef::new("ascii_tolower", "(character, /)", |vm, a| {
            let c = character(vm, a.get(0))?;
            Ok(Value::int_unchecked(if c < 128 { (c as u8).to_ascii_lowercase() as i64 } else { c as i64 }))
        }),
        MethodDef::new("unicode_tolower", "(character, /)", |vm, a| {
            Ok(Value::int_unchecked(unicode::simple_lower(character(vm, a.get(0))?) as i64))
        }),
    ])
    .init(init);

fn init(vm: &Vm, d: &Dict) -> PyResult<()> {
    d.set_name(vm, "MAGIC", Value::from_usize(SRE_MAGIC));
    d.set_name(vm, "CODESIZE", Value::from_usize(CODESIZE));
    d.set_name(vm, "MAXREPEAT", Value::from_usize(MAXREPEAT));
    d.set_name(vm, "MAXGROUPS", Value::from_usize(MAXGROUPS));
    d.set_name(vm, "copyright", vm.str(" SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB "));
    Ok(())
}

fn character(vm: &Vm, v: &Value) -> PyResult<u32> {
    Ok(vm.arg_i32(v)? as u32)
}

fn compile(vm: &Vm, a: Args<'_>) -> PyResult {
    let pattern = a.get(0);
    let flags = vm.arg_i32(a.get(1))?;
    let Some(list) = a.get(2).downcast::<List>() else {
        return Err(vm.type_error("compile() argument 'code' must be list"));
    };
    let mut code = Vec::with_capacity(list.len());
    for item in list.to_vec() {
        match u32::try_from(vm.arg_i64(&item)?) {
            Ok(c) => code.push(c),
            Err(_) => return Err(vm.overflow_error("regular expression code size limit exceeded")),
        }
    }
    let groups = vm.arg_isize(a.get(3))?.max(0) as usize;
    Ok(Pattern::make(vm, pattern, flags, code.into(), groups, a.get(4).clone(), a.get(5).clone()))
}

/// Makes a payload type of this module known to the machine.
macro_rules! payload {
    ($ty:ident { $($field:ident),* }) => {
        // SAFETY: made by the heap only; told apart by the type.
        #[expect(unsafe_code, reason = "object layout")]
        unsafe impl serpens_vm::object::Payload for $ty {
            const KIND: serpens_vm::object::Kind = serpens_vm::object::Kind::Native;

            fn matches(header: &serpens_vm::object::Header) -> bool {
                header.kind() == serpens_vm::object::Kind::Native && header.ty().has_payload::<$ty>()
            }

            fn traverse(&self, visit: &mut serpens_vm::object::Visitor<'_>) {
                $( visit(&self.$field); )*
            }
        }
    };
}
use payload;
