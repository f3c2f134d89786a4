//! What the macros expand to: argument binding, classes, state, an inline module.

use serpens::prelude::*;
use serpens::{PyCallable, PyState, PyType};
use std::cell::RefCell;

/// Everything in one place.
#[pymodule]
mod sample {
    use super::*;

    #[pymodule_export]
    const ANSWER: i32 = 42;

    #[derive(PyState, Default)]
    struct Seen {
        objects: RefCell<Vec<Py>>,
    }

    #[pyfunction]
    fn nothing() {}

    #[pyfunction(signature = (a, b = 2, /, c = "x", *rest, d, e = None, **names))]
    #[allow(clippy::too_many_arguments)]
    fn all(
        a: i32,
        b: i32,
        c: &str,
        rest: &Bound<'_, PyTuple>,
        d: bool,
        e: Option<f64>,
        names: Option<&Bound<'_, PyDict>>,
    ) -> String {
        let names = names.map_or(0, |n| n.len());
        format!("{a} {b} {c} {} {d} {e:?} {names}", rest.len())
    }

    /// Remembers an object in this interpreter, and says how many there are.
    #[pyfunction]
    fn remember(py: Python<'_>, object: Py) -> usize {
        let seen = py.state(|_| Seen::default());
        let mut objects = seen.objects.borrow_mut();
        objects.push(object);
        objects.len()
    }

    #[pyfunction]
    fn apply<'py>(f: &Bound<'py, PyCallable>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        f.call1((value,))
    }

    #[pyfunction]
    fn parse(text: &str) -> Result<i32, std::num::ParseIntError> {
        text.parse()
    }

    #[pyclass(module = "sample", subclass, weakref)]
    struct Counter {
        #[pyo3(get, set, name = "n")]
        count: i64,
        step: i64,
    }

    #[pymethods]
    impl Counter {
        #[new]
        #[pyo3(signature = (count = 0, *, step = 1))]
        fn new(count: i64, step: i64) -> PyResult<Counter> {
            if step == 0 {
                return Err(serpens::exceptions::PyValueError::new_err("step must not be 0"));
            }
            Ok(Counter { count, step })
        }

        fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
            slf
        }

        fn __next__(&mut self) -> Option<i64> {
            self.count += self.step;
            (self.count < 10).then_some(self.count)
        }

        fn __iadd__(&mut self, n: i64) {
            self.count += n;
        }

        fn __lt__(&self, other: PyRef<'_, Counter>) -> bool {
            self.count < other.count
        }

        fn __hash__(&self) -> u64 {
            u64::MAX
        }

        fn __setitem__(&mut self, key: &str, value: i64) -> PyResult<()> {
            match key {
                "step" => self.step = value,
                _ => return Err(serpens::exceptions::PyKeyError::new_err(key)),
            }
            Ok(())
        }

        fn __getattr__(&self, name: &str) -> PyResult<usize> {
            if name.starts_with("len_") {
                Ok(name.len())
            } else {
                Err(serpens::exceptions::PyAttributeError::new_err(name))
            }
        }

        fn __enter__(slf: Py<Self>) -> Py<Self> {
            slf
        }

        #[pyo3(signature = (*_args))]
        fn __exit__(&self, _args: &Bound<'_, PyTuple>) -> bool {
            true
        }

        /// Calls back while it is borrowed.
        fn reenter(slf: &Bound<'_, Self>) -> PyResult<()> {
            let _changing = slf.try_borrow_mut()?;
            slf.as_any().call_method0("__next__").map(drop)
        }

        #[classmethod]
        fn named<'py>(cls: &Bound<'py, PyType>, count: i64) -> PyResult<Bound<'py, PyAny>> {
            call_class(cls, count)
        }
    }

    fn call_class<'py>(cls: &Bound<'py, PyType>, count: i64) -> PyResult<Bound<'py, PyAny>> {
        cls.call1((count,))
    }

    #[pymodule_init]
    fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
        m.add_exception::<serpens::exceptions::PyValueError>("SampleError", "A sample of an error.")?;
        m.add("ready", true)
    }
}

fn run(source: &str) {
    let runtime = Runtime::builder().module(&sample::MODULE).build();
    for _ in 0..2 {
        let interpreter = runtime.create().unwrap();
        if let Err(error) = interpreter.run(source) {
            panic!("{}", interpreter.with(|py| error.traceback(py)));
        }
    }
}

