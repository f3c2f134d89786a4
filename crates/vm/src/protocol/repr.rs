//! Text of values: `repr`, `str`, `ascii`, `format`.

use crate::error::PyResult;
use crate::object::{Header, flag};
use crate::types::str::Str;
use crate::value::Value;
use crate::vm::Vm;

/// Marks an object as being printed until it is dropped.
pub struct ReprGuard<'v> {
    vm: &'v Vm,
    value: Value,
}

impl Drop for ReprGuard<'_> {
    fn drop(&mut self) {
        if self.value.header().is_some_and(Header::is_immortal) {
            let at = self.value.bits() as usize;
            let mut active = self.vm.in_repr.borrow_mut();
            if let Some(i) = active.iter().rposition(|a| *a == at) {
                active.swap_remove(i);
            }
        } else if let Some(h) = self.value.header() {
            h.unset(flag::IN_REPR);
        }
    }
}

impl Vm {
    /// `repr(value)`.
    pub fn repr(&self, value: &Value) -> PyResult {
        let _guard = self.check_recursion(" while getting the repr of an object")?;
        match self.type_of(value).slots().repr {
            Some(f) => {
                let r = f(self, value)?;
                if r.is_a::<Str>() {
                    return Ok(r);
                }
                Err(self.type_error(&format!("__repr__ returned non-string (type {})", self.type_of(&r).name())))
            }
            None => Ok(self.default_repr(value)),
        }
    }

    /// `<module.Class object at 0x...>`.
    pub fn default_repr(&self, value: &Value) -> Value {
        let ty = self.type_of(value);
        let name = ty.full_name(self);
        self.str(&format!("<{name} object at {:#x}>", value.bits()))
    }

    /// `str(value)`.
    pub fn str_of(&self, value: &Value) -> PyResult {
        if self.is_exact_str(value) {
            return Ok(value.clone());
        }
        match self.type_of(value).slots().str {
            Some(f) => {
                let _guard = self.check_recursion(" while getting the str of an object")?;
                let r = f(self, value)?;
                if r.is_a::<Str>() {
                    return Ok(r);
                }
                Err(self.type_error(&format!("__str__ returned non-string (type {})", self.type_of(&r).name())))
            }
            None => self.repr(value),
        }
    }

    /// `repr(value)` as Rust text, surrogates replaced.
    pub fn repr_string(&self, value: &Value) -> PyResult<String> {
        let r = self.repr(value)?;
        Ok(r.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default())
    }

    /// `str(value)` as Rust text, surrogates replaced.
    pub fn str_string(&self, value: &Value) -> PyResult<String> {
        let r = self.str_of(value)?;
        Ok(r.downcast::<Str>().map(|s| s.to_string()).unwrap_or_default())
    }

    /// `format(value, spec)`; `spec` is a `str`.
    pub fn format(&self, value: &Value, spec: &Value) -> PyResult {
        let empty = spec.downcast::<Str>().is_some_and(Str::is_empty);
        if empty {
            let t = self.types();
            let ty = self.type_of(value);
            if ty.is(t.str) {
                return Ok(value.clone());
            }
            if ty.is(t.int) || ty.is(t.float) {
                return self.str_of(value);
            }
        }
        match self.call_special(value, &self.names().__format__, std::slice::from_ref(spec))? {
            Some(r) if r.is_a::<Str>() => Ok(r),
            Some(r) => Err(self.type_error(&format!("__format__ must return a str, not {}", self.type_of(&r).name()))),
            None => Err(self.type_error(&format!("Type {} doesn't define __format__", self.type_of(value).name()))),
        }
    }

    /// `ascii(value)`.
    pub fn ascii(&self, value: &Value) -> PyResult {
        let r = self.repr(value)?;
        let s = r.downcast::<Str>().expect("repr gives a str");
        if s.is_ascii() {
            return Ok(r);
        }
        let mut out = String::new();
        for c in s.chars() {
            use std::fmt::Write;
            let _ = match c {
                0..0x80 => {
                    out.push(c as u8 as char);
                    Ok(())
                }
                0x80..0x100 => write!(out, "\\x{c:02x}"),
                0x100..0x1_0000 => write!(out, "\\u{c:04x}"),
                _ => write!(out, "\\U{c:08x}"),
            };
        }
        Ok(self.str(&out))
    }

    /// Marks `value` as being printed; `None` if it already is (a container that contains itself).
    pub fn repr_enter(&self, value: &Value) -> Option<ReprGuard<'_>> {
        let h: &Header = value.header()?;
        if h.is_immortal() {
            // Nobody writes to it.
            let mut active = self.in_repr.borrow_mut();
            if active.contains(&(value.bits() as usize)) {
                return None;
            }
            active.push(value.bits() as usize);
            return Some(ReprGuard { vm: self, value: value.clone() });
        }
        if h.has(flag::IN_REPR) {
            return None;
        }
        h.set(flag::IN_REPR);
        Some(ReprGuard { vm: self, value: value.clone() })
    }
}
