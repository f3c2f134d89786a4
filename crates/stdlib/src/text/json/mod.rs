//! `_json`: what makes module `json` fast.
//!
//! Rooms: [`strings`] text between quotes, both ways; [`scan`] from text to values; [`encode`] from values to text.

pub mod encode;
pub mod scan;
pub mod strings;

use serpens_state::NativeModule;
use serpens_vm::types::str::Str;
use serpens_vm::{MethodDef, PyResult, Raised, Value, Vm};

/// The module.
pub static MODULE: NativeModule = NativeModule::new("_json")
    .doc("json speedups\n")
    .functions(&[
        MethodDef::new("encode_basestring_ascii", "(string, /)", |vm, a| {
            let mut out = Vec::new();
            strings::quote(text_arg(vm, a.get(0))?, true, &mut out);
            Ok(vm.str_wtf8(&out))
        })
        .doc("Return an ASCII-only JSON representation of a Python string"),
        MethodDef::new("encode_basestring", "(string, /)", |vm, a| {
            let mut out = Vec::new();
            strings::quote(text_arg(vm, a.get(0))?, false, &mut out);
            Ok(vm.str_wtf8(&out))
        })
        .doc("Return a JSON representation of a Python string"),
        MethodDef::new("scanstring", "(string, end, strict=True, /)", |vm, a| {
            let text = text_arg(vm, a.get(0))?;
            let end = vm.arg_isize(a.get(1))?;
            let strict = a.opt(2).map_or(Ok(true), |v| vm.truthy(v))?;
            if end < 0 || end as usize > text.len() {
                return Err(vm.value_error("end is out of bounds"));
            }
            let source = Source { vm, value: a.get(0), text, bytes: text.as_bytes() };
            let (made, end) = strings::unquote(&source, text.offset(end as usize), strict)?;
            Ok(vm.pair(made.value(vm), Value::from_usize(source.index(end))))
        })
        .doc("scanstring(string, end, strict=True) -> (string, end)\n\nScan the string s for a JSON string."),
    ])
    .init(|vm, d| {
        d.set_name(vm, "make_scanner", vm.type_of_def(&scan::SCANNER).value());
        d.set_name(vm, "make_encoder", vm.type_of_def(&encode::ENCODER).value());
        Ok(())
    });

fn text_arg<'a>(vm: &Vm, v: &'a Value) -> PyResult<&'a Str> {
    v.downcast::<Str>()
        .ok_or_else(|| vm.type_error(&format!("first argument must be a string, not {}", vm.type_of(v).name())))
}

/// A text that is being read.
pub(super) struct Source<'a> {
    pub(super) vm: &'a Vm,
    pub(super) value: &'a Value,
    pub(super) text: &'a Str,
    pub(super) bytes: &'a [u8],
}

impl Source<'_> {
    /// The index of the character at a byte.
    pub(super) fn index(&self, at: usize) -> usize {
        match self.text.is_ascii() {
            true => at,
            false => serpens_vm::types::str::count_chars(&self.bytes[..at.min(self.bytes.len())]),
        }
    }

    /// Raises `JSONDecodeError` at a byte.
    #[cold]
    pub(super) fn error(&self, message: &str, at: usize) -> Raised {
        let vm = self.vm;
        let class = serpens_state::import::import_module(vm, "json.decoder")
            .and_then(|m| vm.getattr_str(&m, "JSONDecodeError"));
        let made = class
            .and_then(|c| vm.call_pos(&c, &[vm.str(message), self.value.clone(), Value::from_usize(self.index(at))]));
        match made {
            Ok(e) => vm.raise_value(&e),
            Err(raised) => raised,
        }
    }

    /// Raises `StopIteration` with the index of a byte: there is no value.
    #[cold]
    pub(super) fn no_value(&self, at: usize) -> Raised {
        self.vm.raise_with(self.vm.types().StopIteration, vec![Value::from_usize(self.index(at))])
    }
}