#[test]
fn functions_bind_their_arguments() {
    run(r#"
import sample
def fails(text, f, *args, **kwargs):
    try:
        f(*args, **kwargs)
    except Exception as e:
        got = f"{type(e).__name__}: {e}"
        assert got == text, got
    else:
        assert False, f"no {text}"

assert sample.ANSWER == 42 and sample.ready and sample.__doc__ == "Everything in one place."
assert sample.nothing() is None
assert sample.all(1, d=True) == "1 2 x 0 true None 0"
assert sample.all(1, 3, "y", 4, 5, d=False, e=1, f=2, g=3) == "1 3 y 2 false Some(1.0) 2"
assert sample.all.__text_signature__ == "($module, a, b=2, /, c='x', *rest, d, e=None, **names)", sample.all.__text_signature__
fails("TypeError: all() missing 1 required positional argument: 'a'", sample.all)
fails("TypeError: all() missing 1 required keyword-only argument: 'd'", sample.all, 1)
fails("TypeError: all() got multiple values for argument 'c'", sample.all, 1, 2, "x", c="y", d=True)
fails("TypeError: argument 'a': 'str' object cannot be interpreted as an integer", sample.all, "1", d=True)
fails("OverflowError: Python int too large to convert to C int", sample.all, 1 << 40, d=True)
fails("TypeError: sample.nothing() takes no arguments (1 given)", sample.nothing, 1)
fails("TypeError: argument 'f': 'int' object is not an instance of 'callable'", sample.apply, 1, 2)
fails("ValueError: invalid digit found in string", sample.parse, "x")
fails("ZeroDivisionError: division by zero", sample.apply, lambda x: x / 0, 1)
assert sample.parse("12") == 12 and sample.apply(str, 3) == "3"
assert sample.remember("a") == 1 and sample.remember([]) == 2      # in each interpreter
assert issubclass(sample.SampleError, ValueError) and sample.SampleError.__module__ == "sample"
"#);
}

#[test]
fn classes_have_their_operations() {
    run(r#"
from sample import Counter
import gc, weakref
c = Counter(3, step=2)
assert list(c) == [5, 7, 9] and c.n == 11
c.n = 1
c += 4
assert c.n == 5 and Counter(1) < c and hash(c) == -2 and c.len_ab == 6
c["step"] = 7
assert next(c, None) is None
with c as same:
    assert same is c
    raise ValueError("swallowed")
for text, f in [
    ("ValueError: step must not be 0", lambda: Counter(step=0)),
    ("KeyError: 'x'", lambda: c.__setitem__("x", 1)),
    ("TypeError: 'Counter' object does not support item assignment", lambda: c.__delitem__("x")),
    ("AttributeError: other", lambda: c.other),
    ("TypeError: '<' not supported between instances of 'Counter' and 'int'", lambda: c < 1),
    ("RuntimeError: Already mutably borrowed", lambda: c.reenter()),
]:
    try:
        f()
    except Exception as e:
        got = f"{type(e).__name__}: {e}"
        assert got == text, got
    else:
        assert False, text

class Loud(Counter):
    def __init__(self, *args): self.extra = "kept"
l = Loud.named(8)
assert type(l) is Loud and l.n == 8 and l.extra == "kept" and next(l) == 9
ref = weakref.ref(l)
del l
gc.collect()
assert ref() is None
"#);
}

/// What interpreters that start from a template have of a module's own.
#[pymodule]
mod cloned {
    use super::*;

    #[derive(PyState, Clone, Default)]
    #[pystate(template)]
    struct Settings {
        words: Vec<String>,
    }

    /// Sets the words of this interpreter, once.
    #[pyfunction]
    fn words(py: Python<'_>, first: Option<Vec<String>>) -> Vec<String> {
        py.state(|_| Settings { words: first.unwrap_or_default() }).words.clone()
    }

    #[pyclass(template)]
    #[derive(Clone)]
    struct Point {
        #[pyo3(get, set)]
        x: i64,
        names: Vec<String>,
    }

    #[pymethods]
    impl Point {
        #[new]
        fn new(x: i64) -> Point {
            Point { x, names: vec![format!("p{x}")] }
        }

        fn name(&mut self, name: &str) -> usize {
            self.names.push(name.to_string());
            self.names.len()
        }
    }
}

#[test]
fn templates_clone_objects_and_state_that_allow_it() -> PyResult<()> {
    let runtime = serpens::Runtime::builder().module(&cloned::MODULE).module(&sample::MODULE).build();
    let first = runtime.create()?;
    first.run("import cloned\nassert cloned.words(['a', 'b']) == ['a', 'b']\np = cloned.Point(3)\nsame = [p]")?;
    let template = first.into_template()?;
    let (a, b) = (template.create()?, template.create()?);
    a.run("assert cloned.words(None) == ['a', 'b'] and same[0] is p and p.name('x') == 2\np.x = 4")?;
    assert_eq!(b.eval::<(i64, usize)>("(p.x, p.name('y'))")?, (3, 2));

    // What has not said how is refused by name.
    for (source, what) in [
        ("import sample; c = sample.Counter()", "a 'Counter' object cannot be cloned"),
        ("import sample; sample.remember(1)", "a native module keeps state that cannot be cloned"),
    ] {
        let interpreter = runtime.create()?;
        interpreter.run(source)?;
        let error = interpreter.into_template().map(drop).expect_err("a refusal").to_string();
        assert_eq!(error, format!("RuntimeError: the interpreter cannot become a template: {what}"));
    }
    Ok(())
}
