//! A native module in Rust: `cargo run -p serpens --example native_module`.
//!
//! The Rust signature is the argument binding, the doc comment is `__doc__`. What a C extension would keep in a global,
//! it keeps in the interpreter: each has a count of its own.

use serpens::exceptions::{PyIndexError, PyZeroDivisionError};
use serpens::prelude::*;
use serpens::{PyState, PyTraverseError, PyVisit};
use std::cell::Cell;

/// How often an interpreter has asked.
#[derive(PyState, Default)]
struct Count(Cell<u64>);

/// Return the greatest common divisor of a and b.
#[pyfunction]
fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Divide, and count the calls in this interpreter.
#[pyfunction]
#[pyo3(signature = (a, b = 1.0, *, times = 1))]
fn divide(py: Python<'_>, a: f64, b: f64, times: u32) -> PyResult<f64> {
    let count = py.state(|_| Count::default());
    count.0.set(count.0.get() + 1);
    if b == 0.0 {
        return Err(PyZeroDivisionError::new_err("not by zero"));
    }
    Ok((0..times).fold(a, |value, _| value / b))
}

/// How often this interpreter has called divide().
#[pyfunction]
fn n_divisions(py: Python<'_>) -> u64 {
    py.state(|_| Count::default()).0.get()
}

/// Join texts, and name what is left over.
#[pyfunction(signature = (*parts, separator = " ", **rest))]
fn join(parts: &Bound<'_, PyTuple>, separator: &str, rest: Option<&Bound<'_, PyDict>>) -> PyResult<String> {
    let mut all = parts.iter().map(|p| p.extract::<String>()).collect::<PyResult<Vec<_>>>()?;
    if let Some(rest) = rest {
        all.extend(rest.iter().map(|(name, value)| format!("{name}={value}")));
    }
    Ok(all.join(separator))
}

/// A point of the plane.
#[pyclass(module = "shapes", get_all, set_all)]
#[derive(Clone, Copy)]
struct Point {
    /// To the right.
    x: f64,
    /// Upwards.
    y: f64,
}

#[pymethods]
impl Point {
    #[new]
    #[pyo3(signature = (x = 0.0, y = 0.0))]
    fn new(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    /// Its distance from the origin.
    #[getter]
    fn length(&self) -> f64 {
        self.x.hypot(self.y)
    }

    #[setter]
    fn set_length(&mut self, length: f64) {
        let factor = length / self.length();
        *self = Point { x: self.x * factor, y: self.y * factor };
    }

    /// A point by its angle, in degrees.
    #[staticmethod]
    fn polar(length: f64, degrees: f64) -> Point {
        let (y, x) = degrees.to_radians().sin_cos();
        Point { x: x * length, y: y * length }
    }

    /// The class's name, by the class itself.
    #[classmethod]
    fn kind(class: &Bound<'_, serpens::PyType>) -> String {
        class.name()
    }

    fn __repr__(&self) -> String {
        format!("Point({}, {})", self.x, self.y)
    }

    fn __eq__(&self, other: PyRef<'_, Point>) -> bool {
        self.x == other.x && self.y == other.y
    }

    fn __add__(&self, other: PyRef<'_, Point>) -> Point {
        Point { x: self.x + other.x, y: self.y + other.y }
    }

    fn __rmul__(&self, factor: f64) -> Point {
        Point { x: self.x * factor, y: self.y * factor }
    }

    fn __bool__(&self) -> bool {
        self.x != 0.0 || self.y != 0.0
    }
}

/// A list of anything: Python values in a Rust struct are handles, which the collector is shown.
#[pyclass(module = "shapes")]
struct Bag {
    items: Vec<Py>,
}

#[pymethods]
impl Bag {
    #[new]
    #[pyo3(signature = (*items))]
    fn new(items: &Bound<'_, PyTuple>) -> Bag {
        Bag { items: items.iter().map(Bound::unbind).collect() }
    }

    fn __len__(&self) -> usize {
        self.items.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyAny>> {
        self.items.get(index).ok_or_else(|| PyIndexError::new_err("bag index out of range"))?.bind(py)
    }

    fn __contains__(&self, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        for own in &self.items {
            if own.bind(item.py())?.eq(item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn __call__(&mut self, item: Py) -> usize {
        self.items.push(item);
        self.items.len()
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.items.iter().try_for_each(|item| visit.call(item))
    }

    fn __clear__(&mut self) {
        self.items.clear();
    }
}

/// Shapes, and some arithmetic.
#[pymodule]
fn shapes(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(gcd, module)?)?;
    module.add_function(wrap_pyfunction!(divide, module)?)?;
    module.add_function(wrap_pyfunction!(n_divisions, module)?)?;
    module.add_function(wrap_pyfunction!(join, module)?)?;
    module.add_class::<Point>()?;
    module.add_class::<Bag>()?;
    module.add("ORIGIN", Point { x: 0.0, y: 0.0 })
}

const PROGRAM: &str = r#"
import shapes
from shapes import Bag, Point

assert shapes.__doc__ == "Shapes, and some arithmetic."
assert shapes.gcd(12, 18) == 6
assert shapes.gcd.__doc__ == "Return the greatest common divisor of a and b."
assert shapes.divide.__text_signature__ == "($module, /, a, b=1.0, *, times=1)"
assert shapes.divide(8, 2, times=3) == 1.0
assert shapes.join("a", "b", separator="-", c=1) == "a-b-c=1"
for call, text in [
    (lambda: shapes.gcd("12", 18), "argument 'a': 'str' object cannot be interpreted as an integer"),
    (lambda: shapes.gcd(-1, 2), "Python int too large to convert to u64"),
    (lambda: shapes.divide(1, 0), "not by zero"),
    (lambda: shapes.gcd(1), "gcd() missing required argument 'b' (pos 2)"),
    (lambda: Point("1"), "argument 'x': must be real number, not str"),
]:
    try:
        call()
    except Exception as e:
        assert str(e) == text, (str(e), text)
    else:
        assert False, text

p = Point(3, 4)
assert p.length == 5 and repr(p) == "Point(3, 4)"
p.length = 10
assert p == Point(6, 8) and p != Point() and p != "p" and not shapes.ORIGIN
p.x = 1
assert 2 * (p + Point(1, 1)) == Point(4, 18)
assert Point.kind() == "Point" and round(Point.polar(2, 90).y) == 2
try:
    del p.x
except AttributeError as e:
    assert str(e) == "can't delete attribute"
try:
    p + 1
except TypeError as e:
    assert "unsupported operand" in str(e)

import gc, weakref
class Witness: pass
bag = Bag("spam", Witness())
bag(bag)                                     # a cycle through Rust
assert len(bag) == 3 and "spam" in bag and bag[0] == "spam" and bag[2] is bag
witness = weakref.ref(bag[1])
del bag
gc.collect()
assert witness() is None                     # the collector saw it
print("this interpreter has divided", shapes.n_divisions(), "times")
"#;

fn main() -> PyResult<()> {
    let runtime = Runtime::builder().module(&shapes::MODULE).build();
    for _ in 0..2 {
        let interpreter = runtime.create()?;
        if let Err(error) = interpreter.run(PROGRAM) {
            interpreter.with(|py| error.print(py));
            std::process::exit(1);
        }
    }
    Ok(())
}
