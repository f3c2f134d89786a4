//! A native module in a crate of its own: `tally` counts words, and keeps its totals in each interpreter.
//!
//! The same source makes both forms: a crate that a program links and names to its runtime, and, with the feature
//! `dynamic`, a library that `import tally` finds.

#[cfg(feature = "dynamic")]
extern crate serpens_dylib as _;

use serpens::exceptions::{PyKeyError, PyValueError};
use serpens::prelude::*;
use serpens::{PyState, PyTraverseError, PyVisit};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// The state of the module in one interpreter. There is no other place for it: a static cannot hold Python values, and what
/// one interpreter counts is none of another's business.
#[derive(PyState, Default)]
struct Totals {
    words: RefCell<BTreeMap<String, u64>>,
    calls: Cell<u64>,
}

/// Count the words of a text, and add them to the interpreter's totals.
#[pyfunction]
fn count(py: Python<'_>, text: &str) -> PyResult<usize> {
    if text.contains('\0') {
        return Err(PyValueError::new_err("a text has no null characters"));
    }
    let totals = py.state(|_| Totals::default());
    totals.calls.set(totals.calls.get() + 1);
    let mut words = totals.words.borrow_mut();
    let found = text.split_whitespace().map(|word| *words.entry(word.to_lowercase()).or_default() += 1);
    Ok(found.count())
}

/// How often a word was counted in this interpreter.
#[pyfunction]
fn total(py: Python<'_>, word: &str) -> PyResult<u64> {
    let totals = py.state(|_| Totals::default());
    let words = totals.words.borrow();
    words.get(word).copied().ok_or_else(|| PyKeyError::new_err(word.to_string()))
}

/// How often count() was called in this interpreter.
#[pyfunction]
fn calls(py: Python<'_>) -> u64 {
    py.state(|_| Totals::default()).calls.get()
}

/// Call a function with each word of a text.
#[pyfunction]
fn each(text: &str, function: &Bound<'_>) -> PyResult<()> {
    text.split_whitespace().try_for_each(|word| function.call1((word,)).map(drop))
}

/// The longest thing that was offered, by a key.
#[pyclass(module = "tally")]
struct Longest {
    key: Py,
    best: Option<Py>,
    length: usize,
}

#[pymethods]
impl Longest {
    #[new]
    fn new(key: Py) -> Longest {
        Longest { key, best: None, length: 0 }
    }

    /// Offer a thing; whether it is the longest so far.
    fn offer(&mut self, thing: &Bound<'_>) -> PyResult<bool> {
        let length: usize = self.key.bind(thing.py())?.call1((thing.clone(),))?.extract()?;
        let better = self.best.is_none() || length > self.length;
        if better {
            self.best = Some(thing.clone().unbind());
            self.length = length;
        }
        Ok(better)
    }

    /// The longest thing.
    #[getter]
    fn best<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py>>> {
        self.best.as_ref().map(|thing| thing.bind(py)).transpose()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.key)?;
        self.best.iter().try_for_each(|thing| visit.call(thing))
    }

    fn __clear__(&mut self) {
        self.best = None;
    }
}

/// Counts words.
#[pymodule(export)]
pub fn tally(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(count, module)?)?;
    module.add_function(wrap_pyfunction!(total, module)?)?;
    module.add_function(wrap_pyfunction!(calls, module)?)?;
    module.add_function(wrap_pyfunction!(each, module)?)?;
    module.add_class::<Longest>()
}
