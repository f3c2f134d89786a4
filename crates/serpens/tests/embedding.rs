//! The embedding API as its users use it: values, conversions, exceptions, limits, handles, threads.

use serpens::exceptions::{PyBaseException, PyKeyError, PyOverflowError, PyTypeError, PyValueError};
use serpens::prelude::*;
use serpens::{PyInt, PyString};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

fn interpreter() -> Interpreter {
    Runtime::new().create().unwrap()
}

#[test]
fn conversions_round_trip() {
    interpreter().with(|py| {
        fn check<'py, T>(py: Python<'py>, value: T, repr: &str)
        where
            T: IntoPyObject<'py> + for<'a> FromPyObject<'a, 'py> + PartialEq + Clone + std::fmt::Debug,
        {
            let object = py.object(value.clone()).unwrap();
            assert_eq!(format!("{object:?}"), repr);
            assert_eq!(object.extract::<T>().unwrap(), value);
        }
        check(py, 7_i64, "7");
        check(py, u64::MAX, "18446744073709551615");
        check(py, i64::MIN, "-9223372036854775808");
        check(py, i128::MIN, "-170141183460469231731687303715884105728");
        check(py, 2.5_f64, "2.5");
        check(py, true, "True");
        check(py, (), "None");
        check(py, "grüße".to_string(), "'grüße'");
        check(py, 'ß', "'ß'");
        check(py, vec![1_u8, 2], "[1, 2]");
        check(py, None::<i32>, "None");
        check(py, Some(3), "3");
        check(py, (1, "a".to_string(), 2.0), "(1, 'a', 2.0)");
        check(py, BTreeMap::from([("a".to_string(), 1), ("b".to_string(), 2)]), "{'a': 1, 'b': 2}");
        check(py, HashMap::from([(1, vec![2])]), "{1: [2]}");
        check(py, HashSet::from([5]), "{5}");
        check(py, Portable::from("text"), "'text'");
        assert_eq!(py.eval("b'ab'", None, None).unwrap().extract::<&[u8]>().unwrap(), b"ab");
        assert_eq!(py.object(&b"ab"[..]).unwrap().repr().unwrap().to_str().unwrap(), "b'ab'");
    });
}

#[test]
fn conversions_are_strict() {
    interpreter().with(|py| {
        let text = py.eval("'12'", None, None).unwrap();
        let error = text.extract::<i64>().unwrap_err();
        assert!(error.is_instance_of::<PyTypeError>(py));
        assert_eq!(error.to_string(), "TypeError: 'str' object cannot be interpreted as an integer");
        assert!(text.extract::<Vec<String>>().is_err(), "a text is no list of texts");
        assert!(py.eval("1.0", None, None).unwrap().extract::<i64>().is_err());
        assert!(py.eval("1", None, None).unwrap().extract::<bool>().is_err());
        let error = py.eval("300", None, None).unwrap().extract::<u8>().unwrap_err();
        assert!(error.is_instance_of::<PyOverflowError>(py));
        let error = py.eval("(1, 2)", None, None).unwrap().extract::<(i32,)>().unwrap_err();
        assert!(error.is_instance_of::<PyValueError>(py));
        assert!(py.eval("'\\ud800'", None, None).unwrap().extract::<&str>().is_err(), "a lone surrogate");
        assert!(py.eval("[1]", None, None).unwrap().cast::<PyString>().is_err());
        assert!(py.eval("True", None, None).unwrap().cast::<PyInt>().is_ok(), "a bool is an int");
    });
}

#[test]
fn objects_are_used_as_in_python() -> PyResult<()> {
    let interpreter = interpreter();
    interpreter.run("class Box:\n    def __init__(self, value): self.value = value\n    def plus(self, n, times=1): return self.value + n * times\n")?;
    interpreter.with(|py| {
        let class = py.main()?.getattr("Box")?;
        let object = class.call1((5,))?;
        assert_eq!(object.getattr("value")?.extract::<i32>()?, 5);
        object.setattr("value", 10)?;
        assert_eq!(object.call_method1("plus", (1,))?.extract::<i32>()?, 11);
        let named = PyDict::new(py);
        named.set_item("times", 3)?;
        assert_eq!(object.call_method("plus", (1,), Some(&named))?.extract::<i32>()?, 13);
        assert!(object.is_instance(&class)? && object.hasattr("value")? && !object.hasattr("other")?);
        object.delattr("value")?;
        assert_eq!(
            object.getattr("value").unwrap_err().to_string(),
            "AttributeError: 'Box' object has no attribute 'value'"
        );

        let list = PyList::new(py, [1, 2, 3])?;
        list.append("x")?;
        assert_eq!(list.len(), 4);
        assert_eq!(list.get_item(9).unwrap_err().to_string(), "IndexError: list index out of range");
        let total: i64 = list.iter().take(3).map(|v| v.extract::<i64>()).sum::<PyResult<i64>>()?;
        assert_eq!(total, 6);
        assert!(list.contains("x")? && list.get_item(0)?.lt(2)? && list.get_item(0)?.add(1)?.eq(2)?);

        let math = py.import("math")?;
        assert!((math.call_method1("sqrt", (2.0,))?.extract::<f64>()? - 2.0_f64.sqrt()).abs() < 1e-12);
        let module = PyModule::from_code(py, "def twice(x):\n    return 2 * x\n", "twice.py", "twice")?;
        assert_eq!(module.call_method1("twice", (21,))?.extract::<i32>()?, 42);
        Ok(())
    })
}

