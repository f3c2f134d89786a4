//! [`Template`]: interpreters that start in the state of another.
//!
//! ```
//! use serpens::{PyResult, Runtime};
//!
//! # fn main() -> PyResult<()> {
//! let runtime = Runtime::new();
//! let first = runtime.create()?;
//! first.run("import json\ndef parse(text): return json.loads(text)['n']\nseen = []")?;
//! let template = first.into_template()?;
//!
//! // Nothing is imported or run again, and nothing is shared that anybody could change.
//! let (a, b) = (template.create()?, template.create()?);
//! a.run("seen.append(parse('{\"n\": 7}'))")?;
//! assert_eq!(a.eval::<i64>("seen[0]")?, 7);
//! assert_eq!(b.eval::<i64>("len(seen)")?, 0);
//! # Ok(())
//! # }
//! ```

use crate::interpreter::Interpreter;
use crate::runtime::Runtime;
use serpens_state::api::PyResult;

/// What interpreters start from. Clones are the same template.
#[derive(Clone)]
pub struct Template {
    inner: serpens_state::Template,
    runtime: Runtime,
}

impl Template {
    pub(crate) fn new(inner: serpens_state::Template, runtime: Runtime) -> Template {
        Template { inner, runtime }
    }

    /// A new interpreter in the template's state, without limits.
    ///
    /// # Errors
    /// What the start of the interpreter raised.
    pub fn create(&self) -> PyResult<Interpreter> {
        self.runtime.interpreter().template(self).create()
    }

    /// Bytes of its objects, which all interpreters made from it share.
    pub fn bytes(&self) -> usize {
        self.inner.bytes()
    }

    /// The template as the layers below know it, for [`pool::Builder::template`](crate::pool::Builder::template).
    pub fn inner(&self) -> &serpens_state::Template {
        &self.inner
    }
}
