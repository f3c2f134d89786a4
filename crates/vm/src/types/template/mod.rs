//! Template strings: `Template`, its iterator, and `Interpolation` (`string.templatelib`).
//!
//! Rooms: this file has the payloads and what the machine needs; `methods` what Python sees.
//!
//! Invariant: a template has one string more than interpolations; both are tuples and never change.

use crate::error::PyResult;
use crate::object::{Kind, Payload, Visitor};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

pub mod methods;

pub use methods::{INTERPOLATION, TEMPLATE, TEMPLATE_ITER};

/// A template string.
pub struct Template {
    /// Tuple of the literal parts.
    pub strings: Value,
    /// Tuple of the interpolations between them.
    pub interpolations: Value,
}

/// One replacement field of a template string.
pub struct Interpolation {
    /// What the expression evaluated to.
    pub value: Value,
    /// Its source text.
    pub expression: Value,
    /// `None`, `'s'`, `'r'` or `'a'`.
    pub conversion: Value,
    /// The format specification.
    pub format_spec: Value,
}

/// The iterator over the parts of a template; empty strings are left out.
pub struct TemplateIter {
    /// The template.
    pub template: Value,
    /// Twice the number of the part, plus one for an interpolation.
    pub at: Cell<usize>,
}

macro_rules! native {
    ($ty:ident, $($field:ident)*) => {
        #[expect(unsafe_code, reason = "object layout")]
        // SAFETY: made by the heap only.
        unsafe impl Payload for $ty {
            const KIND: Kind = Kind::Native;

            fn matches(header: &crate::object::Header) -> bool {
                header.kind() == Kind::Native && header.ty().has_payload::<$ty>()
            }

            fn traverse(&self, visit: &mut Visitor<'_>) {
                $( visit(&self.$field); )*
            }
        }
    };
}

native!(Template, strings interpolations);
native!(Interpolation, value expression conversion format_spec);
native!(TemplateIter, template);

impl Vm {
    /// A template of its parts, strings and interpolations in any order: adjacent strings are joined, missing ones are
    /// empty.
    pub fn template(&self, parts: Vec<Value>) -> PyResult {
        let mut strings = Vec::new();
        let mut interpolations = Vec::new();
        let mut open: Option<Value> = None;
        for part in parts {
            if part.is_a::<Interpolation>() {
                strings.push(open.take().unwrap_or_else(|| self.image().empty_str()));
                interpolations.push(part);
                continue;
            }
            open = Some(match open {
                Some(before) => self.build_string(&[before, part])?,
                None => part,
            });
        }
        strings.push(open.unwrap_or_else(|| self.image().empty_str()));
        let payload = Template { strings: self.tuple(strings), interpolations: self.tuple(interpolations) };
        Ok(self.alloc(self.types().Template, payload))
    }

    /// A replacement field of a template. `conversion` is `None` or a `str`.
    pub fn interpolation(&self, value: Value, expression: Value, conversion: Value, format_spec: Value) -> Value {
        self.alloc(self.types().Interpolation, Interpolation { value, expression, conversion, format_spec })
    }
}
