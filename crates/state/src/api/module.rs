//! What a native module's `init` gets: the fresh module object of one interpreter.

use super::bound::{Bound, PyTypeInfo};
use super::class::PyClass;
use super::convert::IntoPyObject;
use super::err::PyResult;
use super::kinds::{PyAny, PyModule, PyType};
use super::python::Python;
use serpens_vm::MethodDef;
use serpens_vm::types::module::Module;

impl PyModule {
    /// An empty module, which is in no registry.
    pub fn new<'py>(py: Python<'py>, name: &str) -> Bound<'py, PyModule> {
        Bound::new(py, py.vm().new_module(name))
    }

    /// A module made of source text. `filename` stands in tracebacks.
    ///
    /// # Errors
    /// What the source raises, or `SyntaxError`.
    pub fn from_code<'py>(
        py: Python<'py>,
        code: &(impl super::Source + ?Sized),
        filename: &(impl super::Source + ?Sized),
        name: &(impl super::Source + ?Sized),
    ) -> PyResult<Bound<'py, PyModule>> {
        let vm = py.vm();
        let module = PyModule::new(py, &name.text());
        let dict = module.payload().dict();
        let d = dict.downcast::<serpens_vm::types::dict::Dict>().expect("a module's namespace is a dict");
        d.set_str(vm, &vm.names().__builtins__, py.ok(crate::run::builtins_module(vm))?);
        let options = crate::run::default_options(vm);
        let (text, filename) = (code.text(), filename.text());
        let code = py.ok(crate::run::compile(vm, &text, &filename, serpens_compiler::Mode::Exec, options))?;
        py.ok(vm.run_code(&code, &dict, None, None))?;
        Ok(module)
    }
}

/// A function that `#[pyfunction]` declared.
#[derive(Clone, Copy)]
pub struct Function(pub &'static MethodDef);

impl<'py> Bound<'py, PyModule> {
    fn payload(&self) -> &Module {
        self.as_value().downcast::<Module>().expect("the kind was checked when the value was cast")
    }

    /// `__name__`.
    ///
    /// # Errors
    /// When it is no text.
    pub fn name(&self) -> PyResult<String> {
        self.getattr("__name__")?.extract()
    }

    /// Sets an attribute.
    ///
    /// # Errors
    /// Those of the conversion.
    pub fn add(&self, name: &str, value: impl IntoPyObject<'py>) -> PyResult<()> {
        let value = value.into_pyobject(self.py())?.into_value();
        self.payload().set(self.py().vm(), name, value);
        Ok(())
    }

    /// Adds a function, as `wrap_pyfunction!` gives it.
    ///
    /// # Errors
    /// None so far.
    pub fn add_function(&self, function: Function) -> PyResult<()> {
        let value = self.py().vm().builtin(function.0, Some(self.as_value().clone()));
        self.payload().set(self.py().vm(), function.0.name, value);
        Ok(())
    }

    /// Adds a class.
    ///
    /// # Errors
    /// None so far.
    pub fn add_class<T: PyClass>(&self) -> PyResult<()> {
        let class = T::type_object(self.py().vm());
        self.payload().set(self.py().vm(), <T as PyClass>::NAME, class);
        Ok(())
    }

    /// Adds a module as an attribute.
    ///
    /// # Errors
    /// When it has no name.
    pub fn add_submodule(&self, module: &Bound<'py, PyModule>) -> PyResult<()> {
        self.add(&module.name()?, module)
    }

    /// A new class of exceptions in this interpreter, added under its name.
    ///
    /// # Errors
    /// When the base is no class of exceptions.
    pub fn add_exception<B: PyTypeInfo>(&self, name: &str, doc: &str) -> PyResult<Bound<'py, PyType>> {
        let py = self.py();
        let base = B::type_object(py.vm());
        let class = py.bound(crate::errors::make(py.vm(), name, &self.name()?, base, doc))?;
        self.add(name, &class)?;
        class.cast_into::<PyType>()
    }

    /// As [`Bound::getattr`], for PyO3's spelling.
    ///
    /// # Errors
    /// `AttributeError`.
    pub fn get(&self, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.getattr(name)
    }
}
