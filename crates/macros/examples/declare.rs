//! What the macros make of declarations: `cargo run -p serpens-macros --example declare`.
//!
//! An inline module is a native module: its functions, classes and constants are what is written in it.

use serpens::{NativeModule, PyResult, Runtime};

/// Temperatures.
#[serpens_macros::pymodule]
mod weather {
    use serpens::exceptions::PyValueError;
    use serpens::{PyResult, Python};
    use serpens_macros::{PyState, pyclass, pyfunction, pymethods};
    use std::cell::Cell;

    #[pymodule_export]
    const ABSOLUTE_ZERO: f64 = -273.15;

    /// What one interpreter has seen. It is the module's only state.
    #[derive(PyState, Default)]
    struct Coldest(Cell<Option<f64>>);

    /// Return the temperature in degrees Fahrenheit.
    #[pyfunction(signature = (celsius, /, *, digits = 1))]
    fn fahrenheit(py: Python<'_>, celsius: f64, digits: i32) -> PyResult<f64> {
        if celsius < ABSOLUTE_ZERO {
            return Err(PyValueError::new_err("colder than can be"));
        }
        let coldest = py.state(|_| Coldest::default());
        coldest.0.set(Some(coldest.0.get().map_or(celsius, |least| least.min(celsius))));
        let scale = 10f64.powi(digits);
        Ok(((celsius * 1.8 + 32.0) * scale).round() / scale)
    }

    /// Return the coldest temperature that was asked for, or None.
    #[pyfunction]
    fn coldest(py: Python<'_>) -> Option<f64> {
        py.state(|_| Coldest::default()).0.get()
    }

    /// A place and its weather.
    #[pyclass(module = "weather", get_all)]
    struct Station {
        /// Where it is.
        name: String,
        /// Degrees Celsius.
        degrees: f64,
    }

    #[pymethods]
    impl Station {
        #[new]
        #[pyo3(signature = (name, degrees = 0.0))]
        fn new(name: String, degrees: f64) -> Station {
            Station { name, degrees }
        }

        fn __repr__(&self) -> String {
            format!("Station({:?}, {})", self.name, self.degrees)
        }
    }
}

const PROGRAM: &str = r#"
import weather
print(weather.__doc__, weather.fahrenheit.__text_signature__, weather.fahrenheit.__doc__)
print(weather.coldest(), weather.fahrenheit(degrees), weather.coldest(), weather.Station("Vostok", -89.2))
try:
    weather.fahrenheit(-300)
except ValueError as error:
    print(error)
"#;

fn main() -> PyResult<()> {
    let module: &'static NativeModule = &weather::MODULE;
    println!("{}: {}", module.name, module.doc);
    let runtime = Runtime::builder().module(module).build();
    for degrees in [20.5, -40.0] {
        let interpreter = runtime.create()?;
        interpreter.with(|py| py.main()?.setattr("degrees", degrees))?;
        interpreter.run(PROGRAM)?;
        assert_eq!(interpreter.eval::<f64>("weather.coldest()")?, degrees, "each interpreter has a state of its own");
    }
    Ok(())
}