#[test]
fn exceptions_are_errors() {
    let interpreter = interpreter();
    let error = interpreter.run("def f():\n    return {}['missing']\nf()").unwrap_err();
    assert_eq!(error.to_string(), "KeyError: 'missing'");
    interpreter.with(|py| {
        assert!(error.is_instance_of::<PyKeyError>(py) && !error.is_instance_of::<PyTypeError>(py));
        assert_eq!(
            error.traceback(py),
            "Traceback (most recent call last):\n  File \"<string>\", line 3, in <module>\n  \
             File \"<string>\", line 2, in f\nKeyError: 'missing'\n"
        );
        assert_eq!(error.value(py).unwrap().getattr("args").unwrap().extract::<(String,)>().unwrap().0, "missing");
        assert_eq!(error.get_type(py).unwrap().name(), "KeyError");

        // An error made in Rust becomes an exception where it is needed.
        let error = PyValueError::new_err("no");
        assert_eq!(error.to_string(), "ValueError: no");
        assert!(error.value(py).unwrap().is_instance_of::<PyBaseException>());
    });
    assert!(interpreter.run("if").unwrap_err().to_string().ends_with("SyntaxError: invalid syntax"));

    // It keeps its text when its interpreter goes, and may go to any thread.
    let error = interpreter.run("raise ValueError('late')").unwrap_err();
    drop(interpreter);
    std::thread::spawn(move || assert_eq!(error.to_string(), "ValueError: late")).join().unwrap();
}

#[test]
fn handles_belong_to_their_interpreter() {
    let runtime = Runtime::new();
    let (a, b) = (runtime.create().unwrap(), runtime.create().unwrap());
    a.run("freed = []\nclass Loud:\n    def __del__(self): freed.append(1)\n").unwrap();
    let handle: Py = a.with(|py| py.eval("Loud()", None, None).unwrap().unbind());
    let error = b.with(|py| handle.bind(py).unwrap_err().to_string());
    assert_eq!(error, "RuntimeError: the object belongs to another interpreter");
    assert_eq!(a.with(|py| handle.bind(py).unwrap().get_type().name()), "Loud");
    // Dropped outside: released when the interpreter runs next.
    drop(handle);
    a.run("for _ in range(3): pass").unwrap();
    assert_eq!(a.eval::<usize>("len(freed)").unwrap(), 1);

    let kept = a.with(|py| a.keep(py.eval("Loud()", None, None).unwrap()));
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(a.with(|py| kept.bind(py).is_ok()) && b.with(|py| kept.bind(py).is_err())));
    });
    drop(a);
    drop(kept);
}

#[test]
fn entries_nest() {
    let runtime = Runtime::new();
    let (a, b) = (runtime.create().unwrap(), runtime.create().unwrap());
    let sum = a.with(|py| {
        let one: i64 = py.eval("1", None, None).unwrap().extract().unwrap();
        // The same interpreter, again; another one, off this one's lock.
        let two: i64 = a.eval("2").unwrap();
        let three: i64 = py.detach(|| b.eval("3").unwrap());
        one + two + three
    });
    assert_eq!(sum, 6);
}

#[test]
fn memory_is_limited() {
    let interpreter = Runtime::new().interpreter().memory_limit(8 << 20).create().unwrap();
    for program in ["b'x' * (1 << 26)", "l = []\nwhile True: l.append([None] * 10)"] {
        let error = interpreter.run(program).unwrap_err();
        assert!(error.to_string().starts_with("MemoryError"), "{error}");
        interpreter.run("l = None").unwrap();
    }
    // A program that catches the error does not get more memory by that.
    let error = interpreter
        .run("l = []\nwhile True:\n    try:\n        while True: l.append([None] * 10)\n    except MemoryError: pass")
        .unwrap_err();
    assert!(error.to_string().starts_with("MemoryError"), "{error}");
    interpreter.run("l = None").unwrap();
    assert!(interpreter.memory() < 8 << 20);
    assert_eq!(interpreter.eval::<i64>("sum(range(10))").unwrap(), 45);
}

#[test]
fn programs_can_be_stopped() {
    let interpreter = interpreter();
    let stopper = interpreter.stopper();
    let begin = Instant::now();
    let watch = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        stopper.stop();
        stopper
    });
    // It cannot be caught for good.
    let error = interpreter
        .run("while True:\n    try:\n        while True: pass\n    except BaseException: pass\n    finally: pass")
        .unwrap_err();
    assert!(error.to_string().contains("Stopped"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(20));
    watch.join().unwrap().resume();
    assert_eq!(interpreter.eval::<i64>("1 + 1").unwrap(), 2);
}

#[test]
fn interpreters_are_isolated() {
    let runtime = Runtime::new();
    let (a, b) = (runtime.create().unwrap(), runtime.create().unwrap());
    a.run("import sys\nsys.mark = 1\nint_class = int").unwrap();
    assert!(b.run("import sys\nsys.mark").is_err());
    assert!(b.run("int_class").is_err());
    a.set("pair", a.eval::<Portable>("(1, b'x')").unwrap()).unwrap();
    b.set("pair", a.eval::<Portable>("pair").unwrap()).unwrap();
    assert_eq!(b.call("builtins:len", &[b.eval("pair").unwrap()]).unwrap(), Portable::Int(2));
    assert!(a.eval::<Portable>("[]").is_err(), "a list does not cross");
    // Programs see the embedder's interpreters as running, and cannot run code in them.
    let id = b.id();
    let error = a.run(&format!("import _interpreters\n_interpreters.exec({id}, 'x = 1')")).unwrap_err();
    assert!(error.to_string().contains("already running"), "{error}");
}
