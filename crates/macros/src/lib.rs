//! The attribute macros that declare native modules, functions and classes where they are written: the Rust signature is
//! the argument binding, the doc comment is `__doc__`, and nothing is kept but in the interpreter.
//!
//! They expand to the tables that hand-written modules have, `NativeModule`, `MethodDef`, `TypeDef`, and to calls of
//! `serpens_state::api::glue`. They know no types: what a type means is decided by the traits of `serpens_state::api`.
//!
//! - `attr`: options of the attributes; `signature`: parameters and their defaults;
//! - `function`: the wrapper of one function; `methods`: those of a class; `slots`: special methods;
//! - `class`, `state`: structs; `module`: modules.
//!
//! The paths in the output begin with `::serpens`; `crate = serpens_state::api` as an option of each attribute makes
//! them begin with another path that has a module `glue`.

mod attr;
mod class;
mod function;
mod methods;
mod module;
mod signature;
mod slots;
mod state;

use proc_macro::TokenStream;

/// Makes a Rust function one of a native module.
///
/// Options: `name = "..."`, `signature = (a, b = 1, /, *args, c, **kwargs)` (also as `#[pyo3(signature = ...)]`);
/// `plain_errors`: errors do not begin with the argument's name, as those of CPython's own modules do not. A
/// parameter of type `Python` gets the token; all others are read by `FromPyObject`. The result is a value or a
/// `Result` of one. Add it to a module by `module.add_function(wrap_pyfunction!(name, module)?)`.
#[proc_macro_attribute]
pub fn pyfunction(options: TokenStream, item: TokenStream) -> TokenStream {
    output(function::expand(options.into(), item.into()))
}

/// The function that `#[pyfunction]` declared, for `add_function`.
#[proc_macro]
pub fn wrap_pyfunction(input: TokenStream) -> TokenStream {
    output(function::wrap(input.into()))
}

/// Makes a function that fills a module, or an inline module of functions and classes, a native module: the static
/// `MODULE` in a module of that name.
///
/// Options: `name = "..."`; `export`: the module can be loaded from a dynamic library too (`docs/native-modules.md`).
#[proc_macro_attribute]
pub fn pymodule(options: TokenStream, item: TokenStream) -> TokenStream {
    output(module::expand(options.into(), item.into()))
}

/// Makes a struct a class.
///
/// Options: `name = "..."`, `module = "..."`, `subclass`, `weakref`, `dict`, `get_all`, `set_all`,
/// `template` (interpreters that start from a template get a clone of each object: the struct is `Clone + Send + Sync`); for fields
/// `#[pyo3(get, set, name = "...")]`. Fields are `Send`, or hold Python values by `Py`.
#[proc_macro_attribute]
pub fn pyclass(options: TokenStream, item: TokenStream) -> TokenStream {
    output(class::expand(options.into(), item.into()))
}

/// Makes the functions of an `impl` methods of the class: `#[new]`, `#[getter]`, `#[setter]`, `#[staticmethod]`,
/// `#[classmethod]`, special methods by their names, and plain methods. One block a class.
#[proc_macro_attribute]
pub fn pymethods(options: TokenStream, item: TokenStream) -> TokenStream {
    output(methods::expand(options.into(), item.into()))
}

/// Lets a struct be the state of a native module in each interpreter (`Python::state`). Its fields are `Send`, or hold
/// Python values by `Py`. With `#[pystate(template)]` interpreters that start from a template get a clone of it: the struct is
/// `Clone + Send + Sync` then. Without, an interpreter that has it cannot become a template.
#[proc_macro_derive(PyState, attributes(pystate))]
pub fn py_state(item: TokenStream) -> TokenStream {
    output(state::expand(item.into()))
}

fn output(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}
